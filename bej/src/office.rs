//! What the console has from its house: readers of the store, the pump for audit events, the last
//! verification, and the staff.

use std::path::{Path, PathBuf};
use std::time::SystemTime;

use console::ports::{AuditEvent, Auditor, Source, Verification};
use console::staff::Staff;
use console::{Console, Settings};
use desk::command::{Manner, NoteAudit};
use desk::{Command, Message};
use parking_lot::Mutex;
use pump::{Class, Clock as _, Handle, Outcome, Stream, SystemClock};
use store::{Fault, JournalReader, ViewReader};
use store_sqlite::Sqlite;
use terms::{Instant, Sender, Seq, Text};

use crate::{fresh, staff, verify};

/// The house of the console.
pub struct Office {
    sqlite: Sqlite,
    clock: SystemClock,
    prover: api::Prover,
    /// The file of saved queries.
    queries: PathBuf,
}

impl Office {
    /// On a store, with a directory for what is no part of the journal.
    pub fn of(sqlite: Sqlite, prover: api::Prover, data: &Path) -> Office {
        let queries = data.join("queries.toml");
        Office { sqlite, clock: SystemClock::new(), prover, queries }
    }
}

impl Source for Office {
    fn views(&self) -> Result<Box<dyn ViewReader>, Fault> {
        store_sqlite::Views::read(self.sqlite.layout().views())
    }

    fn journal(&self) -> Result<Box<dyn JournalReader>, Fault> {
        Ok(Box::new(self.sqlite.reader()?))
    }

    fn verification(&self) -> Option<Verification> {
        verify::note::read(self.sqlite.layout())
    }

    fn now(&self) -> Instant {
        self.clock.wall()
    }

    fn prove(&self, seq: Seq) -> Result<String, String> {
        (self.prover)(seq.0)
    }

    fn kept(&self) -> Result<String, String> {
        match std::fs::read_to_string(&self.queries) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(String::new()),
            read => read.map_err(|error| error.to_string()),
        }
    }

    fn keep(&self, queries: &str) -> Result<(), String> {
        let kept = store::files::replace(&self.queries, queries.as_bytes(), 0o666);
        kept.map_err(|error| error.to_string())
    }
}

/// Has the pump write audit events.
pub struct Recorder {
    handle: Handle,
    clock: SystemClock,
    entropy: Mutex<Stream>,
}

impl Recorder {
    /// By the pump behind a handle.
    pub fn of(handle: Handle) -> std::io::Result<Recorder> {
        let entropy = Mutex::new(Stream::system()?);
        Ok(Recorder { handle, clock: SystemClock::new(), entropy })
    }
}

impl Auditor for Recorder {
    fn note(&self, event: AuditEvent) -> Result<Seq, String> {
        let AuditEvent { started, act, user, record, account, ended, result } = event;
        let record = Text::new(&record).map_err(|_| "the record's name is too long".to_owned())?;
        let note = NoteAudit { started, act, user, record, account, ended, result };
        let command = Command::NoteAudit(note);
        let message = Message::new(
            Sender::Operator,
            fresh::message_id(self.clock.wall(), &mut self.entropy.lock()),
            Manner::Single,
            command,
        );
        let asked = self.handle.ask(Class::Control, message);
        let verdict = asked.map_err(|error| error.to_string())?;
        match (verdict.outcome, verdict.receipt) {
            (Outcome::Done, Some(receipt)) => Ok(receipt.seq),
            (outcome, _) => Err(format!("the audit event was not written: {outcome:?}")),
        }
    }
}

/// The console, and the file of the staff as it was when it was read last.
pub struct Desk {
    console: Console,
    file: PathBuf,
    read: Mutex<Option<SystemTime>>,
}

impl Desk {
    /// Opens the console; a file of the staff that is not there is a staff of nobody.
    pub fn open(
        data: &Path,
        settings: Settings,
        sqlite: Sqlite,
        prover: api::Prover,
        handle: Handle,
    ) -> anyhow::Result<Desk> {
        let office = std::sync::Arc::new(Office::of(sqlite, prover, data));
        let recorder = std::sync::Arc::new(Recorder::of(handle)?);
        let console = Console::new(settings, Staff::default(), office, recorder)?;
        let desk = Desk { console, file: staff::path(data), read: Mutex::default() };
        desk.look_at_staff()?;
        Ok(desk)
    }

    /// The pages.
    pub fn router(&self) -> axum::Router {
        self.console.router()
    }

    /// Takes the staff over if the file has changed. One that cannot be read changes nothing.
    pub fn look_at_staff(&self) -> anyhow::Result<()> {
        let changed = std::fs::metadata(&self.file).and_then(|found| found.modified()).ok();
        let mut read = self.read.lock();
        if *read != changed {
            *read = changed;
            self.console.set_staff(staff::load(&self.file)?);
        }
        Ok(())
    }
}
