//! Snapshots: a binary reads its own version and the one before (core 17).

use admission::person::{AccountRow1, PersonState1};
use desk::State;
use desk::ids::Recent;
use sim::scenario;
use terms::Field;
use terms::codec::put_leb;
use terms::rulebook::{Rulebook, Rulebook1};

/// A state as version 1 wrote it.
fn version_1(state: &State) -> Vec<u8> {
    let mut out = Vec::new();
    put_leb(&mut out, 1);
    state.next.put(&mut out);
    state.at.put(&mut out);
    state.rulebooks.iter().map(old_rulebook).collect::<Vec<_>>().put(&mut out);
    state.organisers.organisers.put(&mut out);
    state.organisers.desks.put(&mut out);
    state.catalogue.put(&mut out, &mut |_| ());
    state.centrals.put(&mut out);
    state.works.put(&mut out);
    state.bets.put(&mut out, &mut |_| ());
    let persons = state.people.persons.iter();
    let persons =
        persons.map(|state| PersonState1 { now: state.now.clone(), past: state.past.clone() });
    persons.collect::<Vec<_>>().put(&mut out);
    let accounts = state.people.accounts.iter().map(|row| AccountRow1 {
        person: row.person,
        organiser: row.organiser,
        wallet: row.wallet,
        closed: row.closed,
        last: row.last,
    });
    accounts.collect::<Vec<_>>().put(&mut out);
    state.orders.put(&mut out, &mut |_| ());
    state.ledger.put(&mut out, &mut |_| ());
    state.lists.put(&mut out);
    state.closed.put(&mut out);
    state.work.put(&mut out);
    state.released.put(&mut out);
    state.left_ms.put(&mut out);
    put_leb(&mut out, u64::from(state.key.is_some()));
    state.key.put(&mut out);
    out
}

fn old_rulebook(rules: &Rulebook) -> Rulebook1 {
    let rules = rules.clone();
    Rulebook1 {
        number: rules.number,
        from: rules.from,
        approver: rules.approver,
        second_approver: rules.second_approver,
        calendar: rules.calendar,
        ranks: rules.ranks,
        odds: rules.odds,
        terms: rules.terms,
        switches: rules.switches,
        agents: rules.agents,
        rules: rules.rules,
    }
}

/// Bets that are held, open, settled and waiting for money; an account that was opened again.
const WORLD: &str = "
    world
    rival
    key K1
    wallet W2 P1
    stake B1 A1 100.00 M1.1@2
    stake B2 A1 100.00 M1.X@2
    hold B3 A1 50.00 M1.2@2
    report B4 A1 10.00 cash M1.1@2 desk=D2
    stake B5 A2 10.00 M2.1@2
    redeem WO1 150.00
    result M1 won lost lost
    settle B1
    settle B2
    settle B4
    check B1 waiting
    match E3 M3 C1
    stake B6 A1 5.00 M3.1@2
    close A2
    account A3 P1 O2 W1
    stake B7 A3 5.00 M2.1@2
";

#[test]
fn the_version_before_is_read() {
    // core 17, S-36
    let machine = scenario::machine(WORLD).unwrap();
    let state = machine.state();
    let read = State::read(&version_1(state), 3, Recent::none()).unwrap();
    assert!(read.same(state));
    let account = |number: usize| &read.people.accounts[number];
    assert_eq!((account(0).open, account(0).waiting), (2, 1));
    assert_eq!((account(1).open, account(1).waiting, account(1).earlier), (1, 0, None));
    assert_eq!((account(2).open, account(2).earlier), (1, Some(terms::Account(1))));
    // Its own version is the same state too, and another is refused.
    let mut bytes = Vec::new();
    let done: Result<(), core::convert::Infallible> = read.write_pieces(|piece| {
        bytes.extend_from_slice(piece);
        Ok(())
    });
    assert_eq!(done, Ok(()));
    assert_eq!(bytes[0], 2);
    assert!(State::read(&bytes, 4, Recent::none()).unwrap().same(state));
    bytes[0] = 3;
    assert!(State::read(&bytes, 4, Recent::none()).is_err());
}
