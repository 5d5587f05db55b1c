//! Sudden ends: SIGKILL, loss of power, a full disk, a second process. No acknowledged message is
//! lost, and everything verifies.
//!
//! The order in the loss of power matters. If the file system were shut down while the writer
//! still runs, a sync in flight could claim success afterwards, and the test would find losses
//! that are none. So the writer's process group is killed first, waited for, and its
//! acknowledgements are read to the end; only then does the file system drop what was not synced.
//!
//! The same cycle without syncs must lose something: otherwise the harness proves nothing.
//!
//! `CRASH_SEED` and `CRASH_CYCLES` repeat a failure, or look for one for longer.

mod audit;
mod cycle;
mod postgres;
mod volume;
mod writer;

use std::path::Path;
use std::time::{Duration, Instant};

use sim::random::Random;

use cycle::{Cycles, Done, RUN_MS};
use volume::{FileSystem, Volume};
use writer::{Ended, Settings, Writer};

/// Cycles of each kind of sudden end; the issue asks for fifty.
const CYCLES: u64 = 50;

fn from_environment(name: &str, otherwise: u64) -> u64 {
    let value = std::env::var(name).ok();
    value.map_or(otherwise, |value| value.parse().expect("a number"))
}

/// The seed of a test, and how many cycles.
fn plan(seed: u64, cycles: u64) -> (u64, u64) {
    (from_environment("CRASH_SEED", seed), from_environment("CRASH_CYCLES", cycles))
}

/// One line for a test that lost nothing.
fn tell(name: &str, seed: u64, began: Instant, all: &[Done]) {
    let sum = |count: fn(&Done) -> u64| all.iter().map(count).sum::<u64>();
    let slowest = all.iter().map(|done| done.slowest).max().unwrap_or_default();
    println!(
        "{name}: seed {seed}, {} cycles, {} acknowledgements, 0 lost, {} repeated, {} entries, {} \
         snapshots compared, log started over {} times, opened again in {:.2} s at most, {:.1} s",
        sum(|done| done.cycles),
        sum(|done| done.acknowledged),
        sum(|done| done.repeated),
        sum(|done| done.books.entries()),
        sum(|done| done.books.compared),
        sum(|done| done.restarts.into()),
        slowest.as_secs_f64(),
        began.elapsed().as_secs_f64()
    );
}

/// SIGKILL at a random moment, over and over on one store, so that damage would add up.
#[test]
fn machine_kills_lose_nothing() {
    // R2-55.1a, R2-55.1c
    let ((seed, count), began) = (plan(1, CYCLES), Instant::now());
    let directory = tempfile::tempdir().unwrap();
    let done = kills("kill", seed, count, directory.path(), RUN_MS);
    check_all_happened(&done);
    tell("kill", seed, began, &[done]);
}

/// The same where a sync costs nothing: so much is written that parts end and the log is started
/// over all the time.
#[test]
fn machine_kills_in_memory_lose_nothing() {
    let ((seed, count), began) = (plan(7, 24), Instant::now());
    let memory = Path::new("/dev/shm");
    let directory = tempfile::tempdir_in(memory).or_else(|_| tempfile::tempdir()).unwrap();
    let done = kills("kill in memory", seed, count, directory.path(), (10, 150));
    tell("kill in memory", seed, began, &[done]);
}

fn kills(name: &str, seed: u64, count: u64, home: &Path, run_ms: (u64, u64)) -> Done {
    let mut cycles = Cycles::new(name, seed, home, run_ms);
    for _ in 0..count {
        cycles.run(|| {});
    }
    cycles.finish(count)
}

/// The kills prove little if nothing happens that they could break.
fn check_all_happened(done: &Done) {
    let kinds = &done.books.kinds;
    println!("kill: {kinds:?}");
    let due = [
        "OrderGiven",
        "StakeAccepted",
        "HoldPlaced",
        "HoldReleased",
        "StakeReported",
        "BetSettled",
        "PayoutPosted",
        "PayoutReported",
        "BetsLeft",
        "OrdersSwept",
        "ResultPublished",
        "EventChanged",
        "EmoneyIssued",
        "EmoneyRedeemed",
        "Refused",
    ];
    for kind in due {
        assert!(kinds.contains_key(kind), "no {kind} in {kinds:?}");
    }
    assert!(0 < done.books.compared && 0 < done.repeated);
}

/// SIGKILL while a store is being made and its world set up.
#[test]
fn machine_kills_at_the_birth_of_a_store_lose_nothing() {
    let ((seed, count), began) = (plan(2, 16), Instant::now());
    let mut random = Random::new(seed);
    let mut all = Vec::new();
    for number in 0..count {
        let directory = tempfile::tempdir().unwrap();
        let name = format!("birth {number} of seed {seed}");
        let mut cycles = Cycles::new(&name, random.bits(), directory.path(), RUN_MS);
        // The first ends after so few milliseconds that the files are half made.
        for most_ms in [12, 60] {
            cycles.kill_after_start(Duration::from_micros(random.below(most_ms * 1_000)));
        }
        cycles.run(|| {});
        all.push(cycles.finish(3));
    }
    tell("birth", seed, began, &all);
}

/// Loss of power on a file system of its own.
fn check_power(file_system: FileSystem, seed: u64) {
    // R2-55.1d
    let name = format!("loss of power on {}", file_system.name());
    let Some(directory) = volume::may_mount(&name, file_system) else { return };
    let ((seed, count), began) = (plan(seed, CYCLES), Instant::now());
    let mut volume = Volume::make(directory.path(), file_system, 400);
    let mut cycles = Cycles::new(&name, seed, volume.path(), RUN_MS);
    for _ in 0..count {
        cycles.run(|| volume.cut_power());
    }
    tell(&name, seed, began, &[cycles.finish(CYCLES)]);
}

#[test]
fn machine_power_cuts_on_ext4_lose_nothing() {
    check_power(FileSystem::Ext4, 3);
}

#[test]
fn machine_power_cuts_on_xfs_lose_nothing() {
    check_power(FileSystem::Xfs, 4);
}

/// The negative control: without syncs the same cycle loses what was acknowledged.
#[test]
fn machine_power_cuts_without_sync_are_noticed() {
    for file_system in [FileSystem::Ext4, FileSystem::Xfs] {
        let name = format!("loss of power without sync on {}", file_system.name());
        let Some(directory) = volume::may_mount(&name, file_system) else { continue };
        let (seed, count) = plan(5, 4);
        let mut volume = Volume::make(directory.path(), file_system, 400);
        let mut random = Random::new(seed);
        let (mut acknowledged, mut lost, mut losing) = (0, 0, 0);
        let started = Instant::now();
        for number in 0..count {
            let home = volume.path().join(format!("cycle-{number}"));
            std::fs::create_dir(&home).unwrap();
            let settings = Settings::without_sync(random.bits());
            let mut writer = Writer::start(&home.join("bej.db"), &settings);
            writer.first_acknowledgement();
            writer.go_on(Duration::from_millis(100 + random.below(300)));
            let acknowledgements = writer.kill();
            volume.cut_power();
            let missing = audit::missing(&home.join("bej.db"), &acknowledgements);
            acknowledged += acknowledgements.len();
            lost += missing;
            losing += u32::from(0 < missing);
        }
        println!(
            "{name}: seed {seed}, {count} cycles, {acknowledged} acknowledgements, {lost} lost in \
             {losing} cycles as they must be, {:.1} s",
            started.elapsed().as_secs_f64()
        );
        assert!(0 < lost, "{name}: nothing was lost, so the cut of power cuts nothing");
    }
}

/// A disk that fills up under the writer: a clear error, nothing lost, and on it goes with room.
#[test]
fn machine_full_disks_lose_nothing() {
    let name = "a full disk";
    let Some(directory) = volume::may_mount(name, FileSystem::Ext4) else { return };
    let ((seed, rounds), began) = (plan(6, 3), Instant::now());
    let volume = Volume::make(directory.path(), FileSystem::Ext4, 64);
    let ballast = volume.path().join("ballast");
    let mut cycles = Cycles::new(name, seed, volume.path(), RUN_MS);
    for _ in 0..rounds {
        volume.fill_up_to(&ballast, 8);
        let text = cycles.run_until_it_ends();
        assert!(
            text.contains("disk is full") || text.contains("No space left on device"),
            "the error does not tell that the disk is full: {text}"
        );
        assert!(text.contains("bej.db"), "the error does not tell where: {text}");
        println!("{name}: {}", text.lines().last().unwrap());
        std::fs::remove_file(&ballast).unwrap();
        cycles.look();
        cycles.run(|| {});
    }
    tell(name, seed, began, &[cycles.finish(1)]);
}

/// Two processes on one store: the second is told so, the first is not disturbed.
#[test]
fn machine_a_second_process_is_kept_out() {
    let (directory, began) = (tempfile::tempdir().unwrap(), Instant::now());
    let store = directory.path().join("bej.db");
    let mut first = Writer::start(&store, &Settings::standard(1));
    first.first_acknowledgement();
    let Ended { succeeded, acknowledgements, text } =
        Writer::start(&store, &Settings::standard(2)).wait(Duration::from_secs(60));
    assert!(!succeeded && acknowledgements.is_empty(), "{text}");
    assert!(text.contains("another process is writing to this store; stop it first"), "{text}");
    assert!(text.contains("writer.lock"), "{text}");
    first.next_acknowledgement();
    let acknowledgements = first.kill();
    assert_eq!(audit::missing(&store, &acknowledgements), 0);
    check_whole(&store);
    let count = acknowledgements.len();
    let seconds = began.elapsed().as_secs_f64();
    println!("two processes: {count} acknowledgements, 0 lost, {seconds:.1} s");
}

fn check_whole(store: &Path) {
    let mut books = audit::Books::new();
    books.follow(store).unwrap();
    books.check_whole(store).unwrap();
}
