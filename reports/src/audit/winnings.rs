//! The auditor's own reckoning of what a bet returns, from `docs/winnings.md` and not from the
//! code that decided: fractions with a numerator and a denominator, one floor a line.

use journal::kinds::{Leg, LegResult, PriceRule, Shape};

/// One, in the ten-thousandths in which odds are kept.
const ONE: u64 = 10_000;

/// What comes back, in tiyn.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Back {
    pub(super) gross: i128,
    pub(super) of_which_stake: i128,
    pub(super) refund: i128,
}

/// What a bet returns under these results; nothing if the parts do not go together.
pub(super) fn returns(
    shape: Shape,
    price: PriceRule,
    amount: i64,
    legs: &[Leg],
    results: &[LegResult],
) -> Option<Back> {
    if legs.is_empty() || legs.len() != results.len() || amount < 0 {
        return None;
    }
    let all: Vec<(u64, LegResult)> =
        legs.iter().zip(results).map(|(leg, result)| (leg.odds.get().into(), *result)).collect();
    let lines = lines(shape, all.len())?;
    let unit = u64::try_from(amount).ok()?;
    let count = lines.len() as u64;
    if unit % count != 0 {
        return None;
    }
    let unit = unit / count;
    let mut total = Back::default();
    for members in lines {
        let line: Vec<(u64, LegResult)> = members.iter().map(|index| all[*index]).collect();
        let back = one_line(price, unit, &line)?;
        total.gross += back.gross;
        total.of_which_stake += back.of_which_stake;
        total.refund += back.refund;
    }
    (total.gross <= i128::from(i64::MAX)).then_some(total)
}

/// The legs of each line.
fn lines(shape: Shape, legs: usize) -> Option<Vec<Vec<usize>>> {
    let all: Vec<usize> = (0..legs).collect();
    match shape {
        Shape::Single => (legs == 1).then_some(vec![all]),
        Shape::Accumulator => (1 < legs).then_some(vec![all]),
        Shape::System { sizes, bankers } => {
            let (bankers, free) = all.split_at_checked(usize::from(bankers))?;
            let mut lines = Vec::new();
            for size in 1..=free.len() {
                if sizes >> (size - 1) & 1 == 1 {
                    choose(free, size, &mut bankers.to_vec(), &mut lines);
                }
            }
            (!lines.is_empty()).then_some(lines)
        }
    }
}

/// Adds every way to take `size` of `free` to what is chosen already.
fn choose(free: &[usize], size: usize, chosen: &mut Vec<usize>, lines: &mut Vec<Vec<usize>>) {
    if size == 0 {
        lines.push(chosen.clone());
        return;
    }
    for (at, leg) in free.iter().enumerate() {
        if free.len() - at < size {
            break;
        }
        chosen.push(*leg);
        choose(&free[at + 1..], size - 1, chosen, lines);
        chosen.pop();
    }
}

fn one_line(price: PriceRule, unit: u64, legs: &[(u64, LegResult)]) -> Option<Back> {
    let of = |wanted: LegResult| legs.iter().filter(|(_, result)| *result == wanted).count();
    if 0 < of(LegResult::Lost) {
        return Some(Back::default());
    }
    if of(LegResult::Void) == legs.len() {
        // The stake goes back whole, whatever total was agreed on.
        let unit = i128::from(unit);
        return Some(Back { gross: unit, of_which_stake: 0, refund: unit });
    }
    let mut above = vec![unit];
    let mut below = Vec::new();
    match price {
        PriceRule::Exact => {
            for (odds, result) in legs {
                let (up, down) = factor(*odds, *result);
                above.push(up);
                below.push(down);
            }
        }
        PriceRule::StepFloor => {
            let mut product = u128::from(ONE);
            for (odds, result) in legs {
                let (up, down) = factor(*odds, *result);
                product = product.checked_mul(up.into())? / u128::from(down);
            }
            above.push(u64::try_from(product).ok()?);
            below.push(ONE);
        }
        PriceRule::Given(total) => {
            above.push(total);
            below.push(ONE);
            // A leg's own odds leave the total and its factor takes their place.
            for (odds, result) in legs {
                let (up, down) = factor(*odds, *result);
                above.extend([up, ONE]);
                below.extend([down, *odds]);
            }
        }
    }
    let gross = i128::from(i64::try_from(quotient(&above, &below)?).ok()?);
    let unit = i128::from(unit);
    let refund = match (of(LegResult::Won), of(LegResult::HalfWon)) {
        (0, 0) => gross,
        (0, 1) if legs.len() == 1 => unit / 2,
        _ => 0,
    };
    Some(Back { gross, of_which_stake: (gross - refund).min(unit - refund), refund })
}

/// What a leg multiplies its line by.
fn factor(odds: u64, result: LegResult) -> (u64, u64) {
    match result {
        LegResult::Won => (odds, ONE),
        LegResult::Lost => (0, 1),
        LegResult::Void => (1, 1),
        LegResult::HalfWon => (odds + ONE, 2 * ONE),
        LegResult::HalfLost => (1, 2),
    }
}

/// The product of `above` over the product of `below`, rounded down. Most bets fit in 128 bits.
fn quotient(above: &[u64], below: &[u64]) -> Option<u128> {
    let product = |factors: &[u64]| {
        factors.iter().try_fold(1_u128, |product, factor| product.checked_mul((*factor).into()))
    };
    match (product(above), product(below)) {
        (Some(up), Some(down)) => up.checked_div(down),
        _ => long_quotient(above, below),
    }
}

/// The same with 32-bit digits, lowest first. Rounding down after each divisor gives the same as
/// rounding down once.
fn long_quotient(above: &[u64], below: &[u64]) -> Option<u128> {
    let mut digits: Vec<u32> = vec![1];
    for factor in above {
        let mut carry: u128 = 0;
        for digit in &mut digits {
            let sum = u128::from(*digit) * u128::from(*factor) + carry;
            *digit = sum as u32;
            carry = sum >> 32;
        }
        while carry != 0 {
            digits.push(carry as u32);
            carry >>= 32;
        }
    }
    for divisor in below {
        let mut rest: u128 = 0;
        for digit in digits.iter_mut().rev() {
            let part = rest << 32 | u128::from(*digit);
            *digit = part.checked_div(u128::from(*divisor))? as u32;
            rest = part % u128::from(*divisor);
        }
        while digits.last() == Some(&0) {
            digits.pop();
        }
    }
    if 4 < digits.len() {
        return None;
    }
    Some(digits.iter().rev().fold(0, |sum, digit| sum << 32 | u128::from(*digit)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use LegResult::{HalfLost, HalfWon, Lost, Void, Won};
    use terms::{Odds, Outcome};

    fn leg(odds: u32) -> Leg {
        let odds = Odds::new(odds).unwrap();
        Leg { outcome: Outcome(0), odds, requested: None, live: false }
    }

    #[test]
    fn what_comes_back() {
        // B2, domain 9, core 8
        let single = Shape::Single;
        let express = Shape::Accumulator;
        let pairs = Shape::System { sizes: 0b10, bankers: 0 };
        let exact = PriceRule::Exact;
        type Case<'a> =
            (Shape, PriceRule, i64, &'a [u32], &'a [LegResult], Option<(i128, i128, i128)>);
        let cases: &[Case<'_>] = &[
            (single, exact, 1_000, &[25_000], &[Won], Some((2_500, 1_000, 0))),
            (single, exact, 1_001, &[18_333], &[Won], Some((1_835, 1_001, 0))),
            (single, exact, 1_000, &[25_000], &[Lost], Some((0, 0, 0))),
            (single, exact, 1_000, &[25_000], &[Void], Some((1_000, 0, 1_000))),
            (single, exact, 1_000, &[25_000], &[HalfWon], Some((1_750, 500, 500))),
            (single, exact, 1_001, &[25_000], &[HalfLost], Some((500, 0, 500))),
            (express, exact, 1_000, &[15_000, 15_000], &[Won, Void], Some((1_500, 1_000, 0))),
            (express, exact, 1_000, &[15_000], &[Won], None),
            (pairs, exact, 300, &[20_000; 3], &[Won, Won, Lost], Some((400, 100, 0))),
            (pairs, exact, 301, &[20_000; 3], &[Won, Won, Lost], None),
            (
                express,
                PriceRule::StepFloor,
                10_000,
                &[13_333, 13_333],
                &[Won, Won],
                Some((17_776, 10_000, 0)),
            ),
            (
                express,
                PriceRule::Given(30_000),
                1_000,
                &[20_000, 20_000],
                &[Won, Won],
                Some((3_000, 1_000, 0)),
            ),
            (
                express,
                PriceRule::Given(30_000),
                1_000,
                &[20_000, 20_000],
                &[Won, Void],
                Some((1_500, 1_000, 0)),
            ),
        ];
        for (shape, price, amount, odds, results, want) in cases {
            let legs: Vec<Leg> = odds.iter().map(|odds| leg(*odds)).collect();
            let back = returns(*shape, *price, *amount, &legs, results);
            let got = back.map(|back| (back.gross, back.of_which_stake, back.refund));
            assert_eq!(got, *want, "{shape:?} {price:?} {amount} {odds:?} {results:?}");
        }
    }

    #[test]
    fn long_and_short_division_agree() {
        let mut turn: u64 = 7;
        let mut next = || {
            turn = turn.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            turn >> 40
        };
        for _ in 0..1_000 {
            let above: Vec<u64> = (0..4).map(|_| next()).collect();
            let below: Vec<u64> = (0..3).map(|_| next() + 1).collect();
            assert_eq!(quotient(&above, &below), long_quotient(&above, &below));
        }
        assert_eq!(quotient(&[u64::MAX; 5], &[u64::MAX; 4]), Some(u64::MAX.into()));
    }
}
