//! What one person's page shows: cases, consents and identifications, each by the person's number.

use ::journal::fact::{
    CaseMoved, CaseOpened, CaseOverdue, ConsentRecorded, ConsentWithdrawn, IdentificationRecorded,
    ListHit, PersonsMerged,
};
use ::journal::kinds::{
    CaseKind, CaseState, CaseStep, ConsentWay, IdentificationMethod, IdentificationSource, Level,
    List, Lists, Purpose, Recipient, Recipients, Scope, Scopes,
};
use ::reports::card::{CaseCard, NOBODY};
use ::reports::{Card, CardKind};
use terms::{CaseNo, Clock, Code, Day, Hash, Instant, Person, Sender};

use super::world::World;
use super::{NOON, PLACES, ViewBed, projected};
use crate::Fault;

fn opened(world: &World, case: u32, person: Option<u32>) -> CaseOpened {
    CaseOpened {
        cause: None,
        nonce: Some([case as u8; 8]),
        case: CaseNo(case),
        year: 2026,
        serial: case + 1,
        kind: CaseKind::AmlRecord,
        step: CaseStep::Hit,
        state: CaseState::ReportDue,
        person: person.map(Person),
        other: None,
        organiser: None,
        hit: Some(ListHit { list: List::Terrorism, version: 3, day: Day(20_458) }),
        related: None,
        evidence: None,
        clock: Some(Clock::AmlReport),
        due: Some(world.at.plus(Instant::DAY)),
    }
}

fn moved(case: u32, person: Option<u32>) -> CaseMoved {
    CaseMoved {
        cause: None,
        nonce: Some([9; 8]),
        case: CaseNo(case),
        kind: CaseKind::AmlRecord,
        person: person.map(Person),
        from: CaseState::ReportDue,
        step: CaseStep::Report,
        state: CaseState::Reported,
        ground: Code::new("sent").ok(),
        evidence: None,
        clock: None,
        due: None,
    }
}

fn cases(cards: &[Card]) -> Vec<&CaseCard> {
    cards
        .iter()
        .map(|card| match card {
            Card::Case(card) => card,
            other => panic!("a card of another kind: {other:?}"),
        })
        .collect()
}

pub(super) fn of_a_person(bed: &dyn ViewBed) -> Result<(), Fault> {
    let mut world = World::new(NOON, 1, 3, &PLACES);
    for (case, person) in [(0, Some(1)), (1, Some(2)), (2, None), (3, Some(1))] {
        world.push(opened(&world, case, person));
    }
    let due = world.at;
    let overdue = |case, person| CaseOverdue {
        nonce: [1; 8],
        case: CaseNo(case),
        kind: CaseKind::AmlRecord,
        person: Some(Person(person)),
        clock: Clock::AmlReport,
        due,
    };
    world.push(overdue(0, 1));
    world.push(moved(0, Some(1)));
    world.push(moved(2, None));
    let mut views = projected(bed, &mut world)?;
    let found = views.versions(CardKind::Case, 1)?;
    let told = |card: &CaseCard| (card.case.0, card.state, card.late, card.due.is_some());
    let told: Vec<_> = cases(&found).into_iter().map(told).collect();
    let (reported, due) = (CaseState::Reported, CaseState::ReportDue);
    assert_eq!(told, [(0, reported, true, false), (3, due, false, true)]);
    let first = cases(&found)[0];
    assert_eq!((first.list, first.version), (Some(List::Terrorism), Some(3)));
    assert_eq!(first.ground.as_ref().map(Code::as_str), Some("sent"));
    assert_eq!(cases(&views.versions(CardKind::Case, 2)?).len(), 1);
    let nobody = views.versions(CardKind::Case, u64::from(NOBODY))?;
    assert_eq!(cases(&nobody).iter().map(|card| card.case.0).collect::<Vec<_>>(), [2]);
    assert!(views.versions(CardKind::Case, 0)?.is_empty());
    Ok(())
}

pub(super) fn consents_and_identifications(bed: &dyn ViewBed) -> Result<(), Fault> {
    // R3-7.6, R4-11.1.4, R0-10.7, R0-10.12
    let mut world = World::new(NOON, 1, 2, &PLACES);
    let person = Person(1);
    let scopes = Scopes::NONE.with(Scope::Collect).with(Scope::Transfer);
    let cause = world.cause(Sender::Operator);
    world.push(ConsentRecorded {
        cause,
        person,
        purpose: Purpose::Disclosure,
        scopes,
        recipients: Recipients::NONE.with(Recipient::Organisers),
        way: ConsentWay::Cabinet,
        until: None,
        case: None,
        evidence: Hash::ZERO,
    });
    let cause = world.cause(Sender::Operator);
    let purpose = Purpose::Disclosure;
    world.push(ConsentWithdrawn { cause, person, purpose, scopes, evidence: Hash::ZERO });
    for confirmed in [false, true] {
        let cause = world.cause(Sender::Operator);
        let level = if confirmed { Level::Full } else { Level::Unidentified };
        world.push(IdentificationRecorded {
            cause,
            person,
            case: None,
            method: IdentificationMethod::Remote,
            source: IdentificationSource::ExchangeCentre,
            established: true,
            confirmed,
            delegate_contract: None,
            evidence: Hash::ZERO,
            reached: level,
            level,
            until: None,
        });
    }
    let mut views = projected(bed, &mut world)?;
    let consents = views.versions(CardKind::Consent, 1)?;
    let given: Vec<bool> = consents
        .iter()
        .map(|card| match card {
            Card::Consent(card) => card.given,
            other => panic!("a card of another kind: {other:?}"),
        })
        .collect();
    assert_eq!(given, [true, false]);
    let found = views.versions(CardKind::Identification, 1)?;
    let levels: Vec<Level> = found
        .iter()
        .map(|card| match card {
            Card::Identification(card) => card.reached,
            other => panic!("a card of another kind: {other:?}"),
        })
        .collect();
    assert_eq!(levels, [Level::Unidentified, Level::Full]);
    assert!(views.versions(CardKind::Consent, 0)?.is_empty());
    Ok(())
}

pub(super) fn two_who_are_one(bed: &dyn ViewBed) -> Result<(), Fault> {
    // S-37
    let mut world = World::new(NOON, 2, 2, &PLACES);
    let (kept, gone) = (Person(0), Person(1));
    let moved = [world.account(0, 1), world.account(1, 1)];
    let wallet = world.bettor_wallet(1);
    let cause = world.cause(Sender::Operator);
    world.push(PersonsMerged {
        cause,
        case: None,
        kept,
        gone,
        closed: vec![moved[1]],
        moved: moved.to_vec(),
        wallets: vec![wallet],
        lists: Lists::NONE,
        approver: 1,
        second_approver: 2,
        evidence: Hash::ZERO,
    });
    let mut views = projected(bed, &mut world)?;
    let held = views.versions(CardKind::Holding, 0)?;
    assert_eq!(held.len(), 4);
    for (account, closed) in moved.into_iter().zip([false, true]) {
        match &views.versions(CardKind::Account, u64::from(account.0))?[..] {
            [Card::Account(card)] => {
                assert_eq!((card.person, card.closed.is_some()), (kept, closed));
            }
            other => panic!("one account is expected: {other:?}"),
        }
    }
    match &views.versions(CardKind::Wallet, u64::from(wallet.0))?[..] {
        [Card::Wallet(card)] => assert_eq!(card.owner, kept.0),
        other => panic!("one wallet is expected: {other:?}"),
    }
    Ok(())
}
