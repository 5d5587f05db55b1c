//! The lease as one row, by the clock of the server that takes writes.
//!
//! Each call is one statement. None waits for the medium or for a standby: while a standby is
//! missed, frames wait, and the node that waits keeps its lease.

use store::lease::{LEASE_MS, check};
use store::{Fault, Holder, Lease, LeaseStore};

use crate::address::Address;
use crate::db::{Values, Wait, again};
use crate::line::Line;

/// A handle to the lease; it connects when it is first asked, and again when it was cut off.
#[derive(Debug)]
pub struct Leases {
    line: Line,
}

impl Leases {
    /// That of the store at this address.
    pub fn at(address: &Address) -> Leases {
        Leases { line: Line::to(address, Wait::Nothing) }
    }

    fn change(&mut self, sql: &str, values: Values<'_>) -> Result<u64, Fault> {
        let db = self.line.db()?;
        again(|| db.change(sql, values))
    }
}

impl LeaseStore for Leases {
    fn look(&mut self) -> Result<Option<Lease>, Fault> {
        let row = self.line.db()?.row(include_str!("../sql/lease/look.sql"), &[])?;
        Ok(row.map(|row| Lease {
            term: row.get::<_, i64>(0).unsigned_abs(),
            holder: Holder { node: row.get(1), api: row.get(2), console: row.get(3) },
            left_ms: row.get::<_, i64>(4).unsigned_abs(),
        }))
    }

    fn take(&mut self, holder: &Holder) -> Result<Option<u64>, Fault> {
        check(holder)?;
        let Holder { node, api, console } = holder;
        let ms = LEASE_MS as f64;
        let sql = include_str!("../sql/lease/take.sql");
        let db = self.line.db()?;
        let row = again(|| db.row(sql, &[node, api, console, &ms]))?;
        Ok(row.map(|row| row.get::<_, i64>(0).unsigned_abs()))
    }

    fn renew(&mut self, term: u64) -> Result<bool, Fault> {
        let (term, ms) = (term as i64, LEASE_MS as f64);
        Ok(self.change(include_str!("../sql/lease/renew.sql"), &[&term, &ms])? == 1)
    }

    fn release(&mut self, term: u64) -> Result<(), Fault> {
        let term = term as i64;
        self.change(include_str!("../sql/lease/release.sql"), &[&term]).map(drop)
    }
}
