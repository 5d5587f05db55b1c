//! The names of a store's files.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use store::files::parent;
use store::{Fault, Home};

/// The names of the files of one store, from the path of its first part.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Layout {
    first: PathBuf,
}

impl Layout {
    /// The store whose journal begins with the file `path`.
    pub fn of(path: &Path) -> Result<Layout, Fault> {
        let place = path.display().to_string();
        let first = std::path::absolute(path)
            .map_err(|error| Fault::failed(format!("use the path {place:?}"), error))?;
        if first.file_name().is_none() || first.to_str().is_none() {
            return Err(Fault::refused(format!("{place:?} cannot name a file of the store")));
        }
        Ok(Layout { first })
    }

    /// A part of the journal, from 0.
    pub fn part(&self, number: u32) -> PathBuf {
        match number {
            0 => self.first.clone(),
            _ => self.beside(&format!("-{number:06}")),
        }
    }

    /// The part while it is being made.
    pub(crate) fn unfinished(&self, number: u32) -> PathBuf {
        let mut name = self.part(number).into_os_string();
        name.push(".new");
        name.into()
    }

    /// The directory of everything but the journal.
    pub fn directory(&self) -> PathBuf {
        self.beside(".d")
    }

    /// What lies beside the journal.
    pub fn home(&self) -> Home {
        Home::at(self.directory())
    }

    /// How many parts there are, after checking that none is missing between them.
    pub(crate) fn parts(&self) -> Result<Vec<u32>, Fault> {
        let mut found = Vec::new();
        let home = parent(&self.first);
        let list = |error| Fault::failed(format!("list {}", home.display()), error);
        for entry in std::fs::read_dir(home).map_err(list)? {
            found.extend(self.number(&entry.map_err(list)?.file_name()));
        }
        found.sort_unstable();
        for (due, number) in (0..).zip(&found) {
            if due != *number {
                let place = self.part(due).display().to_string();
                return Err(Fault::damaged(place, None, "this part of the journal is missing"));
            }
        }
        Ok(found)
    }

    /// The number of the part with this file name, if it is one.
    fn number(&self, name: &OsString) -> Option<u32> {
        let (name, first) = (name.to_str()?, self.first.file_name()?.to_str()?);
        match name.strip_prefix(first)? {
            "" => Some(0),
            rest => {
                let digits = rest.strip_prefix('-')?;
                let number = digits.parse().ok()?;
                (digits.len() == 6 && self.part(number).file_name()? == name && 0 < number)
                    .then_some(number)
            }
        }
    }

    fn beside(&self, suffix: &str) -> PathBuf {
        let mut name = self.first.clone().into_os_string();
        name.push(suffix);
        name.into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names() {
        let layout = Layout::of(Path::new("/data/bej.db")).unwrap();
        assert_eq!(layout.part(0), Path::new("/data/bej.db"));
        assert_eq!(layout.part(12), Path::new("/data/bej.db-000012"));
        assert_eq!(layout.home().cold(), Path::new("/data/bej.db.d/cold"));
        let check = |name: &str, number| {
            assert_eq!(layout.number(&name.into()), number, "{name}");
        };
        check("bej.db", Some(0));
        check("bej.db-000001", Some(1));
        check("bej.db-000000", None);
        check("bej.db-00001", None);
        check("bej.db-+00001", None);
        check("bej.db-000001-wal", None);
        check("bej.db-wal", None);
        check("bej.db.d", None);
        check("other", None);
        assert!(Layout::of(Path::new("/")).is_err());
    }
}
