//! The conformance suite: what every adapter must pass, as plain functions over a [`Bed`].
//!
//! An adapter's tests make a bed for a fresh store and call [`run_all`]. A case panics where the
//! contract is broken. Nothing here knows which adapter runs.

mod cold;
pub mod edge;
mod journal;
pub mod lease;
mod marks;
mod snapshot;
pub mod vault;
pub mod views;

use ::journal::frame::{FactBuffer, Frame, Head, Sealer};
use ::journal::tree::Frontier;
use terms::Instant;

use crate::{ColdStore, Fault, JournalStore, MarkStore, SnapshotStore};

/// One fresh store, and several ways into it.
pub trait Bed {
    /// Opens the journal, once more each time: all handles are of the same store.
    fn journal(&self) -> Result<Box<dyn JournalStore>, Fault>;

    /// The snapshots.
    fn snapshots(&self) -> Result<Box<dyn SnapshotStore>, Fault>;

    /// Opens the cold index, once more each time.
    fn cold(&self) -> Result<Box<dyn ColdStore>, Fault>;

    /// Opens the marks, once more each time.
    fn marks(&self) -> Result<Box<dyn MarkStore>, Fault>;

    /// Changes one byte of the newest snapshot.
    fn damage_latest_snapshot(&self);
}

/// A case of the suite.
pub type Case = fn(&dyn Bed) -> Result<(), Fault>;

/// All cases by name.
pub const CASES: &[(&str, Case)] = &[
    ("an empty journal has the empty head", journal::empty),
    ("frames come back as they went in", journal::append_and_read),
    ("a journal is the same when opened again", journal::reopen),
    ("a frame behind another head is not written", journal::head_moved),
    ("a frame that does not follow is not written", journal::does_not_follow),
    ("two writers by mistake make one history", journal::two_writers),
    ("readers see a prefix while frames are appended", journal::readers_while_appending),
    ("a fact is found past empty frames", journal::search_past_empty_frames),
    ("large frames", journal::large_frames),
    ("a reader's page is bounded", journal::bounded_reading),
    ("snapshots come back, two are kept", snapshot::write_and_read),
    ("an unfinished snapshot is none", snapshot::unfinished),
    ("a damaged snapshot falls back to the one before", snapshot::fall_back),
    ("pieces have limits", snapshot::piece_limits),
    ("the cold index answers for ids", cold::ids),
    ("the first fact of an id stays", cold::first_stays),
    ("the last record of a bet wins", cold::bets),
    ("many batches answer as one", cold::many_batches),
    ("a batch goes on where the last one ended", cold::again),
    ("the cold index refuses what does not follow", cold::refusals),
    ("a cold reader sees what is written", cold::reader),
    ("old ids are forgotten, bets and horizons never", cold::forget),
    ("marks come back as they were set", marks::set_and_read),
    ("of two who set a mark at once one is told", marks::at_once),
    ("marks have limits", marks::limits),
];

/// Runs every case, each on a store of its own. Panics at the first that fails, with its name.
pub fn run_all(make: &dyn Fn() -> Box<dyn Bed>) {
    for (name, case) in CASES {
        let bed = make();
        if let Err(fault) = case(&*bed) {
            panic!("{name}: {}", fault.chain());
        }
    }
}

/// Seals frames one behind the other, for tests of stores.
#[derive(Clone, Debug)]
pub struct Chain {
    sealer: Sealer,
    term: u64,
}

impl Chain {
    /// A chain that begins a journal.
    pub fn new() -> Self {
        Chain { sealer: Sealer::new(Head::empty(), Frontier::new()), term: 1 }
    }

    /// The head behind which the next frame belongs.
    pub fn head(&self) -> Head {
        self.sealer.head()
    }

    /// The next frame, with these facts.
    pub fn seal<F: AsRef<[u8]>>(&mut self, facts: &[F]) -> Frame {
        let mut buffer = FactBuffer::new();
        for fact in facts {
            buffer.push_with(|out| out.extend_from_slice(fact.as_ref()));
        }
        let at = Instant(self.head().at.0 + 1_000);
        self.sealer.seal(self.term, at, &buffer)
    }

    /// The next frame, with `count` facts of `length` bytes that differ from each other.
    pub fn fill(&mut self, count: u64, length: usize) -> Frame {
        let first = self.head().next_seq;
        let facts: Vec<Vec<u8>> = (first..first + count).map(|seq| noise(seq, length)).collect();
        self.seal(&facts)
    }
}

impl Default for Chain {
    fn default() -> Self {
        Chain::new()
    }
}

/// Bytes that look random and depend on the seed alone (splitmix64).
pub fn noise(seed: u64, length: usize) -> Vec<u8> {
    let mut state = seed;
    let mut bytes = Vec::with_capacity(length + 8);
    while bytes.len() < length {
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut word = state;
        word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        bytes.extend_from_slice(&(word ^ (word >> 31)).to_be_bytes());
    }
    bytes.truncate(length);
    bytes
}
