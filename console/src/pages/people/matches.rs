//! Possible matches (S-48): what waits for an officer, both records side by side with the reasons
//! of the score, and his decision with its ground.

use terms::AuditAct;

use super::{
    behind, form_id, ground, ground_field, look, numbered, officer, once, page, person_cell, term,
};
use crate::doc::{Block, Cell, Form, Head, Table};
use crate::ports::people::{ListName, MatchCase, MatchLine, Private, Side, Verdict};
use crate::visit::{Trouble, Visit};
use crate::web::Answer;

/// Those that wait.
pub fn list(visit: &mut Visit<'_>) -> Result<Answer, Trouble> {
    let found = behind(visit)?.matches(officer(visit)?, super::PAGE)?;
    let late = found.iter().filter(|line| line.due.is_some_and(|due| due < visit.now)).count();
    let [count, late] =
        [found.len(), late].map(|n| visit.show.number(i64::try_from(n).unwrap_or(i64::MAX)));
    let finding = visit.show.say("matches_finding", &[("count", &count), ("late", &late)]);
    let heads = ["people.match", "label.person", "people.list", "people.found_at", "people.due"];
    let heads = heads.map(|key| Head::text(visit.word(key))).to_vec();
    let table = Table {
        id: "matches".into(),
        caption: visit.word("people.matches_caption"),
        heads,
        rows: found.iter().map(|line| row(visit, line)).collect(),
        empty: visit.word("people.no_matches"),
        ..Table::default()
    };
    page(visit, "nav.matches", Some(finding), vec![Block::Table(Box::new(table))])
}

fn list_cell(visit: &Visit<'_>, list: ListName) -> Cell {
    Cell::text(visit.word(&format!("list_name.{}", list.name())))
}

fn row(visit: &Visit<'_>, line: &MatchLine) -> Vec<Cell> {
    let href = visit.href(&format!("/matches/{}", line.number));
    vec![
        Cell::text(format!("№\u{a0}{}", line.number)).to(href),
        person_cell(visit, line.person),
        list_cell(visit, line.list),
        Cell::text(visit.show.moment(line.found)),
        term(visit, line.due),
    ]
}

/// One match.
pub fn one(visit: &mut Visit<'_>) -> Result<Answer, Trouble> {
    show(visit, None)
}

fn show(visit: &mut Visit<'_>, problem: Option<String>) -> Result<Answer, Trouble> {
    let (people, number) = (behind(visit)?, numbered(visit)?);
    let looked = look(visit, AuditAct::RecordView)?;
    let case = people.match_case(officer(visit)?, number, looked)?;
    let status = if problem.is_some() { 422 } else { 200 };
    let list = list_cell(visit, case.line.list);
    let score = match case.score {
        Some(score) => Cell::number(visit.show.percent(i64::from(score))),
        None => Cell::state("none", visit.word("people.entry_gone")),
    };
    let mut blocks = vec![Block::Facts {
        title: visit.word("console.summary"),
        rows: vec![
            (visit.word("people.list"), list),
            (visit.word("people.version"), Cell::number(case.version.to_string())),
            (visit.word("people.score"), score),
            (visit.word("people.found_at"), Cell::text(visit.show.moment(case.line.found))),
            (visit.word("people.due"), term(visit, case.line.due)),
        ],
    }];
    blocks.push(sides(visit, &case));
    blocks.push(reasons(visit, &case));
    blocks.push(decision(visit, &case, problem)?);
    let mut answer = page(visit, "people.match_title", None, blocks)?;
    answer.status = status;
    Ok(answer)
}

/// Both records, field by field, and whether they agree.
fn sides(visit: &Visit<'_>, case: &MatchCase) -> Block {
    let joined = |all: &[Private]| {
        all.iter().map(|one| one.reveal().to_owned()).collect::<Vec<_>>().join("; ")
    };
    let one = |field: &Option<Private>| {
        field.as_ref().map_or_else(String::new, |field| field.reveal().to_owned())
    };
    let of = |side: &Side| {
        [joined(&side.names), one(&side.born), one(&side.iin), joined(&side.documents)]
    };
    let theirs = case.theirs.as_ref().map_or_else(<[String; 4]>::default, of);
    let labels = ["people.names", "field.birth_date", "field.iin", "people.document"];
    let cell = |text: &String| match text.is_empty() {
        true => Cell::state("none", visit.word("console.unknown")),
        false => Cell::text(text.clone()),
    };
    let mut rows = Vec::new();
    for (label, (ours, theirs)) in labels.into_iter().zip(of(&case.ours).iter().zip(&theirs)) {
        let (state, word) = match (ours.is_empty() || theirs.is_empty(), ours == theirs) {
            (true, _) => ("none", "console.unknown"),
            (false, true) => ("good", "people.agrees"),
            (false, false) => ("warn", "people.differs"),
        };
        let verdict = Cell::state(state, visit.word(word));
        rows.push(vec![Cell::text(visit.word(label)), cell(ours), cell(theirs), verdict]);
    }
    let heads = ["people.field", "people.ours", "people.theirs", "people.compared"];
    Block::Table(Box::new(Table {
        id: "sides".into(),
        caption: visit.word("people.sides"),
        heads: heads.map(|key| Head::text(visit.word(key))).to_vec(),
        rows,
        ..Table::default()
    }))
}

fn reasons(visit: &Visit<'_>, case: &MatchCase) -> Block {
    let rows = case.reasons.iter().map(|(reason, part)| {
        let sign = if 0 < *part { "+" } else { "" };
        let part = format!("{sign}{}", visit.show.percent(i64::from(*part)));
        let word = visit.word(&format!("score_reason.{}", reason.name()));
        vec![Cell::text(word), Cell::number(part)]
    });
    let heads =
        vec![Head::text(visit.word("label.reason")), Head::number(visit.word("people.part"))];
    Block::Table(Box::new(Table {
        id: "reasons".into(),
        caption: visit.word("people.reasons"),
        heads,
        rows: rows.collect(),
        empty: visit.word("console.none"),
        ..Table::default()
    }))
}

/// The form of the decision.
fn decision(
    visit: &Visit<'_>,
    case: &MatchCase,
    problem: Option<String>,
) -> Result<Block, Trouble> {
    let verdicts: Vec<&str> = Verdict::ALL.iter().map(|verdict| verdict.name()).collect();
    let form = Form {
        title: visit.word("people.decide"),
        hidden: vec![("digest", case.digest.clone())],
        fields: vec![
            super::choice(visit, "verdict", "people.verdict", &verdicts, "verdict"),
            ground_field(visit),
        ],
        button: visit.word("people.decide_go"),
        note: visit.word("people.decide_note"),
        problem,
        ..Form::default()
    };
    once(visit, &format!("/matches/{}", case.line.number), form)
}

/// Decides.
pub fn decide(visit: &mut Visit<'_>) -> Result<Answer, Trouble> {
    let (people, number) = (behind(visit)?, numbered(visit)?);
    let verdict = visit.form.get("verdict").and_then(Verdict::from_name);
    let digest = visit.form.get("digest").unwrap_or_default().to_owned();
    // The ground stands in the audit fact of the decision.
    let (Some(verdict), Some(_)) = (verdict, ground(visit)) else {
        let problem = visit.word("people.needs_ground");
        return show(visit, Some(problem));
    };
    people.decide_match(officer(visit)?, number, verdict, &digest, form_id(visit)?)?;
    Ok(Answer::see(visit.href("/matches")))
}
