//! Casework: one mechanism for everything that has a state and a clock.
//!
//! Owns the kinds of case, their states and steps, and the one [`TABLE`] of what may follow what:
//! kind, from, step, to, clock, guard, and what a step asks for. A case moves by a row of the table
//! or not at all. Knows persons as numbers and nothing of money, lists or who asks; what a guard
//! needs to know is told by [`Circumstances`].
//!
//! Two kinds are no cases but lives: the relationship with a bettor and a consent that was given
//! stand in the table, so that their steps are as closed as all others, and are kept with the
//! person (`admission`), because five million of them would be open for years.
//!
//! Limits: [`cases::OPEN_PER_PERSON_MAX`]. Cost: a step is a search of the table, about a hundred
//! rows of a few bytes; opening, moving and the next that is due are O(log n) in the open cases.

#![cfg_attr(
    not(test),
    deny(
        clippy::disallowed_macros,
        clippy::disallowed_methods,
        clippy::disallowed_types,
        clippy::float_arithmetic
    )
)]

pub mod cases;
pub mod table;
pub mod words;

pub use cases::{CaseRow, Cases, Wrong};
pub use table::{Ask, Circumstances, Guard, Subject, TABLE, Timing, Transition, find, is_final};
pub use words::{CaseKind, CaseState, CaseStep};
