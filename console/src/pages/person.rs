//! One person across organisers, by accounts (for financial monitoring): what came in, what was
//! staked, what came back and what went out. The person is a number: names are not here.

use journal::kinds::Kind;
use reports::card::AccountCard;
use reports::{
    BetQuery, BetRow, Card, CardKind, Condition, Direction, Field, Operator, PostingRow, SortField,
};
use store::views::Found;
use terms::number::{account_number, wallet_code};
use terms::{Account, Instant, Person, Wallet};

use super::registers::{account_cell, bet_href, short_id, standing};
use crate::chart::{Lane, Mark, lanes};
use crate::doc::{Block, Cell, Chart, Doc, Head, Table};
use crate::visit::{Trouble, Visit};
use crate::web::Answer;

/// Accounts and wallets of a person, and movements and bets of each that are looked at.
const ACCOUNTS: usize = 50;
const MOVEMENTS: usize = 200;
const BETS: usize = 50;

/// The person of an account.
pub fn of_account(visit: &mut Visit<'_>, account: Account) -> Result<Option<Person>, Trouble> {
    Ok(card_of(visit, account)?.map(|card| card.person))
}

fn card_of(visit: &mut Visit<'_>, account: Account) -> Result<Option<AccountCard>, Trouble> {
    Ok(match visit.views.versions(CardKind::Account, u64::from(account.0))?.pop() {
        Some(Card::Account(card)) => Some(card),
        _ => None,
    })
}

/// The page.
pub fn page(visit: &mut Visit<'_>) -> Result<Answer, Trouble> {
    let missing = || Trouble::Status(404);
    let person = visit.pieces[0].parse().map(Person).map_err(|_| missing())?;
    let mut accounts = Vec::new();
    for card in visit.views.versions(CardKind::Holding, u64::from(person.0))? {
        if let (Card::Holding(held), true) = (card, accounts.len() < ACCOUNTS) {
            accounts.extend(card_of(visit, held.account)?);
        }
    }
    visit.about = Some(accounts.first().ok_or_else(missing)?.account);
    let mut bets = Vec::new();
    for card in &accounts {
        bets.extend(bets_of(visit, card.account)?);
    }
    bets.sort_by_key(|row| std::cmp::Reverse(row.seq));
    let mut wallets: Vec<Wallet> = accounts.iter().map(|card| card.wallet).collect();
    wallets.sort_unstable();
    wallets.dedup();
    let mut movements = Vec::new();
    for wallet in wallets {
        let rows = visit.views.postings(wallet, None, MOVEMENTS)?;
        movements.extend(rows.into_iter().map(|row| (wallet, row)));
    }
    movements.sort_by_key(|(_, row)| std::cmp::Reverse(row.key()));
    let blocks = vec![
        held(visit, &accounts, &bets)?,
        drawing(visit, &accounts, &bets, &movements)?,
        moved(visit, &movements)?,
        staked(visit, &bets)?,
    ];
    let count = visit.show.number(accounts.len() as i64);
    let mut organisers: Vec<_> = accounts.iter().map(|card| card.organiser).collect();
    organisers.dedup();
    let of = visit.show.number(organisers.len() as i64);
    let finding = visit.show.say("person_finding", &[("count", &count), ("of", &of)]);
    let title = format!("{} {}", visit.word("console.person"), person.0);
    visit.page(Doc { title, finding: Some(finding), blocks, ..Doc::default() })
}

fn bets_of(visit: &mut Visit<'_>, account: Account) -> Result<Vec<BetRow>, Trouble> {
    let condition = Condition::number(Field::Account, Operator::Is, i64::from(account.0));
    let sort = (SortField::At, Direction::Descending);
    let Ok(query) = BetQuery::new(vec![condition], sort, None, BETS) else { return Ok(Vec::new()) };
    Ok(match visit.views.bets(&query)? {
        Found::Page(page) => page.rows.into_iter().filter(|row| row.standing.is_stake()).collect(),
        Found::Narrow => Vec::new(),
    })
}

fn held(
    visit: &mut Visit<'_>,
    accounts: &[AccountCard],
    bets: &[BetRow],
) -> Result<Block, Trouble> {
    let mut rows = Vec::new();
    for card in accounts {
        let own = bets.iter().filter(|row| row.account == card.account);
        let sum: i64 = own.clone().map(|row| row.amount.get()).sum();
        let paid: i64 = own.clone().map(|row| row.paid.get()).sum();
        let state = match card.closed {
            Some(at) => Cell::state("none", visit.show.moment(at)),
            None => Cell::state("good", visit.word("console.active")),
        };
        rows.push(vec![
            account_cell(visit, card.organiser, card.account),
            visit.organiser_cell(card.organiser)?,
            Cell::code(wallet_code(card.wallet)),
            Cell::text(visit.show.moment(card.opened)),
            state,
            Cell::number(visit.show.number(own.count() as i64)),
            Cell::number(visit.show.sum(sum)),
            Cell::number(visit.show.sum(paid)),
        ]);
    }
    Ok(Block::Table(Box::new(Table {
        id: "accounts".into(),
        caption: visit.word("console.accounts_caption"),
        heads: vec![
            Head::text(visit.word("label.account")),
            Head::text(visit.word("label.organiser")),
            Head::text(visit.word("label.wallet")),
            Head::text(visit.word("label.opened")),
            Head::text(visit.word("label.state")),
            Head::number(visit.word("label.stakes")),
            Head::number(visit.word("label.sum_tenge")),
            Head::number(visit.word("label.paid_tenge")),
        ],
        rows,
        ..Table::default()
    })))
}

/// A lane for each organiser, and one for money from and to outside.
fn drawing(
    visit: &mut Visit<'_>,
    accounts: &[AccountCard],
    bets: &[BetRow],
    movements: &[(Wallet, PostingRow)],
) -> Result<Block, Trouble> {
    let times = bets.iter().map(|row| row.at).chain(movements.iter().map(|(_, row)| row.at));
    let (first, last) = (times.clone().min(), times.max());
    let ends = first.zip(last);
    let place = |at: Instant| match ends {
        Some((first, last)) if first < last => {
            let part = i128::from(at.0 - first.0) * 1_000 / i128::from(last.0 - first.0);
            i64::try_from(part).unwrap_or(0)
        }
        _ => 500,
    };
    let title = |visit: &Visit<'_>, word: &str, at: Instant, tiyn: i64| {
        format!("{}: {}, {}", visit.word(word), visit.show.money(tiyn), visit.show.moment(at))
    };
    let mut rows: Vec<Lane> = Vec::new();
    let outside = movements.iter().filter_map(|(_, row)| {
        let (mark, word) = match row.kind {
            Kind::Issue => (Mark::TopUp, "posting.issue"),
            Kind::Redemption => (Mark::Redemption, "posting.redemption"),
            _ => return None,
        };
        Some((place(row.at), mark, title(visit, word, row.at, row.amount.get())))
    });
    rows.push((visit.word("console.outside"), outside.collect()));
    for card in accounts {
        let own = bets.iter().filter(|row| row.account == card.account);
        let mut marks = Vec::new();
        for row in own {
            let told = title(visit, "posting.stake", row.at, row.amount.get());
            marks.push((place(row.at), Mark::Stake, told));
            if let Some(settled) = row.settlement.as_deref().filter(|_| !row.paid.is_zero()) {
                let told = title(visit, "posting.payout", settled.at, row.paid.get());
                marks.push((place(settled.at), Mark::Payout, told));
            }
        }
        rows.push((visit.organiser_name(card.organiser)?, marks));
    }
    let edge = |at: Option<Instant>| at.map_or_else(String::new, |at| visit.show.moment(at));
    let name = visit.word("console.lanes_title");
    let svg = lanes(&rows, (&edge(first), &edge(last)), &name);
    let table = Table {
        id: "lanes".into(),
        caption: name.clone(),
        heads: vec![
            Head::text(visit.word("label.organiser")),
            Head::number(visit.word("label.count")),
        ],
        rows: rows
            .iter()
            .map(|(name, marks)| {
                let count = visit.show.number(marks.len() as i64);
                vec![Cell::text(name.clone()), Cell::number(count)]
            })
            .collect(),
        ..Table::default()
    };
    let subtitle = visit.word("console.lanes_subtitle");
    Ok(Block::Chart(Box::new(Chart { title: name, subtitle, svg, table, wide: true })))
}

fn moved(visit: &mut Visit<'_>, movements: &[(Wallet, PostingRow)]) -> Result<Block, Trouble> {
    let mut rows = Vec::new();
    for (wallet, row) in movements.iter().take(BETS) {
        let (sign, balance) = match row.side(*wallet) {
            Some(reports::Side::In { balance_tiyn, .. }) => ("+", balance_tiyn),
            Some(reports::Side::Out { balance_tiyn, .. }) => ("−", balance_tiyn),
            None => continue,
        };
        rows.push(vec![
            Cell::text(visit.show.exact(row.at)),
            Cell::text(visit.word(&format!("posting.{}", row.kind.name()))),
            Cell::number(format!("{sign}{}", visit.show.sum(row.amount.get()))),
            Cell::number(visit.show.sum(balance)),
            Cell::number(row.seq.to_string()),
        ]);
    }
    Ok(Block::Table(Box::new(Table {
        id: "movements".into(),
        caption: visit.word("console.movements"),
        heads: vec![
            Head::text(visit.word("label.date")),
            Head::text(visit.word("label.operation")),
            Head::number(visit.word("label.sum_tenge")),
            Head::number(visit.word("label.balance_after")),
            Head::number(visit.word("label.entry")),
        ],
        rows,
        empty: visit.word("console.no_rows"),
        ..Table::default()
    })))
}

fn staked(visit: &mut Visit<'_>, bets: &[BetRow]) -> Result<Block, Trouble> {
    let mut rows = Vec::new();
    for row in bets.iter().take(BETS) {
        let number = account_number(row.organiser, row.account);
        let href = bet_href(visit, row.organiser, row.bet);
        rows.push(vec![
            Cell::text(visit.show.moment(row.at)).to(href),
            visit.organiser_cell(row.organiser)?,
            Cell::code(format!("•••• {}", &number[12..])),
            Cell::text(visit.word(&format!("form.{}", row.form.name()))),
            Cell::number(visit.show.sum(row.amount.get())),
            standing(visit, row),
            Cell::number(visit.show.sum(row.paid.get())),
            Cell::code(short_id(&row.bet.to_string())),
        ]);
    }
    Ok(Block::Table(Box::new(Table {
        id: "bets".into(),
        caption: visit.word("console.last_bets"),
        heads: vec![
            Head::text(visit.word("label.accepted_at")),
            Head::text(visit.word("label.organiser")),
            Head::text(visit.word("label.account")),
            Head::text(visit.word("label.form")),
            Head::number(visit.word("label.sum_tenge")),
            Head::text(visit.word("label.state")),
            Head::number(visit.word("label.paid_tenge")),
            Head::text(visit.word("label.bet")),
        ],
        rows,
        empty: visit.word("console.no_rows"),
        ..Table::default()
    })))
}
