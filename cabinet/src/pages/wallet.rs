//! The wallet: its journal of operations (P-34), receipts (P-35), how it is topped up, and with
//! which organisers it serves (R0-12).

use journal::kinds::{Class, Kind};
use reports::{PostingRow, Side};
use site::web::Answer;
use terms::number::{account_number, parse_wallet_code, wallet_code};
use terms::{Account, Day, Seq, Wallet};

use super::fields::select;
use super::money::pocket_facts;
use crate::doc::{Block, Button, Cell, Doc, Form, Link, Row};
use crate::limits::{MOVEMENTS_MAX, PAGE};
use crate::ports::{Field, Pocket, PocketState};
use crate::visit::{Trouble, Visit};

/// Movements of one reading.
const READ: usize = 500;

/// The newest movements of all wallets.
pub fn newest_movements(
    visit: &mut Visit<'_>,
    pockets: &[Pocket],
    count: usize,
) -> Result<Vec<(Wallet, PostingRow)>, Trouble> {
    let mut found = Vec::new();
    for pocket in pockets {
        let rows = visit.views.postings(pocket.wallet, None, count)?;
        found.extend(rows.into_iter().map(|row| (pocket.wallet, row)));
    }
    found.sort_by_key(|(_, row)| std::cmp::Reverse(row.key()));
    found.truncate(count);
    Ok(found)
}

/// A movement: kind, counterparty, when, the sum with its sign, the balance after it.
pub fn movement_row(
    visit: &mut Visit<'_>,
    wallet: Wallet,
    row: &PostingRow,
) -> Result<Row, Trouble> {
    let (plus, tiyn, other, balance) = match row.side(wallet) {
        Some(Side::In { from, balance_tiyn }) => ("+", row.amount.get(), from, balance_tiyn),
        Some(Side::Out { to, balance_tiyn }) => ("", -row.amount.get(), to, balance_tiyn),
        None => return Err(Trouble::Status(404)),
    };
    let other = counterparty(visit, other)?;
    let balance = visit.show.money(balance);
    Ok(Row {
        head: capital(&visit.word(&format!("posting.{}", row.kind.name()))),
        href: visit.href(&format!("/receipts/{}", row.seq)),
        notes: vec![
            other,
            visit.show.moment(row.at),
            visit.say("balance_left", &[("sum", &balance)]),
        ],
        figure: format!("{plus}{}", visit.show.money(tiyn)),
        // A movement in the journal is a movement that was made (P-34).
        state: Some(Cell::state("none", visit.word("money.done"))),
    })
}

/// A word as a heading begins: with a capital.
pub fn capital(word: &str) -> String {
    let mut chars = word.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}

/// Who is on the other side: an organiser by its name, the others by what they are.
fn counterparty(visit: &mut Visit<'_>, wallet: Wallet) -> Result<String, Trouble> {
    let Some(card) = visit.wallet(wallet)? else { return Ok(wallet_code(wallet)) };
    Ok(match card.class {
        Class::Organiser => visit.organiser_name(terms::Organiser(card.owner))?,
        class => visit.word(&format!("ledger_class.{}", class.name())),
    })
}

/// The wallet that the address names, else the first.
fn chosen<'p>(visit: &Visit<'_>, pockets: &'p [Pocket]) -> Option<&'p Pocket> {
    let named = visit.query.get("wallet").and_then(parse_wallet_code);
    let found = pockets.iter().find(|pocket| Some(pocket.wallet) == named);
    found.or(pockets.first())
}

/// The page: what is in the wallet, the month's true balance, and the journal of operations.
pub fn page(visit: &mut Visit<'_>) -> Result<Answer, Trouble> {
    let who = visit.who()?;
    let pockets = visit.house.ports.purse.pockets(&who)?;
    let title = visit.word("wallet.title");
    let Some(pocket) = chosen(visit, &pockets).cloned() else {
        let text = visit.word("wallet.none");
        let link = Link::new(visit.word("need.identify_go"), visit.href("/join"));
        let blocks = vec![Block::Notice { level: "info", text, links: vec![link] }];
        return visit.page(Doc { title, blocks, ..Doc::default() });
    };
    let code = wallet_code(pocket.wallet);
    let today = visit.show.day_of(visit.now);
    let month = visit.query.get("month").and_then(month_of).unwrap_or_else(|| first_of(today));
    let (rows, whole) = movements(visit, pocket.wallet, month)?;
    let mut blocks =
        vec![pocket_facts(visit, &pocket), balance(visit, pocket.wallet, month, &rows)];
    if !whole {
        let text = visit.word("wallet.too_many");
        blocks.push(Block::Notice { level: "info", text, links: Vec::new() });
    }
    let page = visit.query.get("page").and_then(|page| page.parse::<usize>().ok()).unwrap_or(0);
    let shown = rows.iter().skip(page.saturating_mul(PAGE)).take(PAGE);
    let shown: Vec<PostingRow> = shown.copied().collect();
    let of_month = month_value(month);
    let more = (page.saturating_add(1).saturating_mul(PAGE) < rows.len()).then(|| {
        let path = format!("/wallet?wallet={code}&month={of_month}&page={}", page + 1);
        Link::new(visit.word("cabinet.older"), visit.href(&path))
    });
    let listed = shown.iter().map(|row| movement_row(visit, pocket.wallet, row));
    let listed = listed.collect::<Result<_, _>>()?;
    blocks.push(Block::Rows {
        title: visit.word("wallet.journal"),
        rows: listed,
        more,
        empty: visit.word("wallet.no_movements"),
    });
    blocks.push(others(visit, &pockets, &pocket, month));
    if pockets.iter().filter(|pocket| pocket.state != PocketState::Closed).count() < 8 {
        blocks.push(Block::Form(Box::new(Form {
            buttons: vec![Button { text: visit.word("wallet.open"), ..Button::default() }],
            note: visit.word("wallet.open_note"),
            key: "open".into(),
            ..visit.new_form("/wallet/open")?
        })));
    }
    let as_of = Some(visit.as_of(pocket.as_of));
    visit.page(Doc { title, lead: Some(code), as_of, blocks, ..Doc::default() })
}

/// `2026-12` as its first day.
fn month_of(text: &str) -> Option<Day> {
    Day::parse(&format!("{text}-01"))
}

fn month_value(first: Day) -> String {
    let (year, month, _) = first.date();
    format!("{year:04}-{month:02}")
}

fn first_of(day: Day) -> Day {
    let (_, _, date) = day.date();
    Day(day.0 - i32::try_from(date).unwrap_or(1) + 1)
}

/// Movements of a wallet in a month, newest first, and whether these are all.
fn movements(
    visit: &mut Visit<'_>,
    wallet: Wallet,
    month: Day,
) -> Result<(Vec<PostingRow>, bool), Trouble> {
    let next = first_of(Day(month.0.saturating_add(31)));
    let (mut found, mut before, mut read) = (Vec::new(), None, 0);
    loop {
        let rows = visit.views.postings(wallet, before, READ)?;
        for row in &rows {
            let day = visit.show.day_of(row.at);
            if day < month {
                return Ok((found, true));
            }
            if day < next {
                found.push(*row);
            }
        }
        read += rows.len();
        before = rows.last().map(PostingRow::key);
        if rows.len() < READ {
            return Ok((found, true));
        }
        if MOVEMENTS_MAX <= read {
            return Ok((found, false));
        }
    }
}

/// The month's true balance: staked, returned, and the difference, without colour.
fn balance(visit: &Visit<'_>, wallet: Wallet, month: Day, rows: &[PostingRow]) -> Block {
    let sum = |kinds: &[Kind], outwards: bool| -> i64 {
        let wanted = rows.iter().filter(|row| kinds.contains(&row.kind));
        let wanted = wanted.filter(|row| (row.debit == wallet) == outwards);
        wanted.fold(0, |sum: i64, row| sum.saturating_add(row.amount.get()))
    };
    let staked = sum(&[Kind::Stake, Kind::Commission], true);
    let returned = sum(&[Kind::Payout, Kind::StakeRefund], false);
    let money = |tiyn: i64| Cell::text(visit.show.money(tiyn));
    let (year, number, _) = month.date();
    let name = visit.show.month(year, number);
    Block::Facts {
        title: visit.say("month_balance", &[("month", &name)]),
        rows: vec![
            (visit.word("wallet.topped_up"), money(sum(&[Kind::Issue], false))),
            (visit.word("wallet.redeemed"), money(sum(&[Kind::Redemption], true))),
            (visit.word("wallet.staked"), money(staked)),
            (visit.word("wallet.returned"), money(returned)),
            (visit.word("wallet.difference"), money(returned.saturating_sub(staked))),
        ],
    }
}

/// Where else: other wallets, the month before, and what can be done with this one.
fn others(visit: &Visit<'_>, pockets: &[Pocket], pocket: &Pocket, month: Day) -> Block {
    let code = wallet_code(pocket.wallet);
    let before = first_of(Day(month.0 - 1));
    let (year, number, _) = before.date();
    let name = visit.show.month(year, number);
    let path = format!("/wallet?wallet={code}&month={}", month_value(before));
    let mut links = vec![
        Link::new(visit.say("month_before", &[("month", &name)]), visit.href(&path)),
        Link::new(visit.word("money.redeem"), visit.href("/redeem")),
        Link::new(visit.word("money.top_up"), visit.href("/top-up")),
        Link::new(visit.word("cabinet.block"), visit.href("/block")),
        Link::new(visit.word("wallet.accounts"), visit.href("/accounts")),
    ];
    for other in pockets.iter().filter(|other| other.wallet != pocket.wallet) {
        let other = wallet_code(other.wallet);
        let text = visit.say("wallet_of", &[("wallet", &other)]);
        links.push(Link::new(text, visit.href(&format!("/wallet?wallet={other}"))));
    }
    Block::Links { title: String::new(), links }
}

/// Opens a further wallet (R0-12.2).
pub fn open(visit: &mut Visit<'_>) -> Result<Answer, Trouble> {
    let (who, form) = (visit.who()?, visit.form_id()?);
    let wallet = visit.house.ports.purse.open_wallet(&who, form)?;
    let href = visit.href(&format!("/wallet?wallet={}", wallet_code(wallet)));
    Ok(visit.on_to(href))
}

/// The receipt of an operation with its eight fields (P-35, R4-5.4.12).
pub fn receipt(visit: &mut Visit<'_>) -> Result<Answer, Trouble> {
    let seq = visit.pieces.first().and_then(|seq| seq.parse().ok()).map(Seq);
    let (who, seq) = (visit.who()?, seq.ok_or(Trouble::Status(404))?);
    let receipt = visit.house.ports.purse.receipt(&who, seq)?;
    let number = visit.show.number(i64::try_from(receipt.number).unwrap_or(i64::MAX));
    let payee_number = receipt.payee_number.unwrap_or_else(|| visit.word("console.none"));
    let row = |key: &str, cell: Cell| (visit.word(&format!("receipt.{key}")), cell);
    let rows = vec![
        row("sum", Cell::text(visit.show.money(receipt.sum.get()))),
        row("at", Cell::text(visit.show.moment(receipt.at))),
        row("number", Cell::text(number.clone())),
        row("payee", Cell::text(receipt.payee)),
        row("payee_number", Cell::code(payee_number)),
        row("transaction", Cell::code(receipt.transaction)),
        row("wallet", Cell::code(wallet_code(receipt.wallet))),
        row("phones", Cell::text(receipt.phones.join(", "))),
    ];
    let text = visit.word("receipt.print");
    let blocks = vec![
        Block::Facts { title: String::new(), rows },
        Block::Notice { level: "info", text, links: Vec::new() },
    ];
    let title = visit.say("receipt_title", &[("number", &number)]);
    let as_of = Some(visit.as_of(Seq(seq.0.saturating_add(1))));
    visit.page(Doc { title, as_of, blocks, ..Doc::default() })
}

/// How a wallet is topped up.
pub fn top_up(visit: &mut Visit<'_>) -> Result<Answer, Trouble> {
    let who = visit.who()?;
    let pockets = visit.house.ports.purse.pockets(&who)?;
    let ways = visit.house.ports.purse.top_up_ways()?;
    let rows = ways.into_iter().map(|way| Row {
        head: way.name,
        figure: match way.fee {
            Some(fee) => visit.show.money(fee.get()),
            None => visit.word("money.no_fee"),
        },
        ..Row::default()
    });
    let codes = pockets
        .iter()
        .map(|pocket| (visit.word("label.wallet"), Cell::code(wallet_code(pocket.wallet))));
    let words = ["top_up_choose", "top_up_code", "top_up_check", "top_up_own"];
    let items = words.map(|word| visit.word(&format!("money.{word}"))).to_vec();
    let blocks = vec![
        Block::Facts { title: visit.word("money.top_up_to"), rows: codes.collect() },
        Block::Steps { title: visit.word("money.top_up_how"), items },
        Block::Rows {
            title: visit.word("money.top_up_where"),
            rows: rows.collect(),
            more: None,
            empty: visit.word("money.top_up_nowhere"),
        },
    ];
    visit.page(Doc { title: visit.word("money.top_up"), blocks, ..Doc::default() })
}

/// Accounts with organisers, and which wallet serves each (R0-12.1, R0-12.4, S-36).
pub fn accounts(visit: &mut Visit<'_>) -> Result<Answer, Trouble> {
    let who = visit.who()?;
    let pockets = visit.house.ports.purse.pockets(&who)?;
    let open: Vec<&Pocket> =
        pockets.iter().filter(|pocket| pocket.state == PocketState::Open).collect();
    let mut blocks = Vec::new();
    for card in visit.accounts()? {
        let title = visit.organiser_name(card.organiser)?;
        let mut rows = vec![
            (visit.word("label.account"), Cell::code(account_number(card.organiser, card.account))),
            (visit.word("label.wallet"), Cell::code(wallet_code(card.wallet))),
            (visit.word("label.opened"), Cell::text(visit.show.moment(card.opened))),
        ];
        if let Some(closed) = card.closed {
            rows.push((visit.word("label.closed"), Cell::text(visit.show.moment(closed))));
        }
        blocks.push(Block::Facts { title, rows });
        let others: Vec<(String, String)> = open
            .iter()
            .filter(|pocket| pocket.wallet != card.wallet && card.closed.is_none())
            .map(|pocket| wallet_code(pocket.wallet))
            .map(|code| (code.clone(), code))
            .collect();
        if !others.is_empty() {
            blocks.push(Block::Form(Box::new(Form {
                fields: vec![select(visit, Field::Wallet, others)],
                buttons: vec![Button { text: visit.word("wallet.bind"), ..Button::default() }],
                note: visit.word("wallet.bind_note"),
                key: card.account.0.to_string(),
                ..visit.new_form(&format!("/accounts/{}/wallet", card.account.0))?
            })));
        }
    }
    if blocks.is_empty() {
        let text = visit.word("wallet.no_accounts");
        blocks.push(Block::Notice { level: "info", text, links: Vec::new() });
    }
    let title = visit.word("wallet.accounts");
    let (lead, as_of) = (Some(visit.word("wallet.accounts_lead")), Some(visit.as_of(visit.cursor)));
    visit.page(Doc { title, lead, as_of, blocks, ..Doc::default() })
}

/// Binds another wallet to an account (S-36).
pub fn bind(visit: &mut Visit<'_>) -> Result<Answer, Trouble> {
    let account = visit.pieces.first().and_then(|number| number.parse().ok()).map(Account);
    let account = account.ok_or(Trouble::Status(404))?;
    let wallet = visit.form.get(Field::Wallet.name()).and_then(parse_wallet_code);
    let (who, form) = (visit.who()?, visit.form_id()?);
    let wallet = wallet.ok_or(Trouble::Status(400))?;
    // Whose the account is, the house decides: another's is not there.
    visit.house.ports.relation.bind(&who, account, wallet, form)?;
    let href = visit.href("/accounts");
    Ok(visit.on_to(href))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn months_begin_on_their_first_day() {
        for (text, first, next) in [
            ("2026-12", "2026-12-01", "2027-01-01"),
            ("2024-02", "2024-02-01", "2024-03-01"),
            ("2026-01", "2026-01-01", "2026-02-01"),
        ] {
            let month = month_of(text).unwrap();
            assert_eq!(Some(month), Day::parse(first));
            assert_eq!(Some(first_of(Day(month.0 + 31))), Day::parse(next));
            assert_eq!(month_value(month), text);
            assert_eq!(first_of(Day(month.0 + 27)), month);
        }
        assert_eq!(month_of("2026-13"), None);
    }
}
