//! Who is measured against whom. Each measurement runs in a process of its own, so that neither
//! the memory nor the allocator of one is met by the next.

use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result, bail, ensure};
use clap::ValueEnum as _;

use crate::measure::{Measured, Plan};
use crate::product::Job;
use crate::{baseline_frames, baseline_rows, postgres, product};

/// The name of baseline (a) among contenders.
const ROWS: &str = "rows";
/// The name of baseline (b) among contenders.
const FRAMES: &str = "frames";
/// The name of baseline (a) on PostgreSQL.
const UNNEST: &str = "unnest";
/// The name of baseline (b) on PostgreSQL.
const SINGLE: &str = "single";

/// Something that can be measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Contender {
    /// Baseline (a).
    Rows,
    /// Baseline (b).
    Frames,
    /// Baseline (a) on PostgreSQL.
    Unnest,
    /// Baseline (b) on PostgreSQL.
    Single,
    /// The product.
    Product(Job),
}

impl Contender {
    /// Its name in reports and on the command line.
    pub fn name(self) -> String {
        match self {
            Contender::Rows => ROWS.to_owned(),
            Contender::Frames => FRAMES.to_owned(),
            Contender::Unnest => UNNEST.to_owned(),
            Contender::Single => SINGLE.to_owned(),
            Contender::Product(job) => job
                .to_possible_value()
                .map_or_else(String::new, |value| value.get_name().to_owned()),
        }
    }

    /// The contender of that name.
    pub fn parse(name: &str) -> Result<Contender, String> {
        match name {
            ROWS => Ok(Contender::Rows),
            FRAMES => Ok(Contender::Frames),
            UNNEST => Ok(Contender::Unnest),
            SINGLE => Ok(Contender::Single),
            _ => Job::from_str(name, false).map(Contender::Product),
        }
    }

    /// Measures it in this process.
    pub fn measure(self, plan: &Plan, dir: &Path) -> Result<Measured> {
        match self {
            Contender::Rows => baseline_rows::run(plan, dir),
            Contender::Frames => baseline_frames::run(plan, dir),
            Contender::Unnest => postgres::unnest(plan, dir),
            Contender::Single => postgres::single(plan, dir),
            Contender::Product(job) => product::run(job, plan, dir),
        }
    }

    /// Measures it in a new process and a new directory below `parent`, which is removed.
    pub fn measure_apart(self, plan: &Plan, parent: &Path) -> Result<Measured> {
        let doing = || format!("measure {} in {}", self.name(), parent.display());
        let dir = tempfile::Builder::new().prefix("bej-bench-").tempdir_in(parent);
        let dir = dir.with_context(doing)?;
        let output = Command::new(std::env::current_exe().with_context(doing)?)
            .args(["measure", "--contender", &self.name(), "--in"])
            .arg(dir.path())
            .args(["--seconds", &plan.seconds.to_string()])
            .args(["--batch", &plan.batch.to_string()])
            .args(["--accounts", &plan.accounts.to_string()])
            .args(["--operation-bytes", &plan.operation_bytes.to_string()])
            .args(["--stakes-per-order", &plan.stakes_per_order.to_string()])
            .args(["--seed", &plan.seed.to_string()])
            .stderr(Stdio::inherit())
            .output()
            .with_context(doing)?;
        ensure!(output.status.success(), "could not {}: {}", doing(), output.status);
        let Ok(value) = serde_json::from_slice(&output.stdout) else {
            bail!("could not {}: no JSON came back", doing());
        };
        dir.close().with_context(doing)?;
        Measured::from_json(&value).with_context(doing)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_back() {
        let jobs = Job::value_variants().iter().map(|job| Contender::Product(*job));
        for contender in
            jobs.chain([Contender::Rows, Contender::Frames, Contender::Unnest, Contender::Single])
        {
            assert_eq!(Contender::parse(&contender.name()), Ok(contender));
        }
        assert!(Contender::parse("nobody").is_err());
    }
}
