//! Events, markets and results, as the facts state them.

use std::collections::VecDeque;

use journal::fact::{
    ChampionshipListed, EventChanged, EventConfirmed, EventKept, EventListed, EventsLeft,
    MarketChanged, MarketListed, ResultPublished, ResultsDiffer,
};
use journal::kinds::{EventState, LegResult, MarketState};
use terms::{Event, Instant, Market, Organiser, Outcome, Reason, Seq};

use super::{Counts, Invariant, Wrong, confessed};

#[derive(Debug)]
struct EventBook {
    organiser: Organiser,
    state: EventState,
    scheduled: Instant,
    started: Option<Instant>,
    confirmed: bool,
    markets: Vec<MarketBook>,
}

#[derive(Debug)]
struct MarketBook {
    void: bool,
    count: usize,
    result: Option<Seq>,
    /// How its outcomes ended; empty as long as there is no result.
    results: Vec<LegResult>,
}

/// All catalogues.
#[derive(Debug, Default)]
pub(super) struct Catalogue {
    championships: Vec<Organiser>,
    events: Vec<EventBook>,
    /// Events that were kept and are to leave.
    kept: VecDeque<Event>,
}

/// What the facts say of an outcome.
#[derive(Clone, Copy, Debug)]
pub(super) struct Said {
    pub(super) organiser: Organiser,
    pub(super) confirmed: bool,
    pub(super) result: Option<LegResult>,
    pub(super) event_void: bool,
    pub(super) market_void: bool,
}

fn number(what: &str, number: u32, due: usize, counts: &mut Counts) -> Result<(), Wrong> {
    counts.check(Invariant::J1, number as usize == due, || {
        format!("{what} number {number} where {due} is due")
    })
}

fn unknown(what: &str, number: impl Into<u64>) -> Wrong {
    let number = number.into();
    Wrong::new(Invariant::J3, format!("{what} number {number} is unknown"))
}

impl Catalogue {
    pub(super) fn championship(
        &mut self,
        fact: &ChampionshipListed,
        counts: &mut Counts,
    ) -> Result<(), Wrong> {
        number("championship", fact.championship.0, self.championships.len(), counts)?;
        self.championships.push(fact.organiser);
        Ok(())
    }

    pub(super) fn event_listed(
        &mut self,
        fact: &EventListed,
        counts: &mut Counts,
    ) -> Result<(), Wrong> {
        number("event", fact.event.0, self.events.len(), counts)?;
        let organiser = self.championships.get(fact.championship.index()).copied();
        self.events.push(EventBook {
            organiser: organiser.ok_or_else(|| unknown("championship", fact.championship.0))?,
            state: EventState::Scheduled,
            scheduled: fact.scheduled,
            started: None,
            confirmed: fact.confirmed,
            markets: Vec::new(),
        });
        Ok(())
    }

    pub(super) fn event_confirmed(
        &mut self,
        fact: &EventConfirmed,
        counts: &mut Counts,
    ) -> Result<(), Wrong> {
        let organiser = self.championships.get(fact.championship.index()).copied();
        let organiser = organiser.ok_or_else(|| unknown("championship", fact.championship.0))?;
        let event = self.events.get_mut(fact.event.index());
        let event = event.ok_or_else(|| unknown("event", fact.event.0))?;
        let stated = event.scheduled == fact.scheduled_before
            && event.organiser == organiser
            && !event.confirmed;
        counts.check(Invariant::J3, stated, || {
            format!("event number {}: it is not one that waits to be confirmed", fact.event)
        })?;
        event.confirmed = true;
        event.scheduled = fact.scheduled;
        Ok(())
    }

    pub(super) fn event_changed(
        &mut self,
        fact: &EventChanged,
        counts: &mut Counts,
    ) -> Result<(), Wrong> {
        let event = self.events.get_mut(fact.event.index());
        let event = event.ok_or_else(|| unknown("event", fact.event.0))?;
        let stated = (fact.scheduled_before, fact.started_before);
        counts.check(Invariant::J3, stated == (event.scheduled, event.started), || {
            format!("event number {}: its times before are not those stated", fact.event)
        })?;
        event.state = fact.state;
        event.scheduled = fact.scheduled;
        event.started = fact.started;
        Ok(())
    }

    pub(super) fn market_listed(
        &mut self,
        fact: &MarketListed,
        counts: &mut Counts,
    ) -> Result<(), Wrong> {
        let event = self.events.get_mut(fact.event.index());
        let event = event.ok_or_else(|| unknown("event", fact.event.0))?;
        let due = Market::of(fact.event, event.markets.len());
        counts.check(Invariant::J1, due == Some(fact.market), || {
            format!("market number {} where {due:?} is due", fact.market)
        })?;
        event.markets.push(MarketBook {
            void: false,
            count: fact.outcomes.len(),
            result: None,
            results: Vec::new(),
        });
        Ok(())
    }

    pub(super) fn market_changed(
        &mut self,
        fact: &MarketChanged,
        _counts: &mut Counts,
    ) -> Result<(), Wrong> {
        let market = self.market(fact.market)?;
        market.void = fact.state == MarketState::Void;
        Ok(())
    }

    pub(super) fn result(
        &mut self,
        seq: Seq,
        fact: &ResultPublished,
        counts: &mut Counts,
    ) -> Result<(), Wrong> {
        let market = self.market(fact.market)?;
        let before = market.result.replace(seq);
        let mut due = Vec::new();
        // What does not stand stays so, whatever is published.
        if market.void {
            due.push(Reason::TransitionInvalid);
        }
        if before.is_some() && fact.reason.is_none() {
            due.push(Reason::ReasonMissing);
        }
        confessed(&due, &fact.breaches, counts)?;
        counts.check(Invariant::J3, before == fact.corrects, || {
            format!("market number {}: its result before is {before:?}", fact.market)
        })?;
        counts.check(Invariant::J3, fact.results.len() == market.count, || {
            format!("market number {} has {} outcomes", fact.market, market.count)
        })?;
        market.results.clone_from(&fact.results);
        Ok(())
    }

    fn market(&mut self, market: Market) -> Result<&mut MarketBook, Wrong> {
        let event = self.events.get_mut(market.event().index());
        let row = event.and_then(|event| event.markets.get_mut(market.place()));
        row.ok_or_else(|| unknown("market", market.0))
    }

    /// What is kept of an event is what the facts before it say.
    pub(super) fn kept(&mut self, fact: &EventKept, counts: &mut Counts) -> Result<(), Wrong> {
        let row = &fact.row;
        let event = self.events.get(row.event.index());
        let event = event.ok_or_else(|| unknown("event", row.event.0))?;
        let told = (row.organiser, row.state, row.scheduled, row.started, row.markets.len());
        let known = (event.organiser, event.state, event.scheduled, event.started);
        let same = told == (known.0, known.1, known.2, known.3, event.markets.len())
            && row.confirmed == event.confirmed
            && row.markets.iter().zip(&event.markets).all(|(row, book)| {
                let void = row.state == MarketState::Void;
                (void, row.count as usize, row.result) == (book.void, book.count, book.result)
                    && row.results == book.results
            });
        self.kept.push_back(row.event);
        counts.check(Invariant::J3, same && row.bets == 0, || {
            format!("event number {} is not as it is kept", row.event)
        })
    }

    /// No more events leave than were kept.
    pub(super) fn left(&mut self, fact: &EventsLeft, counts: &mut Counts) -> Result<(), Wrong> {
        let count = fact.count as usize;
        counts.check(Invariant::J3, count <= self.kept.len(), || {
            format!("{count} events leave, and {} are kept", self.kept.len())
        })?;
        self.kept.drain(..count);
        Ok(())
    }

    /// A flag names two results that were published last and are not the same.
    pub(super) fn results_differ(
        &mut self,
        fact: &ResultsDiffer,
        counts: &mut Counts,
    ) -> Result<(), Wrong> {
        let told = |market: Market, seq: Seq| {
            let book = self.events.get(market.event().index())?.markets.get(market.place())?;
            (book.result == Some(seq)).then_some(&book.results)
        };
        let one = told(fact.market, fact.result);
        let other = told(fact.other, fact.other_result);
        counts.check(Invariant::J3, one.is_some() && other.is_some() && one != other, || {
            format!("markets number {} and {} have no different results", fact.market, fact.other)
        })
    }

    /// What the facts say of an outcome.
    pub(super) fn said(&self, outcome: Outcome) -> Result<Said, Wrong> {
        let missing = || unknown("outcome", outcome.0);
        let event = self.events.get(outcome.event().index()).ok_or_else(missing)?;
        let market = event.markets.get(outcome.market().place()).ok_or_else(missing)?;
        if market.count <= outcome.place() {
            return Err(missing());
        }
        let result = market.results.get(outcome.place()).copied();
        let event_void = match event.state {
            EventState::Abandoned | EventState::Cancelled | EventState::Walkover => true,
            EventState::Scheduled
            | EventState::Rescheduled
            | EventState::Started
            | EventState::Suspended
            | EventState::Finished => false,
        };
        Ok(Said {
            organiser: event.organiser,
            confirmed: event.confirmed,
            // A market that does not stand has no result, whatever was published before.
            result: result.filter(|_| !market.void),
            event_void,
            market_void: market.void,
        })
    }
}
