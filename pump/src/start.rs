//! The pump as others hold it: start, handle, stop.

use std::any::Any;
use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::thread::JoinHandle;

use crossbeam_channel::bounded;
use desk::Message;
use journal::frame::{FactBuffer, Head, Sealer};
use parking_lot::Mutex;
use store::{ColdStore, JournalStore, SnapshotStore};
use terms::Instant;

use crate::backlog::Backlog;
use crate::clock::Time;
use crate::committer::{self, Committer, append};
use crate::copy::ReadCopy;
use crate::decider::Decider;
use crate::entropy::Entropy;
use crate::fault::{Busy, Fault, PumpError, StartError};
use crate::feed::{Feeds, Subscription};
use crate::follower::{Follower, SnapshotStatus, Snapshots};
use crate::gather::Gatherer;
use crate::inbox::{LaneView, Shared};
use crate::indexer::Indexer;
use crate::lanes::Class;
use crate::limits::{LOOKUPS_MAX, Options};
use crate::receipts::Receipts;
use crate::recover::Replay;
use crate::reply::Reply;
use crate::standby::Standby;
use crate::verdict::Verdict;

/// The one writer of a journal. Dropped without [`Pump::stop`] it ends at once, as after a kill:
/// what is not durable is lost, and nobody has heard of it.
pub struct Pump {
    shared: Arc<Shared>,
    copy: ReadCopy,
    feeds: Arc<Feeds>,
    backlog: Arc<Backlog>,
    snapshots: Option<Arc<Mutex<SnapshotStatus>>>,
    remarks: Vec<String>,
    threads: Threads,
}

#[derive(Default)]
struct Threads {
    decider: Option<JoinHandle<Option<()>>>,
    committer: Option<JoinHandle<Option<Head>>>,
    receipts: Option<JoinHandle<Option<()>>>,
    follower: Option<JoinHandle<Option<Follower>>>,
    indexer: Option<JoinHandle<Option<()>>>,
}

/// How a pump stopped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stopped {
    /// The end of the journal.
    pub head: Head,
    /// The position of the newest snapshot, if there are snapshots.
    pub snapshot: Option<u64>,
    /// Why the last attempt at a snapshot failed.
    pub snapshot_failed: Option<String>,
    /// The index on disk is durable up to here (exclusive).
    pub indexed: u64,
}

/// How a pump is.
#[derive(Clone, Debug)]
pub struct Status {
    /// The end of the last frame in the read copy.
    pub head: Head,
    /// Why nothing is taken in, if so.
    pub busy: Option<Busy>,
    /// The index on disk is durable up to here (exclusive).
    pub indexed: u64,
    /// The position of the newest snapshot, if there are snapshots.
    pub snapshot: Option<u64>,
    /// Why the last attempt at a snapshot failed.
    pub snapshot_failed: Option<String>,
    /// Why the pump has ended, if it has.
    pub ended: Option<Arc<str>>,
    /// For how long the store has been making a frame durable; 0 while it has none to.
    pub writing_ns: i64,
    /// Each lane with messages.
    pub lanes: Vec<LaneView>,
}

impl Pump {
    /// Recovers the state, claims the journal with an empty frame of a new term (core 11), and
    /// starts. The same as to open a [`Standby`], claim the journal and lead.
    pub fn start(
        journal: Box<dyn JournalStore>,
        snapshots: Option<Box<dyn SnapshotStore>>,
        cold: Option<Box<dyn ColdStore>>,
        time: Time,
        entropy: Box<dyn Entropy>,
        options: Options,
    ) -> Result<Pump, StartError> {
        let mut standby = Standby::open(journal, snapshots, cold, time, entropy, options)?;
        let claim = standby.claim()?.ok_or(StartError::Rival)?;
        standby.lead(claim)
    }

    /// Starts where a standby has claimed the journal.
    pub(crate) fn begin(standby: Standby, claim: Claim) -> Result<Pump, StartError> {
        let Standby {
            journal,
            snapshots,
            replay,
            copy,
            feeds,
            snapshot,
            remarks,
            time,
            entropy,
            spares,
            ..
        } = standby;
        let Claim { shared, sealer, term, last } = claim;
        let Replay { state, collector, cold, .. } = replay;
        copy.advance(sealer.head());
        copy.set_frame(sealer.head().frame);

        let (to_committer, drafts) = bounded(1);
        let (to_receipts, lookups) = bounded(LOOKUPS_MAX);
        let (to_indexer, runs) = bounded(1);
        let reader = || journal.reader().map_err(StartError::store("the journal was opened"));
        let gatherer =
            Gatherer { journal: reader()?, cold: cold.as_ref().map(|cold| cold.reader()) };
        let receipts = Receipts {
            shared: shared.clone(),
            journal: reader()?,
            lookups,
            frames: VecDeque::new(),
        };
        let decider = Decider::new(
            shared.clone(),
            state,
            last,
            gatherer,
            entropy,
            to_committer,
            spares.clone(),
        );
        let backlog = Arc::<Backlog>::default();
        let snapshots =
            snapshots.map(|store| Snapshots::new(shared.clone(), store, &time, snapshot));
        let snapshot_status = snapshots.as_ref().map(|snapshots| snapshots.status.clone());
        let follower = Follower {
            backlog: backlog.clone(),
            copy: copy.clone(),
            feeds: feeds.clone(),
            collector,
            runs: cold.is_some().then_some(to_indexer),
            snapshots,
            last: None,
        };
        let indexer = cold.map(|cold| Indexer {
            shared: shared.clone(),
            cold,
            runs,
            forgot: Instant(i64::MIN),
        });
        let committer = Committer {
            shared: shared.clone(),
            journal,
            sealer,
            term,
            drafts,
            backlog: backlog.clone(),
            lookups: to_receipts,
            spares,
            recent: committer::Recent::default(),
        };
        let mut pump = Pump {
            shared,
            copy,
            feeds,
            backlog,
            snapshots: snapshot_status,
            remarks,
            threads: Threads::default(),
        };
        pump.threads.indexer =
            indexer.map(|indexer| pump.spawn("indexer", || indexer.run())).transpose()?;
        pump.threads.follower = Some(pump.spawn("follower", || follower.run())?);
        pump.threads.receipts = Some(pump.spawn("receipts", || receipts.run())?);
        pump.threads.committer = Some(pump.spawn("committer", || committer.run())?);
        pump.threads.decider = Some(pump.spawn("decider", || decider.run())?);
        Ok(pump)
    }

    /// Starts a thread whose fault or panic ends the pump.
    fn spawn<R: Send + 'static>(
        &self,
        name: &'static str,
        run: impl FnOnce() -> Result<R, Fault> + Send + 'static,
    ) -> Result<JoinHandle<Option<R>>, Fault> {
        let (shared, backlog) = (self.shared.clone(), self.backlog.clone());
        let body = move || {
            let done = catch_unwind(AssertUnwindSafe(run)).unwrap_or_else(|panic| {
                Err(Fault::Panicked { thread: name, what: words(&*panic) })
            });
            match done {
                Ok(value) => Some(value),
                Err(fault) => {
                    shared.end(Some(fault));
                    backlog.abandon();
                    None
                }
            }
        };
        let thread = std::thread::Builder::new().name(name.into()).spawn(body);
        thread.map_err(|source| Fault::Thread { thread: name, source })
    }

    /// A handle for those who ask.
    pub fn handle(&self) -> Handle {
        Handle::new(self.shared.clone())
    }

    /// The read copy.
    pub fn read_copy(&self) -> ReadCopy {
        self.copy.clone()
    }

    /// Every frame from now on; none if there are too many subscribers.
    pub fn subscribe(&self) -> Option<Subscription> {
        self.feeds.subscribe(&self.copy)
    }

    /// What an operator should know of the start: damaged snapshots that were passed over.
    pub fn remarks(&self) -> &[String] {
        &self.remarks
    }

    /// An operator confirms that the clock is right as it stands (core 6).
    pub fn confirm_clock(&self) {
        self.shared.confirm_clock();
    }

    /// How the pump is.
    pub fn status(&self) -> Status {
        let snapshots = self.snapshots.as_ref().map(|status| status.lock().clone());
        Status {
            head: self.copy.head(),
            busy: self.shared.busy(),
            indexed: self.shared.indexed(),
            snapshot: snapshots.as_ref().map(|status| status.seq),
            snapshot_failed: snapshots.and_then(|status| status.failed),
            ended: self.shared.fate.text(),
            writing_ns: self.shared.writing_ns(),
            lanes: self.shared.views(),
        }
    }

    /// Decides what is queued, makes everything durable, writes the rest of the index and a
    /// snapshot, and ends. An error is the fault by which the pump had ended before.
    pub fn stop(self) -> Result<Stopped, Fault> {
        self.stop_after(|| {})
    }

    /// The same; as soon as nothing more will be appended, and every answer was given, `appended`
    /// is called: from then on another node may decide, while the snapshot is still being written.
    /// Whatever is written behind it is this node's own, or a row that no other node writes.
    pub fn stop_after(mut self, appended: impl FnOnce()) -> Result<Stopped, Fault> {
        self.shared.drain();
        let stopped = self.wind_up(appended);
        self.shared.end(None);
        let snapshots = self.snapshots.as_ref().map(|status| status.lock().clone());
        let snapshot = snapshots.as_ref().map(|status| status.seq);
        let snapshot_failed = snapshots.and_then(|status| status.failed);
        let indexed = self.shared.indexed();
        let shared = self.shared.clone();
        drop(self);
        match (stopped, shared.fate.take()) {
            (_, Some(fault)) => Err(fault),
            (Some(head), None) => Ok(Stopped { head, snapshot, snapshot_failed, indexed }),
            (None, None) => Err(Fault::bug("a thread ended without its work")),
        }
    }

    /// Waits for the threads in the order of the work.
    fn wind_up(&mut self, appended: impl FnOnce()) -> Option<Head> {
        join(self.threads.decider.take());
        let head = join(self.threads.committer.take());
        join(self.threads.receipts.take());
        appended();
        self.backlog.close();
        let follower = join(self.threads.follower.take());
        if let Some(follower) = follower
            && head.is_some()
            && let Err(fault) = follower.finish()
        {
            self.shared.end(Some(fault));
        }
        join(self.threads.indexer.take());
        self.feeds.close();
        head
    }
}

impl Drop for Pump {
    fn drop(&mut self) {
        self.shared.end(None);
        self.backlog.abandon();
        let Threads { decider, committer, receipts, follower, indexer } =
            std::mem::take(&mut self.threads);
        join(decider);
        join(committer);
        join(receipts);
        // The index's channel ends with the follower.
        drop(join(follower));
        join(indexer);
        self.feeds.close();
    }
}

fn join<R>(thread: Option<JoinHandle<Option<R>>>) -> Option<R> {
    // A panic was caught inside and has become the pump's fault.
    thread?.join().ok().flatten()
}

fn words(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    text.or(panic.downcast_ref::<&str>().copied()).unwrap_or("no message").to_owned()
}

/// A journal that is claimed: no writer of an earlier term can append to it any more.
pub struct Claim {
    shared: Arc<Shared>,
    sealer: Sealer,
    /// The term in which the pump writes.
    term: u64,
    /// No instant up to here is given any more.
    last: Instant,
}

/// Appends an empty frame of a new term where the standby stands.
pub(crate) fn claim(standby: &mut Standby) -> Result<Claim, Fault> {
    let Standby { journal, replay, head, frontier, time, options, .. } = standby;
    let state = &replay.state;
    let last = if head.frame == 0 { state.at } else { state.at.max(head.at) };
    let indexed = replay.cold.as_ref().map_or(0, |cold| cold.cursor());
    let shared = Arc::new(Shared::new(time, last, indexed, options.clone()));
    let mut sealer = Sealer::new(*head, frontier.clone());
    let term = head.term + 1;
    let at = match time {
        // A clock that is behind is for the guard; a frame never goes back.
        Time::Clock(clock) if head.frame == 0 => clock.wall(),
        Time::Clock(_) | Time::Brought => head.at,
    };
    let frame = sealer.seal(term, at, &FactBuffer::new());
    append(&mut **journal, head, &frame, &shared)?;
    Ok(Claim { shared, sealer, term, last: last.max(at) })
}

pub(crate) fn check(options: &Options) -> Result<(), StartError> {
    let Options { lanes, .. } = options;
    let zero = [
        ("commands_per_frame_max", options.commands_per_frame_max == 0),
        ("frame_bytes_max", options.frame_bytes_max == 0),
        ("lanes", [lanes.control, lanes.live, lanes.settlement, lanes.bulk].contains(&0)),
        ("snapshot_every_entries", options.snapshot_every_entries == 0),
        ("snapshot_every_ns", options.snapshot_every_ns <= 0),
        ("run_entries", options.run_entries == 0),
        ("ids_per_generation", options.ids_per_generation == 0),
    ];
    if let Some((name, _)) = zero.iter().find(|(_, zero)| *zero) {
        return Err(StartError::Zero(name));
    }
    // Otherwise the index could wait for the journal, and the journal for room for ids.
    if options.ids_per_generation as u64 <= options.run_entries / 2 {
        return Err(StartError::RunTooLong);
    }
    Ok(())
}

/// Where messages are put to a pump: the pump itself, or the way to one on another machine.
pub trait Intake: Send + Sync {
    /// As [`Handle::submit`].
    fn submit(&self, class: Class, messages: Vec<Message>, reply: Reply) -> Result<(), PumpError>;

    /// As [`Handle::submit_at`].
    fn submit_at(&self, commands: Vec<(Instant, Message)>, reply: Reply) -> Result<(), PumpError>;
}

/// Puts messages to the pump. Cheap to clone.
#[derive(Clone)]
pub struct Handle(Arc<dyn Intake>);

impl Handle {
    /// A handle on where messages are put.
    pub fn new(intake: Arc<dyn Intake>) -> Handle {
        Handle(intake)
    }

    /// Puts a request of one sender into its lane; `reply` hears the verdicts in the order of the
    /// messages, exactly once, if and only if this returns `Ok`. Never waits.
    pub fn submit(
        &self,
        class: Class,
        messages: Vec<Message>,
        reply: Reply,
    ) -> Result<(), PumpError> {
        self.0.submit(class, messages, reply)
    }

    /// Puts one message and waits for its verdict.
    pub fn ask(&self, class: Class, message: Message) -> Result<Verdict, PumpError> {
        let (reply, wait) = one();
        self.submit(class, vec![message], reply)?;
        wait()
    }

    /// Puts commands that bring their instants, in this order behind all that were put before
    /// (core 5). Waits while there is no room.
    pub fn submit_at(
        &self,
        commands: Vec<(Instant, Message)>,
        reply: Reply,
    ) -> Result<(), PumpError> {
        self.0.submit_at(commands, reply)
    }

    /// Puts one command that brings its instant, and waits for its verdict.
    pub fn ask_at(&self, at: Instant, message: Message) -> Result<Verdict, PumpError> {
        let (reply, wait) = one();
        self.submit_at(vec![(at, message)], reply)?;
        wait()
    }
}

impl std::fmt::Debug for Handle {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Handle(..)")
    }
}

impl std::fmt::Debug for Pump {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Pump({:?})", self.copy)
    }
}

/// A reply of one verdict, and how to wait for it.
fn one() -> (Reply, impl FnOnce() -> Result<Verdict, PumpError>) {
    let (sender, receiver) = bounded(1);
    let reply = Reply::new(move |verdicts| {
        // Whoever asked is waiting; an error only means that its thread is gone.
        let _ = sender.send(verdicts);
    });
    let wait = move || {
        let unheard = || PumpError::Stopped("the reply was dropped".into());
        let verdicts = receiver.recv().map_err(|_| unheard())??;
        verdicts.first().copied().ok_or_else(unheard)
    };
    (reply, wait)
}
