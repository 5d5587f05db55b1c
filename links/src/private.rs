//! Text about a person on its way to the vault.

use std::fmt;

/// Text that names or describes a person. It prints as stars.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Private(String);

impl Private {
    /// Takes the text as it came.
    pub fn new(text: impl Into<String>) -> Private {
        Private(text.into())
    }

    /// The text, for the vault and for screens that are entitled to it.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Private {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Private(***)")
    }
}
