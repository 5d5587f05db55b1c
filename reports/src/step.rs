//! What a run of facts changes in the read models: projected whole or not at all.

use terms::Seq;

use crate::card::Card;
use crate::rollup::{
    BreachKey, BreachSums, DeskKey, DeskSums, HourKey, HourSums, OverviewKey, QuarterKey,
    QuarterSums, RefusalKey, RefusalSums, RollupKey, RollupSums, UnpaidKey, UnpaidSums,
};
use crate::row::{
    BetRow, BreachRow, PayoutRow, PostingRow, RefusalRow, SettlementRow, SignalRow, Standing,
};
use crate::totals::Totals;

/// A bet that was there before the step and is another now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChangedBet {
    /// Where it stood before the step.
    pub was: Standing,
    /// The row after the step. Legs' results, breaches and everything from `standing` on may have
    /// changed; the rest is as it was.
    pub row: BetRow,
}

/// The facts `from..to` as rows: in order of position, roll-ups in order of key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// The first fact.
    pub from: Seq,
    /// One past the last fact.
    pub to: Seq,
    /// New rows of the register, as they stand at the end of the step.
    pub bets: Vec<BetRow>,
    /// Older rows that changed.
    pub changed: Vec<ChangedBet>,
    /// New settlements.
    pub settlements: Vec<SettlementRow>,
    /// New payouts.
    pub payouts: Vec<PayoutRow>,
    /// New movements of e-money.
    pub postings: Vec<PostingRow>,
    /// New refusals.
    pub refusals: Vec<RefusalRow>,
    /// New breaches.
    pub breaches: Vec<BreachRow>,
    /// New signals.
    pub signals: Vec<SignalRow>,
    /// Cards, new or in place of the one with the same key, by key.
    pub cards: Vec<Card>,
    /// Differences of roll-ups.
    pub rollups: Vec<(RollupKey, RollupSums)>,
    /// The same differences without sport and championship.
    pub overviews: Vec<(OverviewKey, RollupSums)>,
    /// Differences of refusal counts.
    pub refusal_counts: Vec<(RefusalKey, RefusalSums)>,
    /// Differences of breach counts.
    pub breach_counts: Vec<(BreachKey, BreachSums)>,
    /// Differences of what hours brought.
    pub hours: Vec<(HourKey, HourSums)>,
    /// Differences of what passed over desks.
    pub desks: Vec<(DeskKey, DeskSums)>,
    /// Differences of quarterly statistics.
    pub quarters: Vec<(QuarterKey, QuarterSums)>,
    /// Differences of what is due and not paid.
    pub unpaid: Vec<(UnpaidKey, UnpaidSums)>,
    /// The totals after the step.
    pub totals: Totals,
}
