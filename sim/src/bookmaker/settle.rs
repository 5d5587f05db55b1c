//! What becomes of bets: settlement with its basis, corrections, payouts at land desks, claims.

use desk::command::{ReportPayout, SettleBet, SettleClaim};
use register::bet::Leg;
use register::{Basis, Form, LegResult, PriceRule, Shape, winnings};
use terms::{BetId, Instant, MessageId, Reason, Tiyn};

use super::fixture::Fate;
use super::outbox::{Class, Expect};
use super::stake::Ticket;
use super::world::text;
use super::{Bookmaker, HOUR, Job};

/// A bet that was accepted.
#[derive(Clone, Debug)]
pub(super) struct Bet {
    pub id: BetId,
    pub house: usize,
    pub bettor: usize,
    pub form: Form,
    pub amount: i64,
    pub shape: Shape,
    pub price: PriceRule,
    pub legs: Vec<Leg>,
    /// Fixture, market and outcome of each leg.
    pub places: Vec<(u32, usize, usize)>,
    pub settled: bool,
    /// Settled by results alone, so that a corrected result changes it.
    pub plain: bool,
    /// What is due, tiyn.
    pub due: i64,
    /// What was paid, tiyn.
    pub paid: i64,
    /// What the bettor gave back, tiyn.
    pub repaid: i64,
    pub waiting: bool,
    /// Jobs that still need it.
    pub pins: u32,
}

impl Bet {
    pub(super) fn new(ticket: &Ticket, id: BetId) -> Bet {
        let place = |pick: &super::stake::Pick| (pick.fixture, pick.market, pick.index);
        Bet {
            id,
            house: ticket.house,
            bettor: ticket.bettor,
            form: ticket.form,
            amount: ticket.amount,
            shape: ticket.shape,
            price: ticket.price,
            legs: ticket.legs(),
            places: ticket.picks.iter().map(place).collect(),
            settled: false,
            plain: false,
            due: 0,
            paid: 0,
            repaid: 0,
            waiting: false,
            pins: 0,
        }
    }

    /// What is still to be paid.
    pub(super) fn outstanding(&self) -> i64 {
        (self.due - (self.paid - self.repaid)).max(0)
    }

    /// What was paid beyond what is due and not given back.
    pub(super) fn claim(&self) -> i64 {
        (self.paid - self.repaid - self.due).max(0)
    }

    /// What comes back under these results; legs without one may only be such that do not matter.
    fn returns(&self, results: &[Option<LegResult>]) -> Option<i64> {
        let amount = Tiyn::new(self.amount)?;
        let with = |open| {
            let all: Vec<_> = results.iter().map(|result| result.unwrap_or(open)).collect();
            winnings::returns(self.shape, self.price, amount, &self.legs, &all)
        };
        let least = with(LegResult::Lost)?.gross;
        let most = with(LegResult::Won)?.gross;
        (least == most).then_some(least.get())
    }
}

/// What is known of a leg.
#[derive(Clone, Copy)]
struct Known {
    result: Option<LegResult>,
    event_void: bool,
    market_void: bool,
}

impl Bookmaker {
    /// Remembers an accepted bet.
    pub(super) fn remember(&mut self, bet: Bet) {
        let key = self.last_bet + 1;
        self.last_bet = key;
        for (fixture, _, _) in &bet.places {
            if let Some(found) = self.fixtures.get_mut(fixture) {
                found.bets.push(key);
                found.pins += 1;
            }
        }
        self.bets.insert(key, bet);
    }

    /// Keeps a fixture in mind for a job.
    pub(super) fn pin(&mut self, fixture: u32) {
        if let Some(found) = self.fixtures.get_mut(&fixture) {
            found.pins += 1;
        }
    }

    /// A job needs the fixture no more.
    pub(super) fn unpin(&mut self, fixture: u32) {
        if let Some(found) = self.fixtures.get_mut(&fixture) {
            found.pins -= 1;
            if found.done && found.pins == 0 {
                self.fixtures.remove(&fixture);
            }
        }
    }

    /// Forgets a bet that nothing can happen to any more.
    pub(super) fn try_drop(&mut self, key: u64) {
        let Some(bet) = self.bets.get(&key) else { return };
        let busy = !bet.settled || bet.waiting || 0 < bet.pins;
        let ended = |(fixture, _, _): &(u32, usize, usize)| {
            self.fixtures.get(fixture).is_none_or(|found| found.done)
        };
        if busy || !bet.places.iter().all(ended) {
            return;
        }
        if let Some(bet) = self.bets.remove(&key) {
            for (fixture, _, _) in bet.places {
                self.unpin(fixture);
            }
        }
    }

    fn known(&self, bet: &Bet) -> Vec<Known> {
        let of = |(fixture, market, outcome): &(u32, usize, usize)| {
            let found = self.fixtures.get(fixture);
            let row = found.map(|found| &found.markets[*market]);
            let results = row.and_then(|row| row.results.as_ref());
            Known {
                result: results.map(|results| results[*outcome]),
                event_void: found.is_some_and(|found| found.voids),
                market_void: row.is_some_and(|row| row.void),
            }
        };
        bet.places.iter().map(of).collect()
    }

    /// Basis, legs, reason and return of a settlement, if the bet can be settled.
    pub(super) fn settlement_of(&self, bet: &Bet, at: Instant) -> Option<(SettleBet, i64)> {
        let known = self.known(bet);
        let open =
            |test: fn(&Known) -> bool| known.iter().filter(|leg| leg.result.is_none()).all(test);
        let void_where = |void: fn(&Known) -> bool| -> Vec<Option<LegResult>> {
            let result = |leg: &Known| {
                if void(leg) { Some(LegResult::Void) } else { leg.result }
            };
            known.iter().map(result).collect()
        };
        let (basis, results, legs) = if known.iter().all(|leg| leg.result.is_some()) {
            (Basis::Result, void_where(|_| false), 0)
        } else if open(|leg| leg.event_void) {
            (Basis::EventVoid, void_where(|leg| leg.event_void), 0)
        } else if open(|leg| leg.market_void) {
            (Basis::MarketVoid, void_where(|leg| leg.market_void), 0)
        } else if open(|leg| leg.event_void || leg.market_void) {
            let mask = known.iter().enumerate().filter(|(_, leg)| leg.result.is_none());
            let mask = mask.fold(0, |mask, (index, _)| mask | 1 << index);
            (Basis::LegVoid, void_where(|leg| leg.result.is_none()), mask)
        } else if self.lost_already(bet, &known) {
            (Basis::Result, void_where(|_| false), 0)
        } else {
            return None;
        };
        let gross = bet.returns(&results)?;
        let reason = (basis == Basis::LegVoid).then(|| text("legs that do not stand"));
        let command = SettleBet {
            bet: bet.id,
            basis,
            legs,
            stated: bet.id.0[15].is_multiple_of(2).then_some(Tiyn::new(gross)?),
            reason,
            computed_at: at,
        };
        Some((command, gross))
    }

    /// Whether an accumulator has lost a leg already. Not all organisers settle it at once; nobody
    /// does while a result may still be corrected.
    fn lost_already(&self, bet: &Bet, known: &[Known]) -> bool {
        let certain = |(fixture, _, _): &(u32, usize, usize)| {
            self.fixtures.get(fixture).is_none_or(|found| found.fate != Fate::Corrected)
        };
        bet.shape == Shape::Accumulator
            && bet.id.0[14].is_multiple_of(2)
            && known.iter().any(|leg| leg.result == Some(LegResult::Lost))
            && bet.places.iter().all(certain)
    }

    /// Settles the bets of a fixture that can be settled.
    pub(super) fn settle(&mut self, fixture: u32, at: Instant) {
        let Some(found) = self.fixtures.get(&fixture) else { return };
        for key in found.bets.clone() {
            if self.bets.get(&key).is_some_and(|bet| !bet.settled) {
                self.settle_line(key, None, at);
            }
        }
    }

    /// Settles one bet, if it can be settled; `line` is a line that had to wait.
    pub(super) fn settle_line(
        &mut self,
        key: u64,
        line: Option<(MessageId, SettleBet)>,
        at: Instant,
    ) {
        let at = self.out.instant(at);
        let Some(bet) = self.bets.get(&key) else { return };
        let Some((mut command, mut gross)) = self.settlement_of(bet, at) else { return };
        let from = self.complex(bet.house, Class::Settlement);
        let plain = command.basis == Basis::Result && !self.known(bet).iter().any(|k| k.event_void);
        if let Some((id, command)) = line {
            self.out.send_as(id, at, from, command, Expect::Done);
        } else {
            self.vary(key, &mut command, &mut gross, at);
            self.out.send(at, from, command.clone(), Expect::Done);
        }
        if let Some(bet) = self.bets.get_mut(&key) {
            bet.plain = plain && command.basis == Basis::Result && command.reason.is_none();
        }
        self.settle_money(at, key, gross);
        self.after_settlement(key, &command, at);
    }

    /// Some organisers state other sums than БЕЖ finds, or void a bet by their own error.
    fn vary(&mut self, key: u64, command: &mut SettleBet, gross: &mut i64, at: Instant) {
        let Some(bet) = self.bets.get(&key) else { return };
        let nothing_stands = bet.returns(&vec![Some(LegResult::Void); bet.legs.len()]);
        let mut known: Vec<_> = self.known(bet).iter().map(|leg| leg.result).collect();
        let without_first = match known.first_mut() {
            Some(first) if command.basis == Basis::Result && 1 < bet.legs.len() => {
                *first = Some(LegResult::Void);
                bet.returns(&known)
            }
            _ => None,
        };
        let from = self.complex(bet.house, Class::Settlement);
        match self.random.below(600) {
            0..=4 if command.basis != Basis::LegVoid => {
                let stated = Tiyn::new(*gross + 100);
                if bet.form == Form::EMoney {
                    let bad = SettleBet { stated, reason: None, ..command.clone() };
                    self.out.send(at, from, bad, Expect::Refused(Reason::WinningDiffers));
                } else {
                    // What a land desk has settled is kept, with its breach.
                    *gross += 100;
                    command.stated = stated;
                }
            }
            5..=7 => {
                *gross += 25_000;
                command.stated = Tiyn::new(*gross);
                command.reason = Some(text("goodwill of the organiser"));
            }
            8..=10 if 1_000 < *gross => {
                *gross -= 1_000;
                command.stated = Tiyn::new(*gross);
            }
            11..=12 => {
                let Some(refund) = nothing_stands else { return };
                *gross = refund;
                command.basis = Basis::OrganiserError;
                command.legs = 0;
                command.stated = None;
                command.reason = Some(text("wrong odds were shown"));
            }
            13..=20 => {
                let Some(returned) = without_first else { return };
                *gross = returned;
                command.basis = Basis::LegVoid;
                command.legs = 1;
                command.stated = None;
                command.reason = Some(text("the first event was listed wrongly"));
            }
            _ => {}
        }
    }

    /// What may follow a settlement: refused messages about it, and the way to a land desk.
    fn after_settlement(&mut self, key: u64, command: &SettleBet, at: Instant) {
        let Some(bet) = self.bets.get(&key) else { return };
        let (id, house, form, outstanding) = (bet.id, bet.house, bet.form, bet.outstanding());
        let from = self.complex(house, Class::Settlement);
        match self.random.below(500) {
            0..=2 => {
                self.out.send(at, from, command.clone(), Expect::Refused(Reason::BetSettled));
            }
            3..=5 if form == Form::EMoney => {
                let desk = self.world.houses[house].land[0];
                let amount = Tiyn::of(100);
                let payout = ReportPayout { bet: id, amount, form: Form::Cash, desk, paid_at: at };
                self.out.send(at, from, payout, Expect::Refused(Reason::PayoutIsAutomatic));
            }
            6..=8 => {
                let claim = self.bets.get(&key).map_or(0, Bet::claim);
                if claim == 0 {
                    let amount = Tiyn::of(100);
                    let expect = Expect::Refused(Reason::ClaimUnknown);
                    self.out.send(at, from, SettleClaim { bet: id, amount }, expect);
                }
            }
            _ => {}
        }
        // One in twenty never comes for his money.
        if form != Form::EMoney && 0 < outstanding && !self.random.chance(1, 20) {
            self.pay_later(key, at);
        }
        self.try_drop(key);
    }

    fn pay_later(&mut self, key: u64, at: Instant) {
        let hours = 1 + self.random.below(48) as i64;
        if let Some(bet) = self.bets.get_mut(&key) {
            bet.pins += 1;
            self.agenda.note(at.plus(hours * HOUR), Job::PayAtDesk(key));
        }
    }

    /// A land desk pays what is due, at either of the organiser's desks.
    pub(super) fn pay_at_desk(&mut self, key: u64, at: Instant) {
        let at = self.out.instant(at);
        let Some(bet) = self.bets.get_mut(&key) else { return };
        bet.pins -= 1;
        let (id, house, due) = (bet.id, bet.house, bet.outstanding());
        if due == 0 {
            return self.try_drop(key);
        }
        let from = self.complex(house, Class::Bulk);
        let desk = *self.random.pick(&self.world.houses[house].land);
        let paid_at = if self.random.chance(1, 4) { at.plus(-HOUR) } else { at };
        let report = |sum: i64, form| ReportPayout {
            bet: id,
            // Cannot be negative: what is due is not.
            amount: Tiyn::new(sum).unwrap_or(Tiyn::ZERO),
            form,
            desk,
            paid_at,
        };
        let mut paid = due;
        match self.random.below(12) {
            0 => {
                let expect = Expect::Refused(Reason::PayoutAboveWinning);
                self.out.send(at, from, report(due + 100, Form::EMoney), expect);
                self.out.send(at, from, report(due, Form::Cash), Expect::Done);
            }
            // A report that breaks a rule is stored with its breach.
            1 => {
                paid = due + 500;
                self.out.send(at, from, report(paid, Form::Cash), Expect::Done);
            }
            2..=3 => self.pay_in_emoney(key, report(due, Form::EMoney), at),
            4 => {
                self.out.send(at, from, report(due, Form::NonCash), Expect::Done);
            }
            _ => {
                self.out.send(at, from, report(due, Form::Cash), Expect::Done);
            }
        }
        if let Some(bet) = self.bets.get_mut(&key) {
            bet.paid += paid;
        }
        self.leave_later(at);
        self.try_drop(key);
    }

    /// A desk's winning goes to the bound wallet if the organiser's wallet holds it and no payout
    /// waits for what it holds; else in cash.
    fn pay_in_emoney(&mut self, key: u64, report: ReportPayout, at: Instant) {
        let Some(bet) = self.bets.get(&key) else { return };
        let (house, bettor, sum) = (bet.house, bet.bettor, report.amount.get());
        let from = self.complex(house, Class::Bulk);
        let row = &self.world.houses[house];
        if row.balance < sum || !row.waiting.is_empty() {
            let expect = Expect::Refused(Reason::FundsInsufficient);
            self.out.send(at, from, report.clone(), expect);
            let cash = ReportPayout { form: Form::Cash, ..report };
            self.out.send(at, from, cash, Expect::Done);
        } else {
            self.out.send(at, from, report, Expect::Done);
            self.world.houses[house].balance -= sum;
            self.world.bettors[bettor].balance += sum;
        }
    }

    /// A bettor who is far ahead is paid before the end.
    pub(super) fn pay_early(&mut self, fixture: u32, at: Instant) {
        let Some(found) = self.fixtures.get(&fixture) else { return };
        let single = |key: &u64| {
            let bet = &self.bets[key];
            let open = !bet.settled && bet.form == Form::EMoney && bet.shape == Shape::Single;
            let (_, market, outcome) = bet.places[0];
            // Only of a single is the first place on this fixture for certain.
            open && {
                let market = &found.markets[market];
                market.results.is_none() && market.winner == outcome
            }
        };
        let Some(key) = found.bets.iter().copied().find(single) else { return };
        let bet = &self.bets[&key];
        let Some(gross) = bet.returns(&[Some(LegResult::Won)]) else { return };
        let (from, at) = (self.complex(bet.house, Class::Settlement), self.out.instant(at));
        let command = SettleBet {
            bet: bet.id,
            basis: Basis::EarlyPayout,
            legs: 1,
            stated: None,
            reason: None,
            computed_at: at,
        };
        self.out.send(at, from, command, Expect::Done);
        self.settle_money(at, key, gross);
        self.try_drop(key);
    }

    /// Settles anew what a corrected result of a market changes.
    pub(super) fn resettle(&mut self, fixture: u32, market: usize, at: Instant) {
        let Some(found) = self.fixtures.get(&fixture) else { return };
        let house = found.house;
        let from = self.complex(house, Class::Settlement);
        for key in found.bets.clone() {
            let Some(bet) = self.bets.get(&key) else { continue };
            let on_it = bet.places.iter().any(|place| (place.0, place.1) == (fixture, market));
            if !(bet.settled && bet.plain && on_it) {
                continue;
            }
            let void = |leg: &Known| leg.event_void || leg.market_void;
            let result = |leg: Known| if void(&leg) { Some(LegResult::Void) } else { leg.result };
            let results: Vec<_> = self.known(bet).into_iter().map(result).collect();
            let Some(gross) = bet.returns(&results) else { continue };
            let at = self.out.instant(at);
            let command = SettleBet {
                bet: bet.id,
                basis: Basis::Correction,
                legs: 0,
                stated: None,
                reason: Some(text("the result was corrected")),
                computed_at: at,
            };
            self.out.send(at, from, command, Expect::Done);
            self.settle_money(at, key, gross);
            let Some(bet) = self.bets.get(&key) else { continue };
            let (claim, due, form) = (bet.claim(), bet.outstanding(), bet.form);
            if 0 < claim && self.random.chance(1, 2) {
                if let Some(bet) = self.bets.get_mut(&key) {
                    bet.pins += 1;
                }
                self.agenda.note(at.plus(20 * HOUR), Job::GiveBack(key));
            }
            if form != Form::EMoney && 0 < due && self.bets[&key].pins == 0 {
                self.pay_later(key, at);
            }
        }
    }

    /// A bettor gives back what was overpaid, or half of it.
    pub(super) fn give_back(&mut self, key: u64, at: Instant) {
        let half = self.random.chance(1, 3);
        let Some(bet) = self.bets.get_mut(&key) else { return };
        bet.pins -= 1;
        let sum = if half { (bet.claim() / 2).max(1) } else { bet.claim() };
        let (id, house) = (bet.id, bet.house);
        if 0 < bet.claim() {
            bet.repaid += sum;
            let amount = Tiyn::new(sum).unwrap_or(Tiyn::ZERO);
            let from = self.complex(house, Class::Settlement);
            self.out.send(at, from, SettleClaim { bet: id, amount }, Expect::Done);
            self.leave_later(at);
        }
        self.try_drop(key);
    }
}
