//! Random numbers that repeat: one seed, the same numbers on every machine and in every version.
//!
//! The numbers are the ChaCha8 key stream of a 32-byte seed. ChaCha is a published algorithm with
//! test vectors (RFC 8439 and its reduced-round kin), so the stream cannot change with a new
//! version of the library; a test here holds a vector. Everything above the stream (the way a
//! number below `n` is drawn, how a shuffle walks) is written out here for the same reason.
//!
//! Integers only. Independent streams are forked by label, so that one more draw in one part of a
//! simulation moves nothing in another part.

use chacha20::ChaCha8Rng;
use chacha20::rand_core::{Rng, SeedableRng};
use sha2::{Digest, Sha256};

/// A stream of random numbers from a seed.
pub struct Random {
    seed: [u8; 32],
    stream: ChaCha8Rng,
}

impl Random {
    /// The stream of a short seed, such as the one of `--seed`.
    pub fn new(seed: u64) -> Random {
        Random::from_bytes(derive(&[b"bej random seed v1", &seed.to_be_bytes()]))
    }

    /// The stream of a full seed.
    pub fn from_bytes(seed: [u8; 32]) -> Random {
        Random { seed, stream: ChaCha8Rng::from_seed(seed) }
    }

    /// An independent stream. It depends on this stream's seed and on the label alone, not on what
    /// was drawn before; the same label gives the same stream again.
    pub fn fork(&self, label: &str) -> Random {
        Random::from_bytes(derive(&[b"bej random fork v1", &self.seed, label.as_bytes()]))
    }

    /// Sixty-four random bits.
    pub fn bits(&mut self) -> u64 {
        self.stream.next_u64()
    }

    /// Random bytes.
    pub fn fill<const N: usize>(&mut self) -> [u8; N] {
        let mut bytes = [0; N];
        self.stream.fill_bytes(&mut bytes);
        bytes
    }

    /// A number in `0 <= x && x < n`, each equally likely. Panics if `n` is 0.
    pub fn below(&mut self, n: u64) -> u64 {
        assert!(0 < n, "there is no number below 0");
        // Multiply and keep the high half; reject the few low halves that would favour some
        // numbers (D. Lemire, "Fast random integer generation in an interval", 2019).
        let surplus = n.wrapping_neg() % n;
        loop {
            let product = u128::from(self.bits()) * u128::from(n);
            if surplus <= product as u64 {
                return (product >> 64) as u64;
            }
        }
    }

    /// Yes in `num` of `den` cases. Panics if `den` is 0.
    pub fn chance(&mut self, num: u64, den: u64) -> bool {
        self.below(den) < num
    }

    /// One of the items, each equally likely. Panics if there is none.
    pub fn pick<'a, T>(&mut self, items: &'a [T]) -> &'a T {
        &items[self.index(items.len())]
    }

    /// Puts the items in a random order, each order equally likely (Fisher and Yates).
    pub fn shuffle<T>(&mut self, items: &mut [T]) {
        for last in (1..items.len()).rev() {
            let other = self.index(last + 1);
            items.swap(last, other);
        }
    }

    fn index(&mut self, length: usize) -> usize {
        // Lossless: usize has at most 64 bits, and the result is below `length`.
        self.below(length as u64) as usize
    }
}

/// SHA-256 over the parts, each behind its length, so that no two lists of parts collide.
fn derive(parts: &[&[u8]]) -> [u8; 32] {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part);
    }
    hash.finalize().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The published ChaCha8 key stream of the zero key and nonce.
    #[test]
    fn the_stream_is_chacha8() {
        let mut random = Random::from_bytes([0; 32]);
        let want = [
            0x3e, 0x00, 0xef, 0x2f, 0x89, 0x5f, 0x40, 0xd6, 0x7f, 0x5b, 0xb8, 0xe8, 0x1f, 0x09,
            0xa5, 0xa1, 0x2c, 0x84, 0x0e, 0xc3, 0xce, 0x9a, 0x7f, 0x3b, 0x18, 0x1b, 0xe1, 0x88,
            0xef, 0x71, 0x1a, 0x1e,
        ];
        assert_eq!(random.fill::<32>(), want);
    }

    /// Golden values, also computed by a second implementation in another language. A change here
    /// changes every simulation that anyone has kept.
    #[test]
    fn draws_are_golden() {
        let mut random = Random::new(1);
        let below: Vec<u64> = (0..8).map(|_| random.below(1_000)).collect();
        let mut order: Vec<u8> = (0..8).collect();
        random.shuffle(&mut order);
        let forked = random.fork("events").below(1_000_000);
        let picked = *random.pick(&["a", "b", "c"]);
        assert_eq!(below, [977, 947, 673, 477, 253, 326, 73, 122]);
        assert_eq!(order, [0, 3, 4, 6, 5, 7, 1, 2]);
        assert_eq!((forked, picked), (256_943, "a"));
    }

    #[test]
    fn forks_depend_on_seed_and_label_alone() {
        let fresh = Random::new(7);
        let mut used = Random::new(7);
        used.bits();
        assert_eq!(fresh.fork("a").bits(), used.fork("a").bits());
        assert_ne!(fresh.fork("a").bits(), fresh.fork("b").bits());
        assert_ne!(fresh.fork("a").bits(), Random::new(8).fork("a").bits());
        assert_ne!(fresh.fork("a").fork("b").bits(), fresh.fork("ab").bits());
    }

    #[test]
    fn numbers_stay_below_and_reach_every_value() {
        for n in [1, 2, 3, 7, 10, (1 << 63) + 1, u64::MAX] {
            let mut random = Random::new(n);
            assert!((0..200).all(|_| random.below(n) < n), "{n}");
        }
        let mut counts = [0u32; 7];
        let mut random = Random::new(3);
        for _ in 0..7_000 {
            counts[random.below(7) as usize] += 1;
        }
        // The seed is fixed, so this cannot fail by bad luck.
        assert!(counts.iter().all(|count| (850..1_150).contains(count)), "{counts:?}");
    }

    /// Without rejection one remainder in three would come up half the time.
    #[test]
    fn no_number_is_favoured() {
        let mut random = Random::new(11);
        let first = (0..3_000).filter(|_| random.below(3 << 62).is_multiple_of(3)).count();
        assert!((900..1_100).contains(&first), "{first}");
    }

    #[test]
    fn chances_are_fair() {
        let mut random = Random::new(5);
        let yes = (0..10_000).filter(|_| random.chance(3, 10)).count();
        assert!((2_800..3_200).contains(&yes), "{yes}");
        assert!((0..100).all(|_| random.chance(1, 1)));
        assert!(!(0..100).any(|_| random.chance(0, 9)));
    }

    #[test]
    fn a_shuffle_keeps_every_item() {
        let mut random = Random::new(9);
        let mut items: Vec<u32> = (0..100).collect();
        random.shuffle(&mut items);
        assert_ne!(items, (0..100).collect::<Vec<_>>());
        items.sort_unstable();
        assert_eq!(items, (0..100).collect::<Vec<_>>());
    }

    #[test]
    #[should_panic(expected = "below 0")]
    fn nothing_is_below_zero() {
        Random::new(1).below(0);
    }
}
