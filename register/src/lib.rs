//! The register: organisers, their catalogues, and the life of a bet.
//!
//! Owns what an organiser may do on a day, what may be staked on at an instant, what a bet returns
//! under its odds and results, and what of it is due, paid and claimed (B1, B2). Knows no balance
//! and no name of a person. Rules here are functions of state; the desk decides with them.

#![cfg_attr(
    not(test),
    deny(
        clippy::disallowed_macros,
        clippy::disallowed_methods,
        clippy::disallowed_types,
        clippy::float_arithmetic
    )
)]

pub mod bet;
pub mod catalogue;
pub mod central;
pub mod organiser;
pub mod winnings;
pub mod works;

pub use bet::{Basis, Bet, BetOutcome, BetState, Form, Leg, Settlement};
pub use catalogue::{Catalogue, EventClass, EventState, MarketState};
pub use organiser::{ConnectionState, ContractKind, DeskKind, OrganiserKind, Organisers};
pub use winnings::{LegResult, PriceRule, Return, Shape};
pub use works::{WorksKind, WorksScope, WorksWindow};
