//! Store URLs: where a journal lies.
//!
//! `memory:` is gone when the process ends, `sqlite:PATH` is a file and its companions beside it.

use std::path::PathBuf;
use std::str::FromStr;

use anyhow::Context;
use store::{ColdStore, JournalReader, JournalStore, Memory, SnapshotStore};
use store_sqlite::{Options, PART_LIMIT_BYTES, Sqlite, Synchronous};

/// A store URL that can be opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StoreUrl {
    /// A store in memory.
    Memory,
    /// SQLite at this path.
    Sqlite(PathBuf),
}

/// Why a text is not the URL of a store.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum UrlError {
    /// A store that this version cannot open.
    #[error("stores in PostgreSQL come with a later version; use sqlite:PATH")]
    Later,
    /// `sqlite:` without a path.
    #[error("a path must follow sqlite:, as in sqlite:bej.db")]
    PathMissing,
    /// Something after `memory:`.
    #[error("nothing may follow memory:")]
    MemoryPath,
    /// Nothing known.
    #[error(
        "{0} is not the URL of a store; use sqlite:PATH, or memory: for a store that is gone when \
         the command ends"
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
            Some(("postgres" | "postgresql", _)) => Err(UrlError::Later),
            _ => Err(UrlError::Unknown(text.to_owned())),
        }
    }
}

impl std::fmt::Display for StoreUrl {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            StoreUrl::Memory => f.write_str("memory:"),
            StoreUrl::Sqlite(path) => write!(f, "sqlite:{}", path.display()),
        }
    }
}

/// A store that was opened for writing.
pub enum Opened {
    /// In memory.
    Memory(Memory),
    /// In SQLite.
    Sqlite(Sqlite),
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
                anyhow::bail!("there is no store at {}; look at the path again", path.display())
            }
        }
    }

    /// Opens the store for writing; a journal that is not there is made.
    pub fn open(&self) -> anyhow::Result<Opened> {
        match self {
            StoreUrl::Memory => Ok(Opened::Memory(Memory::new())),
            StoreUrl::Sqlite(path) => {
                let options = Options {
                    synchronous: Synchronous::Full,
                    part_limit_bytes: PART_LIMIT_BYTES,
                    create: true,
                };
                let opened = Sqlite::open(path, options);
                Ok(Opened::Sqlite(opened.with_context(|| format!("{self} cannot be opened"))?))
            }
        }
    }
}

impl Opened {
    /// What the pump needs.
    pub fn parts(&self) -> anyhow::Result<Parts> {
        Ok(match self {
            Opened::Memory(store) => Parts {
                journal: Box::new(store.journal()),
                snapshots: Box::new(store.snapshots()),
                cold: Box::new(store.cold()),
            },
            Opened::Sqlite(store) => Parts {
                journal: Box::new(store.journal()?),
                snapshots: Box::new(store.snapshots()),
                cold: Box::new(store.cold().with_context(|| {
                    let directory = store.layout().cold();
                    format!(
                        "the index cannot be opened; if it is damaged, remove {}, and it is made \
                         again",
                        directory.display()
                    )
                })?),
            },
        })
    }

    /// A reader of the journal.
    pub fn reader(&self) -> anyhow::Result<Box<dyn JournalReader>> {
        Ok(match self {
            Opened::Memory(store) => JournalStore::reader(&store.journal())?,
            Opened::Sqlite(store) => Box::new(store.reader()?),
        })
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
            ("postgres://host/db", Err(UrlError::Later)),
            ("bej.db", Err(UrlError::Unknown("bej.db".to_owned()))),
            ("mysql:x", Err(UrlError::Unknown("mysql:x".to_owned()))),
        ];
        for (text, want) in cases {
            assert_eq!(text.parse::<StoreUrl>(), want, "{text}");
            if let Ok(url) = want {
                assert_eq!(url.to_string(), text);
            }
        }
    }
}
