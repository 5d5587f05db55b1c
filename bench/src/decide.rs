//! Decisions alone, no store: orders and stakes decided and applied on one core.

use std::path::Path;

use anyhow::{Result, ensure};
use desk::{Answer, Gathered, Message, Moment, State, decide};
use journal::fact::Fact;
use terms::{Instant, Seq};

use crate::measure::{Measured, Meter, Plan};
use crate::world::{World, is_stake};

/// Bets that may be open at the end: what the hot state has room for without growing.
const OPEN_MAX: u64 = terms::limits::BETS_RESERVED as u64 - 10_000;

/// The state and its clock.
struct Machine {
    state: State,
    at: Instant,
    facts: Vec<Fact>,
}

impl Machine {
    fn go(&mut self, message: &Message) -> Result<()> {
        self.at = self.at.plus(100);
        self.facts.clear();
        // Everything counts as indexed, so that recent ids make room as they would with an index.
        let moment = Moment { at: self.at, nonce: [7; 8], indexed: Seq(u64::MAX) };
        let nothing = Gathered::default();
        let answer = decide(&self.state, message, moment, &nothing, &mut self.facts);
        ensure!(answer == Answer::Done, "{answer:?} to {message:?}");
        for (index, fact) in (0..).zip(&self.facts) {
            let at = self.at.plus(index);
            let number = self.state.rulebook_number(at);
            self.state.apply(self.state.next, at, number, fact)?;
        }
        Ok(())
    }
}

/// Measures stakes a second; the requests are made before each step and not timed.
pub fn run(plan: &Plan, dir: &Path) -> Result<Measured> {
    let at = Instant(1_767_225_600_000_000_000);
    let mut world = World::new(plan.seed, plan.accounts, plan.stakes_per_order, at);
    let mut machine = Machine { state: State::new(plan.seed), at, facts: Vec::new() };
    let mut failed = None;
    world.set_up(|message| {
        if failed.is_none() {
            failed = machine.go(&message).err();
        }
        machine.state.ids.make_room(Seq(u64::MAX));
    });
    failed.map_or(Ok(()), Err)?;
    let mut meter = Meter::start(plan, dir)?;
    let mut open = 0;
    while meter.is_running() && open < OPEN_MAX {
        let mut messages = Vec::with_capacity(plan.batch as usize * 2);
        let mut stakes = 0;
        while stakes < plan.batch {
            let message = world.next();
            stakes += u64::from(is_stake(&message));
            messages.push(message);
        }
        open += stakes;
        machine.at = machine.at.max(world.at());
        meter.step(stakes, || {
            for group in messages.chunks(desk::warm::GROUP) {
                std::hint::black_box(machine.state.warm(group.iter()));
                for message in group {
                    machine.go(message)?;
                }
            }
            machine.state.ids.make_room(Seq(u64::MAX));
            Ok(())
        })?;
    }
    let measured = meter.finish_steps()?;
    ensure!(machine.state.ledger.balanced(), "the ledger is not balanced");
    Ok(measured)
}
