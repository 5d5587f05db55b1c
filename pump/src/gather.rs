//! What a decision needs from outside the hot state (core 16): fetched in line, on the deciding
//! thread.
//!
//! There is no race, because there is no second thread to race with. A message is decided, asks,
//! and is decided again with what was found before any other message is looked at; its facts are
//! applied at once, so that a bet that was fetched is in the hot state when the next message for
//! it comes, even in the same frame. What is fetched can be nowhere but on disk: a bet leaves the
//! hot state, and an id the recent ones, only when the index is durable past its last record, and
//! a position below the index's cursor is in a durable frame. So neither the frame that is being
//! filled nor the one in flight is ever asked.
//!
//! Cost: one look-up in the index, and for each record of a bet, or for an event, one frame of the
//! journal.

use std::sync::Arc;
use std::time::Instant as Moment;

use desk::{Gathered, Need, life};
use journal::fact::{Entry, Fact};
use journal::kinds::EventRow;
use store::{ColdKey, ColdReader, JournalReader};
use terms::{BetId, Digest, MessageId, Organiser, Sender, Seq};

use crate::fault::Fault;
use crate::limits::{READ_PATIENCE, READ_PAUSE, RECORDS_PER_BET_MAX};

pub(crate) struct Gatherer {
    pub journal: Box<dyn JournalReader>,
    pub cold: Option<Arc<dyn ColdReader>>,
}

impl Gatherer {
    /// Fetches what is needed.
    pub(crate) fn gather(&mut self, need: Need, gathered: &mut Gathered) -> Result<(), Fault> {
        match need {
            Need::Id(sender, id) => gathered.id = Some(self.id(sender, id)?),
            Need::Bet(organiser, bet) => {
                let Some(records) = self.records(organiser, bet)? else {
                    gathered.bet = Some(None);
                    return Ok(());
                };
                let found = life::from_records(&records)
                    .filter(|found| (found.organiser, found.id) == (organiser, bet))
                    .ok_or_else(|| {
                        wrong(format!("its entries are not the records of bet {bet}"))
                    })?;
                gathered.bet = Some(Some(Box::new(found)));
            }
            Need::Event(event) => {
                let row = self.kept(life::event_key(event))?.filter(|row| row.event == event);
                let row = row.ok_or_else(|| {
                    wrong(format!("event {event} has left, and no entry keeps it"))
                })?;
                gathered.events.push(row);
            }
            Need::EventNamed(organiser, own) => {
                let found = self.kept((organiser.0, own.0))?;
                if found.as_ref().is_some_and(|row| (row.organiser, row.own) != (organiser, own)) {
                    return Err(wrong(format!("an event of {organiser} has another own id")));
                }
                gathered.named = Some(found.map(|row| row.event));
            }
        }
        Ok(())
    }

    fn id(&mut self, sender: Sender, id: MessageId) -> Result<Option<(Seq, Digest)>, Fault> {
        let Some(cold) = &self.cold else { return Ok(None) };
        let found = cold.find_ids(&[(sender.number(), id.0)]);
        let found = found.map_err(Fault::store("an id was looked up"))?;
        let Some(seq) = found.first().copied().flatten() else { return Ok(None) };
        let entry = self.entry(seq)?;
        match entry.fact.cause() {
            Some(cause) if (cause.sender, cause.id) == (sender, id) => {
                Ok(Some((entry.seq, cause.digest)))
            }
            _ => Err(wrong(format!("entry {seq} was not caused by message {id} of {sender}"))),
        }
    }

    /// The records of which a bet is put together, oldest first: back to its first, or to one that
    /// holds the whole of what was before. None if it is not there, or if it was changed so often
    /// since it came back that it cannot be changed any more: nobody shall hold up the rest by it.
    fn records(&mut self, organiser: Organiser, bet: BetId) -> Result<Option<Vec<Entry>>, Fault> {
        let Some(cold) = &self.cold else { return Ok(None) };
        let found = cold.find_bets(&[(organiser.0, bet.0)]);
        let found = found.map_err(Fault::store("a bet was looked up"))?;
        let Some(last) = found.first().copied().flatten() else { return Ok(None) };
        let mut records = vec![self.entry(last)?];
        while let Some(entry) = records.last()
            && life::whole_before(entry).is_none()
            && let Some(seq) = life::previous(entry)
        {
            if RECORDS_PER_BET_MAX <= records.len() {
                return Ok(None);
            }
            records.push(self.entry(seq.0)?);
        }
        records.reverse();
        Ok(Some(records))
    }

    /// The event as it was kept last under this key.
    fn kept(&mut self, key: ColdKey) -> Result<Option<EventRow>, Fault> {
        let Some(cold) = &self.cold else { return Ok(None) };
        let found = cold.find_events(&[key]);
        let found = found.map_err(Fault::store("an event was looked up"))?;
        let Some(seq) = found.first().copied().flatten() else { return Ok(None) };
        match self.entry(seq)?.fact {
            Fact::EventKept(fact) => Ok(Some(*fact.row)),
            _ => Err(wrong(format!("entry {seq} does not keep an event"))),
        }
    }

    fn entry(&mut self, seq: u64) -> Result<Entry, Fault> {
        let bytes = patiently(|| self.journal.fact(seq));
        let bytes = bytes.map_err(Fault::store("an entry was read"))?;
        let bytes =
            bytes.ok_or_else(|| wrong(format!("it names entry {seq}, which is not there")))?;
        Entry::from_bytes(&bytes).map_err(|source| Fault::Entry { seq, source })
    }
}

/// Reads, and once more for a while where the store does not answer: a server that starts anew is
/// waited for by whoever appends, too. What is damaged stays so, and is told at once.
pub(crate) fn patiently<T>(
    mut read: impl FnMut() -> Result<T, store::Fault>,
) -> Result<T, store::Fault> {
    let until = Moment::now() + READ_PATIENCE;
    loop {
        match read() {
            Err(store::Fault::Failed { .. }) if Moment::now() < until => {
                std::thread::sleep(READ_PAUSE);
            }
            done => return done,
        }
    }
}

fn wrong(what: String) -> Fault {
    Fault::Index { what }
}
