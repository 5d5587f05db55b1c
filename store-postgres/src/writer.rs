//! The journal's writer: one statement appends a frame if the journal ends as expected.
//!
//! The guard is in the statement: the frame before must be there with the expected hash, and of two
//! writers that add the same number the primary key lets one. What this writer knows of the head
//! only spares a question; it never decides.
//!
//! A connection that is lost while a frame is being written leaves its fate unknown. Then the head
//! is read again over a new connection, after which a write of its own is made durable: a frame
//! that is seen may else be nowhere but on a server that is about to be replaced.

use std::sync::Arc;
use std::time::{Duration, Instant};

use store::journal::check_next;
use store::{Appended, Fault, Frame, Head, JournalReader, JournalStore, Lock, Upkeep};

use crate::address::{Address, Server};
use crate::db::{Db, TRIES_MAX, Wait, fault_met_another, is_refusal, met_another};
use crate::reader::{Reader, last_frame};
use crate::{Turn, schema};

/// The writer of the journal.
#[derive(Debug)]
pub struct Journal {
    address: Address,
    patience: Duration,
    turn: Turn,
    /// None after the connection was lost.
    db: Option<Db>,
    /// The head, if nothing has happened since it was known.
    known: Option<Head>,
    /// Something that the server has confirmed may be nowhere but there: nothing more is written.
    unsynced: bool,
    _lock: Option<Arc<Lock>>,
}

impl Journal {
    pub(crate) fn open(
        address: Address,
        patience: Duration,
        turn: Turn,
        lock: Option<Arc<Lock>>,
    ) -> Result<Journal, Fault> {
        let (db, known, unsynced) = (None, None, false);
        let mut journal = Journal { address, patience, turn, db, known, unsynced, _lock: lock };
        JournalStore::head(&mut journal)?;
        Ok(journal)
    }

    fn check_synced(&self) -> Result<(), Fault> {
        match self.unsynced {
            true => Err(Fault::sync(self.address.to_string(), "an earlier frame is not certain")),
            false => Ok(()),
        }
    }

    /// The connection; a new one if it was lost.
    fn db(&mut self) -> Result<&mut Db, Fault> {
        let (wanted, wait) = (Server::Primary, Wait::Durable);
        let db = match self.db.take().filter(|db| !db.is_closed()) {
            Some(db) => db,
            None => {
                self.known = None;
                let until = Instant::now() + self.patience;
                let mut db = Db::connect_until(&self.address, wanted, wait, until)?;
                schema::present(&mut db, &schema::JOURNAL)?;
                // Prepared now, so that an append is its one statement.
                let append = db.statement(include_str!("../sql/journal/append.sql"));
                append.map_err(|error| db.fault("write to", error))?;
                db
            }
        };
        Ok(self.db.insert(db))
    }

    /// The end of the journal, as it is stored and, for who appends, as durable as a write of our
    /// own.
    fn read_head(&mut self) -> Result<Head, Fault> {
        let turn = self.turn;
        let touch = include_str!("../sql/journal/touch.sql");
        let until = Instant::now() + self.patience;
        let mut tries = 1;
        loop {
            let read = self.db().and_then(|db| {
                let head = last_frame(db)?.map_or(Head::empty(), |frame| frame.head());
                match turn {
                    Turn::Writes => db.change(touch, &[])?,
                    Turn::Follows => 0,
                };
                Ok((head, db.warned()))
            });
            match read {
                Ok((head, None)) => {
                    self.known = Some(head);
                    return Ok(head);
                }
                Ok((_, Some(notice))) => {
                    self.unsynced = true;
                    return Err(Fault::sync(self.address.to_string(), notice));
                }
                // The server may go away between two statements as well.
                Err(_) if self.lost() && Instant::now() < until => {}
                Err(fault) if fault_met_another(&fault) && tries < TRIES_MAX => tries += 1,
                Err(fault) => return Err(fault),
            }
        }
    }

    /// Whether there was a connection and it is gone.
    fn lost(&mut self) -> bool {
        let lost = self.db.as_ref().is_some_and(Db::is_closed);
        if lost {
            self.db = None;
        }
        lost
    }

    /// Writes the frame, whose turn it is.
    fn insert(&mut self, expected: &Head, frame: &Frame) -> Appended {
        let (number, first_seq) = (frame.number as i64, frame.first_seq as i64);
        let (hash, before) = (&frame.hash.0[..], &expected.hash.0[..]);
        let mut tries = 1;
        loop {
            let db = match self.db() {
                Ok(db) => db,
                Err(fault) => return Appended::NotWritten(fault),
            };
            let sql = include_str!("../sql/journal/append.sql");
            let values: [&(dyn postgres::types::ToSql + Sync); 5] =
                [&number, &first_seq, &hash, &frame.bytes, &before];
            let done = db.execute(sql, &values);
            if let Some(notice) = db.warned() {
                self.unsynced = true;
                return Appended::Unknown(Fault::sync(self.address.to_string(), notice));
            }
            match done {
                Ok(0) => return self.not_ours(frame),
                Ok(_) => {
                    self.known = Some(frame.head());
                    return Appended::Appended(frame.head());
                }
                Err(error) if met_another(&error) && tries < TRIES_MAX => tries += 1,
                Err(error) => {
                    let (refused, fault) = (is_refusal(&error), db.fault("append to", error));
                    self.known = None;
                    if refused {
                        return Appended::NotWritten(fault);
                    }
                    self.db = None;
                    return Appended::Unknown(fault);
                }
            }
        }
    }

    /// Nothing was written: the journal ends elsewhere, or with this very frame, which a lost
    /// connection has written meanwhile.
    fn not_ours(&mut self, frame: &Frame) -> Appended {
        match self.read_head() {
            Ok(head) if head == frame.head() => Appended::Appended(head),
            Ok(head) => Appended::HeadMoved(head),
            Err(fault) => Appended::NotWritten(fault),
        }
    }
}

impl JournalStore for Journal {
    fn head(&mut self) -> Result<Head, Fault> {
        self.check_synced()?;
        self.read_head()
    }

    fn append(&mut self, expected: &Head, frame: &Frame) -> Appended {
        if let Err(fault) = self.check_synced() {
            return Appended::NotWritten(fault);
        }
        if self.turn == Turn::Follows {
            let what = "this journal was opened to be followed";
            return Appended::NotWritten(Fault::refused(what));
        }
        let same = |head: &Head| (head.frame, head.hash) == (expected.frame, expected.hash);
        let known = match self.known.filter(same).map_or_else(|| self.read_head(), Ok) {
            Ok(known) => known,
            Err(fault) => return Appended::NotWritten(fault),
        };
        if !same(&known) {
            return Appended::HeadMoved(known);
        }
        match check_next(&known, frame) {
            Ok(()) => self.insert(&known, frame),
            Err(what) => Appended::NotWritten(Fault::refused(what)),
        }
    }

    fn upkeep(&mut self) -> Result<Upkeep, Fault> {
        self.check_synced()?;
        // The server's own processes keep house.
        Ok(Upkeep::default())
    }

    fn reader(&self) -> Result<Box<dyn JournalReader>, Fault> {
        Ok(Box::new(Reader::open_newest(&self.address)?))
    }
}
