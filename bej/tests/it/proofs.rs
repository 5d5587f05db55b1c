//! Proofs and checkpoints, made from a store and checked without it.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use crate::world::{SCRIPT, World, announce, bad, bej, entries, good, put_key, verify, write};

#[test]
fn a_proof_is_checked_offline_and_every_change_shows() {
    // core 9
    let world = World::signed(SCRIPT, 7);
    let proof = world.beside("proof.txt");
    let proof_name = proof.display().to_string();
    good(&["proof", "20", "--store", &world.url(), "--out", &proof_name]);
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
    let mut entries = world.entries.clone();
    entries.pop();
    announce(&mut entries, 2, None);
    let other = World::with(entries, 7, 4 << 30);
    put_key(&other.companion("checkpoint.key"), 2);
    let other_proof = other.beside("other.txt").display().to_string();
    good(&["proof", "1", "--store", &other.url(), "--out", &other_proof]);
    let other_key = other.beside("other.txt.vkey").display().to_string();
    bad(&["check-proof", &proof_name, "--key", &other_key]);
}

#[test]
fn every_entry_of_a_journal_can_be_proven_by_position_or_id() {
    let world = World::signed(SCRIPT, 5);
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
    let world = World::signed("at 2026-01-05 12:00:00\nworld", 7);
    let key = world.beside("own.key");
    put_key(&key, 1);
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
    let signed = World::signed(SCRIPT, 7);
    let checkpoint = |world: &World| bej(&["checkpoint", "--store", &world.url()]);
    assert!(checkpoint(&signed).status.success());
    let kept = fs::read(signed.companion("marks/signed")).unwrap();
    for (name, change) in [("shorter", false), ("other", true)] {
        let mut entries = signed.entries.clone();
        if change {
            let last = entries.last_mut().unwrap();
            last.at = last.at.plus(1);
        } else {
            entries.truncate(30);
            announce(&mut entries, 1, None);
        }
        let world = World::with(entries, 7, 4 << 30);
        put_key(&world.companion("checkpoint.key"), 1);
        fs::create_dir_all(world.companion("marks")).unwrap();
        fs::write(world.companion("marks/signed"), &kept).unwrap();
        let said = bad(&["checkpoint", "--store", &world.url()]);
        let why = if change { "was changed" } else { "are gone" };
        assert!(said.contains(why), "{name}: {said}");
        assert!(checkpoint(&world).stdout.is_empty());
    }
}

#[test]
fn only_the_key_that_the_journal_names_signs() {
    // core 9
    let world = World::of(SCRIPT, 7);
    put_key(&world.companion("checkpoint.key"), 1);
    let refused = |world: &World, key: u8| {
        let path = world.beside("a.key");
        put_key(&path, key);
        let path = path.display().to_string();
        bad(&["checkpoint", "--store", &world.url(), "--key", &path])
    };
    let said = bad(&["checkpoint", "--store", &world.url()]);
    assert!(said.contains("names no key") && said.contains("bej key announce"), "{said}");
    let mut entries = world.entries.clone();
    announce(&mut entries, 1, Some(2));
    let first = World::with(entries.clone(), 7, 4 << 30);
    put_key(&first.companion("checkpoint.key"), 1);
    let seq = entries.len() - 1;
    good(&["checkpoint", "--store", &first.url()]);
    let said = refused(&first, 2);
    assert!(said.contains(&format!("entry {seq} names it as the key that will follow")), "{said}");
    let said = refused(&first, 3);
    assert!(said.contains("names another key, bej/local+"), "{said}");
    announce(&mut entries, 2, None);
    let second = World::with(entries, 7, 4 << 30);
    let said = refused(&second, 1);
    assert!(said.contains(&format!("since entry {} ", seq + 1)), "{said}");
    put_key(&second.companion("checkpoint.key"), 2);
    good(&["checkpoint", "--store", &second.url()]);
}

#[test]
fn a_key_is_made_announced_and_shown() {
    let world = World::of("at 2020-01-05 12:00:00\nworld", 7);
    let store = world.url();
    let said = bad(&["checkpoint", "--store", &store]);
    assert!(said.contains("bej key announce"), "{said}");
    let next = world.beside("next.vkey");
    let printed = good(&["key", "announce", "--store", &store, "--instance", "almaty-1"]);
    let vkey = printed.lines().nth(1).unwrap().to_owned();
    assert!(vkey.starts_with("bej/almaty-1+"), "{printed}");
    let key = world.companion("checkpoint.key");
    assert_eq!(fs::metadata(&key).unwrap().permissions().mode() & 0o777, 0o600);
    assert_eq!(good(&["key", "show", "--store", &store]).trim(), vkey);
    assert!(good(&["checkpoint", "--store", &store]).starts_with("bej/almaty-1\n"));
    let said = bad(&["key", "announce", "--store", &store]);
    assert!(said.contains("names this key already"), "{said}");
    // The next key takes over, and the first one signs nothing any more.
    fs::write(&next, &vkey).unwrap();
    let other = world.beside("other.key").display().to_string();
    let successor = next.display().to_string();
    good(&["key", "announce", "--store", &store, "--key", &other, "--successor", &successor]);
    let said = bad(&["checkpoint", "--store", &store]);
    assert!(said.contains("as the key that will follow"), "{said}");
    good(&["checkpoint", "--store", &store, "--key", &other]);
    assert!(verify(&world.path).0);
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

/// A store whose tiles have two rows.
fn tiled() -> World {
    let mut entries = entries(SCRIPT);
    while entries.len() < 600 {
        announce(&mut entries, 9, None);
    }
    announce(&mut entries, 1, None);
    let world = World::with(entries, 7, 4 << 30);
    put_key(&world.companion("checkpoint.key"), 1);
    good(&["checkpoint", "--store", &world.url()]);
    world
}

#[test]
fn tiles_are_those_of_c2sp_and_follow_the_journal() {
    let world = tiled();
    let leaves: Vec<u8> = world
        .entries
        .iter()
        .flat_map(|entry| {
            let mut bytes = Vec::new();
            entry.put(&mut bytes);
            journal::tree::leaf_hash(&bytes).0
        })
        .collect();
    assert_eq!(fs::read(world.companion("tiles/0")).unwrap(), leaves);
    assert_eq!(fs::read(world.companion("tiles/1")).unwrap().len(), 64);
    let text = fs::read_to_string(world.companion("tiles/cursor")).unwrap();
    assert_eq!(text, "601 600\n");
    // The journal grows, and the tiles with it.
    let mut entries = world.entries.clone();
    announce(&mut entries, 2, None);
    announce(&mut entries, 1, None);
    for suffix in ["", "-wal", "-shm"] {
        let _ = fs::remove_file(format!("{}{suffix}", world.path.display()));
    }
    let head = write(&world.path, &entries, 7, 4 << 30);
    assert!(good(&["checkpoint", "--store", &world.url()]).contains("\n603\n"));
    let text = fs::read_to_string(world.companion("tiles/cursor")).unwrap();
    assert_eq!((text.as_str(), head.next_seq), ("603 602\n", 603));
}

#[test]
fn a_wrong_tile_is_named_and_proves_nothing() {
    let world = tiled();
    let (row, upper) = (world.companion("tiles/0"), world.companion("tiles/1"));
    let cursor = world.companion("tiles/cursor");
    let found = |name: &str| {
        let (ok, object) = verify(&world.path);
        assert!(!ok, "{object}");
        let what = object["first_bad"]["what"].as_str().unwrap().to_owned();
        assert!(what.contains(name), "{object}");
        object["first_bad"].clone()
    };
    for (path, at, name, seq) in [
        (&row, 32 * 5 + 3, "tile/0/000: hash 5 ", 5),
        (&row, 32 * 600, "tile/0/002: hash 88 ", 600),
        (&upper, 40, "tile/1/000: hash 1 ", 256),
    ] {
        let kept = fs::read(path).unwrap();
        let mut damaged = kept.clone();
        damaged[at] ^= 1;
        fs::write(path, &damaged).unwrap();
        let bad_tile = found(name);
        assert_eq!(bad_tile["seq"], seq, "{bad_tile}");
        assert_eq!(bad_tile["part"], path.display().to_string(), "{bad_tile}");
        let out = world.beside("never.txt").display().to_string();
        let said = bad(&["proof", "7", "--store", &world.url(), "--out", &out]);
        assert!(said.contains("bej verify"), "{said}");
        fs::write(path, &kept).unwrap();
    }
    // Tiles of another key entry, and of more entries than the journal has.
    let kept = fs::read(&cursor).unwrap();
    fs::write(&cursor, "601 599\n").unwrap();
    found("as the last that announces a key");
    fs::write(&cursor, "601\n").unwrap();
    found("does not hold a cursor");
    fs::write(&cursor, &kept).unwrap();
    let object = verify(&world.path).1;
    let compared = object["compared"].to_string();
    assert!(compared.contains("tiles of 601 entries: the same hashes"), "{object}");
}

#[test]
fn missing_tiles_are_made_again() {
    let world = tiled();
    let checkpoint = good(&["checkpoint", "--store", &world.url()]);
    let all = ["tiles/0", "tiles/1", "tiles/cursor"].map(|name| world.companion(name));
    let kept = all.each_ref().map(|path| fs::read(path).unwrap());
    for path in &all {
        fs::remove_file(path).unwrap();
        assert_eq!(good(&["checkpoint", "--store", &world.url()]), checkpoint);
        assert_eq!(all.each_ref().map(|path| fs::read(path).unwrap()), kept);
    }
    fs::remove_dir_all(world.companion("tiles")).unwrap();
    good(&["consistency", "--store", &world.url(), "--from", "300"]);
    assert_eq!(all.each_ref().map(|path| fs::read(path).unwrap()), kept);
}
