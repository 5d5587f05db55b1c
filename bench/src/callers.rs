//! Callers of the pump in process: each puts one stake, waits for its verdict, and puts the next.

use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::{Context as _, Result, ensure};
use pump::{Class, Handle, Outcome};
use terms::Sender;

use crate::latency::Latency;
use crate::measure::{Measured, Meter, Plan};
use crate::rig::{Rig, now};
use crate::world::{World, is_stake};

/// Measures so many callers at a time.
pub fn run(callers: u64, plan: &Plan, dir: &Path) -> Result<Measured> {
    let rig = Rig::set_up(plan, dir)?;
    let mut meter = Meter::start(plan, dir)?;
    let over = AtomicBool::new(false);
    let done: Vec<Result<(u64, Latency)>> = std::thread::scope(|scope| {
        let caller = |number| {
            let (handle, over) = (rig.pump.handle(), &over);
            scope.spawn(move || call(&handle, plan, number, callers, over))
        };
        let threads: Vec<_> = (0..callers).map(caller).collect();
        while meter.is_running() {
            std::thread::sleep(std::time::Duration::from_millis(5));
        }
        over.store(true, Ordering::Relaxed);
        let joined = threads.into_iter().map(|thread| {
            thread.join().map_err(|_| anyhow::anyhow!("a caller panicked")).flatten()
        });
        joined.collect()
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
fn call(
    handle: &Handle,
    plan: &Plan,
    number: u64,
    callers: u64,
    over: &AtomicBool,
) -> Result<(u64, Latency)> {
    let seed = plan.seed + 1_000 + number;
    let mut world = World::new(seed, plan.accounts, plan.stakes_per_order, now());
    world.keep_to_share(number as u32, callers as u32);
    let (mut stakes, mut latency) = (0, Latency::new());
    while !over.load(Ordering::Relaxed) {
        world.set_clock(now().plus(-crate::rig::BEHIND_NS));
        let message = world.next();
        let counts = is_stake(&message) && message.sender != Sender::Bettor;
        let began = std::time::Instant::now();
        let verdict = handle.ask(Class::Live, message).context("ask the pump")?;
        ensure!(verdict.outcome == Outcome::Done, "{verdict:?}");
        if counts {
            latency.record(began.elapsed());
            stakes += 1;
        }
    }
    Ok((stakes, latency))
}
