//! Exact membership of individual identification numbers.
//!
//! Owns [`Numbers`], an immutable set, its difference from another, and its form in a file.
//!
//! A number's last digit follows from the others, its first seven name a birth date, century and
//! sex, and four digits are left. The set keeps, for each of the 260,400 beginnings that a date can
//! have, where its serials begin, and the serials themselves, sorted, two bytes each. So a set of
//! four million takes 9 MB, and a question reads two neighbouring offsets and searches some dozens
//! of serials.
//!
//! Contract: [`Numbers::contains`] is exact; nothing is hashed away. A set is never changed; a new
//! version is a new set, and the old one stays as long as somebody reads it.
//!
//! Limits: [`NUMBERS_MAX`]. Building holds eight bytes a number beside
//! the set. Cost of a question: under a microsecond. Nothing here prints a number.

mod difference;
mod file;

use std::fmt;

use terms::Iin;

use crate::limits::NUMBERS_MAX;

pub use difference::Difference;
pub use file::{FileFault, read_file, write_file};

/// Beginnings that a number can have: 100 years, 12 months, 31 days, 7 values of digit 7.
const BEGINNINGS: usize = 100 * 12 * 31 * 7;

/// More numbers than a set may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("more numbers than a set may have")]
pub struct TooMany;

/// A set of individual identification numbers that does not change.
#[derive(Clone, PartialEq, Eq)]
pub struct Numbers {
    /// Where the serials of each beginning start, and at last where all end.
    offsets: Box<[u32]>,
    serials: Box<[u16]>,
}

impl Numbers {
    /// The set of these numbers, in any order, each counted once.
    pub fn build(numbers: impl IntoIterator<Item = Iin>) -> Result<Numbers, TooMany> {
        let mut places = Vec::new();
        for iin in numbers {
            if places.len() == 2 * NUMBERS_MAX {
                // Twice as many as may remain: repeated rows are bounded as well.
                return Err(TooMany);
            }
            places.push(place(&iin));
        }
        places.sort_unstable();
        places.dedup();
        if NUMBERS_MAX < places.len() {
            return Err(TooMany);
        }
        Ok(Numbers::of_sorted(&places))
    }

    fn of_sorted(places: &[u64]) -> Numbers {
        let mut offsets = vec![0u32; BEGINNINGS + 1];
        for place in places {
            offsets[beginning(*place) + 1] += 1;
        }
        for at in 0..BEGINNINGS {
            offsets[at + 1] += offsets[at];
        }
        let serials = places.iter().map(|place| (place & 0xffff) as u16).collect();
        Numbers { offsets: offsets.into(), serials }
    }

    /// Whether the number is in the set.
    pub fn contains(&self, iin: &Iin) -> bool {
        let place = place(iin);
        self.of_beginning(beginning(place)).binary_search(&((place & 0xffff) as u16)).is_ok()
    }

    /// How many numbers it has.
    pub fn len(&self) -> usize {
        self.serials.len()
    }

    /// Whether it has none.
    pub fn is_empty(&self) -> bool {
        self.serials.is_empty()
    }

    /// Bytes of memory that it holds.
    pub fn bytes(&self) -> usize {
        size_of_val(&*self.offsets) + size_of_val(&*self.serials)
    }

    /// All numbers, by birth date as written, century and serial.
    pub fn iter(&self) -> impl Iterator<Item = Iin> + '_ {
        (0..BEGINNINGS).flat_map(|beginning| {
            self.of_beginning(beginning).iter().map(move |serial| number(beginning, *serial))
        })
    }

    /// What this set has that `older` had not, and what it has no longer.
    pub fn difference<'a>(&'a self, older: &'a Numbers) -> Difference<'a> {
        Difference { old: older, new: self }
    }

    fn of_beginning(&self, beginning: usize) -> &[u16] {
        &self.serials[self.offsets[beginning] as usize..self.offsets[beginning + 1] as usize]
    }
}

impl fmt::Debug for Numbers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Numbers({} numbers)", self.len())
    }
}

/// The beginning in the upper bits, the serial in the lower sixteen.
fn place(iin: &Iin) -> u64 {
    let eleven = iin.eleven();
    let (date, seventh, serial) = (eleven / 100_000, eleven / 10_000 % 10, eleven % 10_000);
    let (year, month, day) = (date / 10_000, date / 100 % 100, date % 100);
    let beginning = ((year * 12 + (month - 1)) * 31 + (day - 1)) * 7 + seventh;
    beginning << 16 | serial
}

fn beginning(place: u64) -> usize {
    (place >> 16) as usize
}

/// The number at a place that was made of a number.
fn number(beginning: usize, serial: u16) -> Iin {
    // Cannot fail: a set is made of numbers only, and its form in a file is checked for it.
    checked_number(beginning, serial).expect("a set holds numbers only")
}

fn checked_number(beginning: usize, serial: u16) -> Option<Iin> {
    let (rest, seventh) = (beginning as u64 / 7, beginning as u64 % 7);
    let (rest, day) = (rest / 31, rest % 31 + 1);
    let (year, month) = (rest / 12, rest % 12 + 1);
    let date = year * 10_000 + month * 100 + day;
    if 9_999 < serial {
        return None;
    }
    Iin::complete(date * 100_000 + seventh * 10_000 + u64::from(serial))
}
