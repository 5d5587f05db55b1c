//! Who comes in, how often, and how slowly.

use std::time::Duration;

use api::{Callers, Limits};
use pump::Options;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use crate::client::head;
use crate::world::World;

#[tokio::test(flavor = "multi_thread")]
async fn each_certificate_has_a_clear_answer() {
    // R2-55.1b
    let world = World::new().await;
    let client = world.organiser(0);
    assert_eq!(client.get("/v1/caller").await.expect(200)["organiser"], "0");
    for (stranger, code) in world.strangers() {
        for path in ["/v1/caller", "/v1/time", "/v1/nothing", "/"] {
            let got = stranger.get(path).await;
            assert_eq!(got.expect(403)["code"], code, "{path}");
        }
        // A large body is read, so that the answer is heard.
        let large = "x".repeat(300 << 10);
        assert_eq!(stranger.post("/v1/stakes", &large).await.expect(403)["code"], code);
        let kazakh = head("GET", "/v1/time", "accept-language: kk\r\n", "");
        let got = stranger.raw(&kazakh).await.unwrap();
        assert!(got.json()["what_to_do"].as_str().unwrap().contains("ертификат"), "{got:?}");
        // It is heard once: a second request on the same connection is not answered.
        let twice = b"GET /v1/time HTTP/1.1\r\nhost: x\r\n\r\n".repeat(2);
        let got = stranger.bytes(&twice).await.unwrap();
        assert_eq!(String::from_utf8(got).unwrap().matches("HTTP/1.1").count(), 1);
    }
    // One of the authority that is in no table, and one that is revoked while it is connected.
    let unknown = world.unknown("unknown").get("/v1/caller").await;
    assert_eq!(unknown.expect(403)["code"], "certificate_unknown");
    let mut open = client.connect().await.unwrap();
    let asked = b"GET /v1/caller HTTP/1.1\r\nhost: x\r\n\r\n";
    open.write_all(asked).await.unwrap();
    let mut some = [0; 12];
    open.read_exact(&mut some).await.unwrap();
    assert_eq!(&some, b"HTTP/1.1 200");
    let callers = Callers::of(world.home.path());
    assert_eq!(callers.revoke("organiser-9").unwrap(), 0);
    assert_eq!(callers.revoke("organiser-0").unwrap(), 1);
    open.write_all(&head("GET", "/v1/caller", "", "")).await.unwrap();
    let mut rest = Vec::new();
    open.read_to_end(&mut rest).await.unwrap();
    let rest = String::from_utf8(rest).unwrap();
    assert!(rest.contains("HTTP/1.1 403") && rest.contains("certificate_unknown"), "{rest}");
    // A certificate that is entered while the server runs is known at once; a table that cannot
    // be read believes nobody.
    assert_eq!(world.organiser(1).get("/v1/caller").await.expect(200)["organiser"], "1");
    std::fs::write(world.home.path().join("certificates"), "nonsense here\n").unwrap();
    let got = world.client("organiser-1").get("/v1/caller").await;
    assert_eq!(got.expect(403)["code"], "certificate_unknown");
    assert_eq!(callers.find(terms::Hash::ZERO), None);
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn negative_answers_have_a_budget() {
    // domain 3
    let world = World::new().await;
    let client = world.organiser(0);
    let accounts = vec![crate::world::account(2, 0); 1_000];
    let many = serde_json::json!({ "accounts": accounts }).to_string();
    let mut statuses = Vec::new();
    for _ in 0..20 {
        let got = client.post("/v1/eligibility-checks", &many).await;
        if got.status == 429 {
            assert_eq!(got.header("retry-after"), Some("1"));
        }
        statuses.push(got.status);
    }
    assert_eq!(statuses[0], 200);
    assert!(statuses.contains(&429), "{statuses:?}");
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn storms_of_questions_have_a_budget_of_their_own() {
    let limits = Limits { status_per_second: 5, ..Limits::standard() };
    let world = World::with(Options::standard(), limits).await;
    let (client, rival) = (world.organiser(0), world.organiser(1));
    let path = format!("/v1/messages/{}", crate::world::id());
    let mut refused = 0;
    for _ in 0..60 {
        let got = client.get(&path).await;
        assert_eq!(got.header("ratelimit-policy"), Some("\"status\";q=5;w=1"));
        let left = got.header("ratelimit").unwrap().to_owned();
        assert!(left.starts_with("\"status\";r=") && left.ends_with(";t=1"), "{left}");
        if got.status == 429 {
            assert_eq!(got.json()["code"], "rate_exceeded");
            assert_eq!((got.header("retry-after"), &*left), (Some("1"), "\"status\";r=0;t=1"));
            refused += 1;
        }
    }
    assert!(0 < refused, "sixty questions do not fit into five a second");
    // Neither messages nor another organiser's questions pay for it.
    let made = serde_json::json!({
        "id": crate::world::id(), "own": "c", "sport": "Football", "name": "Cup",
    });
    client.post("/v1/catalogue/championships", &made.to_string()).await.expect(201);
    rival.get(&path).await.expect(200);
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_has_so_many_connections_and_no_more() {
    let limits = Limits { connections_per_caller_max: 2, ..World::limits() };
    let world = World::with(Options::standard(), limits).await;
    let client = world.organiser(0);
    let (one, other) = (client.connect().await.unwrap(), client.connect().await.unwrap());
    let got = client.get("/v1/caller").await;
    assert_eq!(got.header("retry-after"), Some("1"));
    assert_eq!(got.expect(429)["code"], "connections_exceeded");
    world.organiser(1).get("/v1/caller").await.expect(200);
    drop((one, other));
    while client.get("/v1/caller").await.status != 200 {
        tokio::task::yield_now().await;
    }
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_is_slow_is_told_so_or_cut() {
    let short = Duration::from_millis(60);
    let limits = Limits { handshake: short, idle: short, body: short, ..World::limits() };
    let world = World::with(Options::standard(), limits).await;
    let client = world.organiser(0);
    // A body that does not come is answered with what to do, and nothing is decided.
    let next = world.next();
    let more = "content-type: application/json\r\ncontent-length: 100\r\n";
    let got = client.raw(&head("POST", "/v1/stakes", more, "{\"id\":")).await.unwrap();
    assert_eq!(got.expect(408)["code"], "body_too_slow");
    assert_eq!(world.next(), next);
    // Half a head, a connection that lies idle, and one that never shakes hands are closed.
    for bytes in [&b"GET /v1/time HT"[..], b""] {
        let mut stream = client.connect().await.unwrap();
        stream.write_all(bytes).await.unwrap();
        let mut heard = Vec::new();
        // An error is a close without a farewell.
        let _ = stream.read_to_end(&mut heard).await;
        assert!(!heard.starts_with(b"HTTP/1.1 2"), "{heard:?}");
    }
    let mut socket = tokio::net::TcpStream::connect(("127.0.0.1", client.port)).await.unwrap();
    let mut heard = Vec::new();
    let _ = socket.read_to_end(&mut heard).await;
    assert_eq!(heard, b"");
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stop_does_not_wait_for_those_who_ask_for_nothing() {
    let world = World::new().await;
    let client = world.organiser(0);
    // One that says nothing at all, one that says nothing after its handshake, one in the middle of
    // a first request, and one that has its answer.
    let port = client.port;
    let silent = tokio::net::TcpStream::connect(("127.0.0.1", port)).await.unwrap();
    let greeted = client.connect().await.unwrap();
    let mut begun = client.connect().await.unwrap();
    begun.write_all(b"GET /v1/ti").await.unwrap();
    let mut answered = client.connect().await.unwrap();
    answered.write_all(b"GET /v1/caller HTTP/1.1\r\nhost: x\r\n\r\n").await.unwrap();
    let mut some = [0; 12];
    answered.read_exact(&mut some).await.unwrap();
    let asked = std::time::Instant::now();
    world.stop().await;
    assert!(asked.elapsed() < Limits::standard().stop / 2, "{:?}", asked.elapsed());
    drop((silent, greeted, begun, answered));
}
