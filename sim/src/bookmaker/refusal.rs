//! Messages that must be refused, of every common kind, each in its turn.

use admission::{Accept, Method};
use desk::command::{
    ChangeEvent, ChangeMarket, CloseAccount, GiveOrder, IssueEmoney, ListEvent, ListMarket,
    OpenAccount, PlaceStake, PublishResult, RebindAccount, RedeemEmoney, RegisterOrganiser,
    ReleaseHold, ReportPayout, ReportStake, SettleBet,
};
use desk::{Command, Manner};
use journal::fact::OutcomeText;
use ledger::wallet::COMMISSION;
use register::catalogue::{EventClass, EventState, MarketState};
use register::{Basis, Form, LegResult, OrganiserKind, PriceRule, Shape};
use terms::{
    Account, BetId, Bin, Day, DeskNo, Event, Instant, Market, Odds, OrderId, Organiser, Outcome,
    Person, Reason, Sender, Tiyn, Wallet,
};

use super::listing::EARLY_HOUSE;
use super::outbox::{Class, Expect, From};
use super::stake::{STEP_UP_FROM, Ticket};
use super::world::{BETTOR, Kind, OPERATOR, text};
use super::{Bookmaker, DAY, Job, MINUTE, SECOND};

type Bad = fn(&mut Bookmaker, Ticket, Instant);

/// Every kind, in turn.
const KINDS: &[Bad] = &[
    order_missing,
    special_bettor,
    funds_insufficient,
    id_reused,
    order_expired,
    special_bettor,
    odds_moved,
    order_above_ceiling,
    order_used_up,
    latecomer,
    special_bettor,
    account_unknown,
    shape_invalid,
    sent_again,
    special_bettor,
    order_of_another_organiser,
    step_up,
    desk_unknown,
    special_bettor,
    form_not_allowed,
    sum_invalid,
    return_too_large,
    special_bettor,
    outcome_unknown,
    price_rule_invalid,
    id_of_another_time,
    special_bettor,
    sender_unknown,
    sender_not_permitted,
    unusable_event,
    special_bettor,
    reports_without_form,
    settlements_without_bet,
    catalogue_twice,
    special_bettor,
    catalogue_unknown,
    money_not_allowed,
    special_bettor,
    accounts_not_allowed,
    account_of_another_organiser,
    leaving,
];

fn refused(reason: Reason) -> Expect {
    Expect::Refused(reason)
}

impl Bookmaker {
    /// The next kind of refusal, about a bet that could have been accepted.
    pub(super) fn bad(&mut self, fixture: u32, at: Instant) {
        if !self.takes_bets(fixture, at) {
            return;
        }
        let Some(ticket) = self.ticket(fixture, at) else { return };
        let kind = KINDS[self.bad % KINDS.len()];
        self.bad += 1;
        kind(self, ticket, at);
    }

    /// An order for a ticket that is good in itself.
    fn good_order(&mut self, ticket: &Ticket, at: Instant) -> OrderId {
        let total = self.total(ticket);
        self.give_order(ticket, total, Accept::Any, at)
    }

    /// A stake against which one thing more speaks.
    fn stake_refused(
        &mut self,
        ticket: &Ticket,
        order: Option<OrderId>,
        reason: Reason,
        at: Instant,
    ) {
        let at = self.out.instant(at);
        let bid = self.bid(ticket, at);
        self.command_refused(ticket, PlaceStake { bid, order }, reason, at);
    }

    fn command_refused(
        &mut self,
        ticket: &Ticket,
        command: impl Into<Command>,
        reason: Reason,
        at: Instant,
    ) {
        let from = self.complex(ticket.house, Class::Live);
        let expect = self.expect_stake(ticket, Some(reason), at);
        self.out.send(at, from, command, expect);
    }

    /// A stake with an order that has expired in between.
    pub(super) fn late(&mut self, ticket: &Ticket, order: OrderId, expired: Instant, at: Instant) {
        // Once the sweep has come by, nothing is known of it.
        let swept = expired <= self.swept;
        let reason = if swept { Reason::OrderMissing } else { Reason::OrderExpired };
        self.stake_refused(ticket, Some(order), reason, at);
        for pick in &ticket.picks {
            self.unpin(pick.fixture);
        }
    }

    /// A stake on a fixture whatever its state is.
    pub(super) fn latecomer(&mut self, fixture: u32, at: Instant) {
        let Some(found) = self.fixtures.get(&fixture) else { return };
        let (house, offer) = (found.house, found.markets[0].outcomes[0].1.close);
        let pick = super::stake::Pick {
            fixture,
            market: 0,
            index: 0,
            outcome: found.markets[0].outcome(0),
            odds: offer,
            requested: None,
        };
        if let Some(ticket) = self.ticket_of(house, Shape::Single, vec![pick]) {
            self.stake_now(ticket, at);
        }
        self.unpin(fixture);
    }
}

fn order_missing(book: &mut Bookmaker, ticket: Ticket, at: Instant) {
    let unknown = OrderId::from(book.out.id(at));
    let total = book.total(&ticket);
    book.top_up(ticket.bettor, total, at);
    book.stake_refused(&ticket, None, Reason::OrderMissing, at);
    book.stake_refused(&ticket, Some(unknown), Reason::OrderMissing, at);
}

fn order_expired(book: &mut Bookmaker, ticket: Ticket, at: Instant) {
    let at = book.out.instant(at);
    let total = book.total(&ticket);
    book.top_up(ticket.bettor, total, at);
    let expires = at.plus(SECOND);
    let order = GiveOrder { expires, ..book.order(&ticket, total, Accept::Any, at) };
    book.count_order(at);
    let order = OrderId::from(book.out.send(at, BETTOR, order, Expect::Done));
    for pick in &ticket.picks {
        book.pin(pick.fixture);
    }
    book.agenda.note(at.plus(5 * SECOND), Job::Late(Box::new((ticket, order, expires))));
}

fn order_used_up(book: &mut Bookmaker, ticket: Ticket, at: Instant) {
    let total = book.total(&ticket);
    book.top_up(ticket.bettor, 2 * total, at);
    let order = book.good_order(&ticket, at);
    let accepted = book.expect_stake(&ticket, None, at) == Expect::Done;
    book.stake(&ticket, order, at);
    if accepted {
        book.stake_refused(&ticket, Some(order), Reason::OrderUsedUp, at);
    }
}

fn order_above_ceiling(book: &mut Bookmaker, ticket: Ticket, at: Instant) {
    let total = book.total(&ticket);
    book.top_up(ticket.bettor, total, at);
    let order = book.give_order(&ticket, total - 100, Accept::Any, at);
    book.stake_refused(&ticket, Some(order), Reason::OrderAboveCeiling, at);
}

fn order_of_another_organiser(book: &mut Bookmaker, mut ticket: Ticket, at: Instant) {
    let both = |bettor: &usize| {
        let accounts = book.world.bettors[*bettor].accounts;
        (0..accounts.len()).find(|house| *house != ticket.house && accounts[*house].is_some())
    };
    let clients = &book.world.houses[ticket.house].clients;
    let found = clients.iter().find_map(|bettor| both(bettor).map(|house| (*bettor, house)));
    let Some((bettor, other)) = found else { return };
    let row = &book.world.bettors[bettor];
    let (Some(account), Some(elsewhere)) = (row.accounts[ticket.house], row.accounts[other]) else {
        return;
    };
    ticket.bettor = bettor;
    ticket.account = account;
    let total = book.total(&ticket);
    book.top_up(bettor, total, at);
    let there = Ticket { house: other, account: elsewhere, ..ticket.clone() };
    let order = book.give_order(&there, total, Accept::Any, at);
    book.stake_refused(&ticket, Some(order), Reason::OrderOfAnotherOrganiser, at);
}

fn step_up(book: &mut Bookmaker, ticket: Ticket, at: Instant) {
    let at = book.out.instant(at);
    let order = book.order(&ticket, STEP_UP_FROM, Accept::Exact, at);
    let order = GiveOrder { method: Method::Session, ..order };
    book.out.send(at, BETTOR, order.clone(), refused(Reason::OrderStepUpRequired));
    let stale = GiveOrder { session_at: at.plus(-20 * MINUTE), ceiling: Tiyn::of(100), ..order };
    book.out.send(at, BETTOR, stale, refused(Reason::IdentificationStale));
}

fn special_bettor(book: &mut Bookmaker, mut ticket: Ticket, at: Instant) {
    let count = book.world.special.len();
    for _ in 0..count {
        let bettor = book.world.special[book.special % count];
        book.special += 1;
        let row = &book.world.bettors[bettor];
        let (Some(account), Some(reason)) = (row.accounts[ticket.house], row.kind.reason()) else {
            continue;
        };
        if row.kind == Kind::Leaving {
            continue;
        }
        ticket.bettor = bettor;
        ticket.account = account;
        let order = book.good_order(&ticket, at);
        book.stake_refused(&ticket, Some(order), reason, at);
        return;
    }
}

/// A bettor closes his account between order and stake; later he can give no order either.
fn leaving(book: &mut Bookmaker, mut ticket: Ticket, at: Instant) {
    let house = ticket.house;
    let leaves = |bettor: &&usize| {
        let row = &book.world.bettors[**bettor];
        row.kind == Kind::Leaving && row.accounts[house].is_some()
    };
    let Some(bettor) = book.world.special.iter().find(leaves).copied() else { return };
    let Some(account) = book.world.bettors[bettor].accounts[house] else { return };
    ticket.bettor = bettor;
    ticket.account = account;
    if book.left.contains(&account) {
        let at = book.out.instant(at);
        let order = book.order(&ticket, 1_000, Accept::Exact, at);
        book.out.send(at, BETTOR, order, refused(Reason::AccountClosed));
        book.out.send(at, OPERATOR, CloseAccount { account }, refused(Reason::AccountClosed));
        return;
    }
    let order = book.good_order(&ticket, at);
    book.out.send(at, OPERATOR, CloseAccount { account }, Expect::Done);
    book.left.insert(account);
    book.stake_refused(&ticket, Some(order), Reason::AccountClosed, at);
}

fn funds_insufficient(book: &mut Bookmaker, mut ticket: Ticket, at: Instant) {
    let available = book.world.bettors[ticket.bettor].available();
    ticket.shape = Shape::Single;
    ticket.price = PriceRule::Exact;
    ticket.picks.truncate(1);
    ticket.amount = (available / 100 + 1) * 100;
    if ticket.possible().is_none_or(|sum| 1_000_000_000_000 < sum) {
        return;
    }
    let order = book.good_order(&ticket, at);
    book.stake_refused(&ticket, Some(order), Reason::FundsInsufficient, at);
}

fn odds_moved(book: &mut Bookmaker, mut ticket: Ticket, at: Instant) {
    let total = book.total(&ticket);
    book.top_up(ticket.bettor, total, at);
    ticket.price = PriceRule::Exact;
    let pick = &mut ticket.picks[0];
    pick.requested = Odds::new(pick.odds.get() + 100);
    let accept = if book.random.chance(1, 2) { Accept::Exact } else { Accept::Better };
    let order = book.give_order(&ticket, total, accept, at);
    book.stake_refused(&ticket, Some(order), Reason::OddsMoved, at);
}

fn latecomer(book: &mut Bookmaker, ticket: Ticket, at: Instant) {
    for (pick, nth) in ticket.picks.iter().zip(0..2) {
        let fixture = pick.fixture;
        let Some(found) = book.fixtures.get(&fixture) else { continue };
        let begins = found.scheduled.max(at);
        // One organiser has closed its markets already, the others find the event begun.
        let soon = if found.house == EARLY_HOUSE { -MINUTE } else { MINUTE };
        let when = if nth == 0 { begins.plus(soon) } else { begins.plus(113 * MINUTE) };
        book.pin(fixture);
        book.agenda.note(when, Job::Latecomer(fixture));
    }
}

fn account_unknown(book: &mut Bookmaker, mut ticket: Ticket, at: Instant) {
    let order = book.good_order(&ticket, at);
    ticket.account = Account(u32::MAX);
    book.stake_refused(&ticket, Some(order), Reason::AccountUnknown, at);
}

fn account_of_another_organiser(book: &mut Bookmaker, mut ticket: Ticket, at: Instant) {
    let order = book.good_order(&ticket, at);
    let other = (ticket.house + 1) % book.world.houses.len();
    let Some(bettor) = book.world.houses[other].clients.first().copied() else { return };
    let Some(account) = book.world.bettors[bettor].accounts[other] else { return };
    ticket.account = account;
    book.stake_refused(&ticket, Some(order), Reason::AccountOfAnotherOrganiser, at);
}

fn shape_invalid(book: &mut Bookmaker, mut ticket: Ticket, at: Instant) {
    let total = book.total(&ticket);
    book.top_up(ticket.bettor, total, at);
    let order = book.good_order(&ticket, at);
    ticket.shape = Shape::Single;
    let again = ticket.picks[0].clone();
    ticket.picks.push(again);
    ticket.price = PriceRule::Exact;
    book.stake_refused(&ticket, Some(order), Reason::ShapeInvalid, at);
}

fn desk_unknown(book: &mut Bookmaker, ticket: Ticket, at: Instant) {
    let order = book.good_order(&ticket, at);
    let other = (ticket.house + 1) % book.world.houses.len();
    let mut bid = book.bid(&ticket, at);
    bid.desk = book.world.houses[other].electronic;
    let order = Some(order);
    book.command_refused(&ticket, PlaceStake { bid, order }, Reason::DeskUnknown, at);
}

fn form_not_allowed(book: &mut Bookmaker, ticket: Ticket, at: Instant) {
    let total = book.total(&ticket);
    book.top_up(ticket.bettor, total, at);
    let order = Some(book.good_order(&ticket, at));
    let mut bid = book.bid(&ticket, at);
    bid.desk = book.world.houses[ticket.house].land[0];
    book.command_refused(&ticket, PlaceStake { bid, order }, Reason::FormNotAllowed, at);
}

fn sum_invalid(book: &mut Bookmaker, mut ticket: Ticket, at: Instant) {
    let order = book.good_order(&ticket, at);
    ticket.amount = 0;
    book.stake_refused(&ticket, Some(order), Reason::SumInvalid, at);
    let none = GiveOrder { ceiling: Tiyn::ZERO, ..book.order(&ticket, 100, Accept::Exact, at) };
    book.out.send(at, BETTOR, none, refused(Reason::SumInvalid));
}

fn return_too_large(book: &mut Bookmaker, mut ticket: Ticket, at: Instant) {
    ticket.shape = Shape::Single;
    ticket.price = PriceRule::Exact;
    ticket.picks.truncate(1);
    ticket.amount = 1_000_000_000_000;
    let order = book.good_order(&ticket, at);
    book.stake_refused(&ticket, Some(order), Reason::ReturnTooLarge, at);
}

fn outcome_unknown(book: &mut Bookmaker, ticket: Ticket, at: Instant) {
    let order = Some(book.good_order(&ticket, at));
    let mut bid = book.bid(&ticket, at);
    bid.legs[0].outcome = Outcome(u64::from(u32::MAX));
    book.command_refused(&ticket, PlaceStake { bid, order }, Reason::OutcomeUnknown, at);
}

fn price_rule_invalid(book: &mut Bookmaker, mut ticket: Ticket, at: Instant) {
    ticket.shape = if ticket.picks.len() == 1 { Shape::Single } else { Shape::Accumulator };
    ticket.price = PriceRule::Given(5_000);
    let order = book.good_order(&ticket, at);
    book.stake_refused(&ticket, Some(order), Reason::PriceRuleInvalid, at);
}

/// A stake, and the same id with another sum, three times: the fourth is not journalled.
fn id_reused(book: &mut Bookmaker, ticket: Ticket, at: Instant) {
    let total = book.total(&ticket);
    book.top_up(ticket.bettor, total, at);
    let order = book.good_order(&ticket, at);
    let id = book.stake(&ticket, order, at);
    let from = book.complex(ticket.house, Class::Live);
    for more in 1..5 {
        let other = Ticket { amount: ticket.amount + more * 12_000, ..ticket.clone() };
        let bid = book.bid(&other, at);
        let command = PlaceStake { bid, order: Some(order) };
        book.out.send_as(id, at, from, command, Expect::Conflict);
    }
}

/// A stake whose answer was lost: the sender asks again and gets the same receipt.
fn sent_again(book: &mut Bookmaker, ticket: Ticket, at: Instant) {
    let at = book.out.instant(at);
    let total = book.total(&ticket);
    book.top_up(ticket.bettor, total, at);
    let order = book.order(&ticket, total, Accept::Any, at);
    book.count_order(at);
    let id = book.out.send(at, BETTOR, order.clone(), Expect::Done);
    book.out.send_as(id, at.plus(SECOND / 100), BETTOR, order, Expect::Repeat);
    book.stake(&ticket, OrderId::from(id), at);
}

fn id_of_another_time(book: &mut Bookmaker, ticket: Ticket, at: Instant) {
    let at = book.out.instant(at);
    let from = book.complex(ticket.house, Class::Live);
    let cases = [(-41 * DAY, Reason::IdTooOld), (10 * MINUTE, Reason::IdFromFuture)];
    for (offset, reason) in cases {
        let id = book.out.id(at.plus(offset));
        let bid = book.bid(&ticket, at);
        let command = PlaceStake { bid, order: None };
        book.out.send_as(id, at, from, command, refused(reason));
    }
}

fn sender_unknown(book: &mut Bookmaker, ticket: Ticket, at: Instant) {
    let from = From {
        sender: Sender::Organiser(Organiser(77)),
        class: Class::Live,
        manner: Manner::Single,
    };
    let bid = book.bid(&ticket, at);
    book.out.send(at, from, PlaceStake { bid, order: None }, refused(Reason::SenderUnknown));
}

fn sender_not_permitted(book: &mut Bookmaker, ticket: Ticket, at: Instant) {
    let order = book.order(&ticket, 1_000, Accept::Exact, at);
    let from = book.complex(ticket.house, Class::Live);
    book.out.send(at, from, order, refused(Reason::SenderNotPermitted));
    let bid = book.bid(&ticket, at);
    let command = PlaceStake { bid, order: None };
    book.out.send(at, BETTOR, command, refused(Reason::SenderNotPermitted));
}

/// Events on which nobody may stake: virtual ones, and such as the organiser has not confirmed.
fn unusable_event(book: &mut Bookmaker, mut ticket: Ticket, at: Instant) {
    let house = ticket.house;
    let from = book.complex(house, Class::Settlement);
    let turn = book.unusable;
    book.unusable += 1;
    let (class, confirmed, reason) = match turn % 2 {
        0 => (EventClass::Virtual, true, Reason::VirtualEvent),
        _ => (EventClass::Sport, false, Reason::EventUnconfirmed),
    };
    let Some(championship) = book.world.houses[house].championships.values().next().copied() else {
        return;
    };
    let event = book.next_event();
    // Cannot fail: the event has this one market, and the market two outcomes.
    let market = Market::of(Event(event), 0).expect("a first market");
    let outcome = Outcome::of(market, 0).expect("a first outcome");
    let own = format!("x{turn}");
    let list = ListEvent {
        championship,
        own: text(&own),
        name: text("A race of machines"),
        class,
        scheduled: at.plus(DAY),
        confirmed,
    };
    book.out.send(at, from, list, Expect::Done);
    let named = |own: &str| OutcomeText { own: text(own), name: text(own) };
    let list = ListMarket {
        event: Event(event),
        own: text("m"),
        name: text("Winner"),
        in_play: false,
        outcomes: vec![named("red"), named("blue")],
    };
    book.out.send(at, from, list, Expect::Done);
    ticket.shape = Shape::Single;
    ticket.price = PriceRule::Exact;
    ticket.picks.truncate(1);
    let order = Some(book.good_order(&ticket, at));
    let total = book.total(&ticket);
    book.top_up(ticket.bettor, total, at);
    let mut bid = book.bid(&ticket, at);
    bid.legs[0].outcome = outcome;
    book.command_refused(&ticket, PlaceStake { bid, order }, reason, at);
    let state = MarketState::Void;
    book.out.send(at, from, ChangeMarket { market, state, in_play: false }, Expect::Done);
    let open = ChangeMarket { market, state: MarketState::Open, in_play: false };
    book.out.send(at, from, open, refused(Reason::TransitionInvalid));
    let void = ChangeEvent { event: Event(event), state: EventState::Cancelled, time: None };
    book.out.send(at, from, void, Expect::Done);
}

/// Reports that are not usable; what breaks a rule alone would be stored with its breach.
fn reports_without_form(book: &mut Bookmaker, ticket: Ticket, at: Instant) {
    let at = book.out.instant(at);
    let from = book.complex(ticket.house, Class::Live);
    let cash = Ticket { form: Form::Cash, ..ticket };
    let good = book.bid(&cash, at);
    let mut unknown = good.clone();
    unknown.desk = DeskNo(u32::MAX);
    let mut nobody = good.clone();
    nobody.account = Account(u32::MAX);
    let mut nothing = good.clone();
    nothing.legs[0].outcome = Outcome(u64::from(u32::MAX));
    let mut tomorrow = good.clone();
    tomorrow.made_at = at.plus(DAY);
    let cases = [
        (good, Form::EMoney, Reason::FormNotAllowed),
        (unknown, Form::Cash, Reason::DeskUnknown),
        (nobody.clone(), Form::Cash, Reason::AccountUnknown),
        (nothing, Form::NonCash, Reason::OutcomeUnknown),
        (tomorrow, Form::Cash, Reason::DateInvalid),
    ];
    for (bid, form, reason) in cases {
        let report = ReportStake { bid, form, resends: None };
        book.out.send(at, from, report, refused(reason));
    }
    let report = ReportStake { bid: nobody, form: Form::Cash, resends: None };
    let bulk = book.complex(cash.house, Class::Bulk);
    book.out.send(at, bulk, report, Expect::Deferred(Reason::AccountUnknown));
}

fn settlements_without_bet(book: &mut Bookmaker, ticket: Ticket, at: Instant) {
    let at = book.out.instant(at);
    let from = book.complex(ticket.house, Class::Live);
    let unknown = BetId::from(book.out.id(at));
    let settle = |bet, basis, reason: Option<&str>| SettleBet {
        bet,
        basis,
        legs: 0,
        stated: None,
        reason: reason.map(text),
        computed_at: at,
    };
    let command = settle(unknown, Basis::Result, None);
    book.out.send(at, from, command, refused(Reason::BetUnknown));
    let desk = book.world.houses[ticket.house].land[0];
    let amount = Tiyn::of(100);
    let payout = ReportPayout { bet: unknown, amount, form: Form::Cash, desk, paid_at: at };
    book.out.send(at, from, payout, refused(Reason::BetUnknown));
    book.out.send(at, from, ReleaseHold { bet: unknown }, refused(Reason::HoldUnknown));
    let total = book.total(&ticket);
    book.top_up(ticket.bettor, total, at);
    let order = book.good_order(&ticket, at);
    let accepted = book.expect_stake(&ticket, None, at) == Expect::Done;
    let id = BetId::from(book.stake(&ticket, order, at));
    if accepted {
        for (basis, reason) in [(Basis::Result, None), (Basis::Correction, Some("no reason"))] {
            let command = settle(id, basis, reason);
            book.out.send(at, from, command, refused(Reason::SettlementWithoutBasis));
        }
    }
}

fn catalogue_twice(book: &mut Bookmaker, ticket: Ticket, at: Instant) {
    let at = book.out.instant(at);
    let from = book.complex(ticket.house, Class::Settlement);
    let fixture = ticket.picks[0].fixture;
    let Some(found) = book.fixtures.get(&fixture) else { return };
    let championships = &book.world.houses[ticket.house].championships;
    let Some(championship) = championships.values().next().copied() else { return };
    let (event, market) = (found.event, found.markets[0].number);
    let again = ListEvent {
        championship,
        own: text(&found.own),
        name: text("again"),
        class: EventClass::Sport,
        scheduled: at,
        confirmed: true,
    };
    let back = ChangeEvent { event, state: EventState::Scheduled, time: None };
    let ahead = ChangeEvent { event, state: EventState::Started, time: Some(at.plus(DAY)) };
    let short = PublishResult { market, results: vec![LegResult::Won], reason: None };
    book.out.send(at, from, again, refused(Reason::AlreadyListed));
    book.out.send(at, from, back, refused(Reason::TransitionInvalid));
    book.out.send(at, from, ahead, refused(Reason::DateInvalid));
    book.out.send(at, from, short, refused(Reason::ResultInvalid));
}

fn catalogue_unknown(book: &mut Bookmaker, ticket: Ticket, at: Instant) {
    let from = book.complex(ticket.house, Class::Settlement);
    let from = From { manner: Manner::Single, ..from };
    let (event, market) = (Event(u32::MAX), Market(u64::from(u32::MAX)));
    let change = ChangeEvent { event, state: EventState::Started, time: None };
    book.out.send(at, from, change, refused(Reason::EventUnknown));
    let change = ChangeMarket { market, state: MarketState::Closed, in_play: false };
    book.out.send(at, from, change, refused(Reason::MarketUnknown));
}

fn money_not_allowed(book: &mut Bookmaker, ticket: Ticket, at: Instant) {
    let amount = Tiyn::of(100_000);
    let issue = |wallet, amount| IssueEmoney { wallet, amount, bank_reference: text("-") };
    let totalizator = book.world.totalizator_wallet;
    let cases = [
        (totalizator, amount, Reason::IssueNotAllowed),
        (COMMISSION, amount, Reason::TransferNotAllowed),
        (Wallet(u32::MAX), amount, Reason::WalletUnknown),
        (totalizator, Tiyn::ZERO, Reason::SumInvalid),
    ];
    for (wallet, amount, reason) in cases {
        book.out.send(at, OPERATOR, issue(wallet, amount), refused(reason));
    }
    let house = &book.world.houses[ticket.house];
    if let Some(all) = Tiyn::new(house.balance).filter(|sum| !sum.is_zero()) {
        let wallet = house.wallet;
        let redeem = RedeemEmoney { wallet, amount: all, bank_reference: text("-") };
        book.out.send(at, OPERATOR, redeem, refused(Reason::BelowFloor));
    }
    let bettor = &book.world.bettors[ticket.bettor];
    // Cannot be negative: no wallet is.
    let more = Tiyn::new(bettor.available() + 1).unwrap_or(Tiyn::MAX);
    let wallet = bettor.wallet;
    let redeem = RedeemEmoney { wallet, amount: more, bank_reference: text("-") };
    book.out.send(at, OPERATOR, redeem, refused(Reason::FundsInsufficient));
}

fn accounts_not_allowed(book: &mut Bookmaker, ticket: Ticket, at: Instant) {
    let bettor = &book.world.bettors[ticket.bettor];
    let (person, wallet, account) = (bettor.person, bettor.wallet, ticket.account);
    let organiser = book.world.houses[ticket.house].organiser;
    let open = |person, organiser, wallet| OpenAccount { person, organiser, wallet };
    let other = Wallet(wallet.0 - 1);
    let cases: [(Command, Reason); 7] = [
        (open(person, organiser, wallet).into(), Reason::AccountAlreadyOpen),
        (open(Person(u32::MAX), organiser, wallet).into(), Reason::PersonUnknown),
        (open(person, Organiser(88), wallet).into(), Reason::OrganiserUnknown),
        (open(person, Organiser(3), other).into(), Reason::WalletNotBound),
        (RebindAccount { account, wallet }.into(), Reason::WalletAlreadyBound),
        (RebindAccount { account: Account(u32::MAX), wallet }.into(), Reason::AccountUnknown),
        (twice_registered().into(), Reason::AlreadyRegistered),
    ];
    for (command, reason) in cases {
        book.out.send(at, OPERATOR, command, refused(reason));
    }
}

/// The first organiser once more.
fn twice_registered() -> RegisterOrganiser {
    // Cannot fail: the world was built with the same number.
    let bin = (0..11u64).find_map(|more| Bin::complete(18_044_000_000 + more));
    RegisterOrganiser {
        kind: OrganiserKind::Bookmaker,
        bin: bin.expect("a number with a check digit"),
        name: text("Qyran Bet ЖШС"),
        address: text("-"),
        taxable: Vec::new(),
        from: Day(10_957),
    }
}
