//! Decimal odds as integers in ten-thousandths (S-14).

use core::fmt;

use crate::codec::{Broken, Field, Reader, Value};

/// Decimal odds: 1.0001 to 10,000.0000 in ten-thousandths.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Odds(u32);

impl Odds {
    /// Parts in one.
    pub const SCALE: u32 = 10_000;
    /// The lowest odds.
    pub const MIN: u32 = 10_001;
    /// The highest odds.
    pub const MAX: u32 = 100_000_000;

    /// Odds from ten-thousandths; `None` outside 1.0001…10,000.0000.
    pub const fn new(ten_thousandths: u32) -> Option<Odds> {
        if Self::MIN <= ten_thousandths && ten_thousandths <= Self::MAX {
            Some(Odds(ten_thousandths))
        } else {
            None
        }
    }

    /// Ten-thousandths.
    pub const fn get(self) -> u32 {
        self.0
    }

    /// Reads `1.85`: at most four decimals, no sign, no exponent. Refuses rather than rounds.
    pub fn parse(text: &str) -> Option<Odds> {
        let (whole, part) = text.split_once('.').unwrap_or((text, ""));
        let digits = |s: &str| s.bytes().all(|b| b.is_ascii_digit());
        if whole.is_empty() || 5 < whole.len() || 4 < part.len() || !digits(whole) || !digits(part)
        {
            return None;
        }
        let whole: u32 = whole.parse().ok()?;
        let parts: u32 = format!("{part:0<4}").parse().ok()?;
        Odds::new(whole.checked_mul(Self::SCALE)?.checked_add(parts)?)
    }
}

impl fmt::Display for Odds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{:04}", self.0 / Self::SCALE, self.0 % Self::SCALE)
    }
}

impl Field for Odds {
    fn shape() -> String {
        "Odds".into()
    }
    fn put(&self, out: &mut Vec<u8>) {
        self.0.put(out);
    }
    fn read(from: &mut Reader<'_>) -> Result<Self, Broken> {
        Odds::new(u32::read(from)?).ok_or(Broken::Range)
    }
    fn value(&self) -> Value {
        Value::Int(i64::from(self.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn odds_are_read_exactly() {
        let cases = [
            ("1.85", Some(18_500)),
            ("2", Some(20_000)),
            ("1.0001", Some(10_001)),
            ("10000", Some(100_000_000)),
            ("1", None),
            ("1.00001", None),
            ("10000.0001", None),
            ("-2", None),
            ("1e3", None),
            ("", None),
            (".5", None),
            ("NaN", None),
        ];
        for (text, want) in cases {
            assert_eq!(Odds::parse(text).map(Odds::get), want, "{text}");
        }
    }
}
