//! `bej sandbox`: a small world to try the API on, in an empty store.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context as _, bail};
use desk::command::Manner;
use desk::{Command, Message};
use pump::{Class, Clock, Handle, Outcome, Pump, Stream, SystemClock, Time};
use store::Head;
use terms::number::account_number;
use terms::{Organiser, Person, Sender};

use crate::demo::upkeep;
use crate::fresh;
use crate::store_url::StoreUrl;
use crate::watch::{self, Watch};

/// Fill a store with a small world to try the API on: two bookmakers and some bettors.
///
/// An empty store gets the sample rulebook, organisers 0 and 1 with desks and money, and bettors:
/// the first may stake, the second has no money, the third is on a list, the fourth is not
/// identified, the others may stake. A store that holds this world already has its lists renewed,
/// without which nobody is admitted after a day. Nobody else may be writing to the store.
///
/// DIR/bettors-0 and DIR/bettors-1 name an account of each bettor, with one of the two, for the
/// program `bookmaker`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The data directory.
    #[arg(long, value_name = "DIR", default_value = "bej-data")]
    data: PathBuf,
    /// How many bettors there are.
    #[arg(long, value_name = "N", default_value_t = 8)]
    bettors: u32,
}

/// Runs the command.
pub fn run(args: &Args) -> anyhow::Result<ExitCode> {
    if !fill(&args.data, args.bettors)? {
        return Ok(ExitCode::SUCCESS);
    }
    for person in (0..args.bettors).map(Person) {
        let number = |organiser| {
            let account = sim::sandbox::account(person, Organiser(organiser));
            account_number(Organiser(organiser), account)
        };
        println!("bettor {person}: accounts {} and {}", number(0), number(1));
    }
    for organiser in 0..sim::sandbox::ORGANISERS {
        println!(
            "customers of organiser {organiser}: {}",
            bettors_file(&args.data, organiser).display()
        );
    }
    Ok(ExitCode::SUCCESS)
}

/// Fills an empty store with the small world, or renews the lists of one that holds it; whether it
/// was empty.
pub fn fill(data: &Path, bettors: u32) -> anyhow::Result<bool> {
    std::fs::create_dir_all(data).with_context(|| format!("{} cannot be made", data.display()))?;
    let url = StoreUrl::Sqlite(data.join("bej.db"));
    let mut parts = url.open()?.parts()?;
    let fresh = parts.journal.head()? == Head::empty();
    let entropy = Stream::system().context("the system gives no random bytes")?;
    let pump = Pump::start(
        parts.journal,
        Some(parts.snapshots),
        Some(parts.cold),
        Time::Clock(std::sync::Arc::new(SystemClock::new())),
        Box::new(entropy),
        watch::begin(None),
    );
    let pump = pump.with_context(|| format!("{url} cannot be written"))?;
    let clock = SystemClock::new();
    let done = if fresh {
        put(&pump.handle(), &clock, sim::sandbox::commands(bettors))
    } else {
        upkeep::renew(&pump.handle(), &pump.read_copy(), &clock)
    };
    let stopped = pump.stop().context("the pump ended")?;
    Watch::default().note(stopped.snapshot_failed.as_deref());
    done?;
    if fresh {
        customers(data, bettors)?;
    }
    Ok(fresh)
}

/// The file with the accounts of an organiser's customers.
pub fn bettors_file(data: &Path, organiser: u32) -> PathBuf {
    data.join(format!("bettors-{organiser}"))
}

/// Writes the accounts of each organiser's customers, for the program `bookmaker`.
pub fn customers(data: &Path, bettors: u32) -> anyhow::Result<()> {
    for organiser in (0..sim::sandbox::ORGANISERS).map(Organiser) {
        let accounts = sim::sandbox::customers(organiser, bettors);
        let line = |account| format!("{}\n", account_number(organiser, account));
        let text: String = accounts.into_iter().map(line).collect();
        let path = bettors_file(data, organiser.0);
        std::fs::write(&path, text)
            .with_context(|| format!("{} cannot be written", path.display()))?;
    }
    Ok(())
}

/// Has the operator send commands, all of which must be done.
pub fn put(handle: &Handle, clock: &dyn Clock, commands: Vec<Command>) -> anyhow::Result<()> {
    let mut entropy = Stream::system().context("the system gives no random bytes")?;
    for command in commands {
        let id = fresh::message_id(clock.wall(), &mut entropy);
        let name = command.name();
        let message = Message::new(Sender::Operator, id, Manner::Single, command);
        let verdict = handle.ask(Class::Control, message)?;
        if verdict.outcome != Outcome::Done {
            bail!("{name} was not done: {:?}", verdict.outcome);
        }
    }
    Ok(())
}
