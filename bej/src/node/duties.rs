//! What the node that decides does beside that: it projects the views, signs checkpoints, and asks
//! for bets of corrected starts. One node does it, so that nobody waits for another's turn; two at
//! once would do no harm, since each step of the views, each mark and each question is guarded by
//! itself.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use pump::{Clock as _, Handle, SystemClock};
use store::lease::LEASE_MS;
use store::{Fault, JournalReader as _, Progress, Projector};

use super::Standing;
use crate::announced;
use crate::group::Group;
use crate::notary::{Notary, Turn};
use crate::starts::{self, Starts};
use crate::store_url::{Lasting, StoreUrl};

/// How often a thread that has nothing to do looks whether it has.
const PAUSE: Duration = Duration::from_millis(100);

/// Before the views are tried again after a failure.
const AGAIN: Duration = Duration::from_secs(1);

/// Between two looks at the views that another process projects.
const LOOK_EVERY: Duration = Duration::from_millis(500);

/// For so long views may stand still that another process was projecting: as long as a lease.
const STILL_MAX: Duration = Duration::from_millis(LEASE_MS);

/// What the duties are done with.
pub struct Tools {
    /// The store.
    pub store: StoreUrl,
    /// The same, opened.
    pub opened: Lasting,
    /// The turn of whoever writes tiles.
    pub turn: Turn,
    /// The name of the journal, for a key that is made.
    pub instance: String,
}

/// The duties under way.
pub struct Duties {
    /// None where another group projects.
    views: Option<Views>,
    notary: Notary,
    starts: Starts,
}

/// Those that end after the pump.
pub struct Rest {
    views: Option<Views>,
    notary: Notary,
}

impl Duties {
    /// Begins them.
    pub fn start(
        tools: &Tools,
        standing: &Standing,
        handle: Handle,
        group: Group,
    ) -> anyhow::Result<Duties> {
        let Tools { store, opened, turn, instance } = tools;
        let (home, copy) = (opened.home(), standing.copy.clone());
        announced::announce_if_none(&handle, &copy, &home, instance)?;
        let views = match group.projects() {
            true => Some(Views::start(opened.clone(), standing.views_at.clone())?),
            false => None,
        };
        let wall = || SystemClock::new().wall();
        let checkpoint: PathBuf = home.directory().join("checkpoint");
        let signed = standing.signed.clone();
        let notary = Notary::start(store.clone(), checkpoint, copy, turn.clone(), signed, wall)?;
        let starts = Starts::start(starts::Tools {
            journal: Box::new(opened.reader()?),
            views: opened.view_reader()?,
            views_at: standing.views_at.clone(),
            place: starts::Kept::in_marks(opened.marks()),
            handle,
            now: wall,
        })?;
        Ok(Duties { views, notary, starts })
    }

    /// Ends those that put messages to the pump.
    pub fn before_the_pump(self) -> Rest {
        let Duties { views, notary, starts } = self;
        starts.stop();
        Rest { views, notary }
    }
}

impl Rest {
    /// Ends those that follow what the pump has decided.
    pub fn after_the_pump(self) {
        self.notary.stop();
        if let Some(views) = self.views {
            views.stop();
        }
    }
}

/// The thread that projects the views.
pub struct Views {
    stop: Arc<AtomicBool>,
    thread: JoinHandle<()>,
}

impl Views {
    /// Begins to project; `at` is told as of which entry the views are. To open them may take a
    /// while, in which others are answered already.
    pub fn start(opened: Lasting, at: Arc<AtomicU64>) -> anyhow::Result<Views> {
        let stop = Arc::new(AtomicBool::new(false));
        let stopped = stop.clone();
        let run = move || {
            while !stopped.load(Ordering::Acquire) {
                let projected = projector(&opened).and_then(|mut projector| {
                    at.store(projector.next().0, Ordering::Relaxed);
                    project(&mut projector, &at, &stopped)
                });
                let fault = match projected {
                    Ok(()) => continue,
                    // It goes on, and this one backs it.
                    Err(Fault::Refused { .. }) if another_was_faster(&opened, &at) => {
                        leave_to_another(&opened, &at, &stopped);
                        continue;
                    }
                    Err(fault) => fault,
                };
                if at.swap(u64::MAX, Ordering::Relaxed) != u64::MAX {
                    tracing::error!("the views stand still: {}", fault.chain());
                }
                // A database may come back; what is damaged stays so, and stays told.
                std::thread::park_timeout(AGAIN);
            }
        };
        let thread = std::thread::Builder::new().name("views".into()).spawn(run)?;
        Ok(Views { stop, thread })
    }

    /// Ends it.
    pub fn stop(self) {
        self.stop.store(true, Ordering::Release);
        self.thread.thread().unpark();
        // A panic is in the log already.
        let _ = self.thread.join();
    }
}

/// Whether the views are beyond what this process has projected.
fn another_was_faster(opened: &Lasting, at: &AtomicU64) -> bool {
    let next = opened.view_reader().and_then(|mut views| views.cursor());
    next.is_ok_and(|next| at.load(Ordering::Relaxed) < next.0)
}

/// Waits while another process projects: until the views have stood still for a while although
/// there is more to project.
fn leave_to_another(opened: &Lasting, at: &AtomicU64, stop: &AtomicBool) {
    let (mut reached, mut since) = (at.load(Ordering::Relaxed), Instant::now());
    let look = || {
        let next = opened.view_reader()?.cursor()?.0;
        Ok::<_, Fault>((next, opened.reader()?.head()?.next_seq))
    };
    while !stop.load(Ordering::Acquire) && since.elapsed() < STILL_MAX {
        std::thread::park_timeout(LOOK_EVERY);
        // Where the database is away nobody projects.
        let Ok((next, end)) = look() else { continue };
        at.store(next, Ordering::Relaxed);
        if reached < next || end <= next {
            (reached, since) = (next, Instant::now());
        }
    }
}

fn projector(opened: &Lasting) -> Result<Projector, Fault> {
    Projector::new(Box::new(opened.reader()?), opened.views()?, 0)
}

/// Projects until it is told to stop.
fn project(projector: &mut Projector, at: &AtomicU64, stop: &AtomicBool) -> Result<(), Fault> {
    while !stop.load(Ordering::Acquire) {
        let step = projector.step()?;
        at.store(projector.next().0, Ordering::Relaxed);
        if step == Progress::UpToDate {
            std::thread::park_timeout(PAUSE);
        }
    }
    Ok(())
}
