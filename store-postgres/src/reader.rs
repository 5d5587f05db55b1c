//! Reading the journal: on any server that has it, or on the one that takes writes.
//!
//! Every frame is opened, its hash checked, its row compared with its header, and, read in order,
//! checked to follow the frame before. A lost connection is made again once for each call. Cost: a
//! page is two statements, of which the first reads sizes alone; a frame by seq is one look-up.

use postgres::Row;
use store::journal::check_next;
use store::limits::READ_BYTES_MAX;
use store::{Fault, Frame, Head, JournalReader};

use crate::address::{Address, Server};
use crate::db::{Db, Values, Wait};
use crate::schema;

/// Frames of one page, however small they are.
const PAGE_FRAMES_MAX: usize = 65_536;

/// A reader of the journal.
#[derive(Debug)]
pub struct Reader {
    address: Address,
    server: Server,
    db: Db,
    /// The end of the journal as read last.
    head: Head,
    /// The last frame given in order.
    given: Head,
}

impl Reader {
    /// Opens the journal, without a lock, on any server that the address allows.
    pub fn open(address: &Address) -> Result<Reader, Fault> {
        Reader::on(address, Server::Any)
    }

    /// Opens it on the server that takes writes, which never lags behind what was confirmed.
    pub fn open_newest(address: &Address) -> Result<Reader, Fault> {
        Reader::on(address, Server::Primary)
    }

    fn on(address: &Address, server: Server) -> Result<Reader, Fault> {
        let db = connect(address, server)?;
        let (head, given) = (Head::empty(), Head::empty());
        Ok(Reader { address: address.clone(), server, db, head, given })
    }

    /// Where the database is.
    pub fn address(&self) -> &Address {
        &self.address
    }

    fn rows(&mut self, sql: &str, values: Values<'_>) -> Result<Vec<Row>, Fault> {
        match self.db.rows(sql, values) {
            Err(_) if self.db.is_closed() => {
                self.db = connect(&self.address, self.server)?;
                self.db.rows(sql, values)
            }
            found => found,
        }
    }

    fn place(&self) -> String {
        self.address.to_string()
    }
}

fn connect(address: &Address, server: Server) -> Result<Db, Fault> {
    let mut db = Db::connect(address, server, Wait::Durable)?;
    schema::present(&mut db, &schema::JOURNAL)?;
    Ok(db)
}

/// The last frame, opened.
pub(crate) fn last_frame(db: &mut Db) -> Result<Option<Frame>, Fault> {
    let place = db.place();
    db.row(include_str!("../sql/journal/last.sql"), &[])?.map(|row| open(&row, &place)).transpose()
}

/// Opens a frame, and checks that the row is that of this frame.
fn open(row: &Row, place: &str) -> Result<Frame, Fault> {
    let (number, first_seq): (i64, i64) = (row.get(0), row.get(1));
    let found = u64::try_from(number).ok();
    let damaged = |what: String, source| Fault::Damaged {
        place: place.to_owned(),
        frame: found,
        what,
        source,
    };
    let frame = Frame::open(row.get(2)).map_err(|error| {
        damaged("what is stored is not what was written".into(), Some(error.into()))
    })?;
    if (Some(frame.number), Ok(frame.first_seq)) != (found, u64::try_from(first_seq)) {
        let what = format!(
            "its row has first seq {first_seq}, its bytes are frame {} with first seq {}",
            frame.number, frame.first_seq
        );
        return Err(damaged(what, None));
    }
    Ok(frame)
}

impl JournalReader for Reader {
    fn head(&mut self) -> Result<Head, Fault> {
        let last = self.rows(include_str!("../sql/journal/last_number.sql"), &[])?;
        let Some(last) = last.first() else { return Ok(Head::empty()) };
        let number: i64 = last.get(0);
        if number as u64 != self.head.frame {
            let row = self.rows(include_str!("../sql/journal/last.sql"), &[])?;
            let frame = row.first().map(|row| open(row, &self.place())).transpose()?;
            self.head = frame.map_or(Head::empty(), |frame| frame.head());
        }
        Ok(self.head)
    }

    fn frames(&mut self, after: u64, limit: usize) -> Result<Vec<Frame>, Fault> {
        let from = i64::try_from(after).unwrap_or(i64::MAX);
        let most = limit.min(PAGE_FRAMES_MAX) as i64;
        let sizes = self.rows(include_str!("../sql/journal/sizes.sql"), &[&from, &most])?;
        let (mut bytes, mut count) = (0, 0_i64);
        for size in &sizes {
            bytes += size.get::<_, i32>(0) as usize;
            if READ_BYTES_MAX < bytes && 0 < count {
                break;
            }
            count += 1;
        }
        let rows = self.rows(include_str!("../sql/journal/frames.sql"), &[&from, &count])?;
        let mut before = (self.given.frame == after).then_some(self.given);
        let (mut frames, mut due) = (Vec::with_capacity(rows.len()), after.saturating_add(1));
        for row in rows {
            let number: i64 = row.get(0);
            if number as u64 != due {
                return Err(Fault::damaged(self.place(), due, "its row is missing"));
            }
            let frame = open(&row, &self.place())?;
            if let Some(before) = &before {
                check_next(before, &frame)
                    .map_err(|what| Fault::damaged(self.place(), frame.number, what))?;
            }
            before = Some(frame.head());
            due += 1;
            frames.push(frame);
        }
        if let Some(last) = frames.last() {
            self.given = last.head();
        }
        Ok(frames)
    }

    fn frame_of(&mut self, seq: u64) -> Result<Option<Frame>, Fault> {
        let wanted = i64::try_from(seq).unwrap_or(i64::MAX);
        let found = self.rows(include_str!("../sql/journal/frame_of.sql"), &[&wanted])?;
        let Some(row) = found.first() else { return Ok(None) };
        let frame = open(row, &self.place())?;
        if seq < frame.head().next_seq {
            return Ok(Some(frame));
        }
        // Behind the last fact of all, or the rows disagree with what was written. A frame that has
        // come since the first look is there at the second.
        if self.head()?.next_seq <= seq {
            return Ok(None);
        }
        let found = self.rows(include_str!("../sql/journal/frame_of.sql"), &[&wanted])?;
        let again = found.first().map(|row| open(row, &self.place())).transpose()?;
        match again {
            Some(frame) if seq < frame.head().next_seq => Ok(Some(frame)),
            _ => {
                let what = format!("fact {seq} should be in it and is not");
                Err(Fault::damaged(self.place(), frame.number, what))
            }
        }
    }
}
