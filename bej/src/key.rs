//! The key that signs checkpoints, and what was signed with it last.
//!
//! ```text
//! PATH.d/checkpoint.key      mode 0600: bej-checkpoint-key-v1 <instance> <seed, 64 hex digits>
//! the mark "signed"          <size> <root>: what was signed last
//! ```
//!
//! What is to be signed is durable in the store's mark before it is signed, and another root for a
//! size that was signed is refused for ever (core 9), on whichever node. The key is each node's own
//! copy and never in a database: who reads that must not be able to sign.

use std::fs::{File, OpenOptions};
use std::io::{Read as _, Write as _};
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail, ensure};
use journal::checkpoint::{self, CheckpointKey, CheckpointVerifier, Origin};
use store::files::{make_directory, parent, sync_directory};
use store::{Home, MarkStore, Marked};
use terms::Hash;
use terms::codec::{hex, unhex};

const FORM: &str = "bej-checkpoint-key-v1";

/// A key with the name of the journal that it signs for.
#[derive(Debug)]
pub struct SigningKey {
    /// The journal's name.
    pub origin: Origin,
    key: CheckpointKey,
}

/// Where a store keeps its key.
pub fn default_path(home: &Home) -> PathBuf {
    home.directory().join("checkpoint.key")
}

impl SigningKey {
    /// Reads the key of a file. One that is not there is made, for a journal of this name.
    pub fn load_or_make(path: &Path, instance: &str) -> anyhow::Result<SigningKey> {
        if !path.exists() {
            make(path, instance)?;
        }
        SigningKey::load(path)
    }

    /// Reads the key of a file that nobody else can read.
    pub fn load(path: &Path) -> anyhow::Result<SigningKey> {
        let place = path.display();
        let mut file = File::open(path).with_context(|| {
            format!("{place} cannot be opened; `bej key announce` makes a key and announces it")
        })?;
        let mode = file.metadata()?.permissions().mode() & 0o777;
        ensure!(
            mode & 0o077 == 0,
            "{place} has mode {mode:04o}, so others can read the key; make it yours alone with \
             chmod 600, and announce a new key if somebody may have read it"
        );
        let mut text = String::new();
        file.read_to_string(&mut text).with_context(|| format!("{place} cannot be read"))?;
        read(&text).with_context(|| format!("{place} is not a key file of bej"))
    }

    /// The bytes of the public key, as the journal names them.
    pub fn public(&self) -> Hash {
        Hash(self.key.public())
    }

    /// Whoever checks what this key signs.
    pub fn verifier(&self) -> CheckpointVerifier {
        self.key.verifier(&self.origin)
    }

    /// The signed note of a text that is no checkpoint.
    pub fn sign_text(&self, text: &str) -> anyhow::Result<String> {
        Ok(checkpoint::sign_text(&self.origin, text, &self.key)?)
    }

    /// The signed checkpoint of a size and a root, after `signed` holds them durably.
    pub fn sign(&self, signed: &mut Signed, size: u64, root: Hash) -> anyhow::Result<String> {
        signed.raise(size, root)?;
        Ok(checkpoint::sign(&self.origin, size, root, &self.key))
    }
}

fn read(text: &str) -> anyhow::Result<SigningKey> {
    let words: Vec<&str> = text.split_whitespace().collect();
    let [FORM, instance, seed] = words[..] else { bail!("it must hold three words") };
    let origin = Origin::of(instance)?;
    let seed = unhex(seed).and_then(|seed| seed.try_into().ok());
    let seed: [u8; 32] = seed.context("its third word must be 64 hex digits")?;
    Ok(SigningKey { origin, key: CheckpointKey::from_seed(seed) })
}

fn make(path: &Path, instance: &str) -> anyhow::Result<()> {
    let place = path.display();
    let making = || format!("the key {place} cannot be made");
    Origin::of(instance)?;
    make_directory(parent(path))?;
    let mut seed = [0; 32];
    File::open("/dev/urandom")
        .and_then(|mut random| random.read_exact(&mut seed))
        .context("the system gives no random bytes")?;
    let mut options = OpenOptions::new();
    let mut file =
        options.write(true).create_new(true).mode(0o600).open(path).with_context(making)?;
    writeln!(file, "{FORM} {instance} {}", hex(&seed)).with_context(making)?;
    file.sync_all().with_context(making)?;
    Ok(sync_directory(parent(path))?)
}

/// The journal is not the one that was signed: it was changed, or entries are gone.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct Changed(pub String);

/// The name of the mark.
const SIGNED: &str = "signed";

/// Tries to change the mark beside others who sign at the same time.
const TRIES_MAX: u32 = 100;

/// Somebody else has signed a longer journal since this one was looked at.
#[derive(Debug, thiserror::Error)]
#[error("somebody else has signed a longer journal meanwhile; try once more")]
pub struct Overtaken;

/// What was signed last for a store.
pub struct Signed {
    marks: Box<dyn MarkStore>,
    /// The version that was seen last.
    seen: u64,
}

impl Signed {
    /// That of a store with these marks.
    pub fn of(marks: Box<dyn MarkStore>) -> Signed {
        Signed { marks, seen: 0 }
    }

    /// Size and root that were signed last.
    pub fn last(&mut self) -> anyhow::Result<Option<(u64, Hash)>> {
        let (version, last) = self.read()?;
        self.seen = version;
        Ok(last)
    }

    /// The version of the mark, and what it says.
    fn read(&mut self) -> anyhow::Result<(u64, Option<(u64, Hash)>)> {
        let mark = self.marks.mark(SIGNED).context("nobody knows what was signed")?;
        let Some(mark) = mark else { return Ok((0, None)) };
        let said = std::str::from_utf8(&mark.bytes).ok().and_then(said);
        let said = said.context(
            "the mark of what was signed does not hold a size and a root; restore it from a \
             backup: without it nobody knows what was signed",
        )?;
        Ok((mark.version, Some(said)))
    }

    /// Makes durable that this is going to be signed. Refused: another root for the size that was
    /// signed last, or a smaller size.
    pub fn raise(&mut self, size: u64, root: Hash) -> anyhow::Result<()> {
        for _ in 0..TRIES_MAX {
            let (version, last) = self.read()?;
            match last {
                Some((last, known)) if last == size && known == root => return Ok(()),
                Some((last, known)) if last == size => bail!(Changed(format!(
                    "root {known} was signed for {size} entries, and the journal now has root \
                     {root}: it was changed. Keep these files and run `bej verify`"
                ))),
                Some((last, _)) if size < last && version != self.seen => bail!(Overtaken),
                Some((last, _)) if size < last => bail!(gone(last, size)),
                Some(_) | None => {}
            }
            let text = line(size, root);
            let set = self.marks.set_mark(SIGNED, version, text.as_bytes());
            if set.context("what is to be signed cannot be marked")? == Marked::Done {
                self.seen = version + 1;
                return Ok(());
            }
        }
        bail!("others sign at the same time, again and again; try once more")
    }
}

/// What is wrong with a journal that is shorter than what was signed.
pub fn gone(last: u64, size: u64) -> Changed {
    Changed(format!(
        "a checkpoint of {last} entries was signed, and the journal has only {size}: entries are \
         gone. Keep these files and restore a newer backup"
    ))
}

/// What was signed, as a mark and a backup hold it.
pub fn line(size: u64, root: Hash) -> String {
    format!("{size} {root}\n")
}

/// What such a line says.
pub fn said(text: &str) -> Option<(u64, Hash)> {
    let mut words = text.split_whitespace();
    let size = words.next()?.parse().ok()?;
    let root = unhex(words.next()?)?.try_into().ok()?;
    words.next().is_none().then_some((size, Hash(root)))
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn a_key_is_made_once_and_kept_to_oneself() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("checkpoint.key");
        let key = SigningKey::load_or_make(&path, "test").unwrap();
        let again = SigningKey::load_or_make(&path, "other").unwrap();
        assert_eq!(key.verifier().to_string(), again.verifier().to_string());
        assert_eq!(again.origin.to_string(), "bej/test");
        let mode = |mode| fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
        for wide in [0o640, 0o604, 0o666] {
            mode(wide);
            let error = SigningKey::load(&path).unwrap_err().to_string();
            assert!(error.contains("chmod 600"), "{error}");
        }
        mode(0o600);
        for text in ["", "x y z", "bej-checkpoint-key-v1 test 00"] {
            fs::write(&path, text).unwrap();
            assert!(SigningKey::load(&path).is_err(), "{text:?}");
        }
    }

    #[test]
    fn nothing_is_signed_twice_with_another_root() {
        // core 9
        let home = tempfile::tempdir().unwrap();
        let memory = store::Memory::new();
        let mut signed = Signed::of(Box::new(memory.marks()));
        let key = SigningKey::load_or_make(&home.path().join("key"), "test").unwrap();
        let (one, two) = (Hash([1; 32]), Hash([2; 32]));
        let text = key.sign(&mut signed, 5, one).unwrap();
        assert_eq!(checkpoint::open(&text, &key.verifier()), Ok((5, one)));
        assert_eq!(key.sign(&mut signed, 5, one).unwrap(), text);
        assert!(key.sign(&mut signed, 5, two).unwrap_err().to_string().contains("was changed"));
        assert!(key.sign(&mut signed, 4, one).unwrap_err().to_string().contains("are gone"));
        key.sign(&mut signed, 6, two).unwrap();
        // Whoever signs elsewhere sees the same.
        let mut other = Signed::of(Box::new(memory.marks()));
        assert_eq!(other.last().unwrap(), Some((6, two)));
        assert!(key.sign(&mut other, 6, one).unwrap_err().is::<Changed>());
        key.sign(&mut other, 8, one).unwrap();
        // Whoever looked before does not take the longer journal for a loss.
        assert!(key.sign(&mut signed, 7, one).unwrap_err().is::<Overtaken>());
        signed.last().unwrap();
        assert!(key.sign(&mut signed, 7, one).unwrap_err().is::<Changed>());
        store::MarkStore::set_mark(&mut memory.marks(), SIGNED, 3, b"garbage").unwrap();
        assert!(key.sign(&mut signed, 9, one).is_err());
    }
}
