//! The index as a stream, for the screening of everybody: hashes in ascending order, each with the
//! number of its person. Cost: one pass over the index of a field, and 20 bytes a person in memory.

use store::limits::VAULT_PAGE_MAX;
use store::vault::{IndexRow, PersonState, Reference};
use terms::{Iin, Person};

use crate::fault::VaultFault;
use crate::search::{Field, Query, tag_of};
use crate::vault::Vault;

/// The keyed hash of a value, good as long as the epoch is current.
pub type Hash = [u8; 32];

impl Vault {
    /// The hash under which the index has a value in the current epoch.
    pub fn hash_of(&mut self, query: &Query<'_>) -> Result<Hash, VaultFault> {
        let (_, tag) = tag_of(query);
        let epoch = self.current()?;
        Ok(self.epoch_keys(epoch)?.hash(&tag))
    }

    /// Gives all hashes of a field in ascending order, each with a live person who has it.
    pub fn for_each_index(
        &mut self,
        field: Field,
        take: &mut dyn FnMut(&Hash, Person),
    ) -> Result<(), VaultFault> {
        let numbers = self.numbers()?;
        let epoch = self.current()?;
        let mut after: Option<IndexRow> = None;
        loop {
            let rows = self.store.index(epoch, field.code(), after, VAULT_PAGE_MAX)?;
            let Some(last) = rows.last() else { return Ok(()) };
            after = Some(*last);
            for row in &rows {
                if let Some(number) = number_of(&numbers, row.reference) {
                    take(&row.hash, number);
                }
            }
        }
    }

    /// Which of the listed numbers belong to live persons: the place in the list and the person, by
    /// ascending place. Both sides are sorted once and met in one pass.
    pub fn members(&mut self, listed: &[Iin]) -> Result<Vec<(u32, Person)>, VaultFault> {
        self.refresh()?;
        let epoch = self.current()?;
        let keys = self.epoch_keys(epoch)?;
        let hash = |iin: &Iin| keys.hash(&tag_of(&Query::Iin(*iin)).1);
        let mut wanted: Vec<(Hash, u32)> = listed.iter().map(hash).zip(0..).collect();
        wanted.sort_unstable();
        let (mut at, mut met) = (0, Vec::new());
        self.for_each_index(Field::Iin, &mut |hash, person| {
            while wanted.get(at).is_some_and(|(wanted, _)| wanted < hash) {
                at += 1;
            }
            // A list may name one number twice, and a number may have two persons.
            let same = wanted[at..].iter().take_while(|(wanted, _)| wanted == hash);
            met.extend(same.map(|(_, place)| (*place, person)));
        })?;
        self.refresh()?;
        if self.current()? != epoch {
            // A rotation came between: what was hashed is of the epoch before.
            return self.members(listed);
        }
        met.sort_unstable();
        Ok(met)
    }

    /// Live persons by reference, ascending.
    fn numbers(&mut self) -> Result<Vec<(Reference, Person)>, VaultFault> {
        let (mut numbers, mut after) = (Vec::new(), None);
        loop {
            let rows = self.store.persons(after, VAULT_PAGE_MAX)?;
            let Some(last) = rows.last() else { return Ok(numbers) };
            after = Some(last.reference);
            let live = rows.iter().filter(|row| row.state == PersonState::Live);
            numbers.extend(live.filter_map(|row| Some((row.reference, row.number?))));
        }
    }
}

/// Looks where a random reference lies among as many evenly spread ones, and near there.
fn number_of(numbers: &[(Reference, Person)], reference: Reference) -> Option<Person> {
    let first = u64::from_be_bytes(reference.0[..8].try_into().ok()?);
    let guess = (u128::from(first) * numbers.len() as u128) >> 64;
    let guess = usize::try_from(guess).ok()?;
    let (mut low, mut high, mut step) = (guess, guess, 16);
    while 0 < low && reference < numbers[low.min(numbers.len() - 1)].0 {
        low = low.saturating_sub(step);
        step *= 2;
    }
    step = 16;
    while high < numbers.len() && numbers[high].0 <= reference {
        high = (high + step).min(numbers.len());
        step *= 2;
    }
    let within = &numbers[low..high];
    let found = within.binary_search_by_key(&reference, |row| row.0).ok()?;
    Some(within[found].1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_reference_is_found_where_it_is() {
        for count in [0_u32, 1, 2, 17, 1_000] {
            let reference = |number: u32| {
                let mut bytes = [0; 16];
                bytes[..4].copy_from_slice(&number.wrapping_mul(0x9e37_79b9).to_be_bytes());
                Reference(bytes)
            };
            let mut numbers: Vec<(Reference, Person)> =
                (0..count).map(|number| (reference(number), Person(number))).collect();
            numbers.sort_unstable();
            for number in 0..count {
                assert_eq!(number_of(&numbers, reference(number)), Some(Person(number)));
            }
            assert_eq!(number_of(&numbers, reference(count + 1)), None);
            assert_eq!(number_of(&numbers, Reference([u8::MAX; 16])), None);
        }
    }
}
