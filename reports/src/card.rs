//! Cards: the rows that give a name to a number, and the particulars behind it.
//!
//! Each has one canonical byte form, so that a store keeps them all in one table under
//! [`CardKey`]. Kinds that people ask for «on a date» (P-08) keep every version under the position
//! of the fact that made it; the others have one card, replaced as it changes.

mod lives;

pub use lives::{CaseCard, ConsentCard, IdentificationCard, NOBODY};

use journal::kinds::{
    Class, DeskKind, EventClass, EventState, LegResult, MarketState, OrganiserKind, TaxableObject,
    WorksWindow,
};
use journal::tree::leaf_hash;
use terms::time::Offset;
use terms::{
    Account, Bin, Broken, Championship, Day, DeskNo, Event, Field, Instant, Market, Organiser,
    Outcome, Person, Reader, Seq, Text, Value, Wallet, choice, record,
};

/// A kind of sport: the number of its name in order of first appearance in the journal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Sport(pub u32);

impl Field for Sport {
    fn shape() -> String {
        "Sport".into()
    }
    fn put(&self, out: &mut Vec<u8>) {
        self.0.put(out);
    }
    fn read(from: &mut Reader<'_>) -> Result<Self, Broken> {
        u32::read(from).map(Sport)
    }
    fn value(&self) -> Value {
        self.0.value()
    }
}

choice! {
    /// The kinds of cards.
    pub enum CardKind {
        /// The civil time of a rulebook.
        Rulebook = 1 "rulebook",
        /// An organiser, every version.
        Organiser = 2 "organiser",
        /// A licence, every version.
        Licence = 3 "licence",
        /// A desk.
        Desk = 4 "desk",
        /// A wallet.
        Wallet = 5 "wallet",
        /// An account.
        Account = 6 "account",
        /// A sport.
        Sport = 7 "sport",
        /// A championship.
        Championship = 8 "championship",
        /// An event.
        Event = 9 "event",
        /// A market with its outcomes.
        Market = 10 "market",
        /// The accounts of a person: one card for each, by the account as its version.
        Holding = 11 "holding",
        /// The events of organisers that are one central event: one card for each, under a number
        /// made of the central id, by the event as its version.
        Twin = 12 "twin",
        /// Planned works, all under number 0: one card for each, by its number as its version.
        Works = 13 "works",
        /// Cases, under the number of the person whom they are about, or under [`NOBODY`]: one card
        /// for each, by its number as its version.
        Case = 14 "case",
        /// Consents of a person, each under the position of its fact.
        Consent = 15 "consent",
        /// Identifications of a person, each under the position of its fact.
        Identification = 16 "identification",
    }
}

/// Where a card lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct CardKey {
    /// What it is.
    pub kind: CardKind,
    /// The number of what it tells of; of a licence, the organiser's.
    pub number: u64,
    /// The position of the version; 0 where only the last one is kept.
    pub version: u64,
}

record! {
    /// The civil time under a rulebook.
    pub struct RulebookCard {
        /// Its number.
        pub number: u32,
        /// Offsets of Almaty.
        pub offsets: Vec<Offset>,
    }
}

record! {
    /// An organiser from a day on (R0-16.2a–d).
    pub struct OrganiserCard {
        /// Its number.
        pub organiser: Organiser,
        /// The fact.
        pub seq: Seq,
        /// Bookmaker or totalizator.
        pub kind: OrganiserKind,
        /// Business identification number.
        pub bin: Bin,
        /// Its name.
        pub name: Text<256>,
        /// Legal address.
        pub address: Text<512>,
        /// Types of taxable objects.
        pub taxable: Vec<TaxableObject>,
        /// From which day this holds.
        pub from: Day,
    }
}

record! {
    /// A licence as recorded (R0-16.2h–j).
    pub struct LicenceCard {
        /// Whose.
        pub organiser: Organiser,
        /// The fact.
        pub seq: Seq,
        /// Its number.
        pub number: Text<64>,
        /// First day.
        pub issued: Day,
        /// Last day.
        pub expires: Day,
        /// Whether it is suspended.
        pub suspended: bool,
        /// From which day on this holds, until the next record of the same number.
        pub from: Day,
    }
}

record! {
    /// A cash desk (R0-16.2e–g).
    pub struct DeskCard {
        /// Its number.
        pub desk: DeskNo,
        /// Whose.
        pub organiser: Organiser,
        /// Land or electronic.
        pub kind: DeskKind,
        /// Address, or domain or network address.
        pub place: Text<256>,
        /// First day.
        pub from: Day,
        /// First day on which it is closed.
        pub closed_from: Option<Day>,
    }
}

record! {
    /// A wallet.
    pub struct WalletCard {
        /// Its number.
        pub wallet: Wallet,
        /// What kind of account.
        pub class: Class,
        /// The person or organiser that owns it.
        pub owner: u32,
    }
}

record! {
    /// The account of a bettor with an organiser.
    pub struct AccountCard {
        /// Its number.
        pub account: Account,
        /// The bettor.
        pub person: Person,
        /// The organiser.
        pub organiser: Organiser,
        /// The bound wallet.
        pub wallet: Wallet,
        /// When it was opened.
        pub opened: Instant,
        /// When it was closed.
        pub closed: Option<Instant>,
    }
}

record! {
    /// A kind of sport, by the name that organisers give it.
    pub struct SportCard {
        /// Its number.
        pub sport: Sport,
        /// Its name.
        pub name: Text<64>,
    }
}

record! {
    /// A championship in an organiser's catalogue.
    pub struct ChampionshipCard {
        /// Its number.
        pub championship: Championship,
        /// Whose catalogue.
        pub organiser: Organiser,
        /// The organiser's own id.
        pub own: Text<64>,
        /// Kind of sport.
        pub sport: Sport,
        /// Its name.
        pub name: Text<128>,
    }
}

record! {
    /// An event in an organiser's catalogue.
    pub struct EventCard {
        /// Its number.
        pub event: Event,
        /// Its championship.
        pub championship: Championship,
        /// The organiser's own id.
        pub own: Text<64>,
        /// Its name.
        pub name: Text<256>,
        /// What kind of event.
        pub class: EventClass,
        /// Its state.
        pub state: EventState,
        /// When it is to begin.
        pub scheduled: Instant,
        /// When it began.
        pub started: Option<Instant>,
        /// Whether the organiser listed it, or a report named it first.
        pub confirmed: bool,
        /// The id of the central event that it is (domain 5).
        pub central: Option<Text<64>>,
    }
}

record! {
    /// That an account is a person's.
    pub struct HoldingCard {
        /// Whose.
        pub person: Person,
        /// The account.
        pub account: Account,
    }
}

record! {
    /// That an organiser's event is a central one.
    pub struct TwinCard {
        /// The id of the central event.
        pub central: Text<64>,
        /// The organiser's event.
        pub event: Event,
    }
}

impl TwinCard {
    /// The number under which the events of a central one lie: 63 bits of a digest of its id. Two
    /// ids with the same number are told apart by the cards.
    pub fn number(central: &str) -> u64 {
        let digest = leaf_hash(central.as_bytes());
        let bytes = digest.0.iter().take(8);
        bytes.fold(0, |number: u64, byte| number << 8 | u64::from(*byte)) >> 1
    }
}

record! {
    /// Planned works at the centre.
    pub struct WorksCard {
        /// The window as it is planned, or was when they were called off.
        pub window: WorksWindow,
        /// The fact that announced them.
        pub seq: Seq,
        /// When they were announced.
        pub announced: Instant,
        /// When they were changed last.
        pub changed: Option<Instant>,
        /// When they were called off, or ended before their time.
        pub cancelled: Option<Instant>,
    }
}

record! {
    /// An outcome of a market.
    pub struct OutcomeCard {
        /// The organiser's own id.
        pub own: Text<64>,
        /// Its name.
        pub name: Text<128>,
        /// How it ended.
        pub result: Option<LegResult>,
    }
}

record! {
    /// A market with its outcomes.
    pub struct MarketCard {
        /// Its number.
        pub market: Market,
        /// Its event.
        pub event: Event,
        /// The organiser's own id.
        pub own: Text<64>,
        /// Its name.
        pub name: Text<128>,
        /// Its state.
        pub state: MarketState,
        /// Whether it takes stakes after the event has begun.
        pub in_play: bool,
        /// Its outcomes, by their place in their numbers.
        pub outcomes: Vec<OutcomeCard>,
        /// The fact of its last result.
        pub result: Option<Seq>,
    }
}

impl MarketCard {
    /// The market and one of its outcomes by their names.
    pub fn name_of(&self, outcome: Outcome) -> String {
        let found = self.outcomes.get(outcome.place()).map(|found| found.name.as_str());
        format!("{} — {}", self.name, found.unwrap_or_default())
    }
}

macro_rules! cards {
    ($( $kind:ident $row:ident $number:expr, $version:expr; )*) => {
        /// A card.
        #[derive(Clone, Debug, PartialEq, Eq)]
        #[expect(missing_docs, reason = "each variant is the record of its kind")]
        pub enum Card { $( $kind($row) ),* }

        impl Card {
            /// Where it lies.
            pub fn key(&self) -> CardKey {
                match self { $( Card::$kind(card) => CardKey {
                    kind: CardKind::$kind,
                    number: ($number as fn(&$row) -> u64)(card),
                    version: ($version as fn(&$row) -> u64)(card),
                } ),* }
            }

            /// Its canonical bytes, without the key.
            pub fn to_bytes(&self) -> Vec<u8> {
                match self { $( Card::$kind(card) => card.to_bytes() ),* }
            }

            /// Reads what [`Card::to_bytes`] made of a card of this kind.
            pub fn from_bytes(kind: CardKind, bytes: &[u8]) -> Result<Card, Broken> {
                match kind { $( CardKind::$kind => $row::from_bytes(bytes).map(Card::$kind) ),* }
            }
        }
    };
}

cards! {
    Rulebook RulebookCard |card| u64::from(card.number), |_| 0;
    Organiser OrganiserCard |card| u64::from(card.organiser.0), |card| card.seq.0;
    Licence LicenceCard |card| u64::from(card.organiser.0), |card| card.seq.0;
    Desk DeskCard |card| u64::from(card.desk.0), |_| 0;
    Wallet WalletCard |card| u64::from(card.wallet.0), |_| 0;
    Account AccountCard |card| u64::from(card.account.0), |_| 0;
    Sport SportCard |card| u64::from(card.sport.0), |_| 0;
    Championship ChampionshipCard |card| u64::from(card.championship.0), |_| 0;
    Event EventCard |card| u64::from(card.event.0), |_| 0;
    Market MarketCard |card| card.market.0, |_| 0;
    Holding HoldingCard |card| u64::from(card.person.0), |card| u64::from(card.account.0);
    Works WorksCard |_| 0, |card| u64::from(card.window.works.0);
    Case CaseCard
        |card| u64::from(card.person.map_or(NOBODY, |person| person.0)),
        |card| u64::from(card.case.0);
    Consent ConsentCard |card| u64::from(card.person.0), |card| card.seq.0;
    Identification IdentificationCard |card| u64::from(card.person.0), |card| card.seq.0;
    Twin TwinCard |card| TwinCard::number(card.central.as_str()), |card| u64::from(card.event.0);
}
