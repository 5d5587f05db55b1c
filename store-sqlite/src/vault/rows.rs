//! The vault's rows as they are read from and written to the file.

use rusqlite::types::Type;
use rusqlite::{Error, Row};
use store::Fault;
use store::vault::terms::{Instant, Person, Seq};
use store::vault::{
    EpochRow, ItemRow, KeyRow, LookRow, PersonRow, PersonState, Reference, VaultRow, pack_entries,
    unpack_entries,
};

use crate::file::Db;

/// A value that no adapter wrote.
fn strange(column: usize, kind: Type) -> Error {
    let what = "a value that is none of this program".into();
    Error::FromSqlConversionFailure(column, kind, what)
}

/// `reference, state, number, made_ns, ordered`
pub(super) fn person(row: &Row<'_>) -> rusqlite::Result<PersonRow> {
    let state = PersonState::from_code(row.get(1)?).ok_or_else(|| strange(1, Type::Integer))?;
    Ok(PersonRow {
        reference: Reference(row.get(0)?),
        state,
        number: row.get::<_, Option<u32>>(2)?.map(Person),
        made_at: Instant(row.get(3)?),
        ordered: row.get::<_, Option<u64>>(4)?.map(Seq),
    })
}

/// `epoch, reference, sealed, entries`
pub(super) fn key(row: &Row<'_>) -> rusqlite::Result<KeyRow> {
    let entries = unpack_entries(row.get_ref(3)?.as_blob()?);
    let entries = entries.ok_or_else(|| strange(3, Type::Blob))?;
    let (epoch, reference, sealed) = (row.get(0)?, Reference(row.get(1)?), row.get(2)?);
    Ok(KeyRow { epoch, reference, sealed, entries })
}

/// `reference, item, kind, version, epoch, sealed`
pub(super) fn item(row: &Row<'_>) -> rusqlite::Result<ItemRow> {
    Ok(ItemRow {
        reference: Reference(row.get(0)?),
        item: row.get(1)?,
        kind: row.get(2)?,
        version: row.get(3)?,
        epoch: row.get(4)?,
        sealed: row.get(5)?,
    })
}

/// `reference, seq, sealed`
pub(super) fn look(row: &Row<'_>) -> rusqlite::Result<LookRow> {
    let (reference, seq) = (Reference(row.get(0)?), Seq(row.get(1)?));
    Ok(LookRow { reference, seq, sealed: row.get(2)? })
}

/// `epoch, phase, sealed, progress`
pub(super) fn epoch(row: &Row<'_>) -> rusqlite::Result<EpochRow> {
    let (epoch, phase, sealed, cursor) = (row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?);
    Ok(EpochRow { epoch, phase, sealed, cursor })
}

pub(super) fn insert_person(db: &Db, row: &PersonRow) -> Result<(), Fault> {
    let number = row.number.map(|number| number.0);
    let ordered = row.ordered.map(|seq| seq.0);
    let values = (row.reference.0, row.state.code(), number, row.made_at.0, ordered);
    db.change(include_str!("../../sql/vault/insert_person.sql"), values)
}

pub(super) fn change_person(db: &Db, row: &PersonRow) -> Result<(), Fault> {
    let number = row.number.map(|number| number.0);
    let ordered = row.ordered.map(|seq| seq.0);
    let values = (row.reference.0, row.state.code(), number, ordered);
    db.change(include_str!("../../sql/vault/change_person.sql"), values)
}

/// A key row without its index rows.
pub(super) fn insert_key(db: &Db, row: &KeyRow) -> Result<(), Fault> {
    let values = (row.epoch, row.reference.0, &row.sealed, pack_entries(&row.entries));
    db.change(include_str!("../../sql/vault/insert_key.sql"), values)
}

pub(super) fn insert_item(db: &Db, row: &ItemRow) -> Result<(), Fault> {
    let ItemRow { reference, item, kind, version, epoch, sealed } = row;
    let values = (reference.0, item, kind, version, epoch, sealed);
    db.change(include_str!("../../sql/vault/insert_item.sql"), values)
}

/// Replaces the epochs and sets their version.
pub(super) fn write_epochs(db: &Db, version: u64, rows: &[EpochRow]) -> Result<(), Fault> {
    db.change(include_str!("../../sql/vault/delete_epochs.sql"), [])?;
    for EpochRow { epoch, phase, sealed, cursor } in rows {
        let sql = include_str!("../../sql/vault/insert_epoch.sql");
        db.change(sql, (epoch, phase, sealed, cursor))?;
    }
    db.change(include_str!("../../sql/vault/set_epochs_version.sql"), [version])
}

/// A row of a copy.
pub(super) fn load(db: &Db, row: &VaultRow) -> Result<(), Fault> {
    match row {
        VaultRow::Epochs(epochs) => {
            let there: u64 = db.one(include_str!("../../sql/vault/epochs_version.sql"), [])?;
            if there != 0 {
                return Err(Fault::refused("there are epochs already"));
            }
            write_epochs(db, epochs.version, &epochs.rows)
        }
        VaultRow::Person(row) => insert_person(db, row),
        VaultRow::Key(row) => insert_key(db, row),
        VaultRow::Item(row) => insert_item(db, row),
        VaultRow::Look(row) => {
            let values = (row.reference.0, row.seq.0, &row.sealed);
            db.change(include_str!("../../sql/vault/insert_new_look.sql"), values)
        }
    }
}
