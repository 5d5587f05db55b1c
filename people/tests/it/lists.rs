//! Lists: whole or not at all, effect on the very next stake, resumption after a stop.

use admission::List;
use desk::command::Manner;
use desk::command::{Bid, GiveOrder, LegBid, ListChampionship, ListEvent, ListMarket, PlaceStake};
use desk::{Command, Message};
use journal::fact::OutcomeText;
use outside::people::Person as Synthetic;
use people::Token;
use people::joining::Step;
use people::lists::{Imported, NotTaken, Screens};
use pump::{Class, Outcome};
use register::catalogue::EventClass;
use register::{PriceRule, Shape};
use screening::import::NumberForm;
use terms::{
    Account, Championship, Event, Instant, Market, Odds, Person, Reason, Sender, Text, Tiyn,
};

use crate::world::{FIRST, World, id, person};

/// A file of debtors.
fn debtors(persons: &[&Synthetic], at: &str) -> Vec<u8> {
    let mut text = format!("#debtors,{at},{}\niin,category,until\n", persons.len());
    for person in persons {
        text.push_str(&format!("{},property,\n", person.iin.reveal()));
    }
    text.into_bytes()
}

/// A file of the financial monitoring authority; without numbers if it is so.
fn terror(persons: &[&Synthetic], numbers: bool) -> Vec<u8> {
    let mut text = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<xml><persons>\n");
    for (number, person) in (1..).zip(persons) {
        let iin = if numbers { person.iin.reveal() } else { String::new() };
        let (year, month, day) = person.birth.date();
        text.push_str(&format!(
            "<person><num>{number}</num><lname>{}</lname><fname>{}</fname><mname>{}</mname>\
             <birthdate>{day:02}.{month:02}.{year}</birthdate><iin>{iin}</iin><note></note>\
             <correction></correction></person>\n",
            person.surname,
            person.name,
            person.patronymic.clone().unwrap_or_default(),
        ));
    }
    text.push_str(
        "</persons><organisations></organisations><organisationscis></organisationscis></xml>",
    );
    text.into_bytes()
}

/// Somebody who is registered, with his account.
fn registered(world: &World, bettor: &Synthetic) -> (Token, Person, Account) {
    let (link, _) = world.people.invite(FIRST, id()).unwrap();
    let invitation = Token::parse(link.rsplit('/').next().unwrap()).unwrap();
    let session = world.client(bettor, Some(&invitation));
    world.give(&session, bettor);
    let way = world.film(&session);
    assert_eq!((way.step, way.failure), (Step::Done, None));
    (session, way.person.unwrap(), way.account.unwrap())
}

fn say(world: &World, sender: Sender, command: impl Into<Command>) -> Outcome {
    let message = Message::new(sender, id(), Manner::Single, command.into());
    world.pump.handle().ask(Class::Live, message).unwrap().outcome
}

fn text<const MAX: usize>(text: &str) -> Text<MAX> {
    Text::new(text).unwrap()
}

/// A market to stake on.
fn market(world: &World) {
    let organiser = Sender::Organiser(FIRST);
    let listed = ListChampionship { own: text("c"), sport: text("Boxing"), name: text("Cup") };
    assert_eq!(say(world, organiser, listed), Outcome::Done);
    let listed = ListEvent {
        championship: Championship(0),
        own: text("e"),
        name: text("One v Other"),
        class: EventClass::Sport,
        scheduled: world.people.now().plus(30 * Instant::DAY),
        confirmed: true,
    };
    assert_eq!(say(world, organiser, listed), Outcome::Done);
    let outcome = |name: &str| OutcomeText { own: text(name), name: text(name) };
    let listed = ListMarket {
        event: Event(0),
        own: text("w"),
        name: text("To win"),
        in_play: false,
        outcomes: vec![outcome("1"), outcome("2")],
    };
    assert_eq!(say(world, organiser, listed), Outcome::Done);
}

/// What a stake of one tenge comes to now.
fn stake(world: &World, account: Account) -> Outcome {
    let now = world.people.now();
    let order = id();
    let give = GiveOrder {
        organiser: FIRST,
        account,
        ceiling: Tiyn::of(100),
        expires: now.plus(60 * Instant::SECOND),
        session_at: now,
        method: admission::Method::Session,
        accept: admission::Accept::Any,
        nonce: [1; 8],
    };
    let message = Message::new(Sender::Bettor, order, Manner::Single, give.into());
    world.pump.handle().ask(Class::Live, message).unwrap();
    let market = Market::of(Event(0), 0).unwrap();
    let leg = LegBid {
        outcome: terms::Outcome::of(market, 0).unwrap(),
        odds: Odds::new(20_000).unwrap(),
        requested: None,
    };
    let bid = Bid {
        account,
        desk: sim::sandbox::electronic(FIRST),
        made_at: now,
        amount: Tiyn::of(100),
        shape: Shape::Single,
        price: PriceRule::Exact,
        legs: vec![leg],
    };
    say(world, Sender::Organiser(FIRST), PlaceStake { bid, order: Some(order.into()) })
}

// R0-10.3, R0-10.5, I-39, S-03: listed after registration, and off the list again.
#[test]
fn a_version_takes_effect_on_the_next_stake() {
    let world = World::new();
    let (one, other) = (person([0, 0, 0], "1984-01-01"), person([0, 0, 0], "1984-02-01"));
    let (_, number, account) = registered(&world, &one);
    market(&world);
    let wallet = world.people.wallets_of(number)[0];
    let bank_reference = text("money");
    world.operate(desk::command::IssueEmoney { wallet, amount: Tiyn::of(10_000), bank_reference });
    assert_eq!(stake(&world, account), Outcome::Done);
    let csv = Some(NumberForm::Csv);
    let file = debtors(&[&one, &other], "2026-12-01T00:00:00Z");
    let done = world.people.import(List::Debtors, csv, &file, (7, None)).unwrap();
    assert!(matches!(done, Imported::Done { listed: 1, cleared: 0, .. }), "{done:?}");
    assert_eq!(stake(&world, account), Outcome::Refused(Reason::ListedDebtor));
    // The same file once more makes it younger and changes nothing.
    let same = world.people.import(List::Debtors, csv, &file, (7, None)).unwrap();
    assert!(matches!(same, Imported::Same { .. }), "{same:?}");
    // Half of it is gone: another person confirms that.
    let file = debtors(&[&other], "2026-12-02T00:00:00Z");
    let alone = world.people.import(List::Debtors, csv, &file, (7, None));
    assert!(matches!(alone, Err(NotTaken::Shrunk { before: 2, now: 1 })), "{alone:?}");
    let himself = world.people.import(List::Debtors, csv, &file, (7, Some(7)));
    assert!(matches!(himself, Err(NotTaken::Shrunk { .. })), "{himself:?}");
    assert_eq!(stake(&world, account), Outcome::Refused(Reason::ListedDebtor));
    let done = world.people.import(List::Debtors, csv, &file, (7, Some(8))).unwrap();
    assert!(matches!(done, Imported::Done { listed: 0, cleared: 1, .. }), "{done:?}");
    assert_eq!(stake(&world, account), Outcome::Done);
    // One that its source made before is refused.
    let file = debtors(&[&one, &other], "2026-11-30T00:00:00Z");
    let older = world.people.import(List::Debtors, csv, &file, (7, Some(8)));
    assert!(matches!(older, Err(NotTaken::Older)), "{older:?}");
    // Files that are cut, doubled, or hold what is no number: whole or not at all, with the line.
    let version = world.people.version_in_force(List::Debtors);
    for (file, line) in [
        (debtors(&[&one], "2026-12-03T00:00:00Z")[..60].to_vec(), 3),
        (
            b"#debtors,2026-12-03T00:00:00Z,2\niin,category,until\n123456789012,property,\n"
                .to_vec(),
            3,
        ),
        (b"nothing".to_vec(), 1),
    ] {
        match world.people.import(List::Debtors, csv, &file, (7, Some(8))) {
            Err(NotTaken::File(error)) => assert_eq!(error.line, line, "{error}"),
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(world.people.version_in_force(List::Debtors), version);
}

// R0-10.2d, R4-16.2.7, I-10, S-48: a listed person is frozen; one who is called and born like an
// entry without a number is an officer's case.
#[test]
fn terror_freezes_and_namesakes_are_looked_at() {
    let world = World::new();
    let (one, other) = (person([0, 0, 0], "1983-01-01"), person([0, 0, 0], "1983-02-01"));
    let (_, number, _) = registered(&world, &one);
    let (_, namesake, _) = registered(&world, &other);
    let file = terror(&[&one], true);
    let done = world.people.import(List::Terrorism, None, &file, (7, None)).unwrap();
    assert!(matches!(done, Imported::Done { listed: 1, .. }), "{done:?}");
    let wallet = world.people.wallets_of(number)[0];
    assert!(world.people.wallet(wallet).unwrap().frozen);
    let file = terror(&[&other], false);
    let done = world.people.import(List::Financing, None, &file, (7, None)).unwrap();
    assert!(matches!(done, Imported::Done { listed: 0, possible: 1, .. }), "{done:?}");
    let cases = world.pump.read_copy().read(|state| {
        let open = state.cases.of_person(namesake);
        open.map(|case| case.kind).collect::<Vec<_>>()
    });
    assert!(cases.contains(&casework::CaseKind::PossibleMatch), "{cases:?}");
    // Whoever registers now under that name waits for the officer.
    let third = person([0, 0, 0], "1983-03-01");
    let file = terror(&[&third], true);
    world.people.import(List::Proliferation, None, &file, (7, None)).unwrap();
    let session = world.client(&third, None);
    world.give(&session, &third);
    let way = world.film(&session);
    assert_eq!(way.step, Step::Failed);
    assert_eq!(way.failure, Some(people::joining::Failure::NotAdmitted), "I-09");
    // A bomb of entities, and what is cut.
    for file in [
        b"<!DOCTYPE xml [<!ENTITY a \"aaaa\">]><xml><persons/></xml>".to_vec(),
        terror(&[&one], true)[..200].to_vec(),
    ] {
        let refused = world.people.import(List::Terrorism, None, &file, (7, Some(8)));
        assert!(matches!(refused, Err(NotTaken::File(_))), "{refused:?}");
    }
}

// Core 19: a stop in the middle of an import, and two lists at once.
#[test]
fn an_import_that_was_cut_off_goes_on() {
    let world = World::new();
    let one = person([0, 0, 0], "1982-01-01");
    let (_, number, _) = registered(&world, &one);
    let csv = Some(NumberForm::Csv);
    let first = debtors(&[&one], "2026-12-01T00:00:00Z");
    // The file is durable, and then the process is gone before anything is decided.
    let gone = world.deaf();
    assert!(gone.import(List::Debtors, csv, &first, (7, None)).is_err());
    let listed = |list| {
        world.pump.read_copy().read(|state| state.people.person(number).unwrap().lists.has(list))
    };
    assert!(!listed(List::Debtors));
    let again = world.again();
    assert_eq!(again.resume_imports().unwrap(), 1);
    assert!(listed(List::Debtors));
    assert_eq!(again.resume_imports().unwrap(), 0);
    let kept = Screens::open(&world.home.path().join("lists")).unwrap();
    assert_eq!(kept.listing(List::Debtors).unwrap().numbers.len(), 1);
    // Two at once.
    let file = b"#restricted,2026-12-01T00:00:00Z,1\niin,category,until\n".to_vec();
    let restricted = [file, format!("{},property,\n", one.iin.reveal()).into_bytes()].concat();
    let second = debtors(&[&one, &person([0, 0, 0], "1982-02-01")], "2026-12-02T00:00:00Z");
    std::thread::scope(|scope| {
        let one = scope.spawn(|| again.import(List::Restricted, csv, &restricted, (7, None)));
        let two = scope.spawn(|| again.import(List::Debtors, csv, &second, (7, None)));
        one.join().unwrap().unwrap();
        two.join().unwrap().unwrap();
    });
    assert!(listed(List::Debtors) && listed(List::Restricted));
}
