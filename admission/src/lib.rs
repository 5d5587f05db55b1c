//! Admission: who may stake, through which account and wallet, by whose order.
//!
//! Knows flags about opaque persons (core 19), never where they come from: no name, no number, no
//! birth date. Owns A1's ground: nothing requested is accepted for a person who is inadmissible at
//! that instant. Each question costs one or two look-ups in dense tables.

#![cfg_attr(
    not(test),
    deny(
        clippy::disallowed_macros,
        clippy::disallowed_methods,
        clippy::disallowed_types,
        clippy::float_arithmetic
    )
)]

pub mod consent;
pub mod identification;
pub mod order;
pub mod person;

pub use consent::{ConsentWay, Consents, Purpose, Recipient, Recipients, Scope, Scopes};
pub use identification::{IdentificationMethod, IdentificationSource};
pub use order::{Accept, Method, Order, Orders};
pub use person::{
    AccountRow, HoldGround, LegalHold, Level, List, Lists, People, PersonRow, PersonState,
    Relationship,
};
