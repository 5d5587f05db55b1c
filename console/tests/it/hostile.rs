//! Hostile input, made from the one table of routes: forged cookies, forms from elsewhere, script
//! in every parameter, tricks with paths, and ids of another organiser.

use console::role::Role;
use console::routes::{ROUTES, Route};
use console::web::{Request, encode};

use crate::matrix::path;
use crate::pages::{a_bet, an_account, forward};
use crate::world::{World, named, season, text, token};

const SCRIPT: &str = "\"><script>alert(1)</script>";

fn answers(world: &World, route: &Route, path: &str, cookies: &str) -> console::web::Answer {
    if route.reads { world.get(path, cookies) } else { world.post(path, cookies, &[]) }
}

#[test]
fn forged_cookies_open_no_route() {
    let world = World::new(named("Book"));
    let good = world.sign_in(Role::Operator);
    let forged = [
        good.replace("__Host-bej=", "bej="),
        good.replace("__Host-bej=", "__Host-bej=0"),
        "__Host-bej=".into(),
        format!("__Host-bej={}", "0".repeat(64)),
        "__Host-bej=../../etc/passwd; bej-theme=<script>; bej-lang=xx".into(),
        "=;=;;;\u{fffd}=\u{0}".into(),
    ];
    for route in ROUTES.iter().filter(|route| !route.allows(None)) {
        for cookies in &forged {
            let answer = answers(&world, route, &path(route), cookies);
            let expected = if route.reads { 303 } else { 403 };
            assert_eq!(answer.status, expected, "{} with {cookies}", route.path);
            assert!(!text(&answer).contains("<table"), "{}", route.path);
        }
    }
}

#[test]
fn forms_from_elsewhere_reach_no_route() {
    let world = World::new(named("Book"));
    let cookies = world.sign_in(Role::Operator);
    let good = token(&world.get("/en/overview", &cookies));
    forward(&world);
    let theirs = world.sign_in(Role::Tax);
    let other = token(&world.get("/en/overview", &theirs));
    world.log.events.lock().unwrap().clear();
    for route in ROUTES.iter().filter(|route| !route.reads) {
        for (token, site) in
            [(&*good, "cross-site"), (&*good, "same-site"), (&*other, "same-origin"), ("", "none")]
        {
            let answer = world.console.answer(&Request {
                path: path(route),
                cookies: cookies.clone(),
                site: Some(site.into()),
                body: format!("token={token}&name=x&page=/stakes&ground=inspection&case=1"),
                ..Request::default()
            });
            assert_eq!(answer.status, 403, "{} {site}", route.path);
        }
    }
    assert!(world.log.events.lock().unwrap().is_empty(), "nothing was done");
    assert_eq!(world.get("/en/overview", &cookies).status, 200, "nor was anybody signed out");
}

#[test]
fn script_in_any_parameter_is_text() {
    let world = World::new(named(SCRIPT));
    for role in [Role::Operator, Role::Gambling, Role::Tax, Role::Monitoring, Role::Organiser] {
        forward(&world);
        let cookies = world.sign_in(role);
        let names = "from to organiser account id desk form desk_kind state shape result sum_from \
            winnings_to event late breach sort order after before day month skip live next q";
        for route in ROUTES.iter().filter(|route| route.reads && route.allows(Some(role))) {
            let mut address = path(route);
            for (at, name) in names.split_whitespace().enumerate() {
                let mark = if at == 0 { '?' } else { '&' };
                address.push_str(&format!("{mark}{name}={}", encode(SCRIPT)));
            }
            let answer = world.get(&address, &cookies);
            assert!(answer.status < 500, "{address}");
            assert!(!text(&answer).contains("<script>alert"), "{address}");
            for (name, value) in &answer.headers {
                assert!(!value.contains(['\r', '\n']), "{name}: {value}");
            }
        }
    }
}

#[test]
fn tricks_with_paths_find_nothing() {
    let world = World::new(named("Book"));
    let cookies = world.sign_in(Role::Operator);
    for route in ROUTES.iter().filter(|route| route.reads && route.path.len() > 3) {
        let plain = path(route);
        let tricks = [
            format!("{plain}/"),
            format!("/{plain}"),
            format!("{plain}/.."),
            plain.replacen("/en", "/EN", 1),
            plain.replacen("/en", "/en/..", 1),
            plain.replacen("/en/", "/en/%2e%2e/", 1),
            plain.replacen("/en/", "/en%2f", 1),
            format!("{plain}%00"),
            format!("{plain}\\..\\"),
            format!("{plain};admin=1"),
        ];
        for trick in tricks.iter().filter(|trick| **trick != plain) {
            let answer = world.get(trick, &cookies);
            let known = answer.status == 200 && text(&answer).contains("<table");
            assert!(!known && answer.status < 500, "{trick}: {}", answer.status);
        }
    }
    for path in ["/assets/../Cargo.toml", "/assets/%2e%2e/x", "/assets/", "/assets/live.js", "//"] {
        assert_eq!(world.get(path, &cookies).status, 404, "{path}");
    }
}

#[test]
fn ids_of_another_organiser_lead_nowhere() {
    let world = World::new(season());
    // The first organiser's bet and account, asked for by the second one's officer.
    let mut views = world.mem.views.clone();
    let first = store::ViewReader::scan(&mut views, reports::Table::Stakes, 0, 1_000).unwrap();
    let theirs = first.iter().find_map(|record| match record {
        reports::Record::Bet(row) if row.organiser.0 == 1 => Some(row.clone()),
        _ => None,
    });
    let theirs = theirs.unwrap();
    let account = terms::number::account_number(theirs.organiser, theirs.account);
    let cookies = world.sign_in(Role::Organiser);
    let token = token(&world.get("/en/overview", &cookies));
    for path in [
        format!("/en/bets/1/{}", theirs.bet),
        format!("/en/bets/0/{}", theirs.bet),
        format!("/en/bets/1/{}/proof/{}", theirs.bet, theirs.seq),
        format!("/en/bets/0/{}/proof/{}", theirs.bet, theirs.seq),
        format!("/en/accounts/{account}"),
        "/en/organisers/1".into(),
        "/en/queries/1".into(),
    ] {
        assert_eq!(world.get(&path, &cookies).status, 404, "{path}");
    }
    for path in ["/en/events/0", "/en/people/0", "/en/unmask/5", "/en/entries/5", "/en/authority"] {
        assert_eq!(world.get(path, &cookies).status, 403, "{path}");
    }
    // A register narrowed to another's account or bet has no row; an export neither.
    let narrowed = [("account", account.clone()), ("id", theirs.bet.to_string())];
    for (name, value) in &narrowed {
        for page in ["stakes", "bets"] {
            let html = text(&world.get(&format!("/en/{page}?{name}={value}"), &cookies));
            assert!(html.contains("There are no records for this filter."), "{page} {name}");
            let fields = [("token", &*token), (name, value)];
            for way in ["export", "print"] {
                let answer = world.post(&format!("/en/{way}/{page}"), &cookies, &fields);
                assert!(!text(&answer).contains(&format!(",{},", theirs.bet)), "{way} {page}");
                assert!(!text(&answer).contains("<tr><th scope=\"row\">"), "{way} {page}");
            }
        }
    }
    let html = text(&world.get(&format!("/en/corrections?account={account}"), &cookies));
    assert!(!html.replace("&#x2f;", "/").contains("/en/bets/1/"));
    // What the officer may see, he sees.
    let (bet, own) = (a_bet(&world), an_account(&world));
    let seen =
        [bet, own].iter().any(|path| world.get(&format!("/en{path}"), &cookies).status == 200);
    assert!(seen || world.get("/en/organisers/0", &cookies).status == 200);
}
