//! Transactions that truly meet: a deadlock, a write that cannot be put in order, a table that
//! somebody holds, a replica that lags. Each is provoked in the server, by another connection.

use std::time::Duration;

use postgres::{Client, NoTls};
use store::suite::Chain;
use store::{Appended, JournalReader as _, JournalStore as _};
use store_postgres::{Address, Journal, Options, Postgres};

use cluster::{Cluster, throwaway, until};

use crate::{OPTIONS, OnServer, read_all};

/// A connection of somebody else.
fn another(bed: &OnServer) -> Client {
    Client::connect(bed.database.url(), NoTls).unwrap()
}

fn appended(journal: &mut Journal, chain: &mut Chain) {
    let expected = chain.head();
    let done = journal.append(&expected, &chain.fill(1, 9));
    assert!(matches!(done, Appended::Appended(_)), "{done:?}");
}

/// Until so many sessions of the database wait for somebody's lock.
fn waiting(bed: &OnServer, count: u32) {
    let waits = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' \
                 AND datname = current_database()";
    until("those who wait", || bed.database.sql(waits) == count.to_string());
}

// R2-55.1d, E-17: 40P01. The writer waits for a number that somebody else has written and not yet
// committed, who then wants the table that the writer has a lock on. The server ends the writer's
// statement, and the writer tries again.
#[test]
fn a_deadlock_is_tried_again() {
    let Some(bed) = OnServer::fresh() else { return };
    let name = bed.database.name();
    // Who has waited this long has the server look for a deadlock, once, and is the one to end. On
    // a machine so slow that the writer looks too early it is the other one: then once more.
    bed.database.sql(&format!("ALTER DATABASE {name} SET deadlock_timeout = '2s'"));
    let mut chain = Chain::new();
    let mut journal = bed.store.journal().unwrap();
    appended(&mut journal, &mut chain);
    let mut other = another(&bed);
    other.batch_execute("SET deadlock_timeout = '20s'").unwrap();
    let insert = "BEGIN; INSERT INTO bej.frames (number, first_seq, hash, bytes) \
                  SELECT number + 1, first_seq, hash, bytes FROM bej.frames \
                  ORDER BY number DESC LIMIT 1";
    let mut met = false;
    while !met {
        other.batch_execute(insert).unwrap();
        std::thread::scope(|scope| {
            let writer = scope.spawn(|| appended(&mut journal, &mut chain));
            waiting(&bed, 1);
            // Granted once the server has ended the writer's statement.
            met = other.batch_execute("LOCK TABLE bej.frames IN SHARE MODE").is_ok();
            other.batch_execute("ROLLBACK").unwrap();
            writer.join().unwrap();
        });
    }
    // Sessions report what they met when they end.
    drop((journal, other));
    let deadlocks = "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()";
    until("a deadlock", || bed.database.sql(deadlocks) != "0");
    let frames = read_all(&mut bed.store.reader().unwrap()).unwrap();
    assert_eq!(frames.last().map(|frame| frame.head()), Some(chain.head()));
}

// 40001. Where the database isolates transactions more than is usual, a change of a row that
// somebody else has changed meanwhile is refused, and tried again.
#[test]
fn a_write_that_cannot_be_put_in_order_is_tried_again() {
    let Some(bed) = OnServer::fresh() else { return };
    let name = bed.database.name();
    bed.database.sql(&format!(
        "ALTER DATABASE {name} SET default_transaction_isolation = 'repeatable read'"
    ));
    let mut chain = Chain::new();
    let mut journal = bed.store.journal().unwrap();
    appended(&mut journal, &mut chain);
    for _ in 0..3 {
        let mut other = another(&bed);
        other.batch_execute("BEGIN; UPDATE bej.writers SET opened = opened + 1").unwrap();
        std::thread::scope(|scope| {
            // Reading the head makes sure of it by a write of its own.
            let writer = scope.spawn(|| journal.head());
            waiting(&bed, 1);
            other.batch_execute("COMMIT").unwrap();
            assert_eq!(writer.join().unwrap().unwrap(), chain.head());
        });
    }
    appended(&mut journal, &mut chain);
}

// A database that is slow: somebody holds the table. No statement is given up, for one that is
// cancelled may count as written; readers go on, and when the table is free so is the writer.
#[test]
fn a_table_that_somebody_holds_only_delays() {
    let Some(bed) = OnServer::fresh() else { return };
    let mut chain = Chain::new();
    let mut journal = bed.store.journal().unwrap();
    appended(&mut journal, &mut chain);
    let before = chain.head();
    let mut reader = bed.store.reader().unwrap();
    let mut other = another(&bed);
    other.batch_execute("BEGIN; LOCK TABLE bej.frames IN EXCLUSIVE MODE").unwrap();
    std::thread::scope(|scope| {
        let writer = scope.spawn(|| appended(&mut journal, &mut chain));
        waiting(&bed, 1);
        assert_eq!(reader.head().unwrap(), before, "nothing is read that is not written");
        assert!(!writer.is_finished());
        other.batch_execute("ROLLBACK").unwrap();
        writer.join().unwrap();
    });
    assert_eq!(reader.head().unwrap(), chain.head());
}

// R0-18.1a, R2-55.1d: a replica that lags answers as of the entry that it has reached, and says
// which; it takes no writes.
#[test]
fn a_replica_that_lags_says_as_of_which_entry() {
    let Some(primary) = throwaway(&[]) else { return };
    let directory = tempfile::tempdir().unwrap();
    let at = |server: &Cluster, node: &str| -> Address {
        let node = directory.path().join(node);
        format!("{}?dir={}", server.url("postgres"), node.display()).parse().unwrap()
    };
    let store = Postgres::open(&at(&primary, "one"), OPTIONS).unwrap();
    let replica = primary.follower(&[]).unwrap();
    let ask = |sql: &str| replica.sql("postgres", sql).unwrap();
    let (mut journal, mut chain) = (store.journal().unwrap(), Chain::new());
    appended(&mut journal, &mut chain);
    until("the schema", || ask("SELECT to_regclass('bej.frames') IS NOT NULL") == "t");
    until("the frame", || ask("SELECT count(*) FROM bej.frames") == "1");
    ask("SELECT pg_wal_replay_pause()");
    until("the pause", || ask("SELECT pg_get_wal_replay_pause_state()") == "paused");
    let reached = chain.head();
    appended(&mut journal, &mut chain);
    let mut reader = store_postgres::Reader::open(&at(&replica, "two")).unwrap();
    assert_eq!(reader.head().unwrap(), reached);
    assert_eq!(read_all(&mut reader).unwrap().len(), 1);
    assert!(reader.frame_of(reached.next_seq).unwrap().is_none(), "it is not there yet");
    let options = Options { patience: Duration::ZERO, ..OPTIONS };
    let said = Postgres::open(&at(&replica, "two"), options).unwrap_err().chain();
    assert!(said.contains("does not allow writes"), "{said}");
    ask("SELECT pg_wal_replay_resume()");
    until("the end", || reader.head().unwrap() == chain.head());
    assert_eq!(read_all(&mut reader).unwrap().len(), 2);
}
