//! The budget of refusals (core 14).

use journal::fact::Fact;
use pump::{Outcome, Time};
use store::Memory;
use terms::{Reason, Sender};

use crate::world::{S, World, entries, put, small, start};

#[test]
fn refusals_beyond_the_budget_leave_one_fact_a_second() {
    let memory = Memory::new();
    let pump = start(&memory, Time::Brought, small()).unwrap();
    let mut world = World::new();
    put(&pump, world.at, &[world.rulebook()]);
    let flood: Vec<_> = (0..150).map(|_| world.refused()).collect();
    let verdicts = put(&pump, world.at, &flood);
    let reason = Reason::OrganiserUnknown;
    for (index, verdict) in verdicts.iter().enumerate() {
        let in_budget = index < 100;
        let outcome = if in_budget { Outcome::Refused(reason) } else { Outcome::TooMany(reason) };
        assert_eq!((verdict.outcome, verdict.receipt.is_some()), (outcome, in_budget), "{index}");
    }
    // Another sender and what is done are not concerned.
    let (other, done) = (world.cash_stake(0), world.person());
    let verdicts = put(&pump, world.at, &[other, done]);
    assert_eq!(verdicts[0].outcome, Outcome::Refused(Reason::SenderUnknown));
    assert_eq!(verdicts[1].outcome, Outcome::Done);
    assert_eq!(entries(&memory).len(), 103);

    world.at = world.at.plus(S);
    // An id that was not journalled is not spent; one that was gets its refusal for ever.
    let again = put(&pump, world.at, &[flood[149].clone(), flood[0].clone()]);
    assert_eq!((again[0].outcome, again[0].repeat), (Outcome::Refused(reason), false));
    assert_eq!((again[1].outcome, again[1].repeat), (Outcome::Refused(reason), true));
    let entries = entries(&memory);
    let Fact::RefusalsSuppressed(told) = &entries[103].fact else { panic!("{:?}", entries[103]) };
    assert_eq!((told.sender, told.reason, told.count), (Sender::Operator, reason, 50));
    assert_eq!(entries.len(), 105);
}

#[test]
fn what_was_suppressed_is_told_at_the_latest_at_the_end() {
    let memory = Memory::new();
    let pump = start(&memory, Time::Brought, small()).unwrap();
    let mut world = World::new();
    put(&pump, world.at, &[world.rulebook()]);
    let flood: Vec<_> = (0..101).map(|_| world.refused()).collect();
    put(&pump, world.at, &flood);
    pump.stop().unwrap();
    let entries = entries(&memory);
    let Some(Fact::RefusalsSuppressed(told)) = entries.last().map(|entry| &entry.fact) else {
        panic!("{:?}", entries.last())
    };
    assert_eq!(told.count, 1);
}
