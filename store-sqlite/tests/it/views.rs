//! The views on SQLite against the conformance suite, and what is SQLite's own.

use store::suite::views::{ViewBed, run_all};
use store::{Fault, ViewStore};
use store_sqlite::{Options, PART_LIMIT_BYTES, Sqlite, Synchronous, Views};
use tempfile::TempDir;

/// Views in a directory, with segments of so many rows.
struct OnDisk(TempDir, u64);

fn sqlite(directory: &TempDir) -> Result<Sqlite, Fault> {
    let (synchronous, part_limit_bytes) = (Synchronous::Full, PART_LIMIT_BYTES);
    let options = Options { synchronous, part_limit_bytes, create: true };
    Sqlite::open(directory.path().join("bej.db"), options)
}

impl ViewBed for OnDisk {
    fn views(&self) -> Result<Box<dyn ViewStore>, Fault> {
        Ok(Box::new(sqlite(&self.0)?.views()?.with_segments_of(self.1)))
    }

    fn views_with_hits_of(&self, hits_max: usize) -> Result<Box<dyn ViewStore>, Fault> {
        let views = sqlite(&self.0)?.views()?.with_segments_of(self.1);
        Ok(Box::new(views.with_hits_of(hits_max)))
    }
}

#[test]
fn the_views_on_sqlite_conform() {
    run_all(&|| Box::new(OnDisk(TempDir::new().unwrap(), 40)));
}

/// With so many segments that most of them become parts of larger ones.
#[test]
fn the_views_conform_when_segments_are_merged() {
    run_all(&|| Box::new(OnDisk(TempDir::new().unwrap(), 5)));
}

#[test]
fn views_can_be_read_beside_a_writer() {
    let directory = TempDir::new().unwrap();
    let store = sqlite(&directory).unwrap();
    let views = store.layout().home().views();
    assert!(matches!(Views::read(&views), Err(Fault::Absent { .. })));
    let _writer = store.views().unwrap();
    let mut reader = Views::read(&views).unwrap();
    assert_eq!(reader.cursor().unwrap().0, 0);
}
