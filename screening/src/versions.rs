//! Two versions of a list: whether the new one may follow the old one, and what differs.

use std::collections::BTreeMap;

use terms::{Instant, choice};

use crate::entry::{Entry, EntryKey};

/// What is remembered of a version of a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Version {
    /// SHA-256 of the file.
    pub digest: [u8; 32],
    /// When the source made it, if it says so.
    pub as_of: Option<Instant>,
    /// Entries, or numbers that block.
    pub entries: u64,
}

choice! {
    /// Whether a version may follow another.
    pub enum Verdict {
        /// It may.
        Follows = 1 "follows",
        /// It is the same file once more: nothing is to be done.
        Same = 2 "same",
        /// The source made it before the one in force: it is refused.
        Older = 3 "older",
        /// It lost more entries than the bound: a second person must confirm it.
        Shrunk = 4 "shrunk",
    }
}

/// Judges a version against the one in force. `shrink_permille_max` is how many of a thousand
/// entries it may have fewer before a second person is needed.
pub fn verdict(last: Option<&Version>, next: &Version, shrink_permille_max: u16) -> Verdict {
    let Some(last) = last else { return Verdict::Follows };
    if last.digest == next.digest {
        return Verdict::Same;
    }
    if let (Some(last), Some(next)) = (last.as_of, next.as_of)
        && next < last
    {
        return Verdict::Older;
    }
    let lost = u128::from(last.entries.saturating_sub(next.entries));
    if u128::from(last.entries) * u128::from(shrink_permille_max) < lost * 1_000 {
        return Verdict::Shrunk;
    }
    Verdict::Follows
}

/// What differs between two versions, each side in the order of its own list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Changes<'a> {
    /// Entries that the old version has not.
    pub added: Vec<&'a Entry>,
    /// Entries that the new version has no longer.
    pub removed: Vec<&'a Entry>,
    /// Entries of the same key with other content: as they were, and as they are.
    pub changed: Vec<(&'a Entry, &'a Entry)>,
}

/// Compares two versions by the keys of their entries.
pub fn difference<'a>(old: &'a [Entry], new: &'a [Entry]) -> Changes<'a> {
    let before: BTreeMap<EntryKey, &Entry> = old.iter().map(|entry| (entry.key, entry)).collect();
    let after: BTreeMap<EntryKey, &Entry> = new.iter().map(|entry| (entry.key, entry)).collect();
    let mut changes = Changes {
        removed: old.iter().filter(|entry| !after.contains_key(&entry.key)).collect(),
        ..Changes::default()
    };
    for entry in new {
        match before.get(&entry.key) {
            None => changes.added.push(entry),
            Some(was) if *was != entry => changes.changed.push((was, entry)),
            Some(_) => {}
        }
    }
    changes
}
