//! A full disk: nothing is half written, the journal is as it was, and goes on when there is room.

use std::path::Path;
use std::process::Command;

use store::suite::noise;
use store::suite::vault::reference;
use store::vault::terms::{Instant, Person, Seq};
use store::vault::{Destroyed, Entry, EpochRow, Guarded, ItemRow, KeyRow, PersonRow, PersonState};
use store::{Appended, JournalStore as _, VaultStore as _};
use store_sqlite::Sqlite;

use crate::{Chain, STANDARD, fill, read_all};

/// A small file system in memory, unmounted when dropped.
struct Small {
    directory: tempfile::TempDir,
}

impl Small {
    fn mount(mebibytes: u32) -> Option<Small> {
        let directory = tempfile::tempdir().expect("a directory");
        let size = format!("size={mebibytes}m");
        let mounted = Command::new("mount")
            .args(["-t", "tmpfs", "-o", &size, "bej-test"])
            .arg(directory.path())
            .output();
        mounted.is_ok_and(|done| done.status.success()).then_some(Small { directory })
    }

    fn path(&self) -> &Path {
        self.directory.path()
    }
}

impl Drop for Small {
    fn drop(&mut self) {
        // Lazily: files may still be open when a test has failed.
        let _ = Command::new("umount").arg("-l").arg(self.directory.path()).output();
    }
}

// G3 of the goals: writes are refused, reads go on, no partial effect.
#[test]
fn a_full_disk_loses_nothing() {
    let Some(small) = Small::mount(8) else {
        assert!(std::env::var_os("CI").is_none(), "a small file system cannot be mounted here");
        println!("NOT RUN: a full disk (needs the right to mount a file system)");
        return;
    };
    let ballast = small.path().join("ballast");
    let store = Sqlite::open(small.path().join("bej.db"), STANDARD).unwrap();
    let mut journal = store.journal().unwrap();
    let mut chain = Chain::new();
    std::fs::write(&ballast, vec![1; 4 << 20]).unwrap();
    let mut frames = fill(&mut journal, &mut chain, 3, 1_000);
    // Frames of 400 kB, until one does not fit.
    let (refused, expected, frame) = loop {
        let expected = chain.head();
        let frame = chain.fill(2, 200_000);
        match journal.append(&expected, &frame) {
            Appended::Appended(_) => frames.push(frame),
            refused => break (refused, expected, frame),
        }
    };
    assert!(matches!(refused, Appended::NotWritten(_) | Appended::Unknown(_)), "{refused:?}");
    assert_eq!(journal.head().unwrap(), expected, "nothing of the frame is there");
    let mut reader = store.reader().unwrap();
    assert_eq!(read_all(&mut reader).unwrap(), frames);
    let again = journal.append(&expected, &frame);
    assert!(!matches!(again, Appended::Appended(_)), "still full");
    std::fs::remove_file(ballast).unwrap();
    let appended = journal.append(&expected, &frame);
    assert!(matches!(appended, Appended::Appended(_)), "{appended:?}");
    frames.push(frame);
    journal.upkeep().unwrap();
    drop(journal);
    assert_eq!(store.journal().unwrap().head().unwrap(), chain.head());
    assert_eq!(read_all(&mut reader).unwrap(), frames);
    reader.check_pages().unwrap();
}

/// A vault on a full disk: a person is there whole or not at all, and destruction waits for room.
#[test]
fn a_full_disk_leaves_whole_persons() {
    let Some(small) = Small::mount(8) else {
        assert!(std::env::var_os("CI").is_none(), "a small file system cannot be mounted here");
        println!("NOT RUN: a full disk (needs the right to mount a file system)");
        return;
    };
    let ballast = small.path().join("ballast");
    let path = small.path().join("vault.db");
    std::fs::write(&ballast, vec![1; 2 << 20]).unwrap();
    let mut vault = store_sqlite::Vault::open(&path).unwrap();
    let (sealed, cursor) = (vec![7; 64], Vec::new());
    vault.set_epochs(0, &[EpochRow { epoch: 1, phase: 1, sealed, cursor }]).unwrap();
    let entry = |number: u8| Entry { field: 1, hash: [number; 32] };
    let admit = |vault: &mut store_sqlite::Vault, number: u8| {
        let reference = reference(number);
        let (state, made_at) = (PersonState::Pending, Instant(0));
        let person = PersonRow { reference, state, number: None, made_at, ordered: None };
        let (sealed, entries) = (vec![number; 72], vec![entry(number)]);
        let key = KeyRow { epoch: 1, reference, sealed, entries };
        let sealed = noise(number.into(), 300_000);
        let item = ItemRow { reference, item: 0, kind: 1, version: 1, epoch: 1, sealed };
        vault.admit(1, &person, &[key], &[item])
    };
    let first = (1..100).find(|number| admit(&mut vault, *number).is_err()).expect("it is full");
    assert!(2 < first, "{first}");
    assert_eq!(vault.person(reference(first)).unwrap(), None, "nothing of him is there");
    assert_eq!(vault.items(reference(first)).unwrap(), []);
    assert_eq!(vault.found(1, entry(first), 9).unwrap(), []);
    assert_eq!(vault.persons(None, 100).unwrap().len(), usize::from(first) - 1);
    std::fs::remove_file(ballast).unwrap();
    assert_eq!(admit(&mut vault, first).unwrap(), Guarded::Done);
    vault.confirm(reference(1), Person(1)).unwrap();
    assert_eq!(vault.destroy(&[(Person(1), Seq(1))]).unwrap(), [Destroyed::Now]);
    for number in 2..=first {
        let item = vault.item(reference(number), 0).unwrap().unwrap();
        assert_eq!(item.sealed, noise(number.into(), 300_000));
    }
    vault.check_pages().unwrap();
}
