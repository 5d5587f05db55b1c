//! `bej vault`: where persons are kept, and their keys.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::{Context as _, bail, ensure};
use serde_json::{Value, json};
use store::VaultStore;
use store::files::parent;
use vault::{FileKeeper, KeyKeeper, Phase, Pkcs11Keeper, Status, Step, Vault};

use crate::store_url::StoreUrl;

/// Make, look after and check the vault, where persons are kept.
///
/// The key-encryption keys lie apart from the store: in a directory of their own (--keys), or in a
/// device (--module, --token, --pin). docs/vault.md tells what to do when, and what if keys are
/// lost.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, clap::Subcommand)]
enum Action {
    /// Make the vault and its first key; nothing where there is one.
    Make(Common),
    /// Show epochs of keys and how many persons there are.
    Status(Common),
    /// Open every key, item and look, and look for every entry of the index.
    ///
    /// Shows nothing of anybody. The exit status is 1 if something is not as it was sealed.
    Verify(Common),
    /// Put all keys under a new key-encryption key and destroy the old one.
    ///
    /// After it no older backup of the keys opens any more: what was destroyed before is gone for
    /// good. The copy of the new keys is proved before the old key is destroyed; keep it with the
    /// last backup, which opens with it alone. Broken off, the same command goes on. Others may
    /// use the vault meanwhile.
    Rotate(RotateArgs),
    /// List the persons who were destroyed, each with the entry that ordered it.
    Destroyed(DestroyedArgs),
}

#[derive(Debug, clap::Args)]
struct Common {
    /// The store.
    #[arg(long, value_name = "URL")]
    store: StoreUrl,
    #[command(flatten)]
    keeper: KeeperArgs,
    /// Print one JSON object.
    #[arg(long)]
    json: bool,
}

#[derive(Debug, clap::Args)]
struct RotateArgs {
    #[command(flatten)]
    common: Common,
    /// Where the copy of the new keys goes: neither with the store nor with the keys.
    #[arg(long, value_name = "DIR")]
    copies: PathBuf,
}

#[derive(Debug, clap::Args)]
struct DestroyedArgs {
    /// The store.
    #[arg(long, value_name = "URL")]
    store: StoreUrl,
    /// Only those ordered by this entry or a later one.
    #[arg(long, value_name = "N", default_value_t = 0)]
    since: u64,
    /// Print one JSON object.
    #[arg(long)]
    json: bool,
}

/// Where key-encryption keys are.
#[derive(Debug, clap::Args)]
#[group(required = true)]
struct KeeperArgs {
    /// The directory of keys.
    #[arg(long, value_name = "DIR", conflicts_with_all = ["module", "token", "pin"])]
    keys: Option<PathBuf>,
    /// The library of the device that keeps the keys (PKCS #11).
    #[arg(long, value_name = "FILE", requires = "token", requires = "pin")]
    module: Option<PathBuf>,
    /// The label of the device's token.
    #[arg(long, value_name = "LABEL", requires = "module")]
    token: Option<String>,
    /// A file with the token's PIN in its first line, readable by its owner alone.
    #[arg(long, value_name = "FILE", requires = "module")]
    pin: Option<PathBuf>,
}

impl KeeperArgs {
    fn open(&self, store: &StoreUrl) -> anyhow::Result<Arc<dyn KeyKeeper>> {
        if let Some(keys) = &self.keys {
            apart(store, keys, "keys")?;
            return Ok(Arc::new(FileKeeper::at(keys)));
        }
        let (Some(module), Some(token), Some(pin)) = (&self.module, &self.token, &self.pin) else {
            bail!("give --keys, or --module with --token and --pin");
        };
        Ok(Arc::new(Pkcs11Keeper::open(module, token, pin)?))
    }
}

/// Refuses a directory within the store's: whoever copies the store must not copy what opens it.
fn apart(store: &StoreUrl, directory: &Path, what: &str) -> anyhow::Result<()> {
    let (home, own) = (real(store.home()?.directory())?, real(directory)?);
    ensure!(
        !own.starts_with(&home) && own != parent(&home),
        "{} is with the store; {what} belong elsewhere, so that no copy of the store has them",
        directory.display()
    );
    Ok(())
}

/// The path without links, as far as it is there.
fn real(path: &Path) -> anyhow::Result<PathBuf> {
    let path = std::path::absolute(path)?;
    for there in path.ancestors() {
        if let Ok(real) = there.canonicalize() {
            return Ok(real.join(path.strip_prefix(there)?));
        }
    }
    Ok(path)
}

/// Runs the command.
pub fn run(args: &Args) -> anyhow::Result<ExitCode> {
    match &args.action {
        Action::Make(args) => make(args),
        Action::Status(args) => status(args),
        Action::Verify(args) => verify(args),
        Action::Rotate(args) => rotate(args),
        Action::Destroyed(args) => destroyed(args),
    }
    .map(|()| ExitCode::SUCCESS)
}

fn rows(store: &StoreUrl) -> anyhow::Result<Box<dyn VaultStore>> {
    // At a database the role for persons sees no journal.
    if matches!(store, StoreUrl::Sqlite(_)) {
        store.present()?;
    }
    store
        .vault()?
        .with_context(|| format!("there is no vault with {store} yet; `bej vault make` makes one"))
}

fn open(args: &Common) -> anyhow::Result<Vault> {
    let keeper = args.keeper.open(&args.store)?;
    Ok(Vault::open(rows(&args.store)?, keeper)?)
}

fn make(args: &Common) -> anyhow::Result<()> {
    args.store.present()?;
    let keeper = args.keeper.open(&args.store)?;
    drop(args.store.make_edge()?);
    let mut vault = Vault::open_or_make(args.store.make_vault()?, keeper)?;
    tell(args, &vault.status()?)
}

fn status(args: &Common) -> anyhow::Result<()> {
    let status = open(args)?.status()?;
    tell(args, &status)
}

fn tell(args: &Common, status: &Status) -> anyhow::Result<()> {
    let phase = |phase: Option<Phase>| phase.map_or("unknown", Phase::name);
    let Status { epochs, pending, live, destroyed } = status;
    if args.json {
        let epochs =
            epochs.iter().map(|row| json!({ "epoch": row.epoch, "phase": phase(row.phase) }));
        let epochs: Vec<Value> = epochs.collect();
        let (pending, live) = (json!(pending), json!(live));
        println!(
            "{}",
            json!({ "epochs": epochs, "pending": pending, "live": live, "destroyed": destroyed })
        );
        return Ok(());
    }
    println!("keys         {}", args.keeper.open(&args.store)?.name());
    for row in epochs {
        println!("epoch {:<6} {}", row.epoch, phase(row.phase));
    }
    println!("live         {live}");
    println!("pending      {pending}");
    println!("destroyed    {destroyed}");
    if 1 < epochs.len() {
        println!("next         a rotation was begun; `bej vault rotate` goes on with it");
    }
    Ok(())
}

fn verify(args: &Common) -> anyhow::Result<()> {
    let checked = open(args)?.check(&mut |_| {})?;
    if args.json {
        println!(
            "{}",
            json!({ "persons": checked.persons, "items": checked.items, "looks": checked.looks,
                    "entries": checked.entries })
        );
        return Ok(());
    }
    println!("persons      {}", checked.persons);
    println!("items        {}, each opens in its place", checked.items);
    println!("looks        {}, each opens in its place", checked.looks);
    println!("entries      {}, each is found", checked.entries);
    Ok(())
}

fn rotate(args: &RotateArgs) -> anyhow::Result<()> {
    let RotateArgs { common, copies } = args;
    apart(&common.store, copies, "copies of keys")?;
    ensure!(
        common.keeper.keys.as_ref() != Some(copies),
        "{} has the keys; copies of what they open belong elsewhere",
        copies.display()
    );
    let mut vault = open(common)?;
    let rotated = vault.rotate(copies, &mut |step| {
        if !common.json {
            say(step);
        }
    })?;
    let copy = rotated.copy.map(|copy| copy.display().to_string());
    if common.json {
        println!("{}", json!({ "epoch": rotated.epoch, "copy": copy, "resumed": rotated.resumed }));
        return Ok(());
    }
    println!("epoch        {} is the current one", rotated.epoch);
    if let Some(copy) = copy {
        println!("keep         {copy}: backups made before open with it alone");
    }
    if rotated.resumed {
        println!("careful      this finished a rotation that had been begun before; backups made");
        println!("             meanwhile open until the next one: run the command once more");
    }
    Ok(())
}

fn say(step: &Step) {
    match step {
        Step::KeyMade(epoch) => println!("made         the key of epoch {epoch}"),
        Step::Begun(_) | Step::Carried(_) | Step::Gone(_) | Step::Filled(_) => {}
        Step::Indexed(field) => println!("index        of {}", field.name()),
        Step::Current(epoch) => println!("current      epoch {epoch}"),
        Step::Copied(path) => println!("copied       keys to {}", path.display()),
        Step::Proved(opened) => println!("proved       {opened} records open with that copy"),
        Step::KeyDestroyed(epoch) => println!("destroyed    the key of epoch {epoch}"),
        Step::Forgotten(epoch) => println!("removed      the rows of epoch {epoch}"),
    }
}

fn destroyed(args: &DestroyedArgs) -> anyhow::Result<()> {
    let mut all = Vec::new();
    vault::destroyed(&mut *rows(&args.store)?, &mut |person, ordered| {
        if args.since <= ordered.0 {
            all.push((ordered, person));
        }
    })?;
    all.sort_unstable();
    if args.json {
        let rows = all.iter().map(|(seq, person)| json!({ "person": person.0, "ordered": seq.0 }));
        println!("{}", json!({ "destroyed": rows.collect::<Vec<Value>>() }));
        return Ok(());
    }
    for (ordered, person) in &all {
        println!("person {person} by entry {ordered}");
    }
    println!("{} persons destroyed", all.len());
    Ok(())
}
