//! Which names of the lists are worth comparing with a name.
//!
//! Every word is cut into pieces of three sounds, pairs of consonants, and its consonants as a
//! whole; a piece points to the names that have it, and a rare piece weighs more. The names that
//! share the most weight with the asked one are compared exactly. What shares nothing is not seen;
//! what that costs is measured by `screening-eval`.

use foldhash::fast::FixedState;
use hashbrown::HashMap;
use smallvec::SmallVec;

use super::fold::is_vowel;
use super::word::{Class, Name};
use crate::limits::CANDIDATES_MAX;

type Map<K, V> = HashMap<K, V, FixedState>;

/// The pieces of one name, each once.
pub type Pieces = SmallVec<[u64; 64]>;

/// Pieces of all names and where they stand.
#[derive(Debug, Default)]
pub struct Index {
    /// Piece to its place in `starts`.
    pieces: Map<u64, u32>,
    starts: Vec<u32>,
    names: Vec<u32>,
    /// Weight of each piece.
    weights: Vec<u32>,
    /// Weight of each name.
    totals: Vec<u32>,
}

impl Index {
    /// An index of names by their pieces.
    pub fn build(all: &[Pieces]) -> Index {
        let mut pieces: Map<u64, u32> = Map::default();
        let mut counts: Vec<u32> = Vec::new();
        for piece in all.iter().flatten() {
            let next = counts.len() as u32;
            let at = *pieces.entry(*piece).or_insert(next);
            if at == next {
                counts.push(0);
            }
            counts[at as usize] += 1;
        }
        let mut starts = Vec::with_capacity(counts.len() + 1);
        let mut end = 0u32;
        starts.push(end);
        for count in &counts {
            end += count;
            starts.push(end);
        }
        let mut next = starts.clone();
        let mut names = vec![0u32; end as usize];
        for (name, own) in all.iter().enumerate() {
            for piece in own {
                let slot = &mut next[pieces[piece] as usize];
                names[*slot as usize] = name as u32;
                *slot += 1;
            }
        }
        let weights: Vec<u32> = counts.iter().map(|count| rarity(all.len(), *count)).collect();
        let total = |own: &Pieces| own.iter().map(|piece| weights[pieces[piece] as usize]).sum();
        let totals = all.iter().map(total).collect();
        Index { pieces, starts, names, weights, totals }
    }

    /// The names that share the most with these pieces, the best first.
    pub fn nearest(&self, own: &Pieces) -> Vec<u32> {
        let unseen = rarity(self.totals.len(), 1);
        let mut shared = vec![0u32; self.totals.len()];
        let mut touched: Vec<u32> = Vec::new();
        let mut total = 0;
        for piece in own {
            let Some(at) = self.pieces.get(piece) else {
                total += unseen;
                continue;
            };
            let at = *at as usize;
            let weight = self.weights[at];
            total += weight;
            if weight == 0 {
                continue;
            }
            for name in &self.names[self.starts[at] as usize..self.starts[at + 1] as usize] {
                let slot = &mut shared[*name as usize];
                if *slot == 0 {
                    touched.push(*name);
                }
                *slot += weight;
            }
        }
        let closeness = |name: u32| {
            let other = self.totals[name as usize];
            let (less, more) = (total.min(other), total.max(other));
            u64::from(shared[name as usize]) * 4_000 / u64::from(3 * less + more).max(1)
        };
        let mut near: Vec<(u64, u32)> = touched
            .into_iter()
            .map(|name| (closeness(name), name))
            .filter(|(closeness, _)| CLOSENESS_MIN <= *closeness)
            .collect();
        let best_first = |(closeness, name): &(u64, u32)| (u64::MAX - closeness, *name);
        if CANDIDATES_MAX < near.len() {
            near.select_nth_unstable_by_key(CANDIDATES_MAX, best_first);
            near.truncate(CANDIDATES_MAX);
        }
        near.sort_unstable_by_key(best_first);
        near.into_iter().map(|(_, name)| name).collect()
    }
}

/// Below this, in thousandths, two names have hardly a syllable in common.
const CLOSENESS_MIN: u64 = 180;

/// Sixteen times the binary logarithm of how rare a piece is, at least one; nothing for what an
/// eighth of all names have, once there are many.
fn rarity(names: usize, count: u32) -> u32 {
    let ratio = (names as u64 / u64::from(count.max(1))).max(1);
    if ratio < 8 && 64 <= names {
        return 0;
    }
    let whole = ratio.ilog2();
    // In a short list every name may have a piece, and it is found by it all the same.
    (16 * whole + (((ratio << 4) >> whole) & 15) as u32).max(1)
}

/// The pieces of a name.
pub fn pieces(name: &Name) -> Pieces {
    let mut found = Pieces::new();
    for word in &name.words {
        if word.class == Class::Particle && 2 < name.words.len() {
            continue;
        }
        let sounds = &word.sounds;
        let sound = |at: usize| {
            u64::from(at.checked_sub(1).and_then(|at| sounds.get(at)).map_or(b' ', |s| *s))
        };
        for at in 0..sounds.len() {
            found.push(sound(at) << 16 | sound(at + 1) << 8 | sound(at + 2));
        }
        let mut bones = SmallVec::<[u8; 24]>::from_slice(b" ");
        bones.extend(sounds.iter().filter(|sound| !is_vowel(**sound)).map(|sound| bone(*sound)));
        bones.push(b' ');
        let pair = |two: &[u8]| 1 << 32 | u64::from(two[0]) << 8 | u64::from(two[1]);
        found.extend(bones.windows(2).map(pair));
        let hash =
            |hash: u64, sound: &u8| (hash ^ u64::from(*sound)).wrapping_mul(0x0100_0000_01b3);
        found.push(2 << 62 | bones.iter().fold(0xcbf2_9ce4_8422_2325, hash) >> 2);
    }
    for sign in &name.signs {
        found.push(3 << 32 | u64::from(u32::from(*sign)));
    }
    found.sort_unstable();
    found.dedup();
    found
}

/// Consonants that spellings change for each other.
fn bone(sound: u8) -> u8 {
    match sound {
        b'g' | b'h' => b'k',
        b'z' | b'S' | b'C' | b'J' => b's',
        b'b' => b'p',
        b'd' => b't',
        b'f' => b'v',
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::super::word;
    use super::*;

    // S-48: the first version of a list may have one entry.
    #[test]
    fn a_name_is_found_in_a_list_of_one() {
        let own = pieces(&word::person("СЕЙІТҚАЛИЕВ ӨМІРБЕК МҰРАТОВИЧ"));
        let other = pieces(&word::person("Zhang Wei"));
        for all in [vec![own.clone()], vec![own.clone(), own.clone()]] {
            let index = Index::build(&all);
            assert_eq!(index.nearest(&own).len(), all.len());
            assert!(index.nearest(&other).is_empty());
        }
    }
}
