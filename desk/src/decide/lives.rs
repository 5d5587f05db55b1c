//! Persons over time: lists and ages by difference, identification, consent.

use admission::person::PersonState;
use admission::{IdentificationMethod, Level, Relationship};
use casework::{CaseKind, CaseStep};
use journal::fact::{
    AgesChanged, ConsentRecorded, ConsentWithdrawn, Fact, IdentificationRecorded, ListingsChanged,
};
use terms::{Code, Instant, Person, Reason, limits};

use super::cases::Brought;
use super::{Case, Stop};
use crate::command::{
    ChangeAges, ChangeListings, RecordConsent, RecordIdentification, WithdrawConsent,
};

impl Case<'_> {
    /// Whether a difference keeps to its form: not empty, not too long, each side ascending, nobody
    /// on both.
    fn difference(&self, on: &[Person], off: &[Person]) -> Result<(), Reason> {
        let count = on.len() + off.len();
        let ascending = |side: &[Person]| side.is_sorted_by(|a, b| a < b);
        let both = on.iter().any(|person| off.binary_search(person).is_ok());
        let formed = 1 <= count && count <= limits::DIFFERENCE_MAX;
        if !formed || !ascending(on) || !ascending(off) || both {
            return Err(Reason::DifferenceInvalid);
        }
        on.iter().chain(off).try_for_each(|person| self.named(*person).map(|_| ()))
    }

    /// A person who goes by this number.
    fn named(&self, person: Person) -> Result<&PersonState, Reason> {
        let state = self.state.people.persons.get(person.index()).ok_or(Reason::PersonUnknown)?;
        match state.relationship {
            Relationship::Merged => Err(Reason::PersonMerged),
            _ => Ok(state),
        }
    }

    /// All from the same fact on. Who is new on a list that freezes gets a case in the same frame:
    /// nobody is frozen without a record (D-39, I-39).
    pub(super) fn change_listings(
        &self,
        command: &ChangeListings,
        facts: &mut Vec<Fact>,
    ) -> Result<(), Stop> {
        self.difference(&command.listed, &command.cleared)?;
        let freezes = command.list.freezes();
        let too_many = freezes && limits::FREEZING_DIFFERENCE_MAX < command.listed.len();
        if too_many || command.version < self.state.list_version(command.list) {
            return Err(Reason::DifferenceInvalid.into());
        }
        if let Some(case) = command.case {
            let row = self.state.cases.get(case);
            row.filter(|row| row.kind == CaseKind::PossibleMatch).ok_or(Reason::CaseUnknown)?;
        }
        // From here it must succeed.
        facts.push(
            ListingsChanged {
                cause: self.cause.clone(),
                list: command.list,
                version: command.version,
                case: command.case,
                listed: command.listed.clone(),
                cleared: command.cleared.clone(),
            }
            .into(),
        );
        if freezes {
            for person in &command.listed {
                let before = self.state.people.person(*person);
                if before.is_some_and(|row| !row.lists.has(command.list)) {
                    self.record_hit(*person, command.list, command.version, facts);
                }
            }
        }
        Ok(())
    }

    pub(super) fn change_ages(
        &self,
        command: &ChangeAges,
        facts: &mut Vec<Fact>,
    ) -> Result<(), Stop> {
        self.difference(&command.reached, &command.not_reached)?;
        let coming = self.state.rulebooks.last().map(|rules| rules.people.age_min);
        if command.age != self.rules.people.age_min && Some(command.age) != coming {
            return Err(Reason::DifferenceInvalid.into());
        }
        // From here it must succeed.
        facts.push(
            AgesChanged {
                cause: self.cause.clone(),
                age: command.age,
                reached: command.reached.clone(),
                not_reached: command.not_reached.clone(),
            }
            .into(),
        );
        Ok(())
    }

    pub(super) fn record_identification(
        &self,
        command: &RecordIdentification,
        facts: &mut Vec<Fact>,
    ) -> Result<(), Stop> {
        let state = self.keepable(command.person)?;
        let delegated = command.method == IdentificationMethod::Delegate;
        if delegated != command.delegate_contract.is_some() {
            return Err(Reason::DelegateContractAbsent.into());
        }
        if !command.method.takes(command.source) {
            return Err(Reason::SourceNotAllowed.into());
        }
        if !self.to_come(command.until) {
            return Err(Reason::DateInvalid.into());
        }
        let reached = command.method.level(command.established, command.confirmed);
        let first = state.relationship == Relationship::Absent
            && state.now.level != Level::Full
            && reached == Level::Full;
        if first && command.case.is_none() {
            return Err(Reason::CaseInvalid.into());
        }
        let (level, until) = self.level_after(state, reached, command.until);
        let fact = IdentificationRecorded {
            cause: self.cause.clone(),
            person: command.person,
            case: command.case,
            method: command.method,
            source: command.source,
            established: command.established,
            confirmed: command.confirmed,
            delegate_contract: command.delegate_contract.clone(),
            evidence: command.evidence,
            reached,
            level,
            until,
        };
        let own = self.own_case(command.case, CaseKind::Registration, command.person)?;
        let moved = match own {
            None => None,
            Some(row) => {
                let (step, ground) = outcome(&fact);
                let evidence = Some(command.evidence);
                let brought = Brought { ground, evidence };
                let by = self.step(row, step, &brought, true)?;
                Some(self.moved(row, by, brought))
            }
        };
        // From here it must succeed.
        facts.push(fact.into());
        facts.extend(moved.map(Fact::from));
        Ok(())
    }

    /// What is known of the person after an identification: it raises or renews, and never lowers
    /// what holds still.
    fn level_after(
        &self,
        state: &PersonState,
        reached: Level,
        until: Option<Instant>,
    ) -> (Level, Option<Instant>) {
        let at = self.moment.at;
        let row = &state.now;
        let stale = row.identified_until.is_some_and(|until| until <= at);
        let holds = if stale { Level::Unidentified } else { row.level };
        if reached == Level::Unidentified || reached < holds {
            return (row.level, row.identified_until);
        }
        let renewal = i64::from(self.rules.people.renewal_days).saturating_mul(Instant::DAY);
        let renewal = Instant(at.0.saturating_add(renewal));
        (reached, Some(until.map_or(renewal, |until| until.min(renewal))))
    }

    pub(super) fn record_consent(
        &self,
        command: &RecordConsent,
        facts: &mut Vec<Fact>,
    ) -> Result<(), Stop> {
        self.keepable(command.person)?;
        if command.scopes.is_empty() || command.recipients.is_empty() {
            return Err(Reason::ConsentIncomplete.into());
        }
        if !self.to_come(command.until) {
            return Err(Reason::DateInvalid.into());
        }
        let own = self.own_case(command.case, CaseKind::ConsentRequest, command.person)?;
        let moved = match own {
            None => None,
            Some(row) => {
                let brought = Brought { ground: None, evidence: Some(command.evidence) };
                let by = self.step(row, CaseStep::Grant, &brought, true)?;
                Some(self.moved(row, by, brought))
            }
        };
        // From here it must succeed.
        facts.push(
            ConsentRecorded {
                cause: self.cause.clone(),
                person: command.person,
                purpose: command.purpose,
                scopes: command.scopes,
                recipients: command.recipients,
                way: command.way,
                until: command.until,
                case: command.case,
                evidence: command.evidence,
            }
            .into(),
        );
        facts.extend(moved.map(Fact::from));
        Ok(())
    }

    pub(super) fn withdraw_consent(
        &self,
        command: &WithdrawConsent,
        facts: &mut Vec<Fact>,
    ) -> Result<(), Stop> {
        let state = self.keepable(command.person)?;
        let given = state.consents.of(command.purpose);
        if command.scopes.is_empty() || !given.has_all(command.scopes) {
            return Err(Reason::ConsentUnknown.into());
        }
        // From here it must succeed.
        facts.push(
            ConsentWithdrawn {
                cause: self.cause.clone(),
                person: command.person,
                purpose: command.purpose,
                scopes: command.scopes,
                evidence: command.evidence,
            }
            .into(),
        );
        Ok(())
    }
}

/// The step of a registration after an identification, and why it failed.
fn outcome(fact: &IdentificationRecorded) -> (CaseStep, Option<Code>) {
    let failed = |ground| (CaseStep::Fail, Code::new(ground).ok());
    if !fact.established {
        failed("not_established")
    } else if !fact.confirmed {
        failed("not_confirmed")
    } else if fact.reached < Level::Full {
        failed("simplified_only")
    } else {
        (CaseStep::Identify, None)
    }
}
