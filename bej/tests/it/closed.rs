//! What is not there for the program: a reader of what it prints, a free port, a number.

use std::net::TcpListener;
use std::process::{Command, Stdio};

use terms::Wallet;
use terms::number::wallet_code;

use crate::world::{SCRIPT, World, bad};

/// A pipe whose other end is closed, as of `| head` that has read enough.
fn closed() -> Stdio {
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    writer.into()
}

#[test]
fn output_that_nobody_reads_ends_a_command_without_a_word() {
    let world = World::of(SCRIPT, 7);
    let (url, wallet) = (world.url(), wallet_code(Wallet(4)));
    let commands: [&[&str]; 6] = [
        &["explain", "3", "--store", &url],
        &["statement", &wallet, "--store", &url],
        &["totals", "--store", &url],
        &["verify", "--store", &url],
        &["export", "journal", "--store", &url, "--format", "ndjson"],
        &["config", "sample"],
    ];
    for words in commands {
        let mut command = Command::new(env!("CARGO_BIN_EXE_bej"));
        let output = command.args(words).stdout(closed()).output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!((output.status.code(), &*said), (Some(141), ""), "{words:?}");
    }
}

#[test]
fn output_that_cannot_be_written_is_a_failure() {
    let world = World::of(SCRIPT, 7);
    for words in [&["totals"][..], &["export", "stakes", "--format", "csv"]] {
        let full = std::fs::File::options().write(true).open("/dev/full").unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_bej"));
        let output = command.args(words).args(["--store", &world.url()]).stdout(full).output();
        let output = output.unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{said}");
        assert!(said.contains("No space left") && !said.contains("panicked"), "{said}");
    }
}

#[test]
fn a_server_whose_port_is_taken_says_what_to_do() {
    let home = tempfile::tempdir().unwrap();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string();
    let holder = TcpListener::bind(&taken).unwrap();
    for door in ["api", "probes", "console", "cabinet"] {
        let at = |name: &str| if name == door { &*taken } else { "127.0.0.1:0" };
        let words = [
            ["serve", "--data", home.path().to_str().unwrap()].as_slice(),
            &["--api", at("api"), "--probes", at("probes"), "--console", at("console")],
            &["--cabinet", at("cabinet")],
        ]
        .concat();
        let said = bad(&words);
        assert!(said.contains(&taken) && said.contains(&format!("by --{door} or")), "{said}");
    }
    drop(holder);
}

#[test]
fn what_is_no_number_of_an_organiser_is_told_with_one_that_is() {
    let mut command = Command::new(env!("CARGO_BIN_EXE_bej"));
    let output = command.args(["cert", "organiser", "Qyran"]).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert!(said.contains("the organiser's number in the register, such as 0"), "{said}");
}
