//! A simulation of one test, with its connectors.

use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use links::consent::{Access, Answer, Asked, Consent as _, RequestWay, Said, Standing};
use links::gateway::Call;
use links::moment::parse;
use links::way::Realm;
use links::{Error, Private};
use outside::people::Person;
use outside::{Running, Settings, Systems, start};
use serde_json::{Value, json};
use terms::{Day, Instant, MessageId};

pub const SEED: u64 = 7;

pub struct Sim {
    pub running: Running,
    pub systems: Systems,
    at: Instant,
    calls: AtomicU64,
}

impl Sim {
    pub fn new() -> Sim {
        Sim::with(Realm::Test, Standing::default(), Duration::from_secs(20))
    }

    pub fn with(realm: Realm, standing: Standing, whole: Duration) -> Sim {
        let at = parse("2026-07-12T10:00:00+05:00").expect("a time");
        let keys = Path::new(env!("CARGO_TARGET_TMPDIR")).join("keys");
        let settings = Settings { seed: SEED, keys, at: Some(at), port: 0 };
        let running = start(&settings).expect("simulators");
        let systems = running.systems(realm, standing, whole).expect("connectors");
        Sim { running, systems, at, calls: AtomicU64::new(0) }
    }

    /// A call with an id of its own, at the time of the simulation.
    pub fn call(&self) -> Call {
        let number = self.calls.fetch_add(1, Ordering::Relaxed);
        let mut random = [0; 10];
        random[2..].copy_from_slice(&number.to_be_bytes());
        let at = self.running.world().now();
        Call { id: MessageId(terms::id::uuid_v7(at.ms(), random)), at }
    }

    /// The clock of the simulation, so many seconds after the beginning.
    pub fn clock(&self, seconds: i64) {
        let at = self.at.plus(seconds * Instant::SECOND).to_string();
        self.running.control("/clock", &json!({"at": at}));
    }

    pub fn fault(&self, system: &str, fault: Value) {
        let content = json!({"system": system, "fault": fault, "times": 1});
        self.running.control("/faults", &content);
    }

    pub fn inbox(&self, phone: &str) -> Vec<Value> {
        let inbox = self.running.control("/phones/inbox", &json!({"phone": phone}));
        inbox.as_array().expect("a list").clone()
    }

    pub fn ask(&self, asked: &Asked) -> Result<Answer, Error> {
        self.systems.consent.request(&self.call(), asked)
    }

    pub fn access(&self, person: &Person) -> Access {
        match self.ask(&asked(person)).expect("an answer").said {
            Said::Granted(access) => *access,
            other => panic!("{other:?}"),
        }
    }
}

/// The person with these three digits whom every test meets.
pub fn someone(serial: [u8; 3]) -> Person {
    let births = (1..=28).filter_map(|day| Day::of(1990, 3, day));
    let mut found = births.filter_map(|birth| Person::drawn(SEED, birth, true, serial));
    found.next().expect("a number that exists")
}

pub fn asked(person: &Person) -> Asked {
    Asked {
        person: person.iin,
        employee: Private::new("СЫНАҚ"),
        registers: vec!["GBDFLUniversal_token".into(), "RESTRICTED_PERSONS".into()],
        data: "Туған күні, құжаттар".into(),
        term_s: 600,
        way: RequestWay::Sms1414,
        code: None,
    }
}
