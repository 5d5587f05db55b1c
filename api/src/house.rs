//! What the routes share: the pump, the read copy, the journal behind both, and who is calling.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use axum::http::HeaderValue;
use desk::Message;
use journal::fact::Entry;
use parking_lot::Mutex;
use phrases::Phrases;
use pump::{Class, Clock, PumpError, ReadCopy, Reply, Verdict};
use store::{Fault, ViewReader};
use terms::id::uuid_v7;
use terms::{Instant, MessageId, Seq};
use tokio::sync::{Semaphore, SemaphorePermit, oneshot};

use crate::budget::Budgets;
use crate::callers::Callers;
use crate::daily::DailyFiles;
use crate::feed::Feeds;
use crate::limits::{BODIES_MIB_MAX, Limits, PATIENCE};
use crate::lookup::Lookup;
use crate::metrics::Metrics;
use crate::persons::Persons;
use crate::seat::{Place, Seat};
use crate::trace::{self, Tracer};

/// Proves an entry: the text of a proof file, or why there is none. Given by the shell, which
/// holds the key of checkpoints.
pub type Prover = Box<dyn Fn(u64) -> Result<String, String> + Send + Sync>;

/// How the system is, as one JSON object, and whether it is well. Given by the shell.
pub type Health = Box<dyn Fn() -> (bool, serde_json::Value) + Send + Sync>;

/// What the routes share.
pub struct House {
    /// Who decides, and puts messages to the pump.
    pub seat: Arc<Seat>,
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
    /// People, as organisers meet them.
    pub persons: Arc<dyn Persons>,
    /// What each organiser is told.
    pub feeds: Feeds,
    /// The limits that were chosen.
    pub limits: Limits,
    /// What each organiser has asked for in this second.
    pub budgets: Budgets,
    /// Room for batches.
    pub batches: Semaphore,
    /// Room for bodies.
    pub room: Room,
    /// One past the last position that anybody was told of.
    pub told: Arc<AtomicU64>,
    /// How many requests there were.
    pub requests: AtomicU64,
    /// The daily files.
    pub daily: DailyFiles,
    /// What is counted.
    pub metrics: Metrics,
    /// What traces requests, where traces are wanted.
    pub tracer: Option<Tracer>,
    /// The time of day.
    pub clock: Arc<dyn Clock>,
}

/// Why there are no verdicts.
#[derive(Debug)]
pub enum Unasked {
    /// Another node decides, or nobody that is known.
    Elsewhere(Option<Place>),
    /// The pump did not take the messages in, or ended.
    Pump(PumpError),
}

/// A house that many share.
pub type Shared = Arc<House>;

impl House {
    /// A new id for a request, which nobody else has: in answers, in problems, and in the log.
    pub fn request_id(&self) -> HeaderValue {
        let mut part = [0; 10];
        part[2..].copy_from_slice(&self.requests.fetch_add(1, Ordering::Relaxed).to_be_bytes());
        let id = MessageId(uuid_v7(self.clock.wall().ms(), part)).to_string();
        // Cannot fail: a UUID is digits, letters and hyphens.
        HeaderValue::from_str(&id).expect("a UUID is a header value")
    }

    /// Puts messages of one sender and waits for their verdicts.
    pub async fn ask(&self, class: Class, messages: Vec<Message>) -> Result<Vec<Verdict>, Unasked> {
        let handle = self.seat.handle().map_err(Unasked::Elsewhere)?;
        let put = trace::is_on().then(|| self.clock.wall());
        let (sender, receiver) = oneshot::channel();
        let told = self.told.clone();
        let reply = Reply::new(move |verdicts| {
            let receipts = verdicts.iter().flatten().filter_map(|verdict| verdict.receipt);
            let next = receipts.map(|receipt| receipt.seq.0 + 1).max();
            told.fetch_max(next.unwrap_or(0), Ordering::AcqRel);
            // An error means that the caller has hung up; what was decided stays decided.
            let _ = sender.send(verdicts);
        });
        handle.submit(class, messages, reply).map_err(Unasked::Pump)?;
        let heard = receiver.await;
        if let (Some(put), Ok(Ok(verdicts))) = (put, &heard) {
            trace::note_pump(put, self.clock.wall(), verdicts);
        }
        match heard {
            Ok(verdicts) => verdicts.map_err(Unasked::Pump),
            Err(_) => Err(Unasked::Pump(PumpError::Stopped("the reply was dropped".into()))),
        }
    }

    /// Waits until everything that anybody was told of can be read here, so that whoever has an
    /// answer finds what it is about. Returns whether it can, in time.
    pub fn caught_up(&self) -> bool {
        let told = self.told.load(Ordering::Acquire);
        let there = || told <= self.copy.head().next_seq;
        let noted = || self.copy.head().next_seq <= self.lookup.next();
        (there() && noted())
            || tokio::task::block_in_place(|| {
                (there() || self.copy.wait_for(Seq(told - 1), PATIENCE))
                    && self.lookup.wait_for(self.copy.head().next_seq, PATIENCE)
            })
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

/// Room for the bodies that are held at a time, in KiB.
#[derive(Debug)]
pub struct Room(Semaphore);

impl Default for Room {
    fn default() -> Room {
        Room(Semaphore::new(BODIES_MIB_MAX << 10))
    }
}

impl Room {
    /// Takes room for so many bytes, until what is given is dropped; none if there is none.
    pub fn take(&self, bytes: usize) -> Option<SemaphorePermit<'_>> {
        let kib = u32::try_from(bytes.div_ceil(1 << 10)).ok()?;
        self.0.try_acquire_many(kib).ok()
    }
}
