//! Cases of the journal.

use std::sync::atomic::{AtomicBool, Ordering};

use ::journal::frame::{Frame, Head};

use super::{Bed, Chain};
use crate::limits::READ_BYTES_MAX;
use crate::{Appended, Fault, JournalReader, JournalStore};

/// Appends a frame that must be taken.
fn append(journal: &mut dyn JournalStore, expected: &Head, frame: &Frame) {
    match journal.append(expected, frame) {
        Appended::Appended(head) => assert_eq!(head, frame.head()),
        other => panic!("frame {} was not appended: {other:?}", frame.number),
    }
}

/// Appends frames with these numbers of facts, and gives them.
fn fill(journal: &mut dyn JournalStore, chain: &mut Chain, counts: &[u64]) -> Vec<Frame> {
    let seal = |count: &u64| {
        let expected = chain.head();
        let frame = chain.fill(*count, 40);
        append(journal, &expected, &frame);
        frame
    };
    counts.iter().map(seal).collect()
}

fn read_all(reader: &mut dyn JournalReader, limit: usize) -> Result<Vec<Frame>, Fault> {
    let mut all: Vec<Frame> = Vec::new();
    loop {
        let more = reader.frames(all.last().map_or(0, |frame| frame.number), limit)?;
        if more.is_empty() {
            return Ok(all);
        }
        assert!(more.len() <= limit);
        all.extend(more);
    }
}

/// Frames are numbered from 1, each follows the one before.
fn assert_chain(frames: &[Frame]) {
    let mut head = Head::empty();
    for frame in frames {
        assert_eq!(crate::journal::check_next(&head, frame), Ok(()));
        head = frame.head();
    }
}

pub(super) fn empty(bed: &dyn Bed) -> Result<(), Fault> {
    let mut journal = bed.journal()?;
    assert_eq!(journal.head()?, Head::empty());
    let mut reader = journal.reader()?;
    assert_eq!(reader.head()?, Head::empty());
    assert_eq!(reader.frames(0, 10)?, []);
    assert_eq!(reader.frames(7, 10)?, []);
    assert_eq!(reader.frame_of(0)?, None);
    assert_eq!(reader.fact(0)?, None);
    Ok(())
}

pub(super) fn append_and_read(bed: &dyn Bed) -> Result<(), Fault> {
    let mut journal = bed.journal()?;
    let mut reader = journal.reader()?;
    let mut chain = Chain::new();
    let frames = fill(&mut *journal, &mut chain, &[0, 1, 2, 0, 300, 1]);
    assert_eq!(journal.head()?, chain.head());
    assert_eq!(reader.head()?, chain.head());
    for limit in [1, 2, 100] {
        assert_eq!(read_all(&mut *reader, limit)?, frames, "limit {limit}");
    }
    assert_eq!(reader.frames(4, 1)?, frames[4..5]);
    assert_eq!(reader.frames(0, 0)?, []);
    assert_eq!(reader.frames(6, 9)?, []);
    assert_eq!(reader.frames(u64::MAX, 9)?, []);
    assert_chain(&frames);
    journal.upkeep()?;
    assert_eq!(read_all(&mut *reader, 100)?, frames);
    Ok(())
}

pub(super) fn reopen(bed: &dyn Bed) -> Result<(), Fault> {
    let mut chain = Chain::new();
    let mut frames = Vec::new();
    for round in 0..4 {
        let mut journal = bed.journal()?;
        assert_eq!(journal.head()?, chain.head(), "round {round}");
        frames.extend(fill(&mut *journal, &mut chain, &[2, 0, 5]));
    }
    let mut reader = bed.journal()?.reader()?;
    assert_eq!(read_all(&mut *reader, 5)?, frames);
    Ok(())
}

pub(super) fn head_moved(bed: &dyn Bed) -> Result<(), Fault> {
    let mut journal = bed.journal()?;
    let mut chain = Chain::new();
    let frames = fill(&mut *journal, &mut chain, &[1, 1]);
    let head = chain.head();
    let next = chain.fill(1, 10);
    let other_hash = Head { hash: frames[0].hash, ..head };
    let other_number = Head { frame: 1, ..head };
    for expected in [Head::empty(), frames[0].head(), other_hash, other_number] {
        match journal.append(&expected, &next) {
            Appended::HeadMoved(found) => assert_eq!(found, head),
            other => panic!("expected {expected:?}: {other:?}"),
        }
        assert_eq!(journal.head()?, head);
    }
    assert_eq!(read_all(&mut *journal.reader()?, 9)?, frames);
    append(&mut *journal, &head, &next);
    match journal.append(&head, &next) {
        Appended::HeadMoved(found) => assert_eq!(found, next.head()),
        other => panic!("the same frame again: {other:?}"),
    }
    Ok(())
}

pub(super) fn does_not_follow(bed: &dyn Bed) -> Result<(), Fault> {
    let mut journal = bed.journal()?;
    let mut chain = Chain::new();
    let frames = fill(&mut *journal, &mut chain, &[1, 1]);
    let head = chain.head();
    chain.fill(1, 10);
    let gap = chain.fill(1, 10);
    for frame in [&gap, &frames[1], &frames[0]] {
        match journal.append(&head, frame) {
            Appended::NotWritten(_) => {}
            other => panic!("frame {} behind 2: {other:?}", frame.number),
        }
        assert_eq!(journal.head()?, head);
    }
    Ok(())
}

/// Two handles append in turn; whoever is behind is told so and nothing of it is written.
pub(super) fn two_writers(bed: &dyn Bed) -> Result<(), Fault> {
    let (mut first, mut second) = (bed.journal()?, bed.journal()?);
    let mut chain = Chain::new();
    let mut written = fill(&mut *first, &mut chain, &[1, 1]);
    let mut fork = chain.clone();
    let base = chain.head();
    written.extend(fill(&mut *second, &mut chain, &[2]));
    let lost = fork.fill(3, 40);
    for writer in [&mut first, &mut second] {
        match writer.append(&base, &lost) {
            Appended::HeadMoved(head) => assert_eq!(head, chain.head()),
            other => panic!("two histories: {other:?}"),
        }
    }
    for _ in 0..3 {
        written.extend(fill(&mut *first, &mut chain, &[1]));
        written.extend(fill(&mut *second, &mut chain, &[1]));
        first.upkeep()?;
        second.upkeep()?;
    }
    assert_eq!(read_all(&mut *first.reader()?, 100)?, written);
    assert_eq!(second.head()?, chain.head());
    Ok(())
}

pub(super) fn readers_while_appending(bed: &dyn Bed) -> Result<(), Fault> {
    const FRAMES: u64 = 200;
    let mut journal = bed.journal()?;
    let readers = [journal.reader()?, journal.reader()?];
    // A reader that fails ends the case, not the wait for it.
    let stopped = AtomicBool::new(false);
    let follow = |mut reader: Box<dyn JournalReader>| {
        let mut seen: Vec<Frame> = Vec::new();
        while (seen.len() as u64) < FRAMES && !stopped.load(Ordering::Relaxed) {
            let more = reader.frames(seen.len() as u64, 16)?;
            let head = reader.head()?;
            seen.extend(more);
            assert!(seen.len() as u64 <= head.frame, "the head is behind what was read");
            std::thread::yield_now();
        }
        Ok::<_, Fault>(seen)
    };
    std::thread::scope(|scope| {
        let threads = readers.map(|reader| scope.spawn(|| follow(reader)));
        let mut chain = Chain::new();
        let mut work = || {
            for _ in 0..FRAMES {
                let expected = chain.head();
                let frame = chain.fill(3, 200);
                match journal.append(&expected, &frame) {
                    Appended::Appended(_) => {}
                    other => return Err(Fault::refused(format!("{other:?}"))),
                }
                journal.upkeep()?;
            }
            Ok(())
        };
        let worked = work();
        if worked.is_err() {
            stopped.store(true, Ordering::Relaxed);
        }
        for thread in threads {
            // Cannot fail but by a failed assertion, which is to be passed on.
            let seen = thread.join().expect("the reader's assertions hold")?;
            assert_chain(&seen);
            assert!(worked.is_err() || seen.len() as u64 == FRAMES);
        }
        worked
    })
}

pub(super) fn search_past_empty_frames(bed: &dyn Bed) -> Result<(), Fault> {
    let mut journal = bed.journal()?;
    let mut reader = journal.reader()?;
    let mut chain = Chain::new();
    let frames = fill(&mut *journal, &mut chain, &[0, 0, 3, 0, 0, 0, 2, 1, 0, 4, 0]);
    for frame in &frames {
        for fact in frame.facts() {
            // Cannot fail: the frame was sealed here.
            let (seq, bytes) = fact.expect("a sealed frame");
            assert_eq!(reader.frame_of(seq)?.as_ref(), Some(frame), "seq {seq}");
            assert_eq!(reader.fact(seq)?.as_deref(), Some(bytes), "seq {seq}");
        }
    }
    for seq in [chain.head().next_seq, chain.head().next_seq + 1, u64::MAX] {
        assert_eq!(reader.frame_of(seq)?, None, "seq {seq}");
        assert_eq!(reader.fact(seq)?, None, "seq {seq}");
    }
    Ok(())
}

pub(super) fn large_frames(bed: &dyn Bed) -> Result<(), Fault> {
    let mut journal = bed.journal()?;
    let mut chain = Chain::new();
    let mut frames = Vec::new();
    for (count, length) in [(1, 3 << 20), (8_000, 160), (1, 1 << 20), (64, 16 << 10)] {
        let expected = chain.head();
        let frame = chain.fill(count, length);
        append(&mut *journal, &expected, &frame);
        frames.push(frame);
    }
    let mut reader = journal.reader()?;
    assert_eq!(read_all(&mut *reader, 2)?, frames);
    assert_eq!(reader.frame_of(7_999)?.as_ref(), Some(&frames[1]));
    Ok(())
}

pub(super) fn bounded_reading(bed: &dyn Bed) -> Result<(), Fault> {
    const LENGTH: usize = 24 << 20;
    let mut journal = bed.journal()?;
    let mut chain = Chain::new();
    for _ in 0..4 {
        let expected = chain.head();
        let frame = chain.seal(&[vec![7; LENGTH]]);
        append(&mut *journal, &expected, &frame);
    }
    let page = journal.reader()?.frames(0, 100)?;
    assert!(!page.is_empty());
    assert!((page.len() - 1) * LENGTH <= READ_BYTES_MAX, "{} frames at once", page.len());
    assert_eq!(read_all(&mut *journal.reader()?, 100)?.len(), 4);
    Ok(())
}
