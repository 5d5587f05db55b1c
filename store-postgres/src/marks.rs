//! Marks as rows. They are read on the server that takes writes: a standby may lag. Each call is
//! one statement, and a change waits for the medium and the standbys.

use store::marks::check;
use store::{Fault, Mark, MarkStore, Marked};

use crate::address::{Address, Server};
use crate::db::{Db, TRIES_MAX, Wait, fault_met_another};
use crate::schema;

/// A handle to the marks; it connects when it is first asked, and again when it was cut off.
#[derive(Debug)]
pub struct Marks {
    address: Address,
    db: Option<Db>,
}

impl Marks {
    /// Those of the store at this address.
    pub fn at(address: &Address) -> Marks {
        Marks { address: address.clone(), db: None }
    }

    fn db(&mut self) -> Result<&mut Db, Fault> {
        let db = match self.db.take().filter(|db| !db.is_closed()) {
            Some(db) => db,
            None => {
                let mut db = Db::connect(&self.address, Server::Primary, Wait::Durable)?;
                schema::present(&mut db, &schema::JOURNAL)?;
                db
            }
        };
        Ok(self.db.insert(db))
    }
}

impl MarkStore for Marks {
    fn mark(&mut self, name: &str) -> Result<Option<Mark>, Fault> {
        check(name, &[])?;
        let row = self.db()?.row(include_str!("../sql/marks/mark.sql"), &[&name])?;
        Ok(row.map(|row| Mark { version: row.get::<_, i64>(0).unsigned_abs(), bytes: row.get(1) }))
    }

    fn set_mark(&mut self, name: &str, expected: u64, bytes: &[u8]) -> Result<Marked, Fault> {
        check(name, bytes)?;
        let place = self.address.to_string();
        let db = self.db()?;
        let expected = expected as i64;
        let mut tries = 1;
        let changed = loop {
            let done = match expected {
                0 => db.change(include_str!("../sql/marks/insert.sql"), &[&name, &bytes]),
                _ => {
                    let sql = include_str!("../sql/marks/update.sql");
                    db.change(sql, &[&name, &expected, &bytes])
                }
            };
            match done {
                Err(fault) if fault_met_another(&fault) && tries < TRIES_MAX => tries += 1,
                done => break done?,
            }
        };
        if let Some(notice) = db.warned() {
            return Err(Fault::sync(place, notice));
        }
        Ok(if changed == 1 { Marked::Done } else { Marked::Moved })
    }
}
