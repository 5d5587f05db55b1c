//! Roll-ups added up for a page.

use std::collections::BTreeMap;
use std::ops::Range;

use journal::kinds::{DeskKind, Form};
use reports::rollup::ShapeKind;
use reports::{Measures, Partition, RollupSums};
use store::Fault;
use terms::{Day, Organiser};

use crate::doc::Cell;
use crate::visit::Visit;
use crate::web::Pairs;

/// Which roll-ups are wanted.
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    pub organiser: Option<Organiser>,
    pub form: Option<Form>,
    pub desk_kind: Option<DeskKind>,
    pub shape: Option<ShapeKind>,
}

impl Wanted {
    /// What an address asks for, and the organiser that may be seen.
    pub fn read(visit: &Visit<'_>, pairs: &Pairs) -> Wanted {
        let organiser = pairs.get("organiser").and_then(|number| number.parse().ok());
        Wanted {
            organiser: visit.scope().or(organiser.map(Organiser)),
            form: pairs.get("form").and_then(Form::from_name),
            desk_kind: pairs.get("desk_kind").and_then(DeskKind::from_name),
            shape: pairs.get("shape").and_then(ShapeKind::from_name),
        }
    }
}

/// Adds up what is wanted by a key that a caller makes of each roll-up's own.
pub fn by<K: Ord>(
    visit: &mut Visit<'_>,
    partition: Partition,
    days: Range<Day>,
    wanted: &Wanted,
    key: impl Fn(&reports::OverviewKey) -> K,
) -> Result<BTreeMap<K, RollupSums>, Fault> {
    let organiser = visit.scope().or(wanted.organiser);
    let mut sums: BTreeMap<K, RollupSums> = BTreeMap::new();
    for (found, row) in visit.views.overviews(partition, days, organiser)? {
        let wanted = wanted.form.is_none_or(|form| form == found.form)
            && wanted.desk_kind.is_none_or(|kind| kind == found.desk_kind)
            && wanted.shape.is_none_or(|shape| shape == found.shape);
        if wanted {
            let sum = sums.entry(key(&found)).or_default();
            *sum = sum.plus(&row).unwrap_or(*sum);
        }
    }
    Ok(sums)
}

/// What is usual of sums, and the verdict on one: the range of those before it, and whether it is
/// within. Under four there is none.
pub fn verdict(visit: &Visit<'_>, now: i64, before: &[i64]) -> (String, Cell) {
    let range = before.iter().min().zip(before.iter().max());
    match range.filter(|_| 4 <= before.len()) {
        None => {
            let unknown = visit.word("console.unknown");
            (unknown, Cell::state("none", visit.word("console.too_few_days")))
        }
        Some((low, high)) => {
            let (state, word) = if now < *low {
                ("info", "console.less")
            } else if *high < now {
                ("info", "console.more")
            } else {
                ("good", "console.usual")
            };
            let range = format!("{} – {}", visit.show.sum(*low), visit.show.sum(*high));
            (range, Cell::state(state, visit.word(word)))
        }
    }
}

/// The sum of all.
pub fn total(sums: impl IntoIterator<Item = RollupSums>) -> RollupSums {
    let none = RollupSums::default();
    sums.into_iter().fold(none, |sum, row| sum.plus(&row).unwrap_or(sum))
}

/// The days of a month.
pub fn month(year: i32, month: u32) -> Option<Range<Day>> {
    let next = if month == 12 { (year + 1, 1) } else { (year, month + 1) };
    Some(Day::of(year, month, 1)?..Day::of(next.0, next.1, 1)?)
}

/// Tenths of a per cent that a part is of a whole; nothing of nothing.
pub fn share(part: i64, whole: i64) -> i64 {
    if whole == 0 {
        return 0;
    }
    let tenths = i128::from(part) * 1_000 / i128::from(whole);
    i64::try_from(tenths).unwrap_or(0)
}
