//! Golden pairs: each message as it is sent, and an answer as it may come.
//!
//! Requests are compared byte by byte with `tests/golden/NAME.request.*`; after a wanted change
//! of a form run this with `BLESS=1` and read the difference. Answers are written by hand, in the
//! manners of different senders, and never blessed.

use std::path::{Path, PathBuf};
use std::time::Duration;

use links::consent::{Access, Asked, Consent as _, Look, RequestWay, Said};
use links::debtors::{Debtors as _, Owes};
use links::gateway::Gateway;
use links::identification::{
    Applicant, Channel, Exchange, Film, Identification as _, Member, Outcome, Purpose,
};
use links::messages::{Kind, Messages as _, Operator, Short, State};
use links::moment::parse;
use links::population::{Birth, Obstacle, Population as _, Register, Search, Words};
use links::restricted::{Restricted as _, Standing};
use links::signature::Builtin;
use links::token::sign;
use links::way::Realm;
use links::{Code, Error, Phone, Private};
use outside::Owner;
use serde_json::json;
use std::sync::Arc;
use terms::{Day, Instant};

use crate::server::{
    Answer, BIN, IIN, KEYS, Server, answering, asked, call, http, now, person, response, sealed,
};

fn golden(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(name)
}

fn answer(name: &str) -> String {
    let path = golden(&format!("{name}.answer.xml"));
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn compare(name: &str, request: &str) {
    let path = golden(name);
    if std::env::var_os("BLESS").is_some_and(|value| value == "1") {
        std::fs::write(&path, request).expect("a file");
    }
    let want = std::fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(request, want, "{name}: see BLESS=1 in tests/it/forms.rs");
}

/// What was signed of the last request, an element a line, without what differs with keys.
fn body(server: &Server, access: Option<&Access>) -> String {
    let request = server.last();
    let start = request.find("<soapenv:Body").expect("a body");
    let end = request.find("</soapenv:Body>").expect("a body") + "</soapenv:Body>".len();
    let mut body = request[start..end].replace("><", ">\n<") + "\n";
    if let Some(access) = access {
        body = body.replace(access.token(), "TOKEN").replace(access.key(), "KEY");
    }
    body
}

/// A server with the answer of this name, and its gateway.
fn with(name: &str) -> (Server, Arc<Gateway>) {
    let server = answering(sealed(&answer(name), Owner::Gateway));
    let gateway = server.gateway();
    (server, gateway)
}

fn access() -> Access {
    use base64::Engine as _;
    let claims = json!({
        "iss": "kdp-simulated", "sub": IIN, "aud": BIN, "iat": now().0 / Instant::SECOND,
        "exp": now().0 / Instant::SECOND + 600, "jti": "t-1",
        "access": ["GBDFLUniversal_token", "RESTRICTED_PERSONS"],
    });
    let key = KEYS.certificate(Owner::StateService);
    let key = base64::engine::general_purpose::STANDARD.encode(key.key_info());
    let token = sign(&claims, &KEYS.signer(Owner::StateService)).expect("a token");
    let data = format!(
        "<data><status>VALID</status><code>{token}</code><public-key>{key}</public-key></data>"
    );
    let server = answering(sealed(&response(call(1).id, "SCSS001", &data), Owner::Gateway));
    let heard = server.state_service().request(&call(1), &asked()).expect("an answer");
    match heard.said {
        Said::Granted(access) => *access,
        other => panic!("{other:?}"),
    }
}

#[test]
fn consent_is_asked_in_ten_fields() {
    // X-08, R3-7.1
    let (server, gateway) = with("consent");
    let service = links::consent::StateService::new(gateway, crate::server::initiator());
    let heard = service.expect("a service").request(&call(1), &asked()).expect("an answer");
    assert_eq!(heard.said, Said::Pending);
    assert_eq!(heard.trace.message, call(1).id);
    assert_eq!(heard.trace.answered_at, parse("2026-07-12T05:00:02Z").expect("a time"));
    assert!(heard.trace.session.is_some());
    compare("consent.request.xml", &body(&server, None));
    let head = server.last().to_lowercase();
    assert!(head.contains("soapaction: \"\"\r\n"));
    assert!(head.contains("content-type: text/xml; charset=utf-8\r\n"));
}

#[test]
fn each_word_of_the_state_service_has_its_meaning() {
    // R3-7.6a, R3-7.6b
    let cases = [
        ("PENDING", Ok(Said::Pending)),
        ("invalid", Ok(Said::Refused)),
        ("TIMEOUT", Ok(Said::TimedOut)),
        ("NOT_FOUND", Ok(Said::NotReachable)),
        ("ERROR", Ok(Said::Failed)),
        ("VALID", Err(Error::Malformed("code"))),
        ("GRANTED", Err(Error::Malformed("status"))),
        ("", Err(Error::Malformed("status"))),
    ];
    for (word, want) in cases {
        let data = format!("<data><status>{word}</status></data>");
        let server = answering(sealed(&response(call(1).id, "SCSS001", &data), Owner::Gateway));
        let heard = server.state_service().request(&call(1), &asked());
        assert_eq!(heard.map(|answer| answer.said), want, "{word}");
    }
}

#[test]
fn a_code_goes_where_the_way_has_one() {
    // R3-7.5a, R3-7.5b
    let server = answering(sealed(
        &response(call(1).id, "SCSS001", "<data><status>INVALID</status></data>"),
        Owner::Gateway,
    ));
    let service = server.state_service();
    let told = |way, code: &str| Asked { way, code: Some(Private::new(code)), ..asked() };
    let heard = service.request(&call(1), &told(RequestWay::OneTimeCode, "a1B2c3"));
    assert_eq!(heard.map(|answer| answer.said), Ok(Said::Refused));
    assert!(server.last().contains("<omit-sms>false</omit-sms><ovt>a1B2c3</ovt>"));
    let elsewhere = service.request(&call(1), &told(RequestWay::Sms1414, "123456"));
    assert!(matches!(elsewhere, Err(Error::Unsendable(_))));
    for code in ["", "123", "1234567890123", "12 34", "<x/>"] {
        let heard = service.request(&call(1), &told(RequestWay::OneTimeCode, code));
        assert_eq!(heard, Err(Error::Unsendable("the code")), "{code}");
    }
}

#[test]
fn what_does_not_fit_is_not_sent() {
    let server = answering(String::new());
    let service = server.state_service();
    let long = "x".repeat(501);
    let cases = [
        Asked { registers: vec!["A;B".into()], ..asked() },
        Asked { registers: vec![String::new()], ..asked() },
        Asked { registers: Vec::new(), ..asked() },
        Asked { term_s: 0, ..asked() },
        Asked { employee: Private::new(" "), ..asked() },
        Asked { data: long, ..asked() },
    ];
    for asked in cases {
        let heard = service.request(&call(1), &asked);
        assert!(matches!(heard, Err(Error::Unsendable(_))), "{asked:?}: {heard:?}");
    }
}

#[test]
fn the_history_of_looks_is_read() {
    let (server, gateway) = with("history");
    let service = links::consent::StateService::new(gateway, crate::server::initiator());
    let service = service.expect("a service");
    let (from, to) = (Day::of(2026, 7, 1).unwrap(), Day::of(2026, 7, 12).unwrap());
    let looks = service.history(&call(1), &person(), from, to).expect("looks");
    let want = Look {
        at: parse("2026-07-10T09:00:00Z").unwrap(),
        company: "ТОО «Пример»".into(),
        registers: "GBDFLUniversal_token".into(),
    };
    assert_eq!(looks, [want]);
    compare("history.request.xml", &body(&server, None));
    let backwards = service.history(&call(1), &person(), to, from);
    assert_eq!(backwards, Err(Error::Unsendable("the days")));
}

#[test]
fn a_person_is_found_in_the_register() {
    // X-07, R0-10.2a
    let access = access();
    let (server, gateway) = with("person");
    let register = Register::new(gateway, "BEJ");
    let heard = register.find(&call(1), &Search::Iin(person()), &access).expect("an answer");
    let found = heard.found.expect("a person");
    compare("person.request.xml", &body(&server, Some(&access)));
    assert_eq!(found.birth, Birth(Day::of(2005, 7, 12).unwrap()));
    assert_eq!(found.surname, Some(Private::new("ӘЛІМОВ")));
    assert_eq!(found.documents.len(), 2);
    let today = Day::of(2026, 7, 12).unwrap();
    assert_eq!(found.obstacles(&Words::proposed(), today), []);
    // His second document ends in 2029; afterwards none is good.
    let later = Day::of(2029, 1, 2).unwrap();
    assert_eq!(found.obstacles(&Words::proposed(), later), [Obstacle::NoDocument]);
    assert!(!format!("{found:?}").contains("2005"));
}

#[test]
fn each_state_of_a_person_is_an_obstacle() {
    let access = access();
    let good = answer("person");
    let cases: [(&str, &str, Option<Obstacle>); 10] = [
        ("<lifeStatus><code>0<", "<lifeStatus><code>1<", Some(Obstacle::NotAlive)),
        ("<lifeStatus><code>0<", "<lifeStatus><code>new<", Some(Obstacle::NotAlive)),
        ("<gender>", "<deathDate>2026-01-01</deathDate><gender>", Some(Obstacle::NotAlive)),
        (
            "<documents>",
            "<excludeStatus><excludeReason><code>1</code></excludeReason></excludeStatus>\
             <documents>",
            Some(Obstacle::Excluded),
        ),
        ("<documents>", "<removed>true</removed><documents>", Some(Obstacle::Excluded)),
        ("<documents>", "<removed>false</removed><documents>", None),
        (
            "<documents>",
            "<personCapableStatus><capableStatus><code>2</code></capableStatus>\
             </personCapableStatus><documents>",
            Some(Obstacle::Incapable),
        ),
        (
            "<documents>",
            "<missingStatus><missing>true</missing></missingStatus><documents>",
            Some(Obstacle::Missing),
        ),
        ("<birthDate>2005-07-12", "<birthDate>2005-07-13", Some(Obstacle::BirthDiffers)),
        ("<status><code>00</code>", "<status><code>02</code>", Some(Obstacle::NoDocument)),
    ];
    for (from, to, want) in cases {
        assert!(good.contains(from), "{from}");
        let server = answering(sealed(&good.replace(from, to), Owner::Gateway));
        let register = Register::new(server.gateway(), "BEJ");
        let heard = register.find(&call(1), &Search::Iin(person()), &access).expect("an answer");
        let today = Day::of(2026, 7, 12).unwrap();
        let found = heard.found.expect("a person").obstacles(&Words::proposed(), today);
        assert_eq!(found, want.into_iter().collect::<Vec<_>>(), "{to}");
    }
}

#[test]
fn a_register_is_asked_with_an_access_of_that_person_only() {
    // R3-3.1
    let access = access();
    let (_, gateway) = with("person");
    let register = Register::new(gateway, "BEJ");
    let other = Search::Iin(terms::Iin::parse("000101390004").unwrap());
    let heard = register.find(&call(1), &other, &access);
    assert_eq!(heard, Err(Error::Unsendable("an access of another person")));
    let late = links::gateway::Call { at: now().plus(601 * Instant::SECOND), ..call(1) };
    let heard = register.find(&late, &Search::Iin(person()), &access);
    assert_eq!(heard, Err(Error::Unsendable("an access that has ended")));
    // Somebody else than was looked for.
    let elsewhere = Search::Document(Private::new("999"));
    let heard = register.find(&call(1), &elsewhere, &access);
    assert_eq!(heard, Err(Error::Malformed("the data of another person")));
}

#[test]
fn debts_are_property_other_or_unknown() {
    // X-05, R0-10.2c
    let (server, gateway) = with("debtor");
    let words = links::debtors::Words::proposed();
    let register = links::debtors::Register::new(gateway, words.clone());
    let heard = register.owes(&call(1), &person()).expect("an answer");
    assert_eq!(heard.found, Some(Owes::Property), "the gravest of two");
    compare("debtor.request.xml", &body(&server, None));
    let record = |word: &str| format!("<record><category>{word}</category></record>");
    let cases = [
        (vec!["NON_PROPERTY"], "SCSS001", Ok(Some(Owes::Other)), Some(false)),
        (vec!["NON_PROPERTY", "NEW"], "SCSS001", Ok(Some(Owes::Unknown)), Some(true)),
        (vec![], "SCSS001", Ok(None), None),
        (vec![], "SCSE001", Ok(None), None),
        (vec![], "404", Ok(None), None),
        (vec![], "FAULT-015", Err(Error::Refused(Code::of("FAULT-015"))), None),
        (vec!["PROPERTY"], "NEW001", Err(Error::Refused(Code::of("NEW001"))), None),
    ];
    for (records, code, want, bars) in cases {
        let records: String = records.into_iter().map(record).collect();
        let data = format!("<data><iin>{IIN}</iin>{records}</data>");
        let server = answering(sealed(&response(call(1).id, code, &data), Owner::Gateway));
        let register = links::debtors::Register::new(server.gateway(), words.clone());
        let found = register.owes(&call(1), &person()).map(|heard| heard.found);
        assert_eq!(found, want, "{code}");
        assert_eq!(found.ok().flatten().map(Owes::bars), bars);
    }
}

#[test]
fn a_restriction_has_an_end_or_none() {
    // X-04, R0-10.5
    let access = access();
    let (server, gateway) = with("restricted");
    let name = links::restricted::Register::PROPOSED;
    let register = links::restricted::Register::new(gateway, name);
    let heard = register.ask(&call(1), &person(), &access).expect("an answer");
    assert_eq!(heard.found, Some(Standing::Until(Day::of(2031, 12, 31))));
    compare("restricted.request.xml", &body(&server, Some(&access)));
    let cases = [
        ("<restricted>false</restricted>", Ok(Some(Standing::Free))),
        ("<restricted>true</restricted>", Ok(Some(Standing::Until(None)))),
        ("<restricted>maybe</restricted>", Err(Error::Malformed("restricted"))),
        ("<restricted>true</restricted><until>soon</until>", Err(Error::Malformed("until"))),
        ("", Err(Error::Malformed("restricted"))),
    ];
    for (content, want) in cases {
        let data = format!("<data><iin>{IIN}</iin>{content}</data>");
        let server = answering(sealed(&response(call(1).id, "SCSS001", &data), Owner::Gateway));
        let register = links::restricted::Register::new(server.gateway(), name);
        let heard = register.ask(&call(1), &person(), &access).map(|heard| heard.found);
        assert_eq!(heard, want, "{content}");
    }
}

/// The content of the last request, with the ends of lines that files here have.
fn sent(server: &Server) -> String {
    let request = server.last();
    let (_, content) = request.split_once("\r\n\r\n").expect("a content");
    format!("{}\n", content.replace("\r\n", "\n").trim_end())
}

#[test]
fn a_short_message_is_handed_over_once() {
    // X-24
    let id = call(1).id.to_string();
    let heard =
        format!("{{\"id\":\"{id}\",\"state\":\"accepted\",\"at\":\"2026-07-12T10:00:00Z\"}}");
    let server = Server::start(move |_| Answer::Bytes(http(202, "", heard.as_bytes())));
    let way = server.way(Realm::Production, 1_000, Duration::from_secs(5));
    let operator = Operator::new(way, "secret");
    let phone = Phone::parse("+7 701 000 00 10").unwrap();
    let what = |text: &str| Short { text: Private::new(text), kind: Kind::Code, valid_s: 180 };
    let receipt = operator.send(&call(1), &phone, &what("Код: 123456")).expect("a receipt");
    assert_eq!(receipt.state, State::Accepted);
    compare("message.request.json", &sent(&server));
    assert!(!server.last().lines().next().expect("a line").contains("701"));
    for text in [String::new(), "ж".repeat(202)] {
        let heard = operator.send(&call(1), &phone, &what(&text));
        assert_eq!(heard, Err(Error::Unsendable("the message")));
    }
    // The receipt of another message.
    assert!(matches!(operator.receipt(call(2).id), Err(Error::Malformed(_))));
}

fn exchange(server: &Server) -> Exchange {
    let member = Member {
        id: "bej".into(),
        exchange: "exchange".into(),
        key: Box::new(KEYS.signer(Owner::OurPasses)),
        pinned: vec![KEYS.certificate(Owner::Exchange)],
        verifier: Box::new(Builtin),
    };
    Exchange::new(server.way(Realm::Production, 100_000, Duration::from_secs(5)), member)
}

fn applicant() -> Applicant {
    Applicant {
        iin: Some(person()),
        document: None,
        phone: Phone::parse("87010000010").expect("a phone"),
        purpose: Purpose::Registration,
        channel: Channel::Remote,
    }
}

const BEGUN: &str = r#"{"session_id":"s-1","liveness":{"commands":["turn_left","blink","smile"],
    "nonce":"0123456789abcdef","expires_at":"2026-07-12T10:10:00+05:00"}}"#;

#[test]
fn a_session_of_identification_has_three_commands_and_a_nonce() {
    // X-03, R0-10
    let server = Server::start(|_| Answer::Bytes(http(201, "", BEGUN.as_bytes())));
    let session = exchange(&server).begin(&call(1), &applicant()).expect("a session");
    assert_eq!((session.commands.len(), session.iin), (3, Some(person())));
    compare("session.request.json", &sent(&server));
    assert!(!format!("{session:?}").contains(&session.nonce));
    let cases = [
        (r#","smile""#, "", Error::Malformed("fewer than three commands")),
        ("0123456789abcdef", "0123", Error::Malformed("a session without time or nonce")),
        ("T10:10:00", "T09:10:00", Error::Malformed("a session without time or nonce")),
        ("s-1", "../x", Error::Malformed("a name")),
        ("blink", "fly", Error::Malformed("no such JSON")),
    ];
    for (from, to, want) in cases {
        let begun = BEGUN.replace(from, to);
        let server = Server::start(move |_| Answer::Bytes(http(201, "", begun.as_bytes())));
        let heard = exchange(&server).begin(&call(1), &applicant());
        assert_eq!(heard.err(), Some(want), "{to}");
    }
    let nobody = Applicant { iin: None, ..applicant() };
    let heard = exchange(&server).begin(&call(1), &nobody);
    assert_eq!(heard.err(), Some(Error::Unsendable("neither number nor document")));
}

#[test]
fn a_film_is_sent_with_the_times_of_its_commands() {
    let server = Server::start(|request| {
        let begun = request.starts_with(b"POST /v1/sessions HTTP");
        let attempted = br#"{"attempt":1,"liveness":"pass","remaining":2}"#;
        Answer::Bytes(http(200, "", if begun { BEGUN.as_bytes() } else { attempted }))
    });
    let exchange = exchange(&server);
    let session = exchange.begin(&call(1), &applicant()).expect("a session");
    let film = Film {
        kind: "video/webm".into(),
        content: b"<film>".to_vec(),
        shown_ms: vec![0, 1_500, 3_000],
    };
    let attempt = exchange.capture(&call(2), &session, &film).expect("an attempt");
    assert!((attempt.number, attempt.alive, attempt.remaining) == (1, true, 2));
    compare("film.request.txt", &sent(&server));
    let short = Film { shown_ms: vec![0], ..film.clone() };
    let empty = Film { content: Vec::new(), ..film.clone() };
    let large = Film { content: vec![0; (8 << 20) + 1], ..film };
    for film in [short, empty, large] {
        let heard = exchange.capture(&call(2), &session, &film);
        assert!(matches!(heard, Err(Error::Unsendable(_))), "{film:?}");
    }
}

#[test]
fn a_result_of_identification_is_bound_to_session_nonce_and_person() {
    use links::token::TokenError;
    let begin = Server::start(|_| Answer::Bytes(http(201, "", BEGUN.as_bytes())));
    let session = exchange(&begin).begin(&call(1), &applicant()).expect("a session");
    let good = json!({
        "aud": "bej", "iat": now().0 / Instant::SECOND, "session_id": "s-1",
        "nonce": "0123456789abcdef", "state": "matched", "score": 8500, "threshold": 8500,
        "reference_source": "gbdfl", "evidence_id": "e-1",
        "person": {"iin": IIN, "surname": "ӘЛІМОВ", "name": "НҰРЛАН",
            "birth_date": "2005-07-12", "doc": {"type": "id_card", "number": "900000001"}},
    });
    let look = |content: &serde_json::Value, owner| {
        let signed = sign(content, &KEYS.signer(owner)).expect("a token");
        let heard = json!({"state": "matched", "signed_result": signed}).to_string();
        let server = Server::start(move |_| Answer::Bytes(http(200, "", heard.as_bytes())));
        exchange(&server).look(&call(2), &session)
    };
    let Ok(Outcome::Matched(matched)) = look(&good, Owner::Exchange) else { panic!("no match") };
    assert_eq!((matched.score, matched.threshold), (8_500, 8_500));
    assert_eq!(matched.person.iin, Some(person()));
    let with = |name: &str, value: serde_json::Value| {
        let mut content = good.clone();
        content[name] = value;
        content
    };
    let other = json!({"iin": "000101390004", "surname": "А", "name": "Б",
        "birth_date": "1900-01-01"});
    let minute = now().0 / Instant::SECOND + 61;
    let token = |error| Error::BadToken(error);
    let cases = [
        (with("aud", json!("another")), token(TokenError::Audience)),
        (with("session_id", json!("s-2")), token(TokenError::Session)),
        (with("nonce", json!("0123456789abcdeg")), token(TokenError::Session)),
        (with("iat", json!(minute)), token(TokenError::Times)),
        (with("iat", json!(minute - 122)), token(TokenError::Times)),
        (with("person", other), token(TokenError::Subject)),
        (with("score", json!(8_499)), Error::Malformed("a match below its threshold")),
        (with("score", json!(10_001)), Error::Malformed("score")),
        (with("score", json!(0.97)), token(TokenError::Form("content"))),
        (with("threshold", json!(0)), Error::Malformed("score")),
        (with("person", json!(null)), Error::Malformed("person")),
        (with("state", json!("surely")), Error::Malformed("state")),
    ];
    for (content, want) in cases {
        assert_eq!(look(&content, Owner::Exchange).err(), Some(want), "{content}");
    }
    let stranger = look(&good, Owner::Stranger).err();
    let mismatch = links::signature::SignatureError::Mismatch;
    assert_eq!(stranger, Some(token(TokenError::Signature(mismatch))));
    // Good news without a signature are no news.
    let server = Server::start(|_| Answer::Bytes(http(200, "", br#"{"state":"matched"}"#)));
    let absent = links::signature::SignatureError::Absent;
    let heard = exchange(&server).look(&call(2), &session).err();
    assert_eq!(heard, Some(token(TokenError::Signature(absent))));
}
