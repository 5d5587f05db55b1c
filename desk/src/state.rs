//! The hot state: everything that a decision may need, and nothing else.

use std::collections::{BTreeSet, VecDeque};

use admission::{List, Orders, People};
use casework::Cases;
use foldhash::fast::FixedState;
use hashbrown::HashMap;
use journal::fact::ReleaseGround;
use ledger::Ledger;
use register::central::Centrals;
use register::works::Agenda;
use register::{Bet, Catalogue, Organisers};
use terms::rulebook::Rulebook;
use terms::{
    Account, BetId, Event, Hash, Instant, Organiser, Person, Reason, Seq, Table, limits, record,
};

use crate::holdings::{Hits, Purses};
use crate::ids::Recent;

record! {
    /// A version of a list that is in force.
    pub struct ListRow {
        /// Its code.
        pub list: admission::List,
        /// Its version.
        pub version: u32,
        /// SHA-256 of its content.
        pub digest: Hash,
        /// Since when.
        pub since: Instant,
    }
}

record! {
    /// A closed bet that will leave; void if the bet has changed since.
    pub struct Closed {
        /// Where it is.
        pub slot: u32,
        /// Its last fact when it closed.
        pub last: Seq,
        /// When that was.
        pub at: Instant,
    }
}

record! {
    /// A corrected start: open bets are looked at in pieces for stakes taken too late (domain 6).
    pub struct StartWork {
        /// The event.
        pub event: Event,
        /// When it began.
        pub started: Instant,
        /// When it was thought to begin: what was taken from then on was judged by that already.
        pub until: Instant,
        /// The next slot to look at.
        pub next: u32,
    }
}

/// How many ended holds are remembered by name; later ones are told `hold_unknown`.
pub const RELEASED_KEPT: usize = 4_096;

record! {
    /// A hold that ended without a stake: who confirms it is told why it cannot be (domain 12).
    pub struct Released {
        /// Whose.
        pub organiser: Organiser,
        /// Which.
        pub bet: BetId,
        /// Why it ended.
        pub ground: ReleaseGround,
    }
}

/// The hot state.
#[derive(Clone, Debug)]
pub struct State {
    /// The position that the next fact gets.
    pub next: Seq,
    /// The instant of the last fact.
    pub at: Instant,
    /// Rulebooks by number; the last that has begun is in force.
    pub rulebooks: Vec<Rulebook>,
    /// Organisers and desks.
    pub organisers: Organisers,
    /// Catalogues.
    pub catalogue: Catalogue,
    /// Which events are one and the same.
    pub centrals: Centrals,
    /// Planned works.
    pub works: Agenda,
    /// Held, open and recently closed bets.
    pub bets: Table<Bet>,
    /// Persons and accounts.
    pub people: People,
    /// Open orders.
    pub orders: Orders,
    /// Wallets.
    pub ledger: Ledger,
    /// Lists in force.
    pub lists: Vec<ListRow>,
    /// Closed bets, oldest first.
    pub closed: VecDeque<Closed>,
    /// Work in pieces, oldest first.
    pub work: VecDeque<StartWork>,
    /// The last holds that ended without a stake, oldest first.
    pub released: VecDeque<Released>,
    /// The largest time in the id of a bet that has left, ms: a later id was never here.
    pub left_ms: i64,
    /// Open cases.
    pub cases: Cases,
    /// Hits on lists that have opened a case today.
    pub hits: Hits,
    /// The key of checkpoints.
    pub key: Option<Hash>,
    /// Holds by expiry; derived from the bets.
    pub(crate) timers: BTreeSet<(Instant, u32)>,
    /// The newest account of each pair; derived from the accounts (R0-12.1).
    pub(crate) pairs: HashMap<(u32, u32), u32, FixedState>,
    /// The wallets of each person; derived from the ledger.
    pub(crate) purses: Purses,
    /// Recent ids; no part of the state hash.
    pub ids: Recent,
}

impl State {
    /// Why nobody can be checked against the lists at an instant, if so: one of them has no version
    /// in force, or one that is older than the rulebook allows (S-02). Nobody is admitted then.
    pub fn lists_ground(&self, rules: &Rulebook, at: Instant) -> Option<Reason> {
        // There is one row for each list that ever had a version.
        let all = self.lists.len() == List::ALL.len();
        let fresh = |row: &ListRow| at.since(row.since) <= rules.terms.list_age_ns;
        (!all || !self.lists.iter().all(fresh)).then_some(Reason::ListDataStale)
    }

    /// The state before the first fact. `key` is drawn by the shell, keeps hash tables out of
    /// reach of those who choose ids, and influences no result.
    pub fn new(key: u64) -> State {
        State::with_ids(key, Recent::new(key, limits::RECENT_IDS_PER_GENERATION))
    }

    /// A state that follows and never decides: the read copy, replay, verification.
    pub fn follower(key: u64) -> State {
        State::with_ids(key, Recent::none())
    }

    /// The state before the first fact, with this memory of ids.
    pub fn with_ids(key: u64, ids: Recent) -> State {
        State {
            next: Seq(0),
            at: Instant(i64::MIN),
            rulebooks: Vec::new(),
            organisers: Organisers::default(),
            catalogue: Catalogue::new(key),
            centrals: Centrals::default(),
            works: Agenda::default(),
            bets: Table::with_room(key, limits::BETS_RESERVED),
            people: People::default(),
            orders: Orders::new(key),
            ledger: Ledger::new(),
            lists: Vec::new(),
            closed: VecDeque::new(),
            work: VecDeque::new(),
            released: VecDeque::new(),
            left_ms: i64::MIN,
            cases: Cases::default(),
            hits: Hits::default(),
            key: None,
            timers: BTreeSet::new(),
            pairs: HashMap::with_hasher(FixedState::with_seed(key)),
            purses: Purses::default(),
            ids,
        }
    }

    /// The rulebook in force at an instant; none before the first is adopted.
    pub fn rulebook(&self, at: Instant) -> Option<&Rulebook> {
        self.rulebooks.iter().rev().find(|rules| rules.from <= at)
    }

    /// The number of the rulebook in force; 0 before the first.
    pub fn rulebook_number(&self, at: Instant) -> u32 {
        self.rulebook(at).map_or(0, |rules| rules.number)
    }

    /// A bet in the hot state.
    pub fn bet(&self, organiser: Organiser, bet: BetId) -> Option<&Bet> {
        self.bets.of(organiser.0, bet.0)
    }

    /// The newest account of a pair; it may be closed.
    pub fn account_of_pair(&self, person: Person, organiser: Organiser) -> Option<Account> {
        self.pairs.get(&(person.0, organiser.0)).copied().map(Account)
    }

    /// Whether two states are the same, but for what is outside the state hash.
    pub fn same(&self, other: &State) -> bool {
        self.next == other.next
            && self.at == other.at
            && self.rulebooks == other.rulebooks
            && self.organisers == other.organisers
            && self.catalogue == other.catalogue
            && self.centrals == other.centrals
            && self.works == other.works
            && self.bets == other.bets
            && self.people == other.people
            && self.orders == other.orders
            && self.ledger == other.ledger
            && self.lists == other.lists
            && self.closed == other.closed
            && self.work == other.work
            && self.released == other.released
            && self.left_ms == other.left_ms
            && self.cases == other.cases
            && self.hits == other.hits
            && self.key == other.key
            && self.timers == other.timers
            && self.pairs == other.pairs
            && self.purses == other.purses
    }
}
