//! Lists of numbers: debtors, and persons restricted from gambling.
//!
//! The registers' own interfaces are not public; this is the form that their connectors make.
//! NDJSON or CSV, one row a person and ground, after a head that names the list, its instant and
//! the number of rows:
//!
//! ```text
//! {"list":"debtors","as_of":"2026-12-01T00:00:00Z","rows":2}
//! {"iin":"…","category":"property"}
//! {"iin":"…","category":"unknown","until":"2027-01-31"}
//! ```
//!
//! ```text
//! #debtors,2026-12-01T00:00:00Z,2
//! iin,category,until
//! …,property,
//! ```
//!
//! Only recoveries of property block (БЕЖ Rules, clause 10); a ground that is not known blocks as
//! well, and is counted so that somebody looks. Another number of rows than the head says is a
//! file that was cut or doubled.

use std::io::BufRead;

use serde::Deserialize;
use terms::{Day, Iin, Instant, UnknownCentury, choice};

use super::source::Source;
use super::un::instant;
use super::{ImportError, ImportReason, Limits};
use crate::limits::ROW_BYTES_MAX;
use crate::numbers::Numbers;

choice! {
    /// How the rows are written.
    pub enum NumberForm {
        /// A JSON object a line.
        Ndjson = 1 "ndjson",
        /// Three fields a line, without quotes.
        Csv = 2 "csv",
    }
}

choice! {
    /// Why a person stands in the register.
    pub enum Category {
        /// An unfulfilled recovery of property.
        Property = 1 "property",
        /// Another matter, which does not block.
        Other = 2 "other",
        /// The source does not say; it blocks.
        Unknown = 3 "unknown",
    }
}

/// A list of numbers that was read whole.
#[derive(Debug)]
pub struct NumberList {
    /// What the list calls itself.
    pub list: String,
    /// When its source made it.
    pub as_of: Instant,
    /// SHA-256 of the file.
    pub digest: [u8; 32],
    /// Rows.
    pub rows: u64,
    /// Those whom the list blocks.
    pub blocking: Numbers,
    /// Those of them about whom no ground is known and somebody has to look.
    pub unknown: Numbers,
    /// Until when, for those of whom the list says it: by number, the latest day.
    pub until: Vec<(Iin, Day)>,
}

/// Reads a list whole, or refuses it whole.
pub fn numbers(
    reader: impl BufRead,
    form: NumberForm,
    limits: Limits,
) -> Result<NumberList, ImportError> {
    let mut rows = Rows { source: Source::new(reader, limits.bytes_max), line: Vec::new(), at: 0 };
    let head = rows.next()?.ok_or_else(|| ImportError::new(1, ImportReason::Truncated))?;
    let head = head_of(head, form).ok_or_else(|| ImportError::new(1, ImportReason::Head))?;
    if form == NumberForm::Csv && rows.next()? != Some("iin,category,until") {
        return Err(ImportError::new(2, ImportReason::Head));
    }
    let mut found = Found { rows: 0, blocking: Vec::new(), unknown: Vec::new(), until: Vec::new() };
    while let Some(text) = rows.next()? {
        let row = row_of(text, form);
        let refuse = |reason| Err(ImportError::new(rows.at, reason));
        if found.rows == limits.entries_max as u64 {
            return refuse(ImportReason::TooManyEntries);
        }
        if let Err(reason) = row.and_then(|row| found.take(row)) {
            return refuse(reason);
        }
    }
    if found.rows != head.rows {
        return Err(ImportError::new(rows.at, ImportReason::Count));
    }
    let too_many = |_| ImportError::new(rows.at, ImportReason::TooManyEntries);
    Ok(NumberList {
        list: head.list,
        as_of: head.as_of,
        rows: found.rows,
        blocking: Numbers::build(found.blocking).map_err(too_many)?,
        unknown: Numbers::build(found.unknown).map_err(too_many)?,
        until: latest(found.until),
        digest: rows.source.digest(),
    })
}

struct Head {
    list: String,
    as_of: Instant,
    rows: u64,
}

fn head_of(text: &str, form: NumberForm) -> Option<Head> {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Written {
        list: String,
        as_of: String,
        rows: u64,
    }
    let written = match form {
        NumberForm::Ndjson => serde_json::from_str(text).ok()?,
        NumberForm::Csv => {
            let fields: Vec<&str> = text.strip_prefix('#')?.split(',').collect();
            let [list, as_of, rows] = fields[..] else { return None };
            Written { list: list.into(), as_of: as_of.into(), rows: rows.parse().ok()? }
        }
    };
    let named = !written.list.is_empty() && written.list.len() <= 64;
    let as_of = instant(&written.as_of)?;
    named.then_some(Head { list: written.list, as_of, rows: written.rows })
}

struct Row {
    iin: Iin,
    category: Category,
    until: Option<Day>,
}

fn row_of(text: &str, form: NumberForm) -> Result<Row, ImportReason> {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Written<'a> {
        iin: &'a str,
        category: &'a str,
        until: Option<&'a str>,
    }
    let written = match form {
        NumberForm::Ndjson => serde_json::from_str(text).map_err(|_| ImportReason::Row)?,
        NumberForm::Csv => {
            let mut fields = text.split(',');
            let (Some(iin), Some(category), Some(until), None) =
                (fields.next(), fields.next(), fields.next(), fields.next())
            else {
                return Err(ImportReason::Row);
            };
            Written { iin, category, until: Some(until).filter(|until| !until.is_empty()) }
        }
    };
    let iin = Iin::parse_with(written.iin, UnknownCentury::Accept);
    Ok(Row {
        iin: iin.map_err(|_| ImportReason::Number)?,
        category: Category::from_name(written.category).ok_or(ImportReason::Row)?,
        until: match written.until {
            None => None,
            Some(until) => Some(Day::parse(until).ok_or(ImportReason::Date)?),
        },
    })
}

struct Found {
    rows: u64,
    blocking: Vec<Iin>,
    unknown: Vec<Iin>,
    until: Vec<(Iin, Day)>,
}

impl Found {
    fn take(&mut self, row: Row) -> Result<(), ImportReason> {
        self.rows += 1;
        match row.category {
            Category::Property => self.blocking.push(row.iin),
            Category::Unknown => {
                self.blocking.push(row.iin);
                self.unknown.push(row.iin);
            }
            Category::Other => return Ok(()),
        }
        self.until.extend(row.until.map(|until| (row.iin, until)));
        Ok(())
    }
}

/// One row for each number, with its latest day.
fn latest(mut until: Vec<(Iin, Day)>) -> Vec<(Iin, Day)> {
    until.sort_unstable_by_key(|(iin, day)| (*iin, std::cmp::Reverse(*day)));
    until.dedup_by_key(|(iin, _)| *iin);
    until
}

/// Lines of bounded length.
struct Rows<R> {
    source: Source<R>,
    line: Vec<u8>,
    /// The number of the line that was read last.
    at: u64,
}

impl<R: BufRead> Rows<R> {
    /// The next line without its end; a last line that has none was cut.
    fn next(&mut self) -> Result<Option<&str>, ImportError> {
        self.line.clear();
        self.at += 1;
        let refuse = |at, reason| Err(ImportError::new(at, reason));
        loop {
            let here = match self.source.fill_buf() {
                Ok(here) => here,
                Err(error) => return Err(self.source.failure(error)),
            };
            if here.is_empty() {
                let cut = !self.line.is_empty();
                return if cut { refuse(self.at, ImportReason::Truncated) } else { Ok(None) };
            }
            let end = here.iter().position(|byte| *byte == b'\n');
            let count = end.map_or(here.len(), |end| end + 1);
            if ROW_BYTES_MAX < self.line.len() + count {
                return refuse(self.at, ImportReason::Text);
            }
            self.line.extend_from_slice(&here[..count]);
            self.source.consume(count);
            if end.is_some() {
                break;
            }
        }
        self.line.pop();
        if self.line.last() == Some(&b'\r') {
            self.line.pop();
        }
        match std::str::from_utf8(&self.line) {
            Ok(line) => Ok(Some(line)),
            Err(_) => refuse(self.at, ImportReason::Encoding),
        }
    }
}
