//! Requests under way: bounded by organiser and lane, before any body is read.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use api::Limits;
use axum::body::{Body, to_bytes};
use axum::http::{Request, StatusCode};
use hyper::client::conn::http2::{SendRequest, handshake};
use hyper_util::rt::{TokioExecutor, TokioIo};
use journal::fact::Fact;
use pump::{Options, SystemClock};
use serde_json::json;
use terms::{MessageId, Organiser, Sender};
use tokio::io::AsyncWriteExt as _;
use tokio::task::JoinSet;

use crate::client::{Client, Heard};
use crate::overload::{Gate, Gated, Opened};
use crate::world::{World, account, id, listed, stake};

/// Requests of each lane that may be under way here.
const LIVE: usize = 8;
const SETTLEMENTS: usize = 4;
const BATCHES: usize = 2;

fn limits() -> Limits {
    Limits {
        live_under_way_max: LIVE,
        settlements_under_way_max: SETTLEMENTS,
        batches_per_caller_max: BATCHES,
        ..World::limits()
    }
}

/// A name that no entry of the catalogue has.
fn own() -> String {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    format!("cup-{}", COUNT.fetch_add(1, Ordering::Relaxed))
}

/// What is sent to a lane in turn.
struct Lane {
    path: &'static str,
    kind: &'static str,
    room: usize,
    wait: &'static str,
    status: u16,
}

#[tokio::test(flavor = "multi_thread")]
async fn each_lane_sheds_what_is_beyond_its_room_and_says_when_to_come_again() {
    // R2-55.1a, R2-55.3
    let gate = Arc::new(Gate::default());
    let clock = Arc::new(SystemClock::new());
    let world = World::on(Options::standard(), limits(), clock, |inner| {
        Box::new(Gated { inner, gate: gate.clone() })
    })
    .await;
    let client = world.organiser(0);
    let (_, outcomes) = listed(&client, "e-1").await;
    let order = world.order(&client, 0, 0).await;
    let rival = world.organiser(1);
    gate.set(true);
    let _opened = Opened(gate.clone());
    let json = "application/json";
    let lanes = [
        Lane { path: "/v1/stakes", kind: json, room: LIVE, wait: "1", status: 201 },
        Lane {
            path: "/v1/catalogue/championships",
            kind: json,
            room: SETTLEMENTS,
            wait: "2",
            status: 201,
        },
        Lane {
            path: "/v1/batches",
            kind: "application/x-ndjson",
            room: BATCHES,
            wait: "5",
            status: 200,
        },
    ];
    let body = |lane: &Lane| {
        let stake = stake(&order, 0, &outcomes[0], 10);
        match lane.path {
            "/v1/stakes" => stake.to_string(),
            "/v1/batches" => json!({ "kind": "stake", "message": stake }).to_string(),
            _ => {
                json!({ "id": id(), "own": own(), "sport": "Football", "name": "Cup" }).to_string()
            }
        }
    };
    let mut waiting = JoinSet::new();
    let mut shed = Vec::new();
    for lane in lanes {
        // While the disk stands still whoever is let in waits; one after the other is turned away
        // as soon as all places are taken.
        let mut heard = JoinSet::new();
        for _ in 0..lane.room + 3 {
            let (client, body) = (client.clone(), body(&lane));
            heard.spawn(async move {
                let more = "accept-language: kk\r\n";
                let got = client.post_as(lane.kind, more, lane.path, &body).await;
                (body, got)
            });
        }
        for _ in 0..3 {
            let (body, got) = heard.join_next().await.unwrap().unwrap();
            check_shed(&got, &lane);
            shed.push((body, Lane { ..lane }));
        }
        waiting.spawn(async move {
            let got = heard.join_all().await;
            assert_eq!(got.len(), lane.room);
            for (_, got) in got {
                assert_eq!(got.status, lane.status, "{got:?}");
            }
        });
    }
    // Another organiser has room of its own, and questions are answered.
    let change = json!({ "id": id(), "market": "0", "state": "suspended", "in_play": false });
    waiting.spawn(async move {
        let got = rival.post("/v1/catalogue/market-changes", &change.to_string()).await;
        assert_ne!(got.status, 503, "{got:?}");
    });
    client.get("/v1/time").await.expect(200);
    gate.set(false);
    waiting.join_all().await;
    // What was turned away was not decided, and is when it is sent again.
    for (body, lane) in shed {
        let got = client.post_as(lane.kind, "", lane.path, &body).await;
        assert_eq!((got.status, got.header("bej-repeated")), (lane.status, None), "{got:?}");
    }
    world.stop().await;
}

fn check_shed(got: &Heard, lane: &Lane) {
    let problem = got.expect(503);
    assert_eq!(problem["code"], "busy");
    assert_eq!(problem["type"], "/problems/busy");
    assert_eq!(problem["retryable"], true);
    let id = got.header("request-id").unwrap();
    assert_eq!(problem["instance"], format!("urn:uuid:{id}"));
    assert_eq!(got.header("retry-after"), Some(lane.wait), "{}", lane.path);
    assert_eq!(got.header("content-type"), Some("application/problem+json"));
    assert_eq!(got.header("content-language"), Some("kk"));
}

/// Connections of HTTP/2 that flood, and stakes that each of them sends at once.
const FLOODING: usize = 4;
const AT_ONCE: usize = 60;

async fn streams(client: &Client) -> SendRequest<Body> {
    let mut config = rustls::ClientConfig::clone(&client.tls);
    config.alpn_protocols = vec![b"h2".to_vec()];
    let client = Client { tls: Arc::new(config), ..client.clone() };
    let io = TokioIo::new(client.connect().await.unwrap());
    let (sender, connection) = handshake(TokioExecutor::new(), io).await.unwrap();
    tokio::spawn(connection);
    sender
}

/// Sends one stake over and over until it is accepted, whatever it is told; gives how often it was
/// turned away.
async fn insist(mut sender: SendRequest<Body>, stake: String) -> usize {
    let mut shed = 0;
    loop {
        sender.ready().await.unwrap();
        let request = Request::post("https://localhost/v1/stakes")
            .header("content-type", "application/json")
            .body(Body::from(stake.clone()))
            .unwrap();
        let answer = sender.send_request(request).await.unwrap();
        let (head, body) = answer.into_parts();
        match head.status {
            StatusCode::CREATED => return shed,
            StatusCode::SERVICE_UNAVAILABLE => {
                assert_eq!(head.headers["retry-after"], "1");
                let problem = to_bytes(Body::new(body), 1 << 16).await.unwrap();
                let problem: serde_json::Value = serde_json::from_slice(&problem).unwrap();
                assert_eq!(problem["code"], "busy");
                shed += 1;
            }
            status => panic!("{status}"),
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_flood_on_many_streams_loses_nothing_and_starves_nobody() {
    // R2-55.1a, core 12
    let world = World::with(Options::standard(), limits()).await;
    let client = world.organiser(0);
    let (_, outcomes) = listed(&client, "e-1").await;
    let order = world.order(&client, 0, 0).await;
    let mut flood = JoinSet::new();
    let mut sent = BTreeSet::new();
    for _ in 0..FLOODING {
        let sender = streams(&client).await;
        for _ in 0..AT_ONCE {
            let stake = stake(&order, 0, &outcomes[0], 10);
            sent.insert(MessageId::parse(stake["id"].as_str().unwrap()).unwrap());
            flood.spawn(insist(sender.clone(), stake.to_string()));
        }
    }
    // Neither the same organiser's other lane nor another organiser notices anything.
    let rival = world.organiser(1);
    for _ in 0..LIVE {
        let cup = json!({ "id": id(), "own": own(), "sport": "Football", "name": "Cup" });
        client.post("/v1/catalogue/championships", &cup.to_string()).await.expect(201);
        let change = json!({ "id": id(), "market": "0", "state": "open", "in_play": false });
        rival.post("/v1/catalogue/market-changes", &change.to_string()).await.expect(422);
        let path = format!("/v1/accounts/{}/eligibility", account(0, 0));
        client.get(&path).await.expect(200);
    }
    let shed: usize = flood.join_all().await.into_iter().sum();
    assert!(0 < shed, "nothing had to be turned away");
    // Each stake is in the journal, and once.
    world.next();
    let mut found = Vec::new();
    for id in &sent {
        let entry = world.house.lookup.message(Sender::Organiser(Organiser(0)), *id).unwrap();
        let entry = entry.unwrap();
        assert!(matches!(entry.fact, Fact::StakeAccepted(_)), "{entry:?}");
        found.push(entry.seq);
    }
    found.sort();
    found.dedup();
    assert_eq!(found.len(), FLOODING * AT_ONCE);
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_kept_connection_goes_on_after_it_was_turned_away() {
    let gate = Arc::new(Gate::default());
    let limits = Limits { live_under_way_max: 1, ..limits() };
    let clock = Arc::new(SystemClock::new());
    let world = World::on(Options::standard(), limits, clock, |inner| {
        Box::new(Gated { inner, gate: gate.clone() })
    })
    .await;
    let client = world.organiser(0);
    let (_, outcomes) = listed(&client, "e-1").await;
    let order = world.order(&client, 0, 0).await;
    gate.set(true);
    let _opened = Opened(gate.clone());
    // One is under way; the kept connection sends two in one piece, the first of which is shed.
    let first = stake(&order, 0, &outcomes[0], 10).to_string();
    let messages = || {
        let text = world.house.metrics.text();
        text.lines().find(|line| line.starts_with("api_messages_total ")).map(str::to_owned)
    };
    let before = messages();
    let under_way = tokio::spawn({
        let (client, first) = (client.clone(), first.clone());
        async move { client.post("/v1/stakes", &first).await }
    });
    let mut kept = client.connect().await.unwrap();
    let post = |body: &str, more: &str| {
        format!(
            "POST /v1/stakes HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n\
             content-length: {}\r\n{more}\r\n{body}",
            body.len()
        )
    };
    let mut heard = Vec::new();
    let second = stake(&order, 0, &outcomes[0], 10).to_string();
    // Until the first has its place the other may be the one that is let in and waits.
    while messages() == before {
        tokio::task::yield_now().await;
    }
    kept.write_all(post(&second, "").as_bytes()).await.unwrap();
    let shed = crate::client::one(&mut kept, &mut heard).await;
    assert_eq!((shed.status, shed.header("connection")), (503, None), "{shed:?}");
    kept.write_all(post(&second, "connection: close\r\n").as_bytes()).await.unwrap();
    gate.set(false);
    let done = crate::client::one(&mut kept, &mut heard).await;
    // It was let in when there was room, or turned away again while the first was being answered.
    assert!([201, 503].contains(&done.status), "{done:?}");
    under_way.await.unwrap().expect(201);
    client.post("/v1/stakes", &second).await.expect(201);
    world.stop().await;
}
