//! Facts that move e-money, and the movements in them.

use journal::fact::{
    EmoneyIssued, EmoneyRedeemed, PayoutPosted, PayoutReported, Posting, StakeAccepted,
};
use journal::kinds::{COMMISSION, Kind, OBLIGATION};
use terms::{Seq, Tiyn, Wallet};

use super::{Done, FoldError, Lookup, Turn};
use crate::row::PostingRow;

/// One side of a movement: the wallet, what it holds after it and the record before it.
#[derive(Clone, Copy)]
struct End {
    wallet: Wallet,
    balance_tiyn: i64,
    previous: Option<Seq>,
}

impl<L: Lookup + ?Sized> Turn<'_, L> {
    pub(super) fn issued(&mut self, fact: &EmoneyIssued) -> Done<L> {
        let sum = self.fold.totals.issued_tiyn.checked_add(fact.amount.get());
        self.fold.totals.issued_tiyn = self.fits(sum)?;
        let to = end(fact.wallet, fact.balance, fact.previous);
        let from = self.obligation();
        self.movement(0, from, to, Kind::Issue, fact.amount, None)
    }

    pub(super) fn redeemed(&mut self, fact: &EmoneyRedeemed) -> Done<L> {
        let sum = self.fold.totals.redeemed_tiyn.checked_add(fact.amount.get());
        self.fold.totals.redeemed_tiyn = self.fits(sum)?;
        self.signal_redemption(fact.wallet, fact.amount);
        let from = end(fact.wallet, fact.balance, fact.previous);
        let to = self.obligation();
        self.movement(0, from, to, Kind::Redemption, fact.amount, None)
    }

    /// The stake, then the commission beside it.
    pub(super) fn stake_posting(&mut self, fact: &StakeAccepted) -> Done<L> {
        let between = self.fits(fact.bettor_balance.checked_add(fact.commission))?;
        let from = end(fact.bettor_wallet, between, fact.bettor_previous);
        let to = end(fact.organiser_wallet, fact.organiser_balance, fact.organiser_previous);
        let bet_seq = Some(self.seq());
        self.movement(0, from, to, Kind::Stake, fact.bet.amount, bet_seq)?;
        if fact.commission.is_zero() {
            return Ok(());
        }
        let from = end(fact.bettor_wallet, fact.bettor_balance, Some(self.seq()));
        let totals = &mut self.fold.totals;
        let balance = totals.commission_tiyn.checked_add(fact.commission.get());
        let previous = totals.commission_last.replace(self.entry.seq);
        let to = End { wallet: COMMISSION, balance_tiyn: self.fits(balance)?, previous };
        self.movement(1, from, to, Kind::Commission, fact.commission, bet_seq)
    }

    /// A payout by the system.
    pub(super) fn payout_postings(&mut self, fact: &PayoutPosted, bet_seq: Seq) -> Done<L> {
        let from = end(fact.organiser_wallet, fact.organiser_balance, fact.organiser_previous);
        let to = end(fact.bettor_wallet, fact.bettor_balance, fact.bettor_previous);
        self.paid_out(from, to, fact.winning, fact.refund, bet_seq)
    }

    /// A land desk's payout in e-money.
    pub(super) fn desk_postings(
        &mut self,
        fact: &PayoutReported,
        posting: &Posting,
        bet_seq: Seq,
    ) -> Done<L> {
        let organiser = posting.organiser_wallet;
        let from = end(organiser, posting.organiser_balance, posting.organiser_previous);
        let to = end(posting.bettor_wallet, posting.bettor_balance, posting.bettor_previous);
        let winning = self.fits(fact.amount.checked_sub(fact.refund))?;
        self.paid_out(from, to, winning, fact.refund, bet_seq)
    }

    /// The winning, then the returned stake; the ends are those after both.
    fn paid_out(
        &mut self,
        mut from: End,
        mut to: End,
        winning: Tiyn,
        refund: Tiyn,
        bet_seq: Seq,
    ) -> Done<L> {
        if !winning.is_zero() {
            let left = self.fits(from.balance_tiyn.checked_add(refund.get()))?;
            let held = self.fits(to.balance_tiyn.checked_sub(refund.get()))?;
            let between = [End { balance_tiyn: left, ..from }, End { balance_tiyn: held, ..to }];
            let [before, after] = between;
            self.movement(0, before, after, Kind::Payout, winning, Some(bet_seq))?;
            (from.previous, to.previous) = (Some(self.seq()), Some(self.seq()));
        }
        if !refund.is_zero() {
            self.movement(1, from, to, Kind::StakeRefund, refund, Some(bet_seq))?;
        }
        Ok(())
    }

    /// The issuer's obligation after a movement that the totals contain already.
    fn obligation(&mut self) -> End {
        let totals = &mut self.fold.totals;
        End {
            wallet: OBLIGATION,
            // Cannot overflow: both are in 0..=i64::MAX.
            balance_tiyn: totals.redeemed_tiyn - totals.issued_tiyn,
            previous: totals.obligation_last.replace(self.entry.seq),
        }
    }

    fn movement(
        &mut self,
        part: u8,
        from: End,
        to: End,
        kind: Kind,
        amount: Tiyn,
        bet_seq: Option<Seq>,
    ) -> Done<L> {
        for (end, tiyn) in [(from, -amount.get()), (to, amount.get())] {
            let found = self.fold.directory.class_of(end.wallet);
            let class = self.known(found, "a wallet")?;
            let moved = self.fold.totals.moved(class, tiyn);
            moved.ok_or(FoldError::Overflow { seq: self.seq() })?;
        }
        self.rows.postings.push(PostingRow {
            seq: self.seq(),
            part,
            at: self.at(),
            debit: from.wallet,
            credit: to.wallet,
            kind,
            amount,
            debit_balance_tiyn: from.balance_tiyn,
            credit_balance_tiyn: to.balance_tiyn,
            debit_previous: from.previous,
            credit_previous: to.previous,
            bet_seq,
        });
        Ok(())
    }
}

fn end(wallet: Wallet, balance: Tiyn, previous: Option<Seq>) -> End {
    End { wallet, balance_tiyn: balance.get(), previous }
}
