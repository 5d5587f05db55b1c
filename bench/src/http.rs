//! The doors under load: `bej serve` in a process of its own, and organisers who connect to it over
//! mutual TLS 1.3. Server, load and disk share the machine.
//!
//! What is sent is made before the clock starts: the bettors' orders are in the journal, and each
//! stake stands as the bytes of its request, so that what is timed is the way of a stake from the
//! socket to the disk and back.

pub mod client;
pub mod flood;
pub mod overload;
pub mod server;
pub mod streams;

use std::cell::{Cell, RefCell};
use std::path::Path;
use std::rc::Rc;
use std::time::{Duration, Instant as Moment};

use anyhow::{Result, ensure};

use crate::http::client::{Connection, Connector};
use crate::http::server::{Form, Server, Stock, stock};
use crate::latency::Latency;
use crate::measure::{Measured, Meter, Plan};
use crate::rig::Rig;
use crate::world::ORGANISERS;

/// Connections of organisers who are kept busy: the number of callers that the limit of the goal
/// counts with, and the most that one certificate may hold.
const CONNECTIONS: u32 = 64;

/// Requests a second of the open loop.
const PACE_PER_SECOND: u32 = 2_500;

/// Lines of a batch.
pub const LINES: u64 = 1_000;

/// Connections that send batches.
const BATCH_CONNECTIONS: u32 = 4;

/// More than can be sent in a second, so that no connection runs dry.
const STAKES_PER_SECOND: f64 = 60_000.0;
const BATCHED_PER_SECOND: f64 = 400_000.0;

/// Bettors: what the doors cost does not depend on them.
const ACCOUNTS_MAX: u64 = 100_000;

/// What is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Load {
    /// One stake a request, the next when the answer is there.
    Stakes,
    /// The same requests' worth of `GET /v1/time`: HTTP and TLS without any work behind.
    Time,
    /// One stake a request, at a steady pace whatever the answers do.
    Paced,
    /// Batches of a thousand stakes.
    Batches,
}

/// Measures a load.
pub fn run(load: Load, plan: &Plan, dir: &Path) -> Result<Measured> {
    let plan = few(plan);
    measure(load, &plan, Rig::set_up(&plan, dir)?, &crate::rig::url(dir), dir)
}

/// The same with a server of PostgreSQL under it.
pub fn run_on_postgres(load: Load, plan: &Plan, dir: &Path) -> Result<Measured> {
    let plan = few(plan);
    let cluster = crate::postgres::server()?;
    let rig = Rig::set_up_on(&plan, crate::postgres::store(&cluster, dir)?)?;
    measure(load, &plan, rig, &crate::postgres::url(&cluster, dir), dir)
}

/// The same plan with no more bettors than the doors need.
fn few(plan: &Plan) -> Plan {
    Plan { accounts: plan.accounts.min(ACCOUNTS_MAX), ..plan.clone() }
}

fn measure(load: Load, plan: &Plan, mut rig: Rig, store: &str, dir: &Path) -> Result<Measured> {
    let (per_second, form) = match load {
        Load::Stakes => (STAKES_PER_SECOND, Form::Alone),
        Load::Time => (0.0, Form::Alone),
        Load::Paced => (f64::from(PACE_PER_SECOND), Form::Alone),
        Load::Batches => (BATCHED_PER_SECOND, Form::Batches(LINES)),
    };
    // A little more than the time takes: the open loop ends with the request that was due last.
    let stakes = (per_second * (plan.seconds + 1.0)) as u64;
    let stock = stock(&mut rig, stakes / u64::from(ORGANISERS), form)?;
    let server = Server::start(rig, store, dir)?;
    let connectors = server.connectors()?;
    let meter = Meter::start_with(plan, dir, Some(server.pid()))?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let tasks = tokio::task::LocalSet::new();
    let done = tasks.block_on(&runtime, drive(load, plan.length(), stock, connectors));
    let meter = done?.into_meter(meter);
    let measured = meter.finish()?;
    server.stop()?;
    Ok(measured)
}

/// What the connections count together.
#[derive(Default)]
pub struct Done {
    latency: RefCell<Option<Latency>>,
    stakes: Cell<u64>,
}

impl Done {
    /// Adds an answer.
    pub fn add(&self, stakes: u64, took: Duration) {
        self.stakes.set(self.stakes.get() + stakes);
        self.latency.borrow_mut().get_or_insert_with(Latency::new).record(took);
    }

    fn into_meter(self: Rc<Done>, mut meter: Meter) -> Meter {
        if let Some(latency) = self.latency.borrow().as_ref() {
            meter.absorb(self.stakes.get(), latency);
        }
        meter
    }
}

/// Opens the connections and keeps them busy for so long.
async fn drive(
    load: Load,
    length: Duration,
    stock: Vec<Stock>,
    connectors: Vec<Connector>,
) -> Result<Rc<Done>> {
    let count = if load == Load::Batches { BATCH_CONNECTIONS } else { CONNECTIONS };
    let mut connections = Vec::new();
    for number in 0..count {
        let organiser = (number % ORGANISERS) as usize;
        connections.push((number, organiser, connectors[organiser].open().await?));
    }
    let stock: Rc<Vec<RefCell<Stock>>> = Rc::new(stock.into_iter().map(RefCell::new).collect());
    let done = Rc::new(Done::default());
    let began = Moment::now();
    let mut tasks = Vec::new();
    for (number, organiser, connection) in connections {
        let (stock, done) = (stock.clone(), done.clone());
        let task = async move {
            let stock = &stock[organiser];
            match load {
                Load::Paced => pace(connection, stock, number, began, length, &done).await,
                Load::Time => ask_for_the_time(connection, began, length, &done).await,
                Load::Stakes | Load::Batches => {
                    keep_busy(connection, stock, began, length, &done).await
                }
            }
        };
        tasks.push(tokio::task::spawn_local(task));
    }
    for task in tasks {
        task.await??;
    }
    Ok(done)
}

/// The next request as soon as the answer to the last one is there.
async fn keep_busy(
    mut connection: Connection,
    stock: &RefCell<Stock>,
    began: Moment,
    length: Duration,
    done: &Done,
) -> Result<()> {
    while began.elapsed() < length {
        let Some(request) = stock.borrow_mut().next() else {
            anyhow::bail!("what was prepared to be sent is used up")
        };
        let sent = Moment::now();
        let stakes = connection.ask(&request).await?.accepted()?;
        done.add(stakes, sent.elapsed());
    }
    Ok(())
}

async fn ask_for_the_time(
    mut connection: Connection,
    began: Moment,
    length: Duration,
    done: &Done,
) -> Result<()> {
    let request = client::get("/v1/time");
    while began.elapsed() < length {
        let sent = Moment::now();
        let answer = connection.ask(&request).await?;
        ensure!(answer.status == 200, "{answer:?}");
        done.add(1, sent.elapsed());
    }
    Ok(())
}

/// This connection's share of a steady pace. Times count from when a request was to be sent.
async fn pace(
    mut connection: Connection,
    stock: &RefCell<Stock>,
    number: u32,
    began: Moment,
    length: Duration,
    done: &Done,
) -> Result<()> {
    for turn in (number..).step_by(CONNECTIONS as usize) {
        let due = Duration::from_secs(1) * turn / PACE_PER_SECOND;
        if length <= due {
            break;
        }
        tokio::time::sleep_until((began + due).into()).await;
        let Some(request) = stock.borrow_mut().next() else {
            anyhow::bail!("what was prepared to be sent is used up")
        };
        let stakes = connection.ask(&request).await?.accepted()?;
        done.add(stakes, began.elapsed().saturating_sub(due));
    }
    Ok(())
}
