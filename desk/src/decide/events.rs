//! Events as a decision sees them: from the hot state, or gathered after they have left (core 16).

use register::catalogue::{EventRow, MarketRow, Placed};
use terms::{Digest, Event, Market, Organiser, Outcome, Reason};

use super::{Case, Need, Stop};

/// An event, and itself once more if it comes from outside the hot state.
pub(super) struct Found<'a> {
    pub row: &'a EventRow,
    pub thawed: Option<Box<EventRow>>,
}

impl Case<'_> {
    /// Asks for each event of these outcomes that has left, until all are gathered.
    pub(super) fn need_events(
        &self,
        outcomes: impl IntoIterator<Item = Outcome>,
    ) -> Result<(), Stop> {
        outcomes.into_iter().try_for_each(|outcome| self.need_event(outcome.event()))
    }

    /// Asks for an event that has left, until it is gathered.
    pub(super) fn need_event(&self, event: Event) -> Result<(), Stop> {
        if self.state.catalogue.has_left(event) && self.gathered_event(event).is_none() {
            return Err(Stop::Gather(Need::Event(event)));
        }
        Ok(())
    }

    /// An outcome with its market and event; an event that has left must have been asked for.
    pub(super) fn place(&self, outcome: Outcome) -> Option<Placed<'_>> {
        let placed = self.state.catalogue.place(outcome);
        placed.or_else(|| self.gathered_event(outcome.event())?.place(outcome))
    }

    /// What was gathered: it comes back into the hot state with the bet that is on it.
    pub(super) fn thawed_events(&self) -> Option<Vec<EventRow>> {
        let events = &self.gathered.events;
        (!events.is_empty()).then(|| events.clone())
    }

    /// An event; one that has left must have been asked for.
    pub(super) fn event(&self, event: Event) -> Option<&EventRow> {
        self.state.catalogue.event(event).or_else(|| self.gathered_event(event))
    }

    /// An event of whatever organiser.
    pub(super) fn any_event(&self, event: Event) -> Result<&EventRow, Stop> {
        self.need_event(event)?;
        self.event(event).ok_or(Reason::EventUnknown.into())
    }

    /// An event of this organiser.
    pub(super) fn own_event(&self, event: Event) -> Result<Found<'_>, Stop> {
        let organiser = self.organiser()?;
        let row = self.any_event(event)?;
        if row.organiser != organiser {
            return Err(Reason::EventUnknown.into());
        }
        let left = self.state.catalogue.has_left(event);
        Ok(Found { row, thawed: left.then(|| Box::new(row.clone())) })
    }

    /// A market of this organiser, with its event.
    pub(super) fn own_market(&self, market: Market) -> Result<(Found<'_>, &MarketRow), Stop> {
        let found = self.own_event(market.event()).map_err(no_market)?;
        let row = found.row.market(market).ok_or(Reason::MarketUnknown)?;
        Ok((found, row))
    }

    /// The event to which an organiser has given its own id, here or gone.
    pub(super) fn event_named(
        &self,
        organiser: Organiser,
        own: Digest,
    ) -> Result<Option<Event>, Stop> {
        let catalogue = &self.state.catalogue;
        if let Some(number) = catalogue.named(own) {
            return Ok(Some(Event(number)));
        }
        match self.gathered.named {
            Some(gone) => Ok(gone),
            None if catalogue.some_left() => Err(Stop::Gather(Need::EventNamed(organiser, own))),
            None => Ok(None),
        }
    }

    fn gathered_event(&self, event: Event) -> Option<&EventRow> {
        self.gathered.events.iter().find(|row| row.event == event)
    }
}

/// Who names a market of an event that is unknown, is told of the market.
pub(super) fn no_market(stop: Stop) -> Stop {
    match stop {
        Stop::Refuse(Reason::EventUnknown) => Stop::Refuse(Reason::MarketUnknown),
        stop => stop,
    }
}
