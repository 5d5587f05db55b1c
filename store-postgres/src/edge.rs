//! The edge as rows of the schema `edge`. Each change is one statement, which waits for the medium
//! and the standbys; what is read is read on the server that takes writes.

use postgres::Row;
use store::Fault;
use store::edge::terms::Instant;
use store::edge::{EdgeRow, EdgeStore, Put, TakeEdgeRow, check, takes_more};

use crate::address::{Address, Server};
use crate::db::{Db, Wait, again, whole};
use crate::line::Line;
use crate::schema::{self, EDGE, prepare};

/// Rows of a page that are asked for at once: a value may be large.
const STEP: i64 = 32;

/// A handle to the edge; it connects again when it was cut off.
#[derive(Debug)]
pub struct Edge {
    address: Address,
    line: Line,
}

impl Edge {
    /// Opens the schema, which is made when it is not there.
    pub fn open(address: &Address) -> Result<Edge, Fault> {
        prepare(&mut Db::connect(address, Server::Primary, Wait::Durable)?, &EDGE, true)?;
        Ok(Edge::at(address))
    }

    /// Whether the schema is there, asked without making it.
    pub fn is_there(address: &Address) -> Result<bool, Fault> {
        let mut db = Db::connect(address, Server::Primary, Wait::Durable)?;
        Ok(0 < schema::check(&mut db, &EDGE)?)
    }

    fn at(address: &Address) -> Edge {
        let line = Line::to_schema(address, Wait::Durable, &EDGE);
        Edge { address: address.clone(), line }
    }

    /// One statement, and what is durable behind it.
    fn change<T>(&mut self, mut ask: impl FnMut(&mut Db) -> Result<T, Fault>) -> Result<T, Fault> {
        let db = self.line.db()?;
        let done = again(|| ask(db))?;
        match db.warned() {
            Some(notice) => Err(Fault::sync(db.place(), notice)),
            None => Ok(done),
        }
    }
}

fn read(row: &Row) -> EdgeRow {
    EdgeRow {
        // Cannot be otherwise: this program writes no other.
        table: row.get::<_, i32>(0) as u16,
        key: row.get(1),
        value: row.get(2),
        version: row.get::<_, i64>(3).unsigned_abs(),
        expires_at: row.get::<_, Option<i64>>(4).map(Instant),
    }
}

impl EdgeStore for Edge {
    fn another(&self) -> Result<Box<dyn EdgeStore>, Fault> {
        Ok(Box::new(Edge::at(&self.address)))
    }

    fn get(&mut self, table: u16, key: &[u8], now: Instant) -> Result<Option<EdgeRow>, Fault> {
        let sql = include_str!("../sql/edge/get.sql");
        let row = self.line.db()?.row(sql, &[&i32::from(table), &key])?;
        Ok(row.as_ref().map(read).filter(|row| row.holds(now)))
    }

    fn put(&mut self, row: &EdgeRow, expected: u64, now: Instant) -> Result<Put, Fault> {
        check(&row.key, &row.value)?;
        let (table, end) = (i32::from(row.table), row.expires_at.map(|end| end.0));
        let put = self.change(|db| match expected {
            0 => {
                let sql = include_str!("../sql/edge/insert.sql");
                db.row(sql, &[&table, &row.key, &row.value, &end, &now.0])
            }
            _ => {
                let sql = include_str!("../sql/edge/update.sql");
                let expected = expected as i64;
                db.row(sql, &[&table, &row.key, &row.value, &end, &now.0, &expected])
            }
        })?;
        Ok(put.map_or(Put::Moved, |row| Put::Done(row.get::<_, i64>(0).unsigned_abs())))
    }

    fn delete(&mut self, table: u16, key: &[u8], expected: u64) -> Result<bool, Fault> {
        let (table, expected) = (i32::from(table), expected as i64);
        let sql = include_str!("../sql/edge/delete.sql");
        Ok(self.change(|db| db.change(sql, &[&table, &key, &expected]))? == 1)
    }

    fn list(
        &mut self,
        table: u16,
        prefix: &[u8],
        after: Option<&[u8]>,
        now: Instant,
    ) -> Result<Vec<EdgeRow>, Fault> {
        let db = self.line.db()?;
        let (mut found, mut bytes) = (Vec::<EdgeRow>::new(), 0);
        let mut after = after.filter(|after| prefix <= *after).map(<[u8]>::to_vec);
        loop {
            let sql = match after {
                Some(_) => include_str!("../sql/edge/list_after.sql"),
                None => include_str!("../sql/edge/list_from.sql"),
            };
            let from = after.as_deref().unwrap_or(prefix);
            let rows = db.rows(sql, &[&i32::from(table), &from, &now.0, &STEP])?;
            let last = (rows.len() as i64) < STEP;
            for row in rows.iter().map(read) {
                if !row.key.starts_with(prefix) || !takes_more(found.len(), bytes) {
                    return Ok(found);
                }
                bytes += row.value.len();
                after = Some(row.key.clone());
                found.push(row);
            }
            if last {
                return Ok(found);
            }
        }
    }

    fn sweep(&mut self, now: Instant, limit: usize) -> Result<usize, Fault> {
        let sql = include_str!("../sql/edge/sweep.sql");
        let swept = self.change(|db| db.change(sql, &[&now.0, &(limit as i64)]))?;
        Ok(usize::try_from(swept).unwrap_or(usize::MAX))
    }

    fn dump(&mut self, take: TakeEdgeRow<'_>) -> Result<(), Fault> {
        let db = self.line.db()?;
        db.run(include_str!("../sql/begin_read.sql"))?;
        let done = dump(db, take);
        db.run(include_str!("../sql/rollback.sql"))?;
        done
    }

    fn load(&mut self, rows: &[EdgeRow]) -> Result<(), Fault> {
        rows.iter().try_for_each(|row| check(&row.key, &row.value))?;
        whole(self.line.db()?, |db| {
            for row in rows {
                let (table, version) = (i32::from(row.table), row.version as i64);
                let end = row.expires_at.map(|end| end.0);
                let sql = include_str!("../sql/edge/load.sql");
                db.change(sql, &[&table, &row.key, &row.value, &version, &end])?;
                db.rows(include_str!("../sql/edge/raise_version.sql"), &[&version])?;
            }
            Ok(())
        })
    }

    fn upkeep(&mut self) -> Result<(), Fault> {
        Ok(())
    }
}

fn dump(db: &mut Db, take: TakeEdgeRow<'_>) -> Result<(), Fault> {
    let mut after = (-1, Vec::new());
    loop {
        let rows =
            db.rows(include_str!("../sql/edge/all_from.sql"), &[&after.0, &after.1, &STEP])?;
        let Some(last) = rows.last().map(read) else { return Ok(()) };
        after = (i32::from(last.table), last.key);
        rows.iter().map(read).try_for_each(&mut *take)?;
    }
}
