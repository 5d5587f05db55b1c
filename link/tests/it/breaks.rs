//! Connections that break anywhere: each request hears one reply, and nothing is done twice.

use std::io::{Read as _, Write as _};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use pump::{Busy, Class, PumpError};
use store::{JournalStore as _, Memory};

use crate::nodes::{Authority, Node, adopt, found, hearing, link_to, person};

/// A proxy that cuts its next connection after so many bytes of the door's, and passes all others.
struct Scissors {
    address: SocketAddr,
    /// Bytes of the door that still pass before the connection is cut; `usize::MAX`: all. With 0
    /// nothing passes, and nothing is cut.
    left: Arc<AtomicUsize>,
    cut: Arc<AtomicBool>,
}

impl Scissors {
    fn before(door: SocketAddr) -> Scissors {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let (left, cut) = (Arc::new(AtomicUsize::new(usize::MAX)), Arc::<AtomicBool>::default());
        let (room, done) = (left.clone(), cut.clone());
        std::thread::spawn(move || {
            for guest in listener.incoming() {
                let (guest, host) = (guest.unwrap(), TcpStream::connect(door).unwrap());
                let (from, to) = (guest.try_clone().unwrap(), host.try_clone().unwrap());
                std::thread::spawn(move || {
                    pass(from, to, &AtomicUsize::new(usize::MAX), &AtomicBool::default());
                });
                let (room, done) = (room.clone(), done.clone());
                std::thread::spawn(move || pass(host, guest, &room, &done));
            }
        });
        Scissors { address, left, cut }
    }

    /// After so many more bytes of the door, the connection is cut.
    fn cut_after(&self, bytes: usize) {
        self.cut.store(false, Ordering::SeqCst);
        self.left.store(bytes, Ordering::SeqCst);
    }
}

fn pass(mut from: TcpStream, mut to: TcpStream, left: &AtomicUsize, cut: &AtomicBool) {
    let mut bytes = [0; 4096];
    while let Ok(count) = from.read(&mut bytes)
        && 0 < count
    {
        let room = left.load(Ordering::SeqCst);
        if room == 0 {
            // Swallowed: the connection stands, and nothing comes of it.
            continue;
        }
        let passes = count.min(room);
        if to.write_all(&bytes[..passes]).is_err() {
            break;
        }
        if room != usize::MAX {
            left.store(room - passes, Ordering::SeqCst);
            if room == passes {
                left.store(usize::MAX, Ordering::SeqCst);
                cut.store(true, Ordering::SeqCst);
                break;
            }
        }
    }
    // Either may be gone already.
    let _ = from.shutdown(Shutdown::Both);
    let _ = to.shutdown(Shutdown::Both);
}

#[test]
fn a_connection_cut_at_any_byte_of_the_answer_leaves_one_fact_for_each_message() {
    let (authority, memory) = (Authority::new(), Memory::new());
    let node = Node::start(&authority);
    node.lead(&memory);
    let scissors = Scissors::before(node.address);
    let tls_name = scissors.address;
    let link = link_to(&authority, &[tls_name]);
    let handle = link.handle();
    adopt(&handle);
    let mut unknown = 0;
    for cut in 1..=120 {
        let message = person(cut as u64);
        // Something is under way on the connection before it is cut.
        found(&handle, &person(10_000 + cut as u64));
        scissors.cut_after(cut);
        let (reply, heard) = hearing();
        let taken = handle.submit(Class::Live, vec![message.clone()], reply);
        match taken {
            Ok(()) => {
                let first = heard.recv().unwrap();
                assert!(heard.recv().is_err(), "two replies");
                match first {
                    Ok(_) => {}
                    Err(PumpError::Stopped(_)) => unknown += 1,
                    Err(error) => panic!("{error}"),
                }
            }
            Err(error) => assert_eq!(error, PumpError::Busy(Busy::Absent)),
        }
        // Signs of life are cut like answers: sooner or later the cut comes.
        while !scissors.cut.load(Ordering::SeqCst) {
            let _ = handle.ask(Class::Live, message.clone());
        }
        let learnt = loop {
            match handle.ask(Class::Live, message.clone()) {
                Ok(verdict) => break verdict,
                Err(PumpError::Busy(Busy::Absent) | PumpError::Stopped(_)) => {}
                Err(error) => panic!("{error}"),
            }
        };
        assert!(learnt.receipt.is_some());
    }
    // Without a cut that leaves a result unknown this test would show nothing.
    assert!(0 < unknown, "no answer was ever lost");
    drop(link);
    node.retire();
    let frames = memory.journal().reader().unwrap().frames(0, 100_000).unwrap();
    let facts: usize = frames.iter().map(|frame| frame.leaves.len()).sum();
    // The rulebook, and each of two persons for each cut, once.
    assert_eq!(facts, 1 + 2 * 120);
}

/// A machine that stands still, from which nothing comes and which ends no connection either, is
/// left, so that another one can be looked for.
#[test]
fn a_silent_door_is_left() {
    let (authority, memory) = (Authority::new(), Memory::new());
    let node = Node::start(&authority);
    node.lead(&memory);
    let scissors = Scissors::before(node.address);
    let link = link_to(&authority, &[scissors.address]);
    let handle = link.handle();
    adopt(&handle);
    scissors.left.store(0, Ordering::SeqCst);
    let lost = handle.ask(Class::Live, person(1));
    assert!(matches!(lost, Err(PumpError::Stopped(_))), "{lost:?}");
    scissors.left.store(usize::MAX, Ordering::SeqCst);
    assert!(found(&handle, &person(2)).receipt.is_some());
}

/// Whoever gives up a way leaves nobody waiting.
#[test]
fn what_is_under_way_hears_that_the_way_was_given_up() {
    let (authority, memory) = (Authority::new(), Memory::new());
    let node = Node::start(&authority);
    node.lead(&memory);
    let scissors = Scissors::before(node.address);
    let link = link_to(&authority, &[scissors.address]);
    let handle = link.handle();
    adopt(&handle);
    // Nothing of the door passes any more, and nothing is cut either.
    scissors.left.store(0, Ordering::SeqCst);
    let (reply, heard) = hearing();
    let taken = handle.submit(Class::Live, vec![person(1)], reply);
    drop(link);
    if taken.is_ok() {
        assert!(matches!(heard.recv().unwrap(), Err(PumpError::Stopped(_))));
    }
    let (reply, heard) = hearing();
    let late = handle.submit(Class::Live, vec![person(2)], reply);
    assert_eq!(late, Err(PumpError::Busy(Busy::Absent)));
    assert!(heard.recv().is_err());
}
