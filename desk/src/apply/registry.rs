//! Rulebooks, organisers, people, wallets.

use admission::{AccountRow, PersonRow, PersonState};
use journal::fact::{
    AccountClosed, AccountOpened, AccountRebound, AdmissionChanged, ConnectionChanged,
    ContractRecorded, DeskClosed, DeskOpened, EmoneyIssued, EmoneyRedeemed, LicenceRecorded,
    ListInForce, OrganiserRegistered, PersonRegistered, WalletOpened,
};
use ledger::wallet::OBLIGATION;
use ledger::{Class, Kind};
use register::organiser::{
    Connection, ConnectionState, Contract, DeskState, Licence, OrganiserState,
};
use terms::rulebook::Rulebook;
use terms::{Account, Instant, Organiser, Person, Seq, Tiyn};

use super::Wrong;
use crate::state::{ListRow, State};

impl State {
    pub(super) fn rulebook_adopted(&mut self, rulebook: &Rulebook) -> Result<(), Wrong> {
        let next = self.rulebooks.last().map_or(1, |rules| rules.number + 1);
        if rulebook.number != next {
            return Err(Wrong::Unknown("rulebook"));
        }
        self.rulebooks.push(rulebook.clone());
        Ok(())
    }

    pub(super) fn known_organiser(
        &mut self,
        organiser: Organiser,
    ) -> Result<&mut OrganiserState, Wrong> {
        self.organisers.get_mut(organiser).ok_or(Wrong::Unknown("organiser"))
    }

    pub(super) fn organiser_registered(
        &mut self,
        at: Instant,
        fact: &OrganiserRegistered,
    ) -> Result<(), Wrong> {
        if fact.organiser != self.organisers.next_organiser() {
            return Err(Wrong::Unknown("organiser"));
        }
        self.organisers.organisers.push(OrganiserState {
            kind: fact.kind,
            bin: fact.bin,
            wallet: None,
            licences: Vec::new(),
            integration: Vec::new(),
            settlement: Vec::new(),
            connection: vec![Connection { from: at, state: ConnectionState::Integrating }],
            waiting: Default::default(),
            waiting_sum: Tiyn::ZERO,
        });
        Ok(())
    }

    pub(super) fn licence_recorded(&mut self, fact: &LicenceRecorded) -> Result<(), Wrong> {
        self.known_organiser(fact.organiser)?.record_licence(Licence {
            number: fact.number.clone(),
            from: fact.from,
            issued: fact.issued,
            expires: fact.expires,
            suspended: fact.suspended,
        });
        Ok(())
    }

    pub(super) fn contract_recorded(&mut self, fact: &ContractRecorded) -> Result<(), Wrong> {
        let contract = Contract {
            from: fact.from,
            until: fact.until,
            commission_millionths: fact.commission_millionths,
            commission_fixed: fact.commission_fixed,
            floor: fact.floor,
        };
        self.known_organiser(fact.organiser)?.record_contract(fact.kind, contract);
        Ok(())
    }

    pub(super) fn connection_changed(&mut self, fact: &ConnectionChanged) -> Result<(), Wrong> {
        let connection = Connection { from: fact.from, state: fact.state };
        self.known_organiser(fact.organiser)?.record_connection(connection);
        Ok(())
    }

    pub(super) fn desk_opened(&mut self, fact: &DeskOpened) -> Result<(), Wrong> {
        self.known_organiser(fact.organiser)?;
        if fact.desk != self.organisers.next_desk() {
            return Err(Wrong::Unknown("desk"));
        }
        self.organisers.desks.push(DeskState {
            organiser: fact.organiser,
            kind: fact.kind,
            from: fact.from,
            closed_from: None,
        });
        Ok(())
    }

    pub(super) fn desk_closed(&mut self, fact: &DeskClosed) -> Result<(), Wrong> {
        let desk = self.organisers.desks.get_mut(fact.desk.index());
        desk.ok_or(Wrong::Unknown("desk"))?.closed_from = Some(fact.from);
        Ok(())
    }

    pub(super) fn person_registered(
        &mut self,
        at: Instant,
        fact: &PersonRegistered,
    ) -> Result<(), Wrong> {
        if fact.person != self.people.next_person() {
            return Err(Wrong::Unknown("person"));
        }
        self.people.persons.push(PersonState::new(at));
        Ok(())
    }

    pub(super) fn admission_changed(
        &mut self,
        at: Instant,
        fact: &AdmissionChanged,
    ) -> Result<(), Wrong> {
        let person = self.people.persons.get_mut(fact.person.index());
        person.ok_or(Wrong::Unknown("person"))?.become_state(PersonRow {
            level: fact.level,
            identified_until: fact.identified_until,
            of_age: fact.of_age,
            lists: fact.lists,
            since: at,
        });
        Ok(())
    }

    pub(super) fn list_in_force(&mut self, at: Instant, fact: &ListInForce) -> Result<(), Wrong> {
        self.lists.retain(|row| row.list != fact.list);
        self.lists.push(ListRow {
            list: fact.list,
            version: fact.version,
            digest: fact.digest,
            since: at,
        });
        Ok(())
    }

    pub(super) fn wallet_opened(&mut self, fact: &WalletOpened) -> Result<(), Wrong> {
        self.ledger.open(fact.wallet, fact.class, fact.owner)?;
        if fact.class == Class::Organiser {
            self.known_organiser(Organiser(fact.owner))?.wallet = Some(fact.wallet);
        }
        if fact.class == Class::Bettor {
            self.purses.open(fact.wallet, Person(fact.owner));
        }
        Ok(())
    }

    pub(super) fn account_opened(&mut self, fact: &AccountOpened) -> Result<(), Wrong> {
        if fact.account != self.people.next_account() {
            return Err(Wrong::Unknown("account"));
        }
        self.people.accounts.push(AccountRow {
            person: fact.person,
            organiser: fact.organiser,
            wallet: fact.wallet,
            closed: None,
            last: None,
            earlier: self.account_of_pair(fact.person, fact.organiser),
            open: 0,
            waiting: 0,
        });
        self.pairs.insert((fact.person.0, fact.organiser.0), fact.account.0);
        Ok(())
    }

    pub(super) fn known_account(&mut self, account: Account) -> Result<&mut AccountRow, Wrong> {
        self.people.account_mut(account).ok_or(Wrong::Unknown("account"))
    }

    pub(super) fn account_rebound(&mut self, fact: &AccountRebound) -> Result<(), Wrong> {
        self.known_account(fact.account)?.wallet = fact.wallet;
        Ok(())
    }

    pub(super) fn account_closed(
        &mut self,
        at: Instant,
        fact: &AccountClosed,
    ) -> Result<(), Wrong> {
        self.known_account(fact.account)?.closed = Some(at);
        Ok(())
    }

    pub(super) fn emoney_issued(&mut self, seq: Seq, fact: &EmoneyIssued) -> Result<(), Wrong> {
        self.ledger.post(Kind::Issue, OBLIGATION, fact.wallet, fact.amount)?;
        Ok(self.ledger.seal(fact.wallet, fact.balance, fact.previous, seq)?)
    }

    pub(super) fn emoney_redeemed(&mut self, seq: Seq, fact: &EmoneyRedeemed) -> Result<(), Wrong> {
        self.ledger.post(Kind::Redemption, fact.wallet, OBLIGATION, fact.amount)?;
        Ok(self.ledger.seal(fact.wallet, fact.balance, fact.previous, seq)?)
    }
}
