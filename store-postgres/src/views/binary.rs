//! The binary form of COPY: rows are put together in memory and sent in large pieces, so that the
//! server works on one piece while the next is made.

use std::io::Write as _;

use postgres::CopyInWriter;
use store::Fault;
use store::views::terms::{Day, Field};

use crate::db::Db;

/// How every stream of rows begins: the signature, no flags, no more of a header.
const HEADER: &[u8] = b"PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0";

/// How it ends.
const TRAILER: i16 = -1;

/// Bytes that are sent at once.
const PIECE_BYTES: usize = 1 << 17;

/// Days between 1970 and 2000, from which the server counts.
pub(super) const SERVER_DAYS: i32 = 10_957;

/// The rows of one table, being sent.
pub(super) struct Rows<'a> {
    out: CopyInWriter<'a>,
    place: String,
    columns: i16,
    bytes: Vec<u8>,
}

impl<'a> Rows<'a> {
    /// Begins to copy into a table, by a statement that names so many columns.
    pub(super) fn begin(db: &'a mut Db, sql: &str, columns: i16) -> Result<Rows<'a>, Fault> {
        let place = db.place();
        let mut bytes = Vec::with_capacity(PIECE_BYTES + PIECE_BYTES / 8);
        bytes.extend_from_slice(HEADER);
        Ok(Rows { out: db.copy_in(sql)?, place, columns, bytes })
    }

    /// Begins a row; all its columns are put in order.
    pub(super) fn row(&mut self) -> Result<Row<'_>, Fault> {
        if PIECE_BYTES <= self.bytes.len() {
            self.send()?;
        }
        self.bytes.extend_from_slice(&self.columns.to_be_bytes());
        Ok(Row { bytes: &mut self.bytes, left: self.columns })
    }

    fn send(&mut self) -> Result<(), Fault> {
        let sent = self.out.write_all(&self.bytes).and_then(|()| self.out.flush());
        self.bytes.clear();
        sent.map_err(|error| match error.downcast::<postgres::Error>() {
            Ok(error) => crate::db::fault(&self.place, "write to", error),
            Err(error) => Fault::failed(format!("write to {}", self.place), error),
        })
    }

    /// Ends it: the rows are in the table, as far as this transaction is concerned.
    pub(super) fn finish(mut self) -> Result<(), Fault> {
        self.bytes.extend_from_slice(&TRAILER.to_be_bytes());
        self.send()?;
        let done = self.out.finish();
        done.map(drop).map_err(|error| crate::db::fault(&self.place, "write to", error))
    }
}

/// One row; each column by its type on the server.
pub(super) struct Row<'a> {
    bytes: &'a mut Vec<u8>,
    left: i16,
}

impl Row<'_> {
    fn put(mut self, value: &[u8]) -> Self {
        let length = i32::try_from(value.len()).unwrap_or(i32::MAX);
        self.bytes.extend_from_slice(&length.to_be_bytes());
        self.bytes.extend_from_slice(value);
        self.left -= 1;
        self
    }

    fn null(mut self) -> Self {
        self.bytes.extend_from_slice(&(-1_i32).to_be_bytes());
        self.left -= 1;
        self
    }

    /// A bigint.
    pub(super) fn number(self, value: i64) -> Self {
        self.put(&value.to_be_bytes())
    }

    /// A bigint or null.
    pub(super) fn maybe(self, value: Option<i64>) -> Self {
        match value {
            Some(value) => self.number(value),
            None => self.null(),
        }
    }

    /// A smallint.
    pub(super) fn code(self, value: i16) -> Self {
        self.put(&value.to_be_bytes())
    }

    /// A smallint or null.
    pub(super) fn maybe_code(self, value: Option<i16>) -> Self {
        match value {
            Some(value) => self.code(value),
            None => self.null(),
        }
    }

    /// A boolean.
    pub(super) fn flag(self, value: bool) -> Self {
        self.put(&[u8::from(value)])
    }

    /// A date.
    pub(super) fn day(self, value: Day) -> Self {
        self.put(&value.0.saturating_sub(SERVER_DAYS).to_be_bytes())
    }

    /// A uuid.
    pub(super) fn id(self, value: [u8; 16]) -> Self {
        self.put(&value)
    }

    /// A bigint[] without nulls.
    pub(super) fn numbers(mut self, values: impl ExactSizeIterator<Item = i64>) -> Self {
        const BIGINT: i32 = 20;
        let (dimensions, nulls, lower): (i32, i32, i32) = (1, 0, 1);
        let count = values.len() as i32;
        let length = 5 * 4 + count * 12;
        for word in [length, dimensions, nulls, BIGINT, count, lower] {
            self.bytes.extend_from_slice(&word.to_be_bytes());
        }
        for value in values {
            self.bytes.extend_from_slice(&8_i32.to_be_bytes());
            self.bytes.extend_from_slice(&value.to_be_bytes());
        }
        self.left -= 1;
        self
    }

    /// A bytea with the canonical bytes of a value.
    pub(super) fn body(mut self, value: &impl Field) -> Self {
        let at = self.bytes.len();
        self.bytes.extend_from_slice(&[0; 4]);
        value.put(self.bytes);
        let length = i32::try_from(self.bytes.len() - at - 4).unwrap_or(i32::MAX);
        self.bytes[at..at + 4].copy_from_slice(&length.to_be_bytes());
        self.left -= 1;
        self
    }

    /// The row is whole.
    pub(super) fn end(self) {
        assert!(self.left == 0, "a row has as many columns as its statement names");
    }
}
