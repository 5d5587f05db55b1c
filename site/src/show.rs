//! How numbers, sums and times are written on pages: one formatter for three languages.

use phrases::{Language, Phrases};
use terms::time::{Offset, civil_day, offset_seconds};
use terms::{Day, Instant, Odds};

/// Stands between groups of digits and before units: a sum never breaks.
const SPACE: char = '\u{a0}';

/// The language of a page, its words, and the offsets of civil time.
#[derive(Clone)]
pub struct Show<'a> {
    /// The language.
    pub lang: Language,
    /// The books.
    pub phrases: &'a Phrases,
    /// Civil time by the last rulebook.
    pub offsets: Vec<Offset>,
}

impl Show<'_> {
    /// A word of the books.
    pub fn word(&self, key: &str) -> String {
        self.phrases.word(self.lang, key).to_owned()
    }

    /// A sentence of the books.
    pub fn say(&self, key: &str, parameters: &[(&str, &str)]) -> String {
        self.phrases.story(self.lang, key, parameters)
    }

    /// A whole number in groups of three.
    pub fn number(&self, number: i64) -> String {
        grouped(self.lang, number)
    }

    /// A sum in tenge with two decimals and without its sign: for columns whose head names it.
    pub fn sum(&self, tiyn: i64) -> String {
        let whole = grouped(self.lang, tiyn / 100);
        let minus = if -100 < tiyn && tiyn < 0 { "−" } else { "" };
        format!("{minus}{whole}{}{:02}", point(self.lang), tiyn.unsigned_abs() % 100)
    }

    /// A sum with the sign of the tenge.
    pub fn money(&self, tiyn: i64) -> String {
        self.with_sign(&self.sum(tiyn))
    }

    /// A sum to three digits, for tiles.
    pub fn compact(&self, tiyn: i64) -> String {
        let (tenge, minus) = (tiyn.unsigned_abs() / 100, if tiyn < 0 { "−" } else { "" });
        let scales = [
            (1_000_000_000_000, "unit.trillion"),
            (1_000_000_000, "unit.billion"),
            (1_000_000, "unit.million"),
            (1_000, "unit.thousand"),
        ];
        let Some((scale, word)) = scales.into_iter().find(|(scale, _)| *scale <= tenge) else {
            return self.money(tiyn / 100 * 100).replacen(
                &format!("{}00", point(self.lang)),
                "",
                1,
            );
        };
        let tenths = tenge / (scale / 10);
        let number = match (tenths / 10, tenths % 10) {
            (whole, 0) => whole.to_string(),
            (whole, _) if 100 <= whole => whole.to_string(),
            (whole, tenth) => format!("{whole}{}{tenth}", point(self.lang)),
        };
        self.with_sign(&format!("{minus}{number}{SPACE}{}", self.word(word)))
    }

    /// Tenths of a per cent.
    pub fn percent(&self, tenths: i64) -> String {
        let minus = if tenths < 0 { "−" } else { "" };
        let (whole, tenth) = (tenths.unsigned_abs() / 10, tenths.unsigned_abs() % 10);
        let number = format!("{minus}{whole}{}{tenth}", point(self.lang));
        match self.lang {
            Language::Ru => format!("{number}{SPACE}%"),
            Language::Kk | Language::En => format!("{number}%"),
        }
    }

    /// Odds with two decimals, or up to four where given.
    pub fn odds(&self, odds: Odds) -> String {
        let number = i64::from(odds.get());
        let rest = number % 10_000;
        let decimals = match (rest % 100, rest % 10) {
            (0, _) => format!("{:02}", rest / 100),
            (_, 0) => format!("{:03}", rest / 10),
            _ => format!("{rest:04}"),
        };
        format!("{}{}{decimals}", grouped(self.lang, number / 10_000), point(self.lang))
    }

    /// A day in its short form.
    pub fn day(&self, day: Day) -> String {
        let (year, month, date) = day.date();
        match self.lang {
            Language::Kk | Language::Ru => format!("{date:02}.{month:02}.{year}"),
            Language::En => {
                format!("{date}{SPACE}{}{SPACE}{year}", self.word(&format!("month.m{month:02}")))
            }
        }
    }

    /// A month.
    pub fn month(&self, year: i32, month: u32) -> String {
        match self.lang {
            Language::Kk | Language::Ru => format!("{month:02}.{year}"),
            Language::En => format!("{}{SPACE}{year}", self.word(&format!("month.m{month:02}"))),
        }
    }

    /// The day of the week, by its own name.
    pub fn weekday(&self, day: Day) -> String {
        self.word(&format!("weekday.d{}", day.weekday()))
    }

    /// The instant of so many seconds after the beginning of a day in civil time. Where the clock
    /// is put back, the second of two.
    pub fn instant(&self, day: Day, seconds: i64) -> Instant {
        let local = i64::from(day.0) * 86_400 + seconds;
        let at = |offset: i64| Instant((local - offset).saturating_mul(Instant::SECOND));
        let offsets = self.offsets.iter().rev().map(|row| row.seconds);
        let fits = |offset: &i64| offset_seconds(&self.offsets, at(*offset)) == *offset;
        let last = self.offsets.last().map_or(0, |row| row.seconds);
        at(offsets.into_iter().find(fits).unwrap_or(last))
    }

    /// The civil day of an instant.
    pub fn day_of(&self, at: Instant) -> Day {
        civil_day(&self.offsets, at)
    }

    /// The hour of an instant, 0 to 23.
    pub fn hour_of(&self, at: Instant) -> u8 {
        (self.seconds(at) / 3_600) as u8
    }

    /// Hours, minutes and seconds.
    pub fn time(&self, at: Instant) -> String {
        let seconds = self.seconds(at);
        format!("{:02}:{:02}:{:02}", seconds / 3_600, seconds / 60 % 60, seconds % 60)
    }

    /// Day and time to the second.
    pub fn moment(&self, at: Instant) -> String {
        format!("{}, {}", self.day(self.day_of(at)), self.time(at))
    }

    /// Day and time to the millisecond.
    pub fn exact(&self, at: Instant) -> String {
        let millis = at.0.rem_euclid(Instant::SECOND) / 1_000_000;
        format!("{}{}{millis:03}", self.moment(at), point(self.lang))
    }

    /// A length of time in its two largest units.
    pub fn long(&self, ns: i64) -> String {
        let seconds = (ns / Instant::SECOND).max(0);
        let unit = |key: &str| self.word(&format!("unit.{key}"));
        let (days, hours, minutes) = (seconds / 86_400, seconds / 3_600, seconds / 60);
        if 2 <= days {
            format!("{}{SPACE}{}", self.number(days), unit("day"))
        } else if 1 <= hours {
            let (h, m) = (unit("hour"), unit("minute"));
            format!("{hours}{SPACE}{h}{SPACE}{:02}{SPACE}{m}", minutes % 60)
        } else if 1 <= minutes {
            format!("{minutes}{SPACE}{}", unit("minute"))
        } else {
            format!("{seconds}{SPACE}{}", unit("second"))
        }
    }

    fn seconds(&self, at: Instant) -> i64 {
        let local = at.0.div_euclid(Instant::SECOND) + offset_seconds(&self.offsets, at);
        local.rem_euclid(86_400)
    }

    fn with_sign(&self, sum: &str) -> String {
        match (self.lang, sum.strip_prefix('−')) {
            (Language::En, Some(rest)) => format!("−₸{rest}"),
            (Language::En, None) => format!("₸{sum}"),
            (Language::Kk | Language::Ru, _) => format!("{sum}{SPACE}₸"),
        }
    }
}

fn point(lang: Language) -> char {
    match lang {
        Language::Kk | Language::Ru => ',',
        Language::En => '.',
    }
}

fn grouped(lang: Language, number: i64) -> String {
    let between = match lang {
        Language::Kk | Language::Ru => SPACE,
        Language::En => ',',
    };
    let digits = number.unsigned_abs().to_string();
    let mut text = String::from(if number < 0 { "−" } else { "" });
    for (at, digit) in digits.chars().enumerate() {
        if at != 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(between);
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use terms::rulebook::Rulebook;

    fn check(write: impl Fn(&Show<'_>) -> String, kk: &str, ru: &str, en: &str) {
        let phrases = Phrases::load().unwrap();
        let offsets = Rulebook::sample().calendar.offsets;
        for (lang, want) in Language::ALL.into_iter().zip([kk, ru, en]) {
            let show = Show { lang, phrases: &phrases, offsets: offsets.clone() };
            assert_eq!(write(&show).replace(SPACE, "_"), want, "{}", lang.code());
        }
    }

    #[test]
    fn numbers_and_sums() {
        check(|show| show.number(1_000), "1_000", "1_000", "1,000");
        check(|show| show.sum(-123_456_750), "−1_234_567,50", "−1_234_567,50", "−1,234,567.50");
        check(|show| show.sum(-50), "−0,50", "−0,50", "−0.50");
        check(|show| show.money(123_456_750), "1_234_567,50_₸", "1_234_567,50_₸", "₸1,234,567.50");
        check(|show| show.compact(0), "0_₸", "0_₸", "₸0");
        check(|show| show.compact(1_200_000), "12_мың_₸", "12_тыс._₸", "₸12_thousand");
        check(|show| show.compact(120_000_000), "1,2_млн_₸", "1,2_млн_₸", "₸1.2_million");
        check(|show| show.compact(-120_000_000_000), "−1,2_млрд_₸", "−1,2_млрд_₸", "−₸1.2_billion");
        check(|show| show.percent(123), "12,3%", "12,3_%", "12.3%");
        check(|show| show.odds(Odds::new(18_500).unwrap()), "1,85", "1,85", "1.85");
        let most = |show: &Show<'_>| show.odds(Odds::new(100_000_000).unwrap());
        check(most, "10_000,00", "10_000,00", "10,000.00");
        check(|show| show.odds(Odds::new(18_505).unwrap()), "1,8505", "1,8505", "1.8505");
    }

    #[test]
    fn times_are_of_almaty() {
        let day = Day::parse("2026-03-05").unwrap();
        check(|show| show.day(day), "05.03.2026", "05.03.2026", "5_Mar_2026");
        check(|show| show.month(2026, 3), "03.2026", "03.2026", "Mar_2026");
        for (seconds, kk, en) in [
            (1_709_229_599, "29.02.2024, 23:59:59", "29_Feb_2024, 23:59:59"),
            (1_709_233_200, "01.03.2024, 00:00:00", "1_Mar_2024, 00:00:00"),
            (1_795_287_600, "22.11.2026, 00:00:00", "22_Nov_2026, 00:00:00"),
        ] {
            check(|show| show.moment(Instant(seconds * Instant::SECOND)), kk, kk, en);
        }
        let at = Instant(481_000_000);
        check(
            |show| show.exact(at),
            "01.01.1970, 06:00:00,481",
            "01.01.1970, 06:00:00,481",
            "1_Jan_1970, 06:00:00.481",
        );
        // Back and forth, also across the night in which the clock was put back.
        let show = |seconds: i64| {
            let at = Instant(seconds * Instant::SECOND);
            move |show: &Show<'_>| {
                let back = show.instant(show.day_of(at), show.seconds(at));
                ((back.0 - at.0) / Instant::SECOND).to_string()
            }
        };
        for seconds in [1_709_229_599 - 3_600, 1_709_233_200, 1_795_287_600, 0] {
            check(show(seconds), "0", "0", "0");
        }
        // The hour before it was put back is there twice; the second is meant.
        check(show(1_709_229_599), "3600", "3600", "3600");
        let long = |seconds: i64| move |show: &Show<'_>| show.long(seconds * Instant::SECOND);
        check(long(38), "38_с", "38_с", "38_s");
        check(long(300), "5_мин", "5_мин", "5_min");
        check(long(7_500), "2_сағ_05_мин", "2_ч_05_мин", "2_h_05_min");
        check(long(3 * 86_400), "3_күн", "3_дн.", "3_days");
    }
}
