//! The control of a simulation: the clock, faults, phones, persons and lists, as JSON by POST
//! (the table in `docs/connect-outside.md`). What is not of the form of an address is refused, so
//! that a test with a slip of the pen fails.

use links::moment::parse;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use terms::Day;

use crate::fault::{Fault, SYSTEMS, System};
use crate::lists::Look;
use crate::people::Person;
use crate::server::{Reply, Request};
use crate::world::{Change, World};

/// Faults that one call puts in.
const TIMES_MAX: u32 = 10_000;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Clock {
    at: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Faults {
    system: System,
    fault: Fault,
    times: u32,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Of {
    iin: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Inbox {
    phone: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Answered {
    phone: String,
    message: String,
    text: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Made {
    birth: String,
    male: bool,
    serial: [u8; 3],
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Listed {
    look: Option<Look>,
    #[serde(default)]
    add: Vec<(String, String)>,
    #[serde(default)]
    remove: Vec<(String, String)>,
}

/// Answers a call of the control.
pub fn answer(world: &World, request: &Request) -> Reply {
    match control(world, &request.path, &request.content) {
        Ok(value) => Reply::json(200, &value),
        Err(what) => Reply::json(400, &json!({"code": "refused", "what": what})),
    }
}

/// What [`answer`] does, for tests in the same process.
pub fn control(world: &World, path: &str, content: &[u8]) -> Result<Value, &'static str> {
    match path {
        "/clock" => {
            let Clock { at } = read(content)?;
            let at = at.map(|text| parse(&text).ok_or("no such time")).transpose()?;
            world.state.lock().clock = at;
            Ok(json!({"now": world.now().to_string()}))
        }
        "/faults" => {
            let Faults { system, fault, times } = read(content)?;
            if TIMES_MAX < times {
                return Err("too many times");
            }
            let mut state = world.state.lock();
            let queue = state.faults.entry(system).or_default();
            queue.extend(std::iter::repeat_n(fault, times as usize));
            Ok(json!({"waiting": queue.len()}))
        }
        "/faults/clear" => {
            world.state.lock().faults.clear();
            Ok(json!({}))
        }
        "/persons" => {
            let change: Change = read(content)?;
            world.person(&change.iin).ok_or("not a synthetic number")?;
            world.state.lock().persons.insert(change.iin.clone(), change);
            Ok(json!({}))
        }
        "/people" => {
            let Made { birth, male, serial } = read(content)?;
            let birth = Day::parse(&birth).ok_or("no such day")?;
            let digits = serial.iter().all(|digit| *digit <= 9);
            let person = digits.then(|| Person::drawn(world.seed, birth, male, serial)).flatten();
            Ok(told(&person.ok_or("no such number exists")?))
        }
        "/lists" => lists(world, read(content)?),
        "/counts" => {
            let state = world.state.lock();
            let count = |system: System| state.counts.get(&system).copied().unwrap_or(0);
            Ok(json!(SYSTEMS.map(|system| json!({"system": system, "asked": count(system)}))))
        }
        path => phones(world, path, content),
    }
}

fn phones(world: &World, path: &str, content: &[u8]) -> Result<Value, &'static str> {
    match path {
        "/phones/of" => {
            let Of { iin } = read(content)?;
            Ok(told(&world.person(&iin).ok_or("not a synthetic number")?))
        }
        "/phones/inbox" => {
            let Inbox { phone } = read(content)?;
            Ok(json!(world.state.lock().phones.get(&phone).cloned().unwrap_or_default()))
        }
        "/phones/reply" => {
            let Answered { phone, message, text } = read(content)?;
            let mut state = world.state.lock();
            let messages = state.phones.get(&phone).ok_or("no such phone")?;
            let sms = messages.iter().find(|sms| sms.id == message).ok_or("no such message")?;
            let key = sms.consent.clone().ok_or("not a message that is answered")?;
            let said = match text.trim().to_lowercase().as_str() {
                "1" | "иә" | "да" | "yes" => true,
                "0" | "жоқ" | "нет" | "no" => false,
                _ => return Err("neither yes nor no"),
            };
            let consent = state.consents.get_mut(&key).ok_or("no such request")?;
            // The first word counts.
            consent.said.get_or_insert(said);
            Ok(json!({"said": consent.said}))
        }
        _ => Err("no such address"),
    }
}

fn lists(world: &World, listed: Listed) -> Result<Value, &'static str> {
    let known = |(list, iin): &(String, String)| {
        matches!(list.as_str(), "terror" | "proliferation") && world.person(iin).is_some()
    };
    if !listed.add.iter().chain(&listed.remove).all(known) {
        return Err("no such list, or not a synthetic number");
    }
    let mut state = world.state.lock();
    if let Some(look) = listed.look {
        state.lists.look = look;
    }
    let Listed { add, remove, .. } = listed;
    state.lists.removed.retain(|entry| !add.contains(entry));
    state.lists.added.retain(|entry| !remove.contains(entry));
    state.lists.added.extend(add);
    state.lists.removed.extend(remove);
    Ok(json!({}))
}

fn told(person: &Person) -> Value {
    json!({
        "iin": person.iin.reveal(), "phone": person.phone, "document": person.document,
        "surname": person.surname, "name": person.name, "patronymic": person.patronymic,
        "birth": person.birth.to_string(),
    })
}

fn read<T: DeserializeOwned>(content: &[u8]) -> Result<T, &'static str> {
    serde_json::from_slice(content).map_err(|_| "not of the form that the address takes")
}
