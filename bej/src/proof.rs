//! `bej proof`, `bej check-proof`, `bej checkpoint`, `bej consistency`: what a stranger can check.
//!
//! The hashes come from the tree's tiles, which are brought up to the journal's end first; what
//! they give is checked against the root that the journal states, so that tiles which were changed
//! make no proof. Nothing is signed that is not an extension of what was signed before, and
//! nothing with a key that the journal does not name.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context as _, bail, ensure};
use journal::checkpoint::CheckpointVerifier;
use journal::proof::{ProofFile, check_consistency, prove_consistency, prove_inclusion};
use serde_json::json;
use store::{Head, JournalReader as _, Tiles};
use terms::Hash;

use crate::export::{create, json};
use crate::find::{self, Target};
use crate::key::{Changed, Overtaken, Signed, SigningKey, default_path, gone};
use crate::reading::{self, Reader};
use crate::store_url::StoreUrl;
use crate::{announced, tiles};

/// Prove that an entry is in the journal, in a file that can be checked anywhere.
///
/// The file holds the entry's bytes, its path in the Merkle tree and a signed checkpoint. Beside it
/// FILE.vkey gets the public key; whoever checks the proof should have that key from elsewhere.
#[derive(Debug, clap::Args)]
pub struct ProofArgs {
    /// A position of the journal, or the id of a message, bet or order.
    #[arg(value_name = "ID")]
    id: String,
    #[command(flatten)]
    signer: Signer,
    /// The file; one that is there is not replaced.
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
}

/// Print the signed checkpoint of the journal as it is now.
///
/// Signs only what extends the journal of the last checkpoint, and only with the key that the
/// journal names (`bej key announce`). The public key goes to standard error.
#[derive(Debug, clap::Args)]
pub struct CheckpointArgs {
    #[command(flatten)]
    signer: Signer,
}

/// Prove that the journal of today begins with the journal of an earlier size.
///
/// Prints one JSON object: both sizes with their roots, and the hashes of the proof (RFC 6962,
/// 2.1.2). Whoever has a checkpoint of either size compares its root.
#[derive(Debug, clap::Args)]
pub struct ConsistencyArgs {
    /// The store.
    #[arg(long, value_name = "URL")]
    store: StoreUrl,
    /// The earlier size, in entries.
    #[arg(long, value_name = "SIZE")]
    from: u64,
    /// The later size; all entries if it is not given.
    #[arg(long, value_name = "SIZE")]
    to: Option<u64>,
}

/// Check a proof, without any store.
///
/// Shows that the entry is in the journal whose checkpoint the key signed. Which key is the
/// operator's cannot be seen offline: take the one that the operator publishes, as
/// `bej key show --store URL` prints it. The journal names its keys in entries of their own
/// (KeyAnnounced), which can be proven like any other entry.
#[derive(Debug, clap::Args)]
pub struct CheckArgs {
    /// The proof.
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// The public key that is trusted: its text (bej/INSTANCE+…) or a file that holds it.
    /// Without it the key beside the proof (FILE.vkey) is used, which proves nothing about who
    /// signed.
    #[arg(long, value_name = "VKEY")]
    key: Option<String>,
    /// Print one JSON object.
    #[arg(long)]
    json: bool,
}

/// Whose name stands under a checkpoint.
#[derive(Debug, clap::Args)]
struct Signer {
    /// The store.
    #[arg(long, value_name = "URL")]
    store: StoreUrl,
    /// The key file; PATH.d/checkpoint.key if it is not given. The journal must name this key:
    /// `bej key announce` makes one and has the journal name it.
    #[arg(long, value_name = "FILE")]
    key: Option<PathBuf>,
}

/// A journal that is about to be signed.
struct Signing {
    reader: Reader,
    key: SigningKey,
    signed: Signed,
    /// What was signed last when this began.
    last: Option<(u64, Hash)>,
    head: Head,
    tiles: Tiles,
}

impl Signer {
    fn open(&self) -> anyhow::Result<Signing> {
        let mut reader = reading::open_newest(&self.store)?;
        let path = self.key.clone().unwrap_or_else(|| default_path(reader.home()));
        let key = SigningKey::load(&path)?;
        let mut signed = Signed::of(reader.marks());
        // What was signed is read first: the journal then reaches at least as far, also where
        // another node signs at this moment.
        let last = signed.last()?;
        let head = reader.head()?;
        let tiles = tiles::of(&mut reader, &head)?;
        announced::check(&mut reader, &tiles, &key)
            .with_context(|| format!("{} signs nothing", path.display()))?;
        Ok(Signing { reader, key, signed, last, head, tiles })
    }
}

impl Signing {
    /// Signs the head after showing that it extends what was signed before.
    fn sign(&mut self) -> anyhow::Result<String> {
        let head = self.head;
        if let Some((size, root)) = self.last {
            if head.next_seq < size {
                bail!(gone(size, head.next_seq));
            }
            let found = self.tiles.root(size)?;
            if root != found {
                bail!(Changed(format!(
                    "root {root} was signed for {size} entries, and the journal now gives \
                     {found}: it was changed. Keep these files and run `bej verify`"
                )));
            }
        }
        self.key.sign(&mut self.signed, head.next_seq, head.root)
    }
}

/// Runs `bej proof`.
pub fn prove(args: &ProofArgs) -> anyhow::Result<ExitCode> {
    let target: Target = args.id.parse().with_context(|| format!("{:?}", args.id))?;
    let mut signing = args.signer.open()?;
    let seq = match target {
        Target::Position(seq) => seq,
        Target::Id(id) => {
            let (entries, _) = find::by_id(&mut signing.reader, id)?;
            entries.first().context("no entry carries this id")?.seq.0
        }
        Target::Account(..) | Target::Wallet(_) => {
            bail!("an account is many entries; give the position or the id of one of them")
        }
    };
    let head = signing.head;
    let fact = signing.reader.fact(seq)?.filter(|_| seq < head.next_seq);
    let Some(fact) = fact else {
        bail!("the journal has no entry {seq}; it has {} entries, from 0 on", head.next_seq)
    };
    let path = prove_inclusion(seq, head.next_seq, &signing.tiles)?;
    let proof = ProofFile { fact, seq, path, checkpoint: signing.sign()? };
    let verifier = signing.key.verifier();
    proof.check(&verifier).with_context(unproven)?;
    write_new(&args.out, &proof.to_string())?;
    let beside = key_beside(&args.out);
    if fs::read_to_string(&beside).ok().as_deref() != Some(&format!("{verifier}\n")) {
        write_new(&beside, &format!("{verifier}\n"))?;
    }
    eprintln!(
        "entry {seq} of {} is proven in {}; check it with: bej check-proof {} --key '{verifier}'",
        head.next_seq,
        args.out.display(),
        args.out.display()
    );
    Ok(ExitCode::SUCCESS)
}

/// The text of a proof of one entry, by the store's own key.
pub fn of_entry(store: &StoreUrl, seq: u64) -> anyhow::Result<String> {
    signing(store, |signing| {
        let fact = signing.reader.fact(seq)?.filter(|_| seq < signing.head.next_seq);
        let fact = fact.with_context(|| format!("the journal has no entry {seq}"))?;
        let path = prove_inclusion(seq, signing.head.next_seq, &signing.tiles)?;
        let proof = ProofFile { fact, seq, path, checkpoint: signing.sign()? };
        proof.check(&signing.key.verifier()).with_context(unproven)?;
        Ok(proof.to_string())
    })
}

/// Tries to sign while another node signs.
const TRIES_MAX: u32 = 10;

/// Signs by the store's own key, once more when another node has signed a longer journal meanwhile.
fn signing<T>(
    store: &StoreUrl,
    sign: impl Fn(&mut Signing) -> anyhow::Result<T>,
) -> anyhow::Result<T> {
    let mut tries = 1;
    loop {
        let mut signing = Signer { store: store.clone(), key: None }.open()?;
        match sign(&mut signing) {
            Err(error) if error.is::<Overtaken>() && tries < TRIES_MAX => tries += 1,
            done => return done,
        }
    }
}

/// The key in force, for statements that are no checkpoints, and the tree of the journal. Tiles
/// are written where they are missing.
pub fn signer(store: &StoreUrl, key: Option<&Path>) -> anyhow::Result<(SigningKey, Tiles)> {
    let signer = Signer { store: store.clone(), key: key.map(Path::to_owned) };
    let Signing { key, tiles, .. } = signer.open()?;
    Ok((key, tiles))
}

/// Signs a store's head with its own key: the number of entries, and the checkpoint.
pub fn sign_head(store: &StoreUrl) -> anyhow::Result<(u64, String)> {
    signing(store, |signing| Ok((signing.head.next_seq, signing.sign()?)))
}

fn write_new(path: &Path, text: &str) -> anyhow::Result<()> {
    let mut file = create(path)?;
    file.write_all(text.as_bytes())
        .and_then(|()| file.sync_all())
        .with_context(|| format!("{} could not be written", path.display()))
}

fn key_beside(proof: &Path) -> PathBuf {
    let mut name = proof.to_owned().into_os_string();
    name.push(".vkey");
    name.into()
}

/// Runs `bej checkpoint`.
pub fn checkpoint(args: &CheckpointArgs) -> anyhow::Result<ExitCode> {
    let mut signing = args.signer.open()?;
    print!("{}", signing.sign()?);
    eprintln!("public key: {}", signing.key.verifier());
    Ok(ExitCode::SUCCESS)
}

fn unproven() -> String {
    "the tiles do not prove it; `bej verify` names the first that is wrong".to_owned()
}

/// Runs `bej consistency`.
pub fn consistency(args: &ConsistencyArgs) -> anyhow::Result<ExitCode> {
    let mut reader = reading::open(&args.store)?;
    let head = reader.head()?;
    let (old, new) = (args.from, args.to.unwrap_or(head.next_seq));
    ensure!(
        old <= new && new <= head.next_seq,
        "sizes must grow: {old} to {new}, and the journal has {} entries",
        head.next_seq
    );
    let tiles = tiles::of(&mut reader, &head)?;
    let (old_root, new_root) = (tiles.root(old)?, tiles.root(new)?);
    let proof = prove_consistency(old, new, &tiles)?;
    check_consistency((old, old_root), (new, new_root), &proof).with_context(unproven)?;
    let proof: Vec<String> = proof.iter().map(Hash::to_string).collect();
    println!(
        "{}",
        json!({
            "old": { "size": old, "root": old_root.to_string() },
            "new": { "size": new, "root": new_root.to_string() },
            "proof": proof,
        })
    );
    Ok(ExitCode::SUCCESS)
}

/// Runs `bej check-proof`.
pub fn check(args: &CheckArgs) -> anyhow::Result<ExitCode> {
    let place = args.file.display();
    let text = fs::read_to_string(&args.file).with_context(|| format!("{place} cannot be read"))?;
    let proof = ProofFile::parse(&text).with_context(|| format!("{place} is not a proof"))?;
    let (verifier, trusted) = match &args.key {
        Some(key) => (verifier(key)?, true),
        None => {
            let beside = key_beside(&args.file);
            let text = fs::read_to_string(&beside).with_context(|| {
                format!("give --key; there is no {} to take its place", beside.display())
            })?;
            (verifier(text.trim())?, false)
        }
    };
    let proven = proof.check(&verifier).with_context(|| format!("{place} proves nothing"))?;
    let entry = reading::decode(proof.seq, &proof.fact)?;
    ensure!(
        entry.seq.0 == proof.seq,
        "{place} proves nothing: the fact states position {} and stands at {}",
        entry.seq,
        proof.seq
    );
    if args.json {
        println!(
            "{}",
            json!({
                "ok": true,
                "key": verifier.to_string(),
                "key_given": trusted,
                "seq": proof.seq,
                "size": proven.size,
                "root": proven.root.to_string(),
                "leaf": proven.leaf.to_string(),
                "kind": entry.fact.name(),
                "at": entry.at.to_string(),
                "fields": json(&entry.fact.value()),
            })
        );
        return Ok(ExitCode::SUCCESS);
    }
    println!("proven: entry {} is in the journal of {} entries", proof.seq, proven.size);
    println!("root   {}", proven.root);
    println!("leaf   {}", proven.leaf);
    println!("key    {verifier}");
    println!("at     {}", entry.at);
    println!("fact   {} {}", entry.fact.name(), json(&entry.fact.value()));
    if !trusted {
        println!(
            "The key came with the proof: compare it with the one that the operator publishes, or \
             give it with --key."
        );
    }
    Ok(ExitCode::SUCCESS)
}

/// The public key that a text is, or that is in the file of that name.
pub fn verifier(key: &str) -> anyhow::Result<CheckpointVerifier> {
    let text = if key.starts_with("bej/") {
        key.to_owned()
    } else {
        fs::read_to_string(key).with_context(|| {
            format!("{key} is neither a public key (bej/<instance>+…) nor a file that holds one")
        })?
    };
    CheckpointVerifier::parse(text.trim()).with_context(|| format!("{} is no key", text.trim()))
}
