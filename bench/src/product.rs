//! The runs of the product itself. Each has the form of a baseline: set up, start a
//! [`Meter`](crate::measure::Meter), step until the time is over, finish, prove.

use std::path::Path;

use anyhow::{Result, bail};

use crate::measure::{Measured, Plan};

/// What the product is asked to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Job {
    /// Full stakes through desk, pump and frames, without views.
    Stakes,
    /// The same with views.
    StakesViews,
    /// Decisions alone, without a store.
    Decide,
    /// 32 callers of the pump, one stake each.
    Callers32,
    /// 256 callers of the pump, one stake each.
    Callers256,
    /// Eligibility from the read copy.
    Eligibility,
    /// Ready after SIGKILL.
    Recovery,
    /// Lag of the views and the times of their queries.
    Views,
}

/// Does it.
pub fn run(job: Job, plan: &Plan, dir: &Path) -> Result<Measured> {
    if job == Job::Decide {
        return crate::decide::run(plan, dir);
    }
    bail!("{job:?} cannot be measured yet: desk and pump are not part of this build")
}
