//! Golden vectors: the bytes and the leaf hash of one fact of each kind, as the scripts bring them.
//!
//! The file is what a second implementation of the format is tested with; it changes only on
//! purpose (BLESS=1), and then a version of a fact has changed.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use journal::fact::{Entry, Fact};
use journal::tree::leaf_hash;
use terms::codec::{hex, unhex};

use crate::scenarios::{parts, scripts};

/// Kinds that no script brings: the pump makes them, or a later issue does. May only shrink.
const ELSEWHERE: &[&str] = &["RefusalsSuppressed"];

fn path() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("testdata/facts.golden")
}

/// One fact of each version that is read still and written no more. Never made anew.
fn before() -> String {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("testdata/facts-before.golden");
    std::fs::read_to_string(path).unwrap()
}

/// The first fact of each kind over all scripts, by number.
fn first_of_each() -> BTreeMap<u8, Entry> {
    let mut first = BTreeMap::new();
    for (_, text) in scripts() {
        for (_, part) in parts(&text) {
            let run = sim::scenario::run(&part).unwrap_or_else(|failure| panic!("{failure}"));
            for entry in run.entries {
                first.entry(entry.fact.kind()).or_insert(entry);
            }
        }
    }
    first
}

#[test]
fn one_fact_of_each_kind_keeps_its_bytes() {
    let facts = first_of_each();
    let before = before();
    let before = before.lines().filter_map(|line| line.split(' ').nth(1));
    let shown = facts.values().map(|entry| entry.fact.name());
    let shown: BTreeSet<&str> = shown.chain(before).collect();
    let missing: Vec<&str> = Fact::kinds()
        .iter()
        .map(|(_, _, name, _)| *name)
        .filter(|name| !shown.contains(name))
        .collect();
    assert_eq!(missing, ELSEWHERE, "kinds without a golden vector");
    let mut text = String::from("# kind, name, leaf hash, canonical bytes\n");
    for (kind, entry) in &facts {
        let mut bytes = Vec::new();
        entry.put(&mut bytes);
        let name = entry.fact.name();
        text.push_str(&format!("{kind} {name} {} {}\n", leaf_hash(&bytes), hex(&bytes)));
    }
    if std::env::var_os("BLESS").is_some() {
        std::fs::write(path(), &text).unwrap();
    }
    let golden = std::fs::read_to_string(path()).unwrap();
    assert!(golden == text, "the bytes of facts have changed; BLESS=1 if that is meant");
}

#[test]
fn golden_bytes_are_read_back_and_every_cut_or_longer_form_is_refused() {
    let golden = std::fs::read_to_string(path()).unwrap() + &before();
    for line in golden.lines().filter(|line| !line.starts_with('#')) {
        let bytes = unhex(line.rsplit(' ').next().unwrap()).unwrap();
        let entry = Entry::from_bytes(&bytes).unwrap();
        let mut again = Vec::new();
        entry.put(&mut again);
        assert_eq!(again, bytes, "{}", entry.fact.name());
        let said: Vec<&str> = line.split(' ').collect();
        assert_eq!((said[1], said[2]), (entry.fact.name(), &*leaf_hash(&bytes).to_string()));
        for end in 0..bytes.len() {
            assert!(
                Entry::from_bytes(&bytes[..end]).is_err(),
                "{} cut at {end}",
                entry.fact.name()
            );
        }
        let longer = [bytes.as_slice(), &[0]].concat();
        assert!(Entry::from_bytes(&longer).is_err(), "{} with a byte more", entry.fact.name());
    }
}

#[test]
fn stakes_and_refusals_are_small() {
    // core 2: a single aims at 160 bytes of journal; core 14: a refusal has at most 100.
    for entry in first_of_each().values() {
        let mut bytes = Vec::new();
        entry.put(&mut bytes);
        match &entry.fact {
            Fact::StakeAccepted(fact) if fact.bet.legs.0.len() == 1 => {
                assert!(bytes.len() <= 160, "a single has {} bytes", bytes.len());
            }
            Fact::Refused(_) => assert!(bytes.len() <= 100, "a refusal has {} bytes", bytes.len()),
            _ => {}
        }
    }
}
