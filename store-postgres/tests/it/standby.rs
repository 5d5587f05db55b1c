//! A primary that dies and its standby that takes over: with synchronous replication nothing that
//! was confirmed is lost; without it something is, which shows that the test would see it.

use std::sync::mpsc;

use cluster::{Cluster, throwaway, until};
use store::suite::Chain;
use store::{Appended, Head, JournalReader, JournalStore};
use store_postgres::{Address, Journal, Options, Postgres};

use crate::read_all;

/// A store on whichever of two servers takes writes.
fn on(servers: [&Cluster; 2], directory: &std::path::Path) -> Postgres {
    let hosts = servers.map(|server| {
        let host = server.directory().display().to_string().replace('/', "%2F");
        format!("{host}:{}", server.port())
    });
    let url =
        format!("postgres://postgres@{}/postgres?dir={}", hosts.join(","), directory.display());
    let address: Address = url.parse().expect("an address");
    let options = Options { create: true, patience: store_postgres::PATIENCE };
    Postgres::open(&address, options).expect("a store")
}

fn ask(cluster: &Cluster, sql: &str) -> String {
    cluster.sql("postgres", sql).expect("an answer")
}

/// Writes until the sender of the stop is gone; gives the journal, and the last confirmed head.
/// Resolves what is unknown as the pump does: by reading the head, and the same frame once more.
fn write(mut journal: Journal, mut chain: Chain, confirmed: &mpsc::Sender<Head>) -> Journal {
    loop {
        let expected = chain.head();
        let frame = chain.fill(2, 100);
        match journal.append(&expected, &frame) {
            Appended::Appended(_) => {}
            Appended::NotWritten(fault) | Appended::Unknown(fault) => {
                assert!(!fault.is_failed_sync(), "{}", fault.chain());
                let head = JournalStore::head(&mut journal).expect("the other server");
                if head != frame.head() {
                    assert_eq!(head, expected, "what was confirmed is there");
                    let again = journal.append(&expected, &frame);
                    assert!(matches!(again, Appended::Appended(_)), "{again:?}");
                }
            }
            Appended::HeadMoved(head) => panic!("the journal moved to {head:?}"),
        }
        if confirmed.send(frame.head()).is_err() {
            return journal;
        }
    }
}

// R0-18.2, R0-20.3d, S-43, G6: service continues on the standby, and no confirmed frame is lost or
// doubled.
#[test]
fn a_synchronous_standby_takes_over_without_a_loss() {
    let Some(primary) = throwaway(&[]) else { return };
    let standby = primary.follower(&[]).unwrap();
    // Told to the primary alone: the standby, once promoted, has nobody to wait for.
    ask(&primary, "ALTER SYSTEM SET synchronous_standby_names = '*'");
    ask(&primary, "SELECT pg_reload_conf()");
    let synchronous = "SELECT count(*) FROM pg_stat_replication WHERE sync_state = 'sync'";
    until("the standby", || ask(&primary, synchronous) == "1");
    let directory = tempfile::tempdir().unwrap();
    let store = on([&primary, &standby], directory.path());
    let journal = store.journal().unwrap();
    let (sender, confirmed) = mpsc::channel();
    let writer = std::thread::spawn(move || write(journal, Chain::new(), &sender));
    let before = confirmed.iter().take(60).last().unwrap();
    primary.kill().unwrap();
    standby.promote().unwrap();
    // Some were confirmed before the kill and not heard of yet; then it goes on.
    let after = confirmed.iter().take(1_000).last().unwrap();
    drop(confirmed);
    drop(writer.join().unwrap());
    assert_eq!(ask(&standby, "SELECT pg_is_in_recovery()"), "f");
    assert!(before.frame + 900 < after.frame, "{before:?} {after:?}");
    let mut reader = store.reader().unwrap();
    let frames = read_all(&mut reader).unwrap();
    assert!(after.frame <= frames.len() as u64);
    assert_eq!(frames[after.frame as usize - 1].head(), after);
    assert_eq!(frames[before.frame as usize - 1].head(), before);
}

/// The negative control: without synchronous replication a takeover loses what was confirmed.
#[test]
fn an_asynchronous_standby_loses_what_was_confirmed() {
    let Some(primary) = throwaway(&[]) else { return };
    let standby = primary.follower(&[]).unwrap();
    let directory = tempfile::tempdir().unwrap();
    let store = on([&primary, &standby], directory.path());
    let (mut journal, mut chain) = (store.journal().unwrap(), Chain::new());
    let append = |journal: &mut Journal, chain: &mut Chain| {
        let expected = chain.head();
        let appended = journal.append(&expected, &chain.fill(2, 100));
        assert!(matches!(appended, Appended::Appended(_)), "{appended:?}");
    };
    append(&mut journal, &mut chain);
    let there = "SELECT to_regclass('bej.frames') IS NOT NULL";
    until("the schema", || ask(&standby, there) == "t");
    until("the frame", || ask(&standby, "SELECT count(*) FROM bej.frames") == "1");
    standby.stop().unwrap();
    append(&mut journal, &mut chain);
    primary.kill().unwrap();
    standby.resume().unwrap();
    standby.promote().unwrap();
    let head = JournalStore::head(&mut journal).unwrap();
    assert_eq!(
        (head.frame, chain.head().frame),
        (1, 2),
        "the second frame was confirmed and is gone"
    );
    // A writer that goes on regardless is told so.
    let expected = chain.head();
    let next = journal.append(&expected, &chain.fill(1, 9));
    assert!(matches!(next, Appended::HeadMoved(found) if found == head), "{next:?}");
    assert_eq!(store.reader().unwrap().head().unwrap(), head);
}
