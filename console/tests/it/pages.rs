//! Pages on a small season: languages, figures that agree with their lists, scopes, audit, export.

use console::role::Role;
use phrases::{Language, Phrases};
use sha2::{Digest as _, Sha256};
use store::{ViewReader as _, ViewStore as _};
use terms::{AuditAct, AuditResult};

use crate::world::{World, header, named, season, text, token};

pub const PAGES: [(Role, &str); 40] = [
    (Role::Operator, "/overview?day=2022-10-28"),
    (Role::Operator, "/stakes"),
    (Role::Operator, "/stakes?late=1"),
    (Role::Operator, "/bets"),
    (Role::Operator, "/payouts"),
    (Role::Operator, "/desks"),
    (Role::Operator, "/refusals"),
    (Role::Operator, "/breaches"),
    (Role::Operator, "/organisers"),
    (Role::Operator, "/organisers/0"),
    (Role::Operator, "/entries/7"),
    (Role::Operator, "/invariants"),
    (Role::Gambling, "/authority?day=2022-10-28"),
    (Role::Tax, "/tax?month=2022-10"),
    (Role::Monitoring, "/monitoring?day=2022-10-30"),
    (Role::Organiser, "/overview"),
    (Role::Organiser, "/organisers/0"),
    (Role::Gambling, "/corrections"),
    (Role::Gambling, "/events"),
    (Role::Gambling, "/events/0"),
    (Role::Tax, "/queries"),
    (Role::Monitoring, "/people/5"),
    (Role::Organiser, "/corrections"),
    (Role::Operator, "/works"),
    (Role::Administrator, "/works"),
    (Role::Operator, "/registrations"),
    (Role::Operator, "/registrations/new"),
    (Role::Operator, "/persons"),
    (Role::Operator, "/persons/5"),
    (Role::Operator, "/matches"),
    (Role::Operator, "/lists"),
    (Role::Aml, "/alerts"),
    (Role::Aml, "/matches/3"),
    (Role::Aml, "/matches/4"),
    (Role::Aml, "/lists"),
    (Role::Aml, "/terms"),
    (Role::Monitoring, "/alerts"),
    (Role::Privacy, "/consents"),
    (Role::Privacy, "/consents/act"),
    (Role::Privacy, "/erasures"),
];

/// What a reader sees: the page without tags.
fn seen(html: &str) -> String {
    let mut seen = String::new();
    for piece in html.split('<').skip(1) {
        let (_, rest) = piece.split_once('>').unwrap_or(("", piece));
        seen.push_str(rest);
        seen.push('\n');
    }
    seen
}

#[test]
fn every_page_speaks_three_languages() {
    // R0-24.1, R2-55.9a
    let world = World::new(season());
    let books = Phrases::load().unwrap();
    let mut paths: Vec<(Role, String)> =
        PAGES.iter().map(|(role, path)| (*role, (*path).to_owned())).collect();
    paths.push((Role::Operator, a_bet(&world)));
    paths.push((Role::Operator, an_account(&world)));
    for (role, path) in paths {
        let cookies = world.sign_in(role);
        let mut texts = Vec::new();
        for lang in Language::ALL {
            let address = format!("/{}{path}", lang.code());
            let answer = world.get(&address, &cookies);
            let html = text(&answer);
            assert_eq!(answer.status, 200, "{address}");
            check_html(&address, &html);
            assert!(html.contains(&format!("<html lang=\"{}\"", lang.code())));
            let seen = seen(&html);
            let keys = books.words().chain(books.stories().map(|(key, _)| key));
            for key in keys.filter(|key| key.contains(['.', '_'])) {
                assert!(!seen.contains(key), "{address} shows the key {key}");
            }
            assert_eq!(seen.contains("ЕСУ"), lang == Language::Ru, "{address}");
            texts.push(seen);
            // Codes may be used once, so the next sign-in is a step later.
        }
        assert!(texts[0].contains("жазба бойынша") && texts[1].contains("по состоянию на запись"));
        assert!(texts[2].contains("as of entry"), "{path}");
        forward(&world);
    }
}

fn check_html(address: &str, html: &str) {
    assert!(html.len() <= 150_000, "{address} has {} bytes", html.len());
    // The one script has its content in its name and is asked for from here.
    let scripts = html.matches("<script").count();
    assert_eq!(scripts, html.matches("<script src=\"/assets/live-").count(), "{address}");
    for bad in ["style=", "http://", "https://", "onclick"] {
        assert!(!html.contains(bad), "{address} contains {bad}");
    }
    for href in html.split("href=\"").skip(1).map(|rest| rest.split('"').next().unwrap()) {
        let runs = href.split(|c: char| !c.is_ascii_digit());
        assert!(runs.into_iter().all(|run| run.len() != 12), "{address}: {href}");
    }
    let opened = html.matches("<table").count();
    assert_eq!(opened, html.matches("<caption").count(), "{address}");
    assert_eq!(html.matches("<th>").count(), 0, "{address}");
    assert_eq!(html.matches("<svg").count(), html.matches("</svg>").count(), "{address}");
}

pub fn forward(world: &World) {
    let now = console::ports::Source::now(&*world.mem).plus(30_000_000_000);
    *world.mem.now.lock().unwrap() = now;
}

/// The path of the first link that begins so, without its language.
pub fn link(html: &str, begins: &str) -> String {
    let wanted = format!("href=\"/en{begins}");
    let (_, rest) = html.split_once(&wanted).unwrap_or_else(|| panic!("no {begins} in {html}"));
    format!("{begins}{}", rest.split('"').next().unwrap()).replace("&#x2f;", "/")
}

pub fn a_bet(world: &World) -> String {
    let cookies = world.sign_in(Role::Operator);
    forward(world);
    link(&text(&world.get("/en/stakes?state=settled", &cookies)).replace("&#x2f;", "/"), "/bets/")
}

pub fn an_account(world: &World) -> String {
    let cookies = world.sign_in(Role::Operator);
    forward(world);
    link(&text(&world.get("/en/stakes", &cookies)).replace("&#x2f;", "/"), "/accounts/")
}

/// The page on which an account is unmasked.
pub fn a_refusal(world: &World) -> String {
    let cookies = world.sign_in(Role::Gambling);
    forward(world);
    link(&text(&world.get("/en/refusals", &cookies)).replace("&#x2f;", "/"), "/unmask/")
}

#[test]
fn a_figure_is_the_sum_of_its_list() {
    // P-01
    let world = World::new(season());
    let cookies = world.sign_in(Role::Operator);
    let stakes = text(&world.get("/en/stakes", &cookies));
    let all: i64 = console::ports::Source::views(&*world.mem)
        .unwrap()
        .overviews(reports::Partition::Recorded, terms::Day(0)..terms::Day(40_000), None)
        .unwrap()
        .iter()
        .map(|(_, sums)| sums.stakes)
        .sum();
    assert!(0 < all);
    assert!(stakes.contains(&format!("Total: {all}")), "{stakes}");
    // Pages by key reach every stake once.
    let (mut path, mut seen) = (Some("/en/stakes".to_owned()), 0);
    while let Some(at) = path {
        let html = text(&world.get(&at, &cookies)).replace("&#x2f;", "/").replace("&amp;", "&");
        seen += html.matches("<tr><th scope=\"row\">").count() as i64;
        let before = html.split_once("\" rel=\"next\"").map(|(before, _)| before);
        path = before.and_then(|before| before.rsplit("href=\"").next()).map(str::to_owned);
    }
    assert_eq!(seen, all);
}

#[test]
fn an_organisers_officer_sees_his_own_alone() {
    let world = World::new(season());
    let own = world.sign_in(Role::Organiser);
    let all = world.sign_in(Role::Operator);
    let html = text(&world.get("/en/stakes?organiser=1", &all)).replace("&#x2f;", "/");
    let theirs = link(&html, "/bets/1/");
    let account = link(&html, "/accounts/");
    assert_eq!(world.get(&format!("/en{theirs}"), &all).status, 200);
    for path in [theirs, account, "/organisers/1".into(), "/bets/0/../1".into()] {
        assert_eq!(world.get(&format!("/en{path}"), &own).status, 404, "{path}");
    }
    // Asking for another's in the address gets his own.
    let html = text(&world.get("/en/stakes?organiser=1", &own)).replace("&#x2f;", "/");
    assert!(html.contains("/en/bets/0/") && !html.contains("/en/bets/1/"));
    for path in ["/en/payouts?organiser=1", "/en/refusals?organiser=1", "/en/desks?organiser=1"] {
        let html = text(&world.get(path, &own)).replace("&#x2f;", "/");
        assert!(!html.contains("/en/organisers/1\""), "{path}");
    }
}

#[test]
fn nothing_of_a_bettor_leaves_without_its_audit_fact() {
    // R2-55.11
    let world = World::new(season());
    let cookies = world.sign_in(Role::Tax);
    let path = an_account(&world);
    world.log.events.lock().unwrap().clear();
    assert_eq!(world.get(&format!("/ru{path}"), &cookies).status, 200);
    assert_eq!(world.get("/ru/stakes?form=cash", &cookies).status, 200);
    assert_eq!(world.get("/ru/monitoring", &cookies).status, 403);
    let events = world.log.events.lock().unwrap().clone();
    let noted: Vec<_> = events
        .iter()
        .map(|event| (event.act, event.user, &*event.record, event.account.is_some(), event.result))
        .collect();
    assert_eq!(
        noted,
        [
            (AuditAct::AccountView, 4, &*path, true, AuditResult::Done),
            (AuditAct::RegisterView, 4, "/stakes?form=cash", false, AuditResult::Done),
            (AuditAct::RegisterView, 4, "/monitoring", false, AuditResult::Refused),
        ]
    );
    *world.log.broken.lock().unwrap() = true;
    for path in [&*path, "/stakes", "/bets"] {
        let answer = world.get(&format!("/ru{path}"), &cookies);
        assert_eq!(answer.status, 503);
        assert!(!text(&answer).contains('<'), "nothing of the page is sent");
    }
    assert_eq!(world.get("/ru/overview", &cookies).status, 200);
}

/// A step behind the last one in which nothing happens yet.
pub fn quiet_step(world: &World) -> reports::Step {
    let mut views = world.mem.views.clone();
    let from = views.cursor().unwrap();
    reports::Step {
        from,
        to: terms::Seq(from.0 + 1),
        bets: Vec::new(),
        changed: Vec::new(),
        settlements: Vec::new(),
        payouts: Vec::new(),
        postings: Vec::new(),
        refusals: Vec::new(),
        breaches: Vec::new(),
        signals: Vec::new(),
        cards: Vec::new(),
        rollups: Vec::new(),
        overviews: Vec::new(),
        refusal_counts: Vec::new(),
        breach_counts: Vec::new(),
        hours: Vec::new(),
        desks: Vec::new(),
        quarters: Vec::new(),
        unpaid: Vec::new(),
        totals: views.totals().unwrap(),
    }
}

/// Adds a refusal to the views, as a step of their own.
fn refuse(world: &World, reason: terms::Reason) {
    let step = quiet_step(world);
    let at = console::ports::Source::now(&*world.mem);
    let (day, organiser) = (terms::Day((at.0 / terms::Instant::DAY) as i32), terms::Organiser(0));
    let row = reports::RefusalRow {
        seq: step.from,
        at,
        day,
        sender: terms::Sender::Organiser(organiser),
        id: None,
        reason,
        account: None,
        report: false,
        count: 1,
    };
    let key = reports::RefusalKey { day, organiser: Some(organiser), reason };
    let step = reports::Step {
        refusals: vec![row],
        refusal_counts: vec![(key, reports::RefusalSums { count: 1 })],
        ..step
    };
    world.mem.views.clone().project(&step).unwrap();
}

#[test]
fn lists_of_financial_monitoring_are_told_to_its_officers_alone() {
    // I-09, R0-10.3
    let world = World::new(named("Book"));
    refuse(&world, terms::Reason::ListedTerrorist);
    let books = Phrases::load().unwrap();
    let secret: Vec<&str> = [
        terms::Reason::ListedTerrorist,
        terms::Reason::ListedProliferation,
        terms::Reason::ListedFinancing,
    ]
    .map(|reason| books.reason(Language::En, reason).short.as_str())
    .to_vec();
    let shows = |role: Role, path: &str| {
        forward(&world);
        let cookies = world.sign_in(role);
        let html = text(&world.get(path, &cookies));
        secret.iter().any(|short| html.contains(short))
    };
    for role in [Role::Operator, Role::Gambling, Role::Organiser] {
        for path in ["/en/refusals", "/en/breaches", "/en/overview"] {
            assert!(!shows(role, path), "{} {path}", role.name());
        }
    }
    assert!(!shows(Role::Tax, "/en/overview"));
    let listed =
        shows(Role::Monitoring, "/en/monitoring") && shows(Role::Monitoring, "/en/refusals");
    assert!(listed, "its own officers see them");
}

#[test]
fn hostile_names_are_text() {
    let name = "\"><script>alert(1)</script>'=cmd";
    let world = World::new(named(name));
    let cookies = world.sign_in(Role::Operator);
    for path in ["/en/organisers", "/en/organisers/0", "/en/stakes", "/en/overview"] {
        let html = text(&world.get(path, &cookies));
        assert!(!html.contains("<script>"), "{path}");
    }
    let html = text(&world.get("/en/organisers/0", &cookies));
    assert!(html.contains("&lt;script&gt;"), "{html}");
    for path in [
        "/en/stakes?account=%3Cscript%3E",
        "/en/stakes?from=%22%3E%3Cscript%3E",
        "/en/stakes?id=x&breach=%3Cscript%3E",
    ] {
        let answer = world.get(path, &cookies);
        assert_eq!(answer.status, 200);
        assert!(!text(&answer).contains("<script"), "{path}");
    }
}

#[test]
fn a_question_that_cannot_be_answered_says_what_to_do() {
    let world = World::new(season());
    let cookies = world.sign_in(Role::Operator);
    let html = text(&world.get("/en/stakes?late=1", &cookies));
    assert!(html.contains("Give a first and a last day") && html.contains("Seven days"));
    let html = text(&world.get("/en/stakes?from=2026-13-40", &cookies));
    assert!(html.contains("role=\"alert\"") && html.contains("2026-13-40"));
    for (path, status) in [
        ("/en/nothing", 404),
        ("/xx/stakes", 404),
        ("/en/bets/0/nothing", 404),
        ("/en/accounts/1234567890123456", 404),
        ("/en/entries/99999999", 404),
        ("/en/stakes?from=%zz", 400),
        ("/en/export/stakes", 405),
    ] {
        let answer = world.get(path, &cookies);
        assert_eq!(answer.status, status, "{path}");
    }
}

#[test]
fn an_export_says_what_it_is_and_its_hash() {
    // R2-55.9c
    let world = World::new(season());
    let cookies = world.sign_in(Role::Tax);
    let token = token(&world.get("/en/stakes", &cookies));
    world.log.events.lock().unwrap().clear();
    let (from, to) = (("from", "2000-01-01"), ("to", "2050-01-01"));
    let fields = [("token", &*token), from, to, ("form", "cash")];
    let answer = world.post("/en/export/stakes", &cookies, &fields);
    assert_eq!(answer.status, 200);
    let hash: String = Sha256::digest(&answer.body).iter().map(|b| format!("{b:02x}")).collect();
    assert_eq!(header(&answer, "x-content-sha256"), Some(&*hash));
    assert!(header(&answer, "content-disposition").unwrap().contains(&hash[..12]));
    let csv = text(&answer);
    assert!(csv.starts_with('\u{feff}') && csv.contains("Form of settlement: cash\r\n"));
    assert!(csv.contains("# Made by: tax\r\n") && csv.contains("# Entry: "));
    let rows = csv.lines().filter(|line| !line.contains('#')).skip(1);
    assert!(0 < rows.clone().count() && rows.clone().all(|row| row.contains(",cash,")), "{csv}");
    let events = world.log.events.lock().unwrap();
    assert_eq!(events.len(), 1);
    assert_eq!(
        (events[0].act, &*events[0].record),
        (AuditAct::Export, "/export/stakes?from=2000-01-01&to=2050-01-01&form=cash")
    );
    drop(events);
    let xlsx = [&fields[..], &[("format", "xlsx")]].concat();
    let answer = world.post("/ru/export/stakes", &cookies, &xlsx);
    assert_eq!(answer.status, 200);
    assert!(answer.body.starts_with(b"PK"), "a workbook is a ZIP file");
    assert!(header(&answer, "content-disposition").unwrap().contains(".xlsx\""));
    assert!(header(&answer, "content-type").unwrap().contains("spreadsheetml"));
    let hash = papers::sha256(&answer.body);
    assert_eq!(header(&answer, "x-content-sha256"), Some(&*hash));
    let events = world.log.events.lock().unwrap();
    assert_eq!((events.len(), events[1].act), (2, AuditAct::Export));
    drop(events);
    let other = [&fields[..], &[("format", "exe")]].concat();
    assert_eq!(world.post("/en/export/stakes", &cookies, &other).status, 400);
    assert_eq!(world.post("/en/export/postings", &cookies, &fields).status, 404);
}
