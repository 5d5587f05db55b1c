//! `bej config`: the configuration of a running system, checked before anything starts.
//!
//! `bej replay` and `bej demo` run by one where `--config FILE` is given. Every key is required:
//! nothing that has a meaning has a value that nobody chose. Unknown keys are refused. Each number
//! has bounds, and each bound a reason; `docs/configuration.md` is made from the same table, and a
//! test compares them.

use std::fmt::Write as _;
use std::fs;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context as _, bail};
use serde::Deserialize;
use terms::Instant;
use toml::Spanned;
use tracing::Level;

use crate::store_url::StoreUrl;

/// Look at configuration files.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, clap::Subcommand)]
enum Action {
    /// Check a configuration file and name everything that is wrong with it.
    Check {
        /// The file.
        #[arg(value_name = "FILE", default_value = "bej.toml")]
        file: PathBuf,
    },
    /// Print a configuration to begin with, with the reason for each limit.
    Sample,
}

/// Runs the command.
pub fn run(args: &Args) -> anyhow::Result<ExitCode> {
    match &args.action {
        Action::Sample => {
            print!("{}", sample());
            Ok(ExitCode::SUCCESS)
        }
        Action::Check { file } => {
            let place = file.display();
            Config::load(file)?;
            println!("{place}: every key is known and within its bounds");
            Ok(ExitCode::SUCCESS)
        }
    }
}

/// A configuration without mistakes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    /// Where the journal lies.
    pub store: StoreUrl,
    /// What is logged.
    pub level: Level,
    /// How the pump works.
    pub pump: pump::Options,
}

impl Config {
    /// Reads a file; what is wrong with it goes to standard error, line by line.
    pub fn load(file: &Path) -> anyhow::Result<Config> {
        let place = file.display();
        let text = fs::read_to_string(file).with_context(|| {
            format!("{place} cannot be read; `bej config sample` prints one to begin with")
        })?;
        Config::read(&text).or_else(|wrong| {
            for what in &wrong {
                eprintln!("{place}: {what}");
            }
            bail!("{place} has {} mistake(s)", wrong.len())
        })
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Source {
    store: Store,
    log: Log,
    pump: Pump,
    lanes: Lanes,
    snapshots: Snapshots,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Store {
    url: Spanned<String>,
    instance: Spanned<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Log {
    level: Spanned<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Pump {
    commands_per_frame_max: Spanned<u64>,
    frame_bytes_max: Spanned<u64>,
    index_every_entries: Spanned<u64>,
    ids_per_generation: Spanned<u64>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Lanes {
    control_messages_max: Spanned<u64>,
    live_messages_max: Spanned<u64>,
    settlement_messages_max: Spanned<u64>,
    bulk_messages_max: Spanned<u64>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Snapshots {
    every_entries: Spanned<u64>,
    every_seconds: Spanned<u64>,
}

/// A number of the configuration.
struct Number {
    section: &'static str,
    key: &'static str,
    standard: u64,
    least: u64,
    most: u64,
    reason: &'static str,
    of: fn(&Source) -> &Spanned<u64>,
}

const LEVELS: [(&str, Level); 5] = [
    ("error", Level::ERROR),
    ("warn", Level::WARN),
    ("info", Level::INFO),
    ("debug", Level::DEBUG),
    ("trace", Level::TRACE),
];

const NUMBERS: [Number; 10] = [
    Number {
        section: "pump",
        key: "commands_per_frame_max",
        standard: 8_000,
        least: 1,
        most: 8_000,
        reason: "Commands of one frame. More would make the first of them wait longer than a \
                 sync takes.",
        of: |source| &source.pump.commands_per_frame_max,
    },
    Number {
        section: "pump",
        key: "frame_bytes_max",
        standard: 1 << 20,
        least: 1 << 14,
        most: 1 << 20,
        reason: "Bytes of facts of one frame. A frame is read whole, so it bounds what a single \
                 look-up costs; one command alone may have 16 KiB.",
        of: |source| &source.pump.frame_bytes_max,
    },
    Number {
        section: "pump",
        key: "index_every_entries",
        standard: 500_000,
        least: 10_000,
        most: 2_000_000,
        reason: "The index on disk is written whenever the journal passes a multiple of this. \
                 Until then its rows are in memory, about 40 bytes each, and nothing may leave \
                 the hot state.",
        of: |source| &source.pump.index_every_entries,
    },
    Number {
        section: "pump",
        key: "ids_per_generation",
        standard: 900_000,
        least: 100_000,
        most: 10_000_000,
        reason: "Ids that are held exactly in memory, in each of two generations, about 50 bytes \
                 each. Older ones cost a read of the disk.",
        of: |source| &source.pump.ids_per_generation,
    },
    Number {
        section: "lanes",
        key: "control_messages_max",
        standard: 65_536,
        least: 1_024,
        most: 262_144,
        reason: "Blocks, lists and timers that may wait. Never shed, so there is room for a \
                 version of a list at once.",
        of: |source| &source.lanes.control_messages_max,
    },
    Number {
        section: "lanes",
        key: "live_messages_max",
        standard: 16_384,
        least: 256,
        most: 65_536,
        reason: "Orders and stakes of one sender that may wait. What waits longer than two \
                 seconds is of no use to a bettor.",
        of: |source| &source.lanes.live_messages_max,
    },
    Number {
        section: "lanes",
        key: "settlement_messages_max",
        standard: 32_768,
        least: 256,
        most: 131_072,
        reason: "Results and settlements of one sender that may wait: they come in batches of \
                 thousands.",
        of: |source| &source.lanes.settlement_messages_max,
    },
    Number {
        section: "lanes",
        key: "bulk_messages_max",
        standard: 32_768,
        least: 256,
        most: 131_072,
        reason: "Lines of a backlog of one sender that may wait. They yield to everything else.",
        of: |source| &source.lanes.bulk_messages_max,
    },
    Number {
        section: "snapshots",
        key: "every_entries",
        standard: 5_000_000,
        least: 10_000,
        most: 50_000_000,
        reason: "Entries between two snapshots. A start replays at most so many: some seconds \
                 for five million.",
        of: |source| &source.snapshots.every_entries,
    },
    Number {
        section: "snapshots",
        key: "every_seconds",
        standard: 300,
        least: 10,
        most: 86_400,
        reason: "Seconds between two snapshots, if there was an entry. Each writes the whole hot \
                 state, up to a gigabyte.",
        of: |source| &source.snapshots.every_seconds,
    },
];

impl Config {
    /// Reads a configuration, or tells everything that is wrong with it.
    pub fn read(text: &str) -> Result<Config, Vec<String>> {
        let source: Source = toml::from_str(text)
            // The text names line, column and key.
            .map_err(|error| vec![error.to_string().trim_end().replace('\n', "\n    ")])?;
        let mut wrong = Vec::new();
        let mut note = |span: Range<usize>, key: &str, what: String| {
            wrong.push(format!("line {}: {key}: {what}", line(text, span)));
        };
        let store = source.store.url.get_ref().parse::<StoreUrl>();
        if let Err(error) = &store {
            note(source.store.url.span(), "store.url", error.to_string());
        }
        if let Err(error) = journal::checkpoint::Origin::of(source.store.instance.get_ref()) {
            note(source.store.instance.span(), "store.instance", error.to_string());
        }
        let level = LEVELS.iter().find(|(name, _)| name == source.log.level.get_ref());
        if level.is_none() {
            let names = LEVELS.map(|(name, _)| name).join(", ");
            let what = format!("{:?} is not one of {names}", source.log.level.get_ref());
            note(source.log.level.span(), "log.level", what);
        }
        for number in &NUMBERS {
            let (section, key) = (number.section, number.key);
            let value = (number.of)(&source);
            if *value.get_ref() < number.least || number.most < *value.get_ref() {
                let what = format!(
                    "{} is not within {} to {}. {}",
                    value.get_ref(),
                    number.least,
                    number.most,
                    number.reason
                );
                note(value.span(), &format!("{section}.{key}"), what);
            }
        }
        let (ids, run) = (&source.pump.ids_per_generation, &source.pump.index_every_entries);
        if *ids.get_ref() <= run.get_ref() / 2 {
            let what = "it must be more than half of pump.index_every_entries. Else the index \
                        waits for the journal, and the journal for room for ids.";
            note(ids.span(), "pump.ids_per_generation", what.to_owned());
        }
        match (store, level) {
            (Ok(store), Some((_, level))) if wrong.is_empty() => {
                Ok(Config { store, level: *level, pump: options(&source) })
            }
            _ => Err(wrong),
        }
    }
}

/// How the pump works, by numbers that are within their bounds.
fn options(source: &Source) -> pump::Options {
    let count = |number: &Spanned<u64>| usize::try_from(*number.get_ref()).unwrap_or(usize::MAX);
    let Source { pump, lanes, snapshots, .. } = source;
    let seconds = i64::try_from(*snapshots.every_seconds.get_ref()).unwrap_or(i64::MAX);
    pump::Options {
        commands_per_frame_max: count(&pump.commands_per_frame_max),
        frame_bytes_max: count(&pump.frame_bytes_max),
        lanes: pump::LaneLimits {
            control: count(&lanes.control_messages_max),
            live: count(&lanes.live_messages_max),
            settlement: count(&lanes.settlement_messages_max),
            bulk: count(&lanes.bulk_messages_max),
        },
        snapshot_every_entries: *snapshots.every_entries.get_ref(),
        snapshot_every_ns: seconds.saturating_mul(Instant::SECOND),
        run_entries: *pump.index_every_entries.get_ref(),
        ids_per_generation: count(&pump.ids_per_generation),
    }
}

fn line(text: &str, span: Range<usize>) -> usize {
    text.get(..span.start).map_or(0, |before| before.matches('\n').count()) + 1
}

const STORE: &str = "\
[store]
# Where the journal lies: sqlite:PATH.
url = \"sqlite:bej.db\"
# The name of this journal, which stands under its checkpoints: a-z, 0-9 and -. Never changed.
instance = \"local\"

[log]
# error, warn, info, debug or trace; to standard error. Failures that stop nothing are at warn.
level = \"info\"
";

/// A configuration to begin with.
pub fn sample() -> String {
    let mut text = STORE.to_owned();
    let mut section = "";
    for number in &NUMBERS {
        if section != number.section {
            section = number.section;
            // Writing to a string does not fail.
            let _ = write!(text, "\n[{section}]\n");
        }
        let Number { key, standard, least, most, reason, .. } = number;
        for line in wrapped(reason) {
            let _ = writeln!(text, "# {line}");
        }
        let _ = writeln!(text, "# {least} to {most}.");
        let _ = writeln!(text, "{key} = {standard}");
    }
    text
}

/// Lines of at most 90 characters.
fn wrapped(text: &str) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split_whitespace() {
        let last = lines.len() - 1;
        if lines[last].len() + word.len() < 90 {
            if !lines[last].is_empty() {
                lines[last].push(' ');
            }
            lines[last].push_str(word);
        } else {
            lines.push(word.to_owned());
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/configuration.md");

    fn page() -> String {
        let mut page = String::from(
            "# Configuration\n\n\
             `bej config check FILE` reads a file of this form and names everything that is wrong \
             with it. Every\nkey is required and unknown keys are refused: nothing that has a \
             meaning has a value that nobody\nchose. This page is made from the table in \
             `bej/src/config.rs`.\n\n```toml\n",
        );
        page.push_str(&sample());
        page.push_str("```\n\n| key | least | standard | most | reason |\n|---|---|---|---|---|\n");
        for Number { section, key, standard, least, most, reason, .. } in &NUMBERS {
            let _ =
                writeln!(page, "| `{section}.{key}` | {least} | {standard} | {most} | {reason} |");
        }
        page
    }

    #[test]
    fn the_page_is_made_from_the_table() {
        if std::env::var_os("BLESS").is_some() {
            fs::write(PAGE, page()).unwrap();
        }
        let found = fs::read_to_string(PAGE).unwrap_or_default();
        assert_eq!(found, page(), "run this test with BLESS=1 and read the difference");
    }

    #[test]
    fn the_sample_is_right_and_each_mistake_is_named() {
        let check = |text: &str| Config::read(text).err().unwrap_or_default();
        assert_eq!(check(&sample()), Vec::<String>::new());
        let with = |from: &str, to: &str| check(&sample().replace(from, to)).join("\n");
        for (from, to, said) in [
            ("every_seconds = 300", "every_seconds = 3", "snapshots.every_seconds: 3 is not"),
            ("every_seconds = 300", "every_second = 300", "every_second"),
            ("every_seconds = 300", "every_seconds = -1", "every_seconds"),
            ("every_seconds = 300", "every_seconds = \"x\"", "every_seconds"),
            ("every_seconds = 300", "", "every_seconds"),
            ("level = \"info\"", "level = \"loud\"", "log.level"),
            ("sqlite:bej.db", "mysql:bej", "store.url"),
            ("\"local\"", "\"Кто\"", "store.instance"),
            ("[log]", "[log", "line 7"),
        ] {
            let found = with(from, to);
            assert!(found.contains(said), "{to}: {found}");
        }
        let two = sample().replace("= 300", "= 1").replace("= 8000", "= 0");
        let found = check(&two);
        assert_eq!(found.len(), 2, "{found:?}");
        assert!(found[0].starts_with("line "), "{found:?}");
        assert!(check("").join("").contains("store"));
        let long = sample().replace("every_entries = 500000", "every_entries = 2000000");
        assert_eq!(check(&long).len(), 1);
        assert!(check(&long)[0].contains("half of pump.index_every_entries"), "{long}");
    }

    #[test]
    fn the_sample_is_what_runs_without_a_file_and_each_value_reaches_the_pump() {
        let read = |text: &str| Config::read(text).unwrap().pump;
        assert_eq!(read(&sample()), pump::Options::standard());
        let mut seen = std::collections::BTreeSet::new();
        for number in &NUMBERS {
            let (from, value) = (number.standard, number.standard - 1);
            let (before, after) = {
                let text = sample();
                let at = text.find(&format!("\n[{}]", number.section)).unwrap();
                let at = at + text[at..].find(&format!("\n{} = ", number.key)).unwrap();
                (text[..at].to_owned(), text[at..].to_owned())
            };
            let after = after.replacen(&format!("= {from}\n"), &format!("= {value}\n"), 1);
            let options = format!("{:?}", read(&format!("{before}{after}")));
            assert_ne!(options, format!("{:?}", pump::Options::standard()), "{}", number.key);
            assert!(seen.insert(options), "{}", number.key);
        }
    }
}
