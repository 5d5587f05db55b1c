//! Daily files: books that add up and agree with the ledger, versions of what is late, signatures.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;
use terms::Day;

use crate::world::{SCRIPT, World, announce, bad, entries, good, put_key, url};

/// Days after the one of the other tests: stakes at a desk, of which one is told a day late, and
/// one of a day on which there was nothing, and a settlement that was computed a day before.
const LATER: &str = "
    +24h
    lists
    match E6 M6 C1 +6h
    stake B12 A1 100.00 M6.1@1.50
    report B20 A1 300.00 cash M6.1@1.50
    +72h
    lists
    match E7 M7 C1 +6h
    report B21 A1 500.00 cash M6.1@1.50 made=-72h
    report B22 A1 700.00 non_cash M7.1@1.50 made=-36h
    stake B13 A1 100.00 M7.1@1.50
    +8h
    result M7 won lost lost
    settle B22
    settle B13
    pay B22 1_050.00 non_cash
    +24h
    lists
    tick
";

/// The script and what comes later, as a store whose last entry announces a key.
fn world() -> World {
    World::signed(&format!("{SCRIPT}{LATER}"), 7)
}

fn daily(store: &str, to: &Path, key: &Path) -> String {
    let (to, key) = (to.to_str().unwrap(), key.to_str().unwrap());
    good(&["daily", "--store", store, "--to", to, "--key", key])
}

fn made(world: &World) -> PathBuf {
    let to = world.beside("daily");
    daily(&world.url(), &to, &world.companion("checkpoint.key"));
    to
}

/// Every file below a directory, with its content.
fn tree(home: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut all = BTreeMap::new();
    for entry in fs::read_dir(home).into_iter().flatten() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            all.extend(tree(&path));
        } else {
            all.insert(path.clone(), fs::read(&path).unwrap());
        }
    }
    all
}

/// The newest manifest of each organiser and day.
fn newest(home: &Path) -> BTreeMap<(String, Day), Value> {
    let mut found = BTreeMap::new();
    for (path, bytes) in tree(home) {
        let name = path.file_name().unwrap().to_str().unwrap();
        if name.starts_with("manifest.") && name.ends_with(".json") {
            let manifest: Value = serde_json::from_slice(&bytes).unwrap();
            let day = Day::parse(manifest["day"].as_str().unwrap()).unwrap();
            let key = (manifest["organiser"].as_str().unwrap().to_owned(), day);
            let version = |found: &Value| found["version"].as_u64().unwrap();
            let older = found.get(&key).is_none_or(|found| version(found) < version(&manifest));
            if older {
                found.insert(key, manifest);
            }
        }
    }
    found
}

fn figure(manifest: &Value, book: &str, line: &str) -> i64 {
    let rows = manifest["balance"].as_array().unwrap();
    let row = rows.iter().find(|row| row["book"] == book && row["line"] == line).unwrap();
    row["sum_tiyn"].as_i64().unwrap()
}

/// The books of each organiser run through its days without a gap.
fn check_chain(manifests: &BTreeMap<(String, Day), Value>) {
    let mut before: Option<(&String, Day, &Value)> = None;
    for ((organiser, day), manifest) in manifests {
        for book in ["wallet", "open_stakes", "due"] {
            let opening = figure(manifest, book, "opening");
            match before {
                Some((same, earlier, found)) if same == organiser => {
                    assert_eq!(earlier.0 + 1, day.0, "a day of {organiser} is missing");
                    assert_eq!(opening, figure(found, book, "closing"), "{book} {day}");
                }
                _ => assert_eq!(opening, 0, "{book} {day}"),
            }
        }
        before = Some((organiser, *day, manifest));
    }
}

/// Checks every manifest by the command.
fn check_all(home: &Path, key: &str) {
    for path in tree(home).keys().filter(|path| path.to_str().unwrap().ends_with(".json")) {
        let said = good(&["check-daily", path.to_str().unwrap(), "--key", key]);
        assert!(said.contains("are as signed and add up"), "{said}");
    }
}

fn key_of(world: &World) -> String {
    good(&["key", "show", "--store", &world.url()]).trim().to_owned()
}

#[test]
fn a_late_record_makes_the_next_version_of_its_day() {
    // R0-9.3, R0-13.3, R0-15.1, R0-16.4, R0-16.5, S-32
    let world = world();
    let home = made(&world);
    let manifests = newest(&home);
    check_chain(&manifests);
    check_all(&home, &key_of(&world));
    let of = |organiser: &str| -> Vec<(Day, &Value)> {
        let own = manifests.iter().filter(|((found, _), _)| found == organiser);
        own.map(|((_, day), manifest)| (*day, manifest)).collect()
    };
    let days = of("0");
    let versions: Vec<u64> =
        days.iter().map(|(_, manifest)| manifest["version"].as_u64().unwrap()).collect();
    // 5 and 6 January by the script, 7 January with the stake at a desk, 8 and 9 January without
    // entries but with a late stake, 10 January with what was late.
    assert_eq!(versions, [1, 1, 2, 2, 2, 1], "{days:?}");
    let staked = |place: usize, line: &str| figure(days[place].1, "open_stakes", line);
    assert_eq!((staked(2, "stakes_cash"), staked(2, "stakes_non_cash")), (80_000, 0));
    assert_eq!((staked(3, "stakes_cash"), staked(3, "stakes_non_cash")), (0, 70_000));
    assert_eq!(staked(4, "stakes_cash") + staked(5, "stakes_cash"), 0);
    // The first version says what was known then, and the second one begins with the same bytes.
    let place = home.join("organiser-0").join(days[2].0.to_string());
    let first = fs::read_to_string(place.join("stakes.v1.csv")).unwrap();
    let second = fs::read_to_string(place.join("stakes.v2.csv")).unwrap();
    assert!(second.starts_with(&first) && first.lines().count() + 1 == second.lines().count());
    let late = second.lines().last().unwrap();
    assert!(late.contains(",cash,") && late.contains(",50000,"), "{late}");
    // What did not change is not written again.
    let files = days[2].1["files"].as_array().unwrap();
    let named = |name: &str| files.iter().any(|file| file["name"] == name);
    assert!(named("stakes.v2.ndjson") && named("payouts.v1.ndjson") && named("balance.v2.csv"));
    assert!(!place.join("payouts.v2.csv").exists());
    // A day without entries was closed with a manifest alone.
    let silent = home.join("organiser-0").join(days[4].0.to_string());
    let silent: Value =
        serde_json::from_slice(&fs::read(silent.join("manifest.v1.json")).unwrap()).unwrap();
    assert_eq!(silent["files"].as_array().unwrap().len(), 0);
    // The rival has days of its own and nothing in them.
    assert!(of("1").iter().all(|(_, manifest)| figure(manifest, "wallet", "closing") == 0));
}

#[test]
fn the_files_follow_from_the_journal_alone() {
    let world = world();
    let home = made(&world);
    let (whole, key) = (tree(&home), world.companion("checkpoint.key"));
    let printed = daily(&world.url(), &home, &key);
    assert!(printed.contains("0 versions"), "{printed}");
    assert_eq!(tree(&home), whole, "a second run changes nothing");

    // Whoever runs it each night gets the same as whoever runs it once; a run that broke off
    // before its last manifest goes on.
    let script = format!("{SCRIPT}{LATER}");
    let all = entries(&script);
    let step = world.beside("step");
    for cut in (1..=8).map(|eighth| all.len() * eighth / 8) {
        let mut some = all[..cut].to_vec();
        announce(&mut some, 1, None);
        let path = world.beside(&format!("{cut}.db"));
        crate::world::write(&path, &some, 7, store_sqlite::PART_LIMIT_BYTES);
        daily(&url(&path), &step, &key);
        let newest = newest(&step).into_iter().rfind(|((organiser, _), _)| organiser == "0");
        if let Some(((_, day), _)) = newest {
            let last = step.join("organiser-0").join(day.to_string()).join("manifest.v1.json");
            fs::remove_file(last).unwrap();
        }
    }
    daily(&world.url(), &step, &key);
    let moved = |tree: BTreeMap<PathBuf, Vec<u8>>, home: &Path| -> BTreeMap<PathBuf, Vec<u8>> {
        tree.into_iter()
            .map(|(path, bytes)| (path.strip_prefix(home).unwrap().to_owned(), bytes))
            .collect()
    };
    assert_eq!(moved(tree(&step), &step), moved(whole, &home));
}

#[test]
fn a_changed_file_or_manifest_is_refused() {
    let world = world();
    let home = made(&world);
    let key = key_of(&world);
    let place = tree(&home).into_keys().find(|path| path.ends_with("manifest.v2.json")).unwrap();
    let check = |key: &str| bad(&["check-daily", place.to_str().unwrap(), "--key", key]);
    let change = |path: &Path, from: &str, to: &str, said: &str| {
        let text = fs::read_to_string(path).unwrap();
        assert_ne!(text.replacen(from, to, 1), text, "{}", path.display());
        fs::write(path, text.replacen(from, to, 1)).unwrap();
        let heard = check(&key);
        assert!(heard.contains(said), "{heard}");
        fs::write(path, text).unwrap();
        good(&["check-daily", place.to_str().unwrap(), "--key", &key]);
    };
    change(&place, "\"version\": 2", "\"version\": 3", "signature");
    change(&place, "\"sum_tiyn\": 0", "\"sum_tiyn\": 1", "signature");
    change(&place, "{", " {", "signature");
    let signature = place.with_extension("json.sig");
    change(&signature, "bej/local", "bej/other", "signature");
    change(&place.with_file_name("stakes.v2.csv"), "cash", "hash", "is not as signed");
    change(&place.with_file_name("stakes.v2.ndjson"), "50000", "50001", "is not as signed");
    put_key(&world.beside("other.key"), 2);
    let other = journal::checkpoint::CheckpointKey::from_seed([2; 32]);
    let origin = journal::checkpoint::Origin::of("local").unwrap();
    assert!(check(&other.verifier(&origin).to_string()).contains("not signed by the trusted key"));
    fs::remove_file(&signature).unwrap();
    assert!(check(&key).contains("manifest.v2.json.sig cannot be read"));
    // A key that the journal does not name signs nothing.
    let other = world.beside("other.key").display().to_string();
    let to = world.beside("unsigned").display().to_string();
    let heard = bad(&["daily", "--store", &world.url(), "--to", &to, "--key", &other]);
    assert!(heard.contains("the journal names another key"), "{heard}");
    assert!(!world.beside("unsigned").exists());
}

/// Replays the first lines of a season into a store.
fn replay(home: &Path, store: &str, lines: usize) {
    let odds = home.join("season.csv");
    let (_, season) = sim::seasons::sample()[0];
    let some: Vec<&str> = season.lines().take(lines).collect();
    fs::write(&odds, some.join("\n")).unwrap();
    let odds = odds.to_str().unwrap();
    good(&["replay", "--odds", odds, "--store", store, "--seed", "5", "--bettors", "60"]);
}

#[test]
fn a_season_reconciles_with_the_ledger() {
    // R0-9.3, R4-5.2b, P-13
    let home = tempfile::tempdir().unwrap();
    let store = url(&home.path().join("bej.db"));
    replay(home.path(), &store, 60);
    // The entry that announces the key is of a later day, so that every day of the season is over.
    good(&["key", "announce", "--store", &store]);
    good(&["views", "--store", &store]);
    let to = home.path().join("daily");
    good(&["daily", "--store", &store, "--to", to.to_str().unwrap()]);
    let manifests = newest(&to);
    assert!(40 < manifests.len(), "{}", manifests.len());
    check_chain(&manifests);
    let last: BTreeMap<&String, &Value> =
        manifests.iter().map(|((organiser, _), manifest)| (organiser, manifest)).collect();
    let sum = |book: &str| -> i64 {
        last.values().map(|manifest| figure(manifest, book, "closing")).sum()
    };
    let layout = store_sqlite::Layout::of(&home.path().join("bej.db")).unwrap();
    let totals = store_sqlite::Views::read(layout.home().views()).unwrap().totals().unwrap();
    assert_eq!(sum("wallet"), totals.organisers_tiyn);
    assert_eq!(sum("open_stakes"), totals.open_tiyn);
    assert_eq!(sum("due"), totals.unpaid_tiyn - totals.claims_tiyn);
    assert!(0 < totals.organisers_tiyn && 0 < totals.settled);
    let key = good(&["key", "show", "--store", &store]).trim().to_owned();
    let some = tree(&to).into_keys().filter(|path| path.ends_with("manifest.v1.json"));
    for path in some.step_by(20) {
        good(&["check-daily", path.to_str().unwrap(), "--key", &key]);
    }
}

#[test]
fn a_running_server_writes_the_files_of_days_that_are_over() {
    let home = tempfile::tempdir().unwrap();
    let store = url(&home.path().join("bej.db"));
    replay(home.path(), &store, 20);
    let server = crate::serve::Server::start(home.path());
    // The server announces its key in an entry of today, so that the days before are over.
    let files = home.path().join("daily");
    let mut looks = 0;
    while newest(&files).is_empty() {
        looks += 1;
        assert!(looks < 600, "no daily files");
        std::thread::park_timeout(std::time::Duration::from_millis(100));
    }
    assert!(server.stop());
    // What the stop broke off is made by the next run.
    good(&["daily", "--data", home.path().to_str().unwrap()]);
    let printed = good(&["daily", "--data", home.path().to_str().unwrap()]);
    assert!(printed.contains(": 0 versions"), "{printed}");
    check_chain(&newest(&files));
}
