//! Vault and edge in their own files: the conformance suite, two processes' worth of openers,
//! a newer schema, and what is left in the file of what was deleted.

use std::path::PathBuf;

use store::suite::edge::{self, EdgeBed};
use store::suite::vault::{self, VaultBed, reference};
use store::vault::terms::{Instant, Person, Seq};
use store::vault::{EpochRow, ItemRow, KeyRow, PersonRow, PersonState};
use store::{EdgeStore, Fault, VaultStore};
use store_sqlite::{Edge, Vault};
use tempfile::TempDir;

struct Files(TempDir);

impl Files {
    fn new() -> Files {
        Files(tempfile::tempdir().expect("a directory"))
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }
}

impl VaultBed for Files {
    fn vault(&self) -> Result<Box<dyn VaultStore>, Fault> {
        Ok(Box::new(Vault::open(self.path("vault.db"))?))
    }
}

impl EdgeBed for Files {
    fn edge(&self) -> Result<Box<dyn EdgeStore>, Fault> {
        Ok(Box::new(Edge::open(self.path("edge.db"))?))
    }
}

#[test]
fn the_embedded_vault_conforms() {
    vault::run_all(&|| Box::new(Files::new()));
}

#[test]
fn the_embedded_edge_conforms() {
    edge::run_all(&|| Box::new(Files::new()));
}

#[test]
fn many_may_make_the_files_at_once() {
    let files = Files::new();
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                files.vault().unwrap().upkeep().unwrap();
                files.edge().unwrap().upkeep().unwrap();
            });
        }
    });
    let mut names: Vec<String> = std::fs::read_dir(files.0.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| !name.ends_with("-wal") && !name.ends_with("-shm"))
        .collect();
    names.sort();
    assert_eq!(names, ["edge.db", "vault.db"], "nothing unfinished is left");
    use std::os::unix::fs::PermissionsExt as _;
    for name in names {
        let mode = std::fs::metadata(files.path(&name)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{name}");
    }
}

/// What was destroyed is not in the file any more, nor in its log.
// R0-20.2: the bytes are overwritten, not only unlinked.
#[test]
fn nothing_of_what_was_destroyed_is_left_in_the_file() {
    let files = Files::new();
    let mut vault = files.vault().unwrap();
    let sealed = vec![7; 10];
    let epoch = EpochRow { epoch: 1, phase: 1, sealed, cursor: Vec::new() };
    vault.set_epochs(0, &[epoch]).unwrap();
    let marks: [&[u8]; 3] = [b"the-sealed-key-itself", b"the-sealed-item-itself", b"a-large-one"];
    let person = PersonRow {
        reference: reference(3),
        state: PersonState::Pending,
        number: None,
        made_at: Instant(0),
        ordered: None,
    };
    let key = KeyRow {
        epoch: 1,
        reference: reference(3),
        sealed: marks[0].to_vec(),
        entries: Vec::new(),
    };
    let item = |item: u16, sealed: Vec<u8>| ItemRow {
        reference: reference(3),
        item,
        kind: 1,
        version: 1,
        epoch: 1,
        sealed,
    };
    let items = [item(0, marks[1].to_vec()), item(1, marks[2].repeat(20_000))];
    vault.admit(1, &person, &[key], &items).unwrap();
    vault.confirm(reference(3), Person(1)).unwrap();
    vault.upkeep().unwrap();
    let holds = |mark: &[u8]| {
        ["vault.db", "vault.db-wal"].iter().any(|name| {
            let bytes = std::fs::read(files.path(name)).unwrap_or_default();
            bytes.windows(mark.len()).any(|window| window == mark)
        })
    };
    assert!(marks.iter().all(|mark| holds(mark)), "the control: it was there");
    vault.destroy(&[(Person(1), Seq(2))]).unwrap();
    vault.upkeep().unwrap();
    for mark in marks {
        assert!(!holds(mark), "{}", String::from_utf8_lossy(mark));
    }
}

#[test]
fn a_newer_schema_is_refused() {
    let files = Files::new();
    drop(files.vault().unwrap());
    let edit = rusqlite::Connection::open(files.path("vault.db")).unwrap();
    edit.execute("UPDATE meta SET schema_version = 99", []).unwrap();
    drop(edit);
    let fault = files.vault().err().expect("refused");
    assert!(matches!(fault, Fault::Newer { found: 99, .. }), "{fault}");
}
