//! Ten times as many callers as keep the server busy, none of whom waits when he is told to.
//!
//! First the usual callers for the peak, then ten times as many, then a usual pace until answers
//! are as fast as they were: goodput is what was accepted, beside the peak of the same run.

use std::cell::{Cell, RefCell};
use std::path::Path;
use std::rc::Rc;
use std::time::{Duration, Instant as Moment};

use anyhow::{Result, ensure};
use serde_json::{Value, json};

use crate::http::client::{Connection, Connector};
use crate::http::server::{Server, Stock, stock};
use crate::measure::Plan;
use crate::rig::Rig;
use crate::rss::Resident;
use crate::world::ORGANISERS;

/// Callers at the peak, and in the storm: as many as all certificates may hold.
const USUAL: u32 = 64;
const STORM: u32 = 640;

/// Requests a second that come after the storm.
const AFTER_PER_SECOND: u32 = 1_000;

/// An answer that is as fast as it is without a storm.
const FAST: Duration = Duration::from_millis(20);

/// Recovered is who answers fast for so long.
const CALM: Duration = Duration::from_millis(500);

/// After this time it counts as not recovered.
const PATIENCE: Duration = Duration::from_secs(30);

/// What became of requests.
#[derive(Default)]
struct Count {
    accepted: Cell<u64>,
    shed: Cell<u64>,
    shed_without_when: Cell<u64>,
}

/// Measures the storm: accepted stakes a second at the peak and in the storm, and how long it
/// takes afterwards.
pub fn measure(plan: &Plan, dir: &Path) -> Result<Value> {
    let plan = super::few(plan);
    let mut rig = Rig::set_up(&plan, dir)?;
    let phases = super::STAKES_PER_SECOND * (2.0 * plan.seconds + 2.0);
    let after = f64::from(AFTER_PER_SECOND) * PATIENCE.as_secs_f64();
    let stock = stock(&mut rig, (phases + after) as u64 / u64::from(ORGANISERS), None)?;
    let server = Server::start(rig, &crate::rig::url(dir), dir)?;
    let connectors = server.connectors()?;
    let before = Resident::of(server.pid())?.now_bytes;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let tasks = tokio::task::LocalSet::new();
    let phases = phases_of(plan.length(), stock, connectors);
    let mut object = tasks.block_on(&runtime, phases)?;
    let memory = Resident::of(server.pid())?;
    object["rss_before_mib"] = json!(before >> 20);
    object["rss_peak_mib"] = json!(memory.peak_bytes >> 20);
    let health = server.health()?;
    ensure!(health["state"] == "ok", "the server is not well after the storm: {health}");
    server.stop()?;
    Ok(object)
}

type Shared = Rc<Vec<RefCell<Stock>>>;

async fn phases_of(
    length: Duration,
    stock: Vec<Stock>,
    connectors: Vec<Connector>,
) -> Result<Value> {
    let stock: Shared = Rc::new(stock.into_iter().map(RefCell::new).collect());
    let peak = storm(USUAL, length, &stock, &connectors).await?;
    let storm = storm(STORM, length, &stock, &connectors).await?;
    let recovered = recover(&stock, &connectors).await?;
    let seconds = length.as_secs_f64();
    let (peak, goodput) =
        (peak.accepted.get() as f64 / seconds, storm.accepted.get() as f64 / seconds);
    Ok(json!({
        "peak_per_second": peak.round(),
        "goodput_per_second": goodput.round(),
        "ratio": (goodput / peak * 1_000.0).round() / 1_000.0,
        "shed_per_second": (storm.shed.get() as f64 / seconds).round(),
        "shed_without_retry_after": storm.shed_without_when.get(),
        "recovery_s": recovered.map(|recovered| recovered.as_secs_f64()),
        "callers": USUAL,
        "callers_storm": STORM,
    }))
}

/// So many callers, each of whom asks again at once, whatever he is told.
async fn storm(
    callers: u32,
    length: Duration,
    stock: &Shared,
    connectors: &[Connector],
) -> Result<Rc<Count>> {
    let mut connections = Vec::new();
    for number in 0..callers {
        let organiser = (number % ORGANISERS) as usize;
        connections.push((organiser, connectors[organiser].open().await?));
    }
    let count = Rc::new(Count::default());
    let began = Moment::now();
    let mut tasks = Vec::new();
    for (organiser, connection) in connections {
        let (stock, count) = (stock.clone(), count.clone());
        tasks.push(tokio::task::spawn_local(async move {
            insist(connection, &stock[organiser], began, length, &count).await
        }));
    }
    for task in tasks {
        task.await??;
    }
    Ok(count)
}

async fn insist(
    mut connection: Connection,
    stock: &RefCell<Stock>,
    began: Moment,
    length: Duration,
    count: &Count,
) -> Result<()> {
    let add = |cell: &Cell<u64>| cell.set(cell.get() + 1);
    while began.elapsed() < length {
        let Some(request) = stock.borrow_mut().next() else {
            anyhow::bail!("what was prepared to be sent is used up")
        };
        loop {
            let answer = connection.ask(&request).await?;
            match answer.status {
                201 if began.elapsed() < length => break add(&count.accepted),
                // It came after the end and counts for nobody.
                201 => break,
                503 | 429 => {
                    add(&count.shed);
                    if !answer.says_when {
                        add(&count.shed_without_when);
                    }
                    if length <= began.elapsed() {
                        return Ok(());
                    }
                }
                status => anyhow::bail!("an answer of {status} in the storm"),
            }
        }
    }
    Ok(())
}

/// The usual pace after the storm; gives when answers became and stayed fast.
async fn recover(stock: &Shared, connectors: &[Connector]) -> Result<Option<Duration>> {
    let mut connections = Vec::new();
    for number in 0..USUAL {
        let organiser = (number % ORGANISERS) as usize;
        connections.push((number, organiser, connectors[organiser].open().await?));
    }
    let began = Moment::now();
    let slow = Rc::new(Cell::new(Duration::ZERO));
    let mut tasks = Vec::new();
    for (number, organiser, mut connection) in connections {
        let (stock, slow) = (stock.clone(), slow.clone());
        tasks.push(tokio::task::spawn_local(async move {
            for turn in (number..).step_by(USUAL as usize) {
                let due = Duration::from_secs(1) * turn / AFTER_PER_SECOND;
                if slow.get() + CALM < due || PATIENCE < due {
                    break;
                }
                tokio::time::sleep_until((began + due).into()).await;
                let Some(request) = stock[organiser].borrow_mut().next() else { break };
                let answer = connection.ask(&request).await?;
                let took = began.elapsed().saturating_sub(due);
                if answer.status != 201 || FAST < took {
                    slow.set(slow.get().max(began.elapsed()));
                }
            }
            anyhow::Ok(())
        }));
    }
    for task in tasks {
        task.await??;
    }
    Ok(Some(slow.get()).filter(|slow| *slow < PATIENCE))
}
