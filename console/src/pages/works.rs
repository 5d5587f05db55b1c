//! Planned works: what is planned, on now and over, for everybody who is signed in; the operator
//! announces, moves and calls off (R4-12.1.2.1b, S-63). Whoever opens his first page while works
//! are near or on is told so there.

use journal::kinds::{WorksKind, WorksScope};
use reports::card::WorksCard;
use reports::{Card, CardKind};
use terms::{Day, Instant, Works};

use crate::doc::{Block, Cell, Doc, Field, Form, Head, Table};
use crate::ports::{Plan, Planned};
use crate::role::Role;
use crate::visit::{Trouble, Visit};
use crate::web::Answer;

/// Works that are over and shown: a year of one a week.
const OVER_MAX: usize = 52;
/// How far ahead works are told of on first pages: the notice of the law twice over.
const NEAR_NS: i64 = 2 * Instant::DAY;
/// Characters of a day with a time, `2026-11-24T02:00`.
const TIME_MAX: usize = 16;
/// The field of such a time in a form.
const TIME_INPUT: &str = "datetime-local";

/// How works stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Standing {
    Planned,
    On,
    Over,
    Cancelled,
}

fn standing(card: &WorksCard, now: Instant) -> Standing {
    if card.cancelled.is_some() {
        Standing::Cancelled
    } else if now < card.window.from {
        Standing::Planned
    } else if now < card.window.until {
        Standing::On
    } else {
        Standing::Over
    }
}

/// All works that were ever announced, by number.
fn all(visit: &mut Visit<'_>) -> Result<Vec<WorksCard>, Trouble> {
    let works = |card| match card {
        Card::Works(card) => Some(card),
        _ => None,
    };
    Ok(visit.views.versions(CardKind::Works, 0)?.into_iter().filter_map(works).collect())
}

/// What a first page says of works that are on or near, a sentence for each.
pub fn near(visit: &mut Visit<'_>) -> Result<Vec<String>, Trouble> {
    let now = visit.now;
    let mut found = Vec::new();
    for card in all(visit)? {
        let key = match standing(&card, now) {
            Standing::On => "works_on",
            Standing::Planned if card.window.from.since(now) <= NEAR_NS => "works_near",
            Standing::Planned | Standing::Over | Standing::Cancelled => continue,
        };
        let scope = visit.word(&format!("works_scope.{}", card.window.scope.name()));
        let [from, until] = [card.window.from, card.window.until].map(|at| moment(visit, at));
        found.push(visit.show.say(key, &[("scope", &scope), ("from", &from), ("until", &until)]));
    }
    Ok(found)
}

/// Day and time to the minute.
fn moment(visit: &Visit<'_>, at: Instant) -> String {
    let time = visit.show.time(at);
    let minutes = time.get(..5).unwrap_or(&time);
    format!("{}, {minutes}", visit.show.day(visit.show.day_of(at)))
}

/// The page.
pub fn page(visit: &mut Visit<'_>) -> Result<Answer, Trouble> {
    show(visit, None)
}

/// What is wrong with a form, and which it was: that of these works, or of new ones.
type Problem = (Option<Works>, String);

fn show(visit: &mut Visit<'_>, problem: Option<Problem>) -> Result<Answer, Trouble> {
    let now = visit.now;
    let (mut open, mut over) = (Vec::new(), Vec::new());
    for card in all(visit)? {
        match standing(&card, now) {
            Standing::Planned | Standing::On => open.push(card),
            Standing::Over | Standing::Cancelled => over.push(card),
        }
    }
    open.sort_by_key(|card| card.window.from);
    over.reverse();
    over.truncate(OVER_MAX);
    let on = open.iter().filter(|card| standing(card, now) == Standing::On).count();
    let [on, ahead] = [on, open.len() - on].map(|count| visit.show.number(count as i64));
    let finding = visit.show.say("works_finding", &[("on", &on), ("ahead", &ahead)]);
    let mut blocks = vec![table(visit, "works", "works.open_caption", &open)];
    if visit.role() == Some(Role::Operator) {
        let wrong = problem.as_ref().filter(|(works, _)| works.is_none());
        let wrong = wrong.map(|(_, text)| text.clone());
        blocks.push(announcement(visit, wrong));
        for card in &open {
            let wrong = problem.as_ref().filter(|(works, _)| *works == Some(card.window.works));
            let wrong = wrong.map(|(_, text)| text.clone());
            blocks.extend(changes(visit, card, wrong));
        }
        let shown = |works: &Works| open.iter().any(|card| card.window.works == *works);
        if let Some((Some(works), text)) = &problem
            && !shown(works)
        {
            let (level, text) = ("bad", text.clone());
            blocks.insert(0, Block::Notice { level, text, links: Vec::new() });
        }
    }
    blocks.push(table(visit, "works-over", "works.over_caption", &over));
    let title = visit.word("nav.works");
    let mut answer = visit.page(Doc { title, finding: Some(finding), blocks, ..Doc::default() })?;
    if problem.is_some() {
        answer.status = 422;
    }
    Ok(answer)
}

fn table(visit: &Visit<'_>, id: &str, caption: &str, cards: &[WorksCard]) -> Block {
    let row = |card: &WorksCard| {
        let (state, word) = match standing(card, visit.now) {
            Standing::Planned => ("wait", "works.planned"),
            Standing::On => ("warn", "works.on"),
            Standing::Over => ("good", "works.over"),
            Standing::Cancelled => ("none", "works.cancelled"),
        };
        let changed = card.cancelled.or(card.changed);
        vec![
            Cell::text(format!("№\u{a0}{}", card.window.works)),
            Cell::state(state, visit.word(word)),
            Cell::text(visit.word(&format!("works_kind.{}", card.window.kind.name()))),
            Cell::text(visit.word(&format!("works_scope.{}", card.window.scope.name()))),
            Cell::text(moment(visit, card.window.from)),
            Cell::text(moment(visit, card.window.until)),
            Cell::text(moment(visit, card.announced)),
            Cell::text(changed.map_or_else(String::new, |at| moment(visit, at))),
            Cell::number(card.seq.to_string()),
        ]
    };
    let heads = [
        "label.number",
        "label.state",
        "works.kind",
        "works.scope",
        "works.from",
        "works.until",
        "works.announced",
        "works.changed",
    ];
    let mut heads = heads.map(|key| Head::text(visit.word(key))).to_vec();
    heads.push(Head::number(visit.word("label.entry")));
    Block::Table(Box::new(Table {
        id: id.into(),
        caption: visit.word(caption),
        heads,
        rows: cards.iter().map(row).collect(),
        empty: visit.word("works.none"),
        ..Table::default()
    }))
}

/// The form of new works; what was sent stands in it again where it was wrong.
fn announcement(visit: &Visit<'_>, problem: Option<String>) -> Block {
    let choice = |name: &'static str, label: &str, of: &str, names: Vec<&str>| {
        let sent = visit.form.get(name).filter(|_| problem.is_some()).unwrap_or_default();
        let option = |name: &&str| ((*name).to_owned(), visit.word(&format!("{of}.{name}")));
        Field {
            name,
            label: visit.word(label),
            options: names.iter().map(option).collect(),
            value: sent.to_owned(),
            ..Field::default()
        }
    };
    let kinds = WorksKind::ALL.iter().map(|kind| kind.name()).collect();
    let scopes = WorksScope::ALL.iter().map(|scope| scope.name()).collect();
    let sent = |name| visit.form.get(name).filter(|_| problem.is_some()).unwrap_or_default();
    Block::Form(Box::new(Form {
        title: visit.word("works.title"),
        action: visit.href("/works"),
        fields: vec![
            choice("kind", "works.kind", "works_kind", kinds),
            choice("scope", "works.scope", "works_scope", scopes),
            time(visit, "from", "works.from_almaty", sent("from").to_owned()),
            time(visit, "until", "works.until_almaty", sent("until").to_owned()),
        ],
        button: visit.word("works.announce"),
        note: visit.word("works.note"),
        problem,
        ..Form::default()
    }))
}

fn time(visit: &Visit<'_>, name: &'static str, label: &str, value: String) -> Field {
    let (label, options) = (visit.word(label), Vec::new());
    Field { name, label, options, max: TIME_MAX, input: TIME_INPUT, value, optional: false }
}

/// The forms that move works and call them off.
fn changes(visit: &Visit<'_>, card: &WorksCard, problem: Option<String>) -> [Block; 2] {
    let number = card.window.works.to_string();
    let written = |at: Instant| {
        let time = visit.show.time(at);
        format!("{}T{}", visit.show.day_of(at), time.get(..5).unwrap_or(&time))
    };
    let value = |name, at| match visit.form.get(name) {
        Some(sent) if problem.is_some() => sent.to_owned(),
        _ => written(at),
    };
    let form = Form {
        title: visit.show.say("works_change", &[("number", &number)]),
        action: visit.href(&format!("/works/{number}")),
        fields: vec![
            time(visit, "from", "works.from_almaty", value("from", card.window.from)),
            time(visit, "until", "works.until_almaty", value("until", card.window.until)),
        ],
        id: number.clone(),
        button: visit.word("works.change"),
        note: visit.word("works.note"),
        folded: problem.is_none(),
        problem,
        ..Form::default()
    };
    let action = visit.href(&format!("/works/{number}/cancel"));
    let button = visit.show.say("works_cancel", &[("number", &number)]);
    [Block::Form(Box::new(form)), Block::Button { action, button }]
}

/// Announces works.
pub fn announce(visit: &mut Visit<'_>) -> Result<Answer, Trouble> {
    let broken = || Trouble::Status(400);
    let kind = visit.form.get("kind").and_then(WorksKind::from_name).ok_or_else(broken)?;
    let scope = visit.form.get("scope").and_then(WorksScope::from_name).ok_or_else(broken)?;
    match times(visit) {
        Some((from, until)) => plan(visit, None, Plan::Announce { kind, scope, from, until }),
        None => unread(visit, None),
    }
}

/// Moves works. A beginning that was sent as it stands keeps its seconds.
pub fn change(visit: &mut Visit<'_>) -> Result<Answer, Trouble> {
    let works = numbered(visit)?;
    let Some((from, until)) = times(visit) else { return unread(visit, Some(works)) };
    let card = all(visit)?.into_iter().find(|card| card.window.works == works);
    let minute = |at: Instant| at.0.div_euclid(60 * Instant::SECOND);
    let stands = card.map(|card| card.window.from).filter(|at| minute(*at) == minute(from));
    plan(visit, Some(works), Plan::Change { works, from: stands.unwrap_or(from), until })
}

/// Calls works off, or ends them now.
pub fn cancel(visit: &mut Visit<'_>) -> Result<Answer, Trouble> {
    let works = numbered(visit)?;
    plan(visit, Some(works), Plan::Cancel { works })
}

fn numbered(visit: &Visit<'_>) -> Result<Works, Trouble> {
    visit.pieces[0].parse().map(Works).map_err(|_| Trouble::Status(404))
}

fn unread(visit: &mut Visit<'_>, works: Option<Works>) -> Result<Answer, Trouble> {
    let text = visit.word("works.time_wrong");
    show(visit, Some((works, text)))
}

/// Has it decided: on to the list, or the form again with the reason.
fn plan(visit: &mut Visit<'_>, works: Option<Works>, plan: Plan) -> Result<Answer, Trouble> {
    match visit.house.planner.plan(plan) {
        Ok(Planned::Done(_)) => Ok(Answer::see(visit.href("/works"))),
        Ok(Planned::Refused(reason)) => {
            let phrases = visit.show.phrases.reason(visit.show.lang, reason);
            let text = format!("{}. {} {}", phrases.short, phrases.text, phrases.todo);
            show(visit, Some((works, text)))
        }
        Err(why) => {
            tracing::error!("a plan of works could not be decided: {why}");
            Err(Trouble::Status(503))
        }
    }
}

/// The two times of a form, in civil time.
fn times(visit: &Visit<'_>) -> Option<(Instant, Instant)> {
    let read = |name| {
        let (day, time) = visit.form.get(name)?.split_once('T')?;
        let (hour, rest) = time.split_once(':')?;
        // Browsers may add seconds.
        let (minute, second) = rest.split_once(':').unwrap_or((rest, "00"));
        let part = |text: &str, below: i64| {
            let digits = text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_digit());
            text.parse().ok().filter(|number: &i64| digits && *number < below)
        };
        let seconds = part(hour, 24)? * 3_600 + part(minute, 60)? * 60 + part(second, 60)?;
        Some(visit.show.instant(Day::parse(day)?, seconds))
    };
    Some((read("from")?, read("until")?))
}
