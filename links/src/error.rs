//! How a call to an outside system can end other than well, and what to do then.

use std::fmt;

use crate::limits::CODE_BYTES_MAX;
use crate::signature::SignatureError;
use crate::token::TokenError;

/// Why a call has no answer, or none that may be believed. No text of the other side is in it but
/// a bounded [`Code`], since what others write may name a person.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// No connection, or the system says that it cannot work now. Nothing has happened.
    #[error("the system cannot be reached or does not work now")]
    Unavailable,
    /// Whoever answers the connection is not who he should be. Nothing was sent.
    #[error("the system's certificate for the connection is not believed")]
    Untrusted,
    /// No answer before the call's time was over. The system may have done what was asked.
    #[error("no answer in time")]
    Late,
    /// The connection broke before the answer was whole. The system may have done what was asked.
    #[error("the connection was cut before the answer was whole")]
    Cut,
    /// Too many calls.
    #[error("the system asks for fewer calls")]
    Throttled {
        /// When to come again, seconds.
        after_s: Option<u32>,
    },
    /// The system understood and said no.
    #[error("the system refused: {0}")]
    Refused(Code),
    /// The answer is not of the form that was agreed on.
    #[error("the answer is malformed: {0}")]
    Malformed(&'static str),
    /// The answer is larger than any good one.
    #[error("the answer is too large")]
    TooLarge,
    /// Whoever made the answer is not who he should be, or it was changed on the way.
    #[error("the signature of the answer does not hold")]
    BadSignature(#[source] SignatureError),
    /// A token in the answer may not be used.
    #[error("the token of the answer may not be used")]
    BadToken(#[source] TokenError),
    /// The answer is from a simulator, and this is no test.
    #[error("the answer is from a simulator")]
    Simulated,
    /// What should be sent does not fit into the form of the message. Nothing was sent.
    #[error("not sent: {0}")]
    Unsendable(&'static str),
}

/// What whoever called does next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Advice {
    /// The same message with the same id after a pause: it may or may not have been done.
    SameAgain,
    /// The person or officer must change something first.
    Change,
    /// A person who keeps the system must look at it: trying again does not mend it.
    Alarm,
}

impl Error {
    /// What to do.
    pub fn advice(&self) -> Advice {
        match self {
            Error::Unavailable | Error::Late | Error::Cut | Error::Throttled { .. } => {
                Advice::SameAgain
            }
            Error::Unsendable(_) => Advice::Change,
            Error::Untrusted
            | Error::Refused(_)
            | Error::Malformed(_)
            | Error::TooLarge
            | Error::BadSignature(_)
            | Error::BadToken(_)
            | Error::Simulated => Advice::Alarm,
        }
    }

    /// Whether the system may have done what was asked.
    pub fn perhaps_done(&self) -> bool {
        let not = matches!(self, Error::Unavailable | Error::Untrusted | Error::Unsendable(_));
        !not && !matches!(self, Error::Throttled { .. })
    }
}

/// A code that another system names: a few printable characters that are no personal number. What
/// is not of that form reads `unprintable`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Code(Box<str>);

impl Code {
    /// Takes what the other side wrote.
    pub fn of(text: &str) -> Code {
        let text = text.trim();
        let printable = |b: u8| b.is_ascii_alphanumeric() || b"-_.:".contains(&b);
        let digits = text.split(|c: char| !c.is_ascii_digit()).map(str::len).max();
        let fits = !text.is_empty() && text.len() <= CODE_BYTES_MAX;
        // Runs of eight digits or more may be a document, a phone or a person.
        if fits && text.bytes().all(printable) && digits < Some(8) {
            Code(text.into())
        } else {
            Code("unprintable".into())
        }
    }

    /// The code.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Code({})", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_short_and_names_nobody() {
        let cases = [
            ("SCSS001", "SCSS001"),
            (" FAULT-015\n", "FAULT-015"),
            ("404", "404"),
            ("", "unprintable"),
            ("Иванов", "unprintable"),
            ("not found: 050712590008", "unprintable"),
            ("E050712590008", "unprintable"),
            ("two words", "unprintable"),
            (&"x".repeat(41), "unprintable"),
        ];
        for (text, want) in cases {
            assert_eq!(Code::of(text).as_str(), want, "{text}");
        }
    }

    #[test]
    fn what_may_have_been_done_is_asked_again_under_the_same_id() {
        for error in [Error::Late, Error::Cut] {
            assert!(error.perhaps_done());
            assert_eq!(error.advice(), Advice::SameAgain);
        }
        assert!(!Error::Unavailable.perhaps_done());
        assert_eq!(Error::Simulated.advice(), Advice::Alarm);
    }
}
