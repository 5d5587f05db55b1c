//! The living overview: the day so far against the same weekdays, by organiser, with refusals,
//! winnings and what is owed.

use reports::{Partition, RefusalKey, RollupSums};
use terms::{Day, Organiser};

use super::sums::{self, Wanted};
use crate::chart::{Bars, Line, spark};
use crate::doc::{Block, Cell, Chart, Doc, Head, Table, Tile};
use crate::visit::{Trouble, Visit};
use crate::web::Answer;

/// Same weekdays before that a day is compared with.
const WEEKS: i32 = 8;
/// Days of the chart.
const DAYS: i32 = 28;
/// Days of acceptance that a link to what is not paid looks at.
const UNPAID_DAYS: i32 = 90;
/// Bars of a chart.
const BARS: usize = 6;

/// The page.
pub fn page(visit: &mut Visit<'_>) -> Result<Answer, Trouble> {
    let day = visit.day();
    let days = Day(day.0 - DAYS - 7 * WEEKS)..Day(day.0 + 1);
    let wanted = Wanted::default();
    let by_day = sums::by(visit, Partition::Recorded, days, &wanted, |key| key.day)?;
    let one = Day(day.0)..Day(day.0 + 1);
    let by_organiser =
        sums::by(visit, Partition::Recorded, one.clone(), &wanted, |key| key.organiser)?;
    let by_form = sums::by(visit, Partition::Recorded, one, &wanted, |key| key.form)?;
    let of = |at: i32| by_day.get(&Day(at)).copied().unwrap_or_default();
    let weeks: Vec<RollupSums> = (1..=WEEKS).map(|week| of(day.0 - 7 * week)).collect();
    let history = |of_day: fn(&RollupSums) -> i64| -> Vec<i64> {
        (0..DAYS).map(|back| of_day(&of(day.0 - DAYS + 1 + back))).collect()
    };
    let totals = visit.views.totals()?;
    let refusals = refusals(visit, day)?;
    let refused: i64 = refusals.iter().map(|(_, count)| count).sum();
    let address = |path: &str| format!("{path}?from={day}&to={day}");
    let mut tiles = vec![
        tile(
            visit,
            "console.stakes_sum",
            &address("/stakes"),
            day,
            &of(day.0),
            &weeks,
            |sums| sums.staked_tiyn,
            true,
        ),
        tile(
            visit,
            "console.stakes_count",
            &address("/stakes"),
            day,
            &of(day.0),
            &weeks,
            |sums| sums.stakes,
            false,
        ),
        tile(
            visit,
            "console.winnings_sum",
            &address("/bets"),
            day,
            &of(day.0),
            &weeks,
            |sums| sums.winnings_tiyn,
            true,
        ),
        tile(
            visit,
            "console.paid_sum",
            &address("/payouts"),
            day,
            &of(day.0),
            &weeks,
            |sums| sums.paid_tiyn,
            true,
        ),
    ];
    let label = visit.word("console.trend");
    for (tile, of_day) in tiles.iter_mut().zip([
        (|sums| sums.staked_tiyn) as fn(&RollupSums) -> i64,
        |sums| sums.stakes,
        |sums| sums.winnings_tiyn,
        |sums| sums.paid_tiyn,
    ]) {
        tile.spark = Some(spark(&history(of_day), &format!("{}: {label}", tile.name)));
    }
    let label = visit.word("filter.day");
    let mut blocks = vec![Block::OnDay { value: day.to_string(), label }, Block::Tiles { tiles }];
    blocks.push(super::hours::Hours::read(visit, day)?.chart(visit));
    blocks.push(daily(visit, day, &of));
    blocks.push(organisers(visit, day, &by_organiser)?);
    blocks.push(reasons(visit, day, &refusals));
    let today = day..Day(day.0 + 1);
    blocks.push(super::sums::forms(visit, &today, &by_form, false, "console.by_form_subtitle"));
    blocks.push(owed(visit, &totals));
    let (day_shown, weekday) = (visit.show.day(day), visit.show.weekday(day));
    let (count, money) =
        (visit.show.number(of(day.0).stakes), visit.show.compact(of(day.0).staked_tiyn));
    let refused = visit.show.number(refused);
    let finding = visit.show.say(
        "overview_finding",
        &[
            ("day", &day_shown),
            ("weekday", &weekday),
            ("count", &count),
            ("sum", &money),
            ("refused", &refused),
        ],
    );
    let title = visit.word("nav.overview");
    visit.page(Doc { title, finding: Some(finding), blocks, live: true, ..Doc::default() })
}

#[expect(clippy::too_many_arguments, reason = "one call for each tile, side by side above")]
fn tile(
    visit: &Visit<'_>,
    name: &str,
    path: &str,
    day: Day,
    today: &RollupSums,
    weeks: &[RollupSums],
    of: fn(&RollupSums) -> i64,
    money: bool,
) -> Tile {
    let write = |value: i64| {
        if money { visit.show.compact(value) } else { visit.show.number(value) }
    };
    let value = of(today);
    let past: Vec<i64> = weeks.iter().map(of).filter(|value| *value != 0).collect();
    let range = past.iter().min().zip(past.iter().max());
    // Under four comparable days there is no verdict.
    let (note, state) = match range.filter(|_| 4 <= past.len()) {
        None => (visit.word("console.too_few_days"), ""),
        Some((low, high)) => {
            let (verdict, state) = if value < *low {
                ("console.less", "info")
            } else if *high < value {
                ("console.more", "info")
            } else {
                ("console.usual", "good")
            };
            let (low, high, verdict) = (write(*low), write(*high), visit.word(verdict));
            let weekday = visit.show.weekday(day);
            let parameters =
                [("weekday", &*weekday), ("low", &*low), ("high", &*high), ("verdict", &*verdict)];
            (visit.show.say("range_note", &parameters), state)
        }
    };
    let exact = if money { visit.show.money(value) } else { visit.show.number(value) };
    Tile {
        name: visit.word(name),
        href: visit.href(path),
        figure: write(value),
        exact,
        note,
        state,
        spark: None,
    }
}

/// Sums of the last four weeks, against the range of the same weekdays before.
fn daily(visit: &Visit<'_>, day: Day, of: &dyn Fn(i32) -> RollupSums) -> Block {
    let days: Vec<Day> = (0..DAYS).map(|back| Day(day.0 - DAYS + 1 + back)).collect();
    let names: Vec<String> =
        days.iter().map(|day| visit.show.day(*day).chars().take(5).collect::<String>()).collect();
    let values: Vec<i64> = days.iter().map(|day| of(day.0).staked_tiyn).collect();
    let band: Vec<(i64, i64)> = days
        .iter()
        .map(|day| {
            let past = (1..=WEEKS).map(|week| of(day.0 - 7 * week).staked_tiyn);
            past.fold((i64::MAX, 0), |(low, high), value| (low.min(value), high.max(value)))
        })
        .collect();
    let words = (visit.word("console.sum_short"), visit.word("console.usual_range"));
    let write = |value: i64| visit.show.compact(value);
    let label = visit.word("console.daily_title");
    let svg = Line {
        label: &label,
        names: &names,
        values: &values,
        band: &band,
        write: &write,
        words: (&words.0, &words.1),
    }
    .svg();
    let rows = days.iter().map(|day| {
        let sums = of(day.0);
        let href = visit.href(&format!("/stakes?from={day}&to={day}"));
        vec![
            Cell::text(visit.show.day(*day)).to(href),
            Cell::number(visit.show.number(sums.stakes)),
            Cell::number(visit.show.sum(sums.staked_tiyn)),
            Cell::number(visit.show.sum(sums.winnings_tiyn)),
        ]
    });
    let table = Table {
        id: "daily".into(),
        caption: label.clone(),
        heads: vec![
            Head::text(visit.word("label.date")),
            Head::number(visit.word("label.stakes")),
            Head::number(visit.word("label.sum_tenge")),
            Head::number(visit.word("label.winnings_tenge")),
        ],
        rows: rows.collect(),
        ..Table::default()
    };
    let subtitle = visit.word("console.daily_subtitle");
    Block::Chart(Box::new(Chart { title: label, subtitle, svg, table, wide: true }))
}

fn organisers(
    visit: &mut Visit<'_>,
    day: Day,
    sums: &std::collections::BTreeMap<Organiser, RollupSums>,
) -> Result<Block, Trouble> {
    let mut rows: Vec<(Organiser, RollupSums)> =
        sums.iter().map(|(at, sums)| (*at, *sums)).collect();
    rows.sort_by_key(|(organiser, sums)| (-sums.staked_tiyn, *organiser));
    let mut bars = Vec::new();
    let mut lines = Vec::new();
    for (at, (organiser, sums)) in rows.iter().enumerate() {
        let name = visit.organiser_name(*organiser)?;
        if at < BARS {
            let words = visit.show.compact(sums.staked_tiyn);
            bars.push((name.clone(), sums.staked_tiyn, words, "c1"));
        }
        let address = format!("/stakes?from={day}&to={day}&organiser={}", organiser.0);
        lines.push(vec![
            Cell::text(name).to(visit.href(&address)),
            Cell::number(visit.show.number(sums.stakes)),
            Cell::number(visit.show.sum(sums.staked_tiyn)),
            Cell::number(visit.show.sum(sums.winnings_tiyn)),
        ]);
    }
    let title = visit.word("console.by_organiser");
    let svg = Bars { label: &title, rows: &bars }.svg();
    let table = Table {
        id: "organisers".into(),
        caption: title.clone(),
        heads: vec![
            Head::text(visit.word("label.organiser")),
            Head::number(visit.word("label.stakes")),
            Head::number(visit.word("label.sum_tenge")),
            Head::number(visit.word("label.winnings_tenge")),
        ],
        rows: lines,
        empty: visit.word("console.no_rows"),
        ..Table::default()
    };
    let subtitle = visit.word("console.by_organiser_subtitle");
    Ok(Block::Chart(Box::new(Chart { title, subtitle, svg, table, wide: false })))
}

/// Refusals of a day by reason as who asks may know it, most frequent first.
pub fn refusals(visit: &mut Visit<'_>, day: Day) -> Result<Vec<(String, i64)>, Trouble> {
    let scope = visit.scope();
    let mut counts = std::collections::BTreeMap::<String, i64>::new();
    let seen = |key: &RefusalKey| scope.is_none() || key.organiser == scope;
    for (key, sums) in visit.views.refusal_counts(Day(day.0)..Day(day.0 + 1))? {
        if seen(&key) {
            *counts.entry(visit.reason_short(key.reason)).or_default() += sums.count;
        }
    }
    let mut rows: Vec<(String, i64)> = counts.into_iter().collect();
    rows.sort_by_key(|(_, count)| -count);
    Ok(rows)
}

fn reasons(visit: &Visit<'_>, day: Day, refusals: &[(String, i64)]) -> Block {
    let bars: Vec<(String, i64, String, &str)> = refusals
        .iter()
        .take(BARS)
        .map(|(name, count)| (name.clone(), *count, visit.show.number(*count), "c2"))
        .collect();
    let title = visit.word("console.refusals_title");
    let svg = Bars { label: &title, rows: &bars }.svg();
    let href = visit.href(&format!("/refusals?from={day}&to={day}"));
    let rows = refusals.iter().map(|(name, count)| {
        vec![Cell::text(name.clone()).to(href.clone()), Cell::number(visit.show.number(*count))]
    });
    let table = Table {
        id: "reasons".into(),
        caption: title.clone(),
        heads: vec![
            Head::text(visit.word("label.reason")),
            Head::number(visit.word("label.count")),
        ],
        rows: rows.collect(),
        empty: visit.word("console.no_refusals"),
        ..Table::default()
    };
    let subtitle = visit.word("console.refusals_subtitle");
    Block::Chart(Box::new(Chart { title, subtitle, svg, table, wide: false }))
}

/// What stands open now. An organiser's officer sees his own on the registers alone.
fn owed(visit: &Visit<'_>, totals: &reports::Totals) -> Block {
    if visit.scope().is_some() {
        let links = vec![(
            visit.word("console.waiting_funds"),
            visit.href(&format!(
                "/bets?waiting=1&from={}&to={}",
                Day(visit.today().0 - 31),
                visit.today()
            )),
        )];
        let text = visit.word("console.own_waiting");
        return Block::Notice { level: "info", text, links };
    }
    let row = |key: &str, count: i64, tiyn: i64| {
        let text = format!("{} · {}", visit.show.number(count), visit.show.money(tiyn));
        (visit.word(key), Cell::number(text))
    };
    let open = |key: &str, state: &str, count: i64, tiyn: i64| {
        let (name, cell) = row(key, count, tiyn);
        (name, cell.to(visit.href(&format!("/stakes?state={state}"))))
    };
    let today = visit.today();
    let due = |key: &str, which: &str, count: i64, tiyn: i64| {
        let (name, cell) = row(key, count, tiyn);
        let from = Day(today.0 - UNPAID_DAYS);
        (name, cell.to(visit.href(&format!("/bets?from={from}&to={today}&{which}"))))
    };
    Block::Facts {
        title: visit.word("console.now"),
        rows: vec![
            open("console.open_bets", "open", totals.open, totals.open_tiyn),
            open("console.held", "held", totals.held, totals.held_tiyn),
            due("console.unpaid", "outstanding_from=0.01", totals.unpaid, totals.unpaid_tiyn),
            due("console.waiting_funds", "waiting=1", totals.waiting, totals.waiting_tiyn),
            row("console.claims", totals.claims, totals.claims_tiyn),
            (visit.word("console.in_wallets"), Cell::number(visit.show.money(totals.bettors_tiyn))),
        ],
    }
}
