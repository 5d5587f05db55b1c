//! When a match begins: local time of a country, or the number of a round (core 7).
//!
//! The time-zone data is the copy bundled in the library, never that of the machine, so that a
//! file means the same instants everywhere.

use std::collections::BTreeMap;

use jiff::civil::DateTime;
use jiff::tz::{TimeZone, TimeZoneDatabase};
use terms::{Day, Instant};

/// The highest round. No league plays more in a season, and the last date stays in range.
const ROUND_MAX: u32 = 200;

/// Time zones by country, found once.
pub(super) struct Zones {
    database: TimeZoneDatabase,
    found: BTreeMap<String, Option<TimeZone>>,
}

/// An instant, and whether its country was unknown and UTC was taken.
#[derive(Debug, PartialEq)]
pub(super) struct KickOff {
    pub(super) at: Instant,
    pub(super) country_unknown: bool,
}

impl Zones {
    pub(super) fn new() -> Self {
        Zones { database: TimeZoneDatabase::bundled(), found: BTreeMap::new() }
    }

    /// The instant of `YYYY-MM-DD HH:MM[:SS]` in the country: the earlier of two, and after a gap
    /// as much later as the clock jumped. `None` if there is no such date or time.
    pub(super) fn local(&mut self, text: &str, country: &str) -> Option<KickOff> {
        let local = date_time(text)?;
        let zone = self.zone(country);
        let country_unknown = zone.is_none();
        // `to_timestamp` takes the strategy "compatible", which is the rule stated above.
        let timestamp = zone.unwrap_or(TimeZone::UTC).to_timestamp(local).ok()?;
        let at = Instant(i64::try_from(timestamp.as_nanosecond()).ok()?);
        Some(KickOff { at, country_unknown })
    }

    fn zone(&mut self, country: &str) -> Option<TimeZone> {
        if let Some(found) = self.found.get(country) {
            return found.clone();
        }
        let zone = zone_name(country).and_then(|name| self.database.get(name).ok());
        self.found.insert(country.to_owned(), zone.clone());
        zone
    }
}

/// The instant of a round without a date: 1 August of the season's first year at 12:00 UTC, and
/// seven days more for each further round. `None` if the round is not a number from 1.
pub(super) fn of_round(first_year: i32, round: &str) -> Option<Instant> {
    if !round.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let round: u32 = round.parse().ok()?;
    if !(1 <= round && round <= ROUND_MAX) {
        return None;
    }
    let days = i64::from(Day::of(first_year, 8, 1)?.0) + 7 * i64::from(round - 1);
    let noon = 12 * 3_600 * Instant::SECOND;
    Some(Instant(days.checked_mul(Instant::DAY)?.checked_add(noon)?))
}

/// The first year of `2009-2010`, `2009/2010`, `2009-10` or `2009`.
pub(super) fn first_year(season: &str) -> Option<i32> {
    let (first, second) = match season.split_once(['-', '/']) {
        Some((first, second)) => (first, Some(second)),
        None => (season, None),
    };
    let year = |text: &str| -> Option<i32> {
        let digits = text.bytes().all(|byte| byte.is_ascii_digit());
        if digits { text.parse().ok() } else { None }
    };
    let begins = year(first).filter(|year| first.len() == 4 && 1850 <= *year && *year < 2200)?;
    let ends = match second {
        None => return Some(begins),
        Some(text) if text.len() == 4 => year(text)?,
        Some(text) if text.len() == 2 => (begins + 1) / 100 * 100 + year(text)?,
        Some(_) => return None,
    };
    (ends == begins + 1).then_some(begins)
}

fn date_time(text: &str) -> Option<DateTime> {
    let (date, time) = text.split_once([' ', 'T'])?;
    let date = numbers::<3>(date, '-', &[4, 2, 2])?;
    let with_seconds = if time.len() == 5 { format!("{time}:00") } else { time.to_owned() };
    let time = numbers::<3>(&with_seconds, ':', &[2, 2, 2])?;
    let small = |number: i16| i8::try_from(number).ok();
    DateTime::new(
        date[0],
        small(date[1])?,
        small(date[2])?,
        small(time[0])?,
        small(time[1])?,
        small(time[2])?,
        0,
    )
    .ok()
}

/// Numbers of exactly so many digits each.
fn numbers<const N: usize>(text: &str, between: char, digits: &[usize; N]) -> Option<[i16; N]> {
    let mut numbers = [0; N];
    let mut parts = text.split(between);
    for (number, length) in numbers.iter_mut().zip(digits) {
        let part = parts.next()?;
        if part.len() != *length || !part.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        *number = part.parse().ok()?;
    }
    parts.next().is_none().then_some(numbers)
}

/// The IANA zone of a country by its name in lower case with hyphens. Of a country with several
/// zones it is the one of the schedule that its football association publishes.
pub(super) fn zone_name(country: &str) -> Option<&'static str> {
    COUNTRIES
        .binary_search_by(|(name, _)| (*name).cmp(country))
        .ok()
        .map(|index| COUNTRIES[index].1)
}

/// Sorted by name, so that it can be searched; a test holds that.
const COUNTRIES: &[(&str, &str)] = &[
    ("albania", "Europe/Tirane"),
    ("algeria", "Africa/Algiers"),
    ("andorra", "Europe/Andorra"),
    ("argentina", "America/Argentina/Buenos_Aires"),
    ("armenia", "Asia/Yerevan"),
    ("australia", "Australia/Sydney"),
    ("austria", "Europe/Vienna"),
    ("azerbaijan", "Asia/Baku"),
    ("belarus", "Europe/Minsk"),
    ("belgium", "Europe/Brussels"),
    ("bolivia", "America/La_Paz"),
    ("bosnia-and-herzegovina", "Europe/Sarajevo"),
    ("brazil", "America/Sao_Paulo"),
    ("bulgaria", "Europe/Sofia"),
    ("chile", "America/Santiago"),
    ("china", "Asia/Shanghai"),
    ("colombia", "America/Bogota"),
    ("costa-rica", "America/Costa_Rica"),
    ("croatia", "Europe/Zagreb"),
    ("cyprus", "Asia/Nicosia"),
    ("czech-republic", "Europe/Prague"),
    ("czechia", "Europe/Prague"),
    ("denmark", "Europe/Copenhagen"),
    ("ecuador", "America/Guayaquil"),
    ("egypt", "Africa/Cairo"),
    ("england", "Europe/London"),
    ("estonia", "Europe/Tallinn"),
    ("faroe-islands", "Atlantic/Faroe"),
    ("finland", "Europe/Helsinki"),
    ("france", "Europe/Paris"),
    ("georgia", "Asia/Tbilisi"),
    ("germany", "Europe/Berlin"),
    ("greece", "Europe/Athens"),
    ("hungary", "Europe/Budapest"),
    ("iceland", "Atlantic/Reykjavik"),
    ("india", "Asia/Kolkata"),
    ("indonesia", "Asia/Jakarta"),
    ("iran", "Asia/Tehran"),
    ("iraq", "Asia/Baghdad"),
    ("ireland", "Europe/Dublin"),
    ("israel", "Asia/Jerusalem"),
    ("italy", "Europe/Rome"),
    ("japan", "Asia/Tokyo"),
    ("kazakhstan", "Asia/Almaty"),
    ("kosovo", "Europe/Belgrade"),
    ("kyrgyzstan", "Asia/Bishkek"),
    ("latvia", "Europe/Riga"),
    ("lithuania", "Europe/Vilnius"),
    ("luxembourg", "Europe/Luxembourg"),
    ("malta", "Europe/Malta"),
    ("mexico", "America/Mexico_City"),
    ("moldova", "Europe/Chisinau"),
    ("mongolia", "Asia/Ulaanbaatar"),
    ("montenegro", "Europe/Podgorica"),
    ("morocco", "Africa/Casablanca"),
    ("netherlands", "Europe/Amsterdam"),
    ("nigeria", "Africa/Lagos"),
    ("north-macedonia", "Europe/Skopje"),
    ("northern-ireland", "Europe/London"),
    ("norway", "Europe/Oslo"),
    ("paraguay", "America/Asuncion"),
    ("peru", "America/Lima"),
    ("poland", "Europe/Warsaw"),
    ("portugal", "Europe/Lisbon"),
    ("qatar", "Asia/Qatar"),
    ("romania", "Europe/Bucharest"),
    ("russia", "Europe/Moscow"),
    ("san-marino", "Europe/San_Marino"),
    ("saudi-arabia", "Asia/Riyadh"),
    ("scotland", "Europe/London"),
    ("serbia", "Europe/Belgrade"),
    ("slovakia", "Europe/Bratislava"),
    ("slovenia", "Europe/Ljubljana"),
    ("south-africa", "Africa/Johannesburg"),
    ("south-korea", "Asia/Seoul"),
    ("spain", "Europe/Madrid"),
    ("sweden", "Europe/Stockholm"),
    ("switzerland", "Europe/Zurich"),
    ("tajikistan", "Asia/Dushanbe"),
    ("thailand", "Asia/Bangkok"),
    ("tunisia", "Africa/Tunis"),
    ("turkey", "Europe/Istanbul"),
    ("turkiye", "Europe/Istanbul"),
    ("turkmenistan", "Asia/Ashgabat"),
    ("ukraine", "Europe/Kyiv"),
    ("united-arab-emirates", "Asia/Dubai"),
    ("uruguay", "America/Montevideo"),
    ("usa", "America/New_York"),
    ("uzbekistan", "Asia/Tashkent"),
    ("venezuela", "America/Caracas"),
    ("vietnam", "Asia/Ho_Chi_Minh"),
    ("wales", "Europe/London"),
];

#[cfg(test)]
mod tests {
    use super::*;

    fn check(country: &str, text: &str, want: &str) {
        let got = Zones::new().local(text, country).map(|found| found.at.to_string());
        assert_eq!(got.as_deref(), Some(want), "{country} {text}");
    }

    #[test]
    fn local_times_become_instants() {
        // Summer and winter.
        check("england", "2009-08-15 13:45:00", "2009-08-15T12:45:00Z");
        check("england", "2009-12-15 13:45:00", "2009-12-15T13:45:00Z");
        check("spain", "2009-08-29 20:00:00", "2009-08-29T18:00:00Z");
        check("germany", "2009-12-05 15:30:00", "2009-12-05T14:30:00Z");
        check("italy", "2009-08-22 18:00", "2009-08-22T16:00:00Z");
        check("russia", "2012-08-22T18:00:00", "2012-08-22T14:00:00Z");
        check("usa", "2024-07-04 20:30:00", "2024-07-05T00:30:00Z");
        // Kazakhstan became one zone, an hour nearer to UTC, on 2024-03-01.
        check("kazakhstan", "2024-02-29 18:00:00", "2024-02-29T12:00:00Z");
        check("kazakhstan", "2024-03-01 18:00:00", "2024-03-01T13:00:00Z");
    }

    #[test]
    fn of_two_instants_the_earlier_is_taken() {
        check("england", "2024-10-27 01:30:00", "2024-10-27T00:30:00Z");
        check("germany", "2024-10-27 02:30:00", "2024-10-27T00:30:00Z");
        check("kazakhstan", "2024-02-29 23:30:00", "2024-02-29T17:30:00Z");
    }

    #[test]
    fn in_a_gap_the_clock_has_jumped() {
        // 01:30 does not exist; it is read as 02:30 of summer time.
        check("england", "2024-03-31 01:30:00", "2024-03-31T01:30:00Z");
        check("italy", "2024-03-31 02:30:00", "2024-03-31T01:30:00Z");
    }

    #[test]
    fn an_unknown_country_has_utc_and_is_reported() {
        let mut zones = Zones::new();
        let found = zones.local("2024-07-01 12:00:00", "atlantis").unwrap();
        assert_eq!(found.at.to_string(), "2024-07-01T12:00:00Z");
        assert!(found.country_unknown);
        assert!(!zones.local("2024-07-01 12:00:00", "spain").unwrap().country_unknown);
    }

    #[test]
    fn every_country_has_its_zone_in_the_bundled_data() {
        assert!(COUNTRIES.is_sorted_by(|(a, _), (b, _)| a < b));
        let mut zones = Zones::new();
        for (country, zone) in COUNTRIES {
            assert_eq!(zone_name(country), Some(*zone));
            assert!(zones.zone(country).is_some(), "{country}: {zone}");
        }
    }

    #[test]
    fn broken_dates_are_not_mended() {
        let broken = [
            "",
            "2024-02-30 12:00:00",
            "2024-13-01 12:00:00",
            "2024-02-01",
            "2024-02-01 24:00:00",
            "2024-02-01 12:60:00",
            "2024-02-01 12:00:60",
            "2024-2-1 12:00:00",
            "24-02-01 12:00:00",
            "01/02/2024 12:00:00",
            "2024-02-01 12:00:00Z",
            "2024-02-01 12:00:00+05:00",
            "2024-02-01  12:00:00",
            "2024-02-01 -1:00:00",
            "1500-02-01 12:00:00",
            "9999-12-31 12:00:00",
        ];
        for text in broken {
            assert_eq!(Zones::new().local(text, "england"), None, "{text}");
        }
    }

    #[test]
    fn rounds_follow_each_other_by_weeks() {
        let cases = [
            (2005, "1", Some("2005-08-01T12:00:00Z")),
            (2005, "2", Some("2005-08-08T12:00:00Z")),
            (2005, "38", Some("2006-04-17T12:00:00Z")),
            (2005, "0", None),
            (2005, "201", None),
            (2005, "-1", None),
            (2005, "+1", None),
            (2005, "1.0", None),
            (2005, "Final", None),
            (2005, "", None),
        ];
        for (year, round, want) in cases {
            let got = of_round(year, round).map(|at| at.to_string());
            assert_eq!(got.as_deref(), want, "{round}");
        }
    }

    #[test]
    fn seasons_have_a_first_year() {
        let cases = [
            ("2009-2010", Some(2009)),
            ("2009/2010", Some(2009)),
            ("1999-00", Some(1999)),
            ("2009-10", Some(2009)),
            ("2024", Some(2024)),
            ("2009-2011", None),
            ("2010-2009", None),
            ("2009-", None),
            ("09-10", None),
            ("season", None),
            ("0001", None),
            ("", None),
        ];
        for (season, want) in cases {
            assert_eq!(first_year(season), want, "{season}");
        }
    }
}
