//! Money in tiyn (1/100 tenge). Only checked arithmetic exists.

use core::fmt;

use crate::codec::{Broken, Field, Reader, Value};

/// A sum in tiyn, never negative.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Tiyn(i64);

impl Tiyn {
    /// Nothing.
    pub const ZERO: Tiyn = Tiyn(0);
    /// The largest sum.
    pub const MAX: Tiyn = Tiyn(i64::MAX);

    /// A sum; `None` if negative.
    pub const fn new(tiyn: i64) -> Option<Tiyn> {
        if tiyn < 0 { None } else { Some(Tiyn(tiyn)) }
    }

    /// A constant; a negative one does not compile where it is evaluated at compile time.
    pub const fn of(tiyn: u32) -> Tiyn {
        Tiyn(tiyn as i64)
    }

    /// The number of tiyn.
    pub const fn get(self) -> i64 {
        self.0
    }

    /// Whether the sum is zero.
    pub const fn is_zero(self) -> bool {
        self.0 == 0
    }

    /// The sum of both, if it fits.
    pub const fn checked_add(self, other: Tiyn) -> Option<Tiyn> {
        match self.0.checked_add(other.0) {
            Some(sum) => Some(Tiyn(sum)),
            None => None,
        }
    }

    /// The rest, if it is not negative.
    pub const fn checked_sub(self, other: Tiyn) -> Option<Tiyn> {
        if self.0 < other.0 { None } else { Some(Tiyn(self.0 - other.0)) }
    }

    /// The rest, or zero.
    pub const fn or_zero_sub(self, other: Tiyn) -> Tiyn {
        if self.0 < other.0 { Tiyn(0) } else { Tiyn(self.0 - other.0) }
    }

    /// So many times the sum, if it fits.
    pub const fn checked_mul(self, times: u32) -> Option<Tiyn> {
        match self.0.checked_mul(times as i64) {
            Some(product) => Some(Tiyn(product)),
            None => None,
        }
    }

    /// A share in millionths, rounded half up to tiyn (S-13).
    pub fn share_half_up(self, millionths: u32) -> Option<Tiyn> {
        let exact = i128::from(self.0) * i128::from(millionths);
        i64::try_from((exact + 500_000) / 1_000_000).ok().map(Tiyn)
    }

    /// How far this is from the other sum.
    pub const fn delta(self, other: Tiyn) -> TiynDelta {
        // Cannot overflow: both are in 0..=i64::MAX.
        TiynDelta(self.0 - other.0)
    }
}

impl fmt::Display for Tiyn {
    /// Tenge with two decimals and no grouping: `2500.00`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{:02}", self.0 / 100, self.0 % 100)
    }
}

impl Field for Tiyn {
    fn shape() -> String {
        "Tiyn".into()
    }
    fn put(&self, out: &mut Vec<u8>) {
        // Cannot be negative: every constructor refuses it.
        crate::codec::put_leb(out, self.0 as u64);
    }
    fn read(from: &mut Reader<'_>) -> Result<Self, Broken> {
        i64::try_from(from.leb()?).map(Tiyn).map_err(|_| Broken::Range)
    }
    fn value(&self) -> Value {
        Value::Int(self.0)
    }
}

/// A difference of sums in tiyn.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct TiynDelta(pub i64);

impl Field for TiynDelta {
    fn shape() -> String {
        "TiynDelta".into()
    }
    fn put(&self, out: &mut Vec<u8>) {
        self.0.put(out);
    }
    fn read(from: &mut Reader<'_>) -> Result<Self, Broken> {
        i64::read(from).map(TiynDelta)
    }
    fn value(&self) -> Value {
        Value::Int(self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arithmetic_is_checked() {
        assert_eq!(Tiyn::new(-1), None);
        assert_eq!(Tiyn::MAX.checked_add(Tiyn::of(1)), None);
        assert_eq!(Tiyn::of(1).checked_sub(Tiyn::of(2)), None);
        assert_eq!(Tiyn::of(1).delta(Tiyn::of(3)), TiynDelta(-2));
        assert_eq!(Tiyn::of(250_050).to_string(), "2500.50");
    }

    #[test]
    fn shares_round_half_up() {
        assert_eq!(Tiyn::of(50).share_half_up(50_000), Some(Tiyn::of(3)));
        assert_eq!(Tiyn::of(49).share_half_up(50_000), Some(Tiyn::of(2)));
        assert_eq!(Tiyn::MAX.share_half_up(2_000_000), None);
    }
}
