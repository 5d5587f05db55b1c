//! Who comes in, who is found, and that answers are those of the pump.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;

use pump::{Busy, Class, Outcome, PumpError};
use store::{JournalStore as _, Memory};
use terms::Instant;

use crate::nodes::{Authority, Node, adopt, found, hearing, id, link_to, message, person};

/// Verdicts, receipts and order are those of the pump, for many who ask at once.
#[test]
fn what_is_heard_over_the_wire_is_what_the_pump_says() {
    let (authority, memory) = (Authority::new(), Memory::new());
    let node = Node::start(&authority);
    node.lead(&memory);
    let link = link_to(&authority, &[node.address]);
    adopt(&link.handle());
    let each = 200;
    let threads: Vec<_> = (0..4u64)
        .map(|thread| {
            let handle = link.handle();
            std::thread::spawn(move || {
                let mut heard = Vec::new();
                for turn in 0..each {
                    let first = 1 + (thread * each + turn) * 3;
                    let (reply, hears) = hearing();
                    let messages = (first..first + 3).map(person).collect();
                    handle.submit(Class::Live, messages, reply).unwrap();
                    heard.push(hears);
                }
                let verdicts = heard.into_iter().flat_map(|hears| hears.recv().unwrap().unwrap());
                verdicts.map(|verdict| (verdict.outcome, verdict.receipt.unwrap())).collect()
            })
        })
        .collect();
    let mut all = Vec::new();
    for thread in threads {
        let heard: Vec<(Outcome, pump::Receipt)> = thread.join().unwrap();
        assert!(heard.iter().all(|(outcome, _)| *outcome == Outcome::Done));
        // One sender of one thread: in the order in which it was sent.
        assert!(heard.is_sorted_by_key(|(_, receipt)| receipt.seq));
        all.extend(heard.into_iter().map(|(_, receipt)| receipt));
    }
    node.retire();
    let frames = memory.journal().reader().unwrap().frames(0, 10_000).unwrap();
    for receipt in &all {
        let frame = frames.iter().find(|frame| receipt.seq.0 < frame.head().next_seq).unwrap();
        let at = (receipt.seq.0 - frame.first_seq) as usize;
        assert_eq!(frame.leaves[at], receipt.leaf);
    }
    all.sort_by_key(|receipt| receipt.seq);
    all.dedup_by_key(|receipt| receipt.seq);
    assert_eq!(all.len(), 4 * 3 * each as usize);
}

/// A repeat gets the receipt of then, other content under the id a conflict, and what breaks the
/// contract an error.
#[test]
fn refusals_repeats_and_errors_come_through() {
    let (authority, memory) = (Authority::new(), Memory::new());
    let node = Node::start(&authority);
    node.lead(&memory);
    let link = link_to(&authority, &[node.address]);
    let handle = link.handle();
    adopt(&handle);
    let first = person(1);
    let done = handle.ask(Class::Live, first.clone()).unwrap();
    let again = handle.ask(Class::Live, first.clone()).unwrap();
    assert_eq!((again.receipt, again.repeat), (done.receipt, true));
    let other = message(first.id, desk::command::RegisterPerson { reference: [9; 16] });
    let conflict = handle.ask(Class::Live, other).unwrap();
    assert_eq!(conflict.outcome, Outcome::Conflict(done.receipt.unwrap().seq));
    let (reply, _) = hearing();
    let empty = handle.submit(Class::Live, Vec::new(), reply);
    assert!(matches!(empty, Err(PumpError::Malformed(_))));
    let brought = handle.ask_at(Instant(1), person(2));
    assert!(matches!(brought, Err(PumpError::Malformed(_))));
    // Two senders in one request: it is the pump that says no.
    let mut mixed = vec![person(3), person(4)];
    mixed[1].sender = terms::Sender::Bettor;
    let (reply, heard) = hearing();
    handle.submit(Class::Live, mixed, reply).unwrap();
    assert!(matches!(heard.recv().unwrap(), Err(PumpError::Malformed(_))));
}

// R0-20.3d: one more instance takes over.
#[test]
fn the_node_that_decides_is_found_wherever_it_is() {
    let (authority, memory) = (Authority::new(), Memory::new());
    let (one, two) = (Node::start(&authority), Node::start(&authority));
    let link = link_to(&authority, &[one.address, two.address]);
    let handle = link.handle();
    let early = handle.ask(Class::Live, person(1));
    assert_eq!(early, Err(PumpError::Busy(Busy::Absent)));
    two.lead(&memory);
    adopt(&handle);
    assert_eq!(link.found(), Some(two.address.to_string()));
    let known = person(2);
    let before = found(&handle, &known);
    two.retire();
    one.lead(&memory);
    // Whoever is told that the way was lost sends again, under the same id.
    let after = loop {
        match handle.ask(Class::Live, known.clone()) {
            Ok(verdict) => break verdict,
            Err(PumpError::Busy(Busy::Absent) | PumpError::Stopped(_)) => {}
            Err(error) => panic!("{error}"),
        }
    };
    assert_eq!((after.receipt, after.repeat), (before.receipt, true));
    assert_eq!(link.found(), Some(one.address.to_string()));
}

/// A certificate of another authority, none at all, or plain bytes open nothing, and the door goes
/// on for others. R0-20.3c
#[test]
fn strangers_stay_outside() {
    let (authority, other, memory) = (Authority::new(), Authority::new(), Memory::new());
    let node = Node::start(&authority);
    node.lead(&memory);
    // It trusts the door, but the door does not trust it.
    let mixed = link::way(authority.root.clone(), other.identity()).unwrap();
    let target = link::Target::parse(&node.address.to_string()).unwrap();
    let stranger = link::Link::start(vec![target], mixed).unwrap();
    // The door trusts it, but it does not trust the door.
    let doubter = link::way(other.root.clone(), authority.identity()).unwrap();
    let target = link::Target::parse(&node.address.to_string()).unwrap();
    let doubter = link::Link::start(vec![target], doubter).unwrap();
    let mut plain = TcpStream::connect(node.address).unwrap();
    plain.write_all(b"GET / HTTP/1.1\r\nhost: door\r\n\r\n").unwrap();
    let mut said = Vec::new();
    // A reset is as good an end as any.
    let _ = plain.read_to_end(&mut said);
    assert!(!said.windows(4).any(|part| part == b"HTTP"), "{said:?}");
    let link = link_to(&authority, &[node.address]);
    adopt(&link.handle());
    for outside in [&stranger, &doubter] {
        let asked = outside.handle().ask(Class::Live, person(1));
        assert_eq!(asked, Err(PumpError::Busy(Busy::Absent)));
        assert_eq!(outside.found(), None);
    }
    assert_eq!(found(&link.handle(), &person(id(1).0[0].into())).outcome, Outcome::Done);
}

#[test]
fn a_target_names_a_host_and_a_port() {
    for (text, good) in [
        ("127.0.0.1:7443", true),
        ("[::1]:7443", true),
        ("pump-1.inner:7443", true),
        ("pump-1.inner", false),
        ("pump 1:7443", false),
        (":7443", false),
        ("host:seven", false),
    ] {
        assert_eq!(link::Target::parse(text).is_some(), good, "{text}");
    }
}
