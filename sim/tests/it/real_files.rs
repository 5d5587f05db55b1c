//! Real matches with real odds, if they lie beside the project (`../shared/data/odds`).

use std::path::{Path, PathBuf};

use sim::odds_file::{self, MatchFile};

/// Whether the real files must be there is for the environment to say: in CI they must.
pub(crate) fn real_files() -> Option<Vec<PathBuf>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data/odds");
    let Ok(entries) = folder.read_dir() else {
        println!("NOT RUN: ../shared/data/odds is absent");
        let ci = std::env::var("CI").is_ok_and(|value| value == "true");
        assert!(!ci, "../shared/data/odds is absent");
        return None;
    };
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    files.retain(|path| path.extension().is_some_and(|extension| extension == "csv"));
    files.sort_unstable();
    Some(files)
}

#[test]
fn every_row_of_the_real_files_is_used_or_skipped() {
    let Some(files) = real_files() else { return };
    assert_eq!(files.len(), 7, "{files:?}");
    for path in files {
        let text = std::fs::read_to_string(&path).unwrap();
        let read = odds_file::open(&path).unwrap();
        // A count that does not go through the reader: lines after the first with something on.
        let rows = text.lines().skip(1).filter(|line| !line.trim().is_empty()).count();
        assert_eq!(read.matches.len() + read.skipped.len(), rows, "{}", read.file);
        assert_eq!(read.rows, rows as u64, "{}", read.file);
        // Real files are good data: a reader that skips more than a few is at fault.
        assert!(read.skipped.len() * 100 < rows, "{}: {:?}", read.file, read.skips_by_reason());
        print(&read);
    }
}

fn print(read: &MatchFile) {
    let (used, skipped) = (read.matches.len(), read.skipped.len());
    println!(
        "{} ({}): {} rows, {used} used, {skipped} skipped",
        read.file,
        read.form.name(),
        read.rows
    );
    for (reason, count) in read.skips_by_reason() {
        println!("  skipped {}: {count}", reason.name());
    }
    for (note, tally) in &read.notes {
        let (code, about) = (note.code(), note.about());
        println!("  note {code} {about}: {} rows, first line {}", tally.count, tally.first_line);
    }
    let markets: usize = read.matches.iter().map(|game| game.markets.len()).sum();
    println!("  {markets} markets");
}
