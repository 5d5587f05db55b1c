//! The reference bookmakers in this process: the same seasons as the program `bookmaker` plays over
//! the network, with the pump behind their messages and nothing between.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use admission::Method;
use anyhow::{Context as _, bail};
use api::translate;
use desk::Message;
use desk::command::Manner;
use hsc::book::centre::{Answering, Done};
use hsc::book::{Book, Centre, Fatal, House, Outbox, Plan, Said, Sent};
use hsc::{Attempt, Error};
use journal::fact::{Entry, Fact};
use matches::odds_file::{self, Match};
use parking_lot::Mutex;
use pump::{Class, Clock, Entropy as _, Handle, Outcome, Pump, Reply, Stream, SystemClock};
use pump::{Time, Verdict};
use sim::bookmaker::Options;
use sim::sandbox;
use store::{Head, JournalReader};
use terms::id::uuid_v7;
use terms::{Instant, MessageId, Organiser, Sender, Seq, Tiyn};
use tokio::sync::oneshot;
use wire::{AccountNo, Desk, Id, OrganiserNo, OutcomeNo, Payout, Request, Sum};

use crate::store_url::StoreUrl;
use crate::totals::Totals;
use crate::watch::Watch;

/// Before a message that the budget of refusals has put off is sent again.
const AGAIN: Duration = Duration::from_millis(200);
/// How long before an order its bettor has signed in.
const SIGNED_IN_NS: i64 = 60 * Instant::SECOND;
/// The organiser with a land desk that takes cash.
pub const WITH_LAND_DESK: Organiser = Organiser(1);

/// Plays the seasons of the sandbox's two organisers into an empty store.
pub fn play(
    files: &[PathBuf],
    url: &StoreUrl,
    options: Options,
    how: pump::Options,
) -> anyhow::Result<Totals> {
    let mut matches: Vec<Match> = Vec::new();
    for path in files {
        matches.extend(odds_file::open(path)?.matches);
    }
    let opened = url.lasting()?;
    let mut parts = opened.parts()?;
    if parts.journal.head()? != Head::empty() {
        bail!("{url} is not empty; give --store a path where there is none");
    }
    let entropy = Stream::system().context("the system gives no random bytes")?;
    let time = Time::Clock(Arc::new(SystemClock::new()));
    let (snapshots, cold) = (Some(parts.snapshots), Some(parts.cold));
    let pump = Pump::start(parts.journal, snapshots, cold, time, Box::new(entropy), how)?;
    crate::sandbox::put(&pump.handle(), &SystemClock::new(), sandbox::commands(options.bettors))?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    // Opened out here: a driver of a database may wait for it.
    let mut readers = Vec::new();
    for _ in 0..sandbox::ORGANISERS {
        readers.push(Box::new(opened.reader()?));
    }
    let played = runtime.block_on(async {
        let mut seasons = tokio::task::JoinSet::new();
        for (organiser, reader) in (0..sandbox::ORGANISERS).map(Organiser).zip(readers) {
            let Options { seed, bets_per_match, .. } = options;
            let plan = Plan::new(matches.clone(), organiser.0, seed, bets_per_match)?;
            let clock = Arc::new(SystemClock::new());
            let centre = Inside::of(organiser, pump.handle(), reader, clock)?;
            let centre = Arc::new(centre);
            let outbox = Outbox::in_memory();
            let house = house(organiser, options.bettors);
            let book = Book::new(centre, outbox, plan, house, "0", None);
            seasons.spawn(async move { book.play(|_, _, _| {}).await });
        }
        while let Some(season) = seasons.join_next().await {
            season??;
        }
        anyhow::Ok(())
    });
    let stopped = pump.stop().context("the pump ended")?;
    Watch::default().note(stopped.snapshot_failed.as_deref());
    played?;
    crate::views::follow(&opened)?;
    Totals::of(&mut opened.reader()?)
}

/// An organiser of the sandbox as its bookmaker knows it.
pub fn house(organiser: Organiser, bettors: u32) -> House {
    let land = (organiser == WITH_LAND_DESK).then(|| Desk(sandbox::land(organiser)));
    let account = |account| AccountNo((organiser, account));
    House {
        organiser: OrganiserNo(organiser),
        electronic: Desk(sandbox::electronic(organiser)),
        land,
        bettors: sandbox::customers(organiser, bettors).into_iter().map(account).collect(),
    }
}

/// The pump as an organiser's centre.
pub struct Inside {
    organiser: Organiser,
    handle: Handle,
    reader: Mutex<Box<dyn JournalReader>>,
    clock: Arc<dyn Clock>,
    entropy: Mutex<Stream>,
}

impl Inside {
    /// The pump behind a handle, for an organiser.
    pub fn of(
        organiser: Organiser,
        handle: Handle,
        reader: Box<dyn JournalReader>,
        clock: Arc<dyn Clock>,
    ) -> anyhow::Result<Inside> {
        let entropy = Stream::system().context("the system gives no random bytes")?;
        let (reader, entropy) = (Mutex::new(reader), Mutex::new(entropy));
        Ok(Inside { organiser, handle, reader, clock, entropy })
    }

    async fn ask(&self, class: Class, message: Message) -> Result<Option<Said>, Error> {
        let (sender, receiver) = oneshot::channel();
        let reply = Reply::new(move |verdicts| {
            // An error means that nobody waits any more.
            let _ = sender.send(verdicts);
        });
        let strange = |what: String| Error::Strange { status: 503, what };
        let put = self.handle.submit(class, vec![message], reply);
        put.map_err(|error| strange(error.to_string()))?;
        let verdicts = receiver.await.map_err(|_| strange("no reply".to_owned()))?;
        let verdicts = verdicts.map_err(|error| strange(error.to_string()))?;
        let verdict = verdicts.first().ok_or_else(|| strange("no verdict".to_owned()))?;
        self.said(verdict).map_err(|error| strange(format!("{error:#}")))
    }

    /// What a verdict says; none if nothing was decided.
    fn said(&self, verdict: &Verdict) -> anyhow::Result<Option<Said>> {
        Ok(match verdict.outcome {
            Outcome::Done => {
                let seq = verdict.receipt.context("a verdict without receipt")?.seq;
                Some(Said::Done(self.done(seq)?))
            }
            Outcome::Refused(reason) => Some(Said::Refused(reason.outer().name().to_owned())),
            Outcome::Conflict(_) => Some(Said::Refused("id_reused".to_owned())),
            Outcome::Deferred(_) | Outcome::TooMany(_) | Outcome::Idle => None,
        })
    }

    /// What the record of a message tells.
    fn done(&self, seq: Seq) -> anyhow::Result<Done> {
        let mut reader = self.reader.lock();
        let mut entry = |seq: u64| -> anyhow::Result<Option<Entry>> {
            crate::reading::entry(&mut **reader, seq)
        };
        let first = entry(seq.0)?.context("a record that is not there")?;
        Ok(match first.fact {
            Fact::ChampionshipListed(fact) => Done {
                championship: Some(wire::ChampionshipNo(fact.championship)),
                ..Done::default()
            },
            Fact::EventListed(fact) => {
                Done { event: Some(wire::EventNo(fact.event)), ..Done::default() }
            }
            Fact::MarketListed(fact) => {
                let number = |place| terms::Outcome::of(fact.market, place).map(OutcomeNo);
                Done {
                    market: Some(wire::MarketNo(fact.market)),
                    outcomes: (0..fact.outcomes.len()).map(number).collect(),
                    ..Done::default()
                }
            }
            Fact::BetSettled(fact) => {
                let next = entry(seq.0 + 1)?.map(|entry| entry.fact);
                let paid = matches!(next, Some(Fact::PayoutPosted(next)) if next.bet == fact.bet);
                let payout = match (fact.waits.is_some(), paid, fact.net_due.is_zero()) {
                    (true, _, _) => Payout::WaitingFunds,
                    (false, true, _) => Payout::Posted,
                    (false, false, true) => Payout::None,
                    (false, false, false) => Payout::DueAtDesk,
                };
                Done {
                    gross_return_tiyn: Some(sum(fact.gross)),
                    refund_tiyn: Some(sum(fact.refund)),
                    net_due_tiyn: Some(sum(fact.net_due)),
                    payout: Some(payout),
                    ..Done::default()
                }
            }
            _ => Done::default(),
        })
    }

    fn message(&self, request: &Request, manner: Manner) -> Message {
        let command = translate::command(self.organiser, request);
        Message::new(Sender::Organiser(self.organiser), request.id().0, manner, command)
    }
}

fn sum(sum: Tiyn) -> Sum {
    Sum(sum.get().unsigned_abs())
}

impl Centre for Inside {
    fn now(&self) -> Instant {
        self.clock.wall()
    }

    fn new_id(&self) -> Id {
        let mut random = [0; 10];
        let mut entropy = self.entropy.lock();
        random[..8].copy_from_slice(&entropy.draw());
        random[8..].copy_from_slice(&entropy.draw()[..2]);
        Id(MessageId(uuid_v7(self.now().ms(), random)))
    }

    fn send<'a>(&'a self, sent: &'a Sent) -> Answering<'a, Said> {
        Box::pin(async move {
            let (class, message) = match sent {
                Sent::Message(request) => {
                    (translate::class(request.kind()), self.message(request, Manner::Single))
                }
                Sent::Order(order, _) => {
                    let signed_in = self.now().plus(-SIGNED_IN_NS);
                    let command = translate::give_order(order, signed_in, Method::Session, [0; 8]);
                    let message = Message::new(Sender::Bettor, order.id.0, Manner::Single, command);
                    (Class::Live, message)
                }
            };
            match self.ask(class, message).await? {
                Some(said) => Ok(said),
                None => {
                    tokio::time::sleep(AGAIN).await;
                    let last = Attempt::TimedOut;
                    Err(Error::Unanswered { attempts: 1, perhaps_decided: false, last })
                }
            }
        })
    }

    fn batch<'a>(&'a self, messages: &'a [Request]) -> Answering<'a, Vec<Option<Said>>> {
        Box::pin(async move {
            let mut said = Vec::with_capacity(messages.len());
            for request in messages {
                let message = self.message(request, Manner::Bulk);
                said.push(self.ask(Class::Bulk, message).await?);
            }
            Ok(said)
        })
    }

    fn sign_in(&self, _: AccountNo, _: Option<&str>) -> Result<String, Fatal> {
        Ok("in this process".to_owned())
    }
}
