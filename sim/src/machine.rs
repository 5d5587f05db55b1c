//! A deciding state with a follower beside it, without pump or store.
//!
//! Every fact is encoded, decoded and applied to the follower; the naive oracle steps through the
//! same bytes. What must always hold is checked after every message, so a [`Fault`] names the
//! first entry at which it did not. Ids are remembered in two very small generations, so that the
//! index of older ids is asked for all the time. Every message is decided twice, so that a hidden
//! change of the state or a hidden source of chance would show. For small worlds: the oracle
//! compares all wallets and bets after each message.

use std::collections::BTreeMap;
use std::ops::Range;

use desk::ids::Recent;
use desk::{Answer, Gathered, Message, Moment, Need, State, decide, life};
use journal::fact::{Entry, Fact, put_entry};
use register::catalogue::EventRow;
use register::{Bet, BetState};
use terms::{BetId, Digest, Event, Instant, MessageId, Organiser, Reason, Sender, Seq, limits};

use crate::oracle::Oracle;

/// Ids of each generation: few, so that scripts reach the index.
const IDS: usize = 8;

/// Something that must never happen.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("at entry {seq}: {what}")]
pub struct Fault {
    /// The next position when it happened.
    pub seq: Seq,
    /// What happened.
    pub what: String,
}

/// What became of a message, and which entries it left.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sent {
    /// The answer; never `Gather`.
    pub answer: Answer,
    /// Positions in [`Machine::entries`].
    pub entries: Range<usize>,
}

/// The machine.
#[derive(Debug)]
pub struct Machine {
    state: State,
    follower: State,
    oracle: Oracle,
    entries: Vec<Entry>,
    ids: BTreeMap<(Sender, MessageId), (Seq, Digest)>,
    left: BTreeMap<(Organiser, BetId), Bet>,
    /// Every event as it was kept last, with the fact, and every own id among them.
    kept: BTreeMap<Event, (Seq, EventRow)>,
    own: BTreeMap<(Organiser, [u8; 16]), Event>,
    /// The clock; an instant is never before the last entry.
    pub now: Instant,
    /// Up to where the index on disk is durable; everywhere if `None`.
    pub indexed: Option<Seq>,
    drawn: u64,
}

impl Default for Machine {
    fn default() -> Self {
        Machine::new()
    }
}

impl Machine {
    /// Before the first fact.
    pub fn new() -> Machine {
        Machine {
            state: State::with_ids(1, Recent::new(1, IDS)),
            follower: State::follower(2),
            oracle: Oracle::default(),
            entries: Vec::new(),
            ids: BTreeMap::new(),
            left: BTreeMap::new(),
            kept: BTreeMap::new(),
            own: BTreeMap::new(),
            now: Instant(0),
            indexed: None,
            drawn: 0,
        }
    }

    /// The state that decides.
    pub fn state(&self) -> &State {
        &self.state
    }

    /// The journal so far.
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// The present instant: the clock, or the last entry where the clock has not moved on.
    pub fn present(&self) -> Instant {
        self.now.max(self.state.at)
    }

    /// Decides a message and applies what follows from it, twice.
    pub fn send(&mut self, message: &Message) -> Result<Sent, Fault> {
        self.state.ids.make_room(self.state.next);
        let at = self.now.max(self.state.at.plus(1));
        self.drawn = self.drawn.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let nonce = self.drawn.to_be_bytes();
        let indexed = self.indexed.unwrap_or(self.state.next);
        let moment = Moment { at, nonce, indexed };
        let (answer, facts) = self.decide(message, moment)?;
        if self.decide(message, moment)? != (answer, facts.clone()) {
            return Err(self.fault("the same decision comes out otherwise"));
        }
        self.check_answer(answer, &facts)?;
        let first = self.entries.len();
        for (fact, nanosecond) in facts.iter().zip(0..) {
            self.apply(at.plus(nanosecond), fact)?;
        }
        self.oracle.compare(&self.state).map_err(|what| self.fault(what))?;
        Ok(Sent { answer, entries: first..self.entries.len() })
    }

    fn decide(&self, message: &Message, moment: Moment) -> Result<(Answer, Vec<Fact>), Fault> {
        let mut gathered = Gathered::default();
        let mut facts = Vec::new();
        // One id, one bet or own id and the event of each leg, or each that is compared, may be
        // asked for.
        for _ in 0..3 + Ord::max(limits::LEGS_MAX, limits::EVENTS_PER_CENTRAL_MAX) {
            match decide(&self.state, message, moment, &gathered, &mut facts) {
                Answer::Gather(need) => self.gather(need, &mut gathered)?,
                answer => return Ok((answer, facts)),
            }
            if !facts.is_empty() {
                return Err(self.fault("facts were left before something was gathered"));
            }
        }
        Err(self.fault("the same thing was asked for again"))
    }

    fn gather(&self, need: Need, gathered: &mut Gathered) -> Result<(), Fault> {
        match need {
            Need::Id(sender, id) => gathered.id = Some(self.ids.get(&(sender, id)).copied()),
            Need::Bet(organiser, id) => {
                let bet = self.left.get(&(organiser, id));
                if let Some(bet) = bet
                    && self.rebuilt(bet.last).as_ref() != Some(bet)
                {
                    return Err(self.fault("the records of a bet do not make the bet that left"));
                }
                gathered.bet = Some(bet.cloned().map(Box::new));
            }
            Need::Event(event) => match self.kept.get(&event) {
                Some((_, row)) => gathered.events.push(row.clone()),
                None => return Err(self.fault("an event left that was not kept")),
            },
            Need::EventNamed(organiser, own) => {
                gathered.named = Some(self.own.get(&(organiser, own.0)).copied());
            }
        }
        Ok(())
    }

    /// A bet put together from its records, the last of which is named.
    fn rebuilt(&self, last: Seq) -> Option<Bet> {
        let mut records = vec![self.entries.get(last.0 as usize)?.clone()];
        while let Some(previous) = records.last().and_then(life::previous) {
            records.push(self.entries.get(previous.0 as usize)?.clone());
        }
        records.reverse();
        life::from_records(&records)
    }

    fn check_answer(&self, answer: Answer, facts: &[Fact]) -> Result<(), Fault> {
        let fits = match answer {
            Answer::Done => !facts.is_empty() && facts.len() <= limits::FACTS_PER_COMMAND_MAX,
            Answer::Refused(reason) => {
                // An attempt of a person on a list that freezes opens a case for each.
                let cases = |fact: &Fact| matches!(fact, Fact::CaseOpened(_));
                matches!(facts, [Fact::Refused(fact), rest @ ..]
                    if fact.reason == reason && rest.iter().all(cases))
            }
            Answer::Conflict(_) => match facts {
                [] => true,
                [Fact::Refused(fact)] => fact.reason == Reason::IdReused,
                _ => false,
            },
            Answer::Repeat(_) | Answer::Deferred(_) | Answer::Idle => facts.is_empty(),
            Answer::Gather(_) => false,
        };
        if fits { Ok(()) } else { Err(self.fault(format!("{answer:?} came with {facts:?}"))) }
    }

    fn apply(&mut self, at: Instant, fact: &Fact) -> Result<(), Fault> {
        let seq = self.state.next;
        let number = self.state.rulebook_number(at);
        let mut bytes = Vec::new();
        put_entry(&mut bytes, seq, at, number, fact);
        let entry = Entry::from_bytes(&bytes)
            .map_err(|broken| self.fault(format!("{}: {broken}", fact.name())))?;
        let mut again = Vec::new();
        entry.put(&mut again);
        if again != bytes || entry.fact != *fact {
            return Err(self.fault(format!("{} changes by encoding", fact.name())));
        }
        match fact {
            Fact::BetsLeft(fact) => self.keep_left(fact.count as usize),
            Fact::EventKept(fact) => {
                let row = &fact.row;
                self.kept.insert(row.event, (seq, (**row).clone()));
                self.own.insert((row.organiser, row.own.0), row.event);
            }
            _ => {}
        }
        let wrong = |wrong| Fault { seq, what: format!("{}: {wrong}", fact.name()) };
        self.state.apply(seq, at, number, fact).map_err(wrong)?;
        self.follower.apply(entry.seq, entry.at, entry.rulebook, &entry.fact).map_err(wrong)?;
        self.oracle.step(&entry).map_err(|what| self.fault(what))?;
        if !self.state.ledger.balanced() {
            return Err(self.fault("L1 or L3: the ledger does not balance"));
        }
        let conflict = matches!(fact, Fact::Refused(fact) if fact.reason == Reason::IdReused);
        if let Some(cause) = fact.cause().filter(|_| !conflict) {
            let known = self.ids.insert((cause.sender, cause.id), (seq, cause.digest));
            if known.is_some() {
                return Err(self.fault("I1: one id has caused two facts"));
            }
        }
        self.entries.push(entry);
        Ok(())
    }

    fn keep_left(&mut self, count: usize) {
        for closed in self.state.closed.iter().take(count) {
            let bet = self.state.bets.get(closed.slot).filter(|bet| bet.last == closed.last);
            if let Some(bet) = bet {
                self.left.insert((bet.organiser, bet.id), bet.clone());
            }
        }
    }

    /// What must hold at the end: the follower is the same, and so is what a snapshot brings back,
    /// and every bet is what its records say.
    pub fn finish(&self) -> Result<(), Fault> {
        let fault = |what: &str| Err(self.fault(what));
        if !self.state.same(&self.follower) || self.state.hash() != self.follower.hash() {
            return fault("J3: the follower is not the same");
        }
        let mut bytes = Vec::new();
        let written: Result<(), std::convert::Infallible> = self.state.write_pieces(|piece| {
            bytes.extend_from_slice(piece);
            Ok(())
        });
        match written {
            Ok(()) => {}
        }
        match State::read(&bytes, 3, Recent::none()) {
            Err(broken) => return fault(&format!("the snapshot is broken: {broken}")),
            Ok(read) if !read.same(&self.state) || read.hash() != self.state.hash() => {
                return fault("the snapshot brings back another state");
            }
            Ok(_) => {}
        }
        self.check_counts()?;
        for (_, bet) in self.state.bets.iter().filter(|(_, bet)| bet.hold.is_none()) {
            if self.rebuilt(bet.last).as_ref() != Some(bet) {
                return fault("a bet is not what its records say");
            }
        }
        Ok(())
    }

    /// Each held and open bet is counted on its events, which are therefore here.
    fn check_counts(&self) -> Result<(), Fault> {
        let mut counts: BTreeMap<Event, u32> = BTreeMap::new();
        for (_, bet) in self.state.bets.iter().filter(|(_, bet)| bet.state != BetState::Settled) {
            for leg in &bet.legs.0 {
                *counts.entry(leg.outcome.event()).or_default() += 1;
            }
        }
        let here = self.state.catalogue.events().into_iter().filter(|row| row.bets != 0);
        let counted: BTreeMap<Event, u32> = here.map(|row| (row.event, row.bets)).collect();
        if counts == counted {
            Ok(())
        } else {
            Err(self.fault(format!("bets on events are {counts:?}, counted {counted:?}")))
        }
    }

    fn fault(&self, what: impl Into<String>) -> Fault {
        Fault { seq: self.state.next, what: what.into() }
    }
}
