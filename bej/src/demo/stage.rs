//! Somebody who has the operator, the organisers and bettors of the small world say what they say,
//! one after the other, each of which must be done.

use anyhow::{Context as _, bail, ensure};
use desk::command::{
    Bid, ChangeEvent, GiveOrder, LegBid, ListChampionship, ListEvent, ListMarket, Manner,
    PlaceStake, PublishResult, ReportPayout, ReportStake, SettleBet,
};
use desk::{Command, Message};
use journal::fact::{Fact, OutcomeText};
use pump::{Class, Clock, Handle, Outcome as Verdict, Stream};
use register::catalogue::{EventClass, EventState};
use register::{Basis, Form, LegResult, PriceRule, Shape};
use sim::sandbox;
use store::JournalReader;
use terms::{
    BetId, Event, Instant, Market, MessageId, Odds, Organiser, Outcome, Person, Reason, Sender,
    Text, Tiyn,
};

use crate::{fresh, reading};

/// How long before an order its bettor has signed in, and for how long it holds.
const SIGNED_IN_NS: i64 = 60 * Instant::SECOND;
const ORDER_NS: i64 = 3_600 * Instant::SECOND;
/// The outcomes of every market here.
const OUTCOMES: [&str; 2] = ["home", "away"];
/// The code under which they are compared.
pub const CODE: &str = "to_win";

/// The stage.
pub struct Stage<'a> {
    handle: &'a Handle,
    reader: Box<dyn JournalReader>,
    clock: &'a dyn Clock,
    entropy: Stream,
}

/// An event with its one market.
#[derive(Clone, Copy)]
pub struct Game {
    pub organiser: Organiser,
    pub event: Event,
    pub market: Market,
}

impl Game {
    fn outcome(self, place: usize) -> anyhow::Result<Outcome> {
        Outcome::of(self.market, place).context("a market has few outcomes")
    }
}

/// What a bettor stakes on an outcome of a game.
#[derive(Clone, Copy)]
pub struct Wish {
    pub game: Game,
    pub person: Person,
    /// The place of the outcome: 0 or 1.
    pub place: usize,
    pub odds_e4: u32,
    pub tenge: u32,
}

impl<'a> Stage<'a> {
    pub fn new(
        handle: &'a Handle,
        reader: Box<dyn JournalReader>,
        clock: &'a dyn Clock,
    ) -> anyhow::Result<Stage<'a>> {
        let entropy = Stream::system().context("the system gives no random bytes")?;
        Ok(Stage { handle, reader, clock, entropy })
    }

    pub fn now(&self) -> Instant {
        self.clock.wall()
    }

    /// The facts from a position on, with their positions.
    pub fn since(&mut self, mut seq: u64) -> anyhow::Result<Vec<Fact>> {
        let mut facts = Vec::new();
        while let Some(entry) = reading::entry(&mut *self.reader, seq)? {
            facts.push(entry.fact);
            seq += 1;
        }
        Ok(facts)
    }

    /// How many entries there are.
    pub fn entries(&mut self) -> anyhow::Result<u64> {
        Ok(self.reader.head()?.next_seq)
    }

    /// Has somebody say something; gives its id and its fact.
    pub fn say(
        &mut self,
        sender: Sender,
        command: impl Into<Command>,
    ) -> anyhow::Result<(MessageId, Fact)> {
        let command = command.into();
        let name = command.name();
        let (id, verdict) = self.ask(sender, command)?;
        ensure!(verdict.outcome == Verdict::Done, "{name} was not done: {:?}", verdict.outcome);
        let seq = verdict.receipt.context("a verdict without receipt")?.seq;
        let entry = reading::entry(&mut *self.reader, seq.0)?;
        Ok((id, entry.context("a record that is not there")?.fact))
    }

    fn ask(
        &mut self,
        sender: Sender,
        command: Command,
    ) -> anyhow::Result<(MessageId, pump::Verdict)> {
        let id = fresh::message_id(self.clock.wall(), &mut self.entropy);
        let message = Message::new(sender, id, Manner::Single, command);
        Ok((id, self.handle.ask(Class::Control, message)?))
    }

    /// The operator does something.
    pub fn operate(&mut self, command: impl Into<Command>) -> anyhow::Result<()> {
        self.say(Sender::Operator, command).map(|_| ())
    }

    /// An organiser lists an event with a market, which begins so much later.
    pub fn list(&mut self, organiser: Organiser, own: &str, ahead_ns: i64) -> anyhow::Result<Game> {
        let sender = Sender::Organiser(organiser);
        let (_, fact) = self.say(
            sender,
            ListChampionship {
                own: text(own)?,
                sport: text("Boxing")?,
                name: text("Title bouts")?,
            },
        )?;
        let Fact::ChampionshipListed(listed) = fact else { bail!("no championship") };
        let (_, fact) = self.say(
            sender,
            ListEvent {
                championship: listed.championship,
                own: text(own)?,
                name: text(own)?,
                class: EventClass::Sport,
                scheduled: self.now().plus(ahead_ns),
                confirmed: true,
            },
        )?;
        let Fact::EventListed(listed) = fact else { bail!("no event") };
        let event = listed.event;
        let outcome = |name: &str| Ok(OutcomeText { own: text(name)?, name: text(name)? });
        let outcomes: anyhow::Result<Vec<_>> = OUTCOMES.into_iter().map(outcome).collect();
        let market = ListMarket {
            event,
            own: text(CODE)?,
            name: text("To win")?,
            in_play: false,
            outcomes: outcomes?,
        };
        let (_, fact) = self.say(sender, market)?;
        let Fact::MarketListed(listed) = fact else { bail!("no market") };
        Ok(Game { organiser, event, market: listed.market })
    }

    /// A bet by e-money.
    pub fn stake(&mut self, wish: Wish) -> anyhow::Result<BetId> {
        let (id, verdict) = self.wish(wish)?;
        ensure!(verdict == Verdict::Done, "a stake was not done: {verdict:?}");
        Ok(id.into())
    }

    /// A bet by e-money that is to be refused.
    pub fn refused(&mut self, wish: Wish, why: Reason) -> anyhow::Result<()> {
        let (_, verdict) = self.wish(wish)?;
        ensure!(verdict == Verdict::Refused(why), "a stake was not refused so: {verdict:?}");
        Ok(())
    }

    fn wish(&mut self, wish: Wish) -> anyhow::Result<(MessageId, Verdict)> {
        let organiser = wish.game.organiser;
        let mut bid = self.bid(&wish, self.now())?;
        bid.desk = sandbox::electronic(organiser);
        let order = GiveOrder {
            organiser,
            account: bid.account,
            ceiling: bid.amount,
            expires: self.now().plus(ORDER_NS),
            session_at: self.now().plus(-SIGNED_IN_NS),
            method: admission::Method::Session,
            accept: admission::Accept::Better,
            nonce: [0; 8],
        };
        let (order, verdict) = self.ask(Sender::Bettor, order.into())?;
        let order = (verdict.outcome == Verdict::Done).then(|| order.into());
        let command = PlaceStake { bid, order };
        let (id, verdict) = self.ask(Sender::Organiser(organiser), command.into())?;
        Ok((id, verdict.outcome))
    }

    /// A bet in cash, made at a time and reported now.
    pub fn cash(&mut self, wish: Wish, made_at: Instant) -> anyhow::Result<BetId> {
        let bid = self.bid(&wish, made_at)?;
        let report = ReportStake { bid, form: Form::Cash, resends: None };
        let (id, _) = self.say(Sender::Organiser(wish.game.organiser), report)?;
        Ok(id.into())
    }

    fn bid(&self, wish: &Wish, made_at: Instant) -> anyhow::Result<Bid> {
        let Wish { game, person, place, odds_e4, tenge } = *wish;
        let leg = LegBid {
            outcome: game.outcome(place)?,
            odds: Odds::new(odds_e4).context("odds")?,
            requested: None,
        };
        Ok(Bid {
            account: sandbox::account(person, game.organiser),
            desk: sandbox::land(game.organiser),
            made_at,
            amount: sum(tenge)?,
            shape: Shape::Single,
            price: PriceRule::Exact,
            legs: vec![leg],
        })
    }

    /// A game is played, and the outcome at this place wins.
    pub fn play(&mut self, game: Game, winner: usize) -> anyhow::Result<()> {
        for state in [EventState::Started, EventState::Finished] {
            let change = ChangeEvent { event: game.event, state, time: None };
            self.say(Sender::Organiser(game.organiser), change)?;
        }
        self.result(game, winner, None)
    }

    /// The result of a game; why, if it corrects another.
    pub fn result(&mut self, game: Game, winner: usize, why: Option<&str>) -> anyhow::Result<()> {
        let result = |place| if place == winner { LegResult::Won } else { LegResult::Lost };
        let publish = PublishResult {
            market: game.market,
            results: (0..OUTCOMES.len()).map(result).collect(),
            reason: why.map(text).transpose()?,
        };
        self.say(Sender::Organiser(game.organiser), publish).map(|_| ())
    }

    /// Settles a bet; why, if it is settled anew.
    pub fn settle(
        &mut self,
        organiser: Organiser,
        bet: BetId,
        why: Option<&str>,
    ) -> anyhow::Result<()> {
        let settle = SettleBet {
            bet,
            basis: if why.is_some() { Basis::Correction } else { Basis::Result },
            legs: 0,
            stated: None,
            reason: why.map(text).transpose()?,
            computed_at: self.now(),
        };
        self.say(Sender::Organiser(organiser), settle).map(|_| ())
    }

    /// A winner at a land desk wants his winning in his wallet.
    pub fn pay_in_emoney(
        &mut self,
        organiser: Organiser,
        bet: BetId,
        tenge: u32,
    ) -> anyhow::Result<()> {
        let pay = ReportPayout {
            bet,
            amount: sum(tenge)?,
            form: Form::EMoney,
            desk: sandbox::land(organiser),
            paid_at: self.now(),
        };
        self.say(Sender::Organiser(organiser), pay).map(|_| ())
    }
}

/// A sum of whole tenge.
pub fn sum(tenge: u32) -> anyhow::Result<Tiyn> {
    Tiyn::new(i64::from(tenge) * 100).context("a sum")
}

/// A short text.
pub fn text<const MAX: usize>(text: &str) -> anyhow::Result<Text<MAX>> {
    Text::new(text).ok().with_context(|| format!("{text} is no text"))
}
