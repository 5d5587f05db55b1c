//! Times and days as state systems write them.
//!
//! Reads RFC 3339 with any offset (old samples have +06:00), prints +05:00, the one time of the
//! country since 1 March 2024. A time without offset is taken as that of the country. Days are read
//! with or without an offset or a time behind them, as schema types `date` and `dateTime` have it.

use terms::{Day, Instant};

/// Seconds that the country's clocks are ahead of UTC.
const OFFSET_S: i64 = 5 * 3_600;

/// `2026-07-12T14:30:00.000+05:00`.
pub fn local(at: Instant) -> String {
    let shifted = at.plus(OFFSET_S * Instant::SECOND);
    let ms = shifted.ms();
    let (seconds, ms) = (ms.div_euclid(1_000), ms.rem_euclid(1_000));
    let (days, rest) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400));
    let day = Day(i32::try_from(days).unwrap_or(i32::MAX));
    format!("{day}T{:02}:{:02}:{:02}.{ms:03}+05:00", rest / 3_600, rest / 60 % 60, rest % 60)
}

/// The day in the country at this instant.
pub fn local_day(at: Instant) -> Day {
    let days = at.plus(OFFSET_S * Instant::SECOND).0.div_euclid(Instant::DAY);
    Day(i32::try_from(days).unwrap_or(i32::MAX))
}

/// Reads a time.
pub fn parse(text: &str) -> Option<Instant> {
    let (day, rest) = text.trim().split_at_checked(10)?;
    let day = Day::parse(day)?;
    let rest = rest.strip_prefix(['T', 't', ' '])?;
    let (clock, offset) = match rest.find(['Z', 'z', '+', '-']) {
        Some(at) => rest.split_at(at),
        None => (rest, "+05:00"),
    };
    let (whole, fraction) = clock.split_once('.').unwrap_or((clock, ""));
    let mut parts = whole.split(':').map(two);
    let (hour, minute, second) = (parts.next()??, parts.next()??, parts.next()??);
    if parts.next().is_some() || 23 < hour || 59 < minute || 59 < second {
        return None;
    }
    let nanoseconds = nanoseconds(fraction)?;
    let seconds = i64::from(day.0) * 86_400 + hour * 3_600 + minute * 60 + second;
    let seconds = seconds - offset_s(offset)?;
    seconds.checked_mul(Instant::SECOND)?.checked_add(nanoseconds).map(Instant)
}

/// Reads a day; what follows it (a time, an offset) must be of the form of one.
pub fn parse_day(text: &str) -> Option<Day> {
    let text = text.trim();
    let (day, rest) = text.split_at_checked(10)?;
    let fits = rest.is_empty()
        || offset_s(rest).is_some()
        || (rest.starts_with('T') && parse(text).is_some());
    if fits { Day::parse(day) } else { None }
}

fn two(text: &str) -> Option<i64> {
    let digits = text.len() == 2 && text.bytes().all(|b| b.is_ascii_digit());
    if digits { text.parse().ok() } else { None }
}

fn nanoseconds(fraction: &str) -> Option<i64> {
    if 9 < fraction.len() || !fraction.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    format!("{fraction:0<9}").parse().ok()
}

fn offset_s(text: &str) -> Option<i64> {
    if text.eq_ignore_ascii_case("z") {
        return Some(0);
    }
    let sign = if text.starts_with('-') { -1 } else { 1 };
    let (hours, minutes) = text.strip_prefix(['+', '-'])?.split_once(':')?;
    let (hours, minutes) = (two(hours)?, two(minutes)?);
    let fits = hours <= 14 && minutes <= 59;
    fits.then_some(sign * (hours * 3_600 + minutes * 60))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_with_any_offset_are_the_same_instant() {
        let cases = [
            ("2024-02-29T23:30:00+06:00", "2024-02-29T17:30:00Z"),
            ("2024-03-01T00:30:00+05:00", "2024-02-29T19:30:00Z"),
            ("2024-03-01T00:30:00", "2024-02-29T19:30:00Z"),
            ("2026-12-01T00:00:00.25Z", "2026-12-01T00:00:00.25Z"),
            ("2026-12-01 00:00:00-01:30", "2026-12-01T01:30:00Z"),
        ];
        for (text, want) in cases {
            assert_eq!(parse(text).map(|at| at.to_string()).as_deref(), Some(want), "{text}");
        }
        for bad in [
            "",
            "2026-12-01",
            "2026-12-01T24:00:00Z",
            "2026-12-01T1:00:00Z",
            "2026-02-29T00:00:00Z",
            "2026-12-01T00:00:00+15:00",
            "2026-12-01T00:00Z",
            "2026-12-01T00:00:00.1234567890Z",
            "қ026-12-01T00:00:00Z",
        ] {
            assert_eq!(parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn what_is_printed_is_read_back() {
        for ns in [0, 1_700_000_000_123_000_000, -86_400_000_000_000] {
            assert_eq!(parse(&local(Instant(ns))), Some(Instant(ns)));
        }
        let late = parse("2026-11-30T19:00:00Z").unwrap();
        assert_eq!(local_day(late), Day::of(2026, 12, 1).unwrap());
    }

    #[test]
    fn days_come_with_or_without_more() {
        let day = Day::of(2005, 7, 12);
        for text in ["2005-07-12", "2005-07-12+05:00", "2005-07-12Z", "2005-07-12T00:00:00+05:00"] {
            assert_eq!(parse_day(text), day, "{text}");
        }
        for bad in ["2005-07", "2005-07-12x", "12.07.2005", "2005-07-12T", ""] {
            assert_eq!(parse_day(bad), None, "{bad}");
        }
    }
}
