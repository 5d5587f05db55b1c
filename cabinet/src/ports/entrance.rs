//! Sign-in, sessions and one-time codes (S-45, R4-11.1.2).

use std::fmt;
use std::net::IpAddr;

use phrases::Language;
use terms::{Instant, MessageId, Person};

use super::{Outcome, Private, Who};

/// What a browser holds instead of a name: random and opaque. Prints as three dots.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Token(pub String);

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(…)")
    }
}

/// A session of somebody who has given phone, password and code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// The person; none before identification has succeeded once.
    pub person: Option<Person>,
    /// When it was opened.
    pub opened: Instant,
    /// When it ends if nothing is asked (S-45: fifteen minutes after the last request).
    pub ends: Instant,
    /// Until when a one-time code that was given in this session counts as fresh (S-02).
    pub fresh_until: Option<Instant>,
    /// When he signed in before this time, so that he sees whether it was he.
    pub before: Option<Instant>,
}

/// A code that is on its way to a phone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sent {
    /// What the browser holds until the code is given; the session's own where there is one.
    pub token: Token,
    /// The phone, masked as `+7 701 ••• •• 21`.
    pub phone: String,
    /// Until when the code fits (S-45: three minutes).
    pub until: Instant,
    /// From when another may be sent.
    pub again: Instant,
    /// Tries that are left (S-45: three).
    pub tries: u8,
}

/// Where a request comes from, for limits and the record of a session; never kept in the clear.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Origin {
    /// The address of the connection.
    pub address: Option<IpAddr>,
    /// The language that messages to the phone are written in (S-59).
    pub language: Language,
}

/// Sign-in, sessions and one-time codes.
///
/// A wrong phone and a wrong password get the same answer after the same work. Tokens are random,
/// kept as hashes, and new after each step, so that one that was set before opens nothing.
pub trait Entrance: Send + Sync {
    /// The session of a token, prolonged by this request; none if there is none or it has ended.
    fn session(&self, token: &Token) -> Outcome<Option<Session>>;

    /// Tries a phone and a password; if they fit, a code goes to the phone.
    fn sign_in(&self, phone: &Private, password: &Private, from: Origin) -> Outcome<Sent>;

    /// Tries the code of a sign-in, and opens a session.
    fn sign_in_code(&self, token: &Token, code: &Private) -> Outcome<Token>;

    /// The code that a token waits for, without trying it: what the page of the code shows.
    fn sent(&self, token: &Token) -> Outcome<Sent>;

    /// Sends another code in place of the one that a token waits for.
    fn send_again(&self, token: &Token, from: Origin) -> Outcome<Sent>;

    /// Sends a code to the phone of a session, for what wants a fresh one.
    fn step_up(&self, who: &Who, from: Origin) -> Outcome<Sent>;

    /// Tries that code; the session then counts as fresh until the instant.
    fn step_up_code(&self, who: &Who, code: &Private) -> Outcome<Instant>;

    /// Ends a session.
    fn sign_out(&self, token: &Token) -> Outcome<()>;

    /// Ends every session of the person but this one; how many there were.
    fn sign_out_others(&self, who: &Who) -> Outcome<u32>;

    /// Changes the password; the old one is asked again.
    fn change_password(&self, who: &Who, old: &Private, new: &Private) -> Outcome<()>;

    /// Asks for another phone: a code goes to the new number. Wants a fresh code of the old one.
    fn change_phone(&self, who: &Who, phone: &Private, from: Origin) -> Outcome<Sent>;

    /// Tries the code of the new phone, which is the login from then on.
    fn change_phone_code(&self, who: &Who, code: &Private, form: MessageId) -> Outcome<()>;
}
