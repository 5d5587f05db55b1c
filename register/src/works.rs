//! Planned works at the centre: windows of time that are announced ahead, so that they are not
//! mistaken for a failure (R4-12.1.2.1b, I-42, S-63).
//!
//! Nothing is accepted or refused because of a window: whoever is told of it plans by it. A window
//! that is over leaves with the next one that is announced, so there are never more than
//! [`WORKS_OPEN_MAX`](limits::WORKS_OPEN_MAX); what was planned and when is in the journal.

use terms::{Broken, Field, Instant, Reader, Works, choice, limits, record};

choice! {
    /// Why works are done.
    pub enum WorksKind {
        /// To keep what works working: announced ahead.
        Preventive = 1 "preventive",
        /// To put right what has failed: as soon as it can be done.
        Restoration = 2 "restoration",
    }
}

choice! {
    /// What may not be at hand during works.
    pub enum WorksScope {
        /// All of the centre.
        Everything = 1 "everything",
        /// Taking of stakes and holds.
        Stakes = 2 "stakes",
        /// Settlements and payouts.
        Payouts = 3 "payouts",
        /// The pages of the console and the daily files; organisers' messages go on.
        Pages = 4 "pages",
    }
}

record! {
    /// A window of planned works.
    pub struct WorksWindow {
        /// Its number.
        pub works: Works,
        /// Why.
        pub kind: WorksKind,
        /// What may not be at hand.
        pub scope: WorksScope,
        /// When they begin.
        pub from: Instant,
        /// When they end: the first instant behind them.
        pub until: Instant,
    }
}

impl WorksWindow {
    /// Whether two windows are of one part of the centre at one time.
    pub fn collides(&self, other: &WorksWindow) -> bool {
        let whole = WorksScope::Everything;
        let part = self.scope == other.scope || self.scope == whole || other.scope == whole;
        part && self.from < other.until && other.from < self.until
    }

    /// The first instant that this window has and another has not.
    pub fn begins_beyond(&self, other: &WorksWindow) -> Option<Instant> {
        if self.from < other.from || other.until <= self.from {
            Some(self.from)
        } else {
            (other.until < self.until).then_some(other.until)
        }
    }
}

/// The windows that are not over, by number, and the number that the next one gets.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Agenda {
    next: u32,
    open: Vec<WorksWindow>,
}

impl Agenda {
    /// The number that the next window gets.
    pub fn next(&self) -> Works {
        Works(self.next)
    }

    /// The windows that are not over at an instant, by number.
    pub fn open(&self, at: Instant) -> impl Iterator<Item = &WorksWindow> {
        self.open.iter().filter(move |window| at < window.until)
    }

    /// Plans a window; `None` if its number is not the next. What is over by now leaves.
    pub fn plan(&mut self, at: Instant, window: WorksWindow) -> Option<()> {
        if window.works != self.next() {
            return None;
        }
        self.open.retain(|known| at < known.until);
        self.open.push(window);
        self.next += 1;
        Some(())
    }

    /// Moves a window; `None` if there is none of this number, or it is another in kind.
    pub fn change(&mut self, window: WorksWindow) -> Option<()> {
        let known = self.open.iter_mut().find(|known| known.works == window.works)?;
        if (known.kind, known.scope) != (window.kind, window.scope) {
            return None;
        }
        *known = window;
        Some(())
    }

    /// Takes a window off; `None` if it is not there as it is told.
    pub fn cancel(&mut self, window: &WorksWindow) -> Option<()> {
        let place = self.open.iter().position(|known| known == window)?;
        self.open.remove(place);
        Some(())
    }

    /// Appends the canonical bytes.
    pub fn put(&self, out: &mut Vec<u8>) {
        self.next.put(out);
        self.open.put(out);
    }

    /// Reads what [`Agenda::put`] wrote.
    pub fn read(from: &mut Reader<'_>) -> Result<Self, Broken> {
        let agenda = Agenda { next: u32::read(from)?, open: Vec::read(from)? };
        let ascending = agenda.open.is_sorted_by(|one, other| one.works < other.works);
        let known = agenda.open.last().is_none_or(|last| last.works.0 < agenda.next);
        let few = agenda.open.len() <= limits::WORKS_OPEN_MAX;
        if ascending && known && few { Ok(agenda) } else { Err(Broken::Invalid) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn window(works: u32, scope: WorksScope, from: i64, until: i64) -> WorksWindow {
        let kind = WorksKind::Preventive;
        WorksWindow { works: Works(works), kind, scope, from: Instant(from), until: Instant(until) }
    }

    #[test]
    fn windows_of_one_part_collide() {
        use WorksScope::{Everything, Pages, Stakes};
        for (scope, from, until, want) in [
            (Stakes, 0, 10, false),
            (Stakes, 0, 11, true),
            (Stakes, 19, 30, true),
            (Stakes, 20, 30, false),
            (Pages, 12, 15, false),
            (Everything, 12, 15, true),
        ] {
            let one = window(0, Stakes, 10, 20);
            let other = window(1, scope, from, until);
            assert_eq!(one.collides(&other), want, "{other:?}");
            assert_eq!(other.collides(&one), want, "{other:?}");
        }
    }

    #[test]
    fn what_a_change_adds_begins_somewhere() {
        let was = window(0, WorksScope::Pages, 10, 20);
        for (from, until, want) in [
            (10, 20, None),
            (12, 20, None),
            (12, 15, None),
            (9, 15, Some(9)),
            (12, 21, Some(20)),
            (20, 30, Some(20)),
            (25, 30, Some(25)),
        ] {
            let moved = window(0, WorksScope::Pages, from, until);
            assert_eq!(moved.begins_beyond(&was), want.map(Instant), "{from} {until}");
        }
    }

    #[test]
    fn what_is_over_leaves_and_the_rest_has_one_byte_form() {
        let mut agenda = Agenda::default();
        let [first, second] = [(0, 10), (1, 20)]
            .map(|(works, until)| window(works, WorksScope::Pages, until - 5, until));
        assert_eq!(agenda.plan(Instant(0), second.clone()), None);
        agenda.plan(Instant(0), first.clone()).unwrap();
        agenda.plan(Instant(10), second.clone()).unwrap();
        assert_eq!(agenda.change(first), None);
        let moved = WorksWindow { until: Instant(21), ..second.clone() };
        agenda.change(moved.clone()).unwrap();
        assert_eq!(agenda.cancel(&second), None);
        let mut bytes = Vec::new();
        agenda.put(&mut bytes);
        assert_eq!(Agenda::read(&mut Reader::new(&bytes)).as_ref(), Ok(&agenda));
        agenda.cancel(&moved).unwrap();
        assert_eq!((agenda.next(), agenda.open(Instant(0)).count()), (Works(2), 0));
        bytes[0] = 1;
        assert_eq!(Agenda::read(&mut Reader::new(&bytes)), Err(Broken::Invalid));
    }
}
