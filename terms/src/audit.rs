//! What audit events tell of (R2-55.11).

use crate::choice;

choice! {
    /// What somebody of the staff did: the name of an audit event (R2-55.11b).
    pub enum AuditAct {
        /// Signed in, or tried to.
        SignIn = 1 "sign_in",
        /// Signed out.
        SignOut = 2 "sign_out",
        /// Looked at a list of bettors' records.
        RegisterView = 3 "register_view",
        /// Looked at one record of a bettor.
        RecordView = 4 "record_view",
        /// Looked at what a bettor's account or wallet tells.
        AccountView = 5 "account_view",
        /// Took records out.
        Export = 6 "export",
        /// Changed something.
        Change = 7 "change",
    }
}

choice! {
    /// How an audited act ended (R2-55.11f).
    pub enum AuditResult {
        /// It was done.
        Done = 1 "done",
        /// It was not allowed.
        Refused = 2 "refused",
        /// It could not be done.
        Failed = 3 "failed",
    }
}
