//! How a call can end other than well.

use wire::Problem;

/// Why a call has no answer, or not the one that was hoped for.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The centre has decided and refused, which is on record. The problem tells the code and what
    /// may be done; its `retry` is for machines.
    #[error("refused: {}", .0.code)]
    Refused(Box<Problem>),
    /// Nothing was decided, and the same again would fare no better: the form is wrong, there is
    /// nothing under that address, the certificate speaks for nobody, or the session has ended.
    #[error("rejected with status {}: {}", .0.status, .0.code)]
    Rejected(Box<Problem>),
    /// No definite answer before the call's time was over. The message is to be kept and sent
    /// again as it is.
    #[error("no definite answer after {attempts} attempts, last: {last}")]
    Unanswered {
        /// How many attempts were made.
        attempts: u32,
        /// Whether one of them may have been decided.
        perhaps_decided: bool,
        /// How the last attempt ended.
        last: Attempt,
    },
    /// The answer is not one that the schema has.
    #[error("an answer with status {status} that is not understood: {what}")]
    Strange {
        /// The HTTP status.
        status: u16,
        /// What is strange about it.
        what: String,
    },
    /// What was to be sent is larger than the centre takes.
    #[error("more than a batch may hold: {0}")]
    TooLarge(&'static str),
}

impl Error {
    /// The problem document, where the centre has told one.
    pub fn problem(&self) -> Option<&Problem> {
        match self {
            Error::Refused(problem) | Error::Rejected(problem) => Some(problem),
            Error::Unanswered { last: Attempt::PutOff(problem), .. } => Some(problem),
            Error::Unanswered { .. } | Error::Strange { .. } | Error::TooLarge(_) => None,
        }
    }

    /// The code of the problem, where there is one.
    pub fn code(&self) -> Option<&str> {
        self.problem().map(|problem| problem.code.as_str())
    }
}

/// How an attempt ended that was not the last word.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Attempt {
    /// No connection: nothing was sent.
    #[error("no connection: {0}")]
    Connect(String),
    /// The connection broke; how far the request had come is not known.
    #[error("the connection was cut: {0}")]
    Cut(String),
    /// No answer in time.
    #[error("no answer in time")]
    TimedOut,
    /// The centre asks to come again: 408, 429 or 503.
    #[error("put off: {}", .0.code)]
    PutOff(Box<Problem>),
}

impl Attempt {
    /// Whether the centre may have decided.
    pub fn perhaps_decided(&self) -> bool {
        match self {
            Attempt::Connect(_) => false,
            Attempt::Cut(_) | Attempt::TimedOut => true,
            // A server that stops does not know what becomes of what it has taken in, and one that
            // lags behind has decided but cannot tell the outcome yet.
            Attempt::PutOff(problem) => matches!(&*problem.code, "stopping" | "behind"),
        }
    }
}
