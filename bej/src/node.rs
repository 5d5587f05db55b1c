//! A node: it follows the journal, decides while it has the lease, and ends when another takes it.
//!
//! ```text
//! follows ──nobody has the lease──► claims the journal ──► decides, renews the lease every second
//!    │                                                        └── another has it: ends
//!    └── somebody has it: messages are sent to him
//! ```
//!
//! A store without a lease, whose file has one writer, is decided on at once. What only the node
//! that decides does, projecting, signing, asking for corrected starts, begins with that and is in
//! [`duties`].

pub mod duties;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use anyhow::{Context as _, anyhow, bail};
use api::{Place, Seat};
use link::Link;
use parking_lot::{Mutex, RwLock};
use pump::{Claim, Fault, Pump, ReadCopy, Standby, StartError};
use serde_json::{Value, json};
use store::lease::LEASE_MS;
use store::{Holder, Lease, LeaseStore, ViewReader};

use self::duties::{Duties, Rest, Tools, Views};
use crate::group::Group;
use crate::notary::Signed;

/// How long a message may wait to be decided, or a frame to be made durable, until the system no
/// longer counts as well.
const WAITING_MAX_NS: i64 = 5 * terms::Instant::SECOND;

/// Between two looks of a follower at the journal.
const FOLLOW_EVERY: Duration = Duration::from_millis(50);

/// Between two looks of a follower at the lease, and at the views.
const LOOK_EVERY: Duration = Duration::from_millis(200);

/// Between two renewals: two may fail.
const RENEW_EVERY: Duration = Duration::from_millis(LEASE_MS / 3);

/// Between two looks at its own pump.
const WATCH_EVERY: Duration = Duration::from_millis(200);

/// Before another try where the database does not answer.
const AGAIN: Duration = Duration::from_millis(500);

/// Pages of frames that are followed before the lease is looked at again.
const PAGES_MAX: u32 = 16;

/// How a node stands: for probes, and for whoever waits for its end.
pub struct Standing {
    /// Who decides.
    pub seat: Arc<Seat>,
    /// The pump, while this node decides.
    pub pump: RwLock<Option<Pump>>,
    /// As of which entry the views are; `u64::MAX` when they have failed.
    pub views_at: Arc<AtomicU64>,
    /// What was signed.
    pub signed: Arc<Mutex<Signed>>,
    /// What all readers see.
    pub copy: ReadCopy,
    /// The way to whoever decides, where messages go elsewhere.
    link: Option<Link>,
    /// Who has the lease, and why it cannot follow, if so.
    told: Mutex<Told>,
}

#[derive(Default)]
struct Told {
    holder: Option<Holder>,
    trouble: Option<String>,
    ended: Option<String>,
}

impl Standing {
    /// Of a node that follows and has not looked at the lease; with a link it never does, for
    /// whoever decides is reached by that.
    pub fn new(copy: ReadCopy, link: Option<Link>) -> Standing {
        Standing {
            seat: Arc::default(),
            link,
            pump: RwLock::default(),
            views_at: Arc::default(),
            signed: Arc::default(),
            copy,
            told: Mutex::default(),
        }
    }

    /// Why the node has to end, if so.
    pub fn ended(&self) -> Option<String> {
        self.told.lock().ended.clone()
    }

    /// How the system is on this node: well, while it decides, projects and signs, or follows.
    pub fn health(&self) -> (bool, Value) {
        let pump = self.pump.read();
        let status = pump.as_ref().map(Pump::status);
        let told = self.told.lock();
        let head = status.as_ref().map_or_else(|| self.copy.head(), |status| status.head);
        let views_at = self.views_at.load(Ordering::Relaxed);
        let signed = self.signed.lock().clone();
        let decides = status.is_some() && self.seat.handle().is_ok();
        let found = self.link.as_ref().map(Link::found);
        let ended = told.ended.clone();
        let ended = ended.or_else(|| Some(status.as_ref()?.ended.as_deref()?.to_owned()));
        let busy = status.as_ref().and_then(|status| status.busy.as_ref().map(ToString::to_string));
        let waits = status.iter().flat_map(|status| &status.lanes).map(|lane| lane.oldest_ns);
        let writing = status.iter().map(|status| status.writing_ns);
        let oldest_ns = waits.chain(writing).max().unwrap_or(0);
        let well = ended.is_none()
            && busy.is_none()
            && oldest_ns <= WAITING_MAX_NS
            && told.trouble.is_none()
            && views_at != u64::MAX
            && signed.failed.is_none()
            && (decides || status.is_none())
            && found != Some(None);
        let role = if decides { "decides" } else { "follows" };
        let waiting: usize =
            status.iter().flat_map(|status| &status.lanes).map(|lane| lane.messages).sum();
        let said = json!({
            "state": if well { "ok" } else { "degraded" },
            "role": role,
            "node": told.holder.as_ref().map(|holder| &holder.node),
            "api": told.holder.as_ref().map(|holder| &holder.api),
            "pump": found.flatten(),
            "entries": head.next_seq,
            "last_entry_at": head.at.to_string(),
            "views_lag_entries": head.next_seq.saturating_sub(views_at),
            "signed_entries": signed.entries,
            "signed_at": signed.at.map(|at| at.to_string()),
            "signing_failed": signed.failed,
            "waiting_messages": waiting,
            "waiting_ms": oldest_ns / 1_000_000,
            "busy": busy,
            "snapshot_failed": status.and_then(|status| status.snapshot_failed),
            "trouble": told.trouble,
            "ended": ended,
        });
        (well, said)
    }

    /// Notes a trouble, and tells it when it is another one than before.
    fn trouble(&self, what: Option<String>) {
        let mut told = self.told.lock();
        if let Some(what) = &what
            && told.trouble.as_ref() != Some(what)
        {
            tracing::warn!("{what}");
        }
        told.trouble = what;
    }
}

/// The thread of a node.
pub struct Node {
    stop: Arc<AtomicBool>,
    several: bool,
    thread: JoinHandle<Work>,
}

/// What a node has in hand.
pub struct Work {
    standing: Arc<Standing>,
    tools: Tools,
    group: Group,
    lease: Option<Box<dyn LeaseStore>>,
    views: Box<dyn ViewReader>,
    /// What projects the views where no pump is.
    projects: Option<Views>,
    /// How others find this node.
    holder: Holder,
    role: Role,
    /// Those duties that end last.
    rest: Option<Rest>,
    looked: Option<Instant>,
}

enum Role {
    Follows(Box<Standby>),
    Decides {
        /// None while they begin.
        duties: Option<Duties>,
        term: Option<u64>,
    },
    /// Nothing any more.
    Ended,
}

impl Work {
    /// A node that follows and that nobody finds yet.
    pub fn new(
        standing: Arc<Standing>,
        standby: Standby,
        tools: Tools,
        group: Group,
    ) -> anyhow::Result<Work> {
        let holder = Holder { node: String::new(), api: String::new(), console: String::new() };
        let lease = tools.opened.lease();
        let views = tools.opened.view_reader()?;
        let role = Role::Follows(Box::new(standby));
        Ok(Work {
            standing,
            tools,
            group,
            lease,
            views,
            projects: None,
            holder,
            role,
            rest: None,
            looked: None,
        })
    }

    /// Decides at once where nobody else does, and goes on in a thread. `holder` is how others find
    /// this node.
    pub fn begin(mut self, holder: Holder) -> anyhow::Result<Node> {
        self.holder = holder;
        if self.group.projects() && !self.group.decides() {
            let at = self.standing.views_at.clone();
            self.projects = Some(Views::start(self.tools.opened.clone(), at)?);
        }
        self.turn()?;
        let stop = Arc::new(AtomicBool::new(false));
        let (stopped, several) = (stop.clone(), self.lease.is_some());
        let run = move || {
            while !stopped.load(Ordering::Acquire) {
                match self.turn() {
                    Ok(pause) => std::thread::park_timeout(pause),
                    Err(error) => {
                        self.standing.told.lock().ended = Some(format!("{error:#}"));
                        break;
                    }
                }
            }
            self
        };
        let thread = std::thread::Builder::new().name("node".into()).spawn(run)?;
        Ok(Node { stop, several, thread })
    }

    /// One turn, and how long to pause after it. After an error the node has to end.
    fn turn(&mut self) -> anyhow::Result<Duration> {
        match &self.role {
            Role::Follows(_) => self.follow(),
            Role::Decides { term, .. } => {
                let term = *term;
                self.keep(term)
            }
            Role::Ended => bail!("the node has ended"),
        }
    }

    /// Follows the journal, and takes over where nobody decides.
    fn follow(&mut self) -> anyhow::Result<Duration> {
        let Role::Follows(standby) = &mut self.role else { return Ok(FOLLOW_EVERY) };
        for _ in 0..PAGES_MAX {
            match standby.follow() {
                Ok(0) => break,
                Ok(_) => {}
                Err(error) => return self.put_off(error),
            }
        }
        if self.looked.is_some_and(|looked| looked.elapsed() < LOOK_EVERY) {
            return Ok(FOLLOW_EVERY);
        }
        self.looked = Some(Instant::now());
        let looked = self.look();
        if self.projects.is_none() {
            self.look_at_views();
        }
        match looked {
            Ok(true) => self.take_over(),
            Ok(false) => {
                self.standing.trouble(None);
                Ok(FOLLOW_EVERY)
            }
            Err(fault) => {
                self.standing.trouble(Some(format!("the lease: {}", fault.chain())));
                Ok(AGAIN)
            }
        }
    }

    /// Notes as of which entry the views are, which another process projects.
    fn look_at_views(&mut self) {
        let views_at = self.views.cursor().map_or(u64::MAX, |seq| seq.0);
        self.standing.views_at.store(views_at, Ordering::Relaxed);
    }

    /// Whether nobody decides, and this node may. Others are told where to go.
    fn look(&mut self) -> Result<bool, store::Fault> {
        if !self.group.decides() {
            // What this process judges by itself is never older than a lease: who does not follow
            // the journal any more judges nothing.
            if let Some(link) = &self.standing.link {
                let until = Instant::now() + Duration::from_millis(LEASE_MS);
                self.standing.seat.here(link.handle(), Some(until));
            }
            return Ok(false);
        }
        let Some(lease) = &mut self.lease else { return Ok(true) };
        let held = lease.look()?.filter(|lease| 0 < lease.left_ms);
        let nobody = held.is_none();
        self.note(held);
        Ok(nobody)
    }

    fn note(&self, lease: Option<Lease>) {
        let holder = lease.map(|lease| lease.holder);
        self.standing.seat.there(holder.as_ref().map(place));
        self.standing.told.lock().holder = holder;
    }

    /// Takes the lease if nobody was faster, claims the journal and decides.
    fn take_over(&mut self) -> anyhow::Result<Duration> {
        let begun = Instant::now();
        let term = match &mut self.lease {
            None => None,
            Some(lease) => match lease.take(&self.holder) {
                Ok(Some(term)) => Some(term),
                Ok(None) => return Ok(FOLLOW_EVERY),
                Err(fault) => {
                    self.standing.trouble(Some(format!("the lease: {}", fault.chain())));
                    return Ok(AGAIN);
                }
            },
        };
        let Role::Follows(standby) = &mut self.role else { return Ok(FOLLOW_EVERY) };
        let why = match standby.claim() {
            Ok(Some(claim)) => return self.lead(claim, term, begun),
            Ok(None) => StartError::Rival,
            Err(error) => error,
        };
        if let (Some(lease), Some(term)) = (&mut self.lease, term) {
            // What cannot be given back lapses.
            let _ = lease.release(term);
            return self.put_off(why);
        }
        Err(why).with_context(|| format!("{} cannot be written", self.tools.store))
    }

    /// Decides. First of all it answers; its other duties come after.
    fn lead(
        &mut self,
        claim: Claim,
        term: Option<u64>,
        since: Instant,
    ) -> anyhow::Result<Duration> {
        let Role::Follows(standby) = std::mem::replace(&mut self.role, Role::Ended) else {
            bail!("it does not follow");
        };
        let pump = standby.lead(claim)?;
        let handle = pump.handle();
        let until = term.map(|_| since + Duration::from_millis(LEASE_MS));
        *self.standing.pump.write() = Some(pump);
        self.standing.told.lock().holder = Some(self.holder.clone());
        self.standing.seat.here(handle.clone(), until);
        self.standing.trouble(None);
        if term.is_some() {
            let took = since.elapsed().as_millis();
            let entries = self.standing.copy.seq();
            tracing::info!("this node decides from entry {entries} on; taking over took {took} ms");
        }
        self.looked = Some(since);
        // Where they cannot begin the node ends, and in order.
        self.role = Role::Decides { duties: None, term };
        let begun = Duties::start(&self.tools, &self.standing, handle, self.group)?;
        self.role = Role::Decides { duties: Some(begun), term };
        Ok(Duration::ZERO)
    }

    /// Sees that this node still decides. Of a pump that ended because another node claimed the
    /// journal, the lease tells who that is.
    fn keep(&mut self, term: Option<u64>) -> anyhow::Result<Duration> {
        let ended = self.standing.pump.read().as_ref().and_then(|pump| pump.status().ended);
        let due = self.looked.is_none_or(|looked| RENEW_EVERY <= looked.elapsed());
        if let Some(term) = term.filter(|_| due || ended.is_some()) {
            self.looked = Some(Instant::now());
            self.renew(term)?;
        }
        if !self.group.projects() {
            self.look_at_views();
        }
        match ended {
            Some(why) => bail!("the pump has ended: {why}"),
            None => Ok(WATCH_EVERY),
        }
    }

    /// Keeps the lease.
    fn renew(&mut self, term: u64) -> anyhow::Result<()> {
        let Some(lease) = &mut self.lease else { return Ok(()) };
        let asked = Instant::now();
        match lease.renew(term) {
            Ok(true) => {
                self.standing.seat.prolong(asked + Duration::from_millis(LEASE_MS));
                self.standing.trouble(None);
                Ok(())
            }
            Ok(false) => {
                let held = lease.look().ok().flatten();
                let who = held.as_ref().map_or_else(
                    || "another node".to_owned(),
                    |lease| format!("node {} at {}", lease.holder.node, lease.holder.api),
                );
                self.note(held);
                bail!(
                    "{who} has taken over: this one did not renew its lease in time. Nothing that \
                     it answered is lost; start it again, and it follows"
                )
            }
            Err(fault) => {
                self.standing.trouble(Some(format!("the lease: {}", fault.chain())));
                Ok(())
            }
        }
    }

    /// Goes on later after a failure of the database or a rival; what is wrong with the journal, or
    /// with this program, is not put off.
    fn put_off(&mut self, error: StartError) -> anyhow::Result<Duration> {
        let passing = match &error {
            StartError::Rival => true,
            StartError::Fault(Fault::Store { source, .. }) => !source.is_damage(),
            _ => false,
        };
        if !passing {
            return Err(anyhow!("the journal cannot be followed: {}", error.chain()));
        }
        self.standing.trouble(Some(format!("the journal is not followed: {}", error.chain())));
        Ok(AGAIN)
    }
}

/// Where a holder is found.
fn place(holder: &Holder) -> Place {
    Place { api: holder.api.clone(), console: holder.console.clone() }
}

impl Node {
    /// Whether there may be others on the same store.
    pub fn is_one_of_several(&self) -> bool {
        self.several
    }

    /// Ends the thread; what it had in hand is for [`Work::hand_over`].
    pub fn halt(self) -> Option<Work> {
        self.stop.store(true, Ordering::Release);
        self.thread.thread().unpark();
        // A panic is in the log already.
        self.thread.join().ok()
    }
}

impl Work {
    /// Decides what is queued, and nothing after that; then gives the lease back, and writes a
    /// snapshot. Whoever asks from then on is led to the node that takes the lease.
    pub fn hand_over(&mut self) -> anyhow::Result<Option<pump::Stopped>> {
        let (duties, term) = match std::mem::replace(&mut self.role, Role::Ended) {
            Role::Decides { duties, term } => (duties, term),
            other => {
                self.role = other;
                return Ok(None);
            }
        };
        self.rest = duties.map(Duties::before_the_pump);
        if term.is_some() {
            self.standing.seat.there(None);
        }
        let lost = self.standing.ended().is_some();
        let pump = self.standing.pump.write().take();
        let lease = &mut self.lease;
        let mut release = || {
            if let (Some(lease), Some(term)) = (lease.as_mut(), term)
                && let Err(fault) = lease.release(term)
            {
                tracing::warn!("the lease was not given back and lapses: {}", fault.chain());
            }
        };
        // A pump whose journal another has claimed has nothing to finish.
        let stopped = match pump.filter(|_| !lost) {
            Some(pump) => Some(pump.stop_after(release)),
            None => {
                release();
                None
            }
        };
        match stopped {
            Some(stopped) => Ok(Some(stopped.context("the pump ended")?)),
            None => Ok(None),
        }
    }

    /// Ends what follows the pump: the notary, which signs what is there, and the views.
    pub fn finish(self) {
        if let Some(projects) = self.projects {
            projects.stop();
        }
        if let Some(rest) = self.rest {
            rest.after_the_pump();
        }
    }
}
