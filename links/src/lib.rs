//! Links to systems outside: one module for each, in its own wire form.
//!
//! Owns connections, envelopes, signatures and tokens, and the shape of what is asked and answered.
//! Knows no rule: whether a debtor may bet is decided elsewhere. Each system is a trait, so that
//! its callers can be tested without it, and a connector that speaks to the real one or to its
//! simulator in the room `outside`.
//!
//! Contract:
//! - calls block, each with a deadline ([`way`]); the time and the id of a call come from the
//!   caller ([`gateway::Call`]), who keeps the id and uses it again where an answer was lost;
//! - one call is one attempt; [`Error::advice`] says what to do after a failure;
//! - nothing is believed that is not verified: answers of the gateway by the signature of the very
//!   body that is read ([`gateway`]), tokens by RS256 alone ([`token`]);
//! - no value that names a person prints, stands in an error or in an address;
//! - simulators are known by a mark, and refused unless the realm is test.
//!
//! What of each system's interface is public and what is our proposal to its owner is told in
//! `docs/connect-outside.md`.

mod canonical;
pub mod consent;
pub mod debtors;
mod error;
pub mod gateway;
pub mod identification;
pub mod limits;
pub mod lists;
pub mod messages;
pub mod moment;
mod phone;
pub mod population;
mod private;
pub mod restricted;
mod security;
pub mod signature;
pub mod token;
pub mod way;
mod xml;

pub use error::{Advice, Code, Error};
pub use phone::{Phone, PhoneError};
pub use private::Private;
pub use security::{Trust, read as read_signed, seal};
pub use xml::escape;
