//! Sudden ends on PostgreSQL: of the process that writes, which goes on on another node, and of the
//! server under it.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use cluster::{Database, throwaway};
use sim::random::Random;
use store_postgres::{Address, Reader, Snapshots};
use terms::{MessageId, Sender};

use super::audit::Books;
use super::plan;
use super::writer::{Acknowledgement, Settings, Writer, epoch_ms};

/// What was acknowledged on one database, and what is there.
struct Kept {
    address: Address,
    books: Books,
    known: HashMap<(Sender, MessageId), Acknowledgement>,
    acknowledged: usize,
    repeated: usize,
}

impl Kept {
    fn of(url: &str) -> Kept {
        let address = url.parse().unwrap();
        let (known, books) = (HashMap::new(), Books::new());
        Kept { address, books, known, acknowledged: 0, repeated: 0 }
    }

    /// Everything is there, verifies, and repeats heard the same as before.
    fn check(&mut self, acknowledgements: Vec<Acknowledgement>, place: &str) {
        let mut reader = Reader::open(&self.address).unwrap();
        let verified = self.books.follow_in(&mut reader, &mut Snapshots::at(&self.address));
        let lost = acknowledgements.iter().filter(|line| !self.books.has(line)).count();
        assert!(lost == 0 && verified.is_ok(), "{place}: {lost} lost; {verified:?}");
        self.acknowledged += acknowledgements.len();
        for acknowledged in acknowledgements {
            let key = (acknowledged.sender, acknowledged.id);
            if let Some(first) = self.known.insert(key, acknowledged.clone()) {
                assert_eq!(first, acknowledged, "{place}: a repeat");
                self.repeated += 1;
            }
        }
    }

    fn tell(&self, name: &str, seed: u64, began: Instant) {
        let Kept { books, acknowledged, repeated, .. } = self;
        println!(
            "{name}: seed {seed}, {acknowledged} acknowledgements, 0 lost, {repeated} repeated, {} \
             entries, {} snapshots compared, {:.1} s",
            books.entries(),
            books.compared,
            began.elapsed().as_secs_f64()
        );
        assert!(0 < *acknowledged);
    }
}

#[test]
fn machine_kills_on_postgresql_lose_nothing() {
    // R0-20.0a, R0-20.3d, R2-55.1a, core 11
    let Some(database) = Database::fresh() else { return };
    let ((seed, count), began) = (plan(8, 12), Instant::now());
    let mut random = Random::new(seed);
    let home = tempfile::tempdir().unwrap();
    // Two nodes take turns: each has an index of its own, and follows what the other wrote.
    let urls = ["a", "b"]
        .map(|node| format!("{}?dir={}", database.url(), home.path().join(node).display()));
    let (epoch_ms, mut kept) = (epoch_ms(), Kept::of(&urls[0]));
    for cycle in 0..count {
        let settings = Settings { epoch_ms, ..Settings::standard(random.bits()) };
        let mut writer = Writer::on(&urls[(cycle % 2) as usize], &settings);
        writer.first_acknowledgement();
        writer.go_on(Duration::from_millis(20 + random.below(400)));
        kept.check(writer.kill(), &format!("seed {seed}, cycle {cycle}"));
    }
    assert!(0 < kept.books.compared && 0 < kept.repeated);
    kept.tell("kill on PostgreSQL", seed, began);
}

#[test]
fn machine_kills_of_the_database_lose_nothing() {
    // R0-20.0a, R2-55.1d
    let Some(server) = throwaway(&[]) else { return };
    let ((seed, count), began) = (plan(9, 4), Instant::now());
    let mut random = Random::new(seed);
    let home = tempfile::tempdir().unwrap();
    let url = format!("{}?dir={}", server.url("postgres"), home.path().join("a").display());
    let mut kept = Kept::of(&url);
    let mut writer = Writer::on(&url, &Settings::standard(random.bits()));
    writer.first_acknowledgement();
    for _ in 0..count {
        writer.go_on(Duration::from_millis(20 + random.below(300)));
        server.kill().unwrap();
        server.resume().unwrap();
        // The same process goes on, with what it had on its way.
        writer.next_acknowledgement();
    }
    kept.check(writer.kill(), &format!("seed {seed}"));
    kept.tell("kill of PostgreSQL", seed, began);
}
