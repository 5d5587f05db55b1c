//! Finding a person, and opening who he is: one at a time, for a ground and a case number that the
//! person sees (R2-55.11, console.md 3.10).

use terms::{AuditAct, Person};

use super::{behind, look, officer, once, page, person_cell, text};
use crate::doc::{Block, Cell, Field, Form, Head, Table};
use crate::ports::people::{Ground, NotDone, Private, Search};
use crate::visit::{Trouble, Visit};
use crate::web::Answer;

/// What a search goes by.
const BY: [&str; 3] = ["iin", "phone", "document_number"];
/// Characters of what is searched for.
const WANTED_MAX: usize = 40;
/// Characters of a country.
const COUNTRY_MAX: usize = 3;
/// The country of a document where none is named.
const HOME: &str = "KZ";
/// Characters of a case number.
const CASE_MAX: usize = 40;

/// The form of a search. It is sent by POST, so that nothing of it stands in an address.
pub fn form(visit: &mut Visit<'_>) -> Result<Answer, Trouble> {
    behind(visit)?;
    let block = asking(visit, None)?;
    page(visit, "nav.persons", None, vec![block])
}

fn asking(visit: &Visit<'_>, problem: Option<String>) -> Result<Block, Trouble> {
    let form = Form {
        title: visit.word("people.find"),
        fields: vec![
            super::choice(visit, "by", "people.find_by", &BY, "field"),
            text(visit, "wanted", "people.wanted", WANTED_MAX),
            Field {
                optional: true,
                ..text(visit, "country", "people.document_country", COUNTRY_MAX)
            },
        ],
        button: visit.word("people.find_go"),
        note: visit.word("people.find_note"),
        problem,
        ..Form::default()
    };
    once(visit, "/persons", form)
}

/// Who was found, masked.
pub fn find(visit: &mut Visit<'_>) -> Result<Answer, Trouble> {
    let people = behind(visit)?;
    let wanted: String = visit.form.get("wanted").unwrap_or_default().chars().collect();
    let wanted = Private::new(wanted.split_whitespace().collect::<String>());
    let search = match visit.form.get("by") {
        _ if wanted.reveal().is_empty() => None,
        Some("iin") => Some(Search::Iin(wanted)),
        Some("phone") => Some(Search::Phone(wanted)),
        Some("document_number") => {
            let country = visit.form.get("country").unwrap_or(HOME);
            Some(Search::Document { number: wanted, country: Private::new(country) })
        }
        _ => None,
    };
    let Some(search) = search else {
        let problem = visit.word("error.value");
        let block = asking(visit, Some(problem))?;
        let mut answer = page(visit, "nav.persons", None, vec![block])?;
        answer.status = 422;
        return Ok(answer);
    };
    let looked = look(visit, AuditAct::RegisterView)?;
    let found = match people.find(officer(visit)?, &search, looked) {
        Err(NotDone::Wrong(_)) => {
            let problem = visit.word("error.value");
            let block = asking(visit, Some(problem))?;
            let mut answer = page(visit, "nav.persons", None, vec![block])?;
            answer.status = 422;
            return Ok(answer);
        }
        found => found?,
    };
    let rows = found.iter().map(|line| {
        vec![
            person_cell(visit, line.person),
            Cell::text(line.masked.clone()),
            Cell::text(visit.word(&format!("registration_state.{}", line.state.name()))),
        ]
    });
    let heads = ["label.person_no", "label.person", "label.state"];
    let table = Table {
        id: "persons".into(),
        caption: visit.word("people.found"),
        heads: heads.map(|key| Head::text(visit.word(key))).to_vec(),
        rows: rows.collect(),
        empty: visit.word("people.nobody"),
        ..Table::default()
    };
    let block = asking(visit, None)?;
    page(visit, "nav.persons", None, vec![Block::Table(Box::new(table)), block])
}

fn person(visit: &Visit<'_>) -> Result<Person, Trouble> {
    let piece = visit.pieces.first().and_then(|piece| piece.parse().ok());
    piece.map(Person).ok_or(Trouble::Status(404))
}

/// The form that asks for ground and case.
pub fn may_open(visit: &mut Visit<'_>) -> Result<Answer, Trouble> {
    behind(visit)?;
    let person = person(visit)?;
    let block = grounds(visit, person, None)?;
    page(visit, "people.open_title", None, vec![block])
}

fn grounds(visit: &Visit<'_>, person: Person, problem: Option<String>) -> Result<Block, Trouble> {
    let names: Vec<&str> = Ground::ALL.iter().map(|ground| ground.name()).collect();
    let form = Form {
        title: format!("{} {}", visit.word("console.person"), person.0),
        fields: vec![
            super::choice(visit, "ground", "unmask.ground", &names, "ground"),
            text(visit, "case", "unmask.case", CASE_MAX),
        ],
        button: visit.word("people.open_go"),
        note: visit.word("people.open_note"),
        problem,
        ..Form::default()
    };
    once(visit, &format!("/persons/{}", person.0), form)
}

/// Who the person is, once the look with its ground is durable.
pub fn open(visit: &mut Visit<'_>) -> Result<Answer, Trouble> {
    let people = behind(visit)?;
    let person = person(visit)?;
    let ground = visit.form.get("ground").and_then(Ground::from_name);
    let case = visit.form.get("case").filter(|case| case.chars().count() <= CASE_MAX);
    let (Some(ground), Some(_)) = (ground, case) else {
        let problem = visit.word("unmask.needs_reason");
        let block = grounds(visit, person, Some(problem))?;
        let mut answer = page(visit, "people.open_title", None, vec![block])?;
        answer.status = 422;
        return Ok(answer);
    };
    let looked = look(visit, AuditAct::RecordView)?;
    let opened = people.open(officer(visit)?, person, ground, looked)?;
    let until = visit.show.time(opened.until);
    let none = || Cell::state("none", visit.word("console.none"));
    let iin = opened.iin.as_ref().map(|iin| iin.reveal().to_owned());
    let born = opened.born.map(|born| visit.show.day(born));
    let document = opened.document.as_ref().map(|document| document.reveal().to_owned());
    let rows = vec![
        (visit.word("label.person"), Cell::text(opened.name.reveal())),
        (visit.word("field.iin"), iin.map_or_else(none, Cell::code)),
        (visit.word("field.birth_date"), born.map_or_else(none, Cell::text)),
        (visit.word("people.document"), document.map_or_else(none, Cell::text)),
        (visit.word("field.phone"), opened.phone.clone().map_or_else(none, Cell::text)),
    ];
    let text = visit.show.say("people_open_until", &[("time", &until)]);
    let blocks = vec![
        Block::Notice { level: "warn", text, links: Vec::new() },
        Block::Facts { title: format!("{} {}", visit.word("console.person"), person.0), rows },
    ];
    let left = opened.until.since(visit.now) / terms::Instant::SECOND;
    let answer = page(visit, "people.open_title", None, blocks)?;
    // When the time is over the page goes back to the form by itself.
    let back = visit.href(&format!("/persons/{}", person.0));
    Ok(answer.with("refresh", format!("{}; url={back}", left.max(1))))
}
