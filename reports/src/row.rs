//! The rows of the read models. Sums are tiyn, days are days of Almaty.

use core::ops::{Deref, DerefMut};

use journal::kinds::{Basis, BetOutcome, DeskKind, Form, Kind, LegResult, PriceRule, Shape};
use smallvec::SmallVec;
use terms::codec::{Reader, Value, put_leb};
use terms::{
    Account, BetId, Broken, Championship, Day, DeskNo, Event, Field, Instant, MessageId, Odds,
    Organiser, Outcome, Reason, Sender, Seq, Text, Tiyn, Wallet, choice, record,
};

use crate::card::Sport;

choice! {
    /// Where a row of the register of bets stands.
    pub enum Standing {
        /// A hold: its sum is set aside, the organiser has not confirmed yet (S-34).
        Held = 1 "held",
        /// A stake whose bet is not settled.
        Open = 2 "open",
        /// A stake whose bet is settled; it may be settled anew by a correction.
        Settled = 3 "settled",
        /// A hold that the organiser released.
        Released = 4 "released",
        /// A hold that nobody confirmed in time.
        Expired = 5 "expired",
        /// A hold that became a stake, which has a row of its own.
        Confirmed = 6 "confirmed",
    }
}

impl Standing {
    /// Whether the row is a stake and not a hold.
    pub const fn is_stake(self) -> bool {
        matches!(self, Standing::Open | Standing::Settled)
    }
}

record! {
    /// One selection of a bet (R0-16.3d, R0-16.3e).
    pub struct LegRow {
        /// What it is on.
        pub outcome: Outcome,
        /// The event of that outcome.
        pub event: Event,
        /// The championship of that event.
        pub championship: Championship,
        /// The sport of that championship.
        pub sport: Sport,
        /// The odds at which it was accepted.
        pub odds: Odds,
        /// The odds that the bettor saw, where they differ.
        pub requested: Option<Odds>,
        /// Whether the event was under way.
        pub live: bool,
        /// How it counted in the effective settlement, where the basis looks at it.
        pub result: Option<LegResult>,
    }
}

/// The legs of a bet; most have one, which needs no memory of its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LegRows(pub SmallVec<[LegRow; 1]>);

impl Deref for LegRows {
    type Target = [LegRow];

    fn deref(&self) -> &[LegRow] {
        &self.0
    }
}

impl DerefMut for LegRows {
    fn deref_mut(&mut self) -> &mut [LegRow] {
        &mut self.0
    }
}

impl Field for LegRows {
    fn shape() -> String {
        "list of LegRow".into()
    }

    fn put(&self, out: &mut Vec<u8>) {
        put_leb(out, self.0.len() as u64);
        self.0.iter().for_each(|leg| leg.put(out));
    }

    fn read(from: &mut Reader<'_>) -> Result<Self, Broken> {
        let count = from.leb()?;
        (0..count).map(|_| LegRow::read(from)).collect::<Result<_, Broken>>().map(LegRows)
    }

    fn value(&self) -> Value {
        Value::List(self.iter().map(Field::value).collect())
    }
}

record! {
    /// The effective settlement of a bet.
    pub struct Settled {
        /// The fact that settled it.
        pub seq: Seq,
        /// When БЕЖ recorded it.
        pub at: Instant,
        /// The day of that.
        pub day: Day,
        /// When the organiser says that it was computed (R0-16.3f).
        pub computed_at: Instant,
        /// The basis.
        pub basis: Basis,
        /// Win, loss or refund (R0-16.3g, R0-16.3h).
        pub result: BetOutcome,
        /// Everything that comes back.
        pub gross: Tiyn,
        /// Of `gross`, the stake of lines that won.
        pub of_which_stake: Tiyn,
        /// Of `gross`, the return of stake that did not stand (R0-16.3j).
        pub refund: Tiyn,
        /// Tax withheld.
        pub tax: Tiyn,
        /// What is due to the bettor.
        pub net_due: Tiyn,
    }
}

impl Settled {
    /// The sum of winnings as clause 16 counts it: what comes back without the refund (R0-16.3i).
    pub fn winnings(&self) -> Tiyn {
        self.gross.or_zero_sub(self.refund)
    }
}

record! {
    /// A row of the register of bets: one for each stake and one for each hold (R0-16.3, R0-16.4).
    /// A hold that is confirmed gets a second row, for the stake, so that no row changes its day.
    pub struct BetRow {
        /// The fact that accepted the stake or placed the hold.
        pub seq: Seq,
        /// The bet's id.
        pub bet: BetId,
        /// The organiser.
        pub organiser: Organiser,
        /// The bettor's account (R0-16.4e).
        pub account: Account,
        /// The desk that took it (R0-16.4d).
        pub desk: DeskNo,
        /// Land or electronic.
        pub desk_kind: DeskKind,
        /// How the stake was given (R0-16.4c).
        pub form: Form,
        /// How its legs hang together.
        pub shape: Shape,
        /// How its total odds arise.
        pub price: PriceRule,
        /// The sport of all its legs; none if there are several.
        pub sport: Option<Sport>,
        /// The championship of all its legs; none if there are several.
        pub championship: Option<Championship>,
        /// Its legs.
        pub legs: LegRows,
        /// Whether any leg was accepted while its event was under way.
        pub live: bool,
        /// Whether it was reported later than the rulebook allows.
        pub late: bool,
        /// When the organiser says that the bet was made (R0-16.3b).
        pub made_at: Instant,
        /// When БЕЖ accepted or held it (R0-16.4a); grows with `seq`.
        pub at: Instant,
        /// The day of `made_at`.
        pub made_day: Day,
        /// The day of `at`: its partition, never changed.
        pub day: Day,
        /// The stake (R0-16.4b).
        pub amount: Tiyn,
        /// The commission on it.
        pub commission: Tiyn,
        /// The row of the hold that it confirmed.
        pub hold: Option<Seq>,
        /// Where it stands.
        pub standing: Standing,
        /// Its effective settlement.
        pub settlement: Option<Box<Settled>>,
        /// What was paid over all settlements.
        pub paid: Tiyn,
        /// What of an overpayment the bettor has given back.
        pub repaid: Tiyn,
        /// Whether its payout waits for funds or the end of a block (S-35).
        pub waiting: bool,
        /// Rules that it breaks, each once, in the order in which they came to light.
        pub breaches: Vec<Reason>,
        /// The last fact that tells of it.
        pub last: Seq,
    }
}

impl BetRow {
    /// What is due, or nothing while it is not settled.
    pub fn net_due(&self) -> Tiyn {
        self.settlement.as_ref().map_or(Tiyn::ZERO, |settled| settled.net_due)
    }

    /// What is still to be paid.
    pub fn outstanding(&self) -> Tiyn {
        self.net_due().or_zero_sub(self.paid.or_zero_sub(self.repaid))
    }

    /// What the bettor holds beyond what is due (domain 18).
    pub fn claim(&self) -> Tiyn {
        self.paid.or_zero_sub(self.repaid).or_zero_sub(self.net_due())
    }

    /// Whether it has more than one leg.
    pub fn is_combined(&self) -> bool {
        !matches!(self.shape, Shape::Single)
    }
}

record! {
    /// A settlement, the first of a bet or a correction.
    pub struct SettlementRow {
        /// The fact.
        pub seq: Seq,
        /// The row of the bet.
        pub bet_seq: Seq,
        /// The organiser.
        pub organiser: Organiser,
        /// The settlement that it replaces.
        pub corrects: Option<Seq>,
        /// What it says.
        pub settled: Settled,
        /// What comes back by our reckoning.
        pub gross_computed: Tiyn,
        /// The organiser's reason.
        pub reason: Option<Text<128>>,
    }
}

record! {
    /// A payout, posted or reported (R0-16.5).
    pub struct PayoutRow {
        /// The fact.
        pub seq: Seq,
        /// The row of the bet.
        pub bet_seq: Seq,
        /// The bet's id.
        pub bet: BetId,
        /// The organiser.
        pub organiser: Organiser,
        /// The account (R0-16.5e).
        pub account: Account,
        /// The desk that paid; that of the stake where e-money was posted (R0-16.5d).
        pub desk: DeskNo,
        /// How (R0-16.5c).
        pub form: Form,
        /// When it was paid (R0-16.5a).
        pub paid_at: Instant,
        /// When БЕЖ recorded it.
        pub at: Instant,
        /// The day of `at`.
        pub day: Day,
        /// What was paid (R0-16.5b).
        pub amount: Tiyn,
        /// Of `amount`, what returns a stake; zero where a report does not tell.
        pub refund: Tiyn,
        /// Whether it was reported later than the rulebook allows.
        pub late: bool,
    }
}

record! {
    /// A movement of e-money between two accounts of the ledger.
    #[derive(Copy)]
    pub struct PostingRow {
        /// The fact.
        pub seq: Seq,
        /// Which movement of the fact, from 0.
        pub part: u8,
        /// When.
        pub at: Instant,
        /// Who pays.
        pub debit: Wallet,
        /// Who gets it.
        pub credit: Wallet,
        /// Why.
        pub kind: Kind,
        /// The sum.
        pub amount: Tiyn,
        /// What the payer holds after it, tiyn; negative for the issuer's obligation alone.
        pub debit_balance_tiyn: i64,
        /// What the other holds after it, tiyn.
        pub credit_balance_tiyn: i64,
        /// The fact that moved the payer before this one.
        pub debit_previous: Option<Seq>,
        /// The fact that moved the other before this one.
        pub credit_previous: Option<Seq>,
        /// The row of the bet behind it.
        pub bet_seq: Option<Seq>,
    }
}

impl PostingRow {
    /// Movements of one fact; a stake has two, with its commission.
    pub const PARTS_MAX: u64 = 4;

    /// One number that orders all movements.
    pub fn key(&self) -> u64 {
        self.seq.0 * Self::PARTS_MAX + u64::from(self.part)
    }

    /// The movement as the owner of a wallet sees it.
    pub fn side(&self, wallet: Wallet) -> Option<Side> {
        if wallet == self.credit {
            Some(Side::In { from: self.debit, balance_tiyn: self.credit_balance_tiyn })
        } else if wallet == self.debit {
            Some(Side::Out { to: self.credit, balance_tiyn: self.debit_balance_tiyn })
        } else {
            None
        }
    }
}

/// A movement as one of its two sides sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// Money came.
    In {
        /// From whom.
        from: Wallet,
        /// What the wallet holds after it, tiyn.
        balance_tiyn: i64,
    },
    /// Money went.
    Out {
        /// To whom.
        to: Wallet,
        /// What the wallet holds after it, tiyn.
        balance_tiyn: i64,
    },
}

record! {
    /// A refusal, or refusals beyond a sender's budget by count (core 14).
    #[derive(Copy)]
    pub struct RefusalRow {
        /// The fact.
        pub seq: Seq,
        /// When.
        pub at: Instant,
        /// The day of that.
        pub day: Day,
        /// Who was refused.
        pub sender: Sender,
        /// The id of the message; none for a count.
        pub id: Option<MessageId>,
        /// Why.
        pub reason: Reason,
        /// The account, if the message named one.
        pub account: Option<Account>,
        /// Whether it was a report.
        pub report: bool,
        /// How many.
        pub count: u64,
    }
}

choice! {
    /// What a signal is of: rare facts that somebody looks for among millions of others.
    pub enum SignalKind {
        /// A settlement that corrects another; the value is the difference of the winnings, tiyn.
        Correction = 1 "correction",
        /// Two organisers have different results of one event (S-68).
        ResultsDiffer = 2 "results_differ",
        /// A settlement with a large winning; the value is the winnings, tiyn.
        Winning = 3 "winning",
        /// A stake in cash was paid out in e-money (domain 17); the value is the sum, tiyn.
        CashToEmoney = 4 "cash_to_emoney",
        /// E-money was redeemed; the value is the sum, tiyn.
        Redemption = 5 "redemption",
        /// A stake or payout was reported late; the value is how late, nanoseconds.
        Late = 6 "late",
    }
}

record! {
    /// A signal. What it tells beyond this is told by the fact itself.
    #[derive(Copy)]
    pub struct SignalRow {
        /// The fact.
        pub seq: Seq,
        /// Of what.
        pub kind: SignalKind,
        /// When.
        pub at: Instant,
        /// The day of that.
        pub day: Day,
        /// The organiser; none where it is about several, or about the issuer.
        pub organiser: Option<Organiser>,
        /// The bettor's account.
        pub account: Option<Account>,
        /// The bettor's wallet, where there is no account.
        pub wallet: Option<Wallet>,
        /// The row of the bet.
        pub bet_seq: Option<Seq>,
        /// What its kind says.
        pub value: i64,
    }
}

record! {
    /// A rule that a stored record breaks.
    #[derive(Copy)]
    pub struct BreachRow {
        /// The fact that brought it to light.
        pub seq: Seq,
        /// Which breach of the fact, from 0.
        pub part: u8,
        /// When.
        pub at: Instant,
        /// The day of that.
        pub day: Day,
        /// The organiser.
        pub organiser: Organiser,
        /// The row of the bet; none if the fact is about no bet, as a result is.
        pub bet_seq: Option<Seq>,
        /// Which rule.
        pub reason: Reason,
    }
}
