//! Destruction: ordered by two, done once, done again after a restore; and nothing of a person is
//! anywhere but in the vault.

use desk::command::SetLegalHold;
use people::erasure::Order;
use people::joining::Step;
use people::{No, Token};
use phrases::Language;
use store::edge::EdgeStore as _;
use terms::{Code, Hash, Reason};
use vault::VaultFault;

use crate::world::{FIRST, PASSWORD, World, id, person};

fn order(person: terms::Person) -> Order {
    let ground = Some(Code::new("own_request").unwrap());
    Order { person, case: None, ground, by: (7, 8) }
}

// R0-20.2, D-07, S-41, S-42, V1, E-16
#[test]
fn an_order_of_two_destroys_and_leaves_every_proof() {
    let world = World::new();
    let people = &world.people;
    let bettor = person([0, 0, 0], "1981-01-01");
    let (link, _) = people.invite(FIRST, id()).unwrap();
    let invitation = Token::parse(link.rsplit('/').next().unwrap()).unwrap();
    let session = world.client(&bettor, Some(&invitation));
    world.give(&session, &bettor);
    let way = world.film(&session);
    assert_eq!(way.step, Step::Done);
    let (number, account) = (way.person.unwrap(), way.account.unwrap());

    // V1: synthetic people's data are nowhere in the journal and nowhere at the edge.
    let words = [
        bettor.iin.reveal(),
        bettor.surname.clone(),
        bettor.phone.clone(),
        bettor.phone[1..].to_owned(),
        bettor.document.clone(),
    ];
    let mut journal = store::JournalStore::reader(&world.memory.journal()).unwrap();
    let head = journal.head().unwrap();
    for seq in 0..head.next_seq {
        let bytes = journal.fact(seq).unwrap().unwrap();
        for word in &words {
            assert!(!holds(&bytes, word), "entry {seq} holds personal data");
        }
    }
    let mut rows = 0;
    let mut edge = world.edge.clone();
    edge.dump(&mut |row| {
        rows += 1;
        for word in &words {
            let found = holds(&row.value, word) || holds(&row.key, word);
            assert!(!found, "table {} holds personal data", row.table);
        }
        Ok(())
    })
    .unwrap();
    assert!(5 < rows);
    assert!(!link.contains(&bettor.phone) && !link.contains(&bettor.iin.reveal()));

    // While the relationship stands, or somebody must keep the data, nobody destroys them.
    let refused = people.order_erasure(&order(number), id());
    assert!(matches!(refused, Err(No::Refused(Reason::TransitionInvalid))), "{refused:?}");
    world.operate(desk::command::EndRelationship {
        person: number,
        ground: Code::new("own_request").unwrap(),
    });
    let early = people.order_erasure(&Order { ground: None, ..order(number) }, id());
    assert!(matches!(early, Err(No::Refused(Reason::RetentionNotOver))), "{early:?}");
    let alone = people.order_erasure(&Order { by: (7, 7), ..order(number) }, id());
    assert!(matches!(alone, Err(No::Refused(Reason::SecondPersonRequired))), "{alone:?}");
    let (ground, evidence) = (admission::HoldGround::Court, Hash([1; 32]));
    world.operate(SetLegalHold { person: number, ground, evidence });
    let held = people.order_erasure(&order(number), id());
    assert!(matches!(held, Err(No::Refused(Reason::LegalHoldStands))), "{held:?}");
    world.operate(desk::command::LiftLegalHold { person: number, number: 1, evidence });

    people.order_erasure(&order(number), id()).unwrap();
    assert_eq!(people.follow_erasures().unwrap(), 1);
    assert_eq!(people.follow_erasures().unwrap(), 0, "once");
    assert!(people.disclose(FIRST, account).unwrap().is_none());
    let keeper = std::sync::Arc::new(vault::FileKeeper::at(world.home.path().join("keys")));
    let mut vault = vault::Vault::open(Box::new(world.vaults.clone()), keeper).unwrap();
    let gone = vault.find(&vault::Query::Iin(bettor.iin)).unwrap();
    assert!(gone.is_empty(), "the index is gone");
    assert!(matches!(vault.photos(number), Err(VaultFault::Destroyed)));
    let tried = people.sign_in(&bettor.phone, PASSWORD, Language::Ru);
    assert!(matches!(tried, Err(No::Wrong(_))), "he is nobody now: {tried:?}");
    let state = world.pump.read_copy().read(|state| state.people.persons[number.index()].clone());
    assert_eq!(state.relationship, admission::Relationship::Erased);
    // After a restore all of it is done anew, and changes nothing.
    assert_eq!(people.erase_after_restore().unwrap(), 1);
}

fn holds(bytes: &[u8], word: &str) -> bool {
    bytes.windows(word.len()).any(|part| part == word.as_bytes())
}
