//! `outside`: runs the simulators until its standard input ends or it is told to stop.

use std::io::{Read as _, Write as _};
use std::path::PathBuf;

use anyhow::{Context, Result};
use clap::Parser;
use outside::{Settings, start};

/// Simulators of the systems outside of БЕЖ, on this machine only.
///
/// Prints one line of JSON: where each listens, and what a configuration needs to know of their
/// keys. docs/connect-outside.md says which synthetic number gives which outcome.
#[derive(Debug, Parser)]
struct Arguments {
    /// People and lists follow from it.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// A directory where the keys are kept; they are made if it has none.
    #[arg(long, default_value = "outside-keys")]
    keys: PathBuf,
    /// A time with offset at which the clock stands, such as 2026-07-12T10:00:00+05:00.
    #[arg(long)]
    at: Option<String>,
    /// The first of five ports; 0 for any that are free.
    #[arg(long, default_value_t = 0)]
    port: u16,
    /// Where to write the file that `people.outside` of a configuration of БЕЖ names.
    #[arg(long, value_name = "FILE")]
    configuration: Option<PathBuf>,
    /// Runs until it is told to stop, whatever becomes of standard input.
    #[arg(long)]
    detached: bool,
}

fn main() -> Result<()> {
    let arguments = Arguments::parse();
    let at = match &arguments.at {
        Some(text) => Some(links::moment::parse(text).context("--at is no time")?),
        None => None,
    };
    let settings =
        Settings { seed: arguments.seed, keys: arguments.keys, at, port: arguments.port };
    let running = start(&settings).context("the simulators cannot be started")?;
    if let Some(path) = &arguments.configuration {
        let text = running.configuration(&settings.keys)?;
        std::fs::write(path, text).with_context(|| format!("{} stays", path.display()))?;
    }
    let mut out = std::io::stdout();
    writeln!(out, "{}", running.told())?;
    out.flush()?;
    if arguments.detached {
        loop {
            std::thread::park();
        }
    }
    // Whoever started this holds the other end; when he ends, so do the simulators.
    std::io::stdin().read_to_end(&mut Vec::new())?;
    Ok(())
}
