//! What can go wrong with a store. The text names the place and what was being done; the cause is
//! the `source`, which the text never repeats.

use std::error::Error;

/// The error below a fault.
pub type Cause = Box<dyn Error + Send + Sync>;

/// A failure of the store or of the medium under it.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    /// The medium or the engine refused what was asked.
    #[error("could not {doing}")]
    Failed {
        /// What was being done, to follow "could not".
        doing: String,
        /// Why it failed.
        source: Cause,
    },
    /// A sync failed. What the medium holds is unknown, and a second sync may claim success
    /// without it: the process must end and start again from what is durable.
    #[error("could not make durable: {doing}")]
    Sync {
        /// What was being made durable.
        doing: String,
        /// Why it failed.
        source: Cause,
    },
    /// What is stored is not what was written.
    #[error("{}: {what}", damaged(place, *frame))]
    Damaged {
        /// The part or file.
        place: String,
        /// The frame, if it is one.
        frame: Option<u64>,
        /// What is wrong.
        what: String,
        /// What found it, if there is more to tell.
        source: Option<Cause>,
    },
    /// There is no store at this place.
    #[error("{place}: there is no journal here; name another place or ask for a new journal")]
    Absent {
        /// The place.
        place: String,
    },
    /// Another process writes to this store.
    #[error("{place}: another process is writing to this store; stop it first")]
    Held {
        /// The lock.
        place: String,
    },
    /// A newer program wrote this store.
    #[error(
        "{place}: the schema has version {found} and this program knows {known}; \
         start the newer program, or restore a backup made by this one"
    )]
    Newer {
        /// The file.
        place: String,
        /// The version found.
        found: u32,
        /// The newest version that this program knows.
        known: u32,
    },
    /// The call breaks the contract of the port; nothing was done.
    #[error("refused: {what}")]
    Refused {
        /// What is wrong with the call.
        what: String,
    },
}

impl Fault {
    /// A failure while `doing` something.
    pub fn failed(doing: impl Into<String>, source: impl Into<Cause>) -> Fault {
        Fault::Failed { doing: doing.into(), source: source.into() }
    }

    /// A failed sync of `doing`.
    pub fn sync(doing: impl Into<String>, source: impl Into<Cause>) -> Fault {
        Fault::Sync { doing: doing.into(), source: source.into() }
    }

    /// Damage that needs no further cause.
    pub fn damaged(
        place: impl Into<String>,
        frame: impl Into<Option<u64>>,
        what: impl Into<String>,
    ) -> Fault {
        let (place, frame, what) = (place.into(), frame.into(), what.into());
        Fault::Damaged { place, frame, what, source: None }
    }

    /// A call that breaks the contract.
    pub fn refused(what: impl Into<String>) -> Fault {
        Fault::Refused { what: what.into() }
    }

    /// Whether stored content was found to be damaged.
    pub fn is_damage(&self) -> bool {
        matches!(self, Fault::Damaged { .. })
    }

    /// Whether a sync failed, so that the process must end (design 2.3).
    pub fn is_failed_sync(&self) -> bool {
        matches!(self, Fault::Sync { .. })
    }

    /// The text with all its causes, for a log line or a terminal.
    pub fn chain(&self) -> String {
        let mut text = self.to_string();
        let mut cause = self.source();
        while let Some(inner) = cause {
            text.push_str(": ");
            text.push_str(&inner.to_string());
            cause = inner.source();
        }
        text
    }
}

fn damaged(place: &str, frame: Option<u64>) -> String {
    match frame {
        Some(frame) => format!("{place}, frame {frame}"),
        None => place.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_text_does_not_repeat_its_source() {
        let fault = Fault::failed("read part 3", std::io::Error::other("the disk is gone"));
        assert_eq!(fault.to_string(), "could not read part 3");
        assert_eq!(fault.chain(), "could not read part 3: the disk is gone");
        let fault = Fault::damaged("part 3", 7, "a row is missing");
        assert_eq!(fault.chain(), "part 3, frame 7: a row is missing");
    }
}
