//! Rows of the views as columns, and back: the canonical bytes, and beside them what statements
//! compare.

use rusqlite::types::FromSql;
use rusqlite::{Row, Statement, params};
use store::views::reports::{BetRow, BreachRow, Card, CardKind, PayoutRow, RefusalRow, SignalRow};
use store::views::terms::{Broken, Day, Field};

/// Bytes that a row keeps free until its bet is settled: a settlement with common sums. Without
/// them each settlement of a full page would split it in two.
const SPARE_BYTES: u32 = 52;

/// Bytes that few rows exceed.
const BODY_BYTES: usize = 224;

/// What a stored value that no longer means anything becomes: damage.
type Unread = Box<dyn std::error::Error + Send + Sync>;

pub(super) fn unread(column: usize, broken: Broken) -> rusqlite::Error {
    let kind = rusqlite::types::Type::Blob;
    rusqlite::Error::FromSqlConversionFailure(column, kind, Unread::from(broken))
}

/// Reads a row from its canonical bytes, the first column.
pub(super) fn body<T: Field>(row: &Row<'_>) -> rusqlite::Result<T> {
    T::from_bytes(row.get_ref(0)?.as_blob()?).map_err(|broken| unread(0, broken))
}

fn to_bytes(row: &impl Field) -> Vec<u8> {
    let mut out = Vec::with_capacity(BODY_BYTES);
    row.put(&mut out);
    out
}

fn spare(row: &BetRow) -> u32 {
    if row.settlement.is_none() { SPARE_BYTES } else { 0 }
}

pub(super) fn insert_bet(statement: &mut Statement<'_>, row: &BetRow) -> rusqlite::Result<usize> {
    statement.execute(params![
        row.seq.0,
        row.account.0,
        row.organiser.0,
        row.desk.0,
        row.standing.code(),
        row.amount.get(),
        row.day.0,
        row.at.0,
        to_bytes(row),
        spare(row),
    ])
}

pub(super) fn insert_bet_id(
    statement: &mut Statement<'_>,
    row: &BetRow,
) -> rusqlite::Result<usize> {
    statement.execute((row.bet.0, row.seq.0, row.organiser.0))
}

pub(super) fn change_bet(statement: &mut Statement<'_>, row: &BetRow) -> rusqlite::Result<usize> {
    statement.execute((row.seq.0, row.standing.code(), to_bytes(row), spare(row)))
}

pub(super) fn insert_payout(
    statement: &mut Statement<'_>,
    row: &PayoutRow,
) -> rusqlite::Result<usize> {
    statement.execute((row.seq.0, row.day.0, to_bytes(row)))
}

pub(super) fn insert_refusal(
    statement: &mut Statement<'_>,
    row: &RefusalRow,
) -> rusqlite::Result<usize> {
    statement.execute((row.seq.0, row.day.0, to_bytes(row)))
}

pub(super) fn insert_breach(
    statement: &mut Statement<'_>,
    row: &BreachRow,
) -> rusqlite::Result<usize> {
    statement.execute((row.seq.0, row.part, row.day.0, to_bytes(row)))
}

pub(super) fn insert_signal(
    statement: &mut Statement<'_>,
    row: &SignalRow,
) -> rusqlite::Result<usize> {
    let organiser = row.organiser.map(|organiser| organiser.0);
    let account = row.account.map(|account| account.0);
    let key = (row.kind.code(), row.day.0, row.seq.0);
    statement.execute(params![key.0, key.1, key.2, organiser, account, to_bytes(row)])
}

pub(super) fn put_card(statement: &mut Statement<'_>, card: &Card) -> rusqlite::Result<usize> {
    let key = card.key();
    statement.execute((key.kind.code(), key.number, key.version, card.to_bytes()))
}

pub(super) fn card(row: &Row<'_>) -> rusqlite::Result<Card> {
    let mut from = Columns::new(row);
    let kind = from.code(CardKind::from_code)?;
    let bytes = row.get_ref(1)?.as_blob()?;
    Card::from_bytes(kind, bytes).map_err(|broken| unread(1, broken))
}

/// Reads columns from left to right.
pub(super) struct Columns<'r, 's> {
    row: &'r Row<'s>,
    at: usize,
}

impl<'r, 's> Columns<'r, 's> {
    pub(super) fn new(row: &'r Row<'s>) -> Self {
        Columns { row, at: 0 }
    }

    pub(super) fn next<T: FromSql>(&mut self) -> rusqlite::Result<T> {
        self.at += 1;
        self.row.get(self.at - 1)
    }

    /// A value under its code.
    pub(super) fn code<C: FromSql, T>(
        &mut self,
        known: impl FnOnce(C) -> Option<T>,
    ) -> rusqlite::Result<T> {
        let code = self.next()?;
        known(code).ok_or_else(|| unread(self.at - 1, Broken::Unknown))
    }

    pub(super) fn day(&mut self) -> rusqlite::Result<Day> {
        self.next().map(Day)
    }
}
