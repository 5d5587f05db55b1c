//! The state service: five ways, every answer, and the trial of ten.

use links::consent::trial::{Ended, Part, TrialError, run};
use links::consent::{Asked, Consent as _, Exemption, Means, RequestWay, Said, Standing};
use links::signature::SignatureError;
use links::token::TokenError;
use links::way::Realm;
use links::{Error, Private};
use serde_json::json;
use std::time::Duration;
use terms::Day;

use crate::world::{Sim, asked, someone};

fn said(sim: &Sim, hundreds: u8) -> Result<&'static str, Error> {
    sim.ask(&asked(&someone([hundreds, 0, 0]))).map(|answer| match answer.said {
        Said::Pending => "pending",
        Said::Granted(_) => "granted",
        Said::Refused => "refused",
        Said::TimedOut => "timed out",
        Said::NotReachable => "not reachable",
        Said::Failed => "failed",
    })
}

#[test]
fn each_digit_of_the_hundreds_has_its_answer() {
    // R3-2.8, R3-7.1, R3-7.6a, R3-7.6b
    let sim = Sim::new();
    let token = |error| Err(Error::BadToken(error));
    let mismatch = TokenError::Signature(SignatureError::Mismatch);
    let cases = [
        (0, Ok("granted")),
        (1, Ok("pending")),
        (2, Ok("refused")),
        (3, Ok("pending")),
        (4, Ok("not reachable")),
        (5, Ok("failed")),
        (6, token(TokenError::Expired)),
        (7, token(TokenError::Audience)),
        (8, token(mismatch)),
        (9, token(TokenError::Subject)),
    ];
    for (digit, want) in cases {
        assert_eq!(said(&sim, digit), want, "{digit}");
    }
    // S-56: who never answers is waited for a day.
    sim.clock(24 * 3_600 - 1);
    assert_eq!(said(&sim, 3), Ok("pending"));
    sim.clock(24 * 3_600);
    assert_eq!(said(&sim, 3), Ok("timed out"));
}

#[test]
fn a_person_answers_1414_on_his_phone() {
    // R3-7.1
    for (text, want) in [("1", "granted"), ("жоқ", "refused")] {
        let sim = Sim::new();
        let person = someone([1, 0, 0]);
        assert_eq!(said(&sim, 1), Ok("pending"));
        assert_eq!(said(&sim, 1), Ok("pending"));
        let inbox = sim.inbox(&person.phone);
        assert_eq!(inbox.len(), 1, "asking again sends no second message");
        let reply =
            |text: &str| json!({"phone": person.phone, "message": inbox[0]["id"], "text": text});
        sim.running.control("/phones/reply", &reply(text));
        assert_eq!(said(&sim, 1), Ok(want));
        // The first word counts.
        sim.running.control("/phones/reply", &reply("0"));
        assert_eq!(said(&sim, 1), Ok(want));
    }
}

#[test]
fn a_one_time_code_is_good_once_and_for_ten_minutes() {
    // R3-7.5a, R3-7.5b, S-56
    let sim = Sim::new();
    let person = someone([1, 0, 0]);
    let ask = |code: Option<&str>| {
        let code = code.map(Private::new);
        let asked = Asked { way: RequestWay::OneTimeCode, code, ..asked(&person) };
        sim.ask(&asked).expect("an answer").said
    };
    assert_eq!(ask(None), Said::Pending);
    let code = sim.inbox(&person.phone)[0]["code"].as_str().expect("a code").to_owned();
    assert_eq!(code.len(), 6);
    let wrong = if code == "000000" { "000001" } else { "000000" };
    assert_eq!(ask(Some(wrong)), Said::Refused);
    sim.clock(599);
    assert!(matches!(ask(Some(&code)), Said::Granted(_)));
    assert_eq!(ask(Some(&code)), Said::Refused, "a second time");

    let late = Sim::new();
    let ask = |code: Option<&str>| {
        let code = code.map(Private::new);
        let asked = Asked { way: RequestWay::OneTimeCode, code, ..asked(&person) };
        late.ask(&asked).expect("an answer").said
    };
    assert_eq!(ask(None), Said::Pending);
    let code = late.inbox(&person.phone)[0]["code"].as_str().expect("a code").to_owned();
    late.clock(600);
    assert_eq!(ask(Some(&code)), Said::TimedOut);
}

#[test]
fn ways_without_a_message_answer_at_once() {
    // R3-7.2, R3-7.3, R3-7.4
    let standing = Standing { bank: true, proactive: true, ..Standing::default() };
    let sim = Sim::with(Realm::Test, standing, Duration::from_secs(20));
    let person = someone([1, 0, 0]);
    let ways = [
        RequestWay::OwnMeans(Means::Biometry),
        RequestWay::OwnMeans(Means::Signature),
        RequestWay::Proactive,
        RequestWay::Logging(Exemption::Sub1),
    ];
    for way in ways {
        let heard = sim.ask(&Asked { way, ..asked(&person) }).expect("an answer");
        assert!(matches!(heard.said, Said::Granted(_)), "{way:?}");
    }
    assert!(sim.inbox(&person.phone).is_empty());
    // Without the standing nothing is sent.
    let sim = Sim::new();
    for way in &ways[..3] {
        let heard = sim.ask(&Asked { way: *way, ..asked(&person) });
        assert_eq!(heard, Err(Error::Unsendable("a way that we are not entitled to")));
    }
    let counts = sim.running.control("/counts", &json!({}));
    assert!(counts.as_array().expect("a list").iter().all(|count| count["asked"] == 0));
}

#[test]
fn who_asked_is_in_the_history() {
    let sim = Sim::new();
    let person = someone([0, 0, 0]);
    sim.access(&person);
    let day = Day::of(2026, 7, 12).expect("a day");
    let looks = sim.systems.consent.history(&sim.call(), &person.iin, day, day);
    let looks = looks.expect("looks");
    assert_eq!(looks.len(), 1);
    assert_eq!(looks[0].registers, "GBDFLUniversal_token;RESTRICTED_PERSONS");
    let before = Day(day.0 - 1);
    let none = sim.systems.consent.history(&sim.call(), &person.iin, before, before);
    assert_eq!(none, Ok(Vec::new()));
}

#[test]
fn ten_verified_answers_make_the_evidence_of_an_act() {
    // R3-11.1, R3-11.2
    let sim = Sim::new();
    let good = |day: u32| {
        let birth = Day::of(1980, 1 + day / 28, 1 + day % 28).expect("a day");
        outside::people::Person::drawn(crate::world::SEED, birth, true, [0, 0, 0])
    };
    let people: Vec<_> = (0..40).filter_map(good).take(12).collect();
    let requests = |count: usize| {
        people.iter().take(count).map(|person| (sim.call(), asked(person))).collect::<Vec<_>>()
    };
    let nine = run(&sim.systems.consent, Realm::Test, requests(9)).expect("a trial");
    assert_eq!(nine.counted(), 9);
    assert_eq!(nine.evidence().err(), Some(TrialError::TooFew { counted: 9 }));
    let ten = run(&sim.systems.consent, Realm::Test, requests(10)).expect("a trial");
    let evidence = ten.evidence().expect("an act");
    assert_eq!((evidence.counted, evidence.exchanges.len()), (10, 10));
    let digests: std::collections::BTreeSet<_> = evidence
        .exchanges
        .iter()
        .map(|exchange| match &exchange.ended {
            Ended::Counted { trace, token_id } => {
                assert_ne!(trace.request, trace.answer);
                (trace.answer, *token_id)
            }
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(digests.len(), 10);
    // In production no trial is made, and none without requests or with too many.
    let refused = run(&sim.systems.consent, Realm::Production, requests(10)).err();
    assert_eq!(refused, Some(TrialError::NotATest));
    for count in [0, 101] {
        let many = (0..count).map(|_| (sim.call(), asked(&people[0])));
        assert_eq!(run(&sim.systems.consent, Realm::Test, many).err(), Some(TrialError::Requests));
    }
}

#[test]
fn what_was_seen_or_not_verified_does_not_count() {
    // R3-11.2
    let sim = Sim::new();
    let person = |hundreds| asked(&someone([hundreds, 0, 0]));
    let first = sim.call();
    let requests = vec![
        (first, person(0)),
        (first, person(0)),
        (sim.call(), person(1)),
        (sim.call(), person(6)),
        (sim.call(), person(8)),
    ];
    let trial = run(&sim.systems.consent, Realm::Test, requests).expect("a trial");
    assert_eq!(trial.counted(), 1);
    let ended: Vec<_> = trial.exchanges().iter().map(|exchange| exchange.ended.clone()).collect();
    assert_eq!(ended[1], Ended::Repeated(Part::Message));
    assert_eq!(ended[2], Ended::WithoutAccess);
    assert_eq!(ended[3], Ended::Failed(Error::BadToken(TokenError::Expired)));
    assert!(matches!(ended[4], Ended::Failed(Error::BadToken(TokenError::Signature(_)))));
    // The answer of before to a new message names the old one.
    let again = sim.call();
    sim.ask(&person(0)).expect("an answer");
    sim.fault("gateway", json!({"kind": "duplicate"}));
    let trial = run(&sim.systems.consent, Realm::Test, [(again, person(0))]).expect("a trial");
    let other = Error::Malformed("the answer to another message");
    assert_eq!(trial.exchanges()[0].ended, Ended::Failed(other));
}

#[test]
fn forged_tokens_are_not_believed() {
    // S-58
    let sim = Sim::new();
    for kind in ["token_none", "token_hs256"] {
        sim.fault("gateway", json!({"kind": kind}));
        let heard = sim.ask(&asked(&someone([0, 0, 0])));
        assert_eq!(heard, Err(Error::BadToken(TokenError::Algorithm)), "{kind}");
    }
}
