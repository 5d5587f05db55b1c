//! What the operator's officers need of people: registrations at a desk, possible matches, lists,
//! alerts, consents, erasures, terms, and names, each in plain types of the console's own.
//!
//! What nobody knows for sure is not asked for: no score before both records are opened, no way of
//! a registration before the identification, no uses of a consent.
//!
//! Whoever fulfils it decides everything, and finds nothing for a role that is not entitled. Calls
//! block until what they promise is durable. **A look at personal data has its audit fact first**
//! (core 21): the console writes it and passes its position; nothing is opened without one. A call
//! that changes something carries the id of its form: the same id again does nothing more.

use terms::{Day, Instant, MessageId, Person, Reason, Seq, choice};

use crate::role::Role;

pub use site::private::Private;

/// Who asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Officer {
    /// The number of the member of the staff.
    pub number: u32,
    /// The role.
    pub role: Role,
}

/// What a call comes to.
pub type Asked<T> = Result<T, NotDone>;

/// Why something was not done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NotDone {
    /// What was typed is wrong: every field that is, at once, by its name and the name of what is
    /// wrong ([`FieldName`], [`Slip`]).
    Wrong(Vec<(FieldName, Slip)>),
    /// A rule says no.
    Refused(Reason),
    /// The second person has to be another than the first, or must see the same thing.
    SecondPerson,
    /// There is no such thing, or it is not for this role.
    Absent,
    /// What should answer does not. The text is for the log and holds nothing personal.
    Down(String),
}

choice! {
    /// The fields of a registration at a desk and of a search. The name is that of the form's.
    pub enum FieldName {
        /// The individual identification number.
        Iin = 1 "iin",
        /// The family name.
        Surname = 2 "surname",
        /// The given name.
        GivenName = 3 "given_name",
        /// The patronymic.
        Patronymic = 4 "patronymic",
        /// The date of birth.
        BirthDate = 5 "birth_date",
        /// The kind of document.
        DocumentKind = 6 "document_kind",
        /// The number of the document.
        DocumentNumber = 7 "document_number",
        /// The country of the document.
        Country = 8 "country",
        /// The day of issue.
        DocumentIssued = 9 "document_issued",
        /// The day on which it ends.
        DocumentExpires = 10 "document_expires",
        /// Who issued it.
        DocumentIssuer = 11 "document_issuer",
        /// Where the person lives.
        Address = 12 "address",
        /// The phone.
        Phone = 13 "phone",
        /// The mark that the person is the one of the document.
        Seen = 14 "seen",
        /// The mark that the consents are signed.
        Consents = 15 "consents",
        /// The ground of a decision.
        Ground = 16 "ground",
        /// The number of a case.
        Case = 17 "case",
    }
}

choice! {
    /// What is wrong with a field.
    pub enum Slip {
        /// It is empty and may not be.
        Missing = 1 "missing",
        /// It does not have the form.
        Form = 2 "form",
        /// Its check digit does not match.
        CheckDigit = 3 "check_digit",
        /// It contradicts another field.
        Contradicts = 4 "contradicts",
        /// The day has passed.
        Expired = 5 "expired",
        /// The day is still to come.
        Future = 6 "future",
        /// It is longer than it may be.
        TooLong = 7 "too_long",
        /// The person is not as old as the law wants.
        UnderAge = 8 "under_age",
    }
}

choice! {
    /// A document of identity.
    pub enum Paper {
        /// The identity card of a citizen.
        IdentityCard = 1 "identity_card",
        /// The passport of a citizen.
        Passport = 2 "passport",
        /// The residence permit of a foreigner.
        ResidencePermit = 3 "residence_permit",
        /// A foreign passport.
        ForeignPassport = 4 "foreign_passport",
    }
}

/// A registration in person, at an operator's desk (R0-10.7a). What was typed; dates `YYYY-MM-DD`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct InPerson {
    /// The individual identification number; empty for somebody who has none (S-07).
    pub iin: Private,
    /// The family name.
    pub surname: Private,
    /// The given name.
    pub given_name: Private,
    /// The patronymic.
    pub patronymic: Private,
    /// The date of birth.
    pub birth_date: Private,
    /// Where the person lives.
    pub address: Private,
    /// The phone: the login.
    pub phone: Private,
    /// The kind of document.
    pub paper: Option<Paper>,
    /// Its number.
    pub paper_number: Private,
    /// Its country, two letters.
    pub paper_country: Private,
    /// When it was issued.
    pub paper_issued: Private,
    /// When it ends.
    pub paper_expires: Private,
    /// Who issued it.
    pub paper_issuer: Private,
    /// Whether the officer compared the person with the document.
    pub seen: bool,
    /// Whether offer and consents are signed on paper.
    pub consents: bool,
}

choice! {
    /// Where a registration stands (machine D).
    pub enum RegistrationState {
        /// Begun.
        Begun = 1 "begun",
        /// The person's data are given, identification is on.
        Given = 2 "given",
        /// Identified, the lists are asked.
        Identified = 3 "identified",
        /// A list does not answer, or an officer compares (S-47, S-48).
        Waiting = 4 "waiting",
        /// The relationship stands.
        Active = 5 "active",
        /// It did not succeed.
        Failed = 6 "failed",
        /// A list hit: stakes and top-ups are refused.
        Barred = 7 "barred",
        /// The relationship has ended.
        Ended = 8 "ended",
        /// The data are destroyed.
        Erased = 9 "erased",
    }
}

choice! {
    /// By which way somebody was identified.
    pub enum Way {
        /// At a desk of the operator.
        InPerson = 1 "in_person",
        /// Through the exchange of identification data.
        Remote = 2 "remote",
        /// By a delegate under contract (R0-10.8).
        Delegate = 3 "delegate",
        /// Simplified, by video: not enough for betting (I-03).
        Video = 4 "video",
    }
}

/// A registration, without names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RegistrationLine {
    /// The number of its case.
    pub case: u64,
    /// The person.
    pub person: Person,
    /// Where it stands.
    pub state: RegistrationState,
    /// By which way, once he is identified.
    pub way: Option<Way>,
    /// When it began.
    pub began: Instant,
    /// When it changed last.
    pub changed: Instant,
}

/// A page of registrations.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Registrations {
    /// The registrations, by person, the newest person first.
    pub lines: Vec<RegistrationLine>,
    /// Before which person the next page begins; none at the end.
    pub next: Option<Person>,
}

/// A person as found by a search: masked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PersonLine {
    /// The number.
    pub person: Person,
    /// The name, masked as `А••• С•••`.
    pub masked: String,
    /// Where the relationship stands.
    pub state: RegistrationState,
}

/// What a search goes by. One of the three.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Search {
    /// The individual identification number.
    Iin(Private),
    /// The phone.
    Phone(Private),
    /// A document.
    Document {
        /// Its number.
        number: Private,
        /// Its country, two or three letters.
        country: Private,
    },
}

choice! {
    /// The ground on which a person's data are opened.
    pub enum Ground {
        /// He complains, or asks.
        Complaint = 1 "complaint",
        /// An inspection.
        Inspection = 2 "inspection",
        /// A request of a body of the state.
        Request = 3 "request",
        /// An investigation.
        Investigation = 4 "investigation",
    }
}

/// What is known of a person, opened behind an audit fact.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Opened {
    /// The name as in the document.
    pub name: Private,
    /// The individual identification number, if there is one.
    pub iin: Option<Private>,
    /// The date of birth, if it is known.
    pub born: Option<Day>,
    /// The document, if one is known.
    pub document: Option<Private>,
    /// The phone, masked, if one is known.
    pub phone: Option<String>,
    /// Until when it may stand on the screen.
    pub until: Instant,
}

/// A possible match: somebody and an entry of a list (S-48).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MatchLine {
    /// The number of its case.
    pub number: u64,
    /// Who may be listed.
    pub person: Person,
    /// The list.
    pub list: ListName,
    /// When it was found.
    pub found: Instant,
    /// Until when it is decided (S-48: one working day).
    pub due: Option<Instant>,
}

/// One of the two records of a match, field by field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Side {
    /// The names, as they were given.
    pub names: Vec<Private>,
    /// The date of birth, as it was given; a list may know the year alone.
    pub born: Option<Private>,
    /// The number, if it is known.
    pub iin: Option<Private>,
    /// Documents.
    pub documents: Vec<Private>,
}

choice! {
    /// Why a score is as it is.
    pub enum ScoreReason {
        /// The names are the same.
        NameSame = 1 "name_same",
        /// The names differ by spelling or alphabet alone.
        NameSpelling = 2 "name_spelling",
        /// The order of the names differs.
        NameOrder = 3 "name_order",
        /// The patronymic is missing on one side.
        PatronymicMissing = 4 "patronymic_missing",
        /// The patronymics differ.
        PatronymicDiffers = 5 "patronymic_differs",
        /// The dates of birth are the same.
        BornSame = 6 "born_same",
        /// The years of birth are the same, and no more is known.
        BornYear = 7 "born_year",
        /// The dates of birth differ.
        BornDiffers = 8 "born_differs",
        /// One side has no date of birth.
        BornMissing = 9 "born_missing",
        /// The numbers are the same.
        NumberSame = 10 "number_same",
        /// The patronymics are of the same father.
        PatronymicSame = 11 "patronymic_same",
        /// One side has a letter for a name.
        Initial = 12 "initial",
        /// One side has words that the other has not.
        WordsMissing = 13 "words_missing",
        /// Both sides have words that nothing on the other stands for.
        WordsDiffer = 14 "words_differ",
        /// The patronymics are a son's and a daughter's.
        SexDiffers = 15 "sex_differs",
        /// Only what many people are called agrees, or one word alone.
        CommonName = 16 "common_name",
        /// The list itself calls the name weak.
        WeakName = 17 "weak_name",
        /// What stands in names of organisations differs: legal form, number, place.
        OrganisationDiffers = 18 "organisation_differs",
        /// The dates of birth differ in one part, or a year.
        BornNear = 19 "born_near",
        /// The number has the digits that the list has of one.
        NumberPart = 20 "number_part",
        /// The numbers differ.
        NumbersDiffer = 21 "numbers_differ",
    }
}

/// A match with both records side by side.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MatchCase {
    /// What the list shows.
    pub line: MatchLine,
    /// The version of the list that is in force.
    pub version: u32,
    /// The person who is registered or registers.
    pub ours: Side,
    /// The entry of the list; none if the list has it no more.
    pub theirs: Option<Side>,
    /// The score, in thousandths, where there is an entry.
    pub score: Option<u16>,
    /// Why the score is as it is: the reason and its part in thousandths, negative where it speaks
    /// against.
    pub reasons: Vec<(ScoreReason, i16)>,
    /// The digest of what is on the page: the decision is taken on that.
    pub digest: String,
}

choice! {
    /// What an officer decides of a match.
    pub enum Verdict {
        /// It is the same person.
        Same = 1 "same",
        /// It is another person.
        Different = 2 "different",
    }
}

choice! {
    /// The lists of clause 10.
    pub enum ListName {
        /// Persons restricted from gambling.
        Restricted = 1 "restricted",
        /// The Unified Register of Debtors.
        Debtors = 2 "debtors",
        /// Persons involved in terrorist activity.
        Terrorism = 3 "terrorism",
        /// Persons linked with financing of proliferation.
        Proliferation = 4 "proliferation",
        /// Persons linked with financing of terrorism and extremism.
        Financing = 5 "financing",
    }
}

impl ListName {
    /// Whether it is a list of financial monitoring: seen by those entitled alone (domain 3).
    pub const fn is_guarded(self) -> bool {
        matches!(self, ListName::Terrorism | ListName::Proliferation | ListName::Financing)
    }
}

/// A list as it is in force (R0-10.5, R0-10.6).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListLine {
    /// Which list.
    pub list: ListName,
    /// The version that is in force; none if there never was one.
    pub force: Option<InForce>,
    /// How old a version may be before nobody is admitted by it (S-47).
    pub most_ns: i64,
}

/// A version of a list that is in force.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InForce {
    /// Which version.
    pub version: u32,
    /// Since when.
    pub since: Instant,
    /// When its file came, where the file is at hand.
    pub came: Option<Instant>,
    /// Entries, where the file is at hand.
    pub rows: Option<u64>,
    /// SHA-256 of its content.
    pub digest: String,
}

choice! {
    /// Where an alert stands that has not ended (machine J).
    pub enum AlertState {
        /// Raised.
        Raised = 1 "raised",
        /// Somebody looks at it.
        InReview = 2 "in_review",
        /// A report is due.
        ReportDue = 4 "report_due",
        /// The report is sent, its receipt is awaited.
        Reported = 5 "reported",
    }
}

/// An AML record with its clock D-38.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Alert {
    /// The number of its case.
    pub number: u64,
    /// The person.
    pub person: Person,
    /// The list, of a hit.
    pub list: Option<ListName>,
    /// When it was raised.
    pub raised: Instant,
    /// Until when the report is sent: the working day after (D-38). None once it is sent.
    pub due: Option<Instant>,
    /// Where it stands.
    pub state: AlertState,
}

choice! {
    /// What an officer does with an alert.
    pub enum AlertAct {
        /// Takes it up.
        Take = 1 "take",
        /// Closes it without a report.
        Close = 2 "close",
        /// Holds it suspicious: a report is due.
        Suspect = 3 "suspect",
        /// Records that the report was sent.
        Report = 4 "report",
        /// Records that its receipt came.
        Acknowledge = 5 "acknowledge",
    }
}

/// A line of the journal of consents and of access to personal data (P-52).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConsentLine {
    /// The position of the fact that it rests on.
    pub number: u64,
    /// The subject.
    pub person: Person,
    /// What for; of a request, once it is answered.
    pub purpose: Option<Purpose>,
    /// The way, by name; of a request, once it is answered.
    pub way: Option<RequestWay>,
    /// Scope; of a request, once it is answered.
    pub scope: Vec<Scope>,
    /// When it was asked.
    pub asked: Instant,
    /// The answer.
    pub answer: ConsentAnswer,
    /// When it came.
    pub answered: Option<Instant>,
}

/// A page of the journal of consents.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Consents {
    /// The lines, by person, the newest person first.
    pub lines: Vec<ConsentLine>,
    /// Before which person the next page begins; none at the end.
    pub next: Option<Person>,
}

choice! {
    /// What consent is given for.
    pub enum Purpose {
        /// Identification and accounting of bets.
        Betting = 1 "betting",
        /// The e-money service.
        EMoney = 2 "e_money",
        /// Data of the state (R0-11.2).
        StateData = 3 "state_data",
        /// Data for organisers beyond what the law gives them (R0-10.4).
        Disclosure = 4 "disclosure",
    }
}

choice! {
    /// The five ways of requesting access (R3-7.1 to R3-7.5), and the two of the operator's own.
    pub enum RequestWay {
        /// By 1414.
        Sms1414 = 1 "sms1414",
        /// By own means.
        OwnMeans = 2 "own_means",
        /// By own means within a proactive service.
        Proactive = 3 "proactive",
        /// Logged, without an answer, under the law.
        Logging = 4 "logging",
        /// By a code of Mobile Government.
        SmsCode = 5 "sms_otp",
        /// On paper, at a desk.
        Paper = 6 "paper",
        /// In the cabinet.
        Cabinet = 7 "cabinet",
    }
}

choice! {
    /// What a consent covers (R3-7.6c to R3-7.6e).
    pub enum Scope {
        /// Collection.
        Collect = 1 "collect",
        /// Processing.
        Process = 2 "process",
        /// Transfer to third parties.
        Transfer = 3 "transfer",
        /// Storage.
        Store = 4 "store",
        /// Transfer abroad.
        CrossBorder = 5 "cross_border",
    }
}

choice! {
    /// What came of a request (machine M).
    pub enum ConsentAnswer {
        /// Sent, no answer yet.
        Sent = 1 "sent",
        /// Consent.
        Granted = 2 "granted",
        /// Refusal.
        Refused = 3 "refused",
        /// Wrong codes.
        Failed = 4 "failed",
        /// No answer in time.
        Expired = 5 "expired",
        /// Withdrawn.
        Withdrawn = 6 "withdrawn",
        /// Logged under the law.
        Logged = 7 "logged",
    }
}

/// The testing act of the State service (P-53, R3-11).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TestingAct {
    /// The case of the application that is on; none if there is none.
    pub case: Option<u64>,
    /// Successful answers.
    pub answers: u32,
    /// How many are needed (R3-11.2: ten).
    pub needed: u32,
    /// Whether the act is attached.
    pub formed: bool,
    /// What is attached to the application: its name and SHA-256.
    pub attached: Vec<(String, String)>,
}

choice! {
    /// Where an erasure stands.
    pub enum ErasureState {
        /// Its term has come.
        Due = 1 "due",
        /// A first person ordered it.
        Proposed = 2 "proposed",
        /// Ordered by two persons; the vault destroys.
        Ordered = 3 "ordered",
        /// Held by a court, a freeze or a dispute (S-42).
        Held = 5 "held",
    }
}

choice! {
    /// Why a person's data are kept beyond their term (S-42).
    pub enum HoldGround {
        /// A court.
        Court = 1 "court",
        /// The financial monitoring authority.
        FinancialMonitoring = 2 "financial_monitoring",
        /// A dispute.
        Dispute = 3 "dispute",
        /// A request of a body of the state.
        Request = 4 "request",
    }
}

/// An erasure of a person's data whose term has come (D-07, S-42, P-20).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Erasure {
    /// The person.
    pub person: Person,
    /// The day on which it is due.
    pub due: Day,
    /// Where it stands.
    pub state: ErasureState,
    /// Who ordered it first.
    pub proposed_by: Option<u32>,
    /// Who confirmed it.
    pub confirmed_by: Option<u32>,
    /// Why it is held, as far as that is told.
    pub held: Vec<HoldGround>,
    /// The digest of what the first person saw.
    pub digest: String,
}

/// A term that runs (P-54).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TermLine {
    /// The clause: `D-38`.
    pub clause: &'static str,
    /// What it is of, by the name of its kind.
    pub kind: TermKind,
    /// The number of its case; of a person whose data are erased, of a list its version.
    pub number: u64,
    /// From when it runs.
    pub began: Instant,
    /// Until when.
    pub due: Instant,
}

choice! {
    /// What a term is of.
    pub enum TermKind {
        /// A possible match (S-48).
        Match = 1 "match",
        /// A report of a suspicious operation (D-38).
        Report = 2 "report",
        /// A destruction (D-07).
        Erasure = 3 "erasure",
        /// An application to the State service (D-19).
        Application = 4 "application",
        /// Freshness of a list (S-47).
        List = 5 "list",
        /// Registration.
        Registration = 6 "registration",
    }
}

/// What officers ask of people, and do.
pub trait People: Send + Sync {
    /// Registrations of persons before one, the newest person first.
    fn registrations(
        &self,
        by: Officer,
        before: Option<Person>,
        limit: usize,
    ) -> Asked<Registrations>;

    /// Registers somebody at a desk; the number of the case.
    fn register(&self, by: Officer, form: &InPerson, id: MessageId) -> Asked<u64>;

    /// Finds a person, behind an audit fact.
    fn find(&self, by: Officer, search: &Search, looked: Seq) -> Asked<Vec<PersonLine>>;

    /// Opens what is known of a person, behind an audit fact with its ground.
    fn open(&self, by: Officer, person: Person, ground: Ground, looked: Seq) -> Asked<Opened>;

    /// Possible matches that wait, the most urgent first. Those of guarded lists only for who is
    /// entitled.
    fn matches(&self, by: Officer, limit: usize) -> Asked<Vec<MatchLine>>;

    /// One of them with both records, behind an audit fact.
    fn match_case(&self, by: Officer, number: u64, looked: Seq) -> Asked<MatchCase>;

    /// Decides one, on what was seen.
    fn decide_match(
        &self,
        by: Officer,
        number: u64,
        verdict: Verdict,
        digest: &str,
        id: MessageId,
    ) -> Asked<()>;

    /// The lists that the role may know of, as they are in force.
    fn lists(&self, by: Officer) -> Asked<Vec<ListLine>>;

    /// Alerts that have not ended, the most urgent first.
    fn alerts(&self, by: Officer, limit: usize) -> Asked<Vec<Alert>>;

    /// Acts on one.
    fn act_on_alert(
        &self,
        by: Officer,
        number: u64,
        act: AlertAct,
        ground: &str,
        id: MessageId,
    ) -> Asked<()>;

    /// The journal of consents of persons before one, the newest person first (P-52).
    fn consents(&self, by: Officer, before: Option<Person>, limit: usize) -> Asked<Consents>;

    /// The testing act (P-53).
    fn testing_act(&self, by: Officer) -> Asked<TestingAct>;

    /// Erasures whose term has come and that are not done.
    fn erasures(&self, by: Officer, limit: usize) -> Asked<Vec<Erasure>>;

    /// Orders one as the first person, or confirms it as the second, who saw the same digest.
    fn order_erasure(
        &self,
        by: Officer,
        person: Person,
        digest: &str,
        id: MessageId,
    ) -> Asked<ErasureState>;

    /// Holds one, with the ground and what shows it (S-42).
    fn hold_erasure(
        &self,
        by: Officer,
        person: Person,
        ground: HoldGround,
        shown: &str,
        id: MessageId,
    ) -> Asked<()>;

    /// Terms of people that run (P-54), the most urgent first.
    fn terms(&self, by: Officer, limit: usize) -> Asked<Vec<TermLine>>;
}
