//! Persons as flags, and their accounts with organisers.

use terms::codec::{Spill, put_list};
use terms::{
    Account, Broken, Field, Instant, Organiser, Person, Reader, Reason, Seq, Value, Wallet, choice,
    record,
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
        /// What held before that: late reports are judged by it (domain 1). One step is kept.
        pub earlier: Option<Box<PersonRow>>,
    }
}

impl PersonRow {
    /// What held at an instant, as far back as is known.
    pub fn at(&self, at: Instant) -> &PersonRow {
        match &self.earlier {
            Some(earlier) if at < self.since => earlier,
            _ => self,
        }
    }

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
        /// Whether it is closed.
        pub closed: bool,
        /// Its last fact.
        pub last: Option<Seq>,
    }
}

/// All persons and accounts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct People {
    /// By number.
    pub persons: Vec<PersonRow>,
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

    /// One person.
    pub fn person(&self, person: Person) -> Option<&PersonRow> {
        self.persons.get(person.index())
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
            earlier: None,
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
        let listed = PersonRow {
            lists: Lists::NONE.with(List::Debtors),
            since: Instant(9),
            earlier: Some(Box::new(good())),
            ..good()
        };
        assert!(listed.at(Instant(8)).lists.is_empty());
        assert!(!listed.at(Instant(9)).lists.is_empty());
    }

    #[test]
    fn lists_have_one_byte_form() {
        let lists = Lists::NONE.with(List::Debtors).with(List::Financing);
        assert_eq!(Lists::from_bytes(&lists.to_bytes()), Ok(lists));
        assert_eq!(Lists::from_bytes(&[0x20]), Err(Broken::Unknown));
        assert!(lists.has(List::Debtors) && !lists.has(List::Terrorism));
    }
}
