//! Tables of rows that never change, in blocks: a statement for each row would cost more than the
//! row itself.

use std::ops::Range;

use rusqlite::Row;
use store::Fault;
use store::views::reports::{PostingRow, SettlementRow};
use store::views::terms::codec::{Field, Reader};

use super::rows;
use crate::file::{Db, Enough};

/// Rows of one block: some kilobytes, so that a page of the file holds several.
const ROWS_MAX: usize = 64;

/// A row of a table of blocks.
pub(super) trait Blocked: Field {
    /// Adds a block under the key of its first row.
    const INSERT: &str;
    /// The blocks that may hold rows of a range of keys.
    const UP: &str;

    /// Grows from one row to the next.
    fn key(&self) -> u64;
}

impl Blocked for PostingRow {
    const INSERT: &str = include_str!("../../sql/views/insert_postings.sql");
    const UP: &str = include_str!("../../sql/views/postings_up.sql");

    fn key(&self) -> u64 {
        PostingRow::key(self)
    }
}

impl Blocked for SettlementRow {
    const INSERT: &str = include_str!("../../sql/views/insert_settlements.sql");
    const UP: &str = include_str!("../../sql/views/settlements_up.sql");

    fn key(&self) -> u64 {
        self.seq.0
    }
}

/// Adds rows behind all that are there.
pub(super) fn append<T: Blocked>(db: &Db, rows: &[T]) -> Result<(), Fault> {
    db.change_each(T::INSERT, rows.chunks(ROWS_MAX), |statement, block| {
        let mut bodies = Vec::with_capacity(4_096);
        block.iter().for_each(|row| row.put(&mut bodies));
        statement.execute((block.first().map_or(0, Blocked::key), bodies))
    })
}

/// Gives each row of a range of keys, in order, until there are enough.
pub(super) fn each<T: Blocked>(
    db: &Db,
    keys: Range<u64>,
    mut take: impl FnMut(T) -> Result<Enough, Fault>,
) -> Result<(), Fault> {
    db.rows(T::UP, (keys.start, keys.end), block::<T>, |block| {
        for row in block {
            if keys.contains(&row.key()) && take(row)? == Enough::Yes {
                return Ok(Enough::Yes);
            }
        }
        Ok(Enough::No)
    })
}

/// The row of a key.
pub(super) fn at<T: Blocked>(db: &Db, key: u64) -> Result<Option<T>, Fault> {
    let mut found = None;
    each(db, key..key + 1, |row| {
        found = Some(row);
        Ok(Enough::Yes)
    })?;
    Ok(found)
}

/// The newest postings of a range of keys that are wanted, newest first.
pub(super) fn newest_postings(
    db: &Db,
    keys: Range<u64>,
    limit: usize,
    wanted: impl Fn(&PostingRow) -> bool,
) -> Result<Vec<PostingRow>, Fault> {
    let sql = include_str!("../../sql/views/postings_down.sql");
    let mut found = Vec::new();
    db.rows(sql, (keys.start, keys.end), block::<PostingRow>, |block| {
        let hits = block.into_iter().rev().filter(|row| keys.contains(&row.key()) && wanted(row));
        found.extend(hits.take(limit - found.len()));
        Ok(if found.len() < limit { Enough::No } else { Enough::Yes })
    })?;
    Ok(found)
}

fn block<T: Field>(row: &Row<'_>) -> rusqlite::Result<Vec<T>> {
    let mut from = Reader::new(row.get_ref(0)?.as_blob()?);
    let mut block = Vec::with_capacity(ROWS_MAX);
    while 0 < from.left() {
        block.push(T::read(&mut from).map_err(|broken| rows::unread(0, broken))?);
    }
    Ok(block)
}
