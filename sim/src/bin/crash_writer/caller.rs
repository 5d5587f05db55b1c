//! One caller in a closed loop: it sends the next message when it has heard of the last one.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use admission::{Accept, Method};
use desk::command::{
    Bid, ChangeEvent, ConfirmHold, GiveOrder, IssueEmoney, LegBid, PlaceHold, PlaceStake,
    PublishResult, RedeemEmoney, ReleaseHold, ReportPayout, ReportStake, SettleBet,
};
use desk::{Command, Manner, Message, State};
use pump::{Class, Handle, Outcome as Heard, PumpError, ReadCopy};
use register::catalogue::{EventRow, MarketRow};
use register::{Basis, BetState, EventState, Form, LegResult, MarketState, PriceRule, Shape};
use sim::random::Random;
use terms::{
    Account, BetId, DeskNo, Instant, Market, MessageId, Odds, OrderId, Outcome, Sender, Tiyn,
};

use crate::acknowledge::Acknowledge;
use crate::world::{self, BETTORS, MARKETS, organiser_of, text, wallet_of};

/// How often a message that is not taken in is offered again; a second in all.
const OFFERS_MAX: u32 = 1_000;

/// Bets, and messages, that a caller remembers; older ones are left as they are.
const KEPT: usize = 256;

/// Open markets below which more are listed.
const MARKETS_MIN: usize = 90;

/// A bet that a caller knows.
#[derive(Clone)]
struct Known {
    bet: BetId,
    bettor: u32,
    outcomes: Vec<Outcome>,
    odds: Vec<Odds>,
    land: bool,
}

/// The caller.
pub struct Caller {
    handle: Handle,
    copy: ReadCopy,
    acknowledge: Arc<Acknowledge>,
    random: Random,
    /// The first one also keeps the catalogues.
    lists: bool,
    bettors: Vec<u32>,
    open: VecDeque<Known>,
    settled: VecDeque<Known>,
    sent: VecDeque<Message>,
    listed: u64,
}

impl Caller {
    /// The caller of this number among so many: each has bettors of its own, and goes on with
    /// their open bets.
    pub fn new(
        handle: Handle,
        copy: ReadCopy,
        acknowledge: Arc<Acknowledge>,
        seed: u64,
        number: u32,
        callers: u32,
    ) -> Caller {
        let bettors: Vec<u32> = (0..BETTORS).filter(|bettor| bettor % callers == number).collect();
        let open = copy.read(|state| open_bets(state, &bettors));
        Caller {
            handle,
            copy,
            acknowledge,
            random: Random::new(seed).fork(&format!("caller {number}")),
            lists: number == 0,
            bettors,
            open,
            settled: VecDeque::new(),
            sent: VecDeque::new(),
            listed: 0,
        }
    }

    /// Goes on until the pump stops.
    pub fn run(mut self) {
        loop {
            if let Err(what) = self.step() {
                eprintln!("crash_writer: a caller ends: {what}");
                return;
            }
        }
    }

    /// One thing to do, or why there is no next one.
    fn step(&mut self) -> Result<(), String> {
        let bettor = *self.random.pick(&self.bettors);
        match self.random.below(100) {
            0..40 => self.stake(bettor, 1),
            40..52 => {
                let legs = 2 + self.random.below(3) as usize;
                self.stake(bettor, legs)
            }
            52..66 => self.hold(bettor),
            66..72 => self.refused(bettor),
            72..80 => self.land(bettor),
            80..92 => self.settle(),
            92..94 => self.again(),
            94..96 => self.conflict(),
            96..98 => self.money(bettor),
            _ if self.lists => self.catalogue(),
            _ => self.correct(),
        }
    }

    fn now(&self) -> Instant {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Instant(i64::try_from(since.as_nanos()).unwrap_or(0))
    }

    fn say(&mut self, sender: Sender, command: impl Into<Command>) -> Message {
        let id = MessageId(terms::id::uuid_v7(self.now().ms(), self.random.fill()));
        Message::new(sender, id, Manner::Single, command.into())
    }

    fn book(bettor: u32) -> Sender {
        Sender::Organiser(organiser_of(bettor))
    }

    /// Sends a message and acknowledges what is heard.
    fn send(&mut self, class: Class, message: Message) -> Result<Heard, String> {
        for _ in 0..OFFERS_MAX {
            match self.handle.ask(class, message.clone()) {
                Ok(verdict) => {
                    self.acknowledge.tell(&message, &verdict)?;
                    keep(&mut self.sent, message);
                    return Ok(verdict.outcome);
                }
                Err(PumpError::Busy(_)) => std::thread::sleep(Duration::from_millis(1)),
                Err(error) => return Err(error.to_string()),
            }
        }
        Err("the pump takes nothing in".into())
    }

    /// Legs on open markets of different events; fewer if there are not enough.
    fn legs(&mut self, bettor: u32, count: usize) -> Vec<LegBid> {
        let organiser = organiser_of(bettor);
        let random = &mut self.random;
        let mut legs: Vec<LegBid> = Vec::new();
        self.copy.read(|state| {
            let markets = markets(state);
            let mut events = Vec::new();
            for _ in 0..16 * count {
                let (market, event, row) = *random.pick(&markets);
                let fits = event.organiser == organiser
                    && !event.state.over()
                    && row.state == MarketState::Open
                    && !events.contains(&event.event);
                let odds = Odds::new(10_100 + random.below(40_000) as u32);
                let outcome = Outcome::of(market, random.below(3) as usize);
                if let (Some(odds), Some(outcome), true) = (odds, outcome, fits)
                    && legs.len() < count
                {
                    legs.push(LegBid { outcome, odds, requested: None });
                    events.push(event.event);
                }
            }
        });
        legs
    }

    fn bid(&mut self, bettor: u32, legs: usize, land: bool) -> Bid {
        let legs = self.legs(bettor, legs);
        let shape = if legs.len() == 1 { Shape::Single } else { Shape::Accumulator };
        Bid {
            account: Account(bettor),
            desk: DeskNo(organiser_of(bettor).0 * 2 + u32::from(land)),
            made_at: self.now(),
            amount: Tiyn::of(100 + self.random.below(2_000) as u32),
            shape,
            price: PriceRule::Exact,
            legs,
        }
    }

    fn order(&mut self, bettor: u32) -> Result<OrderId, String> {
        let now = self.now();
        let order = GiveOrder {
            organiser: organiser_of(bettor),
            account: Account(bettor),
            ceiling: Tiyn::of(10_000),
            expires: now.plus(Instant::SECOND),
            session_at: now,
            method: Method::Session,
            accept: Accept::Better,
            nonce: self.random.fill(),
        };
        let message = self.say(Sender::Bettor, order);
        let id = OrderId::from(message.id);
        self.send(Class::Live, message)?;
        Ok(id)
    }

    fn stake(&mut self, bettor: u32, legs: usize) -> Result<(), String> {
        let order = Some(self.order(bettor)?);
        let bid = self.bid(bettor, legs, false);
        let known = (bid.clone(), bettor);
        let message = self.say(Caller::book(bettor), PlaceStake { bid, order });
        let bet = BetId::from(message.id);
        if self.send(Class::Live, message)? == Heard::Done {
            keep(&mut self.open, Known::of(bet, known));
        }
        Ok(())
    }

    /// A hold, which is confirmed, released or left to expire.
    fn hold(&mut self, bettor: u32) -> Result<(), String> {
        let order = Some(self.order(bettor)?);
        let bid = self.bid(bettor, 1, false);
        let known = (bid.clone(), bettor);
        let sender = Caller::book(bettor);
        let message = self.say(sender, PlaceHold { bid, order });
        let bet = BetId::from(message.id);
        if self.send(Class::Live, message)? != Heard::Done {
            return Ok(());
        }
        let known = Known::of(bet, known);
        match self.random.below(10) {
            0..5 => {
                let message = self.say(sender, ConfirmHold { bet, odds: known.odds.clone() });
                if self.send(Class::Live, message)? == Heard::Done {
                    keep(&mut self.open, known);
                }
            }
            5..8 => {
                let message = self.say(sender, ReleaseHold { bet });
                self.send(Class::Live, message)?;
            }
            _ => {}
        }
        Ok(())
    }

    /// A stake without an order, or for an account that is not there.
    fn refused(&mut self, bettor: u32) -> Result<(), String> {
        let mut bid = self.bid(bettor, 1, false);
        if self.random.chance(1, 2) {
            bid.account = Account(1_000_000);
        }
        let message = self.say(Caller::book(bettor), PlaceStake { bid, order: None });
        self.send(Class::Live, message).map(|_| ())
    }

    /// A report of a land desk, some of them late.
    fn land(&mut self, bettor: u32) -> Result<(), String> {
        let mut bid = self.bid(bettor, 1, true);
        if self.random.chance(1, 4) {
            bid.made_at = bid.made_at.plus(-120 * Instant::SECOND);
        }
        let form = if self.random.chance(1, 2) { Form::Cash } else { Form::NonCash };
        let known = (bid.clone(), bettor);
        let message = self.say(Caller::book(bettor), ReportStake { bid, form, resends: None });
        let bet = BetId::from(message.id);
        if self.send(Class::Bulk, message)? == Heard::Done {
            keep(&mut self.open, Known { land: true, ..Known::of(bet, known) });
        }
        Ok(())
    }

    /// Settles one of the open bets: by its results if it has them, otherwise by another basis.
    fn settle(&mut self) -> Result<(), String> {
        let Some(known) = self.open.pop_front() else { return Ok(()) };
        let all = (1 << known.outcomes.len()) - 1;
        let (resulted, void) = self.copy.read(|state| basis_of(state, &known.outcomes));
        let (basis, legs) = match self.random.below(4) {
            _ if void => (Basis::EventVoid, 0),
            _ if resulted => (Basis::Result, 0),
            0 => (Basis::EarlyPayout, all),
            1 => (Basis::LegVoid, all),
            2 => (Basis::OrganiserError, 0),
            // Without a basis: refused.
            _ => (Basis::Result, 0),
        };
        let heard = self.settle_as(&known, basis, legs)?;
        if heard != Heard::Done {
            keep(&mut self.open, known);
            return Ok(());
        }
        if known.land {
            let (desk, paid_at) = (DeskNo(organiser_of(known.bettor).0 * 2 + 1), self.now());
            let (bet, amount) = (known.bet, Tiyn::of(100 + self.random.below(2_000) as u32));
            let form = Form::Cash;
            let paid = ReportPayout { bet, amount, form, desk, paid_at };
            let message = self.say(Caller::book(known.bettor), paid);
            self.send(Class::Settlement, message)?;
        }
        keep(&mut self.settled, known);
        Ok(())
    }

    fn settle_as(&mut self, known: &Known, basis: Basis, legs: u32) -> Result<Heard, String> {
        let settle = SettleBet {
            bet: known.bet,
            basis,
            legs,
            stated: None,
            reason: Some(text("a reason")),
            computed_at: self.now(),
        };
        let message = self.say(Caller::book(known.bettor), settle);
        self.send(Class::Settlement, message)
    }

    /// Settles one of the settled bets anew; many have left the hot state by then.
    fn correct(&mut self) -> Result<(), String> {
        let Some(known) = self.settled.pop_front() else { return Ok(()) };
        let all = (1 << known.outcomes.len()) - 1;
        self.settle_as(&known, Basis::Correction, all).map(|_| ())
    }

    /// The same message once more; the acknowledgement must be the same.
    fn again(&mut self) -> Result<(), String> {
        let Some(message) = self.any_sent() else { return Ok(()) };
        self.send(Class::Live, message).map(|_| ())
    }

    /// Another content under a known id.
    fn conflict(&mut self) -> Result<(), String> {
        let Some(first) = self.any_sent() else { return Ok(()) };
        let command = ReleaseHold { bet: BetId::from(first.id) };
        let message = Message::new(first.sender, first.id, Manner::Single, command.into());
        let verdict = self.handle.ask(Class::Live, message);
        verdict.map(|_| ()).map_err(|error| error.to_string())
    }

    fn any_sent(&mut self) -> Option<Message> {
        let at = self.random.below(KEPT as u64) as usize;
        self.sent.get(at).or(self.sent.front()).cloned()
    }

    /// Tops a wallet up, or redeems from it.
    fn money(&mut self, bettor: u32) -> Result<(), String> {
        let (wallet, bank_reference) = (wallet_of(bettor), text("bank"));
        let message = if self.random.chance(2, 3) {
            let amount = Tiyn::of(50_000);
            self.say(Sender::Operator, IssueEmoney { wallet, amount, bank_reference })
        } else {
            let amount = Tiyn::of(1_000);
            self.say(Sender::Operator, RedeemEmoney { wallet, amount, bank_reference })
        };
        self.send(Class::Settlement, message).map(|_| ())
    }

    /// A result, its correction, a cancelled event; more markets when few are open.
    fn catalogue(&mut self) -> Result<(), String> {
        let random = &mut self.random;
        let (open, market, row, organiser) = self.copy.read(|state| {
            let markets = markets(state);
            let open = markets.iter().filter(|(_, _, row)| row.state == MarketState::Open).count();
            let (market, event, row) = *random.pick(&markets);
            (open, market, row.clone(), event.organiser)
        });
        if open < MARKETS_MIN {
            return self.list_more();
        }
        let message = if self.random.chance(1, 8) {
            let change =
                ChangeEvent { event: market.event(), state: EventState::Cancelled, time: None };
            self.say(Sender::Organiser(organiser), change)
        } else {
            let mut results = vec![LegResult::Won, LegResult::Lost, LegResult::Lost];
            self.random.shuffle(&mut results);
            let reason = row.result.map(|_| text("an error"));
            let result = PublishResult { market, results, reason };
            self.say(Sender::Organiser(organiser), result)
        };
        self.send(Class::Settlement, message).map(|_| ())
    }

    fn list_more(&mut self) -> Result<(), String> {
        self.listed += 1;
        let organiser = *self.random.pick(&[0, 1, 2].map(terms::Organiser));
        let sender = Sender::Organiser(organiser);
        let own = format!("later {} {}", self.random.bits(), self.listed);
        let message = self.say(sender, world::event(organiser, &own, self.now()));
        let verdict = self.handle.ask(Class::Settlement, message.clone());
        let verdict = verdict.map_err(|error| error.to_string())?;
        self.acknowledge.tell(&message, &verdict)?;
        let Some(receipt) = verdict.receipt else { return Ok(()) };
        if !self.copy.wait_for(receipt.seq, Duration::from_secs(10)) {
            return Err("the read copy does not follow".into());
        }
        // Nobody else lists events, so the last one is this.
        let event = self.copy.read(|state| state.catalogue.next_event().0 - 1);
        for market in 0..MARKETS {
            let market = world::list_market(terms::Event(event), &format!("m{market}"));
            let message = self.say(sender, market);
            self.send(Class::Settlement, message)?;
        }
        Ok(())
    }
}

impl Known {
    fn of(bet: BetId, (bid, bettor): (Bid, u32)) -> Known {
        let outcomes = bid.legs.iter().map(|leg| leg.outcome).collect();
        let odds = bid.legs.iter().map(|leg| leg.odds).collect();
        Known { bet, bettor, outcomes, odds, land: false }
    }
}

/// Remembers one more, and forgets the oldest when there are too many.
fn keep<T>(all: &mut VecDeque<T>, one: T) {
    if all.len() == KEPT {
        all.pop_front();
    }
    all.push_back(one);
}

/// The open bets of these bettors.
fn open_bets(state: &State, bettors: &[u32]) -> VecDeque<Known> {
    let own = |(_, bet): &(u32, &register::Bet)| {
        bet.state == BetState::Open && bettors.contains(&bet.account.0)
    };
    let known = |(_, bet): (u32, &register::Bet)| Known {
        bet: bet.id,
        bettor: bet.account.0,
        outcomes: bet.legs.0.iter().map(|leg| leg.outcome).collect(),
        odds: bet.legs.0.iter().map(|leg| leg.odds).collect(),
        land: bet.form != Form::EMoney,
    };
    state.bets.iter().filter(own).map(known).take(KEPT).collect()
}

/// All markets in the hot state, by number, each with its event.
fn markets(state: &State) -> Vec<(Market, &EventRow, &MarketRow)> {
    let of = |event: &'_ EventRow, place| Market::of(event.event, place);
    let events = state.catalogue.events().into_iter();
    events
        .flat_map(|event| {
            let rows = event.markets.iter().enumerate();
            rows.filter_map(move |(place, row)| Some((of(event, place)?, event, row)))
        })
        .collect()
}

/// Whether all outcomes have results, and whether an event of theirs is void.
fn basis_of(state: &State, outcomes: &[Outcome]) -> (bool, bool) {
    let placed = |outcome: &Outcome| state.catalogue.place(*outcome);
    let mut rows = outcomes.iter().filter_map(placed);
    let resulted = rows.clone().all(|placed| placed.result.is_some());
    (resulted, rows.any(|placed| placed.event.state.voids()))
}
