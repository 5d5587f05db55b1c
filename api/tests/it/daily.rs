//! Daily files over the API: the caller's own alone, whole or in part, and nothing else.

use std::fs;
use std::path::Path;

use sha2::{Digest as _, Sha256};
use terms::Organiser;
use terms::codec::hex;
use wire::{DailyFile, DailyLine, DailyManifest, OrganiserNo};

use crate::client::{Client, Heard, head};
use crate::world::World;

const ROWS: &str = "seq,amount_tiyn\r\n1,500\r\n2,700\r\n";

/// Puts a version of a day on the shelf of an organiser.
fn put(home: &Path, organiser: u32, day: &str, version: u32) {
    let place = home.join("daily").join(format!("organiser-{organiser}")).join(day);
    fs::create_dir_all(&place).unwrap();
    let name = format!("stakes.v{version}.csv");
    let text = format!("{ROWS}{version},{organiser}\r\n");
    fs::write(place.join(&name), &text).unwrap();
    let manifest = DailyManifest {
        form: "bej-daily/1".into(),
        journal: "bej/local".into(),
        organiser: OrganiserNo(Organiser(organiser)),
        day: day.into(),
        version,
        entries: 77,
        root: "00".repeat(32),
        balance: vec![DailyLine {
            book: "due".into(),
            line: "opening".into(),
            sum_tiyn: -4,
            count: None,
        }],
        files: vec![DailyFile {
            name,
            content: "stakes".into(),
            form: "csv".into(),
            rows: 3,
            bytes: text.len() as u64,
            sha256: hex(&Sha256::digest(&text)),
        }],
    };
    let text = format!("{}\n", serde_json::to_string_pretty(&manifest).unwrap());
    fs::write(place.join(format!("manifest.v{version}.json.sig")), "— bej/local AAAA\n").unwrap();
    fs::write(place.join(format!("manifest.v{version}.json")), text).unwrap();
}

async fn part(client: &Client, path: &str, more: &str) -> Heard {
    client.raw(&head("GET", path, more, "")).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_organiser_fetches_its_own_days() {
    // R0-13.3, R2-55.1b
    let world = World::new().await;
    let (owner, rival) = (world.organiser(0), world.organiser(1));
    let empty = owner.get("/v1/daily-files").await.expect(200);
    assert_eq!(empty["days"].as_array().unwrap().len(), 0, "nothing is closed yet");
    let home = world.home.path();
    for (organiser, day, version) in
        [(0, "2026-01-05", 1), (0, "2026-01-06", 1), (0, "2026-01-06", 2), (0, "2026-01-07", 1)]
    {
        put(home, organiser, day, version);
    }
    put(home, 1, "2026-01-06", 1);
    let listed = |heard: &serde_json::Value| -> Vec<(String, u64)> {
        let days = heard["days"].as_array().unwrap().iter();
        days.map(|day| (day["day"].as_str().unwrap().into(), day["version"].as_u64().unwrap()))
            .collect()
    };
    let first = owner.get("/v1/daily-files?limit=2").await.expect(200);
    assert_eq!(listed(&first), [("2026-01-07".into(), 1), ("2026-01-06".into(), 2)]);
    assert_eq!(
        (&first["days"][0]["organiser"], &first["next"]),
        (&"0".into(), &"2026-01-06".into())
    );
    let rest = owner.get("/v1/daily-files?before=2026-01-06").await.expect(200);
    assert_eq!((listed(&rest), rest.get("next")), (vec![("2026-01-05".into(), 1)], None));
    assert_eq!(listed(&rival.get("/v1/daily-files").await.expect(200)).len(), 1);
    for asked in ["before=yesterday", "limit=0", "limit=x", "after=3"] {
        owner.get(&format!("/v1/daily-files?{asked}")).await.expect(400);
    }
    // The same name is another file for another organiser.
    let path = "/v1/daily-files/2026-01-06/stakes.v1.csv";
    assert_eq!(owner.get(path).await.body, format!("{ROWS}1,0\r\n"));
    assert_eq!(rival.get(path).await.body, format!("{ROWS}1,1\r\n"));
    rival.get("/v1/daily-files/2026-01-06/stakes.v2.csv").await.expect(404);
    let manifest = owner.get("/v1/daily-files/2026-01-06/manifest.v2.json").await;
    assert_eq!(manifest.expect(200)["files"][0]["name"], "stakes.v2.csv");
    let signature = owner.get("/v1/daily-files/2026-01-06/manifest.v2.json.sig").await;
    assert_eq!((signature.status, &*signature.body), (200, "— bej/local AAAA\n"));
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_is_sent_whole_in_part_or_not_again() {
    let world = World::new().await;
    put(world.home.path(), 0, "2026-01-05", 1);
    let client = world.organiser(0);
    let path = "/v1/daily-files/2026-01-05/stakes.v1.csv";
    let text = format!("{ROWS}1,0\r\n");
    let whole = client.get(path).await;
    let hash = hex(&Sha256::digest(&text));
    let tag = format!("\"{hash}\"");
    assert_eq!((whole.status, &whole.body), (200, &text));
    assert_eq!(whole.header("etag"), Some(&*tag));
    assert_eq!(whole.header("content-length"), Some(&*text.len().to_string()));
    assert_eq!(whole.header("accept-ranges"), Some("bytes"));
    let some = part(&client, path, "range: bytes=4-9\r\n").await;
    assert_eq!((some.status, &*some.body), (206, &text[4..10]));
    let told = format!("bytes 4-9/{}", text.len());
    assert_eq!(some.header("content-range"), Some(&*told));
    let last = part(&client, path, "range: bytes=-5\r\n").await;
    assert_eq!((last.status, &*last.body), (206, &text[text.len() - 5..]));
    let same = format!("range: bytes=4-9\r\nif-range: {tag}\r\n");
    assert_eq!(part(&client, path, &same).await.status, 206);
    let other = "range: bytes=4-9\r\nif-range: \"x\"\r\n";
    assert_eq!(part(&client, path, other).await.status, 200);
    let known = part(&client, path, &format!("if-none-match: {tag}\r\n")).await;
    assert_eq!((known.status, &*known.body), (304, ""));
    assert_eq!(part(&client, path, "if-none-match: \"x\"\r\n").await.status, 200);
    let beyond = part(&client, path, "accept-language: en\r\nrange: bytes=9999-\r\n").await;
    assert_eq!(beyond.expect(416)["code"], "range_beyond");
    let told = format!("bytes */{}", text.len());
    assert_eq!(beyond.header("content-range"), Some(&*told));
    // What was never published is not there, and no name leads elsewhere.
    let place = world.home.path().join("daily/organiser-0/2026-01-05");
    fs::write(place.join("stakes.v2.csv"), "half").unwrap();
    fs::write(place.join("stakes.csv.part"), "half").unwrap();
    for name in [
        "2026-01-05/stakes.v2.csv",
        "2026-01-05/stakes.csv.part",
        "2026-01-05/payouts.v1.csv",
        "2026-01-05/..%2f2026-01-05%2fstakes.v1.csv",
        "..%2forganiser-0/stakes.v1.csv",
        "2026-1-5/stakes.v1.csv",
        "2026-01-08/stakes.v1.csv",
        "2026-01-05/%00",
    ] {
        assert_eq!(client.get(&format!("/v1/daily-files/{name}")).await.status, 404, "{name}");
    }
    world.stop().await;
}
