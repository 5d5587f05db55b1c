//! A process to be killed: it works on a vault without end and says on standard output what is
//! durable, a line each time and only then.
//!
//! ```text
//! vault_worker people --home DIR --seed N [--stop-at N]    admits, confirms, changes, destroys
//! vault_worker rotate --home DIR [--stop-on ARROW]         rotates, again and again
//! vault_worker device --home DIR --module FILE --token LABEL --pin FILE
//!                                                          what a keeper does, with a device
//! ```
//!
//! `admitted REFERENCE N` · `confirmed N` · `changed N` · `ordered N` · `destroyed N` · `step …`.
//! With `--stop-at` it stands still after that many lines, with `--stop-on` after a step of that
//! name, for the kill to come exactly there.

#[path = "record.rs"]
mod record;

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use chacha20::ChaCha20Rng;
use chacha20::rand_core::{Rng as _, SeedableRng as _};
use terms::codec::hex;
use terms::{Instant, Person, Seq};
use vault::{FileKeeper, KeyKeeper, LookReason, Looker, Pkcs11Keeper, Seen, Vault, VaultFault};

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    match run(&words) {
        Ok(()) => ExitCode::SUCCESS,
        Err(what) => {
            eprintln!("vault_worker: {what}");
            ExitCode::FAILURE
        }
    }
}

fn value<'a>(words: &'a [String], name: &str) -> Option<&'a str> {
    let at = words.iter().position(|word| word == name)?;
    words.get(at + 1).map(String::as_str)
}

fn run(words: &[String]) -> Result<(), String> {
    let home = PathBuf::from(value(words, "--home").ok_or("--home is missing")?);
    let number = |name: &str| value(words, name).and_then(|text| text.parse::<u64>().ok());
    let stop_on = value(words, "--stop-on").map(|arrow| format!("step {arrow}"));
    let told = Told { lines: 0, stop_at: number("--stop-at"), stop_on };
    let seed = number("--seed").unwrap_or(1);
    let done = match words.first().map(String::as_str) {
        Some("people") => people(&home, seed, told),
        Some("rotate") => rotate(&home, told),
        Some("device") => return device(&home, words),
        _ => return Err("people, rotate or device is missing".to_owned()),
    };
    done.map_err(|fault| fault.chain())
}

fn open(home: &Path) -> Result<Vault, VaultFault> {
    let store = store_sqlite::Vault::open(home.join("vault.db"))?;
    Vault::open_or_make(Box::new(store), Arc::new(FileKeeper::at(home.join("keys"))))
}

/// Says what is durable.
struct Told {
    lines: u64,
    stop_at: Option<u64>,
    stop_on: Option<String>,
}

impl Told {
    fn say(&mut self, line: &str) {
        let mut out = std::io::stdout().lock();
        // Nobody who could read it is there any more: the end is the same.
        if out.write_all(format!("{line}\n").as_bytes()).and_then(|()| out.flush()).is_err() {
            std::process::exit(1);
        }
        self.lines += 1;
        let there = self.stop_on.as_ref().is_some_and(|start| line.starts_with(start));
        while there || self.stop_at == Some(self.lines) {
            std::thread::park();
        }
    }
}

fn people(home: &Path, seed: u64, mut told: Told) -> Result<(), VaultFault> {
    let mut vault = open(home)?;
    let mut random = ChaCha20Rng::seed_from_u64(seed);
    let first = seed * 100_000;
    for number in (first..).filter_map(|number| u32::try_from(number).ok()) {
        let at = Instant(i64::from(number));
        let reference = vault.admit(&record::of(number, 0), &[], at)?;
        told.say(&format!("admitted {} {number}", hex(&reference.0)));
        if random.next_u32() % 8 == 0 {
            continue;
        }
        vault.confirm(reference, Person(number))?;
        told.say(&format!("confirmed {number}"));
        if random.next_u32() % 3 == 0 {
            let seen = Seen {
                seq: Seq(number.into()),
                at,
                who: Looker::System,
                name: None,
                why: LookReason::Check,
            };
            let held = vault.read(Person(number), &seen)?;
            vault.amend(&held, &record::of(number, 1))?;
            told.say(&format!("changed {number}"));
        }
        if random.next_u32() % 4 == 0 {
            told.say(&format!("ordered {number}"));
            vault.destroy(Person(number), Seq(number.into()))?;
            told.say(&format!("destroyed {number}"));
        }
    }
    Ok(())
}

fn rotate(home: &Path, mut told: Told) -> Result<(), VaultFault> {
    let mut vault = open(home)?;
    loop {
        vault.rotate(&home.join("copies"), &mut |step| told.say(&format!("step {step:?}")))?;
    }
}

/// What a keeper does, and a vault above it, with a device.
fn device(home: &Path, words: &[String]) -> Result<(), String> {
    let path = |name: &str| value(words, name).map(PathBuf::from).ok_or(format!("{name} missing"));
    let token = value(words, "--token").ok_or("--token is missing")?;
    let open = || Pkcs11Keeper::open(&path("--module")?, token, &path("--pin")?).map_err(text);
    vault::suite::keeper_conforms(&open()?).map_err(text)?;
    let keeper: Arc<dyn KeyKeeper> = Arc::new(open()?);
    let store = store_sqlite::Vault::open(home.join("vault.db")).map_err(text)?;
    let mut vault = Vault::open_or_make(Box::new(store), Arc::clone(&keeper)).map_err(text)?;
    for number in 1..20 {
        let reference = vault.admit(&record::of(number, 0), &[], Instant(1)).map_err(text)?;
        vault.confirm(reference, Person(number)).map_err(text)?;
    }
    vault.destroy(Person(3), Seq(1)).map_err(text)?;
    vault.rotate(&home.join("copies"), &mut |_| {}).map_err(text)?;
    let checked = vault.check(&mut |_| {}).map_err(text)?;
    println!("epochs {:?} persons {}", keeper.epochs().map_err(text)?, checked.persons);
    Ok(())
}

fn text(error: impl std::error::Error) -> String {
    let (mut text, mut cause) = (error.to_string(), error.source());
    while let Some(inner) = cause {
        text.push_str(&format!(": {inner}"));
        cause = inner.source();
    }
    text
}
