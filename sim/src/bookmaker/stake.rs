//! What bettors want: singles, accumulators and systems, with an order each, in one call or by a
//! hold; at electronic desks and at land desks.

use admission::{Accept, Method};
use desk::Manner;
use desk::command::{
    Bid, ConfirmHold, GiveOrder, IssueEmoney, LegBid, PlaceHold, PlaceStake, ReleaseHold,
    ReportStake,
};
use register::bet::Leg;
use register::{Form, PriceRule, Shape, winnings};
use terms::{Account, BetId, Instant, MessageId, Odds, OrderId, Outcome, Reason, Sender, Tiyn};

use super::outbox::{Class, Expect, From};
use super::settle::Bet;
use super::world::{BETTOR, OPERATOR, text};
use super::{Bookmaker, DAY, HOUR, Job, MINUTE, SECOND};

/// The largest possible return that a bettor asks for: a tenth of the rulebook's bound.
const RETURN_MAX: i64 = 100_000_000_000;
/// From this ceiling on an order needs a one-time code.
pub(super) const STEP_UP_FROM: i64 = 100_000_000;
/// How long an order is good.
const ORDER_NS: i64 = 10 * MINUTE;
/// How long a hold stands; the sample rulebook's.
const HOLD_NS: i64 = 30 * SECOND;

/// One selection.
#[derive(Clone, Debug)]
pub(super) struct Pick {
    pub fixture: u32,
    pub market: usize,
    pub index: usize,
    pub outcome: Outcome,
    pub odds: Odds,
    pub requested: Option<Odds>,
}

/// A bet that somebody wants.
#[derive(Clone, Debug)]
pub(super) struct Ticket {
    pub house: usize,
    pub bettor: usize,
    pub account: Account,
    pub shape: Shape,
    pub price: PriceRule,
    pub picks: Vec<Pick>,
    /// The stake, tiyn.
    pub amount: i64,
    pub form: Form,
}

impl Ticket {
    /// The legs as the register keeps them.
    pub(super) fn legs(&self) -> Vec<Leg> {
        let leg = |pick: &Pick| Leg {
            outcome: pick.outcome,
            odds: pick.odds,
            requested: pick.requested,
            live: false,
        };
        self.picks.iter().map(leg).collect()
    }

    /// What comes back if every leg wins.
    pub(super) fn possible(&self) -> Option<i64> {
        let amount = Tiyn::new(self.amount)?;
        let sum = winnings::possible(self.shape, self.price, amount, &self.legs())?;
        Some(sum.get())
    }

    /// The least that the order must accept.
    fn accept(&self) -> Accept {
        let moved = |pick: &Pick| pick.requested.map(|requested| pick.odds < requested);
        let mut least = Accept::Exact;
        for lower in self.picks.iter().filter_map(moved) {
            if lower {
                return Accept::Any;
            }
            least = Accept::Better;
        }
        least
    }
}

/// What the organiser does about a hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Plan {
    Confirm,
    ConfirmTwice,
    /// Wants lower odds, which the order does not allow, and releases.
    Lower,
    Release,
    Silence,
    Late,
}

const PLANS: [Plan; 8] = [
    Plan::Confirm,
    Plan::Confirm,
    Plan::Confirm,
    Plan::ConfirmTwice,
    Plan::Lower,
    Plan::Release,
    Plan::Silence,
    Plan::Late,
];

/// A hold that waits for the organiser.
#[derive(Clone, Debug)]
pub(super) struct Held {
    ticket: Ticket,
    bet: BetId,
    expires: Instant,
    plan: Plan,
    accept: Accept,
}

fn tiyn(sum: i64) -> Tiyn {
    // Cannot fail: sums of the simulation are not negative.
    Tiyn::new(sum).expect("a sum that is not negative")
}

impl Bookmaker {
    /// The organiser's complex as a sender.
    pub(super) fn complex(&self, house: usize, class: Class) -> From {
        let manner = if class == Class::Live { Manner::Single } else { Manner::Bulk };
        From { sender: Sender::Organiser(self.world.houses[house].organiser), class, manner }
    }

    /// A bettor wants a bet before the match begins.
    pub(super) fn want(&mut self, fixture: u32, at: Instant) {
        let Some(found) = self.fixtures.get(&fixture) else { return };
        let house = found.house;
        let fixture = if self.takes_bets(fixture, at) {
            fixture
        } else {
            match self.another(house, &[], at) {
                Some(other) => other,
                None => return,
            }
        };
        let Some(ticket) = self.ticket(fixture, at) else { return };
        match self.random.below(100) {
            0..=8 => self.want_at_desk(ticket, at),
            9..=19 => self.want_hold(ticket, at),
            20..=27 => self.want_twice(ticket, at),
            _ => self.stake_now(ticket, at),
        }
    }

    /// A bettor wants a bet while the match is under way.
    pub(super) fn want_live(&mut self, fixture: u32, at: Instant) {
        let at = self.out.instant(at);
        let Some(found) = self.fixtures.get(&fixture) else { return };
        let open =
            |market: &usize| found.markets[*market].in_play && found.ground(*market, at).is_none();
        let markets: Vec<usize> = (0..found.markets.len()).filter(open).collect();
        let house = found.house;
        if markets.is_empty() {
            return;
        }
        let market = *self.random.pick(&markets);
        let mut pick = self.pick(fixture, market);
        // Live odds move quickly.
        if self.random.chance(1, 3) {
            let lower = pick.odds.get() - pick.odds.get() / 50;
            pick.requested = Odds::new(lower).filter(|odds| *odds != pick.odds);
        }
        if let Some(ticket) = self.ticket_of(house, Shape::Single, vec![pick]) {
            self.stake_now(ticket, at);
        }
    }

    /// Whether a fixture is open for bets before it begins, for another minute.
    pub(super) fn takes_bets(&self, fixture: u32, at: Instant) -> bool {
        let at = self.out.instant(at).plus(MINUTE);
        self.fixtures.get(&fixture).is_some_and(|found| {
            found.started.is_none() && at < found.scheduled && found.ground(0, at).is_none()
        })
    }

    /// Another open fixture of the organiser.
    fn another(&mut self, house: usize, but: &[u32], at: Instant) -> Option<u32> {
        let count = self.world.houses[house].open.len() as u64;
        if count == 0 {
            return None;
        }
        for _ in 0..4 {
            let index = self.random.below(count) as usize;
            let fixture = self.world.houses[house].open[index];
            if !but.contains(&fixture) && self.takes_bets(fixture, at) {
                return Some(fixture);
            }
        }
        None
    }

    /// A selection on a market, more often on the favourite.
    fn pick(&mut self, fixture: u32, market: usize) -> Pick {
        let found = &self.fixtures[&fixture].markets[market];
        let favourite =
            (0..found.outcomes.len()).min_by_key(|index| found.outcomes[*index].1.close);
        let index = match favourite {
            Some(index) if self.random.chance(3, 5) => index,
            _ => self.random.below(found.outcomes.len() as u64) as usize,
        };
        let offer = found.outcomes[index].1;
        // Early bets are at the opening odds, late ones at the closing odds; some bettors see the
        // opening odds and are offered the closing ones.
        let (odds, requested) = match (offer.open, self.random.below(5)) {
            (Some(open), 0..=1) => (open, None),
            (Some(open), 2) => (offer.close, Some(open).filter(|open| *open != offer.close)),
            _ => (offer.close, None),
        };
        Pick { fixture, market, index, outcome: found.outcome(index), odds, requested }
    }

    fn pick_any(&mut self, fixture: u32) -> Pick {
        let market = self.random.below(self.fixtures[&fixture].markets.len() as u64) as usize;
        self.pick(fixture, market)
    }

    /// A bet on a fixture, with others of the same organiser if they are open.
    pub(super) fn ticket(&mut self, fixture: u32, at: Instant) -> Option<Ticket> {
        let house = self.fixtures.get(&fixture)?.house;
        let wanted = match self.random.below(100) {
            0..=54 => 1,
            55..=82 => 2 + self.random.below(5) as usize,
            _ => 3 + self.random.below(3) as usize,
        };
        let system = 2 < wanted && self.random.chance(2, 5);
        let mut fixtures = vec![fixture];
        while fixtures.len() < wanted {
            match self.another(house, &fixtures, at) {
                Some(other) => fixtures.push(other),
                None => break,
            }
        }
        let mut picks: Vec<Pick> = fixtures.into_iter().map(|one| self.pick_any(one)).collect();
        loop {
            let shape = match picks.len() {
                1 => Shape::Single,
                2 => Shape::Accumulator,
                3..=5 if system => self.system(picks.len()),
                _ => Shape::Accumulator,
            };
            let ticket = self.ticket_of(house, shape, picks.clone())?;
            if ticket.possible().is_some_and(|sum| sum <= RETURN_MAX) {
                return Some(ticket);
            }
            picks.pop();
        }
    }

    /// A system on so many legs: the named ones and one with a banker.
    fn system(&mut self, legs: usize) -> Shape {
        let (sizes, bankers) = match (legs, self.random.below(4)) {
            (3, 0) => (0b111, 0),
            (3, 1) => (0b110, 0),
            (3, 2) => (0b10, 0),
            (3, _) => (0b1, 1),
            (4, 0) => (0b1110, 0),
            (4, 1) => (0b1111, 0),
            (4, 2) => (0b10, 1),
            (4, _) => (0b100, 0),
            (_, 0) => (0b1_1110, 0),
            (_, 1) => (0b1, 2),
            (_, 2) => (0b110, 1),
            (_, _) => (0b100, 0),
        };
        Shape::System { sizes, bankers }
    }

    /// A bet of an ordinary bettor.
    pub(super) fn ticket_of(
        &mut self,
        house: usize,
        shape: Shape,
        picks: Vec<Pick>,
    ) -> Option<Ticket> {
        let clients = &self.world.houses[house].clients;
        if clients.is_empty() {
            return None;
        }
        let bettor = *self.random.pick(clients);
        let account = self.world.bettors[bettor].accounts[house]?;
        let lines = i64::from(winnings::lines(shape, picks.len())?);
        let unit = 5_000 * (2 + self.random.below(if lines == 1 { 60 } else { 12 }) as i64);
        let price = self.price(shape, &picks);
        let form = Form::EMoney;
        Some(Ticket { house, bettor, account, shape, price, picks, amount: unit * lines, form })
    }

    fn price(&mut self, shape: Shape, picks: &[Pick]) -> PriceRule {
        match self.random.below(12) {
            0 => PriceRule::StepFloor,
            1 if shape == Shape::Accumulator => {
                let scale = u64::from(Odds::SCALE);
                let times = |total: u64, pick: &Pick| {
                    total.saturating_mul(u64::from(pick.odds.get())) / scale
                };
                let total = picks.iter().fold(scale, times);
                let most = u64::from(Odds::MAX) * scale;
                if scale < total && total <= most {
                    PriceRule::Given(total)
                } else {
                    PriceRule::Exact
                }
            }
            _ => PriceRule::Exact,
        }
    }

    /// Stake and commission.
    pub(super) fn total(&self, ticket: &Ticket) -> i64 {
        let rate = self.world.houses[ticket.house].commission;
        let commission = tiyn(ticket.amount).share_half_up(rate).unwrap_or(Tiyn::ZERO);
        ticket.amount + commission.get()
    }

    /// The bid as the organiser sends it.
    pub(super) fn bid(&self, ticket: &Ticket, made_at: Instant) -> Bid {
        let house = &self.world.houses[ticket.house];
        let desk = match ticket.form {
            Form::EMoney => house.electronic,
            Form::Cash => house.land[0],
            Form::NonCash => house.land[1],
        };
        let leg = |pick: &Pick| LegBid {
            outcome: pick.outcome,
            odds: pick.odds,
            requested: pick.requested,
        };
        Bid {
            account: ticket.account,
            desk,
            made_at,
            amount: tiyn(ticket.amount),
            shape: ticket.shape,
            price: ticket.price,
            legs: ticket.picks.iter().map(leg).collect(),
        }
    }

    /// Money for what is to be staked, if the wallet lacks it.
    pub(super) fn top_up(&mut self, bettor: usize, need: i64, at: Instant) {
        let row = &self.world.bettors[bettor];
        if need <= row.available() {
            return;
        }
        let wallet = row.wallet;
        let sum = need.max(1_000_000 * (2 + self.random.below(9) as i64));
        self.world.bettors[bettor].balance += sum;
        let command =
            IssueEmoney { wallet, amount: tiyn(sum), bank_reference: text("card top-up") };
        self.out.send(at, OPERATOR, command, Expect::Done);
    }

    /// The bettor's order; its ceiling is the most that it can debit.
    pub(super) fn give_order(
        &mut self,
        ticket: &Ticket,
        ceiling: i64,
        accept: Accept,
        at: Instant,
    ) -> OrderId {
        let at = self.out.instant(at);
        let command = self.order(ticket, ceiling, accept, at);
        self.count_order(at);
        OrderId::from(self.out.send(at, BETTOR, command, Expect::Done))
    }

    /// The order's content.
    pub(super) fn order(
        &mut self,
        ticket: &Ticket,
        ceiling: i64,
        accept: Accept,
        at: Instant,
    ) -> GiveOrder {
        let code = STEP_UP_FROM <= ceiling || self.random.chance(1, 20);
        GiveOrder {
            organiser: self.world.houses[ticket.house].organiser,
            account: ticket.account,
            ceiling: tiyn(ceiling),
            expires: at.plus(ORDER_NS),
            session_at: at.plus(-2 * MINUTE),
            method: if code { Method::OneTimeCode } else { Method::Session },
            accept,
            nonce: self.random.fill(),
        }
    }

    /// Has the day's end come, at which what is expired is swept.
    pub(super) fn count_order(&mut self, at: Instant) {
        if !self.day_noted {
            self.day_noted = true;
            self.agenda.note(at.plus(DAY), Job::DayEnd);
        }
    }

    /// What becomes of a stake against which nothing speaks but what is known now.
    pub(super) fn expect_stake(
        &self,
        ticket: &Ticket,
        more: Option<Reason>,
        at: Instant,
    ) -> Expect {
        let at = self.out.instant(at);
        let leg = |pick: &Pick| self.fixtures.get(&pick.fixture)?.ground(pick.market, at);
        let legs = ticket.picks.iter().filter_map(leg);
        let stopped = self.world.houses[ticket.house].stopped;
        // The sample rulebook ranks reasons by their codes.
        match legs.chain(stopped).chain(more).min() {
            Some(reason) => Expect::Refused(reason),
            None => Expect::Done,
        }
    }

    /// Order and stake in one go.
    pub(super) fn stake_now(&mut self, ticket: Ticket, at: Instant) {
        let total = self.total(&ticket);
        self.top_up(ticket.bettor, total, at);
        let accept = self.generous(ticket.accept());
        let order = self.give_order(&ticket, total, accept, at);
        self.stake(&ticket, order, at);
    }

    /// The least acceptance, or a more generous one.
    fn generous(&mut self, least: Accept) -> Accept {
        if self.random.chance(1, 4) { Accept::Any } else { least }
    }

    /// A stake in one call under an order.
    pub(super) fn stake(&mut self, ticket: &Ticket, order: OrderId, at: Instant) -> MessageId {
        let at = self.out.instant(at);
        let bid = self.bid(ticket, at.plus(-SECOND / 5));
        let expect = self.expect_stake(ticket, None, at);
        let from = self.complex(ticket.house, Class::Live);
        let id = self.out.send(at, from, PlaceStake { bid, order: Some(order) }, expect);
        if expect == Expect::Done {
            self.accepted(ticket, BetId::from(id));
        }
        id
    }

    /// Two stakes under one order.
    fn want_twice(&mut self, ticket: Ticket, at: Instant) {
        let total = self.total(&ticket);
        self.top_up(ticket.bettor, 2 * total, at);
        let accept = self.generous(ticket.accept());
        let order = self.give_order(&ticket, 2 * total, accept, at);
        self.stake(&ticket, order, at);
        self.stake(&ticket, order, at);
    }

    /// An accepted bet: its money moves and it is remembered.
    fn accepted(&mut self, ticket: &Ticket, id: BetId) {
        let total = self.total(ticket);
        if ticket.form == Form::EMoney {
            self.world.bettors[ticket.bettor].balance -= total;
            self.world.houses[ticket.house].balance += ticket.amount;
        }
        self.remember(Bet::new(ticket, id));
        if ticket.form == Form::EMoney {
            self.pay_waiting(ticket.house, 1);
        }
    }

    /// A stake in two steps.
    fn want_hold(&mut self, ticket: Ticket, at: Instant) {
        let total = self.total(&ticket);
        self.top_up(ticket.bettor, total, at);
        let plan = *self.random.pick(&PLANS);
        let accept = match plan {
            Plan::Lower => ticket.accept(),
            _ => self.generous(ticket.accept()),
        };
        let order = self.give_order(&ticket, total, accept, at);
        let at = self.out.instant(at);
        let bid = self.bid(&ticket, at.plus(-SECOND / 5));
        let expect = self.expect_stake(&ticket, None, at);
        let from = self.complex(ticket.house, Class::Live);
        let id = self.out.send(at, from, PlaceHold { bid, order: Some(order) }, expect);
        if expect != Expect::Done {
            return;
        }
        let (bet, expires) = (BetId::from(id), at.plus(HOLD_NS));
        self.hold(expires, bet, ticket.bettor, total);
        let after = match plan {
            Plan::Silence => return self.agenda.note(expires.plus(SECOND), Job::Tick),
            Plan::Late => HOLD_NS + SECOND / 4,
            _ => SECOND * (2 + self.random.below(20) as i64),
        };
        for pick in &ticket.picks {
            self.pin(pick.fixture);
        }
        self.agenda.note(
            at.plus(after),
            Job::Answer(Box::new(Held { ticket, bet, expires, plan, accept })),
        );
    }

    /// The organiser answers a hold.
    pub(super) fn answer(&mut self, held: Held, at: Instant) {
        let at = self.out.instant(at);
        let Held { mut ticket, bet, expires, plan, accept } = held;
        let from = self.complex(ticket.house, Class::Live);
        let confirm = |ticket: &Ticket| ConfirmHold {
            bet,
            odds: ticket.picks.iter().map(|pick| pick.odds).collect(),
        };
        match plan {
            Plan::Confirm | Plan::ConfirmTwice => {
                self.move_odds(&mut ticket, accept);
                // The market may have closed in between, or the organiser been stopped.
                let expect = self.expect_stake(&ticket, None, at);
                self.out.send(at, from, confirm(&ticket), expect);
                if expect == Expect::Done {
                    self.unhold(expires, bet);
                    self.accepted(&ticket, bet);
                    if plan == Plan::ConfirmTwice {
                        let expect = Expect::Refused(Reason::HoldConfirmed);
                        self.out.send(at, from, confirm(&ticket), expect);
                    }
                } else {
                    self.out.send(at, from, ReleaseHold { bet }, Expect::Done);
                    self.unhold(expires, bet);
                }
            }
            Plan::Lower | Plan::Release => {
                if plan == Plan::Lower && accept != Accept::Any {
                    let mut lower = ticket.clone();
                    let odds = Odds::new(lower.picks[0].odds.get() - 1);
                    let moved = odds.is_some_and(|odds| {
                        let seen = lower.picks[0].requested.unwrap_or(lower.picks[0].odds);
                        !accept.allows(seen, odds)
                    });
                    if let (Some(odds), true) = (odds, moved) {
                        lower.picks[0].odds = odds;
                        let expect = self.expect_stake(&lower, Some(Reason::OddsMoved), at);
                        self.out.send(at, from, confirm(&lower), expect);
                    }
                }
                self.out.send(at, from, ReleaseHold { bet }, Expect::Done);
                self.unhold(expires, bet);
                if plan == Plan::Release {
                    let expect = Expect::Refused(Reason::HoldReleased);
                    self.out.send(at, from, confirm(&ticket), expect);
                }
            }
            Plan::Late => {
                // The same whether a tick has come by already or not.
                let expect = Expect::Refused(Reason::HoldExpired);
                self.out.send(at, from, confirm(&ticket), expect);
                self.agenda.note(at.plus(SECOND), Job::Tick);
            }
            Plan::Silence => {}
        }
        for pick in &ticket.picks {
            self.unpin(pick.fixture);
        }
    }

    /// Between hold and confirmation the odds may go up, and down if the bettor takes any.
    fn move_odds(&mut self, ticket: &mut Ticket, accept: Accept) {
        if accept == Accept::Exact || matches!(ticket.price, PriceRule::Given(_)) {
            return;
        }
        let mut moved = ticket.clone();
        let pick = &mut moved.picks[0];
        let seen = pick.requested.unwrap_or(pick.odds);
        let Some(odds) = Odds::new(pick.odds.get() + 200) else { return };
        if self.random.chance(1, 2) && accept.allows(seen, odds) {
            pick.requested = Some(seen).filter(|seen| *seen != odds);
            pick.odds = odds;
            if moved.possible().is_some_and(|sum| sum <= RETURN_MAX * 2) {
                *ticket = moved;
            }
        }
    }

    /// A stake at a land desk, reported at once or long after.
    fn want_at_desk(&mut self, mut ticket: Ticket, at: Instant) {
        ticket.form = if self.random.chance(1, 3) { Form::NonCash } else { Form::Cash };
        if self.random.chance(1, 5) {
            for pick in &ticket.picks {
                self.pin(pick.fixture);
            }
            let scheduled = self.fixtures[&ticket.picks[0].fixture].scheduled;
            let when = scheduled.plus(3 * HOUR);
            self.agenda.note(when, Job::LateReport(Box::new((ticket, at))));
            return;
        }
        let made_at = self.out.instant(at).plus(-5 * SECOND);
        let bid = self.bid(&ticket, made_at);
        let from = self.complex(ticket.house, Class::Live);
        let report = ReportStake { bid, form: ticket.form, resends: None };
        let id = self.out.send(at, from, report, Expect::Done);
        self.accepted(&ticket, BetId::from(id));
    }

    /// A late report. Its settlement may come first, as a line of a batch that has to wait.
    pub(super) fn report_late(&mut self, ticket: &Ticket, made_at: Instant, at: Instant) {
        let at = self.out.instant(at);
        let id = self.out.id(at);
        let bulk = self.complex(ticket.house, Class::Bulk);
        let bet = Bet::new(ticket, BetId::from(id));
        let settlement = self.settlement_of(&bet, at);
        let line = settlement.map(|(command, _)| (self.out.id(at), command));
        if let Some((line, command)) = &line {
            let expect = Expect::Deferred(Reason::BetUnknown);
            self.out.send_as(*line, at, bulk, command.clone(), expect);
        }
        let bid = self.bid(ticket, made_at);
        let report = ReportStake { bid, form: ticket.form, resends: None };
        self.out.send_as(id, at, bulk, report, Expect::Done);
        self.accepted(ticket, BetId::from(id));
        for pick in &ticket.picks {
            self.unpin(pick.fixture);
        }
        if let Some((line, command)) = line {
            self.settle_line(self.last_bet, Some((line, command)), at);
        }
    }
}
