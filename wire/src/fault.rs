//! What is wrong with a text: a rule and where it is broken, never the value.

use serde::{Deserialize, Serialize};

/// Faults that one answer tells. An honest message has a few; a text with more tells nothing new.
pub const FAULTS_MAX: usize = 100;

/// One thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fault {
    /// JSON pointer (RFC 6901) to where it is wrong.
    pub pointer: String,
    /// The rule that is broken.
    pub rule: String,
    /// What is expected, in the words of the schema.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expected: Option<String>,
    /// The kind of JSON value that was found; never the value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub found: Option<String>,
}

/// A list of faults that grows up to [`FAULTS_MAX`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Faults(pub Vec<Fault>);

impl Faults {
    /// Notes a fault.
    pub fn note(&mut self, at: &str, rule: &str, expected: Option<&str>, found: Option<&str>) {
        if self.0.len() < FAULTS_MAX {
            self.0.push(Fault {
                pointer: at.to_owned(),
                rule: rule.to_owned(),
                expected: expected.map(str::to_owned),
                found: found.map(str::to_owned),
            });
        }
    }

    /// Notes a rule that is broken at a place.
    pub fn rule(&mut self, at: &str, rule: &str) {
        self.note(at, rule, None, None);
    }

    /// Notes a value of the wrong kind.
    pub fn kind(&mut self, at: &str, expected: &str, found: &str) {
        self.note(at, "type", Some(expected), Some(found));
    }

    /// A single fault of the whole text.
    pub fn one(rule: &str) -> Faults {
        let mut faults = Faults::default();
        faults.rule("", rule);
        faults
    }
}

/// A pointer one step further: `~` and `/` are escaped as RFC 6901 has it, and a name that nobody
/// knows is cut, since its sender chose it.
pub(crate) fn child(at: &str, name: &str) -> String {
    const NAME_MAX: usize = 64;
    let name: String = name.chars().take(NAME_MAX).collect();
    format!("{at}/{}", name.replace('~', "~0").replace('/', "~1"))
}
