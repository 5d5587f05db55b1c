//! The board of the financial monitoring authority: winnings at or above a dated threshold, sums
//! just below it, patterns of money, and refusals on its lists, which nobody else is told of
//! (domain 3, I-09).

use std::ops::Range;

use reports::{BetRow, SignalKind};
use store::views::Listing;
use terms::{Day, Organiser, Person, Reason, Sender};

use super::registers::{account_cell, bet_href, masked};
use super::{patterns, person};
use crate::chart::Columns;
use crate::doc::{Block, Cell, Chart, Doc, Head, Table, Tile};
use crate::visit::{Trouble, Visit};
use crate::web::Answer;

/// The threshold of a winning that is looked at: 1,000,000 tenge, from the first day of 2000 on
/// (a dated parameter that comes from outside of the documents).
const THRESHOLDS: [(Day, i64); 1] = [(Day(10_957), 100_000_000)];
/// Days of the board.
const DAYS: i32 = 30;
/// Winnings that are looked at, and rows of a list.
const WINNINGS: usize = 1_000;
const ROWS: usize = 50;
/// Columns of two hundredths of the threshold each, from 80 to 110 of them.
const HEAP: usize = 15;

fn threshold(day: Day) -> i64 {
    THRESHOLDS.iter().rev().find(|(from, _)| *from <= day).map_or(THRESHOLDS[0].1, |row| row.1)
}

/// A winning with its bet.
struct Winning {
    tiyn: i64,
    bet: BetRow,
}

/// The page.
pub fn page(visit: &mut Visit<'_>) -> Result<Answer, Trouble> {
    let day = visit.day();
    let days = Day(day.0 - DAYS + 1)..Day(day.0 + 1);
    let limit = threshold(day);
    let winnings = winnings(visit, &days)?;
    let (above, below): (Vec<Winning>, Vec<Winning>) =
        winnings.into_iter().partition(|winning| limit <= winning.tiyn);
    let listed = listed(visit, &days)?;
    let several = several(visit, &above, &below)?;
    let mut blocks =
        vec![tiles(visit, &days, limit, [above.len(), below.len(), several.len(), listed.len()])];
    let label = visit.word("filter.day");
    blocks.insert(0, Block::OnDay { value: day.to_string(), label });
    let money = visit.show.money(limit);
    blocks.push(heap(visit, limit, &above, &below));
    let caption = visit.show.say("winnings_above", &[("sum", &money)]);
    blocks.push(bets(visit, "above", caption, &above)?);
    blocks.push(people(visit, several)?);
    let caption = visit.show.say("winnings_below", &[("sum", &money)]);
    blocks.push(bets(visit, "below", caption, &below)?);
    blocks.push(patterns::redemptions(visit, &days)?);
    blocks.push(patterns::cash_to_emoney(visit, &days)?);
    blocks.push(patterns::opposite(visit, day)?);
    blocks.push(Block::Table(Box::new(listed_table(visit, &listed)?)));
    let count = visit.show.number(above.len() as i64);
    let parameters = [("count", &*count), ("sum", &*money)];
    let finding = visit.show.say("monitoring_finding", &parameters);
    let title = visit.word("nav.monitoring");
    visit.page(Doc { title, finding: Some(finding), blocks, ..Doc::default() })
}

fn tiles(
    visit: &Visit<'_>,
    days: &Range<Day>,
    limit: i64,
    [above, below, several, listed]: [usize; 4],
) -> Block {
    let period = visit.show.number(i64::from(DAYS));
    let note = visit.show.say("last_days", &[("count", &period)]);
    let tile = |name: &str, href: String, count: usize, state| Tile {
        name: visit.word(name),
        href,
        figure: visit.show.number(count as i64),
        exact: visit.show.number(count as i64),
        note: note.clone(),
        state,
        spark: None,
    };
    let range = format!("from={}&to={}", days.start, Day(days.end.0 - 1));
    let (tenge, warn) = (limit / 100, |count: usize| if count == 0 { "good" } else { "warn" });
    let list = format!("/bets?{range}&winnings_from={tenge}");
    let least = tenge * 8 / 10;
    let near = format!("/bets?{range}&winnings_from={least}&winnings_to={}", tenge - 1);
    Block::Tiles {
        tiles: vec![
            tile("console.above", visit.href(&list), above, warn(above)),
            tile("console.below", visit.href(&near), below, ""),
            tile("console.several", "#people".into(), several, warn(several)),
            tile(
                "console.listed",
                "#listed".into(),
                listed,
                if listed == 0 { "good" } else { "bad" },
            ),
        ],
    }
}

/// Winnings of days from four fifths of the threshold on that still stand, newest first.
fn winnings(visit: &mut Visit<'_>, days: &Range<Day>) -> Result<Vec<Winning>, Trouble> {
    let listing = Listing { days: days.clone(), ..Listing::newest(WINNINGS) };
    let mut found = Vec::new();
    for signal in visit.views.signals(SignalKind::Winning, &listing)?.rows {
        let Some(seq) = signal.bet_seq else { continue };
        let Some(bet) = visit.views.bet_at(seq)? else { continue };
        let stands = bet.settlement.as_deref().is_some_and(|settled| settled.seq == signal.seq);
        if stands {
            found.push(Winning { tiyn: signal.value, bet });
        }
    }
    Ok(found)
}

/// How many winnings lie in each fiftieth of the threshold: a heap before it shows itself.
fn heap(visit: &Visit<'_>, limit: i64, above: &[Winning], below: &[Winning]) -> Block {
    let mut counts = [0i64; HEAP];
    for winning in above.iter().chain(below) {
        let at = (winning.tiyn - limit / 100 * 80) / (limit / 50).max(1);
        if let Some(count) = usize::try_from(at).ok().and_then(|at| counts.get_mut(at)) {
            *count += 1;
        }
    }
    let name = |at: usize| format!("{}", 80 + 2 * at);
    let rows: Vec<(String, i64)> =
        counts.iter().enumerate().map(|(at, count)| (name(at), *count)).collect();
    let title = visit.word("console.heap_title");
    let word = visit.show.compact(limit);
    let svg = Columns { label: &title, rows: &rows, rule: 10, word: &word }.svg();
    let lines = rows.iter().map(|(name, count)| {
        vec![Cell::text(format!("{name} %")), Cell::number(visit.show.number(*count))]
    });
    let table = Table {
        id: "heap".into(),
        caption: title.clone(),
        heads: vec![
            Head::text(visit.word("label.part_of_threshold")),
            Head::number(visit.word("label.count")),
        ],
        rows: lines.collect(),
        ..Table::default()
    };
    let subtitle = visit.show.say("heap_subtitle", &[("sum", &visit.show.money(limit))]);
    Block::Chart(Box::new(Chart { title, subtitle, svg, table, wide: true }))
}

fn bets(
    visit: &mut Visit<'_>,
    id: &str,
    caption: String,
    found: &[Winning],
) -> Result<Block, Trouble> {
    let mut rows = Vec::new();
    for Winning { tiyn, bet } in found.iter().take(ROWS) {
        let Some(settled) = bet.settlement.as_deref() else { continue };
        rows.push(vec![
            Cell::text(visit.show.moment(settled.at)).to(bet_href(visit, bet.organiser, bet.bet)),
            visit.organiser_cell(bet.organiser)?,
            account_cell(visit, bet.organiser, bet.account),
            Cell::text(visit.word(&format!("form.{}", bet.form.name()))),
            Cell::number(visit.show.sum(bet.amount.get())),
            Cell::number(visit.show.sum(*tiyn)),
            Cell::number(visit.show.sum(bet.paid.get())),
        ]);
    }
    Ok(Block::Table(Box::new(Table {
        id: id.into(),
        caption,
        heads: vec![
            Head::text(visit.word("label.settled_at")),
            Head::text(visit.word("label.organiser")),
            Head::text(visit.word("label.account")),
            Head::text(visit.word("label.form")),
            Head::number(visit.word("label.sum_tenge")),
            Head::number(visit.word("label.winnings_tenge")),
            Head::number(visit.word("label.paid_tenge")),
        ],
        rows,
        empty: visit.word("console.no_winnings"),
        ..Table::default()
    })))
}

/// A person's large winnings of one day: how many, and their sum.
type Several = Vec<((Person, Day), (i64, i64))>;

/// Persons with several such winnings on one day, with whatever organisers: a sum in parts.
fn several(
    visit: &mut Visit<'_>,
    above: &[Winning],
    below: &[Winning],
) -> Result<Several, Trouble> {
    let mut counts = std::collections::BTreeMap::new();
    for winning in above.iter().chain(below) {
        let Some(settled) = winning.bet.settlement.as_deref() else { continue };
        let Some(person) = person::of_account(visit, winning.bet.account)? else { continue };
        let entry = counts.entry((person, settled.day)).or_insert((0i64, 0i64));
        *entry = (entry.0 + 1, entry.1.saturating_add(winning.tiyn));
    }
    let mut found: Several = counts.into_iter().filter(|(_, (count, _))| 2 <= *count).collect();
    found.sort_by_key(|(_, (_, sum))| -sum);
    Ok(found)
}

fn people(visit: &mut Visit<'_>, found: Several) -> Result<Block, Trouble> {
    let rows = found.into_iter().take(ROWS).map(|((person, day), (count, tiyn))| {
        let href = visit.href(&format!("/people/{}", person.0));
        vec![
            Cell::text(format!("№\u{a0}{}", person.0)).to(href),
            Cell::text(visit.show.day(day)),
            Cell::number(visit.show.number(count)),
            Cell::number(visit.show.sum(tiyn)),
        ]
    });
    Ok(Block::Table(Box::new(Table {
        id: "people".into(),
        caption: visit.word("console.several_caption"),
        heads: vec![
            Head::text(visit.word("label.person_no")),
            Head::text(visit.word("label.date")),
            Head::number(visit.word("label.count")),
            Head::number(visit.word("label.winnings_tenge")),
        ],
        rows: rows.collect(),
        empty: visit.word("console.no_several"),
        ..Table::default()
    })))
}

/// Refusals on the lists of financial monitoring. Counts by day tell first whether there are any.
fn listed(visit: &mut Visit<'_>, days: &Range<Day>) -> Result<Vec<reports::RefusalRow>, Trouble> {
    let lists = [Reason::ListedTerrorist, Reason::ListedProliferation, Reason::ListedFinancing];
    let counts = visit.views.refusal_counts(days.clone())?;
    let hits = counts.iter().filter(|(key, _)| lists.contains(&key.reason));
    let mut wanted: Vec<Day> = hits.map(|(key, _)| key.day).collect();
    wanted.sort_unstable();
    wanted.dedup();
    let mut rows = Vec::new();
    for day in wanted.into_iter().rev() {
        let mut listing = Listing { days: day..Day(day.0 + 1), ..Listing::newest(1_000) };
        while rows.len() < ROWS {
            let page = visit.views.refusals(&listing)?;
            rows.extend(page.rows.into_iter().filter(|row| lists.contains(&row.reason)));
            let Some(next) = page.next else { break };
            listing.before = next;
        }
    }
    rows.truncate(ROWS);
    Ok(rows)
}

fn listed_table(visit: &mut Visit<'_>, found: &[reports::RefusalRow]) -> Result<Table, Trouble> {
    let mut rows = Vec::new();
    for row in found {
        let organiser = match row.sender {
            Sender::Organiser(organiser) => organiser,
            Sender::Operator | Sender::System | Sender::Bettor => Organiser(0),
        };
        let account = row
            .account
            .map_or_else(|| visit.word("console.none"), |account| masked(organiser, account));
        rows.push(vec![
            Cell::text(visit.show.moment(row.at)),
            visit.organiser_cell(organiser)?,
            Cell::code(account).to(visit.href(&format!("/unmask/{}", row.seq))),
            Cell::state("bad", visit.reason_short(row.reason)),
            Cell::text(row.reason.clause()),
            Cell::number(row.seq.to_string()),
        ]);
    }
    Ok(Table {
        id: "listed".into(),
        caption: visit.word("console.listed_caption"),
        heads: vec![
            Head::text(visit.word("label.recorded_at")),
            Head::text(visit.word("label.organiser")),
            Head::text(visit.word("label.account")),
            Head::text(visit.word("label.reason")),
            Head::text(visit.word("label.clause")),
            Head::number(visit.word("label.entry")),
        ],
        rows,
        empty: visit.word("console.no_listed"),
        ..Table::default()
    })
}
