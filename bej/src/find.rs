//! What a person may name on the command line, and the facts behind it.

use std::collections::BTreeMap;
use std::str::FromStr;

use anyhow::bail;
use journal::fact::{Entry, Fact};
use store::JournalReader as _;
use terms::number::{parse_account_number, parse_wallet_code};
use terms::time::Offset;
use terms::{Account, BetId, Event, Market, MessageId, Organiser, Outcome, Seq, Wallet};

use crate::reading::{self, Go, Reader};

/// Something that has a story.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target {
    /// A position of the journal.
    Position(u64),
    /// The id of a message, and so of a bet or an order.
    Id(MessageId),
    /// An account by its printed number.
    Account(Organiser, Account),
    /// A wallet by its printed code.
    Wallet(Wallet),
}

/// Why a text names nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TargetError {
    /// An account number with a slip.
    #[error("the check digit of this account number is wrong; look at it again")]
    AccountDigit,
    /// A wallet code with a slip.
    #[error("the check digit of this wallet code is wrong; look at it again")]
    WalletDigit,
    /// A number that no position has.
    #[error("this number is too large for a position of the journal")]
    Large,
    /// An id that no sender may make.
    #[error("ids of bets, orders and messages are UUIDs of version 7; this is none")]
    Uuid,
    /// Nothing known.
    #[error(
        "give the id of a bet or message (a UUID), an account number (16 digits), a wallet code \
         (14 digits) or a position of the journal (a number)"
    )]
    Unknown,
}

impl FromStr for Target {
    type Err = TargetError;

    fn from_str(text: &str) -> Result<Target, TargetError> {
        let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        match (digits, text.len()) {
            (true, 16) => parse_account_number(text)
                .map(|(organiser, account)| Target::Account(organiser, account))
                .ok_or(TargetError::AccountDigit),
            (true, 14) => {
                parse_wallet_code(text).map(Target::Wallet).ok_or(TargetError::WalletDigit)
            }
            (true, _) => text.parse().map(Target::Position).map_err(|_| TargetError::Large),
            (false, 36) => MessageId::parse(text).map(Target::Id).ok_or(TargetError::Uuid),
            (false, _) => Err(TargetError::Unknown),
        }
    }
}

/// Names and civil time, gathered on the way through the journal.
#[derive(Debug, Default)]
pub struct Names {
    /// Names of organisers.
    pub organisers: BTreeMap<Organiser, String>,
    /// Where each market is listed.
    markets: BTreeMap<Market, u64>,
    /// Where each event is listed.
    events: BTreeMap<Event, u64>,
    /// Offsets of civil time of the last rulebook.
    pub offsets: Option<Vec<Offset>>,
}

/// What an outcome is called.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Called {
    /// The event.
    pub event: String,
    /// The market.
    pub market: String,
    /// The outcome.
    pub outcome: String,
}

impl Names {
    /// No names, and civil time by these offsets.
    pub fn none(offsets: Option<Vec<Offset>>) -> Names {
        Names { offsets, ..Names::default() }
    }

    fn learn(&mut self, seq: u64, bytes: &[u8]) -> anyhow::Result<()> {
        // The kinds of facts that name something; others are not decoded.
        const NAMING: [u8; 6] = [1, 2, 3, 31, 33, 36];
        if !bytes.first().is_some_and(|kind| NAMING.contains(kind)) {
            return Ok(());
        }
        match reading::decode(seq, bytes)?.fact {
            Fact::RulebookAdopted1(fact) => self.offsets = Some(fact.rulebook.calendar.offsets),
            Fact::RulebookAdopted(fact) => self.offsets = Some(fact.rulebook.calendar.offsets),
            Fact::OrganiserRegistered(fact) => {
                self.organisers.insert(fact.organiser, fact.name.as_str().to_owned());
            }
            Fact::OrganiserChanged(fact) => {
                if let Some(name) = fact.name {
                    self.organisers.insert(fact.organiser, name.as_str().to_owned());
                }
            }
            Fact::EventListed(fact) => {
                self.events.insert(fact.event, seq);
            }
            Fact::EventConfirmed(fact) => {
                self.events.insert(fact.event, seq);
            }
            Fact::MarketListed(fact) => {
                self.markets.insert(fact.market, seq);
            }
            _ => {}
        }
        Ok(())
    }

    /// What an outcome is called, if that was met on the way.
    pub fn outcome(&self, reader: &mut Reader, outcome: Outcome) -> anyhow::Result<Option<Called>> {
        let Some(seq) = self.markets.get(&outcome.market()) else { return Ok(None) };
        let market = reading::entry(reader, *seq)?.map(|entry| entry.fact);
        let Some(Fact::MarketListed(market)) = market else { return Ok(None) };
        let Some(row) = market.outcomes.get(outcome.place()) else { return Ok(None) };
        let Some(seq) = self.events.get(&market.event) else { return Ok(None) };
        let event = reading::entry(reader, *seq)?.map(|entry| entry.fact);
        let name = match event {
            Some(Fact::EventListed(event)) => event.name,
            Some(Fact::EventConfirmed(event)) => event.name,
            _ => return Ok(None),
        };
        Ok(Some(Called {
            event: name.as_str().to_owned(),
            market: market.name.as_str().to_owned(),
            outcome: row.name.as_str().to_owned(),
        }))
    }
}

/// Every entry in which an id stands, in order, and the names met on the way. One pass over the
/// journal: ids are raw bytes in facts, so that only facts with these bytes are decoded.
pub fn by_id(reader: &mut Reader, id: MessageId) -> anyhow::Result<(Vec<Entry>, Names)> {
    let head = reader.head()?;
    let bar = reading::bar("searching", head.next_seq);
    let (mut found, mut names) = (Vec::new(), Names::default());
    reading::each_frame(reader, 0, head.frame, |frame| {
        for fact in frame.facts() {
            let (seq, bytes) = fact?;
            names.learn(seq, bytes)?;
            if bytes.windows(id.0.len()).any(|window| window == id.0) {
                let entry = reading::decode(seq, bytes)?;
                if concerns(&entry.fact, id) {
                    found.push(entry);
                }
            }
        }
        bar.set_position(frame.head().next_seq);
        Ok(Go::On)
    })?;
    bar.finish_and_clear();
    if found.is_empty() {
        bail!(
            "no entry of this journal carries the id {id}; look at the id again, or at the store"
        );
    }
    Ok((found, names))
}

/// Whether a fact belongs to the story of an id.
fn concerns(fact: &Fact, id: MessageId) -> bool {
    fact.cause().is_some_and(|cause| cause.id == id)
        || bet_of(fact).is_some_and(|(_, bet)| bet.0 == id.0)
        || matches!(fact, Fact::StakeAccepted(fact)
            if fact.order_id.is_some_and(|order| order.0 == id.0))
        || matches!(fact, Fact::HoldPlaced(fact)
            if fact.order_id.is_some_and(|order| order.0 == id.0))
        || matches!(fact, Fact::StakeReported(fact) if fact.resends == Some(id))
}

/// The bet that a fact is a record of.
pub fn bet_of(fact: &Fact) -> Option<(Option<Organiser>, BetId)> {
    let of = |sender| desk::life::organiser_of(sender);
    match fact {
        Fact::StakeAccepted(fact) => Some((of(fact.cause.sender), fact.bet_id())),
        Fact::StakeReported(fact) => Some((of(fact.cause.sender), fact.cause.id.into())),
        Fact::HoldPlaced(fact) => Some((of(fact.cause.sender), fact.cause.id.into())),
        Fact::HoldReleased(fact) => Some((Some(fact.organiser), fact.bet)),
        Fact::BetSettled(fact) => Some((of(fact.cause.sender), fact.bet)),
        Fact::PayoutPosted(fact) => Some((Some(fact.organiser), fact.bet)),
        Fact::PayoutReported(fact) => Some((of(fact.cause.sender), fact.bet)),
        Fact::ClaimSettled(fact) => Some((of(fact.cause.sender), fact.bet)),
        Fact::BreachRaised(fact) => Some((Some(fact.organiser), fact.bet)),
        _ => None,
    }
}

/// The account that a fact is a record of, where it names it, and the account's record before it.
/// Nothing for a fact that is no record of an account.
pub fn account_of(fact: &Fact) -> Option<(Option<Account>, Option<Seq>)> {
    match fact {
        Fact::StakeAccepted(fact) => Some((Some(fact.bet.account), fact.account_previous)),
        Fact::StakeReported(fact) => Some((Some(fact.bet.account), fact.account_previous)),
        Fact::HoldPlaced(fact) => Some((Some(fact.bet.account), fact.account_previous)),
        Fact::HoldReleased(fact) => Some((None, fact.account_previous)),
        Fact::BetSettled(fact) => Some((Some(fact.account), fact.account_previous)),
        Fact::PayoutPosted(fact) => Some((Some(fact.account), fact.account_previous)),
        Fact::PayoutReported(fact) => Some((Some(fact.account), fact.account_previous)),
        Fact::ClaimSettled(fact) => Some((Some(fact.account), fact.account_previous)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use terms::number::{account_number, wallet_code};

    #[test]
    fn what_can_be_named() {
        let account = account_number(Organiser(3), Account(41));
        let wallet = wallet_code(Wallet(9));
        let id = "01890a5d-ac96-774b-bcce-b302099a8057";
        let slip = |text: &str| {
            let last = if text.ends_with('0') { '1' } else { '0' };
            format!("{}{last}", &text[..text.len() - 1])
        };
        let cases: &[(&str, Result<Target, TargetError>)] = &[
            ("0", Ok(Target::Position(0))),
            ("123456", Ok(Target::Position(123_456))),
            (&account, Ok(Target::Account(Organiser(3), Account(41)))),
            (&slip(&account), Err(TargetError::AccountDigit)),
            (&wallet, Ok(Target::Wallet(Wallet(9)))),
            (&slip(&wallet), Err(TargetError::WalletDigit)),
            (id, Ok(Target::Id(MessageId::parse(id).unwrap()))),
            ("01890a5d-ac96-474b-bcce-b302099a8057", Err(TargetError::Uuid)),
            ("99999999999999999999", Err(TargetError::Large)),
            ("-1", Err(TargetError::Unknown)),
            ("", Err(TargetError::Unknown)),
            ("bet", Err(TargetError::Unknown)),
        ];
        for (text, want) in cases {
            assert_eq!(text.parse::<Target>(), *want, "{text}");
        }
    }
}
