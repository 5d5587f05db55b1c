//! The consolidated list of the Security Council of the United Nations.

use std::collections::BTreeSet;
use std::io::BufRead;

use terms::{Day, Instant};

use super::dates::years;
use super::source::Source;
use super::xml::{Element, Records, Step};
use super::{ImportError, ImportReason, Limits, Parsed, Remark, RemarkKind};
use crate::entry::{Birth, Entry, EntryKey, Kind, ListedName, Quality};
use crate::limits::NAMES_PER_ENTRY_MAX;

/// Reads the list whole, or refuses it whole.
pub fn un(reader: impl BufRead, limits: Limits) -> Result<Parsed, ImportError> {
    let mut records = Records::new(Source::new(reader, limits.bytes_max));
    let mut entries: Vec<Entry> = Vec::new();
    let mut remarks = Vec::new();
    let mut ids = BTreeSet::new();
    let mut as_of = None;
    let mut section = String::new();
    loop {
        let refuse = |line, reason| Err(ImportError::new(line, reason));
        match records.next()? {
            Step::Root(name, attributes) => {
                if name != "CONSOLIDATED_LIST" {
                    return refuse(records.line(), ImportReason::NotThisList);
                }
                let made = attributes.iter().find(|(key, _)| key == "dateGenerated");
                as_of = made.and_then(|(_, value)| instant(value));
                if as_of.is_none() {
                    return refuse(records.line(), ImportReason::Head);
                }
            }
            Step::Section(name) => section = name,
            Step::Record(element) => {
                if entries.len() == limits.entries_max {
                    return refuse(element.line, ImportReason::TooManyEntries);
                }
                let entry = record(&section, &element, &mut remarks)?;
                if limits.remarks_max < remarks.len() {
                    return refuse(element.line, ImportReason::TooManyRemarks);
                }
                if !ids.insert(entry.key) {
                    return refuse(element.line, ImportReason::Duplicate);
                }
                entries.push(entry);
            }
            Step::End => break,
        }
    }
    Ok(Parsed { entries, remarks, digest: records.digest(), as_of })
}

fn record(
    section: &str,
    element: &Element,
    remarks: &mut Vec<Remark>,
) -> Result<Entry, ImportError> {
    let refuse = |reason| Err(ImportError::new(element.line, reason));
    let (kind, prefix) = match (section, element.name.as_str()) {
        ("INDIVIDUALS", "INDIVIDUAL") => (Kind::Person, "INDIVIDUAL"),
        ("ENTITIES", "ENTITY") => (Kind::Organisation, "ENTITY"),
        _ => return refuse(ImportReason::NotThisList),
    };
    let id = element.text_of("DATAID");
    if id.is_empty() {
        return refuse(ImportReason::Row);
    }
    let mut entry = Entry::new(EntryKey::of(["un", id]), kind);
    names(element, prefix, &mut entry);
    if entry.names.is_empty() {
        return refuse(ImportReason::NoName);
    }
    if NAMES_PER_ENTRY_MAX < entry.names.len() {
        return refuse(ImportReason::TooManyNames);
    }
    for birth in element.all("INDIVIDUAL_DATE_OF_BIRTH") {
        match birth_of(birth) {
            Ok(Some(found)) if !entry.births.contains(&found) => entry.births.push(found),
            Ok(_) => {}
            Err(Unclear) => remarks.push(Remark { line: birth.line, kind: RemarkKind::Birth }),
        }
    }
    let comments = [element.text_of("REFERENCE_NUMBER"), element.text_of("COMMENTS1")];
    entry.note = comments.join(" ").trim().into();
    entry.listed_on = Day::parse(element.text_of("LISTED_ON"));
    Ok(entry)
}

fn names(element: &Element, prefix: &str, entry: &mut Entry) {
    let parts = ["FIRST_NAME", "SECOND_NAME", "THIRD_NAME", "FOURTH_NAME"];
    let words: Vec<&str> = parts
        .iter()
        .flat_map(|part| element.text_of(part).split_whitespace())
        // The list writes "na" for a part that there is not.
        .filter(|word| *word != "na")
        .collect();
    put(entry, &words.join(" "), Quality::Full);
    put(entry, element.text_of("NAME_ORIGINAL_SCRIPT"), Quality::Full);
    for alias in element.all(&format!("{prefix}_ALIAS")) {
        let quality = match alias.text_of("QUALITY") {
            "Low" => Quality::Weak,
            _ => Quality::Full,
        };
        put(entry, alias.text_of("ALIAS_NAME"), quality);
    }
}

fn put(entry: &mut Entry, text: &str, quality: Quality) {
    for part in text.split(';') {
        let text = part.split_whitespace().collect::<Vec<_>>().join(" ");
        if !text.is_empty() && !entry.names.iter().any(|known| known.text == text) {
            entry.names.push(ListedName { text, quality });
        }
    }
}

/// A birth that the list gives in a way that is not known.
struct Unclear;

fn birth_of(element: &Element) -> Result<Option<Birth>, Unclear> {
    let year = |at: &str| element.text_of(at).parse::<u16>().ok();
    let (date, about) = (element.text_of("DATE"), element.text_of("TYPE_OF_DATE"));
    let one = if !date.is_empty() {
        Some(Birth::Day(Day::parse(date).ok_or(Unclear)?))
    } else if let (Some(from), Some(to)) = (year("FROM_YEAR"), year("TO_YEAR")) {
        Some(years(from, to).ok_or(Unclear)?)
    } else if let Some(year) = year("YEAR") {
        let exact = years(year, year).ok_or(Unclear)?;
        Some(if about == "APPROXIMATELY" { Birth::About(year) } else { exact })
    } else if element.text_of("YEAR").is_empty() {
        None
    } else {
        return Err(Unclear);
    };
    Ok(one)
}

/// `2026-02-27T00:00:09.554Z`, with or without a fraction; nothing else.
pub(super) fn instant(text: &str) -> Option<Instant> {
    let (day, time) = text.strip_suffix('Z')?.split_once('T')?;
    let (time, fraction) = time.split_once('.').unwrap_or((time, ""));
    let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    let parts: Vec<&str> = time.split(':').collect();
    let [hour, minute, second] = parts[..] else { return None };
    if !parts.iter().all(|part| part.len() == 2 && digits(part)) {
        return None;
    }
    if 9 < fraction.len() || !digits(fraction) {
        return None;
    }
    let (hour, minute, second): (i64, i64, i64) =
        (hour.parse().ok()?, minute.parse().ok()?, second.parse().ok()?);
    if 23 < hour || 59 < minute || 59 < second {
        return None;
    }
    let nanoseconds: i64 = format!("{fraction:0<9}").parse().ok()?;
    let day = i64::from(Day::parse(day)?.0).checked_mul(Instant::DAY)?;
    let seconds = hour * 3_600 + minute * 60 + second;
    Some(Instant(day.checked_add(seconds * Instant::SECOND + nanoseconds)?))
}
