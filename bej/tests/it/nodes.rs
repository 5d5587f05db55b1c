//! Several nodes on one database: one decides, the others follow, and one of them takes over when
//! it is killed, told to stop, or stands still for too long.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use cluster::Database;
use hsc::wire::{Id, Request};
use hsc::{Client, Patience, Settings};
use store::JournalReader as _;
use store_postgres::{Address, Reader};
use tokio::sync::mpsc;

use crate::doors::{ACCOUNT, prepared, stake};
use crate::serve::{Server, told};
use crate::world::{bad, good, url};

/// Senders at a time, and stakes of each.
const SENDERS: usize = 8;
const STAKES: usize = 60;

/// As an organiser's, but for as long as a slow machine may take.
const PATIENCE: Patience = Patience { whole: Duration::from_secs(300), ..Patience::standard() };

/// After how many answers something happens to the node that decides.
const EVENTS: [usize; 2] = [120, 300];

/// A database, and the directories of nodes on it.
pub struct Nodes {
    pub database: Database,
    home: tempfile::TempDir,
    pub token: String,
}

impl Nodes {
    /// A small world in a database, and the directories of two nodes with what each is given.
    pub fn new() -> Option<Nodes> {
        Some(Nodes::on(Database::fresh()?))
    }

    /// The same in this database.
    pub fn on(database: Database) -> Nodes {
        let home = tempfile::tempdir().unwrap();
        let nodes = Nodes { database, home, token: String::new() };
        let data = nodes.data("a");
        told(&["sandbox"], &data);
        told(&["cert", "organiser", "0"], &data);
        let (file, store) = (url(&data.join("bej.db")), nodes.store("a"));
        good(&["copy", "--from", &file, "--to", &store]);
        let token = told(&["session", ACCOUNT, "--store", &store], &data).trim().to_owned();
        // The key that signs is made by the first start.
        let server = nodes.start("a");
        assert_eq!(server.health()["role"], "decides");
        assert!(server.stop());
        nodes.give("b");
        Nodes { token, ..nodes }
    }

    /// Gives a node what the first one has.
    pub fn give(&self, node: &str) {
        let (data, other) = (self.data("a"), self.data(node));
        std::fs::create_dir_all(other.join("tls")).unwrap();
        std::fs::create_dir_all(self.beside(node)).unwrap();
        for name in ["tls/ca.crt", "tls/ca.key", "tls/server.crt", "tls/server.key", "certificates"]
        {
            std::fs::copy(data.join(name), other.join(name)).unwrap();
        }
        let key = "checkpoint.key";
        std::fs::copy(self.beside("a").join(key), self.beside(node).join(key)).unwrap();
        // One directory of the vault's keys for all: a medium that each of them mounts.
        std::os::unix::fs::symlink(data.join("keys"), other.join("keys")).unwrap();
    }

    pub fn data(&self, node: &str) -> PathBuf {
        self.home.path().join(format!("data-{node}"))
    }

    /// What a node keeps beside the database.
    pub fn beside(&self, node: &str) -> PathBuf {
        self.home.path().join(format!("beside-{node}"))
    }

    pub fn store(&self, node: &str) -> String {
        format!("{}?dir={}", self.database.url(), self.beside(node).display())
    }

    fn start(&self, node: &str) -> Server {
        self.start_at(node, "127.0.0.1:0")
    }

    /// Where it was before, so that those who know its address find it again.
    fn start_at(&self, node: &str, api: &str) -> Server {
        let (data, store) = (self.data(node), self.store(node));
        Server::start_with(&data, &["--store", &store, "--node", node, "--api", api])
    }

    /// A client that knows these nodes.
    pub fn client(&self, servers: &[&Server]) -> Client {
        self.patient(servers, PATIENCE)
    }

    fn patient(&self, servers: &[&Server], patience: Patience) -> Client {
        let tls = |name: &str| std::fs::read(self.data("a").join("tls").join(name)).unwrap();
        let settings = Settings {
            bases: servers.iter().map(|server| format!("https://{}", server.api)).collect(),
            authority: tls("ca.crt"),
            certificate: tls("organiser-0.crt"),
            key: tls("organiser-0.key"),
            patience,
        };
        Client::new(settings).unwrap()
    }

    /// The term in which the frame of an entry was written.
    fn term_of(&self, seq: u64) -> u64 {
        let address: Address = self.store("a").parse().unwrap();
        // The driver has a runtime of its own, which wants a thread of its own.
        let read = move || Reader::open(&address).unwrap().frame_of(seq).unwrap().unwrap().term;
        std::thread::spawn(read).join().unwrap()
    }
}

/// Waits until a node says so of its role.
fn until(server: &Server, role: &str) -> Instant {
    cluster::until(role, || server.health()["role"] == role);
    Instant::now()
}

type Answered = BTreeMap<Id, (Request, u64)>;

/// Has many senders send stakes, each until it is answered; after so many answers lets something
/// happen. Gives the messages with the positions that they were answered with, and the longest time
/// without an answer after each event.
async fn sent(
    client: &Client,
    order: &str,
    mut event: impl FnMut(usize) -> Instant,
) -> (Answered, Vec<Duration>) {
    let (tell, mut hear) = mpsc::unbounded_channel();
    for _ in 0..SENDERS {
        let (client, order, tell) = (client.clone(), order.to_owned(), tell.clone());
        tokio::spawn(async move {
            for _ in 0..STAKES {
                let message = stake(&client, &order);
                let made = client.send(&message).await.unwrap();
                tell.send((message, made, Instant::now())).unwrap();
            }
        });
    }
    drop(tell);
    let (mut answered, mut times, mut events) = (Answered::new(), Vec::new(), Vec::new());
    while let Some((message, made, at)) = hear.recv().await {
        let seq = made.answer["receipt"]["seq"].as_u64().unwrap();
        times.push(at);
        answered.insert(message.id(), (message, seq));
        if EVENTS.contains(&answered.len()) {
            events.push(event(answered.len()));
        }
    }
    assert_eq!(answered.len(), SENDERS * STAKES);
    times.sort();
    let longest = |index: usize| {
        let (from, next) = (events[index], events.get(index + 1));
        let after: Vec<Instant> = times
            .iter()
            .copied()
            .filter(|at| from < *at && next.is_none_or(|next| at < next))
            .collect();
        let before = std::iter::once(&from).chain(&after);
        before.zip(&after).map(|(before, at)| *at - *before).max().unwrap_or_default()
    };
    let pauses = (0..events.len()).map(longest).collect();
    (answered, pauses)
}

/// Each has a record of its own, and whoever asks again hears of that one.
async fn once_each(client: &Client, answered: &Answered) {
    let places: std::collections::BTreeSet<u64> = answered.values().map(|(_, seq)| *seq).collect();
    assert_eq!(places.len(), answered.len());
    for (message, seq) in answered.values() {
        let again = client.send(message).await.unwrap();
        assert!(again.repeated, "what was answered is known");
        assert_eq!(again.answer["receipt"]["seq"], *seq, "and is where it was");
    }
}

pub fn verified(store: &str, stakes: usize) {
    let report: serde_json::Value =
        serde_json::from_str(&good(&["verify", "--store", store, "--json"])).unwrap();
    assert_eq!(report["ok"], true, "{report}");
    let exported = good(&["export", "stakes", "--store", store, "--format", "csv"]);
    assert_eq!(exported.lines().count(), 1 + stakes, "and there are no others");
}

fn read(path: &Path) -> Vec<u8> {
    std::fs::read(path).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_follower_takes_over_under_load_and_nothing_is_lost_or_doubled() {
    // R0-18.2, R0-20.0a, R0-20.3d, R2-55.8, S-43, E-17, core 11
    let Some(nodes) = Nodes::new() else { return };
    let (first, second) = (nodes.start("a"), nodes.start("b"));
    assert_eq!(
        (&first.health()["role"], &second.health()["role"]),
        (&"decides".into(), &"follows".into())
    );
    assert_eq!(second.health()["api"], first.api.as_str());
    // A client that knows the follower alone is led to the node that decides.
    let order = prepared(&nodes.client(&[&second]), &nodes.token).await;
    // Browsers are led there too: each look is a fact there.
    let (status, head) = second.page("/en/sign-in");
    assert_eq!(status, 307, "{head}");
    assert!(head.contains(&format!("location: http://{}/en/sign-in", first.console)), "{head}");
    assert_eq!(first.page("/en/sign-in").0, 200);

    let client = nodes.client(&[&first, &second]);
    let mut running = vec![second, first];
    let (answered, pauses) = sent(&client, &order, |count| {
        let mut deciding = running.pop().unwrap();
        let at = Instant::now();
        if count == EVENTS[0] {
            deciding.kill();
            // Whoever was killed comes back and follows.
            running.insert(0, nodes.start_at("a", &deciding.api));
        } else {
            // In order: the lease is given back, and nobody waits until it lapses.
            deciding.signal("TERM");
            std::thread::spawn(move || deciding.wait());
        }
        at
    })
    .await;
    for (what, pause) in ["SIGKILL", "a stop in order"].iter().zip(&pauses) {
        println!("takeover after {what}: no answer for {} ms", pause.as_millis());
    }
    assert_eq!(pauses.len(), EVENTS.len());
    once_each(&client, &answered).await;
    drop(running);
    // Both told the same, in files of their own.
    let secret = |node: &str| read(&nodes.data(node).join("feed/secret"));
    assert_eq!(secret("a"), secret("b"));
    verified(&nodes.store("a"), answered.len());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_that_was_paused_while_another_took_over_refuses_and_ends() {
    // R0-18.2, R0-20.3d, core 11: two that decide by mistake
    let Some(nodes) = Nodes::new() else { return };
    let (first, second) = (nodes.start("a"), nodes.start("b"));
    let own = nodes.client(&[&first]);
    let order = prepared(&own, &nodes.token).await;
    let (before, _) = sent(&own, &order, |_| Instant::now()).await;
    let term = nodes.term_of(before.values().map(|(_, seq)| *seq).max().unwrap());
    let store = nodes.store("c");
    let said = bad(&["key", "announce", "--store", &store]);
    assert!(said.contains("node a at"), "a command does not end a node that decides: {said}");

    let paused = Instant::now();
    first.signal("STOP");
    // Messages that wait in the sockets of the paused node until it wakes up.
    let patience = Patience { attempt: Duration::from_secs(120), ..PATIENCE };
    let both = nodes.patient(&[&first, &second], patience);
    let waiting: Vec<_> = (0..SENDERS)
        .map(|_| {
            let (client, message) = (both.clone(), stake(&both, &order));
            tokio::spawn(async move {
                let made = client.send(&message).await.unwrap();
                (message, made)
            })
        })
        .collect();
    let took = until(&second, "decides") - paused;
    println!("takeover after SIGSTOP: the other decides after {} ms", took.as_millis());
    let (after, _) = sent(&nodes.client(&[&second]), &order, |_| Instant::now()).await;
    first.signal("CONT");
    // What waited is answered by the other, to whom the woken node leads, or whom it leaves alone.
    let mut answered = after;
    for sender in waiting {
        let (message, made) = sender.await.unwrap();
        let seq = made.answer["receipt"]["seq"].as_u64().unwrap();
        assert!(term < nodes.term_of(seq), "nothing is decided by the node that woke up");
        answered.insert(message.id(), (message, seq));
    }
    let (success, said) = first.ended();
    assert!(!success);
    assert!(said.contains("node b at") && said.contains("has taken over"), "{said}");
    answered.extend(before);
    // Started again, it follows, and answers what can be read.
    let first = nodes.start("a");
    assert_eq!(first.health()["role"], "follows");
    once_each(&nodes.client(&[&second]), &answered).await;
    let client = nodes.client(&[&first]);
    let bet = *answered.keys().next().unwrap();
    while client.fate(bet).await.unwrap().receipt.is_none() {}
    drop((first, second));
    verified(&store, answered.len());
}

/// A database that hangs: nothing is lost by not waiting for it.
#[test]
fn a_database_that_stands_still_does_not_hold_up_a_stop() {
    // R0-18.2, R0-20.0a, E-17
    let Some(database) = Database::alone() else { return };
    let nodes = Nodes::on(database);
    let file = nodes.data("a").join("bej.toml");
    let sample = good(&["config", "sample"]).replace("stop_seconds = 10", "stop_seconds = 1");
    std::fs::write(&file, sample).unwrap();
    let (file, store) = (file.display().to_string(), nodes.store("a"));
    let arguments = ["--config", &file, "--store", &store, "--node", "a", "--api", "127.0.0.1:0"];
    let server = Server::start_with(&nodes.data("a"), &arguments);
    until(&server, "decides");
    let frozen = nodes.database.server().unwrap();
    frozen.freeze().unwrap();
    let begun = Instant::now();
    server.signal("TERM");
    let (success, said) = server.ended();
    let took = begun.elapsed();
    frozen.thaw().unwrap();
    println!("a stop with a database that stands still took {} ms", took.as_millis());
    assert!(!success);
    assert!(said.contains("the database has not answered for 1 s"), "{said}");
    assert!(took < Duration::from_secs(30), "{took:?}");
    // What was left as it stood is taken up again.
    let server = Server::start_with(&nodes.data("a"), &arguments);
    until(&server, "decides");
    assert!(server.stop());
    verified(&store, 0);
}
