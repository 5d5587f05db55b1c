//! The views: read models in tables, by month of day, that follow the journal.
//!
//! A step is one transaction, and the cursor's comparison in it lets one of two writers through.
//! New rows are copied in binary form; a changed bet is written in place, in room that its page
//! kept free, so that no index changes. Bets that a step changes and that nobody has in memory are
//! read by one statement before it. Statements per step: begin, cursor and commit; one for each
//! table that the step has rows of; for changed bets one for each month in which they lie. A month
//! gets its tables when the first row of it comes. No commit waits for the medium: a server that
//! dies may forget the last steps, each of them whole with its cursor, and then whoever projects
//! finds the cursor where the rows are and makes the steps again from frames, which are durable.
//!
//! The engine's own indexes answer what the embedded store has segments for, so upkeep has nothing
//! to do here.

mod binary;
mod columns;
mod copy;
mod months;
mod read;
mod search;
mod sums;

use std::collections::BTreeSet;

use store::views::reports::query::HITS_MAX;
use store::views::reports::{BetQuery, ChangedBet, Standing, Step, Totals};
use store::views::terms::{Broken, Field as _, Seq};
use store::views::{Found, ViewReader, ViewStore, Work, check_step};
use store::{Fault, Lock};

use std::sync::Arc;

use crate::address::{Address, Server};
use crate::db::{Db, Wait, again};
use crate::schema::{self, Schema};
use months::Month;

/// The schema of the views.
pub(crate) const VIEWS: Schema =
    Schema { name: "bej_views", migrations: &[include_str!("../sql/views/0001_views.sql")] };

/// A handle to the views.
#[derive(Debug)]
pub struct Views {
    address: Address,
    db: Db,
    /// The server that it speaks with.
    server: Server,
    /// Hits that are sorted without an index.
    hits_max: usize,
    /// What the writer knows; none for a reader.
    writer: Option<Writer>,
}

#[derive(Debug)]
struct Writer {
    /// Months that have their tables.
    months: BTreeSet<Month>,
    _lock: Option<Arc<Lock>>,
}

impl Views {
    /// Opens the views to write them, made when they are not there.
    pub(crate) fn open(address: &Address, lock: Option<Arc<Lock>>) -> Result<Views, Fault> {
        let mut db = Db::connect(address, Server::Primary, Wait::Nothing)?;
        schema::prepare(&mut db, &VIEWS, true)?;
        let writer = Some(Writer { months: BTreeSet::new(), _lock: lock });
        let (address, server) = (address.clone(), Server::Primary);
        Ok(Views { address, db, server, hits_max: HITS_MAX, writer })
    }

    /// Opens views to read them, on any server that has them; none if there are none yet.
    pub fn read(address: &Address) -> Result<Option<Views>, Fault> {
        Views::read_at(address, Server::Any)
    }

    fn read_at(address: &Address, server: Server) -> Result<Option<Views>, Fault> {
        let mut db = Db::connect(address, server, Wait::Nothing)?;
        if schema::check(&mut db, &VIEWS)? == 0 {
            return Ok(None);
        }
        schema::present(&mut db, &VIEWS)?;
        let address = address.clone();
        Ok(Some(Views { address, db, server, hits_max: HITS_MAX, writer: None }))
    }

    /// Sorts at most so many hits without an index; for tests, which have few.
    pub fn with_hits_of(mut self, hits_max: usize) -> Views {
        self.hits_max = hits_max;
        self
    }

    /// A connection that was lost is made again.
    fn connected(&mut self) -> Result<(), Fault> {
        if self.db.is_closed() {
            self.db = Db::connect(&self.address, self.server, Wait::Nothing)?;
        }
        Ok(())
    }

    /// Makes the rows of a step, all or none.
    fn put(&mut self, step: &Step) -> Result<(), Fault> {
        let db = &mut self.db;
        db.run(include_str!("../sql/begin.sql"))?;
        let done = put_all(db, step).and_then(|()| db.run(include_str!("../sql/commit.sql")));
        if done.is_err() && !db.is_closed() {
            db.run(include_str!("../sql/rollback.sql"))?;
        }
        done
    }

    /// Answers several questions as of one position.
    fn at_once<T>(&mut self, ask: impl FnOnce(&mut Db) -> Result<T, Fault>) -> Result<T, Fault> {
        self.connected()?;
        self.db.run(include_str!("../sql/begin_read.sql"))?;
        let answer = ask(&mut self.db);
        let ended = self.db.run(include_str!("../sql/rollback.sql"));
        let answer = answer?;
        ended?;
        Ok(answer)
    }
}

/// All statements of a step but those around it.
fn put_all(db: &mut Db, step: &Step) -> Result<(), Fault> {
    check_step(cursor_of(db)?, step)?;
    let (from, to) = (step.from.0 as i64, step.to.0 as i64);
    let moved = include_str!("../sql/views/set_cursor.sql");
    if db.change(moved, &[&from, &to, &step.totals.to_bytes()])? != 1 {
        return Err(Fault::refused("somebody else has projected this step"));
    }
    copy::rows(db, step)?;
    change_bets(db, &step.changed)?;
    sums::add(db, step)
}

fn change_bets(db: &mut Db, changed: &[ChangedBet]) -> Result<(), Fault> {
    let months: BTreeSet<Month> = changed.iter().map(|bet| Month::of(bet.row.day)).collect();
    for month in months {
        let here = changed.iter().filter(|bet| Month::of(bet.row.day) == month);
        columns::change(db, month, here.map(|bet| &bet.row))?;
    }
    let moved = |bet: &&ChangedBet| bet.was != bet.row.standing;
    let gone: Vec<&ChangedBet> = changed.iter().filter(moved).collect();
    if gone.is_empty() {
        return Ok(());
    }
    let standings: Vec<i16> = gone.iter().map(|bet| bet.was.code().into()).collect();
    let seqs: Vec<i64> = gone.iter().map(|bet| bet.row.seq.0 as i64).collect();
    db.change(include_str!("../sql/views/delete_unsettled.sql"), &[&standings, &seqs])?;
    let stays = gone.iter().filter(|bet| bet.row.standing != Standing::Settled);
    copy::unsettled(db, stays.map(|bet| &bet.row))
}

fn cursor_of(db: &mut Db) -> Result<Seq, Fault> {
    let cursor: i64 = db.one(include_str!("../sql/views/cursor.sql"), &[])?.get(0);
    Ok(Seq(cursor as u64))
}

fn totals_of(db: &mut Db) -> Result<Totals, Fault> {
    let bytes: Vec<u8> = db.one(include_str!("../sql/views/totals.sql"), &[])?.get(0);
    if bytes.is_empty() {
        return Ok(Totals::ZERO);
    }
    Totals::from_bytes(&bytes).map_err(|broken| unread(db, broken))
}

/// A stored value that no longer means anything.
fn unread(db: &Db, broken: Broken) -> Fault {
    Fault::Damaged {
        place: db.place(),
        frame: None,
        what: "a row of the views is not readable".into(),
        source: Some(broken.into()),
    }
}

impl ViewStore for Views {
    fn project(&mut self, step: &Step) -> Result<(), Fault> {
        self.connected()?;
        let Some(writer) = &mut self.writer else {
            return Err(Fault::refused("these views were opened to be read"));
        };
        months::prepare(&mut self.db, &mut writer.months, step)?;
        again(|| self.put(step))
    }

    fn upkeep(&mut self) -> Result<Work, Fault> {
        match self.writer {
            Some(_) => Ok(Work::Done),
            None => Err(Fault::refused("these views were opened to be read")),
        }
    }

    fn reader(&self) -> Result<Box<dyn ViewReader>, Fault> {
        // Of the server that is written to: another one may lag behind what was projected.
        match Views::read_at(&self.address, self.server)? {
            Some(views) => Ok(Box::new(views.with_hits_of(self.hits_max))),
            None => Err(Fault::Absent { place: self.address.to_string() }),
        }
    }
}

impl Views {
    fn search(&mut self, query: &BetQuery) -> Result<Found, Fault> {
        let hits_max = self.hits_max;
        self.at_once(|db| search::Search::begin(db, query, hits_max)?.run())
    }
}
