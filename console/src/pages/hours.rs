//! Stakes by hour, today against the same weekdays.

use terms::Day;

use crate::chart::Line;
use crate::doc::{Block, Cell, Chart, Head, Table};
use crate::visit::{Trouble, Visit};

/// Same weekdays before that make the band.
const WEEKS: i32 = 8;
const HOURS: usize = 24;

/// The chart: the day's line over the range of eight same weekdays.
pub fn chart(visit: &mut Visit<'_>, day: Day) -> Result<Block, Trouble> {
    let scope = visit.scope();
    let mut of_day = |day: Day| -> Result<[[i64; 3]; HOURS], Trouble> {
        let mut hours = [[0; 3]; HOURS];
        for (key, sums) in visit.views.hours(day..Day(day.0 + 1), scope)? {
            if let Some(hour) = hours.get_mut(usize::from(key.hour)) {
                hour[0] += sums.staked_tiyn;
                hour[1] += sums.stakes;
                hour[2] += sums.refused;
            }
        }
        Ok(hours)
    };
    let today = of_day(day)?;
    let mut past = Vec::new();
    for week in 1..=WEEKS {
        let hours = of_day(Day(day.0 - 7 * week))?;
        if hours.iter().any(|hour| hour[1] != 0) {
            past.push(hours);
        }
    }
    // Under four comparable days there is no band.
    let band: Vec<(i64, i64)> = if past.len() < 4 {
        Vec::new()
    } else {
        let range = |hour: usize| {
            let values = past.iter().map(|hours| hours[hour][0]);
            values.fold((i64::MAX, 0), |(low, high), value| (low.min(value), high.max(value)))
        };
        (0..HOURS).map(range).collect()
    };
    // Today's line ends at the hour that is not over.
    let is_today = day == visit.today();
    let last = if is_today { usize::from(visit.show.hour_of(visit.head.at)) } else { HOURS - 1 };
    let names: Vec<String> = (0..HOURS).map(|hour| format!("{hour:02}:00")).collect();
    let values: Vec<i64> = today.iter().take(last + 1).map(|hour| hour[0]).collect();
    let title = visit.word("console.hours_title");
    let words = (visit.show.day(day), visit.word("console.usual_range"));
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
    let rows = today.iter().take(last + 1).zip(&names).enumerate().map(|(at, (hour, name))| {
        let usual = match band.get(at) {
            Some((low, high)) => format!("{} – {}", visit.show.sum(*low), visit.show.sum(*high)),
            None => visit.word("console.unknown"),
        };
        vec![
            Cell::text(name.clone()),
            Cell::number(visit.show.number(hour[1])),
            Cell::number(visit.show.sum(hour[0])),
            Cell::number(usual),
            Cell::number(visit.show.number(hour[2])),
        ]
    });
    let table = Table {
        id: "hours".into(),
        caption: title.clone(),
        heads: vec![
            Head::text(visit.word("label.hour")),
            Head::number(visit.word("label.stakes")),
            Head::number(visit.word("label.sum_tenge")),
            Head::number(visit.word("console.usual_range")),
            Head::number(visit.word("label.refusals")),
        ],
        rows: rows.collect(),
        ..Table::default()
    };
    let weekday = visit.show.weekday(day);
    let subtitle = visit.show.say("hours_subtitle", &[("day", &words.0), ("weekday", &weekday)]);
    Ok(Block::Chart(Box::new(Chart { title, subtitle, svg, table, wide: true })))
}
