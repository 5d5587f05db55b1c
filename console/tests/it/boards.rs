//! What boards, people, events, prints, proofs and saved queries show, on a small season.

use console::role::Role;
use console::web::Request;
use store::ViewReader as _;
use terms::{AuditAct, AuditResult, Day, Instant};

use crate::pages::{a_bet, an_account, forward, link};
use crate::world::{World, header, named, season, text, token};

const ALL: core::ops::Range<Day> = Day(0)..Day(40_000);

fn page(world: &World, role: Role, path: &str) -> String {
    forward(world);
    let cookies = world.sign_in(role);
    let answer = world.get(path, &cookies);
    assert_eq!(answer.status, 200, "{path}: {}", text(&answer));
    text(&answer).replace("&#x2f;", "/").replace("&amp;", "&")
}

fn rows(html: &str) -> usize {
    html.matches("<tr><th scope=\"row\">").count()
}

#[test]
fn corrections_are_listed_with_what_they_replace() {
    // R0-24.3
    let world = World::new(season());
    let mut views = world.mem.views.clone();
    let sums = views.overviews(reports::Partition::Recorded, ALL, None).unwrap();
    let count: i64 = sums.iter().map(|(_, sums)| sums.corrections).sum();
    assert!(0 < count && count < 50, "{count}");
    let html = page(&world, Role::Gambling, "/en/corrections");
    assert_eq!(rows(&html), usize::try_from(count).unwrap());
    assert!(html.contains("Before, ₸") && html.contains("After, ₸"));
    let own = page(&world, Role::Organiser, "/en/corrections");
    assert!(!own.contains("/en/bets/1/") && rows(&own) < rows(&html));
}

#[test]
fn a_person_is_on_one_page_across_organisers() {
    let world = World::new(season());
    let account = an_account(&world);
    let html = page(&world, Role::Monitoring, &format!("/en{account}"));
    let person = link(&html, "/people/");
    let html = page(&world, Role::Monitoring, &format!("/en{person}"));
    assert!(html.contains(&format!("/en{account}")), "its account is among them");
    assert!(1 < html.matches("href=\"/en/accounts/").count());
    assert!(html.contains("mark-ink"), "its stakes are drawn");
    let events = world.log.events.lock().unwrap().clone();
    let noted = events.last().unwrap();
    assert_eq!((noted.act, &*noted.record), (AuditAct::AccountView, &*person));
    assert!(noted.account.is_some());
    // Others are not told who holds an account.
    let html = page(&world, Role::Tax, &format!("/en{account}"));
    assert!(!html.contains("/people/"));
}

/// Mapped events alone are asked for by the address, and the form and a chip say so.
#[test]
fn mapped_events_are_listed_by_themselves() {
    // S-68
    let world = World::new(season());
    let all = page(&world, Role::Gambling, "/en/events");
    assert!(2 < rows(&all) && all.contains(">not mapped<"));
    let mapped = page(&world, Role::Gambling, "/en/events?mapped=yes");
    assert_eq!(rows(&mapped), 2, "{mapped}");
    assert!(!mapped.contains(">not mapped<"));
    assert!(mapped.contains("<option value=\"yes\" selected>mapped</option>"));
    assert!(mapped.contains("Central id: mapped"), "a chip says what is shown");
    let one = page(&world, Role::Gambling, "/en/events?mapped=yes&before=1");
    assert_eq!(rows(&one), 1);
    assert!(one.contains("href=\"/en/events?mapped=yes\""), "and back to the first page");
    let none = page(&world, Role::Gambling, "/en/events?mapped=yes&before=0");
    assert_eq!(rows(&none), 0);
    assert!(none.contains("There are no records for this filter."));
}

/// Signals of financial monitoring, put beside the rows of a season: what each is about is real.
#[test]
fn patterns_are_found_by_their_signals() {
    let world = World::new(season());
    let mut views = world.mem.views.clone();
    let records = views.scan(reports::Table::Bets, 0, 10_000).unwrap();
    let bets: Vec<reports::BetRow> = records
        .into_iter()
        .filter_map(|record| match record {
            reports::Record::Bet(row) if row.settlement.is_some() => Some(*row),
            _ => None,
        })
        .collect();
    let last = bets.iter().map(|row| row.settlement.as_ref().unwrap().day).max().unwrap();
    let mut recent = bets.iter().filter(|row| row.settlement.as_ref().unwrap().day == last);
    let bet = recent.next_back().unwrap();
    let settled = bet.settlement.as_ref().unwrap();
    let postings = views.scan(reports::Table::Postings, 0, 10_000).unwrap();
    let issue = postings.iter().find_map(|record| match record {
        reports::Record::Posting(row) if row.kind == journal::kinds::Kind::Issue => {
            let wallet = views.versions(reports::CardKind::Wallet, row.credit.0.into()).unwrap();
            let reports::Card::Wallet(card) = &wallet[0] else { panic!("a wallet") };
            (card.class == journal::kinds::Class::Bettor).then_some(*row)
        }
        _ => None,
    });
    let issue = issue.unwrap();
    let mut step = crate::pages::quiet_step(&world);
    let signal = |kind, at: Instant, day: Day, seq: terms::Seq, value| reports::SignalRow {
        seq,
        kind,
        at,
        day,
        organiser: Some(bet.organiser),
        account: Some(bet.account),
        wallet: None,
        bet_seq: Some(bet.seq),
        value,
    };
    use reports::SignalKind::{CashToEmoney, Redemption, Winning};
    let redeemed = signal(Redemption, issue.at, last, terms::Seq(issue.seq.0 + 1), 12_345_600);
    step.signals = vec![
        signal(Winning, settled.at, last, settled.seq, 123_456_700),
        // One that was corrected since is no winning any more.
        signal(Winning, settled.at, last, terms::Seq(settled.seq.0 + 1), 234_567_800),
        signal(CashToEmoney, settled.at, last, settled.seq, 98_765_400),
        reports::SignalRow { wallet: Some(issue.credit), ..redeemed },
    ];
    store::ViewStore::project(&mut views, &step).unwrap();
    let html = page(&world, Role::Monitoring, &format!("/en/monitoring?day={last}"));
    for shown in ["1,234,567.00", "987,654.00", "123,456.00", "/en/people/"] {
        assert!(html.contains(shown), "{shown}");
    }
    assert!(!html.contains("2,345,678.00"), "what no longer stands");
    assert!(html.contains("Winnings of ₸1,000,000.00 or more in the last 30 days: 1."));
}

#[test]
fn an_event_adds_up_to_its_stakes() {
    let world = World::new(season());
    let all = page(&world, Role::Gambling, "/en/events");
    let mut views = world.mem.views.clone();
    let records = views.scan(reports::Table::Stakes, 0, 10_000).unwrap();
    let stakes = |event: u32| {
        let of = |record: &&reports::Record| match record {
            reports::Record::Bet(row) => {
                row.standing.is_stake() && row.legs.iter().any(|leg| leg.event.0 == event)
            }
            _ => false,
        };
        records.iter().filter(of).count()
    };
    let event = (0..1_000).find(|event| 1 < stakes(*event)).unwrap();
    let listed = (0..).take_while(|number| {
        let key = reports::CardKind::Event;
        !views.versions(key, *number).unwrap().is_empty()
    });
    assert_eq!(rows(&all), listed.count().min(50), "the newest fifty");
    let html = page(&world, Role::Gambling, &format!("/en/events/{event}"));
    assert!(html.contains(&format!("<span>{}</span>", stakes(event))), "{html}");
    assert!(html.contains("/en/stakes?event="));
}

#[test]
fn a_print_names_its_maker_and_the_hash_of_its_file() {
    // R2-55.9b
    let world = World::new(season());
    let cookies = world.sign_in(Role::Tax);
    let token = token(&world.get("/en/stakes", &cookies));
    world.log.events.lock().unwrap().clear();
    let days = [("from", "2000-01-01"), ("to", "2050-01-01")];
    let fields = [("token", &*token), days[0], days[1], ("form", "cash")];
    let paper = world.post("/en/print/stakes", &cookies, &fields);
    assert_eq!(paper.status, 200);
    let file = world.post("/en/export/stakes", &cookies, &fields);
    let html = text(&paper);
    assert!(html.contains(header(&file, "x-content-sha256").unwrap()));
    assert!(html.contains("tax · State Revenue Committee") && html.contains("cash"));
    assert!(0 < rows(&html) && !html.contains("<table><a"));
    let events = world.log.events.lock().unwrap();
    let noted: Vec<_> = events.iter().map(|event| (event.act, &*event.record)).collect();
    let address = "stakes?from=2000-01-01&to=2050-01-01&form=cash";
    let expected = ["print", "export"].map(|way| format!("/{way}/{address}"));
    let expected = expected.each_ref().map(|record| (AuditAct::Export, record.as_str()));
    assert_eq!(noted, expected);
}

#[test]
fn each_entry_of_a_story_has_its_proof() {
    let world = World::new(season());
    let bet = a_bet(&world);
    let html = page(&world, Role::Tax, &format!("/en{bet}"));
    let path = link(&html, &format!("{bet}/proof/"));
    forward(&world);
    let cookies = world.sign_in(Role::Tax);
    let answer = world.get(&format!("/en{path}"), &cookies);
    assert_eq!(answer.status, 200);
    assert!(text(&answer).starts_with("the proof of entry "));
    assert!(header(&answer, "content-disposition").unwrap().contains(".proof"));
    let other = format!("/en{bet}/proof/0");
    assert_eq!(world.get(&other, &cookies).status, 404, "an entry of something else");
}

#[test]
fn an_account_is_unmasked_for_a_reason_that_is_noted() {
    // R2-55.11
    let world = World::new(season());
    let html = page(&world, Role::Gambling, "/en/refusals");
    let path = format!("/en{}", link(&html, "/unmask/"));
    forward(&world);
    let cookies = world.sign_in(Role::Gambling);
    let form = world.get(&path, &cookies);
    assert!(text(&form).contains("••••") && !text(&form).contains("/accounts/"));
    let token = token(&form);
    world.log.events.lock().unwrap().clear();
    for fields in [
        vec![("token", &*token)],
        vec![("token", &*token), ("ground", "curiosity"), ("case", "1")],
        vec![("token", &*token), ("ground", "inspection"), ("case", "")],
    ] {
        let answer = world.post(&path, &cookies, &fields);
        assert_eq!(answer.status, 422);
        assert!(!text(&answer).replace("&#x2f;", "/").contains("/accounts/"));
    }
    let fields = [("token", &*token), ("ground", "inspection"), ("case", "7-A")];
    let answer = world.post(&path, &cookies, &fields);
    assert_eq!(answer.status, 200);
    assert!(text(&answer).replace("&#x2f;", "/").contains("/accounts/"));
    let events = world.log.events.lock().unwrap().clone();
    assert_eq!(events.len(), 4);
    let noted = events.last().unwrap();
    assert_eq!((noted.act, noted.result), (AuditAct::AccountView, AuditResult::Done));
    assert!(noted.account.is_some() && noted.record.contains("ground=inspection&case=7-A"));
    // Nothing leaves if it cannot be noted.
    *world.log.broken.lock().unwrap() = true;
    assert_eq!(world.post(&path, &cookies, &fields).status, 503);
}

#[test]
fn queries_are_kept_by_whoever_saved_them() {
    let world = World::new(season());
    let cookies = world.sign_in(Role::Tax);
    let today = page(&world, Role::Gambling, "/en/stakes");
    assert!(today.contains("Save this query"));
    let token = token(&world.get("/en/stakes", &cookies));
    let save = |name: &str, days: &str, shared: &str| {
        let fields = [
            ("token", &*token),
            ("name", name),
            ("days", days),
            ("shared", shared),
            ("page", "/stakes"),
            ("query", "?from=2022-11-01&to=2022-11-14&form=cash&evil=1"),
        ];
        world.post("/en/queries", &cookies, &fields)
    };
    assert_eq!(save("<b>Cash</b>", "fixed", "0").status, 303);
    assert_eq!(save("Moving", "moving", "1").status, 303);
    assert_eq!(save("", "fixed", "0").status, 400);
    let html = text(&world.get("/en/queries", &cookies));
    assert!(html.contains("&lt;b&gt;Cash") && html.contains("Moving"));
    let run = world.get("/en/queries/1", &cookies);
    let to = header(&run, "location").unwrap();
    assert_eq!(to, "/en/stakes?from=2022-11-01&to=2022-11-14&form=cash");
    // Another role sees neither; nobody deletes another's.
    let html = page(&world, Role::Gambling, "/en/queries");
    assert!(!html.contains("Moving") && !html.contains("Cash"));
    forward(&world);
    let other = world.sign_in(Role::Gambling);
    for path in ["/en/queries/1", "/en/queries/2", "/en/queries/9", "/en/queries/x"] {
        assert_eq!(world.get(path, &other).status, 404, "{path}");
    }
    // They outlive the console.
    assert!(world.mem.queries.lock().unwrap().contains("Moving"));
    let gone = world.post("/en/queries/1/delete", &cookies, &[("token", &*token)]);
    assert_eq!(gone.status, 303);
    assert_eq!(world.get("/en/queries/1", &cookies).status, 404);
}

#[test]
fn live_pages_do_not_keep_a_session_alive() {
    // R0-24.1, S-45
    let world = World::new(named("Book"));
    let cookies = world.sign_in(Role::Operator);
    let page = world.get("/en/overview", &cookies);
    assert!(text(&page).contains("/assets/live-") && header(&page, "refresh").is_none());
    let page = world.get("/en/overview?live=60", &cookies);
    assert_eq!(header(&page, "refresh"), Some("60"));
    assert!(!text(&page).contains("/assets/live-"), "one way at a time");
    assert!(header(&world.get("/en/stakes?live=60", &cookies), "refresh").is_none());
    let minutes = |count: i64| {
        let now = console::ports::Source::now(&*world.mem);
        *world.mem.now.lock().unwrap() = now.plus(count * 60 * Instant::SECOND);
    };
    let by_itself = || {
        world.console.answer(&Request {
            reads: true,
            path: "/en/overview".into(),
            cookies: cookies.clone(),
            live: true,
            ..Request::default()
        })
    };
    minutes(10);
    assert_eq!(by_itself().status, 200);
    minutes(6);
    assert_eq!(by_itself().status, 303, "sixteen minutes without a reader");
}

/// Holds are left out of the registers of stakes and bets, and what comes behind fills their
/// places: whoever goes from page to page sees each stake once, fifty a page.
#[test]
fn pages_of_stakes_are_full_whatever_was_held() {
    // P-01
    let world = World::new(season());
    let mut views = world.mem.views.clone();
    let stakes = views.scan(reports::Table::Bets, 0, 10_000).unwrap();
    let stakes = stakes.iter().filter_map(|record| match record {
        reports::Record::Bet(row) => Some(row.standing.is_stake()),
        _ => None,
    });
    let (stakes, holds): (Vec<bool>, Vec<bool>) = stakes.partition(|stake| *stake);
    assert!(!holds.is_empty() && 100 < stakes.len(), "{} {}", holds.len(), stakes.len());
    let (mut address, mut seen) = ("/en/stakes".to_owned(), 0);
    loop {
        let html = page(&world, Role::Operator, &address);
        let shown = rows(&html);
        seen += shown;
        let Some(next) =
            html.split("\" rel=\"next\"").next().filter(|_| html.contains("rel=\"next\""))
        else {
            break;
        };
        assert_eq!(shown, 50, "{address}");
        address = next.rsplit("href=\"").next().unwrap().to_owned();
    }
    assert_eq!(seen, stakes.len());
}

#[test]
fn a_filter_that_cannot_be_is_told_once() {
    let world = World::new(season());
    let html = page(&world, Role::Operator, "/en/bets?waiting=1");
    assert_eq!(html.matches("Give a first and a last day").count(), 1);
    assert!(html.contains("Choose the days:"));
}

#[test]
fn a_bet_tells_its_shape() {
    // R0-16.3d
    let world = World::new(season());
    let mut views = world.mem.views.clone();
    let records = views.scan(reports::Table::Bets, 0, 10_000).unwrap();
    let system = records.into_iter().find_map(|record| match record {
        reports::Record::Bet(row)
            if matches!(row.shape, journal::kinds::Shape::System { sizes: 2, bankers: 0 }) =>
        {
            Some(*row)
        }
        _ => None,
    });
    let system = system.unwrap();
    let address = format!("/en/bets/{}/{}", system.organiser, system.bet);
    let html = page(&world, Role::Operator, &address);
    assert!(html.contains(&format!("system 2 / {}", system.legs.len())), "{html}");
}
