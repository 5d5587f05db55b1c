//! Persons, accounts, organisers and desks: who may stake, and what a report should confess.

use std::collections::{BTreeMap, VecDeque};

use journal::fact::{
    AccountClosed, AccountOpened, AccountRebound, AdmissionChanged, AgesChanged, DeskClosed,
    DeskOpened, ErasureDone, IdentificationRecorded, LicenceRecorded, ListInForce, ListingsChanged,
    OrganiserRegistered, PersonRegistered, PersonsMerged, RelationshipEnded,
};
use journal::kinds::{Class, DeskKind, IdentificationMethod, Level, List, Lists, OrganiserKind};
use terms::{Account, Day, DeskNo, Instant, Organiser, Person, Reason, Seq, Wallet, limits};

use super::money::Books;
use super::{Counts, Invariant, Wrong};

/// What was known of a person from an instant on.
#[derive(Clone, Debug, PartialEq, Eq)]
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

impl PersonBook {
    fn become_known(&mut self, now: Known) {
        self.known.push_back(now);
        if KNOWN_MAX < self.known.len() {
            self.known.pop_front();
            self.cut = true;
        }
    }
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
        let known = VecDeque::from([Known::nothing(at)]);
        self.persons.push(PersonBook { known, cut: false });
        Ok(())
    }

    pub(super) fn admission(
        &mut self,
        at: Instant,
        fact: &AdmissionChanged,
        _counts: &mut Counts,
    ) -> Result<(), Wrong> {
        let book = self.person_book(fact.person)?;
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
        if !still_unknown {
            book.become_known(now);
        }
        Ok(())
    }

    fn person_book(&mut self, person: Person) -> Result<&mut PersonBook, Wrong> {
        self.persons.get_mut(person.index()).ok_or_else(|| unknown("person", person.0))
    }

    /// Changes a part of what is known; the same once more is no change.
    fn change(
        &mut self,
        at: Instant,
        person: Person,
        change: impl FnOnce(&mut Known),
    ) -> Result<(), Wrong> {
        let book = self.person_book(person)?;
        let Some(before) = book.known.back() else { return Err(unknown("person", person.0)) };
        let mut now = before.clone();
        change(&mut now);
        if now != *before {
            book.become_known(Known { since: at, ..now });
        }
        Ok(())
    }

    pub(super) fn listings(&mut self, at: Instant, fact: &ListingsChanged) -> Result<(), Wrong> {
        for person in &fact.listed {
            self.change(at, *person, |known| known.lists = known.lists.with(fact.list))?;
        }
        for person in &fact.cleared {
            self.change(at, *person, |known| known.lists = known.lists.without(fact.list))?;
        }
        Ok(())
    }

    pub(super) fn ages(&mut self, at: Instant, fact: &AgesChanged) -> Result<(), Wrong> {
        for person in &fact.reached {
            self.change(at, *person, |known| known.of_age = true)?;
        }
        for person in &fact.not_reached {
            self.change(at, *person, |known| known.of_age = false)?;
        }
        Ok(())
    }

    /// What an identification is said to be worth follows from how it was done (R0-10.8, R0-10.12,
    /// I-03), and a level is raised or renewed by it or stays (A1).
    pub(super) fn identification(
        &mut self,
        at: Instant,
        fact: &IdentificationRecorded,
        counts: &mut Counts,
    ) -> Result<(), Wrong> {
        let good = fact.established && fact.confirmed;
        let video = matches!(
            fact.method,
            IdentificationMethod::VideoSession | IdentificationMethod::LivenessVideo
        );
        let worth = match (good, video) {
            (false, _) => Level::Unidentified,
            (true, true) => Level::Simplified,
            (true, false) => Level::Full,
        };
        let delegated = fact.method == IdentificationMethod::Delegate;
        let contract = fact.delegate_contract.is_some();
        counts.check(Invariant::A1, fact.reached == worth && delegated == contract, || {
            format!("person number {}: an identification that is worth less", fact.person)
        })?;
        let book = self.person_book(fact.person)?;
        let before = book.known.back().map(|known| (known.level, known.until));
        let raised = worth != Level::Unidentified
            && fact.level == worth
            && fact.until.is_some_and(|until| at < until);
        let kept = before == Some((fact.level, fact.until));
        counts.check(Invariant::A1, raised || kept, || {
            format!("person number {}: a level that was not reached", fact.person)
        })?;
        self.change(at, fact.person, |known| {
            (known.level, known.until) = (fact.level, fact.until);
        })
    }

    /// Destroyed data leave nothing to judge by.
    pub(super) fn erased(&mut self, at: Instant, fact: &ErasureDone) -> Result<(), Wrong> {
        let book = self.person_book(fact.person)?;
        book.known = VecDeque::from([Known::nothing(at)]);
        book.cut = true;
        Ok(())
    }

    pub(super) fn relationship_ended(
        &mut self,
        at: Instant,
        fact: &RelationshipEnded,
    ) -> Result<(), Wrong> {
        fact.accounts.iter().try_for_each(|account| {
            self.book(*account)?.closed = Some(at);
            Ok(())
        })
    }

    /// Two persons become one: its accounts and wallets, and the lists of both. At most one account
    /// at an organiser stays open (R0-12.1).
    pub(super) fn merged(
        &mut self,
        at: Instant,
        fact: &PersonsMerged,
        books: &mut Books,
        counts: &mut Counts,
    ) -> Result<(), Wrong> {
        let lists = |person: Person| {
            let book = self.persons.get(person.index());
            book.and_then(|book| book.known.back()).map_or(Lists::NONE, |known| known.lists)
        };
        let both = lists(fact.kept).and(lists(fact.gone));
        counts.check(Invariant::A1, fact.lists == both, || {
            format!("person number {} does not stand on the lists of both", fact.kept)
        })?;
        self.change(at, fact.kept, |known| known.lists = fact.lists)?;
        for account in &fact.closed {
            self.book(*account)?.closed = Some(at);
        }
        for wallet in &fact.wallets {
            let moved = books.change_owner(*wallet, fact.gone.0, fact.kept.0);
            counts.check(Invariant::L4, moved, || {
                format!("wallet number {wallet} is not person number {}'s", fact.gone)
            })?;
        }
        for account in &fact.moved {
            let book = self.book(*account)?;
            let before = core::mem::replace(&mut book.person, fact.kept);
            counts.check(Invariant::L4, before == fact.gone, || {
                format!("account number {account} is not person number {}'s", fact.gone)
            })?;
        }
        self.join(fact, counts)
    }

    fn join(&mut self, fact: &PersonsMerged, counts: &mut Counts) -> Result<(), Wrong> {
        let theirs: Vec<((u32, u32), Account)> = self
            .pairs
            .range((fact.gone.0, 0)..=(fact.gone.0, u32::MAX))
            .map(|(pair, account)| (*pair, *account))
            .collect();
        for (pair, account) in theirs {
            self.pairs.remove(&pair);
            let ours = self.pairs.entry((fact.kept.0, pair.1)).or_insert(account);
            let open = |account: Account| {
                self.accounts.get(account.index()).is_some_and(|book| book.closed.is_none())
            };
            let (one, other) = (open(*ours), *ours != account && open(account));
            counts.check(Invariant::L4, !(one && other), || {
                format!("person number {} has two open accounts there", fact.kept)
            })?;
            if other {
                *ours = account;
            }
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
    fn nothing(since: Instant) -> Known {
        let (level, lists) = (Level::Unidentified, Lists::NONE);
        Known { since, level, until: None, of_age: false, lists }
    }

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
