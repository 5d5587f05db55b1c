//! The cold index as files of one directory: sorted runs that are never changed.
//!
//! A run covers a range of the journal and is named after it: `<from>-<to>.run`, 20 digits each.
//! It holds the ids, bets and kept events of its range, each once, with the position in the
//! journal. All kinds are in one file, so that the cursor is the end of the last run and moves with
//! it.
//!
//! Written under a temporary name, synced, renamed, and the directory synced. A batch takes the
//! small runs before it into its own run, as long as they hold at most twice as much as what is
//! being written: so at most 20 small runs stand at any time, and a row is written again at most
//! 20 times, at full load not once. Runs of `run_rows` rows or more stay as they are.
//!
//! In memory for each run: a filter of 10 bits and a fourth of a byte of index for each row. Cost
//! of a question: for each key and run, a comparison with the run's ends and one access to the
//! filter; where the filter says perhaps, one read of 3.6 KiB, which is checked before it is
//! believed. The filter may be wrong, the answer never is: the key itself is compared.
//!
//! All handles see one list of runs. Questions hold it while they read, so that no file goes from
//! under them. Damage is a [`Fault`] that names the file. There is no mending: without its
//! directory the index is made again from the journal.

mod filter;
mod run;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard};

use terms::MessageId;

use self::run::{Content, Kind, Run};
use crate::cold::{check_keys, check_write};
use crate::files::{PARTIAL, list, make_directory, remove, rename};
use crate::{ColdBatch, ColdKey, ColdReader, ColdRow, ColdStore, Fault};

const FINISHED: &str = "run";

/// How often an inspection begins anew because a writer has changed the runs: every time costs the
/// writer half a million entries.
const LOOKS_MAX: usize = 8;

/// A handle to the cold index of one directory. Clones see the same runs.
#[derive(Clone, Debug)]
pub struct ColdFiles {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    directory: PathBuf,
    /// Rows from which a run is no longer merged with newer ones.
    run_rows: u64,
    /// Oldest first, without gaps, from position 0.
    runs: RwLock<Vec<Arc<Run>>>,
    writing: Mutex<()>,
}

/// An id with the number of its owner; ordered as in the files.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Key {
    id: u128,
    owner: u32,
}

/// A key with its position; ordered by key, then by position.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Row {
    id: u128,
    owner: u32,
    seq: u64,
}

impl Key {
    fn of(key: &ColdKey) -> Key {
        Key { id: u128::from_be_bytes(key.1), owner: key.0 }
    }

    /// The time that the id carries, in milliseconds since 1970.
    fn ms(self) -> i64 {
        MessageId(self.id.to_be_bytes()).made_ms()
    }
}

impl Row {
    fn of((owner, id, seq): &ColdRow) -> Row {
        Row { id: u128::from_be_bytes(*id), owner: *owner, seq: *seq }
    }

    fn key(self) -> Key {
        Key { id: self.id, owner: self.owner }
    }
}

impl ColdFiles {
    /// Opens the index in `directory`, which is made if it is not there. One process at a time: it
    /// removes what a stopped writer left. A run of `run_rows` rows or more is not merged with
    /// newer ones.
    pub fn open(directory: impl Into<PathBuf>, run_rows: usize) -> Result<ColdFiles, Fault> {
        let directory = directory.into();
        make_directory(&directory)?;
        for partial in list(&directory, PARTIAL)? {
            remove(&partial)?;
        }
        let found = Found::of(names(&directory)?);
        if let Some(name) = found.rest.first() {
            return Err(name.apart(&found));
        }
        let open = |name: &Name| Run::open(&name.path, name.from, name.to).map(Arc::new);
        let runs: Vec<Arc<Run>> = found.chain.iter().map(open).collect::<Result<_, _>>()?;
        for name in &found.covered {
            remove(&name.path)?;
        }
        let shared = Shared {
            directory,
            run_rows: run_rows as u64,
            runs: RwLock::new(runs),
            writing: Mutex::new(()),
        };
        Ok(ColdFiles { shared: Arc::new(shared) })
    }

    /// Reads everything in a directory and gives the position up to which the index is whole, or
    /// tells the first damage. Changes nothing, and may be called beside a writer.
    pub fn inspect(directory: &Path) -> Result<u64, Fault> {
        let mut seen = Found::of(names(directory)?);
        for _ in 0..LOOKS_MAX {
            let looked = seen.check();
            // A writer beside may have put some runs into one meanwhile.
            let now = Found::of(names(directory)?);
            if looked.is_ok() || now == seen {
                return looked;
            }
            seen = now;
        }
        seen.check()
    }

    /// The names of the files of the index, oldest first.
    pub fn files(&self) -> Vec<PathBuf> {
        self.runs().iter().map(|run| run.path().to_owned()).collect()
    }

    fn runs(&self) -> RwLockReadGuard<'_, Vec<Arc<Run>>> {
        // A panic elsewhere leaves the list whole: it is replaced in one step.
        self.shared.runs.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn writing(&self) -> MutexGuard<'_, ()> {
        self.shared.writing.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Writes one run and puts it in the place of the runs from `first` up to `end`.
    fn replace(&self, content: &Content, first: usize, end: usize) -> Result<(), Fault> {
        let name = format!("{:020}-{:020}", content.from, content.to);
        let partial = self.shared.directory.join(format!("{name}.{PARTIAL}"));
        let finished = self.shared.directory.join(format!("{name}.{FINISHED}"));
        let run = match Run::write(&partial, &finished, content) {
            Ok(run) => Arc::new(run),
            Err(fault) => {
                // What cannot be removed now is removed when the index is opened again.
                let _ = fs::remove_file(&partial);
                return Err(fault);
            }
        };
        let mut runs = self.shared.runs.write().unwrap_or_else(PoisonError::into_inner);
        rename(&partial, &finished)?;
        for old in runs.splice(first..end, [run]) {
            if old.path() != finished {
                // The new run covers it: if it cannot be removed now, then at the next opening.
                let _ = fs::remove_file(old.path());
            }
        }
        Ok(())
    }

    /// Where the runs begin that a batch of so many rows takes in.
    fn first_to_merge(&self, runs: &[Arc<Run>], rows: u64) -> usize {
        let mut first = runs.len();
        let mut taken = rows;
        while 0 < first {
            let before = runs[first - 1].rows();
            if self.shared.run_rows <= before || 2 * taken < before {
                break;
            }
            taken += before;
            first -= 1;
        }
        first
    }

    fn find(&self, kind: Kind, keys: &[ColdKey]) -> Result<Vec<Option<u64>>, Fault> {
        check_keys(keys)?;
        let mut sorted: Vec<(Key, usize)> = keys.iter().map(Key::of).zip(0..).collect();
        sorted.sort_unstable();
        let mut found = vec![None; keys.len()];
        let runs = self.runs();
        match kind {
            // The first stays, so the oldest run knows best.
            Kind::Ids => runs.iter().try_for_each(|run| run.find(kind, &sorted, &mut found))?,
            Kind::Bets | Kind::Events => {
                runs.iter().rev().try_for_each(|run| run.find(kind, &sorted, &mut found))?;
            }
        }
        Ok(found)
    }
}

impl ColdReader for ColdFiles {
    fn cursor(&self) -> u64 {
        self.runs().last().map_or(0, |run| run.to())
    }

    fn horizon(&self) -> Vec<(u32, i64)> {
        let mut horizons = BTreeMap::new();
        self.runs().iter().for_each(|run| raise(&mut horizons, run.horizons()));
        horizons.into_iter().collect()
    }

    fn bets_horizon(&self) -> Option<i64> {
        self.runs().iter().filter_map(|run| run.bets_horizon()).max()
    }

    fn find_ids(&self, keys: &[ColdKey]) -> Result<Vec<Option<u64>>, Fault> {
        self.find(Kind::Ids, keys)
    }

    fn find_bets(&self, keys: &[ColdKey]) -> Result<Vec<Option<u64>>, Fault> {
        self.find(Kind::Bets, keys)
    }

    fn find_events(&self, keys: &[ColdKey]) -> Result<Vec<Option<u64>>, Fault> {
        self.find(Kind::Events, keys)
    }
}

impl ColdStore for ColdFiles {
    fn write(&mut self, batch: &ColdBatch) -> Result<(), Fault> {
        let _writing = self.writing();
        check_write(batch, self.cursor())?;
        if batch.from == batch.to {
            return Ok(());
        }
        let mut ids: Vec<Row> = batch.ids.iter().map(Row::of).collect();
        let mut bets: Vec<Row> = batch.bets.iter().map(Row::of).collect();
        let mut events: Vec<Row> = batch.events.iter().map(Row::of).collect();
        ids.sort_unstable();
        bets.sort_unstable();
        events.sort_unstable();
        let horizon = |row: &Row| (row.owner, row.key().ms());
        let mut content = Content { from: batch.from, to: batch.to, ..Content::default() };
        raise(&mut content.horizons, ids.iter().map(horizon));
        content.bets_horizon = bets.last().map(|row| row.key().ms());
        content.ids = ids;
        content.bets = bets;
        content.events = events;
        let runs = self.runs().clone();
        let first = self.first_to_merge(&runs, content.rows());
        merge(&mut content, &runs[first..])?;
        self.replace(&content, first, runs.len())
    }

    fn forget(&mut self, before_ms: i64) -> Result<(), Fault> {
        let _writing = self.writing();
        let runs = self.runs().clone();
        let old = |run: &&Arc<Run>| run.last_id_ms().is_none_or(|ms| ms < before_ms);
        let olds = runs.iter().take_while(old).count();
        let mut end = olds;
        // From the newest to the oldest, so that the places of the older ones stay what they are.
        while 0 < end {
            let mut first = end - 1;
            let mut rows = runs[first].lasting();
            while 0 < first && rows + runs[first - 1].lasting() < self.shared.run_rows {
                first -= 1;
                rows += runs[first].lasting();
            }
            let group = &runs[first..end];
            let done = group.len() == 1 && group[0].count(Kind::Ids) == 0;
            if !done {
                let mut content = Content { to: runs[end - 1].to(), ..Content::default() };
                merge_lasting(&mut content, group)?;
                self.replace(&content, first, end)?;
            }
            end = first;
        }
        Ok(())
    }

    fn reader(&self) -> Arc<dyn ColdReader> {
        Arc::new(self.clone())
    }
}

/// Adds the rows of older runs, oldest first in `runs`.
fn merge(content: &mut Content, runs: &[Arc<Run>]) -> Result<(), Fault> {
    for run in runs {
        content.ids.extend(run.read(Kind::Ids)?);
    }
    merge_lasting(content, runs)?;
    // Finds the sorted pieces that it is made of, so this is a merge.
    content.ids.sort();
    content.ids.dedup_by_key(|row| row.key());
    Ok(())
}

/// Adds all but the ids of older runs.
fn merge_lasting(content: &mut Content, runs: &[Arc<Run>]) -> Result<(), Fault> {
    for run in runs {
        content.bets.extend(run.read(Kind::Bets)?);
        content.events.extend(run.read(Kind::Events)?);
        raise(&mut content.horizons, run.horizons());
        content.bets_horizon = content.bets_horizon.max(run.bets_horizon());
    }
    if let Some(first) = runs.first() {
        content.from = first.from();
    }
    for rows in [&mut content.bets, &mut content.events] {
        rows.sort();
        rows.dedup_by(|later, kept| {
            let same = later.key() == kept.key();
            if same {
                kept.seq = later.seq;
            }
            same
        });
    }
    Ok(())
}

fn raise(horizons: &mut BTreeMap<u32, i64>, with: impl IntoIterator<Item = (u32, i64)>) {
    for (sender, ms) in with {
        let horizon = horizons.entry(sender).or_insert(ms);
        *horizon = (*horizon).max(ms);
    }
}

/// The name of a run.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Name {
    from: u64,
    to: u64,
    path: PathBuf,
}

impl Name {
    fn apart(&self, found: &Found) -> Fault {
        let end = found.chain.last().map_or(0, |last| last.to);
        let what = format!("the cold index ends at {end}, and this run begins at {}", self.from);
        Fault::damaged(self.path.display().to_string(), None, what)
    }
}

fn names(directory: &Path) -> Result<Vec<Name>, Fault> {
    let name = |path: PathBuf| {
        let range = path.file_stem().and_then(|stem| stem.to_str()?.split_once('-'));
        let range = range.and_then(|(from, to)| Some((from.parse().ok()?, to.parse().ok()?)));
        match range {
            Some((from, to)) if from < to => Ok(Name { from, to, path }),
            _ => {
                let place = path.display().to_string();
                Err(Fault::damaged(place, None, "the name of this run is not of its form"))
            }
        }
    };
    list(directory, FINISHED)?.into_iter().map(name).collect()
}

/// The runs of a directory, put in order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Found {
    /// From position 0, without gaps.
    chain: Vec<Name>,
    /// Runs that a run of the chain covers whole: it was made of them.
    covered: Vec<Name>,
    /// From the first gap or overlap on.
    rest: Vec<Name>,
}

impl Found {
    /// Reads every run; where the index ends.
    fn check(&self) -> Result<u64, Fault> {
        for name in &self.chain {
            Run::open(&name.path, name.from, name.to)?.check()?;
        }
        match self.rest.first() {
            Some(name) => Err(name.apart(self)),
            None => Ok(self.chain.last().map_or(0, |last| last.to)),
        }
    }

    fn of(mut names: Vec<Name>) -> Found {
        names.sort_by_key(|name| (name.from, std::cmp::Reverse(name.to)));
        let mut found = Found::default();
        let mut cursor = 0;
        for name in names {
            if name.to <= cursor {
                found.covered.push(name);
            } else if found.rest.is_empty() && name.from == cursor {
                cursor = name.to;
                found.chain.push(name);
            } else {
                found.rest.push(name);
            }
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_are_put_in_order() {
        let check = |names: &[(u64, u64)], chain: &[(u64, u64)], covered: usize, rest: usize| {
            let name = |&(from, to): &(u64, u64)| Name { from, to, path: PathBuf::new() };
            let found = Found::of(names.iter().map(name).collect());
            let ranges: Vec<_> = found.chain.iter().map(|name| (name.from, name.to)).collect();
            assert_eq!(ranges, chain, "{names:?}");
            assert_eq!((found.covered.len(), found.rest.len()), (covered, rest), "{names:?}");
        };
        check(&[], &[], 0, 0);
        check(&[(5, 9), (0, 5)], &[(0, 5), (5, 9)], 0, 0);
        // A merge whose old files were not removed yet.
        check(&[(0, 5), (5, 9), (0, 9)], &[(0, 9)], 2, 0);
        check(&[(0, 5), (5, 9), (5, 20), (9, 20)], &[(0, 5), (5, 20)], 2, 0);
        // A gap, and an overlap.
        check(&[(0, 5), (6, 9), (9, 10)], &[(0, 5)], 0, 2);
        check(&[(1, 5)], &[], 0, 1);
        check(&[(0, 5), (4, 9)], &[(0, 5)], 0, 1);
    }
}
