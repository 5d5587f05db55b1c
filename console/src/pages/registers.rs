//! The registers: stakes (P-01), bets (P-02), payouts (P-07), desks (P-12), refusals, breaches.

use journal::kinds::{BetOutcome, Form};
use reports::{BetQuery, BetRow, Direction, Partition, PayoutRow, Position, Standing};
use store::views::{BetPage, Found, Listing, MAX_SEQ};
use terms::number::{account_number, parse_account_number};
use terms::{Account, Day, DeskNo, Organiser, Sender, Seq};

use super::filter::{self, Asked};
use super::queries;
use super::sums::{self, Wanted};
use crate::doc::{Block, Cell, Doc, Head, Table};
use crate::role::Role;
use crate::visit::{Trouble, Visit};
use crate::web::Answer;

/// Rows of a page.
const PAGE: usize = reports::query::PAGE_MAX;
/// How often a page from which holds were left out is filled up; one in seven stakes was a hold.
const FILLINGS: usize = 4;

/// The register of accepted stakes.
pub fn stakes(visit: &mut Visit<'_>) -> Result<Answer, Trouble> {
    of_bets(visit, Register::Stakes)
}

/// The register of bets.
pub fn bets(visit: &mut Visit<'_>) -> Result<Answer, Trouble> {
    of_bets(visit, Register::Bets)
}

/// A register that is taken out and printed.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Register {
    Stakes,
    Bets,
    Payouts,
}

/// The columns of a register: the word, whether numbers stand under it, what it is sorted by.
pub const fn columns(register: Register) -> &'static [(&'static str, bool, Option<&'static str>)] {
    match register {
        Register::Stakes => &[
            ("label.accepted_at", false, Some("at")),
            ("label.organiser", false, None),
            ("label.desk", false, None),
            ("label.desk_kind", false, None),
            ("label.account", false, None),
            ("label.sum_tenge", true, Some("sum")),
            ("label.form", false, None),
            ("label.state", false, None),
            ("label.bet", false, None),
        ],
        Register::Bets => &[
            ("label.made_at", false, Some("at")),
            ("label.organiser", false, None),
            ("label.account", false, None),
            ("label.legs", false, None),
            ("label.total_odds", true, None),
            ("label.sum_tenge", true, Some("sum")),
            ("label.result", false, None),
            ("label.winnings_tenge", true, Some("winnings")),
            ("label.refund_tenge", true, None),
            ("label.settled_at", false, None),
        ],
        Register::Payouts => &[
            ("label.paid_at", false, None),
            ("label.organiser", false, None),
            ("label.desk", false, None),
            ("label.account", false, None),
            ("label.form", false, None),
            ("label.sum_tenge", true, None),
            ("label.of_which_refund", true, None),
            ("label.bet", false, None),
        ],
    }
}

/// A row of the registers of stakes and bets.
pub fn line(visit: &mut Visit<'_>, register: Register, row: &BetRow) -> Result<Vec<Cell>, Trouble> {
    match register {
        Register::Stakes | Register::Payouts => stake_line(visit, row),
        Register::Bets => bet_line(visit, row),
    }
}

fn of_bets(visit: &mut Visit<'_>, register: Register) -> Result<Answer, Trouble> {
    let pairs = visit.query.clone();
    let asked = filter::read(visit, &pairs);
    visit.about = pairs.get("account").and_then(parse_account_number).map(|(_, found)| found);
    let title = visit.word(match register {
        Register::Stakes | Register::Payouts => "nav.stakes",
        Register::Bets => "nav.bets",
    });
    let form = filter::form(visit, &asked)?;
    let mut blocks = vec![Block::Filter(Box::new(form))];
    let found = match &asked.query {
        Some(query) => Some(visit.views.bets(query)?),
        None => None,
    };
    match found {
        // What is wrong stands above the form.
        None => blocks.push(Block::Notice {
            level: "info",
            text: visit.word("console.nothing_asked"),
            links: ready(visit),
        }),
        Some(Found::Narrow) => blocks.push(Block::Notice {
            level: "info",
            text: visit.word("console.narrow"),
            links: ready(visit),
        }),
        Some(Found::Page(page)) => {
            // Holds are no stakes: they stand here if they are asked for by their state.
            let stakes = pairs.get("state").is_none();
            let (rows, next) = match &asked.query {
                Some(query) if stakes => only_stakes(visit, query, page)?,
                _ => (page.rows, page.next),
            };
            let next = next.map(|next| pairs.with("after", &next.to_string()));
            blocks.push(table(visit, register, &asked, &rows, next)?);
            let name = if register == Register::Stakes { "stakes" } else { "bets" };
            blocks.extend([export(visit, name), queries::form(visit)]);
        }
    }
    visit.page(Doc { title, blocks, ..Doc::default() })
}

/// A page of stakes: the places of holds are filled with what comes behind.
fn only_stakes(
    visit: &mut Visit<'_>,
    query: &BetQuery,
    page: BetPage,
) -> Result<(Vec<BetRow>, Option<Position>), Trouble> {
    let BetPage { mut rows, mut next, .. } = page;
    rows.retain(|row| row.standing.is_stake());
    for _ in 0..FILLINGS {
        let Some(at) = next.filter(|_| rows.len() < PAGE) else { break };
        let more = query.behind(at).shorter(PAGE - rows.len());
        let Found::Page(more) = visit.views.bets(&more)? else { break };
        rows.extend(more.rows.into_iter().filter(|row| row.standing.is_stake()));
        next = more.next;
    }
    Ok((rows, next))
}

/// Links that narrow: the last days, and an organiser.
fn ready(visit: &Visit<'_>) -> Vec<(String, String)> {
    let today = visit.today();
    let link = |word: &str, from: Day, to: Day| {
        let pairs = visit.query.without("after").with("from", &from.to_string());
        let address = filter::canonical(&pairs.with("to", &to.to_string())).address();
        (visit.word(word), visit.href(&format!("{}{address}", visit.path)))
    };
    vec![
        link("console.today", today, today),
        link("console.yesterday", Day(today.0 - 1), Day(today.0 - 1)),
        link("console.week", Day(today.0 - 6), today),
    ]
}

fn table(
    visit: &mut Visit<'_>,
    register: Register,
    asked: &Asked,
    rows: &[BetRow],
    next: Option<crate::web::Pairs>,
) -> Result<Block, Trouble> {
    let heads = columns(register)
        .iter()
        .map(|(key, number, sort)| head(visit, asked, visit.word(key), *number, *sort));
    let heads: Vec<Head> = heads.collect();
    let mut lines = Vec::new();
    for row in rows {
        lines.push(line(visit, register, row)?);
    }
    let total = total(visit, register, asked)?;
    let first = visit.query.get("after").is_some();
    let path = visit.path.clone();
    let address = |pairs: &crate::web::Pairs| format!("{path}{}", pairs.address());
    let next = next.map(|pairs| {
        let after = pairs.get("after").unwrap_or_default().to_owned();
        visit.href(&address(&filter::canonical(&pairs).with("after", &after)))
    });
    let first = first.then(|| visit.href(&address(&filter::canonical(&visit.query))));
    let pairs = visit.query.clone();
    let words = filter::in_words(visit, &pairs)?;
    let name = visit.word(match register {
        Register::Stakes | Register::Payouts => "console.register_stakes",
        Register::Bets => "console.register_bets",
    });
    Ok(Block::Table(Box::new(Table {
        id: "register".into(),
        caption: format!("{name} · {words}"),
        heads,
        total,
        rows: lines,
        empty: visit.word("console.no_rows"),
        next,
        first,
    })))
}

fn head(visit: &Visit<'_>, asked: &Asked, text: String, number: bool, sort: Option<&str>) -> Head {
    let Some(sort) = sort else { return Head { text, number, ..Head::default() } };
    let (sorted, order) = match (asked.sort.0 == sort, asked.sort.1) {
        (true, Direction::Descending) => (Some("descending"), "asc"),
        (true, Direction::Ascending) => (Some("ascending"), ""),
        (false, _) => (None, ""),
    };
    let pairs = filter::canonical(&visit.query.with("sort", sort).with("order", order));
    let link = visit.href(&format!("{}{}", visit.path, pairs.address()));
    Head { text, number, sort: Some(link), sorted }
}

/// The sums of all hits, where roll-ups tell them.
fn total(
    visit: &mut Visit<'_>,
    register: Register,
    asked: &Asked,
) -> Result<Option<Vec<Cell>>, Trouble> {
    if !asked.sums {
        return Ok(None);
    }
    let Some(query) = &asked.query else { return Ok(None) };
    let (from, to) = query.range(reports::Field::Day);
    let edge = |number: Option<i64>, other| {
        number.map_or(Day(other), |number| Day(i32::try_from(number).unwrap_or(other)))
    };
    let days = edge(from, i32::MIN)..edge(to, i32::MAX);
    let wanted = Wanted::read(visit, &visit.query);
    let found = sums::by(visit, Partition::Recorded, days, &wanted, |_| ())?;
    let sum = sums::total(found.into_values());
    let count = visit.show.number(sum.stakes);
    let all = Cell::text(visit.show.say("total_of", &[("count", &count)]));
    let money = |tiyn: i64| Cell::number(visit.show.sum(tiyn));
    let none = || Cell::text("");
    Ok(Some(match register {
        Register::Stakes | Register::Payouts => {
            let staked = money(sum.staked_tiyn);
            vec![all, none(), none(), none(), none(), staked, none(), none(), none()]
        }
        // Results of a day's stakes come on later days, so that roll-ups by day tell the stakes
        // alone.
        Register::Bets => {
            let staked = money(sum.staked_tiyn);
            vec![all, none(), none(), none(), none(), staked, none(), none(), none(), none()]
        }
    }))
}

/// The address of a bet.
pub fn bet_href(visit: &Visit<'_>, organiser: Organiser, bet: terms::BetId) -> String {
    visit.href(&format!("/bets/{}/{bet}", organiser.0))
}

/// A cell with an account's number that leads to its statement.
pub fn account_cell(visit: &Visit<'_>, organiser: Organiser, account: Account) -> Cell {
    let number = account_number(organiser, account);
    let grouped =
        format!("{} {} {} {}", &number[..4], &number[4..8], &number[8..12], &number[12..]);
    Cell { code: true, ..Cell::text(grouped).to(visit.href(&format!("/accounts/{number}"))) }
}

/// The last four digits of an account's number.
pub fn masked(organiser: Organiser, account: Account) -> String {
    format!("•••• {}", &account_number(organiser, account)[12..])
}

/// The state of a row in its shape, word and colour.
pub fn standing(visit: &Visit<'_>, row: &BetRow) -> Cell {
    let word = |name: &str| visit.word(&format!("standing.{name}"));
    if row.waiting {
        return Cell::state("warn", visit.word("label.waiting_funds"));
    }
    let state = match row.standing {
        Standing::Held | Standing::Open => "wait",
        Standing::Settled => "good",
        Standing::Released | Standing::Expired | Standing::Confirmed => "none",
    };
    Cell::state(state, word(row.standing.name()))
}

fn stake_line(visit: &mut Visit<'_>, row: &BetRow) -> Result<Vec<Cell>, Trouble> {
    let href = bet_href(visit, row.organiser, row.bet);
    let mut at = visit.show.moment(row.at);
    if row.late {
        at = format!("{at} · {}", visit.word("label.late"));
    }
    Ok(vec![
        Cell::text(at).to(href.clone()),
        visit.organiser_cell(row.organiser)?,
        desk_cell(visit, row.organiser, row.desk),
        Cell::text(visit.word(&format!("desk_kind_short.{}", row.desk_kind.name()))),
        account_cell(visit, row.organiser, row.account),
        Cell::number(visit.show.sum(row.amount.get())),
        Cell::text(visit.word(&format!("form.{}", row.form.name()))),
        standing(visit, row),
        Cell { code: true, ..Cell::text(short_id(&row.bet.to_string())).to(href) },
    ])
}

/// The end of an id, which differs where its beginning, the time, does not.
pub fn short_id(id: &str) -> String {
    format!("…{}", id.get(id.len().saturating_sub(8)..).unwrap_or(id))
}

fn desk_cell(visit: &Visit<'_>, organiser: Organiser, desk: DeskNo) -> Cell {
    let address = format!("/desks?organiser={}&desk={}", organiser.0, desk.0);
    Cell::text(format!("№\u{a0}{}", desk.0)).to(visit.href(&address))
}

fn bet_line(visit: &mut Visit<'_>, row: &BetRow) -> Result<Vec<Cell>, Trouble> {
    let legs = match row.legs.len() {
        1 => visit.word("shape.single"),
        count => {
            let shape =
                visit.word(&format!("shape.{}", reports::ShapeKind::from(row.shape).name()));
            format!("{shape} × {count}")
        }
    };
    let odds = match row.legs.first() {
        Some(leg) if row.legs.len() == 1 => Cell::number(visit.show.odds(leg.odds)),
        _ => Cell::number("…".to_owned()),
    };
    let (result, winnings, refund, settled) = match &row.settlement {
        Some(settled) => {
            let state = match settled.result {
                BetOutcome::Win => "good",
                BetOutcome::Loss | BetOutcome::Refund => "none",
            };
            (
                Cell::state(state, visit.word(&format!("result.{}", settled.result.name()))),
                Cell::number(visit.show.sum(settled.winnings().get())),
                Cell::number(visit.show.sum(settled.refund.get())),
                Cell::text(visit.show.moment(settled.at)),
            )
        }
        None => {
            let not = visit.word("console.not_yet");
            (standing(visit, row), Cell::number("–"), Cell::number("–"), Cell::text(not))
        }
    };
    Ok(vec![
        Cell::text(visit.show.moment(row.made_at)).to(bet_href(visit, row.organiser, row.bet)),
        visit.organiser_cell(row.organiser)?,
        account_cell(visit, row.organiser, row.account),
        Cell::text(legs),
        odds,
        Cell::number(visit.show.sum(row.amount.get())),
        result,
        winnings,
        refund,
        settled,
    ])
}

/// The question of an address to the registers of payouts, refusals and breaches.
pub fn listing(visit: &Visit<'_>, pairs: &crate::web::Pairs, limit: usize) -> Listing {
    let day = |name: &str| pairs.get(name).and_then(Day::parse);
    let organiser = pairs.get("organiser").and_then(|number| number.parse().ok());
    let account = pairs.get("account").and_then(parse_account_number).map(|(_, found)| found);
    let before = pairs.get("before").and_then(|seq| seq.parse().ok()).unwrap_or(MAX_SEQ);
    Listing {
        organiser: visit.scope().or(organiser.map(Organiser)),
        account,
        days: day("from").unwrap_or(Day(i32::MIN))
            ..day("to").map_or(Day(i32::MAX), |day| Day(day.0 + 1)),
        before: Seq(before.min(MAX_SEQ)),
        limit,
    }
}

/// The form of these registers: days, organiser, account.
pub fn listing_form(visit: &mut Visit<'_>, names: &[&str]) -> Result<Block, Trouble> {
    let asked =
        Asked { query: None, errors: Vec::new(), sort: ("at", Direction::Descending), sums: false };
    let mut form = filter::form(visit, &asked)?;
    form.fields.retain(|field| names.contains(&field.name.as_str()));
    Ok(Block::Filter(Box::new(form)))
}

pub fn behind(visit: &Visit<'_>, next: Option<Seq>) -> (Option<String>, Option<String>) {
    let here = filter::canonical(&visit.query);
    let path = |pairs: &crate::web::Pairs| format!("{}{}", visit.path, pairs.address());
    let next = next.map(|seq| visit.href(&path(&here.with("before", &seq.to_string()))));
    let first = visit.query.get("before").map(|_| visit.href(&path(&here)));
    (next, first)
}

/// The register of payouts.
pub fn payouts(visit: &mut Visit<'_>) -> Result<Answer, Trouble> {
    let pairs = visit.query.clone();
    let listing = listing(visit, &pairs, PAGE);
    visit.about = listing.account;
    let mut blocks = vec![listing_form(visit, &["from", "to", "organiser", "account"])?];
    let page = visit.views.payouts(&listing)?;
    let mut rows = Vec::new();
    for row in &page.rows {
        rows.push(payout_line(visit, row)?);
    }
    let heads = columns(Register::Payouts).iter();
    let heads = heads.map(|column| Head {
        text: visit.word(column.0),
        number: column.1,
        ..Head::default()
    });
    let heads: Vec<Head> = heads.collect();
    let total = match listing.account {
        Some(_) => None,
        None => {
            let wanted = Wanted { organiser: listing.organiser, ..Wanted::default() };
            let found =
                sums::by(visit, Partition::Recorded, listing.days.clone(), &wanted, |_| ())?;
            let sum = sums::total(found.into_values());
            let count = visit.show.number(sum.payouts);
            let all = Cell::text(visit.show.say("total_of", &[("count", &count)]));
            let (paid, none) = (Cell::number(visit.show.sum(sum.paid_tiyn)), || Cell::text(""));
            Some(vec![all, none(), none(), none(), none(), paid, none(), none()])
        }
    };
    let (next, first) = behind(visit, page.next);
    let words = filter::in_words(visit, &pairs)?;
    blocks.push(Block::Table(Box::new(Table {
        id: "register".into(),
        caption: format!("{} · {words}", visit.word("console.register_payouts")),
        heads,
        total,
        rows,
        empty: visit.word("console.no_rows"),
        next,
        first,
    })));
    blocks.extend([export(visit, "payouts"), queries::form(visit)]);
    let title = visit.word("nav.payouts");
    visit.page(Doc { title, blocks, ..Doc::default() })
}

pub fn payout_line(visit: &mut Visit<'_>, row: &PayoutRow) -> Result<Vec<Cell>, Trouble> {
    let mut at = visit.show.moment(row.paid_at);
    if row.late {
        at = format!("{at} · {}", visit.word("label.late"));
    }
    let href = bet_href(visit, row.organiser, row.bet);
    Ok(vec![
        Cell::text(at).to(href.clone()),
        visit.organiser_cell(row.organiser)?,
        desk_cell(visit, row.organiser, row.desk),
        account_cell(visit, row.organiser, row.account),
        Cell::text(visit.word(&format!("form.{}", row.form.name()))),
        Cell::number(visit.show.sum(row.amount.get())),
        Cell::number(visit.show.sum(row.refund.get())),
        Cell { code: true, ..Cell::text(short_id(&row.bet.to_string())).to(href) },
    ])
}

/// The form that takes rows out, with the question of the page.
pub fn export(visit: &Visit<'_>, table: &str) -> Block {
    let fields = filter::canonical(&visit.query);
    let fields = fields.iter().map(|(name, value)| (name.to_owned(), value.to_owned()));
    Block::Export {
        action: visit.href(&format!("/export/{table}")),
        print: visit.href(&format!("/print/{table}")),
        fields: fields.collect(),
    }
}

/// The register of desks with what passed over each.
pub fn desks(visit: &mut Visit<'_>) -> Result<Answer, Trouble> {
    let pairs = visit.query.clone();
    let organiser = pairs.get("organiser").and_then(|number| number.parse().ok()).map(Organiser);
    let wanted = visit.scope().or(organiser);
    let one = pairs.get("desk").and_then(|number| number.parse().ok()).map(DeskNo);
    let from: usize = pairs.get("skip").and_then(|number| number.parse().ok()).unwrap_or(0);
    let mut desks = visit.desks(wanted)?;
    desks.retain(|card| one.is_none_or(|one| one == card.desk));
    let today = visit.today();
    let active = |card: &reports::card::DeskCard| {
        card.from <= today && card.closed_from.is_none_or(|closed| today < closed)
    };
    let count = visit.show.number(desks.iter().filter(|card| active(card)).count() as i64);
    let finding = visit.show.say("desks_active", &[("count", &count)]);
    let mut rows = Vec::new();
    let shown: Vec<_> = desks.iter().skip(from).take(PAGE).cloned().collect();
    for card in &shown {
        let state = if active(card) {
            Cell::state("good", visit.word("console.active"))
        } else {
            Cell::state("none", visit.word("console.closed"))
        };
        let stakes =
            visit.href(&format!("/stakes?organiser={}&desk={}", card.organiser.0, card.desk.0));
        let closed =
            card.closed_from.map_or_else(|| visit.word("console.none"), |day| visit.show.day(day));
        rows.push(vec![
            Cell::text(format!("№\u{a0}{}", card.desk.0)).to(stakes),
            visit.organiser_cell(card.organiser)?,
            Cell::text(visit.word(&format!("desk_kind.{}", card.kind.name()))),
            Cell::text(card.place.as_str()),
            Cell::text(visit.show.day(card.from)),
            Cell::text(closed),
            state,
        ]);
    }
    let here = |skip: usize| {
        let pairs = pairs.with("skip", &skip.to_string());
        visit.href(&format!("{}{}", visit.path, pairs.address()))
    };
    let next = (from + PAGE < desks.len()).then(|| here(from + PAGE));
    let first = (0 < from).then(|| here(0));
    let table = Table {
        id: "register".into(),
        caption: visit.word("console.register_desks"),
        heads: [
            "label.desk",
            "label.organiser",
            "label.desk_kind",
            "label.place",
            "label.opened",
            "label.closed",
            "label.state",
        ]
        .map(|key| Head::text(visit.word(key)))
        .to_vec(),
        rows,
        empty: visit.word("console.no_rows"),
        next,
        first,
        ..Table::default()
    };
    let blocks = vec![listing_form(visit, &["organiser"])?, Block::Table(Box::new(table))];
    let title = visit.word("nav.desks");
    visit.page(Doc { title, finding: Some(finding), blocks, ..Doc::default() })
}

/// The register of refusals; persons are masked (domain 3).
pub fn refusals(visit: &mut Visit<'_>) -> Result<Answer, Trouble> {
    let pairs = visit.query.clone();
    let listing = listing(visit, &pairs, PAGE);
    visit.about = listing.account;
    let page = visit.views.refusals(&listing)?;
    let mut rows = Vec::new();
    for row in &page.rows {
        let organiser = match row.sender {
            Sender::Organiser(organiser) => Some(organiser),
            Sender::Operator | Sender::System | Sender::Bettor => None,
        };
        let who = match organiser {
            Some(organiser) => visit.organiser_cell(organiser)?,
            None => Cell::text(visit.word(match row.sender {
                Sender::Bettor => "console.bettor",
                _ => "role.operator",
            })),
        };
        let reason = visit.reason(row.reason);
        let account = match (organiser, row.account) {
            (Some(organiser), Some(account)) => {
                let cell = Cell::code(masked(organiser, account));
                let opens = reason == row.reason && visit.role() != Some(Role::Organiser);
                let href = visit.href(&format!("/unmask/{}", row.seq));
                if opens { cell.to(href) } else { cell }
            }
            _ => Cell::text(visit.word("console.none")),
        };
        rows.push(vec![
            Cell::text(visit.show.moment(row.at)),
            who,
            account,
            Cell::text(visit.reason_short(row.reason)),
            Cell::text(reason.clause()),
            Cell::text(visit.word(if row.report { "console.report" } else { "console.request" })),
            Cell::number(visit.show.number(i64::try_from(row.count).unwrap_or(i64::MAX))),
            Cell::number(row.seq.to_string()),
        ]);
    }
    let (next, first) = behind(visit, page.next);
    let table = Table {
        id: "register".into(),
        caption: visit.word("console.register_refusals"),
        heads: vec![
            Head::text(visit.word("label.accepted_at")),
            Head::text(visit.word("label.sender")),
            Head::text(visit.word("label.account")),
            Head::text(visit.word("label.reason")),
            Head::text(visit.word("label.clause")),
            Head::text(visit.word("label.kind")),
            Head::number(visit.word("label.count")),
            Head::number(visit.word("label.entry")),
        ],
        rows,
        empty: visit.word("console.no_rows"),
        next,
        first,
        ..Table::default()
    };
    let form = listing_form(visit, &["from", "to", "organiser", "account"])?;
    let title = visit.word("nav.refusals");
    let blocks = vec![form, Block::Table(Box::new(table)), queries::form(visit)];
    visit.page(Doc { title, blocks, ..Doc::default() })
}

/// The register of breaches.
pub fn breaches(visit: &mut Visit<'_>) -> Result<Answer, Trouble> {
    let pairs = visit.query.clone();
    let listing = Listing { account: None, ..listing(visit, &pairs, PAGE) };
    let page = visit.views.breaches(&listing)?;
    let mut rows = Vec::new();
    for row in &page.rows {
        let bet = match row.bet_seq {
            Some(seq) => visit.views.bet_at(seq)?,
            None => None,
        };
        let bet = match bet {
            Some(bet) => {
                let short = short_id(&bet.bet.to_string());
                Cell { code: true, ..Cell::text(short).to(bet_href(visit, bet.organiser, bet.bet)) }
            }
            None => Cell::text(visit.word("console.none")),
        };
        let reason = visit.reason(row.reason);
        rows.push(vec![
            Cell::text(visit.show.moment(row.at)),
            visit.organiser_cell(row.organiser)?,
            Cell::state("bad", visit.reason_short(row.reason)),
            Cell::text(reason.clause()),
            bet,
            Cell::number(row.seq.to_string()),
        ]);
    }
    let (next, first) = behind(visit, page.next);
    let table = Table {
        id: "register".into(),
        caption: visit.word("console.register_breaches"),
        heads: vec![
            Head::text(visit.word("label.recorded_at")),
            Head::text(visit.word("label.organiser")),
            Head::text(visit.word("label.breach")),
            Head::text(visit.word("label.clause")),
            Head::text(visit.word("label.bet")),
            Head::number(visit.word("label.entry")),
        ],
        rows,
        empty: visit.word("console.no_rows"),
        next,
        first,
        ..Table::default()
    };
    let form = listing_form(visit, &["from", "to", "organiser"])?;
    let title = visit.word("nav.breaches");
    let blocks = vec![form, Block::Table(Box::new(table)), queries::form(visit)];
    visit.page(Doc { title, blocks, ..Doc::default() })
}

/// The forms of settlement in the order in which pages name them.
pub const FORMS: [Form; 3] = [Form::Cash, Form::NonCash, Form::EMoney];
