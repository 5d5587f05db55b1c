//! Schemas and their versions: forward only, each step in a transaction of its own.
//!
//! The journal's schema and that of the views have versions of their own, so that the views can be
//! dropped whole and made again. A program that may not change schemas finds them up to date or
//! says what to do.

use store::Fault;

use crate::db::{Db, is_there_already};

/// The migrations of one schema, oldest first. Version n is the schema after n of them.
#[derive(Debug)]
pub(crate) struct Schema {
    /// Its name.
    pub(crate) name: &'static str,
    /// How it is made.
    pub(crate) migrations: &'static [&'static str],
}

/// The journal and its snapshots.
pub(crate) const JOURNAL: Schema =
    Schema { name: "bej", migrations: &[include_str!("../sql/journal/0001_frames.sql")] };

/// Persons.
pub(crate) const VAULT: Schema =
    Schema { name: "vault", migrations: &[include_str!("../sql/vault/0001_vault.sql")] };

/// What the edges keep.
pub(crate) const EDGE: Schema =
    Schema { name: "edge", migrations: &[include_str!("../sql/edge/0001_edge.sql")] };

/// Brings a schema up to date; one that is not there is made if that is wanted.
pub(crate) fn prepare(db: &mut Db, schema: &Schema, create: bool) -> Result<(), Fault> {
    let mut done = check(db, schema)?;
    if done == 0 && !create {
        return Err(Fault::Absent { place: db.place() });
    }
    while done < schema.migrations.len() {
        if let Err(fault) = step(db, schema, done) {
            db.run(include_str!("../sql/rollback.sql"))?;
            // Somebody else may have been faster.
            if !is_there_already(&fault) || check(db, schema)? <= done {
                return Err(fault);
            }
        }
        done = check(db, schema)?;
    }
    Ok(())
}

/// The version, or an error if it is newer than this program. 0 if there is none.
pub(crate) fn check(db: &mut Db, schema: &Schema) -> Result<usize, Fault> {
    let there: bool = db.one(include_str!("../sql/has_schema.sql"), &[&schema.name])?.get(0);
    if !there {
        return Ok(0);
    }
    let sql = format!("SELECT version FROM {}.schema_version", schema.name);
    let version: i32 = db.one(&sql, &[])?.get(0);
    let known = schema.migrations.len();
    match usize::try_from(version) {
        Ok(version) if version <= known => Ok(version),
        _ => Err(Fault::Newer {
            place: format!("{}, schema {}", db.place(), schema.name),
            found: version.unsigned_abs(),
            known: known as u32,
        }),
    }
}

/// Refuses a database in which there is no such schema, or not the newest one.
pub(crate) fn present(db: &mut Db, schema: &Schema) -> Result<(), Fault> {
    match check(db, schema)? {
        0 => Err(Fault::Absent { place: db.place() }),
        version if version < schema.migrations.len() => Err(Fault::refused(format!(
            "{}: schema {} has version {version} and this program needs {}; open it once to write",
            db.place(),
            schema.name,
            schema.migrations.len()
        ))),
        _ => Ok(()),
    }
}

fn step(db: &mut Db, schema: &Schema, done: usize) -> Result<(), Fault> {
    db.run(include_str!("../sql/begin.sql"))?;
    db.run(schema.migrations[done])?;
    db.run(&format!("UPDATE {}.schema_version SET version = {}", schema.name, done + 1))?;
    db.run(include_str!("../sql/commit.sql"))
}

/// What tells this store from every other one.
pub(crate) fn id(db: &mut Db) -> Result<String, Fault> {
    Ok(db.one(include_str!("../sql/journal/id.sql"), &[])?.get(0))
}
