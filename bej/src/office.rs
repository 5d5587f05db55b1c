//! What the console has from its house: readers of the store, the pump for audit events and plans
//! of works, the last verification, the staff, and people where they are in the same process.

mod people;
mod words;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use api::Seat;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse as _, Redirect, Response};
use console::ports::{AuditEvent, Auditor, Plan, Planned, Planner, Source, Verification};
use console::staff::Staff;
use console::{Console, Settings};
use desk::command::{AnnounceWorks, CancelWorks, ChangeWorks, Manner, NoteAudit};
use desk::{Command, Message};
use parking_lot::Mutex;
use pump::{Class, Clock as _, Outcome, ReadCopy, Stream, SystemClock, Verdict};
use store::{Fault, JournalReader, ViewReader};
use terms::{Instant, Sender, Seq, Text};

use crate::store_url::Lasting;
use crate::{fresh, staff, verify};

/// The house of the console.
pub struct Office {
    opened: Lasting,
    clock: SystemClock,
    prover: api::Prover,
    /// The file of saved queries.
    queries: PathBuf,
}

impl Office {
    /// On a store, with a directory for what is no part of the journal.
    pub fn of(opened: Lasting, prover: api::Prover, data: &Path) -> Office {
        let queries = data.join("queries.toml");
        Office { opened, clock: SystemClock::new(), prover, queries }
    }
}

impl Source for Office {
    fn views(&self) -> Result<Box<dyn ViewReader>, Fault> {
        self.opened.view_reader()
    }

    fn journal(&self) -> Result<Box<dyn JournalReader>, Fault> {
        Ok(Box::new(self.opened.reader()?))
    }

    fn verification(&self) -> Option<Verification> {
        verify::note::read(&self.opened.home())
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

/// How long a form waits until pages show what was decided, and how often it looks.
const SHOWN_WITHIN: Duration = Duration::from_secs(2);
const LOOK_EVERY: Duration = Duration::from_millis(5);

/// Has the pump write audit events and decide the operator's plans.
pub struct Recorder {
    seat: Arc<Seat>,
    clock: SystemClock,
    entropy: Mutex<Stream>,
    opened: Lasting,
}

impl Recorder {
    /// By the pump of the node, while it decides, on the store that it writes.
    pub fn of(seat: Arc<Seat>, opened: Lasting) -> std::io::Result<Recorder> {
        let entropy = Mutex::new(Stream::system()?);
        Ok(Recorder { seat, clock: SystemClock::new(), entropy, opened })
    }

    fn ask(&self, command: impl Into<Command>) -> Result<Verdict, String> {
        let id = fresh::message_id(self.clock.wall(), &mut self.entropy.lock());
        let message = Message::new(Sender::Operator, id, Manner::Single, command.into());
        let handle = self.seat.handle().map_err(|_| "another node decides".to_owned())?;
        handle.ask(Class::Control, message).map_err(|error| error.to_string())
    }

    /// Waits until the views have an entry. Where they lag, their pages say so.
    fn wait_until_shown(&self, seq: Seq) {
        let begun = std::time::Instant::now();
        let Ok(mut views) = self.opened.view_reader() else { return };
        while begun.elapsed() < SHOWN_WITHIN && views.cursor().is_ok_and(|next| next <= seq) {
            std::thread::sleep(LOOK_EVERY);
        }
    }
}

impl Auditor for Recorder {
    fn note(&self, event: AuditEvent) -> Result<Seq, String> {
        let AuditEvent { started, act, user, record, account, ended, result } = event;
        let record = Text::new(&record).map_err(|_| "the record's name is too long".to_owned())?;
        let verdict = self.ask(NoteAudit { started, act, user, record, account, ended, result })?;
        match (verdict.outcome, verdict.receipt) {
            (Outcome::Done, Some(receipt)) => Ok(receipt.seq),
            (outcome, _) => Err(format!("the audit event was not written: {outcome:?}")),
        }
    }
}

impl Planner for Recorder {
    fn plan(&self, plan: Plan) -> Result<Planned, String> {
        let verdict = match plan {
            Plan::Announce { kind, scope, from, until } => {
                self.ask(AnnounceWorks { kind, scope, from, until })?
            }
            Plan::Change { works, from, until } => self.ask(ChangeWorks { works, from, until })?,
            Plan::Cancel { works } => self.ask(CancelWorks { works })?,
        };
        match (verdict.outcome, verdict.receipt) {
            (Outcome::Done, Some(receipt)) => {
                self.wait_until_shown(receipt.seq);
                Ok(Planned::Done(receipt.seq))
            }
            (Outcome::Refused(reason), _) => Ok(Planned::Refused(reason)),
            (outcome, _) => Err(format!("the plan was not decided: {outcome:?}")),
        }
    }
}

/// Sends browsers on to the node that decides: there alone the look at a record becomes a fact, and
/// no page with records is sent without one.
async fn lead_on(State(seat): State<Arc<Seat>>, request: Request, next: Next) -> Response {
    let console = match seat.handle() {
        Ok(_) => return next.run(request).await,
        Err(place) => place.map(|place| place.console).unwrap_or_default(),
    };
    if console.is_empty() {
        return (StatusCode::SERVICE_UNAVAILABLE, [("retry-after", "1")]).into_response();
    }
    let path = request.uri().path_and_query().map_or("/", |path| path.as_str());
    Redirect::temporary(&format!("{}{path}", console.trim_end_matches('/'))).into_response()
}

/// The console, and the file of the staff as it was when it was read last.
pub struct Desk {
    console: Console,
    seat: Arc<Seat>,
    file: PathBuf,
    read: Mutex<Option<SystemTime>>,
}

impl Desk {
    /// Opens the console; a file of the staff that is not there is a staff of nobody.
    pub fn open(
        data: &Path,
        settings: Settings,
        opened: Lasting,
        prover: api::Prover,
        seat: Arc<Seat>,
    ) -> anyhow::Result<Desk> {
        let recorder = Arc::new(Recorder::of(seat.clone(), opened.clone())?);
        let office = Arc::new(Office::of(opened, prover, data));
        let console = Console::new(settings, Staff::default(), office, recorder.clone(), recorder)?;
        let desk = Desk { console, seat, file: staff::path(data), read: Mutex::default() };
        desk.look_at_staff()?;
        Ok(desk)
    }

    /// Puts people behind the pages that are about them; without, those pages are not there.
    pub fn meet(&self, people: Arc<::people::People>, copy: ReadCopy, opened: Lasting) {
        self.console.set_people(Arc::new(people::Officials::of(people, copy, opened)));
    }

    /// The pages.
    pub fn router(&self) -> axum::Router {
        self.console.router().layer(from_fn_with_state(self.seat.clone(), lead_on))
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
