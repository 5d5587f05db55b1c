//! Which organiser a certificate speaks for.
//!
//! A file of the data directory, one line for each certificate: the SHA-256 of its DER in
//! hexadecimal digits, the number of the organiser, and a word about it. A certificate that the
//! authority has signed and that is not in the file is refused; taking its line out revokes it for
//! every request from then on. The file is read again whenever it has changed.

use std::collections::HashMap;
use std::fs::{self, OpenOptions};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use parking_lot::Mutex;
use sha2::{Digest as _, Sha256};
use terms::codec::{hex, unhex};
use terms::{Hash, Organiser};

use crate::limits::CERTIFICATES_MAX;

/// The table of certificates.
#[derive(Debug)]
pub struct Callers {
    path: PathBuf,
    known: Mutex<Known>,
}

#[derive(Debug, Default)]
struct Known {
    /// When the file was written last, and how long it was.
    changed: Option<(SystemTime, u64)>,
    rows: HashMap<Hash, Organiser>,
}

/// A row of the table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// The fingerprint of the certificate.
    pub print: Hash,
    /// For whom it speaks.
    pub organiser: Organiser,
    /// A word about it.
    pub note: String,
}

/// Why the table cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum CallersError {
    /// The file.
    #[error("{place} cannot be read or written")]
    File {
        /// The file.
        place: String,
        /// The failure.
        source: std::io::Error,
    },
    /// A line.
    #[error("{place}, line {line}: expected are a SHA-256 and the number of an organiser")]
    Line {
        /// The file.
        place: String,
        /// The line.
        line: usize,
    },
    /// Too many lines.
    #[error("{place} has more than {CERTIFICATES_MAX} certificates")]
    Many {
        /// The file.
        place: String,
    },
}

/// The fingerprint of a certificate.
pub fn fingerprint(der: &[u8]) -> Hash {
    Hash(Sha256::digest(der).into())
}

impl Callers {
    /// The table of a data directory.
    pub fn of(data: &Path) -> Callers {
        Callers { path: data.join("certificates"), known: Mutex::default() }
    }

    /// Adds a certificate.
    pub fn add(&self, print: Hash, organiser: Organiser, note: &str) -> Result<(), CallersError> {
        let mut options = OpenOptions::new();
        let mut file = options.create(true).append(true).open(&self.path).map_err(self.file())?;
        writeln!(file, "{print} {organiser} {note}").map_err(self.file())?;
        file.sync_all().map_err(self.file())
    }

    /// The organiser for which a certificate speaks; none if the table lacks it. Where the file
    /// cannot be read, nobody is known: an error is logged, and no certificate is believed.
    pub fn find(&self, print: Hash) -> Option<Organiser> {
        let mut known = self.known.lock();
        let file = fs::metadata(&self.path);
        let changed = file.and_then(|file| Ok((file.modified()?, file.len()))).ok();
        if changed.is_none() || known.changed != changed {
            let rows = self.rows().unwrap_or_else(|error| {
                tracing::error!("no certificate is believed: {error}");
                Vec::new()
            });
            let rows = rows.into_iter().map(|row| (row.print, row.organiser)).collect();
            *known = Known { changed, rows };
        }
        known.rows.get(&print).copied()
    }

    /// The table.
    pub fn rows(&self) -> Result<Vec<Row>, CallersError> {
        let text = fs::read_to_string(&self.path).map_err(self.file())?;
        let place = || self.path.display().to_string();
        let mut rows = Vec::new();
        for (index, line) in text.lines().enumerate() {
            let mut words = line.split_whitespace();
            let (Some(print), Some(organiser)) = (words.next(), words.next()) else { continue };
            let print = unhex(print).and_then(|print| <[u8; 32]>::try_from(print).ok());
            let (Some(print), Ok(organiser)) = (print, organiser.parse()) else {
                return Err(CallersError::Line { place: place(), line: index + 1 });
            };
            let note = words.next().unwrap_or_default().to_owned();
            rows.push(Row { print: Hash(print), organiser: Organiser(organiser), note });
            if CERTIFICATES_MAX < rows.len() {
                return Err(CallersError::Many { place: place() });
            }
        }
        Ok(rows)
    }

    /// Takes certificates out, by fingerprint or by the word about them; gives how many. Whoever
    /// shows one is refused from the next request on, also on a connection that is open.
    pub fn revoke(&self, which: &str) -> Result<usize, CallersError> {
        let (gone, kept): (Vec<Row>, Vec<Row>) = self
            .rows()?
            .into_iter()
            .partition(|row| row.print.to_string() == which || row.note == which);
        if !gone.is_empty() {
            let line = |row: Row| format!("{} {} {}\n", row.print, row.organiser, row.note);
            let text: String = kept.into_iter().map(line).collect();
            store::files::replace(&self.path, text.as_bytes(), 0o666).map_err(self.file())?;
        }
        Ok(gone.len())
    }

    fn file(&self) -> impl FnOnce(std::io::Error) -> CallersError + '_ {
        |source| CallersError::File { place: self.path.display().to_string(), source }
    }
}

/// The fingerprint in hexadecimal digits, as the file has it.
pub fn printed(print: Hash) -> String {
    hex(&print.0)
}
