//! The vault's rows as they are read from and written to the database.

use postgres::Row;
use store::Fault;
use store::vault::terms::{Instant, Person, Seq};
use store::vault::{
    Entry, EpochRow, IndexRow, ItemRow, KeyRow, LookRow, PersonRow, PersonState, Reference,
    pack_entries, unpack_entries,
};

use crate::db::Db;

/// A value that no adapter wrote.
fn strange(place: &str) -> Fault {
    Fault::damaged(place, None, "a row of the vault has a value that is none of this program")
}

/// The reference in a column.
pub(super) fn reference(row: &Row, at: usize, place: &str) -> Result<Reference, Fault> {
    let bytes: &[u8] = row.get(at);
    bytes.try_into().map(Reference).map_err(|_| strange(place))
}

/// A number that fits its type.
fn small<T: TryFrom<i64>>(row: &Row, at: usize, place: &str) -> Result<T, Fault> {
    T::try_from(row.get::<_, i64>(at)).map_err(|_| strange(place))
}

/// `reference, state, number, made_ns, ordered`
pub(super) fn person(row: &Row, place: &str) -> Result<PersonRow, Fault> {
    let state = u8::try_from(row.get::<_, i16>(1)).ok().and_then(PersonState::from_code);
    let number = row.get::<_, Option<i64>>(2).map(u32::try_from).transpose();
    Ok(PersonRow {
        reference: reference(row, 0, place)?,
        state: state.ok_or_else(|| strange(place))?,
        number: number.map_err(|_| strange(place))?.map(Person),
        made_at: Instant(row.get(3)),
        ordered: row.get::<_, Option<i64>>(4).map(|seq| Seq(seq.unsigned_abs())),
    })
}

/// `epoch, reference, sealed, entries`
pub(super) fn key(row: &Row, place: &str) -> Result<KeyRow, Fault> {
    Ok(KeyRow {
        epoch: small(row, 0, place)?,
        reference: reference(row, 1, place)?,
        sealed: row.get(2),
        entries: unpack_entries(row.get(3)).ok_or_else(|| strange(place))?,
    })
}

/// `reference, item, kind, version, epoch, sealed`
pub(super) fn item(row: &Row, place: &str) -> Result<ItemRow, Fault> {
    Ok(ItemRow {
        reference: reference(row, 0, place)?,
        item: u16::try_from(row.get::<_, i32>(1)).map_err(|_| strange(place))?,
        kind: u8::try_from(row.get::<_, i16>(2)).map_err(|_| strange(place))?,
        version: small(row, 3, place)?,
        epoch: small(row, 4, place)?,
        sealed: row.get(5),
    })
}

/// `reference, seq, sealed`
pub(super) fn look(row: &Row, place: &str) -> Result<LookRow, Fault> {
    let (reference, seq) = (reference(row, 0, place)?, row.get::<_, i64>(1).unsigned_abs());
    Ok(LookRow { reference, seq: Seq(seq), sealed: row.get(2) })
}

/// `epoch, phase, sealed, progress`
pub(super) fn epoch(row: &Row, place: &str) -> Result<EpochRow, Fault> {
    let phase = u8::try_from(row.get::<_, i16>(1)).map_err(|_| strange(place))?;
    Ok(EpochRow { epoch: small(row, 0, place)?, phase, sealed: row.get(2), cursor: row.get(3) })
}

/// Entries of several persons, column by column.
#[derive(Default)]
pub(super) struct Entries {
    epochs: Vec<i64>,
    fields: Vec<i16>,
    hashes: Vec<Vec<u8>>,
    references: Vec<Vec<u8>>,
}

impl Entries {
    pub(super) fn push(&mut self, epoch: u32, entry: &Entry, reference: Reference) {
        self.epochs.push(epoch.into());
        self.fields.push(entry.field.into());
        self.hashes.push(entry.hash.to_vec());
        self.references.push(reference.0.to_vec());
    }

    pub(super) fn of(rows: &[KeyRow]) -> Entries {
        let mut all = Entries::default();
        for row in rows {
            row.entries.iter().for_each(|entry| all.push(row.epoch, entry, row.reference));
        }
        all
    }

    /// Runs a statement over all of them.
    pub(super) fn run(&self, db: &mut Db, sql: &str) -> Result<(), Fault> {
        if self.epochs.is_empty() {
            return Ok(());
        }
        let Entries { epochs, fields, hashes, references } = self;
        db.change(sql, &[epochs, fields, hashes, references]).map(drop)
    }
}

/// `epoch, field, hash, reference`
pub(super) fn entry(row: &Row, place: &str) -> Result<(u32, Entry, Reference), Fault> {
    let hash: &[u8] = row.get(2);
    let entry = Entry {
        field: u8::try_from(row.get::<_, i16>(1)).map_err(|_| strange(place))?,
        hash: hash.try_into().map_err(|_| strange(place))?,
    };
    Ok((small(row, 0, place)?, entry, reference(row, 3, place)?))
}

pub(super) fn insert_person(db: &mut Db, row: &PersonRow) -> Result<(), Fault> {
    let number = row.number.map(|number| i64::from(number.0));
    let ordered = row.ordered.map(|seq| seq.0 as i64);
    let (reference, state) = (row.reference.0.as_slice(), i16::from(row.state.code()));
    let sql = include_str!("../../sql/vault/insert_person.sql");
    db.change(sql, &[&reference, &state, &number, &row.made_at.0, &ordered]).map(drop)
}

pub(super) fn change_person(db: &mut Db, row: &PersonRow) -> Result<(), Fault> {
    let number = row.number.map(|number| i64::from(number.0));
    let ordered = row.ordered.map(|seq| seq.0 as i64);
    let (reference, state) = (row.reference.0.as_slice(), i16::from(row.state.code()));
    let sql = include_str!("../../sql/vault/change_person.sql");
    db.change(sql, &[&reference, &state, &number, &ordered]).map(drop)
}

/// A key row without its index rows.
pub(super) fn insert_key(db: &mut Db, row: &KeyRow) -> Result<(), Fault> {
    let (epoch, reference) = (i64::from(row.epoch), row.reference.0.as_slice());
    let entries = pack_entries(&row.entries);
    let sql = include_str!("../../sql/vault/insert_key.sql");
    db.change(sql, &[&epoch, &reference, &row.sealed, &entries]).map(drop)
}

pub(super) fn insert_item(db: &mut Db, row: &ItemRow) -> Result<(), Fault> {
    let (reference, item) = (row.reference.0.as_slice(), i32::from(row.item));
    let (kind, version) = (i16::from(row.kind), i64::from(row.version));
    let epoch = i64::from(row.epoch);
    let sql = include_str!("../../sql/vault/insert_item.sql");
    db.change(sql, &[&reference, &item, &kind, &version, &epoch, &row.sealed]).map(drop)
}

pub(super) fn write_epochs(db: &mut Db, rows: &[EpochRow]) -> Result<(), Fault> {
    db.change(include_str!("../../sql/vault/delete_epochs.sql"), &[])?;
    for EpochRow { epoch, phase, sealed, cursor } in rows {
        let sql = include_str!("../../sql/vault/insert_epoch.sql");
        db.change(sql, &[&i64::from(*epoch), &i16::from(*phase), sealed, cursor])?;
    }
    Ok(())
}

/// `hash, reference`
pub(super) fn index(row: &Row, place: &str) -> Result<IndexRow, Fault> {
    let hash: &[u8] = row.get(0);
    let hash = hash.try_into().map_err(|_| strange(place))?;
    Ok(IndexRow { hash, reference: reference(row, 1, place)? })
}
