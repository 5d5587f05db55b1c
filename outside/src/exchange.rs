//! The exchange of identification data: sessions, films, signed results.
//!
//! What comes of a session is said by the last digit of the person's serial.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use links::moment::local;
use links::signature::Builtin;
use links::token;
use serde::Deserialize;
use serde_json::{Value, json};
use terms::Instant;

use crate::fault::Fault;
use crate::keys::Owner;
use crate::people::Person;
use crate::server::{Reply, Request};
use crate::world::{Session, World, bound};

/// Our id at the exchange.
pub const MEMBER: &str = "bej-test";
/// The exchange's own.
pub const EXCHANGE: &str = "exchange-simulated";
/// Life of a session.
const LIFE: i64 = 600 * Instant::SECOND;
/// Films of one session.
const FILMS_MAX: u32 = 3;
/// From where on it is the same person.
const THRESHOLD: u32 = 8_500;

#[derive(Deserialize)]
struct Pass {
    iss: String,
    aud: String,
    exp: i64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Beginning {
    request_id: String,
    iin: Option<String>,
    doc: Option<Doc>,
    #[serde(rename = "phone")]
    _phone: String,
    #[serde(rename = "purpose")]
    _purpose: String,
    #[serde(rename = "channel")]
    _channel: String,
}

#[derive(Deserialize)]
struct Doc {
    #[serde(rename = "type")]
    _kind: String,
    number: String,
}

/// Answers `/v1/sessions` and what is under it.
pub fn answer(world: &World, request: &Request, fault: Option<&Fault>) -> Reply {
    if !known(world, request) {
        return Reply::json(401, &json!({"code": "not_known"}));
    }
    let parts: Vec<&str> = request.path.trim_matches('/').split('/').collect();
    match (request.method.as_str(), &parts[..]) {
        ("POST", ["v1", "sessions"]) => begin(world, request),
        ("POST", ["v1", "sessions", id, "capture"]) => capture(world, id, request),
        ("GET", ["v1", "sessions", id]) => look(world, id, fault),
        _ => Reply::json(404, &json!({"code": "no_such_address"})),
    }
}

/// The pass is ours, for this exchange, and of now.
fn known(world: &World, request: &Request) -> bool {
    let key = world.keys.certificate(Owner::OurPasses);
    let pass = request.field("authorization").and_then(|field| field.strip_prefix("Bearer "));
    let pass = pass.and_then(|pass| token::open::<Pass>(pass, key.key_info(), &Builtin).ok());
    let now = world.now().0.div_euclid(Instant::SECOND);
    pass.is_some_and(|pass| pass.iss == MEMBER && pass.aud == EXCHANGE && now <= pass.exp)
}

fn begin(world: &World, request: &Request) -> Reply {
    let Ok(beginning) = serde_json::from_slice::<Beginning>(&request.content) else {
        return Reply::json(400, &json!({"code": "malformed"}));
    };
    // A document of a synthetic foreigner ends with the number that says what befalls him.
    let iin = match (&beginning.iin, &beginning.doc) {
        (Some(iin), _) => iin.clone(),
        (None, Some(doc)) => doc.number.clone(),
        (None, None) => return Reply::json(400, &json!({"code": "malformed"})),
    };
    let now = world.now();
    let id = format!("s-{}", beginning.request_id);
    let nonce = world.draw("nonce");
    let mut state = world.state.lock();
    bound(&mut state.sessions);
    // The same request again is the same session.
    let session = state.sessions.entry(id.clone()).or_insert(Session {
        iin,
        nonce,
        made_at: now,
        films: 0,
        looks: 0,
    });
    let commands: &[&str] = match session.nonce.as_bytes()[0] % 3 {
        0 => &["turn_left", "blink", "smile"],
        1 => &["turn_right", "open_mouth", "blink"],
        _ => &["nod", "turn_left", "turn_right", "blink"],
    };
    let expires_at = local(session.made_at.plus(LIFE));
    Reply::json(
        201,
        &json!({
            "session_id": id,
            "liveness": {"commands": commands, "nonce": session.nonce, "expires_at": expires_at},
        }),
    )
}

fn capture(world: &World, id: &str, request: &Request) -> Reply {
    let kind = request.field("content-type").unwrap_or_default();
    let Some(boundary) = kind.strip_prefix("multipart/form-data; boundary=") else {
        return Reply::json(400, &json!({"code": "malformed"}));
    };
    let ends = format!("--{boundary}--\r\n");
    let parts = request.content.windows(boundary.len()).filter(|w| *w == boundary.as_bytes());
    if parts.count() != 3 || !request.content.ends_with(ends.as_bytes()) {
        return Reply::json(400, &json!({"code": "malformed"}));
    }
    let now = world.now();
    let mut state = world.state.lock();
    let Some(session) = state.sessions.get_mut(id) else {
        return Reply::json(404, &json!({"code": "no_such_session"}));
    };
    if LIFE <= now.since(session.made_at) || FILMS_MAX <= session.films {
        return Reply::json(409, &json!({"code": "session_ended"}));
    }
    session.films += 1;
    session.looks = 0;
    let alive = digit(&session.iin) != Some(3);
    Reply::json(
        200,
        &json!({
            "attempt": session.films,
            "liveness": if alive { "pass" } else { "fail" },
            "remaining": FILMS_MAX - session.films,
        }),
    )
}

/// The last digit of the serial, of a number or of the document of whoever has none.
fn digit(number: &str) -> Option<u8> {
    let place = number.len().checked_sub(2)?;
    number.as_bytes().get(place).filter(|b| b.is_ascii_digit()).map(|b| b - b'0')
}

fn look(world: &World, id: &str, fault: Option<&Fault>) -> Reply {
    let now = world.now();
    let session = {
        let mut state = world.state.lock();
        let Some(session) = state.sessions.get_mut(id) else {
            return Reply::json(404, &json!({"code": "no_such_session"}));
        };
        session.looks += 1;
        session.clone()
    };
    let digit = digit(&session.iin);
    let state = match digit {
        _ if session.films == 0 && LIFE <= now.since(session.made_at) => "expired",
        _ if session.films == 0 => "pending",
        Some(2) => "not_matched",
        Some(3) if session.films < FILMS_MAX => "pending",
        Some(3) => "liveness_failed",
        Some(4) | None => "no_reference",
        Some(5) => "expired",
        Some(6) if session.looks <= 2 => "pending",
        Some(_) => "matched",
    };
    if state == "pending" {
        return Reply::json(200, &json!({"state": state, "signed_result": null}));
    }
    let signed = result(world, id, &session, state, digit, fault);
    Reply::json(200, &json!({"state": state, "signed_result": signed}))
}

fn result(
    world: &World,
    id: &str,
    session: &Session,
    state: &str,
    digit: Option<u8>,
    fault: Option<&Fault>,
) -> Option<String> {
    let person = world.person(&session.iin);
    let mut content = json!({
        "iss": EXCHANGE, "aud": MEMBER, "iat": world.now().0.div_euclid(Instant::SECOND),
        "session_id": id, "nonce": session.nonce, "state": state,
    });
    if matches!(state, "matched" | "not_matched") {
        content["score"] = match (state, digit) {
            ("not_matched", _) => json!(THRESHOLD - 1),
            (_, Some(1)) => json!(THRESHOLD),
            _ => json!(9_712),
        };
        content["threshold"] = json!(THRESHOLD);
    }
    if state == "matched" {
        content["reference_source"] = json!("gbdfl");
        content["evidence_id"] = json!(format!("e-{id}"));
        content["person"] = match &person {
            Some(person) => shown(person, digit),
            None => foreigner(&session.iin),
        };
    }
    let owner = match (digit, fault) {
        (Some(8), _) | (_, Some(Fault::StrangersKey)) => Owner::Stranger,
        _ => Owner::Exchange,
    };
    // Cannot fail: the content is JSON and the key can sign.
    let signed = token::sign(&content, &world.keys.signer(owner)).expect("a signed result");
    match (digit, fault) {
        (_, Some(Fault::Unsigned)) => None,
        (_, Some(Fault::TokenNone)) => {
            let head = URL_SAFE_NO_PAD.encode(r#"{"alg":"none"}"#);
            Some(format!("{head}.{}.", URL_SAFE_NO_PAD.encode(content.to_string())))
        }
        (Some(7), _) | (_, Some(Fault::Tampered)) => {
            content["score"] = json!(10_000);
            let parts: Vec<&str> = signed.split('.').collect();
            let other = URL_SAFE_NO_PAD.encode(content.to_string());
            Some(format!("{}.{other}.{}", parts[0], parts[2]))
        }
        (_, Some(Fault::Duplicate)) => {
            content["session_id"] = json!("s-another");
            // Cannot fail: as above.
            Some(token::sign(&content, &world.keys.signer(owner)).expect("a signed result"))
        }
        _ => Some(signed),
    }
}

fn shown(person: &Person, digit: Option<u8>) -> Value {
    let iin = if digit == Some(9) { "000101390004".to_owned() } else { person.iin.reveal() };
    json!({
        "iin": iin,
        "surname": person.surname, "name": person.name, "patronymic": person.patronymic,
        "birth_date": person.birth.to_string(),
        "doc": {"type": "id_card", "number": person.document, "expires": "2034-12-31"},
    })
}

/// Somebody without a number (S-07).
fn foreigner(document: &str) -> Value {
    json!({
        "surname": "SAMPLE", "name": "FOREIGNER", "birth_date": "1985-03-02",
        "doc": {"type": "passport", "number": document, "expires": "2034-12-31"},
    })
}
