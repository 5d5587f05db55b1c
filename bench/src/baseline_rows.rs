//! Baseline (a): plain SQLite, as a good programmer would write it without a journal.
//!
//! A million accounts of bettors and ten of organisers; each transfer is one history row, keyed by
//! its time-ordered id, and two updates of a balance; a batch is one transaction. WAL,
//! `synchronous=FULL`, prepared statements, a cache of 1 GiB. No rules, not even a limit check,
//! so that nothing but the storage is measured.

use std::path::Path;

use anyhow::{Result, ensure};
use rusqlite::{Connection, params};

use crate::measure::{Measured, Meter, Plan};
use crate::workload::{BALANCE, ORGANISERS, Transfer, Transfers};

/// What kind of transfer the history says it was: there is one kind only.
const CODE: i64 = 1;

/// Sets the accounts up, makes transfers, and proves that money was conserved.
pub fn run(plan: &Plan, dir: &Path) -> Result<Measured> {
    let mut db = Connection::open(dir.join("rows.sqlite"))?;
    set_up(&mut db, plan.accounts)?;
    let mut transfers = Transfers::new(plan.seed, plan.accounts);
    let mut batch = Vec::with_capacity(plan.batch as usize);
    let mut made = 0;
    let mut moved = 0;
    let mut meter = Meter::start(plan, dir)?;
    while meter.is_running() {
        batch.clear();
        batch.extend(transfers.by_ref().take(plan.batch as usize));
        meter.step(plan.batch, || commit(&db, &batch))?;
        made += plan.batch;
        moved += batch.iter().map(|transfer| transfer.amount).sum::<i64>();
    }
    let measured = meter.finish()?;
    prove(&db, plan.accounts, made, moved)?;
    Ok(measured)
}

fn set_up(db: &mut Connection, accounts: u64) -> Result<()> {
    db.execute_batch(include_str!("../sql/rows/settings.sql"))?;
    db.execute_batch(include_str!("../sql/rows/schema.sql"))?;
    let mode: String =
        db.query_row(include_str!("../sql/journal_mode.sql"), [], |row| row.get(0))?;
    let synchronous: i64 =
        db.query_row(include_str!("../sql/synchronous.sql"), [], |row| row.get(0))?;
    ensure!(mode == "wal" && synchronous == 2, "SQLite runs with {mode} and {synchronous}");
    // A lookup of a prepared statement costs little, preparing one costs more than running it.
    db.set_prepared_statement_cache_capacity(16);
    let all = db.transaction()?;
    {
        let mut insert = all.prepare(include_str!("../sql/rows/insert_account.sql"))?;
        for account in 0..accounts + ORGANISERS {
            insert.execute(params![account, if account < accounts { BALANCE } else { 0 }])?;
        }
    }
    all.commit()?;
    db.query_row(include_str!("../sql/empty_log.sql"), [], |_| Ok(()))?;
    Ok(())
}

fn commit(db: &Connection, batch: &[Transfer]) -> Result<()> {
    let mut insert = db.prepare_cached(include_str!("../sql/rows/insert_transfer.sql"))?;
    let mut add = db.prepare_cached(include_str!("../sql/rows/add_to_balance.sql"))?;
    db.prepare_cached(include_str!("../sql/begin.sql"))?.execute([])?;
    for Transfer { id, debit, credit, amount, at_ms } in batch {
        insert.execute(params![id.as_slice(), debit, credit, amount, at_ms, CODE])?;
        let changed =
            add.execute(params![debit, -amount])? + add.execute(params![credit, amount])?;
        ensure!(changed == 2, "a transfer changed {changed} accounts");
    }
    db.prepare_cached(include_str!("../sql/commit.sql"))?.execute([])?;
    Ok(())
}

/// No money was made or lost, every transfer is there, and the history explains every organiser's
/// balance.
fn prove(db: &Connection, accounts: u64, made: u64, moved: i64) -> Result<()> {
    let total: i64 =
        db.query_row(include_str!("../sql/rows/total_balance.sql"), [], |row| row.get(0))?;
    let expected = BALANCE * accounts as i64;
    ensure!(total == expected, "the balances add up to {total}, not to {expected}");
    let history: (u64, i64) =
        db.query_row(include_str!("../sql/rows/total_transfers.sql"), [], |row| {
            Ok((row.get(0)?, row.get(1)?))
        })?;
    ensure!(history == (made, moved), "the history has {history:?}, not {:?}", (made, moved));
    let astray: u64 =
        db.query_row(include_str!("../sql/rows/organisers_astray.sql"), [accounts], |row| {
            row.get(0)
        })?;
    ensure!(astray == 0, "the history does not explain the balances of {astray} organisers");
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Makes 30 transfers among 20 bettors, does some harm, and expects this of the proof.
    fn check(harm: &str, expected: &str) {
        let dir = tempfile::tempdir().unwrap();
        let mut db = Connection::open(dir.path().join("rows.sqlite")).unwrap();
        set_up(&mut db, 20).unwrap();
        let batch: Vec<Transfer> = Transfers::new(3, 20).take(30).collect();
        commit(&db, &batch).unwrap();
        assert!(commit(&db, &batch[..1]).is_err(), "an id was used twice");
        db.execute_batch("ROLLBACK;").unwrap();
        db.execute_batch(harm).unwrap();
        let moved = batch.iter().map(|transfer| transfer.amount).sum();
        let found =
            prove(&db, 20, 30, moved).map_or_else(|error| error.to_string(), |()| "ok".into());
        assert!(found.contains(expected), "{harm}: {found}");
    }

    #[test]
    fn harm_is_found() {
        check("", "ok");
        check("UPDATE account SET balance = balance + 1 WHERE id = 3;", "add up to");
        check("DELETE FROM transfer WHERE id = (SELECT min(id) FROM transfer);", "the history has");
        check(
            "UPDATE account SET balance = balance + 1 WHERE id = 20;
             UPDATE account SET balance = balance - 1 WHERE id = 21;",
            "2 organisers",
        );
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
