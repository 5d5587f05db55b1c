//! The one table: which step leads from where to where, when, and with which clock.

use terms::Clock;
use terms::rulebook::PeopleRules;

use crate::words::{CaseKind, CaseState, CaseStep};

/// What a step does to the clock of a case.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Timing {
    /// The term that runs goes on.
    Keep,
    /// No term runs any more.
    Stop,
    /// A term begins.
    Start(Clock),
}

/// What has to be so for a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Guard {
    /// Nothing.
    Free,
    /// Consent to collection, processing and storage was given (R0-11.1, R4-11.1.4).
    Consented,
    /// What the step says is recorded with it: identification, consent, relationship, erasure and
    /// merging have facts of their own, which move the case.
    Recorded,
    /// Identified, of age, on no list, and every list could be asked (R0-10.2).
    AllClear,
    /// Under age or on a list.
    Barred,
    /// A list cannot be asked (S-47).
    ListsStale,
    /// Tries to identify are left.
    TriesLeft,
    /// A wrong code is not the last one that is allowed.
    CodesLeft,
    /// A wrong code is the last one that is allowed.
    CodesSpent,
    /// Enough answers with the security token (R3-11.2).
    Answers,
}

/// What a step has to come with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ask {
    /// Nothing.
    Nothing,
    /// A ground, as a code.
    Ground,
    /// The digest of what shows it.
    Evidence,
}

/// A row of the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Transition {
    /// The kind of case.
    pub kind: CaseKind,
    /// From where; nothing for a case that begins.
    pub from: Option<CaseState>,
    /// By what.
    pub step: CaseStep,
    /// Where to.
    pub to: CaseState,
    /// What it does to the clock.
    pub timing: Timing,
    /// What has to be so.
    pub guard: Guard,
    /// What it has to come with.
    pub ask: Ask,
}

/// What is so, as far as guards ask.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Circumstances {
    /// How often a counted step was made before.
    pub count: u32,
    /// See [`Guard::Consented`].
    pub consented: bool,
    /// Whether the person is identified well enough to bet, and that is good still (R0-10.12).
    pub identified: bool,
    /// See [`Guard::Barred`].
    pub barred: bool,
    /// See [`Guard::ListsStale`].
    pub lists_stale: bool,
    /// See [`Guard::Recorded`].
    pub recorded: bool,
}

impl Guard {
    /// Whether it is so.
    pub fn met(self, now: &Circumstances, rules: &PeopleRules) -> bool {
        match self {
            Guard::Free => true,
            Guard::Consented => now.consented,
            Guard::Recorded => now.recorded,
            Guard::AllClear => now.identified && !now.barred && !now.lists_stale,
            Guard::Barred => now.barred,
            Guard::ListsStale => now.lists_stale,
            Guard::TriesLeft => now.count < rules.registration_tries,
            Guard::CodesLeft => now.count.saturating_add(1) < rules.code_tries,
            Guard::CodesSpent => rules.code_tries <= now.count.saturating_add(1),
            Guard::Answers => rules.answers_min <= now.count,
        }
    }
}

/// Whom a case has to name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Subject {
    /// Nobody.
    Nobody,
    /// A person.
    Person,
    /// A person and a list.
    Listed,
    /// Two persons.
    Two,
}

impl CaseKind {
    /// Whom a case of this kind that begins with this step has to name.
    pub fn subject(self, step: CaseStep) -> Subject {
        match self {
            CaseKind::StateService => Subject::Nobody,
            CaseKind::AmlRecord if step == CaseStep::Hit => Subject::Listed,
            CaseKind::PossibleMatch => Subject::Listed,
            CaseKind::Merge => Subject::Two,
            CaseKind::Registration
            | CaseKind::Relationship
            | CaseKind::ConsentRequest
            | CaseKind::Consent
            | CaseKind::AmlRecord
            | CaseKind::Erasure => Subject::Person,
        }
    }

    /// Whether it is kept with the person and never opened as a case.
    pub fn is_life(self) -> bool {
        matches!(self, CaseKind::Relationship | CaseKind::Consent)
    }

    /// The step that is made by itself when the term is over, if the table has it from there; else
    /// the case is overdue and stays where it is.
    pub fn when_due(self) -> Option<CaseStep> {
        match self {
            CaseKind::ConsentRequest => Some(CaseStep::Expire),
            CaseKind::Registration
            | CaseKind::Relationship
            | CaseKind::Consent
            | CaseKind::StateService
            | CaseKind::AmlRecord
            | CaseKind::PossibleMatch
            | CaseKind::Erasure
            | CaseKind::Merge => None,
        }
    }
}

impl CaseStep {
    /// Whether the case counts how often it was made.
    pub fn is_counted(self) -> bool {
        matches!(self, CaseStep::Fail | CaseStep::Mistake | CaseStep::Answer)
    }
}

/// The row by which a case of this kind moves.
pub fn find(
    kind: CaseKind,
    from: Option<CaseState>,
    step: CaseStep,
) -> Option<&'static Transition> {
    TABLE.iter().find(|row| (row.kind, row.from, row.step) == (kind, from, step))
}

/// Whether nothing follows.
pub fn is_final(kind: CaseKind, state: CaseState) -> bool {
    !TABLE.iter().any(|row| row.kind == kind && row.from == Some(state))
}

const fn begin(kind: CaseKind, step: CaseStep, to: CaseState) -> Transition {
    let (timing, guard, ask) = (Timing::Stop, Guard::Free, Ask::Nothing);
    Transition { kind, from: None, step, to, timing, guard, ask }
}

const fn row(kind: CaseKind, from: CaseState, step: CaseStep, to: CaseState) -> Transition {
    Transition { from: Some(from), timing: Timing::Keep, ..begin(kind, step, to) }
}

impl Transition {
    const fn starts(self, clock: Clock) -> Transition {
        Transition { timing: Timing::Start(clock), ..self }
    }

    const fn stops(self) -> Transition {
        Transition { timing: Timing::Stop, ..self }
    }

    const fn only(self, guard: Guard) -> Transition {
        Transition { guard, ..self }
    }

    const fn with(self, ask: Ask) -> Transition {
        Transition { ask, ..self }
    }
}

use CaseKind as K;
use CaseState as S;
use CaseStep as T;

/// What may follow what.
pub const TABLE: &[Transition] = &[
    // D, until the relationship begins.
    begin(K::Registration, T::Open, S::New).starts(Clock::Registration),
    row(K::Registration, S::New, T::Inform, S::Instructed).only(Guard::Consented),
    row(K::Registration, S::Instructed, T::GiveData, S::DataGiven).with(Ask::Evidence),
    row(K::Registration, S::DataGiven, T::Identify, S::Identified).only(Guard::Recorded),
    row(K::Registration, S::DataGiven, T::Fail, S::Failed).only(Guard::Recorded).with(Ask::Ground),
    row(K::Registration, S::Failed, T::Retry, S::Instructed).only(Guard::TriesLeft),
    row(K::Registration, S::Identified, T::Clear, S::Eligible).only(Guard::AllClear),
    row(K::Registration, S::Identified, T::Refuse, S::Refused).only(Guard::Barred).stops(),
    row(K::Registration, S::Identified, T::Wait, S::Waiting).only(Guard::ListsStale),
    row(K::Registration, S::Waiting, T::Clear, S::Eligible).only(Guard::AllClear),
    row(K::Registration, S::Waiting, T::Refuse, S::Refused).only(Guard::Barred).stops(),
    row(K::Registration, S::Eligible, T::Establish, S::Active).only(Guard::Recorded).stops(),
    row(K::Registration, S::Eligible, T::Refuse, S::Refused).only(Guard::Barred).stops(),
    row(K::Registration, S::New, T::Abandon, S::Abandoned).stops(),
    row(K::Registration, S::Instructed, T::Abandon, S::Abandoned).stops(),
    row(K::Registration, S::DataGiven, T::Abandon, S::Abandoned).stops(),
    row(K::Registration, S::Failed, T::Abandon, S::Abandoned).stops(),
    row(K::Registration, S::Identified, T::Abandon, S::Abandoned).stops(),
    row(K::Registration, S::Waiting, T::Abandon, S::Abandoned).stops(),
    row(K::Registration, S::Eligible, T::Abandon, S::Abandoned).stops(),
    // D, from then on. Review and Barred follow from what is known of the person.
    begin(K::Relationship, T::Establish, S::Active).only(Guard::AllClear),
    row(K::Relationship, S::Active, T::Expire, S::Review),
    row(K::Relationship, S::Active, T::Bar, S::Barred).only(Guard::Barred),
    row(K::Relationship, S::Review, T::Bar, S::Barred).only(Guard::Barred),
    row(K::Relationship, S::Review, T::Identify, S::Active).only(Guard::Recorded),
    row(K::Relationship, S::Barred, T::Clear, S::Active).only(Guard::AllClear),
    row(K::Relationship, S::Active, T::Close, S::Ended).only(Guard::Recorded),
    row(K::Relationship, S::Review, T::Close, S::Ended).only(Guard::Recorded),
    row(K::Relationship, S::Barred, T::Close, S::Ended).only(Guard::Recorded),
    row(K::Relationship, S::Ended, T::Establish, S::Active).only(Guard::AllClear),
    row(K::Relationship, S::Ended, T::Destroy, S::Erased).only(Guard::Recorded),
    // M, until the answer.
    begin(K::ConsentRequest, T::Open, S::Created),
    row(K::ConsentRequest, S::Created, T::Log, S::Logged).with(Ask::Ground).stops(),
    row(K::ConsentRequest, S::Created, T::SendCode, S::Sent).starts(Clock::ConsentCode),
    row(K::ConsentRequest, S::Created, T::SendMessage, S::Sent).starts(Clock::ConsentMessage),
    row(K::ConsentRequest, S::Created, T::Abandon, S::Abandoned).stops(),
    row(K::ConsentRequest, S::Sent, T::Grant, S::Granted)
        .only(Guard::Recorded)
        .with(Ask::Evidence)
        .stops(),
    row(K::ConsentRequest, S::Sent, T::Refuse, S::Refused).stops(),
    row(K::ConsentRequest, S::Sent, T::Mistake, S::Sent).only(Guard::CodesLeft),
    row(K::ConsentRequest, S::Sent, T::Fail, S::Failed).only(Guard::CodesSpent).stops(),
    row(K::ConsentRequest, S::Sent, T::Expire, S::Expired).stops(),
    // M, from then on.
    begin(K::Consent, T::Grant, S::Granted),
    row(K::Consent, S::Granted, T::Use, S::Granted),
    row(K::Consent, S::Granted, T::Withdraw, S::Withdrawn),
    row(K::Consent, S::Granted, T::Expire, S::Expired),
    // O.
    begin(K::StateService, T::Open, S::Draft),
    row(K::StateService, S::Draft, T::Submit, S::Submitted)
        .with(Ask::Evidence)
        .starts(Clock::StateService),
    row(K::StateService, S::Submitted, T::Return, S::Returned).with(Ask::Ground).stops(),
    row(K::StateService, S::Returned, T::Rework, S::Draft),
    row(K::StateService, S::Submitted, T::Accept, S::Considered).stops(),
    row(K::StateService, S::Considered, T::Document, S::Documented),
    row(K::StateService, S::Documented, T::HandKey, S::Keyed).with(Ask::Evidence),
    row(K::StateService, S::Documented, T::Test, S::Testing),
    row(K::StateService, S::Keyed, T::Test, S::Testing),
    row(K::StateService, S::Testing, T::Answer, S::Testing).with(Ask::Evidence),
    row(K::StateService, S::Testing, T::AttachAct, S::ActAttached)
        .only(Guard::Answers)
        .with(Ask::Evidence),
    row(K::StateService, S::ActAttached, T::Return, S::Testing).with(Ask::Ground),
    row(K::StateService, S::ActAttached, T::Consider, S::ActConsidered),
    row(K::StateService, S::ActConsidered, T::Launch, S::InProduction).stops(),
    row(K::StateService, S::Draft, T::Withdraw, S::Withdrawn).stops(),
    row(K::StateService, S::Returned, T::Withdraw, S::Withdrawn).stops(),
    row(K::StateService, S::Submitted, T::Withdraw, S::Withdrawn).stops(),
    row(K::StateService, S::Considered, T::Withdraw, S::Withdrawn).stops(),
    row(K::StateService, S::Documented, T::Withdraw, S::Withdrawn).stops(),
    row(K::StateService, S::Keyed, T::Withdraw, S::Withdrawn).stops(),
    row(K::StateService, S::Testing, T::Withdraw, S::Withdrawn).stops(),
    row(K::StateService, S::ActAttached, T::Withdraw, S::Withdrawn).stops(),
    row(K::StateService, S::ActConsidered, T::Withdraw, S::Withdrawn).stops(),
    // J. The day after counts from what was found, not from what was thought of it.
    begin(K::AmlRecord, T::Open, S::Raised).starts(Clock::AmlReport),
    begin(K::AmlRecord, T::Hit, S::ReportDue).starts(Clock::AmlReport),
    row(K::AmlRecord, S::Raised, T::Triage, S::InReview),
    row(K::AmlRecord, S::InReview, T::Dismiss, S::Dismissed).with(Ask::Ground).stops(),
    row(K::AmlRecord, S::InReview, T::Suspect, S::ReportDue),
    row(K::AmlRecord, S::ReportDue, T::Report, S::Reported).with(Ask::Evidence).stops(),
    row(K::AmlRecord, S::Reported, T::Acknowledge, S::Acknowledged).with(Ask::Evidence).stops(),
    // S-48.
    begin(K::PossibleMatch, T::Open, S::Found).starts(Clock::PossibleMatch),
    row(K::PossibleMatch, S::Found, T::Confirm, S::Confirmed).with(Ask::Ground).stops(),
    row(K::PossibleMatch, S::Found, T::Reject, S::Rejected).with(Ask::Ground).stops(),
    // D-07, S-42.
    begin(K::Erasure, T::Open, S::Proposed),
    row(K::Erasure, S::Proposed, T::Order, S::Ordered).only(Guard::Recorded),
    row(K::Erasure, S::Proposed, T::Cancel, S::Cancelled).with(Ask::Ground).stops(),
    row(K::Erasure, S::Ordered, T::Destroy, S::Destroyed).only(Guard::Recorded).stops(),
    // S-37.
    begin(K::Merge, T::Open, S::Proposed),
    row(K::Merge, S::Proposed, T::Merge, S::Merged).only(Guard::Recorded).stops(),
    row(K::Merge, S::Proposed, T::Reject, S::Rejected).with(Ask::Ground).stops(),
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn states_of(kind: K) -> BTreeSet<S> {
        let rows = TABLE.iter().filter(|row| row.kind == kind);
        rows.flat_map(|row| row.from.into_iter().chain([row.to])).collect()
    }

    /// Everything that `next` leads to from `from`, with itself.
    fn closure(from: BTreeSet<S>, next: impl Fn(S) -> Vec<S>) -> BTreeSet<S> {
        let mut seen = from.clone();
        let mut left: Vec<S> = from.into_iter().collect();
        while let Some(state) = left.pop() {
            left.extend(next(state).into_iter().filter(|next| seen.insert(*next)));
        }
        seen
    }

    #[test]
    fn every_state_is_reached_and_none_is_a_trap() {
        // State machines D, M, O and J of requirements 9.3.
        let finals: [(K, &[S]); 9] = [
            (K::Registration, &[S::Refused, S::Abandoned, S::Active]),
            (K::Relationship, &[S::Erased]),
            (
                K::ConsentRequest,
                &[S::Failed, S::Refused, S::Abandoned, S::Logged, S::Granted, S::Expired],
            ),
            (K::Consent, &[S::Expired, S::Withdrawn]),
            (K::StateService, &[S::Withdrawn, S::InProduction]),
            (K::AmlRecord, &[S::Acknowledged, S::Dismissed]),
            (K::PossibleMatch, &[S::Confirmed, S::Rejected]),
            (K::Erasure, &[S::Destroyed, S::Cancelled]),
            (K::Merge, &[S::Rejected, S::Merged]),
        ];
        assert_eq!(finals.len(), K::ALL.len());
        for (kind, finals) in finals {
            let rows = || TABLE.iter().filter(move |row| row.kind == kind);
            let begins = rows().filter(|row| row.from.is_none()).map(|row| row.to).collect();
            let onward = |state| {
                rows().filter(|row| row.from == Some(state)).map(|row| row.to).collect::<Vec<_>>()
            };
            assert_eq!(closure(begins, onward), states_of(kind), "reached: {}", kind.name());
            let back = |state| rows().filter(move |row| row.to == state).filter_map(|row| row.from);
            let ends: BTreeSet<S> = finals.iter().copied().collect();
            let lead = closure(ends.clone(), |state| back(state).collect());
            assert_eq!(lead, states_of(kind), "no trap: {}", kind.name());
            for state in states_of(kind) {
                assert_eq!(is_final(kind, state), ends.contains(&state), "{}", state.name());
            }
        }
        let used: BTreeSet<S> = K::ALL.iter().flat_map(|kind| states_of(*kind)).collect();
        assert_eq!(used.len(), S::ALL.len(), "no state without a kind");
        let steps: BTreeSet<T> = TABLE.iter().map(|row| row.step).collect();
        assert_eq!(steps.len(), T::ALL.len(), "no step without a row");
    }

    #[test]
    fn a_step_leads_to_one_place_or_nowhere() {
        let mut found = 0;
        for kind in K::ALL {
            for from in S::ALL.iter().copied().map(Some).chain([None]) {
                for step in T::ALL {
                    let same =
                        |row: &&Transition| (row.kind, row.from, row.step) == (*kind, from, *step);
                    let rows = TABLE.iter().filter(same).count();
                    assert_eq!(usize::from(find(*kind, from, *step).is_some()), rows);
                    found += rows;
                }
            }
        }
        assert_eq!(found, TABLE.len());
    }

    #[test]
    fn a_final_state_has_no_term_and_a_case_that_ends_by_itself_can() {
        for row in TABLE.iter().filter(|row| !row.kind.is_life()) {
            let stopped = row.timing == Timing::Stop;
            assert!(!is_final(row.kind, row.to) || stopped, "{row:?}");
            if let (Timing::Start(_), Some(step)) = (row.timing, row.kind.when_due()) {
                assert!(find(row.kind, Some(row.to), step).is_some(), "{row:?}");
            }
        }
    }

    #[test]
    fn guards() {
        // R0-10.2, R0-10.9, R0-10.12, R0-11.1, R3-7.5b, R3-11.2, S-47
        let rules = terms::rulebook::Rulebook::sample().people;
        let none = Circumstances {
            count: 0,
            consented: false,
            identified: false,
            barred: false,
            lists_stale: false,
            recorded: false,
        };
        let good = Circumstances { identified: true, ..none };
        let cases = [
            (Guard::Free, none, true),
            (Guard::Consented, none, false),
            (Guard::Consented, Circumstances { consented: true, ..none }, true),
            (Guard::Recorded, good, false),
            (Guard::Recorded, Circumstances { recorded: true, ..none }, true),
            (Guard::AllClear, none, false),
            (Guard::AllClear, good, true),
            (Guard::AllClear, Circumstances { barred: true, ..good }, false),
            (Guard::AllClear, Circumstances { lists_stale: true, ..good }, false),
            (Guard::Barred, good, false),
            (Guard::Barred, Circumstances { barred: true, ..good }, true),
            (Guard::ListsStale, good, false),
            (Guard::ListsStale, Circumstances { lists_stale: true, ..good }, true),
            (Guard::TriesLeft, Circumstances { count: 2, ..none }, true),
            (Guard::TriesLeft, Circumstances { count: 3, ..none }, false),
            (Guard::CodesLeft, Circumstances { count: 1, ..none }, true),
            (Guard::CodesLeft, Circumstances { count: 2, ..none }, false),
            (Guard::CodesSpent, Circumstances { count: 1, ..none }, false),
            (Guard::CodesSpent, Circumstances { count: 2, ..none }, true),
            (Guard::Answers, Circumstances { count: 9, ..none }, false),
            (Guard::Answers, Circumstances { count: 10, ..none }, true),
        ];
        for (guard, now, want) in cases {
            assert_eq!(guard.met(&now, &rules), want, "{guard:?} {now:?}");
        }
    }
}
