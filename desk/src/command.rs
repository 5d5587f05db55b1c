//! What can be asked of the desk. A command has one canonical byte form, whose digest tells
//! whether a repeated id carries the same content (core 15).

mod people;

pub use people::*;

use admission::{Accept, Method};
use register::catalogue::{EventClass, EventState, MarketState};
use register::organiser::{ConnectionState, ContractKind, DeskKind, OrganiserKind, TaxableObject};
use register::{Basis, Form, LegResult, PriceRule, Shape, WorksKind, WorksScope};
use terms::codec::Reader;
use terms::rulebook::Rulebook;
use terms::{
    Account, AuditAct, AuditResult, BetId, Bin, Broken, Championship, Day, DeskNo, Digest, Event,
    Field, Hash, Instant, Market, MessageId, Odds, OrderId, Organiser, Outcome, Sender, Text, Tiyn,
    Wallet, Works, record,
};

use journal::fact::OutcomeText;

/// How a message arrived.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Manner {
    /// By itself: what it refers to must be there.
    Single,
    /// As a line of a batch: what refers to something that is not there yet is deferred, and its
    /// id stays free (domain 1).
    Bulk,
}

/// A command with its sender and id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// Who sends it.
    pub sender: Sender,
    /// The sender's id for it.
    pub id: MessageId,
    /// The digest of the canonical command.
    pub digest: Digest,
    /// How it arrived; no part of its content.
    pub manner: Manner,
    /// What is asked.
    pub command: Command,
}

impl Message {
    /// A message; the digest is computed here, on whatever thread prepares it.
    pub fn new(sender: Sender, id: MessageId, manner: Manner, command: Command) -> Message {
        let digest = Digest::of(&command.to_bytes());
        Message { sender, id, digest, manner, command }
    }
}

record! {
    /// Brings a rulebook into force.
    pub struct AdoptRulebook {
        /// Its content.
        pub rulebook: Box<Rulebook>,
    }
}

record! {
    /// Registers an organiser.
    pub struct RegisterOrganiser {
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
    /// Changes an organiser's particulars.
    pub struct ChangeOrganiser {
        /// Which.
        pub organiser: Organiser,
        /// New name.
        pub name: Option<Text<256>>,
        /// New legal address.
        pub address: Option<Text<512>>,
        /// New list of taxable objects.
        pub taxable: Option<Vec<TaxableObject>>,
        /// From which day this holds.
        pub from: Day,
    }
}

record! {
    /// Records a licence, or records it anew.
    pub struct RecordLicence {
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
        /// From which day on this holds, until the next record of the same number.
        pub from: Day,
    }
}

record! {
    /// Records a contract; from its first day on it replaces the one of the same kind.
    pub struct RecordContract {
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
    /// Sets the state of a connection, now or for later.
    pub struct ChangeConnection {
        /// Whose.
        pub organiser: Organiser,
        /// The new state.
        pub state: ConnectionState,
        /// From when; now, if it does not say.
        pub from: Option<Instant>,
    }
}

record! {
    /// Lists a desk.
    pub struct OpenDesk {
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
    /// Closes a desk.
    pub struct CloseDesk {
        /// Which.
        pub desk: DeskNo,
        /// First day on which it is closed.
        pub from: Day,
    }
}

record! {
    /// The bettor's order (domain 2).
    pub struct GiveOrder {
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
        /// Which odds he accepts.
        pub accept: Accept,
        /// Random bytes of the session, so that no two orders are alike.
        pub nonce: [u8; 8],
    }
}

record! {
    /// Lists a championship.
    pub struct ListChampionship {
        /// The organiser's own id.
        pub own: Text<64>,
        /// Kind of sport.
        pub sport: Text<64>,
        /// Its name.
        pub name: Text<128>,
    }
}

record! {
    /// Lists an event.
    pub struct ListEvent {
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
        /// False where a report names an event that the organiser has not listed (domain 1).
        pub confirmed: bool,
    }
}

record! {
    /// Changes an event's state.
    pub struct ChangeEvent {
        /// Which.
        pub event: Event,
        /// Its new state.
        pub state: EventState,
        /// The new time of a rescheduled event, or the actual start of a started one.
        pub time: Option<Instant>,
    }
}

record! {
    /// Lists a market with its outcomes.
    pub struct ListMarket {
        /// Its event.
        pub event: Event,
        /// The organiser's own id.
        pub own: Text<64>,
        /// Its name.
        pub name: Text<128>,
        /// Whether it takes stakes after the event has begun.
        pub in_play: bool,
        /// Its outcomes.
        pub outcomes: Vec<OutcomeText>,
    }
}

record! {
    /// Changes a market.
    pub struct ChangeMarket {
        /// Which.
        pub market: Market,
        /// Its state.
        pub state: MarketState,
        /// Whether it takes stakes after the event has begun.
        pub in_play: bool,
    }
}

record! {
    /// Publishes or corrects the result of a market.
    pub struct PublishResult {
        /// Which market.
        pub market: Market,
        /// One result for each outcome, in order.
        pub results: Vec<LegResult>,
        /// Why an earlier result is corrected.
        pub reason: Option<Text<128>>,
    }
}

record! {
    /// One selection as offered and accepted.
    pub struct LegBid {
        /// What it is on.
        pub outcome: Outcome,
        /// The odds at which the organiser accepts.
        pub odds: Odds,
        /// The odds that the bettor saw, where they differ.
        pub requested: Option<Odds>,
    }
}

record! {
    /// A bet as the organiser describes it.
    pub struct Bid {
        /// The bettor's account.
        pub account: Account,
        /// The desk.
        pub desk: DeskNo,
        /// When the bet was made.
        pub made_at: Instant,
        /// The stake.
        pub amount: Tiyn,
        /// How the legs hang together.
        pub shape: Shape,
        /// How the total odds arise.
        pub price: PriceRule,
        /// The selections.
        pub legs: Vec<LegBid>,
    }
}

record! {
    /// Asks for an e-money stake in one call.
    pub struct PlaceStake {
        /// The bet; its id is the message's.
        pub bid: Bid,
        /// The bettor's order.
        pub order: Option<OrderId>,
    }
}

record! {
    /// Asks to set a stake's sum aside.
    pub struct PlaceHold {
        /// The bet; its id is the message's.
        pub bid: Bid,
        /// The bettor's order.
        pub order: Option<OrderId>,
    }
}

record! {
    /// Turns a hold into a stake, at the accepted odds.
    pub struct ConfirmHold {
        /// Which bet.
        pub bet: BetId,
        /// The accepted odds of each leg, in order.
        pub odds: Vec<Odds>,
    }
}

record! {
    /// Ends a hold.
    pub struct ReleaseHold {
        /// Which bet.
        pub bet: BetId,
    }
}

record! {
    /// Reports a land desk's stake.
    pub struct ReportStake {
        /// The bet; its id is the message's.
        pub bid: Bid,
        /// Cash or non-cash.
        pub form: Form,
        /// An earlier message that could not be used and that this one replaces.
        pub resends: Option<MessageId>,
    }
}

record! {
    /// Settles a bet, or settles it anew.
    pub struct SettleBet {
        /// Which.
        pub bet: BetId,
        /// The basis.
        pub basis: Basis,
        /// Bit n is set for leg n: void with `LegVoid` and `Correction`, deemed won with
        /// `EarlyPayout`.
        pub legs: u32,
        /// What comes back by the organiser's own reckoning.
        pub stated: Option<Tiyn>,
        /// The organiser's reason.
        pub reason: Option<Text<128>>,
        /// When it was computed.
        pub computed_at: Instant,
    }
}

record! {
    /// Reports a land desk's payout.
    pub struct ReportPayout {
        /// Which bet.
        pub bet: BetId,
        /// What was paid.
        pub amount: Tiyn,
        /// How.
        pub form: Form,
        /// At which desk.
        pub desk: DeskNo,
        /// When.
        pub paid_at: Instant,
    }
}

record! {
    /// Records that an overpayment was given back.
    pub struct SettleClaim {
        /// Which bet.
        pub bet: BetId,
        /// What was given back.
        pub amount: Tiyn,
    }
}

record! {
    /// Issues e-money against money received.
    pub struct IssueEmoney {
        /// The wallet.
        pub wallet: Wallet,
        /// The sum.
        pub amount: Tiyn,
        /// The bank's reference of the money.
        pub bank_reference: Text<64>,
    }
}

record! {
    /// Redeems e-money.
    pub struct RedeemEmoney {
        /// The wallet.
        pub wallet: Wallet,
        /// The sum.
        pub amount: Tiyn,
        /// The bank's reference of the payment.
        pub bank_reference: Text<64>,
    }
}

record! {
    /// Announces the public key of checkpoints.
    pub struct AnnounceKey {
        /// The key.
        pub key: Hash,
        /// The next one.
        pub successor: Option<Hash>,
    }
}

record! {
    /// Notes what somebody of the staff did or saw (R2-55.11).
    pub struct NoteAudit {
        /// When it began.
        pub started: Instant,
        /// What it was.
        pub act: AuditAct,
        /// The number of the member of the staff; 0 is the system itself.
        pub user: u32,
        /// The record, or the question that chose the records.
        pub record: Text<192>,
        /// The bettor's account, if it is about one.
        pub account: Option<Account>,
        /// When it ended.
        pub ended: Instant,
        /// How it ended.
        pub result: AuditResult,
    }
}

record! {
    /// Plans works at the centre.
    pub struct AnnounceWorks {
        /// Why.
        pub kind: WorksKind,
        /// What may not be at hand.
        pub scope: WorksScope,
        /// When they begin.
        pub from: Instant,
        /// When they end.
        pub until: Instant,
    }
}

record! {
    /// Moves works, or ends them at another time.
    pub struct ChangeWorks {
        /// Which.
        pub works: Works,
        /// When they begin.
        pub from: Instant,
        /// When they end.
        pub until: Instant,
    }
}

record! {
    /// Calls works off, or ends them now.
    pub struct CancelWorks {
        /// Which.
        pub works: Works,
    }
}

record! {
    /// Maps an organiser's event to a central one.
    pub struct MapEvent {
        /// The event.
        pub event: Event,
        /// The id of the central event.
        pub central: Text<64>,
    }
}

record! {
    /// Names a market of a mapped event by the code under which it is compared with others'. The
    /// code fixes how many outcomes there are and their order.
    pub struct MapMarket {
        /// The market.
        pub market: Market,
        /// The code.
        pub code: Text<32>,
    }
}

record! {
    /// Looks at one bet that has left for a start that was corrected since (domain 6). The shell
    /// finds the bets of the event in the register view, page by page, and asks for each.
    pub struct CheckStart {
        /// Whose bet.
        pub organiser: Organiser,
        /// Which.
        pub bet: BetId,
        /// The event whose start was corrected.
        pub event: Event,
        /// When it began.
        pub started: Instant,
        /// When it was thought to begin: what was taken from then on was judged by that already.
        pub until: Instant,
    }
}

record! {
    /// Lets time pass: expired holds, closed bets, expired orders, work in pieces.
    pub struct Tick {
        /// The slot from which expired orders are looked for.
        pub orders_from: u32,
    }
}

macro_rules! commands {
    ($( $kind:literal $variant:ident ),* $(,)?) => {
        /// A command.
        #[derive(Clone, Debug, PartialEq, Eq)]
        #[expect(missing_docs, reason = "each variant is the record of the same name")]
        pub enum Command { $( $variant($variant) ),* }

        impl Command {
            /// The name of the command.
            pub const fn name(&self) -> &'static str {
                match self { $( Command::$variant(_) => stringify!($variant) ),* }
            }

            /// Canonical command bytes, version 1: kind, then fields.
            pub fn to_bytes(&self) -> Vec<u8> {
                let mut out = Vec::with_capacity(128);
                match self { $( Command::$variant(command) => {
                    out.push($kind);
                    command.put(&mut out);
                } ),* }
                out
            }

            /// Reads the bytes that [`Command::to_bytes`] wrote, and nothing else.
            pub fn from_bytes(bytes: &[u8]) -> Result<Command, Broken> {
                let mut from = Reader::new(bytes);
                let command = match from.byte()? {
                    $( $kind => $variant::read(&mut from).map(Command::$variant)?, )*
                    _ => return Err(Broken::Unknown),
                };
                from.end()?;
                Ok(command)
            }
        }

        $( impl From<$variant> for Command {
            fn from(command: $variant) -> Command {
                Command::$variant(command)
            }
        } )*
    };
}

commands! {
    1 AdoptRulebook,
    2 RegisterOrganiser,
    3 ChangeOrganiser,
    4 RecordLicence,
    5 RecordContract,
    6 ChangeConnection,
    7 OpenDesk,
    8 CloseDesk,
    10 RegisterPerson,
    11 ChangeAdmission,
    12 PutListInForce,
    13 OpenWallet,
    14 BlockWallet,
    15 OpenAccount,
    16 RebindAccount,
    17 CloseAccount,
    18 ChangeListings,
    19 ChangeAges,
    20 GiveOrder,
    21 RecordIdentification,
    22 StartRelationship,
    23 EndRelationship,
    24 RecordConsent,
    25 WithdrawConsent,
    26 SetLegalHold,
    27 LiftLegalHold,
    28 OrderErasure,
    29 ConfirmErasure,
    30 ListChampionship,
    31 ListEvent,
    32 ChangeEvent,
    33 ListMarket,
    34 ChangeMarket,
    35 PublishResult,
    36 MapEvent,
    37 MapMarket,
    40 PlaceStake,
    41 ReportStake,
    42 PlaceHold,
    43 ConfirmHold,
    44 ReleaseHold,
    45 SettleBet,
    46 ReportPayout,
    47 SettleClaim,
    50 IssueEmoney,
    51 RedeemEmoney,
    64 OpenCase,
    65 MoveCase,
    67 MergePersons,
    80 AnnounceKey,
    81 NoteAudit,
    82 AnnounceWorks,
    83 ChangeWorks,
    84 CancelWorks,
    90 Tick,
    91 CheckStart,
}
