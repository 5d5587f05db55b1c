//! Follows the journal into the views: reads what is durable behind their cursor, folds it, and
//! projects rows and cursor together (P1).
//!
//! One projector at a time; it may be killed anywhere and starts again at the cursor. A step is at
//! most [`ENTRIES_PER_STEP`] facts or the rest of one frame, whichever is longer, so that its rows
//! stay some megabytes; between steps the views do their upkeep in bounded pieces.
//!
//! While a step is projected by one thread, another reads and folds the next one: what that step
//! has changed is in the fold's memory, so whatever it looks up is the same before and after.

use std::collections::VecDeque;

use ::journal::fact::Entry;
use reports::{Fold, Step};
use terms::Seq;

use crate::Frame;
use crate::fault::Fault;
use crate::journal::JournalReader;
use crate::views::{self, ViewReader, ViewStore, Work};

/// Facts of one step: some milliseconds of work, and a transaction of some megabytes.
pub const ENTRIES_PER_STEP: usize = 8_000;

/// Pieces of upkeep between two steps. A step of postings alone makes a quarter of a segment, whose
/// closing takes eight pieces and its share of a merge four more.
pub const PIECES_PER_STEP: usize = 4;

/// Frames that are read at once.
const FRAMES_PER_READ: usize = 64;

/// Keeps views in step with a journal.
pub struct Projector {
    source: Source,
    folding: Folding,
}

/// The facts of a journal, in pieces.
struct Source {
    journal: Box<dyn JournalReader>,
    /// The position from which on facts are taken.
    from: Seq,
    /// The last frame whose facts are all taken.
    frame: u64,
    /// Frames that are read and not taken yet.
    frames: VecDeque<Frame>,
}

/// What a step did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    /// The views are now as of this position (exclusive); there may be more.
    Projected(Seq),
    /// The views are as of the end of the journal.
    UpToDate,
}

impl Projector {
    /// Goes on where the views are. `key` is drawn by the shell and influences no row.
    pub fn new(
        mut journal: Box<dyn JournalReader>,
        mut views: Box<dyn ViewStore>,
        key: u64,
    ) -> Result<Projector, Fault> {
        let fold = views::resume(&mut *views as &mut dyn ViewReader, key)?;
        let next = fold.next();
        if journal.head()?.next_seq < next.0 {
            return Err(Fault::refused(format!(
                "the views are at {next}, beyond the journal's end: they belong to another \
                 journal; remove them, they are made anew"
            )));
        }
        let frame = match journal.frame_of(next.0)? {
            Some(frame) => frame.number - 1,
            None => journal.head()?.frame,
        };
        let source = Source { journal, from: next, frame, frames: VecDeque::new() };
        Ok(Projector { source, folding: Folding::new(fold, views)? })
    }

    /// The position up to which the views are (exclusive).
    pub fn next(&self) -> Seq {
        self.folding.projected()
    }

    /// Projects the next facts, and does a piece of upkeep; meanwhile those behind them are read
    /// and folded. After an error make a new projector.
    pub fn step(&mut self) -> Result<Progress, Fault> {
        let projected = self.folding.turn(|| self.source.read())?;
        Ok(projected.map_or(Progress::UpToDate, Progress::Projected))
    }
}

impl Source {
    /// The next facts; none at the end of the journal.
    fn read(&mut self) -> Result<Vec<Entry>, Fault> {
        let mut entries = Vec::new();
        while entries.len() < ENTRIES_PER_STEP {
            if self.frames.is_empty() {
                self.frames = self.journal.frames(self.frame, FRAMES_PER_READ)?.into();
            }
            let Some(frame) = self.frames.pop_front() else { break };
            self.take(&frame, &mut entries)?;
        }
        Ok(entries)
    }

    fn take(&mut self, frame: &Frame, entries: &mut Vec<Entry>) -> Result<(), Fault> {
        for fact in frame.facts() {
            let damaged = |what: String| Fault::damaged("the journal", frame.number, what);
            let (seq, bytes) = fact.map_err(|error| damaged(error.to_string()))?;
            if seq < self.from.0 {
                continue;
            }
            let entry = Entry::from_bytes(bytes);
            let entry = entry.map_err(|error| damaged(format!("fact {seq}: {error}")))?;
            entries.push(entry);
        }
        self.frame = frame.number;
        Ok(())
    }
}

/// Folds the next facts while those before them are projected.
pub struct Folding {
    fold: Fold,
    /// What the fold looks rows up with, while the views are being written.
    lookup: Box<dyn ViewReader>,
    views: Box<dyn ViewStore>,
    /// Folded and not projected yet.
    ready: Option<Step>,
}

impl Folding {
    /// Goes on with a fold that is where the views are.
    pub fn new(fold: Fold, views: Box<dyn ViewStore>) -> Result<Folding, Fault> {
        let lookup = views.reader()?;
        Ok(Folding { fold, lookup, views, ready: None })
    }

    /// The position up to which the views are (exclusive).
    pub fn projected(&self) -> Seq {
        self.ready.as_ref().map_or(self.fold.next(), |step| step.from)
    }

    /// The views.
    pub fn views(&mut self) -> &mut dyn ViewStore {
        &mut *self.views
    }

    /// Projects the facts of the turn before, or at first those that `next` gives, and folds what
    /// it gives then; no facts are the end for now. Gives the position up to which the views are
    /// after it, or none if there was nothing to do. After an error make a new one.
    pub fn turn(
        &mut self,
        mut next: impl FnMut() -> Result<Vec<Entry>, Fault>,
    ) -> Result<Option<Seq>, Fault> {
        let Folding { fold, lookup, views, ready } = self;
        let mut folded = || {
            let entries = next()?;
            if entries.is_empty() {
                return Ok(None);
            }
            let step = fold.step(&entries, &mut **lookup);
            step.map(Some).map_err(|error| Fault::failed("fold the journal", error))
        };
        let step = match ready.take() {
            Some(step) => step,
            None => match folded()? {
                Some(step) => step,
                None => return Ok((upkeep(&mut **views)? == Work::More).then(|| fold.next())),
            },
        };
        let (_, after) = std::thread::scope(|scope| {
            let projecting = std::thread::Builder::new().name("project".into());
            let projecting = projecting.spawn_scoped(scope, || {
                views.project(&step)?;
                upkeep(&mut **views)
            });
            let projecting = projecting.map_err(|error| Fault::failed("start a thread", error))?;
            let after = folded();
            let projected = projecting.join();
            let projected = projected.unwrap_or_else(|panic| std::panic::resume_unwind(panic));
            Ok::<_, Fault>((projected?, after?))
        })?;
        *ready = after;
        Ok(Some(step.to))
    }
}

/// A bounded piece of upkeep.
fn upkeep(views: &mut dyn ViewStore) -> Result<Work, Fault> {
    for _ in 0..PIECES_PER_STEP {
        if views.upkeep()? == Work::Done {
            return Ok(Work::Done);
        }
    }
    Ok(Work::More)
}
