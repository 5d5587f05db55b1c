//! The product as it runs: the pump on a store, fed with the bench's world.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::{Context as _, Result, bail, ensure};
use crossbeam_channel::{Receiver, Sender, bounded};
use desk::Message;
use pump::{Busy, Class, Handle, Options, Outcome, Pump, PumpError, Reply, Stream, SystemClock};
use pump::{Time, Verdict};
use store::{Fault, JournalReader, JournalStore, SnapshotStore, ViewStore};
use store_postgres::Postgres;
use store_sqlite::{PART_LIMIT_BYTES, Sqlite, Synchronous};
use terms::{Instant, Sender as Origin};

use crate::measure::Plan;
use crate::timed::{Commits, Timed};
use crate::world::World;

/// Requests of the set-up whose answers are awaited together.
const WINDOW: usize = 8;

/// Messages of one request of the set-up.
const REQUEST: usize = 2_000;

/// The world's clock is kept so far behind the machine's that no message comes from the future.
pub const BEHIND_NS: i64 = Instant::SECOND / 10;

/// The pump with its store and its world.
pub struct Rig {
    /// The store.
    pub store: Engine,
    /// The pump.
    pub pump: Pump,
    /// The world.
    pub world: World,
    /// How long frames take to be durable.
    pub commits: Commits,
}

/// The clock on the wall.
pub fn now() -> Instant {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Instant(i64::try_from(since.as_nanos()).unwrap_or(i64::MAX))
}

/// The store under the pump.
#[derive(Clone)]
pub enum Engine {
    /// Embedded.
    Sqlite(Sqlite),
    /// On a server.
    Postgres(Postgres),
}

impl Engine {
    fn journal(&self) -> Result<Box<dyn JournalStore>, Fault> {
        Ok(match self {
            Engine::Sqlite(store) => Box::new(store.journal()?),
            Engine::Postgres(store) => Box::new(store.journal()?),
        })
    }

    fn snapshots(&self) -> Box<dyn SnapshotStore> {
        match self {
            Engine::Sqlite(store) => Box::new(store.snapshots()),
            Engine::Postgres(store) => Box::new(store.snapshots()),
        }
    }

    /// A reader of the journal.
    pub fn reader(&self) -> Result<Box<dyn JournalReader>, Fault> {
        Ok(match self {
            Engine::Sqlite(store) => Box::new(store.reader()?),
            Engine::Postgres(store) => Box::new(store.reader()?),
        })
    }

    /// The views.
    pub fn views(&self) -> Result<Box<dyn ViewStore>, Fault> {
        Ok(match self {
            Engine::Sqlite(store) => Box::new(store.views()?),
            Engine::Postgres(store) => Box::new(store.views()?),
        })
    }
}

/// The file of the embedded store in a directory.
fn file(dir: &Path) -> PathBuf {
    dir.join("bench.db")
}

/// The address of the embedded store in a directory.
pub fn url(dir: &Path) -> String {
    format!("sqlite:{}", file(dir).display())
}

/// Opens the store in a directory and starts the pump on it.
pub fn start(dir: &Path) -> Result<(Engine, Pump, Commits)> {
    let options = store_sqlite::Options {
        synchronous: Synchronous::Full,
        part_limit_bytes: PART_LIMIT_BYTES,
        create: true,
    };
    let store = Sqlite::open(file(dir), options).context("open the store")?;
    start_on(Engine::Sqlite(store))
}

/// Starts the pump on a store.
fn start_on(store: Engine) -> Result<(Engine, Pump, Commits)> {
    let time = Time::Clock(Arc::new(SystemClock::new()));
    let entropy = Box::new(Stream::system().context("open the source of random bytes")?);
    let cold = match &store {
        Engine::Sqlite(store) => store.cold(),
        Engine::Postgres(store) => store.cold(),
    };
    let cold = cold.context("open the index")?;
    let commits = Commits::new();
    let inner = store.journal().context("open the journal")?;
    let pump = Pump::start(
        Box::new(Timed { inner, commits: commits.clone() }),
        Some(store.snapshots()),
        Some(Box::new(cold)),
        time,
        entropy,
        Options::standard(),
    )
    .context("start the pump")?;
    Ok((store, pump, commits))
}

impl Rig {
    /// A pump with all bettors, ready for stakes.
    pub fn set_up(plan: &Plan, dir: &Path) -> Result<Rig> {
        Rig::set_up_with(plan, dir, |_| ())
    }

    /// The same with a world that was changed before anything of it was set up.
    pub fn set_up_with(plan: &Plan, dir: &Path, change: impl FnOnce(&mut World)) -> Result<Rig> {
        Rig::prepare(plan, start(dir)?, change)
    }

    /// The same on a store that is open.
    pub fn set_up_on(plan: &Plan, store: Engine) -> Result<Rig> {
        Rig::prepare(plan, start_on(store)?, |_| ())
    }

    fn prepare(
        plan: &Plan,
        (store, pump, commits): (Engine, Pump, Commits),
        change: impl FnOnce(&mut World),
    ) -> Result<Rig> {
        // Ids carry times of the last minute, so that none is ahead of the clock.
        let at = now().plus(-60 * Instant::SECOND);
        let mut world = World::new(plan.seed, plan.accounts, plan.stakes_per_order, at);
        change(&mut world);
        let mut feed = Feed::new(pump.handle());
        let mut failed = None;
        world.set_up(|message| {
            if failed.is_none() {
                failed = feed.push(message).err();
            }
        });
        failed.map_or(Ok(()), Err)?;
        feed.finish()?;
        Ok(Rig { store, pump, world, commits })
    }
}

/// Puts messages of the set-up to the pump in requests of one sender, some ahead of their answers.
struct Feed {
    handle: Handle,
    sender: Option<Origin>,
    messages: Vec<Message>,
    waits: std::collections::VecDeque<Wait>,
}

impl Feed {
    fn new(handle: Handle) -> Feed {
        Feed { handle, sender: None, messages: Vec::new(), waits: Default::default() }
    }

    fn push(&mut self, message: Message) -> Result<()> {
        if self.sender != Some(message.sender) {
            // What one sender sets up, the next one relies on.
            self.flush()?;
            self.settle(0)?;
            self.sender = Some(message.sender);
        }
        self.messages.push(message);
        if self.messages.len() == REQUEST { self.flush() } else { Ok(()) }
    }

    fn flush(&mut self) -> Result<()> {
        if self.messages.is_empty() {
            return Ok(());
        }
        self.settle(WINDOW)?;
        let messages = std::mem::take(&mut self.messages);
        self.waits.push_back(Wait::submit(&self.handle, Class::Bulk, messages)?);
        Ok(())
    }

    fn settle(&mut self, left: usize) -> Result<()> {
        while left < self.waits.len() {
            if let Some(wait) = self.waits.pop_front() {
                wait.done()?;
            }
        }
        Ok(())
    }

    fn finish(&mut self) -> Result<()> {
        self.flush()?;
        self.settle(0)
    }
}

/// A request whose verdicts are awaited.
pub struct Wait {
    verdicts: Receiver<Result<Vec<Verdict>, PumpError>>,
}

impl Wait {
    /// Puts a request to the pump, which must have room.
    pub fn once(handle: &Handle, class: Class, messages: Vec<Message>) -> Result<Wait> {
        let (sender, verdicts) = bounded(1);
        handle.submit(class, messages, reply(sender))?;
        Ok(Wait { verdicts })
    }

    /// Puts a request to the pump; waits while the pump is busy.
    pub fn submit(handle: &Handle, class: Class, messages: Vec<Message>) -> Result<Wait> {
        let mut messages = messages;
        loop {
            let (sender, verdicts) = bounded(1);
            let again = messages.clone();
            match handle.submit(class, messages, reply(sender)) {
                Ok(()) => return Ok(Wait { verdicts }),
                Err(PumpError::Busy(Busy::Clock)) => bail!("the clock of this machine jumps"),
                Err(PumpError::Busy(_)) => std::thread::yield_now(),
                Err(error) => return Err(error.into()),
            }
            messages = again;
        }
    }

    /// Waits until all are durable; everything must have been done.
    pub fn done(self) -> Result<()> {
        let verdicts = self.verdicts.recv().context("the pump has ended")??;
        let other = verdicts.iter().find(|verdict| verdict.outcome != Outcome::Done);
        ensure!(other.is_none(), "{other:?}");
        Ok(())
    }
}

fn reply(sender: Sender<Result<Vec<Verdict>, PumpError>>) -> Reply {
    Reply::new(move |verdicts| {
        // Whoever waits is there; an error only means that the run is over.
        let _ = sender.send(verdicts);
    })
}
