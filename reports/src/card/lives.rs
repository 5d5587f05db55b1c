//! Cards of persons over time: cases, consents, identifications. All lie under the person's number,
//! so that what one person's page shows is one look-up each.

use journal::kinds::{
    CaseKind, CaseState, ConsentWay, IdentificationMethod, IdentificationSource, Level, List,
    Purpose, Recipients, Scopes,
};
use terms::{CaseNo, Clock, Code, Instant, Organiser, Person, Seq, record};

/// Under which number cases lie that are about no person: one that no person has.
pub const NOBODY: u32 = u32::MAX;

record! {
    /// A case, as it stands.
    pub struct CaseCard {
        /// Its number.
        pub case: CaseNo,
        /// The year of its printed number.
        pub year: u32,
        /// Its number within the year.
        pub serial: u32,
        /// What it is about.
        pub kind: CaseKind,
        /// Where it stands.
        pub state: CaseState,
        /// Whom it is about.
        pub person: Option<Person>,
        /// The second person, if it is about two.
        pub other: Option<Person>,
        /// The organiser that it is about.
        pub organiser: Option<Organiser>,
        /// The list, and its version.
        pub list: Option<List>,
        /// The version of the list.
        pub version: Option<u32>,
        /// Another case that it belongs to.
        pub related: Option<CaseNo>,
        /// The fact that opened it.
        pub seq: Seq,
        /// When that was.
        pub opened: Instant,
        /// When it moved last.
        pub moved: Instant,
        /// The ground of that, as a code.
        pub ground: Option<Code>,
        /// The term that runs.
        pub clock: Option<Clock>,
        /// When that is over.
        pub due: Option<Instant>,
        /// Whether a term of it was ever over before it moved on.
        pub late: bool,
    }
}

record! {
    /// Consent given or taken back.
    pub struct ConsentCard {
        /// Whose.
        pub person: Person,
        /// The fact.
        pub seq: Seq,
        /// When.
        pub at: Instant,
        /// Whether it was given; else it was taken back.
        pub given: bool,
        /// What for.
        pub purpose: Purpose,
        /// To what.
        pub scopes: Scopes,
        /// Who may have the data.
        pub recipients: Recipients,
        /// How it was given.
        pub way: Option<ConsentWay>,
        /// Until when, if for a term.
        pub until: Option<Instant>,
        /// The request that it answers.
        pub case: Option<CaseNo>,
    }
}

record! {
    /// An identification, good or failed.
    pub struct IdentificationCard {
        /// Whose.
        pub person: Person,
        /// The fact.
        pub seq: Seq,
        /// When.
        pub at: Instant,
        /// The way.
        pub method: IdentificationMethod,
        /// Where the data came from.
        pub source: IdentificationSource,
        /// Whether the identity was established.
        pub established: bool,
        /// Whether the data were confirmed.
        pub confirmed: bool,
        /// What it is worth.
        pub reached: Level,
        /// The person's level after it.
        pub level: Level,
        /// Until when that is good.
        pub until: Option<Instant>,
        /// The registration that it belongs to.
        pub case: Option<CaseNo>,
    }
}
