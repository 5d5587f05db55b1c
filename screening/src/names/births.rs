//! How births agree, and what that does to a score.

use terms::Day;

use super::reason::{Reason, ReasonCode};
use crate::entry::Birth;

const EQUAL: i16 = 50;
const YEAR: i16 = 20;
const SWAPPED: i16 = -20;
const NEAR: i16 = -60;
/// So much that the same name alone is no hit any more.
const DIFFERS: i16 = -310;

/// The best agreement of any birth of one side with any of the other.
pub fn agreement(ours: &[Birth], theirs: &[Birth]) -> Reason {
    ours.iter()
        .flat_map(|one| theirs.iter().map(move |other| pair(*one, *other)))
        .max_by_key(|reason| reason.effect)
        .unwrap_or(Reason { code: ReasonCode::BirthMissing, effect: 0 })
}

fn pair(one: Birth, other: Birth) -> Reason {
    if let (Birth::Day(one), Birth::Day(other)) = (one, other) {
        return days(one, other);
    }
    let ((from, to), (start, end)) = (span(one), span(other));
    if from <= end && start <= to {
        return Reason { code: ReasonCode::BirthYear, effect: YEAR };
    }
    if from <= end + 1 && start <= to + 1 {
        return Reason { code: ReasonCode::BirthNear, effect: NEAR };
    }
    Reason { code: ReasonCode::BirthDiffers, effect: DIFFERS }
}

/// The years that a birth can be in; "about" is two years to both sides.
fn span(birth: Birth) -> (i32, i32) {
    match birth {
        Birth::Day(day) => (day.date().0, day.date().0),
        Birth::Years { from, to } => (from.into(), to.into()),
        Birth::About(year) => (i32::from(year) - 2, i32::from(year) + 2),
    }
}

fn days(one: Day, other: Day) -> Reason {
    if one == other {
        return Reason { code: ReasonCode::BirthEqual, effect: EQUAL };
    }
    let ((year, month, day), (year2, month2, day2)) = (one.date(), other.date());
    if year == year2 && month == day2 && day == month2 {
        return Reason { code: ReasonCode::BirthSwapped, effect: SWAPPED };
    }
    let same = [year == year2, month == month2, day == day2].iter().filter(|same| **same).count();
    // One digit is wrong, or a year is counted in.
    let years = year.abs_diff(year2);
    if same == 2 && (years <= 1 || years == 10) {
        return Reason { code: ReasonCode::BirthNear, effect: NEAR };
    }
    Reason { code: ReasonCode::BirthDiffers, effect: DIFFERS }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn agreements() {
        let day = |y, m, d| Birth::Day(Day::of(y, m, d).unwrap());
        let year = |year| Birth::Years { from: year, to: year };
        let cases = [
            (vec![day(1980, 3, 7)], vec![day(1980, 3, 7)], ReasonCode::BirthEqual),
            (vec![day(1980, 3, 7)], vec![day(1970, 1, 1), day(1980, 3, 7)], ReasonCode::BirthEqual),
            (vec![day(1980, 3, 7)], vec![day(1980, 7, 3)], ReasonCode::BirthSwapped),
            (vec![day(1980, 3, 7)], vec![day(1980, 3, 8)], ReasonCode::BirthNear),
            (vec![day(1980, 3, 7)], vec![day(1981, 3, 7)], ReasonCode::BirthNear),
            (vec![day(1980, 3, 7)], vec![day(1990, 3, 7)], ReasonCode::BirthNear),
            (vec![day(1980, 3, 7)], vec![day(1985, 3, 7)], ReasonCode::BirthDiffers),
            (vec![day(1980, 3, 7)], vec![day(1980, 4, 8)], ReasonCode::BirthDiffers),
            (vec![day(1980, 3, 7)], vec![year(1980)], ReasonCode::BirthYear),
            (vec![day(1980, 3, 7)], vec![year(1981)], ReasonCode::BirthNear),
            (vec![day(1980, 3, 7)], vec![year(1983)], ReasonCode::BirthDiffers),
            (vec![day(1980, 3, 7)], vec![Birth::About(1982)], ReasonCode::BirthYear),
            (vec![year(1980)], vec![Birth::Years { from: 1978, to: 1982 }], ReasonCode::BirthYear),
            (vec![day(1980, 3, 7)], vec![], ReasonCode::BirthMissing),
            (vec![], vec![], ReasonCode::BirthMissing),
        ];
        for (one, other, want) in cases {
            assert_eq!(agreement(&one, &other).code, want);
            assert_eq!(agreement(&other, &one).code, want);
        }
    }
}
