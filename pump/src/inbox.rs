//! The monitor between those who ask, the decider and the committer.
//!
//! One lock guards the lanes, the clock's guard and what the decider has to know of the committer;
//! it is held for a bounded take and never while something is decided, written or replied.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use desk::Message;
use parking_lot::{Condvar, Mutex, MutexGuard};
use terms::{Instant, Sender};

use crate::clock::{Guard, Time};
use crate::draft::Draft;
use crate::fault::{Busy, Fate, Fault, PumpError};
use crate::lanes::{Class, Lanes, Ticket};
use crate::limits::{
    FRAME_WORTH, FRAMES_IN_FLIGHT_MAX, MESSAGES_PER_REQUEST_MAX, Options, RETRY_MS, TAKE_MAX,
    TICK_EVERY_NS,
};
use crate::reply::{Reply, Waiting};
use crate::start::Intake;

/// What all threads share.
pub(crate) struct Shared {
    inbox: Mutex<Inbox>,
    /// For the decider: something to do.
    work: Condvar,
    /// For those who wait until there is room.
    room: Condvar,
    pub fate: Arc<Fate>,
    /// The index on disk is durable up to here (exclusive).
    indexed: AtomicU64,
    brought: bool,
    options: Options,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    Open,
    /// What is queued is still decided.
    Draining,
    Ended,
}

struct Inbox {
    lanes: Lanes,
    phase: Phase,
    guard: Option<Guard>,
    clock_agrees: bool,
    /// There is no room for ids, as far as the index on disk reached then.
    ids_full: Option<u64>,
    /// The committer is finding out what became of a frame: nothing is decided.
    halted: bool,
    in_flight: usize,
    /// Since when the oldest frame in flight is being made durable.
    writing_ns: i64,
    /// Requests that heard their answers with the last frame.
    answered: usize,
    /// The last instant that was given.
    last: Instant,
    ticked_ns: i64,
    asleep: bool,
    /// Messages decided a second, for advice when to try again.
    rate: Rate,
}

/// When the next tick is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ticks {
    /// When its time has come.
    InTime,
    /// More is to be done, but the last turn was a tick: others first, if they wait.
    InTurn,
    /// More is to be done.
    Now,
}

/// What the decider is to do next.
#[derive(Debug)]
pub(crate) enum Turn {
    /// Decide these, the bulk ones of which are so many.
    Decide(Vec<Ticket>, Option<Instant>, usize),
    /// Hand the frame over, if it is worth it: so many requests have just heard their answers.
    Commit(usize),
    /// Let time pass.
    Tick(Instant),
    /// See whether there is room for ids again.
    Room,
    /// Everything is decided and durable.
    Drained(Option<Instant>),
    /// The pump has ended.
    Ended,
}

/// A lane with messages, for metrics.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LaneView {
    /// Whose.
    pub sender: Sender,
    /// Of which class.
    pub class: Class,
    /// How many messages wait.
    pub messages: usize,
    /// How long the oldest has waited; 0 without a clock.
    pub oldest_ns: i64,
}

impl Shared {
    pub(crate) fn new(time: &Time, last: Instant, indexed: u64, options: Options) -> Shared {
        let guard = match time {
            Time::Clock(clock) => Some(Guard::new(clock.clone())),
            Time::Brought => None,
        };
        let ticked_ns = guard.as_ref().map_or(0, Guard::now_ns);
        let inbox = Inbox {
            lanes: Lanes::new(options.lanes),
            phase: Phase::Open,
            guard,
            clock_agrees: true,
            ids_full: None,
            halted: false,
            in_flight: 0,
            writing_ns: 0,
            answered: 0,
            last,
            ticked_ns,
            asleep: false,
            rate: Rate::default(),
        };
        Shared {
            inbox: Mutex::new(inbox),
            work: Condvar::new(),
            room: Condvar::new(),
            fate: Arc::new(Fate::default()),
            indexed: AtomicU64::new(indexed),
            brought: matches!(time, Time::Brought),
            options,
        }
    }

    pub(crate) fn options(&self) -> &Options {
        &self.options
    }

    /// Whether commands bring their instants.
    pub(crate) fn is_brought(&self) -> bool {
        self.brought
    }

    pub(crate) fn indexed(&self) -> u64 {
        self.indexed.load(Ordering::Acquire)
    }

    /// The index on disk reaches further now.
    pub(crate) fn set_indexed(&self, to: u64) {
        self.indexed.store(to, Ordering::Release);
        self.wake(&mut self.inbox.lock());
    }

    fn wake(&self, inbox: &mut MutexGuard<'_, Inbox>) {
        if inbox.asleep {
            inbox.asleep = false;
            self.work.notify_one();
        }
    }

    /// What the decider is to do next; sleeps until there is something. `last` is the last instant
    /// that was given.
    pub(crate) fn turn(&self, draft: &Draft, ticks: Ticks, last: Instant) -> Turn {
        let mut inbox = self.inbox.lock();
        inbox.last = last;
        loop {
            let (turn, shed) = self.next(&mut inbox, draft, ticks);
            if !shed.is_empty() {
                // Replies are not called under the lock.
                MutexGuard::unlocked(&mut inbox, || refuse(shed, Busy::Clock));
                continue;
            }
            if let Some(turn) = turn {
                return turn;
            }
            inbox.asleep = true;
            match inbox.sleep_ns() {
                Some(ns) => {
                    self.work.wait_for(&mut inbox, Duration::from_nanos(ns));
                }
                None => self.work.wait(&mut inbox),
            }
            inbox.asleep = false;
        }
    }

    fn next(&self, inbox: &mut Inbox, draft: &Draft, ticks: Ticks) -> (Option<Turn>, Vec<Ticket>) {
        let none = Vec::new();
        if inbox.phase == Phase::Ended {
            return (Some(Turn::Ended), none);
        }
        if inbox.halted {
            return (None, none);
        }
        // The second frame waits for its turn, so it should be worth a sync of its own.
        let worth = FRAME_WORTH <= draft.commands();
        let idle = inbox.in_flight == 0;
        let free = idle || (worth && inbox.in_flight < FRAMES_IN_FLIGHT_MAX);
        let full = self.options.commands_per_frame_max <= draft.commands()
            || self.options.frame_bytes_max <= draft.bytes();
        let wall = inbox.look_at_clock();
        if !inbox.clock_agrees {
            let shed = inbox.lanes.shed();
            if !shed.is_empty() {
                return (None, shed);
            }
        }
        if full || (worth && free) {
            return (free.then_some(Turn::Commit(0)), none);
        }
        if inbox.clock_agrees {
            if let Some(at) = inbox.tick_due(wall, ticks) {
                return (Some(Turn::Tick(at)), none);
            }
            match inbox.ids_full {
                Some(reached) if reached < self.indexed() => return (Some(Turn::Room), none),
                None if !inbox.lanes.is_empty() => {
                    return (Some(self.take(inbox, draft, wall)), none);
                }
                Some(_) | None => {}
            }
        }
        if idle && !draft.is_empty() {
            return (Some(Turn::Commit(inbox.answered)), none);
        }
        // What waits for room will get it; what waits for the clock may wait for ever.
        let rest = inbox.clock_agrees && !inbox.lanes.is_empty();
        let drained = draft.is_empty() && inbox.in_flight == 0 && !rest;
        if inbox.phase == Phase::Draining && drained {
            return (Some(Turn::Drained(wall)), none);
        }
        (None, none)
    }

    fn take(&self, inbox: &mut Inbox, draft: &Draft, wall: Option<Instant>) -> Turn {
        let whole = self.options.commands_per_frame_max;
        let room = whole.saturating_sub(draft.commands()).min(TAKE_MAX);
        let bulk = (whole / 2).saturating_sub(draft.bulk);
        let mut tickets = Vec::new();
        let before = inbox.lanes.len();
        let bulks = inbox.lanes.take(room, bulk, &mut tickets);
        inbox.rate.count(before - inbox.lanes.len(), inbox.guard.as_ref().map(Guard::now_ns));
        if self.brought {
            self.room.notify_all();
        }
        Turn::Decide(tickets, wall, bulks)
    }

    /// Waits until the index on disk reaches a position, or the pump ends.
    pub(crate) fn wait_indexed(&self, to: u64) {
        let mut inbox = self.inbox.lock();
        while inbox.phase != Phase::Ended && self.indexed() < to {
            inbox.asleep = true;
            self.work.wait(&mut inbox);
            inbox.asleep = false;
        }
    }

    /// A frame goes to the committer; waits for its turn. Returns whether the pump goes on.
    pub(crate) fn launch(&self) -> bool {
        let mut inbox = self.inbox.lock();
        while inbox.phase != Phase::Ended && FRAMES_IN_FLIGHT_MAX <= inbox.in_flight {
            inbox.asleep = true;
            self.work.wait(&mut inbox);
            inbox.asleep = false;
        }
        if inbox.in_flight == 0 {
            inbox.writing_ns = inbox.now_ns();
        }
        inbox.in_flight += 1;
        inbox.phase != Phase::Ended
    }

    /// The committer has finished a frame, with which so many requests heard their answers.
    pub(crate) fn landed(&self, answered: usize) {
        let mut inbox = self.inbox.lock();
        inbox.in_flight -= 1;
        inbox.writing_ns = inbox.now_ns();
        inbox.answered = answered;
        self.wake(&mut inbox);
    }

    /// Nothing is decided until the outcome of an append is known (core 11).
    pub(crate) fn set_halted(&self, halted: bool) {
        let mut inbox = self.inbox.lock();
        inbox.halted = halted;
        self.wake(&mut inbox);
    }

    /// Whether there is room for ids.
    pub(crate) fn set_ids_full(&self, reached: Option<u64>) {
        self.inbox.lock().ids_full = reached;
    }

    /// An operator confirms the clock.
    pub(crate) fn confirm_clock(&self) {
        let mut inbox = self.inbox.lock();
        if let Some(guard) = &mut inbox.guard {
            guard.confirm();
        }
        inbox.look_at_clock();
        self.wake(&mut inbox);
    }

    /// Takes nothing more in; what is queued is decided.
    pub(crate) fn drain(&self) {
        let mut inbox = self.inbox.lock();
        if inbox.phase == Phase::Open {
            inbox.phase = Phase::Draining;
        }
        self.room.notify_all();
        self.wake(&mut inbox);
    }

    /// Ends everything: with a fault, if something went wrong.
    pub(crate) fn end(&self, fault: Option<Fault>) {
        if let Some(fault) = fault {
            self.fate.seal(fault);
        }
        let mut inbox = self.inbox.lock();
        inbox.phase = Phase::Ended;
        let left = inbox.lanes.clear();
        self.work.notify_all();
        self.room.notify_all();
        drop(inbox);
        // Dropping them tells their waiters.
        drop(left);
    }

    /// Whether the pump has ended.
    pub(crate) fn has_ended(&self) -> bool {
        self.inbox.lock().phase == Phase::Ended
    }

    /// Why nothing is taken in, if so.
    pub(crate) fn busy(&self) -> Option<Busy> {
        let mut inbox = self.inbox.lock();
        inbox.look_at_clock();
        if !inbox.clock_agrees {
            Some(Busy::Clock)
        } else if inbox.ids_full.is_some() {
            Some(Busy::Ids)
        } else {
            None
        }
    }

    /// For how long the store has been making a frame durable.
    pub(crate) fn writing_ns(&self) -> i64 {
        let inbox = self.inbox.lock();
        if inbox.in_flight == 0 { 0 } else { inbox.now_ns().saturating_sub(inbox.writing_ns) }
    }

    /// Each lane with messages.
    pub(crate) fn views(&self) -> Vec<LaneView> {
        let inbox = self.inbox.lock();
        let now = inbox.guard.as_ref().map(Guard::now_ns);
        let view = |(sender, class, messages, since_ns): (_, _, _, i64)| {
            let oldest_ns = now.map_or(0, |now| now.saturating_sub(since_ns));
            LaneView { sender, class, messages, oldest_ns }
        };
        inbox.lanes.views().map(view).collect()
    }
}

impl Inbox {
    /// The monotonic clock, if there is one.
    fn now_ns(&self) -> i64 {
        self.guard.as_ref().map_or(0, Guard::now_ns)
    }

    /// The time of day, if there is a clock and it agrees.
    fn look_at_clock(&mut self) -> Option<Instant> {
        let wall = self.guard.as_mut()?.check(self.last);
        self.clock_agrees = wall.is_some();
        wall
    }

    fn tick_due(&mut self, wall: Option<Instant>, ticks: Ticks) -> Option<Instant> {
        let now = self.guard.as_ref()?.now_ns();
        let again = match ticks {
            Ticks::InTime => false,
            Ticks::InTurn => self.lanes.is_empty(),
            Ticks::Now => true,
        };
        if self.phase == Phase::Open && (again || TICK_EVERY_NS <= now - self.ticked_ns) {
            self.ticked_ns = now;
            return wall;
        }
        None
    }

    /// How long to sleep at most: until the next tick, which also looks at the clock.
    fn sleep_ns(&self) -> Option<u64> {
        self.guard.as_ref().map(|_| TICK_EVERY_NS as u64)
    }
}

fn refuse(tickets: Vec<Ticket>, busy: Busy) {
    for ticket in tickets {
        ticket.waiting.fail(busy.into());
    }
}

fn check_count(count: usize) -> Result<(), PumpError> {
    if count == 0 {
        return Err(PumpError::Malformed("a request without messages"));
    }
    if MESSAGES_PER_REQUEST_MAX < count {
        return Err(PumpError::Malformed("a request of too many messages"));
    }
    Ok(())
}

fn sender_of(messages: &[Message]) -> Result<Sender, PumpError> {
    check_count(messages.len())?;
    let sender = messages[0].sender;
    if messages.iter().any(|message| message.sender != sender) {
        return Err(PumpError::Malformed("a request of several senders"));
    }
    Ok(sender)
}

/// How fast messages were taken of late.
#[derive(Debug, Default)]
struct Rate {
    since_ns: i64,
    taken: u64,
    per_second: u64,
}

impl Rate {
    fn count(&mut self, taken: usize, now_ns: Option<i64>) {
        let Some(now) = now_ns else { return };
        self.taken += taken as u64;
        let passed = now.saturating_sub(self.since_ns);
        if Instant::SECOND <= passed {
            let second = u128::from(Instant::SECOND as u64);
            let rate = u128::from(self.taken) * second / passed as u128;
            self.per_second = u64::try_from(rate).unwrap_or(u64::MAX);
            (self.since_ns, self.taken) = (now, 0);
        }
    }

    /// When so many messages will have been taken, in milliseconds.
    fn advice(&self, messages: usize) -> u64 {
        let (least, most) = RETRY_MS;
        let ms = (messages as u64).saturating_mul(1_000) / self.per_second.max(1_000);
        ms.clamp(least, most)
    }
}

impl Intake for Shared {
    fn submit(&self, class: Class, messages: Vec<Message>, reply: Reply) -> Result<(), PumpError> {
        if self.brought {
            return Err(PumpError::Malformed("here every command brings its instant"));
        }
        let sender = sender_of(&messages)?;
        let mut inbox = self.inbox.lock();
        if inbox.phase != Phase::Open {
            return Err(self.fate.error());
        }
        if !inbox.clock_agrees {
            inbox.look_at_clock();
        }
        if !inbox.clock_agrees {
            return Err(Busy::Clock.into());
        }
        if inbox.ids_full.is_some() && class != Class::Control {
            return Err(Busy::Ids.into());
        }
        let count = messages.len();
        if !inbox.lanes.fits(class, sender, count) {
            let waiting = inbox.lanes.waiting(class, sender);
            let retry_after_ms = inbox.rate.advice(waiting.max(count));
            return Err(Busy::Full { sender, class, retry_after_ms }.into());
        }
        let since_ns = inbox.guard.as_ref().map_or(0, Guard::now_ns);
        let ticket = Ticket {
            messages: messages.into_iter(),
            instants: Vec::new().into_iter(),
            first: 0,
            waiting: Waiting::new(count, reply, self.fate.clone()),
            since_ns,
        };
        inbox.lanes.push(class, sender, ticket);
        self.wake(&mut inbox);
        Ok(())
    }

    fn submit_at(&self, commands: Vec<(Instant, Message)>, reply: Reply) -> Result<(), PumpError> {
        if !self.brought {
            return Err(PumpError::Malformed("here the clock gives the instants"));
        }
        let (instants, messages): (Vec<_>, Vec<_>) = commands.into_iter().unzip();
        check_count(messages.len())?;
        let count = messages.len();
        // All commands wait in one lane, so that their order is the order of the calls.
        let (class, sender) = (Class::Live, Sender::System);
        let mut inbox = self.inbox.lock();
        while inbox.phase == Phase::Open && !inbox.lanes.fits(class, sender, count) {
            self.room.wait(&mut inbox);
        }
        if inbox.phase != Phase::Open {
            return Err(self.fate.error());
        }
        let ticket = Ticket {
            messages: messages.into_iter(),
            instants: instants.into_iter(),
            first: 0,
            waiting: Waiting::new(count, reply, self.fate.clone()),
            since_ns: 0,
        };
        inbox.lanes.push(class, sender, ticket);
        self.wake(&mut inbox);
        Ok(())
    }
}
