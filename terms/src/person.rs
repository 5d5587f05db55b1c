//! Individual and business identification numbers: twelve digits, the last a check digit.
//!
//! The rule comes from outside the source documents (requirements 9.1) and is to be confirmed.

use core::fmt;

use crate::codec::{Broken, Field, Reader, Value};
use crate::time::Day;

/// Why twelve digits are not such a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NumberError {
    /// Not exactly twelve digits.
    Form,
    /// The check digit does not match.
    CheckDigit,
    /// The date of birth in an IIN does not exist in the century that digit 7 names.
    BirthDate,
    /// Digit 7 of an IIN names no century and sex.
    Century,
}

impl fmt::Display for NumberError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            NumberError::Form => "twelve digits are expected",
            NumberError::CheckDigit => "the check digit does not match",
            NumberError::BirthDate => "the date of birth in the number does not exist",
            NumberError::Century => "the seventh digit names no century",
        })
    }
}

impl core::error::Error for NumberError {}

fn digits(text: &str) -> Result<[u8; 12], NumberError> {
    let bytes: [u8; 12] = text.as_bytes().try_into().map_err(|_| NumberError::Form)?;
    if bytes.iter().all(u8::is_ascii_digit) {
        Ok(bytes.map(|b| b - b'0'))
    } else {
        Err(NumberError::Form)
    }
}

/// The check digit of the first eleven digits: weights 1…11 modulo 11; if that gives 10, weights
/// 3…11, 1, 2; if again 10, the number does not exist.
fn check_digit(digits: &[u8; 12]) -> Option<u8> {
    let sum = |shift: u32| -> u32 {
        (0..11u32).zip(digits).map(|(i, d)| u32::from(*d) * ((i + shift) % 11 + 1)).sum()
    };
    [0, 2].into_iter().map(|shift| sum(shift) % 11).find(|rest| *rest < 10).map(|rest| rest as u8)
}

fn checked(text: &str) -> Result<[u8; 12], NumberError> {
    let digits = digits(text)?;
    if check_digit(&digits) == Some(digits[11]) { Ok(digits) } else { Err(NumberError::CheckDigit) }
}

/// The digits of a number of eleven; `None` if it is longer.
fn first_eleven(first: u64) -> Option<[u8; 12]> {
    let mut digits = [0; 12];
    let mut rest = first;
    for slot in digits[..11].iter_mut().rev() {
        *slot = (rest % 10) as u8;
        rest /= 10;
    }
    (rest == 0).then_some(digits)
}

/// What to make of an IIN whose seventh digit is 0, which names no century. Some describe it as
/// the form for foreigners; no source document does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UnknownCentury {
    /// It is no number.
    Reject,
    /// It is a number without a birth date; day and month must be those of a leap year.
    Accept,
}

/// What digit 7 says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sex {
    /// Odd.
    Male,
    /// Even.
    Female,
}

/// How the birth date in a number agrees with one that is stated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BirthAgreement {
    /// The same day.
    Same,
    /// Another day: somebody has to look (core 19).
    Differs,
    /// The number names no century.
    Unknown,
}

/// An individual identification number. Prints redacted; never enters a fact.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Iin([u8; 12]);

impl Iin {
    /// Checks the form, the check digit, and that the birth date exists in the century that
    /// digit 7 names (R0-16.2b). A number without a century is refused.
    pub fn parse(text: &str) -> Result<Iin, NumberError> {
        Iin::parse_with(text, UnknownCentury::Reject)
    }

    /// The same, with a choice about numbers without a century.
    pub fn parse_with(text: &str, century: UnknownCentury) -> Result<Iin, NumberError> {
        Iin::of_digits(checked(text)?, century)
    }

    /// The number with this beginning of eleven digits, if its check digit and its birth date
    /// exist; for sets that keep no more than these digits, and for samples.
    pub fn complete(first: u64) -> Option<Iin> {
        let mut digits = first_eleven(first)?;
        digits[11] = check_digit(&digits)?;
        Iin::of_digits(digits, UnknownCentury::Accept).ok()
    }

    fn of_digits(digits: [u8; 12], century: UnknownCentury) -> Result<Iin, NumberError> {
        let iin = Iin(digits);
        match digits[6] {
            0 if century == UnknownCentury::Accept => {
                // 2000 was a leap year, so every date of any year exists in it.
                let (_, month, day) = iin.written_date();
                Day::of(2000, month, day).map(|_| iin).ok_or(NumberError::BirthDate)
            }
            1..=6 => iin.birth_date().map(|_| iin).ok_or(NumberError::BirthDate),
            _ => Err(NumberError::Century),
        }
    }

    /// The two digits of the year, the month and the day, as they stand.
    fn written_date(&self) -> (u32, u32, u32) {
        let pair = |at: usize| u32::from(self.0[at]) * 10 + u32::from(self.0[at + 1]);
        (pair(0), pair(2), pair(4))
    }

    /// The birth date; `None` if the number names no century. It may lie in the future: whether it
    /// does is for those who know what day it is.
    pub fn birth_date(&self) -> Option<Day> {
        let century = match self.0[6] {
            1 | 2 => 1800,
            3 | 4 => 1900,
            5 | 6 => 2000,
            _ => return None,
        };
        let (year, month, day) = self.written_date();
        Day::of(century + year as i32, month, day)
    }

    /// The sex, if the number names it.
    pub fn sex(&self) -> Option<Sex> {
        match self.0[6] {
            1 | 3 | 5 => Some(Sex::Male),
            2 | 4 | 6 => Some(Sex::Female),
            _ => None,
        }
    }

    /// Compares with a stated birth date, which the state register's word is the measure of.
    pub fn birth_agreement(&self, stated: Day) -> BirthAgreement {
        match self.birth_date() {
            None => BirthAgreement::Unknown,
            Some(born) if born == stated => BirthAgreement::Same,
            Some(_) => BirthAgreement::Differs,
        }
    }

    /// The first eleven digits as a number; the last follows from them.
    pub fn eleven(&self) -> u64 {
        self.0[..11].iter().fold(0, |n, d| n * 10 + u64::from(*d))
    }

    /// The twelve digits; for the vault and the screens that are entitled to them.
    pub fn reveal(&self) -> String {
        self.0.iter().map(|d| (b'0' + d) as char).collect()
    }
}

impl fmt::Debug for Iin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Iin(************)")
    }
}

/// A business identification number. Public data of a legal entity.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Bin(u64);

impl Bin {
    /// Checks the form and the check digit (R0-16.2b).
    pub fn parse(text: &str) -> Result<Bin, NumberError> {
        let digits = checked(text)?;
        Ok(Bin(digits.iter().fold(0, |n, d| n * 10 + u64::from(*d))))
    }

    /// The number with this beginning of eleven digits, if its check digit exists; for samples.
    pub fn complete(first: u64) -> Option<Bin> {
        let digits = first_eleven(first)?;
        let last = check_digit(&digits)?;
        Some(Bin(first * 10 + u64::from(last)))
    }
}

impl fmt::Display for Bin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:012}", self.0)
    }
}

impl Field for Bin {
    fn shape() -> String {
        "Bin".into()
    }
    fn put(&self, out: &mut Vec<u8>) {
        self.0.put(out);
    }
    fn read(from: &mut Reader<'_>) -> Result<Self, Broken> {
        let number = u64::read(from)?;
        Bin::parse(&format!("{number:012}")).map_err(|_| Broken::Invalid)
    }
    fn value(&self) -> Value {
        Value::Text(self.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn check_digits() {
        // R0-16.2b
        let cases = [
            ("123456789011", Err(NumberError::CheckDigit)),
            ("12345678901", Err(NumberError::Form)),
            ("12345678901x", Err(NumberError::Form)),
        ];
        for (text, want) in cases {
            assert_eq!(Bin::parse(text).map(|_| ()), want, "{text}");
        }
        let bin = (1..).find_map(|n| Bin::complete(18_044_000_000 + n)).unwrap();
        assert_eq!(Bin::parse(&bin.to_string()), Ok(bin));
        assert_eq!(Bin::from_bytes(&bin.to_bytes()), Ok(bin));
    }

    #[test]
    fn a_wrong_check_digit_is_always_found() {
        let good = Bin::complete(18_044_000_123).unwrap().to_string();
        for digit in b'0'..=b'9' {
            let mut bad = good.clone().into_bytes();
            if bad[11] != digit {
                bad[11] = digit;
                let bad = std::str::from_utf8(&bad).unwrap();
                assert_eq!(Bin::parse(bad), Err(NumberError::CheckDigit));
            }
        }
    }

    const VALID: [(&str, (i32, u32, u32), Sex); 13] = [
        ("000101390004", (1900, 1, 1), Sex::Male),
        ("000101390504", (1900, 1, 1), Sex::Male),
        ("000228490001", (1900, 2, 28), Sex::Female),
        ("000228490209", (1900, 2, 28), Sex::Female),
        ("040229390008", (1904, 2, 29), Sex::Male),
        ("991231190006", (1899, 12, 31), Sex::Male),
        ("991231290002", (1899, 12, 31), Sex::Female),
        ("000229690000", (2000, 2, 29), Sex::Female),
        ("000101590007", (2000, 1, 1), Sex::Male),
        ("050712590008", (2005, 7, 12), Sex::Male),
        ("050712590909", (2005, 7, 12), Sex::Male),
        ("050713690006", (2005, 7, 13), Sex::Female),
        ("080712590003", (2008, 7, 12), Sex::Male),
    ];

    #[test]
    fn what_an_iin_says() {
        // R0-16.2b
        for (text, (year, month, day), sex) in VALID {
            let iin = Iin::parse(text).unwrap_or_else(|error| panic!("{text}: {error}"));
            let born = Day::of(year, month, day).unwrap();
            assert_eq!(iin.birth_date(), Some(born), "{text}");
            assert_eq!(iin.sex(), Some(sex), "{text}");
            assert_eq!(iin.birth_agreement(born), BirthAgreement::Same, "{text}");
            assert_eq!(iin.birth_agreement(Day(born.0 + 1)), BirthAgreement::Differs, "{text}");
            assert_eq!(Iin::complete(iin.eleven()), Some(iin), "{text}");
            assert_eq!(iin.reveal(), text);
        }
    }

    #[test]
    fn what_is_no_iin() {
        // R0-16.2b
        let cases = [
            ("050712590009", NumberError::CheckDigit),
            ("050721590008", NumberError::CheckDigit),
            ("001301390004", NumberError::BirthDate),
            ("000231390001", NumberError::BirthDate),
            ("000229390000", NumberError::BirthDate),
            ("000101090005", NumberError::Century),
            ("000101790002", NumberError::Century),
            ("000101990002", NumberError::Century),
            ("123456789011", NumberError::CheckDigit),
            ("05071259000", NumberError::Form),
            ("0507125900088", NumberError::Form),
            ("", NumberError::Form),
            ("05071259000Ⅷ", NumberError::Form),
            ("٠٥٠٧١٢٥٩٠٠٠٨", NumberError::Form),
            (" 050712590008", NumberError::Form),
            ("-50712590008", NumberError::Form),
        ];
        for (text, want) in cases {
            assert_eq!(Iin::parse(text), Err(want), "{text}");
        }
        // A beginning that both passes give 10 has no last digit at all.
        for first in ["00010139053", "05071259096"] {
            for last in 0..10 {
                let text = format!("{first}{last}");
                assert_eq!(Iin::parse(&text), Err(NumberError::CheckDigit), "{text}");
            }
            assert_eq!(Iin::complete(first.parse().unwrap()), None, "{first}");
        }
        // Structurally valid; that it lies in the future is for those who know the day.
        let future = Iin::parse("990101590001").unwrap();
        assert_eq!(future.birth_date(), Day::of(2099, 1, 1));
    }

    #[test]
    fn a_number_without_a_century_is_a_choice() {
        let accept = |text| Iin::parse_with(text, UnknownCentury::Accept);
        let iin = accept("000101090005").unwrap();
        assert_eq!((iin.birth_date(), iin.sex()), (None, None));
        assert_eq!(iin.birth_agreement(Day(0)), BirthAgreement::Unknown);
        assert_eq!(accept("000101790002"), Err(NumberError::Century));
        assert_eq!(accept("050712590008"), Iin::parse("050712590008"));
        let impossible = (0..10)
            .map(|last| format!("00023009000{last}"))
            .find(|text| checked(text).is_ok())
            .unwrap();
        assert_eq!(accept(&impossible), Err(NumberError::BirthDate));
    }

    #[test]
    fn of_one_prefix_some_serials_go_to_the_second_pass_and_some_do_not_exist() {
        let (mut second, mut absent) = (0, 0);
        for serial in 0..10_000u64 {
            let first = 5_071_250_000 + serial;
            let digits = first_eleven(first).unwrap();
            let sum: u32 = (1..).zip(&digits[..11]).map(|(w, d)| w * u32::from(*d)).sum();
            second += u32::from(sum % 11 == 10);
            absent += u32::from(Iin::complete(first).is_none());
        }
        assert_eq!((second, absent), (910, 83));
    }

    #[test]
    fn an_iin_never_prints() {
        let iin = Iin::parse("950101300016").unwrap();
        assert!(!format!("{iin:?}").contains("9501"));
        assert_eq!(iin.reveal(), "950101300016");
    }
}
