//! How sums, times and counts are written in each language.

use terms::{Day, Instant, Tiyn};

use crate::Language;

/// Stands between groups of digits and before the sign of the currency: a sum never breaks.
const NARROW_SPACE: char = '\u{202f}';

/// A sum in tenge with two decimals: `2 500,50 ₸` (kk, ru), `2 500.50 ₸` (en).
pub fn money(language: Language, sum: Tiyn) -> String {
    let point = match language {
        Language::Kk | Language::Ru => ',',
        Language::En => '.',
    };
    let tenge = (sum.get() / 100).to_string();
    let mut written = String::new();
    for (at, digit) in tenge.chars().enumerate() {
        if at != 0 && (tenge.len() - at).is_multiple_of(3) {
            written.push(NARROW_SPACE);
        }
        written.push(digit);
    }
    format!("{written}{point}{:02}{NARROW_SPACE}₸", sum.get() % 100)
}

/// Civil date and time to the second, rounded down, at so many seconds east of UTC.
///
/// `05.01.2026 15:00:00` (kk, ru), `2026-01-05 15:00:00` (en). The offset is that of the
/// rulebook's calendar at this instant; a page says once which place's time it shows.
pub fn instant(language: Language, at: Instant, offset_seconds: i64) -> String {
    let local = at.0.div_euclid(Instant::SECOND).saturating_add(offset_seconds);
    let day = local.div_euclid(86_400);
    // No `Instant` leaves the range of `Day`; an absurd offset stops at its edge.
    let edge = if day < 0 { i32::MIN / 2 } else { i32::MAX / 2 };
    let (year, month, day) = Day(i32::try_from(day).unwrap_or(edge)).date();
    let rest = local.rem_euclid(86_400);
    let time = format!("{:02}:{:02}:{:02}", rest / 3_600, rest / 60 % 60, rest % 60);
    match language {
        Language::Kk | Language::Ru => format!("{day:02}.{month:02}.{year:04} {time}"),
        Language::En => format!("{year:04}-{month:02}-{day:02} {time}"),
    }
}

/// The form that a noun takes after a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Plural {
    /// Russian 1, 21, 101 (запись); English 1 (entry).
    One,
    /// Russian 2–4, 22–24 (записи).
    Few,
    /// Russian 0, 5–20, 25 (записей); English all but 1 (entries).
    Many,
}

/// The class of a count. A Kazakh noun stays in the singular after any number.
pub fn plural(language: Language, count: u64) -> Plural {
    match language {
        Language::Kk => Plural::One,
        Language::En if count == 1 => Plural::One,
        Language::En => Plural::Many,
        Language::Ru => match (count % 10, count % 100) {
            (_, 11..=14) => Plural::Many,
            (1, _) => Plural::One,
            (2..=4, _) => Plural::Few,
            (_, _) => Plural::Many,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_are_grouped_and_never_break() {
        for (tiyn, ru, en) in [
            (0, "0,00 ₸", "0.00 ₸"),
            (5, "0,05 ₸", "0.05 ₸"),
            (99_999, "999,99 ₸", "999.99 ₸"),
            (100_000, "1 000,00 ₸", "1 000.00 ₸"),
            (250_050, "2 500,50 ₸", "2 500.50 ₸"),
            (12_345_678_901, "123 456 789,01 ₸", "123 456 789.01 ₸"),
            (i64::MAX, "92 233 720 368 547 758,07 ₸", "92 233 720 368 547 758.07 ₸"),
        ] {
            let sum = Tiyn::new(tiyn).unwrap();
            let narrow = |text: &str| text.replace(' ', "\u{202f}");
            assert_eq!(money(Language::Ru, sum), narrow(ru));
            assert_eq!(money(Language::Kk, sum), narrow(ru));
            assert_eq!(money(Language::En, sum), narrow(en));
        }
    }

    #[test]
    fn times_are_local_civil_times() {
        let hours = 3_600;
        for (at, offset, ru, en) in [
            (0, 0, "01.01.1970 00:00:00", "1970-01-01 00:00:00"),
            (0, 5 * hours, "01.01.1970 05:00:00", "1970-01-01 05:00:00"),
            (0, -hours, "31.12.1969 23:00:00", "1969-12-31 23:00:00"),
            (-1, 0, "31.12.1969 23:59:59", "1969-12-31 23:59:59"),
            (1_709_229_600_999_999_999, 5 * hours, "29.02.2024 23:00:00", "2024-02-29 23:00:00"),
        ] {
            assert_eq!(instant(Language::Ru, Instant(at), offset), ru);
            assert_eq!(instant(Language::Kk, Instant(at), offset), ru);
            assert_eq!(instant(Language::En, Instant(at), offset), en);
        }
    }

    #[test]
    fn no_instant_and_no_offset_panics() {
        for at in [i64::MIN, i64::MAX] {
            for offset in [i64::MIN, 0, i64::MAX] {
                for language in Language::ALL {
                    assert!(instant(language, Instant(at), offset).contains(':'));
                }
            }
        }
    }

    #[test]
    fn nouns_follow_their_number() {
        use Plural::{Few, Many, One};
        for (count, ru, en) in [
            (0, Many, Many),
            (1, One, One),
            (2, Few, Many),
            (4, Few, Many),
            (5, Many, Many),
            (11, Many, Many),
            (12, Many, Many),
            (14, Many, Many),
            (21, One, Many),
            (24, Few, Many),
            (111, Many, Many),
            (122, Few, Many),
            (u64::MAX, Many, Many),
        ] {
            assert_eq!(plural(Language::Ru, count), ru, "{count}");
            assert_eq!(plural(Language::En, count), en, "{count}");
            assert_eq!(plural(Language::Kk, count), One, "{count}");
        }
    }
}
