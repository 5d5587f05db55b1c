//! The workshop of БЕЖ: checks of the house that no compiler makes.
//!
//! `cargo run -p xtask --profile ci -- tidy` prints every finding as `file:line: what is wrong`
//! and fails if there is one. It reads the tree and `cargo metadata`, and changes nothing.

mod tidy;

use std::process::ExitCode;

const HELP: &str = "\
The workshop of БЕЖ.

Usage: xtask <command>

Commands:
  tidy    check the import table, the fences of the pure rooms, the text of all files,
          links, dependencies and the number of test binaries
  help    print this text
";

fn main() -> anyhow::Result<ExitCode> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["tidy"] => tidy::run(),
        ["help" | "-h" | "--help"] => {
            print!("{HELP}");
            Ok(ExitCode::SUCCESS)
        }
        _ => {
            eprint!("error: expected one command\n\n{HELP}");
            Ok(ExitCode::from(2))
        }
    }
}
