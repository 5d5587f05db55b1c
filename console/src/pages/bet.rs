//! One bet with its whole story: what it is, what happened to it, what moved, and where each of
//! it stands in the journal.

use journal::fact::{Entry, Fact};
use journal::kinds::{Kind, Shape};
use journal::tree::leaf_hash;
use reports::{BetRow, story};
use terms::number::wallet_code;
use terms::{BetId, Instant, Organiser, Seq, Wallet};

use super::filter::uuid;
use super::registers::{account_cell, standing};
use crate::doc::{Block, Cell, Doc, Head, StoryLine, Table};
use crate::visit::{Trouble, Visit};
use crate::web::Answer;

/// Facts of one story.
const FACTS_MAX: usize = 100;
/// Quiet times that are told.
const GAP_NS: i64 = 3_600 * Instant::SECOND;

/// The page of a bet.
pub fn page(visit: &mut Visit<'_>) -> Result<Answer, Trouble> {
    let row = named(visit)?;
    visit.about = Some(row.account);
    let entries = facts_of(visit, &row)?;
    let mut blocks = vec![summary(visit, &row)?, legs(visit, &row)?];
    blocks.push(told(visit, &row, &entries)?);
    blocks.extend(postings(visit, &entries)?);
    blocks.push(proof(visit, &row, &entries));
    let text = visit.word("proof.sentence");
    blocks.push(Block::Notice { level: "info", text, links: Vec::new() });
    let title = format!("{} {}", visit.word("label.bet"), row.bet);
    let sum = visit.show.money(row.amount.get());
    let state = standing(visit, &row).text;
    let finding = visit.show.say("bet_finding", &[("sum", &sum), ("state", &state)]);
    visit.page(Doc { title, finding: Some(finding), blocks, ..Doc::default() })
}

/// The bet of the address. Another organiser's is not there at all for who may not see it.
fn named(visit: &mut Visit<'_>) -> Result<BetRow, Trouble> {
    let missing = || Trouble::Status(404);
    let organiser = visit.pieces[0].parse().map(Organiser).map_err(|_| missing())?;
    let bet = uuid(&visit.pieces[1]).map(BetId).ok_or_else(missing)?;
    if !visit.sees(organiser) {
        return Err(missing());
    }
    visit.views.bet(organiser, bet)?.ok_or_else(missing)
}

/// The facts that tell of a bet, oldest first.
fn facts_of(visit: &mut Visit<'_>, row: &BetRow) -> Result<Vec<Entry>, Trouble> {
    story::facts(row, FACTS_MAX, |seq| visit.entry(seq))
}

fn summary(visit: &mut Visit<'_>, row: &BetRow) -> Result<Block, Trouble> {
    let word = |key: &str| visit.word(key);
    let money = |tiyn: i64| Cell::number(visit.show.money(tiyn));
    let mut rows = vec![
        (word("label.state"), standing(visit, row)),
        (word("label.sum"), money(row.amount.get())),
        (word("label.commission"), money(row.commission.get())),
        (word("label.form"), Cell::text(word(&format!("form.{}", row.form.name())))),
        (word("filter.shape"), Cell::text(shape(visit, row))),
        (word("label.account"), account_cell(visit, row.organiser, row.account)),
        (word("label.made_at"), Cell::text(visit.show.exact(row.made_at))),
        (word("label.accepted_at"), Cell::text(visit.show.exact(row.at))),
    ];
    if let Some(settled) = &row.settlement {
        rows.push((
            word("label.basis"),
            Cell::text(word(&format!("basis.{}", settled.basis.name()))),
        ));
        rows.push((word("label.winnings"), money(settled.winnings().get())));
        rows.push((word("label.refund"), money(settled.refund.get())));
        rows.push((word("label.tax"), money(settled.tax.get())));
        rows.push((word("label.net_due"), money(settled.net_due.get())));
    }
    rows.push((word("label.paid"), money(row.paid.get())));
    rows.push((word("label.outstanding"), money(row.outstanding().get())));
    if !row.claim().is_zero() {
        rows.push((word("label.open_claim"), money(row.claim().get())));
    }
    for reason in &row.breaches {
        rows.push((word("label.breach"), Cell::state("bad", visit.reason_short(*reason))));
    }
    let title = visit.word("console.summary");
    let desk = visit.desk(row.desk)?;
    let place = desk.map_or_else(String::new, |desk| desk.place.as_str().to_owned());
    let organiser = visit.organiser_cell(row.organiser)?;
    let at = format!("№\u{a0}{} · {place}", row.desk.0);
    rows.insert(4, (visit.word("label.desk"), Cell::text(at)));
    rows.insert(4, (visit.word("label.organiser"), organiser));
    Ok(Block::Facts { title, rows })
}

/// How the legs hang together; of a system, the sizes of its lines.
fn shape(visit: &Visit<'_>, row: &BetRow) -> String {
    let word = visit.word(&format!("shape.{}", reports::ShapeKind::from(row.shape).name()));
    let number = |count: usize| visit.show.number(count as i64);
    match row.shape {
        Shape::Single => word,
        Shape::Accumulator => format!("{word} × {}", number(row.legs.len())),
        Shape::System { sizes, bankers } => {
            let free = row.legs.len().saturating_sub(usize::from(bankers));
            let sizes: Vec<String> = (1..=row.legs.len())
                .filter(|size| sizes >> (size - 1) & 1 == 1)
                .map(number)
                .collect();
            format!("{word} {} / {}", sizes.join(", "), number(free))
        }
    }
}

fn legs(visit: &mut Visit<'_>, row: &BetRow) -> Result<Block, Trouble> {
    let mut rows = Vec::new();
    for leg in row.legs.iter() {
        let event = visit.event_name(leg.event)?;
        let outcome = visit.outcome_name(leg.outcome)?;
        let result = match leg.result {
            Some(result) => Cell::text(visit.word(&format!("leg.{}", result.name()))),
            None => Cell::state("wait", visit.word("console.not_yet")),
        };
        let mut odds = visit.show.odds(leg.odds);
        if let Some(requested) = leg.requested {
            odds = format!("{} → {odds}", visit.show.odds(requested));
        }
        let when = if leg.live { "console.live" } else { "console.before_start" };
        rows.push(vec![
            Cell::text(event),
            Cell::text(outcome),
            Cell::number(odds),
            Cell::text(visit.word(when)),
            result,
        ]);
    }
    Ok(Block::Table(Box::new(Table {
        id: "legs".into(),
        caption: visit.word("label.legs"),
        heads: vec![
            Head::text(visit.word("label.event")),
            Head::text(visit.word("label.outcome")),
            Head::number(visit.word("label.odds")),
            Head::text(visit.word("label.kind")),
            Head::text(visit.word("label.result")),
        ],
        rows,
        ..Table::default()
    })))
}

fn told(visit: &mut Visit<'_>, row: &BetRow, entries: &[Entry]) -> Result<Block, Trouble> {
    let mut lines = Vec::new();
    let mut before: Option<Instant> = None;
    for entry in entries {
        let quiet = before.map(|before| entry.at.0 - before.0).filter(|quiet| GAP_NS <= *quiet);
        before = Some(entry.at);
        let (what, sum, mut notes) = telling(visit, row, &entry.fact)?;
        let late = matches!(&entry.fact, Fact::StakeReported(fact) if fact.late)
            || matches!(&entry.fact, Fact::PayoutReported(fact) if fact.late);
        if late {
            notes.push(visit.word("label.late"));
        }
        let number = visit.show.number(i64::try_from(entry.seq.0).unwrap_or(i64::MAX));
        let mut place = Cell::code(format!("№\u{a0}{number}"));
        if visit.role() == Some(crate::role::Role::Operator) {
            place = place.to(visit.href(&format!("/entries/{}", entry.seq)));
        }
        lines.push(StoryLine {
            at: visit.show.exact(entry.at),
            what,
            sum,
            notes,
            entry: place,
            gap: quiet.map(|quiet| visit.show.long(quiet)),
            mark: if late { "late" } else { "" },
        });
    }
    Ok(Block::Story { title: visit.word("console.story"), lines })
}

/// What a fact says of the bet: a sentence, what it moved, and notes.
fn telling(
    visit: &mut Visit<'_>,
    row: &BetRow,
    fact: &Fact,
) -> Result<(String, Option<String>, Vec<String>), Trouble> {
    let word = |key: &str| visit.word(key);
    let money = |tiyn: i64| Some(visit.show.money(tiyn));
    let breaches = |reasons: &[terms::Reason]| -> Vec<String> {
        reasons.iter().map(|reason| visit.reason_short(*reason)).collect()
    };
    Ok(match fact {
        Fact::HoldPlaced(fact) => {
            let until = visit.show.moment(fact.expires);
            let note = visit.show.say("until_time", &[("time", &until)]);
            (word("event.hold"), money(fact.bet.amount.get()), vec![note])
        }
        Fact::HoldReleased(fact) => {
            let key = match fact.ground {
                journal::fact::ReleaseGround::Organiser => "event.released",
                journal::fact::ReleaseGround::Expired => "event.expired",
            };
            (word(key), None, Vec::new())
        }
        Fact::StakeAccepted(fact) => {
            let balance = visit.show.money(fact.bettor_balance.get());
            let note = visit.show.say("balance_left", &[("sum", &balance)]);
            (word("event.stake"), money(-fact.bet.amount.get()), vec![note])
        }
        Fact::StakeReported(fact) => {
            (word("event.reported"), money(fact.bet.amount.get()), breaches(&fact.breaches))
        }
        Fact::BetSettled(fact) => {
            let key = if fact.corrects.is_some() { "event.resettled" } else { "event.settled" };
            let result = word(&format!("result.{}", fact.outcome.name()));
            let mut notes = vec![word(&format!("basis.{}", fact.basis.name()))];
            if fact.gross != fact.gross_computed {
                let ours = visit.show.money(fact.gross_computed.get());
                notes.push(visit.show.say("our_reckoning", &[("sum", &ours)]));
            }
            notes.extend(fact.reason.iter().map(|reason| reason.as_str().to_owned()));
            notes.extend(fact.waits.map(|reason| visit.reason_short(reason)));
            notes.extend(breaches(&fact.breaches));
            (format!("{}: {result}", word(key)), money(fact.net_due.get()), notes)
        }
        Fact::PayoutPosted(fact) => {
            let sum = fact.winning.get().saturating_add(fact.refund.get());
            let balance = visit.show.money(fact.bettor_balance.get());
            let note = visit.show.say("balance_left", &[("sum", &balance)]);
            (word("event.paid"), money(sum), vec![note])
        }
        Fact::PayoutReported(fact) => {
            let mut notes = vec![word(&format!("form.{}", fact.form.name()))];
            notes.extend(breaches(&fact.breaches));
            (word("event.paid_desk"), money(fact.amount.get()), notes)
        }
        Fact::ClaimSettled(fact) => (word("event.claim"), money(fact.amount.get()), Vec::new()),
        Fact::BreachRaised(fact) => {
            (word("label.breach"), None, vec![visit.reason_short(fact.reason)])
        }
        _ => (format!("{} {}", word("label.bet"), row.bet), None, Vec::new()),
    })
}

/// What moved in wallets; a stake at a land desk moves nothing there.
fn postings(visit: &mut Visit<'_>, entries: &[Entry]) -> Result<Vec<Block>, Trouble> {
    let mut rows = Vec::new();
    let mut put = |kind: Kind, debit: Wallet, credit: Option<Wallet>, tiyn: i64, seq: Seq| {
        if tiyn != 0 {
            let operator = visit.word("ledger_class.commission");
            rows.push(vec![
                Cell::text(visit.word(&format!("posting.{}", kind.name()))),
                Cell::code(wallet_code(debit)),
                Cell::code(credit.map_or(operator, wallet_code)),
                Cell::number(visit.show.sum(tiyn)),
                Cell::number(seq.to_string()),
            ]);
        }
    };
    for entry in entries {
        let seq = entry.seq;
        match &entry.fact {
            Fact::StakeAccepted(fact) => {
                let to = Some(fact.organiser_wallet);
                put(Kind::Stake, fact.bettor_wallet, to, fact.bet.amount.get(), seq);
                put(Kind::Commission, fact.bettor_wallet, None, fact.commission.get(), seq);
            }
            Fact::PayoutPosted(fact) => {
                let to = Some(fact.bettor_wallet);
                put(Kind::Payout, fact.organiser_wallet, to, fact.winning.get(), seq);
                put(Kind::StakeRefund, fact.organiser_wallet, to, fact.refund.get(), seq);
            }
            Fact::PayoutReported(fact) => {
                if let Some(posting) = &fact.posting {
                    let to = Some(posting.bettor_wallet);
                    put(Kind::Payout, posting.organiser_wallet, to, fact.amount.get(), seq);
                }
            }
            _ => {}
        }
    }
    if rows.is_empty() {
        let text = visit.word("console.no_postings");
        return Ok(vec![Block::Notice { level: "info", text, links: Vec::new() }]);
    }
    Ok(vec![Block::Table(Box::new(Table {
        id: "postings".into(),
        caption: visit.word("console.postings"),
        heads: vec![
            Head::text(visit.word("label.kind")),
            Head::text(visit.word("label.debit")),
            Head::text(visit.word("label.credit")),
            Head::number(visit.word("label.sum_tenge")),
            Head::number(visit.word("label.entry")),
        ],
        rows,
        ..Table::default()
    }))])
}

/// The leaves of the journal's tree on which the story stands, each with its proof.
fn proof(visit: &Visit<'_>, row: &BetRow, entries: &[Entry]) -> Block {
    let rows = entries.iter().map(|entry| {
        let mut bytes = Vec::new();
        entry.put(&mut bytes);
        let label = format!("{} № {}", visit.word("label.entry"), entry.seq);
        let hash = Cell::code(leaf_hash(&bytes).to_string());
        if is_secret(visit, &entry.fact) {
            return (label, hash);
        }
        let path = format!("/bets/{}/{}/proof/{}", row.organiser.0, row.bet, entry.seq);
        (label, hash.to(visit.href(&path)))
    });
    Block::Facts { title: visit.word("console.leaves"), rows: rows.collect() }
}

/// Whether the bytes of a fact tell more than who asks may know (domain 3).
fn is_secret(visit: &Visit<'_>, fact: &Fact) -> bool {
    let inner = |reason: &terms::Reason| visit.reason(*reason) != *reason;
    match fact {
        Fact::StakeReported(fact) => fact.breaches.iter().any(inner),
        Fact::BetSettled(fact) => {
            fact.breaches.iter().any(inner) || fact.waits.as_ref().is_some_and(inner)
        }
        Fact::PayoutReported(fact) => fact.breaches.iter().any(inner),
        Fact::BreachRaised(fact) => inner(&fact.reason),
        _ => false,
    }
}

/// The proof of one entry of a bet's story: a file that anybody can check.
pub fn proof_file(visit: &mut Visit<'_>) -> Result<Answer, Trouble> {
    let missing = || Trouble::Status(404);
    let row = named(visit)?;
    let seq = visit.pieces[2].parse().map(Seq).map_err(|_| missing())?;
    let entries = facts_of(visit, &row)?;
    let entry = entries.iter().find(|entry| entry.seq == seq).ok_or_else(missing)?;
    if is_secret(visit, &entry.fact) {
        return Err(missing());
    }
    visit.about = Some(row.account);
    let text = visit.house.source.prove(seq).map_err(|why| {
        tracing::error!("an entry could not be proven: {why}");
        Trouble::Status(503)
    })?;
    let headers = vec![
        ("content-type", "text/plain; charset=utf-8".to_owned()),
        ("content-disposition", format!("attachment; filename=\"entry-{seq}.proof\"")),
    ];
    Ok(Answer { status: 200, headers, body: text.into_bytes() })
}

/// The page of one entry, for the operator: the fact field by field.
pub fn entry(visit: &mut Visit<'_>) -> Result<Answer, Trouble> {
    let missing = || Trouble::Status(404);
    let seq = visit.pieces[0].parse().map(Seq).map_err(|_| missing())?;
    let entry = visit.entry(seq)?.ok_or_else(missing)?;
    let mut rows = vec![
        (visit.word("label.kind"), Cell::code(entry.fact.name())),
        (visit.word("label.recorded_at"), Cell::text(visit.show.exact(entry.at))),
        (visit.word("label.rulebook_version"), Cell::number(entry.rulebook.to_string())),
    ];
    fields(&entry.fact.value(), "", &mut rows);
    let mut bytes = Vec::new();
    entry.put(&mut bytes);
    rows.push((visit.word("label.leaf_hash"), Cell::code(leaf_hash(&bytes).to_string())));
    let number = visit.show.number(i64::try_from(seq.0).unwrap_or(i64::MAX));
    let title = format!("{} № {number}", visit.word("label.entry"));
    let before = seq.0.checked_sub(1).map(|seq| visit.href(&format!("/entries/{seq}")));
    let mut links = vec![(
        visit.word("console.next"),
        visit.href(&format!("/entries/{}", seq.0.saturating_add(1))),
    )];
    links.extend(before.map(|before| (visit.word("console.previous"), before)));
    let text = visit.word("console.entry_note");
    let blocks = vec![
        Block::Facts { title: visit.word("console.fields"), rows },
        Block::Notice { level: "info", text, links },
    ];
    visit.page(Doc { title, blocks, ..Doc::default() })
}

fn fields(value: &terms::Value, prefix: &str, rows: &mut Vec<(String, Cell)>) {
    match value {
        terms::Value::Record(pairs) => {
            for (name, value) in pairs {
                let dot = if prefix.is_empty() { "" } else { "." };
                fields(value, &format!("{prefix}{dot}{name}"), rows);
            }
        }
        terms::Value::List(values) => {
            for (at, value) in values.iter().enumerate() {
                fields(value, &format!("{prefix}[{at}]"), rows);
            }
        }
        terms::Value::Null => {}
        terms::Value::Flag(flag) => rows.push((prefix.to_owned(), Cell::code(flag.to_string()))),
        terms::Value::Int(number) => rows.push((prefix.to_owned(), Cell::code(number.to_string()))),
        terms::Value::Text(text) => rows.push((prefix.to_owned(), Cell::code(text.clone()))),
    }
}
