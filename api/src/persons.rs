//! What this room needs of the room about people, in types of its own; the binary fulfils it.
//!
//! An organiser never gets to people's data by itself: it invites somebody to register, asks him
//! for an order, and reads the few things that the rules let it read of its own bettors (S-55),
//! each look a durable fact before the answer is sent.

use admission::Method;
use terms::{Account, Instant, MessageId, OrderId, Organiser, Person, Reason, Tiyn};
use wire::Accept;

/// An open session of a bettor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Session {
    /// Who signed in.
    pub person: Person,
    /// When he last proved who he is.
    pub proved: Instant,
    /// Whether that was by a one-time code within the session (S-02).
    pub by_code: bool,
    /// Bytes that are this session's alone.
    pub nonce: [u8; 8],
}

impl Session {
    /// How an order that is given in it is confirmed (S-02).
    pub fn method(&self) -> Method {
        if self.by_code { Method::OneTimeCode } else { Method::Session }
    }
}

/// Why there is no answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unhelped {
    /// The id was used before, with other content.
    Reused,
    /// So many are open already.
    Many,
    /// A rule says no.
    Refused(Reason),
    /// What should answer does not; the text holds nothing personal.
    Down(String),
}

/// What an organiser asks a bettor for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OrderAsked {
    /// The account that would be debited.
    pub account: Account,
    /// The most that may be debited, commission included.
    pub ceiling: Tiyn,
    /// Which odds the bettor would accept.
    pub accept: Accept,
    /// From when the order would hold no more.
    pub expires: Instant,
}

/// A link for a bettor's browser.
#[derive(Clone, PartialEq, Eq)]
pub struct Link {
    /// The address with its token. It says nothing of anybody.
    pub address: String,
    /// Until when it leads somewhere.
    pub until: Instant,
}

impl std::fmt::Debug for Link {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Link(until {})", self.until)
    }
}

/// How far somebody who was invited is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// Where he stands.
    pub state: wire::RegistrationState,
    /// His account, once it is open.
    pub account: Option<Account>,
    /// Until when he can go on.
    pub until: Instant,
}

/// Where an order stands that was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OrderProgress {
    /// Where it stands.
    pub state: wire::OrderRequestState,
    /// The order, once it is given.
    pub order: Option<OrderId>,
    /// Until when it can be answered.
    pub until: Instant,
}

/// What an organiser may read of its own bettor. Prints redacted.
#[derive(Clone, PartialEq, Eq)]
pub struct Bettor {
    /// Surname.
    pub surname: String,
    /// Given name.
    pub given_name: String,
    /// Patronymic.
    pub patronymic: Option<String>,
    /// Individual identification number.
    pub iin: Option<String>,
    /// Full years on this day (S-55).
    pub age_years: u32,
}

impl std::fmt::Debug for Bettor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Bettor(***)")
    }
}

/// People, as an organiser meets them. Every call blocks.
pub trait Persons: Send + Sync {
    /// The open session of a token.
    fn session(&self, token: &str) -> Result<Option<Session>, Unhelped>;

    /// Invites somebody to register. The same id gives the same link as long as it leads somewhere.
    fn invite(&self, organiser: Organiser, id: MessageId) -> Result<Link, Unhelped>;

    /// How far somebody is who was invited under this id.
    fn invited(&self, organiser: Organiser, id: MessageId) -> Result<Option<Progress>, Unhelped>;

    /// Asks a bettor for an order.
    fn ask_order(
        &self,
        organiser: Organiser,
        id: MessageId,
        asked: &OrderAsked,
    ) -> Result<Link, Unhelped>;

    /// Where an order stands that was asked for under this id.
    fn asked_order(
        &self,
        organiser: Organiser,
        id: MessageId,
    ) -> Result<Option<OrderProgress>, Unhelped>;

    /// Reads a bettor of an organiser; none if it is not its own. The look is a durable fact when
    /// this returns, and the bettor sees it.
    fn bettor(&self, organiser: Organiser, account: Account) -> Result<Option<Bettor>, Unhelped>;
}
