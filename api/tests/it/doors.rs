//! Who comes in, and that whatever happens to a connection, nothing is lost or doubled.

use api::limits::CERTIFICATE_DAYS;
use api::{Authority, Callers};
use pump::{LaneLimits, Options};
use terms::Day;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use crate::client::{Client, head};
use crate::world::{World, listed, stake, today};

#[tokio::test(flavor = "multi_thread")]
async fn only_certificates_in_the_table_come_in() {
    // R2-55.2
    let world = World::new().await;
    let client = world.organiser(0);
    assert_eq!(client.get("/v1/caller").await.expect(200)["organiser"], "0");
    let root = || world.authority.root().unwrap();
    // No certificate, one of another authority, one that has expired: no connection.
    let nobody = Client::new(world.port, root(), None);
    assert!(nobody.raw(&head("GET", "/v1/time", "", "")).await.is_err());
    let elsewhere = tempfile::tempdir().unwrap();
    let other = Authority::load_or_make(elsewhere.path(), today()).unwrap();
    other.issue_client("x", today(), CERTIFICATE_DAYS).unwrap();
    let foreign = Client::new(world.port, root(), Some(other.identity("x").unwrap()));
    assert!(foreign.raw(&head("GET", "/v1/time", "", "")).await.is_err());
    world.authority.issue_client("old", Day(today().0 - 30), 10).unwrap();
    assert!(world.client("old").raw(&head("GET", "/v1/time", "", "")).await.is_err());
    // One of the authority that is in no table, and one that was taken out of it.
    world.authority.issue_client("unknown", today(), 10).unwrap();
    let unknown = world.client("unknown").get("/v1/caller").await;
    assert_eq!(unknown.expect(403)["code"], "certificate_unknown");
    std::fs::write(world.home.path().join("certificates"), "").unwrap();
    assert_eq!(client.get("/v1/caller").await.expect(403)["code"], "certificate_unknown");
    std::fs::write(world.home.path().join("certificates"), "nonsense here\n").unwrap();
    assert_eq!(client.get("/v1/caller").await.expect(403)["code"], "certificate_unknown");
    assert_eq!(Callers::of(world.home.path()).find(terms::Hash::ZERO), None);
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_cut_anywhere_is_neither_lost_nor_doubled() {
    // R0-17.4a
    let world = World::new().await;
    let client = world.organiser(0);
    let (_, outcomes) = listed(&client, "e-1").await;
    let order = world.order(&client, 0, 0).await;
    let balance = || {
        world.house.copy.read(|state| {
            let wallet = sim::sandbox::wallet(terms::Person(0));
            state.ledger.get(wallet).unwrap().available().get()
        })
    };
    let before = balance();
    let message = stake(&order, 0, &outcomes[0], 1_000).to_string();
    let length = message.len();
    let more = format!("content-type: application/json\r\ncontent-length: {length}\r\n");
    let request = head("POST", "/v1/stakes", &more, &message);
    // The request is cut at every tenth byte; nothing of it may be decided.
    for cut in (0..request.len()).step_by(10) {
        let mut stream = client.connect().await.unwrap();
        stream.write_all(&request[..cut]).await.unwrap();
        drop(stream);
    }
    // The answer is cut after so many bytes; it was decided once.
    for cut in [0, 1, 5, 20, 100, 200] {
        let mut stream = client.connect().await.unwrap();
        stream.write_all(&request).await.unwrap();
        let mut some = vec![0; cut];
        if 0 < cut {
            stream.read_exact(&mut some).await.unwrap();
        }
        drop(stream);
    }
    let made = client.raw(&request).await.unwrap().expect(201);
    let seq = made["receipt"]["seq"].as_u64().unwrap();
    world.house.copy.wait_for(terms::Seq(seq), api::limits::PATIENCE);
    assert_eq!(before - balance(), 1_000);
    let path = format!("/v1/messages/{}", made["id"].as_str().unwrap());
    assert_eq!(client.get(&path).await.expect(200)["receipt"]["seq"], seq);
    let home = world.sqlite.layout().part(0);
    let (end, _home) = world.stop().await;
    let mut reader = store_sqlite::Reader::open(home).unwrap();
    let head = store::JournalReader::head(&mut reader).unwrap();
    assert_eq!(head.next_seq, end);
}

#[tokio::test(flavor = "multi_thread")]
async fn overload_is_told_with_a_time_to_wait() {
    // R2-55.5
    let lanes = LaneLimits { control: 64, live: 1, settlement: 1, bulk: 1 };
    let world = World::with(Options { lanes, ..Options::standard() }).await;
    let client = world.organiser(0);
    let (_, outcomes) = listed(&client, "e-1").await;
    let order = world.order(&client, 0, 0).await;
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..48 {
        let message = stake(&order, 0, &outcomes[0], 10).to_string();
        let client = client.clone();
        tasks.spawn(async move {
            let mut shed = 0;
            // Each is sent until it is decided; what was shed was not.
            loop {
                let got = client.post("/v1/stakes", &message).await;
                match got.status {
                    201 => return (shed, got.header("bej-repeated").is_some()),
                    503 => {
                        assert!(got.header("retry-after").is_some(), "{got:?}");
                        assert_eq!(got.json()["code"], "busy");
                        shed += 1;
                    }
                    _ => panic!("{got:?}"),
                }
            }
        });
    }
    let mut accepted = 0;
    while let Some(done) = tasks.join_next().await {
        let (_, repeated) = done.unwrap();
        assert!(!repeated, "what was answered with 503 was not decided");
        accepted += 1;
    }
    assert_eq!(accepted, 48);
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
