//! The reference bookmaker: plays a season of matches against БЕЖ, over the network.
//!
//! It stands for an organiser's own complex and for its bettors. Everything that it sends is in its
//! outbox before it leaves, so it may be killed at any moment and started again with the same
//! arguments. Progress goes to standard error, the totals of each season as a line of JSON to
//! standard output.

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, bail};
use clap::Parser;
use hsc::book::{Book, Centre, Gate, House, Outbox, Plan, SignIn, Totals};
use hsc::wire::{AccountNo, Desk};
use hsc::{Client, Patience, Settings};
use matches::odds_file::{self, Match};
use matches::seasons;

/// The reference bookmaker: plays a season of matches against БЕЖ, over the network.
///
/// Lists the matches, takes the bets of synthetic bettors at the files' odds, publishes results,
/// settles, and pays at its land desk. What is bet depends on files, seed and organiser alone.
/// Started again with the same arguments, it goes on where it was.
#[derive(Debug, Parser)]
#[command(name = "bookmaker", version, max_term_width = 100)]
struct Cli {
    /// Where БЕЖ is; several nodes with commas between them.
    #[arg(
        long,
        value_name = "URL",
        value_delimiter = ',',
        default_value = "https://localhost:8443"
    )]
    api: Vec<String>,
    /// The certificate of the authority, PEM.
    #[arg(long, value_name = "FILE")]
    authority: PathBuf,
    /// The organiser's certificate, PEM.
    #[arg(long, value_name = "FILE")]
    certificate: PathBuf,
    /// Its key, PEM.
    #[arg(long, value_name = "FILE")]
    key: PathBuf,
    /// The accounts of the bettors, one a line.
    #[arg(long, value_name = "FILE")]
    bettors: PathBuf,
    /// Signs a bettor in: a command that gets the account's number as its last argument and prints
    /// the token of a session. Words are separated by blanks.
    #[arg(long, value_name = "COMMAND")]
    sign_in: String,
    /// The electronic desk.
    #[arg(long, value_name = "N")]
    electronic: String,
    /// The land desk, which takes cash; none if it is not given.
    #[arg(long, value_name = "N")]
    land: Option<String>,
    /// Where the outbox is kept.
    #[arg(long, value_name = "DIR")]
    data: PathBuf,
    /// A file of matches, dated or by rounds; the sample seasons if none is given.
    #[arg(long, value_name = "FILE", num_args = 1..)]
    odds: Vec<PathBuf>,
    /// The seed of what is bet.
    #[arg(long, value_name = "S", default_value_t = 1)]
    seed: u64,
    /// How many bets are wanted on each match.
    #[arg(long, value_name = "N", default_value_t = 8)]
    bets_per_match: u32,
    /// Send so many messages a second at most.
    #[arg(long, value_name = "N")]
    rate: Option<u32>,
    /// After the season play it again and again, with so many messages a second, until killed.
    #[arg(long, value_name = "N")]
    live: Option<u32>,
    /// End when standard input ends: whoever holds its other end takes this program along.
    #[arg(long)]
    with_input: bool,
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let runtime = runtime.context("the runtime cannot be started");
    match runtime.and_then(|runtime| runtime.block_on(run(&cli))) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("bookmaker: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// Ends the process when standard input ends. It may end at any moment: the outbox stands it.
fn end_with_input() -> std::io::Result<()> {
    let wait = || {
        // An error is an end as well.
        let _ = std::io::copy(&mut std::io::stdin().lock(), &mut std::io::sink());
        std::process::exit(1);
    };
    std::thread::Builder::new().name("input".into()).spawn(wait).map(drop)
}

async fn run(cli: &Cli) -> anyhow::Result<()> {
    if cli.with_input {
        end_with_input().context("standard input cannot be watched")?;
    }
    let matches = matches(&cli.odds)?;
    let read = |path: &Path| {
        std::fs::read(path).with_context(|| format!("{} cannot be read", path.display()))
    };
    let client = Client::new(Settings {
        bases: cli.api.clone(),
        authority: read(&cli.authority)?,
        certificate: read(&cli.certificate)?,
        key: read(&cli.key)?,
        patience: Patience::standard(),
    })?;
    std::fs::create_dir_all(&cli.data)
        .with_context(|| format!("{} cannot be made", cli.data.display()))?;
    let house = house(cli, &client).await?;
    let centre: Arc<dyn Centre> = Arc::new(Gate::new(client.clone(), sign_in(&cli.sign_in)));
    for season in 0.. {
        let rate = if season == 0 { cli.rate } else { cli.live };
        let done = cli.data.join(format!("season-{season}.json"));
        if !done.exists() {
            let plan = Plan::new(
                matches.clone(),
                house.organiser.0.0,
                cli.seed.wrapping_add(season),
                cli.bets_per_match,
            )?;
            let totals = play(cli, &centre, plan, &house, season, rate).await?;
            let text = serde_json::to_string(&totals)?;
            std::fs::write(&done, &text).with_context(|| format!("{}", done.display()))?;
        }
        if season == 0 {
            println!("{}", std::fs::read_to_string(&done)?);
        }
        if cli.live.is_none() {
            break;
        }
    }
    Ok(())
}

/// Plays one season; its outbox goes once its totals are known.
async fn play(
    cli: &Cli,
    centre: &Arc<dyn Centre>,
    plan: Plan,
    house: &House,
    season: u64,
    rate: Option<u32>,
) -> anyhow::Result<Totals> {
    let name = format!("bookmaker {}", house.organiser);
    let path = cli.data.join(format!("season-{season}.outbox"));
    let outbox = Outbox::open(&path)
        .with_context(|| format!("the outbox {} cannot be opened", path.display()))?;
    let (steps, answered) = outbox.count();
    if 0 < steps {
        eprintln!("{name}: goes on after {answered} answers, {} to be asked for", steps - answered);
    }
    let book = Book::new(centre.clone(), outbox, plan, house.clone(), &season.to_string(), rate);
    let mut tenths = 0;
    let totals = book
        .play(|day, days, totals| {
            if season == 0 && tenths < day * 10 / days {
                tenths = day * 10 / days;
                let Totals { matches, stakes, settled, .. } = totals;
                eprintln!(
                    "{name}: day {day} of {days}, {matches} matches, {stakes} stakes, \
                     {settled} bets settled"
                );
            }
        })
        .await?;
    drop(book);
    std::fs::remove_file(&path).with_context(|| format!("{}", path.display()))?;
    Ok(totals)
}

fn matches(files: &[PathBuf]) -> anyhow::Result<Vec<Match>> {
    let mut matches = Vec::new();
    if files.is_empty() {
        for (name, text) in seasons::sample() {
            matches.extend(odds_file::read(name, text.as_bytes())?.matches);
        }
    }
    for path in files {
        let read = odds_file::open(path)?;
        if !read.skipped.is_empty() {
            eprintln!("{}: {} rows cannot be used", read.file, read.skipped.len());
        }
        matches.extend(read.matches);
    }
    Ok(matches)
}

/// Who we are by our certificate; waits until the centre answers.
async fn house(cli: &Cli, client: &Client) -> anyhow::Result<House> {
    let caller = loop {
        match client.caller().await {
            Ok(caller) => break caller,
            Err(error @ hsc::Error::Unanswered { .. }) => {
                eprintln!("bookmaker: {} does not answer yet: {error}", cli.api.join(" "));
                tokio::time::sleep(Duration::from_secs(1)).await;
            }
            Err(error) => return Err(error.into()),
        }
    };
    client.synchronise().await?;
    let desk = |text: &str| Desk::parse(text).with_context(|| format!("{text} is no desk"));
    let text = std::fs::read_to_string(&cli.bettors)
        .with_context(|| format!("{} cannot be read", cli.bettors.display()))?;
    let account =
        |line: &str| AccountNo::parse(line).with_context(|| format!("{line} is no account"));
    let bettors: Vec<AccountNo> =
        text.lines().filter(|line| !line.is_empty()).map(account).collect::<Result<_, _>>()?;
    if bettors.is_empty() {
        bail!("{} names no account", cli.bettors.display());
    }
    let land = cli.land.as_deref().map(desk).transpose()?;
    Ok(House { organiser: caller.organiser, electronic: desk(&cli.electronic)?, land, bettors })
}

/// Signs bettors in by a command.
fn sign_in(command: &str) -> SignIn {
    let words: Vec<String> = command.split_whitespace().map(str::to_owned).collect();
    Box::new(move |account| {
        let (program, arguments) = words.split_first().ok_or("--sign-in names no command")?;
        let output = Command::new(program).args(arguments).arg(account.to_string()).output();
        let output = output.map_err(|error| format!("{program}: {error}"))?;
        if !output.status.success() {
            return Err(String::from_utf8_lossy(&output.stderr).trim().to_owned());
        }
        Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
    })
}
