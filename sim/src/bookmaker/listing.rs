//! The course of a match in each organiser's catalogue: listed, announced otherwise, begun,
//! finished, corrected.

use desk::command::{
    ChangeConnection, ChangeEvent, ChangeMarket, IssueEmoney, ListChampionship, ListEvent,
    ListMarket, PublishResult,
};
use journal::fact::OutcomeText;
use register::ConnectionState;
use register::catalogue::{EventClass, EventState, MarketState};
use terms::rulebook::Rulebook;
use terms::{Championship, Event, Instant, Reason, Tiyn};

use super::fixture::{self, Fate, Fixture};
use super::input::Game;
use super::outbox::{Class, Expect};
use super::world::{HOUSES, OPERATOR, licence, text};
use super::{Bookmaker, DAY, HOUR, Job, LEAD_NS, MINUTE, SECOND};

/// From kick-off to the whistle, with the pause.
const MATCH_NS: i64 = 110 * MINUTE;
/// The organiser that closes its markets some minutes after kick-off.
const LATE_HOUSE: usize = 1;
/// The organiser that closes its markets some minutes before.
pub(super) const EARLY_HOUSE: usize = 2;

impl Bookmaker {
    pub(super) fn next_event(&mut self) -> u32 {
        self.numbers[1] += 1;
        self.numbers[1] - 1
    }

    /// Lists the next match with some organisers and notes what will happen to it.
    pub(super) fn list(&mut self, at: Instant) {
        let Some(game) = self.games.next() else { return };
        if let Some(next) = self.games.peek() {
            self.agenda.note(next.found.kick_off.plus(-LEAD_NS), Job::List);
        }
        self.listed += 1;
        self.stop_and_go(at);
        let fate = Fate::of_match(&mut self.random);
        let one = self.random.below(HOUSES as u64) as usize;
        let mut fixtures = Vec::with_capacity(HOUSES);
        for house in 0..HOUSES {
            if house == one || self.random.chance(1, 3) {
                let fate = fate.of_fixture(&mut self.random);
                fixtures.push(self.list_with(house, &game, fate, at));
            }
        }
        self.note_bets(&game, &fixtures);
    }

    /// Once in a while an organiser may take no stakes for some hours.
    fn stop_and_go(&mut self, at: Instant) {
        let (house, reason) = match self.listed % 120 {
            40 => (2, Reason::LicenceNotInForce),
            100 => (1, Reason::ConnectionNotInOperation),
            _ => return,
        };
        let row = &mut self.world.houses[house];
        if row.stopped.is_some() {
            return;
        }
        row.stopped = Some(reason);
        let organiser = row.organiser;
        if reason == Reason::LicenceNotInForce {
            self.licences(house, true, at);
        } else {
            let state = ConnectionState::Suspended;
            self.out.send(
                at,
                OPERATOR,
                ChangeConnection { organiser, state, from: None },
                Expect::Done,
            );
        }
        self.agenda.note(at.plus(8 * HOUR), Job::Reinstate(house));
    }

    /// The organiser takes stakes again.
    pub(super) fn reinstate(&mut self, house: usize, at: Instant) {
        let row = &mut self.world.houses[house];
        let organiser = row.organiser;
        if row.stopped.take() == Some(Reason::LicenceNotInForce) {
            self.licences(house, false, at);
        } else {
            let state = ConnectionState::InOperation;
            self.out.send(
                at,
                OPERATOR,
                ChangeConnection { organiser, state, from: None },
                Expect::Done,
            );
        }
    }

    fn licences(&mut self, house: usize, suspended: bool, at: Instant) {
        let organiser = self.world.houses[house].organiser;
        let from = Rulebook::sample().day(at);
        for (nth, years) in [(1, (2000, 2029)), (2, (2030, 2099))] {
            let command = licence(organiser, nth, years, (suspended, from));
            self.out.send(at, OPERATOR, command, Expect::Done);
        }
    }

    fn list_with(&mut self, house: usize, game: &Game, fate: Fate, at: Instant) -> u32 {
        let championship = self.championship(house, game.championship, at);
        let from = self.complex(house, Class::Settlement);
        let found = &game.found;
        let event = self.next_event();
        let markets = fixture::markets(found, house, Event(event));
        let own = format!("f{}-{}", game.file, found.line);
        let list = ListEvent {
            championship,
            own: text(&own),
            name: text(&format!("{} — {}", found.home, found.away)),
            class: EventClass::Sport,
            scheduled: found.kick_off,
            confirmed: true,
        };
        self.out.send(at, from, list, Expect::Done);
        for market in &markets {
            let outcome =
                |(name, _): &(&'static str, _)| OutcomeText { own: text(name), name: text(name) };
            let list = ListMarket {
                event: Event(event),
                own: text(if market.half_time { "ht" } else { market.name }),
                name: text(market.name),
                in_play: market.in_play,
                outcomes: market.outcomes.iter().map(outcome).collect(),
            };
            self.out.send(at, from, list, Expect::Done);
        }
        let fixture = Fixture {
            house,
            event: Event(event),
            own,
            scheduled: found.kick_off,
            started: None,
            over: false,
            voids: false,
            fate,
            markets,
            bets: Vec::new(),
            done: false,
            pins: 0,
        };
        self.fixtures.insert(event, fixture);
        self.world.houses[house].open.push(event);
        self.note_course(event, found.kick_off, fate);
        event
    }

    fn championship(&mut self, house: usize, league: usize, at: Instant) -> Championship {
        if let Some(known) = self.world.houses[house].championships.get(&league) {
            return *known;
        }
        let number = Championship(self.numbers[0]);
        self.numbers[0] += 1;
        let row = &self.leagues[league];
        let list = ListChampionship {
            own: text(&format!("c{league}")),
            sport: text("football"),
            name: text(&format!("{} {}, {}", row.league, row.season, row.country)),
        };
        let from = self.complex(house, Class::Settlement);
        self.out.send(at, from, list, Expect::Done);
        self.world.houses[house].championships.insert(league, number);
        number
    }

    /// Notes what will happen to a fixture.
    fn note_course(&mut self, fixture: u32, kick_off: Instant, fate: Fate) {
        if self.fixtures[&fixture].house == EARLY_HOUSE {
            let later = if fate == Fate::Postponed { 7 * DAY } else { 0 };
            self.agenda.note(kick_off.plus(later - 2 * MINUTE), Job::Close(fixture));
        }
        match fate {
            Fate::Postponed => {
                self.agenda.note(kick_off.plus(-5 * HOUR), Job::Announce(fixture));
                self.agenda.note(kick_off.plus(7 * DAY), Job::KickOff(fixture));
            }
            Fate::Cancelled | Fate::Walkover => {
                self.agenda.note(kick_off.plus(-2 * HOUR), Job::Announce(fixture));
            }
            Fate::Plain
            | Fate::Abandoned
            | Fate::Corrected
            | Fate::MarketVoid
            | Fate::StartCorrected => self.agenda.note(kick_off, Job::KickOff(fixture)),
        }
    }

    /// Notes the bets that are wanted on a match, more of them towards its beginning.
    fn note_bets(&mut self, game: &Game, fixtures: &[u32]) {
        let kick_off = game.found.kick_off;
        let span = (LEAD_NS - 3 * HOUR) as u64;
        for _ in 0..self.options.bets_per_match {
            let fixture = *self.random.pick(fixtures);
            let early = self.random.below(span);
            // Cannot overflow: the product has less than 128 bits.
            let early = (u128::from(early) * u128::from(early) / u128::from(span)) as i64;
            let before = kick_off.plus(-2 * MINUTE - early);
            let found = &self.fixtures[&fixture];
            let live = found.markets.iter().any(|market| market.in_play);
            let live_until = if found.house == 0 { 100 } else { 43 };
            match self.random.below(100) {
                0..=7 => self.agenda.note(before, Job::Bad(fixture)),
                8..=14 if live => {
                    let minute = 1 + self.random.below(live_until) as i64;
                    let when = kick_off.plus(minute * MINUTE + 7 * SECOND);
                    self.agenda.note(when, Job::LiveBet(fixture));
                }
                _ => self.agenda.note(before, Job::Bet(fixture)),
            }
        }
        for fixture in fixtures {
            // So that there is a stake between the corrected start and the announced one.
            if self.fixtures[fixture].fate == Fate::StartCorrected {
                self.agenda.note(kick_off.plus(-3 * MINUTE), Job::Bet(*fixture));
            }
        }
    }

    fn change_event(
        &mut self,
        fixture: u32,
        state: EventState,
        time: Option<Instant>,
        at: Instant,
    ) {
        let Some(found) = self.fixtures.get(&fixture) else { return };
        let (house, event) = (found.house, found.event);
        let from = self.complex(house, Class::Settlement);
        self.out.send(at, from, ChangeEvent { event, state, time }, Expect::Done);
    }

    /// Takes a fixture off the list of those that take bets before they begin.
    fn shut(&mut self, fixture: u32) {
        let Some(found) = self.fixtures.get(&fixture) else { return };
        self.world.houses[found.house].open.retain(|open| *open != fixture);
    }

    /// The match is postponed or will not take place.
    pub(super) fn announce(&mut self, fixture: u32, at: Instant) {
        let Some(found) = self.fixtures.get_mut(&fixture) else { return };
        let later = found.scheduled.plus(7 * DAY);
        match found.fate {
            Fate::Postponed => {
                found.scheduled = later;
                self.change_event(fixture, EventState::Rescheduled, Some(later), at);
            }
            Fate::Cancelled | Fate::Walkover => {
                let walkover = found.fate == Fate::Walkover;
                let state = if walkover { EventState::Walkover } else { EventState::Cancelled };
                (found.over, found.voids) = (true, true);
                self.change_event(fixture, state, None, at);
                self.shut(fixture);
                self.agenda.note(at.plus(10 * MINUTE), Job::Settle(fixture));
                self.agenda.note(at.plus(6 * HOUR), Job::Done(fixture));
            }
            Fate::Plain
            | Fate::Abandoned
            | Fate::Corrected
            | Fate::MarketVoid
            | Fate::StartCorrected => {}
        }
    }

    pub(super) fn kick_off(&mut self, fixture: u32, at: Instant) {
        let Some(found) = self.fixtures.get(&fixture) else { return };
        let (fate, late) = (found.fate, found.house == LATE_HOUSE);
        if late {
            self.agenda.note(at.plus(3 * MINUTE), Job::Close(fixture));
        } else {
            self.close(fixture, at);
        }
        let at = self.out.instant(at);
        self.change_event(fixture, EventState::Started, None, at);
        if let Some(found) = self.fixtures.get_mut(&fixture) {
            found.started = Some(at);
        }
        self.shut(fixture);
        if fate == Fate::StartCorrected {
            self.agenda.note(at.plus(20 * MINUTE), Job::CorrectStart(fixture));
        }
        self.agenda.note(at.plus(47 * MINUTE), Job::HalfTime(fixture));
        if fate == Fate::Abandoned {
            self.agenda.note(at.plus(70 * MINUTE), Job::Abandon(fixture));
        } else {
            self.agenda.note(at.plus(MATCH_NS), Job::FullTime(fixture));
        }
    }

    /// Closes the markets that are not in play, if the event is still on.
    pub(super) fn close(&mut self, fixture: u32, at: Instant) {
        let Some(found) = self.fixtures.get_mut(&fixture) else { return };
        if found.over {
            return;
        }
        let house = found.house;
        let open = found.markets.iter_mut().filter(|market| market.open && !market.in_play);
        let mut closed = Vec::new();
        for market in open {
            market.open = false;
            closed.push(market.number);
        }
        let from = self.complex(house, Class::Settlement);
        for market in closed {
            let command = ChangeMarket { market, state: MarketState::Closed, in_play: false };
            self.out.send(at, from, command, Expect::Done);
        }
    }

    /// It turns out that the match began four minutes before its time; stakes since then are
    /// looked for in pieces.
    pub(super) fn correct_start(&mut self, fixture: u32, at: Instant) {
        let Some(found) = self.fixtures.get_mut(&fixture) else { return };
        let started = found.scheduled.plus(-4 * MINUTE);
        found.started = Some(started);
        self.change_event(fixture, EventState::Started, Some(started), at);
        self.tick(at);
    }

    pub(super) fn half_time(&mut self, fixture: u32, at: Instant) {
        if self.random.chance(1, 6) {
            self.pay_early(fixture, at);
        }
        self.publish(fixture, true, at);
        self.agenda.note(at.plus(2 * MINUTE), Job::Settle(fixture));
    }

    pub(super) fn abandon(&mut self, fixture: u32, at: Instant) {
        let Some(found) = self.fixtures.get_mut(&fixture) else { return };
        (found.over, found.voids) = (true, true);
        self.change_event(fixture, EventState::Abandoned, None, at);
        self.agenda.note(at.plus(10 * MINUTE), Job::Settle(fixture));
        self.agenda.note(at.plus(HOUR), Job::Done(fixture));
    }

    pub(super) fn full_time(&mut self, fixture: u32, at: Instant) {
        self.publish(fixture, false, at);
        self.change_event(fixture, EventState::Finished, None, at);
        let Some(found) = self.fixtures.get_mut(&fixture) else { return };
        found.over = true;
        let corrected = found.fate == Fate::Corrected;
        self.agenda.note(at.plus(5 * MINUTE), Job::Settle(fixture));
        if corrected {
            self.agenda.note(at.plus(3 * HOUR), Job::CorrectResult(fixture));
        }
        let done = if corrected { 27 * HOUR } else { 30 * MINUTE };
        self.agenda.note(at.plus(done), Job::Done(fixture));
    }

    /// Publishes the results of a half; a wrong one, or a market that does not stand, as fate has
    /// it.
    fn publish(&mut self, fixture: u32, half_time: bool, at: Instant) {
        let Some(found) = self.fixtures.get_mut(&fixture) else { return };
        let (house, fate) = (found.house, found.fate);
        let mut published = Vec::new();
        let mut void = None;
        let last = found.markets.iter().rposition(|market| !market.half_time);
        for (index, market) in found.markets.iter_mut().enumerate() {
            if market.half_time != half_time {
                continue;
            }
            market.open = false;
            if fate == Fate::MarketVoid && Some(index) == last {
                market.void = true;
                void = Some(market.number);
                continue;
            }
            let wrong = usize::from(fate == Fate::Corrected && index == 0);
            let winner = (market.winner + wrong) % market.outcomes.len();
            let results = market.results_of(winner);
            market.results = Some(results.clone());
            published.push(PublishResult { market: market.number, results, reason: None });
        }
        let from = self.complex(house, Class::Settlement);
        for result in published {
            self.out.send(at, from, result, Expect::Done);
        }
        if let Some(market) = void {
            let command = ChangeMarket { market, state: MarketState::Void, in_play: false };
            self.out.send(at, from, command, Expect::Done);
        }
    }

    /// The organiser finds its error.
    pub(super) fn correct_result(&mut self, fixture: u32, at: Instant) {
        let Some(found) = self.fixtures.get_mut(&fixture) else { return };
        let house = found.house;
        let market = &mut found.markets[0];
        let results = market.results_of(market.winner);
        market.results = Some(results.clone());
        let number = market.number;
        let from = self.complex(house, Class::Settlement);
        // Kept with its breach, for want of a reason.
        let without = PublishResult { market: number, results: results.clone(), reason: None };
        self.out.send(at, from, without, Expect::Done);
        let reason = Some(text("the goal was not given"));
        let command = PublishResult { market: number, results, reason };
        self.out.send(at, from, command, Expect::Done);
        self.resettle(fixture, 0, at);
    }

    /// Nothing more happens with the fixture.
    pub(super) fn done(&mut self, fixture: u32) {
        let Some(found) = self.fixtures.get_mut(&fixture) else { return };
        found.done = true;
        for key in found.bets.clone() {
            self.try_drop(key);
        }
        if self.fixtures.get(&fixture).is_some_and(|found| found.pins == 0) {
            self.fixtures.remove(&fixture);
        }
    }

    /// An organiser that was short of funds brings some.
    pub(super) fn fund(&mut self, house: usize, at: Instant) {
        let row = &mut self.world.houses[house];
        row.funding = false;
        let waiting = &row.waiting;
        let due = waiting.iter().filter_map(|key| self.bets.get(key));
        let sum: i64 = due.map(|bet| bet.outstanding()).sum();
        if sum == 0 {
            return;
        }
        let sum = sum + row.capital / 10;
        row.balance += sum;
        let wallet = row.wallet;
        let Some(amount) = Tiyn::new(sum) else { return };
        let command = IssueEmoney { wallet, amount, bank_reference: text("more working capital") };
        self.out.send(at, OPERATOR, command, Expect::Done);
        self.pay_waiting(house, 1);
        // What one message could not pay, the next tick does.
        self.agenda.note(at.plus(SECOND), Job::Tick);
    }
}
