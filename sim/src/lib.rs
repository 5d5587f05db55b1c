//! The simulator's ground: real and sample matches with odds, and randomness that repeats.
//!
//! Owns the reader of match files, the project's own sample seasons and the generator of random
//! numbers from a seed. Nothing here uses floating point, the machine's clock, its time zones or
//! its entropy: the same files and the same seed give the same run on every machine.

pub mod odds_file;
pub mod random;
pub mod seasons;
