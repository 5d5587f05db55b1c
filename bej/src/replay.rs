//! `bej replay`: the reference bookmaker on real input, through the pump into a store.
//!
//! Commands bring their instants, random bytes come from the seed, and ticks are sent like
//! commands, so that the same files, seed and options give the same journal on every store, byte
//! for byte (core 5). The bookmaker says of every message what it expects; where the house decides
//! otherwise, one of the two is wrong and the run fails.

use std::collections::{BTreeMap, VecDeque};
use std::path::{Path, PathBuf};
use std::sync::mpsc;

use anyhow::{Context as _, bail};
use desk::{Command, Message};
use indicatif::{ProgressBar, ProgressStyle};
use pump::{Outcome, Pump, PumpError, Reply, Stream, Time, Verdict};
use serde_json::json;
use sim::bookmaker::{self, Bookmaker, Expect, Input, Options, Step};
use sim::odds_file::{self, Unreadable};
use sim::tally::{Sums, Tally};
use store::Head;
use terms::{Instant, Reason};

use crate::config::Config;
use crate::store_url::{Opened, StoreUrl};
use crate::watch::{self, Watch};
use crate::{reference, table};

/// Messages of one request to the pump.
const BATCH: usize = 1_000;
/// Requests that are on their way at a time: enough that neither side waits for the other.
const IN_FLIGHT: usize = 16;
/// Disagreements between house and bookmaker that are told in full.
const TOLD_MAX: usize = 10;

/// Let matches with real odds and results pass through a store, from stake to payout.
///
/// Three bookmakers list the matches of the files, bettors stake on them at the files' odds,
/// results are published, bets are settled and paid. The same files, seed and options give the
/// same journal root on every store. Two forms of files are read: dated (Date, country, league,
/// Season, HomeTeam, AwayTeam, FTHG, FTAG and odds) and by rounds (season, round, hTeam, aTeam,
/// hScore, aScore, hOdd, dOdd, aOdd). Rows that cannot be used are listed with line and reason.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// A file of matches with odds and results, dated or by rounds; may be given several times.
    #[arg(long, required = true, num_args = 1.., value_name = "FILE")]
    odds: Vec<PathBuf>,
    /// Where the journal is written: sqlite:PATH, postgres://USER@HOST/DATABASE, or memory: to
    /// keep nothing. It goes before the store of the configuration.
    #[arg(long, value_name = "URL", required_unless_present = "config")]
    store: Option<StoreUrl>,
    /// The configuration (`bej config sample`); the standard values if it is not given.
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// The seed of everything that is drawn.
    #[arg(long, value_name = "S")]
    seed: u64,
    /// How many bettors there are.
    #[arg(long, value_name = "N", default_value_t = Options::standard(0).bettors)]
    bettors: u32,
    /// How many bets are wanted on each match.
    #[arg(long, value_name = "N", default_value_t = Options::standard(0).bets_per_match)]
    bets_per_match: u32,
    /// Let the reference bookmakers play instead, each in this process, on the world of
    /// `bej sandbox`: what the program `bookmaker` comes to with the same files, seed and numbers,
    /// without the network between.
    #[arg(long)]
    reference: bool,
    /// End with one JSON object instead of a table.
    #[arg(long)]
    json: bool,
}

/// Runs the command.
pub fn run(args: &Args) -> anyhow::Result<()> {
    let options =
        Options { seed: args.seed, bettors: args.bettors, bets_per_match: args.bets_per_match };
    let config = args.config.as_deref().map(Config::load).transpose()?;
    let how = watch::begin(config.as_ref());
    let store = args.store.as_ref().or(config.as_ref().map(|config| &config.store));
    let store = store.context("give --store URL, or --config FILE")?;
    let input = load(&args.odds)?;
    tell_skipped(&input);
    if args.reference {
        let totals = reference::play(&args.odds, store, options, how)?;
        print!("{}", if args.json { format!("{}\n", totals.json()) } else { totals.text() });
        return Ok(());
    }
    let begun = std::time::Instant::now();
    let done = replay(input, store, options, how)?;
    let seconds = begun.elapsed().as_secs_f64();
    eprintln!("{} messages decided in {seconds:.1} s, adding up included", done.messages);
    if args.json {
        println!("{}", done.json());
    } else {
        print!("{}", done.table());
    }
    done.verdict()
}

/// Reads match files.
pub fn load(files: &[PathBuf]) -> anyhow::Result<Input> {
    let mut input = Input::new();
    for path in files {
        input.add(odds_file::open(path).map_err(|error| advise(path, error))?);
    }
    Ok(input)
}

fn advise(path: &Path, error: Unreadable) -> anyhow::Error {
    let advice = match &error {
        Unreadable::NotFound { .. } => "look at the path after --odds again",
        Unreadable::Io { .. } => "give --odds a file that can be read",
        Unreadable::Empty { .. }
        | Unreadable::HeaderUnreadable { .. }
        | Unreadable::HeaderUnknown { .. }
        | Unreadable::ColumnTwice { .. } => "the first line must name the columns, each once",
        Unreadable::FileName { .. } => "name it after its league, as in england_premier-league.csv",
        Unreadable::TooManyRows { .. } => "split it and give --odds once for each part",
    };
    anyhow::Error::new(error).context(format!("{} cannot be replayed: {advice}", path.display()))
}

/// Lists what cannot be used, and what is missing in rows that are used, on standard error.
pub fn tell_skipped(input: &Input) {
    for row in input.skipped() {
        eprintln!("skipped {} line {}: {} {}", row.file, row.line, row.reason, row.detail);
    }
    for (file, note, tally) in input.notes() {
        let (code, about, count) = (note.code(), note.about(), tally.count);
        eprintln!("note {file}: {code} {about}: {count} rows, first line {}", tally.first_line);
    }
}

/// What a replay came to.
pub struct Done {
    matches: u64,
    rows_skipped: u64,
    messages: u64,
    refused: BTreeMap<Reason, u64>,
    disagreed: u64,
    told: Vec<String>,
    tally: Tally,
    head: Head,
}

impl Done {
    /// The object with which `--json` ends.
    fn json(&self) -> serde_json::Value {
        let Sums { stakes, staked, won, winnings, paid, refunded } = self.tally.total();
        let refused: serde_json::Map<String, serde_json::Value> =
            self.refused.iter().map(|(code, count)| (code.name().into(), json!(count))).collect();
        json!({
            "matches": self.matches,
            "rows_skipped": self.rows_skipped,
            "stakes_accepted": stakes,
            "stakes_refused": refused,
            "staked_tiyn": staked,
            "bets_won": won,
            "winnings_tiyn": winnings,
            "paid_out_tiyn": paid,
            "refunded_tiyn": refunded,
            "entries": self.head.next_seq,
            "root": self.head.root.to_string(),
        })
    }

    /// The closing table by organiser, sport and shape, and what stands under it.
    pub fn table(&self) -> String {
        let mut text = table::closing(&self.tally);
        let refused: u64 = self.refused.values().sum();
        text.push_str(&format!(
            "\n{} matches, {} rows skipped, {refused} stakes refused, sums in tenge\n",
            self.matches, self.rows_skipped
        ));
        for (code, count) in &self.refused {
            text.push_str(&format!("  {:>8}  {}\n", count, code.name()));
        }
        text.push_str(&format!("{} entries, root {}\n", self.head.next_seq, self.head.root));
        text
    }

    /// An error if something is not as it should be.
    pub fn verdict(&self) -> anyhow::Result<()> {
        for line in &self.told {
            eprintln!("{line}");
        }
        if 0 < self.disagreed {
            bail!(
                "{} messages were decided otherwise than the bookmaker expected; this is an error \
                 of the program: keep the seed and the files, and report it",
                self.disagreed
            );
        }
        if 0 < self.tally.open() {
            bail!("{} bets are still open; this is an error of the program", self.tally.open());
        }
        Ok(())
    }
}

/// Replays matches into an empty store.
pub fn replay(
    input: Input,
    url: &StoreUrl,
    options: Options,
    how: pump::Options,
) -> anyhow::Result<Done> {
    let (matches, rows_skipped) = (input.matches(), input.skipped().len() as u64);
    // What is wrong with the options is told before a store is made.
    let book = Bookmaker::new(input, options)?;
    let opened = url.open()?;
    if let Opened::Lasting(lasting) = &opened {
        lasting.nobody_decides()?;
    }
    let mut parts = opened.parts()?;
    let head = parts.journal.head().with_context(|| format!("{url} cannot be read"))?;
    if head != Head::empty() {
        bail!(
            "{url} is not empty: it has {} entries. A replay begins a journal of its own; give \
             --store a path where there is none",
            head.next_seq
        );
    }
    // A request must fit its lane, or it would wait for ever.
    let batch = BATCH.min(how.lanes.live);
    let pump = Pump::start(
        parts.journal,
        Some(parts.snapshots),
        Some(parts.cold),
        Time::Brought,
        Box::new(Stream::seeded(bookmaker::entropy_seed(options.seed))),
        how,
    );
    let pump = pump.with_context(|| format!("{url} cannot be written"))?;
    let mut watch = Watch::of(&pump);
    let bar = progress(matches);
    let fed = feed(&pump, book, batch, &bar, &mut watch);
    bar.finish_and_clear();
    // What ended the pump says more than the message that could not be put to it.
    let stopped = pump.stop().context("the pump ended")?;
    watch.note(stopped.snapshot_failed.as_deref());
    let score = fed?;
    if let Opened::Lasting(store) = &opened {
        crate::views::follow(store)?;
    }
    let (tally, head) = add_up(&mut *opened.reader()?, stopped.head.next_seq)?;
    let Score { messages, refused, disagreed, told } = score;
    Ok(Done { matches, rows_skipped, messages, refused, disagreed, told, tally, head })
}

fn add_up(reader: &mut dyn store::JournalReader, entries: u64) -> anyhow::Result<(Tally, Head)> {
    let bar = crate::reading::bar("adding up", entries);
    let done = Tally::of(reader, |at| bar.set_position(at));
    bar.finish_and_clear();
    done.context("the journal cannot be added up")
}

/// A bar on standard error; nothing where that is no terminal.
fn progress(matches: u64) -> ProgressBar {
    let bar = ProgressBar::new(matches);
    let style = ProgressStyle::with_template(
        "{msg} {wide_bar} {human_pos}/{human_len} matches, {eta} left",
    );
    if let Ok(style) = style {
        bar.set_style(style);
    }
    bar.set_message("replaying");
    bar
}

/// Puts everything to the pump, with a bounded number of requests on their way.
fn feed(
    pump: &Pump,
    mut book: Bookmaker,
    batch: usize,
    bar: &ProgressBar,
    watch: &mut Watch,
) -> anyhow::Result<Score> {
    let handle = pump.handle();
    let (answers, answered) = mpsc::channel();
    let mut score = Score::default();
    let mut waiting: VecDeque<Vec<Expected>> = VecDeque::new();
    loop {
        let mut commands: Vec<(Instant, Message)> = Vec::with_capacity(batch);
        let mut expected = Vec::with_capacity(batch);
        for step in book.by_ref().take(batch) {
            expected.push(Expected::of(&step));
            commands.push((step.at, step.message));
        }
        bar.set_position(book.matches_listed());
        watch.look(pump);
        let last = commands.len() < batch;
        if !commands.is_empty() {
            let answers = answers.clone();
            let reply = Reply::new(move |verdicts| {
                // An error means that the replay has ended; nobody listens then.
                let _ = answers.send(verdicts);
            });
            handle.submit_at(commands, reply)?;
            waiting.push_back(expected);
        }
        let most = if last { 0 } else { IN_FLIGHT };
        while most < waiting.len() {
            // Requests are answered in the order in which they were put.
            let verdicts: Result<Vec<Verdict>, PumpError> = answered.recv()?;
            let expected = waiting.pop_front().unwrap_or_default();
            score.note(&expected, &verdicts?);
        }
        if last {
            return Ok(score);
        }
    }
}

/// What is expected of a message, and what it was.
struct Expected {
    expect: Expect,
    name: &'static str,
    is_stake: bool,
}

impl Expected {
    fn of(step: &Step) -> Expected {
        let command = &step.message.command;
        let is_stake = matches!(
            command,
            Command::PlaceStake(_)
                | Command::PlaceHold(_)
                | Command::ConfirmHold(_)
                | Command::ReportStake(_)
        );
        Expected { expect: step.expect, name: command.name(), is_stake }
    }

    fn met(&self, verdict: &Verdict) -> bool {
        match (self.expect, verdict.outcome) {
            (Expect::Anything, _) => true,
            (Expect::Repeat, _) => verdict.repeat,
            (Expect::Done, Outcome::Done) => !verdict.repeat,
            (Expect::Refused(want), Outcome::Refused(got))
            | (Expect::Deferred(want), Outcome::Deferred(got)) => want == got && !verdict.repeat,
            (Expect::Conflict, Outcome::Conflict(_)) => true,
            _ => false,
        }
    }
}

/// How the house decided.
#[derive(Default)]
struct Score {
    /// Stakes by the reason for which they were refused.
    refused: BTreeMap<Reason, u64>,
    messages: u64,
    disagreed: u64,
    told: Vec<String>,
}

impl Score {
    fn note(&mut self, expected: &[Expected], verdicts: &[Verdict]) {
        for (expected, verdict) in expected.iter().zip(verdicts) {
            self.messages += 1;
            if !expected.met(verdict) {
                self.disagreed += 1;
                if self.told.len() < TOLD_MAX {
                    self.told.push(format!(
                        "message {} ({}): expected {:?}, decided {:?}",
                        self.messages, expected.name, expected.expect, verdict.outcome
                    ));
                }
            }
            let reason = match verdict.outcome {
                Outcome::Refused(reason) | Outcome::TooMany(reason) => Some(reason),
                Outcome::Conflict(_) => Some(Reason::IdReused),
                Outcome::Done | Outcome::Deferred(_) | Outcome::Idle => None,
            };
            if let Some(reason) = reason.filter(|_| expected.is_stake && !verdict.repeat) {
                *self.refused.entry(reason).or_insert(0) += 1;
            }
        }
    }
}
