//! The tiles against the leaves that the journal gives.
//!
//! Every hash of every row is compared, in step with the frames, so that the first tile that is
//! wrong is named. Tiles are beside the journal: what is wrong with them is told, and the journal
//! is verified all the same.

use std::path::Path;

use journal::proof::Hashes as _;
use journal::tree::{Subtree, TILE_LEAVES, TILE_LEVELS};
use store::tiles::tile_name;
use store::{Fault, Tiles};
use terms::Hash;

use super::report::Bad;
use crate::tiles::KEY_ANNOUNCED;

/// Tiles that are compared.
pub struct TileCheck {
    tiles: Tiles,
    /// The last entry so far that announces a key.
    announced: Option<u64>,
    bad: Option<Bad>,
}

impl TileCheck {
    /// Those of a store, if it has any.
    pub fn of(directory: &Path) -> Result<Option<TileCheck>, Fault> {
        if !directory.exists() {
            return Ok(None);
        }
        let tiles = Tiles::open(directory)?;
        let (stated, found) = (tiles.stated()?, tiles.cursor().leaves);
        if found < stated {
            let what = format!(
                "files of the tiles are missing or cut: they reach entry {found} and should reach \
                 {stated}; `bej key show` makes them again"
            );
            return Err(Fault::damaged(directory.display().to_string(), None, what));
        }
        Ok(Some(TileCheck { tiles, announced: None, bad: None }))
    }

    /// Takes the facts of a frame, their leaf hashes, and the tile roots that they complete.
    pub fn frame<'a>(
        &mut self,
        first: u64,
        facts: impl Iterator<Item = &'a [u8]>,
        leaves: &[Hash],
        complete: &[(Subtree, Hash)],
    ) {
        let known = self.tiles.cursor().leaves;
        if self.bad.is_some() || known <= first {
            return;
        }
        for (seq, fact) in (first..known).zip(facts) {
            if fact.first() == Some(&KEY_ANNOUNCED) {
                self.announced = Some(seq);
            }
        }
        // Below the cursor: the rest is not there yet.
        let count = leaves.len().min(usize::try_from(known - first).unwrap_or(usize::MAX));
        let mut below = complete.iter().filter(|(at, _)| (at.index + 1) << at.level <= known);
        self.bad = self
            .run(0, first, &leaves[..count])
            .or_else(|| below.find_map(|(at, hash)| self.run(at.level, at.index, &[*hash])));
    }

    fn run(&self, level: u32, first: u64, hashes: &[Hash]) -> Option<Bad> {
        let row = level / TILE_LEVELS;
        let part = Some(self.tiles.path(row).display().to_string());
        let found = match self.tiles.row(row, first, hashes.len() as u32) {
            Ok(found) => found,
            Err(fault) => return Some(Bad { part, ..Bad::of_fault(&fault) }),
        };
        let wrong = found.iter().zip(hashes).position(|(found, hash)| found != hash)?;
        let at = first + wrong as u64;
        let tile = tile_name(row, at / TILE_LEAVES as u64);
        let what = format!(
            "{tile}: hash {} is not the one that the journal gives; remove the directory of the \
             tiles, they are made again",
            at % TILE_LEAVES as u64
        );
        Some(Bad { part, seq: Some(at << level), what, ..Bad::default() })
    }

    /// What was compared, or what is wrong, when the journal has so many entries.
    pub fn end(self, entries: u64) -> Result<String, Bad> {
        let cursor = self.tiles.cursor();
        if let Some(bad) = self.bad {
            return Err(bad);
        }
        let part = self.tiles.path(0).parent().map(|path| path.display().to_string());
        if entries < cursor.leaves {
            let what = format!(
                "there are tiles of {} entries, and the journal ends before them with {entries} \
                 entries",
                cursor.leaves
            );
            return Err(Bad { part, seq: Some(cursor.leaves), what, ..Bad::default() });
        }
        if self.announced != cursor.mark {
            let what = "their cursor names another entry as the last that announces a key; remove \
                        the directory, the tiles are made again";
            return Err(Bad { part, seq: cursor.mark, what: what.into(), ..Bad::default() });
        }
        Ok(format!("tiles of {} entries: the same hashes", cursor.leaves))
    }
}
