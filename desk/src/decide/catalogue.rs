//! An organiser's catalogue and its results (domain 5 to 7).

use journal::fact::{
    ChampionshipListed, EventChanged, EventConfirmed, EventListed, Fact, MarketChanged,
    MarketListed, ResultPublished,
};
use register::catalogue::{EventState, MarketState, Named, own_id};
use terms::{Championship, Event, Reason, limits};

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
        let own = own_id(Named::Championship, organiser.0, command.own.as_str());
        if self.state.catalogue.named(own).is_some() {
            return Err(Reason::AlreadyListed.into());
        }
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

    /// A new event; or what the organiser itself says of one that a report had named before it.
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
        let own = own_id(Named::Event, organiser.0, command.own.as_str());
        if let Some(event) = self.event_named(organiser, own)? {
            return self.confirm_event(event, command, facts);
        }
        facts.push(
            EventListed {
                cause: self.cause.clone(),
                event: self.state.catalogue.next_event(),
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

    fn confirm_event(
        &self,
        event: Event,
        command: &ListEvent,
        facts: &mut Vec<Fact>,
    ) -> Result<(), Stop> {
        let found = self.own_event(event)?;
        let row = found.row;
        if row.confirmed || !command.confirmed {
            return Err(Reason::AlreadyListed.into());
        }
        facts.push(
            EventConfirmed {
                cause: self.cause.clone(),
                event,
                championship: command.championship,
                name: command.name.clone(),
                class: command.class,
                scheduled_before: row.scheduled,
                scheduled: command.scheduled,
                thawed: found.thawed,
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
        let found = self.own_event(command.event)?;
        let event = found.row;
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
                thawed: found.thawed,
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
        let found = self.own_event(command.event)?;
        let event = found.row;
        if event.state.over() {
            return Err(Reason::EventClosed.into());
        }
        let count = command.outcomes.len();
        // Looked at only if there are few: it takes time by the square of how many there are.
        let distinct = || {
            command.outcomes.iter().enumerate().all(|(index, outcome)| {
                command.outcomes[..index].iter().all(|other| other.own != outcome.own)
            })
        };
        let within = 0 < count
            && count <= limits::OUTCOMES_PER_MARKET_MAX
            && event.outcomes() + count <= limits::OUTCOMES_PER_EVENT_MAX;
        let number = event.next_market().filter(|_| within && distinct());
        let market = number.ok_or(Reason::ShapeInvalid)?;
        let own = own_id(Named::Market, command.event.0, command.own.as_str());
        if event.markets.iter().any(|other| other.own == own) {
            return Err(Reason::AlreadyListed.into());
        }
        facts.push(
            MarketListed {
                cause: self.cause.clone(),
                market,
                event: command.event,
                own: command.own.clone(),
                name: command.name.clone(),
                in_play: command.in_play,
                outcomes: command.outcomes.clone(),
                thawed: found.thawed,
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
        let (found, market) = self.own_market(command.market)?;
        if !market.state.may_become(command.state) {
            return Err(Reason::TransitionInvalid.into());
        }
        facts.push(
            MarketChanged {
                cause: self.cause.clone(),
                market: command.market,
                state: command.state,
                in_play: command.in_play,
                thawed: found.thawed,
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
        let (found, market) = self.own_market(command.market)?;
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
        let compared = self.need_compared(command.market, market)?;
        // From here it must succeed.
        facts.push(
            ResultPublished {
                cause: self.cause.clone(),
                market: command.market,
                results: command.results.clone(),
                corrects: market.result,
                reason: command.reason.clone(),
                breaches: breaches.0,
                thawed: found.thawed,
            }
            .into(),
        );
        if let Some((central, code)) = compared {
            let result = (self.seq(0), &command.results[..]);
            self.differences(central, (command.market, code), Some(result), facts);
        }
        Ok(())
    }
}
