//! Ready after SIGKILL: a process fills a store with entries and is killed; the time until the
//! pump takes stakes again is measured.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result, ensure};

use crate::measure::{Measured, Meter, Plan};
use crate::rig::{self, Rig, Wait};
use crate::world::ORGANISERS;

/// Entries in the journal when the process is killed.
pub const ENTRIES: u64 = 10_000_000;

/// What the filling process says when it is done.
const FULL: &str = "full";

/// Measures the start; its time is the latency, and an operation is an entry.
pub fn run(plan: &Plan, dir: &Path) -> Result<Measured> {
    let mut child = Command::new(std::env::current_exe()?)
        .args(["fill", "--in"])
        .arg(dir)
        .args(["--accounts", &plan.accounts.to_string()])
        .args(["--stakes-per-order", &plan.stakes_per_order.to_string()])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .context("start the process that fills the store")?;
    let said = child
        .stdout
        .take()
        .map(BufReader::new)
        .and_then(|lines| lines.lines().map_while(Result::ok).find(|line| line == FULL));
    child.kill().context("kill the process that fills the store")?;
    child.wait()?;
    ensure!(said.is_some(), "the process that fills the store ended before it was done");

    let mut meter = Meter::start(plan, dir)?;
    let mut started = None;
    meter.step(ENTRIES, || {
        started = Some(rig::start(dir)?);
        Ok(())
    })?;
    let measured = meter.finish_steps()?;
    let (_, pump, _) = started.context("the pump did not start")?;
    let copy = pump.read_copy();
    ensure!(ENTRIES <= copy.seq().0, "entries are missing: {}", copy.seq());
    ensure!(copy.read(|state| state.ledger.balanced()), "the ledger is not balanced");
    drop(pump);
    Ok(measured)
}

/// Fills a store, says so, and waits to be killed.
pub fn fill(plan: &Plan, dir: &Path) -> Result<()> {
    let mut rig = Rig::set_up(plan, dir)?;
    let copy = rig.pump.read_copy();
    let set_up = copy.seq().0;
    stake_until(&mut rig, plan, ENTRIES.saturating_sub(set_up))?;
    println!("{FULL}");
    // Whoever started this process kills it; its standard input ends only if that one died.
    let mut line = String::new();
    std::io::stdin().read_line(&mut line)?;
    Ok(())
}

/// Puts so many stakes to the pump, as fast as it takes them.
pub fn stake_until(rig: &mut Rig, plan: &Plan, stakes_wanted: u64) -> Result<()> {
    let handle = rig.pump.handle();
    let (mut turn, mut done) = (0, 0);
    while done < stakes_wanted {
        let request = rig.world.request(turn % ORGANISERS, plan.batch);
        Wait::submit(&handle, pump::Class::Live, request.orders)?.done()?;
        Wait::submit(&handle, pump::Class::Live, request.stakes)?.done()?;
        turn += 1;
        done += plan.batch;
    }
    Ok(())
}
