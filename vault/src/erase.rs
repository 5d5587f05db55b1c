//! Destruction by order (R0-20.2, D-07). The order is a durable fact before anything is touched
//! here; what was destroyed stays so, and doing it again changes nothing, so that the caller goes
//! through the orders of the journal by its cursor, and again after every restore.
//!
//! Until the next rotation the old key-encryption key still opens the person's key in backups:
//! [`Vault::rotate`] makes those unreadable, once for all of a day's.

use store::vault::Destroyed;
use terms::{Person, Seq};

use crate::fault::VaultFault;
use crate::limits::DESTROY_BATCH;
use crate::vault::Vault;

/// What orders of destruction found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Erased {
    /// Whose data are gone now.
    pub now: u64,
    /// Whose data were gone before.
    pub before: u64,
    /// Whom the vault did not know; their numbers stay destroyed.
    pub absent: u64,
}

impl Vault {
    /// Destroys a person's key, items, index rows and looks, by the order at a position.
    pub fn destroy(&mut self, person: Person, ordered: Seq) -> Result<Destroyed, VaultFault> {
        let done = self.store.destroy(&[(person, ordered)])?;
        done.first().copied().ok_or(VaultFault::Unknown)
    }

    /// The same of many, some hundred in each transaction. After a fault those before it are done.
    pub fn destroy_all(
        &mut self,
        orders: impl IntoIterator<Item = (Person, Seq)>,
    ) -> Result<Erased, VaultFault> {
        let mut orders = orders.into_iter();
        let mut erased = Erased::default();
        loop {
            let batch: Vec<(Person, Seq)> = orders.by_ref().take(DESTROY_BATCH).collect();
            if batch.is_empty() {
                return Ok(erased);
            }
            for done in self.store.destroy(&batch)? {
                match done {
                    Destroyed::Now => erased.now += 1,
                    Destroyed::Before => erased.before += 1,
                    Destroyed::Absent => erased.absent += 1,
                }
            }
        }
    }

    /// Runs all orders of the journal again: after any restore, before anything is served.
    pub fn after_restore(
        &mut self,
        orders: impl IntoIterator<Item = (Person, Seq)>,
    ) -> Result<Erased, VaultFault> {
        let erased = self.destroy_all(orders)?;
        self.upkeep()?;
        Ok(erased)
    }
}
