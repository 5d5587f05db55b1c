//! Verification of whole and of damaged stores.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use journal::fact::Fact;
use store::{ColdBatch, ColdFiles, ColdStore as _, JournalReader as _, SnapshotStore as _};
use store_sqlite::{Layout, Reader};
use terms::Tiyn;

use crate::world::{SCRIPT, World, bad, bej, entries, good, project, url, verify, write};

#[test]
fn a_whole_store_verifies() {
    // R0-18.1a
    let world = World::of(SCRIPT, 7);
    let (ok, object) = verify(&world.path);
    assert!(ok, "{object}");
    assert_eq!(object["entries"], world.entries.len());
    assert_eq!(object["frames"], world.head.frame);
    assert_eq!(object["root"], world.head.root.to_string());
    assert_eq!(object["head"]["hash"], world.head.hash.to_string());
    assert!(object["first_bad"].is_null(), "{object}");
    for invariant in ["L1", "L2", "L3", "L4", "B1", "B2", "B3", "A1", "J1", "J2", "J3", "I1"] {
        assert!(0 < object["invariants"][invariant].as_u64().unwrap(), "{invariant}: {object}");
    }
    let text = good(&["verify", "--store", &world.url()]);
    assert!(text.contains("everything is as it should be"), "{text}");
    // However it is divided into frames and parts, the same entries give the same root and state.
    let other = World::with(world.entries.clone(), 3, 40 << 10);
    let (ok, again) = verify(&other.path);
    assert!(ok, "{again}");
    assert_eq!((&again["root"], &again["state_hash"]), (&object["root"], &object["state_hash"]));
}

#[test]
fn any_flipped_byte_of_a_frame_is_found_and_named() {
    let world = World::of(SCRIPT, 40);
    let frames = Reader::open(&world.path).unwrap().frames(0, 100).unwrap();
    let file = fs::read(&world.path).unwrap();
    let mut flips = 0;
    for frame in &frames {
        // A frame that fits a page lies in one piece.
        let place = file.windows(frame.bytes.len()).position(|window| window == frame.bytes);
        let Some(place) = place else { continue };
        let step = (frame.bytes.len() / 9).max(1);
        for at in (0..frame.bytes.len()).step_by(step).chain([4, frame.bytes.len() - 1]) {
            let mut damaged = file.clone();
            damaged[place + at] ^= 1 << (flips % 8);
            flips += 1;
            fs::write(&world.path, &damaged).unwrap();
            let (ok, object) = verify(&world.path);
            assert!(!ok, "frame {} byte {at} passes", frame.number);
            assert_eq!(object["first_bad"]["frame"], frame.number, "byte {at}: {object}");
            assert_eq!(object["first_bad"]["seq"], frame.first_seq, "byte {at}: {object}");
            let part = object["first_bad"]["part"].as_str().unwrap();
            assert!(part.ends_with("bej.db"), "{object}");
        }
    }
    assert!(20 < flips, "only {flips} flips");
    fs::write(&world.path, &file).unwrap();
    assert!(verify(&world.path).0);
}

#[test]
fn a_forged_journal_with_right_hashes_is_named_by_entry() {
    let world = World::of(SCRIPT, 7);
    let mut forged = entries(SCRIPT);
    let place = forged.iter_mut().position(|entry| match &mut entry.fact {
        Fact::PayoutPosted(fact) => {
            fact.winning = fact.winning.checked_add(Tiyn::of(100)).unwrap();
            true
        }
        _ => false,
    });
    let path = world.beside("forged.db");
    write(&path, &forged, 7, 4 << 30);
    let (ok, object) = verify(&path);
    assert!(!ok);
    let bad = &object["first_bad"];
    assert_eq!(bad["seq"], place.unwrap(), "{object}");
    assert_eq!(bad["invariant"], "B1", "{object}");
    assert!(bad["part"].as_str().unwrap().ends_with("forged.db"), "{object}");
    let frame = bad["frame"].as_u64().unwrap();
    let found = Reader::open(&path).unwrap().frame_of(place.unwrap() as u64).unwrap().unwrap();
    assert_eq!(frame, found.number);
}

#[test]
fn truncated_and_garbage_files_get_an_error_and_no_panic() {
    let world = World::of(SCRIPT, 20);
    let file = fs::read(&world.path).unwrap();
    let garbage: Vec<u8> =
        (0..40_000_u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
    let cuts = [0, 1, 99, 100, 4_096, file.len() / 2, file.len() - 1, file.len() - 16_384];
    let mut cases: Vec<Vec<u8>> = cuts.iter().map(|cut| file[..*cut].to_vec()).collect();
    cases.push(garbage);
    cases.push(b"this is no database".to_vec());
    for bytes in cases {
        fs::write(&world.path, &bytes).unwrap();
        let (ok, object) = verify(&world.path);
        assert!(!ok, "{} bytes pass", bytes.len());
        assert!(object["first_bad"]["what"].is_string(), "{object}");
        for command in ["explain", "statement", "export"] {
            let store = world.url();
            let arguments: &[&str] = match command {
                "explain" => &["explain", "3", "--store", &store],
                "statement" => &["statement", "00000000000000", "--store", &store],
                _ => &["export", "journal", "--format", "ndjson", "--store", &store],
            };
            let output = bej(arguments);
            let said = String::from_utf8_lossy(&output.stderr).into_owned();
            assert!(!said.contains("panicked"), "{arguments:?}: {said}");
        }
    }
}

#[test]
fn wrong_places_are_told_apart() {
    let world = World::of("at 2026-01-05 12:00:00\nworld", 20);
    let nowhere = world.beside("nothing.db");
    let said = bad(&["verify", "--store", &url(&nowhere)]);
    assert!(said.contains("there is no journal here"), "{said}");
    let said = bad(&["verify", "--store", "memory:"]);
    assert!(said.contains("sqlite:PATH"), "{said}");
    for text in ["bej.db", "mysql:x", "postgres://x", "sqlite:"] {
        let output = bej(&["verify", "--store", text]);
        assert_eq!(output.status.code(), Some(2), "{text}");
    }
}

#[test]
fn a_newer_schema_is_left_alone() {
    let world = World::of("at 2026-01-05 12:00:00\nworld", 20);
    let database = rusqlite::Connection::open(&world.path).unwrap();
    database.execute("UPDATE meta SET schema_version = 99", []).unwrap();
    drop(database);
    let said = bad(&["verify", "--store", &world.url()]);
    assert!(said.contains("the schema has version 99"), "{said}");
}

#[test]
fn a_lost_part_and_a_lost_frame_are_found() {
    let entries = entries(SCRIPT);
    let world = World::with(entries, 3, 40 << 10);
    let layout = Layout::of(&world.path).unwrap();
    let count = (0..).take_while(|part| layout.part(*part).exists()).count() as u32;
    assert!(1 < count, "one part only");
    let part = layout.part(count - 1);
    let kept = fs::read(&part).unwrap();
    fs::remove_file(&part).unwrap();
    let (ok, object) = verify(&world.path);
    assert!(!ok, "{object}");
    assert!(object["first_bad"]["what"].as_str().unwrap().contains("missing"), "{object}");
    fs::write(&part, kept).unwrap();
    assert!(verify(&world.path).0);
    // A row that is gone from the middle leaves a gap that is named.
    let world = World::of(SCRIPT, 7);
    let database = rusqlite::Connection::open(&world.path).unwrap();
    database.execute("DELETE FROM frames WHERE number = 5", []).unwrap();
    drop(database);
    let (ok, object) = verify(&world.path);
    assert!(!ok);
    assert_eq!(object["first_bad"]["frame"], 5, "{object}");
}

/// Writes a snapshot as the pump does, of other bytes if they are given.
fn snapshot(world: &World, at: usize, content: Option<&[u8]>) {
    use sha2::{Digest as _, Sha256};
    let mut state = desk::State::follower(0);
    for entry in &world.entries[..at] {
        state.apply(entry.seq, entry.at, entry.rulebook, &entry.fact).unwrap();
    }
    let mut bytes = Vec::new();
    let written: Result<(), std::convert::Infallible> = state.write_pieces(|piece| {
        bytes.extend_from_slice(piece);
        Ok(())
    });
    written.unwrap();
    let bytes = content.unwrap_or(&bytes);
    let layout = Layout::of(&world.path).unwrap();
    let mut files = store::SnapshotFiles::new(layout.home().snapshots());
    let mut writer = files.begin(at as u64).unwrap();
    writer.piece(b"head and tree").unwrap();
    writer.piece(bytes).unwrap();
    writer.piece(&Sha256::digest(bytes)).unwrap();
    writer.finish().unwrap();
}

#[test]
fn the_newest_snapshot_is_compared_with_the_replay() {
    // J3
    let world = World::of(SCRIPT, 7);
    snapshot(&world, 30, None);
    let (ok, object) = verify(&world.path);
    assert!(ok, "{object}");
    assert!(object["compared"][0].as_str().unwrap().contains("snapshot of entry 30"), "{object}");
    snapshot(&world, 40, Some(b"not the state"));
    let (ok, object) = verify(&world.path);
    assert!(!ok);
    assert_eq!(object["first_bad"]["invariant"], "J3", "{object}");
    assert_eq!(object["first_bad"]["seq"], 40, "{object}");
    let longer = World::with(world.entries[..20].to_vec(), 7, 4 << 30);
    snapshot(&world, 41, None);
    fs::create_dir_all(Layout::of(&longer.path).unwrap().home().snapshots()).unwrap();
    copy_snapshots(&world.path, &longer.path);
    let (ok, object) = verify(&longer.path);
    assert!(!ok, "frames behind a snapshot may not vanish");
    assert!(object["first_bad"]["what"].as_str().unwrap().contains("ends before it"), "{object}");
}

fn copy_snapshots(from: &Path, to: &Path) {
    let (from, to) =
        (Layout::of(from).unwrap().home().snapshots(), Layout::of(to).unwrap().home().snapshots());
    for file in fs::read_dir(from).unwrap() {
        let path = file.unwrap().path();
        fs::copy(&path, to.join(path.file_name().unwrap())).unwrap();
    }
}

#[test]
fn verification_writes_nothing() {
    let world = World::of(SCRIPT, 7);
    let before = fs::read(&world.path).unwrap();
    fs::set_permissions(&world.path, fs::Permissions::from_mode(0o444)).unwrap();
    assert!(verify(&world.path).0);
    assert_eq!(fs::read(&world.path).unwrap(), before);
}

#[test]
fn the_views_are_compared_with_the_state() {
    // P1
    let world = World::of(SCRIPT, 7);
    project(&world.path, &world.entries[..50]);
    let (ok, object) = verify(&world.path);
    assert!(ok, "{object}");
    assert!(object["compared"][0].as_str().unwrap().contains("views at entry 50"), "{object}");
    let world = World::of(SCRIPT, 7);
    let mut others = world.entries.clone();
    for entry in &mut others {
        if let Fact::EmoneyIssued(fact) = &mut entry.fact {
            fact.amount = fact.amount.checked_add(Tiyn::of(1)).unwrap();
        }
    }
    project(&world.path, &others);
    let (ok, object) = verify(&world.path);
    assert!(!ok, "{object}");
    assert_eq!(object["first_bad"]["invariant"], "P1", "{object}");
    assert!(object["first_bad"]["part"].as_str().unwrap().ends_with("views.db"), "{object}");
    // Views that say more than the journal: its end is gone.
    let shorter = World::with(world.entries[..40].to_vec(), 7, 4 << 30);
    project(&shorter.path, &world.entries);
    let (ok, object) = verify(&shorter.path);
    assert!(!ok, "{object}");
    assert!(object["first_bad"]["what"].as_str().unwrap().contains("ends before it"), "{object}");
}

#[test]
fn a_damaged_index_is_named_with_what_to_do() {
    let world = World::of(SCRIPT, 7);
    let directory = Layout::of(&world.path).unwrap().home().cold();
    fs::create_dir_all(&directory).unwrap();
    let mut cold = ColdFiles::open(&directory, 1_000).unwrap();
    let ids = (0..9).map(|n| (16, [n; 16], u64::from(n))).collect();
    cold.write(&ColdBatch { to: 9, ids, ..ColdBatch::default() }).unwrap();
    let (ok, object) = verify(&world.path);
    assert!(ok, "{object}");
    assert_eq!(object["compared"][0], "index up to entry 9: whole", "{object}");
    let run = &cold.files()[0];
    let mut bytes = fs::read(run).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(run, bytes).unwrap();
    let (ok, object) = verify(&world.path);
    assert!(!ok, "{object}");
    assert_eq!(object["first_bad"]["part"], run.display().to_string(), "{object}");
    let what = object["first_bad"]["what"].as_str().unwrap();
    assert!(what.contains(&format!("remove {}", directory.display())), "{object}");
}
