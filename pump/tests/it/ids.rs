//! The same message gets the same receipt, whenever it comes again (core 14, 15).

use desk::command::RegisterPerson;
use desk::{Manner, Message};
use pump::{Outcome, Pump, Time, Verdict};
use store::Memory;
use terms::{Reason, Sender};

use crate::world::{World, entries, put, small, start};

fn brought(memory: &Memory) -> Pump {
    start(memory, Time::Brought, small()).unwrap()
}

/// Every message again: nothing is written, and each receipt is the one of then.
fn repeat(memory: &Memory, pump: &Pump, world: &World, messages: &[Message], then: &[Verdict]) {
    let before = entries(memory).len();
    let again = put(pump, world.at, messages);
    for ((message, verdict), then) in messages.iter().zip(&again).zip(then) {
        assert!(verdict.repeat, "{}", message.command.name());
        assert_eq!((verdict.outcome, verdict.receipt), (then.outcome, then.receipt));
        assert!(verdict.receipt.is_some());
    }
    assert_eq!(entries(memory).len(), before);
}

#[test]
fn a_repeat_has_the_same_receipt_wherever_its_id_is_kept() {
    // I1, R0-17.4a
    let memory = Memory::new();
    let pump = brought(&memory);
    let mut world = World::new();
    let mut messages = world.set_up(6);
    messages.push(world.refused());
    let then = put(&pump, world.at, &messages);
    assert_eq!(then.last().unwrap().outcome, Outcome::Refused(Reason::OrganiserUnknown));
    // With eight ids in a generation most of these are on disk only.
    repeat(&memory, &pump, &world, &messages, &then);
    // In one request, and with new ones between.
    let (first, new) = (messages[3].clone(), world.person());
    let mixed = put(&pump, world.at, &[first.clone(), new.clone(), first, new]);
    assert_eq!(mixed.iter().map(|v| v.repeat).collect::<Vec<_>>(), [true, false, true, true]);
    assert_eq!((mixed[0].receipt, mixed[1].receipt), (then[3].receipt, mixed[3].receipt));
    pump.stop().unwrap();
    let pump = brought(&memory);
    repeat(&memory, &pump, &world, &messages, &then);
    drop(pump);
    let pump = brought(&memory);
    repeat(&memory, &pump, &world, &messages, &then);
}

#[test]
fn without_an_index_all_ids_stay_in_memory() {
    let memory = Memory::new();
    let start = || {
        let journal = Box::new(memory.journal());
        Pump::start(journal, None, None, Time::Brought, crate::world::seeded(), small()).unwrap()
    };
    let pump = start();
    let mut world = World::new();
    let messages = world.set_up(20);
    let then = put(&pump, world.at, &messages);
    repeat(&memory, &pump, &world, &messages, &then);
    pump.stop().unwrap();
    repeat(&memory, &start(), &world, &messages, &then);
}

#[test]
fn an_index_that_is_lost_is_made_again() {
    let memory = Memory::new();
    let pump = brought(&memory);
    let mut world = World::new();
    let messages = world.set_up(10);
    let then = put(&pump, world.at, &messages);
    pump.stop().unwrap();
    let journal = Box::new(memory.journal());
    let snapshots = Box::new(memory.snapshots());
    let fresh = Box::new(Memory::new().cold());
    let entropy = crate::world::seeded();
    let pump = Pump::start(journal, Some(snapshots), Some(fresh), Time::Brought, entropy, small());
    let pump = pump.unwrap();
    assert!(0 < pump.status().indexed);
    repeat(&memory, &pump, &world, &messages, &then);
}

#[test]
fn a_conflict_is_journalled_once_for_each_content_and_three_times_at_most() {
    // R0-17.4a
    let memory = Memory::new();
    let pump = brought(&memory);
    let mut world = World::new();
    let message = world.person();
    put(&pump, world.at, &[world.rulebook(), message.clone()]);
    let other = |n: u8| {
        let command = RegisterPerson { reference: [n; 16] };
        Message::new(Sender::Operator, message.id, Manner::Single, command.into())
    };
    let messages: Vec<_> = [1, 1, 2, 3, 4, 5, 1].map(other).into();
    let verdicts = put(&pump, world.at, &messages);
    for verdict in &verdicts {
        assert_eq!(verdict.outcome, Outcome::Conflict(terms::Seq(1)));
    }
    let journalled: Vec<_> = verdicts.iter().map(|verdict| verdict.receipt.is_some()).collect();
    assert_eq!(journalled, [true, false, true, true, false, false, false]);
    assert_eq!(verdicts[0].receipt.unwrap().code, Some(Reason::IdReused));
    assert_eq!(entries(&memory).len(), 5);
    // The first content still has its receipt.
    let verdict = put(&pump, world.at, &[message])[0];
    assert_eq!((verdict.repeat, verdict.receipt.unwrap().seq.0), (true, 1));
}
