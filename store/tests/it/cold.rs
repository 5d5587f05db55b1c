//! The files of the cold index: merging, opening again, a stop at any step, damage.

use std::fs;
use std::path::{Path, PathBuf};

use store::{ColdBatch, ColdFiles, ColdKey, ColdReader as _, ColdStore as _, Fault};
use tempfile::TempDir;

/// So many rows make a run that stays.
const RUN_ROWS: usize = 1_000;

fn key(n: u64) -> ColdKey {
    (16, terms::id::uuid_v7(n as i64, [7; 10]))
}

/// One id for each position, from the cursor on; a bet for each even one, an event for each odd.
fn write(cold: &mut ColdFiles, count: u64) {
    let from = cold.cursor();
    let rows: Vec<_> = (from..from + count).map(|seq| (key(seq).0, key(seq).1, seq)).collect();
    let (bets, events) = rows.iter().partition(|(_, _, seq)| seq % 2 == 0);
    let batch = ColdBatch { from, to: from + count, ids: rows, bets, events };
    cold.write(&batch).expect("a written batch");
}

/// Everything up to the cursor is found and nothing behind it, in all kinds.
fn assert_whole(cold: &ColdFiles, cursor: u64) {
    assert_eq!(cold.cursor(), cursor);
    for n in 0..cursor + 200 {
        let expected = [Some(n).filter(|n| *n < cursor)];
        assert_eq!(cold.find_ids(&[key(n)]).expect("an answer"), expected, "id {n}");
        let (bet, event) = if n % 2 == 0 { (expected, [None]) } else { ([None], expected) };
        assert_eq!(cold.find_bets(&[key(n)]).expect("an answer"), bet, "bet {n}");
        assert_eq!(cold.find_events(&[key(n)]).expect("an answer"), event, "event {n}");
    }
    let horizon = cursor.checked_sub(1).map(|last| last as i64);
    assert_eq!(cold.bets_horizon(), horizon.map(|last| last / 2 * 2));
    assert_eq!(cold.horizon(), horizon.map(|ms| (16, ms)).as_slice());
}

fn open(directory: &TempDir) -> Result<ColdFiles, Fault> {
    ColdFiles::open(directory.path(), RUN_ROWS)
}

/// A fresh index with these batches.
fn made(batches: &[u64]) -> (TempDir, ColdFiles) {
    let directory = tempfile::tempdir().expect("a directory");
    let mut cold = open(&directory).expect("an index");
    batches.iter().for_each(|count| write(&mut cold, *count));
    (directory, cold)
}

/// The ranges in the names of the files of a directory.
fn ranges(directory: &TempDir) -> Vec<(u64, u64)> {
    let mut found: Vec<_> = fs::read_dir(directory.path())
        .expect("a run and its name")
        .map(|entry| {
            let path = entry.expect("a run and its name").path();
            assert_eq!(path.extension().expect("a run and its name"), "run", "{}", path.display());
            let (from, to) = path
                .file_stem()
                .expect("a run and its name")
                .to_str()
                .expect("a run and its name")
                .split_once('-')
                .expect("a run and its name");
            (from.parse().expect("a run and its name"), to.parse().expect("a run and its name"))
        })
        .collect();
    found.sort();
    found
}

fn run(directory: &TempDir, from: u64, to: u64) -> PathBuf {
    directory.path().join(format!("{from:020}-{to:020}.run"))
}

#[test]
fn small_runs_are_merged_and_large_ones_stay() {
    let check = |batches: &[u64], expected: &[(u64, u64)]| {
        let (directory, cold) = made(batches);
        assert_eq!(ranges(&directory), expected, "{batches:?}");
        assert_eq!(cold.files().len(), expected.len());
        let cursor = batches.iter().sum();
        assert_whole(&cold, cursor);
        drop(cold);
        assert_whole(&open(&directory).unwrap(), cursor);
        assert_eq!(ranges(&directory), expected, "opened again");
    };
    check(&[], &[]);
    check(&[1], &[(0, 1)]);
    // A run that holds more than twice as much as what comes is left alone until more has come.
    check(&[100, 10], &[(0, 100), (100, 110)]);
    check(&[100, 10, 10], &[(0, 100), (100, 120)]);
    check(&[100, 10, 10, 40], &[(0, 160)]);
    // 500 positions are 1,000 rows of all kinds.
    check(&[499, 300], &[(0, 799)]);
    check(&[500, 500, 1], &[(0, 500), (500, 1_000), (1_000, 1_001)]);
    // Small ones do not stay behind a large one.
    check(&[500, 100, 10, 500], &[(0, 500), (500, 1_110)]);
    // Blocks of 128 rows, and a last one that is full or holds one.
    check(&[127], &[(0, 127)]);
    check(&[128], &[(0, 128)]);
    check(&[129], &[(0, 129)]);
}

#[test]
fn the_number_of_small_runs_is_bounded() {
    let (directory, mut cold) = made(&[]);
    for _ in 0..700 {
        write(&mut cold, 1);
        let small = ranges(&directory).iter().filter(|(from, to)| to - from < 500).count();
        assert!(small <= 10, "{small}");
    }
    assert_whole(&cold, 700);
    assert_eq!(ranges(&directory).iter().filter(|(from, to)| 500 <= to - from).count(), 1);
}

/// Stops a writer that merges [0, 100) with a batch up to 160 at each step, and opens what is left.
#[test]
fn a_stop_at_any_step_leaves_the_old_or_the_new() {
    let (directory, cold) = made(&[100]);
    drop(cold);
    let old = fs::read(run(&directory, 0, 100)).unwrap();
    write(&mut open(&directory).unwrap(), 60);
    assert_eq!(ranges(&directory), [(0, 160)]);
    let new = fs::read(run(&directory, 0, 160)).unwrap();
    let partial = run(&directory, 0, 160).with_extension("partial");
    let check = |files: &[(&Path, &[u8])], cursor: u64| {
        for entry in fs::read_dir(directory.path()).unwrap() {
            fs::remove_file(entry.unwrap().path()).unwrap();
        }
        files.iter().for_each(|(path, bytes)| fs::write(path, bytes).unwrap());
        let mut cold = open(&directory).unwrap();
        assert_whole(&cold, cursor);
        assert_eq!(ranges(&directory), [(0, cursor)]);
        write(&mut cold, 300);
        assert_whole(&cold, cursor + 300);
    };
    let old_path = run(&directory, 0, 100);
    let new_path = run(&directory, 0, 160);
    check(&[(&old_path, &old), (&partial, b"")], 100);
    check(&[(&old_path, &old), (&partial, &new[..new.len() / 2])], 100);
    check(&[(&old_path, &old), (&partial, &new)], 100);
    check(&[(&old_path, &old), (&new_path, &new)], 160);
    check(&[(&new_path, &new)], 160);
}

/// Whatever bit of a run changes, no answer is false: the fault names the file, or nothing that is
/// asked needs the bit. A whole reading finds every one.
#[test]
fn any_changed_bit_is_found() {
    let (directory, cold) = made(&[500, 300]);
    drop(cold);
    let path = run(&directory, 0, 500);
    let whole = fs::read(&path).unwrap();
    for at in (0..whole.len()).step_by(397).chain([whole.len() - 1]) {
        let mut bytes = whole.clone();
        bytes[at] ^= 1 << (at % 8);
        fs::write(&path, bytes).unwrap();
        let found = open(&directory).and_then(|cold| {
            for n in (0..800).step_by(9) {
                let asked = cold.find_ids(&[key(n)]).and_then(|ids| {
                    let (bets, events) = (cold.find_bets(&[key(n)])?, cold.find_events(&[key(n)])?);
                    Ok((ids, [bets[0].or(events[0])]))
                });
                match asked {
                    Ok(both) => assert_eq!(both, (vec![Some(n)], [Some(n)])),
                    Err(fault) => assert_names(&fault, &path),
                }
            }
            ColdFiles::inspect(directory.path())
        });
        match found {
            Ok(_) => panic!("byte {at} of {} was changed", whole.len()),
            // A version that is not known yet is not damage to this program.
            Err(Fault::Newer { .. }) => assert!((8..12).contains(&at), "byte {at}"),
            Err(fault) => assert_names(&fault, &path),
        }
    }
    for length in [0, 10, 80, whole.len() / 2, whole.len() - 1] {
        fs::write(&path, &whole[..length]).unwrap();
        assert_names(&open(&directory).unwrap_err(), &path);
    }
}

fn assert_names(fault: &Fault, path: &Path) {
    assert!(fault.is_damage(), "{fault:?}");
    let name = path.file_name().expect("a run and its name").to_str().expect("a run and its name");
    assert!(fault.to_string().contains(name), "{fault}");
}

#[test]
fn a_run_in_the_wrong_place_is_damage() {
    let (directory, cold) = made(&[500, 500, 600]);
    drop(cold);
    let [first, second, third] =
        [(0, 500), (500, 1_000), (1_000, 1_600)].map(|(from, to)| run(&directory, from, to));
    // One under the name of another.
    let bytes = fs::read(&second).unwrap();
    fs::copy(&first, &second).unwrap();
    assert_names(&open(&directory).unwrap_err(), &second);
    // One is missing: the one behind the gap is named.
    fs::remove_file(&second).unwrap();
    assert_names(&open(&directory).unwrap_err(), &third);
    fs::write(&second, bytes).unwrap();
    assert_whole(&open(&directory).unwrap(), 1_600);
    // A file that nobody here named.
    fs::write(directory.path().join("notes.run"), "x").unwrap();
    assert_names(&open(&directory).unwrap_err(), &directory.path().join("notes.run"));
}

#[test]
fn damage_is_found_by_an_inspection_and_the_index_is_made_again() {
    let check = |spoil: &dyn Fn(&TempDir) -> PathBuf| {
        let (directory, cold) = made(&[500, 500, 600]);
        assert_eq!(ColdFiles::inspect(directory.path()).unwrap(), 1_600);
        let spoilt = spoil(&directory);
        assert_names(&ColdFiles::inspect(directory.path()).unwrap_err(), &spoilt);
        drop(cold);
        fs::remove_dir_all(directory.path()).unwrap();
        let mut cold = open(&directory).unwrap();
        write(&mut cold, 1_600);
        assert_whole(&cold, 1_600);
        assert_eq!(ColdFiles::inspect(directory.path()).unwrap(), 1_600);
    };
    let change = |path: PathBuf, last: bool| {
        let mut bytes = fs::read(&path).unwrap();
        let at = if last { bytes.len() - 1 } else { 20 };
        bytes[at] ^= 4;
        fs::write(&path, bytes).unwrap();
        path
    };
    for (from, to) in [(0, 500), (500, 1_000), (1_000, 1_600)] {
        check(&|directory| change(run(directory, from, to), false));
        check(&|directory| change(run(directory, from, to), true));
    }
    check(&|directory| {
        fs::remove_file(run(directory, 500, 1_000)).unwrap();
        run(directory, 1_000, 1_600)
    });
}

/// With tens of thousands of absent keys between those that are there, hundreds pass the filter;
/// none is answered with another's position.
#[test]
fn a_filter_that_errs_does_not_lie() {
    let directory = tempfile::tempdir().unwrap();
    let mut cold = open(&directory).unwrap();
    let id = |n: u64| {
        let mut random = [0; 10];
        random[2..].copy_from_slice(&n.to_be_bytes());
        terms::id::uuid_v7(1_000, random)
    };
    let rows: Vec<_> = (0..20_000).map(|n| (16, id(2 * n), n)).collect();
    cold.write(&ColdBatch { from: 0, to: 20_000, ids: rows, ..ColdBatch::default() }).unwrap();
    let keys: Vec<ColdKey> = (0..40_000).map(|n| (16, id(n))).collect();
    let found = cold.find_ids(&keys).unwrap();
    for (n, seq) in (0..).zip(found) {
        assert_eq!(seq, (n % 2 == 0).then_some(n / 2), "{n}");
    }
}

#[test]
fn what_old_ids_leave_behind_is_joined() {
    let (directory, mut cold) = made(&[500; 8]);
    assert_eq!(ranges(&directory).len(), 8);
    let size = || {
        fs::read_dir(directory.path())
            .unwrap()
            .map(|entry| entry.unwrap().metadata().unwrap().len())
            .sum::<u64>()
    };
    let before = size();
    // The ids up to 2,499 are old; 500 bets and events each are left, of which 1,000 make a
    // run.
    cold.forget(2_600).unwrap();
    assert_eq!(ranges(&directory).len(), 3 + 5);
    assert!(size() < before * 3 / 4, "{} of {before}", size());
    assert_eq!(cold.find_ids(&[key(2_499), key(2_500)]).unwrap(), [None, Some(2_500)]);
    drop(cold);
    let cold = open(&directory).unwrap();
    assert_eq!(cold.find_bets(&[key(2), key(2_498)]).unwrap(), [Some(2), Some(2_498)]);
    assert_eq!(cold.find_events(&[key(3), key(2_499)]).unwrap(), [Some(3), Some(2_499)]);
    assert_eq!(cold.horizon(), [(16, 3_999)]);
}
