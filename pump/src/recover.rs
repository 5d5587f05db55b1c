//! Recovery: the state from the newest snapshot and the frames behind it.
//!
//! Frames are read, opened and followed on one thread and applied on another. Everything that the
//! journal says is checked on the way: the chain of frames, the tree, and every balance that a
//! fact states. The index on disk is made whole on the way too, as far as whole runs go; the ids
//! behind it are held in memory.

use desk::State;
use desk::ids::Recent;
use journal::fact::Entry;
use journal::frame::{Frame, Head, follow};
use journal::tree::Frontier;
use store::{ColdStore, JournalReader, JournalStore, SnapshotStore};
use terms::{Reason, Sender, Seq};

use crate::fault::{Fault, StartError};
use crate::indexer::{Collector, id_of};
use crate::limits::{Options, REPLAY_FRAMES};
use crate::snapshots::{self, Loaded};

/// What the pump starts from.
pub(crate) struct Recovered {
    pub replay: Replay,
    pub head: Head,
    pub frontier: Frontier,
    /// The position of the newest snapshot; 0 without one.
    pub snapshot: u64,
    /// What is to be told to an operator.
    pub remarks: Vec<String>,
}

/// Recovers. `key` keys the hash tables of the state and influences no result.
pub(crate) fn recover(
    journal: &mut dyn JournalStore,
    snapshots: Option<&mut (dyn SnapshotStore + 'static)>,
    cold: Option<Box<dyn ColdStore>>,
    key: u64,
    options: &Options,
) -> Result<Recovered, StartError> {
    let end = journal.head().map_err(StartError::store("the head was read"))?;
    let mut reader = journal.reader().map_err(StartError::store("the journal was opened"))?;
    let mut remarks = Vec::new();
    let loaded = match snapshots {
        Some(snapshots) => load(snapshots, &mut *reader, &end, key, &mut remarks)?,
        None => None,
    };
    let snapshot = loaded.as_ref().map_or(0, |loaded| loaded.head.next_seq);
    let Loaded { state, mut head, mut frontier } = loaded.unwrap_or_else(|| Loaded {
        state: State::follower(key),
        head: Head::empty(),
        frontier: Frontier::new(),
    });
    let cursor = cold.as_ref().map_or(0, |cold| cold.cursor());
    if end.next_seq < cursor {
        let what = "the index on disk";
        return Err(StartError::Short { entries: end.next_seq, what, beyond: cursor });
    }
    let mut ids = Recent::new(key, options.ids_per_generation);
    if let Some(cold) = &cold {
        let known = |(number, ms)| Some((Sender::from_number(number)?, ms));
        ids.set_horizon(cold.horizon().into_iter().filter_map(known));
    }
    let collector = Collector::new(cursor, options.run_entries);
    let mut replay = Replay { state, ids: Some(ids), cursor, collector, cold };
    replay.catch_up(&mut *reader, snapshot)?;
    replay.follow_all(&mut *reader, &mut head, &mut frontier)?;
    replay.attach_ids();
    Ok(Recovered { replay, head, frontier, snapshot, remarks })
}

/// The newest snapshot that can be used. One that does not fit this journal is no reason to go on
/// without it: the journal has lost its end, or the snapshot is of another journal.
fn load(
    snapshots: &mut dyn SnapshotStore,
    reader: &mut dyn JournalReader,
    end: &Head,
    key: u64,
    remarks: &mut Vec<String>,
) -> Result<Option<Loaded>, StartError> {
    let latest = snapshots.latest().map_err(StartError::store("a snapshot was looked for"))?;
    remarks.extend(latest.damaged.iter().map(|fault| fault.chain()));
    let Some(pieces) = latest.reader else { return Ok(None) };
    let seq = pieces.seq();
    let loaded = match snapshots::read(pieces, key) {
        Ok(loaded) => loaded,
        Err(why) => {
            let text =
                format!("the snapshot of entry {seq} cannot be used, all is replayed: {why}");
            remarks.push(text);
            return Ok(None);
        }
    };
    let head = loaded.head;
    if end.frame < head.frame {
        let what = "a snapshot";
        return Err(StartError::Short { entries: end.next_seq, what, beyond: head.next_seq });
    }
    let frame = reader.frames(head.frame.saturating_sub(1), 1);
    let frame = frame.map_err(StartError::store("the frame of the snapshot was read"))?;
    if frame.first().is_none_or(|frame| frame.head() != head) {
        return Err(StartError::Stranger { seq });
    }
    Ok(Some(loaded))
}

/// The deciding state and the index on disk as they follow a journal that is read.
pub(crate) struct Replay {
    pub state: State,
    /// The recent ids, until the replay reaches what the index on disk does not hold: from there
    /// on the state keeps them.
    ids: Option<Recent>,
    /// Up to where the index on disk holds the journal (exclusive).
    cursor: u64,
    pub collector: Collector,
    pub cold: Option<Box<dyn ColdStore>>,
}

impl Replay {
    /// Ids and rows of the entries that the snapshot holds and the index does not.
    fn catch_up(&mut self, reader: &mut dyn JournalReader, until: u64) -> Result<(), StartError> {
        if until <= self.cursor {
            return Ok(());
        }
        self.attach_ids();
        let doing = "entries behind the index were read";
        let first = reader.frame_of(self.cursor).map_err(StartError::store(doing))?;
        let mut after = first.map_or(0, |frame| frame.number - 1);
        loop {
            let frames = reader.frames(after, REPLAY_FRAMES);
            let frames = frames.map_err(StartError::store(doing))?;
            for frame in &frames {
                if until <= frame.first_seq {
                    return Ok(());
                }
                after = frame.number;
                for entry in entries(frame) {
                    let entry = entry?;
                    if self.cursor <= entry.seq.0 && entry.seq.0 < until {
                        remember(&mut self.state.ids, &entry);
                        self.collect(&entry);
                    }
                }
                self.end_of_frame()?;
            }
            if frames.is_empty() {
                return Ok(());
            }
        }
    }

    /// Reads and follows the frames behind `head`, and applies their entries beside that.
    fn follow_all(
        &mut self,
        reader: &mut dyn JournalReader,
        head: &mut Head,
        frontier: &mut Frontier,
    ) -> Result<(), StartError> {
        // Two batches: one is applied while the next is read.
        let (sender, batches) = crossbeam_channel::bounded::<Vec<Frame>>(1);
        std::thread::scope(|scope| {
            let applied = scope.spawn(move || {
                batches.iter().try_for_each(|frames| {
                    frames.iter().try_for_each(|frame| self.apply_frame(frame))
                })
            });
            let read = loop {
                let frames = match reader.frames(head.frame, REPLAY_FRAMES) {
                    Ok(frames) => frames,
                    Err(fault) => break Err(StartError::store("the journal was read")(fault)),
                };
                if frames.is_empty() {
                    break Ok(());
                }
                let followed = frames.iter().try_for_each(|frame| {
                    *head = follow(head, frontier, frame)?;
                    Ok(())
                });
                if let Err(error) = followed {
                    break Err(StartError::Frame(error));
                }
                if sender.send(frames).is_err() {
                    break Ok(());
                }
            };
            drop(sender);
            let applied = applied.join().unwrap_or_else(|_| {
                let what = "while the journal was replayed".into();
                Err(Fault::Panicked { thread: "recovery", what })
            });
            // What was applied comes before what could not be read.
            applied?;
            read
        })
    }

    fn apply_frame(&mut self, frame: &Frame) -> Result<(), Fault> {
        for entry in entries(frame) {
            let entry = entry?;
            if self.cursor <= entry.seq.0 {
                self.attach_ids();
            }
            self.apply(&entry)?;
        }
        self.end_of_frame()
    }

    /// Applies the next entry.
    pub(crate) fn apply(&mut self, entry: &Entry) -> Result<(), Fault> {
        let done = self.state.apply(entry.seq, entry.at, entry.rulebook, &entry.fact);
        done.map_err(|source| Fault::Apply { seq: entry.seq.0, source })?;
        self.collect(entry);
        Ok(())
    }

    fn attach_ids(&mut self) {
        if let Some(ids) = self.ids.take() {
            self.state.ids = ids;
        }
    }

    fn collect(&mut self, entry: &Entry) {
        if self.cold.is_some() {
            self.collector.add(entry);
        }
    }

    /// Writes the index on disk, if a run is full.
    pub(crate) fn end_of_frame(&mut self) -> Result<(), Fault> {
        if let Some(cold) = &mut self.cold
            && let Some(run) = self.collector.run()
        {
            cold.write(&run).map_err(Fault::store("the index was made whole"))?;
            self.cursor = run.to;
        }
        if self.state.ids.keeps() {
            // Without room the table grows; the decider will wait until there is.
            let _ = self.state.ids.make_room(Seq(self.cursor));
        }
        Ok(())
    }
}

/// The entries of a frame that was read.
pub(crate) fn entries(frame: &Frame) -> impl Iterator<Item = Result<Entry, Fault>> {
    frame.facts().map(|fact| {
        let (seq, bytes) = fact.map_err(|error| Fault::Store {
            doing: "a frame was read",
            source: store::Fault::damaged("the journal", frame.number, error.to_string()),
        })?;
        let entry = Entry::from_bytes(bytes).map_err(|source| Fault::Entry { seq, source })?;
        Ok(entry)
    })
}

/// What [`State::apply`] remembers of an entry's id, without applying it.
fn remember(ids: &mut Recent, entry: &Entry) {
    match id_of(&entry.fact) {
        Some(cause) => ids.insert(cause.sender, cause.id, entry.seq, cause.digest),
        None => {
            if let Some(cause) = entry.fact.cause() {
                debug_assert!(matches!(
                    &entry.fact,
                    journal::fact::Fact::Refused(refused) if refused.reason == Reason::IdReused
                ));
                ids.insert_conflict(cause.sender, cause.id, cause.digest);
            }
        }
    }
}
