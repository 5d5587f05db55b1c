//! The cold index in `PATH.d/cold.db`.
//!
//! Statements per batch: begin, cursor, one a row, one a sender, cursor, commit; one sync, and the
//! checkpoint of its own log, which nobody waits for. Per question: begin, the horizons, one for
//! each id that is not above its sender's horizon, end. The horizons are read in the transaction of
//! the question, so that a reader never proves an id absent by a horizon that has moved on.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use store::cold::{check_size, check_write, id_ms};
use store::{ColdBatch, ColdId, ColdReader, ColdStore, Fault, FoundId};

use crate::Synchronous;
use crate::file::{Access, Db, Enough, Migrations};
use crate::lock::Lock;

const COLD: Migrations = &[include_str!("../sql/cold/0001_cold.sql")];

/// Pages in the log from which it is moved after a batch: 16 MiB.
const CHECKPOINT_FROM: i64 = 1_024;

/// A handle to the cold index.
#[derive(Debug)]
pub struct Cold {
    db: Db,
    path: PathBuf,
    _lock: Arc<Lock>,
}

impl Cold {
    pub(crate) fn open(path: PathBuf, lock: Arc<Lock>) -> Result<Cold, Fault> {
        if !path.exists() {
            let mut unfinished = path.clone().into_os_string();
            unfinished.push(".new");
            Db::make(&path, &PathBuf::from(unfinished), COLD, |_| Ok(()))?;
        }
        let db = Db::open(&path, Access::Write(Synchronous::Full), COLD)?;
        Ok(Cold { db, path, _lock: lock })
    }

    /// Writes within a transaction that the caller began.
    fn put(&self, batch: &ColdBatch, cursor: u64) -> Result<(), Fault> {
        check_write(batch, cursor_of(&self.db)?, cursor)?;
        let mut ids: Vec<&ColdId> = batch.ids.iter().collect();
        ids.sort_by_key(|row| (row.id, row.sender));
        let mut horizons = BTreeMap::new();
        for row in ids {
            let values = (row.id, row.sender, row.found.seq, row.found.digest);
            self.db.change(include_str!("../sql/cold/insert_id.sql"), values)?;
            // In the order of the ids, so the last of a sender is its largest.
            horizons.insert(row.sender, id_ms(&row.id));
        }
        for (sender, ms) in horizons {
            self.db.change(include_str!("../sql/cold/put_horizon.sql"), (sender, ms))?;
        }
        for bet in &batch.bets {
            let values = (bet.bet, bet.organiser, bet.seq, bet.row.as_slice());
            self.db.change(include_str!("../sql/cold/put_bet.sql"), values)?;
        }
        self.db.change(include_str!("../sql/cold/set_cursor.sql"), [cursor])?;
        self.db.run(include_str!("../sql/commit.sql"))
    }

    fn checkpoint(&self) -> Result<(), Fault> {
        let state = include_str!("../sql/log_state.sql");
        let pages: Option<i64> = self.db.row(state, [], |row| row.get(1))?;
        if CHECKPOINT_FROM <= pages.unwrap_or_default() {
            let _: i64 = self.db.one(include_str!("../sql/checkpoint_restart.sql"), [])?;
        }
        Ok(())
    }
}

impl ColdReader for Cold {
    fn cursor(&mut self) -> Result<u64, Fault> {
        cursor_of(&self.db)
    }

    fn find_ids(&mut self, keys: &[(u32, [u8; 16])]) -> Result<Vec<Option<FoundId>>, Fault> {
        find_ids(&self.db, keys)
    }

    fn find_bets(&mut self, keys: &[(u32, [u8; 16])]) -> Result<Vec<Option<Vec<u8>>>, Fault> {
        find_bets(&self.db, keys)
    }

    fn horizon(&mut self) -> Result<Vec<(u32, u64)>, Fault> {
        horizons(&self.db)
    }
}

impl ColdStore for Cold {
    fn write(&mut self, batch: &ColdBatch, cursor: u64) -> Result<(), Fault> {
        self.db.run(include_str!("../sql/begin.sql"))?;
        if let Err(fault) = self.put(batch, cursor) {
            if !self.db.is_idle() {
                self.db.run(include_str!("../sql/rollback.sql"))?;
            }
            return Err(fault);
        }
        self.checkpoint()
    }

    fn reader(&self) -> Result<Box<dyn ColdReader>, Fault> {
        let db = Db::open(&self.path, Access::Read, COLD)?;
        Ok(Box::new(Reading { db }))
    }
}

/// A reader of the cold index.
#[derive(Debug)]
struct Reading {
    db: Db,
}

impl ColdReader for Reading {
    fn cursor(&mut self) -> Result<u64, Fault> {
        cursor_of(&self.db)
    }

    fn find_ids(&mut self, keys: &[(u32, [u8; 16])]) -> Result<Vec<Option<FoundId>>, Fault> {
        find_ids(&self.db, keys)
    }

    fn find_bets(&mut self, keys: &[(u32, [u8; 16])]) -> Result<Vec<Option<Vec<u8>>>, Fault> {
        find_bets(&self.db, keys)
    }

    fn horizon(&mut self) -> Result<Vec<(u32, u64)>, Fault> {
        horizons(&self.db)
    }
}

fn cursor_of(db: &Db) -> Result<u64, Fault> {
    db.one(include_str!("../sql/cold/cursor.sql"), [])
}

fn horizons(db: &Db) -> Result<Vec<(u32, u64)>, Fault> {
    let mut found = Vec::new();
    let sql = include_str!("../sql/cold/horizon.sql");
    db.rows(
        sql,
        [],
        |row| Ok((row.get(0)?, row.get(1)?)),
        |row| {
            found.push(row);
            Ok(Enough::No)
        },
    )?;
    Ok(found)
}

fn find_ids(db: &Db, keys: &[(u32, [u8; 16])]) -> Result<Vec<Option<FoundId>>, Fault> {
    check_size(keys.len())?;
    let sql = include_str!("../sql/cold/find_id.sql");
    reading(db, || {
        let horizons: BTreeMap<u32, u64> = horizons(db)?.into_iter().collect();
        let find = |(sender, id): &(u32, [u8; 16])| {
            if horizons.get(sender).is_none_or(|horizon| *horizon < id_ms(id)) {
                return Ok(None);
            }
            let read =
                |row: &rusqlite::Row<'_>| Ok(FoundId { seq: row.get(0)?, digest: row.get(1)? });
            db.row(sql, (id, sender), read)
        };
        keys.iter().map(find).collect()
    })
}

fn find_bets(db: &Db, keys: &[(u32, [u8; 16])]) -> Result<Vec<Option<Vec<u8>>>, Fault> {
    check_size(keys.len())?;
    let sql = include_str!("../sql/cold/find_bet.sql");
    reading(db, || {
        keys.iter()
            .map(|(organiser, bet)| db.row(sql, (bet, organiser), |row| row.get(0)))
            .collect()
    })
}

/// Runs questions in one transaction, so that all see the same rows.
fn reading<T>(db: &Db, ask: impl FnOnce() -> Result<T, Fault>) -> Result<T, Fault> {
    db.run(include_str!("../sql/begin_read.sql"))?;
    let answer = ask();
    let ended = db.run(include_str!("../sql/rollback.sql"));
    let answer = answer?;
    ended?;
    Ok(answer)
}
