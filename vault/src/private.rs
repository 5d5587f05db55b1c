//! Words of a person. They are shown only by who asks for them: neither `Debug` nor `Display` of
//! anything here, nor the form in which records are listed, tells what they say.

use std::fmt;

use terms::codec::{Broken, Field, Reader, Value, put_text, read_text};
use terms::{Day, Iin};
use unicode_normalization::UnicodeNormalization as _;

/// NFC text of 1 to `MAX` bytes without control characters.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Private<const MAX: usize>(Box<str>);

/// Why a text is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PrivateError {
    /// Empty or only white space.
    #[error("the text is empty")]
    Empty,
    /// Longer than the field allows.
    #[error("the text is too long")]
    Long,
    /// A control character.
    #[error("the text has a control character")]
    Control,
    /// Not of the form that the field has.
    #[error("the text does not have the form that is expected")]
    Form,
}

impl<const MAX: usize> Private<MAX> {
    /// Trims, normalises to NFC and checks.
    pub fn new(text: &str) -> Result<Self, PrivateError> {
        let text: String = text.trim().nfc().collect();
        check(&text, MAX)?;
        Ok(Private(text.into()))
    }

    /// The words; for the screens and connectors that are entitled to them.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

fn check(text: &str, most: usize) -> Result<(), PrivateError> {
    if text.trim().is_empty() {
        return Err(PrivateError::Empty);
    }
    if most.min(usize::from(u16::MAX)) < text.len() {
        return Err(PrivateError::Long);
    }
    if text.chars().any(char::is_control) {
        return Err(PrivateError::Control);
    }
    Ok(())
}

impl<const MAX: usize> fmt::Debug for Private<MAX> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Private(…)")
    }
}

impl<const MAX: usize> Field for Private<MAX> {
    fn shape() -> String {
        format!("private{MAX}")
    }
    fn put(&self, out: &mut Vec<u8>) {
        // Cannot fail: no constructor lets more than u16::MAX bytes through.
        put_text(out, &self.0);
    }
    fn read(from: &mut Reader<'_>) -> Result<Self, Broken> {
        let text = read_text(from)?;
        if check(text, MAX).is_err() {
            return Err(Broken::Text);
        }
        Ok(Private(text.into()))
    }
    fn value(&self) -> Value {
        hidden()
    }
}

/// What a listing of a record shows in the place of a private value.
pub(crate) fn hidden() -> Value {
    Value::Text("…".to_owned())
}

/// Private values that are one value of another type.
macro_rules! private {
    ($( $(#[$meta:meta])* $name:ident($inner:ty) ),* $(,)?) => { $(
        $(#[$meta])*
        #[derive(Clone, PartialEq, Eq)]
        pub struct $name($inner);

        impl $name {
            /// The value; for the screens and connectors that are entitled to it.
            pub fn reveal(&self) -> &$inner {
                &self.0
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(concat!(stringify!($name), "(…)"))
            }
        }
    )* };
}

private! {
    /// An individual identification number within the vault.
    PersonNumber(Iin),
    /// A date of birth.
    BirthDate(Day),
    /// A telephone number in its international form, `+` and 8 to 15 digits.
    Phone(String),
    /// A country, as the three letters of ISO 3166.
    Country(String),
}

impl From<Iin> for PersonNumber {
    fn from(iin: Iin) -> PersonNumber {
        PersonNumber(iin)
    }
}

impl From<Day> for BirthDate {
    fn from(day: Day) -> BirthDate {
        BirthDate(day)
    }
}

impl Phone {
    /// Takes `+7 701 234-56-78`, `8 (701) 2345678` and the like.
    pub fn parse(text: &str) -> Result<Phone, PrivateError> {
        let text = text.trim();
        let mut digits = String::new();
        for (at, letter) in text.char_indices() {
            match letter {
                '0'..='9' => digits.push(letter),
                '+' if at == 0 => {}
                ' ' | '-' | '(' | ')' | '\u{a0}' => {}
                _ => return Err(PrivateError::Form),
            }
        }
        if !text.starts_with('+') && digits.len() == 11 && digits.starts_with('8') {
            digits.replace_range(..1, "7");
        }
        if digits.len() < 8 || 15 < digits.len() || digits.starts_with('0') {
            return Err(PrivateError::Form);
        }
        Ok(Phone(format!("+{digits}")))
    }
}

impl Country {
    /// Takes three letters such as `KAZ`.
    pub fn parse(text: &str) -> Result<Country, PrivateError> {
        let good = text.len() == 3 && text.bytes().all(|byte| byte.is_ascii_uppercase());
        if good { Ok(Country(text.to_owned())) } else { Err(PrivateError::Form) }
    }
}

/// The one byte form of a private value of another type.
macro_rules! field {
    ($( $name:ident($put:expr, $read:expr) ),* $(,)?) => { $(
        impl Field for $name {
            fn shape() -> String {
                stringify!($name).to_lowercase()
            }
            fn put(&self, out: &mut Vec<u8>) {
                let put: fn(&$name, &mut Vec<u8>) = $put;
                put(self, out);
            }
            fn read(from: &mut Reader<'_>) -> Result<Self, Broken> {
                let read: fn(&mut Reader<'_>) -> Result<$name, Broken> = $read;
                read(from)
            }
            fn value(&self) -> Value {
                hidden()
            }
        }
    )* };
}

/// A short text of a known form.
fn text<'a>(from: &mut Reader<'a>) -> Result<&'a str, Broken> {
    let length = usize::from(from.byte()?);
    std::str::from_utf8(from.take(length)?).map_err(|_| Broken::Text)
}

fn put_form(text: &str, out: &mut Vec<u8>) {
    // Cannot fail: all forms are shorter than 16 bytes.
    out.push(text.len() as u8);
    out.extend_from_slice(text.as_bytes());
}

field! {
    PersonNumber(|number, out| put_form(&number.0.reveal(), out), |from| {
        Iin::parse(text(from)?).map(PersonNumber).map_err(|_| Broken::Invalid)
    }),
    BirthDate(|date, out| i64::from(date.0.0).put(out), |from| {
        i32::try_from(i64::read(from)?).map(|day| BirthDate(Day(day))).map_err(|_| Broken::Range)
    }),
    Phone(|phone, out| put_form(&phone.0, out), |from| {
        let text = text(from)?;
        let phone = Phone::parse(text).map_err(|_| Broken::Text)?;
        if phone.0 == text { Ok(phone) } else { Err(Broken::Text) }
    }),
    Country(|country, out| put_form(&country.0, out), |from| {
        Country::parse(text(from)?).map_err(|_| Broken::Text)
    }),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn phones_have_one_form() {
        let cases = [
            ("+7 701 234-56-78", Some("+77012345678")),
            ("8 (701) 2345678", Some("+77012345678")),
            ("77012345678", Some("+77012345678")),
            ("+44 20 7946 0000", Some("+442079460000")),
            ("+8 800 555 35 35", Some("+88005553535")),
            ("7012345", None),
            ("+0701234567", None),
            ("701-CALL-NOW", None),
            ("+7+7012345678", None),
            ("1234567890123456", None),
        ];
        for (text, want) in cases {
            let phone = Phone::parse(text).ok();
            assert_eq!(phone.as_ref().map(|phone| phone.reveal().as_str()), want, "{text}");
            if let Some(phone) = phone {
                assert_eq!(Phone::from_bytes(&phone.to_bytes()), Ok(phone), "{text}");
            }
        }
    }

    #[test]
    fn nothing_private_is_shown() {
        let text = Private::<64>::new("Оспанова").unwrap();
        let phone = Phone::parse("+77012345678").unwrap();
        let number = PersonNumber::from(Iin::parse("950101300016").unwrap());
        let birth = BirthDate::from(Day::of(1995, 1, 1).unwrap());
        let shown = format!(
            "{text:?} {phone:?} {number:?} {birth:?} {:?} {:?} {:?} {:?}",
            text.value(),
            phone.value(),
            number.value(),
            birth.value()
        );
        for secret in ["Оспанова", "701", "9501", "1995", "9131"] {
            assert!(!shown.contains(secret), "{shown}");
        }
    }

    #[test]
    fn other_forms_are_refused() {
        assert_eq!(Private::<8>::new(" \u{a0}"), Err(PrivateError::Empty));
        assert_eq!(Private::<8>::new("123456789"), Err(PrivateError::Long));
        assert_eq!(Private::<8>::new("a\u{7}"), Err(PrivateError::Control));
        assert_eq!(Private::<8>::from_bytes(&[0, 2, b' ', b'a']), Err(Broken::Text));
        assert_eq!(Private::<8>::from_bytes(&[0, 9, 1]), Err(Broken::Short));
        assert_eq!(Phone::from_bytes(b"\x0b77012345678"), Err(Broken::Text));
        assert_eq!(Country::parse("KZ").err(), Some(PrivateError::Form));
        assert_eq!(PersonNumber::from_bytes(b"\x0c950101300017"), Err(Broken::Invalid));
    }
}
