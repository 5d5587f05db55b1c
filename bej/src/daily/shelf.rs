//! Where the daily files of an organiser lie, and what their manifests say.
//!
//! A version is there when its manifest is; the signature is put beside it before. The first
//! version of a day is the last thing that its closing writes, so that the newest day with one
//! tells how far the files have come.

use std::fs::{self, File};
use std::io::{ErrorKind, Write as _};
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use reports::daily::{BalanceRow, Movements, Standing, read_balance};
use store::files::sync_directory;
use terms::{Day, Organiser};
use wire::{DailyLine, DailyManifest};

use crate::key::SigningKey;

/// The files of an organiser.
#[derive(Clone, Debug)]
pub struct Shelf(PathBuf);

impl Shelf {
    /// Below the directory of all.
    pub fn of(home: &Path, organiser: Organiser) -> Shelf {
        Shelf(home.join(format!("organiser-{}", organiser.0)))
    }

    /// Its directory.
    pub fn home(&self) -> &Path {
        &self.0
    }

    /// The directory of a day.
    pub fn day(&self, day: Day) -> PathBuf {
        self.0.join(day.to_string())
    }

    fn manifest(&self, day: Day, version: u32) -> PathBuf {
        self.day(day).join(format!("manifest.v{version}.json"))
    }

    /// How many entries the files speak of, and the last day that is closed.
    pub fn done(&self) -> anyhow::Result<Option<(u64, Day)>> {
        let reading = || format!("{} cannot be read", self.0.display());
        let names = match fs::read_dir(&self.0) {
            Ok(names) => names,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error).with_context(reading),
        };
        let mut newest = None;
        for name in names {
            let name = name.with_context(reading)?.file_name();
            let day = name.to_str().and_then(Day::parse);
            if let Some(day) = day.filter(|day| newest.is_none_or(|newest| newest < *day))
                && self.manifest(day, 1).exists()
            {
                newest = Some(day);
            }
        }
        let Some(day) = newest else { return Ok(None) };
        Ok(self.read(day, 1)?.map(|manifest| (manifest.entries, day)))
    }

    /// The newest version of a day.
    pub fn newest(&self, day: Day) -> anyhow::Result<Option<DailyManifest>> {
        self.before(day, u64::MAX)
    }

    /// The newest version of a day that speaks of fewer entries.
    pub fn before(&self, day: Day, entries: u64) -> anyhow::Result<Option<DailyManifest>> {
        let mut newest = None;
        for version in 1.. {
            match self.read(day, version)? {
                Some(manifest) if manifest.entries < entries => newest = Some(manifest),
                Some(_) | None => break,
            }
        }
        Ok(newest)
    }

    fn read(&self, day: Day, version: u32) -> anyhow::Result<Option<DailyManifest>> {
        let path = self.manifest(day, version);
        let text = match fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) => {
                return Err(error).with_context(|| format!("{} cannot be read", path.display()));
            }
        };
        let damaged = || format!("{} is damaged; remove the directory above it", path.display());
        serde_json::from_str(&text).map(Some).with_context(damaged)
    }

    /// Signs a manifest and puts both in their places.
    pub fn put(&self, day: Day, manifest: &DailyManifest, key: &SigningKey) -> anyhow::Result<()> {
        let text = format!("{}\n", serde_json::to_string_pretty(manifest)?);
        let note = key.sign_text(&text)?;
        let signature = note.strip_prefix(&format!("{text}\n")).context("a note lost its text")?;
        let path = self.manifest(day, manifest.version);
        fs::create_dir_all(self.day(day))
            .with_context(|| format!("{} cannot be made", self.day(day).display()))?;
        keep(&signature_of(&path), signature)?;
        keep(&path, &text)?;
        Ok(sync_directory(&self.day(day))?)
    }
}

/// Where the signature of a manifest lies.
pub fn signature_of(manifest: &Path) -> PathBuf {
    with(manifest, ".sig")
}

fn with(path: &Path, more: &str) -> PathBuf {
    let mut name = path.to_owned().into_os_string();
    name.push(more);
    name.into()
}

/// Puts a text in its place whole and durably.
fn keep(path: &Path, text: &str) -> anyhow::Result<()> {
    let part = with(path, ".part");
    let writing = || format!("{} cannot be written", path.display());
    let mut file = File::create(&part).with_context(writing)?;
    file.write_all(text.as_bytes()).and_then(|()| file.sync_all()).with_context(writing)?;
    fs::rename(&part, path).with_context(writing)
}

/// A row of the books as the manifest has it.
pub fn line(row: &BalanceRow) -> DailyLine {
    DailyLine {
        book: row.book.name().to_owned(),
        line: row.line.to_owned(),
        sum_tiyn: row.sum_tiyn,
        count: row.count,
    }
}

/// The opening and the movements that a manifest states, if they add up to its closing.
pub fn balance_of(manifest: &DailyManifest) -> Option<(Standing, Movements)> {
    read_balance(manifest.balance.iter().map(|DailyLine { book, line, sum_tiyn, count }| {
        (book.as_str(), line.as_str(), *count, *sum_tiyn)
    }))
}
