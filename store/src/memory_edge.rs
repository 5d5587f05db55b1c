//! The edge's values in memory, for tests and simulation. Clones are handles to one store.

use std::collections::BTreeMap;
use std::ops::Bound::{Excluded, Included, Unbounded};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use terms::Instant;

use crate::Fault;
use crate::edge::{EdgeRow, EdgeStore, Put, TakeEdgeRow, check, takes_more};

/// A handle to an edge in memory.
#[derive(Clone, Debug, Default)]
pub struct MemoryEdge {
    inner: Arc<Mutex<Inner>>,
}

#[derive(Debug, Default)]
struct Inner {
    rows: BTreeMap<(u16, Vec<u8>), EdgeRow>,
    /// The greatest version that was ever given.
    version: u64,
}

impl MemoryEdge {
    /// An empty edge.
    pub fn new() -> Self {
        MemoryEdge::default()
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        // A panic elsewhere leaves whole values behind: each change is one insertion or removal.
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl EdgeStore for MemoryEdge {
    fn another(&self) -> Result<Box<dyn EdgeStore>, Fault> {
        Ok(Box::new(self.clone()))
    }

    fn get(&mut self, table: u16, key: &[u8], now: Instant) -> Result<Option<EdgeRow>, Fault> {
        let inner = self.lock();
        let row = inner.rows.get(&(table, key.to_vec()));
        Ok(row.filter(|row| row.holds(now)).cloned())
    }

    fn put(&mut self, row: &EdgeRow, expected: u64, now: Instant) -> Result<Put, Fault> {
        check(&row.key, &row.value)?;
        let mut inner = self.lock();
        let key = (row.table, row.key.clone());
        let there = inner.rows.get(&key).filter(|row| row.holds(now));
        if there.map_or(0, |row| row.version) != expected {
            return Ok(Put::Moved);
        }
        inner.version += 1;
        let version = inner.version;
        inner.rows.insert(key, EdgeRow { version, ..row.clone() });
        Ok(Put::Done(version))
    }

    fn delete(&mut self, table: u16, key: &[u8], expected: u64) -> Result<bool, Fault> {
        let mut inner = self.lock();
        let key = (table, key.to_vec());
        let there = inner.rows.get(&key).is_some_and(|row| row.version == expected);
        if there {
            inner.rows.remove(&key);
        }
        Ok(there)
    }

    fn list(
        &mut self,
        table: u16,
        prefix: &[u8],
        after: Option<&[u8]>,
        now: Instant,
    ) -> Result<Vec<EdgeRow>, Fault> {
        let inner = self.lock();
        let from = match after.filter(|after| prefix <= *after) {
            Some(after) => Excluded((table, after.to_vec())),
            None => Included((table, prefix.to_vec())),
        };
        let rows = inner.rows.range((from, Unbounded)).map(|(_, row)| row);
        let rows = rows.take_while(|row| row.table == table && row.key.starts_with(prefix));
        let (mut found, mut bytes) = (Vec::new(), 0);
        for row in rows.filter(|row| row.holds(now)) {
            if !takes_more(found.len(), bytes) {
                break;
            }
            bytes += row.value.len();
            found.push(row.clone());
        }
        Ok(found)
    }

    fn sweep(&mut self, now: Instant, limit: usize) -> Result<usize, Fault> {
        let mut inner = self.lock();
        let over = inner.rows.iter().filter(|(_, row)| !row.holds(now)).map(|(key, _)| key.clone());
        let over: Vec<(u16, Vec<u8>)> = over.take(limit).collect();
        for key in &over {
            inner.rows.remove(key);
        }
        Ok(over.len())
    }

    fn dump(&mut self, take: TakeEdgeRow<'_>) -> Result<(), Fault> {
        self.lock().rows.values().try_for_each(|row| take(row.clone()))
    }

    fn load(&mut self, rows: &[EdgeRow]) -> Result<(), Fault> {
        let mut inner = self.lock();
        for row in rows {
            check(&row.key, &row.value)?;
            if inner.rows.contains_key(&(row.table, row.key.clone())) {
                return Err(Fault::refused("a value of the copy is there already"));
            }
        }
        for row in rows {
            inner.version = inner.version.max(row.version);
            inner.rows.insert((row.table, row.key.clone()), row.clone());
        }
        Ok(())
    }

    fn upkeep(&mut self) -> Result<(), Fault> {
        Ok(())
    }
}
