//! A frame on its way: filled by the decider, made durable by the committer, followed by the rest.

use std::ops::Deref;

use crossbeam_channel::{Receiver, Sender, bounded};
use journal::fact::{Entry, Fact};
use journal::frame::Head;
use journal::tree::Frontier;
use terms::{Hash, Instant, Seq};

use crate::limits::SPARES_MAX;
use crate::reply::{Part, Pending};
use crate::verdict::{Receipt, code_of};
use crate::weight::weight;

/// A frame that is being filled.
#[derive(Debug, Default)]
pub(crate) struct Draft {
    pub entries: Vec<Entry>,
    /// A verdict for each command, in order of the parts.
    pub pending: Vec<Pending>,
    pub parts: Vec<Part>,
    /// Commands of the bulk class.
    pub bulk: usize,
    bytes: usize,
    /// Commands that the pump sent itself.
    own: usize,
}

impl Draft {
    /// The next one: frames in a row are about as large, so that it need not grow.
    pub(crate) fn next(&self, spares: &Spares) -> Draft {
        Draft {
            entries: spares.take(self.entries.len()),
            pending: Vec::with_capacity(self.pending.len()),
            ..Draft::default()
        }
    }

    /// Whether there is nothing to commit or to answer.
    pub(crate) fn is_empty(&self) -> bool {
        self.entries.is_empty() && self.pending.is_empty()
    }

    /// How many commands were decided for it.
    pub(crate) fn commands(&self) -> usize {
        self.pending.len() + self.own
    }

    /// About how many bytes of facts it has.
    pub(crate) fn bytes(&self) -> usize {
        self.bytes
    }

    /// The next verdict of the last part.
    pub(crate) fn answer(&mut self, pending: Pending) {
        self.pending.push(pending);
        if let Some(part) = self.parts.last_mut() {
            part.count += 1;
        }
    }

    /// A command of the pump's own, which nobody waits for.
    pub(crate) fn count_own(&mut self) {
        self.own += 1;
    }

    /// Adds a fact at its place.
    pub(crate) fn push(&mut self, seq: Seq, at: Instant, rulebook: u32, fact: Fact) {
        self.bytes += weight(&fact);
        self.entries.push(Entry { seq, at, rulebook, fact });
    }
}

/// Room for entries that goes round: from the decider with a frame to all who follow it, and back
/// when the last of them lets it go. Fresh memory for each frame cost a fifth of a decision.
#[derive(Clone, Debug)]
pub(crate) struct Spares {
    back: Sender<Vec<Entry>>,
    spare: Receiver<Vec<Entry>>,
}

impl Spares {
    pub(crate) fn new() -> Spares {
        let (back, spare) = bounded(SPARES_MAX);
        Spares { back, spare }
    }

    fn take(&self, count: usize) -> Vec<Entry> {
        self.spare.try_recv().unwrap_or_else(|_| Vec::with_capacity(count))
    }

    /// Entries whose room comes back.
    pub(crate) fn lend(&self, list: Vec<Entry>) -> Entries {
        Entries { list, back: self.back.clone() }
    }
}

/// The entries of a frame.
#[derive(Debug)]
pub struct Entries {
    list: Vec<Entry>,
    back: Sender<Vec<Entry>>,
}

impl Deref for Entries {
    type Target = [Entry];

    fn deref(&self) -> &[Entry] {
        &self.list
    }
}

impl Drop for Entries {
    fn drop(&mut self) {
        self.list.clear();
        // When enough lie there, or nobody decides any more, this one goes.
        let _ = self.back.try_send(std::mem::take(&mut self.list));
    }
}

/// A frame that survives a loss of power.
#[derive(Debug)]
pub struct Durable {
    /// The end of the journal with this frame.
    pub head: Head,
    /// The tree's peaks there.
    pub frontier: Frontier,
    /// Its entries; at least one.
    pub entries: Entries,
    /// Their leaf hashes.
    pub leaves: Vec<Hash>,
}

impl Durable {
    /// The position of its first entry.
    pub fn first_seq(&self) -> u64 {
        self.head.next_seq - self.entries.len() as u64
    }

    /// The receipt of one of its entries.
    pub fn receipt(&self, seq: Seq) -> Option<Receipt> {
        let index = usize::try_from(seq.0.checked_sub(self.first_seq())?).ok()?;
        let entry = self.entries.get(index)?;
        let leaf = *self.leaves.get(index)?;
        Some(Receipt {
            seq,
            leaf,
            at: entry.at,
            rulebook: entry.rulebook,
            code: code_of(&entry.fact),
        })
    }
}
