//! The centre as the bookmaker sees it: a place that answers each message definitely.
//!
//! [`Gate`] is the real one, over the network. Another stands in the replay of a season within one
//! process, so that both can be compared.

use std::collections::HashMap;
use std::future::Future;
use std::pin::Pin;
use std::sync::Mutex;

use serde::{Deserialize, Serialize};
use terms::Instant;
use wire::{
    AccountNo, ChampionshipNo, EventNo, Id, MarketNo, Order, OutcomeNo, Payout, Request, Sum,
};

use crate::{Client, Error};

/// What is sent.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Sent {
    /// A message of the organiser: the line of a batch.
    Message(#[serde(with = "line")] Request),
    /// A bettor's order under his session.
    Order(Order, String),
}

/// A message as text with its kind, in the form of a line of a batch.
mod line {
    use serde::de::Error as _;
    use serde::ser::Error as _;
    use serde::{Deserialize as _, Deserializer, Serializer};
    use wire::Request;

    pub fn serialize<S: Serializer>(message: &Request, to: S) -> Result<S::Ok, S::Error> {
        let mut line = Vec::new();
        crate::messages::write_line(message, &mut line).map_err(S::Error::custom)?;
        let line = std::str::from_utf8(&line).map_err(S::Error::custom)?;
        to.serialize_str(line.trim_end())
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Request, D::Error> {
        let line = String::deserialize(from)?;
        let read = Request::read_line(line.as_bytes());
        read.map_err(|faults| D::Error::custom(format!("{faults:?}")))
    }
}

/// What the centre has answered, as far as the bookmaker needs it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Said {
    /// It was done.
    Done(Done),
    /// It was refused, for this reason.
    Refused(String),
}

/// What an answer may tell beside that it was done.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Done {
    /// The number of a championship that was listed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub championship: Option<ChampionshipNo>,
    /// The number of an event that was listed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub event: Option<EventNo>,
    /// The number of a market that was listed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub market: Option<MarketNo>,
    /// The numbers of its outcomes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outcomes: Option<Vec<OutcomeNo>>,
    /// What comes back of a bet that was settled.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gross_return_tiyn: Option<Sum>,
    /// Of that, the return of stake that did not stand.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refund_tiyn: Option<Sum>,
    /// What is due to the bettor.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub net_due_tiyn: Option<Sum>,
    /// Where its payout stands.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub payout: Option<Payout>,
}

/// Why the bookmaker cannot go on. Whatever it has sent is in its outbox.
#[derive(Debug, thiserror::Error)]
pub enum Fatal {
    /// The centre does not take what is sent.
    #[error("the centre does not take step {step}")]
    Call {
        /// The step.
        step: String,
        /// What it says.
        source: Error,
    },
    /// The centre refuses what a bookmaker in good order may do.
    #[error("the centre refuses step {step}: {code}")]
    Refused {
        /// The step.
        step: String,
        /// Why.
        code: String,
    },
    /// The outbox cannot be written.
    #[error("the outbox cannot be written")]
    Outbox(#[from] std::io::Error),
    /// A bettor cannot be signed in.
    #[error("account {account} cannot be signed in: {what}")]
    SignIn {
        /// The account.
        account: AccountNo,
        /// What is wrong.
        what: String,
    },
    /// A part of the program has ended early.
    #[error("a part of the program has ended early: {0}")]
    Ended(String),
}

/// An answer that is on its way.
pub type Answering<'a, T> = Pin<Box<dyn Future<Output = Result<T, Error>> + Send + 'a>>;

/// Where messages go.
pub trait Centre: Send + Sync {
    /// The time there.
    fn now(&self) -> Instant;

    /// A new id for a message.
    fn new_id(&self) -> Id;

    /// Sends one message; gives its definite answer.
    fn send<'a>(&'a self, sent: &'a Sent) -> Answering<'a, Said>;

    /// Sends many messages of the organiser; none where a line is to be sent again.
    fn batch<'a>(&'a self, messages: &'a [Request]) -> Answering<'a, Vec<Option<Said>>>;

    /// Opens a session for a bettor and gives its token, a new one if `anew`.
    fn sign_in(&self, account: AccountNo, anew: Option<&str>) -> Result<String, Fatal>;
}

/// Signs a bettor in: gives the token of a new session of this account.
pub type SignIn = Box<dyn Fn(AccountNo) -> Result<String, String> + Send + Sync>;

/// The centre over the network.
pub struct Gate {
    client: Client,
    sign_in: SignIn,
    tokens: Mutex<HashMap<AccountNo, String>>,
}

impl Gate {
    /// The centre that a client reaches, for bettors who sign in so.
    pub fn new(client: Client, sign_in: SignIn) -> Gate {
        Gate { client, sign_in, tokens: Mutex::default() }
    }
}

impl Centre for Gate {
    fn now(&self) -> Instant {
        self.client.now()
    }

    fn new_id(&self) -> Id {
        self.client.new_id()
    }

    fn send<'a>(&'a self, sent: &'a Sent) -> Answering<'a, Said> {
        Box::pin(async move {
            let answered = match sent {
                Sent::Message(message) => self.client.send(message).await.map(|done| done.answer),
                Sent::Order(order, token) => {
                    let given = self.client.order(token, order).await;
                    given.map(|_| serde_json::Value::Object(serde_json::Map::new()))
                }
            };
            match answered {
                Ok(answer) => serde_json::from_value(answer)
                    .map(Said::Done)
                    .map_err(|error| Error::Strange { status: 201, what: error.to_string() }),
                Err(Error::Refused(problem)) => Ok(Said::Refused(problem.code)),
                Err(error) => Err(error),
            }
        })
    }

    fn batch<'a>(&'a self, messages: &'a [Request]) -> Answering<'a, Vec<Option<Said>>> {
        Box::pin(async move {
            let verdicts = self.client.batch(messages).await?;
            let said = |verdict: wire::LineVerdict| match &*verdict.code {
                "accepted" => Some(Said::Done(Done::default())),
                "deferred" | "refusals_exceeded" | "stopping" => None,
                _ => Some(Said::Refused(verdict.code)),
            };
            Ok(verdicts.into_iter().map(said).collect())
        })
    }

    fn sign_in(&self, account: AccountNo, anew: Option<&str>) -> Result<String, Fatal> {
        let tokens = || self.tokens.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let known = tokens().get(&account).cloned();
        if let Some(token) = known.filter(|token| Some(token.as_str()) != anew) {
            return Ok(token);
        }
        let token = (self.sign_in)(account).map_err(|what| Fatal::SignIn { account, what })?;
        tokens().insert(account, token.clone());
        Ok(token)
    }
}
