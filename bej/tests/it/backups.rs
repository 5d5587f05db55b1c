//! Backups, restored and tampered with.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use journal::frame::{FactBuffer, Sealer};
use journal::tree::{Frontier, leaf_hash};
use store::{Appended, JournalStore as _};
use store_sqlite::{Layout, Options, PART_LIMIT_BYTES, Sqlite, Synchronous};

use crate::world::{SCRIPT, World, announce, bad, entries, good, put_key, url, verify};

#[test]
fn a_backup_is_restored_to_the_same_journal() {
    let mut entries = entries(SCRIPT);
    announce(&mut entries, 1, None);
    let world = World::with(entries, 3, 40 << 10);
    put_key(&world.companion("checkpoint.key"), 1);
    good(&["checkpoint", "--store", &world.url()]);
    let to = world.beside("backup").display().to_string();
    let manifest = good(&["backup", "--store", &world.url(), "--to", &to, "--json"]);
    let manifest: serde_json::Value = serde_json::from_str(&manifest).unwrap();
    assert_eq!(manifest["journal"]["root"], world.head.root.to_string());
    assert!(2 < manifest["files"].as_array().unwrap().len(), "{manifest}");
    let target = world.beside("restored.db");
    let said = good(&["restore", "--from", &to, "--store", &url(&target)]);
    assert!(said.contains(&world.head.root.to_string()), "{said}");
    let (ok, restored) = verify(&target);
    assert!(ok, "{restored}");
    let (_, original) = verify(&world.path);
    assert_eq!(restored["state_hash"], original["state_hash"]);
    assert_eq!(restored["head"], original["head"]);
    // What was signed comes along, the key does not.
    let directory = Layout::of(&target).unwrap().directory();
    assert!(directory.join("marks/signed").exists());
    assert!(!directory.join("checkpoint.key").exists());
    // A place that is taken is left alone, and so is a directory that is not empty.
    let said = bad(&["restore", "--from", &to, "--store", &url(&target)]);
    assert!(said.contains("there already"), "{said}");
    let said = bad(&["backup", "--store", &world.url(), "--to", &to]);
    assert!(said.contains("not empty"), "{said}");
}

#[test]
fn a_backup_that_was_changed_is_refused() {
    let world = World::of(SCRIPT, 7);
    let to = world.beside("backup");
    let to_name = to.display().to_string();
    good(&["backup", "--store", &world.url(), "--to", &to_name]);
    let target = world.beside("restored.db");
    let restore = || bad(&["restore", "--from", &to_name, "--store", &url(&target)]);
    let journal = to.join("journal.db");
    let whole = fs::read(&journal).unwrap();
    let mut flipped = whole.clone();
    let middle = flipped.len() / 2;
    flipped[middle] ^= 1;
    fs::set_permissions(&journal, fs::Permissions::from_mode(0o644)).unwrap();
    fs::write(&journal, flipped).unwrap();
    let said = restore();
    assert!(said.contains("it was changed"), "{said}");
    fs::write(&journal, whole).unwrap();
    let manifest = to.join("manifest.json");
    let text = fs::read_to_string(&manifest).unwrap();
    let root = world.head.root.to_string();
    for (from, into, why) in [
        (root.as_str(), "00", "not what the manifest says"),
        ("\"bej_backup\": 1", "\"bej_backup\": 9", "version 9"),
        ("journal.db", "other.db", "missing"),
        ("{", "", "not a manifest"),
    ] {
        fs::write(&manifest, text.replacen(from, into, 9)).unwrap();
        let said = restore();
        assert!(said.contains(why), "{into}: {said}");
        assert!(!target.exists(), "{into}: a store was left behind");
        for file in fs::read_dir(target.parent().unwrap()).unwrap() {
            let name = file.unwrap().file_name().into_string().unwrap();
            if name.contains(".restoring") {
                fs::remove_file(target.with_file_name(name)).unwrap();
            }
        }
    }
    fs::write(&manifest, text).unwrap();
    good(&["restore", "--from", &to_name, "--store", &url(&target)]);
    let nowhere = world.beside("nowhere").display().to_string();
    let said = bad(&["restore", "--from", &nowhere, "--store", &url(&target)]);
    assert!(said.contains("directory of a backup"), "{said}");
}

#[test]
fn a_damaged_store_gives_no_backup() {
    let world = World::of(SCRIPT, 7);
    let mut file = fs::read(&world.path).unwrap();
    let place = file.windows(4).position(|window| window == b"BEJF").unwrap();
    file[place + 60] ^= 1;
    fs::write(&world.path, file).unwrap();
    let to = world.beside("backup");
    let said = bad(&["backup", "--store", &world.url(), "--to", to.to_str().unwrap()]);
    assert!(said.contains("frame"), "{said}");
    assert!(!to.join("manifest.json").exists());
}

#[test]
fn a_store_is_backed_up_and_verified_while_somebody_writes() {
    let world = World::of(SCRIPT, 7);
    let options = Options {
        synchronous: Synchronous::Off,
        part_limit_bytes: PART_LIMIT_BYTES,
        create: false,
    };
    let sqlite = Sqlite::open(&world.path, options).unwrap();
    let mut journal = sqlite.journal().unwrap();
    let mut frontier = Frontier::new();
    for entry in &world.entries {
        let mut bytes = Vec::new();
        entry.put(&mut bytes);
        frontier.push(leaf_hash(&bytes));
    }
    let mut sealer = Sealer::new(world.head, frontier);
    let mut append = || {
        let before = sealer.head();
        let frame = sealer.seal(2, before.at, &FactBuffer::new());
        assert!(matches!(journal.append(&before, &frame), Appended::Appended(_)));
    };
    append();
    assert!(verify(&world.path).0);
    append();
    let to = world.beside("backup").display().to_string();
    good(&["backup", "--store", &world.url(), "--to", &to]);
    append();
    let target = world.beside("restored.db");
    good(&["restore", "--from", &to, "--store", &url(&target)]);
    let (ok, object) = verify(&target);
    assert!(ok, "{object}");
    assert_eq!(object["frames"], world.head.frame + 2);
}
