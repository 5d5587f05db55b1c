//! What a run takes from the machine: resident memory, the log of SQLite, bytes on disk, and how
//! busy others kept the processors meanwhile. All of it is read from `/proc` and the directory.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, anyhow};

/// How often the watcher looks. A log that grows by a gigabyte a second is seen to 20 MiB.
const LOOK_EVERY: Duration = Duration::from_millis(20);

/// Ticks a second in `/proc/stat`: part of the interface of Linux, whatever the kernel's own rate.
const TICKS_PER_SECOND: f64 = 100.0;

/// Resident memory of a process.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Resident {
    /// Now (`VmRSS`), in bytes.
    pub now_bytes: u64,
    /// The most there has been (`VmHWM`), in bytes.
    pub peak_bytes: u64,
}

impl Resident {
    /// Reads it.
    pub fn read() -> Result<Resident> {
        Resident::of_status("/proc/self/status")
    }

    /// That of another process.
    pub fn of(pid: u32) -> Result<Resident> {
        Resident::of_status(&format!("/proc/{pid}/status"))
    }

    fn of_status(path: &str) -> Result<Resident> {
        let text = fs::read_to_string(path).with_context(|| format!("read {path}"))?;
        parse_status(&text).ok_or_else(|| anyhow!("{path} has no VmRSS and VmHWM in kB"))
    }
}

fn parse_status(text: &str) -> Option<Resident> {
    let bytes = |name: &str| {
        let value = text.lines().find_map(|line| line.strip_prefix(name))?;
        value.trim().strip_suffix(" kB")?.parse::<u64>().ok()?.checked_mul(1_024)
    };
    Some(Resident { now_bytes: bytes("VmRSS:")?, peak_bytes: bytes("VmHWM:")? })
}

/// Seconds of processors that a process has had, its own if no other is named.
pub fn processor_seconds(pid: Option<u32>) -> Result<f64> {
    let path = pid.map_or_else(|| "/proc/self/stat".into(), |pid| format!("/proc/{pid}/stat"));
    let text = fs::read_to_string(&path).with_context(|| format!("read {path}"))?;
    Ok(parse_own_ticks(&text).context("parse a stat")? as f64 / TICKS_PER_SECOND)
}

/// Ticks of all processors that were not idle, and those of this process among them.
#[derive(Clone, Copy, Debug)]
pub struct Busy {
    at: Instant,
    all_ticks: u64,
    own_ticks: u64,
    other: Option<u32>,
}

impl Busy {
    /// Reads it.
    pub fn read() -> Result<Busy> {
        Busy::read_with(None)
    }

    /// Reads it; what another process does for the measurement counts as this one's.
    pub fn read_with(other: Option<u32>) -> Result<Busy> {
        let read = |path: &str| fs::read_to_string(path).with_context(|| format!("read {path}"));
        let all_ticks = parse_all_ticks(&read("/proc/stat")?).context("parse /proc/stat")?;
        let mut own_ticks = parse_own_ticks(&read("/proc/self/stat")?).context("parse own stat")?;
        if let Some(pid) = other {
            own_ticks +=
                parse_own_ticks(&read(&format!("/proc/{pid}/stat"))?).context("parse a stat")?;
        }
        Ok(Busy { at: Instant::now(), all_ticks, own_ticks, other })
    }

    /// How many processors others kept busy since: programs, the kernel's writeback, and what the
    /// machine below took away. Above about 0.2 the figures of the run say little.
    pub fn others_since(&self) -> Result<f64> {
        let now = Busy::read_with(self.other)?;
        let all = now.all_ticks.saturating_sub(self.all_ticks);
        let own = now.own_ticks.saturating_sub(self.own_ticks);
        let seconds = (now.at - self.at).as_secs_f64().max(1.0 / TICKS_PER_SECOND);
        Ok(all.saturating_sub(own) as f64 / TICKS_PER_SECOND / seconds)
    }
}

/// The first line: user, nice, system, idle, iowait, irq, softirq, steal, and two that are
/// already within the first two.
fn parse_all_ticks(text: &str) -> Option<u64> {
    let first = text.lines().next()?.strip_prefix("cpu ")?;
    let ticks: Vec<u64> = first.split_whitespace().map_while(|word| word.parse().ok()).collect();
    let waiting = ticks.get(3)? + ticks.get(4)?;
    Some(ticks.iter().take(8).sum::<u64>() - waiting)
}

/// User and system time are fields 14 and 15; the name, field 2, is in brackets and may have
/// blanks.
fn parse_own_ticks(text: &str) -> Option<u64> {
    let (_, after_name) = text.rsplit_once(") ")?;
    let mut fields = after_name.split_whitespace().skip(11);
    let user: u64 = fields.next()?.parse().ok()?;
    let system: u64 = fields.next()?.parse().ok()?;
    Some(user + system)
}

/// Bytes in the files below a directory.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Files {
    /// Logs of SQLite (`-wal`), all together.
    pub wal_bytes: u64,
    /// Everything else except their shared indexes (`-shm`).
    pub other_bytes: u64,
}

impl Files {
    /// Measures a directory. A file that goes away meanwhile is not there.
    pub fn below(dir: &Path) -> Files {
        let mut sum = Files::default();
        let mut open = vec![dir.to_path_buf()];
        while let Some(dir) = open.pop() {
            for entry in fs::read_dir(&dir).into_iter().flatten().flatten() {
                let Ok(about) = entry.metadata() else { continue };
                let name = entry.file_name();
                let name = name.to_string_lossy();
                if about.is_dir() {
                    open.push(entry.path());
                } else if name.ends_with("-wal") {
                    sum.wal_bytes += about.len();
                } else if !name.ends_with("-shm") {
                    sum.other_bytes += about.len();
                }
            }
        }
        sum
    }
}

/// Looks at a directory from a thread of its own until it is told to stop.
#[derive(Debug)]
pub struct Watcher {
    stop: Sender<()>,
    thread: JoinHandle<u64>,
}

impl Watcher {
    /// Begins to look.
    pub fn start(dir: &Path) -> Watcher {
        let (stop, told) = mpsc::channel();
        let dir: PathBuf = dir.to_path_buf();
        let thread = thread::spawn(move || {
            let mut wal_bytes_max = 0;
            loop {
                wal_bytes_max = wal_bytes_max.max(Files::below(&dir).wal_bytes);
                if told.recv_timeout(LOOK_EVERY) != Err(RecvTimeoutError::Timeout) {
                    return wal_bytes_max;
                }
            }
        });
        Watcher { stop, thread }
    }

    /// Stops, and gives the most bytes that the logs of SQLite had together.
    pub fn finish(self) -> Result<u64> {
        drop(self.stop);
        self.thread.join().map_err(|_| anyhow!("the thread that watched the files panicked"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn status_is_read() {
        let check = |text: &str, expected: Option<(u64, u64)>| {
            let expected =
                expected.map(|(now_bytes, peak_bytes)| Resident { now_bytes, peak_bytes });
            assert_eq!(parse_status(text), expected, "{text}");
        };
        check("Name:\tx\nVmHWM:\t   20 kB\nVmRSS:\t   10 kB\n", Some((10_240, 20_480)));
        check("VmHWM:\t20 kB\n", None);
        check("VmHWM:\t20 kB\nVmRSS:\t10\n", None);
        let resident = Resident::read().unwrap();
        assert!(0 < resident.now_bytes && resident.now_bytes <= resident.peak_bytes);
    }

    #[test]
    fn ticks_are_read() {
        assert_eq!(parse_all_ticks("cpu  1 2 4 100 200 8 16 32 64 64\ncpu0 9\n"), Some(63));
        assert_eq!(parse_all_ticks("cpu0 1 2 3 4 5\n"), None);
        let own = "7 (a ) b) S 1 2 3 4 5 6 7 8 9 10 30 12 0 0 20 0 1\n";
        assert_eq!(parse_own_ticks(own), Some(42));
        assert_eq!(parse_own_ticks("7 (a) S 1\n"), None);
        assert!(0.0 <= Busy::read().unwrap().others_since().unwrap());
    }

    #[test]
    fn logs_are_told_from_other_files() {
        let dir = tempfile::tempdir().unwrap();
        fs::create_dir(dir.path().join("part")).unwrap();
        for (name, bytes) in [("a", 3), ("a-wal", 5), ("part/b-wal", 7), ("a-shm", 100)] {
            fs::write(dir.path().join(name), vec![0; bytes]).unwrap();
        }
        let expected = Files { wal_bytes: 12, other_bytes: 3 };
        assert_eq!(Files::below(dir.path()), expected);
        assert_eq!(Watcher::start(dir.path()).finish().unwrap(), 12);
    }
}
