//! Rotation: everything under a new key-encryption key, and the old one destroyed, so that no older
//! copy of the keys opens any more (S-41).
//!
//! ```text
//! current n
//!   → key n+1 made, its epoch written          filling   whoever comes or changes is in both
//!   → keys carried over, a batch at a time
//!   → index made, a field at a time            indexing
//!   → n+1 is current, n is old                 old       nobody writes n any more
//!   → keys of n+1 copied to a file, synced; the file read back, all of n found in it, a sample of
//!     records opened with what is in it        proved
//!   → key n destroyed                          gone
//!   → rows of n removed; its row too
//! ```
//!
//! Each line is durable before the next begins, and is found again by [`Vault::rotate`] after any
//! stop: it goes on where it was. Nothing is destroyed that is not proved to be replaced. Others
//! admit, change, read and destroy meanwhile. Cost: a key is unwrapped, hashed for each of its
//! entries and wrapped once; index rows are sorted in memory, some million at a time.

use std::path::{Path, PathBuf};

use store::VaultStore;
use store::limits::VAULT_PAGE_MAX;
use store::vault::{EpochRow, Guarded, IndexRow, KeyRow, Reference};
use terms::choice;

use crate::fault::VaultFault;
use crate::key_copy::{self, KeyCopy};
use crate::limits::{CARRY_BATCH, INDEX_SORT_MAX, TRIES_MAX};
use crate::seal::Opened;
use crate::search::Field;
use crate::vault::{Vault, epoch_secret};

choice! {
    /// The phase of an epoch.
    pub enum Phase {
        /// It is read, searched and written.
        Current = 1 "current",
        /// The next one: keys are being carried over.
        Filling = 2 "filling",
        /// The next one: its index is being made.
        Indexing = 3 "indexing",
        /// Left, and its key still opens it.
        Old = 4 "old",
        /// Left, and proved to be replaced: its key may be destroyed.
        Proved = 5 "proved",
        /// Its key is destroyed; rows may be left.
        Gone = 6 "gone",
    }
}

impl Phase {
    /// Whether new keys and entries are written in it.
    pub(crate) fn is_written(self) -> bool {
        match self {
            Phase::Current | Phase::Filling | Phase::Indexing => true,
            Phase::Old | Phase::Proved | Phase::Gone => false,
        }
    }
}

/// What a rotation has just made durable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// The key of the next epoch is made.
    KeyMade(u32),
    /// The next epoch is written beside the current one.
    Begun(u32),
    /// So many keys are carried over.
    Carried(u64),
    /// All keys are; the index is next.
    Filled(u32),
    /// The index of a field is made.
    Indexed(Field),
    /// The next epoch is the current one.
    Current(u32),
    /// Its keys are in a file.
    Copied(PathBuf),
    /// The file was read back, and so many records opened with what is in it.
    Proved(u64),
    /// The key of the old epoch is destroyed.
    KeyDestroyed(u32),
    /// The vault says so.
    Gone(u32),
    /// All rows of the old epoch are removed.
    Forgotten(u32),
}

/// What a rotation did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rotated {
    /// The epoch that is current now.
    pub epoch: u32,
    /// The copy of its keys; none if it had been made before this call went on.
    pub copy: Option<PathBuf>,
    /// Whether this call finished a rotation that had been begun before. Copies that were made
    /// meanwhile may open what was destroyed since it began, until the next rotation.
    pub resumed: bool,
}

/// Is told what became durable.
pub type Tell<'a> = &'a mut dyn FnMut(&Step);

impl Vault {
    /// Rotates, or finishes a rotation that was stopped. The copy of the new keys is made in
    /// `directory`, which must be neither the store's nor the keeper's.
    pub fn rotate(&mut self, directory: &Path, tell: Tell<'_>) -> Result<Rotated, VaultFault> {
        let mut rotated = Rotated { epoch: 0, copy: None, resumed: true };
        for begun in 0.. {
            self.refresh()?;
            let old = self.row_in(&[Phase::Old, Phase::Proved, Phase::Gone]);
            let next = self.row_in(&[Phase::Filling, Phase::Indexing]);
            match (old, next) {
                (Some(old), _) => self.leave(old, directory, &mut rotated, tell)?,
                (None, Some(next)) => self.fill(next, tell)?,
                (None, None) if begun == 0 => {
                    rotated.resumed = false;
                    self.begin(tell)?;
                }
                (None, None) => break,
            }
        }
        rotated.epoch = self.current()?;
        self.upkeep()?;
        Ok(rotated)
    }

    fn row_in(&self, phases: &[Phase]) -> Option<EpochRow> {
        let within = |row: &&EpochRow| phases.iter().any(|phase| phase.code() == row.phase);
        self.known.rows.iter().find(within).cloned()
    }

    /// Sets the rows, or finds that somebody else has.
    fn set(&mut self, rows: &[EpochRow]) -> Result<Guarded, VaultFault> {
        let done = self.store.set_epochs(self.known.version, rows)?;
        self.refresh()?;
        Ok(done)
    }

    /// The rows with another phase and cursor of one of them.
    fn moved(&self, epoch: u32, phase: Phase, cursor: &[u8]) -> Vec<EpochRow> {
        let mut rows = self.known.rows.clone();
        for row in rows.iter_mut().filter(|row| row.epoch == epoch) {
            (row.phase, row.cursor) = (phase.code(), cursor.to_vec());
        }
        rows
    }

    fn begin(&mut self, tell: Tell<'_>) -> Result<(), VaultFault> {
        let current = self.current()?;
        let Some(next) = current.checked_add(1) else { return Err(VaultFault::Busy) };
        self.keeper.ensure(next)?;
        tell(&Step::KeyMade(next));
        let sealed = epoch_secret(&*self.keeper, &mut self.random, next)?;
        let phase = Phase::Filling.code();
        let mut rows = self.known.rows.clone();
        rows.push(EpochRow { epoch: next, phase, sealed, cursor: Vec::new() });
        if self.set(&rows)? == Guarded::Done {
            tell(&Step::Begun(next));
        }
        Ok(())
    }

    /// A phase of the next epoch.
    fn fill(&mut self, next: EpochRow, tell: Tell<'_>) -> Result<(), VaultFault> {
        let from = self.current()?;
        if next.phase == Phase::Filling.code() {
            let carried = self.carry(from, &next, tell)?;
            let rows = self.moved(next.epoch, Phase::Indexing, &carried.to_be_bytes());
            if self.set(&rows)? == Guarded::Done {
                tell(&Step::Filled(next.epoch));
            }
            return Ok(());
        }
        let keys = next.cursor.as_slice().try_into().map_or(INDEX_SORT_MAX, u64::from_be_bytes);
        for field in Field::ALL {
            make_index(&mut *self.store, next.epoch, *field, keys)?;
            tell(&Step::Indexed(*field));
        }
        while 0 < self.store.settle_index(VAULT_PAGE_MAX)? {}
        let mut rows = self.moved(from, Phase::Old, &[]);
        for row in rows.iter_mut().filter(|row| row.epoch == next.epoch) {
            (row.phase, row.cursor) = (Phase::Current.code(), Vec::new());
        }
        if self.set(&rows)? == Guarded::Done {
            tell(&Step::Current(next.epoch));
        }
        Ok(())
    }

    /// Carries all keys over that are not yet: how many there are.
    fn carry(&mut self, from: u32, next: &EpochRow, tell: Tell<'_>) -> Result<u64, VaultFault> {
        let (mut after, mut carried) = (None, 0);
        if let Some((reference, count)) = next.cursor.split_at_checked(16) {
            after = reference.try_into().ok().map(Reference);
            carried = count.try_into().map_or(0, u64::from_be_bytes);
        }
        let mut since = 0;
        loop {
            let rows = self.store.keys(from, after, CARRY_BATCH)?;
            let Some(last) = rows.last() else { return Ok(carried) };
            after = Some(last.reference);
            let rewrapped = self.rewrap(from, next.epoch, &rows)?;
            for tries in 0.. {
                match self.store.carry(self.known.version, from, &rewrapped)? {
                    Guarded::Done => break,
                    Guarded::Moved if tries == TRIES_MAX => return Err(VaultFault::Busy),
                    Guarded::Moved => self.refresh()?,
                }
            }
            carried += rows.len() as u64;
            since += rows.len();
            tell(&Step::Carried(carried));
            if SAVE_EVERY <= since {
                since = 0;
                let cursor = [&last.reference.0[..], &carried.to_be_bytes()].concat();
                let rows = self.moved(next.epoch, Phase::Filling, &cursor);
                self.set(&rows)?;
            }
        }
    }

    /// Keys of one epoch under another.
    pub(crate) fn rewrap(
        &mut self,
        from: u32,
        to: u32,
        rows: &[KeyRow],
    ) -> Result<Vec<KeyRow>, VaultFault> {
        let mut rewrapped = Vec::with_capacity(rows.len());
        self.epoch_keys(to)?;
        for row in rows {
            let opened = Opened::open(self.epoch_keys(from)?, row)?;
            let (keys, random) = self.tools(to)?;
            rewrapped.push(opened.row(keys, random, to, row.reference)?);
        }
        Ok(rewrapped)
    }

    /// A phase of the old epoch.
    fn leave(
        &mut self,
        old: EpochRow,
        directory: &Path,
        rotated: &mut Rotated,
        tell: Tell<'_>,
    ) -> Result<(), VaultFault> {
        let phase = Phase::from_code(old.phase);
        let rows = match phase {
            Some(Phase::Old) => {
                let current = self.current()?;
                let path = key_copy::write(self, old.epoch, current, directory)?;
                tell(&Step::Copied(path.clone()));
                let copy = KeyCopy::open(&path)?;
                let opened = self.prove(&copy)?;
                tell(&Step::Proved(opened));
                rotated.copy = Some(path);
                self.moved(old.epoch, Phase::Proved, &copy.digest())
            }
            Some(Phase::Proved) => {
                self.keeper.destroy(old.epoch)?;
                tell(&Step::KeyDestroyed(old.epoch));
                self.moved(old.epoch, Phase::Gone, &[])
            }
            Some(Phase::Gone | Phase::Current | Phase::Filling | Phase::Indexing) | None => {
                while 0 < self.store.forget(old.epoch, VAULT_PAGE_MAX)? {}
                while 0 < self.store.settle_index(VAULT_PAGE_MAX)? {}
                let rest = self.known.rows.iter().filter(|row| row.epoch != old.epoch);
                rest.cloned().collect()
            }
        };
        if self.set(&rows)? == Guarded::Done && phase == Some(Phase::Proved) {
            tell(&Step::Gone(old.epoch));
        } else if phase == Some(Phase::Gone) {
            tell(&Step::Forgotten(old.epoch));
        }
        Ok(())
    }
}

/// Keys carried between two notes of how far it has come: what a stop costs again.
const SAVE_EVERY: usize = 65_536;

/// Makes the index of a field from the entries of the keys of an epoch, of which there are about so
/// many, sorted in memory in several parts if there are too many of them.
pub(crate) fn make_index(
    store: &mut dyn VaultStore,
    epoch: u32,
    field: Field,
    keys: u64,
) -> Result<(), VaultFault> {
    let parts = u32::try_from(keys.div_ceil(INDEX_SORT_MAX).clamp(1, 256)).unwrap_or(1);
    for part in 0..parts {
        let rows =
            index_rows(store, epoch, field, &|hash| u32::from(hash[0]) * parts / 256 == part)?;
        for chunk in rows.chunks(CARRY_BATCH) {
            for tries in 0.. {
                let version = store.epochs()?.version;
                match store.add_index(version, epoch, field.code(), chunk)? {
                    Guarded::Done => break,
                    Guarded::Moved if tries == TRIES_MAX => return Err(VaultFault::Busy),
                    Guarded::Moved => {}
                }
            }
        }
    }
    Ok(())
}

/// Index rows of a field whose hashes are wanted, sorted.
fn index_rows(
    store: &mut dyn VaultStore,
    epoch: u32,
    field: Field,
    wanted: &dyn Fn(&[u8; 32]) -> bool,
) -> Result<Vec<IndexRow>, VaultFault> {
    let (mut rows, mut after) = (Vec::new(), None);
    loop {
        let page = store.keys(epoch, after, VAULT_PAGE_MAX)?;
        let Some(last) = page.last() else { break };
        after = Some(last.reference);
        for key in &page {
            let entries = key.entries.iter().filter(|entry| entry.field == field.code());
            let wanted = entries.filter(|entry| wanted(&entry.hash));
            rows.extend(
                wanted.map(|entry| IndexRow { hash: entry.hash, reference: key.reference }),
            );
        }
    }
    rows.sort_unstable();
    Ok(rows)
}
