//! Baseline (b): a bare state machine with its frames in SQLite: about the most that this machine
//! can do with any design of our shape.
//!
//! Balances in a dense array, ids in a set, a limit check; one record of 128 bytes a transfer with
//! the balances after it and the positions of the previous records of both sides; a batch is one
//! blob, chained to the one before by a fast checksum, and one transaction. WAL,
//! `synchronous=FULL`, pages of 16 KiB. No hashes, no rules, no register.

use std::hash::BuildHasher as _;
use std::path::Path;

use anyhow::{Context as _, Result, ensure};
use foldhash::fast::FixedState;
use hashbrown::HashSet;
use rusqlite::{Connection, params};

use crate::measure::{Measured, Meter, Plan};
use crate::workload::{BALANCE, ORGANISERS, Transfer, Transfers};

const RECORD_BYTES: usize = 128;
const HEADER_BYTES: usize = 128;

/// Room for ids is made ahead for this many a second, and no more than so many in all, so that the
/// set does not grow, which would take it half a second, within a run.
const IDS_PER_SECOND: f64 = 2_500_000.0;
const IDS_MAX: f64 = 58_000_000.0;

/// Sets the state up, makes transfers, and proves that frames and balances agree.
pub fn run(plan: &Plan, dir: &Path) -> Result<Measured> {
    let db = open(dir)?;
    let mut state =
        State::new(plan.accounts, (IDS_PER_SECOND * plan.seconds).min(IDS_MAX) as usize);
    let mut frame = Frame::default();
    let mut transfers = Transfers::new(plan.seed, plan.accounts);
    let mut batch = Vec::with_capacity(plan.batch as usize);
    let mut insert = db.prepare(include_str!("../sql/frames/insert_frame.sql"))?;
    let mut meter = Meter::start(plan, dir)?;
    while meter.is_running() {
        batch.clear();
        batch.extend(transfers.by_ref().take(plan.batch as usize));
        meter.step(plan.batch, || {
            frame.begin();
            for transfer in &batch {
                state.apply(transfer, &mut frame)?;
            }
            frame.seal();
            insert.execute(params![frame.seq, frame.bytes])?;
            Ok(())
        })?;
    }
    let measured = meter.finish()?;
    prove(&db, &state)?;
    Ok(measured)
}

fn open(dir: &Path) -> Result<Connection> {
    let db = Connection::open(dir.join("frames.sqlite"))?;
    db.execute_batch(include_str!("../sql/frames/settings.sql"))?;
    db.execute_batch(include_str!("../sql/frames/schema.sql"))?;
    let mode: String =
        db.query_row(include_str!("../sql/journal_mode.sql"), [], |row| row.get(0))?;
    let synchronous: i64 =
        db.query_row(include_str!("../sql/synchronous.sql"), [], |row| row.get(0))?;
    ensure!(mode == "wal" && synchronous == 2, "SQLite runs with {mode} and {synchronous}");
    Ok(db)
}

#[derive(Clone, Copy, Debug)]
struct Account {
    balance: i64,
    /// The last record that moved it; 0 before the first.
    last_seq: u64,
}

#[derive(Debug)]
struct State {
    accounts: Vec<Account>,
    bettors: u64,
    ids: HashSet<u128, FixedState>,
    seq: u64,
}

impl State {
    fn new(bettors: u64, ids: usize) -> State {
        let account =
            |index| Account { balance: if index < bettors { BALANCE } else { 0 }, last_seq: 0 };
        State {
            accounts: (0..bettors + ORGANISERS).map(account).collect(),
            bettors,
            ids: HashSet::with_capacity_and_hasher(ids, FixedState::default()),
            seq: 0,
        }
    }

    fn apply(&mut self, transfer: &Transfer, frame: &mut Frame) -> Result<()> {
        ensure!(self.ids.insert(u128::from_be_bytes(transfer.id)), "an id was used twice");
        let (debit, credit) = (transfer.debit as usize, transfer.credit as usize);
        let (from, to) = (self.accounts[debit], self.accounts[credit]);
        ensure!(transfer.amount <= from.balance, "account {debit} has too little");
        self.seq += 1;
        let from_after = Account { balance: from.balance - transfer.amount, last_seq: self.seq };
        let to_after = Account { balance: to.balance + transfer.amount, last_seq: self.seq };
        self.accounts[debit] = from_after;
        self.accounts[credit] = to_after;
        let mut record = [0; RECORD_BYTES];
        record[..16].copy_from_slice(&transfer.id);
        let words = [
            transfer.debit,
            transfer.credit,
            transfer.amount as u64,
            transfer.at_ms as u64,
            from_after.balance as u64,
            to_after.balance as u64,
            from.last_seq,
            to.last_seq,
        ];
        for (word, place) in words.iter().zip(record[16..].as_chunks_mut::<8>().0) {
            *place = word.to_le_bytes();
        }
        frame.bytes.extend_from_slice(&record);
        Ok(())
    }
}

/// A header, of which the first 32 bytes are used, and the records.
#[derive(Debug, Default)]
struct Frame {
    seq: u64,
    checksum: u64,
    bytes: Vec<u8>,
}

impl Frame {
    fn begin(&mut self) {
        self.seq += 1;
        self.bytes.clear();
        self.bytes.resize(HEADER_BYTES, 0);
        self.bytes[..8].copy_from_slice(&self.seq.to_le_bytes());
        self.bytes[16..24].copy_from_slice(&self.checksum.to_le_bytes());
    }

    fn seal(&mut self) {
        let count = (self.bytes.len() - HEADER_BYTES) / RECORD_BYTES;
        self.bytes[8..16].copy_from_slice(&(count as u64).to_le_bytes());
        self.checksum = checksum(&self.bytes);
        self.bytes[24..32].copy_from_slice(&self.checksum.to_le_bytes());
    }
}

/// Over all but the place of the checksum itself.
fn checksum(frame: &[u8]) -> u64 {
    let hasher = FixedState::default();
    hasher.hash_one((&frame[..24], &frame[32..]))
}

fn word(bytes: &[u8], at: usize) -> Result<u64> {
    let eight = bytes.get(at..at + 8).context("a frame is too short")?;
    Ok(u64::from_le_bytes(eight.try_into()?))
}

/// Reads every frame back: the chain holds, and its records alone give all balances and as many
/// transfers as were made.
fn prove(db: &Connection, state: &State) -> Result<()> {
    let mut balances: Vec<i64> =
        State::new(state.bettors, 0).accounts.iter().map(|account| account.balance).collect();
    let (mut previous, mut seq, mut records) = (0, 0, 0);
    let mut select = db.prepare(include_str!("../sql/frames/all_frames.sql"))?;
    let mut rows = select.query([])?;
    while let Some(row) = rows.next()? {
        let frame = row.get_ref(0)?.as_blob()?;
        seq += 1;
        let header = (word(frame, 0)?, word(frame, 16)?, word(frame, 24)?);
        ensure!(header == (seq, previous, checksum(frame)), "frame {seq} breaks the chain");
        previous = header.2;
        for record in frame[HEADER_BYTES..].chunks(RECORD_BYTES) {
            let (debit, credit) = (word(record, 16)? as usize, word(record, 24)? as usize);
            let amount = word(record, 32)? as i64;
            balances[debit] -= amount;
            balances[credit] += amount;
            records += 1;
            let after = (word(record, 48)? as i64, word(record, 56)? as i64);
            ensure!(after == (balances[debit], balances[credit]), "record {records} misreports");
        }
    }
    ensure!(records == state.seq, "the frames have {records} of {} transfers", state.seq);
    let agree = balances.iter().zip(&state.accounts).all(|(a, b)| *a == b.balance);
    ensure!(agree, "the frames do not give the balances");
    let expected = BALANCE * state.bettors as i64;
    let total: i64 = balances.iter().sum();
    ensure!(total == expected, "the balances add up to {total}, not to {expected}");
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Makes three frames of ten transfers, does some harm, and expects this of the proof.
    fn check(harm: impl FnOnce(&Connection, &mut State), expected: &str) {
        let dir = tempfile::tempdir().unwrap();
        let db = open(dir.path()).unwrap();
        let (mut state, mut frame) = (State::new(20, 30), Frame::default());
        let mut transfers = Transfers::new(3, 20);
        for _ in 0..3 {
            frame.begin();
            for transfer in transfers.by_ref().take(10) {
                state.apply(&transfer, &mut frame).unwrap();
                assert!(state.apply(&transfer, &mut frame).is_err(), "an id was used twice");
            }
            frame.seal();
            db.execute(
                include_str!("../sql/frames/insert_frame.sql"),
                params![frame.seq, frame.bytes],
            )
            .unwrap();
        }
        harm(&db, &mut state);
        let found = prove(&db, &state).map_or_else(|error| error.to_string(), |()| "ok".into());
        assert!(found.contains(expected), "{expected}: {found}");
    }

    #[test]
    fn harm_is_found() {
        check(|_, _| {}, "ok");
        check(|_, state| state.accounts[3].balance += 1, "do not give the balances");
        check(
            |db, _| {
                db.execute("UPDATE frame SET body = zeroblob(1408) WHERE seq = 2", []).unwrap();
            },
            "frame 2 breaks the chain",
        );
        check(
            |db, _| {
                db.execute("DELETE FROM frame WHERE seq = 3", []).unwrap();
            },
            "20 of 30 transfers",
        );
    }

    #[test]
    fn a_bettor_cannot_pay_more_than_he_has() {
        let mut state = State::new(1, 1);
        let transfer = Transfer { id: [1; 16], debit: 0, credit: 1, amount: BALANCE + 1, at_ms: 1 };
        assert!(state.apply(&transfer, &mut Frame::default()).is_err());
        assert_eq!(state.accounts[0].balance, BALANCE);
    }

    #[test]
    fn a_short_run_is_measured_and_proved() {
        let dir = tempfile::tempdir().unwrap();
        let plan = Plan {
            seconds: 0.1,
            batch: 10,
            accounts: 100,
            operation_bytes: 160,
            stakes_per_order: 10,
            seed: 1,
        };
        run(&plan, dir.path()).unwrap();
    }
}
