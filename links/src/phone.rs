//! Phone numbers of Kazakhstan.

use std::fmt;

/// Why a text is no such number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PhoneError {
    /// Not eleven digits that begin with 7 or 8, nor ten behind a country code.
    #[error("a number has eleven digits")]
    Form,
    /// +7 9xx and others that are not Kazakhstan's, though the country code is the same.
    #[error("the number is not of Kazakhstan")]
    NotKazakhstan,
}

/// A number in the country's plan: +7 6xx and +7 7xx. Prints redacted.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Phone([u8; 10]);

impl Phone {
    /// Reads `+7 7XX …`, `8 7XX …`, `7 7XX …` with spaces, dashes, dots and brackets between.
    /// Which ranges are mobile is not judged: they change.
    pub fn parse(text: &str) -> Result<Phone, PhoneError> {
        let text = text.trim();
        let (plus, rest) = match text.strip_prefix('+') {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        let mut digits = [0; 11];
        let mut count = 0;
        for c in rest.chars() {
            match c {
                '0'..='9' if count < 11 => {
                    digits[count] = c as u8;
                    count += 1;
                }
                ' ' | '-' | '(' | ')' | '.' | '\u{a0}' => {}
                _ => return Err(PhoneError::Form),
            }
        }
        let country = match digits[0] {
            b'7' => true,
            b'8' => !plus,
            _ => false,
        };
        if count != 11 || !country {
            return Err(PhoneError::Form);
        }
        if !matches!(digits[1], b'6' | b'7') {
            return Err(PhoneError::NotKazakhstan);
        }
        let mut national = [0; 10];
        national.copy_from_slice(&digits[1..]);
        Ok(Phone(national))
    }

    /// `7XXXXXXXXXX`, as other systems take it.
    pub fn digits(&self) -> String {
        format!("7{}", self.national())
    }

    /// `+7XXXXXXXXXX` (E.164).
    pub fn e164(&self) -> String {
        format!("+7{}", self.national())
    }

    /// `+7 7XX XXX XX XX`, as people read it.
    pub fn printed(&self) -> String {
        let digits = self.national();
        let part = |from: usize, to: usize| &digits[from..to];
        format!("+7 {} {} {} {}", part(0, 3), part(3, 6), part(6, 8), part(8, 10))
    }

    fn national(&self) -> String {
        self.0.iter().map(|digit| char::from(*digit)).collect()
    }
}

impl fmt::Debug for Phone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Phone(***)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_as_people_write_them() {
        let cases = [
            ("+77010000001", Ok("+77010000001")),
            ("8 (701) 000-00-01", Ok("+77010000001")),
            ("7 701 000 00 01", Ok("+77010000001")),
            (" +7.701.000.00.01 ", Ok("+77010000001")),
            ("+7 610 000 00 01", Ok("+76100000001")),
            ("+7 912 000 00 01", Err(PhoneError::NotKazakhstan)),
            ("8 912 000 00 01", Err(PhoneError::NotKazakhstan)),
            ("+7 112 000 00 01", Err(PhoneError::NotKazakhstan)),
            ("+87010000001", Err(PhoneError::Form)),
            ("7010000001", Err(PhoneError::Form)),
            ("770100000012", Err(PhoneError::Form)),
            ("+1 701 000 0001", Err(PhoneError::Form)),
            ("٧٧٠١٠٠٠٠٠٠١", Err(PhoneError::Form)),
            ("7701000000x", Err(PhoneError::Form)),
            ("", Err(PhoneError::Form)),
        ];
        for (text, want) in cases {
            let read = Phone::parse(text).map(|phone| phone.e164());
            assert_eq!(read.as_deref(), want.as_ref().map(|text| *text), "{text}");
        }
        let phone = Phone::parse("87010000001").unwrap();
        assert_eq!(phone.digits(), "77010000001");
        assert_eq!(phone.printed(), "+7 701 000 00 01");
        assert_eq!(format!("{phone:?}"), "Phone(***)");
    }
}
