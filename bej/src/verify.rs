//! `bej verify`: recomputes everything and names the first bad record.
//!
//! Five threads: one reads frames and their hashes, one follows the chain, recomputes the tree,
//! compares the tiles and decodes, one replays the facts, one lets the auditor keep its books, and
//! one has SQLite check its pages. Each of the first four is a few frames ahead of the next at
//! most. Whoever finds something wrong stops the run; what is wrong furthest to the front of the
//! journal is reported.

mod check;
pub mod note;
mod projection;
mod report;
mod tiles;

use std::path::Path;
use std::process::ExitCode;

use anyhow::Context as _;
use pump::{Clock as _, SystemClock};
use store::{ColdFiles, JournalReader as _};

use check::Beside;
use projection::Projection;
use tiles::TileCheck;

use crate::reading::{self, Reader};
use crate::store_url::StoreUrl;

pub use report::{Bad, Report};

/// Recompute the whole journal of a store and check every invariant.
///
/// Checks the pages of the database, the chain and the hashes of frames, the tree and its root
/// after each frame, the one byte form of each fact, positions and instants, every invariant of
/// money, bets and people, the state against the newest snapshot and the views, the tiles against
/// the leaves, and the index of what has left memory. Works beside a running writer. The exit
/// status is 1 if anything is wrong.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The store to verify.
    #[arg(long, value_name = "URL")]
    store: StoreUrl,
    /// Print one JSON object instead of a report.
    #[arg(long)]
    json: bool,
}

/// Runs the command.
pub fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let report = match reading::open(&args.store) {
        Ok(mut reader) => {
            let report = verify(&mut reader)?;
            // The console shows it. A store that cannot be written to is verified all the same.
            if let Err(error) = note::write(reader.home(), &report, SystemClock::new().wall()) {
                eprintln!("bej: {error:#}");
            }
            report
        }
        // A store that is there and cannot be opened for its damage is a finding, not a failure.
        Err(error) => match error.downcast_ref::<store::Fault>() {
            Some(fault) if fault.is_damage() => Report::unopened(Bad::of_fault(fault)),
            _ => return Err(error),
        },
    };
    if args.json {
        println!("{}", report.json());
    } else {
        print!("{}", report.text());
    }
    Ok(if report.bad.is_none() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Recomputes the whole journal behind a reader.
pub fn verify(reader: &mut Reader) -> anyhow::Result<Report> {
    let mut report = Report::default();
    // Snapshot and views first: beside a running writer their frames are then below the head.
    let snapshot = match reading::snapshot(reader) {
        Ok((found, damaged)) => {
            for fault in &damaged {
                report.find_beside(Bad::of_fault(fault));
            }
            found
        }
        Err(fault) => {
            report.find_beside(Bad::of_fault(&fault));
            None
        }
    };
    let views = match Projection::of(reader) {
        Ok(views) => views,
        Err(fault) => {
            report.find_beside(Bad::of_fault(&fault));
            None
        }
    };
    let tiles = match TileCheck::of(&reader.home().tiles()) {
        Ok(tiles) => tiles,
        Err(fault) => {
            report.find_beside(Bad::of_fault(&fault));
            None
        }
    };
    inspect_index(&reader.home().cold(), &mut report);
    let head = match reader.head() {
        Ok(head) => head,
        Err(fault) if fault.is_damage() => {
            // The end cannot be read; what stands before it is still to be looked at.
            report.find(Bad::of_fault(&fault));
            store::Head { frame: u64::MAX, next_seq: 0, ..store::Head::empty() }
        }
        Err(fault) => return Err(fault).context("the end of the journal cannot be read"),
    };
    // The pages are checked beside the frames, by a reader of their own.
    let page_check = reader.page_check();
    let pages = std::thread::scope(|scope| {
        let pages = scope.spawn(page_check);
        check::journal(reader, &head, Beside { snapshot, views, tiles }, &mut report)?;
        pages.join().map_err(|_| anyhow::anyhow!("a thread has failed"))
    })?;
    if let Err(fault) = pages {
        // What a frame says of itself names the record; the page check does not.
        report.find_beside(Bad::of_fault(&fault));
    }
    if let Some(bad) = &mut report.bad
        && bad.part.is_none()
        && let Some(frame) = bad.frame
    {
        bad.part = reader.place_of(frame).ok();
    }
    Ok(report)
}

/// The index on disk of what has left memory, in `directory`.
fn inspect_index(directory: &Path, report: &mut Report) {
    match ColdFiles::inspect(directory) {
        Ok(0) => {}
        Ok(end) => report.compared.push(format!("index up to entry {end}: whole")),
        Err(fault) => {
            let bad = Bad::of_fault(&fault);
            let what = format!(
                "{}; stop the writer and remove {}: its next start makes the index again",
                bad.what,
                directory.display()
            );
            report.find_beside(Bad { what, ..bad });
        }
    }
}
