//! Sample seasons that the project made itself: invented clubs of invented towns.
//!
//! Three files are committed in `matches/seasons` and built into the binary, so that a
//! demonstration needs no file: two leagues in the dated form with two seasons each, and one in
//! the form of rounds with one season. Every season has 10 teams and 90 matches. Some rows are
//! broken on purpose, one or more for each reason that valid UTF-8 text of ordinary length can
//! give, so that skipping can be seen.
//!
//! [`make`] wrote them: goals are drawn from the strengths of the teams, and the odds are those of
//! the same strengths with a margin. Opening odds err by a few per cent, closing odds do not.
//! Integer arithmetic only, so the files can be made again byte for byte; a test does so.

mod damage;
mod teams;

use terms::Day;

use crate::random::Random;
use damage::{DATED_COLUMNS, Damage, ROUNDS_COLUMNS};
use teams::Team;

/// The seed of the committed files.
pub const SEED: u64 = 2_026;

/// The sample files: name and content.
pub fn sample() -> Vec<(&'static str, &'static str)> {
    vec![
        (DALA, include_str!("../seasons/sample-dala-liga.csv")),
        (SEVERNAYA, include_str!("../seasons/sample-severnaya-liga.csv")),
        (OZEN, include_str!("../seasons/sample-kazakhstan_ozen-liga.csv")),
    ]
}

const DALA: &str = "sample-dala-liga.csv";
const SEVERNAYA: &str = "sample-severnaya-liga.csv";
const OZEN: &str = "sample-kazakhstan_ozen-liga.csv";

const DATED_HEADER: &str = "Date,country,league,Season,HomeTeam,AwayTeam,FTHG,FTAG,HTHG,HTAG,\
    home_close,home_open,draw_close,draw_open,away_close,away_open,\
    over_2.5_close,over_2.5_open,under_2.5_close,under_2.5_open,\
    bts_yes_close,bts_yes_open,bts_no_close,bts_no_open";

const ROUNDS_HEADER: &str = "\"season\",\"round\",\"hTeam\",\"aTeam\",\
    \"hScore\",\"aScore\",\"hOdd\",\"dOdd\",\"aOdd\",\"hProb\",\"dProb\",\"aProb\"";

/// Makes the sample files from a seed: name and content. [`SEED`] gives the committed ones.
pub fn make(seed: u64) -> Vec<(&'static str, String)> {
    let random = Random::new(seed).fork("seasons");
    let dala = DatedLeague {
        country: "kazakhstan",
        league: "dala-liga",
        teams: teams::DALA,
        damage: Damage::Dated,
    };
    let severnaya = DatedLeague {
        country: "russia",
        league: "severnaya-liga",
        teams: teams::SEVERNAYA,
        damage: Damage::DatedLater,
    };
    vec![
        (DALA, dated(&random.fork(DALA), &dala)),
        (SEVERNAYA, dated(&random.fork(SEVERNAYA), &severnaya)),
        (OZEN, rounds(&random.fork(OZEN), &teams::OZEN)),
    ]
}

struct DatedLeague {
    country: &'static str,
    league: &'static str,
    teams: [Team; 10],
    damage: Damage,
}

/// The first years of the dated seasons. Time in Kazakhstan changed during the second.
const DATED_YEARS: [i32; 2] = [2022, 2023];
const ROUNDS_YEAR: i32 = 2021;
/// Both-to-score odds begin with this match of a dated file: earlier ones were "not collected".
const BOTH_TO_SCORE_FROM: usize = 24;

fn dated(random: &Random, league: &DatedLeague) -> String {
    let mut rows = Vec::new();
    for year in DATED_YEARS {
        let season = format!("{year}-{}", year + 1);
        let mut random = random.fork(&season);
        let mut order = league.teams;
        random.shuffle(&mut order);
        for (round, pairs) in fixtures().iter().enumerate() {
            let mut kick_offs: Vec<String> =
                pairs.iter().map(|_| kick_off(&mut random, year, round)).collect();
            kick_offs.sort_unstable();
            for (kick_off, (home, away)) in kick_offs.iter().zip(pairs) {
                let game = play(&mut random, order[*home], order[*away]);
                let mut row = vec![kick_off.clone(), league.country.into(), league.league.into()];
                row.push(season.clone());
                row.extend(dated_fields(&game, BOTH_TO_SCORE_FROM <= rows.len()));
                rows.push(row);
            }
        }
    }
    text(DATED_HEADER, damage::spoil(rows, league.damage))
}

fn dated_fields(game: &Game, both_to_score: bool) -> Vec<String> {
    let mut fields: Vec<String> = vec![game.home.into(), game.away.into()];
    let (goals, half) = (game.goals, game.half_time);
    fields.extend([goals.0, goals.1, half.0, half.1].map(|number| number.to_string()));
    for (outcome, (close, open)) in game.close.all().into_iter().zip(game.open.all()).enumerate() {
        if outcome < 5 || both_to_score {
            fields.push(price(close, 105, 100));
            fields.push(price(open, 107, 100));
        } else {
            fields.extend([String::new(), String::new()]);
        }
    }
    assert_eq!(fields.len() + 4, DATED_COLUMNS);
    fields
}

fn rounds(random: &Random, teams: &[Team; 10]) -> String {
    let mut random = random.fork("matches");
    let mut rows = Vec::new();
    for (round, pairs) in fixtures().iter().enumerate() {
        for (home, away) in pairs {
            let game = play(&mut random, teams[*home], teams[*away]);
            let mut row = vec![
                format!("\"{ROUNDS_YEAR}-{}\"", ROUNDS_YEAR + 1),
                format!("\"{}\"", round + 1),
                format!("\"{}\"", game.home),
                format!("\"{}\"", game.away),
                game.goals.0.to_string(),
                game.goals.1.to_string(),
            ];
            let chances = &game.close.all()[..3];
            row.extend(chances.iter().map(|chance| price(*chance, 108, 10)));
            row.extend(chances.iter().map(|chance| format!("0.{:04}", chance * 10_000 / ONE)));
            assert_eq!(row.len(), ROUNDS_COLUMNS);
            rows.push(row);
        }
    }
    text(ROUNDS_HEADER, damage::spoil(rows, Damage::Rounds))
}

fn text(header: &str, rows: Vec<Vec<String>>) -> String {
    let mut text = format!("{header}\n");
    for row in rows {
        text.push_str(&row.join(","));
        text.push('\n');
    }
    text
}

/// Every pair of ten teams twice, home and away, in 18 rounds of five matches (circle method).
fn fixtures() -> Vec<Vec<(usize, usize)>> {
    let mut rounds = Vec::with_capacity(18);
    for round in 0..9 {
        let at = |place: usize| if place == 0 { 9 } else { (round + place) % 9 };
        let pairs = (0..5).map(|place| (at(place), at(9 - place)));
        let home_first = |(a, b): (usize, usize)| if round % 2 == 0 { (a, b) } else { (b, a) };
        rounds.push(pairs.map(home_first).collect::<Vec<_>>());
    }
    let back = |pairs: &Vec<(usize, usize)>| pairs.iter().map(|(a, b)| (*b, *a)).collect();
    let second: Vec<Vec<_>> = rounds.iter().map(back).collect();
    rounds.extend(second);
    rounds
}

/// A local time on the weekend of a round; rounds are a fortnight apart from August on.
fn kick_off(random: &mut Random, year: i32, round: usize) -> String {
    // Cannot fail: 1 August exists in every year.
    let first = Day::of(year, 8, 1).expect("1 August");
    let saturday = first.0 + (5 - i32::from(first.weekday())).rem_euclid(7);
    let day = Day(saturday + 14 * round as i32 + random.below(2) as i32);
    let hour = 13 + random.below(7);
    let minute = *random.pick(&[0, 15, 30, 45]);
    format!("{day} {hour:02}:{minute:02}:00")
}

struct Game {
    home: &'static str,
    away: &'static str,
    goals: (u8, u8),
    half_time: (u8, u8),
    open: Chances,
    close: Chances,
}

/// Goals that the average team of a match scores, in hundredths.
const AVERAGE: u32 = 130;
/// What playing at home is worth, in hundredths; away teams lose as much.
const HOME: u32 = 12;

fn play(random: &mut Random, home: Team, away: Team) -> Game {
    let expected = |team: Team, other: Team, ground: u32| {
        // In thousandths of a goal: hundredths × hundredths ÷ hundredths × hundredths ÷ 10.
        team.attack * other.concedes / AVERAGE * ground / 10
    };
    let rates = (expected(home, away, 100 + HOME), expected(away, home, 100 - HOME));
    let mut guess = |rate: u32| rate * (92 + random.below(17) as u32) / 100;
    let guessed = (guess(rates.0), guess(rates.1));
    let goals = (score(random, rates.0), score(random, rates.1));
    // Somewhat fewer than half of all goals fall in the first half.
    let mut early = |goals: u8| (0..goals).filter(|_| random.chance(45, 100)).count() as u8;
    let half_time = (early(goals.0), early(goals.1));
    Game {
        home: home.name,
        away: away.name,
        goals,
        half_time,
        open: Chances::of(guessed),
        close: Chances::of(rates),
    }
}

/// Moments of a match in which a team may score: few enough to count, enough to be Poisson-like.
const MOMENTS: u32 = 20;

fn score(random: &mut Random, rate: u32) -> u8 {
    let scores = |_: &u32| random.chance(u64::from(rate), u64::from(MOMENTS * 1_000));
    (0..MOMENTS).filter(scores).count() as u8
}

/// Certainty in the fixed-point arithmetic of chances.
const ONE: u64 = 1_000_000_000;

/// Chances of the outcomes in billionths.
struct Chances {
    home: u64,
    draw: u64,
    over: u64,
    both: u64,
}

impl Chances {
    fn of(rates: (u32, u32)) -> Chances {
        let (home, away) = (distribution(rates.0), distribution(rates.1));
        let mut chances = Chances { home: 0, draw: 0, over: 0, both: 0 };
        for (h, chance_h) in home.iter().enumerate() {
            for (a, chance_a) in away.iter().enumerate() {
                // Cannot overflow: both are at most 10^9, so the product is at most 10^18.
                let chance = chance_h * chance_a / ONE;
                chances.home += if a < h { chance } else { 0 };
                chances.draw += if a == h { chance } else { 0 };
                chances.over += if 2 < a + h { chance } else { 0 };
                chances.both += if 0 < a && 0 < h { chance } else { 0 };
            }
        }
        chances
    }

    /// Home, draw, away, over, under, both score, one does not.
    fn all(&self) -> [u64; 7] {
        let away = ONE - self.home - self.draw;
        [self.home, self.draw, away, self.over, ONE - self.over, self.both, ONE - self.both]
    }
}

/// The chance of each number of goals (the binomial distribution that [`score`] draws from).
fn distribution(rate: u32) -> Vec<u64> {
    let (yes, all) = (u64::from(rate), u64::from(MOMENTS * 1_000));
    let mut chances = vec![(0..MOMENTS).fold(ONE, |chance, _| chance * (all - yes) / all)];
    for goals in 0..u64::from(MOMENTS) {
        let moments_left = u64::from(MOMENTS) - goals;
        let chance = chances[goals as usize] * moments_left * yes / ((goals + 1) * (all - yes));
        chances.push(chance);
    }
    chances
}

/// Odds of a chance with a margin in per cent of certainty, rounded down to a step in
/// ten-thousandths, from 1.01 to 60.
fn price(chance: u64, margin: u64, step: u64) -> String {
    let odds = ONE * 10_000 * 100 / (chance.max(1) * margin);
    let odds = odds.clamp(10_100, 600_000) / step * step;
    let digits = format!("{}.{:04}", odds / 10_000, odds % 10_000);
    let decimals = if step == 100 { 2 } else { 3 };
    digits[..digits.len() - 4 + decimals].to_owned()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::path::Path;

    use super::*;
    use crate::odds_file::{self, Form, Note, SkipReason};

    /// `BLESS=1` writes the files anew.
    #[test]
    fn the_committed_files_are_made_from_the_seed() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("seasons");
        for ((name, made), (committed_name, committed)) in make(SEED).iter().zip(sample()) {
            assert_eq!(*name, committed_name);
            if std::env::var_os("BLESS").is_some() {
                std::fs::write(folder.join(name), made).unwrap();
            } else {
                assert!(made == committed, "{name} differs: BLESS=1 writes it anew");
            }
        }
    }

    #[test]
    fn the_samples_can_be_read() {
        let mut reasons = BTreeSet::new();
        let mut notes = BTreeSet::new();
        let want = [(Form::Dated, 180), (Form::Dated, 180), (Form::Rounds, 90)];
        for ((name, content), (form, used)) in sample().into_iter().zip(want) {
            let read = odds_file::read(name, content.as_bytes()).unwrap();
            assert_eq!((read.form, read.matches.len()), (form, used), "{name}");
            assert_eq!(read.rows, (read.matches.len() + read.skipped.len()) as u64);
            reasons.extend(read.skipped.iter().map(|row| row.reason));
            notes.extend(read.notes.keys().map(Note::code));
            let teams: BTreeSet<_> = read.matches.iter().map(|game| &game.home).collect();
            assert_eq!(teams.len(), 10, "{name}");
        }
        // These two cannot be had in UTF-8 text with lines that a person can read.
        let unseen = [SkipReason::LineTooLong, SkipReason::NotUtf8];
        let every = SkipReason::ALL.iter().copied().filter(|reason| !unseen.contains(reason));
        assert!(reasons.into_iter().eq(every));
        let every = ["country_unknown", "half_time_missing", "market_missing", "market_unusable"];
        assert!(notes.into_iter().eq(every));
    }

    #[test]
    fn a_season_has_every_pair_home_and_away() {
        let pairs: BTreeSet<_> = fixtures().into_iter().flatten().collect();
        assert_eq!(pairs.len(), 90);
        assert!(pairs.iter().all(|(home, away)| home != away));
        for round in fixtures() {
            let teams: BTreeSet<_> = round.iter().flat_map(|(a, b)| [a, b]).collect();
            assert_eq!(teams.len(), 10);
        }
    }

    #[test]
    fn prices_hold_their_margin() {
        let all = Chances::of((1_500, 1_100)).all();
        for (outcomes, margin) in [(&all[..3], 105), (&all[3..5], 107), (&all[5..], 105)] {
            let book: u64 = outcomes
                .iter()
                .map(|chance| {
                    let odds = terms::Odds::parse(&price(*chance, margin, 100)).unwrap();
                    100 * ONE * 10_000 / u64::from(odds.get())
                })
                .sum();
            // Rounding the odds down adds a little to the margin, never takes from it.
            assert!(margin * ONE <= book + 300 && book < (margin + 2) * ONE, "{book}");
        }
    }
}
