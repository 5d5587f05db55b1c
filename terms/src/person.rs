//! Individual and business identification numbers: twelve digits, the last a check digit.
//!
//! The rule comes from outside the source documents (requirements 9.1) and is to be confirmed.

use core::fmt;

use crate::codec::{Broken, Field, Reader, Value};

/// Why twelve digits are not such a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NumberError {
    /// Not exactly twelve digits.
    Form,
    /// The check digit does not match.
    CheckDigit,
    /// The date of birth in an IIN does not exist.
    BirthDate,
}

impl fmt::Display for NumberError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            NumberError::Form => "twelve digits are expected",
            NumberError::CheckDigit => "the check digit does not match",
            NumberError::BirthDate => "the date of birth in the number does not exist",
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

/// An individual identification number. Prints redacted; never enters a fact.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Iin([u8; 12]);

impl Iin {
    /// Checks the form, the check digit and, if digit 7 is not 0, that the birth date exists.
    pub fn parse(text: &str) -> Result<Iin, NumberError> {
        let digits = checked(text)?;
        let pair = |at: usize| digits[at] * 10 + digits[at + 1];
        let (month, day) = (pair(2), pair(4));
        if digits[6] != 0 && !(1 <= month && month <= 12 && 1 <= day && day <= 31) {
            return Err(NumberError::BirthDate);
        }
        Ok(Iin(digits))
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
        let mut digits = [0; 12];
        let mut rest = first;
        for slot in digits[..11].iter_mut().rev() {
            *slot = (rest % 10) as u8;
            rest /= 10;
        }
        let last = check_digit(&digits)?;
        (rest == 0).then_some(Bin(first * 10 + u64::from(last)))
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

    #[test]
    fn an_iin_never_prints() {
        let iin = Iin::parse("950101300016").unwrap();
        assert!(!format!("{iin:?}").contains("9501"));
        assert_eq!(iin.reveal(), "950101300016");
    }
}
