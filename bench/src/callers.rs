//! Callers of the pump in process: each puts one stake, waits for its verdict, and puts the next.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use pump::{Class, Handle, Outcome, Reply};
use terms::Sender;
use tokio::sync::oneshot;
use tokio::task::JoinSet;

use crate::latency::Latency;
use crate::measure::{Measured, Meter, Plan};
use crate::rig::{Rig, now};
use crate::world::{World, is_stake};

/// Measures so many callers at a time: tasks of one thread, as the connections of the API are, for
/// threads of their own would measure how fast the system's scheduler wakes them.
pub fn run(callers: u64, plan: &Plan, dir: &Path) -> Result<Measured> {
    let rig = Rig::set_up(plan, dir)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build()?;
    let mut meter = Meter::start(plan, dir)?;
    let over = Arc::new(AtomicBool::new(false));
    let done: Vec<Result<(u64, Latency)>> = runtime.block_on(async {
        let mut tasks = JoinSet::new();
        for number in 0..callers {
            let (seed, over) = (plan.seed + 1_000 + number, over.clone());
            let mut world = World::new(seed, plan.accounts, plan.stakes_per_order, now());
            world.keep_to_share(number as u32, callers as u32);
            tasks.spawn(call(rig.pump.handle(), world, over));
        }
        while meter.is_running() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        over.store(true, Ordering::Relaxed);
        tasks.join_all().await
    });
    for one in done {
        let (stakes, latency) = one?;
        meter.absorb(stakes, &latency);
    }
    let measured = meter.finish()?;
    let copy = rig.pump.read_copy();
    rig.pump.stop()?;
    ensure!(copy.read(|state| state.ledger.balanced()), "the ledger is not balanced");
    Ok(measured)
}

/// One caller; bettors are divided among callers, so that none disturbs another's orders.
async fn call(handle: Handle, mut world: World, over: Arc<AtomicBool>) -> Result<(u64, Latency)> {
    let (mut stakes, mut latency) = (0, Latency::new());
    while !over.load(Ordering::Relaxed) {
        world.set_clock(now().plus(-crate::rig::BEHIND_NS));
        let message = world.next();
        let counts = is_stake(&message) && message.sender != Sender::Bettor;
        let began = Instant::now();
        let (sender, receiver) = oneshot::channel();
        let reply = Reply::new(move |verdicts| {
            // Whoever has gone hears nothing.
            let _ = sender.send(verdicts);
        });
        handle.submit(Class::Live, vec![message], reply).context("ask the pump")?;
        let verdicts = receiver.await?.context("hear the pump")?;
        ensure!(verdicts.iter().all(|verdict| verdict.outcome == Outcome::Done), "{verdicts:?}");
        if counts {
            latency.record(began.elapsed());
            stakes += 1;
        }
    }
    Ok((stakes, latency))
}
