//! AML records with their clock (D-38): for those who are entitled, and nobody else.

use super::{
    behind, choice, form_id, ground, ground_field, numbered, officer, once, page, person_cell, term,
};
use crate::doc::{Block, Cell, Form, Head, Table};
use crate::ports::people::{Alert, AlertAct, AlertState};
use crate::role::Role;
use crate::visit::{Trouble, Visit};
use crate::web::Answer;

/// The page.
pub fn show(visit: &mut Visit<'_>) -> Result<Answer, Trouble> {
    let found = behind(visit)?.alerts(officer(visit)?, super::PAGE)?;
    let late = found.iter().filter(|alert| alert.due.is_some_and(|due| due < visit.now)).count();
    let [count, late] =
        [found.len(), late].map(|n| visit.show.number(i64::try_from(n).unwrap_or(i64::MAX)));
    let finding = visit.show.say("alerts_finding", &[("count", &count), ("late", &late)]);
    let heads = [
        "people.alert",
        "label.person",
        "people.list",
        "people.raised",
        "people.due",
        "label.state",
    ];
    let table = Table {
        id: "alerts".into(),
        caption: visit.word("people.alerts_caption"),
        heads: heads.map(|key| Head::text(visit.word(key))).to_vec(),
        rows: found.iter().map(|alert| row(visit, alert)).collect(),
        empty: visit.word("people.no_alerts"),
        ..Table::default()
    };
    let mut blocks = vec![Block::Table(Box::new(table))];
    if visit.role() == Some(Role::Aml) {
        for alert in &found {
            let acts: Vec<&str> = acts(alert.state).iter().map(|act| act.name()).collect();
            let number = alert.number.to_string();
            let form = Form {
                title: visit.show.say("alert_act", &[("number", &number)]),
                fields: vec![
                    choice(visit, "act", "people.act", &acts, "alert_act"),
                    ground_field(visit),
                ],
                button: visit.word("people.act_go"),
                folded: true,
                id: number.clone(),
                ..Form::default()
            };
            blocks.push(once(visit, &format!("/alerts/{number}"), form)?);
        }
    }
    page(visit, "nav.alerts", Some(finding), blocks)
}

/// What can be done with an alert that stands so (machine J).
const fn acts(state: AlertState) -> &'static [AlertAct] {
    match state {
        AlertState::Raised => &[AlertAct::Take],
        AlertState::InReview => &[AlertAct::Close, AlertAct::Suspect],
        AlertState::ReportDue => &[AlertAct::Report],
        AlertState::Reported => &[AlertAct::Acknowledge],
    }
}

fn row(visit: &Visit<'_>, alert: &Alert) -> Vec<Cell> {
    let list = match alert.list {
        Some(list) => Cell::text(visit.word(&format!("list_name.{}", list.name()))),
        None => Cell::state("none", visit.word("console.none")),
    };
    vec![
        Cell::text(format!("№\u{a0}{}", alert.number)),
        person_cell(visit, alert.person),
        list,
        Cell::text(visit.show.moment(alert.raised)),
        term(visit, alert.due),
        Cell::state("wait", visit.word(&format!("alert_state.{}", alert.state.name()))),
    ]
}

/// Acts on one, with its ground.
pub fn act(visit: &mut Visit<'_>) -> Result<Answer, Trouble> {
    let (people, number) = (behind(visit)?, numbered(visit)?);
    let act = visit.form.get("act").and_then(AlertAct::from_name);
    let act = act.ok_or(Trouble::Status(400))?;
    let ground = ground(visit).ok_or(Trouble::Status(400))?;
    people.act_on_alert(officer(visit)?, number, act, &ground, form_id(visit)?)?;
    Ok(Answer::see(visit.href("/alerts")))
}
