//! Terms that a clause or the operator sets, by name: how long, and in what it is counted
//! (requirements 0.4).
//!
//! The lengths are data of the rulebook; when a term ends is computed by
//! [`Rulebook::due`](crate::rulebook::Rulebook::due).

use crate::{choice, record};

choice! {
    /// What a term is for.
    pub enum Clock {
        /// A report on what is suspicious goes to the financial monitoring authority (D-38).
        AmlReport = 1 "aml_report",
        /// The authority considers an application to use the State service (D-19).
        StateService = 2 "state_service",
        /// An officer decides whether a person who is like one on a list is that one (S-48).
        PossibleMatch = 3 "possible_match",
        /// A person answers by a one-time code (S-56).
        ConsentCode = 4 "consent_code",
        /// A person answers to 1414 (S-56).
        ConsentMessage = 5 "consent_message",
        /// A registration that was begun is finished.
        Registration = 6 "registration",
    }
}

choice! {
    /// What a term is counted in.
    pub enum Unit {
        /// Nanoseconds from the moment on.
        Nanoseconds = 1 "nanoseconds",
        /// Hours from the moment on, without regard to days off.
        Hours = 2 "hours",
        /// Civil days, from the day after; a last day off moves to the next working day.
        CalendarDays = 3 "calendar_days",
        /// Working days, from the day after.
        WorkingDays = 4 "working_days",
    }
}

record! {
    /// The length of a term.
    pub struct Term {
        /// What it is for.
        pub clock: Clock,
        /// What it is counted in.
        pub unit: Unit,
        /// How many of them.
        pub count: u64,
    }
}

choice! {
    /// The day on which who was born on 29 February grows a year older in a common year.
    pub enum LeapBirthday {
        /// 28 February.
        February28 = 1 "february_28",
        /// 1 March: the later one, so that nobody is admitted a day too early.
        March1 = 2 "march_1",
    }
}
