//! The registers behind the gateway: persons, debtors, restricted persons.

use std::fmt::Write as _;

use links::moment::{local_day, parse_day};
use links::signature::Builtin;
use links::token;
use serde::Deserialize;
use terms::Day;

use super::{Incoming, Outgoing};
use crate::keys::Owner;
use crate::people::Person;
use crate::world::World;

#[derive(Deserialize)]
struct Claims {
    sub: String,
    access: Vec<String>,
    exp: i64,
}

/// Whether the message brings the state service's token for this register, and whose data it is
/// for.
fn admitted(world: &World, incoming: &Incoming, register: &str) -> Option<String> {
    let key = world.keys.certificate(Owner::StateService);
    let claims: Claims = token::open(incoming.field("kdpToken"), key.key_info(), &Builtin).ok()?;
    let now = world.now().0.div_euclid(terms::Instant::SECOND);
    let good = now < claims.exp && claims.access.iter().any(|one| one == register);
    good.then_some(claims.sub)
}

fn refused() -> Outgoing {
    Outgoing::Fault("KDP-TOKEN".into())
}

/// `GBDFLUniversal_token`.
pub fn person(world: &World, incoming: &Incoming) -> Outgoing {
    let Some(subject) = admitted(world, incoming, "GBDFLUniversal_token") else {
        return refused();
    };
    let Some(person) = world.person(&subject) else { return Outgoing::Absent };
    let change = world.change(&subject);
    let asked = |name, known: &str| {
        let given = incoming.field(name);
        given.is_empty() || given == known
    };
    let searched = ["iin", "surname", "documentNumber"]
        .iter()
        .filter(|name| !incoming.field(name).is_empty())
        .count();
    if searched != 1 {
        return Outgoing::Fault("VAL-JSR-001".into());
    }
    let birth = change.birth.clone().unwrap_or_else(|| person.birth.to_string());
    let found = asked("iin", &subject)
        && asked("surname", &person.surname)
        && asked("name", &person.name)
        && asked("birthDate", &birth)
        && asked("documentNumber", &person.document);
    if change.unknown || !found {
        return Outgoing::Absent;
    }
    let today = local_day(world.now());
    let mut out = format!(
        "<data><messageId>{}</messageId><messageDate>{today}</messageDate><requestId>1</requestId>\
         <persons><person><iin>{subject}</iin><surname>{}</surname><name>{}</name>",
        links::escape(&incoming.id),
        person.surname,
        person.name
    );
    if let Some(patronymic) = &person.patronymic {
        let _ = write!(out, "<patronymic>{patronymic}</patronymic>");
    }
    let _ = write!(out, "<birthDate>{birth}</birthDate>");
    states(&mut out, &person, &change);
    documents(&mut out, &person, today, change.documents_ended);
    out.push_str("</person></persons></data>");
    Outgoing::Data(out)
}

fn states(out: &mut String, person: &Person, change: &crate::world::Change) {
    let word = |out: &mut String, name: &str, code: &str| {
        let _ = write!(
            out,
            "<{name}><code>{code}</code><nameRu>сим</nameRu><nameKz>сим</nameKz></{name}>",
            code = links::escape(code)
        );
    };
    let dead = person.tens == 8;
    if dead {
        out.push_str("<deathDate>2020-01-01</deathDate>");
    }
    word(out, "gender", if person.male { "1" } else { "2" });
    word(out, "nationality", "005");
    word(out, "citizenship", "398");
    word(out, "lifeStatus", change.life.as_deref().unwrap_or(if dead { "1" } else { "0" }));
    let capacity = change.capacity.as_deref().or((person.tens == 9).then_some("2"));
    if let Some(code) = capacity {
        out.push_str("<personCapableStatus>");
        word(out, "capableStatus", code);
        out.push_str("<capableDate>2020-01-01</capableDate><court>сим</court>");
        out.push_str("</personCapableStatus>");
    }
    if change.missing {
        out.push_str("<missingStatus><missing>true</missing></missingStatus>");
    }
    if change.excluded {
        out.push_str("<excludeStatus>");
        word(out, "excludeReason", "1");
        out.push_str("</excludeStatus>");
    }
}

/// One identity card, good for ten years from four years ago, or ended yesterday.
fn documents(out: &mut String, person: &Person, today: Day, ended: bool) {
    let (begin, end) = (today.0 - 4 * 365, if ended { today.0 - 1 } else { today.0 + 6 * 365 });
    let _ = write!(
        out,
        "<documents><document><type><code>002</code><nameRu>сим</nameRu><nameKz>сим</nameKz>\
         </type><number>{}</number><beginDate>{}</beginDate><endDate>{}</endDate>\
         <issueOrganization><code>002</code></issueOrganization><status><code>00</code></status>\
         </document></documents>",
        person.document,
        Day(begin),
        Day(end)
    );
}

/// The register of debtors.
pub fn debtor(world: &World, incoming: &Incoming) -> Outgoing {
    let iin = incoming.field("iin");
    let Some(person) = world.person(iin) else { return Outgoing::Absent };
    let by_digit = match person.tens {
        1 => Some("PROPERTY"),
        2 => Some("NON_PROPERTY"),
        3 => Some("SOMETHING_NEW"),
        _ => None,
    };
    let debt = world.change(iin).debt;
    let category = match debt.as_deref() {
        Some("none") => None,
        Some(category) => Some(category),
        None => by_digit,
    };
    let Some(category) = category else { return Outgoing::Absent };
    let category = links::escape(category).into_owned();
    Outgoing::Data(format!(
        "<data><iin>{iin}</iin><record><uid>1</uid><category>{category}</category></record></data>"
    ))
}

/// The list of restricted persons.
pub fn restricted(world: &World, incoming: &Incoming) -> Outgoing {
    let iin = incoming.field("iin");
    if admitted(world, incoming, "RESTRICTED_PERSONS").as_deref() != Some(iin) {
        return refused();
    }
    let Some(person) = world.person(iin) else { return Outgoing::Absent };
    let today = local_day(world.now());
    let by_digit = (person.tens == 4).then_some(Day(today.0 + 365));
    let until = match world.change(iin).restricted_until.as_deref() {
        Some("none") => None,
        Some(text) => parse_day(text),
        None => by_digit,
    };
    let answer = match until {
        Some(day) => format!("<restricted>true</restricted><until>{day}</until>"),
        None => "<restricted>false</restricted>".to_owned(),
    };
    Outgoing::Data(format!("<data><iin>{iin}</iin>{answer}</data>"))
}
