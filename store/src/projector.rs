//! Follows the journal into the views: reads what is durable behind their cursor, folds it, and
//! projects rows and cursor together (P1).
//!
//! One projector at a time; it may be killed anywhere and starts again at the cursor. A step is at
//! most [`ENTRIES_PER_STEP`] facts or the rest of one frame, whichever is longer, so that its rows
//! stay some megabytes; between steps the views do their upkeep in bounded pieces.

use std::collections::VecDeque;

use ::journal::fact::Entry;
use reports::Fold;
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
    journal: Box<dyn JournalReader>,
    views: Box<dyn ViewStore>,
    fold: Fold,
    /// The last frame whose facts are all taken.
    frame: u64,
    /// Frames that are read and not taken yet.
    frames: VecDeque<Frame>,
    /// Facts that are taken and not projected yet.
    entries: Vec<Entry>,
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
        let (frames, entries) = (VecDeque::new(), Vec::new());
        Ok(Projector { journal, views, fold, frame, frames, entries })
    }

    /// The position up to which the views are (exclusive).
    pub fn next(&self) -> Seq {
        self.fold.next()
    }

    /// The views.
    pub fn views(&mut self) -> &mut dyn ViewStore {
        &mut *self.views
    }

    /// Reads, folds and projects the next facts, and does a piece of upkeep. After an error make a
    /// new projector.
    pub fn step(&mut self) -> Result<Progress, Fault> {
        self.read()?;
        let progress = if self.entries.is_empty() {
            Progress::UpToDate
        } else {
            let lookup = &mut *self.views as &mut dyn ViewReader;
            let step = self.fold.step(&self.entries, lookup);
            let step = step.map_err(|error| Fault::failed("fold the journal", error))?;
            self.views.project(&step)?;
            self.entries.clear();
            Progress::Projected(step.to)
        };
        let mut more = true;
        for _ in 0..PIECES_PER_STEP {
            more = more && self.views.upkeep()? == Work::More;
        }
        Ok(match progress {
            Progress::UpToDate if more => Progress::Projected(self.fold.next()),
            progress => progress,
        })
    }

    fn read(&mut self) -> Result<(), Fault> {
        while self.entries.len() < ENTRIES_PER_STEP {
            if self.frames.is_empty() {
                self.frames = self.journal.frames(self.frame, FRAMES_PER_READ)?.into();
            }
            let Some(frame) = self.frames.pop_front() else { return Ok(()) };
            self.take(&frame)?;
        }
        Ok(())
    }

    fn take(&mut self, frame: &Frame) -> Result<(), Fault> {
        for fact in frame.facts() {
            let damaged = |what: String| Fault::damaged("the journal", frame.number, what);
            let (seq, bytes) = fact.map_err(|error| damaged(error.to_string()))?;
            if seq < self.fold.next().0 {
                continue;
            }
            let entry = Entry::from_bytes(bytes);
            let entry = entry.map_err(|error| damaged(format!("fact {seq}: {error}")))?;
            self.entries.push(entry);
        }
        self.frame = frame.number;
        Ok(())
    }
}
