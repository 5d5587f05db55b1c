//! The guard of a cluster: a shell that waits for the end of whoever made it.
//!
//! Its standard input is a pipe of which the other end closes when that process ends, however it
//! ends. Then the guard stops the server at once and removes its directory.

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use anyhow::Context as _;

const SCRIPT: &str = r#"
trap '' INT TERM HUP
cat >/dev/null
if read -r pid <"$1/data/postmaster.pid"; then
    kill -QUIT "$pid"
    kill -CONT "$pid" $(cat "/proc/$pid/task/$pid/children")
    while kill -0 "$pid"; do sleep 0.05; done
fi 2>/dev/null
rm -rf "$1"
"#;

/// The running guard; told to act when dropped.
#[derive(Debug)]
pub(crate) struct Guard(Child);

impl Guard {
    /// Begins to guard the server in a directory.
    pub(crate) fn of(directory: &Path) -> anyhow::Result<Guard> {
        let mut shell = Command::new("sh");
        shell.args(["-c", SCRIPT, "guard"]).arg(directory).current_dir("/");
        shell.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
        shell.spawn().map(Guard).context("a shell cannot be started")
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        drop(self.0.stdin.take());
        // What it could not remove lies in the directory for temporary files.
        let _ = self.0.wait();
    }
}

/// Waits until a process is gone.
pub(crate) fn gone(pid: &str) {
    while Path::new("/proc").join(pid).exists() {
        std::thread::sleep(Duration::from_millis(5));
    }
}
