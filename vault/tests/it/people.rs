//! Admission, looks, changes, questions.

use std::sync::Arc;

use terms::{Day, Instant, Person, Seq};
use vault::{
    Country, Destroyed, FileKeeper, Held, Numbered, Phone, Photo, PhotoError, PhotoKind, Private,
    Query, Vault, VaultFault,
};

use crate::{AT, World, admit, canaries, iin, photo, record, said, seen};

// R0-11.1, R0-10.10b, R0-15.3b, R0-15.3c: data, document and photographs are kept sealed and come
// back as they were given, after a line of the person's log.
#[test]
fn a_person_is_admitted_confirmed_and_read() {
    for world in World::both() {
        let mut vault = world.vault();
        let reference = vault.admit(&record(1), &[photo(), photo()], AT).unwrap();
        assert_eq!(vault.number_of(reference).unwrap(), None);
        let held = vault.read(reference, &seen(5)).unwrap();
        assert_eq!((held.number, held.version), (None, 1));
        vault.confirm(reference, Person(1)).unwrap();
        vault.confirm(reference, Person(1)).unwrap();
        assert!(matches!(vault.confirm(reference, Person(2)), Err(VaultFault::Taken)));
        drop(vault);
        // Another process.
        let mut vault = world.vault();
        let held = vault.read(Person(1), &seen(6)).unwrap();
        let want = Held { reference, number: Some(Person(1)), record: record(1), version: 1 };
        assert_eq!(held, want);
        assert_eq!(vault.photos(Person(1)).unwrap(), [1, 2]);
        assert_eq!(vault.read_photo(Person(1), 2, &seen(7)).unwrap(), photo());
        assert!(matches!(vault.read_photo(Person(1), 0, &seen(7)), Err(VaultFault::Missing(_))));
        assert!(matches!(vault.read(Person(9), &seen(8)), Err(VaultFault::Unknown)));
    }
}

// R2-55.11c, R2-55.11d: each look leaves who, when, why and the position of its audit fact, for the
// person to see.
#[test]
fn looks_are_told_to_the_person() {
    for world in World::both() {
        let mut vault = world.vault();
        admit(&mut vault, 1..3);
        for seq in [11, 12, 40] {
            vault.read(Person(1), &seen(seq)).unwrap();
        }
        vault.read_photo(Person(1), 1, &seen(40)).unwrap();
        vault.read(Person(2), &seen(40)).unwrap();
        let looks = vault.looks(Person(1), None).unwrap();
        let told: Vec<Seq> = looks.iter().map(|look| look.seq).collect();
        assert_eq!(told, [Seq(40), Seq(12), Seq(11)], "one line for one audit fact");
        let want = seen(40);
        assert_eq!((looks[0].who, &looks[0].name), (want.who, &want.name));
        assert_eq!((looks[0].why, looks[0].at), (want.why, AT));
        assert_eq!(vault.looks(Person(1), Some(Seq(12))).unwrap().len(), 1);
        assert_eq!(vault.looks(Person(2), None).unwrap().len(), 1);
    }
}

#[test]
fn a_change_of_what_was_changed_meanwhile_is_refused() {
    for world in World::both() {
        let mut vault = world.vault();
        admit(&mut vault, 1..2);
        let held = vault.read(Person(1), &seen(1)).unwrap();
        let phone = |digits: &str| Phone::parse(digits).unwrap();
        let mut changed = held.record.clone();
        changed.phones.insert(0, said(phone("+7 777 000 00 00")));
        vault.amend(&held, &changed).unwrap();
        let mut other = vault.another().unwrap();
        let mut lost = held.record.clone();
        lost.email = None;
        assert!(matches!(other.amend(&held, &lost), Err(VaultFault::Overtaken)));
        let now = other.read(Person(1), &seen(2)).unwrap();
        assert_eq!((&now.record, now.version), (&changed, 2));
        // The index follows.
        let found = |vault: &mut Vault, digits: &str| {
            vault.find(&Query::Phone(&phone(digits))).unwrap().len()
        };
        assert_eq!(found(&mut vault, "8 777 000 00 00"), 1);
        changed.phones.pop();
        other.amend(&now, &changed).unwrap();
        assert_eq!(found(&mut vault, "8 777 000 00 00"), 1);
        assert_eq!(found(&mut vault, "+77010000001"), 0, "the old number leads nowhere");
        assert_eq!(vault.add_photo(Person(1), &photo()).unwrap(), 2);
        assert_eq!(found(&mut vault, "+77770000000"), 1, "a photograph changes no entries");
    }
}

// R0-16.1d, S-07, S-37: found by number, telephone, document, and by name with birth date.
#[test]
fn people_are_found_by_what_they_have() {
    for world in World::both() {
        let mut vault = world.vault();
        let references = admit(&mut vault, 1..5);
        let mut stranger = record(9);
        stranger.number = Some(said(Numbered::Without(vault::NoNumber::ForeignCitizen)));
        let stranger = vault.admit(&stranger, &[], AT).unwrap();
        let kaz = Country::parse("KAZ").unwrap();
        let text = |text: &str| Private::<64>::new(text).unwrap();
        let day = Day::of(1995, 1, 1).unwrap();
        let name = |text: &str| Private::<256>::new(text).unwrap();
        let cases: [(Query<'_>, Option<u32>); 8] = [
            (Query::Iin(iin(3)), Some(3)),
            (Query::Iin(iin(9)), None),
            (Query::Phone(&Phone::parse("8 701 000 00 02").unwrap()), Some(2)),
            (Query::Document(&kaz, &text("n 0000-0004")), Some(4)),
            (Query::Document(&Country::parse("RUS").unwrap(), &text("N00000004")), None),
            (Query::Birth(&name("КАНАРЕЙКИНА1"), &name("Канаржан1"), day), Some(1)),
            (Query::Birth(&name("Қанаржан1"), &name("Канарейкина1"), day), Some(1)),
            (Query::Birth(&name("Канарейкина1"), &name("Канаржан1"), Day(day.0 + 1)), None),
        ];
        for (number, (query, want)) in cases.iter().enumerate() {
            let found = vault.find(query).unwrap();
            let birth = matches!(query, Query::Birth(..));
            // Digits are no letters, so that all of these persons have one name.
            let numbers: Vec<u32> =
                found.iter().filter_map(|found| found.number).map(|p| p.0).collect();
            match want {
                Some(want) if birth => assert!(numbers.contains(want), "case {number}"),
                Some(want) => {
                    assert_eq!(numbers, [*want], "case {number}");
                    assert_eq!(found[0].reference, references[*want as usize - 1]);
                }
                None => assert_eq!(found, [], "case {number}"),
            }
        }
        let found = vault.find(&Query::Document(&kaz, &text("N00000009"))).unwrap();
        assert_eq!((found[0].reference, found[0].number), (stranger, None), "pending ones as well");
    }
}

// The screening of everybody: each listed number that is somebody's, with his person.
#[test]
fn listed_numbers_are_met_in_one_pass() {
    for world in World::both() {
        let mut vault = world.vault();
        admit(&mut vault, 1..40);
        vault.admit(&record(41), &[], AT).unwrap();
        let listed: Vec<_> = [7, 500, 39, 7, 41, 800].map(iin).to_vec();
        let met = vault.members(&listed).unwrap();
        assert_eq!(met, [(0, Person(7)), (2, Person(39)), (3, Person(7))]);
        assert_eq!(vault.members(&[]).unwrap(), []);
        vault.destroy(Person(7), Seq(1)).unwrap();
        assert_eq!(vault.members(&listed).unwrap(), [(2, Person(39))]);
    }
}

// Core 20: a pending row without its fact goes after 24 hours and not before.
#[test]
fn who_waits_is_dropped_after_a_day() {
    for world in World::both() {
        let mut vault = world.vault();
        let early = vault.admit(&record(1), &[], AT).unwrap();
        let late = vault.admit(&record(2), &[], AT.plus(Instant::SECOND)).unwrap();
        let told = vault.pending(AT.plus(1), None, 10).unwrap();
        assert_eq!(told.iter().map(|row| row.reference).collect::<Vec<_>>(), [early]);
        assert!(!vault.drop_pending(early, AT.plus(Instant::DAY)).unwrap());
        assert!(vault.drop_pending(early, AT.plus(Instant::DAY + 1)).unwrap());
        assert!(matches!(vault.confirm(early, Person(1)), Err(VaultFault::Unknown)));
        assert!(vault.find(&Query::Iin(iin(1))).unwrap().is_empty());
        vault.confirm(late, Person(2)).unwrap();
        assert!(!vault.drop_pending(late, AT.plus(9 * Instant::DAY)).unwrap());
    }
}

// D-07, S-42: by order, once; and again after a restore it changes nothing.
#[test]
fn orders_of_destruction_may_be_run_again() {
    for world in World::both() {
        let mut vault = world.vault();
        admit(&mut vault, 1..20);
        let orders = || (1..10).map(|number| (Person(number * 2), Seq(u64::from(number))));
        let erased = vault.destroy_all(orders()).unwrap();
        assert_eq!((erased.now, erased.before, erased.absent), (9, 0, 0));
        for number in 1..20 {
            let read = vault.read(Person(number), &seen(50));
            assert_eq!(matches!(read, Err(VaultFault::Destroyed)), number % 2 == 0, "{number}");
        }
        let erased = vault.after_restore(orders()).unwrap();
        assert_eq!((erased.now, erased.before, erased.absent), (0, 9, 0));
        assert_eq!(vault.destroy(Person(99), Seq(7)).unwrap(), Destroyed::Absent);
        let reference = vault.admit(&record(99), &[], AT).unwrap();
        assert!(matches!(vault.confirm(reference, Person(99)), Err(VaultFault::Destroyed)));
        assert!(matches!(vault.read(reference, &seen(51)), Err(VaultFault::Destroyed)));
    }
}

#[test]
fn several_threads_use_one_vault() {
    for world in World::both() {
        let vault = world.vault();
        std::thread::scope(|scope| {
            for thread in 0..4 {
                let mut vault = vault.another().unwrap();
                scope.spawn(move || {
                    for number in (1..10).map(|number| number + thread * 100) {
                        let reference = vault.admit(&record(number), &[], AT).unwrap();
                        vault.confirm(reference, Person(number)).unwrap();
                        vault.read(Person(number), &seen(u64::from(number))).unwrap();
                    }
                });
            }
        });
        let mut vault = world.vault();
        assert_eq!(vault.members(&(1..400).map(iin).collect::<Vec<_>>()).unwrap().len(), 36);
    }
}

#[test]
fn photographs_that_are_none_are_refused() {
    let make = |bytes: &[u8]| Photo::new(PhotoKind::Face, AT, bytes.to_vec()).err();
    assert_eq!(make(b"GIF89a"), Some(PhotoError::NoImage));
    assert_eq!(make(b""), Some(PhotoError::NoImage));
    assert_eq!(make(b"\x89PNG\r\n\x1a\n"), None);
    assert_eq!(make(b"RIFF\0\0\0\0WEBPVP8 "), None);
    let mut large = b"\xff\xd8\xff".to_vec();
    large.resize(vault::limits::PHOTO_BYTES_MAX, 0);
    assert_eq!(make(&large), None);
    large.push(0);
    assert_eq!(make(&large), Some(PhotoError::Large));
}

#[test]
fn nothing_is_shown_by_debug() {
    let world = World::in_memory();
    let mut vault = world.vault();
    admit(&mut vault, 1..2);
    let held = vault.read(Person(1), &seen(1)).unwrap();
    let looks = vault.looks(Person(1), None).unwrap();
    let shown = format!("{held:?} {:?} {:?} {looks:?} {vault:?}", photo(), seen(1));
    for word in canaries(1).iter().map(String::as_str).chain(["KAZ", "Female", "1995", "operator"])
    {
        assert!(!shown.contains(word), "{word}: {shown}");
    }
}

#[test]
fn a_vault_that_is_not_there_is_not_made_by_opening_it() {
    let world = World::on_disk();
    let keeper = Arc::new(FileKeeper::at(world.keys()));
    let opened = Vault::open(world.store(), keeper);
    assert!(matches!(opened, Err(VaultFault::Absent)));
}
