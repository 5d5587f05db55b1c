//! Nobody hears an answer before its frame is durable, and what happens when an append fails
//! (core 11).

use std::sync::mpsc::{TryRecvError, channel};

use pump::{Class, Fault, Outcome, Pump, PumpError, Reply, Time};
use store::{Failure, Memory};

use crate::gate::gate;
use crate::world::{Hands, World, entries, small, start, start_on};

fn live(memory: &Memory) -> Pump {
    start(memory, Time::Clock(Hands::new()), small()).unwrap()
}

#[test]
fn no_answer_before_the_frame_is_durable_and_all_in_order() {
    let memory = Memory::new();
    let (journal, gate) = gate(&memory);
    let pump = start_on(journal, &memory, Time::Clock(Hands::new()), small()).unwrap();
    assert_eq!(gate.arrived(), 0);
    let mut world = World::new();
    let (sender, heard) = channel();
    let submit = |name: &'static str, message| {
        let sender = sender.clone();
        let reply = Reply::new(move |verdicts| {
            sender.send((name, verdicts.unwrap()[0].receipt.unwrap().seq.0)).unwrap();
        });
        pump.handle().submit(Class::Live, vec![message], reply).unwrap();
    };
    submit("a", world.rulebook());
    assert_eq!(gate.arrived(), 1);
    submit("b", world.person());
    submit("c", world.person());
    assert_eq!(heard.try_recv(), Err(TryRecvError::Empty));
    assert!(entries(&memory).is_empty());
    gate.open();
    assert_eq!(heard.recv(), Ok(("a", 0)));
    let mut more = gate.arrived();
    assert_eq!(heard.try_recv(), Err(TryRecvError::Empty));
    gate.open();
    if more == 1 {
        more += gate.arrived();
        gate.open();
    }
    assert_eq!(more, 2);
    assert_eq!(heard.recv(), Ok(("b", 1)));
    assert_eq!(heard.recv(), Ok(("c", 2)));
    gate.fling_open();
    let stopped = pump.stop().unwrap();
    assert_eq!(stopped.head.next_seq, 3);
}

/// After the first message is answered, the store fails in these ways; whether the next message
/// is answered, and how many entries there are then.
fn check(failures: &[Failure], answered: bool, written: usize) {
    let memory = Memory::new();
    let pump = live(&memory);
    let mut world = World::new();
    assert_eq!(pump.handle().ask(Class::Live, world.rulebook()).unwrap().outcome, Outcome::Done);
    for failure in failures {
        memory.fail_next(*failure);
    }
    let message = world.person();
    let answer = pump.handle().ask(Class::Live, message.clone());
    let all = entries(&memory);
    assert_eq!(all.len(), written, "{failures:?}");
    if answered {
        let verdict = answer.unwrap();
        assert_eq!(verdict.receipt.unwrap().seq.0, 1, "{failures:?}");
        assert_eq!(pump.handle().ask(Class::Live, world.person()).unwrap().outcome, Outcome::Done);
        pump.stop().unwrap();
    } else {
        let Err(PumpError::Stopped(why)) = answer else { panic!("{failures:?}: {answer:?}") };
        assert!(why.contains("while a frame was appended"), "{failures:?}: {why}");
        let after = pump.handle().ask(Class::Live, world.person());
        assert!(matches!(after, Err(PumpError::Stopped(_))), "{failures:?}");
        assert!(matches!(pump.stop(), Err(Fault::Store { .. })), "{failures:?}");
        // Whatever became of it: sent again with the same id it is done once.
        let pump = live(&memory);
        let verdict = pump.handle().ask(Class::Live, message.clone()).unwrap();
        assert_eq!((verdict.outcome, verdict.repeat), (Outcome::Done, written == 2));
        assert_eq!(entries(&memory).len(), 2);
    }
}

#[test]
fn each_outcome_of_an_append() {
    use Failure::{NotWritten, SyncFailed, UnknownNotWritten, UnknownWritten};
    check(&[], true, 2);
    check(&[NotWritten], true, 2);
    check(&[UnknownNotWritten], true, 2);
    check(&[UnknownWritten], true, 2);
    check(&[NotWritten, UnknownWritten], true, 2);
    // The same bytes are tried once more and not again.
    check(&[NotWritten, NotWritten], false, 1);
    check(&[UnknownNotWritten, NotWritten], false, 1);
    // After a failed sync nobody can say what the medium holds.
    check(&[SyncFailed], false, 2);
    check(&[NotWritten, SyncFailed], false, 2);
}

#[test]
fn of_two_pumps_on_one_store_one_survives() {
    // J1, I1
    let memory = Memory::new();
    let first = live(&memory);
    let mut world = World::new();
    first.handle().ask(Class::Live, world.rulebook()).unwrap();
    let second = live(&memory);
    let message = world.person();
    let lost = first.handle().ask(Class::Live, message.clone());
    let Err(PumpError::Stopped(why)) = lost else { panic!("{lost:?}") };
    assert!(why.contains("another process writes to it"), "{why}");
    let done = second.handle().ask(Class::Live, message.clone()).unwrap();
    assert_eq!((done.outcome, done.repeat), (Outcome::Done, false));
    assert!(matches!(first.stop(), Err(Fault::HeadMoved { .. })));
    let again = second.handle().ask(Class::Live, message).unwrap();
    assert_eq!((again.receipt, again.repeat), (done.receipt, true));
    assert_eq!(second.stop().unwrap().head.term, 2);
    assert_eq!(entries(&memory).len(), 2);
}

#[test]
fn a_dropped_pump_tells_those_who_wait() {
    let memory = Memory::new();
    let (journal, gate) = gate(&memory);
    let pump = start_on(journal, &memory, Time::Clock(Hands::new()), small()).unwrap();
    gate.arrived();
    let mut world = World::new();
    let (sender, heard) = channel();
    let submit = |message| {
        let sender = sender.clone();
        let reply = Reply::new(move |verdicts| sender.send(verdicts).unwrap());
        pump.handle().submit(Class::Live, vec![message], reply).unwrap();
    };
    submit(world.rulebook());
    assert_eq!(gate.arrived(), 1);
    submit(world.person());
    let dropped = std::thread::spawn(move || drop(pump));
    // The second message is on no way to the store; the first one is.
    assert!(matches!(heard.recv().unwrap(), Err(PumpError::Stopped(_))));
    gate.fling_open();
    dropped.join().unwrap();
    assert!(heard.recv().unwrap().is_ok());
}
