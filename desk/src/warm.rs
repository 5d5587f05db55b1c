//! Brings what the next messages will look at into the processor's cache.
//!
//! A decision follows a chain of look-ups, each of which waits for memory. Done for a handful of
//! messages side by side, before the first of them is decided, the same look-ups wait together.
//! Reads only, decides nothing, and leaving it out changes nothing but the time
//! (`docs/performance.md`).

use journal::fact::Fact;
use terms::{Account, MessageId, OrderId, Sender, Wallet};

use crate::command::{Bid, Command, Message};
use crate::state::State;

/// How many messages to warm at a time: enough misses to overlap, few enough lines to stay cached.
pub const GROUP: usize = 32;

impl State {
    /// Touches what these messages will need; returns a number that depends on all of it, so that
    /// the look-ups are not optimised away.
    pub fn warm<'a>(&self, messages: impl Iterator<Item = &'a Message> + Clone) -> usize {
        let mut touched = 0;
        for message in messages.clone() {
            touched += self.ids.touch(message.sender, message.id);
            match &message.command {
                Command::PlaceStake(command) => {
                    touched += self.touch_order(command.order);
                    touched += self.touch_bet(message.sender, message.id);
                }
                Command::PlaceHold(command) => touched += self.touch_order(command.order),
                Command::GiveOrder(_) => touched += self.touch_order(Some(message.id.into())),
                Command::SettleBet(command) => {
                    touched += self.touch_bet(message.sender, MessageId(command.bet.0));
                }
                _ => {}
            }
        }
        for message in messages.clone() {
            match &message.command {
                Command::PlaceStake(command) => {
                    touched += self.warm_legs(&command.bid);
                    touched += self.warm_account(command.bid.account);
                    touched += self.warm_order(command.order);
                }
                Command::PlaceHold(command) => {
                    touched += self.warm_account(command.bid.account);
                    touched += self.warm_order(command.order);
                }
                Command::GiveOrder(command) => touched += self.warm_account(command.account),
                Command::ReportStake(command) => {
                    touched += self.warm_account(command.bid.account);
                }
                Command::SettleBet(command) => {
                    touched += self.warm_bet(message.sender, MessageId(command.bet.0));
                }
                _ => {}
            }
        }
        for message in messages {
            let account = match &message.command {
                Command::PlaceStake(command) => command.bid.account,
                Command::PlaceHold(command) => command.bid.account,
                Command::ReportStake(command) => command.bid.account,
                _ => continue,
            };
            touched += self.warm_owner(account);
        }
        touched
    }

    /// The same for facts that are about to be applied to a copy that does not decide.
    pub fn warm_facts<'a>(&self, facts: impl Iterator<Item = &'a Fact> + Clone) -> usize {
        let mut touched = 0;
        for fact in facts.clone() {
            match fact {
                Fact::StakeAccepted(fact) => {
                    touched += self.touch_bet(fact.cause.sender, fact.cause.id);
                    touched += self.touch_order(fact.order_id);
                }
                Fact::HoldPlaced(fact) => touched += self.touch_order(fact.order_id),
                Fact::OrderGiven(fact) => touched += self.touch_order(Some(fact.cause.id.into())),
                Fact::BetSettled(fact) => {
                    touched += self.touch_bet(fact.cause.sender, MessageId(fact.bet.0));
                }
                _ => {}
            }
        }
        for fact in facts {
            match fact {
                Fact::StakeAccepted(fact) => {
                    touched += self.warm_account(fact.bet.account);
                    touched += self.warm_wallet(fact.bettor_wallet);
                    touched += self.warm_order(fact.order_id);
                }
                Fact::HoldPlaced(fact) => {
                    touched += self.warm_account(fact.bet.account);
                    touched += self.warm_order(fact.order_id);
                }
                Fact::StakeReported(fact) => touched += self.warm_account(fact.bet.account),
                Fact::BetSettled(fact) => {
                    touched += self.warm_account(fact.account);
                    touched += self.warm_bet(fact.cause.sender, MessageId(fact.bet.0));
                }
                Fact::PayoutPosted(fact) => touched += self.warm_wallet(fact.bettor_wallet),
                _ => {}
            }
        }
        touched
    }

    fn warm_wallet(&self, wallet: Wallet) -> usize {
        self.ledger.get(wallet).map_or(0, |wallet| wallet.owner as usize)
    }

    fn touch_order(&self, order: Option<OrderId>) -> usize {
        order.map_or(0, |order| self.orders.touch(order))
    }

    fn touch_bet(&self, sender: Sender, id: MessageId) -> usize {
        let organiser = crate::life::organiser_of(sender).map_or(0, |organiser| organiser.0);
        self.bets.touch(organiser, id.0)
    }

    fn warm_legs(&self, bid: &Bid) -> usize {
        let placed = bid.legs.iter().filter_map(|leg| self.catalogue.place(leg.outcome));
        placed.map(|placed| placed.market.count as usize).sum()
    }

    fn warm_account(&self, account: Account) -> usize {
        self.people.account(account).map_or(0, |row| row.wallet.index())
    }

    fn warm_order(&self, order: Option<OrderId>) -> usize {
        let order = order.and_then(|order| self.orders.get(order));
        order.map_or(0, |order| order.account.index())
    }

    fn warm_bet(&self, sender: Sender, id: MessageId) -> usize {
        let organiser = crate::life::organiser_of(sender).map_or(0, |organiser| organiser.0);
        self.bets.of(organiser, id.0).map_or(0, |bet| bet.account.index())
    }

    fn warm_owner(&self, account: Account) -> usize {
        let Some(row) = self.people.account(account) else { return 0 };
        let wallet = self.ledger.get(row.wallet).map_or(0, |wallet| wallet.owner as usize);
        let person = self.people.person(row.person).map_or(0, |person| usize::from(person.of_age));
        wallet + person
    }
}
