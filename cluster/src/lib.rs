//! A throw-away PostgreSQL: a cluster of its own in a temporary directory, for tests and bench.
//!
//! Owns the server's life. It runs as an unprivileged user, since PostgreSQL refuses to run as
//! root, listens on a free port of loopback (with a password) and on a socket in its directory
//! (without one), and is stopped and removed whatever happens to the process that made it: a guard
//! waits for the end of that process, even by SIGKILL, and then does both.
//!
//! Nothing here speaks the protocol: what has to be asked of the server itself is asked by `psql`.

mod database;
mod guard;
mod place;

use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail, ensure};

pub use database::{Database, VARIABLE, throwaway};
use guard::Guard;
use place::{free_port, installed, owned_directory, random_hex};

/// Names of a port that somebody else took between the look and the start.
const PORTS_TRIED: u32 = 5;

/// A running server; stopped and removed when dropped.
#[derive(Debug)]
pub struct Cluster {
    programs: PathBuf,
    directory: PathBuf,
    user: Option<&'static str>,
    port: u16,
    password: String,
    _guard: Guard,
}

/// Whether a server can be made here; if not, why.
pub fn available() -> Result<(), String> {
    installed().map(|_| ()).ok_or_else(|| "PostgreSQL is not installed".to_owned())
}

impl Cluster {
    /// Makes and starts a server with these settings beside the standard ones.
    pub fn start(settings: &[(&str, &str)]) -> anyhow::Result<Cluster> {
        let cluster = Cluster::prepare()?;
        let password = cluster.directory.join("password");
        cluster.write(&password, &cluster.password)?;
        let mut initdb = cluster.program("initdb");
        initdb.arg("-D").arg(cluster.data());
        initdb.args(["-U", "postgres", "--encoding=UTF8", "--locale=C", "--no-sync"]);
        initdb.args(["--auth-local=trust", "--auth-host=scram-sha-256", "--no-instructions"]);
        run(initdb.arg("--pwfile").arg(&password))?;
        cluster.begin(settings)
    }

    /// Makes a server that follows this one and is told nothing else than these settings.
    pub fn follower(&self, settings: &[(&str, &str)]) -> anyhow::Result<Cluster> {
        let mut cluster = Cluster::prepare()?;
        cluster.password.clone_from(&self.password);
        let mut copy = cluster.program("pg_basebackup");
        copy.arg("-D").arg(cluster.data()).arg("-h").arg(&self.directory);
        copy.args(["-p", &self.port.to_string(), "-U", "postgres"]);
        run(copy.args(["--checkpoint=fast", "--no-sync", "--write-recovery-conf"]))?;
        cluster.begin(settings)
    }

    /// Copies this server's files while it runs, as a backup from which one can be made later.
    pub fn base_backup(&self) -> anyhow::Result<BaseBackup> {
        let mut cluster = Cluster::prepare()?;
        cluster.password.clone_from(&self.password);
        let mut copy = cluster.program("pg_basebackup");
        copy.arg("-D").arg(cluster.data()).arg("-h").arg(&self.directory);
        copy.args(["-p", &self.port.to_string(), "-U", "postgres"]);
        run(copy.args(["--checkpoint=fast", "--no-sync"]))?;
        Ok(BaseBackup(cluster))
    }

    fn prepare() -> anyhow::Result<Cluster> {
        let programs = installed().context("PostgreSQL is not installed")?;
        let (directory, user) = owned_directory()?;
        let guard = Guard::of(&directory)?;
        let password = random_hex()?;
        Ok(Cluster { programs, directory, user, port: 0, password, _guard: guard })
    }

    fn begin(mut self, settings: &[(&str, &str)]) -> anyhow::Result<Cluster> {
        let file = self.data().join("postgresql.auto.conf");
        let kept = std::fs::read_to_string(&file).unwrap_or_default();
        let mut failed = None;
        for _ in 0..PORTS_TRIED {
            self.port = free_port()?;
            let mut text = format!(
                "{kept}\nport = {}\nlisten_addresses = '127.0.0.1'\n\
                 unix_socket_directories = '{}'\n",
                self.port,
                self.directory.display()
            );
            for (name, value) in settings {
                text.push_str(&format!("{name} = '{value}'\n"));
            }
            self.write(&file, &text)?;
            match self.resume() {
                Ok(()) => return Ok(self),
                Err(error) => failed = Some(error),
            }
        }
        Err(failed.unwrap_or_else(|| anyhow::anyhow!("no port is free")))
    }

    /// Starts the server again after [`Cluster::kill`] or [`Cluster::stop`].
    pub fn resume(&self) -> anyhow::Result<()> {
        let log = self.directory.join("log");
        let mut start = self.program("pg_ctl");
        start.arg("-D").arg(self.data()).arg("-l").arg(&log).args(["-w", "-s", "start"]);
        run(&mut start).with_context(|| std::fs::read_to_string(&log).unwrap_or_default())
    }

    /// Stops the server in order.
    pub fn stop(&self) -> anyhow::Result<()> {
        let mut stop = self.program("pg_ctl");
        run(stop.arg("-D").arg(self.data()).args(["-w", "-s", "-m", "fast", "stop"]))
    }

    /// Ends the server by SIGKILL, with all its processes.
    pub fn kill(&self) -> anyhow::Result<()> {
        let file = std::fs::read_to_string(self.data().join("postmaster.pid"))?;
        let pid = file.lines().next().context("the server runs")?.to_owned();
        let children = std::fs::read_to_string(format!("/proc/{pid}/task/{pid}/children"));
        run(Command::new("kill").args(["-KILL", &pid]))?;
        // Its processes would end by themselves, in order.
        signal_each("-KILL", &children.unwrap_or_default());
        guard::gone(&pid);
        Ok(())
    }

    /// Stops all its processes where they stand, as on a machine that hangs.
    pub fn freeze(&self) -> anyhow::Result<()> {
        self.signal("-STOP")
    }

    /// Lets them go on.
    pub fn thaw(&self) -> anyhow::Result<()> {
        self.signal("-CONT")
    }

    fn signal(&self, signal: &str) -> anyhow::Result<()> {
        let file = std::fs::read_to_string(self.data().join("postmaster.pid"))?;
        let pid = file.lines().next().context("the server runs")?.to_owned();
        // First the one that starts the others.
        run(Command::new("kill").args([signal, &pid]))?;
        let children = std::fs::read_to_string(format!("/proc/{pid}/task/{pid}/children"))?;
        signal_each(signal, &children);
        Ok(())
    }

    /// Makes a follower the one that takes writes.
    pub fn promote(&self) -> anyhow::Result<()> {
        let mut promote = self.program("pg_ctl");
        run(promote.arg("-D").arg(self.data()).args(["-w", "-s", "promote"]))
    }

    /// The URL of a database by the socket, as the superuser, who needs no password there.
    pub fn url(&self, database: &str) -> String {
        let host = self.directory.display().to_string().replace('/', "%2F");
        format!("postgres://postgres@{host}:{}/{database}", self.port)
    }

    /// The port of loopback.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The password of the superuser on loopback.
    pub fn password(&self) -> &str {
        &self.password
    }

    /// The directory of the server's files; everything in it belongs to the server's user.
    pub fn directory(&self) -> &Path {
        &self.directory
    }

    /// Puts a file into the directory of the server, whose user alone may read it.
    pub fn put(&self, name: &str, text: &str) -> anyhow::Result<PathBuf> {
        let path = self.directory.join(name);
        self.write(&path, text)?;
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600))?;
        Ok(path)
    }

    /// Runs SQL at another URL than the socket's, as [`Cluster::sql`] does.
    pub fn sql_at(&self, url: &str, sql: &str) -> anyhow::Result<String> {
        psql(url, sql)
    }

    /// Runs SQL by psql and gives what it prints, unaligned and without headers.
    pub fn sql(&self, database: &str, sql: &str) -> anyhow::Result<String> {
        psql(&self.url(database), sql)
    }

    /// One of PostgreSQL's programs, as the server's user.
    pub fn program(&self, name: &str) -> Command {
        let path = self.programs.join(name);
        let mut command = match self.user {
            None => Command::new(path),
            Some(user) => {
                let mut command = Command::new("setpriv");
                command.arg(format!("--reuid={user}")).arg("--clear-groups").arg("--").arg(path);
                command
            }
        };
        // A directory that this user may enter.
        command.current_dir("/");
        command
    }

    fn data(&self) -> PathBuf {
        self.directory.join("data")
    }

    fn write(&self, path: &Path, text: &str) -> anyhow::Result<()> {
        std::fs::write(path, text).with_context(|| format!("write {}", path.display()))?;
        place::give(path, self.user)
    }
}

/// The files of a server as they were copied; removed when dropped.
#[derive(Debug)]
pub struct BaseBackup(Cluster);

impl BaseBackup {
    /// Starts a server of them that first recovers: `restore_command` among the settings says from
    /// where, and `recovery_target_…` how far.
    pub fn recover(self, settings: &[(&str, &str)]) -> anyhow::Result<Cluster> {
        self.0.write(&self.0.data().join("recovery.signal"), "")?;
        self.0.begin(settings)
    }
}

/// The longest that a test waits for something that has to come.
const WAIT_MAX: Duration = Duration::from_secs(120);

/// Waits until something has come; a test that waits too long fails and says for what.
pub fn until(what: &str, mut come: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !come() {
        assert!(begun.elapsed() < WAIT_MAX, "waited in vain for {what}");
        std::thread::park_timeout(Duration::from_millis(5));
    }
}

/// Runs SQL by psql, stopping at the first error.
pub(crate) fn psql(url: &str, sql: &str) -> anyhow::Result<String> {
    let mut psql = Command::new("psql");
    psql.args([url, "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-c", sql]);
    let output = psql.stdin(Stdio::null()).output().context("psql cannot be started")?;
    if !output.status.success() {
        bail!("psql: {}", String::from_utf8_lossy(&output.stderr).trim());
    }
    Ok(String::from_utf8(output.stdout)?.trim_end().to_owned())
}

/// Signals processes; one that is gone already is no error.
fn signal_each(signal: &str, processes: &str) {
    let mut kill = Command::new("kill");
    kill.arg(signal).args(processes.split_whitespace());
    let _ = kill.stderr(Stdio::null()).status();
}

fn run(command: &mut Command) -> anyhow::Result<()> {
    let name = command.get_program().display().to_string();
    // Not piped: a server that was started would hold the pipe.
    let status = command.stdin(Stdio::null()).stdout(Stdio::null()).status();
    let status = status.with_context(|| format!("{name} cannot be started"))?;
    ensure!(status.success(), "{command:?} ended with {status}");
    Ok(())
}
