//! The board of the gambling authority: who is silent, licences that end, stakes by kind of desk
//! and form, refusals and breaches, late records, corrections, differing results, winnings not paid
//! by age (P-11, R0-24.2a).

use std::collections::BTreeMap;

use reports::{Partition, RollupSums, Unpaid};
use terms::{Day, Instant, Organiser};

use super::hours::Hours;
use super::organisers::{licence_on, licence_state};
use super::sums::{self, Wanted};
use super::{observed, silence};
use crate::doc::{Block, Cell, Doc, Head, Table, Tile};
use crate::visit::{Trouble, Visit};
use crate::web::Answer;

/// Licences that end within so many days are listed.
const ENDING_DAYS: i32 = 30;
/// Calendar days within which a winning is due (domain 20).
const DUE_DAYS: i32 = 3;
/// Days of acceptance that a link to what is not paid looks at.
const UNPAID_DAYS: i32 = 90;

/// The page.
pub fn page(visit: &mut Visit<'_>) -> Result<Answer, Trouble> {
    let day = visit.day();
    let silence = silence::read(visit)?;
    let silent = silence.iter().filter(|line| line.is_silent()).count();
    let unpaid = unpaid(visit)?;
    let overdue: i64 = unpaid.values().map(|ages| ages[2].1).sum();
    let days = Day(day.0)..Day(day.0 + 1);
    let wanted = Wanted::default();
    let sums = sums::by(visit, Partition::Recorded, days.clone(), &wanted, |key| key.organiser)?;
    let total = sums::total(sums.values().copied());
    let breaches = breaches(visit, day)?;
    let breached: i64 = breaches.iter().map(|row| row.2).sum();
    let tiles = tiles(visit, day, (silent, overdue, breached), &total);
    let label = visit.word("filter.day");
    let mut blocks = vec![Block::OnDay { value: day.to_string(), label }, Block::Tiles { tiles }];
    blocks.push(silence::table(visit, &silence)?);
    blocks.push(silence::chart(visit, &silence)?);
    blocks.push(licences(visit, day)?);
    let hours = Hours::read(visit, day)?;
    blocks.push(hours.chart(visit));
    blocks.push(hours.by_form(visit));
    blocks.push(refusals_table(visit, day)?);
    blocks.push(breaches_table(visit, day, &breaches)?);
    blocks.push(observed::late(visit, day)?);
    blocks.push(observed::corrections(visit, day)?);
    blocks.push(observed::differences(visit, day)?);
    blocks.push(unpaid_table(visit, &unpaid)?);
    let (silent, all) = (silent.to_string(), silence.len().to_string());
    let finding = visit.show.say("silent_finding", &[("count", &silent), ("of", &all)]);
    let title = visit.word("nav.authority");
    visit.page(Doc { title, finding: Some(finding), blocks, live: true, ..Doc::default() })
}

fn tiles(
    visit: &Visit<'_>,
    day: Day,
    (silent, overdue, breached): (usize, i64, i64),
    total: &RollupSums,
) -> Vec<Tile> {
    let address = |path: &str| visit.href(&format!("{path}?from={day}&to={day}"));
    let number = |value: i64| visit.show.number(value);
    let rule = |bad: bool| if bad { "bad" } else { "good" };
    let tile = |name: &str, href: String, figure: String, exact: String, note: &str, state| Tile {
        name: visit.word(name),
        href,
        figure,
        exact,
        note: visit.word(note),
        state,
        spark: None,
    };
    let count = number(i64::try_from(silent).unwrap_or(0));
    vec![
        tile(
            "console.silent",
            "#silence".into(),
            count.clone(),
            count,
            "console.silent_rule",
            if 0 < silent { "warn" } else { "good" },
        ),
        tile(
            "console.breaches_today",
            address("/breaches"),
            number(breached),
            number(breached),
            "console.breaches_rule",
            rule(0 < breached),
        ),
        tile(
            "console.late_today",
            format!("{}&late=1", address("/stakes")),
            number(total.late),
            number(total.late),
            "console.late_rule",
            if 0 < total.late { "warn" } else { "good" },
        ),
        tile(
            "console.overdue",
            "#unpaid".into(),
            visit.show.compact(overdue),
            visit.show.money(overdue),
            "console.overdue_rule",
            rule(0 < overdue),
        ),
    ]
}

fn licences(visit: &mut Visit<'_>, day: Day) -> Result<Block, Trouble> {
    let mut ending = Vec::new();
    for organiser in visit.organisers()?.into_keys() {
        let licence = licence_on(&visit.licences(organiser)?, day);
        let left = licence.as_ref().map_or(-1, |card| card.expires.0 - day.0);
        let suspended = licence.as_ref().is_some_and(|card| card.suspended);
        if left <= ENDING_DAYS || suspended {
            ending.push((left, organiser, licence));
        }
    }
    ending.sort_by_key(|(left, organiser, _)| (*left, *organiser));
    let mut rows = Vec::new();
    for (left, organiser, licence) in ending {
        let number = licence
            .as_ref()
            .map_or_else(|| visit.word("console.none"), |card| card.number.as_str().to_owned());
        let days = visit.show.long(i64::from(left.max(0)) * Instant::DAY);
        rows.push(vec![
            visit.organiser_cell(organiser)?,
            Cell::text(number),
            licence_state(visit, licence.as_ref(), day),
            Cell::number(days),
        ]);
    }
    Ok(Block::Table(Box::new(Table {
        id: "licences".into(),
        caption: visit.word("console.licences_ending"),
        heads: vec![
            Head::text(visit.word("label.organiser")),
            Head::text(visit.word("label.licence")),
            Head::text(visit.word("label.state")),
            Head::number(visit.word("label.left")),
        ],
        rows,
        empty: visit.word("console.no_licence_ends"),
        ..Table::default()
    })))
}

/// Refusals of the day by reason, with those of the same weekday before.
fn refusals_table(visit: &mut Visit<'_>, day: Day) -> Result<Block, Trouble> {
    let before: BTreeMap<String, i64> =
        super::overview::refusals(visit, Day(day.0 - 7))?.into_iter().collect();
    let today = super::overview::refusals(visit, day)?;
    let href = visit.href(&format!("/refusals?from={day}&to={day}"));
    let rows = today.iter().map(|(name, count)| {
        let past = before.get(name).copied().unwrap_or(0);
        vec![
            Cell::text(name.clone()).to(href.clone()),
            Cell::number(visit.show.number(*count)),
            Cell::number(visit.show.number(past)),
        ]
    });
    Ok(Block::Table(Box::new(Table {
        id: "refusals".into(),
        caption: visit.word("console.refusals_title"),
        heads: vec![
            Head::text(visit.word("label.reason")),
            Head::number(visit.word("label.count")),
            Head::number(visit.word("label.week_before")),
        ],
        rows: rows.collect(),
        empty: visit.word("console.no_refusals"),
        ..Table::default()
    })))
}

/// Organiser, reason as who asks may know it, count.
type Breaches = Vec<(Organiser, String, i64)>;

fn breaches(visit: &mut Visit<'_>, day: Day) -> Result<Breaches, Trouble> {
    let mut rows = BTreeMap::<(Organiser, String), i64>::new();
    for (key, sums) in visit.views.breach_counts(day..Day(day.0 + 1))? {
        let reason = visit.reason_short(key.reason);
        *rows.entry((key.organiser, reason)).or_default() += sums.count;
    }
    let mut rows: Breaches =
        rows.into_iter().map(|((organiser, reason), count)| (organiser, reason, count)).collect();
    rows.sort_by_key(|row| -row.2);
    Ok(rows)
}

fn breaches_table(visit: &mut Visit<'_>, day: Day, found: &Breaches) -> Result<Block, Trouble> {
    let mut rows = Vec::new();
    for (organiser, reason, count) in found {
        let address = format!("/breaches?from={day}&to={day}&organiser={}", organiser.0);
        rows.push(vec![
            visit.organiser_cell(*organiser)?,
            Cell::state("bad", reason.clone()),
            Cell::number(visit.show.number(*count)).to(visit.href(&address)),
        ]);
    }
    Ok(Block::Table(Box::new(Table {
        id: "breaches".into(),
        caption: visit.word("console.breaches_title"),
        heads: vec![
            Head::text(visit.word("label.organiser")),
            Head::text(visit.word("label.breach")),
            Head::number(visit.word("label.count")),
        ],
        rows,
        empty: visit.word("console.no_breaches"),
        ..Table::default()
    })))
}

/// Bets and sums that are not paid, by age: up to a day, within the term, past it; and of all of
/// them those that wait for funds.
type Ages = [(i64, i64); 4];

fn unpaid(visit: &mut Visit<'_>) -> Result<BTreeMap<Organiser, Ages>, Trouble> {
    let today = visit.today();
    let mut rows: BTreeMap<Organiser, Ages> = BTreeMap::new();
    for (key, sums) in visit.views.unpaid()? {
        let ages = rows.entry(key.organiser).or_default();
        let age = match today.0 - key.day.0 {
            ..=1 => 0,
            age if age <= DUE_DAYS => 1,
            _ => 2,
        };
        ages[age].0 += sums.bets;
        ages[age].1 += sums.sum_tiyn;
        if key.unpaid == Unpaid::WaitingFunds {
            ages[3].0 += sums.bets;
            ages[3].1 += sums.sum_tiyn;
        }
    }
    Ok(rows)
}

fn unpaid_table(
    visit: &mut Visit<'_>,
    found: &BTreeMap<Organiser, Ages>,
) -> Result<Block, Trouble> {
    let mut rows = Vec::new();
    for (organiser, ages) in found {
        let mut row = vec![visit.organiser_cell(*organiser)?];
        for (at, (count, tiyn)) in ages.iter().enumerate() {
            let text = format!("{} ({})", visit.show.sum(*tiyn), visit.show.number(*count));
            let bad = at == 2 && 0 < *count;
            let cell = Cell { state: bad.then_some("bad"), ..Cell::number(text) };
            let waiting = if at == 3 { "&waiting=1" } else { "" };
            let today = visit.today();
            let address = format!(
                "/bets?from={}&to={today}&organiser={}&outstanding_from=0.01{waiting}",
                Day(today.0 - UNPAID_DAYS),
                organiser.0
            );
            row.push(if 0 < *count { cell.to(visit.href(&address)) } else { cell });
        }
        rows.push(row);
    }
    Ok(Block::Table(Box::new(Table {
        id: "unpaid".into(),
        caption: visit.word("console.unpaid_caption"),
        heads: vec![
            Head::text(visit.word("label.organiser")),
            Head::number(visit.word("label.age_day")),
            Head::number(visit.word("label.age_due")),
            Head::number(visit.word("label.age_late")),
            Head::number(visit.word("label.of_which_waiting")),
        ],
        rows,
        empty: visit.word("console.nothing_unpaid"),
        ..Table::default()
    })))
}
