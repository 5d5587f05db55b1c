//! People to ask about: listed ones with slips in their names, and people on no list.

use std::path::Path;

use terms::Day;

use super::{EvaluationFault, share, table};
use crate::entry::Entry;
use crate::names::{Hit, Names, Subject};

/// What asking about people came to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PeopleReport {
    /// People asked about.
    pub asked: u64,
    /// Of them, those whose entry is not in the list at hand.
    pub unknown: u64,
    /// Those with at least one hit.
    pub flagged: u64,
    /// Those whose entry is the first hit.
    pub first: u64,
    /// Those whose entry is among the first ten.
    pub among_ten: u64,
}

impl PeopleReport {
    /// Flagged of all, in ten-thousandths.
    pub fn flagged_share(&self) -> u64 {
        share(self.flagged, self.asked)
    }

    /// Among the first ten of those whose entry is known, in ten-thousandths.
    pub fn ten_share(&self) -> u64 {
        share(self.among_ten, self.asked - self.unknown)
    }
}

/// The people of one of these tables, with their birth dates where they are days.
pub fn subjects(path: &Path) -> Result<Vec<Subject>, EvaluationFault> {
    let rows = table(path.to_owned(), true)?;
    Ok(rows.iter().filter_map(|row| subject(row, Some(Day::parse))).collect())
}

/// Whether the birth date is asked with.
type WithBirth = Option<fn(&str) -> Option<Day>>;

fn subject(row: &csv::StringRecord, with_birth: WithBirth) -> Option<Subject> {
    let mut subject = Subject::person(row.get(0)?);
    subject.born = with_birth.and_then(|read| read(row.get(5).unwrap_or_default()));
    Some(subject)
}

/// The names of the list of the United Nations with slips, names alone: the entry is told by the
/// same row of the table without slips.
pub fn un_treated(
    data: &Path,
    names: &Names,
    list: u16,
    entries: &[Entry],
) -> Result<PeopleReport, EvaluationFault> {
    let treated = table(data.join("candidates/yente_positives_un_treated.csv"), true)?;
    let untreated = table(data.join("candidates/yente_positives_un_untreated.csv"), true)?;
    let plain = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ").to_uppercase();
    let mut report = PeopleReport::default();
    for (slip, right) in treated.iter().zip(&untreated) {
        let Some(subject) = subject(slip, None) else { continue };
        let right = plain(right.get(0).unwrap_or_default());
        let is_right =
            |at: u32| entries[at as usize].names.iter().any(|name| plain(&name.text) == right);
        report.asked += 1;
        if !(0..entries.len() as u32).any(is_right) {
            report.unknown += 1;
            continue;
        }
        let hits = names.query(&subject, 10);
        let own = |hit: &Hit| hit.list == list && is_right(hit.entry);
        report.flagged += u64::from(!hits.is_empty());
        report.first += u64::from(hits.first().is_some_and(own));
        report.among_ten += u64::from(hits.iter().any(own));
    }
    Ok(report)
}

/// People on no list, of all countries, by their names alone.
pub fn negatives(data: &Path, names: &Names) -> Result<PeopleReport, EvaluationFault> {
    Ok(flagged(&table(data.join(NEGATIVES), true)?, names, None))
}

/// The same people with their birth dates.
pub fn negatives_with_births(data: &Path, names: &Names) -> Result<PeopleReport, EvaluationFault> {
    Ok(flagged(&table(data.join(NEGATIVES), true)?, names, Some(Day::parse)))
}

/// The best hit of each of these people that has one, for those who tune.
pub fn negative_hits(data: &Path, names: &Names) -> Result<Vec<(String, Hit)>, EvaluationFault> {
    let rows = table(data.join(NEGATIVES), true)?;
    let hit = |subject: Subject| {
        let hit = names.query(&subject, 1).into_iter().next()?;
        Some((subject.names.into_iter().next()?, hit))
    };
    Ok(rows.iter().filter_map(|row| subject(row, None)).filter_map(hit).collect())
}

const NEGATIVES: &str = "candidates/yente_negatives_global.csv";

/// Members of the Congress of the United States: common names, on none of the lists.
pub fn congress(data: &Path, names: &Names) -> Result<PeopleReport, EvaluationFault> {
    let rows = table(data.join("candidates/yente_positives_us_congress_untreated.csv"), true)?;
    Ok(flagged(&rows, names, None))
}

fn flagged(rows: &[csv::StringRecord], names: &Names, with_birth: WithBirth) -> PeopleReport {
    let mut report = PeopleReport::default();
    for subject in rows.iter().filter_map(|row| subject(row, with_birth)) {
        report.asked += 1;
        report.flagged += u64::from(!names.query(&subject, 1).is_empty());
    }
    report
}
