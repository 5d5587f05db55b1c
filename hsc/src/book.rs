//! The reference bookmaker: a season of matches from the catalogue to the last payout.
//!
//! It is written as a bookmaker's engineer would write it: straight on, one step after the other,
//! each under a name of its own. What makes it safe is the [`Outbox`]: a step is written down with
//! its message before it is sent, and its answer after. Killed at any moment and started again, it
//! goes through the same steps, finds the answers of those that are done, sends those whose
//! answer is missing as they were, and goes on. Nothing is lost, and nothing happens twice.
//!
//! ```text
//! plan ─► book ─► outbox (written and synced) ─► centre ─► answer ─► outbox ─► totals
//! ```
//!
//! What is bet on what, by whom and for how much depends on files, seed and house alone
//! ([`plan`]), and no bettor is served by two steps at a time; so a season ends with the same sums
//! however it is carried to the centre, and whoever was killed on the way.
//!
//! The matches of the files are played one day of matches after the other, as fast as messages can
//! be sent: the kick-off is when the event is said to have started.

pub mod centre;
pub mod outbox;
pub mod plan;

mod messages;
mod season;
mod totals;

pub use centre::{Centre, Fatal, Gate, Said, Sent, SignIn};
pub use outbox::Outbox;
pub use plan::{Plan, PlanError};
pub use season::{Book, House};
pub use totals::Totals;
