//! `bej demo`: the whole on sample seasons, from the first stake to the verification.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use clap::Parser;
use journal::fact::{Entry, Fact};
use sim::bookmaker::{Input, Options};
use sim::{odds_file, seasons};
use store::JournalReader as _;
use store_sqlite::Reader;
use terms::number::account_number;
use terms::{Account, Reason};

use crate::config::Config;
use crate::store_url::StoreUrl;
use crate::{explain, reading, replay, statement, verify, watch};

/// The seed of the demonstration.
const SEED: u64 = 1;
/// The store's file; whatever begins with this name in the directory is the demonstration's.
const STORE: &str = "demo.db";
/// Lines of the statement that is shown.
const LINES: &str = "24";

/// Show the whole on sample seasons: stakes, refusals, results, payouts, and the proof of it all.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// End when the demonstration has run; the exit status is not 0 if anything failed.
    #[arg(long)]
    once: bool,
    /// The directory in which the store is kept; what an earlier demonstration left is replaced.
    #[arg(long, value_name = "DIR", default_value = "demo-data")]
    data: PathBuf,
    /// The configuration (`bej config sample`) of all but the store; the standard values if it is
    /// not given.
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Replay these files of matches instead of the sample seasons.
    #[arg(long, value_name = "FILE", num_args = 1..)]
    odds: Vec<PathBuf>,
}

/// Runs the command.
pub fn run(args: &Args) -> anyhow::Result<()> {
    let config = args.config.as_deref().map(Config::load).transpose()?;
    let how = watch::begin(config.as_ref());
    let input = if args.odds.is_empty() { samples()? } else { replay::load(&args.odds)? };
    let path = clear(&args.data)?;
    let url: StoreUrl = StoreUrl::Sqlite(path);
    title("Replay");
    println!("{} matches into {url}, seed {SEED}", input.matches());
    if !args.odds.is_empty() {
        replay::tell_skipped(&input);
    }
    let done = replay::replay(input, &url, Options::standard(SEED), how)?;
    title("What happened");
    print!("{}", done.table());
    done.verdict()?;

    let mut reader = reading::open(&url)?;
    let shown = Shown::choose(&mut reader)?;
    title("The statement of one bettor");
    let number = account_number(shown.organiser, shown.account);
    println!("bej statement {number} --store {url} --limit {LINES}");
    statement::run(&parsed([
        "statement",
        &number,
        "--store",
        &url.to_string(),
        "--limit",
        LINES,
    ])?)?;
    let refusal = shown.refusal.context("no stake was refused; the demonstration needs one")?;
    for lang in ["en", "ru", "kk"] {
        title(&format!("The explanation of one refusal ({lang})"));
        let at = refusal.to_string();
        println!("bej explain {at} --store {url} --lang {lang}");
        explain::run(&parsed(["explain", &at, "--store", &url.to_string(), "--lang", lang])?)?;
    }
    title("The verification");
    println!("bej verify --store {url}");
    let report = verify::verify(&mut reader)?;
    print!("{}", report.text());
    if report.bad.is_some() {
        bail!("the journal does not verify");
    }
    if !args.once {
        println!("\nThe store stays at {url}; the commands above work on it.");
    }
    Ok(())
}

fn title(text: &str) {
    println!("\n── {text} {}", "─".repeat(72usize.saturating_sub(text.chars().count())));
}

fn samples() -> anyhow::Result<Input> {
    let mut input = Input::new();
    for (name, content) in seasons::sample() {
        input.add(odds_file::read(name, content.as_bytes())?);
    }
    Ok(input)
}

/// Makes the directory and removes the store of an earlier demonstration.
fn clear(folder: &Path) -> anyhow::Result<PathBuf> {
    let wrong = || format!("{} cannot be used; give --data another directory", folder.display());
    fs::create_dir_all(folder).with_context(wrong)?;
    for entry in fs::read_dir(folder).with_context(wrong)? {
        let entry = entry.with_context(wrong)?;
        if entry.file_name().to_string_lossy().starts_with(STORE) {
            let path = entry.path();
            let removed =
                if path.is_dir() { fs::remove_dir_all(&path) } else { fs::remove_file(&path) };
            removed.with_context(|| format!("{} cannot be removed", path.display()))?;
        }
    }
    Ok(folder.join(STORE))
}

/// What is shown of the journal.
struct Shown {
    organiser: terms::Organiser,
    account: Account,
    refusal: Option<u64>,
}

impl Shown {
    /// The account with the most stakes in the first frames, and the first refusal whose reason
    /// is easy to follow.
    fn choose(reader: &mut Reader) -> anyhow::Result<Shown> {
        let mut stakes = std::collections::BTreeMap::new();
        let mut refusal = None;
        for frame in reader.frames(0, 64)? {
            for fact in frame.facts() {
                let (seq, bytes) = fact?;
                match reading::decode(seq, bytes)? {
                    Entry { fact: Fact::StakeAccepted(fact), .. } => {
                        if let Some(organiser) = desk::life::organiser_of(fact.cause.sender) {
                            *stakes.entry((organiser, fact.bet.account)).or_insert(0u32) += 1;
                        }
                    }
                    Entry { fact: Fact::Refused(fact), .. }
                        if fact.reason == Reason::FundsInsufficient && fact.account.is_some() =>
                    {
                        refusal = refusal.or(Some(seq));
                    }
                    _ => {}
                }
            }
        }
        let most = stakes.into_iter().max_by_key(|(_, count)| *count);
        let ((organiser, account), _) = most.context("no stake was accepted")?;
        Ok(Shown { organiser, account, refusal })
    }
}

/// The arguments of another command, as if they had been typed.
fn parsed<T: clap::Args, const N: usize>(words: [&str; N]) -> anyhow::Result<T> {
    #[derive(Parser)]
    struct Typed<T: clap::Args> {
        #[command(flatten)]
        args: T,
    }
    let typed = Typed::<T>::try_parse_from(words.map(OsString::from));
    Ok(typed.context("the demonstration typed a command wrongly")?.args)
}
