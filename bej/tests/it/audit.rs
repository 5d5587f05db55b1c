//! The auditor: silent on what the desk decides, loud on everything else.

use std::fs;
use std::path::PathBuf;

use journal::fact::{Entry, Fact};
use journal::kinds::LegResult::{Lost, Won};
use reports::audit::{Auditor, Invariant, Violation};
use sim::scenario;
use terms::{Instant, Reason, Seq, Tiyn, Wallet};

use crate::world::{SCRIPT, entries};

fn audit(entries: &[Entry]) -> Result<Auditor, Violation> {
    let mut auditor = Auditor::new();
    for entry in entries {
        auditor.entry(entry)?;
    }
    auditor.end()?;
    Ok(auditor)
}

#[test]
fn every_script_of_the_simulator_passes() {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../sim/scenarios");
    let mut found = 0;
    let mut failures = Vec::new();
    for file in fs::read_dir(folder).unwrap() {
        let path = file.unwrap().path();
        let text = fs::read_to_string(&path).unwrap();
        let mut scripts = vec![String::new()];
        for line in text.lines() {
            if line.starts_with("---") {
                scripts.push(String::new());
            } else if let Some(script) = scripts.last_mut() {
                script.push_str(line);
                script.push('\n');
            }
        }
        for (number, script) in scripts.iter().enumerate() {
            // A script that does not run is the scenario tests' affair.
            let Ok(run) = scenario::run(script) else { continue };
            found += 1;
            if let Err(violation) = audit(&run.entries) {
                failures.push(format!("{} part {number}: {violation}", path.display()));
            }
        }
    }
    assert!(20 < found, "only {found} scripts");
    assert!(failures.is_empty(), "\n{}", failures.join("\n"));
}

#[test]
fn everything_is_checked() {
    let auditor = audit(&entries(SCRIPT)).unwrap();
    for (invariant, checks) in auditor.counts().iter() {
        assert!(0 < checks, "{invariant} was never checked");
    }
    assert!(0 < auditor.circulating());
}

/// Changes the first fact on which `change` says that it did.
fn changed(mut change: impl FnMut(&mut Entry) -> bool) -> Vec<Entry> {
    let mut entries = entries(SCRIPT);
    assert!(entries.iter_mut().any(&mut change), "nothing was changed");
    entries
}

#[test]
fn every_kind_of_forgery_is_named() {
    fn more(sum: &mut Tiyn) -> bool {
        *sum = sum.checked_add(Tiyn::of(1)).unwrap();
        true
    }
    type Change = fn(&mut Entry) -> bool;
    let cases: &[(&str, Invariant, Change)] = &[
        ("a gap", Invariant::J1, |entry| {
            entry.seq.0 == 9 && {
                entry.seq = Seq(10);
                true
            }
        }),
        ("an instant that goes back", Invariant::J4, |entry| {
            entry.seq.0 == 9 && {
                entry.at = Instant(entry.at.0 - 1_000_000_000);
                true
            }
        }),
        ("another rulebook", Invariant::J4, |entry| {
            entry.seq.0 == 9 && {
                entry.rulebook = 2;
                true
            }
        }),
        ("a stake of another sum than its posting", Invariant::L1, |entry| match &mut entry.fact {
            Fact::StakeAccepted(fact) => more(&mut fact.bet.amount),
            _ => false,
        }),
        ("a balance", Invariant::L1, |entry| match &mut entry.fact {
            Fact::StakeAccepted(fact) => more(&mut fact.organiser_balance),
            _ => false,
        }),
        ("money out of nothing", Invariant::L1, |entry| match &mut entry.fact {
            Fact::EmoneyIssued(fact) => more(&mut fact.amount),
            _ => false,
        }),
        ("more than there is", Invariant::L2, |entry| match &mut entry.fact {
            Fact::StakeAccepted(fact) => {
                fact.bet.amount = Tiyn::of(2_000_000_000);
                true
            }
            _ => false,
        }),
        ("a stake to another bettor", Invariant::L4, |entry| match &mut entry.fact {
            Fact::StakeAccepted(fact) => {
                fact.organiser_wallet = fact.bettor_wallet;
                true
            }
            _ => false,
        }),
        ("a payout to another wallet", Invariant::L4, |entry| match &mut entry.fact {
            Fact::PayoutPosted(fact) => {
                fact.bettor_wallet = Wallet(fact.bettor_wallet.0 + 1);
                true
            }
            _ => false,
        }),
        ("a payout of more than is due", Invariant::B1, |entry| match &mut entry.fact {
            Fact::PayoutPosted(fact) => more(&mut fact.winning),
            _ => false,
        }),
        ("a second settlement beside the first", Invariant::B1, |entry| match &mut entry.fact {
            Fact::BetSettled(fact) if fact.corrects.is_some() => {
                fact.corrects = None;
                true
            }
            _ => false,
        }),
        ("a winning by other odds", Invariant::B2, |entry| match &mut entry.fact {
            Fact::BetSettled(fact) => more(&mut fact.gross_computed),
            _ => false,
        }),
        ("more than was won, without a reason", Invariant::B2, |entry| match &mut entry.fact {
            Fact::BetSettled(fact) => more(&mut fact.gross) && more(&mut fact.net_due),
            _ => false,
        }),
        ("a sum due that is not what comes back", Invariant::B2, |entry| match &mut entry.fact {
            Fact::BetSettled(fact) => more(&mut fact.net_due),
            _ => false,
        }),
        ("a bettor under age", Invariant::A1, |entry| match &mut entry.fact {
            Fact::AdmissionChanged(fact) => {
                fact.of_age = false;
                true
            }
            _ => false,
        }),
        ("a back-pointer", Invariant::J3, |entry| match &mut entry.fact {
            Fact::StakeAccepted(fact) => {
                fact.account_previous = Some(Seq(3));
                true
            }
            _ => false,
        }),
        ("the same id twice", Invariant::I1, |entry| {
            use std::sync::OnceLock;
            static FIRST: OnceLock<terms::MessageId> = OnceLock::new();
            match &mut entry.fact {
                Fact::OrderGiven(fact) => match FIRST.get() {
                    None => FIRST.set(fact.cause.id).is_err(),
                    Some(id) => {
                        fact.cause.id = *id;
                        true
                    }
                },
                _ => false,
            }
        }),
    ];
    for (what, invariant, change) in cases {
        match audit(&changed(change)) {
            Ok(_) => panic!("{what} passes"),
            Err(violation) => assert_eq!(violation.invariant, *invariant, "{what}: {violation}"),
        }
    }
}

#[test]
fn a_report_confesses_what_it_breaks() {
    // A2, domain 1
    let script = "
        at 2026-01-05 12:00:00
        world
        admit P1 full minor
        +1s
        report B1 A1 100.00 cash M1.1@1.85 → breach under_age
    ";
    let mut entries = entries(script);
    audit(&entries).unwrap();
    for entry in &mut entries {
        if let Fact::StakeReported(fact) = &mut entry.fact {
            assert_eq!(fact.breaches, [Reason::UnderAge]);
            fact.breaches.clear();
        }
    }
    let violation = audit(&entries).unwrap_err();
    assert_eq!(violation.invariant, Invariant::A2, "{violation}");
}

#[test]
fn what_is_recorded_of_persons_is_followed() {
    // A1, A2, R0-10.3, R0-10.8, R0-10.12, R0-12.1, I-03, I-39, S-37
    let script = "
        at 2026-01-05 12:00:00
        world
        bettor P2 W2 A2 O1
        listings debtors 2 on=P1
        listings debtors 2 off=P1
        ages 21 missed=P1
        ages 21 reached=P1
        identify P1 in_person
        identify P1 video_session
        stake B1 A1 10.00 M1.1@2
        listings restricted 2 on=P2
        merge P2 into P1 closed=A2
        listings restricted 2 off=P1
        stake B2 A1 10.00 M1.1@2
        +30s
        report B3 A1 10.00 cash M1.1@2 made=-1s
    ";
    let all = entries(script);
    audit(&all).unwrap();
    type Change = fn(&mut Fact) -> bool;
    let cases: &[(&str, Invariant, Change)] = &[
        ("a person stays on a list", Invariant::A1, |fact| match fact {
            Fact::ListingsChanged(fact) if !fact.cleared.is_empty() => {
                fact.cleared.clear();
                true
            }
            _ => false,
        }),
        ("a person is under age", Invariant::A1, |fact| match fact {
            Fact::AgesChanged(fact) if !fact.reached.is_empty() => {
                fact.reached.clear();
                true
            }
            _ => false,
        }),
        ("video that is worth as much as a meeting", Invariant::A1, |fact| match fact {
            Fact::IdentificationRecorded(fact) => {
                fact.method = journal::kinds::IdentificationMethod::LivenessVideo;
                true
            }
            _ => false,
        }),
        ("an identification that is not confirmed", Invariant::A1, |fact| match fact {
            Fact::IdentificationRecorded(fact) => {
                fact.confirmed = false;
                true
            }
            _ => false,
        }),
        ("a delegate without a contract", Invariant::A1, |fact| match fact {
            Fact::IdentificationRecorded(fact) => {
                fact.method = journal::kinds::IdentificationMethod::Delegate;
                true
            }
            _ => false,
        }),
        ("a level that was not reached", Invariant::A1, |fact| match fact {
            Fact::IdentificationRecorded(fact) => {
                fact.level = journal::kinds::Level::Simplified;
                true
            }
            _ => false,
        }),
        ("a list that is lost when two become one", Invariant::A1, |fact| match fact {
            Fact::PersonsMerged(fact) => {
                fact.lists = journal::kinds::Lists::NONE;
                true
            }
            _ => false,
        }),
        ("two open accounts of one person", Invariant::L4, |fact| match fact {
            Fact::PersonsMerged(fact) => {
                fact.closed.clear();
                true
            }
            _ => false,
        }),
        ("another's wallet", Invariant::L4, |fact| match fact {
            Fact::PersonsMerged(fact) => {
                fact.wallets.push(Wallet(4));
                true
            }
            _ => false,
        }),
    ];
    for (what, invariant, change) in cases {
        let mut changed = all.clone();
        assert!(changed.iter_mut().any(|entry| change(&mut entry.fact)), "{what}: nothing");
        match audit(&changed) {
            Ok(_) => panic!("{what} passes"),
            Err(violation) => assert_eq!(violation.invariant, *invariant, "{what}: {violation}"),
        }
    }
}

#[test]
fn settlements_and_results_confess_what_they_break_and_nothing_else() {
    // A2, R0-15.2, domain 1, 13, 15
    let script = "
        at 2026-01-05 12:00:00
        world
        report B1 A1 100.00 cash M1.1@2.50
        report B2 A1 100.00 cash M1.1@2.50
        report B3 A1 100.00 cash M1.1@2.50
        settle B1 stated=250.00     → breach settlement_without_basis
        result M1 lost won lost
        result M1 won lost lost     → breach reason_missing
        settle B2 stated=250.01     → breach winning_differs
        settle B3
        pay B3 250.01 cash          → breach payout_above_winning
    ";
    let all = entries(script);
    audit(&all).unwrap();
    let breaches = |entry: &Entry| match &entry.fact {
        Fact::BetSettled(fact) => Some(fact.breaches.clone()),
        Fact::ResultPublished(fact) => Some(fact.breaches.clone()),
        Fact::PayoutReported(fact) => Some(fact.breaches.clone()),
        _ => None,
    };
    let places = (0..).zip(&all).filter_map(|(place, entry)| Some((place, breaches(entry)?)));
    let places: Vec<(usize, Vec<Reason>)> = places.collect();
    assert_eq!(places.iter().filter(|(_, found)| !found.is_empty()).count(), 4);
    for (place, found) in places {
        // What is broken is hidden; what is not broken is confessed.
        let other = if found.is_empty() { vec![Reason::WinningDiffers] } else { Vec::new() };
        let mut changed = all.clone();
        match &mut changed[place].fact {
            Fact::BetSettled(fact) => fact.breaches = other,
            Fact::ResultPublished(fact) => fact.breaches = other,
            Fact::PayoutReported(fact) => fact.breaches = other,
            fact => panic!("{}", fact.name()),
        }
        let violation = audit(&changed).unwrap_err();
        assert_eq!(violation.invariant, Invariant::A2, "{violation}");
    }
}

#[test]
fn results_of_a_settlement_are_matched_with_its_legs() {
    // B2, R0-16.3d
    let script = "
        at 2026-01-05 12:00:00
        world
        match E2 M2 C1
        stake B1 A1 100.00 M1.1@2 M2.1@3
        result M2 lost won lost
        settle B1
    ";
    let all = entries(script);
    audit(&all).unwrap();
    let settled = all.iter().position(|entry| matches!(entry.fact, Fact::BetSettled(_))).unwrap();
    for results in [vec![Some(Lost), None], vec![None], vec![None, None], vec![None, Some(Won)]] {
        let mut changed = all.clone();
        if let Fact::BetSettled(fact) = &mut changed[settled].fact {
            assert_eq!(fact.results.0.as_slice(), [None, Some(Lost)]);
            fact.results.0 = results.into_iter().collect();
        }
        let violation = audit(&changed).unwrap_err();
        assert_eq!(violation.invariant, Invariant::B2, "{violation}");
    }
}
