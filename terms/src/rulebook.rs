//! The law as data: dated parameters that enter the journal as a fact (core 18, domain 26).
//!
//! Every decision records the number of the rulebook it used. A parameter whose value comes from
//! outside the five source documents is named in `docs/rulebook.md` with its origin.

use crate::clock::{Clock, LeapBirthday, Term, Unit};
use crate::id::Organiser;
use crate::money::Tiyn;
use crate::reason::Reason;
use crate::text::Text;
use crate::time::{Day, Instant, Offset};

crate::record! {
    /// The rank of one reason: of several grounds the one with the lowest rank is told.
    pub struct Rank {
        /// The reason.
        pub reason: Reason,
        /// Lower comes first.
        pub rank: u32,
    }
}

crate::record! {
    /// A row of the rule register (P-56): what a rule stands on and when it holds.
    pub struct Rule {
        /// The requirement row, such as `R0-10.5`.
        pub id: Text<32>,
        /// The clause of the source document.
        pub clause: Text<64>,
        /// The first day.
        pub valid_from: Day,
        /// The first day on which the printed wording holds no more (R0-N2).
        pub valid_to: Option<Day>,
        /// Whether the rule is switched on.
        pub on: bool,
    }
}

crate::record! {
    /// Civil time and working days.
    pub struct Calendar {
        /// Offsets of Asia/Almaty by instant, ascending.
        pub offsets: Vec<Offset>,
        /// Days off beside Saturday and Sunday.
        pub days_off: Vec<Day>,
        /// Saturdays and Sundays on which people work.
        pub days_on: Vec<Day>,
    }
}

crate::record! {
    /// Bounds of odds and of the possible return.
    pub struct OddsRules {
        /// Lowest odds of a leg, ten-thousandths.
        pub odds_min: u32,
        /// Highest odds of a leg, ten-thousandths.
        pub odds_max: u32,
        /// Most legs of one bet.
        pub legs_max: u32,
        /// Most lines of one system.
        pub lines_max: u32,
        /// Largest possible return of one bet.
        pub return_max: Tiyn,
    }
}

crate::record! {
    /// Terms of the money path, in nanoseconds where they are times.
    pub struct Terms {
        /// How long a hold stands without confirmation (S-34).
        pub hold_ns: i64,
        /// How old the version of a list may be against which a person is checked (S-02).
        pub list_age_ns: i64,
        /// How old the session behind an order may be (domain 2).
        pub order_session_ns: i64,
        /// The longest time that an order may be open.
        pub order_ns_max: i64,
        /// From this ceiling on an order needs a one-time code (S-02).
        pub step_up_from: Tiyn,
        /// A report that arrives later than this after the act is late (S-05).
        pub report_late_ns: i64,
        /// How far ahead of the clock a sender's id may be (core 15).
        pub id_ahead_ns: i64,
        /// The oldest id that is accepted as new (core 15).
        pub id_age_ns: i64,
        /// Calendar days within which a winning is due (domain 20).
        pub payout_days: u32,
        /// How long a closed bet stays in the hot state.
        pub closed_bet_hot_ns: i64,
        /// How long an event that is over stays in the hot state after the last change of it and
        /// of the bets on it.
        pub over_event_hot_ns: i64,
        /// The same for an event that its organiser has never closed, if nobody has a bet on it.
        pub idle_event_hot_ns: i64,
        /// Refusals a second of one sender that are journalled (core 14).
        pub refusals_per_second: u32,
        /// How long before they begin preventive works must be announced (S-63).
        pub works_notice_ns: i64,
        /// The longest window of planned works.
        pub works_ns_max: i64,
        /// Tax withheld from the winning part, millionths (S-16).
        pub tax_millionths: u32,
    }
}

crate::record! {
    /// Rules that can be switched.
    pub struct Switches {
        /// Whether virtual events may be staked on (R1-1.1).
        pub virtual_events: bool,
        /// Whether every e-money stake needs the bettor's order (R0-2.3a).
        pub order_required: bool,
        /// Whether bonus funding is accepted (domain 11).
        pub bonus_funding: bool,
        /// Whether the cap of 1,000 MCI binds payouts of organisers too (domain 21, R4-6.1).
        pub legal_entity_cap: bool,
        /// Whether an identification must be full for a stake (R0-10.1).
        pub full_identification: bool,
        /// Whether the integration contract and the state of connection are checked.
        pub connection_checked: bool,
    }
}

crate::record! {
    /// What is asked of persons, and how long things about them may take.
    pub struct PeopleRules {
        /// From how many years of age on a person may bet (S-01).
        pub age_min: u32,
        /// When who was born on 29 February grows a year older.
        pub leap_birthday: LeapBirthday,
        /// Calendar days after which an identification has to be renewed (S-02).
        pub renewal_days: u32,
        /// How often one registration may try to identify.
        pub registration_tries: u32,
        /// How many wrong codes end a request for consent.
        pub code_tries: u32,
        /// Successful answers with the security token before the testing act (R3-11.2).
        pub answers_min: u32,
        /// Years after the end of the relationship until personal data are destroyed (D-07).
        pub retention_years: u32,
        /// The terms, each once, by code.
        pub clocks: Vec<Term>,
    }
}

impl PeopleRules {
    /// The day from which on who was born on that day has the age to bet. `None` beyond the reach
    /// of a day.
    pub fn of_age_from(&self, birth: Day) -> Option<Day> {
        let day = birth.years_later(self.age_min)?;
        // Only of 29 February the day of the month differs.
        let moved = day.date().2 != birth.date().2;
        let later = moved && self.leap_birthday == LeapBirthday::March1;
        Some(Day(day.0.checked_add(i32::from(later))?))
    }

    /// The last day on which personal data of a relationship that ended on that day are kept.
    pub fn kept_until(&self, ended: Day) -> Day {
        ended.years_later(self.retention_years).unwrap_or(Day(i32::MAX))
    }

    /// The length of a term.
    pub fn term(&self, clock: Clock) -> Option<&Term> {
        self.clocks.iter().find(|term| term.clock == clock)
    }
}

crate::record! {
    /// One version of the law's numbers as it was written before there were persons: facts of that
    /// version are read and written as they were.
    pub struct Rulebook1 {
        /// Its number; grows by one.
        pub number: u32,
        /// From when decisions use it.
        pub from: Instant,
        /// The first approver, a staff number.
        pub approver: u32,
        /// The second approver; another person.
        pub second_approver: u32,
        /// Civil time and working days.
        pub calendar: Calendar,
        /// The order of precedence.
        pub ranks: Vec<Rank>,
        /// Bounds of odds.
        pub odds: OddsRules,
        /// Terms.
        pub terms: Terms,
        /// Switches.
        pub switches: Switches,
        /// Organisers that are agents of the issuer and may buy e-money (domain 21).
        pub agents: Vec<Organiser>,
        /// The rule register.
        pub rules: Vec<Rule>,
    }
}

impl From<Rulebook1> for Rulebook {
    /// What it did not say of persons is as in the sample.
    fn from(old: Rulebook1) -> Rulebook {
        Rulebook {
            number: old.number,
            from: old.from,
            approver: old.approver,
            second_approver: old.second_approver,
            calendar: old.calendar,
            ranks: old.ranks,
            odds: old.odds,
            terms: old.terms,
            switches: old.switches,
            people: sample_people(),
            agents: old.agents,
            rules: old.rules,
        }
    }
}

crate::record! {
    /// One version of the law's numbers.
    pub struct Rulebook {
        /// Its number; grows by one.
        pub number: u32,
        /// From when decisions use it.
        pub from: Instant,
        /// The first approver, a staff number.
        pub approver: u32,
        /// The second approver; another person.
        pub second_approver: u32,
        /// Civil time and working days.
        pub calendar: Calendar,
        /// The order of precedence.
        pub ranks: Vec<Rank>,
        /// Bounds of odds.
        pub odds: OddsRules,
        /// Terms.
        pub terms: Terms,
        /// Switches.
        pub switches: Switches,
        /// What is asked of persons.
        pub people: PeopleRules,
        /// Organisers that are agents of the issuer and may buy e-money (domain 21).
        pub agents: Vec<Organiser>,
        /// The rule register.
        pub rules: Vec<Rule>,
    }
}

impl Rulebook {
    /// The rank of a reason; one that the table does not name comes after all that it names.
    pub fn rank(&self, reason: Reason) -> u32 {
        self.ranks
            .iter()
            .find(|row| row.reason == reason)
            .map_or(u32::from(reason.code()).saturating_add(1_000_000), |row| row.rank)
    }

    /// The civil day of an instant.
    pub fn day(&self, at: Instant) -> Day {
        crate::time::civil_day(&self.calendar.offsets, at)
    }

    /// Whether people work on that day.
    pub fn works_on(&self, day: Day) -> bool {
        if 5 <= day.weekday() {
            self.calendar.days_on.contains(&day)
        } else {
            !self.calendar.days_off.contains(&day)
        }
    }

    /// The last day of a term of so many working days that begins on the day after `day`.
    pub fn after_working_days(&self, day: Day, count: u32) -> Day {
        let mut left = count;
        let mut day = day;
        while 0 < left {
            day = Day(day.0 + 1);
            left -= u32::from(self.works_on(day));
        }
        day
    }

    /// When a term that begins at an instant is over: what is done before then is done in time.
    /// Days end at 24:00, and a last day off moves to the next working day (requirements 0.4).
    /// `None` if the rulebook does not say how long the term is.
    pub fn due(&self, clock: Clock, at: Instant) -> Option<Instant> {
        const HOUR: i64 = 3_600 * Instant::SECOND;
        let term = self.people.term(clock)?;
        let span = |unit: i64| {
            let count = i64::try_from(term.count).unwrap_or(i64::MAX);
            Instant(at.0.saturating_add(count.saturating_mul(unit)))
        };
        Some(match term.unit {
            Unit::Nanoseconds => span(1),
            Unit::Hours => span(HOUR),
            Unit::CalendarDays => {
                let count = i32::try_from(term.count).unwrap_or(i32::MAX);
                let mut last = Day(self.day(at).0.saturating_add(count));
                while !self.works_on(last) {
                    last = Day(last.0.saturating_add(1));
                }
                self.day_ends(last)
            }
            Unit::WorkingDays => {
                let count = u32::try_from(term.count).unwrap_or(u32::MAX);
                self.day_ends(self.after_working_days(self.day(at), count))
            }
        })
    }

    fn day_ends(&self, day: Day) -> Instant {
        crate::time::day_begins(&self.calendar.offsets, Day(day.0.saturating_add(1)))
    }

    /// Rules whose printed wording has ended by that day: «wording to be confirmed» (R0-N2).
    pub fn to_confirm(&self, day: Day) -> impl Iterator<Item = &Rule> {
        self.rules.iter().filter(move |rule| rule.valid_to.is_some_and(|end| end <= day))
    }

    /// The rulebook that the samples and tests start with, in force from 2000-01-01 (core 7).
    pub fn sample() -> Rulebook {
        Rulebook {
            number: 1,
            from: Instant(i64::from(SAMPLE_FROM.0) * Instant::DAY),
            approver: 1,
            second_approver: 2,
            calendar: sample_calendar(),
            ranks: Reason::ALL
                .iter()
                .zip(1..)
                .map(|(reason, rank)| Rank { reason: *reason, rank })
                .collect(),
            odds: OddsRules {
                odds_min: crate::Odds::MIN,
                odds_max: crate::Odds::MAX,
                legs_max: crate::limits::LEGS_MAX as u32,
                lines_max: crate::limits::LINES_MAX,
                return_max: SAMPLE_RETURN_MAX,
            },
            terms: sample_terms(),
            switches: Switches {
                virtual_events: false,
                order_required: true,
                bonus_funding: false,
                legal_entity_cap: false,
                full_identification: true,
                connection_checked: true,
            },
            people: sample_people(),
            agents: Vec::new(),
            rules: sample_rules(),
        }
    }
}

const SAMPLE_FROM: Day = Day(10_957);
/// Ten thousand million tenge: no bet of this country comes near.
const SAMPLE_RETURN_MAX: Tiyn = match Tiyn::new(1_000_000_000_000) {
    Some(sum) => sum,
    None => Tiyn::ZERO,
};

fn sample_calendar() -> Calendar {
    // Almaty: UTC+6 until 2024-03-01, UTC+5 since (core 7).
    let change = Instant(19_783 * Instant::DAY - 6 * 3_600 * Instant::SECOND);
    let holidays = [
        (1, 1),
        (1, 2),
        (1, 7),
        (3, 8),
        (3, 21),
        (3, 22),
        (3, 23),
        (5, 1),
        (5, 7),
        (5, 9),
        (7, 6),
        (8, 30),
        (10, 25),
        (12, 16),
    ];
    let days_off = (2024..=2027)
        .flat_map(|year| holidays.iter().filter_map(move |(m, d)| Day::of(year, *m, *d)))
        .collect();
    Calendar {
        offsets: vec![
            Offset { from: Instant(i64::MIN), seconds: 6 * 3_600 },
            Offset { from: change, seconds: 5 * 3_600 },
        ],
        days_off,
        days_on: Vec::new(),
    }
}

fn sample_terms() -> Terms {
    Terms {
        hold_ns: 30 * Instant::SECOND,
        list_age_ns: Instant::DAY,
        order_session_ns: 900 * Instant::SECOND,
        order_ns_max: Instant::DAY,
        step_up_from: Tiyn::of(100_000_000),
        report_late_ns: 60 * Instant::SECOND,
        id_ahead_ns: 300 * Instant::SECOND,
        id_age_ns: 40 * Instant::DAY,
        payout_days: 3,
        closed_bet_hot_ns: 600 * Instant::SECOND,
        over_event_hot_ns: 2 * Instant::DAY,
        idle_event_hot_ns: 30 * Instant::DAY,
        refusals_per_second: 100,
        works_notice_ns: Instant::DAY,
        works_ns_max: Instant::DAY,
        tax_millionths: 0,
    }
}

fn sample_people() -> PeopleRules {
    let term = |clock, unit, count| Term { clock, unit, count };
    PeopleRules {
        age_min: 21,
        leap_birthday: LeapBirthday::March1,
        renewal_days: 30,
        registration_tries: 3,
        code_tries: 3,
        answers_min: 10,
        retention_years: 5,
        clocks: vec![
            term(Clock::AmlReport, Unit::WorkingDays, 1),
            term(Clock::StateService, Unit::WorkingDays, 10),
            term(Clock::PossibleMatch, Unit::WorkingDays, 1),
            term(Clock::ConsentCode, Unit::Nanoseconds, 600 * Instant::SECOND as u64),
            term(Clock::ConsentMessage, Unit::Hours, 24),
            term(Clock::Registration, Unit::CalendarDays, 30),
        ],
    }
}

/// The ten places whose printed wording ends on 2026-07-12 (R0-N2) and the rules of the stake.
fn sample_rules() -> Vec<Rule> {
    let ending = [
        ("R0-2.6", "c.2(6)"),
        ("R0-2.11", "c.2(11)"),
        ("R0-6.4", "c.6 ¶5"),
        ("R0-7.1", "c.7"),
        ("R0-10.5", "c.10 ¶5"),
        ("R0-10.6", "c.10 ¶6"),
        ("R0-11.2", "c.11 ¶2"),
        ("R0-17.2", "c.17(2)"),
        ("R0-22", "c.22"),
        ("R0-27", "c.27"),
    ];
    let lasting = [
        ("R0-2.3a", "c.2(3)"),
        ("R0-5.3", "c.5 ¶2"),
        ("R0-5.6", "c.5 ¶4"),
        ("R0-5.2", "c.5 ¶1"),
        ("R0-5.4", "c.5 ¶3"),
        ("R0-5.5", "c.5 ¶3"),
        ("R0-8.2", "c.8 ¶1"),
        ("R0-8.3", "c.8 ¶2"),
        ("R0-10.1", "c.10 ¶1"),
        ("R0-10.2a", "c.10 ¶2"),
        ("R0-10.2b", "c.10 ¶2"),
        ("R0-10.2c", "c.10 ¶2"),
        ("R0-10.2d", "c.10 ¶2"),
        ("R0-10.2e", "c.10 ¶2"),
        ("R0-10.2f", "c.10 ¶2"),
        ("R0-10.8", "c.10 ¶8"),
        ("R0-10.12", "c.10 ¶12"),
        ("R0-11.1", "c.11 ¶1"),
        ("R0-12.4", "c.12"),
        ("R0-13.1", "c.13 ¶1"),
        ("R0-16.2j", "c.16"),
        ("R0-20.2", "c.20(2)"),
        ("R1-1.1", "c.1"),
        ("R3-7.6", "c.7"),
        ("R3-9.1", "c.9"),
        ("R3-11.2", "c.11"),
        ("R4-16.2.5a", "16.2.5"),
        ("R4-16.2.7", "16.2.7"),
    ];
    let row = |(id, clause): (&str, &str), valid_to: Option<Day>| {
        Some(Rule {
            id: Text::new(id).ok()?,
            clause: Text::new(clause).ok()?,
            valid_from: SAMPLE_FROM,
            valid_to,
            on: true,
        })
    };
    let end = Day::of(2026, 7, 12);
    let ending = ending.into_iter().filter_map(|rule| row(rule, end));
    ending.chain(lasting.into_iter().filter_map(|rule| row(rule, None))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codec::Field;

    #[test]
    fn the_sample_has_one_byte_form_within_its_limit() {
        let rules = Rulebook::sample();
        let bytes = rules.to_bytes();
        assert!(bytes.len() <= crate::limits::RULEBOOK_BYTES_MAX);
        assert_eq!(Rulebook::from_bytes(&bytes), Ok(rules));
    }

    #[test]
    fn ten_rules_are_to_be_confirmed_after_12_07_2026() {
        // R0-N2
        let rules = Rulebook::sample();
        let day = |text| Day::parse(text).unwrap();
        assert_eq!(rules.to_confirm(day("2026-07-11")).count(), 0);
        assert_eq!(rules.to_confirm(day("2026-07-12")).count(), 10);
        assert!(Reason::ALL.iter().all(|r| rules.rank(*r) < 1_000));
    }

    #[test]
    fn terms_end_at_the_end_of_a_day_that_works() {
        // D-19, D-38, S-48, S-56; requirements 0.4
        let rules = Rulebook::sample();
        // Almaty is five hours ahead.
        let at = |day: &str, hour: i64| {
            let day = i64::from(Day::parse(day).unwrap().0);
            Instant(day * Instant::DAY + (hour - 5) * 3_600 * Instant::SECOND)
        };
        let cases = [
            // A Friday: the next working day is Monday, until 24:00.
            (Clock::AmlReport, at("2026-11-20", 23), at("2026-11-24", 0)),
            // Before the Day of Independence, a Wednesday.
            (Clock::AmlReport, at("2026-12-15", 9), at("2026-12-18", 0)),
            (Clock::PossibleMatch, at("2026-11-19", 0), at("2026-11-21", 0)),
            (Clock::StateService, at("2026-11-20", 9), at("2026-12-05", 0)),
            (Clock::ConsentCode, at("2026-11-20", 9), at("2026-11-20", 9).plus(600_000_000_000)),
            (Clock::ConsentMessage, at("2026-11-21", 9), at("2026-11-22", 9)),
            // The thirtieth day is a Saturday.
            (Clock::Registration, at("2026-10-29", 9), at("2026-12-01", 0)),
        ];
        for (clock, from, want) in cases {
            assert_eq!(rules.due(clock, from), Some(want), "{}", clock.name());
        }
        let mut rules = rules;
        rules.people.clocks.clear();
        assert_eq!(rules.due(Clock::AmlReport, at("2026-11-20", 9)), None);
    }

    #[test]
    fn the_day_on_which_a_person_is_of_age() {
        // S-01, R0-10.2a
        let mut people = sample_people();
        let day = |text| Day::parse(text).unwrap();
        let cases = [
            ("2005-12-01", 21, LeapBirthday::March1, "2026-12-01"),
            ("2004-02-29", 21, LeapBirthday::March1, "2025-03-01"),
            ("2004-02-29", 21, LeapBirthday::February28, "2025-02-28"),
            ("2004-02-29", 20, LeapBirthday::February28, "2024-02-29"),
            ("2004-02-29", 20, LeapBirthday::March1, "2024-02-29"),
            ("2000-02-28", 25, LeapBirthday::March1, "2025-02-28"),
            ("2000-03-31", 18, LeapBirthday::March1, "2018-03-31"),
        ];
        for (birth, age, leap, want) in cases {
            (people.age_min, people.leap_birthday) = (age, leap);
            assert_eq!(people.of_age_from(day(birth)), Some(day(want)), "{birth} {age}");
        }
        assert_eq!(people.kept_until(day("2024-02-29")), day("2029-02-28"));
        assert_eq!(people.of_age_from(Day(i32::MAX)), None);
    }

    #[test]
    fn terms_in_working_days() {
        let rules = Rulebook::sample();
        let cases = [
            ("2026-11-20", 3, "2026-11-25"),
            ("2026-12-14", 3, "2026-12-18"),
            ("2026-11-21", 1, "2026-11-23"),
            ("2026-11-23", 0, "2026-11-23"),
        ];
        for (from, count, want) in cases {
            let day = Day::parse(from).unwrap();
            assert_eq!(rules.after_working_days(day, count).to_string(), want, "{from}");
        }
    }
}
