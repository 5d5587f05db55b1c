//! The vault's rows: what every adapter keeps, whoever writes at once.

use terms::{Instant, Person, Seq};

use super::noise;
use crate::limits::{VAULT_ENTRIES_MAX, VAULT_ITEM_BYTES_MAX, VAULT_PAGE_MAX};
use crate::vault::{
    Amended, Amendment, Confirmed, Destroyed, Entry, EpochRow, Guarded, IndexRow, ItemHead,
    ItemRow, KeyRow, LookRow, PersonRow, PersonState, Reference, VaultRow,
};
use crate::{Fault, VaultStore};

/// A fresh vault, and several ways into it.
pub trait VaultBed {
    /// Opens it, once more each time.
    fn vault(&self) -> Result<Box<dyn VaultStore>, Fault>;
}

impl VaultBed for crate::MemoryVault {
    fn vault(&self) -> Result<Box<dyn VaultStore>, Fault> {
        Ok(Box::new(self.clone()))
    }
}

type Case = fn(&dyn VaultBed) -> Result<(), Fault>;

const CASES: &[(&str, Case)] = &[
    ("a new vault is empty", empty),
    ("epochs are set by who knows their version", epochs),
    ("persons come back as they were admitted", admit),
    ("nobody writes under epochs that have moved", moved),
    ("a person is confirmed once", confirm),
    ("what waits is told and dropped in its time", pending),
    ("items change by version", amend),
    ("of many who change an item at once none is lost", at_once),
    ("the index follows the keys", index),
    ("looks are noted once, newest first", looks),
    ("what is destroyed is gone and stays so", destroy),
    ("keys are carried over, what comes late is settled", carry),
    ("an epoch is forgotten", forget),
    ("a copy is the same", copy),
    ("rows have limits", limits),
];

/// Runs every case, each on a vault of its own.
pub fn run_all(make: &dyn Fn() -> Box<dyn VaultBed>) {
    for (name, case) in CASES {
        let bed = make();
        if let Err(fault) = case(&*bed) {
            panic!("{name}: {}", fault.chain());
        }
    }
}

/// A reference that no one else has.
pub fn reference(number: u8) -> Reference {
    Reference([number; 16])
}

fn entry(field: u8, number: u8) -> Entry {
    Entry { field, hash: [number; 32] }
}

fn person(number: u8) -> PersonRow {
    PersonRow {
        reference: reference(number),
        state: PersonState::Pending,
        number: None,
        made_at: Instant(i64::from(number) * 1_000),
        ordered: None,
    }
}

fn key(epoch: u32, number: u8, entries: &[Entry]) -> KeyRow {
    let sealed = noise(u64::from(number) + u64::from(epoch) * 1_000, 72);
    KeyRow { epoch, reference: reference(number), sealed, entries: entries.to_vec() }
}

fn item(number: u8, item: u16, version: u32) -> ItemRow {
    let sealed = noise(u64::from(item) + u64::from(version), 600);
    ItemRow { reference: reference(number), item, kind: 1, version, epoch: 1, sealed }
}

fn epoch(epoch: u32, phase: u8) -> EpochRow {
    EpochRow { epoch, phase, sealed: noise(u64::from(epoch), 100), cursor: vec![phase] }
}

/// A vault of one epoch with so many persons, each with a key, a record and two entries: one of his
/// own in field 1, one in field 2 that all share.
fn filled(bed: &dyn VaultBed, count: u8) -> Result<Box<dyn VaultStore>, Fault> {
    let mut vault = bed.vault()?;
    assert_eq!(vault.set_epochs(0, &[epoch(1, 1)])?, Guarded::Done);
    for number in 1..=count {
        let keys = [key(1, number, &[entry(1, number), entry(2, 0)])];
        let done = vault.admit(1, &person(number), &keys, &[item(number, 0, 1)])?;
        assert_eq!(done, Guarded::Done);
    }
    Ok(vault)
}

fn empty(bed: &dyn VaultBed) -> Result<(), Fault> {
    let mut vault = bed.vault()?;
    assert_eq!((vault.epochs()?.version, vault.epochs()?.rows.len()), (0, 0));
    assert_eq!(vault.persons(None, 10)?, vec![]);
    assert_eq!(vault.person(reference(1))?, None);
    assert_eq!(vault.person_of(Person(1))?, None);
    assert_eq!(vault.key(1, reference(1))?, None);
    assert_eq!(vault.item(reference(1), 0)?, None);
    assert_eq!(vault.found(1, entry(1, 1), 10)?, vec![]);
    assert_eq!(vault.index(1, 1, None, 10)?, vec![]);
    assert_eq!((vault.settle_index(10)?, vault.forget(1, 10)?), (0, 0));
    vault.upkeep()
}

fn epochs(bed: &dyn VaultBed) -> Result<(), Fault> {
    let (mut one, mut two) = (bed.vault()?, bed.vault()?);
    assert_eq!(one.set_epochs(1, &[epoch(1, 1)])?, Guarded::Moved);
    assert_eq!(one.set_epochs(0, &[epoch(1, 1)])?, Guarded::Done);
    assert_eq!(two.set_epochs(0, &[epoch(7, 1)])?, Guarded::Moved, "somebody was faster");
    let rows = [epoch(1, 4), epoch(2, 1)];
    assert_eq!(two.set_epochs(1, &rows)?, Guarded::Done);
    let read = one.another()?.epochs()?;
    assert_eq!((read.version, read.rows), (2, rows.to_vec()));
    Ok(())
}

fn admit(bed: &dyn VaultBed) -> Result<(), Fault> {
    let mut vault = filled(bed, 9)?;
    let mut other = bed.vault()?;
    assert_eq!(other.person(reference(3))?, Some(person(3)));
    assert_eq!(other.key(1, reference(3))?, Some(key(1, 3, &[entry(1, 3), entry(2, 0)])));
    assert_eq!(other.item(reference(3), 0)?, Some(item(3, 0, 1)));
    assert_eq!(other.items(reference(3))?, vec![ItemHead { item: 0, kind: 1, version: 1 }]);
    let page = other.persons(Some(reference(3)), 2)?;
    assert_eq!(page, vec![person(4), person(5)]);
    let page = other.keys(1, Some(reference(7)), 10)?;
    let numbers: Vec<Reference> = page.iter().map(|row| row.reference).collect();
    assert_eq!(numbers, vec![reference(8), reference(9)]);
    // A reference is given once, and what is refused leaves nothing.
    let again = vault.admit(1, &person(3), &[key(1, 3, &[entry(3, 3)])], &[item(3, 1, 1)]);
    assert!(again.is_err());
    assert_eq!(vault.item(reference(3), 1)?, None);
    assert_eq!(vault.found(1, entry(3, 3), 10)?, vec![]);
    Ok(())
}

fn moved(bed: &dyn VaultBed) -> Result<(), Fault> {
    let mut vault = filled(bed, 1)?;
    let change = Amendment {
        reference: reference(1),
        keys: &[key(1, 1, &[])],
        put: &[item(1, 0, 2)],
        remove: &[],
    };
    for version in [0, 2] {
        let done = vault.admit(version, &person(2), &[key(1, 2, &[])], &[])?;
        assert_eq!(done, Guarded::Moved);
        assert_eq!(vault.amend(version, &change)?, Amended::Moved);
        assert_eq!(vault.carry(version, 1, &[key(2, 1, &[])])?, Guarded::Moved);
        let row = IndexRow { hash: [9; 32], reference: reference(1) };
        assert_eq!(vault.add_index(version, 1, 1, &[row])?, Guarded::Moved);
    }
    assert_eq!(vault.person(reference(2))?, None);
    assert_eq!(vault.item(reference(1), 0)?, Some(item(1, 0, 1)));
    assert_eq!(vault.key(2, reference(1))?, None);
    assert_eq!(vault.index(1, 1, None, 10)?.len(), 1);
    Ok(())
}

fn confirm(bed: &dyn VaultBed) -> Result<(), Fault> {
    let mut vault = filled(bed, 3)?;
    assert_eq!(vault.confirm(reference(1), Person(70))?, Confirmed::Done);
    assert_eq!(vault.confirm(reference(1), Person(70))?, Confirmed::Done, "the same again");
    assert_eq!(vault.confirm(reference(1), Person(71))?, Confirmed::Taken);
    assert_eq!(vault.confirm(reference(2), Person(70))?, Confirmed::Taken);
    assert_eq!(vault.confirm(reference(9), Person(72))?, Confirmed::Absent);
    let row = vault.person_of(Person(70))?.map(|row| (row.reference, row.state));
    assert_eq!(row, Some((reference(1), PersonState::Live)));
    assert_eq!(vault.person(reference(2))?, Some(person(2)), "untouched");
    Ok(())
}

fn pending(bed: &dyn VaultBed) -> Result<(), Fault> {
    let mut vault = filled(bed, 6)?;
    vault.confirm(reference(2), Person(2))?;
    let told = |rows: Vec<PersonRow>| rows.iter().map(|row| row.reference).collect::<Vec<_>>();
    let page = told(vault.pending(Instant(5_000), None, 10)?);
    assert_eq!(page, vec![reference(1), reference(3), reference(4)]);
    let page = told(vault.pending(Instant(9_000), Some(reference(3)), 2)?);
    assert_eq!(page, vec![reference(4), reference(5)]);
    assert!(!vault.drop_pending(reference(1), Instant(1_000))?, "too young");
    assert!(!vault.drop_pending(reference(2), Instant(9_000))?, "confirmed");
    assert!(vault.drop_pending(reference(1), Instant(1_001))?);
    assert!(!vault.drop_pending(reference(1), Instant(9_000))?, "gone already");
    assert_eq!(vault.person(reference(1))?, None);
    assert_eq!(vault.key(1, reference(1))?, None);
    assert_eq!(vault.item(reference(1), 0)?, None);
    assert_eq!(vault.found(1, entry(1, 1), 10)?, vec![]);
    assert_eq!(vault.confirm(reference(1), Person(9))?, Confirmed::Absent);
    Ok(())
}

fn amend(bed: &dyn VaultBed) -> Result<(), Fault> {
    let mut vault = filled(bed, 2)?;
    let change = |put: &[ItemRow], remove: &[(u16, u32)], vault: &mut dyn VaultStore| {
        vault.amend(1, &Amendment { reference: reference(1), keys: &[], put, remove })
    };
    assert_eq!(change(&[item(1, 0, 1)], &[], &mut *vault)?, Amended::Moved);
    assert_eq!(change(&[item(1, 0, 3)], &[], &mut *vault)?, Amended::Moved);
    assert_eq!(change(&[item(1, 0, 2), item(1, 1, 2)], &[], &mut *vault)?, Amended::Moved);
    assert_eq!(vault.item(reference(1), 0)?, Some(item(1, 0, 1)), "all or nothing");
    assert_eq!(change(&[item(1, 0, 2), item(1, 7, 1)], &[], &mut *vault)?, Amended::Done);
    assert_eq!(vault.item(reference(1), 0)?, Some(item(1, 0, 2)));
    assert_eq!(change(&[], &[(7, 2)], &mut *vault)?, Amended::Moved);
    assert_eq!(change(&[], &[(7, 1)], &mut *vault)?, Amended::Done);
    assert_eq!(vault.item(reference(1), 7)?, None);
    let nobody = Amendment { reference: reference(9), keys: &[], put: &[], remove: &[] };
    assert_eq!(vault.amend(1, &nobody)?, Amended::Absent);
    Ok(())
}

fn at_once(bed: &dyn VaultBed) -> Result<(), Fault> {
    const ROUNDS: u32 = 15;
    drop(filled(bed, 2)?);
    let handles = [bed.vault()?, bed.vault()?, bed.vault()?];
    let done = std::thread::scope(|scope| {
        let threads = handles.map(|mut vault| {
            scope.spawn(move || -> Result<u32, Fault> {
                let mut done = 0;
                while done < ROUNDS {
                    let there = vault.items(reference(1))?[0].version;
                    let put = [item(1, 0, there + 1)];
                    let change =
                        Amendment { reference: reference(1), keys: &[], put: &put, remove: &[] };
                    done += u32::from(vault.amend(1, &change)? == Amended::Done);
                }
                Ok(done)
            })
        });
        // Cannot fail: a panic there is one of this case.
        threads.map(|thread| thread.join().expect("a thread"))
    });
    let done: u32 = done.into_iter().sum::<Result<u32, Fault>>()?;
    assert_eq!(bed.vault()?.items(reference(1))?[0].version, 1 + done);
    Ok(())
}

fn index(bed: &dyn VaultBed) -> Result<(), Fault> {
    let mut vault = filled(bed, 5)?;
    assert_eq!(vault.found(1, entry(1, 4), 10)?, vec![reference(4)]);
    assert_eq!(vault.found(1, entry(2, 4), 10)?, vec![]);
    assert_eq!(vault.found(2, entry(1, 4), 10)?, vec![], "another epoch");
    assert_eq!(vault.found(1, entry(2, 0), 10)?.len(), 5);
    assert_eq!(vault.found(1, entry(2, 0), 3)?, [1, 2, 3].map(reference));
    let row = |number: u8| IndexRow { hash: [number; 32], reference: reference(number) };
    assert_eq!(vault.index(1, 1, None, 3)?, [1, 2, 3].map(row));
    assert_eq!(vault.index(1, 1, Some(row(3)), 3)?, [4, 5].map(row));
    let shared = |number: u8| IndexRow { hash: [0; 32], reference: reference(number) };
    assert_eq!(vault.index(1, 2, Some(shared(4)), 3)?, [5].map(shared));
    // Another set of entries takes the place of the one before.
    let keys = [key(1, 4, &[entry(1, 44), entry(2, 0)])];
    let change = Amendment { reference: reference(4), keys: &keys, put: &[], remove: &[] };
    assert_eq!(vault.amend(1, &change)?, Amended::Done);
    assert_eq!(vault.found(1, entry(1, 4), 10)?, vec![]);
    assert_eq!(vault.found(1, entry(1, 44), 10)?, vec![reference(4)]);
    assert_eq!(vault.found(1, entry(2, 0), 10)?.len(), 5);
    Ok(())
}

fn looks(bed: &dyn VaultBed) -> Result<(), Fault> {
    let mut vault = filled(bed, 2)?;
    let look = |number: u8, seq: u64, byte: u8| LookRow {
        reference: reference(number),
        seq: Seq(seq),
        sealed: vec![byte; 40],
    };
    for seq in [3, 900, 70] {
        assert!(vault.look(&look(1, seq, 1))?);
    }
    assert!(vault.look(&look(2, 70, 2))?);
    assert!(vault.look(&look(1, 70, 9))?, "the same again");
    assert!(!vault.look(&look(9, 70, 9))?, "nobody");
    let told = [look(1, 900, 1), look(1, 70, 1), look(1, 3, 1)];
    assert_eq!(vault.looks(reference(1), None, 10)?, told);
    assert_eq!(vault.looks(reference(1), Some(Seq(900)), 1)?, told[1..2]);
    Ok(())
}

// R0-20.2, I-07: nothing but the row that says so is left.
fn destroy(bed: &dyn VaultBed) -> Result<(), Fault> {
    let mut vault = filled(bed, 5)?;
    for number in 1..=3 {
        vault.confirm(reference(number), Person(u32::from(number)))?;
        let row = LookRow { reference: reference(number), seq: Seq(1), sealed: vec![1] };
        vault.look(&row)?;
    }
    let orders = [(Person(1), Seq(10)), (Person(3), Seq(11)), (Person(77), Seq(12))];
    let done = vault.destroy(&orders)?;
    assert_eq!(done, [Destroyed::Now, Destroyed::Now, Destroyed::Absent]);
    for number in [1, 3] {
        let row = vault.person_of(Person(number))?.expect("the row stays");
        assert_eq!(row.state, PersonState::Destroyed);
        assert_eq!(row.ordered, Some(Seq(u64::from(9 + number.div_ceil(2)))));
        let reference = row.reference;
        assert_eq!(vault.key(1, reference)?, None);
        assert_eq!(vault.items(reference)?, vec![]);
        assert_eq!(vault.looks(reference, None, 10)?, vec![]);
        assert_eq!(vault.found(1, entry(1, number as u8), 10)?, vec![]);
        let row = LookRow { reference, seq: Seq(2), sealed: vec![1] };
        assert!(!vault.look(&row)?, "nobody to look at");
        let change = Amendment { reference, keys: &[], put: &[], remove: &[] };
        assert_eq!(vault.amend(1, &change)?, Amended::Absent);
        assert_eq!(vault.confirm(reference, Person(number))?, Confirmed::Destroyed);
    }
    assert_eq!(vault.found(1, entry(2, 0), 10)?, [2, 4, 5].map(reference));
    assert_eq!(vault.destroy(&orders)?, [Destroyed::Before; 3]);
    // Who turns out to be a number that was ordered to be destroyed is destroyed with it.
    assert_eq!(vault.confirm(reference(4), Person(77))?, Confirmed::Destroyed);
    let row = vault.person_of(Person(77))?.expect("a row");
    assert_eq!((row.reference, row.ordered), (reference(4), Some(Seq(12))));
    assert_eq!(vault.key(1, reference(4))?, None);
    assert_eq!(vault.found(1, entry(2, 0), 10)?, [2, 5].map(reference));
    Ok(())
}

fn carry(bed: &dyn VaultBed) -> Result<(), Fault> {
    let mut vault = filled(bed, 4)?;
    for number in 1..=4 {
        vault.confirm(reference(number), Person(u32::from(number)))?;
    }
    assert_eq!(vault.set_epochs(1, &[epoch(1, 1), epoch(2, 2)])?, Guarded::Done);
    let next = |number: u8| key(2, number, &[entry(1, 100 + number), entry(2, 100)]);
    let rows = [1, 2, 3].map(next);
    // One is destroyed between reading and carrying, one has changed and is there already.
    vault.destroy(&[(Person(1), Seq(5))])?;
    let keys = [key(1, 2, &[entry(1, 22)]), key(2, 2, &[entry(1, 122)])];
    let change = Amendment { reference: reference(2), keys: &keys, put: &[], remove: &[] };
    assert_eq!(vault.amend(2, &change)?, Amended::Done);
    assert_eq!(vault.carry(2, 1, &rows)?, Guarded::Done);
    assert_eq!(vault.carry(2, 1, &rows)?, Guarded::Done, "the same again");
    assert_eq!(vault.key(2, reference(1))?, None, "it never comes back");
    assert_eq!(vault.key(2, reference(2))?, Some(keys[1].clone()), "what is newer stays");
    assert_eq!(vault.key(2, reference(3))?, Some(next(3)));
    // The index is made from rows that were read before somebody is destroyed.
    assert_eq!(vault.found(2, entry(1, 103), 10)?, vec![], "carrying leaves the index alone");
    vault.destroy(&[(Person(3), Seq(6))])?;
    let late = IndexRow { hash: [103; 32], reference: reference(3) };
    let good = IndexRow { hash: [122; 32], reference: reference(2) };
    assert_eq!(vault.add_index(2, 2, 1, &[late, good])?, Guarded::Done);
    let mut settled = 0;
    loop {
        match vault.settle_index(1)? {
            0 => break,
            count => settled += count,
        }
    }
    assert!(0 < settled);
    assert_eq!(vault.found(2, entry(1, 103), 10)?, vec![], "nothing is astray");
    assert_eq!(vault.found(2, entry(1, 122), 10)?, vec![reference(2)]);
    Ok(())
}

fn forget(bed: &dyn VaultBed) -> Result<(), Fault> {
    let mut vault = filled(bed, 5)?;
    vault.set_epochs(1, &[epoch(1, 6), epoch(2, 1)])?;
    vault.carry(2, 1, &[key(2, 1, &[entry(1, 101)])])?;
    let mut removed = 0;
    loop {
        match vault.forget(1, 2)? {
            0 => break,
            count => {
                assert!(count <= 4, "{count}");
                removed += count;
            }
        }
    }
    assert_eq!(removed, 15);
    assert_eq!(vault.keys(1, None, 10)?, vec![]);
    assert_eq!(vault.index(1, 2, None, 10)?, vec![]);
    assert_eq!(vault.keys(2, None, 10)?.len(), 1, "another epoch stays");
    Ok(())
}

fn copy(bed: &dyn VaultBed) -> Result<(), Fault> {
    let mut vault = filled(bed, 3)?;
    vault.confirm(reference(1), Person(1))?;
    vault.destroy(&[(Person(1), Seq(4))])?;
    vault.look(&LookRow { reference: reference(2), seq: Seq(9), sealed: vec![7; 50] })?;
    let mut rows = Vec::new();
    vault.dump(&mut |row| {
        rows.push(row);
        Ok(())
    })?;
    assert!(matches!(rows[0], VaultRow::Epochs(_)));
    assert_eq!(rows.len(), 1 + 3 + 2 + 2 + 1);
    let mut other = crate::MemoryVault::new();
    other.load(&rows)?;
    let mut again = Vec::new();
    other.dump(&mut |row| {
        again.push(row);
        Ok(())
    })?;
    assert_eq!(again, rows);
    // What is there is never written over.
    for row in &rows {
        assert!(vault.load(std::slice::from_ref(row)).is_err());
    }
    let new = VaultRow::Item(item(2, 5, 1));
    assert!(vault.load(&[new, rows[1].clone()]).is_err());
    assert_eq!(vault.item(reference(2), 5)?, None, "all or nothing");
    Ok(())
}

fn limits(bed: &dyn VaultBed) -> Result<(), Fault> {
    let mut vault = filled(bed, 1)?;
    let refused = |done: Result<Guarded, Fault>| matches!(done, Err(Fault::Refused { .. }));
    let large = ItemRow { sealed: vec![0; VAULT_ITEM_BYTES_MAX + 1], ..item(2, 0, 1) };
    assert!(refused(vault.admit(1, &person(2), &[], &[large])));
    let twice = key(1, 2, &[entry(1, 2), entry(1, 2)]);
    assert!(refused(vault.admit(1, &person(2), &[twice], &[])));
    let many: Vec<Entry> = (0..=VAULT_ENTRIES_MAX as u8).map(|number| entry(1, number)).collect();
    assert!(refused(vault.admit(1, &person(2), &[key(1, 2, &many)], &[])));
    let most = ItemRow { sealed: noise(1, VAULT_ITEM_BYTES_MAX), ..item(2, 0, 1) };
    let keys = [key(1, 2, &many[1..])];
    assert_eq!(vault.admit(1, &person(2), &keys, std::slice::from_ref(&most))?, Guarded::Done);
    assert_eq!(vault.item(reference(2), 0)?, Some(most));
    assert_eq!(vault.persons(None, VAULT_PAGE_MAX + 1)?.len(), 2);
    Ok(())
}
