//! Sudden ends on one store, over and over, with all checks after each.

use std::collections::HashMap;
use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use desk::command::OpenWallet;
use desk::{Manner, Message};
use ledger::Class as WalletClass;
use pump::{Class, Outcome, Pump, Stream, SystemClock, Time};
use sim::random::Random;
use store_sqlite::{Options, Sqlite, Synchronous};
use terms::{MessageId, Sender};

use super::audit::Books;
use super::writer::{Acknowledgement, Settings, Writer, epoch_ms};

/// How long a writer goes on after its first acknowledgement, in milliseconds.
pub const RUN_MS: (u64, u64) = (20, 400);

/// Every so many cycles the whole store is verified from its beginning.
const WHOLE_EVERY: u64 = 10;

/// Every so many cycles the writer is killed while it starts.
const EARLY_EVERY: u64 = 7;

/// Cycles of a block. In every other one parts are small; in those between there is one large part
/// and nobody opens the store but the writers, so that its log grows over the kills until it is
/// started over.
const BLOCK: u64 = 12;

/// Messages that are repeated when the store is opened again.
const REPEATS: usize = 12;

/// The cycles of one store.
pub struct Cycles {
    name: String,
    seed: u64,
    random: Random,
    run_ms: (u64, u64),
    store: PathBuf,
    epoch_ms: u64,
    books: Books,
    /// The first acknowledgement of each message.
    known: HashMap<(Sender, MessageId), Acknowledgement>,
    /// In the order in which they came.
    order: Vec<(Sender, MessageId)>,
    cycles: u64,
    acknowledged: u64,
    repeated: u64,
    restarts: u32,
    slowest: Duration,
}

impl Cycles {
    /// Cycles on a store below `home`, whose writers go on for so long.
    pub fn new(name: &str, seed: u64, home: &Path, run_ms: (u64, u64)) -> Cycles {
        Cycles {
            name: name.to_owned(),
            seed,
            random: Random::new(seed),
            run_ms,
            store: home.join("bej.db"),
            epoch_ms: epoch_ms(),
            books: Books::new(),
            known: HashMap::new(),
            order: Vec::new(),
            cycles: 0,
            acknowledged: 0,
            repeated: 0,
            restarts: 0,
            slowest: Duration::ZERO,
        }
    }

    /// Where it is, for a message that somebody has to repeat.
    fn place(&self) -> String {
        format!("{}, seed {}, cycle {}", self.name, self.seed, self.cycles)
    }

    fn settings(&mut self) -> Settings {
        let part_limit_bytes = if self.grows() { 1 << 30 } else { 1 << 20 };
        let threads = *self.random.pick(&[1, 4, 8, 16]);
        let seed = self.random.bits();
        Settings { epoch_ms: self.epoch_ms, part_limit_bytes, threads, ..Settings::standard(seed) }
    }

    /// Whether this cycle is of a block with one large part.
    fn grows(&self) -> bool {
        self.cycles / BLOCK % 2 == 1
    }

    /// One cycle: the writer runs and is killed, `cut` happens, everything is checked, and in most
    /// cycles the store is opened again.
    pub fn run(&mut self, cut: impl FnOnce()) {
        let settings = self.settings();
        let (least, most) = self.run_ms;
        let time = Duration::from_millis(least + self.random.below(most - least + 1));
        let mut writer = Writer::start(&self.store, &settings);
        if self.cycles % EARLY_EVERY == EARLY_EVERY - 1 {
            writer.go_on(time / 4);
        } else {
            writer.first_acknowledgement();
            writer.go_on(time);
        }
        let acknowledgements = writer.kill();
        cut();
        self.restarts = self.restarts.max(log_restarts(&self.store));
        self.check(acknowledgements);
        if self.cycles % WHOLE_EVERY == WHOLE_EVERY - 1 {
            self.check_whole();
        }
        if !self.grows() || self.cycles % BLOCK == BLOCK - 1 {
            self.open_again();
        }
        self.cycles += 1;
    }

    /// Kills a writer so long after its start.
    pub fn kill_after_start(&mut self, time: Duration) {
        let settings = self.settings();
        let mut writer = Writer::start(&self.store, &settings);
        writer.go_on(time);
        let acknowledgements = writer.kill();
        let made = self.store.exists();
        assert!(made || acknowledgements.is_empty(), "{}", self.place());
        if made {
            self.check(acknowledgements);
        }
        self.cycles += 1;
    }

    /// Lets a writer run until it ends by itself, as it must, and gives what it says.
    pub fn run_until_it_ends(&mut self) -> String {
        let settings = Settings { threads: 16, ..self.settings() };
        let ended = Writer::start(&self.store, &settings).wait(Duration::from_secs(60));
        assert!(!ended.succeeded, "{}: {}", self.place(), ended.text);
        self.remember(ended.acknowledgements);
        ended.text
    }

    /// Checks the store as it is.
    pub fn look(&mut self) {
        self.check(Vec::new());
    }

    /// A repeated message must have heard the same as before.
    fn remember(&mut self, acknowledgements: Vec<Acknowledgement>) {
        self.acknowledged += acknowledgements.len() as u64;
        for acknowledged in acknowledgements {
            let key = (acknowledged.sender, acknowledged.id);
            if let Some(first) = self.known.get(&key) {
                assert_eq!(*first, acknowledged, "{}: a repeat", self.place());
                self.repeated += 1;
            } else {
                self.known.insert(key, acknowledged);
                self.order.push(key);
            }
        }
    }

    fn check(&mut self, acknowledgements: Vec<Acknowledgement>) {
        let verified = self.books.follow(&self.store);
        let lost = acknowledgements.iter().filter(|line| !self.books.has(line)).count();
        let first = acknowledgements.iter().find(|line| !self.books.has(line));
        let count = acknowledgements.len();
        assert!(
            lost == 0 && verified.is_ok(),
            "{}: {lost} of {count} acknowledgements lost, first {first:?}; {verified:?}",
            self.place()
        );
        self.remember(acknowledgements);
    }

    fn check_whole(&self) {
        let whole = self.books.check_whole(&self.store);
        assert_eq!(whole, Ok(()), "{}", self.place());
        let lost = self.known.values().filter(|line| !self.books.has(line)).count();
        assert_eq!(lost, 0, "{}: acknowledged earlier, and gone now", self.place());
    }

    /// Starts a pump on the store: what was acknowledged gets the same receipt again, and something
    /// new is decided. It is stopped in half of the cycles, and ends as if killed in the others.
    fn open_again(&mut self) {
        let began = Instant::now();
        let pump = start(&self.store).unwrap_or_else(|why| panic!("{}: {why}", self.place()));
        assert!(pump.remarks().is_empty(), "{}: {:?}", self.place(), pump.remarks());
        let handle = pump.handle();
        for _ in 0..REPEATS.min(self.order.len()) {
            let key = *self.random.pick(&self.order);
            let first = &self.known[&key];
            let Some(message) = first.message() else { continue };
            let verdict = handle.ask(Class::Live, message).unwrap();
            let receipt = verdict.receipt.map(|receipt| (receipt.seq.0, receipt.leaf.to_string()));
            let expected = Some((first.seq, first.leaf.clone()));
            assert!(verdict.repeat, "{}: {first:?} is decided anew", self.place());
            assert_eq!(receipt, expected, "{}", self.place());
            self.repeated += 1;
        }
        let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
        let now_ms = i64::try_from(now.as_millis()).unwrap();
        let id = MessageId(terms::id::uuid_v7(now_ms, self.random.fill()));
        let refused = OpenWallet { class: WalletClass::Organiser, owner: 9_999 };
        let message = Message::new(Sender::Operator, id, Manner::Single, refused.into());
        let verdict = handle.ask(Class::Live, message).unwrap();
        let is_new = matches!(verdict.outcome, Outcome::Refused(_)) && !verdict.repeat;
        assert!(is_new, "{}: {verdict:?}", self.place());
        if self.random.chance(1, 2) {
            let stopped = pump.stop();
            assert!(stopped.is_ok(), "{}: {stopped:?}", self.place());
        }
        self.slowest = self.slowest.max(began.elapsed());
    }

    /// The last whole verification; gives what was done.
    pub fn finish(mut self, cycles_min: u64) -> Done {
        self.look();
        // What the last opening left is not verified yet, by nobody but this.
        self.check_whole();
        let ordered = std::env::var_os("CRASH_CYCLES").is_some();
        assert!(cycles_min <= self.cycles || ordered, "{} cycles", self.cycles);
        assert!(0 < self.acknowledged);
        Done {
            cycles: self.cycles,
            acknowledged: self.acknowledged,
            repeated: self.repeated,
            restarts: self.restarts,
            slowest: self.slowest,
            books: self.books,
        }
    }
}

/// What was done, when nothing was lost.
pub struct Done {
    pub cycles: u64,
    pub acknowledged: u64,
    pub repeated: u64,
    /// How often the log of one part was started over.
    pub restarts: u32,
    pub slowest: Duration,
    pub books: Books,
}

/// How often the log was started over, as the logs say themselves: the checkpoint sequence number
/// in the header of SQLite's write-ahead log.
fn log_restarts(store: &Path) -> u32 {
    let home = store.parent().unwrap().read_dir().unwrap();
    let logs = home.map(|entry| entry.unwrap().path()).filter(|path| {
        path.file_name().is_some_and(|name| name.as_encoded_bytes().ends_with(b"-wal"))
    });
    let number = |path: PathBuf| {
        let mut header = [0; 16];
        // A log that has just been made has no header yet.
        File::open(path).and_then(|mut file| file.read_exact(&mut header)).ok()?;
        header[12..].try_into().ok().map(u32::from_be_bytes)
    };
    logs.filter_map(number).max().unwrap_or(0)
}

fn start(store: &Path) -> Result<Pump, String> {
    let chain = |fault: store::Fault| fault.chain();
    let options =
        Options { synchronous: Synchronous::Full, part_limit_bytes: 1 << 20, create: false };
    let store = Sqlite::open(store, options).map_err(chain)?;
    let journal = Box::new(store.journal().map_err(chain)?);
    let cold = Box::new(store.cold().map_err(chain)?);
    let options = pump::Options {
        snapshot_every_entries: 2_000,
        run_entries: 500,
        ids_per_generation: 500,
        ..pump::Options::standard()
    };
    let time = Time::Clock(Arc::new(SystemClock::new()));
    let entropy = Box::new(Stream::system().map_err(|error| error.to_string())?);
    let snapshots = Box::new(store.snapshots());
    Pump::start(journal, Some(snapshots), Some(cold), time, entropy, options)
        .map_err(|error| error.chain())
}
