//! `bej proof`, `bej check-proof`, `bej checkpoint`, `bej consistency`: what a stranger can check.
//!
//! The hashes of the tree are recomputed from the facts in one pass over the journal. Nothing is
//! signed that is not an extension of what was signed before.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context as _, bail, ensure};
use journal::checkpoint::CheckpointVerifier;
use journal::proof::ProofFile;
use journal::tree::{self, Frontier, Span, leaf_hash};
use serde_json::json;
use store::{Head, JournalReader as _};
use store_sqlite::Reader;
use terms::Hash;

use crate::export::{create, json};
use crate::find::{self, Target};
use crate::key::{Signed, SigningKey, default_path};
use crate::reading::{self, Go};
use crate::store_url::StoreUrl;

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
#[derive(Debug, clap::Args)]
pub struct CheckpointArgs {
    #[command(flatten)]
    signer: Signer,
}

/// Prove that the journal of today begins with the journal of an earlier size.
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
    /// The key file; PATH.d/checkpoint.key if it is not given. It is made if it is not there.
    #[arg(long, value_name = "FILE")]
    key: Option<PathBuf>,
    /// The name of this journal for a key that is made: a-z, 0-9 and -.
    #[arg(long, value_name = "NAME", default_value = "local")]
    instance: String,
}

/// What one pass over the journal finds of its tree.
struct Pass {
    head: Head,
    /// The roots of the spans asked for.
    spans: Vec<Hash>,
    /// The roots of the sizes asked for.
    roots: Vec<Hash>,
}

/// Hashes all leaves below `size` once.
fn pass(reader: &mut Reader, head: Head, spans: &[Span], sizes: &[u64]) -> anyhow::Result<Pass> {
    let bar = reading::bar("hashing", head.next_seq);
    let mut whole = Frontier::new();
    let mut parts: Vec<Frontier> = spans.iter().map(|_| Frontier::new()).collect();
    let mut roots: Vec<Option<Hash>> =
        sizes.iter().map(|size| (*size == 0).then(|| whole.root())).collect();
    reading::each_frame(reader, 0, head.frame, |frame| {
        for fact in frame.facts() {
            let (seq, bytes) = fact?;
            let leaf = leaf_hash(bytes);
            whole.push(leaf);
            for (span, part) in spans.iter().zip(&mut parts) {
                if span.first <= seq && seq < span.end {
                    part.push(leaf);
                }
            }
            for (size, root) in sizes.iter().zip(&mut roots) {
                if *size == whole.size() {
                    *root = Some(whole.root());
                }
            }
        }
        if frame.root != whole.root() {
            bail!("frame {} states another root; run `bej verify`", frame.number);
        }
        bar.set_position(frame.head().next_seq);
        Ok(Go::On)
    })?;
    bar.finish_and_clear();
    let roots = roots.into_iter().collect::<Option<Vec<_>>>();
    let roots = roots.context("the journal has fewer entries than that")?;
    Ok(Pass { head, spans: parts.iter().map(Frontier::root).collect(), roots })
}

impl Signer {
    fn open(&self) -> anyhow::Result<(Reader, SigningKey, Signed)> {
        let reader = reading::open(&self.store)?;
        let layout = reader.layout();
        let path = self.key.clone().unwrap_or_else(|| default_path(layout));
        let key = SigningKey::load_or_make(&path, &self.instance)?;
        let signed = Signed::of(layout);
        Ok((reader, key, signed))
    }
}

/// The sizes whose roots must be known before anything is signed.
fn signed_before(signed: &Signed, head: &Head) -> anyhow::Result<Option<(u64, Hash)>> {
    let last = signed.last()?;
    if let Some((size, _)) = last {
        ensure!(
            size <= head.next_seq,
            "a checkpoint of {size} entries was signed, and the journal has only {}: entries are \
             gone. Keep these files and restore a newer backup",
            head.next_seq
        );
    }
    Ok(last)
}

/// Signs the head after a pass has shown that it extends what was signed before.
fn sign(
    key: &SigningKey,
    signed: &Signed,
    before: Option<(u64, Hash)>,
    pass: &Pass,
) -> anyhow::Result<String> {
    if let (Some((size, root)), Some(found)) = (before, pass.roots.first()) {
        ensure!(
            root == *found,
            "root {root} was signed for {size} entries, and the journal now gives {found}: it was \
             changed. Keep these files and run `bej verify`"
        );
    }
    key.sign(signed, pass.head.next_seq, pass.head.root)
}

/// Runs `bej proof`.
pub fn prove(args: &ProofArgs) -> anyhow::Result<ExitCode> {
    let target: Target = args.id.parse().with_context(|| format!("{:?}", args.id))?;
    let (mut reader, key, signed) = args.signer.open()?;
    let seq = match target {
        Target::Position(seq) => seq,
        Target::Id(id) => {
            let (entries, _) = find::by_id(&mut reader, id)?;
            entries.first().context("no entry carries this id")?.seq.0
        }
        Target::Account(..) | Target::Wallet(_) => {
            bail!("an account is many entries; give the position or the id of one of them")
        }
    };
    let head = reader.head()?;
    let Some(fact) = reader.fact(seq)? else {
        bail!("the journal has no entry {seq}; it has {} entries, from 0 on", head.next_seq)
    };
    let plan = tree::inclusion_plan(seq, head.next_seq).context("no such entry")?;
    let before = signed_before(&signed, &head)?;
    let sizes: Vec<u64> = before.iter().map(|(size, _)| *size).collect();
    let pass = pass(&mut reader, head, &plan, &sizes)?;
    let checkpoint = sign(&key, &signed, before, &pass)?;
    let proof = ProofFile { fact, seq, path: pass.spans, checkpoint };
    let verifier = key.verifier();
    proof.check(&verifier).context("the proof does not prove; run `bej verify`")?;
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
    let (mut reader, key, signed) = args.signer.open()?;
    let head = reader.head()?;
    let before = signed_before(&signed, &head)?;
    let sizes: Vec<u64> = before.iter().map(|(size, _)| *size).collect();
    let pass = match before {
        // The same head was signed before: there is nothing to show.
        Some((size, root)) if (size, root) == (head.next_seq, head.root) => {
            Pass { head, spans: Vec::new(), roots: vec![root] }
        }
        _ => pass(&mut reader, head, &[], &sizes)?,
    };
    print!("{}", sign(&key, &signed, before, &pass)?);
    eprintln!("public key: {}", key.verifier());
    Ok(ExitCode::SUCCESS)
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
    let plan = tree::consistency_plan(old, new).context("the sizes do not grow")?;
    let pass = pass(&mut reader, head, &plan, &[old, new])?;
    let [old_root, new_root] = pass.roots[..] else { bail!("a root is missing") };
    journal::proof::check_consistency((old, old_root), (new, new_root), &pass.spans)
        .context("the proof does not prove; run `bej verify`")?;
    let proof: Vec<String> = pass.spans.iter().map(Hash::to_string).collect();
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

fn verifier(key: &str) -> anyhow::Result<CheckpointVerifier> {
    let text = if key.starts_with("bej/") {
        key.to_owned()
    } else {
        fs::read_to_string(key).with_context(|| {
            format!("{key} is neither a public key (bej/<instance>+…) nor a file that holds one")
        })?
    };
    CheckpointVerifier::parse(text.trim()).with_context(|| format!("{} is no key", text.trim()))
}
