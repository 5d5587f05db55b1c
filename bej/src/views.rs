//! `bej views`: brings the views of a store up to the end of its journal.
//!
//! Views are made from the journal and can be made anew at any time; whoever removes
//! `PATH.d/views.db`, or drops the schema `bej_views`, loses nothing but the time to make it again.

use std::process::ExitCode;

use anyhow::Context as _;
use store::{JournalReader as _, Progress, Projector};

use crate::store_url::{Lasting, StoreUrl};

/// Bring the views of a store up to the end of its journal.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The store. Nobody else may be writing to it.
    #[arg(long, value_name = "URL")]
    store: StoreUrl,
}

/// Runs the command.
pub fn run(args: &Args) -> anyhow::Result<ExitCode> {
    args.store.present()?;
    let entries = follow(&args.store.lasting()?)?;
    println!("the views are as of entry {entries}");
    Ok(ExitCode::SUCCESS)
}

/// Projects what the views lack, with a bar on a terminal; returns the position they are at.
pub fn follow(store: &Lasting) -> anyhow::Result<u64> {
    let mut reader = store.reader()?;
    let end = reader.head()?.next_seq;
    let views = store.views().context("the views cannot be opened")?;
    let mut projector = Projector::new(Box::new(reader), views, 0)?;
    let bar = crate::reading::bar("making views", end);
    while let Progress::Projected(to) = projector.step().context("the views cannot be made")? {
        bar.set_position(to.0);
    }
    bar.finish_and_clear();
    Ok(projector.next().0)
}
