//! Roll-ups: differences are added in one statement for each table, and read back.
//!
//! A table of sums is its key columns and then its sums, all of them numbers but the day.

use postgres::Row;
use store::Fault;
use store::sum_keys::{self, NO_DIFFERENCE, NONE};
use store::views::kinds::{DeskKind, Form};
use store::views::reports::rollup::OverviewKey;
use store::views::reports::{
    BreachKey, BreachSums, DeskKey, DeskSums, HourKey, HourSums, Partition, Quarter, QuarterKey,
    QuarterSums, RefusalKey, RefusalSums, RollupKey, RollupSums, ShapeKind, Sport, Step, Subject,
    Unpaid, UnpaidKey, UnpaidSums,
};
use store::views::terms::{Broken, Championship, Day, DeskNo, Organiser, Reason};

use super::unread;
use crate::db::{Db, Values};

/// A table of sums.
pub(super) struct Table {
    name: &'static str,
    keys: &'static [&'static str],
    sums: &'static [&'static str],
}

pub(super) const OVERVIEWS: Table = Table {
    name: "overviews",
    keys: &["partition", "day", "organiser", "desk_kind", "form", "shape"],
    sums: RollupSums::NAMES,
};

pub(super) const ROLLUPS: Table = Table {
    name: "rollups",
    keys: &["partition", "day", "organiser", "desk_kind", "form", "sport", "championship", "shape"],
    sums: RollupSums::NAMES,
};

pub(super) const REFUSAL_COUNTS: Table = Table {
    name: "refusal_counts",
    keys: &["day", "organiser", "reason"],
    sums: RefusalSums::NAMES,
};

pub(super) const BREACH_COUNTS: Table =
    Table { name: "breach_counts", keys: &["day", "organiser", "reason"], sums: BreachSums::NAMES };

pub(super) const HOURS: Table = Table {
    name: "hours",
    keys: &["day", "hour", "organiser", "desk_kind", "form"],
    sums: HourSums::NAMES,
};

pub(super) const DESK_DAYS: Table =
    Table { name: "desk_days", keys: &["day", "organiser", "desk", "form"], sums: DeskSums::NAMES };

pub(super) const QUARTERS: Table = Table {
    name: "quarters",
    keys: &["quarter", "difference", "organiser", "subject_kind", "subject_number"],
    sums: QuarterSums::NAMES,
};

pub(super) const UNPAID: Table = Table {
    name: "unpaid",
    keys: &["organiser", "desk", "unpaid", "day"],
    sums: UnpaidSums::NAMES,
};

impl Table {
    /// Adds rows of all key columns and all sums.
    fn add(&self) -> String {
        let Table { name, keys, sums } = self;
        let columns = [keys, sums].map(|part| part.join(", ")).join(", ");
        let count = keys.len() + sums.len();
        let bound: Vec<String> = (1..=count).map(|at| format!("${at}::bigint[]")).collect();
        let read = columns.replacen("day,", "DATE '1970-01-01' + day::int,", 1);
        let read = match keys.last() {
            Some(&"day") => columns.replacen(" day,", " DATE '1970-01-01' + day::int,", 1),
            _ => read,
        };
        let added: Vec<String> =
            sums.iter().map(|sum| format!("{sum} = old.{sum} + excluded.{sum}")).collect();
        format!(
            "INSERT INTO bej_views.{name} AS old ({columns}) SELECT {read} \
             FROM unnest({}) AS new ({columns}) ON CONFLICT ({}) DO UPDATE SET {}",
            bound.join(", "),
            keys.join(", "),
            added.join(", ")
        )
    }

    /// All rows under a condition, by key.
    fn select(&self, condition: &str) -> String {
        let Table { name, keys, sums } = self;
        let day = |key: &&str| match *key {
            "day" => "day - DATE '1970-01-01' AS day".to_owned(),
            key => key.to_owned(),
        };
        let keys_read: Vec<String> = keys.iter().map(day).collect();
        let order: Vec<String> = keys.iter().map(|key| format!("rows.{key}")).collect();
        format!(
            "SELECT {}, {} FROM bej_views.{name} AS rows WHERE {condition} ORDER BY {}",
            keys_read.join(", "),
            sums.join(", "),
            order.join(", ")
        )
    }
}

/// Adds the differences of a step.
pub(super) fn add(db: &mut Db, step: &Step) -> Result<(), Fault> {
    let rows = step.overviews.iter().map(|(key, sums)| (sum_keys::overview(key), sums.values()));
    add_rows(db, &OVERVIEWS, rows)?;
    let rows = step.rollups.iter().map(|(key, sums)| (sum_keys::rollup(key), sums.values()));
    add_rows(db, &ROLLUPS, rows)?;
    let rows = step.refusal_counts.iter().map(|(key, sums)| {
        let organiser = key.organiser.map_or(NONE, |organiser| organiser.0.into());
        ([key.day.0.into(), organiser, key.reason.code().into()], sums.values())
    });
    add_rows(db, &REFUSAL_COUNTS, rows)?;
    let rows = step.breach_counts.iter().map(|(key, sums)| {
        let organiser = key.organiser.0.into();
        ([key.day.0.into(), organiser, key.reason.code().into()], sums.values())
    });
    add_rows(db, &BREACH_COUNTS, rows)?;
    let rows = step.hours.iter().map(|(key, sums)| {
        let organiser = key.organiser.0.into();
        let taken =
            key.taken.map_or((NONE, NONE), |(kind, form)| (kind.code().into(), form.code().into()));
        ([key.day.0.into(), key.hour.into(), organiser, taken.0, taken.1], sums.values())
    });
    add_rows(db, &HOURS, rows)?;
    let rows = step.desks.iter().map(|(key, sums)| {
        let (organiser, desk) = (key.organiser.0.into(), key.desk.0.into());
        ([key.day.0.into(), organiser, desk, key.form.code().into()], sums.values())
    });
    add_rows(db, &DESK_DAYS, rows)?;
    let rows = step.quarters.iter().map(|(key, sums)| (sum_keys::quarter(key), sums.values()));
    add_rows(db, &QUARTERS, rows)?;
    let rows = step.unpaid.iter().map(|(key, sums)| {
        let unpaid = key.unpaid.code().into();
        ([key.organiser.0.into(), key.desk.0.into(), unpaid, key.day.0.into()], sums.values())
    });
    add_rows(db, &UNPAID, rows)?;
    if !step.unpaid.is_empty() {
        db.change(include_str!("../../sql/views/drop_paid.sql"), &[])?;
    }
    Ok(())
}

fn add_rows<const K: usize, const S: usize>(
    db: &mut Db,
    table: &Table,
    rows: impl Iterator<Item = ([i64; K], [i64; S])>,
) -> Result<(), Fault> {
    let mut columns: Vec<Vec<i64>> = vec![Vec::new(); K + S];
    for (key, sums) in rows {
        for (column, value) in columns.iter_mut().zip(key.iter().chain(&sums)) {
            column.push(*value);
        }
    }
    if columns.first().is_none_or(Vec::is_empty) {
        return Ok(());
    }
    let values: Vec<&(dyn postgres::types::ToSql + Sync)> =
        columns.iter().map(|column| column as _).collect();
    db.change(&table.add(), &values).map(drop)
}

/// Reads the rows of a table under a condition.
pub(super) fn read<T>(
    db: &mut Db,
    table: &Table,
    condition: &str,
    values: Values<'_>,
    row: fn(&mut Columns<'_>) -> Result<T, Broken>,
) -> Result<Vec<T>, Fault> {
    let rows = db.rows(&table.select(condition), values)?;
    let read = rows.iter().map(|found| row(&mut Columns { row: found, at: 0 }));
    read.collect::<Result<_, _>>().map_err(|broken| unread(db, broken))
}

/// Reads columns from left to right.
pub(super) struct Columns<'r> {
    row: &'r Row,
    at: usize,
}

impl Columns<'_> {
    fn next(&mut self) -> i64 {
        self.at += 1;
        let wide = self.row.try_get(self.at - 1);
        // A day comes as a narrow number.
        wide.unwrap_or_else(|_| self.row.get::<_, i32>(self.at - 1).into())
    }

    /// A number of a narrower type.
    fn narrow<C: TryFrom<i64>>(&mut self) -> Result<C, Broken> {
        C::try_from(self.next()).map_err(|_| Broken::Unknown)
    }

    /// A value under its code.
    fn code<C: TryFrom<i64>, T>(
        &mut self,
        known: impl FnOnce(C) -> Option<T>,
    ) -> Result<T, Broken> {
        known(self.narrow()?).ok_or(Broken::Unknown)
    }

    /// A number, or none.
    fn maybe(&mut self) -> Result<Option<u32>, Broken> {
        self.code(|number: i64| match number {
            NONE => Some(None),
            number => u32::try_from(number).ok().map(Some),
        })
    }

    fn day(&mut self) -> Result<Day, Broken> {
        self.narrow().map(Day)
    }

    fn organiser(&mut self) -> Result<Organiser, Broken> {
        self.narrow().map(Organiser)
    }

    fn sums<const N: usize>(&mut self) -> [i64; N] {
        std::array::from_fn(|_| self.next())
    }
}

/// A code, or none.
fn maybe_code<T>(code: i64, known: impl FnOnce(u8) -> Option<T>) -> Option<Option<T>> {
    match code {
        NONE => Some(None),
        code => u8::try_from(code).ok().and_then(known).map(Some),
    }
}

pub(super) fn overview(from: &mut Columns<'_>) -> Result<(OverviewKey, RollupSums), Broken> {
    let key = OverviewKey {
        partition: from.code(Partition::from_code)?,
        day: from.day()?,
        organiser: from.organiser()?,
        desk_kind: from.code(DeskKind::from_code)?,
        form: from.code(Form::from_code)?,
        shape: from.code(ShapeKind::from_code)?,
    };
    Ok((key, RollupSums::from_values(from.sums())))
}

pub(super) fn rollup(from: &mut Columns<'_>) -> Result<(RollupKey, RollupSums), Broken> {
    let key = RollupKey {
        partition: from.code(Partition::from_code)?,
        day: from.day()?,
        organiser: from.organiser()?,
        desk_kind: from.code(DeskKind::from_code)?,
        form: from.code(Form::from_code)?,
        sport: from.maybe()?.map(Sport),
        championship: from.maybe()?.map(Championship),
        shape: from.code(ShapeKind::from_code)?,
    };
    Ok((key, RollupSums::from_values(from.sums())))
}

pub(super) fn refusal_count(from: &mut Columns<'_>) -> Result<(RefusalKey, RefusalSums), Broken> {
    let day = from.day()?;
    let organiser = from.maybe()?.map(Organiser);
    let key = RefusalKey { day, organiser, reason: from.code(Reason::from_code)? };
    Ok((key, RefusalSums::from_values(from.sums())))
}

pub(super) fn breach_count(from: &mut Columns<'_>) -> Result<(BreachKey, BreachSums), Broken> {
    let (day, organiser) = (from.day()?, from.organiser()?);
    let key = BreachKey { day, organiser, reason: from.code(Reason::from_code)? };
    Ok((key, BreachSums::from_values(from.sums())))
}

pub(super) fn hour(from: &mut Columns<'_>) -> Result<(HourKey, HourSums), Broken> {
    let (day, hour) = (from.day()?, from.narrow()?);
    let organiser = from.organiser()?;
    let desk_kind = from.code(|code: i64| maybe_code(code, DeskKind::from_code))?;
    let form = from.code(|code: i64| maybe_code(code, Form::from_code))?;
    let key = HourKey { day, hour, organiser, taken: desk_kind.zip(form) };
    Ok((key, HourSums::from_values(from.sums())))
}

pub(super) fn desk_day(from: &mut Columns<'_>) -> Result<(DeskKey, DeskSums), Broken> {
    let (day, organiser) = (from.day()?, from.organiser()?);
    let desk = DeskNo(from.narrow()?);
    let key = DeskKey { day, organiser, desk, form: from.code(Form::from_code)? };
    Ok((key, DeskSums::from_values(from.sums())))
}

pub(super) fn quarter(from: &mut Columns<'_>) -> Result<(QuarterKey, QuarterSums), Broken> {
    let quarter = Quarter::from_number(from.narrow()?);
    let difference = Day(from.narrow()?);
    let difference = (difference != Day(NO_DIFFERENCE)).then_some(difference);
    let organiser = from.organiser()?;
    let kind: u8 = from.narrow()?;
    let subject = from.code(|number| Subject::from_code(kind, number))?;
    let key = QuarterKey { quarter, difference, organiser, subject };
    Ok((key, QuarterSums::from_values(from.sums())))
}

pub(super) fn unpaid(from: &mut Columns<'_>) -> Result<(UnpaidKey, UnpaidSums), Broken> {
    let key = UnpaidKey {
        organiser: from.organiser()?,
        desk: DeskNo(from.narrow()?),
        unpaid: from.code(Unpaid::from_code)?,
        day: from.day()?,
    };
    Ok((key, UnpaidSums::from_values(from.sums())))
}
