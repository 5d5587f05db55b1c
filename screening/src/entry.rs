//! One entry of a list: a person or an organisation under all its names.
//!
//! Nothing of an entry but its key is printed: names, births and numbers are personal data.

use std::fmt;

use sha2::{Digest as _, Sha256};
use terms::{Day, Iin, choice};

choice! {
    /// What is listed, or asked about.
    pub enum Kind {
        /// A human being.
        Person = 1 "person",
        /// An organisation, a vessel, or anything else with a name.
        Organisation = 2 "organisation",
        /// The source does not say; both ways of comparing are tried.
        Unknown = 3 "unknown",
    }
}

choice! {
    /// How much a name says.
    pub enum Quality {
        /// A name that the source stands by.
        Full = 1 "full",
        /// An alias that the source itself calls weak: never a hit by itself.
        Weak = 2 "weak",
    }
}

/// What a source says of a birth. Nothing is invented: an entry without a date has none of these.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Birth {
    /// A day.
    Day(Day),
    /// A year, perhaps in between two.
    Years {
        /// The first that it may be.
        from: u16,
        /// The last that it may be.
        to: u16,
    },
    /// Some year around this one.
    About(u16),
}

impl fmt::Debug for Birth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Birth(…)")
    }
}

/// A name as the list writes it.
#[derive(Clone, PartialEq, Eq)]
pub struct ListedName {
    /// All its words.
    pub text: String,
    /// How much it says.
    pub quality: Quality,
}

impl ListedName {
    /// A name that the source stands by.
    pub fn full(text: impl Into<String>) -> ListedName {
        ListedName { text: text.into(), quality: Quality::Full }
    }
}

impl fmt::Debug for ListedName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ListedName({})", self.quality.name())
    }
}

/// What makes an entry the same one in two versions of its list. It is made of the source's own
/// number where that is stable, otherwise by a digest of the number or of names and births.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EntryKey(pub [u8; 16]);

impl EntryKey {
    /// The key of these parts, in this order.
    pub fn of<'a>(parts: impl IntoIterator<Item = &'a str>) -> EntryKey {
        let mut hash = Sha256::new();
        for part in parts {
            hash.update((part.len() as u64).to_be_bytes());
            hash.update(part);
        }
        // Cannot fail: a digest has 32 bytes.
        EntryKey(hash.finalize()[..16].try_into().expect("sixteen of 32 bytes"))
    }
}

impl fmt::Display for EntryKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for EntryKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "EntryKey({self})")
    }
}

/// One entry of a list.
#[derive(Clone, PartialEq, Eq)]
pub struct Entry {
    /// What makes it the same entry in the next version.
    pub key: EntryKey,
    /// What is listed.
    pub kind: Kind,
    /// All its names, the first one first.
    pub names: Vec<ListedName>,
    /// All births that the source gives; empty if it gives none.
    pub births: Vec<Birth>,
    /// The number, if the source gives one that is a number.
    pub iin: Option<Iin>,
    /// Digits of a number that is not whole, as the source writes them: a hint, never a hit.
    pub part_of_iin: Option<String>,
    /// The source's remark.
    pub note: String,
    /// The source's correction.
    pub correction: String,
    /// The day from which it is listed, if the source says so.
    pub listed_on: Option<Day>,
}

impl Entry {
    /// An entry with a key and a kind, and nothing else yet.
    pub fn new(key: EntryKey, kind: Kind) -> Entry {
        Entry {
            key,
            kind,
            names: Vec::new(),
            births: Vec::new(),
            iin: None,
            part_of_iin: None,
            note: String::new(),
            correction: String::new(),
            listed_on: None,
        }
    }

    /// A digest of everything in it, by which a change between two versions is seen.
    pub fn digest(&self) -> [u8; 32] {
        let mut hash = Sha256::new();
        let mut put = |part: &[u8]| {
            hash.update((part.len() as u64).to_be_bytes());
            hash.update(part);
        };
        put(&[self.kind.code()]);
        put(&(self.names.len() as u64).to_be_bytes());
        for name in &self.names {
            put(&[name.quality.code()]);
            put(name.text.as_bytes());
        }
        put(&(self.births.len() as u64).to_be_bytes());
        for birth in &self.births {
            match birth {
                Birth::Day(day) => put(&day.0.to_be_bytes()),
                Birth::Years { from, to } => put(&[from.to_be_bytes(), to.to_be_bytes()].concat()),
                Birth::About(year) => put(&year.to_be_bytes()),
            }
        }
        put(self.iin.map(|iin| iin.reveal()).unwrap_or_default().as_bytes());
        put(self.part_of_iin.as_deref().unwrap_or_default().as_bytes());
        put(self.note.as_bytes());
        put(self.correction.as_bytes());
        put(self.listed_on.map(|day| day.to_string()).unwrap_or_default().as_bytes());
        hash.finalize().into()
    }
}

impl fmt::Debug for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Entry({}, {})", self.key, self.kind.name())
    }
}
