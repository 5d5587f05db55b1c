//! The system in groups: processes that could stand on machines of their own, two of each, of which
//! any one may fall.

use cluster::{Cluster, Database};
use hsc::Client;
use hsc::wire::Request;

use crate::doors::{prepared, stake};
use crate::nodes::{Nodes, verified};
use crate::serve::{Browser, Server, after, told};
use crate::world::{bad, bej, good};

/// Stakes that are sent after each fall.
const STAKES: usize = 20;

struct Groups {
    nodes: Nodes,
}

impl Groups {
    /// Directories for two processes of each group, each known to the others.
    fn new() -> Option<Groups> {
        let nodes = Nodes::on(Database::alone()?);
        for roles in ["roles", "vault", "groups"] {
            let rights = "../store-postgres/sql/rights";
            let file = format!("{}/{rights}/{roles}.sql", env!("CARGO_MANIFEST_DIR"));
            nodes.database.sql(&std::fs::read_to_string(file).unwrap());
        }
        let others = ["api", "console", "feeds", "vault"];
        let others = others.iter().flat_map(|group| [1, 2].map(|twin| format!("{group}-{twin}")));
        let others: Vec<String> = others.collect();
        for node in &others {
            nodes.give(node);
        }
        let groups = Groups { nodes };
        for node in others.iter().map(String::as_str).chain(["a", "b"]) {
            let to = groups.nodes.data(node);
            let made = ["cert", "inner", "127.0.0.1", "--to", to.to_str().unwrap()];
            told(&made, &groups.nodes.data("a"));
        }
        Some(groups)
    }

    /// With the rights that its group needs, and no others.
    fn start(&self, group: &str, node: &str, pumps: &[&Server]) -> Server {
        let role = match group {
            "pump" => "bej_writer",
            "feeds" => "bej_feeds",
            "api" | "vault" => "bej_people",
            _ => "bej_follower",
        };
        self.start_at(
            group,
            node,
            pumps,
            &self.nodes.store(node).replace("postgres@", &format!("{role}@")),
        )
    }

    fn start_at(&self, group: &str, node: &str, pumps: &[&Server], store: &str) -> Server {
        let mut arguments = vec!["--group", group, "--store", store, "--node", node];
        arguments.extend(["--api", "127.0.0.1:0", "--inner", "127.0.0.1:0"]);
        for pump in pumps {
            arguments.extend(["--pump", &pump.inner]);
        }
        Server::start_with(&self.nodes.data(node), &arguments)
    }

    fn pair(&self, group: &str, pumps: &[&Server]) -> [Server; 2] {
        [1, 2].map(|twin| self.start(group, &format!("{group}-{twin}"), pumps))
    }
}

/// Sends stakes, each of which is done.
async fn staked(client: &Client, order: &str, all: &mut Vec<Request>) {
    for _ in 0..STAKES {
        let message = stake(client, order);
        client.send(&message).await.unwrap();
        all.push(message);
    }
}

/// Waits until a process shows everything, with views that were projected elsewhere or by itself.
fn shows_all(server: &Server, entries: u64) {
    cluster::until("everything to be shown", || {
        let health = server.health();
        let (there, lag) = (health["entries"].as_u64(), health["views_lag_entries"].as_u64());
        there.is_some_and(|there| entries <= there) && lag == Some(0)
    });
}

/// One of each group is killed, one group after the other, and every function goes on.
#[tokio::test(flavor = "multi_thread")]
async fn of_every_group_one_may_fall() {
    // R0-20.3a, R0-20.3d, R0-20.0h, S-43, E-17
    let Some(groups) = Groups::new() else { return };
    let nodes = &groups.nodes;
    let added = told(&["staff", "add", "gam", "--role", "gambling"], &nodes.data("console-1"));
    let staff = "staff.toml";
    std::fs::copy(nodes.data("console-1").join(staff), nodes.data("console-2").join(staff))
        .unwrap();
    // Those who make the views, which nobody else may, come first.
    let [mut feeds, other_feeds] = groups.pair("feeds", &[]);
    let mut first = groups.start("pump", "a", &[]);
    let second = groups.start("pump", "b", &[]);
    assert_eq!(first.health()["role"], "decides");
    assert_eq!(second.health()["role"], "follows");
    // Each has the doors of its group, and no others.
    assert!(first.api.is_empty() && first.console.is_empty() && !first.inner.is_empty());
    let pumps = [&first, &second];
    let [mut api, other_api] = groups.pair("api", &pumps);
    let [mut console, other_console] = groups.pair("console", &pumps);
    assert!(api.console.is_empty() && api.inner.is_empty());
    assert!(console.api.is_empty() && feeds.api.is_empty());

    let client = nodes.client(&[&api, &other_api]);
    let order = prepared(&client, &nodes.token).await;
    let mut all = Vec::new();
    staked(&client, &order, &mut all).await;
    first.kill();
    staked(&client, &order, &mut all).await;
    api.kill();
    staked(&client, &order, &mut all).await;
    // Whoever sends again hears of the record that is there.
    for message in &all {
        assert!(client.send(message).await.unwrap().repeated);
    }
    let entries = other_api.health()["entries"].as_u64().unwrap();
    shows_all(&other_feeds, entries);
    feeds.kill();
    staked(&client, &order, &mut all).await;
    let entries = other_api.health()["entries"].as_u64().unwrap();
    shows_all(&other_feeds, entries);
    // The node that decides knows how far the views are: by that it looks for corrected starts.
    shows_all(&second, entries);

    // Pages, and the fact of each look, which is decided elsewhere.
    let password = after(&added, "password");
    for at in ["console-1", "console-2"] {
        let host = if at == "console-1" { &console.console } else { &other_console.console };
        let code = || told(&["staff", "code", "gam"], &nodes.data(at));
        let mut browser = Browser::signed_in(host, "gam", password, code);
        let (status, page) = browser.ask(host, "GET /en/stakes", "");
        assert_eq!(status, 200, "{page}");
        if at == "console-1" {
            console.kill();
        }
    }
    // The bettors' pages, and what is kept of one who came to the other process.
    let [mut vault, other_vault] = groups.pair("vault", &[&second]);
    assert!(vault.api.is_empty() && vault.console.is_empty() && console.cabinet.is_empty());
    let mut browser = Browser::default();
    for at in ["vault-1", "vault-2"] {
        let host = if at == "vault-1" { &vault.cabinet } else { &other_vault.cabinet };
        let (status, page) = browser.ask(host, "GET /en/sign-in", "");
        assert_eq!(status, 200, "{page}");
        if at == "vault-1" {
            vault.kill();
        }
    }
    drop((second, other_vault, other_api, other_console, other_feeds));
    let store = nodes.store("a");
    let journal = good(&["export", "journal", "--store", &store, "--format", "ndjson"]);
    let looks = journal.lines().filter(|line| line.contains("register_view")).count();
    assert_eq!(looks, 2, "each look at the register is a fact");
    verified(&store, all.len());
}

/// The views of a console come from a replica that stands still: its pages say as of which entry
/// they are, and that they lag, and whoever asks for a newer entry is told.
#[tokio::test(flavor = "multi_thread")]
async fn pages_from_a_replica_that_lags_say_so() {
    // R0-18.1a, R0-18.2
    let Some(groups) = Groups::new() else { return };
    let nodes = &groups.nodes;
    let added = told(&["staff", "add", "gam", "--role", "gambling"], &nodes.data("console-1"));
    let primary = nodes.database.server().unwrap();
    let replica = primary.follower(&[]).unwrap();
    let ask = |sql: &str| replica.sql(nodes.database.name(), sql).unwrap();
    let feeds = groups.start("feeds", "feeds-1", &[]);
    let pump = groups.start("pump", "a", &[]);
    let api = groups.start("api", "api-1", &[&pump]);
    let client = nodes.client(&[&api]);
    let order = prepared(&client, &nodes.token).await;
    let mut all = Vec::new();
    staked(&client, &order, &mut all).await;
    shows_all(&feeds, api.health()["entries"].as_u64().unwrap());
    // Readers take the first host that answers, and who needs the newest entry the one that writes.
    let host = |server: &Cluster| {
        let socket = server.directory().display().to_string().replace('/', "%2F");
        format!("{socket}:{}", server.port())
    };
    let both = format!(
        "postgres://bej_follower@{},{}/{}?dir={}",
        host(&replica),
        host(primary),
        nodes.database.name(),
        nodes.beside("console-1").display()
    );
    let cursor = "SELECT cursor FROM bej_views.state";
    let projected = || nodes.database.sql(cursor);
    cluster::until("the replica", || ask(cursor) == projected());
    ask("SELECT pg_wal_replay_pause()");
    cluster::until("the pause", || ask("SELECT pg_get_wal_replay_pause_state()") == "paused");
    let reached: u64 = ask(cursor).parse().unwrap();

    let console = groups.start_at("console", "console-1", &[&pump], &both);
    staked(&client, &order, &mut all).await;
    // The process that decides knows the newest entry; the others follow it.
    let entries = pump.health()["entries"].as_u64().unwrap();
    let newest = entries - 1;
    assert!(reached <= newest, "the replica had {reached} entries of {entries} when it stopped");
    shows_all(&feeds, entries);
    let code = || told(&["staff", "code", "gam"], &nodes.data("console-1"));
    let host = &console.console;
    let mut browser = Browser::signed_in(host, "gam", after(&added, "password"), code);
    let (status, page) = browser.ask(host, "GET /en/stakes", "");
    assert_eq!(status, 200, "{page}");
    assert!(
        page.contains(&format!("as of entry № {}", shown(reached - 1))),
        "as of entry {}: {page}",
        reached - 1
    );
    let asks = format!("GET /en/stakes?at-least={newest}");
    let (status, page) = browser.ask(host, &asks, "");
    assert_eq!(status, 503, "{page}");
    assert!(page.contains("have not reached the entry"), "{page}");
    cluster::until("the page to say that it lags", || {
        browser.ask(host, "GET /en/stakes", "").1.contains("lag behind the journal")
    });
    ask("SELECT pg_wal_replay_resume()");
    cluster::until("the entry", || browser.ask(host, &asks, "").0 == 200);
}

/// A position as pages show it.
fn shown(entry: u64) -> String {
    let digits = entry.to_string();
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if 0 < at && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// What is said of a command line that has no meaning.
fn misused(args: &[&str]) -> String {
    let output = bej(args);
    assert_eq!(output.status.code(), Some(2), "{output:?}");
    String::from_utf8(output.stderr).unwrap()
}

/// What is missing or wrong is said with what to do.
#[test]
fn a_process_of_a_group_says_what_it_lacks() {
    // R0-20.3c
    let home = tempfile::tempdir().unwrap();
    let data = home.path().join("data");
    let data = data.to_str().unwrap();
    let said = bad(&["serve", "--data", data, "--group", "api"]);
    assert!(said.contains("groups need a store that many machines reach"), "{said}");
    let store = "postgres://bej@127.0.0.1/bej";
    let pump = ["serve", "--data", data, "--group", "pump", "--store", store];
    let said = misused(&[&pump[..], &["--inner", "0.0.0.0:7443"]].concat());
    assert!(said.contains("it can be reached from outside"), "{said}");
    let said = misused(&["serve", "--data", data, "--group", "vaults"]);
    assert!(said.contains("[possible values: all, pump, api, console, feeds, vault]"), "{said}");
    let said = bad(&["cert", "inner", "10.0.0.1:7443", "--data", data, "--to", data]);
    assert!(said.contains("without a port"), "{said}");
    let Some(groups) = Groups::new() else { return };
    std::fs::remove_file(groups.nodes.data("api-1").join("inner/node.key")).unwrap();
    let (data, store) = (groups.nodes.data("api-1"), groups.nodes.store("api-1"));
    let serve = ["serve", "--group", "api", "--probes", "127.0.0.1:0", "--store", &store];
    let said = bad(&[&serve[..], &["--data", data.to_str().unwrap()]].concat());
    assert!(said.contains("node.key is not there; `bej cert inner HOST --to"), "{said}");
}

#[test]
fn a_deployment_is_checked_before_it_is_built() {
    // R0-20.3a, R0-20.3b, R0-20.3c, R0-20.3d, R0-20.3e
    let home = tempfile::tempdir().unwrap();
    let file = home.path().join("deployment.toml");
    let sample = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/operating/deployment.toml");
    let said = good(&["config", "check", "--deployment", sample]);
    assert!(said.contains("pump        2 machines"), "{said}");
    let text = std::fs::read_to_string(sample).unwrap();
    std::fs::write(&file, text.replacen("inner = \"10.20.1.11\"", "inner = \"198.51.100.7\"", 1))
        .unwrap();
    let said = bad(&["config", "check", "--deployment", file.to_str().unwrap()]);
    assert!(said.contains("inner: 198.51.100.7 can be reached from outside"), "{said}");
    assert!(said.contains("1 mistake"), "{said}");
}
