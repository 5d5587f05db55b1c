//! Orders, stakes, holds, settlements, payouts, claims: bets and money together.

use admission::{AccountRow, Order};
use journal::fact::{
    BetSettled, ClaimSettled, HoldPlaced, HoldReleased, OrderGiven, PayoutPosted, PayoutReported,
    StakeAccepted, StakeReported,
};
use ledger::Kind;
use ledger::wallet::COMMISSION;
use register::{Bet, BetState};
use terms::{Account, BetId, Instant, OrderId, Organiser, Seq, Tiyn, Wallet};

use super::Wrong;
use super::catalogue::discount_bet;
use crate::life;
use crate::state::{Closed, RELEASED_KEPT, Released, State};

impl State {
    pub(super) fn order_given(&mut self, seq: Seq, fact: &OrderGiven) -> Result<(), Wrong> {
        let opened = self.orders.open(Order {
            id: OrderId::from(fact.cause.id),
            seq,
            organiser: fact.organiser,
            account: fact.account,
            ceiling: fact.ceiling,
            left: fact.ceiling,
            holds: 0,
            expires: fact.expires,
            accept: fact.accept,
        });
        if opened { Ok(()) } else { Err(Wrong::Unknown("order")) }
    }

    pub(super) fn stake_accepted(
        &mut self,
        seq: Seq,
        at: Instant,
        fact: &StakeAccepted,
    ) -> Result<(), Wrong> {
        let bet = life::accepted(fact, seq, at).ok_or(Wrong::Unknown("organiser"))?;
        let total = fact.bet.amount.checked_add(fact.commission).ok_or(Wrong::Stated("the sum"))?;
        self.thaw(fact.thawed.iter().flatten())?;
        match fact.hold {
            Some(hold) => {
                let held = self.take_hold(bet.organiser, hold, at)?;
                self.ledger.release(fact.bettor_wallet, total)?;
                if let Some(order) = held.hold.and_then(|hold| hold.order) {
                    self.orders.confirm(order);
                }
            }
            None => {
                if let Some(order) = fact.order_id
                    && !self.orders.spend(order, total)
                {
                    return Err(Wrong::Stated("the order"));
                }
            }
        }
        let (from, to) = (fact.bettor_wallet, fact.organiser_wallet);
        self.ledger.post(Kind::Stake, from, to, fact.bet.amount)?;
        if !fact.commission.is_zero() {
            self.ledger.post(Kind::Commission, from, COMMISSION, fact.commission)?;
        }
        self.ledger.seal(from, fact.bettor_balance, fact.bettor_previous, seq)?;
        self.ledger.seal(to, fact.organiser_balance, fact.organiser_previous, seq)?;
        self.follow_account(fact.bet.account, fact.account_previous, seq)?;
        let slot = self.bets.insert(bet).ok_or(Wrong::Unknown("bet"))?;
        self.count_bet(slot, at)
    }

    pub(super) fn stake_reported(
        &mut self,
        seq: Seq,
        at: Instant,
        fact: &StakeReported,
    ) -> Result<(), Wrong> {
        let bet = life::reported(fact, seq, at).ok_or(Wrong::Unknown("organiser"))?;
        self.thaw(fact.thawed.iter().flatten())?;
        self.follow_account(fact.bet.account, fact.account_previous, seq)?;
        let slot = self.bets.insert(bet).ok_or(Wrong::Unknown("bet"))?;
        self.count_bet(slot, at)
    }

    pub(super) fn hold_placed(
        &mut self,
        seq: Seq,
        at: Instant,
        fact: &HoldPlaced,
    ) -> Result<(), Wrong> {
        let bet = life::held(fact, seq, at).ok_or(Wrong::Unknown("organiser"))?;
        let total = fact.bet.amount.checked_add(fact.commission).ok_or(Wrong::Stated("the sum"))?;
        if let Some(order) = fact.order_id
            && !self.orders.hold(order, total)
        {
            return Err(Wrong::Stated("the order"));
        }
        self.thaw(fact.thawed.iter().flatten())?;
        self.ledger.hold(fact.bettor_wallet, total)?;
        self.follow_account(fact.bet.account, fact.account_previous, seq)?;
        let slot = self.bets.insert(bet).ok_or(Wrong::Unknown("bet"))?;
        self.timers.insert((fact.expires, slot));
        self.count_bet(slot, at)
    }

    pub(super) fn hold_released(
        &mut self,
        seq: Seq,
        at: Instant,
        fact: &HoldReleased,
    ) -> Result<(), Wrong> {
        let bet = self.take_hold(fact.organiser, fact.bet, at)?;
        let total = bet.amount.checked_add(bet.commission).ok_or(Wrong::Stated("the sum"))?;
        let hold = bet.hold.ok_or(Wrong::Unknown("hold"))?;
        if let Some(order) = hold.order {
            self.orders.give_back(order, total);
        }
        self.ledger.release(hold.wallet, total)?;
        if self.released.len() == RELEASED_KEPT {
            self.released.pop_front();
        }
        let (organiser, ground) = (fact.organiser, fact.ground);
        self.released.push_back(Released { organiser, bet: fact.bet, ground });
        self.follow_account(bet.account, fact.account_previous, seq)
    }

    /// Takes a held bet out of the table and its timer away.
    fn take_hold(&mut self, organiser: Organiser, bet: BetId, at: Instant) -> Result<Bet, Wrong> {
        let slot = self.bets.find(organiser.0, bet.0).ok_or(Wrong::Unknown("hold"))?;
        let held = self.bets.get(slot).is_some_and(|bet| bet.state == BetState::Held);
        let bet = held.then(|| self.bets.remove(slot)).flatten().ok_or(Wrong::Unknown("hold"))?;
        if let Some(hold) = &bet.hold {
            self.timers.remove(&(hold.expires, slot));
        }
        discount_bet(&mut self.catalogue, &bet, at)?;
        self.count_account(bet.account, |row| {
            row.open = row.open.checked_sub(1)?;
            Some(())
        })?;
        Ok(bet)
    }

    /// Keeps the counts of an account's bets in step (S-36).
    pub(super) fn count_account(
        &mut self,
        account: Account,
        count: impl FnOnce(&mut AccountRow) -> Option<()>,
    ) -> Result<(), Wrong> {
        count(self.known_account(account)?).ok_or(Wrong::Stated("the bets of the account"))
    }

    /// The slot of a bet; one that had left comes back with the fact that changes it.
    fn slot_of(
        &mut self,
        organiser: Organiser,
        bet: BetId,
        thawed: Option<&Bet>,
        previous: Seq,
    ) -> Result<u32, Wrong> {
        let slot = match (self.bets.find(organiser.0, bet.0), thawed) {
            (Some(slot), None) => slot,
            (None, Some(row)) if (row.organiser, row.id) == (organiser, bet) => {
                self.bets.insert(row.clone()).ok_or(Wrong::Unknown("bet"))?
            }
            _ => return Err(Wrong::Unknown("bet")),
        };
        match self.bets.get(slot) {
            Some(row) if row.last == previous => Ok(slot),
            _ => Err(Wrong::Stated("the bet's last record")),
        }
    }

    /// Lets `change` work on a bet and keeps the organiser's queue of waiting payouts, the queue of
    /// closed bets and the counts of bets on events in step.
    fn change_bet(
        &mut self,
        slot: u32,
        seq: Seq,
        at: Instant,
        change: impl FnOnce(&mut Bet) -> Option<()>,
    ) -> Result<(), Wrong> {
        let bet = self.bets.get_mut(slot).ok_or(Wrong::Unknown("bet"))?;
        let waits = |bet: &Bet| match &bet.settlement {
            Some(state) if state.waiting => Some(state.outstanding()),
            _ => None,
        };
        let before = waits(bet);
        let open = bet.state == BetState::Open;
        let account = bet.account;
        change(bet).ok_or(Wrong::Stated("the bet's sums"))?;
        if open && bet.state == BetState::Settled {
            discount_bet(&mut self.catalogue, bet, at)?;
        }
        let after = waits(bet);
        let closed = bet.state == BetState::Settled && after.is_none();
        let organiser = bet.organiser;
        let settled = open && bet.state == BetState::Settled;
        self.count_account(account, |row| {
            row.open = row.open.checked_sub(u32::from(settled))?;
            let waits = row.waiting.checked_add(u32::from(after.is_some()))?;
            row.waiting = waits.checked_sub(u32::from(before.is_some()))?;
            Some(())
        })?;
        if before.is_some() || after.is_some() {
            let organiser = self.known_organiser(organiser)?;
            let rest = organiser.waiting_sum.checked_sub(before.unwrap_or(Tiyn::ZERO));
            let sum = rest.and_then(|rest| rest.checked_add(after.unwrap_or(Tiyn::ZERO)));
            organiser.waiting_sum = sum.ok_or(Wrong::Stated("waiting payouts"))?;
            match (before, after) {
                (None, Some(_)) => organiser.waiting.push_back(slot),
                // The oldest goes first, so nearly always it is the one in front.
                (Some(_), None) if organiser.waiting.front() == Some(&slot) => {
                    organiser.waiting.pop_front();
                }
                (Some(_), None) => organiser.waiting.retain(|other| *other != slot),
                _ => {}
            }
        }
        if closed {
            self.closed.push_back(Closed { slot, last: seq, at });
        }
        Ok(())
    }

    pub(super) fn bet_settled(
        &mut self,
        seq: Seq,
        at: Instant,
        fact: &BetSettled,
    ) -> Result<(), Wrong> {
        let organiser = life::organiser_of(fact.cause.sender).ok_or(Wrong::Unknown("organiser"))?;
        let thawed = fact.thawed.as_deref();
        let slot = self.slot_of(organiser, fact.bet, thawed, fact.bet_previous)?;
        self.change_bet(slot, seq, at, |bet| {
            life::settle(bet, fact, seq, at);
            Some(())
        })?;
        self.follow_account(fact.account, fact.account_previous, seq)
    }

    pub(super) fn payout_posted(
        &mut self,
        seq: Seq,
        at: Instant,
        fact: &PayoutPosted,
    ) -> Result<(), Wrong> {
        let (from, to) = (fact.organiser_wallet, fact.bettor_wallet);
        let slot = self.slot_of(fact.organiser, fact.bet, None, fact.bet_previous)?;
        self.post_payout(from, to, fact.winning, fact.refund)?;
        self.ledger.seal(from, fact.organiser_balance, fact.organiser_previous, seq)?;
        self.ledger.seal(to, fact.bettor_balance, fact.bettor_previous, seq)?;
        self.change_bet(slot, seq, at, |bet| life::pay(bet, fact, seq, at))?;
        self.follow_account(fact.account, fact.account_previous, seq)
    }

    pub(super) fn payout_reported(
        &mut self,
        seq: Seq,
        at: Instant,
        fact: &PayoutReported,
    ) -> Result<(), Wrong> {
        let organiser = life::organiser_of(fact.cause.sender).ok_or(Wrong::Unknown("organiser"))?;
        let thawed = fact.thawed.as_deref();
        let slot = self.slot_of(organiser, fact.bet, thawed, fact.bet_previous)?;
        if let Some(posting) = &fact.posting {
            let (from, to) = (posting.organiser_wallet, posting.bettor_wallet);
            let winning =
                fact.amount.checked_sub(fact.refund).ok_or(Wrong::Stated("the refund"))?;
            self.post_payout(from, to, winning, fact.refund)?;
            self.ledger.seal(from, posting.organiser_balance, posting.organiser_previous, seq)?;
            self.ledger.seal(to, posting.bettor_balance, posting.bettor_previous, seq)?;
        }
        self.change_bet(slot, seq, at, |bet| life::paid_at_desk(bet, fact, seq, at))?;
        self.follow_account(fact.account, fact.account_previous, seq)
    }

    fn post_payout(
        &mut self,
        from: Wallet,
        to: Wallet,
        winning: Tiyn,
        refund: Tiyn,
    ) -> Result<(), Wrong> {
        if !winning.is_zero() {
            self.ledger.post(Kind::Payout, from, to, winning)?;
        }
        if !refund.is_zero() {
            self.ledger.post(Kind::StakeRefund, from, to, refund)?;
        }
        Ok(())
    }

    pub(super) fn claim_settled(
        &mut self,
        seq: Seq,
        at: Instant,
        fact: &ClaimSettled,
    ) -> Result<(), Wrong> {
        let organiser = life::organiser_of(fact.cause.sender).ok_or(Wrong::Unknown("organiser"))?;
        let thawed = fact.thawed.as_deref();
        let slot = self.slot_of(organiser, fact.bet, thawed, fact.bet_previous)?;
        self.change_bet(slot, seq, at, |bet| life::claim_settled(bet, fact, seq, at))?;
        self.follow_account(fact.account, fact.account_previous, seq)
    }

    /// Lets the oldest closed bets leave; entries of bets that have changed since are void.
    pub(super) fn bets_left(&mut self, count: u32) -> Result<(), Wrong> {
        for _ in 0..count {
            let closed = self.closed.pop_front().ok_or(Wrong::Unknown("closed bet"))?;
            let still = self.bets.get(closed.slot).is_some_and(|bet| bet.last == closed.last);
            if still && let Some(bet) = self.bets.remove(closed.slot) {
                self.left_ms = self.left_ms.max(bet.id.made_ms());
            }
        }
        Ok(())
    }

    /// Checks the back-pointer of an account and makes the fact its last record.
    fn follow_account(
        &mut self,
        account: Account,
        previous: Option<Seq>,
        seq: Seq,
    ) -> Result<(), Wrong> {
        let row = self.known_account(account)?;
        if row.last != previous {
            return Err(Wrong::Stated("the account's last record"));
        }
        row.last = Some(seq);
        Ok(())
    }
}
