//! The daily files of the caller: a list of the newest versions, and the files themselves.
//!
//! They lie in a directory, one below it for each organiser, and are written by the shell; a
//! version is there when its manifest is. A name stands for the same bytes for ever, so that its
//! SHA-256 is its entity tag, and a download that was cut goes on where it ended (`Range`,
//! `If-Range`). At most [`DOWNLOADS_MAX`] are sent at a time, each through a buffer of some
//! [`CHUNK_BYTES`].

use std::fs::{self, File};
use std::io::{self, ErrorKind, Read as _, Seek as _, SeekFrom};
use std::path::PathBuf;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use axum::body::{Body, Bytes};
use axum::http::header::{
    ACCEPT_RANGES, CACHE_CONTROL, CONTENT_LENGTH, CONTENT_RANGE, ETAG, HeaderMap, IF_NONE_MATCH,
    IF_RANGE, RANGE,
};
use axum::http::{HeaderValue, StatusCode};
use hyper::body::{Frame, SizeHint};
use sha2::{Digest as _, Sha256};
use terms::codec::hex;
use terms::{Day, Organiser};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};
use wire::{DailyManifest, DailyManifests};

use crate::house::House;
use crate::limits::{CHUNK_BYTES, DAYS_MAX, DOWNLOADS_MAX, MANIFEST_BYTES_MAX};
use crate::problem::{Answer, Teller, Trouble, body, json};
use crate::query::{Asked, Pairs};

/// The daily files of all organisers.
#[derive(Debug)]
pub struct DailyFiles {
    home: PathBuf,
    room: Arc<Semaphore>,
}

/// A file that may be sent.
struct Found {
    file: File,
    bytes: u64,
    tag: String,
    kind: &'static str,
}

impl DailyFiles {
    /// In a directory, which need not be there yet.
    pub fn of(home: PathBuf) -> DailyFiles {
        DailyFiles { home, room: Arc::new(Semaphore::new(DOWNLOADS_MAX)) }
    }

    fn shelf(&self, organiser: Organiser) -> PathBuf {
        self.home.join(format!("organiser-{}", organiser.0))
    }

    fn manifest(
        &self,
        organiser: Organiser,
        day: Day,
        version: u32,
    ) -> io::Result<Option<DailyManifest>> {
        let name = format!("manifest.v{version}.json");
        match fs::read(self.shelf(organiser).join(day.to_string()).join(name)) {
            Ok(text) => Ok(Some(serde_json::from_slice(&text)?)),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// The newest versions of days before one, newest day first.
    fn list(
        &self,
        organiser: Organiser,
        before: Option<Day>,
        limit: usize,
    ) -> io::Result<DailyManifests> {
        let mut days = Vec::new();
        match fs::read_dir(self.shelf(organiser)) {
            Ok(names) => {
                for name in names {
                    let day = name?.file_name().to_str().and_then(Day::parse);
                    days.extend(day.filter(|day| before.is_none_or(|before| *day < before)));
                }
            }
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            Err(error) => return Err(error),
        }
        days.sort_unstable_by(|a, b| b.cmp(a));
        let mut found = DailyManifests { days: Vec::new(), next: None };
        for day in days {
            if found.days.len() == limit {
                found.next = found.days.last().map(|last: &DailyManifest| last.day.clone());
                break;
            }
            let mut newest = None;
            for version in 1.. {
                match self.manifest(organiser, day, version)? {
                    Some(manifest) => newest = Some(manifest),
                    None => break,
                }
            }
            found.days.extend(newest);
        }
        Ok(found)
    }

    /// A file of a version that is there.
    fn open(&self, organiser: Organiser, day: &str, name: &str) -> io::Result<Option<Found>> {
        let (Some(day), Some((kind, version))) = (Day::parse(day), named(name)) else {
            return Ok(None);
        };
        let Some(manifest) = self.manifest(organiser, day, version)? else { return Ok(None) };
        let path = self.shelf(organiser).join(day.to_string()).join(name);
        let hash = match name.starts_with("manifest.") {
            true => hash(&path)?,
            false => match manifest.files.iter().find(|file| file.name == name) {
                Some(file) => file.sha256.clone(),
                None => return Ok(None),
            },
        };
        let file = File::open(&path)?;
        let bytes = file.metadata()?.len();
        Ok(Some(Found { file, bytes, tag: format!("\"{hash}\""), kind }))
    }
}

/// The media type and the version of a name that a file may have. Nothing else is looked for, so
/// that no name leads out of the directory.
fn named(name: &str) -> Option<(&'static str, u32)> {
    let (content, rest) = name.split_once(".v")?;
    let (version, ending) = rest.split_once('.')?;
    let kind = match (content, ending) {
        ("manifest", "json") => "application/json",
        ("manifest", "json.sig") => "text/plain; charset=utf-8",
        ("manifest", _) => return None,
        (_, "csv") => "text/csv; charset=utf-8; header=present",
        (_, "ndjson") => "application/x-ndjson",
        _ => return None,
    };
    let plain = content.bytes().all(|byte| byte.is_ascii_lowercase());
    let number: u32 = version.parse().ok().filter(|number: &u32| number.to_string() == version)?;
    (plain && !content.is_empty()).then_some((kind, number))
}

fn hash(path: &std::path::Path) -> io::Result<String> {
    let mut text = Vec::new();
    File::open(path)?.take(MANIFEST_BYTES_MAX).read_to_end(&mut text)?;
    Ok(hex(&Sha256::digest(&text)))
}

/// The list.
pub fn list(house: &House, caller: Organiser, pairs: &Pairs, headers: &HeaderMap) -> Answer {
    let asked = match Asked::read(pairs, &["before", "limit"]) {
        Ok(asked) => asked,
        Err(faults) => return Teller::new(&house.phrases, headers).malformed(faults),
    };
    let limit = asked.rows().min(DAYS_MAX);
    let made = tokio::task::block_in_place(|| house.daily.list(caller, asked.before, limit));
    match made {
        Ok(found) => json(StatusCode::OK, &found),
        Err(error) => unread(house, headers, &error),
    }
}

/// A file, or a part of it.
pub fn file(house: &House, caller: Organiser, at: (&str, &str), headers: &HeaderMap) -> Answer {
    let tell = Teller::new(&house.phrases, headers);
    let (day, name) = at;
    let found = match tokio::task::block_in_place(|| house.daily.open(caller, day, name)) {
        Ok(Some(found)) => found,
        Ok(None) => return tell.trouble(Trouble::NotFound),
        Err(error) => return unread(house, headers, &error),
    };
    if matches(headers.get(IF_NONE_MATCH), &found.tag) {
        return tagged(body(StatusCode::NOT_MODIFIED, found.kind, Body::empty()), &found);
    }
    let wanted = match headers.get(IF_RANGE) {
        Some(tag) if *tag != *found.tag.as_str() => Wanted::Whole,
        _ => wanted(headers.get(RANGE), found.bytes),
    };
    let (first, length) = match wanted {
        Wanted::Whole => (0, found.bytes),
        Wanted::Part(first, last) => (first, last - first + 1),
        Wanted::Beyond => {
            return ranged(tell.trouble(Trouble::RangeBeyond), &format!("*/{}", found.bytes));
        }
    };
    let Ok(place) = house.daily.room.clone().try_acquire_owned() else {
        return tell.trouble(Trouble::Busy);
    };
    let mut answer = tagged(body(StatusCode::OK, found.kind, Body::empty()), &found);
    if let Wanted::Part(first, last) = wanted {
        *answer.status_mut() = StatusCode::PARTIAL_CONTENT;
        answer = ranged(answer, &format!("{first}-{last}/{}", found.bytes));
    }
    answer.headers_mut().insert(CONTENT_LENGTH, HeaderValue::from(length));
    *answer.body_mut() = Body::new(Part::start(found.file, first, length, place));
    answer
}

/// States which part it is.
fn ranged(mut answer: Answer, range: &str) -> Answer {
    let range = HeaderValue::from_str(&format!("bytes {range}"));
    answer.headers_mut().extend(range.map(|range| (CONTENT_RANGE, range)));
    answer
}

fn unread(house: &House, headers: &HeaderMap, error: &io::Error) -> Answer {
    tracing::error!("the daily files cannot be read: {error}");
    Teller::new(&house.phrases, headers).trouble(Trouble::Behind)
}

fn tagged(mut answer: Answer, found: &Found) -> Answer {
    let headers = answer.headers_mut();
    headers.extend(HeaderValue::from_str(&found.tag).map(|tag| (ETAG, tag)));
    headers.insert(ACCEPT_RANGES, HeaderValue::from_static("bytes"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("private, no-cache"));
    answer
}

/// Whether a list of tags names this one.
fn matches(tags: Option<&HeaderValue>, tag: &str) -> bool {
    let Some(tags) = tags.and_then(|tags| tags.to_str().ok()) else { return false };
    tags.trim() == "*" || tags.split(',').any(|one| one.trim().trim_start_matches("W/") == tag)
}

/// What of a file is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Wanted {
    Whole,
    /// From a byte to a byte, both included.
    Part(u64, u64),
    Beyond,
}

/// One range of bytes; what is no such thing, or several, asks for the whole (RFC 9110).
fn wanted(range: Option<&HeaderValue>, bytes: u64) -> Wanted {
    let text = range.and_then(|range| range.to_str().ok());
    let Some((first, last)) =
        text.and_then(|text| text.strip_prefix("bytes=")).and_then(|text| text.split_once('-'))
    else {
        return Wanted::Whole;
    };
    let number = |text: &str| {
        let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        digits.then(|| text.parse::<u64>().unwrap_or(u64::MAX))
    };
    match (number(first), number(last)) {
        (Some(first), Some(last)) if last < first => Wanted::Whole,
        (Some(first), _) if bytes <= first => match last.is_empty() || number(last).is_some() {
            true => Wanted::Beyond,
            false => Wanted::Whole,
        },
        (Some(first), Some(last)) => Wanted::Part(first, last.min(bytes - 1)),
        (Some(first), None) if last.is_empty() => Wanted::Part(first, bytes - 1),
        (None, Some(0)) if first.is_empty() => Wanted::Beyond,
        (None, Some(count)) if first.is_empty() && 0 < bytes => {
            Wanted::Part(bytes.saturating_sub(count), bytes - 1)
        }
        (None, Some(_)) if first.is_empty() => Wanted::Beyond,
        _ => Wanted::Whole,
    }
}

/// A part of a file on its way.
struct Part {
    chunks: mpsc::Receiver<io::Result<Bytes>>,
    left: u64,
}

impl Part {
    /// Reads on a thread for work that blocks, one chunk ahead.
    fn start(mut file: File, first: u64, length: u64, place: OwnedSemaphorePermit) -> Part {
        let (sender, chunks) = mpsc::channel(1);
        tokio::task::spawn_blocking(move || {
            let _place = place;
            let mut left = length;
            let mut sought = file.seek(SeekFrom::Start(first)).map(drop);
            while 0 < left {
                let size = CHUNK_BYTES.min(usize::try_from(left).unwrap_or(usize::MAX));
                let mut chunk = vec![0; size];
                let read = std::mem::replace(&mut sought, Ok(()))
                    .and_then(|()| file.read_exact(&mut chunk));
                let failed = read.is_err();
                left -= size as u64;
                // Nobody to take it has hung up.
                if sender.blocking_send(read.map(|()| chunk.into())).is_err() || failed {
                    return;
                }
            }
        });
        Part { chunks, left: length }
    }
}

impl hyper::body::Body for Part {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        let chunk = ready!(self.chunks.poll_recv(context));
        Poll::Ready(chunk.map(|chunk| {
            let chunk = chunk?;
            self.left = self.left.saturating_sub(chunk.len() as u64);
            Ok(Frame::data(chunk))
        }))
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.left)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_those_of_the_standard() {
        let header = |text: &str| HeaderValue::from_str(text).unwrap();
        for (text, want) in [
            ("bytes=0-0", Wanted::Part(0, 0)),
            ("bytes=3-", Wanted::Part(3, 9)),
            ("bytes=3-99999999999999999999", Wanted::Part(3, 9)),
            ("bytes=-4", Wanted::Part(6, 9)),
            ("bytes=-40", Wanted::Part(0, 9)),
            ("bytes=10-", Wanted::Beyond),
            ("bytes=10-12", Wanted::Beyond),
            ("bytes=-0", Wanted::Beyond),
            ("bytes=5-4", Wanted::Whole),
            ("bytes=0-1,3-4", Wanted::Whole),
            ("bytes=-", Wanted::Whole),
            ("bytes=a-b", Wanted::Whole),
            ("bytes=10-x", Wanted::Whole),
            ("lines=0-1", Wanted::Whole),
            ("", Wanted::Whole),
        ] {
            assert_eq!(wanted(Some(&header(text)), 10), want, "{text}");
        }
        assert_eq!(wanted(None, 10), Wanted::Whole);
        assert_eq!(wanted(Some(&header("bytes=0-")), 0), Wanted::Beyond);
        assert_eq!(wanted(Some(&header("bytes=-5")), 0), Wanted::Beyond);
    }

    #[test]
    fn names_lead_nowhere_else() {
        for name in ["stakes.v1.csv", "balance.v12.ndjson", "manifest.v3.json"] {
            assert!(named(name).is_some(), "{name}");
        }
        assert_eq!(named("manifest.v3.json.sig").map(|(_, version)| version), Some(3));
        for name in [
            "",
            "..",
            "../stakes.v1.csv",
            "stakes.v01.csv",
            "stakes.v1.csv.part",
            "stakes.csv",
            "stakes.v+1.csv",
            "s/t.v1.csv",
            "manifest.v1.csv",
            "stakes.v1.json",
            ".v1.csv",
            "stakes.v1.json.sig",
            "stakes.v99999999999.csv",
        ] {
            assert_eq!(named(name), None, "{name}");
        }
    }

    #[test]
    fn tags_are_compared() {
        let header = |text: &str| HeaderValue::from_str(text).unwrap();
        for (text, want) in
            [("\"a\"", true), ("\"b\", W/\"a\"", true), ("*", true), ("\"b\"", false), ("a", false)]
        {
            assert_eq!(matches(Some(&header(text)), "\"a\""), want, "{text}");
        }
        assert!(!matches(None, "\"a\""));
    }
}
