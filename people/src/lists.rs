//! The lists of R0-10.2b–f: their versions on disk, the screening of one person, and of everybody
//! when a version changes (I-39).
//!
//! ```text
//! DIR/lists/debtors.current   the version in force, as its source wrote it, with a head of ours
//! DIR/lists/debtors.next      the version that is being applied; gone when it is in force
//! ```
//!
//! A version enters whole: checked, written beside the one in force, renamed. Then its differences
//! become facts, at most a thousand persons each, and after the last of them the version is put in
//! force (core 19). A stop in between resumes: `next` is applied again, and what is applied already
//! changes nothing. Two versions of one list wait for each other; those of two lists do not.
//!
//! Cost: an update asks the vault for each number that differs; a first import meets the whole
//! index in one pass ([`FEW`]).

use std::collections::BTreeSet;
use std::fs;
use std::io::BufReader;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use admission::List;
use casework::{CaseKind, CaseStep};
use desk::command::{ChangeListings, OpenCase, PutListInForce};
use journal::fact::Fact;
use links::consent::Said;
use links::debtors::Owes;
use links::restricted::Standing;
use parking_lot::Mutex;
use screening::entry::{Birth, Entry, Kind};
use screening::import::{AfmList, ImportError, Limits, NumberForm, afm, numbers};
use screening::names::{self, Names, Subject};
use screening::numbers::Numbers;
use screening::versions::{Verdict, Version, verdict};
use sha2::{Digest as _, Sha256};
use store::files::replace;
use terms::limits::{DIFFERENCE_MAX, FREEZING_DIFFERENCE_MAX};
use terms::{Field as _, Hash, Iin, Instant, Person, record};
use vault::{NamePart, PersonRecord, Query};

use crate::house::People;
use crate::joining::Path as Way;
use crate::no::{No, Outcome};
use crate::person_record::iin_of;

/// Up to so many numbers are asked one by one; more meet the index as a whole.
pub const FEW: usize = 50_000;

/// How an answer of the lists reads for one person.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Match {
    /// He is on it.
    Hit(List),
    /// He may be, by name and birth date: an officer looks (S-48).
    Possible(List),
}

record! {
    /// The head of a version on disk.
    pub struct Head {
        /// Which list.
        pub list: List,
        /// Its version.
        pub version: u32,
        /// How its rows are written: the code of a form of numbers, 0 for names.
        pub form: u8,
        /// When it was imported.
        pub imported: Instant,
        /// Who imported it, and who confirmed that it shrank; staff numbers.
        pub by: Vec<u32>,
    }
}

/// A version of a list.
pub struct Listing {
    /// Its head.
    pub head: Head,
    /// Its file's digest, time and size.
    pub version: Version,
    /// Everybody on it who has a number.
    pub numbers: Numbers,
    /// Its entries, of a list of names.
    pub entries: Vec<Entry>,
}

impl std::fmt::Debug for Listing {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (list, version) = (self.head.list.name(), self.head.version);
        write!(f, "Listing({list}, {version}, {} numbers)", self.numbers.len())
    }
}

/// The lists in force.
pub struct Screens {
    home: PathBuf,
    /// By place in [`List::ALL`].
    listings: Vec<Option<Arc<Listing>>>,
    names: Names,
    turns: Arc<[Mutex<()>; 5]>,
}

impl std::fmt::Debug for Screens {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(&self.listings).finish()
    }
}

/// What became of an import.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Imported {
    /// It is in force: so many persons are on it who were not, and so many no more.
    Done {
        /// Its version.
        version: u32,
        /// New on it.
        listed: usize,
        /// No more on it.
        cleared: usize,
        /// Possible matches for officers.
        possible: usize,
    },
    /// It is the one in force, once more: its age begins anew.
    Same {
        /// Its version.
        version: u32,
    },
}

/// Why a version is not taken.
#[derive(Debug, thiserror::Error)]
pub enum NotTaken {
    /// The file is refused whole.
    #[error(transparent)]
    File(#[from] ImportError),
    /// The source made it before the one in force.
    #[error("its source made it before the version in force")]
    Older,
    /// It lost more entries than a version may without a second person.
    #[error("it has {now} entries, the version in force {before}: a second person must confirm")]
    Shrunk {
        /// Entries of the version in force.
        before: u64,
        /// Its own.
        now: u64,
    },
    /// A disk or a decision.
    #[error("{0}")]
    Down(String),
}

impl From<No> for NotTaken {
    fn from(no: No) -> NotTaken {
        NotTaken::Down(no.to_string())
    }
}

impl Screens {
    /// Reads the lists of a directory.
    pub fn open(home: &Path) -> Result<Screens, NotTaken> {
        let down = |error: std::io::Error| NotTaken::Down(format!("the lists: {error}"));
        fs::create_dir_all(home).map_err(down)?;
        let mut listings = Vec::new();
        for list in List::ALL {
            let path = place(home, *list, "current");
            let found = path.exists().then(|| read(&path)).transpose()?;
            listings.push(found.map(Arc::new));
        }
        Ok(Screens::of(home.to_owned(), listings, Arc::default()))
    }

    fn of(
        home: PathBuf,
        listings: Vec<Option<Arc<Listing>>>,
        turns: Arc<[Mutex<()>; 5]>,
    ) -> Screens {
        let lists: Vec<names::List<'_>> = listings
            .iter()
            .flatten()
            .map(|listing| names::List {
                id: u16::from(listing.head.list.code()),
                entries: &listing.entries,
            })
            .collect();
        let names = Names::build(&lists);
        Screens { home, listings, names, turns }
    }

    /// A list in force.
    pub fn listing(&self, list: List) -> Option<&Arc<Listing>> {
        self.listings.get(index(list))?.as_ref()
    }

    /// What the lists on disk say of somebody.
    pub fn find(&self, subject: &Subject) -> Vec<Match> {
        let mut found = Vec::new();
        for listing in self.listings.iter().flatten() {
            if subject.iin.is_some_and(|iin| listing.numbers.contains(&iin)) {
                found.push(Match::Hit(listing.head.list));
            }
        }
        for hit in self.names.query(subject, HITS_MAX) {
            let Some(list) = u8::try_from(hit.list).ok().and_then(List::from_code) else {
                continue;
            };
            if !found.contains(&Match::Hit(list)) && !found.contains(&Match::Possible(list)) {
                found.push(Match::Possible(list));
            }
        }
        found
    }
}

impl Screens {
    /// Entries of lists of names, the likest first, whatever their score.
    pub(crate) fn likest(&self, subject: &Subject, limit: usize) -> Vec<names::Hit> {
        self.names.query_from(subject, 1, limit)
    }
}

/// Candidates of one question: one a list is enough for a case.
const HITS_MAX: usize = 16;

fn index(list: List) -> usize {
    List::ALL.iter().position(|known| *known == list).unwrap_or(0)
}

fn place(home: &Path, list: List, what: &str) -> PathBuf {
    home.join(format!("{}.{what}", list.name()))
}

/// A file of ours: the length of the head in four bytes, the head, what the source wrote.
fn read(path: &Path) -> Result<Listing, NotTaken> {
    let bytes = fs::read(path).map_err(|error| NotTaken::Down(format!("a list: {error}")))?;
    let broken = || NotTaken::Down(format!("{} is damaged", path.display()));
    let (length, rest) = bytes.split_first_chunk::<4>().ok_or_else(broken)?;
    let (head, content) =
        rest.split_at_checked(u32::from_be_bytes(*length) as usize).ok_or_else(broken)?;
    let head = Head::from_bytes(head).map_err(|_| broken())?;
    parse(head, content)
}

fn parse(head: Head, content: &[u8]) -> Result<Listing, NotTaken> {
    let reader = BufReader::new(content);
    match NumberForm::from_code(head.form) {
        Some(form) => {
            let list = numbers(reader, form, Limits::NUMBERS)?;
            let entries = list.blocking.len() as u64;
            let version = Version { digest: list.digest, as_of: Some(list.as_of), entries };
            Ok(Listing { head, version, numbers: list.blocking, entries: Vec::new() })
        }
        None => {
            let which = match head.list {
                List::Terrorism => AfmList::Participants,
                List::Proliferation => AfmList::Proliferation,
                List::Financing => AfmList::Financing,
                List::Restricted | List::Debtors => {
                    return Err(NotTaken::Down("this list is one of numbers".to_owned()));
                }
            };
            let parsed = afm(reader, which, Limits::NAMES)?;
            let entries = parsed.entries.len() as u64;
            let version = Version { digest: parsed.digest, as_of: parsed.as_of, entries };
            let people = parsed.entries.iter().filter(|entry| entry.kind != Kind::Organisation);
            let numbers = Numbers::build(people.filter_map(|entry| entry.iin));
            let numbers = numbers.map_err(|_| NotTaken::Down("too many numbers".to_owned()))?;
            Ok(Listing { head, version, numbers, entries: parsed.entries })
        }
    }
}

impl People {
    /// The lists in force, as of now.
    pub fn screens(&self) -> Arc<Screens> {
        self.screens.read().clone()
    }

    /// Takes a version of a list: `form` for a list of numbers. `by` is who brings it, and who
    /// confirms that it shrank, if it did.
    pub fn import(
        &self,
        list: List,
        form: Option<NumberForm>,
        content: &[u8],
        by: (u32, Option<u32>),
    ) -> Result<Imported, NotTaken> {
        let turns = self.screens().turns.clone();
        let _turn = turns[index(list)].lock();
        // What was cut off comes first: its differences may be facts already.
        self.finish(list)?;
        let before = self.screens().listing(list).cloned();
        let version = self
            .version_in_force(list)
            .max(before.as_ref().map_or(0, |before| before.head.version));
        let head = Head {
            list,
            version: version + 1,
            form: form.map_or(0, NumberForm::code),
            imported: self.now(),
            by: [Some(by.0), by.1].into_iter().flatten().collect(),
        };
        let next = parse(head, content)?;
        let last = before.as_ref().map(|before| before.version);
        let two = by.1.is_some_and(|second| second != by.0);
        match verdict(last.as_ref(), &next.version, self.settings.shrink_permille_max) {
            Verdict::Follows => {}
            Verdict::Shrunk if two => {}
            Verdict::Older => return Err(NotTaken::Older),
            Verdict::Shrunk => {
                let before = last.map_or(0, |last| last.entries);
                return Err(NotTaken::Shrunk { before, now: next.version.entries });
            }
            Verdict::Same => {
                let version = next.head.version;
                self.put_in_force(&next)?;
                self.keep(next, content, "current")?;
                return Ok(Imported::Same { version });
            }
        }
        self.write(&next.head, content, "next")?;
        self.apply(next, content, before.as_deref())
    }

    /// Goes on where a stop has cut an import off; a duty of every start.
    pub fn resume_imports(&self) -> Result<usize, NotTaken> {
        let mut resumed = 0;
        for list in List::ALL {
            let turns = self.screens().turns.clone();
            let _turn = turns[index(*list)].lock();
            resumed += usize::from(self.finish(*list)?);
        }
        Ok(resumed)
    }

    /// Finishes an import of a list that was cut off, if there is one; within its turn.
    fn finish(&self, list: List) -> Result<bool, NotTaken> {
        let screens = self.screens();
        let path = place(&screens.home, list, "next");
        if !path.exists() {
            return Ok(false);
        }
        let bytes = fs::read(&path).map_err(|error| NotTaken::Down(error.to_string()))?;
        let next = read(&path)?;
        let content = bytes.get(4 + next.head.to_bytes().len()..).unwrap_or_default();
        let before = screens.listing(list).cloned();
        self.apply(next, content, before.as_deref())?;
        Ok(true)
    }

    /// Differences first, then the version in force, then the file.
    fn apply(
        &self,
        next: Listing,
        content: &[u8],
        before: Option<&Listing>,
    ) -> Result<Imported, NotTaken> {
        let (list, version) = (next.head.list, next.head.version);
        let empty = Numbers::build([]).map_err(|_| NotTaken::Down("no numbers".to_owned()))?;
        let old = before.map_or(&empty, |before| &before.numbers);
        let difference = next.numbers.difference(old);
        let added: Vec<Iin> = difference.added().collect();
        let listed = self.persons_of(added.clone())?;
        let cleared = self.persons_of(difference.removed().collect())?;
        let cleared: Vec<Person> =
            cleared.into_iter().filter(|person| !listed.contains(person)).collect();
        let listed: Vec<Person> = listed.into_iter().collect();
        let seed: [u8; 16] = std::array::from_fn(|at| next.version.digest[at]);
        self.change_listings(&seed, &next, &listed, &cleared)?;
        let possible = self.possible_matches(&seed, &next, before)?;
        self.put_in_force(&next)?;
        self.keep(next, content, "current")?;
        // Who registered meanwhile was compared with the version before.
        let late = self.persons_of(added)?;
        let late: Vec<Person> = late.into_iter().filter(|one| !listed.contains(one)).collect();
        if let (false, Some(kept)) = (late.is_empty(), self.screens().listing(list)) {
            self.change_listings(&seed, kept, &late, &[])?;
        }
        let path = place(&self.screens().home, list, "next");
        match fs::remove_file(&path) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                return Err(NotTaken::Down(format!("{}: {error}", path.display())));
            }
            _ => {}
        }
        let (listed, cleared) = (listed.len(), cleared.len());
        Ok(Imported::Done { version, listed, cleared, possible })
    }

    /// Which persons have these numbers.
    fn persons_of(&self, iins: Vec<Iin>) -> Result<BTreeSet<Person>, No> {
        let found = self.with_vault(|vault| {
            if FEW < iins.len() {
                let met = vault.members(&iins)?;
                return Ok(met.into_iter().map(|(_, person)| person).collect());
            }
            let mut persons = BTreeSet::new();
            for iin in &iins {
                let found = vault.find(&Query::Iin(*iin))?;
                persons.extend(found.into_iter().filter_map(|found| found.number));
            }
            Ok(persons)
        })?;
        Ok(found)
    }

    fn change_listings(
        &self,
        seed: &[u8; 16],
        next: &Listing,
        listed: &[Person],
        cleared: &[Person],
    ) -> Result<(), No> {
        let (list, version, at) = (next.head.list, next.head.version, next.head.imported);
        let most = if list.freezes() { FREEZING_DIFFERENCE_MAX } else { DIFFERENCE_MAX };
        let put = |listed: &[Person], cleared: &[Person]| {
            let (listed, cleared) = (listed.to_vec(), cleared.to_vec());
            let command = ChangeListings { list, version, case: None, listed, cleared };
            self.put_derived(seed, at, command).map(drop)
        };
        for part in listed.chunks(most) {
            put(part, &[])?;
        }
        for part in cleared.chunks(DIFFERENCE_MAX) {
            put(&[], part)?;
        }
        Ok(())
    }

    /// Persons who are called and born like a new entry without a number: a case for an officer
    /// each (S-48).
    fn possible_matches(
        &self,
        seed: &[u8; 16],
        next: &Listing,
        before: Option<&Listing>,
    ) -> Result<usize, No> {
        let old: &[Entry] = before.map_or(&[], |before| &before.entries);
        let changes = screening::versions::difference(old, &next.entries);
        let changed = changes.changed.iter().map(|(_, entry)| *entry);
        let mut count = 0;
        for entry in changes.added.iter().copied().chain(changed) {
            if entry.iin.is_some() || entry.kind == Kind::Organisation {
                continue;
            }
            for person in self.born_and_called(entry)? {
                let command = OpenCase {
                    kind: CaseKind::PossibleMatch,
                    step: CaseStep::Open,
                    person: Some(person),
                    other: None,
                    organiser: None,
                    list: Some(next.head.list),
                    related: None,
                    evidence: Some(Hash(Sha256::digest(entry.key.0).into())),
                };
                self.put_derived(seed, next.head.imported, command)?;
                count += 1;
            }
        }
        Ok(count)
    }

    fn born_and_called(&self, entry: &Entry) -> Result<BTreeSet<Person>, No> {
        let days = entry.births.iter().filter_map(|birth| match birth {
            Birth::Day(day) => Some(*day),
            Birth::Years { .. } | Birth::About(_) => None,
        });
        let days: Vec<terms::Day> = days.collect();
        let mut persons = BTreeSet::new();
        for name in &entry.names {
            let mut words = name.text.split_whitespace();
            let (Some(first), Some(second)) = (words.next(), words.next()) else { continue };
            let parts = (NamePart::new(first), NamePart::new(second));
            let (Ok(first), Ok(second)) = parts else { continue };
            for day in &days {
                let query = Query::Birth(&first, &second, *day);
                let found = self.with_vault(|vault| vault.find(&query))?;
                persons.extend(found.into_iter().filter_map(|found| found.number));
            }
        }
        Ok(persons)
    }

    fn put_in_force(&self, next: &Listing) -> Result<(), No> {
        let Head { list, version, imported, .. } = next.head;
        if version <= self.version_in_force(list) {
            return Ok(());
        }
        let digest = Hash(next.version.digest);
        let seed: [u8; 16] = std::array::from_fn(|at| next.version.digest[at]);
        let receipt =
            self.put_derived(&seed, imported, PutListInForce { list, version, digest })?;
        match self.fact(receipt.seq)? {
            Fact::ListInForce(_) => Ok(()),
            _ => Err(No::Down("a list in force without its fact".to_owned())),
        }
    }

    /// The version of a list in force.
    pub fn version_in_force(&self, list: List) -> u32 {
        self.copy.read(|state| {
            let row = state.lists.iter().find(|row| row.list == list);
            row.map_or(0, |row| row.version)
        })
    }

    fn write(&self, head: &Head, content: &[u8], what: &str) -> Result<(), NotTaken> {
        let head_bytes = head.to_bytes();
        let mut bytes = (head_bytes.len() as u32).to_be_bytes().to_vec();
        bytes.extend_from_slice(&head_bytes);
        bytes.extend_from_slice(content);
        let path = place(&self.screens().home, head.list, what);
        replace(&path, &bytes, 0o600).map_err(|error| NotTaken::Down(error.to_string()))
    }

    /// Keeps a version as the current one, on disk and for who is screened next.
    fn keep(&self, next: Listing, content: &[u8], what: &str) -> Result<(), NotTaken> {
        self.write(&next.head, content, what)?;
        let mut screens = self.screens.write();
        let mut listings = screens.listings.clone();
        let at = index(next.head.list);
        listings[at] = Some(Arc::new(next));
        *screens = Arc::new(Screens::of(screens.home.clone(), listings, screens.turns.clone()));
        Ok(())
    }

    /// Everything that the lists say of one person, on disk and asked outside. An error is no
    /// answer, and nobody is admitted by it. Who refuses access to data of the state is held, at a
    /// desk, against the version of the list that is in force (S-57).
    pub(crate) fn screen_person(&self, record: &PersonRecord, path: Way) -> Outcome<Vec<Match>> {
        let screens = self.screens();
        let mut found = screens.find(&subject(record));
        if let Some(iin) = iin_of(record) {
            let down = |error: links::Error| No::Down(error.to_string());
            let owes = self.outside.debtors.owes(&self.call(), &iin).map_err(down)?.found;
            if owes.is_some_and(Owes::bars) {
                found.push(Match::Hit(List::Debtors));
            }
            let on_disk = path == Way::Desk && screens.listing(List::Restricted).is_some();
            match self.ask_access(&iin)? {
                Said::Granted(access) => {
                    let heard = self.outside.restricted.ask(&self.call(), &iin, &access);
                    let today = self.today();
                    let restricted = match heard.map_err(down)?.found {
                        None | Some(Standing::Free) => false,
                        Some(Standing::Until(None)) => true,
                        Some(Standing::Until(Some(day))) => today <= day,
                    };
                    if restricted {
                        found.push(Match::Hit(List::Restricted));
                    }
                }
                // S-57: his refusal alone; what does not answer admits nobody (S-47).
                Said::Refused if on_disk => {}
                Said::Refused
                | Said::TimedOut
                | Said::NotReachable
                | Said::Failed
                | Said::Pending => {
                    let what = "access to the restricted persons is not granted";
                    return Err(No::Down(what.to_owned()));
                }
            }
        }
        found.sort_by_key(|hit| match hit {
            Match::Hit(list) => (list.code(), 0),
            Match::Possible(list) => (list.code(), 1),
        });
        found.dedup();
        Ok(found)
    }

    /// Makes a hit a fact, if it is not one.
    pub(crate) fn list_person(
        &self,
        seed: &[u8; 16],
        at: Instant,
        person: Person,
        list: List,
    ) -> Outcome<()> {
        let version = self.version_in_force(list).max(1);
        let (listed, cleared) = (vec![person], Vec::new());
        let command = ChangeListings { list, version, case: None, listed, cleared };
        let receipt = self.put_derived(seed, at, command)?;
        self.wait_until_read(receipt.seq);
        Ok(())
    }

    /// Lists whose last version is so old that somebody has to act (S-47), with its age in
    /// nanoseconds; none for a list that there never was.
    pub fn stale_lists(&self, alarm_ns: i64) -> Vec<(List, Option<i64>)> {
        let now = self.now();
        let rows: Vec<(List, Instant)> =
            self.copy.read(|state| state.lists.iter().map(|row| (row.list, row.since)).collect());
        let age = |list: &List| {
            let row = rows.iter().filter(|(known, _)| known == list).map(|(_, since)| *since).max();
            (*list, row.map(|since| now.since(since)))
        };
        let ages = List::ALL.iter().map(age);
        ages.filter(|(_, age)| age.is_none_or(|age| alarm_ns <= age)).collect()
    }
}

/// A person as screening asks about him.
pub(crate) fn subject(record: &PersonRecord) -> Subject {
    let names = record.names.iter().map(|name| {
        let name = &name.value;
        let parts = [Some(&name.surname), Some(&name.given), name.patronymic.as_ref()];
        let parts: Vec<&str> = parts.into_iter().flatten().map(|part| part.reveal()).collect();
        parts.join(" ")
    });
    Subject {
        kind: Kind::Person,
        names: names.collect(),
        born: record.birth_date.as_ref().map(|born| *born.value.reveal()),
        iin: iin_of(record),
    }
}
