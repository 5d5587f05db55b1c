//! The speed and memory of БЕЖ, each figure beside a baseline and a probe of the disk that were
//! taken in the same run: `cargo run --release -p bench -- stakes`.
//!
//! Contenders take turns and each runs in a process of its own; figures are medians of the rounds.

mod baseline_frames;
mod baseline_rows;
mod callers;
mod contender;
mod decide;
mod eligibility;
mod endurance;
mod http;
mod latency;
mod measure;
mod pages;
mod place;
mod postgres;
mod probe;
mod product;
mod recovery;
mod report;
mod rig;
mod rounds;
mod rss;
mod screening;
mod stakes;
mod timed;
mod vault;
mod views;
mod workload;
mod world;

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context as _, Result};
use clap::{Args, Parser, Subcommand};

use crate::contender::Contender;
use crate::measure::Plan;
use crate::product::Job;
use crate::report::Report;

/// Measure the speed and memory of БЕЖ beside baselines in the same run
#[derive(Debug, Parser)]
#[command(name = "bench", version, arg_required_else_help = true)]
struct Cli {
    #[command(subcommand)]
    command: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Only the baselines: (a) rows in plain SQLite, (b) a bare state machine with frames
    Baselines(Options),
    /// Full stakes through desk, pump and frames in batches, views off and on
    Stakes(Options),
    /// Full stakes on PostgreSQL beside transfers by UNNEST, one a request over mutual TLS beside
    /// single ones from 32 clients, and how fast its views are made; the server is made for each
    /// run and thrown away
    Postgres {
        #[command(flatten)]
        options: Options,
        /// Bets in the register
        #[arg(long, default_value_t = 500_000)]
        bets: u64,
        /// Measure this alone
        #[arg(long)]
        only: Option<OnPostgres>,
    },
    /// Decisions alone, without a store, on one core
    Decide(Options),
    /// 32 and 256 callers of the pump, one stake each
    Callers(Options),
    /// Eligibility from the read copy
    Eligibility(Options),
    /// Ready after SIGKILL
    Recovery(Options),
    /// Twenty million stakes with a million open bets: memory over a long run
    Endurance(Options),
    /// Lag of the views, and the times of their queries over a full register
    Views {
        #[command(flatten)]
        options: Options,
        /// Bets in the register that is asked
        #[arg(long, default_value_t = 10_000_000)]
        bets: u64,
        /// Rows of a segment of the register, to see many of them
        #[arg(long, default_value_t = 65_536)]
        segment_rows: u64,
    },
    /// Stakes over mutual TLS, one a request: at the limit, and at a steady pace
    Http(Options),
    /// Batches of a thousand stakes over mutual TLS
    Ndjson(Options),
    /// Ten times more stakes than the server can do, and how it recovers
    Overload(Options),
    /// The console's pages over a full register
    Pages {
        #[command(flatten)]
        options: Options,
        /// Bets in the register
        #[arg(long, default_value_t = 10_000_000)]
        bets: u64,
    },
    /// Numbers in a set of four million, the difference of two sets, and names on all lists
    Screening {
        /// Print one JSON object in one line
        #[arg(long)]
        json: bool,
        /// Directory with the labelled sets
        #[arg(long, value_name = "PATH", default_value = "../shared/data/screening")]
        data: PathBuf,
        /// Numbers in the set
        #[arg(long, default_value_t = 4_000_000)]
        #[arg(value_parser = clap::value_parser!(u64).range(1..=4_900_000))]
        numbers: u64,
        /// Seed of everything that is drawn
        #[arg(long, default_value_t = 1)]
        seed: u64,
    },
    /// The vault: admission, looks, the join with a list, destruction, and a rotation of all keys
    /// beside live stakes
    Vault {
        #[command(flatten)]
        options: Options,
        /// Persons in the vault
        #[arg(long, default_value_t = 5_000_000)]
        people: u32,
        /// Numbers on the list
        #[arg(long, default_value_t = 4_000_000)]
        listed: u32,
    },
    /// Fills a store with entries and waits to be killed; the measurement of recovery calls it
    #[command(hide = true)]
    Fill {
        #[arg(long = "in")]
        dir: PathBuf,
        #[command(flatten)]
        plan: Plan,
    },
    /// One measurement in this process and this directory; the other commands call it
    #[command(hide = true)]
    Measure {
        #[arg(long, value_parser = Contender::parse)]
        contender: Contender,
        #[arg(long = "in")]
        dir: PathBuf,
        #[command(flatten)]
        plan: Plan,
    },
}

/// What is measured on PostgreSQL.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum OnPostgres {
    /// Full stakes in batches
    Stakes,
    /// One stake a request
    Http,
    /// How fast views are made, and the times of their queries
    Views,
}

#[derive(Debug, Args)]
struct Options {
    /// Print one JSON object instead of tables
    #[arg(long)]
    json: bool,
    /// Directory to measure in; may be repeated [default: /dev/shm, and one on a disk]
    #[arg(long = "dir", value_name = "PATH")]
    dirs: Vec<PathBuf>,
    /// How often each contender is measured, in turn with the others
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u16).range(1..=1_000))]
    rounds: u16,
    #[command(flatten)]
    plan: Plan,
}

fn main() -> ExitCode {
    match run(Cli::parse().command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // The chain in one line; a backtrace would tell the reader nothing more.
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(action: Action) -> Result<()> {
    let product = |job| Contender::Product(job);
    let baselines = [Contender::Rows, Contender::Frames];
    match action {
        Action::Baselines(options) => compare("baselines", options, &baselines),
        Action::Stakes(options) => {
            let [rows, frames] = baselines;
            let all = [product(Job::Stakes), rows, frames, product(Job::StakesViews)];
            compare("stakes", options, &all)
        }
        Action::Postgres { options, bets, only } => on_postgres(options, bets, only),
        Action::Decide(options) => compare("decide", options, &[product(Job::Decide)]),
        Action::Callers(options) => {
            let all = [product(Job::Callers32), product(Job::Callers256)];
            compare("callers", options, &all)
        }
        Action::Eligibility(options) => {
            compare("eligibility", options, &[product(Job::Eligibility)])
        }
        Action::Endurance(options) => compare("endurance", options, &[product(Job::Endurance)]),
        Action::Recovery(options) => compare("recovery", options, &[product(Job::Recovery)]),
        Action::Views { options, bets, segment_rows } => views(options, bets, segment_rows),
        Action::Http(options) => {
            let all = [product(Job::Http), product(Job::HttpTime), product(Job::HttpPaced)];
            compare("http", options, &all)
        }
        Action::Ndjson(options) => {
            let [rows, _] = baselines;
            compare("ndjson", options, &[product(Job::Ndjson), rows])
        }
        Action::Overload(options) => overload(&options),
        Action::Pages { options, bets } => pages(&options, bets),
        Action::Screening { json, data, numbers, seed } => {
            let object = screening::measure(&data, numbers, seed)?;
            if json {
                println!("{object}")
            } else {
                println!("{object:#}")
            }
            Ok(())
        }
        Action::Vault { options, people, listed } => vault(&options, people, listed),
        Action::Fill { dir, plan } => recovery::fill(&plan, &dir),
        Action::Measure { contender, dir, plan } => {
            let measured = contender.measure(&plan, &dir);
            let measured = measured.with_context(|| format!("measure {}", contender.name()))?;
            println!("{}", measured.to_json());
            Ok(())
        }
    }
}

/// Measures the lag of the views, and then questions to a register in the first place.
fn views(options: Options, bets: u64, segment_rows: u64) -> Result<()> {
    let Options { json, dirs, rounds, plan } = options;
    let rounds = usize::from(rounds);
    let (mut places, mut register) = (Vec::new(), None);
    for place in place::places(&dirs)? {
        let lag = [Contender::Product(Job::Views)];
        let series = rounds::interleave(&plan, &place, rounds, &lag)?;
        if register.is_none() {
            let dir = tempfile::Builder::new().prefix("bej-bench-").tempdir_in(&place.dir)?;
            register = Some(views::register::measure(dir.path(), bets, segment_rows, plan.seed)?);
        }
        places.push((place, series));
    }
    let report = Report { command: "views", plan, rounds, places };
    let mut object = report.to_json();
    object["register"] = register.unwrap_or_default();
    if json {
        println!("{object}");
    } else {
        print!("{}\n{:#}\n", report.to_text(), object["register"]);
    }
    Ok(())
}

/// Measures the product on PostgreSQL beside the baselines, and then how fast views are made there.
fn on_postgres(options: Options, bets: u64, only: Option<OnPostgres>) -> Result<()> {
    let Options { json, dirs, rounds, plan } = options;
    let rounds = usize::from(rounds);
    let place = place::places(&dirs)?.into_iter().next().context("no place")?;
    let product = Contender::Product;
    let wanted = |part| only.is_none_or(|only| only == part);
    let mut all = Vec::new();
    if wanted(OnPostgres::Stakes) {
        all.extend([product(Job::StakesPostgres), Contender::Unnest]);
    }
    if wanted(OnPostgres::Http) {
        all.extend([product(Job::HttpPostgres), Contender::Single]);
    }
    let series = rounds::interleave(&plan, &place, rounds, &all)?;
    let dir = tempfile::Builder::new().prefix("bej-bench-").tempdir_in(&place.dir)?;
    let register = match wanted(OnPostgres::Views) {
        true => views::register::measure_on_postgres(dir.path(), bets, plan.seed)?,
        false => serde_json::Value::Null,
    };
    let report = Report { command: "postgres", plan, rounds, places: vec![(place, series)] };
    let mut object = report.to_json();
    object["register"] = register;
    if json {
        println!("{object}");
    } else {
        print!("{}\n{:#}\n", report.to_text(), object["register"]);
    }
    Ok(())
}

/// Measures the vault in the first place.
fn vault(options: &Options, people: u32, listed: u32) -> Result<()> {
    let place = place::places(&options.dirs)?.into_iter().next().context("no place")?;
    let dir = tempfile::Builder::new().prefix("bej-bench-").tempdir_in(&place.dir)?;
    let mut object = vault::measure(&options.plan, dir.path(), people, listed)?;
    object["dir"] = place.dir.display().to_string().into();
    object["medium"] = place.kind.name().into();
    if options.json {
        println!("{object}")
    } else {
        println!("{object:#}")
    }
    Ok(())
}

/// Measures storms of stakes in every place.
fn overload(options: &Options) -> Result<()> {
    let mut all = Vec::new();
    for place in place::places(&options.dirs)? {
        let dir = tempfile::Builder::new().prefix("bej-bench-").tempdir_in(&place.dir)?;
        let mut object = http::overload::measure(&options.plan, dir.path())?;
        object["dir"] = place.dir.display().to_string().into();
        all.push(object);
    }
    let object = serde_json::json!({ "command": "overload", "places": all });
    if options.json {
        println!("{object}")
    } else {
        println!("{object:#}")
    }
    Ok(())
}

/// Asks for pages over a register in the first place.
fn pages(options: &Options, bets: u64) -> Result<()> {
    let place = place::places(&options.dirs)?.into_iter().next().context("no place")?;
    let dir = tempfile::Builder::new().prefix("bej-bench-").tempdir_in(&place.dir)?;
    let object = pages::measure(dir.path(), bets, options.plan.seed)?;
    if options.json {
        println!("{object}")
    } else {
        println!("{object:#}")
    }
    Ok(())
}

/// Measures the contenders in turn in every place and prints what came out. The first contender is
/// the one in question.
fn compare(command: &'static str, options: Options, contenders: &[Contender]) -> Result<()> {
    let Options { json, dirs, rounds, plan } = options;
    let rounds = usize::from(rounds);
    let mut places = Vec::new();
    for place in place::places(&dirs)? {
        let series = rounds::interleave(&plan, &place, rounds, contenders)?;
        places.push((place, series));
    }
    let report = Report { command, plan, rounds, places };
    if json {
        println!("{}", report.to_json());
    } else {
        print!("{}", report.to_text());
    }
    Ok(())
}
