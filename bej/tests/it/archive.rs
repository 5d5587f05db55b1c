//! The archive of days that are over, compared with the exports of the whole.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use serde_json::Value;

use crate::world::{SCRIPT, World, bad, good};

const TABLES: [&str; 3] = ["stakes", "postings", "payouts"];

/// The script of the other tests, which crosses midnight, and a stake on each of two days after.
fn world() -> World {
    let later = "
    +24h
    lists
    match E6 M6 C1 +6h
    stake B12 A1 100.00 M6.1@1.50
    +24h
    lists
    match E7 M7 C1 +6h
    stake B13 A1 100.00 M7.1@1.50
    ";
    World::of(&format!("{SCRIPT}{later}"), 7)
}

fn archive(world: &World) -> String {
    let to = world.beside("archive").display().to_string();
    good(&["archive", "--store", &world.url(), "--to", &to])
}

fn refused(world: &World) -> String {
    let to = world.beside("archive").display().to_string();
    bad(&["archive", "--store", &world.url(), "--to", &to])
}

/// All files, with their contents and when they were last changed.
fn files(world: &World) -> Vec<(PathBuf, Vec<u8>, SystemTime)> {
    let list = |path: &Path| {
        let mut all: Vec<_> =
            fs::read_dir(path).unwrap().map(|item| item.unwrap().path()).collect();
        all.sort();
        all
    };
    let files = list(&world.beside("archive")).into_iter().flat_map(|table| list(&table));
    let whole = |path: PathBuf| {
        let changed = fs::metadata(&path).unwrap().modified().unwrap();
        (path.clone(), fs::read(&path).unwrap(), changed)
    };
    files.map(whole).collect()
}

/// The manifests of a table in order of the days.
fn manifests(world: &World, table: &str) -> Vec<Value> {
    let directory = world.beside("archive").join(table);
    let all = files(world).into_iter().filter(|(path, ..)| {
        path.starts_with(&directory) && path.extension().is_some_and(|name| name == "json")
    });
    all.map(|(_, bytes, _)| serde_json::from_slice(&bytes).unwrap()).collect()
}

/// The seqs in a table's archived files, in order.
fn archived(world: &World, table: &str) -> Vec<i64> {
    use parquet::file::reader::{FileReader as _, SerializedFileReader};
    use parquet::record::RowAccessor as _;
    let directory = world.beside("archive").join(table);
    let mut seqs = Vec::new();
    for manifest in manifests(world, table) {
        let file = fs::File::open(directory.join(manifest["file"].as_str().unwrap())).unwrap();
        let reader = SerializedFileReader::new(file).unwrap();
        let before = seqs.len();
        seqs.extend(
            reader.get_row_iter(None).unwrap().map(|row| row.unwrap().get_long(0).unwrap()),
        );
        assert_eq!(manifest["rows"], seqs.len() - before, "{table}");
    }
    seqs
}

#[test]
fn archived_days_and_the_open_day_are_the_whole_table() {
    // core 25
    let world = world();
    archive(&world);
    for table in TABLES {
        let manifests = manifests(&world, table);
        let days: Vec<_> = manifests.iter().map(|one| one["file"].as_str().unwrap()).collect();
        // The last day, that of B13, is open.
        let expected = ["05", "06", "07"].map(|day| format!("day=2026-01-{day}.parquet"));
        assert_eq!(days, expected, "{table}");
        let mut next = 0;
        for manifest in &manifests {
            assert_eq!(manifest["first_seq"], next, "{table}");
            next = manifest["last_seq"].as_u64().unwrap() + 1;
            assert_eq!(manifest["root"], world.head.root.to_string());
            assert_eq!(manifest["size"], world.head.next_seq);
        }
        assert!(next < world.head.next_seq, "{table}");
        let csv = good(&["export", table, "--store", &world.url(), "--format", "csv"]);
        let rows: Vec<i64> = csv
            .lines()
            .skip(1)
            .map(|line| line.split(',').next().unwrap().parse().unwrap())
            .collect();
        let (past, open) = rows.split_at(rows.partition_point(|seq| (*seq as u64) < next));
        assert_eq!(archived(&world, table), past, "{table}");
        assert_eq!(open.is_empty(), table == "payouts", "{table}");
    }
    assert!(!world.beside("archive").join("bets").exists());
}

#[test]
fn a_second_run_writes_nothing() {
    let world = world();
    let said = archive(&world);
    assert!(said.contains("9 files written, 0 were there"), "{said}");
    let before = files(&world);
    let said = archive(&world);
    assert!(said.contains("0 files written, 9 were there"), "{said}");
    assert_eq!(files(&world), before);
}

#[test]
fn a_half_written_day_is_written_again() {
    let world = world();
    archive(&world);
    let before: Vec<_> = files(&world).into_iter().map(|(path, bytes, _)| (path, bytes)).collect();
    let stakes = world.beside("archive").join("stakes");
    fs::remove_file(stakes.join("day=2026-01-06.json")).unwrap();
    fs::write(stakes.join("day=2026-01-06.parquet"), "half").unwrap();
    fs::write(stakes.join("day=2026-01-06.parquet.part"), "half").unwrap();
    fs::write(stakes.join("day=2026-01-06.json.part"), "{").unwrap();
    let said = archive(&world);
    assert!(said.contains("1 files written, 8 were there"), "{said}");
    let after: Vec<_> = files(&world).into_iter().map(|(path, bytes, _)| (path, bytes)).collect();
    assert_eq!(after, before);
}

#[test]
fn what_is_not_as_it_was_is_named_and_nothing_is_written() {
    let flip = |path: &Path| {
        let mut bytes = fs::read(path).unwrap();
        let middle = bytes.len() / 2;
        bytes[middle] ^= 1;
        fs::write(path, bytes).unwrap();
    };
    let other_seq = |path: &Path| {
        let mut manifest: Value = serde_json::from_slice(&fs::read(path).unwrap()).unwrap();
        manifest["last_seq"] = 1.into();
        fs::write(path, manifest.to_string()).unwrap();
    };
    let check = |name: &str, damage: &dyn Fn(&Path)| {
        let world = world();
        archive(&world);
        let gap = world.beside("archive").join("payouts").join("day=2026-01-06.json");
        fs::remove_file(&gap).unwrap();
        let path = world.beside("archive").join(name);
        damage(&path);
        let said = refused(&world);
        assert!(said.contains(&path.display().to_string()), "{name}: {said}");
        assert!(!gap.exists(), "{name}: {said}");
    };
    check("stakes/day=2026-01-05.parquet", &flip);
    check("postings/day=2026-01-06.parquet", &flip);
    check("payouts/day=2026-01-05.parquet", &|path| fs::remove_file(path).unwrap());
    check("stakes/day=2026-01-05.json", &|path| fs::write(path, "{").unwrap());
    check("stakes/day=2026-01-05.json", &other_seq);
}
