//! Vault and edge on PostgreSQL: the conformance suites, and a destruction beside a rotation.

use store::suite::edge::{self, EdgeBed};
use store::suite::vault::{self, VaultBed};
use store::{EdgeStore, Fault, VaultStore};

use cluster::Database;

use crate::OnServer;

impl VaultBed for OnServer {
    fn vault(&self) -> Result<Box<dyn VaultStore>, Fault> {
        Ok(Box::new(self.store.vault()?))
    }
}

impl EdgeBed for OnServer {
    fn edge(&self) -> Result<Box<dyn EdgeStore>, Fault> {
        Ok(Box::new(self.store.edge()?))
    }
}

#[test]
fn the_vault_on_postgresql_conforms() {
    let Some(first) = Database::fresh() else { return };
    vault::run_all(&|| Box::new(OnServer::on(first.another())));
}

#[test]
fn the_edge_on_postgresql_conforms() {
    let Some(first) = Database::fresh() else { return };
    edge::run_all(&|| Box::new(OnServer::on(first.another())));
}

/// Many who open them at once make each schema once.
#[test]
fn many_may_make_the_schemas_at_once() {
    let Some(bed) = OnServer::fresh() else { return };
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                bed.vault().unwrap().upkeep().unwrap();
                bed.edge().unwrap().upkeep().unwrap();
            });
        }
    });
    bed.database.sql("UPDATE vault.schema_version SET version = 99");
    let fault = bed.vault().err().unwrap();
    assert!(matches!(fault, Fault::Newer { found: 99, .. }), "{fault}");
}
