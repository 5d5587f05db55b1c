//! A season over the network, by processes of their own that are killed on the way, against the
//! replay of the same season in one process.

use std::io::{BufRead as _, BufReader, Read as _};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStderr, Command, Stdio};

use serde_json::Value;

/// Bettors of the sandbox, and bets wanted on each match.
const BETTORS: &str = "24";
const BETS: &str = "4";
const SEED: &str = "5";

/// The binary of the centre, which a run of the whole workspace builds beside the bookmaker's.
pub fn bej() -> Option<PathBuf> {
    let path = Path::new(env!("CARGO_BIN_EXE_bookmaker")).with_file_name("bej");
    if path.exists() {
        return Some(path);
    }
    assert!(std::env::var("CI").as_deref() != Ok("true"), "{} is missing", path.display());
    println!("NOT RUN: {} is not built; cargo build -p bej", path.display());
    None
}

struct World {
    bej: PathBuf,
    home: tempfile::TempDir,
    odds: PathBuf,
}

/// A process that is killed when the test ends before it does.
struct Process {
    child: Child,
    /// What it says of its progress.
    said: Option<BufReader<ChildStderr>>,
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Process {
    fn new(mut child: Child) -> Process {
        let said = child.stderr.take().map(BufReader::new);
        Process { child, said }
    }

    fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Reads what a bookmaker says until it has said so much more of its progress.
    fn until(&mut self, lines: usize) {
        let said = self.said.as_mut().unwrap();
        let mut seen = 0;
        while seen < lines {
            let mut line = String::new();
            assert!(0 < said.read_line(&mut line).unwrap(), "it has ended early");
            seen += usize::from(line.contains(" stakes, "));
        }
    }

    /// Waits for the end of a bookmaker; gives its totals.
    fn finish(mut self) -> Value {
        let mut said = self.said.take().unwrap();
        let reading = std::thread::spawn(move || {
            let mut text = String::new();
            said.read_to_string(&mut text).map(|_| text)
        });
        let mut printed = String::new();
        self.child.stdout.take().unwrap().read_to_string(&mut printed).unwrap();
        let said = reading.join().unwrap();
        assert!(self.child.wait().unwrap().success(), "{said:?}");
        serde_json::from_str(printed.lines().last().unwrap()).unwrap()
    }
}

impl World {
    fn new(bej: PathBuf) -> World {
        let home = tempfile::tempdir().unwrap();
        let (name, text) = matches::seasons::sample().pop().unwrap();
        let odds = home.path().join(name);
        std::fs::write(&odds, text).unwrap();
        let world = World { bej, home, odds };
        world.good(&["sandbox", "--bettors", BETTORS, "--data", world.data()]);
        for organiser in ["0", "1"] {
            world.good(&["cert", "organiser", organiser, "--data", world.data()]);
        }
        world
    }

    fn data(&self) -> &str {
        self.home.path().to_str().unwrap()
    }

    fn good(&self, arguments: &[&str]) -> String {
        let output = Command::new(&self.bej).args(arguments).output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{arguments:?}: {said}");
        String::from_utf8(output.stdout).unwrap()
    }

    fn json(&self, arguments: &[&str]) -> Value {
        serde_json::from_str(self.good(arguments).lines().last().unwrap()).unwrap()
    }

    /// Starts the server; gives it with the address at which organisers connect.
    fn serve(&self, at: &str) -> (Process, String) {
        let mut child = Command::new(&self.bej)
            .args(["serve", "--data", self.data(), "--api", at])
            .args(["--probes", "127.0.0.1:0", "--console", "127.0.0.1:0"])
            .args(["--cabinet", "127.0.0.1:0"])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut out = BufReader::new(child.stdout.take().unwrap());
        let mut at = None;
        let mut line = String::new();
        // All that it prints is read, or it would find nobody to print to.
        while !line.starts_with("probes ") {
            line.clear();
            assert!(0 < out.read_line(&mut line).unwrap(), "the server has ended early");
            at = at.or(line.strip_prefix("api https://").map(|at| at.trim().to_owned()));
        }
        child.stdout = Some(out.into_inner());
        (Process::new(child), at.expect("the server says where it listens"))
    }

    fn bookmaker(&self, organiser: u32, at: &str) -> Process {
        let port = at.rsplit(':').next().unwrap();
        let tls = |name: &str| self.home.path().join("tls").join(name);
        let own = |kind: &str| tls(&format!("organiser-{organiser}.{kind}"));
        let mut command = Command::new(env!("CARGO_BIN_EXE_bookmaker"));
        command
            .args(["--api", &format!("https://localhost:{port}"), "--seed", SEED])
            .args(["--bets-per-match", BETS, "--electronic", &(2 * organiser).to_string()])
            .arg("--authority")
            .arg(tls("ca.crt"))
            .arg("--certificate")
            .arg(own("crt"))
            .arg("--key")
            .arg(own("key"))
            .arg("--bettors")
            .arg(self.home.path().join(format!("bettors-{organiser}")))
            .arg("--data")
            .arg(self.home.path().join(format!("bookmaker-{organiser}")))
            .arg("--odds")
            .arg(&self.odds)
            .arg("--sign-in")
            .arg(format!("{} session --data {}", self.bej.display(), self.data()));
        if organiser == 1 {
            command.args(["--land", "3"]);
        }
        Process::new(command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap())
    }
}

/// Asks a process to end.
pub fn send_term(id: u32) {
    let done = Command::new("sh").args(["-c", &format!("kill -TERM {id}")]).status().unwrap();
    assert!(done.success());
}

/// Of a journal's totals, what does not depend on how the season came there.
fn comparable(mut totals: Value) -> Value {
    totals.as_object_mut().unwrap().remove("entries");
    totals
}

/// R2-55.2: what was answered is there after a kill of either side, and nothing is there twice.
#[test]
fn a_season_over_the_network_comes_to_the_same_whoever_is_killed() {
    let Some(bej) = bej() else { return };
    let world = World::new(bej);
    let (server, at) = world.serve("127.0.0.1:0");
    let mut one = world.bookmaker(0, &at);
    let mut other = world.bookmaker(1, &at);

    // The server, twice, with requests under way.
    one.until(2);
    server.kill();
    let (server, at) = world.serve(&at);
    other.until(3);
    server.kill();
    let (server, at) = world.serve(&at);
    // A bookmaker, and then both at once with the server.
    one.until(2);
    one.kill();
    let mut one = world.bookmaker(0, &at);
    one.until(6);
    server.kill();
    one.kill();
    other.kill();
    let (mut server, at) = world.serve(&at);
    let (one, other) = (world.bookmaker(0, &at), world.bookmaker(1, &at));
    let own = [one.finish(), other.finish()];

    // What a bookmaker that is started again after its end says is the same.
    assert_eq!(world.bookmaker(0, &at).finish(), own[0]);
    send_term(server.child.id());
    assert!(server.child.wait().unwrap().success());

    let store = format!("sqlite:{}", world.home.path().join("bej.db").display());
    assert_eq!(world.json(&["verify", "--store", &store, "--json"])["ok"], true);
    let totals = world.json(&["totals", "--store", &store, "--json"]);
    for (organiser, own) in ["0", "1"].into_iter().zip(&own) {
        let there = &totals["organisers"][organiser];
        assert_eq!(there["stakes"], own["stakes"], "{organiser}: {there} {own}");
        assert_eq!(there["staked_tiyn"], own["staked_tiyn"]);
        assert_eq!(there["winnings_tiyn"], own["winnings_tiyn"]);
        assert_eq!(there["refunded_tiyn"], own["refunded_tiyn"]);
        // Corrections after the result, claims, and bets in play are among what is the same.
        for some in ["let_go", "in_play", "corrected", "given_back_tiyn"] {
            assert!(0 < own[some].as_u64().unwrap(), "{some}: {own}");
        }
    }
    assert!(0 < own[1]["cash_staked_tiyn"].as_u64().unwrap(), "{}", own[1]);
    assert!(0 < own[1]["desk_paid_tiyn"].as_u64().unwrap(), "{}", own[1]);
    assert_eq!(own[0]["desk_stakes"], 0);

    let replayed = format!("sqlite:{}", world.home.path().join("replay.db").display());
    let odds = world.odds.to_str().unwrap();
    let arguments = ["replay", "--reference", "--json", "--seed", SEED, "--bettors", BETTORS];
    let more = ["--bets-per-match", BETS, "--odds", odds, "--store", &replayed];
    let again = world.json(&[&arguments[..], &more].concat());
    assert_eq!(world.json(&["verify", "--store", &replayed, "--json"])["ok"], true);
    assert_eq!(comparable(totals), comparable(again));
}

/// Another seed is another season, so that the comparison above can fail.
#[test]
fn another_seed_is_another_season() {
    let Some(bej) = bej() else { return };
    let world = World::new(bej);
    let total = |seed: &str| {
        let store = format!("sqlite:{}", world.home.path().join(seed).display());
        let odds = world.odds.to_str().unwrap();
        let arguments = ["replay", "--reference", "--json", "--seed", seed, "--odds", odds];
        let more = ["--bettors", BETTORS, "--bets-per-match", "1", "--store", &store];
        comparable(world.json(&[&arguments[..], &more].concat()))
    };
    assert_ne!(total("1"), total("2"));
}
