//! The matching of names, measured on labelled sets.
//!
//! Owns the readers of the sets and the counting; `screening-eval` prints what comes of it, and
//! the tests hold it to bounds. The sets lie beside the project and are never part of it. All
//! shares are whole ten-thousandths, rounded down, so that a bound is met or not.

mod lists;
mod pairs;
mod people;

use std::path::PathBuf;

pub use lists::{ofac, sample_people, united_nations};
pub use pairs::{Case, Counts, PairReport, kazakh_pairs, name_bench, wrong_cases};
pub use people::{
    PeopleReport, congress, negative_hits, negatives, negatives_with_births, subjects, un_treated,
};

/// A set cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum EvaluationFault {
    /// A table cannot be opened or is not of its form.
    #[error("the table {path}")]
    Table {
        /// Where it was looked for.
        path: PathBuf,
        /// What the reader says.
        #[source]
        source: csv::Error,
    },
    /// A list cannot be opened.
    #[error("the list {path}")]
    File {
        /// Where it was looked for.
        path: PathBuf,
        /// What the system says.
        #[source]
        source: std::io::Error,
    },
    /// A list is refused.
    #[error("the list of the United Nations")]
    List(#[from] crate::import::ImportError),
    /// A row has too few fields.
    #[error("a row of {path} has too few fields")]
    Row {
        /// The table.
        path: PathBuf,
    },
}

/// A part in ten-thousandths of a whole.
pub fn share(part: u64, whole: u64) -> u64 {
    (part * 10_000).checked_div(whole).unwrap_or(0)
}

fn table(path: PathBuf, has_head: bool) -> Result<Vec<csv::StringRecord>, EvaluationFault> {
    let reader = csv::ReaderBuilder::new().has_headers(has_head).flexible(true).from_path(&path);
    let rows = reader.and_then(|reader| reader.into_records().collect());
    rows.map_err(|source| EvaluationFault::Table { path, source })
}
