//! An auditor: keeps books of its own from the facts alone and says which invariant breaks first.
//!
//! It shares no rule with the desk: sums are `i128` in plain tables, winnings are reckoned anew,
//! what persons may do is read off the facts about them. So a mistake in a decision, in applying
//! it, or in a journal that was changed by hand shows here as another figure. The invariants and
//! their names are those of design.md section 6. J2 and J3 are for whoever has the frames and the
//! state.
//!
//! Memory: about 300 bytes for a bet in the hot state, 48 for one that has left, 36 for each id of
//! the last forty days. Cost: two or three look-ups for each fact.

mod bets;
mod catalogue;
mod money;
mod people;
mod winnings;

use core::fmt;
use std::collections::{BTreeMap, BTreeSet, VecDeque};

use foldhash::fast::FixedState;
use hashbrown::HashMap;
use journal::fact::{Cause, Entry, Fact};
use terms::rulebook::Rulebook;
use terms::{Instant, Reason, Seq};

use bets::BetBook;
use catalogue::Catalogue;
use money::Books;
use people::People;

macro_rules! invariants {
    ($( $name:ident $text:literal ),* $(,)?) => {
        /// What must hold at every position of the journal (design.md section 6).
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Invariant { $( #[doc = $text] $name ),* }

        impl Invariant {
            /// Every invariant that the auditor checks, in the order of design.md.
            pub const ALL: &'static [Invariant] = &[ $( Invariant::$name ),* ];

            /// Its name in design.md.
            pub const fn name(self) -> &'static str {
                match self { $( Invariant::$name => stringify!($name) ),* }
            }

            /// What it says.
            pub const fn text(self) -> &'static str {
                match self { $( Invariant::$name => $text ),* }
            }
        }
    };
}

invariants! {
    L1 "Debits equal credits, and each balance that a fact states is the true one.",
    L2 "No wallet falls below zero, nor below what is set aside in it.",
    L3 "What was issued and not redeemed is what all wallets hold.",
    L4 "Money moves between allowed kinds of wallets only, never between two bettors.",
    B1 "A bet has one effective settlement, and is paid what is due by it.",
    B2 "What a bet returns follows from its recorded odds, the results and its price rule.",
    B3 "Each e-money stake is one posting of the same sum, and there is no other such posting.",
    A1 "Nothing requested is accepted for a person who may not stake at that instant.",
    A2 "Each report that breaks a rule carries its breach.",
    J1 "Positions have no gap, numbers of things no hole.",
    J3 "What a fact repeats of earlier facts is what those facts say.",
    J4 "Each instant is later than the one before, under the rulebook in force.",
    I1 "An id causes one fact, beside conflicts.",
}

impl fmt::Display for Invariant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The first fact that breaks an invariant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// Its position.
    pub seq: Seq,
    /// What it breaks.
    pub invariant: Invariant,
    /// How, with the figures.
    pub detail: String,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "entry {}: {}: {}", self.seq, self.invariant, self.detail)
    }
}

impl core::error::Error for Violation {}

/// What is wrong with a fact, before its position is added.
#[derive(Debug)]
struct Wrong {
    invariant: Invariant,
    detail: String,
}

impl Wrong {
    fn new(invariant: Invariant, detail: impl Into<String>) -> Wrong {
        Wrong { invariant, detail: detail.into() }
    }
}

/// How often each invariant was checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Counts([u64; Invariant::ALL.len()]);

impl Counts {
    /// Each invariant with how often it was checked.
    pub fn iter(&self) -> impl Iterator<Item = (Invariant, u64)> {
        Invariant::ALL.iter().copied().zip(self.0)
    }

    /// How often one was checked.
    pub fn of(&self, invariant: Invariant) -> u64 {
        self.0[invariant as usize]
    }

    /// Notes a check, and gives its outcome.
    fn check(
        &mut self,
        invariant: Invariant,
        holds: bool,
        detail: impl FnOnce() -> String,
    ) -> Result<(), Wrong> {
        self.0[invariant as usize] += 1;
        if holds { Ok(()) } else { Err(Wrong::new(invariant, detail())) }
    }
}

/// An organiser and the id of one of its bets.
type BetKey = (u32, [u8; 16]);

/// Days after which an id is no longer accepted as new (core 15), and one more.
const ID_DAYS_MAX: i64 = 41;

/// Facts between two looks for ids that have become too old.
const FORGET_EVERY: u64 = 1 << 16;

/// The auditor's books.
#[derive(Debug)]
pub struct Auditor {
    next: u64,
    at: Option<Instant>,
    rulebooks: Vec<Rulebook>,
    books: Books,
    people: People,
    catalogue: Catalogue,
    /// Held, open and closed bets until they leave.
    bets: HashMap<BetKey, BetBook, FixedState>,
    /// Bets that have left: a fingerprint of what they were.
    left: HashMap<BetKey, u64, FixedState>,
    /// Closed bets in the order in which they may leave, each with its last fact then.
    closed: VecDeque<(BetKey, Seq)>,
    /// A payout that the next fact must be: it belongs to the settlement before.
    due: Option<BetKey>,
    /// Ids that have caused a fact, by time, with the number of their sender.
    ids: BTreeSet<([u8; 16], u32)>,
    counts: Counts,
}

impl Default for Auditor {
    fn default() -> Self {
        Auditor::new()
    }
}

/// What all facts have beside their content.
#[derive(Clone, Copy)]
struct Place {
    seq: Seq,
    at: Instant,
}

impl Auditor {
    /// Books before the first fact.
    pub fn new() -> Auditor {
        Auditor {
            next: 0,
            at: None,
            rulebooks: Vec::new(),
            books: Books::new(),
            people: People::default(),
            catalogue: Catalogue::default(),
            bets: HashMap::default(),
            left: HashMap::default(),
            closed: VecDeque::new(),
            due: None,
            ids: BTreeSet::new(),
            counts: Counts([0; Invariant::ALL.len()]),
        }
    }

    /// Enters the next fact. After a violation the books are of no further use.
    pub fn entry(&mut self, entry: &Entry) -> Result<(), Violation> {
        self.enter(entry).map_err(|wrong| Violation {
            seq: entry.seq,
            invariant: wrong.invariant,
            detail: wrong.detail,
        })
    }

    /// Checks what can be told at the end of the journal only.
    pub fn end(&mut self) -> Result<(), Violation> {
        let last = Seq(self.next.saturating_sub(1));
        let checked = self.end_checks();
        checked.map_err(|Wrong { invariant, detail }| Violation { seq: last, invariant, detail })
    }

    fn end_checks(&mut self) -> Result<(), Wrong> {
        let due = self.due;
        self.counts.check(Invariant::B1, due.is_none(), || {
            "the journal ends between a settlement and its payout".into()
        })?;
        self.books.end(&mut self.counts)?;
        // Holds are what held bets set aside, wallet by wallet.
        let mut held: BTreeMap<u32, i128> = BTreeMap::new();
        // Sums do not depend on the order of the bets.
        for bet in self.bets.values() {
            if let Some(wallet) = bet.hold {
                *held.entry(wallet.0).or_default() += bet.total();
            }
        }
        self.books.holds_are(&held, &mut self.counts)
    }

    /// How often each invariant was checked so far.
    pub fn counts(&self) -> &Counts {
        &self.counts
    }

    /// How many facts were entered.
    pub fn entries(&self) -> u64 {
        self.next
    }

    /// What was issued and not redeemed, in tiyn.
    pub fn circulating(&self) -> i128 {
        self.books.circulating()
    }

    fn enter(&mut self, entry: &Entry) -> Result<(), Wrong> {
        let Entry { seq, at, rulebook, fact } = entry;
        let next = self.next;
        self.counts.check(Invariant::J1, seq.0 == next, || {
            format!("position {seq} where {next} is due")
        })?;
        let before = self.at;
        self.counts.check(Invariant::J4, before.is_none_or(|before| before < *at), || {
            format!("instant {} after {}", at.0, before.map_or(0, |before| before.0))
        })?;
        let in_force = self.rules(*at).map_or(0, |rules| rules.number);
        self.counts.check(Invariant::J4, *rulebook == in_force, || {
            format!("rulebook {rulebook} where {in_force} is in force")
        })?;
        self.once(fact.cause(), *at, fact)?;
        self.follows(fact)?;
        self.dispatch(Place { seq: *seq, at: *at }, fact)?;
        self.next += 1;
        self.at = Some(*at);
        if self.next.is_multiple_of(FORGET_EVERY) {
            self.forget(*at);
        }
        Ok(())
    }

    /// The rulebook in force at an instant.
    fn rules(&self, at: Instant) -> Option<&Rulebook> {
        self.rulebooks.iter().rev().find(|rules| rules.from <= at)
    }

    /// I1: an id causes one fact; a conflict needs an id that is known, and causes nothing else.
    fn once(&mut self, cause: Option<&Cause>, at: Instant, fact: &Fact) -> Result<(), Wrong> {
        let Some(cause) = cause else { return Ok(()) };
        let key = (cause.id.0, cause.sender.number());
        let too_old = cause.id.made_ms() < oldest_ms(at);
        let conflict = matches!(fact, Fact::Refused(refused) if refused.reason == Reason::IdReused);
        let refused = matches!(fact, Fact::Refused(_));
        let holds = match (conflict, too_old) {
            // Nothing is kept of an id as old as this; it can be refused and no more.
            (_, true) => refused,
            (true, false) => self.ids.contains(&key),
            (false, false) => self.ids.insert(key),
        };
        self.counts.check(Invariant::I1, holds, || {
            let (id, sender) = (cause.id, cause.sender);
            match (conflict, too_old) {
                (_, true) => format!("id {id} of {sender} is too old to be accepted"),
                (true, false) => format!("a conflict with id {id} of {sender}, which is new"),
                (false, false) => format!("id {id} of {sender} causes a second fact"),
            }
        })
    }

    /// Ids that are too old to be accepted as new need not be remembered.
    fn forget(&mut self, at: Instant) {
        let mut first = [0; 16];
        first[..6].copy_from_slice(&oldest_ms(at).max(0).to_be_bytes()[2..]);
        self.ids = self.ids.split_off(&(first, 0));
    }

    /// B1: a payout that belongs to a settlement is the very next fact (R0-8.2).
    fn follows(&mut self, fact: &Fact) -> Result<(), Wrong> {
        let Some((organiser, bet)) = self.due.take() else { return Ok(()) };
        let holds = matches!(fact, Fact::PayoutPosted(fact)
            if (fact.organiser.0, fact.bet.0) == (organiser, bet));
        self.counts.check(Invariant::B1, holds, || {
            format!("{} stands between a settlement and its payout", fact.name())
        })
    }

    fn dispatch(&mut self, place: Place, fact: &Fact) -> Result<(), Wrong> {
        let counts = &mut self.counts;
        match fact {
            Fact::StakeAccepted(fact) => self.stake_accepted(place, fact),
            Fact::StakeReported(fact) => self.stake_reported(place, fact),
            Fact::HoldPlaced(fact) => self.hold_placed(place, fact),
            Fact::HoldReleased(fact) => self.hold_released(place, fact),
            Fact::BetSettled(fact) => self.bet_settled(place, fact),
            Fact::PayoutPosted(fact) => self.payout_posted(place, fact),
            Fact::PayoutReported(fact) => self.payout_reported(place, fact),
            Fact::ClaimSettled(fact) => self.claim_settled(place, fact),
            Fact::BetsLeft(fact) => self.bets_left(fact),
            Fact::EmoneyIssued(fact) => self.emoney_issued(place, fact),
            Fact::EmoneyRedeemed(fact) => self.emoney_redeemed(place, fact),
            Fact::WalletOpened(fact) => self.books.open(fact, counts),
            Fact::WalletBlockChanged(fact) => self.books.block(fact, counts),
            Fact::RulebookAdopted1(fact) => adopt(&mut self.rulebooks, fact.today(), counts),
            Fact::RulebookAdopted(fact) => {
                adopt(&mut self.rulebooks, (*fact.rulebook).clone(), counts)
            }
            Fact::OrganiserRegistered(fact) => self.people.organiser(fact, counts),
            Fact::LicenceRecorded(fact) => self.people.licence(fact, counts),
            Fact::ListInForce(fact) => {
                self.people.list(place.at, fact);
                Ok(())
            }
            Fact::DeskOpened(fact) => self.people.desk_opened(fact, counts),
            Fact::DeskClosed(fact) => self.people.desk_closed(fact, counts),
            Fact::PersonRegistered(fact) => self.people.person(place.at, fact, counts),
            Fact::AdmissionChanged(fact) => self.people.admission(place.at, fact, counts),
            Fact::ListingsChanged(fact) => self.people.listings(place.at, fact),
            Fact::AgesChanged(fact) => self.people.ages(place.at, fact),
            Fact::IdentificationRecorded(fact) => {
                self.people.identification(place.at, fact, counts)
            }
            Fact::RelationshipEnded(fact) => self.people.relationship_ended(place.at, fact),
            Fact::ErasureDone(fact) => self.people.erased(place.at, fact),
            Fact::PersonsMerged(fact) => {
                self.people.merged(place.at, fact, &mut self.books, counts)
            }
            Fact::AccountOpened(fact) => self.people.account_opened(fact, &self.books, counts),
            Fact::AccountRebound(fact) => self.people.account_rebound(fact, &self.books, counts),
            Fact::AccountClosed(fact) => self.people.account_closed(place.at, fact, counts),
            Fact::ChampionshipListed(fact) => self.catalogue.championship(fact, counts),
            Fact::EventListed(fact) => self.catalogue.event_listed(fact, counts),
            Fact::EventConfirmed(fact) => self.catalogue.event_confirmed(fact, counts),
            Fact::EventChanged(fact) => self.catalogue.event_changed(fact, counts),
            Fact::MarketListed(fact) => self.catalogue.market_listed(fact, counts),
            Fact::MarketChanged(fact) => self.catalogue.market_changed(fact, counts),
            Fact::ResultPublished(fact) => self.catalogue.result(place.seq, fact, counts),
            Fact::EventKept(fact) => self.catalogue.kept(fact, counts),
            Fact::EventsLeft(fact) => self.catalogue.left(fact, counts),
            Fact::BreachRaised(fact) => {
                let key = (fact.organiser.0, fact.bet.0);
                let left = fact.cause.is_some() && self.left.contains_key(&key);
                let known = left || self.bets.contains_key(&key);
                counts.check(Invariant::J3, known, || format!("bet {} is unknown", fact.bet))
            }
            Fact::ResultsDiffer(fact) => self.catalogue.results_differ(fact, counts),
            Fact::OrderGiven(_)
            | Fact::EventMapped(_)
            | Fact::MarketMapped(_)
            | Fact::OrganiserChanged(_)
            | Fact::ContractRecorded(_)
            | Fact::ConnectionChanged(_)
            | Fact::Refused(_)
            | Fact::RefusalsSuppressed(_)
            | Fact::StartChecked(_)
            | Fact::OrdersSwept(_)
            | Fact::KeyAnnounced(_)
            | Fact::RelationshipStarted(_)
            | Fact::ConsentRecorded(_)
            | Fact::ConsentWithdrawn(_)
            | Fact::LegalHoldSet(_)
            | Fact::LegalHoldLifted(_)
            | Fact::ErasureOrdered(_)
            | Fact::CaseOpened(_)
            | Fact::CaseMoved(_)
            | Fact::CaseOverdue(_)
            | Fact::WorksAnnounced(_)
            | Fact::WorksChanged(_)
            | Fact::WorksCancelled(_)
            | Fact::AuditNoted(_) => Ok(()),
        }
    }
}

fn adopt(rulebooks: &mut Vec<Rulebook>, next: Rulebook, counts: &mut Counts) -> Result<(), Wrong> {
    let due = rulebooks.last().map_or(1, |rules| rules.number + 1);
    counts.check(Invariant::J1, next.number == due, || {
        format!("rulebook {} where {due} is due", next.number)
    })?;
    rulebooks.push(next);
    Ok(())
}

/// The time before which an id is too old at an instant.
fn oldest_ms(at: Instant) -> i64 {
    at.plus(-ID_DAYS_MAX * Instant::DAY).ms()
}

/// A2: a report confesses the rules that it breaks, all of them and no other.
fn confessed(due: &[Reason], breaches: &[Reason], counts: &mut Counts) -> Result<(), Wrong> {
    let hidden: Vec<_> = due.iter().copied().filter(|r| !breaches.contains(r)).collect();
    let invented: Vec<_> = breaches.iter().copied().filter(|r| !due.contains(r)).collect();
    counts.check(Invariant::A2, hidden.is_empty(), || {
        format!("the report does not confess: {}", names(&hidden))
    })?;
    counts.check(Invariant::A2, invented.is_empty(), || {
        format!("the report confesses what it has not broken: {}", names(&invented))
    })
}

fn names(reasons: &[Reason]) -> String {
    reasons.iter().map(|reason| reason.name()).collect::<Vec<_>>().join(", ")
}
