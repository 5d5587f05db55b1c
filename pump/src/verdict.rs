//! What the sender of a message hears.

use journal::fact::Fact;
use terms::{Hash, Instant, Reason, Seq};

/// What became of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It was done.
    Done,
    /// It was refused; the refusal is in the journal, and its id is spent.
    Refused(Reason),
    /// Its id was seen before with other content, first at this position.
    Conflict(Seq),
    /// It refers to what is not there yet; its id stays free.
    Deferred(Reason),
    /// There was nothing to do.
    Idle,
    /// It would be refused, and the sender has used up its refusals of this second (core 14). Its
    /// id stays free.
    TooMany(Reason),
}

/// The receipt of a message: where its fact is, and what proves it (core 15).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Receipt {
    /// Position of its first fact in the journal.
    pub seq: Seq,
    /// The fact's leaf hash.
    pub leaf: Hash,
    /// When it was decided.
    pub at: Instant,
    /// The rulebook by which.
    pub rulebook: u32,
    /// The code of a refusal.
    pub code: Option<Reason>,
}

/// The answer to one message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// What became of it.
    pub outcome: Outcome,
    /// Its receipt, if it has a fact.
    pub receipt: Option<Receipt>,
    /// Whether it was decided before: outcome and receipt are those of then.
    pub repeat: bool,
}

/// The code that a fact gives its receipt.
pub(crate) fn code_of(fact: &Fact) -> Option<Reason> {
    match fact {
        Fact::Refused(refused) => Some(refused.reason),
        _ => None,
    }
}

/// The outcome that a receipt of then tells.
pub(crate) fn outcome_of(code: Option<Reason>) -> Outcome {
    code.map_or(Outcome::Done, Outcome::Refused)
}
