//! The reference bookmaker: organisers, bettors and their bets on real or sample matches.
//!
//! From matches with odds and results, a seed and two numbers it makes every message that the
//! house would receive: the world (rulebook, organisers, desks, bettors), catalogues, orders and
//! stakes, holds, land desks, what must be refused, results, settlements, corrections, payouts,
//! and time itself as ticks. The same files, seed and options give the same messages, instants
//! and ids, byte for byte (core 5 to 7).
//!
//! It never looks at an answer: it keeps its own small account of money and bets, and every
//! message carries what is expected of it. So the messages do not depend on how answers are
//! batched, and whoever drives it can tell at once where house and bookmaker disagree.
//!
//! Memory: the matches that are still to come, and what is open. No floating point, no clock.

mod agenda;
mod fixture;
mod input;
mod listing;
mod money;
mod outbox;
mod refusal;
mod settle;
mod stake;
mod world;

use std::collections::{BTreeMap, BTreeSet};

use desk::command::{RedeemEmoney, Tick};
use terms::{Account, Instant, Tiyn};

use crate::random::Random;
use agenda::{Agenda, Job};
use fixture::Fixture;
use input::{Game, League};
use money::Holds;
use outbox::Outbox;
use settle::Bet;
use world::{OPERATOR, SYSTEM, World, text};

pub use input::{Input, SkippedRow};
pub use outbox::{Class, Expect, Step};

const SECOND: i64 = Instant::SECOND;
const MINUTE: i64 = 60 * SECOND;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = Instant::DAY;

/// How long before its kick-off a match is listed.
const LEAD_NS: i64 = 3 * DAY;
/// How long after it closed a bet leaves the hot state at the earliest; a little more.
const LEAVES_AFTER_NS: i64 = 700 * SECOND;

/// How much is to happen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Options {
    /// The seed of everything that is drawn.
    pub seed: u64,
    /// How many bettors there are.
    pub bettors: u32,
    /// How many bets are wanted on each match, counting those that are refused.
    pub bets_per_match: u32,
}

impl Options {
    /// The defaults of `bej replay`.
    pub const fn standard(seed: u64) -> Options {
        Options { seed, bettors: 1_000, bets_per_match: 20 }
    }
}

/// The seed of the random bytes in facts, for whoever drives the simulation.
pub fn entropy_seed(seed: u64) -> [u8; 32] {
    Random::new(seed).fork("entropy").fill()
}

/// Why a simulation cannot be made.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OptionsError {
    /// No match.
    #[error("there is no match to replay: every row was skipped, or the files are empty")]
    NoMatch,
    /// Too few bettors.
    #[error("{found} bettors are too few: {least} are needed, so that every kind of bettor occurs")]
    FewBettors {
        /// How many are wanted.
        found: u32,
        /// How many are needed.
        least: u32,
    },
    /// Too many bettors.
    #[error("{found} bettors are too many: the most is {most}")]
    ManyBettors {
        /// How many are wanted.
        found: u32,
        /// The most.
        most: u32,
    },
    /// Too many bets.
    #[error("{found} bets for each match are too many: the most is {most}")]
    ManyBets {
        /// How many are wanted.
        found: u32,
        /// The most.
        most: u32,
    },
}

/// The most bettors: five million, the country's design load.
pub const BETTORS_MAX: u32 = 5_000_000;
/// The most bets for each match; more do not fit between listing and kick-off.
pub const BETS_PER_MATCH_MAX: u32 = 100_000;

/// The bookmaker; gives the messages in order.
pub struct Bookmaker {
    options: Options,
    random: Random,
    games: std::iter::Peekable<std::vec::IntoIter<Game>>,
    leagues: Vec<League>,
    agenda: Agenda,
    out: Outbox,
    world: World,
    fixtures: BTreeMap<u32, Fixture>,
    bets: BTreeMap<u64, Bet>,
    holds: Holds,
    /// The key of the newest bet.
    last_bet: u64,
    /// Numbers that the catalogue gives next: championship, event.
    numbers: [u32; 2],
    /// The version of all lists, and when the next is due.
    lists: (u32, Instant),
    /// Whether a tick for closed bets is noted.
    leave_noted: bool,
    /// Whether the day's end is noted.
    day_noted: bool,
    /// When expired orders were last swept: at every tick.
    swept: Instant,
    /// Accounts that leaving bettors have closed.
    left: BTreeSet<Account>,
    /// Turns of what comes in turns.
    bad: usize,
    special: usize,
    unusable: u32,
    /// Matches that were listed.
    listed: u64,
}

impl Bookmaker {
    /// Builds the world and lists the first match when its time comes.
    pub fn new(input: Input, options: Options) -> Result<Bookmaker, OptionsError> {
        check(&input, options)?;
        let (games, leagues) = input.into_order();
        let random = Random::new(options.seed).fork("bookmaker");
        let mut out = Outbox::new(random.fork("ids"));
        let first = games.first().map_or(Instant(0), |game| game.found.kick_off);
        let begin = first.plus(-LEAD_NS - 2 * DAY);
        let world = world::build(begin, options.bettors, &mut out, &random);
        let mut agenda = Agenda::default();
        agenda.note(first.plus(-LEAD_NS), Job::List);
        Ok(Bookmaker {
            options,
            random: random.fork("choices"),
            games: games.into_iter().peekable(),
            leagues,
            agenda,
            out,
            world,
            fixtures: BTreeMap::new(),
            bets: BTreeMap::new(),
            holds: Holds::default(),
            last_bet: 0,
            numbers: [0; 2],
            lists: (1, begin),
            leave_noted: false,
            day_noted: false,
            swept: Instant(i64::MIN),
            left: BTreeSet::new(),
            bad: 0,
            special: 0,
            unusable: 0,
            listed: 0,
        })
    }

    /// How many matches have been listed so far.
    pub fn matches_listed(&self) -> u64 {
        self.listed
    }

    /// How many bets are remembered now, settled ones that may change among them.
    pub fn bets_in_memory(&self) -> usize {
        self.bets.len()
    }

    fn run(&mut self, at: Instant, job: Job) {
        // Whoever stakes is checked against lists of the day (S-02).
        let (version, due) = self.lists;
        if due <= at {
            self.lists = (version + 1, at.plus(DAY / 2));
            world::put_lists_in_force(version + 1, at, &mut self.out);
        }
        match job {
            Job::List => self.list(at),
            Job::Bet(fixture) => self.want(fixture, at),
            Job::LiveBet(fixture) => self.want_live(fixture, at),
            Job::Bad(fixture) => self.bad(fixture, at),
            Job::Late(late) => self.late(&late.0, late.1, late.2, at),
            Job::Latecomer(fixture) => self.latecomer(fixture, at),
            Job::Answer(held) => self.answer(*held, at),
            Job::LateReport(late) => self.report_late(&late.0, late.1, at),
            Job::Announce(fixture) => self.announce(fixture, at),
            Job::KickOff(fixture) => self.kick_off(fixture, at),
            Job::Close(fixture) => self.close(fixture, at),
            Job::CorrectStart(fixture) => self.correct_start(fixture, at),
            Job::HalfTime(fixture) => self.half_time(fixture, at),
            Job::Abandon(fixture) => self.abandon(fixture, at),
            Job::FullTime(fixture) => self.full_time(fixture, at),
            Job::Settle(fixture) => self.settle(fixture, at),
            Job::CorrectResult(fixture) => self.correct_result(fixture, at),
            Job::Done(fixture) => self.done(fixture),
            Job::PayAtDesk(key) => self.pay_at_desk(key, at),
            Job::GiveBack(key) => self.give_back(key, at),
            Job::Fund(house) => self.fund(house, at),
            Job::Reinstate(house) => self.reinstate(house, at),
            Job::Tick => self.tick(at),
            Job::Leave => self.leave(at),
            Job::DayEnd => self.day_end(at),
        }
    }

    /// Time passes: all that is due is done.
    fn tick(&mut self, at: Instant) {
        let at = self.out.instant(at);
        self.out.send(at, SYSTEM, Tick { orders_from: 0 }, Expect::Anything);
        self.tick_money(at);
        self.swept = at;
    }

    /// Has a tick sent once what closes now may leave the hot state.
    fn leave_later(&mut self, at: Instant) {
        if !self.leave_noted {
            self.leave_noted = true;
            self.agenda.note(at.plus(LEAVES_AFTER_NS), Job::Leave);
        }
    }

    fn leave(&mut self, at: Instant) {
        self.leave_noted = false;
        self.tick(at);
    }

    /// The end of a day on which orders were given: expired ones are swept, money is taken out.
    fn day_end(&mut self, at: Instant) {
        self.day_noted = false;
        self.tick(at);
        for _ in 0..3 {
            self.redeem_bettor(at);
        }
        for house in 0..self.world.houses.len() {
            self.redeem_house(house, at);
        }
    }

    /// A bettor with much money takes half of it out.
    fn redeem_bettor(&mut self, at: Instant) {
        let index = self.random.below(self.world.bettors.len() as u64) as usize;
        let bettor = &mut self.world.bettors[index];
        let sum = bettor.available() / 2;
        if bettor.kind != world::Kind::Ordinary || sum < 4_000_000 {
            return;
        }
        bettor.balance -= sum;
        self.redeem(self.world.bettors[index].wallet, sum, at);
    }

    /// An organiser takes out what it has beyond twice its working capital.
    fn redeem_house(&mut self, index: usize, at: Instant) {
        let house = &mut self.world.houses[index];
        let sum = house.balance - house.capital;
        if sum < house.capital || !house.waiting.is_empty() {
            return;
        }
        house.balance -= sum;
        self.redeem(self.world.houses[index].wallet, sum, at);
    }

    fn redeem(&mut self, wallet: terms::Wallet, sum: i64, at: Instant) {
        let Some(amount) = Tiyn::new(sum) else { return };
        let command = RedeemEmoney { wallet, amount, bank_reference: text("to own account") };
        self.out.send(at, OPERATOR, command, Expect::Done);
    }
}

impl Iterator for Bookmaker {
    type Item = Step;

    fn next(&mut self) -> Option<Step> {
        loop {
            if let Some(step) = self.out.next() {
                return Some(step);
            }
            let (at, job) = self.agenda.next()?;
            self.run(at, job);
        }
    }
}

fn check(input: &Input, options: Options) -> Result<(), OptionsError> {
    let (bettors, bets) = (options.bettors, options.bets_per_match);
    if input.matches() == 0 {
        Err(OptionsError::NoMatch)
    } else if bettors < world::BETTORS_MIN {
        Err(OptionsError::FewBettors { found: bettors, least: world::BETTORS_MIN })
    } else if BETTORS_MAX < bettors {
        Err(OptionsError::ManyBettors { found: bettors, most: BETTORS_MAX })
    } else if BETS_PER_MATCH_MAX < bets {
        Err(OptionsError::ManyBets { found: bets, most: BETS_PER_MATCH_MAX })
    } else {
        Ok(())
    }
}
