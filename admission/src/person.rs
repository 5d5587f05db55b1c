//! Persons as flags, and their accounts with organisers.

use terms::codec::{Spill, put_list};
use terms::{
    Account, Broken, Field, Instant, Organiser, Person, Reader, Reason, Seq, Value, Wallet, choice,
    limits, record,
};

choice! {
    /// How well a person is identified.
    pub enum Level {
        /// Not at all.
        Unidentified = 1 "unidentified",
        /// Simplified.
        Simplified = 2 "simplified",
        /// Fully (R0-10.12).
        Full = 3 "full",
    }
}

choice! {
    /// The lists of R0-10.2b–f.
    pub enum List {
        /// Persons restricted from gambling.
        Restricted = 1 "restricted",
        /// Unified Register of Debtors.
        Debtors = 2 "debtors",
        /// Persons involved in terrorist activity.
        Terrorism = 3 "terrorism",
        /// Financing of proliferation of weapons of mass destruction.
        Proliferation = 4 "proliferation",
        /// Financing of terrorism and extremism.
        Financing = 5 "financing",
    }
}

impl List {
    /// The reason for which a listed person is refused.
    pub const fn reason(self) -> Reason {
        match self {
            List::Restricted => Reason::ListedRestricted,
            List::Debtors => Reason::ListedDebtor,
            List::Terrorism => Reason::ListedTerrorist,
            List::Proliferation => Reason::ListedProliferation,
            List::Financing => Reason::ListedFinancing,
        }
    }
}

/// A set of lists on which a person stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Lists(u8);

impl Lists {
    /// On no list.
    pub const NONE: Lists = Lists(0);

    /// With one more list.
    pub const fn with(self, list: List) -> Lists {
        Lists(self.0 | 1 << (list as u8 - 1))
    }

    /// Whether the list is among them.
    pub const fn has(self, list: List) -> bool {
        self.0 >> (list as u8 - 1) & 1 == 1
    }

    /// Whether there is none.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }
}

impl Field for Lists {
    fn shape() -> String {
        "Lists".into()
    }
    fn put(&self, out: &mut Vec<u8>) {
        out.push(self.0);
    }
    fn read(from: &mut Reader<'_>) -> Result<Self, Broken> {
        let bits = from.byte()?;
        if bits >> List::ALL.len() == 0 { Ok(Lists(bits)) } else { Err(Broken::Unknown) }
    }
    fn value(&self) -> Value {
        let names = List::ALL.iter().filter(|list| self.has(**list));
        Value::List(names.map(Field::value).collect())
    }
}

record! {
    /// What decisions know of a person.
    pub struct PersonRow {
        /// How well the person is identified.
        pub level: Level,
        /// Until when that identification is good.
        pub identified_until: Option<Instant>,
        /// Whether the person has reached the age of the rulebook (R0-10.2a); set daily.
        pub of_age: bool,
        /// The lists on which the person stands.
        pub lists: Lists,
        /// Since when all this holds.
        pub since: Instant,
    }
}

record! {
    /// What held of a person before: late reports are judged by it (domain 1).
    pub struct PersonPast {
        /// The states, oldest first, without the one with which every person begins.
        pub states: Vec<PersonRow>,
        /// Whether that one, and perhaps some after it, was dropped.
        pub cut: bool,
    }
}

record! {
    /// A person in the hot state. Most persons change once, when they are identified; for them
    /// nothing is kept of the past, because every person begins in the same way.
    pub struct PersonState {
        /// What holds now.
        pub now: PersonRow,
        /// What held before, if that is not how every person begins.
        pub past: Option<Box<PersonPast>>,
    }
}

impl PersonState {
    /// A person of whom nothing is known yet.
    pub fn new(at: Instant) -> PersonState {
        PersonState { now: PersonRow { since: at, ..PersonRow::UNKNOWN }, past: None }
    }

    /// What held at an instant; and whether that is the oldest state that is still known and the
    /// instant lies before it.
    pub fn at(&self, at: Instant) -> (&PersonRow, bool) {
        if self.now.since <= at {
            return (&self.now, false);
        }
        let Some(past) = self.past.as_deref() else { return (&PersonRow::UNKNOWN, false) };
        match past.states.iter().rev().find(|state| state.since <= at) {
            Some(state) => (state, false),
            None if past.cut => (past.states.first().unwrap_or(&self.now), true),
            None => (&PersonRow::UNKNOWN, false),
        }
    }

    /// From its `since` on another state holds.
    pub fn become_state(&mut self, next: PersonRow) {
        let before = core::mem::replace(&mut self.now, next);
        let since = before.since;
        if before == (PersonRow { since, ..PersonRow::UNKNOWN }) && self.past.is_none() {
            return;
        }
        let empty = || Box::new(PersonPast { states: Vec::new(), cut: false });
        let past = self.past.get_or_insert_with(empty);
        // The beginning is the first that is dropped.
        if past.states.len() + usize::from(!past.cut) == limits::PERSON_STATES_KEPT {
            if past.cut {
                past.states.remove(0);
            }
            past.cut = true;
        }
        past.states.push(before);
    }
}

impl PersonRow {
    /// How every person begins.
    pub const UNKNOWN: PersonRow = PersonRow {
        level: Level::Unidentified,
        identified_until: None,
        of_age: false,
        lists: Lists::NONE,
        since: Instant(i64::MIN),
    };

    /// Notes each ground on which the person may not stake (R0-10.2, R0-10.3).
    pub fn grounds(&self, at: Instant, full: bool, mut note: impl FnMut(Reason)) {
        let enough = match self.level {
            Level::Unidentified => false,
            Level::Simplified => !full,
            Level::Full => true,
        };
        if !enough {
            note(Reason::NotIdentified);
        } else if self.identified_until.is_some_and(|until| until <= at) {
            note(Reason::IdentificationStale);
        }
        if !self.of_age {
            note(Reason::UnderAge);
        }
        if !self.lists.is_empty() {
            for list in List::ALL {
                if self.lists.has(*list) {
                    note(list.reason());
                }
            }
        }
    }
}

record! {
    /// The account of one bettor with one organiser (R0-2.4, R0-12.1).
    pub struct AccountRow {
        /// The bettor.
        pub person: Person,
        /// The organiser.
        pub organiser: Organiser,
        /// The one wallet bound to the pair (R0-12.4).
        pub wallet: Wallet,
        /// Since when it is closed.
        pub closed: Option<Instant>,
        /// Its last fact.
        pub last: Option<Seq>,
    }
}

impl AccountRow {
    /// Whether it took no stakes any more at an instant: late reports are judged by what held
    /// then (domain 1).
    pub fn closed_at(&self, at: Instant) -> bool {
        self.closed.is_some_and(|closed| closed <= at)
    }
}

/// All persons and accounts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct People {
    /// By number.
    pub persons: Vec<PersonState>,
    /// By number.
    pub accounts: Vec<AccountRow>,
}

impl People {
    /// The number that the next person gets.
    pub fn next_person(&self) -> Person {
        Person(self.persons.len() as u32)
    }

    /// The number that the next account gets.
    pub fn next_account(&self) -> Account {
        Account(self.accounts.len() as u32)
    }

    /// What holds of a person now.
    pub fn person(&self, person: Person) -> Option<&PersonRow> {
        self.persons.get(person.index()).map(|state| &state.now)
    }

    /// What held of a person at an instant, and whether that can be told no more: then it is the
    /// oldest state that is known.
    pub fn person_at(&self, person: Person, at: Instant) -> Option<(&PersonRow, bool)> {
        self.persons.get(person.index()).map(|state| state.at(at))
    }

    /// One account.
    pub fn account(&self, account: Account) -> Option<&AccountRow> {
        self.accounts.get(account.index())
    }

    /// One account, to change.
    pub fn account_mut(&mut self, account: Account) -> Option<&mut AccountRow> {
        self.accounts.get_mut(account.index())
    }

    /// The account of an organiser, or why there is none for it.
    pub fn account_of(
        &self,
        organiser: Organiser,
        account: Account,
    ) -> Result<&AccountRow, Reason> {
        let row = self.account(account).ok_or(Reason::AccountUnknown)?;
        if row.organiser == organiser { Ok(row) } else { Err(Reason::AccountOfAnotherOrganiser) }
    }

    /// Appends the canonical bytes.
    pub fn put(&self, out: &mut Vec<u8>, spill: Spill<'_>) {
        put_list(out, &mut *spill, self.persons.len(), self.persons.iter());
        put_list(out, spill, self.accounts.len(), self.accounts.iter());
    }

    /// Reads what [`People::put`] wrote.
    pub fn read(from: &mut Reader<'_>) -> Result<Self, Broken> {
        Ok(People { persons: Vec::read(from)?, accounts: Vec::read(from)? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn grounds(row: &PersonRow, at: i64, full: bool) -> Vec<Reason> {
        let mut found = Vec::new();
        row.grounds(Instant(at), full, |reason| found.push(reason));
        found
    }

    fn good() -> PersonRow {
        PersonRow {
            level: Level::Full,
            identified_until: None,
            of_age: true,
            lists: Lists::NONE,
            since: Instant(3),
        }
    }

    #[test]
    fn each_ground_is_found() {
        // R0-10.2a, R0-10.2b, R0-10.2c, R0-10.2d, R0-10.2e, R0-10.2f, R0-10.3
        assert_eq!(grounds(&good(), 5, true), []);
        for list in List::ALL {
            let listed = PersonRow { lists: Lists::NONE.with(*list), ..good() };
            assert_eq!(grounds(&listed, 5, true), [list.reason()]);
        }
        let young = PersonRow { of_age: false, ..good() };
        assert_eq!(grounds(&young, 5, true), [Reason::UnderAge]);
        let simplified = PersonRow { level: Level::Simplified, ..good() };
        assert_eq!(grounds(&simplified, 5, true), [Reason::NotIdentified]);
        assert_eq!(grounds(&simplified, 5, false), []);
        let until = PersonRow { identified_until: Some(Instant(5)), ..good() };
        assert_eq!(grounds(&until, 4, true), []);
        assert_eq!(grounds(&until, 5, true), [Reason::IdentificationStale]);
        let all = PersonRow {
            level: Level::Unidentified,
            of_age: false,
            lists: List::ALL.iter().fold(Lists::NONE, |lists, list| lists.with(*list)),
            ..good()
        };
        assert_eq!(grounds(&all, 5, true).len(), 7);
    }

    #[test]
    fn late_reports_are_judged_by_what_held_then() {
        let listed = PersonRow { lists: Lists::NONE.with(List::Debtors), ..good() };
        let mut state = PersonState::new(Instant(1));
        state.become_state(good());
        assert_eq!(state.past, None);
        state.become_state(PersonRow { since: Instant(9), ..listed.clone() });
        state.become_state(PersonRow { since: Instant(12), ..PersonRow::UNKNOWN });
        state.become_state(PersonRow { since: Instant(15), ..good() });
        // Unidentified at first and once more later, listed in between.
        let cases = [
            (0, Level::Unidentified, false),
            (2, Level::Unidentified, false),
            (3, Level::Full, false),
            (8, Level::Full, false),
            (9, Level::Full, true),
            (12, Level::Unidentified, false),
            (15, Level::Full, false),
        ];
        for (at, level, debtor) in cases {
            let (row, oldest) = state.at(Instant(at));
            assert_eq!((row.level, row.lists.has(List::Debtors)), (level, debtor), "{at}");
            assert!(!oldest);
        }
        assert_eq!(PersonState::from_bytes(&state.to_bytes()), Ok(state));
    }

    #[test]
    fn beyond_the_bound_the_oldest_known_state_is_used_and_said_to_be_so() {
        let mut state = PersonState::new(Instant(0));
        let last = limits::PERSON_STATES_KEPT as i64 + 2;
        for at in 1..=last {
            let list = if at % 2 == 0 { Lists::NONE } else { Lists::NONE.with(List::Debtors) };
            state.become_state(PersonRow { since: Instant(at), lists: list, ..good() });
        }
        // The states from 2 on are kept; the one of 1 is gone.
        assert_eq!(state.at(Instant(last)), (&state.now, false));
        assert_eq!(state.at(Instant(2)).0.since, Instant(2));
        assert!(!state.at(Instant(2)).1);
        assert_eq!((state.at(Instant(1)).0.since, state.at(Instant(1)).1), (Instant(2), true));
        let kept = state.past.map_or(0, |past| past.states.len());
        assert_eq!(kept, limits::PERSON_STATES_KEPT);
    }

    #[test]
    fn lists_have_one_byte_form() {
        let lists = Lists::NONE.with(List::Debtors).with(List::Financing);
        assert_eq!(Lists::from_bytes(&lists.to_bytes()), Ok(lists));
        assert_eq!(Lists::from_bytes(&[0x20]), Err(Broken::Unknown));
        assert!(lists.has(List::Debtors) && !lists.has(List::Terrorism));
    }
}
