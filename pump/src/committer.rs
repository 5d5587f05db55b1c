//! The committer: seals a frame, makes it durable, and only then lets anyone hear of it.
//!
//! Outcomes of an append (core 11): appended → the waiters hear their verdicts. Not written or
//! unknown → nothing more is decided, the head is read again and compared by number and hash:
//! ours → as if appended; the expected one → the same bytes once more; anything else, a moved head
//! or a failed sync → the pump ends and nobody hears a verdict. Housekeeping of the store comes
//! after the answers and before the next frame (core 23).

use std::collections::VecDeque;
use std::sync::Arc;

use crossbeam_channel::{Receiver, Sender as Channel};
use journal::frame::{FactBuffer, Frame, Head, Sealer};
use store::{Appended, JournalStore};
use terms::Seq;

use crate::backlog::Backlog;
use crate::draft::{Draft, Durable, Spares};
use crate::fault::Fault;
use crate::inbox::Shared;
use crate::limits::RECENT_FACTS;
use crate::receipts::Lookup;
use crate::reply::{Part, Pending};
use crate::verdict::{Outcome, Receipt, Verdict, outcome_of};

pub(crate) struct Committer {
    pub shared: Arc<Shared>,
    pub journal: Box<dyn JournalStore>,
    pub sealer: Sealer,
    pub term: u64,
    pub drafts: Receiver<Draft>,
    pub backlog: Arc<Backlog>,
    pub lookups: Channel<Lookup>,
    pub spares: Spares,
    pub recent: Recent,
}

impl Committer {
    /// Commits until the decider ends. Gives back where the journal ends.
    pub(crate) fn run(mut self) -> Result<Head, Fault> {
        let mut buffer = FactBuffer::new();
        while let Ok(draft) = self.drafts.recv() {
            let Draft { entries, pending, parts, .. } = draft;
            let durable = match entries.last() {
                None => None,
                Some(last) => {
                    buffer.clear();
                    for entry in &entries {
                        buffer.push_with(|out| entry.put(out));
                    }
                    let expected = self.sealer.head();
                    let frame = self.sealer.seal(self.term, last.at, &buffer);
                    append(&mut *self.journal, &expected, &frame, &self.shared)
                        .inspect_err(|fault| self.shared.fate.announce(fault))?;
                    let (head, frontier) = (frame.head(), self.sealer.frontier().clone());
                    let leaves = frame.leaves;
                    let entries = self.spares.lend(entries);
                    Some(Arc::new(Durable { head, frontier, entries, leaves }))
                }
            };
            let answered = self.release(durable.as_ref(), &pending, parts);
            if let Some(durable) = durable {
                self.recent.push(durable.clone());
                self.backlog.push(durable);
                self.journal
                    .upkeep()
                    .map_err(Fault::store("the store kept house"))
                    .inspect_err(|fault| self.shared.fate.announce(fault))?;
            }
            self.shared.landed(answered);
        }
        Ok(self.sealer.head())
    }

    /// Lets the waiters of a durable frame hear their verdicts. Those who repeat what was decided
    /// long ago hear theirs from the look-up of receipts.
    fn release(
        &self,
        durable: Option<&Arc<Durable>>,
        pending: &[Pending],
        parts: Vec<Part>,
    ) -> usize {
        let mut rest = pending;
        let mut answered = 0;
        for part in parts {
            let (own, others) = rest.split_at(part.count.min(rest.len()));
            rest = others;
            let find = |seq| {
                let this = durable.and_then(|durable| durable.receipt(seq));
                this.or_else(|| self.recent.receipt(seq))
            };
            if own.iter().all(|pending| seq_of(pending).is_none_or(|seq| find(seq).is_some())) {
                let verdicts = own.iter().map(|pending| verdict(pending, find));
                answered += usize::from(part.waiting.answer(part.first, verdicts));
            } else {
                let known = own.iter().map(|pending| (*pending, seq_of(pending).and_then(find)));
                let lookup = Lookup { part, pending: known.collect() };
                // An error means that the thread has ended: then the pump ends, and the waiter
                // hears that.
                let _ = self.lookups.send(lookup);
            }
        }
        answered
    }
}

/// The fact of which a verdict needs the receipt.
pub(crate) fn seq_of(pending: &Pending) -> Option<Seq> {
    match pending {
        Pending::Now(_, seq) => *seq,
        Pending::Then(seq) => Some(*seq),
    }
}

/// The verdict, with what is known of its receipt.
pub(crate) fn verdict(pending: &Pending, find: impl Fn(Seq) -> Option<Receipt>) -> Verdict {
    match pending {
        Pending::Now(outcome, seq) => {
            Verdict { outcome: *outcome, receipt: seq.and_then(find), repeat: false }
        }
        Pending::Then(seq) => {
            let receipt = find(*seq);
            let outcome = receipt.map_or(Outcome::Done, |receipt| outcome_of(receipt.code));
            Verdict { outcome, receipt, repeat: true }
        }
    }
}

/// Makes a frame durable, or says why the pump must end.
pub(crate) fn append(
    journal: &mut dyn JournalStore,
    expected: &Head,
    frame: &Frame,
    shared: &Shared,
) -> Result<(), Fault> {
    let mut again = true;
    loop {
        let moved = |found: Head| Fault::HeadMoved {
            expected: Box::new(*expected),
            found: Box::new(found),
        };
        let fault = match journal.append(expected, frame) {
            Appended::Appended(head) if head == frame.head() => {
                if !again {
                    shared.set_halted(false);
                }
                return Ok(());
            }
            Appended::Appended(head) | Appended::HeadMoved(head) => return Err(moved(head)),
            Appended::NotWritten(fault) | Appended::Unknown(fault) => fault,
        };
        shared.set_halted(true);
        let doing = "a frame was appended";
        if fault.is_failed_sync() {
            return Err(Fault::store(doing)(fault));
        }
        let found = journal.head().map_err(Fault::store("the head was read after a failure"))?;
        if found == frame.head() {
            shared.set_halted(false);
            return Ok(());
        }
        if (found.frame, found.hash) != (expected.frame, expected.hash) {
            return Err(moved(found));
        }
        if !again {
            return Err(Fault::store(doing)(fault));
        }
        again = false;
    }
}

/// The last frames, for repeats that come within seconds.
#[derive(Debug, Default)]
pub(crate) struct Recent {
    frames: VecDeque<Arc<Durable>>,
    facts: usize,
}

impl Recent {
    fn push(&mut self, frame: Arc<Durable>) {
        self.facts += frame.entries.len();
        self.frames.push_back(frame);
        while RECENT_FACTS < self.facts
            && let Some(first) = self.frames.pop_front()
        {
            self.facts -= first.entries.len();
        }
    }

    fn receipt(&self, seq: Seq) -> Option<Receipt> {
        let after = self.frames.partition_point(|frame| frame.head.next_seq <= seq.0);
        self.frames.get(after)?.receipt(seq)
    }
}
