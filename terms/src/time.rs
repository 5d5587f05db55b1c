//! Instants, civil days and the table that joins them. No time-zone database (core 7).

use core::fmt;

use crate::codec::{Broken, Field, Reader, Value};

/// Nanoseconds since 1970-01-01T00:00:00Z.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Instant(pub i64);

impl Instant {
    /// Nanoseconds in a second.
    pub const SECOND: i64 = 1_000_000_000;
    /// Nanoseconds in a day of 24 hours.
    pub const DAY: i64 = 86_400 * Self::SECOND;

    /// So many nanoseconds later; stops at the end of the range.
    pub const fn plus(self, nanoseconds: i64) -> Instant {
        Instant(self.0.saturating_add(nanoseconds))
    }

    /// Nanoseconds since another instant.
    pub const fn since(self, other: Instant) -> i64 {
        self.0.saturating_sub(other.0)
    }

    /// Milliseconds since 1970, rounded down.
    pub const fn ms(self) -> i64 {
        self.0.div_euclid(1_000_000)
    }
}

impl fmt::Display for Instant {
    /// RFC 3339 in UTC with as many decimals as needed: `2026-01-05T10:00:00.25Z`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = self.0.div_euclid(Self::SECOND);
        let fraction = self.0.rem_euclid(Self::SECOND);
        let day = Day(seconds.div_euclid(86_400) as i32);
        let rest = seconds.rem_euclid(86_400);
        write!(f, "{day}T{:02}:{:02}:{:02}", rest / 3600, rest / 60 % 60, rest % 60)?;
        if fraction != 0 {
            let digits = format!("{fraction:09}");
            write!(f, ".{}", digits.trim_end_matches('0'))?;
        }
        f.write_str("Z")
    }
}

impl Field for Instant {
    fn shape() -> String {
        "Instant".into()
    }
    fn put(&self, out: &mut Vec<u8>) {
        self.0.put(out);
    }
    fn read(from: &mut Reader<'_>) -> Result<Self, Broken> {
        i64::read(from).map(Instant)
    }
    fn value(&self) -> Value {
        Value::Text(self.to_string())
    }
}

/// A civil day: days since 1970-01-01.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Day(pub i32);

impl Day {
    /// The day of a date of the Gregorian calendar; `None` if there is no such date.
    pub fn of(year: i32, month: u32, day: u32) -> Option<Day> {
        if !(1 <= month && month <= 12 && 1 <= day && day <= days_in(year, month)) {
            return None;
        }
        let shifted = i64::from(year) - i64::from(month <= 2);
        let era = shifted.div_euclid(400);
        let year_of_era = shifted.rem_euclid(400);
        let month_of_year = (i64::from(month) + 9) % 12;
        let day_of_year = (153 * month_of_year + 2) / 5 + i64::from(day) - 1;
        let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
        i32::try_from(era * 146_097 + day_of_era - 719_468).ok().map(Day)
    }

    /// Year, month, day.
    pub fn date(self) -> (i32, u32, u32) {
        let days = i64::from(self.0) + 719_468;
        let era = days.div_euclid(146_097);
        let of_era = days.rem_euclid(146_097);
        let year = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
        let of_year = of_era - (365 * year + year / 4 - year / 100);
        let month_of_year = (5 * of_year + 2) / 153;
        let day = of_year - (153 * month_of_year + 2) / 5 + 1;
        let month = if month_of_year < 10 { month_of_year + 3 } else { month_of_year - 9 };
        let year = year + era * 400 + i64::from(month <= 2);
        // A day of 32 bits is within six million years.
        (year as i32, month as u32, day as u32)
    }

    /// Reads `2026-01-05`.
    pub fn parse(text: &str) -> Option<Day> {
        let mut parts = text.split('-');
        let (year, month, day) = (parts.next()?, parts.next()?, parts.next()?);
        if parts.next().is_some() || year.len() != 4 || month.len() != 2 || day.len() != 2 {
            return None;
        }
        // `parse` of a number takes a sign.
        if !text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-') {
            return None;
        }
        Day::of(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?)
    }

    /// The same date so many years later; of 29 February in a common year the last of February.
    /// Nothing beyond the reach of a day.
    pub fn years_later(self, years: u32) -> Option<Day> {
        let (year, month, day) = self.date();
        let year = i32::try_from(years).ok().and_then(|years| year.checked_add(years))?;
        Day::of(year, month, day.min(days_in(year, month)))
    }

    /// 0 = Monday … 6 = Sunday.
    pub fn weekday(self) -> u8 {
        (self.0 + 3).rem_euclid(7) as u8
    }
}

fn days_in(year: i32, month: u32) -> u32 {
    match month {
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (year, month, day) = self.date();
        write!(f, "{year:04}-{month:02}-{day:02}")
    }
}

impl Field for Day {
    fn shape() -> String {
        "Day".into()
    }
    fn put(&self, out: &mut Vec<u8>) {
        i64::from(self.0).put(out);
    }
    fn read(from: &mut Reader<'_>) -> Result<Self, Broken> {
        i32::try_from(i64::read(from)?).map(Day).map_err(|_| Broken::Range)
    }
    fn value(&self) -> Value {
        Value::Text(self.to_string())
    }
}

crate::record! {
    /// From an instant on, civil time is UTC plus so many seconds.
    pub struct Offset {
        /// When the offset begins.
        pub from: Instant,
        /// Seconds east of UTC.
        pub seconds: i64,
    }
}

/// Seconds east of UTC at an instant: the last row that has begun, else the first.
pub fn offset_seconds(table: &[Offset], at: Instant) -> i64 {
    table.iter().rev().find(|row| row.from <= at).or(table.first()).map_or(0, |row| row.seconds)
}

/// The civil day of an instant under an offset table.
pub fn civil_day(table: &[Offset], at: Instant) -> Day {
    let local = at.0.div_euclid(Instant::SECOND) + offset_seconds(table, at);
    Day(local.div_euclid(86_400) as i32)
}

/// When a civil day begins under an offset table: from then on it is that day or a later one, even
/// where the clock was put back over midnight.
pub fn day_begins(table: &[Offset], day: Day) -> Instant {
    let local = i64::from(day.0).saturating_mul(86_400);
    let begins = |seconds: i64| Instant((local - seconds).saturating_mul(Instant::SECOND));
    let fits = |row: &&Offset| offset_seconds(table, begins(row.seconds)) == row.seconds;
    let seconds = table.iter().filter(fits).map(|row| row.seconds).min();
    begins(seconds.unwrap_or_else(|| offset_seconds(table, begins(0))))
}

/// The civil hour of an instant under an offset table, 0 to 23.
pub fn civil_hour(table: &[Offset], at: Instant) -> u8 {
    let local = at.0.div_euclid(Instant::SECOND) + offset_seconds(table, at);
    (local.rem_euclid(86_400) / 3_600) as u8
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_and_dates() {
        for (text, number) in
            [("1970-01-01", 0), ("2000-02-29", 11_016), ("2024-03-01", 19_783), ("1969-12-31", -1)]
        {
            assert_eq!(Day::parse(text), Some(Day(number)), "{text}");
            assert_eq!(Day(number).to_string(), text);
        }
        for text in [
            "2023-02-29",
            "2023-13-01",
            "2023-1-1",
            "x",
            "2023-00-01",
            "2023-01-32",
            "+202-01-01",
            "2026-+1-01",
        ] {
            assert_eq!(Day::parse(text), None, "{text}");
        }
        assert_eq!(Day::parse("2026-11-22").unwrap().weekday(), 6);
        for n in -200_000..200_000 {
            let (year, month, day) = Day(n).date();
            assert_eq!(Day::of(year, month, day), Some(Day(n)));
        }
        assert_eq!(Day(i32::MAX).date(), (5_881_580, 7, 11));
        assert_eq!(Day(i32::MIN).date(), (-5_877_641, 6, 23));
    }

    #[test]
    fn instants_print_as_rfc_3339() {
        assert_eq!(Instant(0).to_string(), "1970-01-01T00:00:00Z");
        assert_eq!(Instant(-1).to_string(), "1969-12-31T23:59:59.999999999Z");
        assert_eq!(Instant(1_250_000_000).to_string(), "1970-01-01T00:00:01.25Z");
    }

    #[test]
    fn the_offset_of_almaty_changed_in_2024() {
        let change = Instant(Day::parse("2024-03-01").unwrap().0 as i64 * Instant::DAY)
            .plus(-6 * 3600 * Instant::SECOND);
        let table = [
            Offset { from: Instant(i64::MIN), seconds: 6 * 3600 },
            Offset { from: change, seconds: 5 * 3600 },
        ];
        assert_eq!(civil_day(&table, change.plus(-1)).to_string(), "2024-02-29");
        let begins = |day: &str| day_begins(&table, Day::parse(day).unwrap());
        assert_eq!(civil_day(&table, begins("2024-02-29").plus(-1)).to_string(), "2024-02-28");
        assert_eq!(civil_day(&table, begins("2024-02-29")).to_string(), "2024-02-29");
        assert_eq!(begins("2024-03-01"), change.plus(3600 * Instant::SECOND));
        assert_eq!(civil_day(&table, begins("2026-12-01").plus(-1)).to_string(), "2026-11-30");
        assert_eq!(civil_day(&table, begins("2026-12-01")).to_string(), "2026-12-01");
        // The clock went back one hour at midnight, so the day ends twice.
        assert_eq!(civil_day(&table, change).to_string(), "2024-02-29");
        assert_eq!(
            civil_day(&table, change.plus(3600 * Instant::SECOND)).to_string(),
            "2024-03-01"
        );
    }
}
