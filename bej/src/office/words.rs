//! Words of the rooms behind people, in the words of the console.

use admission::person::PersonState;
use admission::{ConsentWay, IdentificationMethod, List, Relationship, Scopes};
use casework::CaseState;
use console::ports::people::{
    AlertState, ConsentAnswer, FieldName, HoldGround, ListName, Purpose, RegistrationState,
    RequestWay, Scope, ScoreReason, Slip, Way,
};
use people::form::FormField;
use screening::ReasonCode;

/// Where a registration stands by its case, until it has succeeded. A state that is not here is one
/// in which it has not.
const REGISTRATION: [(CaseState, RegistrationState); 7] = [
    (CaseState::New, RegistrationState::Begun),
    (CaseState::Instructed, RegistrationState::Begun),
    (CaseState::DataGiven, RegistrationState::Given),
    (CaseState::Identified, RegistrationState::Identified),
    (CaseState::Eligible, RegistrationState::Identified),
    (CaseState::Waiting, RegistrationState::Waiting),
    (CaseState::Active, RegistrationState::Active),
];

/// Where an open record of financial monitoring stands.
const ALERT: [(CaseState, AlertState); 4] = [
    (CaseState::Raised, AlertState::Raised),
    (CaseState::InReview, AlertState::InReview),
    (CaseState::ReportDue, AlertState::ReportDue),
    (CaseState::Reported, AlertState::Reported),
];

/// What came of a request for consent that was sent.
const ANSWER: [(CaseState, ConsentAnswer); 7] = [
    (CaseState::Created, ConsentAnswer::Sent),
    (CaseState::Sent, ConsentAnswer::Sent),
    (CaseState::Granted, ConsentAnswer::Granted),
    (CaseState::Refused, ConsentAnswer::Refused),
    (CaseState::Failed, ConsentAnswer::Failed),
    (CaseState::Expired, ConsentAnswer::Expired),
    (CaseState::Logged, ConsentAnswer::Logged),
];

fn find<T: Copy>(table: &[(CaseState, T)], state: CaseState) -> Option<T> {
    table.iter().find(|(known, _)| *known == state).map(|(_, word)| *word)
}

/// Where a registration stands, by its case and, once it has succeeded, by the person.
pub fn registration(case: CaseState, person: Option<&PersonState>) -> RegistrationState {
    match person.map(|person| person.relationship) {
        Some(Relationship::Ended | Relationship::ErasureOrdered) => {
            return RegistrationState::Ended;
        }
        Some(Relationship::Erased) => return RegistrationState::Erased,
        Some(Relationship::Absent | Relationship::Active | Relationship::Merged) | None => {}
    }
    let state = find(&REGISTRATION, case).unwrap_or(RegistrationState::Failed);
    let barred = |row: &PersonState| !row.now.of_age || !row.now.lists.is_empty();
    if state == RegistrationState::Active && person.is_some_and(barred) {
        return RegistrationState::Barred;
    }
    state
}

/// The way of an identification.
pub fn way(method: IdentificationMethod) -> Way {
    match method {
        IdentificationMethod::InPerson => Way::InPerson,
        IdentificationMethod::Remote => Way::Remote,
        IdentificationMethod::Delegate => Way::Delegate,
        IdentificationMethod::VideoSession | IdentificationMethod::LivenessVideo => Way::Video,
    }
}

/// A list.
pub fn list(list: List) -> ListName {
    match list {
        List::Restricted => ListName::Restricted,
        List::Debtors => ListName::Debtors,
        List::Terrorism => ListName::Terrorism,
        List::Proliferation => ListName::Proliferation,
        List::Financing => ListName::Financing,
    }
}

/// What is wrong with a field. A slip that the console has no word for is a wrong form.
pub fn slip((field, slip): (FormField, people::form::Slip)) -> (FieldName, Slip) {
    // The fields of a desk have the same names in both rooms; no other is read there.
    let field = FieldName::from_name(field.name()).unwrap_or(FieldName::Iin);
    (field, Slip::from_name(slip.name()).unwrap_or(Slip::Form))
}

/// Where an open record of financial monitoring stands.
pub fn alert(state: CaseState) -> Option<AlertState> {
    find(&ALERT, state)
}

/// What came of a request for consent; none for one that was never sent.
pub fn answer(state: CaseState) -> Option<ConsentAnswer> {
    find(&ANSWER, state)
}

/// What consent is for.
pub fn purpose(purpose: admission::Purpose) -> Purpose {
    match purpose {
        admission::Purpose::Betting => Purpose::Betting,
        admission::Purpose::EMoney => Purpose::EMoney,
        admission::Purpose::StateData => Purpose::StateData,
        admission::Purpose::Disclosure => Purpose::Disclosure,
    }
}

/// How consent was given.
pub fn request_way(way: ConsentWay) -> RequestWay {
    match way {
        ConsentWay::Message1414 => RequestWay::Sms1414,
        ConsentWay::OwnMeans => RequestWay::OwnMeans,
        ConsentWay::Proactive => RequestWay::Proactive,
        ConsentWay::Logging => RequestWay::Logging,
        ConsentWay::OneTimeCode => RequestWay::SmsCode,
        ConsentWay::Paper => RequestWay::Paper,
        ConsentWay::Cabinet => RequestWay::Cabinet,
    }
}

/// What a consent covers.
pub fn scopes(scopes: Scopes) -> Vec<Scope> {
    let scope = |scope| match scope {
        admission::Scope::Collect => Scope::Collect,
        admission::Scope::Process => Scope::Process,
        admission::Scope::Store => Scope::Store,
        admission::Scope::Transfer => Scope::Transfer,
        admission::Scope::CrossBorder => Scope::CrossBorder,
    };
    scopes.iter().map(scope).collect()
}

/// Why data are kept.
pub fn hold(ground: admission::HoldGround) -> HoldGround {
    match ground {
        admission::HoldGround::Court => HoldGround::Court,
        admission::HoldGround::FinancialMonitoring => HoldGround::FinancialMonitoring,
        admission::HoldGround::Dispute => HoldGround::Dispute,
        admission::HoldGround::Request => HoldGround::Request,
    }
}

/// The same, back.
pub fn hold_of(ground: HoldGround) -> admission::HoldGround {
    match ground {
        HoldGround::Court => admission::HoldGround::Court,
        HoldGround::FinancialMonitoring => admission::HoldGround::FinancialMonitoring,
        HoldGround::Dispute => admission::HoldGround::Dispute,
        HoldGround::Request => admission::HoldGround::Request,
    }
}

/// A part of a score; several kinds of spelling are one to who reads it.
pub fn reason(code: ReasonCode) -> ScoreReason {
    match code {
        ReasonCode::WordsEqual => ScoreReason::NameSame,
        ReasonCode::WordsSimilar
        | ReasonCode::WordsJoined
        | ReasonCode::SurnameEnding
        | ReasonCode::Signs
        | ReasonCode::Syllables
        | ReasonCode::SeveralAlike
        | ReasonCode::AlikeInPart => ScoreReason::NameSpelling,
        ReasonCode::Initial => ScoreReason::Initial,
        ReasonCode::PatronymicEqual | ReasonCode::PatronymicSimilar | ReasonCode::FatherAsName => {
            ScoreReason::PatronymicSame
        }
        ReasonCode::PatronymicMissing => ScoreReason::PatronymicMissing,
        ReasonCode::PatronymicDiffers => ScoreReason::PatronymicDiffers,
        ReasonCode::WordsMissing => ScoreReason::WordsMissing,
        ReasonCode::WordsDiffer => ScoreReason::WordsDiffer,
        ReasonCode::GenderDiffers => ScoreReason::SexDiffers,
        ReasonCode::CommonWords | ReasonCode::OneWord => ScoreReason::CommonName,
        ReasonCode::LegalFormDiffers | ReasonCode::NumberDiffers | ReasonCode::PlaceMissing => {
            ScoreReason::OrganisationDiffers
        }
        ReasonCode::OrderDiffers => ScoreReason::NameOrder,
        ReasonCode::WeakName => ScoreReason::WeakName,
        ReasonCode::BirthEqual => ScoreReason::BornSame,
        ReasonCode::BirthYear => ScoreReason::BornYear,
        ReasonCode::BirthSwapped | ReasonCode::BirthNear => ScoreReason::BornNear,
        ReasonCode::BirthDiffers => ScoreReason::BornDiffers,
        ReasonCode::BirthMissing => ScoreReason::BornMissing,
        ReasonCode::NumberEqual => ScoreReason::NumberSame,
        ReasonCode::NumberPart => ScoreReason::NumberPart,
        ReasonCode::NumbersDiffer => ScoreReason::NumbersDiffer,
    }
}
