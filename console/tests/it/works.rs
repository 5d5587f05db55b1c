//! Planned works: who sees them where, and what the operator's forms ask for.

use console::ports::{Plan, Planned};
use console::role::Role;
use journal::kinds::{WorksKind, WorksScope};
use terms::{AuditAct, AuditResult, Instant, Reason, Seq, Works};

use crate::pages::forward;
use crate::world::{NOW, World, header, planned, text, token};

fn hour(hours: i64) -> Instant {
    Instant((NOW + hours * 3_600) * Instant::SECOND)
}

/// Works: in a day and a bit, in a week, and a repair at once.
fn world() -> World {
    let (ahead, now) = (WorksKind::Preventive, WorksKind::Restoration);
    World::new(planned("Book", &[(ahead, 25, 2), (ahead, 200, 3), (now, 1, 1)]))
}

fn set_clock(world: &World, at: Instant) {
    *world.mem.now.lock().unwrap() = at;
}

#[test]
fn everybody_is_told_on_his_first_page_when_works_are_near_or_on() {
    // R4-12.1.2.1b
    let world = world();
    let near = |html: &str| html.matches("Planned works from").count();
    let on = |html: &str| html.matches("Planned works are on until").count();
    for (role, hours, want) in [
        (Role::Operator, 0, (2, 0)),
        (Role::Gambling, 1, (1, 1)),
        (Role::Tax, 2, (1, 0)),
        (Role::Monitoring, 25, (0, 1)),
        (Role::Organiser, 27, (0, 0)),
        (Role::Administrator, 152, (1, 0)),
    ] {
        set_clock(&world, hour(hours));
        let cookies = world.sign_in(role);
        let html = text(&world.get(&format!("/en{}", role.home()), &cookies));
        assert_eq!((near(&html), on(&html)), want, "{} in {hours} hours", role.name());
        let list = world.get("/en/works", &cookies);
        assert_eq!(list.status, 200, "{}", role.name());
        let list = text(&list).replace("&#x2f;", "/");
        let forms = list.matches("method=\"post\" action=\"/en/works").count();
        assert_eq!(0 < forms, role == Role::Operator, "{}", role.name());
    }
}

#[test]
fn works_stand_where_they_are_by_the_clock() {
    let world = world();
    set_clock(&world, hour(26));
    let cookies = world.sign_in(Role::Organiser);
    let html = text(&world.get("/en/works", &cookies));
    let (open, over) = html.split_once("id=\"works-over\"").unwrap();
    assert_eq!(open.matches("<th scope=\"row\">").count(), 2, "{open}");
    assert!(open.contains("on now") && open.contains("planned") && !open.contains(">over<"));
    assert_eq!(over.matches("<th scope=\"row\">").count(), 1, "{over}");
    assert!(over.contains("restoration") && over.contains("the whole system"));
    assert!(html.contains("Works that are on: 1. Planned: 1."));
}

#[test]
fn the_forms_ask_for_what_they_say_in_the_time_of_almaty() {
    let world = world();
    let cookies = world.sign_in(Role::Operator);
    let page = world.get("/en/works", &cookies);
    let token = token(&page);
    *world.plans.answer.lock().unwrap() = Some(Planned::Done(Seq(9)));
    world.log.events.lock().unwrap().clear();
    let from = ("from", "2026-11-24T02:00");
    let fields = [("token", &*token), ("kind", "preventive"), ("scope", "stakes"), from];
    let until = [("until", "2026-11-24T04:30")];
    let sent = world.post("/en/works", &cookies, &[&fields[..], &until].concat());
    assert_eq!((sent.status, header(&sent, "location")), (303, Some("/en/works")));
    // UTC+5 since 2024.
    let at = |text: &str| {
        let (day, hours) = text.split_once(' ').unwrap();
        let hours: i64 = hours.parse().unwrap();
        let day = i64::from(terms::Day::parse(day).unwrap().0);
        Instant((day * 86_400 + hours * 1_800) * Instant::SECOND)
    };
    let (from, until) = (at("2026-11-23 42"), at("2026-11-23 47"));
    let (kind, scope) = (WorksKind::Preventive, WorksScope::Stakes);
    // What is sent as the page has it is what stands, to the nanosecond.
    let html = text(&page).replace("&#x2f;", "/");
    let (_, form) = html.split_once("action=\"/en/works/0\"").unwrap();
    let value = form.split("value=\"").nth(2).unwrap().split('"').next().unwrap();
    let moved = [("token", &*token), ("from", value), ("until", "2026-11-24T04:30:15")];
    assert_eq!(world.post("/en/works/0", &cookies, &moved).status, 303);
    assert_eq!(world.post("/en/works/2/cancel", &cookies, &moved[..1]).status, 303);
    let stands = world.mem.views.clone();
    let stands = first_window(&stands).from;
    assert_eq!(
        *world.plans.asked.lock().unwrap(),
        [
            Plan::Announce { kind, scope, from, until },
            Plan::Change { works: Works(0), from: stands, until: until.plus(15 * Instant::SECOND) },
            Plan::Cancel { works: Works(2) },
        ]
    );
    let events = world.log.events.lock().unwrap();
    let noted: Vec<_> =
        events.iter().map(|event| (event.act, event.result, &*event.record)).collect();
    let done = (AuditAct::Change, AuditResult::Done);
    assert!(noted.iter().all(|event| (event.0, event.1) == done), "{noted:?}");
    assert_eq!(noted.len(), 3);
    assert!(noted[0].2.contains("kind=preventive") && noted[2].2 == "/works/2/cancel");
}

fn first_window(views: &store::MemoryViews) -> journal::kinds::WorksWindow {
    use store::ViewReader as _;
    let cards = views.clone().versions(reports::CardKind::Works, 0).unwrap();
    match cards.into_iter().next() {
        Some(reports::Card::Works(card)) => card.window,
        other => panic!("{other:?}"),
    }
}

#[test]
fn what_is_refused_is_told_in_the_form_in_which_it_was_sent() {
    let world = world();
    let cookies = world.sign_in(Role::Operator);
    let token = token(&world.get("/en/works", &cookies));
    let good = [
        ("token", &*token),
        ("kind", "restoration"),
        ("scope", "pages"),
        ("from", "2026-11-24T02:00"),
        ("until", "2026-11-24T04:30"),
    ];
    let with = |name: &'static str, value: &'static str| {
        good.map(|(field, old)| if field == name { (field, value) } else { (field, old) })
    };
    *world.plans.answer.lock().unwrap() = Some(Planned::Refused(Reason::NoticeTooShort));
    let page = world.post("/en/works", &cookies, &good);
    let html = text(&page).replace("&#x2f;", "/");
    assert_eq!(page.status, 422);
    assert!(html.contains("Notice too short") && html.contains("role=\"alert\""));
    assert!(html.contains("<option value=\"pages\" selected>"), "{html}");
    assert!(html.contains("value=\"2026-11-24T02:00\""), "{html}");
    let moved = [("token", &*token), ("from", "2026-11-24T02:00"), ("until", "2026-11-24T03:00")];
    let html = text(&world.post("/en/works/1", &cookies, &moved)).replace("&#x2f;", "/");
    let (_, form) = html.split_once("Change the time of works № 1").unwrap();
    let (form, _) = form.split_once("</form>").unwrap();
    assert!(form.contains("Notice too short") && form.contains("2026-11-24T03:00"), "{form}");
    let html = text(&world.post("/en/works/77/cancel", &cookies, &moved[..1]));
    assert!(html.contains("Notice too short"), "{html}");
    for (fields, status) in [
        (with("kind", "idle"), 400),
        (with("scope", ""), 400),
        (with("from", "2026-11-24"), 422),
        (with("from", "2026-11-24T24:00"), 422),
        (with("until", "2026-11-31T02:00"), 422),
        (with("until", "2026-11-24T2:00"), 422),
        (with("until", "2026-11-24T+2:00"), 422),
    ] {
        let asked = world.plans.asked.lock().unwrap().len();
        assert_eq!(world.post("/en/works", &cookies, &fields).status, status, "{fields:?}");
        assert_eq!(world.plans.asked.lock().unwrap().len(), asked, "{fields:?}");
    }
    assert_eq!(world.post("/en/works/x", &cookies, &moved).status, 404);
    // Nobody knows what became of it, so nothing is claimed.
    *world.plans.answer.lock().unwrap() = None;
    assert_eq!(world.post("/en/works", &cookies, &good).status, 503);
    forward(&world);
    let others = world.sign_in(Role::Administrator);
    let token = crate::world::token(&world.get("/en/works", &others));
    let fields = [("token", &*token), good[1], good[2], good[3], good[4]];
    assert_eq!(world.post("/en/works", &others, &fields).status, 403);
}
