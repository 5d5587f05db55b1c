//! A node that follows the journal of another and can take it over.
//!
//! It recovers as a pump does, then applies whatever frames the other appends, to a deciding state
//! that decides nothing yet and to the read copy. It writes nothing but its own index on disk.
//! Taking over costs one empty frame of a new term at the end of the journal: behind it no writer
//! of an earlier term can append, so that two who both believe to be the one do no harm. Whoever
//! comes second finds the head moved and ends, and nobody has heard an answer from him since.

use std::sync::Arc;

use desk::ids::Recent;
use journal::fact::Entry;
use journal::frame::{Frame, Head, follow};
use journal::tree::Frontier;
use store::{JournalReader, JournalStore, SnapshotStore};

use crate::clock::Time;
use crate::copy::ReadCopy;
use crate::draft::{Durable, Spares};
use crate::entropy::Entropy;
use crate::fault::{Fault, StartError};
use crate::feed::{Feeds, Subscription};
use crate::limits::{CLAIMS_MAX, Options, REPLAY_FRAMES};
use crate::recover::{Recovered, Replay, entries, recover};
use crate::start::{self, Claim, Pump};

/// A node that follows.
pub struct Standby {
    pub(crate) journal: Box<dyn JournalStore>,
    reader: Box<dyn JournalReader>,
    pub(crate) snapshots: Option<Box<dyn SnapshotStore>>,
    pub(crate) replay: Replay,
    pub(crate) head: Head,
    pub(crate) frontier: Frontier,
    pub(crate) copy: ReadCopy,
    pub(crate) feeds: Arc<Feeds>,
    /// The position of the newest snapshot at the start.
    pub(crate) snapshot: u64,
    pub(crate) remarks: Vec<String>,
    pub(crate) time: Time,
    pub(crate) entropy: Box<dyn Entropy>,
    pub(crate) options: Options,
    pub(crate) spares: Spares,
}

impl Standby {
    /// Recovers the state, as far as the journal goes now.
    ///
    /// Without snapshots every start replays the journal whole. Without an index on disk all ids
    /// stay in memory and no bet leaves it: for journals that are small. The index is this node's
    /// own; the snapshots may be those of the node that it follows.
    pub fn open(
        mut journal: Box<dyn JournalStore>,
        mut snapshots: Option<Box<dyn SnapshotStore>>,
        cold: Option<Box<dyn store::ColdStore>>,
        time: Time,
        mut entropy: Box<dyn Entropy>,
        options: Options,
    ) -> Result<Standby, StartError> {
        start::check(&options)?;
        let key = u64::from_be_bytes(entropy.draw());
        let recovered = recover(&mut *journal, snapshots.as_deref_mut(), cold, key, &options)?;
        let Recovered { mut replay, head, frontier, snapshot, remarks } = recovered;
        let reader = journal.reader().map_err(StartError::store("the journal was opened"))?;
        // The copy keeps no ids; the deciding state alone does.
        let ids = std::mem::replace(&mut replay.state.ids, Recent::none());
        let copy = ReadCopy::new(replay.state.clone(), head);
        replay.state.ids = ids;
        Ok(Standby {
            journal,
            reader,
            snapshots,
            replay,
            head,
            frontier,
            copy,
            feeds: Arc::default(),
            snapshot,
            remarks,
            time,
            entropy,
            options,
            spares: Spares::new(),
        })
    }

    /// Follows what has been appended since. Tells how many frames; none at the end of the journal.
    /// After an error it stands where it stood, or cannot go on: open another.
    pub fn follow(&mut self) -> Result<usize, StartError> {
        let frames = self.reader.frames(self.head.frame, REPLAY_FRAMES);
        let frames = frames.map_err(StartError::store("the journal was read"))?;
        frames.iter().try_for_each(|frame| self.follow_frame(frame))?;
        Ok(frames.len())
    }

    fn follow_frame(&mut self, frame: &Frame) -> Result<(), StartError> {
        let list = entries(frame).collect::<Result<Vec<Entry>, Fault>>()?;
        let head = follow(&self.head, &mut self.frontier, frame)?;
        list.iter().try_for_each(|entry| self.replay.apply(entry))?;
        self.replay.end_of_frame()?;
        self.head = head;
        if !list.is_empty() {
            let (frontier, leaves) = (self.frontier.clone(), frame.leaves.clone());
            let entries = self.spares.lend(list);
            let durable = Arc::new(Durable { head, frontier, entries, leaves });
            self.copy.follow(&durable)?;
            self.feeds.publish(&durable, &self.copy);
        }
        self.copy.advance(head);
        Ok(())
    }

    /// Where it stands.
    pub fn head(&self) -> Head {
        self.head
    }

    /// The read copy; it goes on as that of the pump.
    pub fn read_copy(&self) -> ReadCopy {
        self.copy.clone()
    }

    /// Every frame from now on, those of the pump too; none if there are too many subscribers.
    pub fn subscribe(&self) -> Option<Subscription> {
        self.feeds.subscribe(&self.copy)
    }

    /// What an operator should know of the start: damaged snapshots that were passed over.
    pub fn remarks(&self) -> &[String] {
        &self.remarks
    }

    /// Claims the journal: follows to its end and appends an empty frame of a new term there
    /// (core 11). Whether it is time to do so is not judged here. None if another kept appending
    /// in between: then nothing has changed.
    pub fn claim(&mut self) -> Result<Option<Claim>, StartError> {
        for _ in 0..CLAIMS_MAX {
            while 0 < self.follow()? {}
            match start::claim(self) {
                Ok(claim) => return Ok(Some(claim)),
                Err(Fault::HeadMoved { .. }) => {}
                Err(fault) => return Err(fault.into()),
            }
        }
        Ok(None)
    }

    /// Decides from the claim on.
    pub fn lead(self, claim: Claim) -> Result<Pump, StartError> {
        Pump::begin(self, claim)
    }
}

impl std::fmt::Debug for Standby {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Standby(frame {})", self.head.frame)
    }
}
