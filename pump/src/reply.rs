//! Waiters: who hears the verdicts of a request, once all are durable.
//!
//! Contract: a reply is called exactly once. If a [`Waiting`] is dropped before all verdicts are
//! there, wherever that happens, its reply hears how the pump ended.

use std::sync::Arc;

use parking_lot::Mutex;
use terms::Seq;

use crate::fault::{Fate, PumpError};
use crate::verdict::{Outcome, Verdict};

type Call = Box<dyn FnOnce(Result<Vec<Verdict>, PumpError>) + Send>;

/// What is called with the verdicts of a request, in the order of its messages. It runs on the
/// committing thread and must be short; it must not call the pump.
pub struct Reply(Option<Call>);

impl Reply {
    /// Calls `call`.
    pub fn new(call: impl FnOnce(Result<Vec<Verdict>, PumpError>) + Send + 'static) -> Reply {
        Reply(Some(Box::new(call)))
    }

    /// Nobody listens.
    pub fn none() -> Reply {
        Reply(None)
    }

    /// Tells what has come of the request.
    pub fn tell(self, verdicts: Result<Vec<Verdict>, PumpError>) {
        if let Some(call) = self.0 {
            call(verdicts);
        }
    }
}

impl std::fmt::Debug for Reply {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(if self.0.is_some() { "Reply(..)" } else { "Reply(none)" })
    }
}

/// A request that waits.
#[derive(Debug)]
pub(crate) struct Waiting {
    fate: Arc<Fate>,
    answers: Mutex<Answers>,
}

#[derive(Debug)]
struct Answers {
    verdicts: Vec<Option<Verdict>>,
    left: usize,
    reply: Reply,
}

impl Waiting {
    pub(crate) fn new(messages: usize, reply: Reply, fate: Arc<Fate>) -> Arc<Waiting> {
        let verdicts = if reply.0.is_some() { vec![None; messages] } else { Vec::new() };
        let answers = Mutex::new(Answers { verdicts, left: messages, reply });
        Arc::new(Waiting { fate, answers })
    }

    /// Notes verdicts from message `first` on; the last one calls the reply. Returns whether it
    /// did.
    pub(crate) fn answer(&self, first: usize, verdicts: impl Iterator<Item = Verdict>) -> bool {
        let mut answers = self.answers.lock();
        let listens = answers.reply.0.is_some();
        for (index, verdict) in (first..).zip(verdicts) {
            if listens {
                answers.verdicts[index] = Some(verdict);
            }
            answers.left -= 1;
        }
        if 0 < answers.left {
            return false;
        }
        let verdicts = std::mem::take(&mut answers.verdicts);
        let call = answers.reply.0.take();
        drop(answers);
        if let Some(call) = call {
            call(Ok(verdicts.into_iter().flatten().collect()));
        }
        true
    }

    /// Ends the wait with an error.
    pub(crate) fn fail(&self, error: PumpError) {
        let call = self.answers.lock().reply.0.take();
        if let Some(call) = call {
            call(Err(error));
        }
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        let error = self.fate.error();
        self.fail(error);
    }
}

/// The part of a request that is in one frame: the next `count` of the frame's pending verdicts.
#[derive(Debug)]
pub(crate) struct Part {
    pub waiting: Arc<Waiting>,
    /// The index of the first message in the request.
    pub first: usize,
    pub count: usize,
}

/// A verdict that lacks its receipt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Pending {
    /// Decided now; the receipt is of this fact, if it has one.
    Now(Outcome, Option<Seq>),
    /// Decided before, by this fact.
    Then(Seq),
}
