//! The tiles of a store, brought up to the end of its journal before anything is made of them.
//!
//! What is new in the journal is hashed once, frame by frame, and each frame's root compared with
//! the one that it states; the cursor moves over whole frames only. A proof then reads a few runs
//! of hashes instead of every fact. On the way the last entry that announced a key is noted, so
//! that whoever signs need not look for it.

use std::path::Path;

use anyhow::{bail, ensure};
use journal::tree::leaf_hash;
use store::{Fault, Head, JournalReader, TileCursor, TileWriter, Tiles};

use crate::reading::{self, Go, Reader};

/// The kind of fact that announces a key.
pub const KEY_ANNOUNCED: u8 = 80;

/// Leaves between two savings: what a run that is broken off has to hash again.
const SAVE_LEAVES: u64 = 1 << 20;

/// The tiles of a journal that has this head, which are made where they are missing.
pub fn of(reader: &mut Reader, head: &Head) -> anyhow::Result<Tiles> {
    let directory = reader.home().tiles();
    let mut tiles = Tiles::open(&directory)?;
    if tiles.cursor().leaves < head.next_seq {
        follow(reader, head, &directory)?;
        tiles = Tiles::open(&directory)?;
    }
    ensure!(tiles.root(head.next_seq)? == head.root, foreign(&directory));
    Ok(tiles)
}

fn follow(reader: &mut Reader, head: &Head, directory: &Path) -> anyhow::Result<()> {
    let mut after = 0;
    let mut writer = TileWriter::open(directory, |tiles| {
        let (cursor, frame) = keep(reader, tiles, directory)?;
        after = frame;
        Ok(cursor)
    })?;
    let bar = reading::bar("making tiles", head.next_seq);
    let mut saved = writer.leaves();
    bar.set_position(saved);
    reading::each_frame(reader, after, head.frame, |frame| {
        for fact in frame.facts() {
            let (_, bytes) = fact?;
            writer.push(leaf_hash(bytes))?;
            if bytes.first() == Some(&KEY_ANNOUNCED) {
                writer.mark();
            }
        }
        if frame.root != writer.root() {
            bail!("frame {} states another root; run `bej verify`", frame.number);
        }
        if SAVE_LEAVES <= writer.leaves() - saved {
            writer.save()?;
            saved = writer.leaves();
        }
        bar.set_position(writer.leaves());
        Ok(Go::On)
    })?;
    writer.save()?;
    bar.finish_and_clear();
    Ok(())
}

/// Where to go on: at the end of the last frame whose hashes are all there, and its number.
fn keep(
    reader: &mut dyn JournalReader,
    tiles: &Tiles,
    directory: &Path,
) -> Result<(TileCursor, u64), Fault> {
    let wrong = || foreign(directory);
    let mut cursor = tiles.cursor();
    while let Some(last) = cursor.leaves.checked_sub(1) {
        let frame = reader.frame_of(last)?.ok_or_else(wrong)?;
        if frame.head().next_seq == cursor.leaves {
            let same = tiles.root(cursor.leaves)? == frame.root;
            return if same { Ok((cursor, frame.number)) } else { Err(wrong()) };
        }
        cursor = cursor.cut(frame.first_seq);
    }
    Ok((cursor, 0))
}

fn foreign(directory: &Path) -> Fault {
    let what = "these are not the tiles of this journal; `bej verify` names the first that is \
                wrong. They are derived: remove the directory, and the next command that needs \
                them makes them again";
    Fault::damaged(directory.display().to_string(), None, what)
}
