//! Where a cluster lies and whose it is.

use std::fs::{self, File};
use std::io::Read as _;
use std::net::TcpListener;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, chown};
use std::path::{Path, PathBuf};

use anyhow::Context as _;

/// The oldest version that the store works with.
const OLDEST: u32 = 15;

/// Users that have no rights of their own, the best first.
const USERS: [&str; 2] = ["postgres", "nobody"];

/// The directory of PostgreSQL's programs, of the oldest version that is new enough: what runs on
/// that one runs on later ones.
pub(crate) fn installed() -> Option<PathBuf> {
    let versions = fs::read_dir("/usr/lib/postgresql").ok()?;
    let mut found: Vec<(u32, PathBuf)> = versions
        .filter_map(|entry| {
            let path = entry.ok()?.path();
            let version: u32 = path.file_name()?.to_str()?.parse().ok()?;
            let programs = path.join("bin");
            let whole = OLDEST <= version && programs.join("initdb").exists();
            whole.then_some((version, programs))
        })
        .collect();
    found.sort();
    found.into_iter().next().map(|(_, programs)| programs)
}

/// A new directory, and the user to whom it belongs if that is not who runs this.
pub(crate) fn owned_directory() -> anyhow::Result<(PathBuf, Option<&'static str>)> {
    let directory = std::env::temp_dir().join(format!("bej-pg-{}", &random_hex()?[..12]));
    fs::create_dir(&directory).with_context(|| format!("make {}", directory.display()))?;
    fs::set_permissions(&directory, fs::Permissions::from_mode(0o700))?;
    let user = match fs::metadata(&directory)?.uid() {
        0 => Some(USERS.into_iter().find(|user| ids(user).is_some()).context("no such user")?),
        _ => None,
    };
    give(&directory, user)?;
    Ok((directory, user))
}

/// Makes a file a user's own.
pub(crate) fn give(path: &Path, user: Option<&str>) -> anyhow::Result<()> {
    let Some(user) = user else { return Ok(()) };
    let (uid, gid) = ids(user).context("the user is gone")?;
    chown(path, Some(uid), Some(gid)).with_context(|| format!("give {} away", path.display()))
}

/// The numbers of a user and its group.
fn ids(user: &str) -> Option<(u32, u32)> {
    let text = fs::read_to_string("/etc/passwd").ok()?;
    let mut fields = text
        .lines()
        .map(|line| line.split(':').collect::<Vec<_>>())
        .find(|fields| fields.first() == Some(&user))?
        .into_iter()
        .skip(2);
    Some((fields.next()?.parse().ok()?, fields.next()?.parse().ok()?))
}

/// A port of loopback that is free now.
pub(crate) fn free_port() -> anyhow::Result<u16> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?.port())
}

/// Thirty-two random digits.
pub(crate) fn random_hex() -> anyhow::Result<String> {
    let mut bytes = [0; 16];
    File::open("/dev/urandom")?.read_exact(&mut bytes)?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}
