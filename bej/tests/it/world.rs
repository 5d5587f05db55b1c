//! Small stores, and the binary that is asked about them.

use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use journal::checkpoint::CheckpointKey;
use journal::fact::{Entry, KeyAnnounced};
use journal::frame::{FactBuffer, Sealer};
use journal::tree::Frontier;
use sim::scenario;
use store::{Appended, Head, JournalStore as _};
use store_sqlite::{Options, PART_LIMIT_BYTES, Sqlite, Synchronous};
use terms::{Hash, Instant, MessageId, Sender, Seq};

/// A script in which every kind of record of a bet occurs.
pub const SCRIPT: &str = "
    at 2026-01-05 12:00:00
    world
    rival
    bettor P2 W2 A3 O1 1_000.00
    match E3 M3 C1 +5h
    match E4 M4 C1 +6h
    stake B1 A1 1_000.00 M1.1@1.85
    stake B2 A1 200.00 M1.1@1.85 M3.X@3.20
    stake B3 A1 300.00 M1.1@1.85 M3.X@3.20 M4.2@2.50 system=2
    hold B4 A3 100.00 M1.X@3.30
    confirm B4
    hold B5 A3 50.00 M1.2@4.00
    release B5
    hold B6 A3 25.00 M1.2@4.00
    +31s
    tick
    report B7 A1 500.00 cash M3.X@2.10
    order R9 A3 900.00
    stake B8 A3 5_000.00 M1.1@1.85 → refused funds_insufficient
    stake B10 A3 800.00 M1.2@4.00
    +8h
    result M1 won lost lost
    result M3 lost won lost
    result M4 lost lost won
    settle B1
    settle B2
    settle B3
    settle B4
    settle B7
    pay B7 400.00 cash
    pay B7 5_000.00 cash → breach payout_above_winning
    settle B10
    change E3 started
    +1m
    result M1 lost won lost reason=goal
    correct B1 reason=goal
    correct B4 reason=goal
    repay B1 50.00
    match E5 M5 C1 +6h
    stake B11 A1 2_000.00 M5.1@1.50
    +20m
    tick
    issue WO1 1.00 → refused issue_not_allowed
    redeem W1 100.00
    change M5 void
    settle B11 market_void
    +11m
    tick
    correct B1 reason=again
";

/// The entries of a script.
pub fn entries(script: &str) -> Vec<Entry> {
    match scenario::run(script) {
        Ok(run) => run.entries,
        Err(failure) => panic!("{failure}"),
    }
}

/// Frames of so many entries in a new SQLite store.
pub struct World {
    _home: tempfile::TempDir,
    /// The journal's first part.
    pub path: PathBuf,
    /// What is in it.
    pub entries: Vec<Entry>,
    /// Where it ends.
    pub head: Head,
}

impl World {
    /// A store of a script.
    pub fn of(script: &str, frame: usize) -> World {
        World::with(entries(script), frame, PART_LIMIT_BYTES)
    }

    /// A store of these entries.
    pub fn with(entries: Vec<Entry>, frame: usize, part_limit_bytes: u64) -> World {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("bej.db");
        let head = write(&path, &entries, frame, part_limit_bytes);
        World { _home: home, path, entries, head }
    }

    /// A store of a script, with a key that its last entry announces and that lies beside it.
    pub fn signed(script: &str, frame: usize) -> World {
        let mut entries = entries(script);
        announce(&mut entries, 1, None);
        let world = World::with(entries, frame, PART_LIMIT_BYTES);
        put_key(&world.companion("checkpoint.key"), 1);
        world
    }

    /// A file of the store that is not the journal.
    pub fn companion(&self, name: &str) -> PathBuf {
        let directory = self.beside("bej.db.d");
        std::fs::create_dir_all(&directory).unwrap();
        directory.join(name)
    }

    /// The store's URL.
    pub fn url(&self) -> String {
        url(&self.path)
    }

    /// A file beside the store.
    pub fn beside(&self, name: &str) -> PathBuf {
        self._home.path().join(name)
    }
}

/// The URL of a path.
pub fn url(path: &Path) -> String {
    format!("sqlite:{}", path.display())
}

/// Writes entries as a store; they need not be ones that the desk would make.
pub fn write(path: &Path, entries: &[Entry], frame: usize, part_limit_bytes: u64) -> Head {
    let options = Options { synchronous: Synchronous::Off, part_limit_bytes, create: true };
    let sqlite = Sqlite::open(path, options).unwrap();
    let mut journal = sqlite.journal().unwrap();
    let mut sealer = Sealer::new(Head::empty(), Frontier::new());
    let mut facts = FactBuffer::new();
    let empty = [].as_slice();
    for entries in std::iter::once(empty).chain(entries.chunks(frame)) {
        facts.clear();
        for entry in entries {
            facts.push_with(|out| entry.put(out));
        }
        let at = entries.last().map_or(Instant(0), |entry| entry.at);
        let before = sealer.head();
        let sealed = sealer.seal(1, at, &facts);
        match journal.append(&before, &sealed) {
            Appended::Appended(_) => {}
            other => panic!("{other:?}"),
        }
        journal.upkeep().unwrap();
    }
    sealer.head()
}

/// The public key of a seed.
pub fn public(seed: u8) -> Hash {
    Hash(CheckpointKey::from_seed([seed; 32]).public())
}

/// Adds an entry that announces the key of a seed.
pub fn announce(entries: &mut Vec<Entry>, seed: u8, successor: Option<u8>) {
    let mut last = entries.last().unwrap().clone();
    (last.seq, last.at) = (Seq(last.seq.0 + 1), last.at.plus(1));
    let mut said = entries.iter().filter_map(|entry| entry.fact.cause());
    let mut cause = said.find(|cause| cause.sender == Sender::Operator).unwrap().clone();
    let mut random = [0; 10];
    random[2..].copy_from_slice(&last.seq.0.to_be_bytes());
    cause.id = MessageId(terms::id::uuid_v7(last.at.ms(), random));
    let (key, successor) = (public(seed), successor.map(public));
    last.fact = KeyAnnounced { cause, key, successor }.into();
    entries.push(last);
}

/// Writes the key file of a seed.
pub fn put_key(path: &Path, seed: u8) {
    let text = format!("bej-checkpoint-key-v1 local {}\n", terms::codec::hex(&[seed; 32]));
    std::fs::write(path, text).unwrap();
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600)).unwrap();
}

/// Runs the binary.
pub fn bej(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_bej")).args(arguments).output().unwrap()
}

/// Runs the binary, which must succeed, and gives what it prints.
pub fn good(arguments: &[&str]) -> String {
    let output = bej(arguments);
    let said = String::from_utf8_lossy(&output.stderr);
    let printed = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{arguments:?}: {said}{printed}");
    printed
}

/// Runs the binary, which must fail and not panic, and gives all that it says.
pub fn bad(arguments: &[&str]) -> String {
    let output = bej(arguments);
    let mut said = String::from_utf8(output.stderr).unwrap();
    said.push_str(&String::from_utf8(output.stdout).unwrap());
    assert_eq!(output.status.code(), Some(1), "{arguments:?}: {said}");
    assert!(!said.contains("panicked"), "{arguments:?}: {said}");
    said
}

/// The object that `bej verify --json` prints, and whether it said that all is well.
pub fn verify(path: &Path) -> (bool, serde_json::Value) {
    let output = bej(&["verify", "--store", &url(path), "--json"]);
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(!said.contains("panicked"), "{said}");
    let object: serde_json::Value =
        serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {said}"));
    assert_eq!(object["ok"], output.status.success(), "{object} {said}");
    (output.status.success(), object)
}

/// Makes the views of a store from these entries, which need not be those of its journal.
pub fn project(path: &Path, entries: &[Entry]) {
    use store::views::{ViewReader, ViewStore as _, Work};
    let options = Options {
        synchronous: Synchronous::Off,
        part_limit_bytes: PART_LIMIT_BYTES,
        create: false,
    };
    let mut views = Sqlite::open(path, options).unwrap().views().unwrap();
    let mut fold = reports::Fold::new(0);
    for entries in entries.chunks(20) {
        let lookup: &mut dyn ViewReader = &mut views;
        let step = fold.step(entries, lookup).unwrap();
        views.project(&step).unwrap();
        while views.upkeep().unwrap() == Work::More {}
    }
}
