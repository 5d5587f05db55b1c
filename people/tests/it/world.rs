//! The small world with a pump, a vault, an edge, and the systems outside on loopback.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::time::Duration;

use admission::Scopes;
use desk::command::Manner;
use desk::{Command, Message};
use links::consent::{RequestWay, Standing};
use links::way::Realm;
use outside::people::Person as Synthetic;
use people::form::Given;
use people::joining::{Agreement, Path as WayPath, Step, Way};
use people::lists::Screens;
use people::ports::Decides;
use people::{Outside, Parts, People, Settings, Token};
use phrases::Language;
use pump::{Class, Clock, Handle, Options, Outcome, Pump, Stream, Time, Verdict};
use serde_json::json;
use store::edge::EdgeStore;
use store::memory_edge::MemoryEdge;
use store::memory_vault::MemoryVault;
use store::{JournalStore as _, Memory};
use terms::id::uuid_v7;
use terms::{Day, Instant, MessageId, Organiser, Sender};
use vault::{FileKeeper, PhotoKind, Vault};

/// A clock that a test moves.
#[derive(Default)]
pub struct Hand {
    extra: AtomicI64,
}

impl Hand {
    pub fn pass(&self, ns: i64) {
        self.extra.fetch_add(ns, Ordering::SeqCst);
    }
}

impl Clock for Hand {
    fn wall(&self) -> Instant {
        pump::SystemClock::new().wall().plus(self.extra.load(Ordering::SeqCst))
    }

    fn monotonic_ns(&self) -> i64 {
        self.wall().0
    }
}

pub struct Seat(pub Handle);

impl Decides for Seat {
    fn ask(&self, class: Class, message: Message) -> Result<Verdict, String> {
        self.0.ask(class, message).map_err(|error| error.to_string())
    }
}

pub struct World {
    pub people: Arc<People>,
    pub outside: outside::Running,
    pub pump: Pump,
    pub memory: Memory,
    pub edge: MemoryEdge,
    pub vaults: MemoryVault,
    pub clock: Arc<Hand>,
    pub home: tempfile::TempDir,
}

/// A new id of this moment.
pub fn id() -> MessageId {
    static COUNT: AtomicU64 = AtomicU64::new(1);
    let mut random = [0; 10];
    random[2..].copy_from_slice(&COUNT.fetch_add(1, Ordering::Relaxed).to_be_bytes());
    MessageId(uuid_v7(pump::SystemClock::new().wall().ms(), random))
}

/// A form of JPEG, as far as anybody looks.
pub fn picture() -> Vec<u8> {
    b"\xff\xd8\xff\xe0 a picture".to_vec()
}

impl World {
    pub fn new() -> World {
        let home = tempfile::tempdir().unwrap();
        let memory = Memory::new();
        let clock = Arc::new(Hand::default());
        let pump = Pump::start(
            Box::new(memory.journal()),
            None,
            None,
            Time::Clock(clock.clone()),
            Box::new(Stream::seeded([7; 32])),
            Options::standard(),
        )
        .unwrap();
        let keys = home.path().join("outside");
        let settings = outside::Settings { seed: 1, keys, at: None, port: 0 };
        let outside = outside::start(&settings).unwrap();
        let (edge, vaults) = (MemoryEdge::new(), MemoryVault::new());
        let stores = Stores {
            home: home.path(),
            memory: &memory,
            pump: &pump,
            outside: &outside,
            vaults: &vaults,
            clock: &clock,
        };
        let decides = Arc::new(Seat(pump.handle()));
        let people = Arc::new(open(&stores, Box::new(edge.clone()), decides));
        let world = World { people, outside, pump, memory, edge, vaults, clock, home };
        for command in sim::sandbox::commands(1) {
            world.operate(command);
        }
        world
    }

    /// Time passes, here and outside.
    pub fn pass(&self, ns: i64) {
        self.clock.pass(ns);
        self.outside.control("/clock", &json!({ "at": self.clock.wall().to_string() }));
    }

    /// The operator does something.
    pub fn operate(&self, command: impl Into<Command>) -> pump::Receipt {
        let message = Message::new(Sender::Operator, id(), Manner::Single, command.into());
        let name = message.command.name();
        let verdict = self.pump.handle().ask(Class::Control, message).unwrap();
        assert_eq!(verdict.outcome, Outcome::Done, "{name}");
        self.pump.read_copy().wait_for(verdict.receipt.unwrap().seq, Duration::from_secs(5));
        verdict.receipt.unwrap()
    }

    /// What is read has everything that the journal has.
    pub fn caught_up(&self) {
        let mut journal = self.memory.journal().reader().unwrap();
        let last = terms::Seq(journal.head().unwrap().next_seq - 1);
        assert!(self.pump.read_copy().wait_for(last, Duration::from_secs(5)));
    }

    /// Another process on the same stores.
    pub fn again(&self) -> People {
        self.again_with(Box::new(self.edge.clone()), Arc::new(Seat(self.pump.handle())))
    }

    /// The same with an edge and a pump that the test has chosen.
    pub fn again_with(&self, edge: Box<dyn EdgeStore>, decides: Arc<dyn Decides>) -> People {
        let stores = Stores {
            home: self.home.path(),
            memory: &self.memory,
            pump: &self.pump,
            outside: &self.outside,
            vaults: &self.vaults,
            clock: &self.clock,
        };
        open(&stores, edge, decides)
    }

    /// A process whose pump is away.
    pub fn deaf(&self) -> People {
        struct Away;
        impl Decides for Away {
            fn ask(&self, _: Class, _: Message) -> Result<Verdict, String> {
                Err("nobody decides".to_owned())
            }
        }
        self.again_with(Box::new(self.edge.clone()), Arc::new(Away))
    }

    /// The last code that went to a phone.
    pub fn code(&self, phone: &str) -> String {
        let inbox = self.outside.control("/phones/inbox", &json!({ "phone": phone }));
        let messages = inbox.as_array().unwrap_or_else(|| panic!("{inbox}"));
        let mut codes = messages.iter().filter_map(|message| message["code"].as_str());
        codes.next_back().unwrap_or_else(|| panic!("no code for {phone}: {inbox}")).to_owned()
    }

    /// Registers a client with the phone of a synthetic person: the token of his session.
    pub fn client(&self, person: &Synthetic, invitation: Option<&Token>) -> Token {
        let people = &self.people;
        let shown = people.now();
        let way = people.begin(WayPath::Join, shown, invitation, None, Language::Ru).unwrap();
        people.agree(&way, &agreement()).unwrap();
        people.claim_phone(&way, &person.phone, PASSWORD, Language::Ru).unwrap();
        let code = self.code(&person.phone);
        people.confirm_phone(&way, &code).unwrap()
    }

    /// Gives data and photographs.
    pub fn give(&self, session: &Token, person: &Synthetic) {
        self.people.give_data(session, &form(person)).unwrap();
        for kind in [PhotoKind::DocumentFront, PhotoKind::DocumentBack, PhotoKind::Face] {
            self.people.give_photo(session, kind, picture()).unwrap();
        }
    }

    /// Gives the film, and waits until the way is at rest.
    pub fn film(&self, session: &Token) -> Way {
        self.people.give_capture(session, "video/webm", b"moving".to_vec()).unwrap();
        self.rest(session)
    }

    /// Until the way is at rest.
    pub fn rest(&self, session: &Token) -> Way {
        for _ in 0..20 {
            let way = self.people.way(session).unwrap();
            let awaited = way.failure.is_some();
            if way.step != Step::Waiting || awaited {
                return way;
            }
            self.pass(5 * Instant::SECOND);
            self.people.advance_waiting().unwrap();
        }
        self.people.way(session).unwrap()
    }
}

pub const PASSWORD: &str = "Жақсы құпиясөз 1";

pub fn agreement() -> Agreement {
    use admission::Scope::{Collect, Process, Store};
    let consents = [Collect, Process, Store].into_iter().fold(Scopes::NONE, Scopes::with);
    Agreement { offer: Some(1), consents }
}

/// What a synthetic person types.
pub fn form(person: &Synthetic) -> Given {
    Given {
        iin: person.iin.reveal(),
        surname: person.surname.clone(),
        given_name: person.name.clone(),
        patronymic: person.patronymic.clone().unwrap_or_default(),
        birth_date: person.birth.to_string(),
        address: "Алматы, Абай даңғылы 1".into(),
        document_kind: "identity_card".into(),
        document_number: person.document.clone(),
        country: "KZ".into(),
        document_issuer: "ҚР ІІМ".into(),
        document_issued: "2020-01-01".into(),
        document_expires: "2030-12-31".into(),
    }
}

/// A synthetic person with these last digits of his serial.
pub fn person(serial: [u8; 3], born: &str) -> Synthetic {
    let mut day = Day::parse(born).unwrap();
    loop {
        // Of some beginnings there is no number.
        match Synthetic::drawn(1, day, true, serial) {
            Some(person) => return person,
            None => day = Day(day.0 + 1),
        }
    }
}

struct Stores<'a> {
    home: &'a Path,
    memory: &'a Memory,
    pump: &'a Pump,
    outside: &'a outside::Running,
    vaults: &'a MemoryVault,
    clock: &'a Arc<Hand>,
}

fn open(stores: &Stores<'_>, edge: Box<dyn EdgeStore>, decides: Arc<dyn Decides>) -> People {
    let Stores { home, memory, pump, outside, vaults, clock } = stores;
    let keeper = Arc::new(FileKeeper::at(home.join("keys")));
    let vault = Vault::open_or_make(Box::new((*vaults).clone()), keeper).unwrap();
    let systems =
        outside.systems(Realm::Test, Standing::default(), Duration::from_secs(5)).unwrap();
    let journal = (*memory).clone();
    let clock = (*clock).clone();
    People::new(Parts {
        decides,
        copy: pump.read_copy(),
        clock: Arc::new(move || clock.wall()),
        entropy: Box::new(Stream::system().unwrap()),
        pepper: [3; 32],
        edge,
        vault,
        outside: Outside {
            identification: Arc::new(systems.identification),
            consent: Arc::new(systems.consent),
            population: Arc::new(systems.population),
            restricted: Arc::new(systems.restricted),
            debtors: Arc::new(systems.debtors),
            messages: Arc::new(systems.messages),
        },
        screens: Screens::open(&home.join("lists")).unwrap(),
        journal: Box::new(move || journal.journal().reader()),
        phrases: phrases::Phrases::load().unwrap(),
        settings: Settings {
            address: "https://bej.example/".into(),
            offer: 1,
            test_realm: true,
            consent_way: RequestWay::Sms1414,
            registers: ["GBDFLUniversal_token", "RESTRICTED_PERSONS"].map(String::from).to_vec(),
            words: links::population::Words::proposed(),
            shrink_permille_max: 100,
        },
    })
}

/// An organiser of the small world.
pub const FIRST: Organiser = Organiser(0);
