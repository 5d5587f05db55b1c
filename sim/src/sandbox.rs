//! A small world to try the API on: two bookmakers with their desks, and bettors with money.
//!
//! Numbers of what is registered are dense and given in order, so that they are known beforehand:
//! organiser n has the electronic desk 2n and the land desk 2n + 1; person p has the accounts 2p
//! with organiser 0 and 2p + 1 with organiser 1. The first bettor may stake, the second has no
//! money, the third is on a list, the fourth is not identified; all others may stake.

use admission::{Level, List, Lists};
use desk::Command;
use desk::command::{
    AdoptRulebook, ChangeAdmission, ChangeConnection, IssueEmoney, OpenAccount, OpenDesk,
    OpenWallet, PutListInForce, RecordContract, RecordLicence, RegisterOrganiser, RegisterPerson,
};
use ledger::Class;
use register::organiser::TaxableObject;
use register::{ConnectionState, ContractKind, DeskKind, OrganiserKind};
use terms::rulebook::Rulebook;
use terms::{Account, Bin, Day, DeskNo, Hash, Organiser, Person, Text, Tiyn, Wallet};

/// Bookmakers.
pub const ORGANISERS: u32 = 2;

/// Names and addresses of the organisers.
const NAMES: [(&str, &str); ORGANISERS as usize] =
    [("Qyran Bet ЖШС", "Астана, Сарыарқа 4"), ("Жетіқазына Бәс ЖШС", "Алматы, Төле би 101")];

/// Wallets of the system itself, which come before all others.
const OWN_WALLETS: u32 = 4;

/// First day of everything: a day on which the sample rulebook was in force already.
const FROM: Day = Day(10_957);

/// What an organiser's wallet begins with: 40 million tenge, so that a season of lucky bettors can
/// be paid.
const CAPITAL: u32 = 4_000_000_000;

/// What a bettor's wallet begins with: 100,000 tenge.
const MONEY: u32 = 10_000_000;

/// What a bettor brings at a time: 10,000 tenge.
const TOP_UP: u32 = 1_000_000;

/// The electronic desk of an organiser.
pub fn electronic(organiser: Organiser) -> DeskNo {
    DeskNo(organiser.0 * 2)
}

/// The land desk of an organiser.
pub fn land(organiser: Organiser) -> DeskNo {
    DeskNo(organiser.0 * 2 + 1)
}

/// The account of a person with an organiser.
pub fn account(person: Person, organiser: Organiser) -> Account {
    Account(person.0 * ORGANISERS + organiser.0)
}

/// The wallet of a person.
pub fn wallet(person: Person) -> Wallet {
    Wallet(OWN_WALLETS + ORGANISERS + person.0)
}

/// The bettors who play with an organiser in a season of the reference bookmakers: each with one,
/// so that what happens at one does not depend on the other. Those who may not stake are among
/// them, so that something is refused.
pub fn customers(organiser: Organiser, bettors: u32) -> Vec<Account> {
    let theirs = |person: &u32| person % ORGANISERS == organiser.0;
    (0..bettors).filter(theirs).map(|person| account(Person(person), organiser)).collect()
}

/// The operator's commands that make the world, in order.
pub fn commands(bettors: u32) -> Vec<Command> {
    let agents = (0..ORGANISERS).map(Organiser).collect();
    let rulebook = Box::new(Rulebook { agents, ..Rulebook::sample() });
    let mut commands = vec![AdoptRulebook { rulebook }.into()];
    for number in 0..ORGANISERS {
        organiser(Organiser(number), &mut commands);
    }
    for number in 0..ORGANISERS {
        commands.push(money(Wallet(OWN_WALLETS + number), CAPITAL));
    }
    commands.extend(lists(1));
    commands.extend((0..bettors).map(Person).flat_map(bettor));
    commands
}

/// The commands by which a bettor comes into the world, who must be the next person of it.
pub fn bettor(person: Person) -> Vec<Command> {
    let mut reference = [0; 16];
    reference[12..].copy_from_slice(&person.0.to_be_bytes());
    let mut commands: Vec<Command> = vec![RegisterPerson { reference }.into()];
    commands.push(admission(person, Level::Full, Lists::NONE));
    commands.push(OpenWallet { class: Class::Bettor, owner: person.0 }.into());
    for number in 0..ORGANISERS {
        let (organiser, wallet) = (Organiser(number), wallet(person));
        commands.push(OpenAccount { person, organiser, wallet }.into());
    }
    if person.0 != 1 {
        commands.push(money(wallet(person), MONEY));
    }
    // Whoever is restricted was not when the account was opened.
    match person.0 {
        2 => commands.push(admission(person, Level::Full, Lists::NONE.with(List::Debtors))),
        3 => commands.push(admission(person, Level::Unidentified, Lists::NONE)),
        _ => {}
    }
    commands
}

/// The commands that put a version of every list in force: without one of the last day nobody is
/// admitted.
pub fn lists(version: u32) -> Vec<Command> {
    let list = |list: &List| {
        PutListInForce { list: *list, version, digest: Hash([version as u8; 32]) }.into()
    };
    List::ALL.iter().map(list).collect()
}

/// The commands by which bettors bring some more money: those who may, and one stays without.
pub fn top_ups(bettors: u32) -> Vec<Command> {
    let ordinary = (0..bettors).filter(|person| !(1..4).contains(person));
    ordinary.map(|person| money(wallet(Person(person)), TOP_UP)).collect()
}

fn organiser(organiser: Organiser, commands: &mut Vec<Command>) {
    let (name, address) = NAMES[organiser.index()];
    // Cannot fail: of eleven numbers in a row at most one has no check digit.
    let bin = (0..11u64)
        .find_map(|more| Bin::complete(18_044_000_000 + u64::from(organiser.0) * 1_000 + more))
        .expect("a number with a check digit");
    commands.push(
        RegisterOrganiser {
            kind: OrganiserKind::Bookmaker,
            bin,
            name: text(name),
            address: text(address),
            taxable: [("Касса букмекерской конторы", 1), ("Электронная касса", 1)]
                .map(|(kind, count)| TaxableObject { kind: text(kind), count })
                .to_vec(),
            from: FROM,
        }
        .into(),
    );
    let licence = RecordLicence {
        organiser,
        number: text(&format!("SB-{organiser}")),
        issued: FROM,
        expires: Day(47_482),
        suspended: false,
        from: FROM,
    };
    commands.push(licence.into());
    for kind in [ContractKind::Integration, ContractKind::Settlement] {
        let contract = RecordContract {
            organiser,
            kind,
            from: FROM,
            until: None,
            commission_millionths: 0,
            commission_fixed: Tiyn::ZERO,
            floor: Tiyn::ZERO,
        };
        commands.push(contract.into());
    }
    for state in [ConnectionState::Testing, ConnectionState::InOperation] {
        commands.push(ChangeConnection { organiser, state, from: None }.into());
    }
    commands.push(OpenWallet { class: Class::Organiser, owner: organiser.0 }.into());
    for (kind, place) in [(DeskKind::Electronic, "bet.example"), (DeskKind::Land, address)] {
        commands.push(OpenDesk { organiser, kind, place: text(place), from: FROM }.into());
    }
}

fn admission(person: Person, level: Level, lists: Lists) -> Command {
    ChangeAdmission { person, level, identified_until: None, of_age: true, lists }.into()
}

fn money(wallet: Wallet, sum: u32) -> Command {
    IssueEmoney { wallet, amount: Tiyn::of(sum), bank_reference: text("sandbox") }.into()
}

fn text<const MAX: usize>(text: &str) -> Text<MAX> {
    // Cannot fail: the texts above are short and plain.
    Text::new(text).expect("a short text")
}
