//! The caller's own catalogue: championships, events, markets, outcomes, states and results, as the
//! views have them.
//!
//! An event is found by its number, or by the organiser's own id while it is in the hot state.

use axum::http::{HeaderMap, StatusCode};
use journal::kinds::{EventClass, EventState, LegResult, MarketState};
use register::catalogue::{Named, own_id};
use store::views::reports::{Card, CardKey, CardKind};
use store::{Fault, ViewReader};
use terms::{Event, Market, Organiser, Outcome};
use wire::{
    ChampionshipCard, ChampionshipCards, ChampionshipNo, EventCard, EventCards, EventNo,
    MarketCard, MarketNo, MarketStanding, OutcomeCard, OutcomeNo, OutcomeResult, Time,
};

use crate::house::House;
use crate::problem::{Answer, Teller, Trouble, json};
use crate::query::{Asked, Pairs};

/// Numbers that are looked at for one page, so that no question holds the reader for long.
const LOOKED_AT_MAX: u32 = 20_000;

/// Asks the views; an error is logged, and the caller told to ask again.
fn ask<R>(
    house: &House,
    headers: &HeaderMap,
    question: impl FnOnce(&mut dyn ViewReader) -> Result<R, Fault>,
) -> Result<R, Box<Answer>> {
    let tell = Teller::new(&house.phrases, headers);
    let Some(views) = &house.views else { return Err(Box::new(tell.trouble(Trouble::NotFound))) };
    tokio::task::block_in_place(|| question(&mut **views.lock())).map_err(|fault| {
        tracing::error!("the views could not be read: {fault}");
        Box::new(tell.trouble(Trouble::Behind))
    })
}

/// All championships of the caller.
pub fn championships(house: &House, caller: Organiser, headers: &HeaderMap) -> Answer {
    let asked = ask(house, headers, |views| {
        let (mut cards, mut sports) = (Vec::new(), Vec::<String>::new());
        for number in 0..LOOKED_AT_MAX {
            let Some(card) = championship(views, number)? else { break };
            let (owner, card) = card;
            if owner == caller {
                if !sports.contains(&card.sport) {
                    sports.push(card.sport.clone());
                }
                cards.push(card);
            }
        }
        Ok(ChampionshipCards { championships: cards, sports, as_of_seq: views.cursor()?.0 })
    });
    match asked {
        Ok(cards) => json(StatusCode::OK, &cards),
        Err(answer) => *answer,
    }
}

fn championship(
    views: &mut dyn ViewReader,
    number: u32,
) -> Result<Option<(Organiser, ChampionshipCard)>, Fault> {
    let key = key(CardKind::Championship, u64::from(number));
    let Some(Card::Championship(card)) = views.card(key)? else { return Ok(None) };
    let sport = views.card(self::key(CardKind::Sport, u64::from(card.sport.0)))?;
    let sport = match sport {
        Some(Card::Sport(sport)) => sport.name.as_str().to_owned(),
        _ => String::new(),
    };
    let told = ChampionshipCard {
        championship: ChampionshipNo(card.championship),
        own: card.own.as_str().to_owned(),
        sport,
        name: card.name.as_str().to_owned(),
    };
    Ok(Some((card.organiser, told)))
}

fn key(kind: CardKind, number: u64) -> CardKey {
    CardKey { kind, number, version: 0 }
}

/// A page of the caller's events by number, or the one with an own id.
pub fn events(house: &House, caller: Organiser, pairs: &Pairs, headers: &HeaderMap) -> Answer {
    let asked = match Asked::read(pairs, &["after", "limit", "own"]) {
        Ok(asked) => asked,
        Err(faults) => return Teller::new(&house.phrases, headers).malformed(faults),
    };
    if let Some(own) = &asked.own {
        let digest = own_id(Named::Event, caller.0, own);
        return match house.copy.read(|state| state.catalogue.named(digest)) {
            Some(number) => event(house, caller, &number.to_string(), headers),
            None => Teller::new(&house.phrases, headers).trouble(Trouble::NotFound),
        };
    }
    let end = house.copy.read(|state| state.catalogue.next_event().0);
    let after = asked.after.map(|after| u32::try_from(after).unwrap_or(u32::MAX));
    let first = after.map_or(0, |after| after.saturating_add(1));
    let page = ask(house, headers, |views| {
        let mut events = Vec::new();
        let mut next = first;
        while next < end && next - first < LOOKED_AT_MAX && events.len() < asked.rows() {
            events.extend(owned(views, caller, Event(next))?);
            next += 1;
        }
        let next_after = EventNo(Event(next.saturating_sub(1)));
        Ok(EventCards { events, next_after, more: next < end, as_of_seq: views.cursor()?.0 })
    });
    match page {
        Ok(page) => json(StatusCode::OK, &page),
        Err(answer) => *answer,
    }
}

/// One event with its markets.
pub fn event(house: &House, caller: Organiser, number: &str, headers: &HeaderMap) -> Answer {
    let absent = || Teller::new(&house.phrases, headers).trouble(Trouble::NotFound);
    let Some(EventNo(number)) = EventNo::parse(number) else { return absent() };
    let found = ask(house, headers, |views| {
        let Some(mut card) = owned(views, caller, number)? else { return Ok(None) };
        for place in 0..terms::limits::MARKETS_PER_EVENT_MAX {
            let Some(market) = Market::of(number, place) else { break };
            match views.card(key(CardKind::Market, market.0))? {
                Some(Card::Market(row)) => card.markets.push(told(market, &row)),
                _ => break,
            }
        }
        Ok(Some(card))
    });
    match found {
        Ok(Some(card)) => json(StatusCode::OK, &card),
        Ok(None) => absent(),
        Err(answer) => *answer,
    }
}

fn owned(
    views: &mut dyn ViewReader,
    caller: Organiser,
    number: Event,
) -> Result<Option<EventCard>, Fault> {
    let card = views.card(key(CardKind::Event, u64::from(number.0)))?;
    let Some(Card::Event(card)) = card else { return Ok(None) };
    let of = championship(views, card.championship.0)?;
    Ok(of.filter(|(owner, _)| *owner == caller).map(|_| EventCard {
        event: EventNo(number),
        championship: ChampionshipNo(card.championship),
        class: class(card.class),
        state: state(card.state),
        scheduled_start: Time(card.scheduled),
        markets: Vec::new(),
        own: Some(card.own.as_str().to_owned()),
        name: Some(card.name.as_str().to_owned()),
        started_at: card.started.map(Time),
    }))
}

fn told(market: Market, row: &store::views::reports::card::MarketCard) -> MarketCard {
    let outcome = |(place, row): (usize, &store::views::reports::card::OutcomeCard)| {
        Some(OutcomeCard {
            outcome: OutcomeNo(Outcome::of(market, place)?),
            own: Some(row.own.as_str().to_owned()),
            name: Some(row.name.as_str().to_owned()),
            result: row.result.map(ended),
        })
    };
    MarketCard {
        market: MarketNo(market),
        state: standing(row.state),
        in_play: row.in_play,
        outcomes: row.outcomes.iter().enumerate().filter_map(outcome).collect(),
        own: Some(row.own.as_str().to_owned()),
        name: Some(row.name.as_str().to_owned()),
        result_seq: row.result.map(|seq| seq.0),
    }
}

fn class(class: EventClass) -> wire::EventClass {
    match class {
        EventClass::Sport => wire::EventClass::Sport,
        EventClass::ESport => wire::EventClass::ESport,
        EventClass::Virtual => wire::EventClass::Virtual,
        EventClass::Other => wire::EventClass::Other,
    }
}

fn state(state: EventState) -> wire::EventState {
    match state {
        EventState::Scheduled => wire::EventState::Scheduled,
        EventState::Rescheduled => wire::EventState::Rescheduled,
        EventState::Started => wire::EventState::Started,
        EventState::Suspended => wire::EventState::Suspended,
        EventState::Abandoned => wire::EventState::Abandoned,
        EventState::Cancelled => wire::EventState::Cancelled,
        EventState::Finished => wire::EventState::Finished,
        EventState::Walkover => wire::EventState::Walkover,
    }
}

fn standing(state: MarketState) -> MarketStanding {
    match state {
        MarketState::Open => MarketStanding::Open,
        MarketState::Suspended => MarketStanding::Suspended,
        MarketState::Closed => MarketStanding::Closed,
        MarketState::Resulted => MarketStanding::Resulted,
        MarketState::Void => MarketStanding::Void,
    }
}

fn ended(result: LegResult) -> OutcomeResult {
    match result {
        LegResult::Won => OutcomeResult::Won,
        LegResult::Lost => OutcomeResult::Lost,
        LegResult::Void => OutcomeResult::Void,
        LegResult::HalfWon => OutcomeResult::HalfWon,
        LegResult::HalfLost => OutcomeResult::HalfLost,
    }
}
