//! Facts about persons over time: identification, lists, ages, consents, the relationship, and the
//! end of their data. Everything personal is in the vault; evidence is there too, here its digest.

use admission::{
    ConsentWay, HoldGround, IdentificationMethod, IdentificationSource, Level, List, Lists,
    Purpose, Recipients, Scopes,
};
use terms::{Account, CaseNo, Code, Hash, Instant, Person, Text, Wallet, record};

use super::Cause;

record! {
    /// A person was identified, or was not (R0-10.7 to R0-10.12).
    pub struct IdentificationRecorded {
        /// What caused it.
        pub cause: Cause,
        /// Who.
        pub person: Person,
        /// The case that it belongs to.
        pub case: Option<CaseNo>,
        /// The way.
        pub method: IdentificationMethod,
        /// Where the data came from.
        pub source: IdentificationSource,
        /// Whether the identity is established.
        pub established: bool,
        /// Whether the data are confirmed.
        pub confirmed: bool,
        /// The contract under which another did it (R0-10.8).
        pub delegate_contract: Option<Text<64>>,
        /// SHA-256 of what shows it.
        pub evidence: Hash,
        /// What this identification is worth; `unidentified` if it did not succeed.
        pub reached: Level,
        /// The person's level after it.
        pub level: Level,
        /// Until when that is good.
        pub until: Option<Instant>,
    }
}

record! {
    /// What a version of a list changes for persons of БЕЖ. All from the next fact on.
    pub struct ListingsChanged {
        /// What caused it.
        pub cause: Cause,
        /// Which list.
        pub list: List,
        /// The version that it belongs to: the one in force, or the next.
        pub version: u32,
        /// The case in which it was decided, if an officer did (S-48).
        pub case: Option<CaseNo>,
        /// Who is on the list from now on, by number, ascending.
        pub listed: Vec<Person>,
        /// Who is on it no more, by number, ascending.
        pub cleared: Vec<Person>,
    }
}

record! {
    /// Who has reached the age of the rulebook, and who, by a rulebook with another age or after a
    /// mistake, has not.
    pub struct AgesChanged {
        /// What caused it.
        pub cause: Cause,
        /// The age in years.
        pub age: u32,
        /// Who has reached it, by number, ascending.
        pub reached: Vec<Person>,
        /// Who has not, by number, ascending.
        pub not_reached: Vec<Person>,
    }
}

record! {
    /// A person has consented (R3-7.6, R4-11.1.4). Scopes add to those given before for the same
    /// purpose.
    pub struct ConsentRecorded {
        /// What caused it.
        pub cause: Cause,
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
    /// A person takes consent back. No new request is made by it; records that the law demands
    /// stay (S-56).
    pub struct ConsentWithdrawn {
        /// What caused it.
        pub cause: Cause,
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
    /// The relationship with a bettor is established: every check of clause 10 was clear
    /// (R0-10.2).
    pub struct RelationshipStarted {
        /// What caused it.
        pub cause: Cause,
        /// With whom.
        pub person: Person,
        /// The registration that led to it.
        pub case: Option<CaseNo>,
    }
}

record! {
    /// The relationship is over: nothing is owed, nothing is open. The term of D-07 begins.
    pub struct RelationshipEnded {
        /// What caused it.
        pub cause: Cause,
        /// With whom.
        pub person: Person,
        /// The ground, as a code.
        pub ground: Code,
        /// Accounts that were open and are closed by it.
        pub accounts: Vec<Account>,
    }
}

record! {
    /// A person's data must be kept beyond their term (S-42).
    pub struct LegalHoldSet {
        /// What caused it.
        pub cause: Cause,
        /// Whose.
        pub person: Person,
        /// Its number: one for each of the person's, in order.
        pub number: u32,
        /// Why.
        pub ground: HoldGround,
        /// SHA-256 of what shows it.
        pub evidence: Hash,
    }
}

record! {
    /// A hold is over.
    pub struct LegalHoldLifted {
        /// What caused it.
        pub cause: Cause,
        /// Whose.
        pub person: Person,
        /// Which.
        pub number: u32,
        /// SHA-256 of what shows it.
        pub evidence: Hash,
    }
}

record! {
    /// Two persons have ordered that a person's data be destroyed (D-07, S-42).
    pub struct ErasureOrdered {
        /// What caused it.
        pub cause: Cause,
        /// Whose.
        pub person: Person,
        /// The case that it belongs to.
        pub case: Option<CaseNo>,
        /// The ground of an order before the term is over.
        pub ground: Option<Code>,
        /// The first approver, a staff number.
        pub approver: u32,
        /// The second approver; another person.
        pub second_approver: u32,
    }
}

record! {
    /// A person's data are destroyed.
    pub struct ErasureDone {
        /// What caused it.
        pub cause: Cause,
        /// Whose.
        pub person: Person,
        /// SHA-256 of the act.
        pub act: Hash,
    }
}

record! {
    /// Two persons are one and the same (S-37): one number stays, the other becomes it, with its
    /// accounts and wallets.
    pub struct PersonsMerged {
        /// What caused it.
        pub cause: Cause,
        /// The case that it belongs to.
        pub case: Option<CaseNo>,
        /// Who stays.
        pub kept: Person,
        /// Who becomes the other.
        pub gone: Person,
        /// Accounts that take no stakes any more: of two at one organiser one stays.
        pub closed: Vec<Account>,
        /// All accounts of the second, open or not: they are the first one's from now on.
        pub moved: Vec<Account>,
        /// All wallets of the second: they are the first one's from now on.
        pub wallets: Vec<Wallet>,
        /// The lists on which the one who stays stands after it: those of both.
        pub lists: Lists,
        /// The first approver, a staff number.
        pub approver: u32,
        /// The second approver; another person.
        pub second_approver: u32,
        /// SHA-256 of what shows it.
        pub evidence: Hash,
    }
}
