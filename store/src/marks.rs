//! Marks: small values with names, which all nodes of a store share and which follow from nothing
//! else: what was signed last, the secret of the feeds.
//!
//! A mark is replaced only by who knows the version that is there, so that of two who change it at
//! once one is told. What is read was durable when it was read.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};
use terms::codec::hex;

use crate::Fault;
use crate::files::{make_directory, replace};
use crate::limits::{MARK_BYTES_MAX, MARK_NAME_MAX};

/// A mark as it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mark {
    /// How often it was set: from 1.
    pub version: u64,
    /// Its value.
    pub bytes: Vec<u8>,
}

/// What became of a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Marked {
    /// It is durable.
    Done,
    /// The mark has another version; nothing was changed.
    Moved,
}

/// Where marks are.
pub trait MarkStore: Send {
    /// The mark of a name, if it was ever set.
    fn mark(&mut self, name: &str) -> Result<Option<Mark>, Fault>;

    /// Sets a mark whose version is `expected`; 0 for one that was never set. After a fault it may
    /// be set or not: read it again.
    fn set_mark(&mut self, name: &str, expected: u64, bytes: &[u8]) -> Result<Marked, Fault>;
}

/// Refuses names and values that no store has to hold.
pub fn check(name: &str, bytes: &[u8]) -> Result<(), Fault> {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    if name.is_empty() || MARK_NAME_MAX < name.len() || !name.bytes().all(plain) {
        return Err(Fault::refused(format!("{name:?} is no name of a mark")));
    }
    if MARK_BYTES_MAX < bytes.len() {
        let what =
            format!("the mark {name} of {} bytes, the most is {MARK_BYTES_MAX}", bytes.len());
        return Err(Fault::refused(what));
    }
    Ok(())
}

const FORM: &str = "bej-mark-v1";

/// Marks as files of one directory, each `bej-mark-v1 <version> <SHA-256>`, an end of line and the
/// value. A lock keeps processes apart while one of them changes a mark.
#[derive(Clone, Debug)]
pub struct MarkFiles {
    directory: PathBuf,
}

impl MarkFiles {
    /// In this directory, which is made when the first mark is set.
    pub fn new(directory: impl Into<PathBuf>) -> MarkFiles {
        MarkFiles { directory: directory.into() }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.directory.join(name)
    }
}

impl MarkStore for MarkFiles {
    fn mark(&mut self, name: &str) -> Result<Option<Mark>, Fault> {
        check(name, &[])?;
        let path = self.path(name);
        match fs::read(&path) {
            Ok(bytes) => open(&path, &bytes).map(Some),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(Fault::failed(format!("read {}", path.display()), error)),
        }
    }

    fn set_mark(&mut self, name: &str, expected: u64, bytes: &[u8]) -> Result<Marked, Fault> {
        check(name, bytes)?;
        make_directory(&self.directory)?;
        let lock = self.directory.join("lock");
        let locked = File::options().create(true).truncate(false).write(true).open(&lock);
        let locked = locked.and_then(|file| file.lock().map(|()| file));
        let _locked = locked
            .map_err(|error| Fault::failed(format!("take the lock {}", lock.display()), error))?;
        let there = self.mark(name)?.map_or(0, |mark| mark.version);
        if there != expected {
            return Ok(Marked::Moved);
        }
        let mut content = format!("{FORM} {} {}\n", expected + 1, sum(bytes)).into_bytes();
        content.extend_from_slice(bytes);
        let path = self.path(name);
        replace(&path, &content, 0o600)
            .map_err(|error| Fault::failed(format!("write {}", path.display()), error))?;
        Ok(Marked::Done)
    }
}

fn sum(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

fn open(path: &Path, content: &[u8]) -> Result<Mark, Fault> {
    let read = || {
        let end = content.iter().position(|byte| *byte == b'\n')?;
        let words: Vec<&str> = std::str::from_utf8(&content[..end]).ok()?.split(' ').collect();
        let [FORM, version, hash] = words[..] else { return None };
        let bytes = content[end + 1..].to_vec();
        let version = version.parse().ok().filter(|version| 0 < *version)?;
        (sum(&bytes) == hash).then_some(Mark { version, bytes })
    };
    read().ok_or_else(|| {
        let what = "it does not hold what was marked; restore it from a backup";
        Fault::damaged(path.display().to_string(), None, what)
    })
}
