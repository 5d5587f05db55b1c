//! Corrections: settlements that replace another, before and after, and whether they touch a month
//! that was over (R0-24, domain 7 and 13).

use reports::{BetRow, SettlementRow, SignalKind, SignalRow};
use store::views::Listing;
use terms::{Day, Instant};

use super::registers::{account_cell, behind, bet_href, listing, listing_form};
use super::{filter, queries};
use crate::doc::{Block, Cell, Doc, Head, Table};
use crate::visit::{Trouble, Visit};
use crate::web::Answer;

/// Rows of a page.
const PAGE: usize = 50;
/// Corrections of a month that are looked at for those that touch an earlier one.
const LOOKED_AT: usize = 500;

/// A correction with what it replaces.
pub struct Correction {
    signal: SignalRow,
    bet: BetRow,
    before: SettlementRow,
    now: SettlementRow,
}

impl Correction {
    /// Whether it changes a month that was over when it came.
    pub fn is_closed(&self) -> bool {
        let month = |day: Day| {
            let (year, month, _) = day.date();
            (year, month)
        };
        month(self.before.settled.day) < month(self.now.settled.day)
    }
}

/// What a signal of a correction tells; nothing if its rows are not there.
fn open(visit: &mut Visit<'_>, signal: SignalRow) -> Result<Option<Correction>, Trouble> {
    let Some(now) = visit.views.settlement_at(signal.seq)? else { return Ok(None) };
    let Some(replaced) = now.corrects else { return Ok(None) };
    let Some(before) = visit.views.settlement_at(replaced)? else { return Ok(None) };
    let Some(bet) = visit.views.bet_at(now.bet_seq)? else { return Ok(None) };
    Ok(Some(Correction { signal, bet, before, now }))
}

/// The corrections of days that touch an earlier month, newest first.
pub fn of_closed_months(
    visit: &mut Visit<'_>,
    days: std::ops::Range<Day>,
) -> Result<Vec<Correction>, Trouble> {
    let listing = Listing { organiser: visit.scope(), days, ..Listing::newest(LOOKED_AT) };
    let mut found = Vec::new();
    for signal in visit.views.signals(SignalKind::Correction, &listing)?.rows {
        let opened = open(visit, signal)?;
        found.extend(opened.filter(Correction::is_closed));
        if PAGE <= found.len() {
            break;
        }
    }
    Ok(found)
}

/// The register of corrections.
pub fn page(visit: &mut Visit<'_>) -> Result<Answer, Trouble> {
    let pairs = visit.query.clone();
    let listing = listing(visit, &pairs, PAGE);
    visit.about = listing.account;
    let found = visit.views.signals(SignalKind::Correction, &listing)?;
    let mut corrections = Vec::new();
    for signal in found.rows {
        corrections.extend(open(visit, signal)?);
    }
    let (next, first) = behind(visit, found.next);
    let words = filter::in_words(visit, &pairs)?;
    let caption = format!("{} · {words}", visit.word("console.register_corrections"));
    let mut table = table(visit, "register", caption, &corrections)?;
    (table.next, table.first) = (next, first);
    let form = listing_form(visit, &["from", "to", "organiser", "account"])?;
    let title = visit.word("nav.corrections");
    let blocks = vec![form, Block::Table(Box::new(table)), queries::form(visit)];
    visit.page(Doc { title, blocks, ..Doc::default() })
}

/// Corrections as a table: before, after, difference.
pub fn table(
    visit: &mut Visit<'_>,
    id: &str,
    caption: String,
    found: &[Correction],
) -> Result<Table, Trouble> {
    let mut rows = Vec::new();
    for correction in found {
        let Correction { signal, bet, before, now } = correction;
        let winnings = |row: &SettlementRow| row.settled.winnings().get();
        let difference = winnings(now) - winnings(before);
        let plus = if 0 < difference { "+" } else { "" };
        let state = if correction.is_closed() {
            Cell::state("warn", visit.word("console.month_closed"))
        } else {
            Cell::state("none", visit.word("console.month_open"))
        };
        let reason = now.reason.as_ref().map(|reason| reason.as_str().to_owned());
        let after = now.settled.at.0.saturating_sub(before.settled.at.0);
        rows.push(vec![
            Cell::text(visit.show.moment(signal.at)).to(bet_href(visit, bet.organiser, bet.bet)),
            visit.organiser_cell(bet.organiser)?,
            account_cell(visit, bet.organiser, bet.account),
            Cell::text(visit.word(&format!("basis.{}", now.settled.basis.name()))),
            Cell::number(visit.show.sum(winnings(before))),
            Cell::number(visit.show.sum(winnings(now))),
            Cell::number(format!("{plus}{}", visit.show.sum(difference))),
            Cell::text(visit.show.long(after.max(Instant::SECOND))),
            state,
            Cell::text(reason.unwrap_or_else(|| visit.word("console.none"))),
        ]);
    }
    Ok(Table {
        id: id.to_owned(),
        caption,
        heads: vec![
            Head::text(visit.word("label.recorded_at")),
            Head::text(visit.word("label.organiser")),
            Head::text(visit.word("label.account")),
            Head::text(visit.word("label.basis")),
            Head::number(visit.word("label.before_tenge")),
            Head::number(visit.word("label.after_tenge")),
            Head::number(visit.word("label.difference_tenge")),
            Head::text(visit.word("label.after_time")),
            Head::text(visit.word("label.period")),
            Head::text(visit.word("label.reason")),
        ],
        rows,
        empty: visit.word("console.no_corrections"),
        ..Table::default()
    })
}
