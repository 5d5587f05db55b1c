//! `bej check-daily`: shows that daily files are those that were signed, and that they add up.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context as _, bail, ensure};
use journal::checkpoint::{self, CheckpointVerifier};
use reports::daily::{DailyFile, Line, Movements};
use serde_json::Value;
use wire::DailyManifest;

use super::shelf::{balance_of, signature_of};
use crate::export::sha256;
use crate::proof;

/// Check daily files, without any store.
///
/// Shows that the manifest was signed by the key, that the files beside it are those that it names,
/// that each book of the day adds up, and that the rows of the files come to the lines of the
/// books. Which key is the operator's cannot be seen offline: take the one that the operator
/// publishes, as `bej key show --store URL` prints it.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The manifest, with the files of the day beside it.
    #[arg(value_name = "manifest.vN.json")]
    manifest: PathBuf,
    /// The public key that is trusted: its text (bej/INSTANCE+…) or a file that holds it.
    #[arg(long, value_name = "VKEY")]
    key: String,
}

/// Runs the command.
pub fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let manifest = check(&args.manifest, &proof::verifier(&args.key)?)?;
    println!(
        "organiser {}, {}, version {}: signed by {}, {} files are as signed and add up",
        manifest.organiser,
        manifest.day,
        manifest.version,
        manifest.journal,
        manifest.files.len()
    );
    Ok(ExitCode::SUCCESS)
}

/// Checks a manifest and the files beside it.
pub fn check(path: &Path, verifier: &CheckpointVerifier) -> anyhow::Result<DailyManifest> {
    let read = |path: &Path| {
        fs::read_to_string(path).with_context(|| format!("{} cannot be read", path.display()))
    };
    let (text, signature) = (read(path)?, read(&signature_of(path))?);
    let signed = checkpoint::open_text(&format!("{text}\n{signature}"), verifier)
        .map_err(|error| anyhow::anyhow!("{}: the signature: {error}", path.display()))?;
    let manifest: DailyManifest = serde_json::from_str(&signed)
        .with_context(|| format!("{} is no manifest", path.display()))?;
    ensure!(manifest.form == super::FORM, "{} has the form {:?}", path.display(), manifest.form);
    let (_, stated) = balance_of(&manifest)
        .with_context(|| format!("the books in {} do not add up", path.display()))?;
    let home = path.parent().unwrap_or(Path::new(""));
    let mut found = Movements::default();
    for file in &manifest.files {
        let place = home.join(&file.name);
        ensure!(sha256(&place)? == file.sha256, "{} is not as signed", place.display());
        if file.form == "ndjson" {
            let rows = add(&place, &file.content, &mut found)?;
            ensure!(rows == file.rows, "{} has {rows} rows", place.display());
        }
    }
    for line in Line::ALL {
        // What issuer and operator do has no rows in the files.
        let rowless =
            matches!(line, Line::WalletIssued | Line::WalletRedeemed | Line::DueGivenBack);
        ensure!(
            rowless || found.get(*line) == stated.get(*line),
            "the rows of {} come to {:?}, the books to {:?}",
            line.name(),
            found.get(*line),
            stated.get(*line)
        );
    }
    Ok(manifest)
}

/// Adds the rows of a file to the lines of the books; gives how many there are.
fn add(path: &Path, content: &str, found: &mut Movements) -> anyhow::Result<u64> {
    let content = DailyFile::ALL.iter().find(|file| file.name() == content);
    let content = content.with_context(|| format!("{} holds what?", path.display()))?;
    let file = File::open(path).with_context(|| format!("{} cannot be read", path.display()))?;
    let mut rows = 0;
    for line in BufReader::new(file).lines() {
        let row: BTreeMap<String, Value> = serde_json::from_str(&line?)
            .with_context(|| format!("{}, row {rows}", path.display()))?;
        put(*content, &row, found).with_context(|| format!("{}, row {rows}", path.display()))?;
        rows += 1;
    }
    Ok(rows)
}

fn put(
    content: DailyFile,
    row: &BTreeMap<String, Value>,
    found: &mut Movements,
) -> anyhow::Result<()> {
    let number = |name: &str| row.get(name).and_then(Value::as_i64).context("a number is missing");
    let form = || row.get("form").and_then(Value::as_str).context("the form is missing");
    let mut lines = Vec::new();
    match content {
        DailyFile::Stakes => {
            let sum = number("amount_tiyn")?;
            match form()? {
                "cash" => lines.push((Line::OpenCash, 1, sum)),
                "non_cash" => lines.push((Line::OpenNonCash, 1, sum)),
                "e_money" => {
                    lines.extend([(Line::OpenEMoney, 1, sum), (Line::WalletStakes, 1, sum)])
                }
                other => bail!("the form is {other:?}"),
            }
        }
        DailyFile::Settlements => {
            lines.push((Line::DueDetermined, 1, number("net_due_change_tiyn")?));
            if row.get("corrects_seq").is_some_and(Value::is_null) {
                lines.push((Line::OpenSettled, -1, -number("stake_tiyn")?));
            }
        }
        DailyFile::Payouts => {
            let sum = -number("amount_tiyn")?;
            match form()? {
                "cash" => lines.push((Line::DuePaidCash, 1, sum)),
                "non_cash" => lines.push((Line::DuePaidNonCash, 1, sum)),
                "e_money" => {
                    lines.extend([(Line::DuePaidEMoney, 1, sum), (Line::WalletPayouts, 1, sum)]);
                }
                other => bail!("the form is {other:?}"),
            }
        }
        DailyFile::Refunds => {
            let sum = -number("amount_tiyn")?;
            lines.extend([(Line::DueRefundsEMoney, 1, sum), (Line::WalletRefunds, 1, sum)]);
        }
        DailyFile::Balance => {}
    }
    for (line, count, sum) in lines {
        found.add(line, count, sum).context("sums beyond what a number holds")?;
    }
    Ok(())
}
