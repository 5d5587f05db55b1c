//! The golden vectors of `docs/winnings.md`, and properties against a naive model.

use super::*;
use crate::bet::Leg;
use terms::Outcome;

fn legs(odds: &[u32]) -> Vec<Leg> {
    odds.iter()
        .zip(1..)
        .map(|(odds, n)| Leg {
            outcome: Outcome(n),
            odds: Odds::new(*odds).unwrap(),
            requested: None,
            live: false,
        })
        .collect()
}

fn results(text: &str) -> Vec<LegResult> {
    text.chars()
        .map(|c| match c {
            'w' => LegResult::Won,
            'l' => LegResult::Lost,
            'v' => LegResult::Void,
            'h' => LegResult::HalfWon,
            'x' => LegResult::HalfLost,
            other => panic!("{other}"),
        })
        .collect()
}

/// Reads the table of the document: shape, price, stake, odds, results, gross, of stake, refund.
#[test]
fn golden_vectors_of_the_document() {
    // R0-15.2, R0-15.2a, R0-16.3e, S-14
    let text = include_str!("../../docs/winnings.md");
    let mut rows = 0;
    for row in text.lines().filter(|row| row.starts_with("| ") && row.contains('0')) {
        let cells: Vec<&str> = row.trim_matches('|').split('|').map(str::trim).collect();
        let [shape, price, stake, odds, ended, gross, of_stake, refund] = cells[..] else {
            continue;
        };
        let shape = match shape.split_whitespace().collect::<Vec<_>>()[..] {
            ["single"] => Shape::Single,
            ["accumulator"] => Shape::Accumulator,
            ["system", sizes, bankers] => Shape::System {
                sizes: u32::from_str_radix(sizes, 2).unwrap(),
                bankers: bankers.parse().unwrap(),
            },
            _ => panic!("{row}"),
        };
        let price = match price.split_whitespace().collect::<Vec<_>>()[..] {
            ["exact"] => PriceRule::Exact,
            ["step_floor"] => PriceRule::StepFloor,
            ["given", total] => PriceRule::Given(total.parse().unwrap()),
            _ => panic!("{row}"),
        };
        let odds: Vec<u32> = odds.split_whitespace().map(|n| n.parse().unwrap()).collect();
        let sum = |text: &str| Tiyn::new(text.parse().unwrap()).unwrap();
        let got = returns(shape, price, sum(stake), &legs(&odds), &results(ended));
        let want = if gross == "refused" {
            None
        } else {
            Some(Return { gross: sum(gross), of_which_stake: sum(of_stake), refund: sum(refund) })
        };
        assert_eq!(got, want, "{row}");
        rows += 1;
    }
    assert!(20 <= rows, "{rows} rows");
}

#[test]
fn shapes_and_their_lines() {
    let system = |sizes, bankers| Shape::System { sizes, bankers };
    let cases = [
        (Shape::Single, 1, Some(1)),
        (Shape::Single, 2, None),
        (Shape::Accumulator, 1, None),
        (Shape::Accumulator, 20, Some(1)),
        (Shape::Accumulator, 21, None),
        (system(0b010, 0), 3, Some(3)),
        (system(0b1110, 0), 4, Some(11)),
        (system(0b1111, 0), 4, Some(15)),
        (system(0b01, 2), 4, Some(2)),
        (system(0b100, 2), 4, None),
        (system(0, 0), 4, None),
        (system(1, 3), 4, None),
        (system(0b111_1111_1111, 0), 11, Some(2_047)),
        (system(0b1_1111_1111_1111, 0), 13, None),
    ];
    for (shape, legs, want) in cases {
        assert_eq!(lines(shape, legs), want, "{shape:?} {legs}");
    }
    assert_eq!(unit(system(0b010, 0), 3, Tiyn::of(301)), None);
    assert_eq!(unit(system(0b010, 0), 3, Tiyn::of(300)), Some(Tiyn::of(100)));
}

/// The line's return by fractions of big decimal digits, written as differently as possible:
/// long multiplication and division over strings of digits.
fn naive(unit: i64, odds: &[u32], ended: &[LegResult]) -> i64 {
    let mut up: Vec<u32> = unit.to_string().bytes().rev().map(|b| u32::from(b - b'0')).collect();
    let mut down: Vec<u64> = Vec::new();
    for (odds, result) in odds.iter().zip(ended) {
        let (n, d) = match result {
            LegResult::Won => (u64::from(*odds), 10_000),
            LegResult::Lost => return 0,
            LegResult::Void => (1, 1),
            LegResult::HalfWon => (u64::from(*odds) + 10_000, 20_000),
            LegResult::HalfLost => (1, 2),
        };
        let mut carry = 0u64;
        for digit in &mut up {
            let product = u64::from(*digit) * n + carry;
            *digit = (product % 10) as u32;
            carry = product / 10;
        }
        while 0 < carry {
            up.push((carry % 10) as u32);
            carry /= 10;
        }
        down.push(d);
    }
    for divisor in down {
        let mut rest = 0u64;
        for digit in up.iter_mut().rev() {
            let part = rest * 10 + u64::from(*digit);
            *digit = (part / divisor) as u32;
            rest = part % divisor;
        }
    }
    up.iter().rev().fold(0, |n, digit| n * 10 + i64::from(*digit))
}

#[test]
fn twenty_legs_agree_with_long_division() {
    let mut turn: u64 = 99;
    let mut next = |below: u64| {
        turn = turn.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        (turn >> 33) % below
    };
    for _ in 0..2_000 {
        let count = 2 + next(19) as usize;
        let odds: Vec<u32> = (0..count).map(|_| 10_001 + next(9_000) as u32).collect();
        let ended: Vec<LegResult> =
            (0..count).map(|_| LegResult::ALL[[0, 2, 3, 4, 0][next(5) as usize]]).collect();
        let stake = 1 + next(1_000_000) as i64;
        let got = returns(
            Shape::Accumulator,
            PriceRule::Exact,
            Tiyn::new(stake).unwrap(),
            &legs(&odds),
            &ended,
        );
        assert_eq!(got.unwrap().gross.get(), naive(stake, &odds, &ended));
    }
}

#[test]
fn the_highest_odds_overflow_and_are_refused() {
    let odds = [100_000_000; 20];
    assert_eq!(possible(Shape::Accumulator, PriceRule::Exact, Tiyn::of(100), &legs(&odds)), None);
    let lost = [LegResult::Lost; 20];
    let got = returns(Shape::Accumulator, PriceRule::Exact, Tiyn::of(1), &legs(&odds), &lost);
    assert_eq!(got, Some(Return::default()));
}

#[test]
fn what_comes_back_is_stake_winnings_and_refund() {
    let mut turn: u64 = 5;
    let mut next = |below: u64| {
        turn = turn.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(7);
        (turn >> 33) % below
    };
    for _ in 0..500 {
        let ended: Vec<LegResult> = (0..4).map(|_| LegResult::ALL[next(5) as usize]).collect();
        let odds: Vec<u32> = (0..4).map(|_| 10_001 + next(50_000) as u32).collect();
        let shape = Shape::System { sizes: 0b1111, bankers: 0 };
        let got = returns(shape, PriceRule::Exact, Tiyn::of(1_500), &legs(&odds), &ended).unwrap();
        assert!(got.of_which_stake.get() + got.refund.get() <= got.gross.get(), "{got:?}");
        assert!(got.of_which_stake.get() + got.refund.get() <= 1_500, "{got:?}");
    }
}

#[test]
fn the_choices_of_a_system_are_all_of_their_size_and_no_others() {
    for free in 1..=12 {
        for size in 1..=free {
            let all: Vec<u32> =
                (1..1u32 << free).filter(|mask| mask.count_ones() == size).collect();
            assert_eq!(choices(free)(size).collect::<Vec<_>>(), all, "{size} of {free}");
        }
    }
}
