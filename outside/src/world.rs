//! What the simulated systems share: the clock, faults, phones, and what has been asked.

use std::collections::{HashMap, VecDeque};
use std::time::{SystemTime, UNIX_EPOCH};

use parking_lot::Mutex;
use sha2::{Digest as _, Sha256};
use terms::{Iin, Instant};

use crate::fault::{Fault, System};
use crate::keys::Keys;
use crate::lists::Lists;
use crate::people::Person;

/// Records of one kind that are kept; the oldest go first.
pub const KEPT: usize = 100_000;

/// Everything that is simulated.
#[derive(Debug)]
pub struct World {
    /// People and lists follow from it.
    pub seed: u64,
    /// Everybody's keys.
    pub keys: Keys,
    /// What changes.
    pub state: Mutex<State>,
}

/// What changes.
#[derive(Debug, Default)]
pub struct State {
    /// The virtual time, if it is set; it stands still.
    pub clock: Option<Instant>,
    /// Faults to come, by system.
    pub faults: HashMap<System, VecDeque<Fault>>,
    /// Messages of each phone.
    pub phones: HashMap<String, Vec<Sms>>,
    /// Requests for consent.
    pub consents: HashMap<String, Consent>,
    /// Sessions of the exchange.
    pub sessions: HashMap<String, Session>,
    /// Messages of the operator, by their ids.
    pub messages: HashMap<String, Sent>,
    /// Answers of the gateway, by the ids of what they answer.
    pub answers: HashMap<String, String>,
    /// The gateway's last answer.
    pub last_answer: Option<String>,
    /// Persons about whom more is known than their digits say.
    pub persons: HashMap<String, Change>,
    /// The lists.
    pub lists: Lists,
    /// Requests of each system.
    pub counts: HashMap<System, u64>,
    /// Ids that were given out.
    pub drawn: u64,
}

/// A message that a phone has.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Sms {
    /// Its id.
    pub id: String,
    /// `1414` or `operator`.
    pub from: &'static str,
    /// What it says.
    pub text: String,
    /// The code in it.
    pub code: Option<String>,
    /// The request for consent that it is about.
    #[serde(skip)]
    pub consent: Option<String>,
}

/// A request for consent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Consent {
    /// When it was made.
    pub made_at: Instant,
    /// The code that was sent.
    pub code: String,
    /// Wrong codes so far.
    pub wrong_codes: u32,
    /// What the person has said.
    pub said: Option<bool>,
}

/// A session of the exchange.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// Whose.
    pub iin: String,
    /// The nonce.
    pub nonce: String,
    /// When it was opened.
    pub made_at: Instant,
    /// Films so far.
    pub films: u32,
    /// Looks since the last film.
    pub looks: u32,
}

/// A message of the operator.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sent {
    /// To whom.
    pub to: String,
    /// When.
    pub at: Instant,
}

/// What is changed about a person.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Change {
    /// Whose number.
    pub iin: String,
    /// The word for his life state.
    pub life: Option<String>,
    /// The word for his capacity.
    pub capacity: Option<String>,
    /// Whether the register has excluded him.
    pub excluded: bool,
    /// Whether he is missing.
    pub missing: bool,
    /// Whether his documents have ended.
    pub documents_ended: bool,
    /// Another day of birth than the one in his number.
    pub birth: Option<String>,
    /// Whether the register has never heard of him.
    pub unknown: bool,
    /// The category of his debt; `none` for none.
    pub debt: Option<String>,
    /// The day until which he is restricted; `none` for not at all.
    pub restricted_until: Option<String>,
}

impl World {
    /// A world with nothing in it but people.
    pub fn new(seed: u64, keys: Keys, clock: Option<Instant>) -> World {
        World { seed, keys, state: Mutex::new(State { clock, ..State::default() }) }
    }

    /// The time in it.
    pub fn now(&self) -> Instant {
        self.state.lock().clock.unwrap_or_else(|| {
            let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
            Instant(i64::try_from(since.as_nanos()).unwrap_or(i64::MAX))
        })
    }

    /// The person with this number.
    pub fn person(&self, iin: &str) -> Option<Person> {
        Person::of(self.seed, &Iin::parse(iin).ok()?)
    }

    /// What is changed about a person.
    pub fn change(&self, iin: &str) -> Change {
        self.state.lock().persons.get(iin).cloned().unwrap_or_default()
    }

    /// Counts a request, and takes the fault that awaits it.
    pub fn arrive(&self, system: System) -> Option<Fault> {
        let mut state = self.state.lock();
        *state.counts.entry(system).or_default() += 1;
        state.faults.get_mut(&system).and_then(VecDeque::pop_front)
    }

    /// Hexadecimal digits that have not been given out before and follow from the seed.
    pub fn draw(&self, what: &str) -> String {
        let mut state = self.state.lock();
        state.drawn += 1;
        let mut hasher = Sha256::new();
        hasher.update(self.seed.to_be_bytes());
        hasher.update(what.as_bytes());
        hasher.update(state.drawn.to_be_bytes());
        hasher.finalize().iter().take(16).map(|byte| format!("{byte:02x}")).collect()
    }

    /// The same as the form of a session of the gateway.
    pub fn draw_guid(&self) -> String {
        let digits = self.draw("session");
        let (a, b, c, d, e) =
            (&digits[..8], &digits[8..12], &digits[12..16], &digits[16..20], &digits[20..]);
        format!("{{{a}-{b}-{c}-{d}-{e}}}")
    }
}

/// Makes room before one more is put in.
pub fn bound<V>(map: &mut HashMap<String, V>) {
    if KEPT <= map.len() {
        map.clear();
    }
}
