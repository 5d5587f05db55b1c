//! Roll-ups as columns, and back.

use rusqlite::{Row, params_from_iter};
use store::Fault;
use store::sum_keys::{self, NO_DIFFERENCE, NONE};
use store::views::kinds::{DeskKind, Form};
use store::views::reports::rollup::OverviewKey;
use store::views::reports::{
    BreachKey, BreachSums, DeskKey, DeskSums, HourKey, HourSums, Partition, Quarter, QuarterKey,
    QuarterSums, RefusalKey, RefusalSums, RollupKey, RollupSums, ShapeKind, Sport, Step, Subject,
    Unpaid, UnpaidKey, UnpaidSums,
};
use store::views::terms::{Championship, Day, DeskNo, Organiser, Reason};

use super::rows::Columns;
use crate::file::Db;

/// Adds the differences of a step.
pub(super) fn add(db: &Db, step: &Step) -> Result<(), Fault> {
    let sql = include_str!("../../sql/views/add_overview.sql");
    let rows = step.overviews.iter().map(|(key, sums)| (sum_keys::overview(key), sums.values()));
    add_each(db, sql, rows)?;
    let sql = include_str!("../../sql/views/add_rollup.sql");
    let rows = step.rollups.iter().map(|(key, sums)| (sum_keys::rollup(key), sums.values()));
    add_each(db, sql, rows)?;
    let sql = include_str!("../../sql/views/add_refusal_count.sql");
    let rows = step.refusal_counts.iter().map(|(key, sums)| {
        let organiser = key.organiser.map_or(NONE, |organiser| organiser.0.into());
        ([key.day.0.into(), organiser, key.reason.code().into()], sums.values())
    });
    add_each(db, sql, rows)?;
    let sql = include_str!("../../sql/views/add_breach_count.sql");
    let rows = step.breach_counts.iter().map(|(key, sums)| {
        let organiser = key.organiser.0.into();
        ([key.day.0.into(), organiser, key.reason.code().into()], sums.values())
    });
    add_each(db, sql, rows)?;
    let sql = include_str!("../../sql/views/add_hour.sql");
    let rows = step.hours.iter().map(|(key, sums)| {
        let organiser = key.organiser.0.into();
        let taken =
            key.taken.map_or((NONE, NONE), |(kind, form)| (kind.code().into(), form.code().into()));
        ([key.day.0.into(), key.hour.into(), organiser, taken.0, taken.1], sums.values())
    });
    add_each(db, sql, rows)?;
    let sql = include_str!("../../sql/views/add_desk_day.sql");
    let rows = step.desks.iter().map(|(key, sums)| {
        let (organiser, desk) = (key.organiser.0.into(), key.desk.0.into());
        ([key.day.0.into(), organiser, desk, key.form.code().into()], sums.values())
    });
    add_each(db, sql, rows)?;
    let sql = include_str!("../../sql/views/add_quarter.sql");
    add_each(
        db,
        sql,
        step.quarters.iter().map(|(key, sums)| (sum_keys::quarter(key), sums.values())),
    )?;
    let sql = include_str!("../../sql/views/add_unpaid.sql");
    let rows = step.unpaid.iter().map(|(key, sums)| {
        let unpaid = key.unpaid.code().into();
        ([key.organiser.0.into(), key.desk.0.into(), unpaid, key.day.0.into()], sums.values())
    });
    add_each(db, sql, rows)?;
    if !step.unpaid.is_empty() {
        db.change(include_str!("../../sql/views/drop_paid.sql"), [])?;
    }
    Ok(())
}

fn add_each<const K: usize, const S: usize>(
    db: &Db,
    sql: &'static str,
    rows: impl Iterator<Item = ([i64; K], [i64; S])>,
) -> Result<(), Fault> {
    db.change_each(sql, rows, |statement, (key, sums)| {
        statement.execute(params_from_iter(key.iter().chain(&sums)))
    })
}

impl Columns<'_, '_> {
    fn sums<const N: usize>(&mut self) -> rusqlite::Result<[i64; N]> {
        let mut values = [0; N];
        for value in &mut values {
            *value = self.next()?;
        }
        Ok(values)
    }

    fn maybe(&mut self) -> rusqlite::Result<Option<u32>> {
        self.code(|number: i64| match number {
            NONE => Some(None),
            number => u32::try_from(number).ok().map(Some),
        })
    }
}

/// A code, or none.
fn maybe_code<T>(code: i64, known: impl FnOnce(u8) -> Option<T>) -> Option<Option<T>> {
    match code {
        NONE => Some(None),
        code => u8::try_from(code).ok().and_then(known).map(Some),
    }
}

pub(super) fn overview(row: &Row<'_>) -> rusqlite::Result<(OverviewKey, RollupSums)> {
    let mut from = Columns::new(row);
    let key = OverviewKey {
        partition: from.code(Partition::from_code)?,
        day: from.day()?,
        organiser: Organiser(from.next()?),
        desk_kind: from.code(DeskKind::from_code)?,
        form: from.code(Form::from_code)?,
        shape: from.code(ShapeKind::from_code)?,
    };
    Ok((key, RollupSums::from_values(from.sums()?)))
}

pub(super) fn rollup(row: &Row<'_>) -> rusqlite::Result<(RollupKey, RollupSums)> {
    let mut from = Columns::new(row);
    let key = RollupKey {
        partition: from.code(Partition::from_code)?,
        day: from.day()?,
        organiser: Organiser(from.next()?),
        desk_kind: from.code(DeskKind::from_code)?,
        form: from.code(Form::from_code)?,
        sport: from.maybe()?.map(Sport),
        championship: from.maybe()?.map(Championship),
        shape: from.code(ShapeKind::from_code)?,
    };
    Ok((key, RollupSums::from_values(from.sums()?)))
}

pub(super) fn refusal_count(row: &Row<'_>) -> rusqlite::Result<(RefusalKey, RefusalSums)> {
    let mut from = Columns::new(row);
    let day = from.day()?;
    let organiser = from.maybe()?.map(Organiser);
    let key = RefusalKey { day, organiser, reason: from.code(Reason::from_code)? };
    Ok((key, RefusalSums::from_values(from.sums()?)))
}

pub(super) fn breach_count(row: &Row<'_>) -> rusqlite::Result<(BreachKey, BreachSums)> {
    let mut from = Columns::new(row);
    let day = from.day()?;
    let organiser = Organiser(from.next()?);
    let key = BreachKey { day, organiser, reason: from.code(Reason::from_code)? };
    Ok((key, BreachSums::from_values(from.sums()?)))
}

pub(super) fn hour(row: &Row<'_>) -> rusqlite::Result<(HourKey, HourSums)> {
    let mut from = Columns::new(row);
    let (day, hour) = (from.day()?, from.next()?);
    let organiser = Organiser(from.next()?);
    let desk_kind = from.code(|code: i64| maybe_code(code, DeskKind::from_code))?;
    let form = from.code(|code: i64| maybe_code(code, Form::from_code))?;
    let key = HourKey { day, hour, organiser, taken: desk_kind.zip(form) };
    Ok((key, HourSums::from_values(from.sums()?)))
}

pub(super) fn desk_day(row: &Row<'_>) -> rusqlite::Result<(DeskKey, DeskSums)> {
    let mut from = Columns::new(row);
    let (day, organiser) = (from.day()?, Organiser(from.next()?));
    let desk = DeskNo(from.next()?);
    let key = DeskKey { day, organiser, desk, form: from.code(Form::from_code)? };
    Ok((key, DeskSums::from_values(from.sums()?)))
}

pub(super) fn quarter(row: &Row<'_>) -> rusqlite::Result<(QuarterKey, QuarterSums)> {
    let mut from = Columns::new(row);
    let quarter = Quarter::from_number(from.next()?);
    let difference = from.day()?;
    let organiser = Organiser(from.next()?);
    let kind: u8 = from.next()?;
    let subject = from.code(|number| Subject::from_code(kind, number))?;
    let difference = (difference != Day(NO_DIFFERENCE)).then_some(difference);
    let key = QuarterKey { quarter, difference, organiser, subject };
    Ok((key, QuarterSums::from_values(from.sums()?)))
}

pub(super) fn unpaid(row: &Row<'_>) -> rusqlite::Result<(UnpaidKey, UnpaidSums)> {
    let mut from = Columns::new(row);
    let key = UnpaidKey {
        organiser: Organiser(from.next()?),
        desk: DeskNo(from.next()?),
        unpaid: from.code(Unpaid::from_code)?,
        day: from.day()?,
    };
    Ok((key, UnpaidSums::from_values(from.sums()?)))
}
