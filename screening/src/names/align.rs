//! Which words of one name stand for which words of another.
//!
//! All pairs of words that may stand for each other are priced, among them words that were written
//! together or apart; then the cheapest are taken, longest first. At most sixteen words a side.

use smallvec::SmallVec;

use super::distance::distance;
use super::fold::Sounds;
use super::reason::ReasonCode;
use super::word::{Class, Gender, Name, Word, stem};
use crate::limits::{WORD_LETTERS_MAX, WORDS_PER_NAME_MAX};

/// Words are taken for each other up to this price, in thousandths of a letter for each letter.
pub const PAIR_MAX: u32 = 270;
/// Words of three sounds and fewer, where one is a third of the word.
const SHORT_MAX: u32 = 260;
/// Words of which one is in a script without vowels: the consonants must agree.
const ABJAD_MAX: u32 = 150;
/// Words of which one is romanised from signs.
const SIGN_MAX: u32 = 80;
/// A letter that languages add to the end of a name.
const LAST_S: u32 = 500;
/// Stems of patronymics, where another father is another person.
const STEM_MAX: u32 = 220;
const INITIAL: u32 = 80;
const JOINED: u32 = 20;
const FATHER_AS_NAME: u32 = 80;
const SURNAME_ENDING: u32 = 110;
const OTHER_GENDER: u32 = 350;

/// Words of one side for words of the other.
#[derive(Clone, Copy, Debug)]
pub struct Pair {
    /// First word and number of words of the first name.
    pub a: (u8, u8),
    /// The same of the second name.
    pub b: (u8, u8),
    /// What it takes from the score.
    pub price: u32,
    pub how: ReasonCode,
    /// Letters that agree by it.
    pub letters: u32,
}

/// The pairs that were taken and the words that are left.
#[derive(Debug, Default)]
pub struct Alignment {
    pub pairs: SmallVec<[Pair; 8]>,
    pub left_a: SmallVec<[u8; 8]>,
    pub left_b: SmallVec<[u8; 8]>,
}

/// Aligns two names.
pub fn align(a: &Name, b: &Name) -> Alignment {
    let mut priced = candidates(a, b);
    priced.sort_unstable_by_key(|pair| (pair.price, u32::MAX - pair.letters, pair.a, pair.b));
    let mut taken = Alignment::default();
    let (mut used_a, mut used_b) = (0u32, 0u32);
    let mut derived = false;
    for pair in priced {
        let (mask_a, mask_b) = (mask(pair.a), mask(pair.b));
        let is_derived = matches!(pair.how, ReasonCode::FatherAsName | ReasonCode::SurnameEnding);
        if used_a & mask_a != 0 || used_b & mask_b != 0 || (is_derived && derived) {
            continue;
        }
        derived |= is_derived;
        used_a |= mask_a;
        used_b |= mask_b;
        taken.pairs.push(pair);
    }
    taken.left_a = left(a, used_a);
    taken.left_b = left(b, used_b);
    taken
}

fn mask((first, count): (u8, u8)) -> u32 {
    ((1 << count) - 1) << first
}

/// Words that nothing stands for and that say something; a word that is written twice in a row is
/// there once.
fn left(name: &Name, used: u32) -> SmallVec<[u8; 8]> {
    let is_repeated = |at: usize| {
        let same = |other: usize| {
            name.words.get(other).is_some_and(|word| word.sounds == name.words[at].sounds)
        };
        (0 < at && same(at - 1)) || (same(at + 1) && used & (1 << (at + 1)) != 0)
    };
    (0..name.words.len())
        .filter(|at| used & (1 << at) == 0)
        .filter(|at| !matches!(name.words[*at].class, Class::Particle | Class::Title))
        .filter(|at| !is_repeated(*at))
        .map(|at| at as u8)
        .collect()
}

fn candidates(a: &Name, b: &Name) -> SmallVec<[Pair; 32]> {
    let mut found = SmallVec::new();
    for (i, one) in a.words.iter().enumerate().take(WORDS_PER_NAME_MAX) {
        for (j, other) in b.words.iter().enumerate().take(WORDS_PER_NAME_MAX) {
            if let Some((price, how)) = price(one, other) {
                let letters = one.sounds.len().min(other.sounds.len()) as u32;
                let at = |at: usize| (at as u8, 1);
                found.push(Pair { a: at(i), b: at(j), price, how, letters });
            }
        }
    }
    joined(a, b, |pair| found.push(pair));
    joined(b, a, |pair| found.push(Pair { a: pair.b, b: pair.a, ..pair }));
    found
}

/// Several words of `apart` that are one word of `whole`.
fn joined(apart: &Name, whole: &Name, mut found: impl FnMut(Pair)) {
    for first in 0..apart.words.len() {
        let mut together = apart.words[first].sounds.clone();
        for count in 2..=4.min(apart.words.len() - first) {
            let next = &apart.words[first + count - 1];
            let repeats = usize::from(together.last() == next.sounds.first());
            together.extend_from_slice(&next.sounds[repeats.min(next.sounds.len())..]);
            if WORD_LETTERS_MAX < together.len() {
                break;
            }
            for (j, word) in whole.words.iter().enumerate() {
                if word.sounds.len() < 5 || together.len().abs_diff(word.sounds.len()) > 3 {
                    continue;
                }
                let is_abjad = word.is_abjad != next.is_abjad;
                let most = (PAIR_MAX - JOINED).min(rough(word, next));
                if let Some(price) = relative(&together, &word.sounds, is_abjad, most) {
                    found(Pair {
                        a: (first as u8, count as u8),
                        b: (j as u8, 1),
                        price: price + JOINED,
                        how: ReasonCode::WordsJoined,
                        letters: together.len().min(word.sounds.len()) as u32,
                    });
                }
            }
        }
    }
}

/// The distance in thousandths of a letter for each letter of the longer one.
pub fn relative(a: &[u8], b: &[u8], is_abjad: bool, most: u32) -> Option<u32> {
    let length = a.len().max(b.len()) as u32;
    if a == b {
        return Some(0);
    }
    let distance = distance(a, b, is_abjad, most * length)?;
    Some(distance / length.max(1))
}

fn price(a: &Word, b: &Word) -> Option<(u32, ReasonCode)> {
    let is_abjad = a.is_abjad != b.is_abjad;
    match (a.class, b.class) {
        (Class::Patronymic { gender: one, .. }, Class::Patronymic { gender: other, .. }) => {
            fathers(a, b, one, other, is_abjad)
        }
        (Class::Initial, Class::Initial) => {
            (a.sounds == b.sounds).then_some((INITIAL, ReasonCode::Initial))
        }
        (Class::Initial, _) => initial(a, b),
        (_, Class::Initial) => initial(b, a),
        (Class::Number, _) | (_, Class::Number) => {
            (a.sounds == b.sounds).then_some((0, ReasonCode::WordsEqual))
        }
        (Class::Particle | Class::Title, _) | (_, Class::Particle | Class::Title) => {
            (a.sounds == b.sounds).then_some((0, ReasonCode::WordsEqual))
        }
        (Class::Patronymic { .. }, Class::Plain | Class::Place) => father_as_name(a, b, is_abjad),
        (Class::Plain | Class::Place, Class::Patronymic { .. }) => father_as_name(b, a, is_abjad),
        (Class::Plain | Class::Place, Class::Plain | Class::Place) => names(a, b, is_abjad),
    }
}

fn fathers(
    a: &Word,
    b: &Word,
    one: Gender,
    other: Gender,
    is_abjad: bool,
) -> Option<(u32, ReasonCode)> {
    let price = relative(stem(a), stem(b), is_abjad, STEM_MAX)?;
    if one != other {
        return Some((price + OTHER_GENDER, ReasonCode::GenderDiffers));
    }
    let how = if price == 0 { ReasonCode::PatronymicEqual } else { ReasonCode::PatronymicSimilar };
    Some((price, how))
}

/// A father's name without an ending, or a surname that looks like a patronymic.
fn father_as_name(father: &Word, name: &Word, is_abjad: bool) -> Option<(u32, ReasonCode)> {
    let whole = relative(&father.sounds, &name.sounds, is_abjad, PAIR_MAX);
    let whole = whole.map(|price| (price, similar(price)));
    let name = match name.sounds.as_slice() {
        [start @ .., b'i'] if 2 <= start.len() => start,
        sounds => sounds,
    };
    let own = relative(stem(father), name, is_abjad, STEM_MAX - FATHER_AS_NAME);
    let own = own.map(|price| (price + FATHER_AS_NAME, ReasonCode::FatherAsName));
    whole.into_iter().chain(own).min_by_key(|(price, _)| *price)
}

fn similar(price: u32) -> ReasonCode {
    if price == 0 { ReasonCode::WordsEqual } else { ReasonCode::WordsSimilar }
}

fn initial(letter: &Word, name: &Word) -> Option<(u32, ReasonCode)> {
    if matches!(name.class, Class::Particle | Class::Title | Class::Number) {
        return None;
    }
    name.sounds.starts_with(&letter.sounds).then_some((INITIAL, ReasonCode::Initial))
}

fn names(a: &Word, b: &Word, is_abjad: bool) -> Option<(u32, ReasonCode)> {
    let shortest = a.sounds.len().min(b.sounds.len());
    let most = if shortest <= 3 { SHORT_MAX } else { PAIR_MAX };
    let most = most.min(rough(a, b));
    let whole = relative(&a.sounds, &b.sounds, is_abjad, most).map(|price| (price, similar(price)));
    let ending = surname_ending(&a.sounds, &b.sounds)
        .map(|price| (price + SURNAME_ENDING, ReasonCode::SurnameEnding));
    let last = last_s(&a.sounds, &b.sounds, most).map(|price| (price, similar(price)));
    whole.into_iter().chain(ending).chain(last).min_by_key(|(price, _)| *price)
}

/// The bound where the writing of one says less than letters do.
fn rough(a: &Word, b: &Word) -> u32 {
    if a.is_sign || b.is_sign {
        SIGN_MAX
    } else if a.is_abjad || b.is_abjad {
        ABJAD_MAX
    } else {
        PAIR_MAX
    }
}

/// A surname with -ov, -ev, -in or their feminine forms on one side only.
fn surname_ending(a: &Sounds, b: &Sounds) -> Option<u32> {
    const ENDINGS: [&[u8]; 6] = [b"ova", b"eva", b"ina", b"ov", b"ev", b"in"];
    let (long, short) = if a.len() < b.len() { (b, a) } else { (a, b) };
    ENDINGS
        .iter()
        .filter_map(|ending| long.strip_suffix(*ending))
        .filter(|stem| 3 <= stem.len())
        .find_map(|stem| relative(stem, short, false, 100))
}

/// The -s of Latvian and Lithuanian on one side only.
fn last_s(a: &Sounds, b: &Sounds, most: u32) -> Option<u32> {
    let (with, without) = match (a.as_slice(), b.as_slice()) {
        ([with @ .., b's'], without) | (without, [with @ .., b's']) => (with, without),
        _ => return None,
    };
    let extra = LAST_S / (with.len() as u32 + 1);
    if with.len() < 4 || most < extra {
        return None;
    }
    relative(with, without, false, most - extra).map(|price| price + extra)
}
