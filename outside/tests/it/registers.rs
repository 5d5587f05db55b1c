//! The registers behind the gateway: every outcome by the tens digit, and by the control.

use links::consent::{Asked, Consent as _, Said};
use links::debtors::{Debtors as _, Owes};
use links::population::{Birth, Obstacle, Population as _, Search, Words};
use links::restricted::{Restricted as _, Standing};
use links::token::TokenError;
use links::{Code, Error, Private};
use outside::people::Person;
use serde_json::{Value, json};
use terms::Day;

use crate::world::{Sim, asked, someone};

fn today() -> Day {
    Day::of(2026, 7, 12).expect("a day")
}

fn obstacles(sim: &Sim, person: &Person) -> Vec<Obstacle> {
    let access = sim.access(person);
    let search = Search::Iin(person.iin);
    let heard = sim.systems.population.find(&sim.call(), &search, &access).expect("an answer");
    heard.found.expect("a person").obstacles(&Words::proposed(), today())
}

#[test]
fn each_digit_of_the_tens_has_its_record() {
    // R0-10.2a, R0-10.2c, R0-10.5
    let sim = Sim::new();
    for tens in 0..10 {
        let person = someone([0, tens, 0]);
        let owes = sim.systems.debtors.owes(&sim.call(), &person.iin).expect("an answer").found;
        let want = match tens {
            1 => Some(Owes::Property),
            2 => Some(Owes::Other),
            3 => Some(Owes::Unknown),
            _ => None,
        };
        assert_eq!(owes, want, "{tens}");
        let access = sim.access(&person);
        let heard = sim.systems.restricted.ask(&sim.call(), &person.iin, &access);
        let want = match tens {
            4 => Standing::Until(Some(Day(today().0 + 365))),
            _ => Standing::Free,
        };
        assert_eq!(heard.expect("an answer").found, Some(want), "{tens}");
        let want: &[Obstacle] = match tens {
            8 => &[Obstacle::NotAlive],
            9 => &[Obstacle::Incapable],
            _ => &[],
        };
        assert_eq!(obstacles(&sim, &person), want, "{tens}");
    }
}

#[test]
fn a_person_is_found_in_three_ways() {
    let sim = Sim::new();
    let person = someone([0, 0, 0]);
    let access = sim.access(&person);
    let names = |surname: &str| Search::Names {
        surname: Private::new(surname),
        name: Private::new(person.name.clone()),
        patronymic: person.patronymic.clone().map(Private::new),
        birth: Birth(person.birth),
    };
    let searches = [
        (Search::Iin(person.iin), true),
        (names(&person.surname), true),
        (names("БӨТЕН"), false),
        (Search::Document(Private::new(person.document.clone())), true),
        (Search::Document(Private::new("1")), false),
    ];
    for (search, want) in searches {
        let heard = sim.systems.population.find(&sim.call(), &search, &access);
        let found = heard.expect("an answer").found;
        assert_eq!(found.map(|person| person.iin), want.then_some(person.iin), "{search:?}");
    }
}

#[test]
fn the_control_changes_what_is_known_of_a_person() {
    let person = someone([0, 0, 0]);
    let cases: [(Value, Vec<Obstacle>); 6] = [
        (json!({"life": "7"}), vec![Obstacle::NotAlive]),
        (json!({"excluded": true}), vec![Obstacle::Excluded]),
        (json!({"capacity": "0"}), vec![]),
        (json!({"missing": true}), vec![Obstacle::Missing]),
        (json!({"documents_ended": true}), vec![Obstacle::NoDocument]),
        (json!({"birth": "1990-01-01"}), vec![Obstacle::BirthDiffers]),
    ];
    for (mut change, want) in cases {
        let sim = Sim::new();
        change["iin"] = json!(person.iin.reveal());
        sim.running.control("/persons", &change);
        assert_eq!(obstacles(&sim, &person), want, "{change}");
    }
    let sim = Sim::new();
    let change = json!({"iin": person.iin.reveal(), "debt": "PROPERTY", "unknown": true,
        "restricted_until": "2030-01-01"});
    sim.running.control("/persons", &change);
    let owes = sim.systems.debtors.owes(&sim.call(), &person.iin).expect("an answer");
    assert_eq!(owes.found, Some(Owes::Property));
    let access = sim.access(&person);
    let restricted = sim.systems.restricted.ask(&sim.call(), &person.iin, &access);
    let until = Standing::Until(Day::of(2030, 1, 1));
    assert_eq!(restricted.expect("an answer").found, Some(until));
    let search = Search::Iin(person.iin);
    let unknown = sim.systems.population.find(&sim.call(), &search, &access);
    assert_eq!(unknown.expect("an answer").found, None);
}

#[test]
fn an_access_that_was_kept_is_good_until_its_end() {
    let sim = Sim::new();
    let person = someone([0, 0, 0]);
    let access = sim.access(&person);
    let reopen = |asked: &Asked| {
        let at = sim.call().at;
        sim.systems.consent.reopen(access.token(), access.key(), asked, at)
    };
    assert_eq!(reopen(&asked(&person)), Ok(access.clone()));
    let other = asked(&someone([0, 1, 0]));
    assert_eq!(reopen(&other), Err(Error::BadToken(TokenError::Subject)));
    sim.clock(600);
    assert_eq!(reopen(&asked(&person)), Err(Error::BadToken(TokenError::Expired)));
    let search = Search::Iin(person.iin);
    let heard = sim.systems.population.find(&sim.call(), &search, &access);
    assert_eq!(heard, Err(Error::Unsendable("an access that has ended")));
}

#[test]
fn a_register_wants_the_token_of_its_own_data() {
    // R3-3.1
    let sim = Sim::new();
    let person = someone([0, 0, 0]);
    let asked = Asked { registers: vec!["RESTRICTED_PERSONS".into()], ..asked(&person) };
    let answer = sim.systems.consent.request(&sim.call(), &asked).expect("an answer");
    let Said::Granted(access) = answer.said else { panic!("no access") };
    let search = Search::Iin(person.iin);
    let heard = sim.systems.population.find(&sim.call(), &search, &access);
    assert_eq!(heard, Err(Error::Refused(Code::of("KDP-TOKEN"))));
    assert!(sim.systems.restricted.ask(&sim.call(), &person.iin, &access).is_ok());
}
