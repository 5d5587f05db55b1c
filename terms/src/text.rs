//! Bounded text from catalogues and organisers: the only free text that facts hold.

use core::fmt;

use unicode_normalization::UnicodeNormalization;

use crate::codec::{Broken, Field, Reader, Value, put_text, read_text};
use crate::person::{Iin, UnknownCentury};

/// NFC text of 1 to `MAX` bytes without control characters and without a run of twelve digits
/// that passes the IIN check, so that no personal number enters a fact by accident (core 19).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Text<const MAX: usize>(Box<str>);

/// Why a text is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TextError {
    /// Empty or only white space.
    Empty,
    /// Longer than the field allows.
    Long,
    /// A control character.
    Control,
    /// Twelve digits that read as an individual identification number.
    Iin,
}

impl fmt::Display for TextError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            TextError::Empty => "the text is empty",
            TextError::Long => "the text is too long",
            TextError::Control => "the text has a control character",
            TextError::Iin => "the text holds what reads as an individual identification number",
        })
    }
}

impl core::error::Error for TextError {}

impl<const MAX: usize> Text<MAX> {
    /// Trims, normalises to NFC and checks.
    pub fn new(text: &str) -> Result<Self, TextError> {
        let text: String = text.trim().nfc().collect();
        Self::check(&text)?;
        Ok(Text(text.into()))
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    fn check(text: &str) -> Result<(), TextError> {
        if text.trim().is_empty() {
            return Err(TextError::Empty);
        }
        if MAX.min(usize::from(u16::MAX)) < text.len() {
            return Err(TextError::Long);
        }
        if text.chars().any(char::is_control) {
            return Err(TextError::Control);
        }
        let has_iin = text
            .split(|c: char| !c.is_ascii_digit())
            .any(|run| run.len() == 12 && Iin::parse_with(run, UnknownCentury::Accept).is_ok());
        if has_iin { Err(TextError::Iin) } else { Ok(()) }
    }
}

impl<const MAX: usize> fmt::Display for Text<MAX> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl<const MAX: usize> Field for Text<MAX> {
    fn shape() -> String {
        format!("text{MAX}")
    }
    fn put(&self, out: &mut Vec<u8>) {
        // Cannot fail: no constructor lets more than u16::MAX bytes through.
        put_text(out, &self.0);
    }
    fn read(from: &mut Reader<'_>) -> Result<Self, Broken> {
        let text = read_text(from)?;
        if Self::check(text).is_err() {
            return Err(Broken::Text);
        }
        Ok(Text(text.into()))
    }
    fn value(&self) -> Value {
        Value::Text(self.0.to_string())
    }
}

/// A code of an act, a clause or a ground: 1 to 32 of the letters a to z, digits, `_`, `.` and `-`.
/// What reads as an individual identification number is no code.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Code(Text<32>);

impl Code {
    /// Checks the form; nothing is trimmed or folded.
    pub fn new(text: &str) -> Result<Self, TextError> {
        let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b"_.-".contains(&b);
        if !text.bytes().all(plain) {
            return Err(TextError::Control);
        }
        Text::new(text).map(Code)
    }

    /// The code.
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl Field for Code {
    fn shape() -> String {
        "Code".into()
    }
    fn put(&self, out: &mut Vec<u8>) {
        self.0.put(out);
    }
    fn read(from: &mut Reader<'_>) -> Result<Self, Broken> {
        Code::new(Text::<32>::read(from)?.as_str()).map_err(|_| Broken::Text)
    }
    fn value(&self) -> Value {
        self.0.value()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_no_sentences() {
        for text in ["court_order", "16.2.7", "act-17", "x"] {
            let code = Code::new(text).unwrap();
            assert_eq!(Code::from_bytes(&code.to_bytes()), Ok(code));
        }
        let long = "a".repeat(33);
        for text in ["", "Court", "a b", "сот", "950101300016", long.as_str(), "a\n"] {
            assert!(Code::new(text).is_err(), "{text}");
        }
        assert_eq!(
            Code::from_bytes(&Text::<32>::new("A b").unwrap().to_bytes()),
            Err(Broken::Text)
        );
    }

    #[test]
    fn what_is_accepted() {
        let cases: [(&str, Result<&str, TextError>); 7] = [
            (" Qairat ", Ok("Qairat")),
            ("Тобыл — Елімай", Ok("Тобыл — Елімай")),
            ("", Err(TextError::Empty)),
            ("abcdefghijklmnopqrstuvwxyz0123456789", Err(TextError::Long)),
            ("a\u{7}b", Err(TextError::Control)),
            ("a 950101300007 b", Ok("a 950101300007 b")),
            ("a 950101300016 b", Err(TextError::Iin)),
        ];
        for (text, want) in cases {
            let got = Text::<32>::new(text);
            assert_eq!(got.as_ref().map(Text::as_str), want.as_ref().copied(), "{text}");
        }
    }

    #[test]
    fn composed_and_decomposed_are_one_text() {
        let composed = Text::<32>::new("Й").unwrap();
        assert_eq!(Text::<32>::new("И\u{306}").unwrap(), composed);
        assert_eq!(Text::<32>::from_bytes(&composed.to_bytes()), Ok(composed));
        assert_eq!(Text::<32>::from_bytes(&[0, 4, 0xd0, 0x98, 0xcc, 0x86]), Err(Broken::Text));
    }
}
