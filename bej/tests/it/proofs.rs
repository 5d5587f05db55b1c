//! Proofs and checkpoints, made from a store and checked without it.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use crate::world::{SCRIPT, World, bad, bej, good, write};

#[test]
fn a_proof_is_checked_offline_and_every_change_shows() {
    // core 9
    let world = World::of(SCRIPT, 7);
    let proof = world.beside("proof.txt");
    let proof_name = proof.display().to_string();
    good(&["proof", "20", "--store", &world.url(), "--out", &proof_name]);
    let key = world.path.with_file_name("bej.db.d").join("checkpoint.key");
    assert_eq!(fs::metadata(&key).unwrap().permissions().mode() & 0o777, 0o600);
    let vkey = fs::read_to_string(world.beside("proof.txt.vkey")).unwrap();
    let vkey = vkey.trim();
    // Nothing of the store is needed.
    let text = fs::read_to_string(&proof).unwrap();
    let printed = good(&["check-proof", &proof_name, "--key", vkey]);
    assert!(printed.contains("proven: entry 20"), "{printed}");
    let printed = good(&["check-proof", &proof_name]);
    assert!(printed.contains("came with the proof"), "{printed}");
    let json = good(&["check-proof", &proof_name, "--key", vkey, "--json"]);
    let object: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(object["seq"], 20);
    assert_eq!(object["root"], world.head.root.to_string());
    let mut changes = 0;
    for at in (0..text.len()).step_by(11) {
        let mut changed = text.clone().into_bytes();
        changed[at] = if changed[at] == b'A' { b'B' } else { b'A' };
        if changed == text.as_bytes() || String::from_utf8(changed.clone()).is_err() {
            continue;
        }
        fs::write(&proof, &changed).unwrap();
        bad(&["check-proof", &proof_name, "--key", vkey]);
        changes += 1;
    }
    assert!(20 < changes, "only {changes} changes");
    fs::write(&proof, &text).unwrap();
    let other = World::of("at 2026-01-05 12:00:00\nworld", 7);
    let other_proof = other.beside("other.txt").display().to_string();
    good(&["proof", "1", "--store", &other.url(), "--out", &other_proof]);
    let other_key = other.beside("other.txt.vkey").display().to_string();
    bad(&["check-proof", &proof_name, "--key", &other_key]);
}

#[test]
fn every_entry_of_a_journal_can_be_proven_by_position_or_id() {
    let world = World::of(SCRIPT, 5);
    let last = world.entries.len() - 1;
    for seq in [0, 1, 31, 32, 33, last] {
        let out = world.beside(&format!("{seq}.txt")).display().to_string();
        good(&["proof", &seq.to_string(), "--store", &world.url(), "--out", &out]);
        good(&["check-proof", &out]);
        bad(&["proof", &seq.to_string(), "--store", &world.url(), "--out", &out]);
    }
    let entry = &world.entries[40];
    let id = world.entries.iter().find_map(|entry| Some(entry.fact.cause()?.id)).unwrap();
    let out = world.beside("id.txt").display().to_string();
    good(&["proof", &id.to_string(), "--store", &world.url(), "--out", &out]);
    assert_eq!(entry.seq.0, 40);
    let out = world.beside("none.txt").display().to_string();
    let said = bad(&["proof", "100000", "--store", &world.url(), "--out", &out]);
    assert!(said.contains("has no entry 100000"), "{said}");
}

#[test]
fn a_key_that_others_can_read_signs_nothing() {
    let world = World::of("at 2026-01-05 12:00:00\nworld", 7);
    let key = world.beside("own.key");
    let arguments = ["checkpoint", "--store", &world.url(), "--key", key.to_str().unwrap()];
    let first = good(&arguments);
    assert!(first.starts_with("bej/local\n"), "{first}");
    assert_eq!(first, good(&arguments));
    fs::set_permissions(&key, fs::Permissions::from_mode(0o644)).unwrap();
    let said = bad(&arguments);
    assert!(said.contains("chmod 600"), "{said}");
}

#[test]
fn a_journal_that_was_changed_or_cut_is_not_signed_again() {
    let world = World::of(SCRIPT, 7);
    good(&["checkpoint", "--store", &world.url()]);
    for (name, entries) in [
        ("shorter", world.entries[..30].to_vec()),
        ("other", {
            let mut entries = world.entries.clone();
            let last = entries.last_mut().unwrap();
            last.at = last.at.plus(1);
            entries
        }),
    ] {
        for suffix in ["", "-wal", "-shm"] {
            let _ = fs::remove_file(format!("{}{suffix}", world.path.display()));
        }
        write(&world.path, &entries, 7, 4 << 30);
        let said = bad(&["checkpoint", "--store", &world.url()]);
        let why = if name == "shorter" { "are gone" } else { "was changed" };
        assert!(said.contains(why), "{name}: {said}");
    }
    let said = bej(&["checkpoint", "--store", &world.url()]);
    assert!(said.stdout.is_empty());
}

#[test]
fn a_later_journal_is_shown_to_begin_with_an_earlier_one() {
    let world = World::of(SCRIPT, 7);
    for from in ["0", "1", "31", "40"] {
        let json = good(&["consistency", "--store", &world.url(), "--from", from]);
        let object: serde_json::Value = serde_json::from_str(&json).unwrap();
        assert_eq!(object["new"]["root"], world.head.root.to_string());
        assert_eq!(object["old"]["size"].to_string(), from);
    }
    bad(&["consistency", "--store", &world.url(), "--from", "100000"]);
}
