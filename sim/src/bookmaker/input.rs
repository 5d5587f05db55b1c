//! What the bookmaker works on: matches of all files in order of kick-off, and the rows that
//! cannot be used.

use std::collections::BTreeMap;

use terms::{Day, Instant};

use crate::odds_file::{Match, MatchFile, Name, Note, Tally};

/// Matches before this day are not used: the sample rulebook begins on 2000-01-01, and the world
/// is built some days before the first match.
const FIRST_DAY: &str = "2000-02-01";
/// The licences of the simulated organisers end after this day.
const LAST_DAY: &str = "2099-12-01";

/// A row that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SkippedRow {
    /// The file.
    pub file: String,
    /// The line in the file, from 1.
    pub line: u64,
    /// Why, as a permanent name.
    pub reason: &'static str,
    /// The value that was refused.
    pub detail: String,
}

/// One match with its place in the input.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Game {
    /// The match.
    pub found: Match,
    /// The number of its file.
    pub file: usize,
    /// The number of its championship: of country, league and season.
    pub championship: usize,
}

/// A championship of the input.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct League {
    pub country: Name,
    pub league: Name,
    pub season: Name,
}

/// All matches and what could not be used.
#[derive(Clone, Debug, Default)]
pub struct Input {
    games: Vec<Game>,
    leagues: BTreeMap<League, usize>,
    files: usize,
    skipped: Vec<SkippedRow>,
    notes: Vec<(String, Note, Tally)>,
}

impl Input {
    /// Nothing yet.
    pub fn new() -> Input {
        Input::default()
    }

    /// Adds the matches of one file.
    pub fn add(&mut self, read: MatchFile) {
        let file = self.files;
        self.files += 1;
        for row in read.skipped {
            let (line, reason) = (row.line, row.reason.name());
            self.skipped.push(SkippedRow { file: row.file, line, reason, detail: row.detail });
        }
        for (note, tally) in read.notes {
            self.notes.push((read.file.clone(), note, tally));
        }
        for found in read.matches {
            if !within(found.kick_off) {
                self.skipped.push(SkippedRow {
                    file: read.file.clone(),
                    line: found.line,
                    reason: "outside_of_the_sample_rulebook",
                    detail: found.kick_off.to_string(),
                });
                continue;
            }
            let league = League {
                country: found.country.clone(),
                league: found.league.clone(),
                season: found.season.clone(),
            };
            let next = self.leagues.len();
            let championship = *self.leagues.entry(league).or_insert(next);
            self.games.push(Game { found, file, championship });
        }
    }

    /// How many matches can be used.
    pub fn matches(&self) -> u64 {
        self.games.len() as u64
    }

    /// Rows that cannot be used, by file and line.
    pub fn skipped(&self) -> &[SkippedRow] {
        &self.skipped
    }

    /// What the reader noted about rows that are used, with the file.
    pub fn notes(&self) -> &[(String, Note, Tally)] {
        &self.notes
    }

    /// The matches in order of kick-off, then of file and line; and the championships by number.
    pub(super) fn into_order(mut self) -> (Vec<Game>, Vec<League>) {
        self.games.sort_by_key(|game| (game.found.kick_off, game.file, game.found.line));
        let mut leagues: Vec<_> = self.leagues.into_iter().collect();
        leagues.sort_by_key(|(_, number)| *number);
        (self.games, leagues.into_iter().map(|(league, _)| league).collect())
    }
}

fn within(at: Instant) -> bool {
    let begin = |day: &str| Day::parse(day).map(|day| Instant(i64::from(day.0) * Instant::DAY));
    begin(FIRST_DAY).is_some_and(|first| first <= at)
        && begin(LAST_DAY).is_some_and(|last| at < last)
}
