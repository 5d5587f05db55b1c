//! What is checked of a store after a sudden end: all that `bej verify` checks, kept between
//! cycles so that each looks at what is new, and from the beginning every now and then.

use std::collections::BTreeMap;
use std::path::Path;

use desk::State;
use journal::fact::{Entry, Fact};
use journal::frame::{Head, follow};
use journal::tree::Frontier;
use reports::audit::Auditor;
use store::{ColdFiles, ColdReader as _, Fault, JournalReader, SnapshotFiles, SnapshotStore};
use store_sqlite::Reader;
use terms::{Hash, MessageId, Reason, Sender};

use super::writer::Acknowledgement;

/// Frames read at once.
const FRAMES: usize = 256;

/// Keys of one question to the cold index.
const KEYS: usize = 10_000;

/// Rows from which a run of the cold index stays as it is; of no meaning to a reader.
const RUN_ROWS: usize = 1_000_000;

/// One fact, as far as an acknowledgement tells of it.
struct Line {
    sender: Option<Sender>,
    id: Option<MessageId>,
    leaf: Hash,
    /// The fact that answers the message, as against one that a conflict left.
    answers: bool,
}

/// Everything recomputed so far.
pub struct Books {
    head: Head,
    frontier: Frontier,
    state: State,
    auditor: Auditor,
    lines: Vec<Line>,
    /// Snapshots that were compared with the state.
    pub compared: u64,
    /// How many facts of each name there are.
    pub kinds: BTreeMap<&'static str, u64>,
}

impl Books {
    pub fn new() -> Books {
        Books {
            head: Head::empty(),
            frontier: Frontier::new(),
            state: State::follower(0),
            auditor: Auditor::new(),
            lines: Vec::new(),
            compared: 0,
            kinds: BTreeMap::new(),
        }
    }

    /// How many entries there are.
    pub fn entries(&self) -> u64 {
        self.head.next_seq
    }

    /// Goes on from where it stood to the end of the journal: the chain of frames, the tree, the
    /// one byte form of each fact, every invariant, the balances, and the newest snapshot.
    pub fn follow(&mut self, store: &Path) -> Result<(), String> {
        let mut reader = Reader::open(store).map_err(chain)?;
        let mut snapshots = SnapshotFiles::new(reader.layout().home().snapshots());
        self.follow_in(&mut reader, &mut snapshots)
    }

    /// The same in a store of any engine.
    pub fn follow_in(
        &mut self,
        reader: &mut dyn JournalReader,
        snapshots: &mut dyn SnapshotStore,
    ) -> Result<(), String> {
        let mut snapshot = newest_snapshot(snapshots).map_err(chain)?;
        let end = reader.head().map_err(chain)?;
        if snapshot.is_some_and(|(seq, _)| end.next_seq < seq) {
            return Err("there is a snapshot of what the journal has lost".into());
        }
        if end.frame < self.head.frame {
            return Err(format!("frame {} was there and is lost", self.head.frame));
        }
        self.compare(&mut snapshot)?;
        while self.head.frame < end.frame {
            let frames = reader.frames(self.head.frame, FRAMES).map_err(chain)?;
            for frame in &frames {
                let head = follow(&self.head, &mut self.frontier, frame)
                    .map_err(|error| format!("frame {}: {error}", frame.number))?;
                for (fact, leaf) in frame.facts().zip(frame.leaves.clone()) {
                    let (seq, bytes) = fact.map_err(|error| error.to_string())?;
                    self.enter(bytes, leaf).map_err(|what| format!("entry {seq}: {what}"))?;
                    self.compare(&mut snapshot)?;
                }
                self.head = head;
            }
        }
        if self.head != end {
            return Err(format!("the journal ends with {end:?}, not with {:?}", self.head));
        }
        self.auditor.end().map_err(|violation| violation.to_string())?;
        if !self.state.ledger.balanced() {
            return Err("the accounts do not add up".into());
        }
        Ok(())
    }

    fn enter(&mut self, bytes: &[u8], leaf: Hash) -> Result<(), String> {
        let entry = Entry::from_bytes(bytes).map_err(|error| error.to_string())?;
        let mut again = Vec::with_capacity(bytes.len());
        entry.put(&mut again);
        if again != bytes {
            return Err("it is not in its one byte form".into());
        }
        self.auditor.entry(&entry).map_err(|violation| violation.to_string())?;
        let Entry { seq, at, rulebook, fact } = &entry;
        self.state.apply(*seq, *at, *rulebook, fact).map_err(|wrong| wrong.to_string())?;
        *self.kinds.entry(fact.name()).or_default() += 1;
        let cause = fact.cause();
        self.lines.push(Line {
            sender: cause.map(|cause| cause.sender),
            id: cause.map(|cause| cause.id),
            leaf,
            answers: !matches!(fact, Fact::Refused(fact) if fact.reason == Reason::IdReused),
        });
        Ok(())
    }

    /// Compares the state with the snapshot of this position, if it is that.
    fn compare(&mut self, snapshot: &mut Option<(u64, Hash)>) -> Result<(), String> {
        let next = self.state.next.0;
        let Some((_, hash)) = snapshot.take_if(|(seq, _)| *seq == next) else { return Ok(()) };
        if hash != self.state.hash() {
            return Err(format!("the snapshot of entry {next} is not what the journal gives"));
        }
        self.compared += 1;
        Ok(())
    }

    /// Whether what was acknowledged is there, at its place, with its hash.
    pub fn has(&self, acknowledged: &Acknowledgement) -> bool {
        let at = usize::try_from(acknowledged.seq).unwrap();
        self.lines.get(at).is_some_and(|line| {
            line.id == Some(acknowledged.id)
                && line.sender == Some(acknowledged.sender)
                && line.leaf.to_string() == acknowledged.leaf
        })
    }

    /// Everything again from the beginning, each page of the database, and the cold index.
    pub fn check_whole(&self, store: &Path) -> Result<(), String> {
        let mut reader = Reader::open(store).map_err(chain)?;
        reader.check_pages().map_err(chain)?;
        let mut whole = Books::new();
        whole.follow(store)?;
        if (whole.head, whole.state.hash()) != (self.head, self.state.hash()) {
            return Err("read from the beginning it is another journal".into());
        }
        self.check_cold(&reader)
    }

    /// Every id below the cursor is found where its first fact is.
    fn check_cold(&self, reader: &Reader) -> Result<(), String> {
        let cold = ColdFiles::open(reader.layout().home().cold(), RUN_ROWS).map_err(chain)?;
        ColdFiles::inspect(&reader.layout().home().cold()).map_err(chain)?;
        let cursor = usize::try_from(cold.cursor()).unwrap();
        let Some(indexed) = self.lines.get(..cursor) else {
            return Err("there is an index of what the journal has lost".into());
        };
        let of_line = |(seq, line): (usize, &Line)| {
            let (sender, id) = (line.sender?, line.id?);
            line.answers.then_some(((sender.number(), id.0), seq as u64))
        };
        let wanted: Vec<_> = indexed.iter().enumerate().filter_map(of_line).collect();
        for wanted in wanted.chunks(KEYS) {
            let keys: Vec<_> = wanted.iter().map(|(key, _)| *key).collect();
            let found = cold.find_ids(&keys).map_err(chain)?;
            for ((_, seq), found) in wanted.iter().zip(found) {
                // A message may leave several facts; the first of them is its answer.
                if found.is_none_or(|found| *seq < found) {
                    return Err(format!("entry {seq} is not in the index: {found:?}"));
                }
            }
        }
        Ok(())
    }
}

fn chain(fault: Fault) -> String {
    fault.chain()
}

/// Position and state hash of the newest snapshot. A damaged one is an error here: a sudden end
/// must leave a snapshot whole or not at all.
fn newest_snapshot(snapshots: &mut dyn SnapshotStore) -> Result<Option<(u64, Hash)>, Fault> {
    let latest = snapshots.latest()?;
    if let Some(fault) = latest.damaged.into_iter().next() {
        return Err(fault);
    }
    let Some(mut pieces) = latest.reader else { return Ok(None) };
    let seq = pieces.seq();
    let mut last = Vec::new();
    while let Some(piece) = pieces.piece()? {
        last = piece;
    }
    let hash = last
        .try_into()
        .map_err(|_| Fault::damaged("the snapshots", None, "a snapshot without its state hash"))?;
    Ok(Some((seq, Hash(hash))))
}

/// How many of these are not in the store, in whatever state it is.
pub fn missing(store: &Path, acknowledgements: &[Acknowledgement]) -> usize {
    let mut books = Books::new();
    // What cannot be read or does not verify is as good as lost; what was read before it counts.
    if let Err(why) = books.follow(store) {
        println!("{}: {why}", store.display());
    }
    acknowledgements.iter().filter(|acknowledged| !books.has(acknowledged)).count()
}
