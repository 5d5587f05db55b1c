//! The thread of a running system that writes the daily files when a day is over.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use anyhow::Context as _;
use store::JournalReader as _;

use super::{Made, Maker};
use crate::notary::Turn;
use crate::store_url::StoreUrl;
use crate::{proof, reading};

/// Between two looks: a look costs some small reads for each organiser, and nobody waits for a
/// file within the minute.
const PAUSE: Duration = Duration::from_secs(60);

/// The thread.
pub struct Worker {
    stop: Arc<AtomicBool>,
    thread: JoinHandle<()>,
}

impl Worker {
    /// Begins to look after the files of a store; `turn` is that of whoever writes its tiles.
    pub fn start(store: StoreUrl, home: PathBuf, turn: Turn) -> anyhow::Result<Worker> {
        let stop = Arc::new(AtomicBool::new(false));
        let stopped = stop.clone();
        let run = move || {
            let mut told = None;
            while !stopped.load(Ordering::Acquire) {
                match look(&store, &home, &turn, &stopped) {
                    Ok(made) if 0 < made.versions => {
                        tracing::info!("{} versions of daily files were written", made.versions);
                        told = None;
                    }
                    Ok(_) => told = None,
                    Err(_) if stopped.load(Ordering::Acquire) => {}
                    Err(error) => {
                        let what = format!("{error:#}");
                        if told.as_ref() != Some(&what) {
                            tracing::error!("no daily files could be written: {what}");
                        }
                        told = Some(what);
                    }
                }
                // A look may have used up the token that a stop leaves.
                if !stopped.load(Ordering::Acquire) {
                    std::thread::park_timeout(PAUSE);
                }
            }
        };
        let thread = std::thread::Builder::new().name("daily".into()).spawn(run)?;
        Ok(Worker { stop, thread })
    }

    /// Breaks off and ends; the next start goes on.
    pub fn stop(self) {
        self.stop.store(true, Ordering::Release);
        self.thread.thread().unpark();
        // A panic is in the log already.
        let _ = self.thread.join();
    }
}

/// Writes what is missing as of what the views have.
fn look(
    store: &StoreUrl,
    home: &std::path::Path,
    turn: &Turn,
    stop: &AtomicBool,
) -> anyhow::Result<Made> {
    let mut reader = reading::open(store)?;
    if reader.head()?.next_seq == 0 {
        return Ok(Made::default());
    }
    let found = reader.views().context("the views cannot be read")?;
    let (mut views, _) = found.context("there are no views yet")?;
    let held = turn.lock();
    let (key, tiles) = proof::signer(store, None)?;
    drop(held);
    let end = views.cursor()?.0.min(tiles.cursor().leaves);
    Maker { reader: &mut reader, views: &mut *views, key, tiles, home, end, stop }.bring_up()
}
