//! Roll-ups added up for a page.

use std::collections::BTreeMap;
use std::ops::Range;

use journal::kinds::{DeskKind, Form};
use reports::rollup::ShapeKind;
use reports::{Measures, Partition, RollupSums};
use store::Fault;
use terms::{Day, Organiser};

use super::registers::FORMS;
use crate::chart::shares;
use crate::doc::{Block, Cell, Chart, Head, Table};
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

/// Stakes of some days by form of settlement: their shares as a bar, and a table that leads to the
/// records; on request with what was paid. `subtitle` is the key of a word.
pub fn forms(
    visit: &Visit<'_>,
    days: &Range<Day>,
    sums: &BTreeMap<Form, RollupSums>,
    paid: bool,
    subtitle: &str,
) -> Block {
    let of = |form: Form| sums.get(&form).copied().unwrap_or_default();
    let total: i64 = FORMS.iter().map(|form| of(*form).staked_tiyn).sum();
    let (first, last) = (days.start, Day(days.end.0 - 1));
    let (mut parts, mut rows) = (Vec::new(), Vec::new());
    for form in FORMS {
        let (name, sums) = (visit.word(&format!("form.{}", form.name())), of(form));
        let part = visit.show.percent(share(sums.staked_tiyn, total));
        parts.push((name.clone(), sums.staked_tiyn, part.clone()));
        let address = format!("/stakes?from={first}&to={last}&form={}", form.name());
        let mut row = vec![
            Cell::text(name).to(visit.href(&address)),
            Cell::number(visit.show.number(sums.stakes)),
            Cell::number(visit.show.sum(sums.staked_tiyn)),
        ];
        row.extend(paid.then(|| Cell::number(visit.show.sum(sums.paid_tiyn))));
        row.push(Cell::number(part));
        rows.push(row);
    }
    let title = visit.word("console.by_form");
    let svg = shares(&parts, &title);
    let mut heads = vec![
        Head::text(visit.word("label.form")),
        Head::number(visit.word("label.stakes")),
        Head::number(visit.word("label.sum_tenge")),
    ];
    heads.extend(paid.then(|| Head::number(visit.word("label.paid_tenge"))));
    heads.push(Head::number(visit.word("label.share")));
    let caption = title.clone();
    let table = Table { id: "forms".into(), caption, heads, rows, ..Table::default() };
    let subtitle = visit.word(subtitle);
    Block::Chart(Box::new(Chart { title, subtitle, svg, table, wide: true }))
}
