//! Refusals in the bettor's own words (domain 3): what happened and what to do. Lists of financial
//! monitoring, and freezes by them, are told as the outer reason alone (I-09).

use site::web::Answer;
use store::views::Listing;
use terms::{Reason, Seq};

use crate::doc::{Block, Cell, Doc, Link, Row};
use crate::limits::PAGE;
use crate::visit::{Trouble, Visit};

macro_rules! themes {
    ($( $theme:ident $name:literal $path:literal : $( $reason:ident )|+ ),* $(,)?) => {
        /// What a bettor is told of a reason: several reasons may be one to him.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Theme { $( $theme ),* }

        impl Theme {
            /// Every theme.
            #[cfg(test)]
            pub const ALL: &'static [Theme] = &[ $( Theme::$theme ),* ];

            /// The theme of a reason.
            pub const fn of(reason: Reason) -> Theme {
                match reason { $( $( Reason::$reason )|+ => Theme::$theme ),* }
            }

            const fn name(self) -> &'static str {
                match self { $( Theme::$theme => $name ),* }
            }

            /// The page on which something can be done; none if it is empty.
            const fn path(self) -> &'static str {
                match self { $( Theme::$theme => $path ),* }
            }
        }
    };
}

themes! {
    Organiser "organiser" "":
        SenderUnknown | SenderNotPermitted | ConnectionNotInOperation | TestAndProductionMixed
        | IntegrationContractAbsent | SettlementContractAbsent | LicenceNotInForce | DeskUnknown
        | DeskClosed | OrganiserUnknown | OrganiserKindWrong | IdReused | IdTooOld | IdFromFuture
        | EventUnknown | MarketUnknown | OutcomeUnknown | VirtualEvent | OddsOutOfRange
        | ShapeInvalid | ReturnTooLarge | PriceRuleInvalid | AlreadyListed | TransitionInvalid
        | ResultInvalid | ReasonMissing | OrderOfAnotherOrganiser | AccountUnknown
        | AccountOfAnotherOrganiser | PersonUnknown | WalletUnknown | TransferNotAllowed
        | BelowFloor | FormNotAllowed | HoldUnknown | HoldConfirmed | BetUnknown | BetSettled
        | SettlementWithoutBasis | WinningDiffers | BetNotSettled | PayoutIsAutomatic
        | PayoutAboveWinning | ClaimUnknown | AlreadyRegistered | DateInvalid | RulebookInvalid
        | LateReport | EventUnconfirmed | WorksUnknown | WorksConflict | NoticeTooShort
        | CaseUnknown | StepNotPossible | CaseInvalid | DelegateContractAbsent | SourceNotAllowed
        | ConsentUnknown | ConsentIncomplete | SecondPersonRequired | RetentionNotOver
        | LegalHoldStands | DifferenceInvalid | CasesTooMany,
    Event "event" "": EventClosed | EventBegun | MarketNotOpen,
    Odds "odds" "": OddsMoved,
    Order "order" "": OrderMissing | OrderExpired | OrderUsedUp,
    Ceiling "ceiling" "": OrderAboveCeiling,
    StepUp "step_up" "": OrderStepUpRequired,
    AccountClosed "account_closed" "/accounts": AccountClosed,
    Identify "identify" "/me": NotIdentified,
    Renew "renew" "/me": IdentificationStale,
    UnderAge "under_age" "": UnderAge,
    Restricted "restricted" "/help": ListedRestricted,
    Debtor "debtor" "/help": ListedDebtor,
    NotAdmitted "not_admitted" "/help":
        ListedTerrorist | ListedProliferation | ListedFinancing | NotAdmitted | WalletFrozen,
    ListsStale "lists_stale" "": ListDataStale,
    NotBound "not_bound" "/accounts": WalletNotBound,
    Blocked "blocked" "/unblock": WalletBlocked,
    Funds "funds" "/top-up": FundsInsufficient,
    Limit "limit" "": LimitExceeded | IssueNotAllowed,
    Bound "bound" "/accounts": WalletAlreadyBound | AccountAlreadyOpen,
    Sum "sum" "": SumInvalid,
    Hold "hold" "": HoldExpired | HoldReleased,
    Ended "ended" "/help": RelationshipEnded | PersonMerged,
    Remains "remains" "": BetsOpen | WinningsUnpaid | BalanceRemains,
}

impl Theme {
    /// What happened.
    pub fn text(self, visit: &Visit<'_>) -> String {
        visit.word(&format!("refused.{}", self.name()))
    }

    /// What to do.
    pub fn todo(self, visit: &Visit<'_>) -> String {
        visit.word(&format!("refused_todo.{}", self.name()))
    }

    /// Where to do it.
    pub fn links(self, visit: &Visit<'_>) -> Vec<Link> {
        match self.path() {
            "" => Vec::new(),
            path => vec![Link::new(visit.word("cabinet.go_there"), visit.href(path))],
        }
    }
}

/// The newest refusals of all accounts, each with its reason and what to do (R0-10.3).
pub fn page(visit: &mut Visit<'_>) -> Result<Answer, Trouble> {
    let before = visit.query.get("before").and_then(|seq| seq.parse().ok()).map(Seq);
    let mut found = Vec::new();
    for card in visit.accounts()? {
        let mut listing = Listing::newest(PAGE + 1);
        listing.account = Some(card.account);
        listing.before = before.unwrap_or(listing.before);
        let page = visit.views.refusals(&listing)?;
        found.extend(page.rows.into_iter().map(|row| (card.organiser, row)));
    }
    found.sort_by_key(|(_, row)| std::cmp::Reverse(row.seq));
    let more = found.len().checked_sub(PAGE + 1).and_then(|_| found.get(PAGE - 1));
    let more = more.map(|(_, row)| {
        let href = visit.href(&format!("/refusals?before={}", row.seq));
        Link::new(visit.word("cabinet.older"), href)
    });
    let mut rows = Vec::new();
    for (organiser, row) in found.into_iter().take(PAGE) {
        let theme = Theme::of(row.reason);
        let organiser = visit.organiser_name(organiser)?;
        rows.push(Row {
            head: theme.text(visit),
            notes: vec![theme.todo(visit), format!("{organiser} · {}", visit.show.moment(row.at))],
            href: theme.links(visit).pop().map(|link| link.href).unwrap_or_default(),
            state: Some(Cell::state("none", visit.word("cabinet.refusal"))),
            ..Row::default()
        });
    }
    let list = Block::Rows { title: String::new(), rows, more, empty: visit.word("told.none") };
    let title = visit.word("told.title");
    let (lead, as_of) = (Some(visit.word("told.lead")), Some(visit.as_of(visit.cursor)));
    visit.page(Doc { title, lead, as_of, blocks: vec![list], ..Doc::default() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use phrases::{Language, Phrases};

    #[test]
    fn every_reason_is_told_in_words_and_no_list_by_its_name() {
        // I-09, R0-10.3
        let books = Phrases::load().unwrap();
        for theme in Theme::ALL {
            for lang in Language::ALL {
                for group in ["refused", "refused_todo"] {
                    let key = format!("{group}.{}", theme.name());
                    assert_ne!(books.word(lang, &key), key, "{}", lang.code());
                }
            }
        }
        let outer = Theme::of(Reason::NotAdmitted);
        for reason in [
            Reason::ListedTerrorist,
            Reason::ListedProliferation,
            Reason::ListedFinancing,
            Reason::WalletFrozen,
        ] {
            assert_eq!(Theme::of(reason), outer);
        }
        assert_ne!(Theme::of(Reason::ListedDebtor), outer);
        assert_ne!(Theme::of(Reason::ListedRestricted), outer);
    }
}
