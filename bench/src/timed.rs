//! A journal that notes how long each append takes: the time in which a frame becomes durable.

use std::sync::Arc;
use std::time::Instant;

use parking_lot::Mutex;
use store::{Appended, Fault, Frame, Head, JournalReader, JournalStore, Upkeep};

use crate::latency::Latency;

/// What was noted; shared with the thread that commits.
#[derive(Clone, Debug)]
pub struct Commits(Arc<Mutex<Latency>>);

impl Commits {
    /// Nothing yet.
    pub fn new() -> Commits {
        Commits(Arc::new(Mutex::new(Latency::new())))
    }

    /// What was noted since the last call.
    pub fn take(&self) -> Latency {
        std::mem::replace(&mut *self.0.lock(), Latency::new())
    }
}

/// The journal.
pub struct Timed {
    /// The one that does the work.
    pub inner: Box<dyn JournalStore>,
    /// Where the times go.
    pub commits: Commits,
}

impl JournalStore for Timed {
    fn head(&mut self) -> Result<Head, Fault> {
        self.inner.head()
    }

    fn append(&mut self, expected: &Head, frame: &Frame) -> Appended {
        let start = Instant::now();
        let appended = self.inner.append(expected, frame);
        self.commits.0.lock().record(start.elapsed());
        appended
    }

    fn upkeep(&mut self) -> Result<Upkeep, Fault> {
        self.inner.upkeep()
    }

    fn reader(&self) -> Result<Box<dyn JournalReader>, Fault> {
        self.inner.reader()
    }
}
