//! Processes that work on a vault are killed, at every arrow of a rotation and between any two
//! lines of their work, alone and two at once: nothing that was acknowledged is lost, nothing that
//! was destroyed is readable, and what was begun is finished. A device keeps keys as files do.

#[path = "../../src/bin/vault_worker/record.rs"]
mod record;

use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead as _, BufReader, Read as _};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;

use terms::codec::unhex;
use terms::{Instant, Person, Seq};
use vault::{
    FileKeeper, KeyKeeper as _, LookReason, Looker, Query, Reference, Seen, Vault, VaultFault,
};

fn worker(words: &[&str], home: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_vault_worker"));
    command.args(words).arg("--home").arg(home);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

fn start(mode: &str, home: &Path, seed: u64, stop_at: Option<u64>) -> Child {
    let (seed, stop) = (seed.to_string(), stop_at.unwrap_or(u64::MAX).to_string());
    worker(&[mode, "--seed", &seed, "--stop-at", &stop], home).spawn().unwrap()
}

/// Reads so many lines, or all, then kills the process and reads what is left of its output.
fn kill_after(child: &mut Child, lines: u64) -> Vec<String> {
    kill_when(child, |read| lines <= read.len() as u64)
}

/// Reads until it is enough, or all, then kills the process and reads what is left of its output.
fn kill_when(child: &mut Child, enough: impl Fn(&[String]) -> bool) -> Vec<String> {
    let mut output = BufReader::new(child.stdout.take().unwrap());
    let mut read = Vec::new();
    let mut line = String::new();
    while !enough(&read) && 0 < output.read_line(&mut line).unwrap() {
        read.push(std::mem::take(&mut line).trim_end().to_owned());
    }
    child.kill().unwrap();
    let mut rest = String::new();
    output.read_to_string(&mut rest).unwrap();
    // A line is one write of less than PIPE_BUF bytes.
    read.extend(rest.lines().map(str::to_owned));
    let mut errors = String::new();
    child.stderr.take().unwrap().read_to_string(&mut errors).unwrap();
    child.wait().unwrap();
    assert_eq!(errors, "", "{read:?}");
    read
}

/// What workers have acknowledged.
#[derive(Default)]
struct Acknowledged {
    admitted: BTreeMap<u32, Reference>,
    confirmed: BTreeSet<u32>,
    changed: BTreeSet<u32>,
    ordered: BTreeSet<u32>,
}

impl Acknowledged {
    fn take(&mut self, lines: &[String]) {
        for line in lines {
            let words: Vec<&str> = line.split(' ').collect();
            let number = words.last().and_then(|word| word.parse().ok());
            match (words[0], number) {
                ("admitted", Some(number)) => {
                    let bytes = unhex(words[1]).unwrap().try_into().unwrap();
                    self.admitted.insert(number, Reference(bytes));
                }
                ("confirmed", Some(number)) => drop(self.confirmed.insert(number)),
                ("changed", Some(number)) => drop(self.changed.insert(number)),
                ("ordered", Some(number)) => drop(self.ordered.insert(number)),
                ("destroyed", Some(_)) | ("step", _) => {}
                _ => panic!("{line}"),
            }
        }
    }

    /// Does what the start of the system does, and holds what is there against what was heard.
    fn check(&self, home: &Path) {
        let mut vault = open(home);
        let orders = self.ordered.iter().map(|number| (Person(*number), Seq(u64::from(*number))));
        vault.after_restore(orders).unwrap();
        for (number, reference) in &self.admitted {
            let seen = Seen {
                seq: Seq(u64::from(*number) + 1),
                at: Instant(1),
                who: Looker::System,
                name: None,
                why: LookReason::Check,
            };
            let read = vault.read(*reference, &seen);
            let found = |vault: &mut Vault, change| {
                vault.find(&Query::Phone(&record::phone(*number, change))).unwrap().len()
            };
            if self.ordered.contains(number) {
                assert!(matches!(read, Err(VaultFault::Destroyed)), "{number}: {read:?}");
                assert_eq!([0, 1].map(|change| found(&mut vault, change)), [0, 0], "{number}");
                continue;
            }
            let held = read.unwrap();
            // The change that was on its way when the kill came may be there.
            let changed = held.version - 1;
            assert!(changed == 1 || !self.changed.contains(number), "{number} lost its change");
            assert_eq!(held.record, record::of(*number, changed), "{number}");
            assert_eq!(found(&mut vault, changed), 1, "{number}");
            assert_eq!(found(&mut vault, 1 - changed), 0, "{number}");
            assert!(held.number.is_some() || !self.confirmed.contains(number), "{number}");
        }
        vault.check(&mut |_| {}).unwrap();
    }
}

fn open(home: &Path) -> Vault {
    let store = Box::new(store_sqlite::Vault::open(home.join("vault.db")).unwrap());
    Vault::open_or_make(store, Arc::new(FileKeeper::at(home.join("keys")))).unwrap()
}

/// Finishes whatever was begun, and rotates once more: one key is left, and it opens everything.
fn finish(home: &Path) {
    let mut vault = open(home);
    let rotated = vault.rotate(&home.join("copies"), &mut |_| {}).unwrap();
    assert_eq!(FileKeeper::at(home.join("keys")).epochs().unwrap(), [rotated.epoch]);
    vault.check(&mut |_| {}).unwrap();
}

// Core 20: a kill after each line of the work. Each is durable when it is told.
#[test]
fn work_that_is_killed_at_any_line_is_whole() {
    let home = tempfile::tempdir().unwrap();
    let mut acknowledged = Acknowledged::default();
    for (seed, stop) in (1..).zip(1..=24) {
        let mut child = start("people", home.path(), seed, Some(stop));
        acknowledged.take(&kill_after(&mut child, stop));
    }
    acknowledged.check(home.path());
    assert!(5 < acknowledged.ordered.len() && 5 < acknowledged.changed.len());
    finish(home.path());
    acknowledged.check(home.path());
}

/// The arrows of a rotation, in their order.
const ARROWS: [&str; 11] = [
    "KeyMade",
    "Begun",
    "Carried",
    "Filled",
    "Indexed",
    "Current",
    "Copied",
    "Proved",
    "KeyDestroyed",
    "Gone",
    "Forgotten",
];

// Core 20: a kill at each arrow of a rotation, each going on from where the last one stood.
#[test]
fn a_rotation_that_is_killed_at_each_arrow_goes_on() {
    let home = tempfile::tempdir().unwrap();
    let mut acknowledged = Acknowledged::default();
    let mut child = start("people", home.path(), 50, None);
    acknowledged.take(&kill_after(&mut child, 60));
    // Twice, so that each is met after a whole rotation and after one that was stopped.
    for arrow in ARROWS.iter().chain(&ARROWS) {
        let mut child = worker(&["rotate", "--stop-on", arrow], home.path()).spawn().unwrap();
        let step = format!("step {arrow}(");
        let there = |lines: &[String]| lines.last().is_some_and(|last| last.starts_with(&step));
        let lines = kill_when(&mut child, there);
        assert!(there(&lines), "{arrow}: {lines:?}");
        acknowledged.check(home.path());
    }
    finish(home.path());
    acknowledged.check(home.path());
}

// Two processes at once, killed at moments that differ: neither loses what the other has written.
#[test]
fn two_processes_that_are_killed_at_any_moment_lose_nothing() {
    let home = tempfile::tempdir().unwrap();
    drop(open(home.path()));
    let mut acknowledged = Acknowledged::default();
    for cycle in 1..=8_u64 {
        let mut people = [100, 200].map(|seed| start("people", home.path(), seed + cycle, None));
        let mut rotating = start("rotate", home.path(), cycle, None);
        // So many lines of the one: wherever the others are.
        acknowledged.take(&kill_after(&mut people[0], 20 + 7 * cycle));
        kill_after(&mut rotating, cycle % 5 + 1);
        acknowledged.take(&kill_after(&mut people[1], 30));
        acknowledged.check(home.path());
    }
    finish(home.path());
    acknowledged.check(home.path());
}

/// The negative control: a worker whose acknowledgements nobody kept is found to be lacking.
#[test]
fn what_is_lost_is_found() {
    let home = tempfile::tempdir().unwrap();
    let mut acknowledged = Acknowledged::default();
    let mut child = start("people", home.path(), 70, Some(12));
    acknowledged.take(&kill_after(&mut child, 12));
    std::fs::remove_file(home.path().join("vault.db")).unwrap();
    for name in ["vault.db-wal", "vault.db-shm"] {
        drop(std::fs::remove_file(home.path().join(name)));
    }
    let check = std::panic::catch_unwind(|| acknowledged.check(home.path()));
    assert!(check.is_err());
}

// A device that keeps the keys (PKCS #11), here SoftHSM: made in it, never taken out, destroyed.
#[test]
fn a_device_keeps_the_keys() {
    const MODULE: &str = "/usr/lib/softhsm/libsofthsm2.so";
    if !Path::new(MODULE).exists() {
        assert!(std::env::var_os("CI").is_none(), "SoftHSM is not installed here");
        println!("NOT RUN: keys in a device (needs the package softhsm2)");
        return;
    }
    let home = tempfile::tempdir().unwrap();
    let tokens = home.path().join("tokens");
    std::fs::create_dir(&tokens).unwrap();
    let settings = home.path().join("softhsm2.conf");
    let text = format!("directories.tokendir = {}\nobjectstore.backend = file\n", tokens.display());
    std::fs::write(&settings, text).unwrap();
    let pin = home.path().join("pin");
    std::fs::write(&pin, "4711\n").unwrap();
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::set_permissions(&pin, std::fs::Permissions::from_mode(0o600)).unwrap();
    let token = Command::new("softhsm2-util")
        .env("SOFTHSM2_CONF", &settings)
        .args(["--init-token", "--free", "--label", "bej", "--pin", "4711", "--so-pin", "0815"])
        .output()
        .unwrap();
    assert!(token.status.success(), "{}", String::from_utf8_lossy(&token.stderr));
    let device = |token: &str| {
        let pin = pin.display().to_string();
        let words = ["device", "--module", MODULE, "--token", token, "--pin", &pin];
        worker(&words, home.path()).env("SOFTHSM2_CONF", &settings).output().unwrap()
    };
    let wrong = device("other");
    let said = String::from_utf8_lossy(&wrong.stderr);
    assert!(said.contains("no token of this label"), "{said}");
    let done = device("bej");
    let said = String::from_utf8_lossy(&done.stderr);
    assert!(done.status.success(), "{said}");
    assert_eq!(String::from_utf8_lossy(&done.stdout), "epochs [2] persons 19\n");
}
