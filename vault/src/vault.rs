//! The handle: epochs and their keys, admission, confirmation, the sweep of what stayed pending.

use std::collections::BTreeMap;
use std::sync::Arc;

use store::VaultStore;
use store::vault::{
    Confirmed, EpochRow, Epochs, Guarded, ItemRow, KeyRow, PersonRow, PersonState, Reference,
};
use terms::{Instant, Person};
use zeroize::Zeroizing;

use crate::fault::{Place, VaultFault};
use crate::keeper::KeyKeeper;
use crate::limits::{PENDING_HOURS, TRIES_MAX};
use crate::photo::Photo;
use crate::record::{PersonRecord, to_bytes};
use crate::rotation::Phase;
use crate::seal::{EPOCH_BYTES, EpochKeys, KEY_BYTES, Opened, Random, SealKey, of_epoch, of_item};
use crate::search::tags_of;

/// The item that is the record; photographs have the numbers behind it.
pub(crate) const RECORD: u16 = 0;

/// The kind of the record; kinds of photographs are behind it.
pub(crate) const RECORD_KIND: u8 = 1;
pub(crate) const PHOTO_KIND: u8 = 2;

/// A handle to the vault; one for each thread, made by [`Vault::another`].
pub struct Vault {
    pub(crate) store: Box<dyn VaultStore>,
    pub(crate) keeper: Arc<dyn KeyKeeper>,
    pub(crate) random: Random,
    pub(crate) known: Epochs,
    keys: BTreeMap<u32, EpochKeys>,
}

impl std::fmt::Debug for Vault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Vault({:?})", self.known.rows)
    }
}

/// A person who waits for his fact.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pending {
    /// His reference, which the command carries.
    pub reference: Reference,
    /// When he was admitted.
    pub made_at: Instant,
}

impl Vault {
    /// Opens a vault that is there.
    pub fn open(
        store: Box<dyn VaultStore>,
        keeper: Arc<dyn KeyKeeper>,
    ) -> Result<Vault, VaultFault> {
        let (random, known, keys) = (Random::new(), Epochs::default(), BTreeMap::new());
        let mut vault = Vault { store, keeper, random, known, keys };
        vault.refresh()?;
        if vault.known.version == 0 {
            return Err(VaultFault::Absent);
        }
        // The keys in use are asked for now, so that a wrong keeper is told at once.
        let current = vault.current()?;
        vault.epoch_keys(current)?;
        Ok(vault)
    }

    /// Opens a vault; one that is not there is made with its first epoch.
    pub fn open_or_make(
        mut store: Box<dyn VaultStore>,
        keeper: Arc<dyn KeyKeeper>,
    ) -> Result<Vault, VaultFault> {
        if store.epochs()?.version == 0 {
            if let Some(last) = keeper.epochs()?.into_iter().filter(|epoch| 1 < *epoch).max() {
                return Err(VaultFault::ForeignKeys(last));
            }
            keeper.ensure(1)?;
            let sealed = epoch_secret(&*keeper, &mut Random::new(), 1)?;
            let phase = Phase::Current.code();
            let row = EpochRow { epoch: 1, phase, sealed, cursor: Vec::new() };
            // Moved: somebody else has just made it.
            let _: Guarded = store.set_epochs(0, &[row])?;
        }
        Vault::open(store, keeper)
    }

    /// One more handle, for another thread.
    pub fn another(&self) -> Result<Vault, VaultFault> {
        Vault::open(self.store.another()?, Arc::clone(&self.keeper))
    }

    /// Reads the epochs anew.
    pub(crate) fn refresh(&mut self) -> Result<(), VaultFault> {
        self.known = self.store.epochs()?;
        let there = |epoch: &u32| self.known.rows.iter().any(|row| row.epoch == *epoch);
        self.keys.retain(|epoch, _| there(epoch));
        Ok(())
    }

    /// The epoch that is read and searched.
    pub(crate) fn current(&self) -> Result<u32, VaultFault> {
        let current = |row: &&EpochRow| row.phase == Phase::Current.code();
        self.known.rows.iter().find(current).map(|row| row.epoch).ok_or(VaultFault::Absent)
    }

    /// The epochs that are written: the one that is read, and the next while it is being filled.
    fn written(&self) -> Vec<u32> {
        let written = |row: &&EpochRow| Phase::from_code(row.phase).is_some_and(Phase::is_written);
        self.known.rows.iter().filter(written).map(|row| row.epoch).collect()
    }

    /// The keys of an epoch.
    pub(crate) fn epoch_keys(&mut self, epoch: u32) -> Result<&EpochKeys, VaultFault> {
        if !self.keys.contains_key(&epoch) {
            let row = self.known.rows.iter().find(|row| row.epoch == epoch);
            let row = row.ok_or(VaultFault::Missing(Place::Epoch(epoch)))?;
            let keys = open_epoch(&*self.keeper, epoch, &row.sealed)?;
            self.keys.insert(epoch, keys);
        }
        // Cannot fail: it was put there above.
        Ok(self.keys.get(&epoch).expect("the keys of the epoch"))
    }

    /// The keys of an epoch that were loaded, and the source of nonces.
    pub(crate) fn tools(&mut self, epoch: u32) -> Result<(&EpochKeys, &mut Random), VaultFault> {
        self.epoch_keys(epoch)?;
        // Cannot fail: the line above has put it there.
        Ok((self.keys.get(&epoch).expect("the keys of the epoch"), &mut self.random))
    }

    /// The rows of a key in every epoch that is written.
    pub(crate) fn key_rows(
        &mut self,
        opened: &Opened,
        reference: Reference,
    ) -> Result<Vec<KeyRow>, VaultFault> {
        let mut rows = Vec::new();
        for epoch in self.written() {
            let (keys, random) = self.tools(epoch)?;
            rows.push(opened.row(keys, random, epoch, reference)?);
        }
        Ok(rows)
    }

    /// Seals an item in the current epoch.
    pub(crate) fn seal_item(
        &mut self,
        key: &SealKey,
        mut row: ItemRow,
        text: &[u8],
    ) -> Result<ItemRow, VaultFault> {
        row.epoch = self.current()?;
        row.sealed = key.seal(&mut self.random, &of_item(&row), text)?;
        Ok(row)
    }

    /// Takes in a person under a new key and a new reference: durable, and pending until
    /// [`Vault::confirm`]. Nothing is found twice by this: who looks for duplicates asks
    /// [`Vault::find`] first.
    pub fn admit(
        &mut self,
        record: &PersonRecord,
        photos: &[Photo],
        at: Instant,
    ) -> Result<Reference, VaultFault> {
        let reference = Reference(self.random.draw()?);
        let key = Zeroizing::new(self.random.draw::<KEY_BYTES>()?);
        let opened = Opened { key, tags: tags_of(record) };
        let person = PersonRow {
            reference,
            state: PersonState::Pending,
            number: None,
            made_at: at,
            ordered: None,
        };
        for _ in 0..TRIES_MAX {
            let keys = self.key_rows(&opened, reference)?;
            let items = self.seal_items(&opened.seal_key(), reference, record, photos)?;
            match self.store.admit(self.known.version, &person, &keys, &items)? {
                Guarded::Done => return Ok(reference),
                Guarded::Moved => self.refresh()?,
            }
        }
        Err(VaultFault::Busy)
    }

    fn seal_items(
        &mut self,
        key: &SealKey,
        reference: Reference,
        record: &PersonRecord,
        photos: &[Photo],
    ) -> Result<Vec<ItemRow>, VaultFault> {
        let mut rows = vec![self.seal_item(key, new_item(reference, RECORD), &to_bytes(record))?];
        for (item, photo) in (1..).zip(photos) {
            rows.push(self.seal_item(key, new_item(reference, item), &to_bytes(photo))?);
        }
        Ok(rows)
    }

    /// Makes a pending person live under the number that his fact has given him. The same again is
    /// the same; a person whose number was ordered to be destroyed meanwhile is destroyed now.
    pub fn confirm(&mut self, reference: Reference, number: Person) -> Result<(), VaultFault> {
        match self.store.confirm(reference, number)? {
            Confirmed::Done => Ok(()),
            Confirmed::Destroyed => Err(VaultFault::Destroyed),
            Confirmed::Taken => Err(VaultFault::Taken),
            Confirmed::Absent => Err(VaultFault::Unknown),
        }
    }

    /// Persons admitted before an instant whose facts are not known yet, in pages behind `after`.
    pub fn pending(
        &mut self,
        older_than: Instant,
        after: Option<Reference>,
        limit: usize,
    ) -> Result<Vec<Pending>, VaultFault> {
        let rows = self.store.pending(older_than, after, limit)?;
        let pending = |row: PersonRow| Pending { reference: row.reference, made_at: row.made_at };
        Ok(rows.into_iter().map(pending).collect())
    }

    /// Removes a pending person who has waited 24 hours; whether there was one. The caller has made
    /// sure that the journal has no fact of him (core 20).
    pub fn drop_pending(&mut self, reference: Reference, now: Instant) -> Result<bool, VaultFault> {
        let due = now.plus(-PENDING_HOURS * 3_600 * Instant::SECOND);
        Ok(self.store.drop_pending(reference, due)?)
    }

    /// The person of a reference: his number, once his fact is known.
    pub fn number_of(&mut self, reference: Reference) -> Result<Option<Person>, VaultFault> {
        let row = self.store.person(reference)?.ok_or(VaultFault::Unknown)?;
        Ok(row.number)
    }

    /// The row of somebody who is not destroyed.
    pub(crate) fn standing(&mut self, whom: Whom) -> Result<PersonRow, VaultFault> {
        let row = match whom {
            Whom::Number(number) => self.store.person_of(number)?,
            Whom::Reference(reference) => self.store.person(reference)?,
        };
        match row {
            Some(row) if row.state == PersonState::Destroyed => Err(VaultFault::Destroyed),
            Some(row) => Ok(row),
            None => Err(VaultFault::Unknown),
        }
    }

    /// The key of somebody.
    pub(crate) fn person_key(&mut self, reference: Reference) -> Result<Opened, VaultFault> {
        for _ in 0..TRIES_MAX {
            let epoch = self.current()?;
            match self.store.key(epoch, reference)? {
                Some(row) => return Opened::open(self.epoch_keys(epoch)?, &row),
                None => {
                    let before = self.known.version;
                    self.refresh()?;
                    if self.known.version == before {
                        self.standing(Whom::Reference(reference))?;
                        return Err(VaultFault::Missing(Place::Key(reference, epoch)));
                    }
                }
            }
        }
        Err(VaultFault::Busy)
    }

    /// Lets the store move what is in its log to its place.
    pub fn upkeep(&mut self) -> Result<(), VaultFault> {
        Ok(self.store.upkeep()?)
    }
}

/// Who is meant: by the journal's number, or by reference while there is no number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Whom {
    /// By number.
    Number(Person),
    /// By reference.
    Reference(Reference),
}

impl From<Person> for Whom {
    fn from(number: Person) -> Whom {
        Whom::Number(number)
    }
}

impl From<Reference> for Whom {
    fn from(reference: Reference) -> Whom {
        Whom::Reference(reference)
    }
}

/// An item that is not sealed yet.
pub(crate) fn new_item(reference: Reference, item: u16) -> ItemRow {
    let kind = if item == RECORD { RECORD_KIND } else { PHOTO_KIND };
    ItemRow { reference, item, kind, version: 1, epoch: 0, sealed: Vec::new() }
}

/// New keys of an epoch, sealed by its key-encryption key.
pub(crate) fn epoch_secret(
    keeper: &dyn KeyKeeper,
    random: &mut Random,
    epoch: u32,
) -> Result<Vec<u8>, VaultFault> {
    let secret = Zeroizing::new(random.draw::<EPOCH_BYTES>()?);
    Ok(keeper.seal(epoch, &of_epoch(epoch), &secret[..])?)
}

/// The keys of an epoch.
pub(crate) fn open_epoch(
    keeper: &dyn KeyKeeper,
    epoch: u32,
    sealed: &[u8],
) -> Result<EpochKeys, VaultFault> {
    let secret = keeper.open(epoch, &of_epoch(epoch), sealed)?;
    EpochKeys::of(&secret).ok_or(VaultFault::Unreadable(Place::Epoch(epoch)))
}
