//! The kinds of case, their states and steps: closed lists with permanent codes.

use terms::choice;

choice! {
    /// What a case is about.
    pub enum CaseKind {
        /// A bettor is registered and identified (state machine D, until the relationship begins).
        Registration = 1 "registration",
        /// The relationship with a bettor (the rest of D). Kept with the person.
        Relationship = 2 "relationship",
        /// A person is asked for consent (state machine M, until the answer).
        ConsentRequest = 3 "consent_request",
        /// A consent that was given (the rest of M). Kept with the person.
        Consent = 4 "consent",
        /// The application to use the State service of personal data (state machine O).
        StateService = 5 "state_service",
        /// Something that may have to be reported to the financial monitoring authority: a hit on
        /// one of its lists, or an alert (state machine J).
        AmlRecord = 6 "aml_record",
        /// A person is like one on a list, and an officer has to decide (S-48).
        PossibleMatch = 7 "possible_match",
        /// A person's data are destroyed (D-07, S-42).
        Erasure = 8 "erasure",
        /// Two persons are one and the same (S-37).
        Merge = 9 "merge",
    }
}

choice! {
    /// Where a case stands. A word means the same in every kind that has it.
    pub enum CaseState {
        /// Begun; nothing has been shown or given yet.
        New = 1 "new",
        /// The instructions were shown and consent was given (R0-10.9).
        Instructed = 2 "instructed",
        /// The data and photographs were given (R0-10.10).
        DataGiven = 3 "data_given",
        /// The identity is established and the data are confirmed (R0-10.12).
        Identified = 4 "identified",
        /// A list cannot be asked, so nothing is decided (S-47).
        Waiting = 5 "waiting",
        /// All checks are clear: a wallet may be opened.
        Eligible = 6 "eligible",
        /// One of the two of R0-10.12 is missing, or too many codes were wrong.
        Failed = 7 "failed",
        /// The answer is no.
        Refused = 8 "refused",
        /// Given up.
        Abandoned = 9 "abandoned",
        /// The relationship stands.
        Active = 10 "active",
        /// The identification is to be renewed.
        Review = 11 "review",
        /// Under age or on a list: no stake, no top-up.
        Barred = 12 "barred",
        /// The relationship is over; data are kept for their term.
        Ended = 13 "ended",
        /// The data are destroyed.
        Erased = 14 "erased",
        /// Not sent yet.
        Created = 20 "created",
        /// No answer is needed, by law (R3-7.4).
        Logged = 21 "logged",
        /// The person was asked.
        Sent = 22 "sent",
        /// The answer is yes (R3-7.6a).
        Granted = 23 "granted",
        /// Its time is over.
        Expired = 24 "expired",
        /// Taken back.
        Withdrawn = 25 "withdrawn",
        /// Being written.
        Draft = 30 "draft",
        /// Before the authority.
        Submitted = 31 "submitted",
        /// Given back for rework.
        Returned = 32 "returned",
        /// The authority has considered it.
        Considered = 33 "considered",
        /// The technical documents are there.
        Documented = 34 "documented",
        /// The public key was handed over.
        Keyed = 35 "keyed",
        /// Answers with the security token are being counted.
        Testing = 36 "testing",
        /// The testing act is attached.
        ActAttached = 37 "act_attached",
        /// The testing act was considered.
        ActConsidered = 38 "act_considered",
        /// The service is in use.
        InProduction = 39 "in_production",
        /// An alert that nobody has looked at.
        Raised = 40 "raised",
        /// An officer looks at it.
        InReview = 41 "in_review",
        /// The authority has to be told.
        ReportDue = 42 "report_due",
        /// The authority was told.
        Reported = 43 "reported",
        /// The authority has confirmed.
        Acknowledged = 44 "acknowledged",
        /// Nothing to report.
        Dismissed = 45 "dismissed",
        /// Found by name.
        Found = 50 "found",
        /// It is that person.
        Confirmed = 51 "confirmed",
        /// It is not so.
        Rejected = 52 "rejected",
        /// One person proposes it.
        Proposed = 60 "proposed",
        /// Two persons have ordered it.
        Ordered = 61 "ordered",
        /// Done: the data are gone.
        Destroyed = 62 "destroyed",
        /// Called off.
        Cancelled = 63 "cancelled",
        /// Done: one person remains.
        Merged = 64 "merged",
    }
}

choice! {
    /// What moves a case.
    pub enum CaseStep {
        /// It begins.
        Open = 1 "open",
        /// It begins with a hit on a list: without triage (state machine J).
        Hit = 2 "hit",
        /// The instructions were shown and consent was given.
        Inform = 3 "inform",
        /// Data and photographs were given.
        GiveData = 4 "give_data",
        /// The person was identified.
        Identify = 5 "identify",
        /// It did not succeed.
        Fail = 6 "fail",
        /// Once more from the instructions.
        Retry = 7 "retry",
        /// All checks are clear.
        Clear = 8 "clear",
        /// The answer is no.
        Refuse = 9 "refuse",
        /// A list cannot be asked.
        Wait = 10 "wait",
        /// The relationship is established.
        Establish = 11 "establish",
        /// It is given up.
        Abandon = 12 "abandon",
        /// Its time is over.
        Expire = 13 "expire",
        /// The person is found under age or on a list.
        Bar = 14 "bar",
        /// The relationship is closed.
        Close = 15 "close",
        /// The data are destroyed.
        Destroy = 16 "destroy",
        /// Noted without an answer, by law.
        Log = 20 "log",
        /// The person is asked by a one-time code.
        SendCode = 21 "send_code",
        /// The person is asked by 1414.
        SendMessage = 22 "send_message",
        /// The person says yes.
        Grant = 23 "grant",
        /// A wrong code.
        Mistake = 24 "mistake",
        /// Data were fetched by it.
        Use = 25 "use",
        /// It is taken back.
        Withdraw = 26 "withdraw",
        /// It goes to the authority.
        Submit = 30 "submit",
        /// It comes back for rework.
        Return = 31 "return",
        /// It is written anew.
        Rework = 32 "rework",
        /// The authority accepts it.
        Accept = 33 "accept",
        /// The technical documents come.
        Document = 34 "document",
        /// The public key is handed over.
        HandKey = 35 "hand_key",
        /// Testing begins.
        Test = 36 "test",
        /// A successful answer with the security token.
        Answer = 37 "answer",
        /// The testing act is attached.
        AttachAct = 38 "attach_act",
        /// The authority has considered the act.
        Consider = 39 "consider",
        /// It goes into use.
        Launch = 40 "launch",
        /// An officer takes it up.
        Triage = 41 "triage",
        /// It is suspicious.
        Suspect = 42 "suspect",
        /// The authority is told.
        Report = 43 "report",
        /// The authority confirms.
        Acknowledge = 44 "acknowledge",
        /// Nothing to report.
        Dismiss = 45 "dismiss",
        /// It is so.
        Confirm = 50 "confirm",
        /// It is not so.
        Reject = 51 "reject",
        /// Two persons order it.
        Order = 60 "order",
        /// It is called off.
        Cancel = 61 "cancel",
        /// Two become one.
        Merge = 62 "merge",
    }
}
