//! Whose refusal it was: persons are masked on the registers of refusals, and an account is shown
//! for a reason that is noted before the page leaves (domain 3, R2-55.11).
//!
//! Names are in no store that the console reads; what can be unmasked is the account.

use journal::fact::Fact;

use terms::{Account, Organiser, Reason, Sender, Seq};

use super::registers::{account_cell, masked};
use crate::doc::{Block, Cell, Doc, Field, Form};
use crate::role::Role;
use crate::visit::{Trouble, Visit};
use crate::web::Answer;

/// The grounds, in the order in which the form shows them.
const GROUNDS: [&str; 4] = ["complaint", "inspection", "request", "investigation"];
/// Characters of a case number.
const CASE_MAX: usize = 40;

/// A refusal about an account.
struct Refusal {
    organiser: Organiser,
    account: Account,
    reason: Reason,
    at: terms::Instant,
}

/// The refusal of the address. One on a list of financial monitoring is not there for others.
fn refusal(visit: &mut Visit<'_>) -> Result<Refusal, Trouble> {
    let missing = || Trouble::Status(404);
    let seq = visit.pieces[0].parse().map(Seq).map_err(|_| missing())?;
    let entry = visit.entry(seq)?.ok_or_else(missing)?;
    let Fact::Refused(fact) = &entry.fact else { return Err(missing()) };
    let account = fact.account.ok_or_else(missing)?;
    let organiser = match fact.cause.sender {
        Sender::Organiser(organiser) => organiser,
        Sender::Operator | Sender::System | Sender::Bettor => return Err(missing()),
    };
    let hidden = visit.reason(fact.reason) != fact.reason;
    if hidden && visit.role() != Some(Role::Monitoring) {
        return Err(missing());
    }
    Ok(Refusal { organiser, account, reason: fact.reason, at: entry.at })
}

/// The form that asks for the reason.
pub fn form(visit: &mut Visit<'_>) -> Result<Answer, Trouble> {
    let found = refusal(visit)?;
    let form = ask(visit, None);
    show(visit, &found, vec![form])
}

fn ask(visit: &Visit<'_>, problem: Option<String>) -> Block {
    let options =
        GROUNDS.map(|ground| (ground.to_owned(), visit.word(&format!("ground.{ground}"))));
    Block::Form(Box::new(Form {
        title: visit.word("unmask.title"),
        action: visit.href(&visit.path),
        fields: vec![
            Field {
                name: "ground",
                label: visit.word("unmask.ground"),
                options: options.to_vec(),
                ..Field::default()
            },
            Field {
                name: "case",
                label: visit.word("unmask.case"),
                options: Vec::new(),
                max: CASE_MAX,
                ..Field::default()
            },
        ],
        button: visit.word("unmask.button"),
        note: visit.word("unmask.note"),
        problem,
        ..Form::default()
    }))
}

fn show(visit: &mut Visit<'_>, found: &Refusal, mut blocks: Vec<Block>) -> Result<Answer, Trouble> {
    let organiser = visit.organiser_cell(found.organiser)?;
    let facts = Block::Facts {
        title: visit.word("console.refusal"),
        rows: vec![
            (visit.word("label.recorded_at"), Cell::text(visit.show.moment(found.at))),
            (visit.word("label.organiser"), organiser),
            (visit.word("label.account"), Cell::code(masked(found.organiser, found.account))),
            (visit.word("label.reason"), Cell::text(visit.reason_short(found.reason))),
            (visit.word("label.clause"), Cell::text(visit.reason(found.reason).clause())),
        ],
    };
    blocks.insert(0, facts);
    let title = visit.word("unmask.title");
    visit.page(Doc { title, blocks, ..Doc::default() })
}

/// The account, after its reason was given. The event names the account, the ground and the case.
pub fn open(visit: &mut Visit<'_>) -> Result<Answer, Trouble> {
    let found = refusal(visit)?;
    let ground = visit.form.get("ground").filter(|ground| GROUNDS.contains(ground));
    let case = visit.form.get("case").filter(|case| case.chars().count() <= CASE_MAX);
    if ground.is_none() || case.is_none() {
        let form = ask(visit, Some(visit.word("unmask.needs_reason")));
        let mut answer = show(visit, &found, vec![form])?;
        answer.status = 422;
        return Ok(answer);
    }
    visit.about = Some(found.account);
    let account = account_cell(visit, found.organiser, found.account);
    let blocks = vec![
        Block::Notice { level: "warn", text: visit.word("unmask.opened"), links: Vec::new() },
        Block::Facts {
            title: visit.word("unmask.account"),
            rows: vec![(visit.word("label.account"), account)],
        },
    ];
    show(visit, &found, blocks)
}
