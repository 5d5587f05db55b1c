//! Ten times more stakes than the server can do, and how it recovers.
//!
//! First the peak: callers who wait for each answer, as many as it takes. Then, on all connections
//! that the certificates may have, ten times the peak at intended times whatever the answers are,
//! and a half of the peak until answers are as they were; once by callers who heed `Retry-After`,
//! once by callers who do not, and once by one organiser alone while the others go on as usual.
//! Goodput is what was accepted, beside the peak of the same run.

use std::cell::RefCell;
use std::path::Path;
use std::rc::Rc;
use std::time::{Duration, Instant as Moment};

use anyhow::{Result, ensure};
use serde_json::{Value, json};

use crate::http::flood::{Flood, Pace, SLICE, STREAMS, Stocks, Tally};
use crate::http::server::{Form, Server, stock};
use crate::measure::Plan;
use crate::rig::Rig;
use crate::rss::{Busy, Resident, processor_seconds};
use crate::world::ORGANISERS;

/// Connections of each organiser: as many as its certificate may have.
const CONNECTIONS: usize = 64;

/// Callers whose best is the peak: connections, and requests that are open on each.
const PEAKS: [(usize, usize); 2] = [(64, 4), (640, 1)];

/// How many times the peak is offered.
const TIMES: f64 = 10.0;

/// Recovered is who was calm for so many slices.
const CALM: usize = 5;

/// After this time it counts as not recovered.
const PATIENCE: Duration = Duration::from_secs(15);

/// How long it is looked at in one go whether it is.
const LOOK: Duration = Duration::from_secs(2);

/// The part of the peak that comes after a storm.
const USUAL: f64 = 0.5;

/// Measures all of it in one directory.
pub fn measure(plan: &Plan, dir: &Path) -> Result<Value> {
    let plan = super::few(plan);
    let mut rig = Rig::set_up(&plan, dir)?;
    let busy = plan.seconds * (PEAKS.len() + 3) as f64 + 4.0;
    let stakes = super::STAKES_PER_SECOND * busy;
    let stock = stock(&mut rig, stakes as u64 / u64::from(ORGANISERS), Form::Streams)?;
    let server = Server::start(rig, &crate::rig::url(dir), dir)?;
    let before = Resident::of(server.pid())?.now_bytes;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let tasks = tokio::task::LocalSet::new();
    let stocks: Stocks = Rc::new(stock.into_iter().map(RefCell::new).collect());
    let mut object = tasks.block_on(&runtime, phases(plan.length(), &server, &stocks))?;
    let memory = Resident::of(server.pid())?;
    object["rss_before_mib"] = json!(before >> 20);
    object["rss_peak_mib"] = json!(memory.peak_bytes >> 20);
    let health = server.health()?;
    ensure!(health["state"] == "ok", "the server is not well after the storm: {health}");
    server.stop()?;
    Ok(object)
}

/// What server and load took of the processors since.
struct Cores {
    began: Moment,
    server: f64,
    load: f64,
    others: Busy,
}

impl Cores {
    fn read(server: &Server) -> Result<Cores> {
        let pid = server.pid();
        let (server, load) = (processor_seconds(Some(pid))?, processor_seconds(None)?);
        let others = Busy::read_with(Some(pid))?;
        Ok(Cores { began: Moment::now(), server, load, others })
    }

    fn tell(&self, server: &Server, told: &mut Value) -> Result<()> {
        let now = Cores::read(server)?;
        let seconds = (now.began - self.began).as_secs_f64();
        told["server_cores"] = json!(rounded((now.server - self.server) / seconds));
        told["load_cores"] = json!(rounded((now.load - self.load) / seconds));
        told["others_cores"] = json!(rounded(self.others.others_since()?));
        Ok(())
    }
}

async fn phases(length: Duration, server: &Server, stocks: &Stocks) -> Result<Value> {
    let flood = Flood::open(&server.connectors()?, CONNECTIONS, stocks).await?;
    let mut peaks = Vec::new();
    for (connections, each) in PEAKS {
        let cores = Cores::read(server)?;
        let tally = flood.run(connections, length, &[Pace::Closed(each)], |_| 0).await?;
        let per_second = tally[0].accepted as f64 / length.as_secs_f64();
        let mut peak = json!({
            "connections": connections,
            "open_on_each": each,
            "per_second": per_second.round(),
            "p50_ms": rounded(tally[0].latency.quantile_ms(0.5)),
            "p99_ms": rounded(tally[0].latency.quantile_ms(0.99)),
        });
        cores.tell(server, &mut peak)?;
        peaks.push(peak);
    }
    let peak = peaks.iter().filter_map(|peak| peak["per_second"].as_f64()).fold(0.0, f64::max);
    let mut storms = Vec::new();
    for heeds in [true, false] {
        let mut storm = storm(&flood, (peak, length), server, heeds, None).await?;
        storm["callers"] = json!(if heeds { "heed Retry-After" } else { "heed nothing" });
        storms.push(storm);
    }
    let mut alone = storm(&flood, (peak, length), server, false, Some(0)).await?;
    alone["callers"] = json!("one organiser heeds nothing, the others go on as usual");
    storms.push(alone);
    Ok(json!({
        "peak_per_second": peak.round(),
        "peaks": peaks,
        "connections": CONNECTIONS * ORGANISERS as usize,
        "streams_each": STREAMS,
        "storms": storms,
    }))
}

/// A storm by all organisers, or by one while the others send a quarter of the peak, and what comes
/// after it.
async fn storm(
    flood: &Flood,
    (peak, length): (f64, Duration),
    server: &Server,
    heeds: bool,
    alone: Option<usize>,
) -> Result<Value> {
    let (all, organisers) = (flood.lines.len(), ORGANISERS as usize);
    let storming = if alone.is_some() { all / organisers } else { all };
    let open = |per_second: f64, lines: usize, heeds| Pace::Open {
        per_second: per_second / lines as f64,
        heeds,
    };
    let paces =
        [open(peak * TIMES, storming, heeds), open(peak / 4.0, (all - storming).max(1), true)];
    let group = |line: &crate::http::flood::Line| {
        usize::from(alone.is_some_and(|alone| alone != line.organiser))
    };
    let cores = Cores::read(server)?;
    let tallies = flood.run(all, length, &paces, group).await?;
    let mut told = json!({});
    cores.tell(server, &mut told)?;
    let (mut waited, mut found) = (Duration::ZERO, None);
    while found.is_none() && waited < PATIENCE {
        let usual = [open(peak * USUAL, all, true)];
        let tallies = flood.run(all, LOOK, &usual, |_| 0).await?;
        found = recovered(&tallies[0]).map(|time| waited + time);
        waited += LOOK;
    }
    let memory = Resident::of(server.pid())?.now_bytes;
    let seconds = length.as_secs_f64();
    let accepted: u64 = tallies.iter().map(|tally| tally.accepted).sum();
    let goodput = accepted as f64 / seconds;
    told["offered_per_second"] = json!((peak * TIMES).round());
    told["goodput_per_second"] = json!(goodput.round());
    told["ratio"] = json!(rounded(goodput / peak));
    told["storming"] = of(&tallies[0], seconds);
    told["recovery_s"] = json!(found.map(|time| time.as_secs_f64()));
    told["rss_after_mib"] = json!(memory >> 20);
    if alone.is_some() {
        told["others_offered_per_second"] = json!((peak / 4.0).round());
        told["others"] = of(&tallies[1], seconds);
    }
    Ok(told)
}

fn of(tally: &Tally, seconds: f64) -> Value {
    let each = |count: u64| (count as f64 / seconds).round();
    json!({
        "answered_per_second": each(tally.answered()),
        "accepted_per_second": each(tally.accepted),
        "shed_per_second": each(tally.shed),
        "shed_without_retry_after": tally.shed_without_when,
        "held_back_per_second": each(tally.held_back),
        "kept_away_per_second": each(tally.kept_away),
        "p50_ms": rounded(tally.latency.quantile_ms(0.5)),
        "p99_ms": rounded(tally.latency.quantile_ms(0.99)),
        "max_ms": rounded(tally.latency.max_ms()),
    })
}

/// When the answers were and stayed as they are without a storm: nothing shed, and at most one of a
/// hundred slow.
fn recovered(tally: &Tally) -> Option<Duration> {
    let calm = |(answers, bad): &(u64, u64)| 0 < *answers && bad * 100 <= *answers;
    let mut run = 0;
    for (index, slice) in tally.slices.iter().enumerate() {
        run = if calm(slice) { run + 1 } else { 0 };
        if run == CALM {
            return Some(SLICE * u32::try_from(index + 1 - CALM).unwrap_or(u32::MAX));
        }
    }
    None
}

fn rounded(value: f64) -> f64 {
    (value * 1_000.0).round() / 1_000.0
}
