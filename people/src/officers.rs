//! What officers see of people: who is found by a number, who somebody is, open cases, the lists in
//! force; and what they do with records of financial monitoring.
//!
//! Personal data are opened by a look that is a fact already: who asks names its position, and the
//! person's own log is written from it (core 21). Which role may ask for what is decided by who
//! calls; nothing here knows of roles.

use admission::List;
use casework::{CaseKind, CaseRow, CaseState, CaseStep};
use desk::command::MoveCase;
use journal::fact::{Entry, Fact};
use pump::Class;
use terms::{
    AuditAct, AuditResult, CaseNo, Code, Hash, Iin, Instant, MessageId, Person, Sender, Seq, record,
};
use vault::{Country, LookReason, Looker, Query, Seen};

use crate::countries;
use crate::drive::digest;
use crate::entrance::{masked, read_phone};
use crate::form::{FormField, Slip};
use crate::house::People;
use crate::kept::Table;
use crate::limits::FORM_KEPT_NS;
use crate::no::{No, Outcome};
use crate::person_record::iin_of;
use crate::state_service::Application;

/// Who looks at a person's data, why, and by which audit fact.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Looked {
    /// The position of the fact of the look.
    pub seq: Seq,
    /// The number of the member of the staff.
    pub number: u32,
    /// The operator's staff, or an officer of a body of the state.
    pub who: Looker,
    /// Why.
    pub why: LookReason,
}

/// What a search goes by.
#[derive(Clone, PartialEq, Eq)]
pub enum Wanted {
    /// The individual identification number.
    Iin(String),
    /// The phone.
    Phone(String),
    /// A document: its number and its country in two or three letters.
    Document(String, String),
}

/// Somebody who was found, masked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FoundPerson {
    /// His number.
    pub person: Person,
    /// The first letters of his name.
    pub masked: String,
}

/// Who somebody is.
#[derive(Clone, PartialEq, Eq)]
pub struct Identified {
    /// The name as in the document.
    pub name: String,
    /// The individual identification number, if he has one.
    pub iin: Option<Iin>,
    /// The date of birth, if it is known.
    pub born: Option<terms::Day>,
    /// The number of the document in use.
    pub document: Option<String>,
    /// The phone, masked.
    pub phone: Option<String>,
}

/// A list as it is in force.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InForce {
    /// Which.
    pub list: List,
    /// Its version.
    pub version: u32,
    /// Since when.
    pub since: Instant,
    /// SHA-256 of its content.
    pub digest: Hash,
    /// When the file came and how many entries it has, where the file is at hand.
    pub file: Option<(Instant, u64)>,
}

/// The testing act of the application to the State service, as far as it has come (P-53).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tested {
    /// The case of the application.
    pub case: CaseNo,
    /// Where it stands.
    pub state: CaseState,
    /// Answers with the security token that count.
    pub answers: u32,
    /// What is attached: its name and SHA-256.
    pub attached: Vec<(String, Hash)>,
}

/// What an officer does with a record of financial monitoring (machine J).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RecordAct {
    /// Takes it up.
    Take,
    /// Finds nothing to report.
    Dismiss,
    /// Holds it suspicious.
    Suspect,
    /// The report was sent.
    Report,
    /// Its receipt came.
    Acknowledge,
}

impl People {
    /// The look that a fact of the journal states; none if it states another one, or none.
    fn seen(&self, looked: &Looked) -> Outcome<Seen> {
        let bytes = self.open_journal()?.fact(looked.seq.0)?.ok_or(No::Absent)?;
        let entry = Entry::from_bytes(&bytes);
        let entry = entry.map_err(|_| No::Down(format!("entry {}", looked.seq)))?;
        let Fact::AuditNoted(note) = entry.fact else { return Err(No::Absent) };
        let looks = matches!(
            note.act,
            AuditAct::RegisterView | AuditAct::RecordView | AuditAct::AccountView
        );
        if !looks || note.user != looked.number || note.result != AuditResult::Done {
            return Err(No::Absent);
        }
        let name = vault::Private::new(&looked.number.to_string());
        let name = name.map_err(|_| No::Down("a number of the staff".to_owned()))?;
        let (who, why) = (looked.who, looked.why);
        Ok(Seen { seq: looked.seq, at: entry.at, who, name: Some(name), why })
    }

    /// The record of a person, behind a look.
    pub(crate) fn record_behind(
        &self,
        person: Person,
        looked: &Looked,
    ) -> Outcome<vault::PersonRecord> {
        let seen = self.seen(looked)?;
        Ok(self.with_vault(|vault| vault.read(person, &seen))?.record)
    }

    /// Who has a number, a phone or a document, masked. Whoever has no number of the journal yet is
    /// not found.
    pub fn find_person(&self, wanted: &Wanted, looked: &Looked) -> Outcome<Vec<FoundPerson>> {
        let seen = self.seen(looked)?;
        let found = match wanted {
            Wanted::Iin(text) => {
                let iin = Iin::parse(text).map_err(|_| No::wrong(FormField::Iin, Slip::Form))?;
                self.with_vault(|vault| vault.find(&Query::Iin(iin)))?
            }
            Wanted::Phone(text) => {
                let phone = vault::Phone::parse(&read_phone(text)?.e164());
                let phone = phone.map_err(|_| No::wrong(FormField::Phone, Slip::Form))?;
                self.with_vault(|vault| vault.find(&Query::Phone(&phone)))?
            }
            Wanted::Document(number, country) => {
                let country = countries::three(country).and_then(|code| Country::parse(&code).ok());
                let country = country.ok_or_else(|| No::wrong(FormField::Country, Slip::Form))?;
                let number = vault::Private::<64>::new(number)
                    .map_err(|_| No::wrong(FormField::DocumentNumber, Slip::Form))?;
                self.with_vault(|vault| vault.find(&Query::Document(&country, &number)))?
            }
        };
        let mut persons: Vec<Person> = found.iter().filter_map(|found| found.number).collect();
        persons.sort_unstable();
        persons.dedup();
        let mut lines = Vec::new();
        for person in persons {
            let held = match self.with_vault(|vault| vault.read(person, &seen)) {
                Ok(held) => held,
                // Destroyed since it was found.
                Err(vault::VaultFault::Unknown | vault::VaultFault::Destroyed) => continue,
                Err(fault) => return Err(fault.into()),
            };
            let name = held.record.names.first().map(|name| &name.value);
            let parts = name.map(|name| [name.surname.reveal(), name.given.reveal()]);
            let parts = parts.iter().flatten().map(|part| initial(part));
            lines.push(FoundPerson { person, masked: parts.collect::<Vec<_>>().join(" ") });
        }
        Ok(lines)
    }

    /// Who somebody is.
    pub fn open_person(&self, person: Person, looked: &Looked) -> Outcome<Identified> {
        let record = self.record_behind(person, looked)?;
        let name = record.names.first().map(|name| {
            let name = &name.value;
            let parts = [Some(&name.surname), Some(&name.given), name.patronymic.as_ref()];
            let parts = parts.into_iter().flatten().map(|part| part.reveal());
            parts.collect::<Vec<_>>().join(" ")
        });
        let phone = record.phones.first().map(|phone| phone.value.reveal());
        let phone = phone.and_then(|phone| links::Phone::parse(phone).ok());
        Ok(Identified {
            name: name.unwrap_or_default(),
            iin: iin_of(&record),
            born: record.birth_date.as_ref().map(|born| *born.value.reveal()),
            document: record.documents.first().map(|paper| paper.value.number.reveal().to_owned()),
            phone: phone.map(|phone| masked(&phone)),
        })
    }

    /// Open cases of a kind, by number.
    pub fn open_cases(&self, kind: CaseKind) -> Vec<CaseRow> {
        self.copy.read(|state| state.cases.all().filter(|row| row.kind == kind).cloned().collect())
    }

    /// An open case of a kind.
    pub(crate) fn open_case_of(&self, case: CaseNo, kind: CaseKind) -> Outcome<CaseRow> {
        let row = self.copy.read(|state| state.cases.get(case).cloned());
        row.filter(|row| row.kind == kind).ok_or(No::Absent)
    }

    /// The lists that are in force, and how old a version may be before nobody is admitted by it
    /// (S-47).
    pub fn lists_in_force(&self) -> (Vec<InForce>, i64) {
        let (now, screens) = (self.now(), self.screens());
        let (rows, most_ns) = self.copy.read(|state| {
            let most_ns = state.rulebook(now).map_or(0, |rules| rules.terms.list_age_ns);
            (state.lists.clone(), most_ns)
        });
        let in_force = rows.into_iter().map(|row| {
            let listing = screens.listing(row.list);
            let same = listing.filter(|listing| listing.version.digest == row.digest.0);
            InForce {
                list: row.list,
                version: row.version,
                since: row.since,
                digest: row.digest,
                file: same.map(|listing| (listing.head.imported, listing.version.entries)),
            }
        });
        (in_force.collect(), most_ns)
    }

    /// The newest application to the State service that has not ended, and how many answers its
    /// testing act needs (R3-11.2).
    pub fn testing_act(&self) -> Outcome<(Option<Tested>, u32)> {
        let now = self.now();
        let needed =
            self.copy.read(|state| state.rulebook(now).map_or(0, |rules| rules.people.answers_min));
        let Some(row) = self.open_cases(CaseKind::StateService).pop() else {
            return Ok((None, needed));
        };
        let key = row.case.0.to_be_bytes();
        let kept = self.shelf.get::<Application>(Table::Application, &key, now)?;
        let attached = kept.map_or_else(Vec::new, |kept| kept.value.attachments);
        let attached = attached
            .into_iter()
            .map(|item| (String::from_utf8_lossy(&item.name).into_owned(), item.digest));
        let tested = Tested {
            case: row.case,
            state: row.state,
            answers: row.count,
            attached: attached.collect(),
        };
        Ok((Some(tested), needed))
    }

    /// Acts on a record of financial monitoring. What the officer writes stays in the audit fact of
    /// the act; the step has its digest where it asks for evidence.
    pub fn act_on_record(
        &self,
        case: CaseNo,
        act: RecordAct,
        written: &str,
        id: MessageId,
    ) -> Outcome<()> {
        let written = digest(&[&id.0, written.as_bytes()]);
        let (step, ground, evidence) = match act {
            RecordAct::Take => (CaseStep::Triage, None, None),
            RecordAct::Dismiss => (CaseStep::Dismiss, Some(code("nothing_to_report")?), None),
            RecordAct::Suspect => (CaseStep::Suspect, None, None),
            RecordAct::Report => (CaseStep::Report, None, Some(written)),
            RecordAct::Acknowledge => (CaseStep::Acknowledge, None, Some(written)),
        };
        self.own_step(CaseKind::AmlRecord, MoveCase { case, step, ground, evidence }, id)
    }

    /// Moves a case of a kind by an officer's form.
    pub(crate) fn own_step(&self, kind: CaseKind, command: MoveCase, id: MessageId) -> Outcome<()> {
        let row = self.copy.read(|state| state.cases.get(command.case).cloned());
        if row.is_some_and(|row| row.kind != kind) {
            return Err(No::Absent);
        }
        let receipt = self.put(Class::Control, Sender::Operator, id, command)?;
        self.wait_until_read(receipt.seq);
        self.note_done(id)
    }
}

record! {
    /// A form that is done.
    pub struct FormRow {
        /// When.
        pub at: Instant,
    }
}

impl People {
    /// Whether a form of an officer is done already; asked where what it was about may be over.
    pub fn is_done(&self, form: MessageId) -> Outcome<bool> {
        Ok(self.shelf.get::<FormRow>(Table::Form, &form.0, self.now())?.is_some())
    }

    /// Notes that a form is done.
    pub(crate) fn note_done(&self, form: MessageId) -> Outcome<()> {
        let now = self.now();
        let end = Some(now.plus(FORM_KEPT_NS));
        self.shelf.change::<FormRow, ()>(Table::Form, &form.0, now, |_| {
            ((), Some((FormRow { at: now }, end)))
        })?;
        Ok(())
    }
}

/// When a form was made, as its id says.
pub(crate) fn id_at(form: MessageId) -> Instant {
    Instant(form.made_ms().saturating_mul(1_000_000))
}

/// The first letter of a part of a name.
fn initial(part: &str) -> String {
    part.chars().next().map_or_else(String::new, |letter| format!("{letter}•••"))
}

pub(crate) fn code(text: &str) -> Outcome<Code> {
    Code::new(text).map_err(|_| No::Down("a code".to_owned()))
}
