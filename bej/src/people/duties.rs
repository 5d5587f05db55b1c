//! What is done for people by itself: a thread where people are served, while a node decides.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use api::Seat;
use people::People;

use super::inbox;

/// Between two turns: how long a registration waits after an answer came that it awaits.
const TURN: Duration = Duration::from_secs(2);
/// Between two looks whether it has ended.
const LOOK_EVERY: Duration = Duration::from_millis(10);
/// Between two looks at what can wait.
const HOUSE: Duration = Duration::from_secs(15 * 60);
/// Between two looks at ages: several a day, so that a birthday is not missed by a restart.
const AGES: Duration = Duration::from_secs(6 * 3_600);

/// The thread.
pub struct Duties {
    stop: Arc<AtomicBool>,
    thread: JoinHandle<()>,
}

/// What the thread remembers.
struct Turns {
    people: Arc<People>,
    seat: Arc<Seat>,
    lists: PathBuf,
    resumed: bool,
    house: Option<Instant>,
    ages: Option<Instant>,
    told: Option<String>,
}

impl Duties {
    /// Begins them.
    pub fn start(people: Arc<People>, seat: Arc<Seat>, lists: PathBuf) -> anyhow::Result<Duties> {
        let stop = Arc::new(AtomicBool::new(false));
        let stopped = stop.clone();
        let mut turns =
            Turns { people, seat, lists, resumed: false, house: None, ages: None, told: None };
        let run = move || {
            while !stopped.load(Ordering::Acquire) {
                turns.turn();
                std::thread::park_timeout(TURN);
            }
        };
        let thread = std::thread::Builder::new().name("people".into()).spawn(run)?;
        Ok(Duties { stop, thread })
    }

    /// Ends them. What waits for a store that is silent for so long is left as it stands: the next
    /// start goes on with it.
    pub fn stop(self, silent_max: Duration) {
        self.stop.store(true, Ordering::Release);
        self.thread.thread().unpark();
        let asked = Instant::now();
        while !self.thread.is_finished() {
            if silent_max <= asked.elapsed() {
                tracing::warn!("what is done for people by itself was left as it stood");
                return;
            }
            std::thread::sleep(LOOK_EVERY);
        }
        // A panic is in the log already.
        let _ = self.thread.join();
    }
}

impl Turns {
    fn turn(&mut self) {
        // Elsewhere nothing can be put to the pump, and the node that decides does it.
        if self.seat.handle().is_err() {
            return;
        }
        let what = self.work().err().map(|error| format!("{error:#}"));
        if let Some(what) = &what
            && self.told.as_ref() != Some(what)
        {
            tracing::warn!("what is done for people by itself was cut off: {what}");
        }
        self.told = what;
    }

    fn work(&mut self) -> anyhow::Result<()> {
        if !self.resumed {
            let resumed = self.people.resume_imports().context("an import cannot go on")?;
            if 0 < resumed {
                tracing::info!("{resumed} import(s) of lists went on after a stop");
            }
            self.resumed = true;
        }
        self.people.turn().context("a turn")?;
        inbox::take(&self.people, &self.lists)?;
        if self.house.is_none_or(|house| HOUSE <= house.elapsed()) {
            let done = self.people.keep_house().context("the house")?;
            for list in done.stale {
                // R0-10.5, S-47: stakes stop when the version is older than the rulebook lets.
                tracing::warn!("the list {} is stale: bring a version of today", list.name());
            }
            self.house = Some(Instant::now());
        }
        if self.ages.is_none_or(|ages| AGES <= ages.elapsed()) {
            self.people.see_to_ages().context("ages")?;
            self.ages = Some(Instant::now());
        }
        Ok(())
    }
}
