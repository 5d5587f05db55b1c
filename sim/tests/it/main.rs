//! The reader of match files from outside: every reason to skip a row, every note, every way in
//! which a file cannot be read, and the real files beside the project; the scripts of the scenario
//! language; random messages against the oracle; a month of the catalogue.

#![expect(clippy::unwrap_used, reason = "what cannot be unwrapped here is a failed test")]

mod catalogue;
mod golden;
mod machine_crash;
mod property;
mod real_files;
mod replay;
mod scenarios;
mod snapshots;
mod table;
mod vault_kills;
