//! What the disk gives at this very moment: an append of a frame's size and `fdatasync`, over a
//! growing file in the directory of the run.
//!
//! The disk of a shared machine varies twentyfold. A figure of a durable commit therefore means
//! little without this one beside it, taken right before and right after the measurement.

use std::fs::{self, File};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};

use crate::latency::Latency;

/// One turn of the probe. Long enough for a p99 of a disk that syncs in 0.2 ms, short beside the
/// measurement.
const TURN: Duration = Duration::from_millis(500);

/// A slow disk still gets this many appends in a turn.
const APPENDS_MIN: u64 = 50;

/// The most that one turn writes: on memory, where a sync costs nothing, time alone would fill it.
const BYTES_MAX: u64 = 256 << 20;

/// Appends of one size in one directory, over several turns.
#[derive(Debug)]
pub struct Probe {
    path: PathBuf,
    block: Vec<u8>,
    latency: Latency,
}

impl Probe {
    /// A probe that has not run yet.
    pub fn new(dir: &Path, bytes: usize) -> Probe {
        // Not zeros, lest a file system or a disk treat them as a hole.
        let block = (0..bytes).map(|at| (at % 251) as u8 + 1).collect();
        Probe { path: dir.join("probe"), block, latency: Latency::new() }
    }

    /// Appends for a while to a fresh file, and removes it.
    pub fn turn(&mut self) -> Result<()> {
        let doing = || format!("probe the disk with {}", self.path.display());
        let mut file = File::create(&self.path).with_context(doing)?;
        let began = Instant::now();
        let (mut appends, mut bytes) = (0, 0);
        while appends < APPENDS_MIN || (began.elapsed() < TURN && bytes < BYTES_MAX) {
            let start = Instant::now();
            file.write_all(&self.block).with_context(doing)?;
            file.sync_data().with_context(doing)?;
            self.latency.record(start.elapsed());
            appends += 1;
            bytes += self.block.len() as u64;
        }
        drop(file);
        fs::remove_file(&self.path).with_context(doing)
    }

    /// How long an append with its sync took, over all turns.
    pub fn latency(&self) -> &Latency {
        &self.latency
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn turns_add_up_and_leave_nothing_behind() {
        let dir = tempfile::tempdir().unwrap();
        let mut probe = Probe::new(dir.path(), 1 << 22);
        probe.turn().unwrap();
        let first = probe.latency().count();
        probe.turn().unwrap();
        assert!(APPENDS_MIN <= first && first < probe.latency().count());
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 0);
    }

    #[test]
    fn a_directory_that_is_missing_is_named() {
        let error = Probe::new(Path::new("/nowhere/at/all"), 16).turn().unwrap_err();
        assert!(format!("{error:#}").contains("/nowhere/at/all/probe"), "{error:#}");
    }
}
