//! People behind the console of the tests: synthetic, a few of each.

use std::sync::Mutex;

use console::ports::people::*;
use console::role::Role;
use terms::{Account, Day, Instant, MessageId, Person, Seq};

use crate::world::NOW;

const HOUR: i64 = 3_600 * Instant::SECOND;
pub const IIN: &str = "950101300016";
pub const NAME: &str = "Қоңырбаева Әсемгүл";

/// What was done, each with who did it and its form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Deed {
    Registered(Box<InPerson>),
    Decided(u64, Verdict, String),
    Confirmed(String),
    Acted(u64, AlertAct),
    Ordered(u64),
    Held(u64),
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

fn line(number: u64, list: Option<ListName>, hours: i64, proposed: bool) -> MatchLine {
    MatchLine { number, list, score: 874, found: at(-20), due: at(hours), proposed }
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
        before: Option<u64>,
        limit: usize,
    ) -> Asked<Vec<RegistrationLine>> {
        let states = RegistrationState::ALL.iter().zip((1..=60u64).rev());
        let found = states.map(|(state, case)| RegistrationLine {
            case,
            person: (case % 2 == 0).then_some(Person(case as u32)),
            state: *state,
            way: Way::ALL[case as usize % Way::ALL.len()],
            began: at(-50),
            changed: at(-3),
        });
        let older = |line: &RegistrationLine| before.is_none_or(|before| line.case < before);
        Ok(found.filter(older).take(limit).collect())
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
        let (Search::Iin(wanted) | Search::Phone(wanted) | Search::Document(wanted)) = search;
        let line = PersonLine {
            person: Person(5),
            masked: "Қ••• Ә•••".into(),
            state: RegistrationState::Active,
            account: Some(Account(5)),
        };
        Ok(if wanted.reveal() == IIN { vec![line] } else { Vec::new() })
    }

    fn open(&self, _: Officer, person: Person, looked: Seq) -> Asked<Opened> {
        self.looks.lock().unwrap().push(looked);
        if person != Person(5) {
            return Err(NotDone::Absent);
        }
        Ok(Opened {
            name: Private::new(NAME),
            iin: Some(Private::new(IIN)),
            born: Day(9_131),
            document: Private::new("012345678"),
            phone: "+7 701 ••• •• 21".into(),
            until: at(0).plus(300 * Instant::SECOND),
        })
    }

    fn matches(&self, by: Officer, _: usize) -> Asked<Vec<MatchLine>> {
        let mut found = vec![line(3, Some(ListName::Debtors), -2, false), line(4, None, 6, true)];
        if by.role == Role::Aml {
            found.push(line(5, Some(ListName::Terrorism), 30, false));
        }
        Ok(found)
    }

    fn match_case(&self, by: Officer, number: u64, looked: Seq) -> Asked<MatchCase> {
        self.looks.lock().unwrap().push(looked);
        let found = self.matches(by, 50)?;
        let line = found.into_iter().find(|line| line.number == number);
        let line = line.ok_or(NotDone::Absent)?;
        let side = |names: &[&str], born: Option<&str>, source: &str| Side {
            names: names.iter().map(|name| Private::new(*name)).collect(),
            born: born.map(Private::new),
            iin: None,
            documents: Vec::new(),
            source: source.into(),
        };
        Ok(MatchCase {
            proposal: line.proposed.then_some((Verdict::Same, 1)),
            line,
            ours: side(&[NAME, "Konyrbayeva Asemgul"], Some("1995-01-01"), "registration 12"),
            theirs: side(&["КОНЫРБАЕВА АСЕМГУЛЬ <b>"], Some("1995"), "debtors 41"),
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
        ground: &str,
        digest: &str,
        id: MessageId,
    ) -> Asked<()> {
        if digest != "9f2c41aa77b0" {
            return Err(NotDone::SecondPerson);
        }
        self.first(by, id, Deed::Decided(number, verdict, ground.to_owned()))
    }

    fn sources(&self, by: Officer) -> Asked<Vec<ListSource>> {
        let shown = ListName::ALL.iter().filter(|list| by.role.sees_lists() || !list.is_guarded());
        Ok(shown
            .map(|list| ListSource {
                list: *list,
                good: (*list != ListName::Population).then(|| at(-26 * i64::from(list.code() % 2))),
                tried: Some(at(0)),
                most_ns: 24 * HOUR,
                failing: *list == ListName::Restricted,
            })
            .collect())
    }

    fn versions(&self, _: Officer, _: usize) -> Asked<Vec<ListVersion>> {
        let broken = (4_101, "a number of eleven digits".to_owned());
        Ok(ListState::ALL
            .iter()
            .map(|state| ListVersion {
                list: ListName::Debtors,
                version: (*state != ListState::Refused).then_some(41),
                state: *state,
                came: at(-30),
                in_force: (*state == ListState::InForce).then(|| at(-29)),
                rows: 3_512_004,
                added: 812,
                removed: 1_204_551,
                digest: "9f2c41aa77b09f2c41aa77b09f2c41aa77b09f2c41aa77b09f2c41aa77b01234".into(),
                broken: (*state == ListState::Refused).then(|| broken.clone()),
            })
            .collect())
    }

    fn confirm_version(&self, by: Officer, digest: &str, id: MessageId) -> Asked<()> {
        self.first(by, id, Deed::Confirmed(digest.to_owned()))
    }

    fn alerts(&self, _: Officer, _: usize) -> Asked<Vec<Alert>> {
        Ok((1..)
            .zip(AlertState::ALL)
            .map(|(number, state)| Alert {
                number,
                person: Person(5),
                kind: AlertKind::ALL[number as usize % 3],
                list: (number % 3 == 0).then_some(ListName::Terrorism),
                raised: at(-40),
                due: at(number as i64 * 12 - 30),
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

    fn consents(&self, _: Officer, _: Option<u64>, _: usize) -> Asked<Vec<ConsentLine>> {
        Ok((1..)
            .zip(ConsentAnswer::ALL)
            .map(|(number, answer)| ConsentLine {
                number,
                person: Person(number as u32),
                way: RequestWay::ALL[number as usize % 5],
                scope: Scope::ALL.to_vec(),
                asked: at(-9),
                answer: *answer,
                answered: (*answer != ConsentAnswer::Sent).then(|| at(-8)),
                uses: 3,
            })
            .collect())
    }

    fn testing_act(&self, _: Officer) -> Asked<TestingAct> {
        let answers = (0..9).map(|n| (at(-n), format!("jti-{n:04}"))).collect();
        Ok(TestingAct { answers, needed: 10, formed: None })
    }

    fn erasures(&self, _: Officer, _: usize) -> Asked<Vec<Erasure>> {
        let privacy = 1 + Role::ALL.iter().position(|role| *role == Role::Privacy).unwrap() as u32;
        let ordered_by = |number: u64| match number {
            1 => None,
            2 => Some(privacy),
            _ => Some(99),
        };
        let states = [
            ErasureState::Due,
            ErasureState::Proposed,
            ErasureState::Proposed,
            ErasureState::Ordered,
            ErasureState::Done,
            ErasureState::Held,
        ];
        Ok((1..)
            .zip(states)
            .map(|(number, state)| Erasure {
                number,
                person: Person(number as u32),
                due: Day(20_700),
                state,
                proposed_by: ordered_by(number),
                confirmed_by: (4 <= number && number <= 5).then_some(98),
                done: (state == ErasureState::Done).then(|| at(-1)),
                held: (state == ErasureState::Held).then(|| "сот актісі 4-12".into()),
                digest: format!("digest-{number}"),
            })
            .collect())
    }

    fn order_erasure(
        &self,
        by: Officer,
        number: u64,
        digest: &str,
        id: MessageId,
    ) -> Asked<ErasureState> {
        if digest != format!("digest-{number}") {
            return Err(NotDone::SecondPerson);
        }
        self.first(by, id, Deed::Ordered(number))?;
        Ok(ErasureState::Proposed)
    }

    fn hold_erasure(&self, by: Officer, number: u64, _: &str, id: MessageId) -> Asked<()> {
        self.first(by, id, Deed::Held(number))
    }

    fn terms(&self, _: Officer, _: usize) -> Asked<Vec<TermLine>> {
        let hours = [-5, 1, 60, 400, -100, 20];
        Ok((1..)
            .zip(TermKind::ALL.iter().zip(hours))
            .map(|(number, (kind, hours))| TermLine {
                clause: "D-38".into(),
                kind: *kind,
                number,
                began: at(-120),
                due: at(hours),
                met: (number == 5).then(|| at(-101)),
            })
            .collect())
    }
}
