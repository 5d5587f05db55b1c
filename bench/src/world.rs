//! The world that the product is measured in: ten organisers, a million bettors, and the orders
//! and stakes of random ones of them.

use admission::{Accept, Level, List, Lists, Method};
use desk::command::{
    AdoptRulebook, Bid, ChangeAdmission, ChangeConnection, GiveOrder, IssueEmoney, LegBid,
    ListChampionship, ListEvent, ListMarket, OpenAccount, OpenDesk, OpenWallet, PlaceStake,
    PutListInForce, RecordContract, RecordLicence, RegisterOrganiser, RegisterPerson, SettleBet,
};
use desk::{Command, Manner, Message};
use journal::fact::OutcomeText;
use ledger::Class;
use register::{Basis, ConnectionState, ContractKind, DeskKind, EventClass, OrganiserKind};
use register::{PriceRule, Shape};
use terms::rulebook::Rulebook;
use terms::{
    Account, BetId, Bin, Championship, Day, DeskNo, Event, Hash, Instant, Market, MessageId, Odds,
    OrderId, Organiser, Outcome, Person, Sender, Text, Tiyn, Wallet,
};

use crate::workload::Numbers;

/// Organisers; each bettor has an account with one of them.
pub const ORGANISERS: u32 = 10;
/// Events of each organiser, with one market of three outcomes.
const EVENTS: u32 = 50;
/// The first wallets are the operator's four and the organisers'.
const FIRST_WALLET: u32 = 4 + ORGANISERS;
/// What a bettor begins with.
const BALANCE: Tiyn = Tiyn::of(1_000_000_000);
/// Each stake.
const STAKE: Tiyn = Tiyn::of(1_000);

/// Stakes of one organiser, and the orders that must be there before them.
#[derive(Debug)]
pub struct Request {
    /// Of bettors.
    pub orders: Vec<Message>,
    /// Of the organiser.
    pub stakes: Vec<Message>,
}

/// Makes messages; each id carries the time of its making.
#[derive(Debug)]
pub struct World {
    numbers: Numbers,
    bettors: u32,
    stakes_per_order: u32,
    order: Option<(u32, OrderId, u32)>,
    at: Instant,
    /// Bettors are taken from one organiser's, if it is set.
    organiser: Option<u32>,
    /// How long a settled bet stays in memory, if not as the sample rulebook says.
    closed_bet_hot_ns: Option<i64>,
    /// Bettors are taken whose number leaves this rest under that many.
    share: (u32, u32),
}

/// Between two messages; two thousand ids share a millisecond, so that the clock of a world that
/// is used for minutes never overtakes that on the wall.
const STEP_NS: i64 = 500;

impl World {
    /// A world of so many bettors, whose orders serve so many stakes each. Its clock begins at
    /// `at` and goes on a little with each message.
    pub fn new(seed: u64, bettors: u64, stakes_per_order: u32, at: Instant) -> World {
        let bettors = u32::try_from(bettors).unwrap_or(u32::MAX);
        World {
            numbers: Numbers(seed),
            bettors,
            stakes_per_order,
            order: None,
            at,
            organiser: None,
            closed_bet_hot_ns: None,
            share: (0, 1),
        }
    }

    /// Settled bets leave memory so soon.
    pub fn let_bets_leave_after(&mut self, ns: i64) {
        self.closed_bet_hot_ns = Some(ns);
    }

    /// From now on only bettors of this organiser stake.
    pub fn keep_to(&mut self, organiser: u32) {
        self.organiser = Some(organiser);
        self.order = None;
    }

    /// From now on only every n-th bettor stakes.
    pub fn keep_to_share(&mut self, rest: u32, of: u32) {
        self.share = (rest, of);
    }

    /// Sets the clock; it never goes back.
    pub fn set_clock(&mut self, at: Instant) {
        self.at = self.at.max(at);
    }

    fn bettor(&mut self) -> u32 {
        let bettor = self.numbers.below(u64::from(self.bettors)) as u32;
        let (step, rest) = match self.organiser {
            Some(organiser) => (ORGANISERS, organiser),
            None => (self.share.1, self.share.0),
        };
        let chosen = bettor - bettor % step + rest;
        if chosen < self.bettors { chosen } else { rest }
    }

    /// The time of the last message.
    pub fn at(&self) -> Instant {
        self.at
    }

    fn id(&mut self) -> MessageId {
        self.at = self.at.plus(STEP_NS);
        let mut random = [0; 10];
        random[..8].copy_from_slice(&self.numbers.next().to_le_bytes());
        random[8..].copy_from_slice(&self.numbers.next().to_le_bytes()[..2]);
        MessageId(terms::id::uuid_v7(self.at.ms(), random))
    }

    fn say(&mut self, sender: Sender, command: impl Into<Command>) -> Message {
        let id = self.id();
        Message::new(sender, id, Manner::Single, command.into())
    }

    /// Everything that has to be there before the first stake.
    pub fn set_up(&mut self, mut take: impl FnMut(Message)) {
        let mut rulebook = Box::new(Rulebook::sample());
        if let Some(ns) = self.closed_bet_hot_ns {
            rulebook.terms.closed_bet_hot_ns = ns;
        }
        take(self.say(Sender::Operator, AdoptRulebook { rulebook }));
        for list in List::ALL {
            let command = PutListInForce { list: *list, version: 1, digest: Hash([7; 32]) };
            take(self.say(Sender::Operator, command));
        }
        for organiser in 0..ORGANISERS {
            self.set_up_organiser(Organiser(organiser), &mut take);
        }
        for organiser in 0..ORGANISERS {
            self.set_up_catalogue(Organiser(organiser), &mut take);
        }
        for bettor in 0..self.bettors {
            self.set_up_bettor(bettor, &mut take);
        }
    }

    fn set_up_organiser(&mut self, organiser: Organiser, take: &mut impl FnMut(Message)) {
        let (from, to) = (Day(18_000), Day(40_000));
        let number = u64::from(organiser.0);
        let bin = (0..).find_map(|n| Bin::complete(18_044_000_000 + number * 100 + n));
        let mut say = |command: Command| take(self.say(Sender::Operator, command));
        if let Some(bin) = bin {
            say(RegisterOrganiser {
                kind: OrganiserKind::Bookmaker,
                bin,
                name: text("Bench"),
                address: text("Almaty"),
                taxable: Vec::new(),
                from,
            }
            .into());
        }
        say(RecordLicence {
            organiser,
            number: text("L-1"),
            issued: from,
            expires: to,
            suspended: false,
            from,
        }
        .into());
        for kind in [ContractKind::Integration, ContractKind::Settlement] {
            say(RecordContract {
                organiser,
                kind,
                from,
                until: None,
                commission_millionths: 0,
                commission_fixed: Tiyn::ZERO,
                floor: Tiyn::ZERO,
            }
            .into());
        }
        say(ChangeConnection { organiser, state: ConnectionState::InOperation, from: None }.into());
        say(OpenWallet { class: Class::Organiser, owner: organiser.0 }.into());
        say(OpenDesk { organiser, kind: DeskKind::Electronic, place: text("bench.kz"), from }
            .into());
    }

    fn set_up_catalogue(&mut self, organiser: Organiser, take: &mut impl FnMut(Message)) {
        let sender = Sender::Organiser(organiser);
        take(self.say(
            sender,
            ListChampionship { own: text("c"), sport: text("football"), name: text("League") },
        ));
        for number in 0..EVENTS {
            let event = ListEvent {
                championship: Championship(organiser.0),
                own: text(&format!("e{number}")),
                name: text("Home - Away"),
                class: EventClass::Sport,
                scheduled: self.at.plus(30 * Instant::DAY),
                confirmed: true,
            };
            take(self.say(sender, event));
            let outcome = |name: &str| OutcomeText { own: text(name), name: text(name) };
            let market = ListMarket {
                event: Event(organiser.0 * EVENTS + number),
                own: text("1x2"),
                name: text("Result"),
                in_play: false,
                outcomes: ["1", "X", "2"].map(outcome).to_vec(),
            };
            take(self.say(sender, market));
        }
    }

    fn set_up_bettor(&mut self, bettor: u32, take: &mut impl FnMut(Message)) {
        let mut reference = [0; 16];
        reference[..4].copy_from_slice(&bettor.to_be_bytes());
        let person = Person(bettor);
        let wallet = wallet_of(bettor);
        let mut say = |command: Command| take(self.say(Sender::Operator, command));
        say(RegisterPerson { reference }.into());
        say(ChangeAdmission {
            person,
            level: Level::Full,
            identified_until: None,
            of_age: true,
            lists: Lists::NONE,
        }
        .into());
        say(OpenWallet { class: Class::Bettor, owner: bettor }.into());
        say(OpenAccount { person, organiser: organiser_of(bettor), wallet }.into());
        say(IssueEmoney { wallet, amount: BALANCE, bank_reference: text("bench") }.into());
    }

    /// So many stakes of one organiser's bettors, and the orders that they need.
    pub fn request(&mut self, organiser: u32, stakes: u64) -> Request {
        self.keep_to(organiser);
        let mut request = Request { orders: Vec::new(), stakes: Vec::new() };
        while (request.stakes.len() as u64) < stakes {
            let message = self.next();
            if is_stake(&message) {
                request.stakes.push(message);
            } else {
                request.orders.push(message);
            }
        }
        request
    }

    /// The settlement of stakes of one organiser: all are paid back, for which there is money.
    pub fn settle(&mut self, stakes: &[Message]) -> Vec<Message> {
        let computed_at = self.at;
        let settle = |stake: &Message| {
            let settle = SettleBet {
                bet: BetId::from(stake.id),
                basis: Basis::OrganiserError,
                legs: 0,
                stated: None,
                reason: Some(text("bench")),
                computed_at,
            };
            self.say(stake.sender, settle)
        };
        stakes.iter().map(settle).collect()
    }

    /// The next message: a stake, or the order that the next stakes need.
    pub fn next(&mut self) -> Message {
        let (bettor, order) = match self.order {
            Some((bettor, order, left)) if 0 < left => {
                self.order = Some((bettor, order, left - 1));
                (bettor, order)
            }
            _ => return self.next_order(),
        };
        let organiser = organiser_of(bettor);
        let number = self.numbers.below(u64::from(EVENTS * 3)) as u32;
        let event = Event(organiser.0 * EVENTS + number / 3);
        let market = Market::of(event, 0);
        // Cannot fail: every event has one market of three outcomes.
        let outcome = market.and_then(|market| Outcome::of(market, number as usize % 3));
        let outcome = outcome.expect("an outcome that was listed");
        let bid = Bid {
            account: Account(bettor),
            desk: DeskNo(organiser.0),
            made_at: self.at,
            amount: STAKE,
            shape: Shape::Single,
            price: PriceRule::Exact,
            legs: vec![LegBid { outcome, odds: odds(18_500), requested: None }],
        };
        let stake = PlaceStake { bid, order: Some(order) };
        self.say(Sender::Organiser(organiser), stake)
    }

    fn next_order(&mut self) -> Message {
        let bettor = self.bettor();
        let order = GiveOrder {
            organiser: organiser_of(bettor),
            account: Account(bettor),
            ceiling: STAKE.checked_mul(self.stakes_per_order).unwrap_or(STAKE),
            expires: self.at.plus(3_600 * Instant::SECOND),
            session_at: self.at,
            method: Method::Session,
            accept: Accept::Better,
            nonce: self.numbers.next().to_be_bytes(),
        };
        let message = self.say(Sender::Bettor, order);
        self.order = Some((bettor, OrderId::from(message.id), self.stakes_per_order));
        message
    }
}

/// The organiser with which a bettor has an account.
fn organiser_of(bettor: u32) -> Organiser {
    Organiser(bettor % ORGANISERS)
}

/// The wallet of a bettor.
pub fn wallet_of(bettor: u32) -> Wallet {
    Wallet(FIRST_WALLET + bettor)
}

/// Whether a message is a stake.
pub fn is_stake(message: &Message) -> bool {
    matches!(message.command, Command::PlaceStake(_))
}

fn text<const MAX: usize>(words: &str) -> Text<MAX> {
    // Cannot fail: the words here are short, plain and no numbers of persons.
    Text::new(words).expect("a plain word")
}

fn odds(ten_thousandths: u32) -> Odds {
    // Cannot fail: the odds here are in range.
    Odds::new(ten_thousandths).expect("odds in range")
}
