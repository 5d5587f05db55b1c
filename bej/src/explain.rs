//! `bej explain`: the story of a bet, a stake, a payout, an account or a refusal in words.
//!
//! Everything a person reads comes from the phrasebooks; numbers, ids and names come from facts.
//! This is the operator's view: refusals are told by their inner code, with the outer one beside.

mod lives;
mod registry;
mod story;
mod upkeep;

use std::process::ExitCode;

use anyhow::{Context as _, bail};
use desk::State;
use journal::fact::Entry;
use phrases::{Language, Phrases};
use store::JournalReader as _;
use terms::number::wallet_code;
use terms::time::Offset;
use terms::{Account, Organiser, Seq};

use crate::find::{self, Names, Target};
use crate::reading::{self, Reader};
use crate::store_url::StoreUrl;

pub use story::{Teller, times};

/// Records of an account that its story tells; `bej statement` shows more.
const RECORDS_MAX: usize = 20;

/// Tell the story of a bet, stake, payout, account or refusal in words.
///
/// ID is the id of a bet, order or message (a UUID), an account number (16 digits), a wallet code
/// (14 digits), or a position of the journal (a number).
#[derive(Debug, clap::Args)]
pub struct Args {
    /// What to explain.
    #[arg(value_name = "ID")]
    id: String,
    /// The store.
    #[arg(long, value_name = "URL")]
    store: StoreUrl,
    /// The language: kk, ru or en.
    #[arg(long, value_name = "LANG", default_value = "en")]
    lang: Language,
}

/// Runs the command.
pub fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let target: Target = args.id.parse().with_context(|| format!("{:?}", args.id))?;
    let mut reader = reading::open(&args.store)?;
    let phrases = Phrases::load().context("the phrasebooks that are built in are broken")?;
    let text = explain(&mut reader, target, &phrases, args.lang, &args.store.to_string())?;
    print!("{text}");
    Ok(ExitCode::SUCCESS)
}

/// The story of a target.
pub fn explain(
    reader: &mut Reader,
    target: Target,
    phrases: &Phrases,
    lang: Language,
    url: &str,
) -> anyhow::Result<String> {
    match target {
        Target::Id(id) => {
            let (entries, names) = find::by_id(reader, id)?;
            let mut teller = Teller::new(phrases, lang, names, url);
            for entry in &entries {
                teller.tell(reader, entry)?;
            }
            Ok(teller.text)
        }
        Target::Position(seq) => {
            let Some(entry) = reading::entry(reader, seq)? else {
                let next = reader.head()?.next_seq;
                bail!("the journal has no entry {seq}; it has {next} entries, from 0 on")
            };
            let mut teller = Teller::new(phrases, lang, Names::default(), url);
            teller.tell(reader, &entry)?;
            teller.tell_id(&entry);
            Ok(teller.text)
        }
        Target::Account(organiser, account) => {
            let (state, _) = reading::state(reader)?;
            let last = last_of_account(&state, organiser, account)?;
            let names = Names::none(offsets(&state));
            let mut teller = Teller::new(phrases, lang, names, url);
            teller.account(&state, organiser, account)?;
            for entry in chain(reader, last, |entry| {
                find::account_of(&entry.fact).and_then(|(_, previous)| previous)
            })? {
                teller.tell(reader, &entry)?;
            }
            Ok(teller.text)
        }
        Target::Wallet(wallet) => {
            let (state, _) = reading::state(reader)?;
            let Some(row) = state.ledger.get(wallet) else {
                bail!("no wallet has the code {}", wallet_code(wallet))
            };
            let names = Names::none(offsets(&state));
            let mut teller = Teller::new(phrases, lang, names, url);
            teller.wallet(row, wallet);
            for entry in chain(reader, row.last, |entry| {
                crate::statement::wallet_record(&entry.fact, wallet).and_then(|row| row.previous)
            })? {
                teller.tell(reader, &entry)?;
            }
            Ok(teller.text)
        }
    }
}

/// The last record of an account, after checking that it is the organiser's.
pub fn last_of_account(
    state: &State,
    organiser: Organiser,
    account: Account,
) -> anyhow::Result<Option<Seq>> {
    match state.people.account(account) {
        Some(row) if row.organiser.0 % 10_000 == organiser.0 => Ok(row.last),
        _ => bail!("no account has this number; look at it again, or at the store"),
    }
}

/// The offsets of civil time by the last rulebook.
pub fn offsets(state: &State) -> Option<Vec<Offset>> {
    state.rulebooks.last().map(|rules| rules.calendar.offsets.clone())
}

/// The newest records of a chain of back-pointers, oldest first.
fn chain(
    reader: &mut Reader,
    last: Option<Seq>,
    previous: impl Fn(&Entry) -> Option<Seq>,
) -> anyhow::Result<Vec<Entry>> {
    let (mut at, mut entries) = (last, Vec::new());
    while let Some(seq) = at
        && entries.len() < RECORDS_MAX
    {
        let entry = reading::entry(reader, seq.0)?
            .with_context(|| format!("entry {seq} is missing; `bej verify` tells more"))?;
        at = previous(&entry).filter(|before| before.0 < seq.0);
        entries.push(entry);
    }
    entries.reverse();
    Ok(entries)
}
