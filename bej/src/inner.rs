//! What processes of groups know each other by: files below `inner` of their data directories.
//!
//! ```text
//! DIR/inner/ca.crt     the inner authority        DIR/inner/ca.key     where it was made, alone
//! DIR/inner/node.crt   this process               DIR/inner/node.key   mode 0600
//! ```

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use anyhow::{Context as _, ensure};
use api::{Authority, Identity};
use store::files::{make_directory, replace};
use terms::Day;

/// The files that a process is given.
const ROOT: &str = "ca.crt";
const NODE: &str = "node";

/// Days for which a certificate of a process holds.
const NODE_DAYS: i32 = 398;

/// Makes a certificate by the authority in `data` for a process with the data directory `to`. Tells
/// whether the authority was made for it.
pub fn issue(data: &Path, to: &Path, hosts: &[String], today: Day) -> anyhow::Result<bool> {
    for host in hosts {
        ensure!(
            !host.contains(['/', ':']) || host.parse::<std::net::Ipv6Addr>().is_ok(),
            "{host:?} is not a host: an address or a name, without a port"
        );
    }
    let new = !data.join("inner").join("ca.key").exists();
    let authority = Authority::inner(data, today)?;
    fs::create_dir_all(to).with_context(|| format!("{} cannot be made", to.display()))?;
    let home = to.join("inner");
    make_directory(&home)?;
    let name = format!("issued-{}", std::process::id());
    authority.issue_node(&name, hosts, today, NODE_DAYS)?;
    for (extension, mode) in [("key", 0o600), ("crt", 0o644)] {
        let made = authority.path(&format!("{name}.{extension}"));
        let bytes = fs::read(&made).with_context(|| format!("{} is gone", made.display()))?;
        replace(&home.join(format!("{NODE}.{extension}")), &bytes, mode)?;
        fs::remove_file(&made)?;
    }
    let root = fs::read(authority.path(ROOT))?;
    replace(&home.join(ROOT), &root, 0o644)?;
    Ok(new)
}

/// How a node opens its door.
pub fn door(data: &Path) -> anyhow::Result<link::DoorTls> {
    let (root, own) = files(data)?;
    Ok(link::door(root, own)?)
}

/// How a process goes to the doors of nodes.
pub fn way(data: &Path) -> anyhow::Result<link::WayTls> {
    let (root, own) = files(data)?;
    Ok(link::way(root, own)?)
}

fn files(data: &Path) -> anyhow::Result<(link::Certificate, Identity)> {
    for file in [ROOT, "node.crt", "node.key"] {
        let path = data.join("inner").join(file);
        ensure!(
            path.exists(),
            "{} is not there; `bej cert inner HOST --to {}` makes it, on the machine that has the \
             inner authority",
            path.display(),
            data.display()
        );
    }
    let key = data.join("inner").join("node.key");
    let mode = fs::metadata(&key)?.permissions().mode();
    ensure!(
        mode & 0o077 == 0,
        "{} can be read by others than its owner; chmod 600 it, or have another made",
        key.display()
    );
    let authority = Authority::given(data.join("inner"));
    Ok((authority.root()?, authority.identity(NODE)?))
}
