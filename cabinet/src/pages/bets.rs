//! Bets of all organisers: the list, and one bet with its story, its money and its proofs.

use journal::fact::{Entry, Fact, ReleaseGround};
use journal::tree::leaf_hash;
use reports::{
    BetQuery, BetRow, Condition, Direction, Field, Operator, SortField, Standing, story,
};
use site::web::Answer;
use store::views::Found;
use terms::number::account_number;
use terms::{BetId, Organiser, Reason, Seq};

use super::told::Theme;
use super::wallet::capital;
use crate::doc::{Block, Cell, Doc, Link, Row, StoryLine};
use crate::limits::{FACTS_MAX, PAGE};
use crate::visit::{Trouble, Visit};

/// What the list can be narrowed to: what stands in the address, and its word.
const CHOICES: [&str; 5] = ["all", "open", "settled", "unpaid", "held"];

/// The newest bets of all accounts below a position: of one standing, or all.
pub fn newest(
    visit: &mut Visit<'_>,
    standing: Option<Standing>,
    before: Option<i64>,
    count: usize,
) -> Result<Vec<BetRow>, Trouble> {
    let mut conditions = Vec::new();
    if let Some(standing) = standing {
        let code = i64::from(standing.code());
        conditions.push(Condition::number(Field::Standing, Operator::Is, code));
    }
    found(visit, conditions, before, count)
}

/// Bets of all accounts on which these conditions hold, newest first.
fn found(
    visit: &mut Visit<'_>,
    conditions: Vec<Condition>,
    before: Option<i64>,
    count: usize,
) -> Result<Vec<BetRow>, Trouble> {
    let mut rows = Vec::new();
    for card in visit.accounts()? {
        let mut wanted = conditions.clone();
        let account = i64::from(card.account.0);
        wanted.push(Condition::number(Field::Account, Operator::Is, account));
        if let Some(before) = before {
            wanted.push(Condition::number(Field::At, Operator::Before, before));
        }
        let sort = (SortField::At, Direction::Descending);
        let Ok(query) = BetQuery::new(wanted, sort, None, count) else {
            return Err(Trouble::Status(400));
        };
        if let Found::Page(page) = visit.views.bets(&query)? {
            rows.extend(page.rows);
        }
    }
    rows.sort_by_key(|row: &BetRow| std::cmp::Reverse(row.seq));
    rows.truncate(count);
    Ok(rows)
}

/// What organisers still owe, over all accounts. The bets behind it are a list of their own.
pub fn waiting_winnings(visit: &mut Visit<'_>) -> Result<i64, Trouble> {
    let rows = unpaid(visit, None, PAGE)?;
    Ok(rows.iter().fold(0, |sum: i64, row| sum.saturating_add(row.outstanding().get())))
}

fn unpaid(
    visit: &mut Visit<'_>,
    before: Option<i64>,
    count: usize,
) -> Result<Vec<BetRow>, Trouble> {
    found(visit, vec![Condition::number(Field::Outstanding, Operator::From, 1)], before, count)
}

/// The list.
pub fn list(visit: &mut Visit<'_>) -> Result<Answer, Trouble> {
    let choice = visit.query.get("state").unwrap_or("all").to_owned();
    let choice = CHOICES.into_iter().find(|known| *known == choice).unwrap_or("all");
    let before = visit.query.get("before").and_then(|at| at.parse().ok());
    let mut rows = match choice {
        "unpaid" => unpaid(visit, before, PAGE + 1)?,
        choice => newest(visit, Standing::from_name(choice), before, PAGE + 1)?,
    };
    let more = if PAGE < rows.len() { rows.get(PAGE - 1).map(|row| row.at.0) } else { None };
    rows.truncate(PAGE);
    // A hold that became a stake has a row of its own as a stake.
    rows.retain(|row| row.standing != Standing::Confirmed);
    let more = more.map(|at| {
        let href = visit.href(&format!("/bets?state={choice}&before={at}"));
        Link::new(visit.word("cabinet.older"), href)
    });
    let rows = rows.iter().map(|row| bet_row(visit, row)).collect::<Result<_, _>>()?;
    let links = CHOICES.into_iter().filter(|known| *known != choice).map(|known| {
        let word = visit.word(&format!("bets.{known}"));
        Link::new(word, visit.href(&format!("/bets?state={known}")))
    });
    let mut links: Vec<Link> = links.collect();
    links.push(Link::new(visit.word("told.title"), visit.href("/refusals")));
    let title = visit.word("bets.title");
    let blocks = vec![
        Block::Rows {
            title: visit.word(&format!("bets.{choice}")),
            rows,
            more,
            empty: visit.word("bets.none"),
        },
        Block::Links { title: visit.word("bets.narrow"), links },
    ];
    let as_of = Some(visit.as_of(visit.cursor));
    visit.page(Doc { title, as_of, blocks, ..Doc::default() })
}

/// A bet in a list: what it is on, with whom and when, the stake, the state.
pub fn bet_row(visit: &mut Visit<'_>, row: &BetRow) -> Result<Row, Trouble> {
    let head = match row.legs.first() {
        Some(leg) if row.legs.len() == 1 => visit.event_name(leg.event)?,
        _ => {
            let shape = reports::ShapeKind::from(row.shape).name();
            let count = visit.show.number(i64::try_from(row.legs.len()).unwrap_or(i64::MAX));
            format!("{} × {count}", capital(&visit.word(&format!("shape.{shape}"))))
        }
    };
    let organiser = visit.organiser_name(row.organiser)?;
    Ok(Row {
        head,
        href: visit.href(&format!("/bets/{}/{}", row.organiser.0, row.bet)),
        notes: vec![organiser, visit.show.moment(row.at)],
        figure: visit.show.money(row.amount.get()),
        state: Some(state(visit, row)),
    })
}

/// The state of a bet in words: of a settled one, what came of it.
fn state(visit: &Visit<'_>, row: &BetRow) -> Cell {
    let word = |key: String| visit.word(&key);
    match (row.standing, &row.settlement) {
        (Standing::Settled, Some(settled)) => {
            let text = word(format!("bets_result.{}", settled.result.name()));
            if row.outstanding().is_zero() {
                Cell::state("none", text)
            } else {
                Cell::state("wait", format!("{text}, {}", visit.word("bets.to_be_paid")))
            }
        }
        (standing, _) => {
            let look = match standing {
                Standing::Held | Standing::Open => "wait",
                Standing::Settled | Standing::Released | Standing::Expired => "none",
                Standing::Confirmed => "none",
            };
            Cell::state(look, word(format!("bets_state.{}", standing.name())))
        }
    }
}

/// The bet of the address, if it is one of who asks: another's is not there at all.
fn named(visit: &mut Visit<'_>) -> Result<BetRow, Trouble> {
    let missing = || Trouble::Status(404);
    let piece = |at: usize| visit.pieces.get(at).map(String::as_str).unwrap_or_default();
    let organiser = piece(0).parse().map(Organiser).map_err(|_| missing())?;
    let bet = BetId::parse(piece(1)).ok_or_else(missing)?;
    let accounts = visit.accounts()?;
    let row = visit.views.bet(organiser, bet)?.ok_or_else(missing)?;
    let own = accounts.iter().any(|card| card.account == row.account);
    if own { Ok(row) } else { Err(missing()) }
}

/// The page of a bet.
pub fn one(visit: &mut Visit<'_>) -> Result<Answer, Trouble> {
    let row = named(visit)?;
    let entries = facts_of(visit, &row)?;
    let mut blocks = vec![summary(visit, &row)?];
    blocks.push(legs(visit, &row)?);
    blocks.push(told(visit, &row, &entries));
    if let Some(entry) = entries.iter().rev().find(|entry| moves(&entry.fact)) {
        let href = visit.href(&format!("/receipts/{}", entry.seq));
        let link = Link::new(visit.word("money.receipt"), href);
        blocks.push(Block::Links { title: String::new(), links: vec![link] });
    }
    blocks.push(proofs(visit, &row, &entries));
    let title = visit.word("bets.one");
    let organiser = visit.organiser_name(row.organiser)?;
    let lead = format!("{organiser} · {}", visit.show.money(row.amount.get()));
    let as_of = Some(visit.as_of(visit.cursor));
    visit.page(Doc { title, lead: Some(lead), as_of, blocks, ..Doc::default() })
}

/// The facts that tell of a bet, oldest first.
fn facts_of(visit: &mut Visit<'_>, row: &BetRow) -> Result<Vec<Entry>, Trouble> {
    let mut found = story::facts(row, FACTS_MAX, |seq| visit.entry(seq))?;
    // What an organiser broke is between it and the authorities (domain 1).
    found.retain(|entry| !matches!(entry.fact, Fact::BreachRaised(_)));
    Ok(found)
}

fn summary(visit: &mut Visit<'_>, row: &BetRow) -> Result<Block, Trouble> {
    let word = |key: &str| visit.word(key);
    let money = |tiyn: i64| Cell::text(visit.show.money(tiyn));
    let mut rows =
        vec![(word("bets.state"), state(visit, row)), (word("bets.sum"), money(row.amount.get()))];
    if !row.commission.is_zero() {
        rows.push((word("label.commission"), money(row.commission.get())));
    }
    let form = word(&format!("form.{}", row.form.name()));
    rows.push((word("label.form"), Cell::text(form)));
    rows.push((word("bets.accepted_at"), Cell::text(visit.show.exact(row.at))));
    if let Some(settled) = &row.settlement {
        let basis = word(&format!("basis.{}", settled.basis.name()));
        rows.push((word("label.basis"), Cell::text(basis)));
        rows.push((word("bets.winnings"), money(settled.winnings().get())));
        if !settled.refund.is_zero() {
            rows.push((word("label.refund"), money(settled.refund.get())));
        }
        if !settled.tax.is_zero() {
            rows.push((word("label.tax"), money(settled.tax.get())));
        }
        rows.push((word("bets.due"), money(settled.net_due.get())));
        rows.push((word("bets.paid"), money(row.paid.get())));
        if !row.outstanding().is_zero() {
            rows.push((word("bets.outstanding"), money(row.outstanding().get())));
        }
    }
    if !row.claim().is_zero() {
        rows.push((word("bets.claim"), money(row.claim().get())));
    }
    let account = account_number(row.organiser, row.account);
    rows.push((word("label.account"), Cell::code(account)));
    rows.push((word("label.bet"), Cell::code(row.bet.to_string())));
    Ok(Block::Facts { title: visit.word("console.summary"), rows })
}

/// Each leg with the odds that were seen and those that were accepted (domain 10).
fn legs(visit: &mut Visit<'_>, row: &BetRow) -> Result<Block, Trouble> {
    let mut rows = Vec::new();
    for leg in row.legs.iter() {
        let outcome = visit.outcome_name(leg.outcome)?;
        let accepted = visit.show.odds(leg.odds);
        let odds = match leg.requested {
            Some(requested) => {
                let requested = visit.show.odds(requested);
                visit.say("odds_changed", &[("requested", &requested), ("accepted", &accepted)])
            }
            None => visit.say("odds_same", &[("accepted", &accepted)]),
        };
        let result = match leg.result {
            Some(result) => Cell::state("none", visit.word(&format!("leg.{}", result.name()))),
            None => Cell::state("wait", visit.word("bets.no_result")),
        };
        rows.push(Row {
            head: visit.event_name(leg.event)?,
            notes: vec![outcome, odds],
            figure: accepted,
            state: Some(result),
            ..Row::default()
        });
    }
    let title = visit.word("label.legs");
    Ok(Block::Rows { title, rows, more: None, empty: String::new() })
}

/// Whether a fact moved money of the bettor.
fn moves(fact: &Fact) -> bool {
    matches!(fact, Fact::StakeAccepted(_) | Fact::PayoutPosted(_))
}

fn told(visit: &Visit<'_>, row: &BetRow, entries: &[Entry]) -> Block {
    let mut lines = Vec::new();
    for entry in entries {
        let (what, tiyn, notes) = telling(visit, row, &entry.fact);
        let number = visit.show.number(i64::try_from(entry.seq.0).unwrap_or(i64::MAX));
        let sum = tiyn.map_or_else(String::new, |tiyn| {
            let plus = if 0 < tiyn { "+" } else { "" };
            format!("{plus}{}", visit.show.money(tiyn))
        });
        lines.push(StoryLine {
            at: visit.show.exact(entry.at),
            what,
            sum,
            notes,
            entry: Cell::code(format!("№\u{a0}{number}")),
        });
    }
    Block::Story { title: visit.word("console.story"), lines }
}

/// What a fact says of the bet: a sentence, what it moved in the wallet, and notes.
fn telling(visit: &Visit<'_>, row: &BetRow, fact: &Fact) -> (String, Option<i64>, Vec<String>) {
    let word = |key: &str| visit.word(key);
    let left = |tiyn: i64| {
        let sum = visit.show.money(tiyn);
        visit.say("balance_left", &[("sum", &sum)])
    };
    match fact {
        Fact::HoldPlaced(fact) => {
            let until = visit.show.moment(fact.expires);
            let notes = vec![visit.say("until_time", &[("time", &until)])];
            (word("event.hold"), None, notes)
        }
        Fact::HoldReleased(fact) => {
            let key = match fact.ground {
                ReleaseGround::Organiser => "event.released",
                ReleaseGround::Expired => "event.expired",
            };
            (word(key), None, Vec::new())
        }
        Fact::StakeAccepted(fact) => {
            let moved = fact.bet.amount.get().saturating_add(fact.commission.get());
            let notes = vec![left(fact.bettor_balance.get())];
            (word("event.stake"), Some(-moved), notes)
        }
        Fact::StakeReported(_) => (word("event.reported"), None, Vec::new()),
        Fact::BetSettled(fact) => {
            let key = if fact.corrects.is_some() { "event.resettled" } else { "event.settled" };
            let result = word(&format!("bets_result.{}", fact.outcome.name()));
            let mut notes = vec![word(&format!("basis.{}", fact.basis.name()))];
            let due = visit.show.money(fact.net_due.get());
            notes.push(visit.say("bet_due", &[("sum", &due)]));
            notes.extend(fact.reason.iter().map(|reason| reason.as_str().to_owned()));
            if fact.waits.is_some() {
                notes.push(word("bets.waits"));
            }
            (format!("{}: {result}", word(key)), None, notes)
        }
        Fact::PayoutPosted(fact) => {
            let sum = fact.winning.get().saturating_add(fact.refund.get());
            (word("event.paid"), Some(sum), vec![left(fact.bettor_balance.get())])
        }
        Fact::PayoutReported(fact) => {
            let sum = visit.show.money(fact.amount.get());
            let notes = vec![word(&format!("form.{}", fact.form.name())), sum];
            (word("event.paid_desk"), None, notes)
        }
        Fact::ClaimSettled(fact) => {
            (word("event.claim"), None, vec![visit.show.money(fact.amount.get())])
        }
        _ => (format!("{} {}", word("label.bet"), row.bet), None, Vec::new()),
    }
}

/// Whether the bytes of a fact name a reason that the bettor may not be told (I-09).
fn is_secret(fact: &Fact) -> bool {
    let secret = |reason: &Reason| Theme::of(*reason) == Theme::NotAdmitted;
    match fact {
        Fact::StakeReported(fact) => fact.breaches.iter().any(secret),
        Fact::BetSettled(fact) => {
            fact.breaches.iter().any(secret) || fact.waits.as_ref().is_some_and(secret)
        }
        Fact::PayoutReported(fact) => fact.breaches.iter().any(secret),
        _ => false,
    }
}

/// The leaves on which the story stands, each with its proof.
fn proofs(visit: &Visit<'_>, row: &BetRow, entries: &[Entry]) -> Block {
    let rows = entries.iter().map(|entry| {
        let mut bytes = Vec::new();
        entry.put(&mut bytes);
        let label = format!("{} № {}", visit.word("label.entry"), entry.seq);
        let hash = Cell::code(leaf_hash(&bytes).to_string());
        if is_secret(&entry.fact) {
            return (label, hash);
        }
        let path = format!("/bets/{}/{}/proof/{}", row.organiser.0, row.bet, entry.seq);
        (label, hash.to(visit.href(&path)))
    });
    Block::Facts { title: visit.word("bets.proof"), rows: rows.collect() }
}

/// The proof of one entry of the story: a file that anybody can check.
pub fn proof(visit: &mut Visit<'_>) -> Result<Answer, Trouble> {
    let missing = || Trouble::Status(404);
    let row = named(visit)?;
    let seq = visit.pieces.get(2).and_then(|seq| seq.parse().ok()).map(Seq).ok_or_else(missing)?;
    let entries = facts_of(visit, &row)?;
    let entry = entries.iter().find(|entry| entry.seq == seq).ok_or_else(missing)?;
    if is_secret(&entry.fact) {
        return Err(missing());
    }
    let text = visit.house.ports.source.prove(seq).map_err(|why| {
        tracing::error!("an entry could not be proven: {why}");
        Trouble::Status(503)
    })?;
    let headers = vec![
        ("content-type", "text/plain; charset=utf-8".to_owned()),
        ("content-disposition", format!("attachment; filename=\"entry-{seq}.proof\"")),
    ];
    Ok(Answer { status: 200, headers, body: text.into_bytes() })
}
