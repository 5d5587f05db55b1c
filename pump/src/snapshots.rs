//! Snapshots: the form of what stands around the state in one, writing and reading (core 17).
//!
//! ```text
//! first piece   version 1, the head of the journal, the tree's peaks
//! pieces        the state's canonical bytes
//! last piece    their SHA-256: the state hash
//! ```
//!
//! The store checks each piece; the state hash is checked here. A snapshot that this binary cannot
//! read is as good as none: the journal says it all.

use desk::State;
use desk::ids::Recent;
use journal::frame::Head;
use journal::tree::Frontier;
use sha2::{Digest as _, Sha256};
use store::{SnapshotReader, SnapshotStore, SnapshotWriter};
use terms::codec::{Broken, Field, Reader, put_leb};
use terms::{Hash, Instant};

const VERSION: u64 = 1;

/// Writes the state at the end of a frame; it counts only when the writer has finished.
pub(crate) fn write(
    snapshots: &mut dyn SnapshotStore,
    state: &State,
    head: &Head,
    frontier: &Frontier,
) -> Result<Box<dyn SnapshotWriter>, store::Fault> {
    assert_eq!(state.next.0, head.next_seq, "a snapshot is taken at the end of a frame");
    let mut writer = snapshots.begin(head.next_seq)?;
    writer.piece(&opening(head, frontier))?;
    let mut hasher = Sha256::new();
    state.write_pieces(|piece| {
        hasher.update(piece);
        writer.piece(piece)
    })?;
    writer.piece(&hasher.finalize())?;
    Ok(writer)
}

fn opening(head: &Head, frontier: &Frontier) -> Vec<u8> {
    let mut out = Vec::with_capacity(4_096);
    put_leb(&mut out, VERSION);
    head.frame.put(&mut out);
    head.term.put(&mut out);
    head.next_seq.put(&mut out);
    head.hash.put(&mut out);
    head.root.put(&mut out);
    head.at.put(&mut out);
    frontier.put(&mut out);
    out
}

/// What a snapshot holds.
pub(crate) struct Loaded {
    pub state: State,
    pub head: Head,
    pub frontier: Frontier,
}

/// Why a snapshot cannot be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Unusable {
    #[error(transparent)]
    Store(#[from] store::Fault),
    #[error("another version, or not a snapshot of the state")]
    Form(#[from] Broken),
    #[error("{0}")]
    Wrong(&'static str),
}

/// Reads a snapshot.
pub(crate) fn read(mut pieces: SnapshotReader, key: u64) -> Result<Loaded, Unusable> {
    let first = pieces.piece()?.unwrap_or_default();
    let (head, frontier) = read_opening(&first)?;
    let mut bytes = Vec::new();
    while let Some(piece) = pieces.piece()? {
        bytes.extend_from_slice(&piece);
    }
    let end = bytes.len().checked_sub(32).ok_or(Unusable::Wrong("it is too short"))?;
    let (content, hash) = bytes.split_at(end);
    if Sha256::digest(content).as_slice() != hash {
        return Err(Unusable::Wrong("the state hash is another"));
    }
    let state = State::read(content, key, Recent::none())?;
    if state.next.0 != head.next_seq
        || frontier.size() != head.next_seq
        || frontier.root() != head.root
    {
        return Err(Unusable::Wrong("state, tree and head are of different positions"));
    }
    Ok(Loaded { state, head, frontier })
}

fn read_opening(bytes: &[u8]) -> Result<(Head, Frontier), Broken> {
    let mut from = Reader::new(bytes);
    let from = &mut from;
    if from.leb()? != VERSION {
        return Err(Broken::Unknown);
    }
    let head = Head {
        frame: u64::read(from)?,
        term: u64::read(from)?,
        next_seq: u64::read(from)?,
        hash: Hash::read(from)?,
        root: Hash::read(from)?,
        at: Instant::read(from)?,
    };
    let frontier = Frontier::read(from)?;
    from.end()?;
    Ok((head, frontier))
}
