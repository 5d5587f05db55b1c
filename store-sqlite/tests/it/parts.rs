//! Parts: closing, joining, losing one, copying all.

use std::fs;
use std::path::Path;

use rusqlite::Connection;
use store::{Frame, JournalReader as _, JournalStore as _};
use store_sqlite::{Journal, Layout, Reader, Sqlite};

use crate::{Chain, OnDisk, SMALL_PARTS, STANDARD, fill, flip, read_all};

/// A store with several small parts.
fn parted() -> (OnDisk, Journal, Chain, Vec<Frame>) {
    let bed = OnDisk::new(SMALL_PARTS);
    let mut journal = bed.sqlite.journal().expect("the journal");
    let mut chain = Chain::new();
    let frames = fill(&mut journal, &mut chain, 40, 10_000);
    (bed, journal, chain, frames)
}

/// How many parts there are.
fn count(layout: &Layout) -> u32 {
    (0..).find(|part| !layout.part(*part).exists()).expect("an end")
}

fn with(path: &Path, suffix: &str) -> std::path::PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}

#[test]
fn parts_follow_one_another() {
    let (bed, mut journal, mut chain, mut frames) = parted();
    let layout = bed.sqlite.layout().clone();
    assert!(4 <= count(&layout), "{} parts", count(&layout));
    let mut reader = bed.sqlite.reader().unwrap();
    assert_eq!(read_all(&mut reader).unwrap(), frames);
    assert_eq!(reader.head().unwrap(), chain.head());
    reader.check_pages().unwrap();
    for frame in &frames {
        assert_eq!(reader.frame_of(frame.first_seq + 1).unwrap().as_ref(), Some(frame));
    }
    assert_eq!(reader.frame_of(chain.head().next_seq).unwrap(), None);
    // A reader that was there before goes on across parts begun since.
    let parts = count(&layout);
    frames.extend(fill(&mut journal, &mut chain, 20, 10_000));
    assert!(parts < count(&layout));
    assert_eq!(reader.frames(38, 100).unwrap(), frames[38..]);
    assert_eq!(reader.head().unwrap(), chain.head());
    drop(journal);
    drop(bed.sqlite);
    let again = Sqlite::open(bed.directory.path().join("bej.db"), SMALL_PARTS).unwrap();
    assert_eq!(again.journal().unwrap().head().unwrap(), chain.head());
}

#[test]
fn closed_parts_are_read_only_and_have_no_log() {
    let (bed, mut journal, _chain, _frames) = parted();
    journal.upkeep().unwrap();
    let layout = bed.sqlite.layout();
    let last = count(layout) - 1;
    for part in 0..=last {
        let path = layout.part(part);
        let closed = fs::metadata(&path).unwrap().permissions().readonly();
        assert_eq!(closed, part < last, "part {part}");
        let log = fs::metadata(with(&path, "-wal")).map_or(0, |found| found.len());
        assert!(part == last || log == 0, "part {part} has a log of {log} bytes");
    }
}

#[test]
fn a_missing_part_is_named() {
    let check = |lost: fn(u32) -> u32| {
        let (bed, journal, _chain, _frames) = parted();
        drop(journal);
        let layout = bed.sqlite.layout().clone();
        let path = layout.part(lost(count(&layout) - 1));
        for suffix in ["", "-wal", "-shm"] {
            let _ = fs::remove_file(with(&path, suffix));
        }
        drop(bed.sqlite);
        let place = path.display().to_string();
        let written = Sqlite::open(layout.part(0), SMALL_PARTS).and_then(|store| store.journal());
        for fault in [written.err(), Reader::open(layout.part(0)).err()] {
            let fault = fault.unwrap();
            assert!(fault.is_damage(), "{fault:?}");
            assert!(fault.to_string().starts_with(&place), "{fault}");
        }
    };
    check(|_| 0);
    check(|_| 1);
    check(|last| last);
}

#[test]
fn parts_in_each_others_place_are_found() {
    let (bed, journal, _chain, _frames) = parted();
    drop(journal);
    let layout = bed.sqlite.layout().clone();
    let aside = bed.directory.path().join("aside");
    fs::rename(layout.part(1), &aside).unwrap();
    fs::rename(layout.part(2), layout.part(1)).unwrap();
    fs::rename(&aside, layout.part(2)).unwrap();
    let read = Reader::open(layout.part(0)).and_then(|mut reader| read_all(&mut reader));
    let fault = read.unwrap_err();
    assert!(fault.is_damage(), "{fault:?}");
    assert!(fault.to_string().contains("under the name of part"), "{fault}");
}

#[test]
fn a_part_of_another_journal_does_not_join() {
    let (bed, journal, _chain, _frames) = parted();
    let other = OnDisk::new(SMALL_PARTS);
    let mut foreign = other.sqlite.journal().unwrap();
    let mut chain = Chain::new();
    fill(&mut foreign, &mut chain, 40, 10_001);
    drop((journal, foreign));
    let (layout, strange) = (bed.sqlite.layout(), other.sqlite.layout());
    fs::remove_file(layout.part(1)).unwrap();
    fs::copy(strange.part(1), layout.part(1)).unwrap();
    let read = Reader::open(layout.part(0)).and_then(|mut reader| read_all(&mut reader));
    let fault = read.unwrap_err();
    assert!(fault.is_damage(), "{fault:?}");
    assert!(fault.to_string().contains("frame"), "{fault}");
}

/// The writer may stop between making the next part and closing this one.
#[test]
fn a_part_left_half_closed_is_closed_at_the_next_start() {
    let (bed, journal, mut chain, mut frames) = parted();
    drop(journal);
    let layout = bed.sqlite.layout().clone();
    drop(bed.sqlite);
    let last = count(&layout) - 1;
    // As if part `last + 1` had just been made.
    let next = layout.part(last + 1);
    let empty = OnDisk::new(STANDARD);
    drop(empty.sqlite);
    fs::copy(empty.directory.path().join("bej.db"), &next).unwrap();
    Connection::open(&next).unwrap().execute("UPDATE meta SET part = ?1", [last + 1]).unwrap();
    assert_eq!(Reader::open(layout.part(0)).unwrap().head().unwrap(), chain.head());
    let store = Sqlite::open(layout.part(0), SMALL_PARTS).unwrap();
    let mut journal = store.journal().unwrap();
    assert_eq!(journal.head().unwrap(), chain.head());
    assert!(fs::metadata(layout.part(last)).unwrap().permissions().readonly());
    frames.extend(fill(&mut journal, &mut chain, 3, 10));
    assert_eq!(read_all(&mut store.reader().unwrap()).unwrap(), frames);
}

// R2-55.8a: a copy made while the store is written to.
#[test]
fn a_copy_is_made_while_running() {
    let (bed, mut journal, mut chain, mut frames) = parted();
    let target = tempfile::tempdir().unwrap();
    let path = target.path().join("copy.db");
    let mut reader = Reader::open(bed.path()).unwrap();
    let head = chain.head();
    let copied = std::thread::scope(|scope| {
        let copying = scope.spawn(|| reader.copy_journal(&path));
        frames.extend(fill(&mut journal, &mut chain, 30, 10_000));
        copying.join().unwrap().unwrap()
    });
    assert!(head.frame <= copied.frame && copied.frame <= chain.head().frame);
    let mut copy = Reader::open(&path).unwrap();
    assert_eq!(read_all(&mut copy).unwrap(), frames[..copied.frame as usize]);
    copy.check_pages().unwrap();
    // R2-55.8b: the copy is a store, and goes on.
    let store = Sqlite::open(&path, SMALL_PARTS).unwrap();
    let mut again = store.journal().unwrap();
    assert_eq!(again.head().unwrap(), copied);
    let refused = bed.sqlite.copy_journal(&path).unwrap_err();
    assert!(refused.to_string().contains("already"), "{refused}");
}

#[test]
fn an_empty_journal_is_copied() {
    let bed = OnDisk::new(STANDARD);
    let path = bed.directory.path().join("copy.db");
    let copied = bed.sqlite.copy_journal(&path).unwrap();
    assert_eq!(copied, store::Head::empty());
    assert_eq!(Reader::open(&path).unwrap().head().unwrap(), copied);
}

#[test]
fn damage_does_not_enter_a_copy() {
    let (bed, journal, _chain, frames) = parted();
    drop(journal);
    // Far behind the header, where no earlier copy of the bytes is left in an unused corner.
    let wanted = &frames[5].bytes[12_000..12_040];
    let (path, at) = (0..)
        .find_map(|part| {
            let path = bed.sqlite.layout().part(part);
            let bytes = fs::read(&path).unwrap();
            Some((path, bytes.windows(40).position(|found| found == wanted)?))
        })
        .unwrap();
    flip(&path, at);
    let fault = bed.sqlite.copy_journal(&bed.directory.path().join("copy.db")).unwrap_err();
    assert!(fault.to_string().contains("frame 6"), "{fault}");
}
