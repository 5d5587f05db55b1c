//! The world before the first match: rulebook, organisers, desks, bettors, accounts, money.
//!
//! Numbers of what is registered are dense and given in order, so they are known beforehand.

use std::collections::{BTreeMap, VecDeque};

use admission::{Level, List, Lists};
use desk::Manner;
use desk::command::{
    AdoptRulebook, BlockWallet, ChangeAdmission, ChangeConnection, IssueEmoney, OpenAccount,
    OpenDesk, OpenWallet, PutListInForce, RecordContract, RecordLicence, RegisterOrganiser,
    RegisterPerson,
};
use ledger::{Block, Class as WalletClass};
use register::organiser::TaxableObject;
use register::{ConnectionState, ContractKind, DeskKind, OrganiserKind};
use terms::rulebook::Rulebook;
use terms::{
    Account, Bin, Championship, Day, DeskNo, Hash, Instant, Organiser, Person, Reason, Sender,
    Text, Tiyn, Wallet,
};

use super::outbox::{Class, Expect, From, Outbox};
use crate::random::Random;

/// Bookmakers that take bets.
pub(super) const HOUSES: usize = 3;

/// The operator's staff.
pub(super) const OPERATOR: From =
    From { sender: Sender::Operator, class: Class::Control, manner: Manner::Single };
/// Timers.
pub(super) const SYSTEM: From =
    From { sender: Sender::System, class: Class::Control, manner: Manner::Single };
/// Bettors at БЕЖ.
pub(super) const BETTOR: From =
    From { sender: Sender::Bettor, class: Class::Live, manner: Manner::Single };

/// Ledger accounts before the first wallet: the operator's own.
const OWN_ACCOUNTS: u32 = 4;
/// What an organiser's wallet may not fall below by redemption, tiyn.
const FLOOR: u32 = 1_000_000;
/// What a bettor starts with, tiyn.
const FIRST_TOP_UP: u32 = 5_000_000;

/// An organiser as the bookmaker runs it.
#[derive(Debug)]
pub(super) struct House {
    pub organiser: Organiser,
    pub wallet: Wallet,
    pub electronic: DeskNo,
    pub land: [DeskNo; 2],
    /// Commission on a stake, millionths.
    pub commission: u32,
    /// Working capital, tiyn.
    pub capital: i64,
    /// What its wallet holds, tiyn.
    pub balance: i64,
    /// Bets whose payout waits, oldest first.
    pub waiting: VecDeque<u64>,
    /// Whether money is on its way.
    pub funding: bool,
    /// Why it can take no stake for the moment.
    pub stopped: Option<Reason>,
    /// Its championships by number of the input.
    pub championships: BTreeMap<usize, Championship>,
    /// Ordinary bettors with an account here.
    pub clients: Vec<usize>,
    /// Fixtures that take bets before they begin.
    pub open: Vec<u32>,
}

/// What is special about a bettor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Ordinary,
    Simplified,
    Unidentified,
    Stale,
    UnderAge,
    Listed(List),
    Blocked,
    Frozen,
    /// Closes his account in the middle of a bet.
    Leaving,
}

const SPECIAL: [Kind; 12] = [
    Kind::Simplified,
    Kind::Unidentified,
    Kind::Stale,
    Kind::UnderAge,
    Kind::Listed(List::Restricted),
    Kind::Listed(List::Debtors),
    Kind::Listed(List::Terrorism),
    Kind::Listed(List::Proliferation),
    Kind::Listed(List::Financing),
    Kind::Blocked,
    Kind::Frozen,
    Kind::Leaving,
];

/// The fewest bettors: every special kind, and enough others.
pub(super) const BETTORS_MIN: u32 = 48;

impl Kind {
    /// Why no stake is accepted of such a bettor.
    pub(super) fn reason(self) -> Option<Reason> {
        match self {
            Kind::Ordinary => None,
            Kind::Simplified | Kind::Unidentified => Some(Reason::NotIdentified),
            Kind::Stale => Some(Reason::IdentificationStale),
            Kind::UnderAge => Some(Reason::UnderAge),
            Kind::Listed(list) => Some(list.reason()),
            Kind::Blocked => Some(Reason::WalletBlocked),
            Kind::Frozen => Some(Reason::WalletFrozen),
            Kind::Leaving => Some(Reason::AccountClosed),
        }
    }
}

/// A bettor.
#[derive(Debug)]
pub(super) struct Bettor {
    pub kind: Kind,
    pub person: Person,
    pub wallet: Wallet,
    /// By organiser.
    pub accounts: [Option<Account>; HOUSES],
    /// What the wallet holds, tiyn.
    pub balance: i64,
    /// Of that, set aside by holds, tiyn.
    pub held: i64,
}

impl Bettor {
    /// What can be staked.
    pub(super) fn available(&self) -> i64 {
        self.balance - self.held
    }
}

/// All organisers and bettors.
#[derive(Debug)]
pub(super) struct World {
    pub houses: Vec<House>,
    pub bettors: Vec<Bettor>,
    /// Bettors who must be refused.
    pub special: Vec<usize>,
    /// The wallet of the totalizator, which is no agent of the issuer.
    pub totalizator_wallet: Wallet,
    /// The number of accounts.
    pub accounts: u32,
}

/// A text of the simulation's own making, cut to its field.
pub(super) fn text<const MAX: usize>(whole: &str) -> Text<MAX> {
    let mut end = whole.len().min(MAX);
    while !whole.is_char_boundary(end) {
        end -= 1;
    }
    let dash = || Text::new("-");
    // Cannot fail: a dash is a text.
    Text::new(&whole[..end]).or_else(|_| dash()).expect("a dash is a text")
}

struct Builder<'a> {
    at: Instant,
    out: &'a mut Outbox,
    random: Random,
}

/// Sends everything that must be there before the first match is listed.
pub(super) fn build(at: Instant, bettors: u32, out: &mut Outbox, random: &Random) -> World {
    let mut builder = Builder { at, out, random: random.fork("world") };
    builder.rulebook();
    let houses = builder.organisers();
    let mut world = World {
        houses,
        bettors: Vec::with_capacity(bettors as usize),
        special: Vec::new(),
        totalizator_wallet: Wallet(OWN_ACCOUNTS + HOUSES as u32),
        accounts: 0,
    };
    put_lists_in_force(1, at, builder.out);
    let special = (bettors / 32).max(SPECIAL.len() as u32);
    for number in 0..bettors {
        let kind = match number.checked_sub(bettors - special) {
            None => Kind::Ordinary,
            Some(index) => SPECIAL[index as usize % SPECIAL.len()],
        };
        builder.bettor(number, kind, &mut world);
    }
    for index in world.special.clone() {
        builder.restrict(&world.bettors[index]);
    }
    world
}

/// Each list anew, unchanged: its source was asked.
pub(super) fn put_lists_in_force(version: u32, at: Instant, out: &mut Outbox) {
    for list in List::ALL {
        let digest = Hash([*list as u8; 32]);
        let command = PutListInForce { list: *list, version, digest };
        out.send(at, OPERATOR, command, Expect::Done);
    }
}

impl Builder<'_> {
    fn operator(&mut self, command: impl Into<desk::Command>) {
        self.out.send(self.at, OPERATOR, command, Expect::Done);
    }

    fn rulebook(&mut self) {
        let agents = (0..HOUSES as u32).map(Organiser).collect();
        let rulebook = Box::new(Rulebook { agents, ..Rulebook::sample() });
        self.operator(AdoptRulebook { rulebook });
    }

    /// Three bookmakers and a totalizator, which takes no bets in this version.
    fn organisers(&mut self) -> Vec<House> {
        const NAMES: [(&str, &str); HOUSES + 1] = [
            ("Qyran Bet ЖШС", "Астана қаласы, Сарыарқа даңғылы, 4"),
            ("Жетіқазына Бәс ЖШС", "Алматы қаласы, Төле би көшесі, 101"),
            ("Tulpar Odds LLP", "Шымкент қаласы, Республика даңғылы, 12"),
            ("Дала Тотализаторы ЖШС", "Қарағанды қаласы, Бұқар жырау даңғылы, 33"),
        ];
        // The second one is often short of funds.
        let capital = [5_000_000_000, 2_000_000, 5_000_000_000];
        let commission = [0, 0, 10_000];
        let mut houses = Vec::new();
        for (number, (name, address)) in (0..).zip(NAMES) {
            self.organiser(number, name, address, commission.get(number as usize).copied());
            if let Some(capital) = capital.get(number as usize) {
                let desk = |nth: u32| DeskNo(number * 3 + nth);
                houses.push(House {
                    organiser: Organiser(number),
                    wallet: Wallet(OWN_ACCOUNTS + number),
                    electronic: desk(0),
                    land: [desk(1), desk(2)],
                    commission: commission[number as usize],
                    capital: *capital,
                    balance: *capital,
                    waiting: VecDeque::new(),
                    funding: false,
                    stopped: None,
                    championships: BTreeMap::new(),
                    clients: Vec::new(),
                    open: Vec::new(),
                });
            }
        }
        for house in &houses {
            self.operator(IssueEmoney {
                wallet: house.wallet,
                // Cannot fail: the capital is positive.
                amount: Tiyn::new(house.capital).expect("a positive sum"),
                bank_reference: text("working capital"),
            });
        }
        houses
    }

    fn organiser(&mut self, number: u32, name: &str, address: &str, commission: Option<u32>) {
        let organiser = Organiser(number);
        // Cannot fail: of eleven numbers in a row at most one has no check digit.
        let bin = (0..11u64)
            .find_map(|more| Bin::complete(18_044_000_000 + u64::from(number) * 1_000 + more))
            .expect("a number with a check digit");
        let totalizator = commission.is_none();
        let kind = if totalizator { OrganiserKind::Totalizator } else { OrganiserKind::Bookmaker };
        let from = Day(10_957);
        let object = if totalizator { "totalizator cash desk" } else { "bookmaker cash desk" };
        self.operator(RegisterOrganiser {
            kind,
            bin,
            name: text(name),
            address: text(address),
            taxable: vec![TaxableObject { kind: text(object), count: 3 }],
            from,
        });
        for (nth, years) in [(1, (2000, 2029)), (2, (2030, 2099))] {
            self.licence(organiser, nth, years);
        }
        for kind in [ContractKind::Integration, ContractKind::Settlement] {
            self.operator(RecordContract {
                organiser,
                kind,
                from,
                until: None,
                commission_millionths: commission.unwrap_or(0),
                commission_fixed: Tiyn::ZERO,
                floor: Tiyn::of(FLOOR),
            });
        }
        for state in [ConnectionState::Testing, ConnectionState::InOperation] {
            self.operator(ChangeConnection { organiser, state, from: None });
        }
        self.operator(OpenWallet { class: WalletClass::Organiser, owner: number });
        let slug = ["qyran.example", "zhetiqazyna.example", "tulpar.example", "dala.example"];
        let site = slug.get(number as usize).copied().unwrap_or("bet.example");
        let places = [
            (DeskKind::Electronic, site.to_owned()),
            (DeskKind::Land, format!("{address}, 1")),
            (DeskKind::Land, format!("{address}, 2")),
        ];
        for (kind, place) in places {
            self.operator(OpenDesk { organiser, kind, place: text(&place), from });
        }
    }

    fn licence(&mut self, organiser: Organiser, nth: u32, years: (i32, i32)) {
        self.operator(licence(organiser, nth, years, (false, Day(i32::MIN))));
    }

    fn bettor(&mut self, number: u32, kind: Kind, world: &mut World) {
        let person = Person(number);
        let wallet = Wallet(OWN_ACCOUNTS + HOUSES as u32 + 1 + number);
        let reference = self.random.fill();
        self.operator(RegisterPerson { reference });
        self.admit(person, Level::Full, None, true, Lists::NONE);
        self.operator(OpenWallet { class: WalletClass::Bettor, owner: number });
        self.operator(IssueEmoney {
            wallet,
            amount: Tiyn::of(FIRST_TOP_UP),
            bank_reference: text("first top-up"),
        });
        let mut order = [0, 1, 2];
        self.random.shuffle(&mut order);
        let count = 1 + self.random.below(HOUSES as u64) as usize;
        let mut accounts = [None; HOUSES];
        for house in &order[..count] {
            let organiser = world.houses[*house].organiser;
            self.operator(OpenAccount { person, organiser, wallet });
            accounts[*house] = Some(Account(world.accounts));
            world.accounts += 1;
            if kind == Kind::Ordinary {
                world.houses[*house].clients.push(number as usize);
            }
        }
        if kind != Kind::Ordinary {
            world.special.push(number as usize);
        }
        let balance = i64::from(FIRST_TOP_UP);
        world.bettors.push(Bettor { kind, person, wallet, accounts, balance, held: 0 });
    }

    fn admit(
        &mut self,
        person: Person,
        level: Level,
        identified_until: Option<Instant>,
        of_age: bool,
        lists: Lists,
    ) {
        self.operator(ChangeAdmission { person, level, identified_until, of_age, lists });
    }

    /// Makes a bettor what he is.
    fn restrict(&mut self, bettor: &Bettor) {
        let (person, none) = (bettor.person, Lists::NONE);
        match bettor.kind {
            Kind::Ordinary | Kind::Leaving => {}
            Kind::Simplified => self.admit(person, Level::Simplified, None, true, none),
            Kind::Unidentified => self.admit(person, Level::Unidentified, None, true, none),
            Kind::Stale => self.admit(person, Level::Full, Some(self.at), true, none),
            Kind::UnderAge => self.admit(person, Level::Full, None, false, none),
            Kind::Listed(list) => self.admit(person, Level::Full, None, true, none.with(list)),
            Kind::Blocked => self.block(bettor.wallet, Block::Blocked),
            Kind::Frozen => self.block(bettor.wallet, Block::Frozen),
        }
    }

    fn block(&mut self, wallet: Wallet, block: Block) {
        self.operator(BlockWallet { wallet, block, ground: text("act 17-2") });
    }
}

/// A licence of an organiser, from the first day of one year to the last of another; and whether it
/// is suspended from a day on.
pub(super) fn licence(
    organiser: Organiser,
    nth: u32,
    years: (i32, i32),
    (suspended, from): (bool, Day),
) -> RecordLicence {
    // Cannot fail: these days exist in every year.
    let day = |year, month, day| Day::of(year, month, day).expect("a day of every year");
    RecordLicence {
        organiser,
        number: text(&format!("KZ-{:03}-{nth}", organiser.0 + 1)),
        issued: day(years.0, 1, 1),
        expires: day(years.1, 12, 31),
        suspended,
        from: from.max(day(years.0, 1, 1)),
    }
}
