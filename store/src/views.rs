//! The port of the views: read models that follow the journal, projected step by step.
//!
//! Everything here can be made anew from the journal, so it need not survive a loss of power at
//! once; but rows and cursor change together, whatever happens. A reader sees the views as they
//! are after some whole number of steps. Rows of the register lie in segments: the open one grows
//! without indexes, closed ones are indexed in bulk by [`ViewStore::upkeep`] (core 24).

use std::ops::Range;

pub use ::journal::kinds;
pub use ::reports;
pub use ::terms;

use reports::rollup::OverviewKey;
use reports::{
    BetQuery, BetRow, BreachKey, BreachRow, BreachSums, Card, CardKey, CardKind, DeskKey, DeskSums,
    Directory, Fold, HourKey, HourSums, Lookup, Partition, PayoutRow, Position, PostingRow,
    Quarter, QuarterKey, QuarterSums, Record, RefusalKey, RefusalRow, RefusalSums, RollupKey,
    RollupSums, SettlementRow, SignalKind, SignalRow, Step, Table, Totals, UnpaidKey, UnpaidSums,
};
use terms::{Account, BetId, Day, Organiser, Seq, Wallet};

use crate::Fault;

/// Rows of one answer, beside pages of the register: what a page or a piece of an export holds.
pub const ROWS_MAX: usize = 10_000;

/// Rows that one answer looks at in search of hits. Behind them the answer is a short page that
/// says where the next one begins, so that no question holds a reader for long.
pub const EXAMINED_MAX: usize = 50_000;

/// What a question to the register of bets gets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Found {
    /// A page.
    Page(BetPage),
    /// More hits than can be sorted by that field: the search is to be narrowed.
    Narrow,
}

/// A page of the register.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BetPage {
    /// Hits in order; fewer than asked for does not mean that there are no more.
    pub rows: Vec<BetRow>,
    /// Where the next page begins; none if there are no more hits.
    pub next: Option<Position>,
    /// The position that the page is as of.
    pub as_of: Seq,
}

/// A question to the registers of payouts, refusals and breaches: newest first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listing {
    /// Of this organiser alone.
    pub organiser: Option<Organiser>,
    /// Of this account alone; breaches have none.
    pub account: Option<Account>,
    /// Recorded on these days alone.
    pub days: Range<Day>,
    /// Older than this fact.
    pub before: Seq,
    /// So many rows, at most [`ROWS_MAX`]; all of a fact's rows come together.
    pub limit: usize,
}

impl Listing {
    /// The newest rows of all.
    pub fn newest(limit: usize) -> Listing {
        let days = Day(i32::MIN)..Day(i32::MAX);
        Listing { organiser: None, account: None, days, before: Seq(MAX_SEQ), limit }
    }
}

/// Larger than every position, and still a number that every database can hold.
pub const MAX_SEQ: u64 = i64::MAX as u64 / PostingRow::PARTS_MAX;

/// Rows of a listing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page<T> {
    /// Newest first.
    pub rows: Vec<T>,
    /// `before` of the next page; none if there are no more rows.
    pub next: Option<Seq>,
}

/// Questions to the views. Each is answered as of one position.
pub trait ViewReader: Send {
    /// The fact that is to be projected next.
    fn cursor(&mut self) -> Result<Seq, Fault>;

    /// The totals at the cursor (P1).
    fn totals(&mut self) -> Result<Totals, Fault>;

    /// A page of the register of bets.
    fn bets(&mut self, query: &BetQuery) -> Result<Found, Fault>;

    /// The newest row of a bet: of a hold and its stake, the stake.
    fn bet(&mut self, organiser: Organiser, bet: BetId) -> Result<Option<BetRow>, Fault>;

    /// The newest rows of many bets, in any order; those that are not there are left out. A store
    /// that each question costs a way over the network asks for all of them together.
    fn newest_bets(&mut self, bets: &[(Organiser, BetId)]) -> Result<Vec<BetRow>, Fault> {
        let mut rows = Vec::with_capacity(bets.len());
        for (organiser, bet) in bets {
            rows.extend(ViewReader::bet(self, *organiser, *bet)?);
        }
        Ok(rows)
    }

    /// The row of the register that a fact made.
    fn bet_at(&mut self, seq: Seq) -> Result<Option<BetRow>, Fault>;

    /// The settlement that a fact made. Those before it follow by `corrects`.
    fn settlement_at(&mut self, seq: Seq) -> Result<Option<SettlementRow>, Fault>;

    /// Payouts.
    fn payouts(&mut self, listing: &Listing) -> Result<Page<PayoutRow>, Fault>;

    /// Refusals.
    fn refusals(&mut self, listing: &Listing) -> Result<Page<RefusalRow>, Fault>;

    /// Breaches.
    fn breaches(&mut self, listing: &Listing) -> Result<Page<BreachRow>, Fault>;

    /// Signals of a kind, newest first: of a day's those with the higher position before. Costs the
    /// signals of that kind on those days.
    fn signals(&mut self, kind: SignalKind, listing: &Listing) -> Result<Page<SignalRow>, Fault>;

    /// Movements of a wallet with keys below `before`, newest first.
    fn postings(
        &mut self,
        wallet: Wallet,
        before: Option<u64>,
        limit: usize,
    ) -> Result<Vec<PostingRow>, Fault>;

    /// Roll-ups without sport and championship, by key; of one organiser or of all.
    fn overviews(
        &mut self,
        partition: Partition,
        days: Range<Day>,
        organiser: Option<Organiser>,
    ) -> Result<Vec<(OverviewKey, RollupSums)>, Fault>;

    /// Roll-ups, by key; of one organiser or of all.
    fn rollups(
        &mut self,
        partition: Partition,
        days: Range<Day>,
        organiser: Option<Organiser>,
    ) -> Result<Vec<(RollupKey, RollupSums)>, Fault>;

    /// Refusals by day, organiser and reason.
    fn refusal_counts(&mut self, days: Range<Day>)
    -> Result<Vec<(RefusalKey, RefusalSums)>, Fault>;

    /// Breaches by day, organiser and reason.
    fn breach_counts(&mut self, days: Range<Day>) -> Result<Vec<(BreachKey, BreachSums)>, Fault>;

    /// What hours brought, by day, hour and organiser; of one organiser or of all.
    fn hours(
        &mut self,
        days: Range<Day>,
        organiser: Option<Organiser>,
    ) -> Result<Vec<(HourKey, HourSums)>, Fault>;

    /// What passed over desks, by day, organiser, desk and form; of one organiser or of all.
    fn desk_days(
        &mut self,
        days: Range<Day>,
        organiser: Option<Organiser>,
    ) -> Result<Vec<(DeskKey, DeskSums)>, Fault>;

    /// The statistics of a quarter, with all its differences, by key.
    fn quarter(&mut self, quarter: Quarter) -> Result<Vec<(QuarterKey, QuarterSums)>, Fault>;

    /// What is due and not paid now, by key.
    fn unpaid(&mut self) -> Result<Vec<(UnpaidKey, UnpaidSums)>, Fault>;

    /// Rows of a table for export, in order, from a key on: that of [`scan_key`]. At most
    /// [`ROWS_MAX`].
    fn scan(&mut self, table: Table, from: u64, limit: usize) -> Result<Vec<Record>, Fault>;

    /// The card of a key.
    fn card(&mut self, key: CardKey) -> Result<Option<Card>, Fault>;

    /// All versions of the cards of a number, oldest first.
    fn versions(&mut self, kind: CardKind, number: u64) -> Result<Vec<Card>, Fault>;

    /// Gives every card, by key.
    fn each_card(&mut self, take: &mut dyn FnMut(Card)) -> Result<(), Fault>;
}

/// The writer's side of the views. One writer at a time.
pub trait ViewStore: ViewReader {
    /// Makes the rows of a step and moves the cursor to its end, all in one transaction. Refused,
    /// with nothing changed: a step that does not begin at the cursor.
    fn project(&mut self, step: &Step) -> Result<(), Fault>;

    /// Does one piece of the work that projecting leaves behind: closing and indexing segments,
    /// checkpoints. To be called after each step until there is nothing left to do, or with a
    /// pause where a step is due.
    fn upkeep(&mut self) -> Result<Work, Fault>;

    /// A reader of its own, for another thread.
    fn reader(&self) -> Result<Box<dyn ViewReader>, Fault>;
}

/// Whether upkeep has more to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Work {
    /// Call it again.
    More,
    /// Nothing until the next step.
    Done,
}

/// The newest cards of numbers, in the order asked: the names for a page.
pub fn names(
    reader: &mut dyn ViewReader,
    kind: CardKind,
    numbers: &[u64],
) -> Result<Vec<Option<Card>>, Fault> {
    numbers.iter().map(|number| Ok(reader.versions(kind, *number)?.pop())).collect()
}

/// A fold that goes on where the views are. `key` is drawn by the shell.
pub fn resume(reader: &mut dyn ViewReader, key: u64) -> Result<Fold, Fault> {
    let (next, totals) = (reader.cursor()?, reader.totals()?);
    let mut directory = Directory::new();
    reader.each_card(&mut |card| directory.learn(&card))?;
    Ok(Fold::resume(next, directory, totals, key))
}

impl Lookup for dyn ViewReader + '_ {
    type Error = Fault;

    fn bet(&mut self, organiser: Organiser, bet: BetId) -> Result<Option<BetRow>, Fault> {
        ViewReader::bet(self, organiser, bet)
    }

    fn newest_bets(&mut self, bets: &[(Organiser, BetId)]) -> Result<Vec<BetRow>, Fault> {
        ViewReader::newest_bets(self, bets)
    }

    fn card(&mut self, key: CardKey) -> Result<Option<Card>, Fault> {
        ViewReader::card(self, key)
    }
}

/// The key of a row in its table: a scan goes on at the one after the last.
pub fn scan_key(record: &Record) -> u64 {
    match record {
        Record::Bet(row) => row.seq.0,
        Record::Posting(row) => row.key(),
        Record::Payout(row) => row.seq.0,
    }
}

/// Refuses a step that does not begin at the cursor.
pub fn check_step(cursor: Seq, step: &Step) -> Result<(), Fault> {
    if step.from != cursor || step.to < step.from {
        return Err(Fault::refused(format!(
            "the views are at {cursor}, and the step goes from {} to {}",
            step.from, step.to
        )));
    }
    Ok(())
}

/// Refuses an answer that would be too large.
pub fn check_rows(limit: usize) -> Result<(), Fault> {
    if ROWS_MAX < limit {
        return Err(Fault::refused(format!("{limit} rows at once, the most is {ROWS_MAX}")));
    }
    Ok(())
}
