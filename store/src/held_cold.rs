//! The cold index in files, held open by whoever holds the writer's lock.

use std::sync::Arc;

use crate::{ColdBatch, ColdFiles, ColdKey, ColdReader, ColdStore, Fault, Lock};

/// A handle to the cold index; all handles of one store see the same.
#[derive(Clone, Debug)]
pub struct HeldCold {
    files: ColdFiles,
    _lock: Arc<Lock>,
}

impl HeldCold {
    /// These files, for as long as this lock is held.
    pub fn new(files: ColdFiles, lock: Arc<Lock>) -> HeldCold {
        HeldCold { files, _lock: lock }
    }
}

impl ColdReader for HeldCold {
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

impl ColdStore for HeldCold {
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
