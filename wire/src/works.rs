//! Planned works at the centre, as the feed and a question of their own tell them.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::fault::Faults;
use crate::shape::{Definitions, Wire, answer};
use crate::tree::Node;
use crate::value::{Time, words};

words! {
    /// Why works at the centre are done.
    pub enum WorksKind {
        /// To keep what works working: announced ahead.
        Preventive "preventive",
        /// To put right what has failed: as soon as it can be done.
        Restoration "restoration",
    }

    /// What may not be at hand during works.
    pub enum WorksScope {
        /// All of the centre.
        Everything "everything",
        /// Taking of stakes and holds.
        Stakes "stakes",
        /// Settlements and payouts.
        Payouts "payouts",
        /// The pages of the console and the daily files; messages go on.
        Pages "pages",
    }
}

answer! {
    /// A window of planned works at the centre.
    pub struct PlannedWorks {
        /// Their number.
        works: u32,
        /// Why.
        kind: WorksKind,
        /// What may not be at hand.
        scope: WorksScope,
        /// When they begin.
        from: Time,
        /// When they end.
        until: Time,
    }
}

answer! {
    /// The planned works that are not over, by number.
    pub struct PlannedWorksList {
        /// The windows.
        works: Vec<PlannedWorks>,
        /// The position up to which this speaks.
        as_of_seq: u64,
    }
}
