//! Subscribers see every durable frame, or are told which they missed.

use std::time::Duration;

use pump::limits::FEED_FRAMES;
use pump::{Ended, Feed, Time};
use store::Memory;

use crate::world::{World, put, small, start};

const SOON: Duration = Duration::from_secs(60);

#[test]
fn frames_come_in_order_and_a_gap_is_told() {
    let memory = Memory::new();
    let pump = start(&memory, Time::Brought, small()).unwrap();
    let mut world = World::new();
    let mut feed = pump.subscribe().unwrap();
    put(&pump, world.at, &[world.rulebook()]);
    let Ok(Some(Feed::Frame(frame))) = feed.next(SOON) else { panic!() };
    assert_eq!((frame.head.frame, frame.first_seq(), frame.entries.len()), (2, 0, 1));
    // Ten more than the queue holds.
    let more = FEED_FRAMES as u64 + 10;
    let mut last = None;
    for _ in 0..more {
        last = put(&pump, world.at, &[world.person()])[0].receipt;
    }
    assert!(pump.read_copy().wait_for(last.unwrap().seq, SOON));
    pump.stop().unwrap();
    let mut heard = Vec::new();
    let mut missed = 0;
    loop {
        match feed.next(SOON) {
            Ok(Some(Feed::Frame(frame))) => heard.push(frame.head.frame),
            Ok(Some(Feed::Missed { after, until })) => {
                missed += until - after;
                heard.extend(after + 1..=until);
            }
            Ok(None) => panic!("nothing came"),
            Err(Ended) => break,
        }
    }
    assert_eq!(heard, (3..3 + more).collect::<Vec<_>>());
    assert_eq!(missed, 10);
}
