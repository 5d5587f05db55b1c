//! A second node follows the journal and takes it over; two at once do no harm.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use desk::{Message, State};
use pump::{Feed, Outcome, Pump, Standby, StartError, Time};
use register::Basis;
use store::{Appended, Fault, Frame, Head, JournalReader, JournalStore, Memory, Upkeep};
use terms::{Instant, Seq};

use crate::world::{S, World, caught_up, entries, put, seeded, small, start};

/// A node with an index of its own.
fn standby(memory: &Memory) -> Standby {
    let (journal, snapshots) = (Box::new(memory.journal()), Box::new(memory.snapshots()));
    let cold = Box::new(Memory::new().cold());
    Standby::open(journal, Some(snapshots), Some(cold), Time::Brought, seeded(), small()).unwrap()
}

fn done(pump: &Pump, at: Instant, messages: &[Message]) {
    let verdicts = put(pump, at, messages);
    assert!(verdicts.iter().all(|verdict| verdict.outcome == Outcome::Done), "{verdicts:?}");
}

fn take_over(mut standby: Standby) -> Pump {
    let claim = standby.claim().unwrap().unwrap();
    standby.lead(claim).unwrap()
}

fn catch_up(standby: &mut Standby) {
    while 0 < standby.follow().unwrap() {}
}

fn same(memory: &Memory, pump: &Pump, other: &State) {
    caught_up(memory, pump).read(|state| {
        assert_eq!(state.next, other.next);
        assert!(state.same(other));
        assert_eq!(state.hash(), other.hash());
    });
}

#[test]
fn a_standby_sees_what_the_active_node_appends() {
    let memory = Memory::new();
    let active = start(&memory, Time::Brought, small()).unwrap();
    let mut world = World::new();
    let mut second = standby(&memory);
    let mut feed = second.subscribe().unwrap();
    let set_up = world.set_up(3);
    put(&active, world.at, &set_up);
    catch_up(&mut second);
    same(&memory, &active, &second.read_copy().read(State::clone));
    let head = || memory.journal().head().unwrap();
    assert_eq!(second.head(), head());
    let Ok(Some(Feed::Frame(frame))) = feed.next(Duration::ZERO) else { panic!() };
    assert_eq!(frame.first_seq(), 0);
    // What it follows it does not write.
    done(&active, world.at, &[world.person()]);
    assert_eq!(head().frame, second.head().frame + 1);
}

#[test]
fn nothing_that_was_answered_is_lost_or_doubled_when_the_active_node_is_killed() {
    // J3, core 11
    let memory = Memory::new();
    let active = start(&memory, Time::Brought, small()).unwrap();
    let mut world = World::new();
    let mut second = standby(&memory);
    let set_up = world.set_up(2);
    put(&active, world.at, &set_up);
    catch_up(&mut second);
    // The standby is behind when the other is killed.
    let bet = world.cash_stake(0);
    let order = world.order(1);
    let stake = world.stake(1, &order);
    let asked = [bet.clone(), order, stake.clone()];
    let then = put(&active, world.at, &asked);
    assert!(then.iter().all(|verdict| verdict.outcome == Outcome::Done), "{then:?}");
    let before = caught_up(&memory, &active).read(State::clone);
    drop(active);

    let copy = second.read_copy();
    let second = take_over(second);
    same(&memory, &second, &before);
    assert_eq!(copy.seq(), before.next, "readers go on with the copy that they have");
    let again = put(&second, world.at, &asked);
    for (again, then) in again.iter().zip(&then) {
        assert_eq!((again.repeat, again.receipt), (true, then.receipt));
    }
    // It settles, lets leave and finds again with its own index.
    let result = world.result();
    let settle = world.settle(&bet, Basis::Result, 0);
    done(&second, world.at, &[result, settle]);
    world.at = world.at.plus(3_600 * S);
    let tick = world.tick();
    put(&second, world.at, &[tick]);
    let anew = world.settle(&bet, Basis::Correction, 1);
    done(&second, world.at, &[anew]);
    let after = caught_up(&memory, &second).read(State::clone);
    second.stop().unwrap();
    let whole = start(&memory, Time::Brought, small()).unwrap();
    same(&memory, &whole, &after);
}

#[test]
fn of_two_active_nodes_the_first_ends_and_nobody_hears_an_answer_from_it() {
    // core 11: the expected head
    let memory = Memory::new();
    let first = start(&memory, Time::Brought, small()).unwrap();
    let mut world = World::new();
    let set_up = world.set_up(1);
    put(&first, world.at, &set_up);
    let second = take_over(standby(&memory));

    // The first wakes up and takes a message as if nothing had happened.
    let person = world.person();
    let told = first.handle().ask_at(world.at, person.clone());
    let why = told.unwrap_err().to_string();
    assert!(why.contains("another process writes to it"), "{why}");
    let before = entries(&memory).len();
    assert!(first.status().ended.is_some());

    // The message was not done by it, and is done once by the second.
    let verdicts = put(&second, world.at, &[person.clone(), person]);
    assert_eq!([verdicts[0].repeat, verdicts[1].repeat], [false, true]);
    assert_eq!(entries(&memory).len(), before + 1);
}

#[test]
fn a_stale_standby_cannot_take_over_behind_a_newer_one_unseen() {
    let memory = Memory::new();
    let first = start(&memory, Time::Brought, small()).unwrap();
    let mut world = World::new();
    let set_up = world.set_up(1);
    put(&first, world.at, &set_up);
    let stale = standby(&memory);
    drop(first);
    let second = take_over(standby(&memory));
    let verdicts = put(&second, world.at, &[world.person()]);
    // The stale one follows what came meanwhile before it claims.
    let third = take_over(stale);
    assert_eq!(third.read_copy().head().term, second.read_copy().head().term + 1);
    assert!(verdicts[0].receipt.unwrap().seq < third.read_copy().seq());
    assert!(second.handle().ask_at(world.at, world.person()).is_err());
}

#[test]
fn a_journal_that_is_taken_over_under_load_has_every_answered_message_once() {
    // core 11: two at once
    let memory = Memory::new();
    let first = start(&memory, Time::Brought, small()).unwrap();
    let mut world = World::new();
    done(&first, world.at, &[world.rulebook()]);
    let messages: Vec<Message> = (0..4_000).map(|_| world.person()).collect();
    let mut second = standby(&memory);
    let (at, handle) = (world.at, first.handle());
    let (second, answered) = std::thread::scope(|scope| {
        let asking = scope.spawn(|| {
            let told = |message: &&Message| handle.ask_at(at, (*message).clone()).is_ok();
            messages.iter().take_while(told).count()
        });
        assert!(first.read_copy().wait_for(Seq(200), Duration::from_secs(60)));
        let claim = std::iter::repeat_with(|| second.claim().unwrap()).flatten().next();
        (second.lead(claim.unwrap()).unwrap(), asking.join().unwrap())
    });
    // Whoever was told nothing asks the other; whoever was told asks again.
    let again: Vec<_> = messages.chunks(100).flat_map(|some| put(&second, at, some)).collect();
    assert!(again.iter().all(|verdict| verdict.outcome == Outcome::Done));
    assert!(200 <= answered, "the second waited for the first to be at work");
    assert!(again[..answered].iter().all(|verdict| verdict.repeat), "an answer was lost");
    assert_eq!(entries(&memory).len(), 1 + messages.len(), "each is there once");
    drop(first);
    let after = caught_up(&memory, &second).read(State::clone);
    drop(second);
    same(&memory, &start(&memory, Time::Brought, small()).unwrap(), &after);
}

/// A journal that appends whatever it is given, without a look at the head: what the expected head
/// is for.
#[derive(Clone, Default)]
struct Careless(Arc<Mutex<Vec<Frame>>>);

impl JournalStore for Careless {
    fn head(&mut self) -> Result<Head, Fault> {
        Ok(self.0.lock().unwrap().last().map_or(Head::empty(), Frame::head))
    }

    fn append(&mut self, _: &Head, frame: &Frame) -> Appended {
        self.0.lock().unwrap().push(frame.clone());
        Appended::Appended(frame.head())
    }

    fn upkeep(&mut self) -> Result<Upkeep, Fault> {
        Ok(Upkeep::default())
    }

    fn reader(&self) -> Result<Box<dyn JournalReader>, Fault> {
        Ok(Box::new(self.clone()))
    }
}

impl JournalReader for Careless {
    fn head(&mut self) -> Result<Head, Fault> {
        JournalStore::head(self)
    }

    fn frames(&mut self, after: u64, limit: usize) -> Result<Vec<Frame>, Fault> {
        let frames = self.0.lock().unwrap();
        Ok(frames.iter().skip(after as usize).take(limit).cloned().collect())
    }

    fn frame_of(&mut self, seq: u64) -> Result<Option<Frame>, Fault> {
        let frames = self.0.lock().unwrap();
        Ok(frames
            .iter()
            .find(|frame| (frame.first_seq..frame.head().next_seq).contains(&seq))
            .cloned())
    }
}

#[test]
fn without_the_expected_head_two_active_nodes_make_two_histories() {
    // The negative control: it is the store's guard that keeps two from doing harm, and no lease.
    let careless = Careless::default();
    let open = || {
        let journal = Box::new(careless.clone());
        Standby::open(journal, None, None, Time::Brought, seeded(), small())
    };
    let first = take_over(open().unwrap());
    let mut world = World::new();
    done(&first, world.at, &[world.rulebook()]);
    let second = take_over(open().unwrap());
    // Both answer, and of what was answered only one part can be true.
    done(&first, world.at, &[world.person()]);
    done(&second, world.at, &[world.person()]);
    drop((first, second));
    let error = open().unwrap_err();
    assert!(matches!(error, StartError::Frame(_)), "{}", error.chain());
}
