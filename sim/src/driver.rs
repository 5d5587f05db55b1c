//! A driver in place of the pump: one thread, one message after the other, straight into a
//! journal.
//!
//! It decides, applies, encodes and seals by itself, so that two implementations can be held
//! against each other: with the same messages, instants and random bytes its journal has the same
//! root as the pump's where commands bring their instants. A tick is repeated until nothing is
//! left to do, as there. What has left the hot state is found by a table of every bet's last
//! record; with that table and the ids of all messages in memory it is for tests, not for use.

use std::collections::HashMap;

use chacha20::ChaCha20Rng;
use chacha20::rand_core::{Rng, SeedableRng};
use desk::command::Tick;
use desk::ids::Recent;
use desk::{Answer, Command, Gathered, Message, Moment, Need, State, decide, life};
use journal::fact::{Entry, Fact, put_entry};
use journal::frame::{FactBuffer, Head, Sealer};
use journal::tree::Frontier;
use store::{Appended, ColdKey, Fault, JournalReader, JournalStore};
use terms::{BetId, Event, Instant, Organiser, Seq, limits};

/// The term of the driver's frames: it is the first writer.
const TERM: u64 = 1;
/// Ids for which there is room at once; the table grows.
const IDS_AT_FIRST: usize = 1 << 14;

/// How a driver cuts and when it lets bets leave.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DriverOptions {
    /// Messages of one frame.
    pub messages_per_frame: usize,
    /// Closed bets leave once the journal has passed a multiple of this behind their last record;
    /// never, if there is none.
    pub run_entries: Option<u64>,
    /// The seed of random bytes in facts.
    pub entropy: [u8; 32],
}

/// Why the driver cannot go on.
#[derive(Debug, thiserror::Error)]
pub enum DriverError {
    /// The store has entries already.
    #[error("the store is not empty: it has {0} entries")]
    NotEmpty(u64),
    /// The store failed.
    #[error("the store failed")]
    Store(#[from] Fault),
    /// A frame was not written.
    #[error("frame {frame} was not written: {what}")]
    NotWritten {
        /// The frame.
        frame: u64,
        /// What the store says.
        what: String,
    },
    /// A fact does not follow: the house contradicts itself.
    #[error("fact {seq} does not follow: {source}")]
    Apply {
        /// The fact.
        seq: u64,
        /// Why.
        source: desk::Wrong,
    },
    /// What the journal holds is not what the driver wrote.
    #[error("entry {0} cannot be read back")]
    Entry(u64),
    /// An event has left, and nothing keeps it.
    #[error("event {0} has left, and no entry keeps it")]
    NotKept(Event),
    /// A decision asks for the same again.
    #[error("a decision asks without end")]
    Endless,
}

/// The driver.
pub struct Driver {
    options: DriverOptions,
    store: Box<dyn JournalStore>,
    reader: Box<dyn JournalReader>,
    state: State,
    sealer: Sealer,
    buffer: FactBuffer,
    entropy: ChaCha20Rng,
    messages: usize,
    records: HashMap<(Organiser, BetId), Seq>,
    /// The last fact that keeps an event, by its keys in an index.
    kept: HashMap<ColdKey, Seq>,
    facts: Vec<Fact>,
}

impl Driver {
    /// Begins a journal in an empty store.
    pub fn new(
        mut store: Box<dyn JournalStore>,
        options: DriverOptions,
    ) -> Result<Driver, DriverError> {
        let head = store.head()?;
        if head != Head::empty() {
            return Err(DriverError::NotEmpty(head.next_seq));
        }
        let reader = store.reader()?;
        let mut entropy = ChaCha20Rng::from_seed(options.entropy);
        // The pump draws the key of its tables first; it influences no result.
        let key = entropy.next_u64();
        Ok(Driver {
            options,
            store,
            reader,
            state: State::with_ids(key, Recent::new(key, IDS_AT_FIRST)),
            sealer: Sealer::new(head, Frontier::new()),
            buffer: FactBuffer::new(),
            entropy,
            messages: 0,
            records: HashMap::new(),
            kept: HashMap::new(),
            facts: Vec::new(),
        })
    }

    /// The state after all messages so far.
    pub fn state(&self) -> &State {
        &self.state
    }

    /// Decides a message and applies what follows.
    pub fn submit(&mut self, at: Instant, message: &Message) -> Result<Answer, DriverError> {
        let answer = match message.command {
            Command::Tick(_) if message.sender == terms::Sender::System => self.ticks(at)?,
            _ => {
                let nonce = self.draw();
                self.one(at, message, nonce)?
            }
        };
        self.messages += 1;
        if self.options.messages_per_frame <= self.messages {
            self.seal()?;
        }
        Ok(answer)
    }

    /// Seals what is left; returns where the journal ends.
    pub fn finish(mut self) -> Result<(Head, State), DriverError> {
        self.seal()?;
        Ok((self.sealer.head(), self.state))
    }

    fn draw(&mut self) -> [u8; 8] {
        self.entropy.next_u64().to_be_bytes()
    }

    /// All that is due, once around the orders.
    fn ticks(&mut self, at: Instant) -> Result<Answer, DriverError> {
        let mut any = Answer::Idle;
        let mut orders_from = 0;
        loop {
            let command = Tick { orders_from }.into();
            let id = terms::MessageId([0; 16]);
            let manner = desk::Manner::Single;
            let message = Message::new(terms::Sender::System, id, manner, command);
            let nonce = self.draw();
            let done = self.one(at, &message, nonce)? == Answer::Done;
            if done {
                any = Answer::Done;
            }
            orders_from += limits::ITEMS_PER_CONTINUE_MAX as u32;
            if self.state.orders.slots() <= orders_from {
                orders_from = 0;
            }
            if !done && orders_from == 0 {
                return Ok(any);
            }
        }
    }

    fn one(
        &mut self,
        at: Instant,
        message: &Message,
        nonce: [u8; 8],
    ) -> Result<Answer, DriverError> {
        let at = at.max(self.state.at.plus(1));
        let run = |run: u64| Seq(self.state.next.0 / run * run);
        let indexed = self.options.run_entries.map_or(Seq(0), run);
        let moment = Moment { at, nonce, indexed };
        let mut gathered = Gathered::default();
        for _ in 0..3 + Ord::max(limits::LEGS_MAX, limits::EVENTS_PER_CENTRAL_MAX) {
            let mut facts = std::mem::take(&mut self.facts);
            facts.clear();
            let answer = decide(&self.state, message, moment, &gathered, &mut facts);
            self.facts = facts;
            match answer {
                Answer::Gather(need) => self.gather(need, &mut gathered)?,
                answer => {
                    self.apply(at)?;
                    return Ok(answer);
                }
            }
        }
        Err(DriverError::Endless)
    }

    fn apply(&mut self, mut at: Instant) -> Result<(), DriverError> {
        let facts = std::mem::take(&mut self.facts);
        for fact in &facts {
            let seq = self.state.next;
            let rulebook = self.state.rulebook_number(at);
            let done = self.state.apply(seq, at, rulebook, fact);
            done.map_err(|source| DriverError::Apply { seq: seq.0, source })?;
            self.buffer.push_with(|out| put_entry(out, seq, at, rulebook, fact));
            if self.options.run_entries.is_some()
                && let Some(bet) = bet_of(fact)
            {
                self.records.insert(bet, seq);
            }
            if let Fact::EventKept(fact) = fact {
                for key in [life::event_key(fact.row.event), life::own_key(&fact.row)] {
                    self.kept.insert(key, seq);
                }
            }
            at = at.plus(1);
        }
        self.facts = facts;
        Ok(())
    }

    fn gather(&mut self, need: Need, gathered: &mut Gathered) -> Result<(), DriverError> {
        match need {
            Need::Id(..) => gathered.id = Some(None),
            Need::Bet(organiser, bet) => {
                self.seal()?;
                let mut entries = Vec::new();
                let mut at = self.records.get(&(organiser, bet)).copied();
                while let Some(seq) = at {
                    let entry = self.entry(seq)?;
                    at = life::previous(&entry);
                    entries.push(entry);
                }
                entries.reverse();
                gathered.bet = Some(life::from_records(&entries).map(Box::new));
            }
            Need::Event(event) => {
                self.seal()?;
                let seq = self.kept.get(&life::event_key(event)).copied();
                let seq = seq.ok_or(DriverError::NotKept(event))?;
                match self.entry(seq)?.fact {
                    Fact::EventKept(fact) => gathered.events.push(*fact.row),
                    _ => return Err(DriverError::Entry(seq.0)),
                }
            }
            Need::EventNamed(organiser, own) => {
                let Some(seq) = self.kept.get(&(organiser.0, own.0)).copied() else {
                    gathered.named = Some(None);
                    return Ok(());
                };
                self.seal()?;
                match self.entry(seq)?.fact {
                    Fact::EventKept(fact) => gathered.named = Some(Some(fact.row.event)),
                    _ => return Err(DriverError::Entry(seq.0)),
                }
            }
        }
        Ok(())
    }

    fn entry(&mut self, seq: Seq) -> Result<Entry, DriverError> {
        let bytes = self.reader.fact(seq.0)?.ok_or(DriverError::Entry(seq.0))?;
        Entry::from_bytes(&bytes).map_err(|_| DriverError::Entry(seq.0))
    }

    fn seal(&mut self) -> Result<(), DriverError> {
        self.messages = 0;
        if self.buffer.is_empty() {
            return Ok(());
        }
        let expected = self.sealer.head();
        let frame = self.sealer.seal(TERM, self.state.at, &self.buffer);
        self.buffer.clear();
        let refused = |what: String| DriverError::NotWritten { frame: frame.number, what };
        match self.store.append(&expected, &frame) {
            Appended::Appended(_) => {}
            Appended::HeadMoved(head) => {
                return Err(refused(format!("the journal ends at frame {}", head.frame)));
            }
            Appended::NotWritten(fault) | Appended::Unknown(fault) => return Err(fault.into()),
        }
        self.store.upkeep()?;
        Ok(())
    }
}

/// The bet of which a fact is a record that may be its last.
fn bet_of(fact: &Fact) -> Option<(Organiser, BetId)> {
    match fact {
        Fact::BetSettled(fact) => Some((life::organiser_of(fact.cause.sender)?, fact.bet)),
        Fact::PayoutPosted(fact) => Some((fact.organiser, fact.bet)),
        Fact::PayoutReported(fact) => Some((life::organiser_of(fact.cause.sender)?, fact.bet)),
        Fact::ClaimSettled(fact) => Some((life::organiser_of(fact.cause.sender)?, fact.bet)),
        _ => None,
    }
}
