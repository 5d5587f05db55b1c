//! Files while they grow: rows are gathered in memory and appended to `*.part` files, which get
//! their names when the version is complete.
//!
//! A version begins with the bytes of the one before it, since what is late comes later in the
//! journal as well; both forms of a file hold the same rows. At most [`HELD_MAX`] bytes are held.

use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions};
use std::io::Write as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, ensure};
use papers::plain::{Form, Lines};
use reports::Cell;
use reports::daily::DailyFile;
use terms::Day;
use wire::DailyManifest;

use super::shelf::Shelf;
use crate::export::sha256;

/// Bytes of rows that are held before all of them are appended to their files: few writes for a
/// day of millions of rows, and far less memory than the state has.
const HELD_MAX: usize = 64 << 20;

/// The drafts of a closing, by directory of the day, content and place of the form.
#[derive(Default)]
pub struct Drafts {
    drafts: BTreeMap<(PathBuf, DailyFile, usize), Draft>,
    held: usize,
}

/// A file that grows.
struct Draft {
    path: PathBuf,
    lines: Lines,
    text: String,
    rows: u64,
    begun: bool,
    /// The file of the version before, its SHA-256 and its rows.
    base: Option<(PathBuf, String, u64)>,
}

impl Drafts {
    /// Adds a row to what the version before this closing has.
    pub fn take(
        &mut self,
        shelf: &Shelf,
        day: Day,
        content: DailyFile,
        cells: &[Cell],
        entries: u64,
    ) -> anyhow::Result<()> {
        if !self.drafts.contains_key(&(shelf.day(day), content, 0)) {
            let before = shelf.before(day, entries)?;
            self.open(shelf, day, content, before.as_ref());
        }
        self.add(shelf, day, content, cells)
    }

    /// Adds a row to a file that begins anew with each version.
    pub fn take_new(
        &mut self,
        shelf: &Shelf,
        day: Day,
        content: DailyFile,
        cells: &[Cell],
    ) -> anyhow::Result<()> {
        if !self.drafts.contains_key(&(shelf.day(day), content, 0)) {
            self.open(shelf, day, content, None);
        }
        self.add(shelf, day, content, cells)
    }

    fn open(
        &mut self,
        shelf: &Shelf,
        day: Day,
        content: DailyFile,
        before: Option<&DailyManifest>,
    ) {
        let home = shelf.day(day);
        for (place, form) in Form::ALL.into_iter().enumerate() {
            let base = before.and_then(|before| file_of(before, content, form));
            let base = base.map(|file| (home.join(&file.name), file.sha256.clone(), file.rows));
            let draft = Draft {
                path: home.join(format!("{}.{}.part", content.name(), form.ending())),
                lines: Lines::of(content.columns(), form),
                text: String::new(),
                rows: 0,
                begun: false,
                base,
            };
            self.drafts.insert((home.clone(), content, place), draft);
        }
    }

    fn add(
        &mut self,
        shelf: &Shelf,
        day: Day,
        content: DailyFile,
        cells: &[Cell],
    ) -> anyhow::Result<()> {
        for place in 0..Form::ALL.len() {
            let draft = self.drafts.get_mut(&(shelf.day(day), content, place));
            let draft = draft.context("a draft was not begun")?;
            let before = draft.text.len();
            draft.lines.row(cells, &mut draft.text);
            draft.rows += 1;
            self.held += draft.text.len() - before;
        }
        if HELD_MAX <= self.held {
            self.drafts.values_mut().try_for_each(Draft::flush)?;
            self.held = 0;
        }
        Ok(())
    }

    /// Gives the files of a version their names, and tells of all files that belong to it: those
    /// without new rows are the files of the version before.
    pub fn publish(
        &mut self,
        shelf: &Shelf,
        day: Day,
        version: u32,
        before: Option<&DailyManifest>,
    ) -> anyhow::Result<Vec<wire::DailyFile>> {
        let home = shelf.day(day);
        let mut files = Vec::new();
        for content in DailyFile::ALL {
            let drafted = self.drafts.contains_key(&(home.clone(), *content, 0));
            if !drafted && before.is_none_or(|before| before.files.is_empty()) {
                self.open(shelf, day, *content, None);
            }
            for (place, form) in Form::ALL.into_iter().enumerate() {
                let draft = self.drafts.remove(&(home.clone(), *content, place));
                files.push(match (draft, before) {
                    (Some(draft), _) => {
                        self.held -= draft.text.len().min(self.held);
                        draft.publish(&home, *content, form, version)?
                    }
                    (None, Some(before)) => file_of(before, *content, form)
                        .with_context(|| format!("{} lacks a file", home.display()))?
                        .clone(),
                    (None, None) => anyhow::bail!("a draft was not begun"),
                });
            }
        }
        Ok(files)
    }
}

fn file_of(manifest: &DailyManifest, content: DailyFile, form: Form) -> Option<&wire::DailyFile> {
    let same =
        |file: &&wire::DailyFile| file.content == content.name() && file.form == form.ending();
    manifest.files.iter().find(same)
}

impl Draft {
    /// Appends what is held.
    fn flush(&mut self) -> anyhow::Result<()> {
        let writing = || format!("{} cannot be written", self.path.display());
        if !self.begun {
            self.begin().with_context(writing)?;
            self.begun = true;
        }
        let mut file = OpenOptions::new().append(true).open(&self.path).with_context(writing)?;
        file.write_all(self.text.as_bytes()).with_context(writing)?;
        self.text.clear();
        Ok(())
    }

    fn begin(&self) -> anyhow::Result<()> {
        if let Some(home) = self.path.parent() {
            fs::create_dir_all(home)?;
        }
        match &self.base {
            Some((path, hash, _)) => {
                fs::copy(path, &self.path)
                    .with_context(|| format!("{} cannot be read", path.display()))?;
                ensure!(sha256(&self.path)? == *hash, "{} was changed", path.display());
            }
            None => {
                let mut head = String::new();
                self.lines.head(&mut head);
                fs::write(&self.path, head)?;
            }
        }
        Ok(())
    }

    fn publish(
        mut self,
        home: &Path,
        content: DailyFile,
        form: Form,
        version: u32,
    ) -> anyhow::Result<wire::DailyFile> {
        self.flush()?;
        let name = format!("{}.v{version}.{}", content.name(), form.ending());
        let writing = || format!("{} cannot be written", home.join(&name).display());
        let file = File::open(&self.path).with_context(writing)?;
        file.sync_all().with_context(writing)?;
        let bytes = file.metadata().with_context(writing)?.len();
        let sha256 = sha256(&self.path)?;
        fs::rename(&self.path, home.join(&name)).with_context(writing)?;
        Ok(wire::DailyFile {
            name,
            content: content.name().to_owned(),
            form: form.ending().to_owned(),
            rows: self.base.map_or(0, |(_, _, rows)| rows) + self.rows,
            bytes,
            sha256,
        })
    }
}
