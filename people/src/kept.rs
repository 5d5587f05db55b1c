//! What this room keeps at the edge, which is not derived from the journal (core 21): credentials,
//! sessions, codes, the progress of a registration, invitations, orders that are asked for.
//!
//! Each value is a record in canonical bytes behind a byte that names its version. None holds
//! personal data: a phone number is there as its keyed hash, or sealed under a token that only the
//! browser has. Who changes a value names the version that he read; of two at once one is told, and
//! reads again.

use chacha20poly1305::aead::Aead as _;
use chacha20poly1305::{ChaCha20Poly1305, KeyInit as _, Nonce};
use parking_lot::Mutex;
use pump::Entropy;
use store::Fault;
use store::edge::{EdgeRow, EdgeStore, Put};
use terms::codec::Reader;
use terms::{Field, Instant};

use crate::limits::EDGE_TRIES_MAX;
use crate::secret::Token;

/// The tables of this room at the edge. Codes are permanent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Table {
    /// A client by his id.
    Client = 100,
    /// The id of a client by the keyed hash of his phone.
    Login = 101,
    /// A session by the hash of its token.
    Session = 102,
    /// Sessions of a client: his id, then the hash of a token.
    SessionOf = 103,
    /// A code that is awaited, by the hash of a token.
    Code = 104,
    /// Wrong tries and messages sent, by the keyed hash of what was tried.
    Tries = 105,
    /// The way of a registration, by the hash of its token or by the client's id.
    Way = 106,
    /// An organiser's invitation by the hash of its token.
    Invitation = 107,
    /// An order that an organiser asks for, by the hash of its token.
    Asked = 108,
    /// The client of a person, by the person's number.
    ClientOf = 109,
    /// Consents of a person: his number, then theirs.
    Consent = 110,
    /// Where a duty goes on, by its name.
    Duty = 111,
    /// The application to use the State service with its documents.
    Application = 112,
    /// What was asked of the State service and answered, by number.
    Access = 113,
    /// An invitation or order by the organiser's own id for it: the same id, the same answer.
    Own = 114,
    /// What a first person proposes, by the number of whom it is about.
    Proposal = 115,
    /// Forms of officers that are done, by their ids.
    Form = 116,
}

/// The version of the records.
const VERSION: u8 = 1;

/// A value and the version under which it was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept<T> {
    /// The value.
    pub value: T,
    /// Its version.
    pub version: u64,
    /// From when on it is not there.
    pub until: Option<Instant>,
}

/// A key with what is kept under it.
pub type Row<T> = (Vec<u8>, Kept<T>);

/// The edge, shared by threads.
pub struct Shelf {
    first: Mutex<Box<dyn EdgeStore>>,
    spare: Mutex<Vec<Box<dyn EdgeStore>>>,
}

/// Handles that wait for the next call; more are closed.
const SPARE_MAX: usize = 16;

impl std::fmt::Debug for Shelf {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Shelf(..)")
    }
}

impl Shelf {
    /// On an edge.
    pub fn new(edge: Box<dyn EdgeStore>) -> Shelf {
        Shelf { first: Mutex::new(edge), spare: Mutex::default() }
    }

    /// Works with a handle of its own.
    pub fn with<T>(
        &self,
        work: impl FnOnce(&mut dyn EdgeStore) -> Result<T, Fault>,
    ) -> Result<T, Fault> {
        let spare = self.spare.lock().pop();
        let mut edge = match spare {
            Some(edge) => edge,
            None => self.first.lock().another()?,
        };
        let done = work(&mut *edge);
        let mut spare = self.spare.lock();
        if done.is_ok() && spare.len() < SPARE_MAX {
            spare.push(edge);
        }
        done
    }

    /// Reads a value.
    pub fn get<T: Field>(
        &self,
        table: Table,
        key: &[u8],
        now: Instant,
    ) -> Result<Option<Kept<T>>, Fault> {
        let row = self.with(|edge| edge.get(table as u16, key, now))?;
        row.map(|row| read(&row)).transpose()
    }

    /// Writes a value in place of the version that was read; 0 for none. False if another is there.
    pub fn put<T: Field>(
        &self,
        table: Table,
        key: &[u8],
        value: &T,
        expected: u64,
        until: Option<Instant>,
        now: Instant,
    ) -> Result<bool, Fault> {
        let row = row(table, key, value, until);
        let put = self.with(|edge| edge.put(&row, expected, now))?;
        Ok(matches!(put, Put::Done(_)))
    }

    /// Changes a value, whoever else does so too. `change` gives what it decided, with the value to
    /// write and its end, if one is to be written.
    pub fn change<T: Field, R>(
        &self,
        table: Table,
        key: &[u8],
        now: Instant,
        mut change: impl FnMut(Option<&Kept<T>>) -> (R, Option<(T, Option<Instant>)>),
    ) -> Result<R, Fault> {
        for _ in 0..EDGE_TRIES_MAX {
            let kept = self.get::<T>(table, key, now)?;
            let (decided, next) = change(kept.as_ref());
            let Some((value, until)) = next else { return Ok(decided) };
            let expected = kept.map_or(0, |kept| kept.version);
            if self.put(table, key, &value, expected, until, now)? {
                return Ok(decided);
            }
        }
        Err(Fault::refused(format!("a value of table {} is changed all the time", table as u16)))
    }

    /// Removes a value, whatever its version.
    pub fn remove(&self, table: Table, key: &[u8], now: Instant) -> Result<bool, Fault> {
        for _ in 0..EDGE_TRIES_MAX {
            let row = self.with(|edge| edge.get(table as u16, key, now))?;
            let Some(row) = row else { return Ok(false) };
            if self.with(|edge| edge.delete(table as u16, key, row.version))? {
                return Ok(true);
            }
        }
        Err(Fault::refused(format!("a value of table {} is changed all the time", table as u16)))
    }

    /// Values whose keys begin so, in order of key: a page, behind a key.
    pub fn list<T: Field>(
        &self,
        table: Table,
        prefix: &[u8],
        after: Option<&[u8]>,
        now: Instant,
    ) -> Result<Vec<Row<T>>, Fault> {
        let rows = self.with(|edge| edge.list(table as u16, prefix, after, now))?;
        rows.into_iter().map(|row| Ok((row.key.clone(), read(&row)?))).collect()
    }

    /// Removes what has expired: at most so many; how many.
    pub fn sweep(&self, now: Instant, limit: usize) -> Result<usize, Fault> {
        self.with(|edge| edge.sweep(now, limit))
    }
}

fn row<T: Field>(table: Table, key: &[u8], value: &T, until: Option<Instant>) -> EdgeRow {
    let mut bytes = vec![VERSION];
    value.put(&mut bytes);
    EdgeRow { table: table as u16, key: key.to_vec(), value: bytes, version: 0, expires_at: until }
}

fn read<T: Field>(row: &EdgeRow) -> Result<Kept<T>, Fault> {
    let broken = |what| Fault::refused(format!("a value of table {}: {what}", row.table));
    let mut from = Reader::new(&row.value);
    match from.byte() {
        Ok(VERSION) => {}
        Ok(_) => return Err(broken("its version is not known".to_owned())),
        Err(error) => return Err(broken(error.to_string())),
    }
    let value = T::read(&mut from).and_then(|value| from.end().map(|()| value));
    let value = value.map_err(|error| broken(error.to_string()))?;
    Ok(Kept { value, version: row.version, until: row.expires_at })
}

/// Seals a text under a token, so that only who holds the token can read it.
pub fn seal(token: &Token, text: &str, entropy: &mut dyn Entropy) -> Vec<u8> {
    let mut nonce = [0; 12];
    nonce[..8].copy_from_slice(&entropy.draw());
    nonce[8..].copy_from_slice(&entropy.draw()[..4]);
    let cipher = ChaCha20Poly1305::new(&token.key().into());
    let mut sealed = nonce.to_vec();
    // Cannot fail: only texts of many gigabytes do.
    let text = cipher.encrypt(&Nonce::from(nonce), text.as_bytes()).expect("a short text");
    sealed.extend_from_slice(&text);
    sealed
}

/// Opens what [`seal`] sealed; none under another token.
pub fn open(token: &Token, sealed: &[u8]) -> Option<String> {
    let (nonce, text) = sealed.split_at_checked(12)?;
    let nonce: [u8; 12] = nonce.try_into().ok()?;
    let cipher = ChaCha20Poly1305::new(&token.key().into());
    String::from_utf8(cipher.decrypt(&Nonce::from(nonce), text).ok()?).ok()
}
