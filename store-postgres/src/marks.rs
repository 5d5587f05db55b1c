//! Marks as rows. They are read on the server that takes writes: a standby may lag. Each call is
//! one statement, and a change waits for the medium and the standbys.

use store::marks::check;
use store::{Fault, Mark, MarkStore, Marked};

use crate::address::Address;
use crate::db::{Wait, again};
use crate::line::Line;

/// A handle to the marks; it connects when it is first asked, and again when it was cut off.
#[derive(Debug)]
pub struct Marks {
    line: Line,
}

impl Marks {
    /// Those of the store at this address.
    pub fn at(address: &Address) -> Marks {
        Marks { line: Line::to(address, Wait::Durable) }
    }
}

impl MarkStore for Marks {
    fn mark(&mut self, name: &str) -> Result<Option<Mark>, Fault> {
        check(name, &[])?;
        let row = self.line.db()?.row(include_str!("../sql/marks/mark.sql"), &[&name])?;
        Ok(row.map(|row| Mark { version: row.get::<_, i64>(0).unsigned_abs(), bytes: row.get(1) }))
    }

    fn set_mark(&mut self, name: &str, expected: u64, bytes: &[u8]) -> Result<Marked, Fault> {
        check(name, bytes)?;
        let db = self.line.db()?;
        let expected = expected as i64;
        let changed = again(|| match expected {
            0 => db.change(include_str!("../sql/marks/insert.sql"), &[&name, &bytes]),
            _ => {
                let sql = include_str!("../sql/marks/update.sql");
                db.change(sql, &[&name, &expected, &bytes])
            }
        })?;
        if let Some(notice) = db.warned() {
            return Err(Fault::sync(db.place(), notice));
        }
        Ok(if changed == 1 { Marked::Done } else { Marked::Moved })
    }
}
