//! `bej serve`: the whole system in one process, until it is told to stop.
//!
//! ```text
//! pump ─► journal      views: a thread that projects      API: mutual TLS 1.3
//!   ├──► follower of the API                              probes: plain HTTP on loopback
//!   ├──► starts: a thread that asks for bets of corrected starts
//!   └──► notary: a thread that signs checkpoints          console: plain HTTP on loopback
//!                daily: a thread that writes daily files
//! ```
//!
//! On SIGTERM or SIGINT the listeners take nothing in any more and finish what is under way; then
//! the pump decides what is queued, makes it durable and writes a snapshot; then the notary signs
//! what is there, and the views end.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use anyhow::{Context as _, bail, ensure};
use api::{
    Authority, Budgets, Callers, DailyFiles, Feeds, Follower, House, Lookup, Metrics, Room,
    Sessions,
};
use parking_lot::RwLock;
use pump::{Clock as _, Pump, Stream, SystemClock, Time};
use serde_json::json;
use store::{Progress, Projector};
use terms::{Day, Instant};
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::{Semaphore, watch as channel};

use crate::config::Config;
use crate::demo::upkeep;
use crate::notary::{Notary, Signed, Turn};
use crate::starts::{self, Starts};
use crate::store_url::{Lasting, StoreUrl};
use crate::traces::Traces;
use crate::watch::{self, Watch};
use crate::{announced, daily, office, out, proof};

/// How often a thread that has nothing to do looks whether it has.
const PAUSE: Duration = Duration::from_millis(100);

/// Before the views are tried again after a failure.
const AGAIN: Duration = Duration::from_secs(1);

/// Run the system: the API for organisers over mutual TLS, the console, probes and metrics, until
/// SIGTERM.
///
/// The data directory gets a certificate authority for development, the server's certificate, the
/// table of organisers' certificates (`bej cert`), bettors' sessions (`bej session`), the staff of
/// the console (`bej staff`) and, if no other store is named, the store. What is given here wins
/// over the configuration.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The configuration (`bej config sample`); the standard values if it is not given.
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// The data directory; its store too, which is DIR/bej.db, if no --store is given.
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// The store: sqlite:PATH or postgres://USER@HOST/DATABASE.
    #[arg(long, value_name = "URL")]
    store: Option<StoreUrl>,
    /// Where organisers connect; port 0 takes a free one.
    #[arg(long, value_name = "ADDRESS")]
    api: Option<SocketAddr>,
    /// Where probes and metrics are asked for, on loopback.
    #[arg(long, value_name = "ADDRESS")]
    probes: Option<SocketAddr>,
    /// Where the console's pages are, on loopback.
    #[arg(long, value_name = "ADDRESS")]
    console: Option<SocketAddr>,
    /// A part of a demonstration: renews the lists of the small world, and ends with standard
    /// input, so that whoever started it takes it along however he ends.
    #[arg(long, hide = true)]
    demonstration: bool,
}

impl Args {
    /// The file, or what stands without one, with what the command line says otherwise.
    fn config(&self) -> anyhow::Result<Config> {
        let config = self.config.as_deref().map_or_else(Config::standard, Config::load)?;
        let beside = self.data.as_ref().map(|data| StoreUrl::Sqlite(data.join("bej.db")));
        Ok(Config {
            store: self.store.clone().or(beside).unwrap_or(config.store),
            data: self.data.clone().unwrap_or(config.data),
            api: self.api.unwrap_or(config.api),
            probes: self.probes.unwrap_or(config.probes),
            console: self.console.unwrap_or(config.console),
            ..config
        })
    }
}

/// Runs the command.
pub fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let config = args.config()?;
    watch::begin(Some(&config));
    let (data, store) = (&config.data, &config.store);
    std::fs::create_dir_all(data).with_context(|| format!("{} cannot be made", data.display()))?;
    // Opened once before, so that a store that is not there is made.
    drop(store.open()?);
    announced::announce_if_none(store, &config.instance)?;
    let opened = store.lasting()?;
    if args.demonstration {
        upkeep::only_here(data)?;
    }
    let system = System::start(&config, &opened)?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let runtime = runtime.context("the runtime cannot be started")?;
    let served = runtime.block_on(async {
        if !args.demonstration {
            return listen(&config, &system, std::future::pending()).await;
        }
        let kept = upkeep::keep(system.house.handle.clone(), system.house.copy.clone());
        let kept = tokio::spawn(kept);
        let ends = upkeep::input_ends()?;
        let served = listen(&config, &system, async { drop(ends.await) }).await;
        kept.abort();
        served
    });
    runtime.shutdown_timeout(config.limits.stop);
    system.stop()?;
    served.map(|()| ExitCode::SUCCESS)
}

/// Everything but the listeners.
struct System {
    house: api::Shared,
    pump: Arc<RwLock<Option<Pump>>>,
    follower: Follower,
    notary: Notary,
    starts: Starts,
    daily: daily::worker::Worker,
    views: Views,
    authority: Authority,
    office: office::Desk,
    traces: Option<Traces>,
}

impl System {
    fn start(config: &Config, opened: &Lasting) -> anyhow::Result<System> {
        let (data, store, limits) = (&config.data, &config.store, config.limits);
        let clock = SystemClock::new();
        let today = Day(clock.wall().0.div_euclid(Instant::DAY) as i32);
        let authority = authority(config, today)?;
        let how = config.pump.clone();
        let parts = opened.parts()?;
        let cold = parts.cold.reader();
        let entropy = Stream::system().context("the system gives no random bytes")?;
        let time = Time::Clock(Arc::new(SystemClock::new()));
        let (snapshots, cold_store) = (Some(parts.snapshots), Some(parts.cold));
        let pump = Pump::start(parts.journal, snapshots, cold_store, time, Box::new(entropy), how);
        let pump = pump.with_context(|| format!("{store} cannot be written"))?;
        let views = Views::start(opened)?;
        let frames = pump.subscribe().context("the pump has too many subscribers")?;
        let (handle, copy) = (pump.handle(), pump.read_copy());
        let turn = Turn::default();
        let checkpoint = opened.home().directory().join("checkpoint");
        let wall = || SystemClock::new().wall();
        let notary = Notary::start(store.clone(), checkpoint, copy.clone(), turn.clone(), wall)?;
        let starts = Starts::start(starts::Tools {
            journal: Box::new(opened.reader()?),
            views: opened.view_reader()?,
            views_at: views.at.clone(),
            place: data.join("starts"),
            handle: handle.clone(),
            now: wall,
        })?;
        let files = daily::directory(data);
        let daily = daily::worker::Worker::start(store.clone(), files, turn.clone())?;
        let settings = console::Settings {
            tls: config.console_tls,
            test_realm: config.test_realm,
            times: config.console_times,
            templates: None,
        };
        let office = office::Desk::open(
            data,
            settings,
            opened.clone(),
            prover(store.clone(), turn.clone()),
            handle.clone(),
        );
        let office = office.context("the console cannot be opened")?;
        let pump = Arc::new(RwLock::new(Some(pump)));
        let readers = opened.clone();
        let open = Box::new(move || {
            readers.reader().map(|reader| Box::new(reader) as Box<dyn store::JournalReader>)
        });
        let traces = Traces::start(&config.traces, &config.instance)?;
        let tracer = traces.as_ref().map(|traces| traces.tracer(config.traces.sampling));
        let tracer = tracer.transpose().context("the system gives no random bytes")?;
        let house = Arc::new(House {
            handle,
            copy,
            phrases: phrases::Phrases::load().context("the phrasebooks cannot be read")?,
            callers: Callers::of(data),
            lookup: Lookup::new(open, Some(cold)),
            views: Some(parking_lot::Mutex::new(opened.view_reader()?)),
            prover: Some(prover(store.clone(), turn)),
            health: health(pump.clone(), views.at.clone(), notary.signed()),
            sessions: Sessions::of(data),
            feeds: Feeds::open(data).context("the feeds cannot be opened")?,
            limits,
            budgets: Budgets::new(limits),
            batches: Semaphore::new(limits.batches_max),
            room: Room::default(),
            told: Arc::default(),
            requests: AtomicU64::new(0),
            daily: DailyFiles::of(daily::directory(data)),
            metrics: Metrics::default(),
            tracer,
            clock: Arc::new(clock),
        });
        let follower = Follower::start(house.clone(), frames)?;
        Ok(System {
            house,
            pump,
            follower,
            notary,
            starts,
            daily,
            views,
            authority,
            office,
            traces,
        })
    }

    /// In the order of the work: the daily files, which can wait for the next start, the pump,
    /// those who follow it, the notary, the views.
    fn stop(self) -> anyhow::Result<()> {
        let System { house, pump, follower, notary, starts, daily, views, traces, .. } = self;
        daily.stop();
        starts.stop();
        let stopped = pump.write().take().map(Pump::stop);
        drop((follower, house));
        notary.stop();
        views.stop();
        if let Some(traces) = traces {
            traces.stop();
        }
        match stopped {
            Some(stopped) => {
                let stopped = stopped.context("the pump ended")?;
                Watch::default().note(stopped.snapshot_failed.as_deref());
                tracing::info!("stopped at entry {}", stopped.head.next_seq);
                Ok(())
            }
            None => bail!("the pump is gone"),
        }
    }
}

/// What to do about an address that cannot be had.
fn taken(section: &str, address: std::net::SocketAddr) -> String {
    format!(
        "{address} cannot be listened on; end the program that uses it, or give another address, \
         by --{section} or as `listen` under [{section}] of the configuration"
    )
}

/// Listens until a signal comes, something else tells to stop, or the pump ends by itself.
async fn listen(
    config: &Config,
    system: &System,
    told: impl Future<Output = ()>,
) -> anyhow::Result<()> {
    // Heard before anybody is told that the server runs: who is told may stop it at once.
    let hear = |kind| signal(kind).context("signals cannot be heard");
    let signals = (hear(SignalKind::terminate())?, hear(SignalKind::interrupt())?);
    let edge = api::mutual_tls(system.authority.root()?, system.authority.server()?)?;
    let bound = tokio::net::TcpListener::bind(config.api).await;
    let bound = bound.with_context(|| taken("api", config.api))?;
    let probes = api::bind_loopback(config.probes).await;
    let probes = probes.with_context(|| taken("probes", config.probes))?;
    out::line(&format!("api https://{}", bound.local_addr()?));
    let pages = api::bind_loopback(config.console).await;
    let pages = pages.with_context(|| taken("console", config.console))?;
    out::line(&format!("console http://{}", pages.local_addr()?));
    out::line(&format!("probes http://{}", probes.local_addr()?));
    let (stop, stopping) = channel::channel(false);
    let mut tasks = tokio::task::JoinSet::new();
    let (limits, house) = (config.limits, &system.house);
    tasks.spawn(api::serve_tls(bound, edge, api::api(house.clone()), limits, stopping.clone()));
    tasks.spawn(api::serve_plain(probes, api::plain(house.clone()), limits, stopping.clone()));
    tasks.spawn(api::serve_plain(pages, system.office.router(), limits, stopping.clone()));
    let ended = until_stop(system, signals, told).await;
    // Nobody to hear it means that the listeners have ended by themselves.
    let _ = stop.send(true);
    while tasks.join_next().await.is_some() {}
    ended
}

/// Waits for a signal, or to be told. An error is the end of the pump, after which nothing can be
/// answered.
async fn until_stop(
    system: &System,
    (mut terminate, mut interrupt): (Signal, Signal),
    told: impl Future<Output = ()>,
) -> anyhow::Result<()> {
    let mut told = std::pin::pin!(told);
    let mut watch = Watch::default();
    let mut look = tokio::time::interval(Duration::from_secs(1));
    loop {
        tokio::select! {
            _ = terminate.recv() => return Ok(()),
            _ = interrupt.recv() => return Ok(()),
            () = &mut told => return Ok(()),
            _ = look.tick() => {}
        }
        if let Err(error) = system.office.look_at_staff() {
            tracing::error!("the staff stays as it was: {error:#}");
        }
        if let Some(changed) = system.notary.changed() {
            bail!("the journal is not the one that was signed: {changed}");
        }
        if let Some(pump) = system.pump.read().as_ref() {
            watch.look(pump);
            if let Some(why) = pump.status().ended {
                bail!("the pump has ended: {why}");
            }
        }
    }
}

/// The authority of the data directory, which is made only where the configuration wants that.
fn authority(config: &Config, today: Day) -> anyhow::Result<Authority> {
    for name in ["ca.crt", "server.crt", "server.key"] {
        let path = config.data.join("tls").join(name);
        ensure!(
            config.make_certificates || path.exists(),
            "{} is not there; put it there, or have a development authority made with \
             make_missing = true under [tls]",
            path.display()
        );
    }
    Ok(Authority::load_or_make(&config.data, today)?)
}

/// Proves an entry by the tiles, with the store's own key.
fn prover(store: StoreUrl, turn: Turn) -> api::Prover {
    Box::new(move |seq| {
        let _turn = turn.lock();
        proof::of_entry(&store, seq).map_err(|error| format!("{error:#}"))
    })
}

/// How long a message may wait to be decided, or a frame to be made durable, until the system no
/// longer counts as well.
const WAITING_MAX_NS: i64 = 5 * terms::Instant::SECOND;

/// How the system is: well, while the pump takes messages in and decides them, the views follow,
/// and checkpoints are signed.
fn health(
    pump: Arc<RwLock<Option<Pump>>>,
    views: Arc<AtomicU64>,
    signed: Arc<parking_lot::Mutex<Signed>>,
) -> api::Health {
    Box::new(move || {
        let pump = pump.read();
        let Some(status) = pump.as_ref().map(Pump::status) else {
            return (false, json!({ "state": "stopped" }));
        };
        let views_at = views.load(Ordering::Relaxed);
        let signed = signed.lock().clone();
        let waits = status.lanes.iter().map(|lane| lane.oldest_ns);
        let oldest_ns = waits.chain([status.writing_ns]).max().unwrap_or(0);
        let well = status.busy.is_none()
            && oldest_ns <= WAITING_MAX_NS
            && status.ended.is_none()
            && views_at != u64::MAX
            && signed.failed.is_none();
        let waiting: usize = status.lanes.iter().map(|lane| lane.messages).sum();
        let told = json!({
            "state": if well { "ok" } else { "degraded" },
            "entries": status.head.next_seq,
            "last_entry_at": status.head.at.to_string(),
            "views_lag_entries": status.head.next_seq.saturating_sub(views_at),
            "signed_entries": signed.entries,
            "signed_at": signed.at.map(|at| at.to_string()),
            "signing_failed": signed.failed,
            "waiting_messages": waiting,
            "waiting_ms": oldest_ns / 1_000_000,
            "busy": status.busy.map(|busy| busy.to_string()),
            "snapshot_failed": status.snapshot_failed,
            "ended": status.ended.as_deref(),
        });
        (well, told)
    })
}

/// The thread that projects the views.
struct Views {
    stop: Arc<AtomicBool>,
    /// As of which entry the views are; `u64::MAX` when they have failed.
    at: Arc<AtomicU64>,
    thread: JoinHandle<()>,
}

impl Views {
    fn start(opened: &Lasting) -> anyhow::Result<Views> {
        let mut projector = Views::projector(opened).context("the views cannot be opened")?;
        let stop = Arc::new(AtomicBool::new(false));
        let at = Arc::new(AtomicU64::new(projector.next().0));
        let (stopped, as_of, opened) = (stop.clone(), at.clone(), opened.clone());
        let run = move || {
            while !stopped.load(Ordering::Acquire) {
                let fault = match projector.step() {
                    Ok(Progress::Projected(to)) => {
                        as_of.store(to.0, Ordering::Relaxed);
                        continue;
                    }
                    Ok(Progress::UpToDate) => {
                        as_of.store(projector.next().0, Ordering::Relaxed);
                        std::thread::sleep(PAUSE);
                        continue;
                    }
                    Err(fault) => fault,
                };
                if as_of.swap(u64::MAX, Ordering::Relaxed) != u64::MAX {
                    tracing::error!("the views stand still: {}", fault.chain());
                }
                // A database may come back; what is damaged stays so, and stays told.
                std::thread::sleep(AGAIN);
                if let Ok(again) = Views::projector(&opened) {
                    projector = again;
                }
            }
        };
        let thread = std::thread::Builder::new().name("views".into()).spawn(run)?;
        Ok(Views { stop, at, thread })
    }

    fn projector(opened: &Lasting) -> Result<Projector, store::Fault> {
        Projector::new(Box::new(opened.reader()?), opened.views()?, 0)
    }

    fn stop(self) {
        self.stop.store(true, Ordering::Release);
        // A panic is in the log already.
        let _ = self.thread.join();
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Debug, Parser)]
    struct Line {
        #[command(flatten)]
        args: Args,
    }

    fn config(words: &[&str]) -> anyhow::Result<Config> {
        Line::parse_from(std::iter::once(&"serve").chain(words)).args.config()
    }

    #[test]
    fn the_command_line_wins_over_the_file() {
        let home = tempfile::tempdir().unwrap();
        let file = home.path().join("bej.toml");
        let text = crate::config::sample()
            .replace("sqlite:bej-data/bej.db", "sqlite:elsewhere/a.db")
            .replace("127.0.0.1:8480", "127.0.0.1:9000")
            .replace("idle_seconds = 120", "idle_seconds = 60");
        std::fs::write(&file, text).unwrap();
        let file = file.to_str().unwrap();
        let store = |config: &Config| config.store.to_string();

        let plain = config(&[]).unwrap();
        assert_eq!(
            (store(&plain), plain.data),
            ("sqlite:bej-data/bej.db".into(), "bej-data".into())
        );
        let read = config(&["--config", file]).unwrap();
        assert_eq!((store(&read), read.probes.port()), ("sqlite:elsewhere/a.db".into(), 9000));
        assert_eq!(read.limits.idle, Duration::from_secs(60));
        let moved = config(&["--config", file, "--data", "x", "--api", "[::1]:0"]).unwrap();
        assert_eq!((store(&moved), moved.api.port()), ("sqlite:x/bej.db".into(), 0));
        assert_eq!((moved.data, moved.probes.port()), ("x".into(), 9000));
        let named = config(&["--data", "x", "--store", "sqlite:y.db"]).unwrap();
        assert_eq!(store(&named), "sqlite:y.db");
        assert!(config(&["--config", "nowhere.toml"]).is_err());
    }

    #[test]
    fn certificates_are_made_only_where_that_is_wanted() {
        let home = tempfile::tempdir().unwrap();
        let data = home.path().to_str().unwrap();
        let mut config = config(&["--data", data]).unwrap();
        config.make_certificates = false;
        let refused = authority(&config, Day(20_000)).unwrap_err().to_string();
        assert!(refused.contains("ca.crt is not there"), "{refused}");
        config.make_certificates = true;
        authority(&config, Day(20_000)).unwrap();
        config.make_certificates = false;
        authority(&config, Day(20_000)).unwrap();
    }
}
