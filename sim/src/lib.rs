//! The seeded world that passes through the system: organisers and bettors, the scenario language
//! with the machine and the oracle behind it, and the tally of a journal.
//!
//! Matches and randomness come from `matches`. Nothing here uses floating point, the machine's
//! clock, its time zones or its entropy: the same files and the same seed give the same run on
//! every machine.

pub mod bookmaker;
pub mod driver;
pub mod machine;
pub mod oracle;
pub mod recompute;
pub mod sandbox;
pub mod scenario;
pub mod tally;

pub use matches::{odds_file, random, seasons};
