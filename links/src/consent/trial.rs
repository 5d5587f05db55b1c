//! The trial of the state service: ten successful answers with the security token, and what the
//! act of testing is written from (R3-11.1, R3-11.2, P-53).
//!
//! [`run`] asks each request once, on a test endpoint, and keeps evidence of every exchange.
//! Counted is an answer whose token was verified and that was not seen before: the same message,
//! answer, session or token a second time proves nothing new. An act needs
//! [`TRIAL_ANSWERS`] of them.

use terms::{Hash, Instant, MessageId};

use super::{Asked, Consent, Said};
use crate::error::Error;
use crate::gateway::{Call, Trace};
use crate::limits::{TRIAL_ANSWERS, TRIAL_REQUESTS_MAX};
use crate::way::Realm;

/// Evidence of one request of a trial.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exchange {
    /// Our message.
    pub message: MessageId,
    /// When it was asked.
    pub asked_at: Instant,
    /// What came of it.
    pub ended: Ended,
}

/// How a request of a trial ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ended {
    /// It counts.
    Counted {
        /// Digests and ids of the exchange.
        trace: Trace,
        /// A digest of the token's id.
        token_id: Hash,
    },
    /// It was good, but a part of it was seen before in this trial.
    Repeated(Part),
    /// The service answered, but without access.
    WithoutAccess,
    /// There was no answer that may be believed.
    Failed(Error),
}

/// What was seen before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// The id of our message.
    Message,
    /// The answer as a whole, or the id of its message.
    Answer,
    /// The gateway's session.
    Session,
    /// The token.
    Token,
}

/// A trial under way.
#[derive(Debug, Default)]
pub struct Trial {
    exchanges: Vec<Exchange>,
}

/// The evidence of a trial that has enough of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Evidence {
    /// When the first request was made.
    pub begun_at: Instant,
    /// When the last was answered.
    pub ended_at: Instant,
    /// How many counted.
    pub counted: usize,
    /// All exchanges in their order, those that did not count as well.
    pub exchanges: Vec<Exchange>,
}

/// Why there is no act.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TrialError {
    /// Trials are for test endpoints.
    #[error("a trial is made in a test realm only")]
    NotATest,
    /// None, or more than anybody reads.
    #[error("a trial has from one to {TRIAL_REQUESTS_MAX} requests")]
    Requests,
    /// Too few that count.
    #[error("{counted} answers count, {TRIAL_ANSWERS} are needed")]
    TooFew {
        /// How many count.
        counted: usize,
    },
}

/// Asks each of these once and keeps what comes of it.
pub fn run(
    service: &dyn Consent,
    realm: Realm,
    requests: impl IntoIterator<Item = (Call, Asked)>,
) -> Result<Trial, TrialError> {
    if realm != Realm::Test {
        return Err(TrialError::NotATest);
    }
    let requests: Vec<_> = requests.into_iter().take(TRIAL_REQUESTS_MAX + 1).collect();
    if requests.is_empty() || TRIAL_REQUESTS_MAX < requests.len() {
        return Err(TrialError::Requests);
    }
    let mut trial = Trial::default();
    for (call, asked) in requests {
        // Sent a second time, the gateway might give the first answer again.
        let ended = if trial.exchanges.iter().any(|seen| seen.message == call.id) {
            Ended::Repeated(Part::Message)
        } else {
            trial.judge(service.request(&call, &asked))
        };
        trial.exchanges.push(Exchange { message: call.id, asked_at: call.at, ended });
    }
    Ok(trial)
}

impl Trial {
    /// All exchanges so far.
    pub fn exchanges(&self) -> &[Exchange] {
        &self.exchanges
    }

    /// How many count.
    pub fn counted(&self) -> usize {
        self.traces().count()
    }

    /// The evidence, if it is enough for an act.
    pub fn evidence(self) -> Result<Evidence, TrialError> {
        let counted = self.counted();
        if counted < TRIAL_ANSWERS {
            return Err(TrialError::TooFew { counted });
        }
        let asked = self.exchanges.iter().map(|exchange| exchange.asked_at);
        let answered = self.traces().map(|(trace, _)| trace.answered_at);
        // Cannot fail: enough have counted.
        let begun_at = asked.clone().min().expect("an exchange");
        let ended_at = answered.chain(asked).max().expect("an exchange");
        Ok(Evidence { begun_at, ended_at, counted, exchanges: self.exchanges })
    }

    fn traces(&self) -> impl Iterator<Item = (&Trace, &Hash)> {
        self.exchanges.iter().filter_map(|exchange| match &exchange.ended {
            Ended::Counted { trace, token_id } => Some((trace, token_id)),
            Ended::Repeated(_) | Ended::WithoutAccess | Ended::Failed(_) => None,
        })
    }

    fn judge(&self, answer: Result<super::Answer, Error>) -> Ended {
        let answer = match answer {
            Ok(answer) => answer,
            Err(error) => return Ended::Failed(error),
        };
        let Said::Granted(access) = answer.said else { return Ended::WithoutAccess };
        let (trace, token_id) = (answer.trace, access.token_id);
        for (seen, token) in self.traces() {
            if seen.answer == trace.answer || seen.answer_id == trace.answer_id {
                return Ended::Repeated(Part::Answer);
            }
            if seen.session.is_some() && seen.session == trace.session {
                return Ended::Repeated(Part::Session);
            }
            if *token == token_id {
                return Ended::Repeated(Part::Token);
            }
        }
        Ended::Counted { trace, token_id }
    }
}
