//! The views in `PATH.d/views.db`: read models that follow the journal.
//!
//! Statements per step: begin, cursor; two a new bet (its row and its id), one a changed bet and up
//! to three if it lies in a closed segment; one for 64 postings or settlements; one each other new
//! row; one a key of a roll-up; cursor, commit. Nothing is synced but by checkpoints, for the rows
//! can be made again: WAL keeps rows and cursor together, and after a loss of power the views are
//! at some earlier step.
//!
//! The open segment has no index but the ids; a search of it reads it. [`ViewStore::upkeep`] closes
//! segments of 65,536 rows and indexes them: a piece reads one segment or writes one of its
//! indexes, some ten milliseconds. When sixteen are closed, they become one, so that a year's
//! segments stay few. A change of a bet rewrites its row in place and no index.

mod blocks;
mod chunk;
mod read;
mod rows;
mod search;
mod segment;
mod stream;
mod sums;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use store::views::reports::query::HITS_MAX;
use store::views::reports::{ChangedBet, PostingRow, Standing, Step, Totals};
use store::views::terms::{Field as _, Seq, Wallet};
use store::views::{ViewReader, ViewStore, Work, check_step};
use store::{Fault, Lock, views};

use crate::Synchronous;
use crate::file::{Access, Db, Enough, Migrations};
use chunk::{Index, Pair};
use segment::{Merging, Segment, segments};

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
    /// Hits that are sorted without an index.
    hits_max: usize,
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
    bets: u64,
    postings: u64,
    closing: Option<Closing>,
    /// The closed segments, oldest first.
    closed: Vec<Segment>,
    merging: Option<Merging>,
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
        Ok(Views { db, path, hits_max: HITS_MAX, lock: Some(lock), writer })
    }

    /// Opens views to read them, without a lock.
    pub fn read(path: impl AsRef<Path>) -> Result<Box<dyn ViewReader>, Fault> {
        let path = path.as_ref().to_owned();
        if !path.exists() {
            return Err(Fault::Absent { place: path.display().to_string() });
        }
        let db = Db::open(&path, Access::Read, VIEWS)?;
        Ok(Box::new(Views { db, path, hits_max: HITS_MAX, lock: None, writer: None }))
    }

    /// Closes segments at another number of rows; for tests, which have few.
    pub fn with_segments_of(mut self, rows: u64) -> Views {
        if let Some(writer) = &mut self.writer {
            writer.rows = rows.clamp(1, SEGMENT_ROWS);
        }
        self
    }

    /// Sorts at most so many hits without an index; for tests, which have few.
    pub fn with_hits_of(mut self, hits_max: usize) -> Views {
        self.hits_max = hits_max;
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
        blocks::append(db, &step.settlements)?;
        let insert = include_str!("../sql/views/insert_payout.sql");
        db.change_each(insert, &step.payouts, rows::insert_payout)?;
        blocks::append(db, &step.postings)?;
        let insert = include_str!("../sql/views/insert_refusal.sql");
        db.change_each(insert, &step.refusals, rows::insert_refusal)?;
        let insert = include_str!("../sql/views/insert_breach.sql");
        db.change_each(insert, &step.breaches, rows::insert_breach)?;
        let insert = include_str!("../sql/views/insert_signal.sql");
        db.change_each(insert, &step.signals, rows::insert_signal)?;
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
        let bets = include_str!("../sql/views/bet_after.sql");
        let bets = self.db.row(bets, (first, rows), |row| row.get::<_, u64>(0))?;
        let parts = PostingRow::PARTS_MAX;
        let (mut wallets, full) = wallets(&self.db, first * parts, rows)?;
        // At least one fact, even if it alone has all the postings.
        let full = full.map(|key| (key / parts).max(first + 1));
        let end = bets.unwrap_or(cursor).min(full.unwrap_or(cursor));
        wallets.retain(|(_, key)| *key < (end * parts) as i64);
        let fields = Fields::read(&self.db, first, end)?;
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
        let closed = segments(db)?;
        let first = closed.last().map_or(0, |last| last.end as u64);
        let key = first * PostingRow::PARTS_MAX;
        let bets = db.one(include_str!("../sql/views/count_bets.sql"), [first])?;
        let postings = count_postings(db, key)?;
        let (rows, closing, merging) = (SEGMENT_ROWS, None, None);
        Ok(Writer { rows, first, bets, postings, closing, closed, merging })
    }

    fn is_full(&self) -> bool {
        self.rows <= self.bets || self.rows <= self.postings
    }

    fn end_closing(&mut self, closing: &Closing) {
        self.closed.push(Segment::new(self.first, closing.end));
        self.first = closing.end;
        self.bets -= closing.bets;
        self.postings -= closing.postings;
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
        let sql = include_str!("../sql/views/bets_up.sql");
        db.rows(sql, (first, end), rows::body, |row: views::reports::BetRow| {
            let seq = row.seq.0 as i64;
            fields.account.push((row.account.0.into(), seq));
            fields.organiser.push((row.organiser.0.into(), seq));
            fields.desk.push((row.desk.0.into(), seq));
            fields.amount.push((row.amount.get(), seq));
            fields.event.extend(row.legs.iter().map(|leg| (leg.event.0.into(), seq)));
            Ok(Enough::No)
        })?;
        Ok(fields)
    }
}

/// Both sides of the postings from a key on, at least so many and all of a fact's, and the key of
/// the one behind so many.
fn wallets(db: &Db, first: u64, rows: u64) -> Result<(Vec<Pair>, Option<u64>), Fault> {
    let (mut pairs, mut after, mut count) = (Vec::new(), None, 0);
    blocks::each(db, first..i64::MAX as u64, |row: PostingRow| {
        let key = row.key();
        if count == rows {
            after = Some(key);
        }
        count += 1;
        let pair = |wallet: Wallet| (i64::from(wallet.0), key as i64);
        pairs.extend([pair(row.debit), pair(row.credit)]);
        Ok(if rows + PostingRow::PARTS_MAX < count { Enough::Yes } else { Enough::No })
    })?;
    Ok((pairs, after))
}

fn count_postings(db: &Db, first: u64) -> Result<u64, Fault> {
    let mut count = 0;
    blocks::each(db, first..i64::MAX as u64, |_: PostingRow| {
        count += 1;
        Ok(Enough::No)
    })?;
    Ok(count)
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
        // Taken out: after an error nothing of it is left, and it is begun anew.
        let mut writer = self.writer.take().ok_or_else(not_a_writer)?;
        let work = self.piece(&mut writer);
        self.writer = Some(writer);
        let work = work?;
        self.checkpoint()?;
        Ok(work)
    }

    fn reader(&self) -> Result<Box<dyn ViewReader>, Fault> {
        let db = Db::open(&self.path, Access::Read, VIEWS)?;
        let (path, lock, hits_max) = (self.path.clone(), self.lock.clone(), self.hits_max);
        Ok(Box::new(Views { db, path, hits_max, lock, writer: None }))
    }
}

impl Views {
    /// A piece of closing a segment, or else of merging closed ones.
    fn piece(&self, writer: &mut Writer) -> Result<Work, Fault> {
        if let Some(closing) = writer.closing.take() {
            writer.closing = self.go_on_closing(writer, closing)?;
        } else if writer.is_full() {
            writer.closing = Some(self.begin_closing(writer.first, writer.rows)?);
        } else if let Some(merging) = writer.merging.take() {
            writer.merging = self.go_on_merging(&mut writer.closed, merging)?;
        } else {
            writer.merging = Merging::of(&writer.closed);
            return Ok(if writer.merging.is_some() { Work::More } else { Work::Done });
        }
        Ok(Work::More)
    }

    /// Writes an index; after the last one, puts the segment in its place.
    fn go_on_closing(
        &self,
        writer: &mut Writer,
        mut closing: Closing,
    ) -> Result<Option<Closing>, Fault> {
        let segment = Segment::new(writer.first, closing.end);
        if let Some((index, mut pairs)) = closing.indexes.pop() {
            self.change(|| chunk::write(&self.db, index, segment.number, &mut pairs))?;
            return Ok(Some(closing));
        }
        self.change(|| {
            let list = include_str!("../sql/views/list_unsettled.sql");
            self.db.change(list, (segment.first, segment.end))?;
            segment.insert(&self.db)
        })?;
        writer.end_closing(&closing);
        Ok(None)
    }

    fn go_on_merging(
        &self,
        closed: &mut Vec<Segment>,
        mut merging: Merging,
    ) -> Result<Option<Merging>, Fault> {
        let mut merged = None;
        self.change(|| {
            merged = merging.piece(&self.db)?;
            Ok(())
        })?;
        match merged {
            None => Ok(Some(merging)),
            Some(whole) => {
                closed.retain(|part| part.first < whole.first || whole.end <= part.first);
                let at = closed.partition_point(|part| part.first < whole.first);
                closed.insert(at, whole);
                Ok(None)
            }
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

    /// However often a writer stops, old segments become few, and nothing is lost or left over.
    #[test]
    fn segments_stay_few() {
        let directory = tempfile::tempdir().unwrap();
        let place = EventPlace { organiser: 0, championship: 0, sport: 0 };
        let mut world = World::new(Instant(0), 1, 1, &[place]);
        let mut views = open(&directory);
        let mut fold = Fold::new(1);
        for turn in 0..300 {
            world.stake(0, 0, &[0], 100);
            world.stake(0, 0, &[0], 100);
            let step = fold.step(&world.take(), &mut views as &mut dyn ViewReader).unwrap();
            views.project(&step).unwrap();
            for _ in 0..40 {
                views.upkeep().unwrap();
            }
            if turn % 7 == 0 {
                drop(views);
                views = open(&directory);
            }
        }
        while views.upkeep().unwrap() == Work::More {}
        let found = segments(&views.db).unwrap();
        let (merged, single): (Vec<&Segment>, Vec<&Segment>) =
            found.iter().partition(|segment| segment.number % 2 == 1);
        assert!(15 < merged.len() && single.len() < segment::PARTS, "{found:?}");
        assert_eq!(found[0].first, 0);
        assert!(found.windows(2).all(|pair| pair[0].end == pair[1].first), "{found:?}");
        let orphans: i64 = views.db.one(include_str!("../sql/views/orphans.sql"), []).unwrap();
        assert_eq!(orphans, 0);
        let wallet = world.bettor_wallet(0);
        assert_eq!(views.postings(wallet, None, 10_000).unwrap().len(), 2 * 600 + 1);
    }
}
