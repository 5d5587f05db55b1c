//! What a script's names stand for, and the ids that are made from names.

use std::collections::BTreeMap;

use terms::id::uuid_v7;
use terms::{
    Account, BetId, CaseNo, Championship, DeskNo, Digest, Event, Instant, Market, MessageId,
    OrderId, Organiser, Outcome, Person, Sender, Wallet, Works,
};

use super::Failure;
use super::words::Line;

/// The number of what does not exist: high, yet no table is sized by it.
const NOWHERE: u64 = 1_000;
/// The number of a market, and of an outcome, of an event that does not exist.
const NO_MARKET: u64 = 1 << 40;

/// The names of a script.
#[derive(Default)]
pub(super) struct Names {
    numbers: BTreeMap<String, u64>,
    ids: BTreeMap<String, MessageId>,
    /// When each bet was first said to be made, so that the same line is the same message.
    pub made: BTreeMap<String, Instant>,
    /// The organiser of each event.
    pub listed: BTreeMap<Event, Sender>,
    /// The organiser of each bet.
    pub owners: BTreeMap<String, Organiser>,
}

macro_rules! numbered {
    ($( $find:ident $type:ident $letter:literal ),* $(,)?) => { $(
        pub fn $find(&self, line: &Line, name: &str) -> Result<$type, Failure> {
            self.number(line, name, $letter).map(|number| $type(number as u32))
        }
    )* };
}

impl Names {
    numbered! {
        person Person 'P',
        organiser Organiser 'O',
        desk DeskNo 'D',
        wallet Wallet 'W',
        account Account 'A',
        championship Championship 'C',
        event Event 'E',
        works Works 'V',
        case CaseNo 'K',
    }

    pub fn market(&self, line: &Line, name: &str) -> Result<Market, Failure> {
        self.number(line, name, 'M').map(Market)
    }

    /// An outcome: `M1.X`.
    pub fn outcome(&self, line: &Line, name: &str) -> Result<Outcome, Failure> {
        self.number(line, name, 'M').map(Outcome)
    }

    fn number(&self, line: &Line, name: &str, letter: char) -> Result<u64, Failure> {
        if !name.starts_with(letter) {
            return Err(line.wrong(name, &format!("a name with {letter} is expected")));
        }
        if name.contains('?') {
            return Ok(if letter == 'M' { NO_MARKET } else { NOWHERE });
        }
        let found = self.numbers.get(name).copied();
        found.ok_or_else(|| line.wrong(name, "nothing has this name yet"))
    }

    /// Gives a name to a number; names are not given twice.
    pub fn give(&mut self, line: &Line, name: &str, number: impl Into<u64>) -> Result<(), Failure> {
        let number = number.into();
        match self.numbers.insert(name.into(), number) {
            Some(other) if other != number => Err(line.wrong(name, "the name is taken")),
            _ => Ok(()),
        }
    }

    /// Whether something has this name.
    pub fn knows(&self, name: &str) -> bool {
        self.numbers.contains_key(name) || self.ids.contains_key(name)
    }

    /// The id of a name: of this time if it is new, else the one it has.
    pub fn message(&mut self, name: &str, made: Instant) -> MessageId {
        let id = self.ids.entry(name.into()).or_insert_with(|| {
            let digest = Digest::of(name.as_bytes()).0;
            let mut random = [0; 10];
            random.copy_from_slice(&digest[..10]);
            MessageId(uuid_v7(made.ms(), random))
        });
        *id
    }

    /// The bet of a name; `B?` is one that does not exist.
    pub fn bet(&mut self, line: &Line, name: &str, now: Instant) -> Result<BetId, Failure> {
        self.made(line, name, now, 'B').map(BetId::from)
    }

    /// The order of a name.
    pub fn order(&mut self, line: &Line, name: &str, now: Instant) -> Result<OrderId, Failure> {
        self.made(line, name, now, 'R').map(OrderId::from)
    }

    fn made(
        &mut self,
        line: &Line,
        name: &str,
        now: Instant,
        letter: char,
    ) -> Result<MessageId, Failure> {
        if !name.starts_with(letter) {
            return Err(line.wrong(name, &format!("a name with {letter} is expected")));
        }
        if !name.ends_with('?') && !self.ids.contains_key(name) {
            return Err(line.wrong(name, "nothing has this name yet"));
        }
        Ok(self.message(name, now))
    }
}
