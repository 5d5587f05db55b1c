//! Lanes: who waits for whom, and who hears that there is no room (core 12).

use std::sync::mpsc::channel;

use desk::Message;
use pump::{Busy, Class, Options, PumpError, Reply, Time};
use store::{JournalStore, Memory};
use terms::{Organiser, Sender};

use crate::gate::gate;
use crate::world::{Hands, World, small, start_on};

#[test]
fn a_flood_of_bulk_delays_live_by_one_frame_at_most() {
    let memory = Memory::new();
    let (journal, gate) = gate(&memory);
    let options = Options { commands_per_frame_max: 8, ..small() };
    let pump = start_on(journal, &memory, Time::Clock(Hands::new()), options).unwrap();
    gate.arrived();
    let mut world = World::new();
    let handle = pump.handle();
    handle.submit(Class::Live, vec![world.rulebook()], Reply::none()).unwrap();
    gate.arrived();
    let bulk: Vec<_> = (0..200).map(|_| world.person()).collect();
    handle.submit(Class::Bulk, bulk, Reply::none()).unwrap();
    let (sender, heard) = channel();
    for _ in 0..40 {
        let sender = sender.clone();
        let reply = Reply::new(move |verdicts| sender.send(verdicts.unwrap()[0]).unwrap());
        handle.submit(Class::Live, vec![world.person()], reply).unwrap();
    }
    gate.fling_open();
    let live: Vec<u64> = (0..40).map(|_| heard.recv().unwrap().receipt.unwrap().seq.0).collect();
    pump.stop().unwrap();
    // Frame 1 claims, 2 was under way, 3 may have been filled; from 4 on live has at least half.
    let mut reader = memory.journal().reader().unwrap();
    let frames = reader.frames(0, 100).unwrap();
    let number = |seq: u64| {
        frames.iter().find(|f| f.first_seq <= seq && seq < f.head().next_seq).unwrap().number
    };
    assert!(number(live[0]) <= 4, "{live:?}");
    for frame in &frames[3..] {
        let of_frame = live.iter().filter(|seq| number(**seq) == frame.number).count();
        let later = live.iter().any(|seq| frame.number < number(*seq));
        assert!(!later || 4 <= of_frame, "frame {}: {of_frame} live", frame.number);
    }
}

#[test]
fn a_full_lane_is_busy_and_others_are_not() {
    let memory = Memory::new();
    let (journal, gate) = gate(&memory);
    let mut options = Options { commands_per_frame_max: 2, ..small() };
    options.lanes.live = 4;
    let pump = start_on(journal, &memory, Time::Clock(Hands::new()), options).unwrap();
    gate.arrived();
    let mut world = World::new();
    let handle = pump.handle();
    let put = |class, message: Message| handle.submit(class, vec![message], Reply::none());
    put(Class::Live, world.rulebook()).unwrap();
    gate.arrived();
    // Two more fit into the next frame, four into the lane.
    for _ in 0..2 {
        put(Class::Live, world.person()).unwrap();
    }
    while !pump.status().lanes.is_empty() {
        std::thread::yield_now();
    }
    for _ in 0..4 {
        put(Class::Live, world.person()).unwrap();
    }
    let busy = put(Class::Live, world.person()).err();
    let Some(PumpError::Busy(Busy::Full { sender, class, retry_after_ms })) = busy else {
        panic!("{busy:?}")
    };
    assert_eq!((sender, class), (Sender::Operator, Class::Live));
    assert!(0 < retry_after_ms);
    put(Class::Settlement, world.person()).unwrap();
    put(Class::Control, world.person()).unwrap();
    let stranger = world.person();
    let stranger = Message { sender: Sender::Organiser(Organiser(5)), ..stranger };
    put(Class::Live, stranger).unwrap();
    let views = pump.status().lanes;
    let full = views.iter().find(|view| (view.sender, view.class) == (sender, class));
    assert_eq!(full.map(|view| view.messages), Some(4));
    gate.fling_open();
    pump.stop().unwrap();
}

#[test]
fn requests_that_break_the_contract_are_refused() {
    let memory = Memory::new();
    let (time, mut world) = (Time::Clock(Hands::new()), World::new());
    let pump = crate::world::start(&memory, time, small()).unwrap();
    let handle = pump.handle();
    let check = |messages| {
        let refused = handle.submit(Class::Live, messages, Reply::none());
        assert!(matches!(refused, Err(PumpError::Malformed(_))), "{refused:?}");
    };
    check(Vec::new());
    let other = world.person();
    check(vec![world.person(), Message { sender: Sender::Bettor, ..other }]);
    check((0..8_001).map(|_| world.person()).collect());
    assert!(matches!(handle.ask_at(world.at, world.person()), Err(PumpError::Malformed(_))));
}
