//! `bej restore`: makes a store of a backup, whole or as it was at an entry or a time.
//!
//! The frame is what becomes durable at once, so a point within one is before it: what is restored
//! is never more than was asked for, and the answer says where it ends. Whatever is restored is
//! verified where it lies, and `restored.json` beside it says what it is.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context as _, bail, ensure};
use serde_json::{Value, json};
use store::files::{make_directory, parent, sync_directory};
use store::{Head, Home, JournalReader, MarkFiles, MarkStore};
use store_sqlite::Layout;
use terms::Instant;

use crate::backup::{JOURNAL, checked, facts, signed_in, sound, write};
use crate::kept::{self, Kept};
use crate::key::Signed;
use crate::reading::{self, frames_to_file};
use crate::store_url::{StoreUrl, keeps_nothing};
use crate::verify::{Report, verify};

/// The form of `restored.json`.
const VERSION: u64 = 1;
const RESTORED: &str = "restored.json";

/// Make a store of a backup, after checking it against its manifest.
///
/// With --to-entry or --to-time the store ends there: with the last frame that holds nothing later.
/// Refuses a place where there is a store already. Verifies what it has made before it takes its
/// name, so that a restore that was broken off leaves no store. `restored.json` in the directory
/// beside the store says what it is.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The directory of the backup.
    #[arg(long, value_name = "DIR")]
    from: PathBuf,
    /// The new store.
    #[arg(long, value_name = "URL")]
    store: StoreUrl,
    /// Restore nothing behind this entry.
    #[arg(long, value_name = "N", conflicts_with = "to_time")]
    to_entry: Option<u64>,
    /// Restore nothing that happened after this time, such as 2026-11-22T14:00:00+05:00.
    #[arg(long, value_name = "TIME", value_parser = time)]
    to_time: Option<Instant>,
    /// Keys of a later rotation (vault-keys-….bej), for a backup whose keys were destroyed since.
    #[arg(long, value_name = "FILE")]
    vault_keys: Option<PathBuf>,
    /// Print one JSON object.
    #[arg(long)]
    json: bool,
}

fn time(text: &str) -> Result<Instant, String> {
    let wrong = "a time has a day, a time of the day and its distance to UTC, such as \
                 2026-11-22T14:00:00+05:00 or 2026-11-22T09:00:00Z";
    wire::Time::parse(text).map(|time| time.0).ok_or_else(|| wrong.to_owned())
}

/// Where a restored journal ends, and what is left out of it.
struct End {
    head: Head,
    /// Entries of the backup behind it.
    left_out: u64,
    /// The entry that was asked for, if it lies in a frame that goes on behind it.
    within: Option<u64>,
}

/// What is to be found in what is restored.
struct Wanted<'a> {
    end: &'a End,
    manifest: &'a Value,
}

impl Wanted<'_> {
    /// Refuses what is not whole, or is something else.
    fn check(&self, report: &Report) -> anyhow::Result<()> {
        if let Some(bad) = &report.bad {
            bail!("what was restored does not verify: {bad}");
        }
        let head = report.head.context("what was restored has no head")?;
        ensure!(head == self.end.head, "what was restored ends at entry {}", head.next_seq);
        let (found, said) = (facts(report), &self.manifest["journal"]);
        ensure!(
            self.end.left_out != 0 || found == *said,
            "what was restored is not what the manifest says: {found} against {said}"
        );
        Ok(())
    }
}

/// What lies beside a restored store, its marks, and what was found when it was verified.
type Restored = (Home, Box<dyn MarkStore>, Report);

/// Runs the command.
pub fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let manifest = checked(&args.from)?;
    let mut backup = store_sqlite::Reader::open(args.from.join(JOURNAL))?;
    let end = end(&mut backup, args)?;
    let wanted = Wanted { end: &end, manifest: &manifest };
    let (home, marks, report) = match &args.store {
        StoreUrl::Sqlite(target) => to_file(args, &mut backup, target, &wanted)?,
        StoreUrl::Postgres(_) => to_database(args, &mut backup, &wanted)?,
        StoreUrl::Memory => bail!("{}", keeps_nothing()),
    };
    let beyond = keep_signed(&args.from, marks, &end)?;
    let kept = kept::from_files(&args.from, args.vault_keys.as_deref(), &args.store)?;
    let what = json!({
        "bej_restored": VERSION,
        "store": args.store.to_string(),
        "asked": asked(args),
        "left_out": end.left_out,
        "journal": facts(&report),
        "backup": manifest["journal"],
        "vault": kept.vault,
        "edge": kept.edge,
    });
    make_directory(home.directory())?;
    write(&home.directory().join(RESTORED), &format!("{what:#}\n"))?;
    sync_directory(home.directory())?;
    if args.json {
        println!("{what}");
    } else {
        tell(args, &end, &home, beyond, &kept);
    }
    Ok(ExitCode::SUCCESS)
}

fn asked(args: &Args) -> Value {
    match (args.to_entry, args.to_time) {
        (Some(entry), _) => json!({ "to_entry": entry }),
        (None, Some(time)) => json!({ "to_time": time.to_string() }),
        (None, None) => json!("everything"),
    }
}

fn tell(args: &Args, end: &End, home: &Home, beyond: Option<u64>, kept: &Kept) {
    println!("manifest     checked, with the hash of each file");
    println!("restored     {} entries to {}", end.head.next_seq, args.store);
    if 0 < end.left_out {
        println!("left out     {} later entries of the backup", end.left_out);
    }
    if let Some(entry) = end.within {
        println!(
            "             entry {entry} became durable together with later ones: left out, too"
        );
    }
    println!("verified     root {}, and every invariant", end.head.root);
    for line in kept.lines() {
        println!("             {line}");
    }
    if kept.vault.is_some() {
        println!(
            "             orders of destruction in the journal are run again at the next start"
        );
    }
    println!("says so      {}", home.directory().join(RESTORED).display());
    if let Some(size) = beyond {
        println!(
            "careful      a checkpoint of {size} entries was signed, which this store has not:"
        );
        println!("             it is for looking at, and must not go on in the other one's place");
        return;
    }
    println!("next         copy the checkpoint key to {}", home.directory().display());
    println!("             views, index and snapshots are made again at the next start");
}

/// The end that was asked for.
fn end(backup: &mut dyn JournalReader, args: &Args) -> anyhow::Result<End> {
    let whole = backup.head()?;
    let last = whole.next_seq.checked_sub(1);
    let wanted = match (args.to_entry, args.to_time) {
        (None, None) => return Ok(End { head: whole, left_out: 0, within: None }),
        (Some(entry), _) => {
            ensure!(
                Some(entry) <= last,
                "the backup has {} entries, so none has number {entry}; the first one is 0",
                whole.next_seq
            );
            entry
        }
        (None, Some(time)) => last_until(backup, whole.next_seq, time)?,
    };
    let frame = backup.frame_of(wanted)?.context("the backup lacks a frame")?;
    let (head, within) = if frame.head().next_seq == wanted + 1 {
        (frame.head(), None)
    } else {
        let before = frame.number.checked_sub(2).map(|after| backup.frames(after, 1));
        let before = before.transpose()?.and_then(|frames| frames.first().map(|one| one.head()));
        (before.unwrap_or(Head::empty()), Some(wanted))
    };
    ensure!(
        head.next_seq != 0,
        "entry {wanted} became durable together with all before it and later ones, up to entry {}; \
         nothing earlier can be restored",
        frame.head().next_seq - 1
    );
    // Frames without entries at the end belong to the whole.
    let left_out = whole.next_seq - head.next_seq;
    Ok(End { head: if left_out == 0 { whole } else { head }, left_out, within })
}

/// The last entry that happened at a time or before it. Each is later than the one before (J4).
fn last_until(backup: &mut dyn JournalReader, entries: u64, time: Instant) -> anyhow::Result<u64> {
    let mut at = |seq| -> anyhow::Result<Instant> {
        let entry = reading::entry(backup, seq)?;
        Ok(entry.with_context(|| format!("the backup lacks entry {seq}"))?.at)
    };
    let (mut low, mut high) = (0, entries);
    while low < high {
        let middle = u64::midpoint(low, high);
        if at(middle)? <= time {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    match low.checked_sub(1) {
        Some(last) => Ok(last),
        None if entries == 0 => bail!("the backup has no entries"),
        None => bail!("the backup begins at {}, after {time}", at(0)?),
    }
}

fn to_file(
    args: &Args,
    backup: &mut store_sqlite::Reader,
    target: &Path,
    wanted: &Wanted<'_>,
) -> anyhow::Result<Restored> {
    let layout = Layout::of(target)?;
    vacant(&layout)?;
    // Under another name first: a store is there only when it is whole.
    let partial = Layout::of(&beside(&layout.part(0), ".restoring"))?;
    let left = partial.part(0);
    ensure!(
        !left.exists(),
        "{} was left by a restore that was broken off; remove it and its parts",
        left.display()
    );
    let copied = match wanted.end.left_out {
        0 => backup.copy_journal(&left).map(|_| ()).map_err(Into::into),
        _ => frames_to_file(backup, &wanted.end.head, &left),
    };
    copied.with_context(|| format!("the journal of {} cannot be copied", args.from.display()))?;
    let report = sound(&left).context("what was restored does not verify")?;
    wanted.check(&report)?;
    name_parts(&partial, &layout)?;
    let home = layout.home();
    make_directory(home.directory())?;
    let marks = MarkFiles::new(home.marks());
    Ok((home, Box::new(marks), report))
}

/// Restores to a database, which must have no journal yet. One that was broken off is told by its
/// manifest when it is verified: whoever begins again does so with an empty database.
fn to_database(
    args: &Args,
    backup: &mut store_sqlite::Reader,
    wanted: &Wanted<'_>,
) -> anyhow::Result<Restored> {
    let store = args.store.lasting()?;
    let mut journal = store.parts()?.journal;
    let there = journal.head()?;
    ensure!(there == Head::empty(), "{} has a journal; restore to an empty database", args.store);
    crate::copy::frames(backup, &there, &wanted.end.head, &mut *journal)?;
    let report = verify(&mut store.reader()?)?;
    wanted.check(&report)?;
    Ok((store.home(), store.marks(), report))
}

/// Takes along what was signed last. A signature over more than is restored is left out and its
/// size given: with it the store would be taken for one that has lost entries, which it has.
fn keep_signed(from: &Path, marks: Box<dyn MarkStore>, end: &End) -> anyhow::Result<Option<u64>> {
    let Some((size, root)) = signed_in(from)? else { return Ok(None) };
    if end.head.next_seq < size {
        return Ok(Some(size));
    }
    Signed::of(marks).raise(size, root)?;
    Ok(None)
}

/// Refuses a place where something is.
fn vacant(layout: &Layout) -> anyhow::Result<()> {
    let first = layout.part(0);
    for path in [&first, &layout.part(1), &beside(&first, "-wal")] {
        ensure!(!path.exists(), "{} is there already; restore to a new place", path.display());
    }
    let directory = layout.directory();
    let empty = fs::read_dir(&directory).map_or(true, |mut files| files.next().is_none());
    ensure!(empty, "{} is not empty; restore to a new place", directory.display());
    Ok(())
}

/// Gives the parts their names, the first one last: without it there is no store.
fn name_parts(partial: &Layout, layout: &Layout) -> anyhow::Result<u32> {
    let count = (0..).take_while(|number| partial.part(*number).exists()).count() as u32;
    for number in (0..count).rev() {
        let (from, to) = (partial.part(number), layout.part(number));
        for log in ["-wal", "-shm"] {
            let log = beside(&from, log);
            if log.exists() {
                fs::remove_file(&log)
                    .with_context(|| format!("{} cannot be removed", log.display()))?;
            }
        }
        fs::rename(&from, &to)
            .with_context(|| format!("{} cannot be named {}", from.display(), to.display()))?;
    }
    sync_directory(parent(&layout.part(0)))?;
    Ok(count)
}

fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.to_owned().into_os_string();
    name.push(suffix);
    name.into()
}
