//! New rows, copied in binary form: one statement for each table that has any.

use std::collections::BTreeMap;

use store::Fault;
use store::views::reports::{BetRow, ShapeKind, Standing, Step};
use store::views::terms::{Day, Seq};

use super::binary::{Row, Rows};
use super::columns::{result, winnings};
use super::months::utc_day;
use crate::db::Db;

/// Sends rows to a table, if there are any, by a statement that names so many columns.
fn copy<T>(
    db: &mut Db,
    sql: &str,
    columns: i16,
    rows: impl IntoIterator<Item = T>,
    put: impl Fn(Row<'_>, T),
) -> Result<(), Fault> {
    let mut rows = rows.into_iter().peekable();
    if rows.peek().is_none() {
        return Ok(());
    }
    let mut out = Rows::begin(db, sql, columns)?;
    for row in rows {
        put(out.row()?, row);
    }
    out.finish()
}

/// All new rows of a step.
pub(super) fn rows(db: &mut Db, step: &Step) -> Result<(), Fault> {
    bets(db, &step.bets)?;
    unsettled(db, step.bets.iter().filter(|row| row.standing != Standing::Settled))?;
    settlements(db, step)?;
    payouts(db, step)?;
    postings(db, step)?;
    refusals(db, step)?;
    breaches(db, step)?;
    signals(db, step)?;
    days(db, step)?;
    cards(db, step)
}

fn bets(db: &mut Db, rows: &[BetRow]) -> Result<(), Fault> {
    copy(db, include_str!("../../sql/views/copy_bets.sql"), 23, rows, |out, row| {
        out.number(row.seq.0 as i64)
            .day(row.day)
            .id(row.bet.0)
            .number(row.account.0.into())
            .number(row.organiser.0.into())
            .number(row.desk.0.into())
            .code(row.desk_kind.code().into())
            .code(row.form.code().into())
            .code(ShapeKind::from(row.shape).code().into())
            .code(row.standing.code().into())
            .flag(row.live)
            .flag(row.late)
            .flag(row.waiting)
            .number(row.at.0)
            .number(row.made_at.0)
            .number(row.amount.get())
            .number(row.commission.get())
            .maybe_code(result(row))
            .number(winnings(row))
            .number(row.net_due().get())
            .number(row.paid.get())
            .numbers(row.legs.iter().map(|leg| leg.event.0.into()))
            .body(row)
            .end();
    })?;
    copy(db, include_str!("../../sql/views/copy_bet_ids.sql"), 4, rows, |out, row| {
        let out = out.id(row.bet.0).number(row.seq.0 as i64);
        out.number(row.organiser.0.into()).day(row.day).end();
    })?;
    let events = rows.iter().flat_map(|row| {
        let legs = row.legs.iter().enumerate();
        // Each event once: that of the first leg is the first.
        let once = legs
            .filter(|(at, leg)| row.legs.iter().take(*at).all(|other| other.event != leg.event));
        once.map(move |(at, leg)| (row, leg.event, at == 0))
    });
    let sql = include_str!("../../sql/views/copy_bet_events.sql");
    copy(db, sql, 4, events, |out, (row, event, first)| {
        out.number(event.0.into()).number(row.seq.0 as i64).day(row.day).flag(first).end();
    })
}

/// Rows of the list of what is not settled.
pub(super) fn unsettled<'r>(
    db: &mut Db,
    rows: impl Iterator<Item = &'r BetRow>,
) -> Result<(), Fault> {
    copy(db, include_str!("../../sql/views/copy_unsettled.sql"), 3, rows, |out, row| {
        out.code(row.standing.code().into()).number(row.seq.0 as i64).day(row.day).end();
    })
}

fn settlements(db: &mut Db, step: &Step) -> Result<(), Fault> {
    let sql = include_str!("../../sql/views/copy_settlements.sql");
    copy(db, sql, 13, &step.settlements, |out, row| {
        let settled = &row.settled;
        out.number(row.seq.0 as i64)
            .day(settled.day)
            .number(row.bet_seq.0 as i64)
            .number(row.organiser.0.into())
            .maybe(row.corrects.map(|seq| seq.0 as i64))
            .code(settled.result.code().into())
            .number(settled.at.0)
            .number(settled.gross.get())
            .number(row.gross_computed.get())
            .number(settled.refund.get())
            .number(settled.tax.get())
            .number(settled.net_due.get())
            .body(row)
            .end();
    })
}

fn payouts(db: &mut Db, step: &Step) -> Result<(), Fault> {
    copy(db, include_str!("../../sql/views/copy_payouts.sql"), 14, &step.payouts, |out, row| {
        out.number(row.seq.0 as i64)
            .day(row.day)
            .number(row.bet_seq.0 as i64)
            .id(row.bet.0)
            .number(row.organiser.0.into())
            .number(row.account.0.into())
            .number(row.desk.0.into())
            .code(row.form.code().into())
            .number(row.at.0)
            .number(row.paid_at.0)
            .number(row.amount.get())
            .number(row.refund.get())
            .flag(row.late)
            .body(row)
            .end();
    })
}

fn postings(db: &mut Db, step: &Step) -> Result<(), Fault> {
    let sql = include_str!("../../sql/views/copy_postings.sql");
    copy(db, sql, 11, &step.postings, |out, row| {
        out.number(row.key() as i64)
            .day(utc_day(row.at))
            .number(row.debit.0.into())
            .number(row.credit.0.into())
            .code(row.kind.code().into())
            .number(row.at.0)
            .number(row.amount.get())
            .number(row.debit_balance_tiyn)
            .number(row.credit_balance_tiyn)
            .maybe(row.bet_seq.map(|seq| seq.0 as i64))
            .body(row)
            .end();
    })
}

fn refusals(db: &mut Db, step: &Step) -> Result<(), Fault> {
    let sql = include_str!("../../sql/views/copy_refusals.sql");
    copy(db, sql, 8, &step.refusals, |out, row| {
        out.number(row.seq.0 as i64)
            .day(row.day)
            .number(row.sender.number().into())
            .code(row.reason.code() as i16)
            .maybe(row.account.map(|account| account.0.into()))
            .number(row.at.0)
            .number(row.count as i64)
            .body(row)
            .end();
    })
}

fn breaches(db: &mut Db, step: &Step) -> Result<(), Fault> {
    let sql = include_str!("../../sql/views/copy_breaches.sql");
    copy(db, sql, 7, &step.breaches, |out, row| {
        let out = out.number(row.seq.0 as i64).code(row.part.into()).day(row.day);
        let out = out.number(row.organiser.0.into()).code(row.reason.code() as i16);
        out.number(row.at.0).body(row).end();
    })
}

fn signals(db: &mut Db, step: &Step) -> Result<(), Fault> {
    let sql = include_str!("../../sql/views/copy_signals.sql");
    copy(db, sql, 6, &step.signals, |out, row| {
        let out = out.code(row.kind.code().into()).day(row.day).number(row.seq.0 as i64);
        let out = out.maybe(row.organiser.map(|organiser| organiser.0.into()));
        out.maybe(row.account.map(|account| account.0.into())).body(row).end();
    })
}

/// Whose days are kept: the codes of `days.kind`.
#[derive(Clone, Copy, Debug)]
pub(super) enum Listed {
    Bets = 1,
    Payouts = 2,
    Refusals = 3,
    Breaches = 4,
}

/// The first position of each day that a step begins.
fn days(db: &mut Db, step: &Step) -> Result<(), Fault> {
    let mut firsts: BTreeMap<(i16, Day), Seq> = BTreeMap::new();
    let mut note = |kind: Listed, day, seq| {
        firsts.entry((kind as i16, day)).or_insert(seq);
    };
    step.bets.iter().for_each(|row| note(Listed::Bets, row.day, row.seq));
    step.payouts.iter().for_each(|row| note(Listed::Payouts, row.day, row.seq));
    step.refusals.iter().for_each(|row| note(Listed::Refusals, row.day, row.seq));
    step.breaches.iter().for_each(|row| note(Listed::Breaches, row.day, row.seq));
    if firsts.is_empty() {
        return Ok(());
    }
    let kinds: Vec<i16> = firsts.keys().map(|(kind, _)| *kind).collect();
    let days: Vec<i32> = firsts.keys().map(|(_, day)| day.0).collect();
    let seqs: Vec<i64> = firsts.values().map(|seq| seq.0 as i64).collect();
    db.change(include_str!("../../sql/views/note_days.sql"), &[&kinds, &days, &seqs]).map(drop)
}

fn cards(db: &mut Db, step: &Step) -> Result<(), Fault> {
    if step.cards.is_empty() {
        return Ok(());
    }
    let keys = || step.cards.iter().map(|card| card.key());
    let kinds: Vec<i16> = keys().map(|key| key.kind.code().into()).collect();
    let numbers: Vec<i64> = keys().map(|key| key.number as i64).collect();
    let versions: Vec<i64> = keys().map(|key| key.version as i64).collect();
    let bodies: Vec<Vec<u8>> = step.cards.iter().map(|card| card.to_bytes()).collect();
    let sql = include_str!("../../sql/views/put_cards.sql");
    db.change(sql, &[&kinds, &numbers, &versions, &bodies]).map(drop)
}
