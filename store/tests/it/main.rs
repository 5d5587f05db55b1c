//! The store in memory and the file forms against the conformance suite; failures on purpose.

mod cold;
mod files;
mod views;

use std::path::PathBuf;

use store::limits::COLD_RUN_ROWS;
use store::suite::lease::{self, LeaseBed};
use store::suite::{Bed, Chain, edge, run_all, vault};
use store::{
    Appended, ColdFiles, ColdStore, Failure, Fault, JournalStore, LeaseStore, MarkFiles, MarkStore,
    Memory, MemoryEdge, MemoryVault, SnapshotFiles, SnapshotStore,
};

struct InMemory(Memory);

impl Bed for InMemory {
    fn journal(&self) -> Result<Box<dyn JournalStore>, Fault> {
        Ok(Box::new(self.0.journal()))
    }
    fn snapshots(&self) -> Result<Box<dyn SnapshotStore>, Fault> {
        Ok(Box::new(self.0.snapshots()))
    }
    fn cold(&self) -> Result<Box<dyn ColdStore>, Fault> {
        Ok(Box::new(self.0.cold()))
    }
    fn marks(&self) -> Result<Box<dyn MarkStore>, Fault> {
        Ok(Box::new(self.0.marks()))
    }
    fn damage_latest_snapshot(&self) {
        self.0.damage_latest_snapshot();
    }
}

impl LeaseBed for InMemory {
    fn lease(&self) -> Result<Box<dyn LeaseStore>, Fault> {
        Ok(Box::new(self.0.lease()))
    }
    fn pass_ms(&self, ms: u64) {
        self.0.pass_ms(ms);
    }
}

#[test]
fn the_lease_in_memory_conforms() {
    lease::run_all(&|| Box::new(InMemory(Memory::new())));
}

#[test]
fn the_vault_in_memory_conforms() {
    vault::run_all(&|| Box::new(MemoryVault::new()));
}

#[test]
fn the_edge_in_memory_conforms() {
    edge::run_all(&|| Box::new(MemoryEdge::new()));
}

#[test]
fn the_store_in_memory_conforms() {
    run_all(&|| Box::new(InMemory(Memory::new())));
}

/// The journal in memory, the rest as files.
struct InFiles {
    journal: Memory,
    directory: tempfile::TempDir,
    cold: ColdFiles,
}

impl InFiles {
    fn new(run_rows: usize) -> InFiles {
        let directory = tempfile::tempdir().expect("a directory");
        let cold = ColdFiles::open(directory.path().join("cold"), run_rows).expect("an index");
        InFiles { journal: Memory::new(), directory, cold }
    }
}

impl Bed for InFiles {
    fn journal(&self) -> Result<Box<dyn JournalStore>, Fault> {
        Ok(Box::new(self.journal.journal()))
    }
    fn snapshots(&self) -> Result<Box<dyn SnapshotStore>, Fault> {
        Ok(Box::new(SnapshotFiles::new(self.directory.path().join("snapshots"))))
    }
    fn marks(&self) -> Result<Box<dyn MarkStore>, Fault> {
        Ok(Box::new(MarkFiles::new(self.directory.path().join("marks"))))
    }
    fn cold(&self) -> Result<Box<dyn ColdStore>, Fault> {
        Ok(Box::new(self.cold.clone()))
    }
    fn damage_latest_snapshot(&self) {
        let newest = files(&self.directory).pop().expect("a snapshot");
        let mut bytes = std::fs::read(&newest).expect("its bytes");
        let middle = bytes.len() / 2;
        bytes[middle] ^= 0x10;
        std::fs::write(&newest, bytes).expect("the changed file");
    }
}

#[test]
fn the_forms_of_files_conform() {
    // Runs that are never merged, some of them, and all of them.
    for run_rows in [1, 100, COLD_RUN_ROWS] {
        run_all(&|| Box::new(InFiles::new(run_rows)));
    }
}

#[test]
fn appends_fail_on_purpose() {
    let check = |failure, sync: Option<bool>, written: bool| {
        let memory = Memory::new();
        let mut journal = memory.journal();
        let mut chain = Chain::new();
        let base = chain.head();
        let frame = chain.fill(2, 10);
        memory.fail_next(failure);
        match (journal.append(&base, &frame), sync) {
            (Appended::NotWritten(_), None) => {}
            (Appended::Unknown(fault), Some(sync)) => assert_eq!(fault.is_failed_sync(), sync),
            (other, _) => panic!("{failure:?} gave {other:?}"),
        }
        let head = if written { chain.head() } else { base };
        assert_eq!(journal.head().unwrap(), head, "{failure:?}");
        if !written {
            assert!(matches!(journal.append(&base, &frame), Appended::Appended(_)));
        }
    };
    check(Failure::NotWritten, None, false);
    check(Failure::UnknownNotWritten, Some(false), false);
    check(Failure::UnknownWritten, Some(false), true);
    check(Failure::SyncFailed, Some(true), true);
}

fn files(directory: &tempfile::TempDir) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(directory.path().join("snapshots")).expect("the snapshots");
    let mut found: Vec<_> = entries.map(|entry| entry.expect("an entry").path()).collect();
    found.sort();
    found
}

#[test]
fn two_snapshot_files_are_kept_and_nothing_else() {
    let directory = tempfile::tempdir().unwrap();
    let mut snapshots = SnapshotFiles::new(directory.path().join("snapshots"));
    for seq in 1..5 {
        let mut writer = snapshots.begin(seq).unwrap();
        writer.piece(b"piece").unwrap();
        // A writer that stopped without a chance to clean up.
        std::fs::write(directory.path().join("snapshots/00000000000000000077.partial"), "x")
            .unwrap();
        writer.finish().unwrap();
    }
    snapshots.begin(9).unwrap().finish().unwrap();
    let names: Vec<_> =
        files(&directory).iter().map(|path| path.file_name().unwrap().to_owned()).collect();
    assert_eq!(names, ["00000000000000000004.snapshot", "00000000000000000009.snapshot"]);
}

#[test]
fn a_renamed_snapshot_is_damage() {
    let directory = tempfile::tempdir().unwrap();
    let mut snapshots = SnapshotFiles::new(directory.path().join("snapshots"));
    snapshots.begin(4).unwrap().finish().unwrap();
    let path = files(&directory).remove(0);
    std::fs::rename(&path, path.with_file_name("00000000000000000005.snapshot")).unwrap();
    let latest = snapshots.latest().unwrap();
    assert!(latest.reader.is_none());
    assert_eq!(latest.damaged.len(), 1);
}
