//! Snapshots as rows: all rows of one appear in one transaction, or none of them.
//!
//! They are in the database so that a node which has never run is ready in seconds. Cost of a
//! snapshot: its bytes once through the server's log; one row for each piece.

use std::io::{self, Read};

use store::limits::SNAPSHOTS_KEPT;
use store::{Fault, Latest, SnapshotBytes, SnapshotReader, SnapshotStore, SnapshotWriter};

use crate::address::{Address, Server};
use crate::db::{Db, Wait};

/// The snapshots of a store.
#[derive(Clone, Debug)]
pub struct Snapshots {
    address: Address,
}

impl Snapshots {
    /// Those of a database, on any server that has it.
    pub fn at(address: &Address) -> Snapshots {
        Snapshots { address: address.clone() }
    }

    fn open(&self, seq: i64) -> Result<SnapshotReader, Fault> {
        let place = format!("{}, snapshot {seq}", self.address);
        let db = Db::connect(&self.address, Server::Any, Wait::Durable)?;
        let (part, held, at) = (0, Vec::new(), 0);
        let rows = Rows { db, seq, part, held, at };
        let reader = SnapshotReader::open(Box::new(rows), place.clone())?;
        if reader.seq() != seq as u64 {
            return Err(Fault::damaged(place, None, format!("it is of seq {}", reader.seq())));
        }
        Ok(reader)
    }
}

impl SnapshotStore for Snapshots {
    fn begin(&mut self, seq: u64) -> Result<Box<dyn SnapshotWriter>, Fault> {
        let mut db = Db::connect(&self.address, Server::Primary, Wait::Durable)?;
        let (bytes, start) = SnapshotBytes::begin(seq)?;
        db.run(include_str!("../sql/begin.sql"))?;
        let mut writing = Writing { db, seq: seq as i64, part: 0, bytes };
        writing.db.change(include_str!("../sql/snapshots/delete.sql"), &[&writing.seq])?;
        writing.put(&start)?;
        Ok(Box::new(writing))
    }

    fn latest(&mut self) -> Result<Latest, Fault> {
        let mut db = Db::connect(&self.address, Server::Any, Wait::Durable)?;
        let mut damaged = Vec::new();
        for row in db.rows(include_str!("../sql/snapshots/list.sql"), &[])? {
            let seq = row.get(0);
            match self.open(seq).and_then(|first| {
                first.check()?;
                self.open(seq)
            }) {
                Ok(reader) => return Ok(Latest { reader: Some(reader), damaged }),
                Err(fault) => damaged.push(fault),
            }
        }
        Ok(Latest { reader: None, damaged })
    }
}

/// A snapshot in a transaction that ends with the connection, if not before.
struct Writing {
    db: Db,
    seq: i64,
    part: i32,
    bytes: SnapshotBytes,
}

impl Writing {
    fn put(&mut self, bytes: &[u8]) -> Result<(), Fault> {
        let insert = include_str!("../sql/snapshots/insert.sql");
        self.db.change(insert, &[&self.seq, &self.part, &bytes])?;
        self.part += 1;
        Ok(())
    }
}

impl SnapshotWriter for Writing {
    fn piece(&mut self, bytes: &[u8]) -> Result<(), Fault> {
        let piece = self.bytes.piece(bytes)?;
        self.put(&piece)
    }

    fn finish(self: Box<Self>) -> Result<(), Fault> {
        let Writing { mut db, seq, part, bytes } = *self;
        let insert = include_str!("../sql/snapshots/insert.sql");
        db.change(insert, &[&seq, &part, &bytes.end()?])?;
        let kept = SNAPSHOTS_KEPT as i64;
        db.change(include_str!("../sql/snapshots/delete_old.sql"), &[&kept])?;
        db.run(include_str!("../sql/commit.sql"))
    }
}

/// The bytes of a snapshot, row by row.
struct Rows {
    db: Db,
    seq: i64,
    part: i32,
    held: Vec<u8>,
    at: usize,
}

impl Read for Rows {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if self.held.len() <= self.at {
            let sql = include_str!("../sql/snapshots/part.sql");
            let found = self.db.row(sql, &[&self.seq, &self.part]).map_err(io::Error::other)?;
            let Some(row) = found else { return Ok(0) };
            (self.held, self.at, self.part) = (row.get(0), 0, self.part + 1);
        }
        let count = (&self.held[self.at..]).read(out)?;
        self.at += count;
        Ok(count)
    }
}
