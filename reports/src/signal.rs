//! Which facts are signals: rare ones that a board lists without looking at the others.

use journal::kinds::Form;
use terms::{Instant, Seq, Tiyn, Wallet};

use crate::fold::{Done, Lookup, Turn};
use crate::row::{BetRow, PayoutRow, Settled, SignalKind, SignalRow};

/// Winnings from here on are signals: the dated threshold of financial monitoring is higher, and
/// what lies just below it is looked at as well.
pub const WINNING_TIYN: i64 = 80_000_000;

/// Redemptions from here on are signals: a tenth of the threshold.
pub const REDEEMED_TIYN: i64 = 10_000_000;

impl<L: Lookup + ?Sized> Turn<'_, L> {
    fn signal(&mut self, kind: SignalKind, about: Option<&BetRow>, value: i64) {
        let row = SignalRow {
            seq: self.seq(),
            kind,
            at: self.at(),
            day: self.day,
            organiser: about.map(|row| row.organiser),
            account: about.map(|row| row.account),
            wallet: None,
            bet_seq: about.map(|row| row.seq),
            value,
        };
        self.rows.signals.push(row);
    }

    /// Of a settlement; the row is as it was before it.
    pub(crate) fn signal_settlement(&mut self, row: &BetRow, now: &Settled, corrects: Option<Seq>) {
        let winnings = now.winnings();
        if corrects.is_some() {
            let before = row.settlement.as_deref().map_or(Tiyn::ZERO, Settled::winnings);
            self.signal(SignalKind::Correction, Some(row), winnings.delta(before).0);
        }
        if WINNING_TIYN <= winnings.get() {
            self.signal(SignalKind::Winning, Some(row), winnings.get());
        }
    }

    /// Of a payout.
    pub(crate) fn signal_payout(&mut self, row: &BetRow, payout: &PayoutRow) {
        if row.form == Form::Cash && payout.form == Form::EMoney {
            self.signal(SignalKind::CashToEmoney, Some(row), payout.amount.get());
        }
        if payout.late {
            self.signal_late(row, payout.paid_at);
        }
    }

    /// Of what was reported late.
    pub(crate) fn signal_late(&mut self, row: &BetRow, happened: Instant) {
        let late = self.at().0.saturating_sub(happened.0);
        self.signal(SignalKind::Late, Some(row), late);
    }

    /// Of e-money that was redeemed.
    pub(crate) fn signal_redemption(&mut self, wallet: Wallet, amount: Tiyn) {
        if REDEEMED_TIYN <= amount.get() {
            self.signal(SignalKind::Redemption, None, amount.get());
            if let Some(row) = self.rows.signals.last_mut() {
                row.wallet = Some(wallet);
            }
        }
    }

    /// Of results that differ.
    pub(crate) fn signal_difference(&mut self) -> Done<L> {
        self.signal(SignalKind::ResultsDiffer, None, 0);
        Ok(())
    }
}
