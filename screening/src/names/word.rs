//! What kind of word a word is: a name, a patronymic, an initial, a title, a legal form.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use smallvec::SmallVec;

use super::distance::{LETTER, distance};
use super::fold::{Sounds, fold, fold_cyrillic};
use super::script::{self, RawWord};
use crate::limits::WORDS_PER_NAME_MAX;

/// What a patronymic's ending says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gender {
    Male,
    Female,
}

/// A company's legal form, as far as two forms can contradict each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Form {
    /// "Company" and the like, which fit every form.
    Any,
    /// Owned by partners.
    Limited,
    /// Owned by shareholders.
    Shares,
    /// A partnership.
    Partnership,
    /// Owned by nobody.
    NonProfit,
}

/// The kind of a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// A name, or a word of an organisation's name.
    Plain,
    /// "al", "bin", "von", "of": joins other words and says little.
    Particle,
    /// "Mr", "Haji", "President".
    Title,
    /// The father's name with an ending; the first so many sounds are the father's.
    Patronymic { stem: u8, gender: Gender },
    /// One letter that stands for a name.
    Initial,
    /// A number, in digits.
    Number,
    /// A place, which a branch of an organisation adds.
    Place,
}

/// A word that is compared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Word {
    pub sounds: Sounds,
    pub class: Class,
    pub is_abjad: bool,
    /// It was written in signs, whose romanisation is rough.
    pub is_sign: bool,
    /// So common that by itself it says little about who is meant.
    pub is_common: bool,
}

/// A name, ready to be compared.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Name {
    pub words: SmallVec<[Word; 4]>,
    pub forms: SmallVec<[Form; 2]>,
    pub signs: Vec<char>,
}

/// The father's name in a patronymic.
pub fn stem(word: &Word) -> &[u8] {
    match word.class {
        Class::Patronymic { stem, .. } => &word.sounds[..usize::from(stem)],
        Class::Plain
        | Class::Particle
        | Class::Title
        | Class::Initial
        | Class::Number
        | Class::Place => &word.sounds,
    }
}

/// A person's name.
pub fn person(text: &str) -> Name {
    let script::Words { mut words, signs } = script::words(text);
    words.truncate(4 * WORDS_PER_NAME_MAX);
    join_patronymics(&mut words);
    let several = 1 < words.len();
    let made = words.iter().map(|word| person_word(word, several));
    let mut name = Name { words: made.collect(), forms: SmallVec::new(), signs };
    drop_repeats_of_forms(&mut name, &words);
    name.words.truncate(WORDS_PER_NAME_MAX);
    name
}

/// Some write a company's ending after a person's name; it says nothing about a person.
fn drop_repeats_of_forms(name: &mut Name, raw: &[RawWord]) {
    let last = raw.last().map(|word| word.latin.as_str());
    if 3 <= name.words.len() && last.is_some_and(|last| ["llc", "ltd", "inc", "sa"].contains(&last))
    {
        name.words.pop();
    }
}

fn person_word(raw: &RawWord, several: bool) -> Word {
    let latin = letters_for_digits(&raw.latin);
    let sounds = if raw.is_cyrillic { fold_cyrillic(&latin) } else { fold(&latin) };
    let class = if !several {
        Class::Plain
    } else if PARTICLES.contains(&latin.as_str()) {
        Class::Particle
    } else if TITLES.contains(&latin.as_str()) {
        Class::Title
    } else if raw.letters == 1 || (raw.is_dotted && raw.letters == 2) {
        Class::Initial
    } else {
        patronymic(&sounds, raw.is_cyrillic).unwrap_or(Class::Plain)
    };
    let is_common = COMMON.contains(sounds.as_slice());
    Word { sounds, class, is_abjad: raw.is_abjad, is_sign: raw.is_sign, is_common }
}

/// "Ali uly" is one word, as "Aliuly" is.
fn join_patronymics(words: &mut Vec<RawWord>) {
    const ENDINGS: [&str; 12] = [
        "uly", "uli", "kyzy", "qyzy", "kizi", "qizi", "gyzy", "oglu", "ogli", "ogly", "oglou",
        "ulu",
    ];
    let mut at = 1;
    while at < words.len() {
        if ENDINGS.contains(&words[at].latin.as_str()) {
            let ending = words.remove(at);
            words[at - 1].latin.push_str(&ending.latin);
        } else {
            at += 1;
        }
    }
}

/// Digits that stand in a word for the letters they look like.
fn letters_for_digits(latin: &str) -> String {
    let is_mixed = latin.bytes().any(|byte| byte.is_ascii_digit())
        && latin.bytes().any(|byte| byte.is_ascii_alphabetic());
    if !is_mixed {
        return latin.into();
    }
    let letter = |letter| match letter {
        '0' => 'o',
        '1' => 'i',
        '3' => 'e',
        '4' => 'a',
        '5' => 's',
        '9' => 'g',
        other => other,
    };
    latin.chars().map(letter).collect()
}

/// Folded endings of patronymics in Kazakh, Russian, and Turkic languages around.
const PATRONYMICS: [(&[u8], Gender); 16] = [
    (b"oviC", Gender::Male),
    (b"eviC", Gender::Male),
    (b"ovits", Gender::Male),
    (b"evits", Gender::Male),
    (b"iniCna", Gender::Female),
    (b"iCna", Gender::Female),
    (b"ovna", Gender::Female),
    (b"evna", Gender::Female),
    (b"uli", Gender::Male),
    (b"oglu", Gender::Male),
    (b"ogli", Gender::Male),
    (b"ogl", Gender::Male),
    (b"kizi", Gender::Female),
    (b"gizi", Gender::Female),
    (b"kiz", Gender::Female),
    (b"giz", Gender::Female),
];

fn patronymic(sounds: &[u8], is_cyrillic: bool) -> Option<Class> {
    let short = (is_cyrillic, b"iC".as_slice(), Gender::Male);
    let endings =
        PATRONYMICS.iter().map(|(ending, gender)| (true, *ending, *gender)).chain([short]);
    for (applies, ending, gender) in endings {
        if let Some(stem) = sounds.strip_suffix(ending)
            && applies
            && 2 <= stem.len()
        {
            // The й of Елікбайұлы is lost in Еликбаевич.
            let stem = match stem {
                [father @ .., b'i'] if 2 <= father.len() => father,
                whole => whole,
            };
            return Some(Class::Patronymic { stem: stem.len() as u8, gender });
        }
    }
    None
}

const PARTICLES: [&str; 34] = [
    "al", "el", "ul", "ur", "ud", "ad", "ar", "as", "az", "an", "at", "ash", "bin", "ibn", "ben",
    "bint", "binti", "abu", "abou", "de", "da", "do", "dos", "del", "della", "di", "der", "den",
    "van", "von", "la", "le", "y", "e",
];

const TITLES: [&str; 48] = [
    "mr",
    "mrs",
    "ms",
    "miss",
    "dr",
    "prof",
    "professor",
    "sir",
    "lord",
    "lady",
    "monsieur",
    "madame",
    "herr",
    "frau",
    "haji",
    "hajji",
    "hadji",
    "hajj",
    "al-hajj",
    "sheikh",
    "shaikh",
    "shaykh",
    "cheikh",
    "mullah",
    "mulla",
    "maulavi",
    "mawlawi",
    "maulvi",
    "maulana",
    "mawlana",
    "mufti",
    "qari",
    "qadi",
    "imam",
    "ustad",
    "ustaz",
    "sayyid",
    "syed",
    "president",
    "prasident",
    "general",
    "colonel",
    "major",
    "captain",
    "minister",
    "alhaj",
    "engineer",
    "comrade",
];

/// Names that millions bear: words that by themselves hardly point to one person.
static COMMON: LazyLock<std::collections::BTreeSet<Sounds>> = LazyLock::new(|| {
    let names = [
        "mohammad",
        "muhammad",
        "mohamed",
        "mohammed",
        "muhammed",
        "mehmet",
        "magomed",
        "ahmad",
        "ahmed",
        "akhmed",
        "akhmet",
        "ali",
        "abdul",
        "abd",
        "abdel",
        "abdallah",
        "abdullah",
        "abdulla",
        "hassan",
        "hasan",
        "hussein",
        "hussain",
        "husain",
        "ibrahim",
        "khalid",
        "khaled",
        "mahmud",
        "mahmoud",
        "mustafa",
        "omar",
        "umar",
        "osman",
        "othman",
        "usman",
        "yusuf",
        "yousef",
        "yusef",
        "ismail",
        "khan",
        "said",
        "saeed",
        "sayed",
        "salim",
        "saleh",
        "salih",
        "hamid",
        "karim",
        "rahman",
        "rahim",
        "aziz",
        "malik",
        "jamal",
        "mir",
        "shah",
        "jan",
        "gul",
        "din",
        "allah",
        "ur",
        "singh",
        "kumar",
        "kim",
        "lee",
        "li",
        "ri",
        "pak",
        "park",
        "chen",
        "wang",
        "zhang",
        "nguyen",
        "tran",
        "garcia",
        "perez",
        "maria",
        "jose",
        "juan",
        "carlos",
        "luis",
        "john",
        "david",
        "michael",
        "ivan",
        "sergey",
        "aleksandr",
        "alexander",
        "vladimir",
        "aleksey",
        "dmitry",
        "andrey",
        "nikolay",
        "igor",
    ];
    names.iter().map(|name| fold(name)).collect()
});

/// An organisation's name, without its legal form.
pub fn organisation(text: &str) -> Name {
    let script::Words { words, signs } = script::words(text);
    let mut latin = join_letters(&words[..words.len().min(4 * WORDS_PER_NAME_MAX)]);
    spell_numbers(&mut latin);
    let forms = take_forms(&mut latin);
    let mut words: SmallVec<[Word; 4]> = SmallVec::new();
    for (latin, is_abjad) in &latin {
        let latin =
            LONG_FORMS.iter().find(|(short, _)| short == latin).map_or(latin.as_str(), |(_, l)| l);
        let is_number = latin.bytes().all(|byte| byte.is_ascii_digit()) || roman(latin).is_some();
        let class = if is_number {
            Class::Number
        } else if JOINING.contains(&latin) || PARTICLES.contains(&latin) {
            Class::Particle
        } else if PLACES.contains(&latin) {
            Class::Place
        } else {
            Class::Plain
        };
        let sounds = match roman(latin) {
            Some(number) => Sounds::from_slice(number.to_string().as_bytes()),
            None => fold(latin),
        };
        let is_common = GENERIC.contains(sounds.as_slice());
        words.push(Word { sounds, class, is_abjad: *is_abjad, is_sign: false, is_common });
    }
    words.truncate(WORDS_PER_NAME_MAX);
    Name { words, forms, signs }
}

const JOINING: [&str; 14] =
    ["and", "the", "of", "for", "in", "und", "et", "fur", "des", "on", "i", "po", "mv", "mt"];

const PLACES: [&str; 40] = [
    "europe",
    "asia",
    "africa",
    "america",
    "americas",
    "international",
    "global",
    "usa",
    "us",
    "uk",
    "russia",
    "rus",
    "kazakhstan",
    "qazaqstan",
    "china",
    "hongkong",
    "singapore",
    "dubai",
    "uae",
    "iran",
    "turkey",
    "germany",
    "schweiz",
    "switzerland",
    "france",
    "italy",
    "spain",
    "india",
    "japan",
    "korea",
    "deutschland",
    "osterreich",
    "polska",
    "ukraine",
    "belarus",
    "syria",
    "iraq",
    "lebanon",
    "cyprus",
    "moscow",
];

/// Words that many organisations have in their names.
static GENERIC: LazyLock<std::collections::BTreeSet<Sounds>> = LazyLock::new(|| {
    let words = [
        "group",
        "holding",
        "holdings",
        "bank",
        "trading",
        "trade",
        "industries",
        "industry",
        "industrial",
        "systems",
        "solutions",
        "services",
        "service",
        "international",
        "global",
        "enterprises",
        "enterprise",
        "management",
        "investment",
        "investments",
        "capital",
        "fund",
        "partners",
        "trust",
        "company",
        "corporation",
        "organization",
        "foundation",
        "center",
        "centre",
        "general",
        "national",
        "state",
        "development",
        "construction",
        "engineering",
        "energy",
        "oil",
        "gas",
        "petroleum",
        "shipping",
        "marine",
        "aviation",
        "airlines",
        "technology",
        "technologies",
        "electronics",
        "research",
        "university",
        "institute",
        "import",
        "export",
        "commercial",
    ];
    words.iter().map(|word| fold(word)).collect()
});

const LONG_FORMS: [(&str, &str); 12] = [
    ("intl", "international"),
    ("natl", "national"),
    ("mfg", "manufacturing"),
    ("govt", "government"),
    ("univ", "university"),
    ("inst", "institute"),
    ("dept", "department"),
    ("tech", "technology"),
    ("bros", "brothers"),
    ("assn", "association"),
    ("intern", "international"),
    ("org", "organization"),
];

/// "A.B.C." and "S.A." are one word each.
fn join_letters(words: &[RawWord]) -> Vec<(String, bool)> {
    let mut joined: Vec<(String, bool)> = Vec::with_capacity(words.len());
    let mut may_join = false;
    for word in words {
        let is_letter =
            word.latin.len() == 1 && word.latin.bytes().all(|b| b.is_ascii_alphabetic());
        match joined.last_mut() {
            Some((last, _)) if is_letter && may_join => last.push_str(&word.latin),
            _ => joined.push((word.latin.clone(), word.is_abjad)),
        }
        may_join = is_letter && word.is_dotted;
    }
    joined
}

/// Numbers in words become digits: "Forty-Four" is 44, "First" is 1.
fn spell_numbers(words: &mut Vec<(String, bool)>) {
    const ONES: [&str; 19] = [
        "one",
        "two",
        "three",
        "four",
        "five",
        "six",
        "seven",
        "eight",
        "nine",
        "ten",
        "eleven",
        "twelve",
        "thirteen",
        "fourteen",
        "fifteen",
        "sixteen",
        "seventeen",
        "eighteen",
        "nineteen",
    ];
    const ORDINALS: [&str; 9] =
        ["first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth"];
    const TENS: [&str; 9] =
        ["", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"];
    let value = |word: &str| -> Option<u32> {
        let place = |list: &[&str]| list.iter().position(|known| *known == word);
        if let Some(at) = place(&ONES).or(place(&ORDINALS)) {
            return Some(at as u32 + 1);
        }
        if let Some(at) = place(&TENS).filter(|at| 0 < *at) {
            return Some((at as u32 + 1) * 10);
        }
        if word == "fourty" {
            return Some(40);
        }
        let digits =
            ["st", "nd", "rd", "th"].into_iter().find_map(|ending| word.strip_suffix(ending));
        let digits = digits.unwrap_or(word);
        if digits.len() <= 6 { digits.parse().ok() } else { None }
    };
    let mut out: Vec<(String, bool)> = Vec::with_capacity(words.len());
    let mut tens = false;
    for (word, is_abjad) in words.drain(..) {
        let Some(number) = value(&word) else {
            tens = false;
            out.push((word, is_abjad));
            continue;
        };
        match out.last_mut() {
            Some((last, _)) if tens && number < 10 => {
                let sum = last.parse::<u32>().unwrap_or(0) + number;
                *last = sum.to_string();
                tens = false;
            }
            _ => {
                tens = 20 <= number && number < 100 && number % 10 == 0;
                out.push((number.to_string(), is_abjad));
            }
        }
    }
    *words = out;
}

/// Roman numbers up to 39, as series of funds and ships have them; single letters but I, V, X are
/// words.
fn roman(word: &str) -> Option<u32> {
    if word.is_empty() || !word.bytes().all(|byte| matches!(byte, b'i' | b'v' | b'x')) {
        return None;
    }
    let value = |byte| match byte {
        b'i' => 1,
        b'v' => 5,
        _ => 10,
    };
    let bytes = word.as_bytes();
    let mut sum = 0i32;
    for (at, byte) in bytes.iter().enumerate() {
        let own = value(*byte);
        let next = bytes.get(at + 1).map_or(0, |byte| value(*byte));
        sum += if own < next { -own } else { own };
    }
    (0 < sum && sum < 40).then_some(sum as u32)
}

/// Takes the legal forms out, unless nothing else would be left.
fn take_forms(words: &mut Vec<(String, bool)>) -> SmallVec<[Form; 2]> {
    let mut forms = SmallVec::new();
    let mut kept = Vec::with_capacity(words.len());
    let mut at = 0;
    while at < words.len() {
        let found = (1..=FORM_WORDS_MAX.min(words.len() - at)).rev().find_map(|length| {
            let phrase: Vec<&str> =
                words[at..at + length].iter().map(|(word, _)| word.as_str()).collect();
            form_of(&phrase.join(" ")).map(|form| (length, form))
        });
        match found {
            Some((length, form)) => {
                forms.push(form);
                at += length;
            }
            None => {
                kept.push(words[at].clone());
                at += 1;
            }
        }
    }
    if kept.is_empty() {
        return SmallVec::new();
    }
    *words = kept;
    forms
}

const FORM_WORDS_MAX: usize = 6;

/// The form of a phrase; a long one may have a slip of one letter.
fn form_of(phrase: &str) -> Option<Form> {
    const LONG: usize = 9;
    if let Some(form) = FORMS.get(phrase) {
        return Some(*form);
    }
    if phrase.len() < LONG {
        return None;
    }
    let sounds = fold(phrase);
    let near = |(known, _): &(&&str, &Form)| {
        LONG <= known.len()
            && known.len().abs_diff(phrase.len()) <= 2
            && distance(&sounds, &fold(known), false, LETTER).is_some()
    };
    FORMS.iter().find(near).map(|(_, form)| *form)
}

static FORMS: LazyLock<BTreeMap<&'static str, Form>> = LazyLock::new(|| {
    let lists: [(Form, &[&str]); 5] = [
        (Form::Any, &["co", "company", "kompaniia", "firma", "cie", "compagnie"]),
        (
            Form::Limited,
            &[
                "ltd",
                "limited",
                "llc",
                "lllc",
                "gmbh",
                "sarl",
                "srl",
                "ooo",
                "too",
                "zhshs",
                "bv",
                "bvba",
                "lda",
                "ltda",
                "sl",
                "pte",
                "pty",
                "oue",
                "ou",
                "doo",
                "sro",
                "kft",
                "spzoo",
                "sp zoo",
                "sp z oo",
                "sp z o o",
                "limited liability company",
                "company limited",
                "pte ltd",
                "pty ltd",
                "co ltd",
                "pvt ltd",
                "private limited",
                "s de rl",
                "s de rl de cv",
                "odoo",
                "gesellschaft mit beschrankter haftung",
                "societatea cu raspundere limitata",
                "societe a responsabilite limitee",
                "obshchestvo s ogranichennoi otvetstvennostiu",
                "obshestvo s ogranichennoi otvetstvennostiu",
                "tovarishchestvo s ogranichennoi otvetstvennostiu",
                "tovarishestvo s ogranichennoi otvetstvennostiu",
                "zhauapkershiligi shekteuli seriktestigi",
                "zhauapkershiligi shekteuli seriktestik",
            ],
        ),
        (
            Form::Shares,
            &[
                "ag",
                "akg",
                "aktiengesellschaft",
                "sa",
                "spa",
                "plc",
                "public limited company",
                "inc",
                "incorporated",
                "corp",
                "corporation",
                "jsc",
                "ojsc",
                "cjsc",
                "pjsc",
                "pao",
                "oao",
                "zao",
                "ao",
                "ak",
                "nv",
                "ab",
                "as",
                "asa",
                "oyj",
                "oy",
                "kk",
                "se",
                "na",
                "sab",
                "sa de cv",
                "sab de cv",
                "sas",
                "tbk",
                "pt",
                "joint stock company",
                "open joint stock company",
                "closed joint stock company",
                "public joint stock company",
                "company joint stock",
                "aktsionernoe obshchestvo",
                "aktsionernoe obshestvo",
                "aktsionerlik kogam",
                "aktsionerlik kogami",
                "otkritoe aktsionernoe obshestvo",
                "korporatsiia",
                "zakritoe aktsionernoe obshestvo",
                "publichnoe aktsionernoe obshestvo",
            ],
        ),
        (Form::Partnership, &["lp", "llp", "kg", "gmbh and co kg", "ohg", "lllp", "snc"]),
        (
            Form::NonProfit,
            &[
                "ano",
                "nko",
                "oo",
                "roo",
                "koo",
                "ev",
                "npo",
                "obshestvennoe obedinenie",
                "kogamdik birlestik",
            ],
        ),
    ];
    let each =
        lists.into_iter().flat_map(|(form, names)| names.iter().map(move |name| (*name, form)));
    each.collect()
});
