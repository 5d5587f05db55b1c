//! The vault from outside: made, looked at, rotated, backed up and restored with its keys apart.

use std::path::Path;
use std::sync::Arc;

use terms::{Instant, Person, Seq};
use vault::{FileKeeper, PersonRecord, Phone, Source, Sourced, Vault};

use crate::world::{SCRIPT, World, bad, bej, good, url};

fn phone(number: u32) -> String {
    format!("+7707{number:07}")
}

/// A vault of so many persons with the store of a world.
fn fill(world: &World, numbers: std::ops::Range<u32>) -> Vault {
    let keeper = Arc::new(FileKeeper::at(world.beside("keys")));
    let rows = store_sqlite::Vault::open(world.companion("vault.db")).unwrap();
    let mut vault = Vault::open(Box::new(rows), keeper).unwrap();
    for number in numbers {
        let value = Phone::parse(&phone(number)).unwrap();
        let phones = vec![Sourced { value, source: Source::Person, at: Instant(1) }];
        let record = PersonRecord { phones, ..PersonRecord::empty() };
        let reference = vault.admit(&record, &[], Instant(1)).unwrap();
        vault.confirm(reference, Person(number)).unwrap();
    }
    vault
}

fn json(text: &str) -> serde_json::Value {
    serde_json::from_str(text).unwrap()
}

/// No file below a directory holds a telephone of anybody.
fn assert_sealed(home: &Path) {
    for entry in std::fs::read_dir(home).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            assert_sealed(&path);
            continue;
        }
        let bytes = std::fs::read(&path).unwrap();
        let found = bytes.windows(5).any(|window| window == b"+7707");
        assert!(!found, "{}", path.display());
    }
}

// S-41, D-07, R0-20.2: by the commands that an operator has.
#[test]
fn a_vault_is_made_rotated_backed_up_and_restored() {
    let world = World::of(SCRIPT, 7);
    let (store, keys) = (world.url(), world.beside("keys").display().to_string());
    let copies = world.beside("copies").display().to_string();
    let with = |words: &[&str], store: &str| -> Vec<String> {
        let words = [words, &["--store", store, "--keys", &keys]].concat();
        words.into_iter().map(str::to_owned).collect()
    };
    let run = |words: &[&str], store: &str| {
        let words = with(words, store);
        good(&words.iter().map(String::as_str).collect::<Vec<_>>())
    };
    let fails = |words: &[&str], store: &str| {
        let words = with(words, store);
        bad(&words.iter().map(String::as_str).collect::<Vec<_>>())
    };
    let said = fails(&["vault", "status"], &store);
    assert!(said.contains("`bej vault make` makes one"), "{said}");
    run(&["vault", "make"], &store);
    let mut vault = fill(&world, 1..21);
    vault.destroy(Person(4), Seq(9)).unwrap();
    let status = json(&run(&["vault", "status", "--json"], &store));
    assert_eq!((&status["live"], &status["destroyed"]), (&19.into(), &1.into()));
    let verified = json(&run(&["vault", "verify", "--json"], &store));
    assert_eq!((&verified["items"], &verified["entries"]), (&19.into(), &19.into()));

    // The oldest backup, and what it says of persons: how many, and nothing else.
    let oldest = world.beside("oldest");
    let to = oldest.display().to_string();
    let manifest = json(&good(&["backup", "--store", &store, "--to", &to, "--json"]));
    assert_eq!(manifest["vault"]["persons"], 20);
    assert_eq!(manifest["edge"]["values"], 0);
    assert_sealed(&oldest);
    assert!(!oldest.join("kek-000001").exists(), "keys are no part of it");
    vault.destroy(Person(5), Seq(10)).unwrap();
    let rotated = json(&run(&["vault", "rotate", "--copies", &copies, "--json"], &store));
    assert_eq!((&rotated["epoch"], &rotated["resumed"]), (&2.into(), &false.into()));
    let listed = json(&good(&["vault", "destroyed", "--store", &store, "--since", "10", "--json"]));
    assert_eq!(listed["destroyed"], serde_json::json!([{ "person": 5, "ordered": 10 }]));

    // The oldest backup restores as a store, and its persons open no more.
    let restore = |name: &str, more: &[&str]| {
        let target = url(&world.beside(name));
        let words = [&["restore", "--from", &to, "--store", &target][..], more].concat();
        (good(&words), target)
    };
    let (_, target) = restore("again.db", &[]);
    let said = fails(&["vault", "verify"], &target);
    assert!(said.contains("has no key of epoch 1"), "{said}");
    // With the keys of the rotation it opens, save for who was destroyed since.
    let copy = rotated["copy"].as_str().unwrap();
    let (said, target) = restore("opened.db", &["--vault-keys", copy]);
    assert!(said.contains("20 persons"), "{said}");
    let said = fails(&["vault", "verify"], &target);
    assert!(said.contains("is missing"), "{said}: the key of person 5");
    let rows = world.beside("opened.db.d").join("vault.db");
    let keeper = Arc::new(FileKeeper::at(world.beside("keys")));
    let rows = store_sqlite::Vault::open(rows).unwrap();
    let mut restored = Vault::open(Box::new(rows), keeper).unwrap();
    restored.after_restore([(Person(4), Seq(9)), (Person(5), Seq(10))]).unwrap();
    let verified = json(&run(&["vault", "verify", "--json"], &target));
    assert_eq!(verified["entries"], 18);

    // A backup that was made after it opens by itself.
    let newest = world.beside("newest").display().to_string();
    good(&["backup", "--store", &store, "--to", &newest]);
    let target = url(&world.beside("newest.db"));
    good(&["restore", "--from", &newest, "--store", &target]);
    let verified = json(&run(&["vault", "verify", "--json"], &target));
    assert_eq!(verified["items"], 18);
}

#[test]
fn keys_are_kept_apart() {
    let world = World::of(SCRIPT, 7);
    let store = world.url();
    let inside = world.companion("keys").display().to_string();
    let said = bad(&["vault", "make", "--store", &store, "--keys", &inside]);
    assert!(said.contains("keys belong elsewhere"), "{said}");
    let keys = world.beside("keys").display().to_string();
    good(&["vault", "make", "--store", &store, "--keys", &keys]);
    let rotate = |copies: &str| {
        bad(&["vault", "rotate", "--store", &store, "--keys", &keys, "--copies", copies])
    };
    assert!(rotate(&inside).contains("copies of keys belong elsewhere"));
    assert!(rotate(&keys).contains("belong elsewhere"));
    let none = bej(&["vault", "status", "--store", &store]);
    assert_eq!(none.status.code(), Some(2));
}

#[test]
fn what_was_tampered_with_is_named() {
    let world = World::of(SCRIPT, 7);
    let (store, keys) = (world.url(), world.beside("keys").display().to_string());
    good(&["vault", "make", "--store", &store, "--keys", &keys]);
    drop(fill(&world, 1..4));
    let edit = rusqlite::Connection::open(world.companion("vault.db")).unwrap();
    let first = "SELECT min(id) FROM items";
    edit.execute(
        &format!("UPDATE items SET sealed = zeroblob(length(sealed)) WHERE id = ({first})"),
        [],
    )
    .unwrap();
    drop(edit);
    let said = bad(&["vault", "verify", "--store", &store, "--keys", &keys]);
    assert!(said.contains("item 0 of ") && said.contains("is not what was sealed"), "{said}");
    // A backup does not need the keys, and keeps what is there as it is.
    let to = world.beside("backup").display().to_string();
    good(&["backup", "--store", &store, "--to", &to]);
}
