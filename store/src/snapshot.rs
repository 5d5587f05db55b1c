//! The port of snapshots: checksummed pieces of the state at one position of the journal.
//!
//! A snapshot is whole or absent: it appears under its name only after all its bytes are durable.
//! The two newest are kept. One writer at a time.

use crate::{Fault, SnapshotReader};

/// Where snapshots are kept.
pub trait SnapshotStore: Send {
    /// Begins the snapshot of the state after all facts below `seq`.
    fn begin(&mut self, seq: u64) -> Result<Box<dyn SnapshotWriter>, Fault>;

    /// The newest snapshot that is whole, with what was found wrong with newer ones.
    ///
    /// Every piece is read and checked before the snapshot is handed out, and again while it is
    /// read: two readings, so that a state is never half loaded from a damaged file.
    fn latest(&mut self) -> Result<Latest, Fault>;
}

/// A snapshot being written. Dropped without [`SnapshotWriter::finish`], it leaves nothing.
pub trait SnapshotWriter: Send {
    /// Adds a piece of 1 byte to 1 MiB.
    fn piece(&mut self, bytes: &[u8]) -> Result<(), Fault>;

    /// Makes the snapshot durable and visible, and removes all but the two newest.
    fn finish(self: Box<Self>) -> Result<(), Fault>;
}

/// The answer to [`SnapshotStore::latest`].
#[derive(Debug)]
pub struct Latest {
    /// The newest whole snapshot, if there is one.
    pub reader: Option<SnapshotReader>,
    /// What is wrong with newer ones; to be reported to an operator.
    pub damaged: Vec<Fault>,
}
