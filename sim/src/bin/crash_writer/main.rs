//! A process to be killed: it opens a store with the real pump, lets callers stake, settle and
//! repeat without end, and says on standard output what it was told is durable.
//!
//! After every verdict that is done or refused it writes one line, and only then:
//!
//! ```text
//! <message id> <seq> <leaf hash> <sender> <canonical command in hexadecimal, or ->
//! ```
//!
//! Each line is one write of less than `PIPE_BUF` bytes, so a pipe holds whole lines whenever the
//! process dies. It ends by itself only when the pump stops, with the fault on standard error and
//! status 1.
//!
//! The same store is continued by the next process: the world is set up under ids that depend on
//! `--epoch-ms` and on nothing else, so that a half-made world is finished by repeating all of it,
//! and open bets are found in the read copy. Everything that happens rarely in production happens
//! within a second here: snapshots, runs of the cold index, parts, bets that leave the hot state.

mod acknowledge;
mod caller;
mod world;

use std::process::ExitCode;
use std::sync::Arc;

use pump::{Options, Pump, Stream, SystemClock, Time};
use store::{ColdStore, JournalStore, SnapshotStore};
use store_postgres::{Address, PATIENCE, Postgres};
use store_sqlite::{Sqlite, Synchronous};
use terms::Instant;

use acknowledge::Acknowledge;
use caller::Caller;

/// The command line.
struct Arguments {
    store: String,
    synchronous: Synchronous,
    threads: u32,
    seed: u64,
    epoch_ms: i64,
    part_limit_bytes: u64,
    snapshot_entries: u64,
    run_entries: u64,
}

const USAGE: &str = "usage: crash_writer --store sqlite:PATH|postgres://… --epoch-ms N [--seed N] \
                     [--threads N] [--synchronous full|off] [--part-limit BYTES] \
                     [--snapshot-entries N] [--run-entries N]";

impl Arguments {
    fn read(mut words: impl Iterator<Item = String>) -> Result<Arguments, String> {
        let mut read = Arguments {
            store: String::new(),
            synchronous: Synchronous::Full,
            threads: 8,
            seed: 1,
            epoch_ms: 0,
            part_limit_bytes: 1 << 20,
            snapshot_entries: 2_000,
            run_entries: 500,
        };
        while let Some(name) = words.next() {
            let value = words.next().ok_or_else(|| format!("{name} needs a value; {USAGE}"))?;
            match name.as_str() {
                "--store" => read.store = value,
                "--synchronous" => {
                    read.synchronous = match value.as_str() {
                        "full" => Synchronous::Full,
                        "off" => Synchronous::Off,
                        _ => return Err("--synchronous: use full or off".into()),
                    };
                }
                "--threads" => read.threads = number(&name, &value)?,
                "--seed" => read.seed = number(&name, &value)?,
                "--epoch-ms" => read.epoch_ms = number(&name, &value)?,
                "--part-limit" => read.part_limit_bytes = number(&name, &value)?,
                "--snapshot-entries" => read.snapshot_entries = number(&name, &value)?,
                "--run-entries" => read.run_entries = number(&name, &value)?,
                _ => return Err(format!("{name} is unknown; {USAGE}")),
            }
        }
        if read.store.is_empty() || read.epoch_ms == 0 || read.threads == 0 {
            return Err(USAGE.into());
        }
        Ok(read)
    }
}

fn number<N: std::str::FromStr>(name: &str, value: &str) -> Result<N, String> {
    value.parse().map_err(|_| format!("{name}: {value} is not a number that fits"))
}

fn main() -> ExitCode {
    let done = Arguments::read(std::env::args().skip(1)).and_then(|arguments| run(&arguments));
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(what) => {
            eprintln!("crash_writer: {what}");
            ExitCode::FAILURE
        }
    }
}

/// Runs until the pump stops.
fn run(arguments: &Arguments) -> Result<(), String> {
    let pump = start(arguments)?;
    for remark in pump.remarks() {
        eprintln!("crash_writer: {remark}");
    }
    let acknowledge = Arc::new(Acknowledge::new()?);
    let (handle, copy) = (pump.handle(), pump.read_copy());
    // An error of a caller follows from the pump's, which is told below.
    let set_up = world::set_up(&handle, &copy, &acknowledge, arguments.epoch_ms);
    if set_up.is_ok() {
        std::thread::scope(|scope| {
            for number in 0..arguments.threads {
                let acknowledge = acknowledge.clone();
                let (handle, copy) = (handle.clone(), copy.clone());
                let (seed, threads) = (arguments.seed, arguments.threads);
                scope.spawn(move || {
                    Caller::new(handle, copy, acknowledge, seed, number, threads).run()
                });
            }
        });
    }
    match (pump.stop(), set_up) {
        (Err(fault), _) => Err(format!("the pump has stopped: {}", fault.chain())),
        (Ok(_), Err(what)) => Err(what),
        (Ok(_), Ok(())) => Ok(()),
    }
}

/// What the pump needs of a store.
type Parts = (Box<dyn JournalStore>, Box<dyn SnapshotStore>, Box<dyn ColdStore>);

fn open(arguments: &Arguments) -> Result<Parts, String> {
    let chain = |fault: store::Fault| fault.chain();
    if let Some(path) = arguments.store.strip_prefix("sqlite:").filter(|path| !path.is_empty()) {
        let options = store_sqlite::Options {
            synchronous: arguments.synchronous,
            part_limit_bytes: arguments.part_limit_bytes,
            create: true,
        };
        let store = Sqlite::open(path, options).map_err(chain)?;
        let journal = Box::new(store.journal().map_err(chain)?);
        return Ok((journal, Box::new(store.snapshots()), Box::new(store.cold().map_err(chain)?)));
    }
    let address: Address = arguments.store.parse().map_err(|error| format!("--store: {error}"))?;
    let options = store_postgres::Options { create: true, patience: PATIENCE };
    let store = Postgres::open(&address, options).map_err(chain)?;
    let journal = Box::new(store.journal().map_err(chain)?);
    Ok((journal, Box::new(store.snapshots()), Box::new(store.cold().map_err(chain)?)))
}

fn start(arguments: &Arguments) -> Result<Pump, String> {
    let (journal, snapshots, cold) = open(arguments)?;
    let options = Options {
        snapshot_every_entries: arguments.snapshot_entries,
        snapshot_every_ns: Instant::SECOND,
        run_entries: arguments.run_entries,
        // Some runs long, so that repeats of a second ago are looked up on disk.
        ids_per_generation: usize::try_from(arguments.run_entries).unwrap_or(usize::MAX),
        ..Options::standard()
    };
    let entropy = Stream::system().map_err(|error| format!("no entropy: {error}"))?;
    let time = Time::Clock(Arc::new(SystemClock::new()));
    Pump::start(journal, Some(snapshots), Some(cold), time, Box::new(entropy), options)
        .map_err(|error| error.chain())
}
