//! The board of the tax body: per organiser and month stakes, refunds, winnings, tax and margin;
//! forms of settlement; desks active against taxable objects; corrections of months that were over;
//! the cash-desk report (P-12).

use std::collections::BTreeMap;

use reports::{Measures, Partition, RollupSums};
use terms::{Day, DeskNo, Organiser};

use super::corrections;
use super::registers::FORMS;
use super::sums::{self, Wanted, share};
use crate::doc::{Block, Cell, Doc, Head, Table, Tile};
use crate::visit::{Trouble, Visit};
use crate::web::Answer;

/// Months of the table.
const MONTHS: i32 = 12;
/// Desks of the cash-desk report on the board; the export has all.
const DESKS: usize = 50;

/// The page. `month=2026-01` chooses the month.
pub fn page(visit: &mut Visit<'_>) -> Result<Answer, Trouble> {
    let (year, month) = chosen(visit);
    let days = sums::month(year, month).ok_or(Trouble::Status(400))?;
    let wanted = Wanted::default();
    let by = sums::by(visit, Partition::Recorded, days.clone(), &wanted, |key| key.organiser)?;
    let forms = sums::by(visit, Partition::Recorded, days.clone(), &wanted, |key| key.form)?;
    let total = sums::total(by.values().copied());
    let mut blocks = vec![Block::Tiles { tiles: tiles(visit, &days, &total) }];
    blocks.push(organisers(visit, &days, &by, &total)?);
    blocks.push(sums::forms(visit, &days, &forms, true, "console.month_subtitle"));
    blocks.push(objects(visit, &days)?);
    blocks.push(closed(visit, &days)?);
    blocks.push(desks(visit, &days)?);
    blocks.push(months(visit, (year, month))?);
    let shown = visit.show.month(year, month);
    let (held, margin) = (visit.show.compact(total.tax_tiyn), visit.show.compact(margin(&total)));
    let finding =
        visit.show.say("tax_finding", &[("month", &shown), ("tax", &held), ("margin", &margin)]);
    let title = format!("{} · {shown}", visit.word("nav.tax"));
    visit.page(Doc { title, finding: Some(finding), blocks, ..Doc::default() })
}

fn chosen(visit: &Visit<'_>) -> (i32, u32) {
    let named = visit.query.get("month").and_then(|text| Day::parse(&format!("{text}-01")));
    let (year, month, _) = named.unwrap_or_else(|| visit.today()).date();
    (year, month)
}

/// What an organiser keeps: stakes without refunds and winnings.
fn margin(sums: &RollupSums) -> i64 {
    sums.staked_tiyn.saturating_sub(sums.refund_tiyn).saturating_sub(sums.winnings_tiyn)
}

fn tiles(visit: &Visit<'_>, days: &std::ops::Range<Day>, total: &RollupSums) -> Vec<Tile> {
    let last = Day(days.end.0 - 1);
    let tile = |name: &str, path: &str, tiyn: i64, note: String| Tile {
        name: visit.word(name),
        href: visit.href(&format!("{path}?from={}&to={last}", days.start)),
        figure: visit.show.compact(tiyn),
        exact: visit.show.money(tiyn),
        note,
        state: "",
        spark: None,
    };
    let of_stakes = |tiyn: i64| {
        let part = visit.show.percent(share(tiyn, total.staked_tiyn));
        visit.show.say("of_stakes", &[("share", &part)])
    };
    let count = |count: i64| {
        let count = visit.show.number(count);
        visit.show.say("count_of", &[("count", &count)])
    };
    vec![
        tile("console.stakes_sum", "/stakes", total.staked_tiyn, count(total.stakes)),
        tile("label.gross_winnings", "/bets", total.winnings_tiyn, of_stakes(total.winnings_tiyn)),
        tile("label.tax", "/bets", total.tax_tiyn, of_stakes(total.tax_tiyn)),
        tile("label.margin", "/bets", margin(total), of_stakes(margin(total))),
    ]
}

fn line(visit: &Visit<'_>, first: Cell, sums: &RollupSums) -> Vec<Cell> {
    let money = |tiyn: i64| Cell::number(visit.show.sum(tiyn));
    let kept = margin(sums);
    vec![
        first,
        Cell::number(visit.show.number(sums.stakes)),
        money(sums.staked_tiyn),
        money(sums.refund_tiyn),
        money(sums.winnings_tiyn),
        money(sums.tax_tiyn),
        money(sums.winnings_tiyn.saturating_sub(sums.tax_tiyn)),
        money(kept),
        Cell::number(visit.show.percent(share(kept, sums.staked_tiyn))),
    ]
}

fn heads(visit: &Visit<'_>, first: &str) -> Vec<Head> {
    let mut heads = vec![Head::text(visit.word(first))];
    heads.extend(
        [
            "label.stakes",
            "label.sum_tenge",
            "label.refund_tenge",
            "label.gross_tenge",
            "label.tax_tenge",
            "label.net_tenge",
            "label.margin_tenge",
            "label.margin_share",
        ]
        .map(|key| Head::number(visit.word(key))),
    );
    heads
}

fn organisers(
    visit: &mut Visit<'_>,
    days: &std::ops::Range<Day>,
    by: &BTreeMap<Organiser, RollupSums>,
    total: &RollupSums,
) -> Result<Block, Trouble> {
    let last = Day(days.end.0 - 1);
    let mut rows = Vec::new();
    for (organiser, sums) in by {
        let name = visit.organiser_name(*organiser)?;
        let address = format!("/stakes?from={}&to={last}&organiser={}", days.start, organiser.0);
        rows.push(line(visit, Cell::text(name).to(visit.href(&address)), sums));
    }
    let all = line(visit, Cell::text(visit.word("label.total")), total);
    Ok(Block::Table(Box::new(Table {
        id: "organisers".into(),
        caption: visit.word("console.tax_caption"),
        heads: heads(visit, "label.organiser"),
        total: Some(all),
        rows,
        empty: visit.word("console.no_rows"),
        ..Table::default()
    })))
}

/// Corrections of the month that change a month that was over, before and after.
fn closed(visit: &mut Visit<'_>, days: &std::ops::Range<Day>) -> Result<Block, Trouble> {
    let found = corrections::of_closed_months(visit, days.clone())?;
    let caption = visit.word("console.closed_caption");
    let table = corrections::table(visit, "closed", caption, &found)?;
    Ok(Block::Table(Box::new(table)))
}

/// Desks that are listed, desks that were active, and registered taxable objects: three counts that
/// are to agree.
fn objects(visit: &mut Visit<'_>, days: &std::ops::Range<Day>) -> Result<Block, Trouble> {
    let mut active: BTreeMap<Organiser, std::collections::BTreeSet<DeskNo>> = BTreeMap::new();
    for (key, _) in visit.views.desk_days(days.clone(), None)? {
        active.entry(key.organiser).or_default().insert(key.desk);
    }
    let mut listed: BTreeMap<Organiser, i64> = BTreeMap::new();
    for card in visit.desks(None)? {
        if card.from < days.end && card.closed_from.is_none_or(|closed| days.start < closed) {
            *listed.entry(card.organiser).or_default() += 1;
        }
    }
    let mut rows = Vec::new();
    for (organiser, card) in visit.organisers()? {
        let objects: i64 = card.taxable.iter().map(|object| i64::from(object.count)).sum();
        let listed = listed.get(&organiser).copied().unwrap_or(0);
        let active = active.get(&organiser).map_or(0, |desks| desks.len() as i64);
        let state = if active <= objects {
            Cell::state("good", visit.word("console.agrees"))
        } else {
            Cell::state("bad", visit.word("console.more_desks"))
        };
        let address = format!("/desks?organiser={}", organiser.0);
        rows.push(vec![
            visit.organiser_cell(organiser)?,
            Cell::number(visit.show.number(objects)),
            Cell::number(visit.show.number(listed)).to(visit.href(&address)),
            Cell::number(visit.show.number(active)),
            state,
        ]);
    }
    Ok(Block::Table(Box::new(Table {
        id: "objects".into(),
        caption: visit.word("console.objects_caption"),
        heads: vec![
            Head::text(visit.word("label.organiser")),
            Head::number(visit.word("label.taxable")),
            Head::number(visit.word("label.desks_listed")),
            Head::number(visit.word("label.desks_active")),
            Head::text(visit.word("label.state")),
        ],
        rows,
        empty: visit.word("console.no_rows"),
        ..Table::default()
    })))
}

/// The cash-desk report: taken by form, and paid out (P-12).
fn desks(visit: &mut Visit<'_>, days: &std::ops::Range<Day>) -> Result<Block, Trouble> {
    let mut rows: BTreeMap<(Organiser, DeskNo), [reports::DeskSums; 3]> = BTreeMap::new();
    for (key, sums) in visit.views.desk_days(days.clone(), None)? {
        let at = FORMS.iter().position(|form| *form == key.form).unwrap_or(0);
        let desk = &mut rows.entry((key.organiser, key.desk)).or_default()[at];
        *desk = desk.plus(&sums).unwrap_or(*desk);
    }
    let last = Day(days.end.0 - 1);
    let mut found: Vec<_> = rows.into_iter().collect();
    let taken =
        |forms: &[reports::DeskSums; 3]| -> i64 { forms.iter().map(|sums| sums.staked_tiyn).sum() };
    found.sort_by_key(|(key, forms)| (-taken(forms), *key));
    let mut lines = Vec::new();
    for ((organiser, desk), forms) in found.iter().take(DESKS) {
        let address = format!(
            "/stakes?from={}&to={last}&organiser={}&desk={}",
            days.start, organiser.0, desk.0
        );
        let mut line = vec![
            Cell::text(format!("№\u{a0}{}", desk.0)).to(visit.href(&address)),
            visit.organiser_cell(*organiser)?,
        ];
        line.extend(forms.iter().map(|sums| Cell::number(visit.show.sum(sums.staked_tiyn))));
        let paid: i64 = forms.iter().map(|sums| sums.paid_tiyn).sum();
        line.push(Cell::number(visit.show.sum(paid)));
        lines.push(line);
    }
    Ok(Block::Table(Box::new(Table {
        id: "desks".into(),
        caption: visit.word("console.desk_report"),
        heads: vec![
            Head::text(visit.word("label.desk")),
            Head::text(visit.word("label.organiser")),
            Head::number(visit.word("label.cash_tenge")),
            Head::number(visit.word("label.non_cash_tenge")),
            Head::number(visit.word("label.e_money_tenge")),
            Head::number(visit.word("label.paid_tenge")),
        ],
        rows: lines,
        empty: visit.word("console.no_rows"),
        ..Table::default()
    })))
}

/// The last twelve months, each a link.
fn months(visit: &mut Visit<'_>, (year, month): (i32, u32)) -> Result<Block, Trouble> {
    let (this, number, _) = visit.today().date();
    let newest = (this * 12 + number as i32 - 1).max(year * 12 + month as i32 - 1);
    let (mut rows, mut told) = (Vec::new(), 0);
    for at in (newest - MONTHS + 1..=newest).rev() {
        let (year, month) = (at.div_euclid(12), at.rem_euclid(12) as u32 + 1);
        let Some(days) = sums::month(year, month) else { continue };
        let wanted = Wanted::default();
        let found = sums::by(visit, Partition::Recorded, days, &wanted, |_| ())?;
        if !found.is_empty() {
            told = rows.len() + 1;
        }
        let sums = sums::total(found.into_values());
        let name = visit.show.month(year, month);
        let href = visit.href(&format!("/tax?month={year:04}-{month:02}"));
        rows.push(line(visit, Cell::text(name).to(href), &sums));
    }
    // Months before the first record tell nothing; one without records between others does.
    rows.truncate(told.max(1));
    Ok(Block::Table(Box::new(Table {
        id: "months".into(),
        caption: visit.word("console.months_caption"),
        heads: heads(visit, "label.month"),
        rows,
        ..Table::default()
    })))
}
