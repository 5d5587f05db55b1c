//! Patterns that financial monitoring looks for: money that comes in and goes out with little
//! betting, cash that becomes e-money, and bets on opposite outcomes.

use std::collections::BTreeMap;
use std::ops::Range;

use journal::kinds::Kind;
use reports::{
    BetQuery, BetRow, Card, CardKind, Condition, Direction, Field, Operator, Record, SignalKind,
    SortField,
};
use store::views::{Found, Listing, ROWS_MAX, reports::Table as Rows};
use terms::number::wallet_code;
use terms::{Account, Day, Instant, Market, Organiser, Wallet};

use super::registers::{account_cell, bet_href};
use crate::doc::{Block, Cell, Head, Table};
use crate::visit::{Trouble, Visit};

/// Redemptions, and payouts of cash stakes in e-money, that are looked at and listed.
const LOOKED_AT: usize = 50;
/// Movements of a wallet before a redemption that are added up, and over how long.
const MOVEMENTS: usize = 200;
const BEFORE_NS: i64 = 30 * Instant::DAY;
/// Little betting: less than a fifth of what came in.
const LITTLE: i64 = 5;
/// Stakes of a day that are compared with each other.
const STAKES: usize = 2 * ROWS_MAX;

/// What a wallet took in, staked and gave out in the days before a redemption.
struct Flow {
    wallet: Wallet,
    at: Instant,
    redeemed: i64,
    came: i64,
    staked: i64,
}

/// Redemptions of wallets that were topped up and little staked from.
pub fn redemptions(visit: &mut Visit<'_>, days: &Range<Day>) -> Result<Block, Trouble> {
    let listing = Listing { days: days.clone(), ..Listing::newest(LOOKED_AT) };
    let mut rows = Vec::new();
    for signal in visit.views.signals(SignalKind::Redemption, &listing)?.rows {
        let Some(wallet) = signal.wallet else { continue };
        let mut flow = Flow { wallet, at: signal.at, redeemed: signal.value, came: 0, staked: 0 };
        let before = Some(signal.seq.0.saturating_mul(reports::PostingRow::PARTS_MAX));
        for row in visit.views.postings(wallet, before, MOVEMENTS)? {
            if row.at < signal.at.plus(-BEFORE_NS) {
                break;
            }
            match row.kind {
                Kind::Issue => flow.came = flow.came.saturating_add(row.amount.get()),
                Kind::Stake => flow.staked = flow.staked.saturating_add(row.amount.get()),
                _ => {}
            }
        }
        if 0 < flow.came && flow.staked.saturating_mul(LITTLE) < flow.came {
            rows.push(line(visit, &flow)?);
        }
    }
    let heads = vec![
        Head::text(visit.word("label.recorded_at")),
        Head::text(visit.word("label.person_no")),
        Head::text(visit.word("label.wallet")),
        Head::number(visit.word("label.came_tenge")),
        Head::number(visit.word("label.staked_tenge")),
        Head::number(visit.word("label.staked_share")),
        Head::number(visit.word("label.redeemed_tenge")),
    ];
    Ok(Block::Table(Box::new(Table {
        id: "redemptions".into(),
        caption: visit.word("console.redemptions_title"),
        heads,
        rows,
        empty: visit.word("console.no_pattern"),
        ..Table::default()
    })))
}

fn line(visit: &mut Visit<'_>, flow: &Flow) -> Result<Vec<Cell>, Trouble> {
    let owner = match visit.views.versions(CardKind::Wallet, u64::from(flow.wallet.0))?.pop() {
        Some(Card::Wallet(card)) if card.class == journal::kinds::Class::Bettor => {
            let href = visit.href(&format!("/people/{}", card.owner));
            Cell::text(format!("№\u{a0}{}", card.owner)).to(href)
        }
        _ => Cell::text(visit.word("console.none")),
    };
    let share = visit.show.percent(super::sums::share(flow.staked, flow.came));
    Ok(vec![
        Cell::text(visit.show.moment(flow.at)),
        owner,
        Cell::code(wallet_code(flow.wallet)),
        Cell::number(visit.show.sum(flow.came)),
        Cell::number(visit.show.sum(flow.staked)),
        Cell::number(share),
        Cell::number(visit.show.sum(flow.redeemed)),
    ])
}

/// Stakes in cash that were paid out in e-money.
pub fn cash_to_emoney(visit: &mut Visit<'_>, days: &Range<Day>) -> Result<Block, Trouble> {
    let listing = Listing { days: days.clone(), ..Listing::newest(LOOKED_AT) };
    let mut rows = Vec::new();
    for signal in visit.views.signals(SignalKind::CashToEmoney, &listing)?.rows {
        let Some(seq) = signal.bet_seq else { continue };
        let Some(bet) = visit.views.bet_at(seq)? else { continue };
        rows.push(vec![
            Cell::text(visit.show.moment(signal.at)).to(bet_href(visit, bet.organiser, bet.bet)),
            visit.organiser_cell(bet.organiser)?,
            account_cell(visit, bet.organiser, bet.account),
            Cell::number(visit.show.sum(bet.amount.get())),
            Cell::number(visit.show.sum(signal.value)),
        ]);
    }
    Ok(Block::Table(Box::new(Table {
        id: "cash".into(),
        caption: visit.word("console.cash_title"),
        heads: vec![
            Head::text(visit.word("label.paid_at")),
            Head::text(visit.word("label.organiser")),
            Head::text(visit.word("label.account")),
            Head::number(visit.word("label.cash_tenge")),
            Head::number(visit.word("label.e_money_tenge")),
        ],
        rows,
        empty: visit.word("console.no_pattern"),
        ..Table::default()
    })))
}

/// Single bets of one account on different outcomes of one market, on one day.
pub fn opposite(visit: &mut Visit<'_>, day: Day) -> Result<Block, Trouble> {
    let mut pairs: BTreeMap<(Organiser, Account, Market), Vec<BetRow>> = BTreeMap::new();
    for row in of_day(visit, day)? {
        if let ([leg], true) = (&row.legs[..], row.standing.is_stake()) {
            let key = (row.organiser, row.account, leg.outcome.market());
            pairs.entry(key).or_default().push(row);
        }
    }
    let mut rows = Vec::new();
    for ((organiser, account, market), bets) in pairs {
        let Some((one, other)) = differing(&bets) else { continue };
        if LOOKED_AT <= rows.len() {
            break;
        }
        let gap = (other.at.0 - one.at.0).abs();
        let event = visit.event_name(market.event())?;
        rows.push(vec![
            account_cell(visit, organiser, account),
            visit.organiser_cell(organiser)?,
            Cell::text(event).to(visit.href(&format!("/events/{}", market.event().0))),
            side(visit, one)?,
            side(visit, other)?,
            Cell::number(visit.show.percent(cover(one, other))),
            Cell::number(visit.show.long(gap)),
        ]);
    }
    Ok(Block::Table(Box::new(Table {
        id: "opposite".into(),
        caption: visit.word("console.opposite_title"),
        heads: vec![
            Head::text(visit.word("label.account")),
            Head::text(visit.word("label.organiser")),
            Head::text(visit.word("label.event")),
            Head::text(visit.word("label.one_bet")),
            Head::text(visit.word("label.other_bet")),
            Head::number(visit.word("label.cover")),
            Head::number(visit.word("label.between")),
        ],
        rows,
        empty: visit.word("console.no_pattern"),
        ..Table::default()
    })))
}

fn differing(bets: &[BetRow]) -> Option<(&BetRow, &BetRow)> {
    let (one, rest) = bets.split_first()?;
    let other = rest.iter().find(|row| row.legs[0].outcome != one.legs[0].outcome)?;
    Some((one, other))
}

/// Tenths of a per cent of the returns that both bets together ask for: over 100 % the two of them
/// lose money whatever happens, near it they move it.
fn cover(one: &BetRow, other: &BetRow) -> i64 {
    inverse(one.legs[0].odds) + inverse(other.legs[0].odds)
}

fn inverse(odds: terms::Odds) -> i64 {
    10_000_000 / i64::from(odds.get()).max(1)
}

fn side(visit: &mut Visit<'_>, row: &BetRow) -> Result<Cell, Trouble> {
    let outcome = visit.outcome_name(row.legs[0].outcome)?;
    let (sum, odds) = (visit.show.money(row.amount.get()), visit.show.odds(row.legs[0].odds));
    let text = format!("{outcome} · {sum} × {odds}");
    Ok(Cell::text(text).to(bet_href(visit, row.organiser, row.bet)))
}

/// The stakes of a day: at most [`STAKES`], in the order in which they came.
fn of_day(visit: &mut Visit<'_>, day: Day) -> Result<Vec<BetRow>, Trouble> {
    let condition = Condition::number(Field::Day, Operator::Is, i64::from(day.0));
    let sort = (SortField::At, Direction::Ascending);
    let Ok(query) = BetQuery::new(vec![condition], sort, None, 1) else { return Ok(Vec::new()) };
    let first = match visit.views.bets(&query)? {
        Found::Page(page) => page.rows.first().map(|row| row.seq.0),
        Found::Narrow => None,
    };
    let Some(mut from) = first else { return Ok(Vec::new()) };
    let mut rows = Vec::new();
    while rows.len() < STAKES {
        let found = visit.views.scan(Rows::Stakes, from, ROWS_MAX)?;
        let count = found.len();
        for record in found {
            let Record::Bet(row) = record else { continue };
            if day < row.day {
                return Ok(rows);
            }
            from = row.seq.0 + 1;
            rows.push(*row);
        }
        if count < ROWS_MAX {
            break;
        }
    }
    Ok(rows)
}

#[cfg(test)]
mod tests {
    use super::*;
    use terms::{Odds, Outcome};

    #[test]
    fn opposite_bets_are_told_by_their_outcomes() {
        let market = Market::of(terms::Event(7), 0).unwrap();
        let leg = |place, odds| (Outcome::of(market, place).unwrap(), Odds::new(odds).unwrap());
        // Two odds of 2.0 ask for 100 % of the returns, 1.85 and 1.95 for 105.3 %.
        for (one, other, cover) in
            [(leg(0, 20_000), leg(1, 20_000), 1_000), (leg(0, 18_500), leg(1, 19_500), 1_052)]
        {
            assert_eq!(inverse(one.1) + inverse(other.1), cover);
            assert_ne!(one.0, other.0);
        }
    }
}
