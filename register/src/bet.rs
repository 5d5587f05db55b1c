//! The life of a bet: held, open, settled; what is due, paid and claimed.

use smallvec::SmallVec;
use terms::{
    Account, BetId, Broken, DeskNo, Field, Instant, Keyed, Odds, OrderId, Organiser, Reader, Seq,
    Tiyn, Value, Wallet, choice, record,
};

use crate::winnings::{LegResult, PriceRule, Return, Shape};

choice! {
    /// How the stake was given or the winning paid (R0-15.1a–c).
    pub enum Form {
        /// Cash.
        Cash = 1 "cash",
        /// Non-cash other than e-money.
        NonCash = 2 "non_cash",
        /// E-money; counted inside non-cash in totals.
        EMoney = 3 "e_money",
    }
}

choice! {
    /// Where a bet stands.
    pub enum BetState {
        /// Its sum is set aside; the organiser has not confirmed yet (S-34).
        Held = 1 "held",
        /// Accepted.
        Open = 2 "open",
        /// Settled; may be settled anew by a correction.
        Settled = 3 "settled",
    }
}

choice! {
    /// Why a bet is settled (domain 13).
    pub enum Basis {
        /// The results of its outcomes.
        Result = 1 "result",
        /// An event that did not take place or was not finished.
        EventVoid = 2 "event_void",
        /// A market that does not stand.
        MarketVoid = 3 "market_void",
        /// Legs that do not stand.
        LegVoid = 4 "leg_void",
        /// The organiser buys the bet back; kept for later.
        CashOut = 5 "cash_out",
        /// Paid before the results.
        EarlyPayout = 6 "early_payout",
        /// An error of the organiser: the stake goes back.
        OrganiserError = 7 "organiser_error",
        /// An earlier settlement was wrong.
        Correction = 8 "correction",
    }
}

choice! {
    /// The result of a bet as clause 16 counts it (R0-16.3g–j).
    pub enum BetOutcome {
        /// Something was won.
        Win = 1 "win",
        /// Nothing comes back.
        Loss = 2 "loss",
        /// The stake, or part of it, comes back and nothing was won.
        Refund = 3 "refund",
    }
}

impl BetOutcome {
    /// The result that follows from what comes back. A refund is never a winning.
    pub fn of(back: &Return) -> BetOutcome {
        if back.refund < back.gross {
            BetOutcome::Win
        } else if back.gross.is_zero() {
            BetOutcome::Loss
        } else {
            BetOutcome::Refund
        }
    }
}

record! {
    /// One selection of a bet (R0-16.3d, R0-16.3e).
    pub struct Leg {
        /// What it is on.
        pub outcome: terms::Outcome,
        /// The odds at which it was accepted; never changed afterwards.
        pub odds: Odds,
        /// The odds that the bettor saw, where they differ.
        pub requested: Option<Odds>,
        /// Whether the event was under way.
        pub live: bool,
    }
}

/// The legs of a bet; two lie in place, more on the heap.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Legs(pub SmallVec<[Leg; 1]>);

impl Field for Legs {
    fn shape() -> String {
        "list of Leg".into()
    }
    fn put(&self, out: &mut Vec<u8>) {
        terms::codec::put_leb(out, self.0.len() as u64);
        for leg in &self.0 {
            leg.put(out);
        }
    }
    fn read(from: &mut Reader<'_>) -> Result<Self, Broken> {
        let count = from.leb()?;
        if terms::limits::LEGS_MAX as u64 <= count.saturating_sub(1) {
            return Err(Broken::Range);
        }
        let mut legs = SmallVec::with_capacity(count as usize);
        for _ in 0..count {
            legs.push(Leg::read(from)?);
        }
        Ok(Legs(legs))
    }
    fn value(&self) -> Value {
        Value::List(self.0.iter().map(Field::value).collect())
    }
}

/// The result that counted for each leg of a bet, in the order of its legs; none for a leg on which
/// the settlement does not depend, or whose result was not known. One byte each.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LegResults(pub SmallVec<[Option<LegResult>; 8]>);

/// The byte of a leg without a result; no result has it.
const NO_RESULT: u8 = 0;

impl Field for LegResults {
    fn shape() -> String {
        "list of LegResult or 0".into()
    }
    fn put(&self, out: &mut Vec<u8>) {
        terms::codec::put_leb(out, self.0.len() as u64);
        for result in &self.0 {
            match result {
                Some(result) => result.put(out),
                None => out.push(NO_RESULT),
            }
        }
    }
    fn read(from: &mut Reader<'_>) -> Result<Self, Broken> {
        let count = from.leb()?;
        if terms::limits::LEGS_MAX as u64 <= count.saturating_sub(1) {
            return Err(Broken::Range);
        }
        let mut results = SmallVec::with_capacity(count as usize);
        for _ in 0..count {
            let byte = from.byte()?;
            let result = (byte != NO_RESULT).then(|| LegResult::from_bytes(&[byte]));
            results.push(result.transpose()?);
        }
        Ok(LegResults(results))
    }
    fn value(&self) -> Value {
        Value::List(self.0.iter().map(Field::value).collect())
    }
}

record! {
    /// The effective settlement of a bet and what has been paid on it (domain 14).
    pub struct Settlement {
        /// The fact that settled it.
        pub seq: Seq,
        /// Its result.
        pub outcome: BetOutcome,
        /// Everything that comes back.
        pub gross: Tiyn,
        /// Of that, the return of stake that did not stand.
        pub refund: Tiyn,
        /// What is due after tax.
        pub net_due: Tiyn,
        /// What was paid so far, over all settlements of the bet.
        pub paid: Tiyn,
        /// Of `paid`, what was paid as refund.
        pub refund_paid: Tiyn,
        /// What of earlier overpayment the bettor has given back.
        pub repaid: Tiyn,
        /// Whether a payout waits for funds or the end of a block.
        pub waiting: bool,
        /// The instant of the last change; from it the time in the hot state runs.
        pub changed: Instant,
    }
}

impl Settlement {
    /// What is still to be paid.
    pub fn outstanding(&self) -> Tiyn {
        self.net_due.or_zero_sub(self.kept())
    }

    /// What the bettor holds beyond what is due: the organiser's open claim (domain 18).
    pub fn claim(&self) -> Tiyn {
        self.kept().or_zero_sub(self.net_due)
    }

    /// How much of a payout of this sum is a return of stake: what of it is still to be paid comes
    /// first (R0-16.3j).
    pub fn refund_in(&self, sum: Tiyn) -> Tiyn {
        self.refund.or_zero_sub(self.refund_paid).min(sum)
    }

    fn kept(&self) -> Tiyn {
        self.paid.or_zero_sub(self.repaid)
    }
}

record! {
    /// A hold that waits for the organiser (S-34).
    pub struct Hold {
        /// From when it can no longer be confirmed.
        pub expires: Instant,
        /// The wallet whose sum is set aside; a rebinding does not move it.
        pub wallet: Wallet,
        /// The order whose ceiling it has reserved.
        pub order: Option<OrderId>,
    }
}

record! {
    /// A bet in the hot state.
    pub struct Bet {
        /// Its id.
        pub id: BetId,
        /// The organiser.
        pub organiser: Organiser,
        /// The bettor's account.
        pub account: Account,
        /// The desk that took the stake.
        pub desk: DeskNo,
        /// How the stake was given.
        pub form: Form,
        /// Where it stands.
        pub state: BetState,
        /// The stake.
        pub amount: Tiyn,
        /// The commission on it.
        pub commission: Tiyn,
        /// The bettor's order behind it, by its position.
        pub order: Option<Seq>,
        /// While its sum is only set aside.
        pub hold: Option<Box<Hold>>,
        /// How its legs hang together.
        pub shape: Shape,
        /// How its total odds arise.
        pub price: PriceRule,
        /// Its legs.
        pub legs: Legs,
        /// When the organiser says that it was made (R0-16.3a).
        pub made_at: Instant,
        /// The fact that holds or accepts it.
        pub seq: Seq,
        /// When БЕЖ held or accepted it.
        pub at: Instant,
        /// Its last fact.
        pub last: Seq,
        /// Its effective settlement.
        pub settlement: Option<Box<Settlement>>,
    }
}

impl Keyed for Bet {
    fn key(&self) -> (u32, [u8; 16]) {
        (self.organiser.0, self.id.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn due_paid_and_claimed() {
        // R0-15.3, R0-15.3a
        let state = |net_due, paid, repaid| Settlement {
            seq: Seq(1),
            outcome: BetOutcome::Win,
            gross: Tiyn::of(net_due),
            refund: Tiyn::ZERO,
            net_due: Tiyn::of(net_due),
            paid: Tiyn::of(paid),
            refund_paid: Tiyn::ZERO,
            repaid: Tiyn::of(repaid),
            waiting: false,
            changed: Instant(0),
        };
        let cases = [
            (100, 0, 0, 100, 0),
            (100, 100, 0, 0, 0),
            (100, 40, 0, 60, 0),
            (40, 100, 0, 0, 60),
            (40, 100, 50, 0, 10),
            (0, 100, 100, 0, 0),
        ];
        for (due, paid, repaid, outstanding, claim) in cases {
            let state = state(due, paid, repaid);
            let got = (state.outstanding().get(), state.claim().get());
            assert_eq!(got, (outstanding, claim), "{due} {paid} {repaid}");
        }
    }

    #[test]
    fn results_have_one_byte_a_leg() {
        // R0-15.2
        let won = Some(LegResult::Won);
        let cases: [(&[Option<LegResult>], &[u8]); 4] = [
            (&[won], &[1, 1]),
            (&[None, won, None], &[3, 0, 1, 0]),
            (&[Some(LegResult::HalfLost)], &[1, 5]),
            (&[None], &[1, 0]),
        ];
        for (results, bytes) in cases {
            let results = LegResults(SmallVec::from_slice(results));
            assert_eq!(results.to_bytes(), bytes);
            assert_eq!(LegResults::from_bytes(bytes), Ok(results));
        }
        assert_eq!(LegResults::from_bytes(&[21; 22]), Err(Broken::Range));
        assert_eq!(LegResults::from_bytes(&[1, 6]), Err(Broken::Unknown));
        assert_eq!(LegResults::from_bytes(&[2, 1]), Err(Broken::Short));
    }

    #[test]
    fn a_refund_is_never_a_winning() {
        // R0-16.3g, R0-16.3h, R0-16.3j
        let back = |gross, refund| Return {
            gross: Tiyn::of(gross),
            of_which_stake: Tiyn::ZERO,
            refund: Tiyn::of(refund),
        };
        assert_eq!(BetOutcome::of(&back(100, 100)), BetOutcome::Refund);
        assert_eq!(BetOutcome::of(&back(100, 99)), BetOutcome::Win);
        assert_eq!(BetOutcome::of(&back(0, 0)), BetOutcome::Loss);
    }
}
