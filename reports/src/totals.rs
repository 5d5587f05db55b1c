//! Totals that views and state must agree on at the same position (P1).

use journal::kinds::Class;
use terms::{Seq, record};

use crate::row::{BetRow, Standing};

record! {
    /// Everything added up, as it stands after a step.
    pub struct Totals {
        /// E-money issued so far.
        pub issued_tiyn: i64,
        /// E-money redeemed so far.
        pub redeemed_tiyn: i64,
        /// What bettors' wallets hold.
        pub bettors_tiyn: i64,
        /// What organisers' wallets hold.
        pub organisers_tiyn: i64,
        /// What the operator's commission account holds.
        pub commission_tiyn: i64,
        /// What all other wallets hold.
        pub others_tiyn: i64,
        /// Holds that stand.
        pub held: i64,
        /// What they set aside, without commission.
        pub held_tiyn: i64,
        /// Bets that are not settled.
        pub open: i64,
        /// Their stakes.
        pub open_tiyn: i64,
        /// Bets that are settled.
        pub settled: i64,
        /// Their stakes.
        pub settled_tiyn: i64,
        /// Bets on which something is still to be paid.
        pub unpaid: i64,
        /// What is still to be paid on them.
        pub unpaid_tiyn: i64,
        /// Of them, those whose payout waits for funds.
        pub waiting: i64,
        /// What they wait for.
        pub waiting_tiyn: i64,
        /// Bets on which more was paid than is due.
        pub claims: i64,
        /// How much more.
        pub claims_tiyn: i64,
        /// The last fact that moved the issuer's obligation.
        pub obligation_last: Option<Seq>,
        /// The last fact that moved the commission account.
        pub commission_last: Option<Seq>,
    }
}

/// What a bet adds to the totals.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Weight {
    pub(crate) standing: Standing,
    pub(crate) amount_tiyn: i64,
    pub(crate) outstanding_tiyn: i64,
    pub(crate) claim_tiyn: i64,
    pub(crate) waiting: bool,
}

impl Weight {
    pub(crate) fn of(row: &BetRow) -> Weight {
        Weight {
            standing: row.standing,
            amount_tiyn: row.amount.get(),
            outstanding_tiyn: row.outstanding().get(),
            claim_tiyn: row.claim().get(),
            waiting: row.waiting,
        }
    }
}

impl Totals {
    /// Totals of nothing.
    pub const ZERO: Totals = Totals {
        issued_tiyn: 0,
        redeemed_tiyn: 0,
        bettors_tiyn: 0,
        organisers_tiyn: 0,
        commission_tiyn: 0,
        others_tiyn: 0,
        held: 0,
        held_tiyn: 0,
        open: 0,
        open_tiyn: 0,
        settled: 0,
        settled_tiyn: 0,
        unpaid: 0,
        unpaid_tiyn: 0,
        waiting: 0,
        waiting_tiyn: 0,
        claims: 0,
        claims_tiyn: 0,
        obligation_last: None,
        commission_last: None,
    };

    /// The totals that the hot state knows too, by name. What has left the hot state (settled
    /// bets, claims on them) is not among them.
    pub fn comparable(&self) -> [(&'static str, i64); 12] {
        [
            ("issued_tiyn", self.issued_tiyn),
            ("redeemed_tiyn", self.redeemed_tiyn),
            ("bettors_tiyn", self.bettors_tiyn),
            ("organisers_tiyn", self.organisers_tiyn),
            ("commission_tiyn", self.commission_tiyn),
            ("others_tiyn", self.others_tiyn),
            ("held", self.held),
            ("held_tiyn", self.held_tiyn),
            ("open", self.open),
            ("open_tiyn", self.open_tiyn),
            ("waiting", self.waiting),
            ("waiting_tiyn", self.waiting_tiyn),
        ]
    }

    /// The totals in which two disagree: name, ours, theirs. None at all is what P1 asks.
    pub fn differences(&self, other: &Totals) -> Vec<(&'static str, i64, i64)> {
        let pairs = self.comparable().into_iter().zip(other.comparable());
        pairs.filter(|(a, b)| a.1 != b.1).map(|(a, b)| (a.0, a.1, b.1)).collect()
    }

    /// Adds a movement to a wallet of a class; the obligation is `issued - redeemed`.
    pub(crate) fn moved(&mut self, class: Class, tiyn: i64) -> Option<()> {
        let sum = match class {
            Class::IssuerObligation => return Some(()),
            Class::Bettor => &mut self.bettors_tiyn,
            Class::Organiser => &mut self.organisers_tiyn,
            Class::Commission => &mut self.commission_tiyn,
            Class::BankClearing
            | Class::Suspense
            | Class::Client
            | Class::Partner
            | Class::Agent => &mut self.others_tiyn,
        };
        *sum = sum.checked_add(tiyn)?;
        Some(())
    }

    /// Takes the weight that a bet had away and adds the one that it has.
    pub(crate) fn weigh(&mut self, before: Option<Weight>, after: Weight) -> Option<()> {
        if let Some(before) = before {
            self.add(before, -1)?;
        }
        self.add(after, 1)
    }

    fn add(&mut self, weight: Weight, sign: i64) -> Option<()> {
        let (count, sum) = match weight.standing {
            Standing::Held => (&mut self.held, &mut self.held_tiyn),
            Standing::Open => (&mut self.open, &mut self.open_tiyn),
            Standing::Settled => (&mut self.settled, &mut self.settled_tiyn),
            Standing::Released | Standing::Expired | Standing::Confirmed => return Some(()),
        };
        put(count, sum, weight.amount_tiyn, sign)?;
        if 0 < weight.outstanding_tiyn {
            put(&mut self.unpaid, &mut self.unpaid_tiyn, weight.outstanding_tiyn, sign)?;
            if weight.waiting {
                put(&mut self.waiting, &mut self.waiting_tiyn, weight.outstanding_tiyn, sign)?;
            }
        }
        if 0 < weight.claim_tiyn {
            put(&mut self.claims, &mut self.claims_tiyn, weight.claim_tiyn, sign)?;
        }
        Some(())
    }
}

fn put(count: &mut i64, sum: &mut i64, tiyn: i64, sign: i64) -> Option<()> {
    *count = count.checked_add(sign)?;
    *sum = sum.checked_add(tiyn.checked_mul(sign)?)?;
    Some(())
}
