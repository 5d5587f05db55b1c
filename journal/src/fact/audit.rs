//! What people of the staff did and saw (R2-55.11).

use terms::{Account, AuditAct, AuditResult, Instant, Text, record};

use crate::fact::Cause;

record! {
    /// Somebody of the staff did or saw something: the six attributes of R2-55.11, by numbers and
    /// permanent names, nothing personal (core 21).
    pub struct AuditNoted {
        /// What caused it.
        pub cause: Cause,
        /// When it began (R2-55.11a).
        pub started: Instant,
        /// What it was (R2-55.11b).
        pub act: AuditAct,
        /// The number of the member of the staff; 0 is the system itself (R2-55.11c).
        pub user: u32,
        /// The record, or the question that chose the records (R2-55.11d).
        pub record: Text<192>,
        /// The bettor's account, if it is about one: its owner may ask who looked.
        pub account: Option<Account>,
        /// When it ended (R2-55.11e).
        pub ended: Instant,
        /// How it ended (R2-55.11f).
        pub result: AuditResult,
    }
}
