//! What went before: weeks of betting, up to this moment, so that boards have something to compare.
//!
//! The reference bookmakers play in this process, and the clock of the pump is one that stands
//! weeks behind and skips the hours between two days of matches. No message is under way when it
//! does, and it never comes to be ahead of the clock on the wall.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use anyhow::Context as _;
use desk::Command;
use hsc::book::{Book, Outbox, Plan};
use matches::{odds_file, seasons};
use pump::{Clock, Handle, Pump, Stream, SystemClock, Time};
use sim::sandbox;
use terms::rulebook::Rulebook;
use terms::time::civil_day;
use terms::{Instant, Organiser};

use super::incidents::Incidents;
use super::stage::Stage;
use crate::reference::{Inside, house};
use crate::store_url::{Opened, StoreUrl};
use crate::watch::{self, Watch};

/// From one day of matches to the next: three fall on two days, at other hours each.
const SKIP_NS: i64 = 16 * 3_600 * Instant::SECOND;
/// Days of matches: 60 calendar days, as many weeks as the boards look back and some days.
const DAYS: usize = 90;
/// Bets that are wanted on each match.
const BETS_PER_MATCH: u32 = 10;
/// Every so many days of matches the bettors bring money.
const TOP_UP_EVERY: usize = 15;
/// The seed, which is not that of the season that follows.
const SEED: u64 = 7;

/// Makes the small world as it was weeks ago, and lets it go on until now; gives the days.
pub fn make(data: &Path, bettors: u32) -> anyhow::Result<i64> {
    let url = StoreUrl::Sqlite(data.join("bej.db"));
    let opened = url.open()?;
    let parts = opened.parts()?;
    let clock = Arc::new(Past::new(SKIP_NS * DAYS as i64));
    let entropy = Stream::system().context("the system gives no random bytes")?;
    let (snapshots, cold) = (Some(parts.snapshots), Some(parts.cold));
    let time = Time::Clock(clock.clone());
    let how = watch::begin(None);
    let pump = Pump::start(parts.journal, snapshots, cold, time, Box::new(entropy), how)?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let played = runtime
        .context("the runtime cannot be started")
        .and_then(|runtime| runtime.block_on(play(&pump.handle(), &opened, &clock, bettors)));
    let stopped = pump.stop().context("the pump ended")?;
    Watch::default().note(stopped.snapshot_failed.as_deref());
    played?;
    crate::sandbox::customers(data, bettors)?;
    Ok(SKIP_NS * DAYS as i64 / Instant::DAY)
}

async fn play(
    handle: &Handle,
    opened: &Opened,
    clock: &Arc<Past>,
    bettors: u32,
) -> anyhow::Result<()> {
    let put = |commands: Vec<Command>| {
        tokio::task::block_in_place(|| crate::sandbox::put(handle, &**clock, commands))
    };
    put(sandbox::commands(bettors))?;
    let mut matches = Vec::new();
    for (name, text) in seasons::sample() {
        matches.extend(odds_file::read(name, text.as_bytes())?.matches);
    }
    let mut books = Vec::new();
    for organiser in (0..sandbox::ORGANISERS).map(Organiser) {
        let plan = Plan::new(matches.clone(), organiser.0, SEED, BETS_PER_MATCH)?;
        let centre = Inside::of(organiser, handle.clone(), opened.reader()?, clock.clone())?;
        let house = house(organiser, bettors);
        let outbox = Outbox::in_memory();
        books.push(Book::new(Arc::new(centre), outbox, plan, house, "before", None));
    }
    let stage = &mut Stage::new(handle, opened.reader()?, &**clock)?;
    let mut incidents = tokio::task::block_in_place(|| Incidents::begin(stage, bettors))?;
    let days = DAYS.min(books[0].days());
    for day in 0..days {
        tokio::try_join!(books[0].day(day), books[1].day(day))?;
        tokio::task::block_in_place(|| incidents.day(stage, days - day))?;
        clock.skip(SKIP_NS);
        let version = u32::try_from(day)? + 2;
        put(sandbox::lists(version))?;
        if (day + 1).is_multiple_of(TOP_UP_EVERY) {
            put(sandbox::top_ups(bettors))?;
        }
    }
    let offsets = Rulebook::sample().calendar.offsets;
    let today = civil_day(&offsets, clock.wall());
    tokio::task::block_in_place(|| incidents.today(stage, today))
}

/// A clock that is behind, and catches up by leaps.
pub(super) struct Past {
    system: SystemClock,
    first_ns: i64,
    behind_ns: AtomicI64,
}

impl Past {
    pub(super) fn new(behind_ns: i64) -> Past {
        let system = SystemClock::new();
        Past { system, first_ns: behind_ns, behind_ns: AtomicI64::new(behind_ns) }
    }

    /// Skips a time, but never comes to be ahead.
    pub(super) fn skip(&self, ns: i64) {
        let behind = self.behind_ns.load(Ordering::Relaxed);
        self.behind_ns.store((behind - ns).max(0), Ordering::Relaxed);
    }
}

impl Clock for Past {
    fn wall(&self) -> Instant {
        self.system.wall().plus(-self.behind_ns.load(Ordering::Relaxed))
    }

    /// Leaps with the time of day, as it would if that time had passed.
    fn monotonic_ns(&self) -> i64 {
        let leapt = self.first_ns - self.behind_ns.load(Ordering::Relaxed);
        self.system.monotonic_ns().saturating_add(leapt)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_clock_leaps_without_a_jump_and_never_comes_to_be_ahead() {
        let clock = Past::new(3 * SKIP_NS);
        let ahead = |clock: &Past| SystemClock::new().wall().since(clock.wall());
        assert!(2 * SKIP_NS < ahead(&clock));
        let between = |clock: &Past| clock.wall().0 - clock.monotonic_ns();
        let before = between(&clock);
        clock.skip(SKIP_NS);
        // What the guard of the pump calls a jump is five seconds.
        assert!((between(&clock) - before).abs() < Instant::SECOND);
        assert!(ahead(&clock) < 3 * SKIP_NS);
        clock.skip(9 * SKIP_NS);
        assert!((between(&clock) - before).abs() < Instant::SECOND);
        assert!(clock.wall() <= SystemClock::new().wall());
    }
}
