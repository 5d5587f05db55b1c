//! Exports, compared with what the facts say.

use std::collections::BTreeMap;
use std::fs;

use journal::fact::{Entry, Fact};

use crate::world::{SCRIPT, World, bad, good, project};

fn lines(text: &str) -> Vec<serde_json::Value> {
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn the_journal_goes_out_entry_by_entry_and_frame_by_frame() {
    let world = World::of(SCRIPT, 7);
    let store = world.url();
    let text = good(&["export", "journal", "--store", &store, "--format", "ndjson"]);
    let objects = lines(&text);
    assert_eq!(objects.len(), world.entries.len());
    for (object, entry) in objects.iter().zip(&world.entries) {
        assert_eq!(object["seq"], entry.seq.0);
        assert_eq!(object["kind"], entry.fact.name());
        assert_eq!(object["at"], entry.at.to_string());
        assert_eq!(object["rulebook"], entry.rulebook);
        assert!(object["fields"].is_object(), "{object}");
    }
    let out = world.beside("journal.frames");
    let name = out.display().to_string();
    good(&["export", "journal", "--store", &store, "--format", "frames", "--out", &name]);
    let bytes = fs::read(&out).unwrap();
    let (mut rest, mut seqs) = (&bytes[..], 0);
    while let Some((length, after)) = rest.split_first_chunk::<4>() {
        let (frame, after) = after.split_at(u32::from_be_bytes(*length) as usize);
        let frame = store::Frame::open(frame.to_vec()).unwrap();
        for fact in frame.facts() {
            let (seq, bytes) = fact.unwrap();
            assert_eq!(Entry::from_bytes(bytes).unwrap(), world.entries[seq as usize]);
            seqs += 1;
        }
        rest = after;
    }
    assert_eq!((rest.len(), seqs), (0, world.entries.len()));
    let said = bad(&["export", "journal", "--store", &store, "--format", "frames", "--out", &name]);
    assert!(said.contains("not replaced"), "{said}");
}

#[test]
fn tables_say_what_the_facts_say() {
    let world = World::of(SCRIPT, 7);
    let store = world.url();
    let export =
        |what: &str, format: &str| good(&["export", what, "--store", &store, "--format", format]);
    let mut stakes = BTreeMap::new();
    let mut postings = 0;
    let mut gross = BTreeMap::new();
    for entry in &world.entries {
        match &entry.fact {
            Fact::StakeAccepted(fact) => {
                stakes.insert(entry.seq.0, fact.bet.amount.get());
                postings += 1;
            }
            Fact::StakeReported(fact) => {
                stakes.insert(entry.seq.0, fact.bet.amount.get());
            }
            Fact::EmoneyIssued(_) | Fact::EmoneyRedeemed(_) => postings += 1,
            Fact::PayoutPosted(fact) => {
                postings += usize::from(!fact.winning.is_zero());
                postings += usize::from(!fact.refund.is_zero());
            }
            Fact::BetSettled(fact) => {
                gross.insert(fact.bet.to_string(), fact.gross.get());
            }
            _ => {}
        }
    }
    let exported = lines(&export("stakes", "ndjson"));
    let found: BTreeMap<u64, i64> = exported
        .iter()
        .map(|row| (row["seq"].as_u64().unwrap(), row["amount_tiyn"].as_i64().unwrap()))
        .collect();
    assert_eq!(found, stakes);
    assert_eq!(lines(&export("postings", "ndjson")).len(), postings);
    for row in lines(&export("bets", "ndjson")) {
        let bet = row["bet"].as_str().unwrap();
        assert_eq!(row["gross_tiyn"].as_i64(), gross.get(bet).copied(), "{row}");
    }
    let csv = export("stakes", "csv");
    assert_eq!(csv.matches("\r\n").count(), stakes.len() + 1, "{csv}");
    assert!(csv.starts_with("seq,bet,"), "{csv}");
    let payouts = lines(&export("payouts", "ndjson"));
    let paid =
        |entry: &&Entry| matches!(entry.fact, Fact::PayoutPosted(_) | Fact::PayoutReported(_));
    assert_eq!(payouts.len(), world.entries.iter().filter(paid).count());
}

#[test]
fn parquet_has_its_manifest() {
    // core 25
    let world = World::of(SCRIPT, 7);
    for table in ["stakes", "bets", "postings", "payouts"] {
        let out = world.beside(&format!("{table}.parquet"));
        let name = out.display().to_string();
        good(&["export", table, "--store", &world.url(), "--format", "parquet", "--out", &name]);
        let bytes = fs::read(&out).unwrap();
        assert!(bytes.starts_with(b"PAR1") && bytes.ends_with(b"PAR1"));
        let text = good(&["export", table, "--store", &world.url(), "--format", "ndjson"]);
        let rows = lines(&text);
        compare(&out, &rows);
        let manifest = fs::read_to_string(format!("{name}.manifest.json")).unwrap();
        let manifest: serde_json::Value = serde_json::from_str(&manifest).unwrap();
        assert_eq!(manifest["rows"], rows.len());
        assert_eq!(manifest["root"], world.head.root.to_string());
        assert_eq!(manifest["last_seq"], world.head.next_seq - 1);
        use sha2::{Digest as _, Sha256};
        let hash = terms::codec::hex(&Sha256::digest(&bytes));
        assert_eq!(manifest["sha256"], hash);
    }
    let said = bad(&["export", "stakes", "--store", &world.url(), "--format", "parquet"]);
    assert!(said.contains("--out"), "{said}");
}

/// Reads the file back, value by value.
fn compare(path: &std::path::Path, rows: &[serde_json::Value]) {
    use parquet::file::reader::{FileReader as _, SerializedFileReader};
    use parquet::record::Field;
    let reader = SerializedFileReader::new(fs::File::open(path).unwrap()).unwrap();
    let mut count = 0;
    for (record, row) in reader.get_row_iter(None).unwrap().zip(rows) {
        for (name, field) in record.unwrap().get_column_iter() {
            let expected = &row[name.as_str()];
            match field {
                Field::Null => assert!(expected.is_null(), "{name}"),
                Field::Long(number) => match expected {
                    serde_json::Value::Number(_) => assert_eq!(expected, number, "{name}"),
                    // A time.
                    text => assert_eq!(text, &terms::Instant(*number).to_string(), "{name}"),
                },
                Field::Str(text) => assert_eq!(expected, text, "{name}"),
                Field::Bytes(_) => {}
                other => {
                    let _ = (other, name);
                }
            }
        }
        count += 1;
    }
    assert_eq!(count, rows.len());
}

#[test]
fn views_that_are_up_to_date_give_the_same_rows() {
    let world = World::of(SCRIPT, 7);
    let store = world.url();
    let export = |table: &str| good(&["export", table, "--store", &store, "--format", "csv"]);
    let tables = ["stakes", "bets", "postings", "payouts"];
    let folded = tables.map(export);
    project(&world.path, &world.entries);
    assert_eq!(tables.map(export), folded);
}

#[test]
fn a_large_journal_is_not_folded_in_memory() {
    let world = World::of(SCRIPT, 7);
    let (store, out) = (world.url(), world.beside("stakes.csv"));
    let entries = world.entries.len();
    let arguments = |max: usize| {
        let words = ["export", "stakes", "--store", &store, "--format", "csv", "--out"];
        let mut words: Vec<String> = words.map(str::to_owned).to_vec();
        words.extend([out.display().to_string(), "--fold-max".into(), max.to_string()]);
        words
    };
    let run = |max: usize, run: fn(&[&str]) -> String| {
        let words = arguments(max);
        run(&words.iter().map(String::as_str).collect::<Vec<_>>())
    };
    let said = run(entries - 1, bad);
    assert!(said.contains(&format!("has {entries} entries")), "{said}");
    assert!(said.contains(&format!("bej views --store {store}")), "{said}");
    assert!(!out.exists(), "a file without rows was left");
    run(entries, good);
    let folded = fs::read(&out).unwrap();
    fs::remove_file(&out).unwrap();
    // With views its size is no matter.
    good(&["views", "--store", &store]);
    run(0, good);
    assert_eq!(fs::read(&out).unwrap(), folded);
}
