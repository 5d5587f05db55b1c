//! Closed segments, and how old ones become larger, so that a search has few of them to look at:
//! sixteen that were closed one after the other become one of at most a million bets (core 24).
//!
//! A piece of it merges some ten thousand pairs of one index. The indexes of the new segment are of
//! no use to anybody until the last piece puts it in the place of the others, all in one
//! transaction. A writer that stops before leaves them there; they are made anew.

use rusqlite::Row;
use store::Fault;

use super::chunk::{self, Index, Pair};
use super::stream::{Merged, Stream, Way};
use crate::file::{Db, Enough};

/// Segments that become one.
pub(super) const PARTS: usize = 16;

/// Pairs of one piece: some milliseconds, and a few for each fact of a step.
const PIECE_PAIRS: usize = 65_536;

/// A closed segment: its rows have `first <= seq < end`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Segment {
    /// Names its chunks.
    pub(super) number: i64,
    pub(super) first: i64,
    pub(super) end: i64,
}

/// The closed segments, oldest first.
pub(super) fn segments(db: &Db) -> Result<Vec<Segment>, Fault> {
    let mut found = Vec::new();
    let read =
        |row: &Row<'_>| Ok(Segment { number: row.get(0)?, first: row.get(1)?, end: row.get(2)? });
    db.rows(include_str!("../../sql/views/segments.sql"), [], read, |segment| {
        found.push(segment);
        Ok(Enough::No)
    })?;
    Ok(found)
}

impl Segment {
    /// One as it is first closed.
    pub(super) fn new(first: u64, end: u64) -> Segment {
        let (first, end) = (first as i64, end as i64);
        Segment { number: 2 * first, first, end }
    }

    fn of(parts: &[Segment]) -> Option<Segment> {
        let (first, end) = (parts.first()?.first, parts.last()?.end);
        Some(Segment { number: 2 * first + 1, first, end })
    }

    /// Whether it was made of several.
    fn is_merged(self) -> bool {
        self.number % 2 == 1
    }

    pub(super) fn insert(&self, db: &Db) -> Result<(), Fault> {
        let insert = include_str!("../../sql/views/insert_segment.sql");
        db.change(insert, (self.number, self.first, self.end))
    }
}

/// Segments that are becoming one.
#[derive(Debug)]
pub(super) struct Merging {
    /// Adjacent ones, oldest first.
    parts: Vec<Segment>,
    /// What they become.
    whole: Segment,
    /// Still to be begun.
    indexes: Vec<Index>,
    /// Under way.
    index: Option<(Index, Merged)>,
}

impl Merging {
    /// The oldest segments that were not merged, if there are enough.
    pub(super) fn of(segments: &[Segment]) -> Option<Merging> {
        let first = segments.iter().position(|segment| !segment.is_merged())?;
        let parts = segments[first..].get(..PARTS)?.to_vec();
        let whole = Segment::of(&parts)?;
        Some(Merging { parts, whole, indexes: Index::ALL.to_vec(), index: None })
    }

    /// Does a piece, within a transaction of the caller's. After the last one it gives the segment
    /// that is now in the place of its parts.
    pub(super) fn piece(&mut self, db: &Db) -> Result<Option<Segment>, Fault> {
        let (index, mut merged) = match self.index.take() {
            Some(under_way) => under_way,
            None => match self.indexes.pop() {
                Some(index) => {
                    chunk::clear(db, index, self.whole.number)?;
                    (index, self.merged(db, index)?)
                }
                None => return self.replace(db).map(|()| Some(self.whole)),
            },
        };
        let mut pairs: Vec<Pair> = Vec::with_capacity(PIECE_PAIRS);
        while pairs.len() < PIECE_PAIRS {
            let Some(pair) = merged.next(db)? else { break };
            pairs.push(pair);
        }
        chunk::append(db, index, self.whole.number, &pairs)?;
        self.index = (pairs.len() == PIECE_PAIRS).then_some((index, merged));
        Ok(None)
    }

    fn merged(&self, db: &Db, index: Index) -> Result<Merged, Fault> {
        let from = (i64::MIN, i64::MIN);
        let stream = |part: &Segment| Stream::closed(db, index, part.number, Way::Up, from);
        let streams = self.parts.iter().map(stream).collect::<Result<_, Fault>>()?;
        Ok(Merged::new(Way::Up, streams))
    }

    /// Puts the new segment in the place of its parts.
    fn replace(&self, db: &Db) -> Result<(), Fault> {
        for part in &self.parts {
            db.change(include_str!("../../sql/views/delete_segment.sql"), [part.number])?;
            for index in Index::ALL {
                chunk::clear(db, index, part.number)?;
            }
        }
        self.whole.insert(db)
    }
}
