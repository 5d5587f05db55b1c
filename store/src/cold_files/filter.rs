//! A Bloom filter that proves most absent keys absent: about one in a hundred is not.
//!
//! All bits of a key are in one line of 64 bytes, so that a question costs one access to memory.
//! The bits are part of the form of the files: a filter that computed them in another way would
//! take keys that are there for absent. Golden values below hold them in place.

use super::Key;

/// Bits of the filter for each key.
const BITS_PER_KEY: u64 = 10;

/// Bits that a key sets.
const PROBES: u32 = 6;

/// Words of a line.
const LINE: usize = 8;

/// The filter of the keys of one table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Filter {
    words: Vec<u64>,
}

impl Filter {
    /// A filter without keys, for `keys` of them.
    pub(super) fn new(keys: usize) -> Filter {
        Filter { words: vec![0; Filter::words_for(keys as u64) as usize] }
    }

    /// A filter from its words.
    pub(super) fn of(words: Vec<u64>) -> Filter {
        Filter { words }
    }

    /// How many words a filter for `keys` has; whole lines.
    pub(super) fn words_for(keys: u64) -> u64 {
        (keys * BITS_PER_KEY).div_ceil(64 * LINE as u64) * LINE as u64
    }

    /// The words.
    pub(super) fn words(&self) -> &[u64] {
        &self.words
    }

    /// Adds a key.
    pub(super) fn insert(&mut self, key: &Key) {
        let (line, bits) = self.place(key);
        for bit in probes(bits) {
            self.words[line + bit / 64] |= 1 << (bit % 64);
        }
    }

    /// Whether the key may be there; if not, it certainly is not.
    pub(super) fn may_hold(&self, key: &Key) -> bool {
        if self.words.is_empty() {
            return false;
        }
        let (line, bits) = self.place(key);
        probes(bits).all(|bit| self.words[line + bit / 64] & (1 << (bit % 64)) != 0)
    }

    /// The first word of the key's line, and what its bits in the line are made of.
    fn place(&self, key: &Key) -> (usize, u64) {
        let hash = hash(key);
        let lines = (self.words.len() / LINE) as u128;
        let line = ((u128::from(hash) * lines) >> 64) as usize;
        (line * LINE, mix(hash))
    }
}

/// The bits of a key in its line: nine bits of the hash choose one of 512.
fn probes(bits: u64) -> impl Iterator<Item = usize> {
    (0..PROBES).map(move |probe| (bits >> (9 * probe)) as usize % (64 * LINE))
}

fn hash(key: &Key) -> u64 {
    let [high, low] = [key.id >> 64, key.id].map(|half| half as u64);
    mix(mix(mix(high) ^ low) ^ u64::from(key.owner))
}

/// The output function of splitmix64.
fn mix(word: u64) -> u64 {
    let word = word.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    word ^ (word >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(ms: i64, tail: u64) -> Key {
        let mut random = [0; 10];
        random[2..].copy_from_slice(&tail.to_be_bytes());
        Key { id: u128::from_be_bytes(terms::id::uuid_v7(ms, random)), owner: 16 }
    }

    #[test]
    fn every_key_is_held_and_few_others() {
        let check = |name: &str, held: fn(u64) -> Key, absent: fn(u64) -> Key| {
            let count = 100_000;
            let mut filter = Filter::new(count as usize);
            (0..count).for_each(|n| filter.insert(&held(n)));
            assert!((0..count).all(|n| filter.may_hold(&held(n))), "{name}");
            let wrong = (0..count).filter(|n| filter.may_hold(&absent(*n))).count();
            // About 980 were measured; 0 would mean that the filter was not asked at all.
            assert!((500..1_500).contains(&wrong), "{name}: {wrong} of {count}");
        };
        // One after the other within a millisecond, and spread over time with no random part.
        check("counted", |n| key(1_000, n), |n| key(1_000, n + 100_000));
        check("by time", |n| key(n as i64, 7), |n| key(n as i64, 8));
        check("two owners", |n| key(1_000, n), |n| Key { owner: 17, ..key(1_000, n) });
    }

    #[test]
    fn sizes() {
        let check = |keys, words| assert_eq!(Filter::words_for(keys), words, "{keys}");
        check(0, 0);
        check(1, 8);
        check(51, 8);
        check(52, 16);
        check(1_000_000, 156_256);
        assert!(!Filter::new(0).may_hold(&key(1, 1)));
    }

    #[test]
    fn the_bits_stay_where_they_are() {
        assert_eq!(mix(0), 0xe220_a839_7b1d_cdaf);
        let mut filter = Filter::new(100);
        filter.insert(&key(1_700_000_000_000, 42));
        let set = (0..).zip(filter.words()).filter(|(_, word)| **word != 0);
        let set: Vec<(usize, u64)> = set.map(|(at, word)| (at, *word)).collect();
        let expected =
            [(8, 1 << 60 | 1 << 44 | 1 << 23), (9, 1 << 48), (13, 1 << 26), (15, 1 << 43)];
        assert_eq!(set, expected);
    }
}
