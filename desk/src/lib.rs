//! The desk: the one state machine of БЕЖ.
//!
//! [`decide()`] says what follows from a message in a state, [`State::apply`] makes it so. Both are
//! pure: time and randomness are arguments, and whatever a decision needs that is not in the hot
//! state is asked for by [`Answer::Gather`] and handed in. `replay(journal) == state` holds by
//! construction, since nothing changes but through [`State::apply`]. A stake costs about six
//! look-ups in dense tables.

#![cfg_attr(
    not(test),
    deny(
        clippy::disallowed_macros,
        clippy::disallowed_methods,
        clippy::disallowed_types,
        clippy::float_arithmetic
    )
)]

pub mod apply;
pub mod command;
pub mod decide;
pub mod eligibility;
pub mod grounds;
pub mod holdings;
pub mod ids;
pub mod life;
pub mod snapshot;
pub mod state;
pub mod warm;

pub use apply::Wrong;
pub use command::{Command, Manner, Message};
pub use decide::{Answer, Gathered, Moment, Need, decide};
pub use state::State;
