//! Private data: the journal of consents (P-52), the testing act (P-53), and erasures, which two
//! persons order (D-07, S-42, P-20).

use super::{
    behind, form_id, ground, ground_field, moment, numbered, officer, once, page, person_cell,
};
use crate::doc::{Block, Cell, Form, Head, Table};
use crate::ports::people::{ConsentAnswer, ConsentLine, Erasure, ErasureState};
use crate::visit::{Trouble, Visit};
use crate::web::Answer;

/// The journal of consents.
pub fn consents(visit: &mut Visit<'_>) -> Result<Answer, Trouble> {
    let before = visit.query.get("before").and_then(|number| number.parse().ok());
    let found = behind(visit)?.consents(officer(visit)?, before, super::PAGE)?;
    let next = found.last().filter(|_| found.len() == super::PAGE);
    let next = next.map(|line| visit.href(&format!("/consents?before={}", line.number)));
    let text = |key: &str| Head::text(visit.word(key));
    let heads = vec![
        text("label.number"),
        text("people.subject"),
        text("people.request_way"),
        text("people.scope"),
        text("people.asked"),
        text("people.answer"),
        text("people.answered"),
        Head::number(visit.word("people.uses")),
    ];
    let table = Table {
        id: "consents".into(),
        caption: visit.word("people.consents_caption"),
        heads,
        rows: found.iter().map(|line| consent(visit, line)).collect(),
        empty: visit.word("console.no_rows"),
        next,
        first: before.map(|_: u64| visit.href("/consents")),
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
    let scope: Vec<String> =
        line.scope.iter().map(|scope| visit.word(&format!("scope.{}", scope.name()))).collect();
    vec![
        Cell::text(line.number.to_string()),
        person_cell(visit, line.person),
        Cell::text(visit.word(&format!("request_way.{}", line.way.name()))),
        Cell::text(scope.join(", ")),
        Cell::text(visit.show.moment(line.asked)),
        Cell::state(look, visit.word(&format!("consent_answer.{}", line.answer.name()))),
        moment(visit, line.answered),
        Cell::number(visit.show.number(i64::from(line.uses))),
    ]
}

/// The testing act: the successful answers with their tokens, of so many that are needed.
pub fn testing_act(visit: &mut Visit<'_>) -> Result<Answer, Trouble> {
    let act = behind(visit)?.testing_act(officer(visit)?)?;
    let count = visit.show.number(i64::try_from(act.answers.len()).unwrap_or(i64::MAX));
    let of = visit.show.number(i64::from(act.needed));
    let finding = visit.show.say("act_finding", &[("count", &count), ("of", &of)]);
    let rows = act.answers.iter().enumerate().map(|(at, (when, token))| {
        vec![
            Cell::text((at + 1).to_string()),
            Cell::text(visit.show.exact(*when)),
            Cell::code(token.clone()),
        ]
    });
    let heads = ["label.number", "people.answered", "people.token"];
    let table = Table {
        id: "act".into(),
        caption: visit.word("people.act_caption"),
        heads: heads.map(|key| Head::text(visit.word(key))).to_vec(),
        rows: rows.collect(),
        empty: visit.word("console.no_rows"),
        ..Table::default()
    };
    let formed = Block::Facts {
        title: visit.word("console.summary"),
        rows: vec![(visit.word("people.formed"), moment(visit, act.formed))],
    };
    page(visit, "nav.testing_act", Some(finding), vec![formed, Block::Table(Box::new(table))])
}

/// Erasures that are due, ordered, held and done.
pub fn erasures(visit: &mut Visit<'_>) -> Result<Answer, Trouble> {
    let found = behind(visit)?.erasures(officer(visit)?, super::PAGE)?;
    let waits =
        |erasure: &&Erasure| matches!(erasure.state, ErasureState::Due | ErasureState::Proposed);
    let count = found.iter().filter(waits).count();
    let count = visit.show.number(i64::try_from(count).unwrap_or(i64::MAX));
    let finding = visit.show.say("erasures_finding", &[("count", &count)]);
    let heads = [
        "label.number",
        "label.person",
        "people.due",
        "label.state",
        "people.first_person",
        "people.second",
        "people.done",
    ];
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
    for erasure in found.iter().filter(waits) {
        // Whoever ordered it first does not confirm it.
        if erasure.state == ErasureState::Proposed && erasure.proposed_by == own {
            continue;
        }
        let number = erasure.number.to_string();
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
            fields: vec![ground_field(visit)],
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
        ErasureState::Done => "good",
        ErasureState::Held => "info",
    };
    let mut state = visit.word(&format!("erasure_state.{}", erasure.state.name()));
    if let Some(why) = &erasure.held {
        state = format!("{state}: {why}");
    }
    let member = |number: Option<u32>| match number {
        Some(number) => Cell::text(format!("№\u{a0}{number}")),
        None => Cell::state("none", visit.word("console.not_yet")),
    };
    vec![
        Cell::text(format!("№\u{a0}{}", erasure.number)),
        person_cell(visit, erasure.person),
        Cell::text(visit.show.day(erasure.due)),
        Cell::state(look, state),
        member(erasure.proposed_by),
        member(erasure.confirmed_by),
        moment(visit, erasure.done),
    ]
}

/// Orders an erasure, or confirms it.
pub fn order(visit: &mut Visit<'_>) -> Result<Answer, Trouble> {
    let (people, number) = (behind(visit)?, numbered(visit)?);
    let digest = visit.form.get("digest").ok_or(Trouble::Status(400))?.to_owned();
    people.order_erasure(officer(visit)?, number, &digest, form_id(visit)?)?;
    Ok(Answer::see(visit.href("/erasures")))
}

/// Holds one, with the reason.
pub fn hold(visit: &mut Visit<'_>) -> Result<Answer, Trouble> {
    let (people, number) = (behind(visit)?, numbered(visit)?);
    let reason = ground(visit).ok_or(Trouble::Status(400))?;
    people.hold_erasure(officer(visit)?, number, &reason, form_id(visit)?)?;
    Ok(Answer::see(visit.href("/erasures")))
}
