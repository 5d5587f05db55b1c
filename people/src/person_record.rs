//! What was typed, as the vault keeps it, and back.

use terms::{Iin, Instant};
use vault::{
    Address, AddressKind, BirthDate, Country, Document, DocumentKind, Found, Name, NameForm,
    NoNumber, Numbered, PersonNumber, PersonRecord, Phone, Private, PrivateError, Query, Residency,
    Source, Sourced, Vault, VaultFault, spelt_name, spelt_number,
};

use crate::countries;
use crate::form::{self, FormField, Given, Identity, Slip};
use crate::no::No;

/// The number of a record, if the person has one.
pub fn iin_of(record: &PersonRecord) -> Option<Iin> {
    match record.number.as_ref().map(|number| &number.value) {
        Some(Numbered::Iin(number)) => Some(*number.reveal()),
        Some(Numbered::Without(_)) | None => None,
    }
}

/// The record of a form, with who took it down.
pub fn of(
    identity: &Identity,
    phone: &links::Phone,
    source: &Source,
    at: Instant,
) -> Result<PersonRecord, No> {
    let document = &identity.document;
    let country = country(&document.country)?;
    let foreign = document.kind == form::DocumentKind::ForeignPassport;
    let home = if foreign { Residency::NonResident } else { Residency::Resident };
    let number = match identity.iin {
        Some(iin) => Numbered::Iin(PersonNumber::from(iin)),
        None => Numbered::Without(NoNumber::ForeignCitizen),
    };
    let name = Name {
        form: form_of(&identity.surname),
        surname: private(FormField::Surname, &identity.surname)?,
        given: private(FormField::GivenName, &identity.given_name)?,
        patronymic: match &identity.patronymic {
            Some(text) => Some(private(FormField::Patronymic, text)?),
            None => None,
        },
    };
    let paper = Document {
        kind: match document.kind {
            form::DocumentKind::IdentityCard => DocumentKind::IdentityCard,
            form::DocumentKind::Passport => DocumentKind::Passport,
            form::DocumentKind::ResidencePermit => DocumentKind::ResidencePermit,
            form::DocumentKind::ForeignPassport => DocumentKind::ForeignPassport,
        },
        number: private(FormField::DocumentNumber, &document.number)?,
        issued: Some(BirthDate::from(document.issued)),
        issuer: Some(private(FormField::DocumentIssuer, &document.issuer)?),
        expires: Some(BirthDate::from(document.expires)),
        country: country.clone(),
    };
    let address = Address {
        kind: AddressKind::Actual,
        // Where somebody lives who comes to a bookmaker of this country.
        country: crate::person_record::country("KAZ")?,
        line: private(FormField::Address, &identity.address)?,
    };
    let phone = Phone::parse(&phone.e164()).map_err(|why| slip(FormField::Phone, why))?;
    Ok(PersonRecord {
        number: Some(from(number, source, at)),
        names: vec![from(name, source, at)],
        birth_date: Some(from(BirthDate::from(identity.birth_date), source, at)),
        citizenship: Some(from(country, source, at)),
        residency: Some(from(home, source, at)),
        documents: vec![from(paper, source, at)],
        phones: vec![from(phone, source, at)],
        addresses: vec![from(address, source, at)],
        ..PersonRecord::empty()
    })
}

/// A newer record in front of an older one: nothing that was known is lost.
pub fn joined(newer: &PersonRecord, older: &PersonRecord) -> PersonRecord {
    let mut next = newer.clone();
    let known = |number: &Option<Sourced<Numbered>>| {
        matches!(number.as_ref().map(|number| &number.value), Some(Numbered::Iin(_)))
    };
    // A number that was known once stays known (S-07).
    if !known(&next.number) && known(&older.number) {
        next.number.clone_from(&older.number);
    }
    next.sex = next.sex.or_else(|| older.sex.clone());
    next.email = next.email.or_else(|| older.email.clone());
    add(&mut next.names, &older.names);
    add(&mut next.documents, &older.documents);
    add(&mut next.phones, &older.phones);
    add(&mut next.addresses, &older.addresses);
    next
}

/// Earlier values of one kind that are kept.
const EARLIER_MAX: usize = 8;

fn add<T: Clone + PartialEq>(next: &mut Vec<Sourced<T>>, older: &[Sourced<T>]) {
    for row in older {
        let there = next.iter().any(|known| known.value == row.value);
        if !there && next.len() < EARLIER_MAX {
            next.push(row.clone());
        }
    }
}

/// A record as the form shows it.
pub fn given(record: &PersonRecord) -> Given {
    let text = |text: Option<&str>| text.unwrap_or_default().to_owned();
    let name = record.names.first().map(|name| &name.value);
    let document = record.documents.first().map(|document| &document.value);
    let date = |date: Option<&BirthDate>| date.map(|date| date.reveal().to_string());
    let iin = match record.number.as_ref().map(|number| &number.value) {
        Some(Numbered::Iin(number)) => number.reveal().reveal(),
        Some(Numbered::Without(_)) | None => String::new(),
    };
    let birth_date = record.birth_date.as_ref().map(|born| &born.value);
    let country = document.and_then(|paper| countries::two(paper.country.reveal()));
    Given {
        iin,
        surname: text(name.map(|name| name.surname.reveal())),
        given_name: text(name.map(|name| name.given.reveal())),
        patronymic: text(name.and_then(|name| name.patronymic.as_ref()).map(|text| text.reveal())),
        birth_date: date(birth_date).unwrap_or_default(),
        address: text(record.addresses.first().map(|address| address.value.line.reveal())),
        document_kind: text(document.map(|paper| paper.kind.name())),
        document_number: text(document.map(|paper| paper.number.reveal())),
        country: country.unwrap_or_default(),
        document_issuer: text(
            document.and_then(|paper| paper.issuer.as_ref()).map(|text| text.reveal()),
        ),
        document_issued: date(document.and_then(|paper| paper.issued.as_ref())).unwrap_or_default(),
        document_expires: date(document.and_then(|paper| paper.expires.as_ref()))
            .unwrap_or_default(),
    }
}

/// Whoever has the same number or the same document.
pub fn same(vault: &mut Vault, identity: &Identity) -> Result<Vec<Found>, VaultFault> {
    let mut found = Vec::new();
    if let Some(iin) = identity.iin {
        found.extend(vault.find(&Query::Iin(iin))?);
    }
    let paper =
        (Country::parse(&identity.document.country), Private::<64>::new(&identity.document.number));
    if let (Ok(country), Ok(number)) = paper {
        found.extend(vault.find(&Query::Document(&country, &number))?);
    }
    Ok(found)
}

/// Whether what the exchange confirms is what the person has given (R0-10.12): the number, the
/// birth date, the document where it names one, and the name but for the spelling of Kazakh
/// letters.
pub fn agrees(record: &PersonRecord, found: &links::identification::Confirmed) -> bool {
    let name = record.names.first().map(|name| &name.value);
    let born = record.birth_date.as_ref().map(|born| *born.value.reveal());
    let document = record.documents.first().map(|document| &document.value);
    let number = found.iin.is_none() || found.iin == iin_of(record);
    let names = name.is_some_and(|name| {
        let same = |own: &str, other: &str| spelt_name(own) == spelt_name(other);
        same(name.surname.reveal(), found.surname.reveal())
            && same(name.given.reveal(), found.name.reveal())
    });
    let paper = match (&found.document, document) {
        (Some(found), Some(own)) => {
            spelt_number(found.number.reveal()) == spelt_number(own.number.reveal())
        }
        (Some(_), None) => false,
        (None, _) => true,
    };
    number && names && paper && born == Some(found.birth.0)
}

/// Whose letters a name is in.
fn form_of(name: &str) -> NameForm {
    let kazakh = |letter: char| "әғқңөұүһі".contains(letter);
    let small: String = name.chars().flat_map(char::to_lowercase).collect();
    if small.chars().any(|letter| letter.is_ascii_alphabetic()) {
        NameForm::Latin
    } else if small.chars().any(kazakh) {
        NameForm::Kazakh
    } else {
        NameForm::Russian
    }
}

fn from<T>(value: T, source: &Source, at: Instant) -> Sourced<T> {
    Sourced { value, source: source.clone(), at }
}

fn country(code: &str) -> Result<Country, No> {
    Country::parse(code).map_err(|why| slip(FormField::Country, why))
}

fn private<const MAX: usize>(field: FormField, text: &str) -> Result<Private<MAX>, No> {
    Private::new(text).map_err(|why| slip(field, why))
}

fn slip(field: FormField, why: PrivateError) -> No {
    No::wrong(
        field,
        match why {
            PrivateError::Empty => Slip::Missing,
            PrivateError::Long => Slip::TooLong,
            PrivateError::Control | PrivateError::Form => Slip::Form,
        },
    )
}
