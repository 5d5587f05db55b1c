//! `bej totals`: what the journal of a store comes to.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};
use sim::tally::{Sums, Tally};
use store::JournalReader as _;

use crate::reading::Reader;
use crate::store_url::StoreUrl;
use crate::{reading, table};

/// Add up a journal: stakes, winnings, payouts and refunds by organiser, sport and shape of bet.
///
/// Beside that, what wallets hold, by class.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The store.
    #[arg(long, value_name = "URL")]
    store: StoreUrl,
    /// Print one JSON object instead of a table.
    #[arg(long)]
    json: bool,
}

/// Runs the command.
pub fn run(args: &Args) -> anyhow::Result<()> {
    let totals = Totals::of(&mut reading::open(&args.store)?)?;
    if args.json {
        println!("{}", totals.json());
    } else {
        print!("{}", totals.text());
    }
    Ok(())
}

/// What a journal comes to.
pub struct Totals {
    tally: Tally,
    /// By class of wallet, tiyn.
    balances: BTreeMap<&'static str, i64>,
    entries: u64,
}

impl Totals {
    /// Adds up the journal behind a reader.
    pub fn of(reader: &mut Reader) -> anyhow::Result<Totals> {
        let (state, head) = reading::state(reader)?;
        let mut balances = BTreeMap::new();
        for (_, wallet) in state.ledger.all() {
            *balances.entry(wallet.class.name()).or_insert(0) += wallet.sum().get();
        }
        let bar = reading::bar("adding up", reader.head()?.next_seq);
        let tally = Tally::of(reader, |at| bar.set_position(at));
        bar.finish_and_clear();
        Ok(Totals { tally: tally?.0, balances, entries: head.next_seq })
    }

    /// For machines: everything in it but `entries` is the same for the same season, however it
    /// came here.
    pub fn json(&self) -> Value {
        let mut organisers: BTreeMap<u32, Sums> = BTreeMap::new();
        for (line, sums) in self.tally.lines() {
            organisers.entry(line.organiser).or_default().add(sums);
        }
        let organisers: Map<String, Value> = organisers
            .into_iter()
            .map(|(organiser, sums)| (organiser.to_string(), object(&sums)))
            .collect();
        json!({
            "organisers": organisers,
            "all": object(&self.tally.total()),
            "bets_settled": self.tally.settled(),
            "bets_open": self.tally.open(),
            "balances_tiyn": self.balances,
            "entries": self.entries,
        })
    }

    /// For people.
    pub fn text(&self) -> String {
        let mut text = table::closing(&self.tally);
        let (settled, open) = (self.tally.settled(), self.tally.open());
        text.push_str(&format!(
            "\n{} entries, {} bets settled, {} open, sums in tenge\n",
            table::grouped(self.entries),
            table::grouped(settled),
            table::grouped(open as u64),
        ));
        for (class, sum) in &self.balances {
            text.push_str(&format!("  {:>18}  held by {class}\n", table::tenge(*sum)));
        }
        text
    }
}

fn object(sums: &Sums) -> Value {
    let Sums { stakes, staked, won, winnings, paid, refunded } = *sums;
    json!({
        "stakes": stakes,
        "staked_tiyn": staked,
        "bets_won": won,
        "winnings_tiyn": winnings,
        "paid_out_tiyn": paid,
        "refunded_tiyn": refunded,
    })
}
