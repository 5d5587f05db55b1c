//! Facts about cases: what has a state and a clock.

use admission::List;
use casework::{CaseKind, CaseState, CaseStep};
use terms::{CaseNo, Clock, Code, Day, Hash, Instant, Organiser, Person, record};

use super::{Cause, Nonce};

record! {
    /// The hit on a list that a case is about: one case for each person, list, version and day.
    pub struct ListHit {
        /// The list.
        pub list: List,
        /// The version of it that is in force, or that the difference belongs to.
        pub version: u32,
        /// The civil day.
        pub day: Day,
    }
}

record! {
    /// A case begins.
    pub struct CaseOpened {
        /// What caused it, if somebody opened it.
        pub cause: Option<Cause>,
        /// Random bytes, if it follows from something else.
        pub nonce: Option<Nonce>,
        /// Its number.
        pub case: CaseNo,
        /// The year of its printed number.
        pub year: u32,
        /// Its number within the year.
        pub serial: u32,
        /// What it is about.
        pub kind: CaseKind,
        /// The step with which it begins.
        pub step: CaseStep,
        /// Where it stands.
        pub state: CaseState,
        /// Whom it is about.
        pub person: Option<Person>,
        /// The second person, if it is about two.
        pub other: Option<Person>,
        /// The organiser that it is about.
        pub organiser: Option<Organiser>,
        /// The hit that it is about.
        pub hit: Option<ListHit>,
        /// Another case that it belongs to.
        pub related: Option<CaseNo>,
        /// SHA-256 of what shows it.
        pub evidence: Option<Hash>,
        /// The term that runs.
        pub clock: Option<Clock>,
        /// When that is over.
        pub due: Option<Instant>,
    }
}

record! {
    /// A case moves by a row of the table (`casework`).
    pub struct CaseMoved {
        /// What caused it, if somebody moved it by itself.
        pub cause: Option<Cause>,
        /// Random bytes, if time did or what stands in the fact before it.
        pub nonce: Option<Nonce>,
        /// Which.
        pub case: CaseNo,
        /// What it is about.
        pub kind: CaseKind,
        /// Whom it is about.
        pub person: Option<Person>,
        /// Where it stood.
        pub from: CaseState,
        /// By what it moves.
        pub step: CaseStep,
        /// Where it stands now.
        pub state: CaseState,
        /// The ground, as a code.
        pub ground: Option<Code>,
        /// SHA-256 of what shows it.
        pub evidence: Option<Hash>,
        /// The term that runs.
        pub clock: Option<Clock>,
        /// When that is over.
        pub due: Option<Instant>,
    }
}

record! {
    /// The term of a case is over, and the case has not moved on.
    pub struct CaseOverdue {
        /// Random bytes.
        pub nonce: Nonce,
        /// Which.
        pub case: CaseNo,
        /// What it is about.
        pub kind: CaseKind,
        /// Whom it is about.
        pub person: Option<Person>,
        /// The term.
        pub clock: Clock,
        /// When it was over.
        pub due: Instant,
    }
}
