//! What a person types in about himself, and what is wrong with it: all of it at once, so that
//! nobody has to send a form five times (R0-10.10a).
//!
//! Values are read here once, into types that cannot be wrong. Nothing is printed: a slip names the
//! field and the kind of slip, never what was typed.

use core::fmt;

use terms::person::{BirthAgreement, NumberError, UnknownCentury};
use terms::{Day, Iin};

use crate::countries;
use crate::limits::{ADDRESS_CHARS_MAX, AGE_YEARS_MAX, NAME_CHARS_MAX};

/// Kinds of documents that identify (R0-10.7a).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DocumentKind {
    /// Identity card of a citizen.
    IdentityCard,
    /// Passport of a citizen.
    Passport,
    /// Residence permit of a foreigner.
    ResidencePermit,
    /// Passport of another country (S-07).
    ForeignPassport,
}

impl DocumentKind {
    /// Every kind, in the order of forms.
    pub const ALL: [DocumentKind; 4] = [
        DocumentKind::IdentityCard,
        DocumentKind::Passport,
        DocumentKind::ResidencePermit,
        DocumentKind::ForeignPassport,
    ];

    /// Its name in forms and in the vault.
    pub const fn name(self) -> &'static str {
        match self {
            DocumentKind::IdentityCard => "identity_card",
            DocumentKind::Passport => "passport",
            DocumentKind::ResidencePermit => "residence_permit",
            DocumentKind::ForeignPassport => "foreign_passport",
        }
    }

    /// The kind with this name.
    pub fn of(name: &str) -> Option<DocumentKind> {
        DocumentKind::ALL.into_iter().find(|kind| kind.name() == name)
    }
}

/// The form as it arrives: what is not given is empty.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Given {
    /// Individual identification number; empty only where none was given to the person (S-07).
    pub iin: String,
    /// Surname.
    pub surname: String,
    /// Given name.
    pub given_name: String,
    /// Patronymic, if there is one.
    pub patronymic: String,
    /// Birth date: `2001-02-03` or `03.02.2001`.
    pub birth_date: String,
    /// Where he lives.
    pub address: String,
    /// The name of a document's kind.
    pub document_kind: String,
    /// Its number.
    pub document_number: String,
    /// The country that issued it, two or three letters (ISO 3166).
    pub country: String,
    /// Who issued it.
    pub document_issuer: String,
    /// When it was issued.
    pub document_issued: String,
    /// Its last day.
    pub document_expires: String,
}

impl Given {
    /// What was typed, in the order of the form.
    pub(crate) fn texts(&self) -> [&str; 12] {
        [
            &self.iin,
            &self.surname,
            &self.given_name,
            &self.patronymic,
            &self.birth_date,
            &self.address,
            &self.document_kind,
            &self.document_number,
            &self.country,
            &self.document_issuer,
            &self.document_issued,
            &self.document_expires,
        ]
    }
}

impl fmt::Debug for Given {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Given(***)")
    }
}

/// An identity document.
#[derive(Clone, PartialEq, Eq)]
pub struct Document {
    /// What kind.
    pub kind: DocumentKind,
    /// Its number, upper case, without blanks.
    pub number: String,
    /// Three upper-case letters.
    pub country: String,
    /// Who issued it.
    pub issuer: String,
    /// When.
    pub issued: Day,
    /// Its last day.
    pub expires: Day,
}

/// A form without slips.
#[derive(Clone, PartialEq, Eq)]
pub struct Identity {
    /// Individual identification number.
    pub iin: Option<Iin>,
    /// Surname, as typed but for blanks.
    pub surname: String,
    /// Given name.
    pub given_name: String,
    /// Patronymic.
    pub patronymic: Option<String>,
    /// Birth date.
    pub birth_date: Day,
    /// Where he lives.
    pub address: String,
    /// The document.
    pub document: Document,
}

impl fmt::Debug for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Identity(***)")
    }
}

terms::choice! {
    /// A field of the forms of this room, in the order of the forms.
    pub enum FormField {
        /// The phone: the login.
        Phone = 1 "phone",
        /// The password.
        Password = 2 "password",
        /// The one-time code.
        Code = 3 "code",
        /// The acceptance of the offer.
        Offer = 4 "offer",
        /// The consent to collection.
        Collect = 5 "collect",
        /// The consent to processing.
        Process = 6 "process",
        /// The consent to storage.
        Store = 7 "store",
        /// The individual identification number.
        Iin = 8 "iin",
        /// The surname.
        Surname = 9 "surname",
        /// The given name.
        GivenName = 10 "given_name",
        /// The patronymic.
        Patronymic = 11 "patronymic",
        /// The birth date.
        BirthDate = 12 "birth_date",
        /// Where he lives.
        Address = 13 "address",
        /// The kind of document.
        DocumentKind = 14 "document_kind",
        /// The number of the document.
        DocumentNumber = 15 "document_number",
        /// The country of the document.
        Country = 16 "country",
        /// Who issued it.
        DocumentIssuer = 17 "document_issuer",
        /// When it was issued.
        DocumentIssued = 18 "document_issued",
        /// Its last day.
        DocumentExpires = 19 "document_expires",
        /// A photograph or a video.
        Photo = 20 "photo",
        /// A sum.
        Sum = 21 "sum",
        /// A wallet.
        Wallet = 22 "wallet",
        /// The account or card that money goes to.
        Destination = 23 "destination",
        /// The mark that the person was compared with the document, at a desk.
        Seen = 24 "seen",
        /// The mark that offer and consents are signed on paper.
        Consents = 25 "consents",
    }
}

terms::choice! {
    /// What can be wrong with a field.
    pub enum Slip {
        /// It is empty.
        Missing = 1 "missing",
        /// It does not have the form.
        Form = 2 "form",
        /// It is none of those that can be chosen.
        NotOffered = 3 "not_offered",
        /// Its check digit does not match the others.
        CheckDigit = 4 "check_digit",
        /// It contradicts another field.
        Contradicts = 5 "contradicts",
        /// It is longer than any such value.
        TooLong = 6 "too_long",
        /// It is shorter than it may be.
        TooShort = 7 "too_short",
        /// It is too easy to guess.
        Weak = 8 "weak",
        /// Its day has passed.
        Expired = 9 "expired",
        /// Its day is still to come.
        Future = 10 "future",
        /// Its day lies too far back.
        TooLongAgo = 11 "too_long_ago",
        /// It does not fit.
        Mismatch = 12 "mismatch",
        /// It is no photograph and no video.
        Kind = 13 "kind",
        /// It has more bytes than are taken.
        TooLarge = 14 "too_large",
        /// It is another's.
        NotOwn = 15 "not_own",
        /// It is more than there is.
        TooMuch = 16 "too_much",
        /// The person is not as old as the law wants (S-01).
        UnderAge = 17 "under_age",
    }
}

/// Reads a form on a day; all slips, in the order of the form.
pub fn read(given: &Given, today: Day) -> Result<Identity, Vec<(FormField, Slip)>> {
    let mut slips = Slips(Vec::new());
    let surname = slips.name(FormField::Surname, &given.surname, true);
    let given_name = slips.name(FormField::GivenName, &given.given_name, true);
    let patronymic = slips.name(FormField::Patronymic, &given.patronymic, false);
    let birth_date = slips.birth_date(&given.birth_date, today);
    let address = slips.text(FormField::Address, &given.address, ADDRESS_CHARS_MAX);
    let document = slips.document(given, today);
    let iin = slips.iin(given, birth_date);
    match (birth_date, document) {
        (Some(birth_date), Some(document)) if slips.0.is_empty() => {
            let patronymic = (!patronymic.is_empty()).then_some(patronymic);
            Ok(Identity { iin, surname, given_name, patronymic, birth_date, address, document })
        }
        _ => {
            slips.0.sort_by_key(|(field, _)| field.code());
            Err(slips.0)
        }
    }
}

struct Slips(Vec<(FormField, Slip)>);

impl Slips {
    fn note(&mut self, field: FormField, slip: Slip) {
        self.0.push((field, slip));
    }

    /// Letters of any alphabet, with what joins the parts of a name.
    fn name(&mut self, field: FormField, text: &str, needed: bool) -> String {
        let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
        let joins = |letter: char| matches!(letter, ' ' | '-' | '\'' | '’' | 'ʼ' | '.');
        if text.is_empty() {
            if needed {
                self.note(field, Slip::Missing);
            }
        } else if NAME_CHARS_MAX < text.chars().count() {
            self.note(field, Slip::TooLong);
        } else if !text.chars().all(|letter| letter.is_alphabetic() || joins(letter)) {
            self.note(field, Slip::Form);
        }
        text
    }

    /// Words of any kind, with one blank between them.
    fn text(&mut self, field: FormField, text: &str, chars_max: usize) -> String {
        let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
        if text.is_empty() {
            self.note(field, Slip::Missing);
        } else if chars_max < text.chars().count() {
            self.note(field, Slip::TooLong);
        } else if text.chars().any(char::is_control) {
            self.note(field, Slip::Form);
        }
        text
    }

    fn birth_date(&mut self, text: &str, today: Day) -> Option<Day> {
        let born = self.date(FormField::BirthDate, text)?;
        if today < born {
            self.note(FormField::BirthDate, Slip::Future);
            None
        } else if born.years_later(AGE_YEARS_MAX + 1).is_none_or(|day| day <= today) {
            self.note(FormField::BirthDate, Slip::TooLongAgo);
            None
        } else {
            Some(born)
        }
    }

    fn country(&mut self, text: &str) -> String {
        match countries::three(text) {
            Some(code) => code,
            None if text.trim().is_empty() => {
                self.note(FormField::Country, Slip::Missing);
                String::new()
            }
            None => {
                self.note(FormField::Country, Slip::NotOffered);
                String::new()
            }
        }
    }

    fn date(&mut self, field: FormField, text: &str) -> Option<Day> {
        let found = date(text.trim());
        if found.is_none() {
            self.note(field, if text.trim().is_empty() { Slip::Missing } else { Slip::Form });
        }
        found
    }

    fn document(&mut self, given: &Given, today: Day) -> Option<Document> {
        let kind = DocumentKind::of(given.document_kind.trim());
        if kind.is_none() {
            let empty = given.document_kind.trim().is_empty();
            let slip = if empty { Slip::Missing } else { Slip::NotOffered };
            self.note(FormField::DocumentKind, slip);
        }
        let number: String = given.document_number.split_whitespace().collect();
        let number = number.to_uppercase();
        let plain = |letter: char| letter.is_ascii_alphanumeric() || letter == '-';
        if number.is_empty() {
            self.note(FormField::DocumentNumber, Slip::Missing);
        } else if 32 < number.chars().count() {
            self.note(FormField::DocumentNumber, Slip::TooLong);
        } else if !number.chars().all(plain) {
            self.note(FormField::DocumentNumber, Slip::Form);
        }
        let country = self.country(&given.country);
        let issuer = self.text(FormField::DocumentIssuer, &given.document_issuer, NAME_CHARS_MAX);
        let issued = self.date(FormField::DocumentIssued, &given.document_issued);
        let expires = self.date(FormField::DocumentExpires, &given.document_expires);
        if issued.is_some_and(|issued| today < issued) {
            self.note(FormField::DocumentIssued, Slip::Future);
        }
        match (issued, expires) {
            (Some(issued), Some(expires)) if expires < issued => {
                self.note(FormField::DocumentExpires, Slip::Contradicts);
            }
            (_, Some(expires)) if expires < today => {
                self.note(FormField::DocumentExpires, Slip::Expired);
            }
            _ => {}
        }
        Some(Document { kind: kind?, number, country, issuer, issued: issued?, expires: expires? })
    }

    /// The number, held against the birth date. A person without one shows a foreign passport
    /// (S-07).
    fn iin(&mut self, given: &Given, birth_date: Option<Day>) -> Option<Iin> {
        let text = given.iin.trim();
        if text.is_empty() {
            if given.document_kind.trim() != DocumentKind::ForeignPassport.name() {
                self.note(FormField::Iin, Slip::Missing);
            }
            return None;
        }
        match Iin::parse_with(text, UnknownCentury::Accept) {
            Ok(iin) => {
                let agreement = birth_date.map(|birth_date| iin.birth_agreement(birth_date));
                if agreement == Some(BirthAgreement::Differs) {
                    self.note(FormField::Iin, Slip::Contradicts);
                }
                Some(iin)
            }
            Err(error) => {
                let slip = match error {
                    NumberError::CheckDigit => Slip::CheckDigit,
                    NumberError::Form | NumberError::BirthDate | NumberError::Century => Slip::Form,
                };
                self.note(FormField::Iin, slip);
                None
            }
        }
    }
}

/// A date as people and machines write it.
fn date(text: &str) -> Option<Day> {
    if let Some(day) = Day::parse(text) {
        return Some(day);
    }
    let mut parts = text.split('.');
    let (day, month, year) = (parts.next()?, parts.next()?, parts.next()?);
    let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    let form = parts.next().is_none() && [day, month, year].into_iter().all(digits);
    if !form || year.len() != 4 {
        return None;
    }
    Day::of(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn good() -> Given {
        Given {
            surname: " Оспанова ".into(),
            given_name: "Әйгерім".into(),
            patronymic: "Серікқызы".into(),
            iin: "050712590008".into(),
            birth_date: "12.07.2005".into(),
            address: "Алматы, Абай даңғылы 1".into(),
            document_kind: "identity_card".into(),
            document_number: "012 345 678".into(),
            country: "kaz".into(),
            document_issuer: "ҚР ІІМ".into(),
            document_issued: "2021-07-20".into(),
            document_expires: "2031-07-19".into(),
        }
    }

    fn today() -> Day {
        Day::of(2026, 12, 1).unwrap()
    }

    // R0-10.10a, S-07, S-01
    #[test]
    fn each_slip_is_found() {
        use FormField as F;
        let check = |change: fn(&mut Given), want: &[(FormField, Slip)]| {
            let mut given = good();
            change(&mut given);
            assert_eq!(read(&given, today()).err().unwrap_or_default(), want);
        };
        check(|_| {}, &[]);
        check(|form| form.surname = " ".into(), &[(F::Surname, Slip::Missing)]);
        check(|form| form.given_name = "<b>".into(), &[(F::GivenName, Slip::Form)]);
        check(|form| form.patronymic = String::new(), &[]);
        check(|form| form.patronymic = "я".repeat(121), &[(F::Patronymic, Slip::TooLong)]);
        check(|form| form.birth_date = "31.02.2005".into(), &[(F::BirthDate, Slip::Form)]);
        check(|form| form.birth_date = "2027-01-01".into(), &[(F::BirthDate, Slip::Future)]);
        check(|form| form.birth_date = "1899-01-01".into(), &[(F::BirthDate, Slip::TooLongAgo)]);
        check(|form| form.birth_date = "13.07.2005".into(), &[(F::Iin, Slip::Contradicts)]);
        check(|form| form.iin = "050712590009".into(), &[(F::Iin, Slip::CheckDigit)]);
        // Both passes of the check digit give 10: no last digit is right.
        check(|form| form.iin = "050712590960".into(), &[(F::Iin, Slip::CheckDigit)]);
        check(|form| form.iin = "٠٥٠٧١٢٥٩٠٠٠٨".into(), &[(F::Iin, Slip::Form)]);
        check(|form| form.iin = "000229390000".into(), &[(F::Iin, Slip::Form)]);
        check(|form| form.iin = String::new(), &[(F::Iin, Slip::Missing)]);
        check(
            |form| {
                form.iin = String::new();
                (form.document_kind, form.country) = ("foreign_passport".into(), "UZB".into());
            },
            &[],
        );
        check(|form| form.country = "Kazakhstan".into(), &[(F::Country, Slip::NotOffered)]);
        let library = "library_card";
        assert_eq!(DocumentKind::of(library), None);
        check(|form| form.document_kind = "x".into(), &[(F::DocumentKind, Slip::NotOffered)]);
        check(
            |form| form.document_expires = "2026-11-30".into(),
            &[(F::DocumentExpires, Slip::Expired)],
        );
        check(|form| form.document_expires = "2026-12-01".into(), &[]);
        check(
            |form| form.document_issued = "2026-12-02".into(),
            &[(F::DocumentIssued, Slip::Future)],
        );
    }

    // R0-10.10a: an incomplete set is refused with the list of what is missing.
    #[test]
    fn all_slips_are_told_at_once() {
        let found = read(&Given::default(), today()).unwrap_err();
        let fields: Vec<_> = found.iter().map(|(field, _)| field.name()).collect();
        assert_eq!(
            fields,
            [
                "iin",
                "surname",
                "given_name",
                "birth_date",
                "address",
                "document_kind",
                "document_number",
                "country",
                "document_issuer",
                "document_issued",
                "document_expires",
            ]
        );
        assert!(found.iter().all(|(_, slip)| *slip == Slip::Missing));
    }

    #[test]
    fn what_is_typed_is_read_once() {
        let identity = read(&good(), today()).unwrap();
        assert_eq!(identity.surname, "Оспанова");
        assert_eq!(identity.document.country, "KAZ");
        assert_eq!(identity.document.number, "012345678");
        assert_eq!(format!("{identity:?} {:?}", good()), "Identity(***) Given(***)");
    }
}
