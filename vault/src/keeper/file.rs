//! Key-encryption keys as files of a directory of their own.
//!
//! ```text
//! DIR/kek-000001      mode 0600: bej-vault-kek-v1 <epoch> <key, 64 hex digits>
//! ```
//!
//! A key is written under another name, synced, and then linked, so that it is there whole or not
//! at all, and is never written over. To destroy one its bytes are overwritten and synced, and the
//! file removed; a medium that writes elsewhere (a solid-state disk, a file system that copies on
//! write) may keep the old bytes for a while, so that such keys belong on an encrypted volume, or
//! in a device ([`crate::Pkcs11Keeper`]).

use std::fs::{self, File, OpenOptions};
use std::io::{ErrorKind, Write as _};
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use store::files::{make_directory, sync_directory};
use terms::codec::{hex, unhex};
use zeroize::Zeroizing;

use super::{KeeperFault, KeyKeeper};
use crate::seal::{KEY_BYTES, Random, SealKey};

const FORM: &str = "bej-vault-kek-v1";

/// A directory of keys.
#[derive(Clone, Debug)]
pub struct FileKeeper {
    directory: PathBuf,
}

impl FileKeeper {
    /// The keys in this directory, which is made with the first of them.
    pub fn at(directory: impl Into<PathBuf>) -> FileKeeper {
        FileKeeper { directory: directory.into() }
    }

    fn path(&self, epoch: u32) -> PathBuf {
        self.directory.join(format!("kek-{epoch:06}"))
    }

    fn failed(&self, doing: &str, source: impl Into<Source>) -> KeeperFault {
        KeeperFault::Failed { keeper: self.name(), doing: doing.to_owned(), source: source.into() }
    }

    fn unfit(&self, what: String) -> KeeperFault {
        KeeperFault::Unfit { keeper: self.name(), what }
    }

    fn key(&self, epoch: u32) -> Result<Zeroizing<[u8; KEY_BYTES]>, KeeperFault> {
        let path = self.path(epoch);
        let unknown = || KeeperFault::Unknown { keeper: self.name(), epoch };
        let mode = match fs::metadata(&path) {
            Ok(found) => found.permissions().mode() & 0o777,
            Err(error) if error.kind() == ErrorKind::NotFound => return Err(unknown()),
            Err(error) => return Err(self.failed("read a key", error)),
        };
        if mode & 0o077 != 0 {
            let place = path.display();
            return Err(self.unfit(format!("{place} has mode {mode:04o}; others can read it")));
        }
        let text = fs::read_to_string(&path).map_err(|error| self.failed("read a key", error))?;
        let text = Zeroizing::new(text);
        read(&text, epoch).ok_or_else(|| {
            self.unfit(format!("{} is not the key of epoch {epoch}", path.display()))
        })
    }

    fn make(&self, epoch: u32) -> Result<(), KeeperFault> {
        let doing = |error| self.failed("make a key", error);
        make_directory(&self.directory).map_err(|error| self.failed("make a key", error))?;
        fs::set_permissions(&self.directory, fs::Permissions::from_mode(0o700)).map_err(doing)?;
        let key: Zeroizing<[u8; KEY_BYTES]> =
            Zeroizing::new(Random::new().draw().map_err(|error| self.failed("make a key", error))?);
        let text = Zeroizing::new(format!("{FORM} {epoch} {}\n", *Zeroizing::new(hex(&*key))));
        let path = self.path(epoch);
        let unfinished = self.directory.join(format!("new-{epoch:06}-{}", std::process::id()));
        match fs::remove_file(&unfinished) {
            Ok(()) => {}
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            Err(error) => return Err(doing(error)),
        }
        let mut options = OpenOptions::new();
        let mut file =
            options.write(true).create_new(true).mode(0o600).open(&unfinished).map_err(doing)?;
        file.write_all(text.as_bytes()).and_then(|()| file.sync_all()).map_err(doing)?;
        // A link never replaces a key, should two processes do this at once.
        match fs::hard_link(&unfinished, &path) {
            Ok(()) => {}
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
            Err(error) => return Err(doing(error)),
        }
        fs::remove_file(&unfinished).map_err(doing)?;
        sync_directory(&self.directory).map_err(|error| self.failed("make a key", error))
    }
}

type Source = Box<dyn std::error::Error + Send + Sync>;

fn read(text: &str, epoch: u32) -> Option<Zeroizing<[u8; KEY_BYTES]>> {
    let words: Vec<&str> = text.split_whitespace().collect();
    let [FORM, number, key] = words[..] else { return None };
    let bytes = Zeroizing::new(unhex(key)?);
    let key: [u8; KEY_BYTES] = bytes.as_slice().try_into().ok()?;
    (number == epoch.to_string()).then(|| Zeroizing::new(key))
}

/// The number in the name of a key file.
fn number(path: &Path) -> Option<u32> {
    let digits = path.file_name()?.to_str()?.strip_prefix("kek-")?;
    if digits.len() < 6 || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    digits.parse().ok()
}

impl KeyKeeper for FileKeeper {
    fn epochs(&self) -> Result<Vec<u32>, KeeperFault> {
        let entries = match fs::read_dir(&self.directory) {
            Ok(entries) => entries,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(self.failed("list its keys", error)),
        };
        let mut found = Vec::new();
        for entry in entries {
            let entry = entry.map_err(|error| self.failed("list its keys", error))?;
            found.extend(number(&entry.path()));
        }
        found.sort_unstable();
        Ok(found)
    }

    fn ensure(&self, epoch: u32) -> Result<(), KeeperFault> {
        match self.key(epoch) {
            Ok(_) => Ok(()),
            Err(KeeperFault::Unknown { .. }) => self.make(epoch),
            Err(fault) => Err(fault),
        }
    }

    fn seal(&self, epoch: u32, context: &[u8], secret: &[u8]) -> Result<Vec<u8>, KeeperFault> {
        let key = SealKey::new(&*self.key(epoch)?);
        let sealed = key.seal(&mut Random::new(), context, secret);
        sealed.map_err(|error| self.failed("seal keys", error))
    }

    fn open(
        &self,
        epoch: u32,
        context: &[u8],
        sealed: &[u8],
    ) -> Result<Zeroizing<Vec<u8>>, KeeperFault> {
        let key = SealKey::new(&*self.key(epoch)?);
        let wrong = || KeeperFault::Wrong { keeper: self.name(), epoch };
        key.open(context, sealed).ok_or_else(wrong)
    }

    fn destroy(&self, epoch: u32) -> Result<(), KeeperFault> {
        let path = self.path(epoch);
        let doing = |error| self.failed("destroy a key", error);
        let mut file = match File::options().write(true).open(&path) {
            Ok(file) => file,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
            Err(error) => return Err(doing(error)),
        };
        let bytes = file.metadata().map_err(doing)?.len();
        let zeros = vec![b'0'; usize::try_from(bytes).unwrap_or_default()];
        file.write_all(&zeros).and_then(|()| file.sync_all()).map_err(doing)?;
        fs::remove_file(&path).map_err(doing)?;
        sync_directory(&self.directory).map_err(|error| self.failed("destroy a key", error))
    }

    fn name(&self) -> String {
        format!("the directory of keys {}", self.directory.display())
    }
}
