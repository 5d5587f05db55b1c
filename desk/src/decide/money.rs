//! Issue and redemption of e-money (domain 21).

use journal::fact::{EmoneyIssued, EmoneyRedeemed, Fact};
use ledger::Class;
use ledger::wallet::State as WalletState;
use register::organiser::ContractKind;
use terms::{Organiser, Person, Reason, Tiyn, Wallet};

use super::{Case, Stop};
use crate::command::{IssueEmoney, RedeemEmoney};
use crate::grounds::{Grounds, Lowest};

impl Case<'_> {
    pub(super) fn issue_emoney(
        &self,
        command: &IssueEmoney,
        facts: &mut Vec<Fact>,
    ) -> Result<(), Stop> {
        let row = self.wallet(command.wallet, command.amount)?;
        let mut grounds = Lowest::new(self.rules);
        match row.class {
            Class::Bettor => {
                // Nothing is sold to a person who does not pass the checks (R0-5.5, R0-10.1), nor
                // into a wallet from which its owner could not pay (I-10).
                self.person_grounds(Person(row.owner), &mut grounds);
                grounds.note_if(row.blocked());
            }
            Class::Organiser => {
                if !self.rules.agents.contains(&Organiser(row.owner)) {
                    grounds.note(Reason::IssueNotAllowed);
                }
            }
            Class::Client | Class::Agent => {}
            Class::IssuerObligation
            | Class::Commission
            | Class::BankClearing
            | Class::Suspense
            | Class::Partner => grounds.note(Reason::TransferNotAllowed),
        }
        grounds.verdict()?;
        let balance = row.sum().checked_add(command.amount).ok_or(Reason::SumInvalid)?;
        let issued = self.state.ledger.issued().checked_add(command.amount);
        issued.ok_or(Reason::SumInvalid)?;
        // From here it must succeed.
        facts.push(
            EmoneyIssued {
                cause: self.cause.clone(),
                wallet: command.wallet,
                amount: command.amount,
                bank_reference: command.bank_reference.clone(),
                balance,
                previous: row.last,
            }
            .into(),
        );
        if row.class == Class::Organiser {
            self.pay_waiting(Organiser(row.owner), facts);
        }
        Ok(())
    }

    pub(super) fn redeem_emoney(
        &self,
        command: &RedeemEmoney,
        facts: &mut Vec<Fact>,
    ) -> Result<(), Stop> {
        let row = self.wallet(command.wallet, command.amount)?;
        match row.class {
            Class::Bettor | Class::Client | Class::Agent | Class::Organiser => {}
            Class::IssuerObligation
            | Class::Commission
            | Class::BankClearing
            | Class::Suspense
            | Class::Partner => return Err(Reason::TransferNotAllowed.into()),
        }
        let mut grounds = Lowest::new(self.rules);
        // Debtors, restricted persons and minors take their money out; what belongs to a person on
        // a list of financial monitoring stays (S-03, S-46, R4-16.2.7).
        if row.class == Class::Bettor
            && let Some(person) = self.state.people.person(Person(row.owner))
        {
            person.frozen(|reason| grounds.note(reason));
        }
        grounds.note_if(self.state.ledger.debit_ground(command.wallet, command.amount));
        if row.class == Class::Organiser {
            let left = row.available().or_zero_sub(command.amount);
            if left < self.floor(Organiser(row.owner)) {
                grounds.note(Reason::BelowFloor);
            }
        }
        grounds.verdict()?;
        // From here it must succeed.
        facts.push(
            EmoneyRedeemed {
                cause: self.cause.clone(),
                wallet: command.wallet,
                amount: command.amount,
                bank_reference: command.bank_reference.clone(),
                balance: row.sum().or_zero_sub(command.amount),
                previous: row.last,
            }
            .into(),
        );
        Ok(())
    }

    /// The floor of the last contract that has begun, plus the payouts that wait.
    fn floor(&self, organiser: Organiser) -> Tiyn {
        let Some(row) = self.state.organisers.get(organiser) else { return Tiyn::ZERO };
        let today = self.rules.day(self.moment.at);
        let contract = row.latest(ContractKind::Settlement, today);
        let contract = contract.map_or(Tiyn::ZERO, |contract| contract.floor);
        contract.checked_add(row.waiting_sum).unwrap_or(Tiyn::MAX)
    }

    fn wallet(&self, wallet: Wallet, amount: Tiyn) -> Result<&WalletState, Reason> {
        if amount.is_zero() {
            return Err(Reason::SumInvalid);
        }
        self.state.ledger.get(wallet).ok_or(Reason::WalletUnknown)
    }
}
