//! The store on PostgreSQL 15 and later: the port of `store` for those who outgrow one machine.
//!
//! What is authoritative, or costly to make again, is in the database and so on its standbys:
//!
//! ```text
//! schema bej          frames, snapshots                the journal; only ever added to
//!                     lease, marks                     who decides; what nodes share
//! schema bej_views    rows, sums, cursor               read models; can be made again
//! schema vault        persons, sealed                  with a backup of their own
//! schema edge         sessions and the like            with a backup of their own
//! ```
//!
//! What each node makes for itself from the frames, the index of what has left memory and the
//! tree's tiles, lies in a directory of its own ([`store::Home`]): look-ups in it take microseconds
//! within the deciding thread, and no node waits for another one's.
//!
//! Statements per frame: one, which is its own transaction and compares the expected head; one
//! sync of the server, and of each synchronous standby. Statements per step of the views: begin,
//! cursor, commit, and for each table that the step has rows of one; for changed bets one for each
//! month in which they lie. Between two frames nothing.
//!
//! Portable SQL, so that engines of the family can take over: ids come from the application, what
//! meets another transaction is tried again, and nothing rests on triggers, LISTEN or advisory
//! locks. Every large table has a key by which it can be distributed.

mod address;
mod db;
mod edge;
mod lease;
mod line;
mod marks;
mod reader;
mod schema;
mod snapshots;
mod vault;
mod views;
mod writer;

use std::fs;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use store::files::{make_directory, replace};
use store::limits::COLD_RUN_ROWS;
use store::{ColdFiles, Fault, HeldCold, Home, Lock};

use address::Server;
pub use address::{Address, AddressError};
use db::{Db, Wait};
pub use edge::Edge;
pub use lease::Leases;
pub use marks::Marks;
pub use reader::Reader;
pub use snapshots::Snapshots;
pub use vault::Vault;
pub use views::Views;
pub use writer::Journal;

/// How long a writer tries to reach the database again: long enough for a standby to be promoted.
pub const PATIENCE: Duration = Duration::from_secs(30);

/// How to open a store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Options {
    /// Whether a journal that is not there is made.
    pub create: bool,
    /// How long to try to reach a database that does not answer; [`PATIENCE`].
    pub patience: Duration,
}

/// What a node may ever do to the journal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Turn {
    /// Append to it.
    Writes,
    /// Follow it.
    Follows,
}

/// A store opened for writing, or to follow its journal; holds this node's lock as long as it or
/// one of its parts lives.
#[derive(Clone, Debug)]
pub struct Postgres {
    address: Address,
    patience: Duration,
    turn: Turn,
    home: Home,
    lock: Arc<Lock>,
    /// Opened when it is first asked for; one list of runs for all handles.
    cold: Arc<Mutex<Option<ColdFiles>>>,
}

impl Postgres {
    /// Looks at the server, brings the schema up to date, and takes this node's lock.
    pub fn open(address: &Address, options: Options) -> Result<Postgres, Fault> {
        Postgres::opened(address, options, Turn::Writes)
    }

    /// Opens it to follow the journal, by a role that may read it and nothing else: the schema must
    /// be there, and nothing is ever appended.
    pub fn follow(address: &Address, patience: Duration) -> Result<Postgres, Fault> {
        Postgres::opened(address, Options { create: false, patience }, Turn::Follows)
    }

    fn opened(address: &Address, options: Options, turn: Turn) -> Result<Postgres, Fault> {
        let Options { create, patience } = options;
        let until = Instant::now() + patience;
        let mut db = Db::connect_until(address, Server::Primary, Wait::Durable, until)?;
        match turn {
            Turn::Writes => schema::prepare(&mut db, &schema::JOURNAL, create)?,
            Turn::Follows => schema::present(&mut db, &schema::JOURNAL)?,
        }
        let home = Home::at(address.directory());
        make_directory(home.directory())?;
        let lock = Arc::new(Lock::take(&home.lock())?);
        check_home(&home, &schema::id(&mut db)?)?;
        let (address, cold) = (address.clone(), Arc::default());
        Ok(Postgres { address, patience, turn, home, lock, cold })
    }

    /// The journal's writer.
    pub fn journal(&self) -> Result<Journal, Fault> {
        let lock = Some(Arc::clone(&self.lock));
        Journal::open(self.address.clone(), self.patience, self.turn, lock)
    }

    /// A reader of the journal, which never lags behind what was confirmed.
    pub fn reader(&self) -> Result<Reader, Fault> {
        Reader::open_newest(&self.address)
    }

    /// The snapshots.
    pub fn snapshots(&self) -> Snapshots {
        Snapshots::at(&self.address)
    }

    /// The lease.
    pub fn lease(&self) -> Leases {
        Leases::at(&self.address)
    }

    /// The marks.
    pub fn marks(&self) -> Marks {
        Marks::at(&self.address)
    }

    /// The cold index of this node, made when it is not there.
    pub fn cold(&self) -> Result<HeldCold, Fault> {
        let mut opened = self.cold.lock().unwrap_or_else(PoisonError::into_inner);
        let files = match opened.take() {
            Some(files) => files,
            None => ColdFiles::open(self.home.cold(), COLD_RUN_ROWS)?,
        };
        *opened = Some(files.clone());
        Ok(HeldCold::new(files, Arc::clone(&self.lock)))
    }

    /// The views, made when they are not there.
    pub fn views(&self) -> Result<Views, Fault> {
        Views::open(&self.address, Some(Arc::clone(&self.lock)))
    }

    /// The vault's rows, made when they are not there.
    pub fn vault(&self) -> Result<Vault, Fault> {
        Vault::open(&self.address)
    }

    /// The edge, made when it is not there.
    pub fn edge(&self) -> Result<Edge, Fault> {
        Edge::open(&self.address)
    }

    /// What this node keeps beside the database.
    pub fn home(&self) -> Home {
        self.home.clone()
    }

    /// Where the database is.
    pub fn address(&self) -> &Address {
        &self.address
    }
}

/// Refuses a directory that was made beside another store.
fn check_home(home: &Home, id: &str) -> Result<(), Fault> {
    let path = home.id();
    let doing = || format!("read {}", path.display());
    match fs::read_to_string(&path) {
        Ok(known) if known.trim() == id => Ok(()),
        Ok(_) => Err(Fault::refused(format!(
            "{} was made beside another store; name another directory with dir=",
            home.directory().display()
        ))),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            replace(&path, format!("{id}\n").as_bytes(), 0o666)
                .map_err(|error| Fault::failed(doing(), error))
        }
        Err(error) => Err(Fault::failed(doing(), error)),
    }
}
