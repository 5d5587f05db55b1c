//! Store URLs: where a journal lies.
//!
//! `memory:` is gone when the process ends, `sqlite:PATH` is a file and its companions beside it,
//! `postgres://…` a database. Every command opens its store here.

use std::path::PathBuf;
use std::str::FromStr;

use anyhow::{Context, bail};
use store::files::make_directory;
use store::{
    ColdStore, EdgeStore, Holder, Home, JournalReader, JournalStore, LeaseStore, MarkStore, Memory,
    SnapshotStore, VaultStore, ViewReader, ViewStore,
};
use store_postgres::{Address, PATIENCE, Postgres};
use store_sqlite::{Options, PART_LIMIT_BYTES, Sqlite, Synchronous};

use crate::reading::Reader;

/// A store URL that can be opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StoreUrl {
    /// A store in memory.
    Memory,
    /// SQLite at this path.
    Sqlite(PathBuf),
    /// PostgreSQL at this address.
    Postgres(Address),
}

/// Why a text is not the URL of a store.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum UrlError {
    /// The address of a database is wrong.
    #[error("this is not the address of a database, postgres://USER@HOST/DATABASE: {0}")]
    Address(String),
    /// `sqlite:` without a path.
    #[error("a path must follow sqlite:, as in sqlite:bej.db")]
    PathMissing,
    /// Something after `memory:`.
    #[error("nothing may follow memory:")]
    MemoryPath,
    /// Nothing known.
    #[error(
        "{0} is not the URL of a store; use sqlite:PATH or postgres://USER@HOST/DATABASE, or \
         memory: for a store that is gone when the command ends"
    )]
    Unknown(String),
}

impl FromStr for StoreUrl {
    type Err = UrlError;

    fn from_str(text: &str) -> Result<Self, UrlError> {
        match text.split_once(':') {
            Some(("memory", "")) => Ok(StoreUrl::Memory),
            Some(("memory", _)) => Err(UrlError::MemoryPath),
            Some(("sqlite", "")) => Err(UrlError::PathMissing),
            Some(("sqlite", path)) => Ok(StoreUrl::Sqlite(PathBuf::from(path))),
            Some(("postgres" | "postgresql", _)) => match text.parse() {
                Ok(address) => Ok(StoreUrl::Postgres(address)),
                Err(error) => Err(UrlError::Address(format!("{error}"))),
            },
            _ => Err(UrlError::Unknown(text.to_owned())),
        }
    }
}

impl std::fmt::Display for StoreUrl {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            StoreUrl::Memory => f.write_str("memory:"),
            StoreUrl::Sqlite(path) => write!(f, "sqlite:{}", path.display()),
            StoreUrl::Postgres(address) => write!(f, "{address}"),
        }
    }
}

/// A store that was opened for writing.
pub enum Opened {
    /// In memory.
    Memory(Memory),
    /// One that lasts.
    Lasting(Lasting),
}

/// A store that outlives the process; clones are handles to one store.
#[derive(Clone)]
pub enum Lasting {
    /// In SQLite.
    Sqlite(Sqlite),
    /// In PostgreSQL.
    Postgres(Postgres),
}

/// What the pump needs of a store.
pub struct Parts {
    /// The journal.
    pub journal: Box<dyn JournalStore>,
    /// The snapshots.
    pub snapshots: Box<dyn SnapshotStore>,
    /// The index of what has left the hot state.
    pub cold: Box<dyn ColdStore>,
}

impl StoreUrl {
    /// An error where there is no store yet: opening for writing would make an empty one.
    pub fn present(&self) -> anyhow::Result<()> {
        match self {
            StoreUrl::Memory => Ok(()),
            StoreUrl::Sqlite(path) if path.exists() => Ok(()),
            StoreUrl::Sqlite(path) => {
                bail!("there is no store at {}; look at the path again", path.display())
            }
            StoreUrl::Postgres(address) => {
                let reader = store_postgres::Reader::open(address);
                reader.map(drop).with_context(|| format!("{self} cannot be opened"))
            }
        }
    }

    /// What lies beside the journal; nothing for a store in memory.
    pub fn home(&self) -> anyhow::Result<Home> {
        match self {
            StoreUrl::Memory => bail!("{}", keeps_nothing()),
            StoreUrl::Sqlite(path) => Ok(store_sqlite::Layout::of(path)?.home()),
            StoreUrl::Postgres(address) => Ok(Home::at(address.directory())),
        }
    }

    /// The vault's rows; none if they were never made.
    pub fn vault(&self) -> anyhow::Result<Option<Box<dyn VaultStore>>> {
        let there = match self {
            StoreUrl::Memory => bail!("{}", keeps_nothing()),
            StoreUrl::Sqlite(_) => self.home()?.vault().exists(),
            StoreUrl::Postgres(address) => store_postgres::Vault::is_there(address)?,
        };
        there.then(|| self.make_vault()).transpose()
    }

    /// The vault's rows, made when they are not there.
    pub fn make_vault(&self) -> anyhow::Result<Box<dyn VaultStore>> {
        Ok(match self {
            StoreUrl::Memory => bail!("{}", keeps_nothing()),
            StoreUrl::Sqlite(_) => {
                let home = self.home()?;
                make_directory(home.directory())?;
                Box::new(store_sqlite::Vault::open(home.vault())?)
            }
            StoreUrl::Postgres(address) => Box::new(store_postgres::Vault::open(address)?),
        })
    }

    /// What the edges keep; none if it was never made.
    pub fn edge(&self) -> anyhow::Result<Option<Box<dyn EdgeStore>>> {
        let there = match self {
            StoreUrl::Memory => bail!("{}", keeps_nothing()),
            StoreUrl::Sqlite(_) => self.home()?.edge().exists(),
            StoreUrl::Postgres(address) => store_postgres::Edge::is_there(address)?,
        };
        there.then(|| self.make_edge()).transpose()
    }

    /// What the edges keep, made when it is not there.
    pub fn make_edge(&self) -> anyhow::Result<Box<dyn EdgeStore>> {
        Ok(match self {
            StoreUrl::Memory => bail!("{}", keeps_nothing()),
            StoreUrl::Sqlite(_) => {
                let home = self.home()?;
                make_directory(home.directory())?;
                Box::new(store_sqlite::Edge::open(home.edge())?)
            }
            StoreUrl::Postgres(address) => Box::new(store_postgres::Edge::open(address)?),
        })
    }

    /// Opens the store for writing; a journal that is not there is made.
    pub fn open(&self) -> anyhow::Result<Opened> {
        match self {
            StoreUrl::Memory => Ok(Opened::Memory(Memory::new())),
            StoreUrl::Sqlite(_) | StoreUrl::Postgres(_) => self.lasting().map(Opened::Lasting),
        }
    }

    /// The same of a store that outlives the process, which one in memory does not.
    pub fn lasting(&self) -> anyhow::Result<Lasting> {
        let doing = || format!("{self} cannot be opened");
        match self {
            StoreUrl::Memory => bail!("{}", keeps_nothing()),
            StoreUrl::Sqlite(path) => {
                let options = Options {
                    synchronous: Synchronous::Full,
                    part_limit_bytes: PART_LIMIT_BYTES,
                    create: true,
                };
                Sqlite::open(path, options).map(Lasting::Sqlite).with_context(doing)
            }
            StoreUrl::Postgres(address) => {
                let options = store_postgres::Options { create: true, patience: PATIENCE };
                Postgres::open(address, options).map(Lasting::Postgres).with_context(doing)
            }
        }
    }
}

impl StoreUrl {
    /// The same for a process that never appends to the journal: on PostgreSQL by a role that can
    /// only read it, and only where the journal is there already.
    pub fn followed(&self) -> anyhow::Result<Lasting> {
        match self {
            StoreUrl::Memory | StoreUrl::Sqlite(_) => self.lasting(),
            StoreUrl::Postgres(address) => {
                let opened = Postgres::follow(address, PATIENCE).map(Lasting::Postgres);
                opened.with_context(|| format!("{self} cannot be opened"))
            }
        }
    }
}

/// Why a store in memory does not do.
pub fn keeps_nothing() -> &'static str {
    "memory: keeps nothing; give --store sqlite:PATH or --store postgres://USER@HOST/DATABASE"
}

impl Opened {
    /// What the pump needs.
    pub fn parts(&self) -> anyhow::Result<Parts> {
        match self {
            Opened::Memory(store) => Ok(Parts {
                journal: Box::new(store.journal()),
                snapshots: Box::new(store.snapshots()),
                cold: Box::new(store.cold()),
            }),
            Opened::Lasting(store) => store.parts(),
        }
    }

    /// A reader of the journal.
    pub fn reader(&self) -> anyhow::Result<Box<dyn JournalReader>> {
        Ok(match self {
            Opened::Memory(store) => JournalStore::reader(&store.journal())?,
            Opened::Lasting(store) => Box::new(store.reader()?),
        })
    }
}

impl Lasting {
    /// What the pump needs.
    pub fn parts(&self) -> anyhow::Result<Parts> {
        let (journal, snapshots): (Box<dyn JournalStore>, Box<dyn SnapshotStore>) = match self {
            Lasting::Sqlite(store) => (Box::new(store.journal()?), Box::new(store.snapshots())),
            Lasting::Postgres(store) => (Box::new(store.journal()?), Box::new(store.snapshots())),
        };
        let cold = match self {
            Lasting::Sqlite(store) => store.cold(),
            Lasting::Postgres(store) => store.cold(),
        };
        let cold = cold.with_context(|| {
            let directory = self.home().cold();
            format!(
                "the index cannot be opened; if it is damaged, remove {}, and it is made again",
                directory.display()
            )
        })?;
        Ok(Parts { journal, snapshots, cold: Box::new(cold) })
    }

    /// A reader of the journal.
    pub fn reader(&self) -> Result<Reader, store::Fault> {
        match self {
            Lasting::Sqlite(store) => Ok(Reader::sqlite(store.reader()?)),
            Lasting::Postgres(store) => Ok(Reader::postgres(store.reader()?)),
        }
    }

    /// The views, made when they are not there.
    pub fn views(&self) -> Result<Box<dyn ViewStore>, store::Fault> {
        match self {
            Lasting::Sqlite(store) => Ok(Box::new(store.views()?)),
            Lasting::Postgres(store) => Ok(Box::new(store.views()?)),
        }
    }

    /// A reader of the views, which must be there.
    pub fn view_reader(&self) -> Result<Box<dyn ViewReader>, store::Fault> {
        match self {
            Lasting::Sqlite(store) => store_sqlite::Views::read(store.home().views()),
            Lasting::Postgres(store) => {
                let found = store_postgres::Views::read(store.address())?;
                let place = || store.address().to_string();
                match found {
                    Some(views) => Ok(Box::new(views)),
                    None => Err(store::Fault::Absent { place: place() }),
                }
            }
        }
    }

    /// The lease; none of a store whose file has one writer.
    pub fn lease(&self) -> Option<Box<dyn LeaseStore>> {
        match self {
            Lasting::Sqlite(_) => None,
            Lasting::Postgres(store) => Some(Box::new(store.lease())),
        }
    }

    /// Refuses a store on which a node decides: whoever wrote beside it would end it.
    pub fn nobody_decides(&self) -> anyhow::Result<()> {
        let Some(mut lease) = self.lease() else { return Ok(()) };
        if let Some(lease) = lease.look()?.filter(|lease| 0 < lease.left_ms) {
            let Holder { node, api, .. } = lease.holder;
            bail!("node {node} at {api} decides on this store; stop its nodes first");
        }
        Ok(())
    }

    /// The marks.
    pub fn marks(&self) -> Box<dyn MarkStore> {
        match self {
            Lasting::Sqlite(store) => Box::new(store.marks()),
            Lasting::Postgres(store) => Box::new(store.marks()),
        }
    }

    /// What lies beside the journal.
    pub fn home(&self) -> Home {
        match self {
            Lasting::Sqlite(store) => store.home(),
            Lasting::Postgres(store) => store.home(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_are_read() {
        let cases = [
            ("memory:", Ok(StoreUrl::Memory)),
            ("sqlite:a/b.db", Ok(StoreUrl::Sqlite(PathBuf::from("a/b.db")))),
            ("sqlite:", Err(UrlError::PathMissing)),
            ("memory:x", Err(UrlError::MemoryPath)),
            ("bej.db", Err(UrlError::Unknown("bej.db".to_owned()))),
            ("mysql:x", Err(UrlError::Unknown("mysql:x".to_owned()))),
        ];
        let url = "postgres://bej:secret@127.0.0.1/bej".parse::<StoreUrl>().unwrap();
        assert_eq!(url.to_string(), "postgres://bej@127.0.0.1/bej");
        let error = "postgres://bej:secret@db.example/bej".parse::<StoreUrl>().unwrap_err();
        assert!(matches!(error, UrlError::Address(_)), "{error}");
        assert!(!error.to_string().contains("secret"), "{error}");
        for (text, want) in cases {
            assert_eq!(text.parse::<StoreUrl>(), want, "{text}");
            if let Ok(url) = want {
                assert_eq!(url.to_string(), text);
            }
        }
    }
}
