//! Persons as flags, and their accounts with organisers.

use std::collections::BTreeMap;

use terms::codec::{Spill, put_list};
use terms::{
    Account, Broken, Field, Instant, Organiser, Person, Reader, Reason, Seq, Wallet, choice,
    choices, limits, record,
};

use crate::consent::Consents;

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

    /// Whether it is one of the lists of financial monitoring, which freeze.
    pub const fn freezes(self) -> bool {
        match self {
            List::Restricted | List::Debtors => false,
            List::Terrorism | List::Proliferation | List::Financing => true,
        }
    }
}

choices! {
    /// A set of lists on which a person stands.
    pub struct Lists of List;
}

impl Lists {
    /// Whether one of the lists of financial monitoring is among them: a person on one is frozen,
    /// and what goes in stays (R4-16.2.7, I-10).
    pub fn freezes(self) -> bool {
        self.iter().any(List::freezes)
    }
}

choice! {
    /// How far the relationship with a person has come (state machine D). Review and barred are not
    /// kept: they follow from identification, age and lists.
    pub enum Relationship {
        /// Not established.
        Absent = 1 "absent",
        /// Established.
        Active = 2 "active",
        /// Over; data are kept for their term.
        Ended = 3 "ended",
        /// Two persons have ordered that the data be destroyed.
        ErasureOrdered = 4 "erasure_ordered",
        /// The data are destroyed.
        Erased = 5 "erased",
        /// The person has become another one (S-37).
        Merged = 6 "merged",
    }
}

choice! {
    /// Why data must be kept beyond their term (S-42).
    pub enum HoldGround {
        /// A court.
        Court = 1 "court",
        /// The financial monitoring authority.
        FinancialMonitoring = 2 "financial_monitoring",
        /// A dispute that is not over.
        Dispute = 3 "dispute",
        /// A request of a body of the state.
        Request = 4 "request",
    }
}

record! {
    /// Data of a person must be kept.
    pub struct LegalHold {
        /// Its number: one for each of the person's, in order.
        pub number: u32,
        /// Why.
        pub ground: HoldGround,
        /// Since when.
        pub since: Instant,
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
        /// How far the relationship has come.
        pub relationship: Relationship,
        /// What the person has consented to.
        pub consents: Consents,
    }
}

record! {
    /// A person in a snapshot of version 1.
    pub struct PersonState1 {
        /// See [`PersonState`].
        pub now: PersonRow,
        /// See [`PersonState`].
        pub past: Option<Box<PersonPast>>,
    }
}

impl From<PersonState1> for PersonState {
    fn from(old: PersonState1) -> PersonState {
        PersonState { now: old.now, past: old.past, ..PersonState::new(Instant(0)) }
    }
}

impl PersonState {
    /// A person of whom nothing is known yet.
    pub fn new(at: Instant) -> PersonState {
        PersonState {
            now: PersonRow { since: at, ..PersonRow::UNKNOWN },
            past: None,
            relationship: Relationship::Absent,
            consents: Consents::default(),
        }
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
            self.lists.iter().for_each(|list| note(list.reason()));
        }
    }

    /// Notes the lists of financial monitoring on which the person stands: nothing goes out of a
    /// wallet of such a person, and all that comes in stays (R4-16.2.7, I-10).
    pub fn frozen(&self, note: impl FnMut(Reason)) {
        self.lists.iter().filter(|list| list.freezes()).map(List::reason).for_each(note);
    }

    /// An error if the person is frozen: the first such list.
    pub fn frozen_ground(&self) -> Result<(), Reason> {
        let list = self.lists.iter().find(|list| list.freezes());
        list.map_or(Ok(()), |list| Err(list.reason()))
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
        /// The account of the same pair before it.
        pub earlier: Option<Account>,
        /// Bets by it that are held or open.
        pub open: u32,
        /// Settled bets by it whose payout waits for money.
        pub waiting: u32,
    }
}

record! {
    /// An account in a snapshot of version 1; the rest was derived from bets and other accounts.
    pub struct AccountRow1 {
        /// See [`AccountRow`].
        pub person: Person,
        /// See [`AccountRow`].
        pub organiser: Organiser,
        /// See [`AccountRow`].
        pub wallet: Wallet,
        /// See [`AccountRow`].
        pub closed: Option<Instant>,
        /// See [`AccountRow`].
        pub last: Option<Seq>,
    }
}

impl From<AccountRow1> for AccountRow {
    fn from(old: AccountRow1) -> AccountRow {
        AccountRow {
            person: old.person,
            organiser: old.organiser,
            wallet: old.wallet,
            closed: old.closed,
            last: old.last,
            earlier: None,
            open: 0,
            waiting: 0,
        }
    }
}

impl AccountRow {
    /// Whether it took no stakes any more at an instant: late reports are judged by what held
    /// then (domain 1).
    pub fn closed_at(&self, at: Instant) -> bool {
        self.closed.is_some_and(|closed| closed <= at)
    }
}

record! {
    /// A relationship that is over.
    pub struct Ending {
        /// Whose.
        pub person: Person,
        /// Since when.
        pub at: Instant,
    }
}

record! {
    /// A person who has become another one.
    pub struct Merging {
        /// Who.
        pub gone: Person,
        /// Whom.
        pub kept: Person,
    }
}

record! {
    /// The holds on one person's data.
    pub struct Holding {
        /// Whose.
        pub person: Person,
        /// The number that the next one gets.
        pub next: u32,
        /// Those that stand.
        pub holds: Vec<LegalHold>,
    }
}

/// All persons and accounts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct People {
    /// By number.
    pub persons: Vec<PersonState>,
    /// By number.
    pub accounts: Vec<AccountRow>,
    /// When relationships ended whose data are there still.
    pub ended: BTreeMap<Person, Instant>,
    /// Whom persons have become.
    pub merged: BTreeMap<Person, Person>,
    /// What data must be kept.
    pub holds: BTreeMap<Person, Holding>,
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

    /// What holds of a person now, or of the one whom the person has become.
    pub fn person(&self, person: Person) -> Option<&PersonRow> {
        self.state(person).map(|state| &state.now)
    }

    /// A person, or the one whom the person has become.
    pub fn state(&self, person: Person) -> Option<&PersonState> {
        let state = self.persons.get(person.index())?;
        if state.relationship == Relationship::Merged {
            return self.persons.get(self.merged.get(&person)?.index());
        }
        Some(state)
    }

    /// The number of a person, or of the one whom the person has become.
    pub fn who(&self, person: Person) -> Person {
        let state = self.persons.get(person.index());
        let merged = state.is_some_and(|state| state.relationship == Relationship::Merged);
        if merged { self.merged.get(&person).copied().unwrap_or(person) } else { person }
    }

    /// The numbers that have become this person.
    pub fn aliases(&self, person: Person) -> impl Iterator<Item = Person> {
        self.merged.iter().filter(move |(_, kept)| **kept == person).map(|(gone, _)| *gone)
    }

    /// The holds on a person's data that stand.
    pub fn holds(&self, person: Person) -> &[LegalHold] {
        self.holds.get(&person).map_or(&[], |holding| &holding.holds)
    }

    /// What held of a person at an instant, and whether that can be told no more: then it is the
    /// oldest state that is known.
    pub fn person_at(&self, person: Person, at: Instant) -> Option<(&PersonRow, bool)> {
        self.state(person).map(|state| state.at(at))
    }

    /// An account and the earlier ones of the same pair, newest first.
    pub fn chain(&self, account: Account) -> impl Iterator<Item = (Account, &AccountRow)> {
        let mut next = Some(account);
        core::iter::from_fn(move || {
            let account = next?;
            let row = self.account(account)?;
            next = row.earlier;
            Some((account, row))
        })
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
        put_list(out, &mut *spill, self.accounts.len(), self.accounts.iter());
        let ended = self.ended.iter();
        ended.map(|(person, at)| Ending { person: *person, at: *at }).collect::<Vec<_>>().put(out);
        let merged = self.merged.iter();
        let merged = merged.map(|(gone, kept)| Merging { gone: *gone, kept: *kept });
        merged.collect::<Vec<_>>().put(out);
        put_list(out, spill, self.holds.len(), self.holds.values());
    }

    /// Reads what [`People::put`] wrote.
    pub fn read(from: &mut Reader<'_>) -> Result<Self, Broken> {
        let (persons, accounts) = (Vec::read(from)?, Vec::read(from)?);
        let ended: Vec<Ending> = Vec::read(from)?;
        let merged: Vec<Merging> = Vec::read(from)?;
        let holds: Vec<Holding> = Vec::read(from)?;
        Ok(People {
            persons,
            accounts,
            ended: ended.into_iter().map(|row| (row.person, row.at)).collect(),
            merged: merged.into_iter().map(|row| (row.gone, row.kept)).collect(),
            holds: holds.into_iter().map(|row| (row.person, row)).collect(),
        })
    }

    /// Reads what version 1 wrote. Bets by accounts are still to be counted.
    pub fn read_1(from: &mut Reader<'_>) -> Result<Self, Broken> {
        let persons: Vec<PersonState1> = Vec::read(from)?;
        let accounts: Vec<AccountRow1> = Vec::read(from)?;
        Ok(People {
            persons: persons.into_iter().map(PersonState::from).collect(),
            accounts: accounts.into_iter().map(AccountRow::from).collect(),
            ..People::default()
        })
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
    fn five_million_of_them_fit() {
        // The sizes that docs/decisions/0024-cases-and-lives.md speaks of.
        assert_eq!((size_of::<PersonState>(), size_of::<AccountRow>()), (48, 64));
    }

    #[test]
    fn one_who_has_become_another_is_found_by_both_numbers() {
        // S-37
        let mut people = People::default();
        for level in [Level::Full, Level::Simplified] {
            let mut state = PersonState::new(Instant(1));
            state.now.level = level;
            people.persons.push(state);
        }
        people.persons[1].relationship = Relationship::Merged;
        people.merged.insert(Person(1), Person(0));
        assert_eq!(people.person(Person(1)).map(|row| row.level), Some(Level::Full));
        assert_eq!((people.who(Person(1)), people.who(Person(0))), (Person(0), Person(0)));
        assert_eq!(people.aliases(Person(0)).collect::<Vec<_>>(), [Person(1)]);
        assert_eq!(people.person(Person(2)), None);
        let mut bytes = Vec::new();
        people.put(&mut bytes, &mut |_| ());
        assert_eq!(People::read(&mut Reader::new(&bytes)), Ok(people));
    }

    #[test]
    fn three_lists_freeze() {
        // R4-16.2.7, S-03
        let all = List::ALL.iter().fold(Lists::NONE, |lists, list| lists.with(*list));
        let frozen: Vec<List> = all.iter().filter(|list| list.freezes()).collect();
        assert_eq!(frozen, [List::Terrorism, List::Proliferation, List::Financing]);
        let row = PersonRow { lists: all, ..good() };
        let mut found = Vec::new();
        row.frozen(|reason| found.push(reason));
        assert_eq!(found.len(), 3);
        assert_eq!(row.frozen_ground(), Err(Reason::ListedTerrorist));
        let debtor = PersonRow { lists: Lists::NONE.with(List::Debtors), ..good() };
        assert_eq!((debtor.lists.freezes(), debtor.frozen_ground()), (false, Ok(())));
    }

    #[test]
    fn lists_have_one_byte_form() {
        let lists = Lists::NONE.with(List::Debtors).with(List::Financing);
        assert_eq!(Lists::from_bytes(&lists.to_bytes()), Ok(lists));
        assert_eq!(Lists::from_bytes(&[0x20]), Err(Broken::Unknown));
        assert!(lists.has(List::Debtors) && !lists.has(List::Terrorism));
    }
}
