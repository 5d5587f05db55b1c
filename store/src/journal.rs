//! The journal's port: frames go in at the end, and come out in order or by the seq of a fact.
//!
//! Guarantees of every adapter:
//! - [`Appended::Appended`] is given only when the frame survives a loss of power;
//! - a crash at any moment leaves all of a frame or none of it;
//! - one history: a frame is written only behind the head that its writer expected, even if two
//!   processes write by mistake;
//! - a frame that is read has been opened and its hash checked; what cannot be read is a
//!   [`Fault::Damaged`] and never left out in silence.
//!
//! One thing a store alone cannot tell: that its last frames are gone without a trace, as if they
//! had never been. Whoever opens a journal compares its head with the newest signed checkpoint
//! and the newest snapshot, both of which are written only after their frames are durable.

use journal::frame::{Frame, Head};

use crate::Fault;

/// What became of a frame.
#[derive(Debug)]
pub enum Appended {
    /// The frame is durable; this is the head now.
    Appended(Head),
    /// The journal ends elsewhere than expected; nothing was written.
    HeadMoved(Head),
    /// Nothing was written, for certain.
    NotWritten(Fault),
    /// It may be written or not: read the head again. After a failed sync
    /// ([`Fault::is_failed_sync`]) the process must end instead.
    Unknown(Fault),
}

/// What upkeep found and did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Upkeep {
    /// Bytes that wait to move from the log to their final place.
    pub waiting_bytes: u64,
    /// Whether the log was started over.
    pub log_restarted: bool,
    /// Whether a new part was begun.
    pub part_begun: bool,
}

/// The writer's side of the journal.
pub trait JournalStore: Send {
    /// The end of the journal, read from what is stored.
    fn head(&mut self) -> Result<Head, Fault>;

    /// Appends `frame` if the journal ends at `expected` (frame number and hash).
    fn append(&mut self, expected: &Head, frame: &Frame) -> Appended;

    /// Bounded housekeeping, called between two frames by the thread that appends. Cheap, unless
    /// something is due. A writer that never calls it lets the log grow without end.
    fn upkeep(&mut self) -> Result<Upkeep, Fault>;

    /// A reader of its own, for another thread.
    fn reader(&self) -> Result<Box<dyn JournalReader>, Fault>;
}

/// The reading side of the journal. Sees durable frames only, those of other processes too.
pub trait JournalReader: Send {
    /// The end of the journal.
    fn head(&mut self) -> Result<Head, Fault>;

    /// The frames behind number `after`, in order, without a gap, each following the one before.
    ///
    /// At most `limit`, and fewer when they are large (`limits::READ_BYTES_MAX`); none only at
    /// the end of the journal.
    fn frames(&mut self, after: u64, limit: usize) -> Result<Vec<Frame>, Fault>;

    /// The frame that holds the fact `seq`; none if there is no such fact yet. A binary search
    /// over frame numbers: about 30 small reads in a journal of a billion frames.
    fn frame_of(&mut self, seq: u64) -> Result<Option<Frame>, Fault>;

    /// The canonical bytes of the fact `seq`; none if there is no such fact yet.
    fn fact(&mut self, seq: u64) -> Result<Option<Vec<u8>>, Fault> {
        let Some(frame) = self.frame_of(seq)? else { return Ok(None) };
        for fact in frame.facts() {
            let (at, bytes) = fact.map_err(|error| Fault::Damaged {
                place: "the journal".into(),
                frame: Some(frame.number),
                what: "its facts cannot be read".into(),
                source: Some(error.into()),
            })?;
            if at == seq {
                return Ok(Some(bytes.to_vec()));
            }
        }
        Err(Fault::damaged("the journal", frame.number, format!("fact {seq} is not in it")))
    }
}

/// Checks that `frame` is the next one behind `head`; its facts and its root are not looked at.
pub fn check_next(head: &Head, frame: &Frame) -> Result<(), String> {
    let wrong = |what: &str, found: &dyn core::fmt::Display, due: &dyn core::fmt::Display| {
        Err(format!("frame {}: {what} {found}, due is {due}", frame.number))
    };
    if frame.number != head.frame + 1 {
        return wrong("its number is", &frame.number, &(head.frame + 1));
    }
    if frame.previous != head.hash {
        return wrong("it follows a frame with hash", &frame.previous, &head.hash);
    }
    if frame.first_seq != head.next_seq {
        return wrong("its first seq is", &frame.first_seq, &head.next_seq);
    }
    if frame.term < head.term {
        return wrong("its term is", &frame.term, &head.term);
    }
    Ok(())
}

/// The last number in `first..=last` whose first seq is not above `seq`; none if `first` is above.
///
/// `first_seq` reads the first seq of a frame. Empty frames share it with the frame behind them,
/// so the last such frame is the one with the fact.
pub fn search(
    first: u64,
    last: u64,
    seq: u64,
    mut first_seq: impl FnMut(u64) -> Result<u64, Fault>,
) -> Result<Option<u64>, Fault> {
    if last < first || seq < first_seq(first)? {
        return Ok(None);
    }
    // Invariant: first_seq(low) <= seq < first_seq(high), where high may be one past the end.
    let (mut low, mut high) = (first, last + 1);
    while 1 < high - low {
        let middle = low + (high - low) / 2;
        if first_seq(middle)? <= seq {
            low = middle;
        } else {
            high = middle;
        }
    }
    Ok(Some(low))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_search_takes_the_last_frame_at_or_before() {
        // Frames 1…6 with first seqs; frames 2, 3 and 6 are empty.
        let firsts = [0, 3, 3, 3, 5, 6];
        let check = |seq, expected| {
            let found = search(1, 6, seq, |number| Ok(firsts[number as usize - 1]));
            assert_eq!(found.unwrap(), expected, "seq {seq}");
        };
        check(0, Some(1));
        check(2, Some(1));
        check(3, Some(4));
        check(4, Some(4));
        check(5, Some(5));
        check(6, Some(6));
        check(u64::MAX, Some(6));
        assert_eq!(search(1, 0, 0, |_| Ok(0)).unwrap(), None);
        assert_eq!(search(9, 9, 4, |_| Ok(5)).unwrap(), None);
    }
}
