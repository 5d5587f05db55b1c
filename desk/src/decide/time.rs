//! What time brings: expired holds, work in pieces, waiting payouts, what leaves the hot state.

use journal::fact::{
    BetsLeft, BreachRaised, Fact, HoldReleased, OrdersSwept, ReleaseGround, StartChecked,
};
use register::{BetState, Form};
use terms::{Organiser, Reason, limits};

use super::{Case, Stop};
use crate::command::Tick;
use crate::state::StartWork;

/// Facts that are kept free for what follows the holds in one tick.
const HOLDS_PER_TICK_MAX: usize = limits::FACTS_PER_COMMAND_MAX / 2;

impl Case<'_> {
    /// One bounded piece of whatever is due; the shell ticks again as long as something was done.
    pub(super) fn tick(&self, command: &Tick, facts: &mut Vec<Fact>) -> Result<(), Stop> {
        self.expire_holds(facts);
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
        let mut next = work.next;
        let stop = work.next.saturating_add(limits::ITEMS_PER_CONTINUE_MAX as u32).min(end);
        while next < stop && facts.len() + 1 < limits::FACTS_PER_COMMAND_MAX {
            let late = self.state.bets.get(next).filter(|bet| {
                // A desk's stake was taken when it was made, an e-money stake when БЕЖ accepted it.
                let taken = if bet.form == Form::EMoney { bet.at } else { bet.made_at };
                bet.state != BetState::Held
                    && work.started <= taken
                    && taken < work.until
                    && bet.legs.0.iter().any(|leg| {
                        let placed = self.state.catalogue.place(leg.outcome);
                        !leg.live
                            && placed
                                .is_some_and(|p| p.market.event == work.event && !p.market.in_play)
                    })
            });
            if let Some(bet) = late {
                facts.push(
                    BreachRaised {
                        nonce: self.nonce(facts.len()),
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

    fn sweep_orders(&self, command: &Tick, facts: &mut Vec<Fact>) {
        let from = command.orders_from;
        let to = from.saturating_add(limits::ITEMS_PER_CONTINUE_MAX as u32);
        let any = self.state.orders.any_expired(from, to, self.moment.at);
        if any && facts.len() < limits::FACTS_PER_COMMAND_MAX {
            facts.push(OrdersSwept { nonce: self.nonce(facts.len()), from, to }.into());
        }
    }
}
