//! A console on a small season in memory, and a browser that asks it.

use std::sync::{Arc, Mutex};

use console::ports::{AuditEvent, Auditor, Plan, Planned, Planner, Source, Verification};
use console::role::Role;
use console::staff::{Member, Staff};
use console::web::{Answer, Request, encode};
use console::{Console, Settings, Times};
use desk::command::{
    AdoptRulebook, AnnounceWorks, CancelWorks, ChangeWorks, MapEvent, RegisterOrganiser,
};
use desk::{Command, Manner, Message};
use journal::kinds::{WorksKind, WorksScope};
use sim::bookmaker::{self, Bookmaker, Input, Options};
use sim::driver::{Driver, DriverOptions};
use sim::{odds_file, seasons};
use store::{
    Fault, JournalReader, JournalStore, Memory, MemoryViews, Progress, Projector, ViewReader,
};
use terms::rulebook::Rulebook;
use terms::{Bin, Day, Event, Instant, MessageId, Organiser, Sender, Seq, Text, Works};

pub const PASSWORD: &str = "correct horse battery";
/// The clock of the tests, in seconds of Unix.
pub const NOW: i64 = 1_790_000_000;

pub struct Mem {
    pub journal: Memory,
    pub views: MemoryViews,
    pub now: Mutex<Instant>,
    pub queries: Mutex<String>,
}

impl Source for Mem {
    fn views(&self) -> Result<Box<dyn ViewReader>, Fault> {
        Ok(Box::new(self.views.clone()))
    }

    fn journal(&self) -> Result<Box<dyn JournalReader>, Fault> {
        self.journal.journal().reader()
    }

    fn verification(&self) -> Option<Verification> {
        None
    }

    fn now(&self) -> Instant {
        *self.now.lock().unwrap()
    }

    fn prove(&self, seq: Seq) -> Result<String, String> {
        Ok(format!("the proof of entry {seq}\n"))
    }

    fn kept(&self) -> Result<String, String> {
        Ok(self.queries.lock().unwrap().clone())
    }

    fn keep(&self, queries: &str) -> Result<(), String> {
        *self.queries.lock().unwrap() = queries.to_owned();
        Ok(())
    }
}

#[derive(Default)]
pub struct Log {
    pub events: Mutex<Vec<AuditEvent>>,
    pub broken: Mutex<bool>,
}

impl Auditor for Log {
    fn note(&self, event: AuditEvent) -> Result<Seq, String> {
        assert!(Text::<192>::new(&event.record).is_ok(), "{event:?}");
        assert!(event.started <= event.ended, "{event:?}");
        if *self.broken.lock().unwrap() {
            return Err("the disk is full".into());
        }
        self.events.lock().unwrap().push(event);
        Ok(Seq(0))
    }
}

/// Keeps plans and gives the answer that a test has chosen.
#[derive(Default)]
pub struct Plans {
    pub asked: Mutex<Vec<Plan>>,
    pub answer: Mutex<Option<Planned>>,
}

impl Planner for Plans {
    fn plan(&self, plan: Plan) -> Result<Planned, String> {
        self.asked.lock().unwrap().push(plan);
        self.answer.lock().unwrap().ok_or_else(|| "the pump has stopped".to_owned())
    }
}

pub struct World {
    pub console: Console,
    pub log: Arc<Log>,
    pub mem: Arc<Mem>,
    pub plans: Arc<Plans>,
    pub folk: Arc<crate::folk::Folk>,
    pub members: Vec<Member>,
    /// What stands before the names of cookies.
    prefix: &'static str,
}

fn project(journal: &Memory) -> MemoryViews {
    let views = MemoryViews::default();
    let reader = journal.journal().reader().unwrap();
    let mut projector = Projector::new(reader, Box::new(views.clone()), 1).unwrap();
    while let Progress::Projected(_) = projector.step().unwrap() {}
    drop(projector);
    views
}

/// A season of few bets, as short as it may be.
pub fn season() -> Memory {
    let mut input = Input::new();
    let (name, content) = seasons::sample().into_iter().next().unwrap();
    let lines: Vec<&str> = content.lines().take(41).collect();
    input.add(odds_file::read(name, lines.join("\n").as_bytes()).unwrap());
    let options = Options { seed: 1, bettors: 60, bets_per_match: 6 };
    let memory = Memory::new();
    let entropy = bookmaker::entropy_seed(1);
    let cut = DriverOptions { messages_per_frame: 200, run_entries: None, entropy };
    let mut driver = Driver::new(Box::new(memory.journal()), cut).unwrap();
    let book = Bookmaker::new(input, options).unwrap();
    let mut last = Instant(0);
    for step in book {
        driver.submit(step.at, &step.message).unwrap();
        last = step.at;
    }
    for (number, command) in (1..).zip(mapped().into_iter().chain(works(last))) {
        let at = last.plus(i64::from(number) * Instant::SECOND);
        let id = MessageId(terms::id::uuid_v7(at.ms(), [number; 10]));
        let message = Message::new(Sender::Operator, id, Manner::Single, command);
        driver.submit(at, &message).unwrap();
    }
    driver.finish().unwrap();
    memory
}

/// Two organisers' events that are one match.
fn mapped() -> [Command; 2] {
    let central: Text<64> = Text::new("football/2022-08-07/zheldikent-boranqala").unwrap();
    [0, 1].map(|event| MapEvent { event: Event(event), central: central.clone() }.into())
}

/// Works that are planned at the end of a season, moved and called off.
fn works(at: Instant) -> [Command; 4] {
    let hour = |hours: i64| at.plus(hours * 3_600 * Instant::SECOND);
    let (kind, scope) = (WorksKind::Preventive, WorksScope::Pages);
    [
        AnnounceWorks { kind, scope, from: hour(48), until: hour(50) }.into(),
        AnnounceWorks { kind, scope, from: hour(72), until: hour(75) }.into(),
        ChangeWorks { works: Works(0), from: hour(48), until: hour(49) }.into(),
        CancelWorks { works: Works(1) }.into(),
    ]
}

/// A journal with one organiser of this name.
pub fn named(name: &str) -> Memory {
    planned(name, &[])
}

/// The same, and works: each of so many hours, in so many hours from the clock of the tests.
pub fn planned(name: &str, works: &[(WorksKind, i64, i64)]) -> Memory {
    let memory = Memory::new();
    let options = DriverOptions { messages_per_frame: 1, run_entries: None, entropy: [1; 32] };
    let mut driver = Driver::new(Box::new(memory.journal()), options).unwrap();
    let at = Instant(NOW * Instant::SECOND);
    let register = RegisterOrganiser {
        kind: journal::kinds::OrganiserKind::Bookmaker,
        bin: (18_044_000_000..).find_map(Bin::complete).unwrap(),
        name: Text::new(name).unwrap(),
        address: Text::new("Astana").unwrap(),
        taxable: Vec::new(),
        from: Day(18_000),
    };
    let adopt = AdoptRulebook { rulebook: Box::new(Rulebook::sample()) };
    let hour = |hours: i64| at.plus(hours * 3_600 * Instant::SECOND);
    let works = works.iter().map(|(kind, from, hours)| {
        let (from, until) = (hour(*from), hour(*from + *hours));
        AnnounceWorks { kind: *kind, scope: WorksScope::Everything, from, until }.into()
    });
    let commands = [Command::from(adopt), Command::from(register)].into_iter().chain(works);
    for (number, command) in (1..).zip(commands) {
        let id = MessageId(terms::id::uuid_v7(NOW * 1_000, [number; 10]));
        let message = Message::new(Sender::Operator, id, Manner::Single, command);
        driver.submit(at.plus(i64::from(number)), &message).unwrap();
    }
    driver.finish().unwrap();
    memory
}

impl World {
    pub fn new(journal: Memory) -> World {
        World::open(journal, true, None)
    }

    pub fn open(journal: Memory, tls: bool, templates: Option<std::path::PathBuf>) -> World {
        World::on(journal, tls, templates, |mem| mem)
    }

    /// A world whose pages are read from what is made of the store.
    pub fn on(
        journal: Memory,
        tls: bool,
        templates: Option<std::path::PathBuf>,
        source: impl FnOnce(Arc<Mem>) -> Arc<dyn Source>,
    ) -> World {
        let members: Vec<Member> = (1..)
            .zip(Role::ALL)
            .map(|(number, role)| {
                let own = (*role == Role::Organiser).then_some(Organiser(0));
                Member::new(number, role.name(), *role, own, PASSWORD).unwrap()
            })
            .collect();
        let text: String = members.iter().map(Member::to_toml).collect();
        let staff = Staff::read(&text).unwrap();
        let views = project(&journal);
        let now = Mutex::new(Instant(NOW * Instant::SECOND));
        let mem = Arc::new(Mem { journal, views, now, queries: Mutex::default() });
        let log = Arc::new(Log::default());
        let settings = Settings { tls, test_realm: !tls, times: Times::standard(), templates };
        let plans = Arc::new(Plans::default());
        let console =
            Console::new(settings, staff, source(mem.clone()), log.clone(), plans.clone()).unwrap();
        let folk = Arc::new(crate::folk::Folk::default());
        console.set_people(folk.clone());
        World { console, log, mem, plans, folk, members, prefix: if tls { "__Host-" } else { "" } }
    }

    pub fn get(&self, path: &str, cookies: &str) -> Answer {
        let (path, query) = path.split_once('?').unwrap_or((path, ""));
        self.console.answer(&Request {
            reads: true,
            path: path.into(),
            query: query.into(),
            cookies: cookies.into(),
            ..Request::default()
        })
    }

    pub fn post(&self, path: &str, cookies: &str, form: &[(&str, &str)]) -> Answer {
        let body: Vec<String> =
            form.iter().map(|(name, value)| format!("{name}={}", encode(value))).collect();
        self.console.answer(&Request {
            path: path.into(),
            cookies: cookies.into(),
            body: body.join("&"),
            ..Request::default()
        })
    }

    /// The cookies of a member who has signed in.
    pub fn sign_in(&self, role: Role) -> String {
        let member = self.members.iter().find(|member| member.role == role).unwrap();
        let now = self.mem.now().0 / Instant::SECOND;
        let bej = format!("{}bej", self.prefix);
        let page = self.get("/en/sign-in", "");
        let form = set(&page, &format!("{bej}-form"));
        let token = token(&page);
        let fields = [("token", &*token), ("name", &member.name), ("password", PASSWORD)];
        let page = self.post("/en/sign-in", &form, &fields);
        assert_eq!(page.status, 200, "{}", text(&page));
        let both = format!("{form}; {}", set(&page, &bej));
        let code = member.code(now as u64).unwrap();
        let page = self.post("/en/sign-in/code", &both, &[("token", &token), ("code", &code)]);
        assert_eq!(page.status, 303, "{}", text(&page));
        format!("{}; bej-lang=en", set(&page, &bej))
    }
}

pub fn text(answer: &Answer) -> String {
    String::from_utf8(answer.body.clone()).unwrap()
}

pub fn header<'a>(answer: &'a Answer, name: &str) -> Option<&'a str> {
    answer.headers.iter().find(|(found, _)| *found == name).map(|(_, value)| value.as_str())
}

/// `name=value` of a cookie that an answer sets.
pub fn set(answer: &Answer, name: &str) -> String {
    let wanted = format!("{name}=");
    let cookies = answer.headers.iter().filter(|(found, _)| *found == "set-cookie");
    let found = cookies.map(|(_, value)| value).find(|value| value.starts_with(&wanted)).unwrap();
    found.split(';').next().unwrap().to_owned()
}

/// The token of the first form of a page.
pub fn token(answer: &Answer) -> String {
    let text = text(answer);
    let (_, rest) = text.split_once("name=\"token\" value=\"").unwrap();
    rest.split('"').next().unwrap().to_owned()
}
