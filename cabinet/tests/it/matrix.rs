//! Who may ask, made from the one table of routes (R2-55.2, S-45, S-02).

use cabinet::ports::{Path, Step};
use cabinet::routes::{May, Page, ROUTES, Route};

use crate::world::{World, form, header, set, text};

/// A path of a route, in English, with something for each piece.
fn path(route: &Route) -> String {
    let mut pieces = match route.page {
        Page::Order | Page::AnswerOrder | Page::Invitation | Page::AcceptInvitation => {
            vec!["en", "K7QM2V9D"]
        }
        Page::GivePhoto => vec!["en", "face"],
        Page::ShortInvitation | Page::ShortOrder => vec!["K7QM2V9D"],
        _ => vec!["en", "0", "019b8e07-4600-7745-af22-2bc4a9e9d771", "0"],
    }
    .into_iter();
    let mut path = String::new();
    for part in route.path.split('/').skip(1) {
        path.push('/');
        path.push_str(if part == "{}" { pieces.next().unwrap() } else { part });
    }
    path
}

/// How somebody stands: the cookies, and how far he may go.
fn standings(world: &World) -> [(&'static str, String, Option<May>); 4] {
    let way = world.town.way(Path::Join, Step::Consents, None);
    [
        ("nobody", String::new(), Some(May::Anyone)),
        ("on the way", format!("__Host-bej-way={way}"), Some(May::OnTheWay)),
        ("signed in", world.signed_in(false), Some(May::SignedIn)),
        ("fresh", world.signed_in(true), Some(May::Fresh)),
    ]
}

#[test]
fn every_route_opens_for_those_it_names_and_for_nobody_else() {
    let mut opened = 0;
    for route in ROUTES {
        let path = path(route);
        let world = World::new();
        for (name, cookies, may) in standings(&world) {
            let allowed = may.is_some_and(|may| route.may <= may);
            let answer = match route.reads {
                true => world.get(&path, &cookies),
                false => world.post(&path, &cookies, &[]),
            };
            let to = header(&answer, "location").unwrap_or_default();
            let away = to == "/en"
                || to.starts_with("/en/sign-in?next=")
                || to.starts_with("/en/code?next=");
            if allowed {
                // A form without its token is nobody's form, whoever sends it.
                let fits = if route.reads { answer.status != 503 } else { answer.status == 403 };
                assert!(fits, "{path} for {name}: {}", answer.status);
                assert!(!away || matches!(route.page, Page::Root), "{path} for {name}: {to}");
            } else {
                assert!(away && answer.status == 303, "{path} for {name}: {}", answer.status);
                assert!(answer.body.is_empty());
            }
            opened += usize::from(allowed);
        }
    }
    assert!(100 < opened);
}

#[test]
fn a_form_is_taken_from_its_own_page_alone() {
    let world = World::new();
    let (ours, theirs) = (world.signed_in(false), world.signed_in(false));
    let page = world.get("/en/block", &ours);
    let (action, fields) = form(&page, 0);
    let wallet = text(&page);
    let (_, wallet) = wallet.split_once("name=\"wallet\" value=\"").unwrap();
    let wallet = wallet.split('"').next().unwrap();
    let mut fields: Vec<(&str, &str)> =
        fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    fields.extend([("wallet", wallet), ("ground", "lost"), ("do", "block")]);
    // Another's session, no session's token, another site.
    assert_eq!(world.post(&action, &theirs, &fields).status, 403);
    let without: Vec<_> = fields.iter().copied().filter(|(name, _)| *name != "token").collect();
    assert_eq!(world.post(&action, &ours, &without).status, 403);
    let body: Vec<String> =
        fields.iter().map(|(name, value)| format!("{name}={}", site::web::encode(value))).collect();
    let request = |site: &str| site::web::Request {
        path: action.clone(),
        cookies: ours.clone(),
        body: body.join("&"),
        site: Some(site.into()),
        ..site::web::Request::default()
    };
    assert_eq!(world.ask(request("cross-site")).status, 403);
    assert_eq!(world.ask(request("same-site")).status, 403);
    assert!(world.town.lock().forms.is_empty(), "nothing was blocked");
    assert_eq!(world.ask(request("same-origin")).status, 200);
    assert_eq!(world.town.lock().forms.len(), 1);
}

#[test]
fn cookies_are_of_this_host_and_out_of_reach_of_scripts() {
    // S-45
    let world = World::new();
    let page = world.get("/kk/sign-in", "");
    let cookies: Vec<&str> = page
        .headers
        .iter()
        .filter(|(name, _)| *name == "set-cookie")
        .map(|(_, value)| value.as_str())
        .collect();
    let held = cookies.iter().find(|cookie| cookie.starts_with("__Host-bej-form=")).unwrap();
    for part in ["Path=/", "HttpOnly", "SameSite=Lax", "Secure"] {
        assert!(held.contains(part), "{held}");
    }
    assert!(set(&page, "bej-lang").ends_with("=kk"));
    // Without TLS there is no promise that cannot be kept.
    let plain = World::open(false, None);
    assert!(set(&plain.get("/kk/sign-in", ""), "bej-form").len() > 20);
}

#[test]
fn one_address_sends_so_many_forms_and_no_more() {
    let mut world = World::new();
    world.address = Some("198.51.100.7".parse().unwrap());
    let flood = (0..200).map(|_| world.post("/en/sign-in", "", &[]).status);
    let held = flood.filter(|status| *status == 429).count();
    assert_eq!(held, 140);
    world.address = Some("198.51.100.8".parse().unwrap());
    assert_eq!(world.post("/en/sign-in", "", &[]).status, 403);
    assert_eq!(world.get("/en/sign-in", "").status, 200);
}

#[test]
fn another_persons_things_are_not_there() {
    let world = World::new();
    let cookies = world.signed_in(false);
    // A bet, a receipt and an order of somebody else.
    let mut views = world.town.views.clone();
    let own: Vec<_> = world.town.accounts().iter().map(|card| card.account).collect();
    let sort = (reports::SortField::At, reports::Direction::Descending);
    let query = reports::BetQuery::new(Vec::new(), sort, None, 50).unwrap();
    let store::views::Found::Page(page) = store::ViewReader::bets(&mut views, &query).unwrap()
    else {
        panic!("the season is small")
    };
    let theirs = page.rows.iter().find(|row| !own.contains(&row.account)).unwrap();
    let path = format!("/en/bets/{}/{}", theirs.organiser.0, theirs.bet);
    assert_eq!(world.get(&path, &cookies).status, 404);
    assert_eq!(world.get(&format!("{path}/proof/{}", theirs.seq), &cookies).status, 404);
    assert_eq!(world.get(&format!("/en/receipts/{}", theirs.seq), &cookies).status, 404);
    assert_eq!(world.get("/en/confirm/nothing", &cookies).status, 404);
    let ours = page.rows.iter().find(|row| own.contains(&row.account));
    if let Some(ours) = ours {
        let path = format!("/en/bets/{}/{}", ours.organiser.0, ours.bet);
        assert_eq!(world.get(&path, &cookies).status, 200);
        // A fact that is not of this bet has no proof here.
        assert_eq!(world.get(&format!("{path}/proof/0"), &cookies).status, 404);
    }
}
