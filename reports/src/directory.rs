//! What the fold must know of numbers: whose they are and what they belong to.
//!
//! Dense tables of a few bytes an entry: 4 for an account or an event, 1 for a wallet. It is not
//! kept anywhere: it is learnt from the cards again.

use std::collections::BTreeMap;

use journal::kinds::{CLEARING, COMMISSION, Class, DeskKind, OBLIGATION, SUSPENSE};
use terms::time::{Offset, civil_day, civil_hour};
use terms::{Account, Championship, Day, DeskNo, Event, Instant, Organiser, Wallet};

use crate::card::{Card, OrganiserCard, Sport};

const NOBODY: u32 = u32::MAX;

/// The tables.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Directory {
    offsets: BTreeMap<u32, Vec<Offset>>,
    organisers: BTreeMap<u32, OrganiserCard>,
    sports: BTreeMap<String, u32>,
    desks: Vec<Option<(Organiser, DeskKind)>>,
    wallets: Vec<Option<Class>>,
    accounts: Vec<u32>,
    championships: Vec<u32>,
    events: Vec<u32>,
}

impl Directory {
    /// Knows the operator's own accounts and nothing else.
    pub fn new() -> Directory {
        let mut directory = Directory {
            offsets: BTreeMap::new(),
            organisers: BTreeMap::new(),
            sports: BTreeMap::new(),
            desks: Vec::new(),
            wallets: Vec::new(),
            accounts: Vec::new(),
            championships: Vec::new(),
            events: Vec::new(),
        };
        let own = [
            (OBLIGATION, Class::IssuerObligation),
            (COMMISSION, Class::Commission),
            (CLEARING, Class::BankClearing),
            (SUSPENSE, Class::Suspense),
        ];
        for (wallet, class) in own {
            place(&mut directory.wallets, wallet.index(), Some(class), None);
        }
        directory
    }

    /// Learns from a card. Versions of one number are to come in their order.
    pub fn learn(&mut self, card: &Card) {
        match card {
            Card::Rulebook(card) => {
                self.offsets.insert(card.number, card.offsets.clone());
            }
            Card::Organiser(card) => {
                self.organisers.insert(card.organiser.0, card.clone());
            }
            // The number of an outcome leads to its market and event.
            Card::Licence(_)
            | Card::Market(_)
            | Card::Holding(_)
            | Card::Case(_)
            | Card::Consent(_)
            | Card::Identification(_)
            | Card::Twin(_)
            | Card::Works(_) => {}
            Card::Desk(card) => {
                let desk = Some((card.organiser, card.kind));
                place(&mut self.desks, card.desk.index(), desk, None);
            }
            Card::Wallet(card) => {
                place(&mut self.wallets, card.wallet.index(), Some(card.class), None);
            }
            Card::Account(card) => {
                place(&mut self.accounts, card.account.index(), card.organiser.0, NOBODY);
            }
            Card::Sport(card) => {
                self.sports.insert(card.name.as_str().into(), card.sport.0);
            }
            Card::Championship(card) => {
                let number = card.championship.index();
                place(&mut self.championships, number, card.sport.0, NOBODY);
            }
            Card::Event(card) => {
                place(&mut self.events, card.event.index(), card.championship.0, NOBODY);
            }
        }
    }

    /// The civil day of an instant under a rulebook; of UTC before the first rulebook.
    pub fn day(&self, rulebook: u32, at: Instant) -> Day {
        let offsets = self.offsets.range(..=rulebook).next_back();
        civil_day(offsets.map_or(&[], |(_, offsets)| offsets), at)
    }

    /// The civil hour of an instant under a rulebook, 0 to 23.
    pub fn hour(&self, rulebook: u32, at: Instant) -> u8 {
        let offsets = self.offsets.range(..=rulebook).next_back();
        civil_hour(offsets.map_or(&[], |(_, offsets)| offsets), at)
    }

    /// The last version of an organiser.
    pub(crate) fn organiser(&self, organiser: Organiser) -> Option<&OrganiserCard> {
        self.organisers.get(&organiser.0)
    }

    /// The number of a sport by its name, and the number that a new one gets.
    pub(crate) fn sport(&self, name: &str) -> Result<Sport, Sport> {
        let next = Sport(self.sports.len() as u32);
        self.sports.get(name).map_or(Err(next), |number| Ok(Sport(*number)))
    }

    pub(crate) fn desk_kind(&self, desk: DeskNo) -> Option<DeskKind> {
        let (_, kind) = (*self.desks.get(desk.index())?)?;
        Some(kind)
    }

    pub(crate) fn class_of(&self, wallet: Wallet) -> Option<Class> {
        *self.wallets.get(wallet.index())?
    }

    pub(crate) fn organiser_of(&self, account: Account) -> Option<Organiser> {
        get(&self.accounts, account.index()).map(Organiser)
    }

    pub(crate) fn championship_of(&self, event: Event) -> Option<Championship> {
        get(&self.events, event.index()).map(Championship)
    }

    pub(crate) fn sport_of(&self, championship: Championship) -> Option<Sport> {
        get(&self.championships, championship.index()).map(Sport)
    }
}

impl Default for Directory {
    fn default() -> Self {
        Directory::new()
    }
}

/// Puts a value at its number. Numbers are dense, so this grows by one at a time.
fn place<T: Clone>(table: &mut Vec<T>, index: usize, value: T, absent: T) {
    if table.len() <= index {
        table.resize(index + 1, absent);
    }
    table[index] = value;
}

fn get(table: &[u32], index: usize) -> Option<u32> {
    table.get(index).copied().filter(|number| *number != NOBODY)
}
