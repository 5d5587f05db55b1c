//! The notary of a running system: every second with new entries it brings the tree's tiles up,
//! compares their roots with those that the frames state, and signs a checkpoint (core 9).
//!
//! The newest checkpoint stands in `PATH.d/checkpoint`; whoever keeps one can show later that the
//! journal of today begins with the journal of then. A journal that no longer gives the root which
//! was signed for a size was changed: the notary then ends the system.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use anyhow::Context as _;
use parking_lot::Mutex;
use pump::ReadCopy;
use terms::Instant;

use crate::key::Changed;
use crate::proof;
use crate::store_url::StoreUrl;

/// Between two looks (core 9).
const PAUSE: Duration = Duration::from_secs(1);

/// What was signed last, and what went wrong since.
#[derive(Clone, Debug, Default)]
pub struct Signed {
    /// The entries that the last checkpoint covers.
    pub entries: u64,
    /// When the last look found everything signed.
    pub at: Option<Instant>,
    /// Why the last look failed.
    pub failed: Option<String>,
    /// The journal is not the one that was signed.
    pub changed: bool,
}

impl Signed {
    /// Why the journal is not the one that was signed, if it is not.
    pub fn why_changed(&self) -> Option<String> {
        self.failed.clone().filter(|_| self.changed)
    }
}

/// Tiles have one writer: whoever proves or signs takes the turn.
pub type Turn = Arc<Mutex<()>>;

/// The thread that signs.
pub struct Notary {
    stop: Arc<AtomicBool>,
    thread: JoinHandle<()>,
}

impl Notary {
    /// Begins to sign the journal of a store; `copy` tells whether there is something new, and
    /// `signed` hears what was signed.
    pub fn start(
        store: StoreUrl,
        checkpoint: PathBuf,
        copy: ReadCopy,
        turn: Turn,
        signed: Arc<Mutex<Signed>>,
        now: impl Fn() -> Instant + Send + 'static,
    ) -> anyhow::Result<Notary> {
        let stop = Arc::new(AtomicBool::new(false));
        let (stopped, told) = (stop.clone(), signed);
        let look = move || {
            let entries = copy.seq().0;
            let known = told.lock().clone();
            if known.entries == entries && known.failed.is_none() && known.at.is_some() {
                told.lock().at = Some(now());
                return;
            }
            if entries == 0 {
                return;
            }
            let held = turn.lock();
            let made = proof::sign_head(&store).and_then(|(entries, text)| {
                keep(&checkpoint, &text)?;
                Ok(entries)
            });
            drop(held);
            let mut told = told.lock();
            match made {
                Ok(entries) => {
                    *told = Signed { entries, at: Some(now()), failed: None, changed: false };
                }
                Err(error) => {
                    let what = format!("{error:#}");
                    if told.failed.as_ref() != Some(&what) {
                        tracing::error!("no checkpoint could be signed: {what}");
                    }
                    told.changed = error.is::<Changed>();
                    told.failed = Some(what);
                }
            }
        };
        let run = move || {
            while !stopped.load(Ordering::Acquire) {
                look();
                std::thread::park_timeout(PAUSE);
            }
            look();
        };
        let thread = std::thread::Builder::new().name("notary".into()).spawn(run)?;
        Ok(Notary { stop, thread })
    }

    /// Signs what is there and ends.
    pub fn stop(self) {
        self.stop.store(true, Ordering::Release);
        self.thread.thread().unpark();
        // A panic is in the log already.
        let _ = self.thread.join();
    }
}

/// Puts a checkpoint in its place whole. It can be made again, so it need not be durable.
fn keep(path: &std::path::Path, text: &str) -> anyhow::Result<()> {
    store::files::replace_unsynced(path, text.as_bytes())
        .with_context(|| format!("{} cannot be written", path.display()))
}
