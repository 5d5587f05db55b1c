//! The journal's form: frames, the tree over facts, checkpoints and proofs.
//!
//! Owns the bytes that are stored and hashed, and the verifier that needs nothing but them. Knows
//! neither how facts are decided nor how they are stored, no clock, no file, no network. The
//! format is described for implementers in `docs/journal-format.md`.

#![cfg_attr(
    not(test),
    deny(
        clippy::disallowed_macros,
        clippy::disallowed_methods,
        clippy::disallowed_types,
        clippy::float_arithmetic
    )
)]

pub mod checkpoint;
pub mod fact;
pub mod frame;
pub mod proof;
pub mod tree;

/// The words of other rooms that stand in facts, for rooms that read facts and nothing else.
pub mod kinds {
    pub use admission::{
        Accept, ConsentWay, HoldGround, IdentificationMethod, IdentificationSource, Level, List,
        Lists, Method, Purpose, Recipient, Recipients, Scope, Scopes,
    };
    pub use casework::{CaseKind, CaseState, CaseStep, is_final};
    pub use ledger::wallet::{CLEARING, COMMISSION, OBLIGATION, SUSPENSE};
    pub use ledger::{Block, Class, Kind};
    pub use register::bet::{Leg, LegResults, Legs};
    pub use register::catalogue::{EventRow, MarketRow};
    pub use register::organiser::TaxableObject;
    pub use register::{
        Basis, Bet, BetOutcome, BetState, ConnectionState, ContractKind, DeskKind, EventClass,
        EventState, Form, LegResult, MarketState, OrganiserKind, PriceRule, Shape, WorksKind,
        WorksScope, WorksWindow,
    };
}

#[cfg(test)]
mod documents;
#[cfg(test)]
mod golden;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;

/// Bytes from padded base64 (RFC 4648, section 4); only the one canonical form.
fn from_base64(text: &str) -> Option<Vec<u8>> {
    BASE64_STANDARD.decode(text).ok()
}

/// Padded base64.
fn to_base64(bytes: &[u8]) -> String {
    BASE64_STANDARD.encode(bytes)
}
