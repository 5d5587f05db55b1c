//! Who is silent now: the last record of each organiser, how late it came, and the hours of the
//! last day in which nothing came although something usually does.

use std::collections::BTreeMap;

use reports::{BetQuery, Condition, Direction, Field, Operator, SortField};
use store::views::{Found, Listing};
use terms::{Day, Instant, Organiser};

use super::hours::HOURS;
use crate::chart::{Heat, heat};
use crate::doc::{Block, Cell, Chart, Head, Table};
use crate::visit::{Trouble, Visit};

/// An organiser without a record for this long is said to be silent.
pub const SILENT_NS: i64 = 3_600 * Instant::SECOND;
/// Days in which payouts and refusals are looked for beside stakes.
const RECENT: i32 = 8;
/// Same weekdays before that say what is usual.
const WEEKS: i32 = 4;

/// An organiser's line.
pub struct Line {
    organiser: Organiser,
    /// The last record; none if there was never one.
    last: Option<Instant>,
    /// How long ago that was.
    pub quiet: Option<i64>,
    /// How long after it was taken the last stake was recorded.
    lag: Option<i64>,
    /// The last 24 hours, oldest first.
    cells: Vec<Heat>,
}

impl Line {
    /// Whether it is silent.
    pub fn is_silent(&self) -> bool {
        self.quiet.is_none_or(|quiet| SILENT_NS < quiet)
    }
}

/// Every organiser, the most silent first.
pub fn read(visit: &mut Visit<'_>) -> Result<Vec<Line>, Trouble> {
    let now = if visit.head.next_seq == 0 { visit.now } else { visit.head.at };
    let cells = cells(visit, now)?;
    let others = others(visit, now)?;
    let mut lines = Vec::new();
    for organiser in visit.organisers()?.into_keys() {
        let condition = Condition::number(Field::Organiser, Operator::Is, i64::from(organiser.0));
        let sort = (SortField::At, Direction::Descending);
        let query = BetQuery::new(vec![condition], sort, None, 1);
        let bet = match query.map(|query| visit.views.bets(&query)) {
            Ok(found) => match found? {
                Found::Page(page) => page.rows.into_iter().next(),
                Found::Narrow => None,
            },
            Err(_) => None,
        };
        let at = bet.as_ref().map(|row| row.at);
        let after = bet.as_ref().map(|row| row.day);
        let on = |day: Option<Day>| {
            let day = day.filter(|day| after.is_none_or(|after| after <= *day))?;
            let days = day..Day(day.0 + 1);
            Some(Listing { organiser: Some(organiser), days, ..Listing::newest(1) })
        };
        let payout = match on(others.payouts.get(&organiser).copied()) {
            Some(listing) => visit.views.payouts(&listing)?.rows.first().map(|row| row.at),
            None => None,
        };
        let refusal = match on(others.refusals.get(&organiser).copied()) {
            Some(listing) => visit.views.refusals(&listing)?.rows.first().map(|row| row.at),
            None => None,
        };
        let last = [at, payout, refusal].into_iter().flatten().max();
        let quiet = last.map(|last| now.0 - last.0);
        let lag = bet.map(|row| row.at.0.saturating_sub(row.made_at.0));
        let cells = cells.get(&organiser).cloned().unwrap_or_else(|| vec![Heat::Idle; HOURS]);
        lines.push(Line { organiser, last, quiet, lag, cells });
    }
    lines.sort_by_key(|line| std::cmp::Reverse(line.quiet.unwrap_or(i64::MAX)));
    Ok(lines)
}

/// The last days on which organisers' payouts and refusals came: their lists are by position, so
/// that looking for one organiser's among all others' would be long.
#[derive(Default)]
struct Others {
    payouts: BTreeMap<Organiser, Day>,
    refusals: BTreeMap<Organiser, Day>,
}

fn others(visit: &mut Visit<'_>, now: Instant) -> Result<Others, Trouble> {
    let today = visit.show.day_of(now);
    let days = Day(today.0 - RECENT + 1)..Day(today.0 + 1);
    let mut others = Others::default();
    let partition = reports::Partition::Recorded;
    for (key, sums) in visit.views.overviews(partition, days.clone(), None)? {
        if sums.payouts != 0 {
            let day = others.payouts.entry(key.organiser).or_insert(key.day);
            *day = key.day.max(*day);
        }
    }
    for (key, _) in visit.views.refusal_counts(days)? {
        if let Some(organiser) = key.organiser {
            let day = others.refusals.entry(organiser).or_insert(key.day);
            *day = key.day.max(*day);
        }
    }
    Ok(others)
}

/// Records by organiser of the 24 hours that end with the hour of an instant on a day.
fn counts(
    visit: &mut Visit<'_>,
    day: Day,
    last: usize,
) -> Result<BTreeMap<Organiser, [i64; HOURS]>, Trouble> {
    let mut counts: BTreeMap<Organiser, [i64; HOURS]> = BTreeMap::new();
    for (key, sums) in visit.views.hours(Day(day.0 - 1)..Day(day.0 + 1), None)? {
        let hour = usize::from(key.hour);
        let at = match key.day == day {
            true if hour <= last => HOURS - 1 - last + hour,
            false if last < hour => hour - last - 1,
            true | false => continue,
        };
        counts.entry(key.organiser).or_insert([0; HOURS])[at] += sums.stakes + sums.refused;
    }
    Ok(counts)
}

/// Each hour judged by the median of the same hour of the same weekdays.
fn cells(visit: &mut Visit<'_>, now: Instant) -> Result<BTreeMap<Organiser, Vec<Heat>>, Trouble> {
    let (day, last) = (visit.show.day_of(now), usize::from(visit.show.hour_of(now)));
    let today = counts(visit, day, last)?;
    let mut past = Vec::new();
    for week in 1..=WEEKS {
        past.push(counts(visit, Day(day.0 - 7 * week), last)?);
    }
    let mut cells = BTreeMap::new();
    for organiser in visit.organisers()?.into_keys() {
        let judged = (0..HOURS).map(|at| {
            let of = |counts: &BTreeMap<Organiser, [i64; HOURS]>| {
                counts.get(&organiser).map_or(0, |hours| hours[at])
            };
            let mut usual: Vec<i64> = past.iter().map(of).collect();
            usual.sort_unstable();
            judge(of(&today), usual[usual.len() / 2])
        });
        cells.insert(organiser, judged.collect());
    }
    Ok(cells)
}

fn judge(count: i64, usual: i64) -> Heat {
    match (count, usual) {
        (0, 0) => Heat::Idle,
        (0, _) => Heat::Silent,
        (count, usual) if count * 2 < usual => Heat::Slow,
        _ => Heat::Usual,
    }
}

/// The hours as a chart, with the table of last records as its figures.
pub fn chart(visit: &mut Visit<'_>, lines: &[Line]) -> Result<Block, Trouble> {
    let mut rows = Vec::new();
    for line in lines {
        let name = visit.organiser_name(line.organiser)?;
        rows.push((name, line.cells.clone()));
    }
    let title = visit.word("console.gaps_title");
    let end = usize::from(visit.show.hour_of(visit.head.at));
    let hours: Vec<String> =
        (0..HOURS).map(|at| format!("{:02}", (end + 1 + at) % HOURS)).collect();
    let svg = heat(&rows, &hours, &title);
    let table = Table {
        id: "gaps".into(),
        caption: title.clone(),
        heads: vec![
            Head::text(visit.word("label.organiser")),
            Head::number(visit.word("label.gap_hours")),
            Head::number(visit.word("label.slow_hours")),
        ],
        rows: rows
            .iter()
            .map(|(name, cells)| {
                let count = |wanted: Heat| {
                    let found = cells.iter().filter(|cell| **cell == wanted).count();
                    Cell::number(visit.show.number(i64::try_from(found).unwrap_or(0)))
                };
                vec![Cell::text(name.clone()), count(Heat::Silent), count(Heat::Slow)]
            })
            .collect(),
        empty: visit.word("console.no_rows"),
        ..Table::default()
    };
    let subtitle = visit.word("console.gaps_subtitle");
    Ok(Block::Chart(Box::new(Chart { title, subtitle, svg, table, wide: true })))
}

/// The last record of each.
pub fn table(visit: &mut Visit<'_>, lines: &[Line]) -> Result<Block, Trouble> {
    let mut rows = Vec::new();
    for line in lines {
        let state = match line.quiet {
            None => Cell::state("bad", visit.word("console.never")),
            Some(_) if line.is_silent() => Cell::state("warn", visit.word("console.is_silent")),
            Some(_) => Cell::state("good", visit.word("console.reports")),
        };
        let never = visit.word("console.never");
        let at = line.last.map_or_else(|| never.clone(), |last| visit.show.moment(last));
        let quiet = line.quiet.map_or(never, |quiet| visit.show.long(quiet));
        let lag =
            line.lag.map_or_else(|| visit.word("console.unknown"), |lag| visit.show.long(lag));
        let gaps = line.cells.iter().filter(|cell| **cell == Heat::Silent).count();
        rows.push(vec![
            visit.organiser_cell(line.organiser)?,
            state,
            Cell::text(at),
            Cell::number(quiet),
            Cell::number(visit.show.number(i64::try_from(gaps).unwrap_or(0))),
            Cell::number(lag),
        ]);
    }
    Ok(Block::Table(Box::new(Table {
        id: "silence".into(),
        caption: visit.word("console.silence_caption"),
        heads: vec![
            Head::text(visit.word("label.organiser")),
            Head::text(visit.word("label.state")),
            Head::text(visit.word("label.last_record")),
            Head::number(visit.word("label.quiet")),
            Head::number(visit.word("label.gap_hours")),
            Head::number(visit.word("label.lag")),
        ],
        rows,
        empty: visit.word("console.no_rows"),
        ..Table::default()
    })))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hours_are_judged_by_what_is_usual() {
        for (count, usual, want) in [
            (0, 0, Heat::Idle),
            (0, 1, Heat::Silent),
            (4, 10, Heat::Slow),
            (5, 10, Heat::Usual),
            (1, 0, Heat::Usual),
        ] {
            assert_eq!(judge(count, usual), want, "{count} {usual}");
        }
    }
}
