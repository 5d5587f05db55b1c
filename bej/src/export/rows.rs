//! The rows of a table, as the journal makes them.
//!
//! A file speaks of one position: the journal's head when the export began. Where nobody writes and
//! the views have come as far, their rows are taken, however many there are. Else the journal is
//! folded anew, with all its rows in memory, and so only while it is small; whoever exports a
//! larger one is told to bring the views up first.

use std::fs::{File, TryLockError};

use anyhow::{Context as _, bail, ensure};
use journal::fact::Entry;
use reports::row::PostingRow;
use reports::{Card, CardKey, CardKind, Cell, Fold, Table};
use store::views::{ROWS_MAX, ViewReader, ViewStore as _, scan_key};
use store::{Head, JournalReader as _, MemoryViews};
use terms::time::civil_day;
use terms::{Day, Seq};

use crate::reading::{self, Go, Reader};

/// Entries that are folded at once.
const STEP_ENTRIES: usize = 16_384;

/// Entries that are folded in memory when the views cannot be taken: half a gigabyte of rows.
pub const FOLD_ENTRIES_MAX: u64 = 1_000_000;

/// The rows of one table.
pub struct Rows {
    views: Box<dyn ViewReader>,
    table: Table,
    head: Head,
}

/// Views that nobody changes and that have come up to the head.
fn idle_views(reader: &Reader, head: &Head) -> Option<Box<dyn ViewReader>> {
    let lock = File::open(reader.home().lock()).ok()?;
    if let Err(TryLockError::WouldBlock | TryLockError::Error(_)) = lock.try_lock_shared() {
        return None;
    }
    let (mut views, _) = reader.views().ok()??;
    let cursor = views.cursor().ok()?;
    (cursor.0 == head.next_seq).then_some(views)
}

impl Rows {
    /// The rows of a table at the journal's head. Without views only of a journal with at most
    /// `fold_max` entries.
    pub fn of(reader: &mut Reader, table: Table, fold_max: u64) -> anyhow::Result<Rows> {
        let head = reader.head()?;
        let views = match idle_views(reader, &head) {
            Some(views) => views,
            None if head.next_seq <= fold_max => folded(reader, &head)?,
            None => bail!(
                "the journal has {} entries, and the views are not as of its end, or somebody is \
                 writing to the store; without them at most {fold_max} entries are folded in \
                 memory. Stop the writer and run `bej views --store {}`, or restore a \
                 backup and export that",
                head.next_seq,
                reader.url()
            ),
        };
        Ok(Rows { views, table, head })
    }

    /// The views themselves, for questions that are no export.
    pub fn into_views(self) -> Box<dyn ViewReader> {
        self.views
    }

    /// The table.
    pub fn table(&self) -> Table {
        self.table
    }

    /// The journal's head at which the rows are.
    pub fn head(&self) -> Head {
        self.head
    }

    /// Hands the cells of each row to `take`, in order.
    pub fn each(
        &mut self,
        take: &mut dyn FnMut(&[Cell]) -> anyhow::Result<()>,
    ) -> anyhow::Result<()> {
        self.each_from(self.table, Seq(0), &mut |cells| take(cells).map(|()| Go::On))?;
        ensure!(
            self.views.cursor()? == Seq(self.head.next_seq),
            "somebody began to write to the store meanwhile, so the rows are of several \
             positions; remove the file and export again"
        );
        Ok(())
    }

    /// Hands the cells of each row of a table from an entry on to `take`, in order, until it has
    /// enough. The rows may be of a later position than the head if somebody began to write.
    pub fn each_from(
        &mut self,
        table: Table,
        first: Seq,
        take: &mut dyn FnMut(&[Cell]) -> anyhow::Result<Go>,
    ) -> anyhow::Result<()> {
        let mut cells = Vec::new();
        let mut from = match table {
            Table::Stakes | Table::Bets | Table::Payouts => first.0,
            Table::Postings => first.0 * PostingRow::PARTS_MAX,
        };
        loop {
            let records = self.views.scan(table, from, ROWS_MAX)?;
            let Some(last) = records.last() else { return Ok(()) };
            from = scan_key(last) + 1;
            for record in &records {
                if table.cells(record, &mut cells) && take(&cells)? == Go::Enough {
                    return Ok(());
                }
            }
        }
    }

    /// The day on which an entry was recorded: its partition (core 25).
    pub fn day(&mut self, entry: &Entry) -> anyhow::Result<Day> {
        let key =
            CardKey { kind: CardKind::Rulebook, number: u64::from(entry.rulebook), version: 0 };
        match self.views.card(key)? {
            Some(Card::Rulebook(card)) => Ok(civil_day(&card.offsets, entry.at)),
            // Before the first rulebook days are those of UTC.
            _ if entry.rulebook == 0 => Ok(civil_day(&[], entry.at)),
            _ => bail!("rulebook {} is not known; `bej verify` tells more", entry.rulebook),
        }
    }
}

/// The views that the journal gives, in memory.
fn folded(reader: &mut Reader, head: &Head) -> anyhow::Result<Box<dyn ViewReader>> {
    let bar = reading::bar("folding", head.next_seq);
    let mut views = MemoryViews::new();
    let mut fold = Fold::new(0);
    let mut entries = Vec::with_capacity(STEP_ENTRIES);
    let mut step = |entries: &mut Vec<_>, views: &mut MemoryViews| -> anyhow::Result<()> {
        let lookup: &mut dyn ViewReader = views;
        let step = fold
            .step(entries, lookup)
            .context("the journal cannot be folded; `bej verify` tells more")?;
        views.project(&step)?;
        entries.clear();
        Ok(())
    };
    reading::each_frame(reader, 0, head.frame, |frame| {
        for fact in frame.facts() {
            let (seq, bytes) = fact?;
            entries.push(reading::decode(seq, bytes)?);
            if STEP_ENTRIES <= entries.len() {
                step(&mut entries, &mut views)?;
            }
        }
        bar.set_position(frame.head().next_seq);
        Ok(Go::On)
    })?;
    step(&mut entries, &mut views)?;
    bar.finish_and_clear();
    Ok(Box::new(views))
}
