//! The store on PostgreSQL: the conformance suite, lost connections, refusals, rights.

#![expect(clippy::unwrap_used, reason = "what cannot be unwrapped here is a failed test")]

mod losses;
mod meetings;
mod model;
mod proxy;
mod recovery;
mod rules;
mod standby;
mod tls;
mod vault;
mod views;

use std::time::Duration;

use cluster::Database;
use store::suite::lease::{self, LeaseBed};
use store::suite::{Bed, run_all};
use store::{
    ColdStore, Fault, Frame, JournalReader, JournalStore, LeaseStore, MarkStore, SnapshotStore,
};
use store_postgres::{Address, Options, Postgres};

/// As in production, but not as patient.
const OPTIONS: Options = Options { create: true, patience: Duration::from_secs(5) };

/// A database and a directory of a node.
struct OnServer {
    database: Database,
    directory: tempfile::TempDir,
    store: Postgres,
}

impl OnServer {
    fn fresh() -> Option<OnServer> {
        Some(OnServer::on(Database::fresh()?))
    }

    fn on(database: Database) -> OnServer {
        let directory = tempfile::tempdir().expect("a directory");
        let address = address(&database, directory.path());
        let store = Postgres::open(&address, OPTIONS).expect("a new store");
        OnServer { database, directory, store }
    }
}

/// The address of a database, for a node with this directory.
fn address(database: &Database, directory: &std::path::Path) -> Address {
    let text = format!("{}?dir={}", database.url(), directory.display());
    text.parse().expect("an address")
}

/// Reads the whole journal.
fn read_all(reader: &mut dyn JournalReader) -> Result<Vec<Frame>, Fault> {
    let mut all: Vec<Frame> = Vec::new();
    loop {
        let more = reader.frames(all.len() as u64, 1_000)?;
        if more.is_empty() {
            return Ok(all);
        }
        all.extend(more);
    }
}

impl Bed for OnServer {
    fn journal(&self) -> Result<Box<dyn JournalStore>, Fault> {
        Ok(Box::new(self.store.journal()?))
    }
    fn snapshots(&self) -> Result<Box<dyn SnapshotStore>, Fault> {
        Ok(Box::new(self.store.snapshots()))
    }
    fn cold(&self) -> Result<Box<dyn ColdStore>, Fault> {
        Ok(Box::new(self.store.cold()?))
    }
    fn marks(&self) -> Result<Box<dyn MarkStore>, Fault> {
        Ok(Box::new(self.store.marks()))
    }
    fn damage_latest_snapshot(&self) {
        self.database.sql(
            "UPDATE bej.snapshots SET bytes = set_byte(bytes, 36, get_byte(bytes, 36) # 16)
             WHERE part = 1 AND seq = (SELECT max(seq) FROM bej.snapshots)",
        );
    }
}

#[test]
fn the_store_on_postgresql_conforms() {
    let Some(first) = Database::fresh() else { return };
    run_all(&|| Box::new(OnServer::on(first.another())));
}

impl LeaseBed for OnServer {
    fn lease(&self) -> Result<Box<dyn LeaseStore>, Fault> {
        Ok(Box::new(self.store.lease()))
    }
    fn pass_ms(&self, ms: u64) {
        // As if the server's clock were so much later; no clock of a node moves.
        self.database.sql(&format!("UPDATE bej.lease SET until = until - interval '{ms} ms'"));
    }
}

// R0-18.2, R0-20.3d: who decides, and who may try when nobody does.
#[test]
fn the_lease_on_postgresql_conforms() {
    let Some(first) = Database::fresh() else { return };
    lease::run_all(&|| Box::new(OnServer::on(first.another())));
}
