//! Questions to the views. Each is one statement or one transaction, so that its answer is as of
//! one position.

use std::ops::Range;

use postgres::types::ToSql;
use store::Fault;
use store::views::reports::rollup::OverviewKey;
use store::views::reports::{
    BetQuery, BetRow, BreachKey, BreachRow, BreachSums, Card, CardKey, CardKind, DeskKey, DeskSums,
    HourKey, HourSums, Partition, PayoutRow, PostingRow, Quarter, QuarterKey, QuarterSums, Record,
    RefusalKey, RefusalRow, RefusalSums, RollupKey, RollupSums, SettlementRow, SignalKind,
    SignalRow, Table, Totals, UnpaidKey, UnpaidSums,
};
use store::views::terms::{BetId, Broken, Day, Field, Organiser, Sender, Seq, Wallet};
use store::views::{EXAMINED_MAX, Found, Listing, MAX_SEQ, Page, ViewReader, check_rows};

use super::columns::{Date, Uuid};
use super::copy::Listed;
use super::{Views, cursor_of, sums, totals_of, unread};
use crate::db::{Db, Values};

/// Rows of a listing that are read at once.
const PIECE: usize = 1_024;

/// A date within those that the server knows.
fn date(day: Day) -> Date {
    Date(Day(day.0.clamp(-700_000, 2_000_000)))
}

/// All rows of a statement that gives their byte form.
pub(super) fn bodies<T: Field>(
    db: &mut Db,
    sql: &str,
    values: Values<'_>,
) -> Result<Vec<T>, Fault> {
    let rows = db.rows(sql, values)?;
    let read = rows.iter().map(|row| T::from_bytes(row.get(0)));
    read.collect::<Result<_, Broken>>().map_err(|broken| unread(db, broken))
}

/// The first row of such a statement.
pub(super) fn body<T: Field>(
    db: &mut Db,
    sql: &str,
    values: Values<'_>,
) -> Result<Option<T>, Fault> {
    Ok(bodies(db, sql, values)?.into_iter().next())
}

fn cards(db: &mut Db, sql: &str, values: Values<'_>) -> Result<Vec<Card>, Fault> {
    let rows = db.rows(sql, values)?;
    let read = rows.iter().map(|row| {
        let code: i16 = row.get(0);
        let kind = u8::try_from(code).ok().and_then(CardKind::from_code);
        Card::from_bytes(kind.ok_or(Broken::Unknown)?, row.get(1))
    });
    read.collect::<Result<_, Broken>>().map_err(|broken| unread(db, broken))
}

/// The first position of a day or a later one; the cursor if there is none.
pub(super) fn first_of(db: &mut Db, kind: Listed, day: Day) -> Result<i64, Fault> {
    let sql = include_str!("../../sql/views/first_of_day.sql");
    match db.row(sql, &[&(kind as i16), &date(day)])? {
        Some(row) => Ok(row.get(0)),
        None => Ok(cursor_of(db)?.0.min(MAX_SEQ) as i64),
    }
}

/// A page of a register, newest first.
fn listed<T: Field>(
    db: &mut Db,
    (kind, sql): (Listed, &str),
    listing: &Listing,
    seq: fn(&T) -> Seq,
    keep: impl Fn(&T) -> bool,
) -> Result<Page<T>, Fault> {
    check_rows(listing.limit)?;
    let low = first_of(db, kind, listing.days.start)?;
    let high = first_of(db, kind, listing.days.end)?;
    let mut high = high.min(listing.before.0.min(MAX_SEQ) as i64);
    let mut page = Page { rows: Vec::new(), next: None };
    let (mut last, mut examined) = (None, 0);
    loop {
        let mut rows: Vec<T> = bodies(db, sql, &[&low, &high, &(PIECE as i64)])?;
        let whole = rows.len() < PIECE;
        if !whole {
            // Rows of the last fact may be missing; they come with the next piece.
            let cut = rows.last().map(seq);
            rows.retain(|row| Some(seq(row)) != cut);
        }
        for row in rows {
            let full = listing.limit <= page.rows.len() || EXAMINED_MAX <= examined;
            if full && last != Some(seq(&row)) {
                page.next = last;
                return Ok(page);
            }
            (last, examined) = (Some(seq(&row)), examined + 1);
            if keep(&row) {
                page.rows.push(row);
            }
        }
        if whole {
            return Ok(page);
        }
        high = last.map_or(high, |seq| seq.0 as i64);
    }
}

const OF_DAYS: &str = "rows.day >= $1 AND rows.day < $2";
const OF_ORGANISER: &str =
    "rows.day >= $1 AND rows.day < $2 AND ($3::bigint IS NULL OR rows.organiser = $3)";
const OF_PARTITION: &str = "rows.partition = $4 AND rows.day >= $1 AND rows.day < $2 \
                            AND ($3::bigint IS NULL OR rows.organiser = $3)";

fn number(organiser: Option<Organiser>) -> Option<i64> {
    organiser.map(|organiser| organiser.0.into())
}

impl ViewReader for Views {
    fn cursor(&mut self) -> Result<Seq, Fault> {
        self.connected()?;
        cursor_of(&mut self.db)
    }

    fn totals(&mut self) -> Result<Totals, Fault> {
        self.connected()?;
        totals_of(&mut self.db)
    }

    fn bets(&mut self, query: &BetQuery) -> Result<Found, Fault> {
        self.search(query)
    }

    fn bet(&mut self, organiser: Organiser, bet: BetId) -> Result<Option<BetRow>, Fault> {
        self.connected()?;
        let sql = include_str!("../../sql/views/bet_of_id.sql");
        body(&mut self.db, sql, &[&Uuid(bet.0), &i64::from(organiser.0)])
    }

    fn newest_bets(&mut self, bets: &[(Organiser, BetId)]) -> Result<Vec<BetRow>, Fault> {
        if bets.is_empty() {
            return Ok(Vec::new());
        }
        self.connected()?;
        let ids: Vec<Uuid> = bets.iter().map(|(_, bet)| Uuid(bet.0)).collect();
        let organisers: Vec<i64> = bets.iter().map(|(organiser, _)| organiser.0.into()).collect();
        let sql = include_str!("../../sql/views/bets_of_ids.sql");
        bodies(&mut self.db, sql, &[&ids, &organisers])
    }

    fn bet_at(&mut self, seq: Seq) -> Result<Option<BetRow>, Fault> {
        self.connected()?;
        let seq = seq.0.min(MAX_SEQ) as i64;
        body(&mut self.db, include_str!("../../sql/views/bet_at.sql"), &[&seq])
    }

    fn settlement_at(&mut self, seq: Seq) -> Result<Option<SettlementRow>, Fault> {
        self.connected()?;
        let seq = seq.0.min(MAX_SEQ) as i64;
        body(&mut self.db, include_str!("../../sql/views/settlement_at.sql"), &[&seq])
    }

    fn payouts(&mut self, listing: &Listing) -> Result<Page<PayoutRow>, Fault> {
        let down = (Listed::Payouts, include_str!("../../sql/views/payouts_down.sql"));
        self.at_once(|db| {
            listed(
                db,
                down,
                listing,
                |row: &PayoutRow| row.seq,
                |row| {
                    listing.organiser.is_none_or(|organiser| organiser == row.organiser)
                        && listing.account.is_none_or(|account| account == row.account)
                },
            )
        })
    }

    fn refusals(&mut self, listing: &Listing) -> Result<Page<RefusalRow>, Fault> {
        let down = (Listed::Refusals, include_str!("../../sql/views/refusals_down.sql"));
        self.at_once(|db| {
            listed(
                db,
                down,
                listing,
                |row: &RefusalRow| row.seq,
                |row| {
                    let wanted = listing.organiser.map(Sender::Organiser);
                    wanted.is_none_or(|sender| sender == row.sender)
                        && (listing.account.is_none() || listing.account == row.account)
                },
            )
        })
    }

    fn breaches(&mut self, listing: &Listing) -> Result<Page<BreachRow>, Fault> {
        let down = (Listed::Breaches, include_str!("../../sql/views/breaches_down.sql"));
        self.at_once(|db| {
            listed(
                db,
                down,
                listing,
                |row: &BreachRow| row.seq,
                |row| listing.organiser.is_none_or(|organiser| organiser == row.organiser),
            )
        })
    }

    fn signals(&mut self, kind: SignalKind, listing: &Listing) -> Result<Page<SignalRow>, Fault> {
        check_rows(listing.limit)?;
        self.connected()?;
        let account = listing.account.map(|account| i64::from(account.0));
        let values: [&(dyn ToSql + Sync); 7] = [
            &i16::from(kind.code()),
            &date(listing.days.start),
            &date(listing.days.end),
            &(listing.before.0.min(MAX_SEQ) as i64),
            &number(listing.organiser),
            &account,
            &(listing.limit as i64 + 1),
        ];
        let sql = include_str!("../../sql/views/signals_down.sql");
        let mut rows: Vec<SignalRow> = bodies(&mut self.db, sql, &values)?;
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
        self.connected()?;
        let end = before.unwrap_or(u64::MAX).min(i64::MAX as u64) as i64;
        let sql = include_str!("../../sql/views/postings_down.sql");
        bodies(&mut self.db, sql, &[&i64::from(wallet.0), &end, &(limit as i64)])
    }

    fn overviews(
        &mut self,
        partition: Partition,
        days: Range<Day>,
        organiser: Option<Organiser>,
    ) -> Result<Vec<(OverviewKey, RollupSums)>, Fault> {
        self.connected()?;
        let (from, to) = (date(days.start), date(days.end));
        let values: Values<'_> = &[&from, &to, &number(organiser), &i64::from(partition.code())];
        sums::read(&mut self.db, &sums::OVERVIEWS, OF_PARTITION, values, sums::overview)
    }

    fn rollups(
        &mut self,
        partition: Partition,
        days: Range<Day>,
        organiser: Option<Organiser>,
    ) -> Result<Vec<(RollupKey, RollupSums)>, Fault> {
        self.connected()?;
        let (from, to) = (date(days.start), date(days.end));
        let values: Values<'_> = &[&from, &to, &number(organiser), &i64::from(partition.code())];
        sums::read(&mut self.db, &sums::ROLLUPS, OF_PARTITION, values, sums::rollup)
    }

    fn refusal_counts(
        &mut self,
        days: Range<Day>,
    ) -> Result<Vec<(RefusalKey, RefusalSums)>, Fault> {
        self.connected()?;
        let values: Values<'_> = &[&date(days.start), &date(days.end)];
        sums::read(&mut self.db, &sums::REFUSAL_COUNTS, OF_DAYS, values, sums::refusal_count)
    }

    fn breach_counts(&mut self, days: Range<Day>) -> Result<Vec<(BreachKey, BreachSums)>, Fault> {
        self.connected()?;
        let values: Values<'_> = &[&date(days.start), &date(days.end)];
        sums::read(&mut self.db, &sums::BREACH_COUNTS, OF_DAYS, values, sums::breach_count)
    }

    fn hours(
        &mut self,
        days: Range<Day>,
        organiser: Option<Organiser>,
    ) -> Result<Vec<(HourKey, HourSums)>, Fault> {
        self.connected()?;
        let values: Values<'_> = &[&date(days.start), &date(days.end), &number(organiser)];
        sums::read(&mut self.db, &sums::HOURS, OF_ORGANISER, values, sums::hour)
    }

    fn desk_days(
        &mut self,
        days: Range<Day>,
        organiser: Option<Organiser>,
    ) -> Result<Vec<(DeskKey, DeskSums)>, Fault> {
        self.connected()?;
        let values: Values<'_> = &[&date(days.start), &date(days.end), &number(organiser)];
        sums::read(&mut self.db, &sums::DESK_DAYS, OF_ORGANISER, values, sums::desk_day)
    }

    fn quarter(&mut self, quarter: Quarter) -> Result<Vec<(QuarterKey, QuarterSums)>, Fault> {
        self.connected()?;
        let condition = "rows.quarter = $1";
        let values: Values<'_> = &[&i64::from(quarter.number())];
        sums::read(&mut self.db, &sums::QUARTERS, condition, values, sums::quarter)
    }

    fn unpaid(&mut self) -> Result<Vec<(UnpaidKey, UnpaidSums)>, Fault> {
        self.connected()?;
        sums::read(&mut self.db, &sums::UNPAID, "true", &[], sums::unpaid)
    }

    fn scan(&mut self, table: Table, from: u64, limit: usize) -> Result<Vec<Record>, Fault> {
        check_rows(limit)?;
        self.connected()?;
        let db = &mut self.db;
        let values: Values<'_> = &[&(from.min(i64::MAX as u64) as i64), &(limit as i64)];
        Ok(match table {
            Table::Stakes | Table::Bets => {
                let rows = bodies(db, include_str!("../../sql/views/bets_from.sql"), values)?;
                rows.into_iter().map(Record::Bet).collect()
            }
            Table::Postings => {
                let rows = bodies(db, include_str!("../../sql/views/postings_from.sql"), values)?;
                rows.into_iter().map(Record::Posting).collect()
            }
            Table::Payouts => {
                let rows = bodies(db, include_str!("../../sql/views/payouts_from.sql"), values)?;
                rows.into_iter().map(Record::Payout).collect()
            }
        })
    }

    fn card(&mut self, key: CardKey) -> Result<Option<Card>, Fault> {
        self.connected()?;
        let values: Values<'_> =
            &[&i16::from(key.kind.code()), &(key.number as i64), &(key.version as i64)];
        let found = cards(&mut self.db, include_str!("../../sql/views/card.sql"), values)?;
        Ok(found.into_iter().next())
    }

    fn versions(&mut self, kind: CardKind, number: u64) -> Result<Vec<Card>, Fault> {
        self.connected()?;
        let values: Values<'_> = &[&i16::from(kind.code()), &(number as i64)];
        cards(&mut self.db, include_str!("../../sql/views/versions.sql"), values)
    }

    fn each_card(&mut self, take: &mut dyn FnMut(Card)) -> Result<(), Fault> {
        self.at_once(|db| {
            let (mut kind, mut number, mut version) = (-1_i16, 0_i64, 0_i64);
            loop {
                let sql = include_str!("../../sql/views/cards.sql");
                let values: Values<'_> = &[&kind, &number, &version, &(PIECE as i64)];
                let found = cards(db, sql, values)?;
                let whole = found.len() < PIECE;
                for card in found {
                    let key = card.key();
                    kind = key.kind.code().into();
                    (number, version) = (key.number as i64, key.version as i64);
                    take(card);
                }
                if whole {
                    return Ok(());
                }
            }
        })
    }
}
