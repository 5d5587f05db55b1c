//! The views in memory against the conformance suite.

use store::suite::views::{ViewBed, run_all};
use store::{Fault, MemoryViews, ViewStore};

struct InMemory(MemoryViews);

impl ViewBed for InMemory {
    fn views(&self) -> Result<Box<dyn ViewStore>, Fault> {
        Ok(Box::new(self.0.clone()))
    }
}

#[test]
fn the_views_in_memory_conform() {
    run_all(&|| Box::new(InMemory(MemoryViews::new())));
}
