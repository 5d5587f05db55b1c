//! A journal whose appends wait until the test lets them through.

use std::sync::mpsc::{Receiver, Sender, channel};

use store::{Appended, Fault, Frame, Head, JournalReader, JournalStore, Memory, Upkeep};

/// The journal of a store in memory behind a gate.
pub struct Gated {
    inner: Box<dyn JournalStore>,
    arrived: Sender<u64>,
    permits: Receiver<()>,
}

/// The test's side of the gate.
pub struct Gate {
    arrived: Receiver<u64>,
    permits: Sender<()>,
}

/// A gate that is open for the first append, the claim of the journal.
pub fn gate(memory: &Memory) -> (Box<dyn JournalStore>, Gate) {
    let (arrived_in, arrived) = channel();
    let (permits, permits_out) = channel();
    permits.send(()).unwrap();
    let inner = Box::new(memory.journal());
    let gated = Gated { inner, arrived: arrived_in, permits: permits_out };
    let gate = Gate { arrived, permits };
    assert_eq!(gate.arrived.try_recv().ok(), None);
    (Box::new(gated), gate)
}

impl Gate {
    /// Waits until a frame has arrived, and gives its number of facts.
    pub fn arrived(&self) -> u64 {
        self.arrived.recv().unwrap()
    }

    /// Lets one append through.
    pub fn open(&self) {
        self.permits.send(()).unwrap();
    }

    /// Lets all appends through from now on. The journal may be gone before all permits are given.
    pub fn fling_open(self) {
        for _ in 0..10_000 {
            if self.permits.send(()).is_err() {
                return;
            }
        }
    }
}

impl JournalStore for Gated {
    fn head(&mut self) -> Result<Head, Fault> {
        self.inner.head()
    }

    fn append(&mut self, expected: &Head, frame: &Frame) -> Appended {
        // The test may have stopped listening.
        let _ = self.arrived.send(u64::from(frame.count));
        let _ = self.permits.recv();
        self.inner.append(expected, frame)
    }

    fn upkeep(&mut self) -> Result<Upkeep, Fault> {
        self.inner.upkeep()
    }

    fn reader(&self) -> Result<Box<dyn JournalReader>, Fault> {
        self.inner.reader()
    }
}
