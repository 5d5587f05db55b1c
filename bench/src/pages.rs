//! The console's pages over a full register: each asked for as a browser would, by a member who
//! has signed in, and rendered whole.
//!
//! The register is that of the bench of the views, which has no journal behind it: pages that tell
//! the story of one record are not among those that are measured.

use std::path::Path;
use std::sync::Arc;
use std::time::{Instant as Moment, SystemTime, UNIX_EPOCH};

use anyhow::{Context as _, Result, ensure};
use console::ports::{AuditEvent, Auditor, Plan, Planned, Planner, Source, Verification};
use console::role::Role;
use console::staff::{Member, Staff};
use console::web::{Answer, Request, encode};
use console::{Console, Settings};
use serde_json::{Map, Value, json};
use store::{Fault, JournalReader, ViewReader};
use store_sqlite::{PART_LIMIT_BYTES, Sqlite, Synchronous};
use terms::number::account_number;
use terms::{Instant, Organiser, Seq};

use crate::latency::Latency;
use crate::rss::Busy;
use crate::views::register::{BETTORS, ORGANISERS, Register};
use crate::workload::Numbers;

/// How often each page is asked for.
const TIMES: u32 = 200;

const PASSWORD: &str = "a password of the bench";

/// The house of the console.
struct House {
    store: Sqlite,
    now: Instant,
}

impl Source for House {
    fn views(&self) -> Result<Box<dyn ViewReader>, Fault> {
        store_sqlite::Views::read(self.store.layout().home().views())
    }

    fn journal(&self) -> Result<Box<dyn JournalReader>, Fault> {
        Ok(Box::new(self.store.reader()?))
    }

    fn verification(&self) -> Option<Verification> {
        None
    }

    fn now(&self) -> Instant {
        self.now
    }

    fn prove(&self, _: Seq) -> Result<String, String> {
        Err("nothing is proven here".into())
    }

    fn kept(&self) -> Result<String, String> {
        Ok(String::new())
    }

    fn keep(&self, _: &str) -> Result<(), String> {
        Ok(())
    }
}

/// What is noted here goes nowhere: the pump's share is measured by the doors.
struct Nowhere;

impl Auditor for Nowhere {
    fn note(&self, _: AuditEvent) -> Result<Seq, String> {
        Ok(Seq(0))
    }
}

impl Planner for Nowhere {
    fn plan(&self, _: Plan) -> Result<Planned, String> {
        Err("nothing is planned here".to_owned())
    }
}

/// A signed-in browser.
struct Browser {
    console: Console,
    cookies: String,
}

impl Browser {
    /// A browser for each role whose pages are asked for.
    fn open_all(house: House) -> Result<Vec<(Role, Browser)>> {
        let mut members = Vec::new();
        for (number, role) in (1..).zip(ROLES) {
            let member = Member::new(number, role.name(), role, None, PASSWORD);
            members.push(member.map_err(anyhow::Error::msg)?);
        }
        let staff: String = members.iter().map(Member::to_toml).collect();
        let staff = Staff::read(&staff)?;
        let times = console::Times::standard();
        let settings = Settings { tls: false, test_realm: false, times, templates: None };
        let console =
            Console::new(settings, staff, Arc::new(house), Arc::new(Nowhere), Arc::new(Nowhere))?;
        let open = |member: &Member| Ok((member.role, Browser::open(console.clone(), member)?));
        members.iter().map(open).collect()
    }

    fn open(console: Console, member: &Member) -> Result<Browser> {
        let seconds = SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs();
        let mut browser = Browser { console, cookies: String::new() };
        let page = browser.get("/en/sign-in");
        browser.keep(&page);
        let page = browser.post(
            "/en/sign-in",
            &page,
            &[("name", &member.name), ("password", PASSWORD)],
        )?;
        browser.keep(&page);
        let code = member.code(seconds).context("a one-time code")?;
        let page = browser.post("/en/sign-in/code", &page, &[("code", &code)])?;
        ensure!(page.status == 303, "the sign-in failed");
        browser.keep(&page);
        Ok(browser)
    }

    fn get(&self, address: &str) -> Answer {
        let (path, query) = address.split_once('?').unwrap_or((address, ""));
        self.console.answer(&Request {
            reads: true,
            path: path.into(),
            query: query.into(),
            cookies: self.cookies.clone(),
            ..Request::default()
        })
    }

    fn post(&self, path: &str, page: &Answer, fields: &[(&str, &str)]) -> Result<Answer> {
        let text = std::str::from_utf8(&page.body)?;
        let (_, rest) = text.split_once("name=\"token\" value=\"").context("a form's token")?;
        let token = rest.split('"').next().unwrap_or_default();
        let mut body = format!("token={}", encode(token));
        for (name, value) in fields {
            body.push_str(&format!("&{name}={}", encode(value)));
        }
        let cookies = self.cookies.clone();
        Ok(self.console.answer(&Request { path: path.into(), body, cookies, ..Request::default() }))
    }

    /// Takes the cookies of an answer over.
    fn keep(&mut self, page: &Answer) {
        for (name, value) in &page.headers {
            if *name == "set-cookie" {
                let pair = value.split(';').next().unwrap_or_default();
                let name = pair.split('=').next().unwrap_or_default();
                let other = |kept: &&str| kept.split('=').next() != Some(name);
                let kept = self.cookies.split("; ").filter(|kept| !kept.is_empty()).filter(other);
                self.cookies = kept.chain([pair]).collect::<Vec<_>>().join("; ");
            }
        }
    }
}

/// Fills a register with so many bets and asks for pages.
pub fn measure(dir: &Path, bets: u64, seed: u64) -> Result<Value> {
    let mut register = Register::open(dir, seed, 65_536)?;
    register.fill(bets, dir)?;
    // The views are closed.
    let world = register.into_world();
    let options = store_sqlite::Options {
        synchronous: Synchronous::Full,
        part_limit_bytes: PART_LIMIT_BYTES,
        create: false,
    };
    let store = Sqlite::open(dir.join("bench.db"), options).context("open the store")?;
    let now = SystemTime::now().duration_since(UNIX_EPOCH)?.as_nanos();
    let now = Instant(i64::try_from(now)?).max(world.at);
    let browsers = Browser::open_all(House { store, now })?;
    let mut numbers = Numbers(seed);
    let busy = Busy::read()?;
    let mut object = Map::new();
    for (name, role, address) in PAGES {
        let found = browsers.iter().find(|(found, _)| *found == role);
        let (_, browser) = found.context("a browser of the role")?;
        let (mut latency, mut bytes) = (Latency::new(), 0);
        for _ in 0..TIMES {
            let organiser = Organiser(numbers.below(u64::from(ORGANISERS)) as u32);
            let bettor = numbers.below(u64::from(BETTORS)) as u32;
            let account = world.account(organiser.0, bettor);
            let address = address
                .replace("ORGANISER", &organiser.0.to_string())
                .replace("ACCOUNT", &account_number(organiser, account));
            let began = Moment::now();
            let page = browser.get(&address);
            latency.record(began.elapsed());
            ensure!(page.status == 200, "{address} answers {}", page.status);
            bytes = bytes.max(page.body.len());
        }
        let row = json!({
            "p50_ms": latency.quantile_ms(0.5),
            "p99_ms": latency.quantile_ms(0.99),
            "max_ms": latency.max_ms(),
            "bytes": bytes,
        });
        object.insert(name.to_owned(), row);
    }
    Ok(json!({
        "command": "pages",
        "bets": bets,
        "others_cores": busy.others_since()?,
        "pages": object,
    }))
}

/// The roles that ask.
const ROLES: [Role; 3] = [Role::Operator, Role::Tax, Role::Monitoring];

/// Pages by name, with the role that asks.
const PAGES: [(&str, Role, &str); 15] = [
    ("overview", Role::Operator, "/ru/overview"),
    ("authority", Role::Operator, "/ru/authority"),
    ("tax", Role::Tax, "/ru/tax"),
    ("monitoring", Role::Monitoring, "/ru/monitoring"),
    ("person", Role::Monitoring, "/ru/people/7"),
    ("event", Role::Operator, "/ru/events/7"),
    ("events", Role::Operator, "/ru/events"),
    ("corrections", Role::Operator, "/ru/corrections"),
    ("organiser", Role::Operator, "/ru/organisers/ORGANISER"),
    ("stakes", Role::Operator, "/ru/stakes"),
    ("search by organiser", Role::Operator, "/ru/stakes?organiser=ORGANISER&sort=sum"),
    ("search by account", Role::Operator, "/ru/bets?account=ACCOUNT"),
    ("search by sum", Role::Operator, "/ru/stakes?sum_from=9990"),
    ("payouts", Role::Operator, "/ru/payouts"),
    ("account", Role::Operator, "/ru/accounts/ACCOUNT"),
];
