//! Persons, accounts, organisers and desks: who may stake, and what a report should confess.

use std::collections::{BTreeMap, VecDeque};

use journal::fact::{
    AccountClosed, AccountOpened, AccountRebound, AdmissionChanged, DeskClosed, DeskOpened,
    LicenceRecorded, ListInForce, OrganiserRegistered, PersonRegistered,
};
use journal::kinds::{Class, DeskKind, Level, List, Lists, OrganiserKind};
use terms::{Account, Day, DeskNo, Instant, Organiser, Person, Reason, Seq, Wallet, limits};

use super::money::Books;
use super::{Counts, Invariant, Wrong};

/// What was known of a person from an instant on.
#[derive(Clone, Debug)]
struct Known {
    since: Instant,
    level: Level,
    until: Option<Instant>,
    of_age: bool,
    lists: Lists,
}

#[derive(Debug)]
struct PersonBook {
    /// What was known, from when it was registered on; as much of it as is kept to judge late
    /// reports by (domain 1).
    known: VecDeque<Known>,
    /// Whether the first is not the beginning any more.
    cut: bool,
}

/// States of a person that are known: those that are kept, and the present one.
const KNOWN_MAX: usize = limits::PERSON_STATES_KEPT + 1;

#[derive(Debug)]
pub(super) struct AccountBook {
    pub(super) person: Person,
    pub(super) organiser: Organiser,
    pub(super) wallet: Wallet,
    pub(super) closed: Option<Instant>,
    last: Option<Seq>,
}

/// A licence as it stands from a day on.
#[derive(Debug)]
struct LicenceBook {
    number: String,
    from: Day,
    issued: Day,
    expires: Day,
    suspended: bool,
}

#[derive(Debug)]
struct DeskBook {
    organiser: Organiser,
    kind: DeskKind,
    from: Day,
    closed_from: Option<Day>,
}

#[derive(Debug, Default)]
pub(super) struct People {
    persons: Vec<PersonBook>,
    accounts: Vec<AccountBook>,
    /// The newest account of each bettor with each organiser.
    pairs: BTreeMap<(u32, u32), Account>,
    /// For each organiser its licences as recorded.
    licences: Vec<Vec<LicenceBook>>,
    desks: Vec<DeskBook>,
    /// By organiser.
    kinds: Vec<OrganiserKind>,
    /// Since when the version of each list is in force.
    lists: Vec<(List, Instant)>,
}

fn number(what: &str, number: u32, due: usize, counts: &mut Counts) -> Result<(), Wrong> {
    counts.check(Invariant::J1, number as usize == due, || {
        format!("{what} number {number} where {due} is due")
    })
}

fn unknown(what: &str, number: u32) -> Wrong {
    Wrong::new(Invariant::J3, format!("{what} number {number} is unknown"))
}

impl People {
    pub(super) fn organiser(
        &mut self,
        fact: &OrganiserRegistered,
        counts: &mut Counts,
    ) -> Result<(), Wrong> {
        number("organiser", fact.organiser.0, self.licences.len(), counts)?;
        self.licences.push(Vec::new());
        self.kinds.push(fact.kind);
        Ok(())
    }

    pub(super) fn list(&mut self, at: Instant, fact: &ListInForce) {
        self.lists.retain(|(list, _)| *list != fact.list);
        self.lists.push((fact.list, at));
    }

    /// Whether all five lists were put in force no longer ago than this.
    pub(super) fn lists_fresh(&self, at: Instant, age_ns: i64) -> bool {
        let fresh = |(_, since): &&(List, Instant)| at.since(*since) <= age_ns;
        self.lists.iter().filter(fresh).count() == List::ALL.len()
    }

    /// What kind an organiser is.
    pub(super) fn organiser_kind(&self, organiser: Organiser) -> Option<OrganiserKind> {
        self.kinds.get(organiser.index()).copied()
    }

    pub(super) fn licence(
        &mut self,
        fact: &LicenceRecorded,
        _counts: &mut Counts,
    ) -> Result<(), Wrong> {
        let licences = self.licences.get_mut(fact.organiser.index());
        let licences = licences.ok_or_else(|| unknown("organiser", fact.organiser.0))?;
        let number = fact.number.as_str();
        licences.retain(|row| row.number != number || row.from != fact.from);
        licences.push(LicenceBook {
            number: number.to_owned(),
            from: fact.from,
            issued: fact.issued,
            expires: fact.expires,
            suspended: fact.suspended,
        });
        Ok(())
    }

    pub(super) fn desk_opened(
        &mut self,
        fact: &DeskOpened,
        counts: &mut Counts,
    ) -> Result<(), Wrong> {
        number("desk", fact.desk.0, self.desks.len(), counts)?;
        let (organiser, from) = (fact.organiser, fact.from);
        self.desks.push(DeskBook { organiser, kind: fact.kind, from, closed_from: None });
        Ok(())
    }

    pub(super) fn desk_closed(
        &mut self,
        fact: &DeskClosed,
        _counts: &mut Counts,
    ) -> Result<(), Wrong> {
        let desk = self.desks.get_mut(fact.desk.index());
        desk.ok_or_else(|| unknown("desk", fact.desk.0))?.closed_from = Some(fact.from);
        Ok(())
    }

    pub(super) fn person(
        &mut self,
        at: Instant,
        fact: &PersonRegistered,
        counts: &mut Counts,
    ) -> Result<(), Wrong> {
        number("person", fact.person.0, self.persons.len(), counts)?;
        let now = Known {
            since: at,
            level: Level::Unidentified,
            until: None,
            of_age: false,
            lists: Lists::NONE,
        };
        self.persons.push(PersonBook { known: VecDeque::from([now]), cut: false });
        Ok(())
    }

    pub(super) fn admission(
        &mut self,
        at: Instant,
        fact: &AdmissionChanged,
        _counts: &mut Counts,
    ) -> Result<(), Wrong> {
        let book = self.persons.get_mut(fact.person.index());
        let book = book.ok_or_else(|| unknown("person", fact.person.0))?;
        let now = Known {
            since: at,
            level: fact.level,
            until: fact.identified_until,
            of_age: fact.of_age,
            lists: fact.lists,
        };
        let still_unknown = book.known.len() == 1
            && now.level == Level::Unidentified
            && !now.of_age
            && now.lists.is_empty()
            && now.until.is_none();
        if still_unknown {
            return Ok(());
        }
        book.known.push_back(now);
        if KNOWN_MAX < book.known.len() {
            book.known.pop_front();
            book.cut = true;
        }
        Ok(())
    }

    pub(super) fn account_opened(
        &mut self,
        fact: &AccountOpened,
        books: &Books,
        counts: &mut Counts,
    ) -> Result<(), Wrong> {
        number("account", fact.account.0, self.accounts.len(), counts)?;
        bound(fact.person, fact.wallet, books, counts)?;
        let pair = (fact.person.0, fact.organiser.0);
        let before = self.pairs.insert(pair, fact.account);
        let before = before.and_then(|account| self.accounts.get(account.index()));
        let free = before.is_none_or(|book| book.closed.is_some());
        counts.check(Invariant::L4, free, || {
            format!("person number {} has an open account there already", fact.person)
        })?;
        self.accounts.push(AccountBook {
            person: fact.person,
            organiser: fact.organiser,
            wallet: fact.wallet,
            closed: None,
            last: None,
        });
        Ok(())
    }

    pub(super) fn account_rebound(
        &mut self,
        fact: &AccountRebound,
        books: &Books,
        counts: &mut Counts,
    ) -> Result<(), Wrong> {
        let book = self.book(fact.account)?;
        book.wallet = fact.wallet;
        bound(book.person, fact.wallet, books, counts)
    }

    pub(super) fn account_closed(
        &mut self,
        at: Instant,
        fact: &AccountClosed,
        _counts: &mut Counts,
    ) -> Result<(), Wrong> {
        self.book(fact.account)?.closed = Some(at);
        Ok(())
    }

    fn book(&mut self, account: Account) -> Result<&mut AccountBook, Wrong> {
        self.accounts.get_mut(account.index()).ok_or_else(|| unknown("account", account.0))
    }

    pub(super) fn account(&self, account: Account) -> Result<&AccountBook, Wrong> {
        self.accounts.get(account.index()).ok_or_else(|| unknown("account", account.0))
    }

    /// Compares the back-pointer of an account with the books and moves it on.
    pub(super) fn follow(
        &mut self,
        account: Account,
        previous: Option<Seq>,
        seq: Seq,
        counts: &mut Counts,
    ) -> Result<(), Wrong> {
        let last = self.book(account)?.last.replace(seq);
        counts.check(Invariant::J3, last == previous, || {
            format!("account number {account}: its last record is {last:?}, not {previous:?}")
        })
    }

    /// Why a person may not stake now; nothing if it may.
    pub(super) fn grounds(&self, person: Person, at: Instant, full: bool) -> Vec<Reason> {
        self.persons
            .get(person.index())
            .and_then(|book| book.known.back())
            .map_or_else(|| vec![Reason::PersonUnknown], |now| now.grounds(at, full))
    }

    /// Why a person might not stake when a report says that it did, and whether that is judged by
    /// the oldest state that is known, for want of the one of then.
    pub(super) fn grounds_then(
        &self,
        person: Person,
        made: Instant,
        full: bool,
    ) -> (Vec<Reason>, bool) {
        let book = self.persons.get(person.index());
        let then = book.and_then(|book| book.known.iter().rev().find(|known| known.since <= made));
        let oldest = book.and_then(|book| book.known.front());
        let Some(known) = then.or(oldest) else { return (vec![Reason::PersonUnknown], false) };
        let beyond = then.is_none() && book.is_some_and(|book| book.cut);
        (known.grounds(made, full), beyond)
    }

    /// Whether an organiser held a licence on a day.
    pub(super) fn licensed(&self, organiser: Organiser, day: Day) -> bool {
        let licences = self.licences.get(organiser.index()).map_or(&[][..], Vec::as_slice);
        let begun = || licences.iter().filter(|row| row.from <= day);
        begun().any(|row| {
            let latest = !begun().any(|other| other.number == row.number && row.from < other.from);
            latest && !row.suspended && row.issued <= day && day <= row.expires
        })
    }

    /// What kind a desk is.
    pub(super) fn desk_kind(&self, desk: DeskNo) -> Option<DeskKind> {
        self.desks.get(desk.index()).map(|desk| desk.kind)
    }

    /// Whether a desk of the organiser took stakes on a day.
    pub(super) fn desk_open(&self, organiser: Organiser, desk: DeskNo, day: Day) -> bool {
        self.desks.get(desk.index()).is_some_and(|desk| {
            desk.organiser == organiser
                && desk.from <= day
                && desk.closed_from.is_none_or(|closed| day < closed)
        })
    }
}

impl Known {
    fn grounds(&self, at: Instant, full: bool) -> Vec<Reason> {
        let mut grounds = Vec::new();
        match self.level {
            Level::Unidentified => grounds.push(Reason::NotIdentified),
            Level::Simplified if full => grounds.push(Reason::NotIdentified),
            Level::Simplified | Level::Full => {
                if self.until.is_some_and(|until| until <= at) {
                    grounds.push(Reason::IdentificationStale);
                }
            }
        }
        if !self.of_age {
            grounds.push(Reason::UnderAge);
        }
        for (list, reason) in [
            (List::Restricted, Reason::ListedRestricted),
            (List::Debtors, Reason::ListedDebtor),
            (List::Terrorism, Reason::ListedTerrorist),
            (List::Proliferation, Reason::ListedProliferation),
            (List::Financing, Reason::ListedFinancing),
        ] {
            if self.lists.has(list) {
                grounds.push(reason);
            }
        }
        grounds
    }
}

/// A wallet that is bound to an account is the bettor's own (R0-12.4).
fn bound(person: Person, wallet: Wallet, books: &Books, counts: &mut Counts) -> Result<(), Wrong> {
    let own = matches!(books.about(wallet), Some((Class::Bettor, owner, _)) if owner == person.0);
    counts.check(Invariant::L4, own, || {
        format!("wallet number {wallet} does not belong to person number {person}")
    })
}
