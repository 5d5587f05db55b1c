//! Where a message's record and a bet's records are.
//!
//! The index on disk knows what is older than its cursor, this room what came since: the follower
//! notes it from the journal and from each durable frame. What the index has taken over is let go,
//! so that as much is held as the index lags behind, some hundred thousand rows. Everything else
//! is read from the journal itself: a few dozen small reads.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use desk::life;
use journal::fact::{Entry, Fact};
use parking_lot::{Condvar, Mutex};
use register::catalogue::EventRow;
use store::{ColdReader, Fault, Frame, JournalReader};
use terms::{BetId, MessageId, Organiser, Sender, Seq};

use crate::limits::{READERS_KEPT, RECORDS_MAX};

/// Opens a reader of the journal.
pub type OpenReader = Box<dyn Fn() -> Result<Box<dyn JournalReader>, Fault> + Send + Sync>;

type Key = (u32, [u8; 16]);

/// Where records are.
pub struct Lookup {
    open: OpenReader,
    readers: Mutex<Vec<Box<dyn JournalReader>>>,
    cold: Option<Arc<dyn ColdReader>>,
    recent: Mutex<Recent>,
    moved: Condvar,
}

#[derive(Default)]
struct Recent {
    ids: HashMap<Key, u64>,
    bets: HashMap<Key, u64>,
    /// Rows from here on are held.
    from: u64,
    /// Everything below is noted.
    next: u64,
}

/// Rows that come between two prunings.
const PRUNE_EVERY: u64 = 100_000;

impl Lookup {
    /// Nothing is noted yet; the follower begins at [`Lookup::next`].
    pub fn new(open: OpenReader, cold: Option<Arc<dyn ColdReader>>) -> Lookup {
        let next = cold.as_ref().map_or(0, |cold| cold.cursor());
        let recent = Recent { from: next, next, ..Recent::default() };
        let (recent, moved) = (Mutex::new(recent), Condvar::new());
        Lookup { open, readers: Mutex::default(), cold, recent, moved }
    }

    /// The position that is to be noted next.
    pub fn next(&self) -> u64 {
        self.recent.lock().next
    }

    /// Waits until everything below a position is noted. Returns whether it is, in time.
    pub fn wait_for(&self, next: u64, patience: Duration) -> bool {
        let mut recent = self.recent.lock();
        let waited = self.moved.wait_while_for(&mut recent, |recent| recent.next < next, patience);
        !waited.timed_out()
    }

    /// Notes an entry; those that are noted already are passed over.
    pub fn note(&self, entry: &Entry) {
        let mut recent = self.recent.lock();
        let seq = entry.seq.0;
        if seq < recent.next {
            return;
        }
        recent.next = seq + 1;
        self.moved.notify_all();
        if let Some(cause) = entry.fact.cause() {
            recent.ids.entry((cause.sender.number(), cause.id.0)).or_insert(seq);
        }
        if let Some((organiser, bet)) = bet_of(&entry.fact) {
            recent.bets.insert((organiser.0, bet.0), seq);
        }
        let cursor = self.cold.as_ref().map_or(0, |cold| cold.cursor());
        if recent.from + PRUNE_EVERY <= cursor {
            recent.from = cursor;
            recent.ids.retain(|_, seq| cursor <= *seq);
            recent.bets.retain(|_, seq| cursor <= *seq);
        }
    }

    /// The first record that a message caused.
    pub fn message(&self, sender: Sender, id: MessageId) -> Result<Option<Entry>, Fault> {
        let key = (sender.number(), id.0);
        let mut seq = self.recent.lock().ids.get(&key).copied();
        if let Some(cold) = &self.cold {
            seq = cold.find_ids(&[key])?.first().copied().flatten().or(seq);
        }
        let Some(seq) = seq else { return Ok(None) };
        let entry = self.entries(Seq(seq), 1)?.pop();
        let caused = |entry: &Entry| {
            entry.fact.cause().is_some_and(|cause| (cause.sender, cause.id) == (sender, id))
        };
        Ok(entry.filter(caused))
    }

    /// The records of a bet, oldest first; none if there is no such bet of this organiser. `last`
    /// is its last record where the hot state knows it.
    pub fn bet(
        &self,
        organiser: Organiser,
        bet: BetId,
        last: Option<Seq>,
    ) -> Result<Vec<Entry>, Fault> {
        let key = (organiser.0, bet.0);
        let mut seq = last.map(|last| last.0);
        seq = seq.or_else(|| self.recent.lock().bets.get(&key).copied());
        if seq.is_none()
            && let Some(cold) = &self.cold
        {
            seq = cold.find_bets(&[key])?.first().copied().flatten();
        }
        let mut records: Vec<Entry> = Vec::new();
        let mut next = seq.map(Seq);
        while let Some(seq) = next
            && records.len() < RECORDS_MAX
        {
            let Some(entry) = self.entries(seq, 1)?.pop() else { break };
            next = life::previous(&entry);
            records.push(entry);
        }
        // A hold comes before its stake or its end, and neither points to it.
        let first = self.message(Sender::Organiser(organiser), MessageId(bet.0))?;
        if let Some(first) = first
            && matches!(
                first.fact,
                Fact::HoldPlaced(_) | Fact::StakeAccepted(_) | Fact::StakeReported(_)
            )
            && records.last().is_none_or(|last| last.seq != first.seq)
        {
            records.push(first);
        }
        records.reverse();
        Ok(records)
    }

    /// An event that has left the hot state, by one of its keys.
    pub fn event(&self, key: (u32, [u8; 16])) -> Result<Option<EventRow>, Fault> {
        let Some(cold) = &self.cold else { return Ok(None) };
        let Some(seq) = cold.find_events(&[key])?.first().copied().flatten() else {
            return Ok(None);
        };
        let kept = self.entries(Seq(seq), 1)?.pop();
        Ok(kept.and_then(|entry| match entry.fact {
            Fact::EventKept(fact) => Some(*fact.row),
            _ => None,
        }))
    }

    /// The entries at these positions. Positions of one frame that follow one another cost one
    /// reading of it.
    pub fn each(&self, seqs: &[Option<Seq>]) -> Result<Vec<Option<Entry>>, Fault> {
        let mut entries = Vec::with_capacity(seqs.len());
        self.with_reader(|reader| {
            let mut kept: Option<Frame> = None;
            for seq in seqs {
                let Some(seq) = seq else {
                    entries.push(None);
                    continue;
                };
                let fits = |frame: &Frame| {
                    (frame.first_seq..frame.first_seq + u64::from(frame.count)).contains(&seq.0)
                };
                if !kept.as_ref().is_some_and(fits) {
                    kept = reader.frame_of(seq.0)?;
                }
                entries.push(match &kept {
                    Some(frame) => of_frame(frame, *seq, 1)?.pop(),
                    None => None,
                });
            }
            Ok(entries)
        })
    }

    /// Up to `count` entries from a position on, of the frame that holds it.
    pub fn entries(&self, seq: Seq, count: usize) -> Result<Vec<Entry>, Fault> {
        self.with_reader(|reader| {
            let Some(frame) = reader.frame_of(seq.0)? else { return Ok(Vec::new()) };
            of_frame(&frame, seq, count)
        })
    }

    /// Lends a reader of the journal.
    pub fn with_reader<R>(
        &self,
        work: impl FnOnce(&mut dyn JournalReader) -> Result<R, Fault>,
    ) -> Result<R, Fault> {
        let kept = self.readers.lock().pop();
        let mut reader = match kept {
            Some(reader) => reader,
            None => (self.open)()?,
        };
        let done = work(&mut *reader)?;
        let mut readers = self.readers.lock();
        if readers.len() < READERS_KEPT {
            readers.push(reader);
        }
        Ok(done)
    }
}

impl std::fmt::Debug for Lookup {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Lookup(next {})", self.next())
    }
}

fn of_frame(frame: &Frame, seq: Seq, count: usize) -> Result<Vec<Entry>, Fault> {
    let mut entries = Vec::with_capacity(count);
    for fact in frame.facts() {
        let damaged = |what: String| Fault::damaged("the journal", frame.number, what);
        let (at, bytes) = fact.map_err(|error| damaged(error.to_string()))?;
        if count <= entries.len() {
            break;
        }
        if seq.0 <= at {
            entries.push(Entry::from_bytes(bytes).map_err(|error| damaged(error.to_string()))?);
        }
    }
    Ok(entries)
}

/// The bet that a fact is a record of, and whose.
fn bet_of(fact: &Fact) -> Option<(Organiser, BetId)> {
    let of = |sender| life::organiser_of(sender);
    match fact {
        Fact::StakeAccepted(fact) => Some((of(fact.cause.sender)?, fact.bet_id())),
        Fact::StakeReported(fact) => Some((of(fact.cause.sender)?, fact.cause.id.into())),
        Fact::HoldPlaced(fact) => Some((of(fact.cause.sender)?, fact.cause.id.into())),
        Fact::HoldReleased(fact) => Some((fact.organiser, fact.bet)),
        Fact::BetSettled(fact) => Some((of(fact.cause.sender)?, fact.bet)),
        Fact::PayoutPosted(fact) => Some((fact.organiser, fact.bet)),
        Fact::PayoutReported(fact) => Some((of(fact.cause.sender)?, fact.bet)),
        Fact::ClaimSettled(fact) => Some((of(fact.cause.sender)?, fact.bet)),
        _ => None,
    }
}
