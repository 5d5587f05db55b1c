//! A full disk: nothing is half written, the journal is as it was, and goes on when there is room.

use std::path::Path;
use std::process::Command;

use store::{Appended, JournalStore as _};
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
