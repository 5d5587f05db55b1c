//! `bej archive`: the days that are over, each as a file that is never rewritten (core 25).
//!
//! A partition is the Almaty day on which БЕЖ recorded a fact. The rows of an entry stand in order
//! of seq and a day is a run of entries, so that a day's file holds the rows of the entries from
//! `first_seq` to `last_seq` of its manifest, and the next day begins where this one ends. A day
//! on which a table got no row has a file without rows: that nothing is missing can be seen.
//!
//! A file is written under a name that ends in `.part`, made durable and renamed, its manifest
//! after it: a day is there when its manifest is. All that is there is checked before anything is
//! written, which costs one reading of the archive.

use std::collections::BTreeMap;
use std::fs;
use std::io::{ErrorKind, IsTerminal as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context as _, bail, ensure};
use journal::fact::Entry;
use reports::{Cell, Table};
use store::files::sync_directory;
use terms::{Day, Seq};

use crate::export::parquet::{self, Made, Writer};
use crate::export::rows::{FOLD_ENTRIES_MAX, Rows};
use crate::reading::{self, Go, Reader};
use crate::store_url::StoreUrl;

/// The tables whose rows never change once they are there.
const TABLES: [Table; 3] = [Table::Stakes, Table::Postings, Table::Payouts];

/// Write the days that are over as Parquet files that are never rewritten.
///
/// DIR/TABLE/day=YYYY-MM-DD.parquet holds the rows that were recorded on that day of Almaty, with a
/// manifest day=YYYY-MM-DD.json beside it. A day is over when the journal has an entry of a later
/// one. Days that are there are compared with their manifests and left alone, so that a run each
/// night adds what is new; a day that was half written is written again.
///
/// The tables are stakes, postings and payouts, whose rows never change. The table bets is left
/// out: a bet is settled, paid and corrected on later days, so that a file of it would be of no
/// use after the next settlement. `bej export bets` writes it as of now; what came later is in the
/// postings and payouts of the days on which it came.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The store. Of a large one bring the views up first (`bej views`).
    #[arg(long, value_name = "URL")]
    store: StoreUrl,
    /// The archive's directory; it is made if it is not there.
    #[arg(long, value_name = "DIR")]
    to: PathBuf,
}

/// A day that is over, and its entries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Closed {
    /// The day.
    pub day: Day,
    /// The first entry.
    pub first: u64,
    /// The last entry.
    pub last: u64,
}

/// Runs the command.
pub fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let mut reader = reading::open(&args.store)?;
    let mut rows = Rows::of(&mut reader, Table::Stakes, FOLD_ENTRIES_MAX)?;
    let end = rows.head().next_seq;
    let days = closed(&mut reader, 0, end, &mut |entry| rows.day(entry))?;
    let (mut faults, mut kept) = (Vec::new(), 0_usize);
    let mut missing = Vec::new();
    for table in TABLES {
        let directory = args.to.join(table.name());
        for closed in &days {
            let place = Place::of(&directory, closed.day);
            match place.check(closed) {
                Ok(true) => kept += 1,
                Ok(false) => missing.push((table, *closed, place)),
                Err(fault) => faults.push(format!("{fault:#}")),
            }
        }
    }
    if !faults.is_empty() {
        bail!("nothing was written, since the archive is damaged:\n{}", faults.join("\n"));
    }
    let mut written = BTreeMap::<Day, Vec<String>>::new();
    for (table, closed, place) in &missing {
        let count = place.write(*table, closed, &mut rows)?;
        written.entry(closed.day).or_default().push(format!("{count} {}", table.name()));
    }
    if std::io::stdout().is_terminal() {
        for (day, counts) in &written {
            println!("{day}: {}", counts.join(", "));
        }
    }
    println!(
        "{} days are over as of entry {}: {} files written, {kept} were there and are whole",
        days.len(),
        rows.head().next_seq,
        missing.len(),
    );
    Ok(ExitCode::SUCCESS)
}

/// The days of the entries from `first` on and before `end` that are over, in order. A day's end is
/// found by halving: instants grow with seq.
pub fn closed(
    reader: &mut Reader,
    mut first: u64,
    end: u64,
    day_of: &mut dyn FnMut(&Entry) -> anyhow::Result<Day>,
) -> anyhow::Result<Vec<Closed>> {
    let mut day = |seq: u64| -> anyhow::Result<Day> {
        let entry = reading::entry(reader, seq)?;
        let entry = entry.with_context(|| format!("entry {seq} is missing; run `bej verify`"))?;
        day_of(&entry)
    };
    let mut days = Vec::new();
    let Some(last) = end.checked_sub(1).filter(|last| first <= *last) else { return Ok(days) };
    let open = day(last)?;
    loop {
        let current = day(first)?;
        if open <= current {
            return Ok(days);
        }
        // The entry at `before` is of this day, that at `after` of a later one.
        let (mut before, mut after) = (first, last);
        while 1 < after - before {
            let middle = before + (after - before) / 2;
            if day(middle)? <= current { before = middle } else { after = middle }
        }
        days.push(Closed { day: current, first, last: before });
        first = after;
    }
}

/// Where a table's day lies.
struct Place {
    directory: PathBuf,
    file: PathBuf,
    manifest: PathBuf,
}

impl Place {
    fn of(directory: &Path, day: Day) -> Place {
        Place {
            directory: directory.to_owned(),
            file: directory.join(format!("day={day}.parquet")),
            manifest: directory.join(format!("day={day}.json")),
        }
    }

    /// Whether the day is there; fails where it is not what it was or is of another journal.
    fn check(&self, closed: &Closed) -> anyhow::Result<bool> {
        let (file, manifest) = (self.file.display(), self.manifest.display());
        let text = match fs::read(&self.manifest) {
            Ok(text) => text,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(false),
            Err(error) => return Err(error).context(format!("{manifest} could not be read")),
        };
        let found: serde_json::Value =
            serde_json::from_slice(&text).with_context(|| format!("{manifest} is damaged"))?;
        let hash = parquet::sha256(&self.file)?;
        ensure!(
            found["sha256"] == hash.as_str(),
            "{file} is not the file of its manifest; remove both to have the day written again"
        );
        ensure!(
            found["first_seq"] == closed.first && found["last_seq"] == closed.last,
            "{manifest} speaks of other entries than {} to {}: it was made from another journal",
            closed.first,
            closed.last
        );
        Ok(true)
    }

    /// Writes the day, and says how many rows it has.
    fn write(&self, table: Table, closed: &Closed, rows: &mut Rows) -> anyhow::Result<u64> {
        let making = || format!("{} could not be made", self.directory.display());
        fs::create_dir_all(&self.directory).with_context(making)?;
        let (file, manifest) = (part(&self.file), part(&self.manifest));
        for left in [&file, &manifest] {
            match fs::remove_file(left) {
                Err(error) if error.kind() != ErrorKind::NotFound => {
                    return Err(error).context(format!("{} could not go", left.display()));
                }
                Ok(()) | Err(_) => {}
            }
        }
        let count = put_rows(table, closed, rows, &file)?;
        let head = rows.head();
        let made = Made { table, rows: count, first: closed.first, last: Some(closed.last), head };
        parquet::put_manifest(&parquet::manifest(&made, &file, &self.file)?, &manifest)?;
        // The file first, durably: a manifest without its file would be damage.
        for (from, to) in [(&file, &self.file), (&manifest, &self.manifest)] {
            fs::rename(from, to).with_context(|| format!("{} could not be named", to.display()))?;
            sync_directory(&self.directory)?;
        }
        Ok(count)
    }
}

/// The name while a file is written.
fn part(path: &Path) -> PathBuf {
    let mut name = path.to_owned().into_os_string();
    name.push(".part");
    name.into()
}

/// Writes the rows of a day's entries.
fn put_rows(table: Table, closed: &Closed, rows: &mut Rows, path: &Path) -> anyhow::Result<u64> {
    let position = |name| table.columns().iter().position(|column| column.name == name);
    let (seq, day) = (position("seq"), position("day"));
    let expected = Cell::Text(closed.day.to_string().into());
    let mut writer = Writer::new(table, path)?;
    rows.each_from(table, Seq(closed.first), &mut |cells| {
        let Some(Cell::Int(seq)) = seq.and_then(|at| cells.get(at)) else {
            bail!("a row of {} has no seq", table.name())
        };
        if closed.last < u64::try_from(*seq)? {
            return Ok(Go::Enough);
        }
        // Two ways to the day of a row: the entry's, and the view's.
        if let Some(found) = day.and_then(|at| cells.get(at)) {
            ensure!(
                *found == expected,
                "the row {seq} of {} is of another day than its entry; remove PATH.d/views.db, \
                 run `bej views` and archive again",
                table.name()
            );
        }
        writer.take(cells)?;
        Ok(Go::On)
    })?;
    writer.finish()
}
