//! A match in one organiser's catalogue: its markets, its odds, and how it ends.

use register::LegResult;
use terms::{Event, Instant, Market, Odds, Outcome, Reason};

use crate::odds_file::{MarketKind, Match, OutcomeKind, Quote};
use crate::random::Random;

/// What happens to a fixture beside being played.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fate {
    /// Nothing.
    Plain,
    /// It is played a week later.
    Postponed,
    /// It is cancelled.
    Cancelled,
    /// It is decided without play.
    Walkover,
    /// It is broken off.
    Abandoned,
    /// The organiser publishes a wrong result and corrects it.
    Corrected,
    /// One market does not stand.
    MarketVoid,
    /// It turns out to have begun earlier than announced.
    StartCorrected,
}

impl Fate {
    /// What happens to the match, for all organisers alike.
    pub(super) fn of_match(random: &mut Random) -> Fate {
        match random.below(100) {
            0..=1 => Fate::Postponed,
            2 => Fate::Cancelled,
            3 => Fate::Walkover,
            4 => Fate::Abandoned,
            _ => Fate::Plain,
        }
    }

    /// What an organiser does to a match that is played.
    pub(super) fn of_fixture(self, random: &mut Random) -> Fate {
        if self != Fate::Plain {
            return self;
        }
        match random.below(100) {
            0..=2 => Fate::Corrected,
            3 => Fate::MarketVoid,
            4..=5 => Fate::StartCorrected,
            _ => Fate::Plain,
        }
    }
}

/// The odds of one outcome.
#[derive(Clone, Copy, Debug)]
pub(super) struct Offer {
    pub open: Option<Odds>,
    pub close: Odds,
}

/// A market of a fixture.
#[derive(Clone, Debug)]
pub(super) struct MarketOf {
    pub number: Market,
    pub name: &'static str,
    pub outcomes: Vec<(&'static str, Offer)>,
    /// Whether it ends at half time.
    pub half_time: bool,
    pub in_play: bool,
    pub open: bool,
    pub void: bool,
    /// The outcome that comes true.
    pub winner: usize,
    /// The results that are published.
    pub results: Option<Vec<LegResult>>,
}

impl MarketOf {
    /// The results if this outcome came true.
    pub(super) fn results_of(&self, winner: usize) -> Vec<LegResult> {
        let result = |index| if index == winner { LegResult::Won } else { LegResult::Lost };
        (0..self.outcomes.len()).map(result).collect()
    }

    /// The number of one of its outcomes.
    pub(super) fn outcome(&self, index: usize) -> Outcome {
        // Cannot fail: a market has fewer outcomes than numbers for them.
        Outcome::of(self.number, index).expect("an outcome of this market")
    }
}

/// A match in one organiser's catalogue.
#[derive(Clone, Debug)]
pub(super) struct Fixture {
    pub house: usize,
    pub event: Event,
    pub own: String,
    /// When it is to begin.
    pub scheduled: Instant,
    /// When it began.
    pub started: Option<Instant>,
    /// Takes no stake any more.
    pub over: bool,
    /// Will not be finished.
    pub voids: bool,
    pub fate: Fate,
    pub markets: Vec<MarketOf>,
    /// Bets with a leg on it.
    pub bets: Vec<u64>,
    /// Nothing more happens with it.
    pub done: bool,
    /// Bets and reports that still need it.
    pub pins: u32,
}

impl Fixture {
    /// Why no stake can be taken on a market at an instant, as the desk will see it.
    pub(super) fn ground(&self, market: usize, at: Instant) -> Option<Reason> {
        let market = &self.markets[market];
        let begun = self.started.unwrap_or(self.scheduled) <= at && !market.in_play;
        // The sample rulebook ranks reasons by their codes, and these stand in that order.
        if self.over {
            Some(Reason::EventClosed)
        } else if begun {
            Some(Reason::EventBegun)
        } else if !market.open {
            Some(Reason::MarketNotOpen)
        } else {
            None
        }
    }
}

/// The markets of a match as one organiser offers them.
pub(super) fn markets(game: &Match, house: usize, event: Event) -> Vec<MarketOf> {
    let mut all = Vec::new();
    let mut list = |name, quote: &Quote, half_time: bool, in_play, winner: OutcomeKind| {
        let outcomes: Vec<_> = quote
            .outcomes
            .iter()
            .map(|price| {
                let open = if half_time { None } else { price.open };
                (price.outcome.name(), Offer { open, close: price.close })
            })
            .collect();
        all.push(MarketOf {
            // Cannot fail: a match has a handful of markets.
            number: Market::of(event, all.len()).expect("a market of this event"),
            name,
            // Cannot fail: a quote has every outcome of its market.
            winner: outcomes.iter().position(|(name, _)| *name == winner.name()).unwrap_or(0),
            outcomes,
            half_time,
            in_play,
            open: true,
            void: false,
            results: None,
        });
    };
    for quote in &game.markets {
        let name = match quote.kind {
            MarketKind::MatchResult => "Match result",
            MarketKind::OverUnder25 => "Over or under 2.5 goals",
            MarketKind::BothToScore => "Both teams to score",
        };
        // The first organiser takes stakes on goals until the end.
        let in_play = house == 0 && quote.kind == MarketKind::OverUnder25;
        list(name, quote, false, in_play, quote.kind.winner(game.goals));
    }
    // Half time is offered at the odds of the match result: the files have no others.
    if let (Some(goals), Some(quote)) = (game.half_time, game.markets.first()) {
        list("Result at half time", quote, true, true, MarketKind::MatchResult.winner(goals));
    }
    all
}
