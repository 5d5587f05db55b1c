//! The runs of the product itself. Each has the form of a baseline: set up, start a
//! [`Meter`](crate::measure::Meter), step until the time is over, finish, prove.

use std::path::Path;

use anyhow::Result;

use crate::http::Load;
use crate::measure::{Measured, Plan};

/// What the product is asked to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Job {
    /// Full stakes through desk, pump and frames, without views.
    Stakes,
    /// The same on PostgreSQL.
    StakesPostgres,
    /// On SQLite with views.
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
    /// A long run with a million open bets.
    Endurance,
    /// Lag of the views at a steady pace.
    Views,
    /// Stakes over mutual TLS, one a request.
    Http,
    /// The same with a server of PostgreSQL under it.
    HttpPostgres,
    /// Requests over mutual TLS that nothing is done for.
    HttpTime,
    /// Stakes over mutual TLS at a steady pace.
    HttpPaced,
    /// Batches of a thousand stakes over mutual TLS.
    Ndjson,
}

/// Does it.
pub fn run(job: Job, plan: &Plan, dir: &Path) -> Result<Measured> {
    match job {
        Job::Decide => crate::decide::run(plan, dir),
        Job::Stakes => crate::stakes::run(plan, dir),
        Job::Callers32 => crate::callers::run(32, plan, dir),
        Job::Callers256 => crate::callers::run(256, plan, dir),
        Job::Eligibility => crate::eligibility::run(plan, dir),
        Job::Endurance => crate::endurance::run(plan, dir),
        Job::Recovery => crate::recovery::run(plan, dir),
        Job::StakesPostgres => crate::stakes::run_on_postgres(plan, dir),
        Job::StakesViews => crate::stakes::run_with_views(plan, dir),
        Job::Http => crate::http::run(Load::Stakes, plan, dir),
        Job::HttpPostgres => crate::http::run_on_postgres(Load::Stakes, plan, dir),
        Job::HttpTime => crate::http::run(Load::Time, plan, dir),
        Job::HttpPaced => crate::http::run(Load::Paced, plan, dir),
        Job::Ndjson => crate::http::run(Load::Batches, plan, dir),
        Job::Views => crate::views::lag(plan, dir),
    }
}
