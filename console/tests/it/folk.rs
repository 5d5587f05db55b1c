//! People behind the console of the tests: synthetic, a few of each.

use std::sync::Mutex;

use console::ports::people::*;
use console::role::Role;
use terms::{Day, Instant, MessageId, Person, Seq};

use crate::world::NOW;

const HOUR: i64 = 3_600 * Instant::SECOND;
pub const IIN: &str = "950101300016";
pub const NAME: &str = "Қоңырбаева Әсемгүл";

/// What was done, each with who did it and its form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Deed {
    Registered(Box<InPerson>),
    Decided(u64, Verdict),
    Acted(u64, AlertAct),
    Ordered(u32),
    Held(u32, HoldGround),
}

#[derive(Default)]
pub struct Folk {
    pub deeds: Mutex<Vec<(Officer, Deed)>>,
    pub looks: Mutex<Vec<Seq>>,
    pub refuse: Mutex<Option<NotDone>>,
    forms: Mutex<Vec<MessageId>>,
}

fn at(hours: i64) -> Instant {
    Instant(NOW * Instant::SECOND + hours * HOUR)
}

fn line(number: u64, list: ListName, hours: i64) -> MatchLine {
    MatchLine { number, person: Person(5), list, found: at(-20), due: Some(at(hours)) }
}

impl Folk {
    fn first(&self, by: Officer, id: MessageId, deed: Deed) -> Asked<()> {
        if let Some(no) = self.refuse.lock().unwrap().take() {
            return Err(no);
        }
        let mut forms = self.forms.lock().unwrap();
        if !forms.contains(&id) {
            forms.push(id);
            self.deeds.lock().unwrap().push((by, deed));
        }
        Ok(())
    }
}

impl People for Folk {
    fn registrations(
        &self,
        _: Officer,
        before: Option<Person>,
        limit: usize,
    ) -> Asked<Registrations> {
        let states = RegistrationState::ALL.iter().zip((1..=60u32).rev());
        let found = states.map(|(state, number)| RegistrationLine {
            case: u64::from(number),
            person: Person(number),
            state: *state,
            way: Way::ALL.get(number as usize % 5).copied(),
            began: at(-50),
            changed: at(-3),
        });
        let older = |line: &RegistrationLine| before.is_none_or(|before| line.person < before);
        let lines: Vec<_> = found.filter(older).take(limit).collect();
        let next = lines.last().map(|line| line.person).filter(|_| before.is_none());
        Ok(Registrations { lines, next })
    }

    fn register(&self, by: Officer, form: &InPerson, id: MessageId) -> Asked<u64> {
        let needed = [
            (FieldName::Surname, form.surname.reveal().is_empty()),
            (FieldName::BirthDate, form.birth_date.reveal().is_empty()),
            (FieldName::Seen, !form.seen),
        ];
        let wrong = needed.iter().filter(|(_, missing)| *missing);
        let wrong: Vec<_> = wrong.map(|(field, _)| (*field, Slip::Missing)).collect();
        if !wrong.is_empty() {
            return Err(NotDone::Wrong(wrong));
        }
        self.first(by, id, Deed::Registered(Box::new(form.clone())))?;
        Ok(61)
    }

    fn find(&self, _: Officer, search: &Search, looked: Seq) -> Asked<Vec<PersonLine>> {
        self.looks.lock().unwrap().push(looked);
        let wanted = match search {
            Search::Iin(wanted) | Search::Phone(wanted) => wanted,
            Search::Document { number, country } if country.reveal() == "KZ" => number,
            Search::Document { .. } => {
                return Err(NotDone::Wrong(vec![(FieldName::Country, Slip::Form)]));
            }
        };
        let line = PersonLine {
            person: Person(5),
            masked: "Қ••• Ә•••".into(),
            state: RegistrationState::Active,
        };
        Ok(if wanted.reveal() == IIN { vec![line] } else { Vec::new() })
    }

    fn open(&self, _: Officer, person: Person, _: Ground, looked: Seq) -> Asked<Opened> {
        self.looks.lock().unwrap().push(looked);
        if person != Person(5) {
            return Err(NotDone::Absent);
        }
        Ok(Opened {
            name: Private::new(NAME),
            iin: Some(Private::new(IIN)),
            born: Some(Day(9_131)),
            document: Some(Private::new("012345678")),
            phone: Some("+7 701 ••• •• 21".into()),
            until: at(0).plus(300 * Instant::SECOND),
        })
    }

    fn matches(&self, by: Officer, _: usize) -> Asked<Vec<MatchLine>> {
        let mut found = vec![line(3, ListName::Debtors, -2), line(4, ListName::Restricted, 6)];
        if by.role == Role::Aml {
            found.push(line(5, ListName::Terrorism, 30));
        }
        Ok(found)
    }

    fn match_case(&self, by: Officer, number: u64, looked: Seq) -> Asked<MatchCase> {
        self.looks.lock().unwrap().push(looked);
        let found = self.matches(by, 50)?;
        let line = found.into_iter().find(|line| line.number == number);
        let line = line.ok_or(NotDone::Absent)?;
        let side = |names: &[&str], born: Option<&str>| Side {
            names: names.iter().map(|name| Private::new(*name)).collect(),
            born: born.map(Private::new),
            iin: None,
            documents: Vec::new(),
        };
        Ok(MatchCase {
            theirs: (number != 4).then(|| side(&["КОНЫРБАЕВА АСЕМГУЛЬ <b>"], Some("1995"))),
            score: (number != 4).then_some(874),
            line,
            version: 41,
            ours: side(&[NAME, "Konyrbayeva Asemgul"], Some("1995-01-01")),
            reasons: vec![
                (ScoreReason::NameSpelling, 620),
                (ScoreReason::BornYear, 254),
                (ScoreReason::PatronymicMissing, -40),
            ],
            digest: "9f2c41aa77b0".into(),
        })
    }

    fn decide_match(
        &self,
        by: Officer,
        number: u64,
        verdict: Verdict,
        digest: &str,
        id: MessageId,
    ) -> Asked<()> {
        if digest != "9f2c41aa77b0" {
            return Err(NotDone::SecondPerson);
        }
        self.first(by, id, Deed::Decided(number, verdict))
    }

    fn lists(&self, by: Officer) -> Asked<Vec<ListLine>> {
        let shown = ListName::ALL.iter().filter(|list| by.role.sees_lists() || !list.is_guarded());
        let force = |list: ListName| InForce {
            version: 41,
            since: at(-26 * i64::from(list.code() % 2)),
            came: Some(at(-30)),
            rows: (list != ListName::Debtors).then_some(3_512_004),
            digest: "9f2c41aa77b09f2c41aa77b09f2c41aa77b09f2c41aa77b09f2c41aa77b01234".into(),
        };
        Ok(shown
            .map(|list| ListLine {
                list: *list,
                force: (*list != ListName::Financing).then(|| force(*list)),
                most_ns: 24 * HOUR,
            })
            .collect())
    }

    fn alerts(&self, _: Officer, _: usize) -> Asked<Vec<Alert>> {
        Ok((1..)
            .zip(AlertState::ALL)
            .map(|(number, state)| Alert {
                number,
                person: Person(5),
                list: (number % 3 == 0).then_some(ListName::Terrorism),
                raised: at(-40),
                due: (*state != AlertState::Reported).then(|| at(number as i64 * 12 - 30)),
                state: *state,
            })
            .collect())
    }

    fn act_on_alert(
        &self,
        by: Officer,
        number: u64,
        act: AlertAct,
        _: &str,
        id: MessageId,
    ) -> Asked<()> {
        self.first(by, id, Deed::Acted(number, act))
    }

    fn consents(&self, _: Officer, before: Option<Person>, _: usize) -> Asked<Consents> {
        let lines = (1..)
            .zip(ConsentAnswer::ALL)
            .map(|(number, answer)| ConsentLine {
                number,
                person: Person(number as u32),
                purpose: Purpose::ALL.get(number as usize % 5).copied(),
                way: RequestWay::ALL.get(number as usize - 1).copied(),
                scope: Scope::ALL.to_vec(),
                asked: at(-9),
                answer: *answer,
                answered: (*answer != ConsentAnswer::Sent).then(|| at(-8)),
            })
            .collect();
        Ok(Consents { lines, next: before.is_none().then_some(Person(1)) })
    }

    fn testing_act(&self, _: Officer) -> Asked<TestingAct> {
        let attached = (0..9).map(|n| (format!("answer-{n:04}"), format!("{n:064}"))).collect();
        Ok(TestingAct { case: Some(3), answers: 9, needed: 10, formed: false, attached })
    }

    fn erasures(&self, _: Officer, _: usize) -> Asked<Vec<Erasure>> {
        let privacy = 1 + Role::ALL.iter().position(|role| *role == Role::Privacy).unwrap() as u32;
        let ordered_by = |number: u32| match number {
            1 => None,
            2 => Some(privacy),
            _ => Some(99),
        };
        let states = [
            ErasureState::Due,
            ErasureState::Proposed,
            ErasureState::Proposed,
            ErasureState::Ordered,
            ErasureState::Held,
        ];
        Ok((1..)
            .zip(states)
            .map(|(number, state)| Erasure {
                person: Person(number),
                due: Day(20_700),
                state,
                proposed_by: ordered_by(number),
                confirmed_by: (number == 4).then_some(98),
                held: match state {
                    ErasureState::Held => vec![HoldGround::Court, HoldGround::Dispute],
                    _ => Vec::new(),
                },
                digest: format!("digest-{number}"),
            })
            .collect())
    }

    fn order_erasure(
        &self,
        by: Officer,
        person: Person,
        digest: &str,
        id: MessageId,
    ) -> Asked<ErasureState> {
        if digest != format!("digest-{}", person.0) {
            return Err(NotDone::SecondPerson);
        }
        self.first(by, id, Deed::Ordered(person.0))?;
        Ok(ErasureState::Proposed)
    }

    fn hold_erasure(
        &self,
        by: Officer,
        person: Person,
        ground: HoldGround,
        _: &str,
        id: MessageId,
    ) -> Asked<()> {
        self.first(by, id, Deed::Held(person.0, ground))
    }

    fn terms(&self, _: Officer, _: usize) -> Asked<Vec<TermLine>> {
        let hours = [-5, 1, 60, 400, -100, 20];
        Ok((1..)
            .zip(TermKind::ALL.iter().zip(hours))
            .map(|(number, (kind, hours))| TermLine {
                clause: "D-38",
                kind: *kind,
                number,
                began: at(-120),
                due: at(hours),
            })
            .collect())
    }
}
