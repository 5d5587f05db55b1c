//! Matching of names with an explained score.
//!
//! Owns [`Names`], an index over any number of lists, and [`compare`] for two names alone.
//!
//! A name in any script becomes words of Latin letters, the words become sounds in which the usual
//! transliterations fall together, and each word gets a kind: name, patronymic, initial, title,
//! particle, legal form. Patronymics are compared by the father's name, whatever the ending; one
//! that is missing takes a little, one of another father refuses. A word that contradicts weighs
//! more than a word that is missing. A score starts at a thousand; every part of it is a
//! [`Reason`] with what it took or gave, and the sum is the score.
//!
//! Contract: integers only, so that the same names score the same on every machine; two names score
//! the same in either order; there is one threshold, [`THRESHOLD`]. A hit is a question to an
//! officer (S-48), never a decision, unless the numbers are equal.
//!
//! Limits: [`WORDS_PER_NAME_MAX`](crate::limits::WORDS_PER_NAME_MAX) words of
//! [`WORD_LETTERS_MAX`](crate::limits::WORD_LETTERS_MAX) sounds; what is longer is cut off. A query
//! compares at most [`CANDIDATES_MAX`](crate::limits::CANDIDATES_MAX) names of the lists for each
//! name that is asked. Cost: a few hundred microseconds a query over thirty thousand names.

mod align;
mod births;
mod compare;
mod distance;
mod fold;
mod index;
mod reason;
mod script;
mod word;

use std::collections::BTreeMap;
use std::fmt;

use terms::{Day, Iin};

use crate::entry::{Birth, Entry, EntryKey, Kind, Quality};
use crate::limits::NAME_BYTES_MAX;
use index::{Index, Pieces};
use word::Name;

pub use compare::{Reasons, Score};
pub use reason::{Reason, ReasonCode};

/// The one threshold: from here on somebody looks.
pub const THRESHOLD: u16 = 700;

/// What a name that the list itself calls weak takes from a score.
const WEAK_NAME: i16 = -100;
/// What the same digits of a number that is not whole give.
const NUMBER_PART: i16 = 100;
/// What another number takes from a score.
const NUMBERS_DIFFER: i16 = -310;

/// Compares two names as they are written.
pub fn compare(kind: Kind, a: &str, b: &str) -> Score {
    compare_prepared(&Prepared::new(kind, a), &Prepared::new(kind, b))
}

/// A name in the forms in which it is compared.
#[derive(Debug)]
struct Prepared {
    person: Option<Name>,
    organisation: Vec<Name>,
}

impl Prepared {
    fn new(kind: Kind, text: &str) -> Prepared {
        let text = cut(text);
        let person = || word::person(text);
        let organisation = || alternatives(text).map(word::organisation).collect();
        match kind {
            Kind::Person => Prepared { person: Some(person()), organisation: Vec::new() },
            Kind::Organisation => Prepared { person: None, organisation: organisation() },
            Kind::Unknown => Prepared { person: Some(person()), organisation: organisation() },
        }
    }

    fn pieces(&self) -> Pieces {
        let mut all = Pieces::new();
        for name in self.person.iter().chain(&self.organisation) {
            all.extend(index::pieces(name));
        }
        all.sort_unstable();
        all.dedup();
        all
    }
}

/// A name of bounded length.
fn cut(text: &str) -> &str {
    let most = NAME_BYTES_MAX.min(text.len());
    // Cannot fail: 0 is always a boundary.
    let end = (0..=most).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
    &text[..end]
}

/// An organisation's names that are written as one: "Al-Qa'ida/Islamic Army".
fn alternatives(text: &str) -> impl Iterator<Item = &str> {
    let several = text.split('/').filter(|part| 4 <= part.trim().len()).count();
    let whole = (several < 2).then_some(text);
    whole.into_iter().chain(text.split('/').filter(move |_| 2 <= several))
}

/// Compares in each way that both sides allow, and takes the best.
fn compare_prepared(a: &Prepared, b: &Prepared) -> Score {
    let people = a.person.iter().zip(&b.person).map(|(a, b)| compare::people(a, b));
    let organisations = a
        .organisation
        .iter()
        .flat_map(|a| b.organisation.iter().map(move |b| compare::organisations(a, b)));
    let better = |one: Score, other: Score| if one.score < other.score { other } else { one };
    people.chain(organisations).reduce(better).unwrap_or_default()
}

/// Who is asked about.
#[derive(Clone)]
pub struct Subject {
    /// A person, an organisation, or not known.
    pub kind: Kind,
    /// The name in every form that is known: Kazakh, Russian, Latin, former names.
    pub names: Vec<String>,
    /// The birth date, if it is known.
    pub born: Option<Day>,
    /// The number, if there is one.
    pub iin: Option<Iin>,
}

impl Subject {
    /// A person with one name, and nothing else known.
    pub fn person(name: impl Into<String>) -> Subject {
        Subject { kind: Kind::Person, names: vec![name.into()], born: None, iin: None }
    }
}

impl fmt::Debug for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Subject({}, {} names)", self.kind.name(), self.names.len())
    }
}

/// A list as it goes into the index, under the caller's own number.
#[derive(Clone, Copy, Debug)]
pub struct List<'a> {
    /// The caller's number of the list.
    pub id: u16,
    /// Its entries.
    pub entries: &'a [Entry],
}

/// An entry that may be the subject.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hit {
    /// The caller's number of the list.
    pub list: u16,
    /// The entry's key.
    pub key: EntryKey,
    /// Where the entry stands in its list.
    pub entry: u32,
    /// Which of the entry's names fits best.
    pub entry_name: u16,
    /// Which of the subject's names it fits.
    pub subject_name: u16,
    /// 0 to 1,000.
    pub score: u16,
    /// What made it so: of the names first, then of birth and number.
    pub reasons: Reasons,
}

/// An index over all names of all lists. It does not change: a new version is a new index.
pub struct Names {
    entries: Vec<Listed>,
    names: Vec<ListedForm>,
    index: Index,
    by_iin: BTreeMap<Iin, Vec<u32>>,
}

struct Listed {
    list: u16,
    key: EntryKey,
    at: u32,
    kind: Kind,
    births: Vec<Birth>,
    iin: Option<Iin>,
    part_of_iin: Option<String>,
}

struct ListedForm {
    entry: u32,
    name: u16,
    quality: Quality,
    prepared: Prepared,
}

impl fmt::Debug for Names {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Names({} entries, {} names)", self.entries.len(), self.names.len())
    }
}

impl Names {
    /// The index of these lists.
    pub fn build(lists: &[List<'_>]) -> Names {
        let mut entries = Vec::new();
        let mut names: Vec<ListedForm> = Vec::new();
        let mut by_iin: BTreeMap<Iin, Vec<u32>> = BTreeMap::new();
        for list in lists {
            for (at, entry) in list.entries.iter().enumerate() {
                let number = entries.len() as u32;
                if let Some(iin) = entry.iin {
                    by_iin.entry(iin).or_default().push(number);
                }
                for (name, listed) in entry.names.iter().enumerate() {
                    names.push(ListedForm {
                        entry: number,
                        name: name as u16,
                        quality: listed.quality,
                        prepared: Prepared::new(entry.kind, &listed.text),
                    });
                }
                entries.push(Listed {
                    list: list.id,
                    key: entry.key,
                    at: at as u32,
                    kind: entry.kind,
                    births: entry.births.clone(),
                    iin: entry.iin,
                    part_of_iin: entry.part_of_iin.clone(),
                });
            }
        }
        let pieces: Vec<Pieces> = names.iter().map(|name| name.prepared.pieces()).collect();
        Names { entries, names, index: Index::build(&pieces), by_iin }
    }

    /// Entries in it.
    pub fn entries(&self) -> usize {
        self.entries.len()
    }

    /// Names in it.
    pub fn len(&self) -> usize {
        self.names.len()
    }

    /// Whether there are no names in it.
    pub fn is_empty(&self) -> bool {
        self.names.is_empty()
    }

    /// The entries that may be the subject, the likeliest first, at most `limit`.
    pub fn query(&self, subject: &Subject, limit: usize) -> Vec<Hit> {
        self.query_from(subject, THRESHOLD, limit)
    }

    /// The same from another score on, for measurements and for officers who look further.
    pub fn query_from(&self, subject: &Subject, least: u16, limit: usize) -> Vec<Hit> {
        let mut best: BTreeMap<u32, Hit> = BTreeMap::new();
        for entry in subject.iin.iter().filter_map(|iin| self.by_iin.get(iin)).flatten() {
            best.insert(*entry, self.hit(*entry, 0, 0, number_equal()));
        }
        for (at, text) in subject.names.iter().enumerate() {
            let asked = Prepared::new(subject.kind, text);
            for near in self.index.nearest(&asked.pieces()) {
                let form = &self.names[near as usize];
                let score = compare_prepared(&asked, &form.prepared);
                if score.score == 0 {
                    continue;
                }
                let score = self.judge(subject, form, score);
                let better = best.get(&form.entry).is_none_or(|hit| hit.score < score.score);
                if least <= score.score && better {
                    let hit = self.hit(form.entry, form.name, at as u16, score);
                    best.insert(form.entry, hit);
                }
            }
        }
        let mut hits: Vec<Hit> = best.into_values().collect();
        hits.sort_by_key(|hit| (u16::MAX - hit.score, hit.list, hit.entry));
        hits.truncate(limit);
        hits
    }

    fn hit(&self, entry: u32, name: u16, subject_name: u16, score: Score) -> Hit {
        let listed = &self.entries[entry as usize];
        Hit {
            list: listed.list,
            key: listed.key,
            entry: listed.at,
            entry_name: name,
            subject_name,
            score: score.score,
            reasons: score.reasons,
        }
    }

    /// Adds what birth, number and the quality of the name say.
    fn judge(&self, subject: &Subject, form: &ListedForm, names: Score) -> Score {
        let listed = &self.entries[form.entry as usize];
        let mut reasons = names.reasons;
        let mut put = |code, effect| reasons.push(Reason { code, effect });
        if form.quality == Quality::Weak {
            put(ReasonCode::WeakName, WEAK_NAME);
        }
        if let (Some(iin), Some(theirs)) = (subject.iin, listed.iin)
            && iin != theirs
        {
            put(ReasonCode::NumbersDiffer, NUMBERS_DIFFER);
        }
        if let (Some(iin), Some(part)) = (subject.iin, &listed.part_of_iin)
            && 6 <= part.len()
            && (iin.reveal().starts_with(part.as_str()) || iin.reveal().ends_with(part.as_str()))
        {
            put(ReasonCode::NumberPart, NUMBER_PART);
        }
        if listed.kind != Kind::Organisation && subject.kind != Kind::Organisation {
            let born: Vec<Birth> = subject.born.map(Birth::Day).into_iter().collect();
            reasons.push(births::agreement(&born, &listed.births));
        }
        let sum: i32 = reasons.iter().map(|reason| i32::from(reason.effect)).sum();
        Score { score: (1_000 + sum).clamp(0, 1_000) as u16, reasons }
    }
}

fn number_equal() -> Score {
    let reason = Reason { code: ReasonCode::NumberEqual, effect: 0 };
    Score { score: 1_000, reasons: [reason].into_iter().collect() }
}
