//! What the gambling authority's board shows of records themselves: how late they came, how often
//! they are corrected, and results on which organisers differ.

use std::collections::BTreeMap;

use journal::fact::{Fact, ResultsDiffer};
use reports::{Card, CardKind, Partition, RollupSums, SignalKind};
use store::views::Listing;
use terms::{Day, Instant, Market, Organiser};

use super::sums::{self, Wanted};
use crate::chart::Bars;
use crate::doc::{Block, Cell, Chart, Head, Table};
use crate::visit::{Trouble, Visit};

/// Days over which corrections and differences are looked at.
const DAYS: i32 = 30;
/// Late records of a day that are put into classes, and differences that are listed.
const LATE_MAX: usize = 5_000;
const DIFFERENCES: usize = 20;

/// Up to how late a record of a class is, and the class's word.
const CLASSES: [(i64, &str); 5] = [
    (15 * 60 * Instant::SECOND, "delay.minutes"),
    (3_600 * Instant::SECOND, "delay.hour"),
    (Instant::DAY, "delay.day"),
    (3 * Instant::DAY, "delay.three_days"),
    (i64::MAX, "delay.more"),
];

/// Late and back-filled records of a day by how late they came.
pub fn late(visit: &mut Visit<'_>, day: Day) -> Result<Block, Trouble> {
    let days = day..Day(day.0 + 1);
    let listing = Listing { organiser: visit.scope(), days, ..Listing::newest(LATE_MAX) };
    let mut counts = [0i64; CLASSES.len()];
    for signal in visit.views.signals(SignalKind::Late, &listing)?.rows {
        let class = CLASSES.iter().position(|(most, _)| signal.value <= *most).unwrap_or(0);
        counts[class] += 1;
    }
    let any = counts.iter().any(|count| *count != 0);
    let rows: Vec<(String, i64, String, &str)> = CLASSES
        .iter()
        .zip(counts)
        .filter(|_| any)
        .map(|((_, word), count)| (visit.word(word), count, visit.show.number(count), "c1"))
        .collect();
    let title = visit.word("console.delay_title");
    let svg = Bars { label: &title, rows: &rows }.svg();
    let href = visit.href(&format!("/stakes?from={day}&to={day}&late=1"));
    let lines = CLASSES.iter().zip(counts).map(|((_, word), count)| {
        vec![Cell::text(visit.word(word)).to(href.clone()), Cell::number(visit.show.number(count))]
    });
    let table = Table {
        id: "delays".into(),
        caption: title.clone(),
        heads: vec![Head::text(visit.word("label.delay")), Head::number(visit.word("label.count"))],
        rows: lines.collect(),
        ..Table::default()
    };
    let subtitle = visit.word("console.delay_subtitle");
    Ok(Block::Chart(Box::new(Chart { title, subtitle, svg, table, wide: false })))
}

/// Corrections for each ten thousand settled bets, so that the large are not accused by size.
pub fn corrections(visit: &mut Visit<'_>, day: Day) -> Result<Block, Trouble> {
    let from = Day(day.0 - DAYS + 1);
    let wanted = Wanted::default();
    let days = from..Day(day.0 + 1);
    let sums = sums::by(visit, Partition::Recorded, days, &wanted, |key| key.organiser)?;
    let rate = |sums: &RollupSums| sums.corrections * 10_000 / sums.settled.max(1);
    let mut found: Vec<(Organiser, RollupSums)> =
        sums.into_iter().filter(|(_, sums)| sums.corrections != 0).collect();
    found.sort_by_key(|(organiser, sums)| (-rate(sums), *organiser));
    let (mut bars, mut rows) = (Vec::new(), Vec::new());
    for (organiser, sums) in &found {
        let name = visit.organiser_name(*organiser)?;
        let shown = visit.show.number(rate(sums));
        bars.push((name.clone(), rate(sums), shown.clone(), "c1"));
        let address = format!("/corrections?from={from}&to={day}&organiser={}", organiser.0);
        rows.push(vec![
            Cell::text(name).to(visit.href(&address)),
            Cell::number(visit.show.number(sums.corrections)),
            Cell::number(visit.show.number(sums.settled)),
            Cell::number(shown),
        ]);
    }
    bars.truncate(6);
    let title = visit.word("console.corrections_title");
    let svg = Bars { label: &title, rows: &bars }.svg();
    let table = Table {
        id: "corrections".into(),
        caption: title.clone(),
        heads: vec![
            Head::text(visit.word("label.organiser")),
            Head::number(visit.word("label.corrections")),
            Head::number(visit.word("label.settled")),
            Head::number(visit.word("label.rate")),
        ],
        rows,
        empty: visit.word("console.no_corrections"),
        ..Table::default()
    };
    let subtitle = visit.word("console.corrections_subtitle");
    Ok(Block::Chart(Box::new(Chart { title, subtitle, svg, table, wide: false })))
}

/// Results on which organisers differ (S-68).
pub fn differences(visit: &mut Visit<'_>, day: Day) -> Result<Block, Trouble> {
    let days = Day(day.0 - DAYS + 1)..Day(day.0 + 1);
    let listing = Listing { days, ..Listing::newest(DIFFERENCES) };
    let mut rows = Vec::new();
    for signal in visit.views.signals(SignalKind::ResultsDiffer, &listing)?.rows {
        let Some(entry) = visit.entry(signal.seq)? else { continue };
        let Fact::ResultsDiffer(fact) = &entry.fact else { continue };
        rows.push(difference(visit, signal.at, fact)?);
    }
    Ok(Block::Table(Box::new(Table {
        id: "differences".into(),
        caption: visit.word("console.differences_title"),
        heads: vec![
            Head::text(visit.word("label.event")),
            Head::text(visit.word("label.recorded_at")),
            Head::text(visit.word("label.market")),
            Head::text(visit.word("label.one_says")),
            Head::text(visit.word("label.other_says")),
        ],
        rows,
        empty: visit.word("console.no_differences"),
        ..Table::default()
    })))
}

fn difference(
    visit: &mut Visit<'_>,
    at: Instant,
    fact: &ResultsDiffer,
) -> Result<Vec<Cell>, Trouble> {
    let event = fact.market.event();
    let name = visit.event_name(event)?;
    let says = |visit: &mut Visit<'_>, market: Market| -> Result<Cell, Trouble> {
        let organiser = visit.organiser_of(market.event())?;
        let who = match organiser {
            Some(organiser) => visit.organiser_name(organiser)?,
            None => visit.word("console.unknown"),
        };
        Ok(Cell::state("bad", format!("{who}: {}", result(visit, market)?)))
    };
    let (one, other) = (says(visit, fact.market)?, says(visit, fact.other)?);
    Ok(vec![
        Cell::text(name).to(visit.href(&format!("/events/{}", event.0))),
        Cell::text(visit.show.moment(at)),
        Cell::text(fact.code.as_str()),
        one,
        other,
    ])
}

/// The outcomes of a market that won, by their names.
fn result(visit: &mut Visit<'_>, market: Market) -> Result<String, Trouble> {
    let card = match visit.views.versions(CardKind::Market, market.0)?.pop() {
        Some(Card::Market(card)) => card,
        _ => return Ok(visit.word("console.unknown")),
    };
    let mut told = BTreeMap::<String, Vec<String>>::new();
    for outcome in &card.outcomes {
        let Some(result) = outcome.result else { continue };
        if result != journal::kinds::LegResult::Lost {
            let word = visit.word(&format!("leg.{}", result.name()));
            told.entry(word).or_default().push(outcome.name.as_str().to_owned());
        }
    }
    let told: Vec<String> =
        told.into_iter().map(|(word, names)| format!("{} ({word})", names.join(", "))).collect();
    if told.is_empty() { Ok(visit.word("console.not_yet")) } else { Ok(told.join("; ")) }
}
