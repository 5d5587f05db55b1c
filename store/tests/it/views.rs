//! The views in memory against the conformance suite.

use store::suite::views::{ViewBed, run_all};
use store::{Fault, MemoryViews, ViewStore};

struct InMemory(MemoryViews);

impl ViewBed for InMemory {
    fn views(&self) -> Result<Box<dyn ViewStore>, Fault> {
        Ok(Box::new(self.0.clone()))
    }

    fn views_with_hits_of(&self, hits_max: usize) -> Result<Box<dyn ViewStore>, Fault> {
        Ok(Box::new(self.0.clone().with_hits_of(hits_max)))
    }
}

#[test]
fn the_views_in_memory_conform() {
    run_all(&|| Box::new(InMemory(MemoryViews::new())));
}
