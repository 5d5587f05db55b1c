//! People against the simulated systems: registration, sign-in, orders, lists.

#![expect(clippy::unwrap_used, reason = "what cannot be unwrapped here is a failed test")]

mod cuts;
mod erasure;
mod joining;
mod lists;
mod officers;
mod state;
mod world;
