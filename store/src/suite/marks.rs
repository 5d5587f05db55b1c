//! Marks: their versions guard them, whoever changes them.

use crate::limits::{MARK_BYTES_MAX, MARK_NAME_MAX};
use crate::{Fault, Mark, Marked};

use super::{Bed, noise};

pub fn set_and_read(bed: &dyn Bed) -> Result<(), Fault> {
    let mut marks = bed.marks()?;
    assert_eq!(marks.mark("one")?, None);
    assert_eq!(marks.set_mark("one", 1, b"x")?, Marked::Moved, "there is none yet");
    assert_eq!(marks.mark("one")?, None);
    for (before, bytes) in [(0, noise(1, 100)), (1, Vec::new()), (2, noise(2, MARK_BYTES_MAX))] {
        assert_eq!(marks.set_mark("one", before, &bytes)?, Marked::Done);
        assert_eq!(marks.mark("one")?, Some(Mark { version: before + 1, bytes }));
    }
    assert_eq!(marks.set_mark("one", 0, b"x")?, Marked::Moved);
    assert_eq!(marks.set_mark("two", 0, b"\0\n\xff")?, Marked::Done);
    // Another handle sees the same.
    let mut other = bed.marks()?;
    assert_eq!(other.mark("two")?, Some(Mark { version: 1, bytes: b"\0\n\xff".to_vec() }));
    assert_eq!(other.mark("one")?.map(|mark| mark.version), Some(3));
    Ok(())
}

pub fn at_once(bed: &dyn Bed) -> Result<(), Fault> {
    const ROUNDS: u64 = 20;
    let handles = [bed.marks()?, bed.marks()?, bed.marks()?];
    let done = std::thread::scope(|scope| {
        let threads = handles.map(|mut marks| {
            scope.spawn(move || -> Result<u64, Fault> {
                let mut done = 0;
                while done < ROUNDS {
                    let there = marks.mark("count")?.map_or(0, |mark| mark.version);
                    let set = marks.set_mark("count", there, there.to_string().as_bytes())?;
                    done += u64::from(set == Marked::Done);
                }
                Ok(done)
            })
        });
        // Cannot fail: a panic there is one of this case.
        threads.map(|thread| thread.join().expect("a thread"))
    });
    let done: u64 = done.into_iter().sum::<Result<u64, Fault>>()?;
    let mark = bed.marks()?.mark("count")?;
    let bytes = (done - 1).to_string().into_bytes();
    assert_eq!(mark, Some(Mark { version: done, bytes }), "no change took the place of another");
    Ok(())
}

pub fn limits(bed: &dyn Bed) -> Result<(), Fault> {
    let mut marks = bed.marks()?;
    let long = "a".repeat(MARK_NAME_MAX + 1);
    for name in ["", "A", "a.b", "../a", "қ", &long] {
        assert!(matches!(marks.set_mark(name, 0, b""), Err(Fault::Refused { .. })), "{name}");
        assert!(matches!(marks.mark(name), Err(Fault::Refused { .. })), "{name}");
    }
    assert_eq!(marks.set_mark(&long[1..], 0, b"")?, Marked::Done);
    let large = vec![0; MARK_BYTES_MAX + 1];
    assert!(matches!(marks.set_mark("large", 0, &large), Err(Fault::Refused { .. })));
    assert_eq!(marks.mark("large")?, None);
    Ok(())
}
