//! What a node keeps in files beside the journal, whatever engine holds that.
//!
//! ```text
//! DIR/writer.lock          who may write on this machine
//! DIR/cold/                the index of what has left memory
//! DIR/tiles/               the tree's tiles
//! DIR/checkpoint.key       the key that signs
//! DIR/marks/               marks, where the engine does not hold them
//! DIR/snapshots/           snapshots, where the engine does not hold them
//! DIR/views.db             read models, where the engine does not hold them
//! DIR/vault.db             persons, where the engine does not hold them
//! DIR/edge.db              credentials and sessions, where the engine does not hold them
//! DIR/store.id             of which store this is, where the engine is elsewhere
//! ```
//!
//! Index, tiles, snapshots and views can be made again from the journal; key, marks, vault
//! and edge cannot.

use std::path::{Path, PathBuf};

/// The directory of one node for one store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Home(PathBuf);

impl Home {
    /// In this directory, which need not be there.
    pub fn at(directory: impl Into<PathBuf>) -> Home {
        Home(directory.into())
    }

    /// The directory.
    pub fn directory(&self) -> &Path {
        &self.0
    }

    /// The writer's lock.
    pub fn lock(&self) -> PathBuf {
        self.0.join("writer.lock")
    }

    /// The directory of the cold index.
    pub fn cold(&self) -> PathBuf {
        self.0.join("cold")
    }

    /// The read models of the embedded store.
    pub fn views(&self) -> PathBuf {
        self.0.join("views.db")
    }

    /// The persons of the embedded store.
    pub fn vault(&self) -> PathBuf {
        self.0.join("vault.db")
    }

    /// What the edges of the embedded store keep.
    pub fn edge(&self) -> PathBuf {
        self.0.join("edge.db")
    }

    /// The directory of snapshots of the embedded store.
    pub fn snapshots(&self) -> PathBuf {
        self.0.join("snapshots")
    }

    /// The directory of marks of the embedded store.
    pub fn marks(&self) -> PathBuf {
        self.0.join("marks")
    }

    /// The directory of the tree's tiles.
    pub fn tiles(&self) -> PathBuf {
        self.0.join("tiles")
    }

    /// The file that tells of which store the directory is.
    pub fn id(&self) -> PathBuf {
        self.0.join("store.id")
    }
}
