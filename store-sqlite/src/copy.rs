//! A copy of the journal while it is being written, for a backup.
//!
//! Frame by frame, in short reads: a copy holds up neither the writer nor its log, and every frame
//! of it has been checked on the way. Cost: reading and writing everything once.

use std::path::Path;

use store::{Fault, Frame, Head, JournalReader as _};

use crate::Synchronous;
use crate::file::{Access, Db, PART};
use crate::layout::Layout;
use crate::reader::Reader;
use crate::writer::{make_part, make_read_only};

/// Frames of one step of a copy.
const STEP_FRAMES: usize = 1_024;

impl Reader {
    /// Copies the journal up to its present head, which is given, to a new store whose first part
    /// is the file `target`, with the same parts. Nothing may be there yet. When this returns, the
    /// copy is durable.
    pub fn copy_journal(&mut self, target: &Path) -> Result<Head, Fault> {
        let head = self.head()?;
        let firsts = self.first_numbers()?;
        let layout = Layout::of(target)?;
        if !layout.parts()?.is_empty() {
            let place = layout.part(0).display().to_string();
            return Err(Fault::refused(format!("{place}: there is a journal already")));
        }
        let mut copy = Copy::begin(layout)?;
        let mut after = 0;
        while after < head.frame {
            let most = usize::try_from(head.frame - after).unwrap_or(usize::MAX);
            let frames = self.frames(after, most.min(STEP_FRAMES))?;
            let Some(last) = frames.last() else {
                let place = self.layout().part(0).display().to_string();
                return Err(Fault::damaged(place, after + 1, "its row is missing"));
            };
            after = last.number;
            copy.write(&frames, &firsts)?;
        }
        copy.end()?;
        let copied = Reader::open(target)?.head()?;
        if copied != head {
            let place = target.display().to_string();
            return Err(Fault::damaged(place, copied.frame, "the copy ends elsewhere"));
        }
        Ok(copied)
    }
}

struct Copy {
    layout: Layout,
    part: u32,
    db: Db,
}

impl Copy {
    fn begin(layout: Layout) -> Result<Copy, Fault> {
        make_part(&layout, 0)?;
        let db = open(&layout, 0)?;
        Ok(Copy { layout, part: 0, db })
    }

    /// Writes frames, each to the part in which it is in the original.
    fn write(&mut self, frames: &[Frame], firsts: &[Option<u64>]) -> Result<(), Fault> {
        let insert = include_str!("../sql/journal/insert_frame.sql");
        self.db.run(include_str!("../sql/begin.sql"))?;
        for frame in frames {
            let next = firsts.get(self.part as usize + 1).copied().flatten();
            if next == Some(frame.number) {
                self.db.run(include_str!("../sql/commit.sql"))?;
                self.next_part()?;
                self.db.run(include_str!("../sql/begin.sql"))?;
            }
            let row = (frame.number, frame.first_seq, frame.bytes.as_slice());
            self.db.change(insert, row)?;
        }
        self.db.run(include_str!("../sql/commit.sql"))?;
        self.settle()
    }

    fn next_part(&mut self) -> Result<(), Fault> {
        let next = self.part + 1;
        make_part(&self.layout, next)?;
        self.db.change(include_str!("../sql/journal/close_part.sql"), [])?;
        self.settle()?;
        make_read_only(&self.layout, self.part)?;
        self.db = open(&self.layout, next)?;
        self.part = next;
        Ok(())
    }

    /// Moves what is in the log to its place, durably.
    fn settle(&self) -> Result<(), Fault> {
        let busy: i64 = self.db.one(include_str!("../sql/checkpoint_truncate.sql"), [])?;
        match busy {
            0 => Ok(()),
            _ => Err(Fault::refused(format!("{}: somebody else uses the copy", self.db.place()))),
        }
    }

    fn end(self) -> Result<(), Fault> {
        self.settle()
    }
}

fn open(layout: &Layout, part: u32) -> Result<Db, Fault> {
    Db::open(&layout.part(part), Access::Write(Synchronous::Full), PART)
}
