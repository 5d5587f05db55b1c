//! Keys of roll-ups as numbers, one form for every engine that keeps sums in columns.

use reports::rollup::OverviewKey;
use reports::{QuarterKey, RollupKey};

/// «None» in a key.
pub const NONE: i64 = -1;

/// The day of no difference: before every day that has one.
pub const NO_DIFFERENCE: i32 = -1_000_000;

/// Quarter, day of the difference, organiser, kind and number of the subject.
pub fn quarter(key: &QuarterKey) -> [i64; 5] {
    let (kind, number) = key.subject.code();
    let difference = key.difference.map_or(NO_DIFFERENCE, |day| day.0);
    [
        key.quarter.number().into(),
        difference.into(),
        key.organiser.0.into(),
        kind.into(),
        number.into(),
    ]
}

/// Partition, day, organiser, kind of desk, form, shape.
pub fn overview(key: &OverviewKey) -> [i64; 6] {
    [
        key.partition.code().into(),
        key.day.0.into(),
        key.organiser.0.into(),
        key.desk_kind.code().into(),
        key.form.code().into(),
        key.shape.code().into(),
    ]
}

/// Partition, day, organiser, kind of desk, form, sport, championship, shape.
pub fn rollup(key: &RollupKey) -> [i64; 8] {
    [
        key.partition.code().into(),
        key.day.0.into(),
        key.organiser.0.into(),
        key.desk_kind.code().into(),
        key.form.code().into(),
        key.sport.map_or(NONE, |sport| sport.0.into()),
        key.championship.map_or(NONE, |championship| championship.0.into()),
        key.shape.code().into(),
    ]
}
