//! What a bookmaker's season comes to by its own books.

use std::collections::BTreeMap;

use serde::Serialize;
use wire::{Form, Payout, Sum};

use super::centre::Done;

/// Sums over a season, tiyn.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Totals {
    /// Matches that were listed.
    pub matches: u64,
    /// Messages that were answered.
    pub messages: u64,
    /// Stakes that were accepted or reported.
    pub stakes: u64,
    /// What was staked.
    pub staked_tiyn: u64,
    /// Of the stakes, those at land desks.
    pub desk_stakes: u64,
    /// What was staked there in cash.
    pub cash_staked_tiyn: u64,
    /// Holds that were let go.
    pub let_go: u64,
    /// Bets that were made while their match was under way.
    pub in_play: u64,
    /// Bets that were settled.
    pub settled: u64,
    /// Of them, those that were settled anew because a result was corrected.
    pub corrected: u64,
    /// Of what was paid too much before a correction, what was given back.
    pub given_back_tiyn: u64,
    /// What was won, refunds not counted.
    pub winnings_tiyn: u64,
    /// What was refunded.
    pub refunded_tiyn: u64,
    /// Winnings and refunds that wait for money in the organiser's wallet.
    pub waiting_tiyn: u64,
    /// What land desks have paid out.
    pub desk_paid_tiyn: u64,
    /// Refusals by code.
    pub refused: BTreeMap<String, u64>,
}

impl Totals {
    pub(super) fn stake(&mut self, form: Form, amount_tiyn: u64) {
        self.stakes += 1;
        self.staked_tiyn += amount_tiyn;
        if form != Form::EMoney {
            self.desk_stakes += 1;
        }
        if form == Form::Cash {
            self.cash_staked_tiyn += amount_tiyn;
        }
    }

    pub(super) fn settlement(&mut self, done: &Done) {
        let sum = |sum: Option<Sum>| sum.map_or(0, |sum| sum.0);
        let refund = sum(done.refund_tiyn);
        self.settled += 1;
        self.refunded_tiyn += refund;
        self.winnings_tiyn += sum(done.gross_return_tiyn).saturating_sub(refund);
        if done.payout == Some(Payout::WaitingFunds) {
            self.waiting_tiyn += sum(done.net_due_tiyn);
        }
    }

    /// What counts is the settlement that holds, and not the one before it.
    pub(super) fn correction(&mut self, before: &Done, done: &Done) {
        let sum = |sum: Option<Sum>| sum.map_or(0, |sum| sum.0);
        let parts = |done: &Done| {
            let refund = sum(done.refund_tiyn);
            (refund, sum(done.gross_return_tiyn).saturating_sub(refund))
        };
        let ((refund, winnings), (refund_after, winnings_after)) = (parts(before), parts(done));
        self.corrected += 1;
        self.refunded_tiyn = (self.refunded_tiyn + refund_after).saturating_sub(refund);
        self.winnings_tiyn = (self.winnings_tiyn + winnings_after).saturating_sub(winnings);
    }

    pub(super) fn refusal(&mut self, code: &str) {
        *self.refused.entry(code.to_owned()).or_default() += 1;
    }
}
