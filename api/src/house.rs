//! What the routes share: the pump, the read copy, the journal behind both, and who is calling.

use std::collections::HashMap;
use std::sync::Arc;

use desk::Message;
use journal::fact::Entry;
use parking_lot::Mutex;
use phrases::Phrases;
use pump::{Class, Clock as _, Handle, PumpError, ReadCopy, Reply, SystemClock, Verdict};
use store::{Fault, ViewReader};
use terms::{Instant, Organiser};
use tokio::sync::{Semaphore, oneshot};

use crate::callers::Callers;
use crate::feed::Feeds;
use crate::lookup::Lookup;
use crate::metrics::Metrics;
use crate::sessions::Sessions;

/// Proves an entry: the text of a proof file, or why there is none. Given by the shell, which
/// holds the key of checkpoints.
pub type Prover = Box<dyn Fn(u64) -> Result<String, String> + Send + Sync>;

/// How the system is, as one JSON object, and whether it is well. Given by the shell.
pub type Health = Box<dyn Fn() -> (bool, serde_json::Value) + Send + Sync>;

/// What the routes share.
pub struct House {
    /// Puts messages to the pump.
    pub handle: Handle,
    /// What all readers see.
    pub copy: ReadCopy,
    /// The sentences.
    pub phrases: Phrases,
    /// Which organiser a certificate speaks for.
    pub callers: Callers,
    /// Where ids and bets are.
    pub lookup: Lookup,
    /// The views, where the store has them.
    pub views: Option<Mutex<Box<dyn ViewReader>>>,
    /// Proves entries, where there is a key.
    pub prover: Option<Prover>,
    /// How the system is.
    pub health: Health,
    /// Bettors' sessions.
    pub sessions: Sessions,
    /// What each organiser is told.
    pub feeds: Feeds,
    /// Negative answers of this second.
    pub negatives: Negatives,
    /// Room for batches.
    pub batches: Semaphore,
    /// What is counted.
    pub metrics: Metrics,
    /// The time of day.
    pub clock: SystemClock,
}

/// A house that many share.
pub type Shared = Arc<House>;

impl House {
    /// Puts messages of one sender and waits for their verdicts.
    pub async fn ask(
        &self,
        class: Class,
        messages: Vec<Message>,
    ) -> Result<Vec<Verdict>, PumpError> {
        let (sender, receiver) = oneshot::channel();
        let reply = Reply::new(move |verdicts| {
            // An error means that the caller has hung up; what was decided stays decided.
            let _ = sender.send(verdicts);
        });
        self.handle.submit(class, messages, reply)?;
        match receiver.await {
            Ok(verdicts) => verdicts,
            Err(_) => Err(PumpError::Stopped("the reply was dropped".into())),
        }
    }

    /// The first position that the follower has not noted.
    pub fn next(&self) -> u64 {
        self.lookup.next().min(self.feeds.next())
    }

    /// Notes an entry.
    pub fn note(&self, entry: &Entry) -> Result<(), Fault> {
        self.lookup.note(entry);
        self.feeds.note(entry, &self.copy).map_err(|error| Fault::failed("write a feed", error))
    }

    /// Nothing has come for a while.
    pub fn idle(&self) -> Result<(), Fault> {
        // What is durable and not noted yet may be earlier than what the clock would let go.
        if self.next() < self.copy.head().next_seq {
            return Ok(());
        }
        let done = self.feeds.idle(self.clock.wall());
        done.map_err(|error| Fault::failed("write a feed", error))
    }

    /// Nothing more comes.
    pub fn close(&self) -> Result<(), Fault> {
        self.feeds.close().map_err(|error| Fault::failed("write a feed", error))
    }

    /// The time of day, but later than an instant.
    pub fn clock_at(&self, last: Instant) -> Instant {
        self.clock.wall().max(last.plus(1))
    }

    /// The time of day, never before the last entry.
    pub fn now(&self) -> Instant {
        self.clock.wall().max(self.copy.head().at)
    }
}

impl std::fmt::Debug for House {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "House({:?})", self.copy)
    }
}

/// Negative answers by organiser in the present second.
#[derive(Debug)]
pub struct Negatives {
    per_second: u32,
    spent: Mutex<HashMap<Organiser, (i64, u32)>>,
}

impl Negatives {
    /// So many a second for each.
    pub fn new(per_second: u32) -> Negatives {
        Negatives { per_second, spent: Mutex::default() }
    }

    /// Notes negative answers.
    pub fn note(&self, organiser: Organiser, at: Instant, count: u32) {
        let mut spent = self.spent.lock();
        let row = spent.entry(organiser).or_default();
        let second = at.0.div_euclid(Instant::SECOND);
        if row.0 != second {
            *row = (second, 0);
        }
        row.1 = row.1.saturating_add(count);
    }

    /// Whether the organiser has drawn all that it may in this second.
    pub fn spent(&self, organiser: Organiser, at: Instant) -> bool {
        let second = at.0.div_euclid(Instant::SECOND);
        let spent = self.spent.lock();
        spent.get(&organiser).is_some_and(|row| row.0 == second && self.per_second <= row.1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn negative_answers_are_counted_by_the_second() {
        // domain 3
        let negatives = Negatives::new(9);
        let (one, other) = (Organiser(0), Organiser(1));
        negatives.note(one, Instant(5), 8);
        assert!(!negatives.spent(one, Instant(6)));
        negatives.note(one, Instant(7), 1);
        assert!(negatives.spent(one, Instant(8)));
        assert!(!negatives.spent(other, Instant(8)));
        assert!(!negatives.spent(one, Instant(Instant::SECOND)));
    }
}
