//! An organiser's catalogue and its results (domain 5 to 7).

use journal::fact::{
    ChampionshipListed, EventChanged, EventListed, Fact, MarketChanged, MarketListed,
    ResultPublished,
};
use register::catalogue::{Catalogue, EventRow, EventState, MarketRow, MarketState, Named};
use terms::{Championship, Event, Market, Outcome, Reason, limits};

use super::{Case, Stop};
use crate::command::{
    ChangeEvent, ChangeMarket, ListChampionship, ListEvent, ListMarket, PublishResult,
};
use crate::grounds::{Every, Grounds};

impl Case<'_> {
    pub(super) fn list_championship(
        &self,
        command: &ListChampionship,
        facts: &mut Vec<Fact>,
    ) -> Result<(), Stop> {
        let organiser = self.organiser()?;
        self.free(Named::Championship, organiser.0, command.own.as_str())?;
        facts.push(
            ChampionshipListed {
                cause: self.cause.clone(),
                championship: Championship(self.state.catalogue.championships.len() as u32),
                organiser,
                own: command.own.clone(),
                sport: command.sport.clone(),
                name: command.name.clone(),
            }
            .into(),
        );
        Ok(())
    }

    pub(super) fn list_event(
        &self,
        command: &ListEvent,
        facts: &mut Vec<Fact>,
    ) -> Result<(), Stop> {
        let organiser = self.organiser()?;
        let row = self.state.catalogue.championships.get(command.championship.index());
        if row.is_none_or(|row| row.organiser != organiser) {
            return Err(Reason::EventUnknown.into());
        }
        self.free(Named::Event, organiser.0, command.own.as_str())?;
        facts.push(
            EventListed {
                cause: self.cause.clone(),
                event: Event(self.state.catalogue.events.len() as u32),
                championship: command.championship,
                own: command.own.clone(),
                name: command.name.clone(),
                class: command.class,
                scheduled: command.scheduled,
                confirmed: command.confirmed,
            }
            .into(),
        );
        Ok(())
    }

    pub(super) fn change_event(
        &self,
        command: &ChangeEvent,
        facts: &mut Vec<Fact>,
    ) -> Result<(), Stop> {
        let event = self.own_event(command.event)?;
        if !event.state.may_become(command.state) {
            return Err(Reason::TransitionInvalid.into());
        }
        let (scheduled, started) = match (command.state, command.time) {
            (EventState::Rescheduled, Some(time)) => (time, None),
            (EventState::Rescheduled, None) => return Err(Reason::DateInvalid.into()),
            (EventState::Started, time) => {
                let started = time.unwrap_or(self.moment.at);
                if self.moment.at < started {
                    return Err(Reason::DateInvalid.into());
                }
                (event.scheduled, Some(started))
            }
            (_, None) => (event.scheduled, event.started),
            (_, Some(_)) => return Err(Reason::DateInvalid.into()),
        };
        // From here it must succeed.
        facts.push(
            EventChanged {
                cause: self.cause.clone(),
                event: command.event,
                state: command.state,
                scheduled_before: event.scheduled,
                scheduled,
                started_before: event.started,
                started,
            }
            .into(),
        );
        Ok(())
    }

    pub(super) fn list_market(
        &self,
        command: &ListMarket,
        facts: &mut Vec<Fact>,
    ) -> Result<(), Stop> {
        let event = self.own_event(command.event)?;
        if event.state.over() {
            return Err(Reason::EventClosed.into());
        }
        let count = command.outcomes.len();
        let distinct = command.outcomes.iter().enumerate().all(|(index, outcome)| {
            command.outcomes[..index].iter().all(|other| other.own != outcome.own)
        });
        if count == 0 || limits::OUTCOMES_PER_MARKET_MAX < count || !distinct {
            return Err(Reason::ShapeInvalid.into());
        }
        self.free(Named::Market, command.event.0, command.own.as_str())?;
        facts.push(
            MarketListed {
                cause: self.cause.clone(),
                market: Market(self.state.catalogue.markets.len() as u32),
                event: command.event,
                own: command.own.clone(),
                name: command.name.clone(),
                in_play: command.in_play,
                first: Outcome(self.state.catalogue.outcomes.len() as u32),
                outcomes: command.outcomes.clone(),
            }
            .into(),
        );
        Ok(())
    }

    pub(super) fn change_market(
        &self,
        command: &ChangeMarket,
        facts: &mut Vec<Fact>,
    ) -> Result<(), Stop> {
        let market = self.own_market(command.market)?;
        if !market.state.may_become(command.state) {
            return Err(Reason::TransitionInvalid.into());
        }
        facts.push(
            MarketChanged {
                cause: self.cause.clone(),
                market: command.market,
                state: command.state,
                in_play: command.in_play,
            }
            .into(),
        );
        Ok(())
    }

    /// A result is a report: what it breaks is stored with it (domain 1). A second one of the same
    /// market is a correction and needs a reason (domain 7); one of a market that does not stand
    /// counts for nothing.
    pub(super) fn publish_result(
        &self,
        command: &PublishResult,
        facts: &mut Vec<Fact>,
    ) -> Result<(), Stop> {
        let market = self.own_market(command.market)?;
        if command.results.len() != market.count as usize {
            return Err(Reason::ResultInvalid.into());
        }
        let mut breaches = Every::default();
        if market.state == MarketState::Void {
            breaches.note(Reason::TransitionInvalid);
        }
        if market.result.is_some() && command.reason.is_none() {
            breaches.note(Reason::ReasonMissing);
        }
        // From here it must succeed.
        facts.push(
            ResultPublished {
                cause: self.cause.clone(),
                market: command.market,
                results: command.results.clone(),
                corrects: market.result,
                reason: command.reason.clone(),
                breaches: breaches.0,
            }
            .into(),
        );
        Ok(())
    }

    /// An event of this organiser.
    fn own_event(&self, event: Event) -> Result<&EventRow, Reason> {
        let organiser = self.organiser()?;
        let row = self.state.catalogue.events.get(event.index());
        row.filter(|row| row.organiser == organiser).ok_or(Reason::EventUnknown)
    }

    /// A market of this organiser.
    fn own_market(&self, market: Market) -> Result<&MarketRow, Reason> {
        let row = self.state.catalogue.markets.get(market.index());
        let row = row.ok_or(Reason::MarketUnknown)?;
        self.own_event(row.event).map_err(|_| Reason::MarketUnknown)?;
        Ok(row)
    }

    fn free(&self, named: Named, within: u32, own: &str) -> Result<(), Reason> {
        match self.state.catalogue.named(Catalogue::own_id(named, within, own)) {
            None => Ok(()),
            Some(_) => Err(Reason::AlreadyListed),
        }
    }
}
