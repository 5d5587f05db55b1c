//! Catalogues: events and markets, their results, what is kept of them and leaves.

use journal::fact::{
    ChampionshipListed, EventChanged, EventConfirmed, EventKept, EventListed, EventMapped,
    EventsLeft, MarketChanged, MarketListed, MarketMapped, ResultPublished, StartChecked,
};
use register::catalogue::{
    ChampionshipRow, EventRow, EventState, MarketRow, MarketState, Named, own_id,
};
use register::central::CentralMarket;
use terms::{Championship, Event, Instant, Market, Seq};

use super::Wrong;
use crate::state::{StartWork, State};

impl State {
    pub(super) fn championship_listed(&mut self, fact: &ChampionshipListed) -> Result<(), Wrong> {
        if fact.championship != Championship(self.catalogue.championships.len() as u32) {
            return Err(Wrong::Unknown("championship"));
        }
        let own = own_id(Named::Championship, fact.organiser.0, fact.own.as_str());
        self.catalogue.add_championship(ChampionshipRow { organiser: fact.organiser, own });
        Ok(())
    }

    pub(super) fn event_listed(&mut self, at: Instant, fact: &EventListed) -> Result<(), Wrong> {
        let championship = self.catalogue.championships.get(fact.championship.index());
        let organiser = championship.ok_or(Wrong::Unknown("championship"))?.organiser;
        let row = EventRow {
            event: fact.event,
            organiser,
            championship: fact.championship,
            own: own_id(Named::Event, organiser.0, fact.own.as_str()),
            class: fact.class,
            state: EventState::Scheduled,
            scheduled: fact.scheduled,
            started: None,
            confirmed: fact.confirmed,
            since: at,
            changed: at,
            bets: 0,
            kept: None,
            markets: Vec::new(),
        };
        self.catalogue.list(row).ok_or(Wrong::Unknown("event"))
    }

    /// Brings events back that had left, with the fact that is about them.
    pub(super) fn thaw<'a>(
        &mut self,
        events: impl IntoIterator<Item = &'a EventRow>,
    ) -> Result<(), Wrong> {
        for row in events {
            self.catalogue.thaw(row).ok_or(Wrong::Unknown("event"))?;
        }
        Ok(())
    }

    pub(super) fn event_confirmed(
        &mut self,
        at: Instant,
        fact: &EventConfirmed,
    ) -> Result<(), Wrong> {
        self.thaw(fact.thawed.as_deref())?;
        let championship = self.catalogue.championships.get(fact.championship.index());
        let organiser = championship.ok_or(Wrong::Unknown("championship"))?.organiser;
        let confirmed = self.catalogue.change(fact.event, at, |event| {
            let stated = event.organiser == organiser && !event.confirmed;
            if !stated || event.scheduled != fact.scheduled_before {
                return Err(Wrong::Stated("the event"));
            }
            event.championship = fact.championship;
            event.class = fact.class;
            event.scheduled = fact.scheduled;
            event.confirmed = true;
            Ok(())
        });
        confirmed.ok_or(Wrong::Unknown("event"))?
    }

    /// The event may have left: the fact says of it what is needed.
    pub(super) fn event_mapped(&mut self, fact: &EventMapped) -> Result<(), Wrong> {
        self.centrals.map(fact.event, fact.organiser, fact.central.clone());
        Ok(())
    }

    /// The same of a market.
    pub(super) fn market_mapped(&mut self, fact: &MarketMapped) -> Result<(), Wrong> {
        let (code, market, count) = (fact.code.clone(), fact.market, fact.outcomes);
        let row = CentralMarket { code, market, count };
        let mapped = self.centrals.map_market(market.event(), row);
        mapped.ok_or(Wrong::Unknown("central event"))
    }

    pub(super) fn event_changed(&mut self, at: Instant, fact: &EventChanged) -> Result<(), Wrong> {
        self.thaw(fact.thawed.as_deref())?;
        let begun_before = self.catalogue.change(fact.event, at, |event| {
            if event.scheduled != fact.scheduled_before || event.started != fact.started_before {
                return Err(Wrong::Stated("the event"));
            }
            let begun_before = event.started.unwrap_or(event.scheduled);
            event.become_state(fact.state, at);
            event.scheduled = fact.scheduled;
            event.started = fact.started;
            Ok(begun_before)
        });
        let begun_before = begun_before.ok_or(Wrong::Unknown("event"))??;
        if let Some(started) = fact.started.filter(|started| *started < begun_before) {
            self.look_for_late(fact.event, started, begun_before);
        }
        Ok(())
    }

    /// Bets of this span are to be looked at. A look at the same event that has not begun takes it
    /// in where the spans meet: corrections of a start do not pile up looks at all bets.
    fn look_for_late(&mut self, event: Event, started: Instant, until: Instant) {
        let waits = |work: &&mut StartWork| {
            let meets = work.started <= until && started <= work.until;
            work.event == event && work.next == 0 && meets
        };
        match self.work.iter_mut().rev().find(waits) {
            Some(work) => {
                work.started = work.started.min(started);
                work.until = work.until.max(until);
            }
            None => self.work.push_back(StartWork { event, started, until, next: 0 }),
        }
    }

    pub(super) fn start_checked(&mut self, fact: &StartChecked) -> Result<(), Wrong> {
        let work = self.work.front_mut().filter(|work| work.event == fact.event);
        let work = work.ok_or(Wrong::Unknown("work"))?;
        work.next = fact.next;
        if fact.done {
            self.work.pop_front();
        }
        Ok(())
    }

    pub(super) fn market_listed(&mut self, at: Instant, fact: &MarketListed) -> Result<(), Wrong> {
        self.thaw(fact.thawed.as_deref())?;
        let listed = self.catalogue.change(fact.event, at, |event: &mut EventRow| {
            if event.next_market() != Some(fact.market) {
                return Err(Wrong::Unknown("market"));
            }
            event.markets.push(MarketRow {
                own: own_id(Named::Market, fact.event.0, fact.own.as_str()),
                state: MarketState::Open,
                in_play: fact.in_play,
                count: fact.outcomes.len() as u32,
                since: at,
                result: None,
                results: Vec::new(),
            });
            Ok(())
        });
        listed.ok_or(Wrong::Unknown("event"))?
    }

    fn change_market(
        &mut self,
        market: Market,
        at: Instant,
        change: impl FnOnce(&mut MarketRow) -> Result<(), Wrong>,
    ) -> Result<(), Wrong> {
        let changed = self.catalogue.change(market.event(), at, |event| {
            let row = event.markets.get_mut(market.place());
            row.ok_or(Wrong::Unknown("market")).and_then(change)
        });
        changed.ok_or(Wrong::Unknown("market"))?
    }

    pub(super) fn market_changed(
        &mut self,
        at: Instant,
        fact: &MarketChanged,
    ) -> Result<(), Wrong> {
        self.thaw(fact.thawed.as_deref())?;
        self.change_market(fact.market, at, |market| {
            market.become_state(fact.state, at);
            market.in_play = fact.in_play;
            Ok(())
        })
    }

    pub(super) fn result_published(
        &mut self,
        seq: Seq,
        at: Instant,
        fact: &ResultPublished,
    ) -> Result<(), Wrong> {
        self.thaw(fact.thawed.as_deref())?;
        self.change_market(fact.market, at, |market| {
            if market.result != fact.corrects || market.count as usize != fact.results.len() {
                return Err(Wrong::Stated("the market's result"));
            }
            // A market that does not stand stays so, whatever is published.
            if market.state != MarketState::Void {
                market.become_state(MarketState::Resulted, at);
            }
            market.result = Some(seq);
            market.results.clone_from(&fact.results);
            Ok(())
        })
    }

    pub(super) fn event_kept(&mut self, seq: Seq, fact: &EventKept) -> Result<(), Wrong> {
        self.catalogue.keep(&fact.row, seq).ok_or(Wrong::Stated("the event"))
    }

    pub(super) fn events_left(&mut self, fact: &EventsLeft) -> Result<(), Wrong> {
        for _ in 0..fact.count {
            self.catalogue.leave().ok_or(Wrong::Unknown("kept event"))?;
        }
        Ok(())
    }

    /// Counts the legs of a bet that is now held or open on their events, which are here or come
    /// back with it.
    pub(super) fn count_bet(&mut self, slot: u32, at: Instant) -> Result<(), Wrong> {
        let bet = self.bets.get(slot).ok_or(Wrong::Unknown("bet"))?;
        for leg in &bet.legs.0 {
            self.catalogue.add_bet(leg.outcome, at).ok_or(Wrong::Unknown("event"))?;
        }
        let account = bet.account;
        self.count_account(account, |row| {
            row.open = row.open.checked_add(1)?;
            Some(())
        })
    }
}

/// Takes the legs of a bet that is no longer held or open off their events.
pub(super) fn discount_bet(
    catalogue: &mut register::Catalogue,
    bet: &register::Bet,
    at: Instant,
) -> Result<(), Wrong> {
    for leg in &bet.legs.0 {
        catalogue.remove_bet(leg.outcome, at).ok_or(Wrong::Stated("the bets on an event"))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn looks_that_meet_are_one_look() {
        // domain 6
        let mut state = State::follower(0);
        let spans = |state: &State| -> Vec<(u32, i64, i64)> {
            let row = |work: &StartWork| (work.event.0, work.started.0, work.until.0);
            state.work.iter().map(row).collect()
        };
        state.look_for_late(Event(1), Instant(30), Instant(40));
        for started in (20..30).rev() {
            state.look_for_late(Event(1), Instant(started), Instant(started + 1));
        }
        assert_eq!(spans(&state), [(1, 20, 40)]);
        // Not of another event, nor beyond a gap, nor by a look that has begun.
        state.look_for_late(Event(2), Instant(20), Instant(40));
        state.look_for_late(Event(1), Instant(50), Instant(60));
        state.work[0].next = 1_000;
        state.look_for_late(Event(1), Instant(10), Instant(20));
        assert_eq!(spans(&state), [(1, 20, 40), (2, 20, 40), (1, 50, 60), (1, 10, 20)]);
    }
}
