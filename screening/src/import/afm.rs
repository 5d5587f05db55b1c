//! Lists of the Agency for Financial Monitoring.
//!
//! `persons/person`, `organisations/org` and `organisationscis/org`. The second list, of those who
//! take part in terrorism, has its people in `org` elements with a number of ten digits. Any name
//! may hold several, split by "; ". The list of those tied to weapons of mass destruction is read
//! in the same form. The published schema is not at hand: elements that are not known are passed
//! over, and a section that is not known refuses the file.

use std::collections::{BTreeMap, BTreeSet};
use std::io::BufRead;

use terms::{BirthAgreement, Iin, UnknownCentury, choice};

use super::dates::{births, first_date};
use super::source::Source;
use super::xml::{Element, Records, Step};
use super::{ImportError, ImportReason, Limits, Parsed, Remark, RemarkKind};
use crate::entry::{Birth, Entry, EntryKey, Kind, ListedName};
use crate::limits::NAMES_PER_ENTRY_MAX;

choice! {
    /// Which of the lists a file is, since their forms differ in one point.
    pub enum AfmList {
        /// Those who finance terrorism and extremism: organisations stand in `org`.
        Financing = 1 "financing",
        /// Those who take part in terrorism: people stand in `org`, with a number.
        Participants = 2 "participants",
        /// Those tied to the proliferation of weapons of mass destruction.
        Proliferation = 3 "proliferation",
    }
}

/// Reads a list whole, or refuses it whole (R0-10, R4-16.2.6).
pub fn afm(reader: impl BufRead, list: AfmList, limits: Limits) -> Result<Parsed, ImportError> {
    let mut records = Records::new(Source::new(reader, limits.bytes_max));
    let mut reading = Reading { list, limits, ..Reading::default() };
    let mut section = String::new();
    loop {
        match records.next()? {
            Step::Root(..) => {}
            Step::Section(name) => {
                if !["persons", "organisations", "organisationscis"].contains(&name.as_str()) {
                    return Err(ImportError::new(records.line(), ImportReason::NotThisList));
                }
                reading.sections += 1;
                section = name;
            }
            Step::Record(element) => reading.record(&section, &element)?,
            Step::End => break,
        }
    }
    if reading.sections == 0 {
        return Err(ImportError::new(records.line(), ImportReason::NotThisList));
    }
    let Reading { entries, remarks, .. } = reading;
    Ok(Parsed { entries, remarks, digest: records.digest(), as_of: None })
}

/// What was read so far.
struct Reading {
    list: AfmList,
    limits: Limits,
    sections: usize,
    entries: Vec<Entry>,
    remarks: Vec<Remark>,
    /// Section and number of each record that has one.
    numbers: BTreeSet<(String, String)>,
    /// How often a key stood here.
    keys: BTreeMap<EntryKey, u32>,
}

impl Default for Reading {
    fn default() -> Reading {
        Reading {
            list: AfmList::Financing,
            limits: Limits::NAMES,
            sections: 0,
            entries: Vec::new(),
            remarks: Vec::new(),
            numbers: BTreeSet::new(),
            keys: BTreeMap::new(),
        }
    }
}

impl Reading {
    fn record(&mut self, section: &str, element: &Element) -> Result<(), ImportError> {
        let refuse = |reason| Err(ImportError::new(element.line, reason));
        if self.entries.len() == self.limits.entries_max {
            return refuse(ImportReason::TooManyEntries);
        }
        let number = element.text_of("num");
        if !number.is_empty() && !self.numbers.insert((section.into(), number.into())) {
            return refuse(ImportReason::Duplicate);
        }
        let mut entry = match (section, element.name.as_str()) {
            ("persons", "person") => self.person(element)?,
            ("organisations" | "organisationscis", "org") => self.organisation(element)?,
            _ => return refuse(ImportReason::NotThisList),
        };
        if entry.names.is_empty() {
            return refuse(ImportReason::NoName);
        }
        if NAMES_PER_ENTRY_MAX < entry.names.len() {
            return refuse(ImportReason::TooManyNames);
        }
        entry.note = element.text_of("note").into();
        entry.correction = element.text_of("correction").into();
        entry.listed_on = listed_on(element);
        entry.key = self.key(&entry, element.line)?;
        self.entries.push(entry);
        Ok(())
    }

    fn person(&mut self, element: &Element) -> Result<Entry, ImportError> {
        let mut entry = Entry::new(EntryKey([0; 16]), Kind::Person);
        let [last, first, middle] =
            ["lname", "fname", "mname"].map(|at| split(element.text_of(at)));
        entry.names = together(&last, &first, &middle);
        match births(element.text_of("birthdate")) {
            Some(births) => entry.births = births,
            None => self.remark(element.line, RemarkKind::Birth)?,
        }
        self.number(&mut entry, element.text_of("iin"), element.line)?;
        Ok(entry)
    }

    fn organisation(&mut self, element: &Element) -> Result<Entry, ImportError> {
        let number = element.text_of("org_iin");
        let is_person = self.list == AfmList::Participants && !number.is_empty();
        let kind = match (is_person, self.list) {
            (true, _) => Kind::Person,
            // Without a number nobody says which of both it is.
            (false, AfmList::Participants) => Kind::Unknown,
            (false, _) => Kind::Organisation,
        };
        let mut entry = Entry::new(EntryKey([0; 16]), kind);
        for name in ["org_name", "org_name_en"].map(|at| split(element.text_of(at))).concat() {
            if !entry.names.iter().any(|known| known.text == name) {
                entry.names.push(ListedName::full(name));
            }
        }
        self.number(&mut entry, number, element.line)?;
        Ok(entry)
    }

    /// Takes the number over if it is one; otherwise its digits as a hint.
    fn number(&mut self, entry: &mut Entry, text: &str, line: u64) -> Result<(), ImportError> {
        if text.is_empty() {
            return Ok(());
        }
        if let Ok(iin) = Iin::parse_with(text, UnknownCentury::Accept) {
            let contradicts = |birth: &Birth| match birth {
                Birth::Day(day) => iin.birth_agreement(*day) == BirthAgreement::Differs,
                Birth::Years { .. } | Birth::About(_) => false,
            };
            if !entry.births.is_empty() && entry.births.iter().all(contradicts) {
                self.remark(line, RemarkKind::BirthAgainstNumber)?;
            }
            entry.iin = Some(iin);
            return Ok(());
        }
        let digits: String = text.chars().filter(char::is_ascii_digit).take(12).collect();
        if !digits.is_empty() {
            entry.part_of_iin = Some(digits);
        }
        self.remark(line, RemarkKind::Number)
    }

    /// The list's own numbers run on and are given anew, so the key is the person's number, or else
    /// names and births. The same content twice gets two keys.
    fn key(&mut self, entry: &Entry, line: u64) -> Result<EntryKey, ImportError> {
        let whole = entry.iin.map(|iin| iin.reveal());
        let identity = match (&whole, &entry.part_of_iin) {
            (Some(iin), _) => vec!["iin", iin.as_str()],
            (None, part) => ["names", part.as_deref().unwrap_or_default()]
                .into_iter()
                .chain(entry.names.iter().map(|name| name.text.as_str()))
                .collect(),
        };
        let births = match whole {
            Some(_) => String::new(),
            None => entry.births.iter().map(written).collect::<Vec<_>>().join(" "),
        };
        let own = [self.list.name(), entry.kind.name(), births.as_str()];
        let key = EntryKey::of(own.into_iter().chain(identity.iter().copied()));
        let times = self.keys.entry(key).or_insert(0);
        *times += 1;
        if *times == 1 {
            return Ok(key);
        }
        let nth = times.to_string();
        self.remark(line, RemarkKind::Twice)?;
        Ok(EntryKey::of(own.into_iter().chain(identity).chain(["twice", nth.as_str()])))
    }

    fn remark(&mut self, line: u64, kind: RemarkKind) -> Result<(), ImportError> {
        if self.remarks.len() == self.limits.remarks_max {
            return Err(ImportError::new(line, ImportReason::TooManyRemarks));
        }
        self.remarks.push(Remark { line, kind });
        Ok(())
    }
}

fn written(birth: &Birth) -> String {
    match birth {
        Birth::Day(day) => day.to_string(),
        Birth::Years { from, to } => format!("{from}-{to}"),
        Birth::About(year) => format!("~{year}"),
    }
}

/// Several names in one field are split by a semicolon.
fn split(text: &str) -> Vec<String> {
    text.split(';')
        .map(|part| part.split_whitespace().collect::<Vec<_>>().join(" "))
        .filter(|part| !part.is_empty())
        .collect()
}

/// Fields with as many names as each other are read in parallel; a field with one name serves all;
/// otherwise each goes with each.
fn together(last: &[String], first: &[String], middle: &[String]) -> Vec<ListedName> {
    let fields = [last, first, middle];
    let most = fields.iter().map(|field| field.len()).max().unwrap_or(0);
    let mut names: Vec<String> = Vec::new();
    let mut put = |parts: [Option<&String>; 3]| {
        let parts: Vec<&str> = parts.into_iter().flatten().map(String::as_str).collect();
        let name = parts.join(" ");
        if !name.is_empty() && !names.contains(&name) && names.len() <= NAMES_PER_ENTRY_MAX {
            names.push(name);
        }
    };
    let parallel = fields.iter().all(|field| field.len() <= 1 || field.len() == most);
    if parallel {
        for at in 0..most {
            put(fields.map(|field| field.get(at).or(field.first())));
        }
    } else {
        let each = |field: &'_ [String]| -> Vec<Option<usize>> {
            if field.is_empty() { vec![None] } else { (0..field.len()).map(Some).collect() }
        };
        for l in each(last) {
            for f in each(first) {
                for m in each(middle) {
                    let part =
                        |field: usize, at: Option<usize>| at.and_then(|at| fields[field].get(at));
                    put([part(0, l), part(1, f), part(2, m)]);
                }
            }
        }
    }
    names.into_iter().map(ListedName::full).collect()
}

/// The day of listing: its own element, or the free text of the remark.
fn listed_on(element: &Element) -> Option<terms::Day> {
    let own = element.text_of("added_to_list");
    if let Some(day) = first_date(own) {
        return Some(day);
    }
    ["note", "correction"].into_iter().find_map(|at| {
        let text = element.text_of(at);
        let word = text.to_lowercase().find("ключен")?;
        // Lower case may move bytes; the text from about there on is what is looked at.
        let from = (0..=word.min(text.len())).rev().find(|at| text.is_char_boundary(*at))?;
        first_date(&text[from..])
    })
}
