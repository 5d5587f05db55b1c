//! The clock that jumps, and one that is behind the journal (core 6).

use pump::{Busy, Class, Outcome, PumpError, Time};
use store::Memory;

use crate::world::{Hands, S, World, small, start};

#[test]
fn a_jump_stops_intake_until_the_clock_agrees() {
    for jump in [-6 * S, 6 * S] {
        let memory = Memory::new();
        let hands = Hands::new();
        let pump = start(&memory, Time::Clock(hands.clone()), small()).unwrap();
        let handle = pump.handle();
        let mut world = World::new();
        assert_eq!(handle.ask(Class::Live, world.rulebook()).unwrap().outcome, Outcome::Done);
        hands.go_on(jump, 0);
        let message = world.person();
        let busy = PumpError::Busy(Busy::Clock);
        assert_eq!(handle.ask(Class::Live, message.clone()), Err(busy.clone()));
        assert_eq!(handle.ask(Class::Live, message.clone()), Err(busy));
        assert_eq!(pump.status().busy, Some(Busy::Clock));
        hands.go_on(-jump, S);
        let verdict = handle.ask(Class::Live, message).unwrap();
        assert_eq!((verdict.outcome, verdict.repeat), (Outcome::Done, false));
        hands.go_on(jump, 0);
        assert!(handle.ask(Class::Live, world.person()).is_err());
        pump.confirm_clock();
        let verdict = handle.ask(Class::Live, world.person()).unwrap();
        assert_eq!(verdict.outcome, Outcome::Done);
        pump.stop().unwrap();
    }
}

#[test]
fn instants_grow_even_if_the_clock_stands_or_goes_back_a_little() {
    // J4
    let memory = Memory::new();
    let hands = Hands::new();
    let pump = start(&memory, Time::Clock(hands.clone()), small()).unwrap();
    let mut world = World::new();
    let mut last = None;
    for step in [0, 0, -4 * S, 0, 5 * S, 0] {
        hands.go_on(step, 0);
        let message = if last.is_none() { world.rulebook() } else { world.person() };
        let at = pump.handle().ask(Class::Live, message).unwrap().receipt.unwrap().at;
        assert!(last < Some(at));
        last = Some(at);
    }
}

#[test]
fn a_clock_behind_the_journal_is_found_at_the_start() {
    let memory = Memory::new();
    let hands = Hands::new();
    let mut world = World::new();
    let pump = start(&memory, Time::Clock(hands.clone()), small()).unwrap();
    let first = pump.handle().ask(Class::Live, world.rulebook()).unwrap();
    pump.stop().unwrap();
    hands.go_on(-60 * S, 0);
    let pump = start(&memory, Time::Clock(hands.clone()), small()).unwrap();
    let asked = pump.handle().ask(Class::Live, world.person());
    assert_eq!(asked, Err(PumpError::Busy(Busy::Clock)));
    pump.confirm_clock();
    let second = pump.handle().ask(Class::Live, world.person()).unwrap();
    assert_eq!(second.receipt.unwrap().at, first.receipt.unwrap().at.plus(1));
}
