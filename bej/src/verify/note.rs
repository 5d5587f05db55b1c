//! What the last `bej verify` of a store found, kept beside it for the console:
//! `PATH.d/verified.json`.

use std::fs;
use std::path::PathBuf;

use anyhow::Context as _;
use console::ports::Verification;
use serde::Deserialize;
use serde_json::json;
use store::Home;
use terms::Instant;

use super::Report;

fn path(home: &Home) -> PathBuf {
    home.directory().join("verified.json")
}

/// Keeps what a verification found.
pub fn write(home: &Home, report: &Report, at: Instant) -> anyhow::Result<()> {
    let path = path(home);
    let text = json!({ "at_ns": at.0, "report": report.json() }).to_string();
    store::files::replace_unsynced(&path, text.as_bytes())
        .with_context(|| format!("{} cannot be written", path.display()))
}

#[derive(Deserialize)]
struct Note {
    at_ns: i64,
    report: Found,
}

#[derive(Deserialize)]
struct Found {
    entries: u64,
    invariants: std::collections::BTreeMap<String, u64>,
    first_bad: Option<Bad>,
}

#[derive(Deserialize)]
struct Bad {
    invariant: Option<String>,
    what: String,
}

/// What was found last, if it can be read.
pub fn read(home: &Home) -> Option<Verification> {
    let text = fs::read_to_string(path(home)).ok()?;
    let Note { at_ns, report } = serde_json::from_str(&text).ok()?;
    let broken = report.first_bad.as_ref().and_then(|bad| bad.invariant.clone());
    let check = |(id, count): (String, u64)| {
        let holds = broken.as_ref() != Some(&id);
        (id, count, holds)
    };
    Some(Verification {
        at: Instant(at_ns),
        entries: report.entries,
        checks: report.invariants.into_iter().map(check).collect(),
        bad: report.first_bad.map(|bad| bad.what),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_found_is_read_back() {
        let home = tempfile::tempdir().unwrap();
        let layout = Home::at(home.path().join("bej.db.d"));
        assert_eq!(read(&layout), None);
        fs::create_dir_all(layout.directory()).unwrap();
        let mut report = Report::default();
        report.count("L1", 7);
        report.count("B1", 3);
        write(&layout, &report, Instant(5)).unwrap();
        let good = read(&layout).unwrap();
        assert_eq!((good.at, good.entries, good.bad), (Instant(5), 0, None));
        assert_eq!(good.checks, [("B1".into(), 3, true), ("L1".into(), 7, true)]);
        report.find(super::super::Bad {
            invariant: Some("L1".into()),
            what: "a tiyn is missing".into(),
            ..super::super::Bad::default()
        });
        write(&layout, &report, Instant(6)).unwrap();
        let bad = read(&layout).unwrap();
        assert_eq!(bad.bad.as_deref(), Some("a tiyn is missing"));
        assert_eq!(bad.checks, [("B1".into(), 3, true), ("L1".into(), 7, false)]);
        fs::write(path(&layout), "{").unwrap();
        assert_eq!(read(&layout), None);
    }
}
