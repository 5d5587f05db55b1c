//! Sign-in, sessions, forged cookies and forms from elsewhere (S-45).

use console::role::Role;
use console::web::Request;
use terms::{AuditAct, AuditResult, Instant};

use crate::world::{PASSWORD, World, header, named, set, text, token};

#[test]
fn forged_cookies_open_nothing() {
    let world = World::new(named("Book"));
    let cookies = world.sign_in(Role::Tax);
    assert_eq!(world.get("/en/tax", &cookies).status, 200);
    let mut forged = cookies.clone();
    forged.replace_range(12..13, if cookies.as_bytes()[12] == b'0' { "1" } else { "0" });
    // Without the prefix that ties it to this host the same token is nothing either.
    let bare = cookies.replace("__Host-bej", "bej");
    for cookies in [forged, bare, String::new(), "__Host-bej=".into()] {
        let answer = world.get("/en/tax", &cookies);
        assert_eq!(answer.status, 303, "{cookies}");
        assert!(header(&answer, "location").unwrap().starts_with("/en/sign-in"));
    }
}

#[test]
fn forms_from_elsewhere_change_nothing() {
    let world = World::new(named("Book"));
    let cookies = world.sign_in(Role::Operator);
    let page = world.get("/en/overview", &cookies);
    let good = token(&page);
    for (token, site) in
        [("", None), ("0000", None), (&*good, Some("cross-site")), (&*good, Some("same-site"))]
    {
        let answer = world.console.answer(&Request {
            path: "/en/sign-out".into(),
            cookies: cookies.clone(),
            site: site.map(str::to_owned),
            body: format!("token={token}"),
            ..Request::default()
        });
        assert_eq!(answer.status, 403, "{token} {site:?}");
    }
    // The token of one session does not fit another's.
    let other = world.sign_in(Role::Tax);
    assert_eq!(world.post("/en/sign-out", &other, &[("token", &good)]).status, 403);
    assert_eq!(world.get("/en/overview", &cookies).status, 200);
    assert_eq!(world.post("/en/sign-out", &cookies, &[("token", &good)]).status, 303);
    assert_eq!(world.get("/en/overview", &cookies).status, 303);
}

#[test]
fn wrong_names_and_wrong_passwords_look_the_same() {
    let world = World::new(named("Book"));
    let page = world.get("/en/sign-in", "");
    let (form, token) = (set(&page, "__Host-bej-form"), token(&page));
    let fields = |name, password| [("token", &*token), ("name", name), ("password", password)];
    let wrong = world.post("/en/sign-in", &form, &fields("tax", "a wrong password"));
    let nobody = world.post("/en/sign-in", &form, &fields("xat", PASSWORD));
    assert_eq!((wrong.status, nobody.status), (422, 422));
    assert_eq!(text(&wrong).replace("tax", "xat"), text(&nobody));
    assert!(!text(&wrong).contains("a wrong password"), "a password is not sent back");
    let events = world.log.events.lock().unwrap();
    let noted: Vec<_> = events.iter().map(|event| (event.act, event.user, event.result)).collect();
    assert_eq!(noted, [(AuditAct::SignIn, 4, AuditResult::Refused)]);
}

#[test]
fn sessions_end_and_lead_back() {
    let world = World::new(named("Book"));
    let cookies = world.sign_in(Role::Tax);
    *world.mem.now.lock().unwrap() =
        console::ports::Source::now(&*world.mem).plus(16 * 60 * Instant::SECOND);
    let answer = world.get("/en/tax?month=2026-01", &cookies);
    let to = header(&answer, "location").unwrap();
    assert_eq!(to, "/en/sign-in?next=%2Fen%2Ftax%3Fmonth%3D2026-01");
    let page = world.get(to, "");
    assert!(text(&page).contains("value=\"&#x2f;en&#x2f;tax?month=2026-01\""), "{}", text(&page));
    // Nobody is led to another host.
    let page = world.get("/en/sign-in", "");
    let (form, token) = (set(&page, "__Host-bej-form"), token(&page));
    let fields = [("token", &*token), ("name", "tax"), ("password", PASSWORD)];
    let page = world.post("/en/sign-in", &form, &fields);
    let both = format!("{form}; {}", set(&page, "__Host-bej"));
    let now = console::ports::Source::now(&*world.mem).0 / Instant::SECOND;
    let member = world.members.iter().find(|member| member.role == Role::Tax).unwrap();
    let code = member.code(now as u64).unwrap();
    let fields = [("token", &*token), ("code", &*code), ("next", "//evil.example/en/")];
    let answer = world.post("/en/sign-in/code", &both, &fields);
    assert_eq!(header(&answer, "location"), Some("/en/tax"));
}
