//! The way out: every message gets its instant, its id and what is expected to become of it.
//!
//! Instants strictly increase, and are far enough apart for the facts of one message, which are
//! one nanosecond apart.

use std::collections::VecDeque;

use desk::{Command, Manner, Message};
use terms::id::uuid_v7;
use terms::{Instant, MessageId, Reason, Sender};

use crate::random::Random;

/// Between two messages at least: more than the facts of one message need.
const GAP_NS: i64 = 1_000;

/// The lane of a message (core 12).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// Blocks, lists, registrations, timers.
    Control,
    /// Orders and stakes.
    Live,
    /// Catalogue, results and settlements.
    Settlement,
    /// Backlogs.
    Bulk,
}

/// What is expected to become of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expect {
    /// It is done.
    Done,
    /// It is refused.
    Refused(Reason),
    /// It is a repeat: its receipt of then is given.
    Repeat,
    /// Its id was used with other content.
    Conflict,
    /// It waits for something that is not there yet.
    Deferred(Reason),
    /// Whatever is due is done.
    Anything,
}

/// One message of the simulation.
#[derive(Clone, Debug)]
pub struct Step {
    /// When it is decided.
    pub at: Instant,
    /// The lane.
    pub class: Class,
    /// The message.
    pub message: Message,
    /// What is expected of it.
    pub expect: Expect,
}

/// Who sends, and through which lane.
#[derive(Clone, Copy, Debug)]
pub(super) struct From {
    pub sender: Sender,
    pub class: Class,
    pub manner: Manner,
}

/// Messages on their way out.
pub(super) struct Outbox {
    now: Instant,
    ids: Random,
    queue: VecDeque<Step>,
}

impl Outbox {
    pub(super) fn new(ids: Random) -> Outbox {
        Outbox { now: Instant(i64::MIN), ids, queue: VecDeque::new() }
    }

    /// The instant that the next message gets, if it is wanted at `at`.
    pub(super) fn instant(&self, at: Instant) -> Instant {
        at.max(self.now.plus(GAP_NS))
    }

    /// A new id that carries a time.
    pub(super) fn id(&mut self, made: Instant) -> MessageId {
        MessageId(uuid_v7(made.ms(), self.ids.fill()))
    }

    /// Sends a message under a new id.
    pub(super) fn send(
        &mut self,
        at: Instant,
        from: From,
        command: impl Into<Command>,
        expect: Expect,
    ) -> MessageId {
        let at = self.instant(at);
        let id = self.id(at);
        self.send_as(id, at, from, command, expect);
        id
    }

    /// Sends a message under this id.
    pub(super) fn send_as(
        &mut self,
        id: MessageId,
        at: Instant,
        from: From,
        command: impl Into<Command>,
        expect: Expect,
    ) {
        let at = self.instant(at);
        self.now = at;
        let message = Message::new(from.sender, id, from.manner, command.into());
        self.queue.push_back(Step { at, class: from.class, message, expect });
    }

    /// The next message.
    pub(super) fn next(&mut self) -> Option<Step> {
        self.queue.pop_front()
    }
}
