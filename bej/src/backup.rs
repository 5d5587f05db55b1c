//! `bej backup` and `bej restore`.
//!
//! ```text
//! DIR/journal.db, DIR/journal.db-000001 …   the journal, a store by itself
//! DIR/checkpoint.signed                     what was signed last, if anything was
//! DIR/manifest.json                         head, root, state hash, invariants, SHA-256 of files
//! ```
//!
//! The journal is copied frame by frame beside a running writer, and then verified where it lies,
//! so that a backup that was made is one that can be restored. Everything else in a store is made
//! again from the journal, save the checkpoint key, which is kept apart and not copied.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context as _, bail, ensure};
use serde_json::{Value, json};
use store::files::{make_directory, parent, sync_directory};
use store::{Head, JournalReader as _, MarkFiles};
use store_sqlite::Layout;
use terms::Hash;

use crate::export::create;
use crate::export::sha256;
use crate::key::{self, Signed};
use crate::reading::{self, Reader};
use crate::store_url::{StoreUrl, keeps_nothing};
use crate::verify::{Report, verify};

/// The form of the manifest.
const VERSION: u64 = 1;
const MANIFEST: &str = "manifest.json";
const JOURNAL: &str = "journal.db";
const SIGNED: &str = "checkpoint.signed";

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

/// Make a store of a backup, after checking it against its manifest.
///
/// Refuses a place where there is a store already. Verifies what it has made before it takes its
/// name, so that a restore that was broken off leaves no store.
#[derive(Debug, clap::Args)]
pub struct RestoreArgs {
    /// The directory of the backup.
    #[arg(long, value_name = "DIR")]
    from: PathBuf,
    /// The new store.
    #[arg(long, value_name = "URL")]
    store: StoreUrl,
    /// Print one JSON object.
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
    let manifest = manifest(&args.to, &report)?;
    write(&args.to.join(MANIFEST), &format!("{manifest:#}\n"))?;
    sync_directory(&args.to)?;
    if args.json {
        println!("{manifest}");
    } else {
        let head = report.head.context("the copy has no head")?;
        println!("backed up {} entries to {to}, verified", head.next_seq);
        println!("root {}", head.root);
        println!("The checkpoint key is not part of a backup; keep it apart.");
    }
    Ok(ExitCode::SUCCESS)
}

fn write(path: &Path, text: &str) -> anyhow::Result<()> {
    let mut file = create(path)?;
    file.write_all(text.as_bytes())
        .and_then(|()| file.sync_all())
        .with_context(|| format!("{} could not be written", path.display()))
}

/// Verifies a journal; an error tells what is wrong with it.
fn sound(journal: &Path) -> anyhow::Result<Report> {
    let report = verify(&mut Reader::sqlite(store_sqlite::Reader::open(journal)?))?;
    match &report.bad {
        None => Ok(report),
        Some(bad) => bail!("{bad}"),
    }
}

/// What is to be found again when the backup is restored.
fn facts(report: &Report) -> Value {
    let mut facts = report.json();
    if let Some(fields) = facts.as_object_mut() {
        fields.remove("first_bad");
        fields.remove("compared");
    }
    facts
}

fn manifest(home: &Path, report: &Report) -> anyhow::Result<Value> {
    let mut files = Vec::new();
    for path in backed_up(home)? {
        let bytes = fs::metadata(&path)?.len();
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned());
        files.push(json!({ "name": name, "bytes": bytes, "sha256": sha256(&path)? }));
    }
    Ok(json!({ "bej_backup": VERSION, "journal": facts(report), "files": files }))
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
        if part || name.as_deref() == Some(SIGNED) {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}

fn digits(text: Option<&str>) -> bool {
    text.is_some_and(|text| text.len() == 6 && text.bytes().all(|byte| byte.is_ascii_digit()))
}

/// Runs `bej restore`.
pub fn restore(args: &RestoreArgs) -> anyhow::Result<ExitCode> {
    let manifest = checked(&args.from)?;
    let target = match &args.store {
        StoreUrl::Sqlite(target) => target,
        StoreUrl::Postgres(_) => return restore_to_database(args, &manifest),
        StoreUrl::Memory => bail!("{}", keeps_nothing()),
    };
    let layout = Layout::of(target)?;
    vacant(&layout)?;
    // Under another name first: a store is there only when it is whole.
    let partial = Layout::of(&beside(&layout.part(0), ".restoring"))?;
    let left = partial.part(0);
    ensure!(
        !left.exists(),
        "{} was left by a restore that was broken off; remove it and its parts",
        left.display()
    );
    let mut backup = store_sqlite::Reader::open(args.from.join(JOURNAL))?;
    backup.copy_journal(&partial.part(0)).context("the journal cannot be copied")?;
    let report = sound(&partial.part(0)).context("what was restored does not verify")?;
    ensure!(
        facts(&report) == manifest["journal"],
        "what was restored is not what the manifest says: {} against {}",
        facts(&report),
        manifest["journal"]
    );
    let parts = name_parts(&partial, &layout)?;
    if let Some((size, root)) = signed_in(&args.from)? {
        make_directory(&layout.directory())?;
        Signed::of(Box::new(MarkFiles::new(layout.home().marks()))).raise(size, root)?;
    }
    let head = report.head.context("the copy has no head")?;
    if args.json {
        println!(
            "{}",
            json!({ "store": args.store.to_string(), "parts": parts, "journal": facts(&report) })
        );
    } else {
        println!("manifest     checked, with the hash of each file");
        println!("restored     {} entries in {parts} file(s) to {}", head.next_seq, args.store);
        println!("verified     root {}, and every invariant", head.root);
        println!("next         copy the checkpoint key to {}", layout.directory().display());
        println!("             views, index and snapshots are made again at the next start");
    }
    Ok(ExitCode::SUCCESS)
}

/// Restores to a database, which must have no journal yet. One that was broken off is told by its
/// manifest when it is verified: whoever begins again does so with an empty database.
fn restore_to_database(args: &RestoreArgs, manifest: &Value) -> anyhow::Result<ExitCode> {
    let store = args.store.lasting()?;
    let mut journal = store.parts()?.journal;
    let there = journal.head()?;
    ensure!(there == Head::empty(), "{} has a journal; restore to an empty database", args.store);
    let mut backup = store_sqlite::Reader::open(args.from.join(JOURNAL))?;
    let end = backup.head()?;
    crate::copy::frames(&mut backup, &there, &end, &mut *journal)?;
    let report = verify(&mut store.reader()?)?;
    if let Some(bad) = &report.bad {
        bail!("what was restored does not verify: {bad}");
    }
    ensure!(
        facts(&report) == manifest["journal"],
        "what was restored is not what the manifest says: {} against {}",
        facts(&report),
        manifest["journal"]
    );
    if let Some((size, root)) = signed_in(&args.from)? {
        Signed::of(store.marks()).raise(size, root)?;
    }
    if args.json {
        println!("{}", json!({ "store": args.store.to_string(), "journal": facts(&report) }));
    } else {
        println!("manifest     checked, with the hash of each file");
        println!("restored     {} entries to {}", end.next_seq, args.store);
        println!("verified     root {}, and every invariant", end.root);
        println!("next         copy the checkpoint key to {}", store.home().directory().display());
    }
    Ok(ExitCode::SUCCESS)
}

/// The manifest of a backup whose files are what it says.
fn checked(home: &Path) -> anyhow::Result<Value> {
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
fn signed_in(home: &Path) -> anyhow::Result<Option<(u64, Hash)>> {
    let path = home.join(SIGNED);
    if !path.exists() {
        return Ok(None);
    }
    let text = fs::read_to_string(&path);
    let text = text.with_context(|| format!("{} cannot be read", path.display()))?;
    let said = key::said(&text);
    Ok(Some(said.with_context(|| format!("{} holds no size and root", path.display()))?))
}

/// Refuses a place where something is.
fn vacant(layout: &Layout) -> anyhow::Result<()> {
    let first = layout.part(0);
    for path in [&first, &layout.part(1), &beside(&first, "-wal")] {
        ensure!(!path.exists(), "{} is there already; restore to a new place", path.display());
    }
    let directory = layout.directory();
    let empty = fs::read_dir(&directory).map_or(true, |mut files| files.next().is_none());
    ensure!(empty, "{} is not empty; restore to a new place", directory.display());
    Ok(())
}

/// Gives the parts their names, the first one last: without it there is no store.
fn name_parts(partial: &Layout, layout: &Layout) -> anyhow::Result<u32> {
    let count = (0..).take_while(|number| partial.part(*number).exists()).count() as u32;
    for number in (0..count).rev() {
        let (from, to) = (partial.part(number), layout.part(number));
        for log in ["-wal", "-shm"] {
            let log = beside(&from, log);
            if log.exists() {
                fs::remove_file(&log)
                    .with_context(|| format!("{} cannot be removed", log.display()))?;
            }
        }
        fs::rename(&from, &to)
            .with_context(|| format!("{} cannot be named {}", from.display(), to.display()))?;
    }
    sync_directory(parent(&layout.part(0)))?;
    Ok(count)
}

fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.to_owned().into_os_string();
    name.push(suffix);
    name.into()
}
