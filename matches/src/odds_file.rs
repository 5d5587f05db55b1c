//! Reader of match files: results with the odds of their time, in two forms.
//!
//! * **Dated**: `Date,country,league,Season,HomeTeam,AwayTeam,FTHG,FTAG,HTHG,HTAG` and pairs of
//!   opening and closing odds. The date is local time of the country.
//! * **Rounds**: `season,round,hTeam,aTeam,hScore,aScore,hOdd,dOdd,aOdd`. There is no date; the
//!   round stands for one, and the file's name for the league.
//!
//! The form is told by the names of the columns, in any order; other columns are passed over.
//! Odds are read exactly, as integers in ten-thousandths, never through floating point.
//!
//! Contract: a row is used as it stands or skipped with its line and a reason; nothing is guessed
//! or mended, and used + skipped = rows. A row without an optional market is used with the markets
//! that it has, and the lack is counted as a note. Blank lines are no rows. One line is one row:
//! a quoted field cannot hold a line end.
//!
//! Limits: lines of 4 KiB, files of 1,000,000 rows. Rows are read one at a time; what stays in
//! memory while reading is one key per match, to find duplicates.

mod header;
mod kick_off;
mod lines;
mod row;

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use terms::{Instant, Odds, Text, choice};

use header::{Columns, HeaderError};
use kick_off::Zones;
use lines::{Line, Lines};
use row::RowReader;

/// Rows of one file. A season of every league on earth has fewer; more is not a match file.
pub const ROWS_MAX: u64 = 1_000_000;

/// A name of a team, league, country or season.
pub type Name = Text<64>;

choice! {
    /// The form of a file.
    pub enum Form {
        /// Rows have a date.
        Dated = 1 "dated",
        /// Rows have the number of a round.
        Rounds = 2 "rounds",
    }
}

choice! {
    /// A market of a match.
    pub enum MarketKind {
        /// Home, draw or away.
        MatchResult = 1 "match_result",
        /// More or fewer than two and a half goals.
        OverUnder25 = 2 "over_under_2_5",
        /// Whether both teams score.
        BothToScore = 3 "both_to_score",
    }
}

choice! {
    /// An outcome of a market.
    pub enum OutcomeKind {
        /// The home team wins.
        Home = 1 "home",
        /// Nobody wins.
        Draw = 2 "draw",
        /// The away team wins.
        Away = 3 "away",
        /// Three goals or more.
        Over = 4 "over",
        /// Two goals or fewer.
        Under = 5 "under",
        /// Both teams score.
        Yes = 6 "yes",
        /// A team does not score.
        No = 7 "no",
    }
}

impl MarketKind {
    /// The outcome that came true at full time.
    pub fn winner(self, goals: (u8, u8)) -> OutcomeKind {
        match self {
            MarketKind::MatchResult if goals.1 < goals.0 => OutcomeKind::Home,
            MarketKind::MatchResult if goals.0 < goals.1 => OutcomeKind::Away,
            MarketKind::MatchResult => OutcomeKind::Draw,
            MarketKind::OverUnder25 if 2 < u16::from(goals.0) + u16::from(goals.1) => {
                OutcomeKind::Over
            }
            MarketKind::OverUnder25 => OutcomeKind::Under,
            MarketKind::BothToScore if 0 < goals.0 && 0 < goals.1 => OutcomeKind::Yes,
            MarketKind::BothToScore => OutcomeKind::No,
        }
    }
}

choice! {
    /// Why a row was not used. The order is the order of the checks.
    pub enum SkipReason {
        /// The line has more than 4 KiB.
        LineTooLong = 1 "line_too_long",
        /// The line is not UTF-8.
        NotUtf8 = 2 "not_utf8",
        /// A quote is opened and not closed.
        OpenQuote = 3 "open_quote",
        /// More or fewer fields than the header.
        FieldCount = 4 "field_count",
        /// A team or the league has no name.
        NameMissing = 5 "name_missing",
        /// A name is longer than 64 bytes, has a control character, or holds a personal number.
        NameUnusable = 6 "name_unusable",
        /// A team plays against itself.
        SameTeam = 7 "same_team",
        /// The season is not `2009-2010`, `2009/2010`, `2009-10` or `2009`.
        SeasonBroken = 8 "season_broken",
        /// The date is not `YYYY-MM-DD HH:MM[:SS]`, or there is no such date.
        DateBroken = 9 "date_broken",
        /// The round is not a number from 1 to 200.
        RoundBroken = 10 "round_broken",
        /// Goals are not given.
        GoalsMissing = 11 "goals_missing",
        /// Goals are not a number from 0 to 99.
        GoalsUnreadable = 12 "goals_unreadable",
        /// More goals at half time than at full time.
        HalfTimeAboveFull = 13 "half_time_above_full",
        /// Closing odds of the match result are not given.
        OddsMissing = 14 "odds_missing",
        /// Odds of the match result are not a number, or have more than four decimals.
        OddsUnreadable = 15 "odds_unreadable",
        /// Odds of the match result are not above 1, or above 10,000.
        OddsOutOfRange = 16 "odds_out_of_range",
        /// The same season, teams and kick-off as an earlier row that was used.
        Duplicate = 17 "duplicate",
    }
}

/// Something about a used row, or about the file, that a reader of the numbers should know.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Note {
    /// The row has no odds of the market.
    MarketMissing(MarketKind),
    /// The row's odds of the market are incomplete, unreadable or out of range.
    MarketUnusable(MarketKind),
    /// The file has no columns for the market. Counted once a file, at its first line.
    ColumnsAbsent(MarketKind),
    /// The row has no goals at half time.
    HalfTimeMissing,
    /// The country is not in the table, so its times were read as UTC.
    CountryUnknown {
        /// The country as the file names it, in lower case with hyphens.
        country: String,
    },
}

impl Note {
    /// A permanent code without parameters.
    pub fn code(&self) -> &'static str {
        match self {
            Note::MarketMissing(_) => "market_missing",
            Note::MarketUnusable(_) => "market_unusable",
            Note::ColumnsAbsent(_) => "columns_absent",
            Note::HalfTimeMissing => "half_time_missing",
            Note::CountryUnknown { .. } => "country_unknown",
        }
    }

    /// The market or country that the note is about.
    pub fn about(&self) -> &str {
        match self {
            Note::MarketMissing(market)
            | Note::MarketUnusable(market)
            | Note::ColumnsAbsent(market) => market.name(),
            Note::HalfTimeMissing => "",
            Note::CountryUnknown { country } => country,
        }
    }
}

/// How often a note was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tally {
    /// Rows it is true of.
    pub count: u64,
    /// The line of the first of them.
    pub first_line: u64,
}

/// One outcome's odds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Price {
    /// The outcome.
    pub outcome: OutcomeKind,
    /// When the market opened, if the file has it.
    pub open: Option<Odds>,
    /// When the match began.
    pub close: Odds,
}

/// The odds of all outcomes of one market.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Quote {
    /// The market.
    pub kind: MarketKind,
    /// Every outcome of the market, in the order of [`OutcomeKind`].
    pub outcomes: Vec<Price>,
}

/// A match that was played.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Match {
    /// The line in the file, from 1.
    pub line: u64,
    /// Lower case with hyphens; `unknown` if neither row nor file names one.
    pub country: Name,
    /// As the file writes it.
    pub league: Name,
    /// As the file writes it: `2009-2010`.
    pub season: Name,
    /// The home team.
    pub home: Name,
    /// The away team.
    pub away: Name,
    /// When it began; of the rounds form, a stand-in.
    pub kick_off: Instant,
    /// Goals at full time, home and away.
    pub goals: (u8, u8),
    /// Goals at half time; never more than at full time.
    pub half_time: Option<(u8, u8)>,
    /// The match result first, then the others that the row has.
    pub markets: Vec<Quote>,
}

/// A row that was not used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Skipped {
    /// The file.
    pub file: String,
    /// The line in the file, from 1.
    pub line: u64,
    /// Why.
    pub reason: SkipReason,
    /// The value that was refused, at most 60 characters of it.
    pub detail: String,
}

/// What became of one row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Row {
    /// It is a match.
    Used(Box<Match>),
    /// It cannot be used.
    Skipped(Skipped),
}

/// A whole file in memory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MatchFile {
    /// Its name.
    pub file: String,
    /// Its form.
    pub form: Form,
    /// Rows, blank lines and the header not counted: used + skipped.
    pub rows: u64,
    /// The rows that were used, in file order.
    pub matches: Vec<Match>,
    /// The rows that were not, in file order.
    pub skipped: Vec<Skipped>,
    /// Notes and how often each was made.
    pub notes: BTreeMap<Note, Tally>,
}

impl MatchFile {
    /// How many rows were skipped for each reason that occurred.
    pub fn skips_by_reason(&self) -> BTreeMap<SkipReason, u64> {
        let mut counts = BTreeMap::new();
        for skipped in &self.skipped {
            *counts.entry(skipped.reason).or_insert(0) += 1;
        }
        counts
    }
}

/// Why a file cannot be read at all.
#[derive(Debug, thiserror::Error)]
pub enum Unreadable {
    /// There is no such file.
    #[error("{file}: there is no such file")]
    NotFound {
        /// The file.
        file: String,
    },
    /// The file could not be opened or read on.
    #[error("{file}: reading failed after line {line}")]
    Io {
        /// The file.
        file: String,
        /// The last line that was read.
        line: u64,
        /// What the system says.
        source: io::Error,
    },
    /// The file has no line.
    #[error("{file}: the file is empty")]
    Empty {
        /// The file.
        file: String,
    },
    /// The first line is not a line of UTF-8 text with closed quotes.
    #[error("{file}: the first line is not a header")]
    HeaderUnreadable {
        /// The file.
        file: String,
    },
    /// The header fits neither form.
    #[error(
        "{file}: the header fits neither form; \
         for the dated form it lacks {dated_lacks:?}, for the rounds form {rounds_lacks:?}"
    )]
    HeaderUnknown {
        /// The file.
        file: String,
        /// Columns that the dated form needs and the file has not.
        dated_lacks: Vec<&'static str>,
        /// Columns that the rounds form needs and the file has not.
        rounds_lacks: Vec<&'static str>,
    },
    /// A column occurs twice, so it is not clear which one counts.
    #[error("{file}: the column {column} occurs twice")]
    ColumnTwice {
        /// The file.
        file: String,
        /// The column.
        column: String,
    },
    /// The name of a file in the rounds form is the name of its league, and it is no name.
    #[error("{file}: the name of the file does not give a name to its league")]
    FileName {
        /// The file.
        file: String,
    },
    /// More than [`ROWS_MAX`] rows.
    #[error("{file}: more than {ROWS_MAX} rows")]
    TooManyRows {
        /// The file.
        file: String,
    },
}

/// Reads a file from disk whole.
pub fn open(path: &Path) -> Result<MatchFile, Unreadable> {
    let file = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned();
    match File::open(path) {
        Ok(from) => read(&file, from),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            Err(Unreadable::NotFound { file: path.display().to_string() })
        }
        Err(source) => Err(Unreadable::Io { file, line: 0, source }),
    }
}

/// Reads a file whole. Its name matters: in the rounds form it names country and league.
pub fn read(file: &str, from: impl Read) -> Result<MatchFile, Unreadable> {
    let mut reader = MatchReader::new(file, from)?;
    let (mut matches, mut skipped) = (Vec::new(), Vec::new());
    for row in &mut reader {
        match row? {
            Row::Used(found) => matches.push(*found),
            Row::Skipped(row) => skipped.push(row),
        }
    }
    let form = reader.form();
    Ok(MatchFile {
        file: reader.file,
        form,
        rows: reader.rows,
        matches,
        skipped,
        notes: reader.notes,
    })
}

/// Reads a file row by row.
pub struct MatchReader<R> {
    file: String,
    lines: Lines<R>,
    columns: Columns,
    zones: Zones,
    seen: BTreeSet<(Name, Name, Name, Instant)>,
    rows: u64,
    notes: BTreeMap<Note, Tally>,
    done: bool,
}

impl<R: Read> MatchReader<R> {
    /// Reads the header.
    pub fn new(file: &str, from: R) -> Result<Self, Unreadable> {
        let file = file.to_owned();
        let mut lines = Lines::new(from);
        match lines.next() {
            Ok(Some(Line::Whole)) => {}
            Ok(Some(Line::Long)) => return Err(Unreadable::HeaderUnreadable { file }),
            Ok(None) => return Err(Unreadable::Empty { file }),
            Err(source) => return Err(Unreadable::Io { file, line: 0, source }),
        }
        let header = lines.bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&lines.bytes);
        let Some(names) = std::str::from_utf8(header).ok().and_then(row::split) else {
            return Err(Unreadable::HeaderUnreadable { file });
        };
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let columns = match Columns::find(&names, league_of(&file)) {
            Ok(columns) => columns,
            Err(HeaderError::Twice(column)) => {
                return Err(Unreadable::ColumnTwice { file, column });
            }
            Err(HeaderError::NoLeague) => return Err(Unreadable::FileName { file }),
            Err(HeaderError::Neither { dated_lacks, rounds_lacks }) => {
                return Err(Unreadable::HeaderUnknown { file, dated_lacks, rounds_lacks });
            }
        };
        let first = Tally { count: 1, first_line: lines.number };
        let notes = columns.absent.iter().map(|kind| (Note::ColumnsAbsent(*kind), first)).collect();
        Ok(MatchReader {
            file,
            lines,
            columns,
            zones: Zones::new(),
            seen: BTreeSet::new(),
            rows: 0,
            notes,
            done: false,
        })
    }

    /// The form of the file.
    pub fn form(&self) -> Form {
        self.columns.form
    }

    /// Rows read so far.
    pub fn rows(&self) -> u64 {
        self.rows
    }

    /// Notes made so far.
    pub fn notes(&self) -> &BTreeMap<Note, Tally> {
        &self.notes
    }

    fn row(&mut self, line: Line) -> Row {
        let number = self.lines.number;
        let mut reader =
            RowReader { columns: &self.columns, zones: &mut self.zones, notes: Vec::new() };
        let read = match line {
            Line::Whole => reader.read(number, &self.lines.bytes),
            Line::Long => Err((SkipReason::LineTooLong, String::new())),
        };
        let notes = reader.notes;
        match read.and_then(|found| self.first_of_its_kind(found)) {
            Ok(found) => {
                for note in notes {
                    let first = Tally { count: 0, first_line: number };
                    self.notes.entry(note).or_insert(first).count += 1;
                }
                Row::Used(Box::new(found))
            }
            Err((reason, detail)) => {
                Row::Skipped(Skipped { file: self.file.clone(), line: number, reason, detail })
            }
        }
    }

    fn first_of_its_kind(&mut self, found: Match) -> Result<Match, row::No> {
        let key = (found.season.clone(), found.home.clone(), found.away.clone(), found.kick_off);
        if self.seen.insert(key) {
            Ok(found)
        } else {
            Err((SkipReason::Duplicate, format!("{} {}", found.kick_off, found.home)))
        }
    }
}

impl<R: Read> Iterator for MatchReader<R> {
    type Item = Result<Row, Unreadable>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.done {
            return None;
        }
        let fault = match self.lines.next() {
            Ok(Some(_)) if ROWS_MAX <= self.rows => {
                Unreadable::TooManyRows { file: self.file.clone() }
            }
            Ok(Some(line)) => {
                self.rows += 1;
                return Some(Ok(self.row(line)));
            }
            Ok(None) => {
                self.done = true;
                return None;
            }
            Err(source) => {
                Unreadable::Io { file: self.file.clone(), line: self.lines.number, source }
            }
        };
        self.done = true;
        Some(Err(fault))
    }
}

/// The country and league of a file whose rows do not say them.
#[derive(Debug)]
struct FileLeague {
    country: Name,
    league: Name,
}

/// Country and league from a name such as `source-england_premier-league.csv`: the country is the
/// longest known one before the underscore, else all between the first hyphen and the underscore.
/// Without an underscore the league is the whole name and the country unknown. `None` if the name
/// is empty or too long.
fn league_of(file: &str) -> Option<FileLeague> {
    let stem = file.rsplit(['/', '\\']).next().unwrap_or(file);
    let stem = stem.rsplit_once('.').map_or(stem, |(before, _)| before);
    let (country, league) = match stem.split_once('_') {
        Some((front, league)) if !front.is_empty() && !league.is_empty() => {
            let front = row::slug(front);
            let mut ends: Vec<&str> = vec![&front];
            ends.extend(front.match_indices('-').map(|(at, _)| &front[at + 1..]));
            let known = ends.iter().find(|end| kick_off::zone_name(end).is_some());
            let country = known.or(ends.get(1)).map_or(front.as_str(), |end| end);
            (country.to_owned(), league)
        }
        _ => ("unknown".to_owned(), stem),
    };
    Some(FileLeague { country: Name::new(&country).ok()?, league: Name::new(league).ok()? })
}
