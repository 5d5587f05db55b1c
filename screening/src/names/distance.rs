//! How far two folded words are apart, in thousandths of a letter.
//!
//! A weighted edit distance with swaps of neighbours. What transliterations disagree about costs
//! less: vowels among each other, an unheard h, voiced and unvoiced consonants.

use super::fold::is_vowel;
use crate::limits::WORD_LETTERS_MAX;

/// A whole letter.
pub const LETTER: u32 = 1_000;
const VOWEL_FOR_VOWEL: u32 = 400;
const VOWEL_TOO_MANY: u32 = 500;
/// A vowel that a script does not write, or does not tell from another.
const VOWEL_NOT_WRITTEN: u32 = 150;
const H_TOO_MANY: u32 = 400;
const SWAP: u32 = 700;

/// Groups of sounds that are taken for each other, with the price.
const GROUPS: [(&[u8], u32); 11] = [
    (b"sSCzJ", 400),
    (b"kgh", 400),
    (b"bp", 400),
    (b"dt", 400),
    (b"vfu", 400),
    (b"mn", 700),
    (b"lr", 800),
    (b"Ji", 500),
    (b"Ck", 500),
    (b"Jg", 500),
    (b"Jd", 700),
];

/// The price of one sound for another, by their codes.
static PRICES: [[u16; CODES]; CODES] = prices();
const CODES: usize = 40;

const fn code(sound: u8) -> usize {
    match sound {
        b'a'..=b'z' => (sound - b'a') as usize,
        b'S' => 26,
        b'C' => 27,
        b'J' => 28,
        b'0'..=b'9' => 29 + (sound - b'0') as usize,
        _ => 39,
    }
}

const fn prices() -> [[u16; CODES]; CODES] {
    let mut table = [[LETTER as u16; CODES]; CODES];
    let vowels = b"aeiou";
    let mut i = 0;
    while i < 5 {
        let mut j = 0;
        while j < 5 {
            table[code(vowels[i])][code(vowels[j])] = VOWEL_FOR_VOWEL as u16;
            j += 1;
        }
        i += 1;
    }
    let mut group = 0;
    while group < GROUPS.len() {
        let (sounds, price) = GROUPS[group];
        let mut i = 0;
        while i < sounds.len() {
            let mut j = 0;
            while j < sounds.len() {
                let entry = &mut table[code(sounds[i])][code(sounds[j])];
                if (price as u16) < *entry {
                    *entry = price as u16;
                }
                j += 1;
            }
            i += 1;
        }
        group += 1;
    }
    let mut same = 0;
    while same < CODES {
        table[same][same] = 0;
        same += 1;
    }
    table
}

fn too_many(sound: u8, vowel: u32) -> u32 {
    match sound {
        b'h' => H_TOO_MANY,
        sound if is_vowel(sound) => vowel,
        _ => LETTER,
    }
}

/// The distance, or `None` if it is more than `most`. `is_abjad` says that one of the two, and only
/// one, is written without short vowels. Words are at most [`WORD_LETTERS_MAX`] long.
pub fn distance(a: &[u8], b: &[u8], is_abjad: bool, most: u32) -> Option<u32> {
    let vowel = if is_abjad { VOWEL_NOT_WRITTEN } else { VOWEL_TOO_MANY };
    // The same beginning and end need no table.
    let same = a.iter().zip(b).take_while(|(x, y)| x == y).count();
    let (a, b) = (&a[same..], &b[same..]);
    let same = a.iter().rev().zip(b.iter().rev()).take_while(|(x, y)| x == y).count();
    let (a, b) = (&a[..a.len() - same], &b[..b.len() - same]);
    if a.len().abs_diff(b.len()) as u32 * vowel.min(H_TOO_MANY) > most {
        return None;
    }
    const WIDTH: usize = WORD_LETTERS_MAX + 1;
    let b = &b[..b.len().min(WORD_LETTERS_MAX)];
    let mut rows = [[0u32; WIDTH]; 3];
    for j in 0..b.len() {
        rows[1][j + 1] = rows[1][j] + too_many(b[j], vowel);
    }
    for i in 0..a.len() {
        let [before, last, here] = &mut rows;
        here[0] = last[0] + too_many(a[i], vowel);
        let mut least = here[0];
        let without_a = too_many(a[i], vowel);
        let row = &PRICES[code(a[i])];
        for j in 0..b.len() {
            let other = u32::from(row[code(b[j])]);
            let is_vowels = is_vowel(a[i]) && is_vowel(b[j]);
            let other = if is_abjad && is_vowels { other.min(VOWEL_NOT_WRITTEN) } else { other };
            let mut best = last[j] + other;
            best = best.min(last[j + 1] + without_a).min(here[j] + too_many(b[j], vowel));
            if 0 < i && 0 < j && a[i] == b[j - 1] && a[i - 1] == b[j] {
                best = best.min(before[j - 1] + SWAP);
            }
            here[j + 1] = best;
            least = least.min(best);
        }
        if most + SWAP < least {
            return None;
        }
        rows.rotate_left(1);
    }
    let distance = rows[1][b.len()];
    (distance <= most).then_some(distance)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::names::fold::fold;

    #[test]
    fn distances() {
        let cases = [
            ("putin", "putin", 0),
            ("putin", "pulin", 1_000),
            ("musk", "mosk", 400),
            ("merkel", "merkur", 1_200),
            ("gadafi", "kadafi", 400),
            ("trump", "turmp", 700),
            ("hasan", "asan", 400),
            ("", "an", 1_500),
            ("fulano", "flano", 500),
        ];
        for (one, other, want) in cases {
            let (one, other) = (fold(one), fold(other));
            assert_eq!(distance(&one, &other, false, u32::MAX / 2), Some(want));
            assert_eq!(distance(&other, &one, false, u32::MAX / 2), Some(want));
            assert_eq!(distance(&one, &other, false, want), Some(want));
            if 0 < want {
                assert_eq!(distance(&one, &other, false, want - 1), None);
            }
        }
    }

    #[test]
    fn a_vowel_that_a_script_does_not_write_weighs_little() {
        let (written, heard) = (fold("mhmd"), fold("muhamad"));
        assert_eq!(distance(&written, &heard, true, 5_000), Some(450));
        assert_eq!(distance(&written, &heard, false, 5_000), Some(1_500));
    }
}
