//! The simulator's ground: real and sample matches with odds, and randomness that repeats.
//!
//! Owns the reader of match files, the project's own sample seasons, the generator of random
//! numbers from a seed, and the scenario language with the machine and the oracle behind it.
//! Nothing here uses floating point, the machine's clock, its time zones or its entropy: the same
//! files and the same seed give the same run on every machine.

pub mod bookmaker;
pub mod driver;
pub mod machine;
pub mod odds_file;
pub mod oracle;
pub mod random;
pub mod recompute;
pub mod sandbox;
pub mod scenario;
pub mod seasons;
pub mod tally;
