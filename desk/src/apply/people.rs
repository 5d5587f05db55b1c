//! Persons over time, cases, and two persons who are one.

use admission::person::{Holding, PersonPast, PersonState};
use admission::{LegalHold, PersonRow, Relationship};
use casework::{CaseRow, find};
use journal::fact::{
    AgesChanged, CaseMoved, CaseOpened, CaseOverdue, ConsentRecorded, ConsentWithdrawn,
    ErasureDone, ErasureOrdered, IdentificationRecorded, LegalHoldLifted, LegalHoldSet,
    ListingsChanged, PersonsMerged, RelationshipEnded, RelationshipStarted,
};
use terms::{Account, Instant, Person};

use super::Wrong;
use crate::state::State;

impl From<casework::Wrong> for Wrong {
    fn from(wrong: casework::Wrong) -> Self {
        match wrong {
            casework::Wrong::Number => Wrong::Unknown("number of a case"),
            casework::Wrong::Unknown => Wrong::Unknown("case"),
            casework::Wrong::Step => Wrong::Stated("the step of the case"),
            casework::Wrong::Stated => Wrong::Stated("the case"),
        }
    }
}

impl State {
    fn person_mut(&mut self, person: Person) -> Result<&mut PersonState, Wrong> {
        self.people.persons.get_mut(person.index()).ok_or(Wrong::Unknown("person"))
    }

    /// Lets `change` make another state of a person, if it is another one.
    fn change_person(
        &mut self,
        person: Person,
        at: Instant,
        change: impl FnOnce(&mut PersonRow),
    ) -> Result<(), Wrong> {
        let state = self.person_mut(person)?;
        let mut next = state.now.clone();
        change(&mut next);
        if next != state.now {
            next.since = at;
            state.become_state(next);
        }
        Ok(())
    }

    pub(super) fn listings_changed(
        &mut self,
        at: Instant,
        fact: &ListingsChanged,
    ) -> Result<(), Wrong> {
        let list = fact.list;
        for person in &fact.listed {
            self.change_person(*person, at, |row| row.lists = row.lists.with(list))?;
        }
        for person in &fact.cleared {
            self.change_person(*person, at, |row| row.lists = row.lists.without(list))?;
        }
        Ok(())
    }

    pub(super) fn ages_changed(&mut self, at: Instant, fact: &AgesChanged) -> Result<(), Wrong> {
        for person in &fact.reached {
            self.change_person(*person, at, |row| row.of_age = true)?;
        }
        for person in &fact.not_reached {
            self.change_person(*person, at, |row| row.of_age = false)?;
        }
        Ok(())
    }

    pub(super) fn identification_recorded(
        &mut self,
        at: Instant,
        fact: &IdentificationRecorded,
    ) -> Result<(), Wrong> {
        self.change_person(fact.person, at, |row| {
            row.level = fact.level;
            row.identified_until = fact.until;
        })
    }

    pub(super) fn consent_recorded(&mut self, fact: &ConsentRecorded) -> Result<(), Wrong> {
        let state = self.person_mut(fact.person)?;
        let scopes = state.consents.of(fact.purpose).and(fact.scopes);
        state.consents = state.consents.set(fact.purpose, scopes);
        Ok(())
    }

    pub(super) fn consent_withdrawn(&mut self, fact: &ConsentWithdrawn) -> Result<(), Wrong> {
        let state = self.person_mut(fact.person)?;
        let scopes = state.consents.of(fact.purpose).less(fact.scopes);
        state.consents = state.consents.set(fact.purpose, scopes);
        Ok(())
    }

    pub(super) fn relationship_started(&mut self, fact: &RelationshipStarted) -> Result<(), Wrong> {
        self.person_mut(fact.person)?.relationship = Relationship::Active;
        self.people.ended.remove(&fact.person);
        Ok(())
    }

    pub(super) fn relationship_ended(
        &mut self,
        at: Instant,
        fact: &RelationshipEnded,
    ) -> Result<(), Wrong> {
        self.person_mut(fact.person)?.relationship = Relationship::Ended;
        self.people.ended.insert(fact.person, at);
        self.close_accounts(at, &fact.accounts)
    }

    fn close_accounts(&mut self, at: Instant, accounts: &[Account]) -> Result<(), Wrong> {
        for account in accounts {
            let row = self.known_account(*account)?;
            if row.closed.replace(at).is_some() {
                return Err(Wrong::Stated("an account"));
            }
        }
        Ok(())
    }

    pub(super) fn legal_hold_set(&mut self, at: Instant, fact: &LegalHoldSet) -> Result<(), Wrong> {
        let person = fact.person;
        self.person_mut(person)?;
        let empty = || Holding { person, next: 1, holds: Vec::new() };
        let holding = self.people.holds.entry(person).or_insert_with(empty);
        if holding.next != fact.number {
            return Err(Wrong::Unknown("hold on data"));
        }
        holding.next += 1;
        holding.holds.push(LegalHold { number: fact.number, ground: fact.ground, since: at });
        Ok(())
    }

    pub(super) fn legal_hold_lifted(&mut self, fact: &LegalHoldLifted) -> Result<(), Wrong> {
        let holding = self.people.holds.get_mut(&fact.person);
        let holds = &mut holding.ok_or(Wrong::Unknown("hold on data"))?.holds;
        let index = holds.iter().position(|hold| hold.number == fact.number);
        holds.remove(index.ok_or(Wrong::Unknown("hold on data"))?);
        Ok(())
    }

    pub(super) fn erasure_ordered(&mut self, fact: &ErasureOrdered) -> Result<(), Wrong> {
        self.person_mut(fact.person)?.relationship = Relationship::ErasureOrdered;
        Ok(())
    }

    /// Nothing stays of the person but the number, its accounts and what they did.
    pub(super) fn erasure_done(&mut self, at: Instant, fact: &ErasureDone) -> Result<(), Wrong> {
        let state = self.person_mut(fact.person)?;
        if state.relationship != Relationship::ErasureOrdered {
            return Err(Wrong::Stated("the relationship"));
        }
        *state = PersonState { relationship: Relationship::Erased, ..PersonState::new(at) };
        state.past = Some(Box::new(PersonPast { states: Vec::new(), cut: true }));
        self.people.ended.remove(&fact.person);
        self.people.holds.remove(&fact.person);
        Ok(())
    }

    pub(super) fn case_opened(&mut self, at: Instant, fact: &CaseOpened) -> Result<(), Wrong> {
        let row = CaseRow {
            case: fact.case,
            kind: fact.kind,
            state: fact.state,
            person: fact.person,
            organiser: fact.organiser,
            count: 0,
            opened: at,
            clock: fact.clock,
            due: fact.due,
            overdue: false,
        };
        let begins = find(fact.kind, None, fact.step).is_some_and(|by| by.to == fact.state);
        if !begins || fact.clock.is_some() != fact.due.is_some() {
            return Err(Wrong::Stated("the beginning of the case"));
        }
        self.cases.open(row, fact.year, fact.serial)?;
        if let (Some(person), Some(hit), None) = (fact.person, &fact.hit, &fact.cause) {
            self.hits.note(person, hit);
        }
        Ok(())
    }

    pub(super) fn case_moved(&mut self, fact: &CaseMoved) -> Result<(), Wrong> {
        let row = self.cases.get(fact.case).ok_or(Wrong::Unknown("case"))?;
        let by = find(fact.kind, Some(fact.from), fact.step);
        let by =
            by.filter(|by| by.to == fact.state).ok_or(Wrong::Stated("the step of the case"))?;
        let same = (row.kind, row.state, row.person) == (fact.kind, fact.from, fact.person);
        if !same || fact.clock.is_some() != fact.due.is_some() {
            return Err(Wrong::Stated("the case"));
        }
        Ok(self.cases.step(fact.case, by, fact.clock, fact.due)?)
    }

    pub(super) fn case_overdue(&mut self, fact: &CaseOverdue) -> Result<(), Wrong> {
        Ok(self.cases.note_overdue(fact.case, fact.due)?)
    }

    pub(super) fn persons_merged(
        &mut self,
        at: Instant,
        fact: &PersonsMerged,
    ) -> Result<(), Wrong> {
        let (kept, gone) = (fact.kept, fact.gone);
        self.close_accounts(at, &fact.closed)?;
        self.change_person(kept, at, |row| row.lists = fact.lists)?;
        self.person_mut(gone)?.relationship = Relationship::Merged;
        if let Some(later) = self.people.ended.remove(&gone)
            && let Some(ended) = self.people.ended.get_mut(&kept)
        {
            // What came from the other is kept for his term too.
            *ended = later.max(*ended);
        }
        for whom in self.people.merged.values_mut().filter(|whom| **whom == gone) {
            *whom = kept;
        }
        self.people.merged.insert(gone, kept);
        self.join_accounts(kept, gone)?;
        for account in &fact.moved {
            let row = self.known_account(*account)?;
            if core::mem::replace(&mut row.person, kept) != gone {
                return Err(Wrong::Stated("an account"));
            }
        }
        for wallet in &fact.wallets {
            self.ledger.change_owner(*wallet, gone.0, kept.0)?;
        }
        self.purses.join(gone, kept);
        Ok(())
    }

    /// The accounts of both at one organiser become one chain, in front the one that is open, else
    /// that of the one who stays.
    fn join_accounts(&mut self, kept: Person, gone: Person) -> Result<(), Wrong> {
        for organiser in 0..self.organisers.organisers.len() as u32 {
            let Some(theirs) = self.pairs.remove(&(gone.0, organiser)) else { continue };
            let theirs = Account(theirs);
            let Some(ours) = self.pairs.get(&(kept.0, organiser)).copied().map(Account) else {
                self.pairs.insert((kept.0, organiser), theirs.0);
                continue;
            };
            let open = self.known_account(theirs)?.closed.is_none();
            let (first, second) = if open { (theirs, ours) } else { (ours, theirs) };
            let last = self.people.chain(first).last().map_or(first, |(account, _)| account);
            self.known_account(last)?.earlier = Some(second);
            self.pairs.insert((kept.0, organiser), first.0);
        }
        Ok(())
    }
}
