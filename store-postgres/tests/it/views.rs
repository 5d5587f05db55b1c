//! The views on PostgreSQL against the conformance suite, and what is the engine's own.

use cluster::Database;
use store::suite::views::{ViewBed, run_all};
use store::{Fault, ViewStore};

use crate::OnServer;

impl ViewBed for OnServer {
    fn views(&self) -> Result<Box<dyn ViewStore>, Fault> {
        Ok(Box::new(self.store.views()?))
    }

    fn views_with_hits_of(&self, hits_max: usize) -> Result<Box<dyn ViewStore>, Fault> {
        Ok(Box::new(self.store.views()?.with_hits_of(hits_max)))
    }
}

#[test]
fn the_views_on_postgresql_conform() {
    let Some(first) = Database::fresh() else { return };
    run_all(&|| Box::new(OnServer::on(first.another())));
}
