//! One connection to a database: what it must be, how it is asked, what its errors mean.
//!
//! No statement relies on an order of `search_path` or on session state but the settings below.

use std::collections::HashMap;
use std::fmt;
use std::time::{Duration, Instant};

use postgres::error::{Severity, SqlState};
use postgres::types::ToSql;
use postgres::{Client, CopyInWriter, Row, Statement};
use store::Fault;

use crate::address::{Address, Notices, Server};

/// The oldest version, as the server numbers them.
const OLDEST: i32 = 150_000;

/// Between two tries to connect.
const PAUSE: Duration = Duration::from_millis(100);

/// Tries of a transaction that met another one.
pub(crate) const TRIES_MAX: u32 = 10;

/// What is bound to a statement.
pub(crate) type Values<'a> = &'a [&'a (dyn ToSql + Sync)];

/// What a commit of this connection waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wait {
    /// The medium, and the standbys that the server names.
    Durable,
    /// Nothing: what is written can be made again.
    Nothing,
}

/// An open connection.
pub(crate) struct Db {
    client: Client,
    address: Address,
    statements: HashMap<String, Statement>,
    notices: Notices,
}

impl fmt::Debug for Db {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Db({})", self.address)
    }
}

impl Db {
    /// Connects, looks at the server, and settles the session.
    pub(crate) fn connect(address: &Address, server: Server, wait: Wait) -> Result<Db, Fault> {
        let (client, notices) = address.connect(server)?;
        let address = address.clone();
        let mut db = Db { client, address, statements: HashMap::new(), notices };
        db.check_server(server)?;
        db.run(include_str!("../sql/session.sql"))?;
        if wait == Wait::Nothing {
            db.run(include_str!("../sql/wait_for_nothing.sql"))?;
        }
        Ok(db)
    }

    /// The same, again and again while nobody answers or the server is not ready, until a moment.
    pub(crate) fn connect_until(
        address: &Address,
        server: Server,
        wait: Wait,
        until: Instant,
    ) -> Result<Db, Fault> {
        loop {
            match Db::connect(address, server, wait) {
                Err(fault) if is_passing(&fault) && Instant::now() < until => {
                    std::thread::sleep(PAUSE);
                }
                done => return done,
            }
        }
    }

    /// Refuses a server that would lose what it confirmed, or that is too old.
    fn check_server(&mut self, server: Server) -> Result<(), Fault> {
        let row = self.one(include_str!("../sql/server.sql"), &[])?;
        let place = self.address.to_string();
        let refuse = |what: String| Err(Fault::refused(format!("{place}: {what}")));
        let version: i32 = row.get(0);
        if version < OLDEST {
            return refuse(format!("PostgreSQL 15 or newer is needed, this is {version}"));
        }
        let encoding: &str = row.get(1);
        if encoding != "UTF8" {
            return refuse(format!("the database has encoding {encoding}; make one with UTF8"));
        }
        // Another engine of the family may not know a setting.
        for (at, name) in [(2, "fsync"), (3, "full_page_writes"), (4, "synchronous_commit")] {
            if row.get::<_, Option<&str>>(at) == Some("off") {
                return refuse(format!(
                    "{name} is off, so that the server loses what it has confirmed when the power \
                     fails; set it to on"
                ));
            }
        }
        if server == Server::Primary && row.get::<_, bool>(5) {
            return refuse("this server is a standby and takes no writes".to_owned());
        }
        Ok(())
    }

    /// The address, for faults.
    pub(crate) fn place(&self) -> String {
        self.address.to_string()
    }

    /// Whether the connection is known to be gone.
    pub(crate) fn is_closed(&self) -> bool {
        self.client.is_closed()
    }

    /// What the server has warned of since the last question: that it has stopped waiting for a
    /// standby, so that what it confirms may be nowhere but there. Nothing else that is asked of it
    /// here gives a warning.
    pub(crate) fn warned(&mut self) -> Option<String> {
        self.notices.take().map(|notice| notice.message().to_owned())
    }

    /// Runs statements that give no answer.
    pub(crate) fn run(&mut self, sql: &str) -> Result<(), Fault> {
        self.client.batch_execute(sql).map_err(|error| self.fault("write to", error))
    }

    /// The prepared statement.
    pub(crate) fn statement(&mut self, sql: &str) -> Result<Statement, postgres::Error> {
        if let Some(known) = self.statements.get(sql) {
            return Ok(known.clone());
        }
        let made = self.client.prepare(sql)?;
        self.statements.insert(sql.to_owned(), made.clone());
        Ok(made)
    }

    /// Runs a statement that changes rows, as it is: how many, or the driver's own error.
    pub(crate) fn execute(
        &mut self,
        sql: &str,
        values: Values<'_>,
    ) -> Result<u64, postgres::Error> {
        let statement = self.statement(sql)?;
        self.client.execute(&statement, values)
    }

    /// Runs a statement that changes rows.
    pub(crate) fn change(&mut self, sql: &str, values: Values<'_>) -> Result<u64, Fault> {
        self.execute(sql, values).map_err(|error| self.fault("write to", error))
    }

    /// All rows of a statement.
    pub(crate) fn rows(&mut self, sql: &str, values: Values<'_>) -> Result<Vec<Row>, Fault> {
        let statement = self.statement(sql);
        let found = statement.and_then(|statement| self.client.query(&statement, values));
        found.map_err(|error| self.fault("read", error))
    }

    /// The first row, if there is one.
    pub(crate) fn row(&mut self, sql: &str, values: Values<'_>) -> Result<Option<Row>, Fault> {
        Ok(self.rows(sql, values)?.into_iter().next())
    }

    /// The only row.
    pub(crate) fn one(&mut self, sql: &str, values: Values<'_>) -> Result<Row, Fault> {
        let row = self.row(sql, values)?;
        row.ok_or_else(|| Fault::damaged(self.place(), None, "a row is missing"))
    }

    /// Begins to copy rows into a table.
    pub(crate) fn copy_in(&mut self, sql: &str) -> Result<CopyInWriter<'_>, Fault> {
        let place = self.address.to_string();
        let statement = self.statement(sql).map_err(|error| fault(&place, "write to", error))?;
        self.client.copy_in(&statement).map_err(|error| fault(&place, "write to", error))
    }

    /// The driver's error as a fault of this database.
    pub(crate) fn fault(&self, doing: &str, error: postgres::Error) -> Fault {
        fault(&self.address.to_string(), doing, error)
    }
}

/// The driver's error as a fault: damage and failed syncs are told apart from the rest.
pub(crate) fn fault(place: &str, doing: &str, error: postgres::Error) -> Fault {
    match error.code() {
        Some(&SqlState::DATA_CORRUPTED | &SqlState::INDEX_CORRUPTED) => Fault::Damaged {
            place: place.to_owned(),
            frame: None,
            what: "the database is damaged".into(),
            source: Some(error.into()),
        },
        _ => Fault::failed(format!("{doing} {place}"), error),
    }
}

/// The driver's error below a fault.
fn below(fault: &Fault) -> Option<&postgres::Error> {
    std::error::Error::source(fault)?.downcast_ref()
}

/// Whether the server has refused the statement and said so: then nothing of it was written.
pub(crate) fn is_refusal(error: &postgres::Error) -> bool {
    error.as_db_error().is_some_and(|told| told.parsed_severity() == Some(Severity::Error))
}

/// Whether a transaction met another one and may be tried again.
pub(crate) fn met_another(error: &postgres::Error) -> bool {
    let known = [SqlState::T_R_SERIALIZATION_FAILURE, SqlState::T_R_DEADLOCK_DETECTED];
    error.code().is_some_and(|code| known.contains(code))
}

/// The same of a fault.
pub(crate) fn fault_met_another(fault: &Fault) -> bool {
    below(fault).is_some_and(met_another)
}

/// Does what is one transaction, and again where it met another one.
pub(crate) fn again<T>(mut ask: impl FnMut() -> Result<T, Fault>) -> Result<T, Fault> {
    let mut tries = 1;
    loop {
        match ask() {
            Err(fault) if fault_met_another(&fault) && tries < TRIES_MAX => tries += 1,
            done => return done,
        }
    }
}

/// Runs changes in one transaction, and again where it met another one or a row that somebody has
/// just made.
pub(crate) fn whole<T>(
    db: &mut Db,
    mut make: impl FnMut(&mut Db) -> Result<T, Fault>,
) -> Result<T, Fault> {
    let mut tries = 1;
    loop {
        db.run(include_str!("../sql/begin.sql"))?;
        let made = make(db).and_then(|made| {
            db.run(include_str!("../sql/commit.sql"))?;
            Ok(made)
        });
        let Err(fault) = made else {
            if let Some(notice) = db.warned() {
                return Err(Fault::sync(db.place(), notice));
            }
            return made;
        };
        if db.is_closed() {
            return Err(fault);
        }
        db.run(include_str!("../sql/rollback.sql"))?;
        let passing = fault_met_another(&fault) || is_there_already(&fault);
        if !passing || tries == TRIES_MAX {
            return Err(fault);
        }
        tries += 1;
    }
}

/// Whether it is worth trying to connect again: nobody answers, or not yet.
fn is_passing(fault: &Fault) -> bool {
    let Some(error) = below(fault) else { return false };
    let Some(code) = error.code() else { return true };
    let known = [
        SqlState::CANNOT_CONNECT_NOW,
        SqlState::ADMIN_SHUTDOWN,
        SqlState::CRASH_SHUTDOWN,
        SqlState::TOO_MANY_CONNECTIONS,
    ];
    known.contains(code)
}

/// Whether an object is there already: somebody else has just made it.
pub(crate) fn is_there_already(fault: &Fault) -> bool {
    let known = [
        SqlState::DUPLICATE_TABLE,
        SqlState::DUPLICATE_SCHEMA,
        SqlState::DUPLICATE_OBJECT,
        SqlState::UNIQUE_VIOLATION,
    ];
    below(fault).and_then(postgres::Error::code).is_some_and(|code| known.contains(code))
}
