//! What can be asked of the desk about persons, their cases, wallets and accounts.

use admission::{
    ConsentWay, HoldGround, IdentificationMethod, IdentificationSource, Level, List, Lists,
    Purpose, Recipients, Scopes,
};
use casework::{CaseKind, CaseStep};
use ledger::{Block, Class};
use terms::{Account, CaseNo, Code, Hash, Instant, Organiser, Person, Text, Wallet, record};

record! {
    /// Registers a person as a number. The vault's own reference makes the content unique; it is
    /// no part of the fact.
    pub struct RegisterPerson {
        /// The vault's opaque reference.
        pub reference: [u8; 16],
    }
}

record! {
    /// Sets what decisions may know of a person, as a whole.
    pub struct ChangeAdmission {
        /// Who.
        pub person: Person,
        /// Level of identification.
        pub level: Level,
        /// Until when it is good.
        pub identified_until: Option<Instant>,
        /// Whether the age of the rulebook is reached.
        pub of_age: bool,
        /// Lists on which the person stands.
        pub lists: Lists,
    }
}

record! {
    /// Puts a version of a list in force.
    pub struct PutListInForce {
        /// Which list.
        pub list: List,
        /// Its version.
        pub version: u32,
        /// SHA-256 of its content.
        pub digest: Hash,
    }
}

record! {
    /// Says what a version of a list changes for persons of БЕЖ, by difference. On a list that
    /// freezes ([`List::freezes`]) each person who is new on it gets a case in the same frame.
    /// A repeat under another id is harmless: who is listed already stays so and gets no case.
    ///
    /// Refused `difference_invalid` unless: together 1 to [`DIFFERENCE_MAX`] persons, of them at
    /// most [`FREEZING_DIFFERENCE_MAX`] listed if the list freezes; each vector strictly ascending;
    /// nobody in both; the version not below the one in force. `person_unknown`, `person_merged`
    /// (`People::who` says whom to name), `case_unknown` if `case` is no open possible match.
    ///
    /// [`DIFFERENCE_MAX`]: terms::limits::DIFFERENCE_MAX
    /// [`FREEZING_DIFFERENCE_MAX`]: terms::limits::FREEZING_DIFFERENCE_MAX
    pub struct ChangeListings {
        /// Which list.
        pub list: List,
        /// The version that the difference belongs to: the one in force, or the next, which
        /// [`PutListInForce`] puts in force after its last difference.
        pub version: u32,
        /// The possible match in which an officer decided it.
        pub case: Option<CaseNo>,
        /// Who is on the list from now on, ascending.
        pub listed: Vec<Person>,
        /// Who is on it no more, ascending.
        pub cleared: Vec<Person>,
    }
}

record! {
    /// Says who has reached the age to bet, by difference; under the bounds of
    /// [`ChangeListings`] (`difference_invalid`), and only for the age of the rulebook in force or
    /// of the last one adopted.
    pub struct ChangeAges {
        /// The age in years.
        pub age: u32,
        /// Who has reached it, ascending.
        pub reached: Vec<Person>,
        /// Who has not, ascending.
        pub not_reached: Vec<Person>,
    }
}

record! {
    /// Records an identification, good or failed (R0-10.7 to R0-10.12). What it is worth is
    /// decided: full in person, remotely or by a delegate under contract, simplified by video, and
    /// nothing unless the identity is established *and* the data are confirmed. The person's level
    /// never falls by it; it is good until `until`, or for the rulebook's `renewal_days` if that is
    /// sooner. With a registration as `case` it moves that case by `identify` or `fail`.
    ///
    /// Refused: `delegate_contract_absent`, `source_not_allowed` (remote needs a centre or a system
    /// of the state), `date_invalid` (`until` is past), `case_unknown`, `step_not_possible` (the
    /// registration awaits no identification), `case_invalid` (a first full identification belongs
    /// to a registration, so that instructions come before it, R0-10.9), `person_unknown`,
    /// `person_merged`, `relationship_ended` (data destroyed or about to be).
    pub struct RecordIdentification {
        /// Who.
        pub person: Person,
        /// The registration that it belongs to; none for a renewal or additional evidence.
        pub case: Option<CaseNo>,
        /// The way.
        pub method: IdentificationMethod,
        /// Where the data came from.
        pub source: IdentificationSource,
        /// Whether the identity is established.
        pub established: bool,
        /// Whether the data are confirmed.
        pub confirmed: bool,
        /// The contract under which a delegate did it; for a delegate only.
        pub delegate_contract: Option<Text<64>>,
        /// SHA-256 of what shows it.
        pub evidence: Hash,
        /// Until when it is good by itself, as by the document's last day.
        pub until: Option<Instant>,
    }
}

record! {
    /// Establishes the relationship with a bettor (R0-10.2): refused on the first ground that
    /// speaks against the person (`not_identified`, `identification_stale`, `under_age`,
    /// `listed_…`, `list_data_stale`), and with `transition_invalid` if it stands already. One that
    /// has ended may be established again. With a registration that is `eligible` as `case` it
    /// moves that case by `establish`.
    pub struct StartRelationship {
        /// With whom.
        pub person: Person,
        /// The registration.
        pub case: Option<CaseNo>,
    }
}

record! {
    /// Ends the relationship and closes the person's accounts; the term of D-07 begins. Refused:
    /// `transition_invalid` (none stands), `balance_remains`, `bets_open`, `winnings_unpaid`.
    /// Tickets of land desks that nobody has come for do not hold it up: they are paid there.
    pub struct EndRelationship {
        /// With whom.
        pub person: Person,
        /// The ground, as a code.
        pub ground: Code,
    }
}

record! {
    /// Records consent. Scopes add to those given before for the same purpose. With an open request
    /// for consent of the same person as `case` it moves that case by `grant`.
    ///
    /// Refused: `consent_incomplete` (no scope or no recipient), `date_invalid` (the term is over),
    /// `case_unknown`, `step_not_possible` (the request awaits no answer), `person_unknown`,
    /// `person_merged`, `relationship_ended` (data destroyed or about to be).
    pub struct RecordConsent {
        /// Who.
        pub person: Person,
        /// What for.
        pub purpose: Purpose,
        /// To what.
        pub scopes: Scopes,
        /// Who may have the data.
        pub recipients: Recipients,
        /// How it was given.
        pub way: ConsentWay,
        /// Until when, if for a term.
        pub until: Option<Instant>,
        /// The request that it answers.
        pub case: Option<CaseNo>,
        /// SHA-256 of what shows it.
        pub evidence: Hash,
    }
}

record! {
    /// Takes consent back. Refused `consent_unknown` if one of the scopes is not given.
    pub struct WithdrawConsent {
        /// Who.
        pub person: Person,
        /// What for.
        pub purpose: Purpose,
        /// What is taken back.
        pub scopes: Scopes,
        /// SHA-256 of what shows it.
        pub evidence: Hash,
    }
}

record! {
    /// Has a person's data kept beyond their term (S-42). Refused `transition_invalid` once their
    /// destruction is ordered, or beyond [`LEGAL_HOLDS_MAX`](terms::limits::LEGAL_HOLDS_MAX).
    pub struct SetLegalHold {
        /// Whose.
        pub person: Person,
        /// Why.
        pub ground: HoldGround,
        /// SHA-256 of what shows it.
        pub evidence: Hash,
    }
}

record! {
    /// Ends a hold. Refused `transition_invalid` if there is no such hold.
    pub struct LiftLegalHold {
        /// Whose.
        pub person: Person,
        /// Which.
        pub number: u32,
        /// SHA-256 of what shows it.
        pub evidence: Hash,
    }
}

record! {
    /// Orders that a person's data be destroyed (D-07, S-42). After it nothing about the person is
    /// recorded but [`ConfirmErasure`]. With an open erasure that is `proposed` as `case` it moves
    /// that case by `order`.
    ///
    /// Refused: `second_person_required`, `legal_hold_stands` (a hold, or a list that freezes),
    /// `retention_not_over` (before the first day after the term, unless there is a ground; of a
    /// person without a relationship there is no term, so always a ground), `transition_invalid`
    /// (the relationship stands, or the order was given), `balance_remains`, `bets_open`,
    /// `winnings_unpaid`.
    pub struct OrderErasure {
        /// Whose.
        pub person: Person,
        /// The case that it belongs to.
        pub case: Option<CaseNo>,
        /// The ground of an order before the term is over, as a code.
        pub ground: Option<Code>,
        /// The first approver, a staff number.
        pub approver: u32,
        /// The second approver; another person.
        pub second_approver: u32,
    }
}

record! {
    /// Says that a person's data are destroyed, after [`OrderErasure`]; else refused
    /// `transition_invalid`. Moves the person's erasure that is `ordered` by `destroy`.
    pub struct ConfirmErasure {
        /// Whose.
        pub person: Person,
        /// SHA-256 of the act.
        pub act: Hash,
    }
}

record! {
    /// Makes one person of two (S-37). All accounts and wallets of `gone` become those of `kept`;
    /// of two open accounts at one organiser all but one must be in `closed`. `kept` stands on the
    /// lists of both, and keeps its own identification, age, consents and relationship. Later
    /// commands that name `gone` are refused `person_merged`.
    ///
    /// Refused: `second_person_required`, `case_invalid` (the same person twice; `gone` has a
    /// relationship and `kept` has none; a legal hold on `gone`; too many holdings),
    /// `account_unknown` (`closed` names another's or a closed account), `account_already_open`
    /// (two would stay open at one organiser), `relationship_ended` (the data of one are destroyed
    /// or about to be), `case_unknown` (`case` is no open merge about one of the two).
    pub struct MergePersons {
        /// The case that it belongs to.
        pub case: Option<CaseNo>,
        /// Who stays.
        pub kept: Person,
        /// Who becomes the other.
        pub gone: Person,
        /// Accounts that take no stakes any more, ascending.
        pub closed: Vec<Account>,
        /// The first approver, a staff number.
        pub approver: u32,
        /// The second approver; another person.
        pub second_approver: u32,
        /// SHA-256 of what shows it.
        pub evidence: Hash,
    }
}

record! {
    /// Opens a case by a row of `casework::TABLE` with no `from`. Its number is the one that
    /// `Cases::next` tells before, and stands in the fact. Hits on lists open cases by themselves.
    ///
    /// Refused: `step_not_possible` (no such row), `case_invalid` (it does not name whom
    /// `CaseKind::subject` asks for), `cases_too_many`, `case_unknown` (`related` was never given),
    /// `person_unknown`, `person_merged`, `organiser_unknown`.
    pub struct OpenCase {
        /// What it is about.
        pub kind: CaseKind,
        /// The step with which it begins.
        pub step: CaseStep,
        /// Whom it is about.
        pub person: Option<Person>,
        /// The second person.
        pub other: Option<Person>,
        /// The organiser.
        pub organiser: Option<Organiser>,
        /// The list.
        pub list: Option<List>,
        /// Another case that it belongs to.
        pub related: Option<CaseNo>,
        /// SHA-256 of what shows it.
        pub evidence: Option<Hash>,
    }
}

record! {
    /// Moves a case by a row of `casework::TABLE`. Refused: `case_unknown` (never opened, or
    /// ended), `step_not_possible` (no such row; the row's guard is not met; what the step asks for
    /// is missing; the step has a command of its own, which moves the case), and `not_identified`,
    /// `under_age`, `listed_…`, `list_data_stale` where the guard wants all clear and it is not.
    pub struct MoveCase {
        /// Which.
        pub case: CaseNo,
        /// By what.
        pub step: CaseStep,
        /// The ground, as a code.
        pub ground: Option<Code>,
        /// SHA-256 of what shows it.
        pub evidence: Option<Hash>,
    }
}

record! {
    /// Opens a wallet.
    pub struct OpenWallet {
        /// What kind.
        pub class: Class,
        /// The person or organiser that owns it.
        pub owner: u32,
    }
}

record! {
    /// Sets what a wallet's owner may do.
    pub struct BlockWallet {
        /// Which.
        pub wallet: Wallet,
        /// From now on.
        pub block: Block,
        /// The ground, as a code of the act or clause.
        pub ground: Text<64>,
    }
}

record! {
    /// Opens an account of a bettor with an organiser and binds a wallet to it.
    pub struct OpenAccount {
        /// The bettor.
        pub person: Person,
        /// The organiser.
        pub organiser: Organiser,
        /// The wallet.
        pub wallet: Wallet,
    }
}

record! {
    /// Binds another wallet of the same bettor.
    pub struct RebindAccount {
        /// Which account.
        pub account: Account,
        /// The wallet.
        pub wallet: Wallet,
    }
}

record! {
    /// Closes an account.
    pub struct CloseAccount {
        /// Which.
        pub account: Account,
    }
}
