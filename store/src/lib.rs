//! The port to what survives a loss of power, described by what it guarantees and never by how.
//!
//! Owns the traits of the journal, of snapshots, of the cold index, of marks, of the lease, of the
//! vault and of the edge, the forms of snapshot files, of the index's files and of the tree's
//! tiles, an in-memory store for tests and simulation, and the conformance suite that every
//! adapter must pass. Rows go in and rows come out: nothing here branches on what a fact means.
//!
//! Every call is synchronous and may block on the medium. Failures are [`Fault`]s; a refusal in
//! the sense of the domain does not exist here.

pub mod cold;
pub mod cold_files;
pub mod edge;
mod fault;
pub mod files;
mod held_cold;
mod home;
pub mod journal;
pub mod lease;
pub mod limits;
mod lock;
pub mod marks;
pub mod memory;
pub mod memory_edge;
pub mod memory_vault;
pub mod memory_views;
pub mod piece;
pub mod projector;
pub mod snapshot;
pub mod suite;
pub mod sum_keys;
pub mod tiles;
pub mod vault;
pub mod views;

pub use ::journal::frame::{Frame, Head};

pub use cold::{ColdBatch, ColdKey, ColdReader, ColdRow, ColdStore};
pub use cold_files::ColdFiles;
pub use edge::EdgeStore;
pub use fault::{Cause, Fault};
pub use files::SnapshotFiles;
pub use held_cold::HeldCold;
pub use home::Home;
pub use journal::{Appended, JournalReader, JournalStore, Upkeep};
pub use lease::{Holder, Lease, LeaseStore};
pub use lock::Lock;
pub use marks::{Mark, MarkFiles, MarkStore, Marked};
pub use memory::{Failure, Memory};
pub use memory_edge::MemoryEdge;
pub use memory_vault::MemoryVault;
pub use memory_views::MemoryViews;
pub use piece::{SnapshotBytes, SnapshotReader};
pub use projector::{Progress, Projector};
pub use snapshot::{Latest, SnapshotStore, SnapshotWriter};
pub use tiles::{TileCursor, TileWriter, Tiles};
pub use vault::VaultStore;
pub use views::{ViewReader, ViewStore};
