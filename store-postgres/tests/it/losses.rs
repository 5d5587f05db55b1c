//! Lost connections, a server that dies, a standby that is not waited for, a full disk: what was
//! confirmed stays, and what is unknown is found out.

use std::process::Command;
use std::time::Duration;

use cluster::{Cluster, Database, throwaway};
use store::suite::Chain;
use store::{Appended, JournalReader, JournalStore};
use store_postgres::{Address, Journal, Postgres};

use crate::proxy::{Proxy, Way};
use crate::{OPTIONS, OnServer, read_all};

/// A store on a server of its own.
fn on(cluster: &Cluster, directory: &std::path::Path) -> Postgres {
    let text = format!("{}?dir={}", cluster.url("postgres"), directory.display());
    let address: Address = text.parse().expect("an address");
    Postgres::open(&address, OPTIONS).expect("a store")
}

fn append(journal: &mut Journal, chain: &mut Chain, length: usize) {
    let expected = chain.head();
    let frame = chain.fill(1, length);
    let appended = journal.append(&expected, &frame);
    assert!(matches!(appended, Appended::Appended(_)), "{appended:?}");
}

// R0-20.0a, core 11: a lost connection at COMMIT is unknown, and is found out by reading the head.
#[test]
fn a_connection_cut_at_any_byte_of_a_commit_loses_and_doubles_nothing() {
    let Some(cluster) = throwaway(&[]) else { return };
    let directory = tempfile::tempdir().unwrap();
    drop(on(&cluster, directory.path()));
    let proxy = Proxy::to(cluster.directory().join(format!(".s.PGSQL.{}", cluster.port())));
    let url = format!(
        "postgres://postgres@127.0.0.1:{}/postgres?dir={}",
        proxy.port,
        directory.path().display()
    );
    let store = Postgres::open(&url.parse().unwrap(), OPTIONS).unwrap();
    let mut journal = store.journal().unwrap();
    let (mut chain, mut written, mut lost) = (Chain::new(), 0, 0);
    for way in [Way::ToServer, Way::ToClient] {
        for bytes in 0.. {
            append(&mut journal, &mut chain, 5);
            let expected = chain.head();
            let frame = chain.fill(1, 20);
            proxy.cut_after(way, bytes);
            let appended = journal.append(&expected, &frame);
            if !proxy.was_cut() {
                assert!(matches!(appended, Appended::Appended(_)), "{way:?} {bytes}: {appended:?}");
                println!("{bytes} bytes {way:?}");
                assert!(20 < bytes, "{bytes} bytes {way:?}");
                break;
            }
            let Appended::Unknown(fault) = appended else {
                panic!("{way:?} {bytes}: {appended:?}")
            };
            assert!(!fault.is_failed_sync());
            let head = JournalStore::head(&mut journal).unwrap();
            if head == frame.head() {
                written += 1;
            } else {
                assert_eq!(head, expected, "{way:?} {bytes}");
                lost += 1;
                let again = journal.append(&expected, &frame);
                assert!(matches!(again, Appended::Appended(_)), "{way:?} {bytes}: {again:?}");
            }
        }
    }
    assert!(0 < written && 100 < lost, "{written} written, {lost} lost");
    let frames = read_all(&mut store.reader().unwrap()).unwrap();
    assert_eq!(frames.last().map(|frame| frame.head()), Some(chain.head()));
    assert_eq!(frames.len() as u64, chain.head().frame);
}

// R2-55.1d, E-17
#[test]
fn a_server_that_is_killed_keeps_what_it_has_confirmed() {
    let Some(cluster) = throwaway(&[]) else { return };
    let directory = tempfile::tempdir().unwrap();
    let store = on(&cluster, directory.path());
    let mut journal = store.journal().unwrap();
    let mut chain = Chain::new();
    for round in 0..4 {
        let writer = std::thread::spawn(move || {
            loop {
                let expected = chain.head();
                let before = chain.clone();
                let frame = chain.fill(3, 200);
                match journal.append(&expected, &frame) {
                    Appended::Appended(_) => {}
                    Appended::NotWritten(_) | Appended::Unknown(_) => {
                        return (journal, before, chain);
                    }
                    Appended::HeadMoved(head) => panic!("moved to {head:?}"),
                }
            }
        });
        // It dies while frames are being written.
        let least = 40 * (round + 1);
        while store.reader().unwrap().head().unwrap().frame < least {}
        cluster.kill().unwrap();
        let (kept, confirmed, attempted) = writer.join().unwrap();
        journal = kept;
        cluster.resume().unwrap();
        let head = JournalStore::head(&mut journal).unwrap();
        chain = if head == attempted.head() { attempted } else { confirmed };
        assert_eq!(head, chain.head(), "round {round}");
    }
    let frames = read_all(&mut store.reader().unwrap()).unwrap();
    assert_eq!(frames.len() as u64, chain.head().frame);
}

/// A commit that stops waiting for its standby is confirmed by the server, and may be lost with it.
#[test]
fn a_commit_that_no_longer_waits_for_its_standby_is_no_confirmation() {
    let Some(cluster) = throwaway(&[]) else { return };
    let directory = tempfile::tempdir().unwrap();
    let store = on(&cluster, directory.path());
    let mut journal = store.journal().unwrap();
    let mut chain = Chain::new();
    append(&mut journal, &mut chain, 5);
    for sql in ["ALTER SYSTEM SET synchronous_standby_names = 'nobody'", "SELECT pg_reload_conf()"]
    {
        cluster.sql("postgres", sql).unwrap();
    }
    // The server takes the setting up a moment later: until then it waits for nobody.
    let writer = std::thread::spawn(move || {
        loop {
            let expected = chain.head();
            let frame = chain.fill(1, 5);
            let appended = journal.append(&expected, &frame);
            if !matches!(appended, Appended::Appended(_)) {
                return (journal.head(), journal.append(&expected, &frame), appended);
            }
        }
    });
    let cancel = "SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE wait_event = 'SyncRep'";
    while !writer.is_finished() && cluster.sql("postgres", cancel).unwrap() != "t" {}
    let (head, again, appended) = writer.join().unwrap();
    let Appended::Unknown(fault) = appended else { panic!("{appended:?}") };
    assert!(fault.is_failed_sync(), "{fault:?}");
    assert!(head.unwrap_err().is_failed_sync());
    assert!(matches!(again, Appended::NotWritten(fault) if fault.is_failed_sync()));
}

/// A file system in memory, unmounted when dropped.
struct Small(std::path::PathBuf);

impl Drop for Small {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(&self.0).output();
    }
}

#[test]
fn machine_full_disk_refuses_frames_and_keeps_the_rest() {
    let Some(cluster) = throwaway(&[]) else { return };
    let place = cluster.directory().join("small");
    std::fs::create_dir(&place).unwrap();
    let mount = Command::new("mount")
        .args(["-t", "tmpfs", "-o", "size=8m,mode=0777", "bej-test"])
        .arg(&place)
        .output();
    if !mount.is_ok_and(|done| done.status.success()) {
        println!("NOT RUN: a full disk of PostgreSQL (needs the right to mount a file system)");
        return;
    }
    let _small = Small(place.clone());
    let directory = tempfile::tempdir().unwrap();
    let store = on(&cluster, directory.path());
    let mut chown = Command::new("chown");
    chown.arg("--reference").arg(cluster.directory()).arg(&place);
    assert!(chown.status().unwrap().success());
    cluster
        .sql("postgres", &format!("CREATE TABLESPACE small LOCATION '{}'", place.display()))
        .unwrap();
    cluster.sql("postgres", "ALTER TABLE bej.frames SET TABLESPACE small").unwrap();
    let mut journal = store.journal().unwrap();
    let mut chain = Chain::new();
    append(&mut journal, &mut chain, 1_000);
    std::fs::write(place.join("ballast"), vec![0; 4 << 20]).unwrap();
    let (expected, frame) = loop {
        let expected = chain.head();
        let frame = chain.fill(4, 60_000);
        match journal.append(&expected, &frame) {
            Appended::Appended(_) => {}
            Appended::NotWritten(fault) => {
                assert!(fault.chain().contains("space"), "{}", fault.chain());
                break (expected, frame);
            }
            other => panic!("{other:?}"),
        }
    };
    let mut reader = store.reader().unwrap();
    assert_eq!(reader.head().unwrap(), expected);
    std::fs::remove_file(place.join("ballast")).unwrap();
    assert!(matches!(journal.append(&expected, &frame), Appended::Appended(_)));
    assert_eq!(read_all(&mut reader).unwrap().len() as u64, frame.number);
    drop((journal, reader, store));
    cluster.stop().unwrap();
}

#[test]
fn a_reader_and_the_views_find_a_server_that_was_away() {
    let Some(cluster) = throwaway(&[]) else { return };
    let directory = tempfile::tempdir().unwrap();
    let store = on(&cluster, directory.path());
    let mut chain = Chain::new();
    append(&mut store.journal().unwrap(), &mut chain, 5);
    let (mut reader, mut views) = (store.reader().unwrap(), store.views().unwrap());
    assert_eq!(reader.head().unwrap(), chain.head());
    cluster.stop().unwrap();
    let fault = reader.head().unwrap_err();
    assert!(!fault.is_damage(), "{fault:?}");
    cluster.resume().unwrap();
    assert_eq!(reader.frames(0, 9).unwrap().len(), 1);
    use store::ViewReader as _;
    // The first question finds out that the connection is gone.
    let _ = views.cursor();
    assert_eq!(views.cursor().unwrap().0, 0);
}

/// Of two writers one is told that the journal has moved on.
#[test]
fn two_writers_that_meet_make_one_history() {
    let Some(first) = OnServer::fresh() else { return };
    let (mut chain, mut journals) = (Chain::new(), Vec::new());
    append(&mut first.store.journal().unwrap(), &mut chain, 5);
    for _ in 0..4 {
        journals.push((first.store.journal().unwrap(), chain.clone()));
    }
    let expected = chain.head();
    let outcomes: Vec<bool> = std::thread::scope(|scope| {
        let work = |(at, (mut journal, mut chain)): (usize, (Journal, Chain))| {
            scope.spawn(move || {
                let frame = chain.fill(1, 10 + at);
                match journal.append(&expected, &frame) {
                    Appended::Appended(_) => true,
                    Appended::HeadMoved(_) => false,
                    other => panic!("{other:?}"),
                }
            })
        };
        let threads: Vec<_> = journals.drain(..).enumerate().map(work).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    assert_eq!(outcomes.iter().filter(|won| **won).count(), 1, "{outcomes:?}");
    assert_eq!(read_all(&mut first.store.reader().unwrap()).unwrap().len(), 2);
}

#[test]
fn nobody_answers() {
    let Some(database) = Database::fresh() else { return };
    drop(database);
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let address: Address = format!("postgres://bej@127.0.0.1:{port}/bej").parse().unwrap();
    let options = store_postgres::Options { patience: Duration::ZERO, ..OPTIONS };
    let fault = Postgres::open(&address, options).unwrap_err().chain();
    assert!(fault.contains("refused"), "{fault}");
}
