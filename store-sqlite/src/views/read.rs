//! Questions to the views. Each runs in one transaction, so that its answer is as of one position.

use std::ops::Range;

use rusqlite::{Params, Row};
use store::Fault;
use store::views::reports::rollup::OverviewKey;
use store::views::reports::{
    BetQuery, BetRow, BreachKey, BreachRow, BreachSums, Card, CardKey, CardKind, DeskKey, DeskSums,
    HourKey, HourSums, Partition, PayoutRow, PostingRow, Quarter, QuarterKey, QuarterSums, Record,
    RefusalKey, RefusalRow, RefusalSums, RollupKey, RollupSums, SettlementRow, SignalKind,
    SignalRow, Table, Totals, UnpaidKey, UnpaidSums,
};
use store::views::terms::{BetId, Day, Organiser, Sender, Seq, Wallet};
use store::views::{EXAMINED_MAX, Found, Listing, MAX_SEQ, Page, ViewReader, check_rows};

use super::blocks;
use super::chunk::{self, Index};
use super::search::{self, Search};
use super::segment::segments;
use super::{Views, cursor_of, rows, sums, totals_of};
use crate::file::{Db, Enough};

/// Runs questions in one transaction.
fn reading<T>(db: &Db, ask: impl FnOnce() -> Result<T, Fault>) -> Result<T, Fault> {
    db.run(include_str!("../../sql/views/begin_read.sql"))?;
    let answer = ask();
    let ended = db.run(include_str!("../../sql/rollback.sql"));
    let answer = answer?;
    ended?;
    Ok(answer)
}

/// All rows of a statement.
fn all<T>(
    db: &Db,
    sql: &'static str,
    values: impl Params,
    read: impl Fn(&Row<'_>) -> rusqlite::Result<T>,
) -> Result<Vec<T>, Fault> {
    let mut found = Vec::new();
    db.rows(sql, values, read, |row| {
        found.push(row);
        Ok(Enough::No)
    })?;
    Ok(found)
}

/// The statements of a listing: rows going down, and the first row from a position on.
struct Listed<T> {
    down: &'static str,
    first_from: &'static str,
    read: fn(&Row<'_>) -> rusqlite::Result<T>,
    at: fn(&T) -> (Seq, Day),
}

impl<T> Listed<T> {
    fn page(
        &self,
        db: &Db,
        listing: &Listing,
        keep: impl Fn(&T) -> bool,
    ) -> Result<Page<T>, Fault> {
        check_rows(listing.limit)?;
        let position_of =
            |day: Day| search::first_from(db, self.first_from, i64::from(day.0), |row| row.get(1));
        let low = position_of(listing.days.start)?;
        let high = position_of(listing.days.end)?.min(listing.before.0.min(MAX_SEQ) as i64);
        let mut page = Page { rows: Vec::new(), next: None };
        let (mut last, mut examined) = (None, 0);
        db.rows(self.down, (low, high), self.read, |row| {
            let (seq, _) = (self.at)(&row);
            let full = listing.limit <= page.rows.len() || EXAMINED_MAX <= examined;
            if full && last != Some(seq) {
                page.next = last;
                return Ok(Enough::Yes);
            }
            (last, examined) = (Some(seq), examined + 1);
            if keep(&row) {
                page.rows.push(row);
            }
            Ok(Enough::No)
        })?;
        Ok(page)
    }
}

impl ViewReader for Views {
    fn cursor(&mut self) -> Result<Seq, Fault> {
        cursor_of(&self.db)
    }

    fn totals(&mut self) -> Result<Totals, Fault> {
        totals_of(&self.db)
    }

    fn bets(&mut self, query: &BetQuery) -> Result<Found, Fault> {
        reading(&self.db, || Search::begin(&self.db, query, self.hits_max)?.run())
    }

    fn bet(&mut self, organiser: Organiser, bet: BetId) -> Result<Option<BetRow>, Fault> {
        // One statement, and so one position, without the cost of a transaction around it.
        let sql = include_str!("../../sql/views/bet_of_id.sql");
        self.db.row(sql, (bet.0, organiser.0), rows::body)
    }

    fn bet_at(&mut self, seq: Seq) -> Result<Option<BetRow>, Fault> {
        search::bet_at(&self.db, seq.0.min(MAX_SEQ) as i64)
    }

    fn settlement_at(&mut self, seq: Seq) -> Result<Option<SettlementRow>, Fault> {
        blocks::at(&self.db, seq.0.min(MAX_SEQ))
    }

    fn payouts(&mut self, listing: &Listing) -> Result<Page<PayoutRow>, Fault> {
        let listed = Listed {
            down: include_str!("../../sql/views/payouts_down.sql"),
            first_from: include_str!("../../sql/views/first_payouts_from.sql"),
            read: rows::body,
            at: |row: &PayoutRow| (row.seq, row.day),
        };
        reading(&self.db, || {
            listed.page(&self.db, listing, |row| {
                listing.organiser.is_none_or(|organiser| organiser == row.organiser)
                    && listing.account.is_none_or(|account| account == row.account)
            })
        })
    }

    fn refusals(&mut self, listing: &Listing) -> Result<Page<RefusalRow>, Fault> {
        let listed = Listed {
            down: include_str!("../../sql/views/refusals_down.sql"),
            first_from: include_str!("../../sql/views/first_refusals_from.sql"),
            read: rows::body,
            at: |row: &RefusalRow| (row.seq, row.day),
        };
        reading(&self.db, || {
            listed.page(&self.db, listing, |row| {
                let wanted = listing.organiser.map(Sender::Organiser);
                wanted.is_none_or(|sender| sender == row.sender)
                    && (listing.account.is_none() || listing.account == row.account)
            })
        })
    }

    fn breaches(&mut self, listing: &Listing) -> Result<Page<BreachRow>, Fault> {
        let listed = Listed {
            down: include_str!("../../sql/views/breaches_down.sql"),
            first_from: include_str!("../../sql/views/first_breaches_from.sql"),
            read: rows::body,
            at: |row: &BreachRow| (row.seq, row.day),
        };
        reading(&self.db, || {
            listed.page(&self.db, listing, |row| {
                listing.organiser.is_none_or(|organiser| organiser == row.organiser)
            })
        })
    }

    fn signals(&mut self, kind: SignalKind, listing: &Listing) -> Result<Page<SignalRow>, Fault> {
        check_rows(listing.limit)?;
        let values = (
            kind.code(),
            listing.days.start.0,
            listing.days.end.0,
            listing.before.0.min(MAX_SEQ),
            listing.organiser.map(|organiser| organiser.0),
            listing.account.map(|account| account.0),
            listing.limit as u64 + 1,
        );
        let sql = include_str!("../../sql/views/signals_down.sql");
        let mut rows: Vec<SignalRow> = all(&self.db, sql, values, rows::body)?;
        let more = listing.limit < rows.len();
        rows.truncate(listing.limit);
        let next = rows.last().filter(|_| more).map(|row| row.seq);
        Ok(Page { rows, next })
    }

    fn postings(
        &mut self,
        wallet: Wallet,
        before: Option<u64>,
        limit: usize,
    ) -> Result<Vec<PostingRow>, Fault> {
        check_rows(limit)?;
        let end = before.unwrap_or(u64::MAX).min(i64::MAX as u64);
        reading(&self.db, || postings(&self.db, wallet, end, limit))
    }

    fn overviews(
        &mut self,
        partition: Partition,
        days: Range<Day>,
        organiser: Option<Organiser>,
    ) -> Result<Vec<(OverviewKey, RollupSums)>, Fault> {
        let sql = include_str!("../../sql/views/overviews.sql");
        let organiser = organiser.map(|organiser| organiser.0);
        let values = (partition.code(), days.start.0, days.end.0, organiser);
        all(&self.db, sql, values, sums::overview)
    }

    fn rollups(
        &mut self,
        partition: Partition,
        days: Range<Day>,
        organiser: Option<Organiser>,
    ) -> Result<Vec<(RollupKey, RollupSums)>, Fault> {
        let sql = include_str!("../../sql/views/rollups.sql");
        let organiser = organiser.map(|organiser| organiser.0);
        let values = (partition.code(), days.start.0, days.end.0, organiser);
        all(&self.db, sql, values, sums::rollup)
    }

    fn refusal_counts(
        &mut self,
        days: Range<Day>,
    ) -> Result<Vec<(RefusalKey, RefusalSums)>, Fault> {
        let sql = include_str!("../../sql/views/refusal_counts.sql");
        all(&self.db, sql, [days.start.0, days.end.0], sums::refusal_count)
    }

    fn breach_counts(&mut self, days: Range<Day>) -> Result<Vec<(BreachKey, BreachSums)>, Fault> {
        let sql = include_str!("../../sql/views/breach_counts.sql");
        all(&self.db, sql, [days.start.0, days.end.0], sums::breach_count)
    }

    fn hours(
        &mut self,
        days: Range<Day>,
        organiser: Option<Organiser>,
    ) -> Result<Vec<(HourKey, HourSums)>, Fault> {
        let sql = include_str!("../../sql/views/hours.sql");
        let organiser = organiser.map(|organiser| organiser.0);
        all(&self.db, sql, (days.start.0, days.end.0, organiser), sums::hour)
    }

    fn desk_days(
        &mut self,
        days: Range<Day>,
        organiser: Option<Organiser>,
    ) -> Result<Vec<(DeskKey, DeskSums)>, Fault> {
        let sql = include_str!("../../sql/views/desk_days.sql");
        let organiser = organiser.map(|organiser| organiser.0);
        all(&self.db, sql, (days.start.0, days.end.0, organiser), sums::desk_day)
    }

    fn quarter(&mut self, quarter: Quarter) -> Result<Vec<(QuarterKey, QuarterSums)>, Fault> {
        all(
            &self.db,
            include_str!("../../sql/views/quarter.sql"),
            [quarter.number()],
            sums::quarter,
        )
    }

    fn unpaid(&mut self) -> Result<Vec<(UnpaidKey, UnpaidSums)>, Fault> {
        all(&self.db, include_str!("../../sql/views/unpaid.sql"), [], sums::unpaid)
    }

    fn scan(&mut self, table: Table, from: u64, limit: usize) -> Result<Vec<Record>, Fault> {
        check_rows(limit)?;
        let values = (from.min(i64::MAX as u64), limit as u64);
        match table {
            Table::Stakes | Table::Bets => {
                let sql = include_str!("../../sql/views/bets_from.sql");
                let read = |row: &Row<'_>| rows::body(row).map(Record::Bet);
                all(&self.db, sql, values, read)
            }
            Table::Postings => {
                let mut found = Vec::new();
                blocks::each(&self.db, from..i64::MAX as u64, |row| {
                    if found.len() < limit {
                        found.push(Record::Posting(row));
                    }
                    Ok(if found.len() < limit { Enough::No } else { Enough::Yes })
                })?;
                Ok(found)
            }
            Table::Payouts => {
                let sql = include_str!("../../sql/views/payouts_up.sql");
                all(&self.db, sql, values, |row| rows::body(row).map(Record::Payout))
            }
        }
    }

    fn card(&mut self, key: CardKey) -> Result<Option<Card>, Fault> {
        let values = (key.kind.code(), key.number, key.version);
        self.db.row(include_str!("../../sql/views/card.sql"), values, rows::card)
    }

    fn versions(&mut self, kind: CardKind, number: u64) -> Result<Vec<Card>, Fault> {
        let sql = include_str!("../../sql/views/versions.sql");
        all(&self.db, sql, (kind.code(), number), rows::card)
    }

    fn each_card(&mut self, take: &mut dyn FnMut(Card)) -> Result<(), Fault> {
        self.db.rows(include_str!("../../sql/views/cards.sql"), [], rows::card, |card| {
            take(card);
            Ok(Enough::No)
        })
    }
}

/// Postings of a wallet with keys below `end`, newest first: of the open segment by reading it, of
/// closed ones by their index.
fn postings(db: &Db, wallet: Wallet, end: u64, limit: usize) -> Result<Vec<PostingRow>, Fault> {
    let segments = segments(db)?;
    let parts = PostingRow::PARTS_MAX;
    let open = segments.last().map_or(0, |segment| segment.end as u64 * parts);
    let mut found =
        blocks::newest_postings(db, open..end, limit, |row| row.side(wallet).is_some())?;
    for segment in segments.iter().rev() {
        if limit <= found.len() {
            break;
        }
        if end <= segment.first as u64 * parts {
            continue;
        }
        let keys = chunk::keys_of(db, Index::Wallet, segment.number, wallet.0.into())?;
        let keys = keys.into_iter().rev().map(|key| key as u64).filter(|key| *key < end);
        for key in keys.take(limit - found.len()) {
            found.extend(blocks::at::<PostingRow>(db, key)?);
        }
    }
    Ok(found)
}
