//! A table of the hot state: values under 128-bit ids that senders make, each in a numbered slot.
//!
//! Ids come from outside, so the hash is keyed by a number that the shell draws; nothing ever
//! depends on the order of the index, so the key changes no result. Slots are reused, last freed
//! first, which makes the slot of a value a function of the journal. A look-up costs one probe of
//! the index and one of the slot; an insertion the same.

use core::hash::{BuildHasher, Hasher};

use foldhash::fast::FixedState;
use hashbrown::HashTable;

use crate::codec::{Broken, Field, Reader, Spill, Value, put_list};

/// A value that names its own key.
pub trait Keyed {
    /// Who made the id, and the id.
    fn key(&self) -> (u32, [u8; 16]);
}

/// The table.
#[derive(Clone, Debug)]
pub struct Table<V> {
    index: HashTable<u32>,
    slots: Vec<Option<V>>,
    free: Vec<u32>,
    hasher: FixedState,
}

impl<V: Keyed> Table<V> {
    /// An empty table; `key` is drawn by the shell and influences no result.
    pub fn new(key: u64) -> Self {
        Table::with_room(key, 0)
    }

    /// An empty table that takes so many values without growing.
    pub fn with_room(key: u64, values: usize) -> Self {
        Table {
            index: HashTable::with_capacity(values),
            slots: Vec::with_capacity(values),
            free: Vec::new(),
            hasher: FixedState::with_seed(key),
        }
    }

    /// The slot of a key.
    pub fn find(&self, owner: u32, id: [u8; 16]) -> Option<u32> {
        let key = (owner, id);
        let same = |slot: &u32| {
            self.slots[*slot as usize].as_ref().is_some_and(|value| value.key() == key)
        };
        self.index.find(hash(&self.hasher, key), same).copied()
    }

    /// Looks where the key would stand in the index, and no further: look-ups of many keys that
    /// begin with this wait for memory together. Returns a number that depends on the look.
    pub fn touch(&self, owner: u32, id: [u8; 16]) -> usize {
        let mut met = 0;
        self.index.find(hash(&self.hasher, (owner, id)), |slot| {
            met += *slot as usize;
            false
        });
        met
    }

    /// The value in a slot.
    pub fn get(&self, slot: u32) -> Option<&V> {
        self.slots.get(slot as usize)?.as_ref()
    }

    /// The value in a slot, to change anything but its key.
    pub fn get_mut(&mut self, slot: u32) -> Option<&mut V> {
        self.slots.get_mut(slot as usize)?.as_mut()
    }

    /// The value of a key.
    pub fn of(&self, owner: u32, id: [u8; 16]) -> Option<&V> {
        self.find(owner, id).and_then(|slot| self.get(slot))
    }

    /// Adds a value under a key that is not there yet; `None` if it is.
    pub fn insert(&mut self, value: V) -> Option<u32> {
        let key = value.key();
        if self.find(key.0, key.1).is_some() {
            return None;
        }
        let slot = match self.free.pop() {
            Some(slot) => {
                self.slots[slot as usize] = Some(value);
                slot
            }
            None => {
                self.slots.push(Some(value));
                (self.slots.len() - 1) as u32
            }
        };
        let (slots, hasher) = (&self.slots, &self.hasher);
        self.index.insert_unique(hash(hasher, key), slot, |slot| rehash(slots, hasher, *slot));
        Some(slot)
    }

    /// Takes the value out of a slot.
    pub fn remove(&mut self, slot: u32) -> Option<V> {
        let value = self.slots.get_mut(slot as usize)?.take()?;
        let entry = self.index.find_entry(hash(&self.hasher, value.key()), |other| *other == slot);
        if let Ok(entry) = entry {
            entry.remove();
        }
        self.free.push(slot);
        Some(value)
    }

    /// How many values there are.
    pub fn len(&self) -> usize {
        self.slots.len() - self.free.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// One more than the highest slot ever used.
    pub fn slots(&self) -> u32 {
        self.slots.len() as u32
    }

    /// All values in order of slot.
    pub fn iter(&self) -> impl Iterator<Item = (u32, &V)> {
        (0..).zip(&self.slots).filter_map(|(slot, value)| Some((slot, value.as_ref()?)))
    }
}

fn hash(hasher: &FixedState, (owner, id): (u32, [u8; 16])) -> u64 {
    let mut state = hasher.build_hasher();
    state.write_u32(owner);
    state.write_u128(u128::from_le_bytes(id));
    state.finish()
}

fn rehash<V: Keyed>(slots: &[Option<V>], hasher: &FixedState, slot: u32) -> u64 {
    // Cannot be absent: the index names occupied slots only.
    slots[slot as usize].as_ref().map_or(0, |value| hash(hasher, value.key()))
}

impl<V: Keyed + PartialEq> PartialEq for Table<V> {
    fn eq(&self, other: &Self) -> bool {
        self.slots == other.slots && self.free == other.free
    }
}

impl<V: Keyed + Eq> Eq for Table<V> {}

impl<V: Keyed + Field> Table<V> {
    /// Appends the canonical bytes: free slots in their order, then the values by slot.
    pub fn put(&self, out: &mut Vec<u8>, spill: Spill<'_>) {
        self.slots().put(out);
        put_list(out, spill, self.free.len(), self.free.iter());
        for (_, value) in self.iter() {
            value.put(out);
            spill(out);
        }
    }

    /// Reads what [`Table::put`] wrote.
    pub fn read(from: &mut Reader<'_>, key: u64, room: usize) -> Result<Self, Broken> {
        let count = u32::read(from)? as usize;
        let free: Vec<u32> = Vec::read(from)?;
        if count < free.len() || from.left() < count - free.len() {
            return Err(Broken::Short);
        }
        let mut vacant = vec![false; count];
        for slot in &free {
            let place = vacant.get_mut(*slot as usize).ok_or(Broken::Range)?;
            if core::mem::replace(place, true) {
                return Err(Broken::Invalid);
            }
        }
        let mut table = Table::with_room(key, room.max(count));
        for (slot, vacant) in (0..).zip(vacant) {
            if vacant {
                table.slots.push(None);
                continue;
            }
            let value = V::read(from)?;
            let key = value.key();
            if table.find(key.0, key.1).is_some() {
                return Err(Broken::Invalid);
            }
            table.slots.push(Some(value));
            let (slots, hasher) = (&table.slots, &table.hasher);
            table.index.insert_unique(hash(hasher, key), slot, |s| rehash(slots, hasher, *s));
        }
        table.free = free;
        Ok(table)
    }

    /// How many values there are, for display.
    pub fn value(&self) -> Value {
        Value::Int(self.len() as i64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    crate::record! {
        /// A value for the test.
        pub struct Item {
            /// Its id.
            pub id: [u8; 16],
            /// Its content.
            pub content: u32,
        }
    }

    impl Keyed for Item {
        fn key(&self) -> (u32, [u8; 16]) {
            (7, self.id)
        }
    }

    fn item(n: u32) -> Item {
        Item { id: u128::from(n).to_be_bytes(), content: n }
    }

    #[test]
    fn behaves_as_a_map_whatever_its_key() {
        let mut tables = [Table::new(1), Table::new(u64::MAX)];
        let mut model = std::collections::BTreeMap::new();
        let mut turn: u32 = 12_345;
        for _ in 0..20_000 {
            turn = turn.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let n = turn >> 20;
            for table in &mut tables {
                match table.find(7, item(n).id) {
                    Some(slot) => assert_eq!(table.remove(slot), Some(item(n))),
                    None => assert!(table.insert(item(n)).is_some()),
                }
            }
            if model.remove(&n).is_none() {
                model.insert(n, item(n));
            }
        }
        let [first, second] = tables;
        assert_eq!(first, second);
        assert_eq!(first.len(), model.len());
        assert!(model.values().all(|value| first.of(7, value.id) == Some(value)));
        assert!(first.of(8, item(*model.keys().next().unwrap()).id).is_none());

        let mut bytes = Vec::new();
        first.put(&mut bytes, &mut |_| ());
        let mut again = Table::read(&mut Reader::new(&bytes), 5, 0).unwrap();
        assert_eq!(again, first);
        let mut first = first;
        assert_eq!(again.insert(item(5_000)), first.insert(item(5_000)));
        assert_eq!(again.insert(item(5_000)), None);
        assert_eq!(again, first);
    }
}
