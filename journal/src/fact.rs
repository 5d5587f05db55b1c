//! The facts: what can happen, with every outcome that applying needs, and nothing personal.
//!
//! A fact's bytes are kind, version, position, instant and number of the rulebook, then its fields
//! (`docs/journal-format.md`). A kind and a version never change their meaning; what a decision
//! concluded stands in the fact, so that applying consults no rule (core 4).

mod audit;
mod bets;
mod cases;
mod catalogue;
mod lives;
mod people;
mod registry;
mod works;

pub use audit::*;
pub use bets::*;
pub use cases::*;
pub use catalogue::*;
pub use lives::*;
pub use people::*;
pub use registry::*;
pub use works::*;

use terms::codec::put_leb;
use terms::{
    Account, Broken, Digest, Event, Field, Instant, MessageId, Reader, Reason, Sender, Seq, Value,
    record,
};

record! {
    /// The message that caused a fact: with its sender's id it is the idempotency key.
    pub struct Cause {
        /// Who sent it.
        pub sender: Sender,
        /// Its id.
        pub id: MessageId,
        /// The digest of the canonical command.
        pub digest: Digest,
    }
}

/// Eight random bytes in facts without a sender's id, so that a leaf's content cannot be guessed
/// from its hash (core 9).
pub type Nonce = [u8; 8];

record! {
    /// A message was understood and the answer is no (design 2.4). At most 100 bytes.
    pub struct Refused {
        /// What caused it.
        pub cause: Cause,
        /// Why: the ground with the lowest rank.
        pub reason: Reason,
        /// The account, if the message named one that exists.
        pub account: Option<Account>,
        /// Whether it was a report, which may be sent again under another id (domain 1).
        pub report: bool,
    }
}

record! {
    /// Refusals beyond a sender's budget, by count (core 14).
    pub struct RefusalsSuppressed {
        /// Random bytes.
        pub nonce: Nonce,
        /// The sender.
        pub sender: Sender,
        /// Why they were refused.
        pub reason: Reason,
        /// How many.
        pub count: u64,
    }
}

record! {
    /// Work on a corrected start has looked at the bets in these slots (core 13).
    pub struct StartChecked {
        /// Random bytes.
        pub nonce: Nonce,
        /// The event.
        pub event: Event,
        /// The first slot that has not been looked at.
        pub next: u32,
        /// Whether the work is done.
        pub done: bool,
    }
}

record! {
    /// Expired orders in these slots leave the hot state.
    pub struct OrdersSwept {
        /// Random bytes.
        pub nonce: Nonce,
        /// First slot.
        pub from: u32,
        /// One past the last slot.
        pub to: u32,
    }
}

record! {
    /// The oldest closed bets leave the hot state (core 16).
    pub struct BetsLeft {
        /// Random bytes.
        pub nonce: Nonce,
        /// So many entries of the queue of closed bets.
        pub count: u32,
    }
}

macro_rules! facts {
    ($( $kind:literal $version:literal $variant:ident ),* $(,)?) => {
        /// One thing that happened.
        #[derive(Clone, Debug, PartialEq, Eq)]
        #[expect(missing_docs, reason = "each variant is the record of the same name")]
        pub enum Fact { $( $variant($variant) ),* }

        impl Fact {
            /// Every kind: number, version, name and fields.
            pub fn kinds() -> Vec<(u8, u8, &'static str, Vec<(&'static str, String)>)> {
                vec![ $( ($kind, $version, stringify!($variant), $variant::fields()) ),* ]
            }

            /// The permanent number of the kind.
            pub const fn kind(&self) -> u8 {
                match self { $( Fact::$variant(_) => $kind ),* }
            }

            /// The version of the record.
            pub const fn version(&self) -> u8 {
                match self { $( Fact::$variant(_) => $version ),* }
            }

            /// The name of the kind.
            pub const fn name(&self) -> &'static str {
                match self { $( Fact::$variant(_) => stringify!($variant) ),* }
            }

            /// The fields for display.
            pub fn value(&self) -> Value {
                match self { $( Fact::$variant(fact) => fact.value() ),* }
            }

            fn put(&self, out: &mut Vec<u8>) {
                match self { $( Fact::$variant(fact) => fact.put(out) ),* }
            }

            fn read(kind: u8, version: u8, from: &mut Reader<'_>) -> Result<Fact, Broken> {
                match (kind, version) {
                    $( ($kind, $version) => $variant::read(from).map(Fact::$variant), )*
                    _ => Err(Broken::Unknown),
                }
            }
        }

        $( impl From<$variant> for Fact {
            fn from(fact: $variant) -> Fact {
                Fact::$variant(fact)
            }
        } )*
    };
}

facts! {
    1 1 RulebookAdopted1,
    1 2 RulebookAdopted,
    2 1 OrganiserRegistered,
    3 1 OrganiserChanged,
    4 1 LicenceRecorded,
    5 1 ContractRecorded,
    6 1 ConnectionChanged,
    7 1 DeskOpened,
    8 1 DeskClosed,
    10 1 PersonRegistered,
    11 1 AdmissionChanged,
    12 1 ListInForce,
    13 1 WalletOpened,
    14 1 WalletBlockChanged,
    15 1 AccountOpened,
    16 1 AccountRebound,
    17 1 AccountClosed,
    18 1 ListingsChanged,
    19 1 AgesChanged,
    20 1 OrderGiven,
    21 1 IdentificationRecorded,
    22 1 RelationshipStarted,
    23 1 RelationshipEnded,
    24 1 ConsentRecorded,
    25 1 ConsentWithdrawn,
    26 1 LegalHoldSet,
    27 1 LegalHoldLifted,
    28 1 ErasureOrdered,
    29 1 ErasureDone,
    30 1 ChampionshipListed,
    31 1 EventListed,
    32 1 EventChanged,
    33 1 MarketListed,
    34 1 MarketChanged,
    35 1 ResultPublished,
    36 1 EventConfirmed,
    37 1 EventMapped,
    38 1 MarketMapped,
    39 1 ResultsDiffer,
    40 1 StakeAccepted,
    41 1 StakeReported,
    42 1 HoldPlaced,
    43 1 HoldReleased,
    44 1 BetSettled,
    45 1 PayoutPosted,
    46 1 PayoutReported,
    47 1 ClaimSettled,
    50 1 EmoneyIssued,
    51 1 EmoneyRedeemed,
    60 1 Refused,
    61 1 RefusalsSuppressed,
    62 1 BreachRaised,
    64 1 CaseOpened,
    65 1 CaseMoved,
    66 1 CaseOverdue,
    67 1 PersonsMerged,
    70 1 StartChecked,
    71 1 OrdersSwept,
    72 1 BetsLeft,
    73 1 EventKept,
    74 1 EventsLeft,
    80 1 KeyAnnounced,
    81 1 AuditNoted,
    82 1 WorksAnnounced,
    83 1 WorksChanged,
    84 1 WorksCancelled,
}

/// A fact at its place in the journal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Its position, equal to the leaf's index.
    pub seq: Seq,
    /// When it happened; strictly later than the entry before (J4).
    pub at: Instant,
    /// The number of the rulebook in force.
    pub rulebook: u32,
    /// What happened.
    pub fact: Fact,
}

impl Entry {
    /// Appends the canonical bytes: what the leaf hash is taken of.
    pub fn put(&self, out: &mut Vec<u8>) {
        put_entry(out, self.seq, self.at, self.rulebook, &self.fact);
    }

    /// Reads the canonical bytes of one entry and nothing after it.
    pub fn from_bytes(bytes: &[u8]) -> Result<Entry, Broken> {
        let mut from = Reader::new(bytes);
        let (kind, version) = (from.byte()?, from.byte()?);
        let seq = Seq::read(&mut from)?;
        let at = Instant::read(&mut from)?;
        let rulebook = u32::read(&mut from)?;
        let fact = Fact::read(kind, version, &mut from)?;
        from.end()?;
        Ok(Entry { seq, at, rulebook, fact })
    }
}

/// Appends the canonical bytes of an entry without owning it.
pub fn put_entry(out: &mut Vec<u8>, seq: Seq, at: Instant, rulebook: u32, fact: &Fact) {
    out.push(fact.kind());
    out.push(fact.version());
    put_leb(out, seq.0);
    at.put(out);
    put_leb(out, u64::from(rulebook));
    fact.put(out);
}

impl Fact {
    /// The message that caused the fact, for idempotency: none for timers and consequences.
    pub fn cause(&self) -> Option<&Cause> {
        match self {
            Fact::RulebookAdopted1(fact) => Some(&fact.cause),
            Fact::RulebookAdopted(fact) => Some(&fact.cause),
            Fact::OrganiserRegistered(fact) => Some(&fact.cause),
            Fact::OrganiserChanged(fact) => Some(&fact.cause),
            Fact::LicenceRecorded(fact) => Some(&fact.cause),
            Fact::ContractRecorded(fact) => Some(&fact.cause),
            Fact::ConnectionChanged(fact) => Some(&fact.cause),
            Fact::DeskOpened(fact) => Some(&fact.cause),
            Fact::DeskClosed(fact) => Some(&fact.cause),
            Fact::PersonRegistered(fact) => Some(&fact.cause),
            Fact::AdmissionChanged(fact) => Some(&fact.cause),
            Fact::ListInForce(fact) => Some(&fact.cause),
            Fact::WalletOpened(fact) => Some(&fact.cause),
            Fact::WalletBlockChanged(fact) => Some(&fact.cause),
            Fact::AccountOpened(fact) => Some(&fact.cause),
            Fact::AccountRebound(fact) => Some(&fact.cause),
            Fact::AccountClosed(fact) => Some(&fact.cause),
            Fact::OrderGiven(fact) => Some(&fact.cause),
            Fact::ListingsChanged(fact) => Some(&fact.cause),
            Fact::AgesChanged(fact) => Some(&fact.cause),
            Fact::IdentificationRecorded(fact) => Some(&fact.cause),
            Fact::RelationshipStarted(fact) => Some(&fact.cause),
            Fact::RelationshipEnded(fact) => Some(&fact.cause),
            Fact::ConsentRecorded(fact) => Some(&fact.cause),
            Fact::ConsentWithdrawn(fact) => Some(&fact.cause),
            Fact::LegalHoldSet(fact) => Some(&fact.cause),
            Fact::LegalHoldLifted(fact) => Some(&fact.cause),
            Fact::ErasureOrdered(fact) => Some(&fact.cause),
            Fact::ErasureDone(fact) => Some(&fact.cause),
            Fact::PersonsMerged(fact) => Some(&fact.cause),
            Fact::CaseOpened(fact) => fact.cause.as_ref(),
            Fact::CaseMoved(fact) => fact.cause.as_ref(),
            Fact::ChampionshipListed(fact) => Some(&fact.cause),
            Fact::EventListed(fact) => Some(&fact.cause),
            Fact::EventConfirmed(fact) => Some(&fact.cause),
            Fact::EventMapped(fact) => Some(&fact.cause),
            Fact::MarketMapped(fact) => Some(&fact.cause),
            Fact::EventChanged(fact) => Some(&fact.cause),
            Fact::MarketListed(fact) => Some(&fact.cause),
            Fact::MarketChanged(fact) => Some(&fact.cause),
            Fact::ResultPublished(fact) => Some(&fact.cause),
            Fact::StakeAccepted(fact) => Some(&fact.cause),
            Fact::StakeReported(fact) => Some(&fact.cause),
            Fact::HoldPlaced(fact) => Some(&fact.cause),
            Fact::HoldReleased(fact) => fact.cause.as_ref(),
            Fact::BetSettled(fact) => Some(&fact.cause),
            Fact::PayoutReported(fact) => Some(&fact.cause),
            Fact::ClaimSettled(fact) => Some(&fact.cause),
            Fact::EmoneyIssued(fact) => Some(&fact.cause),
            Fact::EmoneyRedeemed(fact) => Some(&fact.cause),
            Fact::BreachRaised(fact) => fact.cause.as_ref(),
            Fact::Refused(fact) => Some(&fact.cause),
            Fact::KeyAnnounced(fact) => Some(&fact.cause),
            Fact::AuditNoted(fact) => Some(&fact.cause),
            Fact::WorksAnnounced(fact) => Some(&fact.cause),
            Fact::WorksChanged(fact) => Some(&fact.cause),
            Fact::WorksCancelled(fact) => Some(&fact.cause),
            Fact::PayoutPosted(_)
            | Fact::ResultsDiffer(_)
            | Fact::RefusalsSuppressed(_)
            | Fact::CaseOverdue(_)
            | Fact::StartChecked(_)
            | Fact::OrdersSwept(_)
            | Fact::BetsLeft(_)
            | Fact::EventKept(_)
            | Fact::EventsLeft(_) => None,
        }
    }
}
