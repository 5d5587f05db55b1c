//! Import of lists: files from outside, read strictly or not at all.
//!
//! Owns three forms: the lists of financial monitoring ([`afm`]), the consolidated list of the
//! United Nations ([`un`]), and lists of numbers of debtors and restricted persons ([`numbers`]).
//!
//! Contract: a file that is broken is refused whole, with the line and a reason, and nothing of it
//! is used. What is odd about one entry but leaves it usable is a [`Remark`]: a birth that cannot
//! be read stays empty (so that the entry fits every birth), a number that is no number becomes a
//! hint. No birth date and no number is invented. XML with a document type, with entities other
//! than the five of the standard, with too deep or too long elements, or longer than the limit is
//! refused before it is understood. Nothing is fetched: there are no external references at all.
//!
//! Limits: [`Limits`]. Cost: one pass; numbers are streamed, names are held.

mod afm;
mod dates;
mod numbers;
mod source;
mod un;
mod xml;

use std::io;

use terms::{Instant, choice};

use crate::entry::Entry;
use crate::limits;

pub use afm::{AfmList, afm};
pub use dates::births;
pub use numbers::{NumberForm, NumberList, numbers};
pub use un::un;

choice! {
    /// Why a file is refused.
    pub enum ImportReason {
        /// It cannot be read.
        Unreadable = 1 "unreadable",
        /// It is longer than the limit.
        TooLong = 2 "too_long",
        /// It is not in UTF-8.
        Encoding = 3 "encoding",
        /// It is not well-formed.
        NotWellFormed = 4 "not_well_formed",
        /// It ends before its end.
        Truncated = 5 "truncated",
        /// It declares a document type, by which entities could be defined.
        DocumentType = 6 "document_type",
        /// It refers to an entity that the standard does not define.
        Entity = 7 "entity",
        /// Elements stand too deep within each other, or too many of them in one entry.
        Depth = 8 "depth",
        /// One text or one piece is longer than the limit.
        Text = 9 "text",
        /// It is another kind of file than was said.
        NotThisList = 10 "not_this_list",
        /// More entries or rows than the limit.
        TooManyEntries = 11 "too_many_entries",
        /// Two entries have the same number of the list.
        Duplicate = 12 "duplicate",
        /// An entry has no name.
        NoName = 13 "no_name",
        /// An entry has more names than the limit.
        TooManyNames = 14 "too_many_names",
        /// A row is not of the form.
        Row = 15 "row",
        /// A row has no valid number.
        Number = 16 "number",
        /// A date cannot be read where one is needed.
        Date = 17 "date",
        /// There are not as many rows as the head says.
        Count = 18 "count",
        /// The head is missing or not of the form.
        Head = 19 "head",
        /// So many odd entries that the form must be another one.
        TooManyRemarks = 20 "too_many_remarks",
    }
}

/// A file is refused whole. Carries where and why, never what stood there.
#[derive(Debug, thiserror::Error)]
#[error("line {line}: {}", reason.name())]
pub struct ImportError {
    /// The line, from 1, at which it was seen.
    pub line: u64,
    /// Why.
    pub reason: ImportReason,
    /// The failure of the source, if it was one.
    #[source]
    pub source: Option<io::Error>,
}

impl ImportError {
    fn new(line: u64, reason: ImportReason) -> ImportError {
        ImportError { line, reason, source: None }
    }
}

choice! {
    /// What is odd about an entry that is used all the same.
    pub enum RemarkKind {
        /// Its birth cannot be read; it is left empty.
        Birth = 1 "birth",
        /// Its number is none; it is kept as a hint.
        Number = 2 "number",
        /// Its birth and its number contradict each other; both are kept.
        BirthAgainstNumber = 3 "birth_against_number",
        /// Its content stands in the list twice; both are kept.
        Twice = 4 "twice",
    }
}

/// A remark about one entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Remark {
    /// The line of the entry.
    pub line: u64,
    /// What is odd.
    pub kind: RemarkKind,
}

/// How much a file may hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of the file.
    pub bytes_max: u64,
    /// Entries, or rows.
    pub entries_max: usize,
    /// Remarks.
    pub remarks_max: usize,
}

impl Limits {
    /// For lists of names in XML.
    pub const NAMES: Limits = Limits {
        bytes_max: limits::XML_BYTES_MAX,
        entries_max: limits::ENTRIES_MAX,
        remarks_max: limits::REMARKS_MAX,
    };
    /// For lists of numbers. A person may stand in several rows.
    pub const NUMBERS: Limits = Limits {
        bytes_max: limits::NUMBERS_FILE_BYTES_MAX,
        entries_max: 2 * limits::NUMBERS_MAX,
        remarks_max: 0,
    };
}

/// A list of names that was read whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parsed {
    /// The entries, in the order of the file, with keys that differ.
    pub entries: Vec<Entry>,
    /// What is odd about some.
    pub remarks: Vec<Remark>,
    /// SHA-256 of the file.
    pub digest: [u8; 32],
    /// When the source made it, if it says so.
    pub as_of: Option<Instant>,
}
