//! Which ids have been seen (core 15).
//!
//! Two generations of a fixed size hold the most recent ids exactly; their tables are allocated
//! once. When both are full and the index on disk is durable past the older one, that one is
//! dropped. For each sender the largest time in a dropped id is kept: an id with a later time that
//! is not here has never been seen, without any look-up elsewhere; an earlier one must be asked of
//! the index (`docs/decisions/0004-ids.md`). No part of the state hash: the journal says it all.

use std::collections::VecDeque;

use core::hash::{BuildHasher, Hasher};

use foldhash::fast::FixedState;
use hashbrown::HashTable;
use terms::{Digest, MessageId, Sender, Seq, limits};

/// What is known of an id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Seen {
    /// Never seen.
    New,
    /// Seen: the fact that it caused, and the digest of its content.
    Known(Seq, Digest),
    /// Only the index on disk can tell.
    Ask,
}

#[derive(Clone, Copy, Debug)]
struct Entry {
    id: [u8; 16],
    digest: [u8; 16],
    seq: u64,
    sender: u32,
}

#[derive(Clone, Debug)]
struct Generation {
    /// Where in `entries` an id is: small enough to stay in the processor's cache.
    index: HashTable<u32>,
    /// In order of arrival, so that adding one touches no cold memory.
    entries: Vec<Entry>,
    /// One more than the last position in it.
    end: u64,
    /// By sender number, the largest time in an id, ms.
    latest: Vec<i64>,
}

/// A second content that came under a known id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Conflict {
    sender: u32,
    id: MessageId,
    digest: Digest,
}

/// How many conflicts are remembered so that none is journalled twice.
const CONFLICTS_KEPT: usize = 1_024;

/// Senders of which each has a time of its own: far more than organisers are ever licensed, and
/// half a megabyte a table.
const SENDERS_APART: usize = 65_536;

/// The recent ids.
#[derive(Clone, Debug)]
pub struct Recent {
    young: Generation,
    old: Generation,
    /// By sender number, the largest time in an id that was dropped, ms.
    horizon: Vec<i64>,
    capacity: usize,
    hasher: FixedState,
    conflicts: VecDeque<Conflict>,
}

impl Recent {
    /// No id; room for `capacity` in each generation. `key` influences no result.
    pub fn new(key: u64, capacity: usize) -> Self {
        let generation = || Generation {
            index: HashTable::with_capacity(capacity),
            entries: Vec::with_capacity(capacity),
            end: 0,
            latest: Vec::new(),
        };
        Recent {
            young: generation(),
            old: generation(),
            horizon: Vec::new(),
            capacity,
            hasher: FixedState::with_seed(key),
            conflicts: VecDeque::new(),
        }
    }

    /// For copies of the state that never decide: no room, and never asked.
    pub fn none() -> Self {
        Recent::new(0, 0)
    }

    /// Whether ids are kept at all.
    pub fn keeps(&self) -> bool {
        self.capacity != 0
    }

    /// Sets what the index on disk holds: by sender, the largest time in an id, ms.
    pub fn set_horizon(&mut self, horizons: impl Iterator<Item = (Sender, i64)>) {
        for (sender, ms) in horizons {
            raise(&mut self.horizon, sender.number(), ms);
        }
    }

    /// Looks an id up.
    pub fn find(&self, sender: Sender, id: MessageId) -> Seen {
        let number = sender.number();
        let hash = self.hash(number, id);
        for generation in [&self.young, &self.old] {
            let entries = &generation.entries;
            let same = |at: &u32| {
                let entry = &entries[*at as usize];
                entry.sender == number && entry.id == id.0
            };
            if let Some(at) = generation.index.find(hash, same) {
                let entry = &entries[*at as usize];
                return Seen::Known(Seq(entry.seq), Digest(entry.digest));
            }
        }
        let dropped = self.horizon.get(place(number)).copied().unwrap_or(i64::MIN);
        if id.made_ms() <= dropped { Seen::Ask } else { Seen::New }
    }

    /// Looks where an id would stand in the index, and no further; see [`terms::Table::touch`].
    pub fn touch(&self, sender: Sender, id: MessageId) -> usize {
        let hash = self.hash(sender.number(), id);
        let mut met = 0;
        for generation in [&self.young, &self.old] {
            generation.index.find(hash, |at| {
                met += *at as usize;
                false
            });
        }
        met
    }

    /// Remembers an id.
    pub fn insert(&mut self, sender: Sender, id: MessageId, seq: Seq, digest: Digest) {
        if self.capacity == 0 {
            return;
        }
        let number = sender.number();
        let hash = self.hash(number, id);
        let entry = Entry { id: id.0, digest: digest.0, seq: seq.0, sender: number };
        let (hasher, young) = (&self.hasher, &mut self.young);
        let at = young.entries.len() as u32;
        young.entries.push(entry);
        let entries = &young.entries;
        young.index.insert_unique(hash, at, |at| {
            let entry = &entries[*at as usize];
            hash_of(hasher, entry.sender, MessageId(entry.id))
        });
        self.young.end = seq.0 + 1;
        raise(&mut self.young.latest, number, id.made_ms());
    }

    /// Whether a second content under a known id is still to be journalled: once for each content,
    /// at most three times for an id (core 14).
    pub fn is_new_conflict(&self, sender: Sender, id: MessageId, digest: Digest) -> bool {
        let number = sender.number();
        let of_id = || self.conflicts.iter().filter(|c| c.sender == number && c.id == id);
        of_id().all(|conflict| conflict.digest != digest)
            && of_id().count() < usize::from(limits::CONFLICTS_PER_ID_MAX)
    }

    /// Remembers a conflict.
    pub fn insert_conflict(&mut self, sender: Sender, id: MessageId, digest: Digest) {
        if self.conflicts.len() == CONFLICTS_KEPT {
            self.conflicts.pop_front();
        }
        self.conflicts.push_back(Conflict { sender: sender.number(), id, digest });
    }

    /// Drops the older generation if the younger is full and the index is durable up to `through`
    /// (exclusive). Returns whether there is room; without it the shell takes nothing in.
    pub fn make_room(&mut self, through: Seq) -> bool {
        if self.young.entries.len() < self.capacity {
            return true;
        }
        if through.0 < self.old.end {
            // The index lags; the table may grow to twice its size before intake stops.
            return self.young.entries.len() < self.capacity.saturating_mul(2);
        }
        for (number, ms) in (0..).zip(&self.old.latest) {
            raise(&mut self.horizon, number, *ms);
        }
        core::mem::swap(&mut self.young, &mut self.old);
        self.young.index.clear();
        self.young.entries.clear();
        self.young.latest.clear();
        self.young.end = 0;
        true
    }

    fn hash(&self, number: u32, id: MessageId) -> u64 {
        hash_of(&self.hasher, number, id)
    }
}

fn hash_of(hasher: &FixedState, number: u32, id: MessageId) -> u64 {
    let mut state = hasher.build_hasher();
    state.write_u32(number);
    state.write_u128(u128::from_le_bytes(id.0));
    state.finish()
}

/// Where a sender's time is. Those beyond the bound share one place, with the latest time of them
/// all: then the index is asked once more than it need be, and a number that no organiser has takes
/// no memory.
fn place(number: u32) -> usize {
    (number as usize).min(SENDERS_APART)
}

fn raise(table: &mut Vec<i64>, number: u32, ms: i64) {
    let index = place(number);
    if table.len() <= index {
        table.resize(index + 1, i64::MIN);
    }
    table[index] = table[index].max(ms);
}

#[cfg(test)]
mod tests {
    use super::*;
    use terms::Organiser;
    use terms::id::uuid_v7;

    fn id(ms: i64, n: u8) -> MessageId {
        MessageId(uuid_v7(ms, [n; 10]))
    }

    #[test]
    fn a_known_id_is_found_until_only_the_index_can_tell() {
        let mut recent = Recent::new(1, 4);
        let digest = Digest([7; 16]);
        for n in 0..8u8 {
            assert_eq!(recent.find(Sender::Bettor, id(i64::from(n), n)), Seen::New);
            assert!(recent.make_room(Seq(u64::from(n))));
            recent.insert(Sender::Bettor, id(i64::from(n), n), Seq(u64::from(n)), digest);
        }
        let known = |recent: &Recent, n: u8| recent.find(Sender::Bettor, id(i64::from(n), n));
        assert_eq!(known(&recent, 0), Seen::Known(Seq(0), digest));
        // The index is durable past the older generation only from position 4 on.
        assert!(recent.make_room(Seq(3)));
        assert_eq!(known(&recent, 0), Seen::Known(Seq(0), digest));
        assert!(recent.make_room(Seq(4)));
        assert_eq!(known(&recent, 0), Seen::Ask);
        assert_eq!(known(&recent, 4), Seen::Known(Seq(4), digest));
        // Another id of that time must be asked for, a later one is new; so is another sender's.
        assert_eq!(recent.find(Sender::Bettor, id(3, 99)), Seen::Ask);
        assert_eq!(recent.find(Sender::Bettor, id(4, 99)), Seen::New);
        assert_eq!(recent.find(Sender::Operator, id(3, 99)), Seen::New);
    }

    #[test]
    fn a_number_that_no_organiser_has_takes_no_memory() {
        let far = |n: u32| Sender::Organiser(Organiser(u32::MAX - 16 - n));
        let mut recent = Recent::new(1, 1);
        for n in 0..2u8 {
            assert!(recent.make_room(Seq(9)));
            recent.insert(far(0), id(5, n), Seq(u64::from(n)), Digest([0; 16]));
        }
        assert!(recent.make_room(Seq(9)));
        assert!(recent.horizon.len() <= SENDERS_APART + 1);
        // Another one beyond the bound is asked of the index where it need not be, no more.
        assert_eq!(recent.find(far(0), id(5, 9)), Seen::Ask);
        assert_eq!(recent.find(far(1), id(5, 9)), Seen::Ask);
        assert_eq!(recent.find(far(1), id(6, 9)), Seen::New);
        assert_eq!(recent.find(Sender::Bettor, id(5, 9)), Seen::New);
    }

    #[test]
    fn without_an_index_there_is_an_end_to_room() {
        let mut recent = Recent::new(1, 2);
        let mut taken = 0;
        for n in 0..20u8 {
            if !recent.make_room(Seq(0)) {
                break;
            }
            recent.insert(Sender::Bettor, id(1, n), Seq(u64::from(n)), Digest([0; 16]));
            taken += 1;
        }
        assert!(taken < 10, "{taken}");
    }

    #[test]
    fn conflicts_are_journalled_once_for_each_content_and_three_times_at_most() {
        let mut recent = Recent::new(1, 8);
        let conflict = |n: u8| (Sender::Bettor, id(5, 1), Digest([n; 16]));
        for n in 0..3 {
            let (sender, id, digest) = conflict(n);
            assert!(recent.is_new_conflict(sender, id, digest));
            recent.insert_conflict(sender, id, digest);
            assert!(!recent.is_new_conflict(sender, id, digest));
        }
        let (sender, id, digest) = conflict(9);
        assert!(!recent.is_new_conflict(sender, id, digest));
    }
}
