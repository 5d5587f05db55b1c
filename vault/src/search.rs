//! What a person is found by. A value has one spelling here, its tag is a hash of that, and the
//! index has the tag's hash under a key of the epoch: nobody who reads the index without that key
//! can try values.

use sha2::{Digest as _, Sha256};
use terms::{Day, Iin, choice};

use crate::private::{Country, Phone};
use crate::record::{Numbered, PersonRecord};

choice! {
    /// A field of the index.
    pub enum Field {
        /// The individual identification number.
        Iin = 1 "iin",
        /// A telephone.
        Phone = 2 "phone",
        /// A document: its country and number.
        Document = 3 "document",
        /// A name with the date of birth.
        Birth = 4 "birth",
    }
}

/// A question to the index. Exact: similar names are the business of `screening`.
#[derive(Clone, Copy, Debug)]
pub enum Query<'a> {
    /// Who has this number.
    Iin(Iin),
    /// Who has this telephone.
    Phone(&'a Phone),
    /// Who has a document of this country with this number.
    Document(&'a Country, &'a crate::Private<64>),
    /// Who was born on this day under this surname and given name, in any order and any of the two
    /// Cyrillic spellings.
    Birth(&'a crate::NamePart, &'a crate::NamePart, Day),
}

/// Field and tag of what is asked.
pub(crate) fn tag_of(query: &Query<'_>) -> (u8, [u8; 32]) {
    let (field, spelling) = match query {
        Query::Iin(iin) => (Field::Iin, iin.reveal()),
        Query::Phone(phone) => (Field::Phone, phone.reveal().clone()),
        Query::Document(country, number) => (Field::Document, document(country, number.reveal())),
        Query::Birth(surname, given, day) => {
            (Field::Birth, birth(surname.reveal(), given.reveal(), *day))
        }
    };
    (field.code(), tag(field, &spelling))
}

/// All tags of a record, none twice.
pub(crate) fn tags_of(record: &PersonRecord) -> Vec<(u8, [u8; 32])> {
    let mut tags = Vec::new();
    if let Some(Numbered::Iin(number)) = record.number.as_ref().map(|number| &number.value) {
        tags.push(tag_of(&Query::Iin(*number.reveal())));
    }
    for phone in &record.phones {
        tags.push(tag_of(&Query::Phone(&phone.value)));
    }
    for document in &record.documents {
        let document = &document.value;
        tags.push(tag_of(&Query::Document(&document.country, &document.number)));
    }
    if let Some(date) = &record.birth_date {
        for name in &record.names {
            let name = &name.value;
            let query = Query::Birth(&name.surname, &name.given, *date.value.reveal());
            tags.push(tag_of(&query));
        }
    }
    tags.sort_unstable();
    tags.dedup();
    tags
}

/// An unkeyed hash of a spelling. It lies only in the sealed key of its person, so that a new epoch
/// makes its index without opening a record.
fn tag(field: Field, spelling: &str) -> [u8; 32] {
    let mut hasher = Sha256::new();
    hasher.update(b"bej-vault-tag-v1\0");
    hasher.update([field.code()]);
    hasher.update(spelling.as_bytes());
    hasher.finalize().into()
}

fn document(country: &Country, number: &str) -> String {
    format!("{}\0{}", country.reveal(), spelt_number(number))
}

/// The one spelling of a document's number: letters and digits alone, large.
pub fn spelt_number(number: &str) -> String {
    number.chars().filter(|letter| letter.is_alphanumeric()).flat_map(char::to_uppercase).collect()
}

/// Both parts in order of the alphabet, and the day.
fn birth(surname: &str, given: &str, day: Day) -> String {
    let mut parts = [spelt_name(surname), spelt_name(given)];
    parts.sort();
    format!("{}\0{}\0{}", parts[0], parts[1], day.0)
}

/// The one spelling of a part of a name: small letters alone, those of Kazakh as Russian spells
/// them, because registers differ in that.
pub fn spelt_name(name: &str) -> String {
    let small = name.chars().flat_map(char::to_lowercase).filter(|letter| letter.is_alphabetic());
    small
        .map(|letter| match letter {
            'ә' => 'а',
            'ғ' => 'г',
            'қ' => 'к',
            'ң' => 'н',
            'ө' => 'о',
            'ұ' | 'ү' => 'у',
            'һ' => 'х',
            'і' => 'и',
            'ё' => 'е',
            other => other,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_value_has_one_spelling() {
        let day = Day::of(1990, 5, 4).unwrap();
        let same = [("Қайратов", "Әлихан"), ("КАЙРАТОВ", "Алихан"), ("Алихан", "Кай-ратов")];
        for (surname, given) in same {
            assert_eq!(birth(surname, given, day), birth("Кайратов", "Алихан", day), "{surname}");
        }
        assert_ne!(birth("Кайратова", "Алихан", day), birth("Кайратов", "Алихан", day));
        let kaz = Country::parse("KAZ").unwrap();
        assert_eq!(document(&kaz, "n 12-345"), document(&kaz, "N12345"));
        assert_ne!(tag(Field::Iin, "1"), tag(Field::Phone, "1"), "fields are kept apart");
    }
}
