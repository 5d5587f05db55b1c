//! What is shown of a journal beside its totals: the statement of one bettor and the explanation of
//! one refusal, by the commands that anyone may type.

use std::collections::BTreeMap;
use std::ffi::OsString;

use anyhow::Context as _;
use clap::Parser;
use journal::fact::{Entry, Fact};
use store::JournalReader as _;
use terms::number::account_number;
use terms::{Account, Organiser};

use super::parts::{Outside, Server};
use super::title;
use crate::reading::Reader;
use crate::store_url::StoreUrl;
use crate::{explain, reading, statement};

/// Lines of the statement.
const LINES: &str = "16";
/// Frames that are looked at for something to show.
const FRAMES: usize = 1_024;

/// Shows the statement of the bettor with the most stakes, and a refusal in three languages.
pub fn statement_and_refusal(url: &StoreUrl) -> anyhow::Result<()> {
    let Found { account, refusal } = choose(&mut reading::open(url)?)?;
    let store = url.to_string();
    if let Some((organiser, account)) = account {
        let number = account_number(organiser, account);
        title("The statement of one bettor");
        println!("bej statement {number} --store {url} --limit {LINES}");
        statement::run(&parsed(["statement", &number, "--store", &store, "--limit", LINES])?)?;
    }
    // A short file of matches may bring none.
    let Some(refusal) = refusal.map(|seq| seq.to_string()) else { return Ok(()) };
    for lang in ["en", "ru", "kk"] {
        title(&format!("The explanation of one refusal ({lang})"));
        println!("bej explain {refusal} --store {url} --lang {lang}");
        explain::run(&parsed(["explain", &refusal, "--store", &store, "--lang", lang])?)?;
    }
    Ok(())
}

/// What there is to show.
struct Found {
    /// The account with the most stakes.
    account: Option<(Organiser, Account)>,
    /// The position of the first refusal of a stake.
    refusal: Option<u64>,
}

fn choose(reader: &mut Reader) -> anyhow::Result<Found> {
    let mut stakes = BTreeMap::new();
    let mut refusal = None;
    for frame in reader.frames(0, FRAMES)? {
        for fact in frame.facts() {
            let (seq, bytes) = fact?;
            match reading::decode(seq, bytes)? {
                Entry { fact: Fact::StakeAccepted(fact), .. } => {
                    if let Some(organiser) = desk::life::organiser_of(fact.cause.sender) {
                        *stakes.entry((organiser, fact.bet.account)).or_insert(0u32) += 1;
                    }
                }
                Entry { fact: Fact::Refused(fact), .. } if fact.account.is_some() => {
                    refusal = refusal.or(Some(seq));
                }
                _ => {}
            }
        }
    }
    let most = stakes.into_iter().max_by_key(|(_, count)| *count);
    Ok(Found { account: most.map(|(account, _)| account), refusal })
}

/// A birth date and the last digits of a number with which everything outside goes well, and with
/// which it does not: docs/connect-outside.md says which digit means what.
const PERSONS: [(&str, &str, &str); 2] =
    [("somebody who is admitted", "1990-03-01", "0,0,0"), ("a debtor", "1991-01-01", "0,1,0")];

/// Shows how somebody becomes a bettor: his pages, a synthetic person, and his phone.
pub fn bettor(server: &Server, outside: &Outside) {
    title("A bettor");
    println!(
        "{}  the bettors' own pages: register, with a phone's width or a desk's",
        server.cabinet
    );
    let control = &outside.control;
    for (who, born, serial) in PERSONS {
        println!("\nWhat {who} types in:");
        println!(
            "  curl -s {control}/people -d '{{\"birth\":\"{born}\",\"male\":true,\
             \"serial\":[{serial}]}}'"
        );
    }
    println!("\nThe messages on his phone, with their codes:");
    println!("  curl -s {control}/phones/inbox -d '{{\"phone\":\"+7…\"}}'");
}

/// The arguments of another command, as if they had been typed.
fn parsed<T: clap::Args, const N: usize>(words: [&str; N]) -> anyhow::Result<T> {
    #[derive(Parser)]
    struct Typed<T: clap::Args> {
        #[command(flatten)]
        args: T,
    }
    let typed = Typed::<T>::try_parse_from(words.map(OsString::from));
    Ok(typed.context("the demonstration typed a command wrongly")?.args)
}
