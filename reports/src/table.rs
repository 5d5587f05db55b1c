//! The tables of exports: their columns, and a row's cells, the same for every format.
//!
//! Sums are whole tiyn, ids of bets 16 bytes, times instants. A format prints them in its own way:
//! as text, a time is RFC 3339 and an id a UUID; in columns, a time is nanoseconds of UTC.

use std::borrow::Cow;

use journal::kinds::{PriceRule, Shape};
use terms::{Instant, Seq};

use crate::row::{BetRow, LegRow, PayoutRow, PostingRow};

/// A table that can be exported.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Table {
    /// Accepted stakes (R0-16.4).
    Stakes,
    /// Bets with their conditions and results (R0-16.3).
    Bets,
    /// Movements of e-money.
    Postings,
    /// Payouts (R0-16.5).
    Payouts,
}

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ColumnKind {
    /// Whole numbers of 64 bits.
    Int,
    /// Text.
    Text,
    /// Instants.
    Time,
    /// Sixteen bytes.
    Bytes,
}

/// A column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Column {
    /// Its name, the unit last.
    pub name: &'static str,
    /// What it holds.
    pub kind: ColumnKind,
    /// Whether a cell may be empty.
    pub optional: bool,
}

/// A cell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cell {
    /// Nothing.
    Null,
    /// A number.
    Int(i64),
    /// A text.
    Text(Cow<'static, str>),
    /// An instant.
    Time(Instant),
    /// An id.
    Bytes([u8; 16]),
}

/// A row of any table, as a store gives it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Record {
    /// Of stakes and bets.
    Bet(Box<BetRow>),
    /// Of postings.
    Posting(PostingRow),
    /// Of payouts.
    Payout(PayoutRow),
}

pub(crate) const fn column(name: &'static str, kind: ColumnKind) -> Column {
    Column { name, kind, optional: false }
}

pub(crate) const fn optional(name: &'static str, kind: ColumnKind) -> Column {
    Column { name, kind, optional: true }
}

use ColumnKind::{Bytes, Int, Text, Time};

const STAKES: &[Column] = &[
    column("seq", Int),
    column("bet", Bytes),
    column("organiser", Int),
    column("account", Int),
    column("desk", Int),
    column("desk_kind", Text),
    column("form", Text),
    column("accepted_at", Time),
    column("made_at", Time),
    column("day", Text),
    column("made_day", Text),
    column("amount_tiyn", Int),
    column("commission_tiyn", Int),
    column("late", Int),
    optional("hold_seq", Int),
];

const BETS: &[Column] = &[
    column("seq", Int),
    column("bet", Bytes),
    column("organiser", Int),
    column("account", Int),
    column("made_at", Time),
    column("amount_tiyn", Int),
    column("shape", Text),
    optional("system_sizes", Int),
    optional("system_bankers", Int),
    column("price_rule", Text),
    optional("price_total_ten_thousandths", Int),
    column("events", Text),
    column("outcomes", Text),
    column("odds_ten_thousandths", Text),
    column("live", Text),
    column("leg_results", Text),
    column("state", Text),
    optional("settled_seq", Int),
    optional("settled_at", Time),
    optional("computed_at", Time),
    optional("basis", Text),
    optional("result", Text),
    optional("gross_tiyn", Int),
    optional("of_which_stake_tiyn", Int),
    optional("winnings_tiyn", Int),
    optional("refund_tiyn", Int),
    optional("tax_tiyn", Int),
    optional("net_due_tiyn", Int),
    column("paid_tiyn", Int),
    column("repaid_tiyn", Int),
    column("outstanding_tiyn", Int),
    column("claim_tiyn", Int),
    column("waiting", Int),
    column("breaches", Text),
    column("last_seq", Int),
];

const POSTINGS: &[Column] = &[
    column("seq", Int),
    column("part", Int),
    column("at", Time),
    column("debit_wallet", Int),
    column("credit_wallet", Int),
    column("kind", Text),
    column("amount_tiyn", Int),
    column("debit_balance_tiyn", Int),
    column("credit_balance_tiyn", Int),
    optional("debit_previous_seq", Int),
    optional("credit_previous_seq", Int),
    optional("bet_seq", Int),
];

const PAYOUTS: &[Column] = &[
    column("seq", Int),
    column("bet_seq", Int),
    column("bet", Bytes),
    column("organiser", Int),
    column("account", Int),
    column("desk", Int),
    column("form", Text),
    column("paid_at", Time),
    column("recorded_at", Time),
    column("day", Text),
    column("amount_tiyn", Int),
    column("of_which_refund_tiyn", Int),
    column("late", Int),
];

impl Table {
    /// Every table.
    pub const ALL: [Table; 4] = [Table::Stakes, Table::Bets, Table::Postings, Table::Payouts];

    /// The version of the columns; a change of any of them is a new one (core 25).
    pub const VERSION: u32 = 1;

    /// The name.
    pub const fn name(self) -> &'static str {
        match self {
            Table::Stakes => "stakes",
            Table::Bets => "bets",
            Table::Postings => "postings",
            Table::Payouts => "payouts",
        }
    }

    /// The table with this name.
    pub fn from_name(name: &str) -> Option<Table> {
        Table::ALL.into_iter().find(|table| table.name() == name)
    }

    /// The columns in order.
    pub const fn columns(self) -> &'static [Column] {
        match self {
            Table::Stakes => STAKES,
            Table::Bets => BETS,
            Table::Postings => POSTINGS,
            Table::Payouts => PAYOUTS,
        }
    }

    /// Replaces `cells` by those of a row, one for each column; `false`, and no cell, if the row
    /// is none of this table: a hold is neither a stake nor a bet.
    pub fn cells(self, record: &Record, cells: &mut Vec<Cell>) -> bool {
        cells.clear();
        match (self, record) {
            (Table::Stakes, Record::Bet(row)) if row.standing.is_stake() => stake(row, cells),
            (Table::Bets, Record::Bet(row)) if row.standing.is_stake() => bet(row, cells),
            (Table::Postings, Record::Posting(row)) => posting(row, cells),
            (Table::Payouts, Record::Payout(row)) => payout(row, cells),
            _ => {}
        }
        !cells.is_empty()
    }
}

fn stake(row: &BetRow, cells: &mut Vec<Cell>) {
    cells.extend([
        seq(row.seq),
        Cell::Bytes(row.bet.0),
        int(row.organiser.0),
        int(row.account.0),
        int(row.desk.0),
        text(row.desk_kind.name()),
        text(row.form.name()),
        Cell::Time(row.at),
        Cell::Time(row.made_at),
        Cell::Text(row.day.to_string().into()),
        Cell::Text(row.made_day.to_string().into()),
        Cell::Int(row.amount.get()),
        Cell::Int(row.commission.get()),
        int(row.late),
        maybe_seq(row.hold),
    ]);
}

fn bet(row: &BetRow, cells: &mut Vec<Cell>) {
    let (sizes, bankers) = match row.shape {
        Shape::Single | Shape::Accumulator => (Cell::Null, Cell::Null),
        Shape::System { sizes, bankers } => (int(sizes), int(bankers)),
    };
    let total = match row.price {
        PriceRule::Exact | PriceRule::StepFloor => Cell::Null,
        // A total that a bet was accepted with fits: its return fits in tiyn.
        PriceRule::Given(total) => i64::try_from(total).map_or(Cell::Null, Cell::Int),
    };
    cells.extend([
        seq(row.seq),
        Cell::Bytes(row.bet.0),
        int(row.organiser.0),
        int(row.account.0),
        Cell::Time(row.made_at),
        Cell::Int(row.amount.get()),
        text(row.shape.name()),
        sizes,
        bankers,
        text(row.price.name()),
        total,
        legs(row, |leg| leg.event.to_string().into()),
        legs(row, |leg| leg.outcome.to_string().into()),
        legs(row, |leg| leg.odds.get().to_string().into()),
        legs(row, |leg| if leg.live { "1".into() } else { "0".into() }),
        legs(row, |leg| leg.result.map_or("-", |result| result.name()).into()),
        text(row.standing.name()),
    ]);
    settlement(row, cells);
    cells.extend([
        Cell::Int(row.paid.get()),
        Cell::Int(row.repaid.get()),
        Cell::Int(row.outstanding().get()),
        Cell::Int(row.claim().get()),
        int(row.waiting),
        joined(row.breaches.iter().map(|reason| Cow::Borrowed(reason.name()))),
        seq(row.last),
    ]);
}

fn settlement(row: &BetRow, cells: &mut Vec<Cell>) {
    let Some(settled) = row.settlement.as_deref() else {
        cells.resize(cells.len() + 11, Cell::Null);
        return;
    };
    cells.extend([
        seq(settled.seq),
        Cell::Time(settled.at),
        Cell::Time(settled.computed_at),
        text(settled.basis.name()),
        text(settled.result.name()),
        Cell::Int(settled.gross.get()),
        Cell::Int(settled.of_which_stake.get()),
        Cell::Int(settled.winnings().get()),
        Cell::Int(settled.refund.get()),
        Cell::Int(settled.tax.get()),
        Cell::Int(settled.net_due.get()),
    ]);
}

fn posting(row: &PostingRow, cells: &mut Vec<Cell>) {
    cells.extend([
        seq(row.seq),
        int(row.part),
        Cell::Time(row.at),
        int(row.debit.0),
        int(row.credit.0),
        text(row.kind.name()),
        Cell::Int(row.amount.get()),
        Cell::Int(row.debit_balance_tiyn),
        Cell::Int(row.credit_balance_tiyn),
        maybe_seq(row.debit_previous),
        maybe_seq(row.credit_previous),
        maybe_seq(row.bet_seq),
    ]);
}

fn payout(row: &PayoutRow, cells: &mut Vec<Cell>) {
    cells.extend([
        seq(row.seq),
        seq(row.bet_seq),
        Cell::Bytes(row.bet.0),
        int(row.organiser.0),
        int(row.account.0),
        int(row.desk.0),
        text(row.form.name()),
        Cell::Time(row.paid_at),
        Cell::Time(row.at),
        Cell::Text(row.day.to_string().into()),
        Cell::Int(row.amount.get()),
        Cell::Int(row.refund.get()),
        int(row.late),
    ]);
}

pub(crate) fn int(number: impl Into<i64>) -> Cell {
    Cell::Int(number.into())
}

fn text(text: &'static str) -> Cell {
    Cell::Text(Cow::Borrowed(text))
}

/// Positions stay far below 2^63: at the largest load that takes fifty million years.
pub(crate) fn seq(seq: Seq) -> Cell {
    Cell::Int(seq.0 as i64)
}

pub(crate) fn maybe_seq(found: Option<Seq>) -> Cell {
    found.map_or(Cell::Null, seq)
}

/// One word a leg, in their order, with a space between them.
fn legs(row: &BetRow, word: impl Fn(&LegRow) -> Cow<'static, str>) -> Cell {
    joined(row.legs.iter().map(word))
}

fn joined(words: impl Iterator<Item = Cow<'static, str>>) -> Cell {
    Cell::Text(words.collect::<Vec<_>>().join(" ").into())
}
