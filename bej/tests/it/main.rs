//! The command line from outside: the real binary on small stores made by scripts.

#![expect(clippy::unwrap_used, reason = "what cannot be unwrapped here is a failed test")]

mod archive;
mod audit;
mod backups;
mod bettors;
mod closed;
mod daily;
mod damage;
mod doors;
mod exports;
mod groups;
mod nodes;
mod officers;
mod postgres;
mod proofs;
mod replay;
mod serve;
mod stories;
mod traces;
mod vault;
mod world;
