//! The state is the same however it was arrived at (J3).

use desk::{Message, State};
use pump::{Outcome, Pump, StartError, Time};
use register::Basis;
use store::{JournalStore, Memory, SnapshotStore};

use crate::world::{S, World, caught_up, entries, put, seeded, small, start};

fn brought(memory: &Memory) -> Pump {
    start(memory, Time::Brought, small()).unwrap()
}

/// A pump without snapshots and index: everything is replayed.
fn whole(memory: &Memory) -> Pump {
    let journal = Box::new(memory.journal());
    Pump::start(journal, None, None, Time::Brought, seeded(), small()).unwrap()
}

fn state(memory: &Memory, pump: &Pump) -> State {
    caught_up(memory, pump).read(State::clone)
}

/// Some hundred messages of all kinds.
fn load(pump: &Pump, world: &mut World) {
    let set_up = world.set_up(5);
    put(pump, world.at, &set_up);
    for round in 0..6 {
        let mut bets = Vec::new();
        for bettor in 0..5 {
            let order = world.order(bettor);
            let stake = world.stake(bettor, &order);
            let cash = world.cash_stake(bettor);
            let verdicts = put(pump, world.at, &[order, stake.clone(), cash.clone()]);
            assert!(verdicts.iter().all(|v| v.outcome == Outcome::Done), "{verdicts:?}");
            bets.extend([stake, cash]);
        }
        if round == 0 {
            let result = world.result();
            put(pump, world.at, &[result]);
            return settle(pump, world, &bets);
        }
        settle(pump, world, &bets);
    }
}

fn settle(pump: &Pump, world: &mut World, bets: &[Message]) {
    let settles: Vec<_> = bets.iter().map(|bet| world.settle(bet, Basis::Result, 0)).collect();
    let verdicts = put(pump, world.at, &settles);
    assert!(verdicts.iter().all(|v| v.outcome == Outcome::Done), "{verdicts:?}");
    world.at = world.at.plus(3_600 * S);
    let tick = world.tick();
    put(pump, world.at, &[tick]);
    let again: Vec<_> =
        bets.iter().step_by(2).map(|bet| world.settle(bet, Basis::Correction, 1)).collect();
    put(pump, world.at, &again);
}

fn check_same(left: &State, right: &State) {
    assert_eq!(left.next, right.next);
    assert!(left.same(right));
    assert_eq!(left.hash(), right.hash());
}

#[test]
fn running_snapshot_and_whole_replay_agree() {
    // J3
    let memory = Memory::new();
    let mut world = World::new();
    let pump = brought(&memory);
    load(&pump, &mut world);
    let running = state(&memory, &pump);
    let seq = running.next;
    let stopped = pump.stop().unwrap();
    assert_eq!(stopped.snapshot, Some(seq.0));
    assert_eq!(stopped.indexed, seq.0);
    check_same(&running, &state(&memory, &brought(&memory)));
    check_same(&running, &state(&memory, &whole(&memory)));
    assert!(matches!(memory.snapshots().latest(), Ok(latest) if latest.reader.is_some()));
}

#[test]
fn after_a_kill_everything_that_was_answered_is_there() {
    let memory = Memory::new();
    let mut world = World::new();
    let mut running = None;
    for _ in 0..4 {
        let pump = brought(&memory);
        if let Some(running) = &running {
            check_same(running, &state(&memory, &pump));
        }
        let messages: Vec<_> = match running {
            None => world.set_up(4),
            Some(_) => (0..30).map(|_| world.person()).collect(),
        };
        let verdicts = put(&pump, world.at, &messages);
        assert!(verdicts.iter().all(|verdict| verdict.receipt.is_some()));
        running = Some(state(&memory, &pump));
        drop(pump);
    }
    check_same(&running.unwrap(), &state(&memory, &whole(&memory)));
}

#[test]
fn a_damaged_snapshot_is_passed_over() {
    let memory = Memory::new();
    let mut world = World::new();
    let pump = brought(&memory);
    load(&pump, &mut world);
    let running = state(&memory, &pump);
    pump.stop().unwrap();
    memory.damage_latest_snapshot();
    let pump = brought(&memory);
    assert_eq!(pump.remarks().len(), 1, "{:?}", pump.remarks());
    check_same(&running, &state(&memory, &pump));
}

#[test]
fn a_journal_that_lost_its_end_is_not_started_on() {
    let memory = Memory::new();
    let mut world = World::new();
    let pump = brought(&memory);
    load(&pump, &mut world);
    pump.stop().unwrap();
    let short = Memory::new();
    let refused = |snapshots: bool| {
        let journal: Box<dyn JournalStore> = Box::new(short.journal());
        let (snapshots, cold) = if snapshots {
            (Some(Box::new(memory.snapshots()) as Box<dyn SnapshotStore>), None)
        } else {
            (None, Some(Box::new(memory.cold()) as Box<dyn store::ColdStore>))
        };
        Pump::start(journal, snapshots, cold, Time::Brought, seeded(), small())
    };
    for snapshots in [true, false] {
        assert!(matches!(refused(snapshots), Err(StartError::Short { .. })));
    }
    // A journal that is long enough but another one.
    let other = whole(&short);
    for _ in 0..100 {
        let messages: Vec<_> = (0..10).map(|_| world.person()).collect();
        put(&other, world.at, &messages);
    }
    drop(other);
    assert!(matches!(refused(true), Err(StartError::Stranger { .. })));
}

#[test]
fn a_message_from_before_the_restart_is_not_done_twice() {
    let memory = Memory::new();
    let mut world = World::new();
    let pump = brought(&memory);
    let messages = [world.rulebook(), world.person()];
    let then = put(&pump, world.at, &messages);
    drop(pump);
    let pump = brought(&memory);
    let again = put(&pump, world.at, &messages);
    for (again, then) in again.iter().zip(&then) {
        assert_eq!((again.repeat, again.receipt), (true, then.receipt));
    }
    assert_eq!(entries(&memory).len(), 2);
}
