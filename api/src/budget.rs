//! What an organiser may ask for in a second, beside its messages: those are bounded by the lanes
//! of the pump.
//!
//! Each budget is a window of one second of the clock. Headers of the answer tell what is left, so
//! that a caller slows down before it is refused (`RateLimit-Policy` and `RateLimit`, a draft of
//! the IETF: the names are in the change policy).

use std::collections::HashMap;

use axum::http::{HeaderMap, HeaderValue};
use parking_lot::Mutex;
use terms::{Instant, Organiser};

use crate::limits::Limits;

/// A budget.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Budget {
    /// Questions about what became of something.
    Status,
    /// Checks without effect, by account and message.
    Checks,
    /// Negative answers to messages and checks (domain 3).
    Refusals,
}

impl Budget {
    const fn name(self) -> &'static str {
        match self {
            Budget::Status => "status",
            Budget::Checks => "checks",
            Budget::Refusals => "refusals",
        }
    }
}

/// The budgets of all organisers in the present second.
#[derive(Debug)]
pub struct Budgets {
    limits: Limits,
    spent: Mutex<HashMap<(Organiser, Budget), (i64, u32)>>,
}

impl Budgets {
    /// Budgets of these limits.
    pub fn new(limits: Limits) -> Budgets {
        Budgets { limits, spent: Mutex::default() }
    }

    /// Takes so many, whatever is left.
    pub fn note(&self, who: Organiser, budget: Budget, at: Instant, count: u32) {
        self.with(who, budget, at, |spent| *spent = spent.saturating_add(count));
    }

    /// Takes one. False if nothing is left.
    pub fn take(&self, who: Organiser, budget: Budget, at: Instant) -> bool {
        let quota = self.quota(budget);
        self.with(who, budget, at, |spent| {
            let may = *spent < quota;
            *spent = spent.saturating_add(u32::from(may));
            may
        })
    }

    /// What is left.
    pub fn left(&self, who: Organiser, budget: Budget, at: Instant) -> u32 {
        self.with(who, budget, at, |spent| self.quota(budget).saturating_sub(*spent))
    }

    /// Says in headers what is left.
    pub fn tell(&self, who: Organiser, budgets: &[Budget], at: Instant, headers: &mut HeaderMap) {
        let (mut policies, mut left) = (Vec::new(), Vec::new());
        for budget in budgets {
            let name = budget.name();
            policies.push(format!("\"{name}\";q={};w=1", self.quota(*budget)));
            left.push(format!("\"{name}\";r={};t=1", self.left(who, *budget, at)));
        }
        for (name, parts) in [("ratelimit-policy", policies), ("ratelimit", left)] {
            if let Ok(value) = HeaderValue::from_str(&parts.join(", ")) {
                headers.insert(name, value);
            }
        }
    }

    const fn quota(&self, budget: Budget) -> u32 {
        match budget {
            Budget::Status => self.limits.status_per_second,
            Budget::Checks => self.limits.checks_per_second,
            Budget::Refusals => self.limits.negatives_per_second,
        }
    }

    fn with<R>(
        &self,
        who: Organiser,
        budget: Budget,
        at: Instant,
        work: impl FnOnce(&mut u32) -> R,
    ) -> R {
        let second = at.0.div_euclid(Instant::SECOND);
        let mut spent = self.spent.lock();
        let row = spent.entry((who, budget)).or_default();
        if row.0 != second {
            *row = (second, 0);
        }
        work(&mut row.1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_budget_is_of_one_organiser_and_one_second() {
        // domain 3, R0-10.3
        let limits = Limits { status_per_second: 2, ..Limits::standard() };
        let budgets = Budgets::new(limits);
        let (one, other) = (Organiser(0), Organiser(1));
        let take = |who, at| budgets.take(who, Budget::Status, Instant(at));
        assert!(take(one, 5) && take(one, 6));
        assert!(!take(one, 7), "a third is too many");
        assert!(take(other, 8), "another organiser has its own");
        assert!(take(one, Instant::SECOND), "the next second is another");
        budgets.note(one, Budget::Refusals, Instant(5), u32::MAX);
        assert_eq!(budgets.left(one, Budget::Refusals, Instant(9)), 0);
        assert_eq!(budgets.left(one, Budget::Checks, Instant(9)), 2_000);
        let mut headers = HeaderMap::new();
        budgets.tell(other, &[Budget::Status, Budget::Refusals], Instant(9), &mut headers);
        assert_eq!(headers["ratelimit-policy"], "\"status\";q=2;w=1, \"refusals\";q=100;w=1");
        assert_eq!(headers["ratelimit"], "\"status\";r=1;t=1, \"refusals\";r=100;t=1");
    }
}
