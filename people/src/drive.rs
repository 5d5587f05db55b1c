//! What the system does on a way of registration, arrow by arrow of state machine D.
//!
//! ```text
//! Register → Consent → Open → Inform → Give → Begin ··film··► Match → Identify → Access
//!      → Population → Screen → Decide → Wallet → Establish → Account → Tell
//! ```
//!
//! Each arrow is done and then noted at the edge. A stop in between does the arrow again: its
//! commands have ids that are made of the way's seed and their content, so that the second time is
//! a repeat, and whoever comes at the same time gets the same. Somebody who is registered already
//! is not touched before the exchange has shown that it is he ([`Way::twin`]). A system that does
//! not answer makes the way wait; nothing is ever admitted for want of an answer (S-47). At a desk
//! an officer has seen person and document, so that the arrows of the exchange fall away.

use admission::{
    ConsentWay, IdentificationMethod, IdentificationSource, List, Purpose, Recipient, Recipients,
    Scope, Scopes,
};
use casework::{CaseKind, CaseStep};
use desk::command::{
    ChangeAges, MoveCase, OpenAccount, OpenCase, RecordConsent, RecordIdentification,
    RegisterPerson, StartRelationship,
};
use journal::fact::Fact;
use links::consent::{Asked, RequestWay, Said};
use links::identification::{
    Applicant, Channel, Film, Outcome as Found, Paper, Purpose as Why, Session,
};
use links::population::{Obstacle, Search};
use sha2::{Digest as _, Sha256};
use terms::{CaseNo, Code, Hash, Iin, Instant, Person, Reason};
use vault::{LookReason, PersonRecord, Reference};

use crate::house::{People, Who, Whom, refusal};
use crate::joining::{Exchange, Failure, MOTIONS, Path, Stage, Step, Way, WayKey, language_at};
use crate::kept::Table;
use crate::limits::{AGAIN_NS, IDENTIFICATION_TRIES, STAGES_MAX, WAYS_PER_TURN};
use crate::lists::Match;
use crate::no::{No, Outcome};
use crate::person_record;
use crate::person_record::iin_of;
use crate::secret::Token;
use crate::text::Notice;

impl People {
    /// Does what can be done on a way now.
    pub(crate) fn advance(&self, key: &WayKey) -> Outcome<()> {
        if matches!(key, WayKey::Token(_)) {
            return Ok(());
        }
        for _ in 0..STAGES_MAX {
            let now = self.now();
            let Some(kept) = self.shelf.get::<Way>(Table::Way, &key.bytes(), now)? else {
                return Ok(());
            };
            let way = &kept.value;
            let turn = way.step == Step::Waiting && way.stage != Stage::Nothing;
            if !turn || way.again.is_some_and(|again| now < again) {
                return Ok(());
            }
            let mut next = way.clone();
            (next.again, next.failure) = (None, None);
            match self.stage(key, &mut next) {
                Ok(()) => {}
                Err(No::Refused(reason)) => {
                    next = way.clone();
                    fail(&mut next, Failure::of(reason));
                }
                Err(No::Down(what)) => {
                    tracing::warn!("a registration waits at {}: {what}", way.stage.name());
                    next = way.clone();
                    wait(&mut next, now, silent(way.stage));
                }
                Err(other) => return Err(other),
            }
            let end = Some(next.until);
            self.shelf.put(Table::Way, &key.bytes(), &next, kept.version, end, now)?;
        }
        Ok(())
    }

    /// Goes on with ways that wait, whoever began them; how many there were. A duty of the node
    /// that decides.
    pub fn advance_waiting(&self) -> Outcome<usize> {
        let mut count = 0;
        for (prefix, key) in [(b"c", WayKey::Client as fn(_) -> _), (b"d", WayKey::Desk)] {
            let mut after = None;
            loop {
                let page =
                    self.shelf.list::<Way>(Table::Way, prefix, after.as_deref(), self.now())?;
                let Some((last, _)) = page.last() else { break };
                after = Some(last.clone());
                for (bytes, kept) in &page {
                    if kept.value.step != Step::Waiting {
                        continue;
                    }
                    if let Ok(id) = <[u8; 16]>::try_from(&bytes[1..]) {
                        match self.advance(&key(id)) {
                            Ok(()) => {}
                            Err(No::Down(what)) => return Err(No::Down(what)),
                            // The others go on.
                            Err(no) => tracing::warn!("a registration does not go on: {no:?}"),
                        }
                        count += 1;
                    }
                    if WAYS_PER_TURN <= count {
                        return Ok(count);
                    }
                }
            }
        }
        Ok(count)
    }

    /// One arrow. What it changes of the way is noted by the caller.
    fn stage(&self, key: &WayKey, way: &mut Way) -> Outcome<()> {
        match way.stage {
            Stage::Nothing => Ok(()),
            Stage::Register => self.register(key, way),
            Stage::Consent => self.consent(way),
            Stage::Open => self.open_case(way),
            Stage::Inform => self.move_case(way, CaseStep::Inform, None, Stage::Give),
            Stage::Give => self.give(way),
            Stage::Begin => self.begin_exchange(way),
            Stage::Match => self.match_exchange(way),
            Stage::Identify => self.identify(key, way),
            Stage::Access => self.access(way),
            Stage::Population => self.population(way),
            Stage::Screen => self.screen(way),
            Stage::Decide => self.decide(way),
            Stage::Wallet => self.give_wallet(way),
            Stage::Establish => self.establish(way),
            Stage::Account => self.account(way),
            Stage::Tell => self.told(way),
        }
    }

    /// The vault's row was durable as pending; now the fact, then the row is live (core 20).
    fn register(&self, key: &WayKey, way: &mut Way) -> Outcome<()> {
        let reference = Reference(way.reference.ok_or(No::Over)?);
        let person = match way.twin {
            Some(person) => {
                self.become_known(way, person, reference)?;
                person
            }
            None => {
                let command = RegisterPerson { reference: reference.0 };
                let receipt = self.put_derived(&way.seed, way.begun, command)?;
                let Fact::PersonRegistered(fact) = self.fact(receipt.seq)? else {
                    return Err(No::Down("a registration without its fact".to_owned()));
                };
                self.with_vault(|vault| vault.confirm(reference, fact.person))?;
                fact.person
            }
        };
        if let WayKey::Client(client) = key {
            self.bind_client(client, person)?;
        }
        (way.person, way.stage) = (Some(person), Stage::Consent);
        Ok(())
    }

    /// Somebody who is known has shown that it is he: what he typed joins what is known of him.
    fn become_known(&self, way: &mut Way, person: Person, typed: Reference) -> Outcome<()> {
        let seen = self.look(Whom::Pending, Who::System, LookReason::Duplicate)?;
        let newer = self.with_vault(|vault| vault.read(typed, &seen))?.record;
        let own = self.amend_person(person, &newer)?;
        let photos = self.with_vault(|vault| vault.photos(typed))?;
        for item in photos {
            let photo = self.with_vault(|vault| vault.read_photo(typed, item, &seen))?;
            self.with_vault(|vault| vault.add_photo(own, &photo))?;
        }
        way.reference = Some(own.0);
        Ok(())
    }

    /// Consents with scope, purpose and recipients (R0-11.1, R4-11.1.4).
    fn consent(&self, way: &mut Way) -> Outcome<()> {
        if way.consents.is_empty() {
            // Who identifies himself again has consented; who never has is stopped by his case.
            way.stage = Stage::Open;
            return Ok(());
        }
        let person = way.person.ok_or(No::Over)?;
        let how = match way.path {
            Path::Desk => ConsentWay::Paper,
            Path::Join | Path::Renew | Path::LostPhone => ConsentWay::Cabinet,
        };
        for purpose in [Purpose::Betting, Purpose::EMoney] {
            let command = RecordConsent {
                person,
                purpose,
                scopes: way.consents,
                recipients: recipients(),
                way: how,
                until: None,
                case: None,
                evidence: digest(&[&way.seed, b"consent", &[way.consents.bits()]]),
            };
            let at = self.put_derived(&way.seed, way.begun, command)?.at;
            self.note_consent(person, purpose, way.consents, how, at)?;
        }
        way.stage = Stage::Open;
        Ok(())
    }

    fn open_case(&self, way: &mut Way) -> Outcome<()> {
        let person = way.person;
        way.case = Some(self.new_case(way, CaseKind::Registration, person, None)?);
        way.stage = Stage::Inform;
        Ok(())
    }

    /// Opens a case of a person once for a way.
    fn new_case(
        &self,
        way: &Way,
        kind: CaseKind,
        person: Option<Person>,
        list: Option<List>,
    ) -> Outcome<CaseNo> {
        let command = OpenCase {
            kind,
            step: CaseStep::Open,
            person,
            other: None,
            organiser: None,
            list,
            related: way.case,
            evidence: None,
        };
        let receipt = self.put_derived(&attempt(way), way.begun, command)?;
        match self.fact(receipt.seq)? {
            Fact::CaseOpened(fact) => Ok(fact.case),
            _ => Err(No::Down("a case without its fact".to_owned())),
        }
    }

    fn move_case(
        &self,
        way: &mut Way,
        step: CaseStep,
        evidence: Option<Hash>,
        next: Stage,
    ) -> Outcome<()> {
        let case = way.case.ok_or(No::Over)?;
        let command = MoveCase { case, step, ground: None, evidence };
        self.put_derived(&attempt(way), way.begun, command)?;
        way.stage = next;
        Ok(())
    }

    fn give(&self, way: &mut Way) -> Outcome<()> {
        let known = way.twin.is_some() || way.path == Path::Desk;
        let next = if known { Stage::Identify } else { Stage::Begin };
        self.move_case(way, CaseStep::GiveData, way.evidence, next)
    }

    /// Once more from the instructions, where the case knows of the failure.
    pub(crate) fn retry(&self, way: &Way) -> Outcome<()> {
        let Some(case) = way.case else { return Ok(()) };
        let failed = self.copy.read(|state| {
            let row = state.cases.get(case);
            row.is_some_and(|row| row.state == casework::CaseState::Failed)
        });
        if failed {
            let command = MoveCase { case, step: CaseStep::Retry, ground: None, evidence: None };
            self.put_derived(&attempt(way), way.begun, command)?;
        }
        Ok(())
    }

    /// The record behind a way; the look is a fact.
    fn record(&self, way: &Way) -> Outcome<PersonRecord> {
        let reference = Reference(way.reference.ok_or(No::Over)?);
        let whom = way.person.map_or(Whom::Pending, Whom::Person);
        let seen = self.look(whom, Who::System, LookReason::Identification)?;
        Ok(self.with_vault(|vault| vault.read(reference, &seen))?.record)
    }

    fn begin_exchange(&self, way: &mut Way) -> Outcome<()> {
        let record = self.record(way)?;
        let document = record.documents.first().map(|document| Paper {
            kind: document.value.kind.name().to_owned(),
            number: links::Private::new(document.value.number.reveal()),
        });
        let phone = record.phones.first().map(|phone| phone.value.reveal().clone());
        let phone = phone.and_then(|phone| links::Phone::parse(&phone).ok()).ok_or(No::Over)?;
        let applicant = Applicant {
            iin: iin_of(&record),
            document,
            phone,
            purpose: if way.path == Path::Renew { Why::Renewal } else { Why::Registration },
            channel: Channel::Remote,
        };
        let session = self.outside.identification.begin(&self.call(), &applicant);
        let session = session.map_err(outside)?;
        let place = |motion| MOTIONS.iter().position(|known| *known == motion);
        let motions = session.commands.iter().filter_map(|motion| place(*motion));
        way.exchange = Some(Exchange {
            id: session.id.into_bytes(),
            nonce: session.nonce.into_bytes(),
            motions: motions.map(|place| place as u8).collect(),
            begun: session.begun_at,
            ends: session.expires_at,
        });
        (way.step, way.stage) = (Step::Liveness, Stage::Nothing);
        Ok(())
    }

    /// Sends a film of the movements to the exchange.
    pub(crate) fn send_film(
        &self,
        token: &Token,
        way: &Way,
        kind: &str,
        content: Vec<u8>,
    ) -> Outcome<()> {
        let record = self.record(way)?;
        let session = session_of(way, iin_of(&record)).ok_or(No::Over)?;
        // The page shows each movement for as long.
        let shown_ms = (0..session.commands.len() as u32).map(|at| at * MOVEMENT_MS).collect();
        let film = Film { kind: kind.to_owned(), content, shown_ms };
        let attempt = self.outside.identification.capture(&self.call(), &session, &film);
        let attempt = attempt.map_err(outside)?;
        self.change_way(token, &[Step::Liveness], |way| {
            if attempt.alive {
                (way.step, way.stage, way.failure) = (Step::Waiting, Stage::Match, None);
            } else if 0 < attempt.remaining {
                way.failure = Some(Failure::Liveness);
            } else {
                fail(way, Failure::TriesOver);
            }
        })
    }

    /// Both are needed: the face is that of the state's image, and the data are those of the state
    /// (R0-10.12).
    fn match_exchange(&self, way: &mut Way) -> Outcome<()> {
        let record = self.record(way)?;
        let session = session_of(way, iin_of(&record)).ok_or(No::Over)?;
        let found = self.outside.identification.look(&self.call(), &session).map_err(outside)?;
        let now = self.now();
        match found {
            Found::Pending => {
                way.again = Some(now.plus(AGAIN_NS));
                return Ok(());
            }
            Found::Matched(matched) => {
                way.matched = Some(matched.digest);
                way.confirmed = person_record::agrees(&record, &matched.person);
            }
            Found::NotMatched { .. } => return self.not_established(way, Failure::Face),
            Found::LivenessFailed => return self.not_established(way, Failure::Liveness),
            Found::NoReference => return self.not_established(way, Failure::NoReference),
            Found::Expired => {
                // It took too long: movements are asked for anew.
                way.stage = Stage::Begin;
                return Ok(());
            }
        }
        way.stage = match way.person {
            Some(_) => Stage::Identify,
            // Somebody who is known is touched only when it is shown that it is he.
            None if way.confirmed => Stage::Register,
            None => return self.not_established(way, Failure::Data),
        };
        Ok(())
    }

    /// It did not succeed; a fact where there is a person for it.
    fn not_established(&self, way: &mut Way, failure: Failure) -> Outcome<()> {
        if let (Some(person), Some(case)) = (way.person, way.case) {
            let established = failure == Failure::Data;
            let evidence = digest(&[&way.seed, failure.name().as_bytes(), &[way.tries]]);
            let done = (established, false);
            let command = identification(way.path, person, Some(case), done, evidence, None);
            self.put_derived(&attempt(way), way.begun, command)?;
        }
        way.tries = way.tries.saturating_add(1);
        let over = IDENTIFICATION_TRIES <= way.tries;
        fail(way, if over { Failure::TriesOver } else { failure });
        Ok(())
    }

    fn identify(&self, key: &WayKey, way: &mut Way) -> Outcome<()> {
        if !way.confirmed {
            return self.not_established(way, Failure::Data);
        }
        let person = way.person.ok_or(No::Over)?;
        let record = self.record(way)?;
        let evidence = way.matched.ok_or(No::Over)?;
        let until = record.documents.first().and_then(|paper| paper.value.expires.as_ref());
        let until = until.map(|day| self.day_ends(*day.reveal()));
        let command = identification(way.path, person, way.case, (true, true), evidence, until);
        self.put_derived(&attempt(way), way.begun, command)?;
        if let WayKey::Client(client) = key {
            self.change_client(client, |client| client.person = Some(person))?;
        }
        let numbered = iin_of(&record).is_some();
        way.stage = if numbered { Stage::Access } else { Stage::Screen };
        // At a desk the document itself tells the age; the register may say otherwise later.
        if !numbered || way.path == Path::Desk {
            self.note_age(way, person, record.birth_date.map(|born| *born.value.reveal()))?;
        }
        Ok(())
    }

    /// Asks the State service for access, and waits for the person's answer (R3-7.6).
    fn access(&self, way: &mut Way) -> Outcome<()> {
        let person = way.person.ok_or(No::Over)?;
        let chosen = self.settings.consent_way;
        if way.access_case.is_none() {
            let case = self.new_case(way, CaseKind::ConsentRequest, Some(person), None)?;
            let (step, ground) = match chosen {
                RequestWay::Logging(_) => (CaseStep::Log, Some(code("article_9")?)),
                RequestWay::OneTimeCode => (CaseStep::SendCode, None),
                _ => (CaseStep::SendMessage, None),
            };
            let command = MoveCase { case, step, ground, evidence: None };
            self.put_derived(&attempt(way), way.begun, command)?;
            way.access_case = Some(case);
            way.access_since = Some(self.now());
        }
        let record = self.record(way)?;
        let iin = iin_of(&record).ok_or(No::Over)?;
        match self.ask_access(&iin)? {
            Said::Granted(access) => {
                self.granted(way, person, access.token_id)?;
                way.stage = Stage::Population;
            }
            Said::Pending => {
                way.again = Some(self.now().plus(AGAIN_NS));
                way.failure = Some(Failure::ConsentAwaited);
            }
            Said::Refused => {
                if let Some(case) = way.access_case.take() {
                    let (step, ground, evidence) = (CaseStep::Refuse, None, None);
                    let command = MoveCase { case, step, ground, evidence };
                    self.put_derived(&attempt(way), way.begun, command)?;
                }
                without_access(way);
            }
            // Nobody is admitted for want of an answer (S-47).
            Said::TimedOut | Said::NotReachable | Said::Failed if way.path == Path::Desk => {
                return Err(No::Down("the state service could not ask the person".to_owned()));
            }
            Said::TimedOut | Said::NotReachable | Said::Failed => {
                way.access_case = None;
                without_access(way);
            }
        }
        Ok(())
    }

    /// What the State service says of access to a person's data. Before production it is asked in
    /// a test realm only (R3-12.1).
    pub(crate) fn ask_access(&self, iin: &Iin) -> Outcome<Said> {
        self.production()?;
        let asked = Asked {
            person: *iin,
            employee: links::Private::new("BEJ"),
            registers: self.settings.registers.clone(),
            data: String::new(),
            term_s: ACCESS_S,
            way: self.settings.consent_way,
            code: None,
        };
        let answer = self.outside.consent.request(&self.call(), &asked).map_err(outside)?;
        Ok(answer.said)
    }

    fn granted(&self, way: &Way, person: Person, token: Hash) -> Outcome<()> {
        let by_law = matches!(self.settings.consent_way, RequestWay::Logging(_));
        if by_law {
            return Ok(());
        }
        let command = RecordConsent {
            person,
            purpose: Purpose::StateData,
            scopes: Scopes::NONE.with(Scope::Collect).with(Scope::Process).with(Scope::Store),
            recipients: Recipients::NONE.with(Recipient::Operator),
            way: match self.settings.consent_way {
                RequestWay::Sms1414 => ConsentWay::Message1414,
                RequestWay::OwnMeans(_) => ConsentWay::OwnMeans,
                RequestWay::Proactive => ConsentWay::Proactive,
                RequestWay::Logging(_) => ConsentWay::Logging,
                RequestWay::OneTimeCode => ConsentWay::OneTimeCode,
            },
            until: None,
            case: way.access_case,
            evidence: token,
        };
        let (scopes, manner) = (command.scopes, command.way);
        // A token is another one each time: the first that comes is the evidence.
        match refusal(self.put_derived(&attempt(way), way.begun, command))? {
            Ok(receipt) => {
                self.note_consent(person, Purpose::StateData, scopes, manner, receipt.at)
            }
            Err(Reason::StepNotPossible | Reason::CaseUnknown) => Ok(()),
            Err(reason) => Err(No::Refused(reason)),
        }
    }

    /// Age and document by the state's own register (R0-10.2a, R0-11.2).
    fn population(&self, way: &mut Way) -> Outcome<()> {
        let person = way.person.ok_or(No::Over)?;
        let record = self.record(way)?;
        let iin = iin_of(&record).ok_or(No::Over)?;
        let Said::Granted(access) = self.ask_access(&iin)? else {
            way.stage = Stage::Access;
            return Ok(());
        };
        let heard = self.outside.population.find(&self.call(), &Search::Iin(iin), &access);
        let Some(found) = heard.map_err(outside)?.found else {
            fail(way, Failure::Data);
            return Ok(());
        };
        let obstacles = found.obstacles(&self.settings.words, self.today());
        if let Some(obstacle) = obstacles.first() {
            let failure = match obstacle {
                Obstacle::NoDocument => Failure::Document,
                Obstacle::BirthDiffers => Failure::InReview,
                Obstacle::NotAlive
                | Obstacle::Excluded
                | Obstacle::Incapable
                | Obstacle::Missing => Failure::NotAdmitted,
            };
            fail(way, failure);
            return Ok(());
        }
        self.note_age(way, person, Some(found.birth.0))?;
        way.stage = Stage::Screen;
        Ok(())
    }

    /// Notes whether a person has the age of the rulebook (S-01).
    fn note_age(&self, way: &Way, person: Person, born: Option<terms::Day>) -> Outcome<()> {
        let age = born.and_then(|born| self.age(born));
        let Some((age, of_age)) = age else { return Err(No::Refused(Reason::UnderAge)) };
        let (reached, not_reached) =
            if of_age { (vec![person], Vec::new()) } else { (Vec::new(), vec![person]) };
        let command = ChangeAges { age, reached, not_reached };
        let receipt = self.put_derived(&attempt(way), way.begun, command)?;
        // What is decided next is decided by the copy.
        self.wait_until_read(receipt.seq);
        Ok(())
    }

    /// The five lists of R0-10.2b–f: each has an answer before anything is decided.
    fn screen(&self, way: &mut Way) -> Outcome<()> {
        let person = way.person.ok_or(No::Over)?;
        if !way.screened {
            let record = self.record(way)?;
            for hit in self.screen_person(&record, way.path)? {
                match hit {
                    Match::Hit(list) => self.list_person(&attempt(way), way.begun, person, list)?,
                    Match::Possible(list) => {
                        let kind = CaseKind::PossibleMatch;
                        let case = self.new_case(way, kind, Some(person), Some(list))?;
                        if !way.matches.contains(&case) {
                            way.matches.push(case);
                        }
                    }
                }
            }
            way.screened = true;
        }
        let open = self.copy.read(|state| {
            // A number that is still to be given here is one of a case that was opened just now.
            let (next, ..) = state.cases.next(0, 0);
            let waits = |case: &CaseNo| next <= *case || state.cases.get(*case).is_some();
            way.matches.iter().any(waits)
        });
        if open {
            way.again = Some(self.now().plus(AGAIN_NS));
            way.failure = Some(Failure::InReview);
        } else {
            way.stage = Stage::Decide;
        }
        Ok(())
    }

    fn decide(&self, way: &mut Way) -> Outcome<()> {
        let person = way.person.ok_or(No::Over)?;
        let row = self.copy.read(|state| state.people.person(person).cloned());
        let row = row.ok_or(No::Absent)?;
        let failure = if !row.of_age {
            Some(Failure::UnderAge)
        } else if row.lists.has(List::Restricted) {
            Some(Failure::Restricted)
        } else if row.lists.has(List::Debtors) {
            Some(Failure::Debtor)
        } else if !row.lists.is_empty() {
            Some(Failure::NotAdmitted)
        } else {
            None
        };
        if way.case.is_none() {
            return match failure {
                Some(failure) => {
                    fail(way, failure);
                    Ok(())
                }
                None => {
                    way.stage = Stage::Tell;
                    Ok(())
                }
            };
        }
        if let Some(failure) = failure {
            self.move_case(way, CaseStep::Refuse, None, Stage::Nothing)?;
            fail(way, failure);
            return Ok(());
        }
        match refusal(self.move_case(way, CaseStep::Clear, None, Stage::Wallet))? {
            Ok(()) => Ok(()),
            Err(Reason::ListDataStale) => {
                // A refused id is spent: the next try has another seed.
                way.tries = way.tries.saturating_add(1);
                wait(way, self.now(), Failure::ListSilent);
                Ok(())
            }
            Err(reason) => Err(No::Refused(reason)),
        }
    }

    /// A wallet is opened after success, never before (R0-5.2).
    fn give_wallet(&self, way: &mut Way) -> Outcome<()> {
        let person = way.person.ok_or(No::Over)?;
        way.wallet = Some(match self.wallets_of(person).first() {
            // Of somebody who has been here before, or at a desk.
            Some(wallet) => *wallet,
            None => self.open_wallet_of(person, &way.seed, way.begun)?,
        });
        way.stage = Stage::Establish;
        Ok(())
    }

    fn establish(&self, way: &mut Way) -> Outcome<()> {
        let person = way.person.ok_or(No::Over)?;
        let command = StartRelationship { person, case: way.case };
        match refusal(self.put_derived(&attempt(way), way.begun, command))? {
            // It stands already, as of somebody from a desk.
            Ok(_) | Err(Reason::TransitionInvalid) => {}
            Err(reason) => return Err(No::Refused(reason)),
        }
        way.stage = Stage::Account;
        Ok(())
    }

    fn account(&self, way: &mut Way) -> Outcome<()> {
        let (Some(person), Some(organiser)) = (way.person, way.invited_by) else {
            way.stage = Stage::Tell;
            return Ok(());
        };
        let wallet = way.wallet.ok_or(No::Over)?;
        let command = OpenAccount { person, organiser, wallet };
        let receipt = self.put_derived(&way.seed, way.begun, command)?;
        let Fact::AccountOpened(fact) = self.fact(receipt.seq)? else {
            return Err(No::Down("an account without its fact".to_owned()));
        };
        if let Some(invitation) = &way.invitation {
            self.note_account(invitation, fact.account)?;
        }
        (way.account, way.stage) = (Some(fact.account), Stage::Tell);
        Ok(())
    }

    fn told(&self, way: &mut Way) -> Outcome<()> {
        (way.step, way.stage) = (Step::Done, Stage::Nothing);
        let record = self.record(way)?;
        let phone = record.phones.first().map(|phone| phone.value.reveal().clone());
        if let Some(phone) = phone.and_then(|phone| links::Phone::parse(&phone).ok())
            && let Err(why) = self.tell(&phone, &Notice::Identified, language_at(way.language))
        {
            tracing::warn!("a notice of identification was not sent: {why}");
        }
        Ok(())
    }

    /// The instant at which a civil day ends.
    pub fn day_ends(&self, day: terms::Day) -> Instant {
        let now = self.now();
        self.copy.read(|state| match state.rulebook(now) {
            Some(rules) => terms::time::day_begins(&rules.calendar.offsets, terms::Day(day.0 + 1)),
            None => Instant((i64::from(day.0) + 1) * Instant::DAY),
        })
    }
}

/// How long the page shows each movement.
pub const MOVEMENT_MS: u32 = 2_000;

/// Seconds for which access to data of the state is asked: the checks of one registration.
const ACCESS_S: u32 = 600;

fn identification(
    path: Path,
    person: Person,
    case: Option<CaseNo>,
    (established, confirmed): (bool, bool),
    evidence: Hash,
    until: Option<Instant>,
) -> RecordIdentification {
    let (method, source) = match path {
        Path::Desk => (IdentificationMethod::InPerson, IdentificationSource::Document),
        Path::Join | Path::Renew | Path::LostPhone => {
            (IdentificationMethod::Remote, IdentificationSource::ExchangeCentre)
        }
    };
    RecordIdentification {
        person,
        case,
        method,
        source,
        established,
        confirmed,
        delegate_contract: None,
        evidence,
        until,
    }
}

fn recipients() -> Recipients {
    [Recipient::Operator, Recipient::Issuer, Recipient::PartnerBank, Recipient::Organisers]
        .into_iter()
        .fold(Recipients::NONE, Recipients::with)
}

/// The seed of an attempt: what is done again after a failure is another message.
fn attempt(way: &Way) -> [u8; 16] {
    let mut seed = way.seed;
    seed[15] ^= way.tries;
    seed
}

fn fail(way: &mut Way, failure: Failure) {
    (way.step, way.stage, way.failure) = (Step::Failed, Stage::Nothing, Some(failure));
}

/// Without data of the state a cabinet cannot go on; at a desk the document was seen (S-57).
fn without_access(way: &mut Way) {
    match way.path {
        Path::Desk => way.stage = Stage::Screen,
        Path::Join | Path::Renew | Path::LostPhone => fail(way, Failure::ConsentRefused),
    }
}

fn wait(way: &mut Way, now: Instant, failure: Failure) {
    (way.again, way.failure) = (Some(now.plus(AGAIN_NS)), Some(failure));
}

/// What is silent when a stage has no answer.
fn silent(stage: Stage) -> Failure {
    match stage {
        Stage::Begin | Stage::Match => Failure::ExchangeSilent,
        _ => Failure::ListSilent,
    }
}

fn outside(error: links::Error) -> No {
    No::Down(error.to_string())
}

fn code(text: &str) -> Outcome<Code> {
    Code::new(text).map_err(|_| No::Down("a code".to_owned()))
}

pub(crate) fn digest(parts: &[&[u8]]) -> Hash {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part);
    }
    Hash(hash.finalize().into())
}

fn session_of(way: &Way, iin: Option<Iin>) -> Option<Session> {
    let exchange = way.exchange.as_ref()?;
    let motions = exchange.motions.iter().filter_map(|at| MOTIONS.get(usize::from(*at)).copied());
    Some(Session {
        id: String::from_utf8(exchange.id.clone()).ok()?,
        commands: motions.collect(),
        nonce: String::from_utf8(exchange.nonce.clone()).ok()?,
        begun_at: exchange.begun,
        expires_at: exchange.ends,
        iin,
    })
}
