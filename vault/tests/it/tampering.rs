//! Somebody who can write to the store: every exchange is refused, and its place named.

use store::VaultStore;
use store::vault::{Amendment, ItemRow, KeyRow, VaultRow};
use terms::{Person, Seq};
use vault::{Place, Vault, VaultFault};

use crate::{World, admit, seen};

/// A vault of two persons whose rows were changed.
fn tampered(change: impl Fn(&mut Vec<VaultRow>)) -> Vault {
    let world = World::in_memory();
    let mut vault = world.vault();
    admit(&mut vault, 1..3);
    vault.read(Person(1), &seen(3)).unwrap();
    vault.read(Person(2), &seen(3)).unwrap();
    let mut rows = Vec::new();
    world
        .store()
        .dump(&mut |row| {
            rows.push(row);
            Ok(())
        })
        .unwrap();
    change(&mut rows);
    let mut changed = store::MemoryVault::new();
    changed.load(&rows).unwrap();
    let keeper = vault::FileKeeper::at(world.keys());
    Vault::open(Box::new(changed), std::sync::Arc::new(keeper)).unwrap()
}

fn keys(rows: &mut [VaultRow]) -> Vec<&mut KeyRow> {
    let mut found = Vec::new();
    for row in rows {
        if let VaultRow::Key(key) = row {
            found.push(key);
        }
    }
    found
}

fn items(rows: &mut [VaultRow], item: u16) -> Vec<&mut ItemRow> {
    let mut found = Vec::new();
    for row in rows {
        match row {
            VaultRow::Item(row) if row.item == item => found.push(row),
            _ => {}
        }
    }
    found
}

fn swap(rows: Vec<&mut Vec<u8>>) {
    let mut rows = rows.into_iter();
    let (one, two) = (rows.next().unwrap(), rows.next().unwrap());
    std::mem::swap(one, two);
}

/// Whether a fault names the right place.
type Named<'a> = &'a dyn Fn(&Place) -> bool;

type Change = fn(&mut Vec<VaultRow>);

// R0-18.1a: each of these is found, and where.
#[test]
fn what_was_changed_is_refused_and_named() {
    let item_place = |place: &Place| matches!(place, Place::Item(_, 0));
    let key_place = |place: &Place| matches!(place, Place::Key(_, 1));
    let cases: [(&str, Change, Named<'_>); 7] = [
        ("a flipped byte", |rows| items(rows, 0)[0].sealed[30] ^= 1, &item_place),
        ("a cut end", |rows| assert!(items(rows, 0)[0].sealed.pop().is_some()), &item_place),
        (
            "items of two persons",
            |rows| {
                swap(items(rows, 0).into_iter().map(|row| &mut row.sealed).collect());
            },
            &item_place,
        ),
        ("another version", |rows| items(rows, 0)[0].version = 2, &item_place),
        ("another epoch", |rows| items(rows, 0)[0].epoch = 2, &item_place),
        (
            "keys of two persons",
            |rows| {
                swap(keys(rows).into_iter().map(|row| &mut row.sealed).collect());
            },
            &key_place,
        ),
        ("a flipped byte of a key", |rows| keys(rows)[0].sealed[50] ^= 0x80, &key_place),
    ];
    for (what, change, is_place) in cases {
        let mut vault = tampered(change);
        let found: Vec<VaultFault> = [1, 2]
            .into_iter()
            .filter_map(|number| vault.read(Person(number), &seen(9)).err())
            .collect();
        assert!(!found.is_empty(), "{what}");
        for fault in found {
            let VaultFault::Tampered(place) = &fault else { panic!("{what}: {fault}") };
            assert!(is_place(place), "{what}: {fault}");
            assert!(fault.to_string().contains("is not what was sealed there"), "{fault}");
        }
    }
}

#[test]
fn a_photograph_does_not_stand_in_for_another_item() {
    let mut vault = tampered(|rows| {
        let photo = items(rows, 1)[0].clone();
        let record = items(rows, 0).into_iter().find(|row| row.reference == photo.reference);
        record.unwrap().sealed = photo.sealed;
    });
    let read = [1, 2].map(|number| vault.read(Person(number), &seen(9)).is_ok());
    assert_eq!(read.iter().filter(|read| !**read).count(), 1);
}

#[test]
fn a_line_of_the_log_cannot_be_moved() {
    let mut vault = tampered(|rows| {
        for row in rows {
            if let VaultRow::Look(look) = row {
                look.seq = Seq(look.seq.0 + 1);
            }
        }
    });
    let looks = vault.looks(Person(1), None);
    assert!(matches!(looks, Err(VaultFault::Tampered(Place::Look(..)))));
}

/// An item that is written over by somebody else's hand without the key is told as well.
#[test]
fn an_item_from_nowhere_is_refused() {
    let world = World::on_disk();
    let mut vault = world.vault();
    let reference = admit(&mut vault, 1..2)[0];
    let mut store: Box<dyn VaultStore> = world.store();
    let mut row = store.item(reference, 0).unwrap().unwrap();
    row.version += 1;
    let version = store.epochs().unwrap().version;
    let change = Amendment { reference, keys: &[], put: &[row], remove: &[] };
    store.amend(version, &change).unwrap();
    assert!(matches!(vault.read(Person(1), &seen(1)), Err(VaultFault::Tampered(_))));
}
