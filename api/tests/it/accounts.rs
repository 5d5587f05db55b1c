//! What organisers are told when something else is known of a bettor: that an account may or may
//! not stake now, and never why (domain 3).

use desk::command::{ChangeAges, ChangeListings, RecordIdentification};
use journal::fact::Entry;
use journal::kinds::{IdentificationMethod, IdentificationSource, List};
use terms::{Account, Hash, Instant, Organiser, Person, Reason};
use wire::Happening;

use crate::world::World;

/// Codes of the notices about accounts of the first two persons, once everything is let go.
fn told(feeds: &api::Feeds, organiser: u32, now: Instant) -> Vec<u16> {
    feeds.idle(now.plus(3_600 * Instant::SECOND)).unwrap();
    let (rows, _) = feeds.page(Organiser(organiser), 0, 100).unwrap();
    let changed = rows
        .iter()
        .filter(|row| row.event == Happening::AccountStateChanged && row.account < Account(4));
    changed.map(|row| row.code).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_difference_of_a_list_is_told_as_an_account_that_is_not_admitted() {
    // R0-10.3, I-39
    let world = World::new().await;
    let person = Person(0);
    let change = |listed: &[Person], cleared: &[Person]| ChangeListings {
        list: List::Debtors,
        version: 9,
        case: None,
        listed: listed.to_vec(),
        cleared: cleared.to_vec(),
    };
    world.operator(change(&[person, Person(1)], &[]));
    // Nothing changes by what is known already.
    world.operator(change(&[person], &[]));
    world.operator(RecordIdentification {
        person,
        case: None,
        method: IdentificationMethod::VideoSession,
        source: IdentificationSource::Document,
        established: true,
        confirmed: true,
        delegate_contract: None,
        evidence: Hash([1; 32]),
        until: None,
    });
    world.operator(change(&[], &[person]));
    world.operator(ChangeAges { age: 21, reached: Vec::new(), not_reached: vec![person] });
    world.operator(ChangeAges { age: 21, reached: vec![person], not_reached: Vec::new() });
    let now = world.house.clock.wall();
    let (house, home) = (world.house.clone(), world.stop().await.1);
    let barred = Reason::NotAdmitted.code();
    let young = Reason::UnderAge.code();
    let first = told(&house.feeds, 0, now);
    assert_eq!(first, told(&house.feeds, 1, now));
    // Each organiser has accounts of both persons; the second one's is barred once.
    let mut codes = first.clone();
    codes.sort_unstable();
    assert_eq!(codes, [0, 0, young, barred, barred], "{first:?}");
    // Made again from the journal, with a copy that is ahead of it, it is the same.
    std::fs::remove_file(home.path().join("feed/cursor")).unwrap();
    let again = api::Feeds::open(home.path()).unwrap();
    house
        .lookup
        .with_reader(|reader| {
            let mut after = 0;
            while let Some(frame) = reader.frames(after, 1)?.pop() {
                after = frame.number;
                for fact in frame.facts() {
                    let entry = Entry::from_bytes(fact.unwrap().1).unwrap();
                    again.note(&entry, &house.copy).unwrap();
                }
            }
            Ok(())
        })
        .unwrap();
    assert_eq!(told(&again, 0, now), first);
}
