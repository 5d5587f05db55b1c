//! What facts make of the state. No rule is consulted: a fact carries its outcomes. What a fact
//! states about balances and earlier records is checked, so that a journal that was tampered with
//! or a decision that was wrong is named at its first bad record.

mod bets;
mod catalogue;
mod people;
mod registry;

use core::fmt;

use journal::fact::{Cause, Fact};
use terms::{Instant, Reason, Seq};

use crate::state::State;

/// Why a fact cannot follow in this state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wrong {
    /// Not the next position.
    Position,
    /// Not later than the fact before.
    Instant,
    /// Not the rulebook in force.
    Rulebook,
    /// A number that is not the next of its kind, or names nothing.
    Unknown(&'static str),
    /// A back-pointer or a state before it that is not the true one.
    Stated(&'static str),
    /// An invariant of the ledger.
    Ledger(ledger::Wrong),
}

impl From<ledger::Wrong> for Wrong {
    fn from(wrong: ledger::Wrong) -> Self {
        Wrong::Ledger(wrong)
    }
}

impl fmt::Display for Wrong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Wrong::Position => f.write_str("J1: the position is not the next one"),
            Wrong::Instant => f.write_str("J4: the instant is not later than the one before"),
            Wrong::Rulebook => f.write_str("the rulebook is not the one in force"),
            Wrong::Unknown(what) => write!(f, "J3: the fact names an unknown or wrong {what}"),
            Wrong::Stated(what) => write!(f, "J3: what the fact states of {what} is not true"),
            Wrong::Ledger(wrong) => write!(f, "{wrong}"),
        }
    }
}

impl core::error::Error for Wrong {}

impl State {
    /// Makes the next fact so. After an error the state must not be used any more.
    pub fn apply(&mut self, seq: Seq, at: Instant, number: u32, fact: &Fact) -> Result<(), Wrong> {
        if seq != self.next {
            return Err(Wrong::Position);
        }
        if at <= self.at {
            return Err(Wrong::Instant);
        }
        if number != self.rulebook_number(at) {
            return Err(Wrong::Rulebook);
        }
        self.dispatch(seq, at, fact)?;
        self.next = Seq(seq.0 + 1);
        self.at = at;
        if self.ids.keeps()
            && let Some(cause) = fact.cause()
        {
            self.remember(seq, cause, fact);
        }
        Ok(())
    }

    fn remember(&mut self, seq: Seq, cause: &Cause, fact: &Fact) {
        match fact {
            Fact::Refused(refused) if refused.reason == Reason::IdReused => {
                self.ids.insert_conflict(cause.sender, cause.id, cause.digest);
            }
            _ => self.ids.insert(cause.sender, cause.id, seq, cause.digest),
        }
    }

    fn dispatch(&mut self, seq: Seq, at: Instant, fact: &Fact) -> Result<(), Wrong> {
        match fact {
            Fact::StakeAccepted(fact) => self.stake_accepted(seq, at, fact),
            Fact::OrderGiven(fact) => self.order_given(seq, fact),
            Fact::BetSettled(fact) => self.bet_settled(seq, at, fact),
            Fact::PayoutPosted(fact) => self.payout_posted(seq, at, fact),
            Fact::HoldPlaced(fact) => self.hold_placed(seq, at, fact),
            Fact::HoldReleased(fact) => self.hold_released(seq, at, fact),
            Fact::StakeReported(fact) => self.stake_reported(seq, at, fact),
            Fact::PayoutReported(fact) => self.payout_reported(seq, at, fact),
            Fact::ClaimSettled(fact) => self.claim_settled(seq, at, fact),
            Fact::EmoneyIssued(fact) => self.emoney_issued(seq, fact),
            Fact::EmoneyRedeemed(fact) => self.emoney_redeemed(seq, fact),
            Fact::RulebookAdopted1(fact) => self.rulebook_adopted(&fact.today()),
            Fact::RulebookAdopted(fact) => self.rulebook_adopted(&fact.rulebook),
            Fact::OrganiserRegistered(fact) => self.organiser_registered(at, fact),
            Fact::OrganiserChanged(fact) => self.known_organiser(fact.organiser).map(|_| ()),
            Fact::LicenceRecorded(fact) => self.licence_recorded(fact),
            Fact::ContractRecorded(fact) => self.contract_recorded(fact),
            Fact::ConnectionChanged(fact) => self.connection_changed(fact),
            Fact::DeskOpened(fact) => self.desk_opened(fact),
            Fact::DeskClosed(fact) => self.desk_closed(fact),
            Fact::PersonRegistered(fact) => self.person_registered(at, fact),
            Fact::AdmissionChanged(fact) => self.admission_changed(at, fact),
            Fact::ListInForce(fact) => self.list_in_force(at, fact),
            Fact::WalletOpened(fact) => self.wallet_opened(fact),
            Fact::WalletBlockChanged(fact) => Ok(self.ledger.set_block(fact.wallet, fact.block)?),
            Fact::AccountOpened(fact) => self.account_opened(fact),
            Fact::AccountRebound(fact) => self.account_rebound(fact),
            Fact::AccountClosed(fact) => self.account_closed(at, fact),
            Fact::ListingsChanged(fact) => self.listings_changed(at, fact),
            Fact::AgesChanged(fact) => self.ages_changed(at, fact),
            Fact::IdentificationRecorded(fact) => self.identification_recorded(at, fact),
            Fact::ConsentRecorded(fact) => self.consent_recorded(fact),
            Fact::ConsentWithdrawn(fact) => self.consent_withdrawn(fact),
            Fact::RelationshipStarted(fact) => self.relationship_started(fact),
            Fact::RelationshipEnded(fact) => self.relationship_ended(at, fact),
            Fact::LegalHoldSet(fact) => self.legal_hold_set(at, fact),
            Fact::LegalHoldLifted(fact) => self.legal_hold_lifted(fact),
            Fact::ErasureOrdered(fact) => self.erasure_ordered(fact),
            Fact::ErasureDone(fact) => self.erasure_done(at, fact),
            Fact::CaseOpened(fact) => self.case_opened(at, fact),
            Fact::CaseMoved(fact) => self.case_moved(fact),
            Fact::CaseOverdue(fact) => self.case_overdue(fact),
            Fact::PersonsMerged(fact) => self.persons_merged(at, fact),
            Fact::ChampionshipListed(fact) => self.championship_listed(fact),
            Fact::EventListed(fact) => self.event_listed(at, fact),
            Fact::EventConfirmed(fact) => self.event_confirmed(at, fact),
            Fact::EventMapped(fact) => self.event_mapped(fact),
            Fact::MarketMapped(fact) => self.market_mapped(fact),
            Fact::ResultsDiffer(_) => Ok(()),
            Fact::EventChanged(fact) => self.event_changed(at, fact),
            Fact::MarketListed(fact) => self.market_listed(at, fact),
            Fact::MarketChanged(fact) => self.market_changed(at, fact),
            Fact::ResultPublished(fact) => self.result_published(seq, at, fact),
            Fact::Refused(_) | Fact::RefusalsSuppressed(_) => Ok(()),
            Fact::BreachRaised(fact) => match self.bet(fact.organiser, fact.bet) {
                Some(_) => Ok(()),
                // It has left, and nothing of it changes.
                None if fact.cause.is_some() && fact.bet.made_ms() <= self.left_ms => Ok(()),
                None => Err(Wrong::Unknown("bet")),
            },
            Fact::StartChecked(fact) => self.start_checked(fact),
            Fact::OrdersSwept(fact) => {
                self.orders.sweep(fact.from, fact.to, at);
                Ok(())
            }
            Fact::BetsLeft(fact) => self.bets_left(fact.count),
            Fact::EventKept(fact) => self.event_kept(seq, fact),
            Fact::EventsLeft(fact) => self.events_left(fact),
            Fact::AuditNoted(_) => Ok(()),
            Fact::WorksAnnounced(fact) => {
                let planned = self.works.plan(at, fact.window.clone());
                planned.ok_or(Wrong::Unknown("works"))
            }
            Fact::WorksChanged(fact) => {
                self.works.change(fact.window.clone()).ok_or(Wrong::Stated("the works"))
            }
            Fact::WorksCancelled(fact) => {
                self.works.cancel(&fact.window).ok_or(Wrong::Stated("the works"))
            }
            Fact::KeyAnnounced(fact) => {
                self.key = Some(fact.key);
                Ok(())
            }
        }
    }
}
