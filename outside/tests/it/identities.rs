//! The exchange of identification data: every outcome by the last digit of the serial.

use links::Error;
use links::identification::{
    Applicant, Channel, Film, Identification as _, Outcome, Paper, Purpose, Session,
};
use links::signature::SignatureError;
use links::token::TokenError;
use links::{Phone, Private};
use serde_json::json;

use crate::world::{Sim, someone};

fn applicant(units: u8) -> Applicant {
    let person = someone([0, 0, units]);
    Applicant {
        iin: Some(person.iin),
        document: None,
        phone: Phone::parse(&person.phone).expect("a phone"),
        purpose: Purpose::Registration,
        channel: Channel::Remote,
    }
}

fn film(session: &Session) -> Film {
    let count = u32::try_from(session.commands.len()).expect("a few");
    Film {
        kind: "video/webm".into(),
        content: b"a film of somebody".to_vec(),
        shown_ms: (0..count).map(|n| n * 1_000).collect(),
    }
}

/// Begins, films once, and looks.
fn outcome(sim: &Sim, applicant: &Applicant) -> Result<Outcome, Error> {
    let exchange = &sim.systems.identification;
    let session = exchange.begin(&sim.call(), applicant)?;
    exchange.capture(&sim.call(), &session, &film(&session))?;
    exchange.look(&sim.call(), &session)
}

#[test]
fn each_last_digit_has_its_outcome() {
    // X-03, R0-10, S-02
    let sim = Sim::new();
    let at = |digit| outcome(&sim, &applicant(digit));
    let Ok(Outcome::Matched(matched)) = at(0) else { panic!("no match") };
    let person = someone([0, 0, 0]);
    assert_eq!(matched.person.iin, Some(person.iin));
    assert_eq!(matched.person.birth.0, person.birth);
    assert_eq!(matched.person.surname.reveal(), person.surname);
    let Ok(Outcome::Matched(least)) = at(1) else { panic!("no match") };
    assert_eq!((least.score, least.threshold), (8_500, 8_500));
    assert_eq!(at(2), Ok(Outcome::NotMatched { score: 8_499, threshold: 8_500 }));
    assert_eq!(at(3), Ok(Outcome::Pending), "attempts are left");
    assert_eq!(at(4), Ok(Outcome::NoReference));
    assert_eq!(at(5), Ok(Outcome::Expired));
    let signature = |error| Err(Error::BadToken(TokenError::Signature(error)));
    assert_eq!(at(7), signature(SignatureError::Mismatch));
    assert_eq!(at(8), signature(SignatureError::Mismatch));
    assert_eq!(at(9), Err(Error::BadToken(TokenError::Subject)));
}

#[test]
fn three_films_without_life_end_a_session() {
    let sim = Sim::new();
    let exchange = &sim.systems.identification;
    let session = exchange.begin(&sim.call(), &applicant(3)).expect("a session");
    for left in [2, 1, 0] {
        let attempt = exchange.capture(&sim.call(), &session, &film(&session));
        let attempt = attempt.expect("an attempt");
        assert_eq!((attempt.alive, attempt.remaining), (false, left));
    }
    assert_eq!(exchange.look(&sim.call(), &session), Ok(Outcome::LivenessFailed));
    let fourth = exchange.capture(&sim.call(), &session, &film(&session));
    assert_eq!(fourth, Err(Error::Refused(links::Code::of("session_ended"))));
}

#[test]
fn a_comparison_may_take_a_while() {
    let sim = Sim::new();
    let exchange = &sim.systems.identification;
    let session = exchange.begin(&sim.call(), &applicant(6)).expect("a session");
    assert_eq!(exchange.look(&sim.call(), &session), Ok(Outcome::Pending), "no film yet");
    exchange.capture(&sim.call(), &session, &film(&session)).expect("an attempt");
    assert_eq!(exchange.look(&sim.call(), &session), Ok(Outcome::Pending));
    assert_eq!(exchange.look(&sim.call(), &session), Ok(Outcome::Pending));
    assert!(matches!(exchange.look(&sim.call(), &session), Ok(Outcome::Matched(_))));
}

#[test]
fn the_same_beginning_is_the_same_session() {
    let sim = Sim::new();
    let exchange = &sim.systems.identification;
    let call = sim.call();
    let first = exchange.begin(&call, &applicant(0)).expect("a session");
    let again = exchange.begin(&call, &applicant(0)).expect("a session");
    assert_eq!(first, again);
    let other = exchange.begin(&sim.call(), &applicant(0)).expect("a session");
    assert_ne!(first.nonce, other.nonce);
    // Nobody films: the session ends by itself.
    sim.clock(600);
    assert_eq!(exchange.look(&sim.call(), &first), Ok(Outcome::Expired));
}

#[test]
fn a_foreigner_is_identified_by_his_document() {
    // S-07
    let sim = Sim::new();
    let with = |number: &str| Applicant {
        iin: None,
        document: Some(Paper { kind: "passport".into(), number: Private::new(number) }),
        ..applicant(0)
    };
    let Ok(Outcome::Matched(matched)) = outcome(&sim, &with("N1234500")) else {
        panic!("no match")
    };
    assert_eq!(matched.person.iin, None);
    let document = matched.person.document.expect("a document");
    assert_eq!(document.number.reveal(), "N1234500");
    assert_eq!(outcome(&sim, &with("N1234540")), Ok(Outcome::NoReference));
}

#[test]
fn results_that_are_forged_on_the_way_are_not_believed() {
    let sim = Sim::new();
    let exchange = &sim.systems.identification;
    let session = exchange.begin(&sim.call(), &applicant(0)).expect("a session");
    exchange.capture(&sim.call(), &session, &film(&session)).expect("an attempt");
    let signature = |error| Error::BadToken(TokenError::Signature(error));
    let cases = [
        ("token_none", Error::BadToken(TokenError::Algorithm)),
        ("tampered", signature(SignatureError::Mismatch)),
        ("strangers_key", signature(SignatureError::Mismatch)),
        ("unsigned", signature(SignatureError::Absent)),
        ("duplicate", Error::BadToken(TokenError::Session)),
    ];
    for (kind, want) in cases {
        sim.fault("exchange", json!({"kind": kind}));
        assert_eq!(exchange.look(&sim.call(), &session), Err(want), "{kind}");
    }
    assert!(matches!(exchange.look(&sim.call(), &session), Ok(Outcome::Matched(_))));
}
