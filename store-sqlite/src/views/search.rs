//! The search of the register: closed segments by their indexes, the open one by reading it.
//!
//! A question in order of time goes through candidates of its narrowest condition, newest or oldest
//! first. One in order of another indexed field merges the segments by that field, unless it is
//! narrow (an id, an account, an event) and has few hits. Those are gathered and sorted, and so are
//! all hits of a question in order of a field without an index, up to a limit. A page looks at a
//! bounded number of rows in each case.

use rusqlite::Row;
use store::Fault;
use store::views::reports::query::Direction;
use store::views::reports::{BetQuery, BetRow, Field, LegRow, Position, SortField, Standing};
use store::views::terms::{BetId, Seq};
use store::views::{BetPage, EXAMINED_MAX, Found, MAX_SEQ};

use super::chunk::{self, Index, Pair};
use super::segment::{Segment, segments};
use super::stream::{Merged, Stream, Way};
use super::{cursor_of, rows};
use crate::file::{Db, Enough};

/// Rows that a page looks at where each lies elsewhere in the file.
const SCATTERED_MAX: usize = EXAMINED_MAX / 5;

/// Rows looked at for each hit that may be sorted: a search wider than that is to be narrowed.
const GATHERED_PER_HIT: usize = 10;

/// One row of the register.
pub(super) fn bet_at(db: &Db, seq: i64) -> Result<Option<BetRow>, Fault> {
    db.row(include_str!("../../sql/views/bet_at.sql"), [seq], rows::body)
}

/// The lowest position from which on rows have at least a value, in a table whose rows never have
/// a lower value than the row before. `sql` gives the first row from a position on.
pub(super) fn first_from(
    db: &Db,
    sql: &'static str,
    wanted: i64,
    value: impl Fn(&Row<'_>) -> rusqlite::Result<i64>,
) -> Result<i64, Fault> {
    let (mut low, mut high) = (0, cursor_of(db)?.0.min(MAX_SEQ) as i64);
    while low < high {
        let middle = low + (high - low) / 2;
        let found: Option<(i64, i64)> =
            db.row(sql, [middle], |row| Ok((row.get(0)?, value(row)?)))?;
        match found {
            Some((seq, value)) if value < wanted => low = seq + 1,
            Some(_) | None => high = middle,
        }
    }
    Ok(low)
}

/// The condition that candidates are found by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Driver {
    Id(BetId),
    Indexed(Index, i64),
    Standing(i64),
    All,
}

impl Driver {
    fn of(query: &BetQuery) -> Driver {
        let indexed = |field, index| query.is(field).map(|value| Driver::Indexed(index, value));
        // Most rows are settled: an index of those would list nearly all.
        let settled = i64::from(Standing::Settled.code());
        query
            .id()
            .map(Driver::Id)
            .or_else(|| indexed(Field::Account, Index::Account))
            .or_else(|| indexed(Field::Event, Index::Event))
            .or_else(|| indexed(Field::Desk, Index::Desk))
            .or_else(|| {
                query.is(Field::Standing).filter(|code| *code != settled).map(Driver::Standing)
            })
            .or_else(|| indexed(Field::Organiser, Index::Organiser))
            .unwrap_or(Driver::All)
    }

    /// Whether so few rows have it that all are looked at.
    fn is_narrow(self) -> bool {
        matches!(self, Driver::Id(_) | Driver::Indexed(Index::Account | Index::Event, _))
    }
}

/// A question being answered.
pub(super) struct Search<'a> {
    db: &'a Db,
    query: &'a BetQuery,
    driver: Driver,
    segments: Vec<Segment>,
    /// The first position of the open segment.
    open: i64,
    /// Positions that the question's times and days leave.
    low: i64,
    high: i64,
    way: Way,
    as_of: Seq,
    /// Hits that are sorted without an index.
    hits_max: usize,
}

impl<'a> Search<'a> {
    pub(super) fn begin(
        db: &'a Db,
        query: &'a BetQuery,
        hits_max: usize,
    ) -> Result<Search<'a>, Fault> {
        let segments = segments(db)?;
        let as_of = cursor_of(db)?;
        let open = segments.last().map_or(0, |segment| segment.end);
        let way = match query.sort().1 {
            Direction::Ascending => Way::Up,
            Direction::Descending => Way::Down,
        };
        let (low, high) = (0, as_of.0.min(MAX_SEQ) as i64);
        let driver = Driver::of(query);
        let mut search =
            Search { db, query, driver, segments, open, low, high, way, as_of, hits_max };
        search.bound_by(Field::At, 1)?;
        search.bound_by(Field::Day, 2)?;
        Ok(search)
    }

    pub(super) fn run(mut self) -> Result<Found, Fault> {
        let index = match self.query.sort().0 {
            SortField::At => {
                self.begin_behind();
                return self.page(EXAMINED_MAX, |search, take| search.candidates(take));
            }
            SortField::Id => None,
            SortField::Amount => Some(Index::Amount),
            SortField::Account => Some(Index::Account),
            SortField::Organiser => Some(Index::Organiser),
            SortField::Desk => Some(Index::Desk),
            SortField::Event => Some(Index::Event),
            SortField::Standing
            | SortField::MadeAt
            | SortField::Winnings
            | SortField::Outstanding => {
                let (hits_max, examined_max) = (self.hits_max, GATHERED_PER_HIT * self.hits_max);
                let page = self.gathered(hits_max, examined_max)?;
                return Ok(page.map_or(Found::Narrow, Found::Page));
            }
        };
        // Few hits are sorted; many, as of a final, are found in the order of the sort's index.
        let few = self.hits_max.min(SCATTERED_MAX);
        if self.driver.is_narrow()
            && let Some(page) = self.gathered(few, few)?
        {
            return Ok(Found::Page(page));
        }
        self.page(SCATTERED_MAX, |search, take| match index {
            Some(index) => search.by_value(index, take),
            None => search.by_id(take),
        })
    }

    /// Narrows the positions by a field that never falls from one row to the next.
    fn bound_by(&mut self, field: Field, column: usize) -> Result<(), Fault> {
        let sql = include_str!("../../sql/views/first_bet_from.sql");
        let (from, before) = self.query.range(field);
        if let Some(from) = from {
            self.low = self.low.max(first_from(self.db, sql, from, |row| row.get(column))?);
        }
        if let Some(before) = before {
            self.high = self.high.min(first_from(self.db, sql, before, |row| row.get(column))?);
        }
        Ok(())
    }

    /// In order of time, the page begins behind a row.
    fn begin_behind(&mut self) {
        let Some(after) = self.query.after() else { return };
        let seq = after.seq.0.min(MAX_SEQ) as i64;
        match self.way {
            Way::Up => self.low = self.low.max(seq + 1),
            Way::Down => self.high = self.high.min(seq),
        }
    }

    /// Fills a page from rows that come in the question's order.
    fn page(
        &self,
        examined_max: usize,
        candidates: impl FnOnce(&Self, &mut Take<'_>) -> Result<(), Fault>,
    ) -> Result<Found, Fault> {
        let mut page = BetPage { rows: Vec::new(), next: None, as_of: self.as_of };
        let (mut examined, mut last) = (0, None);
        let (query, db) = (self.query, self.db);
        candidates(self, &mut |candidate| {
            if query.limit() <= page.rows.len() || examined_max <= examined {
                page.next = last;
                return Ok(Enough::Yes);
            }
            let row = match candidate {
                Candidate::Row(row) => Some(*row),
                Candidate::At(seq) => bet_at(db, seq)?,
            };
            let Some(row) = row else { return Ok(Enough::No) };
            let position = query.position(&row);
            if !query.is_behind(position) {
                return Ok(Enough::No);
            }
            examined += 1;
            last = Some(position);
            if query.matches(&row) {
                page.rows.push(row);
            }
            Ok(Enough::No)
        })?;
        Ok(Found::Page(page))
    }

    /// All hits, sorted; then the page. Nothing if there are too many.
    fn gathered(&self, hits_max: usize, examined_max: usize) -> Result<Option<BetPage>, Fault> {
        let (mut hits, mut examined): (Vec<Position>, usize) = (Vec::new(), 0);
        let query = self.query;
        self.candidates(&mut |candidate| {
            let row = match candidate {
                Candidate::Row(row) => Some(*row),
                Candidate::At(seq) => bet_at(self.db, seq)?,
            };
            examined += 1;
            hits.extend(row.filter(|row| query.matches(row)).map(|row| query.position(&row)));
            let wide = hits_max < hits.len() || examined_max < examined;
            Ok(if wide { Enough::Yes } else { Enough::No })
        })?;
        if hits_max < hits.len() || examined_max < examined {
            return Ok(None);
        }
        hits.retain(|position| query.is_behind(*position));
        hits.sort_unstable();
        if self.way == Way::Down {
            hits.reverse();
        }
        let more = query.limit() < hits.len();
        hits.truncate(query.limit());
        let next = hits.last().copied().filter(|_| more);
        let mut rows = Vec::with_capacity(hits.len());
        for position in hits {
            rows.extend(bet_at(self.db, position.seq.0 as i64)?);
        }
        Ok(Some(BetPage { rows, next, as_of: self.as_of }))
    }

    /// Candidates in order of time.
    fn candidates(&self, take: &mut Take<'_>) -> Result<(), Fault> {
        if let Driver::Id(bet) = self.driver {
            return self.ordered(self.seqs_of(bet)?, take).map(|_| ());
        }
        if self.driver == Driver::All {
            let sql = match self.way {
                Way::Up => include_str!("../../sql/views/bets_up.sql"),
                Way::Down => include_str!("../../sql/views/bets_down.sql"),
            };
            let values = [self.low, self.high];
            return self
                .db
                .rows(sql, values, rows::body, |row| take(Candidate::Row(Box::new(row))));
        }
        if self.way == Way::Down && self.ordered(self.in_open_segment()?, take)? == Enough::Yes {
            return Ok(());
        }
        if self.in_closed_segments(take)? == Enough::Yes {
            return Ok(());
        }
        if self.way == Way::Up {
            self.ordered(self.in_open_segment()?, take)?;
        }
        Ok(())
    }

    /// Gives ascending positions in the question's direction.
    fn ordered(&self, mut seqs: Vec<i64>, take: &mut Take<'_>) -> Result<Enough, Fault> {
        seqs.retain(|seq| self.low <= *seq && *seq < self.high);
        if self.way == Way::Down {
            seqs.reverse();
        }
        for seq in seqs {
            if take(Candidate::At(seq))? == Enough::Yes {
                return Ok(Enough::Yes);
            }
        }
        Ok(Enough::No)
    }

    fn seqs_of(&self, bet: BetId) -> Result<Vec<i64>, Fault> {
        self.seqs(include_str!("../../sql/views/seqs_of_id.sql"), [bet.0])
    }

    fn seqs(&self, sql: &'static str, values: impl rusqlite::Params) -> Result<Vec<i64>, Fault> {
        let mut seqs = Vec::new();
        self.db.rows(
            sql,
            values,
            |row| row.get(0),
            |seq| {
                seqs.push(seq);
                Ok(Enough::No)
            },
        )?;
        Ok(seqs)
    }

    /// Rows of the open segment that the driver finds, ascending.
    fn in_open_segment(&self) -> Result<Vec<i64>, Fault> {
        let low = self.low.max(self.open);
        let sql = match self.driver {
            Driver::Indexed(Index::Account, _) => {
                include_str!("../../sql/views/open_by_account.sql")
            }
            Driver::Indexed(Index::Organiser, _) => {
                include_str!("../../sql/views/open_by_organiser.sql")
            }
            Driver::Indexed(Index::Desk, _) => include_str!("../../sql/views/open_by_desk.sql"),
            Driver::Standing(_) => include_str!("../../sql/views/open_by_standing.sql"),
            Driver::Indexed(Index::Event, event) => {
                let pairs = self.open_pairs(Index::Event)?;
                let seqs = pairs.into_iter().filter(|pair| pair.0 == event).map(|pair| pair.1);
                let mut seqs: Vec<i64> = seqs.collect();
                seqs.dedup();
                return Ok(seqs);
            }
            Driver::Indexed(Index::Amount | Index::Wallet, _) | Driver::Id(_) | Driver::All => {
                return Ok(Vec::new());
            }
        };
        let (Driver::Indexed(_, value) | Driver::Standing(value)) = self.driver else {
            return Ok(Vec::new());
        };
        self.seqs(sql, [low, self.high, value])
    }

    fn in_closed_segments(&self, take: &mut Take<'_>) -> Result<Enough, Fault> {
        if let Driver::Standing(standing) = self.driver {
            let sql = match self.way {
                Way::Up => include_str!("../../sql/views/unsettled.sql"),
                Way::Down => include_str!("../../sql/views/unsettled_down.sql"),
            };
            let mut end = Enough::No;
            let values = [standing, self.low, self.high];
            self.db.rows(
                sql,
                values,
                |row| row.get(0),
                |seq| {
                    end = take(Candidate::At(seq))?;
                    Ok(end)
                },
            )?;
            return Ok(end);
        }
        let Driver::Indexed(index, value) = self.driver else { return Ok(Enough::No) };
        let mut segments = self.segments.clone();
        if self.way == Way::Down {
            segments.reverse();
        }
        for segment in segments {
            if segment.end <= self.low || self.high <= segment.first {
                continue;
            }
            let keys = chunk::keys_of(self.db, index, segment.number, value)?;
            if self.ordered(keys, take)? == Enough::Yes {
                return Ok(Enough::Yes);
            }
        }
        Ok(Enough::No)
    }

    /// The pairs of an index for the open segment, which has none, in order of position.
    fn open_pairs(&self, index: Index) -> Result<Vec<Pair>, Fault> {
        let low = self.low.max(self.open).max(0) as u64;
        let fields = super::Fields::read(self.db, low, self.high.max(0) as u64)?;
        Ok(match index {
            Index::Account => fields.account,
            Index::Organiser => fields.organiser,
            Index::Desk => fields.desk,
            Index::Event => fields.event,
            Index::Amount => fields.amount,
            Index::Wallet => Vec::new(),
        })
    }

    /// Candidates in order of an indexed field: all segments merged.
    fn by_value(&self, index: Index, take: &mut Take<'_>) -> Result<(), Fault> {
        let from = self.first_pair(index);
        let mut streams = Vec::with_capacity(self.segments.len() + 1);
        for segment in &self.segments {
            if self.low < segment.end && segment.first < self.high {
                streams.push(Stream::closed(self.db, index, segment.number, self.way, from)?);
            }
        }
        streams.push(Stream::open(index, self.way, self.open_pairs(index)?));
        let mut merged = Merged::new(self.way, streams);
        while let Some(pair) = merged.next(self.db)? {
            let (value, seq) = pair;
            if self.is_past(index, value) {
                return Ok(());
            }
            let here = self.low <= seq && seq < self.high && self.is_wanted(index, pair)?;
            if here && take(Candidate::At(seq))? == Enough::Yes {
                return Ok(());
            }
        }
        Ok(())
    }

    /// Whether a pair stands for its row in this order: of the events of a bet, the first does.
    fn is_wanted(&self, index: Index, (value, seq): Pair) -> Result<bool, Fault> {
        let position = Position { key: value.into(), seq: Seq(seq as u64) };
        if !self.query.is_behind(position) {
            return Ok(false);
        }
        if index != Index::Event {
            return Ok(true);
        }
        let row = bet_at(self.db, seq)?;
        let first = row.and_then(|row| row.legs.first().map(|leg: &LegRow| leg.event.0));
        Ok(first.map(i64::from) == Some(value))
    }

    /// The pair from which on the page may begin.
    fn first_pair(&self, index: Index) -> Pair {
        let (from, before) = self.query.range(field_of(index));
        let after = self.query.after().map(|after| {
            let key =
                i64::try_from(after.key).unwrap_or(if after.key < 0 { i64::MIN } else { i64::MAX });
            (key, after.seq.0.min(MAX_SEQ) as i64)
        });
        match self.way {
            Way::Up => {
                let from = (from.unwrap_or(i64::MIN), i64::MIN);
                after.map_or(from, |after| after.max(from))
            }
            Way::Down => {
                let from = before.map_or((i64::MAX, i64::MAX), |before| (before, i64::MIN));
                after.map_or(from, |after| after.min(from))
            }
        }
    }

    /// Whether no later value can be wanted.
    fn is_past(&self, index: Index, value: i64) -> bool {
        let (from, before) = self.query.range(field_of(index));
        match self.way {
            Way::Up => before.is_some_and(|before| before <= value),
            Way::Down => from.is_some_and(|from| value < from),
        }
    }

    /// Candidates in order of id.
    fn by_id(&self, take: &mut Take<'_>) -> Result<(), Fault> {
        let (sql, edge) = match self.way {
            Way::Up => (include_str!("../../sql/views/ids_up.sql"), [0; 16]),
            Way::Down => (include_str!("../../sql/views/ids_down.sql"), [0xff; 16]),
        };
        let edge = self.query.after().map_or(edge, |after| after.key.to_be_bytes());
        self.db.rows(
            sql,
            [edge],
            |row| row.get(0),
            |seq: i64| {
                if self.low <= seq && seq < self.high {
                    take(Candidate::At(seq))
                } else {
                    Ok(Enough::No)
                }
            },
        )
    }
}

/// A row that may be a hit.
enum Candidate {
    /// Read already.
    Row(Box<BetRow>),
    /// By its position.
    At(i64),
}

type Take<'t> = dyn FnMut(Candidate) -> Result<Enough, Fault> + 't;

fn field_of(index: Index) -> Field {
    match index {
        Index::Account => Field::Account,
        Index::Organiser => Field::Organiser,
        Index::Desk => Field::Desk,
        Index::Event => Field::Event,
        Index::Amount | Index::Wallet => Field::Amount,
    }
}
