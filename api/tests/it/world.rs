//! A store on disk with the world of the sandbox, a pump on it, and the API before it.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use api::{
    Authority, Budgets, Callers, DailyFiles, Feeds, Follower, House, Limits, Lookup, Metrics, Room,
    Tracer, fingerprint,
};
use desk::command::Manner;
use desk::{Command, Message};
use pump::{Class, Clock, Options, Outcome, Pump, Stream, SystemClock, Time};
use serde_json::{Value, json};
use store::{ColdStore as _, JournalReader, JournalStore};
use store_sqlite::{PART_LIMIT_BYTES, Sqlite, Synchronous};
use terms::id::uuid_v7;
use terms::number::account_number;
use terms::{Day, Instant, MessageId, Organiser, Person, Sender};
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinHandle;

use crate::client::Client;
use crate::persons::Visitors;

/// Everything, on loopback.
pub struct World {
    pub home: tempfile::TempDir,
    pub house: api::Shared,
    pub visitors: Arc<Visitors>,
    pub pump: Option<Pump>,
    pub authority: Authority,
    pub port: u16,
    stop: watch::Sender<bool>,
    task: JoinHandle<()>,
    follower: Option<Follower>,
}

/// Bettors of the small world. Each has an account with each organiser, whose feed begins with
/// them.
pub const OPENED: u32 = 8;

/// A new id of this moment.
pub fn id() -> String {
    id_at(SystemClock::new().wall()).to_string()
}

/// A new id of a moment.
fn id_at(at: Instant) -> MessageId {
    static COUNT: AtomicU64 = AtomicU64::new(1);
    let mut random = [0; 10];
    random[2..].copy_from_slice(&COUNT.fetch_add(1, Ordering::Relaxed).to_be_bytes());
    MessageId(uuid_v7(at.ms(), random))
}

/// The printed number of a person's account.
pub fn account(person: u32, organiser: u32) -> String {
    let (person, organiser) = (Person(person), Organiser(organiser));
    account_number(organiser, sim::sandbox::account(person, organiser))
}

pub fn today() -> Day {
    Day(SystemClock::new().wall().0.div_euclid(Instant::DAY) as i32)
}

/// An instant so many seconds from now, as the wire has it.
pub fn seconds(from_now: i64) -> String {
    SystemClock::new().wall().plus(from_now * Instant::SECOND).to_string()
}

impl World {
    pub async fn new() -> World {
        World::with(Options::standard(), World::limits()).await
    }

    /// Standard but for how often: a test that is not about it asks as often as it likes.
    pub fn limits() -> Limits {
        let many = 1_000_000;
        Limits {
            status_per_second: many,
            checks_per_second: many,
            connections_per_caller_max: 1_000,
            ..Limits::standard()
        }
    }

    /// The end of the journal, after everything that anybody was told of.
    pub fn next(&self) -> u64 {
        assert!(self.house.caught_up());
        self.house.copy.head().next_seq
    }

    pub async fn with(options: Options, limits: Limits) -> World {
        World::on(options, limits, Arc::new(SystemClock::new()), |journal| journal).await
    }

    /// By a clock and on a journal that the test has chosen.
    pub async fn on(
        options: Options,
        limits: Limits,
        clock: Arc<dyn Clock>,
        changed: impl FnOnce(Box<dyn JournalStore>) -> Box<dyn JournalStore>,
    ) -> World {
        World::open(options, limits, clock, changed, None).await
    }

    /// With a tracer.
    pub async fn traced(tracer: Tracer) -> World {
        let (options, clock) = (Options::standard(), Arc::new(SystemClock::new()));
        World::open(options, World::limits(), clock, |journal| journal, Some(tracer)).await
    }

    async fn open(
        options: Options,
        limits: Limits,
        clock: Arc<dyn Clock>,
        changed: impl FnOnce(Box<dyn JournalStore>) -> Box<dyn JournalStore>,
        tracer: Option<Tracer>,
    ) -> World {
        let home = tempfile::tempdir().unwrap();
        let how = store_sqlite::Options {
            synchronous: Synchronous::Off,
            part_limit_bytes: PART_LIMIT_BYTES,
            create: true,
        };
        let sqlite = Sqlite::open(home.path().join("bej.db"), how).unwrap();
        let cold = sqlite.cold().unwrap();
        let index = cold.reader();
        let pump = Pump::start(
            changed(Box::new(sqlite.journal().unwrap())),
            None,
            Some(Box::new(cold)),
            Time::Clock(clock.clone()),
            Box::new(Stream::seeded([7; 32])),
            options,
        )
        .unwrap();
        let frames = pump.subscribe().unwrap();
        let readers = sqlite.clone();
        let open = Box::new(move || {
            readers.reader().map(|reader| Box::new(reader) as Box<dyn JournalReader>)
        });
        let authority = Authority::load_or_make(home.path(), today()).unwrap();
        let visitors = Arc::new(Visitors::new(clock.clone()));
        let house = Arc::new(House {
            seat: Arc::new(api::Seat::alone(pump.handle())),
            copy: pump.read_copy(),
            phrases: phrases::Phrases::load().unwrap(),
            callers: Callers::of(home.path()),
            lookup: Lookup::new(open, Some(index)),
            views: None,
            prover: None,
            health: Box::new(|| (true, json!({ "state": "ok" }))),
            persons: visitors.clone(),
            feeds: Feeds::open(home.path()).unwrap(),
            budgets: Budgets::new(limits),
            limits,
            batches: Semaphore::new(limits.batches_max),
            room: Room::default(),
            told: Arc::default(),
            requests: AtomicU64::new(0),
            daily: DailyFiles::of(home.path().join("daily")),
            metrics: Metrics::default(),
            tracer,
            clock,
        });
        let follower = Follower::start(house.clone(), frames).unwrap();
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let edge = api::mutual_tls(authority.root().unwrap(), authority.server().unwrap()).unwrap();
        let (stop, stopping) = watch::channel(false);
        let router = api::api(house.clone());
        let task = tokio::spawn(api::serve_tls(listener, edge, router, house.clone(), stopping));
        let world = World {
            home,
            house,
            visitors,
            pump: Some(pump),
            authority,
            port,
            stop,
            task,
            follower: Some(follower),
        };
        for command in sim::sandbox::commands(OPENED) {
            world.operator(command);
        }
        world
    }

    /// Has the operator send a command, which must be done.
    pub fn operator(&self, command: impl Into<Command>) {
        let id = id_at(self.house.clock.wall());
        let message = Message::new(Sender::Operator, id, Manner::Single, command.into());
        let verdict = self.house.seat.handle().unwrap().ask(Class::Control, message).unwrap();
        assert_eq!(verdict.outcome, Outcome::Done);
        // Whoever asks next finds it: the read copy follows the answer.
        let seq = verdict.receipt.unwrap().seq;
        assert!(self.house.copy.wait_for(seq, Duration::from_secs(60)));
    }

    /// An organiser's client.
    pub fn organiser(&self, number: u32) -> Client {
        let name = format!("organiser-{number}");
        let made = self.authority.issue_client(&name, today(), 2).unwrap();
        let print = fingerprint(&made);
        Callers::of(self.home.path()).add(print, Organiser(number), &name).unwrap();
        self.client(&name)
    }

    /// A client with a certificate of the authority that is in no table.
    pub fn unknown(&self, name: &str) -> Client {
        self.authority.issue_client(name, today(), 2).unwrap();
        self.client(name)
    }

    /// Those whose certificates are worth nothing, and what each is told: no certificate, one of
    /// another authority, one whose time is over, and one whose time has not come.
    pub fn strangers(&self) -> Vec<(Client, &'static str)> {
        let root = || self.authority.root().unwrap();
        let elsewhere = tempfile::tempdir().unwrap();
        let other = Authority::load_or_make(elsewhere.path(), today()).unwrap();
        other.issue_client("x", today(), 2).unwrap();
        let foreign = Client::new(self.port, root(), Some(other.identity("x").unwrap()));
        self.authority.issue_client("old", Day(today().0 - 30), 10).unwrap();
        self.authority.issue_client("early", Day(today().0 + 2), 10).unwrap();
        vec![
            (Client::new(self.port, root(), None), "certificate_missing"),
            (foreign, "certificate_foreign"),
            (self.client("old"), "certificate_expired"),
            (self.client("early"), "certificate_expired"),
        ]
    }

    /// A client with the certificate of this name, which may be in no table.
    pub fn client(&self, name: &str) -> Client {
        let identity = self.authority.identity(name).unwrap();
        Client::new(self.port, self.authority.root().unwrap(), Some(identity))
    }

    /// Ends everything in order; gives the end of the journal and where it lies.
    pub async fn stop(mut self) -> (u64, tempfile::TempDir) {
        self.stop.send(true).unwrap();
        (&mut self.task).await.unwrap();
        let stopped = self.pump.take().unwrap().stop().unwrap();
        drop(self.follower.take());
        (stopped.head.next_seq, self.home)
    }
}

/// An event of one market with three outcomes, listed over the API; gives the outcomes' numbers.
pub async fn listed(client: &Client, own: &str) -> (String, Vec<String>) {
    let championship = json!({
        "id": id(), "own": format!("c-{own}"), "sport": "Football", "name": "Cup",
    });
    let made = client.post("/v1/catalogue/championships", &championship.to_string()).await;
    let championship = made.expect(201)["championship"].clone();
    let event = json!({
        "id": id(), "championship": championship, "own": own, "name": "One v Other",
        "class": "sport", "scheduled_start": seconds(3_600),
    });
    let made = client.post("/v1/catalogue/events", &event.to_string()).await.expect(201);
    let outcome = |own: &str| json!({ "own": own, "name": own });
    let market = json!({
        "id": id(), "event": made["event"], "own": "1x2", "name": "Result", "in_play": false,
        "outcomes": [outcome("1"), outcome("x"), outcome("2")],
    });
    let made = client.post("/v1/catalogue/markets", &market.to_string()).await.expect(201);
    let outcomes = made["outcomes"].as_array().unwrap();
    let outcomes = outcomes.iter().map(|outcome| outcome.as_str().unwrap().to_owned()).collect();
    (made["market"].as_str().unwrap().to_owned(), outcomes)
}

impl World {
    /// A bettor's order over the API; gives its id.
    pub async fn order(&self, client: &Client, person: u32, organiser: u32) -> String {
        let token = self.visitors.open(person);
        let order = id();
        let body = json!({
            "id": order, "organiser": organiser.to_string(), "account": account(person, organiser),
            "ceiling_tiyn": 5_000_000, "currency": "KZT", "accept": "any",
            "expires_at": seconds(600),
        });
        let bearer = format!("authorization: Bearer {token}\r\n");
        let made =
            client.post_as("application/json", &bearer, "/v1/me/orders", &body.to_string()).await;
        assert_eq!(made.expect(201)["order"], order);
        order
    }
}

/// A single on an outcome.
pub fn stake(order: &str, person: u32, outcome: &str, amount: u64) -> Value {
    json!({
        "id": id(), "order": order, "account": account(person, 0), "desk": "0",
        "amount_tiyn": amount, "currency": "KZT", "made_at": seconds(-1), "shape": "single",
        "price_rule": "exact", "selections": [{ "outcome": outcome, "odds_e4": 18_500 }],
    })
}
