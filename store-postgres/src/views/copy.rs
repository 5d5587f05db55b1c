//! New rows, copied in binary form: one statement for each table that has any.

use std::collections::BTreeMap;

use postgres::binary_copy::BinaryCopyInWriter;
use postgres::types::{ToSql, Type};
use store::Fault;
use store::views::reports::{BetRow, Standing, Step};
use store::views::terms::{Day, Seq};

use super::columns::{Date, Uuid, bytes, result, winnings};
use super::months::utc_day;
use crate::db::Db;

/// A table with the columns that are written, in order.
struct Table {
    sql: &'static str,
    types: &'static [Type],
}

/// The rows of one table, being sent.
struct Rows<'a>(BinaryCopyInWriter<'a>);

impl Rows<'_> {
    fn put(&mut self, values: &[&(dyn ToSql + Sync)]) -> Result<(), postgres::Error> {
        self.0.write(values)
    }
}

/// Sends rows to a table, if there are any.
fn copy<T>(
    db: &mut Db,
    table: &Table,
    rows: impl IntoIterator<Item = T>,
    put: impl Fn(&mut Rows<'_>, T) -> Result<(), postgres::Error>,
) -> Result<(), Fault> {
    let mut rows = rows.into_iter().peekable();
    if rows.peek().is_none() {
        return Ok(());
    }
    let place = db.place();
    let wrong = |error| crate::db::fault(&place, "write to", error);
    let mut out = Rows(BinaryCopyInWriter::new(db.copy_in(table.sql)?, table.types));
    for row in rows {
        put(&mut out, row).map_err(wrong)?;
    }
    out.0.finish().map(drop).map_err(wrong)
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

const BETS: Table = Table {
    sql: include_str!("../../sql/views/copy_bets.sql"),
    types: &[
        Type::INT8,
        Type::DATE,
        Type::UUID,
        Type::INT8,
        Type::INT8,
        Type::INT8,
        Type::INT2,
        Type::INT2,
        Type::INT2,
        Type::INT2,
        Type::BOOL,
        Type::BOOL,
        Type::BOOL,
        Type::INT8,
        Type::INT8,
        Type::INT8,
        Type::INT8,
        Type::INT2,
        Type::INT8,
        Type::INT8,
        Type::INT8,
        Type::INT8_ARRAY,
        Type::BYTEA,
    ],
};

const BET_IDS: Table = Table {
    sql: include_str!("../../sql/views/copy_bet_ids.sql"),
    types: &[Type::UUID, Type::INT8, Type::INT8, Type::DATE],
};

const BET_EVENTS: Table = Table {
    sql: include_str!("../../sql/views/copy_bet_events.sql"),
    types: &[Type::INT8, Type::INT8, Type::DATE, Type::BOOL],
};

fn bets(db: &mut Db, rows: &[BetRow]) -> Result<(), Fault> {
    copy(db, &BETS, rows, |out, row| {
        let events: Vec<i64> = row.legs.iter().map(|leg| leg.event.0.into()).collect();
        out.put(&[
            &(row.seq.0 as i64),
            &Date(row.day),
            &Uuid(row.bet.0),
            &i64::from(row.account.0),
            &i64::from(row.organiser.0),
            &i64::from(row.desk.0),
            &i16::from(row.desk_kind.code()),
            &i16::from(row.form.code()),
            &i16::from(store::views::reports::ShapeKind::from(row.shape).code()),
            &i16::from(row.standing.code()),
            &row.live,
            &row.late,
            &row.waiting,
            &row.at.0,
            &row.made_at.0,
            &row.amount.get(),
            &row.commission.get(),
            &result(row),
            &winnings(row),
            &row.net_due().get(),
            &row.paid.get(),
            &events,
            &bytes(row),
        ])
    })?;
    copy(db, &BET_IDS, rows, |out, row| {
        let (seq, organiser) = (row.seq.0 as i64, i64::from(row.organiser.0));
        out.put(&[&Uuid(row.bet.0), &seq, &organiser, &Date(row.day)])
    })?;
    copy(db, &BET_EVENTS, rows, |out, row| {
        for (at, leg) in row.legs.iter().enumerate() {
            // Each event once: that of the first leg is the first.
            if row.legs.iter().take(at).all(|other| other.event != leg.event) {
                let (event, seq) = (i64::from(leg.event.0), row.seq.0 as i64);
                out.put(&[&event, &seq, &Date(row.day), &(at == 0)])?;
            }
        }
        Ok(())
    })
}

const UNSETTLED: Table = Table {
    sql: include_str!("../../sql/views/copy_unsettled.sql"),
    types: &[Type::INT2, Type::INT8, Type::DATE],
};

/// Rows of the list of what is not settled.
pub(super) fn unsettled<'r>(
    db: &mut Db,
    rows: impl Iterator<Item = &'r BetRow>,
) -> Result<(), Fault> {
    copy(db, &UNSETTLED, rows, |out, row| {
        out.put(&[&i16::from(row.standing.code()), &(row.seq.0 as i64), &Date(row.day)])
    })
}

const SETTLEMENTS: Table = Table {
    sql: include_str!("../../sql/views/copy_settlements.sql"),
    types: &[
        Type::INT8,
        Type::DATE,
        Type::INT8,
        Type::INT8,
        Type::INT8,
        Type::INT2,
        Type::INT8,
        Type::INT8,
        Type::INT8,
        Type::INT8,
        Type::INT8,
        Type::INT8,
        Type::BYTEA,
    ],
};

fn settlements(db: &mut Db, step: &Step) -> Result<(), Fault> {
    copy(db, &SETTLEMENTS, &step.settlements, |out, row| {
        let settled = &row.settled;
        out.put(&[
            &(row.seq.0 as i64),
            &Date(settled.day),
            &(row.bet_seq.0 as i64),
            &i64::from(row.organiser.0),
            &row.corrects.map(|seq| seq.0 as i64),
            &i16::from(settled.result.code()),
            &settled.at.0,
            &settled.gross.get(),
            &row.gross_computed.get(),
            &settled.refund.get(),
            &settled.tax.get(),
            &settled.net_due.get(),
            &bytes(row),
        ])
    })
}

const PAYOUTS: Table = Table {
    sql: include_str!("../../sql/views/copy_payouts.sql"),
    types: &[
        Type::INT8,
        Type::DATE,
        Type::INT8,
        Type::UUID,
        Type::INT8,
        Type::INT8,
        Type::INT8,
        Type::INT2,
        Type::INT8,
        Type::INT8,
        Type::INT8,
        Type::INT8,
        Type::BOOL,
        Type::BYTEA,
    ],
};

fn payouts(db: &mut Db, step: &Step) -> Result<(), Fault> {
    copy(db, &PAYOUTS, &step.payouts, |out, row| {
        out.put(&[
            &(row.seq.0 as i64),
            &Date(row.day),
            &(row.bet_seq.0 as i64),
            &Uuid(row.bet.0),
            &i64::from(row.organiser.0),
            &i64::from(row.account.0),
            &i64::from(row.desk.0),
            &i16::from(row.form.code()),
            &row.at.0,
            &row.paid_at.0,
            &row.amount.get(),
            &row.refund.get(),
            &row.late,
            &bytes(row),
        ])
    })
}

const POSTINGS: Table = Table {
    sql: include_str!("../../sql/views/copy_postings.sql"),
    types: &[
        Type::INT8,
        Type::DATE,
        Type::INT8,
        Type::INT8,
        Type::INT2,
        Type::INT8,
        Type::INT8,
        Type::INT8,
        Type::INT8,
        Type::INT8,
        Type::BYTEA,
    ],
};

fn postings(db: &mut Db, step: &Step) -> Result<(), Fault> {
    copy(db, &POSTINGS, &step.postings, |out, row| {
        out.put(&[
            &(row.key() as i64),
            &Date(utc_day(row.at)),
            &i64::from(row.debit.0),
            &i64::from(row.credit.0),
            &i16::from(row.kind.code()),
            &row.at.0,
            &row.amount.get(),
            &row.debit_balance_tiyn,
            &row.credit_balance_tiyn,
            &row.bet_seq.map(|seq| seq.0 as i64),
            &bytes(row),
        ])
    })
}

const REFUSALS: Table = Table {
    sql: include_str!("../../sql/views/copy_refusals.sql"),
    types: &[
        Type::INT8,
        Type::DATE,
        Type::INT8,
        Type::INT2,
        Type::INT8,
        Type::INT8,
        Type::INT8,
        Type::BYTEA,
    ],
};

fn refusals(db: &mut Db, step: &Step) -> Result<(), Fault> {
    copy(db, &REFUSALS, &step.refusals, |out, row| {
        out.put(&[
            &(row.seq.0 as i64),
            &Date(row.day),
            &i64::from(row.sender.number()),
            &(row.reason.code() as i16),
            &row.account.map(|account| i64::from(account.0)),
            &row.at.0,
            &(row.count as i64),
            &bytes(row),
        ])
    })
}

const BREACHES: Table = Table {
    sql: include_str!("../../sql/views/copy_breaches.sql"),
    types: &[Type::INT8, Type::INT2, Type::DATE, Type::INT8, Type::INT2, Type::INT8, Type::BYTEA],
};

fn breaches(db: &mut Db, step: &Step) -> Result<(), Fault> {
    copy(db, &BREACHES, &step.breaches, |out, row| {
        let part = i16::from(row.part);
        let (organiser, reason) = (i64::from(row.organiser.0), row.reason.code() as i16);
        let (seq, day, at) = (row.seq.0 as i64, Date(row.day), row.at.0);
        out.put(&[&seq, &part, &day, &organiser, &reason, &at, &bytes(row)])
    })
}

const SIGNALS: Table = Table {
    sql: include_str!("../../sql/views/copy_signals.sql"),
    types: &[Type::INT2, Type::DATE, Type::INT8, Type::INT8, Type::INT8, Type::BYTEA],
};

fn signals(db: &mut Db, step: &Step) -> Result<(), Fault> {
    copy(db, &SIGNALS, &step.signals, |out, row| {
        let organiser = row.organiser.map(|organiser| i64::from(organiser.0));
        let account = row.account.map(|account| i64::from(account.0));
        let (kind, seq) = (i16::from(row.kind.code()), row.seq.0 as i64);
        out.put(&[&kind, &Date(row.day), &seq, &organiser, &account, &bytes(row)])
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
