//! What has left the hot state is decided as if it had not (core 16).

use journal::fact::Fact;
use pump::{Outcome, Time};
use register::Basis;
use store::{JournalStore, Memory};
use terms::{BetId, Organiser, Tiyn};

use crate::world::{S, World, caught_up, entries, put, small, start};

/// A world in which one settled cash bet has left the hot state.
fn with_cold_bet(memory: &Memory) -> (pump::Pump, World, desk::Message) {
    let options = pump::Options { run_entries: 1, ..small() };
    let pump = start(memory, Time::Brought, options).unwrap();
    let mut world = World::new();
    let set_up = world.set_up(1);
    for verdict in put(&pump, world.at, &set_up) {
        assert_eq!(verdict.outcome, Outcome::Done);
    }
    let bet = world.cash_stake(0);
    let result = world.result();
    let settle = world.settle(&bet, Basis::Result, 0);
    let verdicts = put(&pump, world.at, &[bet.clone(), result, settle]);
    assert!(verdicts.iter().all(|verdict| verdict.outcome == Outcome::Done), "{verdicts:?}");
    world.at = world.at.plus(3_600 * S);
    let tick = world.tick();
    assert_eq!(put(&pump, world.at, &[tick])[0].outcome, Outcome::Done);
    let id = BetId::from(bet.id);
    caught_up(memory, &pump).read(|state| assert!(state.bet(Organiser(0), id).is_none()));
    (pump, world, bet)
}

#[test]
fn two_resettlements_and_a_payout_of_one_cold_bet_in_one_frame() {
    // B1
    let memory = Memory::new();
    let (pump, mut world, bet) = with_cold_bet(&memory);
    let refund = world.settle(&bet, Basis::Correction, 1);
    let anew = world.settle(&bet, Basis::Correction, 0);
    let paid = world.paid(&bet, 1_500);
    let before = entries(&memory).len() as u64;
    let verdicts = put(&pump, world.at, &[refund, anew, paid]);
    assert!(verdicts.iter().all(|verdict| verdict.outcome == Outcome::Done), "{verdicts:?}");

    let mut reader = memory.journal().reader().unwrap();
    let frame = reader.frame_of(before).unwrap().unwrap();
    assert_eq!((frame.first_seq, frame.count), (before, 3));
    let entries = entries(&memory);
    let tail: Vec<&Fact> = entries[before as usize..].iter().map(|entry| &entry.fact).collect();
    let [Fact::BetSettled(first), Fact::BetSettled(second), Fact::PayoutReported(paid)] = tail[..]
    else {
        panic!("{tail:?}")
    };
    // Only the first one finds the bet gone; each follows the one before.
    assert!(first.thawed.is_some() && second.thawed.is_none() && paid.thawed.is_none());
    assert_eq!((first.gross, second.gross), (Tiyn::of(1_000), Tiyn::of(2_000)));
    assert_eq!((second.bet_previous.0, paid.bet_previous.0), (before, before + 1));
    let state = caught_up(&memory, &pump)
        .read(|state| state.bet(Organiser(0), BetId::from(bet.id)).cloned());
    let settlement = state.unwrap().settlement.unwrap();
    assert_eq!((settlement.net_due, settlement.paid), (Tiyn::of(2_000), Tiyn::of(1_500)));

    let running = caught_up(&memory, &pump).read(|state| state.hash());
    pump.stop().unwrap();
    let again = start(&memory, Time::Brought, small()).unwrap();
    assert_eq!(caught_up(&memory, &again).read(|state| state.hash()), running);
}

#[test]
fn a_bet_leaves_and_comes_back_more_than_once() {
    let memory = Memory::new();
    let (pump, mut world, bet) = with_cold_bet(&memory);
    for legs in [1, 0, 1] {
        let settle = world.settle(&bet, Basis::Correction, legs);
        assert_eq!(put(&pump, world.at, &[settle])[0].outcome, Outcome::Done);
        world.at = world.at.plus(3_600 * S);
        let tick = world.tick();
        assert_eq!(put(&pump, world.at, &[tick])[0].outcome, Outcome::Done);
        caught_up(&memory, &pump).read(|state| {
            assert!(state.bet(Organiser(0), BetId::from(bet.id)).is_none());
        });
    }
    let thawed = entries(&memory)
        .iter()
        .filter(|entry| matches!(&entry.fact, Fact::BetSettled(fact) if fact.thawed.is_some()))
        .count();
    assert_eq!(thawed, 3);
    pump.stop().unwrap();
}

#[test]
fn a_bet_that_never_was_is_unknown() {
    let memory = Memory::new();
    let (pump, mut world, bet) = with_cold_bet(&memory);
    let now = world.at;
    world.at = now.plus(-3_600 * S);
    let stranger = world.cash_stake(0);
    world.at = now;
    assert_ne!(stranger.id, bet.id);
    let settle = world.settle(&stranger, Basis::Result, 0);
    let verdict = put(&pump, world.at, &[settle])[0];
    assert_eq!(verdict.outcome, Outcome::Refused(terms::Reason::BetUnknown));
}
