//! The command line of БЕЖ.
//!
//! Owns the table of commands and nothing else: each lives in a module of its own, which reads its
//! arguments, does its work and says what went wrong and what to do about it. Text that people
//! read goes to standard output, or to standard error where it is about the run itself; `--json`
//! is for machines.
//!
//! Exit status: 0 if all went well, 1 if something failed, 2 if the command line was wrong.

mod access;
mod announced;
mod archive;
mod backup;
mod cabinet;
mod config;
mod copy;
mod daily;
mod demo;
mod doors;
mod explain;
mod export;
mod find;
mod fresh;
mod group;
mod inner;
mod kept;
mod key;
mod lists;
mod node;
mod notary;
mod office;
mod out;
mod people;
mod persons;
mod proof;
mod reading;
mod reference;
mod replay;
mod restore;
mod sandbox;
mod secret;
mod serve;
mod staff;
mod starts;
mod statement;
mod store_url;
mod table;
mod tiles;
mod totals;
mod traces;
mod vault;
mod verify;
mod views;
mod watch;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// БЕЖ, the unified accounting system for bookmakers and totalizators.
#[derive(Debug, Parser)]
#[command(name = "bej", version, about, long_about = None, max_term_width = 100)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Replay(replay::Args),
    Demo(demo::Args),
    Totals(totals::Args),
    Verify(verify::Args),
    Explain(explain::Args),
    Statement(statement::Args),
    Export(export::Args),
    Archive(archive::Args),
    Daily(daily::Args),
    CheckDaily(daily::check::Args),
    Backup(backup::BackupArgs),
    Restore(restore::Args),
    Copy(copy::Args),
    Proof(proof::ProofArgs),
    CheckProof(proof::CheckArgs),
    Checkpoint(proof::CheckpointArgs),
    Consistency(proof::ConsistencyArgs),
    Key(announced::Args),
    Views(views::Args),
    Vault(vault::Args),
    Config(config::Args),
    Sandbox(sandbox::Args),
    Serve(serve::Args),
    Cert(access::CertArgs),
    Session(access::SessionArgs),
    Staff(staff::Args),
    Lists(lists::Args),
}

impl Command {
    fn run(&self) -> anyhow::Result<ExitCode> {
        let done = |()| ExitCode::SUCCESS;
        match self {
            Command::Replay(args) => replay::run(args).map(done),
            Command::Demo(args) => demo::run(args),
            Command::Totals(args) => totals::run(args).map(done),
            Command::Verify(args) => verify::run(args),
            Command::Explain(args) => explain::run(args),
            Command::Statement(args) => statement::run(args),
            Command::Export(args) => export::run(args),
            Command::Archive(args) => archive::run(args),
            Command::Daily(args) => daily::run(args),
            Command::CheckDaily(args) => daily::check::run(args),
            Command::Backup(args) => backup::backup(args),
            Command::Restore(args) => restore::run(args),
            Command::Copy(args) => copy::run(args),
            Command::Proof(args) => proof::prove(args),
            Command::CheckProof(args) => proof::check(args),
            Command::Checkpoint(args) => proof::checkpoint(args),
            Command::Consistency(args) => proof::consistency(args),
            Command::Key(args) => announced::run(args),
            Command::Views(args) => views::run(args),
            Command::Vault(args) => vault::run(args),
            Command::Config(args) => config::run(args),
            Command::Sandbox(args) => sandbox::run(args),
            Command::Serve(args) => serve::run(args),
            Command::Cert(args) => access::cert(args),
            Command::Session(args) => access::session(args),
            Command::Staff(args) => staff::run(args),
            Command::Lists(args) => lists::run(args),
        }
    }
}

fn main() -> ExitCode {
    out::end_when_closed();
    Cli::parse().command.run().unwrap_or_else(|error| out::end(&error))
}
