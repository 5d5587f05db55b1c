//! A long run with a million open bets: each request of stakes is followed by the settlement of
//! the oldest one, and what is settled leaves memory two seconds later. Memory must stay flat.

use std::collections::VecDeque;
use std::path::Path;

use anyhow::{Result, ensure};
use desk::Message;
use pump::Class;
use terms::Instant;

use crate::latency::Latency;
use crate::measure::{Figure, Measured, Meter, Plan};
use crate::rig::{self, Rig, Wait};
use crate::rss::Resident;
use crate::world::ORGANISERS;

/// Stakes of the whole run.
pub const STAKES: u64 = 20_000_000;

/// Bets that are open at a time.
const OPEN: u64 = 1_000_000;

/// Stakes after which all tables have their size, and from which memory must not grow.
const WARM: u64 = 3 * OPEN;

/// How long a settled bet stays in memory. The sample rulebook says ten minutes, which at the
/// pace of this run would be tens of millions of bets.
const HOT_NS: i64 = 2 * Instant::SECOND;

/// Measures stakes a second, each settled and paid back, and how memory grows meanwhile.
pub fn run(plan: &Plan, dir: &Path) -> Result<Measured> {
    let mut rig = Rig::set_up_with(plan, dir, |world| world.let_bets_leave_after(HOT_NS))?;
    let handle = rig.pump.handle();
    let mut open: VecDeque<Vec<Message>> = VecDeque::new();
    let (mut turn, mut done, mut warm) = (0, 0, None);
    let meter = Meter::start(plan, dir)?;
    let mut settling: Option<Wait> = None;
    rig.commits.take();
    while done < STAKES {
        rig.world.set_clock(rig::now().plus(-rig::BEHIND_NS));
        let request = rig.world.request(turn % ORGANISERS, plan.batch);
        turn += 1;
        Wait::submit(&handle, Class::Live, request.orders)?.done()?;
        open.push_back(request.stakes.clone());
        let stakes = Wait::submit(&handle, Class::Live, request.stakes)?;
        if OPEN <= open.len() as u64 * plan.batch
            && let Some(oldest) = open.pop_front()
        {
            if let Some(wait) = settling.take() {
                wait.done()?;
            }
            let messages = rig.world.settle(&oldest);
            settling = Some(Wait::submit(&handle, Class::Settlement, messages)?);
        }
        stakes.done()?;
        done += plan.batch;
        if warm.is_none() && WARM <= done {
            warm = Some(Resident::read()?.now_bytes);
        }
    }
    let mut meter = meter;
    meter.absorb(done, &Latency::new());
    meter.commits(&rig.commits.take());
    let mut measured = meter.finish()?;
    if let Some(wait) = settling {
        wait.done()?;
    }
    let warm = warm.unwrap_or_default() as f64 / f64::from(1 << 20);
    measured.0[Figure::RssWarmMib as usize] = warm;
    let copy = rig.pump.read_copy();
    let stopped = rig.pump.stop()?;
    ensure!(copy.head().next_seq == stopped.head.next_seq, "the read copy lags behind");
    ensure!(copy.read(|state| state.ledger.balanced()), "the ledger is not balanced");
    let bets = copy.read(|state| state.bets.len()) as u64;
    ensure!(bets < 3 * OPEN, "{bets} bets are in memory, of which {OPEN} are open");
    Ok(measured)
}
