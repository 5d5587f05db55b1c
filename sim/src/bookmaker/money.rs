//! What the bookmaker knows of money: balances, holds and payouts that wait, kept as the desk
//! keeps them, so that every message can be sent with what is expected of it.

use std::collections::BTreeMap;

use register::Form;
use terms::{BetId, Instant, limits};

use super::{Bookmaker, Job};

/// Open holds by expiry.
#[derive(Debug, Default)]
pub(super) struct Holds {
    open: BTreeMap<(Instant, BetId), (usize, i64)>,
}

impl Bookmaker {
    /// Sets a sum aside.
    pub(super) fn hold(&mut self, expires: Instant, bet: BetId, bettor: usize, sum: i64) {
        self.world.bettors[bettor].held += sum;
        self.holds.open.insert((expires, bet), (bettor, sum));
    }

    /// Ends a hold; whether it was there.
    pub(super) fn unhold(&mut self, expires: Instant, bet: BetId) -> bool {
        match self.holds.open.remove(&(expires, bet)) {
            Some((bettor, sum)) => {
                self.world.bettors[bettor].held -= sum;
                true
            }
            None => false,
        }
    }

    /// What a tick does to money: holds expire, and payouts that wait are paid as far as the
    /// organisers' wallets reach.
    pub(super) fn tick_money(&mut self, at: Instant) {
        let due = self.holds.open.range(..=(at, BetId([0xff; 16])));
        let due: Vec<_> = due.map(|(key, _)| *key).collect();
        for (expires, bet) in due {
            self.unhold(expires, bet);
        }
        for house in 0..self.world.houses.len() {
            while 0 < self.pay_waiting(house, 0) {}
        }
    }

    /// Pays waiting bets, oldest first, after so many facts of the same message; returns how many
    /// were paid.
    pub(super) fn pay_waiting(&mut self, house: usize, facts: usize) -> usize {
        let mut paid = 0;
        while let Some(key) = self.world.houses[house].waiting.front().copied() {
            let Some(bet) = self.bets.get_mut(&key) else { break };
            let sum = bet.outstanding();
            let full = limits::FACTS_PER_COMMAND_MAX <= facts + paid;
            if self.world.houses[house].balance < sum || full {
                break;
            }
            bet.paid += sum;
            bet.waiting = false;
            self.world.bettors[bet.bettor].balance += sum;
            self.world.houses[house].balance -= sum;
            self.world.houses[house].waiting.pop_front();
            paid += 1;
            self.try_drop(key);
        }
        paid
    }

    /// What a settlement does to money: pays, queues, or leaves it to a land desk.
    pub(super) fn settle_money(&mut self, at: Instant, key: u64, gross: i64) {
        let Some(bet) = self.bets.get_mut(&key) else { return };
        bet.due = gross;
        bet.settled = true;
        let (outstanding, house) = (bet.outstanding(), bet.house);
        let row = &mut self.world.houses[house];
        let others = row.waiting.iter().any(|other| *other != key);
        let due = bet.form == Form::EMoney && 0 < outstanding;
        let pays = due && !others && outstanding <= row.balance;
        if pays {
            bet.paid += outstanding;
            row.balance -= outstanding;
            self.world.bettors[bet.bettor].balance += outstanding;
        }
        let waits = due && !pays;
        match (bet.waiting, waits) {
            (false, true) => row.waiting.push_back(key),
            (true, false) => row.waiting.retain(|other| *other != key),
            (true, true) | (false, false) => {}
        }
        bet.waiting = waits;
        if waits && !row.funding {
            row.funding = true;
            self.agenda.note(at.plus(6 * super::HOUR), Job::Fund(house));
        }
        if !waits {
            self.leave_later(at);
        }
    }
}
