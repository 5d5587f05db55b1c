//! The edge in `PATH.d/edge.db`.
//!
//! Statements per change: begin, version, last version, row, last version, commit; one sync. What
//! is read is one statement. Several handles and processes may use the file at once.

use std::path::PathBuf;

use rusqlite::Row;
use store::Fault;
use store::edge::terms::Instant;
use store::edge::{EdgeRow, EdgeStore, Put, TakeEdgeRow, check, takes_more};

use crate::file::{Db, Enough, Migrations};

const EDGE: Migrations = &[include_str!("../sql/edge/0001_edge.sql")];

/// A handle to the edge.
#[derive(Debug)]
pub struct Edge {
    db: Db,
    path: PathBuf,
}

impl Edge {
    /// Opens the file, which is made when it is not there.
    pub fn open(path: impl Into<PathBuf>) -> Result<Edge, Fault> {
        let path = path.into();
        let db = Db::shared(&path, EDGE, include_str!("../sql/edge/settings.sql"))?;
        Ok(Edge { db, path })
    }

    /// Finds damage in the file.
    pub fn check_pages(&self) -> Result<(), Fault> {
        self.db.check_pages()
    }
}

fn read(row: &Row<'_>) -> rusqlite::Result<EdgeRow> {
    Ok(EdgeRow {
        table: row.get(0)?,
        key: row.get(1)?,
        value: row.get(2)?,
        version: row.get(3)?,
        expires_at: row.get::<_, Option<i64>>(4)?.map(Instant),
    })
}

impl EdgeStore for Edge {
    fn another(&self) -> Result<Box<dyn EdgeStore>, Fault> {
        Ok(Box::new(Edge::open(&self.path)?))
    }

    fn get(&mut self, table: u16, key: &[u8], now: Instant) -> Result<Option<EdgeRow>, Fault> {
        let row = self.db.row(include_str!("../sql/edge/get.sql"), (table, key), read)?;
        Ok(row.filter(|row| row.holds(now)))
    }

    fn put(&mut self, row: &EdgeRow, expected: u64, now: Instant) -> Result<Put, Fault> {
        check(&row.key, &row.value)?;
        let db = &self.db;
        db.whole(|| {
            let sql = include_str!("../sql/edge/version.sql");
            let there = db.row(sql, (row.table, &row.key), |found| {
                Ok((found.get::<_, u64>(0)?, found.get::<_, Option<i64>>(1)?.map(Instant)))
            })?;
            let there = there.filter(|(_, end)| end.is_none_or(|end| now < end));
            if there.map_or(0, |(version, _)| version) != expected {
                return Ok(Put::Moved);
            }
            let last: u64 = db.one(include_str!("../sql/edge/last_version.sql"), [])?;
            let version = last + 1;
            let end = row.expires_at.map(|end| end.0);
            let values = (row.table, &row.key, &row.value, version, end);
            db.change(include_str!("../sql/edge/put.sql"), values)?;
            db.change(include_str!("../sql/edge/set_last_version.sql"), [version])?;
            Ok(Put::Done(version))
        })
    }

    fn delete(&mut self, table: u16, key: &[u8], expected: u64) -> Result<bool, Fault> {
        let sql = include_str!("../sql/edge/delete.sql");
        Ok(self.db.count(sql, (table, key, expected))? == 1)
    }

    fn list(
        &mut self,
        table: u16,
        prefix: &[u8],
        after: Option<&[u8]>,
        now: Instant,
    ) -> Result<Vec<EdgeRow>, Fault> {
        let (sql, from) = match after.filter(|after| prefix <= *after) {
            Some(after) => (include_str!("../sql/edge/list_after.sql"), after),
            None => (include_str!("../sql/edge/list_from.sql"), prefix),
        };
        let (mut found, mut bytes) = (Vec::new(), 0);
        self.db.rows(sql, (table, from), read, |row| {
            if !row.key.starts_with(prefix) || !takes_more(found.len(), bytes) {
                return Ok(Enough::Yes);
            }
            if row.holds(now) {
                bytes += row.value.len();
                found.push(row);
            }
            Ok(Enough::No)
        })?;
        Ok(found)
    }

    fn sweep(&mut self, now: Instant, limit: usize) -> Result<usize, Fault> {
        self.db.count(include_str!("../sql/edge/sweep.sql"), (now.0, limit as u64))
    }

    fn dump(&mut self, take: TakeEdgeRow<'_>) -> Result<(), Fault> {
        let db = &self.db;
        db.reading(|| {
            db.rows(include_str!("../sql/edge/all.sql"), [], read, |row| {
                take(row).map(|()| Enough::No)
            })
        })
    }

    fn load(&mut self, rows: &[EdgeRow]) -> Result<(), Fault> {
        let db = &self.db;
        db.whole(|| {
            for row in rows {
                check(&row.key, &row.value)?;
                let end = row.expires_at.map(|end| end.0);
                let values = (row.table, &row.key, &row.value, row.version, end);
                db.change(include_str!("../sql/edge/insert.sql"), values)?;
                db.change(include_str!("../sql/edge/set_last_version.sql"), [row.version])?;
            }
            Ok(())
        })
    }

    fn upkeep(&mut self) -> Result<(), Fault> {
        self.db.truncate_log()
    }
}
