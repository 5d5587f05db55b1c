//! Frames: what one commit appends to the journal.
//!
//! A frame's bytes are all that is stored of it. Version 1, integers big-endian:
//!
//! ```text
//! offset  bytes
//!      0      4  magic "BEJF"
//!      4      1  version, 1
//!      5      8  number: 1 for the first frame, then without gaps
//!     13      8  term of the writer; never smaller than in the frame before
//!     21      8  seq of the first fact; of the next fact, if the frame is empty
//!     29      4  count of facts
//!     33      8  instant of the last fact, or of the term's start (signed nanoseconds)
//!     41     32  hash of the frame before; zeros in the first
//!     73     32  root of the tree after this frame
//!    105      4  length of the body
//!    109      …  body: for each fact its length (minimal LEB128) and its bytes
//!   last     32  SHA-256 of the header and the leaf hashes of the facts: the hash of this frame
//! ```
//!
//! Contract: [`Frame::open`] finds any damage within a frame, [`follow`] any frame that is not the
//! next one. Neither looks into facts. The frame's hash covers the body by way of the leaf hashes:
//! the header states count and length, so header and facts determine every byte of it. Limits:
//! count and body length are below 2^32. Cost of sealing, or of opening and following: every byte
//! is hashed once, 32 bytes more for each fact, and one node a fact.

use core::fmt;

use sha2::{Digest as _, Sha256};
use terms::codec::{self, Broken, Reader};
use terms::{Hash, Instant};

use crate::tree::{self, Frontier, Subtree};

/// The first four bytes of every frame.
pub const MAGIC: [u8; 4] = *b"BEJF";

/// The version of the layout that this code writes and reads.
pub const VERSION: u8 = 1;

/// Bytes before the body.
pub const HEADER_BYTES: usize = 109;

/// Bytes after the body.
pub const TRAILER_BYTES: usize = 32;

/// What a store keeps of where the journal ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Head {
    /// The number of the last frame; 0 before the first.
    pub frame: u64,
    /// The term of the last frame.
    pub term: u64,
    /// The seq that the next fact will have: how many facts there are.
    pub next_seq: u64,
    /// The hash of the last frame; zeros before the first.
    pub hash: Hash,
    /// The root of the tree over all facts.
    pub root: Hash,
    /// The instant of the last fact or of the term's start.
    pub at: Instant,
}

impl Head {
    /// The head of a journal without frames.
    pub const fn empty() -> Head {
        Head {
            frame: 0,
            term: 0,
            next_seq: 0,
            hash: Hash::ZERO,
            root: tree::EMPTY_ROOT,
            at: Instant(0),
        }
    }
}

/// One sealed frame: its bytes are what is stored; everything else is read from them.
///
/// Made by [`Sealer::seal`] or [`Frame::open`] only, so that the fields agree with the bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Frame {
    /// The frame's number, from 1.
    pub number: u64,
    /// The term of its writer.
    pub term: u64,
    /// The seq of its first fact.
    pub first_seq: u64,
    /// How many facts it has.
    pub count: u32,
    /// The instant of its last fact or of the term's start.
    pub at: Instant,
    /// The hash of the frame before.
    pub previous: Hash,
    /// The root of the tree after this frame.
    pub root: Hash,
    /// All its bytes.
    pub bytes: Vec<u8>,
    /// The leaf hashes of its facts.
    pub leaves: Vec<Hash>,
    /// The hash of its header and its leaf hashes; it is the trailer.
    pub hash: Hash,
}

impl Frame {
    /// The head of a journal that ends with this frame.
    pub fn head(&self) -> Head {
        Head {
            frame: self.number,
            term: self.term,
            next_seq: self.first_seq + u64::from(self.count),
            hash: self.hash,
            root: self.root,
            at: self.at,
        }
    }

    /// Reads a frame and checks everything that can be checked of it alone: layout, hash, and that
    /// the body holds exactly the facts that it claims. Whether it is the next frame is for
    /// [`follow`].
    pub fn open(bytes: Vec<u8>) -> Result<Frame, FrameError> {
        let mut frame = Frame::read(bytes)?;
        if frame.number == 0 {
            return Err(FrameError::Zero);
        }
        let next = frame.first_seq.checked_add(u64::from(frame.count));
        if next.is_none_or(|next| tree::LEAVES_MAX < next) {
            return Err(FrameError::Range { frame: frame.number, first_seq: frame.first_seq });
        }
        let leaves: Result<Vec<Hash>, FrameError> =
            frame.facts().map(|fact| fact.map(|(_, bytes)| tree::leaf_hash(bytes))).collect();
        frame.leaves = leaves?;
        if frame.hashed() != frame.hash {
            return Err(FrameError::Hash { frame: frame.number });
        }
        Ok(frame)
    }

    /// The hash of its header and its leaf hashes.
    fn hashed(&self) -> Hash {
        let mut hasher = Sha256::new();
        hasher.update(self.bytes.get(..HEADER_BYTES).unwrap_or_default());
        self.leaves.iter().for_each(|leaf| hasher.update(leaf.0));
        Hash(hasher.finalize().into())
    }

    /// Reads the layout; believes what it reads.
    fn read(bytes: Vec<u8>) -> Result<Frame, FrameError> {
        let found = bytes.len();
        let short = |_: Broken| FrameError::Short { found };
        let mut from = Reader::new(&bytes);
        if from.take(MAGIC.len()).map_err(short)? != MAGIC {
            return Err(FrameError::Magic);
        }
        let version = from.byte().map_err(short)?;
        if version != VERSION {
            return Err(FrameError::Version { found: version });
        }
        let number = u64::from_be_bytes(array(&mut from).map_err(short)?);
        let term = u64::from_be_bytes(array(&mut from).map_err(short)?);
        let first_seq = u64::from_be_bytes(array(&mut from).map_err(short)?);
        let count = u32::from_be_bytes(array(&mut from).map_err(short)?);
        let at = Instant(i64::from_be_bytes(array(&mut from).map_err(short)?));
        let previous = Hash(array(&mut from).map_err(short)?);
        let root = Hash(array(&mut from).map_err(short)?);
        let body = u32::from_be_bytes(array(&mut from).map_err(short)?);
        let stated = u64::from(body) + (HEADER_BYTES + TRAILER_BYTES) as u64;
        if stated != found as u64 {
            return Err(FrameError::Length { frame: number, stated, found: found as u64 });
        }
        from.take(found - HEADER_BYTES - TRAILER_BYTES).map_err(short)?;
        let hash = Hash(array(&mut from).map_err(short)?);
        let leaves = Vec::new();
        Ok(Frame { number, term, first_seq, count, at, previous, root, bytes, leaves, hash })
    }

    /// The bytes of header and body, with room for the trailer.
    fn unsealed(&self, facts: &FactBuffer) -> Vec<u8> {
        const LENGTH_BYTES_MAX: usize = 10;
        let most = facts.bytes_len() + LENGTH_BYTES_MAX * facts.len();
        let mut out = Vec::with_capacity(HEADER_BYTES + most + TRAILER_BYTES);
        out.extend_from_slice(&MAGIC);
        out.push(VERSION);
        out.extend_from_slice(&self.number.to_be_bytes());
        out.extend_from_slice(&self.term.to_be_bytes());
        out.extend_from_slice(&self.first_seq.to_be_bytes());
        out.extend_from_slice(&self.count.to_be_bytes());
        out.extend_from_slice(&self.at.0.to_be_bytes());
        out.extend_from_slice(&self.previous.0);
        out.extend_from_slice(&self.root.0);
        out.extend_from_slice(&[0; 4]);
        for fact in facts.iter() {
            codec::put_leb(&mut out, fact.len() as u64);
            out.extend_from_slice(fact);
        }
        // Cannot fail: a batch is far smaller; a larger one is a bug and must not be written.
        let body = u32::try_from(out.len() - HEADER_BYTES).expect("a body below 2^32 bytes");
        out[HEADER_BYTES - 4..HEADER_BYTES].copy_from_slice(&body.to_be_bytes());
        out
    }

    /// The facts in order: seq and canonical bytes. Ends after the first error.
    pub fn facts(&self) -> impl Iterator<Item = Result<(u64, &[u8]), FrameError>> {
        let end = self.bytes.len().saturating_sub(TRAILER_BYTES);
        let mut rest = Reader::new(self.bytes.get(HEADER_BYTES..end).unwrap_or_default());
        let mut next = 0;
        core::iter::from_fn(move || {
            let fact = next;
            let read = if fact < self.count {
                next += 1;
                take_fact(&mut rest)
            } else if 0 < rest.left() {
                Err(Broken::Trailing)
            } else {
                return None;
            };
            if read.is_err() {
                // One error, then nothing.
                next = self.count;
                rest = Reader::new(&[]);
            }
            Some(match read {
                Ok(bytes) => Ok((self.first_seq + u64::from(fact), bytes)),
                Err(why) => Err(FrameError::Body { frame: self.number, fact, why }),
            })
        })
    }
}

/// The next `N` bytes.
fn array<const N: usize>(from: &mut Reader<'_>) -> Result<[u8; N], Broken> {
    let mut bytes = [0; N];
    bytes.copy_from_slice(from.take(N)?);
    Ok(bytes)
}

/// The next fact of a body.
fn take_fact<'a>(from: &mut Reader<'a>) -> Result<&'a [u8], Broken> {
    let length = usize::try_from(from.leb()?).map_err(|_| Broken::Range)?;
    from.take(length)
}

/// Checks that `frame` follows `head`, recomputes its root from `frontier` and its leaf hashes, and
/// moves the frontier past it. Gives the new head.
///
/// `head` and `frontier` must be of the same position. On an error the frontier stays as it was.
pub fn follow(head: &Head, frontier: &mut Frontier, frame: &Frame) -> Result<Head, FrameError> {
    follow_noting(head, frontier, frame, |_, _| ())
}

/// The same as [`follow`], telling of each tile root that the frame completes, in the order of
/// completion; what it tells of a frame that is then refused is of no use.
pub fn follow_noting(
    head: &Head,
    frontier: &mut Frontier,
    frame: &Frame,
    mut complete: impl FnMut(Subtree, Hash),
) -> Result<Head, FrameError> {
    let number = frame.number;
    if head.next_seq != frontier.size() {
        let (head, frontier) = (head.next_seq, frontier.size());
        return Err(FrameError::Frontier { frame: number, head, frontier });
    }
    // The first frame that was lost or doubled is what matters, so the number comes first.
    let expected = head.frame + 1;
    if number != expected {
        return Err(FrameError::Number { expected, found: number });
    }
    if frame.previous != head.hash {
        let (expected, found) = (head.hash, frame.previous);
        return Err(FrameError::Previous { frame: number, expected, found });
    }
    if frame.term < head.term {
        let (expected, found) = (head.term, frame.term);
        return Err(FrameError::Term { frame: number, expected, found });
    }
    if frame.first_seq != head.next_seq {
        let (expected, found) = (head.next_seq, frame.first_seq);
        return Err(FrameError::FirstSeq { frame: number, expected, found });
    }
    if 0 < head.frame && frame.at < head.at {
        let (expected, found) = (head.at, frame.at);
        return Err(FrameError::At { frame: number, expected, found });
    }
    let mut grown = frontier.clone();
    frame.leaves.iter().for_each(|leaf| grown.push_noting(*leaf, &mut complete));
    let root = grown.root();
    if frame.root != root {
        return Err(FrameError::Root { frame: number, expected: root, found: frame.root });
    }
    *frontier = grown;
    Ok(frame.head())
}

/// Builds frames one after the other; owns the frontier.
#[derive(Clone, Debug)]
pub struct Sealer {
    head: Head,
    frontier: Frontier,
    completed: Vec<(Subtree, Hash)>,
}

impl Sealer {
    /// A sealer that continues after `head`. Panics if the frontier is not that of the head.
    pub fn new(head: Head, frontier: Frontier) -> Self {
        assert_eq!(head.next_seq, frontier.size(), "the frontier is of another position");
        assert_eq!(head.root, frontier.root(), "the frontier has another root than the head");
        Sealer { head, frontier, completed: Vec::new() }
    }

    /// Where the journal ends.
    pub fn head(&self) -> Head {
        self.head
    }

    /// The tree's frontier there.
    pub fn frontier(&self) -> &Frontier {
        &self.frontier
    }

    /// The tile roots that the last frame completed, in the order of completion; a store keeps
    /// them.
    pub fn completed(&self) -> &[(Subtree, Hash)] {
        &self.completed
    }

    /// Seals the facts into the next frame.
    ///
    /// `at` is the instant of the last fact, or of the term's start when there are none. Panics if
    /// the term or the instant goes back, or if there are 2^32 facts or bytes.
    pub fn seal(&mut self, term: u64, at: Instant, facts: &FactBuffer) -> Frame {
        let head = self.head;
        assert!(head.term <= term, "term {term} after {}", head.term);
        assert!(head.frame == 0 || head.at <= at, "instant {at} after {}", head.at);
        // Cannot fail: a batch is far smaller; a larger one is a bug and must not be written.
        let count = u32::try_from(facts.len()).expect("fewer than 2^32 facts in a frame");
        self.completed.clear();
        let mut leaves = Vec::with_capacity(facts.len());
        for fact in facts.iter() {
            let leaf = tree::leaf_hash(fact);
            self.frontier.push_noting(leaf, |at, hash| self.completed.push((at, hash)));
            leaves.push(leaf);
        }
        let mut frame = Frame {
            number: head.frame + 1,
            term,
            first_seq: head.next_seq,
            count,
            at,
            previous: head.hash,
            root: self.frontier.root(),
            bytes: Vec::new(),
            leaves,
            hash: Hash::ZERO,
        };
        frame.bytes = frame.unsealed(facts);
        frame.hash = frame.hashed();
        frame.bytes.extend_from_slice(&frame.hash.0);
        self.head = frame.head();
        frame
    }
}

/// Canonical bytes of many facts, back to back, with their ends; reused between frames.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FactBuffer {
    bytes: Vec<u8>,
    ends: Vec<usize>,
}

impl FactBuffer {
    /// No facts.
    pub fn new() -> Self {
        FactBuffer::default()
    }

    /// Forgets the facts and keeps the memory.
    pub fn clear(&mut self) {
        self.bytes.clear();
        self.ends.clear();
    }

    /// Appends one fact: what `write` appends. It must not touch the bytes before.
    pub fn push_with(&mut self, write: impl FnOnce(&mut Vec<u8>)) {
        let start = self.bytes.len();
        write(&mut self.bytes);
        assert!(start <= self.bytes.len(), "a fact cut the facts before it");
        self.ends.push(self.bytes.len());
    }

    /// How many facts there are.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// How many bytes the facts have together.
    pub fn bytes_len(&self) -> usize {
        self.bytes.len()
    }

    /// The bytes of each fact, in order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &[u8]> {
        let mut start = 0;
        self.ends.iter().map(move |end| {
            let fact = &self.bytes[start..*end];
            start = *end;
            fact
        })
    }
}

/// What is wrong with which frame. `frame` is the number that the frame itself states.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FrameError {
    /// Fewer bytes than a header and a trailer.
    Short {
        /// How many bytes there are.
        found: usize,
    },
    /// The first bytes are not those of a frame.
    Magic,
    /// A layout that this code does not know.
    Version {
        /// The version stated.
        found: u8,
    },
    /// More or fewer bytes than the header states.
    Length {
        /// The frame.
        frame: u64,
        /// Bytes by the header.
        stated: u64,
        /// Bytes there are.
        found: u64,
    },
    /// The bytes are not those that were sealed.
    Hash {
        /// The frame.
        frame: u64,
    },
    /// Number 0; frames start at 1.
    Zero,
    /// Sequence numbers beyond what a tree can hold.
    Range {
        /// The frame.
        frame: u64,
        /// Its first seq.
        first_seq: u64,
    },
    /// The body is not the facts that the header claims.
    Body {
        /// The frame.
        frame: u64,
        /// Which fact of the frame, from 0; the count itself for bytes after the last.
        fact: u32,
        /// What is wrong.
        why: Broken,
    },
    /// Another frame than the next.
    Number {
        /// The next number.
        expected: u64,
        /// The frame's number.
        found: u64,
    },
    /// The frame continues another journal.
    Previous {
        /// The frame.
        frame: u64,
        /// The hash of the frame before.
        expected: Hash,
        /// The hash stated.
        found: Hash,
    },
    /// A writer of an earlier term.
    Term {
        /// The frame.
        frame: u64,
        /// The least term.
        expected: u64,
        /// Its term.
        found: u64,
    },
    /// A gap or an overlap between facts.
    FirstSeq {
        /// The frame.
        frame: u64,
        /// The next seq.
        expected: u64,
        /// Its first seq.
        found: u64,
    },
    /// An instant before that of the frame before.
    At {
        /// The frame.
        frame: u64,
        /// The least instant.
        expected: Instant,
        /// Its instant.
        found: Instant,
    },
    /// The root stated is not that of the facts.
    Root {
        /// The frame.
        frame: u64,
        /// The root of the facts.
        expected: Hash,
        /// The root stated.
        found: Hash,
    },
    /// The caller's frontier is not that of its head.
    Frontier {
        /// The frame that was to be checked.
        frame: u64,
        /// Facts by the head.
        head: u64,
        /// Facts by the frontier.
        frontier: u64,
    },
}

impl fmt::Display for FrameError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            FrameError::Short { found } => {
                let least = HEADER_BYTES + TRAILER_BYTES;
                write!(f, "a frame has at least {least} bytes, this one has {found}")
            }
            FrameError::Magic => f.write_str("the bytes do not start as a frame does"),
            FrameError::Version { found } => {
                write!(f, "a frame of layout version {found}; this program reads {VERSION}")
            }
            FrameError::Length { frame, stated, found } => {
                write!(f, "frame {frame}: its header states {stated} bytes, there are {found}")
            }
            FrameError::Hash { frame } => {
                write!(f, "frame {frame}: its bytes do not have the hash at its end")
            }
            FrameError::Zero => f.write_str("frame 0: frames start at 1"),
            FrameError::Range { frame, first_seq } => {
                write!(f, "frame {frame}: first seq {first_seq} is out of range")
            }
            FrameError::Body { frame, fact, why } => {
                write!(f, "frame {frame}: fact {fact} of its body: {why}")
            }
            FrameError::Number { expected, found } => {
                write!(f, "frame {found}: frame {expected} was expected here")
            }
            FrameError::Previous { frame, expected, found } => {
                write!(f, "frame {frame}: it follows a frame with hash {found}, not {expected}")
            }
            FrameError::Term { frame, expected, found } => {
                write!(f, "frame {frame}: term {found} after term {expected}")
            }
            FrameError::FirstSeq { frame, expected, found } => {
                write!(f, "frame {frame}: its first seq is {found}, {expected} was expected")
            }
            FrameError::At { frame, expected, found } => {
                write!(f, "frame {frame}: instant {found} is before {expected}")
            }
            FrameError::Root { frame, expected, found } => {
                write!(f, "frame {frame}: it states root {found}, its facts give {expected}")
            }
            FrameError::Frontier { frame, head, frontier } => {
                write!(f, "frame {frame}: the head has {head} facts, the frontier {frontier}")
            }
        }
    }
}

impl core::error::Error for FrameError {}

#[cfg(test)]
mod tests {
    use super::*;

    fn buffer(facts: &[&str]) -> FactBuffer {
        let mut buffer = FactBuffer::new();
        facts
            .iter()
            .for_each(|fact| buffer.push_with(|out| out.extend_from_slice(fact.as_bytes())));
        buffer
    }

    /// A term that starts, then a frame of three facts.
    fn journal() -> (Sealer, Frame, Frame) {
        let mut sealer = Sealer::new(Head::empty(), Frontier::new());
        let start = sealer.seal(1, Instant(1_000), &FactBuffer::new());
        let first = sealer.seal(1, Instant(2_000), &buffer(&["one", "two", "three"]));
        (sealer, start, first)
    }

    fn check_followed(frames: &[&Frame], expected: Head) {
        let (mut head, mut frontier) = (Head::empty(), Frontier::new());
        for frame in frames {
            let opened = Frame::open(frame.bytes.clone()).unwrap();
            assert_eq!(opened, **frame);
            head = follow(&head, &mut frontier, &opened).unwrap();
            assert_eq!(head, frame.head());
        }
        assert_eq!(head, expected);
        assert_eq!(head.root, frontier.root());
    }

    #[test]
    fn what_is_sealed_is_followed() {
        let (mut sealer, start, first) = journal();
        assert_eq!((start.count, start.root), (0, tree::EMPTY_ROOT));
        assert_eq!((first.first_seq, first.count, first.previous), (0, 3, start.hash));
        let facts: Result<Vec<_>, _> = first.facts().collect();
        assert_eq!(facts, Ok(vec![(0, &b"one"[..]), (1, &b"two"[..]), (2, &b"three"[..])]));
        let mut facts = buffer(&[]);
        (0..300).for_each(|n: u32| facts.push_with(|out| out.resize(out.len() + n as usize, 7)));
        let many = sealer.seal(4, Instant(2_000), &facts);
        assert_eq!(many.leaves.len(), 300);
        assert_eq!(sealer.completed().len(), 1);
        check_followed(&[&start, &first, &many], sealer.head());
        let mut again = Sealer::new(first.head(), {
            let mut frontier = Frontier::new();
            let facts = ["one", "two", "three"];
            facts.iter().for_each(|fact| frontier.push(tree::leaf_hash(fact.as_bytes())));
            frontier
        });
        assert_eq!(again.seal(4, Instant(2_000), &facts), many);
    }

    #[test]
    fn golden_frames() {
        let (_, start, first) = journal();
        crate::golden::check("frame-1.hex", crate::golden::hex_lines(&start.bytes).as_bytes());
        crate::golden::check("frame-2.hex", crate::golden::hex_lines(&first.bytes).as_bytes());
    }

    #[test]
    fn every_flipped_bit_is_found() {
        let (_, start, first) = journal();
        for (frame, before) in [(&start, Head::empty()), (&first, start.head())] {
            for at in 0..frame.bytes.len() {
                for bit in 0..8 {
                    let mut bytes = frame.bytes.clone();
                    bytes[at] ^= 1 << bit;
                    let mut frontier = Frontier::new();
                    let found =
                        Frame::open(bytes).and_then(|frame| follow(&before, &mut frontier, &frame));
                    assert!(found.is_err(), "byte {at}, bit {bit} of frame {}", frame.number);
                }
            }
        }
    }

    #[test]
    fn every_cut_is_found() {
        let (_, _, first) = journal();
        for cut in 0..first.bytes.len() {
            assert!(Frame::open(first.bytes[..cut].to_vec()).is_err(), "{cut} bytes");
        }
        let mut longer = first.bytes;
        longer.push(0);
        assert_eq!(
            Frame::open(longer).unwrap_err().to_string(),
            "frame 2: its header states 155 bytes, there are 156"
        );
    }

    /// Changes the second frame before its trailer, seals it anew, and tells what is found.
    fn check_resealed(change: impl FnOnce(&mut Vec<u8>), found: &str) {
        let (_, start, first) = journal();
        let mut bytes = first.bytes;
        bytes.truncate(bytes.len() - TRAILER_BYTES);
        change(&mut bytes);
        let mut hasher = Sha256::new();
        hasher.update(bytes.get(..HEADER_BYTES).unwrap_or(&bytes));
        for fact in ["one", "two", "three"] {
            hasher.update(tree::leaf_hash(fact.as_bytes()).0);
        }
        bytes.extend_from_slice(&hasher.finalize());
        let mut frontier = Frontier::new();
        let followed =
            Frame::open(bytes).and_then(|frame| follow(&start.head(), &mut frontier, &frame));
        assert_eq!(followed.unwrap_err().to_string(), found);
        assert_eq!(frontier, Frontier::new(), "the frontier moved");
    }

    #[test]
    fn a_forger_who_hashes_anew_is_found() {
        check_resealed(|b| b[0] = b'C', "the bytes do not start as a frame does");
        check_resealed(|b| b[4] = 2, "a frame of layout version 2; this program reads 1");
        check_resealed(|b| b[12] = 0, "frame 0: frames start at 1");
        check_resealed(|b| b[12] = 3, "frame 3: frame 2 was expected here");
        check_resealed(|b| b[20] = 0, "frame 2: term 0 after term 1");
        check_resealed(|b| b[28] = 1, "frame 2: its first seq is 1, 0 was expected");
        check_resealed(
            |b| b[21..29].fill(255),
            "frame 2: first seq 18446744073709551615 is out of range",
        );
        check_resealed(|b| b[32] = 4, "frame 2: fact 3 of its body: the bytes end too early");
        check_resealed(|b| b[32] = 2, "frame 2: fact 2 of its body: bytes are left over");
        check_resealed(|b| b[109] = 0x83, "frame 2: fact 0 of its body: the bytes end too early");
        check_resealed(
            |b| b[39] = 0,
            "frame 2: instant 1970-01-01T00:00:00.000000208Z is before \
             1970-01-01T00:00:00.000001Z",
        );
        let (_, start, first) = journal();
        let zero = Hash::ZERO;
        check_resealed(
            |b| b[41..73].fill(0),
            &format!("frame 2: it follows a frame with hash {zero}, not {}", start.hash),
        );
        check_resealed(
            |b| b[73..105].fill(0),
            &format!("frame 2: it states root {zero}, its facts give {}", first.root),
        );
        check_resealed(|b| b.truncate(70), "a frame has at least 141 bytes, this one has 102");
    }

    #[test]
    fn a_lost_or_doubled_frame_is_found() {
        let (_, start, first) = journal();
        let mut frontier = Frontier::new();
        let lost = follow(&Head::empty(), &mut frontier, &first);
        assert_eq!(lost, Err(FrameError::Number { expected: 1, found: 2 }));
        let doubled = follow(&start.head(), &mut frontier, &start);
        assert_eq!(doubled, Err(FrameError::Number { expected: 2, found: 1 }));
        let apart = follow(&first.head(), &mut frontier, &first);
        assert_eq!(apart, Err(FrameError::Frontier { frame: 2, head: 3, frontier: 0 }));
    }

    #[test]
    #[should_panic(expected = "term 0 after 1")]
    fn terms_do_not_go_back() {
        let (mut sealer, ..) = journal();
        sealer.seal(0, Instant(3_000), &FactBuffer::new());
    }

    #[test]
    #[should_panic(expected = "another position")]
    fn a_sealer_needs_its_own_frontier() {
        let (_, _, first) = journal();
        Sealer::new(first.head(), Frontier::new());
    }

    #[test]
    fn buffers_are_used_again() {
        let mut facts = buffer(&["one", "", "three"]);
        assert_eq!((facts.len(), facts.bytes_len(), facts.is_empty()), (3, 8, false));
        assert_eq!(facts.iter().collect::<Vec<_>>(), [&b"one"[..], b"", b"three"]);
        facts.clear();
        assert_eq!((facts.len(), facts.bytes_len(), facts.is_empty()), (0, 0, true));
    }
}
