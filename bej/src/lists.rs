//! `bej lists`: brings versions of the lists in.

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use admission::List;
use anyhow::{Context as _, bail};
use screening::import::NumberForm;

use crate::people::{inbox, lists};

/// Bring versions of the lists in whom nobody may be who bets.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, clap::Subcommand)]
enum Action {
    /// Bring a version of a list in, as its source wrote it.
    ///
    /// The file is refused whole if anything in it is wrong, with the line and the reason. The
    /// server that runs on DIR takes it, makes its difference facts and puts it in force.
    Import(ImportArgs),
}

#[derive(Debug, clap::Args)]
struct ImportArgs {
    /// The file: XML of the financial monitoring authority, or numbers as NDJSON or CSV.
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Which list: restricted, debtors, terrorism, proliferation or financing.
    #[arg(long, value_parser = list)]
    list: List,
    /// The number of the member of the staff who brings it.
    #[arg(long, value_name = "N")]
    by: u32,
    /// Another member of the staff, who confirms that the list shrank.
    #[arg(long, value_name = "N")]
    confirmed_by: Option<u32>,
    /// The data directory of the server.
    #[arg(long, value_name = "DIR", default_value = "bej-data")]
    data: PathBuf,
    /// How many seconds to wait for what became of it.
    #[arg(long, value_name = "S", default_value_t = 120)]
    wait: u64,
}

fn list(text: &str) -> Result<List, String> {
    List::from_name(text).ok_or_else(|| {
        let names: Vec<&str> = List::ALL.iter().map(|list| list.name()).collect();
        format!("it is none of {}", names.join(", "))
    })
}

/// Runs the command.
pub fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let Action::Import(args) = &args.action;
    let place = args.file.display();
    let content = std::fs::read(&args.file).with_context(|| format!("{place} cannot be read"))?;
    let form = match args.list {
        List::Restricted | List::Debtors if content.starts_with(b"{") => Some(NumberForm::Ndjson),
        List::Restricted | List::Debtors => Some(NumberForm::Csv),
        List::Terrorism | List::Proliferation | List::Financing => None,
    };
    let home = lists(&args.data);
    inbox::lay(&home, args.list, form, &content, (args.by, args.confirmed_by))?;
    let (said, begun) = (inbox::said(&home, args.list), Instant::now());
    while begun.elapsed() < Duration::from_secs(args.wait) {
        if let Ok(text) = std::fs::read_to_string(&said) {
            if text.starts_with("refused") {
                bail!("{}", text.trim_end());
            }
            print!("{text}");
            return Ok(ExitCode::SUCCESS);
        }
        std::thread::sleep(Duration::from_millis(100));
    }
    bail!("no server on {} has taken it yet; it stays in the inbox", args.data.display())
}
