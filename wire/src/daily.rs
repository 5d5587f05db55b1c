//! The daily files: their manifests, and the list of them.

use serde_json::{Value, json};

use crate::fault::Faults;
use crate::shape::{Definitions, Wire, answer};
use crate::tree::Node;
use crate::value::{INTEGER_MAX, OrganiserNo};

impl Wire for i64 {
    fn schema(_: &mut Definitions) -> Value {
        let most = i64::try_from(INTEGER_MAX).unwrap_or(i64::MAX);
        json!({ "type": "integer", "minimum": -most, "maximum": most })
    }

    fn faults(node: &Node, at: &str, faults: &mut Faults) {
        match node {
            Node::Integer(value) if value.unsigned_abs() <= u128::from(INTEGER_MAX) => {}
            Node::Integer(_) => faults.note(at, "range", Some(&INTEGER_MAX.to_string()), None),
            _ => faults.kind(at, "integer", node.kind()),
        }
    }
}

answer! {
    /// A file of a day.
    pub struct DailyFile {
        /// Its name, which stands for these bytes for ever.
        name: String,
        /// What it holds: `stakes`, `settlements`, `payouts`, `refunds` or `balance`.
        content: String,
        /// `csv` or `ndjson`.
        form: String,
        /// Its rows.
        rows: u64,
        /// Its bytes.
        bytes: u64,
        /// The SHA-256 of its bytes, in hexadecimal digits.
        sha256: String,
    }
}

answer! {
    /// A line of the books of a day: every book has an opening, lines, and a closing that is their
    /// sum.
    pub struct DailyLine {
        /// `wallet`, `open_stakes` or `due`.
        book: String,
        /// `opening`, the name of what changed the book, or `closing`.
        line: String,
        /// The sum in tiyn, signed.
        sum_tiyn: i64,
        optional {
            /// How often; at opening and closing of open stakes, how many there are.
            count: i64,
        }
    }
}

answer! {
    /// What the day of an organiser comes to, as of an entry of the journal. Signed as it stands.
    pub struct DailyManifest {
        /// `bej-daily/1`.
        form: String,
        /// The journal: `bej/<instance>`, which is also the name of the key.
        journal: String,
        /// The organiser.
        organiser: OrganiserNo,
        /// The day of Almaty.
        day: String,
        /// From 1; the highest is the one that counts.
        version: u32,
        /// The entries that it speaks of: those from 0 on, this many.
        entries: u64,
        /// The root of the journal's tree at that size, in hexadecimal digits.
        root: String,
        /// The books.
        balance: Vec<DailyLine>,
        /// The files.
        files: Vec<DailyFile>,
    }
}

answer! {
    /// The newest versions of days, newest day first.
    pub struct DailyManifests {
        /// The manifests.
        days: Vec<DailyManifest>,
        optional {
            /// `before` of the next page; absent when there are no more days.
            next: String,
        }
    }
}
