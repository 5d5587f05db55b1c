//! Documents that leave the system: tables of `reports` as files.
//!
//! Two families. [`plain`] writes for programs: names of columns, whole tiyn, times as RFC 3339 in
//! UTC, one line a row, however many there are. [`sheet`] writes for people, in their language,
//! with what was asked, up to which entry, by whom and when above the rows, as CSV or XLSX; all of
//! such a file is held in memory, so it has at most [`sheet::ROWS_MAX`] rows.
//!
//! Both take the columns of `reports::table`, where each table is defined once. Knows neither
//! stores nor pages.

pub mod plain;
pub mod sheet;
mod xlsx;

use sha2::{Digest as _, Sha256};

/// SHA-256 in hex: what is told beside a file, since it cannot stand in it.
pub fn sha256(bytes: &[u8]) -> String {
    terms::codec::hex(&Sha256::digest(bytes))
}
