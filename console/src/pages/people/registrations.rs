//! Registrations: those that are on, and a new one in person at an operator's desk (R0-10.7a).

use terms::Person;

use super::{behind, choice, form_id, officer, once, page, person_cell, text};
use crate::doc::{Block, Cell, Field, Form, Head, Table};
use crate::ports::people::{
    FieldName, InPerson, NotDone, Paper, Private, RegistrationLine, RegistrationState,
    Registrations,
};
use crate::visit::{Trouble, Visit};
use crate::web::Answer;

/// Characters of a line of a form.
const LINE_MAX: usize = 120;
/// The two answers of a mark that has to be set.
const MARKS: [&str; 2] = ["no", "yes"];

/// The register of registrations, by person, the newest person first, without names.
pub fn list(visit: &mut Visit<'_>) -> Result<Answer, Trouble> {
    let before = visit.query.get("before").and_then(|person| person.parse().ok()).map(Person);
    let found = behind(visit)?.registrations(officer(visit)?, before, super::PAGE)?;
    let Registrations { lines, next } = found;
    let on = lines.iter().filter(|line| is_on(line.state)).count();
    let count = visit.show.number(i64::try_from(on).unwrap_or(i64::MAX));
    let finding = visit.show.say("registrations_finding", &[("count", &count)]);
    let next = next.map(|person| visit.href(&format!("/registrations?before={}", person.0)));
    let heads = [
        "people.case",
        "label.person",
        "label.state",
        "people.way",
        "people.began",
        "people.changed",
    ];
    let table = Table {
        id: "registrations".into(),
        caption: visit.word("people.registrations_caption"),
        heads: heads.map(|key| Head::text(visit.word(key))).to_vec(),
        rows: lines.iter().map(|line| row(visit, line)).collect(),
        empty: visit.word("console.no_rows"),
        next,
        first: before.map(|_| visit.href("/registrations")),
        ..Table::default()
    };
    let new = Block::Notice {
        level: "info",
        text: visit.word("people.register_note"),
        links: vec![(visit.word("people.register"), visit.href("/registrations/new"))],
    };
    page(visit, "nav.registrations", Some(finding), vec![new, Block::Table(Box::new(table))])
}

/// Whether a registration is still under way.
const fn is_on(state: RegistrationState) -> bool {
    matches!(
        state,
        RegistrationState::Begun
            | RegistrationState::Given
            | RegistrationState::Identified
            | RegistrationState::Waiting
    )
}

fn row(visit: &Visit<'_>, line: &RegistrationLine) -> Vec<Cell> {
    let look = match line.state {
        RegistrationState::Active => "good",
        RegistrationState::Failed | RegistrationState::Barred => "warn",
        RegistrationState::Ended | RegistrationState::Erased => "none",
        state if is_on(state) => "wait",
        _ => "none",
    };
    let way = match line.way {
        Some(way) => Cell::text(visit.word(&format!("registration_way.{}", way.name()))),
        None => Cell::state("none", visit.word("console.not_yet")),
    };
    vec![
        Cell::text(format!("№\u{a0}{}", line.case)),
        person_cell(visit, line.person),
        Cell::state(look, visit.word(&format!("registration_state.{}", line.state.name()))),
        way,
        Cell::text(visit.show.moment(line.began)),
        Cell::text(visit.show.moment(line.changed)),
    ]
}

/// The form of a registration at a desk.
pub fn form(visit: &mut Visit<'_>) -> Result<Answer, Trouble> {
    behind(visit)?;
    show(visit, None)
}

fn fields(visit: &Visit<'_>) -> Vec<Field> {
    let line = |name: FieldName| {
        let label = format!("field.{}", name.name());
        text(visit, name.name(), &label, LINE_MAX)
    };
    let day = |name: FieldName| Field { input: "date", ..line(name) };
    let free = |field: Field| Field { optional: true, ..field };
    let papers: Vec<&str> = Paper::ALL.iter().map(|paper| paper.name()).collect();
    vec![
        free(line(FieldName::Iin)),
        line(FieldName::Surname),
        line(FieldName::GivenName),
        free(line(FieldName::Patronymic)),
        day(FieldName::BirthDate),
        line(FieldName::Address),
        Field { input: "tel", ..line(FieldName::Phone) },
        choice(visit, "document_kind", "field.document_kind", &papers, "document"),
        line(FieldName::DocumentNumber),
        line(FieldName::Country),
        day(FieldName::DocumentIssued),
        day(FieldName::DocumentExpires),
        line(FieldName::DocumentIssuer),
        choice(visit, "seen", "people.seen", &MARKS, "console"),
        choice(visit, "consents", "people.consents_signed", &MARKS, "console"),
    ]
}

fn show(visit: &mut Visit<'_>, problem: Option<String>) -> Result<Answer, Trouble> {
    let status = if problem.is_some() { 422 } else { 200 };
    let form = Form {
        title: visit.word("people.register"),
        fields: fields(visit),
        button: visit.word("people.register_go"),
        note: visit.word("people.register_how"),
        problem,
        ..Form::default()
    };
    let blocks = vec![once(visit, "/registrations/new", form)?];
    let mut answer = page(visit, "people.register", None, blocks)?;
    answer.status = status;
    Ok(answer)
}

/// Registers, or says everything that is wrong at once.
pub fn register(visit: &mut Visit<'_>) -> Result<Answer, Trouble> {
    let people = behind(visit)?;
    let typed = |name: FieldName| Private::new(visit.form.get(name.name()).unwrap_or_default());
    let marked = |name: &str| visit.form.get(name) == Some("yes");
    let form = InPerson {
        iin: typed(FieldName::Iin),
        surname: typed(FieldName::Surname),
        given_name: typed(FieldName::GivenName),
        patronymic: typed(FieldName::Patronymic),
        birth_date: typed(FieldName::BirthDate),
        address: typed(FieldName::Address),
        phone: typed(FieldName::Phone),
        paper: visit.form.get("document_kind").and_then(Paper::from_name),
        paper_number: typed(FieldName::DocumentNumber),
        paper_country: typed(FieldName::Country),
        paper_issued: typed(FieldName::DocumentIssued),
        paper_expires: typed(FieldName::DocumentExpires),
        paper_issuer: typed(FieldName::DocumentIssuer),
        seen: marked("seen"),
        consents: marked("consents"),
    };
    match people.register(officer(visit)?, &form, form_id(visit)?) {
        Ok(_) => Ok(Answer::see(visit.href("/registrations"))),
        Err(NotDone::Wrong(slips)) => {
            let told = slips.iter().map(|(field, slip)| {
                let label = visit.word(&format!("field.{}", field.name()));
                visit.show.say(&format!("wrong_{}", slip.name()), &[("field", &label)])
            });
            let told: Vec<String> = told.collect();
            show(visit, Some(told.join(" · ")))
        }
        Err(no) => Err(no.into()),
    }
}
