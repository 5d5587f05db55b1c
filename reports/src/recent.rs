//! Bets that were looked at lately: two generations, so that memory is bounded and every look-up
//! costs one or two probes. A bet that changes moves to the young generation; when that is full,
//! the old one goes and the young one takes its place.

use terms::{BetId, Keyed, Organiser, Table};

use crate::row::BetRow;

/// Bets of one generation: about 40 MiB of the two together.
const GENERATION_MAX: usize = 65_536;

impl Keyed for BetRow {
    fn key(&self) -> (u32, [u8; 16]) {
        (self.organiser.0, self.bet.0)
    }
}

#[derive(Debug)]
pub(crate) struct Recent {
    key: u64,
    young: Table<BetRow>,
    old: Table<BetRow>,
}

impl Recent {
    pub(crate) fn new(key: u64) -> Recent {
        Recent { key, young: Table::new(key), old: Table::new(key) }
    }

    /// Lets the old generation go when the young one is full. Only between two steps: within one,
    /// rows are here alone.
    pub(crate) fn rotate(&mut self) {
        if GENERATION_MAX <= self.young.len() {
            self.old = core::mem::replace(&mut self.young, Table::new(self.key));
        }
    }

    pub(crate) fn get(&self, organiser: Organiser, bet: BetId) -> Option<&BetRow> {
        let (young, old) = (&self.young, &self.old);
        young.of(organiser.0, bet.0).or_else(|| old.of(organiser.0, bet.0))
    }

    pub(crate) fn insert(&mut self, row: BetRow) {
        // The caller has taken out or never found a row of this key.
        let inserted = self.young.insert(row);
        assert!(inserted.is_some(), "a bet is in memory once");
    }

    pub(crate) fn take(&mut self, organiser: Organiser, bet: BetId) -> Option<BetRow> {
        for generation in [&mut self.young, &mut self.old] {
            if let Some(slot) = generation.find(organiser.0, bet.0) {
                return generation.remove(slot);
            }
        }
        None
    }
}
