//! Facts in words.

use std::fmt::Write as _;

use anyhow::Context as _;
use desk::{State, life};
use journal::fact::{BetSettled, Entry, Fact, HoldReleased, ReleaseGround, StakeAccepted};
use journal::kinds::{BetOutcome, Class, Kind, Legs};
use journal::tree::leaf_hash;
use phrases::{Language, Phrases, instant, money};
use terms::number::{account_number, wallet_code};
use terms::rulebook::Rulebook;
use terms::time::{Offset, civil_day, offset_seconds};
use terms::{Account, Day, Instant, Organiser, Reason, Sender, Seq, Tiyn, Wallet};

use crate::find::{self, Names};
use crate::reading::{self, Reader};

/// Steps back that a story takes in search of the hold that was released.
const STEPS_MAX: usize = 1_000;

/// The last day of the printed wording, 2026-07-12.
const LAST_PRINTED_DAY: Day = Day(20_646);

/// How instants are written for a person.
pub fn times(offsets: Option<&Vec<Offset>>, lang: Language, at: Instant) -> String {
    let sample;
    let table = match offsets {
        Some(table) => table,
        None => {
            sample = Rulebook::sample().calendar.offsets;
            &sample
        }
    };
    instant(lang, at, offset_seconds(table, at))
}

/// Puts facts into words, one after the other.
pub struct Teller<'a> {
    pub(super) phrases: &'a Phrases,
    pub(super) lang: Language,
    names: Names,
    url: &'a str,
    /// What was told so far.
    pub text: String,
}

impl<'a> Teller<'a> {
    /// A story that has not begun.
    pub fn new(phrases: &'a Phrases, lang: Language, names: Names, url: &'a str) -> Teller<'a> {
        Teller { phrases, lang, names, url, text: String::new() }
    }

    pub(super) fn word(&self, key: &str) -> String {
        self.phrases.word(self.lang, key).to_owned()
    }

    fn line(&mut self, line: &str) {
        self.text.push_str(line);
        self.text.push('\n');
    }

    fn labelled(&mut self, key: &str, value: &str) {
        let label = self.word(key);
        // Writing to a string does not fail.
        let _ = writeln!(self.text, "  {label}: {value}");
    }

    fn say(&mut self, key: &str, parameters: &[(&str, &str)]) {
        let sentence = self.phrases.story(self.lang, key, parameters);
        let _ = writeln!(self.text, "  {sentence}");
    }

    pub(super) fn at(&self, at: Instant) -> String {
        times(self.names.offsets.as_ref(), self.lang, at)
    }

    /// The civil day of an instant.
    fn day(&self, at: Instant) -> Day {
        match &self.names.offsets {
            Some(offsets) => civil_day(offsets, at),
            None => civil_day(&Rulebook::sample().calendar.offsets, at),
        }
    }

    fn sum(&self, sum: Tiyn) -> String {
        money(self.lang, sum)
    }

    fn organiser(&self, organiser: Organiser) -> String {
        let name = self.names.organisers.get(&organiser);
        name.cloned().unwrap_or_else(|| organiser.to_string())
    }

    /// What a sender is called.
    pub(super) fn called(&self, sender: Sender) -> String {
        match sender {
            Sender::Organiser(organiser) => self.organiser(organiser),
            Sender::Operator | Sender::System | Sender::Bettor => {
                self.word(&format!("sender.{sender}"))
            }
        }
    }

    fn sender(&self, sender: Sender) -> Option<Organiser> {
        life::organiser_of(sender)
    }

    /// One fact: its place, what it says, its postings, its rule and its proof.
    pub fn tell(&mut self, reader: &mut Reader, entry: &Entry) -> anyhow::Result<()> {
        if !self.text.is_empty() {
            self.line("");
        }
        let title = self.word("label.entry");
        let head = format!("{title} № {} · {}", entry.seq, self.at(entry.at));
        self.line(&head);
        self.content(reader, entry)?;
        self.postings(&entry.fact);
        if let Some(clause) = clause(&entry.fact) {
            self.cite(clause, entry.at);
        }
        self.labelled("label.rulebook_version", &entry.rulebook.to_string());
        self.labelled("label.journal_position", &entry.seq.to_string());
        let mut bytes = Vec::new();
        entry.put(&mut bytes);
        self.labelled("label.leaf_hash", &leaf_hash(&bytes).to_string());
        let command =
            format!("bej proof {} --store {} --out entry-{}.txt", entry.seq, self.url, entry.seq);
        self.labelled("label.proof", &command);
        Ok(())
    }

    /// Where the rest of a story is found.
    pub fn tell_id(&mut self, entry: &Entry) {
        if let Some((_, bet)) = find::bet_of(&entry.fact) {
            let command = format!("bej explain {bet} --store {}", self.url);
            self.labelled("label.bet", &command);
        }
    }

    fn content(&mut self, reader: &mut Reader, entry: &Entry) -> anyhow::Result<()> {
        match &entry.fact {
            Fact::AccountOpened(fact) => {
                let account = account_number(fact.organiser, fact.account);
                let (organiser, wallet) =
                    (self.organiser(fact.organiser), wallet_code(fact.wallet));
                let parameters =
                    [("account", &*account), ("organiser", &organiser), ("wallet", &wallet)];
                self.say("account_opened", &parameters);
            }
            Fact::EmoneyIssued(fact) => {
                let (sum, wallet) = (self.sum(fact.amount), wallet_code(fact.wallet));
                self.say("topped_up", &[("sum", &sum), ("wallet", &wallet)]);
            }
            Fact::EmoneyRedeemed(fact) => {
                let (sum, wallet) = (self.sum(fact.amount), wallet_code(fact.wallet));
                self.say("redeemed", &[("sum", &sum), ("wallet", &wallet)]);
            }
            Fact::OrderGiven(fact) => {
                let account = account_number(fact.organiser, fact.account);
                let organiser = self.organiser(fact.organiser);
                let (sum, until) = (self.sum(fact.ceiling), self.at(fact.expires));
                let order = fact.cause.id.to_string();
                self.say(
                    "order_given",
                    &[
                        ("account", &account),
                        ("order", &order),
                        ("organiser", &organiser),
                        ("sum", &sum),
                        ("until", &until),
                    ],
                );
            }
            Fact::Refused(fact) => {
                let organiser = life::organiser_of(fact.cause.sender);
                let account = fact.account.map(|account| match organiser {
                    Some(organiser) => account_number(organiser, account),
                    None => account.to_string(),
                });
                self.refused(fact.reason, account);
            }
            Fact::BreachRaised(fact) => self.breach(fact.reason, entry.at),
            Fact::ResultsDiffer(fact) => {
                let (result, other) = (fact.result.to_string(), fact.other_result.to_string());
                let parameters = [
                    ("event", fact.central.as_str()),
                    ("market", fact.code.as_str()),
                    ("result", &result),
                    ("other", &other),
                ];
                self.say("results_differ", &parameters);
            }
            fact => return self.of_bet(reader, entry, fact),
        }
        Ok(())
    }

    fn of_bet(&mut self, reader: &mut Reader, entry: &Entry, fact: &Fact) -> anyhow::Result<()> {
        let Some((organiser, bet)) = find::bet_of(fact) else {
            self.plain(fact);
            return Ok(());
        };
        let organiser = organiser.map_or_else(String::new, |organiser| self.organiser(organiser));
        let bet = bet.to_string();
        match fact {
            Fact::HoldPlaced(fact) => {
                let total = fact.bet.amount.checked_add(fact.commission).unwrap_or(Tiyn::MAX);
                let (sum, until) = (self.sum(total), self.at(fact.expires));
                let wallet = wallet_code(fact.bettor_wallet);
                let parameters =
                    [("sum", &*sum), ("wallet", &wallet), ("bet", &bet), ("until", &until)];
                self.say("hold_placed", &parameters);
                self.legs(reader, &fact.bet.legs)?;
            }
            Fact::HoldReleased(fact) => self.released(reader, fact, &bet)?,
            Fact::StakeAccepted(fact) => {
                self.accepted(entry, fact, &bet, &organiser);
                self.legs(reader, &fact.bet.legs)?;
            }
            Fact::StakeReported(fact) => {
                let sender = self.sender(fact.cause.sender).unwrap_or(Organiser(0));
                let account = account_number(sender, fact.bet.account);
                let (sum, at) = (self.sum(fact.bet.amount), self.at(fact.bet.made_at));
                let form = self.word(&format!("form.{}", fact.form.name()));
                let desk = fact.bet.desk.to_string();
                self.say(
                    "stake_reported",
                    &[
                        ("sum", &sum),
                        ("bet", &bet),
                        ("account", &account),
                        ("desk", &desk),
                        ("form", &form),
                        ("at", &at),
                    ],
                );
                self.legs(reader, &fact.bet.legs)?;
                if fact.oldest_known {
                    self.say("judged_by_oldest", &[("bet", &bet)]);
                }
                fact.breaches.iter().for_each(|reason| self.breach(*reason, entry.at));
            }
            Fact::BetSettled(fact) => self.settled(reader, entry, fact, &bet, &organiser)?,
            Fact::PayoutPosted(fact) => {
                let sum = fact.winning.checked_add(fact.refund).unwrap_or(Tiyn::MAX);
                let (sum, wallet) = (self.sum(sum), wallet_code(fact.bettor_wallet));
                self.say("payout_posted", &[("sum", &sum), ("bet", &bet), ("wallet", &wallet)]);
            }
            Fact::PayoutReported(fact) => {
                let (sum, at) = (self.sum(fact.amount), self.at(fact.paid_at));
                let form = self.word(&format!("form.{}", fact.form.name()));
                let desk = fact.desk.to_string();
                self.say(
                    "payout_reported",
                    &[("sum", &sum), ("bet", &bet), ("desk", &desk), ("form", &form), ("at", &at)],
                );
                fact.breaches.iter().for_each(|reason| self.breach(*reason, entry.at));
            }
            Fact::ClaimSettled(fact) => {
                let sum = self.sum(fact.amount);
                self.say("claim_settled", &[("sum", &sum), ("bet", &bet)]);
            }
            Fact::ResultPublished(result) => {
                self.plain(fact);
                result.breaches.iter().for_each(|reason| self.breach(*reason, entry.at));
            }
            fact => self.plain(fact),
        }
        Ok(())
    }

    fn released(
        &mut self,
        reader: &mut Reader,
        fact: &HoldReleased,
        bet: &str,
    ) -> anyhow::Result<()> {
        let held = held_sum(reader, fact)?;
        let sum = held.map_or_else(|| "…".to_owned(), |sum| self.sum(sum));
        let key = match fact.ground {
            ReleaseGround::Organiser => "hold_released_by_organiser",
            ReleaseGround::Expired => "hold_expired",
        };
        self.say(key, &[("sum", &sum), ("bet", bet)]);
        Ok(())
    }

    fn accepted(&mut self, entry: &Entry, fact: &StakeAccepted, bet: &str, organiser: &str) {
        let sender = self.sender(fact.cause.sender).unwrap_or(Organiser(0));
        let account = account_number(sender, fact.bet.account);
        let (sum, at) = (self.sum(fact.bet.amount), self.at(entry.at));
        self.say(
            "stake_accepted",
            &[
                ("at", &at),
                ("sum", &sum),
                ("bet", bet),
                ("account", &account),
                ("organiser", organiser),
            ],
        );
        let made = self.at(fact.bet.made_at);
        self.labelled("label.claimed_time", &made);
        if let Some(order) = fact.order {
            self.labelled("label.order", &format!("№ {order}"));
        }
    }

    /// A settlement: what it says, what it replaces, what waits and what is claimed after it.
    fn settled(
        &mut self,
        reader: &mut Reader,
        entry: &Entry,
        fact: &BetSettled,
        bet: &str,
        organiser: &str,
    ) -> anyhow::Result<()> {
        let basis = self.word(&format!("basis.{}", fact.basis.name()));
        let won = fact.gross.or_zero_sub(fact.refund);
        let (win, refund) = (self.sum(won), self.sum(fact.refund));
        let (key, sum) = match (fact.outcome, fact.refund.is_zero()) {
            (BetOutcome::Win, true) => ("settled_win", &win),
            (BetOutcome::Win, false) => ("settled_partial", &win),
            (BetOutcome::Loss, _) => ("settled_loss", &win),
            (BetOutcome::Refund, _) => ("settled_refund", &refund),
        };
        let parameters =
            [("bet", bet), ("sum", sum), ("win", &win), ("refund", &refund), ("basis", &basis)];
        self.say(key, &parameters);
        if let Some(earlier) = fact.corrects {
            let earlier = reading::entry(reader, earlier.0)?.map(|entry| entry.fact);
            if let Some(Fact::BetSettled(earlier)) = earlier {
                let (before, after) = (self.sum(earlier.net_due), self.sum(fact.net_due));
                self.say("resettled", &[("bet", bet), ("before", &before), ("after", &after)]);
            }
        }
        if let Some(reason) = &fact.reason {
            self.labelled("label.reason", reason.as_str());
        }
        fact.breaches.iter().for_each(|reason| self.breach(*reason, entry.at));
        let due = self.sum(fact.net_due);
        self.labelled("label.net_due", &due);
        let Some(state) = life::from_records(&records(reader, entry)?) else { return Ok(()) };
        let Some(settlement) = state.settlement else { return Ok(()) };
        if let Some(reason) = fact.waits {
            let sum = self.sum(settlement.outstanding());
            let key = match reason {
                Reason::WalletBlocked | Reason::WalletFrozen => "payout_waiting_block",
                _ => "payout_waiting",
            };
            self.say(key, &[("sum", &sum), ("bet", bet), ("organiser", organiser)]);
            self.labelled("label.reason", &format!("{} ({})", reason.name(), reason.code()));
        }
        if !settlement.claim().is_zero() {
            let sum = self.sum(settlement.claim());
            self.say("claim_recorded", &[("organiser", organiser), ("sum", &sum), ("bet", bet)]);
        }
        Ok(())
    }

    fn refused(&mut self, reason: Reason, account: Option<String>) {
        let said = self.phrases.reason(self.lang, reason).clone();
        let outer = self.phrases.reason(self.lang, reason.outer()).short.clone();
        self.say("refused", &[("reason", &said.short), ("clause", reason.clause())]);
        self.line(&format!("  {}", said.text));
        self.labelled("label.to_do", &said.todo);
        self.labelled("label.reason", &format!("{} ({})", reason.name(), reason.code()));
        if reason != reason.outer() {
            let told = format!("{outer} ({})", reason.outer().name());
            self.labelled("label.told_organiser", &told);
        }
        if let Some(account) = account {
            self.labelled("label.account", &account);
        }
    }

    fn breach(&mut self, reason: Reason, at: Instant) {
        let short = self.phrases.reason(self.lang, reason).short.clone();
        self.say("breach", &[("reason", &short), ("clause", reason.clause())]);
        self.cite(reason.clause(), at);
    }

    /// A clause with what it means, and whether that stood when the fact was recorded.
    fn cite(&mut self, clause: &str, at: Instant) {
        let meaning = self.phrases.clause(self.lang, clause);
        let text = meaning.map_or_else(|| clause.to_owned(), |said| format!("{clause}. {said}"));
        self.labelled("label.clause", &text);
        if to_be_confirmed(clause, self.day(at)) {
            self.say("clause_to_be_confirmed", &[("clause", clause)]);
        }
    }

    /// A fact outside of bets: its sentence, or else its name and its fields.
    fn plain(&mut self, fact: &Fact) {
        if let Some((key, parameters)) = self.sentence(fact) {
            let parameters: Vec<(&str, &str)> =
                parameters.iter().map(|(name, value)| (*name, value.as_str())).collect();
            self.say(key, &parameters);
            if let Fact::AuditNoted(fact) = fact
                && let Some(account) = fact.account
            {
                self.labelled("label.account", &format!("№ {account}"));
            }
            return;
        }
        let fields = crate::export::json(&fact.value());
        self.line(&format!("  {} {fields}", fact.name()));
    }

    fn legs(&mut self, reader: &mut Reader, legs: &Legs) -> anyhow::Result<()> {
        for leg in &legs.0 {
            let odds = leg.odds.get();
            let odds = format!("{}.{:04}", odds / 10_000, odds % 10_000);
            let called = match self.names.outcome(reader, leg.outcome)? {
                Some(called) => {
                    format!("{} · {} · {}", called.event, called.market, called.outcome)
                }
                None => leg.outcome.to_string(),
            };
            let word = self.word("label.odds");
            self.labelled("label.outcome", &format!("{called} ({word} {odds})"));
        }
        Ok(())
    }

    fn posting(&mut self, sum: Tiyn, debit: &str, credit: &str, kind: Kind) {
        if sum.is_zero() {
            return;
        }
        let (sum, kind) = (self.sum(sum), self.word(&format!("posting.{}", kind.name())));
        self.say(
            "posting",
            &[("sum", &sum), ("debit", debit), ("credit", credit), ("kind", &kind)],
        );
    }

    fn balance(&mut self, wallet: &str, balance: Tiyn) {
        let balance = self.sum(balance);
        self.labelled("label.balance_after", &format!("{wallet} {balance}"));
    }

    fn postings(&mut self, fact: &Fact) {
        let issuer = self.word(&format!("ledger_class.{}", Class::IssuerObligation.name()));
        match fact {
            Fact::StakeAccepted(fact) => {
                let bettor = wallet_code(fact.bettor_wallet);
                let organiser = wallet_code(fact.organiser_wallet);
                let commission = self.word(&format!("ledger_class.{}", Class::Commission.name()));
                self.posting(fact.bet.amount, &bettor, &organiser, Kind::Stake);
                self.posting(fact.commission, &bettor, &commission, Kind::Commission);
                self.balance(&bettor, fact.bettor_balance);
                self.balance(&organiser, fact.organiser_balance);
            }
            Fact::PayoutPosted(fact) => {
                let bettor = wallet_code(fact.bettor_wallet);
                let organiser = wallet_code(fact.organiser_wallet);
                self.posting(fact.winning, &organiser, &bettor, Kind::Payout);
                self.posting(fact.refund, &organiser, &bettor, Kind::StakeRefund);
                self.balance(&bettor, fact.bettor_balance);
                self.balance(&organiser, fact.organiser_balance);
            }
            Fact::PayoutReported(fact) => {
                if let Some(posting) = &fact.posting {
                    let bettor = wallet_code(posting.bettor_wallet);
                    let organiser = wallet_code(posting.organiser_wallet);
                    let winning = fact.amount.checked_sub(fact.refund).unwrap_or(Tiyn::ZERO);
                    self.posting(winning, &organiser, &bettor, Kind::Payout);
                    self.posting(fact.refund, &organiser, &bettor, Kind::StakeRefund);
                    self.balance(&bettor, posting.bettor_balance);
                    self.balance(&organiser, posting.organiser_balance);
                }
            }
            Fact::EmoneyIssued(fact) => {
                let wallet = wallet_code(fact.wallet);
                self.posting(fact.amount, &issuer, &wallet, Kind::Issue);
                self.balance(&wallet, fact.balance);
            }
            Fact::EmoneyRedeemed(fact) => {
                let wallet = wallet_code(fact.wallet);
                self.posting(fact.amount, &wallet, &issuer, Kind::Redemption);
                self.balance(&wallet, fact.balance);
            }
            _ => {}
        }
    }

    /// What an account is, before its records.
    pub fn account(
        &mut self,
        state: &State,
        organiser: Organiser,
        account: Account,
    ) -> anyhow::Result<()> {
        let row = state.people.account(account).context("no such account")?;
        let title = self.word("label.account");
        self.line(&format!("{title} {}", account_number(organiser, account)));
        let name = self.organiser(row.organiser);
        self.labelled("label.organiser", &name);
        self.labelled("label.wallet", &wallet_code(row.wallet));
        if let Some(wallet) = state.ledger.get(row.wallet) {
            let sum = self.sum(wallet.sum());
            self.labelled("label.balance_after", &sum);
        }
        Ok(())
    }

    /// What a wallet is, before its records.
    pub fn wallet(&mut self, row: &ledger::State, wallet: Wallet) {
        let title = self.word("label.wallet");
        self.line(&format!("{title} {}", wallet_code(wallet)));
        let class = self.word(&format!("ledger_class.{}", row.class.name()));
        self.line(&format!("  {class}"));
        let sum = self.sum(row.sum());
        self.labelled("label.balance_after", &sum);
    }
}

/// The records of a bet up to this one, oldest first.
fn records(reader: &mut Reader, entry: &Entry) -> anyhow::Result<Vec<Entry>> {
    let mut records = vec![entry.clone()];
    while let Some(seq) = records.last().and_then(life::previous) {
        let before = reading::entry(reader, seq.0)?
            .with_context(|| format!("entry {seq} is missing; `bej verify` tells more"))?;
        records.push(before);
        if STEPS_MAX < records.len() {
            break;
        }
    }
    records.reverse();
    Ok(records)
}

/// The sum of a hold that was released: a few records of the account back.
fn held_sum(reader: &mut Reader, fact: &HoldReleased) -> anyhow::Result<Option<Tiyn>> {
    let mut at: Option<Seq> = fact.account_previous;
    for _ in 0..STEPS_MAX {
        let Some(seq) = at else { return Ok(None) };
        let Some(entry) = reading::entry(reader, seq.0)? else { return Ok(None) };
        match &entry.fact {
            Fact::HoldPlaced(hold) if hold.cause.id.0 == fact.bet.0 => {
                return Ok(hold.bet.amount.checked_add(hold.commission));
            }
            other => at = find::account_of(other).and_then(|(_, previous)| previous),
        }
    }
    Ok(None)
}

/// The requirement row on which a fact stands.
fn clause(fact: &Fact) -> Option<&'static str> {
    match fact {
        Fact::AccountOpened(_) | Fact::AccountRebound(_) => Some("R0-12.4"),
        Fact::OrderGiven(_) => Some("R0-2.3a"),
        Fact::StakeAccepted(_) => Some("R0-8.3"),
        Fact::HoldPlaced(_) | Fact::HoldReleased(_) => Some("S-34"),
        Fact::StakeReported(_) => Some("R0-9.1"),
        Fact::BetSettled(fact) if fact.corrects.is_some() => Some("S-30"),
        Fact::BetSettled(_) => Some("R0-15.2"),
        Fact::PayoutPosted(_) => Some("R0-8.2"),
        Fact::PayoutReported(_) => Some("R0-9.3"),
        Fact::ClaimSettled(_) => Some("S-30"),
        Fact::EmoneyIssued(_) | Fact::EmoneyRedeemed(_) => Some("R4-5.2a"),
        Fact::Refused(fact) => Some(fact.reason.clause()),
        Fact::ListingsChanged(_) => Some("I-39"),
        Fact::AgesChanged(_) => Some("R0-10.2a"),
        Fact::IdentificationRecorded(_) => Some("R0-10.1"),
        Fact::RelationshipStarted(_) => Some("R0-10.2"),
        Fact::ConsentRecorded(_) | Fact::ConsentWithdrawn(_) => Some("R3-7.6a"),
        Fact::RelationshipEnded(_) | Fact::ErasureOrdered(_) | Fact::ErasureDone(_) => {
            Some("R0-20.2")
        }
        Fact::LegalHoldSet(_) | Fact::LegalHoldLifted(_) => Some("S-42"),
        Fact::PersonsMerged(_) => Some("S-37"),
        Fact::EventMapped(_) | Fact::MarketMapped(_) | Fact::ResultsDiffer(_) => Some("S-68"),
        _ => None,
    }
}

/// The rows on the ten places whose printed wording was valid until 12.07.2026 (R0-N2, D-11).
const PRINTED_UNTIL_2026_07_12: [&str; 13] = [
    "R0-2.6", "R0-2.11", "R0-6.4", "R0-7.1", "R0-10.5", "R0-10.6", "R0-11.2", "R0-17.2", "R0-22.1",
    "R0-22.2", "R0-27.1", "R0-27.2", "R0-27.3",
];

/// Whether the wording of a clause that stands in our sources was no longer valid on a day, and
/// the one that followed it is not known.
fn to_be_confirmed(clause: &str, day: Day) -> bool {
    PRINTED_UNTIL_2026_07_12.contains(&clause) && LAST_PRINTED_DAY < day
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ten_places_are_to_be_confirmed_from_the_day_after() {
        // R0-N2, D-11, S-17
        assert_eq!(LAST_PRINTED_DAY.to_string(), "2026-07-12");
        let next = Day(LAST_PRINTED_DAY.0 + 1);
        let clauses = Reason::ALL.iter().map(|reason| reason.clause());
        let asked: std::collections::BTreeSet<&str> =
            clauses.filter(|clause| to_be_confirmed(clause, next)).collect();
        assert_eq!(asked.into_iter().collect::<Vec<_>>(), ["R0-10.5", "R0-7.1"]);
        assert!(!to_be_confirmed("R0-7.1", LAST_PRINTED_DAY));
        assert!(!to_be_confirmed("R0-7.2", next));
    }
}
