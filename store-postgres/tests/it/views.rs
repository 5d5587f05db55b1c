//! The views on PostgreSQL against the conformance suite, and what is the engine's own.

use cluster::{Database, throwaway};
use store::suite::views::{ViewBed, run_all};
use store::views::reports::{RefusalKey, RefusalRow, RefusalSums, Step, Totals};
use store::views::terms::{Day, Instant, Organiser, Reason, Sender, Seq};
use store::views::{Listing, ViewReader as _};
use store::{Fault, ViewStore};
use store_postgres::Postgres;

use crate::proxy::{Proxy, Way};
use crate::{OPTIONS, OnServer};

impl ViewBed for OnServer {
    fn views(&self) -> Result<Box<dyn ViewStore>, Fault> {
        Ok(Box::new(self.store.views()?))
    }

    fn views_with_hits_of(&self, hits_max: usize) -> Result<Box<dyn ViewStore>, Fault> {
        Ok(Box::new(self.store.views()?.with_hits_of(hits_max)))
    }
}

#[test]
fn the_views_on_postgresql_conform() {
    let Some(first) = Database::fresh() else { return };
    run_all(&|| Box::new(OnServer::on(first.another())));
}

/// A step with a refusal: a row, and a sum that must not be added twice.
fn step(at: u64) -> Step {
    let (day, organiser, reason) = (Day(20_000), Organiser(0), Reason::NotAdmitted);
    let row = RefusalRow {
        seq: Seq(at),
        at: Instant(i64::from(day.0) * Instant::DAY + at as i64),
        day,
        sender: Sender::Organiser(organiser),
        id: None,
        reason,
        account: None,
        report: false,
        count: 1,
    };
    let key = RefusalKey { day, organiser: Some(organiser), reason };
    Step {
        from: Seq(at),
        to: Seq(at + 1),
        bets: Vec::new(),
        changed: Vec::new(),
        settlements: Vec::new(),
        payouts: Vec::new(),
        postings: Vec::new(),
        refusals: vec![row],
        breaches: Vec::new(),
        signals: Vec::new(),
        cards: Vec::new(),
        rollups: Vec::new(),
        overviews: Vec::new(),
        refusal_counts: vec![(key, RefusalSums { count: 1 })],
        breach_counts: Vec::new(),
        hours: Vec::new(),
        desks: Vec::new(),
        quarters: Vec::new(),
        unpaid: Vec::new(),
        totals: Totals::ZERO,
    }
}

// R2-55.1d, E-17: rows, sums and cursor change together, wherever the connection is cut.
#[test]
fn a_connection_cut_at_any_byte_of_a_step_leaves_all_of_it_or_nothing() {
    let Some(cluster) = throwaway(&[]) else { return };
    let directory = tempfile::tempdir().unwrap();
    let proxy = Proxy::to(cluster.directory().join(format!(".s.PGSQL.{}", cluster.port())));
    let (port, dir) = (proxy.port, directory.path().display());
    let url = format!("postgres://postgres@127.0.0.1:{port}/postgres?dir={dir}");
    let store = Postgres::open(&url.parse().unwrap(), OPTIONS).unwrap();
    let mut views = store.views().unwrap();
    let (mut next, mut whole, mut nothing) = (0, 0, 0);
    for way in [Way::ToServer, Way::ToClient] {
        for cut in 0.. {
            // One that is whole, so that statements are prepared and the connection is there.
            views.project(&step(next)).unwrap();
            next += 1;
            // Not at each byte: a step is some thousand of them.
            proxy.cut_after(way, cut * 7);
            let done = views.project(&step(next));
            if !proxy.was_cut() {
                done.unwrap();
                next += 1;
                assert!(10 < cut, "{way:?} was cut {cut} times");
                break;
            }
            assert!(done.is_err(), "{way:?} {cut}");
            // The first question finds out that the connection is gone.
            let _ = views.cursor();
            let cursor = views.cursor().unwrap().0;
            if cursor == next {
                nothing += 1;
                views.project(&step(next)).unwrap();
            } else {
                assert_eq!(cursor, next + 1, "{way:?} {cut}");
                whole += 1;
            }
            next += 1;
        }
    }
    assert!(0 < whole && 10 < nothing, "{whole} whole, {nothing} not at all");
    let rows = views.refusals(&Listing::newest(10_000)).unwrap().rows;
    assert_eq!(rows.len() as u64, next);
    let counted = views.refusal_counts(Day(20_000)..Day(20_001)).unwrap();
    let counted: i64 = counted.iter().map(|(_, sums)| sums.count).sum();
    assert_eq!(counted as u64, next, "no sum was added twice");
}

// R2-55.1d, E-17: no commit of a step waits for the medium. A server that dies may forget the last
// ones, but each whole with its cursor, and they are made again.
#[test]
fn a_server_that_is_killed_keeps_whole_steps_and_the_rest_is_made_again() {
    let Some(cluster) = throwaway(&[]) else { return };
    let directory = tempfile::tempdir().unwrap();
    let url = format!("{}?dir={}", cluster.url("postgres"), directory.path().display());
    let store = Postgres::open(&url.parse().unwrap(), OPTIONS).unwrap();
    let (mut views, mut next, mut forgotten) = (store.views().unwrap(), 0, 0);
    for round in 1..=4 {
        let (done, dones) = std::sync::mpsc::channel();
        let writer = std::thread::spawn(move || {
            for at in next.. {
                if views.project(&step(at)).is_err() {
                    return (views, at);
                }
                // Nobody to hear it means that the test has failed.
                let _ = done.send(());
            }
            unreachable!("it writes until the server is gone")
        });
        dones.iter().take(150).for_each(drop);
        cluster.kill().unwrap();
        let (kept, reached) = writer.join().unwrap();
        views = kept;
        cluster.resume().unwrap();
        // The first question finds out that the connection is gone.
        let _ = views.cursor();
        next = views.cursor().unwrap().0;
        assert!(next <= reached + 1, "round {round}: {next} of {reached}");
        forgotten += reached.saturating_sub(next);
        let rows = views.refusals(&Listing::newest(10_000)).unwrap().rows;
        assert_eq!(rows.len() as u64, next, "round {round}: rows are as of the cursor");
        let counted = views.refusal_counts(Day(20_000)..Day(20_001)).unwrap();
        let counted: i64 = counted.iter().map(|(_, sums)| sums.count).sum();
        assert_eq!(counted as u64, next, "round {round}: sums are as of the cursor");
        // Whoever was ahead of it is told, and makes no gap.
        if next < reached {
            let refused = views.project(&step(reached)).unwrap_err();
            assert!(refused.to_string().contains("the views are at"), "{refused}");
        }
    }
    println!("{forgotten} steps were made again");
    views.project(&step(next)).unwrap();
}
