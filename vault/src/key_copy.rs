//! The copy of all keys of an epoch: the file that a rotation makes and reads back before the old
//! key is destroyed, and from which keys are put into an older copy of the vault.
//!
//! ```text
//! "bej-vault-keys-v1\0" · epoch u32 · sealed epoch keys (u32 length) ·
//! { 1 · reference 16 · sealed (u16 length) · entries (u16 length) }* · 0 · count u64 · SHA-256
//! ```
//!
//! Numbers are big-endian; the hash is of all bytes before it. Rows ascend by reference.

use std::fs::{File, OpenOptions};
use std::io::{BufReader, BufWriter, Read, Write};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};
use store::Fault;
use store::files::{make_directory, sync_directory};
use store::limits::{VAULT_PAGE_MAX, VAULT_SEALED_MAX};
use store::vault::{KeyRow, Reference, pack_entries, unpack_entries};

use crate::fault::{Place, VaultFault};
use crate::limits::SAMPLE;
use crate::seal::Opened;
use crate::vault::{RECORD, Vault, open_epoch};

const FORM: &[u8] = b"bej-vault-keys-v1\0";

/// Writes the keys of an epoch to a new file, durably, after making sure that every key of the
/// epoch before it is among them.
pub(crate) fn write(
    vault: &mut Vault,
    old: u32,
    epoch: u32,
    directory: &Path,
) -> Result<PathBuf, VaultFault> {
    make_directory(directory)?;
    let (path, file) = create(directory, epoch)?;
    let failed =
        |error| VaultFault::from(Fault::failed(format!("write {}", path.display()), error));
    let row = vault.known.rows.iter().find(|row| row.epoch == epoch);
    let sealed = row.ok_or(VaultFault::Missing(Place::Epoch(epoch)))?.sealed.clone();
    let mut out = Hashed { inner: BufWriter::with_capacity(1 << 20, file), hash: Sha256::new() };
    out.write_all(FORM).map_err(failed)?;
    out.write_all(&epoch.to_be_bytes()).map_err(failed)?;
    put(&mut out, &(sealed.len() as u32).to_be_bytes(), &sealed).map_err(failed)?;
    let (mut after, mut count, mut before) = (None, 0_u64, Old::new(old));
    loop {
        let rows = vault.store.keys(epoch, after, VAULT_PAGE_MAX)?;
        let Some(last) = rows.last() else { break };
        after = Some(last.reference);
        count += rows.len() as u64;
        for row in &rows {
            before.meet(vault, Some(row.reference))?;
            out.write_all(&[1]).and_then(|()| out.write_all(&row.reference.0)).map_err(failed)?;
            let entries = pack_entries(&row.entries);
            put(&mut out, &(row.sealed.len() as u16).to_be_bytes(), &row.sealed).map_err(failed)?;
            put(&mut out, &(entries.len() as u16).to_be_bytes(), &entries).map_err(failed)?;
        }
    }
    before.meet(vault, None)?;
    out.write_all(&[0]).and_then(|()| out.write_all(&count.to_be_bytes())).map_err(failed)?;
    let hash = out.hash.clone().finalize();
    out.inner.write_all(&hash).map_err(failed)?;
    let file = out.inner.into_inner().map_err(|error| failed(error.into_error()))?;
    file.sync_all().map_err(|error| Fault::sync(path.display().to_string(), error))?;
    sync_directory(directory)?;
    Ok(path)
}

fn put(out: &mut impl Write, length: &[u8], bytes: &[u8]) -> std::io::Result<()> {
    out.write_all(length).and_then(|()| out.write_all(bytes))
}

/// A file of this epoch that was not there: a rotation that was stopped may have left some.
fn create(directory: &Path, epoch: u32) -> Result<(PathBuf, File), VaultFault> {
    for number in 1..=u32::MAX {
        let path = directory.join(format!("vault-keys-{epoch:06}-{number}.bej"));
        match OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path) {
            Ok(file) => return Ok((path, file)),
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {}
            Err(error) => {
                return Err(Fault::failed(format!("make {}", path.display()), error).into());
            }
        }
    }
    Err(VaultFault::Busy)
}

/// Walks the keys of the epoch before beside those that are written.
struct Old {
    epoch: u32,
    page: std::vec::IntoIter<Reference>,
    after: Option<Reference>,
    next: Option<Reference>,
    ended: bool,
}

impl Old {
    fn new(epoch: u32) -> Old {
        Old { epoch, page: Vec::new().into_iter(), after: None, next: None, ended: false }
    }

    /// Goes on past what was met; everything before it has to have been met. None: the end.
    fn meet(&mut self, vault: &mut Vault, met: Option<Reference>) -> Result<(), VaultFault> {
        loop {
            if self.next.is_none() && !self.ended {
                self.advance(vault)?;
            }
            match (self.next, met) {
                (None, _) => return Ok(()),
                (Some(next), Some(met)) if met < next => return Ok(()),
                (Some(next), Some(met)) if next == met => {
                    self.next = None;
                    return Ok(());
                }
                (Some(next), _) => {
                    // Destroyed or dropped meanwhile, or lost.
                    if vault.store.key(self.epoch, next)?.is_some() {
                        let current = vault.current()?;
                        if vault.store.key(current, next)?.is_none() {
                            return Err(VaultFault::Missing(Place::Key(next, current)));
                        }
                    }
                    self.next = None;
                }
            }
        }
    }

    fn advance(&mut self, vault: &mut Vault) -> Result<(), VaultFault> {
        if self.page.as_slice().is_empty() {
            let rows = vault.store.keys(self.epoch, self.after, VAULT_PAGE_MAX)?;
            self.after = rows.last().map(|row| row.reference).or(self.after);
            self.page = rows.iter().map(|row| row.reference).collect::<Vec<_>>().into_iter();
        }
        self.next = self.page.next();
        self.ended = self.next.is_none();
        Ok(())
    }
}

struct Hashed<T> {
    inner: T,
    hash: Sha256,
}

impl<T: Write> Write for Hashed<T> {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        let written = self.inner.write(bytes)?;
        self.hash.update(&bytes[..written]);
        Ok(written)
    }
    fn flush(&mut self) -> std::io::Result<()> {
        self.inner.flush()
    }
}

/// A file of keys that was read to its end and is what was written.
#[derive(Clone, Debug)]
pub struct KeyCopy {
    path: PathBuf,
    epoch: u32,
    sealed: Vec<u8>,
    count: u64,
    digest: [u8; 32],
}

impl KeyCopy {
    /// Reads a file to its end and checks its hash.
    pub fn open(path: &Path) -> Result<KeyCopy, VaultFault> {
        let (mut count, nothing) = (0, KeyCopy::nothing(path));
        nothing.each(&mut |_| {
            count += 1;
            Ok(())
        })
    }

    fn nothing(path: &Path) -> KeyCopy {
        let path = path.to_owned();
        KeyCopy { path, epoch: 0, sealed: Vec::new(), count: 0, digest: [0; 32] }
    }

    /// The epoch.
    pub fn epoch(&self) -> u32 {
        self.epoch
    }

    /// The keys of the epoch, sealed by its key-encryption key.
    pub fn sealed(&self) -> &[u8] {
        &self.sealed
    }

    /// How many keys there are.
    pub fn count(&self) -> u64 {
        self.count
    }

    /// The hash of the file.
    pub fn digest(&self) -> [u8; 32] {
        self.digest
    }

    /// Reads it once more, row by row.
    pub fn each(
        &self,
        take: &mut dyn FnMut(KeyRow) -> Result<(), VaultFault>,
    ) -> Result<KeyCopy, VaultFault> {
        let failed =
            |error| VaultFault::from(Fault::failed(format!("read {}", self.path.display()), error));
        let file = File::open(&self.path).map_err(failed)?;
        let mut from =
            Source { inner: BufReader::with_capacity(1 << 20, file), hash: Sha256::new() };
        match self.read(&mut from, take) {
            Ok(read) => Ok(read),
            Err(Stopped::By(fault)) => Err(fault),
            Err(Stopped::Wrong(what)) => {
                let path = self.path.display().to_string();
                Err(VaultFault::File { path, what: what.to_owned() })
            }
            Err(Stopped::Failed(error)) => Err(failed(error)),
        }
    }

    fn read(
        &self,
        from: &mut Source,
        take: &mut dyn FnMut(KeyRow) -> Result<(), VaultFault>,
    ) -> Result<KeyCopy, Stopped> {
        if from.take(FORM.len())? != FORM {
            return Err(Stopped::Wrong("this is no file of keys"));
        }
        let epoch = u32::from_be_bytes(from.array()?);
        let length = u32::from_be_bytes(from.array()?) as usize;
        if VAULT_SEALED_MAX < length {
            return Err(Stopped::Wrong("its epoch's keys are too long"));
        }
        let sealed = from.take(length)?;
        let mut count = 0_u64;
        while from.array::<1>()? == [1] {
            let reference = Reference(from.array()?);
            let length = u16::from_be_bytes(from.array()?);
            let sealed = from.take(usize::from(length))?;
            let length = u16::from_be_bytes(from.array()?);
            let entries = unpack_entries(&from.take(usize::from(length))?);
            let entries = entries.ok_or(Stopped::Wrong("its entries cannot be read"))?;
            count += 1;
            take(KeyRow { epoch, reference, sealed, entries }).map_err(Stopped::By)?;
        }
        if u64::from_be_bytes(from.array()?) != count {
            return Err(Stopped::Wrong("it does not hold as many keys as it says"));
        }
        let digest: [u8; 32] = from.hash.clone().finalize().into();
        if from.array()? != digest {
            return Err(Stopped::Wrong("its hash is not that of its content: it was changed"));
        }
        if from.inner.read(&mut [0])? != 0 {
            return Err(Stopped::Wrong("something follows its end"));
        }
        Ok(KeyCopy { path: self.path.clone(), epoch, sealed, count, digest })
    }
}

enum Stopped {
    By(VaultFault),
    Wrong(&'static str),
    Failed(std::io::Error),
}

impl From<std::io::Error> for Stopped {
    fn from(error: std::io::Error) -> Stopped {
        match error.kind() {
            std::io::ErrorKind::UnexpectedEof => Stopped::Wrong("it is cut off"),
            _ => Stopped::Failed(error),
        }
    }
}

struct Source {
    inner: BufReader<File>,
    hash: Sha256,
}

impl Source {
    fn take(&mut self, length: usize) -> std::io::Result<Vec<u8>> {
        let mut bytes = vec![0; length];
        self.inner.read_exact(&mut bytes)?;
        self.hash.update(&bytes);
        Ok(bytes)
    }

    fn array<const N: usize>(&mut self) -> std::io::Result<[u8; N]> {
        let mut bytes = [0; N];
        self.inner.read_exact(&mut bytes)?;
        self.hash.update(bytes);
        Ok(bytes)
    }
}

impl Vault {
    /// Opens a sample of records with the keys of a copy and the key-encryption key alone: how
    /// many.
    pub(crate) fn prove(&mut self, copy: &KeyCopy) -> Result<u64, VaultFault> {
        let keys = open_epoch(&*self.keeper, copy.epoch, &copy.sealed)?;
        let every = copy.count.div_ceil(SAMPLE).max(1);
        let (mut at, mut sample) = (0, Vec::new());
        copy.each(&mut |row| {
            if at % every == 0 {
                sample.push(row);
            }
            at += 1;
            Ok(())
        })?;
        let mut opened = 0;
        for row in sample {
            let key = Opened::open(&keys, &row)?;
            // Destroyed or dropped since it was copied.
            if self.store.key(copy.epoch, row.reference)?.is_none() {
                continue;
            }
            match self.record(&key.seal_key(), row.reference) {
                Ok(_) => opened += 1,
                Err(VaultFault::Missing(Place::Item(reference, RECORD)))
                    if self.store.key(copy.epoch, reference)?.is_none() => {}
                Err(fault) => return Err(fault),
            }
        }
        if 0 < copy.count && opened == 0 && self.store.keys(copy.epoch, None, 1)?.len() == 1 {
            let path = copy.path.display().to_string();
            let what = "none of its keys opens a record".to_owned();
            return Err(VaultFault::File { path, what });
        }
        Ok(opened)
    }
}
