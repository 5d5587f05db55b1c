//! Lanes: where messages wait, by sender and class (core 12).
//!
//! Within a lane the order of arrival holds. Between the senders of a class turns go round, and a
//! turn that a full take cut short goes on in the next (deficit round robin; every command costs
//! one, since its work is bounded, core 13). Between classes: control first, then a share for each
//! class that waits so that none starves, then live, settlement and bulk in this order; while live
//! waits, bulk has at most half a frame. Cost: constant per message and turn.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::vec::IntoIter;

use desk::Message;
use terms::{Instant, Sender};

use crate::limits::{LaneLimits, QUANTUM, QUEUED_MAX, SENDERS_MAX};
use crate::reply::Waiting;

/// How urgent a request is, and what its lane may hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Class {
    /// Blocks, lists, timers: before all others, and never shed for others.
    Control,
    /// Orders and stakes: somebody is waiting.
    Live,
    /// Results and settlements.
    Settlement,
    /// Backlogs.
    Bulk,
}

impl Class {
    /// All classes, the most urgent first.
    pub const ALL: [Class; 4] = [Class::Control, Class::Live, Class::Settlement, Class::Bulk];

    /// Its name.
    pub const fn name(self) -> &'static str {
        match self {
            Class::Control => "control",
            Class::Live => "live",
            Class::Settlement => "settlement",
            Class::Bulk => "bulk",
        }
    }
}

/// A request in its lane, or what is left of it.
#[derive(Debug)]
pub(crate) struct Ticket {
    pub messages: IntoIter<Message>,
    /// One for each message where commands bring their instants, else none.
    pub instants: IntoIter<Instant>,
    /// The index of the next message in the request.
    pub first: usize,
    pub waiting: Arc<Waiting>,
    /// When it came, by the monotonic clock.
    pub since_ns: i64,
}

impl Ticket {
    /// Takes the next `count` messages off, or all.
    fn split(&mut self, count: usize) -> Ticket {
        let messages: Vec<_> = self.messages.by_ref().take(count).collect();
        let instants: Vec<_> = self.instants.by_ref().take(count).collect();
        let (first, waiting) = (self.first, self.waiting.clone());
        self.first += messages.len();
        Ticket {
            messages: messages.into_iter(),
            instants: instants.into_iter(),
            first,
            waiting,
            since_ns: self.since_ns,
        }
    }
}

#[derive(Debug, Default)]
struct Lane {
    tickets: VecDeque<Ticket>,
    messages: usize,
}

/// The lanes of one class.
#[derive(Debug, Default)]
struct Row {
    lanes: HashMap<Sender, Lane>,
    /// Senders with messages, whose turn it is first.
    turns: VecDeque<Sender>,
    /// What is left of the first one's turn.
    left: usize,
    messages: usize,
}

impl Row {
    fn push(&mut self, sender: Sender, ticket: Ticket) {
        let count = ticket.messages.len();
        let lane = self.lanes.entry(sender).or_default();
        if lane.tickets.is_empty() {
            self.turns.push_back(sender);
            if self.turns.len() == 1 {
                self.left = QUANTUM;
            }
        }
        lane.messages += count;
        lane.tickets.push_back(ticket);
        self.messages += count;
    }

    /// Takes at most `room` messages; returns how many.
    fn take(&mut self, room: usize, out: &mut Vec<Ticket>) -> usize {
        let mut taken = 0;
        while taken < room
            && let Some(sender) = self.turns.front().copied()
        {
            // Whoever is alone takes no turns.
            let turn = if self.turns.len() == 1 { usize::MAX } else { self.left };
            let Some(lane) = self.lanes.get_mut(&sender) else { break };
            let some = lane.take(turn.min(room - taken), out);
            taken += some;
            self.left = self.left.saturating_sub(some);
            if lane.tickets.is_empty() {
                self.turns.pop_front();
                self.left = QUANTUM;
            } else if self.left == 0 {
                self.turns.rotate_left(1);
                self.left = QUANTUM;
            }
        }
        self.messages -= taken;
        taken
    }

    /// Whether there can be a lane for this sender.
    fn has_place(&mut self, sender: Sender) -> bool {
        if SENDERS_MAX <= self.lanes.len() && !self.lanes.contains_key(&sender) {
            self.lanes.retain(|_, lane| !lane.tickets.is_empty());
        }
        self.lanes.len() < SENDERS_MAX || self.lanes.contains_key(&sender)
    }
}

impl Lane {
    fn take(&mut self, room: usize, out: &mut Vec<Ticket>) -> usize {
        let mut taken = 0;
        while taken < room
            && let Some(ticket) = self.tickets.front_mut()
        {
            let some = ticket.messages.len().min(room - taken);
            if some == ticket.messages.len() {
                out.extend(self.tickets.pop_front());
            } else {
                out.push(ticket.split(some));
            }
            taken += some;
        }
        self.messages -= taken;
        taken
    }
}

/// All lanes.
#[derive(Debug)]
pub(crate) struct Lanes {
    rows: [Row; 4],
    limits: LaneLimits,
}

impl Lanes {
    pub(crate) fn new(limits: LaneLimits) -> Lanes {
        Lanes { rows: Default::default(), limits }
    }

    /// Messages in all lanes.
    pub(crate) fn len(&self) -> usize {
        self.rows.iter().map(|row| row.messages).sum()
    }

    /// Whether no message waits.
    pub(crate) fn is_empty(&self) -> bool {
        self.rows.iter().all(|row| row.messages == 0)
    }

    /// Messages of one sender and class.
    pub(crate) fn waiting(&self, class: Class, sender: Sender) -> usize {
        self.rows[class as usize].lanes.get(&sender).map_or(0, |lane| lane.messages)
    }

    /// Whether `count` more fit. A lane that is empty takes any request.
    pub(crate) fn fits(&mut self, class: Class, sender: Sender, count: usize) -> bool {
        let waiting = self.waiting(class, sender);
        let others: usize = self.rows[Class::Live as usize..].iter().map(|row| row.messages).sum();
        let limit = self.limits.of(class);
        (waiting == 0 || waiting.saturating_add(count) <= limit)
            && (class == Class::Control || others.saturating_add(count) <= QUEUED_MAX)
            && self.rows[class as usize].has_place(sender)
    }

    /// Adds a request.
    pub(crate) fn push(&mut self, class: Class, sender: Sender, ticket: Ticket) {
        self.rows[class as usize].push(sender, ticket);
    }

    /// Takes at most `room` messages, of which at most `bulk` are of the bulk class if live ones
    /// wait. Tells how many of them are bulk.
    pub(crate) fn take(&mut self, room: usize, bulk: usize, out: &mut Vec<Ticket>) -> usize {
        let [control, live, settlement, backlog] = &mut self.rows;
        let bulk_max = if live.messages == 0 { room } else { bulk };
        let mut left = room - control.take(room, out);
        // The shares: an eighth for bulk, a quarter for settlement, so that neither starves.
        let mut bulks = backlog.take(left.div_ceil(8).min(bulk_max), out);
        let settled = settlement.take((left - bulks).div_ceil(4), out);
        left -= bulks + settled;
        left -= live.take(left, out);
        left -= settlement.take(left, out);
        bulks += backlog.take(left.min(bulk_max - bulks), out);
        bulks
    }

    /// Takes out every request of which nothing is decided yet, but control.
    pub(crate) fn shed(&mut self) -> Vec<Ticket> {
        let mut out = Vec::new();
        for row in &mut self.rows[Class::Live as usize..] {
            for lane in row.lanes.values_mut() {
                let all = std::mem::take(&mut lane.tickets);
                let (begun, whole): (VecDeque<_>, VecDeque<_>) =
                    all.into_iter().partition(|ticket| 0 < ticket.first);
                lane.tickets = begun;
                lane.messages = lane.tickets.iter().map(|ticket| ticket.messages.len()).sum();
                out.extend(whole);
            }
            let lanes = &row.lanes;
            let waits = |sender: &Sender| lanes.get(sender).is_some_and(|l| !l.tickets.is_empty());
            row.turns.retain(waits);
            row.left = QUANTUM;
            row.messages = row.lanes.values().map(|lane| lane.messages).sum();
        }
        out
    }

    /// Takes everything out.
    pub(crate) fn clear(&mut self) -> Vec<Ticket> {
        let rows = std::mem::take(&mut self.rows);
        rows.into_iter()
            .flat_map(|row| row.lanes.into_values())
            .flat_map(|lane| lane.tickets)
            .collect()
    }

    /// Each lane with messages: sender, class, how many, since when.
    pub(crate) fn views(&self) -> impl Iterator<Item = (Sender, Class, usize, i64)> {
        Class::ALL.into_iter().flat_map(|class| {
            self.rows[class as usize].lanes.iter().filter_map(move |(sender, lane)| {
                let oldest = lane.tickets.front()?;
                Some((*sender, class, lane.messages, oldest.since_ns))
            })
        })
    }
}
