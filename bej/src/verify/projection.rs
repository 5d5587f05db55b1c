//! The views against the state (P1).

use desk::State;
use journal::kinds::{BetState, Class};
use reports::Totals;
use store::Fault;
use terms::Seq;

use super::report::Bad;
use crate::reading::Reader;

/// Tries to read cursor and totals of the same step beside a running writer.
const TRIES_MAX: u32 = 100;

/// What the views say of themselves.
#[derive(Debug)]
pub struct Projection {
    /// The first fact that is not in them.
    pub cursor: Seq,
    totals: Totals,
    place: String,
}

impl Projection {
    /// That of a store, if it has views.
    pub fn of(reader: &Reader) -> Result<Option<Projection>, Fault> {
        let Some((mut views, place)) = reader.views()? else { return Ok(None) };
        for _ in 0..TRIES_MAX {
            let (cursor, totals) = (views.cursor()?, views.totals()?);
            if views.cursor()? == cursor {
                return Ok(Some(Projection { cursor, totals, place }));
            }
        }
        Err(Fault::refused(format!("{place} moves too fast to be compared; try again")))
    }

    /// Compares the totals with those of the state at the same position; says what was compared.
    pub fn compare(&self, state: &State, frame: Option<u64>) -> Result<String, Bad> {
        let differences = self.totals.differences(&totals(state));
        let Some((name, ours, theirs)) = differences.first() else {
            return Ok(format!("views at entry {}: the same totals", self.cursor));
        };
        Err(Bad {
            part: Some(self.place.clone()),
            frame,
            seq: Some(self.cursor.0),
            invariant: Some("P1".into()),
            what: format!(
                "the views say {name} is {ours}, the journal gives {theirs}; remove the views, \
                 and they are made again from the journal"
            ),
        })
    }

    /// Views that say more than the journal.
    pub fn ahead(&self, entries: u64) -> Bad {
        Bad {
            part: Some(self.place.clone()),
            seq: Some(self.cursor.0),
            invariant: Some("P1".into()),
            what: format!(
                "the views have come to entry {}, and the journal ends before it with {entries}",
                self.cursor
            ),
            ..Bad::default()
        }
    }
}

/// The totals that the state knows.
fn totals(state: &State) -> Totals {
    let mut totals = Totals::ZERO;
    totals.issued_tiyn = state.ledger.issued().get();
    totals.redeemed_tiyn = state.ledger.redeemed().get();
    for (_, wallet) in state.ledger.all() {
        let sum = match wallet.class {
            Class::IssuerObligation => continue,
            Class::Bettor => &mut totals.bettors_tiyn,
            Class::Organiser => &mut totals.organisers_tiyn,
            Class::Commission => &mut totals.commission_tiyn,
            Class::BankClearing
            | Class::Suspense
            | Class::Client
            | Class::Partner
            | Class::Agent => &mut totals.others_tiyn,
        };
        *sum = sum.saturating_add(wallet.balance);
    }
    for (_, bet) in state.bets.iter() {
        let (count, sum) = match bet.state {
            BetState::Held => (&mut totals.held, &mut totals.held_tiyn),
            BetState::Open => (&mut totals.open, &mut totals.open_tiyn),
            BetState::Settled => continue,
        };
        *count += 1;
        *sum = sum.saturating_add(bet.amount.get());
    }
    let settled = state.bets.iter().filter_map(|(_, bet)| bet.settlement.as_deref());
    for settlement in settled.filter(|settlement| settlement.waiting) {
        totals.waiting += 1;
        let sum = settlement.outstanding().get();
        totals.waiting_tiyn = totals.waiting_tiyn.saturating_add(sum);
    }
    totals
}
