//! The byte form of a snapshot, the same in files and in memory.
//!
//! ```text
//! magic "BEJS", version 1, seq u64            integers big-endian
//! piece: length u32 (1…2^20), checksum, bytes
//! …
//! end:   length 0, checksum
//! ```
//!
//! A checksum is SHA-256 over seq, the piece's index from 0 (u64), its length and its bytes. So a
//! piece of another snapshot, two pieces in the wrong order, a missing piece and a missing end are
//! all found.

use std::fmt;
use std::io::{Read, Write};

use sha2::{Digest as _, Sha256};

use crate::Fault;
use crate::limits::PIECE_BYTES_MAX;

const START: [u8; 5] = *b"BEJS\x01";

/// Writes the start of a snapshot.
pub(crate) fn put_start(out: &mut dyn Write, seq: u64) -> std::io::Result<()> {
    out.write_all(&START)?;
    out.write_all(&seq.to_be_bytes())
}

/// Writes a piece; the empty one is the end.
pub(crate) fn put_piece(
    out: &mut dyn Write,
    seq: u64,
    index: u64,
    bytes: &[u8],
) -> std::io::Result<()> {
    // Cannot fail: callers refuse pieces above 1 MiB.
    let length = u32::try_from(bytes.len()).expect("a piece of at most 1 MiB");
    out.write_all(&length.to_be_bytes())?;
    out.write_all(&checksum(seq, index, bytes))?;
    out.write_all(bytes)
}

/// Refuses pieces that the form does not allow.
pub(crate) fn check_size(bytes: &[u8]) -> Result<(), Fault> {
    if bytes.is_empty() || PIECE_BYTES_MAX < bytes.len() {
        let length = bytes.len();
        return Err(Fault::refused(format!(
            "a piece of a snapshot has 1 to {PIECE_BYTES_MAX} bytes, this one {length}"
        )));
    }
    Ok(())
}

fn checksum(seq: u64, index: u64, bytes: &[u8]) -> [u8; 32] {
    Sha256::new()
        .chain_update(seq.to_be_bytes())
        .chain_update(index.to_be_bytes())
        .chain_update((bytes.len() as u64).to_be_bytes())
        .chain_update(bytes)
        .finalize()
        .into()
}

/// Makes the bytes of a snapshot, for a store that keeps them elsewhere than in a file.
#[derive(Debug)]
pub struct SnapshotBytes {
    seq: u64,
    pieces: u64,
}

impl SnapshotBytes {
    /// Begins the snapshot of a position; gives its first bytes.
    pub fn begin(seq: u64) -> Result<(SnapshotBytes, Vec<u8>), Fault> {
        let mut out = Vec::new();
        put_start(&mut out, seq).map_err(|error| Fault::failed("make a snapshot", error))?;
        Ok((SnapshotBytes { seq, pieces: 0 }, out))
    }

    /// The bytes of the next piece, which has 1 byte to 1 MiB.
    pub fn piece(&mut self, bytes: &[u8]) -> Result<Vec<u8>, Fault> {
        check_size(bytes)?;
        self.put(bytes)
    }

    /// The last bytes.
    pub fn end(mut self) -> Result<Vec<u8>, Fault> {
        self.put(&[])
    }

    fn put(&mut self, bytes: &[u8]) -> Result<Vec<u8>, Fault> {
        let mut out = Vec::with_capacity(bytes.len() + 36);
        put_piece(&mut out, self.seq, self.pieces, bytes)
            .map_err(|error| Fault::failed("make a snapshot", error))?;
        self.pieces += 1;
        Ok(out)
    }
}

/// Reads the pieces of a snapshot in order and checks each.
pub struct SnapshotReader {
    input: Box<dyn Read + Send>,
    place: String,
    seq: u64,
    index: u64,
    ended: bool,
}

impl SnapshotReader {
    /// Reads the start. `place` names the snapshot in faults.
    pub fn open(mut input: Box<dyn Read + Send>, place: String) -> Result<Self, Fault> {
        let (mut start, mut seq) = ([0; START.len()], [0; 8]);
        read(&mut input, &mut start, &place)?;
        if start != START {
            return Err(Fault::damaged(place, None, "it does not start as a snapshot does"));
        }
        read(&mut input, &mut seq, &place)?;
        Ok(SnapshotReader { input, place, seq: u64::from_be_bytes(seq), index: 0, ended: false })
    }

    /// The seq of the first fact that is not in the snapshot.
    pub fn seq(&self) -> u64 {
        self.seq
    }

    /// The next piece; none after the last, when nothing follows it.
    pub fn piece(&mut self) -> Result<Option<Vec<u8>>, Fault> {
        if self.ended {
            return Ok(None);
        }
        let (mut length, mut sum) = ([0; 4], [0; 32]);
        read(&mut self.input, &mut length, &self.place)?;
        read(&mut self.input, &mut sum, &self.place)?;
        let length = u32::from_be_bytes(length) as usize;
        if PIECE_BYTES_MAX < length {
            return Err(self.damaged(format!("piece {} states {length} bytes", self.index)));
        }
        let mut bytes = vec![0; length];
        read(&mut self.input, &mut bytes, &self.place)?;
        if checksum(self.seq, self.index, &bytes) != sum {
            return Err(self.damaged(format!("piece {} has another checksum", self.index)));
        }
        self.index += 1;
        if !bytes.is_empty() {
            return Ok(Some(bytes));
        }
        self.ended = true;
        match self.input.read(&mut [0]) {
            Ok(0) => Ok(None),
            Ok(_) => Err(self.damaged("bytes follow its end".into())),
            Err(error) => Err(Fault::failed(format!("read {}", self.place), error)),
        }
    }

    /// Reads all pieces that are left and forgets them.
    pub fn check(mut self) -> Result<(), Fault> {
        while self.piece()?.is_some() {}
        Ok(())
    }

    fn damaged(&self, what: String) -> Fault {
        Fault::damaged(self.place.clone(), None, what)
    }
}

impl fmt::Debug for SnapshotReader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let SnapshotReader { place, seq, index, .. } = self;
        write!(f, "SnapshotReader({place}, seq {seq}, at piece {index})")
    }
}

fn read(input: &mut dyn Read, bytes: &mut [u8], place: &str) -> Result<(), Fault> {
    input.read_exact(bytes).map_err(|error| match error.kind() {
        std::io::ErrorKind::UnexpectedEof => Fault::damaged(place, None, "it ends too early"),
        _ => Fault::failed(format!("read {place}"), error),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn snapshot(seq: u64, pieces: &[&[u8]]) -> Vec<u8> {
        let mut out = Vec::new();
        put_start(&mut out, seq).unwrap();
        for (index, bytes) in pieces.iter().chain([&[].as_slice()]).enumerate() {
            put_piece(&mut out, seq, index as u64, bytes).unwrap();
        }
        out
    }

    fn check(bytes: Vec<u8>) -> Result<(), Fault> {
        SnapshotReader::open(Box::new(std::io::Cursor::new(bytes)), "it".into())?.check()
    }

    #[test]
    fn every_flip_cut_and_addition_is_found() {
        let whole = snapshot(9, &[b"one", b"two"]);
        check(whole.clone()).unwrap();
        for at in 0..whole.len() {
            let mut flipped = whole.clone();
            flipped[at] ^= 1;
            assert!(check(flipped).unwrap_err().is_damage(), "byte {at} flipped");
            assert!(check(whole[..at].to_vec()).unwrap_err().is_damage(), "cut at {at}");
        }
        assert!(check([whole, vec![0]].concat()).unwrap_err().is_damage());
    }

    #[test]
    fn pieces_belong_to_their_place() {
        let ordered = snapshot(9, &[b"one", b"two"]);
        let swapped = snapshot(9, &[b"two", b"one"]);
        let start = START.len() + 8;
        let piece = 4 + 32 + 3;
        let mut mixed = ordered[..start].to_vec();
        mixed.extend_from_slice(&ordered[start + piece..start + 2 * piece]);
        mixed.extend_from_slice(&ordered[start..start + piece]);
        mixed.extend_from_slice(&swapped[start + 2 * piece..]);
        assert!(check(mixed).unwrap_err().is_damage());
    }
}
