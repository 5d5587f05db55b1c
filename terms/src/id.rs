//! Ids: dense numbers that the journal gives, and 128-bit ids that senders make.

use core::fmt;

use crate::codec::{self, Broken, Field, Reader, Value};
use crate::limits;

macro_rules! dense {
    ($( $(#[$meta:meta])* $name:ident ),* $(,)?) => { $(
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub u32);

        impl $name {
            /// The position in a dense table.
            pub fn index(self) -> usize {
                self.0 as usize
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}", self.0)
            }
        }

        impl Field for $name {
            fn shape() -> String {
                stringify!($name).into()
            }
            fn put(&self, out: &mut Vec<u8>) {
                self.0.put(out);
            }
            fn read(from: &mut Reader<'_>) -> Result<Self, Broken> {
                u32::read(from).map($name)
            }
            fn value(&self) -> Value {
                Value::Int(i64::from(self.0))
            }
        }
    )* };
}

dense! {
    /// An organiser: bookmaker or totalizator.
    Organiser,
    /// A cash desk of an organiser, land-based or electronic.
    DeskNo,
    /// A bettor as a person, opaque; everything personal is in the vault.
    Person,
    /// A wallet, or another account of the e-money ledger.
    Wallet,
    /// The account of one bettor with one organiser (R0-2.4).
    Account,
    /// A championship in an organiser's catalogue.
    Championship,
    /// An event in an organiser's catalogue.
    Event,
    /// A window of planned works at the centre.
    Works,
    /// A case with a state and a clock.
    CaseNo,
}

macro_rules! within {
    ($( $(#[$meta:meta])* $name:ident $bits:expr ),* $(,)?) => { $(
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub u64);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}", self.0)
            }
        }

        impl Field for $name {
            fn shape() -> String {
                stringify!($name).into()
            }
            fn put(&self, out: &mut Vec<u8>) {
                self.0.put(out);
            }
            fn read(from: &mut Reader<'_>) -> Result<Self, Broken> {
                let number = u64::read(from)?;
                if number >> $bits == 0 { Ok($name(number)) } else { Err(Broken::Range) }
            }
            fn value(&self) -> Value {
                self.0.value()
            }
        }
    )* };
}

const MARKET_BITS: u32 = limits::MARKETS_PER_EVENT_MAX.trailing_zeros();
const OUTCOME_BITS: u32 = limits::OUTCOMES_PER_MARKET_MAX.trailing_zeros();
const _: () = assert!(limits::MARKETS_PER_EVENT_MAX.is_power_of_two());
const _: () = assert!(limits::OUTCOMES_PER_MARKET_MAX.is_power_of_two());
// A number that a JSON reader may hold as a double stays exact.
const _: () = assert!(32 + MARKET_BITS + OUTCOME_BITS <= 53);

within! {
    /// A market: the number of its event, then its own within the event, so that it leads to its
    /// event without any table (`docs/decisions/0010-events-leave.md`).
    Market 32 + MARKET_BITS,
    /// An outcome variant: the number of its market, then its own within the market.
    Outcome 32 + MARKET_BITS + OUTCOME_BITS,
}

impl Market {
    /// The n-th market of an event; none beyond
    /// [`MARKETS_PER_EVENT_MAX`](limits::MARKETS_PER_EVENT_MAX).
    pub fn of(event: Event, place: usize) -> Option<Market> {
        let within = place < limits::MARKETS_PER_EVENT_MAX;
        within.then_some(Market(u64::from(event.0) << MARKET_BITS | place as u64))
    }

    /// Its event; one that no journal lists where the number is none that was ever given.
    pub fn event(self) -> Event {
        Event(u32::try_from(self.0 >> MARKET_BITS).unwrap_or(u32::MAX))
    }

    /// Its place among the markets of its event.
    pub fn place(self) -> usize {
        self.0 as usize % limits::MARKETS_PER_EVENT_MAX
    }
}

impl Outcome {
    /// The n-th outcome of a market; none beyond
    /// [`OUTCOMES_PER_MARKET_MAX`](limits::OUTCOMES_PER_MARKET_MAX).
    pub fn of(market: Market, place: usize) -> Option<Outcome> {
        let within = place < limits::OUTCOMES_PER_MARKET_MAX;
        within.then_some(Outcome(market.0 << OUTCOME_BITS | place as u64))
    }

    /// Its market.
    pub fn market(self) -> Market {
        Market(self.0 >> OUTCOME_BITS)
    }

    /// Its event.
    pub fn event(self) -> Event {
        self.market().event()
    }

    /// Its place among the outcomes of its market.
    pub fn place(self) -> usize {
        self.0 as usize % limits::OUTCOMES_PER_MARKET_MAX
    }
}

/// A position in the journal; equal to the leaf's index in the tree. Starts at 0, without gaps.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Seq(pub u64);

impl fmt::Display for Seq {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

impl Field for Seq {
    fn shape() -> String {
        "Seq".into()
    }
    fn put(&self, out: &mut Vec<u8>) {
        self.0.put(out);
    }
    fn read(from: &mut Reader<'_>) -> Result<Self, Broken> {
        u64::read(from).map(Seq)
    }
    fn value(&self) -> Value {
        self.0.value()
    }
}

macro_rules! made {
    ($( $(#[$meta:meta])* $name:ident ),* $(,)?) => { $(
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub [u8; 16]);

        impl $name {
            /// The milliseconds since 1970 that the id carries (UUIDv7).
            pub fn made_ms(self) -> i64 {
                let mut high = [0; 8];
                high[2..].copy_from_slice(&self.0[..6]);
                i64::from_be_bytes(high)
            }

            /// Reads `xxxxxxxx-xxxx-7xxx-xxxx-xxxxxxxxxxxx`, version 7 only.
            pub fn parse(text: &str) -> Option<Self> {
                uuid_parse(text).map($name)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                uuid_print(&self.0, f)
            }
        }

        impl Field for $name {
            fn shape() -> String {
                stringify!($name).into()
            }
            fn put(&self, out: &mut Vec<u8>) {
                out.extend_from_slice(&self.0);
            }
            fn read(from: &mut Reader<'_>) -> Result<Self, Broken> {
                <[u8; 16]>::read(from).map($name)
            }
            fn value(&self) -> Value {
                Value::Text(self.to_string())
            }
        }
    )* };
}

made! {
    /// The id of a message, made by its sender (UUIDv7); with the sender it is the idempotency key.
    MessageId,
    /// A bet: the id of the message that brought it (`docs/decisions/0003-bet-id.md`).
    BetId,
    /// A bettor's order: the id of the message that brought it.
    OrderId,
}

impl From<MessageId> for BetId {
    fn from(id: MessageId) -> Self {
        BetId(id.0)
    }
}

impl From<MessageId> for OrderId {
    fn from(id: MessageId) -> Self {
        OrderId(id.0)
    }
}

/// Makes UUIDv7 bytes from a time and ten bytes of randomness.
pub fn uuid_v7(made_ms: i64, random: [u8; 10]) -> [u8; 16] {
    let mut id = [0; 16];
    id[..6].copy_from_slice(&made_ms.to_be_bytes()[2..]);
    id[6..].copy_from_slice(&random);
    id[6] = 0x70 | (id[6] & 0x0f);
    id[8] = 0x80 | (id[8] & 0x3f);
    id
}

fn uuid_print(id: &[u8; 16], f: &mut fmt::Formatter<'_>) -> fmt::Result {
    for (index, part) in [&id[..4], &id[4..6], &id[6..8], &id[8..10], &id[10..]].iter().enumerate()
    {
        if 0 < index {
            f.write_str("-")?;
        }
        f.write_str(&codec::hex(part))?;
    }
    Ok(())
}

fn uuid_parse(text: &str) -> Option<[u8; 16]> {
    let dashes = [8, 13, 18, 23];
    let bytes = text.as_bytes();
    if bytes.len() != 36 || dashes.iter().any(|at| bytes[*at] != b'-') {
        return None;
    }
    let digits: String = text.chars().filter(|c| *c != '-').collect();
    let id: [u8; 16] = codec::unhex(&digits)?.try_into().ok()?;
    (digits.len() == 32 && id[6] >> 4 == 7 && id[8] >> 6 == 2).then_some(id)
}

/// SHA-256.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Hash(pub [u8; 32]);

impl Hash {
    /// Thirty-two zero bytes: the hash before the first frame.
    pub const ZERO: Hash = Hash([0; 32]);
}

impl fmt::Display for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&codec::hex(&self.0))
    }
}

impl Field for Hash {
    fn shape() -> String {
        "Hash".into()
    }
    fn put(&self, out: &mut Vec<u8>) {
        self.0.put(out);
    }
    fn read(from: &mut Reader<'_>) -> Result<Self, Broken> {
        <[u8; 32]>::read(from).map(Hash)
    }
    fn value(&self) -> Value {
        Value::Text(self.to_string())
    }
}

/// The first 16 bytes of the SHA-256 of a canonical command.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Digest(pub [u8; 16]);

impl Digest {
    /// The digest of canonical bytes.
    pub fn of(bytes: &[u8]) -> Digest {
        use sha2::Digest as _;
        let full = sha2::Sha256::digest(bytes);
        let mut half = [0; 16];
        half.copy_from_slice(&full[..16]);
        Digest(half)
    }
}

impl Field for Digest {
    fn shape() -> String {
        "Digest".into()
    }
    fn put(&self, out: &mut Vec<u8>) {
        self.0.put(out);
    }
    fn read(from: &mut Reader<'_>) -> Result<Self, Broken> {
        <[u8; 16]>::read(from).map(Digest)
    }
    fn value(&self) -> Value {
        Value::Text(codec::hex(&self.0))
    }
}

/// Who sent a message. One number in facts: 0 operator, 1 the system's own timers, 2 bettors'
/// sessions, 16 + n organiser n.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Sender {
    /// The operator's staff.
    Operator,
    /// Timers and continued work.
    System,
    /// A bettor's own session at БЕЖ.
    Bettor,
    /// An organiser's complex.
    Organiser(Organiser),
}

impl Sender {
    /// The number in facts.
    pub fn number(self) -> u32 {
        match self {
            Sender::Operator => 0,
            Sender::System => 1,
            Sender::Bettor => 2,
            Sender::Organiser(organiser) => organiser.0.saturating_add(16),
        }
    }

    /// The sender with this number.
    pub fn from_number(number: u32) -> Option<Self> {
        match number {
            0 => Some(Sender::Operator),
            1 => Some(Sender::System),
            2 => Some(Sender::Bettor),
            16.. => Some(Sender::Organiser(Organiser(number - 16))),
            _ => None,
        }
    }
}

impl fmt::Display for Sender {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Sender::Operator => f.write_str("operator"),
            Sender::System => f.write_str("system"),
            Sender::Bettor => f.write_str("bettor"),
            Sender::Organiser(organiser) => write!(f, "organiser {organiser}"),
        }
    }
}

impl Field for Sender {
    fn shape() -> String {
        "Sender".into()
    }
    fn put(&self, out: &mut Vec<u8>) {
        self.number().put(out);
    }
    fn read(from: &mut Reader<'_>) -> Result<Self, Broken> {
        Sender::from_number(u32::read(from)?).ok_or(Broken::Unknown)
    }
    fn value(&self) -> Value {
        Value::Text(self.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn uuids_carry_their_time() {
        let id = MessageId(uuid_v7(1_750_000_000_123, [0xff; 10]));
        assert_eq!(id.made_ms(), 1_750_000_000_123);
        assert_eq!(MessageId::parse(&id.to_string()), Some(id));
        assert_eq!(MessageId::parse("01234567-89ab-4def-8123-456789abcdef"), None);
        assert_eq!(MessageId::parse("01234567-89ab-7def-8123-456789abcde"), None);
    }

    #[test]
    fn outcomes_lead_to_their_event() {
        for (event, market, outcome) in [(0, 0, 0), (0, 1, 2), (7, 4_095, 511), (u32::MAX, 3, 9)] {
            let named = Market::of(Event(event), market).unwrap();
            let number = Outcome::of(named, outcome).unwrap();
            assert_eq!((number.market(), number.event()), (named, Event(event)));
            assert_eq!((named.place(), number.place()), (market, outcome));
            assert_eq!(Outcome::from_bytes(&number.to_bytes()), Ok(number));
        }
        assert_eq!(Market::of(Event(0), 4_096), None);
        assert_eq!(Outcome::of(Market(0), 512), None);
        assert_eq!(Outcome::from_bytes(&(1u64 << 53).to_bytes()), Err(Broken::Range));
        assert_eq!(Market::from_bytes(&(1u64 << 44).to_bytes()), Err(Broken::Range));
    }

    #[test]
    fn senders_have_one_number() {
        for sender in
            [Sender::Operator, Sender::System, Sender::Bettor, Sender::Organiser(Organiser(7))]
        {
            assert_eq!(Sender::from_number(sender.number()), Some(sender));
        }
        assert_eq!(Sender::from_number(9), None);
    }
}
