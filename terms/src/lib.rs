//! The dictionary of БЕЖ: small, validated words that every other room speaks.
//!
//! Owns ids, money, odds, instants, Kazakh identification numbers, printed numbers, reasons,
//! the rulebook and the canonical byte form of them all. Knows no database, no JSON, no clock
//! and no natural language.

#![cfg_attr(
    not(test),
    deny(
        clippy::disallowed_macros,
        clippy::disallowed_methods,
        clippy::disallowed_types,
        clippy::float_arithmetic
    )
)]

pub mod audit;
pub mod choice;
pub mod clock;
pub mod codec;
pub mod id;
pub mod limits;
pub mod money;
pub mod number;
pub mod odds;
pub mod person;
pub mod reason;
pub mod rulebook;
pub mod table;
pub mod text;
pub mod time;

pub use audit::{AuditAct, AuditResult};
pub use clock::{Clock, LeapBirthday, Term, Unit};
pub use codec::{Broken, Field, Reader, Value};
pub use id::{
    Account, BetId, CaseNo, Championship, DeskNo, Digest, Event, Hash, Market, MessageId, OrderId,
    Organiser, Outcome, Person, Sender, Seq, Wallet, Works,
};
pub use money::{Tiyn, TiynDelta};
pub use odds::Odds;
pub use person::{Bin, BirthAgreement, Iin, Sex, UnknownCentury};
pub use reason::Reason;
pub use table::{Keyed, Table};
pub use text::{Code, Text};
pub use time::{Day, Instant};
