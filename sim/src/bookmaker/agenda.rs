//! What the bookmaker and its bettors have yet to do, by time.

use std::collections::BTreeMap;

use terms::{Instant, OrderId};

use super::stake::{Held, Ticket};

/// One thing to do.
#[derive(Clone, Debug)]
pub(super) enum Job {
    /// List the next match of the input.
    List,
    /// A bettor wants a bet on a match before it begins; one fixture of the match.
    Bet(u32),
    /// A bettor wants a bet on a match under way.
    LiveBet(u32),
    /// Something that must be refused.
    Bad(u32),
    /// A stake with an order that was given before.
    Late(Box<(Ticket, OrderId, Instant)>),
    /// A stake after the market has closed, the event begun or ended.
    Latecomer(u32),
    /// The organiser answers a hold.
    Answer(Box<Held>),
    /// A stake of a land desk is reported long after it was taken.
    LateReport(Box<(Ticket, Instant)>),
    /// The match is postponed or cancelled before it begins.
    Announce(u32),
    /// The match begins.
    KickOff(u32),
    /// Markets that closed late are closed.
    Close(u32),
    /// The start is corrected.
    CorrectStart(u32),
    /// Half time.
    HalfTime(u32),
    /// The match is broken off.
    Abandon(u32),
    /// The final whistle.
    FullTime(u32),
    /// Bets of the fixture are settled.
    Settle(u32),
    /// The organiser corrects its result.
    CorrectResult(u32),
    /// Nothing more happens with the fixture.
    Done(u32),
    /// A land desk pays.
    PayAtDesk(u64),
    /// A bettor gives back what was overpaid.
    GiveBack(u64),
    /// An organiser brings money.
    Fund(usize),
    /// An organiser may take stakes again.
    Reinstate(usize),
    /// Time passes.
    Tick,
    /// Closed bets leave.
    Leave,
    /// The day's end: money is taken out.
    DayEnd,
}

/// Jobs by time, those of one time in the order in which they were noted.
#[derive(Debug, Default)]
pub(super) struct Agenda {
    jobs: BTreeMap<(Instant, u64), Job>,
    count: u64,
}

impl Agenda {
    /// Notes a job.
    pub(super) fn note(&mut self, at: Instant, job: Job) {
        self.jobs.insert((at, self.count), job);
        self.count += 1;
    }

    /// Takes the next job.
    pub(super) fn next(&mut self) -> Option<(Instant, Job)> {
        self.jobs.pop_first().map(|((at, _), job)| (at, job))
    }
}
