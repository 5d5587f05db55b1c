//! Full stakes through desk, pump and frames: requests of one organiser with a batch of stakes
//! each, four of them under way, so that one is decided while another is made durable.
//!
//! The requests are made beforehand: parsing and hashing belong to the edge, which runs on other
//! machines or cores. The orders of a request are durable before it is sent; what they cost counts.

use std::collections::VecDeque;
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Instant as Moment;

use anyhow::{Result, ensure};
use desk::Message;
use pump::Class;

use crate::latency::Latency;
use crate::measure::{Measured, Meter, Plan};
use crate::rig::{Rig, Wait};
use crate::world::{ORGANISERS, Request};

/// Requests under way.
const WINDOW: usize = 4;

/// Stakes that are prepared for a second of the run: more than it can take.
const PREPARED_PER_SECOND: f64 = 900_000.0;

/// Measures stakes a second on a server of PostgreSQL, without views.
pub fn run_on_postgres(plan: &Plan, dir: &Path) -> Result<Measured> {
    let cluster = crate::postgres::server()?;
    let store = crate::postgres::store(&cluster, dir)?;
    let measured = measure(Rig::set_up_on(plan, store)?, plan, dir);
    drop(cluster);
    measured
}

/// Measures stakes a second while the views follow along, on the same cores.
pub fn run_with_views(plan: &Plan, dir: &Path) -> Result<Measured> {
    let rig = Rig::set_up(plan, dir)?;
    let (over, position) = (AtomicBool::new(false), AtomicU64::new(0));
    let store = rig.store.clone();
    std::thread::scope(|scope| {
        let views = scope.spawn(|| crate::views::follow(&store, &over, &position));
        let measured = measure(rig, plan, dir);
        over.store(true, Ordering::Release);
        views.join().map_err(|_| anyhow::anyhow!("the thread of the views panicked"))??;
        measured
    })
}

/// Measures stakes a second without views.
pub fn run(plan: &Plan, dir: &Path) -> Result<Measured> {
    measure(Rig::set_up(plan, dir)?, plan, dir)
}

fn measure(mut rig: Rig, plan: &Plan, dir: &Path) -> Result<Measured> {
    let count = (plan.seconds * PREPARED_PER_SECOND / plan.batch as f64) as usize;
    let mut requests = prepare(&mut rig, plan, count);
    let handle = rig.pump.handle();
    let mut meter = Meter::start(plan, dir)?;
    rig.commits.take();
    let (mut latency, mut done) = (Latency::new(), 0);
    let mut orders = VecDeque::new();
    let mut stakes: VecDeque<(Moment, Wait)> = VecDeque::new();
    let mut ready: VecDeque<Vec<Message>> = VecDeque::new();
    while meter.is_running() {
        let Some(request) = requests.pop_front() else { break };
        orders.push_back(Wait::once(&handle, Class::Live, request.orders)?);
        ready.push_back(request.stakes);
        if orders.len() <= WINDOW {
            continue;
        }
        if let (Some(wait), Some(messages)) = (orders.pop_front(), ready.pop_front()) {
            wait.done()?;
            stakes.push_back((Moment::now(), Wait::once(&handle, Class::Live, messages)?));
        }
        if WINDOW <= stakes.len()
            && let Some((began, wait)) = stakes.pop_front()
        {
            wait.done()?;
            latency.record(began.elapsed());
            done += plan.batch;
        }
    }
    meter.absorb(done, &latency);
    meter.commits(&rig.commits.take());
    let measured = meter.finish()?;
    for (_, wait) in stakes {
        wait.done()?;
    }
    prove(rig)?;
    Ok(measured)
}

/// Requests in turn of all organisers, made before anything is timed.
fn prepare(rig: &mut Rig, plan: &Plan, count: usize) -> VecDeque<Request> {
    let mut requests = VecDeque::with_capacity(count);
    for number in 0..count {
        requests.push_back(rig.world.request(number as u32 % ORGANISERS, plan.batch));
    }
    requests
}

/// What was measured is right: the books balance in the copy that followed.
fn prove(rig: Rig) -> Result<()> {
    let copy = rig.pump.read_copy();
    let stopped = rig.pump.stop()?;
    ensure!(copy.head().next_seq == stopped.head.next_seq, "the read copy lags behind the journal");
    ensure!(copy.read(|state| state.ledger.balanced()), "the ledger is not balanced");
    Ok(())
}
