//! Short messages to phones, through an operator of them (X-09 by our own means, X-24): one-time
//! codes and notices, with receipts.
//!
//! The id of a message is the caller's, so that a message sent again after a cut is delivered once.
//! No text and no number is kept here, and neither stands in an address.

use serde::{Deserialize, Serialize};
use terms::{Instant, MessageId};

use crate::error::{Code, Error};
use crate::gateway::Call;
use crate::limits::SHORT_MESSAGE_CHARACTERS_MAX;
use crate::moment::parse;
use crate::phone::Phone;
use crate::private::Private;
use crate::way::{Ask, Way};

/// An operator as its callers see it.
pub trait Messages: Send + Sync {
    /// Hands a message over. The same call a second time hands it over once.
    fn send(&self, call: &Call, to: &Phone, what: &Short) -> Result<Receipt, Error>;
    /// What has become of a message.
    fn receipt(&self, id: MessageId) -> Result<Receipt, Error>;
}

/// A message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Short {
    /// What people read.
    pub text: Private,
    /// Codes go first, and are not delivered late.
    pub kind: Kind,
    /// Not to be delivered after so many seconds.
    pub valid_s: u32,
}

/// What a message is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// A one-time code.
    Code,
    /// Anything else.
    Notice,
}

/// What an operator knows of a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Receipt {
    /// How far it has come.
    pub state: State,
    /// Since when.
    pub at: Instant,
}

/// How far a message has come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum State {
    /// The operator has it.
    Accepted,
    /// The phone has it.
    Delivered,
    /// It will not be delivered: there is no such number, it takes no messages, its time is over.
    Undelivered(Code),
}

#[derive(Serialize)]
struct Outgoing<'a> {
    id: String,
    to: String,
    text: &'a str,
    kind: Kind,
    valid_s: u32,
}

#[derive(Deserialize)]
struct Incoming {
    id: String,
    state: String,
    at: String,
    #[serde(default)]
    reason: Option<String>,
}

/// An operator at the end of a way.
#[derive(Debug)]
pub struct Operator {
    way: Way,
    secret: Private,
}

impl Operator {
    /// The operator, who knows us by this secret.
    pub fn new(way: Way, secret: impl Into<String>) -> Operator {
        Operator { way, secret: Private::new(secret) }
    }

    fn ask(&self, mut ask: Ask<'_>, id: MessageId) -> Result<Receipt, Error> {
        ask.head.push((hyper::header::AUTHORIZATION, format!("Bearer {}", self.secret.reveal())));
        let answer = self.way.ask(ask)?.good()?;
        if !answer.status.is_success() {
            return Err(answer.refused());
        }
        let heard: Incoming = answer.json()?;
        if heard.id != id.to_string() {
            return Err(Error::Malformed("the receipt of another message"));
        }
        let reason = || Code::of(heard.reason.as_deref().unwrap_or_default());
        let state = match heard.state.as_str() {
            "accepted" => State::Accepted,
            "delivered" => State::Delivered,
            "undelivered" => State::Undelivered(reason()),
            _ => return Err(Error::Malformed("state")),
        };
        let at = parse(&heard.at).ok_or(Error::Malformed("at"))?;
        Ok(Receipt { state, at })
    }
}

impl Messages for Operator {
    fn send(&self, call: &Call, to: &Phone, what: &Short) -> Result<Receipt, Error> {
        let text = what.text.reveal();
        let length = text.chars().count();
        if !(1 <= length && length <= SHORT_MESSAGE_CHARACTERS_MAX) || what.valid_s == 0 {
            return Err(Error::Unsendable("the message"));
        }
        let (id, to) = (call.id.to_string(), to.digits());
        let outgoing = Outgoing { id, to, text, kind: what.kind, valid_s: what.valid_s };
        let content = serde_json::to_vec(&outgoing);
        let content = content.map_err(|_| Error::Unsendable("the message"))?;
        self.ask(Ask::post("/v1/messages", "application/json", content), call.id)
    }

    fn receipt(&self, id: MessageId) -> Result<Receipt, Error> {
        self.ask(Ask::get(&format!("/v1/messages/{id}")), id)
    }
}
