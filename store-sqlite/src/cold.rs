//! The cold index in `PATH.d/cold/`: the store's own form of files, held open by one writer.

use std::sync::Arc;

use store::{ColdBatch, ColdFiles, ColdKey, ColdReader, ColdStore, Fault};

use crate::lock::Lock;

/// A handle to the cold index; all handles of one store see the same.
#[derive(Clone, Debug)]
pub struct Cold {
    files: ColdFiles,
    _lock: Arc<Lock>,
}

impl Cold {
    pub(crate) fn new(files: ColdFiles, lock: Arc<Lock>) -> Cold {
        Cold { files, _lock: lock }
    }
}

impl ColdReader for Cold {
    fn cursor(&self) -> u64 {
        self.files.cursor()
    }

    fn horizon(&self) -> Vec<(u32, i64)> {
        self.files.horizon()
    }

    fn bets_horizon(&self) -> Option<i64> {
        self.files.bets_horizon()
    }

    fn find_ids(&self, keys: &[ColdKey]) -> Result<Vec<Option<u64>>, Fault> {
        self.files.find_ids(keys)
    }

    fn find_bets(&self, keys: &[ColdKey]) -> Result<Vec<Option<u64>>, Fault> {
        self.files.find_bets(keys)
    }

    fn find_events(&self, keys: &[ColdKey]) -> Result<Vec<Option<u64>>, Fault> {
        self.files.find_events(keys)
    }
}

impl ColdStore for Cold {
    fn write(&mut self, batch: &ColdBatch) -> Result<(), Fault> {
        self.files.write(batch)
    }

    fn forget(&mut self, before_ms: i64) -> Result<(), Fault> {
        self.files.forget(before_ms)
    }

    fn reader(&self) -> Arc<dyn ColdReader> {
        Arc::new(self.clone())
    }
}
