//! The facts: what can happen, with every outcome that applying needs, and nothing personal.
//!
//! A fact's bytes are kind, version, position, instant and number of the rulebook, then its fields
//! (`docs/journal-format.md`). A kind and a version never change their meaning; what a decision
//! concluded stands in the fact, so that applying consults no rule (core 4).

use admission::{Accept, Level, List, Lists, Method};
use ledger::{Block, Class};
use register::bet::{Legs, Outcome as BetOutcome};
use register::catalogue::{EventClass, EventState, MarketState};
use register::organiser::{ConnectionState, ContractKind, DeskKind, OrganiserKind, TaxableObject};
use register::{Basis, Bet, Form, LegResult, PriceRule, Shape};
use terms::codec::put_leb;
use terms::rulebook::Rulebook;
use terms::{
    Account, BetId, Bin, Broken, Championship, Day, DeskNo, Digest, Event, Field, Hash, Instant,
    Market, MessageId, OrderId, Organiser, Outcome, Person, Reader, Reason, Sender, Seq, Text,
    Tiyn, Value, Wallet, choice, record,
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

choice! {
    /// Why a hold ended without a stake.
    pub enum ReleaseGround {
        /// The organiser released it.
        Organiser = 1 "organiser",
        /// Nobody confirmed it in time.
        Expired = 2 "expired",
    }
}

record! {
    /// A rulebook comes into force from its instant on (core 18).
    pub struct RulebookAdopted {
        /// What caused it.
        pub cause: Cause,
        /// SHA-256 of its canonical bytes.
        pub digest: Hash,
        /// Its content.
        pub rulebook: Box<Rulebook>,
    }
}

record! {
    /// An organiser enters the system (R0-16.2a–d).
    pub struct OrganiserRegistered {
        /// What caused it.
        pub cause: Cause,
        /// Its number.
        pub organiser: Organiser,
        /// Bookmaker or totalizator.
        pub kind: OrganiserKind,
        /// Business identification number.
        pub bin: Bin,
        /// Name of the legal entity.
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
    /// An organiser's particulars change (P-08).
    pub struct OrganiserChanged {
        /// What caused it.
        pub cause: Cause,
        /// Which organiser.
        pub organiser: Organiser,
        /// Its new name.
        pub name: Option<Text<256>>,
        /// Its new legal address.
        pub address: Option<Text<512>>,
        /// Its new list of taxable objects.
        pub taxable: Option<Vec<TaxableObject>>,
        /// From which day this holds.
        pub from: Day,
    }
}

record! {
    /// A licence is recorded, or recorded anew under its number (R0-16.2h–j).
    pub struct LicenceRecorded {
        /// What caused it.
        pub cause: Cause,
        /// Whose.
        pub organiser: Organiser,
        /// Its number.
        pub number: Text<64>,
        /// First day.
        pub issued: Day,
        /// Last day.
        pub expires: Day,
        /// Whether it is suspended.
        pub suspended: bool,
    }
}

record! {
    /// A contract is recorded; a later one of the same kind replaces it (R0-3.1, R0-3.2).
    pub struct ContractRecorded {
        /// What caused it.
        pub cause: Cause,
        /// Whose.
        pub organiser: Organiser,
        /// Which of the two.
        pub kind: ContractKind,
        /// First day.
        pub from: Day,
        /// Last day.
        pub until: Option<Day>,
        /// Commission on a stake, millionths.
        pub commission_millionths: u32,
        /// Commission on a stake, fixed part.
        pub commission_fixed: Tiyn,
        /// Floor of the organiser's wallet.
        pub floor: Tiyn,
    }
}

record! {
    /// The state of an organiser's connection (state machine B).
    pub struct ConnectionChanged {
        /// What caused it.
        pub cause: Cause,
        /// Whose.
        pub organiser: Organiser,
        /// The new state.
        pub state: ConnectionState,
    }
}

record! {
    /// A cash desk is listed (R0-16.2e–g).
    pub struct DeskOpened {
        /// What caused it.
        pub cause: Cause,
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
    }
}

record! {
    /// A cash desk takes no stakes any more.
    pub struct DeskClosed {
        /// What caused it.
        pub cause: Cause,
        /// Which.
        pub desk: DeskNo,
        /// First day on which it is closed.
        pub from: Day,
    }
}

record! {
    /// A person enters as a number; everything personal is in the vault (design 2.5).
    pub struct PersonRegistered {
        /// What caused it.
        pub cause: Cause,
        /// The number.
        pub person: Person,
    }
}

record! {
    /// What decisions may know of a person, as a whole (core 19).
    pub struct AdmissionChanged {
        /// What caused it.
        pub cause: Cause,
        /// Who.
        pub person: Person,
        /// Level of identification.
        pub level: Level,
        /// Until when it is good.
        pub identified_until: Option<Instant>,
        /// Whether the age of the rulebook is reached.
        pub of_age: bool,
        /// Lists on which the person stands.
        pub lists: Lists,
    }
}

record! {
    /// A version of a list is in force for every decision after this.
    pub struct ListInForce {
        /// What caused it.
        pub cause: Cause,
        /// Which list.
        pub list: List,
        /// Its version.
        pub version: u32,
        /// SHA-256 of its content.
        pub digest: Hash,
    }
}

record! {
    /// A wallet is opened (R0-5.2, R0-8.4, R0-12.2).
    pub struct WalletOpened {
        /// What caused it.
        pub cause: Cause,
        /// Its number.
        pub wallet: Wallet,
        /// What kind of account.
        pub class: Class,
        /// The person or organiser that owns it.
        pub owner: u32,
    }
}

record! {
    /// What a wallet's owner may do changes (state machine E).
    pub struct WalletBlockChanged {
        /// What caused it.
        pub cause: Cause,
        /// Which.
        pub wallet: Wallet,
        /// From now on.
        pub block: Block,
        /// The ground, as a code of the act or clause.
        pub ground: Text<64>,
    }
}

record! {
    /// A bettor's account with an organiser, bound to one wallet (R0-12.1, R0-12.4).
    pub struct AccountOpened {
        /// What caused it.
        pub cause: Cause,
        /// Its number.
        pub account: Account,
        /// The bettor.
        pub person: Person,
        /// The organiser.
        pub organiser: Organiser,
        /// The wallet.
        pub wallet: Wallet,
    }
}

record! {
    /// Another wallet of the same bettor is bound to the account from now on.
    pub struct AccountRebound {
        /// What caused it.
        pub cause: Cause,
        /// Which.
        pub account: Account,
        /// The wallet.
        pub wallet: Wallet,
    }
}

record! {
    /// An account takes no stakes any more.
    pub struct AccountClosed {
        /// What caused it.
        pub cause: Cause,
        /// Which.
        pub account: Account,
    }
}

record! {
    /// A bettor's order to debit his wallet in favour of one organiser (R0-2.3a, domain 2).
    pub struct OrderGiven {
        /// What caused it; its id is the order's id.
        pub cause: Cause,
        /// The organiser.
        pub organiser: Organiser,
        /// The bettor's account there.
        pub account: Account,
        /// The most that may be debited, commission included.
        pub ceiling: Tiyn,
        /// From when it holds no more.
        pub expires: Instant,
        /// When the session behind it was opened.
        pub session_at: Instant,
        /// How the bettor confirmed.
        pub method: Method,
        /// Which odds he accepts in place of those that he saw.
        pub accept: Accept,
    }
}

record! {
    /// A championship in an organiser's catalogue.
    pub struct ChampionshipListed {
        /// What caused it.
        pub cause: Cause,
        /// Its number.
        pub championship: Championship,
        /// Whose catalogue.
        pub organiser: Organiser,
        /// The organiser's own id.
        pub own: Text<64>,
        /// Kind of sport.
        pub sport: Text<64>,
        /// Its name.
        pub name: Text<128>,
    }
}

record! {
    /// An event in an organiser's catalogue.
    pub struct EventListed {
        /// What caused it.
        pub cause: Cause,
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
        /// When it is to begin.
        pub scheduled: Instant,
        /// Whether the organiser listed it, or a report named it first (domain 1).
        pub confirmed: bool,
    }
}

record! {
    /// An event changes its state; times are those of the event, not of the message.
    pub struct EventChanged {
        /// What caused it.
        pub cause: Cause,
        /// Which.
        pub event: Event,
        /// Its new state.
        pub state: EventState,
        /// The time at which it was to begin until now.
        pub scheduled_before: Instant,
        /// The time at which it is to begin.
        pub scheduled: Instant,
        /// The actual start that was known until now.
        pub started_before: Option<Instant>,
        /// The actual start.
        pub started: Option<Instant>,
    }
}

record! {
    /// An outcome variant of a market as listed.
    pub struct OutcomeText {
        /// The organiser's own id.
        pub own: Text<64>,
        /// Its name.
        pub name: Text<128>,
    }
}

record! {
    /// A market of an event, open from now on.
    pub struct MarketListed {
        /// What caused it.
        pub cause: Cause,
        /// Its number.
        pub market: Market,
        /// Its event.
        pub event: Event,
        /// The organiser's own id.
        pub own: Text<64>,
        /// Its name.
        pub name: Text<128>,
        /// Whether it takes stakes after the event has begun.
        pub in_play: bool,
        /// The number of its first outcome; the others follow.
        pub first: Outcome,
        /// Its outcomes.
        pub outcomes: Vec<OutcomeText>,
    }
}

record! {
    /// A market changes.
    pub struct MarketChanged {
        /// What caused it.
        pub cause: Cause,
        /// Which.
        pub market: Market,
        /// Its state.
        pub state: MarketState,
        /// Whether it takes stakes after the event has begun.
        pub in_play: bool,
    }
}

record! {
    /// How the outcomes of a market ended, or a correction of that (domain 7).
    pub struct ResultPublished {
        /// What caused it.
        pub cause: Cause,
        /// Which market.
        pub market: Market,
        /// One result for each outcome, in order.
        pub results: Vec<LegResult>,
        /// The earlier result that this one corrects.
        pub corrects: Option<Seq>,
        /// Why it is corrected.
        pub reason: Option<Text<128>>,
    }
}

record! {
    /// The bet of a stake, a hold or a report.
    pub struct Terms {
        /// The bettor's account.
        pub account: Account,
        /// The desk.
        pub desk: DeskNo,
        /// When the organiser says that the bet was made (R0-16.3a).
        pub made_at: Instant,
        /// The stake (R0-16.3c).
        pub amount: Tiyn,
        /// How the legs hang together.
        pub shape: Shape,
        /// How the total odds arise.
        pub price: PriceRule,
        /// The selections (R0-16.3d, R0-16.3e).
        pub legs: Legs,
    }
}

record! {
    /// An e-money stake is accepted: the bet, the stake and the posting in one (core 2).
    pub struct StakeAccepted {
        /// What caused it; its id is the bet's unless a hold came before.
        pub cause: Cause,
        /// The hold that it confirms.
        pub hold: Option<BetId>,
        /// The bet.
        pub bet: Terms,
        /// The commission, paid beside the stake.
        pub commission: Tiyn,
        /// The position of the bettor's order.
        pub order: Option<Seq>,
        /// The bettor's order, where it was not reserved by a hold before.
        pub order_id: Option<OrderId>,
        /// The bettor's wallet.
        pub bettor_wallet: Wallet,
        /// The organiser's wallet.
        pub organiser_wallet: Wallet,
        /// What the bettor's wallet holds after it.
        pub bettor_balance: Tiyn,
        /// What the organiser's wallet holds after it.
        pub organiser_balance: Tiyn,
        /// The record of the bettor's wallet before this one.
        pub bettor_previous: Option<Seq>,
        /// The record of the organiser's wallet before this one.
        pub organiser_previous: Option<Seq>,
        /// The record of the account before this one.
        pub account_previous: Option<Seq>,
    }
}

record! {
    /// A land desk's stake is reported (R0-9.1, R0-9.2, R0-16.4).
    pub struct StakeReported {
        /// What caused it; its id is the bet's.
        pub cause: Cause,
        /// The bet.
        pub bet: Terms,
        /// Cash or non-cash.
        pub form: Form,
        /// Whether it came later than the rulebook allows.
        pub late: bool,
        /// Every rule that it breaks (A2).
        pub breaches: Vec<Reason>,
        /// An earlier message that could not be used and that this one replaces.
        pub resends: Option<MessageId>,
        /// The record of the account before this one.
        pub account_previous: Option<Seq>,
    }
}

record! {
    /// A stake's sum is set aside until the organiser confirms (S-34).
    pub struct HoldPlaced {
        /// What caused it; its id is the bet's.
        pub cause: Cause,
        /// The bet.
        pub bet: Terms,
        /// The commission that is set aside beside the stake.
        pub commission: Tiyn,
        /// The position of the bettor's order.
        pub order: Option<Seq>,
        /// The bettor's order.
        pub order_id: Option<OrderId>,
        /// The bettor's wallet.
        pub bettor_wallet: Wallet,
        /// From when it can no longer be confirmed.
        pub expires: Instant,
        /// The record of the account before this one.
        pub account_previous: Option<Seq>,
    }
}

record! {
    /// A hold ends without a stake; the sum is at the bettor's disposal again.
    pub struct HoldReleased {
        /// What caused it, if the organiser released it.
        pub cause: Option<Cause>,
        /// Random bytes, if it expired.
        pub nonce: Option<Nonce>,
        /// Whose bet.
        pub organiser: Organiser,
        /// Which.
        pub bet: BetId,
        /// Why.
        pub ground: ReleaseGround,
        /// The record of the account before this one.
        pub account_previous: Option<Seq>,
    }
}

record! {
    /// A bet is settled, or settled anew (domain 13 to 15, 18).
    pub struct BetSettled {
        /// What caused it.
        pub cause: Cause,
        /// Which bet.
        pub bet: BetId,
        /// Its account.
        pub account: Account,
        /// The bet as it was, if it had left the hot state (core 16).
        pub thawed: Option<Box<Bet>>,
        /// The record of the bet before this one.
        pub bet_previous: Seq,
        /// The basis.
        pub basis: Basis,
        /// The settlement that this one replaces.
        pub corrects: Option<Seq>,
        /// The result that counted for each leg; empty where the basis needs none.
        pub results: Vec<LegResult>,
        /// What comes back by our reckoning.
        pub gross_computed: Tiyn,
        /// What comes back: what the organiser states, or else our reckoning.
        pub gross: Tiyn,
        /// Of `gross`, the stake of lines that won.
        pub of_which_stake: Tiyn,
        /// Of `gross`, the return of stake that did not stand (R0-16.3j).
        pub refund: Tiyn,
        /// Tax withheld from the winning part.
        pub tax: Tiyn,
        /// What is due to the bettor (R0-15.3).
        pub net_due: Tiyn,
        /// Win, loss or refund (R0-16.3g, R0-16.3h).
        pub outcome: BetOutcome,
        /// The organiser's reason where it states more than our reckoning, or corrects.
        pub reason: Option<Text<128>>,
        /// When the organiser says that it was computed (R0-15.3e, R0-16.3f).
        pub computed_at: Instant,
        /// Whether the payout waits for funds after this (S-35).
        pub waits: bool,
        /// Every rule that a report breaks.
        pub breaches: Vec<Reason>,
        /// The record of the account before this one.
        pub account_previous: Option<Seq>,
    }
}

record! {
    /// A payout of an e-money stake is posted (R0-8.2, R0-13.1).
    pub struct PayoutPosted {
        /// Random bytes.
        pub nonce: Nonce,
        /// Whose bet.
        pub organiser: Organiser,
        /// Which.
        pub bet: BetId,
        /// Its account.
        pub account: Account,
        /// The winning part, posted as `payout`.
        pub winning: Tiyn,
        /// The refund part, posted as `stake_refund`.
        pub refund: Tiyn,
        /// The organiser's wallet.
        pub organiser_wallet: Wallet,
        /// The bettor's wallet.
        pub bettor_wallet: Wallet,
        /// What the organiser's wallet holds after it.
        pub organiser_balance: Tiyn,
        /// What the bettor's wallet holds after it.
        pub bettor_balance: Tiyn,
        /// The record of the bet before this one.
        pub bet_previous: Seq,
        /// The record of the organiser's wallet before this one.
        pub organiser_previous: Option<Seq>,
        /// The record of the bettor's wallet before this one.
        pub bettor_previous: Option<Seq>,
        /// The record of the account before this one.
        pub account_previous: Option<Seq>,
    }
}

record! {
    /// A land desk's payout is reported (R0-9.3, R0-13.2, R0-16.5).
    pub struct PayoutReported {
        /// What caused it.
        pub cause: Cause,
        /// Which bet.
        pub bet: BetId,
        /// Its account.
        pub account: Account,
        /// The bet as it was, if it had left the hot state.
        pub thawed: Option<Box<Bet>>,
        /// The record of the bet before this one.
        pub bet_previous: Seq,
        /// What was paid.
        pub amount: Tiyn,
        /// How.
        pub form: Form,
        /// At which desk; another of the same organiser is allowed (domain 19).
        pub desk: DeskNo,
        /// When.
        pub paid_at: Instant,
        /// The posting, if it was paid in e-money to the bound wallet.
        pub posting: Option<Box<Posting>>,
        /// Whether it came later than the rulebook allows.
        pub late: bool,
        /// Every rule that it breaks.
        pub breaches: Vec<Reason>,
        /// The record of the account before this one.
        pub account_previous: Option<Seq>,
    }
}

record! {
    /// A posting from an organiser's wallet to a bettor's, with balances after it.
    pub struct Posting {
        /// The organiser's wallet.
        pub organiser_wallet: Wallet,
        /// The bettor's wallet.
        pub bettor_wallet: Wallet,
        /// What the organiser's wallet holds after it.
        pub organiser_balance: Tiyn,
        /// What the bettor's wallet holds after it.
        pub bettor_balance: Tiyn,
        /// The record of the organiser's wallet before this one.
        pub organiser_previous: Option<Seq>,
        /// The record of the bettor's wallet before this one.
        pub bettor_previous: Option<Seq>,
    }
}

record! {
    /// The bettor has given back (part of) an overpayment outside the system (domain 18).
    pub struct ClaimSettled {
        /// What caused it.
        pub cause: Cause,
        /// Which bet.
        pub bet: BetId,
        /// Its account.
        pub account: Account,
        /// The bet as it was, if it had left the hot state.
        pub thawed: Option<Box<Bet>>,
        /// The record of the bet before this one.
        pub bet_previous: Seq,
        /// What was given back.
        pub amount: Tiyn,
        /// The record of the account before this one.
        pub account_previous: Option<Seq>,
    }
}

record! {
    /// E-money is issued against money received (R4-5.2).
    pub struct EmoneyIssued {
        /// What caused it.
        pub cause: Cause,
        /// The wallet.
        pub wallet: Wallet,
        /// The sum.
        pub amount: Tiyn,
        /// The bank's reference of the money.
        pub bank_reference: Text<64>,
        /// What the wallet holds after it.
        pub balance: Tiyn,
        /// The record of the wallet before this one.
        pub previous: Option<Seq>,
    }
}

record! {
    /// E-money is redeemed.
    pub struct EmoneyRedeemed {
        /// What caused it.
        pub cause: Cause,
        /// The wallet.
        pub wallet: Wallet,
        /// The sum.
        pub amount: Tiyn,
        /// The bank's reference of the payment.
        pub bank_reference: Text<64>,
        /// What the wallet holds after it.
        pub balance: Tiyn,
        /// The record of the wallet before this one.
        pub previous: Option<Seq>,
    }
}

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
    /// A breach that came to light after a stake was accepted (domain 6).
    pub struct BreachRaised {
        /// Random bytes.
        pub nonce: Nonce,
        /// Whose bet.
        pub organiser: Organiser,
        /// Which.
        pub bet: BetId,
        /// Which rule.
        pub reason: Reason,
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

record! {
    /// The public key of checkpoints, and the one that will follow it (core 9).
    pub struct KeyAnnounced {
        /// What caused it.
        pub cause: Cause,
        /// The Ed25519 public key.
        pub key: Hash,
        /// The next one, if known.
        pub successor: Option<Hash>,
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
    1 1 RulebookAdopted,
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
    20 1 OrderGiven,
    30 1 ChampionshipListed,
    31 1 EventListed,
    32 1 EventChanged,
    33 1 MarketListed,
    34 1 MarketChanged,
    35 1 ResultPublished,
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
    70 1 StartChecked,
    71 1 OrdersSwept,
    72 1 BetsLeft,
    80 1 KeyAnnounced,
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
            Fact::ChampionshipListed(fact) => Some(&fact.cause),
            Fact::EventListed(fact) => Some(&fact.cause),
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
            Fact::Refused(fact) => Some(&fact.cause),
            Fact::KeyAnnounced(fact) => Some(&fact.cause),
            Fact::PayoutPosted(_)
            | Fact::RefusalsSuppressed(_)
            | Fact::BreachRaised(_)
            | Fact::StartChecked(_)
            | Fact::OrdersSwept(_)
            | Fact::BetsLeft(_) => None,
        }
    }
}

impl StakeAccepted {
    /// The id of the bet: the hold's, or else the message's.
    pub fn bet_id(&self) -> BetId {
        self.hold.unwrap_or(BetId::from(self.cause.id))
    }
}
