//! One measurement: what to do, the meter that times it, and what came out.
//!
//! A contender sets itself up, starts a [`Meter`], runs until the time is over, finishes the
//! meter, and then proves that its result is right. Set-up and proof are not timed. The probe of
//! the disk runs right before the first timed step and right after the last one.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use serde_json::{Value, json};

use crate::latency::Latency;
use crate::place;
use crate::probe::Probe;
use crate::rss::{Busy, Files, Resident, Watcher};

/// More than the fastest baseline takes of memory, its files and its heap together.
const WARM_BYTES_PER_SECOND: f64 = 512e6;

/// Memory that is warmed for a long run cools down before it is used.
const WARM_BYTES_MAX: f64 = 4e9;

/// What a contender is asked to do.
#[derive(Clone, Debug, clap::Args)]
pub struct Plan {
    /// Seconds that each measurement lasts, set-up and proof not counted
    #[arg(long, default_value_t = 5.0, value_parser = seconds)]
    pub seconds: f64,
    /// Operations in one durable commit
    #[arg(long, default_value_t = 1_000, value_parser = clap::value_parser!(u64).range(1..=8_000))]
    pub batch: u64,
    /// Accounts of bettors
    #[arg(
        long,
        default_value_t = 1_000_000,
        value_parser = clap::value_parser!(u64).range(1..=100_000_000)
    )]
    pub accounts: u64,
    /// Bytes of journal for one operation: the probe appends this times the batch
    #[arg(long, default_value_t = 160, value_parser = clap::value_parser!(u64).range(1..=4_096))]
    pub operation_bytes: u64,
    /// Stakes that one order of a bettor serves
    #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u32).range(1..=1_000))]
    pub stakes_per_order: u32,
    /// Seed of the workload
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
}

fn seconds(text: &str) -> Result<f64, String> {
    let seconds: f64 = text.parse().map_err(|_| "this is not a number".to_owned())?;
    if 0.1 <= seconds && seconds <= 86_400.0 {
        Ok(seconds)
    } else {
        Err("a measurement lasts from 0.1 to 86400 seconds".to_owned())
    }
}

impl Plan {
    /// How long the timed part lasts.
    pub fn length(&self) -> Duration {
        Duration::from_secs_f64(self.seconds)
    }

    /// The size of the probe's append.
    fn probe_bytes(&self) -> usize {
        (self.batch * self.operation_bytes) as usize
    }
}

/// Times the steps of a contender and watches what they take from the machine.
#[derive(Debug)]
pub struct Meter {
    dir: PathBuf,
    probe: Probe,
    watcher: Watcher,
    files_before: Files,
    busy: Busy,
    other: Option<u32>,
    began: Instant,
    stepped: Duration,
    length: Duration,
    operations: u64,
    latency: Latency,
    commits: Latency,
}

impl Meter {
    /// Warms memory, probes the disk and begins to time. The set-up must be done and durable.
    pub fn start(plan: &Plan, dir: &Path) -> Result<Meter> {
        Meter::start_with(plan, dir, None)
    }

    /// The same where another process does the work: its time is not that of others, and its
    /// memory is what is told.
    pub fn start_with(plan: &Plan, dir: &Path, other: Option<u32>) -> Result<Meter> {
        let warm_bytes = plan.seconds * WARM_BYTES_PER_SECOND;
        place::warm(dir, warm_bytes.min(WARM_BYTES_MAX) as u64)?;
        let mut probe = Probe::new(dir, plan.probe_bytes());
        probe.turn()?;
        Ok(Meter {
            dir: dir.to_path_buf(),
            probe,
            watcher: Watcher::start(dir),
            files_before: Files::below(dir),
            busy: Busy::read_with(other)?,
            other,
            began: Instant::now(),
            stepped: Duration::ZERO,
            length: plan.length(),
            operations: 0,
            latency: Latency::new(),
            commits: Latency::new(),
        })
    }

    /// Whether there is time for another step.
    pub fn is_running(&self) -> bool {
        self.began.elapsed() < self.length
    }

    /// Times one step: with its return, this many operations are durable.
    pub fn step(&mut self, operations: u64, work: impl FnOnce() -> Result<()>) -> Result<()> {
        let start = Instant::now();
        work()?;
        let elapsed = start.elapsed();
        self.latency.record(elapsed);
        self.stepped += elapsed;
        self.operations += operations;
        Ok(())
    }

    /// Adds what a thread of the contender counted and timed for itself while the meter ran.
    pub fn absorb(&mut self, operations: u64, latency: &Latency) {
        self.operations += operations;
        self.latency.absorb(latency);
    }

    /// Adds how long the store took to make frames durable.
    pub fn commits(&mut self, latency: &Latency) {
        self.commits.absorb(latency);
    }

    /// Stops timing, probes the disk once more, and says what was measured by the clock on the
    /// wall.
    pub fn finish(self) -> Result<Measured> {
        let seconds = self.began.elapsed().as_secs_f64();
        self.finish_after(seconds)
    }

    /// The same, but counts only the time within steps: for a contender that prepares each step.
    pub fn finish_steps(self) -> Result<Measured> {
        let seconds = self.stepped.as_secs_f64();
        self.finish_after(seconds)
    }

    fn finish_after(mut self, seconds: f64) -> Result<Measured> {
        let others = self.busy.others_since()?;
        let resident = self.other.map_or_else(Resident::read, Resident::of)?;
        let wal_bytes = self.watcher.finish()?;
        let files = Files::below(&self.dir);
        self.probe.turn()?;
        ensure!(0 < self.operations, "nothing was done in {seconds:.1} s; give it more --seconds");
        let grown = files.other_bytes.saturating_sub(self.files_before.other_bytes);
        Ok(Measured([
            self.operations as f64 / seconds,
            self.latency.quantile_ms(0.5),
            self.latency.quantile_ms(0.99),
            self.latency.quantile_ms(0.999),
            self.latency.max_ms(),
            self.probe.latency().quantile_ms(0.5),
            self.probe.latency().quantile_ms(0.99),
            mib(resident.now_bytes),
            mib(resident.peak_bytes),
            mib(wal_bytes),
            grown as f64 / self.operations as f64,
            others,
            self.commits.quantile_ms(0.5),
            self.commits.quantile_ms(0.99),
            0.0,
        ]))
    }
}

fn mib(bytes: u64) -> f64 {
    bytes as f64 / f64::from(1 << 20)
}

/// What can be measured, in the order of a [`Measured`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(usize)]
pub enum Figure {
    /// Operations a second that were durable, by the clock on the wall.
    PerSecond,
    /// The median time of a step in milliseconds.
    P50Ms,
    /// The time within which 99 of 100 steps ended.
    P99Ms,
    /// The time within which 999 of 1,000 steps ended.
    P999Ms,
    /// The longest step.
    MaxMs,
    /// The median of the probe: an append of the frame's size with its sync.
    SyncP50Ms,
    /// The same for 99 of 100.
    SyncP99Ms,
    /// Resident memory at the end of the timed part.
    RssMib,
    /// The most there has been, with the set-up.
    RssPeakMib,
    /// The most that SQLite's logs had together.
    WalMib,
    /// Growth of all files but the logs, for one operation.
    BytesEach,
    /// Processors that others kept busy meanwhile; above 0.2 the run was disturbed.
    OthersCores,
    /// The median time in which the store made a frame durable, where frames are many.
    CommitP50Ms,
    /// The same for 99 of 100.
    CommitP99Ms,
    /// Resident memory when all tables had their size, in the long run.
    RssWarmMib,
}

/// How many figures there are.
const FIGURES: usize = 15;

impl Figure {
    /// All of them, in order.
    pub const ALL: [Figure; FIGURES] = [
        Figure::PerSecond,
        Figure::P50Ms,
        Figure::P99Ms,
        Figure::P999Ms,
        Figure::MaxMs,
        Figure::SyncP50Ms,
        Figure::SyncP99Ms,
        Figure::RssMib,
        Figure::RssPeakMib,
        Figure::WalMib,
        Figure::BytesEach,
        Figure::OthersCores,
        Figure::CommitP50Ms,
        Figure::CommitP99Ms,
        Figure::RssWarmMib,
    ];

    /// Its name in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Figure::PerSecond => "per_second",
            Figure::P50Ms => "p50_ms",
            Figure::P99Ms => "p99_ms",
            Figure::P999Ms => "p999_ms",
            Figure::MaxMs => "max_ms",
            Figure::SyncP50Ms => "sync_p50_ms",
            Figure::SyncP99Ms => "sync_p99_ms",
            Figure::RssMib => "rss_mib",
            Figure::RssPeakMib => "rss_peak_mib",
            Figure::WalMib => "wal_mib",
            Figure::BytesEach => "bytes_each",
            Figure::OthersCores => "others_cores",
            Figure::CommitP50Ms => "commit_p50_ms",
            Figure::CommitP99Ms => "commit_p99_ms",
            Figure::RssWarmMib => "rss_warm_mib",
        }
    }
}

/// The figures of one measurement.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Measured(pub [f64; FIGURES]);

impl Measured {
    /// One of them.
    pub fn get(&self, figure: Figure) -> f64 {
        self.0[figure as usize]
    }

    /// As one object, by name.
    pub fn to_json(self) -> Value {
        let named = |figure: &Figure| (figure.name().to_owned(), json!(self.get(*figure)));
        Value::Object(Figure::ALL.iter().map(named).collect())
    }

    /// What [`Measured::to_json`] wrote.
    pub fn from_json(value: &Value) -> Result<Measured> {
        let mut figures = [0.0; FIGURES];
        for figure in Figure::ALL {
            let name = figure.name();
            figures[figure as usize] =
                value[name].as_f64().with_context(|| format!("no number {name} in {value}"))?;
        }
        Ok(Measured(figures))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan() -> Plan {
        Plan {
            seconds: 0.1,
            batch: 10,
            accounts: 100,
            operation_bytes: 160,
            stakes_per_order: 10,
            seed: 1,
        }
    }

    #[test]
    fn a_meter_counts_steps_and_times_them() {
        let dir = tempfile::tempdir().unwrap();
        let mut meter = Meter::start(&plan(), dir.path()).unwrap();
        let mut steps = 0;
        while meter.is_running() {
            meter.step(10, || Ok(())).unwrap();
            steps += 1;
        }
        std::fs::write(dir.path().join("grown"), vec![1; steps * 40]).unwrap();
        let measured = meter.finish().unwrap();
        let most = steps as f64 * 10.0 / 0.1;
        assert!(0.0 < measured.get(Figure::PerSecond));
        assert!(measured.get(Figure::PerSecond) <= most);
        assert!(measured.get(Figure::P50Ms) <= measured.get(Figure::P99Ms));
        assert!(0.0 < measured.get(Figure::SyncP50Ms));
        assert!((measured.get(Figure::BytesEach) - 4.0).abs() < 1e-9);
    }

    #[test]
    fn a_step_that_fails_and_a_run_without_steps_are_errors() {
        let dir = tempfile::tempdir().unwrap();
        let mut meter = Meter::start(&plan(), dir.path()).unwrap();
        assert!(meter.step(1, || anyhow::bail!("no")).is_err());
        let error = meter.finish().unwrap_err();
        assert!(error.to_string().contains("nothing was done"), "{error}");
    }

    #[test]
    fn figures_survive_json() {
        let measured = Measured(std::array::from_fn(|at| at as f64 + 0.5));
        assert_eq!(Measured::from_json(&measured.to_json()).unwrap(), measured);
        let error = Measured::from_json(&json!({"per_second": 1.0})).unwrap_err();
        assert!(error.to_string().contains("p50_ms"), "{error}");
    }

    #[test]
    fn seconds_are_checked() {
        for (text, good) in [("0.1", true), ("5", true), ("0", false), ("NaN", false), ("x", false)]
        {
            assert_eq!(seconds(text).is_ok(), good, "{text}");
        }
    }
}
