//! `cluster COMMAND…`: runs a command beside a throw-away PostgreSQL, whose URL it finds in
//! `BEJ_TEST_POSTGRES`, and ends as the command ends.

use std::process::{Command, ExitCode};

use anyhow::{Context as _, bail};
use cluster::{Cluster, VARIABLE};

fn main() -> anyhow::Result<ExitCode> {
    let mut words = std::env::args_os().skip(1);
    let Some(program) = words.next() else { bail!("name the command to run") };
    let cluster = Cluster::start(&[("max_connections", "200")])?;
    let mut command = Command::new(&program);
    command.args(words).env(VARIABLE, cluster.url("postgres"));
    let status = command.status();
    let status = status.with_context(|| format!("{} cannot be run", program.display()))?;
    drop(cluster);
    let code = status.code().and_then(|code| u8::try_from(code).ok()).unwrap_or(1);
    Ok(ExitCode::from(code))
}
