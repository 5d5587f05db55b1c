//! `bej replay` from outside.

use std::path::{Path, PathBuf};

use serde_json::Value;
use sim::bookmaker::{self, Bookmaker, Input, Options};
use sim::driver::{Driver, DriverOptions};
use sim::{odds_file, seasons};
use store::{JournalStore as _, Memory};

use crate::world::{bad, bej, good, url, verify};

/// The sample seasons as files, and a folder for stores.
pub struct Files {
    home: tempfile::TempDir,
    odds: Vec<PathBuf>,
}

impl Files {
    pub fn new() -> Files {
        let home = tempfile::tempdir().unwrap();
        let write = |(name, content): &(&str, &str)| {
            let path = home.path().join(name);
            std::fs::write(&path, content).unwrap();
            path
        };
        let odds = seasons::sample().iter().map(write).collect();
        Files { home, odds }
    }

    pub fn beside(&self, name: &str) -> PathBuf {
        self.home.path().join(name)
    }

    pub fn arguments<'a>(&'a self, store: &'a str, more: &[&'a str]) -> Vec<&'a str> {
        let mut all = vec!["replay"];
        for path in &self.odds {
            all.extend(["--odds", path.to_str().unwrap()]);
        }
        all.extend(["--store", store]);
        all.extend(more);
        all
    }
}

pub const SMALL: [&str; 6] = ["--seed", "5", "--bettors", "80", "--bets-per-match", "6"];

pub fn json(arguments: &[&str]) -> Value {
    let printed = good(&[arguments, &["--json"]].concat());
    let last = printed.lines().last().unwrap();
    serde_json::from_str(last).unwrap_or_else(|error| panic!("{error}: {printed}"))
}

/// The root that the driver comes to with the same messages: a second implementation.
fn driven(files: &Files, options: Options) -> (String, u64) {
    let mut input = Input::new();
    for path in &files.odds {
        input.add(odds_file::open(path).unwrap());
    }
    let memory = Memory::new();
    let cut = DriverOptions {
        messages_per_frame: 300,
        run_entries: Some(pump::Options::standard().run_entries),
        entropy: bookmaker::entropy_seed(options.seed),
    };
    let mut driver = Driver::new(Box::new(memory.journal()), cut).unwrap();
    for step in Bookmaker::new(input, options).unwrap() {
        driver.submit(step.at, &step.message).unwrap();
    }
    let (head, _) = driver.finish().unwrap();
    (head.root.to_string(), memory.journal().head().unwrap().next_seq)
}

#[test]
fn the_same_replay_has_the_same_root_on_every_store_and_in_every_driver() {
    // core 5
    let files = Files::new();
    let path = files.beside("one.db");
    let first = json(&files.arguments("memory:", &SMALL));
    let second = json(&files.arguments(&url(&path), &SMALL));
    assert_eq!(first, second);
    let options = Options { seed: 5, bettors: 80, bets_per_match: 6 };
    let (root, entries) = driven(&files, options);
    assert_eq!((&first["root"], &first["entries"]), (&root.into(), &entries.into()));
    let other = json(&files.arguments("memory:", &["--seed", "6", "--bettors", "80"]));
    assert_ne!(first["root"], other["root"]);
    let (ok, report) = verify(&path);
    assert!(ok, "{report}");
}

#[test]
fn a_configuration_takes_effect() {
    let files = Files::new();
    let (config, path) = (files.beside("bej.toml"), files.beside("small.db"));
    let sample = good(&["config", "sample"]);
    let put = |from: &str, to: &str| {
        let changed = sample.replace(from, to);
        assert_ne!(changed, sample, "{from}");
        std::fs::write(&config, changed).unwrap();
    };
    put("commands_per_frame_max = 8000", "commands_per_frame_max = 50");
    let configured = ["--config", config.to_str().unwrap()];
    let plain = json(&files.arguments("memory:", &SMALL));
    let store = url(&path);
    let small = json(&files.arguments(&store, &[&SMALL[..], &configured[..]].concat()));
    assert_eq!(plain, small);
    let frames = verify(&path).1["frames"].as_u64().unwrap();
    assert!(small["entries"].as_u64().unwrap() / 100 < frames, "{frames} frames");
    // The store of the configuration is taken where none is given, and lanes may be narrow.
    let other = files.beside("other.db");
    let sample_url = "url = \"sqlite:bej-data/bej.db\"";
    let text = sample.replace(sample_url, &format!("url = \"{}\"", url(&other)));
    std::fs::write(&config, text.replace("live_messages_max = 16384", "live_messages_max = 256"))
        .unwrap();
    let arguments = files.arguments("", &[&SMALL[..], &configured[..]].concat());
    let arguments: Vec<&str> =
        arguments.into_iter().filter(|word| !["--store", ""].contains(word)).collect();
    assert_eq!(json(&arguments), plain);
    assert!(other.exists());
    for (from, to, said) in [
        ("every_seconds = 300", "every_seconds = 3", "snapshots.every_seconds: 3 is not within 10"),
        ("every_seconds = 300", "every_second = 300", "every_second"),
        ("level = \"info\"", "level = \"loud\"", "log.level"),
    ] {
        put(from, to);
        let heard = bad(&files.arguments("memory:", &[&SMALL[..], &configured[..]].concat()));
        assert!(heard.contains(said) && heard.contains("line "), "{to}: {heard}");
    }
}

#[test]
fn a_snapshot_that_fails_is_told_once_with_its_cause() {
    let files = Files::new();
    let path = files.beside("bej.db");
    let home = files.beside("bej.db.d");
    std::fs::create_dir(&home).unwrap();
    // A link that leads nowhere, where the directory of snapshots should be.
    std::os::unix::fs::symlink("nowhere", home.join("snapshots")).unwrap();
    let output = bej(&files.arguments(&url(&path), &SMALL));
    let said = String::from_utf8(output.stderr).unwrap();
    let told: Vec<&str> =
        said.lines().filter(|line| line.contains("a snapshot could not be written")).collect();
    assert_eq!(told.len(), 1, "{said}");
    assert!(told[0].contains("WARN") && told[0].contains("snapshots"), "{said}");
}

#[test]
fn the_json_object_has_what_machines_need() {
    let files = Files::new();
    let object = json(&files.arguments("memory:", &SMALL));
    let count = |key: &str| object[key].as_i64().unwrap_or_else(|| panic!("{key}: {object}"));
    assert_eq!((count("matches"), count("rows_skipped")), (450, 26));
    let positive = ["staked_tiyn", "bets_won", "winnings_tiyn", "refunded_tiyn", "entries"];
    assert!(positive.iter().all(|key| 0 < count(key)), "{object}");
    assert!(count("winnings_tiyn") <= count("paid_out_tiyn") + 100_000_000, "{object}");
    assert!(450 < count("stakes_accepted") && count("stakes_accepted") <= 2 * 450 * 6);
    assert_eq!(object["root"].as_str().map(str::len), Some(64));
    let refused = object["stakes_refused"].as_object().unwrap();
    assert!(10 < refused.len() && refused.values().all(|count| 0 < count.as_i64().unwrap()));
}

#[test]
fn rows_that_cannot_be_used_are_listed_with_line_and_reason() {
    let files = Files::new();
    let output = bej(&files.arguments("memory:", &SMALL));
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success(), "{said}");
    let skipped = said.lines().filter(|line| line.starts_with("skipped ")).count();
    assert_eq!(skipped, 26, "{said}");
    assert!(said.contains("sample-dala-liga.csv line "), "{said}");
    let printed = String::from_utf8(output.stdout).unwrap();
    for word in ["Qyran Bet", "football", "accumulator", "system", "26 rows skipped", "root "] {
        assert!(printed.contains(word), "{word}: {printed}");
    }
}

#[test]
fn what_cannot_be_replayed_is_told_with_what_to_do() {
    let files = Files::new();
    let full = files.beside("full.db");
    good(&files.arguments(&url(&full), &SMALL));
    let header = files.beside("header.csv");
    std::fs::write(&header, "Date,Home\n").unwrap();
    let odds = files.odds[0].to_str().unwrap();
    let one = |odds: &str, store: &str, more: &[&str]| {
        bad(&[&["replay", "--odds", odds, "--store", store, "--seed", "1"], more].concat())
    };
    let cases = [
        (one(odds, &url(&full), &[]), "is not empty"),
        (one("no/such.csv", "memory:", &[]), "look at the path after --odds again"),
        (one(header.to_str().unwrap(), "memory:", &[]), "must name the columns"),
        (one(odds, "memory:", &["--bettors", "3"]), "48 are needed"),
    ];
    for (said, want) in cases {
        assert!(said.contains(want), "{want}: {said}");
    }
    // Wrong words on the command line end with 2 and change nothing.
    for (store, want) in
        [("postgres://x/y", "a user"), ("bej.db", "use sqlite:PATH"), ("sqlite:", "a path")]
    {
        let output = bej(&["replay", "--odds", odds, "--store", store, "--seed", "1"]);
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{said}");
        assert!(said.contains(want), "{want}: {said}");
    }
}

/// All leagues, dated and by rounds, through the pump into SQLite, and everything recomputed.
#[test]
fn the_real_leagues_verify() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data/odds");
    let Ok(entries) = folder.read_dir() else {
        println!("NOT RUN: ../shared/data/odds is absent");
        let ci = std::env::var("CI").is_ok_and(|value| value == "true");
        assert!(!ci, "../shared/data/odds is absent");
        return;
    };
    let mut odds: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    odds.retain(|path| path.extension().is_some_and(|extension| extension == "csv"));
    odds.sort_unstable();
    let files = Files { home: tempfile::tempdir().unwrap(), odds };
    let path = files.beside("leagues.db");
    let few = ["--seed", "11", "--bettors", "100", "--bets-per-match", "1"];
    let object = json(&files.arguments(&url(&path), &few));
    assert_eq!(object["matches"], 36_997, "{object}");
    let (ok, report) = verify(&path);
    assert!(ok, "{report}");
    let mut reader = store_sqlite::Reader::open(&path).unwrap();
    let found = sim::recompute::check(&mut reader).unwrap();
    println!("{object}\n{found:?}");
    assert_eq!(found.wrong, [""; 0]);
    assert_eq!((found.open, found.unpaid), (0, 0));
}
