//! Backups, restored and tampered with.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use journal::frame::{FactBuffer, Sealer};
use journal::tree::{Frontier, leaf_hash};
use store::{Appended, JournalStore as _, MarkFiles, MarkStore as _};
use store_sqlite::{Layout, Options, PART_LIMIT_BYTES, Sqlite, Synchronous};
use terms::Instant;

use crate::world::{SCRIPT, World, announce, bad, bej, entries, good, put_key, url, verify};

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

/// The store as it was at an entry or a time: the whole frames up to there.
#[test]
fn a_backup_is_restored_as_it_was_at_a_point() {
    // R0-17.4b, R2-55.8b, R4-14.1.8, S-43, E-17
    let world = World::of(SCRIPT, 7);
    let (count, last) = (world.entries.len(), world.entries.len() as u64 - 1);
    let backup = world.beside("backup").display().to_string();
    good(&["backup", "--store", &world.url(), "--to", &backup]);
    let naive = |entries: usize| {
        let home = tempfile::tempdir().unwrap();
        let (path, some) = (home.path().join("bej.db"), &world.entries[..entries]);
        crate::world::write(&path, some, 7, PART_LIMIT_BYTES).root.to_string()
    };
    let mut number = 0;
    let mut restored = |point: &[&str]| {
        number += 1;
        let target = world.beside(&format!("restored-{number}.db"));
        let store = url(&target);
        let words = [&["restore", "--from", &backup, "--store", &store, "--json"], point].concat();
        let said: serde_json::Value = serde_json::from_str(&good(&words)).unwrap();
        let (ok, report) = verify(&target);
        assert!(ok, "{report}");
        assert_eq!(report["root"], said["journal"]["root"]);
        // What it is stands beside it.
        let note = Layout::of(&target).unwrap().directory().join("restored.json");
        let note: serde_json::Value =
            serde_json::from_str(&fs::read_to_string(note).unwrap()).unwrap();
        assert_eq!(note, said);
        assert_eq!(note["backup"]["root"], world.head.root.to_string());
        said
    };
    // The last of a frame is the end; within a frame it is the frame before.
    for (entry, entries) in [(6, 7), (7, 7), (12, 7), (13, 14), (34, 35), (40, 35), (41, 42)] {
        let said = restored(&["--to-entry", &entry.to_string()]);
        assert_eq!(said["journal"]["root"], naive(entries), "{entry}");
        assert_eq!(said["left_out"], count - entries);
        assert_eq!(said["asked"]["to_entry"], entry);
    }
    let said = restored(&["--to-entry", &last.to_string()]);
    assert_eq!((&said["left_out"], &said["journal"]), (&0.into(), &said["backup"]));
    // An entry's own time is still within, the nanosecond before it is not.
    let at = world.entries[13].at;
    let said = restored(&["--to-time", &at.to_string()]);
    assert_eq!(said["journal"]["root"], naive(14));
    let said = restored(&["--to-time", &Instant(at.0 - 1).to_string()]);
    assert_eq!(said["journal"]["root"], naive(7));
    let said = restored(&["--to-time", "2100-01-01T00:00:00+05:00"]);
    assert_eq!(said["left_out"], 0);

    let nowhere = url(&world.beside("nowhere.db"));
    let words = |point: [&'static str; 2]| {
        [&["restore", "--from", &backup, "--store", &nowhere][..], &point].concat()
    };
    let said = bad(&words(["--to-entry", "99999"]));
    assert!(said.contains(&format!("the backup has {count} entries")), "{said}");
    let said = bad(&words(["--to-entry", "3"]));
    assert!(said.contains("nothing earlier can be restored"), "{said}");
    let said = bad(&words(["--to-time", "2000-01-01T00:00:00Z"]));
    assert!(said.contains("the backup begins at 2026-01-05T12:00:00"), "{said}");
    for wrong in ["2026-01-05 12:00", "2026-01-05T12:00:00", "yesterday"] {
        let output = bej(&words(["--to-time", wrong]));
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{said}");
        assert!(said.contains("such as 2026-11-22T14:00:00+05:00"), "{said}");
    }
    assert!(!world.beside("nowhere.db").exists());
}

/// A signature over more than is restored stays behind, and the store is said to be for looking at.
#[test]
fn a_store_that_ends_before_what_was_signed_says_so() {
    let world = World::signed(SCRIPT, 7);
    good(&["checkpoint", "--store", &world.url()]);
    let backup = world.beside("backup").display().to_string();
    good(&["backup", "--store", &world.url(), "--to", &backup]);
    let target = world.beside("restored.db");
    let store = url(&target);
    let said = good(&["restore", "--from", &backup, "--store", &store, "--to-entry", "20"]);
    let size = world.entries.len();
    assert!(said.contains(&format!("a checkpoint of {size} entries was signed")), "{said}");
    assert!(said.contains("must not go on in the other one's place"), "{said}");
    // Nothing is marked, so that nobody takes it for a store that has lost entries.
    let marks = Layout::of(&target).unwrap().home().marks();
    assert!(MarkFiles::new(marks).mark("signed").unwrap().is_none());
}
