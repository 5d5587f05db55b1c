//! One row: what it says, or why it cannot be used.
//!
//! Checks run in the order of [`SkipReason`]; the first that fails is the reason.

use terms::Odds;

use super::header::{Columns, MarketColumns, Place};
use super::kick_off::{Zones, first_year, of_round};
use super::{Match, Name, Note, Price, Quote, SkipReason};

/// Goals of one side. More than this is a typing error.
const GOALS_MAX: u8 = 99;

/// Reason and detail.
pub(super) type No = (SkipReason, String);

/// Reads rows of one file.
pub(super) struct RowReader<'a> {
    pub(super) columns: &'a Columns,
    pub(super) zones: &'a mut Zones,
    /// What was found beside; kept only if the row is used.
    pub(super) notes: Vec<Note>,
}

impl RowReader<'_> {
    /// The match of a line.
    pub(super) fn read(&mut self, line: u64, bytes: &[u8]) -> Result<Match, No> {
        let fields = fields(bytes)?;
        let columns = self.columns;
        if fields.len() != columns.count {
            let detail = format!("{} fields, the header has {}", fields.len(), columns.count);
            return Err((SkipReason::FieldCount, detail));
        }
        let field = |at: usize| fields[at].as_str();

        let home = name(field(columns.home))?;
        let away = name(field(columns.away))?;
        if home == away {
            return Err((SkipReason::SameTeam, home.to_string()));
        }
        let season = field(columns.season);
        let year = first_year(season).ok_or_else(|| no(SkipReason::SeasonBroken, season))?;
        let place = self.place(&fields, year)?;
        let season = name(season)?;
        let goals = (goals(field(columns.goals.0))?, goals(field(columns.goals.1))?);
        let half_time = self.half_time(&fields, goals)?;
        let markets = self.markets(&fields)?;
        Ok(Match {
            line,
            country: place.country,
            league: place.league,
            season,
            home,
            away,
            kick_off: place.kick_off,
            goals,
            half_time,
            markets,
        })
    }

    fn place(&mut self, fields: &[String], year: i32) -> Result<Found, No> {
        match &self.columns.place {
            Place::Dated { date, country, league } => {
                let slug = slug(&fields[*country]);
                let date = &fields[*date];
                let found = self
                    .zones
                    .local(date, &slug)
                    .ok_or_else(|| no(SkipReason::DateBroken, date))?;
                let country = if slug.is_empty() { "unknown" } else { &slug };
                if found.country_unknown {
                    self.notes.push(Note::CountryUnknown { country: country.to_owned() });
                }
                Ok(Found {
                    country: name(country)?,
                    league: name(&fields[*league])?,
                    kick_off: found.at,
                })
            }
            Place::Rounds { round, league } => {
                let round = &fields[*round];
                let at = of_round(year, round).ok_or_else(|| no(SkipReason::RoundBroken, round))?;
                Ok(Found {
                    country: league.country.clone(),
                    league: league.league.clone(),
                    kick_off: at,
                })
            }
        }
    }

    fn half_time(&mut self, fields: &[String], full: (u8, u8)) -> Result<Option<(u8, u8)>, No> {
        let Some((home, away)) = self.columns.half_time else { return Ok(None) };
        let (home, away) = (fields[home].as_str(), fields[away].as_str());
        if home.is_empty() || away.is_empty() {
            self.notes.push(Note::HalfTimeMissing);
            return Ok(None);
        }
        let half = (goals(home)?, goals(away)?);
        if full.0 < half.0 || full.1 < half.1 {
            let detail = format!("{}:{} after {}:{}", full.0, full.1, half.0, half.1);
            return Err((SkipReason::HalfTimeAboveFull, detail));
        }
        Ok(Some(half))
    }

    fn markets(&mut self, fields: &[String]) -> Result<Vec<Quote>, No> {
        let (result, others) = match self.columns.markets.split_first() {
            Some(parts) => parts,
            None => return Err(no(SkipReason::OddsMissing, "")),
        };
        let mut quotes = Vec::with_capacity(self.columns.markets.len());
        quotes.push(quote(result, fields)?);
        for market in others {
            match quote(market, fields) {
                Ok(quote) => quotes.push(quote),
                Err((SkipReason::OddsMissing, _)) if is_blank(market, fields) => {
                    self.notes.push(Note::MarketMissing(market.kind));
                }
                Err(_) => self.notes.push(Note::MarketUnusable(market.kind)),
            }
        }
        Ok(quotes)
    }
}

struct Found {
    country: Name,
    league: Name,
    kick_off: terms::Instant,
}

/// The trimmed fields of one line.
fn fields(bytes: &[u8]) -> Result<Vec<String>, No> {
    let text = std::str::from_utf8(bytes)
        .map_err(|error| no(SkipReason::NotUtf8, &format!("byte {}", error.valid_up_to() + 1)))?;
    split(text).ok_or_else(|| no(SkipReason::OpenQuote, ""))
}

/// Splits one line into trimmed fields; `None` if a quote is left open.
pub(super) fn split(text: &str) -> Option<Vec<String>> {
    // A quote left open would be closed silently at the end of the line.
    if text.bytes().filter(|byte| *byte == b'"').count() % 2 != 0 {
        return None;
    }
    // A reader of its own for each line, so that a stray quote spoils its line and no more.
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .buffer_capacity(text.len().max(1))
        .from_reader(text.as_bytes());
    let record = reader.records().next()?.ok()?;
    Some(record.iter().map(|field| field.trim().to_owned()).collect())
}

fn no(reason: SkipReason, detail: &str) -> No {
    // A detail is for a person who looks into the file: enough of it to find the place.
    (reason, detail.chars().take(60).collect())
}

fn name(text: &str) -> Result<Name, No> {
    Name::new(text).map_err(|error| match error {
        terms::text::TextError::Empty => no(SkipReason::NameMissing, text),
        terms::text::TextError::Long
        | terms::text::TextError::Control
        | terms::text::TextError::Iin => no(SkipReason::NameUnusable, text),
    })
}

fn goals(text: &str) -> Result<u8, No> {
    if text.is_empty() {
        return Err(no(SkipReason::GoalsMissing, text));
    }
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    match text.parse() {
        Ok(goals) if digits && goals <= GOALS_MAX => Ok(goals),
        _ => Err(no(SkipReason::GoalsUnreadable, text)),
    }
}

fn quote(market: &MarketColumns, fields: &[String]) -> Result<Quote, No> {
    let mut outcomes = Vec::with_capacity(market.prices.len());
    for columns in &market.prices {
        let close = odds(&fields[columns.close])?;
        let open = match columns.open.map(|at| fields[at].as_str()) {
            None | Some("") => None,
            Some(text) => Some(odds(text)?),
        };
        outcomes.push(Price { outcome: columns.outcome, open, close });
    }
    Ok(Quote { kind: market.kind, outcomes })
}

/// Whether the market has no odds at all: it was not offered, rather than typed wrongly.
fn is_blank(market: &MarketColumns, fields: &[String]) -> bool {
    market.prices.iter().all(|columns| {
        fields[columns.close].is_empty() && columns.open.is_none_or(|at| fields[at].is_empty())
    })
}

fn odds(text: &str) -> Result<Odds, No> {
    if text.is_empty() {
        return Err(no(SkipReason::OddsMissing, text));
    }
    Odds::parse(text).ok_or_else(|| {
        let (whole, part) = text.split_once('.').unwrap_or((text, ""));
        let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
        let plain = !whole.is_empty() && digits(whole) && digits(part) && part.len() <= 4;
        no(if plain { SkipReason::OddsOutOfRange } else { SkipReason::OddsUnreadable }, text)
    })
}

/// Lower case, words joined by hyphens: `South Korea` and `south_korea` are `south-korea`.
pub(super) fn slug(text: &str) -> String {
    let words = text.split([' ', '_', '-']).filter(|word| !word.is_empty());
    words.map(str::to_lowercase).collect::<Vec<_>>().join("-")
}
