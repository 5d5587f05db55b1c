//! The facts that tell of one bet, found from its row: back from the last by what each names, then
//! from the settlement and the stake, so that a breach between them breaks no chain.

use std::collections::BTreeMap;

use journal::fact::{Entry, Fact};
use terms::Seq;

use crate::row::BetRow;

/// The facts of a bet, oldest first, and not more than `most`. `read` gives the entry at a
/// position, if there is one; a failure of it ends the walk.
pub fn facts<E>(
    row: &BetRow,
    most: usize,
    mut read: impl FnMut(Seq) -> Result<Option<Entry>, E>,
) -> Result<Vec<Entry>, E> {
    let mut found = BTreeMap::new();
    for start in starts(row) {
        let mut at = Some(start);
        while let Some(seq) = at
            && found.len() < most
            && !found.contains_key(&seq)
        {
            let Some(entry) = read(seq)? else { break };
            at = previous(&entry.fact).filter(|before| *before < seq);
            found.insert(seq, entry);
        }
    }
    Ok(found.into_values().collect())
}

/// Where the chains begin.
fn starts(row: &BetRow) -> impl Iterator<Item = Seq> {
    let settled = row.settlement.as_ref().map(|settled| settled.seq);
    [Some(row.last), settled, Some(row.seq), row.hold].into_iter().flatten()
}

/// The fact of the same bet before this one, where it names one.
fn previous(fact: &Fact) -> Option<Seq> {
    match fact {
        Fact::BetSettled(fact) => Some(fact.bet_previous),
        Fact::PayoutPosted(fact) => Some(fact.bet_previous),
        Fact::PayoutReported(fact) => Some(fact.bet_previous),
        Fact::ClaimSettled(fact) => Some(fact.bet_previous),
        _ => None,
    }
}
