//! Files of the lists of financial monitoring: terror and extremism, proliferation.
//!
//! Fetches a whole file or learns that it is the same as before, by its entity tag or its date.
//! What is in the file, whether it is broken or has shrunk, is judged in `screening`. The owner's
//! present host is not public and does not answer from abroad, so an operator may as well take the
//! file in by hand: both ways end at the same import.

use hyper::header::{IF_MODIFIED_SINCE, IF_NONE_MATCH};
use terms::{Hash, Instant};

use crate::error::Error;
use crate::token::hash;
use crate::way::{Ask, Way};

/// Which of a list's three exports.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Export {
    /// Who is on the list.
    Active,
    /// Who was added.
    Included,
    /// Who was taken off.
    Excluded,
}

impl Export {
    fn path(self) -> &'static str {
        match self {
            Export::Active => "/blacklist/export/active/xml",
            Export::Included => "/blacklist/export/included/xml",
            Export::Excluded => "/blacklist/export/excluded/xml",
        }
    }
}

/// The publisher of one list as its callers see it.
pub trait Publisher: Send + Sync {
    /// The file, or that it is the one that is known.
    fn fetch(&self, export: Export, known: Option<&Version>, at: Instant)
    -> Result<Fetched, Error>;
}

/// What a publisher says of a file's version; kept with an import.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Version {
    /// The entity tag.
    pub tag: Option<String>,
    /// The date of the file as the publisher writes it.
    pub date: Option<String>,
}

/// What was fetched.
#[derive(Clone, PartialEq, Eq)]
pub enum Fetched {
    /// The known file still stands.
    Unchanged,
    /// A file.
    File {
        /// As it came.
        content: Vec<u8>,
        /// SHA-256 of it.
        digest: Hash,
        /// What to ask with next time.
        version: Version,
        /// When it was fetched.
        at: Instant,
    },
}

impl std::fmt::Debug for Fetched {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Fetched::Unchanged => f.write_str("Unchanged"),
            Fetched::File { content, digest, .. } => {
                write!(f, "File({} bytes, {digest})", content.len())
            }
        }
    }
}

/// A publisher at the end of a way.
#[derive(Debug)]
pub struct Site {
    way: Way,
}

impl Site {
    /// The site at the end of this way. The way's limit of bytes is that of a list file,
    /// [`crate::limits::LIST_BYTES_MAX`] at most.
    pub fn new(way: Way) -> Site {
        Site { way }
    }
}

impl Publisher for Site {
    fn fetch(
        &self,
        export: Export,
        known: Option<&Version>,
        at: Instant,
    ) -> Result<Fetched, Error> {
        let mut ask = Ask::get(export.path());
        if let Some(version) = known {
            match version {
                Version { tag: Some(tag), .. } => ask.head.push((IF_NONE_MATCH, tag.clone())),
                Version { date: Some(date), .. } => {
                    ask.head.push((IF_MODIFIED_SINCE, date.clone()));
                }
                Version { tag: None, date: None } => {}
            }
        }
        let conditional = !ask.head.is_empty();
        let answer = self.way.ask(ask)?.good()?;
        match answer.status.as_u16() {
            304 if conditional => Ok(Fetched::Unchanged),
            200 if !answer.content.is_empty() => {
                let (tag, date) = answer.version();
                Ok(Fetched::File {
                    digest: hash(&answer.content),
                    content: answer.content.into(),
                    version: Version { tag, date },
                    at,
                })
            }
            200 => Err(Error::Malformed("an empty file")),
            _ => Err(answer.refused()),
        }
    }
}
