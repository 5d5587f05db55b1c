//! People as officers see them: registrations at a desk, persons behind a ground, possible matches,
//! lists, alerts, consents, erasures and terms.
//!
//! Everything is decided by [`People`]; these pages ask it with the officer's number and role. What
//! opens personal data has its look written first (core 21). Without people behind the console the
//! pages are not there.

pub mod alerts;
pub mod board;
pub mod lists;
pub mod matches;
pub mod persons;
pub mod privacy;
pub mod registrations;

use std::sync::Arc;

use terms::id::uuid_v7;
use terms::{AuditAct, Instant, MessageId, Person, Seq};

use crate::doc::{Block, Cell, Doc, Field, Form};
use crate::ports::people::{NotDone, Officer, People};
use crate::secret;
use crate::visit::{Trouble, Visit};
use crate::web::Answer;

/// Rows of a page.
const PAGE: usize = 50;
/// Characters of a ground: a sentence.
const GROUND_MAX: usize = 200;

/// What stands behind people; without it there is no such page.
fn behind(visit: &Visit<'_>) -> Result<Arc<dyn People>, Trouble> {
    visit.house.people.get().cloned().ok_or(Trouble::Status(404))
}

/// Who asks.
fn officer(visit: &Visit<'_>) -> Result<Officer, Trouble> {
    let member = visit.member().ok_or(Trouble::Status(403))?;
    Ok(Officer { number: member.number, role: member.role })
}

/// Has the look written, once, before anything is opened.
fn look(visit: &mut Visit<'_>, act: AuditAct) -> Result<Seq, Trouble> {
    let seq = visit.house.look(visit, act)?;
    visit.looked = Some(seq);
    Ok(seq)
}

/// A new id for a form.
fn new_id(visit: &Visit<'_>) -> Result<String, Trouble> {
    let random = secret::random::<10>().map_err(|_| Trouble::Status(503))?;
    Ok(MessageId(uuid_v7(visit.now.ms(), random)).to_string())
}

/// The id that the form was made with; one without is not ours.
fn form_id(visit: &Visit<'_>) -> Result<MessageId, Trouble> {
    visit.form.get("id").and_then(MessageId::parse).ok_or(Trouble::Status(400))
}

/// The number in the address.
fn numbered(visit: &Visit<'_>) -> Result<u64, Trouble> {
    let piece = visit.pieces.first().and_then(|piece| piece.parse().ok());
    piece.ok_or(Trouble::Status(404))
}

/// What a page says that could not do what was asked.
pub fn not_done(visit: &mut Visit<'_>, no: NotDone) -> Answer {
    let (status, text) = match no {
        NotDone::Refused(reason) => {
            let reason = visit.reason(reason);
            let said = visit.show.phrases.reason(visit.show.lang, reason);
            (422, format!("{} {}", said.text, said.todo))
        }
        NotDone::SecondPerson => (422, visit.word("people.second_person")),
        NotDone::Wrong(_) => (422, visit.word("error.value")),
        NotDone::Absent => (404, visit.word("error.not_found")),
        NotDone::Down(why) => {
            tracing::error!("people do not answer: {why}");
            (503, visit.word("error.unavailable"))
        }
    };
    let context = minijinja::context! { text, status };
    let made = visit.render(status, "error.html", context);
    made.unwrap_or_else(|_| visit.house.plain(status))
}

/// A moment, or that there was none.
fn moment(visit: &Visit<'_>, at: Option<Instant>) -> Cell {
    match at {
        Some(at) => Cell::text(visit.show.moment(at)),
        None => Cell::state("none", visit.word("console.not_yet")),
    }
}

/// A term: late, today, near or far, in words with the time that is left; or that none runs.
fn term(visit: &Visit<'_>, due: Option<Instant>) -> Cell {
    let Some(due) = due else { return Cell::state("none", visit.word("console.none")) };
    let left = due.since(visit.now);
    if left < 0 {
        let long = visit.show.long(-left);
        return Cell::state("bad", visit.show.say("people_late", &[("time", &long)]));
    }
    let long = visit.show.long(left);
    let state = if left < Instant::DAY { "warn" } else { "wait" };
    Cell::state(state, visit.show.say("people_left", &[("time", &long)]))
}

/// A person by his number, leading to the page that asks for a ground where the role may open it.
fn person_cell(visit: &Visit<'_>, person: Person) -> Cell {
    let cell = Cell::text(format!("№\u{a0}{}", person.0));
    let page = crate::routes::find("/ru/persons/0", true);
    let opens = match page {
        crate::routes::Match::Route(route, _) => route.allows(visit.role()),
        crate::routes::Match::Method | crate::routes::Match::None => false,
    };
    if opens { cell.to(visit.href(&format!("/persons/{}", person.0))) } else { cell }
}

/// A field of a text.
fn text(visit: &Visit<'_>, name: &'static str, label: &str, max: usize) -> Field {
    let value = visit.form.get(name).unwrap_or_default().to_owned();
    Field { name, label: visit.word(label), max, value, ..Field::default() }
}

/// A field of a few options.
fn choice(visit: &Visit<'_>, name: &'static str, label: &str, of: &[&str], group: &str) -> Field {
    let option = |name: &&str| ((*name).to_owned(), visit.word(&format!("{group}.{name}")));
    let value = visit.form.get(name).unwrap_or_default().to_owned();
    let options = of.iter().map(option).collect();
    Field { name, label: visit.word(label), options, value, ..Field::default() }
}

/// The ground of a decision: a sentence that is kept.
fn ground_field(visit: &Visit<'_>) -> Field {
    text(visit, "ground", "people.ground", GROUND_MAX)
}

/// The ground that was given, if it is one.
fn ground(visit: &Visit<'_>) -> Option<String> {
    let given = visit.form.get("ground").filter(|given| given.chars().count() <= GROUND_MAX);
    given.map(str::to_owned)
}

/// A form that is sent once.
fn once(visit: &Visit<'_>, action: &str, form: Form) -> Result<Block, Trouble> {
    let mut hidden = form.hidden;
    hidden.push(("id", new_id(visit)?));
    let action = visit.href(action);
    Ok(Block::Form(Box::new(Form { action, hidden, ..form })))
}

/// A page of blocks with a finding.
fn page(
    visit: &mut Visit<'_>,
    title: &str,
    finding: Option<String>,
    blocks: Vec<Block>,
) -> Result<Answer, Trouble> {
    let title = visit.word(title);
    visit.page(Doc { title, finding, blocks, ..Doc::default() })
}
