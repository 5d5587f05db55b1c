//! The server's own archive: a base backup and the log behind it make the journal as it was at a
//! point between two frames.

use cluster::{throwaway, until};
use store::suite::Chain;
use store::{Appended, JournalReader as _, JournalStore as _};
use store_postgres::{Address, Postgres};

use crate::{OPTIONS, read_all};

// R2-55.8a, R2-55.8b, R4-14.1.8, S-43, E-17
#[test]
fn the_archived_log_restores_the_journal_to_a_point() {
    let Some(primary) =
        throwaway(&[("archive_mode", "on"), ("archive_command", "test ! -f ../%f && cp %p ../%f")])
    else {
        return;
    };
    let home = tempfile::tempdir().unwrap();
    let at = |url: String, node: &str| -> Address {
        format!("{url}?dir={}", home.path().join(node).display()).parse().unwrap()
    };
    let ask = |sql: &str| primary.sql("postgres", sql).unwrap();
    let store = Postgres::open(&at(primary.url("postgres"), "one"), OPTIONS).unwrap();
    let (mut journal, mut chain) = (store.journal().unwrap(), Chain::new());
    let mut write = |count: usize| {
        for _ in 0..count {
            let expected = chain.head();
            let done = journal.append(&expected, &chain.fill(2, 50));
            assert!(matches!(done, Appended::Appended(_)), "{done:?}");
        }
        chain.head()
    };
    write(3);
    let backup = primary.base_backup().unwrap();
    let point = write(4);
    let time = ask("SELECT clock_timestamp()");
    let last = write(5);
    // The segment with the point leaves for the archive.
    let segment = ask("SELECT pg_walfile_name(pg_switch_wal())");
    let there = format!("SELECT last_archived_wal >= '{segment}' FROM pg_stat_archiver");
    until("the last segment", || ask(&there) == "t");
    primary.kill().unwrap();

    let restore = format!("cp {}/%f %p", primary.directory().display());
    let restored = backup
        .recover(&[
            ("restore_command", &restore),
            ("recovery_target_time", &time),
            ("recovery_target_action", "promote"),
        ])
        .unwrap();
    let recovers = || restored.sql("postgres", "SELECT pg_is_in_recovery()").unwrap();
    until("the end of recovery", || recovers() == "f");
    let other = Postgres::open(&at(restored.url("postgres"), "two"), OPTIONS).unwrap();
    let mut reader = other.reader().unwrap();
    assert_eq!(reader.head().unwrap(), point, "all before the time, and nothing after it");
    assert!(point.frame < last.frame);
    assert_eq!(read_all(&mut reader).unwrap().len() as u64, point.frame);
    // It goes on there.
    let mut journal = other.journal().unwrap();
    assert_eq!(journal.head().unwrap(), point);
}
