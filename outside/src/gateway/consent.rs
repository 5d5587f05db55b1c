//! The state service: who is asked, what he says, and the token that follows.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit as _, Mac as _};
use links::moment::{local, parse_day};
use links::signature::Builtin;
use links::token;
use serde::Deserialize;
use serde_json::json;
use sha2::Sha256;
use terms::Instant;

use super::{Incoming, Outgoing};
use crate::fault::Fault;
use crate::keys::Owner;
use crate::people::Person;
use crate::world::{Consent, Sms, World, bound};

/// Terms of answers: a day for 1414, ten minutes for a code.
const TERM: i64 = Instant::DAY;
const CODE_TERM: i64 = 600 * Instant::SECOND;
/// Codes that may be wrong before the request is refused.
const WRONG_CODES_MAX: u32 = 3;
/// The name that tokens are signed with.
pub const ISSUER: &str = "kdp-simulated";

#[derive(Deserialize)]
struct Proof {
    cbin: String,
    mcheck: String,
    iat: i64,
    exp: i64,
}

enum Said {
    Pending,
    Valid,
    Invalid,
    Timeout,
    NotFound,
    Error,
}

/// `KDP_SERVICE`.
pub fn request(world: &World, incoming: &Incoming, fault: Option<&Fault>) -> Outgoing {
    let needed = [
        "uin",
        "company",
        "company_bin",
        "company_responsible",
        "employee_name",
        "access_name",
        "expiresIn",
        "omit-sms",
    ];
    if needed.iter().any(|name| incoming.field(name).is_empty()) {
        return Outgoing::Fault("VAL-JSR-001".into());
    }
    let Some(person) = world.person(incoming.field("uin")) else {
        return status("NOT_FOUND", "");
    };
    let said = match (incoming.field("omit-sms"), incoming.field("ovt")) {
        ("true", "") => Said::Valid,
        ("true", proof) => proven(world, incoming, proof),
        ("false", told) => asked(world, incoming, &person, told),
        _ => return Outgoing::Fault("VAL-JSR-001".into()),
    };
    match said {
        Said::Pending => status("PENDING", ""),
        Said::Valid => granted(world, incoming, &person, fault),
        Said::Invalid => status("INVALID", ""),
        Said::Timeout => status("TIMEOUT", ""),
        Said::NotFound => status("NOT_FOUND", ""),
        Said::Error => status("ERROR", ""),
    }
}

fn status(word: &str, more: &str) -> Outgoing {
    Outgoing::Data(format!(
        "<data xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" \
         xmlns:k=\"http://service.2fa-chain.kz/ns/kdp\" xsi:type=\"k:getUserDataResponse\">\
         <status>{word}</status>{more}</data>"
    ))
}

/// Our own means: the proof must be ours, and of now.
fn proven(world: &World, incoming: &Incoming, proof: &str) -> Said {
    let key = world.keys.certificate(Owner::OurProofs);
    let Ok(proof) = token::open::<Proof>(proof, key.key_info(), &Builtin) else {
        return Said::Invalid;
    };
    let now = world.now().0.div_euclid(Instant::SECOND);
    let fits = proof.cbin == incoming.field("company_bin")
        && matches!(proof.mcheck.as_str(), "Bio" | "Ds")
        && proof.iat <= now + 60
        && now <= proof.exp
        && proof.exp - proof.iat <= 36_000;
    if fits { Said::Valid } else { Said::Invalid }
}

/// By a message, which the person answers, or whose code he tells.
fn asked(world: &World, incoming: &Incoming, person: &Person, told: &str) -> Said {
    match person.hundreds {
        4 => return Said::NotFound,
        5 => return Said::Error,
        _ => {}
    }
    let now = world.now();
    let parts = ["uin", "company_bin", "access_name", "personal_data_name"];
    let key = parts.map(|name| incoming.field(name)).join("|");
    let fresh = world.draw("consent");
    let code = format!("{:06}", u32::from_str_radix(&fresh[..6], 16).unwrap_or(0) % 1_000_000);
    let mut state = world.state.lock();
    bound(&mut state.consents);
    if !state.consents.contains_key(&key) {
        let sms = Sms {
            id: fresh,
            from: "1414",
            text: format!(
                "{}: {} – 1 иә/да, 0 жоқ/нет. Код {code}",
                incoming.field("company"),
                incoming.field("personal_data_name")
            ),
            code: Some(code.clone()),
            consent: Some(key.clone()),
        };
        state.phones.entry(person.phone.clone()).or_default().push(sms);
        let said = match person.hundreds {
            1 | 3 => None,
            2 => Some(false),
            _ => Some(true),
        };
        let made = Consent { made_at: now, code, wrong_codes: 0, said };
        state.consents.insert(key.clone(), made);
    }
    // Cannot fail: it was put in above if it was not there.
    let consent = state.consents.get_mut(&key).expect("a request");
    let passed = now.since(consent.made_at);
    if !told.is_empty() {
        if CODE_TERM <= passed {
            return Said::Timeout;
        }
        if told == consent.code && consent.wrong_codes < WRONG_CODES_MAX {
            // A code is good once.
            consent.code.clear();
            consent.said = Some(true);
            return Said::Valid;
        }
        consent.wrong_codes += 1;
        return Said::Invalid;
    }
    match consent.said {
        Some(true) => Said::Valid,
        Some(false) => Said::Invalid,
        None if TERM <= passed => Said::Timeout,
        None => Said::Pending,
    }
}

fn granted(world: &World, incoming: &Incoming, person: &Person, fault: Option<&Fault>) -> Outgoing {
    let now = world.now().0.div_euclid(Instant::SECOND);
    let life = incoming.field("expiresIn").parse::<i64>().unwrap_or(600).clamp(1, 157_680_000);
    let (mut begin, mut end) = (now, now + life);
    let (mut aud, mut sub) = (incoming.field("company_bin").to_owned(), person.iin.reveal());
    let mut owner = Owner::StateService;
    match person.hundreds {
        6 => (begin, end) = (now - life - 120, now - 120),
        7 => aud = "990140990004".to_owned(),
        8 => owner = Owner::Stranger,
        9 => sub = "000101390004".to_owned(),
        _ => {}
    }
    let claims = json!({
        "iss": ISSUER, "sub": sub, "aud": aud, "iat": begin, "exp": end,
        "access": incoming.field("access_name").split(';').collect::<Vec<_>>(),
        "method": if incoming.field("omit-sms") == "true" { "own" } else { "sms" },
        "jti": world.draw("jti"),
    });
    let key = world.keys.certificate(Owner::StateService);
    let code = match fault {
        Some(Fault::TokenNone) => forged(r#"{"alg":"none","typ":"JWT"}"#, &claims, None),
        Some(Fault::TokenHs256) => {
            forged(r#"{"alg":"HS256","typ":"JWT"}"#, &claims, Some(key.key_info()))
        }
        _ => {
            // Cannot fail: the claims are JSON and the key can sign.
            token::sign(&claims, &world.keys.signer(owner)).expect("a token")
        }
    };
    // As the real one, broken into lines.
    let broken: Vec<&str> = code.split_inclusive('.').collect();
    let key = STANDARD.encode(key.key_info());
    let (first, rest) = key.split_at(64.min(key.len()));
    let (code, key) = (broken.join("\n"), format!("{first}\n{rest}"));
    status("VALID", &format!("<code>{code}</code><public-key>{key}</public-key>"))
}

/// A token that nobody may believe.
fn forged(head: &str, claims: &serde_json::Value, secret: Option<&[u8]>) -> String {
    let content = URL_SAFE_NO_PAD.encode(claims.to_string());
    let signed = format!("{}.{content}", URL_SAFE_NO_PAD.encode(head));
    let signature = secret.map_or(String::new(), |secret| {
        URL_SAFE_NO_PAD.encode(hmac_sha256(secret, signed.as_bytes()))
    });
    format!("{signed}.{signature}")
}

fn hmac_sha256(secret: &[u8], content: &[u8]) -> Vec<u8> {
    // Cannot fail: the construction takes keys of any length.
    let mut mac = Hmac::<Sha256>::new_from_slice(secret).expect("a key");
    mac.update(content);
    mac.finalize().into_bytes().to_vec()
}

/// `KDP_PERSONALDATA`: the requests for consent that were made for a person.
pub fn history(world: &World, incoming: &Incoming) -> Outgoing {
    let iin = incoming.field("uin");
    let days = (parse_day(incoming.field("start_date")), parse_day(incoming.field("end_date")));
    let (Some(from), Some(to)) = days else {
        return Outgoing::Fault("VAL-JSR-001".into());
    };
    if world.person(iin).is_none() {
        return Outgoing::Absent;
    }
    let state = world.state.lock();
    let mut looks: Vec<(Instant, String)> = state
        .consents
        .iter()
        .filter(|(key, _)| key.starts_with(iin))
        .map(|(key, consent)| {
            let register = key.split('|').nth(2).unwrap_or_default();
            (consent.made_at, register.to_owned())
        })
        .filter(|(at, _)| {
            let day = links::moment::local_day(*at);
            from <= day && day <= to
        })
        .collect();
    looks.sort();
    let looks: String = looks
        .iter()
        .map(|(at, register)| {
            format!(
                "<look><date>{}</date><company>БЕЖ</company><access_name>{}</access_name></look>",
                local(*at),
                links::escape(register)
            )
        })
        .collect();
    Outgoing::Data(format!("<data><uin>{iin}</uin><r_pdata>{looks}</r_pdata></data>"))
}
