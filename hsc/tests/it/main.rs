//! The client against a server that follows a script, over real mutual TLS on loopback.

#![expect(clippy::unwrap_used, reason = "a failed step of a test is to stop it")]

mod client;
mod server;
