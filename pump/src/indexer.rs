//! The index on disk of what leaves memory: collected by the follower, written by a thread of its
//! own, whenever the journal passes a multiple of the length of a run.

use std::sync::Arc;

use crossbeam_channel::Receiver;
use desk::life::{self, organiser_of};
use journal::fact::{Cause, Entry, Fact};
use store::{ColdBatch, ColdStore};
use terms::{BetId, Instant, Organiser, Reason};

use crate::fault::Fault;
use crate::inbox::Shared;
use crate::limits::FORGET_EVERY_NS;

/// Rows of the index that are still to be written.
#[derive(Debug)]
pub(crate) struct Collector {
    batch: ColdBatch,
    run_entries: u64,
}

impl Collector {
    /// Nothing collected from `from` on.
    pub(crate) fn new(from: u64, run_entries: u64) -> Collector {
        let batch = ColdBatch { from, to: from, ..ColdBatch::default() };
        Collector { batch, run_entries }
    }

    /// Adds the rows of an entry; what is indexed already is passed over.
    pub(crate) fn add(&mut self, entry: &Entry) {
        let seq = entry.seq.0;
        if seq < self.batch.to {
            return;
        }
        self.batch.to = seq + 1;
        if let Some(cause) = id_of(&entry.fact) {
            self.batch.ids.push((cause.sender.number(), cause.id.0, seq));
        }
        if let Some((organiser, bet)) = bet_of(&entry.fact) {
            self.batch.bets.push((organiser.0, bet.0, seq));
        }
        if let Fact::EventKept(fact) = &entry.fact {
            let keys = [life::event_key(fact.row.event), life::own_key(&fact.row)];
            self.batch.events.extend(keys.map(|(owner, key)| (owner, key, seq)));
        }
    }

    /// At the end of a frame: the run, if a multiple has been passed.
    pub(crate) fn run(&mut self) -> Option<ColdBatch> {
        let ColdBatch { from, to, .. } = self.batch;
        if from / self.run_entries < to / self.run_entries { self.rest() } else { None }
    }

    /// Whatever there is.
    pub(crate) fn rest(&mut self) -> Option<ColdBatch> {
        let to = self.batch.to;
        if self.batch.from == to {
            return None;
        }
        let next = ColdBatch { from: to, to, ..ColdBatch::default() };
        Some(std::mem::replace(&mut self.batch, next))
    }
}

/// The message that an entry answers. That an id was used twice is no answer to it.
pub(crate) fn id_of(fact: &Fact) -> Option<&Cause> {
    match fact {
        Fact::Refused(refused) if refused.reason == Reason::IdReused => None,
        fact => fact.cause(),
    }
}

/// The bet of which an entry is a record, other than its first: a bet leaves only when it is
/// settled.
fn bet_of(fact: &Fact) -> Option<(Organiser, BetId)> {
    let own = |cause: &Cause, bet| organiser_of(cause.sender).map(|organiser| (organiser, bet));
    match fact {
        Fact::BetSettled(fact) => own(&fact.cause, fact.bet),
        Fact::PayoutPosted(fact) => Some((fact.organiser, fact.bet)),
        Fact::PayoutReported(fact) => own(&fact.cause, fact.bet),
        Fact::ClaimSettled(fact) => own(&fact.cause, fact.bet),
        _ => None,
    }
}

/// Writes runs.
pub(crate) struct Indexer {
    pub shared: Arc<Shared>,
    pub cold: Box<dyn ColdStore>,
    /// Each run, with the time before which ids may be forgotten.
    pub runs: Receiver<(ColdBatch, Instant)>,
    pub forgot: Instant,
}

impl Indexer {
    /// Writes until the follower ends.
    pub(crate) fn run(mut self) -> Result<(), Fault> {
        while let Ok((batch, before)) = self.runs.recv() {
            let to = batch.to;
            self.cold.write(&batch).map_err(Fault::store("a run of the index was written"))?;
            self.shared.set_indexed(to);
            // Where commands bring their instants, what an old id is told must not depend on when
            // the index was tidied.
            if !self.shared.is_brought() && FORGET_EVERY_NS <= before.since(self.forgot) {
                let forgotten = self.cold.forget(before.ms());
                forgotten.map_err(Fault::store("old ids were forgotten"))?;
                self.forgot = before;
            }
        }
        Ok(())
    }
}
