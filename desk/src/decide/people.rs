//! Persons, wallets, accounts.

use admission::Relationship;
use admission::person::PersonState;
use journal::fact::{
    AccountClosed, AccountOpened, AccountRebound, AdmissionChanged, Fact, ListInForce,
    PersonRegistered, WalletBlockChanged, WalletOpened,
};
use ledger::{Block, Class};
use terms::{Account, Organiser, Person, Reason, Wallet};

use super::{Case, Stop};
use crate::command::{
    BlockWallet, ChangeAdmission, CloseAccount, OpenAccount, OpenWallet, PutListInForce,
    RebindAccount,
};
use crate::grounds::{Grounds, Lowest};

impl Case<'_> {
    pub(super) fn register_person(&self, facts: &mut Vec<Fact>) -> Result<(), Stop> {
        let person = self.state.people.next_person();
        facts.push(PersonRegistered { cause: self.cause.clone(), person }.into());
        Ok(())
    }

    pub(super) fn change_admission(
        &self,
        command: &ChangeAdmission,
        facts: &mut Vec<Fact>,
    ) -> Result<(), Stop> {
        let before = self.keepable(command.person)?.now.lists;
        facts.push(
            AdmissionChanged {
                cause: self.cause.clone(),
                person: command.person,
                level: command.level,
                identified_until: command.identified_until,
                of_age: command.of_age,
                lists: command.lists,
            }
            .into(),
        );
        // Nobody is frozen without a record (D-39).
        for list in command.lists.less(before).iter().filter(|list| list.freezes()) {
            self.record_hit(command.person, list, self.state.list_version(list), facts);
        }
        Ok(())
    }

    pub(super) fn put_list_in_force(
        &self,
        command: &PutListInForce,
        facts: &mut Vec<Fact>,
    ) -> Result<(), Stop> {
        let newest = self.state.lists.iter().find(|row| row.list == command.list);
        if newest.is_some_and(|row| command.version <= row.version) {
            return Err(Reason::AlreadyRegistered.into());
        }
        facts.push(
            ListInForce {
                cause: self.cause.clone(),
                list: command.list,
                version: command.version,
                digest: command.digest,
            }
            .into(),
        );
        Ok(())
    }

    /// A bettor's wallet is opened after identification and never for a listed person (R0-5.2,
    /// R0-5.4); an organiser has one.
    pub(super) fn open_wallet(
        &self,
        command: &OpenWallet,
        facts: &mut Vec<Fact>,
    ) -> Result<(), Stop> {
        match command.class {
            Class::Bettor => {
                self.standing(Person(command.owner))?;
                let mut grounds = Lowest::new(self.rules);
                self.person_grounds(Person(command.owner), &mut grounds);
                grounds.verdict()?;
            }
            Class::Organiser => {
                let organiser = self.state.organisers.get(Organiser(command.owner));
                let organiser = organiser.ok_or(Reason::OrganiserUnknown)?;
                if organiser.wallet.is_some() {
                    return Err(Reason::AlreadyRegistered.into());
                }
            }
            Class::Client | Class::Partner | Class::Agent => {}
            Class::IssuerObligation | Class::Commission | Class::BankClearing | Class::Suspense => {
                return Err(Reason::AlreadyRegistered.into());
            }
        }
        // From here it must succeed.
        facts.push(
            WalletOpened {
                cause: self.cause.clone(),
                wallet: self.state.ledger.next(),
                class: command.class,
                owner: command.owner,
            }
            .into(),
        );
        Ok(())
    }

    /// What waited for the end of an organiser's block is paid by the frame that lifts it (R0-8.2).
    pub(super) fn block_wallet(
        &self,
        command: &BlockWallet,
        facts: &mut Vec<Fact>,
    ) -> Result<(), Stop> {
        let row = self.state.ledger.get(command.wallet).ok_or(Reason::WalletUnknown)?;
        if row.block == command.block {
            return Err(Reason::TransitionInvalid.into());
        }
        facts.push(
            WalletBlockChanged {
                cause: self.cause.clone(),
                wallet: command.wallet,
                block: command.block,
                ground: command.ground.clone(),
            }
            .into(),
        );
        if row.class == Class::Organiser && command.block == Block::Open {
            self.pay_waiting_freed(Organiser(row.owner), facts);
        }
        Ok(())
    }

    /// One account for a pair, bound to one wallet of the same bettor (R0-12.1, R0-12.4). A closed
    /// one is history: the bettor may be bound again, under another number.
    pub(super) fn open_account(
        &self,
        command: &OpenAccount,
        facts: &mut Vec<Fact>,
    ) -> Result<(), Stop> {
        let person = self.standing(command.person)?;
        person.now.frozen_ground()?;
        if self.state.organisers.get(command.organiser).is_none() {
            return Err(Reason::OrganiserUnknown.into());
        }
        let account = self.state.account_of_pair(command.person, command.organiser);
        if let Some(account) = account
            && !self.known_account(account)?
        {
            return Err(Stop::RefuseAccount(Reason::AccountAlreadyOpen, account));
        }
        self.wallet_of(command.person, command.wallet)?;
        // Closing and opening again is no way around S-36.
        if let Some(account) = account
            && self.state.people.account(account).is_some_and(|row| row.wallet != command.wallet)
        {
            self.pair_is_quiet(account)?;
        }
        // From here it must succeed.
        facts.push(
            AccountOpened {
                cause: self.cause.clone(),
                account: self.state.people.next_account(),
                person: command.person,
                organiser: command.organiser,
                wallet: command.wallet,
            }
            .into(),
        );
        Ok(())
    }

    /// Another wallet for the pair while nothing of it is open or unpaid (S-36).
    pub(super) fn rebind_account(
        &self,
        command: &RebindAccount,
        facts: &mut Vec<Fact>,
    ) -> Result<(), Stop> {
        let row = self.state.people.account(command.account).ok_or(Reason::AccountUnknown)?;
        if row.closed.is_some() {
            return Err(Stop::RefuseAccount(Reason::AccountClosed, command.account));
        }
        if row.wallet == command.wallet {
            return Err(Stop::RefuseAccount(Reason::WalletAlreadyBound, command.account));
        }
        self.wallet_of(row.person, command.wallet)?;
        self.standing(row.person)?.now.frozen_ground()?;
        if let Err(reason) = self.pair_is_quiet(command.account) {
            return Err(Stop::RefuseAccount(reason, command.account));
        }
        // From here it must succeed.
        facts.push(
            AccountRebound {
                cause: self.cause.clone(),
                account: command.account,
                wallet: command.wallet,
            }
            .into(),
        );
        Ok(())
    }

    pub(super) fn close_account(
        &self,
        command: &CloseAccount,
        facts: &mut Vec<Fact>,
    ) -> Result<(), Stop> {
        if self.known_account(command.account)? {
            return Err(Stop::RefuseAccount(Reason::AccountClosed, command.account));
        }
        facts.push(AccountClosed { cause: self.cause.clone(), account: command.account }.into());
        Ok(())
    }

    /// A person with whom there is, or may yet be, a relationship.
    fn standing(&self, person: Person) -> Result<&PersonState, Reason> {
        let state = self.keepable(person)?;
        match state.relationship {
            Relationship::Ended => Err(Reason::RelationshipEnded),
            _ => Ok(state),
        }
    }

    /// What speaks against a person who wants to put money in or have a wallet.
    pub(super) fn person_grounds(&self, person: Person, grounds: &mut Lowest<'_>) {
        if let Some(state) = self.state.people.state(person) {
            let full = self.rules.switches.full_identification;
            state.now.grounds(self.moment.at, full, |reason| grounds.note(reason));
            match state.relationship {
                Relationship::Ended | Relationship::ErasureOrdered | Relationship::Erased => {
                    grounds.note(Reason::RelationshipEnded);
                }
                Relationship::Absent | Relationship::Active | Relationship::Merged => {}
            }
        }
        grounds.note_if(self.state.lists_ground(self.rules, self.moment.at));
    }

    /// Whether a known account is closed.
    fn known_account(&self, account: Account) -> Result<bool, Reason> {
        let row = self.state.people.account(account);
        row.map(|row| row.closed.is_some()).ok_or(Reason::AccountUnknown)
    }

    fn wallet_of(&self, person: Person, wallet: Wallet) -> Result<(), Reason> {
        let row = self.state.ledger.get(wallet).ok_or(Reason::WalletUnknown)?;
        let own = row.class == Class::Bettor && row.owner == person.0;
        if own { Ok(()) } else { Err(Reason::WalletNotBound) }
    }
}
