//! The API of a server in a process of its own: killed under load, and asked by the lines that the
//! documentation prints.

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;
use std::time::Duration;

use hsc::wire::{Id, Kind, Request};
use hsc::{Client, Patience, Settings};
use serde_json::{Value, json};
use tokio::sync::mpsc;

use crate::serve::{Server, told};
use crate::world::{good, url, verify};

pub const ACCOUNT: &str = "0100000000000009";

/// Senders at a time, stakes of each, and after how many answers the server is killed.
const SENDERS: usize = 8;
const STAKES: usize = 50;
const KILLS: [usize; 2] = [100, 250];

fn request(kind: Kind, message: &Value) -> Request {
    Request::read(kind, message.to_string().as_bytes()).unwrap()
}

pub fn stake(client: &Client, order: &str) -> Request {
    let message = json!({
        "id": client.new_id().to_string(), "order": order, "account": ACCOUNT, "desk": "0",
        "amount_tiyn": 10, "currency": "KZT", "made_at": client.now().to_string(),
        "shape": "single", "price_rule": "exact",
        "selections": [{ "outcome": "0", "odds_e4": 18_500 }],
    });
    request(Kind::Stake, &message)
}

/// A market and an order, so that stakes can be sent; gives the order.
pub async fn prepared(client: &Client, token: &str) -> String {
    let id = || client.new_id().to_string();
    let championship = json!({ "id": id(), "own": "c", "sport": "Football", "name": "Cup" });
    let event = json!({
        "id": id(), "championship": "0", "own": "e", "name": "One v Other", "class": "sport",
        "scheduled_start": "2099-01-01T00:00:00Z",
    });
    let market = json!({
        "id": id(), "event": "0", "own": "1x2", "name": "Result", "in_play": false,
        "outcomes": [{ "own": "1", "name": "One" }, { "own": "2", "name": "Other" }],
    });
    let listed = [(Kind::Championship, championship), (Kind::Event, event), (Kind::Market, market)];
    for (kind, message) in listed {
        client.send(&request(kind, &message)).await.unwrap();
    }
    let order = id();
    let until = client.now().plus(600 * terms::Instant::SECOND).to_string();
    let message = json!({
        "id": order, "organiser": "0", "account": ACCOUNT, "ceiling_tiyn": 500_000,
        "currency": "KZT", "accept": "any", "expires_at": until,
    });
    let message: hsc::wire::Order = serde_json::from_value(message).unwrap();
    client.order(token, &message).await.unwrap();
    order
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_is_killed_under_load_loses_and_doubles_nothing() {
    // R2-55.1a, R2-55.1d, R0-17.4a
    let home = tempfile::tempdir().unwrap();
    let data = home.path().join("data");
    told(&["sandbox"], &data);
    told(&["cert", "organiser", "0"], &data);
    let token = told(&["session", ACCOUNT], &data);
    let mut server = Server::start(&data);
    let api = server.api.clone();
    let tls = |name: &str| std::fs::read(data.join("tls").join(name)).unwrap();
    let patience = Patience { whole: Duration::from_secs(300), ..Patience::standard() };
    let client = Client::new(Settings {
        bases: vec![format!("https://{api}")],
        authority: tls("ca.crt"),
        certificate: tls("organiser-0.crt"),
        key: tls("organiser-0.key"),
        patience,
    })
    .unwrap();
    let order = prepared(&client, token.trim()).await;
    let make = move |client: &Client, _: usize| stake(client, &order);
    let mut start = || Server::start_at(&data, &api);
    let stakes = sent(&client, make, &mut server, &mut start).await;
    let ids: Vec<Id> = stakes.keys().copied().collect();
    client.send(&result(&client)).await.unwrap();
    let make = move |client: &Client, place: usize| settlement(client, ids[place]);
    let mut answered = sent(&client, make, &mut server, &mut start).await;
    told_once(&client, stakes.keys().copied().collect()).await;
    answered.extend(stakes.clone());
    let places: BTreeSet<u64> = answered.values().map(|(_, seq)| *seq).collect();
    assert_eq!(places.len(), answered.len(), "each has a record of its own");
    for (message, seq) in answered.values() {
        let again = client.send(message).await.unwrap();
        assert!(again.repeated, "what was answered is known");
        assert_eq!(again.answer["receipt"]["seq"], *seq, "and is where it was");
    }
    assert!(server.stop());
    let store = data.join("bej.db");
    let (well, found) = verify(&store);
    assert!(well, "{found}");
    let exported = good(&["export", "stakes", "--store", &url(&store), "--format", "csv"]);
    assert_eq!(exported.lines().count(), 1 + stakes.len(), "and there are no others");
}

type Answered = BTreeMap<Id, (Request, u64)>;

/// Has many senders send messages, each until it is answered, and kills the server meanwhile; gives
/// the messages with the positions that they were answered with.
async fn sent(
    client: &Client,
    make: impl Fn(&Client, usize) -> Request + Clone + Send + 'static,
    server: &mut Server,
    start: &mut impl FnMut() -> Server,
) -> Answered {
    let (tell, mut hear) = mpsc::unbounded_channel();
    for sender in 0..SENDERS {
        let (client, make, tell) = (client.clone(), make.clone(), tell.clone());
        tokio::spawn(async move {
            for place in 0..STAKES {
                let message = make(&client, sender * STAKES + place);
                let made = client.send(&message).await.unwrap();
                tell.send((message, made)).unwrap();
            }
        });
    }
    drop(tell);
    let mut answered = Answered::new();
    while let Some((message, made)) = hear.recv().await {
        let seq = made.answer["receipt"]["seq"].as_u64().unwrap();
        answered.insert(message.id(), (message, seq));
        if KILLS.contains(&answered.len()) {
            server.kill();
            *server = start();
        }
    }
    assert_eq!(answered.len(), SENDERS * STAKES);
    answered
}

fn result(client: &Client) -> Request {
    let message = json!({
        "id": client.new_id().to_string(), "market": "0", "outcomes": [
            { "outcome": "0", "result": "won" }, { "outcome": "1", "result": "lost" },
        ],
    });
    request(Kind::MarketResult, &message)
}

fn settlement(client: &Client, bet: Id) -> Request {
    let message = json!({
        "id": client.new_id().to_string(), "bet": bet.to_string(), "basis": "result",
        "settled_at": client.now().to_string(),
    });
    request(Kind::Settlement, &message)
}

/// Reads the feed: each payout is told once, by numbers without a gap.
async fn told_once(client: &Client, mut bets: BTreeSet<Id>) {
    let (mut feed, mut number) = (client.feed(0), 0);
    while !bets.is_empty() {
        for notice in feed.next().await.unwrap() {
            number += 1;
            assert_eq!(notice.number, number);
            // What became of accounts is told there too.
            let Some(bet) = notice.bet else { continue };
            assert!(bets.remove(&bet), "{notice:?} is told twice");
        }
    }
    assert_eq!(feed.next().await.unwrap(), []);
}

/// The blocks of a page that are lines for a shell.
fn blocks(page: &str) -> Vec<&str> {
    page.split("```\n").skip(1).step_by(2).collect()
}

#[test]
fn the_lines_of_the_documentation_work_as_printed() {
    // S-59
    for tool in ["bash", "curl", "python3"] {
        if Command::new(tool).arg("--version").output().is_err() {
            assert_ne!(std::env::var("CI").as_deref(), Ok("true"), "{tool} is not there");
            println!("NOT RUN: {tool} is not there");
            return;
        }
    }
    let page = include_str!("../../../docs/api.md");
    let blocks = blocks(page);
    let home = tempfile::tempdir().unwrap();
    let binary = std::path::Path::new(env!("CARGO_BIN_EXE_bej")).parent().unwrap();
    let run = |script: &str| {
        let path = format!("{}:{}", binary.display(), std::env::var("PATH").unwrap());
        let output = Command::new("bash")
            .args(["-eu", "-o", "pipefail", "-c", script])
            .env("PATH", path)
            .current_dir(home.path())
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        let printed = String::from_utf8(output.stdout).unwrap();
        assert!(output.status.success(), "{said}\n{printed}");
        printed
    };
    let (setting_up, serve) = blocks[0].trim_end().rsplit_once('\n').unwrap();
    assert_eq!(serve, "bej serve --data try");
    run(setting_up);
    let server = Server::start(&home.path().join("try"));
    let port = |address: &str| address.rsplit(':').next().unwrap().to_owned();
    let lines = blocks[1]
        .replace("localhost:8443", &format!("localhost:{}", port(&server.api)))
        .replace("localhost:8480", &format!("localhost:{}", port(&server.probes)));
    assert_ne!(lines, blocks[1], "the addresses of the page are replaced");
    let printed = run(&lines);
    assert!(!printed.contains("/problems/"), "{printed}");
    for part in ["\"organiser\":\"0\"", "\"admitted\":true", "\"bet\":", "\"state\":\"open\""] {
        assert!(printed.contains(part), "{part}: {printed}");
    }
    assert!(server.stop());
}
