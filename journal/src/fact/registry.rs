//! Facts about rulebooks, organisers, licences, contracts, desks and the key of checkpoints.

use register::organiser::{ConnectionState, ContractKind, DeskKind, OrganiserKind, TaxableObject};
use terms::rulebook::{Rulebook, Rulebook1};
use terms::{Bin, Day, DeskNo, Hash, Instant, Organiser, Text, Tiyn, record};

use super::Cause;

record! {
    /// A rulebook comes into force, as it was written before there were rules about persons.
    pub struct RulebookAdopted1 {
        /// What caused it.
        pub cause: Cause,
        /// SHA-256 of its canonical bytes.
        pub digest: Hash,
        /// Its content.
        pub rulebook: Box<Rulebook1>,
    }
}

impl RulebookAdopted1 {
    /// The rulebook as it is read today.
    pub fn today(&self) -> Rulebook {
        Rulebook::from((*self.rulebook).clone())
    }
}

record! {
    /// A rulebook comes into force from its instant on (core 18).
    pub struct RulebookAdopted {
        /// What caused it.
        pub cause: Cause,
        /// SHA-256 of its canonical bytes.
        pub digest: Hash,
        /// Its content.
        pub rulebook: Box<Rulebook>,
    }
}

record! {
    /// An organiser enters the system (R0-16.2a–d).
    pub struct OrganiserRegistered {
        /// What caused it.
        pub cause: Cause,
        /// Its number.
        pub organiser: Organiser,
        /// Bookmaker or totalizator.
        pub kind: OrganiserKind,
        /// Business identification number.
        pub bin: Bin,
        /// Name of the legal entity.
        pub name: Text<256>,
        /// Legal address.
        pub address: Text<512>,
        /// Types of taxable objects.
        pub taxable: Vec<TaxableObject>,
        /// From which day this holds.
        pub from: Day,
    }
}

record! {
    /// An organiser's particulars change (P-08).
    pub struct OrganiserChanged {
        /// What caused it.
        pub cause: Cause,
        /// Which organiser.
        pub organiser: Organiser,
        /// Its new name.
        pub name: Option<Text<256>>,
        /// Its new legal address.
        pub address: Option<Text<512>>,
        /// Its new list of taxable objects.
        pub taxable: Option<Vec<TaxableObject>>,
        /// From which day this holds.
        pub from: Day,
    }
}

record! {
    /// A licence is recorded, or recorded anew under its number (R0-16.2h–j).
    pub struct LicenceRecorded {
        /// What caused it.
        pub cause: Cause,
        /// Whose.
        pub organiser: Organiser,
        /// Its number.
        pub number: Text<64>,
        /// First day.
        pub issued: Day,
        /// Last day.
        pub expires: Day,
        /// Whether it is suspended.
        pub suspended: bool,
        /// From which day on this holds, until the next record of the same number.
        pub from: Day,
    }
}

record! {
    /// A contract is recorded. It holds until the first day of the next one of the same kind, and
    /// one of the same first day is replaced by it (R0-3.1, R0-3.2).
    pub struct ContractRecorded {
        /// What caused it.
        pub cause: Cause,
        /// Whose.
        pub organiser: Organiser,
        /// Which of the two.
        pub kind: ContractKind,
        /// First day.
        pub from: Day,
        /// Last day.
        pub until: Option<Day>,
        /// Commission on a stake, millionths.
        pub commission_millionths: u32,
        /// Commission on a stake, fixed part.
        pub commission_fixed: Tiyn,
        /// Floor of the organiser's wallet.
        pub floor: Tiyn,
    }
}

record! {
    /// The state of an organiser's connection (state machine B).
    pub struct ConnectionChanged {
        /// What caused it.
        pub cause: Cause,
        /// Whose.
        pub organiser: Organiser,
        /// The new state.
        pub state: ConnectionState,
        /// From when: until the next.
        pub from: Instant,
    }
}

record! {
    /// A cash desk is listed (R0-16.2e–g).
    pub struct DeskOpened {
        /// What caused it.
        pub cause: Cause,
        /// Its number.
        pub desk: DeskNo,
        /// Whose.
        pub organiser: Organiser,
        /// Land or electronic.
        pub kind: DeskKind,
        /// Address, or domain or network address.
        pub place: Text<256>,
        /// First day.
        pub from: Day,
    }
}

record! {
    /// A cash desk takes no stakes any more.
    pub struct DeskClosed {
        /// What caused it.
        pub cause: Cause,
        /// Which.
        pub desk: DeskNo,
        /// First day on which it is closed.
        pub from: Day,
    }
}

record! {
    /// The public key of checkpoints, and the one that will follow it (core 9).
    pub struct KeyAnnounced {
        /// What caused it.
        pub cause: Cause,
        /// The Ed25519 public key.
        pub key: Hash,
        /// The next one, if known.
        pub successor: Option<Hash>,
    }
}
