//! A synthetic person by number: found by a telephone that says which.

use terms::Instant;
use vault::{PersonRecord, Phone, Source, Sourced};

/// The telephone of a person before his first change, and after it.
pub fn phone(number: u32, change: u32) -> Phone {
    let digits = format!("+77{change}{number:08}");
    // Cannot fail: plus and eleven digits.
    Phone::parse(&digits).expect("a telephone")
}

/// The record of a person after so many changes.
pub fn of(number: u32, change: u32) -> PersonRecord {
    let value = phone(number, change);
    let phones = vec![Sourced { value, source: Source::Operator, at: Instant(i64::from(number)) }];
    PersonRecord { phones, ..PersonRecord::empty() }
}
