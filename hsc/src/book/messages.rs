//! The messages of a bookmaker, from what it knows of matches and bets.

use matches::odds_file::{MarketKind, Match, Quote};
use terms::{Instant, Text};
use wire::{
    Accept, AccountNo, Basis, Championship, ChampionshipNo, ClaimSettlement, Count, Currency, Desk,
    DeskPayout, DeskStake, Event, EventChange, EventClass, EventNo, EventState, Form,
    HoldConfirmation, HoldRelease, Id, Market, MarketNo, MarketResult, Name, Order, OrganiserNo,
    OutcomeEnd, OutcomeNo, OutcomeResult, OutcomeText, Request, Resettlement, Selection,
    Settlement, Shape, Stake, Sum, System, Time, Void, VoidBasis,
};

use super::plan::{Bet, Pick};

/// How far ahead of its listing an event is announced to begin.
const LEAD_NS: i64 = 2 * 3_600 * Instant::SECOND;
/// For how long a bettor's order holds.
const ORDER_NS: i64 = 3_600 * Instant::SECOND;

/// An id and a moment, which every message needs.
#[derive(Clone, Copy, Debug)]
pub(super) struct Stamp {
    pub id: Id,
    pub at: Instant,
}

/// A market with its numbers in the catalogue.
#[derive(Clone, Debug)]
pub(super) struct ListedMarket {
    pub number: MarketNo,
    pub outcomes: Vec<OutcomeNo>,
}

/// A match with its numbers in the catalogue.
#[derive(Clone, Debug)]
pub(super) struct ListedGame {
    pub event: EventNo,
    /// By the quotes of the match.
    pub markets: Vec<ListedMarket>,
    /// The first of them once more, for bets while the match is under way.
    pub in_play: ListedMarket,
}

/// A text cut to its field; a dash where nothing of it may stand there.
pub(super) fn name<const MAX: usize>(whole: &str) -> Name<MAX> {
    let mut end = whole.len().min(MAX);
    while !whole.is_char_boundary(end) {
        end -= 1;
    }
    let dash = || Text::new("-");
    // Cannot fail: a dash is a text.
    Name(Text::new(&whole[..end]).or_else(|_| dash()).expect("a dash is a text"))
}

pub(super) fn championship(stamp: Stamp, own: &str, game: &Match) -> Request {
    let Match { league, season, country, .. } = game;
    Request::Championship(Box::new(Championship {
        id: stamp.id,
        own: name(own),
        sport: name("football"),
        name: name(&format!("{league} {season}, {country}")),
    }))
}

pub(super) fn event(stamp: Stamp, of: ChampionshipNo, own: &str, game: &Match) -> Request {
    Request::Event(Box::new(Event {
        id: stamp.id,
        championship: of,
        own: name(own),
        name: name(&format!("{} — {}", game.home, game.away)),
        class: EventClass::Sport,
        scheduled_start: Time(stamp.at.plus(LEAD_NS)),
    }))
}

/// When a market takes bets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum When {
    Before,
    InPlay,
}

pub(super) fn market(stamp: Stamp, event: EventNo, quote: &Quote, when: When) -> Request {
    let own = match when {
        When::Before => quote.kind.name().to_owned(),
        When::InPlay => format!("{}, in play", quote.kind.name()),
    };
    let title = match quote.kind {
        MarketKind::MatchResult => "Match result",
        MarketKind::OverUnder25 => "Over or under 2.5 goals",
        MarketKind::BothToScore => "Both teams to score",
    };
    let outcome = |price: &matches::odds_file::Price| OutcomeText {
        own: name(price.outcome.name()),
        name: name(price.outcome.name()),
    };
    Request::Market(Box::new(Market {
        id: stamp.id,
        event,
        own: name(&own),
        name: name(title),
        in_play: when == When::InPlay,
        outcomes: quote.outcomes.iter().map(outcome).collect(),
    }))
}

pub(super) fn change(stamp: Stamp, event: EventNo, state: EventState) -> Request {
    Request::EventChange(Box::new(EventChange { id: stamp.id, event, state, time: None }))
}

/// The result of a market: the outcome that the goals make true has won. One that corrects another
/// says why.
pub(super) fn result(
    stamp: Stamp,
    listed: &ListedMarket,
    quote: &Quote,
    goals: (u8, u8),
    reason: Option<&str>,
) -> Request {
    let end = |(number, price): (&OutcomeNo, &matches::odds_file::Price)| OutcomeEnd {
        outcome: *number,
        result: if price.outcome == quote.kind.winner(goals) {
            OutcomeResult::Won
        } else {
            OutcomeResult::Lost
        },
    };
    Request::MarketResult(Box::new(MarketResult {
        id: stamp.id,
        market: listed.number,
        outcomes: listed.outcomes.iter().zip(&quote.outcomes).map(end).collect(),
        reason: reason.map(name),
    }))
}

/// The bettor's order: it covers the stake and a commission of up to 2 %.
pub(super) fn order(stamp: Stamp, organiser: OrganiserNo, account: AccountNo, bet: &Bet) -> Order {
    Order {
        id: stamp.id,
        organiser,
        account,
        ceiling_tiyn: Sum(bet.amount_tiyn + bet.amount_tiyn / 50),
        currency: Currency::Kzt,
        accept: Accept::Better,
        expires_at: Time(stamp.at.plus(ORDER_NS)),
    }
}

fn selections(bet: &Bet, games: &[ListedGame]) -> Vec<Selection> {
    let market = |pick: &Pick| match bet.in_play {
        true => &games[pick.game].in_play,
        false => &games[pick.game].markets[pick.market],
    };
    let selection = |pick: &Pick| Selection {
        outcome: market(pick).outcomes[pick.outcome],
        odds_e4: pick.odds,
        offered_odds_e4: None,
    };
    bet.picks.iter().map(selection).collect()
}

fn system(bet: &Bet) -> Option<System> {
    (bet.shape == Shape::System).then(|| System {
        sizes: bet.sizes.iter().map(|size| Count(*size)).collect(),
        bankers: None,
    })
}

pub(super) fn stake(
    stamp: Stamp,
    (order, account, desk): (Id, AccountNo, Desk),
    bet: &Bet,
    games: &[ListedGame],
) -> Stake {
    Stake {
        id: stamp.id,
        account,
        desk,
        amount_tiyn: Sum(bet.amount_tiyn),
        currency: Currency::Kzt,
        made_at: Time(stamp.at),
        shape: bet.shape,
        price_rule: bet.price_rule,
        selections: selections(bet, games),
        order: Some(order),
        system: system(bet),
        total_odds_e4: None,
    }
}

pub(super) fn desk_stake(
    stamp: Stamp,
    (account, desk, form): (AccountNo, Desk, Form),
    bet: &Bet,
    games: &[ListedGame],
) -> Request {
    Request::DeskStake(Box::new(DeskStake {
        id: stamp.id,
        account,
        desk,
        amount_tiyn: Sum(bet.amount_tiyn),
        currency: Currency::Kzt,
        form,
        accepted_at: Time(stamp.at),
        shape: bet.shape,
        price_rule: bet.price_rule,
        selections: selections(bet, games),
        system: system(bet),
        total_odds_e4: None,
        resends: None,
    }))
}

pub(super) fn confirmation(stamp: Stamp, hold: Id, bet: &Bet) -> Request {
    let odds_e4 = bet.picks.iter().map(|pick| pick.odds).collect();
    Request::HoldConfirmation(Box::new(HoldConfirmation { id: stamp.id, hold, odds_e4 }))
}

pub(super) fn release(stamp: Stamp, hold: Id) -> Request {
    Request::HoldRelease(Box::new(HoldRelease { id: stamp.id, hold }))
}

/// A settlement by results; `gross` is the bookmaker's own reckoning, where it has one.
pub(super) fn settlement(stamp: Stamp, bet: Id, gross: Option<u64>) -> Request {
    Request::Settlement(Box::new(Settlement {
        id: stamp.id,
        bet,
        basis: Basis::Result,
        settled_at: Time(stamp.at),
        gross_return_tiyn: gross.map(Sum),
        currency: gross.map(|_| Currency::Kzt),
        legs: None,
        reason: None,
    }))
}

/// A settlement anew, by the results that were corrected.
pub(super) fn resettlement(stamp: Stamp, bet: Id, gross: Option<u64>, reason: &str) -> Request {
    Request::Resettlement(Box::new(Resettlement {
        id: stamp.id,
        bet,
        basis: Basis::Correction,
        settled_at: Time(stamp.at),
        reason: name(reason),
        gross_return_tiyn: gross.map(Sum),
        currency: gross.map(|_| Currency::Kzt),
        legs: None,
    }))
}

/// What a bettor who was paid too much has given back.
pub(super) fn given_back(stamp: Stamp, bet: Id, sum: Sum) -> Request {
    Request::ClaimSettlement(Box::new(ClaimSettlement {
        id: stamp.id,
        bet,
        amount_tiyn: sum,
        currency: Currency::Kzt,
    }))
}

/// A settlement because a match did not take place.
pub(super) fn void(stamp: Stamp, bet: Id) -> Request {
    Request::Void(Box::new(Void {
        id: stamp.id,
        bet,
        basis: VoidBasis::Event,
        voided_at: Time(stamp.at),
        legs: None,
        reason: None,
    }))
}

pub(super) fn payout(stamp: Stamp, bet: Id, sum: Sum, (desk, form): (Desk, Form)) -> Request {
    Request::DeskPayout(Box::new(DeskPayout {
        id: stamp.id,
        bet,
        amount_tiyn: sum,
        currency: Currency::Kzt,
        form,
        desk,
        paid_at: Time(stamp.at),
    }))
}
