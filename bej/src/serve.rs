//! `bej serve`: the whole system in one process, until it is told to stop.
//!
//! ```text
//! node ─► pump ─► journal     API: mutual TLS 1.3           probes: plain HTTP on loopback
//!   ├──► views, notary, starts: while it decides            console: plain HTTP on loopback
//!   └──► read copy ─► follower of the API
//!                                  daily: a thread that writes daily files
//! ```
//!
//! On a store with a lease the process is one node of several: it follows, answers what it can, and
//! decides when it has the lease ([`crate::node`]).
//!
//! On SIGTERM or SIGINT the listeners take nothing in any more and finish what is under way; then
//! the pump decides what is queued and makes it durable, the lease is given back, and a snapshot is
//! written; then the notary signs what is there, and the views end. A database that does not answer
//! is not waited for longer than `stop_seconds`: then the process ends as by a loss of power.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::sync::mpsc::{RecvTimeoutError, sync_channel};
use std::time::Duration;

use ::people::People;
use anyhow::{Context as _, bail, ensure};
use api::{Authority, Budgets, Callers, DailyFiles, Feeds, Follower, House, Lookup, Metrics, Room};
use link::{Link, Target};
use pump::{Clock as _, Standby, Stream, SystemClock, Time};
use store::LeaseStore;
use terms::{Day, Instant};
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::{Semaphore, watch as channel};

use crate::config::{self, Config};
use crate::daily::worker::Worker;
use crate::demo::upkeep;
use crate::doors::Doors;
use crate::group::Group;
use crate::inner;
use crate::node::duties::Tools;
use crate::node::{Node, Standing, Work};
use crate::notary::Turn;
use crate::people::duties::Duties;
use crate::persons::{Behind, Nobody};
use crate::secret;
use crate::store_url::{Lasting, StoreUrl};
use crate::traces::Traces;
use crate::watch::{self, Watch};
use crate::{daily, office, people, proof};

/// Between two looks whether the node still stands.
const LOOK_EVERY: Duration = Duration::from_millis(500);

/// Run the system: the API for organisers over mutual TLS, the console, probes and metrics, until
/// SIGTERM. On PostgreSQL several nodes may run: one decides, the others follow and take over.
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
    #[arg(long, value_name = "ADDRESS", value_parser = plain_address)]
    probes: Option<SocketAddr>,
    /// Where the console's pages are, on loopback.
    #[arg(long, value_name = "ADDRESS", value_parser = plain_address)]
    console: Option<SocketAddr>,
    /// Where the bettors' pages are, on loopback.
    #[arg(long, value_name = "ADDRESS", value_parser = plain_address)]
    cabinet: Option<SocketAddr>,
    /// How the systems outside are reached (docs/people.md).
    #[arg(long, value_name = "FILE")]
    outside: Option<PathBuf>,
    /// The name of this node among those of the store.
    #[arg(long, value_name = "NAME", value_parser = node_name)]
    node: Option<String>,
    /// Which part of the system this process is; the parts of one PostgreSQL store may stand on
    /// machines of their own.
    #[arg(long, value_enum, default_value_t = Group::All)]
    group: Group,
    /// Where a process of the group pump is reached by the others; port 0 takes a free one.
    #[arg(long, value_name = "ADDRESS", value_parser = inner_address)]
    inner: Option<SocketAddr>,
    /// Where the process that decides is looked for; may be repeated.
    #[arg(long = "pump", value_name = "HOST:PORT", value_parser = target)]
    pumps: Vec<Target>,
    /// A part of a demonstration: says on every page that no real money moves, renews the lists of
    /// the small world, and ends with standard input, so that whoever started it takes it along
    /// however he ends.
    #[arg(long, hide = true)]
    demonstration: bool,
}

impl Args {
    /// The file, or what stands without one, with what the command line says otherwise.
    fn config(&self) -> anyhow::Result<Config> {
        let config = self.config.as_deref().map_or_else(Config::standard, Config::load)?;
        let beside = self.data.as_ref().map(|data| StoreUrl::Sqlite(data.join("bej.db")));
        let config = Config {
            store: self.store.clone().or(beside).unwrap_or(config.store),
            data: self.data.clone().unwrap_or(config.data),
            api: self.api.unwrap_or(config.api),
            inner: config::Inner {
                listen: self.inner.unwrap_or(config.inner.listen),
                pumps: match self.pumps.is_empty() {
                    true => config.inner.pumps,
                    false => self.pumps.clone(),
                },
            },
            probes: self.probes.unwrap_or(config.probes),
            console: self.console.unwrap_or(config.console),
            people: config::People {
                cabinet: self.cabinet.unwrap_or(config.people.cabinet),
                outside: self.outside.clone().unwrap_or(config.people.outside),
                ..config.people
            },
            // Simulators are believed where no real money moves, and nowhere else.
            test_realm: config.test_realm || self.demonstration,
            node: config::Node {
                name: self.node.clone().unwrap_or(config.node.name),
                ..config.node
            },
            ..config
        };
        config.agreed()
    }
}

fn inner_address(text: &str) -> Result<SocketAddr, String> {
    let address: SocketAddr = text.parse().map_err(|error| format!("{error}"))?;
    match link::is_inner(address.ip()) {
        true => Ok(address),
        false => Err("it can be reached from outside; take loopback or a private network".into()),
    }
}

fn plain_address(text: &str) -> Result<SocketAddr, String> {
    let address: SocketAddr = text.parse().map_err(|error| format!("{error}"))?;
    config::unprotected(address).map_or(Ok(address), Err)
}

fn node_name(text: &str) -> Result<String, String> {
    config::wrong_name(text).map_or_else(|| Ok(text.to_owned()), Err)
}

fn target(text: &str) -> Result<Target, String> {
    Target::parse(text).ok_or_else(|| "it is not host:port".to_owned())
}

/// Runs the command.
pub fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let (mut config, group) = (args.config()?, args.group);
    ensure!(
        group == Group::All || matches!(config.store, StoreUrl::Postgres(_)),
        "groups need a store that many machines reach: --store postgres://USER@HOST/DATABASE"
    );
    watch::begin(Some(&config));
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let runtime = runtime.context("the runtime cannot be started")?;
    let cabinet = match group.serves_people() {
        true => {
            let bound = runtime.block_on(Doors::of_bettors(&config))?;
            config.people.cabinet = bound.local_addr().context("a door without an address")?;
            Some(bound)
        }
        false => None,
    };
    let data = &config.data;
    std::fs::create_dir_all(data).with_context(|| format!("{} cannot be made", data.display()))?;
    let opened = match group.decides() {
        true => config.store.lasting()?,
        false => config.store.followed()?,
    };
    if args.demonstration {
        upkeep::only_here(data)?;
    }
    let (system, work) = System::start(&config, &opened, group)?;
    let mut hands = Hands { silent_max: config.limits.stop, probe: opened.lease(), ..Hands::new() };
    let mut daily = None;
    let served = runtime.block_on(async {
        // Heard before anybody is told that the server runs: who is told may stop it at once.
        let hear = |kind| signal(kind).context("signals cannot be heard");
        let signals = (hear(SignalKind::terminate())?, hear(SignalKind::interrupt())?);
        let doors = Doors::open(&config, group, cabinet, || system.edge()).await?;
        let holder = doors.holder(&config)?;
        let node = tokio::task::spawn_blocking(move || work.begin(holder)).await??;
        hands.node = Some(node);
        // After the key was announced, for a first look that finds something.
        if group.answers() {
            daily = Some(system.daily(&config)?);
        }
        if let Some(served) = system.people.as_ref().filter(|_| group.serves_people()) {
            let seat = system.house.seat.clone();
            hands.people = Some(Duties::start(served.clone(), seat, people::lists(data))?);
        }
        doors.announce()?;
        if !args.demonstration {
            let forever = std::future::pending();
            return system.listen(&config, doors, signals, &mut hands, forever).await;
        }
        let handle = system.house.seat.handle().ok().context("another node decides")?;
        let kept = tokio::spawn(upkeep::keep(handle, system.house.copy.clone()));
        let ends = upkeep::input_ends()?;
        let told = async { drop(ends.await) };
        let served = system.listen(&config, doors, signals, &mut hands, told).await;
        kept.abort();
        served
    });
    if hands.silent {
        // Threads that wait for the database cannot be waited for.
        if let Err(error) = &served {
            eprintln!("error: {error:#}");
        }
        std::process::exit(1);
    }
    runtime.shutdown_timeout(config.limits.stop);
    let stopped = system.stop(daily, hands);
    // Why it was to stop tells more than how it did.
    served?;
    stopped?;
    Ok(ExitCode::SUCCESS)
}

/// Everything but the node and the listeners.
struct System {
    house: api::Shared,
    standing: Arc<Standing>,
    /// What organisers are told, where they are answered.
    follower: Option<Follower>,
    turn: Turn,
    /// Where organisers are answered.
    authority: Option<Authority>,
    office: office::Desk,
    people: Option<Arc<People>>,
    /// The bettors' pages, where they are shown.
    cabinet: Option<cabinet::Cabinet>,
    traces: Option<Traces>,
}

impl System {
    /// With what a node begins its work with.
    fn start(config: &Config, opened: &Lasting, group: Group) -> anyhow::Result<(System, Work)> {
        let (data, store, limits) = (&config.data, &config.store, config.limits);
        let clock = SystemClock::new();
        let today = Day(clock.wall().0.div_euclid(Instant::DAY) as i32);
        let authority = match group.answers() {
            true => Some(authority(config, today)?),
            false => None,
        };
        if group.decides() || group.projects() {
            // Made before anybody wants to read them.
            drop(opened.views().context("the views cannot be opened")?);
        }
        let parts = opened.parts()?;
        let cold = parts.cold.reader();
        let entropy = Stream::system().context("the system gives no random bytes")?;
        let standby = Standby::open(
            parts.journal,
            Some(parts.snapshots),
            Some(parts.cold),
            Time::Clock(Arc::new(SystemClock::new())),
            Box::new(entropy),
            config.pump.clone(),
        );
        let standby = standby.with_context(|| format!("{store} cannot be followed"))?;
        let frames = standby.subscribe().context("there are too many subscribers")?;
        let copy = standby.read_copy();
        let link = match group.sends() {
            true => Some(Link::start(config.inner.pumps.clone(), inner::way(data)?)?),
            false => None,
        };
        let standing = Arc::new(Standing::new(copy.clone(), link));
        let turn = Turn::default();
        let settings = console::Settings {
            tls: config.console_tls,
            test_realm: config.test_realm,
            times: config.console_times,
            templates: None,
        };
        let prove = || prover(store.clone(), turn.clone());
        let seat = standing.seat.clone();
        let office = office::Desk::open(data, settings, opened.clone(), prove(), seat.clone());
        let office = office.context("the console cannot be opened")?;
        let readers = opened.clone();
        let open = Box::new(move || {
            readers.reader().map(|reader| Box::new(reader) as Box<dyn store::JournalReader>)
        });
        let traces = Traces::start(&config.traces, &config.instance)?;
        let tracer = traces.as_ref().map(|traces| traces.tracer(config.traces.sampling));
        let tracer = tracer.transpose().context("the system gives no random bytes")?;
        secret::share(&mut *opened.marks(), data)?;
        let people = match group.meets_people() {
            true => {
                let people = people::open(config, opened, copy.clone(), seat.clone());
                Some(people.context("people's services cannot be opened")?)
            }
            false => None,
        };
        if let Some(people) = people.as_ref().filter(|_| group.shows()) {
            office.meet(people.clone(), copy.clone(), opened.clone());
        }
        let persons: Arc<dyn api::Persons> = match &people {
            Some(people) => Arc::new(Behind(people.clone())),
            None => Arc::new(Nobody),
        };
        let stands = standing.clone();
        let house = Arc::new(House {
            seat,
            copy,
            phrases: phrases::Phrases::load().context("the phrasebooks cannot be read")?,
            callers: Callers::of(data),
            lookup: Lookup::new(open, Some(cold)),
            views: Some(parking_lot::Mutex::new(opened.view_reader()?)),
            prover: Some(prove()),
            health: Box::new(move || stands.health()),
            persons,
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
        let follower = match group.answers() {
            true => Some(Follower::start(house.clone(), frames)?),
            false => None,
        };
        let cabinet = match people.as_ref().filter(|_| group.serves_people()) {
            Some(people) => Some(pages(config, people.clone(), opened.clone(), prove())?),
            None => None,
        };
        let instance = config.instance.clone();
        let (tiles, store, opened) = (turn.clone(), store.clone(), opened.clone());
        let tools = Tools { store, opened, turn: tiles, instance };
        let work = Work::new(standing.clone(), standby, tools, group)?;
        let system =
            System { house, standing, follower, turn, authority, office, people, cabinet, traces };
        Ok((system, work))
    }

    /// Begins to write daily files, on every node for itself.
    fn daily(&self, config: &Config) -> anyhow::Result<Worker> {
        Worker::start(config.store.clone(), daily::directory(&config.data), self.turn.clone())
    }

    /// How organisers are met.
    fn edge(&self) -> anyhow::Result<api::Edge> {
        let authority = self.authority.as_ref().context("organisers are not answered here")?;
        Ok(api::mutual_tls(authority.root()?, authority.server()?)?)
    }

    /// Listens until a signal comes, something else tells to stop, or the node ends by itself.
    async fn listen(
        &self,
        config: &Config,
        doors: Doors,
        signals: (Signal, Signal),
        hands: &mut Hands,
        told: impl Future<Output = ()>,
    ) -> anyhow::Result<()> {
        let (stop, stopping) = channel::channel(false);
        let bettors = self.cabinet.as_ref().map(cabinet::Cabinet::router);
        let pages = (self.office.router(), bettors.unwrap_or_default());
        let mut tasks = doors.serve(config.limits, &self.house, pages, stopping);
        let mut ended = until_stop(self, signals, told).await;
        if hands.can_hand_over() {
            // Others need not wait until everybody here has hung up: who asks is led on to them.
            let over = tokio::task::block_in_place(|| hands.over());
            ended = ended.and(over);
        }
        // Nobody to hear it means that the listeners have ended by themselves.
        let _ = stop.send(true);
        while tasks.join_next().await.is_some() {}
        ended
    }

    /// In the order of the work: the daily files, which can wait for the next start, the node, and
    /// what follows it.
    fn stop(self, daily: Option<Worker>, mut hands: Hands) -> anyhow::Result<()> {
        let System { house, follower, traces, .. } = self;
        if let Some(daily) = daily {
            daily.stop();
        }
        let stopped = hands.over();
        drop((follower, house));
        if let Some(work) = hands.work {
            work.finish();
        }
        if let Some(traces) = traces {
            traces.stop();
        }
        stopped
    }
}

/// The node while it works, and what it had in hand when it has handed over.
struct Hands {
    node: Option<Node>,
    work: Option<Work>,
    /// Asks whether the database answers; none where there is none.
    probe: Option<Box<dyn LeaseStore>>,
    /// For so long it may be silent while the node ends.
    silent_max: Duration,
    /// It was silent for longer, and the node was left as it stood.
    silent: bool,
    people: Option<Duties>,
}

impl Hands {
    /// Of a node that has not begun.
    fn new() -> Hands {
        Hands {
            node: None,
            work: None,
            probe: None,
            silent_max: Duration::MAX,
            silent: false,
            people: None,
        }
    }

    /// Whether another node can go on at once.
    fn can_hand_over(&self) -> bool {
        self.node.as_ref().is_some_and(Node::is_one_of_several)
    }

    /// Decides nothing any more and gives the lease back; nothing if that is done. A node whose
    /// database is silent is left as it stands: the journal is whole at every moment, and what was
    /// not answered may be asked again.
    fn over(&mut self) -> anyhow::Result<()> {
        if let Some(people) = self.people.take() {
            people.stop(self.silent_max);
        }
        let Some(node) = self.node.take() else { return Ok(()) };
        let (ended, ends) = sync_channel(1);
        let end = move || {
            let Some(mut work) = node.halt() else { return };
            let stopped = work.hand_over();
            // Nobody to hear it has left.
            let _ = ended.send((work, stopped));
        };
        std::thread::Builder::new().name("end".into()).spawn(end)?;
        let mut answered = std::time::Instant::now();
        let (work, stopped) = loop {
            match ends.recv_timeout(LOOK_EVERY) {
                Ok(ended) => break ended,
                // It panicked, and that is in the log.
                Err(RecvTimeoutError::Disconnected) => return Ok(()),
                Err(RecvTimeoutError::Timeout) => {}
            }
            if self.probe.as_mut().is_none_or(|probe| probe.look().is_ok()) {
                answered = std::time::Instant::now();
            } else if self.silent_max <= answered.elapsed() {
                self.silent = true;
                bail!(
                    "the database has not answered for {} s; what was answered is in it, and what \
                     was not may be asked again",
                    self.silent_max.as_secs()
                );
            }
        };
        self.work = Some(work);
        if let Some(stopped) = stopped? {
            Watch::default().note(stopped.snapshot_failed.as_deref());
            tracing::info!("stopped at entry {}", stopped.head.next_seq);
        }
        Ok(())
    }
}

/// Waits for a signal, or to be told. An error is the end of the node or of its pump, after which
/// nothing can be decided.
async fn until_stop(
    system: &System,
    (mut terminate, mut interrupt): (Signal, Signal),
    told: impl Future<Output = ()>,
) -> anyhow::Result<()> {
    let mut told = std::pin::pin!(told);
    let mut watch = Watch::default();
    let mut look = tokio::time::interval(LOOK_EVERY);
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
        if let Some(why) = system.standing.ended() {
            bail!("{why}");
        }
        if let Some(changed) = system.standing.signed.lock().why_changed() {
            bail!("the journal is not the one that was signed: {changed}");
        }
        if let Some(pump) = system.standing.pump.read().as_ref() {
            watch.look(pump);
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

/// The bettors' pages.
fn pages(
    config: &Config,
    people: Arc<People>,
    opened: Lasting,
    prover: api::Prover,
) -> anyhow::Result<cabinet::Cabinet> {
    let key = people.form_key();
    let address = people.cabinet_address().to_owned();
    let settings = cabinet::Settings {
        tls: config.console_tls,
        proxied: config.console_tls,
        test_realm: config.test_realm,
        key,
        address,
        self_restriction: "https://egov.kz".to_owned(),
        help_phone: "1414".to_owned(),
        phones: Vec::new(),
        templates: None,
    };
    let ports = crate::cabinet::ports(people, opened, prover);
    cabinet::Cabinet::new(settings, ports).context("the cabinet cannot be opened")
}

/// Proves an entry by the tiles, with the store's own key.
fn prover(store: StoreUrl, turn: Turn) -> api::Prover {
    Box::new(move |seq| {
        let _turn = turn.lock();
        proof::of_entry(&store, seq).map_err(|error| format!("{error:#}"))
    })
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
        let database = ["--store", "postgres://bej@localhost/bej", "--api", "0.0.0.0:8443"];
        let refused = config(&database).unwrap_err().to_string();
        assert!(refused.contains("api.listen names no address that others could ask"), "{refused}");
        config(&database[2..]).unwrap();
        config(&database[..2]).unwrap();
    }

    #[test]
    fn a_wrong_value_of_the_command_line_is_refused_as_in_the_file() {
        for (flag, value, said) in [
            ("--node", "", "is not a name of a-z, 0-9 and -"),
            ("--node", "One", "is not a name of a-z, 0-9 and -"),
            ("--probes", "0.0.0.0:1", "is not on loopback"),
            ("--console", "[::]:1", "is not on loopback"),
            ("--inner", "0.0.0.0:1", "can be reached from outside"),
            ("--pump", "here", "is not host:port"),
        ] {
            let words = ["serve", &format!("{flag}={value}")];
            let refused = Line::try_parse_from(words).unwrap_err().to_string();
            assert!(refused.contains(said), "{flag}={value}: {refused}");
        }
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
