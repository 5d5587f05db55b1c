//! Events, markets and results, as the facts state them.

use journal::fact::{
    ChampionshipListed, EventChanged, EventListed, MarketChanged, MarketListed, ResultPublished,
};
use journal::kinds::{EventState, LegResult, MarketState};
use terms::{Instant, Organiser, Outcome, Reason, Seq};

use super::{Counts, Invariant, Wrong, confessed};

#[derive(Debug)]
struct EventBook {
    organiser: Organiser,
    state: EventState,
    scheduled: Instant,
    started: Option<Instant>,
}

#[derive(Debug)]
struct MarketBook {
    event: u32,
    void: bool,
    first: u32,
    count: usize,
    result: Option<Seq>,
}

/// All catalogues.
#[derive(Debug, Default)]
pub(super) struct Catalogue {
    championships: Vec<Organiser>,
    events: Vec<EventBook>,
    markets: Vec<MarketBook>,
    /// For each outcome its market and how it ended.
    outcomes: Vec<(u32, Option<LegResult>)>,
}

/// What the facts say of an outcome.
#[derive(Clone, Copy, Debug)]
pub(super) struct Said {
    pub(super) organiser: Organiser,
    pub(super) result: Option<LegResult>,
    pub(super) event_void: bool,
    pub(super) market_void: bool,
}

fn number(what: &str, number: u32, due: usize, counts: &mut Counts) -> Result<(), Wrong> {
    counts.check(Invariant::J1, number as usize == due, || {
        format!("{what} number {number} where {due} is due")
    })
}

fn unknown(what: &str, number: u32) -> Wrong {
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
        });
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
        number("market", fact.market.0, self.markets.len(), counts)?;
        number("outcome", fact.first.0, self.outcomes.len(), counts)?;
        if self.events.len() <= fact.event.index() {
            return Err(unknown("event", fact.event.0));
        }
        self.markets.push(MarketBook {
            event: fact.event.0,
            void: false,
            first: fact.first.0,
            count: fact.outcomes.len(),
            result: None,
        });
        self.outcomes.extend(fact.outcomes.iter().map(|_| (fact.market.0, None)));
        Ok(())
    }

    pub(super) fn market_changed(
        &mut self,
        fact: &MarketChanged,
        _counts: &mut Counts,
    ) -> Result<(), Wrong> {
        let market = self.markets.get_mut(fact.market.index());
        let market = market.ok_or_else(|| unknown("market", fact.market.0))?;
        market.void = fact.state == MarketState::Void;
        Ok(())
    }

    pub(super) fn result(
        &mut self,
        seq: Seq,
        fact: &ResultPublished,
        counts: &mut Counts,
    ) -> Result<(), Wrong> {
        let market = self.markets.get_mut(fact.market.index());
        let market = market.ok_or_else(|| unknown("market", fact.market.0))?;
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
        let first = market.first as usize;
        let outcomes = self.outcomes.iter_mut().skip(first);
        for ((_, result), told) in outcomes.zip(&fact.results) {
            *result = Some(*told);
        }
        Ok(())
    }

    /// What the facts say of an outcome.
    pub(super) fn said(&self, outcome: Outcome) -> Result<Said, Wrong> {
        let missing = || unknown("outcome", outcome.0);
        let (market, result) = self.outcomes.get(outcome.index()).ok_or_else(missing)?;
        let market = self.markets.get(*market as usize).ok_or_else(missing)?;
        let event = self.events.get(market.event as usize).ok_or_else(missing)?;
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
            // A market that does not stand has no result, whatever was published before.
            result: result.filter(|_| !market.void),
            event_void,
            market_void: market.void,
        })
    }
}
