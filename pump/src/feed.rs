//! Subscriptions to durable frames, for projections and feeds.
//!
//! A subscriber never holds up the pump: when its queue is full, frames pass it by, and it is told
//! from where on to read the journal itself.

use std::sync::Arc;
use std::time::Duration;

use crossbeam_channel::{Receiver, RecvTimeoutError, Sender};
use parking_lot::Mutex;

use crate::copy::ReadCopy;
use crate::draft::Durable;
use crate::limits::{FEED_FRAMES, SUBSCRIBERS_MAX};

/// What a subscriber hears.
#[derive(Debug)]
pub enum Feed {
    /// The next frame with facts.
    Frame(Arc<Durable>),
    /// Frames passed by: read the journal behind frame `after`, at least up to frame `until`, then
    /// listen again. Frames that were read may come once more.
    Missed {
        /// The last frame that was heard of.
        after: u64,
        /// The last frame that passed by.
        until: u64,
    },
}

/// A subscription. Dropping it ends it.
#[derive(Debug)]
pub struct Subscription {
    frames: Receiver<Arc<Durable>>,
    copy: ReadCopy,
    last: u64,
    /// A frame that came behind a gap.
    held: Option<Arc<Durable>>,
}

impl Subscription {
    /// The next frame or gap; none if nothing came in time. An error when the pump has ended and
    /// everything was heard.
    pub fn next(&mut self, patience: Duration) -> Result<Option<Feed>, Ended> {
        if let Some(frame) = self.held.take() {
            return Ok(Some(self.hear(frame)));
        }
        match self.frames.recv_timeout(patience) {
            Ok(frame) => Ok(Some(self.hear(frame))),
            Err(error) => {
                let published = self.copy.frame();
                // A frame that was passed on before it was published is in the queue by now.
                if let Ok(frame) = self.frames.try_recv() {
                    return Ok(Some(self.hear(frame)));
                }
                if self.last < published {
                    return Ok(Some(self.miss(published)));
                }
                match error {
                    RecvTimeoutError::Timeout => Ok(None),
                    RecvTimeoutError::Disconnected => Err(Ended),
                }
            }
        }
    }

    fn hear(&mut self, frame: Arc<Durable>) -> Feed {
        let number = frame.head.frame;
        if self.last + 1 < number {
            self.held = Some(frame);
            return self.miss(number - 1);
        }
        self.last = number;
        Feed::Frame(frame)
    }

    fn miss(&mut self, until: u64) -> Feed {
        let after = self.last;
        self.last = until;
        Feed::Missed { after, until }
    }
}

/// The pump has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the pump has ended")]
pub struct Ended;

/// All subscribers.
#[derive(Debug, Default)]
pub(crate) struct Feeds(Mutex<Vec<Sender<Arc<Durable>>>>);

impl Feeds {
    /// Begins a subscription with the frames after the one that was published last; none if there
    /// are too many.
    pub(crate) fn subscribe(&self, copy: &ReadCopy) -> Option<Subscription> {
        let mut feeds = self.0.lock();
        if SUBSCRIBERS_MAX <= feeds.len() {
            return None;
        }
        let (sender, frames) = crossbeam_channel::bounded(FEED_FRAMES);
        feeds.push(sender);
        Some(Subscription { frames, copy: copy.clone(), last: copy.frame(), held: None })
    }

    /// Passes a frame on.
    pub(crate) fn publish(&self, frame: &Arc<Durable>, copy: &ReadCopy) {
        let mut feeds = self.0.lock();
        feeds.retain(|feed| match feed.try_send(frame.clone()) {
            Ok(()) => true,
            Err(error) => error.is_full(),
        });
        copy.set_frame(frame.head.frame);
    }

    /// Ends all subscriptions.
    pub(crate) fn close(&self) {
        self.0.lock().clear();
    }
}
