//! Copies of the vault's rows for backups: what is sealed stays sealed, so that no key is needed to
//! make or to restore one. Cost: reading and writing everything once; the index is made again from
//! the entries of the keys, sorted.

use std::path::Path;

use store::VaultStore;
use store::vault::{Epochs, VaultRow};

use crate::fault::VaultFault;
use crate::key_copy::KeyCopy;
use crate::limits::{COPY_BYTES, COPY_ROWS, INDEX_SORT_MAX};
use crate::rotation::{Phase, make_index};
use crate::search::Field;

/// What was copied.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Copied {
    /// Persons, in whatever state.
    pub persons: u64,
    /// Keys, in all epochs.
    pub keys: u64,
    /// Items.
    pub items: u64,
    /// Looks.
    pub looks: u64,
}

impl Copied {
    fn count(&mut self, row: &VaultRow) {
        match row {
            VaultRow::Epochs(_) => {}
            VaultRow::Person(_) => self.persons += 1,
            VaultRow::Key(_) => self.keys += 1,
            VaultRow::Item(_) => self.items += 1,
            VaultRow::Look(_) => self.looks += 1,
        }
    }
}

/// Copies all rows as of one moment into a store without any, with its index.
pub fn copy(from: &mut dyn VaultStore, to: &mut dyn VaultStore) -> Result<Copied, VaultFault> {
    let (mut copied, mut batch) = (Copied::default(), Batch::default());
    from.dump(&mut |row| {
        copied.count(&row);
        batch.push(row, to)
    })?;
    batch.write(to)?;
    make_all_indexes(to)?;
    to.upkeep()?;
    Ok(copied)
}

/// The same with the keys of a newer epoch in place of those that the copy has: what makes a backup
/// readable again whose key-encryption key was destroyed since. Whoever has no key there was
/// destroyed since, and his items stay unreadable until the orders of destruction are run again.
pub fn copy_under(
    from: &mut dyn VaultStore,
    keys: &Path,
    to: &mut dyn VaultStore,
) -> Result<Copied, VaultFault> {
    let newer = KeyCopy::open(keys)?;
    let mut version = 0;
    let (mut copied, mut batch) = (Copied::default(), Batch::default());
    from.dump(&mut |row| {
        let row = match row {
            VaultRow::Key(_) => return Ok(()),
            VaultRow::Epochs(epochs) => {
                version = epochs.version;
                let row = store::vault::EpochRow {
                    epoch: newer.epoch(),
                    phase: Phase::Current.code(),
                    sealed: newer.sealed().to_vec(),
                    cursor: Vec::new(),
                };
                VaultRow::Epochs(Epochs { version: epochs.version + 1, rows: vec![row] })
            }
            row => row,
        };
        copied.count(&row);
        batch.push(row, to)
    })?;
    batch.write(to)?;
    newer.each(&mut |key| {
        // Whoever came after the backup has a key there, and nothing else here.
        if to.person(key.reference)?.is_some() {
            copied.keys += 1;
            batch.push(VaultRow::Key(key), to)?;
        }
        Ok(())
    })?;
    batch.write(to)?;
    make_all_indexes(to)?;
    to.upkeep()?;
    Ok(copied)
}

/// Rows that are written together.
#[derive(Default)]
struct Batch {
    rows: Vec<VaultRow>,
    bytes: usize,
}

impl Batch {
    fn push(&mut self, row: VaultRow, to: &mut dyn VaultStore) -> Result<(), store::Fault> {
        self.bytes += match &row {
            VaultRow::Epochs(_) | VaultRow::Person(_) => 100,
            VaultRow::Key(row) => row.sealed.len() + 33 * row.entries.len(),
            VaultRow::Item(row) => row.sealed.len(),
            VaultRow::Look(row) => row.sealed.len(),
        };
        self.rows.push(row);
        if self.rows.len() < COPY_ROWS && self.bytes < COPY_BYTES { Ok(()) } else { self.write(to) }
    }

    fn write(&mut self, to: &mut dyn VaultStore) -> Result<(), store::Fault> {
        to.load(&self.rows)?;
        self.rows.clear();
        self.bytes = 0;
        Ok(())
    }
}

/// Makes the index from the entries of the keys, in every epoch.
pub fn make_all_indexes(to: &mut dyn VaultStore) -> Result<(), VaultFault> {
    for row in to.epochs()?.rows {
        for field in Field::ALL {
            make_index(to, row.epoch, *field, INDEX_SORT_MAX)?;
        }
    }
    Ok(())
}
