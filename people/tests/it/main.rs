//! People against the simulated systems: registration, sign-in, orders, lists.

mod cuts;
mod erasure;
mod joining;
mod lists;
mod state;
mod world;
