//! Which form a file has, and where its columns are. Order does not matter; extra columns are
//! passed over.

use super::{FileLeague, Form, MarketKind, OutcomeKind};

/// Places of the columns of one outcome's odds.
#[derive(Clone, Copy, Debug)]
pub(super) struct PriceColumns {
    pub(super) outcome: OutcomeKind,
    pub(super) close: usize,
    pub(super) open: Option<usize>,
}

/// Places of the columns of one market.
#[derive(Debug)]
pub(super) struct MarketColumns {
    pub(super) kind: MarketKind,
    pub(super) prices: Vec<PriceColumns>,
}

/// How the form says when a match begins and in which league it is.
#[derive(Debug)]
pub(super) enum Place {
    /// The row says it.
    Dated { date: usize, country: usize, league: usize },
    /// The row has a round; the league is that of the file.
    Rounds { round: usize, league: FileLeague },
}

/// Places of the columns of a file.
#[derive(Debug)]
pub(super) struct Columns {
    pub(super) form: Form,
    pub(super) count: usize,
    pub(super) place: Place,
    pub(super) season: usize,
    pub(super) home: usize,
    pub(super) away: usize,
    pub(super) goals: (usize, usize),
    pub(super) half_time: Option<(usize, usize)>,
    /// The match result first, then the other markets whose columns the file has.
    pub(super) markets: Vec<MarketColumns>,
    /// Markets that the form knows and the file has no columns for.
    pub(super) absent: Vec<MarketKind>,
}

/// Why a header has no columns for us.
pub(super) enum HeaderError {
    /// A column occurs twice.
    Twice(String),
    /// The rows name no league and the file's name does not either.
    NoLeague,
    /// What each form lacks.
    Neither { dated_lacks: Vec<&'static str>, rounds_lacks: Vec<&'static str> },
}

const DATED: [&str; 11] = [
    "Date",
    "country",
    "league",
    "Season",
    "HomeTeam",
    "AwayTeam",
    "FTHG",
    "FTAG",
    "home_close",
    "draw_close",
    "away_close",
];

const ROUNDS: [&str; 9] =
    ["season", "round", "hTeam", "aTeam", "hScore", "aScore", "hOdd", "dOdd", "aOdd"];

type PriceNames = (OutcomeKind, &'static str, &'static str);

const DATED_RESULT: [PriceNames; 3] = [
    (OutcomeKind::Home, "home_close", "home_open"),
    (OutcomeKind::Draw, "draw_close", "draw_open"),
    (OutcomeKind::Away, "away_close", "away_open"),
];

const DATED_OVER_UNDER: [PriceNames; 2] = [
    (OutcomeKind::Over, "over_2.5_close", "over_2.5_open"),
    (OutcomeKind::Under, "under_2.5_close", "under_2.5_open"),
];

const DATED_BOTH_TO_SCORE: [PriceNames; 2] = [
    (OutcomeKind::Yes, "bts_yes_close", "bts_yes_open"),
    (OutcomeKind::No, "bts_no_close", "bts_no_open"),
];

// The rounds form has one price of each outcome: what it closed at.
const ROUNDS_RESULT: [PriceNames; 3] = [
    (OutcomeKind::Home, "hOdd", ""),
    (OutcomeKind::Draw, "dOdd", ""),
    (OutcomeKind::Away, "aOdd", ""),
];

impl Columns {
    /// Finds the columns by the names of the header. `league` is what the file's name says.
    pub(super) fn find(names: &[&str], league: Option<FileLeague>) -> Result<Columns, HeaderError> {
        let mut sorted: Vec<&str> = names.iter().copied().filter(|name| !name.is_empty()).collect();
        sorted.sort_unstable();
        if let Some(pair) = sorted.windows(2).find(|pair| pair[0] == pair[1]) {
            return Err(HeaderError::Twice(pair[0].to_owned()));
        }
        let header = Header { names };
        if let Some(columns) = header.dated() {
            return Ok(columns);
        }
        let rounds_lacks = header.lacks(&ROUNDS);
        if !rounds_lacks.is_empty() {
            return Err(HeaderError::Neither { dated_lacks: header.lacks(&DATED), rounds_lacks });
        }
        league.and_then(|league| header.rounds(league)).ok_or(HeaderError::NoLeague)
    }
}

struct Header<'a> {
    names: &'a [&'a str],
}

impl Header<'_> {
    fn at(&self, name: &str) -> Option<usize> {
        self.names.iter().position(|found| *found == name)
    }

    fn lacks(&self, needed: &[&'static str]) -> Vec<&'static str> {
        needed.iter().copied().filter(|name| self.at(name).is_none()).collect()
    }

    fn market(&self, kind: MarketKind, names: &[PriceNames]) -> Option<MarketColumns> {
        let mut prices = Vec::with_capacity(names.len());
        for (outcome, close, open) in names {
            let open = self.at(open).filter(|_| !open.is_empty());
            prices.push(PriceColumns { outcome: *outcome, close: self.at(close)?, open });
        }
        Some(MarketColumns { kind, prices })
    }

    fn dated(&self) -> Option<Columns> {
        let mut markets = vec![self.market(MarketKind::MatchResult, &DATED_RESULT)?];
        let mut absent = Vec::new();
        let optional: [(MarketKind, &[PriceNames]); 2] = [
            (MarketKind::OverUnder25, &DATED_OVER_UNDER),
            (MarketKind::BothToScore, &DATED_BOTH_TO_SCORE),
        ];
        for (kind, names) in optional {
            match self.market(kind, names) {
                Some(market) => markets.push(market),
                None => absent.push(kind),
            }
        }
        Some(Columns {
            form: Form::Dated,
            count: self.names.len(),
            place: Place::Dated {
                date: self.at("Date")?,
                country: self.at("country")?,
                league: self.at("league")?,
            },
            season: self.at("Season")?,
            home: self.at("HomeTeam")?,
            away: self.at("AwayTeam")?,
            goals: (self.at("FTHG")?, self.at("FTAG")?),
            half_time: self.at("HTHG").zip(self.at("HTAG")),
            markets,
            absent,
        })
    }

    fn rounds(&self, league: FileLeague) -> Option<Columns> {
        Some(Columns {
            form: Form::Rounds,
            count: self.names.len(),
            place: Place::Rounds { round: self.at("round")?, league },
            season: self.at("season")?,
            home: self.at("hTeam")?,
            away: self.at("aTeam")?,
            goals: (self.at("hScore")?, self.at("aScore")?),
            half_time: None,
            markets: vec![self.market(MarketKind::MatchResult, &ROUNDS_RESULT)?],
            absent: Vec::new(),
        })
    }
}
