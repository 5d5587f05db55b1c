//! Facts about persons over time and about cases.

use journal::fact::{
    CaseMoved, CaseOpened, CaseOverdue, ConsentRecorded, ConsentWithdrawn, IdentificationRecorded,
    PersonsMerged, RelationshipEnded,
};
use journal::kinds::Recipients;
use terms::{CaseNo, Person};

use super::{Done, Lookup, Turn};
use crate::card::{
    Card, CardKey, CardKind, CaseCard, ConsentCard, HoldingCard, IdentificationCard, NOBODY,
};

impl<L: Lookup + ?Sized> Turn<'_, L> {
    pub(super) fn case_opened(&mut self, fact: &CaseOpened) -> Done<L> {
        self.put(Card::Case(CaseCard {
            case: fact.case,
            year: fact.year,
            serial: fact.serial,
            kind: fact.kind,
            state: fact.state,
            person: fact.person,
            other: fact.other,
            organiser: fact.organiser,
            list: fact.hit.as_ref().map(|hit| hit.list),
            version: fact.hit.as_ref().map(|hit| hit.version),
            related: fact.related,
            seq: self.seq(),
            opened: self.at(),
            moved: self.at(),
            ground: None,
            clock: fact.clock,
            due: fact.due,
            late: false,
        }))
    }

    pub(super) fn case_moved(&mut self, fact: &CaseMoved) -> Done<L> {
        let at = self.at();
        self.change_case(fact.case, fact.person, |card| {
            card.state = fact.state;
            card.moved = at;
            card.ground = fact.ground.clone();
            (card.clock, card.due) = (fact.clock, fact.due);
        })
    }

    pub(super) fn case_overdue(&mut self, fact: &CaseOverdue) -> Done<L> {
        self.change_case(fact.case, fact.person, |card| card.late = true)
    }

    fn change_case(
        &mut self,
        case: CaseNo,
        person: Option<Person>,
        change: impl FnOnce(&mut CaseCard),
    ) -> Done<L> {
        let number = u64::from(person.map_or(NOBODY, |person| person.0));
        let key = CardKey { kind: CardKind::Case, number, version: u64::from(case.0) };
        match self.find_at(key)? {
            Card::Case(mut card) => {
                change(&mut card);
                self.put(Card::Case(card))
            }
            _ => self.known(None, "a case"),
        }
    }

    pub(super) fn consent_recorded(&mut self, fact: &ConsentRecorded) -> Done<L> {
        self.put(Card::Consent(ConsentCard {
            person: fact.person,
            seq: self.seq(),
            at: self.at(),
            given: true,
            purpose: fact.purpose,
            scopes: fact.scopes,
            recipients: fact.recipients,
            way: Some(fact.way),
            until: fact.until,
            case: fact.case,
        }))
    }

    pub(super) fn consent_withdrawn(&mut self, fact: &ConsentWithdrawn) -> Done<L> {
        self.put(Card::Consent(ConsentCard {
            person: fact.person,
            seq: self.seq(),
            at: self.at(),
            given: false,
            purpose: fact.purpose,
            scopes: fact.scopes,
            recipients: Recipients::NONE,
            way: None,
            until: None,
            case: None,
        }))
    }

    pub(super) fn identification(&mut self, fact: &IdentificationRecorded) -> Done<L> {
        self.put(Card::Identification(IdentificationCard {
            person: fact.person,
            seq: self.seq(),
            at: self.at(),
            method: fact.method,
            source: fact.source,
            established: fact.established,
            confirmed: fact.confirmed,
            reached: fact.reached,
            level: fact.level,
            until: fact.until,
            case: fact.case,
        }))
    }

    pub(super) fn relationship_ended(&mut self, fact: &RelationshipEnded) -> Done<L> {
        fact.accounts.iter().try_for_each(|account| {
            self.change_account(*account, |card, at| card.closed = Some(at))
        })
    }

    /// Accounts and wallets are the other person's from now on; what was recorded of cases,
    /// consents and identifications stays under the number under which it was.
    pub(super) fn persons_merged(&mut self, fact: &PersonsMerged) -> Done<L> {
        for account in &fact.closed {
            self.change_account(*account, |card, at| card.closed = Some(at))?;
        }
        for account in &fact.moved {
            self.change_account(*account, |card, _| card.person = fact.kept)?;
            self.put(Card::Holding(HoldingCard { person: fact.kept, account: *account }))?;
        }
        for wallet in &fact.wallets {
            self.change_wallet(*wallet, |card| card.owner = fact.kept.0)?;
        }
        Ok(())
    }
}
