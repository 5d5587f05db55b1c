//! Snapshots as files of one directory: `<seq, 20 digits>.snapshot`.
//!
//! Written under a temporary name, synced, renamed, and the directory synced (core 17). Files that
//! a stopped writer left behind are removed when the next snapshot begins. Cost: sequential
//! writing of the whole, two syncs.

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufReader, BufWriter, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use crate::limits::SNAPSHOTS_KEPT;
use crate::piece::{self, SnapshotReader};
use crate::{Fault, Latest, SnapshotStore, SnapshotWriter};

const FINISHED: &str = "snapshot";
pub(crate) const PARTIAL: &str = "partial";

/// The snapshots of one directory.
#[derive(Clone, Debug)]
pub struct SnapshotFiles {
    directory: PathBuf,
}

impl SnapshotFiles {
    /// Uses `directory`, which is made when the first snapshot begins.
    pub fn new(directory: impl Into<PathBuf>) -> Self {
        SnapshotFiles { directory: directory.into() }
    }

    /// The finished snapshots, oldest first.
    fn finished(&self) -> Result<Vec<(u64, PathBuf)>, Fault> {
        let mut found: Vec<(u64, PathBuf)> = list(&self.directory, FINISHED)?
            .into_iter()
            .filter_map(|path| Some((path.file_stem()?.to_str()?.parse().ok()?, path)))
            .collect();
        found.sort();
        Ok(found)
    }
}

impl SnapshotStore for SnapshotFiles {
    fn begin(&mut self, seq: u64) -> Result<Box<dyn SnapshotWriter>, Fault> {
        make_directory(&self.directory)?;
        for stale in list(&self.directory, PARTIAL)? {
            remove(&stale)?;
        }
        let path = self.directory.join(format!("{seq:020}.{PARTIAL}"));
        let file = File::create(&path)
            .map_err(|error| Fault::failed(format!("make {}", path.display()), error))?;
        let mut output = BufWriter::with_capacity(1 << 18, file);
        piece::put_start(&mut output, seq).map_err(|error| writing(&path, error))?;
        let (home, pieces, finished) = (self.clone(), 0, false);
        Ok(Box::new(Writing { home, path, output, seq, pieces, finished }))
    }

    fn latest(&mut self) -> Result<Latest, Fault> {
        let mut damaged = Vec::new();
        for (seq, path) in self.finished()?.into_iter().rev() {
            match open(seq, &path).and_then(|first| {
                first.check()?;
                open(seq, &path)
            }) {
                Ok(reader) => return Ok(Latest { reader: Some(reader), damaged }),
                Err(fault) => damaged.push(fault),
            }
        }
        Ok(Latest { reader: None, damaged })
    }
}

fn open(seq: u64, path: &Path) -> Result<SnapshotReader, Fault> {
    let place = path.display().to_string();
    let file = File::open(path).map_err(|error| Fault::failed(format!("open {place}"), error))?;
    let input = BufReader::with_capacity(1 << 18, file);
    let reader = SnapshotReader::open(Box::new(input), place.clone())?;
    if reader.seq() != seq {
        return Err(Fault::damaged(place, None, format!("it is of seq {}", reader.seq())));
    }
    Ok(reader)
}

struct Writing {
    home: SnapshotFiles,
    path: PathBuf,
    output: BufWriter<File>,
    seq: u64,
    pieces: u64,
    finished: bool,
}

impl SnapshotWriter for Writing {
    fn piece(&mut self, bytes: &[u8]) -> Result<(), Fault> {
        piece::check_size(bytes)?;
        piece::put_piece(&mut self.output, self.seq, self.pieces, bytes)
            .map_err(|error| writing(&self.path, error))?;
        self.pieces += 1;
        Ok(())
    }

    fn finish(mut self: Box<Self>) -> Result<(), Fault> {
        piece::put_piece(&mut self.output, self.seq, self.pieces, &[])
            .and_then(|()| self.output.flush())
            .map_err(|error| writing(&self.path, error))?;
        let file = self.output.get_ref();
        file.sync_all().map_err(|error| Fault::sync(self.path.display().to_string(), error))?;
        rename(&self.path, &self.path.with_extension(FINISHED))?;
        self.finished = true;
        let all = self.home.finished()?;
        for (_, old) in all.iter().rev().skip(SNAPSHOTS_KEPT) {
            remove(old)?;
        }
        Ok(())
    }
}

impl Drop for Writing {
    fn drop(&mut self) {
        if !self.finished {
            // What cannot be removed now is removed when the next snapshot begins.
            let _ = fs::remove_file(&self.path);
        }
    }
}

/// The files of a directory with this extension; none if there is no directory.
pub(crate) fn list(directory: &Path, extension: &str) -> Result<Vec<PathBuf>, Fault> {
    let listing = |error| Fault::failed(format!("list {}", directory.display()), error);
    let entries = match fs::read_dir(directory) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(listing(error)),
    };
    let mut found = Vec::new();
    for entry in entries {
        let path = entry.map_err(listing)?.path();
        if path.extension().is_some_and(|found| found == extension) {
            found.push(path);
        }
    }
    Ok(found)
}

/// Gives a synced file its name, in place of any file of that name, and makes the name durable.
pub(crate) fn rename(partial: &Path, name: &Path) -> Result<(), Fault> {
    fs::rename(partial, name)
        .map_err(|error| Fault::failed(format!("name {}", name.display()), error))?;
    sync_directory(parent(name))
}

pub(crate) fn writing(path: &Path, error: std::io::Error) -> Fault {
    Fault::failed(format!("write {}", path.display()), error)
}

pub(crate) fn remove(path: &Path) -> Result<(), Fault> {
    fs::remove_file(path)
        .map_err(|error| Fault::failed(format!("remove {}", path.display()), error))
}

/// Makes a directory, if it is not there, and makes its name durable.
pub fn make_directory(path: &Path) -> Result<(), Fault> {
    match fs::create_dir(path) {
        Ok(()) => sync_directory(parent(path)),
        Err(_) if path.is_dir() => Ok(()),
        Err(error) => Err(Fault::failed(format!("make the directory {}", path.display()), error)),
    }
}

/// Puts bytes in the place of a file, whole and durably: a reader, and a start after a power cut,
/// finds the old content or the new. `mode` is that of a file that is made, before the umask.
pub fn replace(path: &Path, bytes: &[u8], mode: u32) -> io::Result<()> {
    let partial = write_partial(path, bytes, mode, true)?;
    fs::rename(partial, path)?;
    File::open(parent(path))?.sync_all()
}

/// The same for what can be made again: whole for a reader, and perhaps lost by a power cut.
pub fn replace_unsynced(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let partial = write_partial(path, bytes, 0o666, false)?;
    fs::rename(partial, path)
}

fn write_partial(path: &Path, bytes: &[u8], mode: u32, sync: bool) -> io::Result<PathBuf> {
    let partial = path.with_extension(PARTIAL);
    // One that was left behind may have another mode.
    match fs::remove_file(&partial) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut file = OpenOptions::new().write(true).create_new(true).mode(mode).open(&partial)?;
    file.write_all(bytes)?;
    if sync {
        file.sync_all()?;
    }
    Ok(partial)
}

/// Makes the names in a directory durable.
pub fn sync_directory(path: &Path) -> Result<(), Fault> {
    File::open(path)
        .and_then(|directory| directory.sync_all())
        .map_err(|error| Fault::sync(format!("the directory {}", path.display()), error))
}

/// The directory that holds `path`; the current one for a bare name.
pub fn parent(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    }
}
