//! The journal's writer: appends frames to the last part, keeps the log short, begins new parts.
//!
//! The guard: within the write transaction, the engine's data version says whether any other
//! connection has committed since this one last knew the head. If so, the head is read again, so
//! that the comparison with the expected head is always with what is stored. A part that is closed
//! says so in the same transaction, so that nobody appends to it by mistake.
//!
//! A new part exists before the old one is closed, so that a closed part without a next one is
//! known to be a loss.

use std::fs;
use std::sync::Arc;

use store::files::{make_directory, parent, sync_directory};
use store::journal::check_next;
use store::{Appended, Fault, Frame, Head, JournalReader, JournalStore, Lock, Upkeep};

use crate::Options;
use crate::checkpointer::Checkpointer;
use crate::file::{Access, Db, PART};
use crate::layout::Layout;
use crate::reader::{Reader, check_part, is_closed, last_frame};

/// Bytes of a page.
const PAGE_BYTES: u64 = 16 << 10;

/// Pages in the log from which the checkpointer is woken: 4 MiB.
const CHECKPOINT_FROM: u64 = 256;

/// Pages in the log from which it is started over between two frames: 32 MiB …
const RESTART_FROM: u64 = 2_048;

/// … if fewer than this wait to be moved: 8 MiB, the 2,000 pages of 4 KiB of core 23, is what the
/// committing thread may have to write itself.
const RESTART_BELOW: u64 = 512;

/// Pages in the log from which it is started over whatever waits: 128 MiB. Half of the limit of
/// 256 MiB, because a reader may be in the way a few times.
const RESTART_ALWAYS: u64 = 8_192;

/// Pages by which the log grows before a restart that was in the way of a reader is tried again.
const RETRY_AFTER: u64 = 1_024;

/// The writer of the journal.
#[derive(Debug)]
pub struct Journal {
    layout: Layout,
    options: Options,
    part: u32,
    db: Db,
    checkpointer: Checkpointer,
    /// The head, and the data version under which it is the head.
    known: Option<(i64, Head)>,
    /// Parts that are closed and still have a log.
    closing: Vec<(u32, Db)>,
    /// Pages in the log from which a restart may be tried.
    restart_from: u64,
    /// A sync has failed: nothing more is written, and nothing read can be trusted to stay.
    unsynced: bool,
    _lock: Arc<Lock>,
}

/// Makes the first part if it is to be made, and closes what a stopped writer left half closed.
pub(crate) fn prepare(layout: &Layout, options: &Options) -> Result<(), Fault> {
    let parts = layout.parts()?;
    if parts.is_empty() {
        check_nothing_lost(layout)?;
        return make_part(layout, 0);
    }
    // Looks at the last parts before anything is changed: their schema, and that they join.
    drop(Reader::at(layout.clone())?);
    for part in &parts[..parts.len() - 1] {
        let path = layout.part(*part);
        let read_only = |found: fs::Metadata| found.permissions().readonly();
        if fs::metadata(&path).is_ok_and(read_only) {
            continue;
        }
        let db = Db::open(&path, Access::Write(options.synchronous), PART)?;
        check_part(&db, *part)?;
        if !is_closed(&db)? {
            db.change(include_str!("../sql/journal/close_part.sql"), [])?;
        }
        finish_closing(layout, *part, &db)?;
    }
    Ok(())
}

/// A journal that is gone while what was made from it is there must not begin anew in silence.
fn check_nothing_lost(layout: &Layout) -> Result<(), Fault> {
    for path in [layout.home().snapshots(), layout.home().cold(), layout.home().views()] {
        if path.exists() {
            let place = layout.part(0).display().to_string();
            let what = format!(
                "the journal is gone but {} is there; restore the journal, or remove {}",
                path.display(),
                layout.directory().display()
            );
            return Err(Fault::damaged(place, None, what));
        }
    }
    Ok(())
}

/// Makes an empty part.
pub(crate) fn make_part(layout: &Layout, part: u32) -> Result<(), Fault> {
    Db::make(&layout.part(part), &layout.unfinished(part), PART, |db| {
        db.change(include_str!("../sql/journal/set_part.sql"), [part])
    })
}

/// Moves everything from the log of a closed part to its place and makes the part read-only.
/// Whether it is done; a reader may be in the way.
fn finish_closing(layout: &Layout, part: u32, db: &Db) -> Result<bool, Fault> {
    let busy: i64 = db.one(include_str!("../sql/checkpoint_truncate.sql"), [])?;
    if busy == 0 {
        make_read_only(layout, part)?;
    }
    Ok(busy == 0)
}

/// Takes the right to write from a part's file.
pub(crate) fn make_read_only(layout: &Layout, part: u32) -> Result<(), Fault> {
    let path = layout.part(part);
    let change = || {
        let mut permissions = fs::metadata(&path)?.permissions();
        permissions.set_readonly(true);
        fs::set_permissions(&path, permissions)
    };
    change().map_err(|error| Fault::failed(format!("make {} read-only", path.display()), error))?;
    sync_directory(parent(&path))
}

impl Journal {
    pub(crate) fn open(layout: Layout, options: Options, lock: Arc<Lock>) -> Result<Self, Fault> {
        make_directory(&layout.directory())?;
        let part = layout.parts()?.len() as u32 - 1;
        let (db, checkpointer) = open_last(&layout, part, &options)?;
        let mut journal = Journal {
            layout,
            options,
            part,
            db,
            checkpointer,
            known: None,
            closing: Vec::new(),
            restart_from: RESTART_FROM,
            unsynced: false,
            _lock: lock,
        };
        JournalStore::head(&mut journal)?;
        Ok(journal)
    }

    /// Begins a write transaction and gives the head as it is in it.
    fn begin(&mut self) -> Result<Head, Fault> {
        loop {
            if !self.db.is_idle() {
                self.rollback()?;
            }
            let begun = self.db.step(include_str!("../sql/begin.sql"), []);
            begun.map_err(|error| self.db.fault("begin a frame in", error))?;
            let version: i64 = self.db.one(include_str!("../sql/data_version.sql"), [])?;
            if let Some((at, head)) = self.known
                && at == version
            {
                return Ok(head);
            }
            if is_closed(&self.db)? {
                self.rollback()?;
                self.move_on()?;
                continue;
            }
            let head = match last_frame(&self.db)? {
                Some(frame) => frame.head(),
                None if self.part == 0 => Head::empty(),
                None => Reader::at(self.layout.clone())?.head_of(self.part)?,
            };
            self.known = Some((version, head));
            return Ok(head);
        }
    }

    /// Goes on with the next part, which another handle has begun.
    fn move_on(&mut self) -> Result<(), Fault> {
        let part = self.part + 1;
        (self.db, self.checkpointer) = open_last(&self.layout, part, &self.options)?;
        (self.part, self.known) = (part, None);
        Ok(())
    }

    fn rollback(&self) -> Result<(), Fault> {
        let undone = self.db.step(include_str!("../sql/rollback.sql"), []);
        undone.map_err(|error| self.db.fault("roll back in", error))
    }

    /// Ends a transaction that failed, and forgets what was known of the journal.
    fn undo(&mut self, fault: &Fault) {
        self.known = None;
        self.unsynced |= fault.is_failed_sync();
        if !self.db.is_idle() {
            // What counts is whether the transaction is over, which is asked where it matters.
            let _ = self.rollback();
        }
    }

    /// Ends an append that failed before its commit.
    fn give_up(&mut self, fault: Fault) -> Appended {
        self.undo(&fault);
        if self.db.is_idle() { Appended::NotWritten(fault) } else { Appended::Unknown(fault) }
    }

    fn check_synced(&self) -> Result<(), Fault> {
        match self.unsynced {
            true => Err(Fault::sync(self.db.place(), "an earlier sync failed")),
            false => Ok(()),
        }
    }

    /// Pages in the log, and pages of it that wait to be moved.
    fn log(&self) -> Result<(u64, u64), Fault> {
        let sql = include_str!("../sql/log_state.sql");
        let found =
            self.db.row(sql, [], |row| Ok((row.get::<_, i64>(1)?, row.get::<_, i64>(2)?)))?;
        let (pages, moved) = found.unwrap_or_default();
        // −1 stands for "no log yet".
        let (pages, moved) = (pages.max(0) as u64, moved.max(0) as u64);
        Ok((pages, pages.saturating_sub(moved)))
    }

    /// Starts the log over; false if a reader or a checkpoint was in the way.
    fn restart_log(&mut self, pages: u64) -> Result<bool, Fault> {
        let busy: i64 = self.db.one(include_str!("../sql/checkpoint_restart.sql"), [])?;
        self.restart_from = if busy == 0 { RESTART_FROM } else { pages + RETRY_AFTER };
        Ok(busy == 0)
    }

    fn part_is_full(&self) -> Result<bool, Fault> {
        let pages: u64 = self.db.one(include_str!("../sql/page_count.sql"), [])?;
        Ok(self.options.part_limit_bytes <= pages * PAGE_BYTES)
    }

    /// Makes the next part, closes this one, and goes on there.
    fn begin_part(&mut self) -> Result<(), Fault> {
        let next = self.part + 1;
        if !self.layout.part(next).exists() {
            make_part(&self.layout, next)?;
        }
        let head = self.begin()?;
        if self.part != next - 1 {
            // Another handle has closed this part meanwhile, and this one has moved on.
            return self.rollback();
        }
        let close = include_str!("../sql/journal/close_part.sql");
        let commit = include_str!("../sql/commit.sql");
        let closed = self.db.step(close, []).and_then(|()| self.db.step(commit, []));
        if let Err(error) = closed {
            let fault = self.db.fault("close", error);
            self.undo(&fault);
            return Err(fault);
        }
        // From here the part is closed: should anything below fail, the next call moves on.
        self.known = None;
        let (db, checkpointer) = open_last(&self.layout, next, &self.options)?;
        self.checkpointer = checkpointer;
        let old = std::mem::replace(&mut self.db, db);
        self.closing.push((self.part, old));
        (self.part, self.known) = (next, None);
        let now = self.begin()?;
        self.rollback()?;
        assert!(head.frame <= now.frame, "a new part does not shorten the journal");
        Ok(())
    }

    /// Makes closed parts read-only as soon as no reader is in the way.
    fn finish_parts(&mut self) -> Result<(), Fault> {
        for (part, db) in std::mem::take(&mut self.closing) {
            if !finish_closing(&self.layout, part, &db)? {
                self.closing.push((part, db));
            }
        }
        Ok(())
    }

    fn keep_up(&mut self) -> Result<Upkeep, Fault> {
        if let Some(fault) = self.checkpointer.failed() {
            return Err(fault);
        }
        let mut done = Upkeep::default();
        if self.part_is_full()? {
            self.begin_part()?;
            done.part_begun = true;
        }
        if !self.closing.is_empty() {
            self.finish_parts()?;
        }
        let (pages, waiting) = self.log()?;
        done.waiting_bytes = waiting * PAGE_BYTES;
        if pages < RESTART_FROM {
            self.restart_from = RESTART_FROM;
        }
        let due = RESTART_ALWAYS <= pages || waiting < RESTART_BELOW;
        if self.restart_from <= pages && due {
            done.log_restarted = self.restart_log(pages)?;
        } else if CHECKPOINT_FROM <= waiting {
            self.checkpointer.wake();
        }
        Ok(done)
    }
}

impl JournalStore for Journal {
    fn head(&mut self) -> Result<Head, Fault> {
        self.check_synced()?;
        self.known = None;
        let head = self.begin()?;
        self.rollback()?;
        Ok(head)
    }

    fn append(&mut self, expected: &Head, frame: &Frame) -> Appended {
        if let Err(fault) = self.check_synced() {
            return Appended::NotWritten(fault);
        }
        let head = match self.begin() {
            Ok(head) => head,
            Err(fault) => return self.give_up(fault),
        };
        if (head.frame, head.hash) != (expected.frame, expected.hash) {
            return match self.rollback() {
                Ok(()) => Appended::HeadMoved(head),
                Err(fault) => self.give_up(fault),
            };
        }
        if let Err(what) = check_next(&head, frame) {
            return self.give_up(Fault::refused(what));
        }
        let insert = include_str!("../sql/journal/insert_frame.sql");
        let row = (frame.number, frame.first_seq, frame.bytes.as_slice());
        if let Err(error) = self.db.step(insert, row) {
            let fault = self.db.fault("write a frame to", error);
            return self.give_up(fault);
        }
        if let Err(error) = self.db.step(include_str!("../sql/commit.sql"), []) {
            let fault = self.db.fault("commit a frame to", error);
            // Whatever the rollback finds, the commit may have reached the medium.
            self.undo(&fault);
            return Appended::Unknown(fault);
        }
        if let Some((_, head)) = &mut self.known {
            *head = frame.head();
        }
        Appended::Appended(frame.head())
    }

    fn upkeep(&mut self) -> Result<Upkeep, Fault> {
        self.check_synced()?;
        let kept = self.keep_up();
        if let Err(fault) = &kept {
            self.unsynced |= fault.is_failed_sync();
        }
        kept
    }

    fn reader(&self) -> Result<Box<dyn JournalReader>, Fault> {
        Ok(Box::new(Reader::at(self.layout.clone())?))
    }
}

/// Opens the last part to write to it.
fn open_last(layout: &Layout, part: u32, options: &Options) -> Result<(Db, Checkpointer), Fault> {
    let access = Access::Write(options.synchronous);
    let path = layout.part(part);
    let db = Db::open(&path, access, PART)?;
    check_part(&db, part)?;
    Ok((db, Checkpointer::start(&path, access)?))
}
