//! The world of the writer: three bookmakers with an electronic and a land desk each, two hundred
//! bettors, and events that are years away.

use std::sync::mpsc::channel;

use admission::{Level, List, Lists};
use desk::command::{
    AdoptRulebook, AnnounceKey, ChangeAdmission, ChangeConnection, IssueEmoney, ListChampionship,
    ListEvent, ListMarket, OpenAccount, OpenDesk, OpenWallet, PutListInForce, RecordContract,
    RecordLicence, RegisterOrganiser, RegisterPerson,
};
use desk::{Command, Manner, Message};
use journal::fact::OutcomeText;
use ledger::Class as WalletClass;
use pump::{Class, Handle, ReadCopy, Reply};
use register::{ConnectionState, ContractKind, DeskKind, EventClass, OrganiserKind};
use terms::rulebook::Rulebook;
use terms::{
    Bin, Championship, Day, Event, Hash, Instant, MessageId, Organiser, Person, Sender, Text, Tiyn,
    Wallet,
};

use crate::acknowledge::Acknowledge;

/// Bookmakers.
pub const ORGANISERS: u32 = 3;
/// Bettors; each has an account with one bookmaker.
pub const BETTORS: u32 = 200;
/// Events of each bookmaker before the first stake.
const EVENTS: u32 = 20;
/// Markets of each event.
pub const MARKETS: u32 = 3;
/// The first wallets are the operator's four and the organisers'.
const FIRST_WALLET: u32 = 4 + ORGANISERS;
/// What a bettor begins with.
const BALANCE: Tiyn = Tiyn::of(1_000_000);
/// How long after the set-up the events begin.
const FAR: i64 = 1_000 * Instant::DAY;

/// The bookmaker of a bettor.
pub fn organiser_of(bettor: u32) -> Organiser {
    Organiser(bettor % ORGANISERS)
}

/// The wallet of a bettor.
pub fn wallet_of(bettor: u32) -> Wallet {
    Wallet(FIRST_WALLET + bettor)
}

/// Sees to it that the world is there. Its messages are always the same, so that a half-made one is
/// finished by putting all of them again; the key of checkpoints is announced last and tells that
/// nothing is missing.
pub fn set_up(
    handle: &Handle,
    copy: &ReadCopy,
    acknowledge: &Acknowledge,
    epoch_ms: i64,
) -> Result<(), String> {
    if copy.read(|state| state.key.is_some()) {
        return Ok(());
    }
    let mut all = Messages { epoch_ms, list: Vec::new() };
    all.write();
    let mut rest = all.list.as_slice();
    while let Some(first) = rest.first() {
        let count = rest.iter().take_while(|message| message.sender == first.sender).count();
        let (batch, others) = rest.split_at(count);
        rest = others;
        put(handle, acknowledge, batch)?;
    }
    Ok(())
}

fn put(handle: &Handle, acknowledge: &Acknowledge, batch: &[Message]) -> Result<(), String> {
    let (sender, verdicts) = channel();
    let reply = Reply::new(move |verdicts| {
        // An error only means that nobody waits any more.
        let _ = sender.send(verdicts);
    });
    let text = |error: pump::PumpError| error.to_string();
    handle.submit(Class::Settlement, batch.to_vec(), reply).map_err(text)?;
    let verdicts = verdicts.recv().map_err(|_| "no reply")?.map_err(text)?;
    for (message, verdict) in batch.iter().zip(&verdicts) {
        if verdict.outcome != pump::Outcome::Done {
            return Err(format!("set-up: {} gets {verdict:?}", message.command.name()));
        }
        acknowledge.tell(message, verdict)?;
    }
    Ok(())
}

struct Messages {
    epoch_ms: i64,
    list: Vec<Message>,
}

impl Messages {
    fn say(&mut self, sender: Sender, command: impl Into<Command>) {
        let mut random = [0; 10];
        random[2..].copy_from_slice(&(self.list.len() as u64).to_be_bytes());
        let id = MessageId(terms::id::uuid_v7(self.epoch_ms, random));
        self.list.push(Message::new(sender, id, Manner::Single, command.into()));
    }

    fn operator(&mut self, command: impl Into<Command>) {
        self.say(Sender::Operator, command);
    }

    fn write(&mut self) {
        self.operator(AdoptRulebook { rulebook: Box::new(rulebook()) });
        for list in List::ALL {
            self.operator(PutListInForce { list: *list, version: 1, digest: Hash([7; 32]) });
        }
        for organiser in 0..ORGANISERS {
            self.organiser(Organiser(organiser));
        }
        for organiser in 0..ORGANISERS {
            self.catalogue(Organiser(organiser));
        }
        for bettor in 0..BETTORS {
            self.bettor(bettor);
        }
        self.operator(AnnounceKey { key: Hash([7; 32]), successor: None });
    }

    fn organiser(&mut self, organiser: Organiser) {
        let (from, to) = (Day(18_000), Day(40_000));
        let first = 18_044_000_000 + u64::from(organiser.0) * 100;
        if let Some(bin) = (first..first + 100).find_map(Bin::complete) {
            self.operator(RegisterOrganiser {
                kind: OrganiserKind::Bookmaker,
                bin,
                name: text("Book"),
                address: text("Almaty"),
                taxable: Vec::new(),
                from,
            });
        }
        self.operator(RecordLicence {
            organiser,
            number: text("L-1"),
            issued: from,
            expires: to,
            suspended: false,
            from,
        });
        for kind in [ContractKind::Integration, ContractKind::Settlement] {
            self.operator(RecordContract {
                organiser,
                kind,
                from,
                until: None,
                commission_millionths: 5_000,
                commission_fixed: Tiyn::ZERO,
                floor: Tiyn::ZERO,
            });
        }
        self.operator(ChangeConnection {
            organiser,
            state: ConnectionState::InOperation,
            from: None,
        });
        self.operator(OpenWallet { class: WalletClass::Organiser, owner: organiser.0 });
        for kind in [DeskKind::Electronic, DeskKind::Land] {
            self.operator(OpenDesk { organiser, kind, place: text("a place"), from });
        }
    }

    fn catalogue(&mut self, organiser: Organiser) {
        let sender = Sender::Organiser(organiser);
        let (own, sport, name) = (text("c"), text("football"), text("League"));
        self.say(sender, ListChampionship { own, sport, name });
        let at = Instant(self.epoch_ms * 1_000_000);
        for number in 0..EVENTS {
            self.say(sender, event(organiser, &format!("e{number}"), at));
            for market in 0..MARKETS {
                let event = Event(organiser.0 * EVENTS + number);
                self.say(sender, list_market(event, &format!("m{market}")));
            }
        }
    }

    fn bettor(&mut self, bettor: u32) {
        let mut reference = [0; 16];
        reference[..4].copy_from_slice(&bettor.to_be_bytes());
        let (person, wallet) = (Person(bettor), wallet_of(bettor));
        self.operator(RegisterPerson { reference });
        self.operator(ChangeAdmission {
            person,
            level: Level::Full,
            identified_until: None,
            of_age: true,
            lists: Lists::NONE,
        });
        self.operator(OpenWallet { class: WalletClass::Bettor, owner: bettor });
        self.operator(OpenAccount { person, organiser: organiser_of(bettor), wallet });
        self.operator(IssueEmoney { wallet, amount: BALANCE, bank_reference: text("bank") });
    }
}

/// The sample rulebook, with terms so short that holds expire and bets leave within a second.
fn rulebook() -> Rulebook {
    let mut rulebook = Rulebook::sample();
    rulebook.terms.hold_ns = Instant::SECOND / 5;
    rulebook.terms.closed_bet_hot_ns = Instant::SECOND / 2;
    rulebook
}

/// An event of a bookmaker.
pub fn event(organiser: Organiser, own: &str, at: Instant) -> ListEvent {
    ListEvent {
        championship: Championship(organiser.0),
        own: text(own),
        name: text("Home - Away"),
        class: EventClass::Sport,
        scheduled: at.plus(FAR),
        confirmed: true,
    }
}

/// A market of three outcomes.
pub fn list_market(event: Event, own: &str) -> ListMarket {
    let outcome = |name: &str| OutcomeText { own: text(name), name: text(name) };
    ListMarket {
        event,
        own: text(own),
        name: text("Result"),
        in_play: false,
        outcomes: ["1", "X", "2"].map(outcome).to_vec(),
    }
}

/// A bounded text.
pub fn text<const MAX: usize>(words: &str) -> Text<MAX> {
    // Cannot fail: the words here are short, plain and no numbers of persons.
    Text::new(words).expect("a plain word")
}
