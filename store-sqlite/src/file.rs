//! One SQLite file of the store: how it is made, opened, migrated and asked.

use std::fs::{self, File};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags, OptionalExtension as _, Params, Row, Statement, ffi};
use store::files::{parent, sync_directory};
use store::{Fault, Frame};

use crate::Synchronous;

/// "bej1", in the header of every file of the store.
const APPLICATION_ID: i64 = 0x6265_6a31;

/// How long a statement waits for another connection. Long enough for a checkpoint step, short
/// enough that the pump is not held up by a reader that has stopped.
const WAIT_MAX: Duration = Duration::from_millis(250);

/// The migrations of one kind of file, oldest first. Version n is the schema after n of them.
pub(crate) type Migrations = &'static [&'static str];

/// The migrations of a part of the journal.
pub(crate) const PART: Migrations = &[include_str!("../sql/journal/0001_frames.sql")];

/// An open file of the store.
#[derive(Debug)]
pub(crate) struct Db {
    connection: Connection,
    place: String,
}

/// How a file is opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Access {
    /// To write, with what a commit waits for.
    Write(Synchronous),
    /// To read beside a writer.
    Read,
    /// To read a file that nobody will ever write again.
    ReadClosed,
}

impl Db {
    /// Opens a file that exists and brings its schema up to date when it may be written.
    pub(crate) fn open(path: &Path, access: Access, migrations: Migrations) -> Result<Db, Fault> {
        let place = path.display().to_string();
        let opening = || format!("open {place}");
        let bytes = fs::metadata(path).map_err(|error| Fault::failed(opening(), error))?.len();
        if bytes == 0 {
            return Err(Fault::damaged(place, None, "the file is empty"));
        }
        let connection = connect(path, access)
            .map_err(|error| crate::file::fault(&place, None, opening(), error))?;
        let db = Db { connection, place };
        let id: i64 = db.one(include_str!("../sql/application_id.sql"), [])?;
        if id != APPLICATION_ID {
            return Err(Fault::damaged(db.place, None, "this is not a file of bej"));
        }
        db.check_version(migrations)?;
        db.run(include_str!("../sql/settings.sql"))?;
        if let Access::Write(synchronous) = access {
            db.run(match synchronous {
                Synchronous::Full => include_str!("../sql/synchronous_full.sql"),
                Synchronous::Off => include_str!("../sql/synchronous_off.sql"),
            })?;
            let mode: String = db.one(include_str!("../sql/journal_mode_wal.sql"), [])?;
            if mode != "wal" {
                let what = format!("the journal mode is {mode} and cannot be made wal");
                return Err(Fault::damaged(db.place, None, what));
            }
            db.migrate(migrations)?;
        }
        Ok(db)
    }

    /// Makes a file under a temporary name, with the newest schema and what `fill` adds, and gives
    /// it its name when all of it is durable. A file of that name is left as it is.
    pub(crate) fn make(
        path: &Path,
        unfinished: &Path,
        migrations: Migrations,
        fill: impl FnOnce(&Db) -> Result<(), Fault>,
    ) -> Result<(), Fault> {
        let place = unfinished.display().to_string();
        let making = || format!("make {place}");
        remove_leftovers(unfinished)?;
        let connection =
            Connection::open(unfinished).map_err(|error| fault(&place, None, making(), error))?;
        let db = Db { connection, place: place.clone() };
        db.run(include_str!("../sql/new_file.sql"))?;
        db.migrate(migrations)?;
        fill(&db)?;
        let _: String = db.one(include_str!("../sql/journal_mode_wal.sql"), [])?;
        db.connection.close().map_err(|(_, error)| fault(&place, None, making(), error))?;
        File::open(unfinished)
            .and_then(|file| file.sync_all())
            .map_err(|error| Fault::sync(place.clone(), error))?;
        // A link never replaces a file, as a rename would, should two processes do this at once.
        match fs::hard_link(unfinished, path) {
            Ok(()) => {}
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(Fault::failed(format!("name {}", path.display()), error)),
        }
        remove_leftovers(unfinished)?;
        sync_directory(parent(path))
    }

    /// The schema's version; 0 before the first migration.
    fn version(&self) -> Result<u32, Fault> {
        let tables: i64 = self.one(include_str!("../sql/has_meta.sql"), [])?;
        match tables {
            0 => Ok(0),
            _ => self.one(include_str!("../sql/schema_version.sql"), []),
        }
    }

    fn check_version(&self, migrations: Migrations) -> Result<(), Fault> {
        let (found, known) = (self.version()?, migrations.len() as u32);
        if known < found {
            return Err(Fault::Newer { place: self.place.clone(), found, known });
        }
        if found == 0 {
            return Err(Fault::damaged(self.place.clone(), None, "its schema is gone"));
        }
        Ok(())
    }

    /// Forward only, each step in a transaction of its own.
    fn migrate(&self, migrations: Migrations) -> Result<(), Fault> {
        let done = self.version()? as usize;
        for (step, sql) in migrations.iter().enumerate().skip(done) {
            self.run(include_str!("../sql/begin.sql"))?;
            self.run(sql)?;
            self.change(include_str!("../sql/set_schema_version.sql"), [step as u32 + 1])?;
            self.run(include_str!("../sql/commit.sql"))?;
        }
        Ok(())
    }

    /// The name of the file, for faults.
    pub(crate) fn place(&self) -> &str {
        &self.place
    }

    /// Runs statements that give no answer.
    pub(crate) fn run(&self, sql: &str) -> Result<(), Fault> {
        self.connection.execute_batch(sql).map_err(|error| self.fault("write", error))
    }

    /// Runs a statement that changes rows.
    pub(crate) fn change(&self, sql: &'static str, values: impl Params) -> Result<(), Fault> {
        self.connection
            .prepare_cached(sql)
            .and_then(|mut statement| statement.execute(values))
            .map_err(|error| self.fault("write", error))?;
        Ok(())
    }

    /// Opens a file that several processes write, which is made when it is not there; `settings`
    /// are those of its kind.
    pub(crate) fn shared(path: &Path, migrations: Migrations, settings: &str) -> Result<Db, Fault> {
        static MADE: AtomicU64 = AtomicU64::new(0);
        if !path.exists() {
            let number = MADE.fetch_add(1, Ordering::Relaxed);
            let mut unfinished = path.to_owned().into_os_string();
            // Whoever makes it at the same time does so under another name.
            unfinished.push(format!(".new-{}-{number}", std::process::id()));
            Db::make(path, &PathBuf::from(unfinished), migrations, |_| Ok(()))?;
            fs::set_permissions(path, fs::Permissions::from_mode(0o600))
                .map_err(|error| Fault::failed(format!("make {}", path.display()), error))?;
        }
        let db = Db::open(path, Access::Write(Synchronous::Full), migrations)?;
        db.run(settings)?;
        Ok(db)
    }

    /// Runs changes in one transaction: all of them or none.
    pub(crate) fn whole<T>(&self, make: impl FnOnce() -> Result<T, Fault>) -> Result<T, Fault> {
        self.run(include_str!("../sql/begin.sql"))?;
        let made = make().and_then(|made| {
            self.run(include_str!("../sql/commit.sql"))?;
            Ok(made)
        });
        if made.is_err() && !self.is_idle() {
            self.run(include_str!("../sql/rollback.sql"))?;
        }
        made
    }

    /// Reads as of one moment.
    pub(crate) fn reading<T>(&self, read: impl FnOnce() -> Result<T, Fault>) -> Result<T, Fault> {
        self.run(include_str!("../sql/views/begin_read.sql"))?;
        let read = read();
        self.run(include_str!("../sql/rollback.sql"))?;
        read
    }

    /// Runs a statement that changes rows: how many.
    pub(crate) fn count(&self, sql: &'static str, values: impl Params) -> Result<usize, Fault> {
        self.connection
            .prepare_cached(sql)
            .and_then(|mut statement| statement.execute(values))
            .map_err(|error| self.fault("write", error))
    }

    /// Moves what is in the log to its place and empties it, unless somebody is in the way.
    pub(crate) fn truncate_log(&self) -> Result<(), Fault> {
        let _: i64 = self.one(include_str!("../sql/checkpoint_truncate.sql"), [])?;
        Ok(())
    }

    /// Finds damage in the file.
    pub(crate) fn check_pages(&self) -> Result<(), Fault> {
        let said: String = self.one(include_str!("../sql/check_pages.sql"), [])?;
        match said.as_str() {
            "ok" => Ok(()),
            _ => Err(Fault::damaged(self.place.clone(), None, said)),
        }
    }

    /// Runs one statement for each of many rows, which `bind` gives it: the statement is looked up
    /// once.
    pub(crate) fn change_each<T>(
        &self,
        sql: &'static str,
        rows: impl IntoIterator<Item = T>,
        bind: impl Fn(&mut Statement<'_>, T) -> rusqlite::Result<usize>,
    ) -> Result<(), Fault> {
        let mut rows = rows.into_iter().peekable();
        if rows.peek().is_none() {
            return Ok(());
        }
        let wrong = |error| self.fault("write", error);
        let mut statement = self.connection.prepare_cached(sql).map_err(wrong)?;
        rows.try_for_each(|row| bind(&mut statement, row).map(drop)).map_err(wrong)
    }

    /// The first column of the only row.
    pub(crate) fn one<T: rusqlite::types::FromSql>(
        &self,
        sql: &'static str,
        values: impl Params,
    ) -> Result<T, Fault> {
        let found = self.row(sql, values, |row| row.get(0))?;
        found.ok_or_else(|| Fault::damaged(self.place.clone(), None, "a row is missing"))
    }

    /// The first row, if there is one.
    pub(crate) fn row<T>(
        &self,
        sql: &'static str,
        values: impl Params,
        read: impl FnOnce(&Row<'_>) -> rusqlite::Result<T>,
    ) -> Result<Option<T>, Fault> {
        self.connection
            .prepare_cached(sql)
            .and_then(|mut statement| statement.query_row(values, read).optional())
            .map_err(|error| self.fault("read", error))
    }

    /// Gives each row to `take`, in order, until it says that it has enough.
    pub(crate) fn rows<T>(
        &self,
        sql: &'static str,
        values: impl Params,
        read: impl Fn(&Row<'_>) -> rusqlite::Result<T>,
        mut take: impl FnMut(T) -> Result<Enough, Fault>,
    ) -> Result<(), Fault> {
        let wrong = |error| self.fault("read", error);
        let mut statement = self.connection.prepare_cached(sql).map_err(wrong)?;
        let mut rows = statement.query(values).map_err(wrong)?;
        while let Some(row) = rows.next().map_err(wrong)? {
            if take(read(row).map_err(wrong)?)? == Enough::Yes {
                break;
            }
        }
        Ok(())
    }

    /// Runs a statement as it is, for the writer, who has to know where it failed.
    pub(crate) fn step(
        &self,
        sql: &'static str,
        values: impl Params,
    ) -> Result<(), rusqlite::Error> {
        self.connection.prepare_cached(sql)?.execute(values).map(|_| ())
    }

    /// Whether no transaction is open.
    pub(crate) fn is_idle(&self) -> bool {
        self.connection.is_autocommit()
    }

    /// The error of the engine as a fault of this file.
    pub(crate) fn fault(&self, doing: &str, error: rusqlite::Error) -> Fault {
        fault(&self.place, None, format!("{doing} {}", self.place), error)
    }
}

/// Whether to read on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Enough {
    /// Stop.
    Yes,
    /// Go on.
    No,
}

/// A row of `frames` as it is stored.
pub(crate) struct StoredFrame {
    number: u64,
    first_seq: u64,
    bytes: Vec<u8>,
}

impl StoredFrame {
    /// Reads `number, first_seq, bytes`.
    pub(crate) fn read(row: &Row<'_>) -> rusqlite::Result<StoredFrame> {
        let bytes = row.get_ref(2)?.as_blob()?.to_vec();
        Ok(StoredFrame { number: row.get(0)?, first_seq: row.get(1)?, bytes })
    }

    /// Opens the frame, and checks that the row is that of this frame.
    pub(crate) fn open(self, place: &str) -> Result<Frame, Fault> {
        let StoredFrame { number, first_seq, bytes } = self;
        let frame = Frame::open(bytes).map_err(|error| Fault::Damaged {
            place: place.into(),
            frame: Some(number),
            what: "what is stored is not what was written".into(),
            source: Some(error.into()),
        })?;
        if (frame.number, frame.first_seq) != (number, first_seq) {
            let what = format!(
                "its row has first seq {first_seq}, its bytes are frame {} with first seq {}",
                frame.number, frame.first_seq
            );
            return Err(Fault::damaged(place, number, what));
        }
        Ok(frame)
    }
}

/// The engine's error as a fault: damage and failed syncs are told apart from the rest.
fn fault(place: &str, frame: Option<u64>, doing: String, error: rusqlite::Error) -> Fault {
    let code = error.sqlite_extended_error_code().unwrap_or_default();
    if matches!(code, ffi::SQLITE_IOERR_FSYNC | ffi::SQLITE_IOERR_DIR_FSYNC) {
        return Fault::sync(place, error);
    }
    let wrong_type = matches!(
        error,
        rusqlite::Error::InvalidColumnType(..)
            | rusqlite::Error::FromSqlConversionFailure(..)
            | rusqlite::Error::IntegralValueOutOfRange(..)
    );
    let damaged = matches!(code & 0xff, ffi::SQLITE_CORRUPT | ffi::SQLITE_NOTADB)
        || code == ffi::SQLITE_IOERR_SHORT_READ;
    if damaged || wrong_type {
        let what = "the file is damaged or cut off".into();
        return Fault::Damaged { place: place.into(), frame, what, source: Some(error.into()) };
    }
    Fault::failed(doing, error)
}

fn connect(path: &Path, access: Access) -> rusqlite::Result<Connection> {
    let base = OpenFlags::SQLITE_OPEN_NO_MUTEX | OpenFlags::SQLITE_OPEN_URI;
    let flags = match access {
        Access::Write(_) => base | OpenFlags::SQLITE_OPEN_READ_WRITE,
        Access::Read | Access::ReadClosed => base | OpenFlags::SQLITE_OPEN_READ_ONLY,
    };
    let connection = Connection::open_with_flags(uri(path, access), flags)?;
    connection.busy_timeout(WAIT_MAX)?;
    // A plan never depends on what is bound. Otherwise SQLite, built with STAT4, makes the plan of
    // some statements anew for each new value, which costs ten times what the look-up does.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    connection.set_prepared_statement_cache_capacity(32);
    Ok(connection)
}

/// The file as a URI, so that no character of its name has a meaning.
fn uri(path: &Path, access: Access) -> String {
    let mut text = String::from("file:");
    for byte in path.as_os_str().as_encoded_bytes() {
        match byte {
            b'/' | b'.' | b'-' | b'_' | b'0'..=b'9' | b'a'..=b'z' | b'A'..=b'Z' => {
                text.push(char::from(*byte));
            }
            _ => text.push_str(&format!("%{byte:02X}")),
        }
    }
    if access == Access::ReadClosed {
        text.push_str("?immutable=1");
    }
    text
}

fn remove_leftovers(unfinished: &Path) -> Result<(), Fault> {
    for suffix in ["", "-journal", "-wal", "-shm"] {
        let mut name = unfinished.to_owned().into_os_string();
        name.push(suffix);
        let path = PathBuf::from(name);
        match fs::remove_file(&path) {
            Ok(()) => {}
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
            Err(error) => {
                return Err(Fault::failed(format!("remove {}", path.display()), error));
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_character_of_a_name_has_a_meaning() {
        let check = |path: &str, access, expected: &str| {
            assert_eq!(uri(Path::new(path), access), expected);
        };
        check("/a/bej.db-000001", Access::Read, "file:/a/bej.db-000001");
        check("/a b?c#d%e", Access::ReadClosed, "file:/a%20b%3Fc%23d%25e?immutable=1");
        check("/қ", Access::Read, "file:/%D2%9B");
    }
}
