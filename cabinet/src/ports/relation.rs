//! What is known of a person, who looked at it, what he agreed to, and how it ends.

use terms::{Account, Day, Instant, MessageId, Organiser, Reason, Seq, Wallet, choice};

use super::{Outcome, Private, Who};

choice! {
    /// How far a person is identified (R4-11.1.6, R4-11.1.8).
    pub enum Level {
        /// Not yet.
        Unidentified = 1 "unidentified",
        /// In a simplified way: not enough for betting (I-03).
        Simplified = 2 "simplified",
        /// In full.
        Full = 3 "full",
    }
}

/// What the first page tells of a person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Profile {
    /// His name as in the document, once it is known.
    pub name: Option<Private>,
    /// His phone, masked.
    pub phone: String,
    /// How far he is identified.
    pub level: Level,
    /// Until when (S-02).
    pub identified_until: Option<Instant>,
    /// The last day of his document.
    pub document_ends: Option<Day>,
    /// Since when he is a client.
    pub since: Instant,
    /// What needs him, the most urgent first.
    pub needs: Vec<Need>,
}

/// What needs a person: one sentence and one button each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Need {
    /// He is not identified in full, or his way waits for him.
    Identify,
    /// The identification ends at this instant, or has ended.
    Renew(Instant),
    /// The document ends on this day, or has ended.
    Document(Day),
    /// He is not admitted to stakes and top-ups. The inner reason; lists of financial monitoring
    /// come as [`Reason::NotAdmitted`] (I-09).
    NotAdmitted(Reason),
    /// A redemption to a bank did not arrive and the money is back.
    RedemptionFailed(Seq),
    /// A consent is asked for or has ended.
    Consent,
    /// An order waits for his answer: its token.
    Order,
}

choice! {
    /// What is agreed to, each with a mark of its own (R4-11.1.4).
    pub enum ConsentKind {
        /// Collection of personal data.
        Collect = 1 "collect",
        /// Processing.
        Process = 2 "process",
        /// Storage.
        Store = 3 "store",
        /// Transfer across the border; refusing it bars nothing (I-12).
        CrossBorder = 4 "cross_border",
        /// Asking the state's systems through the State service (R3).
        StateService = 5 "state_service",
    }
}

choice! {
    /// Who is named as recipient (R4-11.1.4e).
    pub enum Recipient {
        /// The operator.
        Operator = 1 "operator",
        /// The issuer of e-money.
        Issuer = 2 "issuer",
        /// The partner bank.
        PartnerBank = 3 "partner_bank",
    }
}

choice! {
    /// How a consent was given.
    pub enum ConsentWay {
        /// In the cabinet.
        Cabinet = 1 "cabinet",
        /// By a code that the State service sent (S-56: ten minutes).
        Code = 2 "code",
        /// By an answer to 1414 (S-56: a day).
        Message1414 = 3 "message_1414",
        /// On the portal of e-government.
        Portal = 4 "portal",
        /// On paper or at a desk.
        InPerson = 5 "in_person",
        /// The law asks for none: the request is logged.
        ByLaw = 6 "by_law",
    }
}

/// A consent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Consent {
    /// Its number.
    pub number: u64,
    /// What to.
    pub kind: ConsentKind,
    /// Who may.
    pub recipients: Vec<Recipient>,
    /// How it was given.
    pub way: ConsentWay,
    /// When.
    pub given: Instant,
    /// Until when.
    pub until: Option<Instant>,
    /// When it was withdrawn.
    pub withdrawn: Option<Instant>,
    /// Uses so far.
    pub uses: u32,
}

choice! {
    /// Who looked.
    pub enum Watcher {
        /// The person himself.
        Oneself = 1 "oneself",
        /// The operator's staff.
        Operator = 2 "operator",
        /// The gambling authority.
        Gambling = 3 "gambling",
        /// The tax body.
        Tax = 4 "tax",
        /// The financial monitoring authority.
        Monitoring = 5 "monitoring",
        /// An organiser with which he has an account (S-55).
        Organiser = 6 "organiser",
        /// БЕЖ by itself: a check against a list, an answer of the exchange.
        System = 7 "system",
    }
}

choice! {
    /// Why somebody looked.
    pub enum LookGround {
        /// Service: registration, a page of his own, an answer to him.
        Service = 1 "service",
        /// A complaint.
        Complaint = 2 "complaint",
        /// An inspection.
        Inspection = 3 "inspection",
        /// An official request.
        Request = 4 "request",
        /// An investigation.
        Investigation = 5 "investigation",
        /// A duty by law, such as the six checks.
        Duty = 6 "duty",
        /// A possible match is compared (S-48).
        Match = 7 "match",
    }
}

/// A look at a person's data: an audit fact (R2-55.11). Looks that the law forbids to tell of are
/// left out by whoever fulfils the port (I-09).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Look {
    /// The fact.
    pub seq: Seq,
    /// When.
    pub at: Instant,
    /// Who, by kind.
    pub watcher: Watcher,
    /// Which organiser, of an organiser's look.
    pub organiser: Option<Organiser>,
    /// Why.
    pub ground: LookGround,
    /// The case that was named.
    pub case: Option<String>,
    /// Which account, where only that was looked at.
    pub account: Option<Account>,
}

/// What is known of a person, and the relationship.
pub trait Relation: Send + Sync {
    /// What the first page tells.
    fn profile(&self, who: &Who) -> Outcome<Profile>;

    /// Looks at his data older than a fact, newest first, at most so many.
    fn looks(&self, who: &Who, before: Option<Seq>, limit: usize) -> Outcome<Vec<Look>>;

    /// His consents, those in force first.
    fn consents(&self, who: &Who) -> Outcome<Vec<Consent>>;

    /// Gives a consent.
    fn give_consent(&self, who: &Who, kind: ConsentKind, form: MessageId) -> Outcome<()>;

    /// Withdraws one: it stops new requests, not records that the law keeps (S-56).
    fn withdraw_consent(&self, who: &Who, number: u64, form: MessageId) -> Outcome<()>;

    /// What still hinders the end of the relationship, as reasons; none if nothing does.
    fn hindrances(&self, who: &Who) -> Outcome<Vec<Reason>>;

    /// Ends the relationship: wallets at zero and no open bets. Wants a fresh code.
    fn close(&self, who: &Who, form: MessageId) -> Outcome<()>;

    /// Binds another of his wallets to an account (S-36).
    fn bind(&self, who: &Who, account: Account, wallet: Wallet, form: MessageId) -> Outcome<()>;
}
