//! The statement of a bettor's account: movements of its wallet, newest first, with the balance
//! after each.

use journal::kinds::Kind;
use reports::query::PAGE_MAX;
use reports::row::Side;
use reports::{BetQuery, Card, CardKind, Condition, Direction, Field, Operator, SortField};
use store::views::Found;
use terms::number::{parse_account_number, wallet_code};

use super::registers::{bet_href, masked, standing};
use crate::doc::{Block, Cell, Doc, Head, Table};
use crate::visit::{Trouble, Visit};
use crate::web::Answer;

/// Movements of a page.
const PAGE: usize = 50;
/// Bets that are shown below them.
const LAST: usize = 10;

/// The page.
pub fn page(visit: &mut Visit<'_>) -> Result<Answer, Trouble> {
    let missing = || Trouble::Status(404);
    let number = visit.pieces[0].clone();
    let (printed, account) = parse_account_number(&number).ok_or_else(missing)?;
    let card = match visit.views.versions(CardKind::Account, u64::from(account.0))?.pop() {
        Some(Card::Account(card)) if card.organiser.0 % 10_000 == printed.0 => card,
        _ => return Err(missing()),
    };
    if !visit.sees(card.organiser) {
        return Err(missing());
    }
    visit.about = Some(account);
    let before = visit.query.get("before").and_then(|key| key.parse().ok());
    let postings = visit.views.postings(card.wallet, before, PAGE)?;
    let mut rows = Vec::new();
    for row in &postings {
        let Some(side) = row.side(card.wallet) else { continue };
        let (sign, other, balance) = match side {
            Side::In { from, balance_tiyn } => (1, from, balance_tiyn),
            Side::Out { to, balance_tiyn } => (-1, to, balance_tiyn),
        };
        let amount = visit.show.sum(sign * row.amount.get());
        let plus = if sign == 1 { "+" } else { "" };
        let bet = match row.bet_seq {
            Some(seq) => visit.views.bet_at(seq)?,
            None => None,
        };
        // A wallet serves several organisers: of another's bet an organiser sees the sum alone.
        let bet = match bet.filter(|bet| visit.sees(bet.organiser)) {
            Some(bet) => {
                let short = super::registers::short_id(&bet.bet.to_string());
                Cell { code: true, ..Cell::text(short).to(bet_href(visit, bet.organiser, bet.bet)) }
            }
            None => Cell::text(visit.word("console.none")),
        };
        let other = match row.kind {
            Kind::Issue | Kind::Redemption => visit.word("ledger_class.issuer_obligation"),
            Kind::Commission => visit.word("ledger_class.commission"),
            _ => wallet_code(other),
        };
        rows.push(vec![
            Cell::text(visit.show.exact(row.at)),
            Cell::text(visit.word(&format!("posting.{}", row.kind.name()))),
            Cell::code(other),
            Cell::number(format!("{plus}{amount}")),
            Cell::number(visit.show.sum(balance)),
            bet,
            Cell::number(row.seq.to_string()),
        ]);
    }
    let more = postings.last().filter(|_| postings.len() == PAGE);
    let next = more.map(|row| visit.href(&format!("{}?before={}", visit.path, row.key())));
    let first = before.map(|_: u64| visit.href(&visit.path));
    let heads = vec![
        Head::text(visit.word("label.date")),
        Head::text(visit.word("label.operation")),
        Head::text(visit.word("label.other_side")),
        Head::number(visit.word("label.sum_tenge")),
        Head::number(visit.word("label.balance_after")),
        Head::text(visit.word("label.bet")),
        Head::number(visit.word("label.entry")),
    ];
    let movements = Table {
        id: "movements".into(),
        caption: visit.word("console.movements"),
        heads,
        rows,
        empty: visit.word("console.no_rows"),
        next,
        first,
        ..Table::default()
    };
    let balance = postings.first().filter(|_| before.is_none()).and_then(|row| {
        row.side(card.wallet).map(|side| match side {
            Side::In { balance_tiyn, .. } | Side::Out { balance_tiyn, .. } => balance_tiyn,
        })
    });
    let mut blocks = vec![facts(visit, &card, balance)?];
    blocks.push(Block::Table(Box::new(movements)));
    blocks.push(bets(visit, &card, &number)?);
    let title = format!("{} {}", visit.word("label.account"), masked(card.organiser, account));
    visit.page(Doc { title, blocks, ..Doc::default() })
}

fn facts(
    visit: &mut Visit<'_>,
    card: &reports::card::AccountCard,
    balance: Option<i64>,
) -> Result<Block, Trouble> {
    let organiser = visit.organiser_cell(card.organiser)?;
    let number = terms::number::account_number(card.organiser, card.account);
    let closed = match card.closed {
        Some(at) => Cell::state(
            "none",
            format!("{} {}", visit.word("console.closed"), visit.show.moment(at)),
        ),
        None => Cell::state("good", visit.word("console.active")),
    };
    let mut rows = vec![
        (visit.word("label.account"), Cell::code(number)),
        (visit.word("label.organiser"), organiser),
        (visit.word("label.state"), closed),
        (visit.word("label.opened"), Cell::text(visit.show.moment(card.opened))),
        (visit.word("label.wallet"), Cell::code(wallet_code(card.wallet))),
    ];
    if let Some(balance) = balance {
        rows.push((visit.word("label.balance"), Cell::number(visit.show.money(balance))));
    }
    let person = match visit.role() {
        Some(crate::role::Role::Monitoring) => {
            let href = visit.href(&format!("/people/{}", card.person.0));
            Cell::text(format!("№\u{a0}{}", card.person.0)).to(href)
        }
        // Who it is, is told for a ground, where people are behind the console.
        Some(
            crate::role::Role::Operator | crate::role::Role::Gambling | crate::role::Role::Aml,
        ) if visit.house.people.get().is_some() => {
            let href = visit.href(&format!("/persons/{}", card.person.0));
            Cell::text(visit.word("people.masked")).to(href)
        }
        _ => Cell::state("none", visit.word("console.no_names")),
    };
    rows.push((visit.word("label.person"), person));
    Ok(Block::Facts { title: visit.word("console.summary"), rows })
}

/// The newest bets of the account, with or without e-money.
fn bets(
    visit: &mut Visit<'_>,
    card: &reports::card::AccountCard,
    number: &str,
) -> Result<Block, Trouble> {
    let condition = Condition::number(Field::Account, Operator::Is, i64::from(card.account.0));
    let sort = (SortField::At, Direction::Descending);
    let query = BetQuery::new(vec![condition], sort, None, PAGE_MAX);
    let found = match query {
        Ok(query) => visit.views.bets(&query)?,
        Err(_) => Found::Narrow,
    };
    let page = match found {
        Found::Page(page) => page.rows,
        Found::Narrow => Vec::new(),
    };
    let page: Vec<_> = page.into_iter().filter(|row| row.standing.is_stake()).take(LAST).collect();
    let rows = page.iter().map(|row| {
        vec![
            Cell::text(visit.show.moment(row.at)).to(bet_href(visit, row.organiser, row.bet)),
            Cell::text(visit.word(&format!("form.{}", row.form.name()))),
            Cell::number(visit.show.sum(row.amount.get())),
            standing(visit, row),
            Cell::number(visit.show.sum(row.paid.get())),
        ]
    });
    Ok(Block::Table(Box::new(Table {
        id: "bets".into(),
        caption: visit.word("console.last_bets"),
        heads: vec![
            Head::text(visit.word("label.accepted_at")),
            Head::text(visit.word("label.form")),
            Head::number(visit.word("label.sum_tenge")),
            Head::text(visit.word("label.state")),
            Head::number(visit.word("label.paid_tenge")),
        ],
        rows: rows.collect(),
        empty: visit.word("console.no_rows"),
        next: Some(visit.href(&format!("/bets?account={number}"))),
        ..Table::default()
    })))
}
