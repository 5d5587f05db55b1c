//! What officers ask of people, fulfilled by the room `people` and, for what has ended, by the
//! views.
//!
//! What is open is asked of the hot state, what a case was about of its card: a page may be an
//! entry or two behind and says so. Pages over all persons go by person, the newest first, because
//! nobody else orders what befell them.

use std::sync::Arc;

use admission::List;
use casework::{CaseKind, CaseRow};
use console::ports::people::{
    Alert, AlertAct, Asked, ConsentAnswer, ConsentLine, Consents, Erasure, ErasureState, Ground,
    HoldGround, InForce, InPerson, ListLine, MatchCase, MatchLine, NotDone, Officer, Opened,
    PersonLine, Private, RegistrationLine, Registrations, Search, Side, TermKind, TermLine,
    TestingAct, Verdict,
};
use console::role::Role;
use people::People;
use people::compared::{Compared, Finding};
use people::officers::{Looked, RecordAct, Wanted};
use people::proposals::{Due, Standing};
use pump::ReadCopy;
use reports::card::{CaseCard, ConsentCard};
use reports::{Card, CardKey, CardKind};
use screening::{Birth, Entry};
use store::{Fault, ViewReader};
use terms::codec::{hex, unhex};
use terms::{CaseNo, Hash, Instant, MessageId, Person, Seq};
use vault::{LookReason, Looker, PersonRecord};

use super::words;
use crate::store_url::Lasting;

/// Persons that one page looks through. Most of them have a line of their own; of those without
/// one, as in a sandbox, the next page goes on.
const PERSONS_MAX: usize = 500;
/// How long what was opened stays on the screen: long enough to read it and to write it down.
const OPEN_NS: i64 = 5 * 60 * Instant::SECOND;

/// People, as officers reach them.
pub struct Officials {
    people: Arc<People>,
    copy: ReadCopy,
    opened: Lasting,
}

impl Officials {
    /// With the hot state and the views beside the room.
    pub fn of(people: Arc<People>, copy: ReadCopy, opened: Lasting) -> Officials {
        Officials { people, copy, opened }
    }

    fn views(&self) -> Asked<Box<dyn ViewReader>> {
        self.opened.view_reader().map_err(|fault| down(&fault))
    }

    /// The card of an open case; none until the views have it.
    fn card(&self, views: &mut dyn ViewReader, row: &CaseRow) -> Asked<Option<CaseCard>> {
        let Some(person) = row.person else { return Ok(None) };
        let (number, version) = (u64::from(person.0), u64::from(row.case.0));
        let key = CardKey { kind: CardKind::Case, number, version };
        Ok(match views.card(key).map_err(|fault| down(&fault))? {
            Some(Card::Case(card)) => Some(card),
            Some(_) | None => None,
        })
    }

    /// Lines of persons before one, until there are enough of them, and where to go on.
    fn walk<T>(
        &self,
        before: Option<Person>,
        limit: usize,
        mut of: impl FnMut(&mut dyn ViewReader, Person) -> Result<Vec<T>, Fault>,
    ) -> Asked<(Vec<T>, Option<Person>)> {
        let mut views = self.views()?;
        let count = self.copy.read(|state| state.people.next_person().0);
        let first = before.map_or(count, |before| before.0.min(count));
        let mut lines = Vec::new();
        for (looked, number) in (0..first).rev().enumerate() {
            let person = Person(number);
            lines.extend(of(&mut *views, person).map_err(|fault| down(&fault))?);
            if limit <= lines.len() || PERSONS_MAX <= looked + 1 {
                return Ok((lines, (0 < number).then_some(person)));
            }
        }
        Ok((lines, None))
    }

    /// A possible match that an officer may see.
    fn compared(&self, by: Officer, number: u64) -> Asked<(Compared, CaseCard)> {
        let open = self.people.open_cases(CaseKind::PossibleMatch);
        let row = open.into_iter().find(|row| u64::from(row.case.0) == number);
        let row = row.ok_or(NotDone::Absent)?;
        let card = self.card(&mut *self.views()?, &row)?.ok_or(NotDone::Absent)?;
        let compared = told(self.people.possible_match(row.case, card.seq))?;
        if sees(by, compared.list) { Ok((compared, card)) } else { Err(NotDone::Absent) }
    }

    /// Terms of open cases of a kind.
    fn case_terms(&self, kind: CaseKind, clause: &'static str, of: TermKind) -> Vec<TermLine> {
        let line = |row: CaseRow| {
            Some(TermLine {
                clause,
                kind: of,
                number: u64::from(row.case.0),
                began: row.opened,
                due: row.due?,
            })
        };
        self.people.open_cases(kind).into_iter().filter_map(line).collect()
    }

    fn match_terms(&self, by: Officer, limit: usize) -> Asked<Vec<TermLine>> {
        let matches = console::ports::people::People::matches(self, by, limit)?;
        let line = |line: MatchLine| {
            let (number, began) = (line.number, line.found);
            let (clause, kind) = ("S-48", TermKind::Match);
            Some(TermLine { clause, kind, number, began, due: line.due? })
        };
        Ok(matches.into_iter().filter_map(line).collect())
    }

    fn list_terms(&self, by: Officer) -> Vec<TermLine> {
        let (force, most_ns) = self.people.lists_in_force();
        let seen = force.into_iter().filter(|row| sees(by, row.list));
        let line = |row: people::officers::InForce| TermLine {
            clause: "S-47",
            kind: TermKind::List,
            number: u64::from(row.version),
            began: row.since,
            due: row.since.plus(most_ns),
        };
        seen.map(line).collect()
    }

    fn erasure_terms(&self, limit: usize) -> Asked<Vec<TermLine>> {
        let found = told(self.people.due_erasures(limit))?;
        let line = |due: Due| TermLine {
            clause: "D-07",
            kind: TermKind::Erasure,
            number: u64::from(due.person.0),
            began: due.ended,
            due: self.people.day_ends(due.kept_until),
        };
        Ok(found.into_iter().map(line).collect())
    }
}

impl console::ports::people::People for Officials {
    fn registrations(
        &self,
        _: Officer,
        before: Option<Person>,
        limit: usize,
    ) -> Asked<Registrations> {
        let (lines, next) = self.walk(before, limit, |views, person| {
            let mut cases = cases_of(views, person)?;
            cases.retain(|card| card.kind == CaseKind::Registration);
            if cases.is_empty() {
                return Ok(Vec::new());
            }
            let ways = views.versions(CardKind::Identification, u64::from(person.0))?;
            let way = |case| {
                let mut of = ways.iter().rev().filter_map(|card| match card {
                    Card::Identification(card) => Some(card),
                    _ => None,
                });
                let own = of.find(|card| card.case == Some(case) && card.confirmed);
                own.map(|card| words::way(card.method))
            };
            let standing = self.copy.read(|state| state.people.state(person).cloned());
            let line = |card: &CaseCard| RegistrationLine {
                case: u64::from(card.case.0),
                person,
                state: words::registration(card.state, standing.as_ref()),
                way: way(card.case),
                began: card.opened,
                changed: card.moved,
            };
            Ok(cases.iter().rev().map(line).collect())
        })?;
        Ok(Registrations { lines, next })
    }

    fn register(&self, by: Officer, form: &InPerson, id: MessageId) -> Asked<u64> {
        let text = |text: &Private| text.reveal().to_owned();
        let given = people::form::Given {
            iin: text(&form.iin),
            surname: text(&form.surname),
            given_name: text(&form.given_name),
            patronymic: text(&form.patronymic),
            birth_date: text(&form.birth_date),
            address: text(&form.address),
            document_kind: form.paper.map_or_else(String::new, |paper| paper.name().to_owned()),
            document_number: text(&form.paper_number),
            country: text(&form.paper_country),
            document_issuer: text(&form.paper_issuer),
            document_issued: text(&form.paper_issued),
            document_expires: text(&form.paper_expires),
        };
        let form = people::at_desk::InPerson {
            given,
            phone: text(&form.phone),
            seen: form.seen,
            consents: form.consents,
        };
        told(self.people.register_at_desk(by.number, &form, id)).map(|case| u64::from(case.0))
    }

    fn find(&self, by: Officer, search: &Search, looked: Seq) -> Asked<Vec<PersonLine>> {
        let wanted = match search {
            Search::Iin(iin) => Wanted::Iin(iin.reveal().to_owned()),
            Search::Phone(phone) => Wanted::Phone(phone.reveal().to_owned()),
            Search::Document { number, country } => {
                Wanted::Document(number.reveal().to_owned(), country.reveal().to_owned())
            }
        };
        // Whom financial monitoring looks for is not told of it (I-09).
        let why = if by.role.sees_lists() { LookReason::Hit } else { LookReason::Support };
        let found = told(self.people.find_person(&wanted, &look(by, looked, why)))?;
        let mut views = self.views()?;
        let mut lines = Vec::new();
        for found in found {
            let person = found.person;
            let cases = cases_of(&mut *views, person).map_err(|fault| down(&fault))?;
            let registered = cases.iter().rev().find(|card| card.kind == CaseKind::Registration);
            let standing = self.copy.read(|state| state.people.state(person).cloned());
            let state = registered.map_or(casework::CaseState::New, |card| card.state);
            let state = words::registration(state, standing.as_ref());
            lines.push(PersonLine { person, masked: found.masked, state });
        }
        Ok(lines)
    }

    fn open(&self, by: Officer, person: Person, ground: Ground, looked: Seq) -> Asked<Opened> {
        let why = match ground {
            Ground::Complaint => LookReason::Support,
            Ground::Inspection | Ground::Request => LookReason::Request,
            // Who is looked into is not told of it (I-09).
            Ground::Investigation => LookReason::Hit,
        };
        let found = told(self.people.open_person(person, &look(by, looked, why)))?;
        Ok(Opened {
            name: Private::new(found.name),
            iin: found.iin.map(|iin| Private::new(iin.reveal())),
            born: found.born,
            document: found.document.map(Private::new),
            phone: found.phone,
            until: self.people.now().plus(OPEN_NS),
        })
    }

    fn matches(&self, by: Officer, limit: usize) -> Asked<Vec<MatchLine>> {
        let mut views = self.views()?;
        let mut rows = self.people.open_cases(CaseKind::PossibleMatch);
        rows.sort_by_key(|row| (row.due.is_none(), row.due, row.case));
        let mut lines = Vec::new();
        for row in rows {
            if limit <= lines.len() {
                break;
            }
            let card = self.card(&mut *views, &row)?;
            let Some(list) = card.and_then(|card| card.list) else { continue };
            let Some(person) = row.person.filter(|_| sees(by, list)) else { continue };
            lines.push(match_line(&row, person, list));
        }
        Ok(lines)
    }

    fn match_case(&self, by: Officer, number: u64, looked: Seq) -> Asked<MatchCase> {
        let (compared, card) = self.compared(by, number)?;
        let sides = told(self.people.sides(&compared, &look(by, looked, LookReason::Hit)))?;
        let parts = sides.theirs.as_ref().map(|theirs| theirs.parts.as_slice());
        let reasons = parts.unwrap_or_default().iter();
        Ok(MatchCase {
            line: MatchLine {
                number,
                person: compared.person,
                list: words::list(compared.list),
                found: card.opened,
                due: card.due,
            },
            version: compared.version,
            ours: ours(&sides.ours),
            theirs: sides.theirs.as_ref().map(|theirs| side(&theirs.entry)),
            score: sides.theirs.as_ref().map(|theirs| theirs.score),
            reasons: reasons.map(|part| (words::reason(part.code), part.effect)).collect(),
            digest: hex(&compared.digest.0),
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
        if told(self.people.is_done(id))? {
            return Ok(());
        }
        let (compared, _) = self.compared(by, number)?;
        let finding = match verdict {
            Verdict::Same => Finding::Same,
            Verdict::Different => Finding::Different,
        };
        told(self.people.decide_match(&compared, finding, &digest_of(digest)?, id))
    }

    fn lists(&self, by: Officer) -> Asked<Vec<ListLine>> {
        let (force, most_ns) = self.people.lists_in_force();
        let line = |list: &List| ListLine {
            list: words::list(*list),
            force: force.iter().find(|row| row.list == *list).map(|row| InForce {
                version: row.version,
                since: row.since,
                came: row.file.map(|(came, _)| came),
                rows: row.file.map(|(_, rows)| rows),
                digest: hex(&row.digest.0),
            }),
            most_ns,
        };
        Ok(List::ALL.iter().filter(|list| sees(by, **list)).map(line).collect())
    }

    fn alerts(&self, by: Officer, limit: usize) -> Asked<Vec<Alert>> {
        if !by.role.sees_lists() {
            return Err(NotDone::Absent);
        }
        let mut views = self.views()?;
        let mut rows = self.people.open_cases(CaseKind::AmlRecord);
        rows.sort_by_key(|row| (row.due.is_none(), row.due, row.case));
        let mut lines = Vec::new();
        for row in rows.iter().take(limit) {
            let (Some(person), Some(state)) = (row.person, words::alert(row.state)) else {
                continue;
            };
            let card = self.card(&mut *views, row)?;
            let list = card.and_then(|card| card.list).map(words::list);
            let number = u64::from(row.case.0);
            lines.push(Alert { number, person, list, raised: row.opened, due: row.due, state });
        }
        Ok(lines)
    }

    fn act_on_alert(
        &self,
        by: Officer,
        number: u64,
        act: AlertAct,
        ground: &str,
        id: MessageId,
    ) -> Asked<()> {
        if by.role != Role::Aml {
            return Err(NotDone::Absent);
        }
        if told(self.people.is_done(id))? {
            return Ok(());
        }
        let act = match act {
            AlertAct::Take => RecordAct::Take,
            AlertAct::Close => RecordAct::Dismiss,
            AlertAct::Suspect => RecordAct::Suspect,
            AlertAct::Report => RecordAct::Report,
            AlertAct::Acknowledge => RecordAct::Acknowledge,
        };
        told(self.people.act_on_record(case_no(number)?, act, ground, id))
    }

    fn consents(&self, _: Officer, before: Option<Person>, limit: usize) -> Asked<Consents> {
        let (lines, next) = self.walk(before, limit, |views, person| {
            let consents = views.versions(CardKind::Consent, u64::from(person.0))?;
            let given: Vec<ConsentCard> = consents
                .into_iter()
                .filter_map(|card| match card {
                    Card::Consent(card) => Some(card),
                    _ => None,
                })
                .collect();
            let cases = cases_of(views, person)?;
            let requests = cases.iter().filter(|card| card.kind == CaseKind::ConsentRequest);
            let mut lines: Vec<ConsentLine> =
                requests.filter_map(|card| request(card, &given)).collect();
            // What answers a request stands in its line.
            let own = given.iter().filter(|card| card.case.is_none());
            lines.extend(own.map(consent));
            lines.sort_by_key(|line| std::cmp::Reverse(line.number));
            Ok(lines)
        })?;
        Ok(Consents { lines, next })
    }

    fn testing_act(&self, _: Officer) -> Asked<TestingAct> {
        use casework::CaseState::{ActAttached, ActConsidered};
        let (tested, needed) = told(self.people.testing_act())?;
        let Some(tested) = tested else {
            return Ok(TestingAct { needed, ..TestingAct::default() });
        };
        let attached = tested.attached.into_iter();
        Ok(TestingAct {
            case: Some(u64::from(tested.case.0)),
            answers: tested.answers,
            needed,
            formed: matches!(tested.state, ActAttached | ActConsidered),
            attached: attached.map(|(name, digest)| (name, hex(&digest.0))).collect(),
        })
    }

    fn erasures(&self, _: Officer, limit: usize) -> Asked<Vec<Erasure>> {
        let found = told(self.people.due_erasures(limit))?;
        let line = |due: Due| {
            let (state, held) = match due.standing {
                Standing::Held(grounds) => (ErasureState::Held, grounds),
                ref other => (standing(other), Vec::new()),
            };
            Erasure {
                person: due.person,
                due: terms::Day(due.kept_until.0.saturating_add(1)),
                state,
                proposed_by: due.by,
                confirmed_by: due.second,
                held: held.into_iter().map(words::hold).collect(),
                digest: hex(&due.digest.0),
            }
        };
        Ok(found.into_iter().map(line).collect())
    }

    fn order_erasure(
        &self,
        by: Officer,
        person: Person,
        digest: &str,
        id: MessageId,
    ) -> Asked<ErasureState> {
        let digest = digest_of(digest)?;
        told(self.people.agree_erasure(by.number, person, &digest, id)).map(|now| standing(&now))
    }

    fn hold_erasure(
        &self,
        _: Officer,
        person: Person,
        ground: HoldGround,
        shown: &str,
        id: MessageId,
    ) -> Asked<()> {
        told(self.people.hold_erasure(person, words::hold_of(ground), shown, id))
    }

    fn terms(&self, by: Officer, limit: usize) -> Asked<Vec<TermLine>> {
        let application = || self.case_terms(CaseKind::StateService, "D-19", TermKind::Application);
        let mut found = Vec::new();
        match by.role {
            Role::Operator => {
                found.extend(self.match_terms(by, limit)?);
                found.extend(self.list_terms(by));
                found.extend(application());
                let kind = TermKind::Registration;
                found.extend(self.case_terms(CaseKind::Registration, "R0-10.2", kind));
            }
            Role::Aml => {
                found.extend(self.match_terms(by, limit)?);
                found.extend(self.list_terms(by));
                found.extend(self.case_terms(CaseKind::AmlRecord, "D-38", TermKind::Report));
            }
            Role::Privacy => {
                found.extend(self.erasure_terms(limit)?);
                found.extend(application());
            }
            Role::Administrator
            | Role::Gambling
            | Role::Tax
            | Role::Monitoring
            | Role::Organiser => return Err(NotDone::Absent),
        }
        found.sort_by_key(|line| (line.due, line.number));
        found.truncate(limit);
        Ok(found)
    }
}

/// What a call comes to, in the words of the console.
fn told<T>(done: people::Outcome<T>) -> Asked<T> {
    done.map_err(|no| match no {
        people::No::Wrong(slips) => NotDone::Wrong(slips.into_iter().map(words::slip).collect()),
        people::No::Refused(terms::Reason::SecondPersonRequired) => NotDone::SecondPerson,
        people::No::Refused(reason) => NotDone::Refused(reason),
        people::No::Absent | people::No::Over => NotDone::Absent,
        people::No::Wait(until) => NotDone::Down(format!("not before {until}")),
        people::No::Down(what) => NotDone::Down(what),
    })
}

fn down(fault: &Fault) -> NotDone {
    NotDone::Down(fault.chain())
}

/// Whether an officer may know of a list: those of financial monitoring are for those entitled
/// (domain 3, I-09).
fn sees(by: Officer, list: List) -> bool {
    by.role.sees_lists() || !list.freezes()
}

/// The look of an officer.
fn look(by: Officer, seq: Seq, why: LookReason) -> Looked {
    let who = match by.role {
        Role::Gambling | Role::Tax | Role::Monitoring => Looker::Authority,
        Role::Administrator | Role::Operator | Role::Organiser | Role::Aml | Role::Privacy => {
            Looker::Staff
        }
    };
    Looked { seq, number: by.number, who, why }
}

fn cases_of(views: &mut dyn ViewReader, person: Person) -> Result<Vec<CaseCard>, Fault> {
    let cards = views.versions(CardKind::Case, u64::from(person.0))?;
    let case = |card| match card {
        Card::Case(card) => Some(card),
        _ => None,
    };
    Ok(cards.into_iter().filter_map(case).collect())
}

fn case_no(number: u64) -> Asked<CaseNo> {
    u32::try_from(number).map(CaseNo).map_err(|_| NotDone::Absent)
}

/// A digest as it stood on the page; another text is not what was seen.
fn digest_of(text: &str) -> Asked<Hash> {
    let bytes = unhex(text).and_then(|bytes| <[u8; 32]>::try_from(bytes).ok());
    bytes.map(Hash).ok_or(NotDone::SecondPerson)
}

fn match_line(row: &CaseRow, person: Person, list: List) -> MatchLine {
    let (number, list) = (u64::from(row.case.0), words::list(list));
    MatchLine { number, person, list, found: row.opened, due: row.due }
}

/// The person's side of a match.
fn ours(record: &PersonRecord) -> Side {
    let names = record.names.iter().map(|name| {
        let name = &name.value;
        let parts = [Some(&name.surname), Some(&name.given), name.patronymic.as_ref()];
        let parts = parts.into_iter().flatten().map(|part| part.reveal());
        Private::new(parts.collect::<Vec<_>>().join(" "))
    });
    let papers = record.documents.iter().map(|paper| Private::new(paper.value.number.reveal()));
    let born = record.birth_date.as_ref().map(|born| born.value.reveal().to_string());
    let iin = people::person_record::iin_of(record);
    Side {
        names: names.collect(),
        born: born.map(Private::new),
        iin: iin.map(|iin| Private::new(iin.reveal())),
        documents: papers.collect(),
    }
}

/// The list's side of a match.
fn side(entry: &Entry) -> Side {
    let born = entry.births.iter().map(|birth| match birth {
        Birth::Day(day) => day.to_string(),
        Birth::Years { from, to } if from == to => from.to_string(),
        Birth::Years { from, to } => format!("{from}–{to}"),
        Birth::About(year) => format!("~{year}"),
    });
    let born: Vec<String> = born.collect();
    let iin = entry.iin.map(|iin| iin.reveal()).or_else(|| entry.part_of_iin.clone());
    Side {
        names: entry.names.iter().map(|name| Private::new(&*name.text)).collect(),
        born: (!born.is_empty()).then(|| Private::new(born.join("; "))),
        iin: iin.map(Private::new),
        documents: Vec::new(),
    }
}

fn standing(standing: &Standing) -> ErasureState {
    match standing {
        Standing::Due => ErasureState::Due,
        Standing::Proposed => ErasureState::Proposed,
        Standing::Ordered => ErasureState::Ordered,
        Standing::Held(_) => ErasureState::Held,
    }
}

/// A request for consent with what it was answered by; none for one that was never sent.
fn request(card: &CaseCard, given: &[ConsentCard]) -> Option<ConsentLine> {
    let answer = words::answer(card.state)?;
    let own = given.iter().find(|consent| consent.case == Some(card.case));
    let open = answer == ConsentAnswer::Sent;
    Some(ConsentLine {
        number: card.seq.0,
        person: card.person?,
        purpose: own.map(|consent| words::purpose(consent.purpose)),
        way: own.and_then(|consent| consent.way).map(words::request_way),
        scope: own.map_or_else(Vec::new, |consent| words::scopes(consent.scopes)),
        asked: card.opened,
        answer,
        answered: (!open).then_some(card.moved),
    })
}

/// A consent that nobody had to be asked for outside, or that was taken back.
fn consent(card: &ConsentCard) -> ConsentLine {
    ConsentLine {
        number: card.seq.0,
        person: card.person,
        purpose: Some(words::purpose(card.purpose)),
        way: card.way.map(words::request_way),
        scope: words::scopes(card.scopes),
        asked: card.at,
        answer: if card.given { ConsentAnswer::Granted } else { ConsentAnswer::Withdrawn },
        answered: Some(card.at),
    }
}
