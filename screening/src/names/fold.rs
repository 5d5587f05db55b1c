//! Latin letters as sounds, so that the spellings of one name fall together.
//!
//! A sound is one byte: small letters, and `S` for sh, `C` for ch, `J` for zh, j and dzh. Doubled
//! letters count once. This is no phonetics of any one language, but what the usual
//! transliterations of Kazakh, Russian and Arabic names into each other disagree about.

use smallvec::SmallVec;

use crate::limits::WORD_LETTERS_MAX;

/// A folded word.
pub type Sounds = SmallVec<[u8; 24]>;

/// Pieces of several letters, longest first at each place.
const PIECES: [(&str, &str); 27] = [
    ("tsch", "C"),
    ("shch", "S"),
    ("dsch", "J"),
    ("sch", "S"),
    ("tch", "C"),
    ("tsh", "C"),
    ("dzh", "J"),
    ("chr", "kr"),
    ("dj", "J"),
    ("zh", "J"),
    ("sh", "S"),
    ("ch", "C"),
    ("cz", "C"),
    ("sz", "S"),
    ("kh", "h"),
    ("gh", "g"),
    ("ph", "f"),
    ("th", "t"),
    ("dh", "d"),
    ("bh", "b"),
    ("ck", "k"),
    ("iye", "ie"),
    ("iya", "ia"),
    ("iyu", "iu"),
    ("ye", "e"),
    ("ie", "e"),
    ("yo", "io"),
];

/// Pieces of languages that are written in Latin letters; in what was Cyrillic they are two sounds.
const LATIN_PIECES: [(&str, &str); 10] = [
    ("ou", "u"),
    ("oo", "u"),
    ("ow", "ov"),
    ("ee", "i"),
    ("ce", "se"),
    ("ci", "si"),
    ("cy", "si"),
    ("qu", "k"),
    ("oe", "o"),
    ("ue", "u"),
];

/// Folds letters a–z and digits that were written so.
pub fn fold(latin: &str) -> Sounds {
    fold_with(latin, &LATIN_PIECES)
}

/// Folds letters a–z that stand for Cyrillic ones.
pub fn fold_cyrillic(latin: &str) -> Sounds {
    fold_with(latin, &[])
}

fn fold_with(latin: &str, own: &[(&str, &str)]) -> Sounds {
    let bytes = latin.as_bytes();
    let mut sounds = Sounds::new();
    let mut at = 0;
    while at < bytes.len() && sounds.len() < WORD_LETTERS_MAX {
        let rest = &latin[at..];
        if let Some((piece, sound)) =
            PIECES.iter().chain(own).find(|(piece, _)| rest.starts_with(piece))
        {
            sound.bytes().for_each(|sound| push(&mut sounds, sound));
            at += piece.len();
            continue;
        }
        let after = bytes.get(at + 1).copied();
        match bytes[at] {
            b'j' => {
                let sound = if is_glide(&sounds, after) { b'i' } else { b'J' };
                push(&mut sounds, sound);
            }
            b'y' => push(&mut sounds, b'i'),
            b'w' => push(&mut sounds, b'v'),
            b'q' | b'c' => push(&mut sounds, b'k'),
            b'x' if at == 0 => push(&mut sounds, b'S'),
            b'x' => {
                push(&mut sounds, b'k');
                push(&mut sounds, b's');
            }
            other => push(&mut sounds, other),
        }
        at += 1;
    }
    ending(latin, &mut sounds);
    sounds
}

/// The German and Slavic j after a vowel: Sergej, Lavrovskij.
fn is_glide(sounds: &[u8], after: Option<u8>) -> bool {
    let follows_vowel = sounds.last().is_some_and(|sound| is_vowel(*sound));
    follows_vowel && after.is_none_or(|after| !is_vowel(after) && after != b'y')
}

fn push(sounds: &mut Sounds, sound: u8) {
    let is_twice = sounds.last() == Some(&sound) && !sound.is_ascii_digit();
    if !is_twice && sounds.len() < WORD_LETTERS_MAX {
        sounds.push(sound);
    }
}

/// -off is -ov, -ic is -ich, and an h at the end is not heard.
fn ending(latin: &str, sounds: &mut Sounds) {
    let length = sounds.len();
    if sounds.ends_with(b"of") || sounds.ends_with(b"ef") {
        sounds[length - 1] = b'v';
    }
    if 5 <= length && latin.ends_with("ic") {
        sounds[length - 1] = b'C';
    }
    if 3 <= length && sounds[length - 1] == b'h' && is_vowel(sounds[length - 2]) {
        sounds.pop();
    }
}

/// Whether a sound is a vowel.
pub const fn is_vowel(sound: u8) -> bool {
    matches!(sound, b'a' | b'e' | b'i' | b'o' | b'u')
}

#[cfg(test)]
mod tests {
    use super::fold;

    #[test]
    fn spellings_that_fall_together() {
        let cases: [&[&str]; 14] = [
            &["zhakupov", "jakupov", "dzhakupov", "djakupov"],
            &["sergei", "sergey", "sergej"],
            &["lavrov", "lavroff", "lavrow", "lawrow"],
            &["mohammad", "mohamad"],
            &["qanat", "kanat", "canat"],
            &["shch", "sch"],
            &["khan", "han"],
            &["yerlan", "erlan"],
            &["yakunin", "iakunin"],
            &["zelenskij", "zelenskii", "zelensky", "zelenskyy"],
            &["hassan", "hasan"],
            &["chirkov", "tchirkov"],
            &["abdullah", "abdulla"],
            &["wladimir", "vladimir"],
        ];
        for spellings in cases {
            let first = fold(spellings[0]);
            for other in spellings {
                assert_eq!(fold(other), first, "{} and {other}", spellings[0]);
            }
        }
    }

    #[test]
    fn names_that_stay_apart() {
        for (one, other) in [("ali", "vali"), ("marat", "murat"), ("askar", "askhat")] {
            assert_ne!(fold(one), fold(other), "{one} and {other}");
        }
    }
}
