//! What a journal comes to: stakes, winnings, payouts and refunds, by organiser, sport and shape.
//!
//! Folded from the facts alone. A bet that is settled anew counts once, with its effective
//! settlement; a refund is never counted as a winning. Memory: the catalogue as dense numbers, the
//! bets that are open, and land-desk bets until they are paid. A bet that is settled anew is read
//! from the journal again, which is rare.

use std::collections::{BTreeMap, HashMap};

use desk::life;
use journal::fact::{Entry, Fact};
use register::{BetOutcome, Shape};
use store::{Fault, Head, JournalReader};
use terms::{BetId, Broken, Organiser, Outcome, Sender, Seq};

/// Frames that are read at a time.
const FRAMES: usize = 64;

/// Sums over some bets, tiyn.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sums {
    /// Stakes accepted, e-money and reported.
    pub stakes: u64,
    /// What was staked.
    pub staked: i64,
    /// Bets whose effective settlement is a win.
    pub won: u64,
    /// What was won: everything that comes back, less refunds.
    pub winnings: i64,
    /// Winnings that were paid, by БЕЖ or at a desk.
    pub paid: i64,
    /// Stakes that were paid back.
    pub refunded: i64,
}

impl Sums {
    /// Adds other sums to these.
    pub fn add(&mut self, other: &Sums) {
        self.stakes += other.stakes;
        self.staked += other.staked;
        self.won += other.won;
        self.winnings += other.winnings;
        self.paid += other.paid;
        self.refunded += other.refunded;
    }
}

/// What a line of the closing table is about.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Line {
    /// The organiser's number.
    pub organiser: u32,
    /// Kind of sport; of a bet on several kinds, all of them.
    pub sport: String,
    /// Single, accumulator or system.
    pub shape: &'static str,
}

/// Why a journal cannot be added up.
#[derive(Debug, thiserror::Error)]
pub enum TallyError {
    /// The store failed.
    #[error("the store failed")]
    Store(#[from] Fault),
    /// A frame cannot be read.
    #[error("a frame cannot be read")]
    Frame(#[from] journal::frame::FrameError),
    /// A fact cannot be read.
    #[error("entry {seq} cannot be read: {why:?}")]
    Entry {
        /// Its position.
        seq: u64,
        /// Why.
        why: Broken,
    },
    /// A fact speaks of what no fact before it brought.
    #[error("entry {seq} speaks of an unknown {what}")]
    Unknown {
        /// Its position.
        seq: u64,
        /// What is unknown.
        what: &'static str,
    },
}

/// The effective settlement of a bet, as far as it counts.
#[derive(Clone, Copy, Default)]
struct Effect {
    won: u64,
    winnings: i64,
}

/// The fold.
#[derive(Default)]
pub struct Tally {
    names: BTreeMap<u32, String>,
    /// Sport of each championship, championship of each event.
    sports: Vec<String>,
    championships: Vec<u32>,
    lines: Vec<(Line, Sums)>,
    index: BTreeMap<Line, u32>,
    /// Open bets, with their lines.
    open: HashMap<(Organiser, BetId), u32>,
    /// Settled bets whose payout is still to come, mostly by the next fact.
    due: HashMap<(Organiser, BetId), u32>,
    settled: u64,
}

impl Tally {
    /// Adds up a whole journal; calls `each` with the position reached, now and then.
    pub fn of(
        reader: &mut dyn JournalReader,
        mut each: impl FnMut(u64),
    ) -> Result<(Tally, Head), TallyError> {
        let mut tally = Tally::default();
        let mut after = 0;
        let head = reader.head()?;
        loop {
            let frames = reader.frames(after, FRAMES)?;
            let Some(last) = frames.last() else { return Ok((tally, head)) };
            after = last.number;
            for frame in &frames {
                for fact in frame.facts() {
                    let (seq, bytes) = fact?;
                    let entry = Entry::from_bytes(bytes);
                    let entry = entry.map_err(|why| TallyError::Entry { seq, why })?;
                    tally.add(&entry, reader)?;
                }
                each(frame.head().next_seq);
            }
        }
    }

    /// The lines of the closing table, in order.
    pub fn lines(&self) -> impl Iterator<Item = (&Line, &Sums)> {
        self.index.values().map(|at| {
            let (line, sums) = &self.lines[*at as usize];
            (line, sums)
        })
    }

    /// All lines together.
    pub fn total(&self) -> Sums {
        let mut total = Sums::default();
        self.lines.iter().for_each(|(_, sums)| total.add(sums));
        total
    }

    /// The name of an organiser.
    pub fn organiser(&self, number: u32) -> &str {
        self.names.get(&number).map_or("?", String::as_str)
    }

    /// Bets that are accepted and not settled.
    pub fn open(&self) -> usize {
        self.open.len()
    }

    /// Bets that are settled.
    pub fn settled(&self) -> u64 {
        self.settled
    }

    fn add(&mut self, entry: &Entry, reader: &mut dyn JournalReader) -> Result<(), TallyError> {
        let seq = entry.seq.0;
        let own = |sender| life::organiser_of(sender).ok_or(unknown(seq, "organiser"));
        match &entry.fact {
            Fact::OrganiserRegistered(fact) => {
                self.names.insert(fact.organiser.0, fact.name.to_string());
            }
            Fact::ChampionshipListed(fact) => self.sports.push(fact.sport.to_string()),
            Fact::EventListed(fact) => self.championships.push(fact.championship.0),
            Fact::EventConfirmed(fact) => {
                let row = self.championships.get_mut(fact.event.index());
                *row.ok_or(unknown(seq, "event"))? = fact.championship.0;
            }
            Fact::StakeAccepted(fact) => {
                let key = (own(fact.cause.sender)?, fact.bet_id());
                let outcomes = fact.bet.legs.0.iter().map(|leg| leg.outcome);
                let line = self.line(key.0, outcomes, fact.bet.shape, seq)?;
                self.staked(line, fact.bet.amount.get());
                self.open.insert(key, line);
            }
            Fact::StakeReported(fact) => {
                let key = (own(fact.cause.sender)?, BetId::from(fact.cause.id));
                let outcomes = fact.bet.legs.0.iter().map(|leg| leg.outcome);
                let line = self.line(key.0, outcomes, fact.bet.shape, seq)?;
                self.staked(line, fact.bet.amount.get());
                self.open.insert(key, line);
            }
            Fact::BetSettled(_) => self.settle(entry, reader)?,
            Fact::PayoutPosted(fact) => {
                let line = self.due((fact.organiser, fact.bet), fact.bet_previous, reader)?;
                let sums = &mut self.lines[line as usize].1;
                sums.paid += fact.winning.get();
                sums.refunded += fact.refund.get();
            }
            Fact::PayoutReported(fact) => {
                let key = (own(fact.cause.sender)?, fact.bet);
                let line = self.due(key, fact.bet_previous, reader)?;
                let sums = &mut self.lines[line as usize].1;
                sums.refunded += fact.refund.get();
                sums.paid += fact.amount.get() - fact.refund.get();
            }
            _ => {}
        }
        Ok(())
    }

    fn settle(&mut self, entry: &Entry, reader: &mut dyn JournalReader) -> Result<(), TallyError> {
        let Fact::BetSettled(fact) = &entry.fact else { return Ok(()) };
        let seq = entry.seq.0;
        let organiser = life::organiser_of(fact.cause.sender);
        let key = (organiser.ok_or(unknown(seq, "organiser"))?, fact.bet);
        let after = effect(&entry.fact);
        let (line, before) = match fact.corrects {
            None => {
                self.settled += 1;
                let line = self.open.remove(&key).ok_or(unknown(seq, "bet"))?;
                (line, Effect::default())
            }
            Some(earlier) => {
                let line = self.first(fact.bet_previous, reader)?;
                (line, effect(&read(reader, earlier)?.fact))
            }
        };
        let sums = &mut self.lines[line as usize].1;
        sums.won = sums.won + after.won - before.won;
        sums.winnings += after.winnings - before.winnings;
        if !fact.net_due.is_zero() {
            self.due.insert(key, line);
        }
        Ok(())
    }

    /// The line of a bet that is being paid.
    fn due(
        &mut self,
        key: (Organiser, BetId),
        previous: Seq,
        reader: &mut dyn JournalReader,
    ) -> Result<u32, TallyError> {
        match self.due.remove(&key) {
            Some(line) => Ok(line),
            None => self.first(previous, reader),
        }
    }

    /// The line of the bet behind one of its records, by walking back to its first.
    fn first(&mut self, from: Seq, reader: &mut dyn JournalReader) -> Result<u32, TallyError> {
        let mut entry = read(reader, from)?;
        while let Some(previous) = life::previous(&entry) {
            entry = read(reader, previous)?;
        }
        let seq = entry.seq.0;
        let (sender, bet) = match &entry.fact {
            Fact::StakeAccepted(fact) => (fact.cause.sender, &fact.bet),
            Fact::StakeReported(fact) => (fact.cause.sender, &fact.bet),
            _ => return Err(unknown(seq, "bet")),
        };
        let organiser = match sender {
            Sender::Organiser(organiser) => organiser,
            _ => return Err(unknown(seq, "organiser")),
        };
        self.line(organiser, bet.legs.0.iter().map(|leg| leg.outcome), bet.shape, seq)
    }

    fn staked(&mut self, line: u32, amount: i64) {
        let sums = &mut self.lines[line as usize].1;
        sums.stakes += 1;
        sums.staked += amount;
    }

    fn line(
        &mut self,
        organiser: Organiser,
        outcomes: impl Iterator<Item = Outcome>,
        shape: Shape,
        seq: u64,
    ) -> Result<u32, TallyError> {
        let mut sports: Vec<&str> = Vec::new();
        for outcome in outcomes {
            let sport = self.sport(outcome).ok_or(unknown(seq, "outcome"))?;
            if !sports.contains(&sport) {
                sports.push(sport);
            }
        }
        sports.sort_unstable();
        let line = Line { organiser: organiser.0, sport: sports.join(" + "), shape: shape.name() };
        if let Some(at) = self.index.get(&line) {
            return Ok(*at);
        }
        let at = self.lines.len() as u32;
        self.lines.push((line.clone(), Sums::default()));
        self.index.insert(line, at);
        Ok(at)
    }

    fn sport(&self, outcome: Outcome) -> Option<&str> {
        let championship = self.championships.get(outcome.event().index())?;
        self.sports.get(*championship as usize).map(String::as_str)
    }
}

fn effect(fact: &Fact) -> Effect {
    match fact {
        Fact::BetSettled(fact) => Effect {
            won: u64::from(fact.outcome == BetOutcome::Win),
            winnings: fact.gross.or_zero_sub(fact.refund).get(),
        },
        _ => Effect::default(),
    }
}

fn unknown(seq: u64, what: &'static str) -> TallyError {
    TallyError::Unknown { seq, what }
}

fn read(reader: &mut dyn JournalReader, seq: Seq) -> Result<Entry, TallyError> {
    let bytes = reader.fact(seq.0)?.ok_or(unknown(seq.0, "entry"))?;
    Entry::from_bytes(&bytes).map_err(|why| TallyError::Entry { seq: seq.0, why })
}
