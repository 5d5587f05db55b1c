//! What an operator should know of a pump beside its answers: logged to standard error, once each,
//! with the chain of causes that the pump gives.

use pump::Pump;
use tracing::Level;

use crate::config::Config;

/// Begins the log at the level of the configuration, and gives the options of the pump.
pub fn begin(config: Option<&Config>) -> pump::Options {
    let level = config.map_or(Level::INFO, |config| config.level);
    let log = tracing_subscriber::fmt()
        .with_writer(std::io::stderr)
        .with_max_level(level)
        .with_target(false)
        .with_ansi(false)
        .try_init();
    // An error means that the log has begun already, which is what is wanted.
    let _ = log;
    config.map_or_else(pump::Options::standard, |config| config.pump.clone())
}

/// What was told of a pump.
#[derive(Debug, Default)]
pub struct Watch {
    snapshot_failed: Option<String>,
}

impl Watch {
    /// Tells what the pump has to say of its start.
    pub fn of(pump: &Pump) -> Watch {
        for remark in pump.remarks() {
            tracing::warn!("at the start of the pump: {remark}");
        }
        Watch::default()
    }

    /// Tells what has changed since the last look.
    pub fn look(&mut self, pump: &Pump) {
        self.note(pump.status().snapshot_failed.as_deref());
    }

    /// Tells of a failed snapshot, if it is not the one that was told of last.
    pub fn note(&mut self, snapshot_failed: Option<&str>) {
        if let Some(why) = snapshot_failed
            && self.snapshot_failed.as_deref() != Some(why)
        {
            tracing::warn!(
                "a snapshot could not be written, so that the next start replays more of the \
                 journal: {why}"
            );
        }
        self.snapshot_failed = snapshot_failed.map(str::to_owned);
    }
}
