//! Read models: what the journal says, folded into rows that people search and add up.
//!
//! Owns the rows, the fold that makes them from facts in order, the roll-ups, the question that
//! the register of bets answers, and the columns of exports. Knows no database, no page and no
//! clock. The fold keeps the catalogue as dense numbers and a bounded number of recent bets; what
//! else it needs of a bet it asks of a [`Lookup`]. Each fact costs a few look-ups in memory.

#![cfg_attr(
    not(test),
    deny(
        clippy::disallowed_macros,
        clippy::disallowed_methods,
        clippy::disallowed_types,
        clippy::float_arithmetic
    )
)]

pub mod audit;
pub mod card;
pub mod daily;
mod directory;
pub mod fold;
pub mod query;
mod recent;
pub mod rollup;
pub mod row;
mod signal;
pub mod step;
pub mod story;
pub mod table;
pub mod totals;

pub use card::{Card, CardKey, CardKind, Sport};
pub use directory::Directory;
pub use fold::{Fold, FoldError, Lookup};
pub use query::{BetQuery, Condition, Direction, Field, Operator, Position, QueryError, SortField};
pub use rollup::{
    BreachKey, BreachSums, DeskKey, DeskSums, HourKey, HourSums, Measures, OverviewKey, Partition,
    Quarter, QuarterKey, QuarterSums, RefusalKey, RefusalSums, RollupKey, RollupSums, ShapeKind,
    Subject, Unpaid, UnpaidKey, UnpaidSums,
};
pub use row::{
    BetRow, BreachRow, LegRow, LegRows, PayoutRow, PostingRow, RefusalRow, Settled, SettlementRow,
    Side, SignalKind, SignalRow, Standing,
};
pub use signal::{REDEEMED_TIYN, WINNING_TIYN};
pub use step::{ChangedBet, Step};
pub use table::{Cell, Column, ColumnKind, Record, Table};
pub use totals::Totals;
