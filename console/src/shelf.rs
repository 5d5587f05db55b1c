//! Saved queries as they are kept: a text that the house keeps, no part of the journal (core 21).

use serde::{Deserialize, Serialize};

/// Saved queries of everybody: far more than people keep, few enough for memory.
pub const QUERIES_MAX: usize = 5_000;

/// A saved query.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Query {
    /// Its number.
    pub number: u64,
    /// The member of the staff who saved it.
    pub owner: u32,
    /// The role of that member.
    pub role: String,
    /// The organiser of that member, of an organiser's officer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub organiser: Option<u32>,
    /// Its name.
    pub name: String,
    /// The register, as a path without the language.
    pub page: String,
    /// The question, as in an address.
    pub query: String,
    /// Whether everybody of the role sees it.
    pub shared: bool,
}

#[derive(Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    query: Vec<Query>,
}

/// Reads what [`write`] made; an empty text has none.
pub fn read(text: &str) -> Result<Vec<Query>, String> {
    let file: File = toml::from_str(text).map_err(|error| error.to_string())?;
    Ok(file.query)
}

/// The text that is kept.
pub fn write(queries: &[Query]) -> Result<String, String> {
    toml::to_string(&File { query: queries.to_vec() }).map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn queries_read_back() {
        let query = Query {
            number: 7,
            owner: 3,
            role: "tax".into(),
            organiser: None,
            name: "\"Кеше\" = 'x'\n".into(),
            page: "/stakes".into(),
            query: "?from=today-1".into(),
            shared: true,
        };
        let text = write(std::slice::from_ref(&query)).unwrap();
        assert_eq!(read(&text).unwrap(), [query]);
        assert_eq!(read("").unwrap(), []);
        assert!(read("[[query]]\nother = 1").is_err());
    }
}
