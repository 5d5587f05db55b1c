//! What has left the hot state is decided as if it had not (core 16).

use desk::Command;
use desk::command::{ChangeEvent, LegBid, ListEvent, PlaceStake, PublishResult, ReportStake};
use journal::fact::Fact;
use pump::{Outcome, Time};
use register::{Basis, EventClass, EventState, Form, LegResult};
use store::{JournalStore, Memory};
use terms::{BetId, Championship, Event, Instant, Market, Organiser, Reason, Text, Tiyn};

use crate::world::{BOOKMAKER, S, World, caught_up, entries, put, small, start};

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

/// A world in which the bet and then its event have left the hot state.
fn with_cold_event(memory: &Memory) -> (pump::Pump, World, desk::Message) {
    let (pump, mut world, bet) = with_cold_bet(memory);
    for state in [EventState::Started, EventState::Finished] {
        let change = ChangeEvent { event: Event(0), state, time: None };
        let change = world.say(BOOKMAKER, change);
        assert_eq!(put(&pump, world.at, &[change])[0].outcome, Outcome::Done);
    }
    world.at = world.at.plus(3 * Instant::DAY);
    let tick = world.tick();
    assert_eq!(put(&pump, world.at, &[tick])[0].outcome, Outcome::Done);
    caught_up(memory, &pump).read(|state| {
        assert!(state.catalogue.has_left(Event(0)) && state.catalogue.is_empty());
    });
    (pump, world, bet)
}

fn correction(world: &mut World, winner: usize) -> desk::Message {
    let result = |place| if place == winner { LegResult::Won } else { LegResult::Lost };
    let reason = Some(Text::new("an error").unwrap());
    let results = (0..3).map(result).collect();
    world.say(BOOKMAKER, PublishResult { market: Market(0), results, reason })
}

/// The facts of a frame of messages that are all done, in memory and after a restart the same.
fn tail(memory: &Memory, pump: pump::Pump, at: Instant, messages: &[desk::Message]) -> Vec<Fact> {
    let before = entries(memory).len();
    let verdicts = put(&pump, at, messages);
    assert!(verdicts.iter().all(|verdict| verdict.outcome == Outcome::Done), "{verdicts:?}");
    let mut reader = memory.journal().reader().unwrap();
    let frame = reader.frame_of(before as u64).unwrap().unwrap();
    assert_eq!(frame.count as usize, messages.len(), "one frame");
    let running = caught_up(memory, &pump).read(|state| state.hash());
    pump.stop().unwrap();
    let again = start(memory, Time::Brought, small()).unwrap();
    assert_eq!(caught_up(memory, &again).read(|state| state.hash()), running);
    again.stop().unwrap();
    entries(memory).split_off(before).into_iter().map(|entry| entry.fact).collect()
}

#[test]
fn two_corrections_of_a_result_and_a_resettlement_on_one_cold_event_in_one_frame() {
    let memory = Memory::new();
    let (pump, mut world, bet) = with_cold_event(&memory);
    let first = correction(&mut world, 1);
    let second = correction(&mut world, 0);
    let settle = world.settle(&bet, Basis::Correction, 0);
    let facts = tail(&memory, pump, world.at, &[first, second, settle]);
    let [Fact::ResultPublished(first), Fact::ResultPublished(second), Fact::BetSettled(settled)] =
        &facts[..]
    else {
        panic!("{facts:?}")
    };
    // Only the first one finds the event gone; what follows sees what it brought and changed.
    assert!(first.thawed.is_some() && second.thawed.is_none() && settled.thawed.is_some());
    assert!(first.corrects < second.corrects);
    assert_eq!(settled.gross, Tiyn::of(2_000));
}

#[test]
fn a_resettlement_before_and_after_a_correction_on_one_cold_event_in_one_frame() {
    let memory = Memory::new();
    let (pump, mut world, bet) = with_cold_event(&memory);
    let settle = world.settle(&bet, Basis::Correction, 0);
    let correct = correction(&mut world, 1);
    let anew = world.settle(&bet, Basis::Correction, 0);
    let facts = tail(&memory, pump, world.at, &[settle, correct, anew]);
    let [Fact::BetSettled(before), Fact::ResultPublished(correct), Fact::BetSettled(after)] =
        &facts[..]
    else {
        panic!("{facts:?}")
    };
    // The first one has only read the event: it is gone still when the correction comes.
    assert!(before.thawed.is_some() && correct.thawed.is_some() && after.thawed.is_none());
    assert_eq!((before.gross, after.gross), (Tiyn::of(2_000), Tiyn::ZERO));
}

#[test]
fn a_late_report_brings_its_event_back_and_an_own_id_is_never_free_again() {
    let memory = Memory::new();
    let (pump, mut world, _) = with_cold_event(&memory);
    let own = |own: &str| ListEvent {
        championship: Championship(0),
        own: Text::new(own).unwrap(),
        name: Text::new("Home - Away").unwrap(),
        class: EventClass::Sport,
        scheduled: world.at,
        confirmed: true,
    };
    let (same, other) = (own("e"), own("f"));
    let same = world.say(BOOKMAKER, same);
    let other = world.say(BOOKMAKER, other);
    let (late, later) = (world.cash_stake(0), world.cash_stake(0));
    let verdicts = put(&pump, world.at, &[same, other, late, later]);
    assert_eq!(verdicts[0].outcome, Outcome::Refused(Reason::AlreadyListed));
    assert!(verdicts[1..].iter().all(|verdict| verdict.outcome == Outcome::Done), "{verdicts:?}");
    let thawed: Vec<usize> = entries(&memory)
        .iter()
        .rev()
        .filter_map(|entry| match &entry.fact {
            Fact::StakeReported(fact) => Some(fact.thawed.as_ref().map_or(0, Vec::len)),
            _ => None,
        })
        .take(2)
        .collect();
    assert_eq!(thawed, [0, 1]);
    caught_up(&memory, &pump).read(|state| {
        assert_eq!(state.catalogue.event(Event(0)).map(|event| event.bets), Some(2));
        assert_eq!(state.catalogue.len(), 2);
    });
    pump.stop().unwrap();
}

#[test]
fn a_bid_of_more_legs_than_any_bet_has_is_refused_before_anything_is_fetched_for_it() {
    // core 13
    let memory = Memory::new();
    let (pump, mut world, _) = with_cold_bet(&memory);
    let many = terms::limits::LEGS_MAX as u32 + 5;
    for number in 1..=many {
        let list = ListEvent {
            championship: Championship(0),
            own: Text::new(&format!("cold {number}")).unwrap(),
            name: Text::new("Home - Away").unwrap(),
            class: EventClass::Sport,
            scheduled: world.at,
            confirmed: true,
        };
        let (event, state) = (Event(number), EventState::Cancelled);
        let list = world.say(BOOKMAKER, list);
        let cancel = world.say(BOOKMAKER, ChangeEvent { event, state, time: None });
        let verdicts = put(&pump, world.at, &[list, cancel]);
        assert!(verdicts.iter().all(|verdict| verdict.outcome == Outcome::Done), "{verdicts:?}");
    }
    world.at = world.at.plus(3 * Instant::DAY);
    let tick = world.tick();
    assert_eq!(put(&pump, world.at, &[tick])[0].outcome, Outcome::Done);
    caught_up(&memory, &pump).read(|state| {
        assert!((1..=many).all(|number| state.catalogue.has_left(Event(number))));
    });
    let of = |message: &desk::Message| match &message.command {
        Command::ReportStake(report) => report.bid.clone(),
        other => panic!("{other:?}"),
    };
    let mut bid = of(&world.cash_stake(0));
    let leg = bid.legs[0].clone();
    let outcome = |event| terms::Outcome::of(Market::of(Event(event), 0).unwrap(), 0).unwrap();
    bid.legs = (1..=many).map(|event| LegBid { outcome: outcome(event), ..leg.clone() }).collect();
    let report = ReportStake { bid: bid.clone(), form: Form::Cash, resends: None };
    let report = world.say(BOOKMAKER, report);
    let stake = world.say(BOOKMAKER, PlaceStake { bid, order: None });
    let refused = put(&pump, world.at, &[report, stake]);
    let reason = Outcome::Refused(Reason::ShapeInvalid);
    assert!(refused.iter().all(|verdict| verdict.outcome == reason), "{refused:?}");
    pump.stop().unwrap();
}

#[test]
fn a_bet_that_was_changed_very_often_stops_nobody_when_it_has_left() {
    // B1
    let memory = Memory::new();
    let (pump, mut world, bet) = with_cold_bet(&memory);
    for round in 0..pump::limits::RECORDS_PER_BET_MAX as u32 + 1 {
        let settle = world.settle(&bet, Basis::Correction, 1 - round % 2);
        assert_eq!(put(&pump, world.at, &[settle])[0].outcome, Outcome::Done);
    }
    world.at = world.at.plus(3_600 * S);
    let tick = world.tick();
    assert_eq!(put(&pump, world.at, &[tick])[0].outcome, Outcome::Done);
    let settle = world.settle(&bet, Basis::Correction, 1);
    let refused = put(&pump, world.at, &[settle])[0].outcome;
    assert_eq!(refused, Outcome::Refused(Reason::BetUnknown));
    let other = world.cash_stake(0);
    assert_eq!(put(&pump, world.at, &[other])[0].outcome, Outcome::Done);
    pump.stop().unwrap();
}
