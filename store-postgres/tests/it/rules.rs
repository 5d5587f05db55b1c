//! What the store refuses: servers, schemas, directories, and who has no right.

use cluster::{Cluster, Database, throwaway};
use store::edge::EdgeRow;
use store::suite::Chain;
use store::vault::terms::{Instant, Person, Seq};
use store::{
    Appended, Fault, Holder, JournalReader, JournalStore, LeaseStore as _, MarkStore as _, Marked,
    ViewReader,
};
use store_postgres::{Address, Options, PATIENCE, Postgres, Reader, Views};

use crate::{OPTIONS, OnServer, address};

fn refused(address: &Address) -> String {
    let options = Options { patience: std::time::Duration::ZERO, ..OPTIONS };
    let fault = Postgres::open(address, options).expect_err("a refusal").chain();
    assert!(!fault.contains("secret"), "{fault}");
    fault
}

#[test]
fn a_server_that_loses_what_it_confirmed_is_refused() {
    let Some(cluster) = throwaway(&[]) else { return };
    let directory = tempfile::tempdir().unwrap();
    let url = format!("{}?dir={}", cluster.url("postgres"), directory.path().display());
    let address: Address = url.parse().unwrap();
    let check = |setting: &str| {
        for sql in [&format!("ALTER SYSTEM SET {setting} = off"), "SELECT pg_reload_conf()"] {
            cluster.sql("postgres", sql).unwrap();
        }
        let shown = || cluster.sql("postgres", &format!("SHOW {setting}")).unwrap();
        while shown() != "off" {}
        let fault = refused(&address);
        assert!(fault.contains(&format!("{setting} is off")), "{fault}");
        for sql in [&format!("ALTER SYSTEM RESET {setting}"), "SELECT pg_reload_conf()"] {
            cluster.sql("postgres", sql).unwrap();
        }
        while shown() == "off" {}
    };
    check("fsync");
    check("full_page_writes");
    check("synchronous_commit");
    Postgres::open(&address, OPTIONS).unwrap();
}

#[test]
fn passwords_databases_and_encodings() {
    let Some(cluster) = throwaway(&[]) else { return };
    let directory = tempfile::tempdir().unwrap();
    let at = |user: &str, database: &str| -> Address {
        let (port, dir) = (cluster.port(), directory.path().display());
        format!("postgres://{user}@127.0.0.1:{port}/{database}?dir={dir}").parse().unwrap()
    };
    let fault = refused(&at("postgres:secret", "postgres"));
    assert!(fault.contains("password"), "{fault}");
    let right = format!("postgres:{}", cluster.password());
    let fault = refused(&at(&right, "nowhere"));
    assert!(fault.contains("nowhere") && fault.contains("not exist"), "{fault}");
    assert!(!fault.contains(cluster.password()), "{fault}");
    Postgres::open(&at(&right, "postgres"), OPTIONS).unwrap();
    cluster.sql("postgres", "CREATE DATABASE old ENCODING 'LATIN1' TEMPLATE template0").unwrap();
    let fault = refused(&at(&right, "old"));
    assert!(fault.contains("LATIN1"), "{fault}");
    // A password in a file, which has to be its owner's alone.
    let file = directory.path().join("password");
    std::fs::write(&file, format!("{}\n", cluster.password())).unwrap();
    let set = |mode| {
        use std::os::unix::fs::PermissionsExt as _;
        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(mode)).unwrap();
        let (port, dir) = (cluster.port(), directory.path().display());
        format!(
            "postgres://postgres@127.0.0.1:{port}/postgres?passwordfile={}&dir={dir}",
            file.display()
        )
        .parse()
        .unwrap()
    };
    let fault = refused(&set(0o644));
    assert!(fault.contains("chmod 600"), "{fault}");
    Postgres::open(&set(0o600), OPTIONS).unwrap();
}

#[test]
fn schemas_are_made_once_and_newer_ones_refused() {
    let Some(database) = Database::fresh() else { return };
    let directory = tempfile::tempdir().unwrap();
    let address = address(&database, directory.path());
    let absent = Postgres::open(&address, Options { create: false, ..OPTIONS });
    assert!(matches!(absent, Err(Fault::Absent { .. })), "{absent:?}");
    assert!(matches!(Reader::open(&address), Err(Fault::Absent { .. })));
    let store = Postgres::open(&address, OPTIONS).unwrap();
    assert!(Views::read(&address).unwrap().is_none());
    let _views = store.views().unwrap();
    assert_eq!(Views::read(&address).unwrap().unwrap().cursor().unwrap().0, 0);
    drop((_views, store));
    database.sql("UPDATE bej_views.schema_version SET version = 99");
    let store = Postgres::open(&address, Options { create: false, ..OPTIONS }).unwrap();
    assert!(matches!(store.views(), Err(Fault::Newer { found: 99, .. })));
    assert!(matches!(Views::read(&address), Err(Fault::Newer { found: 99, .. })));
    drop(store);
    database.sql("UPDATE bej.schema_version SET version = 7");
    let newer = Postgres::open(&address, OPTIONS);
    assert!(matches!(newer, Err(Fault::Newer { found: 7, .. })), "{newer:?}");
    assert!(matches!(Reader::open(&address), Err(Fault::Newer { found: 7, .. })));
}

#[test]
fn a_directory_belongs_to_one_store_and_one_process() {
    let Some(first) = OnServer::fresh() else { return };
    let same = address(&first.database, first.directory.path());
    let held = Postgres::open(&same, OPTIONS);
    assert!(matches!(held, Err(Fault::Held { .. })), "{held:?}");
    let other = first.database.another();
    let OnServer { directory, store, .. } = first;
    drop(store);
    let fault = Postgres::open(&address(&other, directory.path()), OPTIONS).unwrap_err();
    assert!(fault.to_string().contains("another store"), "{fault}");
}

// R0-20.0h: the right to delete does not exist.
#[test]
fn the_writer_can_only_add_to_the_journal() {
    let Some(cluster) = throwaway(&[]) else { return };
    let directory = tempfile::tempdir().unwrap();
    let dir = directory.path().display();
    let owner: Address = format!("{}?dir={dir}", cluster.url("postgres")).parse().unwrap();
    drop(Postgres::open(&owner, OPTIONS).unwrap());
    let roles = include_str!("../../sql/rights/roles.sql");
    cluster.sql("postgres", roles).unwrap();
    let url = |user: &str| cluster.url("postgres").replace("postgres@", &format!("{user}@"));
    let writer: Address = format!("{}?dir={dir}", url("bej_writer")).parse().unwrap();
    let store = Postgres::open(&writer, OPTIONS).unwrap();
    let mut journal = store.journal().unwrap();
    let mut chain = Chain::new();
    let expected = chain.head();
    assert!(matches!(journal.append(&expected, &chain.fill(2, 9)), Appended::Appended(_)));
    {
        use store::{SnapshotStore as _, ViewStore as _};
        store.snapshots().begin(2).unwrap().finish().unwrap();
        store.views().unwrap().upkeep().unwrap();
        let mut marks = store.marks();
        assert_eq!(marks.set_mark("one", 0, b"1").unwrap(), Marked::Done);
        assert_eq!(marks.set_mark("one", 1, b"2").unwrap(), Marked::Done);
        let mut lease = store.lease();
        let holder = Holder { node: "a".into(), api: "a:1".into(), console: String::new() };
        assert_eq!(lease.take(&holder).unwrap(), Some(1));
    }
    let reader: Address = format!("{}?dir={dir}", url("bej_reader")).parse().unwrap();
    assert_eq!(Reader::open(&reader).unwrap().head().unwrap(), chain.head());
    assert!(Views::read(&reader).unwrap().is_some());
    for user in ["bej_writer", "bej_reader"] {
        for sql in [
            "DELETE FROM bej.frames",
            "UPDATE bej.frames SET bytes = ''",
            "TRUNCATE bej.frames",
            "DROP TABLE bej.frames",
            "ALTER TABLE bej.frames ADD COLUMN x int",
        ] {
            denied(&cluster, user, sql);
        }
    }
    denied(&cluster, "bej_reader", "INSERT INTO bej.frames VALUES (9, 9, '', '')");
    denied(&cluster, "bej_reader", "UPDATE bej_views.state SET cursor = 0");
    denied(&cluster, "bej_reader", "UPDATE bej.lease SET until = '-infinity'");
    denied(&cluster, "bej_reader", "SELECT bytes FROM bej.marks");
    denied(&cluster, "bej_writer", "DELETE FROM bej.marks");
}

// R0-18.1b: persons are nobody's who only reads, and the role for them sees no journal.
#[test]
fn persons_are_for_those_who_keep_them() {
    let Some(cluster) = throwaway(&[]) else { return };
    let directory = tempfile::tempdir().unwrap();
    let dir = directory.path().display();
    let owner: Address = format!("{}?dir={dir}", cluster.url("postgres")).parse().unwrap();
    let store = Postgres::open(&owner, OPTIONS).unwrap();
    drop((store.vault().unwrap(), store.edge().unwrap()));
    cluster.sql("postgres", include_str!("../../sql/rights/roles.sql")).unwrap();
    cluster.sql("postgres", include_str!("../../sql/rights/vault.sql")).unwrap();
    for user in ["bej_writer", "bej_vault"] {
        use store::{EdgeStore as _, VaultStore as _};
        let url = cluster.url("postgres").replace("postgres@", &format!("{user}@"));
        let address: Address = format!("{url}?dir={dir}").parse().unwrap();
        let mut vault = store_postgres::Vault::open(&address).unwrap();
        let version = vault.epochs().unwrap().version;
        vault.set_epochs(version, &[]).unwrap();
        vault.destroy(&[(Person(1), Seq(1))]).unwrap();
        let mut edge = store_postgres::Edge::open(&address).unwrap();
        let (table, key, value) = (1, vec![version as u8], vec![1]);
        let row = EdgeRow { table, key, value, version: 0, expires_at: None };
        edge.put(&row, 0, Instant(1)).unwrap();
        denied(&cluster, user, "DROP TABLE vault.keys");
        denied(&cluster, user, "UPDATE vault.schema_version SET version = 9");
    }
    denied(&cluster, "bej_vault", "SELECT bytes FROM bej.frames");
    for table in ["vault.persons", "vault.keys", "vault.items", "vault.looks", "edge.edge"] {
        denied(&cluster, "bej_reader", &format!("SELECT * FROM {table}"));
    }
}

fn denied(cluster: &Cluster, user: &str, sql: &str) {
    let as_user = format!("SET ROLE {user}; {sql}");
    let error = cluster.sql("postgres", &as_user).expect_err("it is denied").to_string();
    assert!(error.contains("permission denied") || error.contains("must be owner"), "{error}");
}

/// What was changed in the database is found when it is read.
#[test]
fn changed_rows_are_damage() {
    let Some(bed) = OnServer::fresh() else { return };
    let (mut journal, mut chain) = (bed.store.journal().unwrap(), Chain::new());
    for _ in 0..3 {
        let expected = chain.head();
        assert!(matches!(journal.append(&expected, &chain.fill(2, 9)), Appended::Appended(_)));
    }
    let check = |sql: &str, back: &str| {
        bed.database.sql(sql);
        let mut reader = bed.store.reader().unwrap();
        let fault = reader.frames(0, 9).unwrap_err();
        assert!(fault.is_damage(), "{sql}: {fault:?}");
        bed.database.sql(back);
        assert_eq!(reader.frames(0, 9).unwrap().len(), 3);
    };
    let flip = "UPDATE bej.frames SET bytes = set_byte(bytes, 115, get_byte(bytes, 115) # 1)
                WHERE number = 2";
    check(flip, flip);
    check(
        "UPDATE bej.frames SET first_seq = 7 WHERE number = 3",
        "UPDATE bej.frames SET first_seq = 4 WHERE number = 3",
    );
    check(
        "UPDATE bej.frames SET number = 9 WHERE number = 2",
        "UPDATE bej.frames SET number = 2 WHERE number = 9",
    );
    let last = JournalStore::head(&mut journal).unwrap();
    assert_eq!(last, chain.head());
}

// R0-20.0h, R0-20.3c: a process of a group can do what its group is for, and nothing else.
#[test]
fn each_group_can_do_what_it_is_for_and_nothing_else() {
    use store::{SnapshotStore as _, VaultStore as _, ViewStore as _};
    let Some(cluster) = throwaway(&[]) else { return };
    let directory = tempfile::tempdir().unwrap();
    let at = |user: &str| -> Address {
        let url = cluster.url("postgres").replace("postgres@", &format!("{user}@"));
        format!("{url}?dir={}", directory.path().join(user).display()).parse().unwrap()
    };
    let owned = Postgres::open(&at("postgres"), OPTIONS).unwrap();
    drop((owned.vault().unwrap(), owned.edge().unwrap(), owned));
    for roles in ["roles", "vault", "groups"] {
        let file = format!("{}/sql/rights/{roles}.sql", env!("CARGO_MANIFEST_DIR"));
        cluster.sql("postgres", &std::fs::read_to_string(file).unwrap()).unwrap();
    }
    let feeds = Postgres::follow(&at("bej_feeds"), PATIENCE).unwrap();
    feeds.views().unwrap().upkeep().unwrap();
    let pump = Postgres::open(&at("bej_writer"), OPTIONS).unwrap();
    let (mut journal, mut chain) = (pump.journal().unwrap(), Chain::new());
    let expected = chain.head();
    assert!(matches!(journal.append(&expected, &chain.fill(2, 9)), Appended::Appended(_)));
    pump.snapshots().begin(2).unwrap().finish().unwrap();
    assert_eq!(pump.marks().set_mark("one", 0, b"1").unwrap(), Marked::Done);
    drop(pump.views().unwrap());

    for user in ["bej_follower", "bej_feeds", "bej_people"] {
        let follower = match user {
            "bej_feeds" => feeds.clone(),
            _ => Postgres::follow(&at(user), PATIENCE).unwrap(),
        };
        let mut journal = follower.journal().unwrap();
        assert_eq!(JournalStore::head(&mut journal).unwrap(), chain.head());
        let mut ahead = chain.clone();
        let refused = journal.append(&chain.head(), &ahead.fill(1, 9));
        assert!(matches!(refused, Appended::NotWritten(Fault::Refused { .. })), "{refused:?}");
        assert_eq!(follower.reader().unwrap().frames(0, 9).unwrap().len(), 1);
        assert_eq!(follower.marks().mark("one").unwrap().unwrap().bytes, b"1");
        assert!(follower.snapshots().latest().is_ok());
        assert!(Views::read(&at(user)).unwrap().is_some());
        for sql in [
            "INSERT INTO bej.frames VALUES (9, 9, '', '')",
            "DELETE FROM bej.frames",
            "UPDATE bej.writers SET opened = 0",
            "UPDATE bej.lease SET until = '-infinity'",
            "INSERT INTO bej.marks VALUES ('two', 1, '')",
            "UPDATE bej.marks SET bytes = ''",
            "INSERT INTO bej.snapshots VALUES (9, 0, '')",
            "DELETE FROM bej.snapshots",
        ] {
            denied(&cluster, user, sql);
        }
    }
    let mut vault = store_postgres::Vault::open(&at("bej_people")).unwrap();
    assert_eq!(vault.epochs().unwrap().version, 0);
    store_postgres::Edge::open(&at("bej_people")).unwrap();
    for user in ["bej_follower", "bej_writer", "bej_feeds", "bej_reader"] {
        denied(&cluster, user, "SELECT * FROM vault.keys");
        denied(&cluster, user, "SELECT * FROM edge.edge");
    }
    for user in ["bej_follower", "bej_writer", "bej_reader", "bej_people"] {
        denied(&cluster, user, "UPDATE bej_views.state SET cursor = 0");
        denied(&cluster, user, "DELETE FROM bej_views.bets");
        denied(&cluster, user, "DROP SCHEMA bej_views CASCADE");
        denied(&cluster, user, "CREATE SCHEMA mine");
    }
}
