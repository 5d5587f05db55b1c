//! The read copy: what all readers but the decider see (core 10).

use std::hint::black_box;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant as Moment};

use desk::State;
use journal::frame::Head;
use parking_lot::{Condvar, Mutex, RwLock};
use terms::Seq;

use crate::draft::Durable;
use crate::fault::Fault;
use crate::limits::FACTS_PER_LOCK;

/// A handle to the read copy. It holds what is durable, and knows up to where.
#[derive(Clone)]
pub struct ReadCopy(Arc<Copy>);

struct Copy {
    state: RwLock<State>,
    head: Mutex<Head>,
    moved: Condvar,
    frame: AtomicU64,
}

impl ReadCopy {
    pub(crate) fn new(state: State, head: Head) -> ReadCopy {
        ReadCopy(Arc::new(Copy {
            state: RwLock::new(state),
            head: Mutex::new(head),
            moved: Condvar::new(),
            frame: AtomicU64::new(head.frame),
        }))
    }

    /// Looks at the state. Keep it short: the copy stands still meanwhile. `state.next` tells the
    /// position; it may be within a frame, but never within a fact.
    pub fn read<R>(&self, look: impl FnOnce(&State) -> R) -> R {
        look(&self.0.state.read())
    }

    /// The position that the next fact gets; what was answered before may not be here yet.
    pub fn seq(&self) -> Seq {
        self.0.state.read().next
    }

    /// The end of the last frame that is here whole.
    pub fn head(&self) -> Head {
        *self.0.head.lock()
    }

    /// Waits until the fact at `seq` is here. Returns whether it is, in time.
    pub fn wait_for(&self, seq: Seq, patience: Duration) -> bool {
        let until = Moment::now() + patience;
        let mut head = self.0.head.lock();
        while head.next_seq <= seq.0 {
            if self.0.moved.wait_until(&mut head, until).timed_out() {
                return seq.0 < head.next_seq;
            }
        }
        true
    }

    /// The number of the last frame that was passed on to subscribers.
    pub(crate) fn frame(&self) -> u64 {
        self.0.frame.load(Ordering::Acquire)
    }

    pub(crate) fn set_frame(&self, frame: u64) {
        self.0.frame.store(frame, Ordering::Release);
    }

    fn change<R>(&self, change: impl FnOnce(&mut State) -> R) -> R {
        change(&mut self.0.state.write())
    }

    /// Applies the facts of a durable frame, some at a time, so that readers wait briefly.
    pub(crate) fn follow(&self, frame: &Durable) -> Result<(), Fault> {
        for chunk in frame.entries.chunks(FACTS_PER_LOCK) {
            self.change(|state| {
                black_box(state.warm_facts(chunk.iter().map(|entry| &entry.fact)));
                chunk.iter().try_for_each(|entry| {
                    let done = state.apply(entry.seq, entry.at, entry.rulebook, &entry.fact);
                    done.map_err(|source| Fault::Apply { seq: entry.seq.0, source })
                })
            })?;
        }
        Ok(())
    }

    /// Lets those who wait see the journal up to here.
    pub(crate) fn advance(&self, head: Head) {
        *self.0.head.lock() = head;
        self.0.moved.notify_all();
    }
}

impl std::fmt::Debug for ReadCopy {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "ReadCopy(entry {})", self.seq())
    }
}
