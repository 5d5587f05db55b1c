//! The port of the cold index: what has left memory and may still be asked for (core 15, 16).
//!
//! It answers two questions: was this id seen, and what is the last row of this bet. It is filled
//! from the journal and can be rebuilt from it. What a batch brings and the cursor that says how
//! far the journal has been indexed become durable together.
//!
//! Ids are UUIDv7, so ids newer than all that were indexed of a sender cannot be in the index:
//! the *horizon* of a sender is the largest time in milliseconds among its ids, and ids above it
//! are answered without a lookup. Written in batches in the order of their ids, rows go almost
//! only to the end of the table.

use crate::Fault;
use crate::limits::COLD_ROWS_MAX;

/// An id that was spent, and what it was spent on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ColdId {
    /// The sender's number in facts.
    pub sender: u32,
    /// The id that the sender made.
    pub id: [u8; 16],
    /// What is known of it.
    pub found: FoundId,
}

/// What is known of a spent id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FoundId {
    /// The fact that answered it.
    pub seq: u64,
    /// The digest of the command that it stood for.
    pub digest: [u8; 16],
}

/// The last known row of a bet that has left memory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ColdBet {
    /// The organiser's number.
    pub organiser: u32,
    /// The bet's id.
    pub bet: [u8; 16],
    /// The position of which the row tells; a row of an earlier one never replaces it.
    pub seq: u64,
    /// The row, in a form that the caller knows.
    pub row: Vec<u8>,
}

/// Rows that become durable together.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ColdBatch {
    /// Ids; one that is there already keeps what is known of it.
    pub ids: Vec<ColdId>,
    /// Rows of bets; the row of the highest seq stays, of equal ones the one written last.
    pub bets: Vec<ColdBet>,
}

/// Questions to the cold index.
pub trait ColdReader: Send {
    /// The seq below which everything that has left memory is in the index.
    fn cursor(&mut self) -> Result<u64, Fault>;

    /// What is known of (sender, id), in the order asked.
    fn find_ids(&mut self, keys: &[(u32, [u8; 16])]) -> Result<Vec<Option<FoundId>>, Fault>;

    /// The last rows of (organiser, bet), in the order asked.
    fn find_bets(&mut self, keys: &[(u32, [u8; 16])]) -> Result<Vec<Option<Vec<u8>>>, Fault>;

    /// Each sender that has ids here with its horizon, by sender.
    fn horizon(&mut self) -> Result<Vec<(u32, u64)>, Fault>;
}

/// The writer's side of the cold index. One writer at a time.
pub trait ColdStore: ColdReader {
    /// Writes the batch and the cursor in one durable transaction. Writing a batch again changes
    /// nothing. Refused, with nothing written: a cursor that goes back, a batch that is too large.
    fn write(&mut self, batch: &ColdBatch, cursor: u64) -> Result<(), Fault>;

    /// A reader of its own, for another thread.
    fn reader(&self) -> Result<Box<dyn ColdReader>, Fault>;
}

/// The milliseconds since 1970 that an id carries (UUIDv7).
pub fn id_ms(id: &[u8; 16]) -> u64 {
    let mut high = [0; 8];
    high[2..].copy_from_slice(&id[..6]);
    u64::from_be_bytes(high)
}

/// Refuses batches and questions that are too large, and cursors that go back.
pub fn check_write(batch: &ColdBatch, before: u64, cursor: u64) -> Result<(), Fault> {
    check_size(batch.ids.len())?;
    check_size(batch.bets.len())?;
    if cursor < before {
        return Err(Fault::refused(format!("the cold index is at {before}, not back at {cursor}")));
    }
    Ok(())
}

/// Refuses what is too large for one call.
pub fn check_size(rows: usize) -> Result<(), Fault> {
    if COLD_ROWS_MAX < rows {
        return Err(Fault::refused(format!("{rows} rows at once, the most is {COLD_ROWS_MAX}")));
    }
    Ok(())
}
