//! The embedded store: the conformance suite, damage, parts, the log, a full disk.

mod damage;
mod full;
mod log;
mod opening;
mod parts;
mod vault;
mod views;

use std::path::{Path, PathBuf};

use store::suite::{Bed, Chain, run_all};
use store::{
    Appended, ColdStore, Fault, Frame, JournalReader, JournalStore, MarkStore, SnapshotStore,
};
use store_sqlite::{Journal, Options, PART_LIMIT_BYTES, Sqlite, Synchronous};
use tempfile::TempDir;

/// As in production.
const STANDARD: Options =
    Options { synchronous: Synchronous::Full, part_limit_bytes: PART_LIMIT_BYTES, create: true };

/// Each part holds a few frames at most.
const SMALL_PARTS: Options = Options { part_limit_bytes: 128 << 10, ..STANDARD };

struct OnDisk {
    directory: TempDir,
    sqlite: Sqlite,
}

impl OnDisk {
    fn new(options: Options) -> OnDisk {
        let directory = tempfile::tempdir().expect("a directory");
        let sqlite = Sqlite::open(directory.path().join("bej.db"), options).expect("a new store");
        OnDisk { directory, sqlite }
    }

    fn path(&self) -> PathBuf {
        self.directory.path().join("bej.db")
    }
}

impl Bed for OnDisk {
    fn journal(&self) -> Result<Box<dyn JournalStore>, Fault> {
        Ok(Box::new(self.sqlite.journal()?))
    }
    fn snapshots(&self) -> Result<Box<dyn SnapshotStore>, Fault> {
        Ok(Box::new(self.sqlite.snapshots()))
    }
    fn cold(&self) -> Result<Box<dyn ColdStore>, Fault> {
        Ok(Box::new(self.sqlite.cold()?))
    }
    fn marks(&self) -> Result<Box<dyn MarkStore>, Fault> {
        Ok(Box::new(self.sqlite.marks()))
    }
    fn damage_latest_snapshot(&self) {
        let snapshots = self.sqlite.layout().home().snapshots();
        let entries = std::fs::read_dir(snapshots).expect("the snapshots");
        let newest = entries.map(|entry| entry.expect("an entry").path()).max().expect("one");
        let middle = std::fs::metadata(&newest).expect("its size").len() as usize / 2;
        flip(&newest, middle);
    }
}

/// Changes one bit of a file.
fn flip(path: &Path, at: usize) {
    let mut bytes = std::fs::read(path).expect("the file");
    bytes[at] ^= 0x10;
    std::fs::write(path, bytes).expect("the changed file");
}

/// Appends frames of `count` facts of `length` bytes; upkeep after each.
fn fill(journal: &mut Journal, chain: &mut Chain, frames: u64, length: usize) -> Vec<Frame> {
    let seal = |_| {
        let expected = chain.head();
        let frame = chain.fill(2, length);
        let appended = journal.append(&expected, &frame);
        assert!(matches!(appended, Appended::Appended(_)), "{appended:?}");
        journal.upkeep().expect("upkeep");
        frame
    };
    (0..frames).map(seal).collect()
}

/// Reads the whole journal.
fn read_all(reader: &mut dyn JournalReader) -> Result<Vec<Frame>, Fault> {
    let mut all: Vec<Frame> = Vec::new();
    loop {
        let more = reader.frames(all.len() as u64, 100)?;
        if more.is_empty() {
            return Ok(all);
        }
        all.extend(more);
    }
}

#[test]
fn the_embedded_store_conforms() {
    run_all(&|| Box::new(OnDisk::new(STANDARD)));
}

#[test]
fn the_embedded_store_conforms_in_small_parts() {
    run_all(&|| Box::new(OnDisk::new(SMALL_PARTS)));
}
