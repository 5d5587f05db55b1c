//! The API over real mutual TLS on loopback, with a pump on a store on disk.

#![expect(clippy::unwrap_used, reason = "a failed step of a test is to stop it")]

mod accounts;
mod client;
mod commands;
mod cuts;
mod daily;
mod doors;
mod examples;
mod forms;
mod hostile;
mod lanes;
mod nodes;
mod overload;
mod persons;
mod rights;
mod traces;
mod validate;
mod works;
mod world;
