//! Rotation while others work, and what it leaves.

use terms::{Person, Seq};
use vault::{FileKeeper, KeyCopy, KeyKeeper as _, Query, Step, VaultFault};

use crate::{AT, World, admit, iin, record, seen};

// S-41: after it nothing is under the old key, and everything is still there.
#[test]
fn everything_is_under_the_new_key() {
    for world in World::both() {
        let mut vault = world.vault();
        admit(&mut vault, 1..30);
        vault.destroy(Person(5), Seq(1)).unwrap();
        let mut steps = Vec::new();
        let rotated = vault.rotate(&world.copies(), &mut |step| steps.push(step.clone())).unwrap();
        assert_eq!((rotated.epoch, rotated.resumed), (2, false));
        assert!(steps.contains(&Step::Proved(28)), "{steps:?}");
        assert_eq!(FileKeeper::at(world.keys()).epochs().unwrap(), [2]);
        let mut store = world.store();
        assert_eq!(store.keys(1, None, 9).unwrap(), []);
        assert_eq!(store.index(1, 1, None, 9).unwrap(), []);
        assert_eq!(store.epochs().unwrap().rows.len(), 1);
        let mut fresh = world.vault();
        for number in 1..30 {
            let read = fresh.read(Person(number), &seen(9));
            assert_eq!(read.is_ok(), number != 5, "{number}");
            let found = fresh.find(&Query::Iin(iin(number))).unwrap();
            assert_eq!(found.len(), usize::from(number != 5));
        }
        let copy = KeyCopy::open(&rotated.copy.unwrap()).unwrap();
        assert_eq!((copy.epoch(), copy.count()), (2, 28));
        // Handles that were open before go on.
        assert_eq!(vault.rotate(&world.copies(), &mut |_| {}).unwrap().epoch, 3);
        assert_eq!(fresh.read(Person(1), &seen(10)).unwrap().record, record(1));
        admit(&mut fresh, 40..42);
        assert_eq!(fresh.find(&Query::Iin(iin(41))).unwrap().len(), 1);
    }
}

/// Between any two steps of a rotation others admit, change, destroy and find, and nothing is lost.
#[test]
fn others_work_meanwhile() {
    for world in World::both() {
        let mut vault = world.vault();
        admit(&mut vault, 1..200);
        let mut other = vault.another().unwrap();
        let mut number = 200;
        let mut next = |_: &Step| {
            admit(&mut other, number..number + 1);
            let held = other.read(Person(number - 100), &seen(3)).unwrap();
            let mut changed = held.record.clone();
            changed.phones.clear();
            other.amend(&held, &changed).unwrap();
            other.destroy(Person(number - 199), Seq(3)).unwrap();
            let gone = other.find(&Query::Iin(iin(number - 199))).unwrap();
            assert!(gone.is_empty());
            assert_eq!(other.find(&Query::Iin(iin(number))).unwrap().len(), 1);
            number += 1;
        };
        let rotated = vault.rotate(&world.copies(), &mut next).unwrap();
        assert_eq!(rotated.epoch, 2);
        let steps = number - 200;
        assert!(10 < steps, "{steps}");
        let mut fresh = world.vault();
        for person in 1..number {
            let read = fresh.read(Person(person), &seen(4));
            let found = fresh.find(&Query::Iin(iin(person))).unwrap();
            if person <= steps {
                assert!(matches!(read, Err(VaultFault::Destroyed)), "{person}");
                assert!(found.is_empty(), "{person}");
            } else {
                assert_eq!(found[0].number, Some(Person(person)));
                let changed = 100 <= person && person < 100 + steps;
                assert_eq!(read.unwrap().record.phones.is_empty(), changed, "{person}");
                let phone = record(person).phones[0].value.clone();
                let found = fresh.find(&Query::Phone(&phone)).unwrap();
                assert_eq!(found.is_empty(), changed, "{person}");
            }
        }
    }
}

/// A stop after any step, by an error of the caller's own, is gone on from there.
#[test]
fn a_copy_that_cannot_be_written_keeps_the_old_key() {
    let world = World::on_disk();
    let mut vault = world.vault();
    admit(&mut vault, 1..5);
    // A file stands where the directory of copies should be.
    std::fs::write(world.copies(), "in the way").unwrap();
    assert!(vault.rotate(&world.copies(), &mut |_| {}).is_err());
    assert_eq!(FileKeeper::at(world.keys()).epochs().unwrap(), [1, 2], "nothing is destroyed");
    assert!(vault.read(Person(1), &seen(1)).is_ok());
    std::fs::remove_file(world.copies()).unwrap();
    let rotated = vault.rotate(&world.copies(), &mut |_| {}).unwrap();
    assert_eq!((rotated.epoch, rotated.resumed), (2, true));
    assert_eq!(FileKeeper::at(world.keys()).epochs().unwrap(), [2]);
}

/// A record that the new keys do not open stops the rotation before the old key is destroyed.
#[test]
fn what_does_not_open_keeps_the_old_key() {
    let world = World::in_memory();
    let mut vault = world.vault();
    let references = admit(&mut vault, 1..5);
    let memory = world.memory.clone().unwrap();
    memory.tamper(references[2], Some(0), |sealed| sealed[40] ^= 1);
    let fault = vault.rotate(&world.copies(), &mut |_| {}).unwrap_err();
    assert!(matches!(fault, VaultFault::Tampered(_)), "{fault}");
    assert_eq!(FileKeeper::at(world.keys()).epochs().unwrap(), [1, 2]);
    memory.tamper(references[2], Some(0), |sealed| sealed[40] ^= 1);
    vault.rotate(&world.copies(), &mut |_| {}).unwrap();
    assert_eq!(FileKeeper::at(world.keys()).epochs().unwrap(), [2]);
}

#[test]
fn a_copy_of_keys_that_was_changed_is_refused() {
    let world = World::on_disk();
    let mut vault = world.vault();
    admit(&mut vault, 1..5);
    vault.admit(&record(9), &[], AT).unwrap();
    let path = vault.rotate(&world.copies(), &mut |_| {}).unwrap().copy.unwrap();
    let whole = std::fs::read(&path).unwrap();
    assert_eq!(KeyCopy::open(&path).unwrap().count(), 5);
    let mut cases: Vec<(&str, Vec<u8>)> = vec![
        ("cut off", whole[..whole.len() - 1].to_vec()),
        ("cut off", whole[..100].to_vec()),
        ("follows its end", [whole.as_slice(), b"x"].concat()),
        ("no file of keys", b"something else entirely".to_vec()),
    ];
    for at in (200..whole.len()).step_by(97) {
        let mut flipped = whole.clone();
        flipped[at] ^= 4;
        cases.push(("", flipped));
    }
    for (why, bytes) in cases {
        std::fs::write(&path, bytes).unwrap();
        let said = KeyCopy::open(&path).unwrap_err().chain();
        assert!(said.contains(why), "{said}");
    }
}
