//! What is bet on what, by whom and for how much: a function of matches, seed and house.
//!
//! Each draw comes from a stream of its own, forked by the name of what is drawn, so that neither
//! the order of the work nor an answer influences it.

use std::collections::BTreeMap;

use matches::odds_file::{Match, Quote};
use matches::random::Random;
use terms::Instant;
use wire::{Form, OddsE4, PriceRule, Shape};

/// Matches of one day of matches at most; a day with more becomes several.
const MATCHES_PER_DAY_MAX: usize = 24;
/// Sums are multiples of this: a hundred tenge.
const STEP_TIYN: u64 = 10_000;

/// A season as a bookmaker plays it.
pub struct Plan {
    random: Random,
    days: Vec<Vec<Match>>,
    bets_per_match: u32,
}

/// Why there is no plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PlanError {
    /// No match.
    #[error("there is no match to play: every row was skipped, or the files are empty")]
    NoMatch,
    /// No bettor.
    #[error("there is no bettor")]
    NoBettor,
}

/// What happens to a match.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It is played.
    Played,
    /// It is played, and at first another result is published than the right one.
    Mistaken,
    /// It is cancelled before it begins.
    Cancelled,
}

/// One selection of a bet: a match of the day, its market, an outcome of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pick {
    /// The match, by its place in the day.
    pub game: usize,
    /// The market, by its place in the match.
    pub market: usize,
    /// The outcome, by its place in the market.
    pub outcome: usize,
    /// The odds that are offered and accepted.
    pub odds: OddsE4,
}

/// How a bet comes to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// By e-money in one call.
    AtOnce,
    /// By e-money: the sum is set aside, and the bookmaker confirms.
    Held,
    /// By e-money: the sum is set aside, and the bookmaker lets it go.
    LetGo,
    /// At a land desk.
    Desk(Form),
}

/// A bet that a bettor wants.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bet {
    /// The bettor, by his place in the list.
    pub bettor: usize,
    /// How.
    pub way: Way,
    /// The stake.
    pub amount_tiyn: u64,
    /// How the selections hang together.
    pub shape: Shape,
    /// Of a system, the sizes of its lines.
    pub sizes: Vec<u8>,
    /// How the total odds arise.
    pub price_rule: PriceRule,
    /// The selections.
    pub picks: Vec<Pick>,
    /// Whether it is made while the match is under way, on the market for that.
    pub in_play: bool,
    /// Whether a winner at a land desk comes for his money.
    pub collects: bool,
    /// Whether a bettor who was paid too much gives it back.
    pub gives_back: bool,
}

impl Plan {
    /// The season of a house.
    pub fn new(
        mut matches: Vec<Match>,
        house: u32,
        seed: u64,
        bets_per_match: u32,
    ) -> Result<Plan, PlanError> {
        if matches.is_empty() {
            return Err(PlanError::NoMatch);
        }
        // The sort is stable, so matches of one time stay in the order of files and lines.
        matches.sort_by_key(|game| game.kick_off);
        let mut days: BTreeMap<i64, Vec<Match>> = BTreeMap::new();
        for game in matches {
            let day = game.kick_off.0.div_euclid(Instant::DAY);
            days.entry(day).or_default().push(game);
        }
        let parts = |games: Vec<Match>| {
            games.chunks(MATCHES_PER_DAY_MAX).map(<[Match]>::to_vec).collect::<Vec<_>>()
        };
        let days = days.into_values().flat_map(parts).collect();
        let random = Random::new(seed).fork(&format!("reference bookmaker {house}"));
        Ok(Plan { random, days, bets_per_match })
    }

    /// The days of matches, each with its matches.
    pub fn days(&self) -> &[Vec<Match>] {
        &self.days
    }

    /// What happens to a match of a day.
    pub fn fate(&self, day: usize, game: usize) -> Fate {
        let mut random = self.random.fork(&format!("fate {day} {game}"));
        match random.below(120) {
            0..=2 => Fate::Cancelled,
            3..=5 => Fate::Mistaken,
            _ => Fate::Played,
        }
    }

    /// The goals of a match of a day as they are published first.
    pub fn told(&self, day: usize, game: usize) -> (u8, u8) {
        let right = self.days[day][game].goals;
        match self.fate(day, game) {
            Fate::Mistaken => mistaken(right),
            Fate::Played | Fate::Cancelled => right,
        }
    }

    /// The bets of a day, in the order in which they are wanted.
    pub fn bets(&self, day: usize, bettors: usize, land_desk: bool) -> Vec<Bet> {
        let games = &self.days[day];
        let wanted =
            (0..games.len()).flat_map(|game| (0..self.bets_per_match).map(move |n| (game, n)));
        wanted
            .map(|(game, number)| {
                let mut random = self.random.fork(&format!("bet {day} {game} {number}"));
                let bet = bet(&mut random, games, game, bettors, land_desk);
                // What is cancelled is never under way.
                let begins = self.fate(day, game) != Fate::Cancelled;
                Bet { in_play: bet.in_play && begins, ..bet }
            })
            .collect()
    }
}

/// Goals by which another has won, or nobody.
fn mistaken((home, away): (u8, u8)) -> (u8, u8) {
    (away.saturating_add(1), home)
}

fn bet(random: &mut Random, games: &[Match], game: usize, bettors: usize, land_desk: bool) -> Bet {
    let bettor = random.below(bettors as u64) as usize;
    let way = way(random, land_desk);
    let legs = match random.below(10) {
        0..=5 => 1,
        more => (more as usize - 4).min(games.len()),
    };
    let mut others: Vec<usize> = (0..games.len()).filter(|other| *other != game).collect();
    random.shuffle(&mut others);
    let in_play = legs == 1 && way == Way::AtOnce && random.chance(1, 4);
    let quotes = |game: usize| {
        let all = &games[game].markets[..];
        if in_play { &all[..1] } else { all }
    };
    let picks: Vec<Pick> = std::iter::once(game)
        .chain(others)
        .take(legs)
        .map(|game| pick(random, game, quotes(game), legs == 1))
        .collect();
    let system = 3 <= picks.len() && random.chance(1, 3);
    let (shape, sizes) = match picks.len() {
        1 => (Shape::Single, Vec::new()),
        3.. if system => (Shape::System, vec![2]),
        _ => (Shape::Accumulator, Vec::new()),
    };
    let lines = if system { picks.len() * (picks.len() - 1) / 2 } else { 1 } as u64;
    let most = if system { 6 } else { 46 };
    let amount_tiyn = STEP_TIYN * (5 + random.below(most)) * lines;
    let step = matches!(way, Way::Desk(_)) && random.chance(1, 4);
    let price_rule = if step { PriceRule::StepFloor } else { PriceRule::Exact };
    let (collects, gives_back) = (random.chance(19, 20), random.chance(1, 2));
    Bet { bettor, way, amount_tiyn, shape, sizes, price_rule, picks, in_play, collects, gives_back }
}

fn way(random: &mut Random, land_desk: bool) -> Way {
    match random.below(20) {
        0..=4 if land_desk => Way::Desk(Form::Cash),
        5 if land_desk => Way::Desk(Form::NonCash),
        6 | 7 => Way::Held,
        8 => Way::LetGo,
        _ => Way::AtOnce,
    }
}

/// Any outcome for a single; in a bet of several, one of the two that are the likeliest, so that
/// nobody wins a hundred thousandfold.
fn pick(random: &mut Random, game: usize, quotes: &[Quote], single: bool) -> Pick {
    // A match has the odds of its result at least.
    let market = random.below(quotes.len() as u64) as usize;
    let mut places: Vec<usize> = (0..quotes[market].outcomes.len()).collect();
    if !single {
        places.sort_by_key(|place| quotes[market].outcomes[*place].close);
        places.truncate(2);
    }
    let outcome = *random.pick(&places);
    let odds = OddsE4(quotes[market].outcomes[outcome].close.get());
    Pick { game, market, outcome, odds }
}

#[cfg(test)]
mod tests {
    use matches::{odds_file, seasons};

    use super::*;

    fn sample() -> Vec<Match> {
        let read = |(name, text): (&str, &str)| odds_file::read(name, text.as_bytes()).unwrap();
        seasons::sample().into_iter().flat_map(|file| read(file).matches).collect()
    }

    #[test]
    fn a_plan_depends_on_files_seed_and_house_alone() {
        let bets = |house, seed| Plan::new(sample(), house, seed, 4).unwrap().bets(7, 30, true);
        assert_eq!(bets(0, 1), bets(0, 1));
        assert_ne!(bets(0, 1), bets(1, 1));
        assert_ne!(bets(0, 1), bets(0, 2));
        assert_eq!(Plan::new(Vec::new(), 0, 1, 4).err(), Some(PlanError::NoMatch));
    }

    #[test]
    fn every_shape_and_every_way_occurs() {
        let plan = Plan::new(sample(), 1, 1, 4).unwrap();
        let games: usize = plan.days().iter().map(Vec::len).sum();
        assert_eq!(games, 450);
        let all: Vec<Bet> =
            (0..plan.days().len()).flat_map(|day| plan.bets(day, 30, true)).collect();
        assert_eq!(all.len(), 450 * 4);
        for shape in Shape::ALL {
            assert!(all.iter().any(|bet| bet.shape == *shape), "{shape:?}");
        }
        let ways = [Way::AtOnce, Way::Held, Way::LetGo, Way::Desk(Form::Cash)];
        for way in ways.into_iter().chain([Way::Desk(Form::NonCash)]) {
            assert!(all.iter().any(|bet| bet.way == way), "{way:?}");
        }
        for bet in &all {
            let games: std::collections::BTreeSet<_> = bet.picks.iter().map(|p| p.game).collect();
            assert_eq!(games.len(), bet.picks.len(), "{bet:?}");
            assert_eq!(bet.shape == Shape::Single, bet.picks.len() == 1, "{bet:?}");
        }
        let alone: Vec<Bet> = (0..9).flat_map(|day| plan.bets(day, 30, false)).collect();
        assert!(!alone.iter().any(|bet| matches!(bet.way, Way::Desk(_))));
        let fates = (0..plan.days().len()).flat_map(|day| {
            let plan = &plan;
            (0..plan.days()[day].len()).map(move |game| plan.fate(day, game))
        });
        let fates: Vec<Fate> = fates.collect();
        assert!(fates.contains(&Fate::Cancelled) && fates.contains(&Fate::Mistaken));
        assert!(all.iter().any(|bet| bet.in_play && bet.shape == Shape::Single));
    }

    #[test]
    fn a_mistaken_result_is_another_result() {
        for goals in (0..6).flat_map(|home| (0..6).map(move |away| (home, away))) {
            let winner = |goals| matches::odds_file::MarketKind::MatchResult.winner(goals);
            assert_ne!(winner(goals), winner(mistaken(goals)), "{goals:?}");
        }
    }
}
