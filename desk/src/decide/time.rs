//! What time brings: expired holds, work in pieces, waiting payouts, what leaves the hot state.

use journal::fact::{
    BetsLeft, BreachRaised, EventKept, EventsLeft, Fact, HoldReleased, OrdersSwept, ReleaseGround,
    StartChecked,
};
use register::bet::Leg;
use register::catalogue::{EventRow, Rest};
use register::{Bet, BetState, Form};
use terms::{Event, Instant, Organiser, Reason, limits};

use super::{Case, Stop};
use crate::command::{CheckStart, Tick};
use crate::state::StartWork;

/// Facts that are kept free for what follows the holds in one tick.
const HOLDS_PER_TICK_MAX: usize = limits::FACTS_PER_COMMAND_MAX / 2;

impl Case<'_> {
    /// One bounded piece of whatever is due; the shell ticks again as long as something was done.
    pub(super) fn tick(&self, command: &Tick, facts: &mut Vec<Fact>) -> Result<(), Stop> {
        self.expire_holds(facts);
        self.overdue(facts);
        if facts.is_empty()
            && let Some(work) = self.state.work.front()
        {
            self.check_start(work, facts);
        }
        if facts.is_empty() {
            for number in 0..self.state.organisers.organisers.len() {
                self.pay_waiting(Organiser(number as u32), facts);
                if !facts.is_empty() {
                    break;
                }
            }
        }
        self.let_bets_leave(facts);
        self.let_events_leave(facts);
        self.keep_events(Rest::Over, self.rules.terms.over_event_hot_ns, facts);
        self.keep_events(Rest::Idle, self.rules.terms.idle_event_hot_ns, facts);
        self.sweep_orders(command, facts);
        if facts.is_empty() { Err(Stop::Idle) } else { Ok(()) }
    }

    fn expire_holds(&self, facts: &mut Vec<Fact>) {
        let due = self.state.timers.iter().take_while(|(at, _)| *at <= self.moment.at);
        for (_, slot) in due.take(HOLDS_PER_TICK_MAX) {
            let Some(bet) = self.state.bets.get(*slot) else { continue };
            // Two holds of one account may expire in one tick: the second follows the first.
            let earlier = facts.iter().enumerate().rev().find_map(|(index, fact)| match fact {
                Fact::HoldReleased(fact) => {
                    let other = self.state.bet(fact.organiser, fact.bet)?;
                    (other.account == bet.account).then(|| self.seq(index))
                }
                _ => None,
            });
            facts.push(
                HoldReleased {
                    cause: None,
                    nonce: Some(self.nonce(facts.len())),
                    organiser: bet.organiser,
                    bet: bet.id,
                    ground: ReleaseGround::Expired,
                    account_previous: earlier.or_else(|| self.account_previous(bet.account)),
                }
                .into(),
            );
        }
    }

    /// Looks at a piece of the bets for stakes taken after a start that was corrected (domain 6).
    fn check_start(&self, work: &StartWork, facts: &mut Vec<Fact>) {
        let end = self.state.bets.slots();
        // A start that was moved back meanwhile makes fewer stakes late.
        let row = self.state.catalogue.event(work.event);
        let begun = row.map_or(work.started, |row| row.started.unwrap_or(row.scheduled));
        let started = work.started.max(begun);
        let mut next = work.next;
        let stop = work.next.saturating_add(limits::ITEMS_PER_CONTINUE_MAX as u32).min(end);
        while next < stop && facts.len() + 1 < limits::FACTS_PER_COMMAND_MAX {
            let late = self.state.bets.get(next);
            let late = late.filter(|bet| self.taken_late(bet, work.event, started, work.until));
            if let Some(bet) = late {
                facts.push(
                    BreachRaised {
                        cause: None,
                        nonce: Some(self.nonce(facts.len())),
                        organiser: bet.organiser,
                        bet: bet.id,
                        reason: Reason::EventBegun,
                    }
                    .into(),
                );
            }
            next += 1;
        }
        facts.push(
            StartChecked {
                nonce: self.nonce(facts.len()),
                event: work.event,
                next,
                done: end <= next,
            }
            .into(),
        );
    }

    /// Whether a stake was taken on a market that is not in play, after the event had begun and
    /// before it was thought to begin. The event does not leave before all have been looked at;
    /// for a bet that has left it must have been asked for.
    fn taken_late(&self, bet: &Bet, event: Event, started: Instant, until: Instant) -> bool {
        // An e-money stake was taken when БЕЖ accepted it, a desk's when it was made, which cannot
        // be after it was reported, whatever the desk's clock said.
        let taken = if bet.form == Form::EMoney { bet.at } else { bet.made_at.min(bet.at) };
        let of_it = |leg: &Leg| {
            !leg.live
                && leg.outcome.event() == event
                && self.place(leg.outcome).is_some_and(|placed| !placed.market.in_play)
        };
        bet.state != BetState::Held
            && started <= taken
            && taken < until
            && bet.legs.0.iter().any(of_it)
    }

    /// The same look at one bet that has left. If the start was corrected once more since, that
    /// correction brings a look of its own.
    pub(super) fn check_left(
        &self,
        command: &CheckStart,
        facts: &mut Vec<Fact>,
    ) -> Result<(), Stop> {
        let CheckStart { organiser, bet, event, started, until } = *command;
        let row = self.any_event(event)?;
        let found = self.find_bet(organiser, bet)?;
        if row.started != Some(started) || !self.taken_late(found.bet, event, started, until) {
            return Err(Stop::Idle);
        }
        facts.push(
            BreachRaised {
                cause: Some(self.cause.clone()),
                nonce: None,
                organiser,
                bet,
                reason: Reason::EventBegun,
            }
            .into(),
        );
        Ok(())
    }

    /// Closed bets leave when their time is over and the index will answer for them (core 16).
    fn let_bets_leave(&self, facts: &mut Vec<Fact>) {
        let stays = self.rules.terms.closed_bet_hot_ns;
        let count = self
            .state
            .closed
            .iter()
            .take(limits::ITEMS_PER_CONTINUE_MAX)
            .take_while(|closed| {
                closed.last < self.moment.indexed && stays <= self.moment.at.since(closed.at)
            })
            .count();
        // A bet that a payout of this very tick is about to pay does not count: it is not closed.
        if 0 < count && facts.len() < limits::FACTS_PER_COMMAND_MAX {
            facts.push(BetsLeft { nonce: self.nonce(facts.len()), count: count as u32 }.into());
        }
    }

    /// Kept events leave when the index will answer for them (core 16).
    fn let_events_leave(&self, facts: &mut Vec<Fact>) {
        let kept = self.state.catalogue.kept().take(limits::ITEMS_PER_CONTINUE_MAX);
        let count = kept.take_while(|kept| kept.seq < self.moment.indexed).count();
        if 0 < count && facts.len() < limits::FACTS_PER_COMMAND_MAX {
            facts.push(EventsLeft { nonce: self.nonce(facts.len()), count: count as u32 }.into());
        }
    }

    /// Keeps events that have rested for their term; they leave in a later tick. Nothing decided
    /// before in this tick changes an event that rests: it has no bet.
    fn keep_events(&self, rest: Rest, stays: i64, facts: &mut Vec<Fact>) {
        let due = self
            .state
            .catalogue
            .resting(rest)
            .take_while(|(changed, _)| stays <= self.moment.at.since(*changed));
        let mut bytes = 0;
        for (_, row) in due.take(limits::ITEMS_PER_CONTINUE_MAX) {
            let full = 0 < bytes && limits::EVENTS_KEPT_BYTES_MAX < bytes + row.weight();
            if full || limits::FACTS_PER_COMMAND_MAX <= facts.len() {
                return;
            }
            if !self.is_checked(row) {
                bytes += row.weight();
                let nonce = self.nonce(facts.len());
                facts.push(EventKept { nonce, row: Box::new(row.clone()) }.into());
            }
        }
    }

    /// Whether bets on an event are still being looked at for a corrected start.
    fn is_checked(&self, row: &EventRow) -> bool {
        self.state.work.iter().any(|work| work.event == row.event)
    }

    fn sweep_orders(&self, command: &Tick, facts: &mut Vec<Fact>) {
        let from = command.orders_from;
        let to = from.saturating_add(limits::ITEMS_PER_CONTINUE_MAX as u32);
        let any = self.state.orders.any_expired(from, to, self.moment.at);
        if any && facts.len() < limits::FACTS_PER_COMMAND_MAX {
            facts.push(OrdersSwept { nonce: self.nonce(facts.len()), from, to }.into());
        }
    }
}
