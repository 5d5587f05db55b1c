//! A small world: one bookmaker, an electronic and a land desk, some bettors, one market.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use admission::{Accept, Level, List, Lists, Method};
use desk::command::{
    AdoptRulebook, Bid, ChangeAdmission, ChangeConnection, GiveOrder, IssueEmoney, LegBid,
    ListChampionship, ListEvent, ListMarket, OpenAccount, OpenDesk, OpenWallet, PlaceStake,
    PublishResult, PutListInForce, RecordContract, RecordLicence, RegisterOrganiser,
    RegisterPerson, ReportPayout, ReportStake, SettleBet, Tick,
};
use desk::{Command, Manner, Message};
use journal::fact::{Entry, OutcomeText};
use ledger::Class as WalletClass;
use pump::{Clock, Options, Pump, ReadCopy, Reply, StartError, Stream, Time, Verdict};
use register::{
    Basis, ConnectionState, ContractKind, DeskKind, EventClass, Form, LegResult, OrganiserKind,
    PriceRule, Shape,
};
use store::{ColdStore, JournalReader, JournalStore, Memory, SnapshotStore};
use terms::rulebook::Rulebook;
use terms::{
    Account, BetId, Bin, Championship, Day, DeskNo, Event, Hash, Instant, Market, MessageId, Odds,
    OrderId, Organiser, Outcome, Person, Sender, Seq, Text, Tiyn, Wallet,
};

pub const S: i64 = Instant::SECOND;

/// 2026-01-05T00:00:00Z.
pub const START: Instant = Instant(20_458 * Instant::DAY);

pub const BOOKMAKER: Sender = Sender::Organiser(Organiser(0));

fn text<const MAX: usize>(words: &str) -> Text<MAX> {
    Text::new(words).unwrap()
}

/// Makes messages; each id is new and of the time of the world.
pub struct World {
    pub at: Instant,
    count: u64,
}

impl World {
    pub fn new() -> World {
        World { at: START, count: 0 }
    }

    pub fn id(&mut self) -> MessageId {
        self.count += 1;
        let mut random = [0; 10];
        random[2..].copy_from_slice(&self.count.to_be_bytes());
        MessageId(terms::id::uuid_v7(self.at.ms(), random))
    }

    pub fn say(&mut self, sender: Sender, command: impl Into<Command>) -> Message {
        let id = self.id();
        Message::new(sender, id, Manner::Single, command.into())
    }

    pub fn operator(&mut self, command: impl Into<Command>) -> Message {
        self.say(Sender::Operator, command)
    }

    /// A command that is always done.
    pub fn person(&mut self) -> Message {
        let reference = self.id().0;
        self.operator(RegisterPerson { reference })
    }

    /// A command that is always refused.
    pub fn refused(&mut self) -> Message {
        self.operator(OpenWallet { class: WalletClass::Organiser, owner: 9_999 })
    }

    pub fn rulebook(&mut self) -> Message {
        self.operator(AdoptRulebook { rulebook: Box::new(Rulebook::sample()) })
    }

    /// Everything that has to be there before a stake.
    pub fn set_up(&mut self, bettors: u32) -> Vec<Message> {
        let organiser = Organiser(0);
        let (from, to) = (Day(18_000), Day(40_000));
        let mut all = vec![self.rulebook()];
        for list in List::ALL {
            let digest = Hash([7; 32]);
            all.push(self.operator(PutListInForce { list: *list, version: 1, digest }));
        }
        all.push(self.operator(RegisterOrganiser {
            kind: OrganiserKind::Bookmaker,
            bin: (0..).find_map(|n| Bin::complete(18_044_000_000 + n)).unwrap(),
            name: text("Book"),
            address: text("Almaty"),
            taxable: Vec::new(),
            from,
        }));
        all.push(self.operator(RecordLicence {
            organiser,
            number: text("L-1"),
            issued: from,
            expires: to,
            suspended: false,
            from,
        }));
        for kind in [ContractKind::Integration, ContractKind::Settlement] {
            all.push(self.operator(RecordContract {
                organiser,
                kind,
                from,
                until: None,
                commission_millionths: 0,
                commission_fixed: Tiyn::ZERO,
                floor: Tiyn::ZERO,
            }));
        }
        let state = ConnectionState::InOperation;
        all.push(self.operator(ChangeConnection { organiser, state, from: None }));
        all.push(self.operator(OpenWallet { class: WalletClass::Organiser, owner: 0 }));
        for kind in [DeskKind::Electronic, DeskKind::Land] {
            all.push(self.operator(OpenDesk { organiser, kind, place: text("a place"), from }));
        }
        self.set_up_catalogue(&mut all);
        for bettor in 0..bettors {
            self.set_up_bettor(bettor, &mut all);
        }
        all
    }

    fn set_up_catalogue(&mut self, all: &mut Vec<Message>) {
        let (own, sport, name) = (text("c"), text("football"), text("League"));
        all.push(self.say(BOOKMAKER, ListChampionship { own, sport, name }));
        let scheduled = self.at.plus(30 * Instant::DAY);
        all.push(self.say(
            BOOKMAKER,
            ListEvent {
                championship: Championship(0),
                own: text("e"),
                name: text("Home - Away"),
                class: EventClass::Sport,
                scheduled,
                confirmed: true,
            },
        ));
        let outcome = |name: &str| OutcomeText { own: text(name), name: text(name) };
        all.push(self.say(
            BOOKMAKER,
            ListMarket {
                event: Event(0),
                own: text("1x2"),
                name: text("Result"),
                in_play: false,
                outcomes: ["1", "X", "2"].map(outcome).to_vec(),
            },
        ));
    }

    fn set_up_bettor(&mut self, bettor: u32, all: &mut Vec<Message>) {
        let (person, wallet) = (Person(bettor), Wallet(5 + bettor));
        let reference = self.id().0;
        all.push(self.operator(RegisterPerson { reference }));
        all.push(self.operator(ChangeAdmission {
            person,
            level: Level::Full,
            identified_until: None,
            of_age: true,
            lists: Lists::NONE,
        }));
        all.push(self.operator(OpenWallet { class: WalletClass::Bettor, owner: bettor }));
        all.push(self.operator(OpenAccount { person, organiser: Organiser(0), wallet }));
        let amount = Tiyn::of(1_000_000);
        all.push(self.operator(IssueEmoney { wallet, amount, bank_reference: text("b") }));
    }

    pub fn order(&mut self, bettor: u32) -> Message {
        let order = GiveOrder {
            organiser: Organiser(0),
            account: Account(bettor),
            ceiling: Tiyn::of(1_000),
            expires: self.at.plus(3_600 * S),
            session_at: self.at,
            method: Method::Session,
            accept: Accept::Better,
            nonce: [1; 8],
        };
        self.say(Sender::Bettor, order)
    }

    fn bid(&self, bettor: u32, desk: u32) -> Bid {
        Bid {
            account: Account(bettor),
            desk: DeskNo(desk),
            made_at: self.at,
            amount: Tiyn::of(1_000),
            shape: Shape::Single,
            price: PriceRule::Exact,
            legs: vec![LegBid {
                outcome: Outcome(0),
                odds: Odds::new(20_000).unwrap(),
                requested: None,
            }],
        }
    }

    /// An e-money stake under an order.
    pub fn stake(&mut self, bettor: u32, order: &Message) -> Message {
        let bid = self.bid(bettor, 0);
        self.say(BOOKMAKER, PlaceStake { bid, order: Some(OrderId::from(order.id)) })
    }

    /// A cash stake at the land desk.
    pub fn cash_stake(&mut self, bettor: u32) -> Message {
        let bid = self.bid(bettor, 1);
        self.say(BOOKMAKER, ReportStake { bid, form: Form::Cash, resends: None })
    }

    /// The first outcome wins.
    pub fn result(&mut self) -> Message {
        let results = vec![LegResult::Won, LegResult::Lost, LegResult::Lost];
        self.say(BOOKMAKER, PublishResult { market: Market(0), results, reason: None })
    }

    pub fn settle(&mut self, bet: &Message, basis: Basis, legs: u32) -> Message {
        let reason = matches!(basis, Basis::Correction).then(|| text("an error"));
        let settle = SettleBet {
            bet: BetId::from(bet.id),
            basis,
            legs,
            stated: None,
            reason,
            computed_at: self.at,
        };
        self.say(BOOKMAKER, settle)
    }

    pub fn paid(&mut self, bet: &Message, tiyn: u32) -> Message {
        let paid = ReportPayout {
            bet: BetId::from(bet.id),
            amount: Tiyn::of(tiyn),
            form: Form::Cash,
            desk: DeskNo(1),
            paid_at: self.at,
        };
        self.say(BOOKMAKER, paid)
    }

    pub fn tick(&mut self) -> Message {
        self.say(Sender::System, Tick { orders_from: 0 })
    }
}

/// A clock that is set by hand.
pub struct Hands {
    wall: AtomicI64,
    monotonic: AtomicI64,
}

impl Hands {
    pub fn new() -> Arc<Hands> {
        Arc::new(Hands { wall: AtomicI64::new(START.0), monotonic: AtomicI64::new(0) })
    }

    pub fn go_on(&self, wall_ns: i64, monotonic_ns: i64) {
        self.wall.fetch_add(wall_ns, Ordering::SeqCst);
        self.monotonic.fetch_add(monotonic_ns, Ordering::SeqCst);
    }
}

impl Clock for Hands {
    fn wall(&self) -> Instant {
        Instant(self.wall.load(Ordering::SeqCst))
    }
    fn monotonic_ns(&self) -> i64 {
        self.monotonic.load(Ordering::SeqCst)
    }
}

/// Options in which everything happens soon.
pub fn small() -> Options {
    Options {
        commands_per_frame_max: 64,
        snapshot_every_entries: 50,
        run_entries: 4,
        ids_per_generation: 8,
        ..Options::standard()
    }
}

pub fn seeded() -> Box<Stream> {
    Box::new(Stream::seeded([7; 32]))
}

/// A pump on all of a store in memory.
pub fn start(memory: &Memory, time: Time, options: Options) -> Result<Pump, StartError> {
    start_on(Box::new(memory.journal()), memory, time, options)
}

/// A pump on this journal and the rest of a store in memory.
pub fn start_on(
    journal: Box<dyn JournalStore>,
    memory: &Memory,
    time: Time,
    options: Options,
) -> Result<Pump, StartError> {
    let snapshots: Box<dyn SnapshotStore> = Box::new(memory.snapshots());
    let cold: Box<dyn ColdStore> = Box::new(memory.cold());
    Pump::start(journal, Some(snapshots), Some(cold), time, seeded(), options)
}

/// Puts messages at the times of the world, one request, and gives the verdicts.
pub fn put(pump: &Pump, at: Instant, messages: &[Message]) -> Vec<Verdict> {
    let (sender, receiver) = std::sync::mpsc::channel();
    let reply = Reply::new(move |verdicts| sender.send(verdicts).unwrap());
    let commands = messages.iter().map(|message| (at, message.clone())).collect();
    pump.handle().submit_at(commands, reply).unwrap();
    receiver.recv().unwrap().unwrap()
}

/// Every entry of the journal.
pub fn entries(memory: &Memory) -> Vec<Entry> {
    let mut reader: Box<dyn JournalReader> = memory.journal().reader().unwrap();
    let frames = reader.frames(0, usize::MAX).unwrap();
    frames
        .iter()
        .flat_map(|frame| frame.facts().map(|fact| Entry::from_bytes(fact.unwrap().1).unwrap()))
        .collect::<Vec<_>>()
}

/// The read copy, once it has everything that is durable.
pub fn caught_up(memory: &Memory, pump: &Pump) -> ReadCopy {
    let count = entries(memory).len() as u64;
    let copy = pump.read_copy();
    assert!(count == 0 || copy.wait_for(Seq(count - 1), Duration::from_secs(60)));
    copy
}
