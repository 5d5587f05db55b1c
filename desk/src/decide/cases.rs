//! Cases: they begin, move by the table or not at all, and run out of time.

use admission::{List, Purpose, Relationship, Scope, Scopes};
use casework::{
    Ask, CaseKind, CaseRow, CaseStep, Circumstances, Guard, Subject, Timing, Transition, cases,
    find, table,
};
use journal::fact::{CaseMoved, CaseOpened, CaseOverdue, Fact, ListHit, Nonce};
use terms::{CaseNo, Clock, Code, Hash, Instant, Organiser, Person, Reason, limits};

use super::{Case, Stop};
use crate::command::{Command, MoveCase, OpenCase};
use crate::grounds::{Grounds, Lowest};

/// Cases that one tick finds out of time, so that there is room for what else is due.
const CASES_PER_TICK_MAX: usize = limits::FACTS_PER_COMMAND_MAX / 4;

/// What a step comes with.
#[derive(Clone, Debug, Default)]
pub(super) struct Brought {
    pub ground: Option<Code>,
    pub evidence: Option<Hash>,
}

/// Consent without which nobody is registered (R0-11.1, R4-11.1.4).
fn consent_needed() -> Scopes {
    Scopes::NONE.with(Scope::Collect).with(Scope::Process).with(Scope::Store)
}

/// The term after a step: the one that ran, none, or a new one.
fn clock_after(by: &Transition, clock: Option<Clock>) -> Option<Clock> {
    match by.timing {
        Timing::Keep => clock,
        Timing::Stop => None,
        Timing::Start(clock) => Some(clock),
    }
}

impl Case<'_> {
    pub(super) fn open_case(&self, command: &OpenCase, facts: &mut Vec<Fact>) -> Result<(), Stop> {
        let row = find(command.kind, None, command.step);
        let row = row.filter(|row| !row.kind.is_life()).ok_or(Reason::StepNotPossible)?;
        let named = match command.kind.subject(command.step) {
            Subject::Nobody => {
                command.person.is_none() && command.other.is_none() && command.list.is_none()
            }
            Subject::Person => command.person.is_some() && command.other.is_none(),
            Subject::Listed => {
                command.person.is_some() && command.other.is_none() && command.list.is_some()
            }
            Subject::Two => {
                let two = [command.person, command.other];
                let there = two.iter().all(Option::is_some) && command.list.is_none();
                there && command.person != command.other
            }
        };
        if !named {
            return Err(Reason::CaseInvalid.into());
        }
        for person in command.person.iter().chain(&command.other) {
            self.keepable(*person)?;
        }
        if let Some(organiser) = command.organiser
            && self.state.organisers.get(organiser).is_none()
        {
            return Err(Reason::OrganiserUnknown.into());
        }
        let (next, ..) = self.state.cases.next(0, 0);
        if command.related.is_some_and(|related| next <= related) {
            return Err(Reason::CaseUnknown.into());
        }
        if let Some(person) = command.person
            && cases::OPEN_PER_PERSON_MAX <= self.state.cases.of_person(person).count()
        {
            return Err(Reason::CasesTooMany.into());
        }
        // From here it must succeed.
        let hit = command.list.map(|list| self.hit(list, self.state.list_version(list)));
        let fact = CaseOpened {
            cause: Some(self.cause.clone()),
            nonce: None,
            other: command.other,
            organiser: command.organiser,
            related: command.related,
            evidence: command.evidence,
            ..self.opened(row, 0, command.person, hit, [0; 8])
        };
        facts.push(fact.into());
        Ok(())
    }

    fn hit(&self, list: List, version: u32) -> ListHit {
        ListHit { list, version, day: self.rules.day(self.moment.at) }
    }

    /// A case that begins by a row of the table; `n` others begin before it in this decision.
    fn opened(
        &self,
        by: &Transition,
        n: u32,
        person: Option<Person>,
        hit: Option<ListHit>,
        nonce: Nonce,
    ) -> CaseOpened {
        // Cannot be negative: the rulebook's first day is of this century.
        let year = self.rules.day(self.moment.at).date().0.max(0) as u32;
        let (case, year, serial) = self.state.cases.next(n, year);
        let clock = clock_after(by, None);
        CaseOpened {
            cause: None,
            nonce: Some(nonce),
            case,
            year,
            serial,
            kind: by.kind,
            step: by.step,
            state: by.to,
            person,
            other: None,
            organiser: None,
            hit,
            related: None,
            evidence: None,
            clock,
            due: clock.and_then(|clock| self.rules.due(clock, self.moment.at)),
        }
    }

    pub(super) fn move_case(&self, command: &MoveCase, facts: &mut Vec<Fact>) -> Result<(), Stop> {
        let row = self.state.cases.get(command.case).ok_or(Reason::CaseUnknown)?;
        let brought = Brought { ground: command.ground.clone(), evidence: command.evidence };
        let by = self.step(row, command.step, &brought, false)?;
        // From here it must succeed.
        let cause = Some(self.cause.clone());
        facts.push(CaseMoved { cause, nonce: None, ..self.moved(row, by, brought) }.into());
        Ok(())
    }

    /// The open case that a command of its own moves, if it names one: of this kind and person.
    pub(super) fn own_case(
        &self,
        case: Option<CaseNo>,
        kind: CaseKind,
        person: Person,
    ) -> Result<Option<&CaseRow>, Reason> {
        let Some(case) = case else { return Ok(None) };
        let row = self.state.cases.get(case);
        let own = row.filter(|row| row.kind == kind && row.person == Some(person));
        own.map(Some).ok_or(Reason::CaseUnknown)
    }

    /// The row by which a case moves, or why it does not. `recorded` is whether what the step says
    /// is recorded in the same decision.
    pub(super) fn step(
        &self,
        row: &CaseRow,
        step: CaseStep,
        brought: &Brought,
        recorded: bool,
    ) -> Result<&'static Transition, Reason> {
        let by = find(row.kind, Some(row.state), step).ok_or(Reason::StepNotPossible)?;
        let came = match by.ask {
            Ask::Nothing => true,
            Ask::Ground => brought.ground.is_some(),
            Ask::Evidence => brought.evidence.is_some(),
        };
        let now = self.circumstances(row, recorded);
        if by.guard == Guard::AllClear
            && let Some(person) = row.person
        {
            self.clear(person)?;
        }
        if came && by.guard.met(&now, &self.rules.people) {
            Ok(by)
        } else {
            Err(Reason::StepNotPossible)
        }
    }

    fn circumstances(&self, row: &CaseRow, recorded: bool) -> Circumstances {
        let at = self.moment.at;
        let (mut identified, mut barred, mut consented) = (true, false, false);
        if let Some(state) = row.person.and_then(|person| self.state.people.state(person)) {
            let full = self.rules.switches.full_identification;
            state.now.grounds(at, full, |reason| match reason {
                Reason::NotIdentified | Reason::IdentificationStale => identified = false,
                _ => barred = true,
            });
            consented = state.consents.of(Purpose::Betting).has_all(consent_needed());
        }
        Circumstances {
            count: row.count,
            consented,
            identified,
            barred,
            lists_stale: self.state.lists_ground(self.rules, at).is_some(),
            recorded,
        }
    }

    /// The ground that is told first of all that speak against a relationship with a person.
    pub(super) fn clear(&self, person: Person) -> Result<(), Reason> {
        let row = self.state.people.person(person).ok_or(Reason::PersonUnknown)?;
        let mut grounds = Lowest::new(self.rules);
        let full = self.rules.switches.full_identification;
        row.grounds(self.moment.at, full, |reason| grounds.note(reason));
        grounds.note_if(self.state.lists_ground(self.rules, self.moment.at));
        grounds.verdict()
    }

    /// Moves a case by a row that was found for it, as the second fact of a decision: the message's
    /// receipt is the first.
    pub(super) fn moved(&self, row: &CaseRow, by: &Transition, brought: Brought) -> CaseMoved {
        let clock = clock_after(by, row.clock);
        let due = match by.timing {
            Timing::Keep => row.due,
            Timing::Stop => None,
            Timing::Start(clock) => self.rules.due(clock, self.moment.at),
        };
        CaseMoved {
            cause: None,
            nonce: Some(self.nonce(1)),
            case: row.case,
            kind: row.kind,
            person: row.person,
            from: row.state,
            step: by.step,
            state: by.to,
            ground: brought.ground,
            evidence: brought.evidence,
            clock,
            due,
        }
    }

    /// A person of whom something may be recorded still.
    pub(super) fn keepable(
        &self,
        person: Person,
    ) -> Result<&admission::person::PersonState, Reason> {
        let state = self.state.people.persons.get(person.index()).ok_or(Reason::PersonUnknown)?;
        match state.relationship {
            Relationship::Absent | Relationship::Active | Relationship::Ended => Ok(state),
            Relationship::ErasureOrdered | Relationship::Erased => Err(Reason::RelationshipEnded),
            Relationship::Merged => Err(Reason::PersonMerged),
        }
    }

    /// Cases whose term is over: one that ends by itself ends, others are overdue.
    pub(super) fn overdue(&self, facts: &mut Vec<Fact>) {
        let at = self.moment.at;
        let over = self.state.cases.by_due().filter_map(|row| Some((row, row.due?, row.clock?)));
        let over = over.take_while(|(_, due, _)| *due <= at);
        for (row, due, clock) in over.take(CASES_PER_TICK_MAX) {
            let nonce = self.nonce(facts.len());
            let step = row.kind.when_due();
            let by = step.and_then(|step| table::find(row.kind, Some(row.state), step));
            facts.push(match by {
                Some(by) => {
                    let moved = self.moved(row, by, Brought::default());
                    CaseMoved { nonce: Some(nonce), ..moved }.into()
                }
                None => CaseOverdue {
                    nonce,
                    case: row.case,
                    kind: row.kind,
                    person: row.person,
                    clock,
                    due,
                }
                .into(),
            });
        }
    }

    /// A case for each list that freezes on which the person stands, once for each version and day
    /// (R0-10.2d, R0-10.2e, R0-10.2f, R4-16.2.7). A request that was refused is an attempt.
    pub(super) fn record_attempt(&self, command: &Command, facts: &mut Vec<Fact>) {
        let Some(person) = self.who_attempts(command) else { return };
        let Some(row) = self.state.people.person(person) else { return };
        if row.lists.freezes() {
            let person = self.state.people.who(person);
            for list in row.lists.iter().filter(|list| list.freezes()) {
                self.record_hit(person, list, self.state.list_version(list), facts);
            }
        }
    }

    /// A case for a person on a list that freezes, unless there was one today.
    pub(super) fn record_hit(
        &self,
        person: Person,
        list: List,
        version: u32,
        facts: &mut Vec<Fact>,
    ) {
        let hit = self.hit(list, version);
        let full = limits::FACTS_PER_COMMAND_MAX <= facts.len();
        if full || !self.state.hits.is_new(person, &hit) {
            return;
        }
        let Some(by) = find(CaseKind::AmlRecord, None, CaseStep::Hit) else { return };
        let earlier = facts.iter().filter(|fact| matches!(fact, Fact::CaseOpened(_))).count();
        let nonce = self.nonce(facts.len());
        facts.push(self.opened(by, earlier as u32, Some(person), Some(hit), nonce).into());
    }

    /// Whose wallet a message wants to move, if it is the sender's to ask for.
    fn who_attempts(&self, command: &Command) -> Option<Person> {
        let own = |organiser: Organiser, account| {
            let row = self.state.people.account_of(organiser, account).ok()?;
            Some(row.person)
        };
        let wallet = |wallet| self.state.bettor_of(wallet);
        match command {
            Command::PlaceStake(command) => own(self.organiser().ok()?, command.bid.account),
            Command::PlaceHold(command) => own(self.organiser().ok()?, command.bid.account),
            Command::ConfirmHold(command) => {
                let organiser = self.organiser().ok()?;
                own(organiser, self.state.bet(organiser, command.bet)?.account)
            }
            Command::IssueEmoney(command) => wallet(command.wallet),
            Command::RedeemEmoney(command) => wallet(command.wallet),
            Command::OpenWallet(command) if command.class == ledger::Class::Bettor => {
                Some(Person(command.owner))
            }
            Command::OpenAccount(command) => Some(command.person),
            Command::RebindAccount(command) => {
                self.state.people.account(command.account).map(|row| row.person)
            }
            _ => None,
        }
    }

    /// Whether an instant is still to come.
    pub(super) fn to_come(&self, instant: Option<Instant>) -> bool {
        instant.is_none_or(|instant| self.moment.at < instant)
    }
}
