//! Reading the journal across its parts.
//!
//! Owns connections that only read; several readers, of several processes, read beside the writer.
//! Every frame is opened, its hash checked, its row compared with its header, and, read in order,
//! checked to follow the frame before. Each call is one short read, so that none holds up the log.
//! Cost: a frame by number is one lookup; by seq about log2(frames of a part) lookups of 8 bytes.

use std::fmt;
use std::path::Path;

use store::journal::{check_next, search};
use store::limits::READ_BYTES_MAX;
use store::{Fault, Frame, Head, JournalReader};

use crate::file::{Access, Db, Enough, PART, StoredFrame};
use crate::layout::Layout;

/// Parts that are open at a time: the last, and where a search went.
const OPEN_PARTS_MAX: usize = 4;

/// A reader of the journal.
pub struct Reader {
    layout: Layout,
    /// The first frame of each part; none while the part is empty.
    parts: Vec<Option<First>>,
    /// The parts that are open, the one used last at the end.
    open: Vec<(u32, Db)>,
    /// The end of the journal as read last.
    head: Head,
    /// The last frame given in order.
    given: Head,
}

#[derive(Clone, Copy, Debug)]
struct First {
    number: u64,
    first_seq: u64,
}

impl Reader {
    /// Opens the journal that begins with the file `path`, without a lock.
    pub fn open(path: impl AsRef<Path>) -> Result<Reader, Fault> {
        Reader::at(Layout::of(path.as_ref())?)
    }

    pub(crate) fn at(layout: Layout) -> Result<Reader, Fault> {
        let parts = vec![None; layout.parts()?.len()];
        if parts.is_empty() {
            return Err(Fault::Absent { place: layout.part(0).display().to_string() });
        }
        let (open, head, given) = (Vec::new(), Head::empty(), Head::empty());
        let mut reader = Reader { layout, parts, open, head, given };
        reader.check_ends()?;
        Ok(reader)
    }

    /// The names of the store's files.
    pub fn layout(&self) -> &Layout {
        &self.layout
    }

    /// Lets SQLite check every page of every part: finds what reading frames cannot, rows that
    /// have vanished at the end above all. Reads everything; minutes for a large journal.
    pub fn check_pages(&mut self) -> Result<(), Fault> {
        for part in 0..self.count()? {
            let db = self.db(part)?;
            let found: String = db.one(include_str!("../sql/check_pages.sql"), [])?;
            if found != "ok" {
                return Err(Fault::damaged(db.place(), None, found));
            }
        }
        Ok(())
    }

    /// The file in which a frame is, or would be.
    pub fn place_of(&mut self, frame: u64) -> Result<String, Fault> {
        let part = self.part_where(|first| first.number <= frame)?;
        Ok(self.place(part))
    }

    /// The end of the journal in the parts below `count`.
    pub(crate) fn head_of(&mut self, count: u32) -> Result<Head, Fault> {
        for part in (0..count).rev() {
            if let Some(frame) = last_frame(self.db(part)?)? {
                return Ok(frame.head());
            }
        }
        Ok(Head::empty())
    }

    /// The number of the last frame, with its part; none in an empty journal.
    fn last(&mut self) -> Result<Option<(u32, u64)>, Fault> {
        for part in (0..self.count()?).rev() {
            if let Some(number) = last_number(self.db(part)?)? {
                return Ok(Some((part, number)));
            }
        }
        Ok(None)
    }

    /// The number of the first frame of each part, oldest first; none while it is empty.
    pub(crate) fn first_numbers(&mut self) -> Result<Vec<Option<u64>>, Fault> {
        let count = self.count()?;
        (0..count).map(|part| Ok(self.first(part)?.map(|first| first.number))).collect()
    }

    /// The last two parts that hold frames join, and no part but the last may still be open.
    fn check_ends(&mut self) -> Result<(), Fault> {
        let count = self.count()?;
        let Some(last) = count.checked_sub(1) else { return Ok(()) };
        let db = self.db(last)?;
        // A part that was begun since the parts were counted is no loss.
        if is_closed(db)? && self.count()? == count {
            let place = self.layout.part(count).display().to_string();
            return Err(Fault::damaged(place, None, "this part of the journal is missing"));
        }
        if let (Some(first), true) = (self.first(last)?, 0 < last) {
            let before = self.head_of(last)?;
            let place = self.place(last);
            let frame = self.frame(last, first.number)?;
            check_next(&before, &frame)
                .map_err(|what| Fault::damaged(place, first.number, what))?;
        }
        Ok(())
    }

    /// How many parts there are now.
    fn count(&mut self) -> Result<u32, Fault> {
        while self.layout.part(self.parts.len() as u32).exists() {
            self.parts.push(None);
        }
        Ok(self.parts.len() as u32)
    }

    fn place(&self, part: u32) -> String {
        self.layout.part(part).display().to_string()
    }

    /// The open part.
    fn db(&mut self, part: u32) -> Result<&Db, Fault> {
        match self.open.iter().position(|(number, _)| *number == part) {
            Some(at) => self.open[at..].rotate_left(1),
            None => {
                let db = open_part(&self.layout, part)?;
                if OPEN_PARTS_MAX <= self.open.len() {
                    self.open.remove(0);
                }
                self.open.push((part, db));
            }
        }
        Ok(&self.open[self.open.len() - 1].1)
    }

    /// The first frame of a part.
    fn first(&mut self, part: u32) -> Result<Option<First>, Fault> {
        let known = self.parts[part as usize];
        if known.is_some() {
            return Ok(known);
        }
        let read =
            |row: &rusqlite::Row<'_>| Ok(First { number: row.get(0)?, first_seq: row.get(1)? });
        let found =
            self.db(part)?.row(include_str!("../sql/journal/first_number.sql"), [], read)?;
        self.parts[part as usize] = found;
        Ok(found)
    }

    /// The last part whose first frame is one that `wanted` accepts; the first part otherwise.
    fn part_where(&mut self, wanted: impl Fn(First) -> bool) -> Result<u32, Fault> {
        for part in (1..self.count()?).rev() {
            if self.first(part)?.is_some_and(&wanted) {
                return Ok(part);
            }
        }
        Ok(0)
    }

    /// A frame by its number.
    fn frame(&mut self, part: u32, number: u64) -> Result<Frame, Fault> {
        let db = self.db(part)?;
        let sql = include_str!("../sql/journal/frame.sql");
        match db.row(sql, [number], StoredFrame::read)? {
            Some(row) => row.open(db.place()),
            None => Err(missing(db.place(), number)),
        }
    }

    /// Appends the frames of one part behind number `after` to `page`.
    fn read_part(
        &mut self,
        part: u32,
        after: u64,
        limit: usize,
        page: &mut Page,
    ) -> Result<(), Fault> {
        let db = self.db(part)?;
        let sql = include_str!("../sql/journal/frames_after.sql");
        let after = i64::try_from(after).unwrap_or(i64::MAX);
        let rows = i64::try_from(limit - page.frames.len()).unwrap_or(i64::MAX);
        db.rows(sql, [after, rows], StoredFrame::read, |row| page.take(row.open(db.place())?, db))
    }
}

/// Frames being gathered for one call.
struct Page {
    frames: Vec<Frame>,
    /// What the next frame has to follow: known after the first.
    before: Option<Head>,
    /// The number of the next frame.
    due: u64,
    bytes: usize,
    full: bool,
}

impl Page {
    fn take(&mut self, frame: Frame, db: &Db) -> Result<Enough, Fault> {
        if frame.number != self.due {
            return Err(missing(db.place(), self.due));
        }
        if let Some(before) = &self.before {
            check_next(before, &frame)
                .map_err(|what| Fault::damaged(db.place(), frame.number, what))?;
        }
        self.bytes += frame.bytes.len();
        if READ_BYTES_MAX < self.bytes && !self.frames.is_empty() {
            self.full = true;
            return Ok(Enough::Yes);
        }
        self.before = Some(frame.head());
        self.due += 1;
        self.frames.push(frame);
        Ok(Enough::No)
    }
}

impl JournalReader for Reader {
    fn head(&mut self) -> Result<Head, Fault> {
        let last = self.last()?;
        let number = last.map_or(0, |(_, number)| number);
        if number < self.head.frame {
            let what = format!("the journal ended with frame {} before", self.head.frame);
            return Err(Fault::damaged(self.place(0), number, what));
        }
        if let Some((part, number)) = last
            && self.head.frame < number
        {
            self.head = self.frame(part, number)?.head();
        }
        Ok(self.head)
    }

    fn frames(&mut self, after: u64, limit: usize) -> Result<Vec<Frame>, Fault> {
        let Some(due) = after.checked_add(1) else { return Ok(Vec::new()) };
        let count = self.count()?;
        let start = self.part_where(|first| first.number <= due)?;
        let before = (self.given.frame == after).then_some(self.given);
        let mut page = Page { frames: Vec::new(), before, due, bytes: 0, full: false };
        for part in start..count {
            if limit <= page.frames.len() || page.full {
                break;
            }
            self.read_part(part, page.due - 1, limit, &mut page)?;
        }
        if let Some(last) = page.frames.last() {
            self.given = last.head();
        }
        Ok(page.frames)
    }

    fn frame_of(&mut self, seq: u64) -> Result<Option<Frame>, Fault> {
        let mut looked = 0;
        loop {
            let Some((part, frame)) = self.nearest(seq)? else { return Ok(None) };
            if frame.first_seq <= seq && seq < frame.head().next_seq {
                return Ok(Some(frame));
            }
            // Behind the last fact of all, or the rows disagree with what was written.
            if self.head()?.next_seq <= seq {
                return Ok(None);
            }
            // A frame may have come since it was looked for; then it is there at the second look.
            looked += 1;
            if 1 < looked {
                let what = format!("fact {seq} should be in it and is not");
                return Err(Fault::damaged(self.place(part), frame.number, what));
            }
        }
    }
}

impl Reader {
    /// The last frame that begins at or before a fact, and its part.
    fn nearest(&mut self, seq: u64) -> Result<Option<(u32, Frame)>, Fault> {
        let part = self.part_where(|first| first.first_seq <= seq)?;
        let Some(first) = self.first(part)? else { return Ok(None) };
        let db = self.db(part)?;
        let last = last_number(db)?.unwrap_or(first.number);
        let found = search(first.number, last, seq, |number| {
            let sql = include_str!("../sql/journal/first_seq.sql");
            let found = db.row(sql, [number], |row| row.get(0))?;
            found.ok_or_else(|| missing(db.place(), number))
        })?;
        let Some(number) = found else {
            return Err(Fault::damaged(
                db.place(),
                first.number,
                "the journal does not begin at 0",
            ));
        };
        Ok(Some((part, self.frame(part, number)?)))
    }
}

impl fmt::Debug for Reader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Reader({}, {} parts)", self.layout.part(0).display(), self.parts.len())
    }
}

/// Opens a part to read it, and checks that it is the part that its name says.
fn open_part(layout: &Layout, part: u32) -> Result<Db, Fault> {
    let path = layout.part(part);
    // A part becomes read-only when nothing of it is left in a log.
    let closed = std::fs::metadata(&path).is_ok_and(|found| found.permissions().readonly());
    let access = if closed { Access::ReadClosed } else { Access::Read };
    let db = Db::open(&path, access, PART)?;
    check_part(&db, part)?;
    Ok(db)
}

/// Checks that the file is this part of the journal.
pub(crate) fn check_part(db: &Db, part: u32) -> Result<(), Fault> {
    let found: u32 = db.one(include_str!("../sql/journal/part.sql"), [])?;
    if found != part {
        let what = format!("it is part {found} of a journal under the name of part {part}");
        return Err(Fault::damaged(db.place(), None, what));
    }
    Ok(())
}

/// Whether no frame may be added to the part any more.
pub(crate) fn is_closed(db: &Db) -> Result<bool, Fault> {
    let closed = db.row(include_str!("../sql/journal/part.sql"), [], |row| row.get(1))?;
    closed.ok_or_else(|| Fault::damaged(db.place(), None, "a row is missing"))
}

/// The last frame of a part, opened.
pub(crate) fn last_frame(db: &Db) -> Result<Option<Frame>, Fault> {
    let sql = include_str!("../sql/journal/last_frame.sql");
    db.row(sql, [], StoredFrame::read)?.map(|row| row.open(db.place())).transpose()
}

fn last_number(db: &Db) -> Result<Option<u64>, Fault> {
    db.row(include_str!("../sql/journal/last_number.sql"), [], |row| row.get(0))
}

fn missing(place: &str, number: u64) -> Fault {
    Fault::damaged(place, number, "its row is missing")
}
