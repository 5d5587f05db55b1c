//! Rulebooks, organisers, licences, contracts, desks, the key.

use journal::fact::{
    AuditNoted, ConnectionChanged, ContractRecorded, DeskClosed, DeskOpened, Fact, KeyAnnounced,
    LicenceRecorded, OrganiserChanged, OrganiserRegistered, RulebookAdopted,
};
use register::organiser::{Licence, OrganiserState};
use sha2::Digest as _;
use terms::rulebook::PeopleRules;
use terms::{Clock, Field, Hash, Instant, Organiser, Reason, Term, Unit, limits};

use super::{Case, Stop};
use crate::command::{
    AdoptRulebook, AnnounceKey, ChangeConnection, ChangeOrganiser, CloseDesk, NoteAudit, OpenDesk,
    RecordContract, RecordLicence, RegisterOrganiser,
};

/// Whether the rules about persons are whole and within bounds.
fn people_valid(people: &PeopleRules) -> bool {
    let days = |count: u64| 1 <= count && count <= limits::TERM_DAYS_MAX;
    let years = |count: u32| 1 <= count && count <= limits::YEARS_MAX;
    let length = |term: &Term| match term.unit {
        Unit::Nanoseconds => days(term.count.div_ceil(Instant::DAY as u64)),
        Unit::Hours => days(term.count.div_ceil(24)),
        Unit::CalendarDays | Unit::WorkingDays => days(term.count),
    };
    people.clocks.iter().map(|term| term.clock).eq(Clock::ALL.iter().copied())
        && people.clocks.iter().all(length)
        && days(u64::from(people.renewal_days))
        && years(people.age_min)
        && years(people.retention_years)
        && [people.registration_tries, people.code_tries, people.answers_min]
            .iter()
            .all(|count| 1 <= *count && *count <= 1_000)
}

impl Case<'_> {
    /// A rulebook has the next number, two different approvers, and does not begin before the one
    /// that it follows (core 18).
    pub(super) fn adopt_rulebook(
        &self,
        command: &AdoptRulebook,
        facts: &mut Vec<Fact>,
    ) -> Result<(), Stop> {
        let rulebook = &command.rulebook;
        let last = self.state.rulebooks.last();
        let bytes = rulebook.to_bytes();
        let (odds, terms) = (&rulebook.odds, &rulebook.terms);
        let spans = [
            terms.list_age_ns,
            terms.order_session_ns,
            terms.order_ns_max,
            terms.report_late_ns,
            terms.id_ahead_ns,
            terms.id_age_ns,
            terms.closed_bet_hot_ns,
            terms.over_event_hot_ns,
            terms.idle_event_hot_ns,
            terms.works_notice_ns,
            terms.works_ns_max,
        ];
        let offset = |seconds: i64| -86_400 <= seconds && seconds <= 86_400;
        let valid = rulebook.number == last.map_or(1, |last| last.number + 1)
            && last.is_none_or(|last| last.from <= rulebook.from)
            // What has been decided stays decided: only the first may reach back.
            && (last.is_none() || self.moment.at <= rulebook.from)
            && rulebook.approver != rulebook.second_approver
            && bytes.len() <= limits::RULEBOOK_BYTES_MAX
            && !rulebook.calendar.offsets.is_empty()
            && rulebook.calendar.offsets.is_sorted_by_key(|row| row.from)
            && odds.legs_max as usize <= limits::LEGS_MAX
            && odds.lines_max <= limits::LINES_MAX
            && odds.odds_min <= odds.odds_max
            && odds.return_max.get() <= limits::RETURN_TIYN_MAX
            && rulebook.calendar.offsets.iter().all(|row| offset(row.seconds))
            && 0 < terms.hold_ns
            && spans.iter().all(|span| 0 <= *span)
            && terms.tax_millionths <= 1_000_000
            && people_valid(&rulebook.people);
        if !valid {
            return Err(Reason::RulebookInvalid.into());
        }
        let digest = Hash(sha2::Sha256::digest(&bytes).into());
        facts.push(
            RulebookAdopted { cause: self.cause.clone(), digest, rulebook: rulebook.clone() }
                .into(),
        );
        Ok(())
    }

    pub(super) fn register_organiser(
        &self,
        command: &RegisterOrganiser,
        facts: &mut Vec<Fact>,
    ) -> Result<(), Stop> {
        let organisers = &self.state.organisers;
        if organisers.organisers.iter().any(|row| row.bin == command.bin) {
            return Err(Reason::AlreadyRegistered.into());
        }
        if limits::TAXABLE_OBJECTS_MAX < command.taxable.len() {
            return Err(Reason::ShapeInvalid.into());
        }
        facts.push(
            OrganiserRegistered {
                cause: self.cause.clone(),
                organiser: organisers.next_organiser(),
                kind: command.kind,
                bin: command.bin,
                name: command.name.clone(),
                address: command.address.clone(),
                taxable: command.taxable.clone(),
                from: command.from,
            }
            .into(),
        );
        Ok(())
    }

    fn known(&self, organiser: Organiser) -> Result<&OrganiserState, Reason> {
        self.state.organisers.get(organiser).ok_or(Reason::OrganiserUnknown)
    }

    pub(super) fn change_organiser(
        &self,
        command: &ChangeOrganiser,
        facts: &mut Vec<Fact>,
    ) -> Result<(), Stop> {
        self.known(command.organiser)?;
        let taxable = command.taxable.as_ref();
        if taxable.is_some_and(|objects| limits::TAXABLE_OBJECTS_MAX < objects.len()) {
            return Err(Reason::ShapeInvalid.into());
        }
        facts.push(
            OrganiserChanged {
                cause: self.cause.clone(),
                organiser: command.organiser,
                name: command.name.clone(),
                address: command.address.clone(),
                taxable: command.taxable.clone(),
                from: command.from,
            }
            .into(),
        );
        Ok(())
    }

    pub(super) fn record_licence(
        &self,
        command: &RecordLicence,
        facts: &mut Vec<Fact>,
    ) -> Result<(), Stop> {
        let row = self.known(command.organiser)?;
        if command.expires < command.issued || command.from < command.issued {
            return Err(Reason::DateInvalid.into());
        }
        let licence = Licence {
            number: command.number.clone(),
            from: command.from,
            issued: command.issued,
            expires: command.expires,
            suspended: command.suspended,
        };
        if !row.takes_licence(&licence, self.rules.day(self.moment.at)) {
            return Err(Reason::ShapeInvalid.into());
        }
        facts.push(
            LicenceRecorded {
                cause: self.cause.clone(),
                organiser: command.organiser,
                number: command.number.clone(),
                issued: command.issued,
                expires: command.expires,
                suspended: command.suspended,
                from: command.from,
            }
            .into(),
        );
        Ok(())
    }

    pub(super) fn record_contract(
        &self,
        command: &RecordContract,
        facts: &mut Vec<Fact>,
    ) -> Result<(), Stop> {
        let row = self.known(command.organiser)?;
        if command.until.is_some_and(|until| until < command.from) {
            return Err(Reason::DateInvalid.into());
        }
        if 1_000_000 < command.commission_millionths {
            return Err(Reason::SumInvalid.into());
        }
        if !row.takes_contract(command.kind, command.from, self.rules.day(self.moment.at)) {
            return Err(Reason::ShapeInvalid.into());
        }
        facts.push(
            ContractRecorded {
                cause: self.cause.clone(),
                organiser: command.organiser,
                kind: command.kind,
                from: command.from,
                until: command.until,
                commission_millionths: command.commission_millionths,
                commission_fixed: command.commission_fixed,
                floor: command.floor,
            }
            .into(),
        );
        Ok(())
    }

    pub(super) fn change_connection(
        &self,
        command: &ChangeConnection,
        facts: &mut Vec<Fact>,
    ) -> Result<(), Stop> {
        let row = self.known(command.organiser)?;
        let now = self.moment.at;
        let from = command.from.unwrap_or(now);
        if from < now {
            return Err(Reason::DateInvalid.into());
        }
        if !row.takes_connection(from, now) {
            return Err(Reason::ShapeInvalid.into());
        }
        facts.push(
            ConnectionChanged {
                cause: self.cause.clone(),
                organiser: command.organiser,
                state: command.state,
                from,
            }
            .into(),
        );
        Ok(())
    }

    pub(super) fn open_desk(&self, command: &OpenDesk, facts: &mut Vec<Fact>) -> Result<(), Stop> {
        self.known(command.organiser)?;
        facts.push(
            DeskOpened {
                cause: self.cause.clone(),
                desk: self.state.organisers.next_desk(),
                organiser: command.organiser,
                kind: command.kind,
                place: command.place.clone(),
                from: command.from,
            }
            .into(),
        );
        Ok(())
    }

    pub(super) fn close_desk(
        &self,
        command: &CloseDesk,
        facts: &mut Vec<Fact>,
    ) -> Result<(), Stop> {
        let desk = self.state.organisers.desks.get(command.desk.index());
        let desk = desk.ok_or(Reason::DeskUnknown)?;
        if desk.closed_from.is_some() {
            return Err(Reason::DeskClosed.into());
        }
        if command.from < desk.from {
            return Err(Reason::DateInvalid.into());
        }
        facts.push(
            DeskClosed { cause: self.cause.clone(), desk: command.desk, from: command.from }.into(),
        );
        Ok(())
    }

    pub(super) fn note_audit(
        &self,
        command: &NoteAudit,
        facts: &mut Vec<Fact>,
    ) -> Result<(), Stop> {
        if command.ended < command.started {
            return Err(Reason::DateInvalid.into());
        }
        if let Some(account) = command.account
            && self.state.people.account(account).is_none()
        {
            return Err(Reason::AccountUnknown.into());
        }
        facts.push(
            AuditNoted {
                cause: self.cause.clone(),
                started: command.started,
                act: command.act,
                user: command.user,
                record: command.record.clone(),
                account: command.account,
                ended: command.ended,
                result: command.result,
            }
            .into(),
        );
        Ok(())
    }

    pub(super) fn announce_key(
        &self,
        command: &AnnounceKey,
        facts: &mut Vec<Fact>,
    ) -> Result<(), Stop> {
        if self.state.key == Some(command.key) {
            return Err(Reason::AlreadyRegistered.into());
        }
        facts.push(
            KeyAnnounced {
                cause: self.cause.clone(),
                key: command.key,
                successor: command.successor,
            }
            .into(),
        );
        Ok(())
    }
}
