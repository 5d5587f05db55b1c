//! What can go wrong: with one request, at the start, and for good.

use std::error::Error;
use std::sync::{Arc, OnceLock};

use desk::Wrong;
use journal::frame::{FrameError, Head};
use parking_lot::Mutex;
use terms::{Broken, Sender};

use crate::lanes::Class;

/// Why a request is not taken in now. Nothing of it was decided; it may be sent again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Busy {
    /// The lane of this sender and class is full; other lanes may not be.
    #[error("the lane of {sender} for {} is full", class.name())]
    Full {
        /// Whose lane.
        sender: Sender,
        /// Which.
        class: Class,
        /// When there should be room again, in milliseconds.
        retry_after_ms: u64,
    },
    /// The clock cannot be trusted until it agrees again or an operator confirms it (core 6).
    #[error("the clock does not agree with itself or with the journal")]
    Clock,
    /// The index on disk lags so far behind that repeated ids could be missed.
    #[error("the index of ids lags behind")]
    Ids,
    /// No node that decides can be reached.
    #[error("no node that decides can be reached")]
    Absent,
}

/// Why a request has no answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PumpError {
    /// It was not taken in.
    #[error(transparent)]
    Busy(#[from] Busy),
    /// The pump has ended. What became of the request is not known: send it again, with the same
    /// id, when the process has started again.
    #[error("the pump has stopped: {0}")]
    Stopped(Arc<str>),
    /// The call breaks the contract of the handle.
    #[error("refused: {0}")]
    Malformed(&'static str),
}

/// Why the pump has ended by itself. The process is to end and to start again from what is
/// durable.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    /// The store failed.
    #[error("while {doing}, the store failed")]
    Store {
        /// What was being done.
        doing: &'static str,
        /// The failure.
        source: store::Fault,
    },
    /// The journal ends elsewhere than expected: another process writes to it.
    #[error(
        "the journal ends at frame {}, not at {}: another process writes to it",
        found.frame, expected.frame
    )]
    HeadMoved {
        /// Where this writer left it.
        expected: Box<Head>,
        /// Where it ends.
        found: Box<Head>,
    },
    /// A decided fact cannot be applied: a bug, found before anything of it is durable or heard.
    #[error("entry {seq} cannot be applied")]
    Apply {
        /// Its position.
        seq: u64,
        /// What is wrong.
        source: Wrong,
    },
    /// An entry of the journal cannot be read.
    #[error("entry {seq} of the journal cannot be read")]
    Entry {
        /// Its position.
        seq: u64,
        /// What is wrong.
        source: Broken,
    },
    /// The index on disk and the journal do not agree.
    #[error("the index on disk does not agree with the journal: {what}")]
    Index {
        /// In what.
        what: String,
    },
    /// What must hold does not: a bug.
    #[error("a bug: {what}")]
    Bug {
        /// What does not hold.
        what: String,
    },
    /// A thread of the pump panicked.
    #[error("the {thread} panicked: {what}")]
    Panicked {
        /// Which.
        thread: &'static str,
        /// Its message.
        what: String,
    },
    /// The operating system gave no thread.
    #[error("no thread for the {thread}")]
    Thread {
        /// For what.
        thread: &'static str,
        /// Why not.
        source: std::io::Error,
    },
}

impl Fault {
    pub(crate) fn store(doing: &'static str) -> impl FnOnce(store::Fault) -> Fault {
        move |source| Fault::Store { doing, source }
    }

    pub(crate) fn bug(what: impl Into<String>) -> Fault {
        Fault::Bug { what: what.into() }
    }

    /// The text with all its causes, for a log line or a terminal.
    pub fn chain(&self) -> String {
        chain(self)
    }
}

/// Why the pump does not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// While recovering or claiming the journal.
    #[error("the pump cannot start")]
    Fault(#[from] Fault),
    /// A frame of the journal does not follow the one before.
    #[error("the journal is damaged")]
    Frame(#[from] FrameError),
    /// The journal ends before what was made from it.
    #[error(
        "the journal has {entries} entries, but {what} was made from {beyond}: its end is lost; \
         restore it, or remove what was made from it if the loss is accepted"
    )]
    Short {
        /// How many entries the journal has.
        entries: u64,
        /// What reaches beyond them.
        what: &'static str,
        /// How far.
        beyond: u64,
    },
    /// The newest snapshot continues another journal.
    #[error("the snapshot of entry {seq} was made from another journal")]
    Stranger {
        /// The snapshot's position.
        seq: u64,
    },
    /// The journal's end moves on: another process writes to it.
    #[error("another process writes to the journal; stop it first, or follow it as a standby")]
    Rival,
    /// An option has no meaning.
    #[error("the option {0} must not be zero")]
    Zero(&'static str),
    /// A run of the index is longer than the recent ids reach.
    #[error("the option run_entries must be less than twice ids_per_generation")]
    RunTooLong,
}

impl StartError {
    pub(crate) fn store(doing: &'static str) -> impl FnOnce(store::Fault) -> StartError {
        move |source| StartError::Fault(Fault::Store { doing, source })
    }

    /// The text with all its causes.
    pub fn chain(&self) -> String {
        chain(self)
    }
}

fn chain(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        text.push_str(": ");
        text.push_str(&inner.to_string());
        cause = inner.source();
    }
    text
}

/// How the pump ended: the first fault is the one that counts.
#[derive(Debug, Default)]
pub(crate) struct Fate {
    text: OnceLock<Arc<str>>,
    fault: Mutex<Option<Fault>>,
}

impl Fate {
    /// Lets waiters know of a fault that will be sealed: those whose requests are dropped on the
    /// way to there hear why, and not that the pump was told to end.
    pub(crate) fn announce(&self, fault: &Fault) {
        // Set already: an earlier fault is the one that counts.
        let _ = self.text.set(fault.chain().into());
    }

    /// Notes a fault, if it is the first; a later one follows from it and tells nothing.
    pub(crate) fn seal(&self, fault: Fault) {
        let mut first = self.fault.lock();
        let text = fault.chain();
        if **self.text.get_or_init(|| text.as_str().into()) == *text && first.is_none() {
            *first = Some(fault);
        }
    }

    /// What waiters hear.
    pub(crate) fn error(&self) -> PumpError {
        PumpError::Stopped(self.text().unwrap_or_else(|| "it was told to".into()))
    }

    /// The fault in words, if there was one.
    pub(crate) fn text(&self) -> Option<Arc<str>> {
        self.text.get().cloned()
    }

    /// The fault itself, once.
    pub(crate) fn take(&self) -> Option<Fault> {
        self.fault.lock().take()
    }
}
