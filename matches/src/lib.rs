//! Matches with odds and results: the ground on which simulated bookmakers stand.
//!
//! Owns the reader of match files, the project's own sample seasons, and the generator of random
//! numbers from a seed. Nothing here uses floating point, the machine's clock, its time zones or
//! its entropy: the same files and the same seed give the same matches and draws on every machine.
//! Knows nothing of the centre, so that an organiser's program can stand on it as well.

pub mod odds_file;
pub mod random;
pub mod seasons;
