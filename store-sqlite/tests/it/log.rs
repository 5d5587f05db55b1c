//! The log: it stays short under load, and does not without upkeep.

use std::fs;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

use rusqlite::Connection;
use store::{Appended, JournalReader as _, JournalStore as _};
use store_sqlite::Journal;

use crate::{Chain, OnDisk, STANDARD};

const MIB: u64 = 1 << 20;

fn log_bytes(path: &Path) -> u64 {
    fs::metadata(path.with_extension("db-wal")).map_or(0, |found| found.len())
}

/// Appends frames of 1 MiB as fast as they are taken, and gives the largest size of the log.
fn load(bed: &OnDisk, frames: u64, upkeep: fn(&mut Journal)) -> u64 {
    let path = bed.path();
    let mut journal = bed.sqlite.journal().expect("the journal");
    let mut chain = Chain::new();
    let mut largest = 0;
    for _ in 0..frames {
        let expected = chain.head();
        let frame = chain.fill(64, 16 << 10);
        let appended = journal.append(&expected, &frame);
        assert!(matches!(appended, Appended::Appended(_)), "{appended:?}");
        upkeep(&mut journal);
        largest = largest.max(log_bytes(&path));
    }
    largest
}

// Core 23.
#[test]
fn the_log_stays_below_256_mib_under_load() {
    const FRAMES: u64 = 600;
    let bed = OnDisk::new(STANDARD);
    let done = AtomicBool::new(false);
    let largest = std::thread::scope(|scope| {
        // A projection that follows all the while.
        let following = scope.spawn(|| {
            let mut reader = bed.sqlite.reader().unwrap();
            let mut after = 0;
            while !done.load(Ordering::Relaxed) {
                let frames = reader.frames(after, 8).unwrap();
                after = frames.last().map_or(after, |frame| frame.number);
            }
        });
        let largest = load(&bed, FRAMES, |journal| {
            journal.upkeep().unwrap();
        });
        done.store(true, Ordering::Relaxed);
        following.join().unwrap();
        largest
    });
    assert!(largest < 256 * MIB, "the log reached {} MiB", largest / MIB);
    assert!(MIB < largest, "the log is where it is looked for");
}

/// The control of the test above: without upkeep, nothing else keeps the log short.
#[test]
fn without_upkeep_the_log_grows() {
    let bed = OnDisk::new(STANDARD);
    let largest = load(&bed, 40, |_| {});
    assert!(40 * MIB < largest, "the log reached only {} MiB", largest / MIB);
}

#[test]
fn a_reader_in_the_way_does_not_stop_the_writer() {
    let bed = OnDisk::new(STANDARD);
    let mut journal = bed.sqlite.journal().unwrap();
    let mut chain = Chain::new();
    let append = |journal: &mut Journal, chain: &mut Chain, frames: u64| {
        for _ in 0..frames {
            let expected = chain.head();
            let frame = chain.fill(64, 16 << 10);
            let appended = journal.append(&expected, &frame);
            assert!(matches!(appended, Appended::Appended(_)), "{appended:?}");
        }
    };
    append(&mut journal, &mut chain, 130);
    // A foreign tool that reads and does not end.
    let stuck = Connection::open(bed.path()).unwrap();
    stuck.execute_batch("BEGIN; SELECT count(*) FROM meta;").unwrap();
    assert!(!journal.upkeep().unwrap().log_restarted);
    append(&mut journal, &mut chain, 20);
    stuck.execute_batch("ROLLBACK").unwrap();
    assert!(journal.upkeep().unwrap().log_restarted);
    let before = log_bytes(&bed.path());
    append(&mut journal, &mut chain, 1);
    assert_eq!(log_bytes(&bed.path()), before, "the log begins at its start again");
}

#[test]
fn a_writer_in_the_way_means_not_written() {
    let bed = OnDisk::new(STANDARD);
    let mut journal = bed.sqlite.journal().unwrap();
    let mut chain = Chain::new();
    let expected = chain.head();
    let frame = chain.fill(1, 10);
    let other = Connection::open(bed.path()).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let appended = journal.append(&expected, &frame);
    assert!(matches!(appended, Appended::NotWritten(_)), "{appended:?}");
    other.execute_batch("ROLLBACK").unwrap();
    assert_eq!(journal.head().unwrap(), expected);
    let appended = journal.append(&expected, &frame);
    assert!(matches!(appended, Appended::Appended(_)), "{appended:?}");
}
