//! Follows the journal on a thread of its own, for what must be looked up or told: entries that
//! are durable, each once, in order.
//!
//! It begins where its followers stand, reads what is behind them from the journal, and then hears
//! each frame from the pump. Where frames passed it by, it reads the journal again.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use journal::fact::Entry;
use pump::{Feed, Subscription};
use store::{Fault, Frame};

use crate::house::Shared;

/// Frames that are read at once.
const FRAMES_PER_READ: usize = 64;

/// How long it waits for a frame before it looks whether it is to end.
const PATIENCE: Duration = Duration::from_millis(200);

/// The thread. Dropping it ends it.
#[derive(Debug)]
pub struct Follower {
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Follower {
    /// Starts it, after it has read what is behind: once this returns, everything that was durable
    /// when the pump was asked for the subscription can be looked up.
    pub fn start(house: Shared, frames: Subscription) -> Result<Follower, Fault> {
        catch_up(&house)?;
        let stop = Arc::new(AtomicBool::new(false));
        let stopped = stop.clone();
        let run = move || follow(&house, frames, &stopped);
        let thread = std::thread::Builder::new().name("api-follower".into()).spawn(run);
        let thread = thread.map_err(|error| Fault::failed("start a thread", error))?;
        Ok(Follower { stop, thread: Some(thread) })
    }
}

impl Drop for Follower {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Release);
        if let Some(thread) = self.thread.take() {
            // A panic is in the log already, and there is nobody else to tell.
            let _ = thread.join();
        }
    }
}

fn follow(house: &Shared, mut frames: Subscription, stop: &AtomicBool) {
    while !stop.load(Ordering::Acquire) {
        let done = match frames.next(PATIENCE) {
            Ok(Some(Feed::Frame(frame))) => {
                if house.next() < frame.first_seq() {
                    catch_up(house)
                } else {
                    frame.entries.iter().try_for_each(|entry| house.note(entry))
                }
            }
            Ok(Some(Feed::Missed { .. })) => catch_up(house),
            Ok(None) => house.idle(),
            Err(_) => break,
        };
        if let Err(fault) = done {
            tracing::error!("the journal could not be followed, another try is made: {fault}");
        }
    }
    if let Err(fault) = house.close() {
        tracing::error!("{fault}; the next start makes it again");
    }
}

/// Reads what is durable and not noted yet.
fn catch_up(house: &Shared) -> Result<(), Fault> {
    house.lookup.with_reader(|reader| {
        let Some(frame) = reader.frame_of(house.next())? else { return Ok(()) };
        let mut after = frame.number - 1;
        loop {
            let frames = reader.frames(after, FRAMES_PER_READ)?;
            let Some(last) = frames.last() else { return Ok(()) };
            after = last.number;
            for frame in &frames {
                take(house, frame)?;
            }
        }
    })
}

fn take(house: &Shared, frame: &Frame) -> Result<(), Fault> {
    for fact in frame.facts() {
        let damaged = |what: String| Fault::damaged("the journal", frame.number, what);
        let (seq, bytes) = fact.map_err(|error| damaged(error.to_string()))?;
        if house.next() <= seq {
            let entry = Entry::from_bytes(bytes);
            house.note(&entry.map_err(|error| damaged(error.to_string()))?)?;
        }
    }
    Ok(())
}
