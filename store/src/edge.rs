//! What the edges keep and no journal knows: credentials, sessions, one-time codes, the progress of
//! a form, evidence of requests. Small versioned values with an expiry, by table and key.
//!
//! Guarantees of every adapter: a call that returns is durable; a value is replaced or removed only
//! by who names the version that is there, so that of two who change it at once one is told; a
//! version is never given twice in one store, so that what was removed and made again is another
//! value. Past its expiry a value is as if it were not there, by the instant that the caller names,
//! whether it was swept yet or not.
//!
//! It holds no personal data: a phone number is there as its keyed hash.

pub use terms;
use terms::Instant;

use crate::Fault;
use crate::limits::{EDGE_KEY_BYTES_MAX, EDGE_PAGE_BYTES_MAX, EDGE_PAGE_MAX, EDGE_VALUE_BYTES_MAX};

/// A value as it is.
#[derive(Clone, PartialEq, Eq)]
pub struct EdgeRow {
    /// The code of the table; tables belong to their rooms.
    pub table: u16,
    /// The key within the table.
    pub key: Vec<u8>,
    /// The value.
    pub value: Vec<u8>,
    /// Its version: greater than that of any value written before.
    pub version: u64,
    /// From when on it is no longer there; none if it stays.
    pub expires_at: Option<Instant>,
}

impl std::fmt::Debug for EdgeRow {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let EdgeRow { table, version, expires_at, value, .. } = self;
        let bytes = value.len();
        write!(f, "EdgeRow(table {table}, version {version}, {bytes} bytes, {expires_at:?})")
    }
}

impl EdgeRow {
    /// Whether it is still there at an instant.
    pub fn holds(&self, now: Instant) -> bool {
        self.expires_at.is_none_or(|end| now < end)
    }
}

/// What became of a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Put {
    /// It is durable under this version.
    Done(u64),
    /// Another version is there; nothing was changed.
    Moved,
}

/// Takes the rows of a copy.
pub type TakeEdgeRow<'a> = &'a mut dyn FnMut(EdgeRow) -> Result<(), Fault>;

/// The port.
pub trait EdgeStore: Send {
    /// One more handle to the same store, for another thread.
    fn another(&self) -> Result<Box<dyn EdgeStore>, Fault>;

    /// The value of a key.
    fn get(&mut self, table: u16, key: &[u8], now: Instant) -> Result<Option<EdgeRow>, Fault>;

    /// Writes a value whose version is `expected`; 0 for one that is not there. The version of
    /// `row` is not looked at.
    fn put(&mut self, row: &EdgeRow, expected: u64, now: Instant) -> Result<Put, Fault>;

    /// Removes a value of this version; false if another one is there, or none.
    fn delete(&mut self, table: u16, key: &[u8], expected: u64) -> Result<bool, Fault>;

    /// Values whose keys begin with `prefix`, in order of key, behind `after`: at most
    /// [`EDGE_PAGE_MAX`], and some bytes more than [`EDGE_PAGE_BYTES_MAX`] at most.
    fn list(
        &mut self,
        table: u16,
        prefix: &[u8],
        after: Option<&[u8]>,
        now: Instant,
    ) -> Result<Vec<EdgeRow>, Fault>;

    /// Removes up to `limit` values that have expired; how many.
    fn sweep(&mut self, now: Instant, limit: usize) -> Result<usize, Fault>;

    /// Gives all values as of one moment.
    fn dump(&mut self, take: TakeEdgeRow<'_>) -> Result<(), Fault>;

    /// Adds values of a copy with their versions, all or none. One that is there is a fault.
    fn load(&mut self, rows: &[EdgeRow]) -> Result<(), Fault>;

    /// Moves what is in a log to its place.
    fn upkeep(&mut self) -> Result<(), Fault>;
}

/// Refuses keys and values that no store has to hold.
pub fn check(key: &[u8], value: &[u8]) -> Result<(), Fault> {
    if key.is_empty() || EDGE_KEY_BYTES_MAX < key.len() {
        let what = format!("a key has 1 to {EDGE_KEY_BYTES_MAX} bytes, not {}", key.len());
        return Err(Fault::refused(what));
    }
    if EDGE_VALUE_BYTES_MAX < value.len() {
        let what = format!("a value of {} bytes", value.len());
        return Err(Fault::refused(format!("{what}, the most is {EDGE_VALUE_BYTES_MAX}")));
    }
    Ok(())
}

/// The first key behind all that begin with a prefix; none if there is no end.
pub fn behind(prefix: &[u8]) -> Option<Vec<u8>> {
    let mut end = prefix.to_vec();
    while let Some(last) = end.pop() {
        if last < u8::MAX {
            end.push(last + 1);
            return Some(end);
        }
    }
    None
}

/// Whether a page that has these rows and bytes takes one more.
pub fn takes_more(rows: usize, bytes: usize) -> bool {
    rows < EDGE_PAGE_MAX && bytes < EDGE_PAGE_BYTES_MAX
}
