//! The board of the financial monitoring authority: winnings at or above a dated threshold, sums
//! just below it, and refusals on its lists, which nobody else is told of (domain 3, I-09).

use reports::{BetQuery, BetRow, Condition, Direction, Field, Operator, SortField};
use store::views::{Found, Listing};
use terms::{Day, Organiser, Reason, Sender};

use super::registers::{account_cell, bet_href, masked};
use crate::doc::{Block, Cell, Doc, Head, Table, Tile};
use crate::visit::{Trouble, Visit};
use crate::web::Answer;

/// The threshold of a winning that is looked at: 1,000,000 tenge, from the first day of 2000 on
/// (a dated parameter that comes from outside of the documents).
const THRESHOLDS: [(Day, i64); 1] = [(Day(10_957), 100_000_000)];
/// Days of the board.
const DAYS: i32 = 30;
/// Rows of a list, and pages of hits that are looked at for it.
const ROWS: usize = 50;
const PAGES: usize = 20;

fn threshold(day: Day) -> i64 {
    THRESHOLDS.iter().rev().find(|(from, _)| *from <= day).map_or(THRESHOLDS[0].1, |row| row.1)
}

/// The page.
pub fn page(visit: &mut Visit<'_>) -> Result<Answer, Trouble> {
    let day = visit.day();
    let days = Day(day.0 - DAYS + 1)..Day(day.0 + 1);
    let limit = threshold(day);
    let above = winnings(visit, &days, limit, None)?;
    let below = winnings(visit, &days, limit / 100 * 80, Some(limit))?;
    let listed = listed(visit, &days)?;
    let range = format!("from={}&to={day}", days.start);
    let tenge = limit / 100;
    let money = visit.show.money(limit);
    let tile = |name: &str, href: String, count: usize, note: String, state| Tile {
        name: visit.word(name),
        href,
        figure: visit.show.number(count as i64),
        exact: visit.show.number(count as i64),
        note,
        state,
        spark: None,
    };
    let period = visit.show.number(i64::from(DAYS));
    let note = visit.show.say("last_days", &[("count", &period)]);
    let tiles = vec![
        tile(
            "console.above",
            visit.href(&format!("/bets?{range}&winnings_from={tenge}")),
            above.len(),
            note.clone(),
            if above.is_empty() { "good" } else { "warn" },
        ),
        tile(
            "console.below",
            visit.href(&format!(
                "/bets?{range}&winnings_from={}&winnings_to={}",
                tenge * 8 / 10,
                tenge - 1
            )),
            below.len(),
            note.clone(),
            "",
        ),
        tile(
            "console.listed",
            "#listed".into(),
            listed.len(),
            note,
            if listed.is_empty() { "good" } else { "bad" },
        ),
    ];
    let mut blocks = vec![Block::Tiles { tiles }];
    let caption = visit.show.say("winnings_above", &[("sum", &money)]);
    blocks.push(bets(visit, "above", caption, &above)?);
    blocks.push(people(visit, &above, &below)?);
    let caption = visit.show.say("winnings_below", &[("sum", &money)]);
    blocks.push(bets(visit, "below", caption, &below)?);
    blocks.push(Block::Table(Box::new(listed_table(visit, &listed)?)));
    blocks.push(Block::OnDay { value: day.to_string(), label: visit.word("filter.day") });
    let count = visit.show.number(above.len() as i64);
    let parameters = [("count", &*count), ("sum", &*money)];
    let finding = visit.show.say("monitoring_finding", &parameters);
    let title = visit.word("nav.monitoring");
    visit.page(Doc { title, finding: Some(finding), blocks, ..Doc::default() })
}

/// Bets settled with winnings in a range, accepted within days; the newest.
fn winnings(
    visit: &mut Visit<'_>,
    days: &std::ops::Range<Day>,
    from: i64,
    before: Option<i64>,
) -> Result<Vec<BetRow>, Trouble> {
    let number = Condition::number;
    let mut conditions = vec![
        number(Field::Day, Operator::From, i64::from(days.start.0)),
        number(Field::Day, Operator::Before, i64::from(days.end.0)),
        number(Field::Winnings, Operator::From, from),
    ];
    conditions.extend(before.map(|before| number(Field::Winnings, Operator::Before, before)));
    let sort = (SortField::At, Direction::Descending);
    let Ok(mut query) = BetQuery::new(conditions, sort, None, ROWS) else { return Ok(Vec::new()) };
    let mut rows = Vec::new();
    for _ in 0..PAGES {
        let Found::Page(page) = visit.views.bets(&query)? else { break };
        rows.extend(page.rows);
        match page.next {
            Some(next) if rows.len() < ROWS => query = query.behind(next),
            _ => break,
        }
    }
    Ok(rows)
}

fn bets(
    visit: &mut Visit<'_>,
    id: &str,
    caption: String,
    found: &[BetRow],
) -> Result<Block, Trouble> {
    let mut rows = Vec::new();
    for row in found.iter().take(ROWS) {
        let Some(settled) = row.settlement.as_deref() else { continue };
        rows.push(vec![
            Cell::text(visit.show.moment(settled.at)).to(bet_href(visit, row.organiser, row.bet)),
            visit.organiser_cell(row.organiser)?,
            account_cell(visit, row.organiser, row.account),
            Cell::text(visit.word(&format!("form.{}", row.form.name()))),
            Cell::number(visit.show.sum(row.amount.get())),
            Cell::number(visit.show.sum(settled.winnings().get())),
            Cell::number(visit.show.sum(row.paid.get())),
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

/// Accounts with several such winnings on one day: a sum in parts.
fn people(visit: &mut Visit<'_>, above: &[BetRow], below: &[BetRow]) -> Result<Block, Trouble> {
    let mut counts = std::collections::BTreeMap::new();
    for row in above.iter().chain(below) {
        let Some(settled) = row.settlement.as_deref() else { continue };
        let entry = counts.entry((row.organiser, row.account, settled.day)).or_insert((0i64, 0i64));
        *entry = (entry.0 + 1, entry.1.saturating_add(settled.winnings().get()));
    }
    let mut found: Vec<_> = counts.into_iter().filter(|(_, (count, _))| 2 <= *count).collect();
    found.sort_by_key(|(_, (_, sum))| -sum);
    let mut rows = Vec::new();
    for ((organiser, account, day), (count, tiyn)) in found.into_iter().take(ROWS) {
        rows.push(vec![
            account_cell(visit, organiser, account),
            visit.organiser_cell(organiser)?,
            Cell::text(visit.show.day(day)),
            Cell::number(visit.show.number(count)),
            Cell::number(visit.show.sum(tiyn)),
        ]);
    }
    Ok(Block::Table(Box::new(Table {
        id: "people".into(),
        caption: visit.word("console.several_caption"),
        heads: vec![
            Head::text(visit.word("label.account")),
            Head::text(visit.word("label.organiser")),
            Head::text(visit.word("label.date")),
            Head::number(visit.word("label.count")),
            Head::number(visit.word("label.winnings_tenge")),
        ],
        rows,
        empty: visit.word("console.no_several"),
        ..Table::default()
    })))
}

/// Refusals on the lists of financial monitoring.
fn listed(
    visit: &mut Visit<'_>,
    days: &std::ops::Range<Day>,
) -> Result<Vec<reports::RefusalRow>, Trouble> {
    let lists = [Reason::ListedTerrorist, Reason::ListedProliferation, Reason::ListedFinancing];
    let mut listing = Listing { days: days.clone(), ..Listing::newest(1_000) };
    let mut rows = Vec::new();
    for _ in 0..PAGES {
        let page = visit.views.refusals(&listing)?;
        rows.extend(page.rows.into_iter().filter(|row| lists.contains(&row.reason)));
        match page.next {
            Some(next) if rows.len() < ROWS => listing.before = next,
            _ => break,
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
            Cell::code(account),
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
