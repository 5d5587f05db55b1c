//! Persons, wallets, accounts.

use admission::PersonRow;
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
        self.person(command.person)?;
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
                let person = self.person(Person(command.owner))?;
                let mut grounds = Lowest::new(self.rules);
                person.grounds(self.moment.at, false, |reason| grounds.note(reason));
                grounds.note_if(self.state.lists_ground(self.rules, self.moment.at));
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
        self.person(command.person)?;
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

    fn person(&self, person: Person) -> Result<&PersonRow, Reason> {
        self.state.people.person(person).ok_or(Reason::PersonUnknown)
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
