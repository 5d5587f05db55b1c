//! What is known of a person, and from whom: version 1 of its bytes, which only ever lie sealed.
//!
//! Shapes and limits are here; which of it must be there at which step of identification is a rule
//! of `people`.

use std::fmt;

use terms::codec::{Broken, Field, Reader, Value};
use terms::{Day, Instant, choice, record};

use crate::private::{BirthDate, Country, PersonNumber, Phone, Private, hidden};

/// A name, or a part of one.
pub type NamePart = Private<256>;

/// A value with where it comes from. Never shows the value.
#[derive(Clone, PartialEq, Eq)]
pub struct Sourced<T> {
    /// The value.
    pub value: T,
    /// From whom.
    pub source: Source,
    /// When it was taken down.
    pub at: Instant,
}

impl<T> fmt::Debug for Sourced<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Sourced(…, {:?}, {:?})", self.source, self.at)
    }
}

impl<T: Field> Field for Sourced<T> {
    fn shape() -> String {
        format!("sourced {}", T::shape())
    }
    fn put(&self, out: &mut Vec<u8>) {
        self.value.put(out);
        self.source.put(out);
        self.at.0.put(out);
    }
    fn read(from: &mut Reader<'_>) -> Result<Self, Broken> {
        let (value, source) = (T::read(from)?, Source::read(from)?);
        Ok(Sourced { value, source, at: Instant(i64::read(from)?) })
    }
    fn value(&self) -> Value {
        hidden()
    }
}

/// From whom a value is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// The person said so.
    Person,
    /// A state system said so, by a consent of this number.
    System {
        /// Which system.
        system: StateSystem,
        /// The number of the consent.
        consent: Private<64>,
    },
    /// Somebody of the operator took it down.
    Operator,
}

impl Field for Source {
    fn shape() -> String {
        "source".into()
    }
    fn put(&self, out: &mut Vec<u8>) {
        match self {
            Source::Person => out.push(1),
            Source::System { system, consent } => {
                out.push(2);
                system.put(out);
                consent.put(out);
            }
            Source::Operator => out.push(3),
        }
    }
    fn read(from: &mut Reader<'_>) -> Result<Self, Broken> {
        match from.byte()? {
            1 => Ok(Source::Person),
            2 => {
                let system = StateSystem::read(from)?;
                Ok(Source::System { system, consent: Private::read(from)? })
            }
            3 => Ok(Source::Operator),
            _ => Err(Broken::Unknown),
        }
    }
    fn value(&self) -> Value {
        hidden()
    }
}

choice! {
    /// A system of the state that confirms what is known of a person.
    pub enum StateSystem {
        /// The register of natural persons.
        PopulationRegister = 1 "population_register",
        /// The register of documents.
        DocumentRegister = 2 "document_register",
        /// Remote identification (СДАО).
        RemoteIdentification = 3 "remote_identification",
        /// The base of mobile citizens.
        MobileBase = 4 "mobile_base",
        /// The register of addresses.
        AddressRegister = 5 "address_register",
    }
}

choice! {
    /// The language whose letters a name is in.
    pub enum NameForm {
        /// Kazakh, in Cyrillic.
        Kazakh = 1 "kk",
        /// Russian.
        Russian = 2 "ru",
        /// Latin, as in a passport.
        Latin = 3 "latin",
    }
}

record! {
    /// A name in one form (R0-16.1a–c).
    pub struct Name {
        /// Whose letters.
        pub form: NameForm,
        /// The surname.
        pub surname: NamePart,
        /// The given name.
        pub given: NamePart,
        /// The patronymic, if there is one.
        pub patronymic: Option<NamePart>,
    }
}

choice! {
    /// Why a person has no individual identification number (R0-16.1d, S-07).
    pub enum NoNumber {
        /// A citizen of another country who was not given one.
        ForeignCitizen = 1 "foreign_citizen",
        /// Without citizenship, and not given one.
        Stateless = 2 "stateless",
        /// It has been applied for.
        AppliedFor = 3 "applied_for",
    }
}

/// A person's number, or why he has none (R0-16.1d).
#[derive(Clone, PartialEq, Eq)]
pub enum Numbered {
    /// The number.
    Iin(PersonNumber),
    /// None, and why.
    Without(NoNumber),
}

impl fmt::Debug for Numbered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Numbered(…)")
    }
}

impl Field for Numbered {
    fn shape() -> String {
        "numbered".into()
    }
    fn put(&self, out: &mut Vec<u8>) {
        match self {
            Numbered::Iin(number) => {
                out.push(1);
                number.put(out);
            }
            Numbered::Without(why) => {
                out.push(2);
                why.put(out);
            }
        }
    }
    fn read(from: &mut Reader<'_>) -> Result<Self, Broken> {
        match from.byte()? {
            1 => PersonNumber::read(from).map(Numbered::Iin),
            2 => NoNumber::read(from).map(Numbered::Without),
            _ => Err(Broken::Unknown),
        }
    }
    fn value(&self) -> Value {
        hidden()
    }
}

choice! {
    /// Sex, as documents have it.
    pub enum Sex {
        /// Male.
        Male = 1 "male",
        /// Female.
        Female = 2 "female",
    }
}

choice! {
    /// Whether a person is a resident of the Republic.
    pub enum Residency {
        /// A resident.
        Resident = 1 "resident",
        /// Not a resident.
        NonResident = 2 "non_resident",
    }
}

choice! {
    /// A kind of identity document.
    pub enum DocumentKind {
        /// The identity card of a citizen.
        IdentityCard = 1 "identity_card",
        /// The passport of a citizen.
        Passport = 2 "passport",
        /// A permit of residence.
        ResidencePermit = 3 "residence_permit",
        /// The certificate of a stateless person.
        StatelessCertificate = 4 "stateless_certificate",
        /// A passport of another country.
        ForeignPassport = 5 "foreign_passport",
        /// A document of another kind.
        Other = 6 "other",
    }
}

record! {
    /// An identity document (R0-15.3c).
    pub struct Document {
        /// Of which kind.
        pub kind: DocumentKind,
        /// Its number.
        pub number: Private<64>,
        /// When it was issued.
        pub issued: Option<BirthDate>,
        /// Who issued it.
        pub issuer: Option<Private<256>>,
        /// Until when it is good.
        pub expires: Option<BirthDate>,
        /// Whose it is.
        pub country: Country,
    }
}

impl Document {
    /// Whether it is good on a day; one without an end always is.
    pub fn is_good_on(&self, day: Day) -> bool {
        self.expires.as_ref().is_none_or(|end| day <= *end.reveal())
    }
}

choice! {
    /// What an address is.
    pub enum AddressKind {
        /// Where he is registered.
        Registered = 1 "registered",
        /// Where he lives.
        Actual = 2 "actual",
    }
}

record! {
    /// An address.
    pub struct Address {
        /// What it is.
        pub kind: AddressKind,
        /// In which country.
        pub country: Country,
        /// As one line.
        pub line: Private<512>,
    }
}

record! {
    /// All that is known of a person but photographs.
    pub struct PersonRecord {
        /// The number, or why there is none (R0-15.3b, R0-16.1d).
        pub number: Option<Sourced<Numbered>>,
        /// Names, each form once and earlier ones behind.
        pub names: Vec<Sourced<Name>>,
        /// The date of birth.
        pub birth_date: Option<Sourced<BirthDate>>,
        /// The sex.
        pub sex: Option<Sourced<Sex>>,
        /// The citizenship.
        pub citizenship: Option<Sourced<Country>>,
        /// Whether he is a resident.
        pub residency: Option<Sourced<Residency>>,
        /// Documents, the one in use first.
        pub documents: Vec<Sourced<Document>>,
        /// Telephones, the one in use first.
        pub phones: Vec<Sourced<Phone>>,
        /// The address for letters that are sent by mail of the net.
        pub email: Option<Sourced<Private<254>>>,
        /// Addresses.
        pub addresses: Vec<Sourced<Address>>,
    }
}

impl PersonRecord {
    /// Nothing yet.
    pub fn empty() -> PersonRecord {
        PersonRecord {
            number: None,
            names: Vec::new(),
            birth_date: None,
            sex: None,
            citizenship: None,
            residency: None,
            documents: Vec::new(),
            phones: Vec::new(),
            email: None,
            addresses: Vec::new(),
        }
    }
}

/// The version of the bytes.
const VERSION: u8 = 1;

/// The bytes to seal.
pub(crate) fn to_bytes(value: &impl Field) -> zeroize::Zeroizing<Vec<u8>> {
    let mut out = zeroize::Zeroizing::new(vec![VERSION]);
    value.put(&mut out);
    out
}

/// The value out of opened bytes.
pub(crate) fn from_bytes<T: Field>(bytes: &[u8]) -> Result<T, Broken> {
    match bytes.split_first() {
        Some((&VERSION, rest)) => T::from_bytes(rest),
        Some(_) => Err(Broken::Unknown),
        None => Err(Broken::Short),
    }
}
