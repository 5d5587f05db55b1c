//! The operator of short messages: takes messages, tells receipts, puts them into the phones of
//! the simulation.
//!
//! Outcomes by the last two digits of a number: `00` no such number, `01` takes no messages, `02`
//! on the way for ever; all others get theirs.

use links::Phone;
use links::moment::local;
use serde::Deserialize;
use serde_json::json;

use crate::server::{Reply, Request};
use crate::world::{Sent, Sms, World, bound};

/// By what the operator knows us.
pub const SECRET: &str = "simulated-operator";

#[derive(Deserialize)]
struct Message {
    id: String,
    to: String,
    text: String,
    kind: String,
    valid_s: u32,
}

/// Answers `/v1/messages` and `/v1/messages/ID`.
pub fn answer(world: &World, request: &Request) -> Reply {
    if request.field("authorization") != Some(&format!("Bearer {SECRET}")) {
        return Reply::json(401, &json!({"code": "not_known"}));
    }
    match (request.method.as_str(), request.path.as_str()) {
        ("POST", "/v1/messages") => send(world, request),
        ("GET", path) => match path.strip_prefix("/v1/messages/") {
            Some(id) => receipt(world, id),
            None => Reply::json(404, &json!({"code": "no_such_address"})),
        },
        _ => Reply::json(404, &json!({"code": "no_such_address"})),
    }
}

fn send(world: &World, request: &Request) -> Reply {
    let Ok(message) = serde_json::from_slice::<Message>(&request.content) else {
        return Reply::json(400, &json!({"code": "malformed"}));
    };
    if Phone::parse(&message.to).map(|phone| phone.digits()).ok().as_deref() != Some(&message.to)
        || message.valid_s == 0
    {
        return Reply::json(422, &json!({"code": "number_not_served"}));
    }
    let at = world.now();
    let mut state = world.state.lock();
    // The same message again is the same message.
    if !state.messages.contains_key(&message.id) {
        bound(&mut state.messages);
        let code = (message.kind == "code").then(|| digits(&message.text)).flatten();
        let sms = Sms {
            id: message.id.clone(),
            from: "operator",
            text: message.text,
            code,
            consent: None,
        };
        if outcome(&message.to).0 == "delivered" {
            state.phones.entry(message.to.clone()).or_default().push(sms);
        }
        state.messages.insert(message.id.clone(), Sent { to: message.to, at });
    }
    Reply::json(202, &json!({"id": message.id, "state": "accepted", "at": local(at)}))
}

fn receipt(world: &World, id: &str) -> Reply {
    let state = world.state.lock();
    let Some(sent) = state.messages.get(id) else {
        return Reply::json(404, &json!({"code": "no_such_message"}));
    };
    let (state, reason) = outcome(&sent.to);
    Reply::json(200, &json!({"id": id, "state": state, "at": local(sent.at), "reason": reason}))
}

fn outcome(to: &str) -> (&'static str, Option<&'static str>) {
    match &to[to.len().saturating_sub(2)..] {
        "00" => ("undelivered", Some("number_unknown")),
        "01" => ("undelivered", Some("unsubscribed")),
        "02" => ("accepted", None),
        _ => ("delivered", None),
    }
}

/// The longest run of digits in a text.
fn digits(text: &str) -> Option<String> {
    let runs = text.split(|c: char| !c.is_ascii_digit());
    runs.max_by_key(|run| run.len()).filter(|run| 4 <= run.len()).map(str::to_owned)
}
