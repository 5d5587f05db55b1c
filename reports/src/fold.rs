//! The fold: facts in order in, the rows that they change out.
//!
//! A fold is a function of the facts before it: what a step contains does not depend on how the
//! facts are cut into steps, and a fold that starts again at a position (its directory learnt from
//! the cards, its totals read) goes on as one that never stopped. It judges nothing: a fact that
//! does not fit what came before is an error, for the journal or the rows are not whole.
//!
//! Memory: the directory, two generations of recent bets, and the cards of the last step. What has
//! left memory is looked up, so before a step is folded all but the last one must have been
//! projected: one step can be folded while the one before it is being projected.

mod bets;
mod catalogue;
mod lives;
mod money;
mod works;

use core::fmt;
use std::collections::BTreeMap;

use journal::fact::{Entry, Fact};
use journal::kinds::{DeskKind, Form};
use terms::{BetId, Day, Instant, Organiser, Reason, Seq};

use crate::card::{Card, CardKey};
use crate::directory::Directory;
use crate::recent::Recent;
use crate::rollup::{
    BreachKey, BreachSums, DeskKey, DeskSums, HourKey, HourSums, QuarterKey, QuarterSums,
    RefusalKey, RefusalSums, RollupKey, RollupSums, Sums, UnpaidKey, UnpaidSums,
};
use crate::row::{
    BetRow, BreachRow, PayoutRow, PostingRow, RefusalRow, SettlementRow, SignalRow, Standing,
};
use crate::step::{ChangedBet, Step};
use crate::totals::Totals;

/// Rows as of the last step or the one before it, for what has left the fold's memory.
pub trait Lookup {
    /// Why there is no answer.
    type Error;

    /// The newest row of a bet: of a hold and its stake, the stake.
    fn bet(&mut self, organiser: Organiser, bet: BetId) -> Result<Option<BetRow>, Self::Error>;

    /// The same of many bets at once, in any order; those that are not there are left out.
    fn newest_bets(&mut self, bets: &[(Organiser, BetId)]) -> Result<Vec<BetRow>, Self::Error>;

    /// A card.
    fn card(&mut self, key: CardKey) -> Result<Option<Card>, Self::Error>;
}

/// Why facts cannot be folded. After it the fold is of no use: make a new one from the rows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FoldError<E> {
    /// A look-up gave no answer.
    Lookup(E),
    /// A fact speaks of something that no fact before it brought.
    Unknown {
        /// The fact.
        seq: Seq,
        /// What it speaks of.
        what: &'static str,
    },
    /// A sum does not fit.
    Overflow {
        /// The fact.
        seq: Seq,
    },
    /// A fact is not the next one.
    Order {
        /// The position that is due.
        due: Seq,
        /// The position found.
        found: Seq,
    },
    /// The fold has failed before.
    Spent,
}

impl<E> fmt::Display for FoldError<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            FoldError::Lookup(_) => f.write_str("could not look a row up"),
            FoldError::Unknown { seq, what } => {
                write!(f, "fact {seq} speaks of {what} that no fact before it brought")
            }
            FoldError::Overflow { seq } => write!(f, "a sum does not fit after fact {seq}"),
            FoldError::Order { due, found } => {
                write!(f, "fact {due} is due, and fact {found} was given")
            }
            FoldError::Spent => f.write_str("the fold has failed before and was not made anew"),
        }
    }
}

impl<E: core::error::Error + 'static> core::error::Error for FoldError<E> {
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        match self {
            FoldError::Lookup(error) => Some(error),
            FoldError::Unknown { .. }
            | FoldError::Overflow { .. }
            | FoldError::Order { .. }
            | FoldError::Spent => None,
        }
    }
}

/// The fold.
#[derive(Debug)]
pub struct Fold {
    next: Seq,
    directory: Directory,
    totals: Totals,
    recent: Recent,
    /// Of the last step, which may not have been projected yet.
    cards: BTreeMap<CardKey, Card>,
    spent: bool,
}

impl Fold {
    /// A fold of the journal from its beginning. `key` is drawn by the shell and influences no
    /// result.
    pub fn new(key: u64) -> Fold {
        Fold::resume(Seq(0), Directory::new(), Totals::ZERO, key)
    }

    /// A fold that goes on at `next`, with what was learnt from the cards and added up before it.
    pub fn resume(next: Seq, directory: Directory, totals: Totals, key: u64) -> Fold {
        Fold {
            next,
            directory,
            totals,
            recent: Recent::new(key),
            cards: BTreeMap::new(),
            spent: false,
        }
    }

    /// The fact that is due.
    pub fn next(&self) -> Seq {
        self.next
    }

    /// The totals as they stand (P1).
    pub fn totals(&self) -> &Totals {
        &self.totals
    }

    /// What the fold knows of numbers.
    pub fn directory(&self) -> &Directory {
        &self.directory
    }

    /// Folds the next facts. How many is the caller's choice; a few thousand cost few megabytes.
    ///
    /// Bets that have left memory are looked up together, before the first fact is taken.
    pub fn step<L: Lookup + ?Sized>(
        &mut self,
        entries: &[Entry],
        lookup: &mut L,
    ) -> Result<Step, FoldError<L::Error>> {
        if self.spent {
            return Err(FoldError::Spent);
        }
        // Until the step is whole; an error leaves it so.
        self.spent = true;
        self.recent.rotate();
        for row in lookup.newest_bets(&self.forgotten(entries)).map_err(FoldError::Lookup)? {
            self.recent.insert(row);
        }
        let from = self.next;
        let mut rows = Rows::new();
        for entry in entries {
            if entry.seq != self.next {
                return Err(FoldError::Order { due: self.next, found: entry.seq });
            }
            let day = self.directory.day(entry.rulebook, entry.at);
            Turn { fold: self, lookup, rows: &mut rows, entry, day }.take()?;
            self.next = Seq(self.next.0 + 1);
        }
        self.cards = core::mem::take(&mut rows.cards);
        let step = self.finish(from, rows)?;
        self.spent = false;
        Ok(step)
    }

    /// Bets that these facts change and that have left memory, in order of their ids. Whatever is
    /// missed here is looked up when its fact is taken.
    fn forgotten(&self, entries: &[Entry]) -> Vec<(Organiser, BetId)> {
        let mut changed: Vec<(BetId, Organiser)> = entries
            .iter()
            .filter_map(|entry| bets::changed(&entry.fact, &self.directory))
            .filter(|(organiser, bet)| self.recent.get(*organiser, *bet).is_none())
            .map(|(organiser, bet)| (bet, organiser))
            .collect();
        if changed.is_empty() {
            return Vec::new();
        }
        let mut arriving: Vec<BetId> =
            entries.iter().filter_map(|entry| bets::brought(&entry.fact)).collect();
        arriving.sort_unstable();
        changed.retain(|(bet, _)| arriving.binary_search(bet).is_err());
        changed.sort_unstable();
        changed.dedup();
        changed.into_iter().map(|(bet, organiser)| (organiser, bet)).collect()
    }

    fn finish<E>(&self, from: Seq, rows: Rows) -> Result<Step, FoldError<E>> {
        let (mut bets, mut changed) = (Vec::new(), Vec::new());
        for (seq, touched) in rows.touched {
            let row = match touched.row {
                Place::Here(row) => *row,
                Place::Recent(organiser, bet) => {
                    let row = self.recent.get(organiser, bet).cloned();
                    row.ok_or(FoldError::Unknown { seq: Seq(seq), what: "a bet" })?
                }
            };
            match touched.was {
                None => bets.push(row),
                Some(was) => changed.push(ChangedBet { was, row }),
            }
        }
        let rollups = rows.rollups.finish();
        let mut overviews = Sums::new();
        for (key, sums) in &rollups {
            let added = overviews.add(key.overview(), sums);
            added.ok_or(FoldError::Overflow { seq: from })?;
        }
        Ok(Step {
            from,
            to: self.next,
            bets,
            changed,
            settlements: rows.settlements,
            payouts: rows.payouts,
            postings: rows.postings,
            refusals: rows.refusals,
            breaches: rows.breaches,
            signals: rows.signals,
            cards: self.cards.values().cloned().collect(),
            rollups,
            overviews: overviews.finish(),
            refusal_counts: rows.refusal_counts.finish(),
            breach_counts: rows.breach_counts.finish(),
            hours: rows.hours.finish(),
            desks: rows.desks.finish(),
            quarters: rows.quarters.finish(),
            unpaid: rows.unpaid.finish(),
            totals: self.totals.clone(),
        })
    }
}

/// A row of the register that the step made or changed.
#[derive(Debug)]
struct Touched {
    /// Where it stood before the step; none if the step made it.
    was: Option<Standing>,
    row: Place,
}

/// Where the row is at the end of the step.
#[derive(Debug)]
enum Place {
    /// Among the recent bets.
    Recent(Organiser, BetId),
    /// Here, because the stake that confirmed it is there under its id.
    Here(Box<BetRow>),
}

/// A step while it is being made.
pub(crate) struct Rows {
    touched: BTreeMap<u64, Touched>,
    settlements: Vec<SettlementRow>,
    payouts: Vec<PayoutRow>,
    postings: Vec<PostingRow>,
    refusals: Vec<RefusalRow>,
    breaches: Vec<BreachRow>,
    pub(crate) signals: Vec<SignalRow>,
    cards: BTreeMap<CardKey, Card>,
    rollups: Sums<RollupKey, RollupSums>,
    refusal_counts: Sums<RefusalKey, RefusalSums>,
    breach_counts: Sums<BreachKey, BreachSums>,
    hours: Sums<HourKey, HourSums>,
    desks: Sums<DeskKey, DeskSums>,
    quarters: Sums<QuarterKey, QuarterSums>,
    unpaid: Sums<UnpaidKey, UnpaidSums>,
}

impl Rows {
    fn new() -> Rows {
        Rows {
            touched: BTreeMap::new(),
            settlements: Vec::new(),
            payouts: Vec::new(),
            postings: Vec::new(),
            refusals: Vec::new(),
            breaches: Vec::new(),
            signals: Vec::new(),
            cards: BTreeMap::new(),
            rollups: Sums::new(),
            refusal_counts: Sums::new(),
            breach_counts: Sums::new(),
            hours: Sums::new(),
            desks: Sums::new(),
            quarters: Sums::new(),
            unpaid: Sums::new(),
        }
    }
}

/// One fact being folded.
pub(crate) struct Turn<'a, L: Lookup + ?Sized> {
    fold: &'a mut Fold,
    lookup: &'a mut L,
    pub(crate) rows: &'a mut Rows,
    entry: &'a Entry,
    /// The day of the fact.
    pub(crate) day: Day,
}

pub(crate) type Done<L> = Result<(), FoldError<<L as Lookup>::Error>>;

impl<L: Lookup + ?Sized> Turn<'_, L> {
    fn take(mut self) -> Done<L> {
        let entry = self.entry;
        match &entry.fact {
            Fact::RulebookAdopted1(fact) => self.rulebook(&fact.today()),
            Fact::RulebookAdopted(fact) => self.rulebook(&fact.rulebook),
            Fact::OrganiserRegistered(fact) => self.organiser(fact),
            Fact::OrganiserChanged(fact) => self.organiser_changed(fact),
            Fact::LicenceRecorded(fact) => self.licence(fact),
            Fact::DeskOpened(fact) => self.desk(fact),
            Fact::DeskClosed(fact) => self.desk_closed(fact),
            Fact::WalletOpened(fact) => self.wallet(fact),
            Fact::AccountOpened(fact) => self.account(fact),
            Fact::AccountRebound(fact) => {
                self.change_account(fact.account, |card, _| card.wallet = fact.wallet)
            }
            Fact::AccountClosed(fact) => {
                self.change_account(fact.account, |card, at| card.closed = Some(at))
            }
            Fact::ChampionshipListed(fact) => self.championship(fact),
            Fact::EventListed(fact) => self.event(fact),
            Fact::EventConfirmed(fact) => self.event_confirmed(fact),
            Fact::EventChanged(fact) => self.event_changed(fact),
            Fact::EventMapped(fact) => self.event_mapped(fact),
            Fact::ResultsDiffer(_) => self.signal_difference(),
            Fact::MarketListed(fact) => self.market(fact),
            Fact::MarketChanged(fact) => self.market_changed(fact),
            Fact::ResultPublished(fact) => self.result(fact),
            Fact::StakeAccepted(fact) => self.stake_accepted(fact),
            Fact::StakeReported(fact) => self.stake_reported(fact),
            Fact::HoldPlaced(fact) => self.hold_placed(fact),
            Fact::HoldReleased(fact) => self.hold_released(fact),
            Fact::BetSettled(fact) => self.settled(fact),
            Fact::PayoutPosted(fact) => self.payout_posted(fact),
            Fact::PayoutReported(fact) => self.payout_reported(fact),
            Fact::ClaimSettled(fact) => self.claim_settled(fact),
            Fact::EmoneyIssued(fact) => self.issued(fact),
            Fact::EmoneyRedeemed(fact) => self.redeemed(fact),
            Fact::Refused(fact) => self.refused(RefusalRow {
                id: Some(fact.cause.id),
                account: fact.account,
                report: fact.report,
                ..self.refusal(fact.cause.sender, fact.reason, 1)
            }),
            Fact::RefusalsSuppressed(fact) => {
                self.refused(self.refusal(fact.sender, fact.reason, fact.count))
            }
            Fact::BreachRaised(fact) => self.breach_raised(fact),
            Fact::WorksAnnounced(fact) => self.works_announced(fact),
            Fact::WorksChanged(fact) => self.works_changed(fact),
            Fact::WorksCancelled(fact) => self.works_cancelled(fact),
            Fact::IdentificationRecorded(fact) => self.identification(fact),
            Fact::ConsentRecorded(fact) => self.consent_recorded(fact),
            Fact::ConsentWithdrawn(fact) => self.consent_withdrawn(fact),
            Fact::RelationshipEnded(fact) => self.relationship_ended(fact),
            Fact::PersonsMerged(fact) => self.persons_merged(fact),
            Fact::CaseOpened(fact) => self.case_opened(fact),
            Fact::CaseMoved(fact) => self.case_moved(fact),
            Fact::CaseOverdue(fact) => self.case_overdue(fact),
            // Nothing that a read model shows.
            Fact::ContractRecorded(_)
            | Fact::ConnectionChanged(_)
            | Fact::PersonRegistered(_)
            | Fact::AdmissionChanged(_)
            | Fact::ListingsChanged(_)
            | Fact::AgesChanged(_)
            | Fact::RelationshipStarted(_)
            | Fact::LegalHoldSet(_)
            | Fact::LegalHoldLifted(_)
            | Fact::ErasureOrdered(_)
            | Fact::ErasureDone(_)
            | Fact::ListInForce(_)
            | Fact::WalletBlockChanged(_)
            | Fact::OrderGiven(_)
            | Fact::MarketMapped(_)
            | Fact::StartChecked(_)
            | Fact::OrdersSwept(_)
            | Fact::BetsLeft(_)
            | Fact::EventKept(_)
            | Fact::EventsLeft(_)
            | Fact::KeyAnnounced(_)
            | Fact::AuditNoted(_) => Ok(()),
        }
    }

    pub(crate) fn seq(&self) -> Seq {
        self.entry.seq
    }

    pub(crate) fn at(&self) -> Instant {
        self.entry.at
    }

    fn known<T>(&self, found: Option<T>, what: &'static str) -> Result<T, FoldError<L::Error>> {
        found.ok_or(FoldError::Unknown { seq: self.seq(), what })
    }

    fn fits<T>(&self, sum: Option<T>) -> Result<T, FoldError<L::Error>> {
        sum.ok_or(FoldError::Overflow { seq: self.seq() })
    }

    fn refusal(&self, sender: terms::Sender, reason: Reason, count: u64) -> RefusalRow {
        RefusalRow {
            seq: self.seq(),
            at: self.at(),
            day: self.day,
            sender,
            id: None,
            reason,
            account: None,
            report: false,
            count,
        }
    }

    /// Counts in the hour of this fact.
    fn count_hour(
        &mut self,
        organiser: Organiser,
        taken: Option<(DeskKind, Form)>,
        sums: &HourSums,
    ) -> Done<L> {
        let hour = self.fold.directory.hour(self.entry.rulebook, self.at());
        let key = HourKey { day: self.day, hour, organiser, taken };
        let added = self.rows.hours.add(key, sums);
        self.fits(added)
    }

    fn refused(&mut self, row: RefusalRow) -> Done<L> {
        let organiser = match row.sender {
            terms::Sender::Organiser(organiser) => Some(organiser),
            terms::Sender::Operator | terms::Sender::System | terms::Sender::Bettor => None,
        };
        let key = RefusalKey { day: row.day, organiser, reason: row.reason };
        let count = self.fits(i64::try_from(row.count).ok())?;
        let added = self.rows.refusal_counts.add(key, &RefusalSums { count });
        self.fits(added)?;
        self.rows.refusals.push(row);
        match organiser {
            Some(organiser) => {
                let sums = HourSums { refused: count, ..HourSums::default() };
                self.count_hour(organiser, None, &sums)
            }
            None => Ok(()),
        }
    }
}
