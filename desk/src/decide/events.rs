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
        for outcome in outcomes {
            let event = outcome.event();
            if self.state.catalogue.has_left(event) && self.gathered_event(event).is_none() {
                return Err(Stop::Gather(Need::Event(event)));
            }
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

    /// An event of this organiser.
    pub(super) fn own_event(&self, event: Event) -> Result<Found<'_>, Stop> {
        let organiser = self.organiser()?;
        let (row, thawed) = match self.state.catalogue.event(event) {
            Some(row) => (row, None),
            None if self.state.catalogue.has_left(event) => {
                let row = self.gathered_event(event).ok_or(Stop::Gather(Need::Event(event)))?;
                (row, Some(Box::new(row.clone())))
            }
            None => return Err(Reason::EventUnknown.into()),
        };
        if row.organiser == organiser {
            Ok(Found { row, thawed })
        } else {
            Err(Reason::EventUnknown.into())
        }
    }

    /// A market of this organiser, with its event.
    pub(super) fn own_market(&self, market: Market) -> Result<(Found<'_>, &MarketRow), Stop> {
        let found = self.own_event(market.event()).map_err(|stop| match stop {
            Stop::Refuse(Reason::EventUnknown) => Stop::Refuse(Reason::MarketUnknown),
            stop => stop,
        })?;
        let row = found.row.market(market).ok_or(Reason::MarketUnknown)?;
        Ok((found, row))
    }

    /// Whether an organiser has given its own id to no other event, here or gone.
    pub(super) fn free_event(&self, organiser: Organiser, own: Digest) -> Result<(), Stop> {
        let catalogue = &self.state.catalogue;
        let gone = match self.gathered.named {
            _ if catalogue.named(own).is_some() => true,
            Some(gone) => gone,
            None if catalogue.some_left() => {
                return Err(Stop::Gather(Need::EventNamed(organiser, own)));
            }
            None => false,
        };
        if gone { Err(Reason::AlreadyListed.into()) } else { Ok(()) }
    }

    fn gathered_event(&self, event: Event) -> Option<&EventRow> {
        self.gathered.events.iter().find(|row| row.event == event)
    }
}
