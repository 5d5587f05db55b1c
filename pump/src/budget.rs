//! The budget of refusals: a sender cannot flood the journal with messages that are refused
//! (core 14).
//!
//! Counted in whole seconds of journal instants, so that it is a function of the messages alone.
//! What is beyond the budget leaves no fact, spends no id, and is told in one
//! [`RefusalsSuppressed`] for each sender and reason when the second is over. Bounded by
//! [`SUPPRESSED_MAX`]; forgotten every second.

use std::collections::{BTreeMap, HashMap};

use journal::fact::RefusalsSuppressed;
use terms::{Instant, Reason, Sender};

use crate::entropy::Entropy;
use crate::limits::SUPPRESSED_MAX;

#[derive(Debug, Default)]
pub(crate) struct Budget {
    second: i64,
    spent: HashMap<Sender, u32>,
    suppressed: BTreeMap<(Sender, Reason), u64>,
}

impl Budget {
    /// Whether a refusal at `at` has a place in the journal, of `limit` a second.
    pub(crate) fn spend(
        &mut self,
        sender: Sender,
        reason: Reason,
        at: Instant,
        limit: u32,
    ) -> bool {
        let second = second_of(at);
        if second != self.second {
            self.second = second;
            self.spent.clear();
        }
        let spent = self.spent.entry(sender).or_default();
        if *spent < limit {
            *spent += 1;
            return true;
        }
        let full = SUPPRESSED_MAX <= self.suppressed.len();
        if !full || self.suppressed.contains_key(&(sender, reason)) {
            *self.suppressed.entry((sender, reason)).or_default() += 1;
        }
        false
    }

    /// Whether counts of a second before that of `at` are to be told.
    pub(crate) fn is_due(&self, at: Instant) -> bool {
        !self.suppressed.is_empty() && self.second != second_of(at)
    }

    /// Whether any count is still to be told.
    pub(crate) fn is_open(&self) -> bool {
        !self.suppressed.is_empty()
    }

    /// Takes the counts, by sender and reason.
    pub(crate) fn take(&mut self, entropy: &mut dyn Entropy) -> Vec<RefusalsSuppressed> {
        std::mem::take(&mut self.suppressed)
            .into_iter()
            .map(|((sender, reason), count)| {
                let nonce = entropy.draw();
                RefusalsSuppressed { nonce, sender, reason, count }
            })
            .collect()
    }
}

fn second_of(at: Instant) -> i64 {
    at.0.div_euclid(Instant::SECOND)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::entropy::Stream;

    #[test]
    fn what_is_beyond_the_budget_is_counted_once_a_second() {
        // R2-55.5
        let mut budget = Budget::default();
        let at = |ms: i64| Instant(7 * Instant::SECOND + ms * 1_000_000);
        let spend =
            |budget: &mut Budget, ms| budget.spend(Sender::Bettor, Reason::OrderMissing, at(ms), 2);
        assert!(spend(&mut budget, 0) && spend(&mut budget, 1));
        assert!(!spend(&mut budget, 2) && !spend(&mut budget, 999));
        assert!(budget.spend(Sender::Operator, Reason::OrderMissing, at(3), 2));
        assert!(!budget.is_due(at(999)));
        assert!(budget.is_due(at(1_000)));
        let told = budget.take(&mut Stream::seeded([0; 32]));
        assert_eq!(told.len(), 1);
        assert_eq!((told[0].sender, told[0].count), (Sender::Bettor, 2));
        assert!(spend(&mut budget, 1_000));
        assert!(!budget.is_open());
    }
}
