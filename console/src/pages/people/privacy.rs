//! Private data: the journal of consents (P-52), the testing act (P-53), and erasures, which two
//! persons order (D-07, S-42, P-20).

use terms::Person;

use super::{behind, choice, form_id, moment, numbered, officer, once, page, person_cell, text};
use crate::doc::{Block, Cell, Form, Head, Table};
use crate::ports::people::{
    ConsentAnswer, ConsentLine, Consents, Erasure, ErasureState, HoldGround,
};
use crate::visit::{Trouble, Visit};
use crate::web::Answer;

/// Characters of what shows a hold: the number of an act.
const SHOWN_MAX: usize = 40;

/// The journal of consents.
pub fn consents(visit: &mut Visit<'_>) -> Result<Answer, Trouble> {
    let before = visit.query.get("before").and_then(|person| person.parse().ok()).map(Person);
    let Consents { lines, next } = behind(visit)?.consents(officer(visit)?, before, super::PAGE)?;
    let next = next.map(|person| visit.href(&format!("/consents?before={}", person.0)));
    let heads = [
        "label.number",
        "people.subject",
        "people.purpose",
        "people.request_way",
        "people.scope",
        "people.asked",
        "people.answer",
        "people.answered",
    ];
    let table = Table {
        id: "consents".into(),
        caption: visit.word("people.consents_caption"),
        heads: heads.map(|key| Head::text(visit.word(key))).to_vec(),
        rows: lines.iter().map(|line| consent(visit, line)).collect(),
        empty: visit.word("console.no_rows"),
        next,
        first: before.map(|_| visit.href("/consents")),
        ..Table::default()
    };
    page(visit, "nav.consents", None, vec![Block::Table(Box::new(table))])
}

fn consent(visit: &Visit<'_>, line: &ConsentLine) -> Vec<Cell> {
    let look = match line.answer {
        ConsentAnswer::Granted | ConsentAnswer::Logged => "good",
        ConsentAnswer::Sent => "wait",
        ConsentAnswer::Failed | ConsentAnswer::Expired => "warn",
        ConsentAnswer::Refused | ConsentAnswer::Withdrawn => "none",
    };
    let none = || Cell::state("none", visit.word("console.not_yet"));
    let word = |group: &str, name: &str| Cell::text(visit.word(&format!("{group}.{name}")));
    let scope: Vec<String> =
        line.scope.iter().map(|scope| visit.word(&format!("scope.{}", scope.name()))).collect();
    vec![
        Cell::text(line.number.to_string()),
        person_cell(visit, line.person),
        line.purpose.map_or_else(none, |purpose| word("purpose", purpose.name())),
        line.way.map_or_else(none, |way| word("request_way", way.name())),
        Cell::text(scope.join(", ")),
        Cell::text(visit.show.moment(line.asked)),
        Cell::state(look, visit.word(&format!("consent_answer.{}", line.answer.name()))),
        moment(visit, line.answered),
    ]
}

/// The testing act: how many answers counted of those that are needed, and what is attached.
pub fn testing_act(visit: &mut Visit<'_>) -> Result<Answer, Trouble> {
    let act = behind(visit)?.testing_act(officer(visit)?)?;
    let count = visit.show.number(i64::from(act.answers));
    let of = visit.show.number(i64::from(act.needed));
    let finding = visit.show.say("act_finding", &[("count", &count), ("of", &of)]);
    let attached = act.attached.iter();
    let attached = attached.map(|(name, digest)| (name.clone(), Cell::code(digest.clone())));
    let attached =
        Block::Facts { title: visit.word("people.act_caption"), rows: attached.collect() };
    let case = match act.case {
        Some(case) => Cell::text(format!("№\u{a0}{case}")),
        None => Cell::state("none", visit.word("console.none")),
    };
    let formed = match act.formed {
        true => Cell::state("good", visit.word("console.yes")),
        false => Cell::state("wait", visit.word("console.not_yet")),
    };
    let formed = Block::Facts {
        title: visit.word("console.summary"),
        rows: vec![(visit.word("people.application"), case), (visit.word("people.formed"), formed)],
    };
    let attached = (!act.attached.is_empty()).then_some(attached);
    page(visit, "nav.testing_act", Some(finding), [formed].into_iter().chain(attached).collect())
}

/// Erasures that are due, ordered and held.
pub fn erasures(visit: &mut Visit<'_>) -> Result<Answer, Trouble> {
    let found = behind(visit)?.erasures(officer(visit)?, super::PAGE)?;
    let waits =
        |erasure: &&Erasure| matches!(erasure.state, ErasureState::Due | ErasureState::Proposed);
    let count = found.iter().filter(waits).count();
    let count = visit.show.number(i64::try_from(count).unwrap_or(i64::MAX));
    let finding = visit.show.say("erasures_finding", &[("count", &count)]);
    let heads =
        ["label.person", "people.due", "label.state", "people.first_person", "people.second"];
    let table = Table {
        id: "erasures".into(),
        caption: visit.word("people.erasures_caption"),
        heads: heads.map(|key| Head::text(visit.word(key))).to_vec(),
        rows: found.iter().map(|erasure| row(visit, erasure)).collect(),
        empty: visit.word("people.no_erasures"),
        ..Table::default()
    };
    let mut blocks = vec![Block::Table(Box::new(table))];
    let own = visit.member().map(|member| member.number);
    let holds: Vec<&str> = HoldGround::ALL.iter().map(|ground| ground.name()).collect();
    for erasure in found.iter().filter(waits) {
        // Whoever ordered it first does not confirm it.
        if erasure.state == ErasureState::Proposed && erasure.proposed_by == own {
            continue;
        }
        let number = erasure.person.0.to_string();
        let proposed = erasure.state == ErasureState::Proposed;
        let button = if proposed { "people.erase_confirm" } else { "people.erase_order" };
        let form = Form {
            title: visit.show.say("erasure_of", &[("number", &number)]),
            hidden: vec![("digest", erasure.digest.clone())],
            button: visit.word(button),
            note: visit.word("people.erase_note"),
            folded: true,
            id: number.clone(),
            ..Form::default()
        };
        blocks.push(once(visit, &format!("/erasures/{number}"), form)?);
        let form = Form {
            title: visit.show.say("erasure_hold", &[("number", &number)]),
            fields: vec![
                choice(visit, "hold", "people.ground", &holds, "hold_ground"),
                text(visit, "shown", "people.shown_by", SHOWN_MAX),
            ],
            button: visit.word("people.hold"),
            folded: true,
            id: format!("hold{number}"),
            ..Form::default()
        };
        blocks.push(once(visit, &format!("/erasures/{number}/hold"), form)?);
    }
    page(visit, "nav.erasures", Some(finding), blocks)
}

fn row(visit: &Visit<'_>, erasure: &Erasure) -> Vec<Cell> {
    let look = match erasure.state {
        ErasureState::Due => "warn",
        ErasureState::Proposed | ErasureState::Ordered => "wait",
        ErasureState::Held => "info",
    };
    let mut state = visit.word(&format!("erasure_state.{}", erasure.state.name()));
    for ground in &erasure.held {
        state = format!("{state}: {}", visit.word(&format!("hold_ground.{}", ground.name())));
    }
    let member = |number: Option<u32>| match number {
        Some(number) => Cell::text(format!("№\u{a0}{number}")),
        None => Cell::state("none", visit.word("console.not_yet")),
    };
    vec![
        person_cell(visit, erasure.person),
        Cell::text(visit.show.day(erasure.due)),
        Cell::state(look, state),
        member(erasure.proposed_by),
        member(erasure.confirmed_by),
    ]
}

/// The person in the address.
fn person(visit: &Visit<'_>) -> Result<Person, Trouble> {
    let number = u32::try_from(numbered(visit)?);
    number.map(Person).map_err(|_| Trouble::Status(404))
}

/// Orders an erasure, or confirms it.
pub fn order(visit: &mut Visit<'_>) -> Result<Answer, Trouble> {
    let (people, person) = (behind(visit)?, person(visit)?);
    let digest = visit.form.get("digest").ok_or(Trouble::Status(400))?.to_owned();
    people.order_erasure(officer(visit)?, person, &digest, form_id(visit)?)?;
    Ok(Answer::see(visit.href("/erasures")))
}

/// Holds one, with the ground and what shows it.
pub fn hold(visit: &mut Visit<'_>) -> Result<Answer, Trouble> {
    let (people, person) = (behind(visit)?, person(visit)?);
    let ground = visit.form.get("hold").and_then(HoldGround::from_name);
    let ground = ground.ok_or(Trouble::Status(400))?;
    let shown = visit.form.get("shown").filter(|shown| shown.chars().count() <= SHOWN_MAX);
    let shown = shown.ok_or(Trouble::Status(400))?.to_owned();
    people.hold_erasure(officer(visit)?, person, ground, &shown, form_id(visit)?)?;
    Ok(Answer::see(visit.href("/erasures")))
}
