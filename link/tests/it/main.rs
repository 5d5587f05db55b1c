//! The inner door with real pumps, TLS and sockets on loopback.

#![expect(clippy::unwrap_used, reason = "a failed step of a test is to stop it")]

mod breaks;
mod doors;
mod nodes;
