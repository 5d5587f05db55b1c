//! What the console needs from its house: readers, proofs, the clock, a shelf for saved queries,
//! a place for audit events, one where the operator's plans are decided, and people.

pub mod people;

use journal::kinds::{WorksKind, WorksScope};
use store::{Fault, JournalReader, ViewReader};
use terms::{Account, AuditAct, AuditResult, Instant, Reason, Seq, Works};

/// Where pages read. Each call opens a reader of its own; the console keeps and reuses them.
pub trait Source: Send + Sync {
    /// A reader of the views.
    fn views(&self) -> Result<Box<dyn ViewReader>, Fault>;

    /// A reader of the journal.
    fn journal(&self) -> Result<Box<dyn JournalReader>, Fault>;

    /// The last verification of the invariants, if there was one.
    fn verification(&self) -> Option<Verification>;

    /// The instant now.
    fn now(&self) -> Instant;

    /// The proof of an entry, as a text that anybody can check, or why there is none.
    fn prove(&self, seq: Seq) -> Result<String, String>;

    /// The saved queries as they were kept last; an empty text if there are none.
    fn kept(&self) -> Result<String, String>;

    /// Keeps the saved queries; the text takes the place of the one before, whole or not at all.
    fn keep(&self, queries: &str) -> Result<(), String>;
}

/// What a verification found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verification {
    /// When it ended.
    pub at: Instant,
    /// The entries that it covered.
    pub entries: u64,
    /// Each invariant by its id: how often it was checked, and whether it always held.
    pub checks: Vec<(String, u64, bool)>,
    /// The first bad record, in the words of `bej verify`; none if everything is as it should be.
    pub bad: Option<String>,
}

/// Where audit events become facts (R2-55.11, core 21).
pub trait Auditor: Send + Sync {
    /// Writes an event and returns when it is durable. A page with a bettor's records is sent
    /// after that only; if this fails, the page is not sent.
    fn note(&self, event: AuditEvent) -> Result<Seq, String>;
}

/// Where the operator's plans of works are decided.
pub trait Planner: Send + Sync {
    /// Has a plan decided, and returns when the decision is durable and, within a while, shown.
    fn plan(&self, plan: Plan) -> Result<Planned, String>;
}

/// A plan of works at the centre.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Plan {
    /// New works.
    Announce {
        /// Why.
        kind: WorksKind,
        /// What may not be at hand.
        scope: WorksScope,
        /// When they begin.
        from: Instant,
        /// When they end.
        until: Instant,
    },
    /// Works at another time.
    Change {
        /// Which.
        works: Works,
        /// When they begin.
        from: Instant,
        /// When they end.
        until: Instant,
    },
    /// No works, or their end now.
    Cancel {
        /// Which.
        works: Works,
    },
}

/// What became of a plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Planned {
    /// It holds; this is its fact.
    Done(Seq),
    /// It was refused.
    Refused(Reason),
}

/// An audit event: the six attributes of R2-55.11.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditEvent {
    /// When it began.
    pub started: Instant,
    /// What it was.
    pub act: AuditAct,
    /// The number of the member of the staff; 0 where nobody is known.
    pub user: u32,
    /// The record, or the question that chose the records: at most 192 bytes.
    pub record: String,
    /// The bettor's account, if it is about one.
    pub account: Option<Account>,
    /// When it ended.
    pub ended: Instant,
    /// How it ended.
    pub result: AuditResult,
}
