//! Sets of numbers against a naive set.

use std::collections::BTreeSet;

use proptest::prelude::*;
use screening::Numbers;
use terms::{Day, Iin};

/// Numbers of few days, so that they meet; one in a hundred has no last digit and drops out.
fn iins() -> impl Strategy<Value = Vec<Iin>> {
    let one =
        (0..3i32, 1..=6u64, 0..200u64).prop_filter_map("no such number", |(day, seventh, n)| {
            let (year, month, day) = Day(10_956 + day).date();
            let date = (year as u64 % 100) * 10_000 + u64::from(month) * 100 + u64::from(day);
            Iin::complete(date * 100_000 + seventh * 10_000 + n)
        });
    proptest::collection::vec(one, 0..300)
}

proptest! {
    #[test]
    fn a_set_answers_as_a_naive_set_does(listed in iins(), asked in iins()) {
        let naive: BTreeSet<Iin> = listed.iter().copied().collect();
        let set = Numbers::build(listed.iter().copied()).unwrap();
        prop_assert_eq!(set.len(), naive.len());
        for iin in listed.iter().chain(&asked) {
            prop_assert_eq!(set.contains(iin), naive.contains(iin));
        }
        let all: BTreeSet<Iin> = set.iter().collect();
        prop_assert_eq!(all, naive);
    }

    #[test]
    fn a_difference_leads_from_one_version_to_the_next(old in iins(), new in iins()) {
        let (before, after): (BTreeSet<Iin>, BTreeSet<Iin>) =
            (old.iter().copied().collect(), new.iter().copied().collect());
        let (old, new) = (Numbers::build(old).unwrap(), Numbers::build(new).unwrap());
        let difference = new.difference(&old);
        let added: BTreeSet<Iin> = difference.added().collect();
        let removed: BTreeSet<Iin> = difference.removed().collect();
        prop_assert_eq!(added, after.difference(&before).copied().collect::<BTreeSet<_>>());
        prop_assert_eq!(removed, before.difference(&after).copied().collect::<BTreeSet<_>>());
        prop_assert!(new.difference(&new).added().next().is_none());
    }
}

#[test]
fn the_ends_of_the_range_are_numbers_as_others_are() {
    let first = (0..).find_map(|n| Iin::complete(1_011_000_000 + n)).unwrap();
    let last = (0..10_000).rev().find_map(|n| Iin::complete(99_123_160_000 + n)).unwrap();
    let set = Numbers::build([last, first, last]).unwrap();
    assert_eq!(set.iter().collect::<Vec<_>>(), [first, last]);
    assert!(set.contains(&first) && set.contains(&last));
    assert!(!Numbers::build([]).unwrap().contains(&first));
}

#[test]
fn a_set_prints_no_number() {
    let iin = Iin::parse("050712590008").unwrap();
    let set = Numbers::build([iin]).unwrap();
    let printed = format!("{set:?} {:?}", set.difference(&set));
    assert!(!printed.contains("0507125"), "{printed}");
}
