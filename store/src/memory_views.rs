//! The views in memory: every question is answered by looking at everything.
//!
//! For tests and small simulations, and as the plain statement of what an adapter with indexes
//! must answer. Clones are handles to the same views.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use ::reports::query::{Direction, HITS_MAX};
use ::reports::rollup::OverviewKey;
use ::reports::{
    BetQuery, BetRow, BreachKey, BreachRow, BreachSums, Card, CardKey, CardKind, DeskKey, DeskSums,
    HourKey, HourSums, Measures, Partition, PayoutRow, PostingRow, Quarter, QuarterKey,
    QuarterSums, Record, RefusalKey, RefusalRow, RefusalSums, RollupKey, RollupSums, SettlementRow,
    SignalKind, SignalRow, SortField, Step, Table, Totals, UnpaidKey, UnpaidSums,
};
use terms::{BetId, Day, Organiser, Sender, Seq, Wallet};

use crate::Fault;
use crate::views::{
    BetPage, Found, Listing, Page, ViewReader, ViewStore, Work, check_rows, check_step,
};

/// A handle to views in memory.
#[derive(Clone, Debug, Default)]
pub struct MemoryViews {
    inner: Arc<Mutex<Inner>>,
}

#[derive(Clone, Debug)]
struct Inner {
    /// Hits that are sorted without an index.
    hits_max: usize,
    cursor: Seq,
    totals: Totals,
    bets: BTreeMap<Seq, BetRow>,
    settlements: BTreeMap<Seq, SettlementRow>,
    payouts: BTreeMap<Seq, PayoutRow>,
    postings: BTreeMap<u64, PostingRow>,
    refusals: BTreeMap<Seq, RefusalRow>,
    breaches: BTreeMap<(Seq, u8), BreachRow>,
    signals: BTreeMap<(u8, Day, Seq), SignalRow>,
    cards: BTreeMap<CardKey, Card>,
    overviews: BTreeMap<OverviewKey, RollupSums>,
    rollups: BTreeMap<RollupKey, RollupSums>,
    refusal_counts: BTreeMap<RefusalKey, RefusalSums>,
    breach_counts: BTreeMap<BreachKey, BreachSums>,
    hours: BTreeMap<HourKey, HourSums>,
    desks: BTreeMap<DeskKey, DeskSums>,
    quarters: BTreeMap<QuarterKey, QuarterSums>,
    unpaid: BTreeMap<UnpaidKey, UnpaidSums>,
}

impl Default for Inner {
    fn default() -> Self {
        Inner {
            hits_max: HITS_MAX,
            cursor: Seq(0),
            totals: Totals::ZERO,
            bets: BTreeMap::new(),
            settlements: BTreeMap::new(),
            payouts: BTreeMap::new(),
            postings: BTreeMap::new(),
            refusals: BTreeMap::new(),
            breaches: BTreeMap::new(),
            signals: BTreeMap::new(),
            cards: BTreeMap::new(),
            overviews: BTreeMap::new(),
            rollups: BTreeMap::new(),
            refusal_counts: BTreeMap::new(),
            breach_counts: BTreeMap::new(),
            hours: BTreeMap::new(),
            desks: BTreeMap::new(),
            quarters: BTreeMap::new(),
            unpaid: BTreeMap::new(),
        }
    }
}

impl MemoryViews {
    /// Empty views.
    pub fn new() -> Self {
        MemoryViews::default()
    }

    /// Sorts at most so many hits without an index; for tests, which have few.
    pub fn with_hits_of(self, hits_max: usize) -> MemoryViews {
        self.lock().hits_max = hits_max;
        self
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        // A panic elsewhere leaves whole values behind: a step takes the place of the last state
        // in one assignment.
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inner {
    fn project(&mut self, step: &Step) -> Result<(), Fault> {
        for row in &step.bets {
            new_row(&mut self.bets, row.seq, row)?;
        }
        for changed in &step.changed {
            let row = self.bets.get_mut(&changed.row.seq).ok_or_else(|| missing("a bet"))?;
            *row = changed.row.clone();
        }
        for row in &step.settlements {
            new_row(&mut self.settlements, row.seq, row)?;
        }
        for row in &step.payouts {
            new_row(&mut self.payouts, row.seq, row)?;
        }
        for row in &step.postings {
            new_row(&mut self.postings, row.key(), row)?;
        }
        for row in &step.refusals {
            new_row(&mut self.refusals, row.seq, row)?;
        }
        for row in &step.breaches {
            new_row(&mut self.breaches, (row.seq, row.part), row)?;
        }
        for row in &step.signals {
            new_row(&mut self.signals, (row.kind.code(), row.day, row.seq), row)?;
        }
        for card in &step.cards {
            self.cards.insert(card.key(), card.clone());
        }
        add(&mut self.overviews, &step.overviews)?;
        add(&mut self.rollups, &step.rollups)?;
        add(&mut self.refusal_counts, &step.refusal_counts)?;
        add(&mut self.breach_counts, &step.breach_counts)?;
        add(&mut self.hours, &step.hours)?;
        add(&mut self.desks, &step.desks)?;
        add(&mut self.quarters, &step.quarters)?;
        add(&mut self.unpaid, &step.unpaid)?;
        self.unpaid.retain(|_, sums| *sums != UnpaidSums::default());
        self.totals = step.totals.clone();
        self.cursor = step.to;
        Ok(())
    }

    fn search(&self, query: &BetQuery) -> Found {
        let (sort, direction) = query.sort();
        let hits = || self.bets.values().filter(|row| query.matches(row));
        let indexed = !matches!(
            sort,
            SortField::Standing | SortField::MadeAt | SortField::Winnings | SortField::Outstanding
        );
        if !indexed && self.hits_max < hits().count() {
            return Found::Narrow;
        }
        let mut rows: Vec<&BetRow> =
            hits().filter(|row| query.is_behind(query.position(row))).collect();
        rows.sort_by_key(|row| query.position(row));
        if direction == Direction::Descending {
            rows.reverse();
        }
        let more = query.limit() < rows.len();
        rows.truncate(query.limit());
        let next = rows.last().filter(|_| more).map(|row| query.position(row));
        let rows = rows.into_iter().cloned().collect();
        Found::Page(BetPage { rows, next, as_of: self.cursor })
    }
}

fn missing(what: &str) -> Fault {
    Fault::refused(format!("the step changes {what} that is not there"))
}

fn new_row<K: Ord, T: Clone>(rows: &mut BTreeMap<K, T>, key: K, row: &T) -> Result<(), Fault> {
    match rows.insert(key, row.clone()) {
        None => Ok(()),
        Some(_) => Err(Fault::refused("the step brings a row that is there already")),
    }
}

fn add<K: Ord + Copy, V: Measures>(
    sums: &mut BTreeMap<K, V>,
    differences: &[(K, V)],
) -> Result<(), Fault> {
    for (key, difference) in differences {
        let row = sums.entry(*key).or_default();
        *row = row.plus(difference).ok_or_else(|| Fault::refused("a sum does not fit"))?;
    }
    Ok(())
}

fn list<K: Ord, T: Clone>(
    rows: &BTreeMap<K, T>,
    listing: &Listing,
    seq: fn(&T) -> Seq,
    keep: impl Fn(&T) -> bool,
) -> Result<Page<T>, Fault> {
    check_rows(listing.limit)?;
    let mut page = Page { rows: Vec::new(), next: None };
    let hits = rows.values().rev().filter(|row| seq(row) < listing.before && keep(row));
    for row in hits {
        let last = page.rows.last().map(seq);
        if listing.limit <= page.rows.len() && last != Some(seq(row)) {
            page.next = last;
            break;
        }
        page.rows.push(row.clone());
    }
    Ok(page)
}

fn copied<K: Copy, V: Copy>(sums: &BTreeMap<K, V>, keep: impl Fn(&K) -> bool) -> Vec<(K, V)> {
    sums.iter().filter(|(key, _)| keep(key)).map(|(key, sums)| (*key, *sums)).collect()
}

impl ViewReader for MemoryViews {
    fn cursor(&mut self) -> Result<Seq, Fault> {
        Ok(self.lock().cursor)
    }

    fn totals(&mut self) -> Result<Totals, Fault> {
        Ok(self.lock().totals.clone())
    }

    fn bets(&mut self, query: &BetQuery) -> Result<Found, Fault> {
        Ok(self.lock().search(query))
    }

    fn bet(&mut self, organiser: Organiser, bet: BetId) -> Result<Option<BetRow>, Fault> {
        let inner = self.lock();
        let same = |row: &&BetRow| (row.organiser, row.bet) == (organiser, bet);
        Ok(inner.bets.values().rev().find(same).cloned())
    }

    fn bet_at(&mut self, seq: Seq) -> Result<Option<BetRow>, Fault> {
        Ok(self.lock().bets.get(&seq).cloned())
    }

    fn settlement_at(&mut self, seq: Seq) -> Result<Option<SettlementRow>, Fault> {
        Ok(self.lock().settlements.get(&seq).cloned())
    }

    fn payouts(&mut self, listing: &Listing) -> Result<Page<PayoutRow>, Fault> {
        list(
            &self.lock().payouts,
            listing,
            |row| row.seq,
            |row| {
                listing.organiser.is_none_or(|organiser| organiser == row.organiser)
                    && listing.account.is_none_or(|account| account == row.account)
                    && listing.days.contains(&row.day)
            },
        )
    }

    fn refusals(&mut self, listing: &Listing) -> Result<Page<RefusalRow>, Fault> {
        list(
            &self.lock().refusals,
            listing,
            |row| row.seq,
            |row| {
                listing.organiser.is_none_or(|organiser| row.sender == Sender::Organiser(organiser))
                    && (listing.account.is_none() || listing.account == row.account)
                    && listing.days.contains(&row.day)
            },
        )
    }

    fn breaches(&mut self, listing: &Listing) -> Result<Page<BreachRow>, Fault> {
        list(
            &self.lock().breaches,
            listing,
            |row| row.seq,
            |row| {
                listing.organiser.is_none_or(|organiser| organiser == row.organiser)
                    && listing.days.contains(&row.day)
            },
        )
    }

    fn signals(&mut self, kind: SignalKind, listing: &Listing) -> Result<Page<SignalRow>, Fault> {
        check_rows(listing.limit)?;
        let inner = self.lock();
        let key = |day: Day| (kind.code(), day, Seq(0));
        let days = key(listing.days.start)..key(listing.days.end.max(listing.days.start));
        let mut hits = inner.signals.range(days).rev().map(|(_, row)| *row).filter(|row| {
            row.seq < listing.before
                && (listing.organiser.is_none() || listing.organiser == row.organiser)
                && (listing.account.is_none() || listing.account == row.account)
        });
        let rows: Vec<SignalRow> = hits.by_ref().take(listing.limit).collect();
        let next = hits.next().and(rows.last()).map(|row| row.seq);
        Ok(Page { rows, next })
    }

    fn postings(
        &mut self,
        wallet: Wallet,
        before: Option<u64>,
        limit: usize,
    ) -> Result<Vec<PostingRow>, Fault> {
        check_rows(limit)?;
        let inner = self.lock();
        let older = inner.postings.range(..before.unwrap_or(u64::MAX)).rev().map(|(_, row)| *row);
        Ok(older.filter(|row| row.side(wallet).is_some()).take(limit).collect())
    }

    fn overviews(
        &mut self,
        partition: Partition,
        days: Range<Day>,
        organiser: Option<Organiser>,
    ) -> Result<Vec<(OverviewKey, RollupSums)>, Fault> {
        Ok(copied(&self.lock().overviews, |key| {
            key.partition == partition
                && days.contains(&key.day)
                && organiser.is_none_or(|organiser| organiser == key.organiser)
        }))
    }

    fn rollups(
        &mut self,
        partition: Partition,
        days: Range<Day>,
        organiser: Option<Organiser>,
    ) -> Result<Vec<(RollupKey, RollupSums)>, Fault> {
        Ok(copied(&self.lock().rollups, |key| {
            key.partition == partition
                && days.contains(&key.day)
                && organiser.is_none_or(|organiser| organiser == key.organiser)
        }))
    }

    fn refusal_counts(
        &mut self,
        days: Range<Day>,
    ) -> Result<Vec<(RefusalKey, RefusalSums)>, Fault> {
        Ok(copied(&self.lock().refusal_counts, |key| days.contains(&key.day)))
    }

    fn breach_counts(&mut self, days: Range<Day>) -> Result<Vec<(BreachKey, BreachSums)>, Fault> {
        Ok(copied(&self.lock().breach_counts, |key| days.contains(&key.day)))
    }

    fn hours(
        &mut self,
        days: Range<Day>,
        organiser: Option<Organiser>,
    ) -> Result<Vec<(HourKey, HourSums)>, Fault> {
        Ok(copied(&self.lock().hours, |key| {
            days.contains(&key.day) && organiser.is_none_or(|organiser| organiser == key.organiser)
        }))
    }

    fn desk_days(
        &mut self,
        days: Range<Day>,
        organiser: Option<Organiser>,
    ) -> Result<Vec<(DeskKey, DeskSums)>, Fault> {
        Ok(copied(&self.lock().desks, |key| {
            days.contains(&key.day) && organiser.is_none_or(|organiser| organiser == key.organiser)
        }))
    }

    fn quarter(&mut self, quarter: Quarter) -> Result<Vec<(QuarterKey, QuarterSums)>, Fault> {
        Ok(copied(&self.lock().quarters, |key| key.quarter == quarter))
    }

    fn unpaid(&mut self) -> Result<Vec<(UnpaidKey, UnpaidSums)>, Fault> {
        Ok(copied(&self.lock().unpaid, |_| true))
    }

    fn scan(&mut self, table: Table, from: u64, limit: usize) -> Result<Vec<Record>, Fault> {
        check_rows(limit)?;
        let inner = self.lock();
        Ok(match table {
            Table::Stakes | Table::Bets => {
                let rows = inner.bets.range(Seq(from)..).take(limit);
                rows.map(|(_, row)| Record::Bet(Box::new(row.clone()))).collect()
            }
            Table::Postings => {
                let rows = inner.postings.range(from..).take(limit);
                rows.map(|(_, row)| Record::Posting(*row)).collect()
            }
            Table::Payouts => {
                let rows = inner.payouts.range(Seq(from)..).take(limit);
                rows.map(|(_, row)| Record::Payout(row.clone())).collect()
            }
        })
    }

    fn card(&mut self, key: CardKey) -> Result<Option<Card>, Fault> {
        Ok(self.lock().cards.get(&key).cloned())
    }

    fn versions(&mut self, kind: CardKind, number: u64) -> Result<Vec<Card>, Fault> {
        let key = |version| CardKey { kind, number, version };
        let inner = self.lock();
        Ok(inner.cards.range(key(0)..=key(u64::MAX)).map(|(_, card)| card.clone()).collect())
    }

    fn each_card(&mut self, take: &mut dyn FnMut(Card)) -> Result<(), Fault> {
        self.lock().cards.values().cloned().for_each(take);
        Ok(())
    }
}

impl ViewStore for MemoryViews {
    fn project(&mut self, step: &Step) -> Result<(), Fault> {
        let mut inner = self.lock();
        check_step(inner.cursor, step)?;
        // On a copy: a step that cannot be projected leaves nothing behind.
        let mut next = inner.clone();
        next.project(step)?;
        *inner = next;
        Ok(())
    }

    fn upkeep(&mut self) -> Result<Work, Fault> {
        Ok(Work::Done)
    }

    fn reader(&self) -> Result<Box<dyn ViewReader>, Fault> {
        Ok(Box::new(self.clone()))
    }
}
