//! The search of the register: candidates come by an index, in the question's order, in pieces; the
//! question itself picks the hits among them.
//!
//! A question in order of time goes through candidates of its narrowest condition. One in order of
//! another indexed field goes through that field's index, unless it is narrow (an id, an account,
//! an event) and has few hits; those are gathered and sorted, and so are all hits of a question in
//! order of a field without an index, up to a limit. A page looks at a bounded number of rows.
//!
//! This is the one place that puts SQL together: from a closed set of pieces, values always bound.

use postgres::types::ToSql;
use store::Fault;
use store::views::reports::query::Direction;
use store::views::reports::{BetQuery, BetRow, Field, Position, SortField, Standing};
use store::views::terms::{BetId, Day, Seq};
use store::views::{BetPage, EXAMINED_MAX, Found, MAX_SEQ};

use super::columns::Uuid;
use super::copy::Listed;
use super::{cursor_of, read};
use crate::db::Db;

/// Rows that a page looks at where each lies elsewhere.
const SCATTERED_MAX: usize = EXAMINED_MAX / 5;

/// Rows looked at for each hit that may be sorted: a search wider than that is to be narrowed.
const GATHERED_PER_HIT: usize = 10;

/// Candidates of the first piece, which is often enough …
const FIRST_PIECE: usize = 64;

/// … and of those behind it.
const NEXT_PIECE: usize = 4_096;

/// The condition that candidates are found by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Driver {
    Id(BetId),
    /// A column of bets that has an index.
    Column(&'static str, i64),
    Event(i64),
    Standing(i64),
    All,
}

impl Driver {
    fn of(query: &BetQuery) -> Driver {
        let column = |field, name| query.is(field).map(|value| Driver::Column(name, value));
        // Most rows are settled, and no list has them.
        let settled = i64::from(Standing::Settled.code());
        let standing = query.is(Field::Standing).filter(|code| *code != settled);
        query
            .id()
            .map(Driver::Id)
            .or_else(|| column(Field::Account, "account"))
            .or_else(|| query.is(Field::Event).map(Driver::Event))
            .or_else(|| column(Field::Desk, "desk"))
            .or_else(|| standing.map(Driver::Standing))
            .or_else(|| column(Field::Organiser, "organiser"))
            .unwrap_or(Driver::All)
    }

    /// Whether so few rows have it that all are looked at.
    fn is_narrow(self) -> bool {
        matches!(self, Driver::Id(_) | Driver::Column("account", _) | Driver::Event(_))
    }
}

/// The order in which candidates come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Order {
    Time,
    Id,
    Event,
    Column(&'static str, Field),
}

/// A question being answered.
pub(super) struct Search<'a> {
    db: &'a mut Db,
    query: &'a BetQuery,
    driver: Driver,
    /// Positions that the question's times and days leave.
    low: i64,
    high: i64,
    down: bool,
    as_of: Seq,
    /// Hits that are sorted without an index.
    hits_max: usize,
}

/// Whether to read on.
#[derive(PartialEq, Eq)]
enum Enough {
    Yes,
    No,
}

type Take<'t> = dyn FnMut(BetRow) -> Enough + 't;

impl<'a> Search<'a> {
    pub(super) fn begin(
        db: &'a mut Db,
        query: &'a BetQuery,
        hits_max: usize,
    ) -> Result<Search<'a>, Fault> {
        let as_of = cursor_of(db)?;
        let down = query.sort().1 == Direction::Descending;
        let (low, high) = (0, as_of.0.min(MAX_SEQ) as i64);
        let driver = Driver::of(query);
        let mut search = Search { db, query, driver, low, high, down, as_of, hits_max };
        search.bound_by_days()?;
        search.bound_by_times()?;
        Ok(search)
    }

    pub(super) fn run(mut self) -> Result<Found, Fault> {
        let order = match self.query.sort().0 {
            SortField::At => {
                self.begin_behind();
                return self.page(EXAMINED_MAX, Order::Time);
            }
            SortField::Id => Order::Id,
            SortField::Amount => Order::Column("amount_tiyn", Field::Amount),
            SortField::Account => Order::Column("account", Field::Account),
            SortField::Organiser => Order::Column("organiser", Field::Organiser),
            SortField::Desk => Order::Column("desk", Field::Desk),
            SortField::Event => Order::Event,
            SortField::Standing
            | SortField::MadeAt
            | SortField::Winnings
            | SortField::Outstanding => {
                let (hits_max, examined_max) = (self.hits_max, GATHERED_PER_HIT * self.hits_max);
                let page = self.gathered(hits_max, examined_max)?;
                return Ok(page.map_or(Found::Narrow, Found::Page));
            }
        };
        let few = self.hits_max.min(SCATTERED_MAX);
        if self.driver.is_narrow()
            && let Some(page) = self.gathered(few, few)?
        {
            return Ok(Found::Page(page));
        }
        self.page(SCATTERED_MAX, order)
    }

    fn bound_by_days(&mut self) -> Result<(), Fault> {
        let (from, before) = self.query.range(Field::Day);
        let day = |day: i64| Day(day.clamp(i32::MIN.into(), i32::MAX.into()) as i32);
        if let Some(from) = from {
            self.low = self.low.max(read::first_of(self.db, Listed::Bets, day(from))?);
        }
        if let Some(before) = before {
            self.high = self.high.min(read::first_of(self.db, Listed::Bets, day(before))?);
        }
        Ok(())
    }

    fn bound_by_times(&mut self) -> Result<(), Fault> {
        let (from, before) = self.query.range(Field::At);
        if let Some(from) = from {
            self.low = self.low.max(self.first_at(from)?);
        }
        if let Some(before) = before {
            self.high = self.high.min(self.first_at(before)?);
        }
        Ok(())
    }

    /// The lowest position from which on rows are of a time or later: times grow with positions.
    fn first_at(&mut self, at: i64) -> Result<i64, Fault> {
        let (mut low, mut high) = (self.low, self.high);
        while low < high {
            let middle = low + (high - low) / 2;
            let sql = include_str!("../../sql/views/first_bet_from.sql");
            let found = self.db.row(sql, &[&middle])?;
            match found.map(|row| (row.get::<_, i64>(0), row.get::<_, i64>(1))) {
                Some((seq, found)) if found < at => low = seq + 1,
                Some(_) | None => high = middle,
            }
        }
        Ok(low)
    }

    /// In order of time, the page begins behind a row.
    fn begin_behind(&mut self) {
        let Some(after) = self.query.after() else { return };
        let seq = after.seq.0.min(MAX_SEQ) as i64;
        match self.down {
            false => self.low = self.low.max(seq + 1),
            true => self.high = self.high.min(seq),
        }
    }

    /// Fills a page from rows that come in the question's order.
    fn page(mut self, examined_max: usize, order: Order) -> Result<Found, Fault> {
        let mut page = BetPage { rows: Vec::new(), next: None, as_of: self.as_of };
        let (mut examined, mut last) = (0, None);
        let query = self.query;
        self.candidates(order, &mut |row| {
            if query.limit() <= page.rows.len() || examined_max <= examined {
                page.next = last;
                return Enough::Yes;
            }
            let position = query.position(&row);
            if !query.is_behind(position) {
                return Enough::No;
            }
            examined += 1;
            last = Some(position);
            if query.matches(&row) {
                page.rows.push(row);
            }
            Enough::No
        })?;
        Ok(Found::Page(page))
    }

    /// All hits, sorted; then the page. Nothing if there are too many.
    fn gathered(&mut self, hits_max: usize, examined_max: usize) -> Result<Option<BetPage>, Fault> {
        let (mut hits, mut examined): (Vec<(Position, i32)>, usize) = (Vec::new(), 0);
        let query = self.query;
        self.candidates(Order::Time, &mut |row| {
            examined += 1;
            if query.matches(&row) {
                hits.push((query.position(&row), row.day.0));
            }
            let wide = hits_max < hits.len() || examined_max < examined;
            if wide { Enough::Yes } else { Enough::No }
        })?;
        if hits_max < hits.len() || examined_max < examined {
            return Ok(None);
        }
        hits.retain(|(position, _)| query.is_behind(*position));
        hits.sort_unstable();
        if self.down {
            hits.reverse();
        }
        let more = query.limit() < hits.len();
        hits.truncate(query.limit());
        let next = hits.last().map(|(position, _)| *position).filter(|_| more);
        let mut rows = Vec::with_capacity(hits.len());
        for (position, day) in hits {
            let sql = include_str!("../../sql/views/bet_of_day.sql");
            rows.extend(read::body(self.db, sql, &[&(position.seq.0 as i64), &day])?);
        }
        Ok(Some(BetPage { rows, next, as_of: self.as_of }))
    }

    /// Candidates in an order, piece by piece, until there is enough.
    fn candidates(&mut self, order: Order, take: &mut Take<'_>) -> Result<(), Fault> {
        let mut behind = self.edge(order);
        let mut most = FIRST_PIECE;
        loop {
            let rows = self.piece(order, behind, most)?;
            let full = most <= rows.len();
            for row in rows {
                behind = Some(self.place(order, &row));
                if take(row) == Enough::Yes {
                    return Ok(());
                }
            }
            if !full {
                return Ok(());
            }
            most = NEXT_PIECE;
        }
    }

    /// Where a row stands in an order.
    fn place(&self, order: Order, row: &BetRow) -> Place {
        let seq = row.seq.0 as i64;
        match order {
            Order::Time => Place { key: Key::Number(0), seq },
            Order::Id => Place { key: Key::Id(row.bet.0), seq },
            // The key of the sort is the order's own.
            Order::Event | Order::Column(..) => {
                Place { key: Key::Number(self.query.position(row).key as i64), seq }
            }
        }
    }

    /// The place behind which the page begins, in an order other than that of time.
    fn edge(&self, order: Order) -> Option<Place> {
        let after = self.query.after()?;
        let seq = after.seq.0.min(MAX_SEQ) as i64;
        let far = if after.key < 0 { i64::MIN } else { i64::MAX };
        match order {
            Order::Time => None,
            Order::Id => Some(Place { key: Key::Id(after.key.to_be_bytes()), seq }),
            Order::Event | Order::Column(..) => {
                Some(Place { key: Key::Number(i64::try_from(after.key).unwrap_or(far)), seq })
            }
        }
    }

    /// The next candidates behind a place.
    fn piece(
        &mut self,
        order: Order,
        behind: Option<Place>,
        most: usize,
    ) -> Result<Vec<BetRow>, Fault> {
        let (mut low, mut high) = (self.low, self.high);
        if let (Order::Time, Some(place)) = (order, behind) {
            match self.down {
                false => low = low.max(place.seq + 1),
                true => high = high.min(place.seq),
            }
        }
        let mut asked = Asked::new(low, high, most as i64);
        let (way, beyond) = if self.down { ("DESC", "<") } else { ("ASC", ">") };
        let sql = match order {
            Order::Time => self.in_time(&mut asked, way),
            Order::Id => {
                if let Some(place) = behind {
                    asked.behind("here.bet", "here.seq", beyond, place);
                }
                joined("bet_ids", &asked, &format!("bet {way}, seq {way}"))
            }
            Order::Event => {
                asked.and("here.first");
                self.bound(&mut asked, "here.event", Field::Event);
                if let Some(place) = behind {
                    asked.behind("here.event", "here.seq", beyond, place);
                }
                joined("bet_events", &asked, &format!("event {way}, seq {way}"))
            }
            Order::Column(name, field) => {
                let column = format!("here.{name}");
                self.bound(&mut asked, &column, field);
                if let Some(place) = behind {
                    asked.behind(&column, "here.seq", beyond, place);
                }
                plain(&asked, &format!("{name} {way}, seq {way}"))
            }
        };
        let values: Vec<&(dyn ToSql + Sync)> =
            asked.values.iter().map(|value| &**value as _).collect();
        read::bodies(self.db, &sql, &values)
    }

    /// In order of time, by the driver.
    fn in_time(&self, asked: &mut Asked, way: &str) -> String {
        let order = format!("seq {way}");
        match self.driver {
            Driver::All => plain(asked, &order),
            Driver::Column(name, value) => {
                asked.is(&format!("here.{name}"), value);
                plain(asked, &order)
            }
            Driver::Event(event) => {
                asked.is("here.event", event);
                joined("bet_events", asked, &order)
            }
            Driver::Standing(standing) => {
                asked.is("here.standing::bigint", standing);
                joined("unsettled", asked, &order)
            }
            Driver::Id(bet) => {
                asked.is("here.bet", Uuid(bet.0));
                joined("bet_ids", asked, &order)
            }
        }
    }

    /// Bounds a column by the question's range of a field.
    fn bound(&self, asked: &mut Asked, column: &str, field: Field) {
        // A bet has several events, and the question may be about any of them.
        if field == Field::Event {
            return;
        }
        let (from, before) = self.query.range(field);
        if let Some(from) = from {
            asked.compare(column, ">=", from);
        }
        if let Some(before) = before {
            asked.compare(column, "<", before);
        }
    }
}

/// A place in an order.
#[derive(Clone, Copy, Debug)]
struct Place {
    key: Key,
    seq: i64,
}

#[derive(Clone, Copy, Debug)]
enum Key {
    Number(i64),
    Id([u8; 16]),
}

/// Conditions with what is bound to them.
struct Asked {
    conditions: Vec<String>,
    values: Vec<Box<dyn ToSql + Sync>>,
}

impl Asked {
    /// Positions, and how many rows: $1, $2 and $3.
    fn new(low: i64, high: i64, most: i64) -> Asked {
        let positions = "here.seq >= $1 AND here.seq < $2".to_owned();
        Asked {
            conditions: vec![positions],
            values: vec![Box::new(low), Box::new(high), Box::new(most)],
        }
    }

    fn and(&mut self, condition: &str) {
        self.conditions.push(condition.to_owned());
    }

    fn is(&mut self, column: &str, value: impl ToSql + Sync + 'static) {
        self.compare(column, "=", value);
    }

    fn compare(&mut self, column: &str, how: &str, value: impl ToSql + Sync + 'static) {
        self.values.push(Box::new(value));
        self.conditions.push(format!("{column} {how} ${}", self.values.len()));
    }

    fn behind(&mut self, key: &str, seq: &str, beyond: &str, place: Place) {
        self.values.push(match place.key {
            Key::Number(number) => Box::new(number),
            Key::Id(id) => Box::new(Uuid(id)),
        });
        self.values.push(Box::new(place.seq));
        let count = self.values.len();
        self.conditions.push(format!("({key}, {seq}) {beyond} (${}, ${count})", count - 1));
    }
}

/// From the register itself.
fn plain(asked: &Asked, order: &str) -> String {
    let conditions = asked.conditions.join(" AND ");
    format!(
        "SELECT here.body FROM bej_views.bets AS here WHERE {conditions} \
         ORDER BY {order} LIMIT $3"
    )
}

/// From a list of rows, each then looked up where it is.
fn joined(list: &str, asked: &Asked, order: &str) -> String {
    let conditions = asked.conditions.join(" AND ");
    let column = order.split(' ').next().unwrap_or("seq");
    let column = if column == "seq" { String::new() } else { format!(", here.{column}") };
    let outer: Vec<String> = order.split(", ").map(|part| format!("found.{part}")).collect();
    format!(
        "SELECT bets.body FROM (SELECT here.seq, here.day{column} \
         FROM bej_views.{list} AS here WHERE {conditions} ORDER BY {order} LIMIT $3) AS found \
         JOIN bej_views.bets ON bets.seq = found.seq AND bets.day = found.day \
         ORDER BY {}",
        outer.join(", ")
    )
}
