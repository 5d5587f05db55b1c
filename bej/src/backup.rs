//! `bej backup`: a directory from which [`crate::restore`] makes a store.
//!
//! ```text
//! DIR/journal.db, DIR/journal.db-000001 …   the journal, a store by itself
//! DIR/checkpoint.signed                     what was signed last, if anything was
//! DIR/vault.db                              persons, sealed as they are, if there are any
//! DIR/edge.db                               what the edges keep, if there is any
//! DIR/manifest.json                         head, root, state hash, invariants, SHA-256 of files
//! ```
//!
//! The journal is copied frame by frame beside a running writer, and then verified where it lies,
//! so that a backup that was made is one that can be restored. Persons and the edge follow, as of a
//! moment after the journal's end. Everything else in a store is made again from the journal, save
//! the checkpoint key and the key-encryption keys, which are kept apart and not copied.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context as _, bail, ensure};
use serde_json::{Value, json};
use store::files::{make_directory, sync_directory};
use terms::Hash;

use crate::export::create;
use crate::export::sha256;
use crate::kept::{self, Kept};
use crate::key::{self, Signed};
use crate::reading::{self, Reader};
use crate::store_url::StoreUrl;
use crate::verify::{Report, verify};

/// The form of the manifest.
const VERSION: u64 = 1;
const MANIFEST: &str = "manifest.json";
/// The journal's first part.
pub const JOURNAL: &str = "journal.db";
const SIGNED: &str = "checkpoint.signed";
/// Persons and the edge.
pub const VAULT: &str = "vault.db";
pub const EDGE: &str = "edge.db";

/// Copy a store to a directory while it is in use, and verify the copy.
#[derive(Debug, clap::Args)]
pub struct BackupArgs {
    /// The store.
    #[arg(long, value_name = "URL")]
    store: StoreUrl,
    /// The directory; it is made, and must be empty if it is there.
    #[arg(long, value_name = "DIR")]
    to: PathBuf,
    /// Print the manifest.
    #[arg(long)]
    json: bool,
}

/// Runs `bej backup`.
pub fn backup(args: &BackupArgs) -> anyhow::Result<ExitCode> {
    let mut reader = reading::open_newest(&args.store)?;
    let to = args.to.display();
    make_directory(&args.to)?;
    let mut there = fs::read_dir(&args.to).with_context(|| format!("{to} cannot be listed"))?;
    ensure!(there.next().is_none(), "{to} is not empty; give a new directory for each backup");
    // What was signed is read first: the journal that is copied then reaches at least as far.
    let signed = Signed::of(reader.marks()).last()?;
    let journal = args.to.join(JOURNAL);
    reader.copy_to_file(&journal).context("the journal cannot be copied")?;
    if let Some((size, root)) = signed {
        write(&args.to.join(SIGNED), &key::line(size, root))?;
    }
    let report = sound(&journal).context("the copy does not verify, and neither does the store")?;
    let kept = kept::to_files(&args.store, &args.to)?;
    let manifest = manifest(&args.to, &report, &kept)?;
    write(&args.to.join(MANIFEST), &format!("{manifest:#}\n"))?;
    sync_directory(&args.to)?;
    if args.json {
        println!("{manifest}");
    } else {
        let head = report.head.context("the copy has no head")?;
        println!("backed up {} entries to {to}, verified", head.next_seq);
        println!("root {}", head.root);
        for line in kept.lines() {
            println!("{line}");
        }
        println!("Keys are not part of a backup; keep them apart.");
    }
    Ok(ExitCode::SUCCESS)
}

/// Writes a new file, durably.
pub fn write(path: &Path, text: &str) -> anyhow::Result<()> {
    let mut file = create(path)?;
    file.write_all(text.as_bytes())
        .and_then(|()| file.sync_all())
        .with_context(|| format!("{} could not be written", path.display()))
}

/// Verifies a journal; an error tells what is wrong with it.
pub fn sound(journal: &Path) -> anyhow::Result<Report> {
    let report = verify(&mut Reader::sqlite(store_sqlite::Reader::open(journal)?))?;
    match &report.bad {
        None => Ok(report),
        Some(bad) => bail!("{bad}"),
    }
}

/// What is to be found again when the backup is restored.
pub fn facts(report: &Report) -> Value {
    let mut facts = report.json();
    if let Some(fields) = facts.as_object_mut() {
        fields.remove("first_bad");
        fields.remove("compared");
    }
    facts
}

fn manifest(home: &Path, report: &Report, kept: &Kept) -> anyhow::Result<Value> {
    let mut files = Vec::new();
    for path in backed_up(home)? {
        let bytes = fs::metadata(&path)?.len();
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned());
        files.push(json!({ "name": name, "bytes": bytes, "sha256": sha256(&path)? }));
    }
    Ok(json!({
        "bej_backup": VERSION,
        "journal": facts(report),
        "vault": kept.vault,
        "edge": kept.edge,
        "files": files,
    }))
}

/// The files of a backup, by name.
fn backed_up(home: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let listing = || format!("{} cannot be listed", home.display());
    let mut found = Vec::new();
    for entry in fs::read_dir(home).with_context(listing)? {
        let path = entry.with_context(listing)?.path();
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned());
        let part = name.as_deref().and_then(|name| name.strip_prefix(JOURNAL));
        // Logs of the database are empty once the copy is closed, and no part of the backup.
        let part = part.is_some_and(|rest| rest.is_empty() || digits(rest.strip_prefix('-')));
        let whole = [SIGNED, VAULT, EDGE].map(Some).contains(&name.as_deref());
        if part || whole {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}

fn digits(text: Option<&str>) -> bool {
    text.is_some_and(|text| text.len() == 6 && text.bytes().all(|byte| byte.is_ascii_digit()))
}

/// The manifest of a backup whose files are what it says.
pub fn checked(home: &Path) -> anyhow::Result<Value> {
    let path = home.join(MANIFEST);
    let place = path.display();
    let text = fs::read_to_string(&path)
        .with_context(|| format!("{place} cannot be read; is this the directory of a backup?"))?;
    let manifest: Value =
        serde_json::from_str(&text).with_context(|| format!("{place} is not a manifest"))?;
    match manifest["bej_backup"].as_u64() {
        Some(VERSION) => {}
        Some(version) => bail!(
            "{place} has version {version} and this program reads {VERSION}; use the program that \
             made the backup"
        ),
        None => bail!("{place} is not the manifest of a backup"),
    }
    let files = manifest["files"].as_array().with_context(|| format!("{place} lists no files"))?;
    let mut names = Vec::new();
    for file in files {
        let name = file["name"].as_str().with_context(|| format!("{place}: a file has no name"))?;
        ensure!(!name.contains('/'), "{place}: {name:?} is no name of a file");
        let path = home.join(name);
        ensure!(path.exists(), "{} is missing", path.display());
        let found = sha256(&path)?;
        ensure!(
            file["sha256"].as_str() == Some(&found),
            "{} has SHA-256 {found} and not the one of the manifest: it was changed",
            path.display()
        );
        names.push(path);
    }
    names.sort();
    ensure!(names == backed_up(home)?, "{place} does not list the files that are there");
    Ok(manifest)
}

/// What was signed last when a backup was made.
pub fn signed_in(home: &Path) -> anyhow::Result<Option<(u64, Hash)>> {
    let path = home.join(SIGNED);
    if !path.exists() {
        return Ok(None);
    }
    let text = fs::read_to_string(&path);
    let text = text.with_context(|| format!("{} cannot be read", path.display()))?;
    let said = key::said(&text);
    Ok(Some(said.with_context(|| format!("{} holds no size and root", path.display()))?))
}
