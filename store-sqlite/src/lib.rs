//! The embedded store: the port of `store` on SQLite, with no server beside the process.
//!
//! Owns the files of one store (core 22):
//!
//! ```text
//! PATH            the journal's first part        PATH.d/writer.lock   who may write
//! PATH-000001 …   its later parts                 PATH.d/snapshots/    snapshots
//!                                                 PATH.d/cold/         the cold index
//!                                                 PATH.d/marks/        marks
//!                                                 PATH.d/views.db      read models
//!                                                 PATH.d/vault.db      persons
//!                                                 PATH.d/edge.db       sessions and the like
//! ```
//!
//! No two writers of the journal share a file: a lock keeps a second process out, and should the
//! lock fail, each frame is still guarded by the head that its writer expected. Vault and edge may
//! be written by several processes, each change guarded by the version it was made from. WAL mode,
//! synchronous=FULL, pages of 16 KiB.
//!
//! Statements per frame: begin, data version, insert, commit; one sync. Between two frames, upkeep:
//! state of the log, number of pages; rarely a checkpoint, once in 4 GiB a new part.

mod checkpointer;
mod copy;
mod edge;
mod file;
mod layout;
mod reader;
mod vault;
mod views;
mod writer;

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use store::limits::COLD_RUN_ROWS;
use store::{ColdFiles, Fault, Head, HeldCold, Home, Lock, MarkFiles, SnapshotFiles};

pub use edge::Edge;
pub use layout::Layout;
pub use reader::Reader;
pub use vault::Vault;
pub use views::Views;
pub use writer::Journal;

/// The size at which a part of the journal is closed: small enough to copy, check and archive as
/// one file.
pub const PART_LIMIT_BYTES: u64 = 4 << 30;

/// What a commit waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Synchronous {
    /// The medium. The only setting that keeps the contract.
    Full,
    /// Nothing: frames are lost with the power. The negative control of durability tests, which
    /// must find the loss; never for anything else.
    Off,
}

/// How to open a store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Options {
    /// What a commit waits for.
    pub synchronous: Synchronous,
    /// Bytes at which a part is closed; [`PART_LIMIT_BYTES`].
    pub part_limit_bytes: u64,
    /// Whether a journal that is not there is made.
    pub create: bool,
}

/// A store opened for writing; holds the writer's lock as long as it or one of its parts lives.
#[derive(Clone, Debug)]
pub struct Sqlite {
    layout: Layout,
    options: Options,
    lock: Arc<Lock>,
    /// Opened when it is first asked for; one list of runs for all handles.
    cold: Arc<Mutex<Option<ColdFiles>>>,
}

impl Sqlite {
    /// Takes the writer's lock, makes what is to be made and finishes what a stopped writer left.
    pub fn open(path: impl AsRef<Path>, options: Options) -> Result<Sqlite, Fault> {
        let layout = Layout::of(path.as_ref())?;
        if !options.create && layout.parts()?.is_empty() {
            return Err(Fault::Absent { place: layout.part(0).display().to_string() });
        }
        store::files::make_directory(&layout.directory())?;
        let lock = Arc::new(Lock::take(&layout.home().lock())?);
        writer::prepare(&layout, &options)?;
        Ok(Sqlite { layout, options, lock, cold: Arc::default() })
    }

    /// The journal's writer. One is enough; a second one is safe, and tested to be.
    pub fn journal(&self) -> Result<Journal, Fault> {
        Journal::open(self.layout.clone(), self.options, Arc::clone(&self.lock))
    }

    /// A reader of the journal.
    pub fn reader(&self) -> Result<Reader, Fault> {
        Reader::at(self.layout.clone())
    }

    /// The snapshots.
    pub fn snapshots(&self) -> SnapshotFiles {
        SnapshotFiles::new(self.home().snapshots())
    }

    /// The marks.
    pub fn marks(&self) -> MarkFiles {
        MarkFiles::new(self.home().marks())
    }

    /// The cold index, made when it is not there.
    pub fn cold(&self) -> Result<HeldCold, Fault> {
        let mut opened = self.cold.lock().unwrap_or_else(PoisonError::into_inner);
        let files = match opened.take() {
            Some(files) => files,
            None => ColdFiles::open(self.home().cold(), COLD_RUN_ROWS)?,
        };
        *opened = Some(files.clone());
        Ok(HeldCold::new(files, Arc::clone(&self.lock)))
    }

    /// The views, made when they are not there.
    pub fn views(&self) -> Result<Views, Fault> {
        Views::open(self.home().views(), Arc::clone(&self.lock))
    }

    /// The vault's rows, made when they are not there.
    pub fn vault(&self) -> Result<Vault, Fault> {
        Vault::open(self.home().vault())
    }

    /// The edge, made when it is not there.
    pub fn edge(&self) -> Result<Edge, Fault> {
        Edge::open(self.home().edge())
    }

    /// What lies beside the journal.
    pub fn home(&self) -> Home {
        self.layout.home()
    }

    /// The names of the store's files.
    pub fn layout(&self) -> &Layout {
        &self.layout
    }

    /// Copies the journal as it is now: see [`Reader::copy_journal`].
    pub fn copy_journal(&self, target: &Path) -> Result<Head, Fault> {
        self.reader()?.copy_journal(target)
    }
}
