//! `bej export`: the tables and the journal as files for other programs.
//!
//! The journal goes out entry by entry, as NDJSON or as frames (u32 big-endian length, then the
//! frame's bytes). A table goes out with the columns of `reports::table`, as CSV or NDJSON, whose
//! lines the room `papers` makes, or as Parquet. A Parquet file has a manifest
//! beside it that ties it to the journal.

mod journal;
pub mod parquet;
pub mod rows;

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context as _, bail};
use papers::plain::{Form, Lines};
use reports::Table;
use terms::Value;

use crate::reading;
use crate::store_url::StoreUrl;

pub use self::parquet::sha256;

/// Bytes gathered before they are written.
const BUFFER_BYTES: usize = 1 << 18;

/// What can be exported.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum What {
    /// Accepted and reported stakes.
    Stakes,
    /// Bets with their conditions, results and payouts.
    Bets,
    /// Movements of e-money.
    Postings,
    /// Payouts.
    Payouts,
    /// Every entry of the journal.
    Journal,
}

/// The forms of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    /// Comma-separated values with a header (RFC 4180).
    Csv,
    /// One JSON object a line.
    Ndjson,
    /// Apache Parquet, with a manifest beside it; tables only.
    Parquet,
    /// Frames as they are stored, each behind its length; the journal only.
    Frames,
}

/// Write a table or the journal to a file.
///
/// stakes, bets, postings and payouts can be csv, ndjson or parquet; the journal can be ndjson or
/// frames. Tables are read from the views, which must be as of the journal's end (`bej views`), and
/// nobody may be writing; of a small journal they are else folded in memory. Times are RFC 3339 in
/// text and nanoseconds of UTC in Parquet, sums are whole tiyn.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// What to export.
    #[arg(value_enum)]
    what: What,
    /// The store.
    #[arg(long, value_name = "URL")]
    store: StoreUrl,
    /// The form of the file.
    #[arg(long, value_enum)]
    format: Format,
    /// The file; standard output if it is not given. A file that is there is not replaced.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Entries of the journal that may be folded in memory when the views cannot be taken; a
    /// thousand take about half a megabyte.
    #[arg(long, value_name = "N", default_value_t = rows::FOLD_ENTRIES_MAX)]
    fold_max: u64,
}

/// Runs the command.
pub fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let table = match args.what {
        What::Stakes => Some(Table::Stakes),
        What::Bets => Some(Table::Bets),
        What::Postings => Some(Table::Postings),
        What::Payouts => Some(Table::Payouts),
        What::Journal => None,
    };
    let mut reader = reading::open(&args.store)?;
    match (table, args.format) {
        (None, Format::Ndjson) => to_file(args, |out| journal::ndjson(&mut reader, out)),
        (None, Format::Frames) => to_file(args, |out| journal::frames(&mut reader, out)),
        (None, Format::Csv | Format::Parquet) => {
            bail!("the journal goes out as ndjson or frames; its entries have no common columns")
        }
        (Some(table), Format::Csv) => {
            let mut rows = rows::Rows::of(&mut reader, table, args.fold_max)?;
            to_file(args, |out| lines(&mut rows, Form::Csv, out))
        }
        (Some(table), Format::Ndjson) => {
            let mut rows = rows::Rows::of(&mut reader, table, args.fold_max)?;
            to_file(args, |out| lines(&mut rows, Form::Ndjson, out))
        }
        (Some(table), Format::Parquet) => {
            let Some(path) = &args.out else {
                bail!("Parquet has a manifest beside it; give --out FILE")
            };
            parquet::write(rows::Rows::of(&mut reader, table, args.fold_max)?, path)
        }
        (Some(_), Format::Frames) => {
            bail!("frames are the form of the journal; give csv, ndjson or parquet")
        }
    }?;
    Ok(ExitCode::SUCCESS)
}

/// A table, line by line.
fn lines(rows: &mut rows::Rows, form: Form, out: &mut dyn Write) -> anyhow::Result<()> {
    let lines = Lines::of(rows.table().columns(), form);
    let mut text = String::new();
    lines.head(&mut text);
    out.write_all(text.as_bytes())?;
    rows.each(&mut |cells| {
        text.clear();
        lines.row(cells, &mut text);
        Ok(out.write_all(text.as_bytes())?)
    })
}

fn to_file(
    args: &Args,
    write: impl FnOnce(&mut dyn Write) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    match &args.out {
        None => {
            let mut out = BufWriter::with_capacity(BUFFER_BYTES, io::stdout().lock());
            write(&mut out).and_then(|()| Ok(out.flush()?))
        }
        Some(path) => {
            let mut out = BufWriter::with_capacity(BUFFER_BYTES, create(path)?);
            write(&mut out)?;
            let file = out.into_inner().map_err(|error| error.into_error());
            let synced = file.and_then(|file| file.sync_all());
            synced.with_context(|| format!("{} could not be written", path.display()))
        }
    }
}

/// Makes a file that is not there yet.
pub fn create(path: &Path) -> anyhow::Result<File> {
    File::create_new(path).with_context(|| {
        format!("{} could not be made; a file that is there is not replaced", path.display())
    })
}

/// A value of a fact as JSON. Numbers beyond 2^53 stay exact: JSON has no limit, readers may.
pub fn json(value: &Value) -> serde_json::Value {
    match value {
        Value::Null => serde_json::Value::Null,
        Value::Flag(flag) => (*flag).into(),
        Value::Int(number) => (*number).into(),
        Value::Text(text) => text.as_str().into(),
        Value::List(items) => items.iter().map(json).collect(),
        Value::Record(fields) => {
            let fields = fields.iter().map(|(name, value)| ((*name).to_owned(), json(value)));
            serde_json::Value::Object(fields.collect())
        }
    }
}
