//! `bej statement`: what happened on an account or in a wallet, walked back through the journal.
//!
//! Each record names the one before it and the balance after it, so that no index is needed: one
//! read of the journal a line. The last record comes from the state.

use std::process::ExitCode;

use anyhow::{Context as _, bail};
use journal::fact::{Entry, Fact, ReleaseGround};
use phrases::{Language, Phrases, money};
use serde_json::json;
use terms::number::wallet_code;
use terms::time::{Offset, civil_day};
use terms::{Account, Day, Seq, Tiyn, Wallet};

use crate::explain::{last_of_account, offsets, times};
use crate::find::{self, Target};
use crate::reading::{self, Reader};
use crate::store_url::StoreUrl;

/// Show what happened on an account or in a wallet, with the balance after each record.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The account number (16 digits) or the wallet code (14 digits).
    #[arg(value_name = "ACCOUNT")]
    account: String,
    /// The store.
    #[arg(long, value_name = "URL")]
    store: StoreUrl,
    /// The language: kk, ru or en.
    #[arg(long, value_name = "LANG", default_value = "en")]
    lang: Language,
    /// The first day, as 2026-01-31.
    #[arg(long, value_name = "DAY", value_parser = day)]
    from: Option<Day>,
    /// The last day.
    #[arg(long, value_name = "DAY", value_parser = day)]
    to: Option<Day>,
    /// The most records; the newest are shown.
    #[arg(long, value_name = "N", default_value_t = 100, value_parser = at_least_one)]
    limit: usize,
    /// Print one JSON object instead of a table.
    #[arg(long)]
    json: bool,
}

fn day(text: &str) -> Result<Day, String> {
    Day::parse(text).ok_or_else(|| "give a day of the calendar as 2026-01-31".to_owned())
}

/// A line of a statement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// The record.
    pub entry: Entry,
    /// What happened, as the key of a word.
    pub what: &'static str,
    /// What it did to the balance, or what it was about where it did nothing.
    pub sum: Tiyn,
    /// Whether `sum` left the wallet (-1), came in (1) or neither (0).
    pub sign: i8,
    /// What the wallet holds after it, where it moved.
    pub balance: Option<Tiyn>,
}

fn at_least_one(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(0) => Err("at least one record is to be shown".to_owned()),
        Ok(number) => Ok(number),
        Err(_) => Err("this is not a number".to_owned()),
    }
}

/// Runs the command.
pub fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let target: Target = args.account.parse().with_context(|| format!("{:?}", args.account))?;
    if let (Some(from), Some(to)) = (args.from, args.to)
        && to < from
    {
        bail!("--to {to} is before --from {from}; give the earlier day to --from");
    }
    let mut reader = reading::open(&args.store)?;
    let phrases = Phrases::load().context("the phrasebooks that are built in are broken")?;
    let (state, head) = reading::state(&mut reader)?;
    let offsets = offsets(&state);
    let table = offsets.as_deref().unwrap_or_default();
    let days = (args.from, args.to);
    let lines = match target {
        Target::Account(organiser, account) => {
            let last = last_of_account(&state, organiser, account)?;
            of_account(&mut reader, account, last, days, args.limit, table)?
        }
        Target::Wallet(wallet) => {
            let Some(row) = state.ledger.get(wallet) else {
                bail!("no wallet has the code {}", wallet_code(wallet))
            };
            of_wallet(&mut reader, wallet, row.last, days, args.limit, table)?
        }
        Target::Position(_) | Target::Id(_) => {
            bail!("give an account number (16 digits) or a wallet code (14 digits)")
        }
    };
    if args.json {
        println!("{}", in_json(&args.account, head.next_seq, &lines));
    } else {
        print!("{}", table_text(&phrases, args.lang, offsets.as_ref(), head.next_seq, &lines));
    }
    Ok(ExitCode::SUCCESS)
}

/// The lines of an account between two days, oldest first.
pub fn of_account(
    reader: &mut Reader,
    account: Account,
    last: Option<Seq>,
    days: (Option<Day>, Option<Day>),
    limit: usize,
    offsets: &[Offset],
) -> anyhow::Result<Vec<Line>> {
    walk(reader, last, days, limit, offsets, |entry| {
        match find::account_of(&entry.fact) {
            // The release of a hold names no account; it is met on the way through one.
            Some((found, previous)) if found.is_none_or(|found| found == account) => {
                Ok((account_line(entry), previous))
            }
            _ => {
                bail!("entry {} is no record of this account; `bej verify` tells more", entry.seq)
            }
        }
    })
}

/// The lines of a wallet between two days, oldest first.
pub fn of_wallet(
    reader: &mut Reader,
    wallet: Wallet,
    last: Option<Seq>,
    days: (Option<Day>, Option<Day>),
    limit: usize,
    offsets: &[Offset],
) -> anyhow::Result<Vec<Line>> {
    walk(reader, last, days, limit, offsets, |entry| {
        let Some(record) = wallet_record(&entry.fact, wallet) else {
            bail!("entry {} is no record of this wallet; `bej verify` tells more", entry.seq)
        };
        let line = Line {
            entry: entry.clone(),
            what: record.what,
            sum: record.sum,
            sign: record.sign,
            balance: Some(record.balance),
        };
        Ok((line, record.previous))
    })
}

fn walk(
    reader: &mut Reader,
    last: Option<Seq>,
    (from, to): (Option<Day>, Option<Day>),
    limit: usize,
    offsets: &[Offset],
    mut read: impl FnMut(&Entry) -> anyhow::Result<(Line, Option<Seq>)>,
) -> anyhow::Result<Vec<Line>> {
    let (mut at, mut lines) = (last, Vec::new());
    while let Some(seq) = at
        && lines.len() < limit
    {
        let entry = reading::entry(reader, seq.0)?
            .with_context(|| format!("entry {seq} is missing; `bej verify` tells more"))?;
        let day = civil_day(offsets, entry.at);
        if from.is_some_and(|from| day < from) {
            break;
        }
        let (line, previous) = read(&entry)?;
        if previous.is_some_and(|previous| seq <= previous) {
            bail!("entry {seq} names a later one as the one before; `bej verify` tells more");
        }
        at = previous;
        if to.is_none_or(|to| day <= to) {
            lines.push(line);
        }
    }
    lines.reverse();
    Ok(lines)
}

fn account_line(entry: &Entry) -> Line {
    let (what, sum, sign, balance) = match &entry.fact {
        Fact::StakeAccepted(fact) => {
            let sum = fact.bet.amount.checked_add(fact.commission).unwrap_or(Tiyn::MAX);
            ("posting.stake", sum, -1, Some(fact.bettor_balance))
        }
        Fact::StakeReported(fact) => ("label.stake", fact.bet.amount, 0, None),
        Fact::HoldPlaced(fact) => {
            let sum = fact.bet.amount.checked_add(fact.commission).unwrap_or(Tiyn::MAX);
            ("posting.hold", sum, 0, None)
        }
        Fact::HoldReleased(fact) => match fact.ground {
            ReleaseGround::Organiser | ReleaseGround::Expired => {
                ("bet_state.released", Tiyn::ZERO, 0, None)
            }
        },
        Fact::BetSettled(fact) => ("label.settlement", fact.net_due, 0, None),
        Fact::PayoutPosted(fact) => {
            let sum = fact.winning.checked_add(fact.refund).unwrap_or(Tiyn::MAX);
            let what = payout_word(fact.winning.is_zero());
            (what, sum, 1, Some(fact.bettor_balance))
        }
        Fact::PayoutReported(fact) => match &fact.posting {
            Some(posting) => {
                let what = payout_word(fact.refund == fact.amount);
                (what, fact.amount, 1, Some(posting.bettor_balance))
            }
            None => ("label.payout", fact.amount, 0, None),
        },
        Fact::ClaimSettled(fact) => ("label.open_claim", fact.amount, 0, None),
        _ => ("label.entry", Tiyn::ZERO, 0, None),
    };
    Line { entry: entry.clone(), what, sum, sign, balance }
}

/// The word for a payout, by whether all of it is a return of stake.
fn payout_word(refund: bool) -> &'static str {
    if refund { "posting.stake_refund" } else { "posting.payout" }
}

/// What a record did to a wallet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WalletRecord {
    /// What happened, as the key of a word.
    pub what: &'static str,
    /// How much moved.
    pub sum: Tiyn,
    /// Out (-1) or in (1).
    pub sign: i8,
    /// What the wallet holds after it.
    pub balance: Tiyn,
    /// The wallet's record before it.
    pub previous: Option<Seq>,
}

/// What a fact did to a wallet, if it moved it.
pub fn wallet_record(fact: &Fact, wallet: Wallet) -> Option<WalletRecord> {
    let record = |what, sum, sign, balance, previous| {
        Some(WalletRecord { what, sum, sign, balance, previous })
    };
    match fact {
        Fact::StakeAccepted(fact) if fact.bettor_wallet == wallet => {
            let sum = fact.bet.amount.checked_add(fact.commission).unwrap_or(Tiyn::MAX);
            record("posting.stake", sum, -1, fact.bettor_balance, fact.bettor_previous)
        }
        Fact::StakeAccepted(fact) if fact.organiser_wallet == wallet => record(
            "posting.stake",
            fact.bet.amount,
            1,
            fact.organiser_balance,
            fact.organiser_previous,
        ),
        Fact::PayoutPosted(fact) => {
            let sum = fact.winning.checked_add(fact.refund).unwrap_or(Tiyn::MAX);
            let what = payout_word(fact.winning.is_zero());
            if fact.bettor_wallet == wallet {
                record(what, sum, 1, fact.bettor_balance, fact.bettor_previous)
            } else if fact.organiser_wallet == wallet {
                record(what, sum, -1, fact.organiser_balance, fact.organiser_previous)
            } else {
                None
            }
        }
        Fact::PayoutReported(fact) => {
            let posting = fact.posting.as_deref()?;
            let (sum, what) = (fact.amount, payout_word(fact.refund == fact.amount));
            if posting.bettor_wallet == wallet {
                record(what, sum, 1, posting.bettor_balance, posting.bettor_previous)
            } else if posting.organiser_wallet == wallet {
                record(what, sum, -1, posting.organiser_balance, posting.organiser_previous)
            } else {
                None
            }
        }
        Fact::EmoneyIssued(fact) if fact.wallet == wallet => {
            record("posting.issue", fact.amount, 1, fact.balance, fact.previous)
        }
        Fact::EmoneyRedeemed(fact) if fact.wallet == wallet => {
            record("posting.redemption", fact.amount, -1, fact.balance, fact.previous)
        }
        _ => None,
    }
}

fn table_text(
    phrases: &Phrases,
    lang: Language,
    offsets: Option<&Vec<Offset>>,
    entries: u64,
    lines: &[Line],
) -> String {
    let heads =
        ["label.date", "label.operation", "label.sum", "label.balance_after", "label.entry"];
    let mut rows = vec![heads.map(|key| phrases.word(lang, key).to_owned())];
    for line in lines {
        let sign = match line.sign {
            -1 => "−",
            1 => "+",
            _ => "",
        };
        rows.push([
            times(offsets, lang, line.entry.at),
            phrases.word(lang, line.what).to_owned(),
            match (line.sum.is_zero(), line.sign) {
                (true, 0) => String::new(),
                _ => format!("{sign}{}", money(lang, line.sum)),
            },
            line.balance.map_or_else(String::new, |balance| money(lang, balance)),
            line.entry.seq.to_string(),
        ]);
    }
    let width = |column: usize| {
        rows.iter().map(|row: &[String; 5]| row[column].chars().count()).max().unwrap_or(0)
    };
    let widths = [width(0), width(1), width(2), width(3), width(4)];
    let mut text = String::new();
    for row in &rows {
        let mut out = String::new();
        for (column, cell) in row.iter().enumerate() {
            let pad = " ".repeat(widths[column] - cell.chars().count());
            // Sums and positions to the right, words to the left.
            if 2 <= column {
                out.push_str(&pad);
                out.push_str(cell);
            } else {
                out.push_str(cell);
                out.push_str(&pad);
            }
            out.push_str("  ");
        }
        text.push_str(out.trim_end());
        text.push('\n');
    }
    let position = entries.saturating_sub(1).to_string();
    text.push_str(&phrases.story(lang, "as_of_entry", &[("entry", &position)]));
    text.push('\n');
    text
}

fn in_json(account: &str, entries: u64, lines: &[Line]) -> serde_json::Value {
    let rows: Vec<serde_json::Value> = lines
        .iter()
        .map(|line| {
            json!({
                "seq": line.entry.seq.0,
                "at": line.entry.at.to_string(),
                "kind": line.entry.fact.name(),
                "sum_tiyn": line.sum.get() * i64::from(line.sign),
                "about_tiyn": line.sum.get(),
                "balance_after_tiyn": line.balance.map(Tiyn::get),
            })
        })
        .collect();
    json!({ "account": account, "entries": entries, "lines": rows })
}
