//! The store in memory: the port's contract without a medium, for tests and the simulation.
//!
//! Clones are handles to one store, as several connections to one database are. Nothing survives
//! the last handle. Appends can be made to fail on purpose, in each way that a medium can.

use std::collections::{BTreeMap, VecDeque};
use std::io::Cursor;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use journal::frame::{Frame, Head};

use crate::Fault;
use crate::cold::{self, ColdBatch, ColdKey, ColdReader, ColdStore};
use crate::journal::{self as port, Appended, JournalReader, JournalStore, Upkeep};
use crate::lease::{self, Holder, LEASE_MS, Lease, LeaseStore};
use crate::limits::{READ_BYTES_MAX, SNAPSHOTS_KEPT};
use crate::marks::{self, Mark, MarkStore, Marked};
use crate::piece::{self, SnapshotReader};
use crate::snapshot::{Latest, SnapshotStore, SnapshotWriter};

/// A way in which the next append fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Failure {
    /// [`Appended::NotWritten`].
    NotWritten,
    /// [`Appended::Unknown`], and the frame is there.
    UnknownWritten,
    /// [`Appended::Unknown`], and the frame is not there.
    UnknownNotWritten,
    /// [`Appended::Unknown`] because of a failed sync; the frame is there.
    SyncFailed,
}

/// A handle to a store in memory.
#[derive(Clone, Debug, Default)]
pub struct Memory {
    inner: Arc<Mutex<Inner>>,
}

/// The journal of a store in memory.
#[derive(Clone, Debug)]
pub struct MemoryJournal(Memory);

/// A reader of the journal of a store in memory.
#[derive(Clone, Debug)]
pub struct MemoryReader(Memory);

/// The snapshots of a store in memory.
#[derive(Clone, Debug)]
pub struct MemorySnapshots(Memory);

/// The cold index of a store in memory.
#[derive(Clone, Debug)]
pub struct MemoryCold(Memory);

/// The marks of a store in memory.
#[derive(Clone, Debug)]
pub struct MemoryMarks(Memory);

/// The lease of a store in memory, by a clock that stands until it is moved.
#[derive(Clone, Debug)]
pub struct MemoryLease(Memory);

type Key = ([u8; 16], u32);

#[derive(Debug, Default)]
struct Inner {
    frames: Vec<Frame>,
    failures: VecDeque<Failure>,
    snapshots: BTreeMap<u64, Vec<u8>>,
    ids: BTreeMap<Key, u64>,
    bets: BTreeMap<Key, u64>,
    events: BTreeMap<Key, u64>,
    horizon: BTreeMap<u32, i64>,
    bets_horizon: Option<i64>,
    cursor: u64,
    marks: BTreeMap<String, Mark>,
    /// With the instant at which it lapses.
    lease: Option<(u64, Holder, u64)>,
    now_ms: u64,
}

impl Memory {
    /// An empty store.
    pub fn new() -> Self {
        Memory::default()
    }

    /// The journal.
    pub fn journal(&self) -> MemoryJournal {
        MemoryJournal(self.clone())
    }

    /// The snapshots.
    pub fn snapshots(&self) -> MemorySnapshots {
        MemorySnapshots(self.clone())
    }

    /// The cold index.
    pub fn cold(&self) -> MemoryCold {
        MemoryCold(self.clone())
    }

    /// The marks.
    pub fn marks(&self) -> MemoryMarks {
        MemoryMarks(self.clone())
    }

    /// The lease.
    pub fn lease(&self) -> MemoryLease {
        MemoryLease(self.clone())
    }

    /// Moves the clock of the lease.
    pub fn pass_ms(&self, ms: u64) {
        self.lock().now_ms += ms;
    }

    /// Makes the next append that passes the guard fail; several wait in line.
    pub fn fail_next(&self, failure: Failure) {
        self.lock().failures.push_back(failure);
    }

    /// Flips one bit in the middle of the newest snapshot.
    pub fn damage_latest_snapshot(&self) {
        if let Some(bytes) = self.lock().snapshots.values_mut().next_back() {
            let middle = bytes.len() / 2;
            bytes[middle] ^= 1;
        }
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        // A panic elsewhere leaves whole values behind: each change is one assignment or push.
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inner {
    fn head(&self) -> Head {
        self.frames.last().map_or(Head::empty(), Frame::head)
    }
}

impl JournalStore for MemoryJournal {
    fn head(&mut self) -> Result<Head, Fault> {
        Ok(self.0.lock().head())
    }

    fn append(&mut self, expected: &Head, frame: &Frame) -> Appended {
        let mut inner = self.0.lock();
        let head = inner.head();
        if (head.frame, head.hash) != (expected.frame, expected.hash) {
            return Appended::HeadMoved(head);
        }
        if let Err(what) = port::check_next(&head, frame) {
            return Appended::NotWritten(Fault::refused(what));
        }
        let failure = inner.failures.pop_front();
        let injected = || Fault::failed("append", "a failure made on purpose");
        match failure {
            Some(Failure::NotWritten) => return Appended::NotWritten(injected()),
            Some(Failure::UnknownNotWritten) => return Appended::Unknown(injected()),
            Some(Failure::UnknownWritten | Failure::SyncFailed) | None => {}
        }
        inner.frames.push(frame.clone());
        match failure {
            None => Appended::Appended(frame.head()),
            Some(Failure::SyncFailed) => {
                Appended::Unknown(Fault::sync("the frame", "a failure made on purpose"))
            }
            Some(_) => Appended::Unknown(injected()),
        }
    }

    fn upkeep(&mut self) -> Result<Upkeep, Fault> {
        Ok(Upkeep::default())
    }

    fn reader(&self) -> Result<Box<dyn JournalReader>, Fault> {
        Ok(Box::new(MemoryReader(self.0.clone())))
    }
}

impl JournalReader for MemoryReader {
    fn head(&mut self) -> Result<Head, Fault> {
        Ok(self.0.lock().head())
    }

    fn frames(&mut self, after: u64, limit: usize) -> Result<Vec<Frame>, Fault> {
        let inner = self.0.lock();
        let start = usize::try_from(after).unwrap_or(usize::MAX).min(inner.frames.len());
        let mut bytes = 0;
        let within = |frame: &&Frame| {
            let first = bytes == 0;
            bytes += frame.bytes.len();
            first || bytes <= READ_BYTES_MAX
        };
        Ok(inner.frames[start..].iter().take(limit).take_while(within).cloned().collect())
    }

    fn frame_of(&mut self, seq: u64) -> Result<Option<Frame>, Fault> {
        let inner = self.0.lock();
        let number = |number: u64| &inner.frames[number as usize - 1];
        let last = inner.frames.len() as u64;
        let found = port::search(1, last, seq, |at| Ok(number(at).first_seq))?;
        let frame = found.map(number).filter(|frame| seq < frame.head().next_seq);
        Ok(frame.cloned())
    }
}

impl SnapshotStore for MemorySnapshots {
    fn begin(&mut self, seq: u64) -> Result<Box<dyn SnapshotWriter>, Fault> {
        let mut bytes = Vec::new();
        put(piece::put_start(&mut bytes, seq))?;
        Ok(Box::new(Writing { home: self.0.clone(), bytes, seq, pieces: 0 }))
    }

    fn latest(&mut self) -> Result<Latest, Fault> {
        let inner = self.0.lock();
        let mut damaged = Vec::new();
        for (seq, bytes) in inner.snapshots.iter().rev() {
            let open = || {
                let place = format!("snapshot {seq} in memory");
                SnapshotReader::open(Box::new(Cursor::new(bytes.clone())), place)
            };
            match open().and_then(|first| {
                first.check()?;
                open()
            }) {
                Ok(reader) => return Ok(Latest { reader: Some(reader), damaged }),
                Err(fault) => damaged.push(fault),
            }
        }
        Ok(Latest { reader: None, damaged })
    }
}

struct Writing {
    home: Memory,
    bytes: Vec<u8>,
    seq: u64,
    pieces: u64,
}

impl SnapshotWriter for Writing {
    fn piece(&mut self, bytes: &[u8]) -> Result<(), Fault> {
        piece::check_size(bytes)?;
        put(piece::put_piece(&mut self.bytes, self.seq, self.pieces, bytes))?;
        self.pieces += 1;
        Ok(())
    }

    fn finish(mut self: Box<Self>) -> Result<(), Fault> {
        put(piece::put_piece(&mut self.bytes, self.seq, self.pieces, &[]))?;
        let mut inner = self.home.lock();
        inner.snapshots.insert(self.seq, self.bytes);
        while SNAPSHOTS_KEPT < inner.snapshots.len() {
            inner.snapshots.pop_first();
        }
        Ok(())
    }
}

fn put(written: std::io::Result<()>) -> Result<(), Fault> {
    written.map_err(|error| Fault::failed("write a snapshot in memory", error))
}

impl ColdReader for MemoryCold {
    fn cursor(&self) -> u64 {
        self.0.lock().cursor
    }

    fn horizon(&self) -> Vec<(u32, i64)> {
        self.0.lock().horizon.iter().map(|(sender, ms)| (*sender, *ms)).collect()
    }

    fn bets_horizon(&self) -> Option<i64> {
        self.0.lock().bets_horizon
    }

    fn find_ids(&self, keys: &[ColdKey]) -> Result<Vec<Option<u64>>, Fault> {
        find(keys, &self.0.lock().ids)
    }

    fn find_bets(&self, keys: &[ColdKey]) -> Result<Vec<Option<u64>>, Fault> {
        find(keys, &self.0.lock().bets)
    }

    fn find_events(&self, keys: &[ColdKey]) -> Result<Vec<Option<u64>>, Fault> {
        find(keys, &self.0.lock().events)
    }
}

fn find(keys: &[ColdKey], rows: &BTreeMap<Key, u64>) -> Result<Vec<Option<u64>>, Fault> {
    cold::check_keys(keys)?;
    Ok(keys.iter().map(|(owner, id)| rows.get(&(*id, *owner)).copied()).collect())
}

impl ColdStore for MemoryCold {
    fn write(&mut self, batch: &ColdBatch) -> Result<(), Fault> {
        let mut inner = self.0.lock();
        cold::check_write(batch, inner.cursor)?;
        for (sender, id, seq) in &batch.ids {
            let first = inner.ids.entry((*id, *sender)).or_insert(*seq);
            *first = (*first).min(*seq);
            let horizon = inner.horizon.entry(*sender).or_insert(i64::MIN);
            *horizon = (*horizon).max(cold::id_ms(id));
        }
        for (organiser, bet, seq) in &batch.bets {
            let last = inner.bets.entry((*bet, *organiser)).or_insert(*seq);
            *last = (*last).max(*seq);
            inner.bets_horizon = inner.bets_horizon.max(Some(cold::id_ms(bet)));
        }
        for (owner, key, seq) in &batch.events {
            let last = inner.events.entry((*key, *owner)).or_insert(*seq);
            *last = (*last).max(*seq);
        }
        inner.cursor = batch.to;
        Ok(())
    }

    fn forget(&mut self, before_ms: i64) -> Result<(), Fault> {
        self.0.lock().ids.retain(|(id, _), _| before_ms <= cold::id_ms(id));
        Ok(())
    }

    fn reader(&self) -> Arc<dyn ColdReader> {
        Arc::new(self.clone())
    }
}

impl MarkStore for MemoryMarks {
    fn mark(&mut self, name: &str) -> Result<Option<Mark>, Fault> {
        marks::check(name, &[])?;
        Ok(self.0.lock().marks.get(name).cloned())
    }

    fn set_mark(&mut self, name: &str, expected: u64, bytes: &[u8]) -> Result<Marked, Fault> {
        marks::check(name, bytes)?;
        let marks = &mut self.0.lock().marks;
        if marks.get(name).map_or(0, |mark| mark.version) != expected {
            return Ok(Marked::Moved);
        }
        marks.insert(name.to_owned(), Mark { version: expected + 1, bytes: bytes.to_vec() });
        Ok(Marked::Done)
    }
}

impl LeaseStore for MemoryLease {
    fn look(&mut self) -> Result<Option<Lease>, Fault> {
        let inner = self.0.lock();
        Ok(inner.lease.as_ref().map(|(term, holder, until)| Lease {
            term: *term,
            holder: holder.clone(),
            left_ms: until.saturating_sub(inner.now_ms),
        }))
    }

    fn take(&mut self, holder: &Holder) -> Result<Option<u64>, Fault> {
        lease::check(holder)?;
        let mut inner = self.0.lock();
        let now = inner.now_ms;
        let term = match &inner.lease {
            Some((_, _, until)) if now < *until => return Ok(None),
            before => before.as_ref().map_or(0, |(term, ..)| *term) + 1,
        };
        inner.lease = Some((term, holder.clone(), now + LEASE_MS));
        Ok(Some(term))
    }

    fn renew(&mut self, term: u64) -> Result<bool, Fault> {
        let mut inner = self.0.lock();
        let now = inner.now_ms;
        Ok(inner.lease.as_mut().is_some_and(|(held, _, until)| {
            let ours = *held == term;
            if ours {
                *until = now + LEASE_MS;
            }
            ours
        }))
    }

    fn release(&mut self, term: u64) -> Result<(), Fault> {
        if let Some((held, _, until)) = &mut self.0.lock().lease
            && *held == term
        {
            *until = 0;
        }
        Ok(())
    }
}
