//! Months: each has tables of its own, made before the first row of it is written.

use std::collections::BTreeSet;

use store::Fault;
use store::views::reports::Step;
use store::views::terms::{Day, Instant};

use crate::db::{Db, is_there_already};

/// Room that a page of bets keeps for the settled form of its rows, in per cent: a row is written
/// anew in its page, and no index has to follow it.
const BETS_FILLFACTOR: u32 = 50;

/// A month of some year.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Month {
    year: i32,
    month: u32,
}

impl Month {
    pub(super) fn of(day: Day) -> Month {
        let (year, month, _) = day.date();
        Month { year, month }
    }

    fn next(self) -> Month {
        match self.month {
            12 => Month { year: self.year + 1, month: 1 },
            month => Month { month: month + 1, ..self },
        }
    }

    /// The table of this month.
    pub(super) fn table(self, name: &str) -> String {
        format!("bej_views.{name}_{:04}_{:02}", self.year, self.month)
    }

    fn first_day(self) -> String {
        format!("{:04}-{:02}-01", self.year, self.month)
    }
}

/// The day of an instant in UTC.
pub(super) fn utc_day(at: Instant) -> Day {
    Day(at.0.div_euclid(Instant::DAY) as i32)
}

/// Makes the tables of months that the rows of a step need.
pub(super) fn prepare(db: &mut Db, known: &mut BTreeSet<Month>, step: &Step) -> Result<(), Fault> {
    let mut needed = BTreeSet::new();
    needed.extend(step.bets.iter().map(|row| Month::of(row.day)));
    needed.extend(step.settlements.iter().map(|row| Month::of(row.settled.day)));
    needed.extend(step.payouts.iter().map(|row| Month::of(row.day)));
    needed.extend(step.postings.iter().map(|row| Month::of(utc_day(row.at))));
    needed.extend(step.refusals.iter().map(|row| Month::of(row.day)));
    needed.extend(step.breaches.iter().map(|row| Month::of(row.day)));
    for month in needed.difference(known) {
        make(db, *month)?;
    }
    known.extend(needed);
    Ok(())
}

fn make(db: &mut Db, month: Month) -> Result<(), Fault> {
    let (from, to) = (month.first_day(), month.next().first_day());
    let tables =
        ["bets", "bet_events", "settlements", "payouts", "postings", "refusals", "breaches"];
    for name in tables {
        let fill = match name {
            "bets" => format!(" WITH (fillfactor = {BETS_FILLFACTOR})"),
            _ => String::new(),
        };
        let sql = format!(
            "CREATE TABLE IF NOT EXISTS {} PARTITION OF bej_views.{name} \
             FOR VALUES FROM ('{from}') TO ('{to}'){fill}",
            month.table(name)
        );
        match db.run(&sql) {
            Err(fault) if is_there_already(&fault) => {}
            done => done?,
        }
    }
    Ok(())
}
