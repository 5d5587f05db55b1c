//! Damage: every flipped bit of a frame is found and named; nothing that is read is ever silently
//! another content.

use std::fs;
use std::path::Path;

use store::suite::noise;
use store::{Fault, Frame, JournalReader as _};
use store_sqlite::{Reader, Sqlite};

use crate::{Chain, OnDisk, STANDARD, fill, flip, read_all};

/// A closed store of one file, with frames small and large.
fn settled(lengths: &[usize]) -> (OnDisk, Vec<Frame>) {
    let bed = OnDisk::new(STANDARD);
    let mut journal = bed.sqlite.journal().expect("the journal");
    let mut chain = Chain::new();
    let mut frames = Vec::new();
    for length in lengths {
        frames.extend(fill(&mut journal, &mut chain, 1, *length));
    }
    drop(journal);
    let log = bed.path().with_extension("db-wal");
    assert!(!log.exists(), "the last connection moved everything to its place");
    (bed, frames)
}

/// What reading everything finds.
fn read(path: &Path) -> Result<Vec<Frame>, Fault> {
    let mut reader = Reader::open(path)?;
    let head = reader.head()?;
    let frames = read_all(&mut reader)?;
    assert_eq!(head.frame, frames.len() as u64);
    Ok(frames)
}

fn check_pages(path: &Path) -> Result<(), Fault> {
    Reader::open(path)?.check_pages()
}

#[test]
fn a_flip_within_a_frame_is_found_and_named() {
    let (bed, frames) = settled(&[100, 10, 20_000, 300, 50_000, 7]);
    let path = bed.path();
    let whole = fs::read(&path).unwrap();
    for frame in &frames {
        // Large frames are in pieces: look for one that is whole within a page.
        let start = whole.windows(100).position(|found| found == &frame.bytes[..100]);
        let start = start.expect("the frame's header");
        for at in [0, 4, 12, 20, 28, 40, 72, 99] {
            flip(&path, start + at);
            let fault = read(&path).unwrap_err();
            let named = format!("frame {}", frame.number);
            assert!(fault.is_damage() && fault.chain().contains(&named), "{}", fault.chain());
            assert!(fault.to_string().starts_with(&path.display().to_string()), "{fault}");
            flip(&path, start + at);
        }
    }
    assert_eq!(read(&path).unwrap(), frames);
}

#[test]
fn a_flip_anywhere_is_found_or_harmless() {
    let (bed, frames) = settled(&[100, 10, 20_000, 300, 50_000, 7, 900, 2, 40]);
    let path = bed.path();
    let whole = fs::read(&path).unwrap();
    let (mut found, mut shorter, mut harmless) = (0, 0, 0);
    let pages = whole.len() / (16 << 10);
    // The start of each page, where its structure is, and places all over.
    let starts = (0..pages).flat_map(|page| (0..48).map(move |at| page * (16 << 10) + at));
    let places = noise(1, 8 * 400);
    let anywhere = places.chunks(8).map(|word| {
        let word: [u8; 8] = word.try_into().unwrap();
        (u64::from_be_bytes(word) % whole.len() as u64) as usize
    });
    for at in starts.chain(anywhere) {
        flip(&path, at);
        match read(&path) {
            Err(_) => found += 1,
            Ok(read) if read == frames => harmless += 1,
            Ok(read) => {
                assert_eq!(read, frames[..read.len()], "byte {at} made other content");
                let checked = check_pages(&path);
                assert!(checked.is_err(), "byte {at} took frames away in silence");
                shorter += 1;
            }
        }
        fs::write(&path, &whole).unwrap();
        remove_logs(&path);
    }
    assert!(0 < found && 0 < harmless, "{found} found, {shorter} shorter, {harmless} harmless");
    assert_eq!(read(&path).unwrap(), frames);
}

/// A reader may leave an empty log behind.
fn remove_logs(path: &Path) {
    for extension in ["db-wal", "db-shm"] {
        let _ = fs::remove_file(path.with_extension(extension));
    }
}

#[test]
fn a_file_that_is_cut_off_is_found() {
    let (bed, frames) = settled(&[100, 10, 20_000, 300, 50_000, 7]);
    let path = bed.path();
    let whole = fs::read(&path).unwrap();
    let page = 16 << 10;
    let mut lengths = vec![0, 1, 50, 100, 5_000];
    lengths.extend((1..whole.len() / page).map(|pages| pages * page));
    for length in lengths {
        fs::write(&path, &whole[..length]).unwrap();
        remove_logs(&path);
        let found = read(&path).and_then(|read| {
            assert_eq!(read, frames[..read.len()], "cut at {length}");
            check_pages(&path)
        });
        let Err(fault) = found else { panic!("cut at {length}: nothing was found") };
        assert!(fault.is_damage(), "cut at {length}: {fault:?}");
        let named = fault.to_string().starts_with(&path.display().to_string());
        assert!(named, "cut at {length}: {fault}");
    }
    // The last byte of the last page may be in use or not.
    fs::write(&path, &whole[..whole.len() - 1]).unwrap();
    remove_logs(&path);
    assert!(read(&path).is_ok_and(|read| read == frames) || check_pages(&path).is_err());
}

// R0-20.0a: nobody writes on behind a frame that is damaged.
#[test]
fn a_damaged_end_stops_the_writer() {
    let (bed, frames) = settled(&[100, 10, 200]);
    let path = bed.path();
    let whole = fs::read(&path).unwrap();
    let last = &frames[2].bytes;
    let at = whole.windows(100).position(|found| found == &last[last.len() - 100..]).unwrap();
    drop(bed.sqlite);
    flip(&path, at);
    let opened = Sqlite::open(&path, STANDARD).and_then(|store| store.journal());
    let fault = opened.unwrap_err();
    assert!(fault.chain().contains("frame 3"), "{}", fault.chain());
}

#[test]
fn rows_that_lie_are_found() {
    let check = |sql: &str, seq: u64| {
        let (bed, _frames) = settled(&[10, 10, 10, 10, 10]);
        let path = bed.path();
        rusqlite::Connection::open(&path).unwrap().execute_batch(sql).unwrap();
        let fault = read(&path).unwrap_err();
        assert!(fault.is_damage(), "{sql}: {fault:?}");
        let found = Reader::open(&path).and_then(|mut reader| reader.frame_of(seq));
        assert!(found.unwrap_err().is_damage(), "{sql}");
    };
    check("DELETE FROM frames WHERE number = 3", 4);
    check("DELETE FROM frames WHERE number = 1", 0);
    check("UPDATE frames SET first_seq = 7 WHERE number = 3", 4);
    check("UPDATE frames SET number = 30 WHERE number = 3", 4);
    check("UPDATE frames SET bytes = zeroblob(200) WHERE number = 3", 4);
    check(
        "UPDATE frames SET bytes = (SELECT bytes FROM frames WHERE number = 2) WHERE number = 3",
        4,
    );
}
