//! Planned works at the centre: announced, changed and called off in time (R4-12.1.2.1b, S-63).

use journal::fact::{Fact, WorksAnnounced, WorksCancelled, WorksChanged};
use register::works::{WorksKind, WorksWindow};
use terms::{Instant, Reason, Works, limits};

use super::{Case, Stop};
use crate::command::{AnnounceWorks, CancelWorks, ChangeWorks};

impl Case<'_> {
    pub(super) fn announce_works(
        &self,
        command: &AnnounceWorks,
        facts: &mut Vec<Fact>,
    ) -> Result<(), Stop> {
        let AnnounceWorks { kind, scope, from, until } = *command;
        let works = self.state.works.next();
        let window = WorksWindow { works, kind, scope, from, until };
        if from < self.moment.at {
            return Err(Reason::DateInvalid.into());
        }
        self.fits(&window)?;
        if limits::WORKS_OPEN_MAX <= self.state.works.open(self.moment.at).count() {
            return Err(Reason::WorksConflict.into());
        }
        self.in_time(kind, Some(from))?;
        facts.push(WorksAnnounced { cause: self.cause.clone(), window }.into());
        Ok(())
    }

    /// Works that have begun may end at another time; those that have not may be moved as a whole.
    /// What a change adds has to be announced in time like works of their own.
    pub(super) fn change_works(
        &self,
        command: &ChangeWorks,
        facts: &mut Vec<Fact>,
    ) -> Result<(), Stop> {
        let at = self.moment.at;
        let was = self.open_works(command.works)?;
        let window = WorksWindow { from: command.from, until: command.until, ..was.clone() };
        if window == *was {
            return Err(Reason::AlreadyRegistered.into());
        }
        let begun = was.from <= at;
        if (begun && window.from != was.from) || (!begun && window.from < at) || window.until <= at
        {
            return Err(Reason::DateInvalid.into());
        }
        self.fits(&window)?;
        self.in_time(window.kind, window.begins_beyond(was))?;
        facts.push(WorksChanged { cause: self.cause.clone(), window }.into());
        Ok(())
    }

    pub(super) fn cancel_works(
        &self,
        command: &CancelWorks,
        facts: &mut Vec<Fact>,
    ) -> Result<(), Stop> {
        let window = self.open_works(command.works)?.clone();
        facts.push(WorksCancelled { cause: self.cause.clone(), window }.into());
        Ok(())
    }

    /// Works that are planned and not over.
    fn open_works(&self, works: Works) -> Result<&WorksWindow, Reason> {
        let mut open = self.state.works.open(self.moment.at);
        open.find(|window| window.works == works).ok_or(Reason::WorksUnknown)
    }

    /// Whether a window has a beginning before its end, a length and a distance that works have,
    /// and no other works in it.
    fn fits(&self, window: &WorksWindow) -> Result<(), Reason> {
        let length = window.until.since(window.from);
        let ahead = window.from.since(self.moment.at);
        let right = 0 < length
            && length <= self.rules.terms.works_ns_max
            && ahead <= limits::WORKS_AHEAD_NS_MAX;
        if !right {
            return Err(Reason::DateInvalid);
        }
        let mut others = self.state.works.open(self.moment.at);
        let meets = |other: &WorksWindow| other.works != window.works && window.collides(other);
        if others.any(meets) { Err(Reason::WorksConflict) } else { Ok(()) }
    }

    /// Whether preventive works that begin then are announced early enough. What has failed is put
    /// right as soon as it can be.
    fn in_time(&self, kind: WorksKind, from: Option<Instant>) -> Result<(), Reason> {
        let earliest = self.moment.at.plus(self.rules.terms.works_notice_ns);
        let late = from.is_some_and(|from| from < earliest);
        match kind {
            WorksKind::Preventive if late => Err(Reason::NoticeTooShort),
            WorksKind::Preventive | WorksKind::Restoration => Ok(()),
        }
    }
}
