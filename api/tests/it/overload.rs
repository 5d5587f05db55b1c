//! More than can be done: lanes shed by class, in time, and nothing that was shed was decided.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use desk::Message;
use desk::command::{Manner, ReleaseHold};
use journal::frame::{Frame, Head};
use parking_lot::{Condvar, Mutex};
use pump::{Class, LaneLimits, Options, PumpError, Reply};
use serde_json::json;
use store::{Appended, Fault, JournalReader, JournalStore, Upkeep};
use terms::{BetId, MessageId, Organiser, Sender};
use tokio::sync::mpsc;

use crate::world::{World, id, listed, stake};

/// A disk that stands still while the gate is shut.
#[derive(Default)]
pub struct Gate {
    shut: Mutex<bool>,
    opened: Condvar,
}

impl Gate {
    pub fn set(&self, shut: bool) {
        *self.shut.lock() = shut;
        self.opened.notify_all();
    }
}

/// Opens the gate whatever the end of the test: a pump that waits for its disk does not end.
pub struct Opened(pub Arc<Gate>);

impl Drop for Opened {
    fn drop(&mut self) {
        self.0.set(false);
    }
}

/// A journal on such a disk.
pub struct Gated {
    pub inner: Box<dyn JournalStore>,
    pub gate: Arc<Gate>,
}

impl JournalStore for Gated {
    fn head(&mut self) -> Result<Head, Fault> {
        self.inner.head()
    }

    fn append(&mut self, expected: &Head, frame: &Frame) -> Appended {
        self.gate.opened.wait_while(&mut self.gate.shut.lock(), |shut| *shut);
        self.inner.append(expected, frame)
    }

    fn upkeep(&mut self) -> Result<Upkeep, Fault> {
        self.inner.upkeep()
    }

    fn reader(&self) -> Result<Box<dyn JournalReader>, Fault> {
        self.inner.reader()
    }
}

/// Stakes that are sent at once, and how often at most.
const WAVE: usize = 20;
const WAVES: usize = 20;

#[tokio::test(flavor = "multi_thread")]
async fn a_full_lane_sheds_alone_and_recovers() {
    // R2-55.1a
    let gate = Arc::new(Gate::default());
    let lanes = LaneLimits { control: 64, live: 8, settlement: 64, bulk: 8 };
    let (options, limits) = (Options { lanes, ..Options::standard() }, World::limits());
    let world = World::on(options, limits, Arc::new(pump::SystemClock::new()), |inner| {
        Box::new(Gated { inner, gate: gate.clone() })
    })
    .await;
    let client = world.organiser(0);
    let (market, outcomes) = listed(&client, "e-1").await;
    let order = world.order(&client, 0, 0).await;
    gate.set(true);
    let _opened = Opened(gate.clone());
    let (told, mut hear) = mpsc::unbounded_channel();
    // Another connection of the same organiser sends one message over and over: its lane is full.
    let (handle, flooding) = (world.house.seat.handle().unwrap(), Arc::new(AtomicBool::new(true)));
    let flood = std::thread::spawn({
        let flooding = flooding.clone();
        let release = ReleaseHold { bet: BetId([0; 16]) };
        let id = MessageId::parse(&id()).unwrap();
        let sender = Sender::Organiser(Organiser(0));
        let message = Message::new(sender, id, Manner::Single, release.into());
        move || {
            while flooding.load(Ordering::Acquire) {
                let some = vec![message.clone(); 4];
                match handle.submit(Class::Live, some, Reply::none()) {
                    Ok(()) => {}
                    Err(PumpError::Busy(_)) => std::thread::yield_now(),
                    Err(error) => panic!("{error}"),
                }
            }
        }
    });
    let wave = || {
        for _ in 0..WAVE {
            let message = stake(&order, 0, &outcomes[0], 10).to_string();
            let (client, told) = (client.clone(), told.clone());
            tokio::spawn(async move {
                let got = client.post("/v1/stakes", &message).await;
                // An error means that the test has ended.
                let _ = told.send((message, got));
            });
        }
    };
    // The disk stands still: what fits is queued, the rest is shed, at once and with a time.
    let (mut shed, mut sent) = (Vec::new(), 0);
    while shed.len() < WAVE {
        if sent < WAVES * WAVE {
            wave();
            sent += WAVE;
        }
        tokio::task::yield_now().await;
        while let Ok((message, got)) = hear.try_recv() {
            assert_eq!(got.status, 503, "{got:?}");
            assert_eq!(got.json()["code"], "busy");
            let wait: u64 = got.header("retry-after").unwrap().parse().unwrap();
            assert!((1..=60).contains(&wait), "{wait}");
            shed.push(message);
        }
    }
    // Another lane takes in, another organiser is not shed, and questions are answered.
    let change = json!({ "id": id(), "event": "0", "own": "2", "name": "Second", "in_play": false,
        "outcomes": [{ "own": "1", "name": "1" }] });
    let settlement_lane = tokio::spawn({
        let client = client.clone();
        async move { client.post("/v1/catalogue/markets", &change.to_string()).await }
    });
    let rival = tokio::spawn({
        let (client, path) = (world.organiser(1), "/v1/catalogue/market-changes");
        let change =
            json!({ "id": id(), "market": market, "state": "suspended", "in_play": false });
        async move { client.post(path, &change.to_string()).await }
    });
    client.get("/v1/time").await.expect(200);
    client.get(&format!("/v1/messages/{}", id())).await.expect(200);
    client
        .get(&format!("/v1/accounts/{}/eligibility", crate::world::account(0, 0)))
        .await
        .expect(200);
    flooding.store(false, Ordering::Release);
    flood.join().unwrap();
    gate.set(false);
    // What was queued is decided; what was shed was not, and is when it is sent again.
    drop(told);
    let mut accepted = 0;
    while let Some((message, got)) = hear.recv().await {
        match got.status {
            201 => accepted += 1,
            503 => shed.push(message),
            _ => panic!("{got:?}"),
        }
    }
    assert_eq!(accepted + shed.len(), sent);
    assert!(0 < accepted);
    for message in shed {
        let got = client.post("/v1/stakes", &message).await;
        assert_eq!((got.status, got.header("bej-repeated")), (201, None), "{got:?}");
    }
    settlement_lane.await.unwrap().expect(201);
    assert_eq!(rival.await.unwrap().expect(422)["code"], "market_unknown");
    let text = world.house.metrics.text();
    assert!(!text.contains("api_troubles_total{code=\"busy\"} 0"), "{text}");
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_storm_of_repeats_gets_the_first_answer() {
    // core 15
    let world = World::new().await;
    let client = world.organiser(0);
    let (_, outcomes) = listed(&client, "e-1").await;
    let order = world.order(&client, 0, 0).await;
    let message = stake(&order, 0, &outcomes[0], 10).to_string();
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..100 {
        let (client, message) = (client.clone(), message.clone());
        tasks.spawn(async move { client.post("/v1/stakes", &message).await });
    }
    let (mut first, mut bodies) = (0, std::collections::BTreeSet::new());
    while let Some(got) = tasks.join_next().await {
        let got = got.unwrap();
        assert_eq!(got.status, 201, "{got:?}");
        first += usize::from(got.header("bej-repeated").is_none());
        bodies.insert(got.body);
    }
    assert_eq!((first, bodies.len()), (1, 1));
    world.stop().await;
}
