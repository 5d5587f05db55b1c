//! The State service: application, rework, ten answers, production; consents in the journal.

use casework::{CaseState, CaseStep};
use links::consent::{Exemption, Means, RequestWay, Standing};
use people::No;
use people::state_service::{Application, Attachment, Flaw};
use terms::{Code, Hash, Reason};

use crate::world::{World, id};

fn good() -> Application {
    Application {
        services: b"identification of bettors".to_vec(),
        needed: b"GBDFLUniversal_token: birth date and documents at registration".to_vec(),
        period: b"no end".to_vec(),
        retention_years: 5,
        ground: b"AML law, article 11(4)".to_vec(),
        platform: None,
        attachments: Vec::new(),
    }
}

// R3-5.1, R3-5.2, R3-5.3, R3-5.4, R3-5.5, R3-7.0, R3-7.1, R3-7.2, R3-7.3, R3-7.4, R3-8.1
#[test]
fn every_field_is_asked_for_and_the_way_has_to_be_open() {
    let nobody = Standing::default();
    let flaws = |application: &Application, way| application.flaws(way, nobody, 5);
    assert_eq!(flaws(&good(), RequestWay::default()), []);
    assert_eq!(RequestWay::default(), RequestWay::Sms1414, "the default");
    let empty = Application {
        services: Vec::new(),
        needed: Vec::new(),
        period: Vec::new(),
        ground: Vec::new(),
        retention_years: 6,
        ..good()
    };
    assert_eq!(
        flaws(&empty, RequestWay::Sms1414),
        [Flaw::Services, Flaw::Needed, Flaw::Period, Flaw::Retention, Flaw::Ground]
    );
    let own = RequestWay::OwnMeans(Means::Biometry);
    assert_eq!(flaws(&good(), own), [Flaw::Way, Flaw::Protocols]);
    let entitled = Standing { agreement: true, security_centre: true, ..nobody };
    assert_eq!(good().flaws(own, entitled, 5), [Flaw::Protocols]);
    assert_eq!(flaws(&good(), RequestWay::Proactive), [Flaw::Way]);
    assert_eq!(flaws(&good(), RequestWay::Logging(Exemption::Sub9Dash2)), []);
}

// E-12: R3-4.1, R3-5.6, R3-9.1, R3-10.1, R3-11.1, R3-11.2, R3-11.3, R3-12.1, D-19
#[test]
fn from_application_to_production() {
    let world = World::new();
    let people = &world.people;
    let case = people.draft_application(&good(), Standing::default(), id()).unwrap().unwrap();
    let step = |step, ground: Option<&str>, attached: Option<u8>| {
        let ground = ground.map(|text| Code::new(text).unwrap());
        let attached = attached
            .map(|byte| Attachment { name: b"attached".to_vec(), digest: Hash([byte; 32]) });
        people.move_application(case, step, ground, attached, id())
    };
    step(CaseStep::Submit, None, None).unwrap();
    let due = world.pump.read_copy().read(|state| state.cases.get(case).unwrap().due);
    assert!(due.is_some(), "ten working days");
    step(CaseStep::Return, Some("contrary_to_law"), None).unwrap();
    assert_eq!(people.application_state(case), Some(CaseState::Returned));
    step(CaseStep::Rework, None, None).unwrap();
    step(CaseStep::Submit, None, None).unwrap();
    step(CaseStep::Accept, None, None).unwrap();
    step(CaseStep::Document, None, None).unwrap();
    step(CaseStep::Test, None, None).unwrap();
    for answer in 1..=9 {
        step(CaseStep::Answer, None, Some(answer)).unwrap();
    }
    let early = step(CaseStep::AttachAct, None, Some(99));
    assert!(matches!(early, Err(No::Refused(Reason::StepNotPossible))), "nine: {early:?}");
    step(CaseStep::Answer, None, Some(10)).unwrap();
    step(CaseStep::AttachAct, None, Some(99)).unwrap();
    assert!(!people.in_production());
    step(CaseStep::Consider, None, None).unwrap();
    step(CaseStep::Launch, None, None).unwrap();
    assert!(people.in_production());
    assert_eq!(people.application(case).unwrap().unwrap().attachments.len(), 11);
}
