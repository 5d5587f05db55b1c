//! Every page in three languages (S-59): words, weight, and nothing that does not belong there.

use cabinet::ports::{Failure, Field, Need, No, Path, PocketState, Problem, Step, Wrong};
use phrases::{Language, Phrases};
use terms::{Day, Instant, Reason, Seq};

use crate::world::{World, text};

/// Who looks at a page.
#[derive(Clone, Debug)]
pub enum As {
    Nobody,
    Way(Path, Step, Option<Failure>),
    Session,
    Fresh,
}

/// Every page with something on it.
pub fn pages(world: &World) -> Vec<(As, String)> {
    let mut pages: Vec<(As, String)> =
        ["", "/help", "/offer", "/lost-phone", "/sign-in", "/r/K7QM2V9D"]
            .map(|path| (As::Nobody, path.to_owned()))
            .into();
    let steps = [
        (Path::Join, Step::Consents),
        (Path::Join, Step::Phone),
        (Path::Join, Step::Code),
        (Path::Join, Step::Data),
        (Path::Join, Step::Photos),
        (Path::Join, Step::Liveness),
        (Path::Join, Step::Waiting),
        (Path::Join, Step::Done),
        (Path::Renew, Step::Done),
        (Path::LostPhone, Step::Data),
        (Path::LostPhone, Step::Done),
    ];
    pages.extend(steps.map(|(path, step)| (As::Way(path, step, None), "/join".to_owned())));
    let waits = [Failure::ExchangeSilent, Failure::ListSilent, Failure::InReview];
    for failure in Failure::ALL {
        let step = if waits.contains(failure) { Step::Waiting } else { Step::Failed };
        pages.push((As::Way(Path::Join, step, Some(*failure)), "/join".to_owned()));
    }
    let session = [
        "/home",
        "/bets",
        "/bets?state=open",
        "/bets?state=unpaid",
        "/refusals",
        "/wallet?month=2022-10",
        "/top-up",
        "/block",
        "/accounts",
        "/looks",
        "/looks?before=900",
        "/consents",
        "/me",
        "/code",
        "/confirm/K7QM2V9D",
        "/confirm/L7QM2V9D",
        "/confirm/G7QM2V9D",
        "/confirm/D7QM2V9D",
        "/confirm/E7QM2V9D",
        "/r/K7QM2V9D",
        "/help",
    ];
    pages.extend(session.map(|path| (As::Session, path.to_owned())));
    pages.push((As::Session, a_bet(world)));
    pages.push((As::Session, a_receipt(world)));
    let fresh = ["/redeem", "/unblock", "/phone", "/password", "/close", "/confirm/L7QM2V9D"];
    pages.extend(fresh.map(|path| (As::Fresh, path.to_owned())));
    pages
}

/// The cookies of who looks.
pub fn cookies(world: &World, who: &As, prefix: &str) -> String {
    match who {
        As::Nobody => String::new(),
        As::Way(path, step, failure) => {
            format!("{prefix}bej-way={}", world.town.way(*path, *step, *failure))
        }
        As::Session => format!("{prefix}bej-cabinet={}", world.town.session(false)),
        As::Fresh => format!("{prefix}bej-cabinet={}", world.town.session(true)),
    }
}

fn link(world: &World, path: &str, begins: &str) -> String {
    let cookies = world.signed_in(false);
    let prefixless = cookies.replace("__Host-", "");
    let html = text(&world.get(&format!("/en{path}"), &format!("{cookies}; {prefixless}")));
    let wanted = format!("href=\"/en{begins}");
    let (_, rest) = html.split_once(&wanted).unwrap_or_else(|| panic!("no {begins} in {html}"));
    format!("{begins}{}", rest.split('"').next().unwrap())
}

fn a_bet(world: &World) -> String {
    link(world, "/bets?state=settled", "/bets/")
}

fn a_receipt(world: &World) -> String {
    link(world, "/home", "/receipts/")
}

/// Everything that a home may say at once.
pub fn busy(world: &World) {
    let mut state = world.town.lock();
    let now = state.now;
    state.needs = vec![
        Need::Identify,
        Need::Renew(now.plus(3 * Instant::DAY)),
        Need::Renew(Instant(now.0 - Instant::DAY)),
        Need::Document(Day(20_800)),
        Need::Document(Day(20_000)),
        Need::NotAdmitted(Reason::ListedDebtor),
        Need::RedemptionFailed(Seq(1_200)),
        Need::Consent,
        Need::Order,
    ];
    let pocket = &mut state.pockets[0];
    pocket.held = terms::Tiyn::new(250_000).unwrap();
    pocket.seized = terms::Tiyn::new(100_000).unwrap();
    pocket.over_limit = true;
    let mut other = pocket.clone();
    other.wallet = terms::Wallet(900_001);
    other.state = PocketState::Blocked;
    other.blocked = Some((now, Some(cabinet::ports::BlockGround::Stolen)));
    let mut frozen = other.clone();
    frozen.wallet = terms::Wallet(900_002);
    (frozen.state, frozen.blocked) = (PocketState::Frozen, Some((now, None)));
    state.pockets.extend([other, frozen]);
}

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

/// Keys of the books that no reader should meet.
fn keys(books: &Phrases) -> Vec<String> {
    let words = books.words().map(str::to_owned);
    let stories = books.stories().map(|(key, _)| key.to_owned());
    words.chain(stories).filter(|key| key.contains(['.', '_'])).collect()
}

#[test]
fn every_page_speaks_three_languages() {
    // S-59, R0-10.9, R4-11.1.8b
    let world = World::new();
    busy(&world);
    let books = Phrases::load().unwrap();
    let keys = keys(&books);
    for (who, path) in pages(&world) {
        let mut texts = Vec::new();
        for lang in Language::ALL {
            let cookies = cookies(&world, &who, "__Host-");
            let address = format!("/{}{path}", lang.code());
            let answer = world.get(&address, &cookies);
            let html = text(&answer);
            assert_eq!(answer.status, 200, "{address} as {who:?}: {html}");
            check_html(&format!("{address} as {who:?}"), &html);
            assert!(html.contains(&format!("<html lang=\"{}\"", lang.code())));
            let seen = seen(&html);
            for key in &keys {
                assert!(!seen.contains(key), "{address} as {who:?} shows the key {key}");
            }
            for group in GROUPS {
                let lost = seen.match_indices(group).find(|(at, _)| {
                    seen[at + group.len()..].starts_with('.')
                        && seen[at + group.len() + 1..]
                            .starts_with(|c: char| c.is_ascii_lowercase())
                });
                assert!(lost.is_none(), "{address} as {who:?} lacks a word of {group}");
            }
            assert_eq!(seen.contains("ЕСУ"), lang == Language::Ru, "{address}");
            texts.push(seen);
        }
        assert!(texts[0] != texts[1] && texts[1] != texts[2], "{path}");
    }
}

/// Groups of words whose names are put together.
const GROUPS: [&str; 26] = [
    "cabinet",
    "field",
    "field_hint",
    "step",
    "photo",
    "photo_how",
    "motion",
    "failure",
    "failure_todo",
    "document",
    "consent",
    "consent_name",
    "consent_way",
    "recipient",
    "watcher",
    "look_ground",
    "pocket",
    "block_ground",
    "bets",
    "bets_state",
    "bets_result",
    "refused",
    "refused_todo",
    "start",
    "money",
    "posting",
];

fn check_html(address: &str, html: &str) {
    // The first flight of packets holds the page (console.md 6), compressed or not at most 24 kB.
    assert!(html.len() <= 24_000, "{address} has {} bytes", html.len());
    for bad in ["style=", "http://", "onclick", "<script", "javascript:", "undefined"] {
        assert!(!html.contains(bad), "{address} contains {bad}");
    }
    for href in html.split("href=\"").skip(1).map(|rest| rest.split('"').next().unwrap()) {
        let runs = href.split(|c: char| !c.is_ascii_digit());
        assert!(runs.into_iter().all(|run| run.len() != 12), "{address}: {href}");
        assert!(!href.contains("+7701"), "{address}: {href}");
    }
    assert_eq!(html.matches("<svg").count(), html.matches("</svg>").count(), "{address}");
    let forms = html.matches("<form method=\"post\"").count();
    assert_eq!(html.matches("name=\"token\"").count(), forms, "{address}");
    assert_eq!(html.matches("<h1>").count(), 1, "{address}");
    // Every field has a label or stands in one.
    for id in html.split("<input id=\"").skip(1).map(|rest| rest.split('"').next().unwrap()) {
        assert!(html.contains(&format!("for=\"{id}\"")), "{address}: {id} has no label");
    }
}

#[test]
fn every_mistake_is_told_beside_its_field_and_above_all() {
    // R0-10.10a
    let world = World::new();
    let way = world.town.way(Path::Join, Step::Data, None);
    let cookies = format!("__Host-bej-way={way}; __Host-bej-form=x");
    let page = world.get("/en/join", &cookies);
    let typed =
        [("iin", "9501 0130 0017"), ("surname", "<b>Ким</b>"), ("birth_date", "1995-01-01")];
    let answer = world.send(&page, 0, &cookies, &typed);
    let html = text(&answer);
    assert_eq!(answer.status, 422);
    assert!(html.contains("<title>Error: "), "{html}");
    for name in ["iin", "given_name", "document_kind", "document_number"] {
        assert!(html.contains(&format!("href=\"#f-{name}\"")), "{name}");
        assert!(html.contains(&format!("id=\"f-{name}-e\"")), "{name}");
    }
    // What was typed stays, and is text.
    assert!(html.contains("value=\"9501 0130 0017\"") && html.contains("value=\"1995-01-01\""));
    assert!(html.contains("&lt;b&gt;Ким") && !html.contains("<b>Ким"));
    // Every kind of mistake has its sentence in every language.
    let books = Phrases::load().unwrap();
    for wrong in Wrong::ALL {
        for lang in Language::ALL {
            let key = format!("wrong_{}", wrong.name());
            assert!(books.try_story(lang, &key, &[("field", "x")]).is_ok(), "{key}");
        }
    }
    for field in Field::ALL {
        let key = format!("field.{}", field.name());
        assert!(Language::ALL.iter().all(|lang| books.word(*lang, &key) != key), "{key}");
    }
}

#[test]
fn secrets_are_not_given_back() {
    let world = World::new();
    let page = world.get("/en/sign-in", "");
    let cookies = crate::world::set(&page, "__Host-bej-form");
    let typed = [("phone", "+7 701 000 00 21"), ("password", "hunter2hunter2")];
    let answer = world.send(&page, 0, &cookies, &typed);
    let html = text(&answer);
    assert_eq!(answer.status, 422);
    assert!(html.contains("+7 701 000 00 21") && !html.contains("hunter2"));
    // The same sentence for a phone that nobody has.
    let other = [("phone", "+7 701 999 99 99"), ("password", crate::town::PASSWORD)];
    let other = text(&world.send(&page, 0, &cookies, &other));
    let told = |html: &str| html.split("role=\"alert\"").nth(1).unwrap()[..200].to_owned();
    assert_eq!(told(&html), told(&other));
}

#[test]
fn what_the_house_cannot_do_is_told_without_its_words() {
    let world = World::new();
    let cookies = world.signed_in(true);
    for (no, status) in [
        (No::Refused(Reason::WalletFrozen), 422),
        (No::Refused(Reason::ListedTerrorist), 422),
        (No::Refused(Reason::LimitExceeded), 422),
        (No::Wait(Instant((crate::town::NOW + 600) * Instant::SECOND)), 429),
        (No::Over, 410),
        (No::Absent, 404),
        (No::Down("the vault of Zhanar is locked".into()), 503),
    ] {
        let page = world.get("/en/wallet", &cookies);
        world.town.lock().refuse = Some(no.clone());
        let answer = world.send(&page, 0, &cookies, &[]);
        let html = text(&answer);
        assert_eq!(answer.status, status, "{no:?}");
        assert!(!html.contains("Zhanar") && !html.to_lowercase().contains("terror"), "{html}");
        // I-09: the same page for a freeze and for a list.
        if let No::Refused(Reason::WalletFrozen | Reason::ListedTerrorist) = no {
            assert!(html.contains("The operation was not accepted."), "{html}");
        }
    }
    let problem = Problem { field: Field::Wallet, wrong: Wrong::Missing };
    world.town.lock().refuse = Some(No::Wrong(vec![problem]));
    let page = world.get("/en/wallet", &cookies);
    assert_eq!(world.send(&page, 0, &cookies, &[]).status, 503, "out of place");
}

#[test]
fn addresses_that_are_none_get_a_page_that_leads_on() {
    let world = World::new();
    for (path, status) in [
        ("/kk/nothing", 404),
        ("/xx/home", 404),
        ("/kk/r/expired", 404),
        ("/kk/help?a=%zz", 400),
        ("/kk/join/data", 405),
        ("/assets/cabinet.css", 404),
    ] {
        let answer = world.get(path, "");
        assert_eq!(answer.status, status, "{path}");
        assert!(text(&answer).contains("<h1>") && text(&answer).contains("/help\""), "{path}");
    }
    // Kazakh is offered first; what was chosen is kept.
    let answer = world.get("/", "");
    assert_eq!(crate::world::header(&answer, "location"), Some("/kk"));
    let answer = world.get("/r/K7QM2V9D", "bej-lang=ru");
    assert_eq!(crate::world::header(&answer, "location"), Some("/ru/r/K7QM2V9D"));
    // A way on that leads elsewhere is not taken.
    for next in ["//evil.example", "https://evil.example", "/en/../x?y", "/ru/home", "/en/\\evil"] {
        let path = format!("/en/sign-in?next={}", site::web::encode(next));
        let html = text(&world.get(&path, ""));
        assert!(html.contains("name=\"next\" value=\"/en/home\""), "{next}");
    }
}
