//! A stop at each arrow of a registration: whatever was being written at the edge or decided when
//! it came, another process goes on, and nothing is there twice (core 20).

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use desk::Message;
use people::People;
use people::joining::Step;
use people::ports::Decides;
use pump::{Class, Handle, Verdict};
use store::Fault;
use store::edge::{EdgeRow, EdgeStore, Put, TakeEdgeRow};
use store::memory_edge::MemoryEdge;
use terms::Instant;
use vault::PhotoKind;

use crate::world::{Seat, World, person, picture};

/// So many calls go well, the next one does not, and none after it: the process is gone.
#[derive(Clone)]
struct Fuse(Arc<AtomicI64>);

impl Fuse {
    fn burns(&self) -> bool {
        self.0.fetch_sub(1, Ordering::SeqCst) <= 0
    }
}

/// An edge that is gone with the process: a change is durable and nobody hears of it.
struct Cut {
    edge: MemoryEdge,
    fuse: Fuse,
}

fn gone() -> Fault {
    Fault::refused("the process is gone")
}

impl EdgeStore for Cut {
    fn another(&self) -> Result<Box<dyn EdgeStore>, Fault> {
        Ok(Box::new(Cut { edge: self.edge.clone(), fuse: self.fuse.clone() }))
    }
    fn get(&mut self, table: u16, key: &[u8], now: Instant) -> Result<Option<EdgeRow>, Fault> {
        self.edge.get(table, key, now)
    }
    fn put(&mut self, row: &EdgeRow, expected: u64, now: Instant) -> Result<Put, Fault> {
        let gone_before = self.fuse.0.load(Ordering::SeqCst) < 0;
        if gone_before {
            return Err(gone());
        }
        let done = self.edge.put(row, expected, now)?;
        if self.fuse.burns() { Err(gone()) } else { Ok(done) }
    }
    fn delete(&mut self, table: u16, key: &[u8], expected: u64) -> Result<bool, Fault> {
        if self.fuse.0.load(Ordering::SeqCst) < 0 {
            return Err(gone());
        }
        self.edge.delete(table, key, expected)
    }
    fn list(
        &mut self,
        table: u16,
        prefix: &[u8],
        after: Option<&[u8]>,
        now: Instant,
    ) -> Result<Vec<EdgeRow>, Fault> {
        self.edge.list(table, prefix, after, now)
    }
    fn sweep(&mut self, now: Instant, limit: usize) -> Result<usize, Fault> {
        self.edge.sweep(now, limit)
    }
    fn dump(&mut self, take: TakeEdgeRow<'_>) -> Result<(), Fault> {
        self.edge.dump(take)
    }
    fn load(&mut self, rows: &[EdgeRow]) -> Result<(), Fault> {
        self.edge.load(rows)
    }
    fn upkeep(&mut self) -> Result<(), Fault> {
        self.edge.upkeep()
    }
}

/// A pump whose verdict is durable and not heard.
struct Unheard {
    handle: Handle,
    fuse: Fuse,
}

impl Decides for Unheard {
    fn ask(&self, class: Class, message: Message) -> Result<Verdict, String> {
        if self.fuse.0.load(Ordering::SeqCst) < 0 {
            return Err("the process is gone".to_owned());
        }
        let verdict = Seat(self.handle.clone()).ask(class, message);
        if self.fuse.burns() { Err("the process is gone".to_owned()) } else { verdict }
    }
}

/// What is there of persons: how many, how many wallets and accounts of bettors, how many are live
/// in the vault.
fn counts(world: &World) -> (usize, usize, usize) {
    world.caught_up();
    world.pump.read_copy().read(|state| {
        let wallets = (0..state.ledger.next().0).map(terms::Wallet);
        let own = |wallet: &terms::Wallet| {
            state.ledger.get(*wallet).is_some_and(|row| row.class == ledger::Class::Bettor)
        };
        let accounts = state.people.accounts.len();
        (state.people.persons.len(), wallets.filter(own).count(), accounts)
    })
}

fn stopping(world: &World, calls: i64) -> People {
    let fuse = Fuse(Arc::new(AtomicI64::new(calls)));
    let edge = Cut { edge: world.edge.clone(), fuse: fuse.clone() };
    let handle = world.pump.handle();
    world.again_with(Box::new(edge), Arc::new(Unheard { handle, fuse }))
}

// R0-5.1, R0-5.2, R0-10.2, R0-12.1, core 20
#[test]
fn a_stop_at_each_arrow_leaves_nothing_twice() {
    let world = World::new();
    let mut born = terms::Day::parse("1985-01-01").unwrap();
    let mut calls = 0;
    loop {
        let bettor = person([0, 0, 0], &born.to_string());
        born = terms::Day(bettor.birth.0 + 1);
        let (link, _) = world.people.invite(crate::world::FIRST, crate::world::id()).unwrap();
        let invitation = people::Token::parse(link.rsplit('/').next().unwrap()).unwrap();
        let session = world.client(&bettor, Some(&invitation));
        world.people.give_data(&session, &crate::world::form(&bettor)).unwrap();
        for kind in [PhotoKind::DocumentFront, PhotoKind::DocumentBack] {
            world.people.give_photo(&session, kind, picture()).unwrap();
        }
        let before = counts(&world);
        // The last photograph sets everything going; somewhere on the way the process is gone.
        let going = stopping(&world, calls);
        let whole = going.give_photo(&session, PhotoKind::Face, picture()).is_ok();
        let way = world.people.way(&session).unwrap();
        if way.step == Step::Photos {
            world.people.give_photo(&session, PhotoKind::Face, picture()).unwrap();
        }
        world.pass(10 * Instant::SECOND);
        world.people.advance_waiting().unwrap();
        assert_eq!(world.people.way(&session).unwrap().step, Step::Liveness, "{calls}");
        let going = stopping(&world, calls);
        let film = going.give_capture(&session, "video/webm", b"moving".to_vec()).is_ok();
        if world.people.way(&session).unwrap().step == Step::Liveness {
            world.people.give_capture(&session, "video/webm", b"moving".to_vec()).unwrap();
        }
        world.pass(10 * Instant::SECOND);
        world.people.advance_waiting().unwrap();
        let way = world.rest(&session);
        assert_eq!((way.step, way.failure), (Step::Done, None), "{calls}");
        let (persons, wallets, accounts) = before;
        assert_eq!(counts(&world), (persons + 1, wallets + 1, accounts + 1), "{calls}");
        let person = way.person.unwrap();
        assert_eq!(world.people.wallets_of(person), [way.wallet.unwrap()], "{calls}");
        world.people.own_record(&session).unwrap();
        let unharmed = stopping_was_never(&going);
        if whole && film && unharmed {
            break;
        }
        calls += 1;
        assert!(calls < 200, "it never goes through");
    }
    assert!(10 < calls, "there are more arrows than {calls}");
}

/// Whether the process is still there.
fn stopping_was_never(people: &People) -> bool {
    people.advance_waiting().is_ok()
}
