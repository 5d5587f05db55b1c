//! Stakes by hour, today against the same weekdays: the line of the day, and each kind of desk and
//! form of settlement up to the hour that is reached.

use std::collections::BTreeMap;

use journal::kinds::{DeskKind, Form};
use reports::{HourKey, HourSums};
use terms::Day;

use super::registers::FORMS;
use super::sums::verdict;
use crate::chart::Line;
use crate::doc::{Block, Cell, Chart, Head, Table};
use crate::visit::{Trouble, Visit};

/// Same weekdays before that make the band.
const WEEKS: i32 = 8;
/// Hours of a day.
pub const HOURS: usize = 24;

/// The hours of one day.
type Rows = Vec<(HourKey, HourSums)>;

/// The hours of a day and of the same weekdays before it.
pub struct Hours {
    day: Day,
    /// The last hour that is reached.
    last: usize,
    today: Rows,
    /// Those days of the eight that had stakes.
    past: Vec<Rows>,
}

impl Hours {
    /// Reads them.
    pub fn read(visit: &mut Visit<'_>, day: Day) -> Result<Hours, Trouble> {
        let scope = visit.scope();
        let today = visit.views.hours(day..Day(day.0 + 1), scope)?;
        let mut past = Vec::new();
        for week in 1..=WEEKS {
            let then = Day(day.0 - 7 * week);
            let rows = visit.views.hours(then..Day(then.0 + 1), scope)?;
            if rows.iter().any(|(_, sums)| sums.stakes != 0) {
                past.push(rows);
            }
        }
        let is_today = day == visit.today();
        let last = if is_today { visit.show.hour_of(visit.head.at).into() } else { HOURS - 1 };
        Ok(Hours { day, last, today, past })
    }

    fn by_hour(rows: &Rows) -> [HourSums; HOURS] {
        let mut hours = [HourSums::default(); HOURS];
        for (key, sums) in rows {
            if let Some(hour) = hours.get_mut(usize::from(key.hour)) {
                *hour = reports::Measures::plus(hour, sums).unwrap_or(*hour);
            }
        }
        hours
    }

    /// The line of the day over the range of the same weekdays.
    pub fn chart(&self, visit: &Visit<'_>) -> Block {
        let today = Hours::by_hour(&self.today);
        // Under four comparable days there is no band.
        let band: Vec<(i64, i64)> = if self.past.len() < 4 {
            Vec::new()
        } else {
            let past: Vec<_> = self.past.iter().map(Hours::by_hour).collect();
            let range = |hour: usize| {
                let values = past.iter().map(|hours| hours[hour].staked_tiyn);
                values.fold((i64::MAX, 0), |(low, high), value| (low.min(value), high.max(value)))
            };
            (0..HOURS).map(range).collect()
        };
        // Today's line ends at the hour that is not over.
        let names: Vec<String> = (0..HOURS).map(|hour| format!("{hour:02}:00")).collect();
        let values: Vec<i64> =
            today.iter().take(self.last + 1).map(|hour| hour.staked_tiyn).collect();
        let title = visit.word("console.hours_title");
        let words = (visit.show.day(self.day), visit.word("console.usual_range"));
        let write = |value: i64| visit.show.compact(value);
        let svg = Line {
            label: &title,
            names: &names,
            values: &values,
            band: &band,
            write: &write,
            words: (&words.0, &words.1),
        }
        .svg();
        let table = self.table(visit, &title, &today, &band, &names);
        let weekday = visit.show.weekday(self.day);
        let parameters = [("day", &*words.0), ("weekday", &*weekday)];
        let subtitle = visit.show.say("hours_subtitle", &parameters);
        Block::Chart(Box::new(Chart { title, subtitle, svg, table, wide: true }))
    }

    fn table(
        &self,
        visit: &Visit<'_>,
        title: &str,
        today: &[HourSums; HOURS],
        band: &[(i64, i64)],
        names: &[String],
    ) -> Table {
        let rows = today.iter().take(self.last + 1).zip(names).enumerate().map(|(at, found)| {
            let (hour, name) = found;
            let usual = match band.get(at) {
                Some((low, high)) => {
                    format!("{} – {}", visit.show.sum(*low), visit.show.sum(*high))
                }
                None => visit.word("console.unknown"),
            };
            vec![
                Cell::text(name.clone()),
                Cell::number(visit.show.number(hour.stakes)),
                Cell::number(visit.show.sum(hour.staked_tiyn)),
                Cell::number(usual),
                Cell::number(visit.show.number(hour.refused)),
            ]
        });
        Table {
            id: "hours".into(),
            caption: title.to_owned(),
            heads: vec![
                Head::text(visit.word("label.hour")),
                Head::number(visit.word("label.stakes")),
                Head::number(visit.word("label.sum_tenge")),
                Head::number(visit.word("console.usual_range")),
                Head::number(visit.word("label.refusals")),
            ],
            rows: rows.collect(),
            ..Table::default()
        }
    }

    /// By kind of desk and form, up to the hour that is reached, against the same hours of the same
    /// weekdays.
    fn taken(&self, rows: &Rows) -> BTreeMap<(DeskKind, Form), (i64, i64)> {
        let mut sums: BTreeMap<(DeskKind, Form), (i64, i64)> = BTreeMap::new();
        for (key, hour) in rows.iter().filter(|(key, _)| usize::from(key.hour) <= self.last) {
            let Some(taken) = key.taken else { continue };
            let sum = sums.entry(taken).or_default();
            *sum = (sum.0 + hour.stakes, sum.1.saturating_add(hour.staked_tiyn));
        }
        sums
    }

    /// The table of kinds of desks and forms.
    pub fn by_form(&self, visit: &Visit<'_>) -> Block {
        let today = self.taken(&self.today);
        let past: Vec<_> = self.past.iter().map(|rows| self.taken(rows)).collect();
        let mut rows = Vec::new();
        for kind in DeskKind::ALL {
            for form in FORMS {
                let of = |sums: &BTreeMap<(DeskKind, Form), (i64, i64)>| {
                    sums.get(&(*kind, form)).copied().unwrap_or_default()
                };
                let (now, before) = (of(&today), past.iter().map(of).collect::<Vec<_>>());
                if now == (0, 0) && before.iter().all(|sums| *sums == (0, 0)) {
                    continue;
                }
                let tiyn: Vec<i64> = before.iter().map(|sums| sums.1).collect();
                let (range, state) = verdict(visit, now.1, &tiyn);
                let address = format!(
                    "/stakes?from={day}&to={day}&form={}&desk_kind={}",
                    form.name(),
                    kind.name(),
                    day = self.day
                );
                let form = visit.word(&format!("form.{}", form.name()));
                rows.push(vec![
                    Cell::text(visit.word(&format!("desk_kind.{}", kind.name()))),
                    Cell::text(form).to(visit.href(&address)),
                    Cell::number(visit.show.number(now.0)),
                    Cell::number(visit.show.sum(now.1)),
                    Cell::number(range),
                    state,
                ]);
            }
        }
        let hour = format!("{:02}:59", self.last);
        let weekday = visit.show.weekday(self.day);
        let parameters = [("weekday", &*weekday), ("time", &*hour)];
        Block::Table(Box::new(Table {
            id: "taken".into(),
            caption: visit.show.say("taken_caption", &parameters),
            heads: vec![
                Head::text(visit.word("label.desk_kind")),
                Head::text(visit.word("label.form")),
                Head::number(visit.word("label.stakes")),
                Head::number(visit.word("label.sum_tenge")),
                Head::number(visit.word("label.usual_tenge")),
                Head::text(visit.word("label.verdict")),
            ],
            rows,
            empty: visit.word("console.no_rows"),
            ..Table::default()
        }))
    }
}
