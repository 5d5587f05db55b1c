//! Writing in any script as words of Latin letters.
//!
//! Cyrillic with its Kazakh, Ukrainian and Serbian letters, the Latin alphabets of Kazakh (the
//! reform of 2021 and those before it, with and without apostrophes) and the Arabic script of
//! Arabic, Persian and Kazakh have tables of their own here. Other scripts go through a general
//! romanisation. Arabic and Hebrew leave short vowels out; a word from them is marked, so that a
//! missing vowel weighs little.

use unicode_normalization::UnicodeNormalization as _;

/// One word in small Latin letters and digits.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RawWord {
    /// Letters a–z and digits.
    pub latin: String,
    /// It was written in a script without short vowels.
    pub is_abjad: bool,
    /// It was written in Cyrillic.
    pub is_cyrillic: bool,
    /// How many letters it had as written; a sign of Chinese counts as its syllable.
    pub letters: usize,
    /// It is made of Chinese, Japanese or Korean signs.
    pub is_sign: bool,
    /// A full stop follows it.
    pub is_dotted: bool,
}

/// What a text was cut into.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Words {
    /// Its words in order.
    pub words: Vec<RawWord>,
    /// The signs themselves, if all are Chinese, Japanese or Korean.
    pub signs: Vec<char>,
}

/// Cuts a text into words.
pub fn words(text: &str) -> Words {
    let text: Vec<char> = text.nfc().collect();
    let is_kazakh_arabic = text.iter().any(|c| "ەۇۆۋڭٴ".contains(*c));
    let mut cut = Cut::default();
    let mut before = ' ';
    for (at, &letter) in text.iter().enumerate() {
        let after = text.get(at + 1).copied().unwrap_or(' ');
        if letter.is_uppercase() && before.is_lowercase() && 3 <= cut.lowercase_run {
            // SergeiLavrov, SiemensAG.
            cut.end();
        }
        cut.take(letter, before, after, is_kazakh_arabic);
        before = letter;
    }
    cut.end();
    if cut.has_other {
        cut.words.signs.clear();
    }
    cut.words
}

#[derive(Default)]
struct Cut {
    words: Words,
    word: RawWord,
    lowercase_run: usize,
    /// Letters of a script that is not written in signs.
    has_other: bool,
}

impl Cut {
    fn end(&mut self) {
        self.lowercase_run = 0;
        let word = std::mem::take(&mut self.word);
        if !word.latin.is_empty() {
            self.words.words.push(word);
        }
    }

    fn take(&mut self, letter: char, before: char, after: char, is_kazakh_arabic: bool) {
        self.lowercase_run = if letter.is_lowercase() { self.lowercase_run + 1 } else { 0 };
        if is_joiner(letter) {
            return;
        }
        if letter == '&' {
            self.end();
            self.word.latin.push_str("and");
            return self.end();
        }
        if letter == '.' {
            self.word.is_dotted = !self.word.latin.is_empty();
            return self.end();
        }
        if is_sign(letter) {
            self.words.signs.push(letter);
            return self.sign(letter);
        }
        if is_mark(letter) {
            return;
        }
        if !letter.is_alphanumeric() {
            // Vowel signs of the scripts of India and South-East Asia are no letters by themselves.
            let romanised = any_ascii::any_ascii_char(letter);
            let is_vowel = !letter.is_ascii() && romanised.bytes().any(|b| b.is_ascii_alphabetic());
            return if is_vowel { self.push(romanised) } else { self.end() };
        }
        self.has_other = true;
        self.word.letters += 1;
        match letter {
            '\u{0400}'..='\u{052f}' => {
                self.word.is_cyrillic = true;
                self.push(cyrillic(letter));
            }
            '\u{0600}'..='\u{06ff}' => {
                let vowels = is_kazakh_arabic;
                self.word.is_abjad |= !vowels;
                self.push(if vowels {
                    kazakh_arabic(letter)
                } else {
                    arabic(letter, before, after)
                });
            }
            '\u{05d0}'..='\u{05ea}' => {
                self.word.is_abjad = true;
                self.push(any_ascii::any_ascii_char(letter));
            }
            _ => self.latin(letter),
        }
    }

    /// A Chinese sign is a syllable: the first of a name is the surname, the others the given name.
    fn sign(&mut self, letter: char) {
        let romanised = any_ascii::any_ascii_char(letter);
        // A sign is a syllable, never an initial.
        self.word.letters += 1 + romanised.len();
        self.word.is_sign = true;
        self.push(romanised);
        let is_chinese_or_korean = !matches!(letter, '\u{3040}'..='\u{30ff}');
        if is_chinese_or_korean && self.words.signs.len() == 1 {
            self.end();
        }
    }

    fn latin(&mut self, letter: char) {
        let own = match letter.to_lowercase().next().unwrap_or(letter) {
            'ı' => "i",
            'ş' | 'ș' => "sh",
            'ğ' | 'ǵ' => "g",
            'ä' | 'æ' => "a",
            'ö' | 'ø' | 'œ' => "o",
            'ü' | 'ū' => "u",
            'ñ' | 'ń' => "n",
            'ß' => "ss",
            'þ' => "th",
            'ð' | 'đ' => "d",
            'ł' => "l",
            'ə' => "a",
            'ŋ' => "n",
            _ => "",
        };
        if !own.is_empty() {
            return self.push(own);
        }
        self.push(any_ascii::any_ascii_char(letter));
    }

    fn push(&mut self, romanised: &str) {
        for byte in romanised.bytes() {
            if byte.is_ascii_alphanumeric() {
                self.word.latin.push(byte.to_ascii_lowercase() as char);
            }
        }
    }
}

/// Signs that join what stands on both sides: apostrophes in all their forms, and invisible ones.
fn is_joiner(letter: char) -> bool {
    matches!(
        letter,
        '\'' | '’'
            | '‘'
            | 'ʼ'
            | 'ʻ'
            | 'ʿ'
            | 'ʾ'
            | '`'
            | '´'
            | '′'
            | '\u{200c}'
            | '\u{200d}'
            | '\u{ad}'
    )
}

fn is_mark(letter: char) -> bool {
    unicode_normalization::char::is_combining_mark(letter)
        && matches!(letter, '\u{0300}'..='\u{036f}' | '\u{0610}'..='\u{061a}'
            | '\u{064b}'..='\u{065f}' | '\u{0670}' | '\u{0591}'..='\u{05c7}')
}

fn is_sign(letter: char) -> bool {
    matches!(letter, '\u{3400}'..='\u{9fff}' | '\u{ac00}'..='\u{d7af}' | '\u{3040}'..='\u{30fa}')
}

fn cyrillic(letter: char) -> &'static str {
    match letter.to_lowercase().next().unwrap_or(letter) {
        'а' | 'ә' => "a",
        'б' => "b",
        'в' => "v",
        'г' | 'ғ' | 'ґ' | 'ѓ' => "g",
        'д' => "d",
        'е' | 'ё' | 'э' | 'є' | 'ѐ' => "e",
        'ж' => "zh",
        'з' | 'ѕ' => "z",
        'и' | 'і' | 'ы' | 'ї' | 'ѝ' | 'й' => "i",
        'ј' => "j",
        'к' | 'қ' | 'ќ' => "k",
        'л' => "l",
        'љ' => "li",
        'м' => "m",
        'н' | 'ң' => "n",
        'њ' => "ni",
        'о' | 'ө' => "o",
        'п' => "p",
        'р' => "r",
        'с' => "s",
        'т' => "t",
        'ћ' | 'ч' => "ch",
        'у' | 'ұ' | 'ү' | 'ў' => "u",
        'ф' => "f",
        'х' | 'һ' => "h",
        'ц' => "ts",
        'џ' | 'ђ' => "dzh",
        'ш' | 'щ' => "sh",
        'ю' => "iu",
        'я' => "ia",
        _ => "",
    }
}

fn arabic(letter: char, before: char, after: char) -> &'static str {
    let is_edge = |c: char| !c.is_alphabetic();
    match letter {
        'ا' | 'أ' | 'إ' | 'آ' | 'ٱ' | 'ى' | 'ة' => "a",
        'ب' => "b",
        'پ' => "p",
        'ت' | 'ط' => "t",
        'ث' => "th",
        'ج' => "j",
        'چ' => "ch",
        'ح' | 'ه' | 'ہ' | 'ھ' => {
            if is_edge(after) && !is_edge(before) {
                "a"
            } else {
                "h"
            }
        }
        'خ' => "kh",
        'د' | 'ض' | 'ڈ' => "d",
        'ذ' => "dh",
        'ر' | 'ڑ' => "r",
        'ز' | 'ظ' => "z",
        'ژ' => "zh",
        'س' | 'ص' => "s",
        'ش' => "sh",
        'ع' if is_edge(before) => "a",
        'غ' => "gh",
        'ف' => "f",
        'ق' => "q",
        'ك' | 'ک' => "k",
        'گ' => "g",
        'ل' => "l",
        'م' => "m",
        'ن' | 'ں' => "n",
        'و' | 'ؤ' if is_edge(before) => "w",
        'و' | 'ؤ' => "u",
        'ي' | 'ی' | 'ئ' | 'ے' => "i",
        _ => "",
    }
}

fn kazakh_arabic(letter: char) -> &'static str {
    match letter {
        'ا' => "a",
        'ە' => "e",
        'ۇ' | 'ۋ' => "u",
        'و' => "o",
        'ى' | 'ي' | 'ی' => "i",
        'ۆ' => "v",
        'ڭ' | 'ن' => "n",
        'ع' => "g",
        'ق' | 'ك' | 'ک' => "k",
        'گ' => "g",
        'ج' => "zh",
        'چ' => "ch",
        'ش' => "sh",
        'ح' | 'ھ' | 'ه' => "h",
        _ => arabic(letter, 'x', 'x'),
    }
}
