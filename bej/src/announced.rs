//! `bej key`: the key of checkpoints and what the journal says of it (core 9).
//!
//! A journal names its key in an entry, and the key that follows in another; the last one is in
//! force. Only that key signs: a signature by another would be one of which nobody can tell, from
//! the journal, whose it is.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context as _, bail, ensure};
use desk::command::{AnnounceKey, Manner};
use desk::{Command, Message};
use journal::checkpoint::CheckpointVerifier;
use journal::fact::{Fact, KeyAnnounced};
use pump::{Class, Clock as _, Handle, Outcome, Pump, ReadCopy, Stream, SystemClock, Time};
use store::{Home, JournalReader as _, Tiles};
use terms::{Hash, Reason, Sender};

use crate::key::{SigningKey, default_path};
use crate::reading::Reader;
use crate::store_url::StoreUrl;
use crate::watch::{self, Watch};
use crate::{fresh, proof, reading, tiles};

/// Announce and show the key that signs checkpoints.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, clap::Subcommand)]
enum Action {
    /// Have the journal name a key; from then on this key signs, and no other.
    ///
    /// The key file is made if it is not there. Nobody else may be writing to the store. The entry
    /// brings the time of this machine's clock. To change the key, announce the new one in the
    /// same way with another --key; the old one signs nothing any more.
    Announce(AnnounceArgs),
    /// Show the key that the journal names, and whether the key file is that one.
    Show(ShowArgs),
}

#[derive(Debug, clap::Args)]
struct AnnounceArgs {
    /// The store.
    #[arg(long, value_name = "URL")]
    store: StoreUrl,
    /// The key file; PATH.d/checkpoint.key if it is not given.
    #[arg(long, value_name = "FILE")]
    key: Option<PathBuf>,
    /// The name of this journal for a key that is made: a-z, 0-9 and -.
    #[arg(long, value_name = "NAME", default_value = "local")]
    instance: String,
    /// The public key that will follow this one, if it is known: its text or a file that holds it.
    #[arg(long, value_name = "VKEY")]
    successor: Option<String>,
}

#[derive(Debug, clap::Args)]
struct ShowArgs {
    /// The store.
    #[arg(long, value_name = "URL")]
    store: StoreUrl,
    /// The key file; PATH.d/checkpoint.key if it is not given.
    #[arg(long, value_name = "FILE")]
    key: Option<PathBuf>,
}

/// Runs the command.
pub fn run(args: &Args) -> anyhow::Result<ExitCode> {
    match &args.action {
        Action::Announce(args) => announce(args),
        Action::Show(args) => show(args),
    }
}

/// The entry that names the key in force, and its position.
pub fn in_force(reader: &mut Reader, tiles: &Tiles) -> anyhow::Result<Option<(u64, KeyAnnounced)>> {
    let Some(seq) = tiles.cursor().mark else { return Ok(None) };
    match reading::entry(reader, seq)?.map(|entry| entry.fact) {
        Some(Fact::KeyAnnounced(fact)) => Ok(Some((seq, fact))),
        _ => bail!(
            "the tiles say that entry {seq} announces a key, and it does not; remove {}, they are \
             made again",
            reader.home().tiles().display()
        ),
    }
}

/// Refuses a key that is not the one in force.
pub fn check(reader: &mut Reader, tiles: &Tiles, key: &SigningKey) -> anyhow::Result<()> {
    let Some((seq, fact)) = in_force(reader, tiles)? else {
        bail!(
            "the journal names no key of checkpoints, so that nobody could tell whose signature it \
             is; announce this one with `bej key announce`"
        )
    };
    if fact.key == key.public() {
        return Ok(());
    }
    let named = CheckpointVerifier::new(key.origin.clone(), fact.key.0)
        .map_or_else(|_| fact.key.to_string(), |named| named.to_string());
    if fact.successor == Some(key.public()) {
        bail!(
            "entry {seq} names it as the key that will follow, and {named} is still in force; to \
             change to it, announce it with `bej key announce --key FILE`"
        );
    }
    bail!(
        "since entry {seq} the journal names another key, {named}: sign with the file of that one \
         (--key FILE), or, if this is a new key, announce it with `bej key announce --key FILE`"
    )
}

fn announce(args: &AnnounceArgs) -> anyhow::Result<ExitCode> {
    let home = args.store.home()?;
    args.store.present()?;
    let successor = args.successor.as_deref().map(proof::verifier).transpose()?;
    let successor = successor.map(|key| Hash(key.public()));
    let path = args.key.clone().unwrap_or_else(|| default_path(&home));
    let key = SigningKey::load_or_make(&path, &args.instance)?;
    ensure!(successor != Some(key.public()), "a key cannot follow itself; look at --successor");
    let seq = tell(&args.store, AnnounceKey { key: key.public(), successor })?;
    println!("entry {seq} names the key of checkpoints");
    println!("{}", key.verifier());
    println!("Publish this line: whoever checks a proof needs it from elsewhere than the proof.");
    Ok(ExitCode::SUCCESS)
}

/// Makes and announces the store's own key where the journal names none: a system that runs signs
/// its checkpoints. An empty journal has no rulebook yet, by which a key could be announced. Says
/// so where the journal names another key than this node has.
pub fn announce_if_none(
    handle: &Handle,
    copy: &ReadCopy,
    home: &Home,
    instance: &str,
) -> anyhow::Result<()> {
    let (entries, named) = copy.read(|state| (state.next.0, state.key));
    let path = default_path(home);
    if let Some(named) = named {
        let own = SigningKey::load(&path).ok().map(|key| key.public());
        if own != Some(named) {
            tracing::error!(
                "this node cannot sign: {} is not the key that the journal names, {named}; copy \
                 it from the node that has it",
                path.display()
            );
        }
        return Ok(());
    }
    if entries == 0 {
        return Ok(());
    }
    let key = SigningKey::load_or_make(&path, instance)?;
    let mut entropy = Stream::system().context("the system gives no random bytes")?;
    let id = fresh::message_id(SystemClock::new().wall(), &mut entropy);
    let command = Command::AnnounceKey(AnnounceKey { key: key.public(), successor: None });
    let message = Message::new(Sender::Operator, id, Manner::Single, command);
    let verdict = handle.ask(Class::Control, message)?;
    match (verdict.outcome, verdict.receipt) {
        (Outcome::Done, Some(receipt)) => {
            let (seq, verifier) = (receipt.seq, key.verifier());
            tracing::info!("entry {seq} names the key of checkpoints, {verifier}");
            Ok(())
        }
        (outcome, _) => bail!("the key of checkpoints was not announced: {outcome:?}"),
    }
}

/// Has the journal name a key; gives the position of the entry.
fn tell(url: &StoreUrl, command: AnnounceKey) -> anyhow::Result<u64> {
    let opened = url.lasting()?;
    opened.nobody_decides()?;
    let mut parts = opened.parts()?;
    let head = parts.journal.head().with_context(|| format!("{url} cannot be read"))?;
    let now = SystemClock::new().wall();
    ensure!(
        head.at <= now,
        "the last entry is of {}, and the clock of this machine says {now}: set the clock right",
        head.at
    );
    let mut entropy = Stream::system().context("the system gives no random bytes")?;
    let id = fresh::message_id(now, &mut entropy);
    let pump = Pump::start(
        parts.journal,
        Some(parts.snapshots),
        Some(parts.cold),
        Time::Brought,
        Box::new(entropy),
        watch::begin(None),
    );
    let pump = pump.with_context(|| format!("{url} cannot be written"))?;
    let mut watch = Watch::of(&pump);
    let message = Message::new(Sender::Operator, id, Manner::Single, Command::AnnounceKey(command));
    let verdict = pump.handle().ask_at(now.max(head.at.plus(1)), message);
    let stopped = pump.stop().context("the pump ended")?;
    watch.note(stopped.snapshot_failed.as_deref());
    let verdict = verdict?;
    match (verdict.outcome, verdict.receipt) {
        (Outcome::Done, Some(receipt)) => Ok(receipt.seq.0),
        (Outcome::Refused(Reason::AlreadyRegistered), _) => {
            bail!("the journal names this key already; there is nothing to announce")
        }
        (outcome, _) => bail!("the key was not announced: {outcome:?}"),
    }
}

fn show(args: &ShowArgs) -> anyhow::Result<ExitCode> {
    let mut reader = reading::open(&args.store)?;
    let head = reader.head()?;
    let tiles = tiles::of(&mut reader, &head)?;
    let path = args.key.clone().unwrap_or_else(|| default_path(reader.home()));
    let key = SigningKey::load(&path)?;
    check(&mut reader, &tiles, &key)?;
    println!("{}", key.verifier());
    Ok(ExitCode::SUCCESS)
}
