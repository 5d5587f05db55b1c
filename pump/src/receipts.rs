//! Receipts of long ago: looked up in the journal by a thread of their own, so that nobody can
//! hold up the committer by repeating old messages.

use std::collections::VecDeque;
use std::sync::Arc;

use crossbeam_channel::Receiver;
use journal::fact::Entry;
use journal::tree::leaf_hash;
use store::{Frame, JournalReader};
use terms::Seq;

use crate::committer::{seq_of, verdict};
use crate::fault::Fault;
use crate::gather::patiently;
use crate::inbox::Shared;
use crate::limits::LOOKUP_FRAMES;
use crate::reply::{Part, Pending};
use crate::verdict::{Receipt, code_of};

/// A part of a request of which some receipts are only in the journal.
pub(crate) struct Lookup {
    pub part: Part,
    /// The verdicts, with the receipts that are known.
    pub pending: Vec<(Pending, Option<Receipt>)>,
}

pub(crate) struct Receipts {
    pub shared: Arc<Shared>,
    pub journal: Box<dyn JournalReader>,
    pub lookups: Receiver<Lookup>,
    pub frames: VecDeque<Frame>,
}

impl Receipts {
    /// Answers until the committer ends.
    pub(crate) fn run(mut self) -> Result<(), Fault> {
        while let Ok(Lookup { part, pending }) = self.lookups.recv() {
            if self.shared.has_ended() {
                return Ok(());
            }
            let mut verdicts = Vec::with_capacity(pending.len());
            for (pending, known) in &pending {
                let found = match (known, seq_of(pending)) {
                    (None, Some(seq)) => Some(self.receipt(seq)?),
                    (known, _) => *known,
                };
                verdicts.push(verdict(pending, |_| found));
            }
            part.waiting.answer(part.first, verdicts.into_iter());
        }
        Ok(())
    }

    fn receipt(&mut self, seq: Seq) -> Result<Receipt, Fault> {
        let lost = || Fault::Index { what: format!("entry {seq} is not in the journal") };
        let holds = |frame: &Frame| frame.first_seq <= seq.0 && seq.0 < frame.head().next_seq;
        if !self.frames.iter().any(holds) {
            let frame = patiently(|| self.journal.frame_of(seq.0));
            let frame = frame.map_err(Fault::store("a receipt was looked up"))?;
            self.frames.truncate(LOOKUP_FRAMES - 1);
            self.frames.push_front(frame.ok_or_else(lost)?);
        }
        let frame = self.frames.iter().find(|frame| holds(frame)).ok_or_else(lost)?;
        let found = frame.facts().flatten().find(|(at, _)| *at == seq.0);
        let (_, bytes) = found.ok_or_else(lost)?;
        let entry = Entry::from_bytes(bytes);
        let entry = entry.map_err(|source| Fault::Entry { seq: seq.0, source })?;
        Ok(Receipt {
            seq,
            leaf: leaf_hash(bytes),
            at: entry.at,
            rulebook: entry.rulebook,
            code: code_of(&entry.fact),
        })
    }
}
