//! `bej demo`: the whole product at work, each part a process of its own.
//!
//! ```text
//! bej demo ─┬─ bej serve      pump, API, console, bettors' pages
//!           ├─ outside        simulators of the systems that know persons
//!           ├─ bookmaker 0    mutual TLS, e-money
//!           └─ bookmaker 1    mutual TLS, e-money, and a land desk that takes cash
//! ```
//!
//! Two bookmakers play a season against the server. Then the journal is added up and verified
//! beside the running server, what the bookmakers' own books say is compared with it, and they play
//! on slowly, until a signal ends everything.

mod history;
mod incidents;
mod parts;
mod shown;
mod stage;
pub mod upkeep;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context as _, bail, ensure};
use console::role::Role;
use pump::{Clock as _, SystemClock};
use serde_json::Value;
use terms::Organiser;
use tokio::signal::unix::{SignalKind, signal};

use crate::store_url::StoreUrl;
use crate::totals::Totals;
use crate::{access, reading, staff, verify};
use parts::{Bookmaker, Outside, Server};

/// What stands in a directory that a demonstration has filled, so that no other is emptied.
const MARK: &str = "made-by-bej-demo";
/// Bettors of the small world, half of them with each bookmaker.
const BETTORS: u32 = 84;
/// Messages a second of each bookmaker once the season is over.
const GENTLE: &str = "2";

/// Show the whole product: two bookmakers play a season against the server, over the network.
///
/// Everything is kept in a directory of its own: the journal, certificates, staff, and what the
/// bookmakers keep. After the season come a closing table, the verification, and addresses and
/// sign-ins of the console; then the bookmakers play on slowly, until Ctrl-C ends all processes.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// End after the verification; the exit status is not 0 if anything failed.
    #[arg(long)]
    once: bool,
    /// The directory for everything; what an earlier demonstration left there is replaced.
    #[arg(long, value_name = "DIR", default_value = "demo-data")]
    data: PathBuf,
    /// Files of matches in place of the sample seasons.
    #[arg(long, value_name = "FILE", num_args = 1..)]
    odds: Vec<PathBuf>,
    /// Listen on free ports instead of the usual ones; with --once always so.
    #[arg(long)]
    free_ports: bool,
    /// How many bets are wanted on each match.
    #[arg(long, value_name = "N", default_value_t = 1)]
    bets_per_match: u32,
}

/// Runs the command.
pub fn run(args: &Args) -> anyhow::Result<ExitCode> {
    for path in &args.odds {
        ensure!(path.is_file(), "there is no file {}; look at --odds again", path.display());
    }
    let data = prepare(&args.data)?;
    title("The world");
    let days = history::make(&data, BETTORS)?;
    let names = organisers(&data)?;
    println!("{BETTORS} bettors with wallets, and two bookmakers:");
    println!("  0  {}, an electronic desk", names[0]);
    println!("  1  {}, an electronic desk and a land desk that takes cash", names[1]);
    println!(
        "Both have been at work for {days} days, so that the console has something to compare."
    );
    let members = members(&data)?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let runtime = runtime.context("the runtime cannot be started")?;
    runtime.block_on(async {
        let mut interrupt = signal(SignalKind::interrupt()).context("signals cannot be heard")?;
        let mut terminate = signal(SignalKind::terminate()).context("signals cannot be heard")?;
        let mut hang_up = signal(SignalKind::hangup()).context("signals cannot be heard")?;
        let outside = Outside::start(&data).await?;
        let mut server = Server::start(&data, &outside, args.free_ports || args.once).await?;
        // The bookmakers are killed when what shows them ends; their outboxes stand it.
        let shown = tokio::select! {
            shown = show(args, &data, &members, &outside, &mut server) => shown,
            _ = interrupt.recv() => Ok(()),
            _ = terminate.recv() => Ok(()),
            _ = hang_up.recv() => Ok(()),
        };
        let stopped = server.stop().await;
        shown.and(stopped).map(|()| ExitCode::SUCCESS)
    })
}

/// Shows everything. Without `once` it ends with the server alone, which is a failure.
async fn show(
    args: &Args,
    data: &Path,
    members: &[Member],
    outside: &Outside,
    server: &mut Server,
) -> anyhow::Result<()> {
    title("The season");
    println!("server      API {}, console {}", server.api, server.console);
    let mut bookmakers = Vec::new();
    for number in 0..sim::sandbox::ORGANISERS {
        bookmakers.push(Bookmaker::of(number, data, server, args)?);
    }
    println!("bookmakers  two processes, over mutual TLS; what they say:\n");
    let url = StoreUrl::Sqlite(data.join("bej.db"));
    let before = Totals::of(&mut reading::open(&url)?)?.json();
    let (first, other) = bookmakers.split_at_mut(1);
    let books = tokio::select! {
        books = async { tokio::try_join!(first[0].season(), other[0].season()) } => books?,
        ended = server.ended() => return Err(ended),
    };
    close(&url, &before, &[books.0, books.1])?;
    shown::statement_and_refusal(&url)?;
    verified(&url)?;
    if args.once {
        return Ok(());
    }
    sign_ins(members, data, server);
    shown::bettor(server, outside);
    for bookmaker in &mut bookmakers {
        bookmaker.play_on(GENTLE)?;
    }
    println!("\nThe bookmakers play on, some messages a second. Ctrl-C ends everything.");
    Err(server.ended().await)
}

/// An empty directory, or one of an earlier demonstration with all of its content removed.
fn prepare(data: &Path) -> anyhow::Result<PathBuf> {
    let wrong = || format!("{} cannot be used; give --data another directory", data.display());
    fs::create_dir_all(data).with_context(wrong)?;
    let data = data.canonicalize().with_context(wrong)?;
    let mark = data.join(MARK);
    let entries: Result<Vec<_>, _> = fs::read_dir(&data).with_context(wrong)?.collect();
    let entries = entries.with_context(wrong)?;
    if !entries.is_empty() && !mark.exists() {
        bail!("{} holds something else; give --data another directory", data.display());
    }
    for path in entries.into_iter().map(|entry| entry.path()).filter(|path| *path != mark) {
        let removed =
            if path.is_dir() { fs::remove_dir_all(&path) } else { fs::remove_file(&path) };
        removed.with_context(|| format!("{} cannot be removed", path.display()))?;
    }
    fs::write(&mark, "").with_context(wrong)?;
    Ok(data)
}

/// The names of the organisers, as the journal has them.
fn organisers(data: &Path) -> anyhow::Result<Vec<String>> {
    use journal::fact::Fact;
    let mut reader = reading::open(&StoreUrl::Sqlite(data.join("bej.db")))?;
    let mut names = Vec::new();
    for seq in 0.. {
        match reading::entry(&mut reader, seq)?.map(|entry| entry.fact) {
            Some(Fact::OrganiserRegistered(fact)) => names.push(fact.name.to_string()),
            Some(_) => {}
            None => break,
        }
    }
    ensure!(names.len() == 2, "the world has {} organisers", names.len());
    Ok(names)
}

/// A member of the staff with what he needs to sign in.
struct Member {
    name: &'static str,
    role: Role,
    password: String,
    secret: String,
}

/// One member of the staff for each role.
fn members(data: &Path) -> anyhow::Result<Vec<Member>> {
    let mut members = Vec::new();
    for role in Role::ALL {
        let name = role.name();
        let organiser = (*role == Role::Organiser).then_some(Organiser(0));
        let password = staff::drawn_password()?;
        let member = staff::enter(data, name, *role, organiser, &password)?;
        members.push(Member { name, role: *role, password, secret: member.secret });
    }
    Ok(members)
}

/// The closing table, and the bookmakers' own books of the season beside what it has brought.
fn close(url: &StoreUrl, before: &Value, books: &[Value]) -> anyhow::Result<()> {
    title("What happened");
    println!("bej totals --store {url}");
    let totals = Totals::of(&mut reading::open(url)?)?;
    print!("{}", totals.text());
    let there = totals.json();
    for (organiser, own) in books.iter().enumerate() {
        let number = |of: &Value, key: &str| of[key].as_i64().unwrap_or_default();
        let at = organiser.to_string();
        for key in ["stakes", "staked_tiyn", "winnings_tiyn"] {
            let before = number(&before["organisers"][&at], key);
            let journal = number(&there["organisers"][&at], key) - before;
            let own = number(own, key);
            ensure!(
                own == journal,
                "{key} of bookmaker {organiser}: its own books say {own}, the journal {journal}"
            );
        }
    }
    println!("The bookmakers' own books say the same of the season.");
    Ok(())
}

fn verified(url: &StoreUrl) -> anyhow::Result<()> {
    title("The verification");
    println!("bej verify --store {url}");
    let mut reader = reading::open(url)?;
    let report = verify::verify(&mut reader)?;
    print!("{}", report.text());
    ensure!(report.bad.is_none(), "the journal does not verify");
    // The console shows it.
    verify::note::write(reader.home(), &report, SystemClock::new().wall())
}

fn sign_ins(members: &[Member], data: &Path, server: &Server) {
    title("The console");
    println!("{}", server.console);
    println!("Sign in with name, password, and the one-time code that this prints:");
    println!("  {} staff code NAME --data {}\n", program(), data.display());
    println!("{:<16}{:<24}secret of the codes", "name", "password");
    for Member { name, role, password, secret } in members {
        let of = if *role == Role::Organiser { "  (of organiser 0)" } else { "" };
        println!("{name:<16}{password:<24}{secret}{of}");
    }
    println!("\nAPI         {}, see docs/api.md", server.api);
    println!("probes      {0}/health, {0}/metrics", server.probes);
}

/// How this program was called, for commands to be typed.
fn program() -> String {
    std::env::args().next().unwrap_or_else(|| "bej".to_owned())
}

fn title(text: &str) {
    println!("\n── {text} {}", "─".repeat(72usize.saturating_sub(text.chars().count())));
}
