//! What a simulated system can be made to do wrong, for as many answers as are wanted.

use serde::{Deserialize, Serialize};

/// The systems.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum System {
    /// The exchange of identification data.
    Exchange,
    /// The e-government gateway with all its services.
    Gateway,
    /// The publisher of lists.
    Lists,
    /// The operator of short messages.
    Operator,
}

/// All systems.
pub const SYSTEMS: [System; 4] =
    [System::Exchange, System::Gateway, System::Lists, System::Operator];

/// One thing that goes wrong.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Fault {
    /// The right answer, but late.
    Slow {
        /// By so many milliseconds.
        ms: u64,
    },
    /// Status 503.
    Down,
    /// Status 429.
    Throttled {
        /// Seconds to wait, which the answer names.
        after_s: u32,
    },
    /// The connection ends in the middle of the answer.
    Cut,
    /// A right answer, after which come bytes without end.
    Oversized,
    /// Something that is no answer of this system.
    Wrong,
    /// Changed after it was signed.
    Tampered,
    /// Signed with a stranger's key.
    StrangersKey,
    /// Not signed.
    Unsigned,
    /// The answer of before, whatever was asked.
    Duplicate,
    /// A token of algorithm `none`.
    TokenNone,
    /// A token of HS256, made with the public key as its secret.
    TokenHs256,
    /// A fault of the gateway with this code.
    Code {
        /// The code.
        code: String,
    },
    /// Without the mark of a simulator.
    Unmarked,
}
