//! Cases of searching: answers compared with a look at every row.

use ::reports::query::{Direction, PAGE_MAX, Wanted};
use ::reports::{BetQuery, BetRow, Condition, Field, Operator, Record, Side, SortField, Table};
use terms::{Day, Organiser, Seq, Wallet};

use super::{Dice, ViewBed, busy, projected, scan_all};
use crate::Fault;
use crate::views::{Found, Listing, Page, ViewReader};

pub(super) fn bets_of(views: &mut dyn ViewReader) -> Result<Vec<BetRow>, Fault> {
    let rows = scan_all(views, Table::Bets)?;
    Ok(rows
        .into_iter()
        .map(|row| match row {
            Record::Bet(row) => *row,
            Record::Posting(_) | Record::Payout(_) => panic!("a row of another table"),
        })
        .collect())
}

/// All pages of a question.
fn pages(views: &mut dyn ViewReader, query: &BetQuery) -> Result<Vec<Seq>, Fault> {
    let (mut hits, mut query) = (Vec::new(), query.clone());
    loop {
        let Found::Page(page) = views.bets(&query)? else { panic!("few rows are not wide") };
        assert!(page.rows.len() <= query.limit());
        hits.extend(page.rows.iter().map(|row| row.seq));
        match page.next {
            None => return Ok(hits),
            Some(next) => query = query.behind(next),
        }
    }
}

fn expected(rows: &[BetRow], query: &BetQuery) -> Vec<Seq> {
    let mut hits: Vec<&BetRow> = rows.iter().filter(|row| query.matches(row)).collect();
    hits.sort_by_key(|row| query.position(row));
    if query.sort().1 == Direction::Descending {
        hits.reverse();
    }
    hits.into_iter().map(|row| row.seq).collect()
}

/// A condition that a row of the register meets, or nearly.
fn condition(rows: &[BetRow], dice: &mut Dice) -> Condition {
    let row = &rows[dice.below(rows.len() as u64) as usize];
    let fields = Field::ALL;
    let field = fields[dice.below(fields.len() as u64) as usize];
    let operator = Operator::ALL[dice.below(3) as usize];
    let number = match field {
        Field::Id => return Condition::id(row.bet),
        Field::Account => row.account.0.into(),
        Field::Organiser => row.organiser.0.into(),
        Field::Desk => row.desk.0.into(),
        Field::Event => row.legs.last().map_or(0, |leg| leg.event.0.into()),
        Field::Championship => row.legs[0].championship.0.into(),
        Field::Sport => row.legs[0].sport.0.into(),
        Field::At => row.at.0,
        Field::MadeAt => row.made_at.0,
        Field::Day => row.day.0.into(),
        Field::MadeDay => row.made_day.0.into(),
        Field::Amount | Field::Winnings | Field::Outstanding | Field::Claim => row.amount.get(),
        Field::Standing => row.standing.code().into(),
        Field::Form => row.form.code().into(),
        Field::DeskKind => row.desk_kind.code().into(),
        Field::Shape | Field::Result => 1 + dice.below(3) as i64,
        Field::Live | Field::Late | Field::Waiting => dice.below(2) as i64,
        Field::Breach => row.breaches.first().map_or(203, |reason| reason.code().into()),
    };
    Condition { field, operator, wanted: Wanted::Number(number) }
}

pub(super) fn searches(bed: &dyn ViewBed) -> Result<(), Fault> {
    let mut views = projected(bed, &mut busy(7, 900))?;
    let rows = bets_of(&mut *views)?;
    let mut dice = Dice(7);
    let (mut asked, mut found) = (0, 0);
    while asked < 600 {
        let count = dice.below(4);
        let mut conditions: Vec<Condition> =
            (0..count).map(|_| condition(&rows, &mut dice)).collect();
        if dice.below(2) == 0 {
            let day = rows[dice.below(rows.len() as u64) as usize].day.0;
            conditions.push(Condition::number(Field::Day, Operator::From, day.into()));
            let end = i64::from(day) + 1 + dice.below(9) as i64;
            conditions.push(Condition::number(Field::Day, Operator::Before, end));
        }
        let sort = SortField::ALL[dice.below(SortField::ALL.len() as u64) as usize];
        let direction = Direction::ALL[dice.below(2) as usize];
        let limit = 1 + dice.below(PAGE_MAX as u64) as usize;
        // What is not a valid question is another case's matter.
        let Ok(query) = BetQuery::new(conditions, (sort, direction), None, limit) else {
            continue;
        };
        asked += 1;
        let expected = expected(&rows, &query);
        found += expected.len();
        assert_eq!(pages(&mut *views, &query)?, expected, "{query:?}");
    }
    assert!(10_000 < found, "the questions find something: {found}");
    Ok(())
}

/// As many hits as allowed are sorted, one more is told to be narrowed (core 24).
pub(super) fn narrow(bed: &dyn ViewBed) -> Result<(), Fault> {
    let rows = bets_of(&mut *projected(bed, &mut busy(9, 900))?)?;
    let day = |operator, day: Day| Condition::number(Field::Day, operator, i64::from(day.0));
    let (first, last) = (rows[rows.len() / 3].day, rows[rows.len() / 2].day);
    let days = vec![day(Operator::From, first), day(Operator::Before, last)];
    let hits = rows.iter().filter(|row| first <= row.day && row.day < last).count();
    assert!(20 < hits && hits < rows.len() / 2, "{hits}");
    let sorts = [SortField::Standing, SortField::MadeAt, SortField::Winnings];
    let directions = [Direction::Ascending, Direction::Descending];
    for sort in sorts.into_iter().chain([SortField::Outstanding]) {
        for direction in directions {
            let query = |conditions| {
                // Cannot fail: days narrow every question.
                BetQuery::new(conditions, (sort, direction), None, 7).expect("a valid question")
            };
            let (few, all) = (query(days.clone()), query(Vec::new()));
            let mut views = bed.views_with_hits_of(hits)?;
            assert_eq!(pages(&mut *views, &few)?, expected(&rows, &few), "{few:?}");
            assert_eq!(views.bets(&all)?, Found::Narrow);
            drop(views);
            let mut views = bed.views_with_hits_of(hits - 1)?;
            assert_eq!(views.bets(&few)?, Found::Narrow, "{few:?}");
        }
    }
    // In order of an indexed field there may be any number.
    let mut views = bed.views_with_hits_of(1)?;
    for sort in [SortField::At, SortField::Amount, SortField::Id, SortField::Event] {
        let event = Condition::number(Field::Event, Operator::Is, 0);
        for conditions in [Vec::new(), vec![event]] {
            // Cannot fail: an event and nothing at all are valid questions.
            let query = BetQuery::new(conditions, (sort, Direction::Descending), None, 50)
                .expect("a valid question");
            assert_eq!(pages(&mut *views, &query)?, expected(&rows, &query), "{query:?}");
        }
    }
    Ok(())
}

pub(super) fn statements(bed: &dyn ViewBed) -> Result<(), Fault> {
    let mut world = busy(8, 500);
    let mut views = projected(bed, &mut world)?;
    let all = scan_all(&mut *views, Table::Postings)?;
    let wallets = (0..world.bettors()).map(|bettor| world.bettor_wallet(bettor));
    for wallet in wallets.chain([Wallet(0), Wallet(1), Wallet(4)]) {
        let expected: Vec<u64> = all
            .iter()
            .rev()
            .filter_map(|row| match row {
                Record::Posting(row) => row.side(wallet).map(|_| row.key()),
                Record::Bet(_) | Record::Payout(_) => None,
            })
            .collect();
        let (mut rows, mut before) = (Vec::new(), None);
        loop {
            let page = views.postings(wallet, before, 7)?;
            let Some(last) = page.last() else { break };
            before = Some(last.key());
            rows.extend(page);
        }
        let keys: Vec<u64> = rows.iter().map(::reports::PostingRow::key).collect();
        assert_eq!(keys, expected, "wallet {wallet}");
        // Each balance follows from the older one, and each row names it.
        let mut balance = 0;
        let mut previous = None;
        for row in rows.iter().rev() {
            let named = if row.credit == wallet { row.credit_previous } else { row.debit_previous };
            assert_eq!(named, previous, "wallet {wallet}, fact {}", row.seq);
            previous = Some(row.seq);
            balance = match row.side(wallet) {
                Some(Side::In { balance_tiyn, .. }) => {
                    assert_eq!(balance_tiyn, balance + row.amount.get());
                    balance_tiyn
                }
                Some(Side::Out { balance_tiyn, .. }) => {
                    assert_eq!(balance_tiyn, balance - row.amount.get());
                    balance_tiyn
                }
                None => panic!("a movement of another wallet"),
            };
        }
    }
    Ok(())
}

/// All pages of a listing.
fn listed<T>(
    listing: &Listing,
    mut ask: impl FnMut(&Listing) -> Result<Page<T>, Fault>,
) -> Result<Vec<T>, Fault> {
    let (mut rows, mut listing) = (Vec::new(), listing.clone());
    loop {
        let page = ask(&listing)?;
        rows.extend(page.rows);
        match page.next {
            None => return Ok(rows),
            Some(next) => listing.before = next,
        }
    }
}

pub(super) fn listings(bed: &dyn ViewBed) -> Result<(), Fault> {
    let mut views = projected(bed, &mut busy(9, 500))?;
    let all = Listing::newest(crate::views::ROWS_MAX);
    let (payouts, refusals) = (views.payouts(&all)?.rows, views.refusals(&all)?.rows);
    let breaches = views.breaches(&all)?.rows;
    assert!(20 < payouts.len() && 20 < refusals.len() && 20 < breaches.len());
    assert!(payouts.is_sorted_by_key(|row| core::cmp::Reverse(row.seq)));
    let middle = payouts[payouts.len() / 2].day;
    for organiser in [None, Some(Organiser(0)), Some(Organiser(1)), Some(Organiser(9))] {
        for days in [Day(0)..Day(40_000), middle..Day(middle.0 + 2), middle..middle] {
            let listing = Listing { organiser, days: days.clone(), limit: 7, ..all.clone() };
            let of = |other| organiser.is_none_or(|organiser| organiser == other);
            let mut expected = payouts.clone();
            expected.retain(|row| days.contains(&row.day) && of(row.organiser));
            assert_eq!(listed(&listing, |listing| views.payouts(listing))?, expected);
            let mut expected = breaches.clone();
            expected.retain(|row| days.contains(&row.day) && of(row.organiser));
            assert_eq!(listed(&listing, |listing| views.breaches(listing))?, expected);
            let mut expected = refusals.clone();
            expected.retain(|row| {
                let sender = |organiser| row.sender == terms::Sender::Organiser(organiser);
                days.contains(&row.day) && organiser.is_none_or(sender)
            });
            assert_eq!(listed(&listing, |listing| views.refusals(listing))?, expected);
        }
    }
    let account = payouts[0].account;
    let listing = Listing { account: Some(account), limit: 3, ..all.clone() };
    let mut expected = payouts.clone();
    expected.retain(|row| row.account == account);
    assert_eq!(listed(&listing, |listing| views.payouts(listing))?, expected);
    let wide = Listing::newest(crate::views::ROWS_MAX + 1);
    assert!(matches!(views.payouts(&wide), Err(Fault::Refused { .. })));
    Ok(())
}
