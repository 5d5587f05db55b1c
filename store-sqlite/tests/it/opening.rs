//! Opening: what is refused, and how clearly.

use std::fs;

use rusqlite::Connection;
use store::{Fault, JournalStore as _};
use store_sqlite::{Options, Reader, Sqlite};

use crate::{Chain, OnDisk, STANDARD, fill, read_all};

const EXISTING: Options = Options { create: false, ..STANDARD };

#[test]
fn a_missing_journal_is_not_made_unasked() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("bej.db");
    assert!(matches!(Sqlite::open(&path, EXISTING), Err(Fault::Absent { .. })));
    assert!(matches!(Reader::open(&path), Err(Fault::Absent { .. })));
    assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 0, "nothing was made");
    drop(Sqlite::open(&path, STANDARD).unwrap());
    Sqlite::open(&path, EXISTING).unwrap();
}

#[test]
fn a_directory_that_is_missing_is_named() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("missing").join("bej.db");
    let fault = Sqlite::open(&path, STANDARD).unwrap_err();
    assert!(fault.chain().contains("missing"), "{}", fault.chain());
}

#[test]
fn a_directory_that_cannot_be_written_is_named() {
    // A file where the directory should be refuses everyone, the administrator too.
    let directory = tempfile::tempdir().unwrap();
    fs::write(directory.path().join("bej.db.d"), "in the way").unwrap();
    let fault = Sqlite::open(directory.path().join("bej.db"), STANDARD).unwrap_err();
    assert!(fault.chain().contains("bej.db.d"), "{}", fault.chain());
    let none = directory.path().join("bej.db.d").join("bej.db");
    let fault = Sqlite::open(none, STANDARD).unwrap_err();
    assert!(fault.chain().contains("bej.db.d"), "{}", fault.chain());
}

#[test]
fn a_second_writer_is_told_at_once() {
    let bed = OnDisk::new(STANDARD);
    let journal = bed.sqlite.journal().unwrap();
    let check = || Sqlite::open(bed.path(), STANDARD);
    let fault = check().unwrap_err();
    assert!(matches!(fault, Fault::Held { .. }), "{fault:?}");
    assert!(fault.to_string().contains("another process"), "{fault}");
    // A reader needs no lock.
    Reader::open(bed.path()).unwrap();
    // The lock lives as long as anything that writes.
    drop(bed.sqlite);
    let path = bed.directory.path().join("bej.db");
    assert!(matches!(Sqlite::open(&path, STANDARD), Err(Fault::Held { .. })));
    drop(journal);
    Sqlite::open(&path, STANDARD).unwrap();
}

#[test]
fn a_newer_schema_is_refused() {
    let bed = OnDisk::new(STANDARD);
    let path = bed.path();
    drop(bed.sqlite);
    let connection = Connection::open(&path).unwrap();
    connection.execute("UPDATE meta SET schema_version = 7", []).unwrap();
    drop(connection);
    let faults = [Sqlite::open(&path, STANDARD).err(), Reader::open(&path).err()];
    for fault in faults.into_iter().map(Option::unwrap) {
        assert!(matches!(fault, Fault::Newer { found: 7, known: 1, .. }), "{fault:?}");
        assert!(fault.to_string().contains("newer program"), "{fault}");
    }
}

#[test]
fn other_files_are_not_taken_for_a_journal() {
    let check = |content: &[u8]| {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("bej.db");
        fs::write(&path, content).unwrap();
        let opened = Sqlite::open(&path, STANDARD).and_then(|sqlite| sqlite.journal());
        assert!(opened.unwrap_err().is_damage());
        assert_eq!(fs::read(&path).unwrap(), content, "the file is left as it was");
    };
    check(b"");
    check(b"something else");
    check(&[7; 100_000]);
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("other.db");
    let connection = Connection::open(&path).unwrap();
    connection.execute_batch("CREATE TABLE frames (number INTEGER PRIMARY KEY)").unwrap();
    drop(connection);
    check(&fs::read(&path).unwrap());
}

#[test]
fn a_lost_journal_does_not_begin_anew() {
    let bed = OnDisk::new(STANDARD);
    bed.sqlite.cold().unwrap();
    let path = bed.path();
    drop(bed.sqlite);
    fs::remove_file(&path).unwrap();
    let fault = Sqlite::open(&path, STANDARD).unwrap_err();
    assert!(fault.is_damage(), "{fault:?}");
    assert!(fault.to_string().contains("restore"), "{fault}");
}

#[test]
fn what_a_stopped_maker_left_is_no_journal() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("bej.db");
    fs::write(directory.path().join("bej.db.new"), "half made").unwrap();
    let sqlite = Sqlite::open(&path, STANDARD).unwrap();
    let mut chain = Chain::new();
    let frames = fill(&mut sqlite.journal().unwrap(), &mut chain, 2, 10);
    assert_eq!(read_all(&mut sqlite.reader().unwrap()).unwrap(), frames);
    assert_eq!(sqlite.journal().unwrap().head().unwrap(), chain.head());
    assert!(!directory.path().join("bej.db.new").exists());
}
