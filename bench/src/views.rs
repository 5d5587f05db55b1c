//! The views while stakes pass through: how far they lag, and how fast they answer.

pub mod register;

use std::collections::VecDeque;
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant as Moment};

use anyhow::{Context as _, Result, ensure};
use desk::Message;
use pump::Class;
use store::{Progress, Projector};

use crate::latency::Latency;
use crate::measure::{Measured, Meter, Plan};
use crate::rig::{BEHIND_NS, Engine, Rig, Wait, now};
use crate::world::ORGANISERS;

/// Stakes a second that the views have to keep up with.
const PACE_PER_SECOND: u64 = 50_000;

/// How often the pace is kept: so many requests a second.
const REQUESTS_PER_SECOND: u64 = 50;

/// Stakes of one request, and settlements.
const STAKES_EACH: u64 = PACE_PER_SECOND / REQUESTS_PER_SECOND;

/// Requests of stakes that are not settled yet: more bets than the fold keeps in memory.
const OPEN_REQUESTS: usize = 200;

/// Follows the journal until told that it is over and nothing is left.
pub fn follow(store: &Engine, over: &AtomicBool, position: &AtomicU64) -> Result<()> {
    let journal = store.reader().context("open the journal for the views")?;
    let views = store.views().context("open the views")?;
    let mut projector = Projector::new(journal, views, 1)?;
    loop {
        let ending = over.load(Ordering::Acquire);
        let progress = projector.step()?;
        position.store(projector.next().0, Ordering::Release);
        match progress {
            Progress::UpToDate if ending => return Ok(()),
            Progress::UpToDate => std::thread::sleep(Duration::from_millis(2)),
            Progress::Projected(_) => {}
        }
    }
}

/// Measures the lag, from the verdict of a request to its rows, at a steady pace of stakes and as
/// many settlements with their payouts.
pub fn lag(plan: &Plan, dir: &Path) -> Result<Measured> {
    let mut rig = Rig::set_up(plan, dir)?;
    let mut unsettled = VecDeque::with_capacity(OPEN_REQUESTS + 1);
    for turn in 0..OPEN_REQUESTS {
        let request = rig.world.request(turn as u32 % ORGANISERS, STAKES_EACH);
        Wait::submit(&rig.pump.handle(), Class::Live, request.orders)?.done()?;
        Wait::submit(&rig.pump.handle(), Class::Live, request.stakes.clone())?.done()?;
        unsettled.push_back(request.stakes);
    }
    let (over, position) = (AtomicBool::new(false), AtomicU64::new(0));
    let store = rig.store.clone();
    std::thread::scope(|scope| -> Result<Measured> {
        let views = scope.spawn(|| follow(&store, &over, &position));
        let copy = rig.pump.read_copy();
        while position.load(Ordering::Acquire) < copy.seq().0 {
            ensure!(!views.is_finished(), "the views have stopped");
            std::thread::sleep(Duration::from_millis(20));
        }
        let measured = paced(&mut rig, unsettled, plan, dir, &position);
        over.store(true, Ordering::Release);
        views.join().map_err(|_| anyhow::anyhow!("the thread of the views panicked"))??;
        measured
    })
}

/// One request every fiftieth of a second; lags are looked at in between.
fn paced(
    rig: &mut Rig,
    mut unsettled: VecDeque<Vec<Message>>,
    plan: &Plan,
    dir: &Path,
    position: &AtomicU64,
) -> Result<Measured> {
    let handle = rig.pump.handle();
    let copy = rig.pump.read_copy();
    let mut meter = Meter::start(plan, dir)?;
    let (mut latency, mut stakes) = (Latency::new(), 0);
    let mut waiting: VecDeque<(u64, Moment)> = VecDeque::new();
    let (began, mut turn) = (Moment::now(), 0);
    while meter.is_running() || !waiting.is_empty() {
        let due = Duration::from_micros(turn * 1_000_000 / REQUESTS_PER_SECOND);
        if meter.is_running() && due <= began.elapsed() {
            rig.world.set_clock(now().plus(-BEHIND_NS));
            let request = rig.world.request(turn as u32 % ORGANISERS, STAKES_EACH);
            let settled = unsettled.pop_front().unwrap_or_default();
            let settled = Wait::once(&handle, Class::Live, rig.world.settle(&settled))?;
            Wait::once(&handle, Class::Live, request.orders)?.done()?;
            unsettled.push_back(request.stakes.clone());
            Wait::once(&handle, Class::Live, request.stakes)?.done()?;
            settled.done()?;
            waiting.push_back((copy.head().next_seq, Moment::now()));
            stakes += STAKES_EACH;
            turn += 1;
        }
        let seen = position.load(Ordering::Acquire);
        while let Some((_, since)) = waiting.pop_front_if(|(seq, _)| *seq <= seen) {
            latency.record(since.elapsed());
        }
        std::thread::sleep(Duration::from_micros(200));
    }
    meter.absorb(stakes, &latency);
    meter.finish()
}
