//! Who has what: the wallets of a person, and hits on lists that were recorded today.

use std::collections::BTreeMap;

use admission::{AccountRow, List};
use journal::fact::ListHit;
use ledger::wallet::State as WalletState;
use ledger::{Class, Ledger};
use terms::{Account, Broken, Day, Field, Organiser, Person, Reader, Wallet, limits, record};

use crate::state::State;

/// No wallet.
const NONE: u32 = u32::MAX;

/// The wallets of each person as chains, newest first; derived from the ledger. Eight bytes a
/// wallet and person, where a list for each would take forty.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Purses {
    /// The newest wallet of a person.
    newest: Vec<u32>,
    /// Of the same person, the wallet before this one.
    earlier: Vec<u32>,
}

impl Purses {
    /// The chains of a ledger.
    pub(crate) fn of(ledger: &Ledger) -> Purses {
        let mut purses = Purses::default();
        for (wallet, row) in ledger.all() {
            if row.class == Class::Bettor {
                purses.open(wallet, Person(row.owner));
            }
        }
        purses
    }

    /// Notes the newest wallet of a person.
    pub(crate) fn open(&mut self, wallet: Wallet, person: Person) {
        let before = core::mem::replace(slot(&mut self.newest, person.index()), wallet.0);
        *slot(&mut self.earlier, wallet.index()) = before;
    }

    /// Makes the wallets of one person those of another, as if they had always been.
    pub(crate) fn join(&mut self, gone: Person, kept: Person) {
        let mut all: Vec<u32> = self.chain(gone).chain(self.chain(kept)).map(|w| w.0).collect();
        all.sort_unstable();
        *slot(&mut self.newest, gone.index()) = NONE;
        *slot(&mut self.newest, kept.index()) = NONE;
        all.into_iter().for_each(|wallet| self.open(Wallet(wallet), kept));
        // The table ends with the last person who has a wallet, as that of a snapshot does.
        while self.newest.last() == Some(&NONE) {
            self.newest.pop();
        }
    }

    fn chain(&self, person: Person) -> impl Iterator<Item = Wallet> {
        let mut next = self.newest.get(person.index()).copied().unwrap_or(NONE);
        core::iter::from_fn(move || {
            let wallet = (next != NONE).then_some(Wallet(next))?;
            next = self.earlier.get(wallet.index()).copied().unwrap_or(NONE);
            Some(wallet)
        })
    }
}

fn slot(table: &mut Vec<u32>, index: usize) -> &mut u32 {
    if table.len() <= index {
        table.resize(index + 1, NONE);
    }
    &mut table[index]
}

record! {
    /// A hit that opened a case today.
    pub struct SeenHit {
        /// Who.
        pub person: Person,
        /// On which list.
        pub list: List,
        /// Which version of it.
        pub version: u32,
    }
}

/// The hits of one day that have opened a case, so that an organiser who asks a thousand times
/// opens one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Hits {
    day: Option<Day>,
    seen: BTreeMap<(Person, List), u32>,
}

impl Hits {
    /// Whether a hit is to open a case.
    pub fn is_new(&self, person: Person, hit: &ListHit) -> bool {
        if self.day != Some(hit.day) {
            return true;
        }
        match self.seen.get(&(person, hit.list)) {
            // A difference comes before its version is in force.
            Some(version) => *version < hit.version,
            None => self.seen.len() < limits::HITS_PER_DAY_MAX,
        }
    }

    /// Notes one that has.
    pub fn note(&mut self, person: Person, hit: &ListHit) {
        if self.day != Some(hit.day) {
            self.day = Some(hit.day);
            self.seen.clear();
        }
        self.seen.insert((person, hit.list), hit.version);
    }

    /// Appends the canonical bytes.
    pub fn put(&self, out: &mut Vec<u8>) {
        self.day.iter().copied().collect::<Vec<_>>().put(out);
        let seen = self.seen.iter();
        let seen = seen.map(|((person, list), version)| SeenHit {
            person: *person,
            list: *list,
            version: *version,
        });
        seen.collect::<Vec<_>>().put(out);
    }

    /// Reads what [`Hits::put`] wrote.
    pub fn read(from: &mut Reader<'_>) -> Result<Hits, Broken> {
        let day: Vec<Day> = Vec::read(from)?;
        let seen: Vec<SeenHit> = Vec::read(from)?;
        if 1 < day.len() {
            return Err(Broken::Invalid);
        }
        let seen = seen.into_iter().map(|hit| ((hit.person, hit.list), hit.version)).collect();
        Ok(Hits { day: day.first().copied(), seen })
    }
}

impl State {
    /// The version of a list that is in force; 0 before the first.
    pub fn list_version(&self, list: List) -> u32 {
        self.lists.iter().find(|row| row.list == list).map_or(0, |row| row.version)
    }

    /// The wallets of a person, newest first.
    pub fn wallets_of(&self, person: Person) -> impl Iterator<Item = (Wallet, &WalletState)> {
        let chain = self.purses.chain(person);
        chain.filter_map(|wallet| Some((wallet, self.ledger.get(wallet)?)))
    }

    /// The accounts of a person, by organiser, each pair's newest first. Looks at every organiser.
    pub fn accounts_of(&self, person: Person) -> impl Iterator<Item = (Account, &AccountRow)> {
        let organisers = 0..self.organisers.organisers.len() as u32;
        let newest = organisers.filter_map(move |n| self.account_of_pair(person, Organiser(n)));
        newest.flat_map(|account| self.people.chain(account))
    }

    /// The bettor whose wallet this is.
    pub fn bettor_of(&self, wallet: Wallet) -> Option<Person> {
        let row = self.ledger.get(wallet)?;
        (row.class == Class::Bettor).then_some(Person(row.owner))
    }
}
