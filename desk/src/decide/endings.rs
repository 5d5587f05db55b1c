//! The relationship with a person from its beginning to the end of the data, and two persons who
//! are one.

use admission::{AccountRow, Lists, Relationship};
use casework::{CaseKind, CaseState, CaseStep};
use journal::fact::{
    CaseMoved, ErasureDone, ErasureOrdered, Fact, LegalHoldLifted, LegalHoldSet, PersonsMerged,
    RelationshipEnded, RelationshipStarted,
};
use terms::{Account, CaseNo, Person, Reason, limits};

use super::cases::Brought;
use super::{Case, Stop};
use crate::command::{
    ConfirmErasure, EndRelationship, LiftLegalHold, MergePersons, OrderErasure, SetLegalHold,
    StartRelationship,
};

impl Case<'_> {
    pub(super) fn start_relationship(
        &self,
        command: &StartRelationship,
        facts: &mut Vec<Fact>,
    ) -> Result<(), Stop> {
        let state = self.keepable(command.person)?;
        if state.relationship == Relationship::Active {
            return Err(Reason::TransitionInvalid.into());
        }
        self.clear(command.person)?;
        let moved = self.with_case(
            command.case,
            CaseKind::Registration,
            command.person,
            CaseStep::Establish,
        )?;
        // From here it must succeed.
        facts.push(
            RelationshipStarted {
                cause: self.cause.clone(),
                person: command.person,
                case: command.case,
            }
            .into(),
        );
        facts.extend(moved.map(Fact::from));
        Ok(())
    }

    /// The move of the case that a command names, made by what the command records.
    fn with_case(
        &self,
        case: Option<CaseNo>,
        kind: CaseKind,
        person: Person,
        step: CaseStep,
    ) -> Result<Option<CaseMoved>, Reason> {
        let Some(row) = self.own_case(case, kind, person)? else { return Ok(None) };
        let by = self.step(row, step, &Brought::default(), true)?;
        Ok(Some(self.moved(row, by, Brought::default())))
    }

    pub(super) fn end_relationship(
        &self,
        command: &EndRelationship,
        facts: &mut Vec<Fact>,
    ) -> Result<(), Stop> {
        if self.keepable(command.person)?.relationship != Relationship::Active {
            return Err(Reason::TransitionInvalid.into());
        }
        self.nothing_owed(command.person)?;
        let open = self.state.accounts_of(command.person);
        let open = open.filter(|(_, row)| row.closed.is_none()).map(|(account, _)| account);
        let accounts: Vec<Account> = open.collect();
        if limits::HOLDINGS_MAX < accounts.len() {
            return Err(Reason::CaseInvalid.into());
        }
        // From here it must succeed.
        facts.push(
            RelationshipEnded {
                cause: self.cause.clone(),
                person: command.person,
                ground: command.ground.clone(),
                accounts,
            }
            .into(),
        );
        Ok(())
    }

    /// No balance, no open bet, no winning that waits (state machine D, R0-20.2).
    fn nothing_owed(&self, person: Person) -> Result<(), Reason> {
        for (_, wallet) in self.state.wallets_of(person) {
            if wallet.balance != 0 || !wallet.held.is_zero() {
                return Err(Reason::BalanceRemains);
            }
        }
        for (_, row) in self.state.accounts_of(person) {
            nothing_open(row)?;
        }
        Ok(())
    }

    /// Why another wallet cannot be bound for the pair of this account now (S-36).
    pub(super) fn pair_is_quiet(&self, account: Account) -> Result<(), Reason> {
        self.state.people.chain(account).try_for_each(|(_, row)| nothing_open(row))
    }

    pub(super) fn set_legal_hold(
        &self,
        command: &SetLegalHold,
        facts: &mut Vec<Fact>,
    ) -> Result<(), Stop> {
        self.known_person(command.person)?;
        let holding = self.state.people.holds.get(&command.person);
        let standing = holding.map_or(0, |holding| holding.holds.len());
        if self.keepable(command.person).is_err() || limits::LEGAL_HOLDS_MAX <= standing {
            return Err(Reason::TransitionInvalid.into());
        }
        // From here it must succeed.
        facts.push(
            LegalHoldSet {
                cause: self.cause.clone(),
                person: command.person,
                number: holding.map_or(1, |holding| holding.next),
                ground: command.ground,
                evidence: command.evidence,
            }
            .into(),
        );
        Ok(())
    }

    pub(super) fn lift_legal_hold(
        &self,
        command: &LiftLegalHold,
        facts: &mut Vec<Fact>,
    ) -> Result<(), Stop> {
        self.known_person(command.person)?;
        let holds = self.state.people.holds(command.person);
        if !holds.iter().any(|hold| hold.number == command.number) {
            return Err(Reason::TransitionInvalid.into());
        }
        // From here it must succeed.
        facts.push(
            LegalHoldLifted {
                cause: self.cause.clone(),
                person: command.person,
                number: command.number,
                evidence: command.evidence,
            }
            .into(),
        );
        Ok(())
    }

    pub(super) fn order_erasure(
        &self,
        command: &OrderErasure,
        facts: &mut Vec<Fact>,
    ) -> Result<(), Stop> {
        self.known_person(command.person)?;
        two_persons(command.approver, command.second_approver)?;
        let Ok(state) = self.keepable(command.person) else {
            return Err(Reason::TransitionInvalid.into());
        };
        if state.relationship == Relationship::Active {
            return Err(Reason::TransitionInvalid.into());
        }
        let held = !self.state.people.holds(command.person).is_empty();
        if held || state.now.lists.freezes() {
            return Err(Reason::LegalHoldStands.into());
        }
        let ended = self.state.people.ended.get(&command.person);
        let over = ended.is_some_and(|at| {
            let kept = self.rules.people.kept_until(self.rules.day(*at));
            kept < self.rules.day(self.moment.at)
        });
        if !over && command.ground.is_none() {
            return Err(Reason::RetentionNotOver.into());
        }
        self.nothing_owed(command.person)?;
        let (case, person) = (command.case, command.person);
        let moved = self.with_case(case, CaseKind::Erasure, person, CaseStep::Order)?;
        // From here it must succeed.
        facts.push(
            ErasureOrdered {
                cause: self.cause.clone(),
                person: command.person,
                case: command.case,
                ground: command.ground.clone(),
                approver: command.approver,
                second_approver: command.second_approver,
            }
            .into(),
        );
        facts.extend(moved.map(Fact::from));
        Ok(())
    }

    pub(super) fn confirm_erasure(
        &self,
        command: &ConfirmErasure,
        facts: &mut Vec<Fact>,
    ) -> Result<(), Stop> {
        let person = command.person;
        let state = self.state.people.persons.get(person.index()).ok_or(Reason::PersonUnknown)?;
        if state.relationship != Relationship::ErasureOrdered {
            return Err(Reason::TransitionInvalid.into());
        }
        let ordered = self
            .state
            .cases
            .of_person(person)
            .find(|row| row.kind == CaseKind::Erasure && row.state == CaseState::Ordered);
        let case = ordered.map(|row| row.case);
        let moved = self.with_case(case, CaseKind::Erasure, person, CaseStep::Destroy)?;
        // From here it must succeed.
        facts.push(ErasureDone { cause: self.cause.clone(), person, act: command.act }.into());
        facts.extend(moved.map(Fact::from));
        Ok(())
    }

    pub(super) fn merge_persons(
        &self,
        command: &MergePersons,
        facts: &mut Vec<Fact>,
    ) -> Result<(), Stop> {
        let (kept, gone) = (command.kept, command.gone);
        two_persons(command.approver, command.second_approver)?;
        let (one, other) = (self.keepable(kept)?, self.keepable(gone)?);
        let lost =
            other.relationship == Relationship::Active && one.relationship != Relationship::Active;
        let moved: Vec<Account> =
            self.state.accounts_of(gone).map(|(account, _)| account).collect();
        let wallets: Vec<_> = self.state.wallets_of(gone).map(|(wallet, _)| wallet).collect();
        let many = limits::HOLDINGS_MAX < moved.len() || limits::HOLDINGS_MAX < wallets.len();
        if kept == gone || lost || many || !self.state.people.holds(gone).is_empty() {
            return Err(Reason::CaseInvalid.into());
        }
        self.one_open_account(command)?;
        let lists: Lists = one.now.lists.and(other.now.lists);
        let case = match self.own_case(command.case, CaseKind::Merge, kept) {
            Ok(row) => row,
            Err(_) => self.own_case(command.case, CaseKind::Merge, gone)?,
        };
        let step = match case {
            None => None,
            Some(row) => {
                let by = self.step(row, CaseStep::Merge, &Brought::default(), true)?;
                Some(self.moved(row, by, Brought::default()))
            }
        };
        // From here it must succeed.
        facts.push(
            PersonsMerged {
                cause: self.cause.clone(),
                case: command.case,
                kept,
                gone,
                closed: command.closed.clone(),
                moved,
                wallets,
                lists,
                approver: command.approver,
                second_approver: command.second_approver,
                evidence: command.evidence,
            }
            .into(),
        );
        facts.extend(step.map(Fact::from));
        Ok(())
    }

    /// Of two accounts at one organiser one stays active, the other is history (S-37, R0-12.1).
    fn one_open_account(&self, command: &MergePersons) -> Result<(), Reason> {
        let closed = &command.closed;
        if !closed.is_sorted_by(|a, b| a < b) || limits::HOLDINGS_MAX < closed.len() {
            return Err(Reason::CaseInvalid);
        }
        let both = self.state.accounts_of(command.kept);
        let both = both.chain(self.state.accounts_of(command.gone));
        let open: Vec<(Account, &AccountRow)> =
            both.filter(|(_, row)| row.closed.is_none()).collect();
        let of_them = |account: &Account| open.iter().any(|(other, _)| other == account);
        if !closed.iter().all(of_them) {
            return Err(Reason::AccountUnknown);
        }
        let stays = open.iter().filter(|(account, _)| closed.binary_search(account).is_err());
        let mut organisers: Vec<_> = stays.map(|(_, row)| row.organiser).collect();
        organisers.sort_unstable();
        if organisers.is_sorted_by(|a, b| a < b) { Ok(()) } else { Err(Reason::AccountAlreadyOpen) }
    }

    /// Whether there is such a person, whatever has become of it.
    fn known_person(&self, person: Person) -> Result<(), Reason> {
        let known = person.index() < self.state.people.persons.len();
        if known { Ok(()) } else { Err(Reason::PersonUnknown) }
    }
}

fn nothing_open(row: &AccountRow) -> Result<(), Reason> {
    if row.open != 0 {
        Err(Reason::BetsOpen)
    } else if row.waiting != 0 {
        Err(Reason::WinningsUnpaid)
    } else {
        Ok(())
    }
}

/// Two persons of the staff stand behind it.
fn two_persons(approver: u32, second: u32) -> Result<(), Reason> {
    let two = approver != 0 && second != 0 && approver != second;
    if two { Ok(()) } else { Err(Reason::SecondPersonRequired) }
}
