//! What the operator of a demonstration does as long as it lives: the lists, without a version of
//! the last day of which nobody is admitted, are renewed. They are those of the small world, so
//! that nowhere else may this run.

use std::path::Path;
use std::time::Duration;

use anyhow::{Context as _, ensure};
use pump::{Clock, Handle, ReadCopy, SystemClock};
use sim::sandbox;
use tokio::sync::oneshot;

/// A quarter of a day: one may fail, and three more come before anybody is refused.
const EVERY: Duration = Duration::from_secs(6 * 3_600);

/// Sees that a data directory is that of the small world.
pub fn only_here(data: &Path) -> anyhow::Result<()> {
    let file = crate::sandbox::bettors_file(data, 0);
    ensure!(file.exists(), "{} holds no small world to demonstrate", data.display());
    Ok(())
}

/// Comes when standard input ends, which it does with whoever holds its other end.
pub fn input_ends() -> anyhow::Result<oneshot::Receiver<()>> {
    let (sender, receiver) = oneshot::channel();
    let wait = move || {
        // An error is an end as well, and nobody may wait for it any more.
        let _ = std::io::copy(&mut std::io::stdin().lock(), &mut std::io::sink());
        let _ = sender.send(());
    };
    std::thread::Builder::new().name("input".into()).spawn(wait)?;
    Ok(receiver)
}

/// Renews the lists at once and then again and again; never ends.
pub async fn keep(handle: Handle, copy: ReadCopy) {
    let mut every = tokio::time::interval(EVERY);
    loop {
        every.tick().await;
        let (handle, copy) = (handle.clone(), copy.clone());
        let renewed =
            tokio::task::spawn_blocking(move || renew(&handle, &copy, &SystemClock::new())).await;
        match renewed.context("it ended").flatten() {
            Ok(()) => tracing::info!("the lists are renewed"),
            Err(error) => tracing::warn!("the lists could not be renewed: {error:#}"),
        }
    }
}

/// Puts the next version of each list in force.
pub fn renew(handle: &Handle, copy: &ReadCopy, clock: &dyn Clock) -> anyhow::Result<()> {
    let versions =
        copy.read(|state| state.lists.iter().map(|row| row.version).max().unwrap_or_default());
    crate::sandbox::put(handle, clock, sandbox::lists(versions + 1))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use pump::{Pump, Stream, Time};
    use terms::{Instant, Organiser, Person, Reason};

    use super::super::history::Past;
    use super::super::stage::{Stage, Wish};
    use super::*;
    use crate::store_url::StoreUrl;

    const HOUR: i64 = 3_600 * Instant::SECOND;

    /// R0-10.5: a list that is older than a day admits nobody, and a demonstration lives longer.
    #[test]
    fn whoever_keeps_the_lists_keeps_the_bettors() {
        let home = tempfile::tempdir().unwrap();
        let opened = StoreUrl::Sqlite(home.path().join("bej.db")).open().unwrap();
        let parts = opened.parts().unwrap();
        let clock = Arc::new(Past::new(40 * HOUR));
        let pump = Pump::start(
            parts.journal,
            Some(parts.snapshots),
            Some(parts.cold),
            Time::Clock(clock.clone()),
            Box::new(Stream::system().unwrap()),
            pump::Options::standard(),
        )
        .unwrap();
        let (handle, copy) = (pump.handle(), pump.read_copy());
        crate::sandbox::put(&handle, &*clock, sandbox::commands(4)).unwrap();
        let mut stage = Stage::new(&handle, opened.reader().unwrap(), &*clock).unwrap();
        let game = stage.list(Organiser(0), "a game", 39 * HOUR).unwrap();
        let wish = Wish { game, person: Person(0), place: 0, odds_e4: 20_000, tenge: 100 };
        stage.stake(wish).unwrap();
        clock.skip(25 * HOUR);
        stage.refused(wish, Reason::ListDataStale).unwrap();
        renew(&handle, &copy, &*clock).unwrap();
        stage.stake(wish).unwrap();
        pump.stop().unwrap();
        assert!(only_here(home.path()).is_err());
        crate::sandbox::customers(home.path(), 4).unwrap();
        only_here(home.path()).unwrap();
    }
}
