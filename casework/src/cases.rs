//! Open cases. One that ends leaves: what became of it stands in the journal and the views.

use std::collections::{BTreeMap, BTreeSet};

use terms::codec::{Spill, put_list};
use terms::{Broken, CaseNo, Clock, Field, Instant, Organiser, Person, Reader, record};

use crate::table::{Transition, find, is_final};
use crate::words::{CaseKind, CaseState};

/// Open cases of one person: a registration, a few requests for consent, a record for each list.
/// One whose browser asks again and again shall not take more room than a few others.
pub const OPEN_PER_PERSON_MAX: usize = 16;

record! {
    /// An open case.
    pub struct CaseRow {
        /// Its number.
        pub case: CaseNo,
        /// What it is about.
        pub kind: CaseKind,
        /// Where it stands.
        pub state: CaseState,
        /// Whom it is about.
        pub person: Option<Person>,
        /// The organiser that it is about.
        pub organiser: Option<Organiser>,
        /// How often a counted step was made.
        pub count: u32,
        /// When it was opened.
        pub opened: Instant,
        /// The term that runs.
        pub clock: Option<Clock>,
        /// When it is over.
        pub due: Option<Instant>,
        /// Whether it was over before the case moved on.
        pub overdue: bool,
    }
}

/// Why a fact about a case cannot follow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wrong {
    /// The number is not the next one.
    Number,
    /// There is no such open case.
    Unknown,
    /// The table has no such step, or it leads elsewhere.
    Step,
    /// What it states of the case before it is not so.
    Stated,
}

/// All open cases.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cases {
    next: u32,
    year: u32,
    serial: u32,
    open: BTreeMap<CaseNo, CaseRow>,
    /// Open cases with a term that has not been noted as over; derived.
    due: BTreeSet<(Instant, CaseNo)>,
    /// Open cases by person; derived.
    of_person: BTreeSet<(Person, CaseNo)>,
}

impl Cases {
    /// The number that the n-th of the next cases gets, with its printed year and serial number,
    /// if it is opened in that year. A year that lies behind the last one is not gone back to.
    pub fn next(&self, n: u32, year: u32) -> (CaseNo, u32, u32) {
        let number = CaseNo(self.next.saturating_add(n));
        if year <= self.year {
            (number, self.year, self.serial.saturating_add(n).saturating_add(1))
        } else {
            (number, year, n.saturating_add(1))
        }
    }

    /// One open case.
    pub fn get(&self, case: CaseNo) -> Option<&CaseRow> {
        self.open.get(&case)
    }

    /// All open cases, by number.
    pub fn all(&self) -> impl Iterator<Item = &CaseRow> {
        self.open.values()
    }

    /// Open cases whose term runs, the next one first.
    pub fn by_due(&self) -> impl Iterator<Item = &CaseRow> {
        self.due.iter().filter_map(|(_, case)| self.open.get(case))
    }

    /// A person's open cases, by number.
    pub fn of_person(&self, person: Person) -> impl Iterator<Item = &CaseRow> {
        let range = (person, CaseNo(0))..=(person, CaseNo(u32::MAX));
        self.of_person.range(range).filter_map(|(_, case)| self.open.get(case))
    }

    /// How many are open.
    pub fn len(&self) -> usize {
        self.open.len()
    }

    /// Whether none is open.
    pub fn is_empty(&self) -> bool {
        self.open.is_empty()
    }

    /// Opens the next case; `year` and `serial` are its printed number.
    pub fn open(&mut self, row: CaseRow, year: u32, serial: u32) -> Result<(), Wrong> {
        if (row.case, year, serial) != self.next(0, year) {
            return Err(Wrong::Number);
        }
        self.next = row.case.0.checked_add(1).ok_or(Wrong::Number)?;
        (self.year, self.serial) = (year, serial);
        self.put_row(row);
        Ok(())
    }

    /// Moves a case by a row of the table; one that ends leaves.
    pub fn step(
        &mut self,
        case: CaseNo,
        by: &Transition,
        clock: Option<Clock>,
        due: Option<Instant>,
    ) -> Result<(), Wrong> {
        let row = self.open.get(&case).ok_or(Wrong::Unknown)?;
        if find(row.kind, Some(row.state), by.step) != Some(by) {
            return Err(Wrong::Step);
        }
        // Cannot fail: it was found just now.
        let Some(mut row) = self.take(case) else { return Err(Wrong::Unknown) };
        row.state = by.to;
        row.count = row.count.saturating_add(u32::from(by.step.is_counted()));
        row.overdue &= due == row.due;
        (row.clock, row.due) = (clock, due);
        if !is_final(row.kind, row.state) {
            self.put_row(row);
        }
        Ok(())
    }

    /// Notes that the term of a case is over.
    pub fn note_overdue(&mut self, case: CaseNo, due: Instant) -> Result<(), Wrong> {
        let row = self.open.get_mut(&case).ok_or(Wrong::Unknown)?;
        if row.overdue || row.due != Some(due) {
            return Err(Wrong::Stated);
        }
        row.overdue = true;
        self.due.remove(&(due, case));
        Ok(())
    }

    fn take(&mut self, case: CaseNo) -> Option<CaseRow> {
        let row = self.open.remove(&case)?;
        if let Some(due) = row.due {
            self.due.remove(&(due, case));
        }
        if let Some(person) = row.person {
            self.of_person.remove(&(person, case));
        }
        Some(row)
    }

    fn put_row(&mut self, row: CaseRow) {
        if let (Some(due), false) = (row.due, row.overdue) {
            self.due.insert((due, row.case));
        }
        if let Some(person) = row.person {
            self.of_person.insert((person, row.case));
        }
        self.open.insert(row.case, row);
    }

    /// Appends the canonical bytes.
    pub fn put(&self, out: &mut Vec<u8>, spill: Spill<'_>) {
        self.next.put(out);
        self.year.put(out);
        self.serial.put(out);
        put_list(out, spill, self.open.len(), self.open.values());
    }

    /// Reads what [`Cases::put`] wrote.
    pub fn read(from: &mut Reader<'_>) -> Result<Self, Broken> {
        let (next, year, serial) = (u32::read(from)?, u32::read(from)?, u32::read(from)?);
        let mut cases = Cases { next, year, serial, ..Cases::default() };
        let mut last = None;
        for row in Vec::<CaseRow>::read(from)? {
            if next <= row.case.0 || last.is_some_and(|last| row.case <= last) {
                return Err(Broken::Invalid);
            }
            last = Some(row.case);
            cases.put_row(row);
        }
        Ok(cases)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words::CaseStep;

    fn row(case: u32, person: u32, due: i64) -> CaseRow {
        CaseRow {
            case: CaseNo(case),
            kind: CaseKind::AmlRecord,
            state: CaseState::Raised,
            person: Some(Person(person)),
            organiser: None,
            count: 0,
            opened: Instant(0),
            clock: Some(Clock::AmlReport),
            due: Some(Instant(due)),
            overdue: false,
        }
    }

    fn moved(cases: &mut Cases, case: u32, step: CaseStep) -> Result<(), Wrong> {
        let row = cases.get(CaseNo(case)).ok_or(Wrong::Unknown)?;
        let by = find(row.kind, Some(row.state), step).ok_or(Wrong::Step)?;
        let (clock, due) = (row.clock, row.due);
        let stops = by.timing == crate::table::Timing::Stop;
        let (clock, due) = if stops { (None, None) } else { (clock, due) };
        cases.step(CaseNo(case), by, clock, due)
    }

    #[test]
    fn numbers_are_dense_and_printed_by_year() {
        let mut cases = Cases::default();
        assert_eq!(cases.next(0, 2026), (CaseNo(0), 2026, 1));
        assert_eq!(cases.open(row(1, 1, 9), 2026, 1), Err(Wrong::Number));
        assert_eq!(cases.open(row(0, 1, 9), 2026, 2), Err(Wrong::Number));
        cases.open(row(0, 1, 9), 2026, 1).unwrap();
        assert_eq!(cases.next(0, 2026), (CaseNo(1), 2026, 2));
        assert_eq!(cases.next(3, 2026), (CaseNo(4), 2026, 5));
        assert_eq!(cases.next(0, 2027), (CaseNo(1), 2027, 1));
        cases.open(row(1, 1, 9), 2027, 1).unwrap();
        // A rulebook that moves midnight does not open the old year again.
        assert_eq!(cases.next(0, 2026), (CaseNo(2), 2027, 2));
    }

    #[test]
    fn a_case_leaves_when_it_ends() {
        let mut cases = Cases::default();
        for (case, due) in [(0, 30), (1, 20), (2, 10)] {
            cases.open(row(case, case % 2, due), 2026, case + 1).unwrap();
        }
        let due = |cases: &Cases| cases.by_due().map(|row| row.case.0).collect::<Vec<_>>();
        assert_eq!(due(&cases), [2, 1, 0]);
        let of = |cases: &Cases, person| {
            cases.of_person(Person(person)).map(|row| row.case.0).collect::<Vec<_>>()
        };
        assert_eq!((of(&cases, 0), of(&cases, 1)), (vec![0, 2], vec![1]));
        assert_eq!(moved(&mut cases, 2, CaseStep::Report), Err(Wrong::Step));
        cases.note_overdue(CaseNo(2), Instant(10)).unwrap();
        assert_eq!(cases.note_overdue(CaseNo(2), Instant(10)), Err(Wrong::Stated));
        assert_eq!(cases.note_overdue(CaseNo(1), Instant(10)), Err(Wrong::Stated));
        assert_eq!(due(&cases), [1, 0]);
        moved(&mut cases, 2, CaseStep::Triage).unwrap();
        assert!(cases.get(CaseNo(2)).unwrap().overdue, "the same term goes on");
        let mut bytes = Vec::new();
        cases.put(&mut bytes, &mut |_| ());
        assert_eq!(Cases::read(&mut Reader::new(&bytes)), Ok(cases.clone()));
        moved(&mut cases, 2, CaseStep::Dismiss).unwrap();
        assert_eq!(moved(&mut cases, 2, CaseStep::Dismiss), Err(Wrong::Unknown));
        assert_eq!((of(&cases, 0), cases.len()), (vec![0], 2));
    }

    #[test]
    fn counted_steps_are_counted() {
        let mut cases = Cases::default();
        let draft = CaseRow {
            kind: CaseKind::StateService,
            state: CaseState::Testing,
            person: None,
            clock: None,
            due: None,
            ..row(0, 0, 0)
        };
        cases.open(draft, 2026, 1).unwrap();
        for n in 1..=3 {
            moved(&mut cases, 0, CaseStep::Answer).unwrap();
            assert_eq!(cases.get(CaseNo(0)).unwrap().count, n);
        }
    }
}
