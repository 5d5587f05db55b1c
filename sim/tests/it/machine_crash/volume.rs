//! A file system of its own in a file, and how to cut its power.

use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

/// What a volume is made with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileSystem {
    Ext4,
    Xfs,
}

impl FileSystem {
    pub fn name(self) -> &'static str {
        match self {
            FileSystem::Ext4 => "ext4",
            FileSystem::Xfs => "xfs",
        }
    }

    /// The command that makes it.
    fn maker(self) -> (&'static str, &'static [&'static str]) {
        match self {
            // No blocks kept for root: a full disk is to be full for this process too.
            FileSystem::Ext4 => ("mkfs.ext4", &["-q", "-F", "-m", "0"]),
            FileSystem::Xfs => ("mkfs.xfs", &["-q", "-f"]),
        }
    }
}

/// A directory for a volume, or a line that says why there can be none here; with `CI=true` that
/// is a failure.
pub fn may_mount(name: &str, file_system: FileSystem) -> Option<TempDir> {
    let directory = tempfile::tempdir().unwrap();
    match why_not(directory.path(), file_system) {
        None => Some(directory),
        Some(why) => {
            println!("NOT RUN: {name}: {why}");
            let ci = std::env::var("CI").is_ok_and(|value| value == "true");
            assert!(!ci, "{name}: {why}");
            None
        }
    }
}

fn why_not(directory: &Path, file_system: FileSystem) -> Option<String> {
    let tools = [file_system.maker().0, "mount", "umount", "xfs_io"];
    // The version is printed by all of them, with whatever status.
    let absent = tools.iter().find(|tool| Command::new(tool).arg("-V").output().is_err());
    if let Some(tool) = absent {
        return Some(format!("there is no {tool}"));
    }
    let uid = run(Command::new("id").arg("-u"));
    if uid.as_deref().map(str::trim) != Ok("0") {
        return Some("it needs root to mount a file system".into());
    }
    let image = make_image(directory, file_system, 400);
    let tried = mount(&image, directory).and_then(|()| run(Command::new("umount").arg(directory)));
    std::fs::remove_file(&image).unwrap();
    tried.err().map(|why| format!("a file system cannot be mounted here: {why}"))
}

fn run(command: &mut Command) -> Result<String, String> {
    let output = command.output().map_err(|error| format!("{command:?}: {error}"))?;
    match output.status.success() {
        true => Ok(String::from_utf8_lossy(&output.stdout).into_owned()),
        false => Err(format!("{command:?}: {}", String::from_utf8_lossy(&output.stderr).trim())),
    }
}

fn make_image(directory: &Path, file_system: FileSystem, mebibytes: u64) -> PathBuf {
    let image = directory.join("image");
    std::fs::File::create(&image).unwrap().set_len(mebibytes << 20).unwrap();
    let (maker, options) = file_system.maker();
    run(Command::new(maker).args(options).arg(&image)).unwrap();
    image
}

/// Mounts an image; the loop device is found by `mount` and given back by `umount`.
fn mount(image: &Path, place: &Path) -> Result<(), String> {
    run(Command::new("mount").args(["-o", "loop"]).arg(image).arg(place)).map(|_| ())
}

/// A mounted file system; unmounted when dropped, also by a failing test.
pub struct Volume {
    image: PathBuf,
    place: PathBuf,
}

impl Volume {
    pub fn make(directory: &Path, file_system: FileSystem, mebibytes: u64) -> Volume {
        let image = make_image(directory, file_system, mebibytes);
        let place = directory.join("volume");
        std::fs::create_dir(&place).unwrap();
        let volume = Volume { image, place };
        mount(&volume.image, &volume.place).unwrap();
        volume
    }

    pub fn path(&self) -> &Path {
        &self.place
    }

    /// Drops everything that was not synced, then mounts again. Nobody may have a file open.
    pub fn cut_power(&mut self) {
        run(Command::new("xfs_io").args(["-x", "-c", "shutdown"]).arg(&self.place)).unwrap();
        run(Command::new("umount").arg(&self.place)).unwrap();
        mount(&self.image, &self.place).unwrap();
    }

    /// Writes a file that leaves so many mebibytes free.
    pub fn fill_up_to(&self, ballast: &Path, left_mebibytes: u64) {
        let free = run(Command::new("df").args(["--output=avail", "-m"]).arg(&self.place)).unwrap();
        let free: u64 = free.lines().last().unwrap().trim().parse().unwrap();
        let size = free.saturating_sub(left_mebibytes) << 20;
        std::fs::write(ballast, vec![0xA5; usize::try_from(size).unwrap()]).unwrap();
    }
}

impl Drop for Volume {
    fn drop(&mut self) {
        // Lazily, as files may still be open when a test has failed.
        let _ = Command::new("umount").arg("-l").arg(&self.place).output();
    }
}
