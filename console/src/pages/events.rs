//! Events: all of them, and one across organisers with its odds and sums (domain 5, S-68).

use std::collections::BTreeMap;

use reports::card::{EventCard, TwinCard};
use reports::{BetQuery, BetRow, Card, CardKind, Condition, Direction, Field, Operator, SortField};
use store::views::Found;
use terms::{Event, Odds, Organiser, Outcome};

use crate::chart::{Range, ranges};
use crate::doc::{Block, Cell, Chart, Doc, Filter, FilterField, Head, Table};
use crate::visit::{Trouble, Visit};
use crate::web::Answer;

/// Events of a page, and pages of an event's bets that are looked at: 2,000 bets.
const PAGE: u64 = 50;
const PAGES: usize = 40;
/// Events that a page looks at in search of those that are mapped.
const LOOKED_AT: u64 = 1_000;
/// Organisers' events that are one.
const TWINS: usize = 20;
/// Ranges of a chart.
const RANGES: usize = 24;

/// The page of all, newest first, or of those alone that are mapped to a central one (S-68).
pub fn all(visit: &mut Visit<'_>) -> Result<Answer, Trouble> {
    let mapped = visit.query.get("mapped") == Some("yes");
    let end = count(visit)?;
    let before = visit.query.get("before").and_then(|number| number.parse().ok());
    let before: u64 = before.unwrap_or(end).min(end);
    let (mut rows, mut next) = (Vec::new(), before);
    let last = before.saturating_sub(if mapped { LOOKED_AT } else { PAGE });
    while last < next && (rows.len() as u64) < PAGE {
        next -= 1;
        let Some(card) = card(visit, next)? else { continue };
        if !mapped || card.central.is_some() {
            rows.push(row(visit, next, &card)?);
        }
    }
    let place = |before: Option<u64>| {
        let mapped = mapped.then(|| "mapped=yes".to_owned());
        let pairs = [mapped, before.map(|before| format!("before={before}"))];
        let pairs: Vec<String> = pairs.into_iter().flatten().collect();
        let question = if pairs.is_empty() { "" } else { "?" };
        visit.href(&format!("/events{question}{}", pairs.join("&")))
    };
    let caption = if mapped { "console.mapped_caption" } else { "console.events_caption" };
    let mut empty = visit.word("console.no_rows");
    if 0 < next && mapped {
        empty = visit.word("console.no_rows_so_far");
    }
    let table = Table {
        id: "events".into(),
        caption: visit.word(caption),
        heads: vec![
            Head::text(visit.word("label.event")),
            Head::text(visit.word("label.scheduled")),
            Head::text(visit.word("label.organiser")),
            Head::text(visit.word("label.state")),
            Head::text(visit.word("label.central")),
        ],
        rows,
        empty,
        next: (0 < next).then(|| place(Some(next))),
        first: (before < end).then(|| place(None)),
        ..Table::default()
    };
    let title = visit.word("nav.events");
    let blocks = vec![filter(visit, mapped), Block::Table(Box::new(table))];
    visit.page(Doc { title, blocks, ..Doc::default() })
}

fn row(visit: &mut Visit<'_>, number: u64, card: &EventCard) -> Result<Vec<Cell>, Trouble> {
    let organiser = match visit.organiser_of(card.event)? {
        Some(organiser) => visit.organiser_cell(organiser)?,
        None => Cell::text(visit.word("console.unknown")),
    };
    let central = match &card.central {
        Some(central) => Cell::code(central.as_str()),
        None => Cell::text(visit.word("console.not_mapped")),
    };
    Ok(vec![
        Cell::text(card.name.as_str()).to(visit.href(&format!("/events/{number}"))),
        Cell::text(visit.show.moment(card.scheduled)),
        organiser,
        state(visit, card),
        central,
    ])
}

/// All, or those alone that are mapped.
fn filter(visit: &Visit<'_>, mapped: bool) -> Block {
    let (name, label) = ("mapped", visit.word("label.central"));
    let chosen = visit.word("filter.mapped");
    let any = visit.word("filter.any");
    let value = if mapped { "yes" } else { "" };
    let clear = visit.href("/events");
    let chip = (format!("{label}: {chosen}"), clear.clone());
    Block::Filter(Box::new(Filter {
        action: clear.clone(),
        fields: vec![FilterField {
            name: name.into(),
            label,
            input: "select",
            value: value.into(),
            options: vec![(String::new(), any), ("yes".into(), chosen)],
        }],
        chips: if mapped { vec![chip] } else { Vec::new() },
        errors: Vec::new(),
        clear,
    }))
}

/// How many events there are: their numbers are dense, so that the end is found by halving.
fn count(visit: &mut Visit<'_>) -> Result<u64, Trouble> {
    let mut end = 1;
    while card(visit, end - 1)?.is_some() {
        end *= 2;
    }
    let (mut low, mut high) = (end / 2, end - 1);
    while low < high {
        let middle = u64::midpoint(low, high);
        match card(visit, middle)? {
            Some(_) => low = middle + 1,
            None => high = middle,
        }
    }
    Ok(low)
}

fn card(visit: &mut Visit<'_>, number: u64) -> Result<Option<EventCard>, Trouble> {
    Ok(match visit.views.versions(CardKind::Event, number)?.pop() {
        Some(Card::Event(card)) => Some(card),
        _ => None,
    })
}

fn state(visit: &Visit<'_>, card: &EventCard) -> Cell {
    use journal::kinds::EventState::{
        Abandoned, Cancelled, Finished, Rescheduled, Scheduled, Started, Suspended, Walkover,
    };
    let class = match card.state {
        Scheduled | Rescheduled | Started => "wait",
        Finished | Walkover => "good",
        Suspended | Abandoned | Cancelled => "warn",
    };
    Cell::state(class, visit.word(&format!("event_state.{}", card.state.name())))
}

/// What organisers took on one outcome.
#[derive(Default)]
struct Taken {
    stakes: i64,
    tiyn: i64,
    odds: Vec<Odds>,
}

/// The bets of one organiser's event.
struct Side {
    organiser: Organiser,
    event: Event,
    rows: Vec<BetRow>,
    /// Whether these are all.
    whole: bool,
}

/// The page of one.
pub fn one(visit: &mut Visit<'_>) -> Result<Answer, Trouble> {
    let missing = || Trouble::Status(404);
    let number = visit.pieces[0].parse::<u32>().map_err(|_| missing())?;
    let found = card(visit, u64::from(number))?.ok_or_else(missing)?;
    let mut sides = Vec::new();
    for event in twins(visit, &found)? {
        let Some(organiser) = visit.organiser_of(event)? else { continue };
        let (rows, whole) = bets(visit, event)?;
        sides.push(Side { organiser, event, rows, whole });
    }
    let mut blocks = vec![facts(visit, &found)?, across(visit, &sides)?];
    blocks.push(odds(visit, &sides)?);
    if sides.iter().any(|side| !side.whole) {
        let text = visit.word("console.first_bets");
        blocks.push(Block::Notice { level: "info", text, links: Vec::new() });
    }
    let total: i64 = sides.iter().flat_map(|side| &side.rows).map(|row| row.amount.get()).sum();
    let (sum, count) = (visit.show.money(total), visit.show.number(sides.len() as i64));
    let finding = visit.show.say("event_finding", &[("count", &count), ("sum", &sum)]);
    let title = found.name.as_str().to_owned();
    visit.page(Doc { title, finding: Some(finding), blocks, ..Doc::default() })
}

/// The event and those of other organisers that are the same central one.
fn twins(visit: &mut Visit<'_>, card: &EventCard) -> Result<Vec<Event>, Trouble> {
    let Some(central) = &card.central else { return Ok(vec![card.event]) };
    let cards = visit.views.versions(CardKind::Twin, TwinCard::number(central.as_str()))?;
    let mut events = Vec::new();
    for found in cards.into_iter().take(TWINS) {
        let Card::Twin(twin) = found else { continue };
        // One that was mapped anew is no twin any more.
        let now = self::card(visit, u64::from(twin.event.0))?;
        if now.is_some_and(|now| now.central.as_ref() == Some(central)) {
            events.push(twin.event);
        }
    }
    Ok(events)
}

/// Its stakes in the order in which they came, and whether these are all.
fn bets(visit: &mut Visit<'_>, event: Event) -> Result<(Vec<BetRow>, bool), Trouble> {
    let condition = Condition::number(Field::Event, Operator::Is, i64::from(event.0));
    let sort = (SortField::At, Direction::Ascending);
    let limit = reports::query::PAGE_MAX;
    let Ok(mut query) = BetQuery::new(vec![condition], sort, None, limit) else {
        return Ok((Vec::new(), true));
    };
    let mut rows = Vec::new();
    for _ in 0..PAGES {
        let Found::Page(page) = visit.views.bets(&query)? else { return Ok((rows, false)) };
        rows.extend(page.rows.into_iter().filter(|row| row.standing.is_stake()));
        match page.next {
            Some(next) => query = query.behind(next),
            None => return Ok((rows, true)),
        }
    }
    Ok((rows, false))
}

fn facts(visit: &mut Visit<'_>, card: &EventCard) -> Result<Block, Trouble> {
    let found = visit.views.versions(CardKind::Championship, u64::from(card.championship.0))?;
    let championship = match found.into_iter().next_back() {
        Some(Card::Championship(found)) => found.name.as_str().to_owned(),
        _ => visit.word("console.unknown"),
    };
    let started = card.started.map(|at| visit.show.moment(at));
    let central = card.central.as_ref().map(|central| central.as_str().to_owned());
    Ok(Block::Facts {
        title: visit.word("console.summary"),
        rows: vec![
            (visit.word("label.state"), state(visit, card)),
            (visit.word("label.championship"), Cell::text(championship)),
            (visit.word("label.scheduled"), Cell::text(visit.show.moment(card.scheduled))),
            (
                visit.word("label.started"),
                Cell::text(started.unwrap_or_else(|| visit.word("console.not_yet"))),
            ),
            (
                visit.word("label.central"),
                Cell::text(central.unwrap_or_else(|| visit.word("console.not_mapped"))),
            ),
        ],
    })
}

/// Stakes and sums of each organiser.
fn across(visit: &mut Visit<'_>, sides: &[Side]) -> Result<Block, Trouble> {
    let mut rows = Vec::new();
    for side in sides {
        let sum: i64 = side.rows.iter().map(|row| row.amount.get()).sum();
        let singles = side.rows.iter().filter(|row| row.legs.len() == 1).count() as i64;
        let live = side.rows.iter().filter(|row| row.live).count() as i64;
        let name = visit.organiser_name(side.organiser)?;
        let stakes = visit.href(&format!("/stakes?event={}", side.event.0));
        rows.push(vec![
            Cell::text(name).to(stakes),
            Cell::number(visit.show.number(side.rows.len() as i64)),
            Cell::number(visit.show.sum(sum)),
            Cell::number(visit.show.number(singles)),
            Cell::number(visit.show.number(live)),
        ]);
    }
    Ok(Block::Table(Box::new(Table {
        id: "across".into(),
        caption: visit.word("console.across_caption"),
        heads: vec![
            Head::text(visit.word("label.organiser")),
            Head::number(visit.word("label.stakes")),
            Head::number(visit.word("label.sum_tenge")),
            Head::number(visit.word("label.singles")),
            Head::number(visit.word("label.live")),
        ],
        rows,
        empty: visit.word("console.no_rows"),
        ..Table::default()
    })))
}

/// The odds of each outcome with each organiser: first, last, and their range.
fn odds(visit: &mut Visit<'_>, sides: &[Side]) -> Result<Block, Trouble> {
    let mut taken: BTreeMap<(String, usize), Taken> = BTreeMap::new();
    let mut names: BTreeMap<Outcome, String> = BTreeMap::new();
    for (at, side) in sides.iter().enumerate() {
        for row in &side.rows {
            for leg in row.legs.iter().filter(|leg| leg.event == side.event) {
                let name = match names.get(&leg.outcome) {
                    Some(name) => name.clone(),
                    None => visit.outcome_name(leg.outcome)?,
                };
                names.insert(leg.outcome, name.clone());
                let sum = taken.entry((name, at)).or_default();
                sum.odds.push(leg.odds);
                sum.stakes += 1;
                sum.tiyn += if row.legs.len() == 1 { row.amount.get() } else { 0 };
            }
        }
    }
    let (mut drawn, mut rows) = (Vec::new(), Vec::new());
    for ((outcome, at), taken) in &taken {
        let organiser = visit.organiser_name(sides[*at].organiser)?;
        let get = |odds: Option<&Odds>| odds.map_or(0, |odds| i64::from(odds.get()));
        let range = (get(taken.odds.iter().min()), get(taken.odds.iter().max()));
        let (first, last) = (taken.odds.first().copied(), taken.odds.last().copied());
        let write =
            |odds: Option<Odds>| odds.map_or_else(String::new, |odds| visit.show.odds(odds));
        let words = format!("{} → {}", write(first), write(last));
        drawn.push(Range {
            name: format!("{outcome} · {organiser}"),
            low: range.0,
            high: range.1,
            first: get(first.as_ref()),
            last: get(last.as_ref()),
            words,
        });
        let written = |odds: Option<&Odds>| write(odds.copied());
        rows.push(vec![
            Cell::text(outcome.clone()),
            Cell::text(organiser),
            Cell::number(write(first)),
            Cell::number(write(last)),
            Cell::number(written(taken.odds.iter().min())),
            Cell::number(written(taken.odds.iter().max())),
            Cell::number(visit.show.number(taken.stakes)),
            Cell::number(visit.show.sum(taken.tiyn)),
        ]);
    }
    drawn.truncate(RANGES);
    let title = visit.word("console.odds_title");
    let svg = ranges(&drawn, &title);
    let mut heads =
        vec![Head::text(visit.word("label.outcome")), Head::text(visit.word("label.organiser"))];
    heads.extend(
        ["label.first", "label.last", "label.lowest", "label.highest", "label.stakes"]
            .map(|key| Head::number(visit.word(key))),
    );
    heads.push(Head::number(visit.word("label.singles_tenge")));
    let table = Table {
        id: "odds".into(),
        caption: title.clone(),
        heads,
        rows,
        empty: visit.word("console.no_rows"),
        ..Table::default()
    };
    let subtitle = visit.word("console.odds_subtitle");
    Ok(Block::Chart(Box::new(Chart { title, subtitle, svg, table, wide: true })))
}
