//! The commands on PostgreSQL, and journals that move between engines.

use std::collections::BTreeSet;
use std::io::Write as _;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use cluster::{Database, until};
use hsc::{Client, Patience, Settings};
use serde_json::Value;

use crate::doors::{ACCOUNT, prepared, stake};
use crate::replay::{Files, SMALL, json};
use crate::serve::{Server, asked, told};
use crate::world::{bad, good, url};

/// The URL of a database for a node with a directory beside this path.
fn at(database: &Database, node: &Path) -> String {
    format!("{}?dir={}", database.url(), node.display())
}

fn verified(store: &str) -> Value {
    let printed = good(&["verify", "--store", store, "--json"]);
    serde_json::from_str(&printed).unwrap()
}

/// A replayed season in memory, in SQLite and in PostgreSQL, and moved to and fro.
#[test]
fn the_same_seasons_have_the_same_root_on_every_engine() {
    let Some(database) = Database::fresh() else { return };
    let files = Files::new();
    let postgres = at(&database, &files.beside("node"));
    let sqlite = url(&files.beside("first.db"));
    let run = |store: &str| json(&files.arguments(store, &SMALL));
    let (first, second, third) = (run("memory:"), run(&sqlite), run(&postgres));
    assert_eq!(first["root"], third["root"]);
    assert_eq!(second["root"], third["root"]);
    assert_eq!(first["entries"], third["entries"]);
    let root = third["root"].as_str().unwrap().to_owned();

    // Everything that reads a store reads this one.
    let report = verified(&postgres);
    assert_eq!(report["ok"], true, "{report}");
    let said = good(&["views", "--store", &postgres]);
    assert!(said.contains(&third["entries"].to_string()), "{said}");
    assert_eq!(database.sql("SELECT count(*) > 10 FROM bej_views.bets"), "t");
    let staked = "SELECT sum(amount_tiyn) = (SELECT sum(staked_tiyn) FROM bej_views.overviews
                  WHERE partition = 1) FROM bej_views.bets WHERE standing IN (2, 3)";
    assert_eq!(database.sql(staked), "t");
    let rows = |store: &str, name: &str| {
        let out = files.beside(name);
        let out_text = out.to_str().unwrap();
        good(&["export", "bets", "--store", store, "--format", "csv", "--out", out_text]);
        std::fs::read(out).unwrap()
    };
    assert_eq!(rows(&sqlite, "one.csv"), rows(&postgres, "two.csv"));

    // SQLite → PostgreSQL → SQLite.
    let other = database.another();
    let moved = at(&other, &files.beside("other"));
    let back = url(&files.beside("back.db"));
    for (from, to) in [(&sqlite, &moved), (&moved, &back)] {
        let said = good(&["copy", "--from", from, "--to", to, "--json"]);
        let said: Value = serde_json::from_str(&said).unwrap();
        assert_eq!(said["root"], root.as_str(), "{said}");
        assert_ne!(said["frames_copied"], 0);
        let again = good(&["copy", "--from", from, "--to", to]);
        assert!(again.contains("copied    0 frames"), "{again}");
        assert_eq!(verified(to)["ok"], true);
    }
    // A place where another journal is, or the same place.
    let another = url(&files.beside("another.db"));
    let mut seed = SMALL;
    seed[1] = "6";
    json(&files.arguments(&another, &seed));
    let said = bad(&["copy", "--from", &another, "--to", &moved]);
    assert!(said.contains("another journal"), "{said}");
    let said = bad(&["copy", "--from", &moved, "--to", &moved]);
    assert!(said.contains("the same store"), "{said}");
    let said = bad(&files.arguments(&postgres, &SMALL));
    assert!(said.contains("not empty"), "{said}");
}

/// A copy that is killed goes on where it ended.
#[test]
fn a_killed_copy_goes_on() {
    let Some(database) = Database::fresh() else { return };
    let files = Files::new();
    let from = url(&files.beside("from.db"));
    json(&files.arguments(&from, &["--seed", "3", "--bettors", "80", "--bets-per-match", "6"]));
    let to = at(&database, &files.beside("node"));
    let mut copy = Command::new(env!("CARGO_BIN_EXE_bej"))
        .args(["copy", "--from", &from, "--to", &to])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let there = "SELECT to_regclass('bej.frames') IS NOT NULL";
    until("the schema", || database.sql(there) == "t");
    until("frames", || database.sql("SELECT count(*) > 3 FROM bej.frames") == "t");
    copy.kill().unwrap();
    copy.wait().unwrap();
    good(&["copy", "--from", &from, "--to", &to]);
    assert_eq!(verified(&from)["root"], verified(&to)["root"]);
}

/// A backup is a file of SQLite whatever the engine.
#[test]
fn a_backup_of_a_database_is_restored_to_either_engine() {
    let Some(database) = Database::fresh() else { return };
    let files = Files::new();
    let store = at(&database, &files.beside("node"));
    json(&files.arguments(&store, &SMALL));
    let backup = files.beside("backup");
    let backup = backup.to_str().unwrap();
    good(&["backup", "--store", &store, "--to", backup]);
    let restored = url(&files.beside("restored.db"));
    good(&["restore", "--from", backup, "--store", &restored]);
    assert_eq!(verified(&store)["root"], verified(&restored)["root"]);
    let other = database.another();
    let back = at(&other, &files.beside("back"));
    good(&["restore", "--from", backup, "--store", &back]);
    assert_eq!(verified(&store)["root"], verified(&back)["root"]);
    let said = bad(&["restore", "--from", backup, "--store", &back]);
    assert!(said.contains("has a journal"), "{said}");
    // As it was at an entry: the same on both.
    let third = database.another();
    let half = (verified(&store)["entries"].as_u64().unwrap() / 2).to_string();
    let roots = [at(&third, &files.beside("third")), url(&files.beside("half.db"))].map(|store| {
        good(&["restore", "--from", backup, "--store", &store, "--to-entry", &half]);
        verified(&store)["root"].clone()
    });
    assert_eq!(roots[0], roots[1]);
    assert_ne!(roots[0], verified(&store)["root"]);
}

#[test]
fn the_system_runs_on_a_database() {
    let Some(database) = Database::fresh() else { return };
    let home = tempfile::tempdir().unwrap();
    let store = at(&database, &home.path().join("node"));
    let files = Files::new();
    json(&files.arguments(&store, &SMALL));
    let entries = verified(&store)["entries"].as_u64().unwrap();
    for _ in 0..2 {
        let server = Server::start_on(home.path(), &["--store", &store]);
        assert!(server.stop());
    }
    // The key of checkpoints was announced by the first start, and signs.
    let report = verified(&store);
    assert_eq!(report["ok"], true, "{report}");
    // And the timers of those days.
    assert!(entries < report["entries"].as_u64().unwrap(), "{report}");
    assert!(home.path().join("node/checkpoint").exists());
}

/// Somebody who holds a table until this is let go.
struct Holder(Child);

impl Holder {
    fn of(database: &Database, table: &str) -> Holder {
        let mut psql = Command::new("psql");
        psql.args([database.url(), "-X", "-q"]).stdin(Stdio::piped()).stdout(Stdio::null());
        let mut held = psql.spawn().unwrap();
        let text = format!("BEGIN; LOCK TABLE {table} IN EXCLUSIVE MODE;\n");
        held.stdin.as_mut().unwrap().write_all(text.as_bytes()).unwrap();
        let granted = format!(
            "SELECT count(*) FROM pg_locks WHERE granted AND mode = 'ExclusiveLock' \
             AND relation = '{table}'::regclass"
        );
        until("the lock", || database.sql(&granted) == "1");
        Holder(held)
    }
}

impl Drop for Holder {
    fn drop(&mut self) {
        // At the end of its input psql ends, and with it what it holds.
        drop(self.0.stdin.take());
        let _ = self.0.wait();
    }
}

/// A database that stands still: messages wait, the probe tells, nothing is given up, and when it
/// goes on each gets its one answer.
#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_stands_still_is_told_by_the_probe_and_waited_for() {
    // R2-55.1d, E-17
    let Some(database) = Database::fresh() else { return };
    let home = tempfile::tempdir().unwrap();
    let data = home.path().join("data");
    told(&["sandbox"], &data);
    told(&["cert", "organiser", "0"], &data);
    let store = at(&database, &home.path().join("node"));
    good(&["copy", "--from", &url(&data.join("bej.db")), "--to", &store]);
    let token = told(&["session", ACCOUNT, "--store", &store], &data);
    let server = Server::start_on(&data, &["--store", &store]);
    let tls = |name: &str| std::fs::read(data.join("tls").join(name)).unwrap();
    let client = Client::new(Settings {
        bases: vec![format!("https://{}", server.api)],
        authority: tls("ca.crt"),
        certificate: tls("organiser-0.crt"),
        key: tls("organiser-0.key"),
        patience: Patience { whole: Duration::from_secs(300), ..Patience::standard() },
    })
    .unwrap();
    let order = prepared(&client, token.trim()).await;
    let health = || {
        let (status, body) = asked(&server.probes, "/health");
        (status, serde_json::from_str::<Value>(&body).unwrap()["state"].clone())
    };
    until("health", || health() == (200, "ok".into()));
    let holder = Holder::of(&database, "bej.frames");
    let mut sent = tokio::task::JoinSet::new();
    for _ in 0..4 {
        let (client, request) = (client.clone(), stake(&client, &order));
        sent.spawn(async move { client.send(&request).await.unwrap() });
    }
    while health() != (503, "degraded".into()) {
        // More keep coming, as they do.
        if sent.len() < 64 {
            let (client, request) = (client.clone(), stake(&client, &order));
            sent.spawn(async move { client.send(&request).await.unwrap() });
        }
    }
    drop(holder);
    let count = sent.len();
    let answers = sent.join_all().await;
    let places: BTreeSet<u64> = answers
        .iter()
        .map(|sent| sent.answer["receipt"]["seq"].as_u64().expect("a receipt"))
        .collect();
    assert_eq!(places.len(), count, "each has a record of its own");
    until("health", || health() == (200, "ok".into()));
    assert!(server.stop());
    assert_eq!(verified(&store)["ok"], true);
}

#[test]
fn what_is_wrong_with_a_database_is_said_without_its_password() {
    let Some(cluster) = cluster::throwaway(&[]) else { return };
    let home = tempfile::tempdir().unwrap();
    let at = |user: &str, database: &str| {
        let (port, dir) = (cluster.port(), home.path().display());
        format!("postgres://{user}@127.0.0.1:{port}/{database}?dir={dir}/node")
    };
    let check = |store: &str, want: &str| {
        for command in [&["verify"][..], &["views"], &["serve", "--data"]] {
            let mut words = command.to_vec();
            let data = home.path().join("data");
            if command.len() == 2 {
                words.push(data.to_str().unwrap());
            }
            let said = bad(&[&words[..], &["--store", store]].concat());
            assert!(said.contains(want), "{said}");
            assert!(!said.contains("secret") && !said.contains(cluster.password()), "{said}");
        }
    };
    check(&at("postgres:secret", "postgres"), "password authentication failed");
    let right = format!("postgres:{}", cluster.password());
    check(&at(&right, "nowhere"), "does not exist");
    let said = bad(&["verify", "--store", &at(&right, "postgres")]);
    assert!(said.contains("no journal here"), "{said}");
}
