//! The follower: applies durable frames to the read copy, and feeds what stands behind it.
//!
//! A snapshot is written from the read copy between two frames: meanwhile the copy can be read,
//! frames queue up in the backlog, and only when that is full does the committer wait. Making the
//! snapshot durable is left to another thread.

use std::sync::Arc;
use std::thread::JoinHandle;

use crossbeam_channel::Sender as Channel;
use parking_lot::Mutex;
use store::{ColdBatch, SnapshotStore};
use terms::Instant;

use crate::backlog::Backlog;
use crate::clock::{Clock, Time};
use crate::copy::ReadCopy;
use crate::draft::Durable;
use crate::fault::Fault;
use crate::feed::Feeds;
use crate::inbox::Shared;
use crate::indexer::Collector;
use crate::limits::FORGET_SLACK_NS;
use crate::snapshots;

pub(crate) struct Follower {
    pub backlog: Arc<Backlog>,
    pub copy: ReadCopy,
    pub feeds: Arc<Feeds>,
    pub collector: Collector,
    /// To the indexer, if there is an index.
    pub runs: Option<Channel<(ColdBatch, Instant)>>,
    pub snapshots: Option<Snapshots>,
    /// The last frame that was followed.
    pub last: Option<Arc<Durable>>,
}

impl Follower {
    /// Follows until the committer ends; gives itself back, for what is written at the end.
    pub(crate) fn run(mut self) -> Result<Follower, Fault> {
        while let Some(frame) = self.backlog.pop() {
            self.follow(&frame)?;
            self.feeds.publish(&frame, &self.copy);
            if let Some(run) = self.collector.run() {
                self.send(run)?;
            }
            if let Some(snapshots) = &mut self.snapshots
                && snapshots.is_due(&frame)
            {
                snapshots.begin(&self.copy, &frame)?;
            }
            self.last = Some(frame);
        }
        Ok(self)
    }

    fn follow(&mut self, frame: &Durable) -> Result<(), Fault> {
        self.copy.follow(frame)?;
        if self.runs.is_some() {
            frame.entries.iter().for_each(|entry| self.collector.add(entry));
        }
        self.copy.advance(frame.head);
        Ok(())
    }

    fn send(&self, run: ColdBatch) -> Result<(), Fault> {
        let Some(runs) = &self.runs else { return Ok(()) };
        let before = self.copy.read(|state| {
            let age = state.rulebook(state.at).map_or(i64::MAX, |rules| rules.terms.id_age_ns);
            state.at.plus(age.saturating_add(FORGET_SLACK_NS).saturating_neg())
        });
        // An error means that the indexer has ended, and with it the pump.
        runs.send((run, before)).map_err(|_| Fault::bug("the indexer has ended"))
    }

    /// At the end: the rest of the index, and a snapshot.
    pub(crate) fn finish(mut self) -> Result<(), Fault> {
        if let Some(rest) = self.collector.rest() {
            self.send(rest)?;
        }
        if let Some(snapshots) = &mut self.snapshots {
            if let Some(last) = &self.last {
                snapshots.join();
                snapshots.begin(&self.copy, last)?;
            }
            snapshots.join();
        }
        Ok(())
    }
}

/// What is known of snapshots.
#[derive(Clone, Debug, Default)]
pub(crate) struct SnapshotStatus {
    /// The position of the newest.
    pub seq: u64,
    /// Why the last attempt failed.
    pub failed: Option<String>,
}

/// Writes snapshots when they are due.
pub(crate) struct Snapshots {
    pub shared: Arc<Shared>,
    pub store: Box<dyn SnapshotStore>,
    pub clock: Option<Arc<dyn Clock>>,
    pub status: Arc<Mutex<SnapshotStatus>>,
    /// The position and time from which the next is counted.
    pub seq: u64,
    pub since_ns: i64,
    pub finishing: Option<JoinHandle<()>>,
}

impl Snapshots {
    pub(crate) fn new(
        shared: Arc<Shared>,
        store: Box<dyn SnapshotStore>,
        time: &Time,
        seq: u64,
    ) -> Snapshots {
        let clock = match time {
            Time::Clock(clock) => Some(clock.clone()),
            Time::Brought => None,
        };
        let status = Arc::new(Mutex::new(SnapshotStatus { seq, failed: None }));
        let since_ns = clock.as_ref().map_or(0, |clock| clock.monotonic_ns());
        Snapshots { shared, store, clock, status, seq, since_ns, finishing: None }
    }

    fn now_ns(&self) -> i64 {
        self.clock.as_ref().map_or(0, |clock| clock.monotonic_ns())
    }

    fn is_due(&self, frame: &Durable) -> bool {
        let options = self.shared.options();
        let entries = options.snapshot_every_entries <= frame.head.next_seq - self.seq;
        let time = options.snapshot_every_ns <= self.now_ns() - self.since_ns;
        (entries || time) && self.finishing.as_ref().is_none_or(JoinHandle::is_finished)
    }

    /// Writes a snapshot and lets a thread make it durable. That a snapshot fails is told in the
    /// status and ends nothing, but for a failed sync.
    fn begin(&mut self, copy: &ReadCopy, frame: &Durable) -> Result<(), Fault> {
        if self.status.lock().seq == frame.head.next_seq {
            return Ok(());
        }
        (self.seq, self.since_ns) = (frame.head.next_seq, self.now_ns());
        let store = &mut *self.store;
        let written =
            copy.read(|state| snapshots::write(store, state, &frame.head, &frame.frontier));
        let writer = match written {
            Ok(writer) => writer,
            Err(fault) => {
                note(&self.shared, &self.status, self.seq, Err(fault));
                return Ok(());
            }
        };
        let (shared, status, seq) = (self.shared.clone(), self.status.clone(), self.seq);
        let finish = move || note(&shared, &status, seq, writer.finish());
        let thread = std::thread::Builder::new().name("snapshot".into()).spawn(finish);
        self.finishing =
            Some(thread.map_err(|source| Fault::Thread { thread: "snapshot", source })?);
        Ok(())
    }

    fn join(&mut self) {
        if let Some(finishing) = self.finishing.take() {
            // Its outcome is in the status; a panic there leaves an unfinished snapshot, which
            // counts as none.
            let _ = finishing.join();
        }
    }
}

fn note(shared: &Shared, status: &Mutex<SnapshotStatus>, seq: u64, done: Result<(), store::Fault>) {
    let mut status = status.lock();
    match done {
        Ok(()) => *status = SnapshotStatus { seq, failed: None },
        Err(fault) => {
            status.failed = Some(fault.chain());
            if fault.is_failed_sync() {
                shared.end(Some(Fault::store("a snapshot was made durable")(fault)));
            }
        }
    }
}
