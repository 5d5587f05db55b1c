//! The client against a server that follows a script, over real mutual TLS on loopback; and the
//! bookmaker against the real centre, both as processes of their own.

#![expect(clippy::unwrap_used, reason = "a failed step of a test is to stop it")]

mod book;
mod client;
mod demo;
mod season;
mod server;
