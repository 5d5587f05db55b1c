//! PostgreSQL under the same load, on a server that is made for the run and thrown away.
//!
//! Default durability everywhere. Baseline (a) is what a good programmer writes without a journal:
//! one transaction of a batch of transfers by UNNEST with set-based changes of balances. Baseline
//! (b) is the same transfer one a transaction, by a function, from 32 clients with pgbench. Both on
//! a million accounts of bettors and ten of organisers, all of them hot.

use std::path::Path;
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use cluster::Cluster;
use postgres::types::private::BytesMut;
use postgres::types::{IsNull, ToSql, Type, accepts, to_sql_checked};
use postgres::{Client, NoTls};
use store_postgres::{Options, PATIENCE, Postgres};

use crate::latency::Latency;
use crate::measure::{Measured, Meter, Plan};
use crate::rig::Engine;
use crate::workload::{BALANCE, ORGANISERS, Transfers};

/// Clients of baseline (b).
const CLIENTS: u32 = 32;

/// What a server of that size gets; nothing of it touches durability.
const SETTINGS: &[(&str, &str)] =
    &[("shared_buffers", "2GB"), ("max_wal_size", "16GB"), ("jit", "off")];

/// A server for the product's store.
pub fn server() -> Result<Cluster> {
    Cluster::start(SETTINGS)
}

/// The address of the product's store on a server, with what a node keeps in a directory.
pub fn url(cluster: &Cluster, dir: &Path) -> String {
    format!("{}?dir={}", cluster.url("postgres"), dir.join("node").display())
}

/// The product's store on a server.
pub fn store(cluster: &Cluster, dir: &Path) -> Result<Engine> {
    let options = Options { create: true, patience: PATIENCE };
    let store = Postgres::open(&url(cluster, dir).parse()?, options).context("open the store")?;
    Ok(Engine::Postgres(store))
}

/// An id as a uuid.
#[derive(Debug)]
struct Uuid([u8; 16]);

impl ToSql for Uuid {
    fn to_sql(
        &self,
        _: &Type,
        out: &mut BytesMut,
    ) -> Result<IsNull, Box<dyn std::error::Error + Sync + Send>> {
        out.extend_from_slice(&self.0);
        Ok(IsNull::No)
    }

    accepts!(UUID);
    to_sql_checked!();
}

fn set_up(cluster: &Cluster, accounts: u64) -> Result<Client> {
    let mut client = Client::connect(&cluster.url("postgres"), NoTls)?;
    client.batch_execute(include_str!("../sql/postgres/schema.sql"))?;
    let (bettors, all) = (accounts as i64, (accounts + ORGANISERS) as i64);
    client.execute(include_str!("../sql/postgres/fill.sql"), &[&bettors, &all, &BALANCE])?;
    // One by one: several together would be one transaction, in which neither may be.
    for statement in include_str!("../sql/postgres/settle.sql").split_inclusive(';') {
        client.batch_execute(statement)?;
    }
    Ok(client)
}

/// Baseline (a).
pub fn unnest(plan: &Plan, dir: &Path) -> Result<Measured> {
    let cluster = Cluster::start(SETTINGS)?;
    let mut client = set_up(&cluster, plan.accounts)?;
    let statement = client.prepare(include_str!("../sql/postgres/transfers.sql"))?;
    let mut transfers = Transfers::new(plan.seed, plan.accounts);
    let mut meter = Meter::start(plan, dir)?;
    while meter.is_running() {
        let (mut ids, mut debits, mut credits) = (Vec::new(), Vec::new(), Vec::new());
        let (mut amounts, mut times) = (Vec::new(), Vec::new());
        for transfer in transfers.by_ref().take(plan.batch as usize) {
            ids.push(Uuid(transfer.id));
            debits.push(transfer.debit as i64);
            credits.push(transfer.credit as i64);
            amounts.push(transfer.amount);
            times.push(transfer.at_ms);
        }
        meter.step(plan.batch, || {
            let values: [&(dyn ToSql + Sync); 5] = [&ids, &debits, &credits, &amounts, &times];
            client.execute(&statement, &values)?;
            Ok(())
        })?;
    }
    let measured = meter.finish_steps()?;
    prove(&mut client, plan.accounts)?;
    Ok(measured)
}

/// Baseline (b).
pub fn single(plan: &Plan, dir: &Path) -> Result<Measured> {
    let cluster = Cluster::start(SETTINGS)?;
    let mut client = set_up(&cluster, plan.accounts)?;
    let script = cluster.directory().join("single.sql");
    let text = include_str!("../sql/postgres/single.pgbench")
        .replace("LAST_BETTOR", &(plan.accounts - 1).to_string())
        .replace("FIRST_ORGANISER", &plan.accounts.to_string())
        .replace("LAST_ORGANISER", &(plan.accounts + ORGANISERS - 1).to_string());
    std::fs::write(&script, text)?;
    let seconds = plan.length().max(Duration::from_secs(1)).as_secs();
    let mut meter = Meter::start(plan, dir)?;
    let mut bench = cluster.program("pgbench");
    bench.args(["-n", "-M", "prepared", "-j", "2", "-U", "postgres"]);
    bench.args(["-c", &CLIENTS.to_string(), "-T", &seconds.to_string()]);
    bench.arg("-h").arg(cluster.directory()).args(["-p", &cluster.port().to_string()]);
    let output = bench.arg("-f").arg(&script).arg("postgres").output().context("run pgbench")?;
    ensure!(output.status.success(), "pgbench: {}", String::from_utf8_lossy(&output.stderr));
    let made: i64 = client.query_one("SELECT count(*) FROM transfer", &[])?.get(0);
    let mut latency = Latency::new();
    latency.record(Duration::from_secs_f64(
        seconds as f64 * f64::from(CLIENTS) / (made.max(1) as f64),
    ));
    meter.absorb(made as u64, &latency);
    let measured = meter.finish()?;
    prove(&mut client, plan.accounts)?;
    Ok(measured)
}

/// No money was made or lost, and the history explains every balance.
fn prove(client: &mut Client, accounts: u64) -> Result<()> {
    let row = client.query_one(include_str!("../sql/postgres/proof.sql"), &[&BALANCE])?;
    let (total, astray): (i64, i64) = (row.get(0), row.get(1));
    ensure!(total == BALANCE * accounts as i64, "the balances add up to {total}");
    ensure!(astray == 0, "the history does not explain {astray} balances");
    Ok(())
}
