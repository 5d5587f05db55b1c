//! Why there is no answer.

use std::fmt;

use store::Fault;
use terms::{Instant, Reason};

use crate::form::{FormField, Slip};

/// What a call comes to.
pub type Outcome<T> = Result<T, No>;

/// Why there is no answer.
#[derive(Debug)]
pub enum No {
    /// What was typed is wrong: every field that is, at once.
    Wrong(Vec<(FormField, Slip)>),
    /// A rule says no.
    Refused(Reason),
    /// Not before this instant: too many tries (S-45).
    Wait(Instant),
    /// The session, the code or the way has ended.
    Over,
    /// There is no such thing, or it is another's.
    Absent,
    /// What should answer does not. Holds nothing personal.
    Down(String),
}

impl No {
    /// One wrong field.
    pub fn wrong(field: FormField, slip: Slip) -> No {
        No::Wrong(vec![(field, slip)])
    }
}

impl fmt::Display for No {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            No::Wrong(slips) => {
                let names = slips.iter().map(|(field, slip)| (field.name(), slip.name()));
                write!(f, "what was typed is wrong: {:?}", names.collect::<Vec<_>>())
            }
            No::Refused(reason) => write!(f, "refused: {}", reason.name()),
            No::Wait(until) => write!(f, "not before {until}"),
            No::Over => f.write_str("it has ended"),
            No::Absent => f.write_str("there is no such thing"),
            No::Down(what) => f.write_str(what),
        }
    }
}

impl std::error::Error for No {}

impl From<Fault> for No {
    fn from(fault: Fault) -> No {
        No::Down(fault.chain())
    }
}
