//! The decider: the one thread that touches the deciding state (core 10).
//!
//! It takes what waits, stamps it with strictly increasing instants, decides it in order and
//! applies the facts at once, so that the next message sees them. While the committer is busy, it
//! goes on filling the next frame; when the committer is free, the frame goes. There is no timer
//! in this: a frame of one is a frame.

use std::hint::black_box;
use std::sync::Arc;

use crossbeam_channel::Sender as Channel;
use desk::command::Tick;
use desk::{Answer, Command, Gathered, Manner, Message, Moment, State, decide, warm};
use journal::fact::Fact;
use terms::rulebook::Rulebook;
use terms::{Instant, MessageId, Reason, Sender, Seq, limits};

use crate::budget::Budget;
use crate::draft::{Draft, Spares};
use crate::entropy::Entropy;
use crate::fault::Fault;
use crate::gather::Gatherer;
use crate::inbox::{Shared, Ticks, Turn};
use crate::lanes::Ticket;
use crate::limits::{GATHERS_PER_MESSAGE_MAX, YIELDS_MAX};
use crate::reply::{Part, Pending, Waiting};
use crate::verdict::Outcome;

pub(crate) struct Decider {
    shared: Arc<Shared>,
    state: State,
    /// No instant up to here is given any more.
    last: Instant,
    gatherer: Gatherer,
    entropy: Box<dyn Entropy>,
    committer: Channel<Draft>,
    spares: Spares,
    budget: Budget,
    draft: Draft,
    /// The request that is being decided, and the index of its next message.
    open: Option<(Arc<Waiting>, usize)>,
    /// Facts of the message that is being decided.
    facts: Vec<Fact>,
    nothing: Gathered,
    /// Where the sweep of expired orders goes on.
    orders_from: u32,
    ticks: Ticks,
    yields: usize,
}

impl Decider {
    pub(crate) fn new(
        shared: Arc<Shared>,
        state: State,
        last: Instant,
        gatherer: Gatherer,
        entropy: Box<dyn Entropy>,
        committer: Channel<Draft>,
        spares: Spares,
    ) -> Decider {
        Decider {
            shared,
            state,
            last,
            gatherer,
            entropy,
            committer,
            spares,
            budget: Budget::default(),
            draft: Draft::default(),
            open: None,
            facts: Vec::with_capacity(limits::FACTS_PER_COMMAND_MAX),
            nothing: Gathered::default(),
            orders_from: 0,
            ticks: Ticks::InTime,
            yields: 0,
        }
    }

    /// Decides until the pump is told to end.
    pub(crate) fn run(mut self) -> Result<(), Fault> {
        loop {
            match self.shared.turn(&self.draft, self.ticks, self.last) {
                Turn::Decide(tickets, wall, bulks) => {
                    if self.ticks == Ticks::InTurn {
                        self.ticks = Ticks::Now;
                    }
                    self.draft.bulk += bulks;
                    for ticket in tickets {
                        self.ticket(ticket, wall)?;
                    }
                }
                Turn::Commit(answered) => {
                    // Those who have just heard an answer are about to ask again.
                    if self.draft.parts.len() < answered && self.yields < YIELDS_MAX {
                        self.yields += 1;
                        std::thread::yield_now();
                    } else if !self.commit() {
                        return Ok(());
                    }
                }
                Turn::Tick(at) => {
                    let done = self.tick(at)?;
                    self.draft.count_own();
                    self.ticks = if done { Ticks::InTurn } else { Ticks::InTime };
                }
                Turn::Room => self.make_room(),
                Turn::Drained(wall) => {
                    if !self.budget.is_open() {
                        return Ok(());
                    }
                    let at = self.stamp(wall.unwrap_or(self.last));
                    self.tell_suppressed(at)?;
                }
                Turn::Ended => return Ok(()),
            }
        }
    }

    /// The instant of the next fact.
    fn stamp(&self, at: Instant) -> Instant {
        at.max(self.last.plus(1))
    }

    fn ticket(&mut self, mut ticket: Ticket, wall: Option<Instant>) -> Result<(), Fault> {
        self.open = Some((ticket.waiting, ticket.first));
        self.begin_part();
        for turn in 0.. {
            if turn % warm::GROUP == 0 {
                let ahead = ticket.messages.as_slice();
                let group = &ahead[..ahead.len().min(warm::GROUP)];
                black_box(self.state.warm(group.iter()));
            }
            let Some(message) = ticket.messages.next() else { break };
            let Some(wanted) = wall.or_else(|| ticket.instants.next()) else {
                return Err(Fault::bug("a command without an instant"));
            };
            if self.is_full() && !self.commit() {
                break;
            }
            let pending = self.message(&message, wanted)?;
            self.draft.answer(pending);
            if let Some((_, next)) = &mut self.open {
                *next += 1;
            }
        }
        self.open = None;
        Ok(())
    }

    /// Begins the answers of the open request in this frame, which may be its second or third.
    fn begin_part(&mut self) {
        if let Some((waiting, first)) = &self.open {
            self.draft.parts.push(Part { waiting: waiting.clone(), first: *first, count: 0 });
        }
    }

    fn message(&mut self, message: &Message, wanted: Instant) -> Result<Pending, Fault> {
        let mut at = self.stamp(wanted);
        if self.budget.is_due(at) {
            self.tell_suppressed(at)?;
            at = self.stamp(wanted);
        }
        if self.shared.is_brought() && matches!(message.command, Command::Tick(_)) {
            return self.ticks_brought(message, at);
        }
        let nonce = self.entropy.draw();
        let answer = self.decide(message, at, nonce)?;
        let first = Seq(self.state.next.0);
        let pending = match answer {
            Answer::Done => Pending::Now(Outcome::Done, (!self.facts.is_empty()).then_some(first)),
            Answer::Refused(reason) => {
                if self.has_budget(message.sender, reason, at) {
                    Pending::Now(Outcome::Refused(reason), Some(first))
                } else {
                    Pending::Now(Outcome::TooMany(reason), None)
                }
            }
            Answer::Conflict(before) if self.facts.is_empty() => {
                Pending::Now(Outcome::Conflict(before), None)
            }
            Answer::Conflict(before) => {
                if self.has_budget(message.sender, Reason::IdReused, at) {
                    Pending::Now(Outcome::Conflict(before), Some(first))
                } else {
                    Pending::Now(Outcome::TooMany(Reason::IdReused), None)
                }
            }
            Answer::Repeat(seq) => Pending::Then(seq),
            Answer::Deferred(reason) => Pending::Now(Outcome::Deferred(reason), None),
            Answer::Idle => Pending::Now(Outcome::Idle, None),
            Answer::Gather(_) => return Err(Fault::bug("a decision asks without end")),
        };
        self.apply(at)?;
        Ok(pending)
    }

    /// Decides a message, with what it needs from outside. Its facts are in `self.facts`.
    fn decide(&mut self, message: &Message, at: Instant, nonce: [u8; 8]) -> Result<Answer, Fault> {
        let moment = Moment { at, nonce, indexed: self.indexed() };
        self.facts.clear();
        let answer = decide(&self.state, message, moment, &self.nothing, &mut self.facts);
        let Answer::Gather(mut need) = answer else { return Ok(answer) };
        let mut gathered = Gathered::default();
        for _ in 0..GATHERS_PER_MESSAGE_MAX {
            self.gatherer.gather(need, &mut gathered)?;
            self.facts.clear();
            match decide(&self.state, message, moment, &gathered, &mut self.facts) {
                Answer::Gather(more) => need = more,
                answer => return Ok(answer),
            }
        }
        Ok(Answer::Gather(need))
    }

    /// Up to where the index on disk answers for what leaves. Where commands bring their instants
    /// it must not depend on how fast the disk is: then it is the last multiple of the length of a
    /// run, and [`Decider::wait_for_index`] waits until that is true.
    fn indexed(&self) -> Seq {
        if self.shared.is_brought() { self.last_run() } else { Seq(self.shared.indexed()) }
    }

    fn last_run(&self) -> Seq {
        if self.gatherer.cold.is_none() {
            return Seq(0);
        }
        let run = self.shared.options().run_entries;
        Seq(self.state.next.0 / run * run)
    }

    /// Whether a refusal has a place in the journal; if not, its fact is dropped. A case that an
    /// attempt opens stays: there is one a day, and no flood shall hide it.
    fn has_budget(&mut self, sender: Sender, reason: Reason, at: Instant) -> bool {
        let limit = match self.state.rulebook(at) {
            Some(rules) => rules.terms.refusals_per_second,
            None => Rulebook::sample().terms.refusals_per_second,
        };
        let has = self.budget.spend(sender, reason, at, limit);
        if !has {
            self.facts.retain(|fact| matches!(fact, Fact::CaseOpened(_)));
        }
        has
    }

    fn tell_suppressed(&mut self, at: Instant) -> Result<(), Fault> {
        let told = self.budget.take(&mut *self.entropy);
        self.facts.clear();
        self.facts.extend(told.into_iter().map(Fact::from));
        self.apply(at)
    }

    /// Applies the decided facts, the first at `at`, and adds them to the frame.
    fn apply(&mut self, at: Instant) -> Result<(), Fault> {
        let mut at = at;
        for fact in self.facts.drain(..) {
            let seq = self.state.next;
            let rulebook = self.state.rulebook_number(at);
            let done = self.state.apply(seq, at, rulebook, &fact);
            done.map_err(|source| Fault::Apply { seq: seq.0, source })?;
            self.draft.push(seq, at, rulebook, fact);
            self.last = at;
            at = at.plus(1);
        }
        Ok(())
    }

    /// One tick of the pump's own; returns whether anything was done.
    fn tick(&mut self, wall: Instant) -> Result<bool, Fault> {
        let mut at = self.stamp(wall);
        if self.budget.is_due(at) {
            self.tell_suppressed(at)?;
            at = self.stamp(wall);
        }
        let command = Tick { orders_from: self.orders_from }.into();
        let id = MessageId([0; 16]);
        let message = Message::new(Sender::System, id, Manner::Single, command);
        let nonce = self.entropy.draw();
        let answer = self.decide(&message, at, nonce)?;
        self.apply(at)?;
        let next = self.orders_from.saturating_add(limits::ITEMS_PER_CONTINUE_MAX as u32);
        self.orders_from = if next < self.state.orders.slots() { next } else { 0 };
        Ok(answer == Answer::Done)
    }

    /// A tick that was sent with its instant: all that is due then, once around the orders.
    fn ticks_brought(&mut self, message: &Message, at: Instant) -> Result<Pending, Fault> {
        if message.sender != Sender::System {
            let nonce = self.entropy.draw();
            self.decide(message, at, nonce)?;
            let first = self.state.next;
            self.apply(at)?;
            return Ok(Pending::Now(Outcome::Refused(Reason::SenderNotPermitted), Some(first)));
        }
        let first = self.state.next;
        self.orders_from = 0;
        loop {
            if !self.wait_for_index() {
                break;
            }
            let done = self.tick(at)?;
            if self.is_full() && !self.commit() {
                break;
            }
            if !done && self.orders_from == 0 {
                break;
            }
        }
        let some = first < self.state.next;
        let outcome = if some { Outcome::Done } else { Outcome::Idle };
        Ok(Pending::Now(outcome, some.then_some(first)))
    }

    /// Waits until the index on disk reaches the last multiple of a run. Returns whether the pump
    /// goes on.
    fn wait_for_index(&mut self) -> bool {
        let to = self.last_run().0;
        if to <= self.shared.indexed() {
            return true;
        }
        if self.draft.entries.first().is_some_and(|entry| entry.seq.0 < to) && !self.commit() {
            return false;
        }
        self.shared.wait_indexed(to);
        !self.shared.has_ended()
    }

    fn is_full(&self) -> bool {
        let options = self.shared.options();
        options.commands_per_frame_max <= self.draft.commands()
            || options.frame_bytes_max <= self.draft.bytes()
    }

    /// Hands the frame over and begins the next. Returns whether the pump goes on.
    fn commit(&mut self) -> bool {
        self.yields = 0;
        if !self.shared.launch() {
            return false;
        }
        let next = self.draft.next(&self.spares);
        let draft = std::mem::replace(&mut self.draft, next);
        if self.committer.send(draft).is_err() {
            return false;
        }
        self.begin_part();
        self.make_room();
        true
    }

    /// Lets old ids leave; without room nothing more is taken in.
    fn make_room(&mut self) {
        let reached = self.shared.indexed();
        let room = self.state.ids.make_room(Seq(reached));
        // Without an index there is nothing to wait for: all ids stay in memory.
        let full = !room && self.gatherer.cold.is_some();
        self.shared.set_ids_full(full.then_some(reached));
    }
}
