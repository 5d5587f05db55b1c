//! What the operator's officers need of people: registrations at a desk, possible matches, lists,
//! alerts, consents, erasures, terms, and names, each in plain types of the console's own.
//!
//! Whoever fulfils it decides everything, and finds nothing for a role that is not entitled. Calls
//! block until what they promise is durable. **A look at personal data has its audit fact first**
//! (core 21): the console writes it and passes its position; nothing is opened without one. A call
//! that changes something carries the id of its form: the same id again does nothing more.

use terms::{Account, Day, Instant, MessageId, Person, Reason, Seq, choice};

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
    /// The person, once there is one.
    pub person: Option<Person>,
    /// Where it stands.
    pub state: RegistrationState,
    /// By which way.
    pub way: Way,
    /// When it began.
    pub began: Instant,
    /// When it changed last.
    pub changed: Instant,
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
    /// One account of his, for pages that go by accounts.
    pub account: Option<Account>,
}

/// What a search goes by. One of the three.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Search {
    /// The individual identification number.
    Iin(Private),
    /// The phone.
    Phone(Private),
    /// The number of a document.
    Document(Private),
}

/// What is known of a person, opened behind an audit fact.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Opened {
    /// The name as in the document.
    pub name: Private,
    /// The individual identification number, if there is one.
    pub iin: Option<Private>,
    /// The date of birth.
    pub born: Day,
    /// The document.
    pub document: Private,
    /// The phone, masked.
    pub phone: String,
    /// Until when it may stand on the screen.
    pub until: Instant,
}

/// A possible match: somebody and a row of a list, or two persons (S-37, S-48).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MatchLine {
    /// Its number.
    pub number: u64,
    /// The list; none where two persons may be one.
    pub list: Option<ListName>,
    /// The score, in thousandths.
    pub score: u16,
    /// When it was found.
    pub found: Instant,
    /// Until when it is decided (S-48: one working day).
    pub due: Instant,
    /// Whether a first officer has proposed and a second is awaited.
    pub proposed: bool,
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
    /// Where the record comes from: a registration, or a list and its version.
    pub source: String,
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
        /// The documents are the same.
        DocumentSame = 11 "document_same",
        /// A given name differs.
        GivenDiffers = 12 "given_differs",
        /// A family name differs.
        SurnameDiffers = 13 "surname_differs",
    }
}

/// A match with both records side by side.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MatchCase {
    /// What the list shows.
    pub line: MatchLine,
    /// The person who is registered or registers.
    pub ours: Side,
    /// The row of the list, or the other person.
    pub theirs: Side,
    /// Why the score is as it is: the reason and its part in thousandths, negative where it speaks
    /// against.
    pub reasons: Vec<(ScoreReason, i16)>,
    /// What the first officer proposed, and who he is, where a second is needed.
    pub proposal: Option<(Verdict, u32)>,
    /// The digest of what is on the page: a second person decides on the same thing.
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
        /// The population register: age.
        Population = 6 "population",
    }
}

impl ListName {
    /// Whether it is a list of financial monitoring: seen by those entitled alone (domain 3).
    pub const fn is_guarded(self) -> bool {
        matches!(self, ListName::Terrorism | ListName::Proliferation | ListName::Financing)
    }
}

choice! {
    /// Where a version of a list stands.
    pub enum ListState {
        /// In force.
        InForce = 1 "in_force",
        /// It shrank so much that a second person has to confirm it.
        Awaits = 2 "awaits",
        /// Replaced by a later one.
        Replaced = 3 "replaced",
        /// Refused as a whole: the file is broken.
        Refused = 4 "refused",
    }
}

/// A version of a list (R0-10.5, R0-10.6).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListVersion {
    /// Which list.
    pub list: ListName,
    /// Which version; of a refused file, none.
    pub version: Option<u32>,
    /// Where it stands.
    pub state: ListState,
    /// When the file came.
    pub came: Instant,
    /// Since when it is in force.
    pub in_force: Option<Instant>,
    /// Rows.
    pub rows: u64,
    /// Rows more than in the version before.
    pub added: u64,
    /// Rows less.
    pub removed: u64,
    /// SHA-256 of the file.
    pub digest: String,
    /// Of a refused file, the line and why, without what stands in it.
    pub broken: Option<(u64, String)>,
}

/// A source of a list: whether it answers, and how old its answer is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListSource {
    /// Which list.
    pub list: ListName,
    /// The last good answer.
    pub good: Option<Instant>,
    /// The last try.
    pub tried: Option<Instant>,
    /// How old an answer may be before stakes are refused (S-47).
    pub most_ns: i64,
    /// Whether the last try failed.
    pub failing: bool,
}

choice! {
    /// Where an alert stands (machine J).
    pub enum AlertState {
        /// Raised.
        Raised = 1 "raised",
        /// Somebody looks at it.
        InReview = 2 "in_review",
        /// Closed without a report, with a reason.
        Closed = 3 "closed",
        /// A report is due.
        ReportDue = 4 "report_due",
        /// The report is sent.
        Reported = 5 "reported",
        /// Its receipt came.
        Acknowledged = 6 "acknowledged",
    }
}

choice! {
    /// What raised an alert.
    pub enum AlertKind {
        /// A hit in a list of financial monitoring.
        ListHit = 1 "list_hit",
        /// A pattern of operations.
        Pattern = 2 "pattern",
        /// An officer.
        Officer = 3 "officer",
    }
}

/// An AML record with its clock D-38.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Alert {
    /// Its number.
    pub number: u64,
    /// The person.
    pub person: Person,
    /// What raised it.
    pub kind: AlertKind,
    /// The list, of a hit.
    pub list: Option<ListName>,
    /// When it was raised.
    pub raised: Instant,
    /// Until when the report is sent: the working day after (D-38).
    pub due: Instant,
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
    }
}

/// A line of the journal of consents and of access to personal data (P-52).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConsentLine {
    /// Its number.
    pub number: u64,
    /// The subject.
    pub person: Person,
    /// The way of request: 1 to 5 of R3-7, by name.
    pub way: RequestWay,
    /// Scope: collection, processing, transfer.
    pub scope: Vec<Scope>,
    /// When it was asked.
    pub asked: Instant,
    /// The answer.
    pub answer: ConsentAnswer,
    /// When it came.
    pub answered: Option<Instant>,
    /// Uses so far.
    pub uses: u32,
}

choice! {
    /// The five ways of requesting access (R3-7.1 to R3-7.5).
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
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TestingAct {
    /// Successful answers: when, and the id of the token.
    pub answers: Vec<(Instant, String)>,
    /// How many are needed (R3-11.2: ten).
    pub needed: u32,
    /// When the act was formed.
    pub formed: Option<Instant>,
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
        /// Done; an act is written (P-20).
        Done = 4 "done",
        /// Held by a court, a freeze or a dispute (S-42).
        Held = 5 "held",
    }
}

/// An erasure of a person's data (D-07, S-42, P-20).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Erasure {
    /// Its number.
    pub number: u64,
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
    /// When it was done.
    pub done: Option<Instant>,
    /// Why it is held.
    pub held: Option<String>,
    /// The digest of what the first person saw.
    pub digest: String,
}

/// A term (P-54).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TermLine {
    /// The clause: `D-38`.
    pub clause: String,
    /// What it is of, by the name of its kind.
    pub kind: TermKind,
    /// The number of its case.
    pub number: u64,
    /// From when it runs.
    pub began: Instant,
    /// Until when.
    pub due: Instant,
    /// When it was met.
    pub met: Option<Instant>,
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
    /// Registrations older than a case, newest first.
    fn registrations(
        &self,
        by: Officer,
        before: Option<u64>,
        limit: usize,
    ) -> Asked<Vec<RegistrationLine>>;

    /// Registers somebody at a desk; the number of the case.
    fn register(&self, by: Officer, form: &InPerson, id: MessageId) -> Asked<u64>;

    /// Finds a person, behind an audit fact.
    fn find(&self, by: Officer, search: &Search, looked: Seq) -> Asked<Vec<PersonLine>>;

    /// Opens what is known of a person, behind an audit fact with its ground.
    fn open(&self, by: Officer, person: Person, looked: Seq) -> Asked<Opened>;

    /// Possible matches that wait, the most urgent first. Those of guarded lists only for who is
    /// entitled.
    fn matches(&self, by: Officer, limit: usize) -> Asked<Vec<MatchLine>>;

    /// One of them with both records, behind an audit fact.
    fn match_case(&self, by: Officer, number: u64, looked: Seq) -> Asked<MatchCase>;

    /// Decides one, or proposes where two persons are needed (S-37).
    fn decide_match(
        &self,
        by: Officer,
        number: u64,
        verdict: Verdict,
        ground: &str,
        digest: &str,
        id: MessageId,
    ) -> Asked<()>;

    /// Sources of lists.
    fn sources(&self, by: Officer) -> Asked<Vec<ListSource>>;

    /// Versions of lists, newest first.
    fn versions(&self, by: Officer, limit: usize) -> Asked<Vec<ListVersion>>;

    /// Confirms a version that shrank, as a second person.
    fn confirm_version(&self, by: Officer, digest: &str, id: MessageId) -> Asked<()>;

    /// Alerts that are open or lately closed, the most urgent first.
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

    /// The journal of consents, older than a number, newest first (P-52).
    fn consents(&self, by: Officer, before: Option<u64>, limit: usize) -> Asked<Vec<ConsentLine>>;

    /// The testing act (P-53).
    fn testing_act(&self, by: Officer) -> Asked<TestingAct>;

    /// Erasures: those due and ordered first, then those done lately.
    fn erasures(&self, by: Officer, limit: usize) -> Asked<Vec<Erasure>>;

    /// Orders one as the first person, or confirms it as the second, who saw the same digest.
    fn order_erasure(
        &self,
        by: Officer,
        number: u64,
        digest: &str,
        id: MessageId,
    ) -> Asked<ErasureState>;

    /// Holds one, with the reason (S-42).
    fn hold_erasure(&self, by: Officer, number: u64, reason: &str, id: MessageId) -> Asked<()>;

    /// Terms of people: late, today, near, met lately (P-54).
    fn terms(&self, by: Officer, limit: usize) -> Asked<Vec<TermLine>>;
}
