//! About how many bytes a fact will have, without encoding it twice: frames are closed by it.

use journal::fact::{BetTerms, Fact};
use journal::kinds::EventRow;

/// Position, instant, rulebook, cause and a few numbers.
const BASE: usize = 110;

/// The estimate; never far below the truth.
pub(crate) fn weight(fact: &Fact) -> usize {
    match fact {
        Fact::StakeAccepted(fact) => BASE + bet(&fact.bet) + events(fact.thawed.as_deref()),
        Fact::StakeReported(fact) => BASE + bet(&fact.bet) + events(fact.thawed.as_deref()),
        Fact::HoldPlaced(fact) => BASE + bet(&fact.bet) + events(fact.thawed.as_deref()),
        Fact::BetSettled(fact) => {
            let thawed = fact.thawed.as_ref().map_or(0, |bet| 200 + 16 * bet.legs.0.len());
            BASE + 40 + fact.results.0.len() + thawed
        }
        Fact::PayoutReported(_) | Fact::ClaimSettled(_) => 2 * BASE + 400,
        Fact::MarketListed(fact) => {
            let texts = |own: &str, name: &str| 4 + own.len() + name.len();
            let outcomes = fact.outcomes.iter();
            BASE + outcomes.map(|o| texts(o.own.as_str(), o.name.as_str())).sum::<usize>()
                + 200
                + event(fact.thawed.as_deref())
        }
        Fact::ResultPublished(fact) => {
            BASE + fact.results.len() + 128 + event(fact.thawed.as_deref())
        }
        Fact::EventChanged(fact) => BASE + 20 + event(fact.thawed.as_deref()),
        Fact::MarketChanged(fact) => BASE + 20 + event(fact.thawed.as_deref()),
        Fact::EventKept(fact) => BASE + fact.row.weight(),
        Fact::RulebookAdopted1(_) | Fact::RulebookAdopted(_) => terms::limits::RULEBOOK_BYTES_MAX,
        Fact::OrganiserRegistered(_) | Fact::OrganiserChanged(_) => 2_048,
        Fact::EventConfirmed(fact) => 2 * BASE + 128 + event(fact.thawed.as_deref()),
        Fact::ListingsChanged(fact) => BASE + 5 * (fact.listed.len() + fact.cleared.len()),
        Fact::AgesChanged(fact) => BASE + 5 * (fact.reached.len() + fact.not_reached.len()),
        Fact::RelationshipEnded(fact) => BASE + 40 + 5 * fact.accounts.len(),
        Fact::PersonsMerged(fact) => {
            BASE + 80 + 5 * (fact.closed.len() + fact.moved.len() + fact.wallets.len())
        }
        Fact::IdentificationRecorded(_) | Fact::CaseOpened(_) | Fact::CaseMoved(_) => 2 * BASE,
        Fact::EventListed(_)
        | Fact::EventMapped(_)
        | Fact::MarketMapped(_)
        | Fact::ResultsDiffer(_)
        | Fact::ChampionshipListed(_)
        | Fact::DeskOpened(_) => 2 * BASE + 128,
        Fact::OrderGiven(_)
        | Fact::HoldReleased(_)
        | Fact::PayoutPosted(_)
        | Fact::EmoneyIssued(_)
        | Fact::EmoneyRedeemed(_)
        | Fact::Refused(_)
        | Fact::RefusalsSuppressed(_)
        | Fact::BreachRaised(_)
        | Fact::LicenceRecorded(_)
        | Fact::ContractRecorded(_)
        | Fact::ConnectionChanged(_)
        | Fact::DeskClosed(_)
        | Fact::PersonRegistered(_)
        | Fact::AdmissionChanged(_)
        | Fact::ListInForce(_)
        | Fact::WalletOpened(_)
        | Fact::WalletBlockChanged(_)
        | Fact::AccountOpened(_)
        | Fact::AccountRebound(_)
        | Fact::AccountClosed(_)
        | Fact::RelationshipStarted(_)
        | Fact::ConsentRecorded(_)
        | Fact::ConsentWithdrawn(_)
        | Fact::LegalHoldSet(_)
        | Fact::LegalHoldLifted(_)
        | Fact::ErasureOrdered(_)
        | Fact::ErasureDone(_)
        | Fact::CaseOverdue(_)
        | Fact::StartChecked(_)
        | Fact::OrdersSwept(_)
        | Fact::BetsLeft(_)
        | Fact::EventsLeft(_)
        | Fact::KeyAnnounced(_)
        | Fact::WorksAnnounced(_)
        | Fact::WorksChanged(_)
        | Fact::WorksCancelled(_)
        | Fact::AuditNoted(_) => BASE + 60,
    }
}

fn event(thawed: Option<&EventRow>) -> usize {
    thawed.map_or(0, EventRow::weight)
}

fn events(thawed: Option<&[EventRow]>) -> usize {
    thawed.map_or(0, |rows| rows.iter().map(EventRow::weight).sum())
}

fn bet(terms: &BetTerms) -> usize {
    40 + 14 * terms.legs.0.len()
}
