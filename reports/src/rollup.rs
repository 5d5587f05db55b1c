//! Roll-ups: sums that overviews and statistics read, as exact integers.
//!
//! A step brings differences, already added up over the step; a store adds them to what it has.
//! Everything is counted twice, in two partitions ([`Partition`], core 25).

use std::collections::BTreeMap;

use journal::kinds::{DeskKind, Form, Shape};
use terms::{Championship, Day, DeskNo, Event, Organiser, Reason, choice};

use crate::card::Sport;

choice! {
    /// The day under which a fact is counted.
    pub enum Partition {
        /// The day on which БЕЖ recorded it: a past day never changes.
        Recorded = 1 "recorded",
        /// The day on which the organiser accepted the stake that it is about.
        Made = 2 "made",
    }
}

choice! {
    /// The shape of a bet without its particulars.
    pub enum ShapeKind {
        /// One leg.
        Single = 1 "single",
        /// All legs in one line.
        Accumulator = 2 "accumulator",
        /// Several lines.
        System = 3 "system",
    }
}

impl From<Shape> for ShapeKind {
    fn from(shape: Shape) -> ShapeKind {
        match shape {
            Shape::Single => ShapeKind::Single,
            Shape::Accumulator => ShapeKind::Accumulator,
            Shape::System { .. } => ShapeKind::System,
        }
    }
}

/// Where stakes and what became of them are counted. Each stake has one key in each partition, so
/// that every sum over keys counts it once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct RollupKey {
    /// Which day `day` is.
    pub partition: Partition,
    /// The day.
    pub day: Day,
    /// The organiser.
    pub organiser: Organiser,
    /// The kind of the desk that took the stake.
    pub desk_kind: DeskKind,
    /// How the stake was given.
    pub form: Form,
    /// The sport; none if the bet has several.
    pub sport: Option<Sport>,
    /// The championship; none if the bet has several.
    pub championship: Option<Championship>,
    /// The shape.
    pub shape: ShapeKind,
}

impl RollupKey {
    /// The key of the same stake in the overview.
    pub const fn overview(&self) -> OverviewKey {
        OverviewKey {
            partition: self.partition,
            day: self.day,
            organiser: self.organiser,
            desk_kind: self.desk_kind,
            form: self.form,
            shape: self.shape,
        }
    }
}

/// The same without sport and championship: few rows a day, for pages that are opened often.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct OverviewKey {
    /// Which day `day` is.
    pub partition: Partition,
    /// The day.
    pub day: Day,
    /// The organiser.
    pub organiser: Organiser,
    /// The kind of the desk that took the stake.
    pub desk_kind: DeskKind,
    /// How the stake was given.
    pub form: Form,
    /// The shape.
    pub shape: ShapeKind,
}

/// A refusal count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct RefusalKey {
    /// The day on which БЕЖ refused.
    pub day: Day,
    /// The organiser that was refused; none if another sender was.
    pub organiser: Option<Organiser>,
    /// Why.
    pub reason: Reason,
}

/// A breach count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct BreachKey {
    /// The day on which it came to light.
    pub day: Day,
    /// The organiser.
    pub organiser: Organiser,
    /// Which rule.
    pub reason: Reason,
}

/// What an hour brought to an organiser.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct HourKey {
    /// The day on which БЕЖ recorded it.
    pub day: Day,
    /// The hour of that day, 0 to 23. The day on which clocks go back has one of them twice.
    pub hour: u8,
    /// The organiser.
    pub organiser: Organiser,
    /// The kind of the desk that took the stake, and how it was given; none of refusals.
    pub taken: Option<(DeskKind, Form)>,
}

/// What passed over a desk on a day in one form of settlement (P-12).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct DeskKey {
    /// The day on which БЕЖ recorded it.
    pub day: Day,
    /// The organiser.
    pub organiser: Organiser,
    /// The desk that took the stake, or that paid.
    pub desk: DeskNo,
    /// How the stake was given, or the payout made.
    pub form: Form,
}

/// A calendar quarter of Almaty (S-27).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Quarter(i32);

/// Days after its end on which a quarter's statistics are still provisional (core 25).
const PROVISIONAL_DAYS: i32 = 10;

impl Quarter {
    /// The quarter from its number, as [`Quarter::number`] gives it.
    pub const fn from_number(number: i32) -> Quarter {
        Quarter(number)
    }

    /// Quarters since the year 0.
    pub const fn number(self) -> i32 {
        self.0
    }

    /// A quarter of a year, 1 to 4.
    pub fn new(year: i32, quarter: u32) -> Option<Quarter> {
        let within = 1 <= quarter && quarter <= 4 && (0..=9_999).contains(&year);
        within.then_some(Quarter(year * 4 + quarter as i32 - 1))
    }

    /// The quarter of a day.
    pub fn of(day: Day) -> Quarter {
        let (year, month, _) = day.date();
        Quarter(year * 4 + (month as i32 - 1) / 3)
    }

    /// Year, and quarter from 1.
    pub const fn year_and_quarter(self) -> (i32, u32) {
        (self.0.div_euclid(4), self.0.rem_euclid(4) as u32 + 1)
    }

    /// The first day.
    pub fn first_day(self) -> Day {
        let (year, quarter) = self.year_and_quarter();
        // Cannot fail: the first of a month from 1 to 10 exists in every year.
        Day::of(year, quarter * 3 - 2, 1).unwrap_or(Day(0))
    }

    /// The last day on which its statistics are provisional; then they are final.
    pub fn final_after(self) -> Day {
        Day(Quarter(self.0 + 1).first_day().0 - 1 + PROVISIONAL_DAYS)
    }
}

/// What a quarter's statistics are about (R0-16.3k–p).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Subject {
    /// Distinct stakes.
    Total,
    /// Stakes that contain an event.
    Event(Event),
    /// Stakes that contain a championship.
    Championship(Championship),
    /// Stakes that contain a sport.
    Sport(Sport),
}

impl Subject {
    /// The permanent code of the kind, and the number.
    pub const fn code(self) -> (u8, u32) {
        match self {
            Subject::Total => (0, 0),
            Subject::Event(event) => (1, event.0),
            Subject::Championship(championship) => (2, championship.0),
            Subject::Sport(sport) => (3, sport.0),
        }
    }

    /// Reads what [`Subject::code`] gave.
    pub const fn from_code(code: u8, number: u32) -> Option<Subject> {
        match code {
            0 => Some(Subject::Total),
            1 => Some(Subject::Event(Event(number))),
            2 => Some(Subject::Championship(Championship(number))),
            3 => Some(Subject::Sport(Sport(number))),
            _ => None,
        }
    }
}

/// Where a stake is counted in quarterly statistics. It counts once, with its full sum, in every
/// event, championship and sport that it contains (domain 23).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct QuarterKey {
    /// The quarter in which the organiser accepted the stake.
    pub quarter: Quarter,
    /// Nothing while the quarter was provisional. Later, the day of the difference: the days of
    /// one quarter in their order are its numbered differences.
    pub difference: Option<Day>,
    /// The organiser.
    pub organiser: Organiser,
    /// What is counted.
    pub subject: Subject,
}

choice! {
    /// Why a winning is not paid yet (domain 20).
    pub enum Unpaid {
        /// The organiser's wallet holds too little (S-35).
        WaitingFunds = 1 "waiting_funds",
        /// The bettor has not come for it.
        Unclaimed = 2 "unclaimed",
    }
}

/// Where what is due and not paid is counted: what stands now, not what happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct UnpaidKey {
    /// The organiser.
    pub organiser: Organiser,
    /// The desk that took the stake.
    pub desk: DeskNo,
    /// Why it is not paid.
    pub unpaid: Unpaid,
    /// The day of the effective settlement: from it the age runs.
    pub day: Day,
}

macro_rules! sums {
    ($(#[$meta:meta])* $name:ident { $( $(#[$fmeta:meta])* $field:ident ),* $(,)? }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
        pub struct $name { $( $(#[$fmeta])* pub $field: i64 ),* }

        impl $name {
            /// The names of the sums in order.
            pub const NAMES: &'static [&'static str] = &[ $( stringify!($field) ),* ];

            /// The sums in order.
            pub fn values(&self) -> [i64; Self::NAMES.len()] {
                [ $( self.$field ),* ]
            }

            /// From the sums in order.
            pub fn from_values(values: [i64; Self::NAMES.len()]) -> $name {
                let [ $( $field ),* ] = values;
                $name { $( $field ),* }
            }
        }

        impl Measures for $name {
            fn plus(&self, other: &$name) -> Option<$name> {
                Some($name { $( $field: self.$field.checked_add(other.$field)? ),* })
            }
        }
    };
}

/// Sums that can be added.
pub trait Measures: Copy + Default + PartialEq {
    /// The sum of both, if it fits.
    fn plus(&self, other: &Self) -> Option<Self>;
}

sums! {
    /// Stakes and what became of them. A correction counts as the difference that it makes.
    RollupSums {
        /// Stakes accepted.
        stakes,
        /// Their sum.
        staked_tiyn,
        /// Of them, with more than one leg.
        combined,
        /// The sum of those.
        combined_tiyn,
        /// Of them, with a leg under way.
        live,
        /// Of them, reported late.
        late,
        /// Commission on them.
        commission_tiyn,
        /// Bets settled.
        settled,
        /// Of them, won.
        won,
        /// Winnings determined, without refunds.
        winnings_tiyn,
        /// Bets of which stake was returned.
        refunded,
        /// Stake returned.
        refund_tiyn,
        /// Tax withheld.
        tax_tiyn,
        /// Settlements that correct another.
        corrections,
        /// Payouts.
        payouts,
        /// Their sum.
        paid_tiyn,
    }
}

sums! {
    /// Refusals.
    RefusalSums {
        /// How many.
        count,
    }
}

sums! {
    /// Breaches.
    BreachSums {
        /// How many.
        count,
    }
}

sums! {
    /// An hour.
    HourSums {
        /// Stakes accepted.
        stakes,
        /// Their sum.
        staked_tiyn,
        /// Winnings determined; a correction counts as the difference that it makes.
        winnings_tiyn,
        /// Paid out.
        paid_tiyn,
        /// Messages refused.
        refused,
    }
}

sums! {
    /// A desk's day.
    DeskSums {
        /// Stakes taken.
        stakes,
        /// Their sum.
        staked_tiyn,
        /// Payouts made.
        payouts,
        /// Their sum.
        paid_tiyn,
    }
}

sums! {
    /// Quarterly statistics (R0-16.3k–p).
    QuarterSums {
        /// Stakes.
        stakes,
        /// Their sum.
        staked_tiyn,
        /// Of which combined.
        combined,
        /// The sum of those.
        combined_tiyn,
        /// Of which refunded, wholly or in part.
        refunded,
        /// The sum refunded.
        refund_tiyn,
    }
}

sums! {
    /// What is due and not paid.
    UnpaidSums {
        /// Bets.
        bets,
        /// What is still to be paid on them.
        sum_tiyn,
    }
}

/// Differences by key, being added up.
#[derive(Clone, Debug)]
pub(crate) struct Sums<K, V>(BTreeMap<K, V>);

impl<K: Ord, V: Measures> Sums<K, V> {
    pub(crate) fn new() -> Self {
        Sums(BTreeMap::new())
    }

    /// Adds; nothing if a sum does not fit.
    pub(crate) fn add(&mut self, key: K, sums: &V) -> Option<()> {
        let row = self.0.entry(key).or_default();
        *row = row.plus(sums)?;
        Some(())
    }

    /// The differences that are not nothing, by key.
    pub(crate) fn finish(self) -> Vec<(K, V)> {
        self.0.into_iter().filter(|(_, sums)| *sums != V::default()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quarters_of_days() {
        // S-27
        let check = |day: &str, year, quarter, final_after: &str| {
            let found = Quarter::of(Day::parse(day).unwrap());
            assert_eq!(found.year_and_quarter(), (year, quarter), "{day}");
            assert_eq!(Quarter::new(year, quarter), Some(found));
            assert_eq!(Quarter::from_number(found.number()), found);
            assert_eq!(found.final_after().to_string(), final_after);
        };
        check("2025-12-31", 2025, 4, "2026-01-10");
        check("2026-01-01", 2026, 1, "2026-04-10");
        check("2026-06-30", 2026, 2, "2026-07-10");
        check("2026-07-01", 2026, 3, "2026-10-10");
        assert_eq!(Quarter::new(2026, 5), None);
        assert_eq!(Quarter::new(2026, 0), None);
    }

    #[test]
    fn sums_that_do_not_fit_are_refused() {
        let mut sums = Sums::new();
        assert_eq!(sums.add(1, &RefusalSums { count: i64::MAX }), Some(()));
        assert_eq!(sums.add(2, &RefusalSums { count: 1 }), Some(()));
        assert_eq!(sums.add(2, &RefusalSums { count: -1 }), Some(()));
        assert_eq!(sums.add(1, &RefusalSums { count: 1 }), None);
        assert_eq!(sums.finish(), [(1, RefusalSums { count: i64::MAX })]);
    }
}
