//! Random sequences of messages, valid and hostile, against the oracle in lock-step (L1 to L4, B1,
//! B3, A1, J3, J4, I1). The machine checks every message; here the messages are made.
//!
//! A step is a kind and six numbers, so that a failure shrinks to few and small steps. Seeds of
//! failures are kept in `property.seeds` beside this file and run first for ever after.

use std::collections::BTreeMap;

use admission::{
    Accept, ConsentWay, HoldGround, IdentificationMethod, IdentificationSource, Level, List, Lists,
    Method, Purpose, Recipients, Scopes,
};
use casework::{CaseKind, CaseStep};
use desk::command::*;
use desk::{Command, Manner, Message};
use journal::fact::Fact;
use ledger::{Block, Class};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{FileFailurePersistence, TestRunner};
use register::catalogue::{EventRow, EventState, MarketRow, MarketState};
use register::organiser::{ConnectionState, ContractKind};
use register::{Basis, Form, LegResult, PriceRule, Shape};
use sim::machine::Machine;
use sim::oracle::Oracle;
use sim::scenario;
use terms::id::uuid_v7;
use terms::{
    Account, BetId, CaseNo, Code, Day, DeskNo, Event, Hash, Instant, Market, MessageId, Odds,
    OrderId, Organiser, Outcome, Person, Sender, Seq, Text, Tiyn, Wallet,
};

const WORLD: &str = "
    world
    rival
    rulebook agent=O1 hot=1m over=1m idle=10m
    +1s
    bettor P2 W2 A3 O1 500.00
    account A4 P2 O2 W2
    wallet W3 P1
    match E3 M3 C1 +10m in_play
    match E4 M4 C1 +1m
    match E5 M5 C1 +20m
    match E6 M6 C1 +1d
    match E7 M7 C1 +1d
    match E8 M8 C2 +1d
    match E9 M9 C2 +1d
    match E10 M10 C1 +1d in_play
    match E11 M11 C2 +30m
    contract O2 settlement 2026-01-01 rate=1% fixed=0.50 floor=10.00";

/// Ids of bets and of orders are taken from small pools, so that they meet.
const BETS: u16 = 24;
const ORDERS: u16 = 8;

/// The step that lets time pass.
const TIME: u8 = 40;

type Step = (u8, [u16; 6]);

fn id(made_ms: i64, pool: u8, number: u16) -> MessageId {
    let [high, low] = number.to_be_bytes();
    MessageId(uuid_v7(made_ms, [pool, high, low, 0, 0, 0, 0, 0, 0, 0]))
}

/// Makes messages of steps.
struct Maker {
    /// All ids of a pool carry the time at which the world was ready.
    start_ms: i64,
    fresh: u16,
}

fn pick<T: Copy>(items: &[T], number: u16) -> T {
    items[usize::from(number) % items.len()]
}

fn sum(number: u16) -> Tiyn {
    match number % 32 {
        0 => Tiyn::ZERO,
        1 => Tiyn::MAX,
        2 => Tiyn::new(i64::MAX - i64::from(number)).unwrap(),
        3 => Tiyn::of(100_000_000),
        _ => Tiyn::of(u32::from(number) * 3),
    }
}

fn odds(number: u16) -> Odds {
    let ten_thousandths = match number % 16 {
        0 => Odds::MAX,
        1 => Odds::MIN,
        _ => Odds::MIN + u32::from(number),
    };
    Odds::new(ten_thousandths).unwrap()
}

/// An outcome of the first events, or one that is none.
fn any_outcome(number: u16) -> Outcome {
    let market = Market::of(Event(u32::from(number / 3 % 6)), usize::from(number % 17 / 16));
    Outcome::of(market.unwrap(), usize::from(number % 3)).unwrap()
}

impl Maker {
    /// A bet that is there, mostly, and its organiser.
    fn bet(&self, machine: &Machine, number: u16) -> (BetId, Organiser) {
        let bets = &machine.state().bets;
        match bets.iter().nth(usize::from(number / 8) % bets.len().max(1)) {
            Some((_, bet)) if !number.is_multiple_of(8) => (bet.id, bet.organiser),
            _ => {
                (BetId::from(id(self.start_ms, 1, number % BETS)), Organiser(u32::from(number % 2)))
            }
        }
    }

    fn order(&self, number: u16) -> OrderId {
        OrderId::from(id(self.start_ms, 2, number % ORDERS))
    }

    fn instant(&self, now: Instant, number: u16) -> Instant {
        match number % 16 {
            0 => Instant(i64::MIN),
            1 => Instant(i64::MAX),
            _ => now.plus((i64::from(number % 1_000) - 950) * Instant::SECOND),
        }
    }

    fn bid(&self, now: Instant, [a, b, c, d, e, f]: [u16; 6]) -> Bid {
        let legs = match b % 16 {
            0 => 0,
            1 => 25,
            2..=4 => 3,
            5..=7 => 2,
            _ => 1,
        };
        let leg = |index: u16| LegBid {
            outcome: any_outcome(c.wrapping_add(index * 3)),
            odds: odds(d.wrapping_add(index)),
            requested: (e % 4 == 0).then(|| odds(e)),
        };
        let shape = match f % 8 {
            0 => Shape::System { sizes: u32::from(e), bankers: (d % 4) as u8 },
            1 => Shape::System { sizes: 2, bankers: 0 },
            _ if legs == 1 => Shape::Single,
            _ => Shape::Accumulator,
        };
        let price = match f / 8 % 8 {
            0 => PriceRule::StepFloor,
            1 => PriceRule::Given(u64::from(e) * 7),
            2 => PriceRule::Given(u64::MAX),
            _ => PriceRule::Exact,
        };
        Bid {
            account: Account(u32::from(a % 5)),
            desk: DeskNo(u32::from(a % 5 + f % 2) % 5),
            made_at: self.instant(now, f),
            amount: sum(b),
            shape,
            price,
            legs: (0..legs).map(leg).collect(),
        }
    }

    /// A bid that nothing speaks against at first, of an account with the desk of its organiser.
    fn good_bid(&self, machine: &Machine, now: Instant, [a, b, c, d, ..]: [u16; 6]) -> Bid {
        let account = u32::from(a % 4);
        let catalogue = &machine.state().catalogue;
        let takes = |event: &EventRow, market: &MarketRow| {
            let open = market.state == MarketState::Open && !event.state.over();
            event.organiser.0 == account % 2 && open && (market.in_play || !event.begun(now))
        };
        let mut markets = Vec::new();
        for event in catalogue.events() {
            for (row, place) in event.markets.iter().zip(0..) {
                if takes(event, row) {
                    markets.extend(Market::of(event.event, place));
                }
            }
        }
        let count = [1, 1, 1, 2, 3][usize::from(c % 5)].min(markets.len().max(1));
        let leg = |n: usize| LegBid {
            outcome: match markets.get((usize::from(c / 5) + n) % markets.len().max(1)) {
                Some(market) => Outcome::of(*market, usize::from(d % 3)).unwrap(),
                // Perhaps one that has left.
                None => any_outcome(d),
            },
            odds: Odds::new(Odds::MIN + u32::from(d) / 2 + n as u32).unwrap(),
            requested: None,
        };
        Bid {
            account: Account(account),
            desk: DeskNo(account % 2 * 2),
            made_at: now,
            amount: Tiyn::of((u32::from(b) / 4 + 1) * 3),
            shape: match count {
                1 => Shape::Single,
                3 if d % 2 == 0 => Shape::System { sizes: 2, bankers: 0 },
                _ => Shape::Accumulator,
            },
            price: PriceRule::Exact,
            legs: (0..count).map(leg).collect(),
        }
    }

    /// An order that fits a bid, so that most stakes are well founded.
    fn order_for(&mut self, now: Instant, bid: &Bid) -> (OrderId, Message) {
        self.fresh = self.fresh.wrapping_add(1);
        let message = id(now.ms(), 6, self.fresh);
        let command = GiveOrder {
            organiser: Organiser(bid.account.0 % 2),
            account: bid.account,
            ceiling: bid.amount.checked_mul(3).unwrap_or(Tiyn::MAX),
            expires: now.plus(60 * Instant::SECOND),
            session_at: now,
            method: Method::OneTimeCode,
            accept: Accept::Any,
            nonce: [0; 8],
        };
        (message.into(), Message::new(Sender::Bettor, message, Manner::Single, command.into()))
    }

    /// Mostly one that can be: a correction of what is settled, else a result, an error of the
    /// organiser or an early payout.
    fn settlement(&self, machine: &Machine, [_, b, c, d, e, f]: [u16; 6]) -> SettleBet {
        let (bet, organiser) = self.bet(machine, b);
        let row = machine.state().bet(organiser, bet);
        let settled = row.is_some_and(|row| row.settlement.is_some());
        let all = row.map_or(1, |row| (1u32 << row.legs.0.len()) - 1);
        let (basis, legs) = match c % 8 {
            0 => (pick(Basis::ALL, d), u32::from(d / 8)),
            1..=6 if settled => (Basis::Correction, if d % 2 == 0 { 0 } else { all }),
            1 | 2 => (Basis::Result, 0),
            3 | 4 => (Basis::OrganiserError, 0),
            5 | 6 => (Basis::EarlyPayout, all),
            _ => (Basis::LegVoid, all),
        };
        SettleBet {
            bet,
            basis,
            legs,
            stated: match e % 8 {
                0 => Some(sum(e / 8)),
                1 | 2 => Some(Tiyn::of(u32::from(e) * 8)),
                _ => None,
            },
            reason: (f % 8 != 0).then(|| Text::new("reason").unwrap()),
            computed_at: self.instant(machine.present(), f | 2),
        }
    }

    /// What is outstanding or claimed on a bet, or any sum.
    fn desk_sum(&self, machine: &Machine, number: u16, other: u16) -> Tiyn {
        let (bet, organiser) = self.bet(machine, number);
        let row = machine.state().bet(organiser, bet).and_then(|bet| bet.settlement.as_deref());
        match row {
            Some(row) if !other.is_multiple_of(4) => row.outstanding().max(row.claim()),
            _ => sum(other / 4),
        }
    }

    fn money(&mut self, machine: &Machine, kind: u8, all: [u16; 6]) -> Command {
        let now = machine.present();
        let [a, b, c, d, e, f] = all;
        let bet = self.bet(machine, b).0;
        let order = (e % 3 != 0).then(|| self.order(e));
        match kind {
            0 => PlaceStake { bid: self.good_bid(machine, now, all), order }.into(),
            1 => PlaceHold { bid: self.good_bid(machine, now, all), order }.into(),
            2 => PlaceStake { bid: self.bid(now, all), order }.into(),
            3 => PlaceHold { bid: self.bid(now, all), order }.into(),
            4 => {
                let land = DeskNo(u32::from(a % 2) * 2 + 1);
                let bid = match f % 3 {
                    0 => self.bid(now, all),
                    _ => Bid { desk: land, ..self.good_bid(machine, now, all) },
                };
                ReportStake { bid, form: pick(Form::ALL, f), resends: None }.into()
            }
            5 => ConfirmHold { bet, odds: vec![odds(d | 2); usize::from(c % 3)] }.into(),
            6 => ReleaseHold { bet }.into(),
            7 | 8 => self.settlement(machine, all).into(),
            9 => ReportPayout {
                bet,
                amount: self.desk_sum(machine, b, c),
                form: pick(Form::ALL, d),
                desk: DeskNo(if e % 8 == 0 { 9 } else { u32::from(e % 4) }),
                paid_at: self.instant(now, f | 2),
            }
            .into(),
            10 => SettleClaim { bet, amount: self.desk_sum(machine, b, c) }.into(),
            11 => GiveOrder {
                organiser: Organiser(u32::from(a % 2)),
                account: Account(u32::from(b % 4)),
                ceiling: if c % 4 == 0 { sum(c) } else { Tiyn::of(90_000_000) },
                expires: now.plus(i64::from(d % 100) * Instant::SECOND),
                session_at: now,
                method: pick(Method::ALL, e),
                accept: pick(Accept::ALL, f),
                nonce: [0; 8],
            }
            .into(),
            12 => {
                let wallet = Wallet(u32::from(a % 10));
                IssueEmoney { wallet, amount: sum(b), bank_reference: Text::new("b").unwrap() }
                    .into()
            }
            _ => {
                let wallet = Wallet(u32::from(a % 10));
                let bank_reference = Text::new("b").unwrap();
                RedeemEmoney { wallet, amount: sum(b), bank_reference }.into()
            }
        }
    }

    fn world(&mut self, kind: u8, now: Instant, [a, b, c, d, e, _]: [u16; 6]) -> Command {
        let organiser = Organiser(u32::from(a % 2));
        match kind {
            20 => {
                let lists = match b % 6 {
                    0 => Lists::NONE.with(pick(List::ALL, c)),
                    _ => Lists::NONE,
                };
                let level = if d % 5 == 0 { pick(Level::ALL, d) } else { Level::Full };
                ChangeAdmission {
                    person: Person(u32::from(a % 3)),
                    level,
                    identified_until: (e % 7 == 0).then(|| self.instant(now, e)),
                    of_age: e % 5 != 0,
                    lists,
                }
                .into()
            }
            21 => BlockWallet {
                wallet: Wallet(u32::from(a % 10)),
                block: pick(Block::ALL, b),
                ground: Text::new("act").unwrap(),
            }
            .into(),
            22 => RebindAccount {
                account: Account(u32::from(a % 5)),
                // Often another one of the same bettor.
                wallet: if b % 4 == 0 {
                    Wallet(u32::from(b % 10))
                } else {
                    pick(&[Wallet(5), Wallet(8)], b)
                },
            }
            .into(),
            23 if a % 16 == 0 => CloseAccount { account: Account(u32::from(b % 5)) }.into(),
            23 | 24 => PublishResult {
                market: Market::of(Event(u32::from(a % 6)), 0).unwrap(),
                results: (0..3).map(|n| pick(LegResult::ALL, b >> (n * 3))).collect(),
                reason: (c % 8 != 0).then(|| Text::new("again").unwrap()),
            }
            .into(),
            25 => ChangeMarket {
                market: Market::of(Event(u32::from(a % 6)), 0).unwrap(),
                state: if b % 2 == 0 { MarketState::Open } else { pick(MarketState::ALL, c) },
                in_play: d % 2 == 0,
            }
            .into(),
            26 => ChangeEvent {
                event: Event(u32::from(a % 6)),
                state: pick(EventState::ALL, b),
                time: match c % 3 {
                    0 => None,
                    1 => Some(now.plus(i64::from(d % 600) * -Instant::SECOND)),
                    _ => Some(now.plus(i64::from(d % 600) * Instant::SECOND)),
                },
            }
            .into(),
            27 => ChangeConnection {
                organiser,
                state: match b % 3 {
                    0 => pick(ConnectionState::ALL, c),
                    _ => ConnectionState::InOperation,
                },
                from: (d % 4 == 0).then(|| now.plus(i64::from(e % 600) * Instant::SECOND)),
            }
            .into(),
            28 => RecordContract {
                organiser,
                kind: pick(ContractKind::ALL, b),
                from: Day(20_454 + i32::from(e % 16 == 1)),
                until: None,
                commission_millionths: if c % 16 == 0 { 1_000_001 } else { u32::from(c) },
                commission_fixed: if d % 8 == 0 { sum(d) } else { Tiyn::of(u32::from(d % 100)) },
                floor: if e % 8 == 0 { sum(e) } else { Tiyn::ZERO },
            }
            .into(),
            _ => OpenWallet { class: pick(Class::ALL, a), owner: u32::from(b % 3) }.into(),
        }
    }

    fn messages(&mut self, machine: &Machine, (kind, all): Step) -> Vec<Message> {
        let now = machine.present();
        let [a, b, .., e, f] = all;
        let mut command: Command = match kind {
            0..20 => self.money(machine, kind, all),
            20..30 => self.world(kind, now, all),
            50 => lives(all),
            _ => Tick { orders_from: u32::from(a % 4) }.into(),
        };
        let usual = match &command {
            Command::GiveOrder(_) => Sender::Bettor,
            Command::Tick(_) => Sender::System,
            Command::PlaceStake(PlaceStake { bid, .. })
            | Command::PlaceHold(PlaceHold { bid, .. })
            | Command::ReportStake(ReportStake { bid, .. }) => {
                Sender::Organiser(Organiser(bid.account.0 % 2))
            }
            Command::PublishResult(_) | Command::ChangeMarket(_) | Command::ChangeEvent(_) => {
                Sender::Organiser(Organiser(u32::from(a % 6 == 1)))
            }
            Command::ConfirmHold(_)
            | Command::ReleaseHold(_)
            | Command::SettleBet(_)
            | Command::ReportPayout(_)
            | Command::SettleClaim(_) => Sender::Organiser(self.bet(machine, b).1),
            _ => Sender::Operator,
        };
        let hostile = [Sender::Bettor, Sender::System, Sender::Organiser(Organiser(77))];
        let sender = if f % 61 == 0 { pick(&hostile, e) } else { usual };
        let mut messages = Vec::new();
        if let Command::PlaceStake(PlaceStake { bid, order })
        | Command::PlaceHold(PlaceHold { bid, order }) = &mut command
            && e % 8 != 0
        {
            let (id, message) = self.order_for(now, bid);
            *order = Some(id);
            messages.push(message);
        }
        self.fresh = self.fresh.wrapping_add(1);
        let message = match &command {
            Command::PlaceStake(_) | Command::PlaceHold(_) | Command::ReportStake(_)
                if e % 16 == 0 =>
            {
                id(self.start_ms, 1, e / 16 % BETS)
            }
            Command::GiveOrder(_) if e % 4 == 0 => id(self.start_ms, 2, e / 4 % ORDERS),
            _ if f % 31 == 0 => id(self.start_ms, 3, e % 4),
            _ if f % 37 == 0 => id(i64::from(f) << 31, 4, e),
            _ => id(now.ms(), 5, self.fresh),
        };
        let manner = if f % 5 == 0 { Manner::Bulk } else { Manner::Single };
        messages.push(Message::new(sender, message, manner, command));
        messages
    }
}

/// What is recorded of persons, and cases.
fn lives([a, b, c, d, kind, _]: [u16; 6]) -> Command {
    let person = Person(u32::from(a % 3));
    let case = (b % 3 == 0).then(|| CaseNo(u32::from(b / 3 % 12)));
    let evidence = Hash([1; 32]);
    let set = || -> Vec<Person> { (0..3).filter(|n| c >> n & 1 == 1).map(Person).collect() };
    let rest = || -> Vec<Person> { (0..3).filter(|n| c >> n & 9 == 0).map(Person).collect() };
    match kind % 16 {
        0 | 1 => ChangeListings {
            list: pick(List::ALL, b),
            version: u32::from(d % 3),
            case: None,
            // Most lists are empty, so that people can stake at all.
            listed: if d % 4 == 0 { set() } else { Vec::new() },
            cleared: rest(),
        }
        .into(),
        2 => ChangeAges { age: 21, reached: rest(), not_reached: set() }.into(),
        3 => ChangeAges { age: 21, reached: vec![person], not_reached: Vec::new() }.into(),
        4 | 5 => RecordIdentification {
            person,
            case,
            method: pick(IdentificationMethod::ALL, b),
            source: pick(IdentificationSource::ALL, c),
            established: d % 5 != 0,
            confirmed: d % 7 != 0,
            delegate_contract: (b % 5 == 2).then(|| Text::new("17").unwrap()),
            evidence,
            until: None,
        }
        .into(),
        6 => StartRelationship { person, case }.into(),
        7 => EndRelationship { person, ground: Code::new("x").unwrap() }.into(),
        8 => RecordConsent {
            person,
            purpose: pick(&[Purpose::Betting, Purpose::EMoney], b),
            scopes: Scopes::from_bits((c % 32) as u8).unwrap(),
            recipients: Recipients::from_bits((d % 16) as u8).unwrap(),
            way: pick(ConsentWay::ALL, c),
            until: None,
            case,
            evidence,
        }
        .into(),
        9 => WithdrawConsent {
            person,
            purpose: pick(&[Purpose::Betting, Purpose::EMoney], b),
            scopes: Scopes::from_bits(1 << (c % 3)).unwrap(),
            evidence,
        }
        .into(),
        10 if c % 2 == 0 => SetLegalHold { person, ground: HoldGround::Court, evidence }.into(),
        10 => LiftLegalHold { person, number: u32::from(b % 4), evidence }.into(),
        11 if c % 2 == 0 => OrderErasure {
            person,
            case,
            ground: (b % 2 == 0).then(|| Code::new("x").unwrap()),
            approver: 1,
            second_approver: u32::from(1 + d % 2),
        }
        .into(),
        11 => ConfirmErasure { person, act: evidence }.into(),
        12 if d % 4 == 0 => MergePersons {
            case,
            kept: person,
            gone: Person(u32::from(b % 3)),
            closed: (0..5).filter(|n| c >> n & 1 == 1).map(Account).collect(),
            approver: 1,
            second_approver: 2,
            evidence,
        }
        .into(),
        12 | 13 => OpenCase {
            kind: pick(CaseKind::ALL, b),
            step: if c % 4 == 0 { CaseStep::Hit } else { CaseStep::Open },
            person: (d % 8 != 0).then_some(person),
            other: (d % 8 == 1).then_some(Person(u32::from(c % 3))),
            organiser: None,
            list: (c % 4 == 0).then(|| pick(List::ALL, d)),
            related: None,
            evidence: None,
        }
        .into(),
        _ => MoveCase {
            case: CaseNo(u32::from(a % 12)),
            step: pick(CaseStep::ALL, b),
            ground: (c % 2 == 0).then(|| Code::new("x").unwrap()),
            evidence: (d % 2 == 0).then_some(evidence),
        }
        .into(),
    }
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let kind = prop_oneof![
        8 => Just(0u8),
        4 => Just(1),
        3 => Just(4),
        3 => Just(5),
        9 => Just(7),
        8 => 2u8..14,
        4 => 20u8..30,
        3 => 23u8..25,
        1 => Just(22u8),
        6 => Just(50u8),
        2 => Just(9u8),
        1 => Just(10u8),
        2 => Just(30u8),
        2 => Just(TIME),
    ];
    prop::collection::vec((kind, any::<[u16; 6]>()), 1..240)
}

/// Runs the steps and returns the machine as they leave it.
fn run(steps: &[Step]) -> Result<Machine, String> {
    let mut machine = scenario::machine(WORLD).unwrap();
    let mut maker = Maker { start_ms: machine.present().ms(), fresh: 0 };
    for step in steps {
        if step.0 == TIME {
            // Seconds mostly, so that holds and orders both live and expire.
            let [a, b, ..] = step.1;
            let long = if b % 4 == 0 { a % 2_000 } else { a % 20 };
            machine.now = machine.present().plus(i64::from(long) * Instant::SECOND);
            continue;
        }
        for message in maker.messages(&machine, *step) {
            machine.send(&message).map_err(|fault| format!("{fault}\n{message:?}"))?;
        }
    }
    machine.finish().map_err(|fault| fault.to_string())?;
    Ok(machine)
}

proptest! {
    #![proptest_config(ProptestConfig {
        max_shrink_iters: 4_096,
        failure_persistence: Some(Box::new(FileFailurePersistence::Direct(concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/tests/it/property.seeds"
        )))),
        ..ProptestConfig::default()
    })]

    #[test]
    fn any_sequence_of_messages_leaves_the_books_in_order(steps in steps()) {
        if let Err(what) = run(&steps) {
            return Err(TestCaseError::fail(what));
        }
    }
}

#[test]
fn the_sequences_reach_every_corner_of_the_money_path() {
    let mut runner = TestRunner::deterministic();
    let mut reached = BTreeMap::new();
    for _ in 0..96 {
        let steps = steps().new_tree(&mut runner).unwrap().current();
        for entry in run(&steps).unwrap().entries() {
            *reached.entry(entry.fact.name()).or_insert(0) += 1;
        }
    }
    let wanted = [
        "StakeAccepted",
        "StakeReported",
        "HoldPlaced",
        "HoldReleased",
        "BetSettled",
        "PayoutPosted",
        "PayoutReported",
        "ClaimSettled",
        "BetsLeft",
        "EventKept",
        "EventsLeft",
        "OrdersSwept",
        "StartChecked",
        "EmoneyRedeemed",
        "AccountRebound",
        "ListingsChanged",
        "AgesChanged",
        "IdentificationRecorded",
        "RelationshipStarted",
        "ConsentRecorded",
        "ConsentWithdrawn",
        "LegalHoldSet",
        "CaseOpened",
        "CaseMoved",
        "PersonsMerged",
        "Refused",
    ];
    for name in wanted {
        assert!(reached.contains_key(name), "{name} is not reached: {reached:?}");
    }
}

type Change = fn(&mut Fact);

#[test]
fn the_oracle_names_what_is_wrong() {
    let text = "world\nrival\nbettor P2 W2 A3 O1\nlistings debtors 2 on=P1\n\
        listings debtors 2 off=P1\nidentify P1 in_person\nages 21 missed=P1\n\
        ages 21 reached=P1\nstake B1 A1 100.00 M1.1@1.5\n\
        stake B2 A3 100.00 M1.X@2\n\
        hold B3 A1 10.00 M1.1@2\nresult M1 won lost lost\nsettle B1";
    let entries = scenario::run(text).unwrap().entries;
    let verdict = |change: Change| {
        let mut oracle = Oracle::default();
        for entry in &entries {
            let mut entry = entry.clone();
            change(&mut entry.fact);
            oracle.step(&entry)?;
        }
        oracle.compare(scenario::machine(text).unwrap().state())
    };
    assert_eq!(verdict(|_| ()), Ok(()));
    let cases: [(&str, Change); 12] = [
        ("L1", |fact| {
            if let Fact::EmoneyIssued(fact) = fact {
                fact.amount = Tiyn::of(1_000_001)
            }
        }),
        ("A1", |fact| {
            if let Fact::AdmissionChanged(fact) = fact {
                fact.of_age = false
            }
        }),
        ("A1", |fact| {
            if let Fact::ListingsChanged(fact) = fact {
                fact.cleared.clear();
            }
        }),
        ("A1", |fact| {
            if let Fact::AgesChanged(fact) = fact {
                fact.reached.clear();
            }
        }),
        ("R0-10.12", |fact| {
            if let Fact::IdentificationRecorded(fact) = fact {
                fact.confirmed = false;
            }
        }),
        ("R0-12.5", |fact| {
            if let Fact::StakeAccepted(fact) = fact {
                fact.bettor_wallet = Wallet(4);
            }
        }),
        ("L1", |fact| {
            if let Fact::StakeAccepted(fact) = fact {
                fact.bet.amount = Tiyn::of(9_999);
            }
        }),
        ("B3", |fact| {
            if let Fact::StakeAccepted(fact) = fact {
                fact.cause.id = MessageId([7; 16]);
            }
        }),
        ("B1", |fact| {
            if let Fact::PayoutPosted(fact) = fact {
                fact.winning = Tiyn::of(15_001);
            }
        }),
        ("B1", |fact| {
            if let Fact::BetSettled(fact) = fact {
                fact.corrects = Some(Seq(3))
            }
        }),
        ("R0-13.1", |fact| {
            if let Fact::PayoutPosted(fact) = fact {
                fact.bettor_wallet = Wallet(4);
            }
        }),
        ("L2", |fact| {
            if let Fact::HoldPlaced(fact) = fact {
                fact.bet.amount = Tiyn::MAX
            }
        }),
    ];
    for (code, change) in cases {
        let found = verdict(change).unwrap_err();
        assert!(found.starts_with(code), "{code}: {found}");
    }
}
