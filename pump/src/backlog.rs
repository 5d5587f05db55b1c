//! The queue of durable frames before the read copy: bounded by facts, since frames differ in size
//! by four orders of magnitude.

use std::collections::VecDeque;
use std::sync::Arc;

use parking_lot::{Condvar, Mutex};

use crate::draft::Durable;
use crate::limits::BACKLOG_FACTS_MAX;

#[derive(Default)]
pub(crate) struct Backlog {
    queue: Mutex<Queue>,
    changed: Condvar,
}

#[derive(Default)]
struct Queue {
    frames: VecDeque<Arc<Durable>>,
    facts: usize,
    closed: bool,
}

impl Backlog {
    /// Adds a frame; waits while there is no room. Nothing is added after the end.
    pub(crate) fn push(&self, frame: Arc<Durable>) {
        let mut queue = self.queue.lock();
        let count = frame.entries.len();
        let fits = |queue: &Queue| queue.facts == 0 || queue.facts + count <= BACKLOG_FACTS_MAX;
        while !queue.closed && !fits(&queue) {
            self.changed.wait(&mut queue);
        }
        if !queue.closed {
            queue.facts += count;
            queue.frames.push_back(frame);
            self.changed.notify_all();
        }
    }

    /// The next frame; none after the end.
    pub(crate) fn pop(&self) -> Option<Arc<Durable>> {
        let mut queue = self.queue.lock();
        loop {
            if let Some(frame) = queue.frames.pop_front() {
                queue.facts -= frame.entries.len();
                self.changed.notify_all();
                return Some(frame);
            }
            if queue.closed {
                return None;
            }
            self.changed.wait(&mut queue);
        }
    }

    /// No more frames will come; those that are there can still be taken.
    pub(crate) fn close(&self) {
        self.queue.lock().closed = true;
        self.changed.notify_all();
    }

    /// Forgets what is there as well.
    pub(crate) fn abandon(&self) {
        let mut queue = self.queue.lock();
        queue.closed = true;
        queue.frames.clear();
        queue.facts = 0;
        self.changed.notify_all();
    }
}
