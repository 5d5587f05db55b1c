//! Pairs of names with the answer: the same or not.

use std::path::Path;

use super::{EvaluationFault, share, table};
use crate::entry::Kind;
use crate::names::{Reasons, THRESHOLD, compare};

/// How often the answer was right.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// The same, and found.
    pub found: u64,
    /// Not the same, and taken for it.
    pub mistaken: u64,
    /// The same, and missed.
    pub missed: u64,
    /// Not the same, and passed.
    pub passed: u64,
}

impl Counts {
    fn add(&mut self, is_same: bool, is_hit: bool) {
        match (is_same, is_hit) {
            (true, true) => self.found += 1,
            (false, true) => self.mistaken += 1,
            (true, false) => self.missed += 1,
            (false, false) => self.passed += 1,
        }
    }

    /// Found of what is the same, in ten-thousandths.
    pub fn recall(&self) -> u64 {
        share(self.found, self.found + self.missed)
    }

    /// The same of what was found, in ten-thousandths.
    pub fn precision(&self) -> u64 {
        share(self.found, self.found + self.mistaken)
    }

    /// F1 in ten-thousandths.
    pub fn f1(&self) -> u64 {
        share(2 * self.found, 2 * self.found + self.mistaken + self.missed)
    }

    /// Mistaken of what is not the same, in ten-thousandths.
    pub fn false_alarms(&self) -> u64 {
        share(self.mistaken, self.mistaken + self.passed)
    }
}

/// The counts of a set and of its parts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PairReport {
    /// Everything.
    pub all: Counts,
    /// People alone.
    pub people: Counts,
    /// Organisations, vessels and what may be either.
    pub others: Counts,
    /// Cases whose label nobody disputes.
    pub strong: Counts,
    /// By the set's own categories.
    pub categories: Vec<(String, Counts)>,
}

/// One pair of a set.
#[derive(Clone, PartialEq, Eq)]
pub struct Case {
    /// What is compared.
    pub kind: Kind,
    /// One name.
    pub one: String,
    /// The other.
    pub other: String,
    /// Whether they are the same.
    pub is_same: bool,
    /// The set's category.
    pub category: String,
    /// The set's word for how sure the label is, if it has one.
    pub quality: String,
}

impl std::fmt::Debug for Case {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Case({}, same: {})", self.category, self.is_same)
    }
}

/// The pairs of real Kazakh names in their Latin, Russian and Kazakh forms, and of namesakes with
/// another father.
pub fn kazakh_pairs(data: &Path) -> Result<Vec<Case>, EvaluationFault> {
    let path = data.join("kazakh-names/kz_name_pairs.csv");
    let case = |row: csv::StringRecord| {
        Some(Case {
            kind: Kind::Person,
            category: row.get(1)?.into(),
            one: row.get(2)?.into(),
            other: row.get(3)?.into(),
            is_same: row.get(4)? == "true",
            quality: String::new(),
        })
    };
    cases(path, case)
}

/// The name bench of nomenklatura.
pub fn name_bench(data: &Path) -> Result<Vec<Case>, EvaluationFault> {
    let path = data.join("name-pairs/nomenklatura_name_bench_cases.csv");
    let case = |row: csv::StringRecord| {
        let kind = match row.get(1)? {
            "Person" => Kind::Person,
            "LegalEntity" => Kind::Unknown,
            _ => Kind::Organisation,
        };
        Some(Case {
            kind,
            one: row.get(2)?.into(),
            other: row.get(3)?.into(),
            is_same: row.get(4)? == "true",
            quality: row.get(5)?.into(),
            category: row.get(0)?.into(),
        })
    };
    cases(path, case)
}

fn cases(
    path: std::path::PathBuf,
    case: impl Fn(csv::StringRecord) -> Option<Case>,
) -> Result<Vec<Case>, EvaluationFault> {
    let rows = table(path.clone(), true)?;
    let cases: Option<Vec<Case>> = rows.into_iter().map(case).collect();
    cases.ok_or(EvaluationFault::Row { path })
}

impl PairReport {
    /// Compares every pair at the one threshold.
    pub fn of(cases: &[Case]) -> PairReport {
        let mut report = PairReport::default();
        for case in cases {
            let is_hit = THRESHOLD <= compare(case.kind, &case.one, &case.other).score;
            report.all.add(case.is_same, is_hit);
            let part =
                if case.kind == Kind::Person { &mut report.people } else { &mut report.others };
            part.add(case.is_same, is_hit);
            if case.quality == "STRONG" {
                report.strong.add(case.is_same, is_hit);
            }
            let known = report.categories.iter().position(|(name, _)| *name == case.category);
            let at = known.unwrap_or(report.categories.len());
            if known.is_none() {
                report.categories.push((case.category.clone(), Counts::default()));
            }
            report.categories[at].1.add(case.is_same, is_hit);
        }
        report
    }
}

/// The pairs that are answered wrongly, with score and reasons: for those who tune.
pub fn wrong_cases(cases: &[Case]) -> impl Iterator<Item = (&Case, u16, Reasons)> {
    cases.iter().filter_map(|case| {
        let score = compare(case.kind, &case.one, &case.other);
        let is_right = case.is_same == (THRESHOLD <= score.score);
        (!is_right).then_some((case, score.score, score.reasons))
    })
}
