//! The season, step by step.
//!
//! A day of matches goes through its parts one after the other, each complete before the next:
//! catalogue, bets, kick-off, bets in play, results, settlements, payouts at desks, and corrections
//! of results that were wrong. Within a part many steps are under way at a time, but never two of
//! one bettor.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use matches::odds_file::Quote;
use tokio::task::{JoinSet, block_in_place};
use tokio::time::{sleep, sleep_until};
use wire::{
    AccountNo, ChampionshipNo, Desk, EventState, Form, Id, OrganiserNo, Payout, PriceRule, Request,
    Shape, Sum,
};

use super::centre::{Centre, Done, Fatal, Said, Sent};
use super::messages::{self, ListedGame, ListedMarket, Stamp, When};
use super::outbox::{Outbox, Step};
use super::plan::{Bet, Fate, Pick, Plan, Way};
use super::totals::Totals;
use crate::Error;

/// Messages of one batch.
const BATCH: usize = 1_000;
/// Why a result is corrected.
const MISTAKE: &str = "the score was entered wrongly";
/// Before lines that are to be sent again are sent again.
const AGAIN: Duration = Duration::from_millis(500);

/// A house as it is registered.
#[derive(Clone, Debug)]
pub struct House {
    /// The organiser.
    pub organiser: OrganiserNo,
    /// Its electronic desk.
    pub electronic: Desk,
    /// Its land desk, if it has one that takes cash.
    pub land: Option<Desk>,
    /// The accounts of its bettors.
    pub bettors: Vec<AccountNo>,
}

/// A bookmaker that plays one season.
pub struct Book {
    centre: Arc<dyn Centre>,
    outbox: Outbox,
    plan: Plan,
    house: House,
    /// Stands before the own ids of all that is listed.
    season: String,
    totals: Mutex<Totals>,
    pace: Option<Pace>,
}

/// So many messages a second, no more.
struct Pace {
    every: Duration,
    next: Mutex<tokio::time::Instant>,
}

/// A bet that stands.
#[derive(Clone, Debug)]
struct Placed {
    /// Its place among the bets of the day.
    number: usize,
    id: Id,
    bet: Bet,
}

/// A bet that is settled.
#[derive(Clone, Debug)]
struct Settled {
    placed: Placed,
    done: Done,
    /// What a land desk has paid, tiyn.
    paid: u64,
}

impl Book {
    /// A bookmaker for one season. `season` tells it from others of the same house; with a `pace`
    /// it sends so many messages a second.
    pub fn new(
        centre: Arc<dyn Centre>,
        outbox: Outbox,
        plan: Plan,
        house: House,
        season: &str,
        pace: Option<u32>,
    ) -> Arc<Book> {
        let pace = pace.map(|rate| Pace {
            every: Duration::from_secs(1) / rate.max(1),
            next: Mutex::new(tokio::time::Instant::now()),
        });
        let (totals, season) = (Mutex::default(), season.to_owned());
        Arc::new(Book { centre, outbox, plan, house, season, totals, pace })
    }

    /// Plays the season to its end and gives its totals; after each day it tells how far it is.
    pub async fn play(
        self: &Arc<Book>,
        mut tell: impl FnMut(usize, usize, &Totals),
    ) -> Result<Totals, Fatal> {
        let days = self.days();
        for day in 0..days {
            self.day(day).await?;
            tell(day + 1, days, &self.totals());
        }
        let totals = self.totals().clone();
        Ok(totals)
    }

    /// How many days of matches the season has.
    pub fn days(&self) -> usize {
        self.plan.days().len()
    }

    /// Plays one day of matches.
    pub async fn day(self: &Arc<Book>, day: usize) -> Result<(), Fatal> {
        let games = self.catalogue(day).await?;
        let mut placed = self.bets(day, &games, When::Before).await?;
        self.kick_off(day, &games).await?;
        placed.extend(self.bets(day, &games, When::InPlay).await?);
        self.results(day, &games).await?;
        let mut settled = self.settle(day, placed).await?;
        self.pay_at_desk(day, "pay", &mut settled).await?;
        self.correct(day, &games, settled).await
    }

    /// Lists the matches of a day with their markets.
    async fn catalogue(self: &Arc<Book>, day: usize) -> Result<Arc<Vec<ListedGame>>, Fatal> {
        let mut of: BTreeMap<String, ChampionshipNo> = BTreeMap::new();
        for game in &self.plan.days()[day] {
            let own = format!("{} {} {}", game.country, game.league, game.season);
            if of.contains_key(&own) {
                continue;
            }
            let listed = format!("{}: {own}", self.season);
            let make = |stamp| messages::championship(stamp, &listed, game);
            let done = self.must(&format!("championship {own}"), make).await?;
            let number = done.championship.ok_or_else(|| lacks("championship"))?;
            of.insert(own, number);
        }
        let of = Arc::new(of);
        let mut tasks = JoinSet::new();
        for game in 0..self.plan.days()[day].len() {
            let (book, of) = (self.clone(), of.clone());
            tasks.spawn(async move { Ok((game, book.list(day, game, &of).await?)) });
        }
        let mut games = all(tasks).await?;
        games.sort_by_key(|(game, _)| *game);
        self.totals().matches += games.len() as u64;
        Ok(Arc::new(games.into_iter().map(|(_, listed)| listed).collect()))
    }

    async fn list(
        &self,
        day: usize,
        game: usize,
        of: &BTreeMap<String, ChampionshipNo>,
    ) -> Result<ListedGame, Fatal> {
        let found = &self.plan.days()[day][game];
        let championship = format!("{} {} {}", found.country, found.league, found.season);
        let championship = *of.get(&championship).ok_or_else(|| lacks("championship"))?;
        let step = format!("{day}/{game}");
        let own = format!("{}: {day}-{game}", self.season);
        let make = |stamp| messages::event(stamp, championship, &own, found);
        let done = self.must(&format!("{step}/event"), make).await?;
        let event = done.event.ok_or_else(|| lacks("event"))?;
        let mut markets = Vec::with_capacity(found.markets.len());
        for (place, quote) in found.markets.iter().enumerate() {
            let make = |stamp| messages::market(stamp, event, quote, When::Before);
            markets.push(self.list_market(&format!("{step}/market {place}"), make).await?);
        }
        let make = |stamp| messages::market(stamp, event, &found.markets[0], When::InPlay);
        let in_play = self.list_market(&format!("{step}/market in play"), make).await?;
        Ok(ListedGame { event, markets, in_play })
    }

    async fn list_market(
        &self,
        step: &str,
        make: impl FnOnce(Stamp) -> Request,
    ) -> Result<ListedMarket, Fatal> {
        let done = self.must(step, make).await?;
        match (done.market, done.outcomes) {
            (Some(number), Some(outcomes)) => Ok(ListedMarket { number, outcomes }),
            _ => Err(lacks("market")),
        }
    }

    /// Takes the bets of a day that are made before the matches or while they are under way: those
    /// of one bettor one after the other, those at land desks as a batch. Gives those that stand.
    async fn bets(
        self: &Arc<Book>,
        day: usize,
        games: &Arc<Vec<ListedGame>>,
        when: When,
    ) -> Result<Vec<Placed>, Fatal> {
        let bets = self.plan.bets(day, self.house.bettors.len(), self.house.land.is_some());
        let mut by_bettor: BTreeMap<usize, Vec<(usize, Bet)>> = BTreeMap::new();
        let mut at_desk = Vec::new();
        let now = |(_, bet): &(usize, Bet)| bet.in_play == (when == When::InPlay);
        for (number, bet) in bets.into_iter().enumerate().filter(now) {
            match (bet.way, self.house.land) {
                (Way::Desk(form), Some(desk)) => at_desk.push((number, bet, desk, form)),
                _ => by_bettor.entry(bet.bettor).or_default().push((number, bet)),
            }
        }
        let mut tasks = JoinSet::new();
        for wanted in by_bettor.into_values() {
            let (book, games) = (self.clone(), games.clone());
            tasks.spawn(async move {
                let mut placed = Vec::new();
                for (number, bet) in wanted {
                    let step = format!("{day}/bet {number}");
                    if let Some(id) = book.place(&step, &bet, &games).await? {
                        book.totals().stake(Form::EMoney, bet.amount_tiyn);
                        book.totals().in_play += u64::from(bet.in_play);
                        placed.push(Placed { number, id, bet });
                    }
                }
                Ok(placed)
            });
        }
        let mut placed: Vec<Placed> = all(tasks).await?.into_iter().flatten().collect();
        placed.extend(self.report(day, at_desk, games).await?);
        placed.sort_by_key(|placed| placed.number);
        Ok(placed)
    }

    /// A bet by e-money, from the bettor's order on; none if it was refused or let go.
    async fn place(
        &self,
        step: &str,
        bet: &Bet,
        games: &[ListedGame],
    ) -> Result<Option<Id>, Fatal> {
        let account = self.house.bettors[bet.bettor];
        let Some(order) = self.order(&format!("{step}/order"), account, bet).await? else {
            return Ok(None);
        };
        let by = (order, account, self.house.electronic);
        let stake = |stamp| messages::stake(stamp, by, bet, games);
        if bet.way == Way::AtOnce {
            let make = |stamp| Request::Stake(Box::new(stake(stamp)));
            return self.wish(&format!("{step}/stake"), make).await;
        }
        let make = |stamp| Request::Hold(Box::new(stake(stamp)));
        let Some(hold) = self.wish(&format!("{step}/hold"), make).await? else { return Ok(None) };
        if bet.way == Way::LetGo {
            // If it has expired by now, it is gone all the same.
            self.say(&format!("{step}/release"), |stamp| messages::release(stamp, hold)).await?;
            self.totals().let_go += 1;
            return Ok(None);
        }
        let make = |stamp| messages::confirmation(stamp, hold, bet);
        match self.say(&format!("{step}/confirm"), make).await? {
            (_, Said::Done(_)) => Ok(Some(hold)),
            // Nobody was here in time: the bettor still wants his bet.
            (_, Said::Refused(code)) if code == "hold_expired" => {
                let make = |stamp| Request::Stake(Box::new(stake(stamp)));
                self.wish(&format!("{step}/stake"), make).await
            }
            (_, Said::Refused(code)) => {
                self.totals().refusal(&code);
                Ok(None)
            }
        }
    }

    /// The bettor's order; none if it was refused.
    async fn order(&self, step: &str, account: AccountNo, bet: &Bet) -> Result<Option<Id>, Fatal> {
        let known = self.outbox.step(step);
        let (order, mut token) = match known {
            Some(Step { sent: Sent::Order(order, _), said: Some(said) }) => {
                return Ok(self.given(order.id, &said));
            }
            Some(Step { sent: Sent::Order(order, token), said: None }) => (order, token),
            Some(Step { sent: Sent::Message(_), .. }) | None => {
                let token = block_in_place(|| self.centre.sign_in(account, None))?;
                let order = messages::order(self.stamp(), self.house.organiser, account, bet);
                self.outbox.keep(step, Sent::Order(order.clone(), token.clone())).await?;
                (order, token)
            }
        };
        self.wait_for_turn().await;
        loop {
            let sent = Sent::Order(order.clone(), token.clone());
            match self.centre.send(&sent).await {
                Ok(said) => {
                    self.outbox.answer(step, said.clone())?;
                    return Ok(self.given(order.id, &said));
                }
                Err(Error::Unanswered { .. }) => {}
                Err(Error::Rejected(problem)) if problem.code == "session_expired" => {
                    token = block_in_place(|| self.centre.sign_in(account, Some(&token)))?;
                    self.outbox.keep(step, Sent::Order(order.clone(), token.clone())).await?;
                }
                Err(source) => return Err(Fatal::Call { step: step.to_owned(), source }),
            }
        }
    }

    /// An order that was given. Its id is ours alone, so if it was used with other content, that
    /// was the same order under the session before.
    fn given(&self, order: Id, said: &Said) -> Option<Id> {
        self.totals().messages += 1;
        match said {
            Said::Done(_) => Some(order),
            Said::Refused(code) if code == "id_reused" => Some(order),
            Said::Refused(code) => {
                self.totals().refusal(code);
                None
            }
        }
    }

    /// Reports what a land desk has taken.
    async fn report(
        &self,
        day: usize,
        taken: Vec<(usize, Bet, Desk, Form)>,
        games: &[ListedGame],
    ) -> Result<Vec<Placed>, Fatal> {
        let line = |(number, bet, desk, form): &(usize, Bet, Desk, Form)| {
            let by = (self.house.bettors[bet.bettor], *desk, *form);
            let report = messages::desk_stake(self.stamp(), by, bet, games);
            (format!("{day}/bet {number}/report"), report)
        };
        let lines = taken.iter().map(line).collect();
        let said = self.say_all(lines).await?;
        let mut placed = Vec::new();
        for ((number, bet, _, form), (id, said)) in taken.into_iter().zip(said) {
            match said {
                Said::Done(_) => {
                    self.totals().stake(form, bet.amount_tiyn);
                    placed.push(Placed { number, id, bet });
                }
                Said::Refused(code) => self.totals().refusal(&code),
            }
        }
        Ok(placed)
    }

    /// The matches of the day begin, or are cancelled.
    async fn kick_off(&self, day: usize, games: &[ListedGame]) -> Result<(), Fatal> {
        let line = |(place, game): (usize, &ListedGame)| {
            let state = match self.plan.fate(day, place) {
                Fate::Played | Fate::Mistaken => EventState::Started,
                Fate::Cancelled => EventState::Cancelled,
            };
            let change = messages::change(self.stamp(), game.event, state);
            (format!("{day}/{place}/start"), change)
        };
        self.must_all(games.iter().enumerate().map(line).collect()).await
    }

    /// The matches end, and their results are published.
    async fn results(&self, day: usize, games: &[ListedGame]) -> Result<(), Fatal> {
        let mut lines = Vec::new();
        for (place, game) in games.iter().enumerate() {
            if self.plan.fate(day, place) == Fate::Cancelled {
                continue;
            }
            let change = messages::change(self.stamp(), game.event, EventState::Finished);
            lines.push((format!("{day}/{place}/end"), change));
            let goals = self.plan.told(day, place);
            for (nth, (listed, quote)) in self.markets(day, place, game).enumerate() {
                let result = messages::result(self.stamp(), listed, quote, goals, None);
                lines.push((format!("{day}/{place}/result {nth}"), result));
            }
        }
        self.must_all(lines).await
    }

    /// The markets of a match with their quotes, the one in play last.
    fn markets<'a>(
        &'a self,
        day: usize,
        place: usize,
        game: &'a ListedGame,
    ) -> impl Iterator<Item = (&'a ListedMarket, &'a Quote)> {
        let quotes = &self.plan.days()[day][place].markets;
        game.markets.iter().zip(quotes).chain(std::iter::once((&game.in_play, &quotes[0])))
    }

    /// Settles the bets of a day.
    async fn settle(
        self: &Arc<Book>,
        day: usize,
        placed: Vec<Placed>,
    ) -> Result<Vec<Settled>, Fatal> {
        let mut tasks = JoinSet::new();
        for placed in placed {
            let book = self.clone();
            tasks.spawn(async move {
                let step = format!("{day}/bet {}/settle", placed.number);
                let voided = |pick: &Pick| book.plan.fate(day, pick.game) == Fate::Cancelled;
                let any_void = placed.bet.picks.iter().any(voided);
                let told = |game| book.plan.told(day, game);
                let make = |stamp| match any_void {
                    true => messages::void(stamp, placed.id),
                    false => {
                        let gross = book.own_gross(day, &placed.bet, told);
                        messages::settlement(stamp, placed.id, gross)
                    }
                };
                let done = book.must(&step, make).await?;
                book.totals().settlement(&done);
                Ok(Settled { placed, done, paid: 0 })
            });
        }
        let mut settled = all(tasks).await?;
        settled.sort_by_key(|settled| settled.placed.number);
        Ok(settled)
    }

    /// What comes back of a single by our own reckoning with these goals, which the centre compares
    /// with its own.
    fn own_gross(&self, day: usize, bet: &Bet, goals: impl Fn(usize) -> (u8, u8)) -> Option<u64> {
        let (Shape::Single, PriceRule::Exact, [pick]) = (bet.shape, bet.price_rule, &*bet.picks)
        else {
            return None;
        };
        let quote = &self.plan.days()[day][pick.game].markets[pick.market];
        let won = quote.outcomes[pick.outcome].outcome == quote.kind.winner(goals(pick.game));
        let gross = bet.amount_tiyn * u64::from(pick.odds.0) / u64::from(terms::Odds::SCALE);
        Some(if won { gross } else { 0 })
    }

    /// Reports what land desks have paid to those who came for it.
    async fn pay_at_desk(
        &self,
        day: usize,
        step: &str,
        settled: &mut [Settled],
    ) -> Result<(), Fatal> {
        let Some(desk) = self.house.land else { return Ok(()) };
        let (mut lines, mut sum) = (Vec::new(), 0);
        for Settled { placed: Placed { number, id, bet }, done, paid } in settled {
            let Way::Desk(form) = bet.way else { continue };
            let due = done.net_due_tiyn.map_or(0, |due| due.0).saturating_sub(*paid);
            if due == 0 || !bet.collects {
                continue;
            }
            let report = messages::payout(self.stamp(), *id, Sum(due), (desk, form));
            lines.push((format!("{day}/bet {number}/{step}"), report));
            *paid += due;
            sum += due;
        }
        self.must_all(lines).await?;
        self.totals().desk_paid_tiyn += sum;
        Ok(())
    }

    /// Corrects the results that were wrong, and what was settled by them.
    async fn correct(
        self: &Arc<Book>,
        day: usize,
        games: &[ListedGame],
        settled: Vec<Settled>,
    ) -> Result<(), Fatal> {
        let mut lines = Vec::new();
        for (place, game) in games.iter().enumerate() {
            let (told, right) = (self.plan.told(day, place), self.plan.days()[day][place].goals);
            for (nth, (listed, quote)) in self.markets(day, place, game).enumerate() {
                if quote.kind.winner(told) != quote.kind.winner(right) {
                    let result =
                        messages::result(self.stamp(), listed, quote, right, Some(MISTAKE));
                    lines.push((format!("{day}/{place}/corrected {nth}"), result));
                }
            }
        }
        self.must_all(lines).await?;
        let mut tasks = JoinSet::new();
        for settled in settled.into_iter().filter(|settled| self.was_mistaken(day, settled)) {
            let book = self.clone();
            tasks.spawn(async move { book.settle_anew(day, settled).await });
        }
        let mut anew = all(tasks).await?;
        anew.sort_by_key(|settled| settled.placed.number);
        self.pay_at_desk(day, "pay more", &mut anew).await
    }

    /// Whether a bet was settled by a result that was wrong.
    fn was_mistaken(&self, day: usize, settled: &Settled) -> bool {
        settled.placed.bet.picks.iter().any(|pick| {
            let found = &self.plan.days()[day][pick.game];
            let kind = found.markets[pick.market].kind;
            kind.winner(self.plan.told(day, pick.game)) != kind.winner(found.goals)
        })
    }

    /// Settles a bet anew. What was paid too much is given back, if the bettor does so.
    async fn settle_anew(&self, day: usize, settled: Settled) -> Result<Settled, Fatal> {
        let Settled { placed, done: before, mut paid } = settled;
        let step = format!("{day}/bet {}", placed.number);
        let right = |game: usize| self.plan.days()[day][game].goals;
        let own = self.own_gross(day, &placed.bet, right);
        let make = |stamp| messages::resettlement(stamp, placed.id, own, MISTAKE);
        let done = self.must(&format!("{step}/settle anew"), make).await?;
        self.totals().correction(&before, &done);
        let net = |done: &Done| done.net_due_tiyn.map_or(0, |due| due.0);
        if before.payout == Some(Payout::Posted) {
            paid = net(&before);
        }
        let too_much = paid.saturating_sub(net(&done));
        if 0 < too_much && placed.bet.gives_back {
            let make = |stamp| messages::given_back(stamp, placed.id, Sum(too_much));
            self.must(&format!("{step}/give back"), make).await?;
            self.totals().given_back_tiyn += too_much;
        }
        Ok(Settled { placed, done, paid })
    }

    /// Sends a message that a bettor wishes; its id if it was done.
    async fn wish(
        &self,
        step: &str,
        make: impl FnOnce(Stamp) -> Request,
    ) -> Result<Option<Id>, Fatal> {
        match self.say(step, make).await? {
            (id, Said::Done(_)) => Ok(Some(id)),
            (_, Said::Refused(code)) => {
                self.totals().refusal(&code);
                Ok(None)
            }
        }
    }

    /// Sends a message that cannot be refused if house and centre are in order.
    async fn must(&self, step: &str, make: impl FnOnce(Stamp) -> Request) -> Result<Done, Fatal> {
        match self.say(step, make).await? {
            (_, Said::Done(done)) => Ok(done),
            (_, Said::Refused(code)) => Err(Fatal::Refused { step: step.to_owned(), code }),
        }
    }

    /// Sends messages, as batches, that cannot be refused.
    async fn must_all(&self, lines: Vec<(String, Request)>) -> Result<(), Fatal> {
        let steps: Vec<String> = lines.iter().map(|(step, _)| step.clone()).collect();
        for (step, (_, said)) in steps.into_iter().zip(self.say_all(lines).await?) {
            if let Said::Refused(code) = said {
                return Err(Fatal::Refused { step, code });
            }
        }
        Ok(())
    }

    /// A step: what was answered, if it was; else its message is sent until it is.
    async fn say(
        &self,
        step: &str,
        make: impl FnOnce(Stamp) -> Request,
    ) -> Result<(Id, Said), Fatal> {
        let known = self.outbox.step(step);
        let (message, said) = match known {
            Some(Step { sent: Sent::Message(message), said }) => (message, said),
            Some(Step { sent: Sent::Order(..), .. }) | None => {
                let message = make(self.stamp());
                self.outbox.keep(step, Sent::Message(message.clone())).await?;
                (message, None)
            }
        };
        let id = message.id();
        let said = match said {
            Some(said) => said,
            None => {
                self.wait_for_turn().await;
                let said = self.until_answered(step, &Sent::Message(message)).await?;
                self.outbox.answer(step, said.clone())?;
                said
            }
        };
        self.totals().messages += 1;
        Ok((id, said))
    }

    async fn until_answered(&self, step: &str, sent: &Sent) -> Result<Said, Fatal> {
        loop {
            match self.centre.send(sent).await {
                Ok(said) => return Ok(said),
                // The client has paused between its attempts.
                Err(Error::Unanswered { .. }) => {}
                Err(source) => return Err(Fatal::Call { step: step.to_owned(), source }),
            }
        }
    }

    /// Steps whose messages go as batches, in this order.
    async fn say_all(&self, lines: Vec<(String, Request)>) -> Result<Vec<(Id, Said)>, Fatal> {
        let (mut said, mut open, mut new) = (vec![None; lines.len()], Vec::new(), Vec::new());
        for (place, (step, message)) in lines.into_iter().enumerate() {
            match self.outbox.step(&step) {
                Some(Step { sent: Sent::Message(sent), said: Some(known) }) => {
                    said[place] = Some((sent.id(), known));
                }
                Some(Step { sent: Sent::Message(sent), said: None }) => {
                    open.push((place, step, sent));
                }
                Some(Step { sent: Sent::Order(..), .. }) | None => {
                    new.push((step.clone(), Sent::Message(message.clone())));
                    open.push((place, step, message));
                }
            }
        }
        self.outbox.keep_all(new).await?;
        let total = said.len() as u64;
        while !open.is_empty() {
            self.wait_for_turn().await;
            if !self.batch(&mut open, &mut said).await? {
                sleep(AGAIN).await;
            }
        }
        self.totals().messages += total;
        Ok(said.into_iter().flatten().collect())
    }

    /// Sends the first of the open lines; whether any of them was answered.
    async fn batch(
        &self,
        open: &mut Vec<(usize, String, Request)>,
        said: &mut [Option<(Id, Said)>],
    ) -> Result<bool, Fatal> {
        let count = open.len().min(BATCH);
        let messages: Vec<Request> = open[..count].iter().map(|row| row.2.clone()).collect();
        let verdicts = match self.centre.batch(&messages).await {
            Ok(verdicts) => verdicts,
            Err(Error::Unanswered { .. }) => return Ok(false),
            Err(source) => return Err(Fatal::Call { step: open[0].1.clone(), source }),
        };
        let before = open.len();
        let mut rest = Vec::new();
        let mut verdicts = verdicts.into_iter();
        for (place, step, message) in open.drain(..) {
            match verdicts.next().flatten() {
                Some(verdict) => {
                    self.outbox.answer(&step, verdict.clone())?;
                    said[place] = Some((message.id(), verdict));
                }
                None => rest.push((place, step, message)),
            }
        }
        *open = rest;
        Ok(open.len() < before)
    }

    fn stamp(&self) -> Stamp {
        Stamp { id: self.centre.new_id(), at: self.centre.now() }
    }

    fn totals(&self) -> MutexGuard<'_, Totals> {
        // Sums are never left half done.
        self.totals.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    async fn wait_for_turn(&self) {
        let Some(Pace { every, next }) = &self.pace else { return };
        let turn = {
            let mut next = next.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
            let turn = (*next).max(tokio::time::Instant::now());
            *next = turn + *every;
            turn
        };
        sleep_until(turn).await;
    }
}

/// Waits for all tasks; the first failure ends the others.
async fn all<T: 'static>(mut tasks: JoinSet<Result<T, Fatal>>) -> Result<Vec<T>, Fatal> {
    let mut done = Vec::with_capacity(tasks.len());
    while let Some(task) = tasks.join_next().await {
        done.push(task.map_err(|error| Fatal::Ended(error.to_string()))??);
    }
    Ok(done)
}

fn lacks(what: &str) -> Fatal {
    Fatal::Ended(format!("an answer lacks the number of a {what}"))
}
