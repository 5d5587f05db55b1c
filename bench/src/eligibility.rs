//! Eligibility from the read copy, while stakes pass through the pump.

use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant as Moment;

use anyhow::{Result, ensure};
use pump::Class;
use terms::{Account, Organiser};

use crate::latency::Latency;
use crate::measure::{Measured, Meter, Plan};
use crate::rig::{BEHIND_NS, Rig, Wait, now};
use crate::workload::Numbers;
use crate::world::ORGANISERS;

/// Questions between two looks at the clock.
const QUESTIONS: u64 = 256;

/// Measures one reader; a second thread keeps stakes coming, some ten thousand a second.
pub fn run(plan: &Plan, dir: &Path) -> Result<Measured> {
    let mut rig = Rig::set_up(plan, dir)?;
    let copy = rig.pump.read_copy();
    let mut meter = Meter::start(plan, dir)?;
    let over = AtomicBool::new(false);
    let (asked, latency) = std::thread::scope(|scope| -> Result<(u64, Latency)> {
        let stakes = scope.spawn(|| keep_staking(&mut rig, plan, &over));
        let mut numbers = Numbers(plan.seed);
        let (mut asked, mut latency) = (0, Latency::new());
        let mut grounds = 0;
        while meter.is_running() {
            let at = now();
            for _ in 0..QUESTIONS {
                let account = numbers.below(plan.accounts) as u32;
                let organiser = Organiser(account % ORGANISERS);
                let began = Moment::now();
                let ground = copy.read(|state| {
                    desk::eligibility::ground(state, organiser, Account(account), at)
                });
                latency.record(began.elapsed());
                grounds += u64::from(ground.is_some());
            }
            asked += QUESTIONS;
        }
        over.store(true, Ordering::Relaxed);
        stakes.join().map_err(|_| anyhow::anyhow!("the thread of stakes panicked"))??;
        ensure!(grounds == 0, "{grounds} of the bench's bettors may not stake");
        Ok((asked, latency))
    })?;
    meter.absorb(asked, &latency);
    let measured = meter.finish()?;
    rig.pump.stop()?;
    Ok(measured)
}

fn keep_staking(rig: &mut Rig, plan: &Plan, over: &AtomicBool) -> Result<()> {
    let handle = rig.pump.handle();
    let mut turn = 0;
    while !over.load(Ordering::Relaxed) {
        rig.world.set_clock(now().plus(-BEHIND_NS));
        let request = rig.world.request(turn % ORGANISERS, plan.batch / 10 + 1);
        Wait::once(&handle, Class::Live, request.orders)?.done()?;
        Wait::once(&handle, Class::Live, request.stakes)?.done()?;
        std::thread::sleep(std::time::Duration::from_millis(5));
        turn += 1;
    }
    Ok(())
}
