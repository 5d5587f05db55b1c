//! The thread that moves pages from the log to their place while frames are being appended.
//!
//! It runs PASSIVE on a connection of its own and so never holds up a commit. It works when woken
//! and keeps its last failure for the writer, who reports it at the next upkeep.

use std::path::Path;
use std::sync::mpsc::{SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

use store::Fault;

use crate::file::{Access, Db, PART};

/// The handle of the thread; dropping it ends the thread.
#[derive(Debug)]
pub(crate) struct Checkpointer {
    wake: Option<SyncSender<()>>,
    thread: Option<JoinHandle<()>>,
    failed: Arc<Mutex<Option<Fault>>>,
}

impl Checkpointer {
    /// Starts the thread for one part.
    pub(crate) fn start(path: &Path, access: Access) -> Result<Checkpointer, Fault> {
        let db = Db::open(path, access, PART)?;
        // One waiting call is enough: it covers all frames before it.
        let (wake, calls) = sync_channel(1);
        let failed = Arc::new(Mutex::new(None));
        let told = Arc::clone(&failed);
        let work = move || {
            for () in calls {
                if let Err(fault) = step(&db) {
                    *told.lock().unwrap_or_else(PoisonError::into_inner) = Some(fault);
                }
            }
        };
        let thread = std::thread::Builder::new()
            .name("checkpointer".into())
            .spawn(work)
            .map_err(|error| Fault::failed("start the checkpointer's thread", error))?;
        Ok(Checkpointer { wake: Some(wake), thread: Some(thread), failed })
    }

    /// Asks for a checkpoint; does not wait.
    pub(crate) fn wake(&self) {
        if let Some(wake) = &self.wake {
            // Full: a call is waiting already. Closed: the thread panicked and is told of on drop.
            let _ = wake.try_send(());
        }
    }

    /// What failed since the last question.
    pub(crate) fn failed(&self) -> Option<Fault> {
        self.failed.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

impl Drop for Checkpointer {
    fn drop(&mut self) {
        self.wake = None;
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn step(db: &Db) -> Result<(), Fault> {
    let _: i64 = db.one(include_str!("../sql/checkpoint_passive.sql"), [])?;
    Ok(())
}
