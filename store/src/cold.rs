//! The port of the cold index: where to find what has left memory (core 15, 16).
//!
//! It answers three questions: which fact did this id cause first, which is the last record of
//! this bet, and which fact keeps this event. The answer is a position in the journal; what is
//! there is read from the journal. So the index holds nothing of its own and can be made again from
//! the journal alone.
//!
//! It is filled in the order of the journal: each batch covers the positions from the cursor up to
//! a later one, and becomes durable whole or not at all. Ids are UUIDv7: the *horizon* of a sender
//! is the largest time among its ids here, and an id of a later time is not here.

use std::sync::Arc;

use terms::MessageId;

use crate::Fault;
use crate::limits::{COLD_BATCH_ROWS_MAX, COLD_KEYS_MAX};

/// The number of a sender in facts, or of an organiser, and the id that it made.
pub type ColdKey = (u32, [u8; 16]);

/// The number, the id, and the position of a fact that belongs to them.
pub type ColdRow = (u32, [u8; 16], u64);

/// What a range of the journal brings to the index. Rows in any order, keys more than once.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ColdBatch {
    /// The first position covered: the cursor.
    pub from: u64,
    /// One more than the last position covered: the next cursor.
    pub to: u64,
    /// By sender and id, a fact that the id caused; the first one stays.
    pub ids: Vec<ColdRow>,
    /// By organiser and bet, a record of the bet; the last one wins.
    pub bets: Vec<ColdRow>,
    /// By the keys of an event, a fact that keeps it; the last one wins.
    pub events: Vec<ColdRow>,
}

/// Questions to the cold index. Each call sees one state of it.
pub trait ColdReader: Send + Sync {
    /// The position below which everything is in the index.
    fn cursor(&self) -> u64;

    /// Each sender that has or had ids here, with the largest time in one of them, in milliseconds
    /// since 1970; by sender. Never goes back, whatever is forgotten.
    fn horizon(&self) -> Vec<(u32, i64)>;

    /// The largest time in the id of a bet here, in milliseconds since 1970.
    fn bets_horizon(&self) -> Option<i64>;

    /// The first fact of each (sender, id), in the order asked.
    fn find_ids(&self, keys: &[ColdKey]) -> Result<Vec<Option<u64>>, Fault>;

    /// The last record of each (organiser, bet), in the order asked.
    fn find_bets(&self, keys: &[ColdKey]) -> Result<Vec<Option<u64>>, Fault>;

    /// The last fact that keeps an event, by any of its keys, in the order asked.
    fn find_events(&self, keys: &[ColdKey]) -> Result<Vec<Option<u64>>, Fault>;
}

/// The writer's side of the cold index. One writer at a time.
pub trait ColdStore: ColdReader {
    /// Makes the batch and the cursor that it leads to durable, together. Refused, with nothing
    /// written: a batch that does not begin at the cursor, or is too large, or has positions
    /// outside its range.
    fn write(&mut self, batch: &ColdBatch) -> Result<(), Fault>;

    /// Allows ids of a time before `before_ms` to be forgotten; some may still be found. Bets,
    /// events and horizons stay.
    fn forget(&mut self, before_ms: i64) -> Result<(), Fault>;

    /// A reader for other threads. It sees what is written later.
    fn reader(&self) -> Arc<dyn ColdReader>;
}

/// The milliseconds since 1970 that an id carries (UUIDv7).
pub fn id_ms(id: &[u8; 16]) -> i64 {
    MessageId(*id).made_ms()
}

/// Refuses a batch that breaks the contract of [`ColdStore::write`].
pub fn check_write(batch: &ColdBatch, cursor: u64) -> Result<(), Fault> {
    let ColdBatch { from, to, ids, bets, events } = batch;
    if *from != cursor || to < from {
        let what = format!("the cold index is at {cursor}; a batch from {from} to {to}");
        return Err(Fault::refused(what));
    }
    let rows = ids.len().saturating_add(bets.len()).saturating_add(events.len());
    if COLD_BATCH_ROWS_MAX < rows {
        return Err(Fault::refused(format!("{rows} rows at once, most {COLD_BATCH_ROWS_MAX}")));
    }
    let outside = |(_, _, seq): &&ColdRow| seq < from || to <= seq;
    if let Some((_, _, seq)) = ids.iter().chain(bets).chain(events).find(outside) {
        return Err(Fault::refused(format!("position {seq} in a batch from {from} to {to}")));
    }
    Ok(())
}

/// Refuses too many keys in one question.
pub fn check_keys(keys: &[ColdKey]) -> Result<(), Fault> {
    let count = keys.len();
    if COLD_KEYS_MAX < count {
        return Err(Fault::refused(format!("{count} keys at once, the most is {COLD_KEYS_MAX}")));
    }
    Ok(())
}
