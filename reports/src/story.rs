//! The facts that tell of one bet, found from its row: back from the last by what each names, then
//! from the settlement and the stake, so that a breach between them breaks no chain.

use journal::fact::Fact;
use terms::Seq;

use crate::row::BetRow;

/// Where the chains begin.
pub fn starts(row: &BetRow) -> impl Iterator<Item = Seq> {
    let settled = row.settlement.as_ref().map(|settled| settled.seq);
    [Some(row.last), settled, Some(row.seq), row.hold].into_iter().flatten()
}

/// The fact of the same bet before this one, where it names one.
pub fn previous(fact: &Fact) -> Option<Seq> {
    match fact {
        Fact::BetSettled(fact) => Some(fact.bet_previous),
        Fact::PayoutPosted(fact) => Some(fact.bet_previous),
        Fact::PayoutReported(fact) => Some(fact.bet_previous),
        Fact::ClaimSettled(fact) => Some(fact.bet_previous),
        _ => None,
    }
}
