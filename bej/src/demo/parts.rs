//! The processes of a demonstration. Whatever is dropped is killed, and each holds the other end of
//! a pipe from this process and ends with it, so that nothing outlives it, however it ends.

use std::fs::{self, File};
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::Stdio;

use anyhow::{Context as _, anyhow, bail, ensure};
use serde_json::Value;
use terms::Organiser;
use tokio::io::{AsyncBufReadExt as _, BufReader, Lines};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};

use super::{Args, access};
use crate::reference::WITH_LAND_DESK;

/// The simulators of the systems outside: a program of its own, which is built beside this one.
pub struct Outside {
    /// Dropped with this, which ends them.
    _child: Child,
    _input: Option<ChildStdin>,
    /// What the server is told of them.
    configuration: PathBuf,
    /// Where they are controlled, and phones are read.
    pub control: String,
}

impl Outside {
    /// Starts them; returns once they listen.
    pub async fn start(data: &Path) -> anyhow::Result<Outside> {
        let configuration = data.join("outside.toml");
        let mut child = Command::new(beside("outside")?)
            .arg("--keys")
            .arg(data.join("outside-keys"))
            .arg("--configuration")
            .arg(&configuration)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .process_group(0)
            .spawn()
            .context("the simulators cannot be started")?;
        let input = child.stdin.take();
        let out = child.stdout.take().context("the simulators have no output")?;
        let line = BufReader::new(out).lines().next_line().await?;
        let told: Value = serde_json::from_str(&line.context("the simulators have ended")?)?;
        let control = told["addresses"]["control"].as_str();
        let control = control.context("the simulators say nothing of their control")?.to_owned();
        Ok(Outside { _child: child, _input: input, configuration, control })
    }
}

/// A program that is built beside this one.
fn beside(name: &str) -> anyhow::Result<PathBuf> {
    let own = std::env::current_exe().context("this program cannot be found")?;
    let program = own.with_file_name(name);
    ensure!(
        program.exists(),
        "{} is not there; cargo build --profile ci -p hsc -p outside makes it",
        program.display()
    );
    Ok(program)
}

/// Where the server listens if nobody else does: API, console, probes, cabinet.
const USUAL: [u16; 4] = [8443, 8481, 8480, 8482];

/// The server.
pub struct Server {
    child: Child,
    log: PathBuf,
    /// Kept, so that the server finds somebody to print to.
    _lines: Lines<BufReader<ChildStdout>>,
    /// Kept apart, because to wait for a child closes what it still has of its input.
    _input: Option<ChildStdin>,
    pub api: String,
    pub console: String,
    pub probes: String,
    pub cabinet: String,
}

impl Server {
    /// Starts it; returns once it listens.
    pub async fn start(data: &Path, outside: &Outside, free_ports: bool) -> anyhow::Result<Server> {
        let log = data.join("server.log");
        let program = std::env::current_exe().context("this program cannot be found")?;
        let usual = if free_ports { [0; 4] } else { USUAL };
        let [api, console, probes, cabinet] = usual.map(free);
        let mut child = Command::new(program)
            .args(["serve", "--demonstration"])
            .args(["--api", &api, "--console", &console, "--probes", &probes])
            .args(["--cabinet", &cabinet, "--outside"])
            .arg(&outside.configuration)
            .arg("--data")
            .arg(data)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(File::create(&log).with_context(|| log.display().to_string())?)
            .kill_on_drop(true)
            // Ctrl-C is for this process, which ends the others in order.
            .process_group(0)
            .spawn()
            .context("the server cannot be started")?;
        let input = child.stdin.take();
        let out = child.stdout.take().context("the server has no output")?;
        let mut lines = BufReader::new(out).lines();
        let [mut api, mut console, mut probes, mut cabinet] = [const { None::<String> }; 4];
        // The probes come last.
        while probes.is_none() {
            let Some(line) = lines.next_line().await? else {
                bail!("the server has ended: {}", last_line(&log))
            };
            match line.split_once(' ') {
                // The certificate is for this name.
                Some(("api", at)) => api = Some(at.replace("127.0.0.1", "localhost")),
                Some(("console", at)) => console = Some(at.to_owned()),
                Some(("cabinet", at)) => cabinet = Some(at.to_owned()),
                Some(("probes", at)) => probes = Some(at.to_owned()),
                _ => {}
            }
        }
        let address = |at: Option<String>| at.context("the server says nothing of an address");
        let (api, console, probes) = (address(api)?, address(console)?, address(probes)?);
        let cabinet = address(cabinet)?;
        Ok(Server { child, log, _lines: lines, _input: input, api, console, probes, cabinet })
    }

    /// Waits for its end, which is a failure.
    pub async fn ended(&mut self) -> anyhow::Error {
        match self.child.wait().await {
            Ok(status) => anyhow!("the server has ended, {status}: {}", last_line(&self.log)),
            Err(error) => error.into(),
        }
    }

    /// Has it end in order.
    pub async fn stop(mut self) -> anyhow::Result<()> {
        let id = self.child.id().context("the server has ended already")?;
        let sent = Command::new("sh").args(["-c", &format!("kill -TERM {id}")]).status().await?;
        ensure!(sent.success(), "the server cannot be told to end");
        let status = self.child.wait().await?;
        ensure!(status.success(), "the server ended with {status}: {}", last_line(&self.log));
        Ok(())
    }
}

/// The usual port, or any free one where somebody has it.
fn free(port: u16) -> String {
    let at = SocketAddr::from(([127, 0, 0, 1], port));
    let port = TcpListener::bind(at).map_or(0, |_| port);
    format!("127.0.0.1:{port}")
}

fn last_line(log: &Path) -> String {
    let text = fs::read_to_string(log).unwrap_or_default();
    text.lines().last().map_or_else(|| format!("see {}", log.display()), str::to_owned)
}

/// A bookmaker: a program of its own, which is built beside this one.
pub struct Bookmaker {
    number: u32,
    program: PathBuf,
    arguments: Vec<String>,
    child: Option<Child>,
}

impl Bookmaker {
    /// A bookmaker that is entitled to connect to this server.
    pub fn of(number: u32, data: &Path, server: &Server, args: &Args) -> anyhow::Result<Bookmaker> {
        let own = std::env::current_exe().context("this program cannot be found")?;
        let program = beside("bookmaker")?;
        let files = access::certificate(data, number)?;
        let path = |path: &Path| path.display().to_string();
        let mut arguments = vec![
            ("--api", server.api.clone()),
            ("--authority", path(&files.authority)),
            ("--certificate", path(&files.certificate)),
            ("--key", path(&files.key)),
            ("--bettors", path(&crate::sandbox::bettors_file(data, number))),
            ("--electronic", sim::sandbox::electronic(Organiser(number)).to_string()),
            ("--data", path(&data.join(format!("bookmaker-{number}")))),
            ("--bets-per-match", args.bets_per_match.to_string()),
            ("--sign-in", format!("{} session --data {}", own.display(), data.display())),
        ];
        if Organiser(number) == WITH_LAND_DESK {
            arguments.push(("--land", sim::sandbox::land(Organiser(number)).to_string()));
        }
        arguments.extend(args.odds.iter().map(|odds| ("--odds", path(odds))));
        let words = arguments.into_iter().flat_map(|(name, value)| [name.to_owned(), value]);
        Ok(Bookmaker { number, program, arguments: words.collect(), child: None })
    }

    /// Plays the season; gives the totals by its own books.
    pub async fn season(&mut self) -> anyhow::Result<Value> {
        let child = self.command().stdout(Stdio::piped()).spawn();
        let mut child = child.context("a bookmaker cannot be started")?;
        // Held until the end: to wait for a child closes what it still has of its input.
        let input = child.stdin.take();
        let output = child.wait_with_output().await?;
        drop(input);
        let number = self.number;
        ensure!(output.status.success(), "bookmaker {number} ended with {}", output.status);
        let text = String::from_utf8_lossy(&output.stdout);
        let last = text.lines().last().context("a bookmaker has no totals")?;
        serde_json::from_str(last).context("the totals of a bookmaker cannot be read")
    }

    /// Plays on, with so many messages a second.
    pub fn play_on(&mut self, rate: &str) -> anyhow::Result<()> {
        let child = self.command().args(["--live", rate]).stdout(Stdio::null()).spawn();
        self.child = Some(child.context("a bookmaker cannot be started")?);
        Ok(())
    }

    fn command(&self) -> Command {
        let mut command = Command::new(&self.program);
        command.args(&self.arguments).arg("--with-input").stdin(Stdio::piped());
        command.kill_on_drop(true).process_group(0);
        command
    }
}
