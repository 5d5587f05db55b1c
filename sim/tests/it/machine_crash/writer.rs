//! The process that is killed, and what it acknowledged.

use std::io::{BufRead as _, BufReader, Read as _};
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, sync_channel};
use std::thread::JoinHandle;
use std::time::Duration;

use desk::command::{
    ConfirmHold, GiveOrder, IssueEmoney, PlaceHold, PlaceStake, PublishResult, RegisterPerson,
    ReleaseHold, ReportPayout, ReportStake, SettleBet,
};
use desk::{Command as Asked, Manner, Message};
use terms::codec::unhex;
use terms::{Broken, Field, MessageId, Reader, Sender};

/// How long a writer may take until its first acknowledgement. A machine under load is slow; only
/// one that never answers is wrong.
const PATIENCE: Duration = Duration::from_secs(120);

/// Ids of the set-up carry this time before now: they must not be from the future.
const BEFORE_MS: u64 = 60_000;

/// How a writer is started.
#[derive(Clone, Debug)]
pub struct Settings {
    pub seed: u64,
    pub epoch_ms: u64,
    pub synchronous: &'static str,
    pub threads: u32,
    pub part_limit_bytes: u64,
    pub snapshot_entries: u64,
    pub run_entries: u64,
}

impl Settings {
    /// Everything happens soon.
    pub fn standard(seed: u64) -> Settings {
        Settings {
            seed,
            epoch_ms: epoch_ms(),
            synchronous: "full",
            threads: 8,
            part_limit_bytes: 1 << 20,
            snapshot_entries: 2_000,
            run_entries: 500,
        }
    }

    /// Nothing is synced, and nothing happens that syncs beside the journal.
    pub fn without_sync(seed: u64) -> Settings {
        Settings {
            synchronous: "off",
            part_limit_bytes: 1 << 30,
            snapshot_entries: 1 << 40,
            run_entries: 1 << 20,
            ..Settings::standard(seed)
        }
    }
}

/// The time that the ids of the set-up carry.
pub fn epoch_ms() -> u64 {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    u64::try_from(now.as_millis()).unwrap() - BEFORE_MS
}

/// One line of the writer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Acknowledgement {
    pub id: MessageId,
    pub seq: u64,
    pub leaf: String,
    pub sender: Sender,
    command: String,
}

impl Acknowledgement {
    fn read(line: &str) -> Option<Acknowledgement> {
        let mut words = line.split(' ');
        let read = Acknowledgement {
            id: MessageId::parse(words.next()?)?,
            seq: words.next()?.parse().ok()?,
            leaf: words.next()?.to_owned(),
            sender: Sender::from_number(words.next()?.parse().ok()?)?,
            command: words.next()?.to_owned(),
        };
        words.next().is_none().then_some(read)
    }

    /// The message once more, if it is of a kind that is read back here.
    pub fn message(&self) -> Option<Message> {
        let bytes = unhex(&self.command)?;
        let (kind, fields) = bytes.split_first()?;
        let command: Asked = match kind {
            10 => record::<RegisterPerson>(fields),
            20 => record::<GiveOrder>(fields),
            35 => record::<PublishResult>(fields),
            40 => record::<PlaceStake>(fields),
            41 => record::<ReportStake>(fields),
            42 => record::<PlaceHold>(fields),
            43 => record::<ConfirmHold>(fields),
            44 => record::<ReleaseHold>(fields),
            45 => record::<SettleBet>(fields),
            46 => record::<ReportPayout>(fields),
            50 => record::<IssueEmoney>(fields),
            _ => return None,
        }
        .expect("a canonical command");
        assert_eq!(command.to_bytes(), bytes, "the command is read back as it was");
        Some(Message::new(self.sender, self.id, Manner::Single, command))
    }
}

fn record<R: Field + Into<Asked>>(bytes: &[u8]) -> Result<Asked, Broken> {
    let mut from = Reader::new(bytes);
    let record = R::read(&mut from)?;
    from.end()?;
    Ok(record.into())
}

/// What is left of a writer that has ended by itself.
pub struct Ended {
    pub succeeded: bool,
    pub acknowledgements: Vec<Acknowledgement>,
    /// What it wrote to standard error.
    pub text: String,
}

/// A running writer; its process group is killed when it is dropped.
pub struct Writer {
    child: Child,
    lines: Option<JoinHandle<Vec<Acknowledgement>>>,
    text: Option<JoinHandle<String>>,
    /// Hears of lines while it listens, and of the end.
    told: Receiver<()>,
    reaped: bool,
}

impl Writer {
    /// On a store in a file.
    pub fn start(store: &Path, settings: &Settings) -> Writer {
        Writer::on(&format!("sqlite:{}", store.display()), settings)
    }

    /// On the store of a URL.
    pub fn on(store: &str, settings: &Settings) -> Writer {
        let number = |name: &str, value: u64| [name.to_owned(), value.to_string()];
        let mut child = Command::new(env!("CARGO_BIN_EXE_crash_writer"))
            .args(["--store", store])
            .args(["--synchronous", settings.synchronous])
            .args(number("--seed", settings.seed))
            .args(number("--epoch-ms", settings.epoch_ms))
            .args(number("--threads", settings.threads.into()))
            .args(number("--part-limit", settings.part_limit_bytes))
            .args(number("--snapshot-entries", settings.snapshot_entries))
            .args(number("--run-entries", settings.run_entries))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .process_group(0)
            .spawn()
            .unwrap();
        let (output, mut errors) = (child.stdout.take().unwrap(), child.stderr.take().unwrap());
        // Room for one: a line is told only to those who wait for one.
        let (tell, told) = sync_channel(1);
        let lines = std::thread::spawn(move || {
            let mut read = Vec::new();
            let mut output = BufReader::new(output);
            let mut line = String::new();
            while 0 < output.read_line(&mut line).unwrap() {
                let whole = line.strip_suffix('\n').expect("lines are written whole");
                read.push(Acknowledgement::read(whole).expect("a line of the writer"));
                line.clear();
                let _ = tell.try_send(());
            }
            read
        });
        let text = std::thread::spawn(move || {
            let mut text = String::new();
            errors.read_to_string(&mut text).unwrap();
            text
        });
        Writer { child, lines: Some(lines), text: Some(text), told, reaped: false }
    }

    /// Waits for the first acknowledgement.
    pub fn first_acknowledgement(&mut self) {
        if let Err(why) = self.told.recv_timeout(PATIENCE) {
            let ended = self.end();
            panic!("no acknowledgement ({why}): {}", ended.text);
        }
    }

    /// Waits for one more that comes from now on.
    pub fn next_acknowledgement(&mut self) {
        // The first one may have waited since long.
        let _ = self.told.try_recv();
        let _ = self.told.try_recv();
        self.first_acknowledgement();
    }

    /// Lets it go on for a time; it must not end by itself.
    pub fn go_on(&mut self, time: Duration) {
        let until = std::time::Instant::now() + time;
        loop {
            let left = until.saturating_duration_since(std::time::Instant::now());
            match self.told.recv_timeout(left) {
                Ok(()) if !left.is_zero() => {}
                Ok(()) | Err(RecvTimeoutError::Timeout) => return,
                Err(RecvTimeoutError::Disconnected) => {
                    let ended = self.end();
                    panic!("the writer has ended by itself: {}", ended.text);
                }
            }
        }
    }

    /// Kills its process group, waits until it is gone, and gives what it acknowledged.
    pub fn kill(mut self) -> Vec<Acknowledgement> {
        let ended = self.end();
        assert!(!ended.succeeded, "a killed process has no success");
        ended.acknowledgements
    }

    /// Waits until it has ended by itself.
    pub fn wait(mut self, patience: Duration) -> Ended {
        let until = std::time::Instant::now() + patience;
        loop {
            let left = until.saturating_duration_since(std::time::Instant::now());
            match self.told.recv_timeout(left) {
                Ok(()) if !left.is_zero() => {}
                Err(RecvTimeoutError::Disconnected) => {
                    let status = self.child.wait().unwrap();
                    self.reaped = true;
                    let ended = self.end();
                    return Ended { succeeded: status.success(), ..ended };
                }
                Ok(()) | Err(RecvTimeoutError::Timeout) => {
                    let ended = self.end();
                    panic!("the writer has not ended: {}", ended.text);
                }
            }
        }
    }

    /// Kills the group if it is still there, waits, and reads both outputs to their ends.
    fn end(&mut self) -> Ended {
        let succeeded = self.reap();
        let acknowledgements = self.lines.take().unwrap().join().unwrap();
        let text = self.text.take().unwrap().join().unwrap();
        Ended { succeeded, acknowledgements, text }
    }

    fn reap(&mut self) -> bool {
        if std::mem::replace(&mut self.reaped, true) {
            return false;
        }
        // Safe code has no other way to signal a group; without a shell, the process alone.
        let group = format!("kill -KILL -{}", self.child.id());
        if !Command::new("sh").args(["-c", &group]).output().is_ok_and(|done| done.status.success())
        {
            let _ = self.child.kill();
        }
        self.child.wait().is_ok_and(|status| status.success())
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.reap();
    }
}
