//! Which accounts an entry moves, and on which day: rows of the views, asked in the order of the
//! journal.

use std::collections::{BTreeMap, VecDeque};

use anyhow::{Context as _, bail};
use journal::fact::{Entry, Fact};
use ledger::Class;
use reports::daily::{self, Booking};
use reports::{Card, CardKey, CardKind, Record, Table};
use store::ViewReader;
use store::views::scan_key;
use terms::time::{Offset, civil_day};
use terms::{Day, Organiser, Sender, Seq, Tiyn, Wallet};

/// Rows that are read at once.
const AHEAD: usize = 1_000;

/// What was read ahead, and civil time by rulebook.
#[derive(Default)]
pub struct Books {
    offsets: BTreeMap<u32, Vec<Offset>>,
    bets: Ahead,
    payouts: Ahead,
}

/// A booking, and what the organiser's wallet holds after it if it was moved.
pub type Found = (Booking, Option<Tiyn>);

impl Books {
    /// The civil day on which an entry was recorded.
    pub fn day(&mut self, views: &mut dyn ViewReader, entry: &Entry) -> anyhow::Result<Day> {
        Ok(civil_day(self.offsets(views, entry.rulebook)?, entry.at))
    }

    fn offsets(&mut self, views: &mut dyn ViewReader, rulebook: u32) -> anyhow::Result<&[Offset]> {
        if let std::collections::btree_map::Entry::Vacant(place) = self.offsets.entry(rulebook) {
            let number = u64::from(rulebook);
            let key = CardKey { kind: CardKind::Rulebook, number, version: 0 };
            match views.card(key)? {
                Some(Card::Rulebook(card)) => place.insert(card.offsets),
                // Before the first rulebook days are those of UTC.
                _ if rulebook == 0 => place.insert(Vec::new()),
                _ => bail!("rulebook {rulebook} is not known; `bej verify` tells more"),
            };
        }
        Ok(self.offsets.get(&rulebook).map_or(&[], Vec::as_slice))
    }

    /// What an entry brings to an organiser's accounts, if anything.
    pub fn book(
        &mut self,
        views: &mut dyn ViewReader,
        entry: &Entry,
    ) -> anyhow::Result<Option<Found>> {
        let (booking, wallet) = match &entry.fact {
            Fact::StakeAccepted(fact) => {
                (self.stake(views, entry.seq)?, Some(fact.organiser_balance))
            }
            Fact::StakeReported(_) => (self.stake(views, entry.seq)?, None),
            Fact::BetSettled(_) => (self.settlement(views, entry)?, None),
            Fact::PayoutPosted(fact) => (self.payout(views, entry)?, Some(fact.organiser_balance)),
            Fact::PayoutReported(fact) => {
                let wallet = fact.posting.as_ref().map(|posting| posting.organiser_balance);
                (self.payout(views, entry)?, wallet)
            }
            Fact::ClaimSettled(fact) => {
                let Sender::Organiser(organiser) = fact.cause.sender else {
                    bail!("entry {} settles a claim and is not an organiser's", entry.seq)
                };
                let day = self.day(views, entry)?;
                (daily::given_back(organiser, day, fact.amount), None)
            }
            Fact::EmoneyIssued(fact) => {
                let Some(organiser) = owner(views, fact.wallet)? else { return Ok(None) };
                let day = self.day(views, entry)?;
                (daily::issued(organiser, day, fact.amount), Some(fact.balance))
            }
            Fact::EmoneyRedeemed(fact) => {
                let Some(organiser) = owner(views, fact.wallet)? else { return Ok(None) };
                let day = self.day(views, entry)?;
                (daily::redeemed(organiser, day, fact.amount), Some(fact.balance))
            }
            // Nothing else moves the books of an organiser; a hold moves nothing.
            _ => return Ok(None),
        };
        let booking = booking.with_context(|| format!("entry {} cannot be booked", entry.seq))?;
        Ok(Some((booking, wallet)))
    }

    fn stake(&mut self, views: &mut dyn ViewReader, seq: Seq) -> anyhow::Result<Option<Booking>> {
        match self.bets.find(views, Table::Stakes, seq)? {
            Some(Record::Bet(row)) => Ok(daily::stake(&row)),
            _ => Ok(None),
        }
    }

    fn settlement(
        &mut self,
        views: &mut dyn ViewReader,
        entry: &Entry,
    ) -> anyhow::Result<Option<Booking>> {
        let Some(row) = views.settlement_at(entry.seq)? else { return Ok(None) };
        let Some(bet) = views.bet_at(row.bet_seq)? else { return Ok(None) };
        let before = match row.corrects {
            None => None,
            Some(seq) => Some(views.settlement_at(seq)?.context("a settlement is missing")?),
        };
        let offsets = self.offsets(views, entry.rulebook)?;
        Ok(daily::settlement(&row, &bet, before.as_ref(), offsets))
    }

    fn payout(
        &mut self,
        views: &mut dyn ViewReader,
        entry: &Entry,
    ) -> anyhow::Result<Option<Booking>> {
        match self.payouts.find(views, Table::Payouts, entry.seq)? {
            Some(Record::Payout(row)) => {
                Ok(daily::payout(&row, self.offsets(views, entry.rulebook)?))
            }
            _ => Ok(None),
        }
    }
}

/// The organiser whose wallet it is, if it is one's.
fn owner(views: &mut dyn ViewReader, wallet: Wallet) -> anyhow::Result<Option<Organiser>> {
    let number = u64::from(wallet.0);
    let key = CardKey { kind: CardKind::Wallet, number, version: 0 };
    Ok(match views.card(key)? {
        Some(Card::Wallet(card)) if card.class == Class::Organiser => Some(Organiser(card.owner)),
        _ => None,
    })
}

/// Rows of a table in the order of the journal, read ahead.
#[derive(Default)]
struct Ahead(VecDeque<Record>);

impl Ahead {
    /// The row that a fact made. Facts are to be asked for in their order.
    fn find(
        &mut self,
        views: &mut dyn ViewReader,
        table: Table,
        seq: Seq,
    ) -> anyhow::Result<Option<Record>> {
        while self.0.front().is_some_and(|row| scan_key(row) < seq.0) {
            self.0.pop_front();
        }
        if self.0.is_empty() {
            self.0.extend(views.scan(table, seq.0, AHEAD)?);
        }
        let here = self.0.front().is_some_and(|row| scan_key(row) == seq.0);
        Ok(if here { self.0.pop_front() } else { None })
    }
}
