//! Synthetic people: who they are follows from the seed and the number alone.
//!
//! A number is taken for synthetic if its serial is 9000 or more, which registers do not reach, or
//! if its owner was born in 1904 or before. Nobody else exists here. What befalls a person is said
//! by three digits of his serial: hundreds for the state service, tens for the registers and
//! lists, units for the identification (`docs/connect-outside.md`).

use sha2::{Digest as _, Sha256};
use terms::{Day, Iin};

/// A person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    /// His number.
    pub iin: Iin,
    /// Third digit of the serial from the right.
    pub hundreds: u8,
    /// Second digit from the right.
    pub tens: u8,
    /// Last digit of the serial.
    pub units: u8,
    /// Born.
    pub birth: Day,
    /// Surname.
    pub surname: String,
    /// Name.
    pub name: String,
    /// Patronymic.
    pub patronymic: Option<String>,
    /// Whether a man.
    pub male: bool,
    /// Number of his identity card.
    pub document: String,
    /// Bound to his account: `7XXXXXXXXXX`.
    pub phone: String,
}

const SURNAMES: [(&str, &str); 12] = [
    ("ӘБДІРАХМАНОВ", "ӘБДІРАХМАНОВА"),
    ("СЕЙІТҚАЛИЕВ", "СЕЙІТҚАЛИЕВА"),
    ("ТҰРСЫНБЕКОВ", "ТҰРСЫНБЕКОВА"),
    ("НҰРҒАЛИЕВ", "НҰРҒАЛИЕВА"),
    ("ҚАЙРАТҰЛЫ", "ҚАЙРАТҚЫЗЫ"),
    ("ЖҮНІСОВ", "ЖҮНІСОВА"),
    ("ИВАНОВ", "ИВАНОВА"),
    ("КИМ", "КИМ"),
    ("ПЕТРЕНКО", "ПЕТРЕНКО"),
    ("ОМАРОВ", "ОМАРОВА"),
    ("ЕСЕНБАЙ", "ЕСЕНБАЙ"),
    ("САДЫҚОВ", "САДЫҚОВА"),
];
const NAMES: [(&str, &str); 10] = [
    ("НҰРЛАН", "АЙГҮЛ"),
    ("ЕРЛАН", "ДИНАРА"),
    ("САМАТ", "САУЛЕ"),
    ("АРМАН", "ГҮЛНАР"),
    ("ДӘУРЕН", "ӘСЕЛ"),
    ("ӨМІРБЕК", "МӘДИНА"),
    ("ҒАЛЫМ", "ЖАНАР"),
    ("СЕРГЕЙ", "ЕЛЕНА"),
    ("АЛЕКСЕЙ", "ОЛЬГА"),
    ("ТИМУР", "КАМИЛА"),
];
const PATRONYMICS: [(&str, &str); 6] = [
    ("БОЛАТҰЛЫ", "БОЛАТҚЫЗЫ"),
    ("СЕРІКҰЛЫ", "СЕРІКҚЫЗЫ"),
    ("МҰРАТОВИЧ", "МҰРАТОВНА"),
    ("ИВАНОВИЧ", "ИВАНОВНА"),
    ("ЖАҚСЫБЕКҰЛЫ", "ЖАҚСЫБЕКҚЫЗЫ"),
    ("КАНАТОВИЧ", "КАНАТОВНА"),
];

impl Person {
    /// The person with this number, if it is a synthetic one.
    pub fn of(seed: u64, iin: &Iin) -> Option<Person> {
        let birth = iin.birth_date()?;
        let text = iin.reveal();
        let digits: Vec<u8> = text.bytes().map(|b| b - b'0').collect();
        if digits[7] != 9 && 1904 < birth.date().0 {
            return None;
        }
        let mut hasher = Sha256::new();
        hasher.update(seed.to_be_bytes());
        hasher.update(&text);
        let drawn: [u8; 32] = hasher.finalize().into();
        let male = digits[6] % 2 == 1;
        let pick = |pair: (&str, &str)| if male { pair.0 } else { pair.1 }.to_owned();
        let at = |place: usize, count: usize| usize::from(drawn[place]) % count;
        let number = drawn[4..9].iter().fold(0, |sum, byte| sum * 256 + u64::from(*byte));
        Some(Person {
            iin: *iin,
            hundreds: digits[8],
            tens: digits[9],
            units: digits[10],
            birth,
            surname: pick(SURNAMES[at(0, SURNAMES.len())]),
            name: pick(NAMES[at(1, NAMES.len())]),
            patronymic: (!drawn[2].is_multiple_of(8))
                .then(|| pick(PATRONYMICS[at(3, PATRONYMICS.len())])),
            male,
            document: format!("9{:08}", number % 100_000_000),
            // A range that is not given out; the last two digits are never those that fail.
            phone: format!("7700{:05}{:02}", number / 7 % 100_000, 10 + number % 90),
        })
    }

    /// The person of this birth, sex and these three digits; `None` where the check digit of such
    /// a number does not exist.
    pub fn drawn(seed: u64, birth: Day, male: bool, serial: [u8; 3]) -> Option<Person> {
        let (year, month, day) = birth.date();
        let century = match year {
            1800..1900 => 1,
            1900..2000 => 3,
            2000..2100 => 5,
            _ => return None,
        } + u32::from(!male);
        let [hundreds, tens, units] = serial;
        let first = format!(
            "{:02}{month:02}{day:02}{century}9{hundreds}{tens}{units}",
            year.rem_euclid(100)
        );
        let iin = Iin::complete(first.parse().ok()?)?;
        Person::of(seed, &iin)
    }
}

/// Persons of these tens digits who are all else as well as can be: one born on the first of each
/// month of `years` before 2000, as far as their numbers exist.
pub fn samples(seed: u64, tens: u8, years: i32) -> Vec<Person> {
    let births = (2000 - years..2000).flat_map(|year| (1..=12).map(move |month| (year, month)));
    births
        .filter_map(|(year, month)| {
            Person::drawn(seed, Day::of(year, month, 1)?, month % 2 == 1, [0, tens, 0])
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_synthetic_people_exist() {
        let person = |text| Person::of(7, &Iin::parse(text).unwrap());
        // Of the vectors: born in 1900, and a serial below 9000 of a person born in 2005.
        assert!(person("000101390004").is_some());
        assert!(person("050712590008").is_some(), "serial 9000");
        assert!(person("950101300016").is_none(), "serial 0001 of a person born in 1995");
    }

    #[test]
    fn a_person_follows_from_seed_and_number() {
        let birth = Day::of(1990, 4, 1).unwrap();
        let one = Person::drawn(1, birth, true, [0, 5, 3]).unwrap();
        assert_eq!(Person::of(1, &one.iin), Some(one.clone()));
        assert_eq!((one.hundreds, one.tens, one.units, one.birth), (0, 5, 3, birth));
        assert!(links::Phone::parse(&one.phone).is_ok());
        assert!(100 < samples(1, 5, 10).len());
    }
}
