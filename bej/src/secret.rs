//! The secret of the feeds, which all nodes of a store share.
//!
//! With the journal it gives what each organiser is told and under which numbers, which stay the
//! same for ever, whichever node tells them. It is the mark `feed-secret` of the store; each node
//! keeps a copy in `DIR/feed/secret`, where its feeds read it.

use std::fs;
use std::io::Read as _;
use std::path::Path;

use anyhow::{Context as _, bail};
use store::files::replace;
use store::{MarkStore, Marked};

/// The name of the mark.
const MARK: &str = "feed-secret";

/// Tries to be the one who makes it.
const TRIES_MAX: u32 = 3;

/// Sees that the data directory has the secret of the store. Who comes first makes it.
pub fn share(marks: &mut dyn MarkStore, data: &Path) -> anyhow::Result<()> {
    let feed = data.join("feed");
    let path = feed.join("secret");
    let own = match fs::read(&path) {
        Ok(own) => Some(own),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => None,
        Err(error) => {
            return Err(error).with_context(|| format!("{} cannot be read", path.display()));
        }
    };
    for _ in 0..TRIES_MAX {
        match (marks.mark(MARK)?, &own) {
            (Some(mark), Some(own)) if mark.bytes == *own => return Ok(()),
            (Some(_), Some(_)) => bail!(
                "{} is not the secret of this store; remove {}, and it is made again from the \
                 journal",
                path.display(),
                feed.display()
            ),
            (Some(mark), None) => {
                fs::create_dir_all(&feed)
                    .with_context(|| format!("{} cannot be made", feed.display()))?;
                return replace(&path, &mark.bytes, 0o600)
                    .with_context(|| format!("{} cannot be written", path.display()));
            }
            (None, own) => {
                let made = own.clone().map_or_else(random, Ok)?;
                if marks.set_mark(MARK, 0, &made)? == Marked::Done && own.is_some() {
                    return Ok(());
                }
            }
        }
    }
    bail!("the secret of the feeds cannot be agreed on")
}

fn random() -> anyhow::Result<Vec<u8>> {
    let mut bytes = vec![0; 32];
    fs::File::open("/dev/urandom")
        .and_then(|mut random| random.read_exact(&mut bytes))
        .context("the system gives no random bytes")?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use store::Memory;

    use super::*;

    #[test]
    fn nodes_of_a_store_have_one_secret() {
        let memory = Memory::new();
        let (one, two) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let read = |home: &tempfile::TempDir| fs::read(home.path().join("feed/secret")).unwrap();
        for home in [&one, &two, &one] {
            share(&mut memory.marks(), home.path()).unwrap();
        }
        assert_eq!(read(&one).len(), 32);
        assert_eq!(read(&one), read(&two));
        // A directory that had one before there were marks gives it to the store.
        let other = Memory::new();
        share(&mut other.marks(), one.path()).unwrap();
        assert_eq!(other.marks().mark(MARK).unwrap().unwrap().bytes, read(&one));
        // One of another store is refused.
        let third = tempfile::tempdir().unwrap();
        share(&mut Memory::new().marks(), third.path()).unwrap();
        let error = share(&mut other.marks(), third.path()).unwrap_err().to_string();
        assert!(error.contains("not the secret of this store"), "{error}");
    }
}
