//! The form of one run, version 1. All numbers are big-endian, so that rows are ordered as bytes.
//!
//! ```text
//! head    "bej cold"  8      version          u32   bets' horizon  i64, lowest: none
//!         from        u64    count of ids     u64   senders        u32
//!         to          u64    count of bets    u64   each sender    u32, horizon i64
//!                            count of events  u64
//!         then for ids, bets and events:
//!           the first row's key of each block, 20 bytes each; the last key, if there is any
//!           the filter's words, u64 each
//!         SHA-256 of all the above
//! blocks  of ids, then of bets, then of events: 128 rows, the last of each kind fewer
//!         row: id 16 bytes, owner u32, position u64
//!         SHA-256 of (from, to, kind, number of the block, the rows)
//! ```
//!
//! The head is read and checked when the run is opened, a block whenever it is read.

use std::collections::BTreeMap;
use std::fmt;
use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};

use super::filter::Filter;
use super::{Key, Row};
use crate::Fault;
use crate::files::writing;

const MAGIC: &[u8; 8] = b"bej cold";
const VERSION: u32 = 1;

/// Bytes of the head before the senders.
const FIXED: usize = 8 + 4 + 5 * 8 + 8 + 4;
const SENDER: u64 = 12;
const KEY: u64 = 20;
const ROW: usize = 28;
const SUM: usize = 32;

/// Rows of a block: one read of less than a page of the medium's usual 4 KiB.
const BLOCK_ROWS: usize = 128;
const BLOCK: usize = BLOCK_ROWS * ROW + SUM;

/// Of what a row tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Ids,
    Bets,
    Events,
}

const KINDS: [Kind; 3] = [Kind::Ids, Kind::Bets, Kind::Events];

impl Kind {
    fn name(self) -> &'static str {
        match self {
            Kind::Ids => "ids",
            Kind::Bets => "bets",
            Kind::Events => "events",
        }
    }
}

/// What a run is made of. Rows are sorted, and each key is there once.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Content {
    pub(super) from: u64,
    pub(super) to: u64,
    pub(super) horizons: BTreeMap<u32, i64>,
    pub(super) bets_horizon: Option<i64>,
    pub(super) ids: Vec<Row>,
    pub(super) bets: Vec<Row>,
    pub(super) events: Vec<Row>,
}

impl Content {
    /// Rows of all kinds.
    pub(super) fn rows(&self) -> u64 {
        KINDS.map(|kind| self.of(kind).len() as u64).iter().sum()
    }

    fn of(&self, kind: Kind) -> &[Row] {
        match kind {
            Kind::Ids => &self.ids,
            Kind::Bets => &self.bets,
            Kind::Events => &self.events,
        }
    }
}

/// A run: its head in memory, its rows in the file.
pub(super) struct Run {
    path: PathBuf,
    from: u64,
    to: u64,
    horizons: Vec<(u32, i64)>,
    bets_horizon: Option<i64>,
    /// By kind.
    tables: [Table; 3],
}

/// What is known of the rows of one kind.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Table {
    count: u64,
    /// Where its first block begins in the file.
    start: u64,
    /// The first key of each block.
    firsts: Vec<Key>,
    last: Option<Key>,
    filter: Filter,
}

impl fmt::Debug for Run {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Run").field("path", &self.path).finish_non_exhaustive()
    }
}

impl Run {
    /// Writes a run to `partial` and syncs it; it is used under the name `finished`.
    pub(super) fn write(partial: &Path, finished: &Path, content: &Content) -> Result<Run, Fault> {
        let senders = content.horizons.len() as u64;
        let counts = KINDS.map(|kind| content.of(kind).len() as u64);
        let mut start = head_bytes(senders, counts);
        let tables = KINDS.map(|kind| {
            let table = Table::of(content.of(kind), start);
            start += stored(table.count);
            table
        });
        let run = Run {
            path: finished.to_owned(),
            from: content.from,
            to: content.to,
            horizons: content.horizons.iter().map(|(sender, ms)| (*sender, *ms)).collect(),
            bets_horizon: content.bets_horizon,
            tables,
        };
        let file = File::create(partial)
            .map_err(|error| Fault::failed(format!("make {}", partial.display()), error))?;
        let mut output = BufWriter::with_capacity(1 << 18, file);
        run.put(content, &mut output).map_err(|error| writing(partial, error))?;
        let synced = output.get_ref().sync_all();
        synced.map_err(|error| Fault::sync(partial.display().to_string(), error))?;
        Ok(run)
    }

    fn put(&self, content: &Content, output: &mut BufWriter<File>) -> std::io::Result<()> {
        let head = self.head();
        output.write_all(&head)?;
        output.write_all(&Sha256::digest(&head))?;
        let mut bytes = Vec::with_capacity(BLOCK);
        for kind in KINDS {
            for (number, block) in (0..).zip(content.of(kind).chunks(BLOCK_ROWS)) {
                bytes.clear();
                for row in block {
                    put_key(&mut bytes, row.key());
                    bytes.extend_from_slice(&row.seq.to_be_bytes());
                }
                output.write_all(&bytes)?;
                output.write_all(&self.sum(kind, number, &bytes))?;
            }
        }
        output.flush()
    }

    fn head(&self) -> Vec<u8> {
        let mut head = Vec::with_capacity(self.tables[0].start as usize);
        head.extend_from_slice(MAGIC);
        head.extend_from_slice(&VERSION.to_be_bytes());
        let [ids, bets, events] = KINDS.map(|kind| self.count(kind));
        for number in [self.from, self.to, ids, bets, events] {
            head.extend_from_slice(&number.to_be_bytes());
        }
        head.extend_from_slice(&self.bets_horizon.unwrap_or(i64::MIN).to_be_bytes());
        // Senders are numbered in 32 bits.
        head.extend_from_slice(&(self.horizons.len() as u32).to_be_bytes());
        for (sender, ms) in &self.horizons {
            head.extend_from_slice(&sender.to_be_bytes());
            head.extend_from_slice(&ms.to_be_bytes());
        }
        for table in &self.tables {
            table.firsts.iter().chain(&table.last).for_each(|key| put_key(&mut head, *key));
            let words = table.filter.words().iter();
            words.for_each(|word| head.extend_from_slice(&word.to_be_bytes()));
        }
        head
    }

    /// Opens the run of this range, and checks all but its blocks.
    pub(super) fn open(path: &Path, from: u64, to: u64) -> Result<Run, Fault> {
        let place = || path.display().to_string();
        let opening = |error| Fault::failed(format!("open {}", place()), error);
        let damaged = |what: &str| Fault::damaged(place(), None, what);
        let file = File::open(path).map_err(opening)?;
        let length = file.metadata().map_err(opening)?.len();
        if length < (FIXED + SUM) as u64 {
            return Err(damaged("this run of the cold index is cut short"));
        }
        let mut fixed = vec![0; FIXED];
        file.read_exact_at(&mut fixed, 0).map_err(opening)?;
        let mut input = Input(&fixed);
        if input.take() != *MAGIC {
            return Err(damaged("this is not a run of the cold index"));
        }
        let version = u32::from_be_bytes(input.take());
        if VERSION < version {
            return Err(Fault::Newer { place: place(), found: version, known: VERSION });
        }
        let [range_from, range_to] = [(); 2].map(|()| input.u64());
        let counts = KINDS.map(|_| input.u64());
        let bets_horizon = Some(i64::from_be_bytes(input.take())).filter(|ms| *ms != i64::MIN);
        let senders = u64::from(u32::from_be_bytes(input.take()));
        // A count that the file cannot hold is not used to calculate with.
        let start = counts
            .iter()
            .all(|count| *count <= length)
            .then(|| head_bytes(senders, counts))
            .filter(|start| start + counts.map(stored).iter().sum::<u64>() == length);
        let Some(start) = start else {
            return Err(damaged("this run of the cold index does not have its length"));
        };
        let mut head = vec![0; start as usize];
        file.read_exact_at(&mut head, 0).map_err(opening)?;
        let (head, sum) = head.split_at(start as usize - SUM);
        if Sha256::digest(head)[..] != *sum || version != VERSION {
            return Err(damaged("the head of this run of the cold index does not have its sum"));
        }
        if (range_from, range_to) != (from, to) {
            let what = format!("this run is of the range from {range_from} to {range_to}");
            return Err(damaged(&what));
        }
        let mut input = Input(&head[FIXED..]);
        let sender = |_| (u32::from_be_bytes(input.take()), i64::from_be_bytes(input.take()));
        let horizons = (0..senders).map(sender).collect();
        let mut start = start;
        let tables = counts.map(|count| {
            let table = Table::read(&mut input, count, start);
            start += stored(count);
            table
        });
        Ok(Run { path: path.to_owned(), from, to, horizons, bets_horizon, tables })
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// The first position covered.
    pub(super) fn from(&self) -> u64 {
        self.from
    }

    /// One more than the last position covered.
    pub(super) fn to(&self) -> u64 {
        self.to
    }

    pub(super) fn horizons(&self) -> impl Iterator<Item = (u32, i64)> {
        self.horizons.iter().copied()
    }

    pub(super) fn bets_horizon(&self) -> Option<i64> {
        self.bets_horizon
    }

    /// The largest time in an id that is here.
    pub(super) fn last_id_ms(&self) -> Option<i64> {
        self.table(Kind::Ids).last.map(Key::ms)
    }

    pub(super) fn count(&self, kind: Kind) -> u64 {
        self.table(kind).count
    }

    /// Rows of all kinds.
    pub(super) fn rows(&self) -> u64 {
        self.tables.iter().map(|table| table.count).sum()
    }

    /// Rows that are never forgotten.
    pub(super) fn lasting(&self) -> u64 {
        self.count(Kind::Bets) + self.count(Kind::Events)
    }

    /// Looks up keys that are not found yet; they are sorted, each with its place in `found`.
    pub(super) fn find(
        &self,
        kind: Kind,
        keys: &[(Key, usize)],
        found: &mut [Option<u64>],
    ) -> Result<(), Fault> {
        let table = self.table(kind);
        let mut blocks = None;
        for (key, place) in keys {
            if found[*place].is_some() || !table.may_hold(key) {
                continue;
            }
            if blocks.is_none() {
                blocks = Some(Blocks::of(self, kind)?);
            }
            if let Some(blocks) = &mut blocks {
                // Not below the first key, so at least one block begins at or before it.
                let number = table.firsts.partition_point(|first| first <= key) - 1;
                blocks.load(number as u64)?;
                found[*place] = blocks.position(key);
            }
        }
        Ok(())
    }

    /// Reads all rows of a kind.
    pub(super) fn read(&self, kind: Kind) -> Result<Vec<Row>, Fault> {
        let table = self.table(kind);
        let mut rows = Vec::with_capacity(table.count as usize);
        if table.count != 0 {
            let mut blocks = Blocks::of(self, kind)?;
            for number in 0..table.firsts.len() as u64 {
                blocks.load(number)?;
                rows.extend(blocks.rows());
            }
        }
        Ok(rows)
    }

    /// Reads all rows and tells the first damage.
    pub(super) fn check(&self) -> Result<(), Fault> {
        for kind in KINDS {
            let rows = self.read(kind)?;
            if !rows.is_sorted_by(|a, b| a.key() < b.key()) {
                let what = format!("the {} of this run are not in order", kind.name());
                return Err(Fault::damaged(self.path.display().to_string(), None, what));
            }
        }
        Ok(())
    }

    fn table(&self, kind: Kind) -> &Table {
        match kind {
            Kind::Ids => &self.tables[0],
            Kind::Bets => &self.tables[1],
            Kind::Events => &self.tables[2],
        }
    }

    /// The sum of a block; of another place it would be another.
    fn sum(&self, kind: Kind, number: u64, rows: &[u8]) -> [u8; SUM] {
        let mut hash = Sha256::new();
        hash.update(self.from.to_be_bytes());
        hash.update(self.to.to_be_bytes());
        hash.update([kind as u8]);
        hash.update(number.to_be_bytes());
        hash.update(rows);
        hash.finalize().into()
    }
}

impl Table {
    fn of(rows: &[Row], start: u64) -> Table {
        let mut filter = Filter::new(rows.len());
        rows.iter().for_each(|row| filter.insert(&row.key()));
        let firsts = rows.iter().step_by(BLOCK_ROWS).map(|row| row.key()).collect();
        let last = rows.last().map(|row| row.key());
        Table { count: rows.len() as u64, start, firsts, last, filter }
    }

    fn read(input: &mut Input<'_>, count: u64, start: u64) -> Table {
        let firsts = (0..blocks(count)).map(|_| input.key()).collect();
        let last = (count != 0).then(|| input.key());
        let words = (0..Filter::words_for(count)).map(|_| input.u64()).collect();
        Table { count, start, firsts, last, filter: Filter::of(words) }
    }

    fn may_hold(&self, key: &Key) -> bool {
        let within = self.firsts.first().is_some_and(|first| first <= key)
            && self.last.is_some_and(|last| *key <= last);
        within && self.filter.may_hold(key)
    }
}

/// Reads the blocks of one kind, and keeps the last one read.
struct Blocks<'a> {
    run: &'a Run,
    kind: Kind,
    file: File,
    number: Option<u64>,
    bytes: Vec<u8>,
}

impl<'a> Blocks<'a> {
    fn of(run: &'a Run, kind: Kind) -> Result<Blocks<'a>, Fault> {
        // Opened for each question, so that the number of runs is not bounded by that of the
        // files that a process may hold open.
        let file = File::open(&run.path)
            .map_err(|error| Fault::failed(format!("open {}", run.path.display()), error))?;
        Ok(Blocks { run, kind, file, number: None, bytes: Vec::with_capacity(BLOCK) })
    }

    fn load(&mut self, number: u64) -> Result<(), Fault> {
        if self.number == Some(number) {
            return Ok(());
        }
        let table = self.run.table(self.kind);
        let rows = (table.count - number * BLOCK_ROWS as u64).min(BLOCK_ROWS as u64) as usize;
        self.number = None;
        self.bytes.resize(rows * ROW + SUM, 0);
        let place = || self.run.path.display().to_string();
        self.file
            .read_exact_at(&mut self.bytes, table.start + number * BLOCK as u64)
            .map_err(|error| Fault::failed(format!("read {}", place()), error))?;
        let sum = self.bytes.split_off(rows * ROW);
        if self.run.sum(self.kind, number, &self.bytes)[..] != sum {
            let what = format!("block {number} of the {} is damaged", self.kind.name());
            return Err(Fault::damaged(place(), None, what));
        }
        self.number = Some(number);
        Ok(())
    }

    fn rows(&self) -> impl Iterator<Item = Row> {
        self.bytes.chunks_exact(ROW).map(|bytes| {
            let mut input = Input(bytes);
            let Key { id, owner } = input.key();
            Row { id, owner, seq: input.u64() }
        })
    }

    fn position(&self, key: &Key) -> Option<u64> {
        let (rows, _) = self.bytes.as_chunks::<ROW>();
        let at = rows.binary_search_by_key(key, |row| Input(row).key()).ok()?;
        let mut input = Input(&rows[at]);
        input.key();
        Some(input.u64())
    }
}

/// Bytes whose length was checked before they are taken apart.
struct Input<'a>(&'a [u8]);

impl Input<'_> {
    fn take<const N: usize>(&mut self) -> [u8; N] {
        let mut bytes = [0; N];
        let (taken, rest) = self.0.split_at(N);
        bytes.copy_from_slice(taken);
        self.0 = rest;
        bytes
    }

    fn u64(&mut self) -> u64 {
        u64::from_be_bytes(self.take())
    }

    fn key(&mut self) -> Key {
        let id = u128::from_be_bytes(self.take());
        Key { id, owner: u32::from_be_bytes(self.take()) }
    }
}

fn put_key(out: &mut Vec<u8>, key: Key) {
    out.extend_from_slice(&key.id.to_be_bytes());
    out.extend_from_slice(&key.owner.to_be_bytes());
}

fn blocks(count: u64) -> u64 {
    count.div_ceil(BLOCK_ROWS as u64)
}

/// Bytes of the head of a run with so many senders and rows of each kind.
fn head_bytes(senders: u64, counts: [u64; 3]) -> u64 {
    let indexes = counts.map(indexed).iter().sum::<u64>();
    FIXED as u64 + SENDER * senders + indexes + SUM as u64
}

/// Bytes that the index and the filter of so many rows take in the head.
fn indexed(count: u64) -> u64 {
    KEY * (blocks(count) + u64::from(count != 0)) + 8 * Filter::words_for(count)
}

/// Bytes that so many rows take in blocks.
fn stored(count: u64) -> u64 {
    count * ROW as u64 + blocks(count) * SUM as u64
}
