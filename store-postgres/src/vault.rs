//! The vault's rows in the schema `vault`. Each change is one transaction, which waits for the
//! medium and the standbys.
//!
//! Whoever writes keys holds the row of the epochs' version shared, and whoever changes a person
//! holds his row, so that a key is never carried over behind a destruction. What meets another
//! transaction is tried again. What is read is read on the server that takes writes.

mod rows;

use postgres::Row;
use store::Fault;
use store::limits::VAULT_PAGE_MAX;
use store::vault::terms::{Instant, Person, Seq};
use store::vault::{
    Amended, Amendment, Confirmed, Destroyed, Entry, EpochRow, Epochs, Guarded, IndexRow, ItemHead,
    ItemRow, KeyRow, LookRow, PersonRow, PersonState, Reference, TakeVaultRow, VaultRow,
    VaultStore, check, check_sealed, pack_entries, page,
};

use crate::address::{Address, Server};
use crate::db::{Db, Values, Wait, whole};
use crate::line::Line;
use crate::schema::{self, VAULT, prepare};
use rows::Entries;

/// Items of one step of a copy: some of them are large.
const ITEMS_STEP: i64 = 32;

/// A handle to the vault's rows; it connects again when it was cut off.
#[derive(Debug)]
pub struct Vault {
    address: Address,
    line: Line,
}

impl Vault {
    /// Opens the schema, which is made when it is not there.
    pub fn open(address: &Address) -> Result<Vault, Fault> {
        prepare(&mut Db::connect(address, Server::Primary, Wait::Durable)?, &VAULT, true)?;
        Ok(Vault::at(address))
    }

    /// Whether the schema is there, asked without making it.
    pub fn is_there(address: &Address) -> Result<bool, Fault> {
        let mut db = Db::connect(address, Server::Primary, Wait::Durable)?;
        Ok(0 < schema::check(&mut db, &VAULT)?)
    }

    fn at(address: &Address) -> Vault {
        let line = Line::to_schema(address, Wait::Durable, &VAULT);
        Vault { address: address.clone(), line }
    }

    /// Makes changes if the epochs have this version, and keeps them from changing meanwhile.
    fn guarded(
        &mut self,
        version: u64,
        mut make: impl FnMut(&mut Db) -> Result<(), Fault>,
    ) -> Result<Guarded, Fault> {
        whole(self.line.db()?, |db| {
            if held_version(db)? != version {
                return Ok(Guarded::Moved);
            }
            make(db)?;
            Ok(Guarded::Done)
        })
    }

    fn list<T>(
        &mut self,
        sql: &str,
        values: Values<'_>,
        read: impl Fn(&Row, &str) -> Result<T, Fault>,
    ) -> Result<Vec<T>, Fault> {
        list(self.line.db()?, sql, values, read)
    }
}

fn list<T>(
    db: &mut Db,
    sql: &str,
    values: Values<'_>,
    read: impl Fn(&Row, &str) -> Result<T, Fault>,
) -> Result<Vec<T>, Fault> {
    let place = db.place();
    db.rows(sql, values)?.iter().map(|row| read(row, &place)).collect()
}

fn held_version(db: &mut Db) -> Result<u64, Fault> {
    let row = db.one(include_str!("../sql/vault/version_held.sql"), &[])?;
    Ok(row.get::<_, i64>(0).unsigned_abs())
}

fn epochs(db: &mut Db) -> Result<Vec<EpochRow>, Fault> {
    list(db, include_str!("../sql/vault/epochs.sql"), &[], rows::epoch)
}

/// A person's row, held until the end of the transaction.
fn held(db: &mut Db, reference: Reference) -> Result<Option<PersonRow>, Fault> {
    let sql = include_str!("../sql/vault/person_held.sql");
    Ok(list(db, sql, &[&reference.0.as_slice()], rows::person)?.pop())
}

/// Writes key rows with their index rows, in place of those that are there.
fn put_keys(db: &mut Db, new: &[KeyRow]) -> Result<(), Fault> {
    for row in new {
        let (epoch, reference) = (i64::from(row.epoch), row.reference.0.as_slice());
        let sql = include_str!("../sql/vault/key.sql");
        let there = list(db, sql, &[&epoch, &reference], rows::key)?;
        remove_keys(db, &there)?;
        rows::insert_key(db, row)?;
    }
    Entries::of(new).run(db, include_str!("../sql/vault/insert_entries.sql"))
}

/// Removes key rows with their index rows.
fn remove_keys(db: &mut Db, there: &[KeyRow]) -> Result<(), Fault> {
    if there.is_empty() {
        return Ok(());
    }
    let entries = Entries::of(there);
    entries.run(db, include_str!("../sql/vault/delete_entries.sql"))?;
    if 1 < epochs(db)?.len() {
        entries.run(db, include_str!("../sql/vault/insert_removed.sql"))?;
    }
    let epochs: Vec<i64> = there.iter().map(|row| row.epoch.into()).collect();
    let references: Vec<&[u8]> = there.iter().map(|row| row.reference.0.as_slice()).collect();
    db.change(include_str!("../sql/vault/delete_keys.sql"), &[&epochs, &references]).map(drop)
}

/// Removes everything of persons but their rows, which are held.
fn empty(db: &mut Db, references: &[Reference]) -> Result<(), Fault> {
    let all: Vec<i64> = epochs(db)?.iter().map(|row| row.epoch.into()).collect();
    let references: Vec<&[u8]> = references.iter().map(|one| one.0.as_slice()).collect();
    let sql = include_str!("../sql/vault/keys_of.sql");
    let there = list(db, sql, &[&all, &references], rows::key)?;
    remove_keys(db, &there)?;
    db.change(include_str!("../sql/vault/delete_items.sql"), &[&references])?;
    db.change(include_str!("../sql/vault/delete_looks.sql"), &[&references]).map(drop)
}

fn destroy(db: &mut Db, orders: &[(Person, Seq)]) -> Result<Vec<Destroyed>, Fault> {
    let numbers: Vec<i64> = orders.iter().map(|(number, _)| number.0.into()).collect();
    let sql = include_str!("../sql/vault/persons_of_held.sql");
    let mut there = list(db, sql, &[&numbers], rows::person)?;
    let live = there.iter().filter(|row| row.state != PersonState::Destroyed);
    let live: Vec<Reference> = live.map(|row| row.reference).collect();
    empty(db, &live)?;
    let mut done = Vec::with_capacity(orders.len());
    for (number, ordered) in orders {
        let ordered = Some(*ordered);
        match there.iter_mut().find(|row| row.number == Some(*number)) {
            Some(row) if row.state == PersonState::Destroyed => done.push(Destroyed::Before),
            Some(row) => {
                (row.state, row.ordered) = (PersonState::Destroyed, ordered);
                rows::change_person(db, row)?;
                done.push(Destroyed::Now);
            }
            None => {
                let row = PersonRow {
                    reference: Reference::of_absent(*number),
                    state: PersonState::Destroyed,
                    number: Some(*number),
                    made_at: Instant(0),
                    ordered,
                };
                rows::insert_person(db, &row)?;
                there.push(row);
                done.push(Destroyed::Absent);
            }
        }
    }
    Ok(done)
}

fn confirm(db: &mut Db, reference: Reference, number: Person) -> Result<Confirmed, Fault> {
    let Some(row) = held(db, reference)? else { return Ok(Confirmed::Absent) };
    if let Some(has) = row.number {
        return Ok(match row.state {
            _ if has != number => Confirmed::Taken,
            PersonState::Destroyed => Confirmed::Destroyed,
            PersonState::Pending | PersonState::Live => Confirmed::Done,
        });
    }
    let sql = include_str!("../sql/vault/persons_of_held.sql");
    match list(db, sql, &[&vec![i64::from(number.0)]], rows::person)?.pop() {
        Some(other) if other.reference == Reference::of_absent(number) => {
            let absent = other.reference.0.as_slice();
            db.change(include_str!("../sql/vault/delete_person.sql"), &[&absent])?;
            empty(db, &[reference])?;
            let PersonRow { state, number, ordered, .. } = other;
            rows::change_person(db, &PersonRow { state, number, ordered, ..row })?;
            Ok(Confirmed::Destroyed)
        }
        Some(_) => Ok(Confirmed::Taken),
        None => {
            let (state, number) = (PersonState::Live, Some(number));
            rows::change_person(db, &PersonRow { state, number, ..row })?;
            Ok(Confirmed::Done)
        }
    }
}

fn amend(db: &mut Db, version: u64, change: &Amendment<'_>) -> Result<Amended, Fault> {
    let mut same = held_version(db)? == version;
    let row = held(db, change.reference)?;
    if row.is_none_or(|row| row.state == PersonState::Destroyed) {
        return Ok(Amended::Absent);
    }
    let reference = change.reference.0.as_slice();
    let sql = include_str!("../sql/vault/items.sql");
    let there = list(db, sql, &[&reference], item_head)?;
    let has = |item: u16| there.iter().find(|head| head.item == item).map_or(0, |one| one.version);
    same &= change.put.iter().all(|row| has(row.item) + 1 == row.version);
    same &= change.remove.iter().all(|(item, version)| has(*item) == *version);
    if !same {
        return Ok(Amended::Moved);
    }
    put_keys(db, change.keys)?;
    let put = change.put.iter().map(|row| row.item);
    for item in put.chain(change.remove.iter().map(|(item, _)| *item)) {
        let sql = include_str!("../sql/vault/delete_item.sql");
        db.change(sql, &[&reference, &i32::from(item)])?;
    }
    change.put.iter().try_for_each(|row| rows::insert_item(db, row))?;
    Ok(Amended::Done)
}

fn item_head(row: &Row, place: &str) -> Result<ItemHead, Fault> {
    let read = || {
        Some(ItemHead {
            item: u16::try_from(row.get::<_, i32>(0)).ok()?,
            kind: u8::try_from(row.get::<_, i16>(1)).ok()?,
            version: u32::try_from(row.get::<_, i64>(2)).ok()?,
        })
    };
    read().ok_or_else(|| Fault::damaged(place, None, "an item has a number that is none"))
}

fn settle(db: &mut Db, limit: usize) -> Result<usize, Fault> {
    let sql = include_str!("../sql/vault/removed.sql");
    let removed = list(db, sql, &[&(page(limit) as i64)], rows::entry)?;
    let (mut all, mut astray) = (Entries::default(), Entries::default());
    for (epoch, entry, reference) in &removed {
        all.push(*epoch, entry, *reference);
        let sql = include_str!("../sql/vault/key.sql");
        let values: Values<'_> = &[&i64::from(*epoch), &reference.0.as_slice()];
        let key = list(db, sql, values, rows::key)?.pop();
        if !key.is_some_and(|key| key.entries.contains(entry)) {
            astray.push(*epoch, entry, *reference);
        }
    }
    astray.run(db, include_str!("../sql/vault/delete_entries.sql"))?;
    all.run(db, include_str!("../sql/vault/delete_removed.sql"))?;
    Ok(removed.len())
}

/// The key behind which a page begins.
fn from(after: Option<Reference>) -> Vec<u8> {
    after.map_or_else(Vec::new, |after| after.0.to_vec())
}

fn dump(db: &mut Db, take: TakeVaultRow<'_>) -> Result<(), Fault> {
    let version: i64 = db.one(include_str!("../sql/vault/version.sql"), &[])?.get(0);
    let epochs = epochs(db)?;
    let numbers: Vec<u32> = epochs.iter().map(|row| row.epoch).collect();
    take(VaultRow::Epochs(Epochs { version: version.unsigned_abs(), rows: epochs }))?;
    let (most, mut after) = (VAULT_PAGE_MAX as i64, None);
    loop {
        let sql = include_str!("../sql/vault/persons.sql");
        let page = list(db, sql, &[&from(after), &most], rows::person)?;
        let Some(last) = page.last() else { break };
        after = Some(last.reference);
        page.into_iter().try_for_each(|row| take(VaultRow::Person(row)))?;
    }
    for epoch in numbers {
        let mut after = None;
        loop {
            let sql = include_str!("../sql/vault/keys.sql");
            let page = list(db, sql, &[&i64::from(epoch), &from(after), &most], rows::key)?;
            let Some(last) = page.last() else { break };
            after = Some(last.reference);
            page.into_iter().try_for_each(|row| take(VaultRow::Key(row)))?;
        }
    }
    let mut after = (Vec::new(), 0);
    loop {
        let sql = include_str!("../sql/vault/items_from.sql");
        let page = list(db, sql, &[&after.0, &after.1, &ITEMS_STEP], rows::item)?;
        let Some(last) = page.last() else { break };
        after = (last.reference.0.to_vec(), i32::from(last.item));
        page.into_iter().try_for_each(|row| take(VaultRow::Item(row)))?;
    }
    let mut after = (Vec::new(), 0_i64);
    loop {
        let sql = include_str!("../sql/vault/looks_from.sql");
        let page = list(db, sql, &[&after.0, &after.1, &most], rows::look)?;
        let Some(last) = page.last() else { break };
        after = (last.reference.0.to_vec(), last.seq.0 as i64);
        page.into_iter().try_for_each(|row| take(VaultRow::Look(row)))?;
    }
    Ok(())
}

fn load(db: &mut Db, row: &VaultRow) -> Result<(), Fault> {
    match row {
        VaultRow::Epochs(epochs) => {
            let version = epochs.version as i64;
            if db.change(include_str!("../sql/vault/set_version.sql"), &[&version])? != 1 {
                return Err(Fault::refused("there are epochs already"));
            }
            rows::write_epochs(db, &epochs.rows)
        }
        VaultRow::Person(row) => rows::insert_person(db, row),
        VaultRow::Key(row) => rows::insert_key(db, row),
        VaultRow::Item(row) => rows::insert_item(db, row),
        VaultRow::Look(row) => {
            let (reference, seq) = (row.reference.0.as_slice(), row.seq.0 as i64);
            let sql = include_str!("../sql/vault/insert_new_look.sql");
            db.change(sql, &[&reference, &seq, &row.sealed]).map(drop)
        }
    }
}

impl VaultStore for Vault {
    fn another(&self) -> Result<Box<dyn VaultStore>, Fault> {
        Ok(Box::new(Vault::at(&self.address)))
    }

    fn epochs(&mut self) -> Result<Epochs, Fault> {
        whole(self.line.db()?, |db| {
            // Held, so that version and rows are of one moment.
            let version = held_version(db)?;
            Ok(Epochs { version, rows: epochs(db)? })
        })
    }

    fn set_epochs(&mut self, expected: u64, rows: &[EpochRow]) -> Result<Guarded, Fault> {
        whole(self.line.db()?, |db| {
            let expected = expected as i64;
            if db.change(include_str!("../sql/vault/raise_version.sql"), &[&expected])? != 1 {
                return Ok(Guarded::Moved);
            }
            rows::write_epochs(db, rows)?;
            Ok(Guarded::Done)
        })
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
            put_keys(db, keys)?;
            items.iter().try_for_each(|row| rows::insert_item(db, row))
        })
    }

    fn confirm(&mut self, reference: Reference, number: Person) -> Result<Confirmed, Fault> {
        whole(self.line.db()?, |db| confirm(db, reference, number))
    }

    fn drop_pending(&mut self, reference: Reference, made_before: Instant) -> Result<bool, Fault> {
        whole(self.line.db()?, |db| {
            let due =
                |row: &PersonRow| row.state == PersonState::Pending && row.made_at < made_before;
            if !held(db, reference)?.as_ref().is_some_and(due) {
                return Ok(false);
            }
            empty(db, &[reference])?;
            let sql = include_str!("../sql/vault/delete_person.sql");
            db.change(sql, &[&reference.0.as_slice()])?;
            Ok(true)
        })
    }

    fn person(&mut self, reference: Reference) -> Result<Option<PersonRow>, Fault> {
        let sql = include_str!("../sql/vault/person.sql");
        Ok(self.list(sql, &[&reference.0.as_slice()], rows::person)?.pop())
    }

    fn person_of(&mut self, number: Person) -> Result<Option<PersonRow>, Fault> {
        let sql = include_str!("../sql/vault/person_of.sql");
        Ok(self.list(sql, &[&i64::from(number.0)], rows::person)?.pop())
    }

    fn pending(
        &mut self,
        made_before: Instant,
        after: Option<Reference>,
        limit: usize,
    ) -> Result<Vec<PersonRow>, Fault> {
        let sql = include_str!("../sql/vault/pending.sql");
        self.list(sql, &[&from(after), &(page(limit) as i64), &made_before.0], rows::person)
    }

    fn persons(&mut self, after: Option<Reference>, limit: usize) -> Result<Vec<PersonRow>, Fault> {
        let sql = include_str!("../sql/vault/persons.sql");
        self.list(sql, &[&from(after), &(page(limit) as i64)], rows::person)
    }

    fn key(&mut self, epoch: u32, reference: Reference) -> Result<Option<KeyRow>, Fault> {
        let sql = include_str!("../sql/vault/key.sql");
        Ok(self.list(sql, &[&i64::from(epoch), &reference.0.as_slice()], rows::key)?.pop())
    }

    fn keys(
        &mut self,
        epoch: u32,
        after: Option<Reference>,
        limit: usize,
    ) -> Result<Vec<KeyRow>, Fault> {
        let sql = include_str!("../sql/vault/keys.sql");
        let values: Values<'_> = &[&i64::from(epoch), &from(after), &(page(limit) as i64)];
        self.list(sql, values, rows::key)
    }

    fn item(&mut self, reference: Reference, item: u16) -> Result<Option<ItemRow>, Fault> {
        let sql = include_str!("../sql/vault/item.sql");
        Ok(self.list(sql, &[&reference.0.as_slice(), &i32::from(item)], rows::item)?.pop())
    }

    fn items(&mut self, reference: Reference) -> Result<Vec<ItemHead>, Fault> {
        let sql = include_str!("../sql/vault/items.sql");
        self.list(sql, &[&reference.0.as_slice()], item_head)
    }

    fn amend(&mut self, version: u64, change: &Amendment<'_>) -> Result<Amended, Fault> {
        check(change.keys, change.put)?;
        whole(self.line.db()?, |db| amend(db, version, change))
    }

    fn found(&mut self, epoch: u32, entry: Entry, limit: usize) -> Result<Vec<Reference>, Fault> {
        let (epoch, field, most) = (i64::from(epoch), i16::from(entry.field), page(limit) as i64);
        let sql = include_str!("../sql/vault/found.sql");
        let values: Values<'_> = &[&epoch, &field, &entry.hash.as_slice(), &most];
        self.list(sql, values, |row, place| rows::reference(row, 0, place))
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
        let (epoch, field, most) = (i64::from(epoch), i16::from(field), page(limit) as i64);
        let sql = include_str!("../sql/vault/index.sql");
        let values: Values<'_> = &[&epoch, &field, &hash, &reference, &most];
        self.list(sql, values, rows::index)
    }

    fn look(&mut self, look: &LookRow) -> Result<bool, Fault> {
        check_sealed(&look.sealed)?;
        whole(self.line.db()?, |db| {
            let row = held(db, look.reference)?;
            if row.is_none_or(|row| row.state == PersonState::Destroyed) {
                return Ok(false);
            }
            let (reference, seq) = (look.reference.0.as_slice(), look.seq.0 as i64);
            let sql = include_str!("../sql/vault/insert_look.sql");
            db.change(sql, &[&reference, &seq, &look.sealed])?;
            Ok(true)
        })
    }

    fn looks(
        &mut self,
        reference: Reference,
        before: Option<Seq>,
        limit: usize,
    ) -> Result<Vec<LookRow>, Fault> {
        let before = before.map_or(i64::MAX, |before| before.0 as i64);
        let values: Values<'_> = &[&reference.0.as_slice(), &before, &(page(limit) as i64)];
        self.list(include_str!("../sql/vault/looks.sql"), values, rows::look)
    }

    fn destroy(&mut self, orders: &[(Person, Seq)]) -> Result<Vec<Destroyed>, Fault> {
        whole(self.line.db()?, |db| destroy(db, orders))
    }

    fn carry(&mut self, version: u64, from: u32, new: &[KeyRow]) -> Result<Guarded, Fault> {
        check(new, &[])?;
        let Some(to) = new.first().map(|row| i64::from(row.epoch)) else {
            return Ok(Guarded::Done);
        };
        let references: Vec<&[u8]> = new.iter().map(|row| row.reference.0.as_slice()).collect();
        let sealed: Vec<&[u8]> = new.iter().map(|row| row.sealed.as_slice()).collect();
        let entries: Vec<Vec<u8>> = new.iter().map(|row| pack_entries(&row.entries)).collect();
        self.guarded(version, |db| {
            db.rows(include_str!("../sql/vault/hold_persons.sql"), &[&references])?;
            let from = i64::from(from);
            let sql = include_str!("../sql/vault/carry_keys.sql");
            db.change(sql, &[&to, &from, &references, &sealed, &entries]).map(drop)
        })
    }

    fn add_index(
        &mut self,
        version: u64,
        epoch: u32,
        field: u8,
        new: &[IndexRow],
    ) -> Result<Guarded, Fault> {
        let mut entries = Entries::default();
        for IndexRow { hash, reference } in new {
            entries.push(epoch, &Entry { field, hash: *hash }, *reference);
        }
        self.guarded(version, |db| entries.run(db, include_str!("../sql/vault/insert_entries.sql")))
    }

    fn settle_index(&mut self, limit: usize) -> Result<usize, Fault> {
        whole(self.line.db()?, |db| settle(db, limit))
    }

    fn forget(&mut self, epoch: u32, limit: usize) -> Result<usize, Fault> {
        let (epoch, most) = (i64::from(epoch), page(limit) as i64);
        whole(self.line.db()?, |db| {
            let keys = db.change(include_str!("../sql/vault/forget_keys.sql"), &[&epoch, &most])?;
            let sql = include_str!("../sql/vault/forget_entries.sql");
            let entries = db.change(sql, &[&epoch, &most])?;
            Ok(usize::try_from(keys + entries).unwrap_or(usize::MAX))
        })
    }

    fn dump(&mut self, take: TakeVaultRow<'_>) -> Result<(), Fault> {
        let db = self.line.db()?;
        db.run(include_str!("../sql/begin_read.sql"))?;
        let done = dump(db, take);
        db.run(include_str!("../sql/rollback.sql"))?;
        done
    }

    fn load(&mut self, new: &[VaultRow]) -> Result<(), Fault> {
        whole(self.line.db()?, |db| new.iter().try_for_each(|row| load(db, row)))
    }

    fn upkeep(&mut self) -> Result<(), Fault> {
        Ok(())
    }
}
