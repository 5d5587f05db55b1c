//! Systems that are slow, down, wrong, or signed badly.

use std::time::Duration;

use links::debtors::Debtors as _;
use links::messages::{Kind, Messages as _, Short, State};
use links::signature::SignatureError;
use links::way::Realm;
use links::{Code, Error, Phone, Private};
use serde_json::{Value, json};

use crate::world::{Sim, someone};

fn owes(sim: &Sim) -> Result<bool, Error> {
    let person = someone([0, 1, 0]);
    sim.systems.debtors.owes(&sim.call(), &person.iin).map(|heard| heard.found.is_some())
}

#[test]
fn each_fault_is_told_by_its_name_and_passes() {
    let sim = Sim::new();
    let signature = |error| Error::BadSignature(error);
    let cases: [(Value, Error); 9] = [
        (json!({"kind": "down"}), Error::Unavailable),
        (json!({"kind": "throttled", "after_s": 30}), Error::Throttled { after_s: Some(30) }),
        (json!({"kind": "cut"}), Error::Cut),
        (json!({"kind": "oversized"}), Error::TooLarge),
        (json!({"kind": "wrong"}), Error::Malformed("no well-formed XML without a document type")),
        (json!({"kind": "tampered"}), signature(SignatureError::Mismatch)),
        (json!({"kind": "strangers_key"}), signature(SignatureError::Stranger)),
        (json!({"kind": "unsigned"}), signature(SignatureError::Absent)),
        (json!({"kind": "code", "code": "FAULT-015"}), Error::Refused(Code::of("FAULT-015"))),
    ];
    for (fault, want) in cases {
        sim.fault("gateway", fault.clone());
        assert_eq!(owes(&sim), Err(want), "{fault}");
        assert_eq!(owes(&sim), Ok(true), "after {fault}");
    }
}

#[test]
fn a_slow_system_is_left_at_the_deadline_and_gives_its_answer_when_asked_again() {
    let sim = Sim::with(Realm::Test, Default::default(), Duration::from_millis(1_000));
    let person = someone([0, 1, 0]);
    let call = sim.call();
    sim.fault("gateway", json!({"kind": "slow", "ms": 3_000}));
    let heard = sim.systems.debtors.owes(&call, &person.iin);
    assert_eq!(heard, Err(Error::Late));
    let first = sim.systems.debtors.owes(&call, &person.iin).expect("an answer");
    let again = sim.systems.debtors.owes(&call, &person.iin).expect("an answer");
    assert_eq!(first, again, "the same message has the same answer");
}

#[test]
fn a_simulator_is_refused_in_production() {
    let sim = Sim::with(Realm::Production, Default::default(), Duration::from_secs(20));
    assert_eq!(owes(&sim), Err(Error::Simulated));
    // One that hides has still no key that production would pin; here the pin is the simulator's.
    sim.fault("gateway", json!({"kind": "unmarked"}));
    assert_eq!(owes(&sim), Ok(true));
}

#[test]
fn messages_are_delivered_once_throttled_or_not_at_all() {
    //
    let sim = Sim::new();
    let what = Short { text: Private::new("Код 493021"), kind: Kind::Code, valid_s: 180 };
    let send = |phone: &str, call| {
        sim.systems.messages.send(&call, &Phone::parse(phone).expect("a phone"), &what)
    };
    let call = sim.call();
    for _ in 0..2 {
        assert_eq!(send("+77000000010", call).expect("a receipt").state, State::Accepted);
    }
    let inbox = sim.inbox("77000000010");
    assert_eq!((inbox.len(), &inbox[0]["code"]), (1, &json!("493021")));
    let state = |id| sim.systems.messages.receipt(id).map(|receipt| receipt.state);
    assert_eq!(state(call.id), Ok(State::Delivered));
    let cases = [
        ("+77000000000", State::Undelivered(Code::of("number_unknown"))),
        ("+77000000001", State::Undelivered(Code::of("unsubscribed"))),
        ("+77000000002", State::Accepted),
    ];
    for (phone, want) in cases {
        let call = sim.call();
        send(phone, call).expect("a receipt");
        assert_eq!(state(call.id), Ok(want), "{phone}");
        assert!(sim.inbox(&phone[1..]).is_empty());
    }
    assert_eq!(state(sim.call().id), Err(Error::Refused(Code::of("no_such_message"))));
    sim.fault("operator", json!({"kind": "throttled", "after_s": 2}));
    assert_eq!(send("+77000000010", sim.call()), Err(Error::Throttled { after_s: Some(2) }));
}

#[test]
fn the_control_refuses_what_it_does_not_know() {
    let sim = Sim::new();
    let refused = |path: &str, content: Value| {
        let world = sim.running.world();
        outside::control::control(world, path, content.to_string().as_bytes()).is_err()
    };
    assert!(refused("/nowhere", json!({})));
    assert!(refused("/clock", json!({"at": "soon"})));
    assert!(refused("/faults", json!({"system": "gateway", "fault": {"kind": "x"}, "times": 1})));
    assert!(refused("/persons", json!({"iin": "950101300016"})), "not a synthetic person");
    assert!(refused("/persons", json!({"iin": "050712590008", "height": 1})));
    assert!(refused("/phones/reply", json!({"phone": "1", "message": "1", "text": "1"})));
    assert!(refused("/lists", json!({"add": [["best", "050712590008"]]})));
}
