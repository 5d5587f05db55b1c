//! Facts about orders, bets, stakes, holds, settlements and payouts.

use admission::{Accept, Method};
use register::bet::{BetOutcome, LegResults, Legs};
use register::catalogue::EventRow;
use register::{Basis, Bet, Form, PriceRule, Shape};
use terms::{
    Account, BetId, DeskNo, Instant, MessageId, OrderId, Organiser, Reason, Seq, Text, Tiyn,
    Wallet, choice, record,
};

use super::{Cause, Nonce};

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
    /// The bet of a stake, a hold or a report.
    pub struct BetTerms {
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
        pub bet: BetTerms,
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
        /// Events of its legs that had left the hot state.
        pub thawed: Option<Vec<EventRow>>,
    }
}

record! {
    /// A land desk's stake is reported (R0-9.1, R0-9.2, R0-16.4).
    pub struct StakeReported {
        /// What caused it; its id is the bet's.
        pub cause: Cause,
        /// The bet.
        pub bet: BetTerms,
        /// Cash or non-cash.
        pub form: Form,
        /// Whether it came later than the rulebook allows.
        pub late: bool,
        /// Every rule that it breaks (A2).
        pub breaches: Vec<Reason>,
        /// Whether the bettor was judged by the oldest state that is still known of him, because
        /// the stake was made before it (domain 1).
        pub oldest_known: bool,
        /// An earlier message that could not be used and that this one replaces.
        pub resends: Option<MessageId>,
        /// The record of the account before this one.
        pub account_previous: Option<Seq>,
        /// Events of its legs that had left the hot state.
        pub thawed: Option<Vec<EventRow>>,
    }
}

record! {
    /// A stake's sum is set aside until the organiser confirms (S-34).
    pub struct HoldPlaced {
        /// What caused it; its id is the bet's.
        pub cause: Cause,
        /// The bet.
        pub bet: BetTerms,
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
        /// Events of its legs that had left the hot state.
        pub thawed: Option<Vec<EventRow>>,
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
        /// The result that counted for each leg, in the order of the legs.
        pub results: LegResults,
        /// What comes back by our reckoning; where it depends on a leg without a result, which is a
        /// breach, what comes back at the least.
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
        /// Why the payout waits after this, if it does: for funds (S-35), or for an end of the
        /// block of the organiser's wallet (R4-6.3).
        pub waits: Option<Reason>,
        /// Every rule that a land desk's settlement breaks; an e-money stake's breaks none (A2).
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
        /// Of `amount`, the return of stake that did not stand, posted as `stake_refund`.
        pub refund: Tiyn,
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
    /// A breach that came to light after a stake was accepted (domain 6).
    pub struct BreachRaised {
        /// What caused it, if the bet had left the hot state and was looked at by itself.
        pub cause: Option<Cause>,
        /// Random bytes, if it was not.
        pub nonce: Option<Nonce>,
        /// Whose bet.
        pub organiser: Organiser,
        /// Which.
        pub bet: BetId,
        /// Which rule.
        pub reason: Reason,
    }
}

impl StakeAccepted {
    /// The id of the bet: the hold's, or else the message's.
    pub fn bet_id(&self) -> BetId {
        self.hold.unwrap_or(BetId::from(self.cause.id))
    }
}
