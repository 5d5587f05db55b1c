//! The closed list of reasons: why a request is refused, or what a report breaches.
//!
//! A code and a name are permanent and never reused. The rank of a reason is not here: it is a
//! dated table of the rulebook (domain 4). What a reason is called to whom is [`Reason::outer`]
//! (domain 3). Phrases are in the phrasebooks, a page each in `docs/reasons/`.

use crate::codec::{Broken, Field, Reader, Value};

/// Whether the same wish under a new id may succeed later.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Retry {
    /// Not without changing what is asked.
    Never,
    /// When the circumstances have changed.
    Later,
}

macro_rules! reasons {
    ($(
        $variant:ident = $code:literal $name:literal $clause:literal $outer:ident $retry:ident
    ),* $(,)?) => {
        /// A reason; see `docs/reasons/` for each.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[repr(u16)]
        #[expect(missing_docs, reason = "each has a page in docs/reasons and three phrases")]
        pub enum Reason { $( $variant = $code ),* }

        impl Reason {
            /// Every reason, by code; also the order of precedence of the sample rulebook.
            pub const ALL: &'static [Reason] = &[ $( Reason::$variant ),* ];

            /// The permanent number.
            pub const fn code(self) -> u16 {
                self as u16
            }

            /// The permanent name.
            pub const fn name(self) -> &'static str {
                match self { $( Reason::$variant => $name ),* }
            }

            /// The requirement row or silent point that demands it.
            pub const fn clause(self) -> &'static str {
                match self { $( Reason::$variant => $clause ),* }
            }

            /// What an organiser is told (domain 3).
            pub const fn outer(self) -> Reason {
                match self { $( Reason::$variant => Reason::$outer ),* }
            }

            /// Whether to try again.
            pub const fn retry(self) -> Retry {
                match self { $( Reason::$variant => Retry::$retry ),* }
            }

            /// The reason with this number.
            pub const fn from_code(code: u16) -> Option<Reason> {
                match code { $( $code => Some(Reason::$variant), )* _ => None }
            }

            /// The reason with this name.
            pub fn from_name(name: &str) -> Option<Reason> {
                match name { $( $name => Some(Reason::$variant), )* _ => None }
            }
        }
    };
}

reasons! {
    SenderUnknown = 101 "sender_unknown" "R0-3.1" SenderUnknown Never,
    SenderNotPermitted = 102 "sender_not_permitted" "R2-55.2c" SenderNotPermitted Never,
    ConnectionNotInOperation = 103 "connection_not_in_operation"
        "R0-7.1" ConnectionNotInOperation Later,
    TestAndProductionMixed = 104 "test_and_production_mixed" "R0-6.5" TestAndProductionMixed Never,
    IntegrationContractAbsent = 105 "integration_contract_absent"
        "R0-3.1" IntegrationContractAbsent Later,
    SettlementContractAbsent = 106 "settlement_contract_absent"
        "R0-3.2" SettlementContractAbsent Later,
    LicenceNotInForce = 107 "licence_not_in_force" "R0-16.2j" LicenceNotInForce Later,
    DeskUnknown = 108 "desk_unknown" "R0-16.2e" DeskUnknown Never,
    DeskClosed = 109 "desk_closed" "R0-16.2e" DeskClosed Later,
    OrganiserUnknown = 110 "organiser_unknown" "R0-16.2a" OrganiserUnknown Never,
    OrganiserKindWrong = 111 "organiser_kind_wrong" "R0-2.12" OrganiserKindWrong Never,
    IdReused = 120 "id_reused" "R0-17.4a" IdReused Never,
    IdTooOld = 121 "id_too_old" "R0-17.4a" IdTooOld Never,
    IdFromFuture = 122 "id_from_future" "R2-55.5" IdFromFuture Later,
    EventUnknown = 201 "event_unknown" "R0-16.3d" EventUnknown Never,
    EventClosed = 202 "event_closed" "R0-16.3d" EventClosed Never,
    EventBegun = 203 "event_begun" "R0-16.3b" EventBegun Never,
    MarketUnknown = 204 "market_unknown" "R0-16.3d" MarketUnknown Never,
    MarketNotOpen = 205 "market_not_open" "R0-16.3d" MarketNotOpen Later,
    OutcomeUnknown = 206 "outcome_unknown" "R0-16.3d" OutcomeUnknown Never,
    VirtualEvent = 207 "virtual_event" "R1-1.1" VirtualEvent Never,
    OddsOutOfRange = 208 "odds_out_of_range" "R0-16.3e" OddsOutOfRange Never,
    OddsMoved = 209 "odds_moved" "R0-16.3e" OddsMoved Later,
    ShapeInvalid = 210 "shape_invalid" "R0-16.3d" ShapeInvalid Never,
    ReturnTooLarge = 211 "return_too_large" "R0-16.3i" ReturnTooLarge Never,
    PriceRuleInvalid = 212 "price_rule_invalid" "R0-16.3e" PriceRuleInvalid Never,
    AlreadyListed = 213 "already_listed" "R0-16.3d" AlreadyListed Never,
    TransitionInvalid = 214 "transition_invalid" "R0-16.3d" TransitionInvalid Never,
    ResultInvalid = 215 "result_invalid" "R0-15.2a" ResultInvalid Never,
    ReasonMissing = 216 "reason_missing" "S-30" ReasonMissing Never,
    OrderMissing = 301 "order_missing" "R0-2.3a" OrderMissing Never,
    OrderExpired = 302 "order_expired" "R0-5.3" OrderExpired Never,
    OrderOfAnotherOrganiser = 303 "order_of_another_organiser"
        "R0-2.3a" OrderOfAnotherOrganiser Never,
    OrderAboveCeiling = 304 "order_above_ceiling" "R0-2.3a" OrderAboveCeiling Never,
    OrderUsedUp = 305 "order_used_up" "R0-2.3a" OrderUsedUp Never,
    OrderStepUpRequired = 306 "order_step_up_required" "S-02" OrderStepUpRequired Later,
    AccountUnknown = 401 "account_unknown" "R0-16.4e" AccountUnknown Never,
    AccountOfAnotherOrganiser = 402 "account_of_another_organiser" "R0-16.4e" AccountUnknown Never,
    AccountClosed = 403 "account_closed" "R0-2.4" AccountClosed Never,
    NotIdentified = 404 "not_identified" "R0-10.1" NotIdentified Later,
    IdentificationStale = 405 "identification_stale" "R0-5.3" IdentificationStale Later,
    UnderAge = 406 "under_age" "R0-10.2a" UnderAge Later,
    ListedRestricted = 407 "listed_restricted" "R0-10.2b" NotAdmitted Later,
    ListedDebtor = 408 "listed_debtor" "R0-10.2c" NotAdmitted Later,
    ListedTerrorist = 409 "listed_terrorist" "R0-10.2d" NotAdmitted Later,
    ListedProliferation = 410 "listed_proliferation" "R0-10.2e" NotAdmitted Later,
    ListedFinancing = 411 "listed_financing" "R0-10.2f" NotAdmitted Later,
    ListDataStale = 412 "list_data_stale" "R0-10.5" NotAdmitted Later,
    PersonUnknown = 413 "person_unknown" "R0-5.1" PersonUnknown Never,
    NotAdmitted = 414 "not_admitted" "R0-10.3" NotAdmitted Later,
    RelationshipEnded = 415 "relationship_ended" "R0-20.2" NotAdmitted Later,
    PersonMerged = 416 "person_merged" "S-37" PersonUnknown Never,
    WalletNotBound = 501 "wallet_not_bound" "R0-12.5" WalletNotBound Never,
    WalletBlocked = 502 "wallet_blocked" "R2-2.15" NotAdmitted Later,
    WalletFrozen = 503 "wallet_frozen" "R4-16.2.7c" NotAdmitted Later,
    WalletUnknown = 504 "wallet_unknown" "R0-2.15" WalletUnknown Never,
    FundsInsufficient = 505 "funds_insufficient" "R4-6.2f" FundsInsufficient Later,
    LimitExceeded = 506 "limit_exceeded" "R4-6.1" LimitExceeded Later,
    TransferNotAllowed = 507 "transfer_not_allowed" "R0-5.6" TransferNotAllowed Never,
    BelowFloor = 508 "below_floor" "S-35" BelowFloor Later,
    IssueNotAllowed = 509 "issue_not_allowed" "R4-5.2a" IssueNotAllowed Never,
    FormNotAllowed = 510 "form_not_allowed" "R0-2.13" FormNotAllowed Never,
    WalletAlreadyBound = 511 "wallet_already_bound" "R0-12.4" WalletAlreadyBound Never,
    AccountAlreadyOpen = 512 "account_already_open" "R0-12.1" AccountAlreadyOpen Never,
    SumInvalid = 513 "sum_invalid" "R0-2.9" SumInvalid Never,
    BetsOpen = 514 "bets_open" "S-36" BetsOpen Later,
    WinningsUnpaid = 515 "winnings_unpaid" "S-36" WinningsUnpaid Later,
    BalanceRemains = 516 "balance_remains" "R0-20.2" BalanceRemains Later,
    HoldUnknown = 601 "hold_unknown" "S-34" HoldUnknown Never,
    HoldExpired = 602 "hold_expired" "S-34" HoldExpired Never,
    HoldReleased = 603 "hold_released" "S-34" HoldReleased Never,
    HoldConfirmed = 604 "hold_confirmed" "S-34" HoldConfirmed Never,
    BetUnknown = 701 "bet_unknown" "R0-15.1" BetUnknown Never,
    BetSettled = 702 "bet_settled" "R0-16.3f" BetSettled Never,
    SettlementWithoutBasis = 703 "settlement_without_basis" "R0-15.2" SettlementWithoutBasis Never,
    WinningDiffers = 704 "winning_differs" "R0-15.2" WinningDiffers Never,
    BetNotSettled = 705 "bet_not_settled" "R0-15.3f" BetNotSettled Later,
    PayoutIsAutomatic = 706 "payout_is_automatic" "R0-8.2" PayoutIsAutomatic Never,
    PayoutAboveWinning = 707 "payout_above_winning" "R0-15.3a" PayoutAboveWinning Never,
    ClaimUnknown = 708 "claim_unknown" "S-30" ClaimUnknown Never,
    AlreadyRegistered = 801 "already_registered" "R0-16.2a" AlreadyRegistered Never,
    DateInvalid = 802 "date_invalid" "R0-16.2i" DateInvalid Never,
    RulebookInvalid = 803 "rulebook_invalid" "R0-N1" RulebookInvalid Never,
    LateReport = 804 "late_report" "R0-14.2" LateReport Later,
    EventUnconfirmed = 805 "event_unconfirmed" "R0-16.3d" EventUnconfirmed Later,
    WorksUnknown = 806 "works_unknown" "R4-12.1.2.1b" WorksUnknown Never,
    WorksConflict = 807 "works_conflict" "R4-12.1.2.1b" WorksConflict Never,
    NoticeTooShort = 808 "notice_too_short" "S-63" NoticeTooShort Never,
    CaseUnknown = 810 "case_unknown" "S-48" CaseUnknown Never,
    StepNotPossible = 811 "step_not_possible" "R0-10.2" StepNotPossible Later,
    CaseInvalid = 812 "case_invalid" "R0-10.2" CaseInvalid Never,
    DelegateContractAbsent = 813 "delegate_contract_absent"
        "R0-10.8" DelegateContractAbsent Later,
    SourceNotAllowed = 814 "source_not_allowed" "R0-10.11" SourceNotAllowed Never,
    ConsentUnknown = 815 "consent_unknown" "R3-7.6a" ConsentUnknown Never,
    SecondPersonRequired = 816 "second_person_required" "S-37" SecondPersonRequired Later,
    RetentionNotOver = 817 "retention_not_over" "R0-20.2" RetentionNotOver Later,
    LegalHoldStands = 818 "legal_hold_stands" "S-42" LegalHoldStands Later,
    DifferenceInvalid = 819 "difference_invalid" "I-39" DifferenceInvalid Never,
    CasesTooMany = 820 "cases_too_many" "R0-10.2" CasesTooMany Later,
    ConsentIncomplete = 821 "consent_incomplete" "R4-11.1.4e" ConsentIncomplete Never,
}

impl Field for Reason {
    fn shape() -> String {
        "Reason".into()
    }
    fn put(&self, out: &mut Vec<u8>) {
        self.code().put(out);
    }
    fn read(from: &mut Reader<'_>) -> Result<Self, Broken> {
        Reason::from_code(u16::read(from)?).ok_or(Broken::Unknown)
    }
    fn value(&self) -> Value {
        Value::Text(self.name().into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_codes_are_one_to_one() {
        for reason in Reason::ALL {
            assert_eq!(Reason::from_code(reason.code()), Some(*reason));
            assert_eq!(Reason::from_name(reason.name()), Some(*reason));
        }
        assert!(Reason::ALL.is_sorted());
        assert_eq!(Reason::from_code(1), None);
    }

    #[test]
    fn an_organiser_never_learns_of_a_list() {
        // R0-10.3
        for reason in Reason::ALL {
            let secret = reason.name().starts_with("listed") || reason.name().starts_with("list_");
            if secret || matches!(reason, Reason::WalletBlocked | Reason::WalletFrozen) {
                assert_eq!(reason.outer(), Reason::NotAdmitted, "{}", reason.name());
            }
            assert_eq!(reason.outer().outer(), reason.outer());
        }
    }
}
