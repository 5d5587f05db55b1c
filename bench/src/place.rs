//! The directories in which measurements run, and whether they are in memory or on a disk.
//!
//! Ratios that depend on computing alone are judged in memory; those of the disk stand beside
//! them, because a shared disk varies from one minute to the next.

use std::fs::{self, File};
use std::io::{ErrorKind, Write as _};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, anyhow};

/// Where Linux keeps a file system in memory.
const MEMORY: &str = "/dev/shm";

/// What a directory stands on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A file system in memory: a sync costs nothing.
    Memory,
    /// Anything else.
    Disk,
}

impl Kind {
    /// Its name in reports.
    pub fn name(self) -> &'static str {
        match self {
            Kind::Memory => "memory",
            Kind::Disk => "disk",
        }
    }
}

/// A directory to measure in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// Without links.
    pub dir: PathBuf,
    /// What it stands on.
    pub kind: Kind,
}

/// The directories that were asked for; without any, one in memory and one on a disk.
pub fn places(asked: &[PathBuf]) -> Result<Vec<Place>> {
    if !asked.is_empty() {
        return asked.iter().map(|dir| place(dir)).collect();
    }
    let memory = place(Path::new(MEMORY))?;
    let candidates = [std::env::temp_dir(), PathBuf::from("target"), PathBuf::from(".")];
    let disk = candidates
        .iter()
        .filter_map(|dir| place(dir).ok())
        .find(|place| place.kind == Kind::Disk)
        .context("no directory on a disk was found: name one with --dir, beside /dev/shm")?;
    Ok(vec![memory, disk])
}

fn place(dir: &Path) -> Result<Place> {
    let doing = || format!("use {} (--dir must name a directory that exists)", dir.display());
    let dir = fs::canonicalize(dir).with_context(doing)?;
    let mounts = fs::read_to_string("/proc/self/mountinfo").context("read the mounts")?;
    let kind = kind(&mounts, &dir)
        .ok_or_else(|| anyhow!("the file system of {} is not known", dir.display()))?;
    Ok(Place { dir, kind })
}

/// The longest mount point above the directory tells; of equal ones the last, which hides the rest.
fn kind(mounts: &str, dir: &Path) -> Option<Kind> {
    let above = mounts.lines().filter_map(|line| {
        let (before, after) = line.split_once(" - ")?;
        let point = before.split(' ').nth(4)?;
        let kind = match after.split(' ').next()? {
            "tmpfs" | "ramfs" => Kind::Memory,
            _ => Kind::Disk,
        };
        dir.starts_with(point).then_some((point.len(), kind))
    });
    above.max_by_key(|(length, _)| *length).map(|(_, kind)| kind)
}

/// Fills this much of a file system in memory and frees it again; does nothing on a disk.
///
/// A virtual machine that hands its free memory back to its host gets it again at some 400 MB/s,
/// far below what a baseline writes. Without this the figures would be those of the host's memory
/// management, and would depend on what ran before. A file system that is too small is filled as
/// far as it goes.
pub fn warm(dir: &Path, bytes: u64) -> Result<()> {
    let path = dir.join("warm");
    let doing = || format!("warm memory with {}", path.display());
    if place(dir)?.kind == Kind::Disk {
        return Ok(());
    }
    let mut file = File::create(&path).with_context(doing)?;
    let block = vec![1; 1 << 20];
    for _ in 0..bytes.div_ceil(block.len() as u64) {
        match file.write_all(&block) {
            Ok(()) => {}
            Err(error) if error.kind() == ErrorKind::StorageFull => break,
            Err(error) => return Err(error).with_context(doing),
        }
    }
    drop(file);
    fs::remove_file(&path).with_context(doing)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_mount_tells() {
        let mounts = "21 1 254:0 / / rw,relatime - ext4 /dev/vda rw\n\
                      22 21 0:20 / /dev/shm rw shared:3 - tmpfs tmpfs rw,size=1k\n\
                      23 22 0:21 / /dev/shm/disk rw - xfs /dev/loop0 rw\n";
        let check = |dir: &str, expected: Kind| {
            assert_eq!(kind(mounts, Path::new(dir)), Some(expected), "{dir}");
        };
        check("/var/tmp", Kind::Disk);
        check("/dev/shm", Kind::Memory);
        check("/dev/shm/a", Kind::Memory);
        check("/dev/shmem", Kind::Disk);
        check("/dev/shm/disk/a", Kind::Disk);
        assert_eq!(kind("", Path::new("/")), None);
    }

    #[test]
    fn warming_leaves_nothing_behind() {
        for parent in [std::env::temp_dir(), PathBuf::from(MEMORY)] {
            let dir = tempfile::tempdir_in(parent).unwrap();
            warm(dir.path(), 3 << 20).unwrap();
            assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 0);
        }
    }

    #[test]
    fn a_directory_that_is_missing_is_named() {
        let error = places(&[PathBuf::from("/nowhere/at/all")]).unwrap_err();
        assert!(format!("{error:#}").contains("use /nowhere/at/all"), "{error:#}");
    }
}
