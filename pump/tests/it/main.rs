//! The pump on the store in memory, with clocks set by hand and seeded entropy.

#![expect(clippy::unwrap_used, reason = "a failed step of a test is to stop it")]

mod appends;
mod clock;
mod cold;
mod feeds;
mod gate;
mod ids;
mod lanes;
mod refusals;
mod restart;
mod splits;
mod standby;
mod world;
