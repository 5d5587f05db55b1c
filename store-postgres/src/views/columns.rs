//! Rows as columns: their values in the driver's types, and the statement that changes bets.

use postgres::types::private::BytesMut;
use postgres::types::{IsNull, ToSql, Type, accepts, to_sql_checked};
use store::Fault;
use store::views::reports::BetRow;
use store::views::terms::{Day, Field};

use super::binary::SERVER_DAYS;
use super::months::Month;
use crate::db::Db;

type Error = Box<dyn std::error::Error + Sync + Send>;

/// A day as a date.
#[derive(Clone, Copy, Debug)]
pub(super) struct Date(pub Day);

impl ToSql for Date {
    fn to_sql(&self, _: &Type, out: &mut BytesMut) -> Result<IsNull, Error> {
        (self.0.0.saturating_sub(SERVER_DAYS)).to_sql(&Type::INT4, out)
    }

    accepts!(DATE);
    to_sql_checked!();
}

/// An id as a uuid.
#[derive(Clone, Copy, Debug)]
pub(super) struct Uuid(pub [u8; 16]);

impl ToSql for Uuid {
    fn to_sql(&self, _: &Type, out: &mut BytesMut) -> Result<IsNull, Error> {
        out.extend_from_slice(&self.0);
        Ok(IsNull::No)
    }

    accepts!(UUID);
    to_sql_checked!();
}

/// The canonical bytes of a row.
pub(super) fn bytes(row: &impl Field) -> Vec<u8> {
    let mut out = Vec::with_capacity(224);
    row.put(&mut out);
    out
}

/// The code of the result of a settled bet.
pub(super) fn result(row: &BetRow) -> Option<i16> {
    row.settlement.as_ref().map(|settled| settled.result.code().into())
}

/// The winnings of a settled bet.
pub(super) fn winnings(row: &BetRow) -> i64 {
    row.settlement.as_ref().map_or(0, |settled| settled.winnings().get())
}

/// Writes changed bets of one month in their places.
pub(super) fn change<'r>(
    db: &mut Db,
    month: Month,
    rows: impl Iterator<Item = &'r BetRow>,
) -> Result<(), Fault> {
    let rows: Vec<&BetRow> = rows.collect();
    let seqs: Vec<i64> = rows.iter().map(|row| row.seq.0 as i64).collect();
    let standings: Vec<i16> = rows.iter().map(|row| row.standing.code().into()).collect();
    let waiting: Vec<bool> = rows.iter().map(|row| row.waiting).collect();
    let results: Vec<Option<i16>> = rows.iter().map(|row| result(row)).collect();
    let winnings: Vec<i64> = rows.iter().map(|row| winnings(row)).collect();
    let due: Vec<i64> = rows.iter().map(|row| row.net_due().get()).collect();
    let paid: Vec<i64> = rows.iter().map(|row| row.paid.get()).collect();
    let bodies: Vec<Vec<u8>> = rows.iter().map(|row| bytes(*row)).collect();
    let sql = include_str!("../../sql/views/change_bets.sql");
    let sql = sql.replace("bej_views.bets", &month.table("bets"));
    let done =
        db.change(&sql, &[&seqs, &standings, &waiting, &results, &winnings, &due, &paid, &bodies])?;
    match done == rows.len() as u64 {
        true => Ok(()),
        false => Err(Fault::refused("the step changes a bet that is not there")),
    }
}
