//! Text about a person on its way between a form, the vault and a page.

use std::fmt;

/// A text that never prints: a name, a number, a phone, a password.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Private(String);

impl Private {
    /// Hides a text.
    pub fn new(text: impl Into<String>) -> Private {
        Private(text.into())
    }

    /// The text; for the vault, and for a page of somebody who is entitled to it.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Private {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("…")
    }
}
