//! May this account stake at all? The grounds of person, account and wallet, without a bet: what
//! an organiser asks before it shows its offer. Four look-ups, read from any copy of the state.

use terms::{Account, Instant, Organiser, Reason, Tiyn};

use crate::grounds::{Grounds, Lowest};
use crate::state::State;

/// Why the organiser's account could not stake one tiyn at this instant; none if it could. Tell an
/// organiser [`Reason::outer`] of it only (domain 3).
pub fn ground(
    state: &State,
    organiser: Organiser,
    account: Account,
    at: Instant,
) -> Option<Reason> {
    let Some(rules) = state.rulebook(at) else { return Some(Reason::RulebookInvalid) };
    let row = match state.people.account_of(organiser, account) {
        Ok(row) => row,
        Err(reason) => return Some(reason),
    };
    let mut grounds = Lowest::new(rules);
    if row.closed.is_some() {
        grounds.note(Reason::AccountClosed);
    }
    match state.people.person(row.person) {
        Some(person) => person.grounds(at, rules.switches.full_identification, |reason| {
            grounds.note(reason);
        }),
        None => grounds.note(Reason::PersonUnknown),
    }
    grounds.note_if(state.lists_ground(rules, at));
    grounds.note_if(state.ledger.debit_ground(row.wallet, Tiyn::of(1)));
    grounds.reason()
}
