//! What the cabinet needs from its house, in plain types of its own: the binary fulfils it.
//!
//! All calls block until what they promise is durable, and may be made from several threads at
//! once. Whoever fulfils them decides everything: who may what, which code fits, what is refused.
//! Rows of bets, movements and refusals are read from the views ([`Source`]); everything that is
//! about a person, or is not derived from the journal, is behind the other five.
//!
//! **Sent twice.** A call that changes something carries the id of the form that it was typed into
//! (a [`terms::MessageId`], made with the page). The same id again, with the same content, gives
//! the same answer and does nothing more.
//!
//! **Hidden words.** Passwords, codes, names, numbers of persons and of their documents, cards and
//! accounts pass as [`Private`], which prints as three dots.

mod entrance;
mod joining;
mod orders;
mod purse;
mod relation;

use std::sync::Arc;

use store::{Fault, JournalReader, ViewReader};
use terms::{Instant, Person, Reason, Seq, choice};

pub use entrance::{Entrance, Origin, Sent, Session, Token};
pub use joining::{
    Agreement, Capture, Document, DocumentKind, Failure, Invitation, Joining, Liveness, Motion,
    Offer, Particulars, Path, Photo, PhotoKind, Registration, Step,
};
pub use orders::{Accept, Asked, OrderState, Orders};
pub use purse::{
    BlockGround, Destination, Pocket, PocketState, Purse, Receipt, Redemption, TopUpWay,
};
pub use relation::{
    Consent, ConsentKind, ConsentWay, Level, Look, LookGround, Need, Profile, Recipient, Relation,
    Watcher,
};
pub use site::private::Private;

/// Everything that a cabinet is made of.
#[derive(Clone)]
pub struct Ports {
    /// Views and journal.
    pub source: Arc<dyn Source>,
    /// Sign-in and sessions.
    pub entrance: Arc<dyn Entrance>,
    /// Registration and identification.
    pub joining: Arc<dyn Joining>,
    /// What is known of the person, and what he agreed to.
    pub relation: Arc<dyn Relation>,
    /// Wallets.
    pub purse: Arc<dyn Purse>,
    /// Orders that organisers ask for.
    pub orders: Arc<dyn Orders>,
}

/// Where pages read what is not about persons. Each call opens a reader of its own; the cabinet
/// keeps and reuses them.
pub trait Source: Send + Sync {
    /// A reader of the views.
    fn views(&self) -> Result<Box<dyn ViewReader>, Fault>;

    /// A reader of the journal.
    fn journal(&self) -> Result<Box<dyn JournalReader>, Fault>;

    /// The instant now.
    fn now(&self) -> Instant;

    /// The proof of an entry, as a text that anybody can check, or why there is none.
    fn prove(&self, seq: Seq) -> Result<String, String>;
}

/// Who is signed in: the token of the session, and the person, once there is one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Who {
    /// The token of the session.
    pub token: Token,
    /// The person; none before identification has succeeded once (R0-5.1, R0-5.2).
    pub person: Option<Person>,
}

/// What a call comes to.
pub type Outcome<T> = Result<T, No>;

/// Why there is no answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum No {
    /// What was typed is wrong: every field that is, at once.
    Wrong(Vec<Problem>),
    /// A rule says no. The inner reason; the cabinet tells it to the bettor, except those of the
    /// lists of financial monitoring (domain 3, I-09).
    Refused(Reason),
    /// Not before this instant: too many tries (S-45).
    Wait(Instant),
    /// The session, the code or the form has ended, and the way begins anew.
    Over,
    /// There is no such thing, or it is another's: both are the same to who asks.
    Absent,
    /// What should answer does not. The text is for the log and holds nothing personal.
    Down(String),
}

/// A field and what is wrong with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The field.
    pub field: Field,
    /// What is wrong.
    pub wrong: Wrong,
}

choice! {
    /// The fields of the cabinet's forms. The name is that of the form's field.
    pub enum Field {
        /// The number of a mobile phone: the login (R4-11.1.2a).
        Phone = 1 "phone",
        /// The password.
        Password = 2 "password",
        /// The one-time code.
        Code = 3 "code",
        /// The individual identification number.
        Iin = 4 "iin",
        /// The family name.
        Surname = 5 "surname",
        /// The given name.
        GivenName = 6 "given_name",
        /// The patronymic, where there is one.
        Patronymic = 7 "patronymic",
        /// The date of birth.
        BirthDate = 8 "birth_date",
        /// The kind of document.
        DocumentKind = 9 "document_kind",
        /// The number of the document.
        DocumentNumber = 10 "document_number",
        /// The day of issue.
        DocumentIssued = 11 "document_issued",
        /// The day on which it ends.
        DocumentExpires = 12 "document_expires",
        /// Who issued it.
        DocumentIssuer = 13 "document_issuer",
        /// The country of the document, two letters.
        Country = 14 "country",
        /// Where he lives.
        Address = 15 "address",
        /// The acceptance of the offer.
        Offer = 16 "offer",
        /// The consent to collection.
        Collect = 17 "collect",
        /// The consent to processing.
        Process = 18 "process",
        /// The consent to storage.
        Store = 19 "store",
        /// A photograph or a video.
        Photo = 20 "photo",
        /// A sum.
        Sum = 21 "sum",
        /// An account at a bank.
        Iban = 22 "iban",
        /// The number of a card.
        Card = 23 "card",
        /// A wallet.
        Wallet = 24 "wallet",
        /// The ground of a block.
        Ground = 25 "ground",
        /// Which odds are accepted.
        Accept = 26 "accept",
    }
}

choice! {
    /// What is wrong with a field.
    pub enum Wrong {
        /// It is empty and may not be.
        Missing = 1 "missing",
        /// It does not have the form.
        Form = 2 "form",
        /// Its check digit does not match.
        CheckDigit = 3 "check_digit",
        /// It contradicts another field, such as a date of birth the number of the person.
        Contradicts = 4 "contradicts",
        /// It is longer than it may be.
        TooLong = 5 "too_long",
        /// It is shorter than it may be.
        TooShort = 6 "too_short",
        /// It is too easy to guess.
        Weak = 7 "weak",
        /// The day has passed.
        Expired = 8 "expired",
        /// The day is still to come.
        Future = 9 "future",
        /// It does not fit: a code, or a phone and a password.
        Mismatch = 10 "mismatch",
        /// It is not of a kind that can be read: no photograph, no video.
        Kind = 11 "kind",
        /// It has more bytes than are taken.
        TooLarge = 12 "too_large",
        /// The person is not as old as the law wants (S-01).
        UnderAge = 13 "under_age",
        /// More than there is.
        TooMuch = 14 "too_much",
        /// The number is in the name of another person (R4-11.1.1a).
        NotOwn = 15 "not_own",
    }
}
