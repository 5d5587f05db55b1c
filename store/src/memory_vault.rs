//! The vault's rows in memory, for tests and simulation. Clones are handles to one store.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound::{Excluded, Unbounded};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use terms::{Instant, Person, Seq};

use crate::Fault;
use crate::vault::{
    Amended, Amendment, Confirmed, Destroyed, Entry, EpochRow, Epochs, Guarded, IndexRow, ItemHead,
    ItemRow, KeyRow, LookRow, PersonRow, PersonState, Reference, TakeVaultRow, VaultRow,
    VaultStore, check, page,
};

/// A handle to a vault in memory.
#[derive(Clone, Debug, Default)]
pub struct MemoryVault {
    inner: Arc<Mutex<Inner>>,
}

/// Epoch, entry, whose: the key of an index row.
type Indexed = (u32, Entry, Reference);

#[derive(Debug, Default)]
struct Inner {
    epochs: Epochs,
    persons: BTreeMap<Reference, PersonRow>,
    numbers: BTreeMap<Person, Reference>,
    keys: BTreeMap<(u32, Reference), KeyRow>,
    items: BTreeMap<(Reference, u16), ItemRow>,
    index: BTreeSet<Indexed>,
    removed: BTreeSet<Indexed>,
    looks: BTreeMap<(Reference, Seq), LookRow>,
}

impl MemoryVault {
    /// An empty vault.
    pub fn new() -> Self {
        MemoryVault::default()
    }

    /// Changes the sealed bytes of an item, or of a key where `item` is none: what somebody does
    /// who can write to the medium.
    pub fn tamper(&self, reference: Reference, item: Option<u16>, change: fn(&mut Vec<u8>)) {
        let mut inner = self.lock();
        match item {
            Some(item) => {
                inner.items.get_mut(&(reference, item)).map(|row| change(&mut row.sealed))
            }
            None => {
                let mut keys = inner.keys.values_mut();
                keys.find(|row| row.reference == reference).map(|row| change(&mut row.sealed))
            }
        };
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        // A panic elsewhere leaves whole values behind: nothing below panics half way.
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inner {
    /// Removes the key row of an epoch with its index rows.
    fn remove_key(&mut self, epoch: u32, reference: Reference) {
        let Some(row) = self.keys.remove(&(epoch, reference)) else { return };
        for entry in row.entries {
            self.index.remove(&(epoch, entry, reference));
            if 1 < self.epochs.rows.len() {
                self.removed.insert((epoch, entry, reference));
            }
        }
    }

    fn put_key(&mut self, row: &KeyRow) {
        self.remove_key(row.epoch, row.reference);
        for entry in &row.entries {
            self.index.insert((row.epoch, *entry, row.reference));
        }
        self.keys.insert((row.epoch, row.reference), row.clone());
    }

    /// Removes everything of a person but his row.
    fn empty(&mut self, reference: Reference) {
        let all: Vec<u32> =
            self.keys.keys().filter(|key| key.1 == reference).map(|key| key.0).collect();
        for epoch in all {
            self.remove_key(epoch, reference);
        }
        self.items.retain(|key, _| key.0 != reference);
        self.looks.retain(|key, _| key.0 != reference);
    }

    fn destroy(&mut self, number: Person, ordered: Seq) -> Destroyed {
        let Some(reference) = self.numbers.get(&number).copied() else {
            let reference = Reference::of_absent(number);
            self.persons.insert(
                reference,
                PersonRow {
                    reference,
                    state: PersonState::Destroyed,
                    number: Some(number),
                    made_at: Instant(0),
                    ordered: Some(ordered),
                },
            );
            self.numbers.insert(number, reference);
            return Destroyed::Absent;
        };
        let Some(row) = self.persons.get_mut(&reference) else { return Destroyed::Absent };
        if row.state == PersonState::Destroyed {
            return Destroyed::Before;
        }
        (row.state, row.ordered) = (PersonState::Destroyed, Some(ordered));
        self.empty(reference);
        Destroyed::Now
    }
}

impl VaultStore for MemoryVault {
    fn another(&self) -> Result<Box<dyn VaultStore>, Fault> {
        Ok(Box::new(self.clone()))
    }

    fn epochs(&mut self) -> Result<Epochs, Fault> {
        Ok(self.lock().epochs.clone())
    }

    fn set_epochs(&mut self, expected: u64, rows: &[EpochRow]) -> Result<Guarded, Fault> {
        let mut inner = self.lock();
        if inner.epochs.version != expected {
            return Ok(Guarded::Moved);
        }
        inner.epochs = Epochs { version: expected + 1, rows: rows.to_vec() };
        Ok(Guarded::Done)
    }

    fn admit(
        &mut self,
        version: u64,
        person: &PersonRow,
        keys: &[KeyRow],
        items: &[ItemRow],
    ) -> Result<Guarded, Fault> {
        check(keys, items)?;
        let mut inner = self.lock();
        if inner.epochs.version != version {
            return Ok(Guarded::Moved);
        }
        if inner.persons.contains_key(&person.reference) {
            return Err(Fault::refused("this reference is taken"));
        }
        inner.persons.insert(person.reference, *person);
        for row in keys {
            inner.put_key(row);
        }
        for row in items {
            inner.items.insert((row.reference, row.item), row.clone());
        }
        Ok(Guarded::Done)
    }

    fn confirm(&mut self, reference: Reference, number: Person) -> Result<Confirmed, Fault> {
        let mut inner = self.lock();
        let known = inner.numbers.get(&number).copied();
        let Some(row) = inner.persons.get(&reference).copied() else {
            return Ok(Confirmed::Absent);
        };
        match (row.number, known) {
            (Some(has), _) if has == number => {
                let destroyed = row.state == PersonState::Destroyed;
                return Ok(if destroyed { Confirmed::Destroyed } else { Confirmed::Done });
            }
            (Some(_), _) => return Ok(Confirmed::Taken),
            (None, Some(other)) if other == Reference::of_absent(number) => {
                let ordered = inner.persons.remove(&other).and_then(|row| row.ordered);
                inner.empty(reference);
                let state = PersonState::Destroyed;
                let row = PersonRow { state, number: Some(number), ordered, ..row };
                inner.persons.insert(reference, row);
                inner.numbers.insert(number, reference);
                return Ok(Confirmed::Destroyed);
            }
            (None, Some(_)) => return Ok(Confirmed::Taken),
            (None, None) => {}
        }
        let row = PersonRow { state: PersonState::Live, number: Some(number), ..row };
        inner.persons.insert(reference, row);
        inner.numbers.insert(number, reference);
        Ok(Confirmed::Done)
    }

    fn drop_pending(&mut self, reference: Reference, made_before: Instant) -> Result<bool, Fault> {
        let mut inner = self.lock();
        let due = |row: &PersonRow| row.state == PersonState::Pending && row.made_at < made_before;
        if !inner.persons.get(&reference).is_some_and(due) {
            return Ok(false);
        }
        inner.empty(reference);
        inner.persons.remove(&reference);
        Ok(true)
    }

    fn person(&mut self, reference: Reference) -> Result<Option<PersonRow>, Fault> {
        Ok(self.lock().persons.get(&reference).copied())
    }

    fn person_of(&mut self, number: Person) -> Result<Option<PersonRow>, Fault> {
        let inner = self.lock();
        let reference = inner.numbers.get(&number);
        Ok(reference.and_then(|reference| inner.persons.get(reference)).copied())
    }

    fn pending(
        &mut self,
        made_before: Instant,
        after: Option<Reference>,
        limit: usize,
    ) -> Result<Vec<PersonRow>, Fault> {
        let inner = self.lock();
        let rows = behind(&inner.persons, after).map(|(_, row)| *row);
        let due = |row: &PersonRow| row.state == PersonState::Pending && row.made_at < made_before;
        Ok(rows.filter(due).take(page(limit)).collect())
    }

    fn persons(&mut self, after: Option<Reference>, limit: usize) -> Result<Vec<PersonRow>, Fault> {
        let inner = self.lock();
        Ok(behind(&inner.persons, after).map(|(_, row)| *row).take(page(limit)).collect())
    }

    fn key(&mut self, epoch: u32, reference: Reference) -> Result<Option<KeyRow>, Fault> {
        Ok(self.lock().keys.get(&(epoch, reference)).cloned())
    }

    fn keys(
        &mut self,
        epoch: u32,
        after: Option<Reference>,
        limit: usize,
    ) -> Result<Vec<KeyRow>, Fault> {
        let inner = self.lock();
        let from = match after {
            Some(after) => Excluded((epoch, after)),
            None => std::ops::Bound::Included((epoch, Reference([0; 16]))),
        };
        let rows = inner.keys.range((from, Unbounded)).take_while(|(key, _)| key.0 == epoch);
        Ok(rows.map(|(_, row)| row.clone()).take(page(limit)).collect())
    }

    fn item(&mut self, reference: Reference, item: u16) -> Result<Option<ItemRow>, Fault> {
        Ok(self.lock().items.get(&(reference, item)).cloned())
    }

    fn items(&mut self, reference: Reference) -> Result<Vec<ItemHead>, Fault> {
        let inner = self.lock();
        let rows = inner.items.range((reference, 0)..=(reference, u16::MAX));
        let head =
            |row: &ItemRow| ItemHead { item: row.item, kind: row.kind, version: row.version };
        Ok(rows.map(|(_, row)| head(row)).collect())
    }

    fn amend(&mut self, version: u64, change: &Amendment<'_>) -> Result<Amended, Fault> {
        check(change.keys, change.put)?;
        let mut inner = self.lock();
        let reference = change.reference;
        match inner.persons.get(&reference) {
            Some(row) if row.state != PersonState::Destroyed => {}
            Some(_) | None => return Ok(Amended::Absent),
        }
        let there = |item: u16| inner.items.get(&(reference, item)).map_or(0, |row| row.version);
        let put = change.put.iter().all(|row| there(row.item) + 1 == row.version);
        let removed = change.remove.iter().all(|(item, version)| there(*item) == *version);
        if inner.epochs.version != version || !put || !removed {
            return Ok(Amended::Moved);
        }
        for row in change.keys {
            inner.put_key(row);
        }
        for row in change.put {
            inner.items.insert((reference, row.item), row.clone());
        }
        for (item, _) in change.remove {
            inner.items.remove(&(reference, *item));
        }
        Ok(Amended::Done)
    }

    fn found(&mut self, epoch: u32, entry: Entry, limit: usize) -> Result<Vec<Reference>, Fault> {
        let inner = self.lock();
        let (first, last) = (Reference([0; 16]), Reference([u8::MAX; 16]));
        let rows = inner.index.range((epoch, entry, first)..=(epoch, entry, last));
        Ok(rows.map(|row| row.2).take(page(limit)).collect())
    }

    fn index(
        &mut self,
        epoch: u32,
        field: u8,
        after: Option<IndexRow>,
        limit: usize,
    ) -> Result<Vec<IndexRow>, Fault> {
        let inner = self.lock();
        let from = match after {
            Some(IndexRow { hash, reference }) => {
                Excluded((epoch, Entry { field, hash }, reference))
            }
            None => std::ops::Bound::Included((
                epoch,
                Entry { field, hash: [0; 32] },
                Reference([0; 16]),
            )),
        };
        let rows = inner.index.range((from, Unbounded));
        let rows = rows.take_while(|row| row.0 == epoch && row.1.field == field);
        let row = |row: &Indexed| IndexRow { hash: row.1.hash, reference: row.2 };
        Ok(rows.map(row).take(page(limit)).collect())
    }

    fn look(&mut self, look: &LookRow) -> Result<bool, Fault> {
        crate::vault::check_sealed(&look.sealed)?;
        let mut inner = self.lock();
        let person = inner.persons.get(&look.reference);
        if !person.is_some_and(|row| row.state != PersonState::Destroyed) {
            return Ok(false);
        }
        inner.looks.entry((look.reference, look.seq)).or_insert_with(|| look.clone());
        Ok(true)
    }

    fn looks(
        &mut self,
        reference: Reference,
        before: Option<Seq>,
        limit: usize,
    ) -> Result<Vec<LookRow>, Fault> {
        let inner = self.lock();
        let rows = inner.looks.range((reference, Seq(0))..=(reference, Seq(u64::MAX)));
        let due = |row: &&LookRow| before.is_none_or(|before| row.seq < before);
        Ok(rows.rev().map(|(_, row)| row).filter(due).take(page(limit)).cloned().collect())
    }

    fn destroy(&mut self, orders: &[(Person, Seq)]) -> Result<Vec<Destroyed>, Fault> {
        let mut inner = self.lock();
        Ok(orders.iter().map(|(number, ordered)| inner.destroy(*number, *ordered)).collect())
    }

    fn carry(&mut self, version: u64, from: u32, rows: &[KeyRow]) -> Result<Guarded, Fault> {
        check(rows, &[])?;
        let mut inner = self.lock();
        if inner.epochs.version != version {
            return Ok(Guarded::Moved);
        }
        for row in rows {
            let there = inner.keys.contains_key(&(from, row.reference));
            let key = (row.epoch, row.reference);
            if there && !inner.keys.contains_key(&key) {
                inner.keys.insert(key, row.clone());
            }
        }
        Ok(Guarded::Done)
    }

    fn add_index(
        &mut self,
        version: u64,
        epoch: u32,
        field: u8,
        rows: &[IndexRow],
    ) -> Result<Guarded, Fault> {
        let mut inner = self.lock();
        if inner.epochs.version != version {
            return Ok(Guarded::Moved);
        }
        for IndexRow { hash, reference } in rows {
            inner.index.insert((epoch, Entry { field, hash: *hash }, *reference));
        }
        Ok(Guarded::Done)
    }

    fn settle_index(&mut self, limit: usize) -> Result<usize, Fault> {
        let mut inner = self.lock();
        let rows: Vec<Indexed> = inner.removed.iter().take(page(limit)).copied().collect();
        for row in &rows {
            let (epoch, entry, reference) = row;
            let key = inner.keys.get(&(*epoch, *reference));
            if !key.is_some_and(|key| key.entries.contains(entry)) {
                inner.index.remove(row);
            }
            inner.removed.remove(row);
        }
        Ok(rows.len())
    }

    fn forget(&mut self, epoch: u32, limit: usize) -> Result<usize, Fault> {
        let mut inner = self.lock();
        let limit = page(limit);
        let of = |key: &&(u32, Reference)| key.0 == epoch;
        let keys: Vec<(u32, Reference)> =
            inner.keys.keys().filter(of).take(limit).copied().collect();
        let of = |row: &&Indexed| row.0 == epoch;
        let index: Vec<Indexed> = inner.index.iter().filter(of).take(limit).copied().collect();
        for key in &keys {
            inner.keys.remove(key);
        }
        for row in &index {
            inner.index.remove(row);
        }
        Ok(keys.len() + index.len())
    }

    fn dump(&mut self, take: TakeVaultRow<'_>) -> Result<(), Fault> {
        let inner = self.lock();
        take(VaultRow::Epochs(inner.epochs.clone()))?;
        inner.persons.values().try_for_each(|row| take(VaultRow::Person(*row)))?;
        inner.keys.values().try_for_each(|row| take(VaultRow::Key(row.clone())))?;
        inner.items.values().try_for_each(|row| take(VaultRow::Item(row.clone())))?;
        inner.looks.values().try_for_each(|row| take(VaultRow::Look(row.clone())))
    }

    fn load(&mut self, rows: &[VaultRow]) -> Result<(), Fault> {
        let mut inner = self.lock();
        for row in rows {
            if inner.has(row) {
                return Err(Fault::refused("a row of the copy is there already"));
            }
        }
        for row in rows {
            match row {
                VaultRow::Epochs(epochs) => inner.epochs = epochs.clone(),
                VaultRow::Person(row) => {
                    inner.persons.insert(row.reference, *row);
                    if let Some(number) = row.number {
                        inner.numbers.insert(number, row.reference);
                    }
                }
                VaultRow::Key(row) => {
                    inner.keys.insert((row.epoch, row.reference), row.clone());
                }
                VaultRow::Item(row) => {
                    inner.items.insert((row.reference, row.item), row.clone());
                }
                VaultRow::Look(row) => {
                    inner.looks.insert((row.reference, row.seq), row.clone());
                }
            }
        }
        Ok(())
    }

    fn upkeep(&mut self) -> Result<(), Fault> {
        Ok(())
    }
}

impl Inner {
    fn has(&self, row: &VaultRow) -> bool {
        match row {
            VaultRow::Epochs(_) => self.epochs.version != 0,
            VaultRow::Person(row) => self.persons.contains_key(&row.reference),
            VaultRow::Key(row) => self.keys.contains_key(&(row.epoch, row.reference)),
            VaultRow::Item(row) => self.items.contains_key(&(row.reference, row.item)),
            VaultRow::Look(row) => self.looks.contains_key(&(row.reference, row.seq)),
        }
    }
}

fn behind<V>(
    map: &BTreeMap<Reference, V>,
    after: Option<Reference>,
) -> std::collections::btree_map::Range<'_, Reference, V> {
    map.range((after.map_or(Unbounded, Excluded), Unbounded))
}
