//! The views in `PATH.d/views.db`: read models that follow the journal.
//!
//! Statements per step: begin, cursor; one a new row, two a new bet (its row and its id), one a
//! changed bet and up to three if it lies in a closed segment; one a key of a roll-up; cursor,
//! commit. Nothing is synced but by checkpoints, for the rows can be made again: WAL keeps rows and
//! cursor together, and after a loss of power the views are at some earlier step.
//!
//! The open segment has no index but the ids; a search of it reads it. [`ViewStore::upkeep`] closes
//! segments of 65,536 rows and indexes them: a piece reads one segment or writes one of its
//! indexes, some ten milliseconds. A change of a bet rewrites its row in place and no index.

mod chunk;
mod read;
mod rows;
mod search;
mod sums;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use store::views::reports::{ChangedBet, PostingRow, Standing, Step, Totals};
use store::views::terms::{Field as _, Seq};
use store::views::{ViewReader, ViewStore, Work, check_step};
use store::{Fault, views};

use crate::Synchronous;
use crate::file::{Access, Db, Enough, Migrations};
use crate::lock::Lock;
use chunk::{Index, Pair};

const VIEWS: Migrations = &[include_str!("../sql/views/0001_views.sql")];

/// Bets, and postings, of a segment. Small enough that a search reads the open one in a few
/// milliseconds, large enough that ten million bets lie in some hundred and fifty.
const SEGMENT_ROWS: u64 = 65_536;

/// Pages in the log from which it is moved: 32 MiB.
const CHECKPOINT_FROM: i64 = 2_048;

/// A handle to the views.
#[derive(Debug)]
pub struct Views {
    db: Db,
    path: PathBuf,
    /// None for a reader beside a writer of another process.
    lock: Option<Arc<Lock>>,
    /// None for a reader.
    writer: Option<Writer>,
}

/// What the writer knows of the open segment.
#[derive(Debug)]
struct Writer {
    /// Bets, and postings, at which it is closed.
    rows: u64,
    first: u64,
    number: i64,
    bets: u64,
    postings: u64,
    closing: Option<Closing>,
}

/// A segment whose indexes are being written.
#[derive(Debug)]
struct Closing {
    end: u64,
    bets: u64,
    postings: u64,
    /// What is still to be written.
    indexes: Vec<(Index, Vec<Pair>)>,
}

impl Views {
    pub(crate) fn open(path: PathBuf, lock: Arc<Lock>) -> Result<Views, Fault> {
        if !path.exists() {
            let mut unfinished = path.clone().into_os_string();
            unfinished.push(".new");
            Db::make(&path, &PathBuf::from(unfinished), VIEWS, |_| Ok(()))?;
        }
        let db = Db::open(&path, Access::Write(Synchronous::Full), VIEWS)?;
        db.run(include_str!("../sql/views/settings.sql"))?;
        let writer = Some(Writer::of(&db)?);
        Ok(Views { db, path, lock: Some(lock), writer })
    }

    /// Opens views to read them, without a lock.
    pub fn read(path: impl AsRef<Path>) -> Result<Box<dyn ViewReader>, Fault> {
        let path = path.as_ref().to_owned();
        if !path.exists() {
            return Err(Fault::Absent { place: path.display().to_string() });
        }
        let db = Db::open(&path, Access::Read, VIEWS)?;
        Ok(Box::new(Views { db, path, lock: None, writer: None }))
    }

    /// Closes segments at another number of rows; for tests, which have few.
    pub fn with_segments_of(mut self, rows: u64) -> Views {
        if let Some(writer) = &mut self.writer {
            writer.rows = rows.clamp(1, SEGMENT_ROWS);
        }
        self
    }

    /// Runs changes in one transaction: all of them or none.
    fn change(&self, make: impl FnOnce() -> Result<(), Fault>) -> Result<(), Fault> {
        self.db.run(include_str!("../sql/begin.sql"))?;
        let made = make().and_then(|()| self.db.run(include_str!("../sql/commit.sql")));
        if made.is_err() && !self.db.is_idle() {
            self.db.run(include_str!("../sql/rollback.sql"))?;
        }
        made
    }

    /// Makes the rows of a step within a transaction.
    fn put(&self, step: &Step, open_from: u64) -> Result<(), Fault> {
        let db = &self.db;
        check_step(cursor_of(db)?, step)?;
        let insert = include_str!("../sql/views/insert_bet.sql");
        db.change_each(insert, &step.bets, rows::insert_bet)?;
        let insert = include_str!("../sql/views/insert_bet_id.sql");
        db.change_each(insert, &step.bets, rows::insert_bet_id)?;
        let change = include_str!("../sql/views/change_bet.sql");
        db.change_each(change, step.changed.iter().map(|bet| &bet.row), rows::change_bet)?;
        self.put_unsettled(&step.changed, open_from)?;
        let insert = include_str!("../sql/views/insert_settlement.sql");
        db.change_each(insert, &step.settlements, rows::insert_settlement)?;
        let insert = include_str!("../sql/views/insert_payout.sql");
        db.change_each(insert, &step.payouts, rows::insert_payout)?;
        let insert = include_str!("../sql/views/insert_posting.sql");
        db.change_each(insert, &step.postings, rows::insert_posting)?;
        let insert = include_str!("../sql/views/insert_refusal.sql");
        db.change_each(insert, &step.refusals, rows::insert_refusal)?;
        let insert = include_str!("../sql/views/insert_breach.sql");
        db.change_each(insert, &step.breaches, rows::insert_breach)?;
        db.change_each(include_str!("../sql/views/put_card.sql"), &step.cards, rows::put_card)?;
        sums::add(db, step)?;
        let values = (step.to.0, step.totals.to_bytes());
        db.change(include_str!("../sql/views/set_cursor.sql"), values)
    }

    /// Keeps the list of unsettled rows of closed segments.
    fn put_unsettled(&self, changed: &[ChangedBet], open_from: u64) -> Result<(), Fault> {
        let moved = |bet: &&ChangedBet| bet.row.seq.0 < open_from && bet.was != bet.row.standing;
        let delete = include_str!("../sql/views/delete_unsettled.sql");
        self.db.change_each(delete, changed.iter().filter(moved), |statement, bet| {
            statement.execute((bet.was.code(), bet.row.seq.0))
        })?;
        let stays = |bet: &&ChangedBet| moved(bet) && bet.row.standing != Standing::Settled;
        let insert = include_str!("../sql/views/insert_unsettled.sql");
        self.db.change_each(insert, changed.iter().filter(stays), |statement, bet| {
            statement.execute((bet.row.standing.code(), bet.row.seq.0))
        })
    }

    fn checkpoint(&self) -> Result<(), Fault> {
        let state = include_str!("../sql/log_state.sql");
        let pages: Option<i64> = self.db.row(state, [], |row| row.get(1))?;
        if CHECKPOINT_FROM <= pages.unwrap_or_default() {
            let _: i64 = self.db.one(include_str!("../sql/checkpoint_restart.sql"), [])?;
        }
        Ok(())
    }

    /// Reads what the indexes of the next segment will hold.
    fn begin_closing(&self, first: u64, rows: u64) -> Result<Closing, Fault> {
        let cursor = cursor_of(&self.db)?.0;
        let past = |sql, first: u64| self.db.row(sql, (first, rows), |row| row.get::<_, u64>(0));
        let bets = past(include_str!("../sql/views/bet_after.sql"), first)?;
        let parts = PostingRow::PARTS_MAX;
        let postings = past(include_str!("../sql/views/posting_after.sql"), first * parts)?;
        // At least one fact, even if it alone has all the postings.
        let postings = postings.map(|key| (key / parts).max(first + 1));
        let end = bets.unwrap_or(cursor).min(postings.unwrap_or(cursor));
        let fields = Fields::read(&self.db, first, end)?;
        let wallets = wallets(&self.db, first * parts, end * parts)?;
        let (bets, postings) = (fields.amount.len() as u64, wallets.len() as u64 / 2);
        let indexes = vec![
            (Index::Account, fields.account),
            (Index::Organiser, fields.organiser),
            (Index::Desk, fields.desk),
            (Index::Event, fields.event),
            (Index::Amount, fields.amount),
            (Index::Wallet, wallets),
        ];
        Ok(Closing { end, bets, postings, indexes })
    }
}

impl Writer {
    /// Finds the open segment of a file.
    fn of(db: &Db) -> Result<Writer, Fault> {
        let (rows, closing) = (SEGMENT_ROWS, None);
        let mut writer = Writer { rows, first: 0, number: 1, bets: 0, postings: 0, closing };
        if let Some(last) = search::segments(db)?.last() {
            (writer.first, writer.number) = (last.end as u64, last.number + 1);
        }
        let key = writer.first * PostingRow::PARTS_MAX;
        writer.bets = db.one(include_str!("../sql/views/count_bets.sql"), [writer.first])?;
        writer.postings = db.one(include_str!("../sql/views/count_postings.sql"), [key])?;
        Ok(writer)
    }
}

/// The indexed values of the bets of a segment.
#[derive(Default)]
struct Fields {
    account: Vec<Pair>,
    organiser: Vec<Pair>,
    desk: Vec<Pair>,
    event: Vec<Pair>,
    amount: Vec<Pair>,
}

impl Fields {
    fn read(db: &Db, first: u64, end: u64) -> Result<Fields, Fault> {
        let mut fields = Fields::default();
        let read = |row: &rusqlite::Row<'_>| {
            let mut from = rows::Columns::new(row);
            let numbers: [i64; 5] =
                [from.next()?, from.next()?, from.next()?, from.next()?, from.next()?];
            let legs: Vec<views::reports::LegRow> = from.field(rows::legs_from_bytes)?;
            Ok((numbers, legs))
        };
        let sql = include_str!("../sql/views/fields.sql");
        db.rows(sql, (first, end), read, |([seq, account, organiser, desk, amount], legs)| {
            fields.account.push((account, seq));
            fields.organiser.push((organiser, seq));
            fields.desk.push((desk, seq));
            fields.amount.push((amount, seq));
            fields.event.extend(legs.iter().map(|leg| (i64::from(leg.event.0), seq)));
            Ok(Enough::No)
        })?;
        Ok(fields)
    }
}

/// Both sides of each posting of a segment.
fn wallets(db: &Db, first: u64, end: u64) -> Result<Vec<Pair>, Fault> {
    let mut pairs = Vec::new();
    let read = |row: &rusqlite::Row<'_>| Ok((row.get(0)?, row.get(1)?, row.get(2)?));
    let sql = include_str!("../sql/views/wallets.sql");
    db.rows(sql, (first, end), read, |(key, debit, credit)| {
        pairs.extend([(debit, key), (credit, key)]);
        Ok(Enough::No)
    })?;
    Ok(pairs)
}

fn cursor_of(db: &Db) -> Result<Seq, Fault> {
    db.one(include_str!("../sql/views/cursor.sql"), []).map(Seq)
}

fn totals_of(db: &Db) -> Result<Totals, Fault> {
    let bytes: Vec<u8> = db.one(include_str!("../sql/views/totals.sql"), [])?;
    if bytes.is_empty() {
        return Ok(Totals::ZERO);
    }
    let unread = |broken: views::terms::Broken| Fault::Damaged {
        place: db.place().into(),
        frame: None,
        what: "the totals are not readable".into(),
        source: Some(broken.into()),
    };
    Totals::from_bytes(&bytes).map_err(unread)
}

fn not_a_writer() -> Fault {
    Fault::refused("these views were opened to be read")
}

impl ViewStore for Views {
    fn project(&mut self, step: &Step) -> Result<(), Fault> {
        let open_from = self.writer.as_ref().ok_or_else(not_a_writer)?.first;
        self.change(|| self.put(step, open_from))?;
        if let Some(writer) = &mut self.writer {
            writer.bets += step.bets.len() as u64;
            writer.postings += step.postings.len() as u64;
        }
        Ok(())
    }

    fn upkeep(&mut self) -> Result<Work, Fault> {
        let writer = self.writer.as_ref().ok_or_else(not_a_writer)?;
        let (first, number, rows) = (writer.first, writer.number, writer.rows);
        let full = rows <= writer.bets || rows <= writer.postings;
        let closing = match self.writer.as_mut().and_then(|writer| writer.closing.take()) {
            Some(mut closing) => match closing.indexes.pop() {
                Some((index, mut pairs)) => {
                    self.change(|| chunk::write(&self.db, index, number, &mut pairs))?;
                    Some(closing)
                }
                None => {
                    let range = (first, closing.end);
                    self.change(|| {
                        let list = include_str!("../sql/views/list_unsettled.sql");
                        self.db.change(list, range)?;
                        let insert = include_str!("../sql/views/insert_segment.sql");
                        self.db.change(insert, (number, first, closing.end))
                    })?;
                    self.end_closing(&closing);
                    None
                }
            },
            None if full => Some(self.begin_closing(first, rows)?),
            None => {
                self.checkpoint()?;
                return Ok(Work::Done);
            }
        };
        if let Some(writer) = &mut self.writer {
            writer.closing = closing;
        }
        self.checkpoint()?;
        Ok(Work::More)
    }

    fn reader(&self) -> Result<Box<dyn ViewReader>, Fault> {
        let db = Db::open(&self.path, Access::Read, VIEWS)?;
        Ok(Box::new(Views { db, path: self.path.clone(), lock: self.lock.clone(), writer: None }))
    }
}

impl Views {
    fn end_closing(&mut self, closing: &Closing) {
        if let Some(writer) = &mut self.writer {
            writer.first = closing.end;
            writer.number += 1;
            writer.bets -= closing.bets;
            writer.postings -= closing.postings;
        }
    }
}

#[cfg(test)]
mod tests {
    use store::suite::views::world::{EventPlace, World};
    use store::views::reports::{Fold, Table};
    use store::views::resume;
    use store::views::terms::Instant;

    use super::*;
    use crate::{Options, PART_LIMIT_BYTES, Sqlite};

    fn open(directory: &tempfile::TempDir) -> Views {
        let (synchronous, part_limit_bytes) = (Synchronous::Full, PART_LIMIT_BYTES);
        let options = Options { synchronous, part_limit_bytes, create: true };
        let store = Sqlite::open(directory.path().join("bej.db"), options).unwrap();
        store.views().unwrap().with_segments_of(4)
    }

    /// Within a step, between two steps, and between any two pieces of upkeep.
    #[test]
    fn a_writer_that_stops_at_any_point_leaves_whole_steps() {
        let directory = tempfile::tempdir().unwrap();
        let place = EventPlace { organiser: 0, championship: 0, sport: 0 };
        let mut world = World::new(Instant(0), 1, 1, &[place]);
        let mut views = open(&directory);
        let mut fold = Fold::new(1);
        let mut bets = 0;
        for turn in 0..12 {
            for _ in 0..3 {
                world.stake(0, 0, &[0], 100);
                bets += 1;
            }
            let step = fold.step(&world.take(), &mut views as &mut dyn ViewReader).unwrap();
            views.db.run(include_str!("../sql/begin.sql")).unwrap();
            views.put(&step, 0).unwrap();
            // All handles go, and nothing was committed.
            drop(views);
            views = open(&directory);
            assert_eq!(views.cursor().unwrap(), step.from);
            views.project(&step).unwrap();
            // Stops after so many pieces of upkeep.
            for _ in 0..turn {
                views.upkeep().unwrap();
            }
            drop(views);
            views = open(&directory);
            fold = resume(&mut views, 1).unwrap();
            assert_eq!(fold.next(), step.to);
            let rows = views.scan(Table::Stakes, 0, 100).unwrap();
            assert_eq!(rows.len(), bets);
            let wallet = world.bettor_wallet(0);
            // Each stake has its commission beside it, and the wallet was filled once.
            assert_eq!(views.postings(wallet, None, 100).unwrap().len(), 2 * bets + 1);
        }
    }
}
