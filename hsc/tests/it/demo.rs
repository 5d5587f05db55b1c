//! `bej demo`, which starts the server and both bookmakers.

use std::fs::File;
use std::io::{BufRead as _, BufReader};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use crate::season::{bej, send_term};

fn demo(bej: &Path, data: &Path, more: &[&str]) -> Command {
    let mut command = Command::new(bej);
    command.args(["demo", "--bets-per-match", "1", "--data"]).arg(data).args(more);
    command
}

#[test]
fn the_demonstration_ends_by_itself_and_can_be_repeated() {
    let Some(bej) = bej() else { return };
    let home = tempfile::tempdir().unwrap();
    let (data, odds) = (home.path().join("data"), home.path().join("league.csv"));
    std::fs::write(&odds, matches::seasons::sample()[2].1).unwrap();
    let odds = odds.to_str().unwrap();
    for _ in 0..2 {
        let output = demo(&bej, &data, &["--once", "--odds", odds]).output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{said}");
        let printed = String::from_utf8(output.stdout).unwrap();
        for word in ["own books say the same", "Balance after", "verified", "Бас тартылды"]
        {
            assert!(printed.contains(word), "{word}: {printed}");
        }
        assert!(said.contains("90 matches"), "{said}");
    }
    // A directory of somebody else is not emptied, and a file that is not there is named.
    for arguments in [["--data", home.path().to_str().unwrap()], ["--odds", "none.csv"]] {
        let mut command = Command::new(&bej);
        let output = command.args(["demo", "--once"]).args(arguments).output().unwrap();
        assert_eq!(output.status.code(), Some(1), "{arguments:?}");
    }
    assert!(Path::new(odds).exists());
}

/// A demonstration that is at work: its process, and all that it has printed.
fn at_work(bej: &Path, home: &Path) -> (Child, String) {
    let odds = home.join("league.csv");
    // Nine lines are a header and the first matches.
    let few: Vec<&str> = matches::seasons::sample()[2].1.lines().take(9).collect();
    std::fs::write(&odds, few.join("\n")).unwrap();
    let odds = odds.to_str().unwrap();
    let mut child = demo(bej, &home.join("data"), &["--free-ports", "--odds", odds])
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut printed = String::new();
    let mut out = BufReader::new(child.stdout.take().unwrap());
    while !printed.contains("Ctrl-C ends everything") {
        assert!(0 < out.read_line(&mut printed).unwrap(), "{printed}");
    }
    (child, printed)
}

/// The address of its probes.
fn probes(printed: &str) -> &str {
    printed.split("probes      http://").nth(1).unwrap().split('/').next().unwrap()
}

#[test]
fn a_signal_ends_the_demonstration_with_all_its_processes() {
    let Some(bej) = bej() else { return };
    let home = tempfile::tempdir().unwrap();
    let (mut child, printed) = at_work(&bej, home.path());
    let at = probes(&printed);
    assert!(TcpStream::connect(at).is_ok(), "{at}");
    for role in ["administrator", "operator", "gambling", "tax", "monitoring", "organiser"] {
        assert!(printed.contains(&format!("\n{role} ")), "{role}: {printed}");
    }
    send_term(child.id());
    assert!(child.wait().unwrap().success());
    assert!(TcpStream::connect(at).is_err(), "the server has ended");
}

/// Nothing can be done by a process that is killed, so the others see for themselves.
#[test]
fn a_kill_ends_the_demonstration_with_all_its_processes() {
    let Some(bej) = bej() else { return };
    let home = tempfile::tempdir().unwrap();
    let (mut child, printed) = at_work(&bej, home.path());
    child.kill().unwrap();
    child.wait().unwrap();
    let mut looks = 0;
    while TcpStream::connect(probes(&printed)).is_ok() {
        looks += 1;
        assert!(looks < 600, "the server runs on");
        std::thread::park_timeout(std::time::Duration::from_millis(100));
    }
    // The bookmakers hold the locks of their outboxes until they end.
    for number in 0..2 {
        let path = home.path().join(format!("data/bookmaker-{number}/season-1.outbox"));
        if let Ok(outbox) = File::open(path) {
            outbox.lock().unwrap();
        }
    }
}
