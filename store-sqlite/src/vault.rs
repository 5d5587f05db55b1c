//! The vault's rows in `PATH.d/vault.db`.
//!
//! Several handles, threads and processes may use the file at once. What changes rows is one
//! transaction that takes the write lock first and then looks at the version it was made from; one
//! sync. Statements of an admission: begin, version, one a row, one an entry, commit. What is
//! deleted is overwritten in the file, and its traces in the log are gone after
//! [`VaultStore::upkeep`].

mod rows;

use std::path::PathBuf;

use store::vault::terms::{Instant, Person, Seq};
use store::vault::{
    Amended, Amendment, Confirmed, Destroyed, Entry, EpochRow, Epochs, Guarded, IndexRow, ItemHead,
    ItemRow, KeyRow, LookRow, PersonRow, PersonState, Reference, TakeVaultRow, VaultRow,
    VaultStore, check, check_sealed, page,
};
use store::{Fault, limits};

use crate::file::{Db, Enough, Migrations};

const VAULT: Migrations = &[include_str!("../sql/vault/0001_vault.sql")];

/// A handle to the vault's rows.
#[derive(Debug)]
pub struct Vault {
    db: Db,
    path: PathBuf,
}

impl Vault {
    /// Opens the file, which is made when it is not there.
    pub fn open(path: impl Into<PathBuf>) -> Result<Vault, Fault> {
        let path = path.into();
        let db = Db::shared(&path, VAULT, include_str!("../sql/vault/settings.sql"))?;
        Ok(Vault { db, path })
    }

    /// Finds damage in the file.
    pub fn check_pages(&self) -> Result<(), Fault> {
        self.db.check_pages()
    }

    fn version(&self) -> Result<u64, Fault> {
        self.db.one(include_str!("../sql/vault/epochs_version.sql"), [])
    }

    /// Makes changes if the epochs have this version.
    fn guarded(
        &self,
        version: u64,
        make: impl FnOnce(&Db) -> Result<(), Fault>,
    ) -> Result<Guarded, Fault> {
        self.db.whole(|| {
            if self.version()? != version {
                return Ok(Guarded::Moved);
            }
            make(&self.db)?;
            Ok(Guarded::Done)
        })
    }

    fn read_person(&self, reference: Reference) -> Result<Option<PersonRow>, Fault> {
        self.db.row(include_str!("../sql/vault/person.sql"), [reference.0], rows::person)
    }

    fn read_person_of(&self, number: Person) -> Result<Option<PersonRow>, Fault> {
        self.db.row(include_str!("../sql/vault/person_of.sql"), [number.0], rows::person)
    }

    /// Removes a key row and its index rows.
    fn remove_key(&self, row: &KeyRow) -> Result<(), Fault> {
        let db = &self.db;
        let epochs: u64 = db.one(include_str!("../sql/vault/count_epochs.sql"), [])?;
        let (epoch, reference) = (row.epoch, row.reference.0);
        for Entry { field, hash } in &row.entries {
            let values = (epoch, field, hash, reference);
            db.change(include_str!("../sql/vault/delete_entry.sql"), values)?;
            if 1 < epochs {
                db.change(include_str!("../sql/vault/insert_removed.sql"), values)?;
            }
        }
        db.change(include_str!("../sql/vault/delete_key.sql"), (epoch, reference))
    }

    /// Writes a key row with its index rows, in place of the one that is there.
    fn put_key(&self, row: &KeyRow) -> Result<(), Fault> {
        let sql = include_str!("../sql/vault/key.sql");
        if let Some(there) = self.db.row(sql, (row.epoch, row.reference.0), rows::key)? {
            self.remove_key(&there)?;
        }
        rows::insert_key(&self.db, row)?;
        for Entry { field, hash } in &row.entries {
            let values = (row.epoch, field, hash, row.reference.0);
            self.db.change(include_str!("../sql/vault/insert_entry.sql"), values)?;
        }
        Ok(())
    }

    /// Removes everything of a person but his row.
    fn empty(&self, reference: Reference) -> Result<(), Fault> {
        let db = &self.db;
        let mut keys = Vec::new();
        db.rows(include_str!("../sql/vault/keys_of.sql"), [reference.0], rows::key, |row| {
            keys.push(row);
            Ok(Enough::No)
        })?;
        keys.iter().try_for_each(|row| self.remove_key(row))?;
        db.change(include_str!("../sql/vault/delete_items.sql"), [reference.0])?;
        db.change(include_str!("../sql/vault/delete_looks.sql"), [reference.0])
    }

    fn destroy_one(&self, number: Person, ordered: Seq) -> Result<Destroyed, Fault> {
        let Some(row) = self.read_person_of(number)? else {
            let row = PersonRow {
                reference: Reference::of_absent(number),
                state: PersonState::Destroyed,
                number: Some(number),
                made_at: Instant(0),
                ordered: Some(ordered),
            };
            rows::insert_person(&self.db, &row)?;
            return Ok(Destroyed::Absent);
        };
        if row.state == PersonState::Destroyed {
            return Ok(Destroyed::Before);
        }
        self.empty(row.reference)?;
        let (state, ordered) = (PersonState::Destroyed, Some(ordered));
        rows::change_person(&self.db, &PersonRow { state, ordered, ..row })?;
        Ok(Destroyed::Now)
    }

    /// The row of a number that was ordered to be destroyed gives way to the one that turns out to
    /// be it, which is destroyed at once.
    fn destroy_late(&self, row: PersonRow, absent: PersonRow) -> Result<Confirmed, Fault> {
        self.db.change(include_str!("../sql/vault/delete_person.sql"), [absent.reference.0])?;
        self.empty(row.reference)?;
        let PersonRow { state, number, ordered, .. } = absent;
        rows::change_person(&self.db, &PersonRow { state, number, ordered, ..row })?;
        Ok(Confirmed::Destroyed)
    }

    fn item_version(&self, reference: Reference, item: u16) -> Result<u32, Fault> {
        let sql = include_str!("../sql/vault/item_version.sql");
        let found = self.db.row(sql, (reference.0, item), |row| row.get(0))?;
        Ok(found.unwrap_or_default())
    }

    fn list<T>(
        &self,
        sql: &'static str,
        values: impl rusqlite::Params,
        read: impl Fn(&rusqlite::Row<'_>) -> rusqlite::Result<T>,
    ) -> Result<Vec<T>, Fault> {
        let mut found = Vec::new();
        self.db.rows(sql, values, read, |row| {
            found.push(row);
            Ok(Enough::No)
        })?;
        Ok(found)
    }
}

/// The key behind which a page begins.
fn from(after: Option<Reference>) -> Vec<u8> {
    after.map_or_else(Vec::new, |after| after.0.to_vec())
}

impl VaultStore for Vault {
    fn another(&self) -> Result<Box<dyn VaultStore>, Fault> {
        Ok(Box::new(Vault::open(&self.path)?))
    }

    fn epochs(&mut self) -> Result<Epochs, Fault> {
        self.db.reading(|| {
            let version = self.version()?;
            let rows = self.list(include_str!("../sql/vault/epochs.sql"), [], rows::epoch)?;
            Ok(Epochs { version, rows })
        })
    }

    fn set_epochs(&mut self, expected: u64, rows: &[EpochRow]) -> Result<Guarded, Fault> {
        self.guarded(expected, |db| rows::write_epochs(db, expected + 1, rows))
    }

    fn admit(
        &mut self,
        version: u64,
        person: &PersonRow,
        keys: &[KeyRow],
        items: &[ItemRow],
    ) -> Result<Guarded, Fault> {
        check(keys, items)?;
        self.guarded(version, |db| {
            rows::insert_person(db, person)?;
            keys.iter().try_for_each(|row| self.put_key(row))?;
            items.iter().try_for_each(|row| rows::insert_item(db, row))
        })
    }

    fn confirm(&mut self, reference: Reference, number: Person) -> Result<Confirmed, Fault> {
        self.db.whole(|| {
            let Some(row) = self.read_person(reference)? else { return Ok(Confirmed::Absent) };
            if let Some(has) = row.number {
                return Ok(match row.state {
                    _ if has != number => Confirmed::Taken,
                    PersonState::Destroyed => Confirmed::Destroyed,
                    PersonState::Pending | PersonState::Live => Confirmed::Done,
                });
            }
            match self.read_person_of(number)? {
                Some(other) if other.reference == Reference::of_absent(number) => {
                    self.destroy_late(row, other)
                }
                Some(_) => Ok(Confirmed::Taken),
                None => {
                    let (state, number) = (PersonState::Live, Some(number));
                    rows::change_person(&self.db, &PersonRow { state, number, ..row })?;
                    Ok(Confirmed::Done)
                }
            }
        })
    }

    fn drop_pending(&mut self, reference: Reference, made_before: Instant) -> Result<bool, Fault> {
        self.db.whole(|| {
            let row = self.read_person(reference)?;
            let due =
                |row: &PersonRow| row.state == PersonState::Pending && row.made_at < made_before;
            if !row.as_ref().is_some_and(due) {
                return Ok(false);
            }
            self.empty(reference)?;
            self.db.change(include_str!("../sql/vault/delete_person.sql"), [reference.0])?;
            Ok(true)
        })
    }

    fn person(&mut self, reference: Reference) -> Result<Option<PersonRow>, Fault> {
        self.read_person(reference)
    }

    fn person_of(&mut self, number: Person) -> Result<Option<PersonRow>, Fault> {
        self.read_person_of(number)
    }

    fn pending(
        &mut self,
        made_before: Instant,
        after: Option<Reference>,
        limit: usize,
    ) -> Result<Vec<PersonRow>, Fault> {
        let values = (from(after), page(limit) as u64, made_before.0);
        self.list(include_str!("../sql/vault/pending.sql"), values, rows::person)
    }

    fn persons(&mut self, after: Option<Reference>, limit: usize) -> Result<Vec<PersonRow>, Fault> {
        let values = (from(after), page(limit) as u64);
        self.list(include_str!("../sql/vault/persons.sql"), values, rows::person)
    }

    fn key(&mut self, epoch: u32, reference: Reference) -> Result<Option<KeyRow>, Fault> {
        self.db.row(include_str!("../sql/vault/key.sql"), (epoch, reference.0), rows::key)
    }

    fn keys(
        &mut self,
        epoch: u32,
        after: Option<Reference>,
        limit: usize,
    ) -> Result<Vec<KeyRow>, Fault> {
        let values = (epoch, from(after), page(limit) as u64);
        self.list(include_str!("../sql/vault/keys.sql"), values, rows::key)
    }

    fn item(&mut self, reference: Reference, item: u16) -> Result<Option<ItemRow>, Fault> {
        self.db.row(include_str!("../sql/vault/item.sql"), (reference.0, item), rows::item)
    }

    fn items(&mut self, reference: Reference) -> Result<Vec<ItemHead>, Fault> {
        self.list(include_str!("../sql/vault/items.sql"), [reference.0], |row| {
            Ok(ItemHead { item: row.get(0)?, kind: row.get(1)?, version: row.get(2)? })
        })
    }

    fn amend(&mut self, version: u64, change: &Amendment<'_>) -> Result<Amended, Fault> {
        check(change.keys, change.put)?;
        let Amendment { reference, .. } = *change;
        self.db.whole(|| {
            let row = self.read_person(reference)?;
            if row.is_none_or(|row| row.state == PersonState::Destroyed) {
                return Ok(Amended::Absent);
            }
            let mut same = self.version()? == version;
            for row in change.put {
                same &= self.item_version(reference, row.item)? + 1 == row.version;
            }
            for (item, version) in change.remove {
                same &= self.item_version(reference, *item)? == *version;
            }
            if !same {
                return Ok(Amended::Moved);
            }
            change.keys.iter().try_for_each(|row| self.put_key(row))?;
            let put = change.put.iter().map(|row| row.item);
            for item in put.chain(change.remove.iter().map(|(item, _)| *item)) {
                let sql = include_str!("../sql/vault/delete_item.sql");
                self.db.change(sql, (reference.0, item))?;
            }
            change.put.iter().try_for_each(|row| rows::insert_item(&self.db, row))?;
            Ok(Amended::Done)
        })
    }

    fn found(&mut self, epoch: u32, entry: Entry, limit: usize) -> Result<Vec<Reference>, Fault> {
        let values = (epoch, entry.field, entry.hash, page(limit) as u64);
        self.list(include_str!("../sql/vault/found.sql"), values, |row| row.get(0).map(Reference))
    }

    fn index(
        &mut self,
        epoch: u32,
        field: u8,
        after: Option<IndexRow>,
        limit: usize,
    ) -> Result<Vec<IndexRow>, Fault> {
        let hash = after.map_or_else(Vec::new, |row| row.hash.to_vec());
        let reference = from(after.map(|row| row.reference));
        let values = (epoch, field, hash, reference, page(limit) as u64);
        self.list(include_str!("../sql/vault/index.sql"), values, |row| {
            Ok(IndexRow { hash: row.get(0)?, reference: Reference(row.get(1)?) })
        })
    }

    fn look(&mut self, look: &LookRow) -> Result<bool, Fault> {
        check_sealed(&look.sealed)?;
        self.db.whole(|| {
            let row = self.read_person(look.reference)?;
            if row.is_none_or(|row| row.state == PersonState::Destroyed) {
                return Ok(false);
            }
            let values = (look.reference.0, look.seq.0, &look.sealed);
            self.db.change(include_str!("../sql/vault/insert_look.sql"), values)?;
            Ok(true)
        })
    }

    fn looks(
        &mut self,
        reference: Reference,
        before: Option<Seq>,
        limit: usize,
    ) -> Result<Vec<LookRow>, Fault> {
        let before = before.map_or(i64::MAX as u64, |before| before.0);
        let values = (reference.0, before, page(limit) as u64);
        self.list(include_str!("../sql/vault/looks.sql"), values, rows::look)
    }

    fn destroy(&mut self, orders: &[(Person, Seq)]) -> Result<Vec<Destroyed>, Fault> {
        self.db.whole(|| {
            let done = orders.iter().map(|(number, seq)| self.destroy_one(*number, *seq));
            done.collect()
        })
    }

    fn carry(&mut self, version: u64, from: u32, rows: &[KeyRow]) -> Result<Guarded, Fault> {
        check(rows, &[])?;
        self.guarded(version, |db| {
            let sql = include_str!("../sql/vault/carry_key.sql");
            db.change_each(sql, rows, |statement, row| {
                let entries = store::vault::pack_entries(&row.entries);
                statement.execute((row.epoch, row.reference.0, &row.sealed, entries, from))
            })
        })
    }

    fn add_index(
        &mut self,
        version: u64,
        epoch: u32,
        field: u8,
        rows: &[IndexRow],
    ) -> Result<Guarded, Fault> {
        self.guarded(version, |db| {
            let sql = include_str!("../sql/vault/insert_entry.sql");
            db.change_each(sql, rows, |statement, row| {
                statement.execute((epoch, field, row.hash, row.reference.0))
            })
        })
    }

    fn settle_index(&mut self, limit: usize) -> Result<usize, Fault> {
        let db = &self.db;
        db.whole(|| {
            let removed =
                self.list(include_str!("../sql/vault/removed.sql"), [page(limit) as u64], |row| {
                    Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?))
                })?;
            for (epoch, field, hash, reference) in &removed {
                let values: (u32, u8, [u8; 32], [u8; 16]) = (*epoch, *field, *hash, *reference);
                let key = include_str!("../sql/vault/key.sql");
                let key = db.row(key, (epoch, reference), rows::key)?;
                let entry = Entry { field: *field, hash: *hash };
                if !key.is_some_and(|key| key.entries.contains(&entry)) {
                    db.change(include_str!("../sql/vault/delete_entry.sql"), values)?;
                }
                db.change(include_str!("../sql/vault/delete_removed.sql"), values)?;
            }
            Ok(removed.len())
        })
    }

    fn forget(&mut self, epoch: u32, limit: usize) -> Result<usize, Fault> {
        let values = (epoch, page(limit) as u64);
        self.db.whole(|| {
            let keys = self.db.count(include_str!("../sql/vault/forget_keys.sql"), values)?;
            let entries = self.db.count(include_str!("../sql/vault/forget_entries.sql"), values)?;
            Ok(keys + entries)
        })
    }

    fn dump(&mut self, take: TakeVaultRow<'_>) -> Result<(), Fault> {
        let db = &self.db;
        db.reading(|| {
            let version = self.version()?;
            let epochs = self.list(include_str!("../sql/vault/epochs.sql"), [], rows::epoch)?;
            take(VaultRow::Epochs(Epochs { version, rows: epochs }))?;
            let mut after = None;
            loop {
                let values = (from(after), limits::VAULT_PAGE_MAX as u64);
                let sql = include_str!("../sql/vault/persons.sql");
                let page = self.list(sql, values, rows::person)?;
                let Some(last) = page.last() else { break };
                after = Some(last.reference);
                page.into_iter().try_for_each(|row| take(VaultRow::Person(row)))?;
            }
            db.rows(include_str!("../sql/vault/all_keys.sql"), [], rows::key, |row| {
                take(VaultRow::Key(row)).map(|()| Enough::No)
            })?;
            db.rows(include_str!("../sql/vault/all_items.sql"), [], rows::item, |row| {
                take(VaultRow::Item(row)).map(|()| Enough::No)
            })?;
            db.rows(include_str!("../sql/vault/all_looks.sql"), [], rows::look, |row| {
                take(VaultRow::Look(row)).map(|()| Enough::No)
            })
        })
    }

    fn load(&mut self, rows: &[VaultRow]) -> Result<(), Fault> {
        let db = &self.db;
        db.whole(|| rows.iter().try_for_each(|row| rows::load(db, row)))
    }

    fn upkeep(&mut self) -> Result<(), Fault> {
        self.db.truncate_log()
    }
}
