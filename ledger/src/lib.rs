//! The e-money ledger: wallets, double entry, holds, blocks.
//!
//! Owns who may pay whom for what (I-05), and the invariants L1 to L4: debits equal credits, no
//! wallet below zero, what was issued and not redeemed is what the wallets hold, and nothing moves
//! between two bettors. Knows no bet and no name. Every operation costs one or two table look-ups.

#![cfg_attr(
    not(test),
    deny(
        clippy::disallowed_macros,
        clippy::disallowed_methods,
        clippy::disallowed_types,
        clippy::float_arithmetic
    )
)]

pub mod pairs;
pub mod wallet;

pub use pairs::{Class, Kind};
pub use wallet::{Block, Ledger, State, Wrong};
